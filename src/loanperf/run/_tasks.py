"""Tasks: (organisation, schemes, period) -> who is appraised on which days, and by which card."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve, field, frozen

from loanperf._indicators import Indicator
from loanperf._org import Assignment, Organisation
from loanperf._periods import Period
from loanperf._scheme import Scheme, SchemeBook
from loanperf._scorecard import Card, level_of
from loanperf.errors import LoanPerfError, Problem, problem_of
from loanperf.goals._days import for_days


@frozen(kw_only=True)
class Task:
    """An assignment of a payee, which is appraised on its own days."""

    assignment: Assignment
    part: Period
    """The days of the period in which it holds."""
    held: int
    """The days of all assignments of the payee in the period."""
    card: Card
    """With targets for these days."""
    place: int
    """The place of its card in the list of all cards."""
    scheme: Scheme = field(eq=False, repr=False)
    """Of which the card is."""

    @property
    def payee(self) -> str:
        """Who is appraised."""
        return self.assignment.payee


def tasks_of(period: Period, organisation: Organisation, book: SchemeBook) -> tuple[list[Task], list[Problem]]:
    """One for each assignment in the period that a card can be resolved for; the others as problems.

    A scheme without weight profiles appraises nobody, and pays commissions by its plans.
    """
    tasks, unresolved, cards = list[Task](), list[Problem](), _Cards(period, organisation, book)
    for payee in organisation.codes:
        parts = organisation.assignments_in(payee, period)
        held = sum(part.days for _, part in parts)
        for assignment, part in parts:
            try:
                place = cards.place(assignment, part)
            except LoanPerfError as error:
                unresolved.append(problem_of(f"payee {payee} in {part}", error, payee=payee))
                continue
            if place is not None:
                card = cards.found[place]
                scheme = book.at(part.start)
                tasks.append(Task(assignment=assignment, part=part, held=held, card=card, place=place, scheme=scheme))
    return tasks, unresolved


def parts_of_several(organisation: Organisation, period: Period) -> list[Period]:
    """The days of assignments of who has several in a period, each once and in order, without the whole period."""
    assigned = (organisation.assignments_in(payee, period) for payee in organisation.codes)
    found = {part for parts in assigned if len(parts) > 1 for _, part in parts}
    return sorted(found - {period}, key=lambda part: (part.start, part.end))


def looked_at(card: Card) -> Iterator[Indicator]:
    """The indicators that a card looks at; others are measured for other cards."""
    yield from card.others
    yield from (line.indicator for line in card.lines)


def units_looked_at(task: Task, organisation: Organisation) -> dict[str, str]:
    """By code of an indicator of a unit that the card looks at: that unit, as the tree stands on the last day.

    Raises:
        NoAssignmentError: a unit above the payee is not there on that day.
    """
    levels = {item.code: level for item in task.card.others if (level := level_of(item.code)[1]) is not None}
    path = organisation.path(task.assignment.unit, task.part.last_day) if levels and organisation.units else ()
    return {code: path[level - 1] for code, level in levels.items() if level <= len(path)}


@frozen(eq=False)
class _Cards:
    """The cards of a period, each resolved once for all who share it."""

    period: Period
    organisation: Organisation
    book: SchemeBook
    found: list[Card] = field(factory=list, init=False)
    _places: dict[Card, int] = field(factory=dict, init=False)
    _asked: dict[tuple[str, str, str, tuple[str, ...], Period], int | LoanPerfError | None] = field(
        factory=dict, init=False
    )

    def place(self, held: Assignment, part: Period) -> int | None:
        """The place of the card of an assignment; None where its scheme pays commissions only.

        Raises:
            LoanPerfError: no card can be resolved.
        """
        units = self.organisation.path(held.unit, part.start) if self.organisation.units else ()
        key = (held.role, held.product_line, held.tier, units, part)
        if key not in self._asked:
            try:
                self._asked[key] = self._resolved(*key)
            except LoanPerfError as error:
                self._asked[key] = error
        answer = self._asked[key]
        if isinstance(answer, LoanPerfError):
            raise answer
        return answer

    def _resolved(self, role: str, product_line: str, tier: str, units: tuple[str, ...], part: Period) -> int | None:
        scheme = self.book.at(part.start)
        if not scheme.profiles and scheme.plans:
            return None
        card = scheme.resolve(period=part, role=role, product_line=product_line, tier=tier, units=units)
        card = _for_days_of(scheme, card, self.period)
        if card not in self._places:
            self._places[card] = len(self.found)
            self.found.append(card)
        return self._places[card]


def _for_days_of(scheme: Scheme, card: Card, period: Period) -> Card:
    """A card with its targets cut to its days."""
    if card.period == period:
        return card
    lines = {line.indicator.code: line for line in card.lines}
    seasonal = {season.code for season in scheme.seasons}
    for code, line in lines.items():
        if line.target is not None and code not in seasonal:
            target, source = for_days(scheme, line.indicator, line.target, line.target_source, card.period, period)
            lines[code] = evolve(line, target=target, target_source=source)
    return evolve(card, lines=tuple(lines.values()))
