"""Fitting: dated plans, units and positions -> which plan fits each position best on each day.

Between two days on which a plan or a unit begins or ends nothing changes: a plan is asked once for each such time and
position, however many payees have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property

import numpy as np
from attrs import frozen

from loanperf._commission._accrual import DatedPlan
from loanperf._numbers import FAR, Places, Truth, Whole, as_of, day_number, distinct, nowhere, ordered, whole
from loanperf._org import Organisation
from loanperf._people import Position

_FIRST = -(2**22)
"""A day before all others."""
TOP, LOST, UNKNOWN = -1, -2, -3
"""Above the top of the tree; a unit that is not there on a day; one that the tree does not have."""
_DEEP = 2**20
"""Above the depths of all trees."""


def day_or(on: date | None, other: int) -> int:
    """The number of a day, and another one where none is said."""
    return other if on is None else day_number(on)


@frozen(eq=False)
class Tree:
    """Units with the unit above each, as columns in order of unit and day; nothing where there are no units."""

    places: Mapping[str, int]
    """By code of a unit, its place."""
    unit: Places
    since: Whole
    until: Whole
    above: Places
    """The unit above each; `TOP` where there is none."""

    @classmethod
    def of(cls, organisation: Organisation) -> Tree:
        """The units of an organisation."""
        units = organisation.units
        places = {code: place for place, code in enumerate(dict.fromkeys(unit.code for unit in units))}
        unit = whole([places[item.code] for item in units])
        since = whole([day_number(item.since) for item in units])
        until = whole([day_or(item.until, FAR) for item in units])
        above = whole([TOP if item.parent is None else places[item.parent] for item in units])
        order = ordered(unit, since)
        return cls(places, unit[order], since[order], until[order], above[order])

    def up(self, unit: Places, on: Whole) -> Places:
        """The unit above each on a day; `TOP` above the top, `LOST` where a unit is not there."""
        place = as_of(self.unit, self.since, unit, on)
        there = (place >= 0) & (on < np.append(self.until, 0)[place])
        return np.where(unit < 0, unit, np.where(there, np.append(self.above, LOST)[place], LOST))

    def path(self, unit: Places, on: Whole) -> list[Places]:
        """Each unit, the one above it, and so on, until all are above the top or lost; the last says which."""
        if not len(self.unit):
            return []
        found = [unit]
        while (found[-1] >= 0).any():
            found.append(self.up(found[-1], on))
        return found


@frozen(eq=False)
class Fits:
    """Which of some plans fits best, a row a question."""

    rank: Whole
    """Higher is better; -1 where none fits."""
    plan: Places
    """The first of the best; -1 where none fits."""
    ties: Whole
    """1 where another version of the same plan fits as well, 2 where another plan does."""
    lost: Truth
    """Whether a unit of the position's path is not there, so that nothing can be said."""


@frozen(eq=False)
class Fitting:
    """Dated plans, and the positions whose plans are asked for."""

    plans: tuple[DatedPlan, ...]
    tree: Tree
    positions: tuple[Position, ...]
    breaks: Whole
    """Days on which a plan or a unit begins or ends, in order; before them one that is before all."""

    @classmethod
    def of(cls, plans: Sequence[DatedPlan], organisation: Organisation, positions: Sequence[Position]) -> Fitting:
        """The plans of a run."""
        tree = Tree.of(organisation)
        days = {_FIRST, *tree.since.tolist(), *tree.until.tolist()}
        days |= {day for item in plans for day in (day_number(item.since), day_or(item.until, FAR))}
        return cls(tuple(plans), tree, tuple(positions), whole(sorted(days)))

    @cached_property
    def _units(self) -> Places:
        """The unit of each position, and of none."""
        return whole([*(self.tree.places.get(unit, LOST) for *_, unit in self.positions), LOST])

    def unit_of(self, position: Places) -> Places:
        """The unit of each position; `LOST` of none."""
        return self._units[position]

    @cached_property
    def _precedence(self) -> dict[int, int]:
        return {value: place for place, value in enumerate(sorted({item.plan.precedence for item in self.plans}))}

    def best(self, places: Iterable[int], position: Places, on: Whole) -> Fits:
        """The plan that fits each position best on a day: most conditions, then the deepest unit, then precedence.

        Args:
            places: of the plans that are asked.
            position: of each question; -1 is none, which nothing fits.
            on: the day of each question.
        """
        many = len(self._units)
        code = np.where(position < 0, many - 1, position)
        kinds, which = distinct((np.searchsorted(self.breaks, on, "right") - 1) * many + code)
        asked, day = kinds % many, self.breaks[kinds // many]  # by day first, so that a plan is asked one slice
        path = self.tree.path(self._units[asked], day)
        length = sum(((unit >= 0) * 1 for unit in path), np.repeat(0, len(kinds)))
        rank, plan, ties = np.repeat(-1, len(kinds)), np.repeat(-1, len(kinds)), np.repeat(0, len(kinds))
        for place in places:
            item = self.plans[place]
            bounds = [day_number(item.since), day_or(item.until, FAR)]
            of = slice(*np.searchsorted(day, bounds).tolist())
            mine = self._rank(item, asked[of], [unit[of] for unit in path], length[of])
            equal = (mine >= 0) & (mine == rank[of])
            tie = np.where(np.append(self.codes, -1)[plan[of]] == self.codes[place], 1, 2)
            better = mine > rank[of]
            ties[of] = np.where(better, 0, np.where(equal, np.maximum(ties[of], tie), ties[of]))
            plan[of], rank[of] = np.where(better, place, plan[of]), np.maximum(rank[of], mine)
        lost = path[-1] == LOST if path else nowhere(len(kinds))
        return Fits(rank[which], plan[which], ties[which], lost[which])

    def _rank(self, item: DatedPlan, asked: Places, path: list[Places], length: Whole) -> Whole:
        """How well a plan fits positions, -1 where it does not."""
        plan = item.plan
        good = [
            plan.role in ("", role) and plan.product_line in ("", line) and plan.tier in ("", tier)
            for role, line, tier, _ in self.positions
        ]
        fits = np.array([*good, False])[asked]
        depth = np.repeat(-1, len(asked))
        if plan.unit:
            unit, inside = self.tree.places.get(plan.unit, UNKNOWN), nowhere(len(asked))
            for step, at in enumerate(path):
                depth = np.where(at == unit, length - 1 - step, depth)
                inside |= at == unit
            fits &= inside
        conditions = sum(map(bool, (plan.role, plan.product_line, plan.tier, plan.unit)))
        packed = (conditions * _DEEP + depth + 1) * len(self._precedence)
        return np.where(fits, packed + self._precedence[plan.precedence], -1)

    @cached_property
    def codes(self) -> Places:
        """By plan a number for its code, the same for all versions."""
        codes = {code: place for place, code in enumerate(dict.fromkeys(item.plan.code for item in self.plans))}
        return whole([codes[item.plan.code] for item in self.plans])
