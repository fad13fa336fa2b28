"""One fact after another on top of ten thousand loans, and of ten million: what each of them costs.

Nothing is asserted about time: machines are shared. Medians are printed, in microseconds of the processor: of the first
fact of a loan since the start, and of a second one; alone, and with a question about its payee. Then the cost of an
event where ten thousand come, and all who changed are asked for at once.
"""

import os
import resource
import statistics
from collections.abc import Callable
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pytest
from benchmarks.sizes import sized
from numpy.typing import NDArray

import loanperf as lp
from loanperf.tables import Coded
from loanperf.tracker import Tracker, Watch

MARCH = lp.Period.month(2026, 3)
EVENTS = 300
"""Of each round; each is of another loan."""
MANY = 10_000
LOANS_OF_A_PAYEE = 100
SCHEME = """
name = "tracked"
currency = "CNY"
effective = 2026-01-01

[profiles.standard.weights]
loan_amount = "30%"
disbursed_amount = "15%"
customer_count = "5%"
npl_ratio = "20%"
overdue_ratio = "5%"
compliance_score = "5%"
retention_rate = "10%"
cross_sell_rate = "5%"
training_completion_rate = "5%"

[targets]
loan_amount = "30万元"
disbursed_amount = "20万元"
customer_count = "1"
npl_ratio = "3%"
overdue_ratio = "3%"
compliance_score = "80 point"
retention_rate = "80%"
cross_sell_rate = "10%"
training_completion_rate = "90%"

[scoring.default]
places = 1
rounding = "half even"
missing = "zero"

[bonus]
unit = "amount"
curve = [["0 point", "0元"], ["100 point", "10000元"]]
rounding = "half up"
"""
Step = Callable[[Tracker, lp.LoanEvent, str], object]


def facts_of(loans: int) -> tuple[lp.Facts, NDArray[np.int32]]:
    """A tape of loans as they stood on the last day of February, and who has which; some are late, some bad."""
    chance, payees = np.random.default_rng(7), loans // LOANS_OF_A_PAYEE
    held = chance.integers(0, payees, loans, dtype=np.int32)
    late = chance.integers(0, 30, loans, dtype=np.int8) == 0
    bad = chance.integers(0, 50, loans, dtype=np.int8) == 0
    numbers = np.arange(loans, dtype=np.int64)
    tape = {
        "loan": numbers,
        "customer": numbers,
        "officer": Coded(held, tuple(f"p{code}" for code in range(payees))),
        "opened_on": np.datetime64("2026-02-28") - chance.integers(0, 700, loans).astype("timedelta64[D]"),
        "product": Coded(chance.integers(0, 4, loans, dtype=np.int8), ("mortgage", "car", "cash", "trade")),
        "balance": chance.integers(1_000_00, 500_000_00, loans),
        "overdue": late.astype(np.int64),
        "days_past_due": late * np.int64(45),
        "category": Coded(2 * bad.astype(np.int8), ("normal", "special mention", "substandard")),
    }
    return lp.Facts.read({"loans": tape}, currency="CNY", money="fen", as_of="2026-02-28"), held


def events_of(loans: int, first: int, many: int = EVENTS) -> list[lp.LoanEvent]:
    """Events of March, each of another loan, in no order of days; the same loans whatever the first number is."""
    found: list[lp.LoanEvent] = []
    for number, loan in enumerate(np.random.default_rng(11).choice(loans, many, replace=False).tolist(), first):
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


def fed(tracker: Tracker, event: lp.LoanEvent, _: str) -> None:
    """The fact alone."""
    tracker.feed(event)


def read(tracker: Tracker, event: lp.LoanEvent, payee: str) -> dict[str, lp.Reading]:
    """The fact, and all nine readings of its payee."""
    tracker.feed(event)
    return tracker.readings(payee)


def scored(tracker: Tracker, event: lp.LoanEvent, payee: str) -> lp.Results:
    """The fact, and the score and bonus of its payee as a run would work them."""
    tracker.feed(event)
    return tracker.results([payee])


def median_of(step: Step, tracker: Tracker, events: list[lp.LoanEvent], payees: list[str]) -> float:
    """The median cost of a step in microseconds of the processor."""
    taken = []
    for event, payee in zip(events, payees, strict=True):
        start = process_time()
        step(tracker, event, payee)
        taken.append((process_time() - start) * 1e6)
    return statistics.median(taken)


def watched(payees: int) -> Watch:
    """The month of these payees."""
    people = lp.Organisation(
        assignments=[
            lp.Assignment(payee=f"p{code}", unit="east", role="officer", since="2026-01-01") for code in range(payees)
        ]
    )
    schemes = lp.SchemeBook([lp.parse_scheme(SCHEME)])
    return Watch(period=MARCH, currency="CNY", schemes=schemes, organisation=people)


@pytest.mark.parametrize("loans", [sized(1_000_000), sized(10_000_000)])
def test_facts_one_by_one_and_many_at_once(loans: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither time nor memory of a fact grows with what is held."""
    facts, held = facts_of(loans)
    payees = [f"p{held[int(event.loan)]}" for event in events_of(loans, 0)]
    watch, found = watched(loans // LOANS_OF_A_PAYEE), dict[Step, list[float]]()
    began = perf_counter()
    tracker = Tracker.start(watch, facts=facts)
    taken = perf_counter() - began
    steps: tuple[Step, ...] = (fed, read, scored)
    for step in steps:
        tracker = Tracker.start(watch, facts=facts)
        tracker.results(payees[:1])
        found[step] = [median_of(step, tracker, events_of(loans, first), payees) for first in (0, EVENTS)]
    _, cursor = tracker.changes(0)
    events, start = events_of(loans, MANY, MANY), process_time()
    tracker.feed_all(events)
    changed, _ = tracker.changes(cursor)
    many = (process_time() - start) / MANY * 1e6
    results = tracker.results(changed)
    more = (process_time() - start) / MANY * 1e6
    with capsys.disabled():
        print(f"\n{loans} loans: started in {taken:.2f} s; a first fact of a loan, and a second one, in µs")
        for step, (first_of, second) in found.items():
            print(f"  {step.__doc__} {first_of:.1f}, {second:.1f}")
        print(f"  {MANY} facts, and who of {len(watch.appraised)} changed: {len(changed)}; {many:.1f} µs a fact,")
        print(f"  with their scores and bonuses {more:.1f} µs; load of the machine {os.getloadavg()[0]:.1f}")
        print(f"  most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GiB")
    assert len(changed) == len(results)
