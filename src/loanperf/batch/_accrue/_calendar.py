"""Calendar: pay periods as tables by day, so that a million days find their periods and windows by one look-up each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from attrs import field, frozen

from loanperf._commission import Tiers
from loanperf._numbers import day_number
from loanperf._periods import Period
from loanperf._tables._columns import EPOCH, Whole


@frozen(eq=False)
class BookCalendar:
    """The pay periods from the first to the last."""

    periods: tuple[Period, ...]
    _table: list[Whole] = field(factory=list, init=False)

    @property
    def first(self) -> int:
        """The number of the first day."""
        return day_number(self.periods[0].start)

    @property
    def last(self) -> int:
        """The number of the last day."""
        return day_number(self.periods[-1].last_day)

    def index(self, on: Whole) -> Whole:
        """The place of the period of each day up to the last; -1 before the first."""
        low = self.first - 1
        if not self._table:
            starts = [day_number(period.start) for period in self.periods]
            bounds = np.diff([low, *starts, self.last + 1])
            self._table.append(np.repeat(np.arange(-1, len(starts)), bounds))
        found: Whole = self._table[0][np.maximum(on, low) - low]
        return found

    def window(self, tiers: Tiers | None, on: Whole) -> Whole:
        """What accumulates together, by day; it never falls from one day to the next."""
        if tiers is None or tiers.accumulates in ("period", "rolling"):
            return self.index(on)
        if tiers.resets == "never":
            return np.zeros(len(on), dtype=np.int64)
        if not len(on):
            return np.zeros(0, dtype=np.int64)
        low = int(on.min())
        parts = {"year": 1, "half": 2, "quarter": 4}[tiers.resets]
        days = [date.fromordinal(EPOCH.toordinal() + day) for day in range(low, int(on.max()) + 1)]
        table = np.array([day.year * parts + (day.month - 1) * parts // 12 for day in days], dtype=np.int64)
        return table[on - low]


def last_days(periods: Sequence[Period]) -> Whole:
    """The number of the last day of each period."""
    return np.array([day_number(period.last_day) for period in periods], dtype=np.int64)
