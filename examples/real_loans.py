"""Score the stand-in salespeople of two public books of loans.

    python examples/real_loans.py FOLDER

FOLDER holds `sba.csv` (US Small Business Administration 7(a) loans with a known outcome) and `lendingclub.csv` (US
consumer loans of early 2018). Their salespeople are stand-ins: bank and state, or state and grade.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

import loanperf as lp
from loanperf.adapters.memory import MemoryFacts, MemoryPeople, MemorySchemes

SCHEME = Path(__file__).with_name("real_loans.toml")
LEAST_LOANS = 30
"""A salesperson with fewer is not scored: a ratio over a handful of loans says little."""
DAYS_LATE = {"In Grace Period": 1, "Late (16-30 days)": 16, "Late (31-120 days)": 31}
"""The fewest days past due that each status stands for."""


@frozen(kw_only=True)
class Book:
    """What is read of one file, and the period that it covers."""

    name: str
    facts: tuple[lp.Fact, ...]
    period: lp.Period
    history: lp.Period
    """Loans opened in it decide how the total is divided into targets."""


def sba(path: Path) -> Book:
    """The SBA book: a loan charged off is classified as a loss on the day it went bad.

    One charge-off has no date; it is dated on the last day of the book.
    """
    period = lp.Period("1971-01-01", "2014-09-01")
    facts: list[lp.Fact] = []
    for row in _rows(path):
        facts += _loan(row)
        if row["bad"] == "1":
            on = row["bad_date"] or period.last_day
            kind = lp.EventKind.CLASSIFIED
            facts.append(lp.LoanEvent(loan=row["loan_id"], kind=kind, on=on, category=lp.Category.LOSS))
    return Book(name="sba", facts=tuple(facts), period=period, history=lp.Period("1971-01-01", "2005-01-01"))


def lendingclub(path: Path) -> Book:
    """The LendingClub book: balances and days past due as they stood at the end of March 2018."""
    period = lp.Period.quarter(2018, 1)
    facts: list[lp.Fact] = []
    for row in _rows(path):
        facts += _loan(row)
        facts.append(lp.Balance(loan=row["loan_id"], on=period.last_day, outstanding=f"{row['balance']} USD"))
        if days := DAYS_LATE.get(row["status"]):
            kind = lp.EventKind.PAST_DUE
            facts.append(lp.LoanEvent(loan=row["loan_id"], kind=kind, on=period.last_day, days=days))
    return Book(name="lendingclub", facts=tuple(facts), period=period, history=lp.Period.month(2018, 1))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _loan(row: dict[str, str]) -> tuple[lp.Fact, ...]:
    loan, on, amount = row["loan_id"], row["open_date"], f"{row['amount']} USD"
    return (
        lp.Loan(
            loan=loan, customer=loan, officer=row["salesperson"] or "(not stated)", opened_on=on, product=row["product"]
        ),
        lp.LoanEvent(loan=loan, kind=lp.EventKind.SIGNED, on=on, amount=amount),
    )


@frozen(kw_only=True)
class Prepared:
    """What goes into a run: everybody with enough loans, and what each is to reach."""

    facts: tuple[lp.Fact, ...]
    organisation: lp.Organisation
    targets: tuple[lp.Target, ...]


def prepared(book: Book) -> Prepared:
    """Everybody with enough loans, and the total divided by how many loans each made before."""
    loans = [fact for fact in book.facts if isinstance(fact, lp.Loan)]
    made = Counter(loan.officer for loan in loans)
    scored = sorted(officer for officer, count in made.items() if count >= LEAST_LOANS)
    theirs = {loan.loan for loan in loans if loan.officer in scored}
    facts = [fact for fact in book.facts if getattr(fact, "loan", "") in theirs]
    signed = [fact.amount for fact in facts if isinstance(fact, lp.LoanEvent) and fact.amount]
    before = Counter(loan.officer for loan in loans if loan.opened_on in book.history)
    goals = lp.divide(sum(signed, lp.Money.from_units(0, "USD")), {officer: before[officer] for officer in scored})
    since = book.period.start
    people = [
        lp.Assignment(payee=officer, unit="all", role="salesperson", product_line=book.name, since=since)
        for officer in scored
    ]
    targets = [
        lp.Target(payee=officer, indicator="loan_amount", value=goal) for officer, goal in goals.items() if goal.units
    ]
    return Prepared(facts=tuple(facts), organisation=lp.Organisation(assignments=people), targets=tuple(targets))


def score(book: Book) -> lp.Run:
    """Score everybody with enough loans."""
    given = prepared(book)
    return lp.run(
        book.period,
        facts=MemoryFacts(given.facts),
        people=MemoryPeople(given.organisation),
        schemes=MemorySchemes(lp.read_scheme(SCHEME), given.targets),
    )


def _print(book: Book, run: lp.Run) -> None:
    print(f"{book.name}: {len(run.results)} salespeople, {run.used} of {run.rows} rows used")
    best = sorted(run.results, key=lambda result: (-result.appraisal.score, result.payee))
    for result in (*best[:5], *best[-5:]):
        print(f"  {result.payee:40} {result.appraisal.score:>7}")
    for problem in run.problems[:5]:
        print(f"  {problem}")


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for each in (sba(folder / "sba.csv"), lendingclub(folder / "lendingclub.csv")):
        _print(each, score(each))
