"""Usable: facts, a period and a currency -> which rows can be used, and what is wrong with each of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, partial
from typing import Any, TypeAlias

import numpy as np
from attrs import evolve, field, frozen

from loanperf._facts import EVENT_PLACES, EventKind, Fact, Facts, about, day_at, key_text, words_of
from loanperf._numbers import (
    AS_THEY_ARE,
    FAR,
    Below,
    Places,
    Rows,
    Truth,
    Whole,
    all_below,
    as_of,
    day_number,
    edges,
    marked,
    most_before,
    nowhere,
    places_of,
    quotients,
    starts_of,
)
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES
from loanperf._tables._columns import Column, Table
from loanperf.errors import Problem


@frozen(eq=False)
class Cells:
    """The values of one field, a value for each row."""

    values: Whole
    """Whole numbers, truths, or codes into `words`."""
    below: Below = 1
    """The denominator of whole numbers: one for all rows, or one a row. Of money it gives smallest units."""
    missing: Truth | None = None
    """Where the value is unknown; None where none is."""
    words: Sequence[str] = ()
    unsaid: str = ""
    """The word of the code -1."""

    @classmethod
    def of(cls, column: Column) -> Cells:
        """The cells of a column of facts."""
        if column.kind == "text":
            return cls(column.values, words=column.words)
        top, below = quotients(column.values)
        return cls(top, (column.scale or 1) if isinstance(below, int) else below, column.missing)

    def rows(self, chosen: Rows) -> Cells:
        """The cells of some rows."""
        if chosen is AS_THEY_ARE:
            return self
        below = self.below if isinstance(self.below, int) else self.below[chosen]
        missing = None if self.missing is None else self.missing[chosen]
        return Cells(self.values[chosen], below, missing, self.words, self.unsaid)


Key: TypeAlias = tuple[str, ...]
Place: TypeAlias = tuple[str, int]
"""A table of facts and a row of it."""
Said: TypeAlias = Callable[[Any], Problem]
"""What is wrong with a fact, told where somebody reads it; without its source and what is lost with it."""


@frozen(eq=False)
class Noted:
    """What is wrong with facts, each the first that was found."""

    found: dict[Place, Said] = field(factory=dict)

    def note(self, place: str, rows: Iterable[int], said: Said) -> None:
        """Say what is wrong with rows of a table, where nothing has been said of them."""
        for row in rows:
            self.found.setdefault((place, row), said)

    def problems(self, facts: Facts) -> Iterator[Problem]:
        """A problem a fact, with its source, payee and loan."""
        by_place: dict[str, list[tuple[int, Said]]] = {}
        for (place, row), said in self.found.items():
            by_place.setdefault(place, []).append((row, said))
        for place, found in by_place.items():
            rows = facts.rows_at(place, [row for row, _ in found])
            yield from (_placed(said, fact) for (_, said), fact in zip(found, rows, strict=True))


def _placed(said: Said, fact: Fact) -> Problem:
    problem = said(fact)
    of_fact = about(fact, problem)
    # What waits for something else, or counts for a stranger, is still there for the other facts.
    loses = of_fact.loses if problem.lacks is None else problem.loses
    where = f"{fact.source}: {problem.where}" if fact.source else problem.where
    return evolve(of_fact, where=where, payee=problem.payee or of_fact.payee, loses=loses, fact=fact.key)


@frozen(eq=False)
class Usable:
    """The facts of a period that can be used."""

    facts: Facts
    period: Period
    currency: str
    start: int
    """The first day of the period, as columns have it."""
    end: int
    """The first day that is no longer in it."""
    noted: Noted = field(factory=Noted)
    refused: dict[str, Truth] = field(factory=dict)
    """By table: which rows cannot be used; of a table that is not there, all can."""

    @classmethod
    def of(cls, facts: Facts, period: Period, currency: str) -> Usable:
        """Facts, of which those are refused that are in another currency, or of no loan or customer."""
        found = cls(facts, period, currency, day_number(period.start), day_number(period.end))
        for place, table in found.tables.items():
            lost = found._lost(place)
            found._refuse_foreign(place, table, lost)
            what = "customer" if "customer" in table else "loan"
            found.refuse(place, lost, _NOT_THERE[what])
        found._refuse_overlapping()
        return found

    @property
    def tables(self) -> Any:
        """The tables of facts."""
        return self.facts.tables

    @property
    def last(self) -> int:
        """The last day of the period."""
        return self.end - 1

    @property
    def smallest(self) -> int:
        """Smallest units in a whole one of the currency."""
        return int(10 ** CURRENCIES[self.currency])

    def refuse(self, place: str, rows: Whole, said: Said) -> None:
        """Leave rows of a table out of everything, and say why."""
        if len(rows):
            self.noted.note(place, rows.tolist(), said)
            mask = self.refused.setdefault(place, marked(rows[:0], self.tables[place].rows))
            mask[rows] = True

    def rows(self, place: str, first: int = 0, stop: int | None = None, since: int | None = None) -> Rows:
        """The rows of a table, or of a part of it, that can be used and are dated by the end of the period.

        Args:
            place: the table.
            first: the first row of the part.
            stop: the row after its last.
            since: the first day that is looked at; None is any.
        """
        table = self.tables[place]
        part = slice(first, table.rows if stop is None else stop)
        on = table[day_at(place)].values[part]
        if since is None and place not in self.refused and all_below(on, self.end):
            return part
        good = on < self.end
        if since is not None:
            good &= on >= since
        if place in self.refused:
            good &= ~self.refused[place][part]
        return part if good.all() else np.flatnonzero(good) + first

    def until(self, rows: Rows) -> Whole:
        """The first day on which records of customers no longer hold; FAR where they are open."""
        return until_of(self.tables["customers"], rows)

    # ── what cannot be used ────────────────────────────────────────────────────────────────────────────────────

    def _lost(self, place: str) -> Places:
        """The rows of a table whose loan or customer is not there."""
        table = self.tables[place]
        if place == "balances" or place in EVENT_PLACES.values():
            (first,) = edges(table["loan"].values, [self.tables["loans"].rows])
            return np.arange(first, table.rows)
        if place in _OF_CUSTOMERS:
            customers = self.tables["customers"]["customer"]
            there = marked(customers.values, len(words_of(self.tables, "customer")))
            return np.flatnonzero(~there[table["customer"].values])
        return np.arange(0)

    def _refuse_foreign(self, place: str, table: Table, lost: Places) -> None:
        """Refuse amounts in another currency."""
        if place in ("loans", "exchange_rates") or "currency" not in table:  # no indicator counts those
            return
        column = table["currency"]
        foreign = [word != self.currency for word in column.words]
        if not any(foreign) or not table.rows:
            return
        rows = np.flatnonzero(np.array([*foreign, False])[column.values])
        if not len(rows):
            return
        gone = marked(lost, table.rows)
        what = "customer" if "customer" in table else "loan"
        for row in rows.tolist():
            lacks = what if gone[row] else ""
            self.noted.note(place, [row], partial(_foreign, column.words[column.values[row]], self.currency, lacks))
        self.refused[place] = marked(rows, table.rows)

    def _refuse_overlapping(self) -> None:
        """Refuse records of a customer that hold on one day, and what is said of a customer without any other record.

        Nothing tells which of the records is true.
        """
        table = self.tables["customers"]
        who, since, until = table["customer"].values, table["since"].values, until_of(table, slice(None))
        starts = starts_of(who)
        if len(starts) == table.rows:
            return
        same = who[1:] == who[:-1]
        overlapping = nowhere(table.rows)
        overlapping[1:] |= same & (since[1:] < most_before(until, starts)[1:])
        overlapping[:-1] |= same & (since[1:] < until[:-1])
        if not overlapping.any():
            return
        self.refuse("customers", np.flatnonzero(overlapping), _overlaps)
        size = len(words_of(self.tables, "customer"))
        left, there = marked(who[~overlapping], size), marked(who, size)
        for place in _OF_CUSTOMERS:
            of = self.tables[place]["customer"].values
            good = self.refused.get(place, nowhere(len(of)))
            self.refuse(place, np.flatnonzero(~good & there[of] & ~left[of]), _unheld)


_OF_CUSTOMERS = ("holdings", "profits")


def until_of(table: Table, rows: Rows) -> Whole:
    """The first day on which records no longer hold; FAR where they are open."""
    column = table["until"].rows(rows)
    return column.values if column.missing is None else np.where(column.missing, FAR, column.values)


def _foreign(found: str, currency: str, lacks: str, fact: Any) -> Problem:
    remedy = f"convert it to {currency}, or measure each currency alone"
    subject = (lacks, getattr(fact, lacks)) if lacks else None
    return Problem(key_text(fact.key), "it is in another currency", found, remedy, lacks=subject)


def _no_loan(fact: Any) -> Problem:
    fault, remedy = "there is no such loan", "send the Loan as well, or mend the number"
    return Problem(key_text(fact.key), fault, repr(fact.loan), remedy, lacks=("loan", fact.loan))


def _no_customer(fact: Any) -> Problem:
    fault, remedy = "there is no such customer", "send the Customer as well, or mend its code"
    return Problem(key_text(fact.key), fault, repr(fact.customer), remedy, lacks=("customer", fact.customer))


_NOT_THERE: dict[str, Said] = {"loan": _no_loan, "customer": _no_customer}


def _overlaps(record: Any) -> Problem:
    fault, remedy = "two records of the customer hold on one day", "end one where the next starts"
    found = f"{record.officer} from {record.since} to {record.until or 'open'}"
    return Problem(key_text(record.key), fault, found, remedy, loses=("customer", record.customer))


def _unheld(fact: Any) -> Problem:
    fault, remedy = "every record of its customer is refused", "mend those of the Customer"
    return Problem(key_text(fact.key), fault, fact.customer, remedy, lacks=("customer", fact.customer))


MOVING = (EventKind.DISBURSED, EventKind.REPAID, EventKind.PREPAID, EventKind.WRITTEN_OFF)
"""What moves a balance, in the order of what happens on one day; the first raises it, the others lower it."""
NEVER = -(2**22)
"""Stands for the day of what never happened: a number below that of 0001-01-01, so that every day is later."""


@frozen
class Bounds:
    """The rows of a table that are of the loans of a chunk."""

    start: int
    stop: int
    """The row after the last."""
    alike: bool
    """Whether each of the loans has one of them, in order."""


class Happened:
    """The events of one kind, or the balances, of the loans of a chunk: in order of loan, day and number."""

    def __init__(self, usable: Usable, table: str, bounds: Bounds, first: int, size: int) -> None:
        self.table = table
        self.rows = usable.rows(table, bounds.start, bounds.stop)
        """Their rows in the table."""
        self._columns = usable.tables[table]
        alike = bounds.alike and isinstance(self.rows, slice)
        self.loan: Rows = AS_THEY_ARE if alike else places_of(self._columns["loan"].values[self.rows], first, size)
        """The place of the loan of each; `AS_THEY_ARE` where each loan has one."""

    @cached_property
    def on(self) -> Whole:
        """The day of each."""
        return self.values("on")

    def __len__(self) -> int:
        return len(self.on)

    def cells(self, name: str) -> Cells:
        """A column of them."""
        return Cells.of(self._columns[name].rows(self.rows))

    def values(self, name: str) -> Whole:
        """The values of a column in which none is missing."""
        found: Whole = self._columns[name].values[self.rows]
        return found

    def row(self, place: int) -> int:
        """The row of one of them in its table."""
        return place + self.rows.start if isinstance(self.rows, slice) else int(self.rows[place])

    def of(self, loan: int) -> Places:
        """Which of them are of a loan."""
        if isinstance(self.loan, slice):
            return np.array([loan])
        low, high = np.searchsorted(self.loan, (loan, loan + 1))
        return np.arange(low, high)


class Chunk:
    """Loans that stand next to each other, what happened to them, and who held them."""

    def __init__(self, usable: Usable, first: int, size: int, bounds: dict[str, Bounds]) -> None:
        """Look at loans."""
        self.usable, self.first, self.size, self._bounds = usable, first, size, bounds
        self._happened: dict[str, Happened] = {}

    @property
    def facts(self) -> int:
        """How many facts there are of these loans, of any day."""
        return self.size + sum(rows.stop - rows.start for rows in self._bounds.values())

    def cells(self, name: str) -> Cells:
        """A column of all loans of the chunk."""
        return Cells.of(self.usable.tables["loans"][name].rows(slice(self.first, self.first + self.size)))

    def happened(self, table: str) -> Happened:
        """The events of a table, or balances, by the end of the period."""
        if table not in self._happened:
            self._happened[table] = Happened(self.usable, table, self._bounds[table], self.first, self.size)
        return self._happened[table]

    def events(self, kind: EventKind) -> Happened:
        """The events of a kind by the end of the period."""
        return self.happened(EVENT_PLACES[kind])

    @property
    def balances(self) -> Happened:
        """The balances that are stated by the end of the period."""
        return self.happened("balances")

    # ── which there are, and who holds them ────────────────────────────────────────────────────────────────────

    @cached_property
    def opened_on(self) -> Whole:
        """The day on which each was opened."""
        return self.cells("opened_on").values

    @cached_property
    def existing(self) -> Rows:
        """Which are open on the last day, and not cancelled."""
        there = self.opened_on < self.usable.end
        cancelled = self.events(EventKind.CANCELLED)
        if len(cancelled):
            there &= ~marked(cancelled.loan, self.size)
        return AS_THEY_ARE if there.all() else np.flatnonzero(there)

    @cached_property
    def originator(self) -> Whole:
        """The payee who originated each."""
        return self.cells("officer").values

    def officer(self, loans: Rows, on: Whole | int) -> Whole:
        """Who held loans on days: the last to whom each was assigned by then, else who originated it."""
        assigned = self.events(EventKind.ASSIGNED)
        if not len(assigned):
            return self.originator[loans]
        asked = np.arange(self.size)[loans]
        found = as_of(np.arange(self.size)[assigned.loan], assigned.on, asked, asked * 0 + on)
        return np.where(found < 0, self.originator[loans], assigned.values("officer")[found])

    @cached_property
    def holder(self) -> Whole:
        """Who holds each on the last day."""
        return self.officer(AS_THEY_ARE, self.usable.last)
