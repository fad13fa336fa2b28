"""Supplied: what a host says of payees -> readings and targets of each assignment, for its days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, TypeVar

from attrs import evolve, frozen

from loanperf._appraisal import SUPPLIED, goals_of, readings_of
from loanperf._explanations import Label
from loanperf._indicators import SERVICE, Part, Reading, composed, with_parts
from loanperf._numbers import day_number, months_between, whole
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._quantities import Quantity
from loanperf._scorecard import Card, level_of, of_level, value_of, whose_target
from loanperf._targets import Target
from loanperf.errors import DataError, Problem
from loanperf.goals._days import for_days
from loanperf.run._carried import Carried
from loanperf.run._tasks import Task, looked_at, units_looked_at

_Given = TypeVar("_Given", Reading, Target)


@frozen(kw_only=True)
class Own:
    """What a host says of an assignment, in the units of its card."""

    readings: Mapping[str, Reading]
    """By code of indicator, those of others too."""
    goals: Mapping[str, Target]
    """By code of indicator, for the whole period."""
    targets: Mapping[str, Quantity]
    """By code of indicator, those of lines of the card for the days of the assignment."""
    checked: Mapping[str, Quantity]
    """Those of lines alone, in the units of their indicators."""
    carried: Mapping[str, Label]
    """By code of indicator whose missed targets are carried on: how that is said behind whose the target is."""

    def card(self, task: Task, period: Period) -> Card:
        """The card of the assignment with these targets."""
        if not self.goals and not self.carried:
            return task.card
        lines = {line.indicator.code: line for line in task.card.lines}
        for code, goal in self.goals.items():
            if code in lines:
                source = goal.source if goal.source.en else SUPPLIED
                target, source = for_days(task.scheme, lines[code].indicator, goal.value, source, task.part, period)
                lines[code] = evolve(lines[code], target=target, target_source=source)
        for code, said in self.carried.items():
            own = lines[code].target_source
            source = Label(f"{own.en}{said.en}", f"{own.to('zh')}{said.to('zh')}")
            lines[code] = evolve(lines[code], target=self.targets[code], target_source=source)
        return evolve(task.card, lines=tuple(lines.values()))


NOTHING = Own(readings={}, goals={}, targets={}, checked={}, carried={})


@frozen(eq=False)
class Supplied:
    """What a host says of payees in a period."""

    period: Period
    readings: Mapping[str, list[Reading]]
    """By payee."""
    goals: Mapping[str, list[Target]]
    """By payee."""
    carried: Carried
    """What was missed in the period before."""

    @classmethod
    def of(
        cls, period: Period, readings: Iterable[Reading], goals: Iterable[Target], carried: Carried | None = None
    ) -> Supplied:
        """What is of the period, or says none."""
        by_payee, targets = defaultdict[str, list[Reading]](list), defaultdict[str, list[Target]](list)
        for reading in readings:
            if reading.period in (None, period):
                by_payee[reading.subject].append(reading)
        for goal in goals:
            if goal.period in (None, period):
                targets[goal.payee].append(goal)
        return cls(period, dict(by_payee), dict(targets), carried or Carried())

    def own(
        self,
        task: Task,
        measured: Container[str],
        organisation: Organisation,
        found: Callable[[], Mapping[str, Reading]],
        of_units: Callable[[], Mapping[str, Reading]],
    ) -> Own:
        """What is said of an assignment.

        Args:
            task: the assignment.
            measured: codes of the indicators of which a reading is measured.
            organisation: knows the units above the payee, and since when the payee is there.
            found: gives these readings of the payee, on the days of the assignment.
            of_units: gives those of the units above, under the codes by which the card looks at them.

        Raises:
            DataError: a reading or target is supplied twice, with two values.
            UnknownIndicatorError: one of an indicator that nothing knows.
            UnitError: one in another unit than its indicator's.
        """
        above = dict(self._of_units(task, units := units_looked_at(task, organisation)))
        above |= self._against_targets(task, units, above, of_units)
        served = dict(_service(task, organisation))
        said = task.payee in self.readings or task.payee in self.goals
        if not (said or above or served or task.scheme.carried):
            return NOTHING
        readings = served | _in_part(task, self.period, _one_each(self.readings.get(task.payee, ()))) | above
        goals = _one_each(self.goals.get(task.payee, ()))
        # What stands in the place of a measured reading is looked at first.
        first = [item.code for item in looked_at(task.card) if item.code in measured]
        readings_of(task.card, {code: readings[code] for code in (*first, *readings) if code in readings}, task.payee)
        readings |= _made(task, readings, found)
        lines = {line.indicator.code: line.indicator for line in task.card.lines}
        targets = {code: goal.value for code, goal in goals.items()}
        for code in targets.keys() & lines.keys():
            targets[code], _ = for_days(task.scheme, lines[code], targets[code], SUPPLIED, task.part, self.period)
        carried = dict(self._carried(task, targets))
        targets |= {code: target for code, (target, _) in carried.items()}
        return Own(
            readings=readings,
            goals=goals,
            targets=targets,
            checked=goals_of(task.card, targets),
            carried={code: said for code, (_, said) in carried.items()},
        )

    def _carried(self, task: Task, targets: Mapping[str, Quantity]) -> Iterator[tuple[str, tuple[Quantity, Label]]]:
        """By code of indicator, the target with what was missed before of it, and how that is said.

        What a payee missed is asked of the days of all assignments, in proportion.
        """
        codes = {rule.code for rule in task.scheme.carried}
        for line in task.card.lines:
            code = line.indicator.code
            target = targets.get(code, line.target)
            if code not in codes or target is None:
                continue
            own = value_of(line.indicator, target, task.card.currency, "the target")
            missed, said = self.carried.missed(task.scheme, line.indicator, task.payee, self.period)
            share = Fraction(task.part.days, task.held)
            if missed and share != 1:
                days = f"{task.part.days}/{task.held}"
                said = Label(f"{said.en}, for {days} of the days", f"{said.to('zh')}，按天数 {days} 折算")
            yield code, (Quantity(own.value + missed * share, own.unit), said)

    def _of_units(self, task: Task, units: Mapping[str, str]) -> Iterator[tuple[str, Reading]]:
        """The readings of units above a payee, under the codes by which the card looks at them."""
        for code, unit in units.items():
            reading = _one_each(self.readings.get(unit, ())).get(level_of(code)[0])
            if reading is not None:
                yield code, evolve(reading, indicator=code, period=task.part)

    def _against_targets(
        self,
        task: Task,
        units: Mapping[str, str],
        said: Mapping[str, Reading],
        of_units: Callable[[], Mapping[str, Reading]],
    ) -> dict[str, Reading]:
        """What units attained of the targets that the host gives for them: of what it says of a unit, else of facts.

        A target is cut to the days of the assignment where the reading is of these; of a flow.

        Raises:
            DataError: a target is supplied twice, with two values.
            UnitError: a target in another unit than its indicator's.
        """
        found, others = dict[str, Reading](), {item.code: item for item in task.card.others}
        for code, unit in units.items():
            goal = _one_each(self.goals.get(unit, ())).get(base := whose_target(code))
            if goal is None or code in said:
                continue
            of = of_level(base, level_of(code)[1])
            reading, item = said.get(of) or of_units().get(of), evolve(others[of], code=base)
            target = value_of(item, goal.value, task.card.currency, "the target")
            if of not in said:
                target, _ = for_days(task.scheme, item, target, SUPPLIED, task.part, self.period)
            if reading is not None and reading.value is not None:
                value = value_of(item, reading.value, task.card.currency, "the reading").value
                of_unit: dict[str, Any] = {"indicator": code, "subject": unit, "period": task.part}
                found[code] = Reading(numerator=value, denominator=target.value, **of_unit)
        return found


def _service(task: Task, organisation: Organisation) -> Iterator[tuple[str, Reading]]:
    """The months of service of a payee, where the card looks at them."""
    if any(item.code == SERVICE for item in looked_at(task.card)):
        since = organisation.service_since(task.payee, task.part.last_day)
        (months,) = months_between(whole([day_number(since)]), whole([day_number(task.part.end)])).tolist()
        yield SERVICE, Reading(indicator=SERVICE, numerator=Fraction(months), subject=task.payee, period=task.part)


def _made(
    task: Task, given: Mapping[str, Reading], measured: Callable[[], Mapping[str, Reading]]
) -> dict[str, Reading]:
    """The readings of indicators of which the host says a part, made of what it says and of what is measured.

    Raises:
        UnitError: a part is in another unit than its indicator's.
    """
    found, currency = dict[str, Reading](), task.card.currency
    for item in looked_at(task.card):
        parts = [part for part in with_parts(item) if part.code in given and part.code != item.code]
        if item.code in given or not parts:
            continue
        for part in parts:
            value = given[part.code].value
            if value is not None:
                value_of(part, value, currency, "the reading")
        made = composed(item, {**measured(), **given}, currency)
        if made is not None:
            found[item.code] = made
    return found


def _one_each(given: Iterable[_Given]) -> dict[str, _Given]:
    """A payee's readings or targets by indicator; where two differ, nothing tells which is true."""
    found: dict[str, _Given] = {}
    for item in given:
        if found.setdefault(item.indicator, item) != item:
            what = f"the {type(item).__name__.lower()} of {item.indicator!r}"
            raise DataError(what, "it is supplied twice, with two values", "supply the true one alone")
    return found


def _in_part(task: Task, period: Period, readings: Mapping[str, Reading]) -> dict[str, Reading]:
    """Readings of the period, flows cut to an assignment's share of the days of all that the payee has."""
    share = Fraction(task.part.days, task.held)
    looked = (part for item in looked_at(task.card) for part in with_parts(item))
    by_days = {item.code for item in looked if item.timing == "flow"}
    found = {code: evolve(reading, period=task.part) for code, reading in readings.items()}
    for code, reading in found.items():
        if share != 1 and code in by_days:
            part = Part(f"{period} × {task.part.days}/{task.held}", reading.numerator * share)
            found[code] = evolve(reading, numerator=part.amount, parts=(part,))
    return found


def strangers(
    organisation: Organisation, period: Period, supplied: tuple[Reading, ...], goals: tuple[Target, ...]
) -> Iterable[Problem]:
    """A problem for each reading and target of who has no part in the period and is no unit, or of another period."""
    given = [("reading", reading.indicator, reading.subject) for reading in supplied]
    given += [("target", goal.indicator, goal.payee) for goal in goals]
    units = {unit.code for unit in organisation.units if period.overlap(unit.since, unit.until) is not None}
    known = organisation.assigned(period) | units
    for kind, indicator, payee in given:
        if payee not in known:
            where, fault = f"{kind} of {indicator}", "nobody of that code is assigned in the period"
            remedy = "mend the code, or add the payee with an assignment"
            yield Problem(where, fault, repr(payee), remedy, payee=payee, lacks=("payee", payee))
    dated = [("reading", reading.indicator, reading.subject, reading.period) for reading in supplied]
    dated += [("target", goal.indicator, goal.payee, goal.period) for goal in goals]
    for kind, indicator, payee, when in dated:
        if when not in (None, period):
            fault, remedy = f"it is not for {period}", f"return {kind}s of the period"
            yield Problem(f"{kind} of {indicator} of {payee}", fault, str(when), remedy, payee=payee)
