"""Current: held facts -> readings, problems and who changed, as of now; measured anew for those whose facts changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import takewhile
from operator import itemgetter

from attrs import define, field

from loanperf._facts import Facts, Owner, owner_of_key
from loanperf._indicators import Reading, Readings, measure_part
from loanperf._org import Assignment, Organisation
from loanperf.batch._track._book_facts import without_parts
from loanperf.batch._track._held_facts import HeldFacts
from loanperf.batch._track._watch import Watch
from loanperf.errors import Problem, natural_order


@define(eq=False)
class Current:
    """What held facts come to. The readings of a payee are measured when somebody asks, and kept until facts change."""

    watch: Watch
    held: HeldFacts
    clock: int = 0
    """How often readings changed."""
    changed: dict[str, int] = field(factory=dict)
    """When the readings of a payee last changed, in order of that."""
    _staff: frozenset[str] | None = field(init=False)
    _kept: dict[str, dict[str, Reading]] = field(init=False, factory=dict)
    """Readings by payee, as they were last measured."""
    _stale: set[str] = field(init=False, factory=set)
    """Payees whose facts changed since."""
    _unchecked: set[Owner] = field(init=False, factory=set)
    """Owners whose facts changed since problems were last looked for."""
    _doubtful: set[Owner] = field(init=False, factory=set)
    """Owners whose facts had some then."""
    _problems: tuple[Problem, ...] = field(init=False)

    @_staff.default
    def _of_watch(self) -> frozenset[str] | None:
        return self.watch.staff()

    @_problems.default
    def _of_book(self) -> tuple[Problem, ...]:
        return self.held.book.problems_but(())

    # ── readings ──────────────────────────────────────────────────────────────────────────────────────────

    def readings(self, payee: str) -> dict[str, Reading]:
        """The readings of a payee, without their parts; none for somebody who is not known."""
        self._look()
        if payee in self._stale:
            self._measure([payee])
        self._keep([payee])
        return self._kept[payee]

    def traced(self, payee: str) -> dict[str, Reading]:
        """The readings of a payee with the part of each fact."""
        return self._measured(self.facts_of([payee]), [payee]).explain(payee)

    def facts_of(self, payees: Iterable[str]) -> Facts:
        """Everything that was said of payees, and of the loans and customers that they ever had."""
        self._look()
        return self.held.facts_for(payees)

    def settle(self) -> None:
        """Measure all whose facts changed, in one go."""
        self._look()
        if self._stale:
            self._measure(self._stale)

    def payees(self) -> tuple[str, ...]:
        """All who have readings, in order of code."""
        if self._staff is not None:
            return tuple(sorted(self._staff))
        self.settle()
        known = {payee for payee, readings in self._kept.items() if readings}
        return tuple(sorted({*self.held.book.payees} - self._kept.keys() | known))

    def _look(self) -> None:
        """See of what and of whom something was said."""
        owners, payees = self.held.moved()
        self._unchecked |= owners
        self._stale |= payees

    def _measured(self, facts: Facts, payees: Iterable[str]) -> Readings:
        """What facts come to; where there is an organisation, for some of its payees alone."""
        watch, people = self.watch, None
        if self._staff is not None:
            since, among = watch.period.start, sorted({*payees} & self._staff)
            people = Organisation(assignments=[Assignment(payee=who, unit="*", role="*", since=since) for who in among])
        return measure_part(facts, watch.period, watch.measured, currency=watch.currency, organisation=people)

    def _measure(self, payees: Iterable[str]) -> None:
        """Measure payees anew, and note whose readings are others than before."""
        wanted = sorted(payees)
        self._keep(wanted)
        found, changed = self._measured(self.facts_of(wanted), wanted), []
        for payee in wanted:
            readings = without_parts(found, payee)
            if readings != self._kept[payee]:
                self._kept[payee] = readings
                changed.append(payee)
        self._stale.difference_update(wanted)
        if changed:
            self.note(changed)

    def _keep(self, payees: Iterable[str]) -> None:
        """Keep the readings that payees have before the first fact, where none are kept."""
        self._kept |= {payee: self.held.book.readings(payee) for payee in payees if payee not in self._kept}

    # ── changes ───────────────────────────────────────────────────────────────────────────────────────────

    def note(self, payees: Iterable[str]) -> None:
        """Note that readings of payees changed, at one moment."""
        self.clock += 1
        for payee in payees:
            self.changed.pop(payee, None)
            self.changed[payee] = self.clock

    def since(self, cursor: int) -> tuple[str, ...]:
        """Whose readings changed after a moment, in order of code."""
        return tuple(sorted(takewhile(lambda payee: self.changed[payee] > cursor, reversed(self.changed))))

    def go_on(self, clock: int, changed: Mapping[str, int]) -> None:
        """Go on from a moment, with a log of changes."""
        self.settle()
        self.clock, self.changed = clock, dict(sorted(changed.items(), key=itemgetter(1)))

    def merged(self, other: Current) -> Current:
        """The facts of both, with the log of this one; whose readings are others than here has changed.

        Raises:
            DataError: a loan of which both have facts, or two books.
        """
        found = Current(self.watch, self.held.merged(other.held))
        found.settle()
        others = other.held.payees_of(other.held.owners())
        met = sorted(others) if self.held.book.book is found.held.book.book else found.payees()
        later = [payee for payee in met if found.readings(payee) != self.readings(payee)]
        found.go_on(self.clock + 1, self.changed | dict.fromkeys(later, self.clock + 1))
        return found

    # ── problems ──────────────────────────────────────────────────────────────────────────────────────────

    def problems(self) -> tuple[Problem, ...]:
        """What could not be used, in order of text: of owners in doubt, what measuring all their facts says."""
        self._look()
        if self._unchecked:
            owners = self._unchecked | self._doubtful
            found = self._measured(self.held.facts_of(owners), self.held.payees_of(owners)).problems
            self._doubtful = {owner_of_key(problem.fact) for problem in found if problem.fact}
            self._doubtful |= {owner for owner in owners if self.held.contradicts(owner)}
            self._unchecked.clear()
            of_book = self.held.book.problems_but({*self.held.owners()})
            self._problems = tuple(sorted([*found, *of_book], key=natural_order))
        return self._problems
