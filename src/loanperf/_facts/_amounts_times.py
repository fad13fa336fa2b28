"""Amounts times: (facts, factor) -> the facts with every amount of a loan times the factor."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from attrs import evolve

from loanperf._facts._columns import KIND_AT, money_at
from loanperf._facts._facts import Facts
from loanperf._kinds import KINDS
from loanperf._numbers import bounded, largest, rounded
from loanperf._quantities import Rounding
from loanperf._tables._columns import Column, Table


def amounts_times(facts: Facts, factor: Fraction) -> Facts:
    """The facts with every amount of a loan times a factor, rounded half even to the smallest unit of its currency.

    Days, numbers of loans and people, shares and exchange rates stay as they are.

    Args:
        facts: which are not changed.
        factor: zero or more; 11/10 is a tenth more.
    """
    tables = {place: _table_times(place, table, factor) for place, table in facts.tables.items()}
    return evolve(facts, tables=tables)


def _table_times(place: str, table: Table, factor: Fraction) -> Table:
    """A table with its amounts times a factor, if it is of loans."""
    names = money_at(place) if KINDS[KIND_AT[place]].domain == "loan" and table.rows else ()
    columns: Mapping[str, Column] = {name: _times(table[name], factor) for name in names}
    return evolve(table, columns={**table.columns, **columns})


def _times(column: Column, factor: Fraction) -> Column:
    (values,) = bounded(largest(column.values) * factor.numerator * 2, column.values)
    return evolve(column, values=rounded(values * factor.numerator, factor.denominator, Rounding.HALF_EVEN))
