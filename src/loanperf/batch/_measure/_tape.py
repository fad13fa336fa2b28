"""Tape: rows of the table `loans` -> what they say of each loan's events and of how it stands on the last day."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from loanperf._facts import Category, EventKind
from loanperf._tables._columns import Table, Truth, Whole
from loanperf.batch._measure._standing import NOT_DUE, Days

MILESTONES: Mapping[EventKind, str] = {
    EventKind.DUE_DILIGENCE: "due_diligence_on",
    EventKind.SIGNED: "signed_on",
    EventKind.DISBURSED: "disbursed_on",
    EventKind.CANCELLED: "cancelled_on",
}
"""Columns of a tape that hold the day of an event."""
STATES: Mapping[EventKind, str] = {
    EventKind.CLASSIFIED: "category",
    EventKind.PAST_DUE: "days_past_due",
    EventKind.RESCHEDULED: "rescheduled",
}
"""Columns of a tape that stand for an event on the book's day."""
_CERTAIN = 2**61
_CATEGORIES = {category.value: place for place, category in enumerate(Category)}


@frozen(eq=False)
class Tape:
    """Some rows of the table `loans`."""

    table: Table
    chosen: slice | NDArray[np.intp]
    size: int
    days: Days
    as_of: int | None
    """The book's day; None where it has none."""
    _read: dict[str, tuple[Whole, Truth | None]] = field(factory=dict, init=False)

    @property
    def stands(self) -> bool:
        """Whether the book's day is in or before the period, so that what is said of it counts on the last day."""
        return self.as_of is not None and self.as_of <= self.days.last

    def has(self, name: str) -> bool:
        """Whether there is such a column."""
        return name in self.table

    def whole(self, name: str) -> tuple[Whole, Truth | None]:
        """A column of numbers, days or truths as whole numbers, 0 where they are missing; and where they are."""
        if name not in self._read:
            column = self.table[name]
            values, missing = column.values[self.chosen], None
            if column.missing is not None:
                missing = column.missing[self.chosen]
                missing = missing if missing.any() else None
            if missing is not None:
                values = np.where(missing, 0, values)
            self._read[name] = values.astype(np.int64, copy=False), missing
        return self._read[name]

    def none(self) -> Whole:
        """Zeros."""
        return np.zeros(self.size, dtype=np.int64)

    def no(self) -> Truth:
        """No row."""
        return np.zeros(self.size, dtype=np.bool_)

    # ── milestones ──────────────────────────────────────────────────────────────────────────────────────────

    def between(self, name: str, first: int, last: int) -> Truth | None:
        """The rows of which a day lies between two, both included; None where that is all of them."""
        if not self.has(name) or not self.size:
            return self.no()
        day, missing = self.whole(name)
        if missing is None and int(day.max()) <= last and (first <= NOT_DUE or int(day.min()) >= first):
            return None
        found: Truth = (day >= first) & (day <= last)
        return found if missing is None else found & ~missing

    def until(self, name: str) -> Truth | None:
        """The rows of which a day is not after the period; None where that is all of them."""
        return self.between(name, NOT_DUE, self.days.last)

    def happened(self, kind: EventKind) -> Truth | None:
        """The rows with an event of a kind within the period; None where that is all of them."""
        first, last = self.days.start, self.days.last
        if kind in MILESTONES:
            return self.between(MILESTONES[kind], first, last)
        if kind not in STATES or self.as_of is None or not first <= self.as_of <= last:
            return self.no()
        return self.stated(kind)

    def stated(self, kind: EventKind) -> Truth:
        """The rows of which the book's day says such an event."""
        name = STATES[kind]
        if not self.has(name):
            return self.no()
        return self.categories() != 0 if kind is EventKind.CLASSIFIED else self.whole(name)[0] > 0

    def amount(self, name: str) -> Whole:
        """What was signed or drawn by the last day, 0 where nothing was."""
        if not self.has(name):
            return self.none()
        until, (amount, _) = self.until(f"{name}_on"), self.whole(name)
        return amount if until is None else amount * until

    # ── how loans stand ─────────────────────────────────────────────────────────────────────────────────────

    def said(self, name: str) -> Whole | None:
        """What the book's day says in a column of numbers, if it counts; None where nothing is said of any row."""
        return self.whole(name)[0] if self.stands and self.has(name) else None

    def categories(self) -> NDArray[np.int8]:
        """Places in `Category`, on the book's day."""
        if not self.has("category") or self.table["category"].kind != "text":
            return np.zeros(self.size, dtype=np.int8)
        column = self.table["category"]
        codes, of_word = column.values[self.chosen], [_CATEGORIES.get(word, 0) for word in column.words]
        if len(of_word) > len(_CATEGORIES):
            looked_up: NDArray[np.int8] = np.array([*of_word, 0], dtype=np.int8)[codes]
            return looked_up
        # A comparison for each of few words is much faster than looking codes up.
        found = np.zeros(self.size, dtype=np.int8)
        for code, place in enumerate(of_word):
            if place:
                found += (codes == code).view(np.int8) * np.int8(place)
        return found

    def balance(self) -> Whole:
        """What is outstanding on the last day."""
        stated = self.said("balance")
        if stated is None:
            return self.amount("disbursed")
        missing = self.whole("balance")[1]
        later = self.has("disbursed") and self.as_of != self.days.last
        if missing is None and not later:
            return stated
        drawn = self.amount("disbursed")
        if later:
            stated = stated + drawn * (self.whole("disbursed_on")[0] > (self.as_of or 0))
        return stated if missing is None else np.where(missing, drawn, stated)

    def too_large(self) -> Truth | None:
        """Rows of which a balance, or the sum of each day's, may not fit in 64 bits; None where all do."""
        about = np.zeros(self.size)
        for name in ("balance", "disbursed"):
            if self.has(name):
                about += np.abs(self.whole(name)[0].astype(np.float64))
        large: Truth = about * self.days.count >= _CERTAIN
        return large if large.any() else None

    def overdue(self) -> Whole:
        """The past-due part of the balance, -1 where it is not stated."""
        stated = self.said("overdue")
        if stated is None or not self.has("balance"):
            return np.full(self.size, -1, dtype=np.int64)
        for missing in (self.whole("overdue")[1], self.whole("balance")[1]):
            stated = stated if missing is None else np.where(missing, -1, stated)
        return stated

    def days_late(self) -> Whole:
        """The days past due, where the first instalment can be their cause."""
        past_due = self.said("days_past_due")
        if past_due is None or self.as_of is None:
            return self.none()
        due = self.due()
        since = self.as_of - due
        return past_due * ((due > NOT_DUE) & (since > 0) & (since <= past_due))

    def due(self) -> Whole:
        """The day of the first instalment, `NOT_DUE` where it is not stated."""
        if not self.has("first_due_on"):
            return np.full(self.size, NOT_DUE, dtype=np.int64)
        due, missing = self.whole("first_due_on")
        return due if missing is None else np.where(missing, NOT_DUE, due)

    def unit_days(self) -> tuple[Whole, Truth]:
        """The sum of each day's balances, and where it is unknown: a balance that falls from the sky."""
        days, on = self.days, self.as_of or 0
        there = self.no() if self.said("balance") is None else ~_or_no(self.whole("balance")[1], self.size)
        stated = np.where(there, 0 if self.said("balance") is None else self.whole("balance")[0], 0)
        drawn, drawn_on = self.none(), np.full(self.size, days.last + 1, dtype=np.int64)
        if self.has("disbursed_on"):
            (drawn, _), (day, missing) = self.whole("disbursed"), self.whole("disbursed_on")
            drawn_on = np.where(_or_no(missing, self.size) | (day > days.last), days.last + 1, day)
        led = drawn_on <= on
        opened = self.whole("opened_on")[0]
        unknown = there & (on >= days.start) & (opened < on) & ~led & (stated != 0)
        # Drawn before a balance: until that day. Drawn after it: on top of it. On its day, or before the one with
        # which the period starts: not at all.
        ends = np.where(there, np.where(drawn_on > on, days.last + 1, on), days.last + 1)
        held = np.maximum(ends - np.maximum(drawn_on, days.start), 0)
        kept = np.where(there, days.last + 1 - max(on, days.start), 0)
        return drawn * held + stated * kept, unknown


def _or_no(missing: Truth | None, size: int) -> Truth:
    return np.zeros(size, dtype=np.bool_) if missing is None else missing
