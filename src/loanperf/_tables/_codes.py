"""Codes: columns of codes, as text or whole numbers -> places among one another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from loanperf._tables._columns import CHUNK_ROWS, Column, Whole

Places = NDArray[np.int64]


@frozen(eq=False)
class Named:
    """A column as places into a list of names, each of which stands there once."""

    places: Places
    """-1 where nothing is named."""
    names: Sequence[str]


def named(column: Column) -> Named:
    """Names of a column of codes; whole numbers are named by their digits."""
    if column.kind == "text":
        return Named(_without(column, column.values.astype(np.int64, copy=False)), column.words)
    numbers, codes = numbered(column.values)
    return Named(_without(column, codes), tuple(map(str, numbers.tolist())))


def _without(column: Column, places: Places) -> Places:
    return places if column.missing is None else np.where(column.missing, -1, places)


def numbered(values: Whole) -> tuple[Whole, Places]:
    """The numbers that there are, in order, and the place of each row's among them."""
    if not len(values):
        return values, values
    low, high = int(values.min()), int(values.max())
    if high - low < 8 * len(values):
        return _numbered_densely(values, low, high)
    numbers, codes = np.unique(values, return_inverse=True)
    return numbers, codes.astype(np.int64)


def _numbered_densely(values: Whole, low: int, high: int) -> tuple[Whole, Places]:
    """The same of numbers of which most in their range are there; rows in parts that stay in a processor's cache."""
    seen = np.zeros(high - low + 1, dtype=np.bool_)
    parts = [slice(start, start + CHUNK_ROWS) for start in range(0, len(values), CHUNK_ROWS)]
    for part in parts:
        seen[values[part] - low] = True
    if seen.all():
        return low + np.arange(high - low + 1), values - low if low else values
    place = np.cumsum(seen) - 1
    codes = np.empty(len(values), dtype=np.int64)
    for part in parts:
        codes[part] = place[values[part] - low]
    return np.flatnonzero(seen) + low, codes


def ranks_of(column: Column) -> Places | None:
    """The rank of each row's code among all, as text; None where rows are in that order.

    The codes differ from row to row.
    """
    values = column.values
    if column.kind == "text":
        words = list(column.words)
        if words == sorted(words):
            return None if _rises(values) else _dense(values)
        rank = np.empty(len(words), dtype=np.int64)
        rank[sorted(range(len(words)), key=words.__getitem__)] = np.arange(len(words))
        return None if _rises(rank[values]) else _dense(rank[values])
    by_digits = digit_ranks(values)
    if by_digits is not None:
        return None if _rises(by_digits) else _dense(by_digits)
    texts = list(map(str, values.tolist()))
    rank = np.empty(len(texts), dtype=np.int64)
    rank[sorted(range(len(texts)), key=texts.__getitem__)] = np.arange(len(texts))
    return None if _rises(rank) else rank


def digit_ranks(values: Whole) -> Whole | None:
    """Numbers that are in the order of the texts of others, a prefix first; None where one is negative or very long."""
    if not len(values):
        return values
    low, high = int(values.min()), int(values.max())
    if low < 0 or high >= 10**18:
        return None
    if len(str(low)) == len(str(high)):
        return values - low
    tens = np.array([10**power for power in range(19)], dtype=np.int64)
    digits = np.searchsorted(tens[1:18], values, side="right") + 1
    rank = np.empty(len(values), dtype=np.int64)
    rank[np.lexsort((digits, values * tens[18 - digits]))] = np.arange(len(values))
    return rank


def _rises(values: Places) -> bool:
    return bool((values[1:] > values[:-1]).all())


def _dense(values: Places) -> Places:
    """Ranks without gaps, so that they need few bits."""
    rank = np.empty(len(values), dtype=np.int64)
    rank[np.argsort(values, kind="stable")] = np.arange(len(values))
    return rank
