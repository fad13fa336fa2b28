"""Stage: many rows -> a temporary table beside the one they are for, by the fastest way that the database has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table
from sqlalchemy.schema import CreateTable, DropTable

_AT_ONCE = 5000
NAME = "loanperf_stage"


def staged(
    connection: Connection, like: Table, key: str, names: Sequence[str], rows: Iterable[Mapping[str, Any]]
) -> Table:
    """A temporary table of this transaction with some columns of another table, one of them its key, and rows in it."""
    columns = (Column(name, like.c[name].type, primary_key=name == key) for name in names)
    stage = Table(NAME, MetaData(), *columns, prefixes=["TEMPORARY"])
    cells = ([row.get(name) for name in names] for row in rows)
    if connection.dialect.name == "postgresql":
        stage.dialect_options["postgresql"]["on_commit"] = "DROP"
        connection.execute(CreateTable(stage))
        _copied(connection, names, cells)
        return stage
    connection.execute(DropTable(stage, if_exists=True))
    connection.execute(CreateTable(stage))
    _inserted(connection, stage, cells)
    return stage


def _copied(connection: Connection, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """PostgreSQL: COPY, which has no statement a row."""
    quoted = ", ".join(f'"{name}"' for name in names)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {NAME} ({quoted}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _inserted(connection: Connection, stage: Table, rows: Iterable[Sequence[Any]]) -> None:
    """SQLite: the driver's own statement, with days as it keeps them."""
    statement = str(stage.insert().compile(dialect=connection.dialect))
    given = iter(rows)
    while part := [_with_days(row) for row in islice(given, _AT_ONCE)]:
        connection.exec_driver_sql(statement, part)


def _with_days(row: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(cell.isoformat() if isinstance(cell, date) else cell for cell in row)
