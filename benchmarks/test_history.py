"""A 25th month with two years behind it, to the first: `run` that works what is new alone, through a SQLite file.

Processor time of each of the two months is printed, and the ratio; nothing is asserted about time.
`nox -s bench -- full` takes 100,000 loans a month, else a hundredth; `LOANPERF_LOANS` any other number.
"""

import gc
import os
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pytest

import loanperf as lp
from loanperf.adapters.memory import MemoryPayments, MemoryPeople, MemorySchemes
from loanperf.adapters.sql import Database
from loanperf.ports import Pulled
from loanperf.tables import Coded

FULL = os.environ.get("LOANPERF_BENCH") == "full"
LOANS = int(os.environ.get("LOANPERF_LOANS", "100000" if FULL else "1000"))
MONTHS = 25
LOANS_A_PAYEE = 100
BANK = """
name = "bank"
currency = "CNY"
effective = 2025-01-01

[plans.sales]
rounding = "half up"
holdback = { share = "20%", instalments = [{ after_months = 6, share = "50%" }, { after_months = 12, share = "50%" }] }

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
        number = np.arange(LOANS)
        loan = number + place * LOANS
        day = np.datetime64(period.start) + number * 7919 % 28
        old = loan[number % 100 == 3] - 4 * LOANS if place >= 4 else loan[:0]
        amount = 1_000_000 + number * 7919 % 49_000_001
        one = np.ones(LOANS, dtype=np.int64)
        of = np.concatenate([loan, old])
        kinds = Coded(np.repeat([0, 1], [LOANS, len(old)]), ["disbursed", "written off"])
        payees = [f"E{code:05}" for code in range(LOANS // LOANS_A_PAYEE)]
        self.tables = {
            "loans": {
                "row": [f"l{code:09}" for code in loan.tolist()], "revision": one, "loan": loan, "customer": loan,
                "officer": Coded(number % len(payees), payees), "opened_on": day,
            },
            "events": {
                "row": [*(f"e{code:09}" for code in loan.tolist()), *(f"w{code:09}" for code in old.tolist())],
                "revision": np.ones(len(of), dtype=np.int64), "loan": of, "kind": kinds,
                "on": np.concatenate([day, day[: len(old)]]),
                "amount(fen)": np.concatenate([amount, amount[number % 100 == 3][: len(old)] // 2]),
            },
        }  # fmt: skip

    def pull(self, cursor: str) -> Pulled:
        """All of them at once."""
        return Pulled(tables=self.tables if cursor != "done" else {}, currency="CNY", cursor=cursor + "x")


def seconds(tmp_path: Path, months: int, *, only_new: bool) -> list[float]:
    """Processor time of each month of a bank."""
    Database.connect(f"sqlite:///{tmp_path / 'pay.db'}", company="bank").upgrade()
    people = lp.Organisation(
        assignments=[
            lp.Assignment(payee=f"E{place:05}", unit="east", role="officer", since="2025-01-01")
            for place in range(LOANS // LOANS_A_PAYEE)
        ]
    )
    found, period = [], lp.Period.month(2026, 1)
    for place in range(months):
        database: Any = Database.connect(f"sqlite:///{tmp_path / 'pay.db'}", company="bank")
        feed = Month(place, period)
        gc.collect()
        start = process_time()
        done = lp.run(
            period,
            facts=database.facts,
            people=MemoryPeople(people),
            schemes=MemorySchemes(lp.parse_scheme(BANK)),
            payments=MemoryPayments(),
            keeping=lp.Keeping(
                entries=database.entries, feeds={"crm": feed}, close_by="chen", first=lp.Period.month(2026, 1),
                only_new=only_new,
            ),
        )  # fmt: skip
        found.append(process_time() - start)
        assert done.closed, done.problems[:3]
        period = period.next()
        database.scope.engine.dispose()
    return found


@pytest.mark.parametrize("only_new", [True, False], ids=["what is new alone", "everything"])
def test_a_month_with_two_years_behind_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, only_new: bool
) -> None:
    """The ratio of the 25th month to the first."""
    spent = seconds(tmp_path, MONTHS, only_new=only_new)
    with capsys.disabled():
        print(
            f"\n{LOANS:,} loans a month, {'what is new alone' if only_new else 'everything':<18}"
            f" first {spent[0]:6.1f} s, 13th {spent[12]:6.1f} s, {MONTHS}th {spent[-1]:6.1f} s of processor time,"
            f" ratio {spent[-1] / spent[0]:.1f}",
            end="",
        )
