"""Facts to readings: rows taken in, the catalogue measured over them, reasons of one payee, and what facts weigh.

Ratios to a peer measured in the same run are printed, and nothing is asserted about time.
"""

import gc
import tracemalloc
from collections.abc import Callable
from functools import partial
from itertools import cycle
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from benchmarks.fact_rows import MARCH, fact_rows
from benchmarks.sizes import sized

import loanperf as lp

LARGE = sized(1_000_000)
CATALOGUE = [item for item in map(lp.indicator, lp.CATALOGUE) if item.measure is not None]


def beside(work: Callable[[], Any], peer: Callable[[], Any], seconds: float) -> tuple[float, float]:
    """Seconds of a work, and its ratio to a peer that runs beside it; medians."""
    mine, theirs, begun = list[float](), list[float](), perf_counter()
    while len(mine) < 3 or (perf_counter() - begun < seconds and len(mine) < 50):
        gc.collect()
        theirs.append(timed(peer))
        mine.append(timed(work))
    return median(mine), median(map(float.__truediv__, mine, theirs))


def timed(work: Callable[[], Any]) -> float:
    """Seconds of a run; what is short runs again, since the first finds the caches full of what ran before it."""
    found = list[float]()
    while len(found) < 2 or (sum(found) < 0.02 and len(found) < 20):
        start = perf_counter()
        work()
        found.append(perf_counter() - start)
    return min(found)


def by_key(rows: list[Any]) -> dict[Any, Any]:
    """What nobody can do without: each row by its natural key."""
    return {row.key: row for row in rows}


def show(capsys: pytest.CaptureFixture[str], lines: list[tuple[str, float, str, float]]) -> None:
    """Print what was measured: the work, its seconds, and its ratio to a peer."""
    with capsys.disabled():
        for work, seconds, peer, ratio in lines:
            print(f"\n{work:<58} {seconds * 1e3:>12,.3f} ms  {ratio:>8,.2f} x {peer}", end="")


def test_rows_taken_in(capsys: pytest.CaptureFixture[str]) -> None:
    """`Facts.of`, beside what nobody can do without: a dict by natural key."""
    lines = []
    for size in (1, 1_000, LARGE):
        rows = fact_rows(size)
        found = beside(partial(lp.Facts.of, rows), partial(by_key, rows), 1)
        lines.append((f"Facts.of, {size:,} rows", found[0], "a dict of the same rows by key", found[1]))
    show(capsys, lines)


@pytest.mark.parametrize("size", sorted({min(LARGE, 100_000), LARGE}))
def test_the_catalogue_measured(capsys: pytest.CaptureFixture[str], size: int) -> None:
    """Every indicator of the catalogue over facts that are there, beside one float64 sum of each of their columns."""
    facts = lp.Facts.of(fact_rows(size))

    def sums() -> None:
        for table in facts.tables.values():
            for column in table.columns.values():
                np.bincount(np.arange(table.rows) % 1_000, weights=column.values.astype(np.float64))

    found = beside(lambda: lp.measure(facts, MARCH, CATALOGUE, currency="CNY"), sums, 3)
    work = f"measure, {len(CATALOGUE)} indicators, {size:,} facts"
    show(capsys, [(work, found[0], "a float64 sum of each column", found[1])])


def test_reasons_of_one_payee(capsys: pytest.CaptureFixture[str]) -> None:
    """Every part of every reading of a payee with a hundred loans, beside the readings of everybody."""
    facts = lp.Facts.of(fact_rows(100_000))
    found = lp.measure(facts, MARCH, CATALOGUE, currency="CNY")
    payee = found.payees[len(found.payees) // 2]
    reasons = {code: len(reading.parts or ()) for code, reading in found.explain(payee).items()}
    assert reasons["par_30"] > 50
    payees = cycle(found.payees)  # what was explained once is kept
    took = beside(lambda: found.explain(next(payees)), lambda: lp.measure(facts, MARCH, CATALOGUE, currency="CNY"), 2)
    show(capsys, [("reasons of a payee with 100 loans", took[0], "the readings of all", took[1])])


def test_what_facts_weigh(capsys: pytest.CaptureFixture[str]) -> None:
    """Bytes a fact, beside the same facts as rows."""
    gc.collect()
    tracemalloc.start()
    rows = fact_rows(LARGE // 10)
    as_rows = tracemalloc.get_traced_memory()[0]
    facts = lp.Facts.of(rows)
    del rows
    gc.collect()
    as_columns = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    with capsys.disabled():
        print(
            f"\nfacts weigh {as_columns / len(facts):.1f} bytes each, {as_columns / as_rows:.2f} x their rows", end=""
        )
