"""Bulk: columns of cells -> rows of a table, by the fastest way that the database has.

Cells come by column: a list with one a row, or a text or number that stands in every row; one column at least is a
list. Days are text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, islice, repeat
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable, DropTable

from loanperf.adapters.sql._engine import told_by_driver

_STAGE = "loanperf_stage"
_AT_ONCE = 200
"""Rows of one statement."""


def inserted(connection: Connection, table: Table, columns: Mapping[str, Any]) -> None:
    """Insert rows.

    Raises:
        DBAPIError: the database fails, or one of the rows is there already.
    """
    if connection.dialect.name == "postgresql":
        _copied(connection, table, columns)
    else:
        _executed(connection, table, columns, "")


def inserted_once(connection: Connection, table: Table, columns: Mapping[str, Any]) -> None:
    """Insert rows whose keys are not there; those that are there stay as they are."""
    if connection.dialect.name != "postgresql":
        _executed(connection, table, columns, " ON CONFLICT DO NOTHING")
        return
    stage = staged(connection, table, columns)
    # Locks are taken in order of key, so that two who insert at once wait for each other, and not in a ring.
    ordered = select(*stage.c).order_by(*(stage.c[column.name] for column in table.primary_key))
    connection.execute(postgresql.insert(table).from_select([*columns], ordered).on_conflict_do_nothing())


def staged(connection: Connection, like: Table, columns: Mapping[str, Any]) -> Table:
    """A temporary table of this transaction with some columns of another table, and rows in it."""
    stage = Table(_STAGE, MetaData(), *(Column(name, like.c[name].type) for name in columns), prefixes=["TEMPORARY"])
    if connection.dialect.name == "postgresql":
        stage.dialect_options["postgresql"]["on_commit"] = "DROP"
    connection.execute(DropTable(stage, if_exists=True))
    connection.execute(CreateTable(stage))
    inserted(connection, stage, columns)
    return stage


def _executed(connection: Connection, table: Table, columns: Mapping[str, Any], otherwise: str) -> None:
    """SQLite: the driver's own statement, of some rows each."""
    names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
    statement = f'INSERT INTO "{table.name}" ({names}) VALUES '  # noqa: S608 - ours
    driver: Any = connection.connection.driver_connection
    rows = _rows(columns)
    try:
        while part := [*chain.from_iterable(islice(rows, _AT_ONCE))]:
            driver.execute(statement + ", ".join([f"({marks})"] * (len(part) // len(columns))) + otherwise, part)
    except connection.dialect.loaded_dbapi.Error as error:
        raise told_by_driver(connection, statement, error) from None


def _copied(connection: Connection, table: Table, columns: Mapping[str, Any]) -> None:
    """PostgreSQL: COPY, which has no statement a row."""
    quoted = ", ".join(f'"{name}"' for name in columns)
    statement = f'COPY "{table.name}" ({quoted}) FROM STDIN'
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in _rows(columns):
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        raise told_by_driver(connection, statement, error) from None


def _rows(columns: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    each = (repeat(cells) if isinstance(cells, str | int) else cells for cells in columns.values())
    return zip(*each, strict=False)
