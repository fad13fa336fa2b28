"""Quotient: an exact quotient a row, taken through the rules of scores and bonuses, and rounded once at the end."""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm

import numpy as np
from attrs import define

from loanperf._numbers._alike import Truth
from loanperf._numbers._certain import NO_ROW, Certain, Lookup
from loanperf._numbers._groups import Places
from loanperf._numbers._pieces import Pieces
from loanperf._quantities import Rounding

_ONE = Certain(1, 1, 1)


@define(eq=False)
class Quotient:
    """A quotient a row, or one for all rows: `times` · top over `over` · below.

    >>> half = Quotient(Certain.of(1), Certain.of(np.array([1, 3])), over=2)
    >>> half.fractions(2)
    [Fraction(1, 2), Fraction(1, 6)]
    """

    top: Certain
    below: Certain
    """Above zero."""
    times: int = 1
    """Zero or more."""
    over: int = 1
    """Above zero."""
    spent: bool = False
    """Whether nobody looks at it again once something is made of it, so that its numerators may be written over."""

    @classmethod
    def of(cls, number: Fraction | int) -> Quotient:
        """One number for all rows."""
        if number < 0:
            return cls(Certain.of(number.numerator), _ONE, 1, number.denominator)
        return cls(_ONE, _ONE, number.numerator, number.denominator)

    @classmethod
    def each(cls, top: Certain, over: int = 1) -> Quotient:
        """A whole number a row over one denominator."""
        return cls(top, _ONE, 1, over)

    def __mul__(self, other: Quotient) -> Quotient:
        times, over = self.times * other.times, self.over * other.over
        shared = gcd(times, over)
        return Quotient(self.top * other.top, self.below * other.below, times // shared, over // shared)

    def by(self, factor: Fraction | int) -> Quotient:
        """Times one number."""
        return self * Quotient.of(factor)

    def by_each(self, numbers: Lookup, codes: Places | int | None, over: int) -> Quotient:
        """Times the number of each row's code, over one denominator."""
        under = over * self.over
        factor = numbers.times(self.times, under)
        top = self.top.times(factor.at(codes), spend=self.spent)
        return Quotient(top, self.below, 1, under // gcd(self.times * numbers.divisor, under), self.spent)

    def inverse(self) -> Quotient:
        """One over each; none of them is zero."""
        if self.top.low > 0 and self.times:
            return Quotient(self.below, self.top, self.over, self.times)
        top, below = self.below * self.over, self.top * self.times
        falls = ~(below > 0)
        turned = below.but(falls, below * -1)
        return Quotient(top.but(falls, top * -1), Certain(turned.values, max(turned.low, 1), turned.most))

    def taken_from(self, number: int) -> Quotient:
        """A whole number less each."""
        full = number * self.over
        top = (self.below * full).less(self.top * self.times, spend=self.spent and full != 1)
        return Quotient(top, self.below, 1, self.over, self.spent)

    def plus(self, other: Quotient) -> Quotient:
        """The sums of both, over the least denominator that their constant parts allow."""
        over = lcm(self.over, other.over)
        mine = self.top * other.below * (self.times * (over // self.over))
        yours = other.top * self.below * (other.times * (over // other.over))
        return Quotient(mine + yours, self.below * other.below, 1, over)

    def less(self, other: Quotient) -> Quotient:
        """Each less each of another."""
        mine = self.top * other.below * (self.times * other.over)
        return Quotient(
            mine - other.top * self.below * (other.times * self.over),
            self.below * other.below,
            1,
            self.over * other.over,
        )

    def within(self, least: Fraction | None, most: Fraction | None) -> Quotient:
        """The least where one is below it, then the most where one is above that."""
        bounds = [bound for bound in (least, most) if bound is not None]
        if not bounds:
            return self
        if not self.times:
            return Quotient.of(_clamped(Fraction(0), least, most))
        # times · top / (over · below) is past b just if top · under is past (b · under · over / times) · below.
        common = lcm(*[bound.denominator for bound in bounds])
        under = common * self.times
        ends = [bound.numerator * (common // bound.denominator) * self.over for bound in bounds]
        shared = gcd(under, *ends)
        top = self.top.times(under // shared, spend=self.spent)
        if least is not None:
            top = top.greatest(self.below * (ends[0] // shared), spend=self.spent)
        if most is not None:
            # Where every row is at the least, the numerators may be the denominators, which are looked at again.
            spent = self.spent and top is not self.below
            top = top.least(self.below * (ends[-1] // shared), spend=spent)
        over = self.over * (under // shared)
        less = gcd(self.times, over)
        spent = self.spent and top is not self.below
        return Quotient(top, self.below, self.times // less, over // less, spent)

    def along(self, pieces: Pieces) -> Quotient:
        """The values of a curve."""
        curve, passed = pieces.curve, self._passed(pieces)
        heights, slopes = (Lookup(tuple(numbers.tolist())) for numbers in (pieces.heights, pieces.slopes))
        sloped = any(slopes.numbers)
        below, under = (self.below, self.over) if sloped else (_ONE, 1)
        if isinstance(below.values, int):
            value = heights.times(below.values * under).at(passed)
        else:
            value = heights.times(under).at(passed) * below
        if sloped:
            value = value + slopes.times(self.times).at(passed) * self.top
        if curve.then is not None and curve.then.counted == "whole":
            full = self._beyond(curve.knots[-1][0], 1 / curve.point).but(np.asarray(passed < len(curve.knots)), 0)
            value = value + full * int(curve.then.per_point * pieces.below) * below * under
        return Quotient(value, below, 1, under * pieces.below)

    def to_spend(self) -> Quotient:
        """The same, of which something is made once and which nobody looks at again."""
        return Quotient(self.top, self.below, self.times, self.over, spent=True)

    def reaches(self, bound: Fraction | int) -> Truth:
        """Where it is the bound or more."""
        if isinstance(self.below.values, int) and self.times:
            return self.top >= -(-bound.numerator * self.over * self.below.values // (bound.denominator * self.times))
        return self.top * (self.times * bound.denominator) >= self.below * (self.over * bound.numerator)

    def passes(self, bound: Fraction | int) -> Truth:
        """Where it is above the bound."""
        if isinstance(self.below.values, int) and self.times:
            return self.top > bound.numerator * self.over * self.below.values // (bound.denominator * self.times)
        return self.top * (self.times * bound.denominator) > self.below * (self.over * bound.numerator)

    def rounded(self, rounding: Rounding, units: int = 1) -> Certain:
        """Each to a whole number of units, of which so many make one."""
        shared = gcd(self.times * units, self.over)
        top = self.top.times(self.times * units // shared, spend=self.spent)
        return top.divided(self.below * (self.over // shared), rounding, spend=self.spent)

    def but(self, chosen: Truth, other: int) -> Quotient:
        """The same, with a whole number in some rows."""
        if chosen is NO_ROW or not chosen.any():
            return self
        if chosen.all():
            return Quotient.of(other)
        top, below = self.top * self.times, self.below * self.over
        return Quotient(top.but(chosen, other), below.but(chosen, 1))

    def fractions(self, rows: int) -> list[Fraction]:
        """The exact number of each row."""
        if isinstance(self.top.values, int) and isinstance(self.below.values, int):
            return [Fraction(self.times * self.top.values, self.over * self.below.values)] * rows
        top, below = self.top.whole(rows).tolist(), self.below.whole(rows).tolist()
        return [Fraction(self.times * one, self.over * other) for one, other in zip(top, below, strict=True)]

    def fraction(self) -> Fraction:
        """The exact number, where it is one for all rows.

        Raises:
            ValueError: there are several rows.
        """
        (found,) = self.fractions(1)
        return found

    def _passed(self, pieces: Pieces) -> Places:
        """How many knots of a curve each has passed."""
        left, knots = pieces.curve.closed == "left", pieces.curve.knots
        passed: Places = np.asarray(0)
        for at, _ in knots:
            passed = passed + (self.reaches(at) if left else self.passes(at))
        return passed

    def _beyond(self, start: Fraction, points: Fraction) -> Certain:
        """How many full points each lies above a number; points is how many there are in one."""
        top = self.top * (self.times * start.denominator) - self.below * (self.over * start.numerator)
        of = self.over * start.denominator * points.denominator
        return (top * points.numerator).divided(self.below * of, Rounding.FLOOR)


def _clamped(number: Fraction, least: Fraction | None, most: Fraction | None) -> Fraction:
    above = number if least is None else max(number, least)
    return above if most is None else min(above, most)
