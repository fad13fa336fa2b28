"""Tracker: facts one by one -> readings, results and alerts of any payees at any moment, by the steps of `lp.run`.

A tracker is a handle, and the one mutable thing in the library: docs/decisions/0012-tracker.md says why. The value in
it is `snapshot()`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any

from attrs import define, field

from loanperf._commission import Accruals
from loanperf._facts import NO_FACTS, Fact, FactIndex, Facts, Key
from loanperf._indicators import Reading, Readings
from loanperf._ledger import Ledger
from loanperf._org import Organisation
from loanperf._pace import EVENLY, Pace
from loanperf._periods import day, must_be_in
from loanperf._quantities import Number
from loanperf._scheme import SchemeBook
from loanperf._scorecard import level_of
from loanperf._validators import each_of
from loanperf.alerts import Alert, AlertRule, Observation, alerts_of
from loanperf.errors import DataError, Problem, UnknownPayeeError
from loanperf.progress import PayBasis, Progresses, follow
from loanperf.run import Results
from loanperf.run._scores import readings_of_units, scored
from loanperf.run._supplied import Supplied
from loanperf.run._tasks import Task, looked_at
from loanperf.run._work import lost_of, measured_parts, results_of
from loanperf.tracker._current import Current
from loanperf.tracker._held import HeldFacts
from loanperf.tracker._snapshot import Snapshot, restored_from, snapshot_of
from loanperf.tracker._watch import Watch


@define(eq=False)
class Tracker:
    """The facts of a period as far as they are known, and what they come to.

    What it answers is at any moment what `lp.measure` and `lp.run` would answer from all facts that were fed and not
    withdrawn, in whatever order they came: it works the facts of the payees that are asked for, by the same steps.
    So a question costs what those facts cost, however many others are held. These questions need everybody, and cost
    what `lp.run` over all facts costs: `measured()`, `results()` and `facts()` without payees. Ranks, and pools for
    `lp.share_pool`, are made of `results()`. So do payees whose bonus looks at a unit above them; `changes` does not
    say them where only facts of others in that unit changed. `changes` needs the facts of all whose facts changed since
    it was last asked.

    Asking changes nothing. It is for one thread at a time.

    >>> from loanperf._facts import EventKind, Loan, LoanEvent
    >>> from loanperf._indicators import disbursed_amount
    >>> from loanperf._periods import Period
    >>> watch = Watch(period=Period.month(2026, 3), currency="CNY", indicators=[disbursed_amount()])
    >>> tracker = Tracker.start(watch)
    >>> drawn = LoanEvent(loan="L1", kind=EventKind.DISBURSED, on="2026-03-02", amount="30万元")
    >>> tracker.feed(drawn)
    >>> tracker.problems()[0].fault
    'there is no such loan'
    >>> tracker.feed(Loan(loan="L1", customer="C1", officer="lin", opened_on="2026-03-01"))
    >>> print(tracker.readings("lin")["disbursed_amount"].value)
    300000 CNY
    >>> tracker.changes(0)
    (('lin',), 1)
    """

    watch: Watch
    current: Current = field(repr=False)
    """What is held and what it comes to; it is for the functions of this package alone."""

    @classmethod
    def start(cls, watch: Watch, *, facts: Facts = NO_FACTS) -> Tracker:
        """A tracker without a fact, or on top of facts.

        Args:
            watch: what is looked at.
            facts: what is known before the first fact is fed, such as `lp.Facts.read(...)`. They are measured once;
                those of a payee are read out of their columns when somebody asks, so that time and memory do not grow
                with them. Rows that they refused stay problems: what is fed under their keys counts.
        """
        return cls(watch, Current(watch, HeldFacts(FactIndex(facts))))

    # ── what is said ──────────────────────────────────────────────────────────────────────────────────────

    def feed(self, fact: Fact) -> None:
        """Take in a row, be it late, unsorted, or one that was fed before.

        A row that says again what another said is a repeat. One that says something else under the same key
        contradicts it: as with `Facts.of` both are problems, until one is withdrawn. To replace one say so: `correct`.

        Raises:
            FactError: it is no fact.
        """
        self.current.held.feed(fact)

    def feed_all(self, facts: Iterable[Fact]) -> None:
        """Take in rows, in any order."""
        for fact in facts:
            self.current.held.feed(fact)

    def correct(self, fact: Fact) -> None:
        """Put a row in the place of all that was said under its natural key.

        Raises:
            DataError: nothing was said under it.
            FactError: it is no fact.
        """
        self.current.held.correct(fact)

    def withdraw(self, what: Fact | Key) -> None:
        """Take out a fact and its repeats, or by a natural key (`fact.key`) all that was said under it.

        Raises:
            DataError: nothing of it was fed, or it was withdrawn already.
        """
        self.current.held.withdraw(what)

    # ── what it comes to ──────────────────────────────────────────────────────────────────────────────────

    @property
    def payees(self) -> tuple[str, ...]:
        """The codes of all who have readings, in order, as `measure` knows them."""
        return self.current.payees()

    def readings(self, payee: str) -> dict[str, Reading]:
        """The readings of a payee by indicator; none for somebody of whom nothing is known.

        Their `parts`, what each fact gave, are worked out when they are asked for.
        """
        return self.measured([payee]).of(payee)

    def measured(self, payees: Collection[str] | None = None) -> Readings:
        """The readings of payees over the whole period, as `lp.measure` gives them of their facts.

        Of a unit ask for its members (`organisation.members(unit, day)`), and of what is returned for `team`.

        Args:
            payees: codes; None is everybody.
        """
        asked = _codes(payees)
        return self.current.measured(self._facts_for(asked), asked)

    def results(self, payees: Collection[str] | None = None, *, readings: Iterable[Reading] = ()) -> Results:
        """The scores and bonuses of payees, a result for each assignment, as `lp.run` would work them now.

        No archive is read: what was missed of earlier targets is carried on by the targets of the watch alone.

        Args:
            payees: codes; None is everybody.
            readings: what only the host knows, of the period or of none; they count in place of what was measured.

        Raises:
            DataError: the watch has no schemes.
            UnknownPayeeError: somebody who is not assigned in the period.
        """
        (asked, organisation, _), watch = self._appraised(payees), self.watch
        supplied = self._supplied(readings)
        tasks = watch.tasks_of(asked)
        needed = _needed(tasks, asked)
        facts = self._facts_for(needed)
        measured = measured_parts(facts, tasks, watch.among(needed))
        worked = scored(watch.period, tasks, organisation, measured, supplied, None)

        def refused() -> Iterable[Problem]:
            before = self.current.held.start.facts.problems
            return *before, *lost_of(facts, watch.period, organisation, tasks, measured)

        return results_of(*worked, watch.unresolved(asked), refused, facts.came_as)

    def progress(
        self,
        payees: Collection[str] | None = None,
        *,
        as_of: date | str,
        pace: Pace = EVENLY,
        readings: Iterable[Reading] = (),
        accruals: Accruals | None = None,
        ledger: Ledger | None = None,
        basis: PayBasis | None = None,
    ) -> Progresses:
        """Where payees stand by a day of the period, and what comes next; see `loanperf.progress.follow`.

        Args:
            payees: codes; None is everybody.
            as_of: the last day that has passed.
            pace: what part of a target is due by then.
            readings: what only the host knows.
            accruals: commissions so far; those of `basis` where they are not given.
            ledger: what was posted.
            basis: such as `basis(...)`, for what a loan up to the next tier would earn.

        Raises:
            DataError: the watch has no schemes, or the pace has no working day in the period.
            UnknownPayeeError: somebody who is not assigned in the period.
        """
        found, asked = self.results(payees, readings=readings), _codes(payees)
        return follow(
            found,
            self.watch.period,
            as_of=as_of,
            pace=pace,
            accruals=accruals,
            ledger=ledger,
            basis=basis,
            facts=self._facts_for(asked),
        )

    def basis(self, payees: Collection[str] | None = None, *, readings: Iterable[Reading] = ()) -> PayBasis:
        """What pay of payees is worked from now, for `loanperf.progress.next_loan` and for commissions so far.

        Args:
            payees: whose facts it takes; None is everybody. Where a plan or card looks at a team or unit, it takes
                those of everybody.
            readings: what only the host knows.

        Raises:
            DataError: the watch has no schemes.
            UnknownPayeeError: somebody who is not assigned in the period.
        """
        (asked, organisation, schemes), watch = self._appraised(payees), self.watch
        plans = [dated.plan for dated in schemes.plans()]
        teams = any(plan.of_units or any(item.team is not None for item in plan.components) for plan in plans)
        needed = None if teams else _needed(watch.tasks_of(asked), asked)
        return PayBasis(
            period=watch.period,
            facts=self._facts_for(needed),
            schemes=schemes,
            organisation=organisation,
            readings=each_of(readings, Reading, "readings", "pass a list of lp.Reading.of(...)"),
            targets=watch.targets,
            payees=None if needed is None else frozenset(needed),
        )

    def observed(
        self,
        payees: Collection[str] | None = None,
        *,
        as_of: date | str,
        readings: Iterable[Reading] = (),
        pace: Pace = EVENLY,
        projected: Mapping[str, Mapping[str, Number]] = MappingProxyType({}),
        earlier: Mapping[str, Mapping[str, Iterable[Number]]] = MappingProxyType({}),
    ) -> tuple[Observation, ...]:
        """What is known of payees for `loanperf.alerts`: one a payee, in order, by the card that holds on a day.

        Args:
            payees: codes; None is everybody who is appraised.
            as_of: the last day that has passed. Of a payee with several assignments in the period that one counts which
                holds on it, else the last one before it, else the first.
            readings: what only the host knows, of the period or of none; they count in place of what was measured.
            pace: how targets fall due in the course of the period.
            projected: by payee and code, what is expected at the end of the period.
            earlier: by payee and code, the readings of periods or days before, the oldest first.

        Raises:
            DataError: the watch has no schemes.
            PeriodError: `as_of` is no day of the period of the watch.
            UnknownPayeeError: somebody who is not assigned in the period; it names those who are.
            UnitError: a reading in another unit than its indicator.
        """
        (asked, organisation, _), on = self._appraised(payees), day(as_of)
        must_be_in(on, self.watch.period)
        tasks, supplied = _on_a_day(self.watch.tasks_of(asked), on), self._supplied(readings)
        needed = _needed(tasks, asked)
        measured, found = measured_parts(self._facts_for(needed), tasks, self.watch.among(needed)), list[Observation]()
        for task in tasks:
            payee, of_units = task.payee, readings_of_units(task, organisation, measured, {})
            known = measured[task.part].of(payee) | of_units
            mine = partial(measured[task.part].of, payee)
            own = supplied.own(task, known, organisation, mine, partial(dict, of_units))
            card, seen = own.card(task, self.watch.period), {**known, **own.readings}
            more: dict[str, Any] = {"pace": pace, "projected": projected.get(payee), "earlier": earlier.get(payee)}
            found.append(Observation.of_card(card, payee, seen, targets=own.targets, **more))
        return tuple(found)

    def observed_units(
        self, units: Collection[str], *, as_of: date | str, pace: Pace = EVENLY
    ) -> tuple[Observation, ...]:
        """What is known of units for `loanperf.alerts`: sums over who is a member on a day, ratios as sum over sum.

        All that the watch measures is looked at, against the targets of the watch that are given for the unit. With
        readings that the host supplies, or with forecasts, change what comes out by `attrs.evolve`.

        Args:
            units: codes.
            as_of: the last day that has passed, on which somebody is a member.
            pace: how targets fall due in the course of the period.

        Raises:
            DataError: the watch has no organisation.
            NoAssignmentError: there is no such unit on the day.
        """
        watch, on = self.watch, day(as_of)
        must_be_in(on, watch.period)
        if watch.organisation is None:
            raise DataError("the organisation", "the watch has none", "pass Watch(organisation=...)")
        members = {unit: watch.organisation.members(unit, on) for unit in _codes(units) or ()}
        measured = self.measured(sorted({payee for some in members.values() for payee in some}))
        cards = {task.place: task.card for task in watch.tasks_of(None)}.values()
        known = dict.fromkeys(
            code for card in cards for code in (*card.known, *(item.code for item in looked_at(card)))
        )
        return tuple(
            Observation(
                subject=unit,
                is_unit=True,
                period=watch.period,
                currency=watch.currency,
                indicators=watch.measured,
                readings=measured.team(unit, some),
                targets={goal.indicator: goal.value for goal in watch.targets if goal.payee == unit},
                pace=pace,
                known=tuple(known),
            )
            for unit, some in members.items()
        )

    def alerts(
        self, payee: str, rules: Iterable[AlertRule], *, as_of: date | str, readings: Iterable[Reading] = ()
    ) -> tuple[Alert, ...]:
        """What a payee should be warned of on a day, whatever was told before; `loanperf.alerts.watch` tells it once.

        Args:
            payee: who is appraised.
            rules: what to warn of; an indicator that the card does not look at is passed over.
            as_of: the last day that has passed; see `observed`.
            readings: what only the host knows.

        Raises:
            DataError: the watch has no schemes, or two rules have one code.
            UnknownPayeeError: somebody who is not assigned in the period; it names those who are.
            TargetError: a rule looks at a target that there is not.
            UnitError: a limit or reading in another unit than its indicator.
            UnknownIndicatorError: a rule of an indicator that nothing knows.
        """
        given = [*rules]
        seen = self.observed([payee], as_of=as_of, readings=readings)
        return tuple(alert for one in seen for alert in alerts_of(one, given, as_of=as_of))

    def _facts_for(self, payees: Collection[str] | None) -> Facts:
        held = self.current.held
        return held.all_facts() if payees is None else held.facts_for(payees)

    def _appraised(self, payees: Collection[str] | None) -> tuple[Collection[str] | None, Organisation, SchemeBook]:
        """The codes of payees who are appraised, and by what; a slip in a code must not look like nothing."""
        organisation, schemes = self.watch.organisation, self.watch.schemes
        if schemes is None or organisation is None:
            raise DataError("the schemes", "the watch has none", "pass Watch(schemes=..., organisation=...)")
        asked = _codes(payees)
        for payee in () if asked is None else asked:
            self._must_know(payee)
        return asked, organisation, schemes

    def _must_know(self, payee: str) -> None:
        staff = self.watch.staff or frozenset()
        if payee not in staff:
            raise UnknownPayeeError(payee, sorted(staff))

    def _supplied(self, readings: Iterable[Reading]) -> Supplied:
        given = each_of(readings, Reading, "readings", "pass a list of lp.Reading.of(...)")
        for reading in given:
            if reading.subject not in self.watch.units:
                self._must_know(reading.subject)
        return Supplied.of(self.watch.period, given, self.watch.targets)

    def changes(self, cursor: int) -> tuple[tuple[str, ...], int]:
        """Whose readings changed since a cursor, in order of code, and the cursor for next time.

        The first cursor is 0: since the start. Whose readings changed and changed back may be named too.

        Raises:
            DataError: the cursor is none of this tracker's.
        """
        current = self.current
        current.settle()
        if type(cursor) is not int or not 0 <= cursor <= current.clock:
            fault = f"it is {cursor!r}, and this tracker is at {current.clock}"
            raise DataError("the cursor", fault, "give one that its `changes` returned, or 0 for all")
        return current.since(cursor), current.clock

    # ── what is held ──────────────────────────────────────────────────────────────────────────────────────

    def facts(self, payees: Collection[str] | None = None) -> Facts:
        """All facts that are held, those of the start too, or those that concern payees.

        Each row that was fed was delivered by itself.

        Args:
            payees: codes; with what was said of them come the loans that they ever originated, were assigned or are
                credited with, and the customers that they ever looked after. None is everybody.
        """
        return self._facts_for(_codes(payees))

    def problems(self) -> tuple[Problem, ...]:
        """What could not be used, in order of text; the same as `measure` finds in all the rows.

        After a change it costs what the facts cost of all loans, customers and so on of which something was said.
        """
        return self.current.problems()

    def snapshot(self) -> Snapshot:
        """All that was said since the start, as data that JSON knows.

        `Tracker.restore` makes an equal tracker of it, for which the cursors of this one go on.
        """
        return snapshot_of(self.current)

    @classmethod
    def restore(cls, snapshot: Mapping[str, Any], watch: Watch, *, facts: Facts = NO_FACTS) -> Tracker:
        """The tracker that a snapshot was made of.

        Args:
            snapshot: as `snapshot` made it, or as JSON gave it back.
            watch: the same, or another: then the facts are looked at anew, and every payee has changed.
            facts: those that the tracker started from.

        Raises:
            DataError: it is no snapshot, one of a former version, or one on top of other facts.
            LoanPerfError: a fact in it that cannot be.
        """
        found, current = restored_from(snapshot), cls.start(watch, facts=facts).current
        if found.start != facts.rows:
            fault = f"the snapshot is on top of facts of {found.start} rows"
            raise DataError("the facts", fault, "pass those that its tracker started from")
        for owner, instead, rows in found.groups:
            current.held.replace(owner, rows, instead=instead)
        same = found.fingerprint == watch.fingerprint()
        log = found.changed if same else dict.fromkeys(current.payees(), found.clock + 1)
        current.go_on(found.clock if same else found.clock + 1, log)
        return cls(watch, current)

    def __eq__(self, other: object) -> bool:
        """Whether both look at the same and hold the same facts on top of the same ones, whatever their order."""
        if not isinstance(other, Tracker):
            return NotImplemented
        return self.watch == other.watch and self.current.held.same_as(other.current.held)

    def __hash__(self) -> int:
        """None: what changes is no key."""
        raise TypeError("a Tracker changes, so that it cannot be hashed; its snapshot can be written down")


def merge(one: Tracker, other: Tracker) -> Tracker:
    """A tracker of the facts of two, over loans that are in one of them alone; both are left as they are.

    What belongs to no loan, such as customers and trainings, may be in both: a row said again is a repeat. The cursors
    of `one` go on, and what came from `other` is a change.

    Args:
        one: on top of facts or of none.
        other: of the same watch; on top of the same facts, or one of the two of none.

    Raises:
        DataError: a loan of which both have facts, two watches, or each is on top of facts of its own.
    """
    if one.watch != other.watch:
        raise DataError("two trackers", "they look at different things", "merge trackers of one watch")
    return Tracker(one.watch, one.current.merged(other.current))


def _needed(tasks: Iterable[Task], asked: Collection[str] | None) -> Collection[str] | None:
    """The payees whose facts are worked for some payees: everybody, where a card looks at the readings of units."""
    of_units = any(level_of(item.code)[1] is not None for task in tasks for item in task.card.others)
    return None if of_units else asked


def _on_a_day(tasks: Iterable[Task], on: date) -> list[Task]:
    """The assignment of each payee that holds on a day, else the last one before it, else the first."""
    found = dict[str, Task]()
    for task in tasks:
        if task.payee not in found or task.part.start <= on:
            found[task.payee] = task
    return [*found.values()]


def _codes(payees: Collection[str] | None) -> list[str] | None:
    """The codes of payees, each once."""
    if payees is None:
        return None
    return sorted({*each_of(payees, str, "payees", "pass a list of codes, such as ['E01']")})
