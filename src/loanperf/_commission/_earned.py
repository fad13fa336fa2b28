"""Earned: steps of deals -> what each step earns, by the stages of its component, unrounded."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from attrs import define, field, frozen

from loanperf._commission._bases import Bases, bases_of
from loanperf._commission._prices import COMES, Prices, Transactions, priced
from loanperf._commission._states import EVENTS, DealEvent
from loanperf._commission._steps import Steps
from loanperf._commission._versions import Versions
from loanperf._numbers import (
    Places,
    Truth,
    Whole,
    bounded,
    count_of,
    edges,
    in_one,
    largest,
    nowhere,
    ordered,
    put,
    ranked,
    reach,
    starts_of,
    times,
    total_of,
)

_AMENDED = EVENTS.index(DealEvent.AMENDED)


@frozen(eq=False, kw_only=True)
class EarnedSteps:
    """What each step earns, one row a step; amounts are over `below`."""

    bases: Bases
    deals: Transactions
    prices: Prices
    below: Whole
    """What amounts are over; one for all steps of a track."""
    line: Whole
    """What a stage earns."""
    stands: Truth
    """Whether that is a line: something is earned, or paid on."""
    ends: Truth
    """Whether all that the deal earned goes."""
    fell: Whole
    """What other loans lose, or gain, as tiers fall back."""
    was: Whole
    """What the deal came to before the step, before its least and most."""
    total: Whole
    """What it comes to after the step."""
    bounded: Whole
    """The same within them, as it stands for the stage."""
    due: Whole
    """What is due by then: the share reached of that, less what others earned."""
    earned: Whole
    """What was earned before the step."""
    after: Whole
    """What is earned after it."""
    reached: Whole
    """The share of the stages reached with it, over `of` of its version."""


def earned_of(versions: Versions, steps: Steps) -> EarnedSteps:
    """What each of some steps earns; one at least.

    An amount that changes is followed where its deal had earned something by then: whether it had is asked again until
    no answer changes. The first that is wrong of a group is right at the next turn.
    """
    amends = ~nowhere(len(steps.track))
    while True:
        found = _earned(versions, steps, bases_of(versions, steps, amends))
        had = (found.earned != 0) | (steps.event != _AMENDED)
        if (had == amends).all():
            return found
        amends = had


def _earned(versions: Versions, steps: Steps, bases: Bases) -> EarnedSteps:
    deals = _transactions(steps, bases)
    prices = priced(versions, deals)
    gained, below = _by_step(versions, steps, deals, prices)
    size, tracks = len(steps.track), int(steps.track.max(initial=-1)) + 1
    of = versions.of[steps.version]
    bounds = [_bound(quotient, steps, below) for quotient in (versions.least, versions.most)]
    most = max(reach(gained, steps.track, tracks), *(largest(bound) for bound, _ in bounds))
    # What others earned takes the place of what the payee did with each step in other hands, and back.
    turns_over = int(count_of(steps.track[bases.passed], tracks).max(initial=0))
    most = 2 * (turns_over + 2) * (most + 1) * max(largest(of), 1)
    gained, below, of, low, high = bounded(most, gained, below, of, bounds[0][0], bounds[1][0])
    none = gained * 0
    now = _Sofar(gained[:0], gained[:0], gained[:0], {name: none.copy() for name in _TOLD})
    now.start(tracks)
    nth = ranked(starts_of(steps.track), size)
    order = ordered(nth)
    rows = np.arange(size)[order]
    turns = edges(nth[order], range(int(nth.max(initial=-1)) + 2))
    given = _Given(bases, steps.track, gained, (bounds[0][1], low), (bounds[1][1], high))
    for start, end in pairwise(turns):
        _work(now, given, rows[start:end])
    told = now.told
    return EarnedSteps(
        bases=bases, deals=deals, prices=prices, below=times(below, of), line=told["line"],
        stands=bases.earns & ((told["line"] != 0) | bases.paid),
        ends=bases.ends & (told["earned"] != 0),
        fell=times(told["fell"], of), was=times(told["was"], of), total=times(told["total"], of),
        bounded=times(told["bounded"], of),
        due=told["due"], earned=told["earned"], after=told["after"], reached=bases.reached,
    )  # fmt: skip


_TOLD = ("line", "fell", "was", "total", "bounded", "due", "earned", "after")


@define(eq=False)
class _Sofar:
    """How far each track, a loan as one payee is paid for it, has come; each step that is worked writes here."""

    total: Whole
    others: Whole
    """Commission of stages reached under another officer, at this payee's rates."""
    earned: Whole
    told: dict[str, Whole] = field(factory=dict)

    def start(self, size: int) -> None:
        """Let nothing be earned of so many tracks."""
        none = self.told["line"]
        self.total, self.others, self.earned = (np.repeat(none[:1], size) for _ in range(3))


@frozen(eq=False)
class _Given:
    """What does not change as steps are worked."""

    bases: Bases
    track: Places
    gained: Whole
    low: tuple[Truth, Whole]
    high: tuple[Truth, Whole]


def _work(now: _Sofar, given: _Given, rows: Places) -> None:
    """Work one step of each of some tracks."""
    bases, track = given.bases, given.track[rows]
    earns, passed, ends = bases.earns[rows], bases.passed[rows], bases.ends[rows]
    total, others, earned = now.total[track], now.others[track], now.earned[track]
    whole = total + given.gained[rows]
    least = given.low[0][rows] & bases.paid[rows]
    within = np.where(least, np.maximum(whole, given.low[1][rows]), whole)
    within = np.where(given.high[0][rows], np.minimum(within, given.high[1][rows]), within)
    due = bases.reached[rows] * within
    stands = due - others
    now.others[track] = np.where(passed, due - earned, np.where(ends, 0, others))
    now.earned[track] = np.where(earns, stands, np.where(ends, 0, earned))
    now.total[track] = np.where(earns, whole, np.where(ends, 0, total))
    told = now.told
    told["was"][rows] = total
    told["line"][rows] = np.where(earns, stands - earned, 0)
    told["fell"][rows] = np.where(ends, whole, np.where(bases.lowered[rows], given.gained[rows], 0))
    told["bounded"][rows], told["due"][rows], told["earned"][rows] = within, stands, earned
    told["total"][rows], told["after"][rows] = now.total[track], now.earned[track]


def _transactions(steps: Steps, bases: Bases) -> Transactions:
    """What comes into sums and goes out of them, in the order in which it counts."""
    moves = bases.moves
    order = ordered(steps.order[moves.step], moves.nth)
    step, lot, kind = moves.step[order], moves.lot[order], moves.kind[order]
    came = np.full(len(steps.track), 0)
    came[lot[kind == COMES]] = np.flatnonzero(kind == COMES)
    return Transactions(
        group=steps.group[step], track=steps.track[step], step=step, version=steps.version[step],
        window=steps.window[lot], curve=np.maximum(bases.curve[lot], 0), kind=kind, counts=~bases.passed[step],
        tier=moves.tier[order], tier_below=bases.tier_below[lot], paid=moves.paid[order], below=steps.below[step],
        at=(steps.at[0][step], steps.at[1][step]), quota=(steps.quota[0][lot], steps.quota[1][lot]),
        lot=came[lot], left=moves.left[order],
        touched=moves.touched[order],
    )  # fmt: skip


def _by_step(versions: Versions, steps: Steps, deals: Transactions, prices: Prices) -> tuple[Whole, Whole]:
    """What all transactions of a step come to; and what that is over, one for all steps of a track.

    Where a loan has a least or a most, that is whole over it too.
    """
    per = versions.per[0][deals.version], versions.per[1][deals.version]
    one = per[1] == 0
    top = times(prices.top, np.where(one, 1, per[1]))
    below = times(prices.below, np.where(one, 1, per[0]))
    tracks, belows = [deals.track], [below]
    for bound in (versions.least, versions.most):
        has = np.flatnonzero(bound[1][steps.version] > 0)
        tracks.append(steps.track[has])
        belows.append(times(bound[1][steps.version[has]], steps.part[1][has]))
    track, under = np.concatenate(tracks), np.concatenate(bounded(0, *belows))
    order = ordered(track)
    starts = starts_of(track[order])
    shared = put(in_one(under[order], starts), track[order][starts], int(steps.track.max(initial=-1)) + 1, 1)
    scaled = times(top, shared[deals.track] // below)
    (scaled,) = bounded(reach(scaled, deals.step, len(steps.track)), scaled)
    return total_of(scaled, deals.step, len(steps.track)), shared[steps.track]


def _bound(quotient: tuple[Whole, Whole], steps: Steps, below: Whole) -> tuple[Whole, Truth]:
    """A least or most of loans, the payee's part of it, over `below`; and where there is one."""
    there = quotient[1][steps.version] > 0
    under = np.where(there, times(quotient[1][steps.version], steps.part[1]), 1)
    top = times(quotient[0][steps.version], steps.part[0])
    return times(top, np.where(there, below // under, 0)), there
