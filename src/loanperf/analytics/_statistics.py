"""Statistics: numbers of a group to one number, in float64, which pays nobody."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]


def near(value: float, places: int = 4) -> Fraction:
    """A statistic as it is shown: the nearest decimal fraction of some places."""
    return Fraction(round(float(value), places)).limit_denominator(10**places)


def floats(values: Iterable[Any]) -> Floats:
    """Exact numbers as the nearest float64."""
    return np.array([float(value) for value in values])


def gini(values: Iterable[int]) -> Fraction | None:
    """How unequal numbers are, exactly: sum of (2i - n - 1) x_i over n times the sum, with x in order and i from 1.

    None where one is below zero, all are zero, or there are none.

    >>> gini([1, 3])
    Fraction(1, 4)
    """
    ordered = sorted(values)
    if not ordered or ordered[0] < 0 or not sum(ordered):
        return None
    weighted = sum((2 * place - len(ordered) - 1) * one for place, one in enumerate(ordered, 1))
    return Fraction(weighted, len(ordered) * sum(ordered))


def correlation(one: Floats, other: Floats) -> float:
    """Pearson's coefficient of two columns, from -1 to 1; 0 where one of them is constant.

    >>> round(correlation(np.array([1.0, 2, 3]), np.array([1.0, 3, 2])), 6)
    0.5
    """
    one, other = one - one.mean(), other - other.mean()
    size = np.sqrt(float(one @ one) * float(other @ other))
    return float(one @ other / size) if size > 0 else 0.0


def ranks(values: Floats) -> Floats:
    """The ranks of numbers from 1; equal ones share the mean of theirs.

    >>> ranks(np.array([20.0, 10, 20])).tolist()
    [2.5, 1.0, 2.5]
    """
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    found: Floats = (np.cumsum(counts) - (counts - 1) / 2)[group]
    return found


def rank_correlation(one: Floats, other: Floats) -> float:
    """Spearman's coefficient of two columns: Pearson's of their ranks."""
    return correlation(ranks(one), ranks(other))
