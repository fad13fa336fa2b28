"""A 25th month with two years behind it, to the first: `run` that works what is new alone, through a SQLite file.

Processor time of each of the two months is printed, and the ratio; then what a first month takes through each kind of
database. Nothing is asserted about time.
The full size is 100,000 loans a month; `LOANPERF_LOANS` names any other.
"""

import gc
import os
import resource
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pytest
from benchmarks.sizes import PART, sized
from tests.servers import Postgres

import loanperf as lp
from loanperf.adapters.memory import MemoryPayments, MemoryPeople, MemorySchemes
from loanperf.adapters.sql import Database
from loanperf.ports import Pulled
from loanperf.tables import Coded

LOANS = int(os.environ.get("LOANPERF_LOANS", sized(100_000)))
MONTHS = 25
LOANS_A_PAYEE = 100
AT_ONCE = 100_000
"""Loans that the feed hands over at once."""
HOLDBACK = """
holdback = { share = "20%", instalments = [{ after_months = 6, share = "50%" }, { after_months = 12, share = "50%" }] }
"""
"""What was held of two earlier months is released in each month from the 13th on: it works three times the loans."""
BANK = """
name = "bank"
currency = "CNY"
effective = 2025-01-01

[plans.sales]
rounding = "half up"
# holdback
[plans.sales.components.loans]
base = "disbursed"
curve = { knots = [["0元", "0.4%"], ["500万元", "0.6%"], ["2000万元", "0.8%"]], shape = "step" }
tiers = { by = "amount", applies = "marginal", accumulates = "period" }

[[plans.sales.clawbacks]]
on = "written off"
attainment = "stays"
share = "100%"
takes = "in proportion"
"""


class Month:
    """A feed of the loans of a month, drawn in it, and of the write-offs of one in a hundred of four months before."""

    def __init__(self, place: int, period: lp.Period) -> None:
        self.place, self.start = place, np.datetime64(period.start)

    def pull(self, cursor: str) -> Pulled:
        """The loans behind a cursor, some at a time, as a source with pages has them."""
        first = int(cursor.rpartition(" ")[2] or 0) if cursor.startswith(f"{self.place} ") else 0
        number = np.arange(first, min(first + AT_ONCE, LOANS))
        end = first + len(number)
        tables = self.tables(number) if len(number) else {}
        return Pulled(tables=tables, currency="CNY", cursor=f"{self.place} {end}", more=end < LOANS)

    def tables(self, number: Any) -> dict[str, Any]:
        """The rows of some loans, by their numbers within the month."""
        loan, day = number + self.place * LOANS, self.start + number * 7919 % 28
        bad = (number % 100 == 3) & (self.place >= 4)
        old = loan[bad] - 4 * LOANS
        amount = 1_000_000 + number * 7919 % 49_000_001
        of = np.concatenate([loan, old])
        payees = [f"E{code:05}" for code in range(LOANS // LOANS_A_PAYEE)]
        return {
            "loans": {
                "row": [f"l{code:09}" for code in loan.tolist()], "revision": number * 0 + 1, "loan": loan,
                "customer": loan, "officer": Coded(number % len(payees), payees), "opened_on": day,
            },
            "events": {
                "row": [*(f"e{code:09}" for code in loan.tolist()), *(f"w{code:09}" for code in old.tolist())],
                "revision": of * 0 + 1, "loan": of, "on": np.concatenate([day, day[bad]]),
                "kind": Coded(np.repeat([0, 1], [len(loan), len(old)]), ["disbursed", "written off"]),
                "amount(fen)": np.concatenate([amount, amount[bad] // 2]),
            },
        }  # fmt: skip


def people() -> lp.Organisation:
    """Everybody who sells."""
    codes = (f"E{place:05}" for place in range(LOANS // LOANS_A_PAYEE))
    return lp.Organisation(
        assignments=[lp.Assignment(payee=code, unit="east", role="officer", since="2025-01-01") for code in codes]
    )


def closed(
    url: str, place: int, period: lp.Period, staff: lp.Organisation, *, only_new: bool, holdback: str = HOLDBACK
) -> tuple[float, float]:
    """A month of a bank, worked and closed: seconds of the processor, and by the clock."""
    database: Any = Database.connect(url, company="bank")
    feed = Month(place, period)
    gc.collect()
    start, began = process_time(), perf_counter()
    done = lp.run(
        period,
        facts=database.facts,
        people=MemoryPeople(staff),
        schemes=MemorySchemes(lp.parse_scheme(BANK.replace("# holdback", holdback))),
        payments=MemoryPayments(),
        keeping=lp.Keeping(
            entries=database.entries, feeds={"crm": feed}, close_by="chen", first=lp.Period.month(2026, 1),
            only_new=only_new,
        ),
    )  # fmt: skip
    spent = process_time() - start, perf_counter() - began
    assert done.closed, done.problems[:3]
    database.close()
    return spent


def upgraded(url: str) -> str:
    """The URL of a database, once it has its tables."""
    database = Database.connect(url, company="bank")
    database.upgrade()
    database.close()
    return url


def months_of(url: str, months: int, *, only_new: bool, holdback: str) -> Iterator[float]:
    """Processor time of each month of a bank."""
    staff, period = people(), lp.Period.month(2026, 1)
    for place in range(months):
        yield closed(url, place, period, staff, only_new=only_new, holdback=holdback)[0]
        period = period.next()


@pytest.mark.parametrize("works", ["what is new alone", "everything"] if PART < 100 else ["what is new alone"])
@pytest.mark.parametrize("holdback", [HOLDBACK, ""], ids=["with a holdback", "without"])
def test_a_month_with_two_years_behind_it(
    holdback: str, works: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The ratio of the 25th month to the first."""
    url, only_new = upgraded(f"sqlite:///{tmp_path / 'pay.db'}"), works == "what is new alone"
    spent = [*months_of(url, MONTHS, only_new=only_new, holdback=holdback)]
    with capsys.disabled():
        print(
            f"\n{LOANS:,} loans a month, {'with' if holdback else 'no'} holdback, {works:<18}"
            f" first {spent[0]:6.1f} s, 13th {spent[12]:6.1f} s, {MONTHS}th {spent[-1]:6.1f} s of processor time,"
            f" ratio {spent[-1] / spent[0]:.1f}",
            end="",
        )


@pytest.mark.parametrize("kind", ["SQLite", "PostgreSQL"])
def test_a_first_month(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What a first month takes through a database, and the most memory that the process held so far.

    For the memory of one kind, run that one alone. The processor time of a server is not among that of the process.
    """
    folder = Path(tempfile.mkdtemp(prefix="loanperf-bench-"))
    folder.chmod(0o755)
    server = Postgres.started(folder, durable=True) if kind == "PostgreSQL" else None
    try:
        url = upgraded(server.new_database() if server else f"sqlite:///{folder / 'pay.db'}")
        spent, clock = closed(url, 0, lp.Period.month(2026, 1), people(), only_new=True)
    finally:
        if server:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    with capsys.disabled():
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(
            f"\n{kind}, {LOANS:,} loans: {spent:.1f} s of processor time, {clock:.1f} by the clock, {peak:.1f} GiB",
            end="",
        )
