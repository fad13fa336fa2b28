"""Tables: what a host passes, at once or in batches -> checked columns; results -> the kind that came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike, fspath
from typing import Any

import numpy as np
from attrs import evolve

from loanperf._tables._columns import Coded, Column, Table, held, read_column
from loanperf._tables._frames import batches_from, column_from, columns_from, kind_of, table_from_parquet
from loanperf.errors import DataError

_OWN = (np.ndarray, np.generic, Column, Coded, list, tuple)
"""What is read without Arrow."""


def table_of(given: Any, what: str) -> Table:
    """Columns from a mapping of arrays or any data frame of pandas, Polars, PyArrow or DuckDB.

    Args:
        given: numpy arrays by name (masked where something is missing), `Coded` text, or a data frame.
        what: what to call it in errors.

    Raises:
        DataError: no table, columns of several lengths, a column of a kind that cannot be read, or a number beyond 64
            bits.
        MissingExtraError: a data frame, and the extra `tables` is not installed.

    >>> import numpy as np
    >>> table_of({"amount": np.array([1, 2])}, "loans").rows
    2
    """
    table = read_table(given, what)
    for name, column in table.columns.items():
        held(column, f"{what}.{name}")
    return table


def read_table(given: Any, what: str) -> Table:
    """As `table_of`, or of a Parquet file; but numbers beyond 64 bits are left to the reader, in `Column.beyond`."""
    if isinstance(given, Table):
        return given
    if isinstance(given, str | PathLike):
        given = table_from_parquet(fspath(given))
    kind = kind_of(given)
    if isinstance(given, Mapping):
        columns = {str(name): _column(values, f"{what}.{name}") for name, values in given.items()}
    else:
        columns = columns_from(given, what)
    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1:
        raise DataError(f"table {what}", f"its columns have {sorted(lengths)} rows", "give columns of one length")
    return Table(what, lengths.pop() if lengths else 0, columns, kind)


def _column(given: Any, where: str) -> Column:
    return read_column(given, where) if isinstance(given, _OWN) else column_from(given, where)


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
