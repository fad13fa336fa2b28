"""Plans of pay, from facts to entries: the schemes of real lenders beside the plainest plan, 100,000 loans each.

Loans a second of `accrue` and `settle` together, and the ratio to the plainest plan of the same run, are printed;
nothing is asserted about time.
"""

import gc
from collections.abc import Sequence
from time import perf_counter

import pytest
from benchmarks.plan_books import ALL_AT_ONCE, MONTHS, PLAINEST, PlanBook, plan_book
from benchmarks.sizes import sized

import loanperf as lp

LOANS = sized(100_000)
SCHEMES = {
    "plainest: one rate": (lp.parse_scheme(PLAINEST), ("officer",)),
    "Taiyuan": (lp.template("taiyuan"), ("officer",)),
    "Yangquan": (lp.template("yangquan"), ("officer",)),
    "Jinan": (lp.template("jinan"), ("officer",)),
    "corporate 20/80": (lp.template("corporate-20-80"), ("officer",)),
    "differentiated": (lp.template("differentiated"), ("new hire", "senior", "officer:personal", "officer:corporate")),
    "all at once": (lp.parse_scheme(ALL_AT_ONCE), ("officer",)),
}
"""By name: the scheme, and the roles of its payees."""


def worked(book: PlanBook) -> tuple[float, float, int]:
    """Seconds of accruing and of settling, and how many entries came of it."""
    gc.collect()
    start = perf_counter()
    accruals = lp.accrue(
        book.facts, book.plans, book.organisation, through=MONTHS[-1], since=MONTHS[0].start,
        readings=book.readings, targets=book.targets,
    )  # fmt: skip
    accrued = perf_counter()
    entries = lp.settle(lp.Ledger(), accruals, period=MONTHS[-1])
    done = perf_counter()
    assert not accruals.blocked, accruals.problems[:3]
    return accrued - start, done - accrued, len(entries)


def show(capsys: pytest.CaptureFixture[str], books: Sequence[tuple[str, PlanBook]], rounds: int = 3) -> None:
    """Print the best of some rounds of each book, beside the first."""
    base = 0.0
    for name, book in books:
        found = [worked(book) for _ in range(rounds)]
        accrue, settle, entries = min(found, key=lambda item: item[0] + item[1])
        total = accrue + settle
        base = base or total
        with capsys.disabled():
            speed = book.loans / total
            print(
                f"\n{name:<28} {speed:>10,.0f} loans/s  {total / base:>6.2f} x plainest  accrue"
                f" {accrue * 1e6 / book.loans:>7.2f} + settle {settle * 1e6 / book.loans:>6.2f} µs a loan,"
                f" {entries:,} entries",
                end="",
            )


def test_plans(capsys: pytest.CaptureFixture[str]) -> None:
    """Each scheme over a quarter of loans."""
    show(capsys, [(name, plan_book(scheme, LOANS, roles)) for name, (scheme, roles) in SCHEMES.items()])


def test_plans_beyond_64_bits(capsys: pytest.CaptureFixture[str]) -> None:
    """The same on amounts whose products need whole numbers of Python."""
    names = ("plainest: one rate", "all at once")
    show(capsys, [(name, plan_book(*_few(name), factor=10**9)) for name in names], rounds=1)


def _few(name: str) -> tuple[lp.Scheme, int, Sequence[str]]:
    scheme, roles = SCHEMES[name]
    return scheme, LOANS // 5, roles
