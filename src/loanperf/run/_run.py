"""Run: (ports, period) -> what everybody scored and is paid; sync, work, settle, pay, close.

The steps are written once, as a generator that hands out the calls of ports; `run` makes them, `run_async` awaits them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from attrs import evolve

from loanperf._facts import Facts, FactsWanted
from loanperf._feeds import FactChange, Pulled
from loanperf._indicators import Reading
from loanperf._ledger import Answer, Ledger, payments_after, read_ledger
from loanperf._org import Organisation
from loanperf._periods import Period, must_be_period
from loanperf._scheme import SchemeBook
from loanperf._seals import Head, lines_proven, must_fit, proven, unlike_heads
from loanperf._targets import Target
from loanperf.cycle import Cycle, cycle_stream
from loanperf.disputes import Disputes, disputes_stream
from loanperf.errors import ConflictError, DataError, PeriodError, Problem
from loanperf.goals import Confirmations, confirmations_stream
from loanperf.ports import (
    Answered,
    Batch,
    EntryStore,
    FactHistory,
    FactSelection,
    FactSource,
    FactStore,
    Feed,
    LedgerStore,
    LedgerTails,
    Payment,
    PaymentAnswers,
    PaymentSink,
    PaymentsTaken,
    PeopleSource,
    PersonalStore,
    SchemeSource,
)
from loanperf.run._agreed import asks, unknown_without_store
from loanperf.run._archive import (
    new_results,
    new_versions,
    personal_of,
    results_stream,
    versions_of,
    versions_stream,
)
from loanperf.run._carried import carried_into
from loanperf.run._held import held_by_hand
from loanperf.run._history import History, close_of, closes_of, first_wanted
from loanperf.run._host import Approve, Host, Keeping, Progress, must_be_ports
from loanperf.run._kept import ClosedLedger, kept_of
from loanperf.run._pay import (
    Past,
    Sent,
    Streams,
    looks,
    must_have_handed,
    must_have_posted,
    must_know,
    not_handed,
    notices,
    past_in,
    pay_periods,
    plans_unpaid,
    record_of_answers,
    record_of_handed,
    sent_of,
    span_of,
    worked_and_posted,
)
from loanperf.run._proofs import changed_versions, unlike_numbers
from loanperf.run._results import Run
from loanperf.run._steps import Steps, awaited, made
from loanperf.run._stood import Stood, facts_stream
from loanperf.run._tasks import parts_of_several
from loanperf.run._work import LackingFactsError, PeriodData, with_problems, work

_Answer = TypeVar("_Answer")
_ATTEMPTS = 10
"""How often a run starts anew because somebody else has posted meanwhile."""


def run(
    period: Period,
    *,
    facts: FactSource,
    people: PeopleSource,
    schemes: SchemeSource,
    payments: PaymentSink | None = None,
    approve: Approve | None = None,
    progress: Progress | None = None,
    keeping: Keeping | None = None,
) -> Run:
    """Work a period for every payee, and hand over the payments.

    A payee who cannot be worked is `blocked`: the run is held unless it is approved, and pays the others then. Each
    assignment is appraised on its own days, with targets and bonus in proportion; flows that the host supplies are
    divided among them by days. A reading or target without a period is of this one.

    With `keeping`, a run pulls from the feeds, works bonuses and commissions, posts the difference to the ledger, hands
    over every payment that was not handed over before, and closes the period if nobody is blocked. It may stop
    anywhere, by a crash or an error of a port: run it again, and it goes on where it was. Nothing is posted or paid
    twice, whoever else runs. Without `keeping` it pays bonuses alone, from nothing but the period's facts.

    Args:
        period: what to work; with `keeping` the pay period.
        facts: port to what happened.
        people: port to who works where.
        schemes: port to schemes and targets.
        payments: port that takes the payments; None is a dry run, which writes nothing anywhere and pulls nothing.
        approve: asked, before anything is posted or paid, with the run as it would be; what it refuses is held. Without
            it a run that `needs_approval` is held, since a row that is missing can raise pay as well as lower it.
        progress: called now and then with how many assignments are done, and how many there are.
        keeping: where the ledger is kept, what to pull, and who closes.

    Raises:
        DataError: a port lacks a method, or answers with something else than it promises; two streams do not fit.
        StoreError: a stream is not what was sealed.
        EmptyPeriodError: no fact is dated in the period or before it, and the host supplies no readings.
        ConflictError: others keep posting to the ledger while the run works.
        LedgerError: the period is of another calendar than the ledger's, or before its first.
        PeriodError: plans that look at indicators hold, and people are assigned, since more than a hundred years.
        LoanPerfError: the rules of the scheme cannot be settled or paid by; what a port itself raises is passed on.
    """
    host = Host(facts=facts, people=people, schemes=schemes, payments=payments, approve=approve, progress=progress)
    return made(_steps(period, host, keeping), "lp.run_async")


async def run_async(
    period: Period,
    *,
    facts: Any,
    people: Any,
    schemes: Any,
    payments: Any = None,
    approve: Any = None,
    progress: Progress | None = None,
    keeping: Any = None,
) -> Run:
    """As `run`, with ports whose methods may be coroutine functions, `approve` among them.

    The ports have the methods of `loanperf.ports`; any of them may be awaited. Between the calls the run computes
    without giving way to other tasks; where that is too long, use `asyncio.to_thread(lp.run, ...)` with plain ports.
    """
    host = Host(facts=facts, people=people, schemes=schemes, payments=payments, approve=approve, progress=progress)
    return await awaited(_steps(period, host, keeping))


# ── the steps ───────────────────────────────────────────────────────────────────────────────────────────────


def _steps(period: Period, host: Host, keeping: Keeping | None) -> Steps[Run]:
    must_be_period(period)
    must_be_ports(host, keeping)
    if keeping is None:
        return (yield from _bonuses(period, host))
    if keeping.first is not None and not isinstance(keeping.first, Period):
        raise PeriodError(
            keeping.first, "the first of a ledger is no Period", "pass one, such as lp.Period.month(2026, 3)"
        )
    yield from _heads_seen(keeping.entries, tuple(keeping.heads))
    taken = {} if host.payments is None else (yield from _synced(host.facts, keeping.feeds))
    book = _answer((yield host.schemes.schemes), SchemeBook, "schemes.schemes")
    period, streams = book.period(period), Streams(scheme=book.versions[0].name)
    first = None if keeping.first is None else book.period(keeping.first)
    answers: tuple[Answer, ...] = ()
    if host.payments is not None and keeping.answers is not None:
        answers = yield from _asked_for_answers(keeping.entries, keeping.answers, streams)
    history = (yield from _history(keeping, streams, host.facts)) if keeping.only_new else History()
    span = span_of(book, period)
    given = yield from _given(period, span, host, book, first_wanted(history, book.plans(), period), keeping)
    given = evolve(given, carried=(yield from carried_into(keeping.entries, book, period)), met=history.met)
    said = Disputes.of((yield from _lines(keeping.entries, disputes_stream(streams.scheme))))
    given = evolve(given, by_hand=held_by_hand(said, period, keeping.pay_on))
    given, worked = yield from _with_enough(host, span, given, lambda given: work(given, host.progress))
    past = yield from _past(host, book, given)
    archived = versions_of((yield from _lines(keeping.entries, versions_stream(streams.scheme))))
    for attempt in range(_ATTEMPTS):
        handed = yield from _payments_taken(host.payments, streams)
        kept = yield from _kept_before(keeping, streams, history, period)
        ledger, sent = yield from _streams_read(keeping.entries, streams, kept)
        do = partial(
            worked_and_posted, known=(given, worked), progress=host.progress, past=past, ledger=ledger, sent=sent,
            begins=first, history=history,
        )  # fmt: skip
        given, (worked, planned) = yield from _with_enough(host, span, given, do)
        planned = _holding(planned, changed_versions(ledger, book, archived))
        planned = evolve(planned, taken=taken, answers=answers, payments=streams.handed(planned.payments))
        if host.payments is None:
            return planned
        must_know(streams, planned.ledger or ledger, handed, period)
        try:
            # What was posted was approved: it is handed over whatever becomes of this run.
            sent = yield from _handed(keeping.entries, streams, host.payments, ledger, sent)
            changes = not planned.closed and (planned.entries or planned.needs_approval or keeping.close_by)
            if changes and not (yield from _approved(planned, host.approve)):
                return (yield from _told(evolve(planned, held=True), keeping, streams))
            stood = Stood.of(given.facts, period=period, span=span, mark=given.mark, some=given.some)
            yield from _appended(keeping.entries, facts_stream(streams.scheme), stood.new)
            if not planned.closed:
                yield from _archived(keeping, streams.scheme, planned, book, stood)
            yield from _kept(keeping.entries, streams.ledger, ledger, planned.ledger)
            yield from _handed(keeping.entries, streams, host.payments, planned.ledger, sent)
            done = yield from _closed(keeping, streams, planned)
            yield from _remembered(keeping, streams, history, given, done, kept)
        except ConflictError:
            if attempt == _ATTEMPTS - 1:
                raise
            continue
        return (yield from _told(done, keeping, streams))
    raise AssertionError


def _bonuses(period: Period, host: Host) -> Steps[Run]:
    """A run that keeps nothing."""
    given = yield from _given(period, period, host, None)
    worked = work(given, host.progress)
    worked = evolve(worked, problems=(*worked.problems, *plans_unpaid(given.schemes, period)))
    worked = _holding(worked, unknown_without_store(given.schemes, period))
    if not (yield from _approved(worked, host.approve)):
        return evolve(worked, held=True)
    if host.payments is not None and worked.payments:
        yield partial(host.payments.pay, worked.payments)
    return worked


def _approved(run: Run, approve: Approve | None) -> Steps[bool]:
    """Whether what was worked may be paid."""
    if approve is None:
        return not run.needs_approval
    return bool((yield partial(approve, run)))


# ── what the ports say ──────────────────────────────────────────────────────────────────────────────────────


def _given(
    period: Period,
    span: Period,
    host: Host,
    book: SchemeBook | None,
    wanted: FactsWanted | None = None,
    keeping: Keeping | None = None,
) -> Steps[PeriodData]:
    """What the ports say, before anything is done with it; facts of some loans alone, where the store can."""
    organisation = _answer((yield partial(host.people.organisation, span)), Organisation, "people.organisation")
    wanted = wanted if isinstance(host.facts, FactSelection) else None
    mark = yield from _mark(host)
    seen = yield from _facts_read(host.facts, span, wanted)
    mark = mark if (yield from _mark(host)) == mark else ""
    if book is None:
        book = _answer((yield host.schemes.schemes), SchemeBook, "schemes.schemes")
    supplied = yield partial(host.facts.readings, period)
    goals = yield partial(host.schemes.targets, period)
    known = None
    if keeping is not None and asks(book):
        known = Confirmations.of((yield from _lines(keeping.entries, confirmations_stream(book.versions[0].name))))
    cycles = {} if keeping is None else (yield from _cycles(keeping.entries, organisation, book, period))
    return PeriodData(
        period=period,
        facts=with_problems(seen, organisation, supplied, goals),
        organisation=organisation,
        schemes=book,
        supplied=_all(supplied, Reading, "facts.readings"),
        goals=_all(goals, Target, "schemes.targets"),
        mark=mark,
        known=known,
        cycles=cycles,
        some=wanted,
    )


def _cycles(
    entries: EntryStore, organisation: Organisation, book: SchemeBook, period: Period
) -> Steps[dict[Period, Cycle]]:
    """The appraisal cycles of a period, and of days of those who have several assignments in it."""
    found = dict[Period, Cycle]()
    for when in (period, *parts_of_several(organisation, period)):
        found[when] = Cycle.of((yield from _lines(entries, cycle_stream(book.versions[0].name, when))))
    return found


def _facts_read(store: FactSource, span: Period, wanted: FactsWanted | None) -> Steps[Facts]:
    """The facts of some loans, or of all."""
    if wanted is not None and isinstance(store, FactSelection):
        return _answer((yield partial(store.some, span, wanted)), Facts, "facts.some")
    return _answer((yield partial(store.facts, span)), Facts, "facts.facts")


def _with_enough(
    host: Host, span: Period, given: PeriodData, do: Callable[[PeriodData], _Answer]
) -> Steps[tuple[PeriodData, _Answer]]:
    """What is made of what the ports say, and that with all facts that were needed for it."""
    while True:
        try:
            return given, do(given)
        except LackingFactsError as lacking:
            wanted = lacking.wanted
        seen = yield from _facts_read(host.facts, span, wanted)
        mark = given.mark if (yield from _mark(host)) == given.mark else ""
        given = evolve(given, facts=with_problems(seen, given.facts), mark=mark, some=wanted)


def _mark(host: Host) -> Steps[str]:
    """How far the fact store is; empty where it does not say, and for a dry run."""
    if host.payments is None or not isinstance(host.facts, FactHistory):
        return ""
    return _answer((yield host.facts.mark), str, "facts.mark")


def _past(host: Host, book: SchemeBook, given: PeriodData) -> Steps[Past]:
    """Readings and targets of every pay period, where plans look at indicators."""
    codes = looks(book)
    readings: list[Reading] = []
    targets: list[tuple[Period, tuple[Target, ...]]] = []
    for period in pay_periods(book, given.organisation, given.period) if codes else ():
        supplied, goals = given.supplied, given.goals
        if period != given.period:
            supplied = _all((yield partial(host.facts.readings, period)), Reading, "facts.readings")
            goals = _all((yield partial(host.schemes.targets, period)), Target, "schemes.targets")
        some, held = past_in(given, codes, period, supplied, goals)
        readings += some
        targets.append(held)
    return Past(readings=tuple(readings), targets=tuple(targets))


def _answer(given: object, kind: type[_Answer], method: str) -> _Answer:
    """What a port answered, if it is what it promises."""
    if not isinstance(given, kind):
        raise DataError(f"{method}()", f"it returned a {type(given).__name__}", f"return a {kind.__name__}")
    return given


def _all(given: object, kind: type[_Answer], method: str) -> tuple[_Answer, ...]:
    """The values that a port answered, if they are what it promises."""
    if not isinstance(given, Iterable):
        raise DataError(f"{method}()", f"it returned a {type(given).__name__}", f"return {kind.__name__} objects")
    found = tuple(given)
    for item in found if {*map(type, found)} - {kind} else ():
        _answer(item, kind, method)
    return found


# ── sync ────────────────────────────────────────────────────────────────────────────────────────────────────


def _synced(store: FactSource, feeds: Mapping[str, Feed]) -> Steps[dict[str, int]]:
    """Pull every feed to its end; how many rows came from each."""
    taken: dict[str, int] = {}
    for source, feed in sorted(feeds.items()):
        if not isinstance(store, FactStore):
            fault = f"a {type(store).__name__} keeps no rows of feeds"
            raise DataError("facts", fault, "pass a ports.FactStore, such as those of loanperf.adapters")
        cursor = _answer((yield partial(store.cursor, source)), str, "facts.cursor")
        more, taken[source] = True, 0
        while more:
            pulled = _answer((yield partial(feed.pull, cursor)), Pulled, f"feeds[{source!r}].pull")
            _must_move(f"feeds[{source!r}].pull", cursor, pulled)
            if pulled.count or pulled.cursor != cursor:
                yield partial(store.take, source, pulled)
            taken[source] += pulled.count
            cursor, more = pulled.cursor, pulled.more
    return taken


def _must_move(method: str, before: str, answer: Pulled | Answered) -> None:
    """Refuse a source that says there is more and stays where it is: it would be asked for ever."""
    if answer.more and answer.cursor == before:
        raise DataError(f"{method}()", f"there is more, and the cursor stays at {before!r}", "move it with each pull")


def _asked_for_answers(store: EntryStore, finance: PaymentAnswers, streams: Streams) -> Steps[tuple[Answer, ...]]:
    """Ask what became of payments, and keep it; what is new of this ledger."""
    found: list[Answer] = []
    more, attempts = True, 0
    while more:
        sent = yield from _sent(store, streams)
        answered = _answer((yield partial(finance.answers, sent.cursor)), Answered, "answers.answers")
        _must_move("answers.answers", sent.cursor, answered)
        mine = [
            evolve(answer, key=answer.key.removeprefix(streams.prefix))
            for answer in answered.answers
            if answer.key.startswith(streams.prefix)
        ]
        new = [answer for answer in mine if answer not in sent.answers]
        if new or answered.cursor != sent.cursor:
            record = record_of_answers(new, answered.cursor)
            try:
                yield partial(store.append, streams.payments, [record], expected=sent.version)
            except ConflictError:
                attempts += 1
                if attempts == _ATTEMPTS:
                    raise
                continue
        found += new
        more = answered.more
    return tuple(found)


# ── post, hand over, close, tell ────────────────────────────────────────────────────────────────────────────


def _streams_read(store: EntryStore, streams: Streams, kept: ClosedLedger | None) -> Steps[tuple[Ledger, Sent]]:
    """The ledger and what became of its payments, which must fit each other.

    What was handed over is read before the ledger, and once more behind it where that seems not to be whole, since
    others may post meanwhile.
    """
    sent = yield from _sent(store, streams)
    ledger = yield from _ledger(store, streams.ledger, kept)
    must_fit(unlike_numbers(streams.ledger, ledger.entries, 0 if kept is None else len(kept.entries)))
    must_have_posted(streams, ledger, sent)
    if not_handed(ledger, sent):
        must_have_handed(streams, ledger, (yield from _sent(store, streams)))
    return ledger, sent


def _heads_seen(store: EntryStore, heads: tuple[Head, ...]) -> Steps[None]:
    """Refuse a store whose streams are shorter than heads that were kept elsewhere, or say something else."""
    for stream in dict.fromkeys(head.stream for head in heads):
        batches = _all((yield partial(store.batches, stream)), Batch, "entries.batches")
        marks = {batch.version: batch.seal for batch in proven(stream, batches)}
        must_fit(unlike_heads(stream, max(marks, default=0), marks, heads))


def _payments_taken(sink: PaymentSink | None, streams: Streams) -> Steps[tuple[Payment, ...]]:
    """What the sink took under keys of the scheme, where it says that."""
    if not isinstance(sink, PaymentsTaken):
        return ()
    return _all((yield partial(sink.payments_taken, streams.prefix)), Payment, "payments.payments_taken")


def _holding(run: Run, found: Iterable[Problem]) -> Run:
    """A run that is held for some more problems unless it is approved; nothing is held of a closed period."""
    more = () if run.closed else tuple(found)
    return evolve(run, problems=(*more, *run.problems), holding=(*more, *run.holding)) if more else run


def _sent(store: EntryStore, streams: Streams) -> Steps[Sent]:
    """What became of payments, as it was sealed."""
    return sent_of(streams.payments, (yield from _lines(store, streams.payments)))


def _lines(store: EntryStore, stream: str) -> Steps[Iterator[str]]:
    """The lines of a stream, as they were sealed."""
    return lines_proven(stream, _all((yield partial(store.batches, stream)), Batch, "entries.batches"))


def _kept_before(keeping: Keeping, streams: Streams, history: History, period: Period) -> Steps[ClosedLedger | None]:
    """What closes left of the ledger; None where the store cannot go on from there."""
    if not keeping.only_new or not isinstance(keeping.entries, LedgerTails):
        return None
    records = yield from _lines(keeping.entries, streams.posted)
    return (
        kept_of(streams.posted, records) if history.goes_on(period) else ClosedLedger(version=sum(1 for _ in records))
    )


def _ledger(store: EntryStore, stream: str, kept: ClosedLedger | None) -> Steps[Ledger]:
    """The ledger of a stream, as it was sealed: by columns, where the store has them, from what was kept on."""
    if kept is not None and kept.place and isinstance(store, LedgerTails):
        return kept.ledger(stream, *(yield partial(store.tail, stream, kept.place)))
    if isinstance(store, LedgerStore):
        return _answer((yield partial(store.ledger, stream)), Ledger, "entries.ledger")
    return read_ledger((yield from _lines(store, stream)))


def _kept(store: EntryStore, stream: str, before: Ledger, after: Ledger | None) -> Steps[None]:
    """Append what is new in a ledger, all or none: entries by columns, where the store has them."""
    if after is None or after is before:
        return
    version = len(before.entries) + len(before.closings)
    new, acts = after.entries[len(before.entries) :], after.closings[len(before.closings) :]
    if isinstance(store, LedgerStore) and not acts:
        if len(new):
            yield partial(store.post, stream, new, expected=version)
        return
    lines = tuple(after.lines(version))
    if lines:
        yield partial(store.append, stream, lines, expected=version)


def _archived(keeping: Keeping, scheme: str, run: Run, book: SchemeBook, stood: Stood) -> Steps[None]:
    """Keep the results, with the facts on which they stand, and the versions of the scheme: what is new of them."""
    store, personal = keeping.entries, personal_of(run.results) if keeping.personal is not None else []
    said = (yield from _committed(keeping.personal, personal)) if keeping.personal is not None and personal else None
    entries = 0 if run.ledger is None else len(run.ledger.entries)
    facts = stood.digests if stood.some is None else {}
    results = partial(new_results, results=run.results, entries=entries, commitments=said, facts=facts)
    yield from _appended(store, results_stream(scheme, run.period), results)
    yield from _appended(store, versions_stream(scheme), partial(new_versions, book=book))


def _appended(store: EntryStore, stream: str, lines_of: Callable[[Iterable[str]], list[str]]) -> Steps[None]:
    """Append to a stream what is new beside what it has."""
    kept = tuple((yield from _lines(store, stream)))
    lines = lines_of(kept)
    if lines:
        yield partial(store.append, stream, lines, expected=len(kept))


def _committed(store: PersonalStore, personal: Sequence[tuple[str, str]]) -> Steps[tuple[str, ...]]:
    """Keep what is personal of each result; the commitments, one for each."""
    answer = yield partial(store.commit, personal)
    said = () if isinstance(answer, str) else _all(answer, str, "personal.commit")
    if len(said) != len(personal):
        fault = f"it returned {len(said)} commitments for {len(personal)} texts"
        raise DataError("personal.commit()", fault, "return the commitment of each, in order")
    return said


def _handed(store: EntryStore, streams: Streams, sink: PaymentSink, ledger: Ledger | None, sent: Sent) -> Steps[Sent]:
    """Hand over the payments that nobody has noted as handed over, whatever their period; then note it."""
    payments = () if ledger is None else payments_after(ledger, sent.handed)
    if ledger is None or not payments:
        return sent
    yield partial(sink.pay, streams.handed(payments))
    handed = len(ledger.entries)
    version = yield partial(store.append, streams.payments, [record_of_handed(handed)], expected=sent.version)
    return evolve(sent, version=_answer(version, int, "entries.append"), handed=handed)


def _closed(keeping: Keeping, streams: Streams, run: Run) -> Steps[Run]:
    """Close the period, if somebody closes it and everybody could be worked."""
    ledger = run.ledger
    if ledger is None or run.closed or run.blocked or not keeping.close_by:
        return run
    closed = ledger.close(run.period, by=keeping.close_by)
    yield from _kept(keeping.entries, streams.ledger, ledger, closed)
    return evolve(run, ledger=closed, closed=True)


def _history(keeping: Keeping, streams: Streams, facts: FactSource) -> Steps[History]:
    """What earlier closes left, and what the fact store took since; read before the facts, which may have more then."""
    history = closes_of(streams.history, (yield from _lines(keeping.entries, streams.history)))
    if not isinstance(facts, FactHistory):
        return history
    mark = _answer((yield facts.mark), str, "facts.mark")
    changes = None
    if history.last is not None:
        found = yield partial(facts.changes, history.last.mark)
        changes = None if found is None else _all(found, FactChange, "facts.changes")
    return evolve(history, mark=mark, changes=changes)


def _remembered(
    keeping: Keeping, streams: Streams, history: History, given: PeriodData, run: Run, kept: ClosedLedger | None
) -> Steps[None]:
    """Keep what a close leaves for the next run; where somebody else wrote there, that one works everything."""
    if not keeping.only_new or not run.closed or run.accruals is None or run.ledger is None:
        return
    close = close_of(history, given, run.accruals, run.problems, run.ledger, keeping.first)
    if close is None:
        return
    try:
        yield partial(keeping.entries.append, streams.history, [close.record()], expected=history.version)
        if kept is not None and isinstance(keeping.entries, LedgerTails):
            version = len(run.ledger.entries) + len(run.ledger.closings)
            seal, _ = yield partial(keeping.entries.tail, streams.ledger, version)
            new = kept.new(run.ledger, seal) if seal else []
            yield partial(keeping.entries.append, streams.posted, new, expected=kept.version)
    except ConflictError:
        return


def _told(run: Run, keeping: Keeping, streams: Streams) -> Steps[Run]:
    """Tell those whom it concerns."""
    found = () if keeping.notifier is None else notices(streams, run)
    if keeping.notifier is not None and found:
        yield partial(keeping.notifier.notify, found)
    return run
