"""Statistics: numbers of a group to one number, in float64, which pays nobody."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from statistics import NormalDist
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


def t_quantile(share: float, freedom: float) -> float:
    """The quantile of Student's distribution, to 0.001 from 4 degrees of freedom on, to 0.00001 from 10 on.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5.

    Args:
        share: 0.975 is that of an interval of 95%.
        freedom: degrees of freedom, 3 or more, whole or not.

    >>> round(t_quantile(0.975, 10), 3)
    2.228
    """
    z = NormalDist().inv_cdf(share)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, 1))
