"""Balances: what happened to loans -> their balances at the end of a period, and the sums of these over its days.

A balance that is stated holds at the end of its day, whatever else happened on it. Nothing goes below zero.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import frozen

from loanperf._facts import EventKind, key_text
from loanperf._indicators._chunk import MOVING, NEVER, Chunk
from loanperf._numbers import (
    AS_THEY_ARE,
    Places,
    Rows,
    Truth,
    Whole,
    bounded,
    floored,
    largest,
    marked,
    nowhere,
    ordered,
    put,
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
    """The balances of loans.

    Args:
        chunk: the loans of a chunk.
        chosen: which of them; None is all.
    """
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
    steps = steps.rows(ordered(steps.loan, steps.on)) if len(stated) else steps
    by_day = starts_of(steps.loan, steps.on)
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
