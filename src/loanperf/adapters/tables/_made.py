"""Made: a row -> the fact, reading, target or person that it says, and what contradicts itself."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from attrs import evolve, frozen

from loanperf._facts import Fact, fact_from
from loanperf._org import Assignment, Payee, Unit
from loanperf._periods import Period
from loanperf._quantities import Quantity
from loanperf.adapters.tables._given import Place
from loanperf.adapters.tables._rows import VALUES, Row
from loanperf.errors import FactError, LoanPerfError, OrganisationError, Problem, Subject, shown, value_for


@frozen
class Stated:
    """A value of an indicator for a payee: a reading or a target."""

    payee: str
    indicator: str
    value: Quantity
    period: Period | None = None
    table: str = ""
    """Which of the tables says it."""


def fact_of(row: Row) -> Fact:
    """The fact that a row says."""
    return fact_from(row.table, row.values, str(row.place))


def stated_of(row: Row) -> Stated:
    """The reading or target that a row says."""
    return Stated(**row.values, table=row.table)


def assignment_of(row: Row) -> Assignment:
    """The assignment that a row says."""
    return Assignment(**row.values)


def unit_of(row: Row) -> Unit:
    """The unit that a row says."""
    return Unit(**row.values)


def payee_of(row: Row) -> Payee:
    """The payee that a row says."""
    return Payee(**row.values)


_Value = TypeVar("_Value")


@frozen
class Told(Generic[_Value]):
    """What a table says, and the rows of it that could not be used; it iterates over what it says."""

    items: tuple[_Value, ...]
    problems: tuple[Problem, ...] = ()

    def __iter__(self) -> Iterator[_Value]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


@frozen
class Made:
    """What a table held: each value with the row that it came from, and the problems."""

    rows: tuple[tuple[Place, Any], ...] = ()
    problems: tuple[Problem, ...] = ()
    read: int = 0
    """Rows that the table has, repeats and problems among them."""


def made_of(rows: Iterable[Row | Problem], make: Callable[[Row], Any]) -> Made:
    """What each row says; a row that says nothing is a problem."""
    made: list[tuple[Place, Any]] = []
    problems: list[Problem] = []
    for row in rows:
        if isinstance(row, Problem):
            problems.append(row)
        elif isinstance(found := _made(row, make), Problem):
            problems.append(found)
        else:
            made.append((row.place, found))
    return Made(tuple(made), tuple(problems), len(made) + len(problems))


def _made(row: Row, make: Callable[[Row], Any]) -> Any:
    """What a row says, or the problem that it is."""
    try:
        return make(row)
    except FactError as error:
        found = "" if error.found is None else shown(error.found)
        fault = "it is missing" if error.found is None else "it cannot be that"
        return row.problem(fault, found, error.remedy, error.name)
    except OrganisationError as error:
        first = error.problems[0]
        return row.problem(first.fault, first.found, first.remedy, first.column)
    except LoanPerfError as error:
        fault, _, remedy = str(error).partition("; ")
        return row.problem(fault, "", remedy or "mend the row")


def once(table: Made, key: Callable[[Any], Hashable]) -> Made:
    """Each value once; those that contradict each other under one key are problems, all of them."""
    said: dict[Hashable, list[tuple[Place, Any]]] = {}
    for place, item in table.rows:
        said.setdefault(key(item), []).append((place, item))
    rows: list[tuple[Place, Any]] = []
    problems = list(table.problems)
    for same in said.values():
        if all(item == same[0][1] for _, item in same):
            rows.append(same[0])
            continue
        others = ", ".join(str(place.row) for place, _ in same)
        fault, remedy = f"rows {others} contradict each other", "keep the true one"
        problems += [
            evolve(
                place.problem(fault, shown(str(item), 200), remedy, payee=getattr(item, "payee", "")), loses=_lost(item)
            )
            for place, item in same
        ]
    problems.sort(key=lambda problem: -1 if problem.row is None else problem.row)
    return evolve(table, rows=tuple(rows), problems=tuple(problems))


def _lost(item: object) -> Subject | None:
    """What is lost with a row about people, or with a reading or target."""
    match item:
        case Assignment(payee=payee):
            return ("payee", payee)
        case Unit(code=code):
            return ("unit", code)
        case Stated(payee=payee, indicator=indicator, period=period, table=table):
            return (VALUES[table], value_for(indicator, payee, period))
        case _:
            return None


def told_for(problems: Iterable[Problem], period: Period) -> tuple[Problem, ...]:
    """The problems of a table in a period: a row that is of another one loses no reading or target of this one."""
    found = []
    for problem in problems:
        kind, what = problem.loses or ("", "")
        dated = kind in VALUES.values() and what.endswith(f" {period}")
        found.append(evolve(problem, loses=(kind, what.removesuffix(f" {period}"))) if dated else problem)
    return tuple(found)


def of_period(table: Made, period: Period) -> Iterable[Stated]:
    """The values that are for a period or state none; one for the period itself goes before one without."""
    found: dict[tuple[str, str], Stated] = {}
    stated: list[Stated] = [item for _, item in table.rows]
    for item in sorted(stated, key=lambda item: item.period is not None):
        if item.period in (None, period):
            found[item.payee, item.indicator] = item
    return found.values()


def rows_by_subject(units: Made, assignments: Made) -> dict[str, list[Place]]:
    """The rows that speak of a unit or payee, by the name under which the organisation reports it."""
    rows: dict[str, list[Place]] = {}
    for place, unit in units.rows:
        rows.setdefault(f"unit {unit.code}", []).append(place)
    for place, assignment in assignments.rows:
        rows.setdefault(f"payee {assignment.payee}", []).append(place)
    return rows


def located(problem: Problem, rows: Mapping[str, list[Place]]) -> Problem:
    """A problem of the organisation with the rows that it comes from."""
    places = rows.get(problem.where, [])
    if not places:
        return problem
    numbers = ", ".join(str(place.row) for place in places)
    where = f"{places[0].source} row{'s' if len(places) > 1 else ''} {numbers}: {problem.where}"
    return evolve(problem, where=where, row=places[0].row)
