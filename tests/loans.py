"""Loans, plans and people in few words: what the tests of commissions and of the ledger are written in."""

import re
from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import loanperf as lp

Published = list[dict[str, Any]]
EVENTS = {
    "applied": lp.EventKind.APPLIED,
    "due diligence": lp.EventKind.DUE_DILIGENCE,
    "signed": lp.EventKind.SIGNED,
    "disbursed": lp.EventKind.DISBURSED,
    "repaid": lp.EventKind.REPAID,
    "prepaid": lp.EventKind.PREPAID,
    "written off": lp.EventKind.WRITTEN_OFF,
    "recovered": lp.EventKind.RECOVERED,
    "cancelled": lp.EventKind.CANCELLED,
}


def officers(*codes: str) -> lp.Organisation:
    """Officers of one unit, all since long."""
    given = [lp.Assignment(payee=code, unit="east", role="officer", since="2020-01-01") for code in codes]
    return lp.Organisation(assignments=given)


LIN = officers("lin")
"""One officer, without units."""


def case(published: Published, code: str) -> dict[str, Any]:
    """One published case by its id."""
    (found,) = (item for item in published if item["id"] == code)
    return found


def exact(number: Any) -> Fraction:
    """A number of a published case, exactly as printed."""
    return Fraction(str(number))


def loan(code: str = "L1", *, officer: str = "lin", on: str = "2026-03-01", **terms: Any) -> lp.Fact:
    """A loan of lin's, opened on 1 March 2026."""
    return lp.Loan(loan=code, customer=f"customer of {code}", officer=officer, opened_on=on, **terms)


def event(code: str, kind: str, on: str, amount: Any = None, number: str = "") -> lp.Fact:
    """Something that happened to a loan, by the words of `EVENTS`."""
    return lp.LoanEvent(loan=code, kind=EVENTS[kind], on=on, amount=amount, number=number)


def assigned(code: str, on: str, officer: str) -> lp.Fact:
    """A loan handed to another officer."""
    return lp.LoanEvent(loan=code, kind=lp.EventKind.ASSIGNED, on=on, officer=officer)


def classified(code: str, on: str, category: lp.Category) -> lp.Fact:
    """A loan put into a category."""
    return lp.LoanEvent(loan=code, kind=lp.EventKind.CLASSIFIED, on=on, category=category)


def past_due(on: str, days: int) -> lp.Fact:
    """L1 past due by so many days."""
    return lp.LoanEvent(loan="L1", kind=lp.EventKind.PAST_DUE, on=on, days=days)


def drawn(*amounts: Any, on: Iterable[str] = (), unit: str = "CNY", **terms: Any) -> list[lp.Fact]:
    """Loans L1, L2, … of these amounts, drawn whole on these days, or on 1 March and the days after it."""
    days = list(on) or [f"2026-03-{place + 1:02}" for place in range(len(amounts))]
    facts: list[lp.Fact] = []
    for place, (amount, day) in enumerate(zip(amounts, days, strict=True)):
        code = f"L{place + 1}"
        facts += [loan(code, on=day, **terms), event(code, "disbursed", day, lp.Money.of(str(amount), unit))]
    return facts


def component(**fields: Any) -> lp.schemes.Component:
    """What is paid for; of what is disbursed, unless said otherwise."""
    dead = "reverse" if len(fields.get("stages", ())) > 1 else None
    return lp.schemes.Component(**{"code": "loans", "base": "disbursed", "dead": dead} | fields)


def dated(
    *components: lp.schemes.Component, since: str = "2026-01-01", until: str | None = None, **fields: Any
) -> lp.schemes.DatedPlan:
    """A plan of these components, in force from the start of 2026."""
    currency, version, scheme = (
        fields.pop(name, default) for name, default in (("currency", "CNY"), ("version", "v1"), ("scheme", "branch"))
    )
    given: dict[str, Any] = {"code": "plan", "components": components, "rounding": lp.Rounding.HALF_UP} | fields
    plan = lp.schemes.Plan(**given)
    start, end = lp.Period(since, "2099-01-01").start, lp.Period("2000-01-01", until).end if until else None
    return lp.schemes.DatedPlan(plan=plan, scheme=scheme, version=version, currency=currency, since=start, until=end)


def accrued(
    facts: Iterable[lp.Fact],
    *plans: lp.schemes.DatedPlan,
    staff: lp.Organisation = LIN,
    through: str = "2026-12",
    **more: Any,
) -> lp.Accruals:
    """What is earned up to the end of a month."""
    return lp.accrue(lp.Facts.of(facts), plans, staff, through=lp.Period.parse(through), **more)


def clean(
    facts: Iterable[lp.Fact],
    *plans: lp.schemes.DatedPlan,
    staff: lp.Organisation = LIN,
    through: str = "2026-12",
    **more: Any,
) -> lp.Accruals:
    """The same, where nothing went wrong."""
    found = accrued(facts, *plans, staff=staff, through=through, **more)
    assert () == found.problems, "\n".join(map(str, found.problems))
    assert frozenset() == found.blocked
    return found


def earned(accruals: lp.Accruals, payee: str = "lin") -> Fraction:
    """All that a payee earned, in whole currency."""
    return sum((line.amount.exact for line in accruals.lines if line.payee == payee), Fraction(0))


def by_loan(accruals: lp.Accruals) -> dict[str, Fraction]:
    """What each loan came to, in whole currency."""
    found: dict[str, Fraction] = defaultdict(Fraction)
    for line in accruals.lines:
        found[line.loan] += line.amount.exact
    return dict(found)


def by_period(accruals: lp.Accruals, payee: str = "lin") -> dict[str, Fraction]:
    """What a payee earned in each period, in whole currency."""
    found: dict[str, Fraction] = defaultdict(Fraction)
    for line in accruals.lines:
        if line.payee == payee:
            found[str(line.period)] += line.amount.exact
    return dict(found)


def by_payee(accruals: lp.Accruals) -> dict[str, Fraction]:
    """What each payee earned, in whole currency."""
    found: dict[str, Fraction] = defaultdict(Fraction)
    for line in accruals.lines:
        found[line.payee] += line.amount.exact
    return dict(found)


def reading(indicator: str, value: Any, month: str = "2026-03", payee: str = "lin") -> lp.Reading:
    """A reading of lin's for March 2026."""
    return lp.Reading.of(indicator, value, subject=payee, period=lp.Period.parse(month))


def target(indicator: str, value: Any, month: str = "2026-03", payee: str = "lin") -> dict[lp.Period, list[lp.Target]]:
    """A target of lin's for March 2026."""
    return {lp.Period.parse(month): [lp.Target(payee=payee, indicator=indicator, value=value)]}


def where(field: str, *values: str) -> lp.schemes.Where:
    """A filter by values."""
    return lp.schemes.Where(field=field, values=values)


def without_place(error: Exception) -> str:
    """What an error says, without the line and column in which it stands."""
    return re.sub(r" \(line \d+, column \d+\)", "", str(error))
