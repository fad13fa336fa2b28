"""Given: what every kind of source is opened into, headings and rows of cells, and the limits that hold for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from attrs import frozen

from loanperf.errors import Problem

MOST_COLUMNS = 16_384
"""Of a source; what a sheet of Excel has."""


@frozen
class Line:
    """The cells of one row, as the source has them."""

    where: str
    """File, sheet or table, and row."""
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
