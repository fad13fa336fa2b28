"""Rows: a source that is open -> the values of each row, or the problem that it is. One set of rules for every kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import define, evolve, field, frozen

from loanperf._facts import lost_with
from loanperf._kinds import KINDS
from loanperf._quantities import CURRENCIES
from loanperf._units import IS_RATIO, unit_of
from loanperf.adapters.tables._cells import Fault, How, is_bare, value_of
from loanperf.adapters.tables._columns import INDICATORS
from loanperf.adapters.tables._given import Given, Limits, Line, Opened, Place
from loanperf.adapters.tables._headings import LEFT_OUT, AskedOfColumns, Headings, headings_of
from loanperf.adapters.tables._natives import text_of
from loanperf.errors import DataError, Problem, shown, value_for


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

    Raises:
        DataError: its headings do not name the columns of the table, or it has more rows or columns than the limits.
    """
    if len(source.headings) > limits.columns:
        fault = f"it has {len(source.headings)} columns, and {limits.columns} are the most"
        raise DataError(source.top, fault, "check that it is a table, or allow more: Limits(columns=...)")
    written = [heading.strip() for heading in source.headings]
    headings = headings_of(source.top, source.title, written, asked)
    bare = _Bare()
    rows = (
        row if isinstance(row, Problem) else _row(asked.table, headings, row, bare, limits)
        for row in _first(source, limits.rows)
        if isinstance(row, Problem) or any(map(_is_there, row.cells))
    )
    return bare.refused(tuple(rows)) if bare.looked_for(headings) else rows


def _first(source: Opened, most: int) -> Iterator[Given]:
    """The rows, as long as there are not too many."""
    for count, row in enumerate(source.rows, 1):
        if count > most:
            fault = f"it has more than {most} rows"
            raise DataError(source.title, fault, "split it, or allow more: Limits(rows=...)")
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
