"""A small branch made from a seed: its people, its scheme, what its systems send, and what finance answers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from attrs import define, frozen

import loanperf as lp
from loanperf.adapters.memory import MemoryFeed
from loanperf.adapters.sql import Database
from loanperf.errors import ConflictError
from loanperf.ports import Answer, FeedRow, Notice

MONTHS = tuple(lp.Period.month(2026, month) for month in (1, 2, 3))
PEOPLE = ("lin", "wu", "陈", "zhao")
SCHEME = """
name = "branch"
currency = "CNY"
effective = 2026-01-01

[profiles.standard.weights]
disbursed_amount = "100%"

[targets]
disbursed_amount = "100万元"

[scoring.default]
places = 1
rounding = "half even"

[bonus]
unit = "month"
curve = [["0 point", 0], ["100 point", 1], ["300 point", 3]]
rounding = "half up"

[plans.sales]
rounding = "half up"

[plans.sales.components.loans]
base = "disbursed"
rate = "0.5%"
"""


def rows_of(seed: int) -> list[FeedRow]:
    """What the CRM sends: loans and drawdowns, some corrected, withdrawn, late and repeated."""
    draw = _Draw(seed)
    rows: list[FeedRow] = []
    for number in range(12):
        code, month = f"L{number}", MONTHS[draw.below(3)]
        on = month.start.replace(day=1 + draw.below(28))
        opened = lp.Loan(loan=code, customer=f"客户{number}", officer=PEOPLE[draw.below(len(PEOPLE))], opened_on=on)
        rows.append(FeedRow(row=f"loan {number}", revision=1, says=opened))
        for revision in range(1, 2 + draw.below(3)):
            amount = lp.Money.from_units(1_00 * draw.below(300_000_00), "CNY")
            drawn = lp.LoanEvent(loan=code, kind=lp.EventKind.DISBURSED, on=on, amount=amount)
            rows.append(FeedRow(row=f"drawn {number}", revision=revision, says=drawn))
        if draw.below(6) == 0:
            rows.append(FeedRow(row=f"drawn {number}", revision=9, says=None))
    again = [rows[draw.below(len(rows))] for _ in range(8)]
    return [*_in_every_month(), *draw.shuffled([*rows, *again])]


def _in_every_month() -> list[FeedRow]:
    """A training in each month, so that no month is without a fact."""
    return [
        FeedRow(row=f"training {month}", revision=1, says=lp.Training(payee="lin", course="AML", on=month.last_day))
        for month in MONTHS
    ]


@define
class _Draw:
    """Numbers from a seed, the same everywhere."""

    seed: int
    count: int = 0

    def below(self, most: int) -> int:
        """A number from 0 up to but not including `most`."""
        self.count += 1
        said = hashlib.sha256(f"{self.seed}/{self.count}".encode()).digest()
        return int.from_bytes(said[:8], "big") % most

    def shuffled(self, rows: list[FeedRow]) -> list[FeedRow]:
        """Rows in another order."""
        return sorted(rows, key=lambda _: self.below(2**32))


# ── the host ────────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class Notices:
    """A notifier that keeps what it was told in a stream of the database, each key once."""

    database: Database

    def notify(self, notices: tuple[Notice, ...]) -> None:
        """Keep notices whose key is new."""
        while True:
            told = list(self.database.entries.read("notices"))
            new = [notice.key for notice in notices if notice.key not in told]
            try:
                self.database.entries.append("notices", new, expected=len(told))
            except ConflictError:
                continue
            return


def prepare(database: Database) -> None:
    """People and scheme of a branch, as they are before its first month."""
    database.people.keep(
        lp.Organisation(
            assignments=[
                lp.Assignment(payee=payee, unit="east", role="officer", since="2025-01-01", salary="8000 元")
                for payee in PEOPLE
            ]
        )
    )
    database.schemes.publish(lp.SchemeBook([lp.parse_scheme(SCHEME)]))


def work(database: Database, rows: Sequence[FeedRow], months: Sequence[lp.Period]) -> None:
    """Work months, as a host's nightly program does."""
    for month in months:
        _answer(database, month.previous())
        done = lp.run(
            month,
            facts=database.facts,
            people=database.people,
            schemes=database.schemes,
            payments=database.payments,
            keeping=lp.Keeping(
                entries=database.entries,
                feeds={"crm": MemoryFeed(rows, most=15)},
                answers=database.payments,
                notifier=Notices(database),
                close_by="chen",
            ),
            approve=_is_left_out_alone,
        )
        if done.held:
            raise HeldError(month)


def _is_left_out_alone(run: lp.Run) -> bool:
    """Whether a run waits for nothing, or for somebody who knows that a month before it is left as it is."""
    return not run.blocked and {*run.problems} == {*run.holding}


class HeldError(RuntimeError):
    """Pay is held, since a row is missing."""


def _answer(database: Database, month: lp.Period) -> None:
    """Finance says that the first payment of the month before came back, and that the others were paid."""
    said = {answer.key for answer in database.payments.answers("").answers}
    mine = [payment for payment in database.payments.paid() if payment.period == month]
    answers = [
        Answer(key=payment.key, state="paid" if place else "returned", on=month.end, why="账户已销户")
        for place, payment in enumerate(mine)
        if payment.key not in said
    ]
    if answers:
        database.payments.answer(*answers)


# ── what it came to ─────────────────────────────────────────────────────────────────────────────────────────


@frozen
class Outcome:
    """What is kept in the end."""

    ledger: tuple[str, ...]
    payments: tuple[tuple[str, str], ...]
    facts: str
    notices: frozenset[str]
    closed: int

    @classmethod
    def of(cls, database: Database) -> Outcome:
        """What a database holds of its company."""
        lines = tuple(database.entries.read("branch/ledger"))
        return cls(
            lines,
            tuple((payment.key, str(payment.amount)) for payment in database.payments.paid()),
            hashlib.sha256(repr(database.facts.facts(MONTHS[-1]).items).encode()).hexdigest(),
            frozenset(database.entries.read("notices")),
            len(lp.read_ledger(lines).closed),
        )

    def lost(self, expected: Outcome) -> int:
        """How many records and payments are missing."""
        return len({*expected.ledger} - {*self.ledger}) + len({*expected.payments} - {*self.payments})

    def doubled(self, expected: Outcome) -> int:
        """How many records and payments there are too many."""
        return max(0, len(self.ledger) - len(expected.ledger)) + max(0, len(self.payments) - len(expected.payments))


def unpaid(database: Database) -> int:
    """Payments that the ledger says were made and finance never got, or got otherwise."""
    ledger = lp.read_ledger(database.entries.read("branch/ledger"))
    made = {
        f"branch/{payment.key}": str(payment.amount) for period in MONTHS for payment in lp.payments_of(ledger, period)
    }
    taken = {payment.key: str(payment.amount) for payment in database.payments.paid()}
    return sum(1 for key, amount in made.items() if taken.get(key) != amount)
