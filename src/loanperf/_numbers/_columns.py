"""Columns: a base for tables, of which some rows are taken, and which are put under each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from attrs import evolve, fields, frozen

from loanperf._numbers._groups import Rows, counts_up


@frozen(eq=False)
class Columns:
    """Rows, a value of each column a row.

    A field is a column, a tuple of columns such as a quotient, or other `Columns`; any other value is of all rows.

    >>> @frozen(eq=False)
    ... class Prices(Columns):
    ...     fen: Any
    ...     unit: str
    >>> table = Prices(np.array([3, 5, 7]), "CNY")
    >>> both = Prices.stacked([table.some(slice(1)), table.some(np.array([2, 1]))])
    >>> both.fen.tolist(), both.unit
    ([3, 7, 5], 'CNY')
    """

    def some(self, rows: Rows | Any) -> Self:
        """Some of the rows, by places, mask or slice; the same table where they are all rows as they are."""
        if _are_all(rows, _size(self)):
            return self
        found = {item.name: getattr(self, item.name) for item in fields(type(self))}
        columns = {name: column for name, column in found.items() if _is_column(column)}
        # Two fields may hold the same column.
        once = {id(column): column for column in columns.values()}
        some = {key: taken(column, rows) for key, column in once.items()}
        return evolve(self, **{name: some[id(column)] for name, column in columns.items()})

    @classmethod
    def none(cls) -> Self:
        """No rows; for tables that hold nothing but columns."""
        return cls(**{item.name: np.arange(0) for item in fields(cls)})

    @classmethod
    def stacked(cls, tables: Sequence[Self]) -> Self:
        """The rows of one or more tables, one behind the other; what is of all rows is as in the first that has any."""
        first, *others = [table for table in tables if _size(table)] or tables[:1]
        if not others:
            return first
        names = [item.name for item in fields(type(first)) if _is_column(getattr(first, item.name))]
        return evolve(first, **{name: stacked([getattr(table, name) for table in (first, *others)]) for name in names})


def _size(table: Columns) -> int:
    """How many rows a table has."""
    column = next(value for item in fields(type(table)) if _is_column(value := getattr(table, item.name)))
    if isinstance(column, tuple):
        return len(column[0])
    return _size(column) if isinstance(column, Columns) else len(column)


def _are_all(rows: Any, size: int) -> bool:
    if isinstance(rows, slice):
        return rows.indices(size) == (0, size, 1)
    if rows.dtype == np.bool_:
        return bool(rows.all())
    return len(rows) == size and counts_up(rows)


def _is_column(value: object) -> bool:
    if isinstance(value, tuple):
        return bool(value) and all(isinstance(part, np.ndarray) for part in value)
    return isinstance(value, np.ndarray | Columns)


def taken(column: Any, rows: Any) -> Any:
    """Some rows of a column, of a tuple of columns, or of other `Columns`."""
    if isinstance(column, tuple):
        return tuple(part[rows] for part in column)
    return column.some(rows) if isinstance(column, Columns) else column[rows]


def stacked(parts: Sequence[Any]) -> Any:
    """Columns, tuples of columns or other `Columns`, one behind the other."""
    if isinstance(parts[0], tuple):
        return tuple(map(np.concatenate, zip(*parts, strict=True)))
    return type(parts[0]).stacked(parts) if isinstance(parts[0], Columns) else np.concatenate(parts)
