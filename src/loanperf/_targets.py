"""Targets: (goal, weights of payees) -> what each payee is to reach."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import assert_never

from attrs import field, frozen

from loanperf._allocation import TieBreak, allocate
from loanperf._indicators import Timing
from loanperf._periods import Period
from loanperf._quantities import Money, Number, Quantity, quantity
from loanperf.errors import PeriodError


def _quantity(value: Number) -> Quantity:
    return quantity(value)


@frozen(kw_only=True)
class Target:
    """What a payee is to reach in an indicator over a whole period."""

    payee: str
    indicator: str
    value: Quantity = field(converter=_quantity)
    """In the unit that the indicator counts in."""


def divide(
    goal: Money,
    weights: Mapping[str, int | Fraction | Decimal],
    *,
    step: int = 1,
    tie_break: TieBreak = "largest weight",
) -> dict[str, Money]:
    """Divide a goal among payees in proportion to weights, such as what each reached before; it sums exactly.

    Args:
        goal: of the team, in money.
        weights: zero or more each, by code of payee.
        step: what each target is a multiple of, in smallest units (1,000,000 is 万元); the goal must be one too.
        tie_break: who gets a step that two are equally entitled to; among equals the first by code.

    Raises:
        AllocationError: nobody has weight, or the goal is not whole in steps.

    >>> {payee: str(target) for payee, target in divide(Money.of("100万元"), {"lin": 2, "wu": 1}).items()}
    {'lin': '666666.67 CNY', 'wu': '333333.33 CNY'}
    """
    payees = sorted(weights)
    parts = allocate(goal, [weights[payee] for payee in payees], step=step, tie_break=tie_break)
    return dict(zip(payees, parts, strict=True))


def prorate(target: Quantity, timing: Timing, part: Period, whole: Period) -> Quantity:
    """A target for a part of its period: a flow by calendar days, a stock as it is.

    Both the first and the last day of `part` count; nothing is rounded.

    Raises:
        PeriodError: `part` is not within `whole`.

    >>> half = Period("2026-06-16", "2026-07-01")
    >>> prorate(quantity("90万元"), "flow", half, Period.month(2026, 6))
    Quantity(value=Fraction(450000, 1), unit='CNY')
    """
    if part.start < whole.start or part.end > whole.end:
        raise PeriodError(str(part), f"it is no part of {whole}", "give a part of the period of the target")
    match timing:
        case "stock":
            return target
        case "flow":
            return Quantity(target.value * Fraction(part.days, whole.days), target.unit)
        case _:
            assert_never(timing)
