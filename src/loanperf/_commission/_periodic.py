"""Periodic lines: balances, margins, fixed amounts, readings and team pay."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from fractions import Fraction
from typing import assert_never

from loanperf._commission._accrual import DatedPlan
from loanperf._commission._books import Books
from loanperf._commission._context import context_of
from loanperf._commission._credits import holds, part_of
from loanperf._commission._deals import Deal
from loanperf._commission._found import CreditedPart, Draft, Found, Group
from loanperf._commission._lots import Tally, priced_alone
from loanperf._commission._names import joined, name_of
from loanperf._commission._plan import OF_BALANCES, Component, Plan
from loanperf._commission._rates import ZERO, counts_for_tier
from loanperf._commission._stages import must_have_size, terms_of
from loanperf._commission._terms import fits
from loanperf._explanations import Explanation, because
from loanperf._facts import Facts
from loanperf._indicators import average_balances, in_other_currencies, indicator_label
from loanperf._periods import Period
from loanperf._quantities import Money, percent, plain
from loanperf.errors import DataError, PeriodError

# ── balances ────────────────────────────────────────────────────────────────────────────────────────────────


def balances(books: Books, facts: Facts, parts: Iterable[CreditedPart], found: Found) -> None:
    """Lines of balances and interest margins: one a loan and period."""
    wanted = [(part, item) for part in parts for item in part.dated.plan.components if item.base in OF_BALANCES]
    currencies = {part.dated.currency for part, _ in wanted}
    averages = {currency: average_balances(facts, books.periods, currency) for currency in currencies}
    others = {currency: in_other_currencies(facts, currency) for currency in currencies}
    for part, component in wanted:
        loan, payee, currency = part.deal.loan.loan, part.share.payee, part.dated.currency
        with found.noting(f"loan {loan} of {payee}", [payee], loan):
            if foreign := sorted(others[currency].get(loan, ())):
                fault = f"a balance in {', '.join(foreign)} is no base of a plan in {currency}"
                raise DataError(f"component {component.code!r}", fault, f"send the balances of the loan in {currency}")
            must_have_size(part.dated.plan, part.deal, books.last_day)
    tallies: dict[Group, Tally] = {}
    for place, period in enumerate(books.periods):
        for part, component in wanted:
            loan, payee = part.deal.loan.loan, part.share.payee
            average = averages[part.dated.currency].get((loan, period))
            base = (average or ZERO) * part_of(component, part.share, part.shares)
            if not base or not holds(component, part.share, part.deal, period.last_day):
                continue
            with found.noting(f"loan {loan} of {payee} in {period}", [payee], loan):
                draft = _balance_line(books, part, component, tallies, period, base)
                if draft is not None:
                    found.drafts[place, payee].append(draft)


def _balance_line(
    books: Books,
    part: CreditedPart,
    component: Component,
    tallies: dict[Group, Tally],
    period: Period,
    average: Fraction,
) -> Draft | None:
    terms = {**terms_of(part.deal), "amount": average}
    pays, counts = fits(component.where, terms), counts_for_tier(component, terms)
    if not (pays or counts):
        return None
    year_part = _year_part(component, period)
    base = average * year_part
    values = {"average": plain(average), "year_part": plain(year_part), "base": plain(base)}
    why = because("accrual.balance", values)
    if component.base == "interest margin":
        margin = _margin(part.deal)
        base *= margin
        why = because("accrual.margin", {**values, "margin": percent(margin), "base": plain(base)})
    bases = base if pays else ZERO, base if counts else ZERO
    group = (part.share.payee, part.dated.plan.code, component.code)
    context = context_of(books, group[0], part.dated, component)
    tally = tallies.get(group, {})
    tallies[group], amount, steps = priced_alone(context, tally, period.last_day, bases, terms)
    if not (pays or amount):
        return None
    credited = part_of(component, part.share, part.shares)
    if component.least is not None and bases[0] > 0:
        amount = max(amount, component.least.value * credited)
    if component.most is not None and pays:
        amount = min(amount, component.most.value * credited)
    return Draft(
        dated=part.dated,
        component=component.code,
        loan=part.deal.loan.loan,
        on=period.last_day,
        gross=amount,
        steps=(why, *steps),
    )


def _margin(deal: Deal) -> Fraction:
    """The interest rate less the funding rate of a loan, a year."""
    loan = deal.loan
    if loan.interest_rate is None or loan.funding_rate is None:
        missing = "interest_rate" if loan.interest_rate is None else "funding_rate"
        raise DataError(f"loan {loan.loan}", f"its {missing} is not stated", "send the Loan with both rates")
    return loan.interest_rate - loan.funding_rate


def _year_part(component: Component, period: Period) -> Fraction:
    """What part of a year a period is, by the count of days that the component names."""
    match component.year_part:
        case "whole":
            return Fraction(1)
        case "months/12":
            if not period.months:
                raise PeriodError(str(period), "it is not whole months", "state year_part = 'days/365' or 'days/360'")
            return Fraction(period.months, 12)
        case "days/365":
            return Fraction(period.days, 365)
        case "days/360":
            return Fraction(period.days, 360)


# ── periods ─────────────────────────────────────────────────────────────────────────────────────────────────


def pays_by_period(plan: Plan) -> bool:
    """Whether a plan pays for more than loans: fixed amounts, readings, teams, guarantees."""
    return bool(plan.draws) or any(component.base in ("fixed", "indicator", "team") for component in plan.components)


def periodic(
    books: Books,
    dated: DatedPlan,
    payee: str,
    period: Period,
    tallies: dict[Group, Tally],
    team: Mapping[str, tuple[str, ...]],
    pay: Mapping[str, list[Money]],
    blocked: Container[str],
) -> list[Draft]:
    """The lines of a payee that are no loan's: fixed amounts, readings, and the pay of the team."""
    drafts = []
    for component in dated.plan.components:
        base, parts = _periodic_base(books, dated, component, payee, period, team, pay, blocked)
        if base is None:
            continue
        group = (payee, dated.plan.code, component.code)
        context = context_of(books, payee, dated, component)
        tally = tallies.get(group, {})
        tallies[group], amount, steps = priced_alone(context, tally, period.last_day, (base, base), {})
        what = joined(name_of(component.base), indicator_label(component.indicator))
        why = because("accrual.of", {"base": what, "amount": plain(base)}, *parts)
        drafts.append(
            Draft(
                dated=dated,
                component=component.code,
                on=period.last_day,
                gross=amount,
                steps=(why, *steps),
            )
        )
    return drafts


def _periodic_base(
    books: Books,
    dated: DatedPlan,
    component: Component,
    payee: str,
    period: Period,
    team: Mapping[str, tuple[str, ...]],
    pay: Mapping[str, list[Money]],
    blocked: Container[str],
) -> tuple[Fraction | None, tuple[Explanation, ...]]:
    """The base of a component that is no loan's, and what it is made of; None where it is one of loans."""
    match component.base:
        case "fixed":
            return Fraction(1), ()
        case "indicator":
            return books.look(payee, period, dated.plan)(component.indicator, None), ()
        case "team":
            members = team.get(component.code, ())
            _must_be_known(members, blocked, payee, period)
            for error in (books.missing[key] for member in members if (key := (member, period)) in books.missing):
                books.missing.setdefault((payee, period), error)
            into = books.in_currency(dated.currency)
            amounts = [amount for member in members for amount in pay[member]]
            total = sum((into.amount(amount, period.last_day) for amount in amounts), ZERO)
            why = tuple(
                because("accrual.member", {"member": member, "amount": str(amount)}, *into.why(amount, period.last_day))
                for member in members
                for amount in pay[member]
            )
            if component.team is not None and component.team.total == "average":
                total = total / len(members) if members else ZERO
            return total, why
        case "contracted" | "disbursed" | "count" | "balance" | "interest margin":
            return None, ()
        case _:
            assert_never(component.base)


def _must_be_known(members: Iterable[str], blocked: Container[str], payee: str, period: Period) -> None:
    """Refuse to pay for a team of which somebody's pay is not known."""
    if unknown := sorted(code for code in members if code in blocked):
        fault = f"the pay of {', '.join(unknown)} is not whole"
        raise DataError(f"the team of {payee} in {period}", fault, "mend their problems first")
