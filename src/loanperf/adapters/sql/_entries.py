"""Streams of records in a database: append-only, with versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from loanperf.adapters.sql._schema import records as records_table
from loanperf.adapters.sql._schema import streams
from loanperf.adapters.sql._scope import Scope
from loanperf.adapters.sql._stored import place, read
from loanperf.errors import ConflictError, DataError, StoreError, shown

_AT_ONCE = 2000
"""Records that are read or written at once."""


@frozen
class SqlEntries:
    """An `EntryStore` over a database."""

    scope: Scope

    def read(self, stream: str, after: int = 0) -> Iterator[str]:
        """The records of a stream behind a version, as they stand in one moment.

        Raises:
            StoreError: the database fails, or a record is missing or damaged.
        """
        mine = (records_table.c.company == self.scope.company) & (records_table.c.stream == stream)
        with self.scope.reading() as connection:
            connection.execution_options(yield_per=_AT_ONCE)
            version = after
            for row in read(connection, records_table, mine, records_table.c.version > after, order="version"):
                version += 1
                if row["version"] != version:
                    fault = f"the record with version {version} is not there"
                    raise StoreError(place(records_table, row), fault, "restore the stream from a copy of the database")
                yield str(row["record"])

    def append(self, stream: str, records: Sequence[str], *, expected: int) -> int:
        """Add records to a stream, all or none.

        Raises:
            ConflictError: the stream is at another version.
            DataError: a record is no text.
            StoreError: the database fails; nothing was added.
        """
        lines = tuple(records)
        for line in lines:
            if not isinstance(line, str):
                raise DataError(f"a record of {stream!r}", f"it is a {type(line).__name__}", "append lines of text")
        with self.scope.writing() as connection:
            return appended(connection, self.scope.company, stream, lines, expected)


def appended(connection: Connection, company: str, stream: str, lines: Sequence[str], expected: int) -> int:
    """Add records within a transaction; the row of the stream is the lock for which others wait."""
    if not stream or len(stream) > 200:
        raise DataError(f"stream {shown(stream)}", "its name is empty or too long", "name it with 1 to 200 characters")
    kind = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    mine = {"company": company, "stream": stream}
    connection.execute(kind(streams).values(**mine, version=0).on_conflict_do_nothing())
    here = (streams.c.company == company) & (streams.c.stream == stream)
    version = expected + len(lines)
    moved = connection.execute(update(streams).where(here, streams.c.version == expected).values(version=version))
    if moved.rowcount != 1:
        found = connection.execute(select(streams.c.version).where(here)).scalar_one()
        raise ConflictError(stream, expected, int(found))
    rows = [mine | {"version": expected + place, "record": line} for place, line in enumerate(lines, 1)]
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(insert(records_table), rows[start : start + _AT_ONCE])
    return version
