"""Dated: whether any row of a book is dated by the end of a period, and else between which days its rows are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
from attrs import define, field

from loanperf._facts import Fact
from loanperf._periods import Period
from loanperf._tables._columns import CHUNK_ROWS, EPOCH, Column, Whole, day_number
from loanperf.batch._book._book import Book, facts_of
from loanperf.batch._measure._standing import Days, day_of
from loanperf.batch._measure._tape import MILESTONES, STATES, Tape

_DAYS = ("opened_on", *MILESTONES.values(), "on", "since")
"""Columns that hold the business date of a fact."""


@define(eq=False)
class Dated:
    """What has been seen of the dates of books."""

    period: Period
    found: bool = False
    """Whether a row is dated on the last day of the period or before."""
    _days: list[int] = field(factory=list, init=False)

    @property
    def first(self) -> str:
        """The first day of a fact, once none is found by the end of the period; empty where there is none."""
        return _text(min(self._days, default=None))

    @property
    def last(self) -> str:
        """The last such day."""
        return _text(max(self._days, default=None))

    def look_at(self, book: Book) -> None:
        """Look for rows that are dated by the end of the period, until there is one."""
        last = day_number(self.period.last_day)
        for values in _dates(book):
            if self.found:
                return
            for at in range(0, values.size, CHUNK_ROWS):
                some = values[at : at + CHUNK_ROWS]
                if bool((some <= last).any()):
                    self.found = True
                    return
            self._days += [int(values.min()), int(values.max())]


def a_fact_by(book: Book, last_day: date) -> tuple[Fact, ...]:
    """The facts of one row that is dated on a day or before; none where there is no such row."""
    last = day_number(last_day)
    for table in book.tables.values():
        for column in (table[item] for item in _DAYS if item in table and table[item].kind == "day"):
            within = column.values <= last
            rows = np.flatnonzero(within if column.missing is None else within & ~column.missing)
            if rows.size:
                return tuple(facts_of(table, int(rows[0]), book.currency, book.as_of))
    # What a tape says of its own day.
    loans = book.tables.get("loans") if book.as_of is not None and book.as_of <= last_day else None
    for row in range(0 if loans is None else loans.rows):
        found = tuple(facts_of(loans, row, book.currency, book.as_of)) if loans is not None else ()
        if any(fact.on <= last_day for fact in found):
            return found
    return ()


def _text(day: int | None) -> str:
    return "" if day is None else day_of(day).isoformat()


def _dates(book: Book) -> Iterator[Whole]:
    """The dates of all facts, a column at a time."""
    for name, table in book.tables.items():
        for column in (table[item] for item in _DAYS if item in table and table[item].kind == "day"):
            values = _there(column)
            if values.size:
                yield values
        if name == "loans" and book.as_of is not None:
            tape = Tape(table, slice(None), table.rows, Days(0, 0), day_number(book.as_of))
            missing = tape.whole("balance")[1] if tape.has("balance") else ~tape.no()
            states = any(bool(tape.stated(kind).any()) for kind in STATES)
            if table.rows and (states or missing is None or not missing.all()):
                yield np.array([(book.as_of - EPOCH).days])


def _there(column: Column) -> Whole:
    values: Whole = column.values if column.missing is None else column.values[~column.missing]
    return values
