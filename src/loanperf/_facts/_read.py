"""Read: a host's tables -> tables by place, in which rows may repeat each other, and a problem for each bad row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from loanperf._facts._authority import SentFact, named
from loanperf._facts._checked import Checked, cell_label, parts_of_tape
from loanperf._facts._columns import DELIVERY, EVENT_PLACES, columns_at, facts_of, money_at
from loanperf._facts._once import Once
from loanperf._kinds import KINDS
from loanperf._numbers import AS_THEY_ARE, Rows, nowhere
from loanperf._periods import day
from loanperf._quantities import CURRENCIES
from loanperf._tables._columns import Column, Table, is_there
from loanperf._tables._given import read_table
from loanperf._tables._units import NO_UNITS, Units, UnitsSaid
from loanperf._tables._values import absent, constant
from loanperf._validators import must_be
from loanperf.errors import DataError, Problem, UnitError, meant_by, shown

NO_UNITS_SAID: Mapping[str, Units] = MappingProxyType({})
"""Units of plain numbers by table and column, where nobody says any."""


@frozen(eq=False)
class PlacedTable:
    """What a host's table says at one place."""

    checked: Checked
    rows: Rows
    """For each row of `table`, the number of the row of the host's table that says it."""
    table: Table

    def row(self, place: int) -> int:
        """The row of the host's table."""
        return place if isinstance(self.rows, slice) else int(self.rows[place])

    def delivery(self, row: Any) -> Any:
        """What rows of the host's table were sent with: what one row of a tape says is a delivery of its own."""
        return -1 - row if self.checked.table.name == "loans" else 0 * row

    @property
    def delivered(self) -> Table:
        """The table, with what each row was sent with."""
        sent = Column("whole", self.delivery(np.arange(self.checked.table.rows)[self.rows]))
        return evolve(self.table, columns={**self.table.columns, DELIVERY: sent})


@frozen(eq=False)
class Read:
    """A host's tables by place."""

    checked: Sequence[Checked]
    parts: Mapping[str, Sequence[PlacedTable]]
    _told: dict[str, tuple[Checked, int]] = field(factory=dict, init=False)
    """By name of a row, as problems have it: the host's table and the row in it."""

    @property
    def tables(self) -> Mapping[str, Sequence[Table]]:
        """The tables of each place; where there are several, with what each row was sent."""
        return {
            place: [part.delivered if len(parts) > 1 else part.table for part in parts]
            for place, parts in self.parts.items()
        }

    def told(self, place: str, row: int) -> SentFact:
        """A row of the tables of a place, as it was sent."""
        for part in self.parts[place]:
            if row < part.table.rows:
                break
            row -= part.table.rows
        (fact,) = facts_of(place, part.table.take(slice(row, row + 1)))
        own = part.row(row)
        sent = SentFact(fact, "", cell_label(part.checked.table, own), part.delivery(own))
        self._told[named(sent)] = (part.checked, own)
        return sent

    def counted(self, found: Once) -> tuple[int, tuple[Problem, ...], int, int, frozenset[str]]:
        """Of the rows of all tables, as `once` found them: repeats, problems, how many there are, how many are used.

        Last come the loans of rows of a tape that have a problem. A repeat is a row of which nothing is used; of a row
        that is used, something is, and nothing is a problem.
        """
        problems = {id(checked): [*checked.told()] for checked in self.checked}
        for problem in found.problems:
            checked, row = self._told[problem.where]
            problems[id(checked)].append(checked.named(row, problem))
        told = [sorted(problems[id(checked)], key=lambda problem: problem.row or 0) for checked in self.checked]
        rows = sum(checked.table.rows for checked in self.checked)
        bad = sum(len({problem.row for problem in each}) for each in told)
        used = rows - bad
        if found.repeats or found.problems:
            used = sum(self._used(checked, each, found) for checked, each in zip(self.checked, told, strict=True))
        tapes = [each for checked, each in zip(self.checked, told, strict=True) if checked.table.name == "loans"]
        partly = frozenset(problem.loan for each in tapes for problem in each)
        return rows - bad - used, tuple(problem for each in told for problem in each), rows, used, partly

    def _used(self, checked: Checked, problems: Sequence[Problem], found: Once) -> int:
        """How many rows of a host's table are used."""
        used = nowhere(checked.table.rows)
        for place, parts in self.parts.items():
            start = 0
            kept = nowhere(sum(part.table.rows for part in parts))
            kept[found.rows.get(place, AS_THEY_ARE)] = True
            for part in parts:
                if part.checked is checked:
                    mine = np.flatnonzero(kept[start : start + part.table.rows])
                    used[mine if isinstance(part.rows, slice) else part.rows[mine]] = True
                start += part.table.rows
        used[[problem.row - checked.table.first_row for problem in problems if problem.row is not None]] = False
        return int(np.count_nonzero(used))


def read(
    tables: Mapping[str, Any], *, currency: str, as_of: date | str | None, money: str, units: Mapping[str, Units]
) -> Read:
    """Check a host's tables, and part them by place; see `Facts.read`."""
    must_be(tables, Mapping, "the tables of facts", "pass them by name, such as {'loans': columns}")
    must_be(currency, str, "the currency of facts", "pass a code, such as 'CNY'")
    if currency not in CURRENCIES:
        raise UnitError("facts", currency, "a currency of ISO 4217, such as CNY")
    must_be_tables("facts", tables, KINDS)
    asked = "pass them by table and column, such as {'loans': {'amount': '万元'}}"
    must_be(units, Mapping, "the units of facts", asked)
    for of_table in units.values():
        must_be(of_table, Mapping, "the units of facts", asked)
    must_be_tables("units of facts", units, tables)
    on = None if as_of is None else day(as_of)
    said = {name: UnitsSaid.of(read_table(given, name), units.get(name, NO_UNITS)) for name, given in tables.items()}
    checked = [Checked.of(name, table, currency, on, money) for name, table in said.items()]
    parts: dict[str, list[PlacedTable]] = {}
    for each in checked:
        for place, part in parted(each):
            parts.setdefault(place, []).append(part)
    return Read(checked, parts)


def must_be_tables(where: str, names: Iterable[str], known: Iterable[str]) -> None:
    """Refuse the name of a table that nobody knows."""
    for name in names:
        if name not in (there := tuple(known)):
            remedy = meant_by(name, there, f"use one of {', '.join(there)}")
            raise DataError(where, f"there is no table {shown(name)}", remedy)


# ── by place ────────────────────────────────────────────────────────────────────────────────────────────────


def parted(checked: Checked) -> Iterator[tuple[str, PlacedTable]]:
    """What the good rows of a host's table say, by place."""
    good: Rows = AS_THEY_ARE
    table = checked.table
    if checked.problems:
        bad = nowhere(table.rows)
        bad[[*checked.problems]] = True
        good = np.flatnonzero(~bad)
        table = table.take(good)
    for place, rows, columns in _columns(table, checked):
        size = table.rows if isinstance(rows, slice) else len(rows)
        if money := money_at(place):
            columns["currency"] = _currency(money, columns, checked.currency, size)
        yield place, PlacedTable(checked, _chosen(good, rows), Table(place, size, columns, table.came_as))


def _chosen(good: Rows, rows: Rows) -> Rows:
    if isinstance(rows, slice) or isinstance(good, slice):
        return good if isinstance(rows, slice) else rows
    return good[rows]


def _columns(table: Table, checked: Checked) -> Iterator[tuple[str, Rows, dict[str, Column]]]:
    """By place, the rows that say something there, and their columns."""
    yield from at_places(table)
    if table.name == "loans":
        yield from parts_of_tape(table, table["loan"], checked.as_of)


def at_places(table: Table, more: Sequence[str] = ()) -> Iterator[tuple[str, Rows, dict[str, Column]]]:
    """The rows of a kind of facts by place, and their columns; events have a place for each kind of event.

    Args:
        table: of the kind.
        more: columns to be taken along beside those of the place.
    """
    if table.name != "events":
        names = (*columns_at(table.name), *more)
        yield table.name, AS_THEY_ARE, {name: table[name] for name in names if name in table}
        return
    kinds = table["kind"]
    for kind, place in EVENT_PLACES.items():
        if kind.value not in kinds.words:
            continue
        rows = np.flatnonzero(kinds.values == kinds.words.index(kind.value))
        columns = {name: table[name] for name in (*columns_at(place), *more) if name in table}
        if len(rows) == table.rows:
            yield place, AS_THEY_ARE, columns
        else:
            yield place, rows, {name: column.rows(rows) for name, column in columns.items()}


def stated(checked: Checked) -> Table:
    """The columns of a host's table in which nothing is wrong, with the currency of the amounts of each row."""
    table, money = checked.table, KINDS[checked.table.name].money
    if not money:
        return table
    currency = _currency(money, table.columns, checked.currency, table.rows)
    return evolve(table, columns={**table.columns, "currency": currency})


def _currency(money: Sequence[str], columns: Mapping[str, Column], currency: str, rows: int) -> Column:
    """The currency of the amounts of each row, where it has one."""
    amounts = [columns[name] for name in money if name in columns]
    if not amounts:
        return absent("text", rows)
    if any(column.missing is None for column in amounts):
        return Column("text", constant(0, rows, "text"), None, (currency,))
    there = np.logical_or.reduce([is_there(column) for column in amounts])
    return Column("text", np.where(there, 0, -1), None, (currency,))
