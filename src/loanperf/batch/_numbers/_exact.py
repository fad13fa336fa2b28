"""Exact: quotients of whole numbers, worked in float64 where that is proven to be exact.

A float64 holds every whole number below 2**53. The quotient of two of them, N and D, comes out correctly rounded, so
it is the exact quotient or its nearest neighbour. With |N| < 2**52, a quotient in [2**e, 2**(e + 1)) has
D · 2**e ≤ |N| < 2**52. What is no half and no whole is at least 1 / (2D) > 2**(e − 53), half a unit in the last place,
away from the next half or whole. So the nearest neighbour is on the same side of it, and any rounding of the float is
that of the exact quotient. Rows for which that is not known are noted in a `Doubt` and left to the scalar path.
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm
from typing import Any, TypeAlias, assert_never

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from loanperf._quantities import Rounding

Floats: TypeAlias = NDArray[np.float64]
Factor: TypeAlias = "float | Floats"
"""A number for all rows, or one a row."""

CERTAIN = 2.0**52
"""Numerators are certain below it."""
_HELD = 2.0**53
"""Denominators are certain below it."""


@frozen(eq=False)
class Doubt:
    """Which rows of a chunk are not certain; noted as they are found."""

    rows: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: int) -> Doubt:
        """No doubt about any of some rows."""
        return cls(np.zeros(rows, dtype=np.bool_))

    def note(self, where: NDArray[np.bool_]) -> None:
        """Doubt these rows."""
        np.logical_or(self.rows, where, out=self.rows)

    def everything(self) -> None:
        """Doubt every row."""
        self.rows[:] = True

    def numerator(self, values: Floats) -> None:
        """Doubt the rows with a numerator that is not certain."""
        if values.size and not (values.max() < CERTAIN and values.min() > -CERTAIN):
            self.note(~(np.abs(values) < CERTAIN))

    def denominator(self, values: Factor) -> None:
        """Doubt the rows with a denominator that is not certain, zero or less."""
        if isinstance(values, float):
            if not 0 < values < _HELD:
                self.everything()
        elif values.size and not (values.max() < _HELD and values.min() > 0):
            self.note(~((values > 0) & (values < _HELD)))

    def constant(self, value: int) -> float:
        """A whole number as a float, or doubt about every row."""
        if abs(value) < CERTAIN:
            return float(value)
        self.everything()
        return 1.0


@frozen(eq=False)
class Quotient:
    """One quotient a row: whole numbers over whole numbers above zero, held exactly by float64."""

    top: Factor
    bottom: Factor = field(default=1.0)

    def times(self, factor: Fraction, doubt: Doubt) -> Quotient:
        """Multiplied by a number."""
        return Quotient(
            self.top * doubt.constant(factor.numerator), bottom=self.bottom * doubt.constant(factor.denominator)
        )

    def of(self, top: Factor, bottom: Factor = 1.0) -> Quotient:
        """Multiplied by another quotient."""
        return Quotient(self.top * top, self.bottom * bottom)

    def checked(self, doubt: Doubt) -> Quotient:
        """The same, its doubtful rows noted; a product of whole numbers grows, so that its factors were certain too."""
        doubt.numerator(np.atleast_1d(np.asarray(self.top, dtype=np.float64)))
        doubt.denominator(self.bottom)
        return self


def common(values: list[Fraction]) -> tuple[list[int], int]:
    """Numerators over one least common denominator."""
    below = lcm(*(value.denominator for value in values)) if values else 1
    return [value.numerator * (below // value.denominator) for value in values], below


def in_lowest_terms(top: int, bottom: int) -> tuple[int, int]:
    """A quotient without common factors."""
    shared = gcd(top, bottom) or 1
    return top // shared, bottom // shared


def round_quotient(quotient: Floats, rounding: Rounding) -> Floats:
    """The whole numbers that certain quotients round to, in place."""
    match rounding:
        case Rounding.HALF_EVEN:
            return np.rint(quotient, out=quotient)
        case Rounding.FLOOR:
            return np.floor(quotient, out=quotient)
        case Rounding.CEILING:
            return np.ceil(quotient, out=quotient)
        case Rounding.DOWN:
            return np.trunc(quotient, out=quotient)
        case Rounding.UP | Rounding.HALF_UP | Rounding.HALF_DOWN:
            return _away(quotient, rounding)
        case _:
            assert_never(rounding)


def _away(quotient: Floats, rounding: Rounding) -> Floats:
    """Rounded towards zero, then away from it where the rest says so; the rest of a float is exact."""
    whole = np.trunc(quotient)
    rest: Any = np.abs(quotient - whole)
    up = rest > 0 if rounding is Rounding.UP else rest >= 0.5 if rounding is Rounding.HALF_UP else rest > 0.5
    np.add(whole, np.copysign(up.astype(np.float64), quotient), out=whole)
    quotient[:] = whole
    return quotient
