"""Sources: a data frame, a file or a sheet -> the same headings and rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import field, frozen

from loanperf.adapters.tables._columns import COLUMNS
from loanperf.adapters.tables._csv import Csv, open_csv
from loanperf.adapters.tables._given import Given, Limits, Line, Opened, Place, must_be_file
from loanperf.adapters.tables._headings import AskedOfColumns, required
from loanperf.adapters.tables._rows import Row, rows_of
from loanperf.adapters.tables._workbooks import Sheet, open_sheet
from loanperf.errors import DataError, Problem

ROWS_AT_A_TIME = 65_536
"""Of a data frame or Parquet file, which are made Python's own values before they are read."""


@frozen
class Parquet:
    """A Parquet file."""

    path: Path = field(converter=Path)


def source_of(given: Any) -> Any:
    """A path as the kind of file that its name says; anything else as it is.

    Raises:
        DataError: a path of another kind of file, or a stream that could be read only once.
    """
    if hasattr(given, "read_next_batch"):
        raise DataError(
            "sources", f"a {type(given).__name__} can be read only once", "pass what its read_all() returns"
        )
    if not isinstance(given, (str, Path)):
        return given
    path = Path(given)
    match path.suffix.lower():
        case ".csv":
            return Csv(path)
        case ".parquet":
            return Parquet(path)
        case ".xlsx":
            return Sheet(path)
        case suffix:
            remedy = "save it as .xlsx" if suffix.startswith((".xls", ".od", ".et")) else "pass .csv, .parquet or .xlsx"
            raise DataError(str(path), f"files of kind {suffix!r} are not read", remedy)


def read(source: Any, asked: AskedOfColumns, limits: Limits) -> Iterator[Row | Problem]:
    """Each row of a source, read as a table.

    Raises:
        DataError: the source cannot be used at all, or goes beyond the limits.
        MissingExtraError: what its kind needs is not installed.
    """
    return rows_of(_opened(source, asked.table, limits), asked, limits)


def _opened(source: Any, table: str, limits: Limits) -> Opened:
    needed = f"write a first row with the columns {', '.join(required(COLUMNS[table]))}, or remove the file"
    match source:
        case Csv():
            return open_csv(source, needed, limits)
        case Sheet():
            return open_sheet(source, table, needed, limits)
        case Parquet():
            return _open_parquet(source, limits)
        case _:
            return _open_frame(source, table)


def _open_parquet(source: Parquet, limits: Limits) -> Opened:
    from loanperf._tables._frames import values_from_parquet

    must_be_file(source.path, limits)
    name = source.path.name
    shape = (limits.unpacked_bytes, limits.cells_a_byte, limits.cell_characters)
    names, parts = values_from_parquet(str(source.path), name, min(ROWS_AT_A_TIME, limits.rows), shape)
    return Opened(name, name, names, _lines(name, parts))


def _open_frame(given: Any, table: str) -> Opened:
    from loanperf._tables._frames import values_from

    names, parts = values_from(given, table, ROWS_AT_A_TIME)
    title = f"table {table}"
    return Opened(title, title, names, _lines(title, parts))


def _lines(title: str, parts: Iterator[list[list[Any]]]) -> Iterator[Given]:
    """The rows of columns; they count from 0, as data frames do."""
    number = 0
    for columns in parts:
        for cells in zip(*columns, strict=True):
            yield Line(Place(title, number), cells)
            number += 1
