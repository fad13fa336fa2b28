"""One number with one unit is one amount, by whatever door it comes in; a number without its unit comes in by none."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

import loanperf as lp
from loanperf.adapters.tables import Folder, Tables
from loanperf.tables import MISSING, Column

MARCH = lp.Period.month(2026, 3)
FRAMES: dict[str, Any] = {
    "arrays": lambda columns: {name: np.array(values) for name, values in columns.items()},
    "pandas": lambda columns: pd.DataFrame(columns).convert_dtypes(),
    "polars": pl.DataFrame,
    "pyarrow": pa.table,
    "duckdb": lambda columns: duckdb.from_arrow(pa.table(columns)),
}
"""What makes a table of columns, by the kind of table."""

MONEY = [
    (30_000_000, "fen", "CNY"),
    (30_000_000, "分", "CNY"),
    (30_000_000, "smallest unit", "CNY"),
    (30_000_000, "最小单位", "CNY"),
    (30_000_000, "cents", "USD"),
    (300_000, "元", "CNY"),
    (300_000, "CNY", "CNY"),
    (300_000, "JPY", "JPY"),
    (300_000, "smallest unit", "JPY"),
    (300, "千元", "CNY"),
    (30, "万元", "CNY"),
    (30, "万", "CNY"),
    (30, "万", "USD"),
    (3, "十万元", "CNY"),
    (3, "十万", "CNY"),
    (3, "十万", "USD"),
    (300, "thousand", "USD"),
    (300, "USD thousand", "USD"),
    (300, "thousand USD", "USD"),
    (3, "lakh", "INR"),
    (3, "INR lakh", "INR"),
]
"""Whole numbers that are 300,000 of a currency, each with its unit."""


def balances(made: Any, heading: str, amount: Any, **more: Any) -> Any:
    """A table of one balance."""
    columns = {"loan": ["L1"], "on": [date(2026, 3, 31)], heading: amount} | more
    if made is FRAMES["arrays"]:
        columns["on"] = np.array(["2026-03-31"], dtype="datetime64[D]")
    return made(columns)


def outstanding(book: lp.Facts) -> lp.Money:
    """The amount of the only balance of a book."""
    (fact,) = book
    assert isinstance(fact, lp.Balance)
    return fact.outstanding


# ── books of columns ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize(("number", "unit", "currency"), MONEY)
def test_an_amount_in_columns_is_what_its_unit_says(frame: str, number: int, unit: str, currency: str) -> None:
    """300,000 yuan are so in fen, 元, 万元 or lakh, whether the heading says it, the table's units or the book's."""
    made, expected = FRAMES[frame], lp.Money.of(300_000, currency)
    table = balances(made, "outstanding", [number])

    assert expected == outstanding(lp.Facts.read({"balances": table}, currency=currency, money=unit))
    units = {"balances": {"outstanding": unit}}
    assert expected == outstanding(lp.Facts.read({"balances": table}, currency=currency, units=units))
    headed = balances(made, f"outstanding（{unit}）", [number])
    assert expected == outstanding(lp.Facts.read({"balances": headed}, currency=currency))


@pytest.mark.parametrize("frame", FRAMES)
def test_whole_numbers_for_money_need_their_unit(frame: str) -> None:
    """300000 taken for fen is 3,000.00, a hundredth of what was lent; nobody guesses."""
    table = balances(FRAMES[frame], "outstanding", [300_000])

    with pytest.raises(
        lp.errors.DataError, match=r"column balances.outstanding: its numbers have no unit: they may count yuan"
    ):
        lp.Facts.read({"balances": table}, currency="CNY")


@pytest.mark.parametrize("frame", FRAMES)
def test_beside_a_column_of_currencies_whole_numbers_are_whole_currency(frame: str) -> None:
    """As in every table: 300000 beside CNY is that many yuan."""
    table = balances(FRAMES[frame], "outstanding", [300_000], currency=["CNY"])

    assert lp.Money.of(300_000, "CNY") == outstanding(lp.Facts.read({"balances": table}, currency="CNY"))


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("unit", ["", "fen", "元", "万元"])
def test_floats_are_refused_for_money(frame: str, unit: str) -> None:
    """0.1 + 0.2 is no amount; a float that looks whole may come of a sum that is not."""
    made = pd.DataFrame if frame == "pandas" else FRAMES[frame]  # convert_dtypes makes whole numbers of whole floats
    table = balances(made, "outstanding", [300_000.0])

    with pytest.raises(lp.errors.DataError, match="it holds floats, which are not exact"):
        lp.Facts.read({"balances": table}, currency="CNY", money=unit)


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        ("USD", "'USD' is no unit of CNY money"),
        ("%", "is no unit of CNY money"),
        ("gold", "is no unit of CNY money"),
        ("", "its numbers have no unit"),
    ],
)
def test_a_unit_must_be_one_of_the_books_money(unit: str, said: str) -> None:
    """Dollars are no yuan, and a share is no money."""
    table = balances(FRAMES["arrays"], "outstanding", [3])

    with pytest.raises(lp.errors.DataError, match=said):
        lp.Facts.read({"balances": table}, currency="CNY", money=unit)


def test_decimals_may_count_a_unit_as_well() -> None:
    """Without one they are whole currency; 30.5 万元 is 305,000 yuan to the fen."""
    amount = pa.array([Decimal("30.50")], type=pa.decimal128(20, 2))
    table = balances(pa.table, "outstanding", amount)
    units = {"balances": {"outstanding": "万元"}}

    assert lp.Money("30.50 CNY") == outstanding(lp.Facts.read({"balances": table}, currency="CNY"))
    assert lp.Money("305000 CNY") == outstanding(lp.Facts.read({"balances": table}, currency="CNY", units=units))


def test_decimals_in_a_book_of_wan_need_their_unit() -> None:
    """30.50 beside whole numbers of 万元 is 305,000 yuan or 30.50; beside fen, which have no decimals, it is 30.50."""
    amount = pa.array([Decimal("30.50")], type=pa.decimal128(20, 2))
    table = balances(pa.table, "outstanding", amount)
    said = r"column balances.outstanding: its decimals may be whole CNY, or 万元 as the numbers of the book; say it"
    with pytest.raises(lp.errors.DataError, match=said):
        lp.Facts.read({"balances": table}, currency="CNY", money="万元")

    for unit, amount_read in (("万元", "305000 CNY"), ("CNY", "30.50 CNY")):
        units = {"balances": {"outstanding": unit}}
        book = lp.Facts.read({"balances": table}, currency="CNY", money="万元", units=units)
        assert lp.Money(amount_read) == outstanding(book)
    for money in ("fen", "元"):
        assert lp.Money("30.50 CNY") == outstanding(lp.Facts.read({"balances": table}, currency="CNY", money=money))


def test_an_amount_that_a_unit_makes_too_large_is_a_problem() -> None:
    """It would wrap, and be another amount."""
    book = lp.Facts.read({"balances": balances(FRAMES["arrays"], "outstanding", [2**60])}, currency="CNY", money="亿元")

    assert ["it is beyond 64 bits"] == [problem.fault for problem in book.problems]


@pytest.mark.parametrize(
    ("units", "said"),
    [
        ({"balance": {}}, "there is no table 'balance'"),
        ({"balances": {"outstandin": "元"}}, "there is no column 'outstandin'"),
        ({"balances": {"outstanding": "元"}}, "it is in 万元 by its heading, and in 元 by its declared unit"),
    ],
)
def test_what_is_said_of_units_must_fit_the_table(units: Any, said: str) -> None:
    """A slip in a name would leave its column without what was said of it."""
    table = balances(FRAMES["arrays"], "outstanding(万元)", [3])

    with pytest.raises(lp.errors.DataError, match=said):
        lp.Facts.read({"balances": table}, currency="CNY", units=units)


def test_a_problem_of_a_book_says_row_column_loan_and_payee() -> None:
    """Whoever sorts or folds problems reads no text for it."""
    loans = {
        "loan": np.array(["L1", "L2"]),
        "customer": np.array(["C1", "C1"]),
        "officer": np.array(["lin", "wu"]),
        "opened_on": np.array(["2026-03-01"] * 2, dtype="datetime64[D]"),
        "amount(元)": np.array([5, -5]),
    }
    (problem,) = lp.Facts.read({"loans": loans}, currency="CNY").problems

    assert (1, "amount", "L2", "wu") == (problem.row, problem.column, problem.loan, problem.payee)


# ── shares, points and rates in columns ─────────────────────────────────────────────────────────────────────


def credits_(heading: str, share: Any) -> dict[str, Any]:
    """A table of one part of a loan's credit."""
    on = np.array(["2026-03-01"], dtype="datetime64[D]")
    return {"loan": np.array(["L1"]), "payee": np.array(["lin"]), "on": on, heading: share}


@pytest.mark.parametrize(
    ("number", "unit"), [(60, "%"), (600, "‰"), (6000, "bp"), (6000, "‱"), (60, "百分点"), (60, "1/100"), (1, "ratio")]
)
def test_a_share_in_columns_is_what_its_unit_says(number: int, unit: str) -> None:
    """60 under % is 60%; only whole ratios are 0 and 1."""
    (part,) = lp.Facts.read({"credits": credits_(f"share({unit})", np.array([number]))}, currency="CNY")

    assert isinstance(part, lp.Credit)
    assert part.share == (1 if unit == "ratio" else lp.quantity("60%").value)


@pytest.mark.parametrize(
    "share",
    [np.array([6000]), np.array([1.0]), pa.array([Decimal("0.60")], type=pa.decimal128(10, 2))],
    ids=["whole", "float", "decimal"],
)
def test_bare_ratios_need_their_unit(share: Any) -> None:
    """0.8 may be 0.8% or 80%."""
    with pytest.raises(
        lp.errors.DataError, match=r"its numbers have no unit: 0.8 may be 0.8% or 80%; say it in the heading"
    ):
        lp.Facts.read({"credits": credits_("share", share)}, currency="CNY")


def test_one_bare_ratio_above_1_refuses_its_column() -> None:
    """Where one number of a column is 60, 0.8 beside it is a percentage too."""
    shares = pa.array([Decimal("0.80"), Decimal("60.00")], type=pa.decimal128(10, 2))
    table = {name: np.repeat(np.asarray(values), 2) for name, values in credits_("share", np.array([1])).items()}
    table["share"] = shares

    with pytest.raises(
        lp.errors.DataError, match="row 1 holds 60, and as a ratio 60 is 6000%; if 60% is meant, say so"
    ):
        lp.Facts.read({"credits": table}, currency="CNY", units={"credits": {"share": "ratio"}})


@pytest.mark.parametrize(
    ("name", "column", "number", "unit", "expected"),
    [
        ("ratings", "score", 85, "point", 85),
        ("ratings", "score", 85, "分", 85),
        ("ratings", "score", 8500, "1/100 point", 85),
        ("violations", "points", 3, "points", 3),
        ("exchange_rates", "rate", 7, "", 7),
        ("exchange_rates", "rate", 7_000_000, "1/1000000", 7),
    ],
)
def test_points_and_rates_need_their_unit_too(name: str, column: str, number: int, unit: str, expected: int) -> None:
    """85 points taken for hundredths are 0.85 points, as 300000 yuan taken for fen are 3,000."""
    on = np.array(["2026-03-01"], dtype="datetime64[D]")
    rest: dict[str, dict[str, Any]] = {
        "ratings": {"number": np.array(["1"]), "payee": np.array(["lin"]), "topic": np.array(["teamwork"])},
        "violations": {"number": np.array(["1"]), "payee": np.array(["lin"])},
        "exchange_rates": {"currency": np.array(["USD"]), "into": np.array(["CNY"])},
    }
    table = rest[name] | {"on": on, column: np.array([number])}
    (fact,) = lp.Facts.read({name: table}, currency="CNY", units={name: {column: unit}})

    assert expected == getattr(fact, column)
    with pytest.raises(lp.errors.DataError, match="its whole numbers have no unit"):
        lp.Facts.read({name: table}, currency="CNY")


# ── scores in columns ───────────────────────────────────────────────────────────────────────────────────────

EXAMPLE = {"loan_amount": [1_200_000], "npl_ratio": [2], "retention_rate": [85]}
CLEAR = {"loan_amount": "元", "npl_ratio": "%", "retention_rate": "%"}


def card() -> lp.schemes.Card:
    """The card of the published example."""
    return lp.template("worked-example").resolve(period=MARCH)


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("left_out", ["", *EXAMPLE])
def test_a_table_is_scored_by_its_units_or_refused(frame: str, left_out: str) -> None:
    """Case seed-score-121_2, as a host writes it: 60.6 points came out where nobody said that 2 is a percentage."""
    units = {code: unit for code, unit in CLEAR.items() if code != left_out}
    table = FRAMES[frame](EXAMPLE)
    if left_out:
        with pytest.raises(lp.errors.DataError, match=rf"column rows.{left_out}: its numbers have no unit"):
            lp.appraise_all(card(), table, units=units)
        return
    headed = FRAMES[frame]({f"{code}({unit})": EXAMPLE[code] for code, unit in CLEAR.items()})

    assert [1212] == lp.appraise_all(card(), table, units=units).score.tolist()
    assert [1212] == lp.appraise_all(card(), headed).score.tolist()


@pytest.mark.parametrize("frame", FRAMES)
def test_scores_of_one_row_do_not_depend_on_the_unit(frame: str) -> None:
    """Fen, yuan or 万元, percent or basis points: the same score."""
    made = FRAMES[frame]
    for amount, money in ((120_000_000, "fen"), (1_200_000, "CNY"), (120, "万元"), (1_200, "thousand")):
        for times, ratio in ((1, "%"), (10, "‰"), (100, "bp")):
            rows = made({"loan_amount": [amount], "npl_ratio": [2 * times], "retention_rate": [85 * times]})
            units = {"loan_amount": money, "npl_ratio": ratio, "retention_rate": ratio}

            assert [1212] == lp.appraise_all(card(), rows, units=units).score.tolist()


def test_decimals_are_scored_by_their_unit_too() -> None:
    """Money as it stands is whole currency; a ratio must say whether 0.8 is 80%."""
    ratio = [Decimal("0.8500")]
    rows = pa.table({"loan_amount": [Decimal("1200000.00")], "npl_ratio": [Decimal("0.0200")], "retention_rate": ratio})
    bare = {"npl_ratio": "ratio", "retention_rate": "ratio"}

    assert [1212] == lp.appraise_all(card(), rows, units=bare).score.tolist()
    with pytest.raises(lp.errors.DataError, match=r"0.8 may be 0.8% or 80%"):
        lp.appraise_all(card(), rows)
    with pytest.raises(lp.errors.DataError, match="row 0 holds 2, and as a ratio 2 is 200%"):
        lp.appraise_all(card(), EXAMPLE, units=CLEAR | {"npl_ratio": "ratio"})
    with pytest.raises(lp.errors.DataError, match="row 0 holds 2, and as a ratio 2 is 200%"):
        lp.appraise_all(card(), EXAMPLE, units={"loan_amount": "元"}, scales={"npl_ratio": 1, "retention_rate": 1})


def test_a_target_in_columns_needs_a_unit_as_its_reading_does() -> None:
    """What is said of a reading holds for its target; a quotient says nothing of one."""
    rows = EXAMPLE | {"npl_ratio.target": [3]}
    parts = {"loan_amount": [1_200_000], "retention_rate": [85], "npl_ratio.numerator": [2]}
    parts |= {"npl_ratio.denominator": [100], "npl_ratio.target": [3]}
    told = CLEAR | {"npl_ratio.target": "%"}
    del told["npl_ratio"]

    assert [1212] == lp.appraise_all(card(), rows, units=CLEAR).score.tolist()
    assert [1212] == lp.appraise_all(card(), parts, units=told).score.tolist()
    with pytest.raises(lp.errors.DataError, match=r"column rows.npl_ratio.target: its numbers have no unit"):
        lp.appraise_all(card(), parts, units=CLEAR)


def test_the_parts_of_a_quotient_are_of_one_unit() -> None:
    """2.00 over 100 as whole numbers is 200 over 100."""
    rows = {"npl_ratio.numerator": [Decimal("2.00")], "npl_ratio.denominator": [Decimal("100.00")]}
    clear = {"loan_amount(元)": [1_200_000], "retention_rate(%)": [85]}

    assert [1212] == lp.appraise_all(card(), pa.table(clear | rows)).score.tolist()
    with pytest.raises(lp.errors.DataError, match="its numerator and denominator are not of the same places"):
        lp.appraise_all(card(), pa.table(clear | rows | {"npl_ratio.numerator": [2]}))


@pytest.mark.parametrize(
    ("month", "unit"),
    [
        ([800_000], "fen"),
        ([8_000], "元"),
        ([8], "thousand"),
        (Column("whole", np.array([80_000_000]), None, (), 10_000), None),
    ],
)
def test_a_salary_in_columns_is_what_its_unit_says(month: Any, unit: str | None) -> None:
    """Decimals of four places are worked as what they are, not as fen."""
    scored = lp.appraise_all(card(), EXAMPLE, units=CLEAR)
    units = {"month": unit} if unit else {}

    assert [816960] == lp.award_all(scored, month=month, units=units).amount.tolist()


@pytest.mark.parametrize(
    ("month", "units", "said"),
    [
        ([8_000], {}, r"column rows.month: its numbers have no unit: they may count yuan, fen"),
        ([8_000.0], {"month": "元"}, "it holds floats"),
        ([8_000], {"month": "USD"}, "no unit of CNY money"),
    ],
)
def test_a_salary_without_its_unit_is_refused(month: Any, units: dict[str, str], said: str) -> None:
    """A salary of 8000 yuan taken for fen is 80."""
    scored = lp.appraise_all(card(), EXAMPLE, units=CLEAR)

    with pytest.raises(lp.errors.DataError, match=said):
        lp.award_all(scored, month=month, units=units)


def test_a_salary_with_part_of_a_fen_is_a_problem_of_its_row() -> None:
    """It is never rounded, and the others are paid."""
    two = {code: values * 2 for code, values in EXAMPLE.items()}
    scored = lp.appraise_all(card(), two | {"payee": ["lin", "wu"]}, units=CLEAR)
    month = Column("whole", np.array([80_000_005, 80_000_000]), None, (), 10_000)
    paid = lp.award_all(scored, month=month)

    assert [MISSING, 816960] == paid.amount.tolist()
    (problem,) = paid.problems
    assert (0, "lin") == (problem.row, problem.payee)


# ── tables of any kind ──────────────────────────────────────────────────────────────────────────────────────


def _csv(path: Path, table: str, columns: dict[str, Any]) -> Any:
    rows = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]
    path.joinpath(f"{table}.csv").write_text("\n".join(rows), encoding="utf-8")
    return path / f"{table}.csv"


def _parquet(path: Path, table: str, columns: dict[str, Any]) -> Any:
    pq.write_table(pa.table(columns), path / f"{table}.parquet")
    return path / f"{table}.parquet"


def _workbook(path: Path, table: str, columns: dict[str, Any]) -> Any:
    with xlsxwriter.Workbook(path / f"{table}.xlsx") as book:
        sheet = book.add_worksheet(table)
        for place, (name, values) in enumerate(columns.items()):
            sheet.write_column(
                0, place, [name, *(str(value) if isinstance(value, date) else value for value in values)]
            )
    return path / f"{table}.xlsx"


def _framed(made: Any) -> Any:
    return lambda _, __, columns: made(columns)


READERS: dict[str, Any] = {"csv": _csv, "parquet": _parquet, "excel": _workbook, "lists": _framed(dict)}
READERS |= {kind: _framed(made) for kind, made in FRAMES.items() if kind != "arrays"}
"""What makes a source of a table, by the kind of source."""
ON = date(2026, 3, 31)


def read(path: Path, reader: str, table: str, columns: dict[str, Any], **said: Any) -> lp.Facts:
    """The facts of a table of one kind of source."""
    source = READERS[reader](path, table, columns)
    declared: dict[str, Any] = {what: {table: of} for what, of in said.items()}
    return Tables({table: source}, **declared).facts(MARCH)


def amount_of(found: lp.Facts) -> lp.Money:
    """The amount of the only balance."""
    assert () == found.problems
    (fact,) = found
    assert isinstance(fact, lp.Balance)
    return fact.outstanding


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("number", "unit", "currency"), MONEY)
def test_every_reader_reads_every_unit_of_a_column(
    tmp_path: Path, reader: str, number: int, unit: str, currency: str
) -> None:
    """300,000 of a currency, by the heading or declared, whatever the file or frame; as in columns above."""
    expected = lp.Money.of(300_000, currency)
    columns = {"loan": ["L1"], "on": [ON], "currency": [currency]}

    headed = columns | {f"outstanding（{unit}）": [number]}
    assert expected == amount_of(read(tmp_path, reader, "balances", headed))
    told = columns | {"outstanding": [number]}
    assert expected == amount_of(read(tmp_path, reader, "balances", told, units={"outstanding": unit}))


CELLS = [
    ("120万", "1200000 CNY", "CNY"), ("120万", "1200000 CNY", ""), ("120万", "1200000 USD", "USD"),
    ("2亿", "200000000 CNY", ""), ("120万元", "1200000 CNY", ""), ("95分", "0.95 CNY", ""), ("¥5", "5 CNY", ""),
    ("￥5", "5 CNY", ""), ("RMB 5", "5 CNY", ""), ("5 RMB", "5 CNY", ""), ("人民币5万元", "50000 CNY", ""),
    ("3角", "0.30 CNY", ""), ("0.3亿", "30000000 CNY", "CNY"), ("1.5亿元", "150000000 CNY", ""), ("USD 5", "5 USD", ""),
    ("1200.0000", "1200 CNY", "CNY"), ("1234.500", "1234.5 CNY", "CNY"), ("3.000 万元", "30000 CNY", ""),
]  # fmt: skip
"""Cells of money as they come, what each is, and the currency of the row."""


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("text", "expected", "currency"), CELLS)
def test_every_reader_reads_the_units_of_cells(
    tmp_path: Path, reader: str, text: str, expected: str, currency: str
) -> None:
    """`120万`, `95分`, `¥5` and `RMB 5` were refused; exports of numeric(18,4) are no thousands."""
    columns: dict[str, Any] = {"loan": ["L1"], "on": [ON], "outstanding": [text]}
    columns |= {"currency": [currency]} if currency else {}

    assert lp.Money(expected) == amount_of(read(tmp_path, reader, "balances", columns))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("amount", "currency"),
    [("500.000", "IDR"), ("500.000", "VND"), ("3.000", "EUR"), ("12.340", "EUR"), ("1,200", "EUR")],
)
def test_every_reader_asks_which_sign_is_decimal(tmp_path: Path, reader: str, amount: str, currency: str) -> None:
    """500.000 rupiah are five hundred thousand or five hundred: the column declares its sign, or nobody reads it."""
    cell = f'"{amount}"' if reader == "csv" else amount
    columns = {"loan": ["L1"], "on": [ON], "outstanding": [cell], "currency": [currency]}
    (problem,) = read(tmp_path, reader, "balances", columns).problems
    whole, part = amount.replace(",", ".").split(".")

    assert "its sign may part thousands or decimals" == problem.fault
    for sign in (".", ","):
        found = amount_of(read(tmp_path, reader, "balances", columns, decimals={"outstanding": sign}))
        assert lp.Money.of(Decimal(f"{whole}.{part}" if sign in amount else f"{whole}{part}"), currency) == found


def test_a_decimal_of_a_frame_or_workbook_needs_no_sign(tmp_path: Path) -> None:
    """Only text can be read in two ways: Decimal("12.340") is 12.34 in any country."""
    columns = {"loan": ["L1"], "on": [ON], "outstanding": [Decimal("12.340")], "currency": ["EUR"]}
    for reader in ("lists", "pyarrow", "parquet", "duckdb", "polars"):
        assert lp.Money("12.34 EUR") == amount_of(read(tmp_path, reader, "balances", columns))
    figure = columns | {"outstanding": [12.125], "currency": ["KWD"]}
    assert lp.Money("12.125 KWD") == amount_of(read(tmp_path, "excel", "balances", figure))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"outstanding": [300_000]}, "the amount has no currency"),
        ({"outstanding(lakh)": [3]}, "the amount has no currency"),
        ({"outstanding(元)": [30], "currency": ["USD"]}, "its column counts in 元, and the row in USD"),
        ({"outstanding": ["5元"], "currency": ["USD"]}, "the amount is in CNY, and the row in USD"),
        ({"outstanding": ["3%"], "currency": ["CNY"]}, "it is a share, and no amount of money"),
    ],
)
def test_every_reader_refuses_money_without_its_unit(
    tmp_path: Path, reader: str, columns: dict[str, Any], said: str
) -> None:
    """Nobody can tell 30 yuan from 300,000."""
    (problem,) = read(tmp_path, reader, "balances", {"loan": ["L1"], "on": [ON]} | columns).problems

    assert said == problem.fault
    assert "L1" == problem.loan


@pytest.mark.parametrize("reader", [reader for reader in READERS if reader not in ("csv", "excel")])
def test_floats_of_frames_are_refused_for_money_whatever_the_unit(tmp_path: Path, reader: str) -> None:
    """0.1 + 0.2 in a frame is no 0.3; a workbook says what Excel shows, and text says what it says."""
    columns = {"loan": ["L1"], "on": [ON], "outstanding(万元)": [30.5]}
    (problem,) = read(tmp_path, reader, "balances", columns).problems

    assert "is a float" in problem.fault
    assert lp.Money("305000 CNY") == amount_of(read(tmp_path, "excel", "balances", columns))
    assert lp.Money("305000 CNY") == amount_of(read(tmp_path, "csv", "balances", columns))


# ── ratios in tables ────────────────────────────────────────────────────────────────────────────────────────


def parts(heading: str, *shares: Any) -> dict[str, Any]:
    """A table of parts of loans."""
    many = range(len(shares))
    return {
        "loan": [f"L{one}" for one in many],
        "payee": ["lin" for _ in many],
        "on": [ON for _ in many],
        heading: shares,
    }


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("number", "unit"), [(60, "%"), (600, "‰"), (6000, "bp"), (6000, "‱"), (60, "百分点")])
def test_every_reader_reads_every_unit_of_ratios(tmp_path: Path, reader: str, number: int, unit: str) -> None:
    """60 under % is 60%."""
    found = read(tmp_path, reader, "credits", parts(f"分成比例({unit})", number))

    assert () == found.problems
    assert [lp.quantity("60%").value] == [getattr(fact, "share", None) for fact in found]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("share", "said"), [("0.8", "0.8 may be 0.8% or 80%"), ("2", "2 is 200%"), ("1", "1 may be 1% or 100%")]
)
def test_every_reader_refuses_bare_ratios(tmp_path: Path, reader: str, share: str, said: str) -> None:
    """What is not said is not guessed; 0 is 0 in any unit, and 1/3 says itself what it is."""
    (problem,) = read(tmp_path, reader, "credits", parts("share", share)).problems
    fine = read(tmp_path, reader, "credits", parts("share", "1/3", "60%"))

    assert (said, "share") == (problem.fault, problem.column)
    assert ((), 2) == (fine.problems, len(fine))


@pytest.mark.parametrize("reader", READERS)
def test_one_bare_ratio_above_1_refuses_its_column_in_every_reader(tmp_path: Path, reader: str) -> None:
    """Where 60 stands under a ratio, the 0.8 above it is a percentage as well; what has its sign stands."""
    told = {"share": "ratio"}
    good = read(tmp_path, reader, "credits", parts("share", "0.8", "1", "60%"), units=told)
    bad = read(tmp_path, reader, "credits", parts("share", "0.8", "60", "60%"), units=told)

    assert ((), 3) == (good.problems, len(good))
    assert [0, 1] == [int(problem.loan.removeprefix("L")) for problem in bad.problems]
    assert "its column holds bare ratios above 1" in bad.problems[0].fault
    assert "60 is 6000%" == bad.problems[1].fault


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("table", ["readings", "targets"])
def test_readings_and_targets_of_ratios_say_their_unit(tmp_path: Path, reader: str, table: str) -> None:
    """不良率 `2` and an overdue ratio of `3` were 200% and 300%, and gave full marks."""

    def found(heading: str, *cells: Any, **said: Any) -> Any:
        codes = ["不良率", "overdue_ratio", "贷款额", "customer_count"][: len(cells)]
        columns = {"payee": ["lin" for _ in cells], "indicator": codes, heading: cells}
        tables = Tables({table: READERS[reader](tmp_path, table, columns)}, **said)
        return tables.readings(MARCH) if table == "readings" else tables.targets(MARCH)

    bare, fine = found("value", "2", "3"), found("value", "2%", "3%", "30万元", "12")
    headed = found("value(%)", "2", "3")
    mixed = found("value", "0.8", "0.5", units={table: {"value": "ratio"}})

    assert ["2 is 200%", "3 is 300%"] == [problem.fault for problem in bare.problems]
    assert ["lin", "lin"] == [problem.payee for problem in bare.problems]
    assert ((), 4) == (fine.problems, len(fine))
    worth = [one.numerator if table == "readings" else one.value.value for one in headed]
    assert [lp.quantity("2%").value, lp.quantity("3%").value] == worth
    assert ((), 2) == (mixed.problems, len(mixed))


# ── days in tables ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "text",
    ["20220105", "2022-1-5", "2022/01/05", "2022/1/5", "2022年1月5日", "2022-01-05 00:00:00", "２０２２-０１-０５"],
)
def test_every_reader_reads_days_that_begin_with_the_year(tmp_path: Path, reader: str, text: str) -> None:
    """As core systems, Oracle exports and people write them."""
    columns = {"loan": ["L1"], "on": [text], "outstanding": ["5元"]}
    (fact,) = read(tmp_path, reader, "balances", columns)

    assert date(2022, 1, 5) == getattr(fact, "on", None)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("form", "day"), [("dd/mm/yyyy", date(2022, 6, 5)), ("mm/dd/yyyy", date(2022, 5, 6))])
def test_no_reader_guesses_between_day_and_month(tmp_path: Path, reader: str, form: str, day: date) -> None:
    """05/06/2022 is a day of May or of June, as its column declares; a day that is no text needs no form."""
    columns = {"loan": ["L1"], "on": ["05/06/2022"], "outstanding": ["5元"]}
    (problem,) = read(tmp_path, reader, "balances", columns).problems
    (fact,) = read(tmp_path, reader, "balances", columns, days={"on": form})

    assert "it does not say which number is the day and which the month" == problem.fault
    assert day == getattr(fact, "on", None)
    assert 1 == len(read(tmp_path, "pyarrow", "balances", columns | {"on": [ON]}, days={"on": form}))


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"decimals": {"balances": {"outstanding": ";"}}}, "';' is no decimal sign"),
        ({"decimals": {"balances": {"on": "."}}}, "its cells are of kind 'day'"),
        ({"days": {"balances": {"outstanding": "dd/mm/yyyy"}}}, "its cells are of kind 'money'"),
        ({"days": {"balances": {"on": "dd/mm"}}}, "it is no form of days"),
        ({"days": {"balances": {"onn": "dd/mm/yyyy"}}}, "there is no column 'onn'"),
    ],
)
def test_a_slip_in_what_is_declared_is_told(tmp_path: Path, said: Any, error: str) -> None:
    """What would be passed over would leave its column as if nothing had been said; a folder asks the same."""
    columns = {"loan": ["L1"], "on": ["2022-01-05"], "outstanding": ["5元"]}
    _csv(tmp_path, "balances", columns)

    with pytest.raises(lp.errors.LoanPerfError, match=error):
        Tables({"balances": columns}, **said)
    with pytest.raises(lp.errors.LoanPerfError, match=error):
        Folder(tmp_path, **said).facts(MARCH)


def test_a_folder_declares_signs_and_forms_too(tmp_path: Path) -> None:
    """As its tables do."""
    _csv(tmp_path, "balances", {"loan": ["L1"], "on": ["05.06.2022"], "outstanding": ["3.000 EUR"]})
    said: dict[str, Any] = {"decimals": {"balances": {"outstanding": ","}}, "days": {"balances": {"on": "dd.mm.yyyy"}}}
    (fact,) = Folder(tmp_path, **said).facts(MARCH)

    assert lp.Balance(loan="L1", on="2022-06-05", outstanding="3000.00 EUR") == fact


def test_a_bare_number_of_a_ratio_of_the_hosts_own_is_refused_by_its_card() -> None:
    """A table does not know what an indicator of a scheme counts; its card does."""
    scheme = lp.parse_scheme("""
name = "own"
currency = "CNY"
effective = 2026-01-01

[indicators.churn]
dimension = "risk"
direction = "lower is better"
kind = "ratio"

[profiles.all.weights]
churn = "100%"

[targets]
churn = "3%"

[scoring.default]
places = 1
rounding = "half even"
""")
    card, columns = scheme.resolve(period=MARCH), {"payee": ["lin"], "indicator": ["churn"]}
    fine = Tables({"readings": columns | {"value": ["2%"]}}).readings(MARCH)
    bare = Tables({"readings": columns | {"value": ["2"]}}).readings(MARCH)

    assert Decimal("133.3") == lp.appraise(card, readings=fine).score
    with pytest.raises(lp.errors.LoanPerfError, match="2 is 200%"):
        lp.appraise(card, readings=bare)


@pytest.mark.parametrize("reader", READERS)
def test_a_chinese_scale_alone_is_of_yuan(tmp_path: Path, reader: str) -> None:
    """金额（万） is 万元 where neither row nor column names another currency; of lakhs nobody knows the currency."""
    columns = {"loan": ["L1"], "on": [ON], "贷款余额（万）": [30]}

    assert lp.Money("300000 CNY") == amount_of(read(tmp_path, reader, "balances", columns))
    assert lp.Money("300000 USD") == amount_of(read(tmp_path, reader, "balances", columns | {"currency": ["USD"]}))
