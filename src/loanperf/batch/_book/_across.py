"""Across: a tape, and the tables of events and balances -> what both of them say, so that it counts once.

A row that says what the tape says is a repeat. Where it says something else, nothing tells which of the two is true,
and both rows are refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TypeAlias

import numpy as np

from loanperf._facts import Category, EventKind
from loanperf._tables._columns import Column, Table, Truth, day_number
from loanperf._tables._joins import rows_in
from loanperf.batch._book._checks import Checked, is_there
from loanperf.batch._book._repeats import Rows

Told: TypeAlias = "tuple[Rows, Rows, Truth]"
"""Rows of a table, the rows of the tape that speak of the same, and whether they say the same."""
_DATED: Mapping[EventKind, tuple[str, str]] = {
    EventKind.DUE_DILIGENCE: ("due_diligence_on", ""),
    EventKind.SIGNED: ("signed_on", "signed"),
    EventKind.DISBURSED: ("disbursed_on", "disbursed"),
    EventKind.CANCELLED: ("cancelled_on", ""),
}
"""The columns of a tape that stand for an event: its day and its amount."""
_STATES: Mapping[EventKind, tuple[str, str]] = {
    EventKind.CLASSIFIED: ("category", "category"),
    EventKind.PAST_DUE: ("days_past_due", "days"),
    EventKind.RESCHEDULED: ("rescheduled", ""),
}
"""The columns of a tape that stand for an event on the book's day, and what such an event says."""


def tell_once(checked: Mapping[str, Checked], currency: str, as_of: date | None) -> None:
    """Leave out rows of events and balances that a tape has said, and rows of both that contradict each other."""
    tape = checked.get("loans")
    if tape is None or not tape.table.rows:
        return
    for name, met in (("events", _events), ("balances", _balances)):
        if name not in checked:
            continue
        table, told = checked[name], [*met(checked[name], tape, as_of)]
        for rows, taped, same in told:
            for row, of_tape in zip(rows[~same].tolist(), taped[~same].tolist(), strict=True):
                (fact,), facts = table.facts(row, currency, as_of), tape.facts(of_tape, currency, as_of)
                (twin,) = (item for item in facts if item.key == fact.key)
                table.refuse(row, (fact,), fact, 2)
                tape.refuse(of_tape, facts, twin, 2)
        for rows, taped, same in told:
            table.drop_repeats(rows[same & tape.kept[taped]])


def _events(events: Checked, tape: Checked, as_of: date | None) -> Iterator[Told]:
    """The events that a tape stands for as well."""
    table, loans = events.table, tape.table
    unnumbered = events.kept.copy()
    if "number" in table:
        blank = np.array([*(word == "" for word in table["number"].words), True])
        unnumbered &= blank[table["number"].values]
    for kind in EventKind:
        of_kind = unnumbered & (table["kind"].values == _code(table["kind"], kind.value))
        if kind in _DATED and _DATED[kind][0] in loans:
            on, amount = _DATED[kind]
            rows, taped = _joined(table, np.flatnonzero(of_kind), tape)
            met = is_there(loans[on])[taped] & (loans[on].values[taped] == table["on"].values[rows])
            rows, taped = rows[met], taped[met]
            yield rows, taped, _same(table, "amount" if amount else "", rows, loans, amount, taped)
        elif kind in _STATES and _STATES[kind][0] in loans and as_of is not None:
            stated, detail = _STATES[kind]
            of_kind &= table["on"].values == day_number(as_of)
            rows, taped = _joined(table, np.flatnonzero(of_kind), tape)
            met = _is_stated(loans[stated])[taped]
            rows, taped = rows[met], taped[met]
            yield rows, taped, _same(table, detail, rows, loans, stated, taped)


def _is_stated(column: Column) -> Truth:
    """In which rows a column of a tape stands for an event."""
    nothing = _code(column, Category.NORMAL.value) if column.kind == "text" else 0
    found: Truth = is_there(column) & (column.values != nothing)
    return found


def _balances(balances: Checked, tape: Checked, as_of: date | None) -> Iterator[Told]:
    """The balances that a tape stands for as well."""
    table, loans = balances.table, tape.table
    if as_of is None or "balance" not in loans:
        return
    rows, taped = _joined(table, np.flatnonzero(balances.kept & (table["on"].values == day_number(as_of))), tape)
    met = is_there(loans["balance"])[taped]
    rows, taped = rows[met], taped[met]
    same = _same(table, "outstanding", rows, loans, "balance", taped)
    yield rows, taped, same & _same(table, "overdue", rows, loans, "overdue", taped)


def _joined(table: Table, rows: Rows, tape: Checked) -> tuple[Rows, Rows]:
    """The rows whose loan is on the tape, and where."""
    if not rows.size:
        return rows, rows
    kept = np.flatnonzero(tape.kept)
    found = rows_in(tape.table["loan"].rows(kept), table["loan"].rows(rows))
    return rows[found >= 0], kept[found[found >= 0]]


def _code(column: Column, word: str) -> int:
    return column.words.index(word) if word in column.words else -2


def _same(table: Table, mine: str, rows: Rows, loans: Table, theirs: str, taped: Rows) -> Truth:
    """Whether cells of two tables say the same; no column says nothing, and so does no value."""
    if not mine:
        return np.ones(len(rows), dtype=np.bool_)
    one = table[mine].rows(rows) if mine in table else None
    other = loans[theirs].rows(taped) if theirs in loans else None
    if one is None or other is None:
        there = one if one is not None else other
        return ~is_there(there) if there is not None else np.ones(len(rows), dtype=np.bool_)
    values = one.values
    if one.kind == "text":
        values = np.array([*(_code(other, word) for word in one.words), -1])[values]
    same: Truth = (values == other.values) & (is_there(one) == is_there(other))
    return same
