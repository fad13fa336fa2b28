"""Given: what every kind of source is opened into, headings and rows of cells, and the limits that hold for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from stat import S_ISREG
from typing import Any, TypeAlias

from attrs import field, frozen

from loanperf.errors import DataError, Problem, shown

_MIB = 2**20


def _above_zero(_: object, attribute: Any, value: object) -> None:
    if type(value) is not int or value < 1:
        raise DataError(f"the limit {attribute.name}", f"it is {shown(value)}", "give a whole number above zero")


@frozen(kw_only=True)
class Limits:
    """The most that a table may hold: what goes beyond is refused before it is worked on.

    Raises:
        DataError: a limit that is no whole number above zero.
    """

    file_bytes: int = field(default=256 * _MIB, validator=_above_zero)
    """Of a file, packed as it is."""
    unpacked_bytes: int = field(default=512 * _MIB, validator=_above_zero)
    """Of what a workbook or Parquet file unfolds to."""
    rows: int = field(default=2_000_000, validator=_above_zero)
    columns: int = field(default=16_384, validator=_above_zero)
    """As many as a sheet of Excel has."""
    cell_characters: int = field(default=10_000, validator=_above_zero)
    cells_a_byte: int = field(default=100, validator=_above_zero)
    """Of a Parquet file with more than 100,000 cells."""


LIMITS = Limits()
"""Those that hold where a host says nothing."""


def must_be_file(path: Path, limits: Limits) -> None:
    """Refuse a path that is no regular file, such as a link to a device, and a file that is too large.

    Raises:
        DataError: it is one of them, or there is no such file.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise DataError(path.name, f"it cannot be read: {error.strerror}", "check the file and its rights") from None
    if not S_ISREG(found.st_mode):
        raise DataError(path.name, "it is no ordinary file, but a device, folder or pipe", "pass a file")
    if found.st_size > limits.file_bytes:
        fault = f"it is larger than {limits.file_bytes / _MIB:g} MiB"
        raise DataError(path.name, fault, "split it, or allow more: Limits(file_bytes=...)")


@frozen(order=True)
class Place:
    """A row of a source."""

    source: str
    """File, sheet or table."""
    row: int
    """As a spreadsheet counts; rows of data frames count from 0."""

    def __str__(self) -> str:
        return f"{self.source} row {self.row}"

    def problem(
        self, fault: str, found: str, remedy: str, *, column: str = "", payee: str = "", loan: str = ""
    ) -> Problem:
        """What is wrong with the row, or with a column of it; its payee and loan as far as they are known."""
        where = f"{self}, column {column}" if column else str(self)
        return Problem(where, fault, found, remedy, payee=payee, loan=loan, row=self.row, column=column)


@frozen
class Line:
    """The cells of one row, as the source has them."""

    place: Place
    cells: Sequence[object]


Given: TypeAlias = "Line | Problem"


@frozen(eq=False)
class Opened:
    """A source whose first row is read."""

    title: str
    """What it is called: `loans.csv`, `march.xlsx sheet 贷款`, `table loans`."""
    top: str
    """Where its headings stand."""
    headings: Sequence[str]
    rows: Iterator[Given]
    """Each row below, in order. Rows without any text may be among them."""
