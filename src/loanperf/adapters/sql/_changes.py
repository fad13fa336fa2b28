"""Changes: rows that were taken behind a mark -> what they may say else of loans."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, false, func, not_, or_, select, type_coerce
from sqlalchemy.types import NullType

from loanperf._feeds import FactChange
from loanperf._kinds import KINDS
from loanperf.adapters.sql._rows import CONTRADICTION, PROBLEM, said_of
from loanperf.adapters.sql._schema import cursors, facts
from loanperf.adapters.sql._stored import UNREADABLE, raw_rows, read

APART = "\x1f"
"""What stands behind each loan of which a row said something before."""
_DAYS: Mapping[str, str] = {
    name: "on_day" if kind.on == "on" else kind.on for name, kind in KINDS.items() if kind.domain == "loan"
}
"""By kind of facts of loans, the column of their day."""


_NAMES = sorted({*_DAYS.values()})
_PLACES: Mapping[str, int] = {form: _NAMES.index(name) for form, name in _DAYS.items()}


def changes_since(connection: Connection, company: str, since: int) -> tuple[FactChange, ...] | None:
    """The loans that may have changed by rows taken since a mark; None if a source was new, when any loan may have.

    Raises:
        StoreError: a row says nothing that was ever written.
    """
    begun = select(func.max(cursors.c.begun)).where(cursors.c.company == company)
    if int(connection.execute(begun).scalar() or 0) > since:
        return None
    mine = (facts.c.company == company) & (facts.c.mark > since)
    of_loans = or_(*(facts.c.form == form for form in _DAYS))
    plain = of_loans & (facts.c.again == false()) & facts.c.loans_before.is_(None)
    day = case(*((facts.c.form == form, facts.c[column]) for form, column in _DAYS.items()))
    kind = func.coalesce(facts.c.kind, facts.c.form)
    rows = _raw(connection, mine, facts.c.loan, kind, day, case((plain, 0), else_=1))
    told = dict.fromkeys(chain.from_iterable(rows))
    changes = dict.fromkeys(found[:3] for found in told if not found[3])
    if len(changes) < len(told):
        changes |= dict.fromkeys(_of_others(connection, mine & not_(plain)))
    try:
        days = {on: _day(on) for on in {on for _, _, on in changes}}
        return tuple(FactChange(loan, kind, days[on]) for loan, kind, on in changes if loan)
    except UNREADABLE:
        deque(read(connection, facts, mine), maxlen=0)  # names the row and the column
        raise


def _raw(
    connection: Connection, mine: ColumnElement[bool], *columns: ColumnElement[Any]
) -> Iterator[Sequence[Sequence[Any]]]:
    """Columns of some rows, some rows at a time, each cell as the driver gives it."""
    raw: list[ColumnElement[Any]] = [type_coerce(column, NullType()) for column in columns]
    wanted: Select[Any] = select(*raw).where(mine)
    return raw_rows(connection, wanted)


def _day(on: date | str | None) -> date:
    """A day as it is, or as SQLite keeps it; the first of all where a damaged row lacks it, which `facts` tells."""
    return date.min if on is None else date.fromisoformat(on) if isinstance(on, str) else on


def _of_others(connection: Connection, mine: ColumnElement[bool]) -> Iterator[tuple[str, str, date | str]]:
    """The changes of rows that are not plain: that said something before, cannot be used, or are of no loan."""
    forms = set[str]()
    columns = (facts.c[name] for name in ("form", "kind", "loan", "again", "loans_before", *_NAMES))
    for rows in _raw(connection, mine, *columns):
        forms.update(row[0] for row in rows)
        yield from (change for row in rows for change in _of_row(row))
    for form in sorted({PROBLEM, CONTRADICTION} & forms):
        for cells in read(connection, facts, mine, facts.c.form == form):
            _, contents = said_of(cells)
            yield from ((str(getattr(says, "loan", "")), "", date.min) for says in contents)


def _of_row(row: Sequence[Any]) -> Iterator[tuple[str, str, date | str]]:
    form, kind, loan, again, loans_before, *days = row
    if loans_before:
        yield from ((before, "", date.min) for before in loans_before.split(APART)[:-1])
    if form in _DAYS and loan:
        yield loan, kind or form, date.min if again else days[_PLACES[form]]
