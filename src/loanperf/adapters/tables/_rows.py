"""Rows: a source that is open -> the values of each row, or the problem that it is. One set of rules for every kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from loanperf._quantities import CURRENCIES
from loanperf.adapters.tables._cells import Fault, value_of, with_unit
from loanperf.adapters.tables._given import MOST_COLUMNS, Opened, Place
from loanperf.adapters.tables._headings import LEFT_OUT, Asked, Headings, headings_of
from loanperf.adapters.tables._natives import text_of
from loanperf.errors import DataError, Problem


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


_SAYS = {
    "assignments": ("payee", "payee"),
    "units": ("unit", "code"),
    "loans": ("loan", "loan"),
    "customers": ("customer", "customer"),
}
"""By table: what its rows tell of, and the column of its code."""


def _losing(problem: Problem, table: str, values: Mapping[str, Any]) -> Problem:
    """The problem of a row with what is lost with the row: whatever lacks it follows from the problem."""
    subject, column = _SAYS.get(table, ("", ""))
    return evolve(problem, loses=(subject, values[column])) if column in values else problem


def _whose(values: Mapping[str, Any]) -> dict[str, str]:
    """The loan and payee of a row, as far as they are known."""
    loan, payee = values.get("loan", ""), values.get("payee", values.get("officer", ""))
    return {"loan": loan, "payee": payee}


def rows_of(source: Opened, asked: Asked) -> Iterator[Row | Problem]:
    """Each row of a source, in order; rows without any text are passed over.

    Raises:
        DataError: its headings do not name the columns of the table.
    """
    if len(source.headings) > MOST_COLUMNS:
        fault = f"it has {len(source.headings)} columns, and {MOST_COLUMNS} are the most"
        raise DataError(source.top, fault, "check that it is a table")
    written = [heading.strip() for heading in source.headings]
    headings = headings_of(source.top, source.title, written, asked)
    for row in source.rows:
        if isinstance(row, Problem):
            yield row
        elif any(cell is not None and (not isinstance(cell, str) or cell.strip()) for cell in row.cells):
            yield _row(asked.table, headings, row.place, row.cells)


def _row(table: str, headings: Headings, place: Place, cells: Sequence[object]) -> Row | Problem:
    values, faults = _values(headings, cells)
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


def _values(headings: Headings, cells: Sequence[object]) -> tuple[dict[str, Any], dict[str, Fault]]:
    """The values by column, and the faults by column as the source names it; a currency goes into the amounts."""
    values: dict[str, Any] = {}
    faults: dict[str, Fault] = {}
    columns = headings.columns
    texts = {
        name: text_of(cell, columns[name].kind)
        for name, cell in zip(headings.names, cells, strict=True)
        if name != LEFT_OUT
    }
    stated = texts.get("currency", "")
    # Of a currency that is at fault the plain amounts are no fault of their own; with CNY they are read.
    currency = stated if isinstance(stated, str) and (not stated or stated in CURRENCIES) else "CNY"
    for name, text in texts.items():
        column, written = columns[name], headings.heads[name]
        if isinstance(text, Fault):
            faults[written] = text
        elif text:
            unit = headings.units.get(name, "")
            value = value_of(column, with_unit(text, unit) if unit else text, currency)
            if isinstance(value, Fault):
                faults[written] = value
            elif column.kind != "currency":
                values[name] = value
        elif column.required:
            faults[written] = Fault("it is empty", "", f"every row needs it: {column.meaning}")
    return values, faults
