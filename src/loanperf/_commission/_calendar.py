"""Calendar: the pay periods of a run as columns, so that days find their periods by one look-up."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from attrs import frozen

from loanperf._numbers import Places, Whole, day_number, whole
from loanperf._periods import Period


@frozen(eq=False)
class Calendar:
    """The pay periods from the first to the last, one after the other without a gap."""

    periods: tuple[Period, ...]
    starts: Whole
    """The first day of each, as a number."""
    ends: Whole
    """The first day after each."""

    @classmethod
    def of(cls, periods: Iterable[Period]) -> Calendar:
        """The columns of periods that are in order."""
        given = tuple(periods)
        starts, ends = ([day_number(getattr(period, name)) for period in given] for name in ("start", "end"))
        return cls(given, whole(starts), whole(ends))

    def __len__(self) -> int:
        return len(self.periods)

    @property
    def last(self) -> int:
        """The last day that counts: that of the last period."""
        return int(self.ends[-1]) - 1

    def place(self, on: Whole) -> Places:
        """The place of the period of each day; -1 before the first, and the last from its first day on.

        >>> month = Period.month(2026, 3)
        >>> Calendar.of([month, month.next()]).place(Calendar.of([month, month.next()]).ends - 1).tolist()
        [0, 1]
        """
        return np.searchsorted(self.starts, on, "right") - 1

    def place_or_before(self, on: Whole) -> Whole:
        """The same, counted on below zero in periods before the first: -2 is the last day but one of those."""
        starts, earlier = [*self.starts.tolist()], self.periods[0]
        while len(on) and starts[0] > int(on.min()):
            earlier = earlier.previous()
            starts.insert(0, day_number(earlier.start))
        return np.searchsorted(whole(starts), on, "right") - 1 - (len(starts) - len(self.starts))
