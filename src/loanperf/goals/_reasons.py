"""Reasons: a part of a goal -> which key gave what, and what ramps, floors, caps and steps made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from attrs import frozen

from loanperf._explanations import Explanation, Label, because, period_label
from loanperf._indicators import BOUNDS
from loanperf._quantities import Quantity, percent
from loanperf.goals._division import Division, GoalSpan, Served, SpanWork
from loanperf.goals._goal import Goal
from loanperf.goals._rules import CascadeRules, month_of_service
from loanperf.goals._tree import GoalHolder


def reasons_of(
    goal: Goal, code: str, total: Quantity, places: Sequence[tuple[Division, int]], step: Quantity
) -> Explanation:
    """Why a unit or payee has its targets, span by span, from the goal of the owner down."""
    spans = [
        (division, place, number)
        for division, place in places
        for number, span in enumerate(division.held)
        if not division.holders[place].comes_after(span.period)
    ]
    children = [
        _Reasons(goal=goal, division=division, number=number, step=step).held(place)
        for division, place, number in spans
    ]
    if len(children) == 1:
        return children[0]
    values: dict[str, str | Label] = {"payee": code, "period": period_label(goal.period), "target": goal.label(total)}
    return because("goal.target", values, *children)


def goal_reason(goal: Goal, *below: Explanation) -> Explanation:
    """The goal of its owner, in words."""
    strategy = goal.strategy
    said = Label(f", of the strategy {strategy}", f"（战略：{strategy}）") if strategy else ""
    values: dict[str, str | Label] = {
        "owner": goal.owner,
        "period": period_label(goal.period),
        "indicator": goal.name,
        "test": BOUNDS[goal.test.replace(" ", "_")],
        "value": goal.label(),
        "strategy": said,
    }
    return because("goal", values, *below)


@frozen
class _Reasons:
    """What stands behind the parts of one span."""

    goal: Goal
    division: Division
    number: int
    step: Quantity

    @property
    def span(self) -> GoalSpan:
        """The days of which they are parts."""
        return self.division.spans[self.number]

    @property
    def work(self) -> SpanWork:
        """What it is divided by."""
        return self.division.work[self.number]

    def held(self, place: int) -> Explanation:
        """The reasons of what holds of the part of a holder: of the first days of a stretch, that which was cut."""
        whole, held = self.of(place), self.division.held[self.number]
        if held.period == self.span.period or not held.targets:
            return whole
        values: dict[str, str | Label] = {
            "payee": self.division.holders[place].code,
            "period": period_label(held.period),
            "target": self._steps(held.targets[place]),
            "whole": self._steps(self.division.targets[self.number][place]),
            "days": f"{held.period.days}/{self.span.period.days}",
        }
        return because("goal.cut", values, whole)

    def of(self, place: int) -> Explanation:
        """The reasons of the part of a holder."""
        holder, division = self.division.holders[place], self.division
        if self.goal.hands_down == "whole":
            return self._limit(place)
        target = division.targets[self.number][place]
        values: dict[str, str | Label] = {"payee": holder.code, "period": period_label(self.span.period)}
        values["target"] = self._steps(target)
        begun = [*self._begun(holder.code, target)]
        if holder.above < 0:
            return because("goal.target", values, *self._over(place), *begun, goal_reason(self.goal))
        among = division.below[holder.above]
        served = division.served_below(holder.above)[self.number][among.index(place)]
        reasons = [
            *self._by_keys(place),
            *self._by_ramp(place),
            *self._by_bounds(place, served),
            *self._by_step(served),
        ]
        more = (*self._over(place), *self._kept(place), *begun)
        return because("goal.target", values, *reasons, *more, self.of(holder.above))

    def _by_keys(self, place: int) -> Iterator[Explanation]:
        """What each key gives of all that is assigned; or what is stated for who has nothing by any."""
        entitled, rules = self.division.entitled, self.division.rules
        if place in entitled.fixed and isinstance(rules.zero, Quantity):
            yield because("goal.stated", {"amount": self.goal.label(rules.zero)})
        elif place in entitled.empty:
            amount = self._steps(entitled.parts[place] * self.span.total)
            yield because("goal.equal share", {"amount": amount})
        else:
            for key, given in zip(rules.keys, entitled.by_key, strict=True):
                amount = self._steps(given[place] * self.span.total)
                yield because("goal.key", {"key": key.name, "share": percent(key.share), "amount": amount})

    def _by_ramp(self, place: int) -> Iterator[Explanation]:
        """How much of the share somebody new carries, and what others carry for them."""
        holder, carried = self.division.holders[place], self.work.carried[place]
        entitled, weight = self.division.entitled.parts[place], self.work.weights[place]
        amount = self._steps(weight * self.span.total)
        if carried != 1 and holder.since is not None:
            month = month_of_service(holder.since, self.span.period.start)
            yield because("goal.carried", {"share": percent(carried), "month": str(month), "amount": amount})
        elif weight != entitled and holder.kind != "kept":
            added = self._steps((weight - entitled) * self.span.total)
            yield because("goal.added", {"added": added, "amount": amount})

    def _by_bounds(self, place: int, served: Served) -> Iterator[Explanation]:
        """What its unit has to divide, and what floors and caps make of the share of it."""
        division, work, holder = self.division, self.work, self.division.holders[place]
        total, unit = division.targets[self.number][holder.above], division.holders[holder.above].code
        weights = sum((work.weights[one] for one in division.below[holder.above]), Fraction(0))
        share = work.weights[place] / weights * total if weights else Fraction(0)
        if share != work.weights[place] * self.span.total:
            values = {"whole": self._steps(total), "unit": unit, "amount": self._steps(share)}
            yield because("goal.share", values)
        limit, change = self._steps(served.exact), self._steps(abs(served.exact - share))
        if served.exact > share and served.exact == work.lows[place]:
            yield because("goal.floor", {"limit": limit, "added": change})
        elif served.exact < share and served.exact == work.highs[place]:
            yield because("goal.cap", {"limit": limit, "taken": change})
        elif served.exact != share:
            yield because("goal.bounds", {"unit": unit, "amount": limit})

    def _by_step(self, served: Served) -> Iterator[Explanation]:
        """What rounding to whole steps makes of it."""
        if served.exact == served.target:
            return
        owed = self._steps(abs(served.owed))
        said: str | Label = ""
        if served.owed > 0:
            said = Label(f"; rounding took {owed} before", f"（此前取整累计少计 {owed}）")
        elif served.owed < 0:
            said = Label(f"; rounding gave {owed} before", f"（此前取整累计多计 {owed}）")
        exact, amount = self._steps(served.exact), self._steps(served.target)
        yield because("goal.step", {"exact": exact, "step": self.goal.label(self.step), "amount": amount, "owed": said})

    def _over(self, place: int) -> Iterator[Explanation]:
        """Which part of it is of the goal."""
        if self.span.over:
            target, asked = self.division.targets[self.number][place], self.division.asked[self.number][place]
            yield because("goal.over", {"amount": self._steps(asked), "over": self._steps(target - asked)})

    def _kept(self, place: int) -> Iterator[Explanation]:
        """What a unit keeps to itself."""
        row = self.division.targets[self.number]
        for one in self.division.below.get(place, ()):
            if self.division.holders[one].kind == "kept" and row[one]:
                yield because("goal.kept", {"amount": self._steps(row[one])})

    def _begun(self, code: str, target: int) -> Iterator[Explanation]:
        """What stands for the days before, where the days are the rest of a stretch."""
        held = dict(self.span.held).get(code)
        if held is not None:
            values = {
                "target": self._steps(target),
                "period": self.span.period.start.isoformat(),
                "held": self._steps(held),
            }
            yield because("goal.begun", values)

    def _limit(self, place: int) -> Explanation:
        """Why a holder has a limit: it is that of the goal, unless people have a stricter one."""
        holder, rules = self.division.holders[place], self.division.rules
        above = [self.of(holder.above)] if holder.above >= 0 else [goal_reason(self.goal)]
        value = limit_of(self.goal, rules, holder)
        if value != self.goal.value.value and rules.tighter is not None:
            above.insert(0, because("goal.tighter", {"change": self.goal.label(rules.tighter)}))
        values: dict[str, str | Label] = {
            "payee": holder.code,
            "indicator": self.goal.name,
            "test": BOUNDS[self.goal.test.replace(" ", "_")],
            "value": self.goal.label(Quantity(value, self.goal.value.unit)),
        }
        return because("goal.limit", values, *above)

    def _steps(self, steps: int | Fraction) -> str | Label:
        """Steps as an amount; one whose decimals never end is rounded, with ≈."""
        return self.goal.label(Quantity(Fraction(steps) * self.step.value, self.goal.value.unit))


def limit_of(goal: Goal, rules: CascadeRules, holder: GoalHolder) -> Fraction:
    """The limit of a holder of a goal that is handed down whole: people may have a stricter one."""
    if rules.tighter is None or holder.kind != "person" or holder.level == 0:
        return goal.value.value
    return goal.value.value + (rules.tighter.value if goal.test == "at least" else -rules.tighter.value)
