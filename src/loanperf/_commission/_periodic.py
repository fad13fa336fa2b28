"""Periodic lines: balances, margins, fixed amounts, readings and team pay."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from fractions import Fraction
from typing import assert_never

from loanperf._commission._accrual import DatedPlan
from loanperf._commission._books import Books
from loanperf._commission._context import context_of
from loanperf._commission._found import Draft, Group
from loanperf._commission._lots import Tally, priced_alone
from loanperf._commission._names import joined, name_of
from loanperf._commission._plan import Component, Plan
from loanperf._commission._rates import ZERO
from loanperf._explanations import Explanation, because
from loanperf._indicators import indicator_label
from loanperf._periods import Period
from loanperf._quantities import Money, plain
from loanperf.errors import DataError


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
