"""Wide: facts -> tables as steps over a book read them: loans with what a tape says, and events as one table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
from attrs import evolve

from loanperf._facts import EVENT_PLACES, KIND_AT, Facts, columns_given, tape_places
from loanperf._kinds import TAPE
from loanperf._numbers import counts_up, day_number, rising
from loanperf._quantities import CURRENCIES
from loanperf._tables._columns import Column, Table, Truth, frozen_array
from loanperf._tables._values import constant
from loanperf._tables._words import Digits, UpTo, of_own_words, stacked


def wide(facts: Facts, currency: str, as_of: date | None) -> Mapping[str, Table]:
    """The tables of facts that have rows, by the names of the CSV folder, each with the columns in which anything is.

    Codes that were whole numbers are whole numbers again.

    Args:
        facts: of one currency.
        currency: of their amounts.
        as_of: the day on which loans stand as a tape says it.
    """
    whole = 10 ** CURRENCIES[currency]
    left = {place: table for place, table in facts.tables.items() if table.rows}
    found: dict[str, Table] = {}
    if "loans" in left:
        loans = left.pop("loans")
        columns = dict(loans.columns)
        for place, names in tape_places().items():
            if place in left and _is_of_a_tape(left[place], loans.rows, names, as_of):
                columns |= _taped(left.pop(place), loans.rows, names)
        found["loans"] = _plain("loans", whole, evolve(loans, columns=columns))
    events = [_of_a_kind(left.pop(place), kind.value) for kind, place in EVENT_PLACES.items() if place in left]
    if events:
        found["events"] = _plain("events", whole, stacked(events))
    found |= {place: _plain(place, whole, table) for place, table in left.items()}
    return {name: found[name] for name in dict.fromkeys(KIND_AT.values()) if name in found}


# ── as columns of a tape ────────────────────────────────────────────────────────────────────────────────────


def _is_of_a_tape(table: Table, loans: int, names: Mapping[str, str], as_of: date | None) -> bool:
    """Whether a table says at most one thing of each loan, and that as a tape would say it."""
    codes = table["loan"].values
    if not rising(codes) or int(codes[-1]) >= loans:
        return False
    if "number" in table and int(table["number"].values.max()) >= 0:
        return False
    on = table["on"].values
    if "on" not in names and (as_of is None or not bool((_few(on) == day_number(as_of)).all())):
        return False
    usual = [(table[column], TAPE[name].usual) for column, name in names.items() if column in table]
    return not any(_any_is(column, value) for column, value in usual if value is not None)


def _few(values: Any) -> Any:
    """One value of a constant, else all."""
    return values[:1] if values.strides == (0,) else values


def _any_is(column: Column, value: Any) -> bool:
    """Whether any row says a value; a tape has no way to say that it does."""
    if column.kind == "text":
        return value in column.words and bool((column.values == column.words.index(value)).any())
    return bool((column.values == value).any())


def _taped(table: Table, loans: int, names: Mapping[str, str]) -> Iterator[tuple[str, Column]]:
    """What a table says, as the columns of a tape."""
    rows = None if counts_up(table["loan"].values) and table.rows == loans else table["loan"].values
    for column, name in names.items():
        given = table[column] if column else Column("truth", constant(1, table.rows, "truth"))
        if not _says_nothing(given):
            yield name, given if rows is None else _spread(given, rows, loans)


def _spread(column: Column, rows: Any, size: int) -> Column:
    """A column with its values in some rows, and none in the others."""
    values = np.full(size, -1 if column.kind == "text" else 0, dtype=column.values.dtype)
    values[rows] = column.values
    missing: Truth | None = None
    if column.kind != "text":
        missing = np.ones(size, dtype=np.bool_)
        missing[rows] = False if column.missing is None else column.missing
    return evolve(column, values=frozen_array(values), missing=missing)


# ── as they came ────────────────────────────────────────────────────────────────────────────────────────────


def _of_a_kind(table: Table, kind: str) -> Table:
    said = Column("text", constant(0, table.rows, "text"), None, (kind,))
    return evolve(table, columns={**table.columns, "kind": said})


def _plain(name: str, whole: int, table: Table) -> Table:
    """A table without what steps over a book do not read, and with `whole` units in one whole of its amounts."""
    without = {"source"} if name == "exchange_rates" else {"source", "currency"}
    known = columns_given(name)
    columns = {
        column: evolve(_alone(held), scale=whole) if known[column].type == "money" else _alone(held)
        for column, held in table.columns.items()
        if column not in without and not _says_nothing(held)
    }
    return Table(name, table.rows, columns, table.came_as)


def _says_nothing(column: Column) -> bool:
    """Whether it is a column in which nobody said anything."""
    if column.values.strides != (0,) or not len(column):
        return False
    return (
        int(column.values[0]) < 0 if column.kind == "text" else column.missing is not None and bool(column.missing[0])
    )


def _in_64_bits(column: Column) -> Any:
    """The values of a column; whole numbers of tables fit, though facts hold large ones as Python's."""
    return column.values.astype(np.int64) if column.values.dtype == object else column.values


def _alone(column: Column) -> Column:
    """A column without what it shares with others: words are its own, and codes of whole numbers are whole numbers."""
    words = column.words
    if isinstance(words, UpTo):
        return Column("whole", column.values)
    if column.kind != "text" or not isinstance(words, Digits) or int(column.values.min()) < 0:
        found = of_own_words(column) if column.kind == "text" else column
        return evolve(found, values=frozen_array(_in_64_bits(found).view()))
    alike = len(words) == len(column) and counts_up(column.values)
    return Column("whole", frozen_array(words.numbers.view() if alike else words.numbers[column.values]))
