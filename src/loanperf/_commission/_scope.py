"""Scope: which loans are worked, where what is closed and untouched is not; and from which day a plan asks for all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

import numpy as np
from attrs import frozen

from loanperf._commission._accrual import DatedPlan
from loanperf._commission._deals import Deals
from loanperf._commission._found import concerned
from loanperf._commission._plan import OF_LOANS, Component, Milestone
from loanperf._commission._tiers import Tiers
from loanperf._facts import EventKind, Facts
from loanperf._numbers import Truth, day_number, marked, nowhere
from loanperf._periods import FROM_JANUARY, PayCalendar, Period

_LATE_STAGES = ("first repayment", "repaid in full")
"""Stages that a loan reaches by what it pays back."""


@frozen(kw_only=True)
class LoansWorked:
    """Says which loans and payees an accrual covers completely, where it worked only some loans.

    Only their lines may be compared with the ledger; the lines of all others stay as they were posted.
    """

    loans: frozenset[str]
    """Those that were worked; of no other is anything posted."""
    payees: frozenset[str]
    """Of whom all loans were worked, so that their lines of every period are whole."""
    since: date
    """Of everybody, the lines of periods that begin on this day or later are whole."""
    together: frozenset[tuple[str, str]]
    """Plans and components of which loans share tiers: of earlier periods what their lines earned is as it was posted,
    since not all that accumulated was worked."""


def shares_tiers(component: Component) -> bool:
    """Whether what a loan earns hangs on other loans of the payee too."""
    tiers = component.tiers
    return tiers is not None and tiers.accumulates != "per transaction" and tiers.by != "loan"


def sharing(plans: Iterable[DatedPlan]) -> frozenset[tuple[str, str]]:
    """Plans and components of which loans share tiers."""
    return frozenset(
        (dated.plan.code, component.code)
        for dated in plans
        for component in dated.plan.components
        if shares_tiers(component)
    )


def horizon_of(plans: Iterable[DatedPlan], period: Period) -> date | None:
    """From which day on all facts are worked, so that the lines of a period are right; None is from the first on.

    It is the first day of the period, or of the earliest of the windows in which tiers of a plan accumulate then. A
    plan that looks at more than loans and their tiers asks for everything: readings and targets, balances, fixed pay,
    teams, bounds of a period or person, draws, stages that time brings, sums that never begin anew. So do versions of a
    plan of which a component has other tiers.
    """
    plans, days = tuple(plans), [period.start]
    tiers = {(dated.plan.code, one.code, one.tiers, dated.calendar) for dated in plans for one in dated.plan.components}
    if len(tiers) > len({(plan, component) for plan, component, *_ in tiers}):
        return None
    for dated in plans:
        plan = dated.plan
        if (
            plan.indicators
            or plan.gates
            or plan.draws
            or plan.most
            or plan.round_component
            or plan.round_total
            or dated.rules.person_most
            or dated.rules.holdback
        ):
            return None
        lowers = any(rule.attainment == "lowered" for rule in plan.clawbacks)
        for component in plan.components:
            day = _horizon(component, dated.calendar, period, plan.selected_at, lowers=lowers)
            if day is None:
                return None
            days.append(day)
    return min(days)


def _horizon(
    component: Component, calendar: PayCalendar | None, period: Period, selected_at: Milestone, *, lowers: bool
) -> date | None:
    by_period = component.period_least or component.period_most or component.multipliers
    if component.base not in OF_LOANS or by_period or component.deadline_age is not None:
        return None
    if not shares_tiers(component):
        return period.start
    (*others, stage) = component.steps
    chosen = selected_at in ("opened", stage.milestone)
    if component.tiers is None or lowers or others or stage.payable or stage.milestone in _LATE_STAGES or not chosen:
        return None
    return _begins(component.tiers, calendar, period)


def _begins(tiers: Tiers, calendar: PayCalendar | None, period: Period) -> date | None:
    """The first day of what accumulates together with a period; None where that is not the first of a pay period."""
    if tiers.accumulates == "period":
        return period.start
    if tiers.accumulates != "to date" or tiers.resets == "never":
        return None
    (begins,) = (calendar or FROM_JANUARY).starts(tiers.resets, period.start, period.start)
    first = period
    while first.start > begins:
        first = first.previous()
    return begins if first.start == begins else None


# ── who must be worked whole, and what never rests ──────────────────────────────────────────────────────────


def undecided(facts: Facts, plans: Sequence[DatedPlan], period: Period) -> set[str]:
    """The loans that have not reached by the end of a period what chooses their plan: by then it may be another one."""
    asked = {dated.plan.selected_at for dated in plans} - {"opened"}
    deals = Deals.of(facts, day_number(period.last_day)) if asked else None
    if deals is None:
        return set()
    rows = (np.flatnonzero(deals.reached(milestone) > deals.last).tolist() for milestone in asked)
    return {deals.codes[row] for some in rows for row in some}


def unsettled(
    facts: Facts, plans: Sequence[DatedPlan], since: date, period: Period, late: Collection[str]
) -> tuple[set[str], set[str]]:
    """The loans that may count for tiers of days before one in another way than they did, and who has a part in them.

    They are those of which something was taken late, and those that counted before that day and of which something from
    then on changes amount, officer or credits.

    Args:
        facts: of loans.
        plans: all of them.
        since: from which day on all facts are worked; see `horizon_of`.
        period: the last one that counts.
        late: loans of which something was taken that is dated before that day.
    """
    deals = Deals.of(facts, day_number(period.last_day))
    found, day = nowhere(len(deals)), day_number(since)
    places = [place for loan in late if (place := deals.place(loan)) >= 0]
    found[places] = True
    for component in {item for dated in plans for item in dated.plan.components if shares_tiers(item)}:
        early = deals.reached(component.steps[-1].milestone) < day
        found |= early & _moved(deals, day, drawn=component.base != "contracted")
    rows = np.flatnonzero(found).tolist()
    return {*late, *(deals.codes[row] for row in rows)}, {payee for row in rows for payee in concerned(deals, row)}


def _moved(deals: Deals, day: int, *, drawn: bool) -> Truth:
    """Of which deals the amount, the officers or the credits change on a day or later, or which end then."""
    kinds = [EventKind.SIGNED, EventKind.CANCELLED, EventKind.ASSIGNED, *([EventKind.DISBURSED] if drawn else [])]
    found = deals.opened >= day
    given = [(events.deal, events.on) for events in map(deals.events, kinds)]
    for deal, on in [*given, (deals.credits.deal, deals.credits.on)]:
        found = found | marked(deal[on >= day], len(deals))
    return found
