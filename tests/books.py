"""Facts as columns: what a host's tables would hold for facts given row by row."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
from attrs import fields
from hypothesis import strategies as st

import loanperf as lp
from loanperf._facts import DETAIL, KIND_OF
from loanperf.tables import Column

SCALE = 10**12
"""Units in one whole of every share, rate and number of points; it holds twelfths of a percent only if they end."""


def tables_of(facts: Iterable[lp.Fact]) -> dict[str, dict[str, Any]]:
    """Masked numpy columns by table; amounts in smallest units, whatever their currency."""
    by_table: dict[str, list[Any]] = defaultdict(list)
    for fact in facts:
        by_table[KIND_OF[type(fact)].name].append(fact)
    return {name: _columns(found) for name, found in by_table.items()}


def book_of(facts: Iterable[lp.Fact], currency: str = "CNY", as_of: str | None = None) -> lp.Facts:
    """The book of some facts."""
    return lp.Facts.read(tables_of(facts), currency=currency, money="smallest unit", as_of=as_of)


def arrow_of(facts: Iterable[lp.Fact]) -> dict[str, pa.Table]:
    """The same as tables of PyArrow: text in dictionaries, shares and points as decimals, what is missing as nulls.

    A heading of shares says that they are ratios, which decimals alone do not.
    """
    return {name: pa.table(arrows_of(columns)) for name, columns in tables_of(facts).items()}


def arrows_of(columns: Mapping[str, Any]) -> dict[str, Any]:
    shares = ("interest_rate", "funding_rate", "discount", "ltv", "share")
    return {f"{name}(ratio)" if name in shares else name: _arrow(column) for name, column in columns.items()}


def _arrow(column: Any) -> Any:
    if isinstance(column, Column):
        exact = [None if (units := column.at(row)) is None else Decimal(f"{units}E-12") for row in range(len(column))]
        return pa.array(exact, type=pa.decimal128(30, 12))
    found = pa.array(np.ma.getdata(column), mask=np.ma.getmaskarray(column))
    return found.dictionary_encode() if pa.types.is_string(found.type) else found


def _columns(facts: list[Any]) -> dict[str, Any]:
    names = [item.name for item in fields(type(facts[0])) if item.init and item.name != "source"]
    columns = {name: column_of([getattr(fact, name) for fact in facts]) for name in names}
    monies = [value for fact in facts for name in names if isinstance(value := getattr(fact, name), lp.Money)]
    found = {name: column for name, column in columns.items() if column is not None}
    if monies and not isinstance(facts[0], lp.ExchangeRate):
        currencies = [_currency(fact, names) for fact in facts]
        found["currency"] = np.ma.masked_array(np.array(currencies), mask=[not code for code in currencies])
    return found


def _currency(fact: Any, names: list[str]) -> str:
    return next((value.currency for name in names if isinstance(value := getattr(fact, name), lp.Money)), "")


def column_of(values: list[Any]) -> Any:
    """The column of some values; None where none is there."""
    there = [value for value in values if value is not None]
    if not there:
        return None
    missing = [value is None for value in values]
    match there[0]:
        case bool():
            return np.ma.masked_array(np.array([bool(value) for value in values]), mask=missing)
        case lp.Money():
            whole = np.array([0 if value is None else value.units for value in values], dtype=np.int64)
            return np.ma.masked_array(whole, mask=missing)
        case Fraction():
            units = [Fraction(0) if value is None else value * SCALE for value in values]
            assert all(unit.denominator == 1 for unit in units), "a share that no decimal column holds"
            whole = np.array([int(unit) for unit in units], dtype=np.int64)
            mask = np.array(missing) if any(missing) else None
            return Column("whole", whole, mask, (), SCALE)
        case int():
            whole = np.array([value or 0 for value in values], dtype=np.int64)
            return np.ma.masked_array(whole, mask=missing)
        case date():
            days = np.array([value or date(2026, 1, 1) for value in values], dtype="datetime64[D]")
            return np.ma.masked_array(days, mask=missing)
        case Enum() | str():
            words = [value.value if isinstance(value, Enum) else value or "" for value in values]
            return np.ma.masked_array(np.array(words, dtype=np.str_), mask=missing)
        case other:
            raise AssertionError(f"no column for {other!r}")


# ── facts drawn at random, few enough of each name that they meet ───────────────────────────────────────────

DAYS = st.dates(date(2026, 1, 1), date(2026, 4, 30))
CODES = st.sampled_from(["a", "b", "c"])
TEXTS = st.sampled_from(["", "x", "信用"])
MONEY = st.builds(lp.Money.from_units, st.integers(0, 300), st.just("CNY"))
RATES = st.none() | st.sampled_from(["4.35%", "0%", "100%"])
POINTS = st.sampled_from([0, "12.5", "99.99", 100])
_STATED = {"amount": MONEY, "category": st.sampled_from(lp.Category), "days": st.integers(0, 400), "officer": CODES}


def _event(kind: lp.EventKind) -> st.SearchStrategy[lp.LoanEvent]:
    stated = {name: _STATED[name] for name in DETAIL[kind]}
    return st.builds(lp.LoanEvent, loan=CODES, kind=st.just(kind), on=DAYS, number=TEXTS, **stated)


@st.composite
def _balance(draw: st.DrawFn) -> lp.Balance:
    held = draw(st.integers(0, 300))
    late = draw(st.none() | st.integers(0, held))
    overdue = None if late is None else lp.Money.from_units(late, "CNY")
    return lp.Balance(loan=draw(CODES), on=draw(DAYS), outstanding=lp.Money.from_units(held, "CNY"), overdue=overdue)


def _ending(kind: Any, **names: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    later = st.none() | st.dates(date(2026, 5, 1), date(2026, 6, 30))
    return st.builds(kind, customer=CODES, since=DAYS, until=later, **names)


FACTS: st.SearchStrategy[lp.Fact] = st.one_of(
    st.builds(
        lp.Loan,
        loan=CODES,
        customer=CODES,
        officer=CODES,
        opened_on=DAYS,
        product=TEXTS,
        segment=TEXTS,
        term_months=st.none() | st.integers(1, 60),
        first_due_on=st.none() | DAYS,
        amount=st.none() | MONEY,
        interest_rate=RATES,
        funding_rate=RATES,
        discount=RATES,
        ltv=RATES,
    ),
    st.sampled_from(lp.EventKind).flatmap(_event),
    _balance(),
    _ending(lp.Customer, officer=CODES),
    _ending(lp.Holding, product=CODES),
    st.builds(
        lp.Profit,
        customer=CODES,
        on=DAYS,
        amount=st.builds(lp.Money.from_units, st.integers(-300, 300), st.just("CNY")),
        number=TEXTS,
    ),
    st.builds(lp.Violation, number=CODES, payee=CODES, on=DAYS, points=POINTS),
    st.builds(lp.Inquiry, number=CODES, payee=CODES, on=DAYS, authorised=st.booleans(), permitted=st.booleans()),
    st.builds(lp.Valuation, number=CODES, payee=CODES, on=DAYS, appraised=MONEY, benchmark=st.just("1 元")),
    st.builds(lp.Training, payee=CODES, course=CODES, on=DAYS, completed_on=st.none() | DAYS),
    st.builds(lp.Rating, number=CODES, payee=CODES, on=DAYS, topic=CODES, score=POINTS, rater=TEXTS),
    st.builds(
        lp.Credit,
        loan=CODES,
        payee=CODES,
        on=DAYS,
        role=st.sampled_from(["lead", "assistant"]),
        share=st.none() | st.sampled_from(["60%", "100%", "0.01%"]),
    ),
    st.builds(lp.ExchangeRate, currency=st.just("USD"), into=st.just("CNY"), on=DAYS, rate=st.sampled_from([7, "7.1"])),
)
"""Facts of every kind."""
