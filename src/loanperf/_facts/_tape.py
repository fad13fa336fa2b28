"""Tape: what a wide table of loans says of each -> the events and balances that its columns stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
from attrs import evolve

from loanperf._facts._columns import EVENT_AT, EVENT_PLACES
from loanperf._facts._rows import Fact, fact_from
from loanperf._kinds import KINDS, TAPE, FactColumn, TapeColumn
from loanperf._numbers import AS_THEY_ARE, Rows, day_number, places_unlike
from loanperf._tables._columns import Column, Table, is_there
from loanperf._tables._values import constant
from loanperf.errors import FactError

_BALANCE = "balances"


@cache
def tape_columns() -> Mapping[str, FactColumn]:
    """The columns that a tape may have beside those of a loan, each with the bounds of what it stands for."""
    return MappingProxyType({name: _as_fact_column(name, column) for name, column in TAPE.items()})


def _as_fact_column(name: str, column: TapeColumn) -> FactColumn:
    kind = KINDS["events" if column.event else _BALANCE]
    if column.column not in kind.columns:
        return FactColumn(column.type, (), (), name, optional=True)
    found = kind.columns[column.column]
    return evolve(found, optional=True, within=column.needs if found.within else "")


@cache
def tape_places() -> Mapping[str, Mapping[str, str]]:
    """By place: for each of its columns the column of a tape that gives it; `""` for an event that has only a day."""
    found: dict[str, dict[str, str]] = {}
    for name, column in TAPE.items():
        found.setdefault(_BALANCE if column.event is None else EVENT_PLACES[column.event], {})[column.column] = name
    return MappingProxyType(found)


def parts_of_tape(tape: Table, loan: Column, as_of: date | None) -> Iterator[tuple[str, Rows, dict[str, Column]]]:
    """What a tape stands for beside loans: place, rows of the tape, and columns, which are those of the tape itself.

    Args:
        tape: as facts hold it, without rows that cannot be used.
        loan: the codes of its loans.
        as_of: the day on which loans stood as it says.
    """
    for place, known in tape_places().items():
        names = {column: name for column, name in known.items() if name in tape}
        if not names:
            continue
        first = next(iter(names.values()))
        rows = _said(tape[first], TAPE[first])
        columns = {column: _at(tape[name], rows) for column, name in names.items() if column}
        size = tape.rows if isinstance(rows, slice) else len(rows)
        if "on" not in columns and as_of is not None:
            columns["on"] = Column("day", constant(day_number(as_of), size, "day"))
        yield place, rows, {"loan": _at(loan, rows), **columns}


def _at(column: Column, rows: Rows) -> Column:
    return column if isinstance(rows, slice) else column.rows(rows)


def _said(column: Column, known: TapeColumn) -> Rows:
    """The rows in which a column of a tape says something: a value other than `normal`, no, or 0 days past due."""
    usual = known.usual
    if usual is None and column.missing is None:
        return AS_THEY_ARE
    if usual is None:
        rows = np.flatnonzero(is_there(column))
    else:
        code = column.words.index(usual) if usual in column.words else -1
        rows = places_unlike(column.values, code if column.kind == "text" else int(usual))
        if column.kind == "text" or column.missing is not None:
            rows = rows[is_there(column.rows(rows))]
    return AS_THEY_ARE if len(rows) == len(column) else rows


def standing_facts(cells: Mapping[str, Any], as_of: date | None) -> Iterator[Fact]:
    """The events and the balance that the cells of a row of a tape stand for.

    Args:
        cells: those that are there, as the values that facts hold.
        as_of: the day on which the loan stood so.

    Raises:
        FactError: an amount without its day, or a past-due part without a balance.
    """
    loan = cells["loan"]
    for name, column in TAPE.items():
        if name in cells and column.column != "on" and column.needs and column.needs not in cells:
            remedy = f"give {column.needs!r} as well, or leave it out"
            raise FactError(f"loan {loan}", name, str(cells[name]), remedy)
    for place, names in tape_places().items():
        said = {column: cells[name] for column, name in names.items() if name in cells}
        if not said or any(said[column] == TAPE[names[column]].usual for column in said):
            continue
        said = {"loan": loan, "on": as_of} | {column: value for column, value in said.items() if column}
        if place == _BALANCE:
            yield fact_from("balances", said)
        else:
            yield fact_from("events", said | {"kind": EVENT_AT[place].value})
