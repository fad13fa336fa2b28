"""CSV: a file -> headings and rows. One row is one line.

No column can hold a line break, so a quote that is not closed spoils its own line and no other.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path

from attrs import field, frozen

from loanperf.adapters.tables._cells import Fault
from loanperf.adapters.tables._given import Given, Limits, Line, Opened, Place, must_be_file
from loanperf.errors import DataError, shown

LONGEST_ROW = 100_000
"""Characters; a longer row is a problem, and what follows it is read on."""
_CHUNK = 65_536
_BLANK = re.compile(r'[ \t]*(?:"")?[ \t]*(?:,[ \t]*(?:"")?[ \t]*)*')
"""A row in which every cell is empty, in quotes or not."""
_STATED = re.compile(r'"?sep=(.)"?,*[ \r]*', re.IGNORECASE)
"""A first line for Excel alone, which says what separates the columns."""
_STRANGE = ";\t，；|^~:\x01"
"""What separates columns elsewhere."""
_HAN = re.compile(r"[\u4e00-\u9fff]")


def must_be_encoding(encoding: str) -> None:
    """Refuse what is no encoding of text."""
    try:
        "".encode(encoding)
        codecs.lookup(encoding)
    except (LookupError, ValueError):
        raise DataError(f"encoding {encoding!r}", "there is none of that name", "use utf-8 or gb18030") from None


def _is_encoding(_: object, __: object, encoding: str) -> None:
    must_be_encoding(encoding)


@frozen
class Csv:
    """A CSV file.

    Raises:
        DataError: there is no such encoding.
    """

    path: Path = field(converter=Path)
    encoding: str = field(default="utf-8", validator=_is_encoding)
    """Of the whole file; UTF-8 is read with or without a byte order mark."""


def open_csv(source: Csv, remedy: str, limits: Limits) -> Opened:
    """The headings and rows of a file."""
    must_be_file(source.path, limits)
    lines = _lines(source.path, source.encoding)
    name = source.path.name
    number, first = next(lines, (1, ""))
    if (stated := _STATED.fullmatch(first)) and stated[1] == ",":
        number, first = next(lines, (2, ""))
    where = f"{name} row {number}"
    if not first.strip():
        raise DataError(where, "it is empty", remedy)
    cells = _cells(first)
    if strange := _separator(first):
        fault = f"the columns are separated by {strange!r}, and must be by commas"
        raise DataError(where, fault, "export it again as CSV")
    if isinstance(cells, Fault):
        raise DataError(where, f"{cells.fault} (found {cells.found})", cells.remedy)
    return Opened(name, where, cells, _rows(name, len(cells), lines))


def _separator(first: str) -> str:
    """What separates the columns of a first row where it is no comma; empty where it is one, or there is one column."""
    if stated := _STATED.fullmatch(first):
        return stated[1]
    bare = re.sub(r'"[^"]*"', "", first)  # what is quoted separates nothing
    return "" if "," in bare else next((mark for mark in _STRANGE if mark in bare), "")


def _rows(name: str, width: int, lines: Iterator[tuple[int, str]]) -> Iterator[Given]:
    for number, line in lines:
        if len(line) <= LONGEST_ROW and _BLANK.fullmatch(line):
            continue
        place = Place(name, number)
        cells = _cells(line)
        if isinstance(cells, Fault):
            yield place.problem(cells.fault, cells.found, cells.remedy)
        elif len(cells) != width:
            many = "many" if len(cells) > width else "few"
            remedy = (
                "quote a cell that has a comma in it" if many == "many" else "leave no cell out; an empty one is ,,"
            )
            yield place.problem(f"it has too {many} cells: {len(cells)} for {width} columns", shown(line), remedy)
        else:
            yield Line(place, cells)


def _cells(line: str) -> list[str] | Fault:
    if len(line) > LONGEST_ROW:
        return Fault(f"it is longer than {LONGEST_ROW} characters", shown(line), "check that the file is not damaged")
    try:
        return next(csv.reader([line], strict=True))
    except csv.Error as error:
        if "unexpected end" in str(error):
            return Fault("a quoted cell never ends", shown(line), 'close it with ", and keep each row on one line')
        return Fault("its quotes do not fit", shown(line), 'write "" for a quote within a quoted cell')


# ── lines and encodings ─────────────────────────────────────────────────────────────────────────────────────


def _lines(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    """Each line with its number; of one beyond the limit only the beginning, which is too long as well."""
    codec = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
    number = 0
    try:
        if not codecs.lookup(codec).name.startswith("utf"):
            _must_not_be_utf_8(path, encoding)
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


def _must_not_be_utf_8(path: Path, encoding: str) -> None:
    """Refuse a UTF-8 file named as another encoding, in which most of it would be read as other characters."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    chinese = False
    with path.open("rb") as stream:
        try:
            while chunk := stream.read(_CHUNK):
                text = decoder.decode(chunk)
                chinese = chinese or text.startswith("\ufeff") or _HAN.search(text) is not None
            decoder.decode(b"", final=True)
        except UnicodeError:
            return
    if chinese:
        raise DataError(path.name, f"it is UTF-8, and was to be read as {encoding}", "pass no encoding for this file")


def _undecodable(path: Path, codec: str) -> DataError:
    """Where a file stops being text: the stream above knows it only within its buffer."""
    decoder = codecs.getincrementaldecoder(codec)()
    read, row, chunk, beyond_ascii = 0, 1, b" ", False
    with path.open("rb") as stream:
        while chunk:
            chunk = stream.read(_CHUNK)
            pending = len(decoder.getstate()[0])
            try:
                text = decoder.decode(chunk, final=not chunk)
                beyond_ascii = beyond_ascii or not text.isascii()
            except UnicodeError as error:
                start = getattr(error, "start", 0)
                before = getattr(error, "object", b"")[:start]
                above = before.count(b"\n")
                where = f"{path.name} row {row + above}"
                name, offset = codec.removesuffix("-sig").upper(), read - pending + start
                fault = f"it is not {name}: byte offset {offset} cannot be read"
                if beyond_ascii or not before.removeprefix(codecs.BOM_UTF8).isascii():
                    mixed = f"{fault}, and the rows above are {name}: the file mixes encodings"
                    return DataError(where, mixed, "write the whole file anew in one encoding, best in UTF-8")
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
    if _reads_as_gb18030(path):
        return 'it reads as GB18030 throughout, as Chinese Windows saves: pass --encoding gb18030, encoding="gb18030"'
    return "save it as UTF-8; if it was saved by a spreadsheet in Chinese Windows, pass --encoding gb18030"


def _reads_as_gb18030(path: Path) -> bool:
    try:
        with path.open(encoding="gb18030") as stream:
            while stream.read(_CHUNK):
                pass
    except UnicodeError:
        return False
    return True
