"""What it costs to verify a ledger, beside reading the same rows and hashing them."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from time import process_time

import numpy as np
import pytest
from benchmarks.sizes import sized

import loanperf as lp
from loanperf.adapters.sql import Database

EVENTS = sized(1_000_000)
STREAM = "branch/ledger"


def month(events: int) -> lp.Entries:
    """The entries of a month in which so many loans were drawn, each paid 1%."""
    numbers = range(events)
    loans = [f"L{number:07}" for number in numbers]
    officers = [f"E{number % 2000:04}" for number in numbers]
    on = np.full(events, np.datetime64("2026-03-02", "D"))
    tables = {
        "loans": {"loan": loans, "customer": loans, "officer": officers, "opened_on": on},
        "events": {"loan": loans, "kind": ["disbursed"] * events, "on": on, "amount(fen)": [10_000_000] * events},
    }
    scheme = lp.parse_scheme("""
name = "branch"
currency = "CNY"
effective = 2026-01-01

[plans.sales]
rounding = "half up"

[plans.sales.components.loans]
base = "disbursed"
rate = "1%"
""")
    people = lp.Organisation(
        assignments=[
            lp.Assignment(payee=payee, unit="east", role="officer", since="2025-01-01") for payee in sorted({*officers})
        ]
    )
    march, facts = lp.Period.month(2026, 3), lp.Facts.read(tables, currency="CNY")
    accruals = lp.accrue(facts, lp.SchemeBook([scheme]).plans(), people, through=march)
    return lp.settle(lp.Ledger(), accruals, period=march)


@pytest.mark.parametrize("at_once", [EVENTS, 100])
def test_verify_beside_reading_and_hashing(at_once: int) -> None:
    """Aim: at most 3 x a bare SELECT of the same rows and SHA-256 over each."""
    folder = Path(tempfile.mkdtemp(prefix="loanperf-bench-"))
    database = Database.connect(f"sqlite:///{folder / 'pay.db'}", company="north")
    try:
        database.upgrade()
        entries = month(EVENTS)
        for before in range(0, len(entries), at_once):
            database.entries.post(STREAM, entries[before : before + at_once], expected=before)
        start = process_time()
        found = sha256()
        with closing(sqlite3.connect(folder / "pay.db")) as connection:
            for row in connection.execute("SELECT * FROM entries ORDER BY version"):
                found.update(repr(row).encode())
        bare = process_time() - start
        start = process_time()
        assert lp.verify(database.entries, "branch")
        took = process_time() - start
        print(f"\n{len(entries):,} entries, {at_once:,} at once, verified in {1e6 * took / len(entries):.1f} µs each")
        print(f"  {took / bare:.2f} x a bare SELECT with a hash over each row ({1e6 * bare / len(entries):.1f} µs)")
    finally:
        database.close()
        shutil.rmtree(folder, ignore_errors=True)
