"""Batches: a table larger than memory -> its tables, one after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike, fspath
from typing import Any

from attrs import evolve

from loanperf._tables._columns import Table
from loanperf._tables._frames import batches_from
from loanperf._tables._given import read_table
from loanperf.errors import DataError

ROWS = 2**20
"""Rows of a batch, where the file does not say it."""


def batches_of(source: Any, what: str = "loans", *, columns: Sequence[str] | None = None) -> Iterator[Table]:
    """Read a source that is larger than memory: some of its rows at a time, each time as a table.

    Rows are numbered from the start of the source, so that a problem names the row of the whole file.

    Args:
        source: a path of a Parquet file or of a folder of them; a Dataset, ParquetFile or RecordBatchReader of PyArrow;
            or any iterable of tables: record batches, data frames, mappings of arrays.
        what: what to call the table in errors.
        columns: which columns to read of a file; None is all. Of tables that are passed, the others are left out.

    Raises:
        DataError: no source, a file that cannot be read, or a table that lacks a column or cannot be read.
        MissingExtraError: a file or data frame, and the extra `tables` is not installed.

    >>> import numpy as np
    >>> [table.first_row for table in batches_of([{"loan": np.array([1, 2])}, {"loan": np.array([3])}])]
    [0, 2]
    """
    first_row = 0
    for given in _given(source, columns):
        table = read_table(given, what)
        if columns is not None:
            table = evolve(table, columns={name: table[name] for name in columns})
        yield evolve(table, first_row=first_row)
        first_row += table.rows


def _given(source: Any, columns: Sequence[str] | None) -> Iterator[Any]:
    """The tables of a source, as they came."""
    if isinstance(source, str | PathLike) or hasattr(source, "to_batches") or hasattr(source, "iter_batches"):
        yield from batches_from(fspath(source) if isinstance(source, PathLike) else source, columns, ROWS)
    elif isinstance(source, Iterable) and not isinstance(source, Mapping) and not hasattr(source, "columns"):
        yield from source
    else:
        fault = f"it is a {type(source).__name__}"
        raise DataError("batches", fault, "pass a path, a Dataset of PyArrow, or an iterable of tables; see Facts.read")
