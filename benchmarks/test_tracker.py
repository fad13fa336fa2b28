"""One fact after another on top of a book of ten thousand loans, and of ten million: what each of them costs.

Nothing is asserted about time: machines are shared. Medians are printed, in microseconds of the processor: of the first
fact of a loan since the book, and of a second one; alone, and with all readings of its payee measured anew.
"""

import resource
import statistics
from collections.abc import Callable
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import loanperf as lp
from loanperf import batch

MARCH = lp.Period.month(2026, 3)
EVENTS = 300
"""Of each round; each is of another loan."""
LOANS_OF_A_PAYEE = 100
Step = Callable[[batch.Tracker, lp.LoanEvent, str], object]


def book_of(loans: int) -> tuple[batch.Book, NDArray[np.int32]]:
    """A tape of loans as they stood on the last day of February, and who has which; some are late, some bad."""
    chance, payees = np.random.default_rng(7), loans // LOANS_OF_A_PAYEE
    held = chance.integers(0, payees, loans, dtype=np.int32)
    late = chance.integers(0, 30, loans, dtype=np.int8) == 0
    bad = chance.integers(0, 50, loans, dtype=np.int8) == 0
    numbers = np.arange(loans, dtype=np.int64)
    tape = {
        "loan": numbers,
        "customer": numbers,
        "officer": batch.Coded(held, tuple(f"p{code}" for code in range(payees))),
        "opened_on": np.datetime64("2026-02-28") - chance.integers(0, 700, loans).astype("timedelta64[D]"),
        "product": batch.Coded(chance.integers(0, 4, loans, dtype=np.int8), ("mortgage", "car", "cash", "trade")),
        "balance": chance.integers(1_000_00, 500_000_00, loans),
        "overdue": late.astype(np.int64),
        "days_past_due": late * np.int64(45),
        "category": batch.Coded(2 * bad.astype(np.int8), ("normal", "special mention", "substandard")),
    }
    return batch.Book.of({"loans": tape}, currency="CNY", money="fen", as_of="2026-02-28"), held


def events_of(loans: int, first: int) -> list[lp.LoanEvent]:
    """Events of March, each of another loan, in no order of days; the same loans whatever the first number is."""
    found: list[lp.LoanEvent] = []
    for number, loan in enumerate(np.random.default_rng(11).choice(loans, EVENTS, replace=False).tolist(), first):
        amount = lp.Money.from_units(1_000_00 + number, "CNY")
        kinds: tuple[tuple[lp.EventKind, dict[str, Any]], ...] = (
            (lp.EventKind.REPAID, {"amount": amount}),
            (lp.EventKind.PAST_DUE, {"days": number % 60}),
            (lp.EventKind.SIGNED, {"amount": amount}),
            (lp.EventKind.DISBURSED, {"amount": amount}),
            (lp.EventKind.CLASSIFIED, {"category": lp.Category.DOUBTFUL}),
        )
        kind, stated = kinds[number % len(kinds)]
        on = f"2026-03-{1 + number * 17 % 31:02}"
        found.append(lp.LoanEvent(loan=str(loan), kind=kind, on=on, number=str(number), **stated))
    return found


def fed(tracker: batch.Tracker, event: lp.LoanEvent, _: str) -> None:
    """The fact alone."""
    tracker.feed(event)


def read(tracker: batch.Tracker, event: lp.LoanEvent, payee: str) -> dict[str, lp.Reading]:
    """The fact, and all nine readings of its payee measured anew."""
    tracker.feed(event)
    return tracker.readings(payee)


def median_of(step: Step, tracker: batch.Tracker, events: list[lp.LoanEvent], payees: list[str]) -> float:
    """The median cost of a step in microseconds of the processor."""
    taken = []
    for event, payee in zip(events, payees, strict=True):
        start = process_time()
        step(tracker, event, payee)
        taken.append((process_time() - start) * 1e6)
    return statistics.median(taken)


@pytest.mark.parametrize("loans", [10_000, 10_000_000])
def test_facts_one_by_one(loans: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither time nor memory of a fact grows with the book."""
    book, held = book_of(loans)
    payees = [f"p{held[int(event.loan)]}" for event in events_of(loans, 0)]
    people = lp.Organisation(
        assignments=[
            lp.Assignment(payee=f"p{code}", unit="east", role="officer", since="2026-01-01")
            for code in range(loans // LOANS_OF_A_PAYEE)
        ]
    )
    card = lp.template("consumer-finance").resolve(period=MARCH)
    watch = batch.Watch(period=MARCH, currency="CNY", cards=card, organisation=people)
    found = {}
    began = perf_counter()
    tracker = batch.Tracker.start(watch, book=book)
    taken = perf_counter() - began
    for step in (fed, read):
        tracker = batch.Tracker.start(watch, book=book)
        for payee in payees:
            tracker.readings(payee)
        found[step] = [median_of(step, tracker, events_of(loans, first), payees) for first in (0, EVENTS)]
    with capsys.disabled():
        print(f"\n{loans} loans: started in {taken:.2f} s; a first fact of a loan, and a second one, in µs")
        for step, (first, second) in found.items():
            print(f"  {step.__doc__} {first:.1f}, {second:.1f}")
        print(f"  most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GiB")
    assert len(tracker.changes(0)[0]) > 0
