"""People in a database: units, payees, assignments, and where payees are paid to; salaries and accounts sealed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen
from sqlalchemy import Connection, and_, delete, insert, update

from loanperf._org import Assignment, Organisation, Payee, Unit
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf.adapters.sql._cipher import Keys
from loanperf.adapters.sql._schema import accounts, assignments, payees, units
from loanperf.adapters.sql._scope import Scope
from loanperf.adapters.sql._stored import made, read
from loanperf.errors import OrganisationError, StoreError

_AMOUNTS = ("salary", "base")


@frozen
class SqlPeople:
    """A `PeopleSource` over a database."""

    scope: Scope

    def organisation(self, period: Period) -> Organisation:
        """The organisation, whatever the period.

        Raises:
            StoreError: the database fails, or salaries are sealed with a key that is not given.
        """
        company = self.scope.company
        with self.scope.reading() as connection:
            tree = list(read(connection, units, units.c.company == company))
            names = list(read(connection, payees, payees.c.company == company))
            held = list(read(connection, assignments, assignments.c.company == company))
        return Organisation(
            units=[made(units, row, _unit) for row in tree],
            payees=[made(payees, row, _payee) for row in names],
            assignments=[made(assignments, row, self._assignment) for row in held],
        )

    def keep(self, organisation: Organisation) -> None:
        """Keep an organisation in place of the one that was kept before; salaries are sealed where there is a key.

        Raises:
            OrganisationError: it has problems: who stands in those rows would be lost.
            StoreError: the database fails; nothing was kept.
        """
        if organisation.problems:
            raise OrganisationError(organisation.problems)
        company: dict[str, Any] = {"company": self.scope.company}
        tree = [
            company
            | {"code": unit.code, "name": unit.name, "parent": unit.parent, "since": unit.since, "until": unit.until}
            for unit in organisation.units
        ]
        names = [company | {"code": payee.code, "name": payee.name} for payee in organisation.payees]
        held = [self._row(assignment) for assignment in organisation.assignments]
        with self.scope.writing() as connection:
            for table, rows in ((units, tree), (payees, names), (assignments, held)):
                connection.execute(delete(table).where(table.c.company == self.scope.company))
                if rows:
                    connection.execute(insert(table), rows)

    def _row(self, held: Assignment) -> dict[str, Any]:
        row: dict[str, Any] = {"company": self.scope.company, "sealed": None, "is_primary": held.primary}
        row |= {
            name: getattr(held, name) for name in ("payee", "since", "until", "unit", "role", "tier", "product_line")
        }
        amounts = {name: amount for name in _AMOUNTS if (amount := getattr(held, name)) is not None}
        keys = self.scope.keys
        for name in _AMOUNTS:
            amount = None if keys is not None else amounts.get(name)
            row[f"{name}_units"] = None if amount is None else amount.units
            row[f"{name}_currency"] = None if amount is None else amount.currency
        if keys is not None and amounts:
            said = {name: f"{amount.units} {amount.currency}" for name, amount in amounts.items()}
            row["sealed"] = keys.seal(said, self._owner(row))
        return row

    def _assignment(self, row: Mapping[str, Any]) -> Assignment:
        amounts = {
            name: Money.from_units(row[f"{name}_units"], row[f"{name}_currency"])
            for name in _AMOUNTS
            if row[f"{name}_units"] is not None
        }
        if row["sealed"] is not None:
            opened = _keys(self.scope, self._owner(row)).open(row["sealed"], self._owner(row))
            for name, said in opened.items():
                number, _, currency = said.partition(" ")
                amounts[name] = Money.from_units(int(number), currency)
        return Assignment(
            payee=row["payee"],
            unit=row["unit"],
            role=row["role"],
            since=row["since"],
            until=row["until"],
            tier=row["tier"],
            product_line=row["product_line"],
            salary=amounts.get("salary"),
            base=amounts.get("base"),
            primary=row["is_primary"],
        )

    def _owner(self, row: Mapping[str, Any]) -> str:
        post = "" if row["is_primary"] else f" as {row['role']!r} of {row['unit']!r}"
        return f"the assignment of {row['payee']!r}{post} since {row['since']} in {self.scope.company!r}"

    # ── accounts ────────────────────────────────────────────────────────────────────────────────────────────

    def keep_accounts(self, given: Mapping[str, str]) -> None:
        """Keep where payees are paid to, by payee; sealed where there is a key. Others stay as they are.

        Raises:
            StoreError: the database fails; nothing was kept.
        """
        keys = self.scope.keys
        rows = [
            {
                "company": self.scope.company,
                "payee": payee,
                "account": account if keys is None else None,
                "sealed": None if keys is None else keys.seal({"account": account}, self._holder(payee)),
            }
            for payee, account in given.items()
        ]
        with self.scope.writing() as connection:
            mine = accounts.c.company == self.scope.company
            for payee in given:
                connection.execute(delete(accounts).where(mine, accounts.c.payee == payee))
            if rows:
                connection.execute(insert(accounts), rows)

    def account(self, payee: str) -> str:
        """Where a payee is paid to; empty where nothing is known.

        Raises:
            StoreError: the database fails, or it is sealed with a key that is not given.
        """
        mine = (accounts.c.company == self.scope.company, accounts.c.payee == payee)
        with self.scope.reading() as connection:
            row = next(read(connection, accounts, *mine), None)
        return "" if row is None else made(accounts, row, self._account)

    def _account(self, row: Mapping[str, Any]) -> str:
        holder = self._holder(row["payee"])
        if row["sealed"] is None and row["account"] is None:
            raise ValueError("nothing is in it")
        if row["sealed"] is None:
            return str(row["account"])
        return _keys(self.scope, holder).open(row["sealed"], holder)["account"]

    def _holder(self, payee: str) -> str:
        return f"the account of {payee!r} in {self.scope.company!r}"

    # ── rotation ────────────────────────────────────────────────────────────────────────────────────────────

    def rotate(self) -> int:
        """Seal with the newest key whatever is sealed with an older one, or not at all; how many rows.

        The older keys may be thrown away then.

        Raises:
            StoreError: no key is given, a value cannot be opened, or the database fails; nothing was changed.
        """
        _keys(self.scope, "rotating keys")
        with self.scope.writing() as connection:
            return self._rotate_assignments(connection) + self._rotate_accounts(connection)

    def _rotate_assignments(self, connection: Connection) -> int:
        mine = assignments.c.company == self.scope.company
        rows = list(read(connection, assignments, mine))
        for row in rows:
            key = ("payee", "since", "unit", "role")
            here = and_(mine, *(assignments.c[name] == row[name] for name in key))
            connection.execute(
                update(assignments).where(here).values(self._row(made(assignments, row, self._assignment)))
            )
        return len(rows)

    def _rotate_accounts(self, connection: Connection) -> int:
        mine = accounts.c.company == self.scope.company
        rows = list(read(connection, accounts, mine))
        for row in rows:
            holder = self._holder(row["payee"])
            keys = _keys(self.scope, holder)
            values = {"account": None, "sealed": keys.seal({"account": made(accounts, row, self._account)}, holder)}
            connection.execute(update(accounts).where(mine, accounts.c.payee == row["payee"]).values(values))
        return len(rows)


def _keys(scope: Scope, what: str) -> Keys:
    if scope.keys is None:
        raise StoreError(what, "it is sealed, and no key is given", "pass keys=Keys([...]) to Database.connect")
    return scope.keys


def _unit(row: Mapping[str, Any]) -> Unit:
    return Unit(code=row["code"], name=row["name"], parent=row["parent"], since=row["since"], until=row["until"])


def _payee(row: Mapping[str, Any]) -> Payee:
    return Payee(code=row["code"], name=row["name"])
