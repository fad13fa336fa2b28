"""Books: what accrue looks up by payee and date: plans, readings, targets, rates of exchange."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from attrs import field, frozen

from loanperf._commission._accrual import DatedPlan, best_plans, choose_plan
from loanperf._commission._deals import Exchange, exchange_rates
from loanperf._commission._plan import Plan, Tiers
from loanperf._commission._tracks import what_is
from loanperf._curves import Curve
from loanperf._facts import ExchangeRate, Facts
from loanperf._indicators import Reading, refuse_bare
from loanperf._org import Assignment, Organisation
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES, Quantity
from loanperf._scorecard import value_of
from loanperf._targets import Target
from loanperf.errors import (
    DataError,
    LoanPerfError,
    MissingReadingError,
    NoAssignmentError,
    TargetError,
    UnitError,
)

Look: TypeAlias = Callable[[str, Curve | None], Fraction]
"""The code of an indicator, and the curve that looks at it, to its reading of the payee and period.

Attainment is asked by `code/attainment`.
"""
Inputs = Mapping[tuple[str, str, Period], Quantity]
"""Values by payee, indicator and period."""
_COUNTED = frozenset({"", "point", "person"})
"""Units of counts and points, which may be written without one."""


@frozen(kw_only=True, eq=False)
class Books:
    """Everything that accrue looks up, by payee and date."""

    plans: tuple[DatedPlan, ...]
    organisation: Organisation
    periods: tuple[Period, ...]
    readings: Inputs
    targets: Inputs
    exchange: Mapping[tuple[str, str], tuple[ExchangeRate, ...]]
    missing: dict[tuple[str, Period], LoanPerfError] = field(factory=dict, init=False)
    """By payee and earlier period: the reading or target that is not there; what was posted for it stays."""
    _starts: dict[date, int] = field(factory=dict, init=False)

    @property
    def last_day(self) -> date:
        """The last day of the last period."""
        return self.periods[-1].last_day

    def index(self, on: date) -> int:
        """The place of the period of a day; -1 before the first."""
        return bisect_right(self.periods, on, key=lambda period: period.start) - 1

    def units(self, assignment: Assignment, on: date) -> tuple[str, ...]:
        """The units of an assignment, from the top down."""
        return self.organisation.path(assignment.unit, on) if self.organisation.units else ()

    def standing_plan(self, payee: str, period: Period) -> tuple[DatedPlan, Assignment] | None:
        """The plan that a payee has at the end of their days in a period; None where no plan fits them.

        Raises:
            ResolveError: more than one fits.
        """
        parts = self.organisation.assignments_in(payee, period)
        if not parts:
            return None
        assignment, part = parts[-1]
        on, units = part.last_day, self.units(assignment, part.last_day)
        found = best_plans(self.plans, on, what_is(assignment), units)
        if len(found) > 1:
            choose_plan(found, on=on, units=units, **what_is(assignment))
        return (found[0], assignment) if found else None

    def nth(self, payee: str, period: Period) -> int:
        """Which period in their role it is for a payee: 1 is the one in which the role started, without a break."""
        parts = self.organisation.assignments_in(payee, period)
        if not parts:
            raise NoAssignmentError(payee, str(period), self.organisation.codes)
        start = self.organisation.role_since(payee, parts[-1][0].role, parts[-1][1].last_day)
        return self.index(period.start) - self._place(start) + 1

    def _place(self, on: date) -> int:
        """The place of a day's period, counted below zero before the first."""
        if (found := self.index(on)) >= 0:
            return found
        if on not in self._starts:
            period, place = self.periods[0], 0
            while period.start > on:
                period, place = period.previous(), place - 1
            self._starts[on] = place
        return self._starts[on]

    def look(self, payee: str, period: Period, plan: Plan) -> Look:
        """Readings and attainments of a payee in a period, by code and `code/attainment`."""

        def value(code: str, curve: Curve | None) -> Fraction:
            code, _, attained = code.partition("/")
            reading = self.readings.get((payee, code, period))
            if reading is None:
                held = tuple(sorted(name for who, name, when in self.readings if who == payee and when == period))
                error = MissingReadingError(code, payee, held, f"the commission of {period}")
                if self._can_go_without(error, payee, period, plan):
                    return Fraction(0)
                raise error
            try:
                actual = self._read(plan, code, reading, "the reading", curve=None if attained else curve)
                if attained and self.dated(plan).indicator(code) is None and (payee, code, period) in self.targets:
                    _must_fit(code, reading, self.targets[payee, code, period])
            except LoanPerfError as error:
                if self._can_go_without(error, payee, period, plan):
                    return Fraction(0)
                raise
            return actual / self.target(payee, period, plan, code) if attained else actual

        return value

    def dated(self, plan: Plan) -> DatedPlan:
        """A plan with its scheme and days."""
        return next(dated for dated in self.plans if dated.plan is plan)

    def _read(self, plan: Plan, code: str, given: Quantity, what: str, *, curve: Curve | None) -> Fraction:
        """A reading or target in the unit of its indicator, else of the curve that looks at it; a bare 0 fits each.

        Raises:
            UnitError: it is in another unit.
            DataError: it is a bare number above 1 for a ratio.
        """
        if not given.value and not given.unit:
            return given.value
        dated = self.dated(plan)
        known, currency = dated.indicator(code), dated.currency
        if known is not None:
            return value_of(known, given, currency, what).value
        if given.unit in CURRENCIES and given.unit != currency:
            raise UnitError(f"{what} of {code!r} ({given})", given.unit, currency)
        if curve is not None and any(x for x, _ in curve.knots):
            if given.unit != curve.x_unit and not {given.unit, curve.x_unit} <= _COUNTED:
                raise UnitError(f"{what} of {code!r} ({given})", given.unit, curve.x_unit)
            if given.bare and not (curve.x_unit or curve.bare_x):
                refuse_bare(f"{what} of {code!r}", given.value)
        return given.value

    def target(self, payee: str, period: Period, plan: Plan, code: str) -> Fraction:
        """A payee's target in a period, ramp included.

        Raises:
            TargetError: there is none, or it is zero.
            UnitError: it is in another unit than its indicator.
            DataError: it is a bare number above 1 for a ratio.
        """
        target = self.targets.get((payee, code, period))
        try:
            if target is None or not target.value:
                fault = f"of {payee} is {'missing' if target is None else 'zero'} for {period}"
                raise TargetError(code, fault, "supply one")
            value = self._read(plan, code, target, "the target", curve=None)
        except LoanPerfError as error:
            if (target is None or target.value) and self._can_go_without(error, payee, period, plan):
                return Fraction(1)
            raise
        return value * self.ramp(payee, period, plan)

    def _can_go_without(self, error: LoanPerfError, payee: str, period: Period, plan: Plan) -> bool:
        """Whether later periods can be worked without it; if so it is noted, and what is posted of this one stays."""
        if period == self.periods[-1] or self.depends_on_earlier(plan):
            return False
        self.missing.setdefault((payee, period), error)
        return True

    def depends_on_earlier(self, plan: Plan) -> bool:
        """Whether the pay of a period depends on readings or targets of earlier ones."""
        caps = (plan.most, *(component.period_most for component in plan.components))
        rules = [dated.rules.person_most for dated in self.plans]
        if plan.draws or any(cap is not None and cap.excess == "carried" for cap in (*caps, *rules)):
            return True
        return any(
            item.tiers is not None
            and item.tiers.accumulates in ("to date", "rolling")
            and (item.base == "indicator" or item.tiers.by == "attainment" or item.tiers.are_read)
            for item in plan.components
        )

    def ramp(self, payee: str, period: Period, plan: Plan) -> Fraction:
        """The part of quota and targets that holds for a payee in a period."""
        if plan.ramp is None:
            return Fraction(1)
        part = plan.ramp.at(Fraction(self.nth(payee, period)))
        if part <= 0:
            raise TargetError("the ramp", f"of {payee} is {part} in {period}", "give parts above zero")
        return part

    def quota(self, payee: str, period: Period, plan: Plan, tiers: Tiers) -> Fraction:
        """What 100% attainment is for a payee in a period."""
        if tiers.quota is not None and (payee, tiers.indicator, period) not in self.targets:
            return tiers.quota.value * self.ramp(payee, period, plan)
        return self.target(payee, period, plan, tiers.indicator)

    def in_currency(self, currency: str) -> Exchange:
        """The conversion of amounts into a currency."""
        return Exchange(currency=currency, rates=self.exchange)


def books_of(
    facts: Facts,
    plans: Sequence[DatedPlan],
    organisation: Organisation,
    periods: tuple[Period, ...],
    readings: Iterable[Reading],
    targets: Mapping[Period, Iterable[Target]],
) -> Books:
    """The look-ups of some pay periods."""
    through = periods[-1]
    values: dict[tuple[str, str, Period], Quantity] = {}
    for reading in readings:
        if reading.value is not None:
            _keep(values, "reading", (reading.subject, reading.indicator, reading.period or through), reading.value)
    goals: dict[tuple[str, str, Period], Quantity] = {}
    for period, all_ in targets.items():
        for goal in all_:
            _keep(goals, "target", (goal.payee, goal.indicator, goal.period or period), goal.value)
    return Books(
        plans=tuple(plans),
        organisation=organisation,
        periods=periods,
        readings=values,
        targets=goals,
        exchange=exchange_rates(facts),
    )


def _keep(
    held: dict[tuple[str, str, Period], Quantity], what: str, key: tuple[str, str, Period], value: Quantity
) -> None:
    """Keep a value; of two that differ nothing tells which is true.

    Raises:
        DataError: another one is held.
    """
    if held.setdefault(key, value) != value:
        where = f"{what} of {key[1]} of {key[0]} for {key[2]}"
        raise DataError(where, "it is supplied twice, with two values", "supply the true one alone")


def _must_fit(code: str, reading: Quantity, target: Quantity) -> None:
    """Refuse a reading and a target of which nobody says what they count, where they count two things.

    Raises:
        UnitError: they are in two units.
        DataError: one is a share, and the other a bare number above 1.
    """
    if not reading.value and not reading.unit:
        return
    if reading.unit != target.unit and not {reading.unit, target.unit} <= _COUNTED:
        raise UnitError(f"the reading of {code!r} ({reading})", reading.unit, target.unit)
    for what, value, other in (("the reading", reading, target), ("the target", target, reading)):
        if value.bare and not (other.bare or other.unit) and abs(other.value) <= 1:
            refuse_bare(f"{what} of {code!r}", value.value)
