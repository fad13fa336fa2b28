"""Periodic: payees with a plan in a period -> what they earn that is no loan's: fixed amounts, readings, team pay."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeAlias

import numpy as np
from attrs import define, frozen

from loanperf._commission._answers import Answers
from loanperf._commission._apart import LoneBases, priced_apart
from loanperf._commission._due import DueRows, Terms
from loanperf._commission._eligible import rate_of_all
from loanperf._commission._lookups import FAULTY_SEAT
from loanperf._commission._names import joined, name_of
from loanperf._commission._plan import Component, Plan
from loanperf._commission._reasons import why_converted
from loanperf._commission._resolve import Resolved
from loanperf._commission._teams import Teams
from loanperf._commission._versions import Versions
from loanperf._explanations import Explanation, Label, because
from loanperf._indicators import indicator_label
from loanperf._numbers import (
    Places,
    Truth,
    Whole,
    bounded,
    count_of,
    distinct,
    fraction,
    marked,
    nowhere,
    plus,
    reach,
    starts_of,
    times,
    total_of,
    whole,
)
from loanperf._quantities import Money, plain
from loanperf.errors import DataError, LoanPerfError

_OF_PERIODS = ("fixed", "indicator", "team")


def pays_by_period(plan: Plan) -> bool:
    """Whether a plan pays for more than loans: fixed amounts, readings, teams, guarantees."""
    return bool(plan.draws) or any(component.base in _OF_PERIODS for component in plan.components)


@frozen(eq=False)
class PaidLines:
    """What payees earned in a period so far: lines in the order in which they were rounded."""

    payee: Places
    plan: Places
    units: Whole


@frozen(eq=False, kw_only=True)
class PayeesAtOnce:
    """Payees with a plan who are worked at once in a period."""

    place: int
    """Of the period."""
    payee: Places
    plan: Places
    """The place of a plan that each has; who holds several roles may have several, each once."""
    teams: Teams
    paid: PaidLines
    """By then in the period."""
    blocked: Truth
    """By payee, whether what they earn is not known."""


_Why: TypeAlias = Callable[[int], tuple[Explanation, ...]]
_Faults: TypeAlias = tuple[Truth, Callable[[int], LoanPerfError]]
"""Which rows are faulty, and what is wrong with each."""
_Wrong: TypeAlias = dict[int, tuple[int, LoanPerfError]]
"""By payee the first component of which something is wrong, and what that is."""


def _of_nothing(_: int) -> tuple[Explanation, ...]:
    return ()


@define(eq=False, kw_only=True)
class Periodic:
    """What payees of a run earn by period; sums of tiers go on from period to period."""

    run: Resolved
    terms: Terms
    versions: Versions
    before: LoneBases
    """Bases of earlier periods whose sums go on."""

    @classmethod
    def of(cls, run: Resolved, terms: Terms) -> Periodic:
        """Before the first period."""
        none = np.arange(0)
        before = LoneBases(payee=none, version=none, period=none, paid=none, counts=none, below=none, curve=none)
        versions = Versions.of_plans(run.plans, (*_OF_PERIODS, "components"))
        return cls(run=run, terms=terms, versions=versions, before=before)

    def lines(self, wave: PayeesAtOnce) -> tuple[DueRows, dict[int, LoanPerfError]]:
        """The lines of some payees, and what is wrong with those of whom they cannot be told."""
        wrong, found = _Wrong(), [self.before.some(np.arange(0))]
        whys: list[tuple[_Why, int]] = []
        for version, of in enumerate(self.versions.places):
            payee = wave.payee[wave.plan == of]
            if len(payee) and _is_whole(self.versions.components[version]):
                (base, why), curve = self._base(version, payee, wave), self._rate(version)
                bad = base.faulty | ((base.top != 0) & isinstance(curve, LoanPerfError))
                for row in np.flatnonzero(bad).tolist():
                    error = base.error(row) if base.faulty[row] else curve
                    if isinstance(error, LoanPerfError):
                        wrong.setdefault(int(payee[row]), (version, error))
                good = np.flatnonzero(~bad)
                whys += [(why, row) for row in good.tolist()] if self.terms.notes is not None else []
                rate = curve if isinstance(curve, int) else -1
                found.append(_lone(payee[good], base.top[good], base.below[good], (version, wave.place, rate)))

        def of_base(row: int) -> tuple[Explanation, ...]:
            why, place = whys[row]
            return why(place)

        due = self._of_lone(wave.place, LoneBases.stacked(found), {}, wrong, of_base)
        return due, {payee: error for payee, (_, error) in wrong.items()}

    def by_days(self, place: int, some: Truth) -> tuple[DueRows, dict[int, LoanPerfError]]:
        """The lines of fixed amounts by days of some payees, and of whom it cannot be told which plan fits."""
        faults, found = dict[int, LoanPerfError](), [self.before.some(np.arange(0))]
        if not any(component.in_part != "whole" for component in self.versions.components):
            return self._of_lone(place, found[0], faults, {}), faults
        calendar, stints = self.run.calendar, self.run.lookups.stints(place)
        mine = some[stints.payee]
        for row in np.flatnonzero(mine & (stints.plan == FAULTY_SEAT)).tolist():
            faults.setdefault(int(stints.payee[row]), self.run.lookups.no_plan(stints, row))
        days = int(calendar.ends[place]) - int(calendar.starts[place])
        for version, (plan, component) in enumerate(zip(self.versions.places, self.versions.components, strict=True)):
            rows = np.flatnonzero(mine & (stints.plan == plan)) if component.in_part != "whole" else stints.plan[:0]
            payee, at = distinct(stints.payee[rows])
            held = total_of(stints.nth[rows], at, len(payee))
            part = held if component.in_part == "by days" else np.where(held == days, days, 0)
            curve = self._rate(version)
            if isinstance(curve, LoanPerfError):
                faults |= dict.fromkeys(payee.tolist(), curve)
                continue
            good = np.flatnonzero(part)
            found.append(_lone(payee[good], part[good], part[good] * 0 + days, (version, place, curve)))
        wrong = _Wrong()
        due = self._of_lone(place, LoneBases.stacked(found), faults, wrong)
        return due, faults | {payee: error for payee, (_, error) in wrong.items()}

    def sums(
        self, place: int, of: tuple[int, str], payee: Places, top: Whole, below: Whole
    ) -> tuple[DueRows, dict[int, LoanPerfError]]:
        """The lines of a component of sums of other lines.

        Args:
            place: of the period.
            of: the place of the plan, and the code of the component.
            payee: whose sums they are.
            top: the sums, above zero.
            below: what they are over.

        Returns:
            The lines of those of whom nothing is wrong; and what is wrong, by place among the payees.
        """
        held = zip(self.versions.places, self.versions.components, strict=True)
        version = next(version for version, (plan, item) in enumerate(held) if (plan, item.code) == of)
        curve, wrong = self._rate(version), _Wrong()
        if isinstance(curve, LoanPerfError):
            return self._of_lone(place, self.before.some(np.arange(0)), {}, wrong), dict.fromkeys(
                range(len(payee)), curve
            )
        due = self._of_lone(place, _lone(payee, top, below, (version, place, curve)), {}, wrong)
        return due, {row: wrong[who][1] for row, who in enumerate(payee.tolist()) if who in wrong}

    def _of_lone(
        self, place: int, bases: LoneBases, known: Collection[int], wrong: _Wrong, of_base: _Why = _of_nothing
    ) -> DueRows:
        """The lines of bases, without those of payees of whom something is wrong.

        Args:
            place: of the period.
            bases: what is paid on.
            known: payees of whom something is known to be wrong.
            wrong: others, to which those are added of whom something is missing that prices look at.
            of_base: by row, what its base is made of.
        """
        if not len(bases):
            return self._due(place, bases, bases.paid, bases.below)
        top, below, why = self._priced(bases, wrong)
        rows = np.flatnonzero(~marked(whole([*known, *wrong]), len(self.run.deals.payees))[bases.payee])
        due = self._due(place, bases.some(rows), top[rows], below[rows])

        def said(line: int) -> tuple[Explanation, ...]:
            row = int(rows[line])
            return (self._why(bases, row, of_base(row)), *why(row))

        self.terms.note(due.row, said)
        return due

    def _priced(self, bases: LoneBases, faults: _Wrong) -> tuple[Whole, Whole, _Why]:
        """What bases come to after those of earlier periods; faults of look-ups are added."""
        earlier = self.before.some(marked(bases.payee, len(self.run.deals.payees))[self.before.payee])
        first, lookups = len(earlier), self.run.lookups
        prices = priced_apart(self.versions, lookups, LoneBases.stacked([earlier, bases]))
        looked = prices.looked
        for row in np.flatnonzero(looked.faulty[first:]).tolist():
            payee, version = int(bases.payee[row]), int(bases.version[row])
            if payee not in faults or version < faults[payee][0]:
                faults[payee] = version, looked.error(first + row)
        lookups.go_without(bases.payee, bases.period, looked, first)
        goes_on = np.array([item.tiers is not None and item.tiers.go_on for item in self.versions.components])[
            bases.version
        ]
        self.before = LoneBases.stacked([self.before, bases.some(goes_on & ~looked.faulty[first:])])
        return prices.top[first:], prices.below[first:], lambda row: prices.why(first + row)

    def _rate(self, version: int) -> int | LoanPerfError:
        """The code of the rate of a component; what is wrong where none holds for what is no loan's, or two do."""
        component = self.versions.components[version]
        place, error = rate_of_all(component)
        return int(self.versions.rates[version][place]) if error is None else error

    # ── bases ───────────────────────────────────────────────────────────────────────────────────────────────

    def _base(self, version: int, payee: Places, wave: PayeesAtOnce) -> tuple[Answers, _Why]:
        """The base that a component pays each payee on; and for each row the reasons of that base."""
        component, one = self.versions.components[version], np.repeat(1, len(payee))
        if component.base == "fixed":
            return Answers.of(one, one), _of_nothing
        if component.base == "team":
            return self._of_teams(version, payee, wave)
        place, lookups = self.versions.places[version], self.run.lookups
        found = lookups.look(place, component.indicator, None, payee, one * wave.place)
        lookups.go_without(payee, one * wave.place, found)
        return found, _of_nothing

    def _of_teams(self, version: int, payee: Places, wave: PayeesAtOnce) -> tuple[Answers, _Why]:
        """What members of teams earn, in the currency of their leads."""
        plans, names = self.run.plans, self.run.deals.payees
        component, dated = self.versions.components[version], self.versions.dated[version]
        at = dated.plan.components.index(component)
        row = np.repeat(-1, len(names))
        row[payee] = np.arange(len(payee))
        mine = (wave.teams.component == at) & (wave.teams.plan == self.versions.places[version])
        pairs = np.flatnonzero(mine & (row[wave.teams.lead] >= 0))
        lead, member, seat = row[wave.teams.lead[pairs]], wave.teams.member[pairs], wave.teams.seat[pairs]
        by = self.run.lookups.career(wave.paid.plan, wave.paid.payee, wave.paid.payee * 0 + wave.place)
        seats = len(self.run.lookups.people.payee)
        unknown = marked(lead[wave.blocked[member]], len(payee))
        self._pass_on(payee, lead, member, wave, unknown)
        day, currencies = int(self.run.calendar.ends[wave.place]) - 1, sorted({item.currency for item in plans})
        none = np.repeat(0, len(payee))
        top, below, faulty, errors = none, none + 1, unknown.copy(), list[_Faults]()
        for place, currency in enumerate(currencies):
            of = np.array([item.currency == currency for item in plans])[wave.paid.plan]
            earned = _sums(wave.paid.units[of], by[of], seats)
            has = marked(lead[marked(by[of], seats)[seat]], len(payee))
            sums = _sums(earned[seat], lead, len(payee))
            into = self.run.exchange.into(dated.currency, sums, none + place, none + day, currencies).found
            top, below = plus(times(top, into.below), times(into.top, below)), times(below, into.below)
            errors.append((into.faulty & has & ~faulty, into.error))
            faulty |= into.faulty & has
        if component.team is not None and component.team.total == "average":
            below = times(below, np.maximum(count_of(lead[starts_of(lead, member)], len(payee)), 1))

        def error(place: int) -> LoanPerfError:
            if unknown[place]:
                mine = sorted(names[item] for item in member[(lead == place) & wave.blocked[member]].tolist())
                fault = f"the pay of {', '.join(mine)} is not whole"
                where = f"the team of {names[int(payee[place])]} in {self.run.calendar.periods[wave.place]}"
                return DataError(where, fault, "mend their problems first")
            return next(told(place) for where, told in errors if where[place])

        def why(place: int) -> tuple[Explanation, ...]:
            return tuple(
                self._why_member(dated.currency, names[int(self.run.lookups.people.payee[item])], int(line), wave, day)
                for item in seat[lead == place]
                for line in np.flatnonzero(by == item)
            )

        return Answers(top, below, faulty, nowhere(len(payee)), error), why

    def _pass_on(self, payee: Places, lead: Places, member: Places, wave: PayeesAtOnce, unknown: Truth) -> None:
        """Note of leads that something is missing of which something is missing of a member."""
        lookups = self.run.lookups
        short = lookups.is_missing(member, np.repeat(wave.place, len(member))) & ~unknown[lead]
        if short.any():
            lead, member = lead[short], member[short]
            first = starts_of(lead)
            known, period = lookups.missing, self.run.calendar.periods[wave.place]
            names = self.run.deals.payees
            at = np.repeat(wave.place, len(first))
            lookups.miss(payee[lead[first]], at, lambda row: known[names[int(member[first[row]])], period])

    # ── lines ───────────────────────────────────────────────────────────────────────────────────────────────

    def _due(self, place: int, bases: LoneBases, top: Whole, below: Whole) -> DueRows:
        """Lines on the last day of the period."""
        codes = whole([self.terms.components[component.code] for component in self.versions.components])
        return self.terms.lines(
            int(self.run.calendar.ends[place]) - 1, "", payee=bases.payee,
            plan=whole(self.versions.places)[bases.version], component=codes[bases.version], top=top, below=below,
        )  # fmt: skip

    def _why(self, bases: LoneBases, row: int, why: tuple[Explanation, ...]) -> Explanation:
        component = self.versions.components[int(bases.version[row])]
        summed_up = Label(", ".join(component.sums), "、".join(component.sums))
        what = joined(name_of(component.base), indicator_label(component.indicator), summed_up)
        amount = plain(fraction(bases.paid, bases.below, row))
        return because("accrual.of", {"base": what, "amount": amount}, *why)

    def _why_member(self, currency: str, member: str, line: int, wave: PayeesAtOnce, day: int) -> Explanation:
        """What a member earned by one line, and the rate at which that is converted."""
        money = Money.from_units(int(wave.paid.units[line]), self.run.plans[int(wave.paid.plan[line])].currency)
        values = {"member": member, "amount": str(money)}
        if money.currency == currency:
            return because("accrual.member", values)
        into = self.run.exchange.into(currency, whole([money.units]), whole([0]), whole([day]), [money.currency])
        fact = self.run.deals.facts.fact("exchange_rates", int(into.rate[0]))
        return because("accrual.member", values, why_converted(fact, money, currency))


def _lone(payee: Places, top: Whole, below: Whole, of: tuple[int, int, int]) -> LoneBases:
    """Bases that are paid and count, of one version, period and rate, by their places and code."""
    version, period, curve = (np.repeat(item, len(payee)) for item in of)
    return LoneBases(payee=payee, version=version, period=period, paid=top, counts=top, below=below, curve=curve)


def _is_whole(component: Component) -> bool:
    """Whether a component is paid by the plan that fits on the last of the days of a payee, for all of a period."""
    return component.in_part == "whole" and not component.sums


def _sums(units: Whole, places: Places, size: int) -> Whole:
    """The sum of the units at each place, 0 where there is no row."""
    (units,) = bounded(reach(units, places, size), units)
    return total_of(units, places, size)
