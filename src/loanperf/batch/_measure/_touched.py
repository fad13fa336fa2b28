"""Touched: loans that have rows of their own in `events` or `balances` -> how they stand, and what happened to them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import frozen

from loanperf._facts import Category, EventKind
from loanperf._tables._columns import Column, Table, Truth, Whole
from loanperf._tables._joins import as_text, rows_in
from loanperf._tables._sums import Places
from loanperf.batch._measure._people import Named, People
from loanperf.batch._measure._standing import KIND_CODES, Days, Happened, Standing, Stated, Terms, ranks, stand
from loanperf.batch._measure._tape import MILESTONES, STATES, Tape

_AMOUNTS = ("signed", "disbursed")
_CATEGORIES = {category.value: place for place, category in enumerate(Category)}


@frozen(eq=False, kw_only=True)
class Touched:
    """Loans with rows of their own, in order of rows."""

    rows: Places
    """Rows of the table `loans`."""
    standing: Standing
    doubt: Truth
    """Loans that the rows path must work."""
    officer: Places
    events: Happened
    """All of them, those of the tape too; `loan` is a place in `rows`."""
    source: Places
    """Of each event its row in the table `events`; -1 and below for one of the tape."""
    event_rows: Places
    """The place in `rows` of each row of `events`; -1 where there is no such loan."""
    balance_rows: Places
    """The same of `balances`."""


def touched_of(
    tables: Mapping[str, Table], people: People, officers: Named | None, days: Days, as_of: int | None
) -> Touched | None:
    """The loans of a book that have rows of their own; None where there is no loan or no such row.

    Args:
        tables: of the book.
        people: gets the officers to whom loans are assigned.
        officers: the column `officer` of the loans.
        days: the period.
        as_of: the book's day.
    """
    loans, events, balances = (tables.get(name) for name in ("loans", "events", "balances"))
    if loans is None or officers is None or not ((events and events.rows) or (balances and balances.rows)):
        return None
    event_loans, balance_loans = (_loans_of(loans, table) for table in (events, balances))
    marked = np.zeros(loans.rows, dtype=np.bool_)
    for found in (event_loans, balance_loans):
        marked[found[found >= 0]] = True
    rows = np.flatnonzero(marked)
    place = np.append(np.cumsum(marked) - 1, -1)
    event_rows, balance_rows = place[event_loans], place[balance_loans]
    tape = Tape(loans, rows, rows.size, days, as_of)
    told, stated = _events(events, event_rows, people), _balances(balances, balance_rows)
    taped, also_stated = _of_tape(tape), _stated_by_tape(tape)
    all_events, all_stated = _joined(told, taped), _both(stated, also_stated)
    terms = Terms(officer=officers.codes(rows), opened=tape.whole("opened_on")[0], due=tape.due())
    standing, doubt = stand(terms, all_events, all_stated, days)
    if taped.loan.size or also_stated.loan.size:
        doubt |= _twice(rows.size, all_events, all_stated)
    there = np.flatnonzero(event_rows >= 0)
    return Touched(
        rows=rows,
        standing=standing,
        doubt=doubt,
        officer=terms.officer,
        events=all_events,
        source=np.append(there, -1 - taped.kind.astype(np.intp)),
        event_rows=event_rows,
        balance_rows=balance_rows,
    )


def _loans_of(loans: Table, table: Table | None) -> Places:
    """The row of the loan that each row names."""
    if table is None or not table.rows:
        return np.zeros(0, dtype=np.intp)
    return rows_in(loans["loan"], table["loan"])


# ── rows as arrays ──────────────────────────────────────────────────────────────────────────────────────────


def _events(table: Table | None, loan: Places, people: People) -> Happened:
    """The events of loans that are there."""
    if table is None or not table.rows:
        return _no_events()
    kind = _words(table["kind"], {kind.value: code for kind, code in KIND_CODES.items()}).astype(np.int8)
    stated = _filled(table, "amount") + _filled(table, "days")
    if "category" in table:
        stated = stated + _words(table["category"], _CATEGORIES)
    if "officer" in table and people_are_named(table["officer"]):
        handed = kind == KIND_CODES[EventKind.ASSIGNED]
        stated = np.where(handed, people.named(table["officer"]).codes(slice(None)), stated)
    number = np.zeros(table.rows, dtype=np.int32)
    if "number" in table:
        numbers = as_text(table["number"])
        number = ranks(numbers.words)[numbers.values]
    every = Happened(loan=loan, kind=kind, day=table["on"].values, number=number, stated=stated)
    return every.rows(np.flatnonzero(loan >= 0))


def people_are_named(column: Column) -> bool:
    """Whether a column names anybody; one without any value says nothing of its kind."""
    return column.missing is None or not bool(column.missing.all())


def _filled(table: Table, name: str) -> Whole:
    """A column of numbers, 0 where there is none."""
    if name not in table:
        return np.zeros(table.rows, dtype=np.int64)
    column = table[name]
    return column.values if column.missing is None else np.where(column.missing, 0, column.values)


def _words(column: Column, places: Mapping[str, int]) -> Whole:
    """The place of each word, 0 where there is none."""
    if column.kind != "text":
        return np.zeros(len(column), dtype=np.int64)
    of_word = np.array([*(places.get(word, 0) for word in column.words), 0], dtype=np.int64)
    found: Whole = of_word[column.values]
    return found


def _no_events() -> Happened:
    none = np.zeros(0, dtype=np.int64)
    return Happened(
        loan=none.astype(np.intp), kind=none.astype(np.int8), day=none, number=none.astype(np.int32), stated=none
    )


def _balances(table: Table | None, loan: Places) -> Stated:
    """The balances of loans that are there."""
    if table is None or not table.rows:
        none = np.zeros(0, dtype=np.int64)
        return Stated(loan=none.astype(np.intp), day=none, outstanding=none, overdue=none)
    overdue = np.full(table.rows, -1, dtype=np.int64)
    if "overdue" in table:
        column = table["overdue"]
        overdue = column.values if column.missing is None else np.where(column.missing, -1, column.values)
    every = Stated(loan=loan, day=table["on"].values, outstanding=table["outstanding"].values, overdue=overdue)
    return every.rows(np.flatnonzero(loan >= 0))


def _of_tape(tape: Tape) -> Happened:
    """The events that the columns of a tape stand for, of any day."""
    found = _no_events()
    for kind in (*MILESTONES, *STATES):
        name = MILESTONES.get(kind) or STATES[kind]
        if not tape.has(name) or (kind in STATES and tape.as_of is None):
            continue
        missing = tape.whole(name)[1] if kind in MILESTONES else ~tape.stated(kind)
        there = np.arange(tape.size) if missing is None else np.flatnonzero(~missing)
        amount = name.removesuffix("_on")
        stated = tape.none()
        if amount in _AMOUNTS:
            stated = tape.whole(amount)[0]
        elif kind is EventKind.CLASSIFIED:
            stated = tape.categories().astype(np.int64)
        elif kind is EventKind.PAST_DUE:
            stated = tape.whole(name)[0]
        day = tape.whole(name)[0] if kind in MILESTONES else np.full(tape.size, tape.as_of)
        mine = Happened(
            loan=there,
            kind=np.full(there.size, KIND_CODES[kind], dtype=np.int8),
            day=day[there],
            number=np.zeros(there.size, dtype=np.int32),
            stated=stated[there],
        )
        found = _joined(found, mine)
    return found


def _stated_by_tape(tape: Tape) -> Stated:
    """The balances that a tape states."""
    none = np.zeros(0, dtype=np.int64)
    if tape.as_of is None or not tape.has("balance"):
        return Stated(loan=none.astype(np.intp), day=none, outstanding=none, overdue=none)
    missing = tape.whole("balance")[1]
    there = np.arange(tape.size) if missing is None else np.flatnonzero(~missing)
    overdue = np.full(tape.size, -1, dtype=np.int64)
    if tape.has("overdue"):
        overdue, unsaid = tape.whole("overdue")
        overdue = overdue if unsaid is None else np.where(unsaid, -1, overdue)
    return Stated(
        loan=there,
        day=np.full(there.size, tape.as_of, dtype=np.int64),
        outstanding=tape.whole("balance")[0][there],
        overdue=overdue[there],
    )


def _joined(some: Happened, more: Happened) -> Happened:
    return Happened(
        loan=np.append(some.loan, more.loan),
        kind=np.append(some.kind, more.kind),
        day=np.append(some.day, more.day),
        number=np.append(some.number, more.number),
        stated=np.append(some.stated, more.stated),
    )


def _both(some: Stated, more: Stated) -> Stated:
    return Stated(
        loan=np.append(some.loan, more.loan),
        day=np.append(some.day, more.day),
        outstanding=np.append(some.outstanding, more.outstanding),
        overdue=np.append(some.overdue, more.overdue),
    )


def _twice(loans: int, events: Happened, stated: Stated) -> Truth:
    """Loans of which the tape and a row tell one thing under one key."""
    found = np.zeros(loans, dtype=np.bool_)
    for keys in ((events.number, events.day, events.kind, events.loan), (stated.day, stated.loan)):
        order = np.lexsort(keys)
        same = np.ones(max(order.size - 1, 0), dtype=np.bool_)
        for key in keys:
            same &= key[order][1:] == key[order][:-1]
        found[keys[-1][order[1:][same]]] = True
    return found
