"""loanperf's own columns: the public calls on real schemes, with every check."""

from collections.abc import Callable
from typing import Any

import numpy as np
from attrs import frozen
from benchmarks.books import CATEGORIES, CODES, WEIGHTS, DealBook, LoanBook, ScoreBook
from benchmarks.chain_peers import SALARY
from benchmarks.score_peers import Scores
from numpy.typing import NDArray

import loanperf as lp
from loanperf.adapters.memory import MemoryEntries, MemoryFacts, MemoryPeople, MemorySchemes
from loanperf.tables import Coded

OURS, INTEGERS = "loanperf", "loanperf, from int64"
JANUARY, MARCH, APRIL = (lp.Period.month(2026, month) for month in (1, 3, 4))
FIRST_LOAN = 10_000_000
"""The number of the first loan: numbers of one length are in the order of their text."""
_HEAD = """
name = "benchmark"
currency = "CNY"
effective = 2026-01-01
"""

# ── A ───────────────────────────────────────────────────────────────────────────────────────────────────────

_WEIGHTS = "\n".join(
    f"[profiles.{name}.weights]\n"
    + "\n".join(f'{code} = "{weight}%"' for code, weight in zip(CODES, weights, strict=True))
    for name, weights in WEIGHTS.items()
)
_WHO = "\n".join(f'[[who]]\nrole = "{name}"\nprofile = "{name}"' for name in WEIGHTS)
SCORECARD = f"""{_HEAD}
{_WEIGHTS}

{_WHO}

[scoring.default]
places = 1
rounding = "half even"
cap = "150%"

[bonus]
unit = "month"
curve = [["0 point", 0], ["100 point", 1]]
then = {{ per_point = "0.1%", counted = "pro rata" }}
rounding = "half even"
"""


UNITS = dict.fromkeys(("loan_amount", "disbursed_amount", "month"), "fen") | {"compliance_score": "1/100 point"}
UNITS |= {code: "bp" for code in CODES if code.endswith(("ratio", "rate"))}
"""What the whole numbers of a book of scores count, beside customers."""


def scored(book: ScoreBook) -> Callable[[], Scores]:
    """Score and pay, in as many threads as loanperf takes by itself."""
    return _scored(book, None)


def scored_by_one_thread(book: ScoreBook) -> Callable[[], Scores]:
    """The same in one thread."""
    return _scored(book, 1)


def _scored(book: ScoreBook, workers: int | None) -> Callable[[], Scores]:
    scheme = lp.parse_scheme(SCORECARD)
    cards = {name: scheme.resolve(role=name, period=MARCH) for name in WEIGHTS}
    rows: dict[str, Any] = {"card": Coded(book.profile, tuple(WEIGHTS)), "month": book.month}
    for code in CODES:
        rows |= {code: book.actual[code], f"{code}.target": book.target[code]}

    def work() -> Scores:
        appraised = lp.appraise_all(cards, rows, units=UNITS, workers=workers)
        awarded = lp.award_all(appraised, workers=workers)
        _must_be_whole(awarded.problems)
        return Scores(appraised.score, awarded.amount)

    return work


def _must_be_whole(problems: tuple[Any, ...]) -> None:
    """Nothing here is odd, so that nobody may be left out."""
    if problems:
        raise AssertionError(f"problems: {problems[:3]}")


# ── B ───────────────────────────────────────────────────────────────────────────────────────────────────────

_MEASURES = {
    "drawn": 'over = "loans", sum = "disbursed"',
    "owed": 'over = "loans", sum = "balance"',
    "bad": 'over = "loans", sum = "balance", where = { category = ["substandard", "doubtful", "loss"] }',
    "late": 'over = "loans", sum = "balance", where = { days_past_due = { at_least = "1 day" } }',
    "loans": 'over = "loans"',
}
_INDICATORS = "\n".join(
    f'[indicators.{code}]\ndimension = "performance"\ndirection = "higher is better"\n'
    f'kind = "{"count" if code == "loans" else "money"}"\nmeasure = {{ {measure} }}'
    for code, measure in _MEASURES.items()
)
_SHARES = "\n".join(f'{code} = "20%"' for code in _MEASURES)
TOTALS = f"""{_HEAD}
{_INDICATORS}

[profiles.standard.weights]
{_SHARES}

[scoring.default]
places = 1
rounding = "half even"
"""


def tape(book: LoanBook) -> dict[str, Any]:
    """The columns of a tape as a host would hand them over."""
    on = book.disbursed_on.astype("datetime64[D]")
    return {
        "loan": np.arange(FIRST_LOAN, FIRST_LOAN + book.rows),
        "customer": np.arange(book.rows),
        "officer": book.payee,
        "opened_on": on,
        "disbursed_on": on,
        "disbursed": book.disbursed,
        "balance": book.balance,
        "category": Coded(book.category, CATEGORIES),
        "days_past_due": book.days_past_due,
    }


@frozen(eq=False)
class Measured:
    """Readings of payees in order of code, as those of the peers when they are looked at."""

    readings: lp.Readings
    payees: int

    def whole(self) -> tuple[NDArray[np.int64], ...]:
        """By number of payee; those without loans have nothing."""
        number = np.array([int(payee) for payee in self.readings.payees])
        found = []
        for code in _MEASURES:
            column = np.zeros(self.payees, dtype=np.int64)
            column[number] = self.readings.table([code])[code].values
            found.append(column)
        return tuple(found)


def measured(book: LoanBook) -> Callable[[], Measured]:
    """Readings from a book that was checked before."""
    checked, work = _read(tape(book)), _measure(book)
    return lambda: work(checked)


def checked_and_measured(book: LoanBook) -> Callable[[], Measured]:
    """The same with the checks of every cell, that no loan is there twice among them."""
    loans, work = tape(book), _measure(book)
    return lambda: work(_read(loans))


def _read(loans: dict[str, Any]) -> lp.Facts:
    return lp.Facts.read({"loans": loans}, currency="CNY", money="fen", as_of=JANUARY.last_day)


def _measure(book: LoanBook) -> Callable[[lp.Facts], Measured]:
    indicators = [line.indicator for line in lp.parse_scheme(TOTALS).resolve(period=JANUARY).lines]

    def work(checked: lp.Facts) -> Measured:
        found = lp.measure(checked, JANUARY, indicators, currency="CNY")
        _must_be_whole(found.problems)
        return Measured(found, book.payees)

    return work


# ── C ───────────────────────────────────────────────────────────────────────────────────────────────────────

PLAN = f"""{_HEAD}
[plans.officer]
rounding = "half even"

[plans.officer.components.deals]
base = "disbursed"
curve = {{ knots = [["0 CNY", "0.4%"], ["300万元", "0.45%"], ["1000万元", "0.55%"]], shape = "step" }}
tiers = {{ by = "amount", applies = "marginal", accumulates = "period" }}
stages = [
    {{ milestone = "due diligence complete", share = "20%" }},
    {{ milestone = "disbursed", share = "80%" }},
]
dead = "keep"
"""


@frozen(eq=False)
class Accrued:
    """Lines of commission, as those of the peers when they are looked at."""

    accruals: lp.Accruals
    deals: int

    def whole(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """By row of the deal, a column a stage."""
        lines = self.accruals.columns
        found = np.zeros((2, self.deals), dtype=np.int64)
        last = np.array([stage == "disbursed" for stage in lines.stages])
        np.add.at(found, (last[lines.stage].astype(np.intp), lines.loan), lines.units)
        return found[0], found[1]


def accrued(book: DealBook) -> Callable[[], Accrued]:
    """Lines from a book that was checked before."""
    checked, work = lp.Facts.read({"loans": deals(book)}, currency="CNY", money="fen"), _accrue(book)
    return lambda: work(checked)


def checked_and_accrued(book: DealBook) -> Callable[[], Accrued]:
    """The same with the checks of every cell."""
    loans, work = deals(book), _accrue(book)
    return lambda: work(lp.Facts.read({"loans": loans}, currency="CNY", money="fen"))


def deals(book: DealBook) -> dict[str, Any]:
    """The columns of deals as a host would hand them over."""
    rows, checked_on = len(book.payee), book.checked_on.astype("datetime64[D]")
    return {
        "loan": np.arange(FIRST_LOAN, FIRST_LOAN + rows),
        "customer": np.arange(rows),
        "officer": book.payee,
        "opened_on": checked_on,
        "amount": book.amount,
        "due_diligence_on": checked_on,
        "disbursed_on": book.drawn_on.astype("datetime64[D]"),
        "disbursed": book.amount,
    }


def staff(payees: int, role: str = "officer") -> lp.Organisation:
    """Payees who were in one role all the time."""
    return lp.Organisation(
        assignments=[
            lp.Assignment(payee=str(payee), unit="east", role=role, since="2025-01-01") for payee in range(payees)
        ]
    )


def _accrue(book: DealBook) -> Callable[[lp.Facts], Accrued]:
    plans, people = lp.SchemeBook([lp.parse_scheme(PLAN)]).plans(), staff(book.payees)

    def work(checked: lp.Facts) -> Accrued:
        found = lp.accrue(checked, plans, people, through=APRIL)
        _must_be_whole(found.problems)
        return Accrued(found, len(book.payee))

    return work


# ── the chain ───────────────────────────────────────────────────────────────────────────────────────────────

BRANCH = f"""{_HEAD}
[indicators.drawn]
dimension = "performance"
direction = "higher is better"
kind = "money"
measure = {{ over = "loans", sum = "disbursed" }}

[indicators.loans]
dimension = "performance"
direction = "higher is better"
kind = "count"
measure = {{ over = "loans" }}

[indicators.bad]
dimension = "risk"
direction = "lower is better"
kind = "ratio"
measure.numerator = {{ {_MEASURES["bad"]} }}
measure.denominator = {{ {_MEASURES["owed"]} }}

[indicators.late]
dimension = "risk"
direction = "lower is better"
kind = "ratio"
measure.numerator = {{ {_MEASURES["late"]} }}
measure.denominator = {{ {_MEASURES["owed"]} }}

[profiles.officer.weights]
drawn = "40%"
loans = "20%"
bad = "25%"
late = "15%"

[targets]
drawn = "2000万元"
loans = 80
bad = "3%"
late = "8%"

[scoring.default]
places = 1
rounding = "half even"
cap = "150%"
floor = "0%"

[bonus]
unit = "month"
curve = [["0 point", 0], ["100 point", 1]]
then = {{ per_point = "0.1%", counted = "pro rata" }}
rounding = "half even"

[plans.officer]
rounding = "half even"
holdback = {{ share = "20%", instalments = [{{ after_months = 12, share = "100%" }}] }}

[plans.officer.components.deals]
base = "disbursed"
curve = {{ knots = [["0 CNY", "0.4%"], ["300万元", "0.45%"], ["1000万元", "0.55%"]], shape = "step" }}
tiers = {{ by = "amount", applies = "marginal", accumulates = "period" }}
dead = "keep"
"""


@frozen(eq=False)
class Chained:
    """Scores, bonuses and entries, as those of the peers when they are looked at."""

    found: lp.Run
    payees: int

    def whole(self) -> tuple[NDArray[np.int64], ...]:
        """Score, bonus and what is held back, by number of payee."""
        columns = np.zeros((3, self.payees), dtype=np.int64)
        results, entries = self.found.results, self.found.entries
        rows = np.array([int(payee) for payee in results.payees])
        columns[0, rows] = np.rint(results.frame("arrays")["score"] * 10)
        columns[1, rows] = results.awards.columns["amount"].values
        held = np.flatnonzero(entries.kind == [*lp.EntryKind].index(lp.EntryKind.HELD))
        payee = np.array([int(word) for word in entries.words.payee.of(entries.payee[held])])
        np.add.at(columns[2], payee, entries.units[held])
        return tuple(columns)


def chained(book: LoanBook) -> Callable[[], Chained]:
    """From a book that was checked before to entries."""
    checked = lp.Facts.read({"loans": tape(book)}, currency="CNY", money="fen", as_of=JANUARY.last_day)
    work = _run(book)
    return lambda: work(checked)


def checked_and_chained(book: LoanBook) -> Callable[[], Chained]:
    """The same with the checks of every cell."""
    loans, work = tape(book), _run(book)
    return lambda: work(lp.Facts.read({"loans": loans}, currency="CNY", money="fen", as_of=JANUARY.last_day))


def _run(book: LoanBook) -> Callable[[lp.Facts], Chained]:
    schemes = lp.SchemeBook([lp.parse_scheme(BRANCH)])
    salary = lp.Money.from_units(SALARY, "CNY")
    people = lp.Organisation(
        assignments=[
            lp.Assignment(payee=str(payee), unit="east", role="officer", since="2025-01-01", salary=salary)
            for payee in range(book.payees)
        ]
    )

    def work(checked: lp.Facts) -> Chained:
        keeping = lp.Keeping(entries=MemoryEntries())
        ports = (MemoryFacts(checked), MemoryPeople(people), MemorySchemes(schemes))
        found = lp.run(JANUARY, facts=ports[0], people=ports[1], schemes=ports[2], keeping=keeping)
        if found.problems or len(found.results) != book.payees:
            raise AssertionError(f"problems: {found.problems[:3]}")
        return Chained(found, book.payees)

    return work
