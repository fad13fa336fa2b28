"""Amounts: (a bonus plan, what it looks at in some rows) -> what each row is paid, exact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Literal, TypeAlias

import numpy as np
from attrs import field, frozen

from loanperf._appraisal import Numbers
from loanperf._numbers import EVERY_ROW, NO_ROW, Certain, Pieces, Places, Quotient, Truth
from loanperf._quantities import CURRENCIES, Quantity
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
    "no gate reading",
    "beyond 64 bits",
]
"""What is wrong with a row that has a score and no bonus."""
Fault: TypeAlias = "tuple[Truth, AwardFault, str]"
"""In which rows, what is wrong, and with which indicator or column; of each row the first counts."""


@frozen(eq=False)
class PlanRules:
    """A bonus plan as whole numbers, made once for each card."""

    bonus: Bonus
    curve: Pieces
    coefficients: Numbers | None
    """Of the grades, by place; None where none changes anything."""
    gates: tuple[Pieces, ...]
    per_unit: int
    """Smallest units in the currency."""

    @classmethod
    def of(cls, card: Card, bonus: Bonus) -> PlanRules:
        """The rules of a card's plan; made once."""
        made = card.memo.get("plan")
        if made is None or made.bonus is not bonus:
            coefficients = [Fraction(grade.coefficient) for grade in card.grades]
            made = card.memo["plan"] = cls(
                bonus=bonus,
                curve=Pieces.of(bonus.curve),
                coefficients=Numbers.of(coefficients) if any(one != 1 for one in coefficients) else None,
                gates=tuple(Pieces.of(gate.forfeits) for gate in bonus.gates),
                per_unit=10 ** CURRENCIES[card.currency],
            )
        found: PlanRules = made
        return found


@frozen(eq=False)
class Basis:
    """What a plan looks at in some rows."""

    at: Callable[[], Quotient | None]
    """Scores in points, or attainments; None where there are none."""
    base: Quotient | None
    """What months or shares are taken of, in whole currency; None where there is nothing."""
    days: tuple[Certain, Certain] | None
    """Days in role and days of the period; None is the whole period."""
    grades: Places | int | None
    """The place of each grade."""
    gate: Callable[[str], Quotient | None]
    """The unrounded readings of an indicator; None where there are none."""


@frozen(eq=False)
class AmountNumbers:
    """The numbers of an amount, kept where somebody asks for them."""

    at: list[Quotient] = field(factory=list)
    multiple: list[Quotient] = field(factory=list)
    base: list[Quotient] = field(factory=list)
    part: list[Quotient] = field(factory=list)
    gross: list[Quotient] = field(factory=list)
    """Of the base alone, with the coefficient of the grade, and for the days in role."""
    gates: list[tuple[Quotient, Quotient, Quotient]] = field(factory=list)
    """Of each gate what it looks at, the share that it takes, and what it leaves."""
    limits: dict[str, Quotient] = field(factory=dict)
    """The cap and the floor in money."""


def amounts(rules: PlanRules, looked: Basis, faults: list[Fault], steps: AmountNumbers | None = None) -> Certain:
    """What some rows are paid, in smallest units: curve, base, grade, days; then gates; then cap and floor.

    A cap or floor is rounded as the amount is, which comes to the same as to round the lower or higher of both.

    Args:
        rules: of the plan.
        looked: what it looks at in the rows.
        faults: takes the rows without a bonus; their numbers mean nothing.
        steps: takes the numbers that the amounts come of; None where nobody asks.
    """
    bonus, steps = rules.bonus, steps or AmountNumbers()
    base, part = _base(bonus, looked.base, faults), _part(looked.days, faults)
    at = looked.at()
    if at is None or base is None:
        if at is None and bonus.of != "score":
            _note(faults, EVERY_ROW, "no attainment", bonus.of)
        return Certain.of(0)
    multiple = at.along(rules.curve)
    amount = multiple * base
    steps.at.append(at)
    steps.multiple.append(multiple)
    steps.base.append(base)
    steps.part.append(part)
    steps.gross.append(amount)
    if rules.coefficients is not None and looked.grades is not None:
        amount = amount.by_each(rules.coefficients.tops, looked.grades, rules.coefficients.over)
    steps.gross.append(amount)
    amount = amount * part
    steps.gross.append(amount)
    for gate, forfeits in zip(bonus.gates, rules.gates, strict=True):
        value = looked.gate(gate.indicator)
        if value is None:
            _note(faults, EVERY_ROW, "no gate reading", gate.indicator)
            return Certain.of(0)
        share = value.along(forfeits)
        amount = amount * share.taken_from(1)
        steps.gates.append((value, share, amount))
    units = amount.rounded(bonus.rounding, rules.per_unit)
    if bonus.cap is not None:
        steps.limits["cap"] = limit = _limit(bonus.cap, base, part)
        units = units.least(limit.rounded(bonus.rounding, rules.per_unit))
    if bonus.floor is not None:
        steps.limits["floor"] = limit = _limit(bonus.floor, base, part)
        units = units.greatest(limit.rounded(bonus.rounding, rules.per_unit))
    return units


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
