"""One payee on nine indicators, row by row, beside the same arithmetic bare; and what an import costs.

Nothing is asserted about time: machines are shared. The ratio to the bare arithmetic is printed.
"""

import statistics
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from time import perf_counter
from typing import Any

import pytest

import loanperf as lp

MARCH = lp.Period.month(2026, 3)
TARGETS: dict[str, Any] = {
    "loan_amount": "100万元",
    "disbursed_amount": "80万元",
    "customer_count": "20 人",
    "npl_ratio": "3%",
    "overdue_ratio": "5%",
    "compliance_score": "100 point",
    "retention_rate": "80%",
    "cross_sell_rate": "50%",
    "training_completion_rate": "100%",
}
READINGS: dict[str, Any] = {
    "loan_amount": "1234567.89 元",
    "disbursed_amount": "81.2345万元",
    "customer_count": "23 人",
    "npl_ratio": "2.13%",
    "overdue_ratio": "4.7%",
    "compliance_score": "97 point",
    "retention_rate": "85%",
    "cross_sell_rate": "47%",
    "training_completion_rate": "100%",
}


@pytest.fixture(scope="module")
def card() -> lp.Card:
    return lp.template("consumer-finance").resolve(role="senior", period=MARCH)


def bare(lines: list[tuple[Fraction, Fraction, Fraction]]) -> Fraction:
    """The nine products and roundings alone, on Fractions that somebody else read and checked."""
    return sum((Fraction(round(weight * 1000 * actual / target), 10) for weight, actual, target in lines), Fraction(0))


def test_bare_arithmetic(benchmark: Any, card: lp.Card) -> None:
    """The peer: what no library could leave out."""
    lines = [
        (line.weight, lp.quantity(READINGS[line.indicator.code]).value, lp.quantity(TARGETS[line.indicator.code]).value)
        for line in card.lines
    ]
    assert benchmark(bare, lines) > 0


def test_appraise(benchmark: Any, card: lp.Card) -> None:
    """From strings with units to a score."""
    assert benchmark(lp.appraise, card, TARGETS, READINGS).score > 0


def test_appraise_with_its_explanation(benchmark: Any, card: lp.Card) -> None:
    """The same and the tree of reasons; 300 µs is what we aim at."""

    def explained() -> lp.Explanation:
        return lp.appraise(card, TARGETS, READINGS, payee="lin").explain()

    assert len(benchmark(explained).because) == 10


def test_award(benchmark: Any, card: lp.Card) -> None:
    """From a score to money."""
    appraisal = lp.appraise(card, TARGETS, READINGS)
    assert benchmark(lp.award, card.bonus, appraisal, month="8000 元").amount.units > 0


def test_measure_a_branch(benchmark: Any, card: lp.Card) -> None:
    """1,000 loans of ten payees to all readings of the card."""
    facts = lp.Facts.of(fact for number in range(1000) for fact in loan(number))
    indicators = [line.indicator for line in card.lines]
    measured = benchmark(lp.measure, facts, MARCH, indicators, currency="CNY")
    assert (10, ()) == (len(measured.payees), measured.problems)


def loan(number: int) -> list[lp.Fact]:
    """A loan signed, drawn, with a balance, of a customer, one in thirty of them bad."""
    code, officer, on = f"L{number}", f"p{number % 10}", f"2026-03-{number % 28 + 1:02}"
    facts: list[lp.Fact] = [
        lp.Loan(loan=code, customer=f"C{number}", officer=officer, opened_on=on),
        lp.LoanEvent(loan=code, kind=lp.EventKind.SIGNED, on=on, amount="30万元"),
        lp.LoanEvent(loan=code, kind=lp.EventKind.DISBURSED, on=on, amount="25万元"),
        lp.Balance(loan=code, on="2026-03-31", outstanding="25万元"),
        lp.Customer(customer=f"C{number}", officer=officer, since=on),
    ]
    if number % 30 == 0:
        kind = lp.EventKind.CLASSIFIED
        facts.append(lp.LoanEvent(loan=code, kind=kind, on="2026-03-31", category=lp.Category.DOUBTFUL))
    return facts


def seconds_to_import(names: str) -> float:
    """The median of eleven fresh interpreters."""
    code = f"import time; start = time.perf_counter(); import {names}; print(time.perf_counter() - start)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(11)]
    return statistics.median(float(run.stdout) for run in runs)


def test_import(capsys: pytest.CaptureFixture[str]) -> None:
    """`import loanperf` beside `import numpy, pint`, in fresh interpreters; the aim is at most 50 ms more."""
    ours, peers = seconds_to_import("loanperf"), seconds_to_import("numpy, pint")
    with capsys.disabled():
        print(f"\nimport loanperf {ours * 1000:.0f} ms, numpy and pint {peers * 1000:.0f} ms: {ours / peers:.2f} of it")
    assert ours > 0


def test_ratios(capsys: pytest.CaptureFixture[str], card: lp.Card) -> None:
    """Each step as a multiple of the bare arithmetic, measured side by side in this process."""
    lines = [
        (line.weight, lp.quantity(READINGS[line.indicator.code]).value, lp.quantity(TARGETS[line.indicator.code]).value)
        for line in card.lines
    ]
    appraisal = lp.appraise(card, TARGETS, READINGS)
    steps: dict[str, Callable[[], object]] = {
        "appraise": lambda: lp.appraise(card, TARGETS, READINGS),
        "appraise and explain": lambda: lp.appraise(card, TARGETS, READINGS).explain(),
        "award": lambda: lp.award(card.bonus, appraisal, month="8000 元"),
    }
    base = median_microseconds(lambda: bare(lines))
    with capsys.disabled():
        print(f"\nbare arithmetic {base:.0f} µs")
        for name, step in steps.items():
            print(f"{name} {(taken := median_microseconds(step)):.0f} µs, {taken / base:.1f} × bare")
    assert base > 0


def median_microseconds(step: Callable[[], object]) -> float:
    """The median of 200 single calls."""
    taken = []
    for _ in range(200):
        start = perf_counter()
        step()
        taken.append((perf_counter() - start) * 1e6)
    return statistics.median(taken)
