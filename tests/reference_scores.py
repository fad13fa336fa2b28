"""The plain reference of readings -> scores and bonuses: the rules in Fractions and loops, which tests hold `lp` to.

Written from the docstrings of `Scoring`, `Veto`, `Grade`, `Gate`, `Multiplier` and `Bonus`. In go a card, targets and
readings as plain numbers by code of indicator; None comes out where nothing can be said, since something is missing.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import prod
from operator import ge, gt, le, lt
from typing import Any

from attrs import frozen
from tests.reference import height

import loanperf as lp
from loanperf._quantities import CURRENCIES
from loanperf.schemes import Card, CardLine, Curve, Direction, Grade, Indicator, Missing

SMALLEST = {currency: 10**places for currency, places in CURRENCIES.items()}
"""How many smallest units one whole of a currency has."""


def nearest(value: Fraction, rounding: lp.Rounding) -> int:
    """The whole number that a number is rounded to: as `decimal` rounds nothing, 3, 5 or 7 tenths above a whole one."""
    down, rest = divmod(value, 1)
    tenths = 0 if rest == 0 else 5 if rest == Fraction(1, 2) else 3 if rest < Fraction(1, 2) else 7
    name = f"ROUND_{rounding.value.upper().replace(' ', '_')}"
    return int(Decimal(f"{down * 10 + tenths}E-1").to_integral_value(name))


def divided(whole: int, weights: Sequence[Fraction | int], *, heaviest: bool = False) -> list[int]:
    """A whole number of zero or more in whole parts that sum to it, by largest remainder.

    Where remainders are equal the first is served, or of the `heaviest` weights.
    """
    exact = [Fraction(whole) * weight / sum(weights) for weight in weights]
    found = [part.numerator // part.denominator for part in exact]
    order = sorted(range(len(exact)), key=lambda place: (found[place] - exact[place], -weights[place] * heaviest))
    for place in order[: whole - sum(found)]:
        found[place] += 1
    return found


PAST: Mapping[str, Callable[[Fraction, Fraction], Any]] = {"above": gt, "at least": ge, "below": lt, "at most": le}
"""Whether a reading is past the limit of a veto."""


@frozen
class Scored:
    """How a payee performed."""

    points: Mapping[str, Fraction]
    weights: Mapping[str, Fraction]
    """Those with which indicators counted."""
    attained: Mapping[str, Fraction]
    """Reading over target."""
    readings: Mapping[str, Fraction]
    score: Decimal
    grade: Grade | None
    vetoes: tuple[str, ...]


def is_beyond(item: Indicator, value: Fraction) -> bool:
    """Whether an indicator cannot have a value."""
    return (item.least is not None and value < item.least) or (item.most is not None and value > item.most)


def is_refused(line: CardLine, goal: Fraction) -> bool:
    """Whether no reading of a line can be scored against a target."""
    above = line.target_at_most is not None and goal > line.target_at_most.value
    return above or (goal <= 0 and line.scoring.of == "attainment") or is_beyond(line.indicator, goal)


def scored(card: Card, targets: Mapping[str, Fraction], readings: Mapping[str, Fraction]) -> Scored | None:
    """The points of each indicator, the score and the grade."""
    indicators = {item.code: item for item in [*card.others, *(line.indicator for line in card.lines)]}
    if any(is_beyond(indicators[code], reading) for code, reading in readings.items() if code in indicators):
        return None
    goals = {line.indicator.code: line.target.value for line in card.lines if line.target is not None} | {**targets}
    weights, points, attained = weighed(card, readings), dict[str, Fraction](), dict[str, Fraction]()
    exact = dict[str, Fraction]()
    if weights is None:
        return None
    for line in card.lines:
        code, how = line.indicator.code, line.scoring
        points[code] = Fraction(0)
        if code not in readings or code not in weights:
            continue
        goal = goals.get(code)
        if goal is not None:
            if is_refused(line, goal):
                return None
            if goal:
                attained[code] = readings[code] / goal
        if how.of == "attainment" and code not in attained:
            return None
        at = readings[code] if how.of == "value" else attained[code]
        part = height(how.rule, at) if isinstance(how.rule, Curve) else at
        part = 2 - at if how.rule is Direction.LOWER else part
        part = part if how.floor is None else max(part, how.floor)
        part = part if how.cap is None else min(part, how.cap)
        exact[code] = weights[code] * 100 * part
        points[code] = Fraction(nearest(exact[code] * 10**how.places, how.rounding), 10**how.places)
    if any(veto.indicator not in readings for veto in card.vetoes):
        return None
    struck = [veto for veto in card.vetoes if PAST[veto.test](readings[veto.indicator], veto.limit.value)]
    places = max(line.scoring.places for line in card.lines if line.indicator.code in weights)
    whole = sum(exact.values()) if card.lines[0].scoring.rounds == "the total" else sum(points.values())
    units = nearest(whole * 10**places, card.lines[0].scoring.rounding)
    score = min([Decimal(f"{units}E-{places}"), *(veto.score for veto in struck)])
    reached = [grade for grade in card.grades if grade.at_least <= score] or list(card.grades[:1])
    grade = reached[-1] if reached else None
    return Scored(points, weights, attained, readings, score, grade, tuple(veto.indicator for veto in struck))


def weighed(card: Card, readings: Mapping[str, Fraction]) -> dict[str, Fraction] | None:
    """The weight with which each indicator counts; None where a reading that must be there is missing, or all are."""
    missing = [line for line in card.lines if line.indicator.code not in readings]
    gone = [line for line in missing if line.scoring.missing is Missing.RENORMALISE]
    left = 1 - sum((line.weight for line in gone), Fraction(0))
    if any(line.scoring.missing is Missing.REFUSE for line in missing) or not left:
        return None
    return {line.indicator.code: line.weight / left for line in card.lines if line not in gone}


def awarded(
    card: Card, found: Scored, whole: Fraction, held: Fraction = Fraction(1), decided: str | Fraction | None = None
) -> int | None:
    """A bonus in smallest units: curve, base, grade, days in role; coefficients; gates; cap and floor; rounded.

    Args:
        card: with its bonus plan.
        found: how the payee performed.
        whole: a month's salary, or what a share is of.
        held: the part of the period that the payee was in the role.
        decided: the grade after calibration, or the coefficient in the place of the grade's; None where there is none.
    """
    plan, whole = card.bonus, whole if card.bonus is None or card.bonus.unit != "amount" else Fraction(1)
    if plan is None or (plan.of != "score" and plan.of not in found.attained):
        return None
    amount = height(plan.curve, Fraction(found.score) if plan.of == "score" else found.attained[plan.of]) * whole * held
    by_grade = {grade.code: Fraction(grade.coefficient) for grade in card.grades}
    if decided is not None and (found.grade is None or (isinstance(decided, str) and decided not in by_grade)):
        return None
    amount *= (
        by_grade.get(found.grade.code if found.grade else "", 1)
        if decided is None
        else (by_grade[decided] if isinstance(decided, str) else decided)
    )
    for item in plan.multipliers:
        seen = found.attained if item.of == "attainment" else found.readings
        if item.indicator not in seen:
            return None
        amount *= height(item.curve, seen[item.indicator])
    if any(gate.indicator not in found.readings for gate in plan.gates):
        return None
    shares = [height(gate.forfeits, found.readings[gate.indicator]) for gate in plan.gates]
    amount *= max(1 - sum(shares), 0) if plan.gates_apply == "added" else prod(1 - share for share in shares)
    for bound, kept in ((plan.cap, min), (plan.floor, max)):
        if bound is not None:
            amount = kept(amount, bound.value * held * (1 if bound.unit in SMALLEST else whole))
    return nearest(amount * SMALLEST[card.currency], plan.rounding)
