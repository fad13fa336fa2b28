"""Forms: the tables of a book, their columns, and the fact that each row stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from attrs import frozen

from loanperf._facts import (
    Balance,
    Category,
    Credit,
    Customer,
    EventKind,
    ExchangeRate,
    Fact,
    Holding,
    Inquiry,
    Loan,
    LoanEvent,
    Profit,
    Rating,
    Training,
    Valuation,
    Violation,
)
from loanperf._quantities import CURRENCIES, Money
from loanperf.errors import FactError

Kind: TypeAlias = Literal[
    "key", "code", "text", "word", "currency", "day", "truth", "money", "whole", "share", "points", "rate"
]
"""What a column holds. A `key` is a code that whole numbers can be; a `code` is text and never empty, a `text` may be;
a `word` is one of a list."""
Row: TypeAlias = Mapping[str, Any]
"""The cells of a row that are there, as Python values: money as Money, shares and points as Fractions."""


@frozen
class Form:
    """A table: its columns, those it must have, and what tells its rows apart."""

    columns: Mapping[str, Kind]
    needed: tuple[str, ...]
    key: tuple[str, ...]
    made: Callable[[Row], Fact]
    """The fact of a row."""


STANDING = MappingProxyType[str, Kind](
    {
        "due_diligence_on": "day",
        "signed_on": "day",
        "signed": "money",
        "disbursed_on": "day",
        "disbursed": "money",
        "cancelled_on": "day",
        "balance": "money",
        "overdue": "money",
        "days_past_due": "whole",
        "category": "word",
        "rescheduled": "truth",
    }
)
"""What a tape says of each loan beside who it is: milestones with their days, and how it stands on the book's day."""


def _loan(row: Row) -> Fact:
    return Loan(**{name: value for name, value in row.items() if name not in STANDING})


def _event(row: Row) -> Fact:
    given = dict(row)
    kind, category = _word("kind", given.pop("kind")), given.pop("category", None)
    known = None if category is None else Category(_word("category", category))
    return LoanEvent(kind=EventKind(kind), category=known, **given)


def _word(name: str, value: str) -> str:
    """A word of a list.

    Raises:
        FactError: it is not in the list.
    """
    if value not in WORDS[name]:
        close = get_close_matches(value, sorted(WORDS[name]), 1)
        remedy = f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(sorted(WORDS[name]))}"
        raise FactError("a row", name, value, remedy)
    return value


def _made_by(kind: Callable[..., Fact]) -> Callable[[Row], Fact]:
    return lambda row: kind(**row)


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "loans": Form(
            {
                "loan": "key",
                "customer": "key",
                "officer": "code",
                "opened_on": "day",
                "product": "text",
                "segment": "text",
                "term_months": "whole",
                "first_due_on": "day",
                "amount": "money",
                "collateral": "text",
                "customer_type": "text",
                "interest_rate": "share",
                "funding_rate": "share",
                "revolving": "truth",
                **STANDING,
            },
            ("loan", "customer", "officer", "opened_on"),
            ("loan",),
            _loan,
        ),
        "events": Form(
            {
                "loan": "key",
                "kind": "word",
                "on": "day",
                "number": "text",
                "amount": "money",
                "category": "word",
                "days": "whole",
                "officer": "code",
            },
            ("loan", "kind", "on"),
            ("loan", "kind", "on", "number"),
            _event,
        ),
        "balances": Form(
            {"loan": "key", "on": "day", "outstanding": "money", "overdue": "money"},
            ("loan", "on", "outstanding"),
            ("loan", "on"),
            _made_by(Balance),
        ),
        "customers": Form(
            {"customer": "key", "officer": "code", "since": "day", "until": "day"},
            ("customer", "officer", "since"),
            ("customer", "since"),
            _made_by(Customer),
        ),
        "holdings": Form(
            {"customer": "key", "product": "code", "since": "day", "until": "day"},
            ("customer", "product", "since"),
            ("customer", "product", "since"),
            _made_by(Holding),
        ),
        "profits": Form(
            {"customer": "key", "on": "day", "amount": "money", "number": "text"},
            ("customer", "on", "amount"),
            ("customer", "on", "number"),
            _made_by(Profit),
        ),
        "violations": Form(
            {"number": "code", "payee": "code", "on": "day", "points": "points"},
            ("number", "payee", "on", "points"),
            ("number",),
            _made_by(Violation),
        ),
        "inquiries": Form(
            {"number": "code", "payee": "code", "on": "day", "authorised": "truth", "permitted": "truth"},
            ("number", "payee", "on", "authorised", "permitted"),
            ("number",),
            _made_by(Inquiry),
        ),
        "valuations": Form(
            {"number": "code", "payee": "code", "on": "day", "appraised": "money", "benchmark": "money"},
            ("number", "payee", "on", "appraised", "benchmark"),
            ("number",),
            _made_by(Valuation),
        ),
        "trainings": Form(
            {"payee": "code", "course": "code", "on": "day", "completed_on": "day"},
            ("payee", "course", "on"),
            ("payee", "course", "on"),
            _made_by(Training),
        ),
        "ratings": Form(
            {"number": "code", "payee": "code", "on": "day", "topic": "code", "score": "points", "rater": "text"},
            ("number", "payee", "on", "topic", "score"),
            ("number",),
            _made_by(Rating),
        ),
        "credits": Form(
            {"loan": "key", "payee": "code", "on": "day", "role": "code", "share": "share"},
            ("loan", "payee", "on"),
            ("loan", "role", "payee"),
            _made_by(Credit),
        ),
        "exchange_rates": Form(
            {"currency": "currency", "into": "currency", "on": "day", "rate": "rate"},
            ("currency", "into", "on", "rate"),
            ("currency", "into", "on"),
            _made_by(ExchangeRate),
        ),
    }
)
"""The tables of a book, by the names of the CSV folder."""

WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "kind": frozenset(kind.value for kind in EventKind),
        "category": frozenset(category.value for category in Category),
    }
)
"""The words that a column of words can hold."""

SCALES: Mapping[Kind, int] = MappingProxyType({"share": 10_000, "points": 100, "rate": 1_000_000})
"""Units in one whole where a column does not say it: hundredths of a percent, hundredths of a point, millionths."""


def standing_facts(row: Row, as_of: date | None) -> Iterator[Fact]:
    """The events and the balance that the columns of a tape stand for.

    Args:
        row: the cells of a loan that are there.
        as_of: the day of the book.

    Raises:
        FactError: an amount without its day, or a past-due part without a balance.
    """
    loan = row["loan"]
    for part, whole in (("signed", "signed_on"), ("disbursed", "disbursed_on"), ("overdue", "balance")):
        if part in row and whole not in row:
            raise FactError(f"loan {loan}", part, str(row[part]), f"give {whole!r} as well, or leave it out")
    days = (("due_diligence_on", EventKind.DUE_DILIGENCE), ("cancelled_on", EventKind.CANCELLED))
    for name, kind in days:
        if name in row:
            yield LoanEvent(loan=loan, kind=kind, on=row[name])
    for name, kind in (("signed", EventKind.SIGNED), ("disbursed", EventKind.DISBURSED)):
        if f"{name}_on" in row:
            yield LoanEvent(loan=loan, kind=kind, on=row[f"{name}_on"], amount=row.get(name))
    if as_of is not None:
        yield from _as_of(row, as_of)


def _as_of(row: Row, on: date) -> Iterator[Fact]:
    """What a tape says of how a loan stands on the book's day."""
    loan = row["loan"]
    if "balance" in row:
        yield Balance(loan=loan, on=on, outstanding=row["balance"], overdue=row.get("overdue"))
    category = Category(_word("category", row.get("category", "normal")))
    if category is not Category.NORMAL:
        yield LoanEvent(loan=loan, kind=EventKind.CLASSIFIED, on=on, category=category)
    if row.get("days_past_due"):
        yield LoanEvent(loan=loan, kind=EventKind.PAST_DUE, on=on, days=row["days_past_due"])
    if row.get("rescheduled"):
        yield LoanEvent(loan=loan, kind=EventKind.RESCHEDULED, on=on)


def exact(value: int, kind: Kind, scale: int, currency: str) -> int | Fraction | Money:
    """A whole number of a column as the value that a fact holds."""
    if kind == "money":
        return Money.from_units(value, currency)
    return value if kind == "whole" else Fraction(value, scale)


def scale_of(kind: Kind, currency: str) -> int:
    """Units in one whole of numbers of which a column does not say it."""
    return 10 ** CURRENCIES[currency] if kind == "money" else SCALES.get(kind, 1)
