"""Days: a line that was earned on several days, such as those of two drawings -> how much of it is of each day."""

from __future__ import annotations

import numpy as np
from attrs import evolve, frozen

from loanperf._ledger._moves import DueLines
from loanperf._numbers import (
    Columns,
    Places,
    Truth,
    Whole,
    bounded,
    drained,
    largest,
    nowhere,
    ordered,
    paired,
    ranked,
    shared,
    spread,
    starts_of,
    summed,
)


@frozen(eq=False, kw_only=True)
class DayParts(Columns):
    """Amounts of lines by the day on which each was earned, in order of line; they may sum to more than the line."""

    line: Places
    on: Whole
    units: Whole

    def of(self, lines: Places, size: int) -> DayParts:
        """The parts of some lines, which are named by their places among these; there are `size` lines in all."""
        place = np.full(size, -1)
        place[lines] = np.arange(len(lines))
        parts = self.some(place[self.line] >= 0)
        parts = evolve(parts, line=place[parts.line])
        return parts.some(ordered(parts.line))

    @property
    def several(self) -> Truth:
        """Which parts are of a line that has more than one."""
        starts = starts_of(self.line)
        found: Truth = spread(np.diff(starts, append=len(self.line)) > 1, starts, len(self.line))
        return found


def by_day(lines: DueLines, parts: DayParts) -> DayParts:
    """The amounts of lines by the days on which they were earned; reductions lower what was earned last."""
    (units,) = bounded(2 * largest(lines.units) * max(largest(parts.units), 1) + 1, parts.units)
    found = _reduced(evolve(parts, units=units))
    starts = starts_of(found.line)
    of = found.line[starts]
    whole, left = summed(found.units, starts), lines.units[of]
    cut = found.units - from_last(np.maximum(whole - left, 0), found.units, starts)
    by_hand = (lines.hand[of] >= 0) & (left > 0)
    if by_hand.any():
        (given,) = bounded(largest(found.units) * largest(left), np.where(by_hand, left, left * 0))
        mine = spread(by_hand, starts, len(cut))
        cut = np.where(mine, shared(given, np.where(mine, found.units, found.units * 0), starts), cut)
    good = spread(by_hand | (whole >= left), starts, len(cut)) & (cut > 0)
    found = evolve(found, units=cut).some(good)
    single = ~nowhere(len(lines))
    single[found.line] = False
    rest = np.flatnonzero(single)
    found = DayParts.stacked([found, DayParts(line=rest, on=lines.earned[rest], units=lines.units[rest])])
    return found.some(ordered(found.line))


def _reduced(parts: DayParts) -> DayParts:
    """The parts above zero, less what those below zero take off the last ones before them."""
    left = np.maximum(parts.units, 0)
    below = np.flatnonzero(parts.units < 0)
    nth, starts = ranked(starts_of(parts.line[below]), len(below)), starts_of(parts.line)
    begins = spread(starts, starts, len(parts.line))
    for turn in range(int(nth.max(initial=-1)) + 1):  # the n-th of every line
        at = below[nth == turn]
        rows, places = paired(begins[at], at)
        groups = starts_of(rows)
        left[places] = left[places] - from_last(-parts.units[at[rows[groups]]], left[places], groups)
    found = evolve(parts, units=left)
    return found.some(left > 0)


def from_last(most: Whole, amounts: Whole, starts: Places) -> Whole:
    """How much of each amount goes until what its group has is used up; the last row goes first."""
    size = len(amounts)
    ends = np.append(starts, size)[1:]
    return drained(most[::-1], amounts[::-1], (size - ends)[::-1])[::-1]
