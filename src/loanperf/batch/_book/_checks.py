"""Checks: a host's table -> the table as a book keeps it, which rows can be used, and a problem for each that cannot.

What may break a rule is found over columns, a little too often and never too seldom; then the fact of that row is made,
and what its constructor says is the problem.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any, TypeAlias

import numpy as np
from attrs import define, evolve, field

from loanperf._facts import DETAIL, EventKind, Fact, contradiction, lost_with, said_twice
from loanperf._kinds import KINDS
from loanperf._quantities import CURRENCIES
from loanperf._tables._columns import Column, Table, Truth
from loanperf._tables._units import Said
from loanperf._units import unit_of
from loanperf.batch._book._forms import FORMS, WORDS, Form, Kind, exact, scale_of, standing_facts
from loanperf.batch._book._repeats import Rows, said_again
from loanperf.batch._book._settled import out_of, settled
from loanperf.errors import DataError, FactError, LoanPerfError, Problem, Subject, problem_of, shown

Suspects: TypeAlias = "dict[int, str]"
"""Rows that may break a rule, each with the column that may."""
Rule: TypeAlias = "Callable[[Table], Suspects]"
_LAST = 2**16 - 1


@define(eq=False)
class Checked:
    """A table, and what is wrong with its rows as far as they were looked at."""

    table: Table
    kept: Truth
    """The rows that can be used."""
    problems: dict[int, Problem]
    """By row."""
    repeats: int = 0
    refused: list[Fact] = field(factory=list)
    """Facts that contradict each other."""
    once: set[int] = field(factory=set)
    """Rows that are problems since another one says the same, which counts."""

    @classmethod
    def of(cls, name: str, said: Said, currency: str, as_of: date | None, money: str = "") -> Checked:
        """Check a table.

        Args:
            name: of the table.
            said: its columns and their units.
            currency: of the book.
            as_of: the day of a tape.
            money: the unit of amounts of which `said` has none.

        Raises:
            DataError: an unknown column, one that is missing, or of another kind or unit.
        """
        given = said.table
        _must_fit(name, given, FORMS[name], as_of)
        table, problems = _settled(name, said, currency, money)
        for row, problem in _other_currency(given, table, currency):
            problems.setdefault(row, problem)
        for row, column in _suspects(name, table).items():
            if row not in problems and (error := _fault(table, row, currency, as_of)) is not None:
                problems[row] = evolve(_placed(error, place(table, row, column)), column=column)
        kept = np.ones(table.rows, dtype=np.bool_)
        kept[[*problems]] = False
        found = cls(table, kept, problems)
        again, firsts, groups = said_again(table, FORMS[name].key, problems)
        found.say_again(again, firsts, currency, as_of)
        for rows in groups:
            told = [found.facts(row, currency, as_of) for row in rows]
            if all(facts == told[0] for facts in told):
                later = np.array(rows[1:], dtype=np.intp)
                found.say_again(later, np.full_like(later, rows[0]), currency, as_of)
                continue
            for row, facts in zip(rows, told, strict=True):
                found.refuse(row, facts, facts[0], len(rows))
        return found

    def facts(self, row: int, currency: str, as_of: date | None) -> tuple[Fact, ...]:
        """The facts of a row."""
        return tuple(facts_of(self.table.name, self.table, row, currency, as_of))

    def say_again(self, rows: Rows, firsts: Rows, currency: str, as_of: date | None) -> None:
        """Drop rows that repeat an earlier one; in tables with an optional `number`, each such row is a problem.

        Args:
            rows: their places.
            firsts: of each the place of the first row that says so.
            currency: of the book.
            as_of: the day of the book.
        """
        unnumbered = np.zeros(len(rows), dtype=np.bool_)
        if "number" in FORMS[self.table.name].columns and "number" not in FORMS[self.table.name].needed:
            unnumbered[:] = True
            if "number" in self.table:
                blank = np.array([*(word == "" for word in self.table["number"].words), True])
                unnumbered = blank[self.table["number"].values[rows]]
        self.drop_repeats(rows[~unnumbered])
        by_first: dict[int, list[int]] = {}
        for row, first in zip(rows[unnumbered].tolist(), firsts[unnumbered].tolist(), strict=True):
            by_first.setdefault(first, [first]).append(row)
        for same in by_first.values():
            names = [place(self.table, row) for row in same]
            for row, name in zip(same[1:], names[1:], strict=True):
                (fact,) = self.facts(row, currency, as_of)
                where = f"{name}: {' '.join(fact.key).strip()}"
                self.problems[row] = said_twice(where, names, fact)
                self.once.add(row)
                self.kept[row] = False

    def drop_repeats(self, rows: Rows) -> None:
        """Leave out rows that say again what another one says."""
        self.kept[rows] = False
        self.repeats += len(rows)

    def refuse(self, row: int, facts: Iterable[Fact], fact: Fact, many: int) -> None:
        """Leave out a row of which a fact contradicts another one.

        Args:
            row: its place.
            facts: all facts of the row.
            fact: that which contradicts.
            many: how many contradict each other.
        """
        if row in self.problems:
            return
        self.kept[row] = False
        where = f"{place(self.table, row)}: {' '.join(fact.key).strip()}"
        self.problems[row] = contradiction(where, fact, many)
        self.refused.extend(facts)

    def told(self) -> Iterator[Problem]:
        """The problems in the order of their rows, each with its row, and loan and payee where the row names them."""
        for row, problem in sorted(self.problems.items()):
            loan, payee = (_code(self.table, row, names) for names in (("loan",), ("payee", "officer")))
            loses = None if row in self.once else self._lost(row)
            yield evolve(problem, row=self.table.first_row + row, loan=loan, payee=payee, loses=loses)

    def _lost(self, row: int) -> Subject | None:
        """What is lost with a row that cannot be used."""
        cells = {name: _code(self.table, row, (name,)) for name in KINDS[self.table.name].columns}
        return lost_with(self.table.name, cells)

    def used(self) -> Table:
        """The rows that can be used."""
        return self.table if bool(self.kept.all()) else self.table.take(np.flatnonzero(self.kept))


def place(table: Table, row: int, column: str = "") -> str:
    """Table, row and column in words."""
    return f"{table.name} row {table.first_row + row}" + (f", column {column}" if column else "")


def _code(table: Table, row: int, names: Iterable[str]) -> str:
    """The code that a row has in the first of some columns; empty where it has none."""
    found = (table[name].at(row) for name in names if name in table)
    return next((str(code) for code in found if code is not None), "")


def _settled(name: str, said: Said, currency: str, money: str) -> tuple[Table, dict[int, Problem]]:
    """The table as a book keeps it, and the rows with cells that it cannot hold."""
    problems: dict[int, Problem] = {}
    columns, given = {}, said.table
    # Beside a currency, 300000 is that many of it.
    usual = money or (currency if "currency" in given else "")
    for column, kind in FORMS[name].columns.items():
        if column not in given:
            continue
        plain = kind == "money" and given[column].scale is None
        unit = said.units.get(column, usual or None if plain else None)
        if kind == "money" and given[column].bare and unit is None:
            _must_be_whole_currency(f"{name}.{column}", currency, money)
        columns[column], faults = settled(given[column], kind, f"{name}.{column}", currency, given.came_as, unit)
        for item in faults:
            where = place(given, item.row, column)
            problems.setdefault(item.row, Problem(where, item.fault, item.found, item.remedy, column=column))
    return Table(name, given.rows, columns, given.came_as, given.first_row), problems


def _must_be_whole_currency(where: str, currency: str, money: str) -> None:
    """Refuse decimals of which only the book says that its money counts 万元 or the like: they may count either.

    Raises:
        DataError: they are.
    """
    unit = unit_of("money", money, currency) if money else None
    if unit is not None and unit.value > 1:
        fault = f"its decimals may be whole {currency}, or {money} as the numbers of the book"
        raise DataError(f"column {where}", fault, f"say it in its heading or in units: '{money}' or '{currency}'")


def _fault(table: Table, row: int, currency: str, as_of: date | None) -> LoanPerfError | None:
    """What the constructors say of a row."""
    for column in FORMS[table.name].needed:
        if table[column].at(row) is None:
            return FactError(table.name, column, None, "give it; every row needs it")
    try:
        tuple(facts_of(table.name, table, row, currency, as_of))
    except LoanPerfError as error:
        return error
    return None


def _placed(error: LoanPerfError, where: str) -> Problem:
    if not isinstance(error, FactError):
        return problem_of(where, error)
    fault = "it is missing" if error.found is None else "it cannot be that"
    return Problem(where, fault, "" if error.found is None else shown(error.found), error.remedy)


# ── the facts of a row ──────────────────────────────────────────────────────────────────────────────────────


def facts_of(name: str, table: Table, row: int, currency: str, as_of: date | None) -> Iterator[Fact]:
    """The facts that a row stands for: one, and for a tape what it says of the loan too.

    Raises:
        LoanPerfError: what the constructors of facts raise.
    """
    form = FORMS[name]
    cells = {}
    for column, kind in form.columns.items():
        if column in table and (value := table[column].at(row)) is not None:
            cells[column] = _cell(table[column], kind, value, currency)
    yield form.made(cells)
    if name == "loans":
        yield from standing_facts(cells, as_of)


def _cell(column: Column, kind: Kind, value: Any, currency: str) -> Any:
    if kind in ("key", "code", "text", "currency"):
        return str(value)
    if kind in ("day", "truth", "word"):
        return value
    return exact(int(value), kind, column.scale or scale_of(kind, currency), currency)


def is_any(column: Column, codes: Collection[str]) -> Truth:
    """In which rows a column of codes is one of some."""
    wanted = frozenset(codes)
    found: Truth
    if column.kind == "text":
        words = np.fromiter(map(wanted.__contains__, column.words), np.bool_, len(column.words))
        found = np.append(words, np.False_)[column.values]
        return found
    numbers = [int(code) for code in wanted if code.removeprefix("-").isdecimal() and str(int(code)) == code]
    held = np.array([number for number in numbers if -(2**63) <= number < 2**63], dtype=np.int64)
    # Few rows agree with one of a few numbers in their last bits: only those need to be looked for.
    last = np.zeros(_LAST + 1, dtype=np.bool_)
    last[held & _LAST] = True
    found = last[column.values & _LAST]
    rows = np.flatnonzero(found)
    found[rows] = np.isin(column.values[rows], held)
    return found


# ── columns ─────────────────────────────────────────────────────────────────────────────────────────────────


def _must_fit(name: str, given: Table, form: Form, as_of: date | None) -> None:
    """Refuse a table without a column that it needs, or with one that nobody knows."""
    for column in given:
        if column not in form.columns and (column != "currency" or "money" not in form.columns.values()):
            close = get_close_matches(column, form.columns, 1)
            remedy = f"did you mean {close[0]!r}?" if close else f"drop it; {name} have {', '.join(form.columns)}"
            raise DataError(f"table {name}", f"it has an unknown column {column!r}", remedy)
    for column in form.needed:
        if column not in given:
            raise DataError(f"table {name}", f"it has no column {column!r}", "add it, or rename the one meant")
    if name == "loans":
        _must_say_when(given, as_of)


def _must_say_when(tape: Table, as_of: date | None) -> None:
    """Refuse columns of a tape that lack their day, or the whole that they are part of."""
    for item in ("balance", "overdue", "days_past_due", "category", "rescheduled"):
        if item in tape and as_of is None:
            raise DataError("table loans", f"nothing says on which day {item!r} was so", "pass as_of='2026-03-31'")
    for amount in ("signed", "disbursed"):
        if (amount in tape) != (f"{amount}_on" in tape):
            raise DataError("table loans", f"{amount!r} and '{amount}_on' belong together", "pass both or neither")
    if "overdue" in tape and "balance" not in tape:
        raise DataError("table loans", "'overdue' is a part of 'balance', which is not there", "pass it as well")


def _other_currency(given: Table, table: Table, currency: str) -> Iterator[tuple[int, Problem]]:
    """A problem for each row that says another currency, or none where it has an amount."""
    if "currency" not in given or "currency" in table:
        return
    column, _ = settled(given["currency"], "currency", f"{table.name}.currency", currency, given.came_as)
    another = ~is_any(column, [currency])
    if not another.any():
        return
    money = [item for item, kind in FORMS[table.name].columns.items() if kind == "money" and item in table]
    stated = np.logical_or.reduce([is_there(table[item]) for item in money]) if money else np.False_
    for row in np.flatnonzero(another & (stated | (column.values >= 0))).tolist():
        said = column.at(row)
        if said is None:
            fault, remedy = "nothing says in which currency its amounts are", f"say {currency}, or leave the column out"
            yield row, Problem(place(table, row, "currency"), fault, "", remedy, column="currency")
            continue
        fault, remedy = "it is in another currency", f"convert it to {currency}, or put it into a book of its own"
        yield row, Problem(place(table, row, "currency"), fault, shown(said), remedy, column="currency")


# ── rows that may break a rule ──────────────────────────────────────────────────────────────────────────────


def _suspects(name: str, table: Table) -> Suspects:
    """Rows that break a rule of their fact, or may; they are made one by one to see."""
    form, found = FORMS[name], dict[int, str]()
    for item, kind in form.columns.items():
        if item not in table:
            continue
        column = table[item]
        if item in form.needed:
            found = _named(~is_there(column), item) | found
        if column.kind == "text":
            found = _named(_odd_words(column, kind, item), item) | found
        elif kind in ("money", "whole", "share", "points", "rate"):
            least, most = _bounds(name, item, kind, column.scale or 1)
            if least is not None:
                found = dict.fromkeys(out_of(column, least, most).tolist(), item) | found
    for rule in _RULES.get(name, ()):
        found = rule(table) | found
    return found


def _named(mask: Truth | None, column: str) -> Suspects:
    """The rows of a mask, with a column."""
    return {} if mask is None else dict.fromkeys(np.flatnonzero(mask).tolist(), column)


def _odd_words(column: Column, kind: Kind, name: str) -> Truth | None:
    """In which rows a text is empty where it must not be, unprintable, or none of the words; None is in no row."""
    words = column.words
    if kind in ("word", "currency"):
        known: Collection[str] = WORDS[name] if kind == "word" else CURRENCIES
        odd = [word not in known for word in words]
    elif "".join(words).isprintable() and (kind == "text" or all(map(str.strip, words))):
        return None
    else:
        odd = [not word.isprintable() or (kind != "text" and not word.strip()) for word in words]
    return np.array([*odd, False])[column.values] if any(odd) else None


def _bounds(name: str, column: str, kind: Kind, scale: int) -> tuple[int | None, int | None]:
    """The least and the most that a number may be; None is no bound."""
    if name == "profits":
        return None, None
    least = 1 if column in ("term_months", "rate", "benchmark", "share") else 0
    most = {"share": scale, "points": 100 * scale}.get(kind)
    return least, None if name == "violations" else most


def is_there(column: Column) -> Truth:
    """In which rows of a settled column there is a value."""
    if column.kind == "text":
        found: Truth = column.values >= 0
        return found
    return np.ones(len(column), dtype=np.bool_) if column.missing is None else ~column.missing


def _details(table: Table) -> Suspects:
    """Events that lack what their kind needs, or have what it does not take."""
    kinds, found = table["kind"], dict[int, str]()
    for name in ("amount", "category", "days", "officer"):
        needs = np.array([*(word in WORDS["kind"] and name in DETAIL[EventKind(word)] for word in kinds.words), False])
        there = is_there(table[name]) if name in table else np.zeros(table.rows, dtype=np.bool_)
        found = _named(needs[kinds.values] != there, name) | found
    return found


def _both(table: Table, one: str, other: str) -> Truth | None:
    """In which rows two columns have a value; None where one of them is not there at all."""
    return is_there(table[one]) & is_there(table[other]) if one in table and other in table else None


def _part_of(part: str, whole: str) -> Rule:
    """A part is at most the whole."""

    def rule(table: Table) -> Suspects:
        both = _both(table, part, whole)
        return {} if both is None else _named(both & (table[part].values > table[whole].values), part)

    return rule


def _ends_later(table: Table) -> Suspects:
    both = _both(table, "since", "until")
    return {} if both is None else _named(both & (table["since"].values >= table["until"].values), "until")


def _needs(part: str, whole: str) -> Rule:
    """No row has one column and not the other."""

    def rule(table: Table) -> Suspects:
        if part not in table or whole not in table:
            return {}
        return _named(is_there(table[part]) & ~is_there(table[whole]), part)

    return rule


def _another_currency(table: Table) -> Suspects:
    """No exchange rate is of a currency into itself."""
    one, other = table["currency"], table["into"]
    places = {word: code for code, word in enumerate(other.words)}
    same = np.array([*(places.get(word, -2) for word in one.words), -3])[one.values] == other.values
    return _named(same, "into")


_RULES: Mapping[str, tuple[Rule, ...]] = {
    "loans": (
        _part_of("overdue", "balance"),
        _needs("overdue", "balance"),
        _needs("signed", "signed_on"),
        _needs("signed_on", "signed"),
        _needs("disbursed", "disbursed_on"),
        _needs("disbursed_on", "disbursed"),
    ),
    "events": (_details,),
    "balances": (_part_of("overdue", "outstanding"),),
    "customers": (_ends_later,),
    "holdings": (_ends_later,),
    "exchange_rates": (_another_currency,),
}
"""What the columns of a row must keep together."""
