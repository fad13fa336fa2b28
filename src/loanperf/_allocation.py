"""Allocation: (total, weights) -> parts in whole steps that sum to it exactly, by largest remainder or D'Hondt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cmp_to_key
from math import lcm
from typing import Any, Literal, TypeAlias, get_args

from attrs import frozen

from loanperf._quantities import Money, plain, quantity
from loanperf.errors import AllocationError, QuantityError, shown

TieBreak: TypeAlias = Literal["first", "last", "largest weight", "smallest weight"]
"""Who gets a step that two are equally entitled to; among equal weights, the first."""
Method: TypeAlias = Literal["largest remainder", "d'hondt"]
"""How steps are divided that do not fall to anybody whole: to the largest remainders (Hamilton), or one after the other
to whoever has the largest weight per step with it (D'Hondt, Jefferson), which favours the large."""


def allocate(
    total: Money | int | Fraction,
    weights: Sequence[int | Fraction | Decimal],
    *,
    step: int | Fraction,
    tie_break: TieBreak,
    floors: Sequence[int | Fraction] | None = None,
    caps: Sequence[int | Fraction | None] | None = None,
    method: Method = "largest remainder",
    owed: Sequence[int | Fraction] | None = None,
) -> tuple[Any, ...]:
    """Divide a total in proportion to weights, in whole steps that sum to it exactly.

    Floors and caps are respected: what they take or give is shared by the others in proportion. They are in the
    unit of `step`: smallest units for Money, else the unit of the total. A negative total is divided as its
    absolute value is, with the sign put back; it takes no floors and caps.

    Args:
        total: what to divide; a whole number of steps.
        weights: zero or more each, one of them at least above zero.
        step: the size of a step, above zero; for Money in smallest units (1 is the fen).
        tie_break: who is served first where remainders are equal.
        floors: the least that each gets.
        caps: the most that each gets; None is no cap.
        method: `largest remainder` or `d'hondt`; see `Method`.
        owed: what is added to the remainders, in steps, such as what each lost to rounding in earlier months.

    Returns:
        One part a weight, of the total's type, in the same order.

    Raises:
        AllocationError: no weights, a negative one, all zero; a total not whole in steps; a step of parts of a fen;
            floors above the total or caps below it; not one floor, cap or owed number for each weight; a method or
            tie-break that does not exist.

    >>> allocate(100, [1, 1, 1], step=1, tie_break="first")
    (34, 33, 33)
    >>> allocate(Money.of("0.05 CNY"), [1, 1], step=1, tie_break="last")
    (Money('0.02 CNY'), Money('0.03 CNY'))
    """
    size = _number("the step", step)
    if isinstance(total, Money):
        if size.denominator != 1:
            raise AllocationError(f"the step is {plain(size)} of a smallest unit", "give a whole number of them")
        given: dict[str, Any] = {"floors": floors, "caps": caps, "method": method, "owed": owed}
        parts = allocate(total.units, weights, step=step, tie_break=tie_break, **given)
        return tuple(Money.from_units(int(part), total.currency) for part in parts)
    whole = _number("the total", total)
    shares = [_number("a weight", weight) for weight in _several("the weights", weights)]
    if whole < 0 and (floors is not None or caps is not None):
        raise AllocationError("a negative total takes no floors and caps", "allocate its absolute value")
    _check_allocation(whole, shares, size)
    least = [max(0, -(-_number("a floor", floor) // size)) for floor in _one_each(floors, 0, shares)]
    most = [None if cap is None else _number("a cap", cap) // size for cap in _one_each(caps, None, shares)]
    steps, counts = (abs(whole) / size).numerator, _whole_weights(shares)
    quotas = _quotas(steps, counts, least, most)
    sign = -1 if whole < 0 else 1
    kind = Fraction if isinstance(total, Fraction) or size.denominator != 1 else int
    before = [0 if due == 0 else _number("what is owed", due) for due in _one_each(owed, 0, shares)]
    return tuple(kind(sign * part * size) for part in _divided(method, steps, quotas, counts, most, tie_break, before))


def exact_parts(
    steps: int, weights: Sequence[int | Fraction], *, floors: Sequence[int], caps: Sequence[int | None]
) -> tuple[Fraction, ...]:
    """What `allocate` rounds: the exact parts, in steps, of a whole number of steps; they sum to it.

    Raises:
        AllocationError: as `allocate` does.

    >>> exact_parts(10, [1, 1, 1], floors=[4, 0, 0], caps=[None, None, None])
    (Fraction(4, 1), Fraction(3, 1), Fraction(3, 1))
    """
    shares = [Fraction(weight) for weight in weights]
    _check_allocation(Fraction(steps), shares, Fraction(1))
    quotas = _quotas(steps, _whole_weights(shares), list(floors), list(caps))
    return tuple(quota.steps + Fraction(quota.remainder, quota.of) for quota in quotas)


_PLAIN = 2**63
"""Smaller whole numbers are taken as they are."""


def _number(what: str, value: Any) -> Fraction:
    """A pure number; text is refused, since `divide` and `allocate` take what was computed."""
    if isinstance(value, (Money, str)):
        remedy = "read it with lp.Money.of" if what == "the total" else "pass an int, a Fraction or a Decimal"
        raise AllocationError(f"{what} is {shown(value)}", remedy)
    if isinstance(value, Fraction):
        return value
    if type(value) is int and -_PLAIN < value < _PLAIN:
        return Fraction(value)
    try:
        return quantity(value).value
    except QuantityError:
        raise AllocationError(f"{what} is {shown(value)}", "pass an int, a Fraction or a Decimal") from None


def _check_allocation(total: Fraction, shares: list[Fraction], step: Fraction) -> None:
    if step <= 0:
        raise AllocationError(f"the step is {plain(step)}", "give a step above zero")
    if (total / step).denominator != 1:
        fault = f"{plain(total)} is not a whole number of steps of {plain(step)}"
        raise AllocationError(fault, "choose a step that divides it")
    if any(share < 0 for share in shares):
        raise AllocationError("a weight is negative", "give weights of zero or more")
    if not any(shares):
        raise AllocationError("no weight is above zero", "give one at least")


def _several(what: str, given: Any) -> list[Any]:
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        raise AllocationError(f"{what} are {shown(given)}", "pass a list of numbers")
    return list(given)


def _one_each(bounds: Sequence[Any] | None, absent: object, shares: list[Fraction]) -> Sequence[Any]:
    if bounds is None:
        return [absent] * len(shares)
    bounds = _several("the bounds", bounds)
    if len(bounds) != len(shares):
        raise AllocationError(f"there are {len(bounds)} bounds for {len(shares)} weights", "give one for each weight")
    return bounds


_MOST_BITS = 400_000_000
"""Of all weights over their common denominator; a hundred thousand payees with sums of money have a tenth of it."""


def _whole_weights(shares: list[Fraction]) -> list[int]:
    """The weights over their common denominator."""
    denominator = 1
    for share in shares:
        denominator = lcm(denominator, share.denominator)
        if denominator.bit_length() * len(shares) > _MOST_BITS:
            raise AllocationError("the weights have too many denominators", "round them, such as to six places")
    return [share.numerator * (denominator // share.denominator) for share in shares]


@frozen
class _Quota:
    """What one gets before rounding: whole steps, and a remainder over a denominator that all have in common."""

    steps: int
    remainder: int
    of: int = 1
    """The denominator."""


def _quotas(steps: int, weights: list[int], least: list[int], most: list[int | None]) -> list[_Quota]:
    """Each weight times one multiplier, clamped between its bounds, so that all sum to `steps`.

    The sum of the clamped parts is a rising line with a knot where a part leaves its floor or meets its cap; between
    two knots it is `fixed + multiplier * slope`.
    """
    if sum(least) > steps or any(high is not None and high < low for low, high in zip(least, most, strict=True)):
        raise AllocationError("the floors come to more than the total or than a cap", "lower them")
    # A knot: the multiplier bound / weight, and what passing it adds to the fixed part and to the slope.
    knots = [(low, weight, -low, weight) for low, weight in zip(least, weights, strict=True) if weight]
    knots += [(high, weight, high, -weight) for high, weight in zip(most, weights, strict=True)
              if weight and high is not None]  # fmt: skip
    knots.sort(key=cmp_to_key(_by_multiplier))
    fixed, slope = sum(least), 0
    for bound, weight, more_fixed, more_slope in knots:
        if slope and fixed * weight + bound * slope >= steps * weight:
            break
        fixed, slope = fixed + more_fixed, slope + more_slope
    if not slope and fixed != steps:
        raise AllocationError("the caps come to less than the total", "raise them")
    open_steps = steps - fixed
    return [
        _quota(open_steps * weight, slope, low, high) for weight, low, high in zip(weights, least, most, strict=True)
    ]


def _by_multiplier(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> int:
    """Compares the quotients of the first two numbers."""
    return one[0] * other[1] - other[0] * one[1]


def _quota(part: int, slope: int, low: int, high: int | None) -> _Quota:
    """`part / slope` between its bounds, which are whole."""
    if not slope or part <= low * slope:
        return _Quota(low, 0)
    if high is not None and part >= high * slope:
        return _Quota(high, 0)
    return _Quota(*divmod(part, slope), slope)


def _divided(
    method: Method,
    steps: int,
    quotas: list[_Quota],
    weights: list[int],
    most: list[int | None],
    tie_break: TieBreak,
    owed: Sequence[Fraction | int],
) -> list[int]:
    match method:
        case "largest remainder":
            return _largest_remainder(steps, quotas, weights, tie_break, owed)
        case "d'hondt":
            return _highest_averages(steps, quotas, weights, most, tie_break)
        case _:
            raise AllocationError(f"there is no method {method!r}", f"use one of {', '.join(get_args(Method))}")


def _largest_remainder(
    steps: int, quotas: list[_Quota], weights: list[int], tie_break: TieBreak, owed: Sequence[Fraction | int]
) -> list[int]:
    parts = [quota.steps for quota in quotas]
    keys = _served_first(weights, tie_break)
    due = [-quota.remainder - more * quota.of for quota, more in zip(quotas, owed, strict=True)]
    # Who has whole steps may be at a cap; there are always enough others.
    order = sorted(range(len(quotas)), key=lambda index: (not quotas[index].remainder, due[index], keys[index]))
    for index in order[: steps - sum(parts)]:
        parts[index] += 1
    return parts


def _highest_averages(
    steps: int, quotas: list[_Quota], weights: list[int], most: list[int | None], tie_break: TieBreak
) -> list[int]:
    """Each step that is left to the largest weight per step; nobody has less than the whole steps of their quota."""
    parts = [quota.steps for quota in quotas]
    keys = _served_first(weights, tie_break)
    for _ in range(steps - sum(parts)):
        open_to = (place for place, part in enumerate(parts) if part != most[place])
        served = min(open_to, key=lambda place: (-Fraction(weights[place], parts[place] + 1), keys[place]))
        parts[served] += 1
    return parts


def _served_first(weights: list[int], tie_break: TieBreak) -> list[int]:
    """What sorts those who are equally entitled to a step."""
    ties: dict[TieBreak, list[int]] = {
        "first": list(range(len(weights))),
        "last": [-index for index in range(len(weights))],
        "largest weight": [-weight for weight in weights],
        "smallest weight": weights,
    }
    if tie_break not in ties:
        raise AllocationError(f"there is no tie-break {tie_break!r}", f"use one of {', '.join(ties)}")
    return ties[tie_break]
