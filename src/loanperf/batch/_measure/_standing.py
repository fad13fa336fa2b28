"""Standing: (dated facts of loans, in columns) -> how each loan stands on the last day; the twin of `rows_of`.

What is plain is worked here. A loan of which more is taken than is outstanding, or whose amounts may not fit in 64
bits, is in doubt: the rows path decides about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from loanperf._facts import EventKind
from loanperf._periods import Period
from loanperf._tables._columns import EPOCH, Truth, Whole, day_number
from loanperf._tables._sums import Places

KINDS = tuple(EventKind)
KIND_CODES = {kind: code for code, kind in enumerate(KINDS)}
_CERTAIN = 2.0**61
"""Amounts of a loan whose sum is below it fit in 64 bits whatever is done with them here."""
_TAKEN = (EventKind.REPAID, EventKind.PREPAID, EventKind.WRITTEN_OFF)


def day_of(number: int) -> date:
    """The day that so many days after 1970-01-01 is."""
    return EPOCH + timedelta(days=number)


@frozen
class Days:
    """A period in days since 1970-01-01."""

    start: int
    last: int

    @classmethod
    def of(cls, period: Period) -> Days:
        """Its first and last day."""
        return cls(day_number(period.start), day_number(period.last_day))

    @property
    def count(self) -> int:
        """How many days it has."""
        return self.last - self.start + 1


@frozen(eq=False, kw_only=True)
class Happened:
    """Events of loans, one a row, in no order."""

    loan: Places
    kind: NDArray[np.int8]
    """Places in `KINDS`."""
    day: Whole
    number: NDArray[np.int32]
    """Place of the event's number in the order of numbers."""
    stated: Whole
    """Amount, days past due, place of the category or code of the officer; 0 where the kind states nothing."""

    def rows(self, chosen: Places | Truth) -> Happened:
        """Some of them."""
        return Happened(
            loan=self.loan[chosen],
            kind=self.kind[chosen],
            day=self.day[chosen],
            number=self.number[chosen],
            stated=self.stated[chosen],
        )

    def of(self, *kinds: EventKind) -> Happened:
        """Those of some kinds."""
        found: Truth = self.kind == KIND_CODES[kinds[0]]
        for kind in kinds[1:]:
            found |= self.kind == KIND_CODES[kind]
        return self.rows(found)

    def last(self) -> Happened:
        """The last of each loan, by day and number; in order of loans."""
        order = np.lexsort((self.number, self.day, self.loan))
        loan = self.loan[order]
        return self.rows(order[np.append(loan[1:] != loan[:-1], True)] if order.size else order)


@frozen(eq=False, kw_only=True)
class Stated:
    """Balances of loans, one a row, in no order."""

    loan: Places
    day: Whole
    outstanding: Whole
    overdue: Whole
    """-1 where it is not stated."""

    def rows(self, chosen: Places | Truth) -> Stated:
        """Some of them."""
        return Stated(
            loan=self.loan[chosen],
            day=self.day[chosen],
            outstanding=self.outstanding[chosen],
            overdue=self.overdue[chosen],
        )


@frozen(eq=False, kw_only=True)
class Standing:
    """How loans stand on the last day, one a row; what the fields of the view `loans` are worked out of."""

    balance: Whole
    unit_days: Whole
    """The sum of each day's balances."""
    average_unknown: Truth
    overdue: Whole
    """Of the last balance; -1 where it is not stated."""
    days: Whole
    """Past due."""
    current_again: Truth
    """Whether the last word is 0 days past due."""
    days_late: Whole
    """On the first instalment."""
    category: NDArray[np.int8]
    """Place in `Category`."""
    rescheduled: Truth
    written_off: Whole
    """Net of what was recovered, not below zero."""
    signed: Whole
    disbursed: Whole
    cancelled: Truth
    cancelled_now: Truth
    """Within the period."""
    holder: Places
    """Who holds it on the last day."""


@frozen(eq=False, kw_only=True)
class Terms:
    """What loans state of themselves, one a row."""

    officer: Places
    opened: Whole
    due: Whole
    """Day of the first instalment; -2**62 where it is not stated."""


NOT_DUE = -(2**62)


def stand(terms: Terms, events: Happened, stated: Stated, days: Days) -> tuple[Standing, Truth]:
    """How loans stand on the last day, and which of them are in doubt.

    Args:
        terms: one row a loan; `events` and `stated` name loans by its rows.
        events: each told once, of any day.
        stated: one a loan and day, of any day.
        days: the period.
    """
    loans = terms.opened.size
    events, stated = events.rows(events.day <= days.last), stated.rows(stated.day <= days.last)
    doubt = _too_large(events, stated, loans, days)
    balance, unit_days, unknown, taken = _balances(terms, events, stated, days)
    overdue, stated_on = _last_stated(stated, loans)
    past_due, past_due_on = _latest(events.of(EventKind.PAST_DUE), loans, 0)
    written_off = _sum(events, EventKind.WRITTEN_OFF, loans) - _sum(events, EventKind.RECOVERED, loans)
    ended = events.of(EventKind.CANCELLED)
    standing = Standing(
        balance=balance,
        unit_days=unit_days,
        average_unknown=unknown,
        overdue=overdue,
        days=past_due,
        current_again=(past_due_on > NOT_DUE) & (past_due == 0) & (stated_on <= past_due_on),
        days_late=_days_late(events.of(EventKind.PAST_DUE), terms.due),
        category=_latest(events.of(EventKind.CLASSIFIED), loans, 0)[0].astype(np.int8),
        rescheduled=_any(events.of(EventKind.RESCHEDULED).loan, loans),
        written_off=np.maximum(written_off, 0),
        signed=_sum(events, EventKind.SIGNED, loans),
        disbursed=_sum(events, EventKind.DISBURSED, loans),
        cancelled=_any(ended.loan, loans),
        cancelled_now=_any(ended.loan[ended.day >= days.start], loans),
        holder=_holders(terms.officer, events),
    )
    return standing, doubt | taken


def _too_large(events: Happened, stated: Stated, loans: int, days: Days) -> Truth:
    """Loans whose amounts, times the days of the period, may not fit in 64 bits."""
    moved = events.of(EventKind.SIGNED, EventKind.DISBURSED, EventKind.RECOVERED, *_TAKEN)
    about = np.bincount(moved.loan, weights=moved.stated, minlength=loans)
    about = about + np.bincount(stated.loan, weights=stated.outstanding, minlength=loans)
    large: Truth = about * max(days.count, 1) >= _CERTAIN
    return large


def _any(loan: Places, loans: int) -> Truth:
    found = np.zeros(loans, dtype=np.bool_)
    found[loan] = True
    return found


def _sum(events: Happened, kind: EventKind, loans: int) -> Whole:
    """The amounts of a kind of event; of loans in doubt they may be wrong."""
    found, mine = np.zeros(loans, dtype=np.int64), events.of(kind)
    np.add.at(found, mine.loan, mine.stated)
    return found


def _latest(events: Happened, loans: int, absent: int) -> tuple[Whole, Whole]:
    """What the last event of each loan states, and its day."""
    last = events.last()
    stated, day = np.full(loans, absent, dtype=np.int64), np.full(loans, NOT_DUE, dtype=np.int64)
    stated[last.loan], day[last.loan] = last.stated, last.day
    return stated, day


def _last_stated(stated: Stated, loans: int) -> tuple[Whole, Whole]:
    """The overdue part of each loan's last balance, and its day."""
    order = np.lexsort((stated.day, stated.loan))
    found, day = np.full(loans, -1, dtype=np.int64), np.full(loans, NOT_DUE, dtype=np.int64)
    found[stated.loan[order]], day[stated.loan[order]] = stated.overdue[order], stated.day[order]
    return found, day


def _days_late(past_due: Happened, due: Whole) -> Whole:
    """The most days past due of which the first instalment can be the cause."""
    since = past_due.day - due[past_due.loan]
    caused = (due[past_due.loan] > NOT_DUE) & (since > 0) & (since <= past_due.stated)
    found = np.zeros(due.size, dtype=np.int64)
    np.maximum.at(found, past_due.loan[caused], past_due.stated[caused])
    return found


def _holders(officer: Places, events: Happened) -> Places:
    last = events.of(EventKind.ASSIGNED).last()
    holder = officer.copy()
    holder[last.loan] = last.stated
    return holder


def held_on(officer: Places, handed: Happened, loan: Places, day: Whole) -> Places:
    """Who held loans on days: the last to whom each was assigned by then, else its officer.

    Args:
        officer: of each loan.
        handed: events `assigned`.
        loan: places in `officer`, one a row.
        day: one a row.
    """
    found = officer[loan]
    if not handed.loan.size or not loan.size:
        return found
    order = np.lexsort((handed.number, handed.day, handed.loan))
    ordered, on = handed.loan[order], handed.day[order]
    first = int(min(on.min(), day.min()))
    width = int(max(on.max(), day.max())) - first + 1  # days are within years 1 to 9999, and loans below 2**40
    at = np.searchsorted(ordered * width + (on - first), loan * width + (day - first), side="right") - 1
    mine = (at >= 0) & (ordered[np.maximum(at, 0)] == loan)
    found[mine] = handed.stated[order[at[mine]]]
    return found


# ── balances ────────────────────────────────────────────────────────────────────────────────────────────────


def _balances(terms: Terms, events: Happened, stated: Stated, days: Days) -> tuple[Whole, Whole, Truth, Truth]:
    """What is outstanding on the last day, the sum of each day's balances, where it is unknown; and loans in doubt."""
    loans = terms.opened.size
    moves = events.of(EventKind.DISBURSED, *_TAKEN)
    drawn = moves.kind == KIND_CODES[EventKind.DISBURSED]
    first_day, unknown = _openings(terms, moves, drawn, stated, days)
    kept = stated.rows(stated.day >= first_day[stated.loan])
    later = (moves.day > first_day[moves.loan]) & ~_on_stated_days(moves, kept)
    moves, drawn = moves.rows(later), drawn[later]
    loan, day = np.append(kept.loan, moves.loan), np.append(kept.day, moves.day)
    taken = np.append(np.zeros(kept.loan.size, dtype=np.bool_), ~drawn)
    order = np.lexsort((taken, day, loan))
    loan, day = loan[order], day[order]
    change = np.append(np.zeros_like(kept.outstanding), np.where(drawn, moves.stated, -moves.stated))[order]
    level = np.append(kept.outstanding, np.zeros_like(moves.stated))[order]
    balance = _running(loan, change, level, order < kept.loan.size)
    ends = np.append(loan[1:] != loan[:-1], True)[: loan.size]
    until = np.where(ends, days.last + 1, np.append(day[1:], 0)[: loan.size])
    held = np.maximum(until - np.maximum(day, days.start), 0)
    found, unit_days = np.zeros(loans, dtype=np.int64), np.zeros(loans, dtype=np.int64)
    found[loan[ends]] = balance[ends]
    np.add.at(unit_days, loan, balance * held)
    return found, unit_days, unknown, _any(loan[balance < 0], loans)


def _openings(terms: Terms, moves: Happened, drawn: Truth, stated: Stated, days: Days) -> tuple[Whole, Truth]:
    """The day of the balance with which each loan starts, and whether what was before it is unknown."""
    loans = terms.opened.size
    before = stated.rows(stated.day < days.start)
    opening = np.full(loans, NOT_DUE, dtype=np.int64)
    np.maximum.at(opening, before.loan, before.day)
    order = np.lexsort((stated.day, stated.loan))[::-1]
    first, units = np.full(loans, 2**62, dtype=np.int64), np.zeros(loans, dtype=np.int64)
    first[stated.loan[order]], units[stated.loan[order]] = stated.day[order], stated.outstanding[order]
    leads = moves.day <= first[moves.loan]
    is_drawn, is_moved = _any(moves.loan[leads & drawn], loans), _any(moves.loan[leads], loans)
    falls = (first < 2**62) & (terms.opened < first) & ~is_drawn & (is_moved | (units != 0))
    unknown = falls & (opening == NOT_DUE)
    return np.where(unknown, first, opening), unknown


def _on_stated_days(moves: Happened, stated: Stated) -> Truth:
    """Events on a day at whose end the balance is stated; that balance counts, and they do not."""
    if not stated.loan.size or not moves.loan.size:
        return np.zeros(moves.loan.size, dtype=np.bool_)
    first = int(min(stated.day.min(), moves.day.min()))
    width = int(max(stated.day.max(), moves.day.max())) - first + 1
    known = np.sort(stated.loan * width + (stated.day - first))
    wanted = moves.loan * width + (moves.day - first)
    found: Truth = known[np.minimum(np.searchsorted(known, wanted), known.size - 1)] == wanted
    return found


def _running(loan: Places, change: Whole, level: Whole, is_stated: Truth) -> Whole:
    """The balance after each entry: the last one stated, or 0, and all changes since.

    The sum over all loans may wrap; differences within a loan fit in 64 bits and come out right all the same.
    """
    if not loan.size:
        return level
    begins = np.append(True, loan[1:] != loan[:-1])
    summed = np.cumsum(change)
    since = np.maximum.accumulate(np.where(begins | is_stated, np.arange(loan.size), 0))
    return level[since] + summed - (summed - np.where(is_stated, 0, change))[since]


def ranks(words: Sequence[str]) -> NDArray[np.int32]:
    """The place of each word in their order, and last that of the empty text, which comes before all."""
    order = {word: place for place, word in enumerate(sorted({*words, ""}))}
    return np.array([*(order[word] for word in words), 0], dtype=np.int32)
