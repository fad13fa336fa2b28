"""Settled: (a host's column, what it is to hold) -> the column as facts hold it, and the cells that it cannot hold.

Where a value is missing there stands 0, False or -1, and text has each word once. One pass for the lowest and the
highest number decides for a column in which everything is as it should be.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd, isfinite, isnan
from typing import Any, Literal

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from loanperf._numbers import Truth, day_number, rising
from loanperf._tables._columns import (
    CHUNK_ROWS,
    EPOCH,
    CameAs,
    Column,
    Int64s,
    Kind,
    distinct_words,
    frozen_array,
)
from loanperf._tables._units import in_whole_units
from loanperf._tables._words import Digits, UpTo
from loanperf._units import Counted
from loanperf.errors import DataError, shown


def numbered(values: Int64s) -> tuple[Int64s, Int64s]:
    """The numbers that there are, in order, and the place of each row's among them."""
    if not len(values):
        return values, values
    low, high = int(values.min()), int(values.max())
    if high - low < 8 * len(values):
        return _numbered_densely(values, low, high)
    numbers, codes = np.unique(values, return_inverse=True)
    return numbers, codes.astype(np.int64)


def _numbered_densely(values: Int64s, low: int, high: int) -> tuple[Int64s, Int64s]:
    """As `numbered`, for numbers that fill most of their range; in parts that fit a processor's cache."""
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


_LARGEST = 2**63 - 1
_FIRST_DAY, _LAST_DAY = day_number(EPOCH.min), day_number(EPOCH.max)
_ROOM = {"words": 1, "any": 4}
"""How many words there may be a row, so that numbers are codes as they are; some of the words then occur nowhere."""


@frozen
class Wanted:
    """What a column is to hold."""

    held: Literal["text", "day", "truth", "whole"]
    counted: Counted | None = None
    """What its numbers count, where they may be of several units."""
    scale: int = 1
    """Units in one whole where nothing says it; of amounts and plain whole numbers always."""
    digits: Literal["no", "words", "codes", "any"] = "no"
    """Of text: whether whole numbers stand for their digits; as words like others, as codes on which tables join, or as
    codes on which none does."""


@frozen(eq=False)
class CellFault:
    """What is wrong with one cell."""

    row: int
    fault: str
    found: str
    remedy: str


@frozen(eq=False)
class Settled:
    """A column as facts hold it."""

    column: Column
    faults: list[CellFault]
    low: int = 0
    """The lowest number or day, counting also what stands where one is missing."""
    high: int = 0

    def outside(self, least: int | None, most: int | None) -> NDArray[np.intp]:
        """The rows in which a number is below `least` or above `most`; None is no bound."""
        values = self.column.values
        outside = np.zeros(len(values), dtype=np.bool_)
        if least is not None and self.low < least:
            outside |= values < least
        if most is not None and self.high > most:
            outside |= values > most
        if self.column.missing is not None:
            outside &= ~self.column.missing
        return np.flatnonzero(outside)

    def within(self, least: int | None, most: int | None) -> bool:
        """Whether one can be certain of that without looking at a row."""
        return (least is None or self.low >= least) and (most is None or self.high <= most)


def settled(
    given: Column, wanted: Wanted, where: str, currency: str, came_as: CameAs, unit: str | None = None
) -> Settled:
    """A column as facts hold it, and its bad cells."""
    if not len(given) or _is_empty(given):
        return Settled(_nothing(wanted, len(given)), [])
    if wanted.held == "text":
        return _texts(given, wanted, where, came_as)
    if wanted.held == "whole" and given.kind in ("whole", "float"):
        if wanted.counted is not None:
            given = in_whole_units(given, wanted.counted, unit, where, currency)
        fixed = wanted.counted in (None, "money")
        scale = wanted.scale if fixed or given.scale is None else given.scale
        found = _numbers(given, scale, came_as)
        return evolve(found, column=evolve(found.column, scale=1)) if fixed else found
    if wanted.held == "day" and given.kind == "day":
        return _days(given)
    if wanted.held == "truth" and given.kind == "truth":
        return Settled(_filled(given, np.False_), [])
    raise _wrong_kind(given, wanted, where, came_as)


def _is_empty(given: Column) -> bool:
    """Whether nothing is there, so that it does not matter as what."""
    if given.kind == "text":
        return int(given.values.max()) < 0
    return given.beyond is None and given.missing is not None and bool(given.missing.all())


def _wrong_kind(given: Column, wanted: Wanted, where: str, came_as: CameAs) -> DataError:
    words = {"whole": "whole numbers", "day": "days", "truth": "truths", "text": "text"}[wanted.held]
    words += " or whole numbers" if wanted.digits in ("codes", "any") else ""
    more = "; text such as '30万元' or '2026/3/2' is read by loanperf.adapters.tables.Tables"
    if given.kind != "text":
        pandas = came_as == "pandas" and given.kind == "float"
        more = "; where pandas made floats of whole numbers, call convert_dtypes() on the frame" if pandas else ""
    held = {"whole": "whole numbers", "float": "floats", "truth": "truths", "day": "days", "text": "text"}[given.kind]
    return DataError(f"column {where}", f"it holds {held}", f"pass {words}{more}")


def _nothing(wanted: Wanted, rows: int) -> Column:
    """A column in which everything is missing."""
    missing = np.ones(rows, dtype=np.bool_) if rows else None
    if wanted.held == "text":
        return Column("text", np.full(rows, -1, dtype=np.int8))
    if wanted.held == "truth":
        return Column("truth", np.zeros(rows, dtype=np.bool_), missing)
    kind: Kind = wanted.held
    return Column(kind, np.zeros(rows, dtype=np.int64), missing, (), 1 if kind == "whole" else None)


def _filled(given: Column, value: Any) -> Column:
    """A column with one value wherever something is missing."""
    if given.missing is None:
        return given
    if not given.missing.any():
        return evolve(given, missing=None)
    return evolve(given, values=frozen_array(np.where(given.missing, value, given.values)))


def span(values: Int64s) -> tuple[int, int]:
    """The lowest and the highest of numbers; both in one pass through memory."""
    if not len(values):
        return 0, 0
    low, high = int(values[0]), int(values[0])
    for start in range(0, len(values), CHUNK_ROWS):
        part = values[start : start + CHUNK_ROWS]
        low, high = min(low, int(part.min())), max(high, int(part.max()))
    return low, high


# ── text ────────────────────────────────────────────────────────────────────────────────────────────────────


def _texts(given: Column, wanted: Wanted, where: str, came_as: CameAs) -> Settled:
    if given.kind == "text":
        return Settled(distinct_words(given, where), [])
    if given.kind != "whole" or wanted.digits == "no":
        raise _wrong_kind(given, wanted, where, came_as)
    found = _numbers(given, 1, came_as)
    return Settled(_of_digits(found, wanted.digits), found.faults)


def _of_digits(found: Settled, digits: Literal["words", "codes", "any"]) -> Column:
    """Whole numbers as text."""
    values, missing = found.column.values, found.column.missing
    if digits != "codes" and missing is None and found.low >= 0 and found.high < _ROOM[digits] * len(values):
        return Column("text", values, None, UpTo(found.high + 1))
    if digits != "words" and missing is None and rising(values):
        return Column("text", frozen_array(np.arange(len(values), dtype=np.int32)), None, Digits(values))
    numbers, codes = numbered(values)
    if missing is not None:
        codes = np.where(missing, -1, codes)
    elif digits != "words" and len(numbers) == len(values):
        return Column("text", frozen_array(np.arange(len(values), dtype=np.int32)), None, Digits(values))
    words = tuple(map(str, numbers.tolist())) if digits == "words" else Digits(numbers)
    return Column("text", frozen_array(codes.view()), None, words)


# ── numbers ─────────────────────────────────────────────────────────────────────────────────────────────────


def _numbers(given: Column, scale: int, came_as: CameAs) -> Settled:
    """Whole numbers in units of 1 / scale."""
    if given.kind == "float":
        return _of_floats(given, scale, came_as)
    column = _filled(given, 0)
    faults = [] if given.beyond is None else [*_beyond(given.beyond)]
    mine = scale if given.scale is None else given.scale
    common = gcd(scale, mine)
    times, below = scale // common, mine // common
    values: Int64s = column.values
    if below > 1:
        uneven: Truth = values % below != 0
        if uneven.any():
            faults += _uneven(uneven, values, mine, scale)
            values = np.where(uneven, 0, values)
        values = values // below
    low, high = span(values)
    if low * times < -_LARGEST or high * times > _LARGEST:
        large: Truth = (values > _LARGEST // times) | (values < -(_LARGEST // times))
        faults += _beyond(large)
        values = np.where(large, 0, values)
        low, high = span(values)
    if times > 1:
        values = values * times
    return Settled(
        Column("whole", frozen_array(values.view()), column.missing, (), scale), faults, low * times, high * times
    )


def _beyond(mask: Truth) -> Iterator[CellFault]:
    for row in np.flatnonzero(mask).tolist():
        yield CellFault(row, "it is beyond 64 bits", "", "give a number below 2**63 of its smallest unit")


def _uneven(mask: Truth, values: Int64s, mine: int, scale: int) -> Iterator[CellFault]:
    rows = np.flatnonzero(mask)
    remedy = "round it before it comes here" if scale > 1 else "give a whole number"
    for row, units in zip(rows.tolist(), values[rows].tolist(), strict=True):
        fault = f"it is not whole in units of 1/{scale}" if scale > 1 else "it is no whole number"
        yield CellFault(row, fault, f"{units}/{mine}", remedy)


def _of_floats(given: Column, scale: int, came_as: CameAs) -> Settled:
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
    whole = _numbers(Column("whole", found, given.missing, (), given.scale), scale, came_as)
    return evolve(whole, faults=faults + whole.faults)


def _float_fault(row: int, value: float, came_as: CameAs) -> CellFault:
    if isnan(value):
        pandas = "; of pandas, call convert_dtypes() on the frame" if came_as == "pandas" else ""
        return CellFault(row, "it is NaN", "nan", f"say what is missing by a null or a mask{pandas}")
    if isfinite(value) and value.is_integer():
        fault = "it is a float beyond 2**53, where floats leave whole numbers out"
        return CellFault(row, fault, shown(value), "pass int64")
    remedy = "pass whole smallest units, or a decimal column"
    return CellFault(row, "it is no whole number", shown(value), remedy)


# ── days ────────────────────────────────────────────────────────────────────────────────────────────────────


def _days(given: Column) -> Settled:
    column = _filled(given, 0)
    values = column.values
    low, high = span(values)
    if low >= _FIRST_DAY and high <= _LAST_DAY:
        return Settled(column, [], low, high)
    strange: Truth = (values < _FIRST_DAY) | (values > _LAST_DAY)
    faults = [
        CellFault(
            row, "it is beyond the years 1 to 9999", shown(str(np.datetime64(int(values[row]), "D"))), "mend the day"
        )
        for row in np.flatnonzero(strange).tolist()
    ]
    found = frozen_array(np.where(strange, 0, values))
    return Settled(evolve(column, values=found), faults, *span(found))
