"""Quantities: what is read is what was meant, to the smallest unit; the rest is refused, saying what to pass."""

import copy
import decimal
import operator
import pickle
import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import permutations, product
from math import ceil, floor
from random import Random
from time import perf_counter
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
        *("5 meter", "5 m", "5 年", "5 year", "5 week", "5 kg", "5 people", "5 dimensionless", "5 万", "5 亿", "5 RMB"),
        *("5 cny", "5 Cny", "5 XAU", "5 ¥", "5 $", "5 %%", "5 %元", "5 USD/CNY", "5 point**2", "5 [point]", "5 e5"),
        *("5 Month", "5 BP", "5 kCNY", "5 millipoint", "5 CNYs", "5 delta_month", "5 pi", "5 元\u200b"),
    ],
)
def test_a_unit_outside_the_vocabulary_is_refused(text: str) -> None:
    """A unit that is guessed at pays a wrong amount; pint's prefixes, plurals and expressions are closed off."""
    with pytest.raises(lp.errors.QuantityError, match=r"is no known unit; use one of % percent .* CNY$"):
        lp.quantity(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "\t\n", "元", "%", "CNY 5", "¥5", "$5", "%5", "five", "nan", "NaN", "inf", "-inf", "Infinity"),
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
    start = perf_counter()
    with pytest.raises(lp.errors.QuantityError):
        lp.quantity(text)

    assert perf_counter() - start < 0.5


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
        lp.Tenor(months=36),
        lp.Curve.of([[0, 0], ["1%", "2 point"]], shape="linear", then=lp.Then(Fraction(1), "whole")),
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


# ── allocation ──────────────────────────────────────────────────────────────────────────────────────────────

TIE_BREAKS = st.sampled_from(["first", "last", "largest weight", "smallest weight"])
WEIGHTS = st.lists(st.integers(0, 50) | st.fractions(0, 10), min_size=1, max_size=8).filter(any)


def split(
    total: Any, weights: Sequence[Any], *, step: Any = 1, floors: Any = None, caps: Any = None, tie_break: Any = "first"
) -> list[Any]:
    """The parts of a total."""
    return list(lp.allocate(total, weights, step=step, tie_break=tie_break, floors=floors, caps=caps))


@pytest.mark.parametrize("code", ["hamilton-five-counties", "lr-package-list", "lr-package-mapping"])
def test_published_largest_remainders(published: Published, code: str) -> None:
    """Seats and parts, divided by Hamilton's method in a textbook and by another library."""
    found = case(published, code)

    assert found["expected"] == split(found["inputs"]["total"], found["inputs"]["weights"])


def test_a_year_divided_by_the_seasons(published: Published) -> None:
    """ERPNext divides a year into ten months of 8% and two of 10%; the shares come to the year."""
    found = case(published, "target-monthly-distribution-erpnext")
    months = found["inputs"]["percentages"]

    assert found["expected"]["sum"] == sum(months)
    assert [96] * 10 + [120] * 2 == split(1200, months)
    assert lp.Money.of("1亿元") == sum(split(lp.Money.of("1亿元"), months), lp.Money.from_units(0, "CNY"))


def test_a_bonus_divided_by_stages(published: Published) -> None:
    """seed-stage-20-80: a corporate deal pays 20% at due diligence and 80% at disbursement."""
    found = case(published, "seed-stage-20-80")
    bonus, stages = lp.Money.of(found["inputs"]["bonus"], "CNY"), found["inputs"]["stages"]
    parts = split(bonus, [lp.quantity(share).value for _, share in stages])

    expected = {stage: lp.Money.of(amount, "CNY") for stage, amount in found["expected"].items()}
    assert expected == dict(zip([stage for stage, _ in stages], parts, strict=True))


def test_a_team_target_divided_by_head(published: Published) -> None:
    """A hundred people of equal history carry 1 million each of 100 million; the page implies the hundred."""
    found = case(published, "seed-decompose-target")
    goal, each = lp.Money.of(found["inputs"]["team_target"], "CNY"), lp.Money.of(found["inputs"]["per_person"], "CNY")

    assert [each] * int(found["expected"]["implied_headcount"]) == split(goal, [1] * 100)


def test_an_order_split_between_two(published: Published) -> None:
    """ERPNext credits each of two sales persons with half of an order of 20, 40 short of the target of 50."""
    found = case(published, "split-erpnext-sales-person")
    given_, expected = found["inputs"], found["expected"]
    achieved = split(given_["qty"], [given_["share"], 100 - given_["share"]])

    assert [expected["achieved"]] * 2 == achieved
    assert expected["variance"] == achieved[0] - given_["target_qty"]


def test_thirds_of_100_percent_sum_to_100_percent() -> None:
    """33.4/33.3/33.3: three equal weights at a tenth of a percent, as the design has it."""
    tenths = split(Fraction(100), [1, 1, 1], step=Fraction(1, 10))

    assert [Fraction("33.4"), Fraction("33.3"), Fraction("33.3")] == tenths
    assert 100 == sum(tenths)
    assert tenths == split(Fraction(100), [Decimal("33.4"), Decimal("33.3"), Decimal("33.3")], step=Fraction(1, 10))


@given(st.integers(0, 10**6), WEIGHTS, TIE_BREAKS)
def test_parts_sum_to_the_total_and_lie_within_a_step_of_their_quota(
    total: int, weights: list[Fraction], tie_break: str
) -> None:
    """Nothing is lost or made, and nobody is a whole step away from what is due (the quota rule)."""
    parts = split(total, weights, tie_break=tie_break)

    assert total == sum(parts)
    assert all(
        abs(part - Fraction(total) * weight / sum(weights)) < 1 for part, weight in zip(parts, weights, strict=True)
    )


@given(st.integers(0, 10**6), WEIGHTS, TIE_BREAKS)
def test_a_larger_weight_never_gets_less(total: int, weights: list[Fraction], tie_break: str) -> None:
    """Whoever brought more is never given a smaller share."""
    parts = split(total, weights, tie_break=tie_break)

    for (one, mine), (other, theirs) in permutations(zip(weights, parts, strict=True), 2):
        if one > other:
            assert mine >= theirs


@given(st.integers(0, 10**6), WEIGHTS, st.fractions(Fraction(1, 100), 100))
def test_only_the_proportion_of_weights_counts(total: int, weights: list[Fraction], factor: Fraction) -> None:
    """Weights in 元, in 万元 or in percent are the same weights."""
    assert split(total, weights) == split(total, [weight * factor for weight in weights])


@given(
    st.integers(0, 10**6), st.lists(st.integers(0, 50), min_size=1, max_size=8, unique=True).filter(any), st.randoms()
)
def test_the_order_of_different_weights_does_not_matter(total: int, weights: list[int], chance: Random) -> None:
    """Where a tie is broken by weight, nobody gains from standing first in a list."""
    other = chance.sample(weights, len(weights))
    for tie_break in ("largest weight", "smallest weight"):
        one = dict(zip(weights, split(total, weights, tie_break=tie_break), strict=True))
        assert one == dict(zip(other, split(total, other, tie_break=tie_break), strict=True))


def test_a_tie_falls_as_stated() -> None:
    """By hand: 3 steps among weights 1, 3, 1, 3 are quotas of 3/8, 9/8, 3/8 and 9/8; one step is left for two."""
    assert [1, 1, 0, 1] == split(3, [1, 3, 1, 3], tie_break="first")
    assert [0, 1, 1, 1] == split(3, [1, 3, 1, 3], tie_break="last")
    # 2 steps among 1 and 3 are quotas of 1/2 and 3/2.
    assert [0, 2] == split(2, [1, 3], tie_break="largest weight")
    assert [1, 1] == split(2, [1, 3], tie_break="smallest weight")


@given(st.integers(1, 10**6), WEIGHTS, TIE_BREAKS)
def test_a_negative_total_is_the_mirror_of_the_positive(total: int, weights: list[Fraction], tie_break: str) -> None:
    """A reversal takes from each exactly what the entry gave."""
    assert [-part for part in split(total, weights, tie_break=tie_break)] == split(-total, weights, tie_break=tie_break)


@given(MONEY, WEIGHTS)
def test_money_is_divided_in_smallest_units(amount: lp.Money, weights: list[Fraction]) -> None:
    """A pool of money leaves no fen behind."""
    parts = split(amount, weights)

    assert amount == sum(parts, lp.Money.from_units(0, amount.currency))
    assert [part.units for part in parts] == split(amount.units, weights)


def test_money_is_divided_in_larger_steps() -> None:
    """Targets in whole 万元: 1 million of them among 1, 1 and 1 is 34, 33 and 33."""
    parts = split(lp.Money.of("100万元"), [1, 1, 1], step=1_000_000)

    assert [lp.Money.of(text) for text in ("34万元", "33万元", "33万元")] == parts


def quotas(total: int, weights: Sequence[int], floors: Sequence[int], caps: Bounds) -> list[Fraction]:
    """What each is due: one rate times the weight, but where that is below a floor or above a cap, the bound.

    Who is held at a bound is found by trying every combination; the right one is that of some rate.
    """
    everyone = list(zip(weights, floors, [total if cap is None else cap for cap in caps], strict=True))
    for held in product(("floor", "cap", "free"), repeat=len(weights)):
        groups = {kind: [one for one, hold in zip(everyone, held, strict=True) if hold == kind] for kind in held}
        free = sum(weight for weight, _, _ in groups.get("free", ()))
        rest = (
            total - sum(low for _, low, _ in groups.get("floor", ())) - sum(cap for _, _, cap in groups.get("cap", ()))
        )
        least = max([Fraction(cap, weight) for weight, _, cap in groups.get("cap", ())], default=Fraction(0))
        most = min([Fraction(low, weight) for weight, low, _ in groups.get("floor", ())], default=Fraction(10**9))
        rate = Fraction(rest, free) if free else least
        within = all(low <= rate * weight <= cap for weight, low, cap in groups.get("free", ()))
        if least <= rate <= most and within and (free or rest == 0):
            return [min(max(rate * weight, Fraction(low)), Fraction(cap)) for weight, low, cap in everyone]
    raise AssertionError("no rate is right")


def all_parts(total: int, floors: Sequence[int], caps: Bounds) -> list[tuple[int, ...]]:
    """Every way to divide a total within the bounds."""
    ranges = [
        range(low, min(total, total if high is None else high) + 1) for low, high in zip(floors, caps, strict=True)
    ]
    return [parts for parts in product(*ranges) if sum(parts) == total]


BOUNDED = st.integers(1, 4).flatmap(
    lambda count: st.tuples(
        st.lists(st.integers(1, 9), min_size=count, max_size=count),
        st.lists(st.integers(0, 5), min_size=count, max_size=count),
        st.lists(st.none() | st.integers(0, 12), min_size=count, max_size=count),
    )
)


@given(st.integers(0, 15), BOUNDED)
@example(10, ([5, 3, 2], [0, 0, 4], [4, None, None]))
def test_no_division_within_floors_and_caps_is_fairer(
    total: int, given_: tuple[list[int], list[int], list[int | None]]
) -> None:
    """Of all ways to divide within the bounds, tried one by one, none is nearer to what each is due."""
    weights, floors, caps = given_
    ways = all_parts(total, floors, caps)
    if not ways:
        with pytest.raises(lp.errors.AllocationError):
            split(total, weights, floors=floors, caps=caps)
        return
    parts = split(total, weights, floors=floors, caps=caps)
    due = quotas(total, weights, floors, caps)

    def unfairness(way: Sequence[int]) -> Fraction:
        return sum(((part - quota) ** 2 for part, quota in zip(way, due, strict=True)), Fraction(0))

    assert tuple(parts) in ways
    assert min(map(unfairness, ways)) == unfairness(parts)


def test_floors_and_caps_by_hand() -> None:
    """10 among 5, 3 and 2: nobody above 4 and the last not below 4 leaves 2 for the one between, whose due is 3."""
    assert [5, 3, 2] == split(10, [5, 3, 2])
    assert [4, 4, 2] == split(10, [5, 3, 2], caps=[4, None, 2])
    assert [4, 2, 4] == split(10, [5, 3, 2], caps=[4, None, None], floors=[0, 0, 4])
    assert [6, 4, 0] == split(10, [3, 2, 0], floors=[0, 0, 0])
    assert [5, 3, 2] == split(10, [3, 2, 0], floors=[0, 0, 2])
    # Bounds between steps hold to the step within: at least 1.5 is 2, at most 2.5 is 2.
    assert [2, 8] == split(10, [1, 99], floors=[Fraction(3, 2), 0])
    assert [2, 8] == split(10, [99, 1], caps=[Fraction(5, 2), None])


def test_a_floor_below_zero_is_no_floor() -> None:
    """Nobody is given less than nothing of a positive total."""
    assert [0, 6] == split(6, [0, 1], floors=[-5, 2])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights": []}, "no weight is above zero; give one at least"),
        ({"weights": [0, 0]}, "no weight is above zero; give one at least"),
        ({"weights": [1, -1]}, "a weight is negative; give weights of zero or more"),
        ({"step": 0}, "the step is 0; give a step above zero"),
        ({"step": -1}, "the step is -1; give a step above zero"),
        ({"step": 3}, "10 is not a whole number of steps of 3; choose a step that divides it"),
        ({"total": Fraction(1, 3)}, "1/3 is not a whole number of steps of 1"),
        ({"floors": [6, 5]}, "the floors come to more than the total or than a cap; lower them"),
        ({"floors": [3, 0], "caps": [2, None]}, "the floors come to more than the total or than a cap; lower them"),
        ({"caps": [4, 5]}, "the caps come to less than the total; raise them"),
        ({"weights": [1, 0], "caps": [4, None]}, "the caps come to less than the total; raise them"),
        ({"floors": [1]}, "there are 1 bounds for 2 weights; give one for each weight"),
        ({"caps": [1, 2, 3]}, "there are 3 bounds for 2 weights; give one for each weight"),
        ({"floors": []}, "there are 0 bounds for 2 weights; give one for each weight"),
        ({"total": -10, "floors": [0, 0]}, "a negative total takes no floors and caps; allocate its absolute value"),
        ({"tie_break": "alphabet"}, "there is no tie-break 'alphabet'; use one of first, last, largest weight"),
        ({"total": lp.Money.from_units(3, "CNY"), "step": Fraction(1, 2)}, "the step is 0.5 of a smallest unit"),
    ],
)
def test_what_cannot_be_divided_is_refused(change: dict[str, Any], message: str) -> None:
    """Bounds that contradict each other and parts of a fen are told before anybody is paid."""
    with pytest.raises(lp.errors.AllocationError, match=f"cannot allocate: {message}"):
        split(**{"total": 10, "weights": [1, 1], **change})


@pytest.mark.parametrize("change", [{"total": 10.0}, {"weights": [0.5, 0.5]}, {"step": 0.1}, {"caps": [1.5, None]}])
def test_floats_are_not_allocated(change: dict[str, Any]) -> None:
    """0.1 is no tenth, and 1.1 is not eleven of them."""
    with pytest.raises(lp.errors.FloatError):
        split(**{"total": 10, "weights": [1, 1], **change})


def test_parts_are_of_the_type_of_the_total() -> None:
    """An int stays an int where the step is one; else parts are Fractions."""
    assert [int, int] == [type(part) for part in split(3, [1, 2])]
    assert [int, int] == [type(part) for part in split(np.int64(3), [1, 2])]
    assert [Fraction, Fraction] == [type(part) for part in split(Fraction(3), [1, 2])]
    assert [Fraction, Fraction] == [type(part) for part in split(3, [1, 2], step=Fraction(1, 2))]


def test_a_pool_of_5000_with_bounds_is_divided_at_once() -> None:
    """A bank's pool has thousands of shares with a floor and a cap each."""
    weights = [1 + 7919 * number % 1000 for number in range(5000)]
    floors = [104729 * number % 10**5 for number in range(5000)]
    start = perf_counter()
    parts = split(10**9, weights, floors=floors, caps=[10**7] * 5000)

    assert 10**9 == sum(parts)
    assert perf_counter() - start < 5
