"""Records: what happened to loans, customers and payees within the period -> a row each, a column a field."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, assert_never

import numpy as np

from loanperf._facts import EventKind, key_text, words_of
from loanperf._indicators._types import HeldAt
from loanperf._indicators._usable import Cells, Chunk, Place, Usable
from loanperf._kinds import DETAIL, KINDS, Deviation, Reached
from loanperf._numbers import (
    AS_THEY_ARE,
    Places,
    Rows,
    Truth,
    Whole,
    as_of,
    bounded,
    count_of,
    largest,
    marked,
    ordered,
    put,
    reach,
    starts_of,
    total_of,
)
from loanperf._tables._columns import Table
from loanperf.errors import Problem


class Events:
    """The events of one kind within the period; a row each."""

    def __init__(self, chunk: Chunk, kind: EventKind) -> None:
        self.chunk, self.kind = chunk, kind
        self._all = chunk.events(kind)
        within = self._all.on >= chunk.usable.start
        self._kept: Rows = AS_THEY_ARE if within.all() else np.flatnonzero(within)

    def __len__(self) -> int:
        return len(self._all) if isinstance(self._kept, slice) else len(self._kept)

    @cached_property
    def loan(self) -> Rows:
        """The place of the loan of each row."""
        if isinstance(self._all.loan, slice):
            return self._kept
        return self._all.loan[self._kept]

    @property
    def on(self) -> Whole:
        """The day of each row."""
        return self._all.on[self._kept]

    def field(self, name: str) -> Cells:
        """A field of the rows."""
        match name:
            case "event":
                return Cells(np.full(len(self), 0), words=(self.kind.value,))
            case "amount":
                stated = name in DETAIL[self.kind]
                return self._all.cells(name).rows(self._kept) if stated else Cells(np.full(len(self), 0))
            case "cancelled":
                return Cells(self._cancelled[self.loan])
            case _:
                return self.chunk.cells(name).rows(self.loan)

    @property
    def _cancelled(self) -> Truth:
        """Which loans are cancelled within the period."""
        cancelled = self.chunk.events(EventKind.CANCELLED)
        within = cancelled.on >= self.chunk.usable.start
        return marked(np.arange(self.chunk.size)[cancelled.loan][within], self.chunk.size)

    def payee(self, held_at: HeldAt) -> Whole:
        """The payee for whom each row counts."""
        if held_at == "origination":
            return self.chunk.originator[self.loan]
        if held_at == "as of":
            return self.chunk.holder[self.loan]
        return self.chunk.officer(self.loan, self.on)

    def fact(self, row: int) -> Place:
        """The event of a row."""
        place = row if isinstance(self._kept, slice) else int(self._kept[row])
        return self._all.table, self._all.row(place)

    def days(self, held_at: HeldAt) -> Whole:
        """The day that fixes for whom each row counts."""
        return self.chunk.opened_on[self.loan] if held_at == "origination" else self.on

    def evidence(self, row: int) -> Iterator[Place]:
        """The event itself."""
        yield self.fact(row)


class Customers:
    """The customers of payees."""

    def __init__(self, usable: Usable) -> None:
        self.usable = usable
        table = usable.tables["customers"]
        self._rows = usable.rows("customers")
        self._who = table["customer"].values[self._rows]
        self._since = table["since"].values[self._rows]
        self._until = usable.until(self._rows)
        self._size = len(words_of(usable.tables, "customer"))
        self._before = (self._since < usable.start) & (self._until >= usable.start)
        self._within = self._until > usable.start
        seen = np.flatnonzero(self._before | self._within)
        officer = table["officer"].values[self._rows][seen]
        first, group = _groups(self._who[seen], officer)
        self.officer: Whole = officer[first]
        self.customer = self._who[seen][first]
        self._group = np.full(len(self._who), -1)
        self._group[seen] = group

    def __len__(self) -> int:
        return len(self.officer)

    def _any(self, records: Any) -> Truth:
        """The rows of which some of these records are."""
        return marked(self._group[records], len(self))

    @cached_property
    def at_start(self) -> Truth:
        """Held on the day before the period."""
        return self._any(self._before)

    @cached_property
    def at_end(self) -> Truth:
        """Held on the last day."""
        return self._any(self._until > self.usable.last)

    @property
    def kept(self) -> Truth:
        """Held at start and at end, by the same payee."""
        return self.at_start & self.at_end

    @property
    def in_period(self) -> Truth:
        """Held on some day of the period."""
        return self._any(self._within)

    @property
    def new(self) -> Truth:
        """Gained in the period and held by nobody the day before it; counts for the first who holds it."""
        held = marked(self._who[self._before], self._size)
        gained = np.flatnonzero((self._since >= self.usable.start) & ~held[self._who])
        return self._any(gained[starts_of(self._who[gained])])

    @property
    def products(self) -> Whole:
        """Different products held on the last day; 0 unless at end."""
        table, rows = self.usable.tables["holdings"], self.usable.rows("holdings")
        who, product = table["customer"].values[rows], table["product"].values[rows]
        until = table["until"].rows(rows)
        good = until.values > self.usable.last
        if until.missing is not None:
            good |= until.missing
        who, product = who[good], product[good]
        many = count_of(who[starts_of(who, product)], self._size)
        return np.where(self.at_end, many[self.customer], 0)

    @cached_property
    def profit(self) -> Whole:
        """Contributed on days of the period on which it was held; a profit on any other day is noted."""
        usable = self.usable
        table, rows = usable.tables["profits"], usable.rows("profits", since=usable.start)
        who, on, amounts = (table[name].values[rows] for name in ("customer", "on", "amount"))
        found = as_of(self._who, self._since, who, on)
        held = (found >= 0) & (np.append(self._until, on[:0])[found] > on if len(self._until) else False)
        at = np.arange(usable.tables["profits"].rows)[rows]
        usable.noted.note("profits", at[~held].tolist(), _held_by_nobody)
        group = self._group[found[held]]
        (amounts,) = bounded(reach(amounts[held], group, len(self)), amounts[held])
        return total_of(amounts, group, len(self))

    # ── rows of the view ───────────────────────────────────────────────────────────────────────────────────────

    def field(self, name: str) -> Cells:
        """A field of the rows."""
        return Cells(getattr(self, name))

    def payee(self, _: HeldAt, /) -> Whole:
        """The payee for whom each row counts: who holds the customer."""
        return self.officer

    def evidence(self, row: int) -> Iterator[Place]:
        """The records of a customer and payee."""
        at = np.arange(self.usable.tables["customers"].rows)[self._rows]
        yield from (("customers", place) for place in at[self._group == row].tolist())

    def fact(self, row: int) -> Place:
        """The last record of a row."""
        *_, last = self.evidence(row)
        return last

    def days(self, _: HeldAt, /) -> Whole:
        """The day from which the last record of each row holds."""
        seen = self._group >= 0
        return put(self._since[seen], self._group[seen], len(self), 0)


def _groups(who: Whole, officer: Whole) -> tuple[Places, Places]:
    """The first record of each customer and payee, and for each record the place of its group; in order of records."""
    order = np.arange(len(who))[ordered(who, officer)] if len(who) else np.arange(0)
    starts = starts_of(who[order], officer[order])
    first = order[starts]
    rank = np.argsort(first, kind="stable")
    place = np.empty_like(rank)
    place[rank] = np.arange(len(rank))
    group = np.empty_like(order)
    group[order] = np.repeat(place, np.diff(starts, append=len(order)))
    return first[rank], group


def _held_by_nobody(profit: Any) -> Problem:
    fault, remedy = "nobody holds the customer on that day", "mend its day or those of the Customer"
    lacks = ("customer", profit.customer)
    return Problem(key_text(profit.key), fault, profit.on.isoformat(), remedy, lacks=lacks)


class Plain:
    """The facts of one kind that count for the payee whom they name."""

    def __init__(self, usable: Usable, name: str) -> None:
        self.usable, self.name = usable, name
        self._rows = usable.rows(name, since=usable.start)
        self._table: Table = usable.tables[name]

    def __len__(self) -> int:
        return len(self.days("event"))

    def _cells(self, name: str) -> Cells:
        return Cells.of(self._table[name].rows(self._rows))

    def field(self, name: str) -> Cells:
        """A field of the rows."""
        of = KINDS[self.name].view[name].of
        match of:
            case str():
                return self._cells(of)
            case Deviation():
                given, other = self._cells(of.of).values, self._cells(of.from_).values
                given, other = bounded(largest(given) + largest(other), given, other)
                return Cells(np.abs(given - other), other)
            case Reached():
                day = self._cells(of.day)
                reached = day.values < self.usable.end
                return Cells(reached if day.missing is None else reached & ~day.missing)
            case _:
                assert_never(of)

    def payee(self, _: HeldAt, /) -> Whole:
        """The payee for whom each row counts: whom it names, whatever the day."""
        return self._table["payee"].values[self._rows]

    def fact(self, row: int) -> Place:
        """The fact of a row."""
        return self.name, row + self._rows.start if isinstance(self._rows, slice) else int(self._rows[row])

    def days(self, _: HeldAt, /) -> Whole:
        """The day of each row."""
        return self._table[KINDS[self.name].on].values[self._rows]

    def evidence(self, row: int) -> Iterator[Place]:
        """The fact itself."""
        yield self.fact(row)
