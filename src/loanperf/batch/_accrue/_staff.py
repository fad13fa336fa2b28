"""Staff: (people, plans, deals) -> the dated plan by which each deal is paid; what is in doubt is left open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from loanperf._commission import DatedPlan
from loanperf._commission._accrual import best_plans
from loanperf._commission._plan import Milestone
from loanperf._numbers import day_number
from loanperf._org import Organisation
from loanperf._people import People, Position
from loanperf._tables._columns import EPOCH, Truth, Whole
from loanperf.batch._accrue._deals import BookDeals
from loanperf.errors import NoAssignmentError

Codes: TypeAlias = NDArray[np.int64]
NO_PLAN, OPEN = -1, -2
"""A deal under no plan, which earns nothing; one whose plan only the rows path can tell, or say why there is none."""


# ── plans ───────────────────────────────────────────────────────────────────────────────────────────────────


@frozen(eq=False)
class Timetable:
    """Which plan fits each profile on each day."""

    breaks: Whole
    """Days on which a plan or a unit starts or ends."""
    chosen: Codes
    """By profile, then by how many breaks have passed: the place of the plan, or `OPEN`."""
    unsure: Truth
    """By the same: whether it is open since two fit, or a unit is not there; not since none fits."""

    def at(self, profile: Codes, on: Whole) -> Codes:
        """The place of the plan that fits each profile on a day."""
        return self.chosen[profile, np.searchsorted(self.breaks, on, side="right")]


def timetable_of(plans: Sequence[DatedPlan], organisation: Organisation, profiles: Sequence[Position]) -> Timetable:
    """The plan that fits best, for each profile and time between two changes."""
    changes = {day for dated in plans for day in (dated.since, dated.until) if day is not None}
    changes |= {day for unit in organisation.units for day in (unit.since, unit.until) if day is not None}
    breaks = sorted(changes)
    chosen = [[_fitting(plans, organisation, profile, on) for on in (date.min, *breaks)] for profile in profiles]
    numbers = np.array([day_number(day) for day in breaks], dtype=np.int64)
    found = np.array(chosen, dtype=np.int64).reshape(len(profiles), len(breaks) + 1)
    return Timetable(numbers, np.maximum(found, OPEN), found < OPEN)


def _fitting(plans: Sequence[DatedPlan], organisation: Organisation, profile: Position, on: date) -> int:
    role, product_line, tier, unit = profile
    try:
        units = organisation.path(unit, on) if organisation.units else ()
    except NoAssignmentError:
        return OPEN - 1
    found = best_plans(plans, on, {"role": role, "product_line": product_line, "tier": tier}, units)
    if not found:
        return OPEN
    if len({dated.plan.code for dated in found}) > 1:
        return OPEN - 1
    return next(place for place, dated in enumerate(plans) if dated is found[0])


def plans_of(
    plans: Sequence[DatedPlan], organisation: Organisation, people: People, deals: BookDeals, last: int
) -> Codes:
    """The place of the plan of each deal, fixed on its selection date; `NO_PLAN`, or `OPEN` where that is in doubt.

    Args:
        plans: of every version of the scheme.
        organisation: whose units they were.
        people: its assignments.
        deals: what is paid for.
        last: the last day that counts.
    """
    milestones: dict[Milestone, list[DatedPlan]] = {}
    for dated in plans:
        milestones.setdefault(dated.plan.selected_at, []).append(dated)
    if not plans:
        return np.full(deals.rows, NO_PLAN)
    if len(milestones) > 1:
        return np.full(deals.rows, OPEN)
    (selected_at,) = milestones
    reached = deals.reached(selected_at)
    if reached is None:
        return np.full(deals.rows, OPEN)
    first = min(day_number(dated.since) for dated in plans)
    known = reached <= last
    every = bool(known.all())
    on = reached if every else np.where(known, reached, last)
    place = people.one_on(deals.payee, on)
    if not bool((place >= 0).all()):
        later = people.one_on(deals.payee, np.maximum(on, deals.opened))
        place = np.where(place >= 0, place, later)
    if not len(people.position):
        return np.where(on < first, NO_PLAN, OPEN)
    table = timetable_of(plans, organisation, people.positions)
    chosen = table.at(people.position[place], on)
    if not bool((place >= 0).all()):
        chosen = np.where(place >= 0, chosen, OPEN)
    if not every:
        unsure = table.unsure[people.position[place], np.searchsorted(table.breaks, on, side="right")]
        chosen = np.where(known | (place < 0) | unsure, chosen, NO_PLAN)
    return np.where(on < first, NO_PLAN, chosen) if bool((on < first).any()) else chosen


def date_of(day: int) -> date:
    """The day of a number."""
    return date.fromordinal(EPOCH.toordinal() + day)
