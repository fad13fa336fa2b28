"""Shown: the tables of a kind -> columns in the units that people read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import evolve

from loanperf._facts._columns import EVENT_AT, KIND_AT
from loanperf._kinds import COLUMN_TYPES, KINDS, TypeName
from loanperf._numbers import ordered
from loanperf._quantities import CURRENCIES
from loanperf._tables._columns import Column, Table
from loanperf._tables._exact import decimals
from loanperf._tables._values import absent, constant, in_order
from loanperf._tables._words import stacked


def shown_columns(tables: Mapping[str, Table]) -> dict[str, Column]:
    """The columns of the facts of one kind, in order of key.

    Args:
        tables: by place, those of the kind: one, or one for each kind of event.
    """
    kind = KINDS[KIND_AT[next(iter(tables))]]
    table = stacked([_with_kind(place, table) for place, table in tables.items()])
    table = table.take(ordered(*(_ranks(table[name]) for name in kind.key)))
    types = {name: column.type for name, column in kind.columns.items()}
    names = [*types, *(["currency"] if kind.money else []), "source"]
    return {name: _shown(table, name, types.get(name, "text")) for name in names}


def _with_kind(place: str, table: Table) -> Table:
    """A table of events with a column that says what happened."""
    if place not in EVENT_AT:
        return table
    kind = Column("text", constant(0, table.rows, "text"), None, (EVENT_AT[place].value,))
    return evolve(table, columns={"kind": kind, **table.columns})


def _ranks(column: Column) -> Any:
    """The values of a column in numbers that sort as they do; of texts by their characters, none first."""
    if column.kind != "text":
        return column.values
    return np.append(in_order(column.words), -1)[column.values]


def _shown(table: Table, name: str, kind: TypeName) -> Column:
    """A column in wholes."""
    column = _column(table, name, kind)
    if kind == "money":
        currency = _column(table, "currency", "text")
        scales = np.array([*(10 ** CURRENCIES[code] for code in currency.words), 1])
        found = decimals(column.values, 1, scales[currency.values], 1)
    elif kind in ("share", "points", "rate"):
        found = decimals(column.values, column.scale or 1, None, 1)
    else:
        return column
    return evolve(found, missing=column.missing)


def _column(table: Table, name: str, kind: TypeName) -> Column:
    """A column; of events of which no kind states it, one in which every value is missing."""
    return table[name] if name in table else absent(COLUMN_TYPES[kind].held, table.rows)
