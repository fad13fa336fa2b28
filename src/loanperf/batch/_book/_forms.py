"""Forms: the tables of a book, their columns, and the fact that each row stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from functools import partial
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from attrs import frozen

from loanperf._facts import Balance, Category, EventKind, Fact, LoanEvent, fact_from
from loanperf._kinds import COLUMN_TYPES, KINDS, TAPE, FactKind, TypeName
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


def _kind(of: TypeName) -> Kind:
    match of:
        case "loan" | "customer":
            return "key"
        case "payee":
            return "code"
        case _:
            return of


STANDING: Mapping[str, Kind] = MappingProxyType({name: _kind(column.type) for name, column in TAPE.items()})
"""What a tape says of each loan beside who it is: milestones with their days, and how it stands on the book's day."""


def _form(kind: FactKind) -> Form:
    columns = {name: _kind(column.type) for name, column in kind.columns.items()}
    if kind.name != "loans":
        return Form(columns, kind.needed, kind.key, partial(fact_from, kind.name))
    return Form({**columns, **STANDING}, kind.needed, kind.key, _loan)


def _loan(row: Row) -> Fact:
    return fact_from("loans", {name: value for name, value in row.items() if name not in STANDING})


FORMS: Mapping[str, Form] = MappingProxyType({name: _form(kind) for name, kind in KINDS.items()})
"""The tables of a book, by the names of the CSV folder."""
WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {name: frozenset(column.words) for name, column in KINDS["events"].columns.items() if column.words}
)
"""The words that a column of words can hold."""
SCALES: Mapping[str, int] = MappingProxyType({name: column.scale for name, column in COLUMN_TYPES.items()})
"""Units in one whole where a column does not say it."""


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
    category = row.get("category", Category.NORMAL.value)
    if category != Category.NORMAL.value:
        yield fact_from("events", {"loan": loan, "kind": EventKind.CLASSIFIED.value, "on": on, "category": category})
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
    return 10 ** CURRENCIES[currency] if kind == "money" else SCALES[kind]
