"""Stored: rows of tables -> cells of the kinds that were written; one that was damaged is told by its table and key."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date
from fractions import Fraction
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    Integer,
    Select,
    Table,
    select,
    type_coerce,
)
from sqlalchemy.types import NullType

from loanperf._quantities import Quantity, plain, quantity
from loanperf.adapters.sql._engine import raise_alone, told_by_driver
from loanperf.errors import LoanPerfError, MissingExtraError, StoreError, shown

_Made = TypeVar("_Made")
_Key = TypeVar("_Key")
_KEYS_AT_ONCE = 500
RESTORE = "restore the row as it was written, from a copy of the database"
UNREADABLE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, LoanPerfError)
"""What readers raise of cells that nobody wrote."""
_PRIVATE = frozenset({"accounts", "assignments", "personal"})
"""What is in them is shown nowhere."""
_EXACT = re.compile(r"-?[0-9]{1,5000}([./][0-9]{1,5000})?", re.ASCII)


def read(
    connection: Connection, table: Table, *where: ColumnElement[bool], order: str = ""
) -> Iterator[dict[str, Any]]:
    """The rows of a table, each cell of the kind of its column; when they came is left out.

    Raises:
        StoreError: a cell is of another kind, with its table, key and column.
    """
    raw = [type_coerce(column, NullType()).label(column.name) for column in table.c if column.name != "came_at"]
    wanted = select(*raw).where(*where)
    with connection.execute(wanted.order_by(table.c[order]) if order else wanted) as found:
        for row in found.mappings():
            yield {column.name: _cell(table, column, row) for column in table.c if column.name != "came_at"}


def in_parts(keys: Sequence[_Key]) -> Iterator[Sequence[_Key]]:
    """Keys, as many at a time as one statement names."""
    return (keys[start : start + _KEYS_AT_ONCE] for start in range(0, len(keys), _KEYS_AT_ONCE))


def raw_rows(connection: Connection, wanted: Select[Any]) -> Iterator[Sequence[Sequence[Any]]]:
    """What is selected, some rows at a time, each as the driver gives it; PostgreSQL keeps the rest until it is asked.

    Raises:
        DBAPIError: the database fails.
    """
    compiled = wanted.compile(dialect=connection.dialect)
    given: Any = compiled.construct_params()
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        cursor = driver.cursor(name=f"loanperf_{next(_NUMBERS)}")
    else:
        cursor, given = driver.cursor(), [given[name] for name in compiled.positiontup or ()]
    try:
        with closing(cursor):
            cursor.execute(str(compiled), given)
            while part := cursor.fetchmany(_AT_ONCE):
                yield part
    except connection.dialect.loaded_dbapi.Error as error:
        raise told_by_driver(connection, str(compiled), error) from None


_AT_ONCE = 10_000
"""How many rows are fetched from the database at once."""
_NUMBERS = count()
"""Counts the cursors, since two that are open on one connection need different names."""


def place(table: Table, row: Mapping[Any, Any]) -> str:
    """What a row is called: its table and its key."""
    keys = (str(row[column.name]) for column in table.primary_key)
    return f"table {table.name}, row {' / '.join(keys)}"


def _cell(table: Table, column: Column[Any], row: Mapping[Any, Any]) -> Any:
    """A cell as it was written."""
    cell, nullable = row[column.name], column.nullable and not column.primary_key
    if cell is None and nullable:
        return None
    match column.type:
        case Boolean() if type(cell) is bool or (type(cell) is int and cell in (0, 1)):
            return bool(cell)
        case Integer() | BigInteger() if type(cell) is int:
            return cell
        case Date() if type(cell) is date:
            return cell
        case Date() if isinstance(cell, str) and len(cell) == 10 and (found := _day(cell)) is not None:
            return found
        case Boolean() | Integer() | BigInteger() | Date():
            pass
        case _ if isinstance(cell, str):
            return cell
        case _:
            pass
    kinds = {Boolean: "a truth", Integer: "a whole number", BigInteger: "a whole number", Date: "a day"}
    expected = kinds.get(type(column.type), "text")
    held = "" if table.name in _PRIVATE else f" (found {shown(cell)})"
    raise StoreError(f"{place(table, row)}, column {column.name}", f"{expected} must stand there{held}", RESTORE)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def kept(value: Fraction, unit: str, *, bare: bool) -> str:
    """A number as it is kept; one above 1 that says itself that it is no percentage, such as 200%, by a fraction's bar.

    >>> kept(Fraction(2), "", bare=True), kept(Fraction(2), "", bare=False), kept(Fraction(2), "CNY", bare=False)
    ('2', '2/1', '2')
    """
    if unit or bare or abs(value) <= 1:
        return plain(value)
    return f"{value.numerator}/{value.denominator}"


def kept_quantity(text: str, unit: str) -> Quantity:
    """What was kept, with whether it was written as a number without a unit.

    Raises:
        ValueError: it was never written so.
    """
    return Quantity(exact(text), known_unit(unit), bare=not unit and "/" not in text)


def exact(text: str) -> Fraction:
    """A number as it was written: digits, and a decimal point or a fraction's bar.

    Raises:
        ValueError: it was not.
    """
    if not _EXACT.fullmatch(text):
        raise ValueError(f"{shown(text)} is no number")
    return Fraction(text)


def made(table: Table, row: Mapping[str, Any], make: Callable[[Mapping[str, Any]], _Made]) -> _Made:
    """What the cells of a row say.

    Args:
        table: whose row it is.
        row: its cells, as `read` gives them.
        make: reads them.

    Raises:
        StoreError: they say nothing that was ever written; it names the row.
    """
    try:
        return make(row)
    except (StoreError, MissingExtraError):
        raise
    except UNREADABLE as error:
        said = "" if table.name in _PRIVATE else f": {shown(str(error), 300)}"
        raise_alone(StoreError(place(table, row), f"it cannot be read{said}", RESTORE))


def known_unit(unit: str) -> str:
    """A unit as it was written.

    Raises:
        LoanPerfError: there is no such unit.
    """
    return unit if not unit else quantity(f"1 {unit}").unit and unit
