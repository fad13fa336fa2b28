"""Stage: columns of cells -> a temporary table beside the one they are for, by the fastest way of the database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Connection, Integer, MetaData, Table, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable, DropTable
from sqlalchemy.types import TypeEngine

_AT_ONCE = 5000
NAME = "loanperf_stage"
_NONE = "\\N"
"""What stands for nothing in what COPY reads."""
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_SPECIAL = re.compile(r"[\\\t\n\r]")
_TRUTHS = {None: _NONE, True: "t", False: "f"}


def staged(connection: Connection, like: Table, cells: Mapping[str, Sequence[Any]]) -> Table:
    """A temporary table of this transaction with some columns of another table, and rows in it.

    Args:
        connection: of the transaction.
        like: the table that has columns of these names.
        cells: by column; days as text.
    """
    stage = Table(NAME, MetaData(), *(Column(name, like.c[name].type) for name in cells), prefixes=["TEMPORARY"])
    if connection.dialect.name == "postgresql":
        stage.dialect_options["postgresql"]["on_commit"] = "DROP"
    connection.execute(DropTable(stage, if_exists=True))
    connection.execute(CreateTable(stage))
    put_in(connection, stage, cells)
    return stage


def put_in(connection: Connection, table: Table, cells: Mapping[str, Sequence[Any]]) -> None:
    """Put rows into a table.

    Args:
        connection: of a transaction.
        table: has columns of these names.
        cells: by column; days as text.

    Raises:
        DBAPIError: the database fails, or one of the rows is there already.
    """
    if connection.dialect.name == "postgresql":
        _copied(connection, table, cells)
    else:
        _inserted(connection, table, cells)


def _copied(connection: Connection, table: Table, cells: Mapping[str, Sequence[Any]]) -> None:
    """PostgreSQL: COPY, which has no statement a row."""
    quoted = ", ".join(f'"{name}"' for name in cells)
    statement = f"COPY {table.name} ({quoted}) FROM STDIN"
    rows = zip(*(_texts(table.c[name].type, column) for name, column in cells.items()), strict=True)
    lines = map("\t".join, rows)
    driver: Any = connection.connection.driver_connection
    errors: Any = connection.dialect.loaded_dbapi
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            while part := [*islice(lines, _AT_ONCE)]:
                copy.write("\n".join([*part, ""]))
    except errors.Error as error:
        raise DBAPIError.instance(statement, None, error, errors.Error, hide_parameters=True) from None


def _texts(kind: TypeEngine[Any], cells: Sequence[Any]) -> Sequence[str]:
    """The cells of a column as COPY reads them."""
    match kind:
        case Boolean():
            return [*map(_TRUTHS.__getitem__, cells)]
        case Integer() | BigInteger():
            return [_NONE if cell is None else str(cell) for cell in cells]
        case _:
            texts = [_NONE if cell is None else cell for cell in cells]
    if _SPECIAL.search("".join({*cells} - {None})) is None:
        return texts
    return [_NONE if cell is None else cell.translate(_ESCAPED) for cell in cells]


def _inserted(connection: Connection, table: Table, cells: Mapping[str, Sequence[Any]]) -> None:
    """SQLite: the driver's own statement."""
    names = [column.name for column in table.c if column.name in cells]
    statement = str(insert(table).compile(dialect=connection.dialect, column_keys=names))
    rows: Iterator[tuple[Any, ...]] = zip(*map(cells.__getitem__, names), strict=True)
    while part := [*islice(rows, _AT_ONCE)]:
        connection.exec_driver_sql(statement, part)
