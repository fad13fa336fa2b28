"""Checked: a host's table -> its columns as facts hold them, and a problem for each row that cannot be used.

What may break a rule is found over columns, a little too often and never too seldom; then the fact of that row is made,
and what its constructor says is the problem. A wide table of loans, a tape, also says events and balances.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from fractions import Fraction
from functools import cache
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from attrs import evolve, frozen

from loanperf._facts._columns import EVENT_AT, EVENT_PLACES
from loanperf._facts._rows import Fact, fact_from, lost_with
from loanperf._kinds import COLUMN_TYPES, DETAIL, KINDS, TAPE, EventKind, FactColumn, TapeColumn, TypeName
from loanperf._numbers import AS_THEY_ARE, Rows, Truth, day_number, nowhere, places_unlike
from loanperf._quantities import CURRENCIES, Money
from loanperf._tables._columns import Column, Table, is_there
from loanperf._tables._settled import Settled, Wanted, settled, span
from loanperf._tables._units import UnitsSaid
from loanperf._tables._values import constant
from loanperf._tables._words import are_plain, is_of_digits
from loanperf._units import Counted, unit_of
from loanperf._validators import is_code
from loanperf.errors import DataError, FactError, LoanPerfError, Problem, Subject, problem_of, shown

_BALANCE = "balances"


@cache
def tape_columns() -> Mapping[str, FactColumn]:
    """The columns that a tape may have beside those of a loan, each with the bounds of what it stands for."""
    return MappingProxyType({name: _as_fact_column(name, column) for name, column in TAPE.items()})


def _as_fact_column(name: str, column: TapeColumn) -> FactColumn:
    kind = KINDS["events" if column.event else _BALANCE]
    if column.column not in kind.columns:
        return FactColumn(column.type, (), (), name, optional=True)
    found = kind.columns[column.column]
    return evolve(found, optional=True, within=column.needs if found.within else "")


@cache
def tape_places() -> Mapping[str, Mapping[str, str]]:
    """By place: for each of its columns the column of a tape that gives it; `""` for an event that has only a day."""
    found: dict[str, dict[str, str]] = {}
    for name, column in TAPE.items():
        found.setdefault(_BALANCE if column.event is None else EVENT_PLACES[column.event], {})[column.column] = name
    return MappingProxyType(found)


def parts_of_tape(tape: Table, loan: Column, as_of: date | None) -> Iterator[tuple[str, Rows, dict[str, Column]]]:
    """What a tape stands for beside loans: place, rows of the tape, and columns, which are those of the tape itself.

    Args:
        tape: as facts hold it, without rows that cannot be used.
        loan: the codes of its loans.
        as_of: the day on which loans stood as it says.
    """
    for place, known in tape_places().items():
        names = {column: name for column, name in known.items() if name in tape}
        if not names:
            continue
        first = next(iter(names.values()))
        rows = _said(tape[first], TAPE[first])
        columns = {column: _at(tape[name], rows) for column, name in names.items() if column}
        size = tape.rows if isinstance(rows, slice) else len(rows)
        if "on" not in columns and as_of is not None:
            columns["on"] = Column("day", constant(day_number(as_of), size, "day"))
        yield place, rows, {"loan": _at(loan, rows), **columns}


def _at(column: Column, rows: Rows) -> Column:
    return column if isinstance(rows, slice) else column.rows(rows)


def _said(column: Column, known: TapeColumn) -> Rows:
    """The rows in which a column of a tape says something: a value other than `normal`, no, or 0 days past due."""
    usual = known.usual
    if usual is None and column.missing is None:
        return AS_THEY_ARE
    if usual is None:
        rows = np.flatnonzero(is_there(column))
    else:
        code = column.words.index(usual) if usual in column.words else -1
        rows = places_unlike(column.values, code if column.kind == "text" else int(usual))
        if column.kind == "text" or column.missing is not None:
            rows = rows[is_there(column.rows(rows))]
    return AS_THEY_ARE if len(rows) == len(column) else rows


def standing_facts(cells: Mapping[str, Any], as_of: date | None) -> Iterator[Fact]:
    """The events and the balance that the cells of a row of a tape stand for.

    Args:
        cells: those that are there, as the values that facts hold.
        as_of: the day on which the loan stood so.
    """
    loan = cells["loan"]
    for name, column in TAPE.items():
        if name in cells and column.column != "on" and column.needs and column.needs not in cells:
            remedy = f"give {column.needs!r} as well, or leave it out"
            raise FactError(f"loan {loan}", name, str(cells[name]), remedy)
    for place, names in tape_places().items():
        said = {column: cells[name] for column, name in names.items() if name in cells}
        if not said or any(said[column] == TAPE[names[column]].usual for column in said):
            continue
        said = {"loan": loan, "on": as_of} | {column: value for column, value in said.items() if column}
        if place == _BALANCE:
            yield fact_from("balances", said)
        else:
            yield fact_from("events", said | {"kind": EVENT_AT[place].value})


Suspects: TypeAlias = "dict[int, str]"
"""Rows in which a check of whole columns found something wrong, by number, each with the name of that column."""
_COUNTED: Mapping[TypeName, Counted] = MappingProxyType(
    {"money": "money", "share": "share", "points": "points", "rate": "number"}
)
"""The types whose numbers may be of several units."""


@cache
def columns_given(name: str) -> Mapping[str, FactColumn]:
    """The columns that a host's table of a kind of facts may have, beside the currency of its amounts."""
    return MappingProxyType({**KINDS[name].columns, **(tape_columns() if name == "loans" else {})})


@frozen(eq=False)
class Checked:
    """A host's table as facts hold it, and what is wrong with its rows by themselves."""

    table: Table
    """Its columns, the currency of amounts left out, which is that of the book."""
    problems: Mapping[int, Problem]
    """By row."""
    currency: str
    as_of: date | None

    @classmethod
    def of(cls, name: str, said: UnitsSaid, currency: str, as_of: date | None, money: str) -> Checked:
        """Check a table."""
        given = said.table
        _must_fit(name, given, as_of)
        columns = _settled(name, said, currency, money)
        table = Table(
            name, given.rows, {item: found.column for item, found in columns.items()}, given.came_as, given.first_row
        )
        problems: dict[int, Problem] = {}
        for item, found in columns.items():
            for fault in found.faults:
                where = cell_label(table, fault.row, item)
                problems.setdefault(fault.row, Problem(where, fault.fault, fault.found, fault.remedy, column=item))
        for row, problem in _other_currency(given, table, currency):
            problems.setdefault(row, problem)
        checked = cls(table, problems, currency, as_of)
        for row, item in _suspects(name, table, columns).items():
            if row not in problems and (error := checked._fault(row)) is not None:
                problems[row] = evolve(_placed(error, cell_label(table, row, item)), column=item)
        return checked

    def facts(self, row: int) -> Iterator[Fact]:
        """The facts that a row stands for: one, and for a tape what it says of the loan too."""
        cells: dict[str, Any] = {}
        for name, column in columns_given(self.table.name).items():
            if name in self.table and (value := self.table[name].at(row)) is not None:
                cells[name] = _cell(self.table[name], column, value, self.currency)
        kind = KINDS[self.table.name]
        yield fact_from(kind.name, {name: value for name, value in cells.items() if name in kind.columns})
        if kind.name == "loans":
            yield from standing_facts(cells, self.as_of)

    def told(self) -> Iterator[Problem]:
        """The problems in the order of their rows, each with what is lost with its row."""
        for row, problem in sorted(self.problems.items()):
            yield evolve(self.named(row, problem), loses=self._lost(row))

    def named(self, row: int, problem: Problem) -> Problem:
        """A problem of a row, with the row, and the loan and payee that it names."""
        loan, payee = (_code(self.table, row, names) for names in (("loan",), ("payee", "officer")))
        return evolve(problem, row=self.table.first_row + row, loan=loan, payee=payee)

    def _lost(self, row: int) -> Subject | None:
        """What is lost with a row that cannot be used."""
        name = self.table.name
        return lost_with(name, {column: _code(self.table, row, (column,)) for column in KINDS[name].columns})

    def _fault(self, row: int) -> LoanPerfError | None:
        """What the constructors say of a row."""
        for name in KINDS[self.table.name].needed:
            if self.table[name].at(row) is None:
                return FactError(self.table.name, name, None, "give it; every row needs it")
        try:
            tuple(self.facts(row))
        except LoanPerfError as error:
            return error
        return None


def cell_label(table: Table, row: int, column: str = "") -> str:
    """Table, row and column in words."""
    return f"{table.name} row {table.first_row + row}" + (f", column {column}" if column else "")


def _code(table: Table, row: int, names: Collection[str]) -> str:
    """The code that a row has in the first of some columns; empty where it has none."""
    found = (table[name].at(row) for name in names if name in table)
    return next((str(code) for code in found if code is not None), "")


def _placed(error: LoanPerfError, where: str) -> Problem:
    if not isinstance(error, FactError):
        return problem_of(where, error)
    fault = "it is missing" if error.found is None else "it cannot be that"
    return Problem(where, fault, "" if error.found is None else shown(error.found), error.remedy)


def _cell(held: Column, column: FactColumn, value: Any, currency: str) -> Any:
    """A cell as the value that a fact holds; a word as text."""
    if column.type == "money":
        return Money.from_units(value, currency)
    if column.type in _COUNTED:
        return Fraction(value, held.scale or 1)
    return str(value) if COLUMN_TYPES[column.type].held == "text" else value


# ── columns ─────────────────────────────────────────────────────────────────────────────────────────────────


def _must_fit(name: str, given: Table, as_of: date | None) -> None:
    """Refuse a table without a column that it needs, or with one that nobody knows."""
    columns = columns_given(name)
    has_money = any(column.type == "money" for column in columns.values())
    for item in given:
        if item not in columns and (item != "currency" or not has_money):
            meant = [known for known, column in columns.items() if item in (*column.zh, *column.en)]
            close = meant or get_close_matches(item, columns, 1)
            remedy = f"did you mean {close[0]!r}?" if close else f"drop it; {name} have {', '.join(columns)}"
            raise DataError(f"table {name}", f"it has an unknown column {item!r}", remedy)
    for item in KINDS[name].needed:
        if item not in given:
            raise DataError(f"table {name}", f"it has no column {item!r}", "add it, or rename the one meant")
    if name == "loans":
        _must_say_when(given, as_of)


def _must_say_when(tape: Table, as_of: date | None) -> None:
    """Refuse columns of a tape that lack their day, or the whole that they are part of."""
    for item, column in TAPE.items():
        if column.standing and item in tape and as_of is None:
            raise DataError("table loans", f"nothing says on which day {item!r} was so", "pass as_of='2026-03-31'")
    for item, column in TAPE.items():
        if not column.needs or item not in tape or column.needs in tape:
            continue
        if column.standing:
            raise DataError(
                "table loans", f"{item!r} is a part of {column.needs!r}, which is not there", "pass it as well"
            )
        amount, on = sorted((item, column.needs), key=len)
        raise DataError("table loans", f"{amount!r} and {on!r} belong together", "pass both or neither")


@cache
def _wanted(type_: TypeName, currency: str) -> Wanted:
    """What a column of a type is to hold."""
    column = COLUMN_TYPES[type_]
    if column.held != "text":
        scale = 10 ** CURRENCIES[currency] if type_ == "money" else column.scale
        return Wanted(column.held, _COUNTED.get(type_), scale)
    if type_ in ("word", "currency"):
        return Wanted("text")
    if column.whole_codes:
        return Wanted("text", digits="codes" if column.domain else "any")
    return Wanted("text", digits="words")


def suspects_in(table: Table) -> Suspects:
    """Rows of a table as facts hold it that may break a rule of their kind; a few too many, and never one too few."""
    numbers = {name: column for name, column in table.columns.items() if column.kind == "whole"}
    columns = {name: Settled(column, [], *span(column.values)) for name, column in numbers.items()}
    return _suspects(table.name, table, columns)


def in_another_currency(where: str, said: str, currency: str) -> Problem:
    """What is said of a row whose amounts are not in the one currency of a book."""
    fault, remedy = "it is in another currency", f"convert it to {currency}, or put it into a book of its own"
    return Problem(where, fault, shown(said), remedy, column="currency")


def _settled(name: str, said: UnitsSaid, currency: str, money: str) -> dict[str, Settled]:
    """The columns as facts hold them."""
    found: dict[str, Settled] = {}
    given = said.table
    # Beside a currency, 300000 is that many of it.
    usual = money or (currency if "currency" in given else "")
    for item, column in columns_given(name).items():
        if item not in given:
            continue
        plain = column.type == "money" and given[item].scale is None
        unit = said.units.get(item, usual or None if plain else None)
        if column.type == "money" and given[item].bare and unit is None:
            _must_be_whole_currency(f"{name}.{item}", currency, money)
        wanted = _wanted(column.type, currency)
        found[item] = settled(given[item], wanted, f"{name}.{item}", currency, given.came_as, unit)
    return found


def _must_be_whole_currency(where: str, currency: str, money: str) -> None:
    """Refuse decimals of which only the book says that its money counts 万元 or the like: they may count either."""
    unit = unit_of("money", money, currency) if money else None
    if unit is not None and unit.value > 1:
        fault = f"its decimals may be whole {currency}, or {money} as the numbers of the book"
        raise DataError(f"column {where}", fault, f"say it in its heading or in units: '{money}' or '{currency}'")


def _other_currency(given: Table, table: Table, currency: str) -> Iterator[tuple[int, Problem]]:
    """A problem for each row that says another currency, or none where it has an amount."""
    if "currency" not in given or "currency" in table:
        return
    where = f"{table.name}.currency"
    column = settled(given["currency"], _wanted("currency", currency), where, currency, given.came_as).column
    another = np.array([*(word != currency for word in column.words), True])[column.values]
    if not another.any():
        return
    columns = columns_given(table.name)
    money = [item for item in table if columns[item].type == "money"]
    stated = np.logical_or.reduce([is_there(table[item]) for item in money]) if money else nowhere(table.rows)
    for row in np.flatnonzero(another & (stated | (column.values >= 0))).tolist():
        said = column.at(row)
        if not isinstance(said, str):
            fault, remedy = "nothing says in which currency its amounts are", f"say {currency}, or leave the column out"
            yield row, Problem(cell_label(table, row, "currency"), fault, "", remedy, column="currency")
            continue
        yield row, in_another_currency(cell_label(table, row, "currency"), said, currency)


# ── rows that may break a rule ──────────────────────────────────────────────────────────────────────────────


def _suspects(name: str, table: Table, settled_: Mapping[str, Settled]) -> Suspects:
    """Rows in which the check of columns found something; each is made as a fact, whose error says what is wrong."""
    found: Suspects = {}
    for item, column in columns_given(name).items():
        if item not in table:
            continue
        held = table[item]
        if not column.optional:
            found = _named(_not_there(held), item) | found
        if held.kind == "text":
            found = _named(_odd_words(held, column), item) | found
            continue
        least, most = _bounds(column, held.scale or 1)
        if held.kind == "whole" and not settled_[item].within(least, most):
            found = dict.fromkeys(settled_[item].outside(least, most).tolist(), item) | found
    for item, column in columns_given(name).items():
        if item in table:
            found = _against_others(table, item, column) | found
    return (_details(table) | found) if name == "events" else found


def _named(mask: Truth | None, column: str) -> Suspects:
    """The rows of a mask, with a column."""
    return {} if mask is None else dict.fromkeys(np.flatnonzero(mask).tolist(), column)


def _not_there(column: Column) -> Truth | None:
    """In which rows there is no value; None where there is one in each."""
    if column.kind == "text":
        return None if not len(column) or int(column.values.min()) >= 0 else column.values < 0
    return column.missing


def _odd_words(held: Column, column: FactColumn) -> Truth | None:
    """In which rows a text is empty where it must not be, unprintable, or none of the words; None is in no row."""
    if is_of_digits(held.words):
        return None
    words = held.words
    if column.type in ("word", "currency"):
        known: Collection[str] = column.words if column.type == "word" else CURRENCIES
        odd = [word not in known for word in words]
    elif are_plain(words, may_be_blank=column.type == "text"):
        return None
    else:
        odd = [not (word.isprintable() if column.type == "text" else is_code(word, longest=None)) for word in words]
    return np.array([*odd, False])[held.values] if any(odd) else None


def _bounds(column: FactColumn, scale: int) -> tuple[int | None, int | None]:
    """The least and the most that a number may be; None is no bound."""
    least = None if column.low is None else column.low * scale
    if column.above is not None:
        least = column.above * scale + 1
    return least, None if column.high is None else column.high * scale


def _against_others(table: Table, item: str, column: FactColumn) -> Suspects:
    """Rows in which a column does not go with another one."""
    found: Suspects = {}
    values = table[item].values
    if column.within and column.within in table:
        found = _named(_both(table, item, column.within) & (values > table[column.within].values), item)
    if column.after and column.after in table:
        found = _named(_both(table, item, column.after) & (values <= table[column.after].values), item) | found
    if column.unlike and column.unlike in table:
        found = _named(_alike(table[item], table[column.unlike]), item) | found
    needs = TAPE[item].needs if item in TAPE and table.name == "loans" else ""
    if needs and needs in table:
        gone = _not_there(table[needs])
        found = _named(None if gone is None else gone & is_there(table[item]), item) | found
    return found


def _both(table: Table, one: str, other: str) -> Truth:
    """In which rows two columns have a value."""
    return is_there(table[one]) & is_there(table[other])


def _alike(one: Column, other: Column) -> Truth:
    """In which rows two columns say the same word."""
    places = {word: code for code, word in enumerate(other.words)}
    found: Truth = np.array([*(places.get(word, -2) for word in one.words), -3])[one.values] == other.values
    return found


def _details(table: Table) -> Suspects:
    """Events that lack what their kind needs, or have what it does not take."""
    kinds, found = table["kind"], dict[int, str]()
    known = {kind.value: kind for kind in EventKind}
    for name in sorted(frozenset[str]().union(*DETAIL.values())):
        needs = np.array([*(word in known and name in DETAIL[known[word]] for word in kinds.words), False])
        there = is_there(table[name]) if name in table else nowhere(table.rows)
        found = _named(needs[kinds.values] != there, name) | found
    return found
