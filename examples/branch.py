"""The branch whose quarter is played in `quarter.py`: its people, its schemes, and what its systems say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import loanperf as lp
from loanperf.alerts import AlertRule
from loanperf.outcomes import OutcomeRules

QUARTER = lp.Period.quarter(2026, 2)
APRIL, MAY, JUNE, JULY = (lp.Period.month(2026, number) for number in (4, 5, 6, 7))
LEADS = {"a": "lead-a", "b": "lead-b", "branch": "head"}
MOVER, LEAVER, JOINER = "a-10", "b-09", "b-10"
WARNED, APPELLANT, CALIBRATED = "b-05", "a-04", "b-01"
LOANS = {
    "a-01": 15, "a-02": 14, "a-03": 13, "a-04": 8, "a-05": 12, "a-06": 11, "a-07": 10, "a-08": 10, "a-09": 9,
    "b-01": 13, "b-02": 13, "b-03": 12, "b-04": 11, "b-05": 10, "b-06": 9, "b-07": 8, "b-08": 5,
}  # fmt: skip
"""How many loans of 91,000元 each makes, in turn in April, May and June; those who move, leave and come stand apart."""
OFFICERS = (*LOANS, MOVER, LEAVER, JOINER)
LOST = {"a-01": 10, "a-02": 20}
"""万元 of loans lost before, of a book that stands at 1,000万元 in the end; 30 of who is not named."""
MARKS = {"a-01": (5, 5), "a-02": (5, 5), "a-03": (5, 5), "a-04": (3, 3), "b-01": (5, 4), "b-02": (5, 4), "b-08": (3, 3)}
"""What the lead and the colleagues give, of 5; who is not named gets 4 of everybody."""
DISPUTED = "a-02-01"
"""A loan of 91,000元 that the CRM first sends as 19,100元."""
LINE = "a-02/sales/loans/a-02-01/disbursed/2026-04"
"""What a commission of it is called in the ledger."""

PAY = lp.parse_scheme("""
name = "commissions"
currency = "CNY"
effective = 2026-01-01

[plans.sales]
rounding = "half up"

[plans.sales.components.loans]
base = "disbursed"
rate = "1%"
""")
SCHEME = lp.parse_scheme("""
name = "appraisal"
currency = "CNY"
effective = 2026-01-01

[indicators.reviewed]
name = { en = "reviews", zh = "综合评价" }
dimension = "performance"
direction = "higher is better"
kind = "points"

[profiles.officer.weights]
disbursed_amount = "40%"
npl_ratio = "30%"
retention_rate = "10%"
reviewed = "20%"

[targets]
npl_ratio = "3%"
retention_rate = "80%"
reviewed = "100 point"

[scoring.default]
places = 1
rounding = "half even"
missing = "zero"

[grades]
A = { at_least = 110, coefficient = "120%" }
B = { at_least = 80, coefficient = "100%" }
C = { at_least = 0, coefficient = "50%" }

[bonus]
unit = "month"
curve = [["0 point", 1]]
rounding = "half up"

[confirmation]
of = ["targets", "results"]
unconfirmed = "hold"
""")
RULE = AlertRule(
    code="npl", kind="threshold", indicator="npl_ratio", test="above", limit="4%", severity="critical", escalate_after=2
)
USE = OutcomeRules.parse("""
name = "use of results"
effective = 2026-01-01
grades = ["A", "B", "C"]

[rules.top]
name = { en = "eligible for promotion", zh = "晋升候选" }
share = { side = "top", part = "10%", group = "all", by = [{ of = "score", best = "highest" }], \
rounding = "half up", ties = "all in", smallest = 10 }

[rules.bottom]
name = { en = "risk-control training", zh = "风险管控培训" }
course = "风险管控"
due_days = 14
share = { side = "bottom", part = "20%", group = "all", by = [{ of = "score", best = "highest" }], \
rounding = "half up", ties = "all in", smallest = 10 }

[pay]
steps = ["P1", "P2", "P3"]
entry = "P1"
moves = { A = 1, B = 0, C = -1 }
months_after = 1
""")


def people() -> lp.Organisation:
    """A branch of two teams of ten: one officer moves, one leaves, one comes."""
    days = {LEAVER: ("2025-01-01", "2026-06-01"), JOINER: ("2026-05-01", None)}
    held = [(code, code[0], *days.get(code, ("2025-01-01", None))) for code in OFFICERS if code != MOVER]
    held += [(MOVER, "a", "2025-01-01", "2026-06-01"), (MOVER, "b", "2026-06-01", None)]
    return lp.Organisation(
        units=[lp.Unit(code="branch"), lp.Unit(code="a", parent="branch"), lp.Unit(code="b", parent="branch")],
        assignments=[
            lp.Assignment(payee=code, unit=unit, role="officer", since=since, until=until, salary="9100 元")
            for code, unit, since, until in held
        ],
    )


def loan(code: str, officer: str, on: date, amount: str) -> list[lp.Fact]:
    """A loan that is drawn on the day on which it is made."""
    return [
        lp.Loan(loan=code, customer=code, officer=officer, opened_on=on),
        lp.LoanEvent(loan=code, kind=lp.EventKind.DISBURSED, on=on, amount=amount),
    ]


def lost(code: str, on: date) -> lp.LoanEvent:
    """A loan is classified as a loss."""
    return lp.LoanEvent(loan=code, kind=lp.EventKind.CLASSIFIED, on=on, category=lp.Category.LOSS)


def facts_of_before() -> Iterator[lp.Fact]:
    """The books as they stood: the loans of the quarter fill each up to 1,000万元; that of who comes is empty."""
    for officer in (*LOANS, MOVER, LEAVER):
        new = LOANS[officer] * Decimal("9.1") if officer in LOANS else {MOVER: 91, LEAVER: 61}[officer]
        bad, small = LOST.get(officer, 30), 15 if officer == WARNED else 0
        for name, amount in (("good", 1000 - new - bad - small), ("lost", bad), ("small", small)):
            if amount:
                code = f"{officer}-{name}"
                yield lp.Loan(loan=code, customer=code, officer=officer, opened_on="2025-06-02")
                yield lp.Balance(loan=code, on="2026-03-31", outstanding=f"{amount}万元")
        yield lost(f"{officer}-lost", date(2026, 1, 15))


def facts_of(month: lp.Period) -> Iterator[lp.Fact]:
    """What the host's systems say of a month."""
    number = month.start.month
    for officer, count in LOANS.items():
        for place in range(number - 3, count + 1, 3):
            code = f"{officer}-{place:02}"
            yield from loan(code, officer, date(2026, number, 8), "19100元" if code == DISPUTED else "91000元")
    if number == 4:
        yield from loan(f"{MOVER}-april", MOVER, date(2026, 4, 20), "61万元")
    if number == 5:
        yield from loan(f"{LEAVER}-may", LEAVER, date(2026, 5, 12), "61万元")
        yield lost(f"{WARNED}-small", date(2026, 5, 10))
    if number == 6:
        yield from loan(f"{MOVER}-june", MOVER, date(2026, 6, 15), "30万元")
        yield from loan(f"{JOINER}-june", JOINER, date(2026, 6, 10), "59.17万元")
        yield from loan(f"{JOINER}-bad", JOINER, date(2026, 6, 11), "1.83万元")
        yield lost(f"{JOINER}-bad", date(2026, 6, 25))


def stayed(officer: str, rate: str) -> lp.Reading:
    """How many customers of an officer stayed: what only the host knows."""
    return lp.Reading.of("retention_rate", rate, subject=officer, period=QUARTER)
