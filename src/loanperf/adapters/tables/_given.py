"""Given: what every kind of source is opened into, headings and rows of cells, and the limits that hold for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from attrs import frozen

from loanperf.errors import Problem

MOST_COLUMNS = 16_384
"""Of a source; what a sheet of Excel has."""


@frozen(order=True)
class Place:
    """A row of a source."""

    source: str
    """File, sheet or table."""
    row: int
    """As a spreadsheet counts; rows of data frames count from 0."""

    def __str__(self) -> str:
        return f"{self.source} row {self.row}"

    def problem(self, fault: str, found: str, remedy: str, **of: str) -> Problem:
        """What is wrong with the row; `of` is its column, payee and loan, as far as they are known."""
        column = of.get("column", "")
        where = f"{self}, column {column}" if column else str(self)
        payee, loan = of.get("payee", ""), of.get("loan", "")
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
