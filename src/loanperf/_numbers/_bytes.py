"""Bytes: a column of whole numbers <-> the fewest bytes in which each of them goes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from loanperf._numbers._whole import LIMIT, Whole, whole

_WIDTHS = (1, 2, 4, 8)
_MANY = 64
"""Of fewer numbers than this, keeping differences in place of the numbers saves nothing."""


def in_bytes(values: Whole) -> bytes:
    r"""Whole numbers as bytes: how many bytes each takes, as a digit, then the numbers, the lowest byte first.

    Beyond 64 bits the digit is 0, and they stand in decimals with commas between them.

    >>> in_bytes(np.array([1, -2])), in_bytes(np.array([2**70], dtype=object)), in_bytes(np.arange(100))[:4]
    (b'1\x01\xfe', b'01180591620717411303424', b'+1\x00\x01')
    """
    if _counts(values):
        return b"+" + _in_bytes(np.diff(values, prepend=0))
    return _in_bytes(values)


def _counts(values: Whole) -> bool:
    """Whether most values are one above the one before; of large numbers a difference may not fit."""
    size = len(values)
    if size < _MANY or values.dtype == object or max(int(values.max()), -int(values.min())) >= LIMIT:
        return False
    return 2 * int(np.count_nonzero(np.diff(values) == 1)) > size


def _in_bytes(values: Whole) -> bytes:
    low, high = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    for width in _WIDTHS:
        if -(1 << 8 * width - 1) <= low and high < 1 << 8 * width - 1:
            return b"%d" % width + values.astype(f"<i{width}").tobytes()
    return b"0" + ",".join(map(str, values.tolist())).encode()


def of_bytes(given: Iterable[bytes]) -> Whole:
    r"""The inverse of `in_bytes`, of columns one behind the other.

    Raises:
        ValueError: they are no whole numbers.

    >>> of_bytes([b"1\x01\xfe", b"1", b"2\x00\x01"]).tolist()
    [1, -2, 256]
    """
    parts = [*map(_of_bytes, given)]
    if any(part.dtype == object for part in parts):
        return whole(value for part in parts for value in part.tolist())
    return np.concatenate(parts, dtype=np.int64) if parts else np.zeros(0, dtype=np.int64)


def _of_bytes(given: bytes) -> Whole:
    if given[:1] == b"+":
        differences = _of_bytes(given[1:])
        if differences.dtype == object:
            raise ValueError("differences beyond 64 bits")
        return np.cumsum(differences, dtype=np.int64)
    width = int(given[:1])
    if width == 0:
        return np.array([*map(int, given[1:].split(b","))], dtype=object)
    if width not in _WIDTHS:
        raise ValueError(f"whole numbers of {width} bytes each")
    return np.frombuffer(memoryview(given)[1:], dtype=f"<i{width}")
