"""Pay of a run: (what was worked, ledger) -> the entries to post, and what is known of payments.

The ledger is the stream `<scheme>/ledger`, a record for each line of `Ledger.lines`; what became of its payments is the
stream `<scheme>/payments`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from attrs import evolve, frozen

from loanperf._commission import Accruals, DatedPlan, LoansWorked, PayRules, accrue
from loanperf._commission._resolve import first_day
from loanperf._explanations import Label, in_words
from loanperf._facts import Facts
from loanperf._indicators import Reading, Readings, is_known_by, measure_part, must_have_facts_by
from loanperf._ledger import (
    Account,
    Answer,
    Ledger,
    Payment,
    pay,
    payments_after,
    payments_of,
    returned,
    settle,
    stopped,
)
from loanperf._ledger._begun import begun, counted_before, first_alone, first_of
from loanperf._ledger._calendar import SAY_FIRST, begins_on, must_begin_with, must_keep_calendar, out_of_turn
from loanperf._ledger._entitlement import entitled
from loanperf._ledger._kinds import Group
from loanperf._ledger._late import came_late, long_past, nothing_posted, stays_held, taken_before, unposted
from loanperf._ledger._payments import Posted, keys_of_payments, posted_in
from loanperf._ledger._settle import touched
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf._scheme import SchemeBook
from loanperf._scheme._entries import indicators_of
from loanperf._targets import Target
from loanperf.errors import DataError, LedgerError, LoanPerfError, PeriodError, Problem, shown
from loanperf.ports import Notice
from loanperf.run._agreed import goals_in_force
from loanperf.run._archive import ledger_stream
from loanperf.run._history import History, digest_of, has_first, in_parts, loans_of_payees, since_of, some_loans
from loanperf.run._host import Progress
from loanperf.run._results import Blocked, Run
from loanperf.run._work import PeriodData, bonuses_of, work


@frozen(kw_only=True)
class Streams:
    """Names in the entry store of what belongs to one scheme."""

    scheme: str

    @property
    def ledger(self) -> str:
        """The stream of the ledger."""
        return ledger_stream(self.scheme)

    @property
    def payments(self) -> str:
        """The stream of what became of payments."""
        return f"{self.scheme}/payments"

    @property
    def history(self) -> str:
        """The stream of what closes left for later runs."""
        return f"{self.scheme}/history"

    @property
    def posted(self) -> str:
        """The stream of what closes left of the ledger."""
        return f"{self.scheme}/posted"

    @property
    def prefix(self) -> str:
        """What keys of payments begin with, so that ledgers of two schemes share a sink."""
        return self.scheme.replace("\\", "\\\\").replace("/", "\\/") + "/"

    def handed(self, payments: Iterable[Payment]) -> tuple[Payment, ...]:
        """Payments as a sink knows them."""
        return tuple(evolve(payment, key=self.prefix + payment.key) for payment in payments)


# ── what became of payments ─────────────────────────────────────────────────────────────────────────────────


@frozen(kw_only=True)
class Sent:
    """What is known of the payments of a ledger."""

    version: int = 0
    """Of the stream."""
    cursor: str = ""
    """Of answers."""
    handed: int = 0
    """The payments of entries up to this number were handed over."""
    answers: tuple[Answer, ...] = ()
    """Keys as the ledger has them."""


def sent_of(stream: str, records: Iterable[str]) -> Sent:
    """What the stream of payments says.

    Raises:
        DataError: a record is none of its kinds.
    """
    sent = Sent()
    for record in records:
        try:
            sent = _with(sent, json.loads(record))
        except (AttributeError, LookupError, RecursionError, TypeError, ValueError, LoanPerfError) as error:
            where = f"record {sent.version + 1} of {stream!r}"
            fault = f"it is no record of payments: {shown(str(error), 200)}"
            raise DataError(where, fault, "restore the stream as it was written") from None
    return sent


def _with(sent: Sent, record: object) -> Sent:
    """What is known after one more record."""
    match record:
        case {"handed": int(number)}:
            return evolve(sent, version=sent.version + 1, handed=max(sent.handed, number))
        case {"answers": list(said), "cursor": str(cursor)}:
            answers = tuple(Answer(**answer) for answer in said)
            return evolve(sent, version=sent.version + 1, cursor=cursor, answers=(*sent.answers, *answers))
        case _:
            raise ValueError(shown(record))


def record_of_answers(answers: Iterable[Answer], cursor: str) -> str:
    """Answers and where to go on, as one record."""
    said = [{"key": one.key, "state": one.state, "on": one.on.isoformat(), "why": one.why} for one in answers]
    return json.dumps({"answers": said, "cursor": cursor}, ensure_ascii=False, separators=(",", ":"))


def record_of_handed(number: int) -> str:
    """That the payments of entries up to a number were handed over, as one record."""
    return json.dumps({"handed": number}, separators=(",", ":"))


def must_have_posted(streams: Streams, ledger: Ledger, sent: Sent) -> None:
    """Refuse a ledger that is shorter than what was handed over of it: what is posted next would never be paid.

    Raises:
        DataError: the stream of payments says that payments of entries were handed over that the ledger does not have.
    """
    if sent.handed > len(ledger.entries):
        where = f"the streams {streams.ledger!r} and {streams.payments!r}"
        fault = f"payments of {sent.handed} entries were handed over, and the ledger has {len(ledger.entries)}"
        raise DataError(where, f"they do not fit each other: {fault}", "restore both as they were at one time")


def not_handed(ledger: Ledger, sent: Sent) -> tuple[Payment, ...]:
    """Payments of closed periods that nobody has noted as handed over; a run notes them before it closes a period."""
    closed = ledger.closed
    return tuple(payment for payment in payments_after(ledger, sent.handed) if payment.period in closed)


def must_have_handed(streams: Streams, ledger: Ledger, sent: Sent) -> None:
    """Refuse a stream of payments that is shorter than the ledger: closed periods would be paid once more.

    Raises:
        DataError: a period is closed of which no payment was noted as handed over.
    """
    lost = not_handed(ledger, sent)
    if lost:
        where = f"the streams {streams.ledger!r} and {streams.payments!r}"
        fault = f"{lost[0].period} is closed, and nobody has noted that its payment {lost[0].key} was handed over"
        remedy = f"restore both as they were at one time, or reopen {lost[0].period} and run it if it was never paid"
        raise DataError(where, f"they do not fit each other: {fault}", remedy)


def is_without_ledger(payment: Payment) -> bool:
    """Whether a key is one of a run that keeps no ledger."""
    return payment.key.endswith(f"/{payment.period}/{payment.payee}")


def must_know(streams: Streams, ledger: Ledger, taken: Iterable[Payment], period: Period) -> None:
    """Refuse a ledger that has not posted what its sink took: what lies behind would be paid once more.

    Payments of later periods may be those of a copy that is brought up month by month. A run without a ledger gives
    payments keys of other forms, and nobody posts them.

    Args:
        streams: of the scheme.
        ledger: as it would stand after the run.
        taken: what the sink took under keys of the scheme.
        period: which is worked.

    Raises:
        DataError: a payment of the period or an earlier one is in no entry.
    """
    due = [one for one in taken if one.period.end <= period.end and not is_without_ledger(one)]
    known = {streams.prefix + key for key in keys_of_payments(ledger)} if due else set[str]()
    for payment in due:
        if payment.key not in known:
            said = f"{payment.amount} for {payment.period}"
            fault = f"the sink took it, of {said}, and {streams.ledger!r} has no such entry"
            remedy = "restore the streams as they were, or run the periods that they lost, the first one first"
            raise DataError(f"payment {payment.key}", fault, remedy)


def unknown_answers(ledger: Ledger, answers: Iterable[Answer]) -> Iterator[Problem]:
    """A problem for each answer to a payment that a ledger never made."""
    given = tuple(answers)
    known = keys_of_payments(ledger) if given else frozenset()
    for answer in given:
        if answer.key not in known:
            remedy = "find out whose it is; the ledger has no such payment"
            yield Problem(f"payment {answer.key}", f"finance says it is {answer.state}", "", remedy)


def unknown_payees(ledger: Ledger, organisation: Organisation, period: Period) -> Iterator[Problem]:
    """A problem for each payee of an opening who has no assignment at all, while nothing else is posted."""
    first = first_alone(ledger, period)
    if first is None:
        return
    known = {item.payee for item in organisation.assignments}
    for payee in sorted({payee for payee, _ in ledger.accounts} - known):
        remedy = "open the ledger with the right code, add an assignment, even one that has ended, or approve it"
        yield Problem("the opening", "nobody of that code is assigned", repr(payee), remedy, payee=payee)


# ── what is to be posted ────────────────────────────────────────────────────────────────────────────────────


@frozen(kw_only=True)
class Past:
    """What ports say of the pay periods since the first plan, for plans that look at indicators."""

    readings: tuple[Reading, ...] = ()
    targets: tuple[tuple[Period, tuple[Target, ...]], ...] = ()


_MOST_YEARS = 100
"""How far back pay periods go at most."""


def span_of(schemes: SchemeBook, period: Period) -> Period:
    """From the first day of a commission plan to the end of the period; the period where there was no plan by then."""
    first = min((dated.since for dated in schemes.plans()), default=period.start)
    return Period(min(first, period.start), period.end)


def pay_periods(schemes: SchemeBook, organisation: Organisation, period: Period) -> tuple[Period, ...]:
    """The pay periods in which commissions may be earned, newest first: since the first plan and the first assignment.

    Raises:
        PeriodError: they go back more than a hundred years, which no plan and no assignment does.
    """
    since = min((item.since for item in organisation.assignments), default=period.start)
    start, found = max(span_of(schemes, period).start, since), [period]
    if period.start.year - start.year > _MOST_YEARS:
        fault = f"plans hold and people are assigned since then, more than {_MOST_YEARS} years before {period}"
        remedy = "write the day from which the scheme is effective, or the one from which the assignment holds"
        raise PeriodError(start.isoformat(), fault, remedy)
    while found[-1].start > start:
        found.append(found[-1].previous())
    return tuple(found)


def past_in(
    given: PeriodData, codes: frozenset[str], period: Period, supplied: Iterable[Reading], goals: Iterable[Target]
) -> tuple[list[Reading], tuple[Period, tuple[Target, ...]]]:
    """What is said of a pay period: readings of some indicators, each with the period, and the targets in force.

    What says no period is of the one that is worked, though it may be answered for every other one too.
    """
    whose: tuple[Period | None, ...] = (None, period) if period == given.period else (period,)
    readings = [
        evolve(reading, period=period) for reading in supplied if reading.indicator in codes and reading.period in whose
    ]
    held = goals_in_force(given.known, given.schemes, period, (goal for goal in goals if goal.period in whose))
    return readings, (period, held)


def looks(schemes: SchemeBook) -> frozenset[str]:
    """The codes of the indicators that plans look at."""
    return frozenset(code for dated in schemes.plans() for code in dated.plan.indicators)


def worked_and_posted(
    given: PeriodData, *, known: tuple[PeriodData, Run], progress: Progress | None, **more: Any
) -> tuple[Run, Run]:
    """What was worked, anew where more facts were read since, and what is to be posted for it."""
    before, worked = known
    if given is not before:
        worked = work(given, progress)
    return worked, posted(given, worked, **more)


def posted(
    given: PeriodData, worked: Run, past: Past, ledger: Ledger, sent: Sent, begins: Period | None, history: History
) -> Run:
    """The run with what is to be posted, and the ledger that then stands; a closed period gets nothing.

    Args:
        given: what the ports say.
        worked: results and bonuses.
        past: readings and targets of all pay periods.
        ledger: as it stands.
        sent: what is known of its payments.
        begins: the period with which the ledger begins; None is that of the first line.
        history: what is known of earlier closes.
    """
    period = given.period
    must_keep_calendar(ledger, period)
    begins = _first(ledger, begins, period)
    answered = tuple(unknown_answers(ledger, sent.answers))
    if ledger.is_closed(period):
        problems = tuple(dict.fromkeys((*worked.problems, *answered)))
        return evolve(
            worked, problems=problems, payments=tuple(payments_of(ledger, period)), ledger=ledger, closed=True
        )
    if ledger.entries.is_of_loans:
        # Without any fact all that was paid for loans would be taken back.
        must_have_facts_by(given.facts, period)
    accruals = _held(_accruals(given, past, ledger, begins, history), worked)
    holding = tuple(_unsure(given, accruals, ledger, begins))
    unclear = tuple(nothing_posted(ledger, accruals, period))
    known = {problem for problems in unposted(ledger, accruals, period).values() for problem in problems}
    known |= {problem for problems in accruals.why.values() for problem in problems}
    silent = set(accruals.missing.values()) - known
    failed = {one.payee for one in worked.blocked}
    awards = worked.results.awards.but(failed)
    # Each step's entries are let go of once the ledger has them.
    after = ledger.append(returned(ledger, sent.answers, period=period))
    after = after.append(settle(after, accruals, period=period, awards=awards))
    rules = given.schemes.at(period.last_day).pay or PayRules()
    holds = given.by_hand.meant(after)
    after = after.append(pay(after, period=period, rules=rules, held=holds).entries)
    holding += tuple(out_of_turn(ledger, period)) if len(after.entries) > len(ledger.entries) else ()
    slips = given.by_hand.told(after)
    told = dict.fromkeys((*slips, *holding, *worked.problems, *accruals.problems, *unclear, *answered))
    return evolve(
        worked,
        problems=tuple(problem for problem in told if problem not in silent),
        holding=(*worked.holding, *holding),
        payments=tuple(payments_of(after, period)),
        blocked=blocked_in(worked, accruals, ledger, after),
        accruals=accruals,
        stopped=stopped(after, holds, period),
        entries=after.entries[len(ledger.entries) :],
        ledger=after,
    )


def _unsure(given: PeriodData, accruals: Accruals, ledger: Ledger, begins: Period | None) -> Iterator[Problem]:
    """What holds a run until somebody approves it: payments, and people, that may not be what is meant."""
    period = given.period
    if begins is None:
        yield from _long_past(accruals, ledger, period)
    yield from came_late(ledger, accruals, period)
    yield from unknown_payees(ledger, given.organisation, period)
    yield from taken_before(ledger, accruals, period)
    yield from stays_held(ledger, accruals, period)


def _held(accruals: Accruals, worked: Run) -> Accruals:
    """Commissions of which nothing is posted for payees whose pay waits for what they have not confirmed."""
    held = {one.payee: one.why for one in worked.blocked if one.waits}
    if not held:
        return accruals
    why = {payee: (*held.get(payee, ()), *accruals.why.get(payee, ())) for payee in {*held, *accruals.why}}
    return evolve(accruals, blocked=accruals.blocked | held.keys(), why=why)


def _first(ledger: Ledger, begins: Period | None, period: Period) -> Period | None:
    """The first period of a ledger: that behind its opening, or else what the host says.

    Raises:
        LedgerError: the period is before it or of another calendar, or the host says another one than the opening.
    """
    opened = first_of(ledger, period)
    if opened is None:
        if begins is not None:
            must_begin_with(begins, ledger, period)
        return begins
    if begins not in (None, opened):
        fault = f"its opening is for {opened}, and it is said to begin with {begins}"
        raise LedgerError("the ledger", fault, "leave the first period out")
    return opened


def _long_past(accruals: Accruals, ledger: Ledger, period: Period) -> Iterator[Problem]:
    """A problem where a run would pay for periods before those of the ledger: that may be paid already."""
    begins = begins_on(ledger, period)
    count, first = long_past(ledger, accruals, begins)
    if not count:
        return
    if ledger.entries or ledger.closings:
        where, fault = f"the run of {period}", f"the ledger begins on {begins}"
    else:
        where, fault = f"the first run, of {period}", "nothing was posted before"
    fault += f", and it would pay {count} lines of earlier periods, from {first} on"
    remedy = f"{SAY_FIRST} with the period with which pay begins, such as {period}, or approve it"
    if ledger.entries or ledger.closings:
        remedy = f"{SAY_FIRST} with the period with which pay began, in every run, or approve it"
    yield Problem(where, fault, "", remedy)


def _accruals(given: PeriodData, past: Past, ledger: Ledger, begins: Period | None, history: History) -> Accruals:
    """Commissions through the period; without a plan there are none."""
    plans, period = given.schemes.plans(), given.period
    if not plans:
        return Accruals(through=period, lines=())
    digest = digest_of(plans, given.organisation, given.facts, begins, period.start) if history.last else ""
    since = since_of(history, ledger, plans, digest, given)
    if not has_first(history, given.facts):
        given.must_have_all()
    if since is not None:
        return _of_some(given, plans, ledger, begins, LoansWorked(**some_loans(history, given, plans, ledger, since)))
    given.must_have_all()
    found = accrue(
        given.facts,
        plans,
        given.organisation,
        through=period,
        since=_began(given.facts, ledger),
        readings=(*past.readings, *measured_for_plans(given.facts, given.schemes, given.organisation, period)),
        targets=dict(past.targets),
        counted=counted_before(ledger),
    )
    return found if begins is None else begun(found, begins, ledger)


def _of_some(
    given: PeriodData, plans: tuple[DatedPlan, ...], ledger: Ledger, begins: Period | None, scope: LoansWorked
) -> Accruals:
    """Commissions of some loans, and of all loans of those of whom they change what was posted of earlier periods."""
    facts, period = given.facts, given.period
    found = accrue(
        evolve(facts.only(loans=scope.loans), problems=facts.problems, refused=facts.refused),
        plans,
        given.organisation,
        through=period,
        since=_began(facts, ledger) or first_day(facts, plans, (), period),
        counted=counted_before(ledger),
    )
    found = evolve(found if begins is None else begun(found, begins, ledger), scope=scope)
    more = (touched(ledger, found, period.previous()) | in_parts(found)) - scope.payees
    if not more:
        return found
    payees = scope.payees | more
    loans = scope.loans | loans_of_payees(given, ledger, more)
    return _of_some(given, plans, ledger, begins, evolve(scope, payees=payees, loans=loans))


def _began(facts: Facts, ledger: Ledger) -> date | None:
    """The first day of a ledger that began before its first fact, with fixed pay or draws; else None."""
    start = min((period.start for period in ledger.periods), default=None)
    return None if start is None or is_known_by(facts, start) else start


def measured_for_plans(
    facts: Facts, schemes: SchemeBook, organisation: Organisation, period: Period
) -> Iterator[Readings]:
    """What facts show, in each pay period, of the indicators that plans look at."""
    codes = looks(schemes)
    for pay_period in pay_periods(schemes, organisation, period) if codes and len(facts) else ():
        in_force = [scheme for scheme in schemes.versions if scheme.effective < pay_period.end]
        scheme = in_force[-1] if in_force else schemes.versions[0]
        known = indicators_of(scheme.indicators)
        wanted = [known[code] for code in sorted(codes & set(known)) if known[code].measure is not None]
        if wanted:
            payees = organisation.assigned(pay_period)
            yield measure_part(facts, pay_period, wanted, currency=scheme.currency, payees=payees)


# ── who could not be worked ─────────────────────────────────────────────────────────────────────────────────


def blocked_in(worked: Run, accruals: Accruals, ledger: Ledger, after: Ledger) -> tuple[Blocked, ...]:
    """Everybody whose bonus or commission could not be worked, with why and with what is at stake.

    Args:
        worked: the results of the period.
        accruals: what was earned.
        ledger: as it stands.
        after: as it would stand after the run.
    """
    why: dict[str, dict[Problem, None]] = defaultdict(dict)
    for one in worked.blocked:
        why[one.payee] |= dict.fromkeys(one.why)
    for payee in accruals.blocked:
        why[payee] |= dict.fromkeys(accruals.why.get(payee, ()))
    for payee, problems in unposted(ledger, accruals, worked.period).items():
        why[payee] |= dict.fromkeys(problems)
    for entry in ledger.entries.of_loans(accruals.unknown):
        reasons = [problem for problem in accruals.problems if problem.loan == entry.loan]
        why[entry.payee] |= dict.fromkeys(reasons)
    if not why:
        return ()
    waits = {one.payee: one.waits for one in worked.blocked}
    open_, accounts = _open_of(accruals, after, worked.period, why), dict[str, list[Account]]()
    bonuses = bonuses_of(worked.results)
    for payee in why:
        accounts[payee] = [ledger.balance(payee, currency=currency) for currency in sorted(ledger.currencies(payee))]
    return tuple(
        Blocked(
            payee=payee,
            why=tuple(why[payee]),
            due=_not_zero(account.due for account in accounts[payee]),
            held=_not_zero(account.held for account in accounts[payee]),
            earned=_not_zero(open_.get((payee, "earned"), {}).values()),
            released=_not_zero(open_.get((payee, "released"), {}).values()),
            bonus=bonuses.get(payee, ()),
            waits=waits.get(payee, ()),
        )
        for payee in sorted(why)
    )


def _open_of(
    accruals: Accruals, ledger: Ledger, period: Period, payees: Iterable[str]
) -> dict[tuple[str, Group], dict[str, Money]]:
    """By payee and group: what is due to some payees by the end of a period and not posted, by currency."""
    nets = ledger.nets(period)
    due: dict[tuple[str, str, Group, str], int] = defaultdict(int)
    moves = entitled(accruals, ledger.overruled(period), nets if accruals.missing else {}, ledger)
    for move in moves.of(payees):
        if move.on < period.end:
            due[move.payee, move.line, move.group, move.amount.currency] += move.amount.units
    found: dict[tuple[str, Group], dict[str, Money]] = defaultdict(dict)
    for (payee, line, group, currency), units in due.items():
        known = found[payee, group].get(currency, Money.from_units(0, currency))
        more = Money.from_units(units - nets.get((line, group, currency), 0), currency)
        found[payee, group][currency] = known + more
    return found


def _not_zero(amounts: Iterable[Money]) -> tuple[Money, ...]:
    return tuple(amount for amount in amounts if amount.units)


def plans_unpaid(book: SchemeBook, period: Period) -> Iterator[Problem]:
    """A problem where the scheme pays commissions, so that nobody takes the bonuses for all the pay there is."""
    in_force = {dated.plan.code for dated in book.plans() if dated.holds_on(period.last_day)}
    if in_force:
        where, remedy = "the scheme's commission plans", "run it with one: pass keeping=lp.Keeping(entries=...)"
        yield Problem(where, "a run without a ledger pays bonuses alone", ", ".join(sorted(in_force)), remedy)


# ── whom to tell ────────────────────────────────────────────────────────────────────────────────────────────


def notices(streams: Streams, run: Run) -> tuple[Notice, ...]:
    """What there is to tell of a period, made from the ledger alone, so that a run after a crash tells the same."""
    ledger, period = run.ledger, run.period
    if ledger is None:
        return ()
    where, number = f"{streams.prefix}{period}", len(ledger.entries)
    blocked = [
        Notice(
            key=f"blocked/{where}/{one.payee}/{number - len(run.entries)}", kind="blocked", period=period, text=one.text
        )
        for one in run.blocked
    ]
    if run.held:
        text = Label(f"pay of {period} waits for approval", f"{period} 绩效待审批")
        key = f"held/{where}/{number - len(run.entries)}"
        return (Notice(key=key, kind="held", period=period, text=text), *blocked)
    found = blocked + [notice for one in posted_in(ledger, period) for notice in _of_payee(where, period, one)]
    if run.closed:
        text = Label(f"{period} is closed", f"{period} 已结账")
        place = max(place for place, closing in enumerate(ledger.closings, 1) if closing.period == period)
        found.append(Notice(key=f"closed/{where}/{place}", kind="closed", period=period, text=text))
    return tuple(found)


def _of_payee(where: str, period: Period, posted: Posted) -> Iterator[Notice]:
    amount, key = posted.paid, f"{where}/{posted.payee}/{posted.paid.currency}"
    text = Label(f"{period}: {amount} to be paid", f"{period}：应发 {in_words(amount, 'zh')}")
    yield Notice(
        key=f"posted/{key}/{posted.number}", kind="posted", period=period, payee=posted.payee, amount=amount, text=text
    )
    for entry in posted.returned:
        yield Notice(
            key=f"returned/{key}/{entry.number}",
            kind="returned",
            period=period,
            payee=posted.payee,
            amount=-entry.amount,
            text=Label(entry.reason.text("en"), entry.reason.text("zh")),
        )
