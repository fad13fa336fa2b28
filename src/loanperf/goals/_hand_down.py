"""Hand down: a goal to a cascade; and a cascade to another, since people came, left or moved or the goal changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from attrs import evolve

from loanperf._org import Organisation
from loanperf._periods import day
from loanperf._quantities import Number, Quantity, quantity
from loanperf._validators import each_of, must_be
from loanperf.errors import DataError, Problem
from loanperf.goals._cascade import Cascade
from loanperf.goals._division import Division, GoalSpan
from loanperf.goals._goal import Goal
from loanperf.goals._refused import must_be_alike, must_be_there, problems_of
from loanperf.goals._rules import CascadeRules
from loanperf.goals._spans import left_of, spans_of, step_of, until
from loanperf.goals._tree import holders_of
from loanperf.goals._weights import Entitled


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
    step = step_of(goal, rules)
    must_be_alike(goal, rules, said_of)
    division = _divided(goal, organisation, rules, on, step, spans_of(goal, rules, step))
    must_be_there(division, organisation, rules, said_of)
    return Cascade(
        goal=goal,
        step=step,
        divisions=(division,),
        said=said_of,
        problems=(*_left_out(goal, organisation, division), *problems_of(division, organisation)),
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


def recascade(
    before: Cascade,
    organisation: Organisation,
    rules: CascadeRules | None = None,
    *,
    as_of: date | str,
    goal: Goal | None = None,
    keep: Collection[str] = (),
) -> Cascade:
    """Divide anew what is left of a goal, from a day on, since somebody came, left or moved, or the goal is another.

    What was handed down for the days before stays as it is, whoever has it. A stretch in which the day falls is cut by
    days; a goal that is as it is on a day, such as a balance, has no first days and is divided anew as a whole.

    Args:
        before: the cascade that holds so far; it stays as it was.
        organisation: as it is on the day.
        rules: how what is left is divided, such as with a weight for who is new; None is as before, without the bounds
            of who has left. Its step and months are those of before.
        as_of: the first day for which it is divided anew.
        goal: the goal with another value; None is as before. What is left of it spreads over the stretches that are
            left in proportion to what was asked in them.
        keep: codes of payees whose later targets do not change either, such as since they confirmed them.

    Raises:
        AllocationError: what is left cannot be divided so; it says by how much.
        DataError: no day is left; the goal was divided anew from a later day; another goal, step or months than
            before; somebody to keep who is not there.
        NoAssignmentError: the owner is no unit and nobody on that day.

    >>> from loanperf import Assignment, Organisation
    >>> lin = Assignment(payee="lin", unit="east", role="sales", since="2026-01-01")
    >>> wu = Assignment(payee="wu", unit="east", role="sales", since="2026-06-16")
    >>> goal = Goal(indicator="disbursed_amount", owner="east", period="2026-06", value="60万元")
    >>> june = cascade(goal, Organisation(assignments=[lin]), as_of="2026-06-01")
    >>> again = recascade(june, Organisation(assignments=[lin, wu]), as_of="2026-06-16")
    >>> print(*again.of("lin"), *again.of("wu"), sep=chr(10))
    lin, 2026-06-01/2026-06-16: 300000 CNY
    lin, 2026-06-16/2026-07-01: 150000 CNY
    wu, 2026-06-16/2026-07-01: 150000 CNY
    """
    must_be(before, Cascade, "recascade", "pass what cascade gave")
    must_be(organisation, Organisation, "recascade", "pass an lp.Organisation")
    on, asked, held_by = day(as_of), goal or before.goal, before.divisions[-1].rules
    keep = each_of(keep, str, "keep", "pass a list of codes of payees, such as ['an']")
    _must_follow(before, asked, rules, held_by, on)
    lost: tuple[Problem, ...] = ()
    if rules is None:
        rules, lost = _without_leavers(held_by, organisation, on)
    must_be_alike(asked, rules, ())
    cuts = asked.timing == "flow" or asked.hands_down == "whole"
    kept = [part for one in before.divisions if (part := until(one, on, cuts=cuts)) is not None]
    spans = left_of(asked, rules, before.step, before.divisions[-1], kept, on)
    spans = tuple(_staying(before, span, keep) for span in spans)
    division = _divided(asked, organisation, rules, on, before.step, spans)
    must_be_there(division, organisation, rules, ())
    _must_keep(keep, division, spans)
    problems = (*lost, *_left_out(asked, organisation, division), *problems_of(division, organisation))
    return evolve(before, goal=asked, divisions=(*kept, division), problems=problems)


def _must_follow(before: Cascade, goal: Goal, rules: CascadeRules | None, held_by: CascadeRules, on: date) -> None:
    """Refuse a goal or rules that are not those of the days before, and a day before the last division."""
    if on < before.divisions[-1].as_of and len(before.divisions) > 1:
        fault = f"the goal was divided anew on {before.divisions[-1].as_of} already"
        raise DataError("recascade", fault, "choose a later day, or begin from the cascade of before")
    for name in ("code", "indicator", "owner", "period", "hands_down", "timing"):
        if getattr(goal, name) != getattr(before.goal, name):
            fault = f"its {name} is {getattr(goal, name)}, and was {getattr(before.goal, name)}"
            raise DataError("the goal of recascade", fault, "change its value alone, or hand down another goal")
    for name in ("step", "months"):
        if rules is not None and getattr(rules, name) != getattr(held_by, name):
            raise DataError(f"CascadeRules.{name}", "it is another than before", "leave it as it was")


def _must_keep(keep: Collection[str], division: Division, spans: tuple[GoalSpan, ...]) -> None:
    """Refuse to keep what somebody does not have."""
    people = {holder.code for holder in division.holders if holder.kind == "person"}
    for code in sorted(keep):
        if code not in people or not any(code in dict(span.stays) for span in spans):
            fault = "there is no payee with this code who has later targets already"
            raise DataError(f"what {code!r} keeps", fault, "leave it out, or mend the code")


def _left_out(goal: Goal, organisation: Organisation, division: Division) -> tuple[Problem, ...]:
    """A problem for each payee who has no part, since no key gives them anything and the rules leave them out."""
    rules, fault = division.rules, "no key gives them anything, and the rules leave them out; they have no target"
    if goal.hands_down == "whole" or rules.zero != "left out":
        return ()
    there = {holder.code for holder in division.holders}
    everybody = holders_of(goal.owner, organisation, division.as_of, roles=rules.roles, keeps=False, without=())
    people = (holder.code for holder in everybody if holder.kind == "person" and holder.code not in there)
    remedy = "give a weight, or state zero = 'equal share' or an amount"
    return tuple(Problem(f"target of {code}", fault, "", remedy, payee=code) for code in people)


def _without_leavers(
    rules: CascadeRules, organisation: Organisation, on: date
) -> tuple[CascadeRules, tuple[Problem, ...]]:
    """The rules without bounds of who has left, with a problem for each."""
    named = {code for code, _ in (*rules.floors, *rules.caps)}
    gone = {code for code in named if (left := organisation.left_on(code)) is not None and left <= on}
    problems = tuple(
        Problem(f"the bounds of {code}", "they no longer count, since the payee left", "", "state others", payee=code)
        for code in sorted(gone)
    )
    floors, caps = (tuple(pair for pair in pairs if pair[0] not in gone) for pairs in (rules.floors, rules.caps))
    return evolve(rules, floors=floors, caps=caps), problems


def _staying(before: Cascade, span: GoalSpan, keep: Collection[str]) -> GoalSpan:
    """A span with what some payees have in it already, less what its first days keep."""
    held, stays = dict(span.held), dict[str, int]()
    for division in before.divisions:
        for one in division.held:
            for holder, target in zip(division.holders, one.targets, strict=False):
                if holder.kind == "person" and holder.code in keep and one.of == span.of:
                    stays[holder.code] = stays.get(holder.code, 0) + target
    return evolve(span, stays=tuple(sorted((code, target - held.get(code, 0)) for code, target in stays.items())))
