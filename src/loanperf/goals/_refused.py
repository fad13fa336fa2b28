"""Refused: rules and figures that are not for a goal -> errors; what is doubtful in a division -> problems."""

from __future__ import annotations

from collections.abc import Iterator

from loanperf._explanations import in_words
from loanperf._indicators import CATALOGUE, Kind, indicator
from loanperf._org import Organisation
from loanperf._quantities import Quantity
from loanperf.errors import DataError, Problem, UnitError
from loanperf.goals._division import Division
from loanperf.goals._goal import Goal
from loanperf.goals._rules import Amounts, CascadeRules
from loanperf.goals._tree import strangers

_OF_DIVIDING = ("keys", "step", "floor", "cap", "floors", "caps", "ramp", "over", "zero")


def must_be_alike(goal: Goal, rules: CascadeRules, said: Amounts) -> None:
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
    if rules.tighter is not None:
        _must_leave_a_limit(goal, rules.tighter)


def _must_leave_a_limit(goal: Goal, tighter: Quantity) -> None:
    """Refuse a limit of people that nobody can keep: below zero, or past 100% of a ratio whose goal is not past it."""
    by, is_ratio = tighter.value, goal.indicator in CATALOGUE and indicator(goal.indicator).kind is Kind.RATIO
    if goal.test == "at most":
        beyond, edge = by - goal.value.value, "below zero"
    elif is_ratio and goal.value.value <= 1:
        beyond, edge = goal.value.value + by - 1, "above 100%"
    else:
        return
    if beyond > 0:
        limit, far, least, given = (
            in_words(goal.label(Quantity(value, tighter.unit)), "en")
            for value in (goal.value.value, beyond, by - beyond, by)
        )
        fault = f"a limit of {limit} made stricter by {given} is {far} {edge}"
        raise DataError("CascadeRules.tighter", fault, f"give {least} or less")


def must_be_there(division: Division, organisation: Organisation, rules: CascadeRules, said: Amounts) -> None:
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


def problems_of(division: Division, organisation: Organisation) -> tuple[Problem, ...]:
    """What is doubtful in a division."""
    return (*_of_weights(division, organisation), *_doubtful(division))


def _of_weights(division: Division, organisation: Organisation) -> Iterator[Problem]:
    """Codes among the weights that nobody has, and people whom a key leaves out though it names others of the unit."""
    for key in division.rules.keys:
        if key.weights is not None:
            named, what = dict(key.weights), f"the weight by {key.name.en} of"
            yield from strangers(((what, code) for code in named), organisation, division.as_of)
            for places in division.below.values():
                people = [division.holders[place].code for place in places if division.holders[place].kind == "person"]
                missing = [code for code in people if code not in named]
                for code in missing if len(missing) < len(people) else ():
                    fault, remedy = "none is given; it counts as zero", "give a number, 0 among them"
                    yield Problem(f"{what} {code}", fault, "", remedy, payee=code)


def _doubtful(division: Division) -> Iterator[Problem]:
    """People whose target comes to zero though they have weight."""
    for number, span in enumerate(division.spans):
        for place, holder in enumerate(division.holders):
            where = f"target of {holder.code} in {span.period}"
            target = division.targets[number][place] if division.targets else 1
            if holder.kind == "person" and not target and division.work[number].weights[place]:
                fault, remedy = "it comes to zero, which measures nothing", "choose a finer step, or a floor"
                yield Problem(where, fault, "", remedy, payee=holder.code)
