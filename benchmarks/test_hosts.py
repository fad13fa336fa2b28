"""Hosts: a month of loans through a database, beside a bare COPY or executemany of the same rows.

The full size is 1,000,000 loans and 10,000 people. Peak memory is the process's.
"""

from __future__ import annotations

import resource
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from benchmarks.sizes import PART, sized
from tests.servers import Postgres

import loanperf as lp
from loanperf.adapters.sql import Database
from loanperf.ports import FeedRow, Pulled

LOANS = sized(1_000_000)
PEOPLE = LOANS // 100
AT_ONCE = 50_000
MARCH = lp.Period.month(2026, 3)
SCHEME = """
name = "branch"
currency = "CNY"
effective = 2026-01-01

[profiles.standard.weights]
disbursed_amount = "100%"

[targets]
disbursed_amount = "2000万元"

[scoring.default]
places = 1
rounding = "half even"

[bonus]
unit = "month"
curve = [["0 point", 0], ["100 point", 1]]
then = { per_point = "0.1%", counted = "pro rata" }
rounding = "half up"
"""


def rows(first: int, last: int) -> Iterator[FeedRow]:
    """Loans and their drawdowns, as a CRM sends them."""
    for number in range(first, last):
        loan = f"L{number:07}"
        made = lp.Loan(loan=loan, customer=f"C{number}", officer=f"P{number % PEOPLE}", opened_on="2026-03-02")
        yield FeedRow(row=f"loan {number}", revision=1, says=made)
        amount = lp.Money.from_units(10_000_00 + number, "CNY")
        drawn = lp.LoanEvent(loan=loan, kind=lp.EventKind.DISBURSED, on="2026-03-02", amount=amount)
        yield FeedRow(row=f"drawn {number}", revision=1, says=drawn)


def plain(first: int, last: int) -> list[tuple[object, ...]]:
    """The same rows as tuples of what the table of facts has."""
    found: list[tuple[object, ...]] = []
    for number in range(first, last):
        loan = f"L{number:07}"
        found.append((f"loan {number}", 1, "loans", loan, f"C{number}", f"P{number % PEOPLE}", "2026-03-02", None))
        found.append((f"drawn {number}", 1, "events", loan, None, None, "2026-03-02", 10_000_00 + number))
    return found


def timed(act: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def told(what: str, many: int, seconds: float, bare: float = 0.0) -> None:
    """Print a line."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    beside = f", {seconds / bare:.1f}x bare" if bare else ""
    print(f"  {what}: {many / seconds:,.0f} a second, {seconds:.1f} s for {many:,}{beside}; peak {peak:,} MiB so far")


COLUMNS = (
    "(row_code text, revision bigint, form text, loan text, customer text, officer text, on_day date, units bigint)"
)


def bare_sqlite(folder: Path) -> float:
    """Executemany of the same rows into a plain table."""
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"CREATE TABLE bare {COLUMNS}")
    seconds = 0.0
    for first in range(0, LOANS, AT_ONCE):
        part = plain(first, min(LOANS, first + AT_ONCE))

        def insert(part: list[tuple[object, ...]] = part) -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO bare VALUES (?, ?, ?, ?, ?, ?, ?, ?)", part)
            connection.execute("COMMIT")

        seconds += timed(insert)
    connection.close()
    return seconds


def bare_postgres(database: Database) -> float:
    """COPY of the same rows into a plain table."""
    with database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute(f"CREATE TABLE bare {COLUMNS}")
        driver.commit()
        seconds = 0.0
        for first in range(0, LOANS, AT_ONCE):
            part = plain(first, min(LOANS, first + AT_ONCE))

            def copied(part: list[tuple[object, ...]] = part) -> None:
                with driver.cursor() as cursor, cursor.copy("COPY bare FROM STDIN") as copy:
                    for row in part:
                        copy.write_row(row)
                driver.commit()

            seconds += timed(copied)
        return seconds


def taken(database: Database) -> float:
    """Rows of the feed, into the store."""
    seconds = 0.0
    for first in range(0, LOANS, AT_ONCE):
        pulled = Pulled(rows=rows(first, min(LOANS, first + AT_ONCE)), cursor=str(first))
        seconds += timed(partial(database.facts.take, "crm", pulled))
    return seconds


def month(database: Database) -> tuple[tuple[str, ...], tuple[lp.ports.Payment, ...]]:
    """Facts streamed into columns, scored, awarded, settled and put into ledger and outbox."""
    book = database.schemes.schemes()
    card = book.at(MARCH.start).resolve(period=MARCH)
    indicators = [line.indicator for line in card.lines]
    organisation = database.people.organisation(MARCH)
    measured = lp.measure(_parts(database), MARCH, indicators, currency="CNY", organisation=organisation)
    salaries = {held.payee: held.salary for held in organisation.assignments}
    awards = [
        lp.award(
            card.bonus,
            lp.appraise(card, readings=list(measured.of(payee).values()), payee=payee),
            month=salaries[payee],
        )
        for payee in measured.payees
    ]
    ledger = lp.Ledger()
    ledger = ledger.append(lp.settle(ledger, lp.Accruals(through=MARCH, lines=()), period=MARCH, awards=awards))
    payout = lp.pay(ledger, period=MARCH, rules=lp.schemes.PayRules())
    ledger = ledger.append(payout.entries)
    lines = tuple(ledger.lines())
    database.entries.append("branch/ledger", lines, expected=0)
    payments = tuple(payout.payments)
    database.payments.pay(payments)
    return lines, payments


@pytest.mark.parametrize("kind", ["SQLite", "PostgreSQL"])
def test_a_month_of_loans_through_a_database(kind: str) -> None:
    """Rows in, columns out, entries and payments back in; each step a second, and beside bare statements."""
    folder = Path(tempfile.mkdtemp(prefix="loanperf-bench-"))
    folder.chmod(0o755)
    server = Postgres.started(folder, durable=True) if kind == "PostgreSQL" else None
    url = server.new_database() if server else f"sqlite:///{folder / 'pay.db'}"
    database = Database.connect(url, company="north")
    try:
        database.upgrade()
        print(f"\n{kind}: {LOANS:,} loans, {PEOPLE:,} people")
        bare = bare_postgres(database) if server else bare_sqlite(folder)
        told("bare " + ("COPY" if server else "executemany"), 2 * LOANS, bare)
        told("rows taken", 2 * LOANS, taken(database), bare)
        _people(database)
        told("rows read into columns", 2 * LOANS, timed(lambda: [one.rows for one in _parts(database)]))
        found: list[Any] = []
        told("the month, loans", LOANS, timed(lambda: found.extend(month(database))))
        assert PEOPLE == len(found[1]) == len(database.payments.paid())
        assert len(found[0]) == sum(1 for _ in database.entries.read("branch/ledger"))
        if PART > 1:
            told("the same by rows: run with a ledger, loans", LOANS, timed(lambda: _by_rows(database)))
    finally:
        database.close()
        if server:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _parts(database: Database) -> Iterator[lp.Facts]:
    return database.facts.parts(currency="CNY", loans=AT_ONCE)


def _people(database: Database) -> None:
    held = [
        lp.Assignment(payee=f"P{number}", unit="east", role="officer", since="2025-01-01", salary="8000 元")
        for number in range(PEOPLE)
    ]
    database.people.keep(lp.Organisation(assignments=held))
    database.schemes.publish(lp.SchemeBook([lp.parse_scheme(SCHEME)]))


def _by_rows(database: Database) -> None:
    other = Database(type(database.scope)(database.engine, "rows", None))
    done = lp.run(
        MARCH,
        facts=database.facts,
        people=database.people,
        schemes=database.schemes,
        payments=other.payments,
        keeping=lp.Keeping(entries=other.entries, close_by="chen"),
    )
    assert PEOPLE == len(done.payments)
