"""Streams of records in a database: append-only, with versions; entries of ledgers as columns."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from heapq import merge
from itertools import islice
from typing import Any

from attrs import frozen
from sqlalchemy import ColumnElement, Connection, insert, select, update
from sqlalchemy import Table as SqlTable

from loanperf._ledger import Entries, Ledger
from loanperf._ledger._ledger import ledger_of
from loanperf._seals import Batch, Head, Sealed, kept_form, must_be_appendable, proven, seal_of
from loanperf._tables._columns import Table, cutting
from loanperf.adapters.sql._bulk import inserted
from loanperf.adapters.sql._engine import insert_into, told_by_driver
from loanperf.adapters.sql._entry_rows import EntryCells, cells_of, entries_of, lines_of, read_as, split, table_of
from loanperf.adapters.sql._schema import batches as batches_table
from loanperf.adapters.sql._schema import entries as entries_table
from loanperf.adapters.sql._schema import records as records_table
from loanperf.adapters.sql._schema import streams
from loanperf.adapters.sql._scope import Scope
from loanperf.adapters.sql._stored import UNREADABLE, made, place, read
from loanperf.errors import ConflictError, StoreError

_AT_ONCE = 2000
"""Records that are read at once."""
_CELLS_AT_ONCE = 1000
"""Rows of entries that are read at once."""
_POSTED_AT_ONCE = 100_000
"""Entries that are written and sealed at once, so that the cells of many more are never held together."""


@frozen
class SqlEntries:
    """A `LedgerTails` over a database."""

    scope: Scope

    def read(self, stream: str, after: int = 0) -> Iterator[str]:
        """The records of a stream behind a version, as they stand in one moment.

        Raises:
            StoreError: the database fails, or a record is missing or damaged.
        """
        with self.scope.reading() as connection:
            connection.execution_options(yield_per=_AT_ONCE)
            rows = (self._rows(connection, table, stream, after) for table in (records_table, entries_table))
            # Both end before the transaction does, also where somebody stops in the middle.
            with closing(next(rows)) as lines, closing(next(rows)) as entries:
                said = ((row["version"], str(row["record"])) for row in lines)
                version = after
                for number, line in merge(said, _as_lines(entries)):
                    version += 1
                    if number != version:
                        raise self._missing(stream, number, version)
                    yield line

    def _rows(self, connection: Connection, table: SqlTable, stream: str, after: int) -> Generator[dict[str, Any]]:
        mine = (table.c.company == self.scope.company) & (table.c.stream == stream)
        yield from read(connection, table, mine, table.c.version > after, order="version")

    def _missing(self, stream: str, found: int, version: int) -> StoreError:
        row = {"company": self.scope.company, "stream": stream, "version": found}
        fault = f"the record with version {version} is not there"
        return StoreError(place(records_table, row), fault, "restore the stream from a copy of the database")

    def append(self, stream: str, records: Sequence[str], *, expected: int) -> int:
        """Add records to a stream, all or none.

        Raises:
            ConflictError: the stream is at another version.
            DataError: the name of the stream or a record cannot be kept; nothing was added.
            StoreError: the database fails; nothing was added.
        """
        lines = tuple(records)
        must_be_appendable(stream, lines)
        with self.scope.writing() as connection:
            version, seal = _moved(connection, self.scope.company, stream, expected, len(lines))
            _put_lines(connection, {"company": self.scope.company, "stream": stream}, seal, expected, lines)
        return version

    def batches(self, stream: str) -> Iterator[Batch]:
        """What was added to a stream, with its seals, as it stands in one moment.

        Raises:
            StoreError: the database fails, or a record is damaged.
        """
        with self.scope.reading() as connection:
            lines = self._lines(connection, stream)
            versions, table = self._table(connection, stream, whole=True)
            marks = self._marks(connection, stream)
        yield from _batches(marks, versions, table, lines)

    def ledger(self, stream: str) -> Ledger:
        """The ledger that a stream holds at one moment; its records are checked against their seals first.

        Raises:
            StoreError: the database fails, or a record is missing, damaged, or not what was sealed.
            DataError: a line is not what `Ledger.lines` gave.
            LedgerError: the entries do not follow on, or contradict the closings.
        """
        with self.scope.reading() as connection:
            lines = self._lines(connection, stream)
            versions, table = self._table(connection, stream)
            marks = self._marks(connection, stream)
            known = sorted([*versions, *(version for version, _ in lines)])
            for version, found in enumerate(known, 1):
                if found != version:
                    raise self._missing(stream, found, version)
            try:
                for _ in proven(stream, _batches(marks, versions, table, lines)):
                    pass
                return ledger_of(entries_of(table), versions, lines)
            except UNREADABLE:
                self._name_unreadable(connection, stream)
                raise

    def tail(self, stream: str, version: int) -> tuple[str, Iterable[Batch]]:
        """The seal of a stream at a version, empty where no batch ends there, and the batches behind it.

        Raises:
            StoreError: the database fails, or a record is damaged.
        """
        with self.scope.reading() as connection:
            lines = self._lines(connection, stream, version)
            versions, table = self._table(connection, stream, version)
            marks = self._marks(connection, stream)
        behind = [mark for mark in marks if mark[0] > version or not mark[1]]
        return dict(marks).get(version, ""), _batches(behind, versions, table, lines, version)

    def heads(self) -> tuple[Head, ...]:
        """How far each stream of the company is, with its seal; for a host to keep elsewhere.

        Raises:
            StoreError: the database fails.
        """
        table = streams
        with self.scope.reading() as connection:
            rows = list(read(connection, table, table.c.company == self.scope.company, order="stream"))
        return tuple(
            Head(stream=row["stream"], version=row["version"], seal=row["seal"]) for row in rows if row["seal"]
        )

    def _lines(self, connection: Connection, stream: str, after: int = 0) -> list[tuple[int, str]]:
        return [(row["version"], str(row["record"])) for row in self._rows(connection, records_table, stream, after)]

    def _marks(self, connection: Connection, stream: str) -> list[tuple[int, str]]:
        """The seals of a stream and the version of each; an empty one where it is at another version than the last."""
        marks = [(row["version"], str(row["seal"])) for row in self._rows(connection, batches_table, stream, 0)]
        here = (streams.c.company == self.scope.company, streams.c.stream == stream)
        at = next(((row["version"], row["seal"]) for row in read(connection, streams, *here)), (0, ""))
        return marks if at == (marks[-1] if marks else (0, "")) else [*marks, (at[0], "")]

    def _table(
        self, connection: Connection, stream: str, after: int = 0, *, whole: bool = False
    ) -> tuple[list[int], Table]:
        """The entries of a stream as a table, and the version of each.

        Args:
            connection: within a transaction.
            stream: its name.
            after: the version behind which they stand.
            whole: with the key of each line also where other columns make it.
        """
        rows = entries_table
        mine = (rows.c.company == self.scope.company) & (rows.c.stream == stream) & (rows.c.version > after)
        try:
            return _read_table(connection, mine, whole=whole)
        except UNREADABLE:
            self._name_unreadable(connection, stream)
            raise

    def _name_unreadable(self, connection: Connection, stream: str) -> None:
        """Read the entries of a stream one by one.

        Raises:
            StoreError: one cannot be read; it is named.
        """
        for row in self._rows(connection, entries_table, stream, 0):
            made(entries_table, row, _entries)

    def post(self, stream: str, entries: Entries, *, expected: int) -> int:
        """Add entries to a stream, all or none.

        Raises:
            ConflictError: the stream is at another version.
            StoreError: the database fails; nothing was added.
        """
        must_be_appendable(stream, ())
        mine = {"company": self.scope.company, "stream": stream}
        with self.scope.writing() as connection:
            version, seal = _moved(connection, self.scope.company, stream, expected, len(entries))
            for start in range(0, len(entries), _POSTED_AT_ONCE):
                part, before = kept_form(entries[start : start + _POSTED_AT_ONCE]), expected + start
                if isinstance(part, Table):
                    _put_rows(connection, mine, range(before + 1, before + part.rows + 1), part)
                    seal = _seal(connection, mine, seal, before, [part])
                else:
                    must_be_appendable(stream, part)
                    seal = _put_lines(connection, mine, seal, before, part)
        return version


def _read_table(connection: Connection, mine: ColumnElement[bool], *, whole: bool) -> tuple[list[int], Table]:
    """The rows of some entries, as a table, and the version of each."""
    table, versions, cells = entries_table, list[int](), EntryCells()
    wanted = select(table.c.version, *read_as(table, connection.dialect.name, whole=whole))
    with connection.execute(wanted.where(mine).order_by(table.c.version)) as found:
        cursor: Any = found.cursor  # rows of the driver, which SQLAlchemy would make anew one by one
        try:
            while rows := cursor.fetchmany(_CELLS_AT_ONCE):
                numbers, *columns = zip(*rows, strict=True)
                versions += numbers
                cells.add(columns)
        except connection.dialect.loaded_dbapi.Error as error:
            raise told_by_driver(connection, "SELECT", error) from None
    return versions, cells.table


def _moved(connection: Connection, company: str, stream: str, expected: int, many: int) -> tuple[int, str]:
    """Move a stream to a version within a transaction; it, and the seal of the stream before.

    The row of the stream is the lock for which others wait.
    """
    new = insert_into(connection, streams).values(company=company, stream=stream, version=0, seal="")
    connection.execute(new.on_conflict_do_nothing())
    here = (streams.c.company == company) & (streams.c.stream == stream)
    version = expected + many
    moved = connection.execute(update(streams).where(here, streams.c.version == expected).values(version=version))
    found = connection.execute(select(streams.c.version, streams.c.seal).where(here)).one()
    if moved.rowcount != 1:
        raise ConflictError(stream, expected, int(found.version))
    return version, str(found.seal)


def _put_lines(connection: Connection, mine: Mapping[str, str], seal: str, version: int, lines: Sequence[str]) -> str:
    """Write lines behind a version of a stream, those of entries as columns; the seal of the stream then."""
    table, places = split(lines)
    if places:
        _put_rows(connection, mine, [version + 1 + at for at in places], table)
    gone = {*places}
    rows = [{**mine, "version": version + at, "record": line} for at, line in enumerate(lines, 1) if at - 1 not in gone]
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(insert(records_table), rows[start : start + _AT_ONCE])
    return _seal(connection, mine, seal, version, _runs(lines, table, places))


def _put_rows(connection: Connection, mine: Mapping[str, str], versions: Iterable[int], table: Table) -> None:
    """Write entries as columns, each with its version in the stream."""
    inserted(connection, entries_table, {**mine, "version": [*versions], **cells_of(table.columns)})


def _seal(connection: Connection, mine: Mapping[str, str], seal: str, version: int, parts: Iterable[Sealed]) -> str:
    """Seal what was added to a stream behind a version, each part by itself; the last seal."""
    marks = []
    for part in parts:
        count = part.rows if isinstance(part, Table) else len(part)
        if count:
            seal, version = seal_of(seal, mine["stream"], version, part), version + count
            marks.append({**mine, "version": version, "seal": seal})
    if marks:
        connection.execute(insert(batches_table), marks)
        here = [streams.c[name] == value for name, value in mine.items()]
        connection.execute(update(streams).where(*here).values(seal=seal))
    return seal


def _runs(lines: Sequence[str], table: Table, places: Sequence[int]) -> Iterator[Sealed]:
    """Lines in runs of those that are entries of a table and those that are not, each as it is kept."""
    start = at = 0
    while start < len(lines):
        end = start
        while at + end - start < len(places) and places[at + end - start] == end:
            end += 1
        if end > start:
            yield table.take(slice(at, at + end - start))
            at += end - start
        else:
            end = places[at] if at < len(places) else len(lines)
            yield lines[start:end]
        start = end


def _batches(
    marks: Sequence[tuple[int, str]],
    versions: Sequence[int],
    table: Table,
    lines: Sequence[tuple[int, str]],
    before: int = 0,
) -> Iterator[Batch]:
    """What was added with each seal behind a version: entries of a table, or lines, each with its version."""
    of_lines, cut = [version for version, _ in lines], cutting(table)
    for version, seal in marks:
        low, high = bisect_right(versions, before), bisect_right(versions, version)
        first, last = bisect_right(of_lines, before), bisect_right(of_lines, version)
        records: Sealed = tuple(line for _, line in lines[first:last]) + ("",) * (high - low)  # never both
        if first == last and low < high:
            records = cut(low, high)
        yield Batch(before=before, version=version, seal=seal, records=records)
        before = version
    rest = sum(version > before for version in (*versions, *of_lines))
    if rest:
        yield Batch(before=before, version=before + rest, seal="", records=())


def _entries(row: Mapping[str, Any]) -> Entries:
    """The entry of one row, with its reason."""
    found = entries_of(table_of([row]))
    found[0].data()
    return found


def _as_lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[int, str]]:
    """The versions and lines of rows of entries."""
    left = iter(rows)
    while part := [*islice(left, _AT_ONCE)]:
        try:
            lines = [*lines_of(entries_of(table_of(part)))]
        except UNREADABLE:
            for row in part:
                made(entries_table, row, _entries)
            raise
        yield from zip((row["version"] for row in part), lines, strict=True)
