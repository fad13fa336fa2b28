"""Tracker: facts one by one -> the readings, score, bonus and alerts of any payee at any moment, by `measure`.

A tracker is a handle, and the one mutable thing in the library: docs/decisions/0012-tracker.md says why. The value in
it is `snapshot()`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypeAlias

from attrs import define, evolve, field

from loanperf._appraisal import Appraisal, appraise
from loanperf._bonus import Award, award
from loanperf._explanations import Explanation
from loanperf._facts import Fact, Facts, Key
from loanperf._indicators import Reading, Readings, combine
from loanperf._quantities import Number
from loanperf.batch._book import Book
from loanperf.batch._track._alerts import Alert, AlertRule, alerts_of
from loanperf.batch._track._book_facts import BookFacts
from loanperf.batch._track._current import Current
from loanperf.batch._track._held_facts import HeldFacts
from loanperf.batch._track._snapshot import Snapshot, restored_from, snapshot_of
from loanperf.batch._track._watch import EVERYBODY, Watch, looked_at
from loanperf.errors import DataError, Problem, UnknownPayeeError

Supplied: TypeAlias = Mapping[str, "Number | Reading"]
"""Readings that the host has, by code of indicator; they count in place of what was measured."""
_NONE: Supplied = {}


@define(eq=False)
class Tracker:
    """The facts of a period as far as they are known, and what they come to.

    What it answers is at any moment what `measure` would answer from every row that was fed and not withdrawn, in
    whatever order they came. Asking changes nothing. It is for one thread at a time.

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
    def start(cls, watch: Watch, *, book: Book | None = None) -> Tracker:
        """A tracker without a fact, or on top of a book of columns.

        Args:
            watch: what is looked at.
            book: what is known before the first fact. It is measured once; the facts of a payee are read out of its
                columns when a fact comes that concerns that payee, so that time and memory do not grow with the book.

        Raises:
            DataError: the book is in another currency than the watch.
        """
        return cls(watch, Current(watch, HeldFacts(BookFacts.of(book, watch))))

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

    def settle(self) -> None:
        """Work out what was said so far, now rather than when somebody next asks; it changes no answer."""
        self.current.settle()

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
        """The readings of a payee by indicator, without parts; none for somebody of whom nothing is known."""
        return dict(self.current.readings(payee))

    def team(self, unit: str, members: Iterable[str] | None = None) -> dict[str, Reading]:
        """The readings of a unit by indicator: sums over its members, and for ratios the sum over the sum.

        Args:
            unit: code of the unit, which becomes the subject of its readings.
            members: codes of payees, each counted once; None is all who are assigned to the unit, or one below it, on
                the last day of the period.

        Raises:
            DataError: neither members nor an organisation to ask.
            NoAssignmentError: the organisation has no such unit on that day.
        """
        if members is None:
            if self.watch.organisation is None:
                raise DataError(f"the members of {unit!r}", "there is no organisation to ask", "name its members")
            members = self.watch.organisation.members(unit, self.watch.period.last_day)
        gathered: dict[str, list[Reading]] = {}
        for member in sorted(set(members)):
            for code, reading in self.current.readings(member).items():
                gathered.setdefault(code, []).append(evolve(reading, parts=()))
        return {code: evolve(combine(readings, unit), parts=None) for code, readings in gathered.items()}

    def traced(self, payee: str) -> dict[str, Reading]:
        """The readings of a payee with the part of each fact, as `measure` makes them from the facts of that payee."""
        return self.current.traced(payee)

    def appraisal(self, payee: str, *, readings: Supplied = _NONE) -> Appraisal:
        """The score of a payee, by its card and targets.

        Args:
            payee: whose card the watch has.
            readings: what only the host knows; they count in place of what was measured.

        Raises:
            DataError: the watch has no card for the payee.
            LoanPerfError: what `appraise` raises, such as `MissingReadingError`.
        """
        card = self.watch.card(payee)
        wanted = {item.code for item in looked_at(card)}
        mine = {code: reading for code, reading in self.current.readings(payee).items() if code in wanted}
        elsewhere = {item.code for item in self.watch.measured} - wanted
        given = {code: reading for code, reading in readings.items() if code not in elsewhere}
        return appraise(card, self.watch.goals(payee), mine | given, payee=payee)

    def award(
        self,
        payee: str,
        *,
        month: Number | None = None,
        base: Number | None = None,
        days: tuple[int, int] | None = None,
        readings: Supplied = _NONE,
    ) -> Award:
        """The bonus of a payee, by the plan of its card.

        Args:
            payee: whose card the watch has.
            month: one month's salary; None is the salary of its assignment on the last day.
            base: what a share is taken of; None is the base of its assignment on the last day.
            days: days in role and days of the period; None is the whole period.
            readings: what only the host knows.

        Raises:
            LoanPerfError: what `appraise` and `award` raise.
        """
        scored, period, people = self.appraisal(payee, readings=readings), self.watch.period, self.watch.organisation
        for assignment, _ in () if people is None else people.assignments_in(payee, period):
            if assignment.holds_on(period.last_day):
                month = assignment.salary if month is None else month
                base = assignment.base if base is None else base
        return award(scored.card.bonus, scored, month=month, base=base, days=days)

    def explain(self, payee: str, *, readings: Supplied = _NONE) -> Explanation:
        """Why a payee has its score, down to the facts: the same tree as `appraise` gives.

        Facts of a book are named without their source, since a book has no column for it.
        """
        return self.appraisal(payee, readings={**self.traced(payee), **readings}).explain()

    def alerts(
        self, payee: str, rules: Iterable[AlertRule], *, as_of: date | str, readings: Supplied = _NONE
    ) -> tuple[Alert, ...]:
        """What a payee should be warned of on a day, by the rules of the host; see `AlertRule`.

        Args:
            payee: whose card the watch has.
            rules: what to warn of; an indicator that the card does not look at is passed over.
            as_of: the last day that has passed.
            readings: what only the host knows.

        Raises:
            UnknownPayeeError: nothing is known of the payee; it names those who are known.
            DataError: the watch has no card for the payee.
            TargetError: a pace towards a target that there is not.
            UnitError: a distance or reading in another unit than its indicator.
            UnknownIndicatorError: a rule of an indicator that nothing knows.
        """
        card, known = self.watch.card(payee), dict(self.current.readings(payee))
        self._must_know(payee)
        for code, value in readings.items():
            known[code] = value if isinstance(value, Reading) else Reading.of(code, value, subject=payee)
        return alerts_of(card, self.watch.goals(payee), known, rules, payee=payee, as_of=as_of)

    def _must_know(self, payee: str) -> None:
        """Refuse a payee without readings, card or target of its own: a slip in a code must not look like nothing."""
        if self.current.readings(payee):
            return
        known = {*self.payees, *self.watch.cards, *(target.payee for target in self.watch.targets)} - {EVERYBODY}
        if payee not in known:
            raise UnknownPayeeError(payee, sorted(known))

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

    def facts(self, payee: str | None = None) -> Facts:
        """All facts that are held, of a book too, or those that concern a payee. Each row was delivered by itself.

        Args:
            payee: with what was said of it come the loans that it ever originated, was assigned or is credited with,
                and the customers that it ever looked after.
        """
        return self.current.held.all_facts() if payee is None else self.current.facts_of([payee])

    def problems(self) -> tuple[Problem, ...]:
        """What could not be used, in order of text; the same as `measure` finds in all the rows."""
        return self.current.problems()

    def measured(self) -> Readings:
        """All readings and problems, as `measure` returns them but for parts."""
        payees, problems, (rows, repeats) = self.payees, self.problems(), self.current.held.counts()
        return Readings.gathered(
            {payee: self.current.readings(payee) for payee in payees},
            period=self.watch.period,
            currency=self.watch.currency,
            indicators=self.watch.measured,
            problems=problems,
            rows=rows,
            repeats=repeats,
            used=rows - repeats - len(problems),
        )

    def snapshot(self) -> Snapshot:
        """All that is held, as data that JSON knows; of a book only the loans and so on of which something was said.

        `Tracker.restore` makes an equal tracker of it, for which the cursors of this one go on.
        """
        return snapshot_of(self.current)

    @classmethod
    def restore(cls, snapshot: Mapping[str, Any], watch: Watch, *, book: Book | None = None) -> Tracker:
        """The tracker that a snapshot was made of.

        Args:
            snapshot: as `snapshot` made it, or as JSON gave it back.
            watch: the same, or another: then the facts are looked at anew, and every payee has changed.
            book: the one that the tracker started from.

        Raises:
            DataError: it is no snapshot, one of a former version, or one on top of another book.
            LoanPerfError: a fact in it that cannot be.
        """
        found, held = restored_from(snapshot), cls.start(watch, book=book).current
        if found.book_rows != (0 if book is None else book.rows):
            fault = f"the snapshot is on top of a book of {found.book_rows} rows"
            raise DataError("the book", fault, "pass the book that its tracker started from")
        held.held.replace(dict(found.groups))
        same = found.fingerprint == watch.fingerprint()
        log = found.changed if same else dict.fromkeys(held.payees(), found.clock + 1)
        held.go_on(found.clock if same else found.clock + 1, log)
        return cls(watch, held)

    def __eq__(self, other: object) -> bool:
        """Whether both look at the same and hold the same facts on top of the same book, whatever their order."""
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
        one: with or without a book.
        other: of the same watch; on top of the same book, or one of the two has none.

    Raises:
        DataError: a loan of which both have facts, two watches or two books.
    """
    if one.watch != other.watch:
        raise DataError("two trackers", "they look at different things", "merge trackers of one watch")
    return Tracker(one.watch, one.current.merged(other.current))
