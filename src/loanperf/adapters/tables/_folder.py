"""Folder: a folder of CSV files, Parquet files and workbooks -> tables; one small TOML may say what headings mean."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from attrs import field, frozen

from loanperf._facts import Facts
from loanperf._indicators import Reading
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._targets import Target
from loanperf.adapters.tables._csv import Csv, must_be_encoding
from loanperf.adapters.tables._given import COLUMNS, LIMITS, TABLES, Limits, must_be_file
from loanperf.adapters.tables._headings import AskedOfColumns, must_be_table
from loanperf.adapters.tables._made import Told
from loanperf.adapters.tables._tables import SAID, Parquet, SaidOfTables, Tables
from loanperf.adapters.tables._workbooks import Sheet, sheet_is_empty, sheets_of, table_named
from loanperf.errors import DataError, PeriodError, meant_by, shown

_NOTHING: SaidOfTables = MappingProxyType({})
_NO_WORDS: Mapping[str, str] = MappingProxyType({})
_NOT_READ = (".xls", ".xlsm", ".xlsb", ".ods", ".et")
"""Spreadsheets that are refused, so that none is passed over unseen."""


@frozen
class Folder:
    """`Tables` over the files of a folder: `loans.csv`, `loans.parquet`, and workbooks with sheets named as tables.

    A workbook of one sheet may itself be named as the table. The files are looked for when something is asked.

    Raises:
        DataError: there is no such folder or encoding, or no such table.
    """

    path: Path = field(converter=Path)
    encoding: str = "utf-8"
    """Of the CSV files."""
    encodings: Mapping[str, str] = field(default=_NO_WORDS, kw_only=True)
    """Of single CSV files that differ, by table."""
    columns: SaidOfTables = field(default=_NOTHING, kw_only=True)
    """As in `Tables`; what is said of a table without a file does no harm."""
    units: SaidOfTables = field(default=_NOTHING, kw_only=True)
    """As in `Tables`."""
    decimals: SaidOfTables = field(default=_NOTHING, kw_only=True)
    """As in `Tables`."""
    days: SaidOfTables = field(default=_NOTHING, kw_only=True)
    """As in `Tables`."""
    always: SaidOfTables = field(default=_NOTHING, kw_only=True)
    """As in `Tables`."""
    files: Mapping[str, str] = field(default=_NO_WORDS, kw_only=True)
    """Names of files that are called otherwise, by table. Two tables may be in one file, such as loans and the drawings
    of them; each leaves out the columns that are the other's."""
    limits: Limits = field(default=LIMITS, kw_only=True)
    """As in `Tables`."""

    def __attrs_post_init__(self) -> None:
        if not self.path.is_dir():
            fault = "it is no folder" if self.path.exists() else "there is no such folder"
            raise DataError(str(self.path), fault, "give the folder that holds the files")
        for encoding in (self.encoding, *self.encodings.values()):
            must_be_encoding(encoding)
        for table in (*self.encodings, *self.files, *(table for what in SAID for table in getattr(self, what))):
            must_be_table(table, str(self.path))

    def facts(self, period: Period) -> Facts:
        """Every fact of the folder, whatever the period, and the problems of all its files.

        Raises:
            DataError: a file cannot be read at all, is none that is known, or there are no facts and readings.
            MissingExtraError: what a kind of file needs is not installed.
        """
        return self.tables().facts(period)

    def readings(self, period: Period) -> Told[Reading]:
        """As in `Tables`."""
        return self.tables().readings(period)

    def targets(self, period: Period) -> Told[Target]:
        """As in `Tables`."""
        return self.tables().targets(period)

    def organisation(self, period: Period) -> Organisation:
        """As in `Tables`."""
        return self.tables().organisation(period)

    def tables(self) -> Tables:
        """The tables that the folder holds now.

        Raises:
            DataError: a file or sheet that is no table's, so that none is passed over unseen, a workbook that cannot be
                used, or one table in two files.
        """
        found: dict[str, Csv | Parquet | Sheet] = {}
        for file in sorted(self.path.iterdir()):
            if file.name.startswith("~$"):  # what Excel keeps beside a workbook that is open
                continue
            for table, source in self._sources(file).items():
                if table in found:
                    fault = f"the table {table!r} is in {found[table].path.name} and {file.name}"
                    raise DataError(str(self.path), fault, "keep one of them")
                found[table] = source
        for table, name in self.files.items():
            if table not in found or found[table].path.name != name:
                fault = f"there is no file {shown(name)}, which is named for the table {table!r}"
                raise DataError(str(self.path), fault, "put it there, or name the one that is")
        said = {what: {table: of for table, of in getattr(self, what).items() if table in found} for what in SAID}
        ordered = {table: found[table] for table in COLUMNS if table in found}
        return Tables(ordered, **said, limits=self.limits, name=str(self.path))

    def _sources(self, file: Path) -> Mapping[str, Csv | Parquet | Sheet]:
        """The tables of a file."""
        suffix = file.suffix.lower()
        named = [table for table, name in self.files.items() if name == file.name]
        if named and suffix in (".csv", ".parquet", ".xlsx"):
            return {table: self._source(file, table) for table in named}
        if suffix == ".xlsx":
            return _sheets(file, self.limits)
        if suffix in _NOT_READ:
            raise DataError(str(file), f"files of kind {suffix!r} are not read", "save it as .xlsx, or move it away")
        if suffix not in (".csv", ".parquet"):
            return {}
        # English names are exact, so that Loans.csv is no second loans.csv; Chinese ones are those of sheets.
        table = file.stem if file.stem.isascii() else table_named(file.stem)
        if file.suffix not in (".csv", ".parquet") or table not in COLUMNS:
            known = [f"{name if file.stem.isascii() else TABLES[name][0]}{suffix}" for name in COLUMNS]
            close = get_close_matches(file.name.lower(), known, 1, cutoff=0.8)
            remedy = f"rename it to {close[0]}, or move it away" if close else f"the files are {', '.join(known)}"
            remedy += f"; or say in {MAP} which table it is, such as [loans] with file = {file.name!r}"
            raise DataError(str(file), "no file of that name is known", remedy)
        return {table: self._source(file, table)}

    def _source(self, file: Path, table: str) -> Csv | Parquet | Sheet:
        """A file that holds a table."""
        match file.suffix.lower():
            case ".csv":
                return Csv(file, self.encodings.get(table, self.encoding))
            case ".parquet":
                return Parquet(file)
            case _:
                return Sheet(file)


def _sheets(file: Path, limits: Limits) -> Mapping[str, Sheet]:
    """The sheets of a workbook by table; one that is no table's must be empty."""
    found: dict[str, Sheet] = {}
    names = sheets_of(file, limits)
    for name in names:
        table = table_named(name) or (table_named(file.stem) if len(names) == 1 else "")
        if not table:
            if sheet_is_empty(file, name, limits):
                continue
            close = get_close_matches(name.lower(), COLUMNS, 1, cutoff=0.8)
            remedy = f"rename it to {close[0]}" if close else f"name it as a table: {', '.join(COLUMNS)}"
            raise DataError(f"{file.name} sheet {name}", "no table of that name is known", f"{remedy}, or remove it")
        if table in found:
            both = f"{shown(found[table].name)} and {shown(name)}"
            raise DataError(file.name, f"its sheets {both} are one table, {table}", "keep one of them")
        found[table] = Sheet(file, name)
    return found


MAP = "loanperf.toml"
"""What the map of a folder is called."""
_LARGEST = 2**20
_OF_A_TABLE = ("file", "encoding", *SAID)
_REPAIR = "save it as UTF-8, and mend it there"


def read_folder(
    path: str | Path, mapped: str | Path | None = None, *, encoding: str = "", limits: Limits = LIMITS
) -> Folder:
    """A folder as its map says it is to be read: headings, units, names and encodings of files.

    The map is TOML: `encoding` of all CSV files, and for each table, such as `[loans]`, the name of its `file` where it
    is another one, its own `encoding`, and `columns`, `units`, `decimals`, `days` and `always` as in `Folder`.

    Args:
        path: of the folder.
        mapped: the map; None is `loanperf.toml` in the folder, where there is one.
        encoding: of the CSV files for which the map names none; empty is UTF-8.
        limits: as in `Folder`.

    Raises:
        DataError: there is no such folder, map, table, column, unit or encoding; all faults of a map at once.
    """
    file = Path(path) / MAP if mapped is None else Path(mapped)
    document = _document(file) if mapped is not None or file.is_file() else {}
    faults = list(_faults(document))
    if faults:
        where = f"{file.name}, {faults[0].where}" if len(faults) == 1 else file.name
        said = [error.fault if len(faults) == 1 else f"{error.where}: {error.fault}" for error in faults]
        raise DataError(where, ", and ".join(said), ", and ".join(dict.fromkeys(error.remedy for error in faults)))
    tables = {table: said for table, said in document.items() if isinstance(said, dict)}
    return Folder(
        Path(path),
        document.get("encoding", encoding or "utf-8"),
        encodings={table: said["encoding"] for table, said in tables.items() if "encoding" in said},
        files={table: said["file"] for table, said in tables.items() if "file" in said},
        **{what: {table: said[what] for table, said in tables.items() if what in said} for what in SAID},
        limits=limits,
    )


def _document(file: Path) -> dict[str, Any]:
    """What stands in a map."""
    must_be_file(file, Limits(file_bytes=_LARGEST))
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except UnicodeError:
        raise DataError(file.name, "it is not UTF-8", _REPAIR) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        fault = f"it is no TOML: {shown(str(error), 200)}"
        raise DataError(file.name, fault, 'write headings in quotes, each once: \'"合同号" = "loan"\'') from None
    except OSError as error:
        raise DataError(file.name, f"it cannot be read: {error.strerror}", "check the file and its rights") from None


def _faults(document: Mapping[str, Any]) -> Iterator[DataError]:
    """Everything that is wrong with a map."""
    for name, said in document.items():
        try:
            if name == "encoding":
                must_be_encoding(_text("encoding", said))
                continue
            must_be_table(name, f"[{name}]")
        except DataError as error:
            yield error
            continue
        if isinstance(said, dict):
            yield from _faults_of_table(name, said)
        else:
            yield DataError(f"{name!r}", f"it is {shown(said)}", f"write a section [{name}]")


def _faults_of_table(table: str, said: Mapping[str, Any]) -> Iterator[DataError]:
    for key, value in said.items():
        where = f"[{table}.{key}]" if key in SAID else f"{key!r} of [{table}]"
        try:
            if key not in _OF_A_TABLE:
                raise _unknown(where, key)
            if key not in SAID:
                _text(where, value)
            if key == "encoding":
                must_be_encoding(value)
            if key in SAID:
                AskedOfColumns(table, **{key: _words(where, value)})
                _must_map_once(where, key, value)
        except PeriodError as error:
            yield DataError(where, str(error), "write it as dd/mm/yyyy or mm/dd/yyyy")
        except DataError as error:
            yield DataError(
                where, f"{error.where}: {error.fault}" if error.where != where else error.fault, error.remedy
            )


def _unknown(where: str, key: str) -> DataError:
    remedy = meant_by(key, _OF_A_TABLE, f"what may be said of a table is {', '.join(_OF_A_TABLE)}")
    return DataError(where, "nothing of that name is known", remedy)


def _text(where: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise DataError(where, f"it is {shown(value)}", "write text in quotes")
    return value


def _words(where: str, value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(said, str) for said in value.values()):
        raise DataError(where, f"it holds {shown(value)}", 'write one a line, with both in quotes: "合同号" = "loan"')
    return value


def _must_map_once(where: str, key: str, said: Mapping[str, str]) -> None:
    """Refuse two headings that are mapped to one column: no file can have both."""
    for name in COLUMNS[where[1:].partition(".")[0]] if key == "columns" else ():
        found = [heading for heading, mapped in said.items() if mapped == name]
        if len(found) > 1:
            fault = f"the column {name!r} is mapped from {' and '.join(map(shown, found))}"
            raise DataError(where, fault, 'keep one of them, and map the others to another column or to ""')
