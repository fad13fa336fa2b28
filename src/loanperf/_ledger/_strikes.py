"""Strikes: lines and how their loans performed -> each bad event that takes of a line, and each recovery of it.

Nothing of this depends on what was taken before: in the n-th event of every line, all lines are one pass, later on.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from attrs import evolve, frozen

from loanperf._commission import Clawback, DatedPlan, Standings
from loanperf._ledger._moves import DueLines
from loanperf._ledger._reversals import of_loan
from loanperf._numbers import (
    FAR,
    Columns,
    Pieces,
    Places,
    Truth,
    Whole,
    ages,
    before,
    bounded,
    days_of_age,
    distinct,
    largest,
    nowhere,
    ordered,
    replaced,
    rounded,
    starts_of,
    summed_up,
    times,
)
from loanperf._quantities import Rounding


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
"""What the rounding of a strike is a place in."""


def strikes_of(lines: DueLines, parts: EarnedParts, said: Standings) -> Strikes:
    """Every bad event that a rule of a line's plan takes for."""
    mine = of_loan(lines)
    plan = np.where(mine, lines.plan, -1)[parts.line]
    found = []
    for code, dated in enumerate(lines.words.plans):
        if dated.plan.clawbacks and len(rows := np.flatnonzero(plan == code)):
            found += [*_struck_by(dated, lines, parts.some(rows), rows, said)]
    if not found:
        return _none(parts)
    stacked = Strikes.stacked(found)
    last, line = lines.words.last_days[lines.period], parts.line[stacked.part]
    stacked = evolve(stacked, on=np.maximum(stacked.day, np.maximum(lines.on[line], last[line])))
    # They are found rule by rule, and those of one rule by day.
    stacked = stacked.some(ordered(stacked.part, stacked.on, stacked.day, stacked.clawback))
    return _added(stacked)


def _none(parts: EarnedParts) -> Strikes:
    none, no, units = np.arange(0), nowhere(0), parts.units[:0]
    return Strikes(
        part=none,
        on=none,
        day=none,
        clawback=none,
        rounding=none,
        takes_paid=no,
        adds=no,
        top=none,
        below=none,
        share=units,
        under=none,
        share_before=none,
        under_before=none,
    )


def _struck_by(
    dated: DatedPlan, lines: DueLines, parts: EarnedParts, rows: Places, said: Standings
) -> Iterator[Strikes]:
    """What the rules of one plan take for; `rows` are the places of its parts among all."""
    of_drawing = _are_of_drawing(dated, lines)[lines.component[parts.line]]
    for place, rule in enumerate(dated.plan.clawbacks):
        if rule.takes == "in proportion":
            which, day, top, below = said.parts(rule.on, parts.loan, parts.earned, of_drawing)
        else:
            which, day = said.onsets(rule, parts.loan, parts.earned)
            top = below = np.full(len(which), 1)
        share, under = _by_age(rule, parts.earned[which], day)
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
            under=times(below, full * under),
            share_before=full * 0,
            under_before=full,
        )


def _by_age(rule: Clawback, earned: Whole, day: Whole) -> tuple[Whole, int]:
    """What share of a commission is taken, by its age: from earning it to the event."""
    top, below = Pieces.of(rule.share).at(ages(earned, day, rule.share.x_unit), 1)
    return top, int(below)


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
    """Strikes that add, each with all that those of its part take before it, no more than the whole."""
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
    none = np.arange(0)
    found = [Refunds(strike=none, on=none, day=none, top=none, below=none, share=strikes.share[:0], under=none)]
    plan = lines.plan[parts.line[strikes.part]]
    for code, dated in enumerate(lines.words.plans):
        for place, rule in enumerate(dated.plan.clawbacks):
            rows = np.flatnonzero((plan == code) & (strikes.clawback == place)) if rule.refund else none
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
    """What parts of amounts come to, each by its rounding."""
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
