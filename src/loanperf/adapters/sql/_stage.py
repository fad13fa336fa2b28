"""Stage: many rows -> a temporary table beside the one they are for, by the fastest way that the database has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table
from sqlalchemy.schema import CreateTable

_AT_ONCE = 5000
NAME = "loanperf_stage"


def staged(connection: Connection, like: Table, names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Table:
    """A temporary table of this transaction with some columns of another table, and rows in it."""
    stage = Table(NAME, MetaData(), *(Column(name, like.c[name].type) for name in names), prefixes=["TEMPORARY"])
    if connection.dialect.name == "postgresql":
        stage.dialect_options["postgresql"]["on_commit"] = "DROP"
        connection.execute(CreateTable(stage))
        _copied(connection, names, rows)
        return stage
    connection.execute(CreateTable(stage, if_not_exists=True))
    connection.execute(stage.delete())
    given = iter(rows)
    while part := [{name: row.get(name) for name in names} for row in islice(given, _AT_ONCE)]:
        connection.execute(stage.insert(), part)
    return stage


def _copied(connection: Connection, names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """PostgreSQL: COPY, which has no statement a row."""
    quoted = ", ".join(f'"{name}"' for name in names)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {NAME} ({quoted}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([row.get(name) for name in names])
