"""Entries: a month of commissions with a holdback posted to a database and read back, beside bare statements.

The full size is 1,000,000 loans. Posted is measured to a bare executemany of the same
columns into a table without keys, read to a bare SELECT of all of them; each as the median of three, in time of the
processor.
"""

from __future__ import annotations

import gc
import shutil
import sqlite3
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pytest
from benchmarks.sizes import sized
from tests.servers import Postgres

import loanperf as lp
from loanperf.adapters.sql import Database
from loanperf.adapters.sql._entry_rows import cells_of

LOANS = sized(1_000_000)
OFFICERS = max(LOANS // 100, 1)
MARCH = lp.Period.month(2026, 3)
ROUNDS = 3
STREAM = "branch/ledger"
SCHEME = """
name = "branch"
currency = "CNY"
effective = 2026-01-01

[plans.officer]
rounding = "half up"

[plans.officer.components.loans]
base = "disbursed"
rate = "1%"

[plans.officer.holdback]
share = "20%"
instalments = [{ after_months = 36, share = "100%" }]
"""


def month() -> lp.Entries:
    """What is posted for a month: each loan earns, a part of that is held, and everybody is paid."""
    number = np.arange(LOANS)
    loans, officers = np.char.add("L", number.astype("U7")), np.char.add("P", (number % OFFICERS).astype("U7"))
    days = np.datetime64("2026-03-01") + number % 31
    tape = {"loan": loans, "customer": loans, "officer": officers, "opened_on": days, "disbursed_on": days}
    facts = lp.Facts.read({"loans": tape | {"disbursed(分)": 1_000_000 + number * 7919 % 49_000_001}}, currency="CNY")
    held = [
        lp.Assignment(payee=f"P{place}", unit="east", role="officer", since="2026-01-01") for place in range(OFFICERS)
    ]
    plans = lp.SchemeBook([lp.parse_scheme(SCHEME)]).plans()
    accruals = lp.accrue(facts, plans, lp.Organisation(assignments=held), through=MARCH)
    ledger = lp.Ledger().append(lp.settle(lp.Ledger(), accruals, period=MARCH))
    return ledger.append(lp.pay(ledger, period=MARCH, rules=lp.schemes.PayRules()).entries).entries


def median(work: Callable[[int], object]) -> float:
    """Seconds of the processor."""
    taken = []
    for number in range(ROUNDS):
        gc.collect()
        start = process_time()
        found = work(number)
        taken.append(process_time() - start)
        del found
    return statistics.median(taken)


def bare_sqlite(path: Path, columns: dict[str, list[Any]]) -> tuple[float, float]:
    """Executemany and SELECT of the same columns."""
    names = ", ".join(columns)
    rows = list(zip(*columns.values(), strict=True))

    def post(number: int) -> None:
        connection = sqlite3.connect(path.with_suffix(f".{number}"), isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"CREATE TABLE bare ({names})")
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(f"INSERT INTO bare VALUES ({', '.join('?' * len(columns))})", rows)  # noqa: S608 - ours
        connection.execute("COMMIT")
        connection.close()

    def read(_: int) -> list[Any]:
        connection = sqlite3.connect(path.with_suffix(".0"))
        found = connection.execute(f"SELECT {names} FROM bare").fetchall()  # noqa: S608 - ours
        connection.close()
        return found

    return median(post), median(read)


def bare_postgres(database: Database, columns: dict[str, list[Any]]) -> tuple[float, float]:
    """The same with psycopg."""
    rows = list(zip(*columns.values(), strict=True))
    kinds = {name: type(next(cell for cell in cells if cell is not None)) for name, cells in columns.items()}
    shown = ", ".join(f"{name} {'bigint' if kind is int else 'text'}" for name, kind in kinds.items())
    with database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection

        def post(number: int) -> None:
            driver.execute(f"CREATE TABLE bare{number} ({shown})")
            with driver.cursor() as cursor:
                marks = ", ".join(["%s"] * len(columns))
                cursor.executemany(f"INSERT INTO bare{number} VALUES ({marks})", rows)  # noqa: S608 - ours
            driver.commit()

        def read(_: int) -> list[Any]:
            return list(driver.execute("SELECT * FROM bare0").fetchall())

        return median(post), median(read)


@pytest.mark.parametrize("kind", ["SQLite", "PostgreSQL"])
def test_entries_beside_bare_statements(kind: str) -> None:
    """Aims: posted at most 2 x a bare executemany of the same columns, read at most 1.5 x a bare SELECT."""
    folder = Path(tempfile.mkdtemp(prefix="loanperf-bench-"))
    folder.chmod(0o755)
    server = Postgres.started(folder, durable=True) if kind == "PostgreSQL" else None
    database = Database.connect(server.new_database() if server else f"sqlite:///{folder / 'pay.db'}", company="north")
    try:
        database.upgrade()
        entries = month()
        cells = {name: [*given] for name, given in cells_of(entries.exact).items()}
        wrote, selected = bare_postgres(database, cells) if server else bare_sqlite(folder / "bare.db", cells)
        posted = median(lambda number: database.entries.post(f"{STREAM} {number}", entries, expected=0))
        read = median(lambda _: database.entries.ledger(f"{STREAM} 0"))
        print(f"\n{kind}: {len(entries):,} entries in {len(cells)} columns")
        print(f"  posted: {1e6 * posted / len(entries):.1f} µs an entry, {posted / wrote:.2f} x bare executemany")
        print(f"  read:   {1e6 * read / len(entries):.1f} µs an entry, {read / selected:.2f} x bare SELECT")
        assert len(entries) == len(database.entries.ledger(f"{STREAM} 0").entries)
    finally:
        database.close()
        if server:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
