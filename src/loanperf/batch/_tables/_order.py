"""Order: what is done by payee, window, day and loan, in that order; by one sort of whole numbers where they fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Codes: TypeAlias = NDArray[np.int64]


def ordered(keys: Sequence[Codes]) -> NDArray[np.intp]:
    """The places of rows in order of the first key, then of the next; no two rows have the same keys."""
    packed, bits = np.zeros(0, dtype=np.int64), 0
    for place, key in enumerate(keys):
        low, high = (int(key.min()), int(key.max())) if len(key) else (0, 0)
        width = (high - low).bit_length()
        bits += width
        if bits > 63:
            return np.lexsort(list(reversed(keys)))
        if place == 0:
            packed = key - low
        elif width:
            packed = packed << width
            packed |= key - low if low else key
    return np.argsort(packed)


def starts_of(keys: Sequence[Codes]) -> Codes:
    """Where rows that are in order change from one group to the next; the first row is a start."""
    size = len(keys[0])
    new = np.ones(size, dtype=np.bool_)
    if size:
        new[1:] = keys[0][1:] != keys[0][:-1]
        for key in keys[1:]:
            new[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(new)
