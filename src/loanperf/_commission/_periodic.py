"""Periodic lines: balances, margins, fixed amounts, readings and team pay; then each period by its rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping
from datetime import date
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from operator import attrgetter
from typing import TypeAlias, assert_never

from loanperf._commission._accrual import DatedPlan
from loanperf._commission._books import Books
from loanperf._commission._context import context_of
from loanperf._commission._credits import holds, part_of
from loanperf._commission._deals import Deal
from loanperf._commission._found import CreditedPart, Found, Group
from loanperf._commission._limits import Draft, Earlier, adjusted, moved_on, rounded, scaled
from loanperf._commission._lots import Tally, priced_alone
from loanperf._commission._names import joined, name_of
from loanperf._commission._plan import OF_BALANCES, Component, Plan
from loanperf._commission._rates import ZERO, counts_for_tier
from loanperf._commission._stages import must_have_size, terms_of
from loanperf._commission._terms import fits
from loanperf._explanations import Explanation, because
from loanperf._facts import Facts
from loanperf._indicators import average_balances, in_other_currencies, indicator_label
from loanperf._org import Assignment
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
        net=amount,
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


def work_periods(books: Books, found: Found) -> None:
    """Period after period, payee after payee from the leaves to the root: what is paid for it."""
    carried: dict[str, list[Draft]] = {}
    earlier: dict[str, Earlier] = {}
    tallies: dict[Group, Tally] = {}
    earning: dict[int, set[str]] = defaultdict(set)
    for place, payee in found.drafts:
        earning[place].add(payee)
    left: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for place, period in enumerate(books.periods):
        pay: dict[str, list[Money]] = defaultdict(list)
        held = _held(books, period, found)
        teams = _teams(books, period, held, found)
        rings = _rings(teams)
        for payee in _leaf_to_root(teams, rings, earning[place] | set(carried) | set(held)):
            drafts = [*found.drafts.get((place, payee), []), *moved_on(carried.pop(payee, []), period)]
            with found.noting(f"payee {payee} in {period}", [payee]):
                _must_not_go_round(rings.get(payee, ()), payee, period)
                if payee in held:
                    drafts += _periodic(books, held[payee], payee, period, tallies, teams.get(payee, {}), pay, found)
                _must_not_hang_on(books, left[payee], payee, drafts)
                for draft, amount in _closed(books, payee, period, drafts, earlier, carried):
                    pay[payee].append(amount)
                    found.add(payee, period, draft, amount)
            if (payee, period) in books.missing:
                left[payee] |= {draft.deal for draft in drafts if draft.in_parts or draft.fell_back}


def _must_not_hang_on(books: Books, left: Collection[tuple[str, ...]], payee: str, drafts: Iterable[Draft]) -> None:
    """Refuse to go on with deals of an earlier period of which a reading or target is missing, by their codes."""
    for draft in drafts:
        if left and not draft.ends and (draft.deal in left or draft.fell_back):
            raise next(error for (whose, _), error in books.missing.items() if whose == payee)


def _held(books: Books, period: Period, found: Found) -> dict[str, DatedPlan]:
    """The plan of each payee with one in a period, where any plan pays for more than loans."""
    held: dict[str, DatedPlan] = {}
    if not any(pays_by_period(dated.plan) for dated in books.plans):
        return held
    for payee in books.organisation.codes:
        with found.noting(f"payee {payee} in {period}", [payee]):
            standing = books.standing_plan(payee, period)
            if standing is not None:
                held[payee] = standing[0]
                if standing[0].plan.draws:
                    found.drawing[payee, period] = (standing[0], books.nth(payee, period))
    return held


def pays_by_period(plan: Plan) -> bool:
    """Whether a plan pays for more than loans: fixed amounts, readings, teams, guarantees."""
    return bool(plan.draws) or any(component.base in ("fixed", "indicator", "team") for component in plan.components)


Team: TypeAlias = Mapping[str, tuple[str, ...]]
"""By component: the members of whose pay it is a part."""


def _teams(books: Books, period: Period, held: Mapping[str, DatedPlan], found: Found) -> dict[str, Team]:
    """By lead of a team in a period: by component, the members of whose pay the lead is paid a part."""
    teams: dict[str, Team] = {}
    for payee, dated in held.items():
        components = [item for item in dated.plan.components if item.team is not None]
        teams[payee] = {}
        with found.noting(f"payee {payee} in {period}", [payee]):
            teams[payee] = {item.code: tuple(_members(books, item, payee, period)) for item in components}
    return {payee: team for payee, team in teams.items() if team}


def _leads_below(teams: Mapping[str, Team]) -> dict[str, set[str]]:
    """By lead of a team: the members who lead teams themselves."""
    return {lead: {member for team in held.values() for member in team} & set(teams) for lead, held in teams.items()}


def _rings(teams: Mapping[str, Team]) -> dict[str, tuple[str, ...]]:
    """Leads whose teams contain each other, each with all leads of that circle: none of them can be worked first."""
    below = _leads_below(teams)
    rings: dict[str, tuple[str, ...]] = {}
    while True:
        try:
            TopologicalSorter(below).prepare()
        except CycleError as error:
            ring = tuple(sorted(set(error.args[1])))
            rings |= dict.fromkeys(ring, ring)
            below = {lead: members - set(ring) for lead, members in below.items() if lead not in ring}
        else:
            return rings


def _leaf_to_root(teams: Mapping[str, Team], rings: Collection[str], payees: Collection[str]) -> list[str]:
    """Payees in the order in which they can be worked: whoever leads a team after everybody in it."""
    below = {lead: leads - set(rings) for lead, leads in _leads_below(teams).items() if lead not in rings}
    leads = [*sorted(rings), *TopologicalSorter(below).static_order()]
    return [*sorted(set(payees) - set(leads)), *leads]


def _must_not_go_round(ring: tuple[str, ...], payee: str, period: Period) -> None:
    """Refuse a team whose lead is in a team of one of its members."""
    if ring:
        fault = f"the teams of {' and '.join(ring)} hold each other on the day that decides"
        remedy = "write as_of = 'end' in the plan, or end an assignment before that day"
        raise DataError(f"the team of {payee} in {period}", fault, remedy)


def _periodic(
    books: Books,
    dated: DatedPlan,
    payee: str,
    period: Period,
    tallies: dict[Group, Tally],
    team: Team,
    pay: Mapping[str, list[Money]],
    found: Found,
) -> list[Draft]:
    """The lines of a payee that are no loan's: fixed amounts, readings, and the pay of the team."""
    drafts = []
    for component in dated.plan.components:
        base, parts = _periodic_base(books, dated, component, payee, period, team, pay, found)
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
                net=amount,
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
    team: Team,
    pay: Mapping[str, list[Money]],
    found: Found,
) -> tuple[Fraction | None, tuple[Explanation, ...]]:
    """The base of a component that is no loan's, and what it is made of; None where it is one of loans."""
    match component.base:
        case "fixed":
            return Fraction(1), ()
        case "indicator":
            return books.look(payee, period, dated.plan)(component.indicator, None), ()
        case "team":
            members = team.get(component.code, ())
            _must_be_known(members, found.blocked, payee, period)
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


def _members(books: Books, component: Component, payee: str, period: Period) -> list[str]:
    """The team of a lead: who works in the unit, or below it, on the day that the component names."""
    team = component.team
    on = period.start if team is not None and team.as_of == "start" else period.last_day
    unit = books.organisation.assignments_in(payee, period)[-1][0].unit
    if not books.organisation.units:
        codes = books.organisation.codes
        members = [code for code in codes if unit in (item.unit for item in _held_on(books, code, on))]
    else:
        members = list(books.organisation.members(unit, on))
    if team is not None and team.members == "direct":
        members = [code for code in members if books.organisation.assignment(code, on).unit == unit]
    if team is not None and team.roles:
        members = [code for code in members if any(item.role in team.roles for item in _held_on(books, code, on))]
    return [code for code in members if code != payee and not _leads(books, code, unit, period)]


def _held_on(books: Books, payee: str, on: date) -> list[Assignment]:
    """What a payee is on a day; nothing where that is not known."""
    found = books.organisation.assignments_in(payee, books.periods[max(books.index(on), 0)])
    return [assignment for assignment, _ in found if assignment.holds_on(on)]


def _must_be_known(members: Iterable[str], blocked: Container[str], payee: str, period: Period) -> None:
    """Refuse to pay for a team of which somebody's pay is not known."""
    if unknown := sorted(code for code in members if code in blocked):
        fault = f"the pay of {', '.join(unknown)} is not whole"
        raise DataError(f"the team of {payee} in {period}", fault, "mend their problems first")


def _leads(books: Books, payee: str, unit: str, period: Period) -> bool:
    """Whether somebody leads the same unit too; leads of one unit are not paid for each other."""
    standing = books.standing_plan(payee, period)
    return (
        standing is not None
        and standing[1].unit == unit
        and any(component.base == "team" for component in standing[0].plan.components)
    )


def _closed(
    books: Books,
    payee: str,
    period: Period,
    drafts: list[Draft],
    earlier: dict[str, Earlier],
    carried: dict[str, list[Draft]],
) -> list[tuple[Draft, Money]]:
    """A payee's lines of a period after its rules, plan by plan, in money."""
    by_plan: dict[str, list[Draft]] = defaultdict(list)
    for draft in drafts:
        by_plan[draft.dated.plan.code].append(draft)
    found = []
    for code in sorted(by_plan):
        plan = _rules(books, code, period, by_plan[code])
        lines = scaled(by_plan[code], earlier.get(payee, {}))
        lines, over = adjusted(plan, lines, books.look(payee, period, plan), period.last_day)
        amounts, earlier[payee] = rounded(lines, earlier.get(payee, {}))
        ended = {line.deal for line in lines if line.ends}
        if left := [line for line in over if line.deal not in ended]:
            carried.setdefault(payee, []).extend(left)
        found += amounts
    return found


def _rules(books: Books, code: str, period: Period, drafts: list[Draft]) -> Plan:
    """The version of a plan whose accelerators, gates and caps hold in a period: the one in force on its last day."""
    in_force = [dated for dated in books.plans if dated.plan.code == code and dated.holds_on(period.last_day)]
    return (in_force or sorted((draft.dated for draft in drafts), key=attrgetter("since")))[-1].plan
