"""Settled: (a column, what it should hold) -> the column as a book keeps it, and the cells that it cannot hold.

Where a value is missing there stands 0, False or -1, and text has each word once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import gcd, isfinite, isnan
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from loanperf._tables._columns import (
    CHUNK_ROWS,
    EPOCH,
    CameAs,
    Column,
    Truth,
    Whole,
    day_number,
    distinct_words,
    frozen_array,
)
from loanperf._tables._units import counted
from loanperf._units import Counted
from loanperf.batch._book._forms import Kind, scale_of
from loanperf.errors import DataError, shown

_NUMBERS = frozenset({"money", "whole", "share", "points", "rate"})
_TEXTS = frozenset({"key", "code", "text", "word", "currency"})
_LARGEST = 2**63 - 1
_FIRST_DAY, _LAST_DAY = day_number(EPOCH.min), day_number(EPOCH.max)
_DENSE = 2**20


@frozen(eq=False)
class Fault:
    """What is wrong with one cell."""

    row: int
    fault: str
    found: str
    remedy: str


_COUNTED: Mapping[Kind, Counted] = {"money": "money", "share": "share", "points": "points", "rate": "number"}
"""The kinds whose numbers may be of several units."""


def settled(
    given: Column, kind: Kind, where: str, currency: str, came_as: CameAs, unit: str | None = None
) -> tuple[Column, list[Fault]]:
    """A column as a book keeps it, and its bad cells.

    Args:
        given: as it came.
        kind: what the column should hold.
        where: table and column, for errors.
        currency: of the book.
        came_as: what the table came in.
        unit: of its numbers; None where nobody says it.

    Raises:
        DataError: it holds something else, or numbers that may be of several units.
    """
    if not len(given) or _is_empty(given):
        return _nothing(kind, len(given)), []
    if kind in _TEXTS:
        return _texts(given, kind, where, came_as)
    if kind in _NUMBERS and given.kind in ("whole", "float"):
        if kind in _COUNTED:
            given = counted(given, _COUNTED[kind], unit, where, currency)
        target = scale_of(kind, currency)
        if kind not in ("money", "whole") and given.scale is not None:
            target = given.scale
        return _numbers(given, target, came_as)
    if kind == "day" and given.kind == "day":
        return _days(given)
    if kind == "truth" and given.kind == "truth":
        return _filled(given, np.False_), []
    raise _wrong_kind(given, kind, where, came_as)


def _is_empty(given: Column) -> bool:
    """Whether nothing is there, so that it does not matter as what."""
    return given.beyond is None and given.kind != "text" and given.missing is not None and bool(given.missing.all())


def _wrong_kind(given: Column, kind: Kind, where: str, came_as: CameAs) -> DataError:
    wanted = "whole numbers" if kind in _NUMBERS else {"day": "days", "truth": "truths"}.get(kind, "text")
    wanted += " or whole numbers" if kind == "key" else ""
    more = (
        "; where pandas made floats of whole numbers, call convert_dtypes() on the frame" if came_as == "pandas" else ""
    )
    held = {"whole": "whole numbers", "float": "floats", "truth": "truths", "day": "days", "text": "text"}[given.kind]
    return DataError(f"column {where}", f"it holds {held}", f"pass {wanted}{more if given.kind == 'float' else ''}")


def _nothing(kind: Kind, rows: int) -> Column:
    """A column in which everything is missing."""
    missing = np.ones(rows, dtype=np.bool_) if rows else None
    if kind in _TEXTS:
        return Column("text", np.full(rows, -1, dtype=np.int8))
    if kind == "truth":
        return Column("truth", np.zeros(rows, dtype=np.bool_), missing)
    return Column("day" if kind == "day" else "whole", np.zeros(rows, dtype=np.int64), missing)


def _filled(given: Column, value: Any) -> Column:
    """A column with one value wherever something is missing."""
    if given.missing is None:
        return given
    if not given.missing.any():
        return evolve(given, missing=None)
    return evolve(given, values=frozen_array(np.where(given.missing, value, given.values)))


# ── text ────────────────────────────────────────────────────────────────────────────────────────────────────


def _texts(given: Column, kind: Kind, where: str, came_as: CameAs) -> tuple[Column, list[Fault]]:
    if given.kind == "text":
        return distinct_words(given, where), []
    if given.kind != "whole" or kind in ("word", "currency"):
        raise _wrong_kind(given, kind, where, came_as)
    column, faults = _numbers(given, 1, came_as)
    return evolve(column, scale=None) if kind == "key" else _digits(column), faults


def _digits(column: Column) -> Column:
    """Whole numbers as text."""
    values = column.values
    low, high = int(values.min()), int(values.max())
    if high - low < 4 * len(values) + _DENSE:
        there = np.zeros(high - low + 1, dtype=np.bool_)
        there[values - low] = True
        numbers = np.flatnonzero(there) + low
        place = np.zeros(there.size, dtype=np.int32)
        place[numbers - low] = np.arange(len(numbers), dtype=np.int32)
        codes = place[values - low]
    else:
        numbers, found = np.unique(values, return_inverse=True)
        codes = found.astype(np.int32)
    if column.missing is not None:
        codes[column.missing] = -1
    return Column("text", frozen_array(codes), None, tuple(map(str, numbers.tolist())))


# ── numbers ─────────────────────────────────────────────────────────────────────────────────────────────────


def _numbers(given: Column, scale: int, came_as: CameAs) -> tuple[Column, list[Fault]]:
    """Whole numbers in units of 1 / scale."""
    if given.kind == "float":
        return _of_floats(given, scale, came_as)
    column = _filled(given, 0)
    faults = [] if given.beyond is None else [*_beyond(given.beyond)]
    mine = scale if given.scale is None else given.scale
    common = gcd(scale, mine)
    times, below = scale // common, mine // common
    values: Whole = column.values
    if below > 1:
        uneven: Truth = values % below != 0
        if uneven.any():
            faults += _uneven(uneven, values, mine, scale)
            values = np.where(uneven, 0, values)
        values = values // below
    lowest, highest = (int(values.min()), int(values.max())) if values.size else (0, 0)
    if lowest * times < -_LARGEST or highest * times > _LARGEST:
        large: Truth = (values > _LARGEST // times) | (values < -(_LARGEST // times))
        faults += _beyond(large)
        values = np.where(large, 0, values)
    if times > 1:
        values = values * times
    return Column("whole", frozen_array(values.view()), column.missing, (), scale), faults


def _beyond(mask: Truth) -> Iterator[Fault]:
    for row in np.flatnonzero(mask).tolist():
        yield Fault(row, "it is beyond 64 bits", "", "give a number below 2**63 of its smallest unit")


def _uneven(mask: Truth, values: Whole, mine: int, scale: int) -> Iterator[Fault]:
    rows = np.flatnonzero(mask)
    remedy = "round it before it comes here" if scale > 1 else "give a whole number"
    for row, units in zip(rows.tolist(), values[rows].tolist(), strict=True):
        fault = f"it is not whole in units of 1/{scale}" if scale > 1 else "it is no whole number"
        yield Fault(row, fault, f"{units}/{mine}", remedy)


def _of_floats(given: Column, scale: int, came_as: CameAs) -> tuple[Column, list[Fault]]:
    """Floats that hold whole numbers, in chunks; the others are at fault."""
    found, bad = np.empty(len(given), dtype=np.int64), list[NDArray[np.intp]]()
    for start in range(0, len(given), CHUNK_ROWS):
        values = given.values[start : start + CHUNK_ROWS]
        if given.missing is not None:
            values = np.where(given.missing[start : start + CHUNK_ROWS], 0.0, values)
        good: Truth = (np.rint(values) == values) & (np.abs(values) <= 2.0**53)
        if not good.all():
            bad.append(np.flatnonzero(~good) + start)
            values = np.where(good, values, 0.0)
        found[start : start + CHUNK_ROWS] = values
    rows = [row for places in bad for row in places.tolist()]
    faults = [_float_fault(row, float(given.values[row]), came_as) for row in rows]
    column, more = _numbers(Column("whole", found, given.missing, (), given.scale), scale, came_as)
    return column, faults + more


def _float_fault(row: int, value: float, came_as: CameAs) -> Fault:
    if isnan(value):
        pandas = "; of pandas, call convert_dtypes() on the frame" if came_as == "pandas" else ""
        return Fault(row, "it is NaN", "nan", f"say what is missing by a null or a mask{pandas}")
    if isfinite(value) and value.is_integer():
        fault = "it is a float beyond 2**53, where floats leave whole numbers out"
        return Fault(row, fault, shown(value), "pass int64")
    remedy = "pass whole smallest units, or a decimal column"
    return Fault(row, "it is no whole number", shown(value), remedy)


# ── days ────────────────────────────────────────────────────────────────────────────────────────────────────


def _days(given: Column) -> tuple[Column, list[Fault]]:
    column = _filled(given, 0)
    values = column.values
    if _FIRST_DAY <= int(values.min()) <= int(values.max()) <= _LAST_DAY:
        return column, []
    strange: Truth = (values < _FIRST_DAY) | (values > _LAST_DAY)
    faults = [
        Fault(row, "it is beyond the years 1 to 9999", shown(str(np.datetime64(int(values[row]), "D"))), "mend the day")
        for row in np.flatnonzero(strange).tolist()
    ]
    return evolve(column, values=frozen_array(np.where(strange, 0, values))), faults


def out_of(column: Column, least: int, most: int | None) -> NDArray[np.intp]:
    """The rows in which a number is below `least` or above `most`; no bound is None."""
    values = column.values
    if not values.size or (int(values.min()) >= least and (most is None or int(values.max()) <= most)):
        return np.zeros(0, dtype=np.intp)
    outside: Truth = values < least
    if most is not None:
        outside |= values > most
    if column.missing is not None:
        outside &= ~column.missing
    return np.flatnonzero(outside)
