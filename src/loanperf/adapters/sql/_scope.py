"""Scope: one company's part of a database, and the transactions in which it is read and written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from attrs import Attribute, define, field
from sqlalchemy import Connection, Engine

from loanperf.adapters.sql._cipher import Keys
from loanperf.adapters.sql._engine import reading, writing
from loanperf.adapters.sql._versions import must_be_current
from loanperf.errors import StoreError, shown


def _code(_: object, __: Attribute[str], value: object) -> None:
    if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > 200:
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
