"""Payments in a database: an outbox from which finance pays, and its answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from attrs import frozen
from sqlalchemy import Connection

from loanperf._facts import ExchangeRate
from loanperf._periods import Period
from loanperf._quantities import Money, plain
from loanperf.adapters.sql._bulk import inserted_once
from loanperf.adapters.sql._entries import SqlEntries
from loanperf.adapters.sql._schema import payments as payments_table
from loanperf.adapters.sql._schema import records
from loanperf.adapters.sql._scope import Scope
from loanperf.adapters.sql._stored import exact, in_parts, made, read
from loanperf.errors import ConflictError, DataError, StoreError, shown
from loanperf.ports import Answer, Answered, Payment, must_be_as_taken, must_be_payable

_ANSWERS = "loanperf/answers"
_MOST = 2**63 - 1
_ATTEMPTS = 100


@frozen
class SqlPayments:
    """A `PaymentsTaken` and `PaymentAnswers` over a database."""

    scope: Scope

    def pay(self, payments: tuple[Payment, ...]) -> None:
        """Put payments into the outbox, all or none; one whose key is there stays as it is.

        Raises:
            DataError: a key was taken with another body, or a text cannot be kept; nothing was taken.
            StoreError: the database fails, or an amount is beyond 64 bits; nothing was taken.
        """
        given = sorted(payments, key=lambda one: one.key)
        must_be_payable(given)
        columns = {name: [of(payment) for payment in given] for name, of in _CELLS.items()}
        if any(abs(units or 0) > _MOST for name in ("amount_units", "earned_units") for units in columns[name]):
            raise StoreError("payments", "an amount is beyond 64 bits", "pay it by hand; nothing of this was taken")
        with self.scope.writing() as connection:
            inserted_once(connection, payments_table, {"company": self.scope.company, **columns})
            for some in in_parts(given):
                self._must_be_there(connection, some)

    def _must_be_there(self, connection: Connection, given: Sequence[Payment]) -> None:
        """Refuse payments that do not stand there as they are."""
        table, keys = payments_table, {payment.key for payment in given}
        rows = read(connection, table, table.c.company == self.scope.company, table.c.key.in_(keys))
        held = {row["key"]: made(table, row, _payment) for row in rows}
        for payment in given:
            must_be_as_taken(held[payment.key], payment)

    def paid(self) -> tuple[Payment, ...]:
        """Everything that was taken, in order of key.

        Raises:
            StoreError: the database fails.
        """
        return self.payments_taken("")

    def payments_taken(self, prefix: str) -> tuple[Payment, ...]:
        """Everything that was taken under a key that begins with a text, in order of key.

        Raises:
            StoreError: the database fails.
        """
        table = payments_table
        mine = (table.c.company == self.scope.company, table.c.key.startswith(prefix, autoescape=True))
        with self.scope.reading() as connection:
            rows = list(read(connection, table, *mine, order="key"))
        # SQLite compares without regard to case.
        return tuple(made(table, row, _payment) for row in rows if row["key"].startswith(prefix))

    def answer(self, *answers: Answer) -> None:
        """Say what became of payments; for whoever pays from the outbox.

        Raises:
            StoreError: the database fails; nothing was said.
        """
        entries = SqlEntries(self.scope)
        lines = [_line(answer) for answer in answers]
        for attempt in range(_ATTEMPTS):
            version = sum(1 for _ in entries.read(_ANSWERS))
            try:
                entries.append(_ANSWERS, lines, expected=version)
            except ConflictError:
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                return

    def answers(self, cursor: str) -> Answered:
        """What was said behind a cursor, which is how much was said by then.

        Raises:
            DataError: the cursor is none of this outbox.
            StoreError: the database fails.
        """
        if cursor and not cursor.isdecimal():
            raise DataError(f"cursor {shown(cursor)}", "it is none of this outbox", "pass what the last call gave")
        done = int(cursor or 0)
        lines = tuple(SqlEntries(self.scope).read(_ANSWERS, done))
        found = tuple(
            made(
                records,
                {"company": self.scope.company, "stream": _ANSWERS, "version": number, "record": line},
                lambda row: Answer(**json.loads(row["record"])),
            )
            for number, line in enumerate(lines, done + 1)
        )
        return Answered(answers=found, cursor=str(done + len(lines)))


def _line(answer: Answer) -> str:
    said = {"key": answer.key, "state": answer.state, "on": answer.on.isoformat(), "why": answer.why}
    return json.dumps(said, ensure_ascii=False)


_CELLS: Mapping[str, Callable[[Payment], Any]] = MappingProxyType(
    {
        "key": lambda payment: payment.key,
        "payee": lambda payment: payment.payee,
        "period": lambda payment: str(payment.period),
        "amount_units": lambda payment: payment.amount.units,
        "currency": lambda payment: payment.amount.currency,
        "earned_units": lambda payment: None if payment.earned is None else payment.earned.units,
        "earned_currency": lambda payment: None if payment.earned is None else payment.earned.currency,
        "rate": lambda payment: None if payment.exchange is None else plain(payment.exchange.rate),
        "rate_on": lambda payment: None if payment.exchange is None else payment.exchange.on.isoformat(),
        "rate_source": lambda payment: None if payment.exchange is None else payment.exchange.source,
    }
)
"""By column, what a payment says."""


def _payment(row: Mapping[str, Any]) -> Payment:
    amount, earned, exchange = Money.from_units(row["amount_units"], row["currency"]), None, None
    if row["earned_units"] is not None:
        earned = Money.from_units(row["earned_units"], row["earned_currency"])
    if earned is not None and row["rate"] is not None:
        exchange = ExchangeRate(
            currency=earned.currency,
            into=amount.currency,
            on=row["rate_on"],
            rate=exact(row["rate"]),
            source=row["rate_source"],
        )
    return Payment(
        key=row["key"],
        payee=row["payee"],
        period=Period.parse(row["period"]),
        amount=amount,
        earned=earned,
        exchange=exchange,
    )
