"""Strikes: lines and how their loans performed -> what ends a deal or takes of a line, and each recovery of it.

Nothing here depends on what was taken before; `_lives` works that out, in one pass for the n-th event of every line.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from attrs import evolve, frozen

from loanperf._commission import DatedPlan, Standings
from loanperf._ledger._amounts import Held
from loanperf._ledger._moves import DueLines
from loanperf._numbers import (
    FAR,
    Columns,
    Pieces,
    Places,
    Truth,
    Whole,
    ages,
    among,
    before,
    bounded,
    days_of_age,
    distinct,
    drained,
    largest,
    marked,
    matched,
    ordered,
    ranked,
    replaced,
    rounded,
    running,
    starts_of,
    summed_up,
    times,
)
from loanperf._quantities import Rounding

REVERSALS = frozenset({"cancelled", "expired"})
"""Stages of lines that take back all that a payee earned by a deal up to their day."""
_FELL_BACK = "fell back"
"""The stage of a line that lowers the pay of other loans as tiers fall back; it is no pay of its own loan."""
_SPAN = 2**23
"""More days than there are from the year 1 to 9999."""


def reversing(lines: DueLines) -> Truth:
    """Which lines take back what a cancelled or expired deal earned; how much depends on what is left of it."""
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

    def through(self, line: Places, on: Whole) -> Whole:
        """What is taken off each of some lines by the end of a day."""
        if not len(self.line):
            return on * 0
        keys, sums = self.line * _SPAN + self.on, np.append(0, np.cumsum(self.units))
        found: Whole = sums[np.searchsorted(keys, line * _SPAN + on, "right")] - sums[np.searchsorted(self.line, line)]
        return found


def reductions_of(held: Held) -> Reductions:
    """What lines below zero take off other lines of their loan from their day on, off the latest line first."""
    lines, mine = held.lines, of_loan(held.lines)
    below = np.flatnonzero((lines.units < 0) & mine)
    if not len(below):
        return Reductions.none()
    size = int(held.family.max()) + 1
    above = np.flatnonzero((lines.units > 0) & mine & marked(held.family[below], size)[held.family])
    below, above = (rows[ordered(held.family[rows], lines.on[rows], *_ranks(held, rows))] for rows in (below, above))
    # The latest line of a family goes first.
    above = above[::-1][ordered(held.family[above[::-1]])]
    nth, room = ranked(starts_of(held.family[below]), len(below)), lines.units.copy()
    found = [Reductions.none()]
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


# ── bad events and recoveries ───────────────────────────────────────────────────────────────────────────────


@frozen(eq=False, kw_only=True)
class EarnedParts(Columns):
    """What lines earned, a row a part: a line as a whole, or where it was earned on several days, a part a day.

    The parts of a line stand together, the latest first.
    """

    line: Places
    loan: Places
    """The code of its loan among standings; -1 where it is no loan's."""
    earned: Whole
    units: Whole


@frozen(eq=False, kw_only=True)
class Strikes(Columns):
    """A bad event and the rule that it falls under, a row for each part of a line that it concerns; in order of part.

    Of one part they come in the order in which they count.
    """

    part: Places
    """The part of a line."""
    on: Whole
    """The day from which it counts: not before the line is there, nor before its cohort is complete."""
    day: Whole
    """On which it happened."""
    clawback: Places
    """The rule, by its place in the plan."""
    rounding: Places
    takes_paid: Truth
    """Whether what was paid is taken too."""
    adds: Truth
    """Whether what it takes comes on top of what other parts of the loan take."""
    top: Whole
    """The part of the loan that it concerns, over `below`."""
    below: Whole
    share: Whole
    """What it takes, over `under`; of events that add, with all that those before it take."""
    under: Whole
    share_before: Whole
    """What those before it take, over `under_before`; nothing of events that do not add."""
    under_before: Whole


@frozen(eq=False, kw_only=True)
class Refunds(Columns):
    """What a recovery gives back of what a strike took."""

    strike: Places
    on: Whole
    day: Whole
    top: Whole
    """The part of the bad loan that was recovered by then, over `below`."""
    below: Whole
    share: Whole
    """What part of what was taken is given back by then, over `under`."""
    under: Whole


ROUNDINGS = tuple(Rounding)
"""`Strikes.rounding` is a place in it."""


def strikes_of(lines: DueLines, parts: EarnedParts, said: Standings) -> Strikes:
    """Every bad event for which a clawback of the line's plan takes something."""
    mine = of_loan(lines)
    plan = np.where(mine, lines.plan, -1)[parts.line]
    found = [Strikes.none()]
    for code, dated in enumerate(lines.words.plans):
        if dated.plan.clawbacks and len(rows := np.flatnonzero(plan == code)):
            found += [*_struck_by(dated, lines, parts.some(rows), rows, said)]
    stacked = Strikes.stacked(found)
    last, line = lines.words.last_days[lines.period], parts.line[stacked.part]
    stacked = evolve(stacked, on=np.maximum(stacked.day, np.maximum(lines.on[line], last[line])))
    # They are found rule by rule, and those of one rule by day.
    stacked = stacked.some(ordered(stacked.part, stacked.on, stacked.day, stacked.clawback))
    return _added(stacked)


def _struck_by(
    dated: DatedPlan, lines: DueLines, parts: EarnedParts, rows: Places, said: Standings
) -> Iterator[Strikes]:
    """The bad events for which one plan takes commission back.

    `rows` says where the parts of earnings of this plan stand among those of all plans.
    """
    of_drawing = _are_of_drawing(dated, lines)[lines.component[parts.line]]
    for place, rule in enumerate(dated.plan.clawbacks):
        if rule.takes == "in proportion":
            which, day, top, below = said.parts(rule.on, parts.loan, parts.earned, of_drawing)
        else:
            which, day = said.onsets(rule, parts.loan, parts.earned)
            top = below = np.full(len(which), 1)
        # A commission ages from the day on which it was earned to that of the event.
        share, under = Pieces.of(rule.share).at(ages(parts.earned[which], day, rule.share.x_unit), 1)
        full = np.full(len(which), 1)
        yield Strikes(
            part=rows[which],
            on=day,
            day=day,
            clawback=full * place,
            rounding=full * ROUNDINGS.index(dated.plan.rounding),
            takes_paid=full == (rule.reach == "held and paid"),
            adds=full == (rule.takes == "in proportion"),
            top=top,
            below=below,
            share=times(share, top),
            under=times(below, full * int(under)),
            share_before=full * 0,
            under_before=full,
        )


def _are_of_drawing(dated: DatedPlan, lines: DueLines) -> Truth:
    """By component, whether each drawing earned its own part.

    Where a later one changes the rate of all, none did; nor where an amount is paid for each loan, which is of it all.
    """
    codes = {
        item.code
        for item in dated.plan.components
        if item.is_by_drawing
        and not (item.tiers is not None and item.tiers.are_of_all)
        and all(rate.of == "base" for rate in item.rates)
    }
    return np.array([code in codes for code in lines.words.components] + [False])


def _added(strikes: Strikes) -> Strikes:
    """Strikes with shares that add up: each has its own and those before it of the same part, at most the whole."""
    adding = np.flatnonzero(strikes.adds)
    if not len(adding):
        return strikes
    starts = starts_of(strikes.part[adding])
    share, under = bounded(0, strikes.share[adding], strikes.under[adding])
    share, under = summed_up(share, under, starts)
    share = np.minimum(share, under)
    first = np.full(len(adding), 0) > 0
    first[starts] = True
    return evolve(
        strikes,
        share=replaced(strikes.share, adding, share),
        under=replaced(strikes.under, adding, under),
        share_before=replaced(strikes.share_before, adding, before(share, starts)),
        under_before=replaced(strikes.under_before, adding, np.where(first, 1, before(under, starts))),
    )


def refunds_of(lines: DueLines, parts: EarnedParts, strikes: Strikes, said: Standings) -> Refunds:
    """Every recovery that gives back of what a strike took; in order of strike."""
    found = [Refunds.none()]
    plan = lines.plan[parts.line[strikes.part]]
    for code, dated in enumerate(lines.words.plans):
        for place, rule in enumerate(dated.plan.clawbacks):
            rows = np.flatnonzero((plan == code) & (strikes.clawback == place)) if rule.refund else plan[:0]
            if len(rows):
                bad_on, loan = strikes.day[rows], parts.loan[strikes.part[rows]]
                until = bad_on * 0 + FAR if rule.counting_age is None else days_of_age(bad_on, rule.counting_age)
                which, day, top, below = said.recoveries(rule, loan, bad_on, until)
                strike, one = rows[which], np.full(len(which), 1)
                given = times(one * rule.refund.numerator, top), times(one * rule.refund.denominator, below)
                on = np.maximum(day, strikes.on[strike])
                found.append(
                    Refunds(strike=strike, on=on, day=day, top=top, below=below, share=given[0], under=given[1])
                )
    refunds = Refunds.stacked(found)
    return refunds.some(ordered(refunds.strike))


def quotient(share: Whole, under: Whole, of: Whole, rounding: Places) -> Whole:
    """`share / under` of amounts, each by its rounding."""
    if not len(of):
        return of
    top, below = bounded(largest(share) * max(largest(of), 1), times(share, of), under)
    places, _ = distinct(rounding)
    if len(places) == 1:
        return bounded(0, rounded(top, below, ROUNDINGS[int(places[0])]))[0]
    found = of * 0
    for place in places.tolist():
        mine = np.flatnonzero(rounding == place)
        found = replaced(found, mine, rounded(top[mine], below[mine], ROUNDINGS[place]))
    return found
