"""Current: held facts -> readings, problems and who changed, as of now; worked anew for those who are asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import takewhile
from operator import itemgetter

from attrs import define, field

from loanperf._facts import Facts, owner_of_key
from loanperf._indicators import ReadingNumbers, Readings, measure_checked
from loanperf._periods import Period
from loanperf.errors import Problem, natural_order
from loanperf.run._work import measured_parts
from loanperf.tracker._held import HeldFacts
from loanperf.tracker._watch import Watch

ByPart = dict[Period, Readings]
"""Readings over the whole period, and over the parts of it in which assignments hold."""
ByPartFigures = dict[Period, ReadingNumbers]
"""The numbers of the readings of a payee."""


@define(eq=False)
class Current:
    """What held facts come to. Of readings it keeps the numbers alone, to tell who changed."""

    watch: Watch
    held: HeldFacts
    clock: int = 0
    """How often readings changed."""
    changed: dict[str, int] = field(factory=dict)
    """When the readings of a payee last changed, in order of that."""
    _start: ByPart = field(init=False)
    """The readings of everybody before the first fact was fed."""
    _now: dict[str, ByPartFigures] = field(init=False, factory=dict)
    """The readings of payees whose facts changed since the start, as they were last worked."""
    _stale: set[str] = field(init=False, factory=set)
    """Payees whose facts changed since."""
    _problems: tuple[Problem, ...] | None = field(init=False, default=None)
    """None where something was said since they were last looked for."""

    @_start.default
    def _of_everybody(self) -> ByPart:
        return self.by_part(self.held.start.facts, None)

    # ── readings ──────────────────────────────────────────────────────────────────────────────────────────

    def measured(self, facts: Facts, payees: Collection[str] | None) -> Readings:
        """The readings of payees over the whole period; None is everybody."""
        watch, among = self.watch, self.watch.among(payees)
        return measure_checked(facts, watch.period, watch.measured, currency=watch.currency, payees=among)

    def by_part(self, facts: Facts, payees: Collection[str] | None) -> ByPart:
        """The readings of payees, over parts of the period too; None is everybody."""
        among = self.watch.among(payees)
        tasks = self.watch.tasks_of(payees)
        others = [task for task in tasks if task.part != self.watch.period]
        return {self.watch.period: self.measured(facts, payees), **measured_parts(facts, others, among)}

    def payees(self) -> tuple[str, ...]:
        """All who have readings, in order of code."""
        if self.watch.staff is not None:
            return tuple(sorted(self.watch.staff))
        self.settle()
        of_start = self._start[self.watch.period].payees
        return tuple(sorted({*of_start} - self._now.keys() | {payee for payee, now in self._now.items() if now}))

    def settle(self) -> None:
        """Work all whose facts changed, in one go, and note whose readings are others than before."""
        self._look()
        wanted = sorted(self._stale)
        if not wanted:
            return
        before = self._figures(wanted)
        found = self._figures_of(self.by_part(self.held.facts_for(wanted), wanted), wanted)
        self._now |= found
        self._stale.clear()
        changed = [payee for payee in wanted if not are_same(before[payee], found[payee])]
        if changed:
            self._note(changed)

    def _figures(self, payees: Collection[str]) -> dict[str, ByPartFigures]:
        """The readings of payees as they were last worked."""
        of_start = self._figures_of(self._start, payees)
        return of_start | {payee: self._now[payee] for payee in payees if payee in self._now}

    def _figures_of(self, by_part: ByPart, payees: Collection[str]) -> dict[str, ByPartFigures]:
        """The readings of payees in the whole period and in the parts of it in which they are assigned."""
        found: dict[str, ByPartFigures] = {payee: {} for payee in payees}
        for part, readings in by_part.items():
            of_part = payees if part == self.watch.period else [one for one in payees if part in self.watch.parts(one)]
            for payee, figures in readings.figures(of_part).items():
                found[payee][part] = figures
        return found

    def _look(self) -> None:
        """See of whom something was said."""
        payees = self.held.moved()
        if payees is not None:
            self._stale |= payees
            self._problems = None

    # ── changes ───────────────────────────────────────────────────────────────────────────────────────────

    def _note(self, payees: Iterable[str]) -> None:
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
            DataError: a loan of which both have facts, or each has a start of its own.
        """
        for one in (self, other):
            one.settle()
        found = Current(self.watch, self.held.merged(other.held))
        found.settle()
        met = {*self._now, *other._now, *other._start[self.watch.period].payees}
        mine, theirs = self._figures(met), found._figures(met)
        later = [payee for payee in sorted(met) if not are_same(mine[payee], theirs[payee])]
        found.go_on(self.clock + 1, self.changed | dict.fromkeys(later, self.clock + 1))
        return found

    # ── problems ──────────────────────────────────────────────────────────────────────────────────────────

    def problems(self) -> tuple[Problem, ...]:
        """What could not be used, in order of text: of all of which something was said, and of what is left."""
        self._look()
        if self._problems is None:
            said, refused = self.held.said, {*self.held.start.facts.problems}
            facts = self.held.facts_of(said)
            found = self.measured(facts, facts.payees).problems
            of_start = self._start[self.watch.period].problems
            rest = [item for item in of_start if item in refused or owner_of_key(item.fact) not in said]
            self._problems = tuple(sorted([*found, *rest], key=natural_order))
        return self._problems


def are_same(one: ByPartFigures, other: ByPartFigures) -> bool:
    """Whether readings are the same in every part."""
    return one.keys() == other.keys() and all(figures.same(other[part]) for part, figures in one.items())
