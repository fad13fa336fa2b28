"""Folder: CSV files -> facts, readings, people and targets, and a problem for each row that is none."""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable, Hashable, Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from attrs import evolve, field, frozen

from loanperf._facts import (
    Balance,
    Category,
    Credit,
    Customer,
    EventKind,
    ExchangeRate,
    Fact,
    Facts,
    Holding,
    Inquiry,
    Loan,
    LoanEvent,
    Profit,
    Rating,
    Training,
    Valuation,
    Violation,
)
from loanperf._indicators import Reading
from loanperf._org import Assignment, Organisation, Payee, Unit
from loanperf._periods import Period
from loanperf._quantities import Quantity
from loanperf._targets import Target
from loanperf.adapters.folder._cells import NO_CURRENCY, lacks_currency
from loanperf.adapters.folder._columns import COLUMNS, FACT_FILES
from loanperf.adapters.folder._rows import Row, rows_of
from loanperf.errors import DataError, FactError, LoanPerfError, OrganisationError, Problem, shown


def _is_text_encoding(_: object, __: object, encoding: str) -> None:
    try:
        "".encode(encoding)
        codecs.lookup(encoding)
    except (LookupError, ValueError):
        raise DataError(f"encoding {encoding!r}", "there is none of that name", "use utf-8 or gb18030") from None


# ── what a row becomes ──────────────────────────────────────────────────────────────────────────────────────


@frozen
class _Stated:
    """A value of an indicator for a payee: a reading or a target."""

    payee: str
    indicator: str
    value: Quantity
    period: Period | None = None


def _event(row: Row) -> LoanEvent:
    words: dict[str, Any] = {"kind": EventKind(row.values["kind"])}
    if "category" in row.values:
        words["category"] = Category(row.values["category"])
    return LoanEvent(**{**row.values, **words}, source=row.where)


def _stated(row: Row) -> _Stated | Problem:
    """A reading or target; a plain number where the catalogue counts in money is a problem."""
    stated = _Stated(**row.values)
    if lacks_currency(stated.indicator, stated.value):
        where = f"{row.where}, column {row.heads['value']}"
        return Problem(where, "the amount has no currency", str(stated.value), NO_CURRENCY)
    return stated


def _assignment(row: Row) -> Assignment:
    return Assignment(**row.values)


def _unit(row: Row) -> Unit:
    return Unit(**row.values)


def _payee(row: Row) -> Payee:
    return Payee(**row.values)


_FACT_OF: Mapping[str, Callable[[Row], Fact]] = MappingProxyType(
    {
        "loans.csv": lambda row: Loan(**row.values, source=row.where),
        "events.csv": _event,
        "balances.csv": lambda row: Balance(**row.values, source=row.where),
        "customers.csv": lambda row: Customer(**row.values, source=row.where),
        "holdings.csv": lambda row: Holding(**row.values, source=row.where),
        "profits.csv": lambda row: Profit(**row.values, source=row.where),
        "violations.csv": lambda row: Violation(**row.values, source=row.where),
        "inquiries.csv": lambda row: Inquiry(**row.values, source=row.where),
        "valuations.csv": lambda row: Valuation(**row.values, source=row.where),
        "trainings.csv": lambda row: Training(**row.values, source=row.where),
        "ratings.csv": lambda row: Rating(**row.values, source=row.where),
        "credits.csv": lambda row: Credit(**row.values, source=row.where),
        "exchange_rates.csv": lambda row: ExchangeRate(**row.values, source=row.where),
    }
)


@frozen
class _Table:
    """What a file held: each value with the row that it came from, and the problems."""

    rows: tuple[tuple[str, Any], ...] = ()
    problems: tuple[Problem, ...] = ()
    read: int = 0
    """Rows that the file has, repeats and problems among them."""


# ── the folder ──────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class Folder:
    """A `FactSource` and `PeopleSource` over a folder of CSV files, and a supplier of targets.

    The files and their columns are those of `COLUMNS`; all are optional but `assignments.csv` and one file of facts
    or readings. Each file is read when it is asked for. A row that cannot be used is a problem of `facts`, whatever
    its file, and the other rows are used. `Facts.rows` counts the rows of all files, and nothing is dropped:
    rows in = rows used + problems.

    Raises:
        DataError: there is no such folder or encoding.
    """

    path: Path = field(converter=Path)
    encoding: str = field(default="utf-8", validator=_is_text_encoding)

    def __attrs_post_init__(self) -> None:
        if not self.path.is_dir():
            fault = "it is no folder" if self.path.exists() else "there is no such folder"
            raise DataError(str(self.path), fault, "give the folder that holds the CSV files")

    def facts(self, period: Period) -> Facts:
        """Every fact of the folder, whatever the period, and the problems of all its files.

        Raises:
            DataError: a file cannot be read at all, is none that is known, or there are no facts and readings.
        """
        present = self._present()
        if not {*FACT_FILES, "readings.csv"} & set(present):
            fault = f"it holds no facts and no readings (found {', '.join(present) or 'no CSV file'})"
            remedy = f"add one at least of {', '.join(FACT_FILES)}, readings.csv"
            raise DataError(str(self.path), fault, remedy)
        tables = [self._read(file, _FACT_OF[file]) for file in FACT_FILES]
        facts = [fact for table in tables for _, fact in table.rows]
        tables += [self._values("readings.csv"), self._values("targets.csv"), *self._people()]
        found = Facts.of(facts, [problem for table in tables for problem in table.problems])
        return evolve(found, rows=sum(table.read for table in tables))

    def readings(self, period: Period) -> tuple[Reading, ...]:
        """The values of `readings.csv` that are for the period; one for the period itself goes before one for all."""
        return tuple(
            Reading(
                indicator=stated.indicator,
                numerator=stated.value.value,
                unit=stated.value.unit,
                subject=stated.payee,
                period=period,
            )
            for stated in _of_period(self._values("readings.csv"), period)
        )

    def targets(self, period: Period) -> tuple[Target, ...]:
        """The values of `targets.csv` that are for the period; one for the period itself goes before one for all."""
        return tuple(
            Target(payee=stated.payee, indicator=stated.indicator, value=stated.value)
            for stated in _of_period(self._values("targets.csv"), period)
        )

    def organisation(self, period: Period) -> Organisation:
        """Units, payees and assignments, whatever the period.

        Raises:
            DataError: there is no `assignments.csv`, or a file cannot be read at all.
            OrganisationError: units or assignments that contradict each other, each with its rows.
        """
        if "assignments.csv" not in self._present():
            required = ", ".join(name for name, column in COLUMNS["assignments.csv"].items() if column.required)
            remedy = f"add one with the columns {required}: it says who is paid, and for what role"
            raise DataError(str(self.path), "there is no assignments.csv", remedy)
        units, payees, assignments = self._people()
        try:
            return Organisation(
                units=tuple(unit for _, unit in units.rows),
                payees=tuple(payee for _, payee in payees.rows),
                assignments=tuple(assignment for _, assignment in assignments.rows),
            )
        except OrganisationError as error:
            rows = _rows_by_subject(units, assignments)
            located = (_located(problem, rows) for problem in error.problems)
            # A row that could not be read may be what the others miss.
            raise OrganisationError((*units.problems, *assignments.problems, *located)) from None

    def _present(self) -> tuple[str, ...]:
        """The CSV files of the folder, in order; an unknown one is refused, so that none is passed over unseen."""
        found = sorted(file.name for file in self.path.iterdir() if file.suffix.lower() == ".csv")
        for name in found:
            if name not in COLUMNS:
                close = get_close_matches(name.lower(), COLUMNS, 1, cutoff=0.8)
                remedy = f"rename it to {close[0]}, or move it away" if close else f"the files are {', '.join(COLUMNS)}"
                raise DataError(str(self.path / name), "no file of that name is known", remedy)
        return tuple(found)

    def _read(self, file: str, make: Callable[[Row], Any]) -> _Table:
        path = self.path / file
        if not os.path.lexists(path):  # a link that leads nowhere is opened, and fails
            return _Table()
        made: list[tuple[str, Any]] = []
        problems: list[Problem] = []
        for row in rows_of(path, COLUMNS[file], self.encoding):
            found = row if isinstance(row, Problem) else _made(row, make)
            if isinstance(found, Problem):
                problems.append(found)
            else:
                made.append((row.where, found))
        return _Table(tuple(made), tuple(problems), len(made) + len(problems))

    def _people(self) -> tuple[_Table, _Table, _Table]:
        """Units, payees and assignments."""
        return (
            _once(self._read("units.csv", _unit), lambda unit: (unit.code, unit.since)),
            _once(self._read("payees.csv", _payee), lambda payee: payee.code),
            _once(self._read("assignments.csv", _assignment), lambda item: (item.payee, item.since)),
        )

    def _values(self, file: str) -> _Table:
        """Readings or targets."""
        return _once(self._read(file, _stated), lambda item: (item.payee, item.indicator, str(item.period or "")))


def _made(row: Row, make: Callable[[Row], Any]) -> Any:
    """What a row says, or the problem that it is."""
    try:
        return make(row)
    except FactError as error:
        found = "" if error.found is None else shown(error.found)
        fault = "it is missing" if error.found is None else "it cannot be that"
        return Problem(f"{row.where}, column {row.heads.get(error.name, error.name)}", fault, found, error.remedy)
    except LoanPerfError as error:
        fault, _, remedy = str(error).partition("; ")
        return Problem(row.where, fault, "", remedy or "mend the row")


def _once(table: _Table, key: Callable[[Any], Hashable]) -> _Table:
    """Each value once; those that contradict each other under one key are problems, all of them."""
    said: dict[Hashable, list[tuple[str, Any]]] = {}
    for where, item in table.rows:
        said.setdefault(key(item), []).append((where, item))
    rows: list[tuple[str, Any]] = []
    problems = list(table.problems)
    for same in said.values():
        if all(item == same[0][1] for _, item in same):
            rows.append(same[0])
            continue
        others = ", ".join(where.rpartition(" ")[2] for where, _ in same)
        fault, remedy = f"rows {others} contradict each other", "keep the true one"
        problems += [Problem(where, fault, shown(str(item), 200), remedy) for where, item in same]
    return evolve(table, rows=tuple(rows), problems=tuple(problems))


def _of_period(table: _Table, period: Period) -> Iterable[_Stated]:
    found: dict[tuple[str, str], _Stated] = {}
    stated: list[_Stated] = [item for _, item in table.rows]
    for item in sorted(stated, key=lambda item: item.period is not None):
        if item.period in (None, period):
            found[item.payee, item.indicator] = item
    return found.values()


def _rows_by_subject(units: _Table, assignments: _Table) -> dict[str, list[str]]:
    """The rows that speak of a unit or payee, by the name under which the organisation reports it."""
    rows: dict[str, list[str]] = {}
    for where, unit in units.rows:
        rows.setdefault(f"unit {unit.code}", []).append(where)
    for where, assignment in assignments.rows:
        rows.setdefault(f"payee {assignment.payee}", []).append(where)
    return rows


def _located(problem: Problem, rows: Mapping[str, list[str]]) -> Problem:
    where = rows.get(problem.where, [])
    numbers = ", ".join(row.rpartition(" ")[2] for row in where)
    file = where[0].partition(" ")[0] if where else ""
    place = f"{file} row{'s' if len(where) > 1 else ''} {numbers}: {problem.where}" if where else problem.where
    return Problem(place, problem.fault, problem.found, problem.remedy)
