"""Spans: (goal, rules) -> what is asked in each stretch of the goal, in whole steps, and what is assigned beyond it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from attrs import evolve

from loanperf._allocation import allocate
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES, Quantity
from loanperf.errors import AllocationError, DataError
from loanperf.goals._division import Division, GoalSpan
from loanperf.goals._goal import Goal
from loanperf.goals._rules import CascadeRules


def step_of(goal: Goal, rules: CascadeRules) -> Quantity:
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


def _in_steps(goal: Goal, rules: CascadeRules, step: Quantity) -> tuple[int, int]:
    """The goal, and what is assigned beyond it, in whole steps."""
    over = _whole(goal.value.value * rules.over, step, "what is assigned beyond the goal")
    return _whole(goal.value.value, step, f"the goal, {goal.value},"), over


def spans_of(goal: Goal, rules: CascadeRules, step: Quantity) -> tuple[GoalSpan, ...]:
    """What is asked in each stretch, and what is assigned beyond it."""
    stretches = _stretches(goal, rules)
    if goal.hands_down == "whole":
        return tuple(GoalSpan(period=part, of=part, asked=0, over=0) for part, _ in stretches)
    asked, over = _in_steps(goal, rules, step)
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


# ── divided anew ────────────────────────────────────────────────────────────────────────────────────────────


def until(division: Division, on: date, *, cuts: bool) -> Division | None:
    """A division as far as it holds for the days before a day; None where it holds for none.

    A stretch in which the day falls is cut: its first days have their part by days, at every level.

    Args:
        division: as it was.
        on: the first day for which it no longer holds.
        cuts: whether a stretch can be cut; else one that has not ended holds no longer.
    """
    kept = [
        number
        for number, span in enumerate(division.spans)
        if span.period.end <= on or (cuts and span.period.start < on)
    ]
    if division.until is not None and division.until <= on:
        return division
    if not kept:
        return None
    last = kept[-1] + 1
    found = evolve(
        division,
        spans=division.spans[:last],
        targets=division.targets[:last],
        asked=division.asked[:last],
        until=on,
        first=(),
        first_asked=(),
    )
    span = found.spans[-1].period
    if span.end <= on or not division.targets:
        return found
    days = [(on - span.start).days, (span.end - on).days]
    tops = [allocate(row[0], days, step=1, tie_break="last")[0] for row in (found.targets[-1], found.asked[-1])]
    first = _down(found, found.targets[-1], tops[0], found.targets[-1])
    return evolve(found, first=first, first_asked=_down(found, found.asked[-1], tops[1], first))


def _down(division: Division, row: Sequence[int], top: int, most: Sequence[int]) -> tuple[int, ...]:
    """A part of what the owner has, divided down the tree in proportion to what each has, up to the most of each."""
    found = [0] * len(row)
    found[0] = top
    for unit, places in division.below.items():
        if found[unit]:
            held = [row[place] for place in places]
            caps = [most[place] for place in places]
            parts = allocate(found[unit], held, step=1, tie_break="largest weight", caps=caps)
            for place, part in zip(places, parts, strict=True):
                found[place] = part
    return tuple(found)


def left_of(
    goal: Goal, rules: CascadeRules, step: Quantity, before: Division, kept: Sequence[Division], on: date
) -> tuple[GoalSpan, ...]:
    """What is left of a goal, in the stretches from a day on.

    Stretches keep what was asked in them, unless the goal is another than before: what is left is then spread over them
    in proportion to that.

    Raises:
        AllocationError: more was handed down for the days before than the goal is.
        DataError: no day is left.
    """
    spans = [_rest(span, kept, on) for span in before.spans if span.period.end > on]
    if not spans:
        raise DataError("recascade", f"no day of the goal is left from {on} on", "choose an earlier day")
    if goal.hands_down == "whole":
        return tuple(spans)
    asked, over = _in_steps(goal, rules, step)
    for division in kept:
        for held in division.held:
            asked, over = asked - held.asked[0], over - held.targets[0] + held.asked[0]
    if asked < 0:
        by = Quantity(-asked * step.value, step.unit)
        fault = f"{by} more than the goal was handed down for the days before {on}"
        raise AllocationError(fault, "raise the goal, or divide it anew from an earlier day")
    own = _spread(asked, [span.asked for span in spans])
    more = _spread(max(over, 0), [span.over or span.asked for span in spans])
    return tuple(evolve(span, asked=one, over=other) for span, one, other in zip(spans, own, more, strict=True))


def _spread(total: int, before: Sequence[int]) -> Sequence[int]:
    if total == sum(before):
        return before
    return allocate(total, before if any(before) else [1] * len(before), step=1, tie_break="last")


def _rest(span: GoalSpan, kept: Sequence[Division], on: date) -> GoalSpan:
    """A span from a day on, with what its first days keep."""
    held: dict[str, int] = {}
    asked = over = 0
    for division in kept:
        for one in division.held:
            if one.of == span.of and one.targets:
                for holder, target in zip(division.holders, one.targets, strict=True):
                    if holder.kind != "kept":
                        held[holder.code] = held.get(holder.code, 0) + target
                if one.period.start >= span.period.start:
                    asked, over = asked + one.asked[0], over + one.targets[0] - one.asked[0]
    period = Period(max(span.period.start, on), span.period.end)
    return evolve(
        span, period=period, asked=span.asked - asked, over=span.over - over, held=tuple(sorted(held.items())), stays=()
    )
