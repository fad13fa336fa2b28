"""Groups: rows in order of their keys, and what is known of each run of equal keys.

`starts` are the places at which groups begin, in rows that are in the order of their groups; every group has a row. A
column of groups has a value a start, any other a value a row. Sums are exact where `bounded` was given a bound that the
sum of distances from zero of each group keeps: a running sum over all groups may wrap, its differences in one do not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from loanperf._numbers._alike import Truth, alike, is_alike
from loanperf._numbers._whole import LIMIT, Whole

Places: TypeAlias = NDArray[np.intp]
Rows: TypeAlias = "Places | slice"
"""Which rows, in which order; a slice where they are all the rows as they are."""
AS_THEY_ARE = slice(None)
_BITS = 16
_DIGIT = 1 << _BITS
"""Columns of numbers of so few bits are sorted by counting, in one pass a byte."""
_PART = 65_536
"""Rows looked at at once: few enough that they stay in a processor's cache."""


def ordered(*keys: Whole) -> Rows:
    """The order of rows by the first key, then by the next; rows of equal keys stay in the order that they have.

    Args:
        keys: whole numbers, the most significant first; codes, days, places.

    Returns:
        The places of rows in that order, or a slice where they are in it already.

    >>> ordered(np.array([2, 1, 1]), np.array([0, 7, 3])).tolist()
    [2, 1, 0]
    """
    return AS_THEY_ARE if _is_in_order(keys) else _sorted(keys)[0]


def grouped(*keys: Whole) -> tuple[Rows, Places]:
    """The order of rows by their keys, as `ordered` gives it; and where groups of equal keys begin in that order.

    >>> order, starts = grouped(np.array([2, 1, 2]))
    >>> order.tolist(), starts.tolist()
    ([1, 0, 2], [0, 1])
    """
    if _is_in_order(keys):
        return AS_THEY_ARE, starts_of(*keys)
    order, placed = _sorted(keys)
    return order, starts_of(*(key[order] for key in keys)) if placed is None else starts_of(placed())


def _is_in_order(keys: tuple[Whole, ...]) -> bool:
    """Whether no row is below the one before it; looked at in parts, so that the first fault ends the search."""
    for start in range(0, len(keys[0]), _PART):
        tied: Truth | None = None
        for key in keys:
            part = key[start : start + _PART + 1]
            falls = (part[1:] < part[:-1]).astype(np.bool_, copy=False)
            if (falls if tied is None else falls & tied).any():
                return False
            same = part[1:] == part[:-1]
            tied = same if tied is None else tied & same
            if not tied.any():
                break
    return True


def _sorted(keys: tuple[Whole, ...]) -> tuple[Places, Callable[[], Whole] | None]:
    """The order of rows; and their keys as one number in that order, where they fit into one.

    Small numbers are sorted by their digits. Of others, each takes its place along in its lower bits where there is
    room for that, so that numbers alone are sorted; both are far faster than to sort places by numbers.
    """
    if any(key.dtype == object for key in keys):  # which lexsort does not know: one stable sort a key
        order = np.arange(len(keys[0]))
        for key in reversed(keys):
            order = order[np.argsort(key[order], kind="stable")]
        return order, None
    packed = _packed(keys)
    if packed is None:
        return np.lexsort(keys[::-1]), None
    numbers, size = packed
    bits = len(numbers).bit_length()
    if size <= _DIGIT**2 or LIMIT >> bits < size <= _DIGIT**3:
        order = _by_digits(numbers, size)
        return order, lambda: numbers[order]
    if size << bits > LIMIT:
        return np.argsort(numbers, kind="stable"), None
    numbers <<= bits
    numbers |= np.arange(len(numbers))
    numbers.sort()
    return numbers & ((1 << bits) - 1), lambda: numbers >> bits


def _by_digits(numbers: Whole, size: int) -> Places:
    """The order of numbers from 0 to below `size`: by their lowest digit, then by the next one."""
    order = np.argsort(numbers.astype(np.uint16), kind="stable")
    while size > _DIGIT:
        numbers, size = numbers >> _BITS, -(-size // _DIGIT)
        order = order[np.argsort(numbers.astype(np.uint16)[order], kind="stable")]
    return order


def _packed(keys: tuple[Whole, ...]) -> tuple[Whole, int] | None:
    """The keys as one number a row that sorts alike, and how many numbers there may be; None beyond 62 bits."""
    found, size = np.zeros(len(keys[0]), dtype=np.int64), 1
    for key in keys:
        low = int(key.min())
        span = int(key.max()) - low + 1
        if span == 1:
            continue
        size *= span
        if size >= LIMIT:
            return None
        if size > span:
            found *= span
        found += key
        if low:
            found -= low
    return found, size


def rising(values: Whole) -> bool:
    """Whether each value is above the one before it; looked at in parts, so that the first fault ends the search.

    >>> rising(np.array([1, 2, 4])), rising(np.array([1, 1]))
    (True, False)
    """
    for start in range(0, len(values), _PART):
        part = values[start : start + _PART + 1]
        if not (part[1:] > part[:-1]).all():
            return False
    return True


def counts_up(values: Whole) -> bool:
    """Whether values are 0, 1, 2 … in order.

    >>> counts_up(np.array([0, 1, 2])), counts_up(np.array([1, 0]))
    (True, False)
    """
    size = len(values)
    return not size or (int(values[0]) == 0 and int(values[-1]) == size - 1 and rising(values))


def places_unlike(values: Whole, usual: int) -> Places:
    """The places of values other than one, in order.

    >>> places_unlike(np.array([0, 7, 0, 8]), 0).tolist()
    [1, 3]
    """
    starts = range(0, len(values), _PART)
    found = [np.flatnonzero(values[start : start + _PART] != usual) + start for start in starts]
    return np.concatenate([np.zeros(0, dtype=np.intp), *found])


def nowhere(size: int) -> Truth:
    """A mask of no row.

    >>> nowhere(2).tolist()
    [False, False]
    """
    return np.zeros(size, dtype=np.bool_)


def rows_where(good: Truth) -> Rows:
    """The rows of a mask, in order; a slice where they stand side by side, so that nothing is copied to take them.

    >>> rows_where(np.array([False, True, True])), rows_where(np.array([True, False, True])).tolist()
    (slice(1, 3, None), [0, 2])
    """
    if is_alike(good):
        return slice(0, len(good) if good[0] else 0)
    count, first = int(np.count_nonzero(good)), int(good.argmax()) if len(good) else 0
    return slice(first, first + count) if good[first : first + count].all() else np.flatnonzero(good)


def changed(values: Whole) -> Truth:
    """Where a value is another than that of the row before; never in the first row.

    >>> changed(np.array([4, 4, 9])).tolist()
    [False, False, True]
    """
    found = nowhere(len(values))
    found[1:] = values[1:] != values[:-1]
    return found


def starts_of(*keys: Whole) -> Places:
    """Where groups of equal keys begin; rows of a group stand together.

    >>> starts_of(np.array([4, 4, 9])).tolist()
    [0, 2]
    """
    new = np.zeros(len(keys[0]), dtype=np.bool_)
    new[:1] = True
    for key in keys:
        new[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(new)


def turns(starts: Places, size: int) -> list[Places]:
    """The first rows of all groups, then the second ones, and so on; each in order.

    >>> [rows.tolist() for rows in turns(np.array([0, 2]), 3)]
    [[0, 2], [1]]
    """
    counts = np.diff(starts, append=size)
    most = int(counts.max(initial=0))
    return [starts + turn if turn < int(counts.min()) else starts[counts > turn] + turn for turn in range(most)]


def together(*parts: Whole) -> tuple[Whole, Rows]:
    """Keys from parts under each other, and an order of them in which equal ones stand together, as they came.

    Where no key occurs twice, they stay as they are.

    >>> keys, order = together(np.array([7, 3]), np.array([3]))
    >>> keys[order].tolist()
    [3, 3, 7]
    """
    keys = np.concatenate(parts)
    once = len(distinct(keys)[0]) == len(keys) if len(keys) else True
    return keys, AS_THEY_ARE if once else ordered(keys)


def spread(values: Whole, starts: Places, size: int) -> Whole:
    """A value a group, to each of its rows.

    >>> spread(np.array([7, 8]), np.array([0, 2]), 3).tolist()
    [7, 7, 8]
    """
    if len(starts) == size:
        return values
    return alike(values[0], size) if is_alike(values) else np.repeat(values, np.diff(starts, append=size))


def ranked(starts: Places, size: int) -> Places:
    """The place of each row in its group, from 0 on."""
    return np.arange(size) - spread(starts, starts, size)


def distinct(values: Whole) -> tuple[Whole, Places]:
    """The values that occur, in order, each once; and for each row the place of its own.

    >>> found, places = distinct(np.array([30, 10, 30]))
    >>> found.tolist(), places.tolist()
    ([10, 30], [1, 0, 1])
    """
    size = len(values)
    if is_alike(values):
        return values[:1], alike(0, size)
    if (values[1:] > values[:-1]).all():
        return values, np.arange(size)
    if values.dtype != object and int(values.min()) >= 0 and int(values.max()) < 4 * size:
        return _distinct_codes(values)
    order, starts = grouped(values)
    if isinstance(order, slice):
        return values[starts], spread(np.arange(len(starts)), starts, size)
    places = np.empty(size, dtype=np.intp)
    places[order] = spread(np.arange(len(starts)), starts, size)
    return values[order[starts]], places


def _distinct_codes(codes: Whole) -> tuple[Whole, Places]:
    """As `distinct`, for small numbers from 0 on, without sorting them."""
    there = np.zeros(int(codes.max()) + 1, dtype=np.bool_)
    there[codes] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[codes]


def summed(values: Whole, starts: Places) -> Whole:
    """The sum of each group.

    >>> summed(np.array([1, 2, 5]), np.array([0, 2])).tolist()
    [3, 5]
    """
    return values if len(starts) == len(values) else np.add.reduceat(values, starts)


def total_of(values: Whole, places: Rows, size: int) -> Whole:
    """The sum at each place, of rows in any order; zero where there is no row.

    Of one row a place, in order (`AS_THEY_ARE`), it is the column itself.

    >>> total_of(np.array([1, 2, 5]), np.array([1, 0, 1]), 3).tolist()
    [2, 6, 0]
    """
    if isinstance(places, slice):
        return values
    sums = np.zeros(size, dtype=values.dtype)
    np.add.at(sums, places, values)
    return sums


def running(values: Whole, starts: Places) -> Whole:
    """The sum up to and with each row, anew in each group.

    >>> running(np.array([1, 2, 5]), np.array([0, 2])).tolist()
    [1, 3, 5]
    """
    if len(starts) == len(values):
        return values
    sums = np.cumsum(values)
    return sums - spread(sums[starts] - values[starts], starts, len(values))


def before(values: Whole, starts: Places) -> Whole:
    """The value of the row before in the same group; zero where there is none.

    >>> before(np.array([1, 2, 5]), np.array([0, 2])).tolist()
    [0, 1, 0]
    """
    found = np.zeros_like(values)
    found[1:] = values[:-1]
    found[starts] = 0
    return found


def most_before(values: Whole, starts: Places) -> Whole:
    """The largest value among the rows before each in its group; the value itself where there is none.

    Args:
        values: days; from above -2**23 to below 2**23.
        starts: where groups begin.

    >>> most_before(np.array([5, 2, 9]), np.array([0])).tolist()
    [5, 5, 5]
    """
    lift = spread(np.arange(len(starts)) * _SPAN, starts, len(values))
    found = np.maximum.accumulate(lift + values)
    found[1:] = found[:-1]
    found -= lift
    found[starts] = values[starts]
    return found


def last_before(values: Whole, counts: NDArray[np.bool_], starts: Places) -> Whole:
    """For each row, the value of the nearest earlier row of its group that counts; zero where there is none."""
    place = np.maximum.accumulate(np.where(counts, np.arange(len(values)), -1))
    place = np.append(-1, place)[:-1]
    return np.where(place >= spread(starts, starts, len(values)), values[place], values * 0)


def paired(low: Places, high: Places) -> tuple[Places, Places]:
    """Each row with every place of its range, from `low` to below `high`: the rows, and the places.

    >>> rows, places = paired(np.array([0, 5]), np.array([2, 6]))
    >>> rows.tolist(), places.tolist()
    ([0, 0, 1], [0, 1, 5])
    """
    counts = np.maximum(high - low, 0)
    rows = np.repeat(np.arange(len(low)), counts)
    return rows, np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts - low, counts)


def matched(keys: Whole, wanted: Whole) -> tuple[Places, Places]:
    """Each row of `wanted` with every row of `keys`, which are in order, that has the same key: the rows of both."""
    if not len(keys):
        return np.arange(0), np.arange(0)
    if counts_up(keys):
        rows = np.flatnonzero((wanted >= 0) & (wanted < len(keys)))
        return rows, wanted[rows]
    return paired(np.searchsorted(keys, wanted), np.searchsorted(keys, wanted, "right"))


def place_in(keys: Whole, wanted: Whole) -> Places:
    """The first place of each wanted key among keys that are in order; -1 where it is none of them.

    >>> place_in(np.array([3, 5]), np.array([5, 4])).tolist()
    [1, -1]
    """
    place = np.searchsorted(keys, wanted)
    return np.where((place < len(keys)) & (np.append(keys, -1)[place] == wanted), place, -1)


def as_of(keys: Whole, on: Whole, wanted: Whole, day: Whole) -> Places:
    """For each of some keys and days, the row that holds then: the last of its key that is not after the day; else -1.

    Args:
        keys: of the rows, which are in order of key, then day; none above 2**38.
        on: the day from which each row holds, from 0 to below 2**24.
        wanted: the keys that are asked for.
        day: of each question, from 0 to below 2**24.
    """
    if len(keys) and counts_up(keys):
        place = np.minimum(np.maximum(wanted, 0), len(keys) - 1)
        return np.where((place == wanted) & (on[place] <= day), place, -1)
    known = keys.astype(np.int64) * _SPAN + on
    place = np.searchsorted(known, wanted.astype(np.int64) * _SPAN + day, "right") - 1
    return np.where((place >= 0) & (np.append(keys, -1)[place] == wanted), place, -1)


_SPAN = 2**24
"""More days than there are from the year 1 to 9999."""
