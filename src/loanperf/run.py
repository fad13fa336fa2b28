"""Run: (ports, period) -> every payee's appraisal and award. The only caller of a port."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from attrs import frozen

from loanperf._appraisal import Appraisal, appraise
from loanperf._bonus import Award, award
from loanperf._facts import Facts
from loanperf._indicators import Indicator, Measured, Reading, measure
from loanperf._org import Assignment, Organisation
from loanperf._periods import Period
from loanperf._quantities import Money, Quantity
from loanperf._scheme import SchemeBook
from loanperf._scorecard import Card
from loanperf._targets import Target, prorate
from loanperf.errors import EmptyPeriodError, LoanPerfError, Problem
from loanperf.ports import FactSource, Payment, PaymentSink, PeopleSource, SchemeSource


@frozen(kw_only=True)
class Result:
    """What one assignment of a payee came to; a payee with two roles in the period has two."""

    payee: str
    name: str
    assignment: Assignment
    part: Period
    """The days of the period in which the assignment holds."""
    appraisal: Appraisal
    award: Award | None
    """None where the scheme has no bonus plan."""


@frozen(kw_only=True)
class Run:
    """A period worked: results, and everything that could not be used."""

    period: Period
    results: tuple[Result, ...]
    """In order of payee, then date."""
    problems: tuple[Problem, ...]
    payments: tuple[Payment, ...]
    """What was handed to the sink, or would be: one a payee with an amount above zero."""
    rows: int
    """Rows of facts that came in."""
    used: int
    """Rows that were used; the others are among the problems."""


@frozen(kw_only=True)
class _Task:
    assignment: Assignment
    part: Period
    card: Card


def run(
    period: Period,
    *,
    facts: FactSource,
    people: PeopleSource,
    schemes: SchemeSource,
    payments: PaymentSink | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Run:
    """Measure, appraise and award every payee of a period, and hand over the payments.

    A payee who cannot be worked is a problem of the result, and the others go on. Each assignment in the period is
    appraised on its own days, with targets and bonus in proportion to them.

    Args:
        period: what to work.
        facts: port to what happened.
        people: port to who works where.
        schemes: port to schemes and targets.
        payments: port that takes the payments; None is a dry run.
        progress: called with how many assignments are done and how many there are.

    Raises:
        EmptyPeriodError: no fact is dated in the period, and the host supplies no readings.
        LoanPerfError: what a port itself raises.
    """
    organisation = people.organisation(period)
    seen = facts.facts(period)
    given = _by_payee(facts.readings(period))
    goals = tuple(schemes.targets(period))
    problems = list(seen.problems)
    tasks = _tasks(period, organisation, schemes.schemes(), problems)
    measured = _measured(period, seen, organisation, tasks, bool(given), problems)
    results: list[Result] = []
    for done, task in enumerate(tasks, 1):
        payee = task.assignment.payee
        readings = {**measured.get((task.part, payee), {}), **given.get(payee, {})}
        try:
            results.append(_result(period, task, readings, goals, organisation.name(payee)))
        except LoanPerfError as error:
            problems.append(_problem(f"payee {payee} in {task.part}", error))
        if progress:
            progress(done, len(tasks))
    due = _payments(period, results)
    if payments is not None and due:
        payments.pay(due)
    lost = sum(1 for problem in problems if problem.where.startswith("fact "))
    return Run(
        period=period,
        results=tuple(results),
        problems=tuple(dict.fromkeys(problems)),
        payments=due,
        rows=seen.rows,
        used=seen.rows - len(seen.problems) - lost,
    )


def _by_payee(readings: Iterable[Reading]) -> dict[str, dict[str, Reading]]:
    found: dict[str, dict[str, Reading]] = defaultdict(dict)
    for reading in readings:
        found[reading.subject][reading.indicator] = reading
    return found


def _tasks(period: Period, organisation: Organisation, book: SchemeBook, problems: list[Problem]) -> list[_Task]:
    """One for each assignment in the period that a card can be resolved for."""
    tasks = []
    for payee in organisation.codes:
        for assignment, part in organisation.assignments_in(payee, period):
            try:
                card = book.at(part.start).resolve(
                    period=part,
                    role=assignment.role,
                    product_line=assignment.product_line,
                    tier=assignment.tier,
                    units=organisation.path(assignment.unit, part.start) if organisation.units else (),
                )
                tasks.append(_Task(assignment=assignment, part=part, card=card))
            except LoanPerfError as error:
                problems.append(_problem(f"payee {payee} in {part}", error))
    return tasks


def _problem(where: str, error: LoanPerfError) -> Problem:
    fault, _, remedy = str(error).partition("; ")
    return Problem(where, fault, "", remedy)


def _measured(
    period: Period,
    facts: Facts,
    organisation: Organisation,
    tasks: list[_Task],
    supplied: bool,
    problems: list[Problem],
) -> dict[tuple[Period, str], dict[str, Reading]]:
    """Readings by part of the period and payee; each part is measured once for all who share it."""
    if supplied and not len(facts):
        return {}
    parts: dict[Period, dict[str, Indicator]] = defaultdict(dict)
    currencies = {task.part: task.card.currency for task in tasks}
    for task in tasks:
        looked_at = (*task.card.others, *(line.indicator for line in task.card.lines))
        parts[task.part] |= {item.code: item for item in looked_at if item.measure is not None}
    readings: dict[tuple[Period, str], dict[str, Reading]] = {}
    for part, indicators in parts.items():
        try:
            measured: Measured = measure(
                facts, part, indicators.values(), currency=currencies[part], organisation=organisation
            )
        except EmptyPeriodError as error:
            if part == period and not supplied:
                raise
            problems.append(_problem(f"{part}", error))
            continue
        problems += measured.problems
        readings |= {(part, payee): measured.of(payee) for payee in organisation.codes}
    return readings


def _result(period: Period, task: _Task, readings: dict[str, Reading], goals: tuple[Target, ...], name: str) -> Result:
    payee, card = task.assignment.payee, task.card
    whole = {goal.indicator: goal.value for goal in goals if goal.payee == payee}
    kinds = {line.indicator.code: line.indicator.kind for line in card.lines}
    stated = {line.indicator.code: line.target for line in card.lines if line.target is not None}
    targets: dict[str, Quantity] = {
        code: prorate(target, kinds[code], task.part, period) if code in kinds and task.part != period else target
        for code, target in {**stated, **whole}.items()
    }
    appraisal = appraise(card, targets, readings, payee=payee)
    days = None if task.part == period else (task.part.days, period.days)
    bonus = None if card.bonus is None else award(card.bonus, appraisal, month=task.assignment.salary, days=days)
    return Result(payee=payee, name=name, assignment=task.assignment, part=task.part, appraisal=appraisal, award=bonus)


def _payments(period: Period, results: list[Result]) -> tuple[Payment, ...]:
    """One a payee: the sum of the awards of its roles."""
    totals: dict[tuple[str, str], Money] = {}
    for result in results:
        if result.award is not None:
            key = (result.appraisal.card.scheme, result.payee)
            amount = result.award.amount
            totals[key] = totals[key] + amount if key in totals else amount
    return tuple(
        Payment(key=f"{scheme}/{period}/{payee}", payee=payee, period=period, amount=amount)
        for (scheme, payee), amount in totals.items()
        if amount.units > 0
    )
