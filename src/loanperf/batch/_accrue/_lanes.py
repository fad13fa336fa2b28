"""Lanes: what accumulates together -> one order of transactions, priced at once, and the lines that it comes to.

A lane is one component of one plan, in all versions that accumulate alike; payees have it side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from attrs import define, evolve, frozen
from numpy.typing import NDArray

from loanperf._commission import Tiers
from loanperf._commission._rates import NOTHING, ONE_RATE
from loanperf._curves import Curve
from loanperf._numbers import ordered, starts_of
from loanperf._tables._columns import Truth, Whole
from loanperf.batch._accrue._calendar import BookCalendar
from loanperf.batch._accrue._courses import CourseBounds, DealCourse, PricedDeals, bounds_of
from loanperf.batch._accrue._histories import Earned, Walk, drafted, earned, steps_of, walked
from loanperf.batch._accrue._regular import Chosen, Sorted, lines_of, sorted_deals
from loanperf.batch._accrue._terms import curves_of
from loanperf.batch._accrue._tiers import LIMIT, Paid, Rates, Transactions, priced, rates_of

Codes: TypeAlias = NDArray[np.int64]


@frozen(eq=False)
class Worked:
    """The lines of a course, and its deals that only the rows path can work."""

    course: DealCourse
    lines: tuple[Earned, ...]
    open: Codes


@define(eq=False)
class _LanePart:
    """Transactions of some deals, before they are put in order; and what they pay, after."""

    deals: Chosen
    """Places in the course."""
    on: Whole
    window: Codes | None
    """Where they accumulate; None where their day says."""
    tier: Whole
    paid: Whole
    curve: Codes | None
    """Places of curves in the lane, -1 for what is not paid; None where `only` holds."""
    only: int
    turn: int
    """Which comes first of one deal."""
    found: Paid | None = None


@frozen(eq=False)
class _Runner:
    """A course while its lane is worked."""

    course: DealCourse
    held: Sorted
    base: PricedDeals
    """Of its regular deals."""
    regular: _LanePart
    odd: DealCourse | None = None
    """Its deals that are worked step by step."""
    walk: Walk | None = None
    moves: tuple[_LanePart, ...] = ()


def worked(courses: Sequence[DealCourse], calendar: BookCalendar, ranks: Codes | None) -> tuple[Worked, ...]:
    """The lines of the courses of a lane.

    Args:
        courses: versions of one component that accumulate alike.
        calendar: the pay periods.
        ranks: the place of each loan in the order of codes; None where rows are in that order.
    """
    curves = tuple(dict.fromkeys(curve for course in courses for curve in curves_of(course.component)))
    done, runners = list[Worked](), list[_Runner]()
    for course in courses:
        held = sorted_deals(course, calendar.first)
        runner = None if held is None else _runner(course, held, calendar, curves)
        if runner is None:
            done.append(_all_open(course))
        else:
            runners.append(runner)
    unpaid = any(part.curve is not None and bool((part.curve < 0).any()) for item in runners for part in item.moves)
    rates = _rates(courses[0], (*curves, NOTHING) if unpaid else curves)
    if rates.largest >= LIMIT:
        return (*done, *(_all_open(runner.course) for runner in runners))
    tiers = courses[0].component.tiers or ONE_RATE
    if tiers.accumulates == "per transaction":
        for runner in runners:
            _price_alone(runner, rates, tiers)
    else:
        _price_together(runners, rates, tiers, calendar, ranks)
    return (*done, *(_lines(runner, rates, tiers, calendar) for runner in runners))


def _all_open(course: DealCourse) -> Worked:
    return Worked(course, (), np.arange(course.size))


def _rates(course: DealCourse, curves: Sequence[Curve]) -> Rates:
    """The rates of a lane as whole numbers."""
    component, tiers = course.component, course.component.tiers or ONE_RATE
    per = Fraction(1) if component.per is None else component.per.value
    of_money = component.base != "count" or course.counts_amounts
    counted = Fraction(course.scale if of_money and tiers.by != "count" else 1)
    if tiers.by == "attainment" and tiers.quota is not None:
        counted *= tiers.quota.value
    return rates_of(curves, counted, Fraction(course.scale if component.base == "count" else 1) / per)


# ── transactions ────────────────────────────────────────────────────────────────────────────────────────────


def _runner(course: DealCourse, held: Sorted, calendar: BookCalendar, curves: Sequence[Curve]) -> _Runner | None:
    """The transactions of a course; None where only the rows path can work it."""
    places = np.array([*(curves.index(curve) for curve in curves_of(course.component)), -1])
    chosen, first_on = course.of(held.regular), held.first_on[held.regular]
    base = chosen.base(first_on)
    curve = None if base.curve is None else places[base.curve]
    regular = _LanePart(held.regular, first_on, None, base.counted, base.paid, curve, int(places[0]), 0)
    if not len(held.odd):
        return _Runner(course, held, base, regular)
    odd = course.of(held.odd)
    steps = steps_of(odd)
    if steps is None:
        return None
    walk = walked(odd, steps, calendar)
    moves = []
    for turn, move in enumerate(walk.moves):
        live = np.flatnonzero(move.live)
        given = (move.on[live], move.window[live], move.tier[live], move.paid[live], places[move.curve[live]])
        moves.append(_LanePart(held.odd[live], *given, only=0, turn=turn))
    return _Runner(course, held, base, regular, odd, walk, tuple(moves))


def _price_alone(runner: _Runner, rates: Rates, tiers: Tiers) -> None:
    """Price the deals of a course each by itself."""
    regular, moves = runner.regular, runner.moves
    regular.found = priced(tiers, rates, Transactions(regular.tier, regular.paid, _curves(regular, rates), None))
    if moves:
        deals = np.concatenate([runner.course.places(part.deals) for part in moves])
        _price_in_order(moves, [deals, _turns(moves)], [deals], rates, tiers)


def _price_together(
    runners: Sequence[_Runner], rates: Rates, tiers: Tiers, calendar: BookCalendar, ranks: Codes | None
) -> None:
    """Price all transactions of a lane, by payee and window in order of day and loan."""
    held = [(runner.course, part) for runner in runners for part in (runner.regular, *runner.moves)]
    if not held:
        return
    parts = [part for _, part in held]
    loans = [course.loans(part.deals) for course, part in held]
    loan, on = _joined(loans), _joined([part.on for part in parts])
    payee = held[0][0].deals.payee[loan]
    window = _joined([calendar.window(tiers, part.on) if part.window is None else part.window for part in parts])
    rank = loan if ranks is None else ranks[loan]
    stays = all(part.window is None for part in parts)
    keys = [payee, on, rank] if stays else [payee, window, on, rank, _turns(parts)]
    _price_in_order(parts, keys, [payee, window], rates, tiers)


def _price_in_order(
    parts: Sequence[_LanePart], keys: Sequence[Codes], groups: Sequence[Codes], rates: Rates, tiers: Tiers
) -> None:
    """Price transactions in order of some keys; what accumulates starts anew where a group does."""
    order = ordered(*keys)
    groups = [group[order] for group in groups]
    starts = starts_of(*groups)
    tier = _joined([part.tier for part in parts])[order]
    same = all(part.tier is part.paid for part in parts)
    paid = tier if same else _joined([part.paid for part in parts])[order]
    curves = [curve for part in parts if (curve := _curves(part, rates)) is not None]
    curve = _joined(curves)[order] if curves else None
    before = _rolled(tier, starts, groups, tiers.periods) if tiers.accumulates == "rolling" else None
    found = priced(tiers, rates, Transactions(tier, paid, curve, starts, before))
    back = np.empty(len(tier), dtype=np.intp)
    back[order] = np.arange(len(tier))
    place = 0
    for part in parts:
        mine = back[place : place + len(part.on)]
        by = None if found.by is None else found.by[mine]
        unsure = None if found.unsure is None else found.unsure[mine]
        part.found = Paid(found.top[mine], found.below, by, unsure)
        place += len(part.on)


def _rolled(tier: Whole, starts: Codes, groups: Sequence[Codes], periods: int) -> Whole:
    """What counts of the windows before each transaction's own."""
    payee, window = (group[starts] for group in groups)
    sums = (
        np.concatenate([[0], np.cumsum(np.add.reduceat(tier, starts))]) if len(starts) else np.zeros(1, dtype=np.int64)
    )
    low = int(window.min(initial=0))
    key = payee * (int(window.max(initial=0)) - low + periods + 1) + window - low + periods
    since = np.searchsorted(key, key - periods + 1)
    return np.repeat(sums[:-1] - sums[since], np.diff(starts, append=len(tier)))


def _joined(arrays: Sequence[Whole]) -> Whole:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _turns(parts: Sequence[_LanePart]) -> Codes:
    return np.concatenate([np.full(len(part.on), part.turn) for part in parts])


def _curves(part: _LanePart, rates: Rates) -> Codes | None:
    """The curve of each transaction by its place in the lane; what is not paid has the last."""
    if len(rates.ladders) == 1:
        return None
    if part.curve is None:
        return np.full(len(part.on), part.only)
    return np.where(part.curve < 0, len(rates.ladders) - 1, part.curve)


# ── lines ───────────────────────────────────────────────────────────────────────────────────────────────────


def _lines(runner: _Runner, rates: Rates, tiers: Tiers, calendar: BookCalendar) -> Worked:
    """The lines of a course, once its transactions are priced."""
    course, regular, opened = runner.course, runner.regular, [np.flatnonzero(runner.held.open)]
    lines: list[Earned] = []
    found = regular.found
    if found is not None and len(regular.on):
        bounds = bounds_of(course.component, course.scale, found.below)
        doubt = _too_large(found.top, found.by, bounds, course.reach[1])
        masks = [mask for mask in (doubt, found.unsure, runner.base.doubt) if mask is not None]
        opened += [course.places(regular.deals)[mask] for mask in masks]
        total = bounds.within(found.top, regular.paid > 0) if bounds.bounded else found.top
        lines += lines_of(course, runner.held, runner.base, total, bounds, found.by)
    if runner.odd is not None and runner.walk is not None:
        walked_lines, doubtful = _walked_lines(runner.odd, runner.walk, runner.moves, rates, tiers, calendar)
        odd = course.places(runner.held.odd)
        lines.append(evolve(walked_lines, rows=odd[walked_lines.rows]))
        opened.append(odd[doubtful])
    return Worked(course, tuple(lines), np.concatenate(opened))


def _too_large(top: Whole, by: Whole | None, bounds: CourseBounds, shares: int) -> Truth | None:
    """Deals whose total, or divisor, int64 may not hold once it is multiplied by shares."""
    largest = max(int(top.max()), -int(top.min())) * bounds.times * shares
    divisor = bounds.below * shares * (1 if by is None else int(by.max()))
    if max(largest, divisor, *(abs(item) * shares for item in (bounds.least, bounds.most) if item is not None)) < LIMIT:
        return None if by is None or not bounds.bounded else by != 1
    found = np.abs(top.astype(np.float64)) * float(bounds.times) * float(shares) >= LIMIT
    return np.ones(len(top), dtype=np.bool_) if divisor >= LIMIT or bounds.bounded else found


def _walked_lines(
    odd: DealCourse, walk: Walk, moves: Sequence[_LanePart], rates: Rates, tiers: Tiers, calendar: BookCalendar
) -> tuple[Earned, Truth]:
    """The lines of deals that are worked step by step, and which of them only the rows path can work."""
    size = odd.size
    doubt = walk.steps.doubt.copy()
    tops, below = [], rates.below * (rates.parts if tiers.applies == "marginal" else 1)
    for move, part in zip(walk.moves, moves, strict=True):
        top = np.zeros(size, dtype=np.int64)
        live = np.flatnonzero(move.live)
        if part.found is not None:
            top[live], below = part.found.top, part.found.below
            if part.found.unsure is not None:
                doubt[live[part.found.unsure]] = True
            if part.found.by is not None:
                doubt[live[part.found.by != 1]] = True
        tops.append(top)
    if tiers.applies in ("forward before", "forward after"):
        _at_the_rate_of_its_day(walk, tops)
    bounds = bounds_of(odd.component, odd.scale, below)
    sizes = sum((np.abs(top.astype(np.float64)) for top in tops), np.zeros(size))
    doubt |= sizes * float(bounds.times) * float(odd.reach[1]) >= LIMIT / 2
    if bounds.below * odd.reach[1] >= LIMIT or any(
        abs(item) * odd.reach[1] >= LIMIT for item in (bounds.least, bounds.most) if item is not None
    ):
        doubt[:] = True
        bounds = evolve(bounds, below=1, times=1, least=None, most=None)
    if tiers.accumulates == "rolling":
        for move in walk.moves:
            if move.step != move.lot:
                doubt |= move.live
    return earned(odd, drafted(walk, tops, bounds), bounds, calendar.first), doubt


def _at_the_rate_of_its_day(walk: Walk, tops: list[Whole]) -> None:
    """What goes out of a tier whose loans keep the rate of their day goes at the rate at which it came in."""
    for place, move in enumerate(walk.moves):
        if move.step == move.lot:
            continue
        came = next(at for at, other in enumerate(walk.moves) if other.step == other.lot == move.lot)
        paid = walk.moves[came].paid
        rate = np.where(paid != 0, tops[came] // np.where(paid != 0, paid, 1), 0)
        tops[place] = np.where(move.live, rate * move.paid, 0)
