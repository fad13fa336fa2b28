"""Customers: records of customers, what they hold and earn -> a row a customer and payee, a column a field.

A row is a customer and a payee who held it in the period or on the day before; the records of both are one row.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from loanperf._facts import key_text, words_of
from loanperf._indicators._cells import Cells
from loanperf._indicators._types import HeldAt
from loanperf._indicators._usable import Place, Usable
from loanperf._numbers import (
    Places,
    Truth,
    Whole,
    as_of,
    bounded,
    count_of,
    marked,
    ordered,
    put,
    reach,
    starts_of,
    total_of,
)
from loanperf.errors import Problem


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
