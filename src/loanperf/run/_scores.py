"""Scores: (tasks, readings, what the host says) -> appraisals and awards of everybody, as columns; rows when asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from math import lcm

from attrs import evolve, field, frozen

from loanperf._appraisal import (
    Appraisal,
    Appraisals,
    Calibrated,
    Piece,
    ScoredColumns,
    appraise,
    appraise_columns,
    error_of,
    readings_of,
)
from loanperf._bonus import Award, Awards, award, award_columns, award_error
from loanperf._indicators import Indicator, Reading, Readings
from loanperf._numbers import Places, Truth, marked, nowhere, whole
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES, Money
from loanperf._scorecard import Card, Grade
from loanperf._tables._columns import CameAs, Column, Table
from loanperf._tables._values import of_whole
from loanperf.errors import AwardError, LoanPerfError, Problem
from loanperf.goals import UsedVersion
from loanperf.run._results import Result, ResultNumbers, Results, columns_of, may_be_limited
from loanperf.run._supplied import NOTHING, Own, Supplied
from loanperf.run._tasks import Task, looked_at, units_looked_at

Progress = Callable[[int, int], None]
Fault = tuple[Task, LoanPerfError]
"""An assignment without a result, and why."""
_FEW = 2**32
"""One denominator for all rows is no larger; beyond it each row has its own."""


@frozen(eq=False, kw_only=True)
class Scores:
    """What everybody scored and is awarded in a period; a row an assignment of which nothing is refused beforehand."""

    period: Period
    tasks: Sequence[Task]
    """One a row."""
    owns: Mapping[int, Own]
    """What the host says of rows."""
    organisation: Organisation
    measured: Mapping[Period, Readings]
    """By part of the period."""
    appraised: Appraisals
    awarded: Awards | None
    """None where no card has a bonus plan."""
    ok: Truth
    """By card, whether its payee could be scored, and awarded where there is a bonus plan."""
    used: Mapping[tuple[str, Period], tuple[UsedVersion, ...]] = field(factory=dict)
    """By payee and days: which versions of targets and plan documents hold."""
    calibrated: Mapping[int, Calibrated] = field(factory=dict)
    """By row: what people decided about the result."""
    unfit: Sequence[int] = ()
    """The rows without a bonus plan of which what they decided does not fit the card."""

    def result(self, row: int) -> Result:
        """What a row came to, worked again for that row alone, down to the facts.

        Raises:
            LoanPerfError: what `appraise` and `award` raise.
        """
        task, appraisal = self.tasks[row], self.appraisal(row)
        held, decided = task.assignment, self.calibrated.get(row)
        paid: Award | None = None
        if task.card.bonus is not None:
            how = {"month": held.salary, "base": held.base}
            paid = award(task.card.bonus, appraisal, **how, days=self.days(task), calibrated=decided)
        elif decided is not None:
            decided.grade_of(appraisal.grade, task.card)  # refused here, since no award refuses it
        name = self.organisation.name(task.payee)
        used = self.used.get((task.payee, task.part), ())
        return Result(
            payee=task.payee,
            name=name,
            assignment=held,
            part=task.part,
            appraisal=appraisal,
            award=paid,
            agreed=used,
            calibrated=decided,
        )

    def appraisal(self, row: int) -> Appraisal:
        """The appraisal of a row, worked again for that row alone.

        Raises:
            LoanPerfError: what `appraise` raises.
        """
        task, own = self.tasks[row], self.owns.get(row, NOTHING)
        return appraise(own.card(task, self.period), own.targets, self.readings(row), payee=task.payee)

    def readings(self, row: int) -> dict[str, Reading]:
        """What was measured of a row, and in its place what the host says."""
        task = self.tasks[row]
        found = self.measured[task.part].of(task.payee) if task.part in self.measured else {}
        mine = {item.code: found[item.code] for item in looked_at(task.card) if item.code in found}
        mine |= readings_of_units(task, self.organisation, self.measured, {})
        return {**mine, **self.owns.get(row, NOTHING).readings}

    def days(self, task: Task) -> tuple[int, int] | None:
        """The days of an assignment and of the period; None where they are the same."""
        return None if task.part == self.period else (task.part.days, self.period.days)

    def faults(self) -> Iterator[Fault]:
        """The rows without a result, and why."""
        for row, kind, code in self.appraised.faulty:
            task = self.tasks[row]
            given = readings_of(task.card, self.readings(row), task.payee)
            yield task, error_of(kind, code, task.card, given, self.owns.get(row, NOTHING).checked, task.payee)
        for row in self.unfit:
            yield self.tasks[row], self._error(row)
        for row, lacking, code in () if self.awarded is None else self.awarded.faulty:
            task, held = self.tasks[row], self.tasks[row].assignment
            if task.card.bonus is None:
                continue
            base = {"month": held.salary, "share": held.base, "amount": None}[task.card.bonus.unit]
            if lacking == "calibration" or (base is not None and base.currency != task.card.currency):
                yield task, self._error(row)
            else:
                yield task, award_error(lacking, code, partial(self.appraisal, row), base, self.days(task))

    def _error(self, row: int) -> LoanPerfError:
        """What working a row by itself raises."""
        try:
            self.result(row)
        except LoanPerfError as error:
            return error
        raise AssertionError(f"{self.tasks[row].payee} has a result")

    def results(self, problems: tuple[Problem, ...], came_as: CameAs) -> Results:
        """The rows that have a result, in order."""
        places = [row for row, good in enumerate(self.ok.tolist()) if good]
        found = Results(
            payees=tuple(self.tasks[row].payee for row in places),
            awards=Awards.gathered(()),
            problems=problems,
            came_as=came_as,
            shown=partial(self._columns, places),
            numbers=partial(self._numbers, places),
            made=lambda place: self.result(places[place]),
        )
        if self.awarded is None:
            return found
        # Who has an award has a result.
        paid = self.awarded.ok.tolist()
        of_result = [place for place, row in enumerate(places) if paid[row]]
        columns = self.awarded.columns
        there = ~nowhere(len(of_result))
        of_results = _OfResults(found, of_result)
        amount, plans = columns["amount"].values, self.awarded.plans
        awards = Awards(known=columns, amount=amount, ok=there, plans=plans, award=of_results)
        return evolve(found, awards=awards)

    def _grade(self, row: int) -> str | None:
        """The code of the grade of a row."""
        grade = _grade_of(self.tasks[row], int(self.appraised.grade[row]))
        return None if grade is None else grade.code

    def score(self, row: int) -> Fraction:
        """The score of a row that has one, in points."""
        return Fraction(int(self.appraised.score[row]), 10**self.appraised.places)

    def final_grade(self, row: int) -> Grade | None:
        """The grade that counts for pay: the calibrated one if there is one; its coefficient multiplies the bonus."""
        return _grade_of(self.tasks[row], int(self.appraised.grade[row]), self.calibrated.get(row))

    def _final_grade(self, row: int) -> str | None:
        """The code of the grade of a row after calibration."""
        grade = self.final_grade(row)
        return None if grade is None else grade.code

    def _numbers(self, rows: Sequence[int]) -> Sequence[ResultNumbers]:
        """The numbers of `Results.numbers`."""
        limited = {task.place: may_be_limited(task.card) for task in self.tasks}
        unit = 10**self.appraised.places
        return [
            ResultNumbers(
                payee=self.tasks[row].payee,
                days=self.tasks[row].part.days,
                score=Fraction(int(self.appraised.score[row]), unit),
                grade=self._grade(row),
                may_be_limited=limited[self.tasks[row].place],
            )
            for row in rows
        ]

    def _columns(self, rows: Sequence[int]) -> Mapping[str, Column]:
        """The columns of `Results.frame`."""
        tasks, scores, unit = [self.tasks[row] for row in rows], self.appraised.score, 10**self.appraised.places
        paid = self.awarded
        return columns_of(
            [(self.organisation.name(task.payee), task.assignment, task.part) for task in tasks],
            [Fraction(int(scores[row]), unit) for row in rows],
            [[*map(self._grade, rows)], [*map(self._final_grade, rows)]],
            [
                Money.from_units(int(paid.amount[row]), task.card.currency)
                if paid is not None and paid.ok[row]
                else None
                for row, task in zip(rows, tasks, strict=True)
            ],
        )


@frozen
class _OfResults:
    """The awards of results."""

    results: Results
    places: Sequence[int]

    def __call__(self, place: int) -> Award:
        found = self.results[self.places[place]].award
        if found is None:
            raise AssertionError(f"result {place} has an award")
        return found


# ── working them ────────────────────────────────────────────────────────────────────────────────────────────


def scored(
    period: Period,
    tasks: Sequence[Task],
    organisation: Organisation,
    measured: Mapping[Period, Readings],
    supplied: Supplied,
    progress: Progress | None,
    decides: Callable[[Scores], Mapping[int, Calibrated]] | None = None,
) -> tuple[Scores | None, list[Fault]]:
    """Appraise and award everybody.

    Args:
        period: what is worked.
        tasks: the assignments, in order of payee and date.
        organisation: knows names.
        measured: readings by part of the period.
        supplied: what the host says.
        progress: called now and then with how many assignments are done, and how many there are.
        decides: gives, by row of what was scored, what people decided about the result after it was computed;
            None where nobody did.

    Returns:
        Scores, None where there is no row, and why assignments have no result.
    """
    kept, owns, faults = _supplied(tasks, measured, supplied, organisation)
    if not kept:
        return None, faults

    def told(done: int, _: int) -> None:
        if progress is not None:
            progress(done + len(faults), len(tasks))

    cards, rows = _cards_of(kept)
    looked = {item.code: item for card in cards.values() for item in looked_at(card)}
    columns = _columns_of(kept, owns, measured, looked, organisation)
    pays = any(card.bonus is not None for card in cards.values())
    appraised = appraise_columns(cards, rows, columns, progress=None if pays else told)
    scores = Scores(
        period=period,
        tasks=kept,
        owns=owns,
        organisation=organisation,
        measured=measured,
        appraised=appraised,
        awarded=None,
        ok=appraised.ok,
    )
    decided = {} if decides is None else decides(scores)
    awarded = None
    if pays:
        awarded = award_columns(appraised, _salaries(kept, period), calibrated=decided, progress=told)
    unfit = _unfit(kept, appraised, decided)
    ok = appraised.ok & ~marked(whole(unfit), len(kept))
    if awarded is not None:
        unpaid = whole([row for row, task in enumerate(kept) if task.card.bonus is None])
        ok = ok & (awarded.ok | marked(unpaid, len(kept)))
    scores = evolve(scores, awarded=awarded, ok=ok, calibrated=decided, unfit=unfit)
    return scores, [*faults, *scores.faults()]


def _grade_of(task: Task, place: int, decided: Calibrated | None = None) -> Grade | None:
    """The grade of an assignment, after calibration where something was decided.

    Args:
        task: the assignment.
        place: of the computed grade among those of the card; -1 where there is none.
        decided: what people decided about it.

    Raises:
        AwardError: that does not fit the card.
    """
    computed = task.card.grades[place] if place >= 0 else None
    return computed if decided is None else decided.grade_of(computed, task.card)


def _unfit(tasks: Sequence[Task], appraised: Appraisals, decided: Mapping[int, Calibrated]) -> list[int]:
    """The rows without a bonus plan of which what people decided does not fit the card; of others `award` says it."""
    found = list[int]()
    for row, one in decided.items():
        if tasks[row].card.bonus is None and appraised.ok[row]:
            try:
                _grade_of(tasks[row], int(appraised.grade[row]), one)
            except AwardError:
                found.append(row)
    return found


def _supplied(
    tasks: Sequence[Task], measured: Mapping[Period, Readings], supplied: Supplied, organisation: Organisation
) -> tuple[list[Task], dict[int, Own], list[Fault]]:
    """The assignments of which nothing is refused, what the host says of them by place, and why others are refused."""
    kept, owns, faults = list[Task](), dict[int, Own](), list[Fault]()
    codes = {part: {item.code for item in found.indicators} for part, found in measured.items()}
    known: dict[tuple[Period, str], dict[str, Reading]] = {}
    for task in tasks:
        found = measured.get(task.part)
        try:
            of = dict if found is None else partial(found.of, task.payee)
            of_units = partial(readings_of_units, task, organisation, measured, known)
            own = supplied.own(task, codes.get(task.part, ()), organisation, of, of_units)
        except LoanPerfError as error:
            faults.append((task, error))
            continue
        if own is not NOTHING:
            owns[len(kept)] = own
        kept.append(task)
    return kept, owns, faults


def _cards_of(tasks: Sequence[Task]) -> tuple[dict[str, Card], Table]:
    """The cards of rows, by words, and the rows, each with its payee and card."""
    places = {task.place: task.card for task in tasks}
    words = tuple(map(str, places))
    code = {place: number for number, place in enumerate(places)}
    payees = {payee: number for number, payee in enumerate(dict.fromkeys(task.payee for task in tasks))}
    columns = {
        "payee": Column("text", whole([payees[task.payee] for task in tasks]), None, tuple(payees)),
        "card": Column("text", whole([code[task.place] for task in tasks]), None, words),
    }
    return dict(zip(words, places.values(), strict=True)), Table("rows", len(tasks), columns)


def _columns_of(
    tasks: Sequence[Task],
    owns: Mapping[int, Own],
    measured: Mapping[Period, Readings],
    looked: Mapping[str, Indicator],
    organisation: Organisation,
) -> dict[str, ScoredColumns]:
    """The readings and targets of rows, by indicator; in the place of what was measured, what the host says."""
    readings, goals = _of_payees(tasks, measured), defaultdict[str, list[Piece]](list)
    values = defaultdict[str, dict[int, Fraction | None]](dict)
    targets = defaultdict[str, dict[int, Fraction | None]](dict)
    known: dict[tuple[Period, str], dict[str, Reading]] = {}
    for row, task in enumerate(tasks):
        for code, reading in readings_of_units(task, organisation, measured, known).items():
            values[code][row] = None if reading.value is None else reading.value.value
    for row, own in owns.items():
        for code, reading in own.readings.items():
            values[code][row] = None if reading.value is None else reading.value.value
        for code, target in own.checked.items():
            targets[code][row] = target.value
    for pieces, given in ((readings, values), (goals, targets)):
        for code, numbers in given.items():
            pieces[code].append(_piece(numbers))
    return {code: ScoredColumns.laid(item, len(tasks), readings[code], goals[code]) for code, item in looked.items()}


def _of_payees(tasks: Sequence[Task], measured: Mapping[Period, Readings]) -> defaultdict[str, list[Piece]]:
    """What was measured of payees, by indicator."""
    readings, rows_of = defaultdict[str, list[Piece]](list), defaultdict[Period, list[int]](list)
    for row, task in enumerate(tasks):
        rows_of[task.part].append(row)
    for part, found in measured.items():
        places = {payee: place for place, payee in enumerate(found.payees)}
        rows = whole(rows_of[part])
        chosen: Places = whole([places[tasks[row].payee] for row in rows_of[part]])
        for item in found.indicators:
            top, below = found.exact(item.code)
            readings[item.code].append((rows, top[chosen], below if isinstance(below, int) else below[chosen]))
    return readings


def readings_of_units(
    task: Task,
    organisation: Organisation,
    measured: Mapping[Period, Readings],
    known: dict[tuple[Period, str], dict[str, Reading]],
) -> dict[str, Reading]:
    """What was measured of units above a payee, under the codes by which the card looks at them.

    Args:
        task: whose units.
        organisation: knows who is in a unit or below it on the last day.
        measured: readings by part of the period.
        known: takes the readings of units, so that each is summed once.
    """
    found, last = dict[str, Reading](), task.part.last_day
    for code, unit in units_looked_at(task, organisation).items() if task.part in measured else ():
        key = task.part, unit
        if key not in known:
            known[key] = measured[task.part].team(unit, organisation.members(unit, last))
        if code in known[key]:
            found[code] = known[key][code]
    return found


def _piece(numbers: Mapping[int, Fraction | None]) -> Piece:
    """The numbers of rows; over one denominator, where that is small."""
    common = 1
    for number in numbers.values():
        common = 0 if number is None or not common else lcm(common, number.denominator)
        if common > _FEW:
            common = 0
    given = [(0, 0) if number is None else number.as_integer_ratio() for number in numbers.values()]
    if common:
        return whole(numbers), whole([top * (common // below) for top, below in given]), common
    return whole(numbers), whole([top for top, _ in given]), whole([below for _, below in given])


def _salaries(tasks: Sequence[Task], period: Period) -> dict[str, Column]:
    """Salaries, bases and days of rows; an amount in another currency than its card is left out."""
    scale = 10 ** CURRENCIES[tasks[0].card.currency]
    found = {}
    for name, amounts in (
        ("month", [task.assignment.salary for task in tasks]),
        ("base", [task.assignment.base for task in tasks]),
    ):
        units = [
            amount.units if amount is not None and amount.currency == task.card.currency else None
            for task, amount in zip(tasks, amounts, strict=True)
        ]
        if any(unit is not None for unit in units):
            found[name] = of_whole(units, scale)
    if any(task.part != period for task in tasks):
        found["days"] = of_whole([task.part.days for task in tasks])
        found["of_days"] = of_whole([period.days for _ in tasks])
    return found
