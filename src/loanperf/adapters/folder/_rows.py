"""Rows: a CSV file -> the values of each row, or the problem that it is. One row is one line.

No column can hold a line break, so a quote that is not closed spoils its own line and no other.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from attrs import frozen

from loanperf._quantities import CURRENCIES
from loanperf.adapters.folder._cells import Fault, cleaned, value_of
from loanperf.adapters.folder._columns import Columns
from loanperf.errors import DataError, Problem, shown

LONGEST_ROW = 100_000
"""Characters; a longer row is a problem, and what follows it is read on."""
_CHUNK = 65_536
_BLANK = re.compile(r'[ \t]*(?:"")?[ \t]*(?:,[ \t]*(?:"")?[ \t]*)*')
"""A row in which every cell is empty, in quotes or not."""


@frozen
class Row:
    """A row that could be read."""

    where: str
    """`file.csv row N`, as a spreadsheet counts: the header is row 1."""
    values: dict[str, Any]
    """By column; an empty cell is absent."""
    heads: Mapping[str, str]
    """The columns, as the file has them."""


@frozen
class _Header:
    file: str
    names: tuple[str, ...]
    """The column at each place."""
    written: tuple[str, ...]
    """The same, as the file has them."""
    columns: Columns
    heads: Mapping[str, str]


def rows_of(path: Path, columns: Columns, encoding: str) -> Iterator[Row | Problem]:
    """Each row of a file, in order; rows without any text are passed over.

    Raises:
        DataError: the file cannot be decoded, is empty, or its first row does not name its columns.
    """
    lines = _lines(path, encoding)
    remedy = f"write a first row with the columns {', '.join(_required(columns))}, or remove the file"
    _, first = next(lines, (1, ""))
    if not first.strip():
        raise DataError(f"{path.name} row 1", "it is empty", remedy)
    header = _header(path.name, first, columns)
    for number, line in lines:
        if len(line) > LONGEST_ROW or not _BLANK.fullmatch(line):
            yield _row(header, f"{path.name} row {number}", line)


# ── lines ───────────────────────────────────────────────────────────────────────────────────────────────────


def _lines(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    """Each line with its number; of one beyond the limit only the beginning, which is too long as well."""
    codec = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
    number = 0
    try:
        with path.open(encoding=codec) as stream:
            while line := stream.readline(LONGEST_ROW + 1):
                number += 1
                part = line
                while part and not part.endswith("\n"):
                    part = stream.readline(_CHUNK)
                yield number, line.removesuffix("\n")
    except UnicodeError:
        raise _undecodable(path, codec) from None
    except OSError as error:
        raise DataError(path.name, f"it cannot be read: {error.strerror}", "check the file and its rights") from None


def _undecodable(path: Path, codec: str) -> DataError:
    """Where a file stops being text: the stream above knows it only within its buffer."""
    decoder = codecs.getincrementaldecoder(codec)()
    read, row, chunk = 0, 1, b" "
    with path.open("rb") as stream:
        while chunk:
            chunk = stream.read(_CHUNK)
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeError as error:
                start = getattr(error, "start", 0)
                before = getattr(error, "object", b"")[:start].count(b"\n")
                where = f"{path.name} row {row + before}"
                name, offset = codec.removesuffix("-sig").upper(), read - pending + start
                fault = f"it is not {name}: byte offset {offset} cannot be read"
                return DataError(where, fault, _encoding_remedy(path, codec))
            read += len(chunk)
            row += chunk.count(b"\n")
    return DataError(path.name, f"it is not {codec.upper()}", _encoding_remedy(path, codec))


def _encoding_remedy(path: Path, codec: str) -> str:
    with path.open("rb") as stream:
        if stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "it begins like UTF-16: pass --encoding utf-16, or save it as UTF-8"
    if codec != "utf-8-sig":
        return "save it as UTF-8, and pass no encoding"
    return "save it as UTF-8; if it was saved by a spreadsheet in Chinese Windows, pass --encoding gb18030"


# ── the first row ───────────────────────────────────────────────────────────────────────────────────────────


def _header(file: str, line: str, columns: Columns) -> _Header:
    where = f"{file} row 1"
    cells = _cells(line)
    if isinstance(cells, Fault):
        raise DataError(where, f"{cells.fault} (found {cells.found})", cells.remedy)
    known = {name: name for name in columns} | {zh: name for name, column in columns.items() for zh in column.zh}
    written = tuple(cell.strip() for cell in cells)
    names = tuple(known.get(cell, known.get(cell.casefold(), "")) for cell in written)
    faults = [*_unknown(line, written, names, known), *_doubled(written, names)]
    missing = [f"{name!r} ({columns[name].zh[0]})" for name in _required(columns) if name not in names]
    if missing:
        faults.append(f"the column {' and the column '.join(missing)} is missing")
    if faults:
        raise DataError(where, ", and ".join(faults), f"the columns of {file} are {', '.join(columns)}")
    return _Header(file, names, written, columns, dict(zip(names, written, strict=True)))


def _required(columns: Columns) -> list[str]:
    return [name for name, column in columns.items() if column.required]


def _unknown(line: str, written: Sequence[str], names: Sequence[str], known: dict[str, str]) -> Iterator[str]:
    if len(written) == 1 and not names[0] and (strange := [mark for mark in ";\t，；|" if mark in line]):
        yield f"the columns are separated by {strange[0]!r}, and must be by commas"
        return
    for place, (cell, name) in enumerate(zip(written, names, strict=True), 1):
        if not cell:
            yield f"column {place} has no name"
        elif not name:
            close = get_close_matches(cell.casefold(), known, 1)
            yield f"there is no column {shown(cell)}" + (f" (did you mean {close[0]!r}?)" if close else "")


def _doubled(written: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    for name in dict.fromkeys(names):
        found = [cell for cell, same in zip(written, names, strict=True) if same == name]
        if name and len(found) > 1:
            yield f"the column {name!r} stands {len(found)} times (as {', '.join(map(shown, found))})"


# ── the other rows ──────────────────────────────────────────────────────────────────────────────────────────


def _row(header: _Header, where: str, line: str) -> Row | Problem:
    cells = _cells(line)
    if isinstance(cells, Fault):
        return Problem(where, cells.fault, cells.found, cells.remedy)
    if len(cells) != len(header.names):
        many = "many" if len(cells) > len(header.names) else "few"
        remedy = "quote a cell that has a comma in it" if many == "many" else "leave no cell out; an empty one is ,,"
        return Problem(
            where, f"it has too {many} cells: {len(cells)} for {len(header.names)} columns", shown(line), remedy
        )
    values, faults = _values(header, cells)
    if not faults:
        return Row(where, values, header.heads)
    if len(faults) == 1:
        ((written, fault),) = faults.items()
        return Problem(f"{where}, column {written}", fault.fault, fault.found, fault.remedy)
    found = {written: f" (found {fault.found})" if fault.found else "" for written, fault in faults.items()}
    several = ", and ".join(f"column {written}: {fault.fault}{found[written]}" for written, fault in faults.items())
    return Problem(where, several, "", ", and ".join(dict.fromkeys(fault.remedy for fault in faults.values())))


def _values(header: _Header, cells: list[str]) -> tuple[dict[str, Any], dict[str, Fault]]:
    """The values by column, and the faults by column as the file names it; a currency goes into the amounts."""
    values: dict[str, Any] = {}
    faults: dict[str, Fault] = {}
    texts = {name: cleaned(cell) for name, cell in zip(header.names, cells, strict=True)}
    stated = texts.get("currency", "")
    # Of a currency that is at fault the plain amounts are no fault of their own; with CNY they are read.
    currency = stated if isinstance(stated, str) and (not stated or stated in CURRENCIES) else "CNY"
    for name, written in zip(header.names, header.written, strict=True):
        text, column = texts[name], header.columns[name]
        if isinstance(text, Fault):
            faults[written] = text
        elif text:
            value = value_of(column, text, currency)
            if isinstance(value, Fault):
                faults[written] = value
            elif column.kind != "currency":
                values[name] = value
        elif column.required:
            faults[written] = Fault("it is empty", "", f"every row needs it: {column.meaning}")
    return values, faults


def _cells(line: str) -> list[str] | Fault:
    if len(line) > LONGEST_ROW:
        return Fault(f"it is longer than {LONGEST_ROW} characters", shown(line), "check that the file is not damaged")
    try:
        return next(csv.reader([line], strict=True))
    except csv.Error as error:
        if "unexpected end" in str(error):
            return Fault("a quoted cell never ends", shown(line), 'close it with ", and keep each row on one line')
        return Fault("its quotes do not fit", shown(line), 'write "" for a quote within a quoted cell')
