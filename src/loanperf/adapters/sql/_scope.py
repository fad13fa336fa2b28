"""Scope: one company's part of a database, and the transactions in which it is read and written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from operator import itemgetter
from typing import Any

from attrs import Attribute, define, field
from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, insert

from loanperf._periods import Period
from loanperf._validators import is_code
from loanperf.adapters.sql._cipher import Keys
from loanperf.adapters.sql._engine import reading, writing
from loanperf.adapters.sql._stored import read
from loanperf.adapters.sql._versions import must_be_current
from loanperf.errors import StoreError, shown


def _code(_: object, __: Attribute[str], value: object) -> None:
    if not is_code(value, longest=200):
        raise StoreError("company", f"{shown(value)} is no code", "give 1 to 200 printable characters")


@define(eq=False)
class Scope:
    """One company's part of a database. Every statement names the company."""

    engine: Engine = field(repr=False)
    company: str = field(validator=_code)
    keys: Keys | None = field(default=None, repr=False)
    _checked: bool = field(default=False, init=False, repr=False)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads."""
        self._check()
        with reading(self.engine) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes, all or nothing."""
        self._check()
        with writing(self.engine) as connection:
            yield connection

    def _check(self) -> None:
        """See once that the schema is the one that this version knows."""
        if not self._checked:
            must_be_current(self.engine)
            self._checked = True

    def rows_of(self, table: Table, period: Period) -> list[dict[str, Any]]:
        """The rows of a period in a table that has one a payee and indicator, in order of the two.

        Raises:
            StoreError: the database fails, or a cell is of another kind than its column.
        """
        with self.reading() as connection:
            found = read(connection, table, self._of(table, period))
            return sorted(found, key=itemgetter("payee", "indicator"))

    def keep_rows(self, table: Table, period: Period, rows: Iterable[Mapping[str, Any]]) -> None:
        """Keep the rows of a period in place of those that were there.

        Args:
            table: one a payee and indicator.
            period: which.
            rows: the other cells of each.

        Raises:
            StoreError: two of one payee and indicator, or the database fails; nothing was kept.
        """
        fresh = [{"company": self.company, "period": str(period), **row} for row in rows]
        with self.writing() as connection:
            connection.execute(delete(table).where(self._of(table, period)))
            if fresh:
                connection.execute(insert(table), fresh)

    def _of(self, table: Table, period: Period) -> ColumnElement[bool]:
        return (table.c.company == self.company) & (table.c.period == str(period))
