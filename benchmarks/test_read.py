"""Tables to facts: a wide tape, with ids as numbers and as dictionary codes, and three tables that are joined.

Ratios to float64 sums of the same loans by payee are printed, and nothing is asserted about time.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from benchmarks import ours, sum_peers
from benchmarks.books import loan_book
from benchmarks.sizes import sized
from benchmarks.test_facts import beside, show

import loanperf as lp
from loanperf.tables import Coded

LOANS = sized(10_000_000)
FACTS = sized(1_000_000)
BASE = "float64 sums by payee"


def read(**tables: Any) -> lp.Facts:
    """Facts of tables in fen, as of the end of January."""
    return lp.Facts.read(tables, currency="CNY", money="fen", as_of=ours.JANUARY.last_day)


def test_a_tape_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    """With the check of each cell. What it takes to hash the words of ids, which nobody can do without, is apart."""
    book = loan_book(LOANS, LOANS // 100)
    tape, base = ours.tape(book), sum_peers.numpy_float(book)
    words = tuple(f"L{number:09}" for number in range(LOANS))
    coded = tape | {"loan": Coded(np.arange(LOANS, dtype=np.int32), words)}
    works: dict[str, Callable[[], Any]] = {
        f"read a tape of {LOANS:,} loans, ids as numbers": partial(read, loans=tape),
        f"read a tape of {LOANS:,} loans, ids as dictionary codes": partial(read, loans=coded),
        "of that, hashing of the words of ids": partial(set, words),
    }
    found = {name: beside(work, base, 1) for name, work in works.items()}

    assert 3 * LOANS < len(read(loans=coded)) == len(read(loans=tape))
    show(capsys, [(name, seconds, BASE, ratio) for name, (seconds, ratio) in found.items()])


def test_tables_are_read_and_joined(capsys: pytest.CaptureFixture[str]) -> None:
    """Loans, their events in no order, and balances; ids as numbers."""
    draw, loans = np.random.default_rng(1), FACTS // 10
    first, number = np.datetime64("2026-01-01"), np.arange(FACTS // 2)
    tables = {
        "loans": {
            "loan": np.arange(loans) + ours.FIRST_LOAN,
            "customer": np.arange(loans),
            "officer": draw.integers(0, 1_000, loans),
            "opened_on": first + draw.integers(0, 60, loans),
        },
        "events": {
            "loan": draw.integers(0, loans, FACTS // 2) + ours.FIRST_LOAN,
            "kind": Coded(draw.integers(0, 2, FACTS // 2, dtype=np.int8), ("disbursed", "repaid")),
            "on": first + draw.integers(0, 90, FACTS // 2),
            "number": number,
            "amount": draw.integers(1, 10**8, FACTS // 2),
        },
        "balances": {
            "loan": np.repeat(np.arange(loans), 4) + ours.FIRST_LOAN,
            "on": first + 30 * np.tile(np.arange(1, 5), loans),
            "outstanding": draw.integers(0, 10**8, 4 * loans),
        },
    }
    book = loan_book(FACTS, FACTS // 100)
    seconds, ratio = beside(partial(read, **tables), sum_peers.numpy_float(book), 1)

    assert FACTS == len(read(**tables))
    show(capsys, [(f"read {FACTS:,} facts of three tables", seconds, BASE, ratio)])
