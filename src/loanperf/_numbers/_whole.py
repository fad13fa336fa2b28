"""Whole: columns of whole numbers, int64 or Python ints by one bound; quotients by named roundings.

A column holds int64 where a bound proves that nothing made of it passes 2**62, and Python ints (dtype object) else. The
same code works on both. No other package asks which of the two it has.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import index
from typing import Any, TypeAlias, assert_never

import numpy as np
from numpy.typing import NDArray

from loanperf._quantities import Rounding

Whole: TypeAlias = NDArray[Any]
"""A column of whole numbers: int64, or Python ints where they may be larger."""
LIMIT = 2**62
"""Numbers below it are certain: the sum of two of them fits in 64 bits."""
_TOPS = 2**52
"""Quotients of whole numbers below it over whole numbers below 2**53 round in float64 as they do exactly."""


def whole(values: Iterable[int]) -> Whole:
    """A column of these whole numbers.

    Raises:
        TypeError: one of them is no whole number, such as 1.0.

    >>> whole([1, 2]).dtype, whole([1, 2**62]).dtype
    (dtype('int64'), dtype('O'))
    """
    given = [index(value) for value in values]
    certain = max(map(abs, given), default=0) < LIMIT
    return np.array(given, dtype=np.int64 if certain else object)


def largest(column: Whole) -> int:
    """The largest distance from zero in a column; 0 where it is empty.

    >>> largest(whole([3, -5]))
    5
    """
    return max(int(column.max()), -int(column.min())) if len(column) else 0


def bounded(most: int, *columns: Whole) -> tuple[Whole, ...]:
    """Columns in the number type in which all numbers up to a bound are certain.

    Args:
        most: nothing that will be made of the columns is further from zero.
        columns: each is int64 or Python ints.

    >>> [column.dtype for column in bounded(2**62, whole([1]), whole([2]))]
    [dtype('O'), dtype('O')]
    """
    certain = max(most, *map(largest, columns)) < LIMIT
    return tuple(column.astype(np.int64 if certain else object, copy=False) for column in columns)


def rounded(top: Whole, below: Whole | int, rounding: Rounding) -> Whole:
    """The quotients top / below, each to a whole number by a named rounding.

    Args:
        top: numerators.
        below: denominators above zero, one a row or one for all.
        rounding: how a quotient between two whole numbers is rounded.

    Returns:
        Whole numbers in the number type of `top`; below 2**62 wherever `top` is.

    >>> rounded(whole([5, 15, -5]), 10, Rounding.HALF_EVEN).tolist()
    [0, 2, 0]
    """
    under = np.asarray(below)
    if top.dtype != object and largest(top) < _TOPS and under.dtype != object and int(under.max(initial=1)) < 2 * _TOPS:
        return to_whole(top / under, rounding).astype(np.int64)
    floor = top // under
    rest = top - floor * under
    # Twice the rest is compared by halves: it need not fit in 64 bits.
    middle = rest - (under - rest)
    nearest: Whole = floor + _up(floor, middle, rest, rounding).astype(np.bool_)
    return nearest


def _up(floor: Any, middle: Any, rest: Any, rounding: Rounding) -> Any:
    """Where the whole number above the quotient is nearer by the rounding; `middle` is the sign of 2 · rest − below."""
    match rounding:
        case Rounding.FLOOR:
            return rest < 0
        case Rounding.CEILING:
            return rest > 0
        case Rounding.DOWN:
            return (rest > 0) & (floor < 0)
        case Rounding.UP:
            return (rest > 0) & (floor >= 0)
        case Rounding.HALF_EVEN:
            return (middle > 0) | ((middle == 0) & (floor % 2 == 1))
        case Rounding.HALF_UP:
            return (middle > 0) | ((middle == 0) & (floor >= 0))
        case Rounding.HALF_DOWN:
            return (middle > 0) | ((middle == 0) & (floor < 0))
        case _:
            assert_never(rounding)


def to_whole(quotient: NDArray[np.float64], rounding: Rounding) -> NDArray[np.float64]:
    """Certain quotients to whole numbers, in place.

    A quotient of |N| < 2**52 over D < 2**53 that is no multiple of one half is at least 1 / (2 D) away from the next
    one, more than half a unit in its last place; so the float lies on the same side of it as the exact quotient.
    """
    match rounding:
        case Rounding.HALF_EVEN:
            return np.rint(quotient, out=quotient)
        case Rounding.FLOOR:
            return np.floor(quotient, out=quotient)
        case Rounding.CEILING:
            return np.ceil(quotient, out=quotient)
        case Rounding.DOWN:
            return np.trunc(quotient, out=quotient)
        case Rounding.UP:
            return np.copysign(np.ceil(np.abs(quotient)), quotient)
        case Rounding.HALF_UP | Rounding.HALF_DOWN:
            towards_zero = np.trunc(quotient)
            rest = np.abs(quotient - towards_zero)
            away = rest >= 0.5 if rounding is Rounding.HALF_UP else rest > 0.5
            return towards_zero + np.copysign(away, quotient)
        case _:
            assert_never(rounding)
