"""Run: (ports, period) -> every payee's appraisal and award. The only caller of a port.

Commissions are worked from the facts of all periods and kept in a ledger; see `loanperf.accrue` and `loanperf.settle`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import TypeVar

from attrs import evolve, frozen

from loanperf._appraisal import SUPPLIED, Appraisal, appraise
from loanperf._bonus import Award, award
from loanperf._explanations import Explanation, Label
from loanperf._facts import Facts
from loanperf._indicators import Indicator, Part, Reading, measure_part, must_have_facts_in, on_days_off
from loanperf._org import Assignment, Organisation
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf._scheme import SchemeBook
from loanperf._scorecard import Card
from loanperf._targets import Target, prorate
from loanperf.errors import DataError, LoanPerfError, PeriodError, Problem, problem_of
from loanperf.ports import FactSource, Payment, PaymentSink, PeopleSource, SchemeSource

_Given = TypeVar("_Given", Reading, Target)
_Answer = TypeVar("_Answer")


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

    def explain(self) -> Explanation:
        """Why the bonus, or without one the score, is what it is, down to the facts."""
        return self.award.explain() if self.award is not None else self.appraisal.explain()


@frozen(kw_only=True)
class Run:
    """A period worked: results, and everything that could not be used."""

    period: Period
    results: tuple[Result, ...]
    """In order of payee, then date."""
    problems: tuple[Problem, ...]
    payments: tuple[Payment, ...]
    """What was handed to the sink, or would be: one a payee with an amount above zero.

    A payee with an assignment among the problems is not in it, since a sink takes each key only once.
    """
    rows: int
    """Rows that came in."""
    used: int
    """Rows without a problem, repeats among them; each of the others has one."""
    held: bool
    """Whether payments were kept back, since rows could not be used and nobody approved."""


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
    approve: Callable[[Run], bool] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Run:
    """Measure, appraise and award every payee of a period, and hand over the payments.

    A payee who cannot be worked is a problem of the result, and the others go on. Each assignment is appraised on its
    own days, with targets and bonus in proportion; flows that the host supplies are divided among them by days.

    Args:
        period: what to work.
        facts: port to what happened.
        people: port to who works where.
        schemes: port to schemes and targets.
        payments: port that takes the payments; None is a dry run.
        approve: asked before paying where rows could not be used, since one that is missing can raise pay as well
            as lower it; without it nothing is paid then.
        progress: called with how many assignments are done and how many there are.

    Raises:
        PeriodError: `period` is no `Period`.
        DataError: a port answers with something else than it promises.
        EmptyPeriodError: no fact is dated in the period, and the host supplies no readings.
        LoanPerfError: what a port itself raises.
    """
    organisation, seen, book = _asked(period, people, facts, schemes)
    supplied, goals = tuple(facts.readings(period)), tuple(schemes.targets(period))
    if not supplied:
        must_have_facts_in(seen, period)
    tasks, unresolved = _tasks(period, organisation, book)
    measured, lost = _measured(seen, organisation, period, tasks)
    problems = [*_plans(book, period), *strangers(organisation, period, supplied, goals), *unresolved.values()]
    failed = {payee for payee, _ in unresolved}
    results: list[Result] = []
    by_payee = _by_payee(period, supplied, goals)
    for done, task in enumerate(tasks, 1):
        payee = task.assignment.payee
        try:
            results.append(_result(period, task, organisation, measured.get((task.part, payee), {}), by_payee[payee]))
        except LoanPerfError as error:
            problems.append(problem_of(f"payee {payee} in {task.part}", error))
            failed.add(payee)
        if progress:
            progress(done, len(tasks))
    done_run = Run(
        period=period,
        results=tuple(results),
        problems=(*seen.problems, *lost, *dict.fromkeys(problems)),
        payments=_payments(period, [result for result in results if result.payee not in failed]),
        rows=seen.rows,
        used=seen.rows - len(seen.problems) - len(lost),
        held=False,
    )
    return _paid(done_run, payments, approve)


def _paid(run: Run, payments: PaymentSink | None, approve: Callable[[Run], bool] | None) -> Run:
    """The run with its payments handed over, or held where a row is missing and nobody approves."""
    if run.used < run.rows and not (approve is not None and approve(run)):
        return evolve(run, held=True)
    if payments is not None and run.payments:
        payments.pay(run.payments)
    return run


def _asked(
    period: Period, people: PeopleSource, facts: FactSource, schemes: SchemeSource
) -> tuple[Organisation, Facts, SchemeBook]:
    """What the ports say, before anything is done with it."""
    if not isinstance(period, Period):
        raise PeriodError(period, "it is no Period", "pass one, such as lp.Period.parse('2026-03')")
    return (
        _answer(people.organisation(period), Organisation, "people.organisation"),
        _answer(facts.facts(period), Facts, "facts.facts"),
        _answer(schemes.schemes(), SchemeBook, "schemes.schemes"),
    )


def _answer(given: object, kind: type[_Answer], method: str) -> _Answer:
    """What a port answered, if it is what it promises."""
    if not isinstance(given, kind):
        raise DataError(f"{method}()", f"it returned a {type(given).__name__}", f"return a {kind.__name__}")
    return given


def _tasks(
    period: Period, organisation: Organisation, book: SchemeBook
) -> tuple[list[_Task], dict[tuple[str, Period], Problem]]:
    """One for each assignment in the period that a card can be resolved for; the others as problems."""
    tasks: list[_Task] = []
    unresolved: dict[tuple[str, Period], Problem] = {}
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
                unresolved[payee, part] = problem_of(f"payee {payee} in {part}", error)
    return tasks, unresolved


def _plans(book: SchemeBook, period: Period) -> Iterable[Problem]:
    """A problem where the scheme pays commissions, so that nobody takes the bonuses for all the pay there is."""
    in_force = {dated.plan.code for dated in book.plans() if dated.holds_on(period.last_day)}
    if in_force:
        where, remedy = "the scheme's commission plans", "work them with lp.accrue, lp.settle and lp.pay"
        yield Problem(where, "a run pays bonuses alone", ", ".join(sorted(in_force)), remedy)


# ── what comes in ───────────────────────────────────────────────────────────────────────────────────────────


def strangers(
    organisation: Organisation, period: Period, supplied: tuple[Reading, ...], goals: tuple[Target, ...]
) -> Iterable[Problem]:
    """A problem for each reading and target of somebody who has no part in the period, or of another period."""
    given = [("reading", reading.indicator, reading.subject) for reading in supplied]
    given += [("target", goal.indicator, goal.payee) for goal in goals]
    known = {code for code in organisation.codes if organisation.assignments_in(code, period)}
    for kind, indicator, payee in given:
        if payee not in known:
            where, fault = f"{kind} of {indicator}", "nobody of that code is assigned in the period"
            yield Problem(where, fault, repr(payee), "mend the code, or add the payee with an assignment")
    for reading in supplied:
        if reading.period not in (None, period):
            where = f"reading of {reading.indicator} of {reading.subject}"
            yield Problem(where, f"it is not for {period}", str(reading.period), "return readings of the period")


def _by_payee(
    period: Period, supplied: tuple[Reading, ...], goals: tuple[Target, ...]
) -> dict[str, tuple[list[Reading], list[Target]]]:
    found: dict[str, tuple[list[Reading], list[Target]]] = defaultdict(lambda: ([], []))
    for reading in supplied:
        if reading.period in (None, period):
            found[reading.subject][0].append(reading)
    for goal in goals:
        found[goal.payee][1].append(goal)
    return found


def _one_each(given: Iterable[_Given]) -> dict[str, _Given]:
    """A payee's readings or targets by indicator; where two differ, nothing tells which is true."""
    found: dict[str, _Given] = {}
    for item in given:
        if found.setdefault(item.indicator, item) != item:
            what = f"the {type(item).__name__.lower()} of {item.indicator!r}"
            raise DataError(what, "it is supplied twice, with two values", "supply the true one alone")
    return found


def _measured(
    facts: Facts, organisation: Organisation, period: Period, tasks: list[_Task]
) -> tuple[dict[tuple[Period, str], dict[str, Reading]], list[Problem]]:
    """Readings by part of the period and payee, and a problem for each fact at fault.

    Each part is measured once for all who share it.
    """
    if not len(facts):
        return {}, []
    parts: dict[Period, dict[str, Indicator]] = defaultdict(dict)
    currencies = {task.part: task.card.currency for task in tasks}
    for task in tasks:
        parts[task.part] |= {code: item for code, item in _looked_at(task.card).items() if item.measure is not None}
    staff, known = _staff(organisation, period), set(facts.problems)
    readings: dict[tuple[Period, str], dict[str, Reading]] = {}
    lost: dict[str, Problem] = {}
    for currency in set(currencies.values()):
        everything = {code: item for indicators in parts.values() for code, item in indicators.items()}.values()
        off = on_days_off(facts, period, everything, currency=currency, organisation=organisation)
        lost |= {problem.where: problem for problem in off}
    for part, indicators in parts.items():
        found = measure_part(facts, part, indicators.values(), currency=currencies[part], organisation=staff)
        for problem in found.problems:
            if problem not in known:
                lost.setdefault(problem.where, problem)
        readings |= {(part, payee): found.of(payee) for payee in staff.codes}
    return readings, list(lost.values())


def _looked_at(card: Card) -> dict[str, Indicator]:
    """The indicators that a card looks at, by code; others are measured for other cards."""
    return {item.code: item for item in (*card.others, *(line.indicator for line in card.lines))}


def _staff(organisation: Organisation, period: Period) -> Organisation:
    """All who work on some day of the period, as if on each: in no part of it is one of them a stranger."""
    codes = [code for code in organisation.codes if organisation.assignments_in(code, period)]
    return Organisation(
        assignments=[Assignment(payee=code, unit="any", role="any", since=period.start) for code in codes]
    )


# ── one assignment ──────────────────────────────────────────────────────────────────────────────────────────


def _with_targets(task: _Task, period: Period, goals: Mapping[str, Target]) -> Card:
    """The card with the targets of its days: the host's where there is one, each cut to the part of the period."""
    lines = []
    for line in task.card.lines:
        goal = goals.get(line.indicator.code)
        target, source = (goal.value, SUPPLIED) if goal else (line.target, line.target_source)
        if target is not None and task.part != period and line.indicator.timing == "flow":
            target = prorate(target, line.indicator.timing, task.part, period)
            days = f"{task.part.days}/{period.days}"
            source = Label(f"{source.en}, for {days} of the days", f"{source.to('zh')}，按天数 {days} 折算")
        lines.append(evolve(line, target=target, target_source=source))
    return evolve(task.card, lines=tuple(lines))


def _in_part(task: _Task, period: Period, readings: Mapping[str, Reading], held: int) -> dict[str, Reading]:
    """Readings of the period that the host supplied, flows cut to an assignment's share of `held` days."""
    share = Fraction(task.part.days, held)
    by_days = {code for code, item in _looked_at(task.card).items() if item.timing == "flow"}
    found = {code: evolve(reading, period=task.part) for code, reading in readings.items()}
    for code, reading in found.items():
        if share != 1 and code in by_days:
            part = Part(f"{period} × {task.part.days}/{held}", reading.numerator * share)
            found[code] = evolve(reading, numerator=part.amount, parts=(part,))
    return found


def _result(
    period: Period,
    task: _Task,
    organisation: Organisation,
    measured: dict[str, Reading],
    given: tuple[list[Reading], list[Target]],
) -> Result:
    held_as, supplied, goals = task.assignment, _one_each(given[0]), _one_each(given[1])
    payee = held_as.payee
    held = sum(part.days for _, part in organisation.assignments_in(payee, period))
    mine = {code: measured[code] for code in _looked_at(task.card) if code in measured}
    card, readings = _with_targets(task, period, goals), mine | _in_part(task, period, supplied, held)
    cut = {line.indicator.code: line.target for line in card.lines if line.target is not None}
    targets = {code: cut.get(code, goal.value) for code, goal in goals.items()}
    appraisal = appraise(card, targets, readings, payee=payee)
    days = None if task.part == period else (task.part.days, period.days)
    bonus = (
        None if card.bonus is None else award(card.bonus, appraisal, month=held_as.salary, base=held_as.base, days=days)
    )
    return Result(
        payee=payee,
        name=organisation.name(payee),
        assignment=task.assignment,
        part=task.part,
        appraisal=appraisal,
        award=bonus,
    )


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
