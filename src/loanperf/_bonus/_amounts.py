"""Amounts: (a bonus plan, what it looks at in some rows) -> what each row is paid, exact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Literal, TypeAlias

import numpy as np
from attrs import field, frozen

from loanperf._appraisal import Numbers
from loanperf._numbers import EVERY_ROW, NO_ROW, Certain, Pieces, Places, Quotient, Truth
from loanperf._quantities import CURRENCIES, Quantity, Rounding
from loanperf._scorecard import Bonus, Card

AwardFault: TypeAlias = Literal[
    "cell",
    "no plan",
    "uneven base",
    "no base",
    "base below zero",
    "days",
    "no such line",
    "no attainment",
    "no reading",
    "calibration",
]
"""What is wrong with a row that has a score and no bonus."""
Fault: TypeAlias = "tuple[Truth, AwardFault, str]"
"""In which rows, what is wrong, and with which indicator or column; of each row the first counts."""


@frozen(eq=False)
class PlanRules:
    """A bonus plan as whole numbers, made once for each card."""

    bonus: Bonus
    curve: Pieces
    coefficients: tuple[Fraction, ...]
    """Of the grades, by place."""
    multipliers: tuple[Pieces, ...]
    gates: tuple[Pieces, ...]
    per_unit: int
    """Smallest units in the currency."""
    mode: Rounding
    """How amounts are rounded."""
    step: int
    """To how many smallest units."""

    @classmethod
    def of(cls, card: Card, bonus: Bonus) -> PlanRules:
        """The rules of a card's plan; made once."""
        made = card.memo.get("plan")
        if made is None or made.bonus is not bonus:
            made = card.memo["plan"] = cls(
                bonus=bonus,
                curve=Pieces.of(bonus.curve),
                coefficients=tuple(Fraction(grade.coefficient) for grade in card.grades),
                multipliers=tuple(Pieces.of(item.curve) for item in bonus.multipliers),
                gates=tuple(Pieces.of(gate.forfeits) for gate in bonus.gates),
                per_unit=10 ** CURRENCIES[card.currency],
                mode=bonus.rounding if bonus.round_total is None else bonus.round_total.mode,
                step=1 if bonus.round_total is None else bonus.round_total.units,
            )
        found: PlanRules = made
        return found


@frozen(eq=False)
class Basis:
    """What a plan looks at in some rows."""

    score: Callable[[], Quotient]
    """Scores in points."""
    attained: Callable[[str], Quotient | None]
    """The attainments of an indicator; None where there are none."""
    base: Quotient | None
    """What months or shares are taken of, in whole currency; None where there is nothing."""
    days: tuple[Certain, Certain] | None
    """Days in role and days of the period; None is the whole period."""
    grades: Places | int | None
    """The place of each coefficient: of the grades, and behind them those of `calibrated`."""
    calibrated: Sequence[Fraction]
    """The coefficients of results that were calibrated."""
    reading: Callable[[str], Quotient | None]
    """The unrounded readings of what a gate or multiplier looks at; None where there are none."""


@frozen(eq=False)
class AmountNumbers:
    """The numbers of an amount, kept where somebody asks for them."""

    at: list[Quotient] = field(factory=list)
    multiple: list[Quotient] = field(factory=list)
    base: list[Quotient] = field(factory=list)
    part: list[Quotient] = field(factory=list)
    gross: list[Quotient] = field(factory=list)
    """Of the base alone, with the coefficient of the grade, and for the days in role."""
    multipliers: list[tuple[Quotient, Quotient, Quotient]] = field(factory=list)
    """Of each multiplier what it looks at, its factor, and what that makes of the amount."""
    gates: list[tuple[Quotient, Quotient, Quotient]] = field(factory=list)
    """Of each gate what it looks at, the share that it takes, and what it leaves."""
    limits: dict[str, Quotient] = field(factory=dict)
    """The cap and the floor in money."""


def amounts(rules: PlanRules, looked: Basis, faults: list[Fault], steps: AmountNumbers | None = None) -> Certain:
    """What some rows are paid, in smallest units: curve, base, grade, days; multipliers; gates; then cap and floor.

    A cap or floor is rounded as the amount is, which comes to the same as to round the lower or higher of both.

    Args:
        rules: of the plan.
        looked: what it looks at in the rows.
        faults: takes the rows without a bonus; their numbers mean nothing.
        steps: takes the numbers that the amounts come of; None where nobody asks.
    """
    bonus, steps = rules.bonus, steps or AmountNumbers()
    base, part = _base(bonus, looked.base, faults), _part(looked.days, faults)
    at = looked.score() if bonus.of == "score" else looked.attained(bonus.of)
    if at is None or base is None:
        if at is None:
            _note(faults, EVERY_ROW, "no attainment", bonus.of)
        return Certain.of(0)
    multiple = at.along(rules.curve)
    amount = multiple * base
    steps.at.append(at)
    steps.multiple.append(multiple)
    steps.base.append(base)
    steps.part.append(part)
    steps.gross.append(amount)
    amount = _graded(rules, looked, amount)
    steps.gross.append(amount)
    amount = amount * part
    steps.gross.append(amount)
    multiplied = _multiplied(rules, looked, amount, faults, steps)
    left = None if multiplied is None else _gated(rules, looked, multiplied, faults, steps)
    if left is None:
        return Certain.of(0)
    units = _rounded(rules, left)
    if bonus.cap is not None:
        steps.limits["cap"] = limit = _limit(bonus.cap, base, part)
        units = units.least(_rounded(rules, limit))
    if bonus.floor is not None:
        steps.limits["floor"] = limit = _limit(bonus.floor, base, part)
        units = units.greatest(_rounded(rules, limit))
    return units


def _graded(rules: PlanRules, looked: Basis, amount: Quotient) -> Quotient:
    """An amount times the coefficient of the grade, or that which people decided on."""
    coefficients = (*rules.coefficients, *looked.calibrated) if rules.coefficients else ()
    if looked.grades is None or all(one == 1 for one in coefficients):
        return amount
    numbers = Numbers.of(coefficients)
    return amount.by_each(numbers.tops, looked.grades, numbers.over)


def _multiplied(
    rules: PlanRules, looked: Basis, amount: Quotient, faults: list[Fault], steps: AmountNumbers
) -> Quotient | None:
    """An amount times the factor of each multiplier; None where one of them has nothing to look at."""
    for item, curve in zip(rules.bonus.multipliers, rules.multipliers, strict=True):
        attains, code = item.of == "attainment" and not item.of_unit, item.of_unit or item.looks_at
        value = looked.attained(code) if attains else looked.reading(code)
        if value is None:
            _note(faults, EVERY_ROW, "no attainment" if attains else "no reading", code)
            return None
        factor = value.along(curve)
        amount = amount * factor
        steps.multipliers.append((value, factor, amount))
    return amount


def _gated(
    rules: PlanRules, looked: Basis, whole: Quotient, faults: list[Fault], steps: AmountNumbers
) -> Quotient | None:
    """What gates leave of an amount, by turns or by the sum of their shares; None where one has nothing to look at."""
    amount, part = whole, Quotient.of(1)
    for gate, forfeits in zip(rules.bonus.gates, rules.gates, strict=True):
        value = looked.reading(gate.looks_at)
        if value is None:
            _note(faults, EVERY_ROW, "no reading", gate.looks_at)
            return None
        share = value.along(forfeits)
        if rules.bonus.gates_apply == "added":
            part = part.less(share).within(Fraction(0), None)
            amount = whole * part
        else:
            amount = amount * share.taken_from(1)
        steps.gates.append((value, share, amount))
    return amount


def _rounded(rules: PlanRules, amount: Quotient) -> Certain:
    """Amounts in whole currency, in smallest units, as the plan rounds them."""
    if rules.step == 1:
        return amount.rounded(rules.mode, rules.per_unit)
    return amount.by(Fraction(1, rules.step)).rounded(rules.mode, rules.per_unit) * rules.step


def _base(bonus: Bonus, base: Quotient | None, faults: list[Fault]) -> Quotient | None:
    if bonus.unit == "amount":
        return Quotient.of(1)
    if base is None:
        _note(faults, EVERY_ROW, "no base", bonus.unit)
    else:
        _note(faults, ~base.reaches(0), "base below zero", bonus.unit)
    return base


def _part(days: tuple[Certain, Certain] | None, faults: list[Fault]) -> Quotient:
    """The part of the period in role."""
    if days is None:
        return Quotient.of(1)
    held, of = days
    bad = ~((of > 0) & (held >= 0) & (of >= held))
    _note(faults, bad, "days", "")
    return Quotient.each(held.but(bad, 0)) * Quotient.each(of.but(bad, 1)).inverse()


def _limit(bound: Quantity, base: Quotient, part: Quotient) -> Quotient:
    """A cap or floor in money, for the days in role."""
    return part.by(bound.value) if bound.unit in CURRENCIES else (base * part).by(bound.value)


def _note(faults: list[Fault], where: Truth, kind: AwardFault, code: str) -> None:
    if where is not NO_ROW and where.any():
        faults.append((where, kind, code))


def first_of(faults: Sequence[Fault], rows: int) -> Places:
    """The place of the first fault of each row; -1 where it has none."""
    places = np.full(rows, -1)
    for place, (where, _, _) in reversed([*enumerate(faults)]):
        places = np.where(where, place, places)
    return places
