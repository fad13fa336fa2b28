"""Loans: a chunk of loans -> how they stand on the last day of the period, a column a field."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from attrs import frozen

from loanperf._facts import Category, EventKind, key_text
from loanperf._indicators._fields import FIELDS_OF_LOANS, STANDINGS
from loanperf._indicators._types import HeldAt
from loanperf._indicators._usable import MOVING, NEVER, Cells, Chunk, Place
from loanperf._numbers import (
    AS_THEY_ARE,
    Places,
    Rows,
    Truth,
    Whole,
    bounded,
    floored,
    grouped,
    largest,
    marked,
    most_of,
    nowhere,
    put,
    reach,
    spread,
    starts_of,
    total_of,
)
from loanperf.errors import Problem


@frozen(eq=False)
class DailyBalances:
    """The balances of some loans of a chunk, a value a loan."""

    loans: Rows
    """Which loans."""
    balance: Whole
    """At the end of the period."""
    unit_days: Whole
    """The sum of the balances at the end of each day of the period."""
    unknown: Truth
    """Where the balance at the start of the period is not known."""


@frozen(eq=False)
class _Steps:
    """What happened, in order of loan and day: a stated balance first, then drawdowns, then what was taken."""

    loan: Whole
    on: Whole
    value: Whole
    stated: Truth
    origin: Whole
    """The place of each among all that was gathered."""

    def rows(self, chosen: Rows) -> _Steps:
        return _Steps(self.loan[chosen], self.on[chosen], self.value[chosen], self.stated[chosen], self.origin[chosen])


def balances_of(chunk: Chunk, chosen: Truth | None) -> DailyBalances:
    """The balances of loans."""
    usable, size = chunk.usable, chunk.size
    since, unknown = _begun(chunk)
    steps, tables = _gathered(chunk, chosen, since)
    new = nowhere(len(steps.loan))
    new[starts_of(steps.loan)] = True
    (value,) = bounded(_most(steps) * usable.period.days, steps.value)
    starts = np.flatnonzero(new | steps.stated)
    balance, too_much = floored(value, starts) if len(starts) else (value, new)
    _note(chunk, steps.rows(np.flatnonzero(too_much)), tables)
    until = np.full(len(steps.on), usable.end)
    until[:-1] = np.where(new[1:], usable.end, steps.on[1:])
    days = np.maximum(until - np.maximum(steps.on, usable.start), 0)
    loans: Rows = AS_THEY_ARE if chosen is None else np.flatnonzero(chosen)
    return DailyBalances(
        loans=loans,
        balance=put(balance, steps.loan, size, 0)[loans],
        unit_days=total_of(balance * days, steps.loan, size)[loans],
        unknown=unknown[loans],
    )


def _most(steps: _Steps) -> int:
    """No balance is larger."""
    many = np.diff(starts_of(steps.loan), append=len(steps.loan))
    return largest(steps.value) * int(many.max(initial=0))


def _begun(loans: Chunk) -> tuple[Whole, Truth]:
    """The day of the balance that each loan starts from, `NEVER` where it starts from nothing; and where none is known.

    A first balance within the period falls from the sky on an older loan with no drawdown that leads to it: what was
    outstanding before is not known then.
    """
    usable, said, size = loans.usable, loans.balances, loans.size
    before = said.on < usable.start
    place = np.arange(size)[said.loan]
    opening = put(said.on[before], place[before], size, NEVER)
    first = np.full(size, usable.end)
    first[place[::-1]] = said.on[::-1]
    units = put(said.values("outstanding")[::-1], place[::-1], size, 0)
    falls = (units != 0) & (first < usable.end)
    drawn = nowhere(size)
    for kind in MOVING:
        events = loans.events(kind)
        if len(events):
            at = np.arange(size)[events.loan]
            at = at[events.on <= first[at]]
            (drawn if kind is EventKind.DISBURSED else falls)[at] = True
    unknown = (first < usable.end) & (first >= usable.start) & (loans.opened_on < first) & falls & ~drawn
    return np.where(unknown, first, opening), unknown


def _gathered(loans: Chunk, chosen: Truth | None, since: Whole) -> tuple[_Steps, list[tuple[str, Rows, Places]]]:
    """What happened to loans since the day from which each is known; and where it stands in its table."""
    said, size = loans.balances, loans.size
    everyone = np.arange(size)
    tables: list[tuple[str, Rows, Places]] = []
    loan, on, value = [], [], []
    for happened, sign, name in [
        (said, 1, "outstanding"),
        *((loans.events(kind), 1 if kind is EventKind.DISBURSED else -1, "amount") for kind in MOVING),
    ]:
        at = everyone[happened.loan]
        good = happened.on >= since[at] if happened is said else happened.on > since[at]
        if chosen is not None:
            good &= chosen[at]
        kept = np.flatnonzero(good)
        tables.append((happened.table, happened.rows, kept))
        loan.append(at[kept])
        on.append(happened.on[kept])
        value.append(happened.values(name)[kept] * sign)
    stated = np.arange(sum(map(len, loan))) < len(loan[0])
    value = [*bounded(0, *value)]
    columns = map(np.concatenate, (loan, on, value))
    steps = _Steps(next(columns), next(columns), next(columns), stated, np.arange(len(stated)))
    order, by_day = grouped(steps.loan, steps.on)
    steps = steps.rows(order)
    covered = spread(steps.stated[by_day], by_day, len(stated)) & ~steps.stated
    return (steps.rows(np.flatnonzero(~covered)) if covered.any() else steps), tables


def _note(loans: Chunk, steps: _Steps, tables: list[tuple[str, Rows, Places]]) -> None:
    """Say of events that they take more than is outstanding, where their loan exists on the last day."""
    if not len(steps.loan):
        return
    there = marked(loans.existing, loans.size)
    ends = np.cumsum([len(kept) for _, _, kept in tables])
    for origin in sorted(steps.origin[there[steps.loan]].tolist()):
        which = int(np.searchsorted(ends, origin, "right"))
        table, rows, kept = tables[which]
        place = int(kept[origin - (int(ends[which - 1]) if which else 0)])
        row = place + rows.start if isinstance(rows, slice) else int(rows[place])
        loans.usable.noted.note(table, [row], _takes_too_much)


def _takes_too_much(event: Any) -> Problem:
    fault, remedy = "it takes more than is outstanding", "mend it, or send the balance before it"
    return Problem(key_text(event.key), fault, str(event.amount), remedy, lacks=("amounts", event.loan))


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
        found: Any = self.cells(name) if name in FIELDS_OF_LOANS else None
        if found is None:
            found = _FOLLOWING[name](self) if name in _FOLLOWING else getattr(self, name)
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
        """Whether something of each loan was repaid, prepaid or written off."""
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
        """Days past due as the last event `past due` says; 0 without one."""
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

    @cached_property
    def category(self) -> Cells:
        """The category as the last event `classified` says; normal without one."""
        classified = self.events(EventKind.CLASSIFIED)
        column = classified.cells("category")
        codes = put(column.values, classified.loan, self.size, -1)
        return Cells(codes, words=column.words, unsaid=Category.NORMAL.value)

    @cached_property
    def bad(self) -> Truth:
        """Whether it is non-performing by category."""
        category = self.category
        bad: Truth = np.array([*(word in _NON_PERFORMING for word in category.words), False])[category.values]
        return bad

    @cached_property
    def rescheduled(self) -> Truth:
        """Whether it was rescheduled by the last day."""
        return marked(self.events(EventKind.RESCHEDULED).loan, self.size)

    # ── amounts ────────────────────────────────────────────────────────────────────────────────────────────────

    def sum_of(self, kind: EventKind) -> Whole:
        """The amounts of a kind of event by the last day."""
        events = self.events(kind)
        amounts = events.values("amount")
        if not isinstance(events.loan, slice):
            (amounts,) = bounded(reach(amounts, events.loan, self.size), amounts)
        return total_of(amounts, events.loan, self.size)

    @cached_property
    def written_off(self) -> Whole:
        """Written off less recovered by the last day, at least 0."""
        lost, back = self.sum_of(EventKind.WRITTEN_OFF), self.sum_of(EventKind.RECOVERED)
        lost, back = bounded(largest(lost) + largest(back), lost, back)
        left: Whole = np.maximum(lost - back, 0)
        return left

    def exposed(self, chosen: Truth | None) -> Whole:
        """What is written off, and the balance of some loans."""
        balance = self.balance if chosen is None else np.where(chosen, self.balance, self.balance * 0)
        lost, balance = bounded(largest(self.written_off) + largest(balance), self.written_off, balance)
        return lost + balance

    @cached_property
    def disbursed(self) -> Whole:
        """What was drawn by the last day."""
        return self.sum_of(EventKind.DISBURSED)

    # ── days ───────────────────────────────────────────────────────────────────────────────────────────────────

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


_FOLLOWING: Mapping[str, Callable[[Loans], Any]] = {
    "arrears_days": lambda loans: np.where(loans.rescheduled, BEYOND_EVERY_BOUND_DAYS, loans.days_past_due),
    "standing": lambda loans: Cells(np.where(loans.bad, 2, np.where(loans.rescheduled, 1, 0)), words=STANDINGS),
    "exposure": lambda loans: loans.exposed(None),
    "non_performing_exposure": lambda loans: loans.exposed(loans.bad),
    "impaired_exposure": lambda loans: loans.exposed(loans.bad | loans.rescheduled),
    "signed": lambda loans: loans.sum_of(EventKind.SIGNED),
    "age_days": lambda loans: loans.usable.last - loans.chunk.opened_on,
    "opened_in_period": lambda loans: loans.chunk.opened_on >= loans.usable.start,
}
"""Fields that follow from others in one step; `FIELDS` says what each means."""
