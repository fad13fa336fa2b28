"""Parts: what is inside a workbook, looked at before anything of it is unfolded: a workbook is a zip file of XML.

The reader of workbooks passes over cells that hold an error, and lays out as many cells as the outermost ones span.
So sheets are looked through here first: for errors, for the day that never was, for percentages, and for their size.
"""

from __future__ import annotations

import posixpath
import re
import zlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from functools import lru_cache
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from attrs import define, field, frozen

from loanperf.adapters.tables._cells import Fault, fake_day
from loanperf.adapters.tables._given import Limits
from loanperf.errors import DataError, shown

MOST_PARTS = 10_000
LARGEST_RATIO = 200
"""Bytes unpacked for one byte packed, of a part of more than 1 MiB."""
MOST_CELLS = 20_000_000
"""The most cells of a sheet, from its first to its last, empty ones among them."""
MOST_CHARACTERS = 512 * 2**20
"""The most characters in all cells of a sheet."""
LONGEST_TOKEN = 16 * 2**20
"""Bytes of a tag or comment within a part; each piece that is read begins the unfinished one anew."""
_MIB = 2**20
_NO_END = 2**50
_LONGEST_NUMBER = 9
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The beginning of .xls, and of the envelope of a workbook with a password."""
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_WORKBOOK, _RELATIONS, _STYLES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"
_TEXTS = "xl/sharedStrings.xml"
_PERCENTS = frozenset({"9", "10"})
"""Excel's own number formats of percentages."""
_QUOTED = re.compile(r'"[^"]*"|\\.')
_HOLDING = frozenset({"row", "cellXfs", "cellStyleXfs"})
"""Elements that are told of when they begin, since what they hold depends on them."""
_DEEPEST = 100
_MEND = "mend it there, and save the workbook"
_AS_XLSX = "save it as .xlsx, without a password"


@frozen
class Sheets:
    """What a workbook says of itself."""

    sheets: Mapping[str, str]
    """The part of each sheet, by name and in order; sheets of charts are none."""
    in_1904: bool
    """Whether it counts days from 1904."""
    percents: frozenset[str]
    """The styles of cells that are shown as percentages."""


@frozen
class Merged:
    """Cells that are shown as one, and of which only the first holds the value; all ends are included."""

    top: int
    left: int
    bottom: int
    right: int


@define
class Marks:
    """What was found in a sheet, while it is looked through; rows and columns count from 0."""

    faults: dict[tuple[int, int], Fault] = field(factory=dict)
    """By place, the faults of cells that hold an error."""
    faults_of_days: dict[tuple[int, int], Fault] = field(factory=dict)
    """By place, the faults of cells that hold serial number 60, which is no day."""
    percents: dict[int, bytearray] = field(factory=dict)
    """By column, 1 at the rows whose cells are shown as percentages."""
    rows: int = 0
    """Up to and with the last one that holds a value."""
    first: int = _LAST_COLUMN
    """The first column that holds a value."""
    last: int = 0
    """The column behind the last one that holds a value."""
    characters: int = 0
    """How many characters all cells with shared text have."""
    merged: list[Merged] = field(factory=list)
    """Merged cells that go over several rows."""

    def percent(self, row: int, column: int) -> bool:
        """Whether a cell is shown as a percentage."""
        marked = self.percents.get(column, b"")
        return row < len(marked) and bool(marked[row])


# ── the zip file ────────────────────────────────────────────────────────────────────────────────────────────


def open_parts(path: Path, stream: BinaryIO, limits: Limits) -> ZipFile:
    """The parts of a workbook, once its directory is found to be harmless."""
    head = stream.read(8)
    if head == _OLE:
        stream.seek(0)
        locked = _ENCRYPTED in stream.read(limits.file_bytes)
        fault = "it has a password" if locked else "it is an .xls of old, or no workbook at all"
        raise DataError(path.name, fault, _AS_XLSX if locked else "open it in Excel, and save it as .xlsx")
    try:
        parts = ZipFile(stream)
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise DataError(
            path.name, "it is no workbook, or a damaged one", "open it in Excel, and save it as .xlsx"
        ) from error
    if fault := _fault_of_directory(parts.infolist(), limits.unpacked_bytes):
        raise DataError(path.name, fault, "open it in Excel, and save only the sheets with data as a new .xlsx")
    return parts


def _fault_of_directory(parts: list[ZipInfo], most: int) -> str:
    if len(parts) > MOST_PARTS:
        return f"it has {len(parts)} parts, and {MOST_PARTS} are the most"
    if len({part.filename for part in parts}) < len(parts):
        return "it has two parts of one name"
    total = sum(part.file_size for part in parts)
    if total > most:
        return f"it would unfold to {total // _MIB} MiB, and {most / _MIB:g} are the most"
    for part in parts:
        if part.flag_bits & 1:
            return f"its part {shown(part.filename)} is encrypted"
        if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            return f"its part {shown(part.filename)} is packed in a way that no workbook is"
        if part.file_size > max(_MIB, part.compress_size * LARGEST_RATIO):
            ratio = part.file_size // max(part.compress_size, 1)
            return f"its part {shown(part.filename)} unfolds {ratio} times, and {LARGEST_RATIO} are the most"
    return ""


def _chunks(parts: ZipFile, part: ZipInfo, file: str) -> Iterator[bytes]:
    """A part, a piece at a time; one that unfolds to more than the directory says is refused before it is whole."""
    unbound, read = copy(part), 0
    unbound.file_size = _NO_END  # ZipFile would stop at the size that the directory names
    try:
        with parts.open(unbound) as stream:
            while chunk := stream.read(_MIB):
                read += len(chunk)
                if read > part.file_size:
                    fault = f"its part {shown(part.filename)} is larger than the directory says"
                    raise DataError(file, fault, "do not use it: it may be made to do harm")
                yield chunk
    except (BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise _damaged(file, part.filename) from error


def must_unfold_as_said(parts: ZipFile, file: str) -> None:
    """Decompress every part of a workbook once, to refuse one that is larger than it says.

    The reader of workbooks trusts the sizes that the file states.
    """
    for part in parts.infolist():
        for _ in _chunks(parts, part, file):
            pass


# ── the XML within ──────────────────────────────────────────────────────────────────────────────────────────


def book_of(parts: ZipFile, file: str) -> Sheets:
    """The sheets of a workbook, its days and its percentages."""
    sheets: list[tuple[str, str]] = []
    in_1904 = False
    for name, attributes, _ in _elements(parts, _WORKBOOK, file):
        if name == "sheet":
            sheets.append((attributes.get("name", ""), attributes.get("id", "")))
        elif name == "workbookPr":
            in_1904 = attributes.get("date1904", "") in ("1", "true", "on")
    targets = {
        attributes.get("Id", ""): posixpath.normpath(posixpath.join("/xl", attributes.get("Target", "")))
        for name, attributes, _ in _elements(parts, _RELATIONS, file)
        if name == "Relationship" and attributes.get("Type", "").endswith("/worksheet")
    }
    names = [name for name, _ in sheets]
    if len(set(names)) < len(names):
        raise DataError(file, "two sheets have one name", "rename one")
    found = {name: targets[key].removeprefix("/") for name, key in sheets if key in targets}
    return Sheets(MappingProxyType(found), in_1904, _percent_styles(parts, file))


def _percent_styles(parts: ZipFile, file: str) -> frozenset[str]:
    formats, styles, within = set(_PERCENTS), list[str](), ""
    if _STYLES not in parts.namelist():
        return frozenset()
    for name, attributes, _ in _elements(parts, _STYLES, file):
        if name == "numFmt" and "%" in _QUOTED.sub("", attributes.get("formatCode", "")):
            formats.add(attributes.get("numFmtId", ""))
        elif name in ("cellXfs", "cellStyleXfs"):
            within = name
        elif name == "xf" and within == "cellXfs":
            styles.append(attributes.get("numFmtId", ""))
    return frozenset(str(place) for place, style in enumerate(styles) if style in formats)


def marks_of(parts: ZipFile, part: str, file: str, percents: frozenset[str]) -> Marks:
    """What the reader of workbooks would not tell of a sheet: errors, serial number 60, percentages, its size."""
    found, lengths = Marks(), _text_lengths(parts, file)
    row, column, valued, holds = -1, 0, "", False
    for name, attributes, text in _elements(parts, part, file):
        if name == "row":
            row, column, valued, holds = _row_of(attributes.get("r", ""), row, file), 0, "", False
        elif name == "c":
            at = _place(attributes["r"], file) if "r" in attributes else (row, column)
            column = at[1] + 1
            if holds:
                _span(found, at, file)
                _mark(found, at, attributes, valued, percents)
                if attributes.get("t") == "s":
                    _weigh(found, valued, lengths, file)
            valued, holds = "", False
        elif name == "mergeCell":
            _merge(found, attributes.get("ref", ""), file)
        else:
            valued, holds = text if name == "v" else valued, True
    return found


def _text_lengths(parts: ZipFile, file: str) -> Sequence[int]:
    """How many characters each text has that cells refer to by number."""
    lengths, length = array("L"), 0
    if _TEXTS not in parts.namelist():
        return lengths
    for name, _, text in _elements(parts, _TEXTS, file):
        if name == "t":
            length += len(text)
        elif name == "si":
            lengths.append(length)
            length = 0
    return lengths


def _weigh(found: Marks, number: str, lengths: Sequence[int], file: str) -> None:
    """Add the text of a cell, since one long text may stand in millions of them."""
    if not number.isdigit() or len(number) > _LONGEST_NUMBER or int(number) >= len(lengths):
        raise _damaged(file, f"text {number}")
    found.characters += lengths[int(number)]
    if found.characters > MOST_CHARACTERS:
        fault = f"its sheet holds more than {MOST_CHARACTERS} characters"
        raise DataError(file, fault, "remove the columns of long texts, or save the sheet as CSV")


def _merge(found: Marks, reference: str, file: str) -> None:
    """Keep merged cells that go over several rows: all but the first row of them hold nothing."""
    first, _, last = reference.partition(":")
    (top, left), (bottom, right) = _place(first, file), _place(last or first, file)
    if bottom > top and left < found.last and top < found.rows:
        found.merged.append(Merged(top, left, min(bottom, found.rows), min(right, found.last)))


def _span(found: Marks, at: tuple[int, int], file: str) -> None:
    """Widen the sheet to a cell that holds a value."""
    found.rows, found.first, found.last = (
        max(found.rows, at[0] + 1),
        min(found.first, at[1]),
        max(found.last, at[1] + 1),
    )
    cells = found.rows * (found.last - found.first)
    if cells > MOST_CELLS:
        fault = f"its sheet spans {cells} cells, and {MOST_CELLS} are the most"
        raise DataError(file, fault, "remove what stands far below or to the right, or save the sheet as CSV")


def _mark(
    found: Marks, at: tuple[int, int], attributes: Mapping[str, str], valued: str, percents: frozenset[str]
) -> None:
    kind = attributes.get("t", "n")
    if kind == "e":
        found.faults[at] = Fault("it holds an error of the spreadsheet", shown(valued), _MEND)
    elif kind == "n" and valued[:2] == "60" and valued[2:3] in ("", "."):
        found.faults_of_days[at] = fake_day()
    if attributes.get("s", "") in percents:
        marked = found.percents.setdefault(at[1], bytearray())
        marked.extend(bytes(at[0] + 1 - len(marked)))
        marked[at[0]] = 1


def _row_of(reference: str, before: int, file: str) -> int:
    if not reference:
        return before + 1
    number = int(reference) if reference.isascii() and reference.isdigit() and len(reference) <= _LONGEST_NUMBER else 0
    if not 0 < number <= _LAST_ROW:
        raise _damaged(file, f"row {reference}")
    return number - 1


def _place(reference: str, file: str) -> tuple[int, int]:
    """Row and column of a cell such as `B7`, from 0."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise _damaged(file, f"cell {reference}")
    row, column = int(found[2]), _column(found[1])
    if row > _LAST_ROW or column > _LAST_COLUMN:
        raise _damaged(file, f"cell {reference}")
    return row - 1, column - 1


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    """The number of a column, from 1."""
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - ord("A") + 1
    return column


def _elements(parts: ZipFile, part: str, file: str) -> Iterator[tuple[str, Mapping[str, str], str]]:
    """Name, attributes and text of each element when it ends; of those that hold others, when they begin.

    Entities are refused, since with them a few bytes become many.
    """
    try:
        info = parts.getinfo(part)
    except KeyError:
        raise _damaged(file, part) from None
    found: list[tuple[str, Mapping[str, str], str]] = []
    opened: list[Mapping[str, str]] = []
    text: list[str] = []

    def begin(name: str, attributes: dict[str, str]) -> None:
        if len(opened) > _DEEPEST:
            raise _damaged(file, part)
        opened.append(_plain(attributes) if attributes else attributes)
        text.clear()
        if (local := _local(name)) in _HOLDING:
            found.append((local, opened[-1], ""))

    def end(name: str) -> None:
        attributes = opened.pop()
        if (local := _local(name)) not in _HOLDING:
            found.append((local, attributes, "".join(text)))

    def entity(*_: object) -> None:
        raise DataError(file, f"its part {shown(part)} declares entities", "do not use it: it may be made to do harm")

    parser = ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler, parser.EntityDeclHandler = text.append, entity
    for _ in _fed(parser, parts, info, file):
        yield from found
        found.clear()


def _fed(parser: XMLParserType, parts: ZipFile, info: ZipInfo, file: str) -> Iterator[None]:
    """Feed a part to a parser, and stop after each piece."""
    read = 0
    try:
        for chunk in chain(_chunks(parts, info, file), (b"",)):
            parser.Parse(chunk, not chunk)
            read += len(chunk)
            if read - parser.CurrentByteIndex > LONGEST_TOKEN:
                raise _damaged(file, info.filename)
            yield
    except ExpatError as error:
        raise _damaged(file, info.filename) from error


def _plain(attributes: Mapping[str, str]) -> Mapping[str, str]:
    if " " not in "".join(attributes):
        return attributes
    return {_local(key): value for key, value in attributes.items()}


@lru_cache(maxsize=256)
def _local(name: str) -> str:
    """The name of an element or attribute without its namespace."""
    return name.rpartition(" ")[2]


def _damaged(file: str, part: str) -> DataError:
    return DataError(file, f"it is damaged at {shown(part)}", "open it in Excel, and save it as a new .xlsx")
