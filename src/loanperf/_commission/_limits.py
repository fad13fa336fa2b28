"""Limits: what is earned in a period -> the same after accelerators, gates and caps, in that order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from math import lcm
from typing import TypeAlias

import numpy as np
from attrs import define, evolve, field, frozen

from loanperf._commission._due import CARRIED, LEAST, ROUNDED, DueRows, Terms
from loanperf._commission._names import EXCESS_NAMES
from loanperf._commission._plan import Cap, Component, Plan, in_turn
from loanperf._curves import Curve
from loanperf._explanations import Explanation, Label, because, quantity_label
from loanperf._numbers import (
    Columns,
    Pieces,
    Places,
    Truth,
    Whole,
    alike,
    bounded,
    by_code,
    day_number,
    distinct,
    drained,
    fraction,
    in_common,
    laid,
    marked,
    nowhere,
    ordered,
    plus,
    put,
    reach,
    rounded,
    spread,
    starts_of,
    summed,
    times,
    total_of,
    whole,
)
from loanperf._quantities import Money, Quantity, percent, plain
from loanperf._rounding import RoundingStep
from loanperf._scorecard import Gate, GatesApply, looked_at_label
from loanperf.errors import LoanPerfError

SumsOf: TypeAlias = Callable[[int, tuple[int, str], Places, Whole, Whole], tuple[DueRows, Mapping[int, LoanPerfError]]]
"""Of a period, the place of a plan and the code of a component there, payees and sums: the lines of the component, and
by place among those payees what is wrong."""


@define(eq=False, kw_only=True)
class RulesOfPeriod:
    """The lines of some payees in a period on their way through its rules; an account is a payee under a plan."""

    terms: Terms
    place: int
    """Of the period."""
    last_day: int
    sums: SumsOf
    """Works the components whose base is the sum of other components: their lines are made of lines of the period."""
    due: DueRows
    """In order of account, day, what ends after what is earned, component, loan and stage."""
    rule: Places
    """By row, the place of the plan whose rules hold in the period."""
    account: Places
    """By row, the place of its account."""
    faults: dict[int, LoanPerfError] = field(factory=dict)
    """By account, what is missing or wrong."""
    over: list[DueRows] = field(factory=list)
    """What caps carry to the next period, in the order in which they took it."""

    @classmethod
    def of(cls, terms: Terms, place: int, last_day: int, due: DueRows, sums: SumsOf) -> RulesOfPeriod:
        """The lines in order, each with the version of its plan whose rules hold: the one in force on the last day."""
        rule = by_code(_in_force(terms, last_day))[terms.code[due.plan]]
        if (rule < 0).any():
            rule = np.where(rule < 0, _latest(terms, due), rule)
        order = ordered(*keys_of_rules(terms, due))
        due = due.some(order)
        account = _accounts(terms, due)
        return cls(terms=terms, place=place, last_day=last_day, sums=sums, due=due, rule=rule[order], account=account)

    def apply(self) -> None:
        """Of each component accelerators, the least of the period and gates; then coefficients, gates and caps.

        What a cap carries on has passed accelerators and gates: `_cap` says so, and `_new` asks for it in the next
        period. Whoever changes the order changes those two.
        """
        rules = self._rules()
        ways = {place: plan.gates_apply for place, plan in rules}
        for parts in _in_turn(rules):
            for place, part in parts:
                self._sum_up(place, part)
                self._multiply(place, part)
            self._raise(parts)
            for place, part in parts:
                self._gate(place, part, ways[place])
        for place, plan in rules:
            self._multiply(place, plan)
            self._gate(place, plan, plan.gates_apply)
        caps = [(place, item.code, item.period_most) for place, plan in rules for item in plan.components]
        caps += [(place, "", plan.most) for place, plan in rules]
        self._share_denominators([cap.most.value for _, _, cap in caps if cap is not None])
        for place, code, cap in caps:
            if cap is not None:
                self._cap(place, code, cap)

    # ── which lines ─────────────────────────────────────────────────────────────────────────────────────────

    def _rules(self) -> list[tuple[int, Plan]]:
        """The plans whose rules hold, with their places."""
        return [(place, self.terms.plans[place].plan) for place in distinct(self.rule)[0].tolist()]

    def _live(self, place: int, code: str = "") -> Truth:
        """Lines of the accounts of a plan, or of one of its components there, that do not end a deal."""
        live: Truth = (self.rule == place) & ~self.due.ends
        return live & (self.due.component == self.terms.components.get(code, -2)) if code else live

    def _new(self, place: int, code: str = "") -> Places:
        """Rows of the lines to which accelerators and gates apply: not what is carried, nor what takes back."""
        return np.flatnonzero(self._live(place, code) & ~self.due.passed)

    # ── accelerators and gates ──────────────────────────────────────────────────────────────────────────────

    def _multiply(self, place: int, part: Component | Plan) -> None:
        for multiplier in part.multipliers:
            rows = self._new(place, _component(part))
            if not len(rows):
                return
            attained = "/attainment" if multiplier.of == "attainment" else ""
            rows, at = self._looked(rows, place, f"{multiplier.looks_at}{attained}", multiplier.curve)
            self._scale(rows, at.value, at.over)
            some = np.flatnonzero(at.value != at.over)
            named = looked_at_label(multiplier.looks_at)
            self._note(rows[some], partial(_why_multiplied, named, at.some(some), percent if attained else plain))

    def _gate(self, place: int, part: Component | Plan, apply: GatesApply) -> None:
        """Take the share of each gate: of what the one before it left, or of the whole with those of the others."""
        none = np.repeat(0, len(self.due))
        top, below = none, none + 1
        for gate in part.gates:
            rows = self._new(place, _component(part))
            if not len(rows):
                return
            rows, at = self._looked(rows, place, gate.looks_at, gate.forfeits)
            some = np.flatnonzero(at.value)
            rows, at = rows[some], at.some(some)
            self._note(rows, partial(_why_gated, gate, at, (top[rows], below[rows])))
            if apply == "added":
                share = plus(times(top[rows], at.over), times(at.value, below[rows]))
                top, below = laid(top, rows, share), laid(below, rows, times(below[rows], at.over))
            else:
                self._scale(rows, at.over - at.value, at.over)
        added = np.flatnonzero(top)
        self._scale(added, np.maximum(below[added] - top[added], 0), below[added])

    def _looked(self, rows: Places, place: int, code: str, curve: Curve) -> tuple[Places, _At]:
        """The rows of accounts of which a reading is known, and what a curve says there."""
        accounts, at = distinct(self.account[rows])
        known = np.flatnonzero(~marked(whole([*self.faults]), int(self.account[-1]) + 1)[accounts])
        payees = put(self.due.payee[rows], at, len(accounts), -1)
        payees, periods = payees[known], alike(self.place, len(known))
        lookups = self.terms.lookups
        found = lookups.look(place, code, curve, payees, periods)
        lookups.go_without(payees, periods, found)
        for which in np.flatnonzero(found.faulty).tolist():
            self.faults[int(accounts[known[which]])] = found.error(which)
        good = np.flatnonzero(~found.faulty)
        where = put(good, known[good], len(accounts), -1)[at]
        value, over = Pieces.of(curve).at(found.top, found.below)
        answers = _At(found.top, found.below, value, value * 0 + over)
        return rows[where >= 0], answers.some(where[where >= 0])

    def _scale(self, rows: Places, by: Whole, over: Whole) -> None:
        due = self.due
        net, below = times(due.net[rows], by), times(due.over[rows], over)
        self.due = evolve(due, net=laid(due.net, rows, net), over=laid(due.over, rows, below))

    # ── the least and the most ──────────────────────────────────────────────────────────────────────────────

    def _share_denominators(self, amounts: list[Fraction]) -> None:
        """Bring what is left of the lines of an account over one denominator, a multiple of those of some amounts."""
        if amounts and len(self.due):
            starts = starts_of(self.account)
            also = lcm(*(amount.denominator for amount in amounts))
            net, over = in_common(self.due.net, self.due.over, starts, also)
            self.due = evolve(self.due, net=net, over=spread(over, starts, len(net)))

    def _excess(self, rows: Places, amount: Fraction) -> tuple[Whole, Places]:
        """The sum of the rows of each account less an amount; and for each row the place of its account."""
        accounts, at = distinct(self.account[rows])
        over = put(self.due.over[rows], at, len(accounts), 1)
        limit = times(over // amount.denominator, np.repeat(whole([amount.numerator]), len(over)))
        return total_of(self.due.net[rows], at, len(accounts)) - limit, at

    def _raise(self, parts: Sequence[tuple[int, Component]]) -> None:
        """Add what is missing to the least of the period of each component, as lines of their own."""
        given = [(place, item.code, item.period_least) for place, item in parts if item.period_least is not None]
        self._share_denominators([least.value for _, _, least in given])
        added, rule = [self.due], [self.rule]
        for place, code, least in given:
            rows = np.flatnonzero(self._live(place, code))
            if not len(rows):
                continue
            excess, at = self._excess(rows, least.value)
            some = np.flatnonzero(excess < 0)
            last, (missing,) = put(rows, at, len(excess), -1)[some], bounded(0, -excess[some])
            payee, plan, component = (getattr(self.due, name)[last] for name in ("payee", "plan", "component"))
            lines = self.terms.lines(self.last_day, LEAST, payee=payee, plan=plan, component=component,
                                     top=missing, below=self.due.over[last])  # fmt: skip
            added.append(lines)
            rule.append(self.rule[last])
            self.terms.note(lines.row, partial(_why_raised, str(least), lines))
        if given:
            self._add(added, rule)

    def _add(self, added: Sequence[DueRows], rule: Sequence[Places]) -> None:
        """Take lines in place of those that are there, each behind what its account has; and the rules of each."""
        due = DueRows.stacked([*added])
        order = ordered(due.payee, self.terms.code[due.plan])
        self.due, self.rule = due.some(order), np.concatenate(rule)[order]
        self.account = _accounts(self.terms, self.due)

    def _gone(self) -> Truth:
        """Which lines are of deals that are reversed later in the same period."""
        place, ends = np.arange(len(self.due)), np.flatnonzero(self.due.ends)
        last = put(ends, self.due.deal[ends], int(self.due.deal.max(initial=-1)) + 2, -1)
        return (self.due.deal >= 0) & (place < last[self.due.deal])

    def _sum_up(self, place: int, component: Component) -> None:
        """Add the lines of a component whose base is what others come to."""
        if not component.sums:
            return
        known, due = self.terms.components, self.due
        summed_up = marked(whole([known[code] for code in component.sums]), len(known))[due.component]
        rows = np.flatnonzero((self.rule == place) & summed_up & ~due.carried & ~self._gone())
        starts = starts_of(self.account[rows])
        top, below = in_common(due.net[rows], due.over[rows], starts)
        top = summed(top, starts) if len(rows) else top
        some = np.flatnonzero(top > 0)
        if len(some):
            first = rows[starts][some]
            lines, faults = self.sums(self.place, (place, component.code), due.payee[first], top[some], below[some])
            for row, error in faults.items():
                self.faults.setdefault(int(self.account[first[row]]), error)
            self._add([due, lines], [self.rule, lines.plan * 0 + place])

    def _cap(self, place: int, code: str, cap: Cap) -> None:
        """Take the excess over a cap off the last lines of each account, and carry it on where it is not lost."""
        rows = np.flatnonzero(self._live(place, code))
        if not len(rows):
            return
        excess, at = self._excess(rows, cap.most.value)
        some = np.flatnonzero((excess[at] > 0) & (self.due.net[rows] > 0))[::-1]
        rows, at = rows[some], at[some]
        starts, due = starts_of(at), self.due
        taken = drained(excess[at[starts]], due.net[rows], starts)
        rows, (taken,) = rows[taken > 0], bounded(0, taken[taken > 0])
        self.due = evolve(due, net=laid(due.net, rows, due.net[rows] - taken))
        over = due.some(rows)
        self._note(rows, partial(_why_capped, cap, taken, over.over))
        if cap.excess == "carried":
            stage, yes = np.repeat(self.terms.stages[CARRIED], len(rows)), ~nowhere(len(rows))
            self.over.append(evolve(over, stage=stage, top=taken, below=over.over, net=taken, carried=yes, passed=yes))

    # ── rounding to steps ───────────────────────────────────────────────────────────────────────────────────

    def in_steps(self, due: DueRows, units: Whole) -> tuple[DueRows, Whole]:
        """Rounded lines, with a line of what rounding to a step changes of each component, then of all of the plan.

        Args:
            due: the lines after all other rules, of all accounts or of some.
            units: what each is rounded to.
        """
        for place, plan in self._rules():
            steps = [(plan.round_component, item.code) for item in plan.components]
            for step, code in [*steps, (plan.round_total, "")]:
                if step is not None:
                    due, units = self._stepped(due, units, place, step, code)
        return due, units

    def _stepped(self, due: DueRows, units: Whole, place: int, step: RoundingStep, code: str) -> tuple[DueRows, Whole]:
        """Rounded lines, with what a step changes of one component; of all of a plan, on a line of its last one."""
        terms, plan = self.terms, self.terms.plans[place].plan
        mine = self._rules_of(due) == place
        rows = np.flatnonzero(mine & (due.component == terms.components.get(code, -2)) if code else mine)
        if not len(rows):
            return due, units
        payees, at = distinct(due.payee[rows])
        (held,) = bounded(reach(units[rows], at, len(payees)), units[rows])
        sums = total_of(held, at, len(payees))
        over = np.repeat(step.units, len(sums))
        change = plus(times(rounded(sums, over, step.mode), over), -sums)
        some = np.flatnonzero(change)
        none, change = some * 0, change[some]
        component = none + terms.components[code or plan.components[-1].code]
        lines = terms.lines(self.last_day, ROUNDED, payee=payees[some], plan=none + place, component=component,
                            top=change, below=none + int(terms.smallest[place]))  # fmt: skip
        dated = terms.plans[place]
        what = dated.name(code) if code else Label("all of the plan", "方案合计")
        terms.note(lines.row, partial(_why_stepped, step, what, dated.currency, sums[some]))
        return DueRows.stacked([due, lines]), np.concatenate([units, change])

    def _rules_of(self, due: DueRows) -> Places:
        """By row, the place of the plan whose rules hold for its account."""
        keys = [lines.payee * len(self.terms.plans) + self.terms.code[lines.plan] for lines in (self.due, due)]
        starts = starts_of(keys[0])
        return self.rule[starts][np.searchsorted(keys[0][starts], keys[1])]

    def _note(self, rows: Places, why: Callable[[int], Explanation]) -> None:
        self.terms.note(self.due.row[rows], why)


@frozen(eq=False)
class _At(Columns):
    """Where a curve is looked at, and what it says there, a row a line."""

    top: Whole
    below: Whole
    value: Whole
    over: Whole

    def x(self, row: int) -> Fraction:
        return fraction(self.top, self.below, row)

    def y(self, row: int) -> Fraction:
        return fraction(self.value, self.over, row)


def _in_turn(rules: Sequence[tuple[int, Plan]]) -> Iterator[list[tuple[int, Component]]]:
    """The components of plans, each with the place of its plan, those after others that are made of them."""
    turns = [[*in_turn(plan.components)] for _, plan in rules]
    for turn in range(max(map(len, turns), default=0)):
        of_plans = zip(rules, turns, strict=True)
        yield [(place, part) for (place, _), parts in of_plans if turn < len(parts) for part in parts[turn]]


def _component(part: Component | Plan) -> str:
    """The component that a part of a plan is; empty for all of the plan."""
    return part.code if isinstance(part, Component) else ""


def keys_of_rules(terms: Terms, due: DueRows) -> tuple[Places | Truth, ...]:
    """The keys by which the lines of a period come as they go through its rules; see `RulesOfPeriod.due`."""
    return due.payee, terms.code[due.plan], due.on, due.ends, due.component, due.loan, due.stage


def _accounts(terms: Terms, due: DueRows) -> Places:
    """By row, the place of its payee and plan; they stand together."""
    starts = starts_of(due.payee, terms.code[due.plan])
    return spread(np.arange(len(starts)), starts, len(due))


def _in_force(terms: Terms, last_day: int) -> Places:
    """By rank of a code, the place of the last plan of that code in force on a day; -1 where none is."""
    found = np.repeat(-1, int(terms.code.max()) + 1)
    for place, dated in enumerate(terms.plans):
        until = last_day + 1 if dated.until is None else day_number(dated.until)
        if day_number(dated.since) <= last_day < until:
            found[terms.code[place]] = place
    return found


def _latest(terms: Terms, due: DueRows) -> Places:
    """By row, the plan of its account's lines that is in force since the latest day."""
    since = whole([day_number(dated.since) for dated in terms.plans])
    order = ordered(due.payee, terms.code[due.plan], since[due.plan])
    plan = due.plan[order]
    starts = starts_of(due.payee[order], terms.code[plan])
    return put(spread(plan[np.append(starts[1:], len(plan)) - 1], starts, len(plan)), order, len(plan), -1)


# ── reasons ─────────────────────────────────────────────────────────────────────────────────────────────────


def _why_multiplied(named: Label, at: _At, shown: Callable[[Fraction], str], row: int) -> Explanation:
    values: dict[str, str | Label] = {"indicator": named, "at": shown(at.x(row)), "factor": percent(at.y(row))}
    return evolve(because("accrual.multiplier", values), numbers={"factor": at.y(row)})


def _why_gated(gate: Gate, at: _At, taken: tuple[Whole, Whole], row: int) -> Explanation:
    """Why a gate takes its share.

    Args:
        gate: which.
        at: where it is looked at, by row.
        taken: by row, the shares that gates before it have taken of the whole, where shares are added.
        row: of the line.
    """
    unit = gate.forfeits.x_unit
    actual = quantity_label(Quantity(at.x(row), unit)) if unit else percent(at.x(row))
    values = {"indicator": looked_at_label(gate.looks_at), "actual": actual, "share": percent(at.y(row))}
    return evolve(because("accrual.gate", values), numbers={"share": at.y(row), "before": fraction(*taken, row)})


def _why_raised(least: str, lines: DueRows, row: int) -> Explanation:
    return because("accrual.least", {"limit": least, "added": plain(fraction(lines.top, lines.below, row))})


def _why_stepped(step: RoundingStep, what: Label, currency: str, sums: Whole, row: int) -> Explanation:
    values: dict[str, str | Label] = {"what": what, "rounding": step.label}
    return because("accrual.step", values | {"sum": str(Money.from_units(int(sums[row]), currency))})


def _why_capped(cap: Cap, taken: Whole, over: Whole, row: int) -> Explanation:
    amount = fraction(taken, over, row)
    values: dict[str, str | Label] = {"limit": str(cap.most), "taken": plain(amount)}
    values["excess"] = EXCESS_NAMES[cap.excess]
    return evolve(because("accrual.cap", values), numbers={"taken": amount})
