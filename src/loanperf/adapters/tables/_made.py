"""Made: a source that is open -> the fact, reading, target or person that each row says, or the problem that it is."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from attrs import define, evolve, field, frozen

from loanperf._facts import fields_shown, lost_with
from loanperf._kinds import KINDS
from loanperf._org import Assignment, Unit
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES, Quantity
from loanperf._units import IS_RATIO, unit_of
from loanperf.adapters.tables._cells import Fault, How, is_bare, text_of, value_of
from loanperf.adapters.tables._given import INDICATORS, Given, Limits, Line, Opened, Place
from loanperf.adapters.tables._headings import LEFT_OUT, AskedOfColumns, Headings, headings_of
from loanperf.errors import (
    DataError,
    FactError,
    LoanPerfError,
    OrganisationError,
    Problem,
    Subject,
    shown,
    value_for,
)


@frozen
class Row:
    """A row that could be read."""

    place: Place
    values: dict[str, Any]
    """By column; an empty cell is absent."""
    heads: Mapping[str, str]
    """The columns, as the source has them."""
    table: str
    """Which of the tables it is a row of."""

    def problem(self, fault: str, found: str, remedy: str, column: str = "") -> Problem:
        """What is wrong with the row, or with one of our columns of it."""
        head = self.heads.get(column, column)
        problem = self.place.problem(fault, found, remedy, column=head, **_whose(self.values))
        return _losing(problem, self.table, self.values)


_PEOPLE = {"assignments": ("payee", "payee"), "units": ("unit", "code")}
"""By table of people: what its rows tell of, and the column of its code."""
VALUES = {"targets": "target", "readings": "reading"}
"""By table: what its rows tell of a payee and an indicator."""


def _losing(problem: Problem, table: str, values: Mapping[str, Any]) -> Problem:
    """The problem of a row with what is lost with the row: whatever lacks it follows from the problem."""
    if table in VALUES and {"payee", "indicator"} <= values.keys():
        lost = value_for(values["indicator"], values["payee"], values.get("period"))
        return evolve(problem, loses=(VALUES[table], lost))
    if table in KINDS:
        return evolve(problem, loses=lost_with(table, values))
    subject, column = _PEOPLE.get(table, ("", ""))
    return evolve(problem, loses=(subject, values[column])) if column in values else problem


def _whose(values: Mapping[str, Any]) -> dict[str, str]:
    """The loan and payee of a row, as far as they are known."""
    loan, payee = values.get("loan", ""), values.get("payee", values.get("officer", ""))
    return {"loan": loan, "payee": payee}


def rows_of(source: Opened, asked: AskedOfColumns, limits: Limits) -> Iterator[Row | Problem]:
    """Each row of a source, in order; rows without any text are passed over.

    Where a column of ratios holds a bare number above 1, every bare number of that column is a problem, since it may
    be a percentage as well.
    """
    if len(source.headings) > limits.columns:
        fault = f"it has {len(source.headings)} columns, and {limits.columns} are the most"
        raise DataError(source.top, fault, "check that it is a table, or allow more in Python: Limits(columns=...)")
    written = [heading.strip() for heading in source.headings]
    headings = headings_of(source.top, source.title, written, asked)
    bare, always = _Bare(), tuple(asked.always.values())
    rows = (
        row if isinstance(row, Problem) else _row(asked.table, headings, _with(row, always), bare, limits)
        for row in _first(source, limits.rows)
        if isinstance(row, Problem) or any(map(_is_there, row.cells))
    )
    return bare.refused(tuple(rows)) if bare.looked_for(headings) else rows


def _with(line: Line, always: Sequence[str]) -> Line:
    """A row with the cells that the host says are always so."""
    return Line(line.place, (*line.cells, *always)) if always else line


def _first(source: Opened, most: int) -> Iterator[Given]:
    """The rows, as long as there are not too many."""
    for count, row in enumerate(source.rows, 1):
        if count > most:
            fault = f"it has more than {most} rows"
            raise DataError(source.title, fault, "split it, or allow more in Python: Limits(rows=...)")
        yield row


def _is_there(cell: object) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


@define
class _Bare:
    """Numbers without a unit in columns that hold ratios as they stand."""

    cells: dict[Place, dict[str, str]] = field(factory=dict)
    """The text of such cells by row, then by column and indicator."""
    above_1: set[str] = field(factory=set)
    """The columns and indicators of which one is above 1."""

    def looked_for(self, headings: Headings) -> bool:
        """Whether a column states that its plain numbers are ratios."""
        units = (how.unit for name, how in headings.how.items() if headings.columns[name].kind in ("share", "value"))
        return any(unit is not None and unit_of("share", unit) == IS_RATIO for unit in units)

    def take(self, place: Place, key: str, text: str, value: object) -> None:
        """Take note of a cell."""
        if is_bare(text):
            self.cells.setdefault(place, {})[key] = text
            if isinstance(value, Fault) and value.above_1:
                self.above_1.add(key)

    def refused(self, rows: Sequence[Row | Problem]) -> Iterator[Row | Problem]:
        """The rows, of which those are problems whose number may be a percentage as well."""
        for row in rows:
            mine = {} if isinstance(row, Problem) else self.cells.get(row.place, {})
            doubtful = [key for key in mine if key in self.above_1]
            if isinstance(row, Problem) or not doubtful:
                yield row
                continue
            column = doubtful[0].partition("\n")[0]
            fault = "its column holds bare ratios above 1, so that this one may be a percentage too"
            remedy = "write each with its sign, like 60%, or name the unit of the column, such as '(%)'"
            yield row.problem(fault, shown(mine[doubtful[0]]), remedy, column)


def _row(table: str, headings: Headings, line: Line, bare: _Bare, limits: Limits) -> Row | Problem:
    values, faults = _values(headings, line, bare, limits)
    place = line.place
    if not faults:
        return Row(place, values, headings.heads, table)
    if len(faults) == 1:
        ((written, fault),) = faults.items()
        problem = place.problem(fault.fault, fault.found, fault.remedy, column=written, **_whose(values))
        return _losing(problem, table, values)
    found = {written: f" (found {fault.found})" if fault.found else "" for written, fault in faults.items()}
    several = ", and ".join(f"column {written}: {fault.fault}{found[written]}" for written, fault in faults.items())
    remedies = ", and ".join(dict.fromkeys(fault.remedy for fault in faults.values()))
    return _losing(place.problem(several, "", remedies, **_whose(values)), table, values)


def _values(headings: Headings, line: Line, bare: _Bare, limits: Limits) -> tuple[dict[str, Any], dict[str, Fault]]:
    """The values by column, and the faults by column as the source names it; a currency goes into the amounts."""
    values: dict[str, Any] = {}
    faults: dict[str, Fault] = {}
    columns = headings.columns
    cells = {name: cell for name, cell in zip(headings.names, line.cells, strict=True) if name != LEFT_OUT}
    texts = {name: text_of(cell, columns[name].kind, limits.cell_characters) for name, cell in cells.items()}
    stated, code = (_text(texts.get(name)) for name in ("currency", "indicator"))
    # Of a currency that is at fault the plain amounts are no fault of their own; with CNY they are read.
    currency = stated if not stated or stated in CURRENCIES else "CNY"
    code = INDICATORS.get(code, code)
    for name, text in texts.items():
        column, written = columns[name], headings.heads[name]
        if isinstance(text, Fault):
            faults[written] = text
        elif text:
            how = headings.how[name]
            if not isinstance(cells[name], str):  # numbers and days that are no text are written in one way
                how = How(how.unit, ".")
            value = value_of(column, text, currency, how, code)
            if column.kind in ("share", "value"):
                bare.take(line.place, f"{name}\n{code}", text, value)
            if isinstance(value, Fault):
                faults[written] = value
            elif column.kind != "currency":
                values[name] = value
        elif column.required:
            faults[written] = Fault("it is empty", "", f"every row needs it: {column.meaning}")
    return values, faults


def _text(text: str | Fault | None) -> str:
    return text if isinstance(text, str) else ""


@frozen
class Stated:
    """A value of an indicator for a payee: a reading or a target."""

    payee: str
    indicator: str
    value: Quantity
    period: Period | None = None
    table: str = ""
    """Which of the tables says it."""


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
        if isinstance(same[0][1], Assignment) and same[0][1].primary:
            remedy += ", or write no under primary in one that is held beside the other"
        problems += [
            evolve(
                place.problem(fault, fields_shown(item), remedy, payee=getattr(item, "payee", "")), loses=_lost(item)
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
