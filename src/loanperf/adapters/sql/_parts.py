"""Parts: facts of a database -> the same in parts, some loans at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

import numpy as np
from attrs import evolve
from sqlalchemy import ColumnElement, Connection, select, type_coerce
from sqlalchemy.types import NullType

from loanperf._facts import Authority, Fact, Facts
from loanperf._feeds import facts_of
from loanperf._kinds import KINDS, TypeName
from loanperf._tables._columns import EPOCH, Column
from loanperf.adapters.sql._rows import content_of, said_of
from loanperf.adapters.sql._schema import FIELDS, column_of, cursors
from loanperf.adapters.sql._schema import facts as facts_table
from loanperf.adapters.sql._scope import Scope
from loanperf.adapters.sql._stored import UNREADABLE, exact, read
from loanperf.errors import DataError, shown

_OF_LOANS = tuple(name for name, kind in KINDS.items() if kind.domain == "loan")
_OF_EVENTS: Mapping[str, TypeName] = {**FIELDS["events"], "currency": "currency"}
_AT_ONCE = 50_000
_PLACES = 10**12
"""Units in a whole of shares, points and rates."""
_MOST = 2**63


def parts(scope: Scope, authority: Authority, *, currency: str, most: int) -> Iterator[Facts]:
    """The facts in parts of at most as many loans each; the first has what belongs to no loan too."""
    if most < 1:
        raise DataError("parts", f"{most} loans make no part", "ask for one loan or more")
    with scope.reading() as connection:
        mine = facts_table.c.company == scope.company
        sources = set(connection.execute(select(cursors.c.source).where(cursors.c.company == scope.company)).scalars())
        rest = [form for form in FIELDS if form not in _OF_LOANS]
        after = ""
        forms: Sequence[str] = [*_OF_LOANS, *rest]
        while forms:
            until = _bound(connection, mine, after, most)
            here = mine & (facts_table.c.loan > after)
            here = here if until is None else here & (facts_table.c.loan <= until)
            tables = {form: _table(connection, form, here if form in _OF_LOANS else mine) for form in forms}
            compared = None
            if len(sources) > 1 or authority.stated:
                compared = _compared(connection, here, authority, sources)
                tables["events"] = _columns(
                    "events", _OF_EVENTS, [*zip(*map(_cells, compared), strict=True)] or [()] * len(_OF_EVENTS)
                )
            given = {form: table for form, table in tables.items() if table}
            part = Facts.read(given, currency=currency, money="smallest unit")
            yield part if compared is None else _with_problems(part, compared)
            after = until or ""
            forms = [] if until is None else _OF_LOANS


def _bound(connection: Connection, mine: ColumnElement[bool], after: str, most: int) -> str | None:
    """The last loan of the next part; None where it is the last one."""
    loan = facts_table.c.loan
    wanted = select(loan).where(mine, facts_table.c.form == "loans", loan > after).order_by(loan)
    found = connection.execute(wanted.limit(2).offset(most - 1)).scalars().all()
    return str(found[0]) if len(found) == 2 else None


def _compared(connection: Connection, here: ColumnElement[bool], authority: Authority, sources: set[str]) -> Facts:
    """The events of several sources, each once, and a problem for each report that the authority does not confirm."""
    found = read(connection, facts_table, here, facts_table.c.form == "events")
    held = {(str(row["source"]), str(row["row_code"])): said_of(row) for row in found}
    return facts_of(held, authority=authority, sources=sources)


def _with_problems(part: Facts, compared: Facts) -> Facts:
    """A part with what was told of events before it was made."""
    return evolve(
        part,
        problems=(*part.problems, *compared.problems),
        rows=part.rows + compared.rows - len(compared),
        repeats=part.repeats + compared.repeats,
        refused=(*part.refused, *compared.refused),
    )


def _cells(fact: Fact) -> list[Any]:
    cells = content_of(fact)
    return [cells.get(column_of(name, of)) for name, of in _OF_EVENTS.items()]


def _table(connection: Connection, form: str, here: ColumnElement[bool]) -> dict[str, Any]:
    """The columns of one form, but for those in which nothing is.

    Raises:
        StoreError: a cell holds what was never written, with its row.
    """
    fields = dict(FIELDS[form])
    if KINDS[form].money:
        fields["currency"] = "currency"
    raw = [type_coerce(facts_table.c[column_of(name, of)], NullType()) for name, of in fields.items()]
    connection.execution_options(yield_per=_AT_ONCE)
    cells: list[list[Any]] = [[] for _ in fields]
    with connection.execute(select(*raw).where(here, facts_table.c.form == form)) as found:
        for part in found.partitions():
            for held, more in zip(cells, zip(*part, strict=True), strict=True):
                held.extend(more)
    columns = None
    if all(_are_written(of, held) for of, held in zip(fields.values(), cells, strict=True)):
        with suppress(*UNREADABLE):
            columns = _columns(form, fields, cells)
    if columns is not None:
        return columns
    for row in read(connection, facts_table, here, facts_table.c.form == form):
        said_of(row)
    return _columns(form, fields, cells)


def _are_written(of: TypeName, cells: Sequence[Any]) -> bool:
    """Whether cells are of the kinds that a column of the database holds; an array would cut or turn others."""
    kinds = {type(cell) for cell in cells} - {type(None)}
    match of:
        case "money" | "whole":
            return kinds <= {int}
        case "truth":
            return kinds <= {bool} or (kinds <= {bool, int} and {0, 1, None} >= set(cells))
        case "day":
            return kinds <= {date} or (kinds == {str} and all(cell is None or len(cell) == 10 for cell in cells))
        case _:
            return kinds <= {str}


def _columns(form: str, fields: Mapping[str, TypeName], cells: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """The columns of a form, by what is in each of its fields."""
    columns = zip(fields.items(), cells, strict=True)
    return {name: _column(form, name, of, held) for (name, of), held in columns if _there(held)}


def _there(cells: Sequence[Any]) -> bool:
    return any(cell is not None for cell in cells)


def _column(form: str, name: str, of: TypeName, cells: Sequence[Any]) -> Any:
    missing = np.fromiter((cell is None for cell in cells), dtype=np.bool_, count=len(cells))
    match of:
        case "money" | "whole":
            return np.ma.array([cell or 0 for cell in cells], mask=missing, dtype=np.int64)
        case "truth":
            return np.ma.array([bool(cell) for cell in cells], mask=missing, dtype=np.bool_)
        case "day":
            days = [cell or EPOCH for cell in cells]
            return np.ma.array(np.array(days, dtype="datetime64[D]"), mask=missing)
        case "share" | "points" | "rate":
            numbers = [0 if cell is None else _whole(form, name, cell) for cell in cells]
            return Column("whole", np.array(numbers, dtype=np.int64), missing, (), _PLACES)
        case _:
            return np.ma.array(["" if cell is None else cell for cell in cells], mask=missing, dtype=np.str_)


def _whole(form: str, name: str, text: str) -> int:
    units = exact(text) * _PLACES
    if units.denominator != 1 or abs(units) >= _MOST:
        fault = f"{shown(text)} is no decimal of 12 places"
        raise DataError(f"column {form}.{name}", fault, "work these facts by rows: SqlFacts.facts")
    return int(units)
