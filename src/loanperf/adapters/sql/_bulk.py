"""Bulk: columns of values -> rows of a table, by the fastest way that the database has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice, repeat
from typing import Any

from sqlalchemy import Connection, Date, Table
from sqlalchemy.exc import DBAPIError

_STAGE = "loanperf_new"
_AT_ONCE = 50
"""Rows of one statement."""


def inserted(connection: Connection, table: Table, columns: Mapping[str, Any]) -> None:
    """Insert rows; one column or more is a list.

    Args:
        connection: within a transaction.
        table: into which.
        columns: values by name, one a row; one that is not in a list stands in every row.
    """
    if connection.dialect.name == "postgresql":
        _copied(connection, f'"{table.name}"', [*columns], _rows(columns))
    else:
        _executed(connection, table, columns, "")


def inserted_once(connection: Connection, table: Table, columns: Mapping[str, Any]) -> None:
    """Insert rows whose keys are not there; those that are there stay as they are. One column or more is a list."""
    if connection.dialect.name != "postgresql":
        _executed(connection, table, columns, " ON CONFLICT DO NOTHING")
        return
    # Locks are taken in order of key, so that two who insert at once wait for each other, and not in a ring.
    names = ", ".join(f'"{name}"' for name in columns)
    keys = ", ".join(f'"{column.name}"' for column in table.primary_key)
    connection.exec_driver_sql(
        f'CREATE TEMPORARY TABLE {_STAGE} (LIKE "{table.name}" INCLUDING DEFAULTS) ON COMMIT DROP'
    )
    _copied(connection, _STAGE, [*columns], _rows(columns))
    chosen = f"SELECT {names} FROM {_STAGE} ORDER BY {keys}"  # noqa: S608 - ours
    connection.exec_driver_sql(f'INSERT INTO "{table.name}" ({names}) {chosen} ON CONFLICT DO NOTHING')


def _executed(connection: Connection, table: Table, columns: Mapping[str, Any], otherwise: str) -> None:
    """SQLite: the driver's own statement, of some rows each."""
    given = {name: _as_kept(table, name, values) for name, values in columns.items()}
    names, marks = ", ".join(f'"{name}"' for name in given), ", ".join("?" * len(given))
    statement = f'INSERT INTO "{table.name}" ({names}) VALUES '  # noqa: S608 - ours
    driver: Any = connection.connection.driver_connection
    rows = _rows(given)
    try:
        while part := [*chain.from_iterable(islice(rows, _AT_ONCE))]:
            driver.execute(statement + ", ".join([f"({marks})"] * (len(part) // len(given))) + otherwise, part)
    except connection.dialect.loaded_dbapi.Error as error:
        raise told_by_driver(connection, statement, error) from None


def _rows(columns: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    return zip(*(values if isinstance(values, list) else repeat(values) for values in columns.values()), strict=False)


def _as_kept(table: Table, name: str, values: Any) -> Any:
    """The values of a column as SQLite stores them: it has no type for days, so they become ISO text."""
    if not isinstance(values, list) or not isinstance(table.c[name].type, Date):
        return values
    known = {day: None if day is None else day.isoformat() for day in dict.fromkeys(values)}
    return [*map(known.__getitem__, values)]


def _copied(connection: Connection, table: str, names: Sequence[str], rows: Iterator[Sequence[Any]]) -> None:
    """PostgreSQL: COPY, which has no statement a row."""
    quoted = ", ".join(f'"{name}"' for name in names)
    statement = f"COPY {table} ({quoted}) FROM STDIN"
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        raise told_by_driver(connection, statement, error) from None


def told_by_driver(connection: Connection, statement: str, error: Exception) -> BaseException:
    """An error of the database driver, wrapped as SQLAlchemy wraps it, so that callers catch one kind of error."""
    dialect = connection.dialect
    return DBAPIError.instance(statement, None, error, dialect.loaded_dbapi.Error, dialect=dialect)
