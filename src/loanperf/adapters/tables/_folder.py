"""Folder: a folder of CSV files, Parquet files and workbooks -> tables."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType

from attrs import field, frozen

from loanperf._facts import Facts
from loanperf._indicators import Reading
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._targets import Target
from loanperf.adapters.tables._columns import COLUMNS
from loanperf.adapters.tables._csv import Csv, must_be_encoding
from loanperf.adapters.tables._given import LIMITS, Limits
from loanperf.adapters.tables._headings import must_be_table
from loanperf.adapters.tables._made import Told
from loanperf.adapters.tables._sources import Parquet
from loanperf.adapters.tables._tables import Said, Tables
from loanperf.adapters.tables._workbooks import Sheet, sheet_is_empty, sheets_of, table_named
from loanperf.errors import DataError, shown

_NOTHING: Said = MappingProxyType({})
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
    columns: Said = field(default=_NOTHING, kw_only=True)
    """As in `Tables`; what is said of a table without a file does no harm."""
    units: Said = field(default=_NOTHING, kw_only=True)
    """As in `Tables`."""
    decimals: Said = field(default=_NOTHING, kw_only=True)
    """As in `Tables`."""
    days: Said = field(default=_NOTHING, kw_only=True)
    """As in `Tables`."""

    limits: Limits = field(default=LIMITS, kw_only=True)
    """As in `Tables`."""

    def __attrs_post_init__(self) -> None:
        if not self.path.is_dir():
            fault = "it is no folder" if self.path.exists() else "there is no such folder"
            raise DataError(str(self.path), fault, "give the folder that holds the files")
        for encoding in (self.encoding, *self.encodings.values()):
            must_be_encoding(encoding)
        for table in (*self.encodings, *self.columns, *self.units, *self.decimals, *self.days):
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
                    both = f"{found[table].path.name} and {file.name}"
                    raise DataError(str(self.path), f"the table {table!r} is in {both}", "keep one of them")
                found[table] = source
        given = {"columns": self.columns, "units": self.units, "decimals": self.decimals, "days": self.days}
        said = {what: {table: of for table, of in all_.items() if table in found} for what, all_ in given.items()}
        ordered = {table: found[table] for table in COLUMNS if table in found}
        return Tables(ordered, **said, limits=self.limits, name=str(self.path))

    def _sources(self, file: Path) -> Mapping[str, Csv | Parquet | Sheet]:
        """The tables of a file."""
        suffix = file.suffix.lower()
        if suffix == ".xlsx":
            return _sheets(file, self.limits)
        if suffix in _NOT_READ:
            raise DataError(str(file), f"files of kind {suffix!r} are not read", "save it as .xlsx, or move it away")
        if suffix not in (".csv", ".parquet"):
            return {}
        if file.name not in (f"{file.stem}.csv", f"{file.stem}.parquet") or file.stem not in COLUMNS:
            known = [f"{table}{suffix}" for table in COLUMNS]
            close = get_close_matches(file.name.lower(), known, 1, cutoff=0.8)
            remedy = f"rename it to {close[0]}, or move it away" if close else f"the files are {', '.join(known)}"
            raise DataError(str(file), "no file of that name is known", remedy)
        if suffix == ".csv":
            return {file.stem: Csv(file, self.encodings.get(file.stem, self.encoding))}
        return {file.stem: Parquet(file)}


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
