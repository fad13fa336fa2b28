"""Quotients: columns of whole numbers over a denominator for all rows, or over one a row."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import reduce
from math import ceil, floor, lcm
from operator import add
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from loanperf._numbers._alike import alike, is_alike
from loanperf._numbers._groups import Places, changed, counts_up, grouped, spread
from loanperf._numbers._whole import LIMIT, Whole, bounded, largest, whole

Below: TypeAlias = "Whole | int"
"""A denominator above zero: one a row, or one for all."""


def quotients(values: Whole) -> tuple[Whole, Below]:
    """Numbers as whole numbers over denominators: whole numbers stay as they are, over 1; Fractions are taken apart."""
    if values.dtype != object or not any(isinstance(value, Fraction) for value in values.tolist()):
        return values, 1
    exact = [Fraction(value) for value in values.tolist()]
    return whole(value.numerator for value in exact), whole(value.denominator for value in exact)


def exact(numbers: Iterable[Fraction]) -> Whole:
    """A column of Fractions.

    >>> exact([Fraction(1, 2)]).tolist()
    [Fraction(1, 2)]
    """
    given = [*numbers]
    found = np.empty(len(given), dtype=object)
    found[:] = given
    return found


def fractions(top: Whole, below: Whole) -> Whole:
    """The Fraction top / below of each row.

    >>> fractions(np.array([1]), np.array([2])).tolist()
    [Fraction(1, 2)]
    """
    return exact(Fraction(*pair) for pair in zip(top.tolist(), below.tolist(), strict=True))


def fraction(top: Whole, below: Whole, row: int) -> Fraction:
    """The Fraction top / below of one row.

    >>> fraction(np.array([1, 3]), np.array([2, 6]), 1)
    Fraction(1, 2)
    """
    return Fraction(int(top[row]), int(below[row]))


def at_least(top: Whole, below: Below, bound: Fraction) -> NDArray[np.bool_]:
    """Where the quotient is the bound or more.

    >>> at_least(np.array([1, 2]), 3, Fraction(1, 2)).tolist()
    [False, True]
    """
    if isinstance(below, int):
        # A whole number reaches a quotient just if it reaches the whole number above it.
        return (top >= ceil(bound * below)).astype(np.bool_)
    # Of nothing but zeros too, what they are multiplied by must fit.
    most = max(largest(top), 1) * bound.denominator, max(largest(below), 1) * abs(bound.numerator)
    mine, under = bounded(max(most), top, below)
    return (mine * bound.denominator >= under * bound.numerator).astype(np.bool_)


def above(top: Whole, below: Below, bound: Fraction) -> NDArray[np.bool_]:
    """Where the quotient is more than the bound."""
    if isinstance(below, int):
        return (top > floor(bound * below)).astype(np.bool_)
    return ~at_least(-top, below, -bound)


def product(*numbers: Below) -> Below:
    """The product of numbers, each of one for all rows or one a row.

    >>> product(2, 3), product(2, whole([1, 2**62])).tolist() == [2, 2**63]
    (6, True)
    """
    factor, columns = 1, []
    for number in numbers:
        if isinstance(number, int):
            factor *= number
        else:
            columns.append(number)
    return times(reduce(times, columns), factor) if columns else factor


def times(one: Whole, other: Below) -> Whole:
    """The product of both, a row each: whole numbers, or Fractions where one of them has those."""
    other = whole([other]) if isinstance(other, int) else other
    if object not in (one.dtype, other.dtype) and largest(one) * largest(other) < LIMIT:
        return one * other
    product: Whole = one.astype(object) * other.astype(object)
    return product


def plus(one: Whole, other: Whole) -> Whole:
    """The sum of both, a row each.

    >>> plus(np.array([2**61]), np.array([2**61])).tolist() == [2**62]
    True
    """
    one, other = bounded(largest(one) + largest(other), one, other)
    return one + other


def blended(parts: Iterable[tuple[Whole, int, Fraction]]) -> tuple[Whole, int]:
    """The sum of columns, each over a denominator and times a factor: numerators, and their denominator.

    >>> top, below = blended([(np.array([1, 2]), 2, Fraction(1)), (np.array([3, 0]), 1, Fraction(-1, 3))])
    >>> top.tolist(), below
    ([-3, 6], 6)
    """
    given = [*parts]
    below = lcm(*(under * factor.denominator for _, under, factor in given))
    scaled = [times(top, factor.numerator * (below // (under * factor.denominator))) for top, under, factor in given]
    certain = all(column.dtype != object for column in scaled) and sum(map(largest, scaled)) < LIMIT
    return reduce(add, (column if certain else column.astype(object) for column in scaled)), below


def left_of(start: Fraction, top: Whole, below: int) -> tuple[Whole, int]:
    """What is left of a number less each quotient, at least 0: numerators, and their denominator.

    >>> top, below = left_of(Fraction(5, 2), np.array([1, 9]), 3)
    >>> top.tolist(), below
    ([13, 0], 6)
    """
    full = start.numerator * below
    certain = top.dtype != object and max(largest(top), 1) * start.denominator + abs(full) < LIMIT
    less = (top if certain else top.astype(object)) * start.denominator
    return np.maximum(full - less, 0), start.denominator * below


def in_one(below: Whole, starts: Places) -> Whole:
    """A denominator a group that all denominators of the group divide.

    >>> in_one(np.array([4, 6, 5]), np.array([0, 2])).tolist()
    [12, 5]
    """
    return _common(below, starts, 1)


def in_one_each(below: Whole, *keys: Whole) -> Whole:
    """By row, a denominator that all denominators of rows of the same keys divide; rows stand in any order.

    Of one denominator, and 1, that is the one for all rows.

    >>> in_one_each(np.array([4, 5, 6]), np.array([0, 1, 0])).tolist()
    [12, 5, 12]
    """
    if below.dtype != object and ((below == (most := below.max(initial=1))) | (below == 1)).all():
        return alike(most, len(below))
    order, starts = grouped(*keys)
    (common,) = bounded(0, in_one(below[order], starts))
    found = np.empty(len(below), dtype=common.dtype)
    found[order] = spread(common, starts, len(below))
    return found


def in_common(top: Whole, below: Whole, starts: Places, also: int = 1) -> tuple[Whole, Whole]:
    """Quotients over one denominator in each group, so that they can be added and compared there.

    Args:
        top: numerators.
        below: denominators above zero.
        starts: where groups begin.
        also: each denominator is a multiple of it too.

    Returns:
        The numerators, in the number type that keeps the sums of each group; and a denominator a group.

    >>> top, below = in_common(whole([1, 1, 1]), whole([2, 3, 5]), whole([0, 2]))
    >>> top.tolist(), below.tolist()
    ([3, 2, 1], [6, 5])
    """
    if len(starts) == len(top) and also == 1:
        return bounded(0, top)[0], bounded(0, below)[0]
    shared = _common(below, starts, also)
    factor = spread(shared, starts, len(top)) // below
    if is_alike(factor) and factor[0] == 1 and object not in (top.dtype, below.dtype):
        most = largest(top) * largest(np.diff(starts, append=len(top)))
        if most < LIMIT:
            return top, shared
    if object in (top.dtype, factor.dtype) or _most_in(starts, top, factor) >= LIMIT:
        counts = np.diff(starts, append=len(top))
        most = largest(top) * largest(factor) * largest(counts)
        top, factor = bounded(most, top, factor)
    return top * factor, shared


def _common(below: Whole, starts: Places, also: int) -> Whole:
    """A common multiple of the denominators of each group."""
    size = len(below)
    if not size:
        return below[:0]
    if _are_one(below):
        return alike(whole([lcm(int(below[0]), also)])[0], len(starts))
    # Equal ones side by side count once.
    new = changed(below)
    new[starts] = True
    kept = np.flatnonzero(new)
    below, starts, size = below[kept], np.searchsorted(kept, starts), len(kept)
    if below.dtype != object and also < LIMIT:
        found = np.lcm(np.lcm.reduceat(below, starts), also)
        # What has wrapped is no multiple of all; or it is one all the same.
        if (found > 0).all() and not (found % also).any() and not (spread(found, starts, size) % below).any():
            return bounded(0, found)[0]
    return np.lcm(np.lcm.reduceat(below.astype(object), starts), also)


def _are_one(below: Whole) -> bool:
    """Whether there is one denominator for all rows, in 64 bits."""
    return not len(below) or (below.dtype != object and int(below.min()) == int(below.max()))


def _most_in(starts: Places, top: Whole, factor: Whole) -> float:
    """No sum of distances from zero of the products of a group is further from zero; a bit more than the largest."""
    if not len(starts):
        return 0.0
    sizes = np.abs(top.astype(np.float64)) * factor.astype(np.float64)
    return float(np.add.reduceat(sizes, starts).max()) * 1.001


def laid(column: Whole, places: Places, values: Whole) -> Whole:
    """A column with other values at some places, in the number type that holds both.

    >>> laid(whole([1, 2]), whole([1]), whole([2**70])).tolist() == [1, 2**70]
    True
    """
    if object in (column.dtype, values.dtype):
        column, values = bounded(0, column, values)
    if not len(places):
        return column
    if len(places) == len(column) and counts_up(places):
        return values
    if is_alike(column) and is_alike(values) and column.dtype == values.dtype and column[0] == values[0]:
        return column
    found = column.copy()
    found[places] = values
    return found
