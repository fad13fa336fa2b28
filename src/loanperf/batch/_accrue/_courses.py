"""Courses: (deals, component) -> on which day each stage is reached, with what base, and which deals are regular.

A regular deal reaches its stages in their order, each on a later day, and its base never changes; it is priced once,
with its first stage. `loanperf.batch._accrue._histories` works the others step by step.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import TypeAlias

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from loanperf._commission import Component, DatedPlan, Stage
from loanperf._facts import EventKind
from loanperf._quantities import CURRENCIES
from loanperf._tables._columns import MISSING, Truth, Whole
from loanperf.batch._accrue._deals import NEVER, BookDeals
from loanperf.batch._accrue._terms import Codes, DealTerms, chosen, counted_where, counts_what_is_paid, filters_of

Rows: TypeAlias = "slice | NDArray[np.intp]"


@frozen(eq=False)
class PricedDeals:
    """The base of some deals on some days."""

    paid: Whole
    """In smallest units, or loans."""
    counted: Whole
    """What counts for the tier, in the same units as the tier."""
    curve: Codes | None
    """Which of the curves of the component holds; None where there is one."""
    doubt: Truth | None
    """Deals for which no rate holds, or two do."""
    known: Truth | None
    """Where the base is known; None where it is known for all."""


@frozen(eq=False)
class DealCourse:
    """The deals that a component of a plan pays for."""

    deals: BookDeals
    rows: Rows
    place: int
    """Of the plan among all."""
    dated: DatedPlan
    component: Component
    last: int

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages, in their order."""
        return self.component.steps

    @property
    def size(self) -> int:
        """How many deals there are."""
        return len(self.deals.opened[self.rows])

    def loans(self, chosen: Rows) -> NDArray[np.int64]:
        """The rows of some of its deals in the book."""
        rows = self.rows if isinstance(self.rows, np.ndarray) else np.arange(self.size)
        return rows[chosen]

    def places(self, chosen: Rows) -> NDArray[np.int64]:
        """The places of some of its deals."""
        return np.arange(self.size)[chosen]

    def of(self, chosen: Rows) -> DealCourse:
        """Some of its deals as a course of their own."""
        return self if isinstance(chosen, slice) else evolve(self, rows=self.loans(chosen))

    @property
    def scale(self) -> int:
        """Smallest units in one whole of the currency."""
        return int(10 ** CURRENCIES[self.dated.currency])

    @property
    def reach(self) -> tuple[tuple[int, ...], int]:
        """The share of the stages up to each, as whole numbers over a common denominator."""
        sums, total = [], Fraction(0)
        for stage in self.stages:
            total += stage.share
            sums.append(total)
        below = lcm(*(share.denominator for share in sums))
        return tuple(int(share * below) for share in sums), below

    def days(self) -> list[Whole] | None:
        """The day on which each deal reaches each stage, `NEVER` where it has not; None where rows cannot tell."""
        found = []
        known = self._known_on()
        for stage in self.stages:
            reached = self.deals.reached(stage.milestone)
            if reached is None:
                return None
            on = reached[self.rows]
            if known is not None and not (stage is self.stages[-1] and stage.milestone == "disbursed"):
                on = np.where((known <= self.last) & (on < NEVER), np.maximum(on, known), on)
            found.append(on)
        return found

    def due(self, stage: Stage, on: Whole) -> Whole | None:
        """The day on which a stage is payable; None where rows cannot tell."""
        if stage.payable is None:
            return on
        payable = self.deals.reached(stage.payable)
        return None if payable is None else np.maximum(on, payable[self.rows])

    def base(self, on: Whole) -> PricedDeals:
        """The base of each deal as it is known on a day."""
        component = self.component
        needed = self.needs_amount or any(item.field == "amount" for item in filters_of(component))
        amount = self.amount(on) if needed else np.zeros(self.size, dtype=np.int64)
        columns = {name: column.rows(self.rows) for name, column in self.deals.terms.items()}
        terms = DealTerms(columns, self.size, amount, self.scale)
        known = amount != MISSING if self.needs_amount else None
        base = amount if component.base != "count" else np.ones(self.size, dtype=np.int64)
        counts = amount if self.counts_amounts else base
        if known is not None and not bool(known.all()):
            base, counts = np.where(known, base, 0), np.where(known, counts, 0)
        else:
            known = None
        fits = terms.fulfil(component.where)
        paid = base if fits is None else np.where(fits, base, 0)
        counted = fits if counts_what_is_paid(component) else terms.fulfil(counted_where(component))
        tier = (
            paid if counts is base and counted is fits else counts if counted is None else np.where(counted, counts, 0)
        )
        if self.counts_loans:
            tier = (tier > 0).astype(np.int64)
        curve, doubt = chosen(component, terms)
        return PricedDeals(paid, tier, curve, None if doubt is None else doubt & (paid != 0), known)

    @property
    def counts_amounts(self) -> bool:
        """Whether loans are paid by their number, in tiers of their amount."""
        tiers = self.component.tiers
        return self.component.base == "count" and tiers is not None and tiers.by == "amount"

    @property
    def counts_loans(self) -> bool:
        """Whether amounts are paid in tiers of how many loans there are."""
        tiers = self.component.tiers
        return tiers is not None and tiers.by == "count" != self.component.base

    @property
    def needs_amount(self) -> bool:
        """Whether the base is not known without an amount."""
        return self.component.base != "count" or self.counts_amounts

    def amount(self, on: Whole) -> Whole:
        """The amount of each loan as known on a day: drawn, else signed, else applied for; `MISSING` if none is."""
        applied = self.deals.applied
        found = np.full(self.size, MISSING) if applied is None else applied[self.rows]
        kinds = [EventKind.SIGNED] if self.component.base == "contracted" else [EventKind.SIGNED, EventKind.DISBURSED]
        for kind in kinds:
            amount = self.deals.amounts.get(kind)
            if amount is not None:
                known = self.deals.days[kind][self.rows] <= on
                found = amount[self.rows] if bool(known.all()) else np.where(known, amount[self.rows], found)
        return found

    def _known_on(self) -> Whole | None:
        """The first day on which the base is known; None where it always is."""
        if not self.needs_amount:
            return None
        kinds = [EventKind.SIGNED] if self.component.base == "contracted" else [EventKind.SIGNED, EventKind.DISBURSED]
        days = [self.deals.days[kind][self.rows] for kind in kinds if kind in self.deals.days]
        first = np.full(self.size, NEVER) if not days else days[0] if len(days) == 1 else np.minimum(*days)
        applied = self.deals.applied
        return first if applied is None else np.where(applied[self.rows] == MISSING, first, -NEVER)


@frozen(eq=False)
class CourseBounds:
    """The least and most for one loan, over a denominator that makes them whole."""

    times: int
    """What totals are multiplied by before they are compared."""
    below: int
    """What totals are over after that."""
    least: int | None
    most: int | None

    @property
    def bounded(self) -> bool:
        """Whether there is a least or a most."""
        return self.least is not None or self.most is not None

    def within(self, total: Whole, paid: Truth) -> Whole:
        """Totals multiplied by `times`, within the bounds; the least holds of a loan that is paid for."""
        found = total * self.times if self.times != 1 else total
        if self.least is not None:
            found = np.where(paid, np.maximum(found, self.least), found)
        return found if self.most is None else np.minimum(found, self.most)


def bounds_of(component: Component, scale: int, below: int) -> CourseBounds:
    """The bounds of a component, for totals over a denominator."""
    least, most = (None if item is None else item.value * scale for item in (component.least, component.most))
    whole = lcm(below, *(item.denominator for item in (least, most) if item is not None))
    return CourseBounds(
        times=whole // below,
        below=whole,
        least=None if least is None else int(least * whole),
        most=None if most is None else int(most * whole),
    )
