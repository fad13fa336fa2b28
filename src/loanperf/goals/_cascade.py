"""Cascade: (goal, organisation, rules) -> what each unit and person is to reach, and when; it sums to the goal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from attrs import evolve, field, frozen

from loanperf._allocation import allocate
from loanperf._data import PlainData
from loanperf._explanations import Explanation
from loanperf._org import Organisation
from loanperf._periods import Period, day
from loanperf._quantities import CURRENCIES, Number, Quantity, quantity
from loanperf._tables._columns import CameAs
from loanperf._tables._frames import like
from loanperf._tables._given import table_of
from loanperf._targets import Target
from loanperf._validators import as_quantity, must_be
from loanperf.errors import AllocationError, DataError, Problem, UnitError, UnknownPayeeError
from loanperf.goals._division import Division, GoalSpan
from loanperf.goals._goal import Goal
from loanperf.goals._reasons import limit_of, reasons_of
from loanperf.goals._rules import Amounts, CascadeRules
from loanperf.goals._tree import HolderKind, holders_of, strangers
from loanperf.goals._weights import Entitled


@frozen(kw_only=True)
class GoalPart(PlainData):
    """What a unit or person is to reach of a goal on some days; or what a unit keeps, as new people do not carry it."""

    goal: str
    """Its code."""
    code: str
    """Of the unit or payee."""
    kind: HolderKind
    unit: str | None
    """Code of the unit above; None for the owner of the goal."""
    level: int
    """0 for the owner, 1 for those right below, and so on."""
    period: Period
    target: Quantity
    """All that is assigned; zero where a weight or a ramp gives nothing."""
    asked: Quantity
    """Which part of it is of the goal; the rest is assigned beyond it."""

    @property
    def over(self) -> Quantity:
        """What is assigned beyond the goal."""
        return Quantity(self.target.value - self.asked.value, self.target.unit)

    def __str__(self) -> str:
        return f"{self.code}, {self.period}: {self.target}"


@frozen(kw_only=True)
class BottomUp(PlainData):
    """What somebody says that they can reach, beside their target, over the whole goal."""

    code: str
    """Of the unit or payee."""
    target: Quantity
    said: Quantity
    """By themselves; of a unit that says nothing itself, the sum of those below it, where all of them say something."""

    @property
    def difference(self) -> Quantity:
        """What is said less the target; below zero where less is said than asked."""
        return Quantity(self.said.value - self.target.value, self.target.unit)

    def __str__(self) -> str:
        return f"{self.code}: {self.said} said, {self.target} asked, difference {self.difference}"


def _as_amounts(given: Mapping[str, Number] | Iterable[tuple[str, Number]]) -> Amounts:
    pairs = given.items() if isinstance(given, Mapping) else given
    return tuple(sorted((code, as_quantity(amount)) for code, amount in pairs))


@frozen(kw_only=True)
class Cascade(PlainData):
    """A goal handed down: what each unit and person is to reach. It iterates as parts, by period, then down the tree.

    At every level and on all days the parts of those right below a unit sum to its own; those of the owner to the goal.
    Where a goal is handed down whole, everybody has its limit.
    """

    goal: Goal
    step: Quantity
    """What every target is a multiple of."""
    divisions: tuple[Division, ...]
    """Each time that it was divided, for the days until it was divided anew."""
    said: Amounts = field(default=(), converter=_as_amounts)
    """What units and people say that they can reach, over the whole goal."""
    problems: tuple[Problem, ...] = field(default=(), eq=False)
    """Codes among the weights that nobody has, people without a weight, and targets that come to zero."""

    def __iter__(self) -> Iterator[GoalPart]:
        for division in self.divisions:
            for number in range(len(division.spans)):
                parts = (self._part(division, number, place) for place in range(len(division.holders)))
                yield from (part for part in parts if part.kind != "kept" or part.target.value)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @cached_property
    def _places(self) -> dict[str, list[tuple[Division, int]]]:
        """By code, where a unit or person stands in each division."""
        found: dict[str, list[tuple[Division, int]]] = {}
        for division in self.divisions:
            for place, holder in enumerate(division.holders):
                if holder.kind != "kept":
                    found.setdefault(holder.code, []).append((division, place))
        return found

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all units and people that have a part, in order."""
        return tuple(sorted(self._places))

    def of(self, code: str) -> tuple[GoalPart, ...]:
        """The parts of a unit or payee, by period; none for who has none."""
        return tuple(
            self._part(division, number, place)
            for division, place in self._places.get(code, ())
            for number in range(len(division.spans))
        )

    def total(self, code: str) -> Quantity:
        """What a unit or payee is to reach over the whole goal; a limit that was handed down whole is no sum.

        Raises:
            UnknownPayeeError: nobody of that code has a part.
        """
        parts = self.of(code)
        if not parts:
            raise UnknownPayeeError(code, self.codes)
        if self.goal.hands_down == "whole":
            return parts[-1].target
        return Quantity(sum((part.target.value for part in parts), Fraction(0)), self.goal.value.unit)

    def explain(self, code: str) -> Explanation:
        """Why a unit or payee has these targets: by which keys, bounds and steps, from the goal of the owner down.

        Raises:
            UnknownPayeeError: nobody of that code has a part.
        """
        total = self.total(code)
        return reasons_of(self.goal, code, total, self._places[code], self.step)

    def targets(self) -> tuple[Target, ...]:
        """The targets of units and people, for `lp.run` and `Watch`; none where it is zero, which measures nothing.

        They are for whole stretches, such as months. Who has a part for some days of a stretch only, since they came or
        went, has the target that comes to it when it is cut to these days, as `lp.run` cuts it.
        """
        found = list[Target]()
        for code, places in self._places.items():
            sums, days = dict[Period, Fraction](), dict[Period, int]()
            for division, place in places:
                for number, span in enumerate(division.spans):
                    value = self._part(division, number, place).target.value
                    sums[span.of] = value if self._is_whole else sums.get(span.of, Fraction(0)) + value
                    days[span.of] = days.get(span.of, 0) + span.period.days
            for period, value in sums.items():
                if value or self._is_whole:
                    whole = value if self._is_whole else value * period.days / days[period]
                    held = Quantity(whole, self.goal.value.unit)
                    found.append(Target(payee=code, indicator=self.goal.indicator, value=held, period=period))
        return tuple(found)

    def bottom_up(self) -> tuple[BottomUp, ...]:
        """What is said beside what is asked, down the tree as it stands last; who says nothing is left out."""
        own, found = dict(self.said), list[BottomUp]()
        division = self.divisions[-1]
        sums: dict[int, Fraction | None] = dict.fromkeys(division.below, Fraction(0))
        for place in range(len(division.holders) - 1, -1, -1):
            holder = division.holders[place]
            if holder.kind == "kept":
                continue
            said = own[holder.code].value if holder.code in own else sums.get(place)
            if holder.above >= 0 and (before := sums[holder.above]) is not None:
                sums[holder.above] = None if said is None else before + said
            if said is not None and not (self._is_whole and holder.code not in own):
                held = Quantity(said, self.goal.value.unit)
                found.append(BottomUp(code=holder.code, target=self.total(holder.code), said=held))
        return tuple(reversed(found))

    def frame(self, came_as: CameAs = "arrays") -> Any:
        """The parts as a data frame, for a chart or a sheet.

        Args:
            came_as: `arrays`, `pandas`, `polars`, `pyarrow` or `duckdb`.

        Returns:
            One row a part: `goal`, `code`, `kind`, `unit` above (missing for the owner), `level`, `period`, `target`
            and `asked` of the nearest float64, in yuan and not fen, and what they count in, `counts`.

        Raises:
            DataError: there is no such kind of frame.
            MissingExtraError: what that kind needs is not installed.
        """
        parts = tuple(self)
        columns = {
            "goal": [part.goal for part in parts],
            "code": [part.code for part in parts],
            "kind": [str(part.kind) for part in parts],
            "unit": [part.unit for part in parts],
            "level": [part.level for part in parts],
            "period": [str(part.period) for part in parts],
            "target": [float(part.target.value) for part in parts],
            "asked": [float(part.asked.value) for part in parts],
            "counts": [part.target.unit for part in parts],
        }
        return like(came_as, table_of(columns, "cascade").columns)

    @property
    def _is_whole(self) -> bool:
        return self.goal.hands_down == "whole"

    def _part(self, division: Division, number: int, place: int) -> GoalPart:
        holder, unit = division.holders[place], self.goal.value.unit
        above = division.holders[holder.above].code if holder.above >= 0 else None
        if self._is_whole:
            target = asked = Quantity(limit_of(self.goal, division.rules, holder), unit)
        else:
            target, asked = (
                Quantity(rows[number][place] * division.step, unit) for rows in (division.targets, division.asked)
            )
        return GoalPart(
            goal=self.goal.code,
            code=holder.code,
            kind=holder.kind,
            unit=above,
            level=holder.level,
            period=division.spans[number].period,
            target=target,
            asked=asked,
        )


def cascade(
    goal: Goal,
    organisation: Organisation,
    rules: CascadeRules | None = None,
    *,
    as_of: date | str,
    said: Mapping[str, Number] | None = None,
) -> Cascade:
    """Hand a goal down from its owner to every unit and person below, as they stand on a day.

    Money and counts are divided, by largest remainder, in whole steps that sum exactly at every level; ratios and
    averages are handed down whole.

    Args:
        goal: whose owner is a unit, or a payee.
        organisation: the tree of units, and who is assigned where by their primary assignment.
        rules: how it is divided; None is by heads, to the smallest unit.
        as_of: the day on which the tree is looked at.
        said: what units and people say that they can reach, by code, over the whole goal; shown beside the targets.

    Raises:
        AllocationError: floors or caps that make the goal impossible, with by how much; a weight of zero without a
            rule; a goal that is not whole in steps.
        NoAssignmentError: the owner is no unit and nobody on that day.
        DataError: a team without anybody; a bound or figure for somebody who has no part, such as a leaver; rules for
            dividing what is handed down whole; months that are not those of the goal.
        UnitError: a step, bound or figure in another unit than the goal.

    >>> from loanperf import Assignment, Organisation
    >>> team = [Assignment(payee=code, unit="east", role="sales", since="2026-01-01") for code in ("lin", "wu")]
    >>> goal = Goal(indicator="disbursed_amount", owner="east", period="2026-06", value="100万元")
    >>> print(*cascade(goal, Organisation(assignments=team), as_of="2026-06-01"), sep="; ")
    east, 2026-06: 1000000 CNY; lin, 2026-06: 500000 CNY; wu, 2026-06: 500000 CNY
    """
    must_be(goal, Goal, "cascade", "pass a Goal")
    must_be(organisation, Organisation, "cascade", "pass an lp.Organisation")
    rules, on = rules or CascadeRules(), day(as_of)
    must_be(rules, CascadeRules, "cascade", "pass CascadeRules")
    said_of = tuple((code, quantity(amount)) for code, amount in sorted((said or {}).items()))
    step = _step(goal, rules)
    _must_be_alike(goal, rules, said_of)
    division = _divided(goal, organisation, rules, on, step, _spans(goal, rules, step))
    _must_be_there(division, organisation, rules, said_of)
    return Cascade(
        goal=goal,
        step=step,
        divisions=(division,),
        said=said_of,
        problems=(*_problems(division, organisation), *_doubtful(division)),
    )


def _divided(
    goal: Goal, organisation: Organisation, rules: CascadeRules, on: date, step: Quantity, spans: tuple[GoalSpan, ...]
) -> Division:
    """The goal divided among those who are there on a day."""
    keeps = rules.ramp is not None and rules.ramp.uncarried == "unit"
    holders = holders_of(goal.owner, organisation, on, roles=rules.roles, keeps=keeps, without=())
    if goal.hands_down == "divided" and rules.zero == "left out":
        empty = Entitled.of(holders, rules).empty
        without = {holders[place].code for place in empty}
        holders = holders_of(goal.owner, organisation, on, roles=rules.roles, keeps=keeps, without=without)
    division = Division(as_of=on, rules=rules, step=step.value, holders=holders, spans=spans)
    if goal.hands_down == "whole":
        return division
    targets, asked = division.divided()
    return evolve(division, targets=targets, asked=asked)


# ── what is asked, and when ─────────────────────────────────────────────────────────────────────────────────


def _step(goal: Goal, rules: CascadeRules) -> Quantity:
    """What targets are multiples of."""
    if rules.step is not None:
        if rules.step.value <= 0:
            raise DataError("CascadeRules.step", f"it is {rules.step}", "give a step above zero")
        return rules.step
    places = CURRENCIES.get(goal.value.unit, 0)
    return Quantity(Fraction(1, 10**places), goal.value.unit)


def _stretches(goal: Goal, rules: CascadeRules) -> tuple[tuple[Period, Fraction], ...]:
    """The stretches over which the goal spreads, with their weights; one of weight zero has no target."""
    if not rules.months:
        return ((goal.period, Fraction(1)),)
    first, last = rules.months[0][0], rules.months[-1][0]
    if first.start != goal.period.start or last.end != goal.period.end:
        fault = f"they run from {first.start} to {last.last_day}, and the goal is for {goal.period}"
        raise DataError("CascadeRules.months", fault, "name the stretches of the period of the goal")
    if goal.timing == "stock" and goal.hands_down == "divided":
        fault = f"{goal.indicator!r} is as it is on a day, so that the targets of months do not sum to it"
        raise DataError("CascadeRules.months", fault, "state a goal for each month")
    return tuple((part, weight) for part, weight in rules.months if weight)


def _spans(goal: Goal, rules: CascadeRules, step: Quantity) -> tuple[GoalSpan, ...]:
    """What is asked in each stretch, and what is assigned beyond it."""
    stretches = _stretches(goal, rules)
    if goal.hands_down == "whole":
        return tuple(GoalSpan(period=part, of=part, asked=0, over=0) for part, _ in stretches)
    asked = _whole(goal.value.value, step, f"the goal, {goal.value},")
    over = _whole(goal.value.value * rules.over, step, "what is assigned beyond the goal")
    weights = [weight for _, weight in stretches]
    by_stretch = [allocate(total, weights, step=1, tie_break="last") for total in (asked, over)]
    return tuple(
        GoalSpan(period=part, of=part, asked=own, over=more)
        for (part, _), own, more in zip(stretches, *by_stretch, strict=True)
    )


def _whole(value: Fraction, step: Quantity, what: str) -> int:
    steps = value / step.value
    if steps.denominator != 1:
        raise AllocationError(f"{what} is no whole number of steps of {step}", "choose a step that divides it")
    return steps.numerator


# ── what is refused ─────────────────────────────────────────────────────────────────────────────────────────

_OF_DIVIDING = ("keys", "step", "floor", "cap", "floors", "caps", "ramp", "over", "zero")


def _must_be_alike(goal: Goal, rules: CascadeRules, said: Amounts) -> None:
    """Refuse rules that are not for such a goal, and amounts in another unit than its own."""
    plain = CascadeRules()
    if goal.hands_down == "whole":
        for name in _OF_DIVIDING:
            if getattr(rules, name) != getattr(plain, name):
                fault = f"{goal.indicator!r} is handed down whole, and never divided"
                raise DataError(
                    f"CascadeRules.{name}", fault, "leave it out; `tighter` makes the limit of people stricter"
                )
    elif rules.tighter is not None:
        raise DataError("CascadeRules.tighter", "the goal is divided, and has no limit", "leave it out")
    amounts = [(f"CascadeRules.{name}", getattr(rules, name)) for name in ("step", "floor", "cap", "tighter")]
    amounts += [("CascadeRules.zero", rules.zero if isinstance(rules.zero, Quantity) else None)]
    amounts += [(f"the floor of {code!r}", amount) for code, amount in rules.floors]
    amounts += [(f"the cap of {code!r}", amount) for code, amount in rules.caps]
    amounts += [(f"what {code!r} says", amount) for code, amount in said]
    for where, amount in amounts:
        if amount is not None and amount.unit != goal.value.unit:
            raise UnitError(where, amount.unit, goal.value.unit)
        if amount is not None and amount.value < 0:
            raise DataError(where, f"it is {amount}", "give zero or more")


def _must_be_there(division: Division, organisation: Organisation, rules: CascadeRules, said: Amounts) -> None:
    """Refuse a bound or figure for a code that has no part."""
    there = {holder.code for holder in division.holders}
    named = [("the floor of", code) for code, _ in rules.floors] + [("the cap of", code) for code, _ in rules.caps]
    for what, code in (*named, *(("what is said by", code) for code, _ in said)):
        if code not in there:
            left = organisation.left_on(code)
            fault = (
                "it has no part of this goal"
                if left is None or left > division.as_of
                else f"who left on {left} has no target"
            )
            raise DataError(f"{what} {code!r}", fault, "leave it out, or mend the code")


def _problems(division: Division, organisation: Organisation) -> Iterator[Problem]:
    """Codes among the weights that nobody has, and people whom a key does not name."""
    people = [holder.code for holder in division.holders if holder.kind == "person"]
    for key in division.rules.keys:
        if key.weights is not None:
            named = dict(key.weights)
            yield from strangers(
                ((f"the weight by {key.name.en} of", code) for code in named), organisation, division.as_of
            )
            for code in people:
                if code not in named:
                    where, fault = f"the weight by {key.name.en} of {code}", "none is given; it counts as zero"
                    yield Problem(where, fault, "", "give a number, 0 among them", payee=code)


def _doubtful(division: Division) -> Iterator[Problem]:
    """People whose target comes to zero though they have weight, and targets for days before somebody was there."""
    for number, span in enumerate(division.spans):
        for place, holder in enumerate(division.holders):
            where = f"target of {holder.code} in {span.period}"
            if holder.since is not None and holder.since >= span.period.end:
                fault, remedy = "it is for days before they were there", "hand the goal down as of an earlier day"
                yield Problem(where, fault, f"since {holder.since}", remedy, payee=holder.code)
            target = division.targets[number][place] if division.targets else 1
            if holder.kind == "person" and not target and division.work[number].weights[place]:
                fault, remedy = "it comes to zero, which measures nothing", "choose a finer step, or a floor"
                yield Problem(where, fault, "", remedy, payee=holder.code)
