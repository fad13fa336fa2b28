"""Pieces: curves over columns: quotients in, quotients out, both as whole numbers over whole numbers.

A quotient a row is a numerator and a denominator above zero; the denominator is one for all rows, or one a row.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import ceil, floor, lcm

import numpy as np
from attrs import evolve, frozen

from loanperf._curves import Curve, RateTable
from loanperf._numbers._alike import Truth, folded
from loanperf._numbers._groups import Places
from loanperf._numbers._quotients import exact
from loanperf._numbers._whole import Whole, bounded, largest, whole


@frozen(eq=False)
class Pieces:
    """A curve as lines over one denominator: above `i` knots, y = (slopes[i] · x + heights[i]) / below.

    >>> ladder = Pieces.of(Curve.of([["0%", "1%"], ["50%", "2%"]], shape="step"))
    >>> top, below = ladder.at(whole([1, 9]), 10)
    >>> [Fraction(item, below) for item in top.tolist()]
    [Fraction(1, 100), Fraction(1, 50)]
    """

    curve: Curve
    slopes: Whole
    heights: Whole
    below: int

    @classmethod
    def of(cls, curve: Curve) -> Pieces:
        """The lines of a curve, from below its first knot to above its last."""
        lines = _lines(curve)
        step = Fraction(0) if curve.then is None else curve.then.per_point
        below = lcm(step.denominator, *(number.denominator for line in lines for number in line))
        slopes, heights = zip(*lines, strict=True)
        return cls(curve, _over(slopes, below), _over(heights, below), below)

    def at(self, top: Whole, below: Whole | int) -> tuple[Whole, Whole | int]:
        """The values of the curve at top / below: numerators, and their denominators, not always in lowest terms."""
        under = below if isinstance(below, int) else largest(below)
        most = largest(self.slopes) * largest(top) + (largest(self.heights) + self._most_beyond(largest(top))) * under
        most = max(most, self.below * under)
        if isinstance(below, int):
            top, slopes, heights = bounded(most, top, self.slopes, self.heights)
        else:
            top, slopes, heights, below = bounded(most, top, self.slopes, self.heights, below)
        piece = self.piece(top, below)
        value = slopes[piece] * top + heights[piece] * below
        then = self.curve.then
        if then is not None and then.counted == "whole":
            step = int(then.per_point * self.below)
            (points,) = bounded(most, self._full_points(top, below))
            value = value + points * (piece == len(self.curve.knots)) * step * below
        return value, self.below * below

    def slices(self, top: Whole, below: Whole) -> tuple[Whole, int]:
        """What the slices from 0 to top / below come to, each at the height of its step; below zero, at the first.

        Returns:
            Whole numbers over `below` times the number that comes with them.
        """
        knots = [at for at, _ in self.curve.knots]
        fine = lcm(*(at.denominator for at in knots))
        steps = np.diff(self.heights[1:])
        reach = largest(top) * fine + max(abs(int(at * fine)) for at in knots) * largest(below)
        top, below, steps, first = bounded(reach * largest(self.heights) * 2 * len(knots), top, below, steps,
                                           self.heights[1:2])  # fmt: skip
        found = top * fine * first
        for at, step in zip(knots[1:], steps.tolist(), strict=True):
            found = found + np.maximum(top * fine - below * int(at * fine), 0) * step
        return found, fine * self.below

    def piece(self, top: Whole, below: Whole | int) -> Places:
        """How many knots each quotient has passed: the place of its line."""
        left = self.curve.closed == "left"
        if isinstance(below, int):
            # A whole number is past a / b just if it is past the whole number next to it.
            bounds = [ceil(at * below) if left else floor(at * below) for at, _ in self.curve.knots]
            mine, known = bounded(0, top, whole(bounds))
            return np.searchsorted(known, mine, "right" if left else "left")
        passed = np.zeros(len(top), dtype=np.intp)
        for at, _ in self.curve.knots:
            most = max(largest(top) * at.denominator, largest(below) * abs(at.numerator))
            mine, under = bounded(most, top, below)
            x, knot = mine * at.denominator, under * at.numerator
            passed += (x >= knot if left else x > knot).astype(np.bool_)
        return passed

    def _full_points(self, top: Whole, below: Whole | int) -> Whole:
        """How many full points each quotient lies above the last knot."""
        start, points = self.curve.knots[-1][0], 1 / self.curve.point
        of = start.denominator * points.denominator
        under = below if isinstance(below, int) else largest(below)
        most = points.numerator * (largest(top) * start.denominator + abs(start.numerator) * under) + of * under
        if isinstance(below, int):
            (top,) = bounded(most, top)
        else:
            top, below = bounded(most, top, below)
        return points.numerator * (top * start.denominator - start.numerator * below) // (below * of)

    def _most_beyond(self, top: int) -> int:
        """No line adds more full points than this, over `below`."""
        if self.curve.then is None:
            return 0
        points = ceil(1 / self.curve.point)
        return (
            points * (top + abs(ceil(self.curve.knots[-1][0])) + 1) * abs(int(self.curve.then.per_point * self.below))
        )


@frozen(eq=False)
class Grid:
    """A table as planes over one denominator: behind `i` rows and `j` columns, both·x·y + down·x + along·y + flat.

    >>> table = RateTable(
    ...     rows=["0%", "50%"], columns=[0, 10], cells=[["1%", "2%"], ["3%", "8%"]],
    ...     between_rows="linear", between_columns="linear", outside="edge",
    ... )
    >>> top, below = Grid.of(table).at((whole([1]), whole([4])), (whole([5]), whole([1])))
    >>> Fraction(top.item(), below.item())
    Fraction(7, 200)
    """

    rows: Pieces
    columns: Pieces
    """Used only to find between which points a number lies."""
    both: Whole
    """By place among the points of rows, and of columns; so too the others."""
    down: Whole
    along: Whole
    flat: Whole
    below: int

    @classmethod
    def of(cls, table: RateTable) -> Grid:
        """The planes of a table, from before its first row and column to behind its last."""
        across = table.along[0]
        lines = [_lines(curve) for curve in table.down]
        planes = []
        for place in range(len(table.rows) + 1):
            slopes, heights = zip(*(line[place] for line in lines), strict=True)
            ends = (tuple(zip((x for x, _ in across.knots), ys, strict=True)) for ys in (slopes, heights))
            steep, level = (_lines(evolve(across, knots=knots)) for knots in ends)
            planes.append([(*one, *other) for one, other in zip(steep, level, strict=True)])
        below = lcm(*(number.denominator for row in planes for plane in row for number in plane))
        both, down, along, flat = (
            whole([int(plane[part] * below) for row in planes for plane in row]).reshape(len(planes), -1)
            for part in range(4)
        )
        return cls(Pieces.of(table.down[0]), Pieces.of(across), both, down, along, flat, below)

    def at(self, x: tuple[Whole, Whole], y: tuple[Whole, Whole]) -> tuple[Whole, Whole]:
        """The rates at quotients: numerators, and their denominators, `below` times those of x and of y."""
        row, column = self.rows.piece(*x), self.columns.piece(*y)
        parts = [part[row, column] for part in (self.both, self.down, self.along, self.flat)]
        most = max(map(largest, (*x,))) * max(map(largest, (*y,)))
        most *= max(4 * max(map(largest, parts)), self.below)
        (top, under, other, over), parts = bounded(most, *x, *y), [*bounded(most, *parts)]
        value = parts[0] * top * other + parts[1] * top * over + parts[2] * other * under + parts[3] * under * over
        return value, under * over * self.below

    def holds(self, x: tuple[Whole, Whole], y: tuple[Whole, Whole]) -> Truth:
        """Which pairs of quotients lie within the points of the table, its edges included."""
        return _lie_in(self.rows, *x) & _lie_in(self.columns, *y)


def _lie_in(pieces: Pieces, top: Whole, below: Whole) -> Truth:
    """Which quotients lie on a curve, from its first knot to its last."""
    (first, _), (last, _) = pieces.curve.knots[0], pieces.curve.knots[-1]
    most = max(largest(top), largest(below)) * max(abs(part) for x in (first, last) for part in x.as_integer_ratio())
    top, below = bounded(most, top, below)
    found = top * first.denominator >= below * first.numerator, top * last.denominator <= below * last.numerator
    inside: Truth = folded((found[0] & found[1]).astype(np.bool_))
    return inside


def earned_from(curve: Curve, earned: Whole, base: Whole) -> Whole:
    """What bases earn where tiers are of what is earned: a tier ends where enough is earned, not where enough is done.

    Args:
        curve: of rates, steps.
        earned: what had been earned before each, Fractions.
        base: what comes in, or goes out; Fractions.

    >>> tiers = Curve.of([[0, "1%"], [10, "2%"]], shape="step")
    >>> earned_from(tiers, exact([Fraction(0)]), exact([Fraction(1500)])).tolist()
    [Fraction(20, 1)]
    """
    pairs = zip(earned.tolist(), base.tolist(), strict=True)
    return exact(sum((rate * part for rate, part in parts_of_earned(curve, *pair)), Fraction(0)) for pair in pairs)


def parts_of_earned(curve: Curve, earned: Fraction, base: Fraction) -> list[tuple[Fraction, Fraction]]:
    """A base by tiers of what it earns: each rate, and the part of the base that it holds for."""
    found, left, at = [], base, earned
    while left:
        up = left > 0
        rate = curve.limits(at)[1 if up else 0]
        edges = [knot for knot, _ in curve.knots if (knot > at if up else knot < at)]
        edge = (min(edges) if up else max(edges)) if edges else None
        part = left
        if edge is not None and rate and abs(left * rate) > abs(edge - at):
            part = (edge - at) / rate
        found.append((rate, part))
        left, at = left - part, at + rate * part
    return found


def sliced(knots: Whole, values: Whole, x: Whole) -> Whole:
    """What the slices of 0 to x come to, each at the value from its knot on.

    Args:
        knots: where values begin, rising; the first is 0.
        values: one a knot.
        x: zero or more each.

    >>> sliced(whole([0, 1000]), whole([1, 2]), whole([1500])).tolist()
    [2000]
    """
    most = largest(x) * max(largest(values), 1) * 2 * max(len(values), 1)
    knots, values, x = bounded(most, knots, values, x)
    steps = np.diff(values, prepend=values[:1] * 0)
    found = x * 0
    for knot, step in zip(knots.tolist(), steps.tolist(), strict=True):
        found = found + np.maximum(x - knot, 0) * step
    return found


def _over(numbers: tuple[Fraction, ...], below: int) -> Whole:
    return whole([int(number * below) for number in numbers])


def _lines(curve: Curve) -> list[tuple[Fraction, Fraction]]:
    """Slope and height of each piece, from below the first knot to above the last."""
    flat = Fraction(0)
    lines = [(flat, curve.knots[0][1])]
    for (x0, y0), (x1, y1) in pairwise(curve.knots):
        slope = flat if curve.shape == "step" or x0 == x1 else (y1 - y0) / (x1 - x0)
        lines.append((slope, y0 - slope * x0))
    x, y = curve.knots[-1]
    pro_rata = curve.then is not None and curve.then.counted == "pro rata"
    slope = curve.then.per_point / curve.point if curve.then is not None and pro_rata else flat
    return [*lines, (slope, y - slope * x)]
