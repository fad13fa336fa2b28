"""Certain: whole numbers that know how large they are, so that what is made of them is certain.

Numbers below 2**52 are held as float64, which is exact there and divides fast, those below 2**62 as int64, others as
Python ints. The bounds of a result follow from those of what it is made of, so that no row is looked at to decide. What
is the same in all rows is one number of Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import gcd
from typing import Any

import numpy as np
from attrs import define
from numpy.typing import NDArray

from loanperf._numbers._alike import Truth
from loanperf._numbers._groups import Places
from loanperf._numbers._whole import LIMIT, Whole, rounded, to_whole
from loanperf._quantities import Rounding

_FLOATS = 2**52
"""Whole numbers below it are floats, and the sum of two of them is."""
_FLOAT = np.dtype(np.float64)
EVERY_ROW: Truth = np.asarray(1) > 0
"""It holds in all rows."""
NO_ROW: Truth = ~EVERY_ROW
"""It holds in none."""


@define(eq=False)
class Certain:
    """A whole number a row, or one for all rows, none below `low` and none above `high`.

    >>> twice = Certain.of(np.array([1, 2**62])) * 2
    >>> twice.whole(2).tolist(), twice.high == 2**63
    ([2, 9223372036854775808], True)
    """

    values: Any
    low: int
    high: int
    own: bool = False
    """Whether the column was made here, so that it may be written over when it is spent."""

    @classmethod
    def of(cls, values: Whole | int) -> Certain:
        """A column, or one number for all rows."""
        if isinstance(values, int):
            return cls(values, values, values)
        if not len(values):
            return cls(values.astype(np.float64), 0, 0)
        low, high = int(np.minimum.reduce(values)), int(np.maximum.reduce(values))
        held = _held(values, max(high, -low))
        return cls(held, low, high, held is not values)

    @property
    def most(self) -> int:
        """No number is further from zero."""
        return max(self.high, -self.low)

    def __add__(self, other: Certain | int) -> Certain:
        return self.plus(_certain(other))

    def __sub__(self, other: Certain | int) -> Certain:
        return self.less(_certain(other))

    def __mul__(self, other: Certain | int) -> Certain:
        return self.times(other)

    def plus(self, other: Certain, *, spend: bool = False) -> Certain:
        """The sum of both; where they are spent, their columns may be written over, and are looked at no more."""
        low, high = self.low + other.low, self.high + other.high
        out = other if isinstance(self.values, int) else self
        return Certain(_made(np.add, self, other, max(high, -low), out if spend else None), low, high, own=True)

    def less(self, other: Certain, *, spend: bool = False) -> Certain:
        """The difference; where this is spent, its column may be written over."""
        low, high = self.low - other.high, self.high - other.low
        out = self if spend else None
        return Certain(_made(np.subtract, self, other, max(high, -low), out), low, high, own=True)

    def times(self, other: Certain | int, *, spend: bool = False) -> Certain:
        """The product; where this is spent, its column may be written over."""
        if isinstance(other, int):
            if other == 1:
                return self
            other = Certain(other, other, other)
        elif other.low == 1 == other.high:
            return self
        if self.low == 1 == self.high:
            return other
        if self.low >= 0 and other.low >= 0:
            low, high = self.low * other.low, self.high * other.high
        else:
            ends = [one * two for one in (self.low, self.high) for two in (other.low, other.high)]
            low, high = min(ends), max(ends)
        out = self if spend else None
        return Certain(_made(np.multiply, self, other, max(high, -low), out), low, high, own=True)

    def __ge__(self, other: Certain | int) -> Truth:
        low, high = (other, other) if isinstance(other, int) else (other.low, other.high)
        if self.low >= high:
            return EVERY_ROW
        if self.high < low:
            return NO_ROW
        one, two = _alike(self, _certain(other), 0)
        return np.asarray(one >= two, dtype=np.bool_)

    def __gt__(self, other: Certain | int) -> Truth:
        low, high = (other, other) if isinstance(other, int) else (other.low, other.high)
        if self.low > high:
            return EVERY_ROW
        if self.high <= low:
            return NO_ROW
        one, two = _alike(self, _certain(other), 0)
        return np.asarray(one > two, dtype=np.bool_)

    def least(self, other: Certain, *, spend: bool = False) -> Certain:
        """The lower of both, a row each; where this is spent, its column may be written over."""
        if self.high <= other.low:
            return self
        if other.high <= self.low:
            return other
        found = _made(np.minimum, self, other, 0, self if spend else None)
        return Certain(found, min(self.low, other.low), min(self.high, other.high), own=True)

    def greatest(self, other: Certain, *, spend: bool = False) -> Certain:
        """The higher of both, a row each; where this is spent, its column may be written over."""
        if self.low >= other.high:
            return self
        if other.low >= self.high:
            return other
        found = _made(np.maximum, self, other, 0, self if spend else None)
        return Certain(found, max(self.low, other.low), max(self.high, other.high), own=True)

    def but(self, chosen: Truth, other: Certain | int) -> Certain:
        """The same, with other numbers in some rows."""
        if chosen is NO_ROW or not chosen.any():
            return self
        other = _certain(other)
        if chosen.all():
            return other
        kind = _kind(max(self.most, other.most))
        mine, instead = (np.asarray(values, dtype=kind) for values in _alike(self, other, 0))
        return Certain(np.where(chosen, instead, mine), min(self.low, other.low), max(self.high, other.high))

    def divided(self, below: Certain, rounding: Rounding, *, spend: bool = False) -> Certain:
        """The quotients by numbers above zero, each to a whole number by a named rounding.

        Where this is spent, its column may be written over.
        """
        low = -(-self.low // below.low + 1) if self.low < 0 else 0
        high = self.high // below.low + 1 if self.high > 0 else 0
        if self.most < _FLOATS and below.high < 2 * _FLOATS:
            if isinstance(self.values, int) and isinstance(below.values, int):
                return Certain.of(_one(self.values, below.values, rounding))
            # A column of int64, beside a denominator that is no float, holds no quotients.
            found = _made(np.true_divide, self, below, 0, self if spend and below.high < _FLOATS else None)
            return Certain(to_whole(found, rounding), low, high, own=True)
        top, under = _alike(self, below, 0)
        if isinstance(top, int):
            if isinstance(under, int):
                return Certain.of(_one(top, under, rounding))
            top = np.full(len(under), top, dtype=under.dtype)
        return Certain.of(rounded(top, under, rounding))

    def reached(self, bounds: Sequence[int]) -> Places:
        """How many of some bounds, in rising order, each number reaches."""
        passed: Places = np.asarray(0)
        for bound in bounds:
            passed = passed + (self >= bound)
        return passed

    def whole(self, rows: int) -> Whole:
        """A column of so many rows: int64, or Python ints where one of them is 2**63 or more."""
        kind: Any = np.int64 if self.most < 2 * LIMIT else object
        if isinstance(self.values, int):
            return np.full(rows, self.values, dtype=kind)
        found: Whole = self.values.astype(np.int64 if self.values.dtype != object else kind, copy=False)
        return found


@define(eq=False)
class Lookup:
    """A whole number a code, to be looked up for each row.

    >>> Lookup((5, 7)).at(np.array([1, 0])).whole(2).tolist()
    [7, 5]
    """

    numbers: tuple[int, ...]

    def at(self, codes: Places | int | None) -> Certain:
        """The number of each row's code, or of one code for all rows; of the only one where there are no codes."""
        if codes is None or len(set(self.numbers)) == 1:
            return Certain.of(self.numbers[0])
        if isinstance(codes, int) or not codes.ndim:
            return Certain.of(self.numbers[int(codes)])
        table = _table(self.numbers)
        return Certain(table.values.take(codes), table.low, table.high, own=True)

    @property
    def divisor(self) -> int:
        """The largest number that divides all of them."""
        return gcd(*self.numbers)

    def times(self, factor: int, over: int = 1) -> Lookup:
        """Every number times a factor, divided by what divides all these products and `over`."""
        shared = gcd(factor * self.divisor, over)
        if factor == shared:
            return self
        return Lookup(tuple([number * factor // shared for number in self.numbers]))


@lru_cache(maxsize=1024)
def _table(numbers: tuple[int, ...]) -> Certain:
    most = max(map(abs, numbers))
    return Certain(np.array(numbers, dtype=_kind(most)), min(numbers), max(numbers))


def not_whole(values: NDArray[Any]) -> Truth:
    """Which floats are no whole numbers, or beyond those that floats hold.

    >>> not_whole(np.array([1.0, 1.5, np.nan])).tolist()
    [False, True, True]
    """
    bad: Truth = ~((np.rint(values) == values) & (np.abs(values) <= 2 * _FLOATS))
    return bad


def _made(make: Any, one: Certain, other: Certain, most: int, out: Certain | None) -> Any:
    """What a function of numpy makes of two columns, none of it further from zero than `most`.

    It is written over the column of `out`, where that was made here and has the type of what is made.
    """
    first, second = _alike(one, other, most)
    if isinstance(first, int) and isinstance(second, int):
        return {np.add: int.__add__, np.subtract: int.__sub__, np.multiply: int.__mul__}[make](first, second)
    over = out is not None and out.own and not isinstance(out.values, int)
    if out is not None and over and (out.values is first or out.values is second):
        return make(first, second, out=out.values)
    return make(first, second)


def _certain(number: Certain | int) -> Certain:
    return Certain(number, number, number) if isinstance(number, int) else number


def _alike(one: Certain, other: Certain, most: int) -> tuple[Any, Any]:
    """The numbers of both in the type in which they and what is made of them are certain."""
    first, second = one.values, other.values
    if most < _FLOATS and _small(first) and _small(second):
        return first, second
    bound = max(most, one.most, other.most)
    return _held(first, bound), _held(second, bound)


def _small(values: Any) -> bool:
    """Whether numbers are as small as those that floats hold, since floats hold them."""
    return -_FLOATS < values < _FLOATS if isinstance(values, int) else values.dtype is _FLOAT


def _held(values: Any, most: int) -> Any:
    if isinstance(values, int):
        return values
    kind = _kind(most)
    if kind is object and values.dtype == np.float64:
        values = values.astype(np.int64)
    return values.astype(kind, copy=False)


def _kind(most: int) -> Any:
    """The type in which whole numbers are certain of which none is further from zero."""
    return np.float64 if most < _FLOATS else np.int64 if most < LIMIT else object


def _one(top: int, below: int, rounding: Rounding) -> int:
    found: int = rounded(np.array([top], dtype=object), below, rounding).item()
    return found
