"""A public book of 22,308 loans is paid month by month, and every cent is where plain arithmetic says it is."""

import csv
from collections import Counter, defaultdict
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import pytest
from examples.sba_pay import LAST_MONTH, Paid, facts_of, table, work

import loanperf as lp

pytestmark = pytest.mark.slow
CENT = Decimal("0.01")
Row = dict[str, str]


@pytest.fixture(scope="module")
def rows(shared_data: Path) -> list[Row]:
    with (shared_data / "sba.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def paid(shared_data: Path) -> Paid:
    return work(facts_of(shared_data / "sba.csv"))


def commission(row: Row) -> Decimal:
    """1% to 150,000, 0.5% to 700,000, 0.25% above: what a clerk would write into a cell."""
    amount = Decimal(row["amount"])
    low, middle = min(amount, Decimal(150_000)), min(max(amount - 150_000, Decimal(0)), Decimal(550_000))
    high = max(amount - 700_000, Decimal(0))
    exact = low * Decimal("0.01") + middle * Decimal("0.005") + high * Decimal("0.0025")
    return exact.quantize(CENT, ROUND_HALF_EVEN)


def months_old(row: Row) -> int:
    """Full months from approval to charge-off."""
    start, bad = date.fromisoformat(row["open_date"]), bad_on(row)
    months = 12 * (bad.year - start.year) + bad.month - start.month
    last = (date(start.year + (start.month + months) // 12, (start.month + months) % 12 + 1, 1) - date.resolution).day
    return months if bad.day >= min(start.day, last) else months - 1


def bad_on(row: Row) -> date:
    return date.fromisoformat(row["bad_date"]) if row["bad_date"] else LAST_MONTH.last_day


def taken(row: Row) -> Decimal:
    """All of the commission in the first year, half up to three years, a quarter after that."""
    if row["bad"] != "1" or bad_on(row) < date.fromisoformat(row["open_date"]):
        return Decimal(0)
    months = months_old(row)
    share = Decimal(1) if months < 12 else Decimal("0.5") if months < 36 else Decimal("0.25")
    return (commission(row) * share).quantize(CENT, ROUND_HALF_EVEN)


def total(paid: Paid, kind: lp.EntryKind) -> Decimal:
    units = sum(entry.amount.units for entry in paid.ledger.entries if entry.kind is kind)
    return Decimal(units) / 100


def test_what_is_earned_is_the_sum_of_the_rows(paid: Paid, rows: list[Row]) -> None:
    """Every loan earns what a spreadsheet would give it, and none is lost or worked twice."""
    assert {row["loan_id"]: commission(row) for row in rows} == {
        line.loan: line.amount.amount for line in paid.accruals.lines
    }
    assert ((), frozenset()) == (paid.accruals.problems, paid.accruals.blocked)
    assert total(paid, lp.EntryKind.EARNED) == sum(map(commission, rows))


def test_what_is_taken_back_is_the_sum_over_the_bad_loans(paid: Paid, rows: list[Row]) -> None:
    """Each charge-off takes its share once: of what was held first, and of what was paid for the rest."""
    expected = {row["loan_id"]: taken(row) for row in rows if taken(row)}
    actual: dict[str, Decimal] = defaultdict(Decimal)
    for entry in paid.ledger.entries:
        if entry.kind in (lp.EntryKind.FORFEITED, lp.EntryKind.CLAWED_BACK, lp.EntryKind.CANCELLED):
            actual[entry.loan] += entry.amount.amount
    assert expected == actual


def test_a_fifth_of_each_month_is_held_and_all_of_it_is_released_or_forfeited(paid: Paid, rows: list[Row]) -> None:
    """20% of each person's month, rounded once; the last charge-off is long after the last month of lending."""
    pay: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        pay[row["salesperson"], row["open_date"][:7]] += commission(row)
    held = sum((month * Decimal("0.2")).quantize(CENT, ROUND_HALF_EVEN) for month in pay.values())
    assert held == total(paid, lp.EntryKind.HELD)
    assert held == total(paid, lp.EntryKind.RELEASED) + total(paid, lp.EntryKind.FORFEITED)


def test_paid_held_forfeited_and_receivable_equal_what_was_earned_to_the_cent(paid: Paid, rows: list[Row]) -> None:
    """The identity that an auditor draws up: what was earned is paid out, still held, gone, or owed back."""
    balances = [paid.ledger.balance(payee, currency="USD") for payee, _ in paid.ledger.accounts]
    sums = Counter[str]()
    for balance in balances:
        for name in ("due", "held", "owed", "paid"):
            sums[name] += getattr(balance, name).units
    gone = sum(map(taken, rows))
    assert 100 * (sum(map(commission, rows)) - gone) == sums["paid"] + sums["held"] + sums["due"] - sums["owed"]
    assert sums["due"] == 0


def test_nobody_is_clawed_back_more_than_was_paid_and_nothing_is_paid_twice(paid: Paid) -> None:
    """Both hold for each payee and each payment key over 517 closed months."""
    out: Counter[str] = Counter()
    back: Counter[str] = Counter()
    keys = []
    for entry in paid.ledger.entries:
        if entry.kind is lp.EntryKind.PAID:
            out[entry.payee] += entry.amount.units
            keys.append(entry.line)
        elif entry.kind is lp.EntryKind.CLAWED_BACK:
            back[entry.payee] += entry.amount.units
    assert not {payee for payee, units in back.items() if units > out[payee]}
    assert len(set(keys)) == len(keys)


def test_the_table_prints_a_line_a_year_and_both_sides_of_the_balance(paid: Paid) -> None:
    """The example shows what the ledger says."""
    lines = list(table(paid))
    years = {entry.period.start.year for entry in paid.ledger.entries}
    assert sorted(years) == [int(line[:6]) for line in lines[1 : 1 + len(years)]]
    assert lines[1 + len(years)].startswith(" total")
    earned, scratch = lines[-1].replace(",", "").split("earned ")[1].split("; accrued from scratch: ")
    assert earned == scratch
