"""Places: rows that belong to places from 0 on, such as events to the loans of a chunk, and what comes of them there.

`AS_THEY_ARE` stands for places where each has one row, in order; what is looked up or put there is the column itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from loanperf._numbers._alike import Truth, alike
from loanperf._numbers._groups import AS_THEY_ARE, Places, Rows
from loanperf._numbers._whole import LIMIT, Whole, bounded, largest


def edges(codes: Whole, at: Sequence[int]) -> list[int]:
    """The rows at which codes begin: for each of `at`, how many rows have a lower code.

    Args:
        codes: in order.
        at: whole numbers from 0 on.

    >>> edges(np.array([0, 0, 2]), [0, 1, 3])
    [0, 2, 3]
    """
    if not len(codes):
        return [0] * len(at)
    # Of one type with the codes, which would be copied else; no code is above their last.
    most = int(codes[-1])
    wanted = np.array([min(code, most + 1) for code in at], dtype=np.int64)
    if most + 1 > np.iinfo(codes.dtype).max:
        return [*map(int, np.searchsorted(codes, wanted))]
    return [*map(int, np.searchsorted(codes, wanted.astype(codes.dtype)))]


def all_below(values: Whole, bound: int) -> bool:
    """Whether every value is below a bound; of one value for all rows, it is looked at once.

    >>> all_below(np.array([1, 2]), 3), all_below(np.array([]), 0)
    (True, True)
    """
    some = values[:1] if values.strides == (0,) else values
    return not len(some) or bool(some.max() < bound)


def places_of(codes: Whole, first: int, size: int) -> Rows:
    """The places of rows whose codes, in order, are from `first` to below `first + size`.

    >>> places_of(np.array([4, 5, 6]), 4, 3), places_of(np.array([4, 4, 6]), 4, 3).tolist()
    (slice(None, None, None), [0, 0, 2])
    """
    places = codes.astype(np.intp) - first
    if len(places) == size and bool((places == np.arange(size)).all()):
        return AS_THEY_ARE
    return places


def as_places(codes: Whole) -> Places:
    """Codes as places, to be looked up by more than once.

    >>> as_places(np.array([2, 0], dtype=np.int8)).dtype
    dtype('int64')
    """
    return codes.astype(np.intp, copy=False)


def among(codes: Whole, chosen: Sequence[bool], *, otherwise: bool) -> Truth:
    """Which codes are chosen.

    Args:
        codes: from -1 to below the number of `chosen`.
        chosen: of each code from 0 on, whether it is.
        otherwise: whether -1 is.

    >>> among(np.array([1, -1, 0]), [False, True], otherwise=False).tolist()
    [True, False, False]
    """
    wanted = [code for code, good in enumerate(chosen) if good] + [-1] * otherwise
    if len(wanted) > _EQUALITIES:
        return np.array([*chosen, otherwise], dtype=np.bool_).take(codes)
    found = np.zeros(len(codes), dtype=np.bool_)
    for code in wanted:
        found |= codes == code
    return found


_EQUALITIES = 6
"""Up to so many codes are compared one by one, which is faster than to look each row up."""


def count_of(places: Rows, size: int) -> Whole:
    """How many rows each place has.

    >>> count_of(np.array([0, 0, 2]), 3).tolist()
    [2, 0, 1]
    """
    return np.ones(size, dtype=np.int64) if isinstance(places, slice) else np.bincount(places, minlength=size)


def marked(places: Rows, size: int) -> Truth:
    """Whether a place has a row.

    >>> marked(np.array([0, 2]), 3).tolist()
    [True, False, True]
    """
    found = np.zeros(size, dtype=np.bool_)
    found[places] = True
    return found


def added_to(keys: Whole, sums: Whole, more: Whole, values: Whole) -> tuple[Whole, Whole]:
    """Keys in order with their sums, once values are added; what both come to is `bounded` already.

    The keys are not sorted anew, so that a few values cost little beside many keys.

    Args:
        keys: each once.
        sums: of each key.
        more: keys in order, each once; those that are not among `keys` become some of them.
        values: of each of `more`.

    >>> keys, sums = added_to(np.array([2, 7]), np.array([10, 20]), np.array([2, 5]), np.array([1, 3]))
    >>> keys.tolist(), sums.tolist()
    ([2, 5, 7], [11, 3, 20])
    """
    place = np.searchsorted(keys, more)
    is_new = np.append(keys, -1)[place] != more
    is_new[place == len(keys)] = True
    sums = sums.copy()
    sums[place[~is_new]] += values[~is_new]
    at = place[is_new]
    return np.insert(keys, at, more[is_new]), np.insert(sums, at, values[is_new])


def places_among(texts: Sequence[str], wanted: Collection[str]) -> Places:
    """The places of those texts that are wanted, in one go through all of them.

    >>> places_among(("a", "b", "c"), {"c", "a"}).tolist()
    [0, 2]
    """
    return np.flatnonzero(np.fromiter(map(wanted.__contains__, texts), np.bool_, len(texts)))


def put(values: Whole, places: Rows, size: int, none: Any) -> Whole:
    """The last value of each place, and `none` where it has no row.

    >>> put(np.array([7, 8]), np.array([1, 1]), 2, -1).tolist()
    [-1, 8]
    """
    if isinstance(places, slice):
        return values
    if not len(places):
        return alike(np.array(none, dtype=values.dtype)[()], size)
    found = np.full(size, none, dtype=values.dtype)
    found[places] = values
    return found


def replaced(values: Whole, places: Places, given: Whole) -> Whole:
    """The values with others at some places, in a number type that holds both.

    >>> replaced(np.array([7, 8]), np.array([1]), np.array([9])).tolist()
    [7, 9]
    """
    mine, theirs = bounded(0, values, given)
    found: Whole = mine.copy()
    found[places] = theirs
    return found


def end_to_end(*parts: Whole) -> Whole:
    """Columns one behind the other; where one of them has all the rows, it is that column itself, and no copy.

    >>> column = np.array([7, 8])
    >>> end_to_end(column[:0], column) is column, end_to_end(column, column).tolist()
    (True, [7, 8, 7, 8])
    """
    some = [part for part in parts if len(part)] or parts[:1]
    return some[0] if len(some) == 1 else np.concatenate(some)


def most_of(values: Whole, places: Rows, size: int) -> Whole:
    """The largest value of each place, at least 0.

    >>> most_of(np.array([3, 1, -5]), np.array([0, 0, 1]), 3).tolist()
    [3, 0, 0]
    """
    found = np.zeros(size, dtype=values.dtype)
    if isinstance(places, slice):
        return np.maximum(values, found)
    np.maximum.at(found, places, values)
    return found


def reach(values: Whole, places: Rows, size: int) -> int:
    """No sum of some of the values of one place is further from zero.

    >>> reach(np.array([3, -5]), np.array([0, 0]), 1)
    10
    """
    if isinstance(places, slice):
        return largest(values)
    many = largest(values) * int(np.bincount(places, minlength=size).max(initial=0))
    if many < LIMIT or many >= _FLOAT:
        return many
    # The largest value and the most rows need not stand in one place; a float of so few numbers is that near.
    sums = np.bincount(places, weights=np.abs(values.astype(np.float64)), minlength=size)
    return min(many, int(sums.max() * _NEAR) + 1)


_FLOAT = 2**1000
"""Far below what floats hold."""
_NEAR = 1.000001
"""More than rounding takes off a sum of fewer than 2**32 floats."""
