"""Two schemes over a month of a bank: `analytics.compare`, beside the two runs that anybody would need for it.

Processor time is printed, with its ratio to two plain runs of the same month in the same moment; nothing is asserted
about time. The full size is 100,000 loans of 1,000 people.
"""

import gc
from fractions import Fraction
from time import process_time

import pytest
from benchmarks.sizes import sized
from benchmarks.test_run import BANK, JANUARY, bank

import loanperf as lp
from loanperf.adapters.memory import MemoryEntries
from loanperf.analytics import CompareRules, Scenario, compare
from loanperf.viewer import Viewer

LOANS = sized(100_000, least=10_000)


@pytest.mark.parametrize("volume", [Fraction(0), Fraction(1, 10)], ids=["two schemes", "and two volumes"])
def test_two_schemes_over_a_month(capsys: pytest.CaptureFixture[str], volume: Fraction) -> None:
    """The rate of a tier is raised; the history is checked against the ledger of a run."""
    ports, new = bank(LOANS), lp.parse_scheme(BANK.replace('"0.6%"', '"0.7%"'))
    then = Scenario(people=ports["people"].held, schemes=ports["schemes"].book, facts=ports["facts"].held)
    gc.collect()
    begun = process_time()
    done = lp.run(JANUARY, **ports, keeping=lp.Keeping(entries=MemoryEntries(), first=JANUARY))
    one = process_time() - begun
    gc.collect()
    begun = process_time()
    viewer, rules = Viewer(who="hr", sees="all"), CompareRules(volume=volume)
    found = compare(then, new, periods=[JANUARY], paid=done.ledger, viewer=viewer, rules=rules)
    spent = process_time() - begun
    assert found.difference.units > 0
    with capsys.disabled():
        print(
            f"\n{LOANS:,} loans x two schemes{' and two volumes' * bool(volume):<16} {spent:.2f} s of processor time,"
            f" {spent / (2 * one):.2f} x two runs of the month",
            end="",
        )
