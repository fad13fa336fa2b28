"""Reversals: lines -> what takes them back as their deal dies, and what lines below zero take off them."""

from __future__ import annotations

from typing import Self

import numpy as np
from attrs import frozen

from loanperf._ledger._amounts import Held
from loanperf._ledger._moves import DueLines
from loanperf._numbers import (
    FAR,
    Columns,
    Places,
    Truth,
    Whole,
    among,
    drained,
    marked,
    matched,
    ordered,
    ranked,
    running,
    starts_of,
)

REVERSALS = frozenset({"cancelled", "expired"})
"""Stages of lines that take back all that a payee earned by a deal up to their day."""
_FELL_BACK = "fell back"
"""The stage of a line that says what other loans lose as tiers fall back; it is no part of its own loan's pay."""
_SPAN = 2**23
"""More days than there are from the year 1 to 9999."""


def reversing(lines: DueLines) -> Truth:
    """Which lines take back what a dead deal earned; how much that is, what is left of the deal decides."""
    staged = among(lines.stage, [stage in REVERSALS for stage in lines.words.stages], otherwise=False)
    return staged & (lines.row >= 0) & (lines.hand < 0)


def of_loan(lines: DueLines) -> Truth:
    """Which lines are pay of their own loan."""
    other = among(lines.stage, [stage == _FELL_BACK for stage in lines.words.stages], otherwise=False)
    return (lines.loan >= 0) & (lines.plan >= 0) & ~other & ~reversing(lines)


@frozen(eq=False, kw_only=True)
class Hits(Columns):
    """By line, the day on which a reversal takes all that is left of it: not before the line is there."""

    by: Places
    """The place of the reversal; -1 where none takes it."""
    on: Whole
    """FAR where none does."""
    period: Places
    """-1 where none does."""
    late: Truth
    """Whether the line came only after its deal was reversed."""


def hits_of(held: Held, reversals: Held) -> Hits:
    """The first reversal of each line's deal after it was earned, by its place among the reversals."""
    lines, ends = held.lines, reversals.lines
    none = np.full(len(lines), -1)
    if not len(ends):
        return Hits(by=none, on=none + (FAR + 1), period=none, late=none > 0)
    order = np.arange(len(ends))[ordered(reversals.family, ends.on, *reversals.ranks.columns)]
    known = (reversals.family * _SPAN + ends.on)[order]
    place = np.searchsorted(known, held.family * _SPAN + lines.earned)
    by = np.append(order, order[0])[place]
    found = (place < len(order)) & (reversals.family[by] == held.family) & (lines.units > 0) & of_loan(lines)
    starts = lines.words.first_days
    late = found & (starts[ends.period[by]] < starts[lines.period])
    return Hits(
        by=np.where(found, by, -1),
        on=np.where(found, np.maximum(ends.on[by], lines.on), FAR),
        period=np.where(found, np.where(late, lines.period, ends.period[by]), -1),
        late=late,
    )


@frozen(eq=False, kw_only=True)
class Reductions(Columns):
    """What is taken off lines, or parts of them, from a day on; in order of line and of what takes it."""

    line: Places
    on: Whole
    units: Whole

    @classmethod
    def none(cls, like: Whole) -> Self:
        """Nothing is taken off."""
        nowhere = np.arange(0)
        return cls(line=nowhere, on=nowhere, units=like[:0])

    def through(self, line: Places, on: Whole) -> Whole:
        """What is taken off each of some lines by the end of a day."""
        if not len(self.line):
            return on * 0
        keys, sums = self.line * _SPAN + self.on, np.append(0, np.cumsum(self.units))
        found: Whole = sums[np.searchsorted(keys, line * _SPAN + on, "right")] - sums[np.searchsorted(self.line, line)]
        return found


def reductions_of(held: Held) -> Reductions:
    """What lines below zero take off their loan from their day on, of the latest line first."""
    lines, mine = held.lines, of_loan(held.lines)
    below = np.flatnonzero((lines.units < 0) & mine)
    if not len(below):
        return Reductions.none(lines.units)
    size = int(held.family.max()) + 1
    above = np.flatnonzero((lines.units > 0) & mine & marked(held.family[below], size)[held.family])
    below, above = (rows[ordered(held.family[rows], lines.on[rows], *_ranks(held, rows))] for rows in (below, above))
    # The latest line of a family goes first.
    above = above[::-1][ordered(held.family[above[::-1]])]
    nth, room = ranked(starts_of(held.family[below]), len(below)), lines.units.copy()
    found = [Reductions.none(room)]
    for turn in range(int(nth.max(initial=-1)) + 1):  # the n-th line below zero of every family
        items = below[nth == turn]
        which, place = matched(held.family[above], held.family[items])
        fits = lines.on[above[place]] <= lines.on[items[which]]
        which, line = which[fits], above[place[fits]]
        starts = starts_of(which)
        off = drained(-lines.units[items[which[starts]]], room[line], starts)
        room[line] = room[line] - off
        found.append(Reductions(line=line, on=lines.on[items[which]], units=off))
    off_all = Reductions.stacked(found)
    off_all = off_all.some(off_all.units > 0)
    return off_all.some(ordered(off_all.line))


def _ranks(held: Held, rows: Places) -> tuple[Places, ...]:
    return held.ranks.some(rows).columns


def split_off(off: Reductions, owner: Places, most: Whole) -> Reductions:
    """Reductions of lines, divided among their parts: the first part is reduced first, up to its amount.

    Args:
        off: of lines.
        owner: the line of each part; the parts of a line stand together, in the order in which they are reduced.
        most: the amount of each part.
    """
    if not len(off.line):
        return off
    ends, starts = running(most, starts_of(owner)), starts_of(off.line)
    upto = running(off.units, starts)
    rows, places = matched(off.line, owner)
    low = np.maximum((upto - off.units)[places], (ends - most)[rows])
    units = np.minimum(upto[places], ends[rows]) - low
    found = Reductions(line=rows, on=off.on[places], units=units)
    return found.some(units > 0)
