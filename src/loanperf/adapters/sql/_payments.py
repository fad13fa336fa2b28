"""Payments in a database: an outbox from which finance pays, and its answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import frozen
from sqlalchemy.dialects import postgresql, sqlite

from loanperf._facts import ExchangeRate
from loanperf._periods import Period
from loanperf._quantities import Money, plain
from loanperf.adapters.sql._entries import SqlEntries
from loanperf.adapters.sql._schema import payments as payments_table
from loanperf.adapters.sql._schema import records
from loanperf.adapters.sql._scope import Scope
from loanperf.adapters.sql._stored import exact, made, read
from loanperf.errors import ConflictError, DataError, shown
from loanperf.ports import Answer, Answered, Payment

_ANSWERS = "loanperf/answers"
_AT_ONCE = 1000
_ATTEMPTS = 100


@frozen
class SqlPayments:
    """A `PaymentSink` and `PaymentAnswers` over a database."""

    scope: Scope

    def pay(self, payments: tuple[Payment, ...]) -> None:
        """Put payments into the outbox, all or none; one whose key is there stays as it is.

        Raises:
            StoreError: the database fails, or an amount is beyond 64 bits; nothing was taken.
        """
        # In one order, so that two who hand over at once wait for each other, and not in a ring.
        rows = [_row(self.scope.company, payment) for payment in sorted(payments, key=lambda one: one.key)]
        with self.scope.writing() as connection:
            kind = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            given = kind(payments_table).on_conflict_do_nothing()
            for start in range(0, len(rows), _AT_ONCE):
                connection.execute(given, rows[start : start + _AT_ONCE])

    def paid(self) -> tuple[Payment, ...]:
        """Everything that was taken, in order of key.

        Raises:
            StoreError: the database fails.
        """
        table = payments_table
        with self.scope.reading() as connection:
            rows = list(read(connection, table, table.c.company == self.scope.company, order="key"))
        return tuple(made(table, row, _payment) for row in rows)

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


def _row(company: str, payment: Payment) -> dict[str, Any]:
    earned, exchange = payment.earned, payment.exchange
    return {
        "company": company,
        "key": payment.key,
        "payee": payment.payee,
        "period": str(payment.period),
        "amount_units": payment.amount.units,
        "currency": payment.amount.currency,
        "earned_units": None if earned is None else earned.units,
        "earned_currency": None if earned is None else earned.currency,
        "rate": None if exchange is None else plain(exchange.rate),
        "rate_on": None if exchange is None else exchange.on,
        "rate_source": None if exchange is None else exchange.source,
    }


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
