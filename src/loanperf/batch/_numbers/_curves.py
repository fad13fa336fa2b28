"""Curves over columns: (curve, quotients) -> quotients, exact, by one look-up of the piece and one line."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import ceil, floor, lcm

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from loanperf._curves import Curve
from loanperf.batch._numbers._exact import CERTAIN, Doubt, Floats, Quotient

_Line = tuple[Fraction, Fraction]
"""Slope and height of a piece: y = slope · x + height."""


@frozen(eq=False)
class CurveKernel:
    """A curve as tables: piece `i` holds above `i` knots, and y = (slopes[i] · x + heights[i]) / below."""

    curve: Curve
    slopes: tuple[int, ...]
    heights: tuple[int, ...]
    below: int

    @classmethod
    def of(cls, curve: Curve) -> CurveKernel:
        """The tables of a curve."""
        lines = _lines(curve)
        step = Fraction(0) if curve.then is None else curve.then.per_point
        below = lcm(step.denominator, *(number.denominator for line in lines for number in line))
        return cls(
            curve=curve,
            slopes=tuple(int(slope * below) for slope, _ in lines),
            heights=tuple(int(height * below) for _, height in lines),
            below=below,
        )

    def at(self, x: Quotient, doubt: Doubt) -> Quotient:
        """The values of the curve, certain where there is no doubt.

        Args:
            x: where to look, checked; `top` is one a row.
            doubt: takes the rows that are not certain.
        """
        top = np.asarray(x.top, dtype=np.float64)
        if isinstance(x.bottom, float) and (found := self._over_one(top, x.bottom)) is not None:
            return found
        piece = self._pieces(top, x, doubt)
        below = doubt.constant(self.below)
        heights = np.array([doubt.constant(height) for height in self.heights])[piece]
        self._count_whole_points(top, x, piece, heights, doubt)
        if not any(self.slopes):
            return Quotient(heights, below)
        slopes = np.array([doubt.constant(slope) for slope in self.slopes])[piece]
        rising, level = slopes * top, heights * x.bottom
        doubt.numerator(rising)
        doubt.numerator(level)
        return Quotient(rising + level, below * x.bottom).checked(doubt)

    def _over_one(self, top: Floats, bottom: float) -> Quotient | None:
        """The values where all x have one denominator; None where that is not certain for all of them.

        A whole number is past a / b just if it is past the whole number next to it.
        """
        then, left = self.curve.then, self.curve.closed == "left"
        below, most = Fraction(bottom), max(top.max(initial=0.0), -top.min(initial=0.0))
        levels = [int(height * below) for height in self.heights]
        bounds = [ceil(at * below) if left else floor(at * below) for at, _ in self.curve.knots]
        largest = max(map(abs, (*levels, *bounds, *self.slopes, int(self.below * below))))
        whole = then is not None and then.counted == "whole"
        if whole or largest >= CERTAIN or not most * max(map(abs, self.slopes)) + largest < CERTAIN:
            return None
        piece = np.zeros(len(top), dtype=np.intp)
        for bound in bounds:
            piece += top >= bound if left else top > bound
        value = np.take(np.array(levels, dtype=np.float64), piece)
        if any(self.slopes):
            rising = np.take(np.array(self.slopes, dtype=np.float64), piece)
            rising *= top
            value += rising
        return Quotient(value, float(self.below * below))

    def _pieces(self, top: Floats, x: Quotient, doubt: Doubt) -> NDArray[np.intp]:
        """How many knots each x has passed."""
        passed = np.zeros(len(top), dtype=np.intp)
        for at, _ in self.curve.knots:
            mine = top * doubt.constant(at.denominator)
            knot = np.asarray(x.bottom * doubt.constant(at.numerator))
            doubt.numerator(mine)
            doubt.numerator(np.atleast_1d(knot))
            passed += mine >= knot if self.curve.closed == "left" else mine > knot
        return passed

    def _count_whole_points(
        self, top: Floats, x: Quotient, piece: NDArray[np.intp], heights: Floats, doubt: Doubt
    ) -> None:
        """Add what each full point above the last knot gives, where only full points count."""
        then, last = self.curve.then, len(self.curve.knots)
        beyond = np.flatnonzero(piece == last)
        if then is None or then.counted != "whole" or not beyond.size:
            return
        start = self.curve.knots[-1][0]
        points = 1 if self.curve.x_unit else 100
        bottom = x.bottom if isinstance(x.bottom, float) else x.bottom[beyond]
        mine = top[beyond] * doubt.constant(points * start.denominator)
        knot = np.asarray(bottom * doubt.constant(points * start.numerator))
        below = np.asarray(bottom * doubt.constant(start.denominator))
        sure = (np.abs(mine) < 2.0**51) & (np.abs(knot) < 2.0**51) & (below < 2.0**52)
        full = np.floor((mine - knot) / below)
        added = full * doubt.constant(int(then.per_point * self.below))
        sure &= np.abs(added) < 2.0**51
        doubt.rows[beyond[~sure]] = True
        heights[beyond] += added


def _lines(curve: Curve) -> list[_Line]:
    """The line of each piece, from below the first knot to above the last."""
    flat = Fraction(0)
    lines = [(flat, curve.knots[0][1])]
    for (x0, y0), (x1, y1) in pairwise(curve.knots):
        slope = flat if curve.shape == "step" or x0 == x1 else (y1 - y0) / (x1 - x0)
        lines.append((slope, y0 - slope * x0))
    last_x, last_y = curve.knots[-1]
    if curve.then is None or curve.then.counted == "whole":
        return [*lines, (flat, last_y)]
    slope = curve.then.per_point * (1 if curve.x_unit else 100)
    return [*lines, (slope, last_y - slope * last_x)]
