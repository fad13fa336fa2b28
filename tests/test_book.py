"""A book takes each row once, refuses what cannot be and says why, and gives its facts back as rows."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.books import CODES, DAYS, FACTS, arrow_of, book_of, tables_of

import loanperf as lp
from loanperf.tables import Coded, batches_of, parts_of

MARCH = lp.Period.month(2026, 3)
ON = np.array(["2026-03-01", "2026-03-02"], dtype="datetime64[D]")
LOANS: dict[str, Any] = {
    "loan": np.array([11, 12]),
    "customer": np.array(["C1", "C2"]),
    "officer": np.array(["lin", "wu"]),
    "opened_on": ON,
}
TABLES: dict[str, dict[str, Any]] = {
    "loans": LOANS,
    "events": {
        "loan": np.array([11, 12]),
        "kind": np.array(["disbursed", "disbursed"]),
        "on": ON,
        "amount": np.array([100, 200]),
    },
    "balances": {"loan": np.array([11, 12]), "on": ON, "outstanding": np.array([100, 200])},
    "customers": {"customer": np.array(["C1", "C2"]), "officer": np.array(["lin", "wu"]), "since": ON},
    "holdings": {"customer": np.array(["C1", "C2"]), "product": np.array(["card", "card"]), "since": ON},
    "profits": {"customer": np.array(["C1", "C2"]), "on": ON, "amount": np.array([-5, 5])},
    "violations": {
        "number": np.array(["V1", "V2"]),
        "payee": np.array(["lin", "wu"]),
        "on": ON,
        "points": np.array([500, 250]),
    },
    "inquiries": {
        "number": np.array(["Q1", "Q2"]),
        "payee": np.array(["lin", "wu"]),
        "on": ON,
        "authorised": np.array([True, False]),
        "permitted": np.array([True, True]),
    },
    "valuations": {
        "number": np.array(["W1", "W2"]),
        "payee": np.array(["lin", "wu"]),
        "on": ON,
        "appraised": np.array([100, 90]),
        "benchmark": np.array([100, 100]),
    },
    "trainings": {"payee": np.array(["lin", "wu"]), "course": np.array(["AML", "AML"]), "on": ON},
    "ratings": {
        "number": np.array(["R1", "R2"]),
        "payee": np.array(["lin", "wu"]),
        "on": ON,
        "topic": np.array(["teamwork", "teamwork"]),
        "score": np.array([8_950, 10_000]),
    },
    "credits": {
        "loan": np.array([11, 11]),
        "payee": np.array(["lin", "wu"]),
        "on": ON,
        "role": np.array(["lead", "assistant"]),
        "share": np.array([10_000, 6_000]),
    },
    "exchange_rates": {
        "currency": np.array(["USD", "EUR"]),
        "into": np.array(["CNY", "CNY"]),
        "on": ON,
        "rate": np.array([7_100_000, 7_850_000]),
    },
}
"""Two good rows of every table."""
UNITS: dict[str, dict[str, str]] = {
    "loans": {"interest_rate": "bp"},
    "violations": {"points": "1/100 point"},
    "ratings": {"score": "1/100 point"},
    "credits": {"share": "bp"},
    "exchange_rates": {"rate": "1/1000000"},
}
"""What their numbers count, beside fen."""


def made(tables: Any, **more: Any) -> lp.Facts:
    """A book of some tables, whose numbers count as above."""
    there = {name: set(table) if isinstance(table, dict) else set(TABLES[name]) for name, table in tables.items()}
    units = {
        name: {column: unit for column, unit in UNITS.get(name, {}).items() if column in there[name]} for name in tables
    }
    return lp.Facts.read(tables, currency="CNY", money="fen", units=units, **more)


def checked(name: str, **columns: Any) -> lp.Facts:
    """A book of one table of two rows, with other columns than usual."""
    return made({name: TABLES[name] | columns}, as_of="2026-03-31")


def tape(**columns: Any) -> lp.Facts:
    """A book of a tape of two loans, as of the end of March."""
    return checked("loans", **columns)


def masked(values: list[Any], kind: Any = np.int64) -> Any:
    """A column in which None is missing; days are text."""
    there = [("2026-01-01" if kind == "datetime64[D]" else 0) if value is None else value for value in values]
    return np.ma.masked_array(np.array(there, dtype=kind), mask=[value is None for value in values])


def days(*values: str | None) -> Any:
    """A column of days."""
    return masked([*values], "datetime64[D]")


# ── facts ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", TABLES)
def test_each_table_stands_for_its_facts(name: str) -> None:
    """Every table of the CSV folder can come as columns; both rows are used."""
    book = made({name: TABLES[name]})

    assert ((), 2, 2, 0) == (book.problems, book.rows, book.used, book.repeats)
    assert 2 == len(book)


def test_units_of_columns_are_said_once() -> None:
    """Money in fen, shares in hundredths of a percent, points in hundredths, rates of exchange in millionths."""
    book = made(TABLES)
    facts = {" ".join(fact.key): fact for fact in book}

    assert lp.Credit(loan="11", payee="wu", on="2026-03-02", role="assistant", share="60%") in facts.values()
    assert lp.Rating(number="R1", payee="lin", on="2026-03-01", topic="teamwork", score="89.5") in facts.values()
    assert lp.Violation(number="V2", payee="wu", on="2026-03-02", points="2.5") in facts.values()
    assert lp.ExchangeRate(currency="USD", into="CNY", on="2026-03-01", rate="7.1") in facts.values()
    assert lp.Profit(customer="C1", on="2026-03-01", amount="-0.05 CNY") in facts.values()
    assert lp.Loan(loan="11", customer="C1", officer="lin", opened_on="2026-03-01") in facts.values()


@given(st.lists(FACTS, max_size=14))
def test_columns_give_back_the_facts_that_they_were_made_of(facts: list[lp.Fact]) -> None:
    """Numpy or Arrow, shuffled or not: the same facts, the same repeats, the same contradictions."""
    expected = lp.Facts.of(facts)
    for tables in (tables_of(facts), arrow_of(facts), tables_of(reversed(facts))):
        book = lp.Facts.read(tables, currency="CNY", money="fen")

        assert expected.items == book.items
        assert expected.repeats == book.repeats
        assert expected.refused == tuple(sorted(book.refused, key=str))
        assert len(expected.problems) == len(book.problems)
        assert (len(facts), len(expected.items)) == (book.rows, book.used)


@given(st.lists(FACTS, max_size=14), CODES)
def test_the_facts_of_a_payee_are_enough_to_measure_it(facts: list[lp.Fact], payee: str) -> None:
    """An explanation reads a part of the book, and must come to what the whole comes to."""
    book = book_of([*facts, lp.Training(payee=payee, course="AML", on="2026-03-31")])
    indicators = [make() for make in lp.CATALOGUE.values()]

    whole = lp.measure(book.only(), MARCH, indicators, currency="CNY")
    part = lp.measure(book.only(payees=[payee]), MARCH, indicators, currency="CNY")

    assert whole.of(payee) == part.of(payee)


def test_the_facts_of_a_loan_are_its_own() -> None:
    """Whoever asks for one loan of ten million is not sent the others."""
    book = made(TABLES)

    assert {"loan 12", "event 12", "balance 12", "exchange rate"} == {
        " ".join(fact.key[:1] if fact.key[0] == "exchange rate" else fact.key[:2]) for fact in book.only(loans=["12"])
    }
    assert frozenset({"11", "12"}) == book.only(payees=["wu"]).loans
    assert frozenset() == book.only(payees=["nobody", "²", "-"]).loans


def test_whole_numbers_are_codes_by_their_digits() -> None:
    """A core banking system numbers its loans and staff; the same loan may be text in another table."""
    officers = np.array([7, 1_000_000_000_007])
    book = lp.Facts.read(
        {"loans": LOANS | {"officer": officers}, "balances": TABLES["balances"] | {"loan": np.array(["11", "12"])}},
        currency="CNY",
        money="fen",
    )

    assert frozenset({"12"}) == book.only(payees=["1000000000007"]).loans
    assert 2 == len(book.only(payees=["7"]))


# ── tapes ───────────────────────────────────────────────────────────────────────────────────────────────────

TAPE: dict[str, Any] = {
    "due_diligence_on": days("2026-03-02", None),
    "signed_on": days("2026-03-03", None),
    "signed": masked([900, None]),
    "disbursed_on": days("2026-03-05", "2026-03-06"),
    "disbursed": np.array([800, 700]),
    "cancelled_on": days(None, "2026-03-20"),
    "balance": np.array([800, 0]),
    "overdue": masked([80, None]),
    "days_past_due": np.array([31, 0], dtype=np.int16),
    "category": np.array(["loss", "normal"]),
    "rescheduled": np.array([True, False]),
}


def test_each_column_of_a_tape_stands_for_a_fact() -> None:
    """A book of ten million loans is one table, and each loan still has its facts."""
    expected: list[lp.Fact] = [
        lp.Loan(loan="11", customer="C1", officer="lin", opened_on="2026-03-01"),
        lp.LoanEvent(loan="11", kind=lp.EventKind.DUE_DILIGENCE, on="2026-03-02"),
        lp.LoanEvent(loan="11", kind=lp.EventKind.SIGNED, on="2026-03-03", amount="9 CNY"),
        lp.LoanEvent(loan="11", kind=lp.EventKind.DISBURSED, on="2026-03-05", amount="8 CNY"),
        lp.Balance(loan="11", on="2026-03-31", outstanding="8 CNY", overdue="0.80 CNY"),
        lp.LoanEvent(loan="11", kind=lp.EventKind.PAST_DUE, on="2026-03-31", days=31),
        lp.LoanEvent(loan="11", kind=lp.EventKind.CLASSIFIED, on="2026-03-31", category=lp.Category.LOSS),
        lp.LoanEvent(loan="11", kind=lp.EventKind.RESCHEDULED, on="2026-03-31"),
        lp.Loan(loan="12", customer="C2", officer="wu", opened_on="2026-03-02"),
        lp.LoanEvent(loan="12", kind=lp.EventKind.DISBURSED, on="2026-03-06", amount="7 CNY"),
        lp.LoanEvent(loan="12", kind=lp.EventKind.CANCELLED, on="2026-03-20"),
        lp.Balance(loan="12", on="2026-03-31", outstanding="0 CNY"),
    ]

    assert lp.Facts.of(expected) == tape(**TAPE).only()


@pytest.mark.parametrize(
    ("columns", "where", "said"),
    [
        ({"signed": masked([None, None])}, "row 0, column signed_on", "an event 'signed' needs amount"),
        ({"signed_on": days(None, None)}, "row 0, column signed", "give 'signed_on' as well"),
        ({"disbursed": np.array([-1, 700])}, "row 0, column disbursed", "give zero or more"),
        ({"balance": masked([None, 0])}, "row 0, column overdue", "give 'balance' as well"),
        ({"balance": np.array([79, 0])}, "row 0, column overdue", "give a part of the 0.79 CNY outstanding"),
        ({"days_past_due": np.array([31, -1])}, "row 1, column days_past_due", "give whole days, zero or more"),
        ({"category": np.array(["loss", "lost"])}, "row 1, column category", "did you mean 'loss'?"),
    ],
)
def test_a_tape_is_checked_as_its_facts_are(columns: dict[str, Any], where: str, said: str) -> None:
    """The column of the tape is named, since it is the tape that must be mended."""
    book = tape(**TAPE | columns)

    (problem,) = book.problems
    assert f"loans {where}" == problem.where
    assert said in problem.remedy
    assert (2, 1) == (book.rows, book.used)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"signed": np.array([1, 2])}, "'signed' and 'signed_on' belong together"),
        ({"disbursed_on": ON}, "'disbursed' and 'disbursed_on' belong together"),
        ({"overdue": np.array([1, 2])}, "'overdue' is a part of 'balance'"),
    ],
)
def test_a_tape_with_half_of_a_pair_is_refused(columns: dict[str, Any], said: str) -> None:
    """A whole column would be passed over."""
    with pytest.raises(lp.errors.DataError, match=said):
        tape(**columns)


def test_a_standing_needs_its_day() -> None:
    """A balance of no day is no fact."""
    with pytest.raises(lp.errors.DataError, match="nothing says on which day 'category' was so; pass as_of="):
        lp.Facts.read({"loans": LOANS | {"category": np.array(["loss", "loss"])}}, currency="CNY", money="fen")


def test_what_the_tape_said_is_not_counted_again() -> None:
    """A host may send events beside the tape: the same drawdown is a repeat, another one of that day contradicts."""
    events = {
        "loan": np.array(["11", "11", "12", "11", "11", "12"]),
        "kind": np.array(["disbursed", "signed", "disbursed", "classified", "disbursed", "rescheduled"]),
        "on": days("2026-03-05", "2026-03-03", "2026-03-06", "2026-03-31", "2026-03-05", "2026-03-31"),
        "amount": masked([800, 900, 701, None, 800, None]),
        "category": np.array(["", "", "", "loss", "", ""], dtype=object),
        "number": np.array(["", "", "", "", "2", ""]),
    }
    events["category"] = np.array([None, None, None, "loss", None, None], dtype=object)
    balances = {"loan": np.array([11, 11]), "on": days("2026-03-31", "2026-03-30"), "outstanding": np.array([800, 5])}
    balances["overdue"] = masked([80, None])
    book = lp.Facts.read(
        {"loans": LOANS | TAPE, "events": events, "balances": balances}, currency="CNY", money="fen", as_of="2026-03-31"
    )

    assert ["loans row 1: event 12 disbursed 2026-03-06", "events row 2: event 12 disbursed 2026-03-06"] == [
        problem.where for problem in book.problems
    ]
    assert (10, 4, 4) == (book.rows, book.used, book.repeats)
    drawn = [fact for fact in book if isinstance(fact, lp.LoanEvent) and fact.kind is lp.EventKind.DISBURSED]
    assert [("11", ""), ("11", "2")] == [(event.loan, event.number) for event in drawn]
    assert lp.Facts.of([*book]).problems == ()


# ── rows that cannot be ─────────────────────────────────────────────────────────────────────────────────────

BAD: list[tuple[str, dict[str, Any], int, str, str]] = [
    ("loans", {"loan": np.array(["", "12"])}, 0, "loan", "give a printable code without blanks around it"),
    (
        "loans",
        {"officer": np.array(["lin", "w\x00u"])},
        1,
        "officer",
        "give a printable code without blanks around it",
    ),
    ("loans", {"loan": np.array(["12", "12 "])}, 1, "loan", "give a printable code without blanks around it"),
    ("loans", {"officer": np.array([" 林", "lin"])}, 0, "officer", "give a printable code without blanks around it"),
    ("loans", {"officer": np.array(["lin", None], dtype=object)}, 1, "officer", "it is missing"),
    ("loans", {"opened_on": days("2026-03-01", None)}, 1, "opened_on", "it is missing"),
    ("loans", {"product": np.array(["x\ny", "z"])}, 0, "product", "give printable text"),
    ("loans", {"term_months": np.array([0, 12])}, 0, "term_months", "one or more"),
    ("loans", {"amount": np.array([5, -5])}, 1, "amount", "give zero or more"),
    ("loans", {"interest_rate": np.array([10_001, 0])}, 0, "interest_rate", "give 0% to 100% a year"),
    ("loans", {"opened_on": np.array([-(10**6), 0]).astype("datetime64[D]")}, 0, "opened_on", "years 1 to 9999"),
    ("events", {"kind": np.array(["disbursed", "disburst"])}, 1, "kind", "did you mean 'disbursed'?"),
    ("events", {"amount": masked([1, None])}, 1, "amount", "an event 'disbursed' needs amount"),
    ("events", {"kind": np.array(["cancelled", "disbursed"])}, 0, "amount", "an event 'cancelled' takes no amount"),
    ("loans", {"term_months": np.array([1.5, 2.0])}, 0, "term_months", "it is no whole number (found 1.5)"),
    ("loans", {"term_months": np.array([float("nan"), 2.0])}, 0, "term_months", "it is NaN (found nan); say what is"),
    ("loans", {"term_months": np.array([1.0, float("inf")])}, 1, "term_months", "it is no whole number (found inf)"),
    ("violations", {"points": np.array([1.0, 2.0**53 + 2])}, 1, "points", "a float beyond 2**53"),
    ("events", {"amount": np.array([1, 2**63], dtype=np.uint64)}, 1, "amount", "it is beyond 64 bits"),
    ("balances", {"outstanding": np.array([-1, 2])}, 0, "outstanding", "give zero or more"),
    ("balances", {"overdue": np.array([100, 201])}, 1, "overdue", "give a part of the 2.00 CNY outstanding"),
    ("balances", {"currency": np.array(["CNY", "USD"])}, 1, "currency", "it is in another currency (found 'USD')"),
    ("balances", {"currency": np.array(["CNY", None], dtype=object)}, 1, "currency", "nothing says in which currency"),
    ("balances", {"loan": np.array([1, 2**64 - 1], dtype=np.uint64)}, 1, "loan", "it is beyond 64 bits"),
    ("customers", {"until": days("2026-03-01", None)}, 0, "until", "give a day after 2026-03-01"),
    ("holdings", {"until": days(None, "2026-03-01")}, 1, "until", "give a day after 2026-03-02"),
    ("profits", {"amount": np.array([-(2**63), 5])}, 0, "amount", "it is beyond 64 bits"),
    ("violations", {"points": np.array([-1, 5])}, 0, "points", "give zero or more"),
    ("inquiries", {"permitted": masked([True, None], np.bool_)}, 1, "permitted", "it is missing"),
    ("valuations", {"benchmark": np.array([100, 0])}, 1, "benchmark", "give an amount above zero"),
    (
        "trainings",
        {"course": np.array(["AML", " "])},
        1,
        "course",
        "give a printable code without blanks around it",
    ),
    ("ratings", {"score": np.array([10_001, 0])}, 0, "score", "give 0 to 100 points"),
    ("credits", {"share": np.array([0, 10_000])}, 0, "share", "give a part above 0%"),
    ("credits", {"share": np.array([10_000, 10_001])}, 1, "share", "give a part above 0%"),
    ("exchange_rates", {"rate": np.array([0, 1])}, 0, "rate", "give a number above zero"),
    ("exchange_rates", {"into": np.array(["USD", "CNY"])}, 0, "into", "give another currency"),
    ("exchange_rates", {"currency": np.array(["USD", "RMB"])}, 1, "currency", "give a code of ISO 4217"),
]


@pytest.mark.parametrize(
    ("name", "columns", "row", "column", "said"),
    BAD,
    ids=[f"{place} {item[0]}.{item[3]}" for place, item in enumerate(BAD)],
)
def test_a_bad_row_is_a_problem(name: str, columns: dict[str, Any], row: int, column: str, said: str) -> None:
    """It says table, row and column, what was there and what to do; the other row is used."""
    book = checked(name, **columns)

    (problem,) = book.problems
    assert f"{name} row {row}, column {column}" == problem.where
    assert said in str(problem)
    assert (2, 1, 0) == (book.rows, book.used, book.repeats)
    assert 1 == len(book)


def test_pandas_is_told_how_to_keep_whole_numbers() -> None:
    """It makes floats of a column with a gap, which are refused for money and are no way to say what is missing."""
    frame = pd.DataFrame({"loan": [11, 12], "on": pd.to_datetime(ON), "outstanding": [100, None]})
    with pytest.raises(lp.errors.DataError, match=r"it holds floats, which are not exact.*convert_dtypes"):
        lp.Facts.read({"balances": frame}, currency="CNY", money="fen")
    (converted,) = lp.Facts.read({"balances": frame.convert_dtypes()}, currency="CNY", money="fen").problems
    terms = pd.DataFrame(LOANS | {"term_months": [12, None]})
    (problem,) = lp.Facts.read({"loans": terms}, currency="CNY").problems

    assert "it is NaN (found nan); say what is missing by a null or a mask; of pandas, call convert_dtypes()" in str(
        problem
    )
    assert "balances row 1, column outstanding: it is missing; give it; every row needs it" == str(converted)
    with pytest.raises(lp.errors.DataError, match=r"it holds floats; pass text or whole numbers; .*convert_dtypes"):
        lp.Facts.read({"balances": frame.assign(loan=[11, float("nan")])}, currency="CNY", money="fen")


def test_a_row_without_an_amount_needs_no_currency() -> None:
    """An event without money is in no currency; one that names another is refused all the same."""
    kinds = {"kind": np.array(["cancelled", "cancelled"]), "amount": masked([None, None])}
    book = checked("events", **kinds, currency=np.array([None, "USD"], dtype=object))

    assert ["events row 1, column currency"] == [problem.where for problem in book.problems]


def test_the_first_of_several_faults_of_a_row_is_said() -> None:
    """Rows are used, repeats or problems; a row cannot be two problems."""
    book = checked("loans", loan=np.array(["", "12"]), amount=np.array([-1, 5]), term_months=np.array([0, 1]))

    assert ["loans row 0, column loan"] == [problem.where for problem in book.problems]
    assert book.rows == book.used + len(book.problems)


@st.composite
def _events(draw: st.DrawFn) -> dict[str, Any]:
    """An event as a host may send it, with or without what its kind needs."""
    number = st.integers(-1, 2)
    return {
        "loan": draw(st.sampled_from(["a", "b", "", "\n"])),
        "kind": draw(st.sampled_from([kind.value for kind in lp.EventKind] + ["drawn"])),
        "on": draw(DAYS),
        "amount": draw(st.none() | number),
        "category": draw(st.none() | st.sampled_from(["loss", "bad"])),
        "days": draw(st.none() | number),
        "officer": draw(st.none() | st.sampled_from(["lin", " "])),
    }


@given(st.lists(_events(), min_size=1, max_size=8))
def test_exactly_those_rows_are_refused_that_make_no_fact(events: list[dict[str, Any]]) -> None:
    """The constructor of the fact is the rule; columns are only a faster way to find who breaks it."""
    numbered = [event | {"number": str(place)} for place, event in enumerate(events)]
    columns: dict[str, Any] = {}
    for name in numbered[0]:
        cells = [event[name] for event in numbered]
        columns[name] = masked(cells) if name in ("amount", "days") else np.array(cells, dtype=object)
    columns["on"] = np.array([event["on"] for event in numbered], dtype="datetime64[D]")
    book = lp.Facts.read({"events": columns}, currency="CNY", money="fen")

    good = [fact for event in numbered if (fact := _event(event)) is not None]
    bad = [place for place, event in enumerate(numbered) if _event(event) is None]
    assert bad == [int(problem.where.split()[2].rstrip(",")) for problem in book.problems]
    assert lp.Facts.of(good) == book.only()


def _event(given: dict[str, Any]) -> lp.Fact | None:
    """The fact of an event; None where there is none."""
    amount, category = given["amount"], given["category"]
    try:
        return lp.LoanEvent(
            loan=given["loan"],
            kind=lp.EventKind(given["kind"]),
            on=given["on"],
            number=given["number"],
            amount=None if amount is None else lp.Money.from_units(amount, "CNY"),
            category=None if category is None else lp.Category(category),
            days=given["days"],
            officer=given["officer"],
        )
    except (ValueError, lp.errors.FactError):
        return None


# ── rows of one key ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "loans",
    [
        np.array([1, 1, 2]),
        np.array([10**15, 10**15, -(10**15)]),
        np.array(["x", "x", "y"]),
        Coded(np.array([0, 1, 2], dtype=np.int8), ("x", "x", "y")),
    ],
    ids=["dense", "sparse", "text", "a word listed twice"],
)
def test_a_repeat_is_counted_and_a_contradiction_refused(loans: Any) -> None:
    """Whatever way a column is searched for repeats, it finds those that `Facts.of` finds."""
    on = days("2026-03-31", "2026-03-31", "2026-03-31")
    same = {"loan": loans, "on": on, "outstanding": np.array([1, 1, 1])}
    repeated = lp.Facts.read({"balances": same}, currency="CNY", money="fen")
    refused = lp.Facts.read({"balances": same | {"outstanding": np.array([1, 2, 1])}}, currency="CNY", money="fen")

    assert (3, 2, 1, ()) == (repeated.rows, repeated.used, repeated.repeats, repeated.problems)
    assert (3, 1, 0, 2) == (refused.rows, refused.used, refused.repeats, len(refused.problems))
    assert "2 rows contradict each other" in str(refused.problems[0])
    assert 2 == len(refused.refused)


def test_what_is_missing_and_what_is_empty_are_one() -> None:
    """An empty product is no product, and a part without a role is the lead's: the same fact said twice."""
    product, loan = np.array(["", None], dtype=object), np.array([11, 11])
    twice = {name: np.array([values[0]] * 2) for name, values in LOANS.items()}
    credited = {"loan": loan, "payee": np.array(["lin", "lin"]), "on": days("2026-03-01", "2026-03-01")}
    roles = np.array(["lead", None], dtype=object)

    assert 1 == lp.Facts.read({"loans": twice | {"product": product}}, currency="CNY", money="fen").repeats
    assert 1 == lp.Facts.read({"credits": credited | {"role": roles}}, currency="CNY", money="fen").repeats


def test_a_bad_row_contradicts_nobody() -> None:
    """A row that is refused for what it says does not spoil another of its key."""
    book = checked("balances", loan=np.array([11, 11]), on=days(*["2026-03-31"] * 2), outstanding=np.array([-1, 5]))

    assert (1, 1) == (book.used, len(book.problems))


# ── tables ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"evnts": {}}, "there is no table 'evnts'; did you mean 'events'?"),
        ({"loans": LOANS | {"xyz": LOANS["loan"]}}, "unknown column 'xyz'; drop it; loans have loan, customer"),
        ({"loans": LOANS | {"借据号": LOANS["loan"]}}, "unknown column '借据号'; did you mean 'loan'"),
        ({"trainings": TABLES["trainings"] | {"currency": np.array(["CNY"] * 2)}}, "unknown column 'currency'"),
        ({"balances": {"loan": LOANS["loan"], "on": ON}}, "it has no column 'outstanding'; add it"),
        ({"loans": LOANS | {"opened_on": np.array(["2026-03-01"] * 2)}}, "it holds text; pass days"),
        ({"loans": LOANS | {"amount": np.array(["1", "2"])}}, "it holds text; pass whole numbers; text such as"),
        ({"loans": LOANS | {"officer": ON}}, "it holds days; pass text"),
        ({"loans": LOANS | {"loan": np.array([1.0, 2.0])}}, "it holds floats; pass text or whole numbers"),
        ({"loans": LOANS | {"product": Coded(np.array([0, 0]), (1,))}}, "one of its words is 1; pass text"),  # type: ignore[arg-type]
        ({"inquiries": TABLES["inquiries"] | {"permitted": np.array([1, 0])}}, "it holds whole numbers; pass truths"),
        ({"events": TABLES["events"] | {"kind": np.array([1, 0])}}, "it holds whole numbers; pass text"),
    ],
)
def test_a_table_that_is_none_is_refused(tables: Any, said: str) -> None:
    """A column that is passed over or cast would change what people are paid."""
    with pytest.raises(lp.errors.DataError, match=said.replace("?", r"\?")):
        lp.Facts.read(tables, currency="CNY", money="fen")


def test_a_currency_must_exist() -> None:
    """RMB is a name, not a code."""
    with pytest.raises(lp.errors.UnitError, match="RMB"):
        lp.Facts.read({}, currency="RMB", money="smallest unit")


@pytest.mark.parametrize("name", TABLES)
def test_no_rows_are_a_table_too(name: str) -> None:
    """A branch without a loan sends empty columns, which numpy takes for floats."""
    empty = dict.fromkeys(TABLES[name], np.array([]))
    book = lp.Facts.read({name: empty}, currency="CNY", money="fen", as_of="2026-03-31")

    assert (0, 0, ()) == (book.rows, book.used, book.problems)
    assert 0 == len(book) == len(book.only(payees=["lin"], loans=["11"]))


def test_a_column_of_nothing_is_of_any_kind() -> None:
    """A frame types a column without values as it likes."""
    nothing = pa.table({name: pa.array(values) for name, values in LOANS.items()} | {"product": pa.nulls(2)})
    frame = nothing.append_column("first_due_on", pa.nulls(2)).append_column("amount", pa.nulls(2))
    book = lp.Facts.read(
        {"loans": frame.append_column("rescheduled", pa.nulls(2))}, currency="CNY", money="fen", as_of="2026-03-31"
    )

    assert ((), 2) == (book.problems, book.used)
    assert ["", ""] == [fact.product for fact in book if isinstance(fact, lp.Loan)]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame,
        lambda columns: pd.DataFrame(columns).convert_dtypes(),
        lambda columns: pl.from_pandas(pd.DataFrame(columns)),
        lambda columns: pl.from_pandas(pd.DataFrame(columns)).lazy(),
        pa.table,
        lambda columns: duckdb.from_arrow(pa.table(columns)),
    ],
    ids=["pandas", "pandas nullable", "polars", "polars lazy", "pyarrow", "duckdb"],
)
def test_every_data_frame_makes_the_same_book(frame: Any) -> None:
    """A host keeps its tables where it has them."""
    book = made({name: frame(columns) for name, columns in TABLES.items()})

    assert () == book.problems
    assert made(TABLES).only() == book.only()


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        (pa.array([Decimal("12.34")], type=pa.decimal128(10, 2)), "CNY", 1_234),
        (pa.array([Decimal("12.3")], type=pa.decimal128(38, 1)), "CNY", 1_230),
        (pa.array([Decimal("12.3400")], type=pa.decimal128(20, 4)), "CNY", 1_234),
        (pa.array([Decimal("12.0")], type=pa.decimal128(20, 1)), "JPY", 12),
        (pa.array([Decimal(12)], type=pa.decimal128(38, 0)), "CNY", 12),
    ],
    ids=["fen", "jiao", "more places", "yen", "an integer of DuckDB"],
)
def test_decimals_are_whole_currency_and_integers_are_smallest_units(amount: Any, currency: str, units: int) -> None:
    """12.34 with two places is 1,234 fen; a decimal without places is how engines pass large integers."""
    table = pa.table({"loan": ["L1"], "on": pa.array([date(2026, 3, 31)]), "outstanding": amount})
    (balance,) = lp.Facts.read({"balances": table}, currency=currency, money="smallest unit")

    assert isinstance(balance, lp.Balance)
    assert lp.Money.from_units(units, currency) == balance.outstanding


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (pa.decimal128(20, 3), "12.345", "it is not whole in units of 1/100 (found 12345/1000); round it"),
        (pa.decimal128(38, 1), "99999999999999999999.9", "it is beyond 64 bits"),
        (pa.decimal128(38, 1), "99999999999999999.9", "it is beyond 64 bits"),
    ],
)
def test_a_decimal_is_never_rounded(kind: Any, value: str, said: str) -> None:
    """Half a fen would be gone without a word, and a number that wraps would be another one."""
    amounts = pa.array([Decimal(value), Decimal(5)], type=kind)
    table = pa.table({"loan": ["L1", "L2"], "on": pa.array([date(2026, 3, 31)] * 2), "outstanding": amounts})
    book = lp.Facts.read({"balances": table}, currency="CNY", money="fen")

    assert said in str(book.problems[0])
    assert [500] == [fact.outstanding.units for fact in book if isinstance(fact, lp.Balance)]


def test_a_decimal_of_days_or_numbers_must_be_whole() -> None:
    """A database that keeps its loan numbers as decimals means whole numbers."""
    loans = pa.array([Decimal("11.0"), Decimal("12.0"), Decimal("12.5")], type=pa.decimal128(20, 1))
    late = pa.array([Decimal(31), Decimal("1.5"), Decimal(2)], type=pa.decimal128(5, 1))
    on = pa.array([date(2026, 3, 31)] * 3)
    book = lp.Facts.read(
        {"events": pa.table({"loan": loans, "kind": ["past due"] * 3, "on": on, "days": late})},
        currency="CNY",
        money="fen",
    )

    assert [lp.LoanEvent(loan="11", kind=lp.EventKind.PAST_DUE, on="2026-03-31", days=31)] == list(book)
    assert ["events row 1, column days", "events row 2, column loan"] == [item.where for item in book.problems]


# ── batches ─────────────────────────────────────────────────────────────────────────────────────────────────


def batches(*loans: list[int]) -> Iterator[dict[str, Any]]:
    """Tapes of some loans, one after another."""
    for numbers in loans:
        on = np.full(len(numbers), np.datetime64("2026-03-01"))
        people = {"customer": np.array(["C1"] * len(numbers)), "officer": np.array(["lin"] * len(numbers))}
        yield people | {"loan": np.array(numbers), "opened_on": on, "amount": np.array(numbers)}


def test_rows_of_a_batch_are_counted_from_the_start() -> None:
    """However the tape is cut, the same row has the same problem."""
    whole = [*parts_of(batches([1, -2, 3, -4]), currency="CNY", money="fen")]
    cut = [*parts_of(batches([1], [-2, 3], [-4]), currency="CNY", money="fen")]

    assert ["loans row 1, column amount", "loans row 3, column amount"] == [item.where for item in whole[0].problems]
    assert whole[0].problems == tuple(problem for book in cut for problem in book.problems)
    assert (4, 2) == (sum(book.rows for book in cut), sum(book.used for book in cut))


@pytest.mark.parametrize("kind", [np.int64, np.str_])
def test_a_loan_stands_in_one_batch(kind: Any) -> None:
    """What an earlier batch said of it has been added up by then; to count it twice would be worse than to stop."""
    tapes = [*batches([5, 1], [3, 9], [2, 9])]
    for tape in tapes:
        tape["loan"] = tape["loan"].astype(kind)

    with pytest.raises(lp.errors.DataError, match="the loan '9' stands in two batches"):
        [*parts_of(tapes, currency="CNY", money="fen")]
    assert 2 == len([*parts_of(tapes[:2], currency="CNY", money="fen")])


def test_a_file_goes_through_in_pieces(tmp_path: Any) -> None:
    """A tape larger than memory is read as Parquet, in row groups; other columns of the file are left out."""
    (tape,) = batches([*range(1, 101)])
    table = pa.table(tape | {"of no use": np.zeros(100)})
    pq.write_table(table, tmp_path / "part-0.parquet", row_group_size=30)
    names, path = [*tape], tmp_path / "part-0.parquet"
    sources = [path, str(tmp_path), ds.dataset(path), pq.ParquetFile(path), table, table.to_batches(7)]

    for source in sources:
        books = [*parts_of(source, currency="CNY", money="fen", columns=names)]
        assert (100, 100) == (sum(book.rows for book in books), sum(book.used for book in books))
    assert 15 == len([*batches_of(table.to_batches(7), columns=names)])


def test_what_is_no_source_is_refused(tmp_path: Any) -> None:
    """A table is no sequence of tables, and a file must be one."""
    with pytest.raises(lp.errors.DataError, match="it is a dict; pass a path"):
        [*batches_of({"loan": np.array([1])})]
    with pytest.raises(lp.errors.DataError, match="there is none; check the path"):
        [*batches_of(tmp_path / "none.parquet")]
    with pytest.raises(lp.errors.DataError, match="it has no column 'officers'"):
        [*batches_of(batches([1]), columns=["loan", "officers"])]


def test_what_follows_from_a_refused_row_of_a_book_is_folded_into_it() -> None:
    """A loan without an officer, its event and its balance are one thing to mend, as for rows."""
    tables = {name: TABLES[name] for name in ("loans", "events", "balances")}
    tables["loans"] = LOANS | {"officer": np.array(["lin", ""])}
    book = lp.Facts.read(tables, currency="CNY", money="fen")
    indicators = [lp.indicator("disbursed_amount"), lp.indicator("npl_ratio")]
    found = lp.measure(book, MARCH, indicators, currency="CNY")
    (cause,) = lp.errors.causes_of(found.problems)

    assert ("loan", "12") == cause.problem.loses
    assert (3, 2) == (len(found.problems), len(cause.follows))
    assert {("loan", "12")} == {problem.lacks for problem in cause.follows}


def test_an_average_that_is_unknown_follows_from_the_refused_drawing_of_a_book() -> None:
    """As for rows: without its drawing nothing says what was outstanding before the first balance."""
    loan, drawn = np.array(["A"]), np.array(["2026-03-02"], dtype="datetime64[D]")
    tables = {
        "loans": {"loan": loan, "officer": np.array(["lin"]), "customer": loan, "opened_on": drawn - 60},
        "events": {"loan": loan, "kind": np.array(["disbursed"]), "on": drawn, "amount": np.array([-5])},
        "balances": {"loan": loan, "on": drawn + 8, "outstanding": np.array([1000])},
    }
    book = lp.Facts.read(tables, currency="CNY", money="fen")
    indicators = [lp.indicator("average_daily_balance")]
    (cause,) = lp.errors.causes_of(lp.measure(book, MARCH, indicators, currency="CNY").problems)

    assert (("amounts", "A"), 1) == (cause.problem.loses, len(cause.follows))
    assert "average_balance is unknown on 2026-03-31" == cause.follows[0].fault
