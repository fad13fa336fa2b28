"""Tables: what a host passes -> checked columns; results -> the kind that came."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike, fspath
from typing import Any

import numpy as np

from loanperf._tables._columns import Coded, Column, Table, held, read_column
from loanperf._tables._frames import column_from, columns_from, kind_of, table_from_parquet
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
