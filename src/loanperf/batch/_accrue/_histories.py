"""Histories: deals whose stages, bases or ends are not regular -> transactions to price, then lines, step by step.

The twins are `earn` and `repriced` of `loanperf._commission`, with the same table of transitions; here each step is
made for all deals at once. A deal has few steps, so the work is a few passes over its columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from attrs import define, field, frozen
from numpy.typing import NDArray

from loanperf._commission import TRANSITIONS, DealEvent, DealState
from loanperf._facts import EventKind
from loanperf._tables._columns import Truth, Whole
from loanperf.batch._accrue._calendar import BookCalendar
from loanperf.batch._accrue._courses import CourseBounds, DealCourse, PricedDeals
from loanperf.batch._accrue._deals import NEVER
from loanperf.batch._accrue._tiers import rounded_units

Codes: TypeAlias = NDArray[np.int64]
Grid: TypeAlias = NDArray[np.int64]
"""A row a deal, a column a step."""

_STATES, _EVENTS = tuple(DealState), tuple(DealEvent)
_TABLE = np.array([[_STATES.index(TRANSITIONS[state, event]) for event in _EVENTS] for state in _STATES])
_STAGE, _LAST_STAGE = _EVENTS.index(DealEvent.STAGE), _EVENTS.index(DealEvent.LAST_STAGE)
_EARNING = np.array(
    [state in (DealState.PART_EARNED, DealState.EARNED, DealState.TAKEN_BACK, DealState.REFUNDED) for state in _STATES]
)
_OVER = np.array([state in (DealState.REVERSED, DealState.EXPIRED) for state in _STATES])
_REVERSING = np.array([event in (DealEvent.CANCELLED_REVERSED, DealEvent.EXPIRED) for event in _EVENTS])


# ── what happens ────────────────────────────────────────────────────────────────────────────────────────────


@frozen(eq=False)
class Steps:
    """What happens to each deal, in order; column j is the j-th step, or nothing."""

    doubt: Truth
    """Deals that only the rows path can work."""
    event: Grid
    """Place among the events of a deal; -1 where nothing happens any more."""
    word: Grid
    """Place of the stage among those of the component; of an end, after all of them."""
    on: Grid
    due: Grid
    """The day on which it is payable, `NEVER` where that is not known."""
    reached: Grid
    paid: Grid
    counted: Grid
    curve: Grid


def steps_of(course: DealCourse) -> Steps | None:
    """What happens to each deal up to the last day; None where rows cannot tell."""
    days, (reach, _) = course.days(), course.reach
    if days is None:
        return None
    size, doubt = course.size, np.zeros(course.size, dtype=np.bool_)
    columns: list[tuple[Codes, ...]] = []
    for place, (stage, on) in enumerate(zip(course.stages, days, strict=True)):
        due = course.due(stage, on)
        if due is None:
            return None
        priced, there = course.base(on), on <= course.last
        if priced.known is not None:
            there = there & priced.known
        if priced.doubt is not None:
            doubt |= priced.doubt & there
        event = _LAST_STAGE if stage is course.stages[-1] else _STAGE
        base = (priced.paid, priced.counted, _curve(priced, size))
        columns.append(_column(size, there, event, place, on, due, reach[place], *base))
    cancelled = course.deals.on(EventKind.CANCELLED)[course.rows]
    dead = DealEvent.CANCELLED_KEPT if course.component.dead == "keep" else DealEvent.CANCELLED_REVERSED
    there = cancelled <= course.last
    columns.append(_column(size, there, _EVENTS.index(dead), len(days), cancelled, cancelled, 0, 0, 0, -1))
    grids: list[Grid] = [np.stack(values, axis=1) for values in zip(*columns, strict=True)]
    happens, word, day = grids[:3]
    order = np.argsort((np.where(happens < 0, NEVER, day) * 64 + happens) * 64 + word, axis=1, kind="stable")
    return Steps(doubt, *(np.take_along_axis(grid, order, axis=1) for grid in grids))


def _column(
    size: int, there: Truth, event: int, word: int, on: Whole, due: Whole, *values: Whole | int
) -> tuple[Codes, ...]:
    """One thing that may happen, for each deal."""
    found = np.where(there, event, -1), np.full(size, word), on, due
    return (*found, *(np.broadcast_to(np.asarray(value, dtype=np.int64), (size,)) for value in values))


def _curve(priced: PricedDeals, size: int) -> Codes:
    """The curve of a base that is paid; of one that is not, none."""
    held = np.zeros(size, dtype=np.int64) if priced.curve is None else priced.curve
    return np.where(priced.paid != 0, held, -1)


# ── what it changes in the tiers ────────────────────────────────────────────────────────────────────────────


@frozen(eq=False)
class Move:
    """A part of the base of each deal that comes in, or goes out of the window in which it came in."""

    step: int
    lot: int
    """The step with which the part came in."""
    live: Truth
    """Which deals have it."""
    window: Codes
    on: Whole
    tier: Whole
    paid: Whole
    curve: Codes
    """-1 is the rate of what is not paid."""


@define(eq=False)
class _Lot:
    """The part of a base that came in with one step, and what is left of it."""

    window: Codes
    curve: Codes
    paid: Whole
    counted: Whole
    tier: Whole


@define(eq=False)
class Walk:
    """BookDeals, walked through their steps."""

    steps: Steps
    by_number: bool
    """Whether amounts are paid in tiers of how many loans there are."""
    moves: list[Move] = field(factory=list)
    earns: list[Truth] = field(factory=list)
    """By step: which deals earn with it."""
    ends: list[Truth] = field(factory=list)
    """By step: which deals it reverses."""
    reached: list[Whole] = field(factory=list)
    """By step: the share of the stages reached by then."""


def walked(course: DealCourse, steps: Steps, calendar: BookCalendar) -> Walk:
    """The parts of bases that come and go, by the table of transitions."""
    walk, lots = Walk(steps, course.counts_loans), list[_Lot]()
    state = np.zeros(course.size, dtype=np.int64)
    reached = np.zeros(course.size, dtype=np.int64)
    for place in range(steps.event.shape[1]):
        event = steps.event[:, place]
        there, known = event >= 0, np.maximum(event, 0)
        after = np.where(there, _TABLE[state, known], state)
        earns = there & (event <= _LAST_STAGE) & _EARNING[after]
        ends = there & _REVERSING[known] & _OVER[after] & (after != state)
        window = calendar.window(course.component.tiers, np.minimum(steps.on[:, place], course.last))
        _repriced(walk, lots, place, earns, ends, window)
        reached = np.where(earns, np.maximum(reached, steps.reached[:, place]), reached)
        walk.earns.append(earns)
        walk.ends.append(ends)
        walk.reached.append(reached)
        reached = np.where(ends, 0, reached)
        state = after
    return walk


def _repriced(walk: Walk, lots: list[_Lot], place: int, earns: Truth, ends: Truth, window: Codes) -> None:
    """Take out what is gone of each base, the last part first, and let in what is new."""
    steps, acts = walk.steps, earns | ends
    nothing = np.zeros(len(acts), dtype=np.int64)
    now_paid, now_counted = (np.where(earns, grid[:, place], 0) for grid in (steps.paid, steps.counted))
    held_paid = sum((lot.paid for lot in lots), nothing)
    held_counted = sum((lot.counted for lot in lots), nothing)
    last, has = nothing - 1, np.zeros(len(acts), dtype=np.bool_)
    for lot in lots:
        alive = (lot.paid != 0) | (lot.counted != 0)
        last, has = np.where(alive, lot.curve, last), has | alive
    curve = np.where(now_paid != 0, steps.curve[:, place], last)
    keeps = has & (curve == last)
    kept_paid = np.where(keeps, np.minimum(held_paid, now_paid), 0)
    kept_counted = np.where(keeps, np.minimum(held_counted, now_counted), 0)
    gone_paid = np.where(acts, held_paid - kept_paid, 0)
    gone_counted = np.where(acts, held_counted - kept_counted, 0)
    stays = (gone_counted < held_counted) & walk.by_number
    for came, lot in reversed(list(enumerate(lots))):
        paid, counted = np.minimum(gone_paid, lot.paid), np.minimum(gone_counted, lot.counted)
        gone_paid, gone_counted = gone_paid - paid, gone_counted - counted
        whole = (counted == lot.counted) & (counted != 0)
        tier = np.where(stays, 0, np.where(whole, lot.tier, counted))
        live = (paid != 0) | (counted != 0)
        if live.any():
            walk.moves.append(Move(place, came, live, lot.window, steps.on[:, place], -tier, -paid, lot.curve))
            lot.paid, lot.counted, lot.tier = lot.paid - paid, lot.counted - counted, lot.tier - tier
    paid, counted = (np.where(earns, new, 0) for new in (now_paid - kept_paid, now_counted - kept_counted))
    lots.append(_Lot(window, curve, paid, counted, counted))
    live = (paid != 0) | (counted != 0)
    if live.any():
        walk.moves.append(Move(place, place, live, window, steps.on[:, place], counted, paid, curve))


# ── what it comes to ────────────────────────────────────────────────────────────────────────────────────────


@frozen(eq=False)
class Earned:
    """Lines of deals."""

    rows: Codes
    """Place of the deal in its course."""
    word: Codes
    """Place of the stage; after those of the component come its end, and that tiers fall back."""
    on: Whole
    earned_on: Whole
    amount: Whole

    def take(self, chosen: Codes) -> Earned:
        """Some of them."""
        return Earned(*(values[chosen] for values in (self.rows, self.word, self.on, self.earned_on, self.amount)))


@define(eq=False)
class BookDrafts:
    """What each step of each deal earns, before it is rounded; a column a step."""

    steps: Steps
    gross: Grid
    due: Grid
    live: NDArray[np.bool_]
    ended: NDArray[np.bool_]
    fell: Grid


def drafted(walk: Walk, tops: Sequence[Whole], bounds: CourseBounds) -> BookDrafts:
    """What each step earns: the share reached of the whole, less what was earned before."""
    steps, shape = walk.steps, walk.steps.event.shape
    found = BookDrafts(
        steps=steps,
        gross=np.zeros(shape, dtype=np.int64),
        due=steps.due.copy(),
        live=np.zeros(shape, dtype=np.bool_),
        ended=np.zeros(shape, dtype=np.bool_),
        fell=np.zeros(shape, dtype=np.int64),
    )
    total = np.zeros(shape[0], dtype=np.int64)
    before = total.copy()
    for place in range(shape[1]):
        earns, ends = walk.earns[place], walk.ends[place]
        for move, top in zip(walk.moves, tops, strict=True):
            if move.step == place:
                total = total + top
        paid = steps.paid[:, place]
        due = walk.reached[place] * bounds.within(total, paid > 0)
        gross = np.where(earns, due - before, 0)
        found.gross[:, place] = gross
        found.live[:, place] = earns & ((gross != 0) | (paid != 0))
        found.ended[:, place] = ends & (before != 0)
        found.fell[:, place] = np.where(ends, total * bounds.times, 0)
        before = np.where(ends, 0, np.where(earns, due, before))
        total = np.where(ends, 0, total)
        for earlier in range(place):
            # What is not payable on the day on which its deal ends is never paid.
            found.live[:, earlier] &= ~(ends & (found.due[:, earlier] > steps.on[:, place]))
    return found


def earned(course: DealCourse, found: BookDrafts, bounds: CourseBounds, first: int) -> Earned:
    """The lines of what is payable by the last day, rounded so that the parts of each deal sum.

    Args:
        course: whose deals.
        found: what each step earns.
        bounds: over what the totals are.
        first: the first day of the first period; what is payable before it is in no period.
    """
    steps, below = found.steps, bounds.below * course.reach[1]
    live = found.live & (found.due <= course.last) & (found.due >= first)
    ended = found.ended & (steps.on >= first)
    words = [stage.milestone for stage in course.stages]
    rank = np.array([sorted(words).index(word) for word in words] + [len(words)])
    when = np.where(live, found.due, np.where(ended, steps.on, NEVER))
    order = np.argsort((when * 2 + ended) * 64 + rank[np.minimum(steps.word, len(words))], axis=1, kind="stable")
    size, amounts = len(order), np.zeros(live.shape, dtype=np.int64)
    deal, net, units = np.arange(size), np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    for place in order.T:
        pays, ends = live[deal, place], ended[deal, place]
        net = np.where(pays, net + found.gross[deal, place], net)
        total = rounded_units(net, below, course.dated.plan.rounding)
        amounts[deal, place] = np.where(ends, -units, total - units)
        units = np.where(ends, 0, np.where(pays, total, units))
        net = np.where(ends, 0, net)
    fell = rounded_units(found.fell.ravel(), bounds.below, course.dated.plan.rounding).reshape(live.shape)
    falls = (found.fell != 0) & (steps.on >= first)
    return _joined(
        (
            (live, steps.word, found.due, amounts),
            (ended, np.full(live.shape, len(words)), steps.on, amounts),
            (falls, np.full(live.shape, len(words) + 1), steps.on, fell),
        ),
        steps.on,
    )


def _joined(parts: Sequence[tuple[NDArray[np.bool_], Grid, Grid, Grid]], earned_on: Grid) -> Earned:
    """The cells that are lines, as one list."""
    found = [
        (np.nonzero(live)[0], word[live], on[live], earned_on[live], amount[live]) for live, word, on, amount in parts
    ]
    return Earned(*(np.concatenate(values) for values in zip(*found, strict=True)))
