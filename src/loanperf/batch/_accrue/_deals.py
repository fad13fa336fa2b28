"""Deals: a book -> one row a loan: whose it is, when it reached what, with what amounts; what is odd is marked.

A loan is odd where its facts say more than one row can: credits, hand-overs, two drawdowns. Everybody who has to do
with an odd loan goes through the rows path.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, get_args

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from loanperf._commission._plan import Milestone
from loanperf._commission._withheld import BadEvent, kind_of
from loanperf._facts import EventKind
from loanperf._tables._codes import named, ranks_of
from loanperf._tables._columns import MISSING, Column, Table, Truth, Whole
from loanperf._tables._joins import rows_in
from loanperf.batch._book._book import Book

NEVER = 2**31 - 1
"""A day after all others."""
Places: TypeAlias = NDArray[np.int64]
_ONCE: Mapping[Milestone, EventKind] = {
    "applied": EventKind.APPLIED,
    "due diligence complete": EventKind.DUE_DILIGENCE,
    "signed": EventKind.SIGNED,
    "disbursed": EventKind.DISBURSED,
}
_TAPE: Mapping[EventKind, str] = {
    EventKind.DUE_DILIGENCE: "due_diligence_on",
    EventKind.SIGNED: "signed_on",
    EventKind.DISBURSED: "disbursed_on",
    EventKind.CANCELLED: "cancelled_on",
}
"""The columns of a tape that hold the day of an event."""
_SUMMED = (EventKind.SIGNED, EventKind.DISBURSED)
"""Events whose amounts are bases; a loan with two of one kind is odd."""
_BAD = frozenset(map(kind_of, get_args(BadEvent)))
"""Events on which a clawback of a plan may strike."""
_REPAYING = frozenset({EventKind.REPAID, EventKind.PREPAID})


@frozen(eq=False)
class BookDeals:
    """One row a loan; a day on which nothing happened is `NEVER`, an amount that is not there `MISSING`."""

    rows: int
    loan: Column
    payee: Places
    """Place of the officer among `payees`."""
    payees: tuple[str, ...]
    """Officers, then everybody else who has to do with loans."""
    opened: Whole
    days: Mapping[EventKind, Whole]
    """The first day on which each kind of event happened."""
    amounts: Mapping[EventKind, Whole]
    """What was signed and drawn."""
    applied: Whole | None
    terms: Mapping[str, Column]
    odd: Truth
    """Loans of which one row cannot tell everything."""
    ties: tuple[Places, Places]
    """Rows of loans that were handed over or are credited, and places of payees to whom."""
    bad: Truth
    """Loans on which a clawback may strike, by their events or by how they stand."""
    repaid: Truth
    """Loans of which something was repaid, or with a balance of zero."""
    strange: frozenset[str]
    """Codes of loans with events or credits, but no row of their own."""
    _never: list[Whole] = field(factory=list, init=False)

    def reached(self, milestone: Milestone) -> Whole | None:
        """The day on which each loan reached a milestone; None where a row cannot tell."""
        match milestone:
            case "opened":
                return self.opened
            case "first repayment":
                return np.minimum(self.on(EventKind.REPAID), self.on(EventKind.PREPAID))
            case "repaid in full":
                return None
            case _:
                return self.on(_ONCE[milestone])

    def on(self, kind: EventKind) -> Whole:
        """The first day of a kind of event."""
        if kind in self.days:
            return self.days[kind]
        if not self._never:
            self._never.append(np.full(self.rows, NEVER))
        return self._never[0]

    @property
    def unsized(self) -> Truth:
        """Loans of which no amount is known: not drawn, not signed, not applied for."""
        known = [amounts for kind, amounts in self.amounts.items() if kind in _SUMMED]
        known += [] if self.applied is None else [self.applied]
        found: Truth = (
            np.all([amounts == MISSING for amounts in known], axis=0) if known else np.ones(self.rows, dtype=np.bool_)
        )
        return found

    def ranks(self) -> Places | None:
        """The place of each loan in the order of codes; None where rows are in that order."""
        return ranks_of(self.loan)


def deals_of(book: Book) -> BookDeals:
    """The loans of a book as deals."""
    loans = book.tables.get("loans")
    if loans is None or not loans.rows:
        loans = _no_loans()
    officers = named(loans["officer"])
    people = _People(list(officers.names), {})
    none = np.zeros(0, dtype=np.int64)
    odd, ties = np.zeros(loans.rows, dtype=np.bool_), [(none, none)]
    strange: set[str] = set()
    happened = _Happened(loans.rows, _went_bad(loans), _is_empty(loans))
    _taped(happened, loans)
    for name in ("events", "credits", "balances"):
        table = book.tables.get(name)
        if table is None or not table.rows:
            continue
        row = rows_in(loans["loan"], table["loan"])
        known = row >= 0
        if name != "balances" and not bool(known.all()):
            strange |= {str(table["loan"].at(int(place))) for place in np.flatnonzero(~known)}
        table, row = (table.take(np.flatnonzero(known)), row[known]) if not bool(known.all()) else (table, row)
        if name == "events":
            happened.add(table, row)
            handed = np.flatnonzero(_of_kind(table, EventKind.ASSIGNED))
            if handed.size:
                ties.append((row[handed], people.places(table["officer"].rows(handed))))
        elif name == "credits":
            ties.append((row, people.places(table["payee"])))
        else:
            happened.repaid[row[table["outstanding"].values == 0]] = True
    for kind in _SUMMED:
        odd |= happened.twice(kind)
    tied = (np.concatenate([rows for rows, _ in ties]), np.concatenate([payees for _, payees in ties]))
    odd[tied[0]] = True
    amount = loans.columns.get("amount")
    return BookDeals(
        rows=loans.rows,
        loan=loans["loan"],
        payee=officers.places,
        payees=tuple(people.names),
        opened=loans["opened_on"].values,
        days=happened.days,
        amounts=happened.amounts,
        applied=None if amount is None else _filled(amount, MISSING),
        terms={name: loans[name] for name in _TERMS if name in loans},
        odd=odd,
        ties=tied,
        bad=happened.bad,
        repaid=happened.repaid,
        strange=frozenset(strange),
    )


_TERMS = ("product", "segment", "collateral", "customer_type", "term_months")


def _no_loans() -> Table:
    empty = np.zeros(0, dtype=np.int64)
    text, day = Column("text", empty), Column("day", empty)
    return Table("loans", 0, {"loan": text, "customer": text, "officer": text, "opened_on": day})


def _filled(column: Column, empty: int) -> Whole:
    return column.values if column.missing is None else np.where(column.missing, empty, column.values)


def _went_bad(loans: Table) -> Truth:
    """Which rows of a tape say that a loan may be bad, or is cancelled."""
    found = stands_badly(loans)
    if "cancelled_on" in loans:
        found |= _filled(loans["cancelled_on"], NEVER) != NEVER
    return found


def stands_badly(loans: Table) -> Truth:
    """Which rows of a tape say that on the day of the book a loan is past due, or in another category than normal."""
    found = np.zeros(loans.rows, dtype=np.bool_)
    if "category" in loans:
        words = named(loans["category"])
        found |= np.array([*(word != "normal" for word in words.names), False])[words.places]
    if "days_past_due" in loans:
        found |= _filled(loans["days_past_due"], 0) > 0
    return found


def _is_empty(loans: Table) -> Truth:
    """Which rows of a tape say that nothing is outstanding."""
    if "balance" not in loans:
        return np.zeros(loans.rows, dtype=np.bool_)
    empty: Truth = _filled(loans["balance"], 1) == 0
    return empty


@frozen(eq=False)
class _People:
    """Payees by code, as they are met."""

    names: list[str]
    _places: dict[str, int]

    def places(self, column: Column) -> Places:
        """The place of whom each row names, which each does; those who were not known are added."""
        if not self._places:
            self._places.update(zip(self.names, range(len(self.names)), strict=True))
        them = named(column)
        found = np.full(len(them.names) + 1, -1)
        for place in np.unique(them.places).tolist():
            name = them.names[place]
            if name not in self._places:
                self._places[name] = len(self.names)
                self.names.append(name)
            found[place] = self._places[name]
        return found[them.places]


def _of_kind(events: Table, kind: EventKind) -> Truth:
    kinds = named(events["kind"])
    place = next((place for place, word in enumerate(kinds.names) if word == kind.value), -2)
    found: Truth = kinds.places == place
    return found


@frozen(eq=False)
class _Happened:
    """The first day of each kind of event by loan, how often it came, and its amount."""

    rows: int
    bad: Truth
    repaid: Truth
    days: dict[EventKind, Whole] = field(factory=dict)
    amounts: dict[EventKind, Whole] = field(factory=dict)
    known: dict[EventKind, Places] = field(factory=dict)
    """How often each kind came."""

    def twice(self, kind: EventKind) -> Truth:
        """The loans to which an event came more than once."""
        return self.known[kind] > 1 if kind in self.known else np.zeros(self.rows, dtype=np.bool_)

    def add(self, events: Table, row: Places) -> None:
        """Take in the events of loans in rows."""
        kinds = named(events["kind"])
        for place, word in enumerate(kinds.names):
            mine = np.flatnonzero(kinds.places == place)
            kind = EventKind(word)
            if not mine.size or kind is EventKind.ASSIGNED:
                continue
            if kind in _BAD:
                self.bad[row[mine]] = True
            if kind in _REPAYING:
                self.repaid[row[mine]] = True
            self._first(kind, row[mine], events["on"].values[mine])
            if kind in _SUMMED:
                self._sum(kind, row[mine], events["amount"].values[mine])

    def _first(self, kind: EventKind, row: Places, on: Whole) -> None:
        day = self.days[kind].copy() if kind in self.days else np.full(self.rows, NEVER)
        np.minimum.at(day, row, on)
        self.days[kind] = day
        came = np.bincount(row, minlength=self.rows)
        self.known[kind] = came + self.known[kind] if kind in self.known else came

    def _sum(self, kind: EventKind, row: Places, amount: Whole) -> None:
        found = self.amounts[kind].copy() if kind in self.amounts else np.full(self.rows, MISSING)
        found[row] = amount
        self.amounts[kind] = found


def _taped(happened: _Happened, loans: Table) -> None:
    """Take in what a tape says of each loan."""
    for kind, name in _TAPE.items():
        if name not in loans:
            continue
        days = _filled(loans[name], NEVER)
        happened.days[kind] = days
        if kind in _SUMMED:
            happened.amounts[kind] = _filled(loans[name.removesuffix("_on")], MISSING)
            happened.known[kind] = days != NEVER
