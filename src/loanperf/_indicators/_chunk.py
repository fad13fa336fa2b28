"""Chunk: a range of loans -> their events and balances by the end of a period, which of them exist, and who holds them.

A place is that of a loan among those of its chunk.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from attrs import frozen

from loanperf._facts import EVENT_PLACES, EventKind
from loanperf._indicators._cells import Cells
from loanperf._indicators._usable import Usable
from loanperf._numbers import AS_THEY_ARE, Places, Rows, Whole, as_of, marked, places_of

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
        """Look at loans.

        Args:
            usable: the facts.
            first: the code of the first loan.
            size: how many loans there are.
            bounds: by table, the rows of their events and balances.
        """
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
