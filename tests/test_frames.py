"""Scores of a host's own tables: any data frame goes in and the same kind comes out; nothing is cast without a word."""

from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import loanperf as lp
from loanperf.tables import MISSING

MARCH = lp.Period.month(2026, 3)
EXAMPLE = {"payee": ["lin", "wu"], "loan_amount": [120_000_000, 80_000_000], "npl_ratio": [200, 300]}
EXAMPLE |= {"retention_rate": [8500, 8000]}
UNITS = {"loan_amount": "fen", "npl_ratio": "bp", "retention_rate": "bp"}
MONTH = {"month": "fen"}


def relation(columns: dict[str, Any]) -> duckdb.DuckDBPyRelation:
    """A relation of DuckDB."""
    return duckdb.from_arrow(pa.table(columns))


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (pd.DataFrame, pd.DataFrame),
        (lambda columns: pd.DataFrame(columns).convert_dtypes(), pd.DataFrame),
        (pl.DataFrame, pl.DataFrame),
        (pa.table, pa.Table),
        (pa.RecordBatch.from_pydict, pa.Table),
        (relation, duckdb.DuckDBPyRelation),
    ],
    ids=["pandas", "pandas nullable", "polars", "pyarrow", "record batch", "duckdb"],
)
def test_a_frame_comes_back_as_the_kind_that_came(made: Any, kind: Any) -> None:
    """Who works in one library stays in it."""
    card = lp.template("worked-example").resolve(period=MARCH)
    book = lp.appraise_all(card, made(EXAMPLE), units=UNITS)
    found: Any = lp.award_all(book, month=np.array([800_000, 800_000]), units=MONTH).frame()

    assert isinstance(found, kind)
    table = (
        found
        if isinstance(found, pa.Table)
        else pa.table(found.to_arrow_table() if kind is duckdb.DuckDBPyRelation else found)
    )
    assert ["lin", "wu"] == table["payee"].to_pylist()
    assert [121.2, 90.0] == table["score"].to_pylist()
    assert (8169.6, "CNY") == (table["amount"].to_pylist()[0], table["currency"].to_pylist()[0])


def test_a_row_that_could_not_be_scored_is_missing_in_the_frame() -> None:
    """A number would be taken for a score."""
    card = lp.template("worked-example").resolve(period=MARCH)
    rows = pl.DataFrame(EXAMPLE | {"npl_ratio": [None, 300]})
    book = lp.appraise_all(card, rows, units=UNITS)

    assert [None, 90.0] == book.frame()["score"].to_list()
    assert ["rows row 0, payee lin"] == [problem.where for problem in book.problems]


@pytest.mark.parametrize(
    "values",
    [
        np.array([120_000_000, 80_000_000], dtype=">i8"),
        np.array([120_000_000, 80_000_000], dtype=np.int32),
        np.array([120_000_000, 80_000_000], dtype=np.uint64),
        np.array([120_000_000, 0, 80_000_000, 0])[::2],
        np.ma.masked_array([120_000_000, 80_000_000]),
    ],
    ids=["big-endian", "int32", "uint64", "strided", "masked"],
)
def test_whole_numbers_of_every_form_are_read_alike(values: Any) -> None:
    """Big-endian, narrow, unsigned, strided and read-only arrays say the same."""
    values.flags.writeable = False
    card = lp.template("worked-example").resolve(period=MARCH)
    rows = {code: np.array(numbers) for code, numbers in EXAMPLE.items()} | {"loan_amount": values}

    assert [1212, 900] == lp.appraise_all(card, rows, units=UNITS).score.tolist()


@pytest.mark.parametrize("cell", [1.5, float("nan"), float("inf"), 2.0**54])
def test_a_float_that_is_no_whole_number_is_a_problem_of_its_row(cell: float) -> None:
    """Half a unit is a slip; NaN is no way to say that something is missing."""
    card = lp.template("worked-example").resolve(period=MARCH)
    rows = {code: np.array(numbers) for code, numbers in EXAMPLE.items()} | {"npl_ratio": np.array([cell, 300])}
    book = lp.appraise_all(card, rows, units=UNITS)

    assert [MISSING, 900] == book.score.tolist()
    (problem,) = book.problems
    assert "column npl_ratio: it is no whole number" in str(problem)


def test_a_float_column_of_pandas_does_not_hide_what_is_missing() -> None:
    """Pandas turns a column with a gap into floats with NaN; the host is told to say what it means."""
    card = lp.template("worked-example").resolve(period=MARCH)
    frame = pd.DataFrame(EXAMPLE | {"npl_ratio": [None, 300]})
    book = lp.appraise_all(card, frame, units=UNITS)

    assert ["it is no whole number"] == [problem.fault.split(": ")[-1].split(" (")[0] for problem in book.problems]
    assert "no reading" in str(lp.appraise_all(card, frame.convert_dtypes(), units=UNITS).problems[0])


def test_no_rows_are_no_trouble() -> None:
    """A branch without anybody has nobody's score."""
    card = lp.template("worked-example").resolve(period=MARCH)
    rows = {code: np.zeros(0, dtype=np.int64) for code in ("loan_amount", "npl_ratio", "retention_rate")}
    book = lp.appraise_all(card, rows, units=UNITS)

    assert [] == lp.award_all(book, month=np.zeros(0, dtype=np.int64), units=MONTH).amount.tolist()
    assert 0 == lp.Facts.read({"loans": _no_loans()}, currency="CNY", money="fen").rows


def _no_loans() -> dict[str, Any]:
    none = np.zeros(0, dtype=np.str_)
    return {"loan": none, "customer": none, "officer": none, "opened_on": np.zeros(0, dtype="datetime64[D]")}


def test_a_row_without_a_card_is_a_problem() -> None:
    """A payee without a scheme is named, and the others are scored."""
    card = lp.template("worked-example").resolve(period=MARCH)
    rows = {code: np.array(numbers) for code, numbers in EXAMPLE.items()} | {"card": np.array(["a", "b"])}
    book = lp.appraise_all({"a": card}, rows, units=UNITS)

    assert [1212, MISSING] == book.score.tolist()
    assert "there is no card 'b'" in str(book.problems[0])


GRADED = """
name = "graded"
currency = "CNY"
effective = 2026-01-01

[profiles.all.weights]
loan_amount = "100%"

[targets]
loan_amount = "100万元"

[scoring.default]
places = 1
rounding = "half even"
missing = "refuse"

[grades]
pass = { at_least = "60 point" }
good = { at_least = "90 point" }
"""


def graded(**others: str) -> lp.schemes.Card:
    """A card with grades from 60 and 90 points on, or others."""
    text = GRADED
    for old, new in others.items():
        text = text.replace(f"{old} =", f"{new} =")
    return lp.parse_scheme(text).resolve(period=MARCH)


def test_each_row_has_the_word_of_its_own_cards_grade() -> None:
    """The same place among grades is called otherwise on another card; without a score there is no grade."""
    cards = {"a": graded(), "b": graded(good="excellent")}
    rows = pl.DataFrame(
        {
            "payee": ["lin", "wu", "he", "an"],
            "card": ["a", "b", "a", "b"],
            "loan_amount": [95_000_000, 95_000_000, 65_000_000, None],
        }
    )
    frame = lp.appraise_all(cards, rows, units={"loan_amount": "fen"}).frame()

    assert ["payee", "card", "score", "grade"] == frame.columns
    assert ["good", "excellent", "pass", None] == frame["grade"].to_list()


@pytest.mark.parametrize(
    ("payee", "said"),
    [
        ("wei", "a payee 'wei'; known: lin, wu"),
        ("lin", "'lin' has 2 rows"),
        ("wu", "there is no card 'c'; use one of a, b"),
    ],
)
def test_an_explanation_is_of_one_row_with_a_card(payee: str, said: str) -> None:
    """Of two rows of one payee nobody knows which is meant."""
    rows = {
        "payee": np.array(["lin", "lin", "wu"]),
        "card": np.array(["a", "b", "c"]),
        "loan_amount": np.array([1, 2, 3]),
    }
    book = lp.appraise_all({"a": graded(), "b": graded()}, rows, units={"loan_amount": "fen"})

    assert "Appraisals(2)" == repr(book)
    with pytest.raises(lp.errors.LoanPerfError, match=said):
        book.explain(payee)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({}, "it has no column 'card', and there are several cards"),
        ({"card": np.array([0])}, "column card: it holds whole; pass text: a, b"),
        ({"card": np.array(["a"]), "loan_amount.numerator": np.array([1])}, "it has 'loan_amount' and its numerator"),
        ({"card": np.array(["a"]), "loan_amount.denominator": np.array([1])}, "'loan_amount' is half a quotient"),
    ],
)
def test_columns_that_do_not_fit_together_are_refused(columns: dict[str, Any], said: str) -> None:
    """Whose card is whose is not guessed."""
    with pytest.raises(lp.errors.DataError, match=said):
        lp.appraise_all(
            {"a": graded(), "b": graded()}, {"loan_amount": np.array([1])} | columns, units={"loan_amount": "fen"}
        )


def test_a_bonus_needs_a_plan_and_both_of_its_days() -> None:
    """What is left out is not taken for a whole period."""
    rows = {"loan_amount": np.array([1]), "days": np.array([10])}
    with pytest.raises(lp.errors.AwardError, match="the scheme has no bonus plan"):
        lp.award_all(lp.appraise_all(graded(), rows, units={"loan_amount": "fen"}))

    example = {code: np.array(numbers) for code, numbers in EXAMPLE.items()}
    card = lp.template("worked-example").resolve(period=MARCH)
    scored, month = lp.appraise_all(card, example, units=UNITS), np.array([1, 1])
    one_column: Any = month
    with pytest.raises(lp.errors.DataError, match="pass a pair: days in role, and days of the period"):
        lp.award_all(scored, month=month, days=one_column, units=MONTH)
    in_rows = lp.appraise_all(card, example | {"days": np.array([1, 1])}, units=UNITS)
    with pytest.raises(lp.errors.DataError, match="belong together"):
        lp.award_all(in_rows, month=month, units=MONTH)
    with pytest.raises(lp.errors.DataError, match="column month: it holds text"):
        lp.award_all(lp.appraise_all(card, example, units=UNITS), month=np.array(["1", "1"]))
