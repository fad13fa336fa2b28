"""Personal: names and salaries of what was archived, in a table of their own, from which they can be erased."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from secrets import token_hex
from typing import Any

from attrs import frozen
from sqlalchemy import ColumnElement, Connection, delete, insert, update

from loanperf.adapters.sql._schema import accounts, payees, personal
from loanperf.adapters.sql._scope import Scope
from loanperf.adapters.sql._stored import RESTORE, in_parts, place, read
from loanperf.errors import DataError, StoreError, is_encodable
from loanperf.ports import commitment_of, must_be_committable


@frozen
class SqlPersonal:
    """A `PersonalStore` over a database; with a host's key, texts and salts are sealed."""

    scope: Scope

    def commit(self, said: Sequence[tuple[str, str]]) -> tuple[str, ...]:
        """Keep texts.

        Raises:
            DataError: a text cannot be kept; nothing was.
            StoreError: the database fails, or texts are sealed with a key that is not given; nothing was kept.
        """
        said = tuple(said)
        must_be_committable(said)
        given = dict.fromkeys(said)
        with self.scope.writing() as connection:
            column, payees = personal.c.payee, sorted({payee for payee, _ in given})
            known = {
                (payee, text): commitment
                for some in in_parts(payees)
                for payee, commitment, text in self._kept(connection, column.in_(some))
            }
            rows = list[dict[str, Any]]()
            for payee, text in given:
                if (payee, text) not in known:
                    salt = token_hex(16)
                    known[payee, text] = commitment_of(salt, text)
                    rows.append(self._row(payee, known[payee, text], salt, text))
            if rows:
                connection.execute(insert(personal), rows)
        return tuple(known[one] for one in said)

    def told(self, commitments: Sequence[str]) -> dict[str, str]:
        """Those that are kept.

        Raises:
            StoreError: the database fails, a text is not that of its commitment, or it is sealed with another key.
        """
        asked = tuple(filter(is_encodable, commitments))
        with self.scope.reading() as connection:
            found = {
                commitment: text
                for some in in_parts(asked)
                for _, commitment, text in self._kept(connection, personal.c.commitment.in_(some))
            }
        return {one: found[one] for one in asked if one in found}

    def unlike(self) -> Iterator[StoreError]:
        """What is wrong with rows whose text is not the one of their commitment, or cannot be opened.

        Rows that are sealed are passed over where no key is given.

        Raises:
            StoreError: the database fails.
        """
        with self.scope.reading() as connection:
            rows = [*read(connection, personal, personal.c.company == self.scope.company, order="commitment")]
        for row in rows:
            if row["sealed"] is None or self.scope.keys is not None:
                try:
                    self._text(row)
                except StoreError as error:
                    yield error

    def erase(self, payee: str) -> int:
        """Erase those of a payee. Copies of the database have them still.

        Raises:
            DataError: it can be the code of no payee.
            StoreError: the database fails; nothing was erased.
        """
        must_be_committable([(payee, "")])
        mine = (personal.c.company == self.scope.company) & (personal.c.payee == payee)
        with self.scope.writing() as connection:
            return int(connection.execute(delete(personal).where(mine)).rowcount)

    def _kept(self, connection: Connection, which: ColumnElement[bool]) -> Iterator[tuple[str, str, str]]:
        for row in read(connection, personal, personal.c.company == self.scope.company, which):
            yield row["payee"], row["commitment"], self._text(row)

    def _text(self, row: Mapping[str, Any]) -> str:
        salt, text = self._opened(row)
        with suppress(DataError):  # a text that nobody could have kept
            if commitment_of(salt, text) == row["commitment"]:
                return text
        raise StoreError(place(personal, row), "its text is not the one of its commitment", RESTORE)

    def _row(self, payee: str, commitment: str, salt: str, text: str) -> dict[str, Any]:
        row = {"company": self.scope.company, "payee": payee, "commitment": commitment, "salt": salt, "said": text}
        keys = self.scope.keys
        if keys is None:
            return row | {"sealed": None}
        return row | {"salt": None, "said": None, "sealed": keys.seal({"salt": salt, "said": text}, _owner(row))}

    def _opened(self, row: Mapping[str, Any]) -> tuple[str, str]:
        if row["sealed"] is None:
            return str(row["salt"]), str(row["said"])
        if self.scope.keys is None:
            raise StoreError(place(personal, row), "it is sealed", "pass the key with which it was sealed")
        opened = self.scope.keys.open(row["sealed"], _owner(row))
        return opened["salt"], opened["said"]


def erased(scope: Scope, payee: str) -> int:
    """Erase name, account and all that is personal of archived results; how many rows that were."""
    must_be_committable([(payee, "")])
    company, found = scope.company, 0
    with scope.writing() as connection:
        for table in (personal, accounts):
            mine = (table.c.company == company) & (table.c.payee == payee)
            found += connection.execute(delete(table).where(mine)).rowcount
        named = (payees.c.company == company) & (payees.c.code == payee) & (payees.c.name != "")
        return found + int(connection.execute(update(payees).where(named).values(name="")).rowcount)


def _owner(row: Mapping[str, Any]) -> str:
    return f"what is personal of {row['payee']!r} in {row['company']!r}, {row['commitment']}"
