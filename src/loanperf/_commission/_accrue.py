"""Accrue: (facts, plans, organisation) -> accruals, from scratch, to the end of a period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction

from attrs import evolve

from loanperf._commission._accrual import DatedPlan
from loanperf._commission._accruals import Accruals
from loanperf._commission._books import Books, books_of
from loanperf._commission._context import context_of
from loanperf._commission._credits import Share, holds
from loanperf._commission._deals import Deal, DealState, deals_of
from loanperf._commission._door import faults_of_deals, faults_of_tracks, refused, strangers
from loanperf._commission._drafts import Drafts
from loanperf._commission._found import CreditedPart, Draft, Found, Group, drafts_of
from loanperf._commission._lines import Lines
from loanperf._commission._lookups import Lookups
from loanperf._commission._lots import Context, Record, Tally
from loanperf._commission._periodic import balances
from loanperf._commission._periods import work_periods
from loanperf._commission._plan import OF_LOANS
from loanperf._commission._rates import ZERO
from loanperf._commission._resolve import Resolved, resolve
from loanperf._commission._stages import Happening, StageLine, Track, earn, happenings
from loanperf._commission._tracks import NOBODY, NOT_HELD
from loanperf._commission._unpaid import is_lifted, unpaid
from loanperf._facts import Facts, over_drawn
from loanperf._indicators import Reading
from loanperf._numbers import whole
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf._targets import Target
from loanperf.errors import DataError, Problem, problem_of, shown

_Step = tuple[Happening, Track, DatedPlan]


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
    _must_be_given(facts, plans)
    given, goals = tuple(readings), targets or {}
    run = resolve(facts, plans, organisation, through=through, since=since, readings=given, targets=goals)
    books = books_of(facts, plans, organisation, run.calendar.periods, given, goals)
    found = Found()
    deals = deals_of(facts, through.last_day)
    unknown = _checked(run, facts, found)
    parts = _parts(run, deals, found)
    lines = _lines(books, run.lookups, _drafts(books, facts, parts, found), found)
    missing, over = _missing(books), over_drawn(facts, through.last_day)
    return Accruals(
        through=through,
        first=books.periods[0],
        lines=lines,
        waiting=tuple(found.waiting),
        unpaid=unpaid(books, deals, parts, found, tuple(lines), (*facts.problems, *found.problems)),
        states=found.states,
        standings={deal.loan.loan: deal.standing for deal in deals},
        drawing=found.drawing,
        problems=(*facts.problems, *dict.fromkeys((*found.problems, *missing.values(), *over))),
        blocked=frozenset(found.blocked),
        why={payee: tuple(reasons) for payee, reasons in found.blocked.items()},
        missing=missing,
        unknown=unknown,
        currency=plans[0].currency if len({dated.currency for dated in plans}) == 1 else "",
    )


def _lines(books: Books, lookups: Lookups, drafts: Drafts, found: Found) -> Lines:
    """What is paid for each period; what deals lacked is missing there too."""
    places = {payee: place for place, payee in enumerate(lookups.deals.payees)}
    for (payee, period), error in books.missing.items():
        at = whole([places[payee]]), whole([books.periods.index(period)])
        lookups.miss(*at, lambda _, error=error: error)  # type: ignore[misc]
    lines = work_periods(books, lookups, drafts, found)
    books.missing.update(lookups.missing)
    return lines


def _drafts(books: Books, facts: Facts, parts: list[CreditedPart], found: Found) -> Drafts:
    """What deals earn, each worked with the others of its payee and component, and what balances do."""
    groups: dict[Group, list[_Step]] = defaultdict(list)
    for part in parts:
        _gather(books, part, groups, found)
    for group in sorted(groups):
        with found.noting(f"component {group[2]} of {group[0]}", [group[0]]):
            _walk(books, group, groups[group], found)
    balances(books, facts, parts, found)
    return drafts_of(books.plans, ((payee, draft) for (_, payee), some in found.drafts.items() for draft in some))


def _missing(books: Books) -> dict[tuple[str, Period], Problem]:
    """What was asked of a payee in a period and is not there, as problems."""
    return {
        (payee, period): problem_of(f"payee {payee} in {period}", error, payee=payee)
        for (payee, period), error in books.missing.items()
    }


def _must_be_given(facts: object, plans: object) -> None:
    """Refuse what looks like facts and plans and is not."""
    if not isinstance(facts, Facts):
        raise DataError("the facts", f"they are a {type(facts).__name__}", "pass lp.Facts.of(facts)")
    if not isinstance(plans, (tuple, list)) or not all(isinstance(plan, DatedPlan) for plan in plans):
        raise DataError(
            "the plans", f"they are no dated plans (found {shown(plans)})", "pass lp.SchemeBook([scheme]).plans()"
        )


def _checked(run: Resolved, facts: Facts, found: Found) -> frozenset[str]:
    """Note what is wrong with loans, and who is concerned by rows that were refused; the loans that are not there."""
    unknown = strangers(facts, run.deals)
    found.problems.extend(unknown.values())
    found.note(faults_of_deals(run.deals, [dated.plan for dated in run.plans]))
    for payee, problem in refused(facts, run.deals):
        found.blocked[payee][problem] = None
    found.note(faults_of_tracks(run.tracks))
    return frozenset(fact.loan for fact in unknown)


def _parts(run: Resolved, deals: Iterable[Deal], found: Found) -> list[CreditedPart]:
    """Each part of each deal with the plan that pays for it."""
    tracks, of, parts = run.tracks, run.tracks.shares, list[CreditedPart]()
    row_of = {deal.loan.loan: deal for deal in deals}
    places = [(code, place) for place, code in enumerate(run.deals.codes) if place < len(run.deals)]
    for code, place in sorted(places):
        rows = range(int(tracks.begins[place]), int(tracks.begins[place + 1]))
        shares = tuple(
            Share(
                run.deals.payees[int(of.payee[row])],
                run.deals.roles[int(of.role[row])],
                Fraction(int(of.top[row]), int(of.below[row])),
                stated=bool(of.stated[row]),
            )
            for row in rows
        )
        for row, share in zip(rows, shares, strict=True):
            plan = int(tracks.plan[row])
            if plan >= 0:
                parts.append(CreditedPart(deal=row_of[code], share=share, shares=shares, dated=run.plans[plan]))
            elif NOBODY < plan < NOT_HELD:
                found.unplanned[share.payee, code] = tracks.no_plan(row)
    return parts


def _gather(books: Books, part: CreditedPart, groups: dict[Group, list[_Step]], found: Found) -> None:
    """Put what happened to a deal with the other deals of the payee and component."""
    payee, loan, plan = part.share.payee, part.deal.loan.loan, part.dated.plan
    for component in plan.components:
        if component.base not in OF_LOANS:
            continue
        track = Track(
            deal=part.deal,
            plan=plan,
            component=component,
            share=part.share,
            shares=part.shares,
            exchange=books.in_currency(part.dated.currency),
        )
        if not track.part:
            continue
        group = (payee, plan.code, component.code)
        with found.noting(f"loan {loan} of {payee}", [payee], loan):
            steps = tuple(happenings(track, books.last_day))
            groups[group] += [_by_version(books, step, track, part.dated) for step in steps]
            if not steps and _awaits(track, books.last_day):
                first = component.steps[0].milestone
                found.states[*group, loan] = DealState.WAITING
                found.wait(group, loan, DealState.WAITING, first, first, None)


def _by_version(books: Books, step: Happening, track: Track, dated: DatedPlan) -> _Step:
    """A step with the version of the plan that holds for it: that of the loan, or of a drawing that of its own day."""
    if dated.plan.selected_at != "disbursed" or not track.component.is_by_drawing or step.stage != "disbursed":
        return step, track, dated
    others = () if dated.holds_on(step.on) else books.plans
    for other in others:
        if other.plan.code != dated.plan.code or not other.holds_on(step.on):
            continue
        for component in other.plan.components:
            if component.code == track.component.code and component.is_by_drawing:
                theirs = evolve(track, plan=other.plan, component=component, exchange=books.in_currency(other.currency))
                found = next(item for item in happenings(theirs, books.last_day) if item.order == step.order)
                return found, theirs, other
    return step, track, dated


def _awaits(track: Track, on: date) -> bool:
    """Whether the payee holds the loan on a day, and the component pays for such a loan."""
    return track.concerns(on) and holds(track.component, track.share, track.deal, on)


def _walk(books: Books, group: Group, steps: list[_Step], found: Found) -> None:
    """Work the deals of one payee and component in order of date; each kind of credit in a deal by itself."""
    tally: Tally = {}
    records: dict[tuple[str, str], Record] = {}
    kept: dict[tuple[str, str], list[tuple[Happening, Draft]]] = defaultdict(list)
    tracks: dict[tuple[str, str], tuple[Track, DatedPlan]] = {}
    contexts: dict[int, Context] = {}
    for step, track, dated in sorted(steps, key=lambda item: item[0].order):
        if id(dated) not in contexts:
            contexts[id(dated)] = context_of(books, group[0], dated, track.component)
        of = step.loan, track.share.role
        tracks[of] = (track, dated)
        record = records.setdefault(of, Record())
        if step.waits_for == "amount":
            continue
        lines: tuple[StageLine, ...] = ()
        with found.noting(f"loan {step.loan} of {group[0]}", [group[0]], step.loan):
            tally, records[of], lines = earn(contexts[id(dated)], tally, record, step, track.terms(step.amount))
            _must_be_due_as_priced(books, group[0], step)
        for line in lines:
            if line.ends:
                kept[of] = [(was, draft) for was, draft in kept[of] if was.due and was.due <= step.on]
            kept[of].append((step, _draft(group, dated, track, step, line)))
    for of, drafts in kept.items():
        for step, draft in drafts:
            _due(books, group, records[of].state, step, draft, found)
    for of, record in records.items():
        if is_lifted(contexts[id(tracks[of][1])].tiers, tally, record):
            found.lifted.add((group[0], of[0]))
        _rest(books, group, of[0], record, tracks[of], found)


def _must_be_due_as_priced(books: Books, payee: str, step: Happening) -> None:
    """Refuse pay that falls due in a later period than the one whose reading or target, missing now, priced it."""
    place = max(books.index(step.on), 0)
    error = books.missing.get((payee, books.periods[place]))
    if error is not None and step.due is not None and books.index(step.due) > place:
        raise error


def _draft(group: Group, dated: DatedPlan, track: Track, step: Happening, line: StageLine) -> Draft:
    return Draft(
        dated=dated,
        component=group[2],
        loan=line.loan,
        credit=track.share.role,
        stage=line.stage,
        on=step.due or step.on,
        earned_on=step.on,
        gross=line.amount,
        ends=line.ends,
        windows=line.windows,
        fell_back=line.fell_back,
        in_parts=not line.fell_back,
        steps=line.steps,
    )


def _due(books: Books, group: Group, state: DealState, step: Happening, draft: Draft, found: Found) -> None:
    """Put a line into its period, or let it wait for its milestone."""
    if step.due is None or step.due > books.last_day:
        amount = Money.rounded(draft.gross, draft.dated.currency, draft.dated.plan.rounding)
        found.wait(group, draft.loan, state, draft.stage, step.waits_for, amount)
    elif (place := books.index(draft.on)) >= 0:
        found.drafts[place, group[0]].append(draft)


def _rest(books: Books, group: Group, loan: str, record: Record, held: tuple[Track, DatedPlan], found: Found) -> None:
    """Note the state of a deal, and the stage that it waits for."""
    track, dated = held
    if not (record.earned or track.concerns(books.last_day)):
        return
    found.states[*group, loan] = record.state
    if record.state not in (DealState.WAITING, DealState.PART_EARNED) or not _awaits(track, books.last_day):
        return
    reached = ZERO
    for stage in track.component.steps:
        reached += stage.share
        if reached > record.reached:
            unknown = track.base(track.amount(books.last_day)) is None
            due = (reached - record.reached) * record.total
            amount = Money.rounded(due, dated.currency, dated.plan.rounding) if record.total else None
            waits_for = "amount" if unknown else stage.milestone
            found.wait(group, loan, record.state, stage.milestone, waits_for, amount)
            return
