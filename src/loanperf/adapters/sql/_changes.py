"""Changes: rows that were taken behind a mark -> what they may say else of loans."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select, type_coerce
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
    names = ("form", "kind", "loan", "again", "loans_before", *_NAMES)
    raw: list[ColumnElement[Any]] = [type_coerce(facts.c[name], NullType()) for name in names]
    wanted: Select[Any] = select(*raw).where(mine)
    forms, told = set[str](), dict[tuple[str, str, date | str], None]()
    for rows in raw_rows(connection, wanted):
        forms.update(row[0] for row in rows)
        told |= dict.fromkeys(change for row in rows for change in _of_row(row))
    for form in sorted({PROBLEM, CONTRADICTION} & forms):
        for cells in read(connection, facts, mine, facts.c.form == form):
            _, contents = said_of(cells)
            told |= {(str(getattr(says, "loan", "")), "", date.min): None for says in contents}
    try:
        return tuple(FactChange(loan, kind, _day(on)) for loan, kind, on in told if loan)
    except UNREADABLE:
        deque(read(connection, facts, mine), maxlen=0)  # names the row and the column
        raise


def _day(on: date | str) -> date:
    """A day as it is, or as SQLite keeps it."""
    return date.fromisoformat(on) if isinstance(on, str) else on


def _of_row(row: Sequence[Any]) -> Iterator[tuple[str, str, date | str]]:
    form, kind, loan, again, loans_before, *days = row
    if loans_before:
        yield from ((before, "", date.min) for before in loans_before.split(APART)[:-1])
    if form in _DAYS and loan:
        yield loan, kind or form, date.min if again else days[_PLACES[form]]
