"""Alike: columns with one value in all rows, which is kept once: what is made of them is made once too.

Any step may read one as it reads any other column. None may write to it; a copy can be written to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from loanperf._numbers._whole import Whole, whole

Truth: TypeAlias = NDArray[np.bool_]
"""A mask: one truth a row."""

_FEW = 512
"""Columns of fewer rows are kept as they are: to ask whether they are alike would cost more."""


def alike(value: Any, size: int) -> Whole:
    """A column of one value, a row each.

    >>> alike(7, 2).tolist()
    [7, 7]
    """
    return _of(whole([value]) if type(value) is int else np.asarray(value)[np.newaxis], size)


def no_rows(size: int) -> Truth:
    """A mask of no row, to be read; `nowhere` is one to be written to.

    >>> no_rows(2).tolist()
    [False, False]
    """
    return alike(np.False_, size)


def folded(values: Whole) -> Whole:
    """The same column; kept as one value where all are equal.

    >>> folded(np.array([True, True])).tolist()
    [True, True]
    """
    size = len(values)
    if size < _FEW or is_alike(values) or values.dtype == object:
        return values
    if values[0] != values[-1] or values[0] != values[size // 2]:
        return values
    if values.dtype == np.bool_:
        same = values.all() if values[0] else not values.any()
    else:
        same = (values == values[0]).all()
    return _of(values[:1].copy(), size) if same else values


def by_code(values: Whole) -> Whole:
    """Values by code, of few codes: what they are of codes that are alike, or where the values are, is alike.

    >>> by_code(np.array([5, 6]))[np.array([1, 0, 1])].tolist()
    [6, 5, 6]
    """
    return values.view(_ByCode)


class _ByCode(np.ndarray[Any, Any]):
    """An array that is asked for a value a row."""

    def __getitem__(self, rows: Any) -> Any:
        values = self.view(np.ndarray)
        if isinstance(rows, np.ndarray) and rows.dtype != np.bool_ and len(rows) >= _FEW and values.dtype != object:
            if is_alike(rows):
                return _of(values[_one(rows)], len(rows))
            if (values == values[0]).all():
                return _of(values[:1].copy(), len(rows))
        return values[rows]


class Alike(np.ndarray[Any, Any]):
    """An array whose rows are one value in memory; arithmetic on it alone is done once."""

    one: Any = None
    """The value, as an array of one; None where numpy made this array from another, so that rows may differ."""

    def __getitem__(self, rows: Any) -> Any:
        if self.one is None or isinstance(rows, int | np.integer):
            return self.view(np.ndarray)[rows]
        if isinstance(rows, np.ndarray) and rows.ndim == 1:
            return _of(self.one, int(np.count_nonzero(rows)) if rows.dtype == np.bool_ else len(rows))
        if isinstance(rows, slice):
            return _of(self.one, len(range(*rows.indices(len(self)))))
        return self.view(np.ndarray)[rows]

    def __array_ufunc__(self, ufunc: np.ufunc, method: Any, *inputs: Any, **options: Any) -> Any:
        if method == "__call__" and "where" not in options and ufunc.nout == 1:
            return _once(ufunc, inputs, options)
        if method == "reduce" and ufunc in _ONE_IS_ENOUGH and self.one is not None and options.get("out") is None:
            return ufunc.reduce(self.one, **options)
        return getattr(ufunc, method)(*map(_plain, inputs), **options)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        special = _SPECIAL.get(func)
        if special is not None and not kwargs:
            found = special(*args)
            if found is not NotImplemented:
                return found
        return func(*map(_plain_each, args), **{name: _plain_each(item) for name, item in kwargs.items()})

    def astype(self, dtype: Any, *args: Any, **_: Any) -> Any:
        """The same value in another type."""
        return _plain(self).astype(dtype, *args) if self.one is None else _of(self.one.astype(dtype), len(self))

    def copy(self, order: Any = "C") -> Any:
        """A column that may be written to."""
        return _plain(self).copy(order)

    def __reduce__(self) -> Any:
        return self.copy().__reduce__()

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self.copy().__reduce_ex__(protocol)

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy()


_ONE_IS_ENOUGH = (np.maximum, np.minimum, np.logical_and, np.logical_or, np.bitwise_and, np.bitwise_or)
"""What of many equal values is that of one."""


def _once(ufunc: np.ufunc, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What a function makes of numbers a row, of which some are alike; once, where all of them are."""
    out = options.get("out")
    if out is not None and isinstance(out[0], Alike):  # `column += 1` makes another column
        options = {name: item for name, item in options.items() if name != "out"}
    given, alike_size, full_size = [], -1, -1
    for item in inputs:
        if isinstance(item, np.ndarray) and item.ndim:
            one = item.one if isinstance(item, Alike) else None
            given.append(_plain(item) if one is None else one)
            if one is not None and alike_size in (-1, len(item)):
                alike_size = len(item)
            elif one is None and item.ndim == 1 and full_size in (-1, len(item)):
                full_size = len(item)
            else:
                return ufunc(*map(_plain, inputs), **options)
        else:
            given.append(item)
    if full_size < 0:
        return _of(ufunc(*given, **options), alike_size)
    if full_size != alike_size >= 0:
        return ufunc(*map(_plain, inputs), **options)
    return ufunc(*given, **options)


def _of(one: Any, size: int) -> Whole:
    """A column of a value that is given as an array of one."""
    if size < _FEW or size < 1:
        return np.repeat(one, size)
    if one.dtype == object:
        found = np.broadcast_to(one, (size,)).view(Alike)
    else:
        found = Alike((size,), one.dtype, one, 0, (0,))
        found.flags.writeable = False
    found.one = one
    return found


def is_alike(item: Any) -> bool:
    """Whether a column is kept as one value."""
    return isinstance(item, Alike) and item.one is not None


def _plain(item: Any) -> Any:
    return item.view(np.ndarray) if isinstance(item, Alike) else item


def _plain_each(item: Any) -> Any:
    if isinstance(item, list | tuple):
        return type(item)(map(_plain_each, item))
    return _plain(item)


def _one(column: Any) -> Any:
    return column.one


def _fits(item: Any, size: int) -> bool:
    """Whether it has a value a row, or one for all."""
    return not isinstance(item, np.ndarray) or not item.ndim or item.shape == (size,)


def _where(good: Any, one: Any, other: Any) -> Any:
    if is_alike(good):
        size, chosen = len(good), one if good[0] else other
        if not all(_fits(item, size) for item in (one, other)):
            return NotImplemented
        firsts = [
            item[:1] if isinstance(item, np.ndarray) and item.ndim else item for item in map(_plain, (one, other))
        ]
        kind = np.where(np.array([good[0]]), *firsts).dtype
        if is_alike(chosen) or not isinstance(chosen, np.ndarray) or not chosen.ndim:
            first = _one(chosen) if is_alike(chosen) else np.asarray(chosen)[np.newaxis]
            return _of(first.astype(kind), size)
        return _plain(chosen).astype(kind)
    if not isinstance(good, np.ndarray) or good.ndim != 1:
        return NotImplemented
    firsts = [item.one if is_alike(item) else item for item in (one, other)]
    if not all(_fits(item, len(good)) for item in (one, other)) or not len(good):
        return NotImplemented
    if all(not isinstance(item, np.ndarray) or item.size == 1 for item in firsts):
        top, bottom = (np.where(truth, *firsts) for truth in (True, False))
        if len(good) > 1 and bool(np.all(top == bottom)):
            return _of(np.ravel(top), len(good))
    return np.where(good, *firsts)


def _concatenated(parts: Sequence[Any]) -> Any:
    some = [part for part in parts if len(part)]
    if not some or not all(map(is_alike, some)) or len({part.dtype for part in parts}) > 1:
        return NotImplemented
    if any(part[0] != some[0][0] for part in some[1:]):
        return NotImplemented
    return _of(_one(some[0]), sum(map(len, some)))


def _found_at(known: Any, wanted: Any, side: str = "left") -> Any:
    if not is_alike(wanted):
        return NotImplemented
    return _of(np.searchsorted(_plain(known), _one(wanted), side), len(wanted))  # type: ignore[call-overload]


def _places(values: Any) -> Any:
    if not is_alike(values):
        return NotImplemented
    return np.arange(len(values) if values[0] else 0)


def _count(values: Any) -> Any:
    if not is_alike(values):
        return NotImplemented
    return len(values) if values[0] else 0


_SPECIAL: dict[Any, Any] = {
    np.where: _where,
    np.concatenate: _concatenated,
    np.searchsorted: _found_at,
    np.flatnonzero: _places,
    np.count_nonzero: _count,
}
