"""One branch of 10,000 loans, paid for one month, row by row; beside the same arithmetic bare.

Nothing is asserted about time: machines are shared. Entries per second, and the ratio to the bare arithmetic, are
printed.
"""

import statistics
from collections import defaultdict
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from time import perf_counter

import pytest
from benchmarks.sizes import sized

import loanperf as lp

MARCH = lp.Period.month(2026, 3)
LOANS = sized(10_000, least=1_000)
OFFICERS = 40
SCHEME = """
name = "branch"
currency = "CNY"
effective = 2026-01-01

[plans.officer]
rounding = "half up"

[plans.officer.components.loans]
base = "disbursed"
curve = { knots = [["0 CNY", "0.4%"], ["500万元", "0.6%"], ["2000万元", "0.8%"]], shape = "step" }
tiers = { by = "amount", applies = "marginal", accumulates = "period" }

[plans.officer.holdback]
share = "20%"
instalments = [{ after_months = 36, share = "100%" }]

[[plans.officer.clawbacks]]
on = "written off"
attainment = "stays"
share = "100%"
takes = "whole"
"""


def amount(number: int) -> Decimal:
    """Amounts of 10,000 to 500,000 yuan with odd fen."""
    return Decimal(1_000_000 + number * 7919 % 49_000_001) / 100


@pytest.fixture(scope="module")
def facts() -> lp.Facts:
    found: list[lp.Fact] = []
    for number in range(LOANS):
        loan, on = f"L{number:05}", f"2026-03-{1 + number % 31:02}"
        found.append(lp.Loan(loan=loan, customer=loan, officer=f"E{number % OFFICERS:02}", opened_on=on))
        found.append(
            lp.LoanEvent(
                loan=loan,
                kind=lp.EventKind.DISBURSED,
                on=on,
                amount=lp.Money.from_units(int(amount(number) * 100), "CNY"),
            )
        )
    return lp.Facts.of(found)


@pytest.fixture(scope="module")
def branch() -> lp.Organisation:
    return lp.Organisation(
        assignments=[
            lp.Assignment(payee=f"E{number:02}", unit="east", role="officer", since="2026-01-01")
            for number in range(OFFICERS)
        ]
    )


@pytest.fixture(scope="module")
def plans() -> tuple[lp.schemes.DatedPlan, ...]:
    return lp.SchemeBook([lp.parse_scheme(SCHEME)]).plans()


def bare() -> tuple[list[tuple[str, str, Decimal]], Decimal]:
    """The peer: the same tiers, roundings and holdback on Decimals, without facts, checks, reasons or a ledger."""
    fen = Decimal("0.01")
    rates = (
        (Decimal(0), Decimal("0.004")),
        (Decimal(5_000_000), Decimal("0.006")),
        (Decimal(20_000_000), Decimal("0.008")),
    )
    reached: dict[str, Decimal] = defaultdict(Decimal)
    pay: dict[str, Decimal] = defaultdict(Decimal)
    entries = []
    for number in sorted(range(LOANS), key=lambda number: (number % 31, number)):
        officer, low = f"E{number % OFFICERS:02}", reached[f"E{number % OFFICERS:02}"]
        high = low + amount(number)
        ends = (*(start for start, _ in rates[1:]), high)
        exact = sum(
            (
                max(min(high, end) - max(low, start), Decimal(0)) * rate
                for (start, rate), end in zip(rates, ends, strict=True)
            ),
            Decimal(0),
        )
        earned = exact.quantize(fen, ROUND_HALF_UP)
        reached[officer] = high
        pay[officer] += earned
        entries.append((officer, "earned", earned))
    held = {officer: (total * Decimal("0.2")).quantize(fen, ROUND_HALF_UP) for officer, total in pay.items()}
    entries += [(officer, "held", total) for officer, total in held.items()]
    return entries, sum(pay.values(), Decimal(0)) - sum(held.values(), Decimal(0))


def timed(work: Callable[[], object], rounds: int = 3) -> float:
    """Seconds, the median of some rounds."""
    found = []
    for _ in range(rounds):
        start = perf_counter()
        work()
        found.append(perf_counter() - start)
    return statistics.median(found)


def test_settle_ten_thousand_loans(
    facts: lp.Facts,
    branch: lp.Organisation,
    plans: tuple[lp.schemes.DatedPlan, ...],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Accrue, settle and pay a month from facts; the sums are those of the bare arithmetic."""
    accruals = lp.accrue(facts, plans, branch, through=MARCH)
    entries = lp.settle(lp.Ledger(), accruals, period=MARCH)
    ledger = lp.Ledger().append(entries)
    payout = lp.pay(ledger, period=MARCH, rules=lp.schemes.PayRules())
    lines, due = bare()
    assert due == sum((payment.amount.amount for payment in payout.payments), Decimal(0))
    seconds = {
        "accrue": timed(lambda: lp.accrue(facts, plans, branch, through=MARCH)),
        "settle": timed(lambda: lp.settle(lp.Ledger(), fresh(accruals), period=MARCH)),
        "append": timed(lambda: lp.Ledger().append(entries)),
        "pay": timed(lambda: lp.pay(ledger, period=MARCH, rules=lp.schemes.PayRules())),
    }
    peer, whole = timed(bare), sum(seconds.values())
    with capsys.disabled():
        print(f"\n{LOANS} loans, {len(entries)} entries ({len(lines)} bare lines):")
        print("  " + ", ".join(f"{name} {spent * 1e3:.0f} ms" for name, spent in seconds.items()))
        print(f"  settle {len(entries) / seconds['settle']:,.0f} entries/s")
        print(f"  from facts to payments {len(entries) / whole:,.0f} entries/s")
        print(f"  bare Decimal arithmetic {peer * 1e3:.0f} ms; ratio {whole / peer:.1f}")


def fresh(accruals: lp.Accruals) -> lp.Accruals:
    """The same accruals, of which nothing has been worked out yet."""
    return lp.Accruals(
        through=accruals.through, lines=accruals.lines, standings=accruals.standings, drawing=accruals.drawing
    )
