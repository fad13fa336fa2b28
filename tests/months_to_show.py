"""A month of a small branch, to be shown on pages: few numbers, each of which can be worked out on paper.

`lin` drew 1,200,000 and 600,000 of a target of 2,000,000, 90%: 60 × 90% = 54.0 points. Breaches cost 30 of 100 points
of compliance: 40 × 70 / 100 = 28.0 points; 82.0 in all. The bonus is 0.82 of a month of 8,000, which is 6,560.00.
Commission is 0.5%: 6,000.00 and 3,000.00, of which 20% is held: 1,800.00. Paid is 6,560 + 9,000 − 1,800 = 13,760.00.

`wu` drew 300,000, 15%: 9.0 points; 100 − 45 = 55 points of compliance, below the veto at 60, so that the score is 0 and
the bonus too. Commission is 1,500.00, of which 300.00 is held; paid is 1,200.00.
"""

from collections.abc import Iterable, Mapping

import loanperf as lp
from loanperf.adapters.memory import MemoryEntries, MemoryFacts, MemoryPayments, MemoryPeople, MemorySchemes

MARCH = lp.Period.month(2026, 3)
SCHEME = """
name = "branch"
currency = "CNY"
effective = 2026-01-01

[profiles.all.weights]
disbursed_amount = "60%"
compliance_score = "40%"

[targets]
disbursed_amount = "200万元"
compliance_score = "100 point"

[scoring.default]
places = 1
rounding = "half even"
missing = "zero"

[[vetoes]]
indicator = "compliance_score"
test = "below"
limit = "60 point"

[bonus]
unit = "month"
curve = [["0 point", 0], ["100 point", 1]]
rounding = "half up"

[plans.officer]
rounding = "half up"

[plans.officer.components.loans]
base = "disbursed"
curve = { bands = [["0元", "1000万元", "0.5%"], ["1000万元", "", "0.6%"]], shape = "step" }
tiers = { by = "amount", applies = "marginal", accumulates = "period" }

[plans.officer.holdback]
share = "20%"
instalments = [{ after_months = 12, share = "100%" }]
"""
DRAWN = {"lin": ((5, "120万元"), (12, "60万元")), "wu": ((9, "30万元"),)}
"""What was drawn, by payee: the day of March and the amount."""
BREACHES = {"lin": "30", "wu": "45"}
"""Points that breaches of rules cost, by payee."""


def a_month(
    names: Mapping[str, str] | None = None,
    *,
    drawn: Mapping[str, Iterable[tuple[int, str]]] = DRAWN,
    breaches: Mapping[str, str] = BREACHES,
    scheme: str = SCHEME,
    role: str = "officer",
) -> lp.Run:
    """The month run, with a ledger.

    Args:
        names: what payees are called.
        drawn: as `DRAWN`.
        breaches: as `BREACHES`.
        scheme: its text.
        role: of everybody.
    """
    facts: list[lp.Fact] = [
        lp.Violation(number=f"V-{payee}", payee=payee, on="2026-03-06", points=points)
        for payee, points in breaches.items()
    ]
    for payee, amounts in drawn.items():
        for number, (on, amount) in enumerate(amounts, 1):
            loan, when = f"{payee}-L{number}", f"2026-03-{on:02}"
            facts.append(lp.Loan(loan=loan, customer=f"C-{loan}", officer=payee, opened_on=when))
            facts.append(lp.LoanEvent(loan=loan, kind=lp.EventKind.DISBURSED, on=when, amount=amount))
    people = lp.Organisation(
        units=[lp.Unit(code="east")],
        payees=[lp.Payee(code=payee, name=(names or {}).get(payee, "")) for payee in drawn],
        assignments=[
            lp.Assignment(payee=payee, unit="east", role=role, since="2025-01-01", salary="8000 元") for payee in drawn
        ],
    )
    return lp.run(
        MARCH,
        facts=MemoryFacts(facts),
        people=MemoryPeople(people),
        schemes=MemorySchemes(lp.parse_scheme(scheme)),
        payments=MemoryPayments(),
        approve=lambda _: True,
        keeping=lp.Keeping(entries=MemoryEntries(), first=MARCH),
    )


def statements_of(run: lp.Run, payees: Iterable[str] = ("lin", "wu")) -> list[lp.Statement]:
    """The statement of each payee."""
    ledger = run.ledger
    assert ledger is not None
    return [lp.statement(ledger, payee, run.period, run.accruals) for payee in payees]
