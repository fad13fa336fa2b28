"""A month from facts to payments: `run` with scores, bonuses, commissions, a holdback and a ledger in memory.

Loans a second of processor time and the peak of memory are printed; nothing is asserted about time.
The full size is 1,000,000 loans of 10,000 people.
"""

import gc
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pytest
from benchmarks.plan_books import LOANS_A_PAYEE
from benchmarks.sizes import sized

import loanperf as lp
from loanperf.adapters.memory import MemoryEntries, MemoryFacts, MemoryPayments, MemoryPeople, MemorySchemes
from loanperf.tables import Coded

LOANS = sized(1_000_000)
KEPT = LOANS // 10
"""How many loans the ledger that is kept and read again has entries of."""
JANUARY = lp.Period.month(2026, 1)
BANK = """
name = "bank"
currency = "CNY"
effective = 2025-01-01

[profiles.officer.weights]
disbursed_amount = "60%"
loan_amount = "20%"
npl_ratio = "20%"

[targets]
disbursed_amount = "2000万元"
loan_amount = "2000万元"
npl_ratio = "3%"

[scoring.default]
places = 1
rounding = "half even"
missing = "zero"
cap = "150%"

[bonus]
unit = "month"
curve = [["0 point", 0], ["100 point", 1], ["150 point", 2]]
rounding = "half even"

[plans.sales]
rounding = "half up"
holdback = { share = "20%", instalments = [{ after_months = 6, share = "50%" }, { after_months = 12, share = "50%" }] }

[plans.sales.components.loans]
base = "disbursed"
curve = { knots = [["0元", "0.4%"], ["500万元", "0.6%"], ["2000万元", "0.8%"]], shape = "step" }
tiers = { by = "amount", applies = "marginal", accumulates = "period" }

[[plans.sales.gates]]
indicator = "disbursed_amount"
forfeits = { knots = [["0元", "50%"], ["100万元", "0%"]], shape = "step" }

[[plans.sales.clawbacks]]
on = "written off"
attainment = "stays"
share = "100%"
takes = "in proportion"
"""


def bank(loans: int) -> dict[str, Any]:
    """The ports of a bank: loans drawn in January, some written off, by people of whom some change role within it."""
    payees = loans // LOANS_A_PAYEE
    number, words = np.arange(loans), [f"E{place:05}" for place in range(payees)]
    day = np.datetime64("2026-01-02") + number * 7919 % 28
    amount, bad = 1_000_000 + number * 7919 % 49_000_001, number[number % 97 == 3]
    officer = Coded(number % payees, words)
    tables = {
        "loans": {"loan": number, "customer": number, "officer": officer, "opened_on": day},
        "events": {
            "loan": np.concatenate([number, number, bad]),
            "kind": Coded(np.repeat([0, 1, 2], [loans, loans, len(bad)]), ["signed", "disbursed", "written off"]),
            "on": np.concatenate([day, day, day[bad] + 2]),
            "amount": np.concatenate([amount, amount, amount[bad] // 2]),
        },
        "balances": {"loan": number, "on": np.repeat(np.datetime64("2026-01-31"), loans), "outstanding": amount},
    }
    people = []
    for place, payee in enumerate(words):
        cut = "2026-01-16" if place % 20 == 7 else None
        held: dict[str, Any] = {"payee": payee, "unit": f"U{place // 20:05}", "salary": "8000 CNY"}
        people.append(lp.Assignment(role="officer", since="2025-01-01", until=cut, **held))
        people += [lp.Assignment(role="senior", since=cut, **held)] if cut else []
    return {
        "facts": MemoryFacts(lp.Facts.read(tables, currency="CNY", money="fen")),
        "people": MemoryPeople(lp.Organisation(assignments=people)),
        "schemes": MemorySchemes(lp.parse_scheme(BANK)),
    }


def peak() -> str:
    """The most memory that this process has held."""
    status = Path("/proc/self/status")
    if not status.exists():
        return "unknown"
    kib = next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return f"{int(kib) / 2**20:.2f} GiB"


def show(capsys: pytest.CaptureFixture[str], what: str, loans: int, ports: dict[str, Any], **how: Any) -> lp.Run:
    """Print what a run of January takes."""
    gc.collect()
    start, worked = perf_counter(), process_time()
    found = lp.run(JANUARY, **ports, **how)
    seconds, spent = perf_counter() - start, process_time() - worked
    assert not found.problems, found.problems[:3]
    with capsys.disabled():
        print(
            f"\n{what:<34} {loans / spent:>10,.0f} loans/s of processor time"
            f" ({spent:.1f} s; {seconds:.1f} s by the clock),"
            f" {len(found.results):,} results, {len(found.entries):,} entries, {len(found.payments):,} payments,"
            f" peak {peak()}",
            end="",
        )
    return found


def test_a_month_of_a_bank(capsys: pytest.CaptureFixture[str]) -> None:
    """What is to be posted and paid, as a dry run; then without a ledger, for bonuses alone."""
    ports = bank(LOANS)
    keeping = lp.Keeping(entries=MemoryEntries(), first=JANUARY)
    done = show(capsys, f"{LOANS:,} loans, dry run", LOANS, ports, keeping=keeping)
    assert len(done.payments) == LOANS // LOANS_A_PAYEE


def test_a_month_that_is_kept_and_run_again(capsys: pytest.CaptureFixture[str]) -> None:
    """Posted, paid and closed; then again over the ledger, which has nothing to post."""
    ports, keeping = bank(KEPT), lp.Keeping(entries=MemoryEntries(), first=JANUARY)
    sink = MemoryPayments()
    show(capsys, f"{KEPT:,} loans, posted and paid", KEPT, ports, keeping=keeping, payments=sink)
    again = show(capsys, f"{KEPT:,} loans, again", KEPT, ports, keeping=keeping, payments=sink)
    assert not again.entries
