"""Tables: data frames, files and sheets -> facts, readings, people and targets, and a problem for each bad row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from attrs import evolve, field, frozen

from loanperf._facts import Facts, fact_from
from loanperf._indicators import Reading
from loanperf._kinds import KINDS
from loanperf._org import Assignment, Organisation, Payee, Unit
from loanperf._periods import Period
from loanperf._targets import Target
from loanperf.adapters.tables._csv import Csv, open_csv
from loanperf.adapters.tables._given import COLUMNS, LIMITS, Given, Limits, Line, Opened, Place, must_be_file
from loanperf.adapters.tables._headings import AskedOfColumns, must_be_table, required
from loanperf.adapters.tables._made import (
    Made,
    Row,
    Stated,
    Told,
    located,
    made_of,
    of_period,
    once,
    rows_by_subject,
    rows_of,
    told_for,
)
from loanperf.adapters.tables._workbooks import Sheet, open_sheet
from loanperf.errors import DataError, OrganisationError, Problem

ROWS_AT_A_TIME = 65_536
"""How many rows of a data frame or Parquet file are made Python's own values at a time."""


def _held(item: Assignment) -> tuple[object, ...]:
    """What tells assignments apart: those of one payee and day are one, unless one is held beside the other."""
    return (item.payee, item.since, "" if item.primary else (item.role, item.unit))


@frozen
class Parquet:
    """A Parquet file."""

    path: Path = field(converter=Path)


def source_of(given: Any) -> Any:
    """A path as the kind of file that its name says; anything else as it is."""
    if hasattr(given, "read_next_batch"):
        raise DataError(
            "sources", f"a {type(given).__name__} can be read only once", "pass what its read_all() returns"
        )
    if not isinstance(given, (str, Path)):
        return given
    path = Path(given)
    match path.suffix.lower():
        case ".csv":
            return Csv(path)
        case ".parquet":
            return Parquet(path)
        case ".xlsx":
            return Sheet(path)
        case suffix:
            remedy = "save it as .xlsx" if suffix.startswith((".xls", ".od", ".et")) else "pass .csv, .parquet or .xlsx"
            raise DataError(str(path), f"files of kind {suffix!r} are not read", remedy)


def read(source: Any, asked: AskedOfColumns, limits: Limits) -> Iterator[Row | Problem]:
    """Each row of a source, read as a table."""
    return rows_of(_opened(source, asked.table, limits), asked, limits)


def _opened(source: Any, table: str, limits: Limits) -> Opened:
    needed = f"write a first row with the columns {', '.join(required(COLUMNS[table]))}, or remove the file"
    match source:
        case Csv():
            return open_csv(source, needed, limits)
        case Sheet():
            return open_sheet(source, table, needed, limits)
        case Parquet():
            return _open_parquet(source, limits)
        case _:
            return _open_frame(source, table)


def _open_parquet(source: Parquet, limits: Limits) -> Opened:
    from loanperf._tables._frames import values_from_parquet

    must_be_file(source.path, limits)
    name = source.path.name
    shape = (limits.unpacked_bytes, limits.cells_a_byte, limits.cell_characters)
    names, parts = values_from_parquet(str(source.path), name, min(ROWS_AT_A_TIME, limits.rows), shape)
    return Opened(name, name, names, _lines(name, parts))


def _open_frame(given: Any, table: str) -> Opened:
    from loanperf._tables._frames import values_from

    names, parts = values_from(given, table, ROWS_AT_A_TIME)
    title = f"table {table}"
    return Opened(title, title, names, _lines(title, parts))


def _lines(title: str, parts: Iterator[list[list[Any]]]) -> Iterator[Given]:
    """The rows of columns; they count from 0, as data frames do."""
    number = 0
    for columns in parts:
        for cells in zip(*columns, strict=True):
            yield Line(Place(title, number), cells)
            number += 1


SaidOfTables = Mapping[str, Mapping[str, str]]
"""By table, then by heading or column."""
SAID = ("columns", "units", "decimals", "days", "always")
"""What a host may say of columns, each a field of `Tables` and `Folder`."""
_NOTHING: SaidOfTables = MappingProxyType({})
_NO_WORDS: Mapping[str, str] = MappingProxyType({})


def _frozen_sources(given: Mapping[str, Any]) -> Mapping[str, Any]:
    for table in given:
        must_be_table(table, "sources")
    return MappingProxyType({table: source_of(source) for table, source in given.items()})


@frozen(eq=False)
class Tables:
    """A `FactSource` and `PeopleSource` over tables of any kind, and a supplier of targets.

    The tables and their columns are those of `COLUMNS`; all are optional but `assignments` and one table of facts or
    readings. Each is read when it is asked for, by the same rules whatever its kind. A row that cannot be used is a
    problem of `facts`, whatever its table, and the other rows are used. `Facts.rows` counts the rows of all tables,
    and nothing is dropped: rows in = rows used + problems; rows without any text are no rows.

    Raises:
        DataError: a table, column, unit or decimal sign that there is not, a path of a kind that is not read, or a
            stream that could be read only once.

    >>> tables = Tables({"loans": {"借据号": ["L1"], "客户号": ["C1"], "经办人": ["lin"], "受理日期": ["2026-03-02"]}})
    >>> [loan.loan for loan in tables.facts(Period.month(2026, 3))]
    ['L1']
    """

    sources: Mapping[str, Any] = field(converter=_frozen_sources)
    """By name of the table: a data frame of pandas, Polars, PyArrow or DuckDB, a mapping of lists, a path of `.csv`,
    `.parquet` or `.xlsx`, a `Csv` or a `Sheet`."""
    columns: SaidOfTables = field(default=_NOTHING, kw_only=True)
    """By table: our column by the host's heading, where it is not known anyway; "" for one that is not to be read."""
    units: SaidOfTables = field(default=_NOTHING, kw_only=True)
    """By table and our column: the unit of plain numbers, such as 万元, million, % or ratio; a heading may name it."""
    decimals: SaidOfTables = field(default=_NOTHING, kw_only=True)
    """By table and our column: the sign before decimals in text, "." or ",", where 3.000 EUR may be three thousand."""
    days: SaidOfTables = field(default=_NOTHING, kw_only=True)
    """By table and our column: the form of days in text that do not begin with the year, such as dd/mm/yyyy."""
    always: SaidOfTables = field(default=_NOTHING, kw_only=True)
    """By table and our column: what stands in every row of a source that has no such column, such as the kind of events
    in a list of drawings."""
    limits: Limits = field(default=LIMITS, kw_only=True)
    """Of each source: what goes beyond is refused."""
    name: str = field(default="tables", kw_only=True)
    """What they are called together in errors."""

    def __attrs_post_init__(self) -> None:
        for what in SAID:
            for table in getattr(self, what):
                must_be_table(table, what)
                if table not in self.sources:
                    fault = f"there is no source for the table {table!r}"
                    raise DataError(what, fault, f"the sources are {', '.join(self.sources) or 'none'}")
                self._asked(table)

    def facts(self, period: Period) -> Facts:
        """Every fact, whatever the period, and the problems of all tables in their order and that of their rows.

        Raises:
            DataError: a table cannot be read at all, or there are no facts and readings.
            MissingExtraError: what a kind of source needs is not installed.
        """
        if not {*KINDS, "readings"} & set(self.sources):
            fault = f"it holds no facts and no readings (found {', '.join(self.sources) or 'no table'})"
            raise DataError(self.name, fault, f"add one at least of {', '.join(KINDS)}, readings")
        tables = [self._read(table, lambda row: fact_from(row.table, row.values, str(row.place))) for table in KINDS]
        facts = [fact for table in tables for _, fact in table.rows]
        tables += [self._values("readings"), self._values("targets"), *self._people()]
        found = Facts.of(facts)
        told = told_for((problem for table in tables for problem in table.problems), period)
        return evolve(found, problems=(*told, *found.problems), rows=sum(table.read for table in tables))

    def readings(self, period: Period) -> Told[Reading]:
        """The values of `readings` that are for the period or state none; one that is for it goes first.

        Rows that could not be used are its `problems`; `facts` tells them too.
        """
        table = self._values("readings")
        found = (
            Reading(
                indicator=stated.indicator,
                numerator=stated.value.value,
                unit=stated.value.unit,
                bare=stated.value.bare,
                subject=stated.payee,
                period=stated.period,
            )
            for stated in of_period(table, period)
        )
        return Told(tuple(found), told_for(table.problems, period))

    def targets(self, period: Period) -> Told[Target]:
        """The values of `targets` that are for the period or state none; one that is for it goes first.

        Rows that could not be used are its `problems`; `facts` tells them too.
        """
        table = self._values("targets")
        found = (
            Target(payee=stated.payee, indicator=stated.indicator, value=stated.value, period=stated.period)
            for stated in of_period(table, period)
        )
        return Told(tuple(found), told_for(table.problems, period))

    def organisation(self, period: Period) -> Organisation:
        """Units, payees and assignments, whatever the period.

        Rows that could not be used are its `problems`: whoever stands in one of `assignments` is not in it, nor is any
        other row of theirs.

        Raises:
            DataError: there is no table `assignments`, or a table cannot be read at all.
            OrganisationError: units or assignments that contradict each other, each with its rows.
        """
        if "assignments" not in self.sources:
            needed = ", ".join(required(COLUMNS["assignments"]))
            remedy = f"add one with the columns {needed}: it says who is paid, and for what role"
            raise DataError(self.name, "there is no table assignments", remedy)
        units, payees, assignments = self._people()
        # Who holds what cannot be read is not worked by the rest of what they hold.
        unread = {problem.payee for problem in assignments.problems}
        held = tuple(assignment for _, assignment in assignments.rows if assignment.payee not in unread)
        try:
            return Organisation(
                units=tuple(unit for _, unit in units.rows),
                payees=tuple(payee for _, payee in payees.rows),
                assignments=held,
                problems=(*units.problems, *payees.problems, *assignments.problems),
            )
        except OrganisationError as error:
            rows = rows_by_subject(units, assignments)
            placed = (located(problem, rows) for problem in error.problems)
            # A row that could not be read may be what the others miss.
            raise OrganisationError((*units.problems, *assignments.problems, *placed)) from None

    def _asked(self, table: str) -> AskedOfColumns:
        return AskedOfColumns(table, *(getattr(self, what).get(table, _NO_WORDS) for what in SAID))

    def _read(self, table: str, make: Callable[[Row], Any]) -> Made:
        if table not in self.sources:
            return Made()
        return made_of(read(self.sources[table], self._asked(table), self.limits), make)

    def _people(self) -> tuple[Made, Made, Made]:
        """Units, payees and assignments."""
        return (
            once(self._read("units", lambda row: Unit(**row.values)), lambda unit: (unit.code, unit.since)),
            once(self._read("payees", lambda row: Payee(**row.values)), lambda payee: payee.code),
            once(self._read("assignments", lambda row: Assignment(**row.values)), _held),
        )

    def _values(self, table: str) -> Made:
        """Readings or targets."""
        return once(
            self._read(table, lambda row: Stated(**row.values, table=row.table)),
            lambda item: (item.payee, item.indicator, str(item.period or "")),
        )
