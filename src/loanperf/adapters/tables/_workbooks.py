"""Workbooks: a sheet -> headings and rows. The door of python-calamine, with the extra `excel`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import ZipFile

from attrs import field, frozen

from loanperf.adapters.tables._cells import Fault, Figure, figure
from loanperf.adapters.tables._given import TABLES, Given, Limits, Line, Opened, Place, must_be_file
from loanperf.adapters.tables._headings import plain_heading
from loanperf.adapters.tables._parts import Marks, Merged, Sheets, book_of, marks_of, must_unfold_as_said, open_parts
from loanperf.errors import DataError, MissingExtraError, meant_by, shown

_REPAIR = "open it in Excel, and save it as a new .xlsx"


@frozen
class Sheet:
    """A sheet of a workbook `.xlsx`."""

    path: Path = field(converter=Path)
    name: str = ""
    """As its tab says; empty is the only sheet, or the one that is named as the table."""


def table_named(name: str) -> str:
    """The table that a sheet is named for, by its English or Chinese name; empty where there is none.

    >>> table_named("贷款"), table_named("Exchange rates"), table_named("Sheet1")
    ('loans', 'exchange_rates', '')
    """
    plain = plain_heading(name)
    return next((table for table, zh in TABLES.items() if plain in (table, *zh)), "")


def sheets_of(path: Path, limits: Limits) -> tuple[str, ...]:
    """The names of the sheets of a workbook, in order."""
    with _parts(path, limits) as (_, parts):
        return tuple(book_of(parts, path.name).sheets)


def sheet_is_empty(path: Path, name: str, limits: Limits) -> bool:
    """Whether no cell of a sheet holds a value."""
    with _parts(path, limits) as (_, parts):
        book = book_of(parts, path.name)
        return not marks_of(parts, book.sheets[name], path.name, book.percents).rows


def open_sheet(sheet: Sheet, table: str, remedy: str, limits: Limits) -> Opened:
    """The headings and rows of a sheet; formulas count by the values that were saved with them."""
    calamine = _calamine()
    file = sheet.path.name
    with _parts(sheet.path, limits) as (stream, parts):
        book = book_of(parts, file)
        name = _chosen(sheet, book, table)
        must_unfold_as_said(parts, file)
        marks = marks_of(parts, book.sheets[name], file, book.percents)
        stream.seek(0)
        try:
            # It takes all that it needs from the stream at once.
            cells = calamine.CalamineWorkbook.from_filelike(stream).get_sheet_by_name(name)
        except calamine.PasswordError as error:
            raise DataError(file, "it has a password", "save it as .xlsx, without a password") from error
        except calamine.CalamineError as error:
            raise DataError(file, f"it cannot be read: {str(error).splitlines()[0]}", _REPAIR) from error
    title = f"{file} sheet {name}"
    rows = _rows(cells, title, marks, book)
    top = next(rows, None)
    if top is None or not any(cell not in ("", None) for cell in top.cells) or top.place.row != 1:
        raise DataError(f"{title} row 1", "it is empty", remedy)
    headings = [_heading(cell) for cell in top.cells]
    while headings and not headings[-1].strip():
        headings.pop()
    return Opened(title, str(top.place), headings, _fitted(rows, len(headings)))


def _calamine() -> Any:
    try:
        return import_module("python_calamine")
    except ImportError as error:
        raise MissingExtraError("excel", "python-calamine") from error


@contextmanager
def _parts(path: Path, limits: Limits) -> Iterator[tuple[BinaryIO, ZipFile]]:
    """A workbook, looked over and open: the same bytes for all who read it."""
    must_be_file(path, limits)
    try:
        with path.open("rb") as stream, open_parts(path, stream, limits) as parts:
            yield stream, parts
    except OSError as error:
        raise DataError(path.name, f"it cannot be read: {error.strerror}", "check the file and its rights") from None


def _chosen(sheet: Sheet, book: Sheets, table: str) -> str:
    """The sheet that is meant."""
    names = tuple(book.sheets)
    if sheet.name:
        if sheet.name in names:
            return sheet.name
        remedy = meant_by(sheet.name, names, f"its sheets are {', '.join(names)}")
        raise DataError(sheet.path.name, f"there is no sheet {shown(sheet.name)}", remedy)
    named = [name for name in names if table_named(name) == table]
    found = named or list(names)
    if len(found) != 1:
        fault = (
            f"{len(found)} of its sheets may be the table {table!r}: {', '.join(found)}" if found else "it has no sheet"
        )
        raise DataError(sheet.path.name, fault, "say which: Sheet(path, name)")
    return found[0]


def _heading(cell: object) -> str:
    match cell:
        case None:
            return ""
        case Fault():
            return cell.found
        case Figure():
            return str(cell.value)
        case _:
            return str(cell)


def _rows(cells: Any, title: str, marks: Marks, book: Sheets) -> Iterator[Line]:
    """The rows that hold a value, each from the first column of the sheet on."""
    left = (cells.start or (0, 0))[1]
    merged = sorted(marks.merged, key=lambda area: area.top, reverse=True)
    over: list[Merged] = []
    for row, found in enumerate(cells.iter_rows()):
        line = [None] * left + [_cell(value, row, left + place, marks, book) for place, value in enumerate(found)]
        blank = all(cell is None for cell in line)
        if over and not blank:
            _cover(line, over)
        over = [area for area in over if area.bottom > row]
        while merged and merged[-1].top <= row:
            area = merged.pop()
            if area.left < len(line) and line[area.left] is not None:
                over.append(area)
        if len(over) > len(line):
            raise DataError(title, "merged cells lie one over the other", _REPAIR)
        if not blank:
            yield Line(Place(title, row + 1), line)


def _cover(line: list[Any], over: Sequence[Merged]) -> None:
    """Make the cells faults that are merged with one above, which alone holds the value."""
    for area in over:
        for column in range(area.left, min(area.right + 1, len(line))):
            if line[column] is None:
                fault = "it is merged with the cell above, and holds nothing itself"
                line[column] = Fault(fault, "", "unmerge the cells, and write the value into each row")


def _cell(value: Any, row: int, column: int, marks: Marks, book: Sheets) -> Any:
    """A cell with what the reader does not tell: whether it is an error, a percentage or a day that never was."""
    at = row, column
    if at in marks.faults:
        return marks.faults[at]
    if value == "" and isinstance(value, str):
        return None
    if isinstance(value, float):
        return figure(value, in_1904=book.in_1904, percent=marks.percent(row, column))
    if isinstance(value, date) and not book.in_1904 and at in marks.faults_of_days:
        return marks.faults_of_days[at]
    return value


def _fitted(rows: Iterator[Line], width: int) -> Iterator[Given]:
    """Rows of as many cells as there are headings; one that goes on beyond them is a problem."""
    for line in rows:
        beyond: Sequence[object] = [cell for cell in line.cells[width:] if cell is not None]
        if beyond:
            fault = f"it has too many cells: there are {width} columns"
            yield line.place.problem(fault, shown(beyond[0]), "write a heading above each column, or clear the cell")
        else:
            yield Line(line.place, [*line.cells[:width], *[None] * (width - len(line.cells))])
