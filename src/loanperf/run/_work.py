"""Work: (what ports said, period) -> every payee's appraisal and award."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import TypeVar

from attrs import evolve, frozen

from loanperf._appraisal import SUPPLIED, appraise
from loanperf._bonus import award
from loanperf._explanations import Label
from loanperf._facts import Facts, over_drawn
from loanperf._indicators import Indicator, Part, Reading, measure_part, must_have_facts_by, on_days_off, totals_of
from loanperf._kinds import KINDS
from loanperf._ledger import Payment
from loanperf._org import Assignment, Organisation
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf._scheme import SchemeBook
from loanperf._scorecard import Card
from loanperf._targets import Target, prorate
from loanperf.errors import DataError, LoanPerfError, MissingReadingError, Problem, problem_of
from loanperf.run._results import Blocked, Result, Run

_Given = TypeVar("_Given", Reading, Target)


@frozen(kw_only=True)
class _Task:
    assignment: Assignment
    part: Period
    card: Card


@frozen(kw_only=True)
class PeriodData:
    """What the ports say of a period."""

    period: Period
    facts: Facts
    organisation: Organisation
    schemes: SchemeBook
    supplied: tuple[Reading, ...]
    goals: tuple[Target, ...]


def work(given: PeriodData, progress: Callable[[int, int], None] | None = None) -> Run:
    """Measure, appraise and award every payee of a period.

    A payee who cannot be worked is blocked, and the others go on. Each assignment is appraised on its own days, with
    targets and bonus in proportion; flows that the host supplies are divided among them by days.
    """
    period, seen, organisation = given.period, given.facts, given.organisation
    if not given.supplied and not _needs_no_facts(given):
        must_have_facts_by(seen, period)
    tasks, unresolved = _tasks(period, organisation, given.schemes)
    measured, lost = _measured(seen, organisation, period, tasks)
    counted = {problem.fact for problem in lost}
    lost += [problem for problem in over_drawn(seen) if problem.fact not in counted]
    problems = [*strangers(organisation, period, given.supplied, given.goals), *unresolved]
    why: dict[str, list[Problem]] = defaultdict(list)
    for problem in unresolved:
        why[problem.payee].append(problem)
    results: list[Result] = []
    by_payee = _by_payee(period, given.supplied, given.goals)
    for done, task in enumerate(tasks, 1):
        payee = task.assignment.payee
        try:
            results.append(_result(period, task, organisation, measured.get((task.part, payee), {}), by_payee[payee]))
        except LoanPerfError as error:
            problems.append(_unknown(task, error, (*seen.problems, *lost)))
            why[payee].append(problems[-1])
        if progress:
            progress(done, len(tasks))
    return Run(
        period=period,
        results=tuple(results),
        problems=(*seen.problems, *lost, *dict.fromkeys(problems)),
        payments=_payments(period, [result for result in results if result.payee not in why]),
        rows=seen.rows,
        used=seen.rows - len(seen.problems) - len(lost),
        held=False,
        blocked=tuple(
            Blocked(payee=payee, why=tuple(why[payee]), bonus=bonus_of(results, payee)) for payee in sorted(why)
        ),
    )


def _unknown(task: _Task, error: LoanPerfError, refused: Iterable[Problem]) -> Problem:
    """Why an assignment has no result; a measured reading that is missing follows from a refused row of the payee."""
    payee = task.assignment.payee
    problem = problem_of(f"payee {payee} in {task.part}", error, payee=payee)
    refused = tuple(refused)
    if not isinstance(error, MissingReadingError) or any(row.loses == problem.lacks for row in refused):
        return problem
    item = _looked_at(task.card).get(error.indicator)
    totals = totals_of(item.measure) if item is not None and item.measure is not None else ()
    kinds = {_LOST_OF[total.over] for _, total in totals}
    rows = (row.loses for row in refused if row.payee == payee and row.loses is not None and row.loses[0] in kinds)
    return evolve(problem, lacks=next(rows, problem.lacks))


_LOST_OF: Mapping[str, str] = {"loan events": "loan", **{name: kind.loses for name, kind in KINDS.items()}}
"""By view: what its rows are lost with."""


def bonus_of(results: Iterable[Result], payee: str) -> tuple[Money, ...]:
    """What a payee has by bonuses of the assignments that were appraised, one a currency."""
    sums: dict[str, Money] = {}
    for result in results:
        if result.payee == payee and result.award is not None:
            amount = result.award.amount
            sums[amount.currency] = sums[amount.currency] + amount if amount.currency in sums else amount
    return tuple(sums.values())


def _needs_no_facts(given: PeriodData) -> bool:
    """Whether plans in force pay whatever happens: draws, guarantees and fixed amounts."""
    last_day = given.period.last_day
    plans = [dated.plan for dated in given.schemes.plans() if dated.holds_on(last_day)]
    return any(plan.draws or any(item.base == "fixed" for item in plan.components) for plan in plans)


def _tasks(period: Period, organisation: Organisation, book: SchemeBook) -> tuple[list[_Task], list[Problem]]:
    """One for each assignment in the period that a card can be resolved for; the others as problems.

    A scheme without weight profiles appraises nobody, and pays commissions by its plans.
    """
    tasks: list[_Task] = []
    unresolved: list[Problem] = []
    for payee in organisation.codes:
        for assignment, part in organisation.assignments_in(payee, period):
            try:
                scheme = book.at(part.start)
                if not scheme.profiles and scheme.plans:  # it pays commissions only
                    continue
                card = scheme.resolve(
                    period=part,
                    role=assignment.role,
                    product_line=assignment.product_line,
                    tier=assignment.tier,
                    units=organisation.path(assignment.unit, part.start) if organisation.units else (),
                )
                tasks.append(_Task(assignment=assignment, part=part, card=card))
            except LoanPerfError as error:
                unresolved.append(problem_of(f"payee {payee} in {part}", error, payee=payee))
    return tasks, unresolved


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
            remedy = "mend the code, or add the payee with an assignment"
            yield Problem(where, fault, repr(payee), remedy, payee=payee, lacks=("payee", payee))
    dated = [("reading", reading.indicator, reading.subject, reading.period) for reading in supplied]
    dated += [("target", goal.indicator, goal.payee, goal.period) for goal in goals]
    for kind, indicator, payee, when in dated:
        if when not in (None, period):
            fault, remedy = f"it is not for {period}", f"return {kind}s of the period"
            yield Problem(f"{kind} of {indicator} of {payee}", fault, str(when), remedy, payee=payee)


def _by_payee(
    period: Period, supplied: tuple[Reading, ...], goals: tuple[Target, ...]
) -> dict[str, tuple[list[Reading], list[Target]]]:
    found: dict[str, tuple[list[Reading], list[Target]]] = defaultdict(lambda: ([], []))
    for reading in supplied:
        if reading.period in (None, period):
            found[reading.subject][0].append(reading)
    for goal in goals:
        if goal.period in (None, period):
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
    workers, known = staff(organisation, period), set(facts.problems)
    readings: dict[tuple[Period, str], dict[str, Reading]] = {}
    lost: dict[tuple[str, ...], Problem] = {}
    for currency in set(currencies.values()):
        everything = {code: item for indicators in parts.values() for code, item in indicators.items()}.values()
        off = on_days_off(facts, period, everything, currency=currency, organisation=organisation)
        lost |= {problem.fact: problem for problem in off}
    for part, indicators in parts.items():
        found = measure_part(facts, part, indicators.values(), currency=currencies[part], organisation=workers)
        for problem in found.problems:
            if problem not in known:
                lost.setdefault(problem.fact, problem)
        readings |= {(part, payee): found.of(payee) for payee in workers.codes}
    return readings, list(lost.values())


def _looked_at(card: Card) -> dict[str, Indicator]:
    """The indicators that a card looks at, by code; others are measured for other cards."""
    return {item.code: item for item in (*card.others, *(line.indicator for line in card.lines))}


def staff(organisation: Organisation, period: Period) -> Organisation:
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
