"""Books: facts of a database -> books of columns, one after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, select

from loanperf.adapters.sql._schema import FIELDS, column_of
from loanperf.adapters.sql._schema import facts as facts_table
from loanperf.adapters.sql._scope import Scope
from loanperf.batch import Book
from loanperf.batch._book._forms import Kind
from loanperf.batch._tables._columns import EPOCH, Column
from loanperf.errors import DataError, shown

_OF_LOANS = ("loans", "events", "balances", "credits")
_AT_ONCE = 50_000
_PLACES = 10**12
"""Units in a whole of shares, points and rates."""
_MOST = 2**63


def books(scope: Scope, *, currency: str, most: int) -> Iterator[Book]:
    """The facts as books of at most as many loans each; the first has what belongs to no loan too."""
    if most < 1:
        raise DataError("books", f"{most} loans make no book", "ask for one loan or more")
    with scope.reading() as connection:
        mine = facts_table.c.company == scope.company
        rest = [form for form in FIELDS if form not in _OF_LOANS]
        after = ""
        forms: Sequence[str] = [*_OF_LOANS, *rest]
        while forms:
            until = _bound(connection, mine, after, most)
            here = mine & (facts_table.c.loan > after)
            here = here if until is None else here & (facts_table.c.loan <= until)
            tables = {form: _table(connection, form, here if form in _OF_LOANS else mine) for form in forms}
            given = {form: table for form, table in tables.items() if table}
            yield Book.of(given, currency=currency, money="smallest unit")
            after = until or ""
            forms = [] if until is None else _OF_LOANS


def _bound(connection: Connection, mine: ColumnElement[bool], after: str, most: int) -> str | None:
    """The last loan of the next book; None where it is the last book."""
    loan = facts_table.c.loan
    wanted = select(loan).where(mine, facts_table.c.form == "loans", loan > after).order_by(loan)
    found = connection.execute(wanted.limit(2).offset(most - 1)).scalars().all()
    return str(found[0]) if len(found) == 2 else None


def _table(connection: Connection, form: str, here: ColumnElement[bool]) -> dict[str, Any]:
    """The columns of one form, but for those in which nothing is."""
    fields = dict(FIELDS[form])
    if "money" in fields.values():
        fields["currency"] = "currency"
    wanted = select(*(facts_table.c[column_of(name, kind)] for name, kind in fields.items()))
    connection.execution_options(yield_per=_AT_ONCE)
    cells: list[list[Any]] = [[] for _ in fields]
    with connection.execute(wanted.where(here, facts_table.c.form == form)) as found:
        for part in found.partitions():
            for held, more in zip(cells, zip(*part, strict=True), strict=True):
                held.extend(more)
    columns = zip(fields.items(), cells, strict=True)
    return {name: _column(form, name, kind, held) for (name, kind), held in columns if _there(held)}


def _there(cells: Sequence[Any]) -> bool:
    return any(cell is not None for cell in cells)


def _column(form: str, name: str, kind: Kind, cells: Sequence[Any]) -> Any:
    missing = np.fromiter((cell is None for cell in cells), dtype=np.bool_, count=len(cells))
    match kind:
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
    units = Fraction(text) * _PLACES
    if units.denominator != 1 or abs(units) >= _MOST:
        fault = f"{shown(text)} is no decimal of 12 places"
        raise DataError(f"column {form}.{name}", fault, "work these facts by rows: SqlFacts.facts")
    return int(units)
