"""Regular deals: (course) -> which deals are priced once, step by step, or by the rows path; and their lines."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from loanperf._facts import EventKind
from loanperf._tables._columns import Truth, Whole
from loanperf.batch._accrue._courses import CourseBounds, DealCourse, PricedDeals
from loanperf.batch._accrue._deals import NEVER
from loanperf.batch._accrue._histories import Earned
from loanperf.batch._accrue._terms import filters_of
from loanperf.batch._accrue._tiers import rounded_units

Chosen: TypeAlias = "slice | NDArray[np.intp]"


@frozen(eq=False)
class Sorted:
    """The deals of a course, by how they are worked."""

    days: list[Whole]
    """By stage."""
    first_on: Whole
    regular: Chosen
    """Deals that reach their stages in order, and whose base never changes."""
    odd: NDArray[np.intp]
    """Deals that are worked step by step."""
    open: Truth
    """Deals that only the rows path can work."""


def sorted_deals(course: DealCourse, first: int) -> Sorted | None:
    """The deals of a course by how they are worked; None where only the rows path can work them.

    Args:
        course: whose deals.
        first: the first day of the first period.
    """
    days = course.days()
    if days is None or any(course.due(stage, course.deals.opened[course.rows]) is None for stage in course.stages):
        return None
    first_on = days[0] if len(days) == 1 else np.minimum.reduce(days)
    live = first_on <= course.last
    odd = _out_of_order(course, days) | _moving(course, days, first_on) | (first_on < first)
    if any(stage.payable is not None or not stage.share for stage in course.stages):
        odd |= live
    if EventKind.CANCELLED in course.deals.days:
        odd |= course.deals.on(EventKind.CANCELLED)[course.rows] <= course.last
    unknown = _left_open(course, days)
    odd &= live & ~unknown
    regular = live & ~odd & ~unknown
    return Sorted(days, first_on, _chosen(regular), np.flatnonzero(odd), unknown & live)


def _chosen(mask: Truth) -> Chosen:
    return slice(None) if bool(mask.all()) else np.flatnonzero(mask)


def _out_of_order(course: DealCourse, days: list[Whole]) -> Truth:
    """Deals that reach a stage before an earlier one, or with it where the lines of the day go by another order."""
    found = np.zeros(course.size, dtype=np.bool_)
    words = [stage.milestone for stage in course.stages]
    latest = days[0]
    for earlier, on in pairwise(days):
        there = earlier <= course.last
        before = earlier if bool(there.all()) else np.where(there, earlier, -NEVER)
        latest = before if latest is before else np.maximum(latest, before)
        found |= (on <= course.last) & ((on < latest) if words == sorted(words) else (on <= latest))
    return found


def _moving(course: DealCourse, days: list[Whole], first_on: Whole) -> Truth:
    """Deals whose amount changes between two stages."""
    found = np.zeros(course.size, dtype=np.bool_)
    if len(days) < 2 or not (
        course.needs_amount or any(item.field == "amount" for item in filters_of(course.component))
    ):
        return found
    start = course.amount(first_on)
    for on in days:
        found |= (course.amount(on) != start) & (on <= course.last)
    return found


def _left_open(course: DealCourse, days: list[Whole]) -> Truth:
    """Deals whose states this module does not follow: that expire, or that a bad loan may change."""
    found = np.zeros(course.size, dtype=np.bool_)
    component, plan, deals = course.component, course.dated.plan, course.deals
    if component.expires_days is not None:
        ended = deals.reached(component.steps[-1].milestone)
        for on in days:
            late = on + component.expires_days
            found |= (late <= course.last) & (True if ended is None else ended[course.rows] > late)
    lowering = [rule.on for rule in plan.clawbacks if rule.attainment == "lowered"]
    if lowering:
        found |= deals.bad[course.rows]
    if "prepaid" in lowering:
        # What is repaid in full before the end of its term is prepaid.
        found |= deals.repaid[course.rows]
    if any(rule.takes in ("in proportion", "when paid off") for rule in plan.clawbacks):
        found |= (deals.bad & deals.unsized)[course.rows]
    if plan.clawbacks and component.dead == "keep":
        found |= deals.on(EventKind.CANCELLED)[course.rows] <= course.last
    return found


# ── their lines ─────────────────────────────────────────────────────────────────────────────────────────────


def lines_of(
    course: DealCourse, held: Sorted, priced: PricedDeals, total: Whole, bounds: CourseBounds, by: Whole | None
) -> Iterator[Earned]:
    """The lines of regular deals, stage by stage: the share reached of the whole, less what earlier stages came to.

    Args:
        course: whose deals.
        held: which of them are regular.
        priced: their base.
        total: what each comes to, over `bounds.below`, once it is within the bounds.
        bounds: the least and most of a loan.
        by: one more divisor a deal.
    """
    (reach, below), rounding = course.reach, course.dated.plan.rounding
    rows = np.arange(course.size) if isinstance(held.regular, slice) else held.regular
    live = (priced.paid != 0) | (total != 0)
    if priced.known is not None:
        live &= priced.known
    every = bool(live.all())
    before: Whole | None = None
    for place, share in enumerate(reach):
        on = held.days[place][held.regular]
        there = on <= course.last
        whole = share == below
        divisor = bounds.below * (1 if whole else below)
        units = rounded_units(total if whole else total * share, divisor if by is None else divisor * by, rounding)
        amount = units if before is None else units - before
        mine = there if every else there & live
        if bool(mine.all()):
            yield Earned(rows, np.full(len(rows), place), on, on, amount)
        else:
            kept = np.flatnonzero(mine)
            yield Earned(rows[kept], np.full(len(kept), place), on[kept], on[kept], amount[kept])
        if place + 1 < len(reach):
            last = np.zeros(len(rows), dtype=np.int64) if before is None else before
            before = units if bool(there.all()) else np.where(there, units, last)
