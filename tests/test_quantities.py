"""Quantities: what is read is what was meant, to the smallest unit; the rest is refused, saying what to pass."""

import copy
import decimal
import operator
import pickle
import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from time import process_time
from typing import Any

import numpy as np
import pint
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

import loanperf as lp

Published = list[dict[str, Any]]
Bounds = Sequence[int | None]


def case(published: Published, code: str) -> dict[str, Any]:
    """One published case by its id."""
    (found,) = (item for item in published if item["id"] == code)
    return found


def read(text: Any) -> tuple[Fraction, str]:
    """Value and unit of a quantity."""
    found = lp.quantity(text)
    return found.value, found.unit


# ── strings with units ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("5 元", "5", "CNY"),
        ("5千元", "5000", "CNY"),
        ("1万元", "10000", "CNY"),
        ("1.5 万元", "15000", "CNY"),
        ("2百万元", "2000000", "CNY"),
        ("2千万元", "20000000", "CNY"),
        ("1亿元", "100000000", "CNY"),
        ("5 CNY", "5", "CNY"),
        ("5USD", "5", "USD"),
        ("5 EUR", "5", "EUR"),
        ("5 KWD", "5", "KWD"),
        ("3%", "3/100", ""),
        ("3 percent", "3/100", ""),
        ("6‰", "6/1000", ""),
        ("6‱", "6/10000", ""),
        ("12 bp", "12/10000", ""),
        ("12bps", "12/10000", ""),
        ("5 pp", "5/100", ""),
        ("5百分点", "5/100", ""),
        ("1 month", "1", "month"),
        ("2 months", "2", "month"),
        ("3 个月", "3", "month"),
        ("30 days", "30", "day"),
        ("1 day", "1", "day"),
        ("90天", "90", "day"),
        ("21.2 points", "21.2", "point"),
        ("1 point", "1", "point"),
        ("8 人", "8", "person"),
        ("1 person", "1", "person"),
        ("2 persons", "2", "person"),
        ("7", "7", ""),
        ("-7.25", "-7.25", ""),
        ("+7", "7", ""),
        ("1/3", "1/3", ""),
        ("-2/3 month", "-2/3", "month"),
        ("5 角", "1/2", "CNY"),
        ("5 RMB", "5", "CNY"),
        ("5¥", "5", "CNY"),
        ("5 人民币", "5", "CNY"),
        ("5 元人民币", "5", "CNY"),
        ("3 万人民币", "30000", "CNY"),
        ("3 万 RMB", "30000", "CNY"),
        ("3 万 USD", "30000", "USD"),
        ("1.5 亿元", "150000000", "CNY"),
        ("120万", "1200000", ""),
        ("1.2 亿", "120000000", ""),
        ("¥5", "5", "CNY"),
        ("￥５．００", "5", "CNY"),
        ("-¥5", "-5", "CNY"),
        ("¥-5", "-5", "CNY"),
        ("RMB 5", "5", "CNY"),
        ("人民币5元", "5", "CNY"),
        ("人民币 120 万元", "1200000", "CNY"),
        ("¥120万", "1200000", "CNY"),
        ("CNY 5", "5", "CNY"),
        ("USD 1,200.50", "1200.5", "USD"),
        ("1e6 元", "1000000", "CNY"),
        ("1.5E-3", "0.0015", ""),
    ],
)
def test_every_word_of_the_vocabulary_means_one_thing(text: str, value: str, unit: str) -> None:
    """A scheme is written in these words; each has one exact meaning, in the base unit."""
    assert (Fraction(value), unit) == read(text)


def test_the_currencies_cannot_be_changed() -> None:
    """A fen is a fen for every scheme in the process."""
    currencies: Any = lp.CURRENCIES
    with pytest.raises(TypeError):
        currencies["CNY"] = 3
    assert 2 == currencies["CNY"]


@pytest.mark.parametrize("code", sorted(lp.CURRENCIES))
def test_every_currency_can_be_written(code: str) -> None:
    """No code of a currency means something else to pint."""
    assert (Fraction(3, 2), code) == read(f"1.5 {code}")


@pytest.mark.parametrize(("text", "value"), [("6‱", "6/10000"), ("3％", "3/100"), ("12 bp", "12/10000")])
def test_what_pint_gets_wrong_as_it_comes_is_right_here(text: str, value: str) -> None:
    """Pint by itself reads 6‱ and full-width 3％ as 6 and 3, and `bp` as a typographer's point: 167 times the pay."""
    theirs: Any = pint.UnitRegistry()
    try:
        wrong = theirs.Quantity(text)
    except Exception:  # noqa: BLE001 - a later pint may refuse it; what it raises is its own affair
        wrong = None
    if wrong is not None:
        assert not (wrong.dimensionless and float(wrong.magnitude) == float(Fraction(value)))

    assert (Fraction(value), "") == read(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "5 meter",
            "5 m",
            "5 年",
            "5 year",
            "5 week",
            "5 kg",
            "5 people",
            "5 dimensionless",
            "5 万%",
            "5 十",
            "5 rmb",
        ),
        *("5 cny", "5 Cny", "5 XAU", "5 万人", "5 $", "5 %%", "5 %元", "5 USD/CNY", "5 point**2", "5 [point]", "5 e5"),
        *("5 Month", "5 BP", "5 kCNY", "5 millipoint", "5 CNYs", "5 delta_month", "5 pi", "5 元\u200b"),
    ],
)
def test_a_unit_outside_the_vocabulary_is_refused(text: str) -> None:
    """A unit that is guessed at pays a wrong amount; pint's prefixes, plurals and expressions are closed off."""
    with pytest.raises(lp.errors.QuantityError, match=r"is no known unit; use one of %, percent, .* CNY$"):
        lp.quantity(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "\t\n",
            "元",
            "%",
            "XYZ 5",
            "cny 5",
            "$5",
            "¥",
            "¥-",
            "-¥-5",
            "¥¥5",
            "%¥5",
            "%5",
            "five",
            "nan",
            "NaN",
            "inf",
            "-inf",
            "Infinity",
        ),
        *("5.", ".5", "5 .", "+-5", "--5", "- 5", "5-", "(5)", "1.5/3", "1 / 3", "1/-3", "5 CNY CNY", "5 元 %"),
        *("1 000 元", "10 000 元", "1’000 元", "5 5", "=5", "NaN 元", "5 -元"),
    ],
)
def test_what_is_no_number_and_unit_is_refused(text: str) -> None:
    """Half a number is no number; the message shows how one is written."""
    with pytest.raises(lp.errors.QuantityError, match="it is not a number and a unit; write it like '100万元'"):
        lp.quantity(text)


@pytest.mark.parametrize(
    "text", ["²", "1²", "٣", "٣元", "१२", "Ⅻ", "十二", "½", "①", "5\u066b5", "\U0001d7d3", "1\u066c000"]
)
def test_digits_of_other_scripts_and_superscripts_are_refused(text: str) -> None:
    """Python's int() takes ٣ and a bold 5; a reader of the same cell may not, and nobody meant 1² to be 12 or 1."""
    with pytest.raises(lp.errors.QuantityError):
        lp.quantity(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("１２３元", "123元"),
        ("－５元", "-5元"),
        ("−5元", "-5元"),
        ("＋５", "+5"),
        ("３．５％", "3.5%"),
        ("１，２３４．５０元", "1,234.50元"),
        ("１／３", "1/3"),
        ("5\u3000元", "5 元"),
        ("\u30005元\u3000", "5元"),
        ("5\u00a0元", "5 元"),
        ("１００ \uff23\uff2e\uff39", "100 CNY"),
        ("１\uff45３", "1e3"),
    ],
)
def test_full_width_digits_and_signs_are_read_as_ascii(text: str, plain: str) -> None:
    """Whoever types in Chinese types these; they look the same and must count the same."""
    assert lp.quantity(plain) == lp.quantity(text)


@given(st.integers(0, 10**30))
def test_thousands_separators_do_not_change_a_number(number: int) -> None:
    """1,234,567 is copied from a spreadsheet as it is shown there."""
    assert lp.quantity(number) == lp.quantity(f"{number:,}")


@pytest.mark.parametrize(
    "text",
    [
        "1,00",
        "1,0000",
        "12,34,567",
        "1234,567",
        "1,234,56",
        ",123",
        "1,,234",
        "1,234,",
        "0,123",
        "00,123",
        "1,234.567,8",
    ],
)
def test_separators_that_are_not_in_groups_of_three_are_refused(text: str) -> None:
    """0,123 is 0.123 to half of Europe and 12,34,567 is Indian; a guess could be out by a factor of 1000."""
    with pytest.raises(lp.errors.QuantityError):
        lp.quantity(text)


@pytest.mark.parametrize("text", ["1e19", "1e-19", "1E999999999", "1e-999999999", "1e+0000000000000000019"])
def test_an_absurd_exponent_is_refused(text: str) -> None:
    """1e999999999 is eleven characters and a gigabyte of digits."""
    with pytest.raises(lp.errors.QuantityError, match="its exponent is beyond 18; write the number out"):
        lp.quantity(text)


def test_a_division_by_zero_is_refused() -> None:
    """A fraction is a number only over something."""
    with pytest.raises(lp.errors.QuantityError, match="it divides by zero"):
        lp.quantity("1/0")


def test_a_string_of_more_than_60_characters_is_refused() -> None:
    """No amount is that long; the message shows its beginning and its length, not ten megabytes."""
    assert Fraction(10**59) == lp.quantity("1" + "0" * 59).value
    with pytest.raises(lp.errors.QuantityError) as caught:
        lp.quantity("9" * 10_000_000)

    assert "it is longer than 60 characters" in str(caught.value)
    assert "(10000000 characters)" in str(caught.value)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("text", ["1," * 30, "1,111" * 12, "1e" * 30, " " * 10**6 + "x", "+" * 60, "(" * 10**6])
def test_a_malicious_string_is_refused_at_once(text: str) -> None:
    """A pattern that backtracks would let one cell stop a month's run."""
    start = process_time()
    with pytest.raises(lp.errors.QuantityError):
        lp.quantity(text)

    assert process_time() - start < 5


@given(st.text(max_size=80) | st.text(alphabet="0123456789.,eE+-/%元万 ‱", max_size=20))
def test_any_text_is_a_quantity_or_an_error_that_says_why(text: str) -> None:
    """Cells hold anything; nothing but a QuantityError may come out of one that is no quantity."""
    try:
        found = lp.quantity(text)
    except lp.errors.QuantityError as error:
        message = str(error)
    else:
        message = f"cannot read nothing: {found}; it was read"
        assert found.unit in {"", "point", "month", "day", "person", *lp.CURRENCIES}
    assert re.fullmatch("cannot read .*: .*; .*", message, re.DOTALL)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12))
def test_the_unit_does_not_change_the_amount(number: Decimal) -> None:
    """A target in 万元 and a loan in 元 give the same score: 1 万元 is 10 000 元."""
    assert Fraction(number) * 10_000 == lp.quantity(f"{number:f} 万元").value
    assert lp.quantity(f"{number * 10_000:f} 元") == lp.quantity(f"{number:f}万元")
    assert lp.quantity(f"{number * 100:f}%") == lp.quantity(f"{number:f}")


@given(st.fractions(), st.sampled_from(["", "point", "month", "day", "person", "CNY", "JPY"]))
def test_a_quantity_is_read_back_from_its_text(value: Fraction, unit: str) -> None:
    """What is printed can be pasted into a scheme and means the same."""
    found = lp.Quantity(value, unit)
    assume(len(str(found)) <= 60)

    assert found == lp.quantity(str(found))


# ── what a bare number, a sign and a word are of ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text", ["500.000", "3.000", "12.340", "1.200", "999.999", "1,200", "500,000", "-3.000", "+3,000", "３．０００"]
)
@pytest.mark.parametrize("currency", ["EUR", "IDR", "VND", "BRL", "CHF", "CAD", "ZAR", "CLF"])
def test_three_places_after_one_sign_are_refused_where_both_signs_are_written(text: str, currency: str) -> None:
    """500.000 IDR is half a million to its writer and 500 to a reader of dots: a thousandfold either way."""
    for read_it in (
        lambda: lp.quantity(f"{text} {currency}"),
        lambda: lp.quantity(f"{currency} {text}"),
        lambda: lp.quantity(text, default=currency),
        lambda: lp.Money.of(text, currency),
        lambda: lp.Money(f"{text} {currency}"),
        lambda: lp.quantity(f"{text}万", default=currency),
    ):
        with pytest.raises(lp.errors.QuantityError, match=r"its sign may part thousands or decimals; write .* declare"):
            read_it()


@pytest.mark.parametrize(
    "text",
    ["0.500", "1234.500", "1200.0000", "3.00", "3.0", "3", "1,234,567", "1,234.567", "1.5e3"],
)
@pytest.mark.parametrize("currency", ["EUR", "IDR", "CNY"])
def test_what_can_be_read_in_one_way_only_is_read(text: str, currency: str) -> None:
    """A leading zero, four digits before or after a sign, or two signs say which one is the decimal sign."""
    assert (Fraction(text.replace(",", "")), currency) == read(f"{text} {currency}")


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1,200 CNY", "1200", "CNY"),
        ("1,200 USD", "1200", "USD"),
        ("3.000 万元", "30000", "CNY"),
        ("3.125 CNY", "3.125", "CNY"),
        ("¥1,200", "1200", "CNY"),
        ("1,200 JPY", "1200", "JPY"),
        ("1.500 KWD", "1.5", "KWD"),
        ("1,500 KWD", "1500", "KWD"),
        ("1.500 TND", "1.5", "TND"),
        ("1,200", "1200", ""),
        ("7.125", "7.125", ""),
        ("2.500%", "0.025", ""),
        ("12.345 points", "12.345", "point"),
    ],
)
def test_the_currency_settles_the_sign_where_its_countries_write_one(text: str, value: str, unit: str) -> None:
    """1,200 yuan are 1200; dinars are printed with three places; a ratio or score of thousands there is none."""
    assert (Fraction(value), unit) == read(text)


def test_a_comma_in_a_percentage_is_not_guessed_at() -> None:
    """1,250% from a German spreadsheet is one and a quarter percent."""
    with pytest.raises(lp.errors.QuantityError, match="its sign may part thousands or decimals"):
        lp.quantity("1,250%")


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("500.000", ",", 500_000),
        ("500.000", ".", 500),
        ("500,000", ",", 500),
        ("500,000", ".", 500_000),
        ("1.234.567,5", ",", Fraction("1234567.5")),
        ("12,34", ",", Fraction("12.34")),
        ("-1.234,5", ",", Fraction("-1234.5")),
    ],
)
@pytest.mark.parametrize("currency", ["IDR", "EUR", "CNY"])
def test_a_declared_decimal_sign_settles_it(text: str, decimal: Any, value: Any, currency: str) -> None:
    """Whoever knows the column says its sign, and each number has one meaning."""
    assert value == lp.quantity(f"{text} {currency}", decimal=decimal).value
    assert value == lp.quantity(text, default=currency, decimal=decimal).value
    assert value == lp.Money.of(text, currency, decimal=decimal).exact


@pytest.mark.parametrize("text", ["1,234.5", "1.2345,6", "12.34", "1,2,3"])
def test_a_number_that_does_not_fit_the_declared_sign_is_refused(text: str) -> None:
    """A column of decimal commas with 1,234.5 in it is of two kinds."""
    with pytest.raises(lp.errors.QuantityError):
        lp.quantity(text, default="EUR", decimal=",")


@given(st.integers(-(10**7), 10**7).map(lambda number: Fraction(number, 1000)), st.sampled_from(sorted(lp.CURRENCIES)))
@example(Fraction("3.125"), "EUR")
@example(Fraction("-999.999"), "IDR")
def test_an_amount_is_read_back_from_its_text_in_every_currency(value: Fraction, currency: str) -> None:
    """What the library prints, it reads: an amount that could be thousands is printed with a fourth place."""
    found = lp.Quantity(value, currency)

    assert found == lp.quantity(str(found))


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        ("95分", "CNY", (Fraction("0.95"), "CNY")),
        ("95分", "point", (Fraction(95), "point")),
        ("９５分", "point", (Fraction(95), "point")),
        ("¥5", "CNY", (Fraction(5), "CNY")),
        ("¥5", "JPY", (Fraction(5), "JPY")),
        ("5¥", "JPY", (Fraction(5), "JPY")),
        ("120万", "CNY", (Fraction(1_200_000), "CNY")),
        ("120万", "JPY", (Fraction(1_200_000), "JPY")),
        ("2亿", "USD", (Fraction(200_000_000), "USD")),
        ("5", "point", (Fraction(5), "point")),
    ],
)
def test_a_word_of_two_meanings_is_of_what_is_asked(text: str, asked: str, expected: tuple[Fraction, str]) -> None:
    """分 is a fen of money and a point of a score; 万 is ten thousand of whatever stands in the column."""
    found = lp.quantity(text, default=asked)

    assert expected == (found.value, found.unit)


def test_fen_or_points_are_not_guessed() -> None:
    """95分 is 0.95 yuan or a fair score; where nothing is asked the message shows both."""
    assert lp.Money("0.95 CNY") == lp.Money("95分") == lp.Money.of("95分", "CNY")
    with pytest.raises(lp.errors.QuantityError, match=r"write it like '0\.95 元', or like '95 points'"):
        lp.quantity("95分")
    with pytest.raises(lp.errors.UnitError):
        lp.Money.of("95分", "USD")


@pytest.mark.parametrize(
    ("unit", "factor", "base"),
    [
        ("角", "1/10", "CNY"),
        ("元", "1", "CNY"),
        ("万元", "10000", "CNY"),
        ("美元", "1", "USD"),
        ("万港币", "10000", "HKD"),
        ("亿日元", "100000000", "JPY"),
        ("亿元", "100000000", "CNY"),
        ("万", "10000", ""),
        ("%", "1/100", ""),
        ("‰", "1/1000", ""),
        ("bp", "1/10000", ""),
        ("point", "1", "point"),
    ],
)
def test_a_declared_unit_is_that_of_bare_numbers_only(unit: str, factor: str, base: str) -> None:
    """A column of 万元 holds 1.5; a cell that names its own unit keeps it; 3万 in it is 30,000 yuan."""
    assert Fraction(factor) * Fraction(3, 2) == lp.quantity("1.5", default=unit).value
    assert Fraction(factor) * Fraction(3, 2) == lp.quantity(Decimal("1.5"), default=unit).value
    assert base == lp.quantity(2, default=unit).unit
    assert (Fraction(5), "JPY") == (lp.quantity("5 JPY", default=unit).value, lp.quantity("5 JPY", default=unit).unit)
    assert Fraction(3, 10) == lp.quantity("30%", default=unit).value
    assert Fraction(30_000) == lp.quantity("3万", default=unit).value


@pytest.mark.parametrize("unit", ["furlong", "million", "5", "-", "USD EUR"])
def test_a_declared_unit_that_does_not_exist_is_refused(unit: str) -> None:
    """A slip in a map of columns is told before the first cell."""
    with pytest.raises(lp.errors.QuantityError, match="is no known unit; use one of"):
        lp.quantity("5", default=unit)


@pytest.mark.parametrize("value", ["2", "3", "85", 2, Decimal("1.01"), "-2", -2, "1.5", "120万", np.int64(2)], ids=repr)
def test_a_bare_number_above_one_is_no_ratio(value: Any) -> None:
    """2 under an overdue ratio is 2% to who typed it and 200% to a reader: full marks or none."""
    with pytest.raises(lp.errors.QuantityError, match=r"-?[0-9./]+ is ≈?-?[0-9.]+%; write '.*%' or '.*%'"):
        lp.ratio(value)


def test_the_message_for_a_bare_ratio_says_what_to_write() -> None:
    """The reader need not know what a ratio is to mend the cell."""
    with pytest.raises(lp.errors.QuantityError, match="cannot read '2' as a quantity: 2 is 200%; write '2%' or '200%'"):
        lp.ratio("2")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", "1"), ("0.8", "0.8"), (1, "1"), ("200%", "2"), (Fraction(2), "2"), ("300 bp", "0.03"), ("4/3", "4/3")],
    ids=repr,
)
def test_a_ratio_with_its_sign_or_made_by_code_is_taken(value: Any, expected: str) -> None:
    """200% says what it is; a Fraction was computed, not typed."""
    assert Fraction(expected) == lp.ratio(value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: lp.quantity(Fraction(10**5000, 3)),
        lambda: lp.quantity(Fraction(3, 10**5000)),
        lambda: lp.quantity(Fraction(10**301)),
        lambda: lp.quantity(10**5000),
        lambda: lp.quantity(lp.Quantity(Fraction(10**5000, 3))),
        lambda: lp.ratio(Fraction(10**5000, 3)),
        lambda: lp.Money.of(Fraction(10**5000, 3), "CNY"),
        lambda: lp.Money.of(10**5000, "CNY"),
        lambda: lp.Money.from_units(10**5000, "CNY"),
        lambda: lp.quantity("9" * 59 + "亿元", default="CNY"),
        lambda: lp.schemes.Curve.of([[0, Fraction(10**5000, 3)]], shape="step"),
    ],
    ids=range(11),
)
def test_an_absurd_size_is_refused_in_every_form(make: Any) -> None:
    """A number of thousands of digits can be neither printed nor meant; str() of it would fail later, far away."""
    with pytest.raises(lp.errors.QuantityError, match=r"digits|longer than 60 characters") as caught:
        make()
    assert len(str(caught.value)) < 400


# ── numbers that hosts pass ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("number", "value"),
    [
        (5, "5"),
        (-(10**40), str(-(10**40))),
        (Decimal("0.1"), "1/10"),
        (Decimal("-0"), "0"),
        (Decimal("1E+5"), "100000"),
        (Fraction(1, 3), "1/3"),
        (np.int64(5), "5"),
        (np.int8(-5), "-5"),
        (np.uint64(2**64 - 1), str(2**64 - 1)),
        (lp.Quantity(Fraction(7)), "7"),
    ],
)
def test_exact_numbers_are_taken(number: Any, value: str) -> None:
    """Decimal, int, Fraction and the integers of numpy and pandas say exactly what they are."""
    assert (Fraction(value), "") == read(number)


@pytest.mark.parametrize(
    "number", [1.5, np.float64(1.5), np.float32(1.5), np.float16(1.5), np.longdouble(1.5)], ids=repr
)
def test_floats_are_refused_with_what_to_pass(number: Any) -> None:
    """0.1 + 0.2 is not 0.3; the message says what to write instead, also where numpy's floats pose as Python's."""
    with pytest.raises(lp.errors.FloatError) as caught:
        lp.quantity(number)

    assert (
        "1.5 is a float, and a float is not exact; pass a string with its unit, such as '100万元' or '3%',"
        " Decimal('1.5') or an int"
    ) == str(caught.value)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), np.float64("nan")], ids=repr)
def test_the_advice_for_a_float_that_is_no_number_can_be_followed(number: Any) -> None:
    """Decimal('nan') would be refused in turn."""
    with pytest.raises(lp.errors.FloatError, match="is a float and no number; pass a finite one"):
        lp.quantity(number)


@pytest.mark.parametrize(
    "number",
    [
        *(True, False, np.True_, None, [], {}, b"5", 1j, ..., np.array(5), np.array([5]), np.array(5.0)),
        *(Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("-Infinity")),
        *(Decimal("1E+60"), Decimal("1E-60"), Decimal("0E+999999"), Decimal("1E+999999"), Decimal("0." + "1" * 61)),
        *(10**60, -(10**60), np.datetime64("2026-01-01")),
    ],
    ids=repr,
)
def test_what_is_no_finite_number_of_ordinary_size_is_refused(number: Any) -> None:
    """A truth value is not 1, and a Decimal of a million digits is an attack or a slip."""
    with pytest.raises(lp.errors.QuantityError) as caught:
        lp.quantity(number)

    assert "; pass " in str(caught.value)


def test_an_int_that_python_does_not_print_is_refused_all_the_same() -> None:
    """Python raises a ValueError of its own when it is to show an int of thousands of digits."""
    with pytest.raises(lp.errors.QuantityError, match="cannot read <int too long to print> as a quantity: it has more"):
        lp.quantity(10**5000)


def test_a_bare_number_takes_the_currency_that_is_given() -> None:
    """A column of amounts has its currency in another column."""
    assert (
        lp.Money.from_units(500, "CNY")
        == lp.Money.of("5", "CNY")
        == lp.Money.of(5, "CNY")
        == lp.Money.of("5 元", "CNY")
    )


@pytest.mark.parametrize("text", ["30%", "5 bp", "5 pp", "1‰"])
def test_a_share_is_never_taken_for_an_amount(text: str) -> None:
    """30% in a column of yuan is a slip, not 0.30 yuan."""
    with pytest.raises(lp.errors.UnitError, match=f"the amount {text} is in no unit; it must be in CNY"):
        lp.Money.of(text, "CNY")


@pytest.mark.parametrize("value", [5, 0.5, "5", Decimal(5), True], ids=repr)
def test_a_quantity_holds_a_fraction_only(value: Any) -> None:
    """A float that slips into a Quantity would touch every score that is made from it."""
    with pytest.raises(lp.errors.QuantityError, match=r"it is no Fraction; use lp\.quantity"):
        lp.Quantity(value, "CNY")


@pytest.mark.parametrize("unit", ["元", "cny", "%", "months", "banana"])
def test_a_quantity_is_in_a_base_unit_only(unit: str) -> None:
    """Units are compared as text, so each has one spelling inside."""
    with pytest.raises(lp.errors.UnitError, match="it must be in point, month, day, person, a currency"):
        lp.Quantity(Fraction(1), unit)


# ── money ───────────────────────────────────────────────────────────────────────────────────────────────────

PLACES = {"JPY": 0, "KRW": 0, "CNY": 2, "USD": 2, "EUR": 2, "KWD": 3, "BHD": 3, "CLF": 4}
CURRENCY = st.sampled_from(sorted(PLACES))
MONEY = st.builds(lp.Money.from_units, st.integers(-(10**18), 10**18), CURRENCY)


@pytest.mark.parametrize(("currency", "places"), PLACES.items())
def test_money_is_whole_in_the_smallest_unit_of_its_currency(currency: str, places: int) -> None:
    """JPY has no places, CNY 2, KWD 3, CLF 4 (ISO 4217); one place more is refused, never rounded."""
    smallest = f"{Decimal(1).scaleb(-places):f} {currency}"

    assert places == lp.CURRENCIES[currency]
    assert lp.Money.from_units(1, currency) == lp.Money.of(smallest)
    assert smallest == str(lp.Money.from_units(1, currency))
    with pytest.raises(lp.errors.QuantityError, match=f"{currency} has {places} decimal places; round it before"):
        lp.Money.of(f"{Decimal(1).scaleb(-places - 1):f} {currency}")


@given(st.lists(st.integers(-(10**20), 10**20)), CURRENCY)
def test_sums_of_money_are_exact(units: list[int], currency: str) -> None:
    """A ledger adds millions of amounts, and the last fen must be right."""
    total = sum((lp.Money.from_units(unit, currency) for unit in units), lp.Money.from_units(0, currency))

    assert lp.Money.from_units(sum(units), currency) == total
    assert Fraction(sum(units), 10 ** PLACES[currency]) == total.exact
    assert lp.Money.from_units(0, currency) == total - total == total + -total


@given(MONEY)
@example(lp.Money.from_units(1, "CLF"))
@example(lp.Money.from_units(-1, "CNY"))
@example(lp.Money.from_units(10**40 + 1, "CNY"))
def test_money_is_read_back_from_its_text(amount: lp.Money) -> None:
    """A statement that is read in again must not lose a fen."""
    assert amount == lp.Money.of(str(amount))
    assert amount == lp.Money.of(amount.amount, amount.currency)
    assert amount == lp.Money.of(lp.quantity(amount))
    assert -PLACES[amount.currency] == amount.amount.as_tuple().exponent


@given(MONEY)
def test_money_does_not_depend_on_the_hosts_decimal_context(amount: lp.Money) -> None:
    """A host may compute with six digits; its setting must not round our amounts."""
    with decimal.localcontext(prec=3):
        narrow = (str(amount), amount.amount, lp.Money.of(f"{amount}"))

    assert (str(amount), amount.amount, amount) == narrow


@given(MONEY, MONEY)
def test_money_is_ordered_within_a_currency_and_refused_across(one: lp.Money, other: lp.Money) -> None:
    """100 JPY is not more than 1 CNY; a sum or a comparison of two currencies is a fault of the caller."""
    if one.currency == other.currency:
        assert (one.units < other.units) == (one < other) == (other > one) == (not one >= other)
        assert (one.units <= other.units) == (one <= other)
        assert lp.Money.from_units(one.units - other.units, one.currency) == one - other
        return
    for compared in (operator.lt, operator.le, operator.gt, operator.ge):
        with pytest.raises(lp.errors.UnitError, match=rf"is in {other.currency}; it must be in {one.currency}"):
            compared(one, other)
    for combined in (operator.add, operator.sub):
        with pytest.raises(lp.errors.UnitError, match=rf"put together with {one}, is in {other.currency}"):
            combined(one, other)
    assert one != other


@pytest.mark.parametrize("other", [5, Decimal(5), "5 CNY", 0.5, None, Fraction(5)], ids=repr)
def test_money_does_not_mix_with_plain_numbers(other: Any) -> None:
    """5 may be yuan or fen; only Money says which."""
    amount = lp.Money.from_units(500, "CNY")
    for combined in (operator.add, operator.sub, operator.lt, operator.le, operator.gt, operator.ge):
        with pytest.raises(lp.errors.UnitError, match=r"put together with 5\.00 CNY, is in no unit; it must be in CNY"):
            combined(amount, other)

    assert amount != other


def test_equal_amounts_are_one_amount() -> None:
    """Amounts are keys of sets and dicts; 1 万元 and 10 000 元 are one key."""
    assert 1 == len(
        {lp.Money.of("1万元"), lp.Money.of("10000 元"), lp.Money.of("10,000.00 CNY"), lp.Money.from_units(10**6, "CNY")}
    )
    assert lp.Money.from_units(1, "CNY") != lp.Money.from_units(1, "USD")


@pytest.mark.parametrize(
    ("value", "currency", "error", "message"),
    [
        ("5", "", lp.errors.UnitError, "the amount 5 is in no unit; it must be in a currency, such as 元 or CNY"),
        (5, "", lp.errors.UnitError, "the amount 5 is in no unit; it must be in a currency, such as 元 or CNY"),
        ("5 元", "USD", lp.errors.UnitError, "the amount 5 元 is in CNY; it must be in USD"),
        (lp.Money.from_units(5, "CNY"), "USD", lp.errors.UnitError, "the amount 0.05 CNY is in CNY; it must be in USD"),
        ("5 point", "", lp.errors.UnitError, "the amount 5 point is in point; it must be in a currency"),
        ("5 month", "CNY", lp.errors.UnitError, "the amount 5 month is in month; it must be in CNY"),
        ("1/3 元", "", lp.errors.QuantityError, "CNY has 2 decimal places; round it before it comes here"),
        (0.5, "CNY", lp.errors.FloatError, "0.5 is a float"),
        (5, "XYZ", lp.errors.UnitError, "is in XYZ"),
    ],
    ids=repr,
)
def test_what_is_no_amount_of_money_is_refused(value: Any, currency: str, error: type[Exception], message: str) -> None:
    """An amount has one currency, stated somewhere, and no part of a fen."""
    with pytest.raises(error, match=message):
        lp.Money.of(value, currency)


@pytest.mark.parametrize(
    ("units", "currency", "error"),
    [
        (5, "XYZ", lp.errors.UnitError),
        (5, "", lp.errors.UnitError),
        (5, "cny", lp.errors.UnitError),
        (5.0, "CNY", lp.errors.QuantityError),
        (True, "CNY", lp.errors.QuantityError),
        (Decimal(5), "CNY", lp.errors.QuantityError),
        ("5", "CNY", lp.errors.QuantityError),
    ],
    ids=repr,
)
def test_money_is_made_of_an_int_and_a_known_currency(units: Any, currency: str, error: type[Exception]) -> None:
    """The constructor is a door too."""
    with pytest.raises(error):
        lp.Money.from_units(units, currency)


def test_a_bare_number_makes_no_money() -> None:
    """500 may be 500 yuan or 500 fen; whoever writes it must say which."""
    read: Any = lp.Money
    for number in (500, Decimal(500), Fraction(500)):
        with pytest.raises(lp.errors.QuantityError, match="may count whole currency or smallest units"):
            read(number, "CNY")
    assert lp.Money("5.00 CNY") == lp.Money.from_units(500, "CNY") == lp.Money.of(5, "CNY")
    assert "Money('5.00 CNY')" == repr(lp.Money.from_units(500, "CNY"))


@pytest.mark.parametrize(
    "value",
    [
        lp.Money.from_units(-5, "JPY"),
        lp.Quantity(Fraction(1, 3), "month"),
        lp.Rounding.HALF_EVEN,
        lp.Period.month(2026, 3),
        lp.schemes.Tenor(months=36),
        lp.schemes.Curve.of([[0, 0], ["1%", "2 point"]], shape="linear", then=lp.schemes.Then(Fraction(1), "whole")),
    ],
)
def test_values_survive_a_pickle_and_a_copy(value: object) -> None:
    """Spark and multiprocessing send values between machines."""
    for again in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)):  # noqa: S301 - our own
        assert (value, hash(value), repr(value)) == (again, hash(again), repr(again))


# ── named roundings ─────────────────────────────────────────────────────────────────────────────────────────

MODES = {
    lp.Rounding.HALF_EVEN: decimal.ROUND_HALF_EVEN,
    lp.Rounding.HALF_UP: decimal.ROUND_HALF_UP,
    lp.Rounding.HALF_DOWN: decimal.ROUND_HALF_DOWN,
    lp.Rounding.UP: decimal.ROUND_UP,
    lp.Rounding.DOWN: decimal.ROUND_DOWN,
    lp.Rounding.CEILING: decimal.ROUND_CEILING,
    lp.Rounding.FLOOR: decimal.ROUND_FLOOR,
}


def test_every_named_rounding_has_a_twin_in_the_decimal_module() -> None:
    """The property below leaves none out."""
    assert set(lp.Rounding) == set(MODES)


@pytest.mark.parametrize("mode", lp.Rounding)
@given(number=st.integers(-(10**9), 10**9), places=st.integers(0, 7), currency=CURRENCY)
@example(number=2125, places=3, currency="CNY")
@example(number=-5, places=1, currency="JPY")
@example(number=15, places=1, currency="JPY")
def test_a_rounding_agrees_with_the_decimal_module(mode: lp.Rounding, number: int, places: int, currency: str) -> None:
    """The names are the field's; what they do, ties and negative amounts included, is checked against Python's own."""
    exact = Decimal(number).scaleb(-places)
    expected = exact.quantize(Decimal(1).scaleb(-PLACES[currency]), rounding=MODES[mode])

    assert expected == lp.Money.rounded(Fraction(exact), currency, mode).amount


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (lp.Rounding.HALF_EVEN, [-2, -2, 0, 0, 2, 2]),
        (lp.Rounding.HALF_UP, [-3, -2, -1, 1, 2, 3]),
        (lp.Rounding.HALF_DOWN, [-2, -1, 0, 0, 1, 2]),
        (lp.Rounding.UP, [-3, -2, -1, 1, 2, 3]),
        (lp.Rounding.DOWN, [-2, -1, 0, 0, 1, 2]),
        (lp.Rounding.CEILING, [-2, -1, 0, 1, 2, 3]),
        (lp.Rounding.FLOOR, [-3, -2, -1, 0, 1, 2]),
    ],
)
def test_ties_fall_as_the_name_says(mode: lp.Rounding, expected: list[int]) -> None:
    """−2.5, −1.5, −0.5, 0.5, 1.5 and 2.5, rounded by hand."""
    assert expected == [lp.Money.rounded(Fraction(n, 2), "JPY", mode).units for n in (-5, -3, -1, 1, 3, 5)]


@given(st.fractions(), CURRENCY, st.sampled_from(lp.Rounding))
def test_a_rounding_moves_an_amount_by_less_than_a_smallest_unit(
    exact: Fraction, currency: str, mode: lp.Rounding
) -> None:
    """Thirds and sevenths, which no Decimal holds, round to a neighbour too."""
    units = exact * 10 ** PLACES[currency]
    found = lp.Money.rounded(exact, currency, mode)

    assert found.units in {floor(units), ceil(units)}
    assert found == lp.Money.rounded(found.exact, currency, mode)


def test_a_rounding_goes_to_a_currency_that_exists() -> None:
    """How many places there are is the currency's to say."""
    with pytest.raises(lp.errors.UnitError, match="an amount of money is in XYZ"):
        lp.Money.rounded(Fraction(1), "XYZ", lp.Rounding.UP)
