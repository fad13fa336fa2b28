"""Codes: columns of codes, as text or whole numbers -> places among one another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from loanperf._tables._columns import CHUNK_ROWS, Whole

Places = NDArray[np.int64]


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
