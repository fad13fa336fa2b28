"""Loans: a chunk of loans -> how they stand on the last day of the period, a column a field."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from loanperf._facts import Category, EventKind
from loanperf._indicators._balances import balances_of
from loanperf._indicators._cells import Cells
from loanperf._indicators._chunk import MOVING, NEVER, Chunk
from loanperf._indicators._fields import STANDINGS
from loanperf._indicators._types import HeldAt
from loanperf._indicators._usable import Place
from loanperf._numbers import Truth, Whole, bounded, largest, marked, most_of, nowhere, put, reach, total_of

BEYOND_EVERY_BOUND_DAYS = 999_999
"""Days past due of a rescheduled loan where rescheduled counts as past due."""
_STANDING = (EventKind.CLASSIFIED, EventKind.PAST_DUE, EventKind.RESCHEDULED)
_NON_PERFORMING = frozenset(item.value for item in Category if item.non_performing)


class Loans:
    """The loans of a chunk as they stand on the last day; its rows are those that exist then."""

    def __init__(self, chunk: Chunk) -> None:
        self.chunk, self.usable, self.size = chunk, chunk.usable, chunk.size
        self.cells, self.events, self.balances = chunk.cells, chunk.events, chunk.balances

    def __len__(self) -> int:
        existing = self.chunk.existing
        return self.size if isinstance(existing, slice) else len(existing)

    # ── rows of the view ───────────────────────────────────────────────────────────────────────────────────────

    def field(self, name: str) -> Cells:
        """A field of the rows."""
        found = self.cells(name) if name in _OF_THE_LOAN else getattr(self, name)
        return (found if isinstance(found, Cells) else Cells(found)).rows(self.chunk.existing)

    def payee(self, held_at: HeldAt) -> Whole:
        """The payee for whom each row counts."""
        return (self.chunk.originator if held_at == "origination" else self.chunk.holder)[self.chunk.existing]

    def _place(self, row: int) -> int:
        return row if isinstance(self.chunk.existing, slice) else int(self.chunk.existing[row])

    def fact(self, row: int) -> Place:
        """The loan of a row."""
        return "loans", self.chunk.first + self._place(row)

    def days(self, held_at: HeldAt) -> Whole:
        """The day that fixes for whom each row counts."""
        if held_at == "origination":
            return self.chunk.opened_on[self.chunk.existing]
        return np.full(len(self), self.usable.last)

    def evidence(self, row: int) -> Iterator[Place]:
        """What the state of a loan stands on: its last balance, what moved it since, and its last standing."""
        loan = self._place(row)
        said = self.balances.of(loan)[-1:]
        yield from (("balances", self.balances.row(place)) for place in said.tolist())
        since = int(self.balances.on[said[0]]) if len(said) else NEVER
        for kind in (*MOVING, *_STANDING):
            events = self.events(kind)
            mine = events.of(loan)
            mine = mine[events.on[mine] > since] if kind in MOVING else mine[-1:]
            yield from ((events.table, events.row(place)) for place in mine.tolist())

    # ── what is outstanding ────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def taken(self) -> Truth:
        """Of each loan, whether something was repaid, prepaid or written off."""
        found = nowhere(self.size)
        for events in map(self.events, MOVING[1:]):
            if len(events):
                found |= marked(events.loan, self.size)
        return found

    @cached_property
    def balance(self) -> Whole:
        """The last stated balance plus later drawdowns; day by day for loans of which something was taken."""
        said, drawn = self.balances, self.events(EventKind.DISBURSED)
        since = put(said.on, said.loan, self.size, NEVER)
        later = drawn.on > since[drawn.loan]
        amount = np.where(later, drawn.values("amount"), 0) if later.any() else drawn.values("amount")[:0]
        most = reach(amount, drawn.loan, self.size) if len(amount) else 0
        amount, stated = bounded(most * 2, amount, said.values("outstanding"))
        found = put(stated, said.loan, self.size, 0)
        if len(amount):
            found = found + total_of(amount, drawn.loan, self.size)
        if self.taken.any():
            moving = balances_of(self.chunk, self.taken)
            found, moved = bounded(0, found.copy(), moving.balance)
            found[moving.loans] = moved
        return found

    @cached_property
    def average_balance(self) -> Cells:
        """The mean of the balances at the end of each day of the period; unknown where its start is."""
        daily = balances_of(self.chunk, None)
        unknown = daily.unknown
        return Cells(daily.unit_days, self.usable.period.days, unknown if unknown.any() else None)

    # ── how it stands ──────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def days_past_due(self) -> Whole:
        """As the last event says."""
        late = self.events(EventKind.PAST_DUE)
        return put(late.values("days"), late.loan, self.size, 0) if len(late) else np.full(self.size, 0)

    @cached_property
    def overdue(self) -> Cells:
        """The past-due part of the last balance, at most the balance; 0 once 0 days past due are said later."""
        said, late = self.balances, self.events(EventKind.PAST_DUE)
        stated_on = put(said.on, said.loan, self.size, NEVER)
        current = (self.days_past_due == 0) & (put(late.on, late.loan, self.size, NEVER - 1) >= stated_on)
        nothing = (self.balance == 0) | current
        column = said.cells("overdue")
        last = put(np.arange(len(said)), said.loan, self.size, -1)
        unsaid = last < 0 if column.missing is None else np.append(column.missing, True)[last]
        part, balance = bounded(0, put(column.values, said.loan, self.size, 0), self.balance)
        part = np.where(nothing, balance * 0, np.minimum(part, balance))
        unknown = unsaid & ~nothing
        return Cells(part, missing=unknown if unknown.any() else None)

    @property
    def is_overdue(self) -> Truth:
        """Something is outstanding, and it is past due by days or by instalments."""
        overdue = self.overdue
        by_part = overdue.values > 0
        if overdue.missing is not None:
            by_part &= ~overdue.missing
        late: Truth = (self.balance > 0) & ((self.days_past_due > 0) | by_part)
        return late

    @property
    def arrears_days(self) -> Whole:
        """Days past due; of a rescheduled loan beyond every bound."""
        return np.where(self.rescheduled, BEYOND_EVERY_BOUND_DAYS, self.days_past_due)

    @cached_property
    def category(self) -> Cells:
        """As the last event says; normal without one."""
        classified = self.events(EventKind.CLASSIFIED)
        column = classified.cells("category")
        codes = put(column.values, classified.loan, self.size, -1)
        return Cells(codes, words=column.words, unsaid=Category.NORMAL.value)

    @cached_property
    def _bad(self) -> Truth:
        category = self.category
        bad: Truth = np.array([*(word in _NON_PERFORMING for word in category.words), False])[category.values]
        return bad

    @cached_property
    def rescheduled(self) -> Truth:
        """Whether it was rescheduled by the last day."""
        return marked(self.events(EventKind.RESCHEDULED).loan, self.size)

    @property
    def standing(self) -> Cells:
        """Non-performing by category, else rescheduled, else performing."""
        return Cells(np.where(self._bad, 2, np.where(self.rescheduled, 1, 0)), words=STANDINGS)

    # ── amounts ────────────────────────────────────────────────────────────────────────────────────────────────

    def _sum(self, kind: EventKind) -> Whole:
        """The amounts of a kind of event by the last day."""
        events = self.events(kind)
        amounts = events.values("amount")
        if not isinstance(events.loan, slice):
            (amounts,) = bounded(reach(amounts, events.loan, self.size), amounts)
        return total_of(amounts, events.loan, self.size)

    @cached_property
    def written_off(self) -> Whole:
        """Written off less recovered by the last day, at least 0."""
        lost, back = self._sum(EventKind.WRITTEN_OFF), self._sum(EventKind.RECOVERED)
        lost, back = bounded(largest(lost) + largest(back), lost, back)
        left: Whole = np.maximum(lost - back, 0)
        return left

    def _exposed(self, chosen: Truth | None) -> Whole:
        """What is written off, and the balance of some loans."""
        balance = self.balance if chosen is None else np.where(chosen, self.balance, self.balance * 0)
        lost, balance = bounded(largest(self.written_off) + largest(balance), self.written_off, balance)
        return lost + balance

    @property
    def exposure(self) -> Whole:
        """Balance and what is written off."""
        return self._exposed(None)

    @property
    def non_performing_exposure(self) -> Whole:
        """What is written off, and the balance where it is non-performing."""
        return self._exposed(self._bad)

    @property
    def impaired_exposure(self) -> Whole:
        """What is written off, and the balance where it is non-performing or rescheduled."""
        return self._exposed(self._bad | self.rescheduled)

    @property
    def signed(self) -> Whole:
        """What was signed by the last day."""
        return self._sum(EventKind.SIGNED)

    @cached_property
    def disbursed(self) -> Whole:
        """What was drawn by the last day."""
        return self._sum(EventKind.DISBURSED)

    # ── days ───────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def age_days(self) -> Whole:
        """Days from opening to the last day."""
        return self.usable.last - self.chunk.opened_on

    @property
    def opened_in_period(self) -> Truth:
        """Whether it was opened within the period."""
        return self.chunk.opened_on >= self.usable.start

    @property
    def first_due_in_period(self) -> Cells:
        """Whether its first instalment falls due within the period; unknown of a drawn loan that does not say it."""
        due = self.cells("first_due_on")
        inside = (due.values >= self.usable.start) & (due.values < self.usable.end)
        if due.missing is None:
            return Cells(inside)
        unknown = due.missing & ((self.disbursed != 0) | (self.balance != 0))
        return Cells(inside & ~due.missing, missing=unknown if unknown.any() else None)

    @property
    def first_payment_days_late(self) -> Whole:
        """The most days past due, seen by the last day, of which the first instalment can be the cause."""
        late, due = self.events(EventKind.PAST_DUE), self.cells("first_due_on")
        days, since = late.values("days"), late.on - due.values[late.loan]
        reaches = (since > 0) & (since <= days)
        if due.missing is not None:
            reaches &= ~due.missing[late.loan]
        return most_of(np.where(reaches, days, 0), late.loan, self.size)


_OF_THE_LOAN = frozenset({"product", "segment", "collateral", "customer_type"})
"""The fields that stand in the table of loans."""
