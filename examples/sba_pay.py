"""Pay a public book of small-business loans month by month, and show where every cent of it is.

    python examples/sba_pay.py FOLDER

FOLDER holds `sba.csv` (US Small Business Administration 7(a) loans with a known outcome). A fifth of each month's
commission is held for 36 months; a loan that is charged off takes back a share that falls with its age. Whoever
brought in the loan is a stand-in: bank and state.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from attrs import frozen

import loanperf as lp

SCHEME = Path(__file__).with_name("sba_pay.toml")
LAST_MONTH = lp.Period.month(2014, 8)


@frozen(kw_only=True)
class Paid:
    """The book, worked to its last month."""

    ledger: lp.Ledger
    accruals: lp.Accruals
    by_year: dict[int, Counter[lp.EntryKind]]
    """What was posted in each year, by kind, in cents."""


def facts_of(path: Path) -> lp.Facts:
    """Each loan with its approval and, where it was charged off, the day and the loss.

    One charge-off has no date; it is dated on the last day of the book.
    """
    facts: list[lp.Fact] = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            loan, on = row["loan_id"], row["open_date"]
            officer = row["salesperson"] or "(not stated)"
            facts.append(lp.Loan(loan=loan, customer=loan, officer=officer, opened_on=on, product=row["product"]))
            facts.append(lp.LoanEvent(loan=loan, kind=lp.EventKind.SIGNED, on=on, amount=f"{row['amount']} USD"))
            if row["bad"] == "1":
                bad_on = row["bad_date"] or LAST_MONTH.last_day
                kind = lp.EventKind.WRITTEN_OFF
                facts.append(lp.LoanEvent(loan=loan, kind=kind, on=bad_on, amount=f"{row['loss']} USD"))
    return lp.Facts.of(facts)


def work(facts: lp.Facts) -> Paid:
    """Settle, pay and close every month from the first loan to the last charge-off."""
    scheme = lp.read_scheme(SCHEME)
    loans = [fact for fact in facts if isinstance(fact, lp.Loan)]
    since = min(loan.opened_on for loan in loans)
    people = lp.Organisation(
        assignments=[
            lp.Assignment(payee=officer, unit="all", role="lender", since=since)
            for officer in {loan.officer for loan in loans}
        ]
    )
    accruals = lp.accrue(facts, lp.SchemeBook([scheme]).plans(), people, through=LAST_MONTH)
    ledger, by_year = lp.Ledger(), dict[int, Counter[lp.EntryKind]]()
    for month in months(since, LAST_MONTH):
        ledger = ledger.append(lp.settle(ledger, accruals, period=month))
        ledger = ledger.append(lp.pay(ledger, period=month, rules=scheme.pay or lp.schemes.PayRules()).entries)
        ledger = ledger.close(month, by="example")
    for entry in ledger.entries:
        by_year.setdefault(entry.period.start.year, Counter())[entry.kind] += entry.amount.units
    return Paid(ledger=ledger, accruals=accruals, by_year=by_year)


def months(first: date, last: lp.Period) -> Iterable[lp.Period]:
    """The months from that of a day to the last."""
    month = lp.Period.month(first.year, first.month)
    while month.start <= last.start:
        yield month
        month = month.next()


COLUMNS = (
    (lp.EntryKind.EARNED, "earned"),
    (lp.EntryKind.HELD, "held"),
    (lp.EntryKind.RELEASED, "released"),
    (lp.EntryKind.FORFEITED, "forfeited"),
    (lp.EntryKind.CLAWED_BACK, "clawed back"),
    (lp.EntryKind.CANCELLED, "cancelled"),
    (lp.EntryKind.RECEIVABLE_RAISED, "raised"),
    (lp.EntryKind.RECEIVABLE_RECOVERED, "recovered"),
    (lp.EntryKind.PAID, "paid"),
)
"""The kinds of entries that this scheme makes, and the heads of their columns."""


def table(paid: Paid) -> Iterable[str]:
    """A line a year, the totals, and the balance that must hold to the cent."""
    yield "  year" + "".join(f"{head:>15}" for _, head in COLUMNS)
    for year in sorted(paid.by_year):
        yield f"{year:>6}" + _row(paid.by_year[year])
    total = sum(paid.by_year.values(), Counter[lp.EntryKind]())
    yield " total" + _row(total)
    balances = [paid.ledger.balance(payee, currency=currency) for payee, currency in paid.ledger.accounts]
    sums = {
        name: sum(getattr(balance, name).units for balance in balances)
        for name in ("entitled", "due", "held", "owed", "paid")
    }
    earned = sum(line.amount.units for line in paid.accruals.lines)
    taken = total[lp.EntryKind.FORFEITED] + total[lp.EntryKind.CLAWED_BACK] + total[lp.EntryKind.CANCELLED]
    yield ""
    yield f"paid {_text(sums['paid'])} + held {_text(sums['held'])} + due {_text(sums['due'])}"
    yield f"  - receivable {_text(sums['owed'])} = entitled {_text(sums['entitled'])}"
    yield f"entitled {_text(sums['entitled'])} + forfeited and taken back {_text(taken)}"
    yield f"  = earned {_text(sums['entitled'] + taken)}; accrued from scratch: {_text(earned)}"


def _row(sums: Counter[lp.EntryKind]) -> str:
    return "".join(f"{_text(sums[kind]):>15}" for kind, _ in COLUMNS)


def _text(units: int) -> str:
    return f"{lp.Money.from_units(units, 'USD').amount:,}"


if __name__ == "__main__":
    print("\n".join(table(work(facts_of(Path(sys.argv[1]) / "sba.csv")))))
