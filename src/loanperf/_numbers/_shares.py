"""Shares: totals divided without remainder, used up in order, and kept above zero, each group by itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from loanperf._numbers._groups import Places, ordered, ranked, running, spread, summed
from loanperf._numbers._whole import Whole


def shared(totals: Whole, weights: Whole, starts: Places) -> Whole:
    """Totals divided in proportion to weights, in whole numbers that sum to them (largest remainder).

    Of equal remainders the first row is served first. A total below zero is divided as its distance from zero is.

    Args:
        totals: one a group; a total times any weight of its group stays within the number type.
        weights: zero or more each, one a row; a group in which all are zero has a total of zero.
        starts: where groups begin.

    >>> shared(np.array([100]), np.array([1, 1, 1]), np.array([0])).tolist()
    [34, 33, 33]
    """
    size = len(weights)
    if len(starts) == size:
        return totals
    total = spread(np.abs(totals), starts, size)
    below = spread(np.maximum(summed(weights, starts), 1), starts, size)
    product = total * weights
    parts = product // below
    left = spread(np.abs(totals) - summed(parts, starts), starts, size)
    if (left > 0).any():
        order = ordered(spread(np.arange(len(starts)), starts, size), parts * below - product)
        parts[order] += (ranked(starts, size) < left).astype(parts.dtype)
    signed: Whole = parts * spread(np.sign(totals), starts, size)
    return signed


def drained(most: Whole, amounts: Whole, starts: Places) -> Whole:
    """How much of each amount goes until what its group has is used up; the first row goes first.

    Args:
        most: what each group has; below zero is nothing.
        amounts: zero or more each, one a row.
        starts: where groups begin.

    >>> drained(np.array([5]), np.array([3, 3, 3]), np.array([0])).tolist()
    [3, 2, 0]
    """
    left = spread(most, starts, len(amounts)) - (running(amounts, starts) - amounts)
    parts: Whole = np.maximum(np.minimum(amounts, left), 0)
    return parts


def floored(values: Whole, starts: Places) -> tuple[Whole, NDArray[np.bool_]]:
    """Running sums that never go below zero, anew in each group; and the rows at which they would have.

    Clamps at zero compose, so that the lowest sum so far is found in passes that double their reach.

    >>> sums, below = floored(np.array([5, -7, 3]), np.array([0]))
    >>> sums.tolist(), below.tolist()
    ([5, 0, 3], [False, True, False])
    """
    sums: Whole = running(values, starts)
    lowest: Whole = np.minimum(sums, 0)
    if not (lowest < 0).any():
        return sums, np.zeros(len(values), dtype=np.bool_)
    place, step = ranked(starts, len(values)), 1
    while (far := np.flatnonzero(place >= step)).size:
        lowest[far] = np.minimum(lowest[far], lowest[far - step])
        step *= 2
    so_far = np.where(place > 0, np.append(lowest[:1], lowest[:-1]), lowest * 0)
    at_zero: NDArray[np.bool_] = (sums < so_far).astype(np.bool_)
    kept: Whole = sums - lowest
    return kept, at_zero
