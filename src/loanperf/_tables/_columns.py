"""Columns: a host's arrays -> columns of whole numbers, truths, days and words, each of one kind and read-only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Literal, TypeAlias

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from loanperf._numbers import Truth
from loanperf.errors import DataError, shown

MISSING = -(2**63)
"""What stands in a column of results where there is no value: the smallest int64."""
CHUNK_ROWS = 65_536
"""Rows worked at once: few enough that what is worked on stays in a processor's cache."""
EPOCH = date(1970, 1, 1)

Kind: TypeAlias = Literal["whole", "float", "truth", "day", "text"]
CameAs: TypeAlias = Literal["arrays", "pandas", "polars", "pyarrow", "duckdb"]
"""The kind of table that columns came in."""
Int64s: TypeAlias = NDArray[np.int64]


@frozen(eq=False)
class Coded:
    """Text as small whole numbers into a list of words, for hosts that have no strings at hand; -1 is missing."""

    codes: NDArray[Any]
    """Signed whole numbers, -1 to len(words) − 1."""
    words: Sequence[str]


@frozen(eq=False)
class Column:
    """One column: values of one kind, in rows, and which of them are missing."""

    kind: Kind
    values: NDArray[Any]
    """`whole`: int64. `float`: float64 that holds whole numbers. `truth`: bool. `day`: int64 days since 1970-01-01.
    `text`: int64, int32, int16 or int8 codes into `words`, -1 where missing."""
    missing: Truth | None = None
    """True where there is no value, whatever stands in `values`; None where nothing is missing."""
    words: Sequence[str] = ()
    """The word of each code, where the column is of text."""
    scale: int | None = None
    """Units in one whole, where the type of the column says so; None where it does not."""
    beyond: Truth | None = None
    """True where a number does not fit in 64 bits, and is missing therefore; only a book takes such a column."""
    bare: bool = False
    """Whether `scale` is known from the places of decimals alone: nobody has said whether they count 元 or 万元, % or
    ratios."""

    def __len__(self) -> int:
        return len(self.values)

    def at(self, row: int) -> int | bool | date | str | None:
        """The value of a row as a Python value; None where it is missing."""
        if self.missing is not None and self.missing[row]:
            return None
        value = self.values[row]
        match self.kind:
            case "whole" | "float":
                return int(value)
            case "truth":
                return bool(value)
            case "day":
                return EPOCH + timedelta(days=int(value))
            case "text":
                return None if value < 0 else str(self.words[int(value)])

    def rows(self, chosen: NDArray[Any] | slice) -> Column:
        """Some of the rows, by mask, positions or slice."""
        missing = None if self.missing is None else self.missing[chosen]
        beyond = None if self.beyond is None else self.beyond[chosen]
        return Column(self.kind, self.values[chosen], missing, self.words, self.scale, beyond, self.bare)


@frozen(eq=False)
class Table:
    """Columns of one length, by name."""

    name: str
    """What it is called in errors and problems."""
    rows: int
    columns: Mapping[str, Column]
    came_as: CameAs = "arrays"
    first_row: int = 0
    """The number of its first row, where it is a part of more; problems count from there."""

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __getitem__(self, name: str) -> Column:
        if name not in self.columns:
            raise DataError(f"table {self.name}", f"it has no column {name!r}", f"it has {', '.join(self.columns)}")
        return self.columns[name]

    def take(self, chosen: NDArray[Any] | slice) -> Table:
        """Some of the rows, by mask, positions or slice."""
        columns = {name: column.rows(chosen) for name, column in self.columns.items()}
        rows = len(next(iter(columns.values()))) if columns else 0
        return Table(self.name, rows, columns, self.came_as)


@frozen(eq=False)
class ColumnsBetween(Mapping[str, Column]):
    """Columns of some rows of a table that stand behind each other; each is cut out when it is asked for."""

    whole: Mapping[str, Column]
    low: int
    high: int
    memo: dict[str, Any]
    """What was worked out of the whole, for all parts that were cut out of it together."""

    def __getitem__(self, name: str) -> Column:
        return self.whole[name].rows(slice(self.low, self.high))

    def __iter__(self) -> Iterator[str]:
        return iter(self.whole)

    def __len__(self) -> int:
        return len(self.whole)


def cutting(table: Table) -> Callable[[int, int], Table]:
    """What cuts rows out of a table, from one to before another; parts of one table share what is worked out of it.

    >>> cut = cutting(Table("loans", 3, {"units": Column("whole", np.array([5, 7, 9]))}))
    >>> cut(1, 3).columns["units"].values.tolist()
    [7, 9]
    """
    memo: dict[str, Any] = {}

    def cut(low: int, high: int) -> Table:
        return Table(table.name, high - low, ColumnsBetween(table.columns, low, high, memo), table.came_as)

    return cut


def is_there(column: Column) -> Truth:
    """In which rows of a column as facts hold it there is a value."""
    if column.kind == "text":
        found: Truth = column.values >= 0
        return found
    return np.ones(len(column), dtype=np.bool_) if column.missing is None else ~column.missing


def gone(column: Column) -> Truth:
    """For each row of a column of numbers, truths or days, whether it has no value there."""
    return np.zeros(len(column), dtype=np.bool_) if column.missing is None else column.missing


def frozen_array(values: NDArray[Any]) -> NDArray[Any]:
    """The array, made read-only."""
    values.flags.writeable = False
    return values


# ── arrays ──────────────────────────────────────────────────────────────────────────────────────────────────


def column_of(given: Any, where: str) -> Column:
    """A column from an array, a masked array, a list, `Coded` or another column."""
    return held(read_column(given, where), where)


def held(column: Column, where: str) -> Column:
    """A column of which every number fits in 64 bits."""
    if column.beyond is not None:
        fault = f"the number in row {int(column.beyond.argmax())} is beyond 64 bits"
        raise DataError(f"column {where}", fault, "pass numbers below 2**63")
    return column


def read_column(given: Any, where: str) -> Column:
    """As `column_of`, but a number beyond 64 bits is left to the reader, in `beyond`."""
    if isinstance(given, Column):
        return _checked(given, where)
    if isinstance(given, Coded):
        return _coded(given, where)
    values, missing = np.ma.getdata(given), None
    if isinstance(given, np.ma.MaskedArray) and np.ma.getmaskarray(given).any():
        missing = np.ma.getmaskarray(given)
    if values.ndim != 1:
        raise DataError(f"column {where}", f"it has {values.ndim} dimensions", "pass one value a row")
    return _of_kind(values, missing, where)


def _of_kind(values: NDArray[Any], missing: Truth | None, where: str) -> Column:
    kind, size = values.dtype.kind, values.dtype.itemsize
    match kind:
        case "i":
            return Column("whole", _native(values, np.int64), missing)
        case "u":
            return _unsigned(values, missing)
        case "f" if size == 8:
            return Column("float", _native(values, np.float64), missing)
        case "f" if size < 8:
            places = "2**11" if size == 2 else "2**24"
            fault = f"its type is {values.dtype}, which holds whole numbers only up to {places}"
            raise DataError(f"column {where}", fault, "pass int64, or float64 that holds whole numbers")
        case "b":
            return Column("truth", _native(values, np.bool_), missing)
        case "M":
            return _days(values, missing, where)
        case "U" | "T" | "O":
            return _text(values, missing, where)
        case _:
            remedy = "pass whole numbers, truths, days or text; amounts as smallest units"
            raise DataError(f"column {where}", f"its type is {values.dtype}", remedy)


def _native(values: NDArray[Any], kind: type[np.generic]) -> NDArray[Any]:
    """The values in the order of bytes of this machine, through which nobody can write."""
    return frozen_array(values.astype(kind, copy=False).view())


def _unsigned(values: NDArray[Any], missing: Truth | None) -> Column:
    if not values.size or int(values.max()) < 2**63:
        return Column("whole", _native(values, np.int64), missing)
    beyond: Truth = values > np.uint64(2**63 - 1)
    gone = beyond if missing is None else beyond | missing
    found = Column("whole", _native(np.where(beyond, 0, values), np.int64), gone)
    beyond = beyond if missing is None else beyond & ~missing
    return evolve(found, beyond=beyond) if beyond.any() else found


def _days(values: NDArray[Any], missing: Truth | None, where: str) -> Column:
    unit, _ = np.datetime_data(values.dtype)
    if unit in ("Y", "M", "W", "generic"):
        raise DataError(f"column {where}", f"its type is {values.dtype}, and that is no day", "pass datetime64[D]")
    days = values.astype("datetime64[D]", copy=False)
    gone = np.isnat(days)
    if unit != "D":
        timed = (days != values) & ~gone
        if timed.any():
            fault = f"the day in row {int(timed.argmax())} has a time of day: {values[timed.argmax()]}"
            raise DataError(f"column {where}", fault, "pass dates, in the zone in which days count")
    numbers = days.view(np.int64)
    if gone.any():
        numbers = np.where(gone, 0, numbers)
        missing = gone if missing is None else missing | gone
    return Column("day", _native(numbers, np.int64), missing)


def _text(values: NDArray[Any], missing: Truth | None, where: str) -> Column:
    """Words in order of their first row; each row is looked at by C alone."""
    codes = np.empty(len(values), dtype=np.int32)
    index: dict[Any, int] = {None: -1}
    for start in range(0, len(values), CHUNK_ROWS):
        cells = values[start : start + CHUNK_ROWS].tolist()
        try:
            new = [cell for cell in dict.fromkeys(cells) if cell not in index]
        except TypeError:
            raise _no_text(values, where) from None
        if not all(issubclass(kind, str) for kind in {*map(type, new)}):
            raise _no_text(values, where)
        index.update(zip(new, range(len(index) - 1, len(index) - 1 + len(new)), strict=True))
        codes[start : start + len(cells)] = np.fromiter(map(index.__getitem__, cells), np.int32, len(cells))
    if missing is not None:
        codes[missing] = -1
    del index[None]
    return Column("text", frozen_array(codes), None, tuple(map(str.__str__, index)))


def _no_text(values: NDArray[Any], where: str) -> DataError:
    """Which row of a column of Python objects holds something else than text."""
    places = (place for place, cell in enumerate(values) if cell is not None and not isinstance(cell, str))
    place = next(places)
    fault = f"its type is {values.dtype}, and row {place} holds {shown(values[place])}"
    remedy = "pass text or None; other values as an array of their own type, such as int64 or datetime64[D]"
    return DataError(f"column {where}", fault, remedy)


# ── columns that a host built ───────────────────────────────────────────────────────────────────────────────

_OF_CODES = "pass -1, which is missing, to len(words) - 1"
_HELD_IN: Mapping[Kind, str] = {"whole": "i8", "float": "f8", "truth": "b1", "day": "i8", "text": "i1 i2 i4 i8"}


def _checked(given: Column, where: str) -> Column:
    """A column of somebody else, with each word once."""
    values: Any = given.values
    if not isinstance(values, np.ndarray) or values.ndim != 1 or given.kind not in _HELD_IN:
        raise DataError(f"column {where}", "it is no column of one dimension", "build it by table_of")
    if values.dtype.str[1:] not in _HELD_IN[given.kind].split() or not values.dtype.isnative:
        fault = f"a column of kind {given.kind!r} holds {values.dtype}"
        raise DataError(f"column {where}", fault, f"pass {_HELD_IN[given.kind].replace(' ', ' or ')}")
    if given.missing is not None and (given.missing.shape != values.shape or given.missing.dtype != np.bool_):
        raise DataError(f"column {where}", "missing is not one truth a row", "pass True where there is no value")
    scale: Any = given.scale
    if scale is not None and (type(scale) is not int or scale < 1):
        raise DataError(f"column {where}", f"its scale is {shown(scale)}", "give units in one whole, one or more")
    if given.kind == "text":
        _must_be_within(values, given.words, where)
    return given


def _coded(given: Coded, where: str) -> Column:
    codes = np.asarray(given.codes)
    if codes.ndim != 1 or codes.dtype.kind not in "iu":
        raise DataError(f"column {where}", "its codes are no whole numbers of one dimension", _OF_CODES)
    _must_be_within(codes, given.words, where)
    kind = np.int64 if codes.dtype.kind == "u" else codes.dtype.type
    return Column("text", _native(codes, kind), None, given.words)


def _must_be_within(codes: NDArray[Any], words: Sequence[str], where: str) -> None:
    if codes.size and not -1 <= codes.min() <= codes.max() < len(words):
        fault = f"its codes go from {codes.min()} to {codes.max()}, and there are {len(words)} words"
        raise DataError(f"column {where}", fault, _OF_CODES)


def _is_no_text(word: object) -> bool:
    return not isinstance(word, str)


def distinct_words(given: Column, where: str) -> Column:
    """A column of text with each word once, as a tuple; -1 alone says that a word is missing."""
    codes, words = given.values, given.words if isinstance(given.words, tuple) else tuple(given.words)
    if {*map(type, words)} - {str}:
        strange: list[Any] = [*filter(_is_no_text, words)]
        if strange:
            raise DataError(f"column {where}", f"one of its words is {shown(strange[0])}", "pass text")
        words = tuple(map(str.__str__, words))
    if len(set(words)) < len(words):
        places = {word: place for place, word in enumerate(dict.fromkeys(words))}
        codes = np.array([*map(places.__getitem__, words), -1], dtype=np.int64)[codes]
        words = tuple(places)
    if given.missing is not None:
        codes = np.where(given.missing, -1, codes)
    return Column("text", frozen_array(codes.view()), None, words)
