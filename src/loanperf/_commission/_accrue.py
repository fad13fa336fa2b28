"""Accrue: (facts, plans, organisation) -> accruals, from scratch, to the end of a period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial, reduce

from loanperf._commission._accrual import DatedPlan
from loanperf._commission._accruals import Accruals
from loanperf._commission._door import faults_of_deals, faults_of_tracks, refused, strangers
from loanperf._commission._drafts import Drafts
from loanperf._commission._found import Found
from loanperf._commission._periods import work_periods
from loanperf._commission._plan import OF_BALANCES
from loanperf._commission._resolve import Resolved, resolve
from loanperf._commission._standings import Standings
from loanperf._commission._steps import Sources
from loanperf._commission._stocks import stocks
from loanperf._commission._unpaid import unpaid
from loanperf._commission._walk import given_of, walk
from loanperf._facts import Facts, over_drawn
from loanperf._indicators import Reading
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._targets import Target
from loanperf._validators import each_of, must_be
from loanperf.errors import DataError, Problem, problem_of, shown


def accrue(
    facts: Facts,
    plans: Sequence[DatedPlan],
    organisation: Organisation,
    *,
    through: Period,
    since: date | None = None,
    readings: Iterable[Reading] = (),
    targets: Mapping[Period, Iterable[Target]] | None = None,
) -> Accruals:
    """Everything earned by commission plans, computed from scratch to the end of a period.

    The order of facts does not matter: deals are worked by business date, then by loan. A loan whose selection date
    lies before the first plan is under no plan and earns nothing. Every loan is paid, waits, has a problem or is listed
    as unpaid with the reason, for everybody who held it or has a credit in it.

    Args:
        facts: all that happened; what is dated after `through` is passed over.
        plans: of every version of the scheme; see `SchemeBook.plans`.
        organisation: who held which role where.
        through: the last pay period; those before it have the same length.
        since: the first day of the books; None is the first fact, or the first plan if that is later.
        readings: of the indicators that plans look at, with payee as subject and their pay period.
        targets: of payees, by pay period.

    Returns:
        Lines in order of payee, period and date. Loans and payees that could not be worked are problems, and the
        payees concerned are `blocked`. Drawings above what was signed are problems too, and are paid as they stand.

    Raises:
        PeriodError: `through` is no `Period`.
        DataError: a reading is supplied twice, with two values.
    """
    _must_be_given(facts, plans, organisation, since)
    given = each_of(readings, Reading, "the readings", "pass what lp.measure gives, or a list of lp.Reading")
    goals = _goals(targets)
    run = resolve(facts, plans, organisation, through=through, since=since, readings=given, targets=goals)
    found = Found()
    unknown = _checked(run, facts, found)
    sources, standings = given_of(run), Standings.of_deals(run.deals)
    drafts = _drafts(sources, given_of(run, OF_BALANCES), facts, standings, found)
    lines = work_periods(run, drafts, found)
    missing, over = _missing(run), over_drawn(facts, through.last_day)
    return Accruals(
        through=through,
        first=run.calendar.periods[0],
        lines=lines,
        waiting=tuple(found.waiting),
        unpaid=partial(unpaid, sources, drafts, lines, found, (*facts.problems, *found.problems)),
        states=found.states,
        standings=standings,
        drawing=found.drawing,
        problems=(*facts.problems, *dict.fromkeys((*found.problems, *missing.values(), *over))),
        blocked=frozenset(found.blocked),
        why=found.why,
        missing=missing,
        unknown=unknown,
        currency=plans[0].currency if len({dated.currency for dated in plans}) == 1 else "",
        came_as=facts.came_as,
    )


def _drafts(deals: Sources, stock: Sources, facts: Facts, standings: Standings, found: Found) -> Drafts:
    """What deals earn, each worked with the others of its payee and component, and what balances do."""
    of_deals = walk(deals, standings, found)
    of_balances = stocks(stock, facts, standings, found)
    known = [drafts for drafts in (of_deals, of_balances) if drafts is not None]
    return reduce(Drafts.together, known, Drafts.nothing(deals.deals.payees))


def _missing(run: Resolved) -> dict[tuple[str, Period], Problem]:
    """What was asked of a payee in a period and is not there, as problems."""
    return {
        (payee, period): problem_of(f"payee {payee} in {period}", error, payee=payee)
        for (payee, period), error in run.lookups.missing.items()
    }


def _goals(targets: Mapping[Period, Iterable[Target]] | None) -> dict[Period, tuple[Target, ...]]:
    """Targets by period, each of them a target."""
    if targets is None:
        return {}
    remedy = "pass lists of lp.Target by lp.Period"
    must_be(targets, Mapping, "the targets", remedy)
    for period in targets:
        must_be(period, Period, "a period of targets", remedy)
    return {period: each_of(goals, Target, f"the targets of {period}", remedy) for period, goals in targets.items()}


def _must_be_given(facts: object, plans: object, organisation: object, since: object) -> None:
    """Refuse what looks like facts and plans and is not."""
    if not isinstance(facts, Facts):
        raise DataError("the facts", f"they are a {type(facts).__name__}", "pass lp.Facts.of(facts)")
    if not isinstance(plans, (tuple, list)) or not all(isinstance(plan, DatedPlan) for plan in plans):
        raise DataError(
            "the plans", f"they are no dated plans (found {shown(plans)})", "pass lp.SchemeBook([scheme]).plans()"
        )
    must_be(organisation, Organisation, "the organisation", "pass lp.Organisation(assignments=[...])")
    if since is not None:
        must_be(since, date, "since", "pass a date, such as date(2026, 3, 1), or leave it out")


def _checked(run: Resolved, facts: Facts, found: Found) -> frozenset[str]:
    """Note what is wrong with loans, and who is concerned by rows that were refused; the loans that are not there."""
    unknown = strangers(facts, run.deals)
    found.problems.extend(unknown.values())
    found.note(faults_of_deals(run.deals, [dated.plan for dated in run.plans]))
    for payee, problem in refused(facts, run.deals):
        found.blocked[payee][problem] = None
    found.note(faults_of_tracks(run.tracks))
    return frozenset(fact.loan for fact in unknown)
