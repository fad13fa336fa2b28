"""Targets: (goal, weights of payees) -> what each payee is to reach."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias

from attrs import field, frozen
from attrs.validators import optional

from loanperf._allocation import TieBreak, allocate
from loanperf._indicators import CATALOGUE, Kind, Timing, refuse_bare
from loanperf._periods import Period
from loanperf._quantities import Money, Number, Quantity, quantity
from loanperf._validators import is_a
from loanperf.errors import AllocationError, DataError, PeriodError, shown


def _quantity(value: Number) -> Quantity:
    return quantity(value)


@frozen(kw_only=True)
class Target:
    """What a payee is to reach in an indicator over a whole period.

    Raises:
        DataError: it is a bare number above 1 of an indicator of the catalogue that is a ratio.
    """

    payee: str
    indicator: str
    value: Quantity = field(converter=_quantity)
    """In the unit that the indicator counts in."""
    period: Period | None = field(default=None, validator=optional(is_a(Period)))
    """The period for which it holds; None is the period that is worked, never an earlier one."""

    def __attrs_post_init__(self) -> None:
        if self.value.bare and self.indicator in CATALOGUE and CATALOGUE[self.indicator]().kind is Kind.RATIO:
            refuse_bare(f"the target of {self.indicator!r}", self.value.value)


Zero: TypeAlias = Literal["equal share", "left out"]
"""What becomes of a payee whose weight is zero: a part of the goal by heads, or no target at all."""


def divide(
    goal: Money | str,
    weights: Mapping[str, int | Fraction | Decimal],
    *,
    step: int = 1,
    tie_break: TieBreak = "largest weight",
    zero: Zero | Money | None = None,
) -> dict[str, Money]:
    """Divide a goal among payees in proportion to weights, such as what each reached before; it sums exactly.

    Nothing can be measured against a target of zero: what becomes of a weight of zero, such as of who is new, is
    stated by `zero`, or the goal is refused.

    Args:
        goal: of the team, in money, such as `Money("100万元")` or its text.
        weights: zero or more each, by code of payee.
        step: what each target is a multiple of, in smallest units (1,000,000 is 万元); the goal must be one too.
        tie_break: who gets a step that two are equally entitled to; among equals the first by code.
        zero: for weights of zero. `equal share`: the goal divided by the number of payees; the others share what is
            left by weight, and if nobody has weight all are equal. `left out`: no target, so that the code is not in
            the result. An amount: that target; the others share what is left.

    Raises:
        AllocationError: nobody has weight, or somebody has none and `zero` does not say what becomes of it; the goal
            is not whole in steps.

    >>> {payee: str(target) for payee, target in divide(Money.of("100万元"), {"lin": 2, "wu": 1}).items()}
    {'lin': '666666.67 CNY', 'wu': '333333.33 CNY'}
    >>> {payee: str(target) for payee, target in divide("90万元", {"lin": 2, "wu": 0}, zero="equal share").items()}
    {'lin': '450000.00 CNY', 'wu': '450000.00 CNY'}
    """
    whole = Money.of(goal)
    if not isinstance(weights, Mapping):
        raise AllocationError(f"the weights are {shown(weights)}", "pass a number for each code of a payee")
    payees = sorted(weights)
    empty = [payee for payee in payees if _is_zero(weights[payee])]
    if empty and zero is None:
        fault = f"{shown(empty[0])} has a weight of zero{f', and {len(empty) - 1} more' if len(empty) > 1 else ''}"
        remedy = "state zero = 'equal share', 'left out' or an amount; a target of zero measures nothing"
        raise AllocationError(fault, remedy)
    fixed = _of_zero(whole, payees, empty, zero, step, tie_break) if empty else {}
    rest = [payee for payee in payees if payee not in empty]
    left = whole - sum(fixed.values(), Money.from_units(0, whole.currency))
    if left.units * whole.units < 0 or (rest and not left.units and whole.units):
        raise AllocationError(f"{len(fixed)} targets for weights of zero leave {left}", "give a smaller amount")
    parts = (
        allocate(left, [weights[payee] for payee in rest], step=step, tie_break=tie_break) if rest or not payees else ()
    )
    found = fixed | dict(zip(rest, parts, strict=True))
    return {payee: found[payee] for payee in payees if payee in found}


def _is_zero(weight: object) -> bool:
    return isinstance(weight, (int, Fraction, Decimal)) and not weight


def _of_zero(
    goal: Money, payees: list[str], empty: list[str], zero: Zero | Money | None, step: int, tie_break: TieBreak
) -> dict[str, Money]:
    """The targets of those whose weight is zero."""
    match zero:
        case "left out":
            if len(empty) == len(payees):
                raise AllocationError("no weight is above zero", "give one at least, or zero = 'equal share'")
            return {}
        case "equal share":
            parts = allocate(goal, [1] * len(payees), step=step, tie_break=tie_break)
            return {payee: part for payee, part in zip(payees, parts, strict=True) if payee in empty}
        case Money() if len(empty) < len(payees):
            return dict.fromkeys(empty, zero)
        case Money():
            raise AllocationError("no weight is above zero", "give one at least, or zero = 'equal share'")
        case _:
            raise AllocationError(f"zero is {shown(zero)}", "say 'equal share', 'left out' or an amount of money")


def prorate(target: Number, timing: Timing, part: Period, whole: Period) -> Quantity:
    """A target for a part of its period: a flow by calendar days, a stock as it is.

    Both the first and the last day of `part` count; nothing is rounded.

    Raises:
        PeriodError: `part` is not within `whole`, or one of them is no period.
        DataError: `timing` is no known word.

    >>> half = Period("2026-06-16", "2026-07-01")
    >>> prorate(quantity("90万元"), "flow", half, Period.month(2026, 6))
    Quantity(value=Fraction(450000, 1), unit='CNY')
    """
    given = quantity(target)
    for period in (part, whole):
        if not isinstance(period, Period):
            raise PeriodError(period, "it is no period", "pass one such as lp.Period.month(2026, 3)")
    if part.start < whole.start or part.end > whole.end:
        raise PeriodError(str(part), f"it is no part of {whole}", "give a part of the period of the target")
    match timing:
        case "stock":
            return given
        case "flow":
            return Quantity(given.value * Fraction(part.days, whole.days), given.unit)
        case _:
            raise DataError("prorate", f"the timing is {shown(timing)}", "say 'flow' or 'stock'")
