"""Held: rows of facts in a database -> facts, whole or some loans at a time; in columns, without an object a row.

What a cell was damaged to is found over columns; then the rows are read one by one, so that the error names one.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from attrs import define, evolve, field
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    cast,
    collate,
    exists,
    func,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import NullType

from loanperf._facts import (
    DOMAINS,
    Authority,
    Fact,
    Facts,
    FactsWanted,
    KeptTable,
    kept_facts,
    suspects_in,
    table_of_kind,
)
from loanperf._feeds import unusable
from loanperf._kinds import KINDS
from loanperf._quantities import CURRENCIES
from loanperf._tables._columns import Column, Table, is_there
from loanperf._tables._values import Words, no_words, of_texts, packed_words, values_of, words_in
from loanperf.adapters.sql._cells import Growing
from loanperf.adapters.sql._rows import WITHDRAWN, fact_of, said_of
from loanperf.adapters.sql._schema import FIELDS, column_of, cursors, marks
from loanperf.adapters.sql._schema import facts as facts_table
from loanperf.adapters.sql._scope import Scope
from loanperf.adapters.sql._stored import UNREADABLE, in_parts, made, raw_rows, read
from loanperf.errors import DataError, Problem

_OF_LOANS = tuple(name for name, kind in KINDS.items() if kind.domain == "loan")
OWN = "fact_source"
"""The column that says where a fact says of itself that it comes from."""
_Rows: TypeAlias = Sequence[Sequence[Any]]


def held_facts(scope: Scope, authority: Authority) -> Facts:
    """All facts that hold.

    Raises:
        StoreError: a cell holds what was never written, with its row.
    """
    with scope.reading() as connection:
        return _held(scope, connection, authority, None)


def held_some(scope: Scope, authority: Authority, wanted: FactsWanted) -> Facts:
    """The facts of some loans, and all facts of no loan.

    Raises:
        StoreError: a cell holds what was never written, with its row.
    """
    with scope.reading() as connection:
        mine = facts_table.c.company == scope.company
        asked = select(facts_table.c.loan).where(mine, _meets(connection, wanted)).distinct()
        is_asked = wanted.payees or wanted.since < date.max
        found = connection.execute(asked).scalars() if is_asked else ()
        loans = by_form(scope.company) & among(connection, facts_table.c.loan, {*wanted.loans, *map(str, found)})
        facts = _held(scope, connection, authority, loans)
        return evolve(facts, rows=_rows_of(connection, scope.company))


def _held(scope: Scope, connection: Connection, authority: Authority, loans: ColumnElement[bool] | None) -> Facts:
    """The facts that hold, of loans those that `loans` chooses, None being all."""
    mine = facts_table.c.company == scope.company
    known = _sources(connection, scope.company)
    forms = _forms(connection, scope.company)
    problems, refused = _unusable(connection, by_form(scope.company), forms)
    gathered = _Gathered(connection, scope.company)
    for form in KINDS:
        if form in forms:
            some = loans if form in _OF_LOANS else None
            names = _said(connection, form, mine) if some is None else _stated(form)
            wanted = _wanted(form, names, mine if some is None else some)
            gathered.add(form, names, raw_rows(connection, wanted))
    return kept_facts(gathered.tables(), problems, refused, authority=authority, known=known)


_DAYS_OF_LOANS = [facts_table.c[name] for name in sorted({column_of(KINDS[form].on, "day") for form in _OF_LOANS})]


def by_form(company: str) -> ColumnElement[bool]:
    """The rows of a company, found by `facts_by_loan`, which has their form, and not by their key.

    SQLite, which keeps no statistics, would go through all of them by the first column of the key; joined to nothing,
    the company is no column of a key.
    """
    return facts_table.c.company.concat("") == company


def _meets(connection: Connection, wanted: FactsWanted) -> ColumnElement[bool]:
    """Which rows have a day or a payee for which all facts of their loan are wanted."""
    columns, of_loans = facts_table.c, facts_table.c.form.in_(_OF_LOANS)
    people = {name for form in _OF_LOANS for name, one in KINDS[form].columns.items() if one.domain == "payee"}
    late = [column >= wanted.since for column in _DAYS_OF_LOANS]
    theirs = [among(connection, columns[name], wanted.payees) for name in people if wanted.payees]
    return and_(of_loans, or_(*late, *theirs))


def among(connection: Connection, column: ColumnElement[Any], texts: Collection[str]) -> ColumnElement[bool]:
    """Whether a text is one of many, which go to the database as one value."""
    given = literal(json.dumps([*texts], ensure_ascii=False), Text)
    if connection.dialect.name == "postgresql":
        return column.in_(select(func.jsonb_array_elements_text(cast(given, JSONB)).column_valued("value")))
    return column.in_(select(func.json_each(given).table_valued("value").c.value))


def _unusable(
    connection: Connection, mine: ColumnElement[bool], forms: Collection[str]
) -> tuple[Collection[Problem], Collection[Fact]]:
    """The rows that cannot be used, as problems, and the facts that they are about."""
    return unusable(
        {
            (str(row["source"]), str(row["row_code"])): said_of(row)
            for form in forms
            if form not in FIELDS
            for row in read(connection, facts_table, mine, facts_table.c.form == form)
        }
    )


def _sources(connection: Connection, company: str) -> set[str]:
    """The sources that were pulled, whether rows of theirs are held or not."""
    return {str(row["source"]) for row in read(connection, cursors, cursors.c.company == company)}


def _forms(connection: Connection, company: str) -> set[str]:
    """The forms of the rows of a company; those that were withdrawn say nothing.

    They are looked up one behind the other in `facts_by_loan`, so that no row is counted.

    Raises:
        StoreError: one is no text.
    """
    form = facts_table.c.form
    found = select(func.min(form).label("form")).cte("forms", recursive=True)
    behind = select(func.min(form)).where(form > found.c.form).correlate(found).scalar_subquery()
    found = found.union_all(select(behind).where(found.c.form.is_not(None)))
    mine = exists(select(literal(1)).where(form == found.c.form, by_form(company)).correlate(found))
    forms = [*connection.execute(select(type_coerce(found.c.form, NullType())).where(mine)).scalars()]
    if not all(isinstance(one, str) for one in forms):
        deque(read(connection, facts_table, facts_table.c.company == company), maxlen=0)  # names the row
    return {str(one) for one in forms} - {WITHDRAWN}


def _rows_of(connection: Connection, company: str) -> int:
    """How many rows were taken and not withdrawn, those that cannot be used among them."""
    taken = sum(row["taken"] for row in read(connection, marks, marks.c.company == company))
    withdrawn = select(func.count()).where(facts_table.c.form == WITHDRAWN, by_form(company))
    return int(taken - connection.execute(withdrawn).scalar_one())


def _said(connection: Connection, form: str, mine: ColumnElement[bool]) -> Sequence[str]:
    """The columns in which some row of a form says something: each that is fetched costs a cell a row."""
    kind = KINDS[form]
    optional = [column_of(name, of) for name, of in FIELDS[form].items() if name not in kind.needed]
    counted = [func.count(facts_table.c[name]) for name in (OWN, *optional)]
    counts = connection.execute(select(*counted).where(mine, facts_table.c.form == form)).one()
    empty = {name for name, many in zip((OWN, *optional), counts, strict=True) if not many}
    return [name for name in _stated(form) if name not in empty]


def _stated(form: str) -> Sequence[str]:
    """The columns of a form."""
    names = [column_of(name, of) for name, of in FIELDS[form].items()]
    return [*names, *(["currency"] if KINDS[form].money else []), OWN]


def _wanted(form: str, names: Sequence[str], mine: ColumnElement[bool]) -> Select[Any]:
    """Source, code and cells of the facts of a form."""
    every = ("source", "row_code", *names)
    raw: list[ColumnElement[Any]] = [type_coerce(facts_table.c[name], NullType()).label(name) for name in every]
    wanted: Select[Any] = select(*raw).where(mine, facts_table.c.form == form)
    return wanted


# ── cells to tables ─────────────────────────────────────────────────────────────────────────────────────────


@define(eq=False)
class _FormRows:
    """The rows of a form, as they are read."""

    form: str
    columns: Mapping[str, Growing]
    """The columns of facts, by name, in the order of the cells behind source and code."""
    sources: list[Any] = field(factory=list)
    codes: list[Any] = field(factory=list)
    own: Growing | None = None
    """Where the facts themselves say that they come from, behind all other cells; None where none says it."""
    odd: bool = False
    """Whether a cell is of another kind than what was written."""

    def add(self, rows: _Rows) -> None:
        """Add some rows."""
        sources, codes, *cells = zip(*rows, strict=True)
        self.sources += sources
        self.codes += codes
        growing = [*self.columns.values(), *([] if self.own is None else [self.own])]
        try:
            for column, part in zip(growing, cells, strict=True):
                column.add(part)
        except UNREADABLE:
            self.odd = True

    def table(self, words: dict[int, Sequence[str]]) -> Table | None:
        """The columns; None where a row holds what was never written."""
        if self.odd or {*map(type, self.codes), *map(type, self.sources)} != {str}:
            return None
        try:
            columns = {name: growing.column(words) for name, growing in self.columns.items()}
        except UNREADABLE:
            return None
        table = Table(self.form, len(self.codes), columns)
        return None if _lacks_currency(table) or suspects_in(table) else table


def _lacks_currency(table: Table) -> bool:
    """Whether an amount is in no currency, or in none that there is."""
    amounts = [table[name] for name in KINDS[table.name].money if name in table]
    if not amounts:
        return False
    currency = table["currency"]
    stated = np.logical_or.reduce([is_there(amount) for amount in amounts])
    return bool((stated & (currency.values < 0)).any()) or not {*currency.words} <= {*CURRENCIES}


@define(eq=False)
class _Gathered:
    """Tables of facts, whose columns of one domain share their words."""

    connection: Connection
    company: str
    _forms: list[_FormRows] = field(factory=list)
    _shared: Mapping[str, Words] = field(factory=lambda: {domain: no_words() for domain in DOMAINS})

    def add(self, form: str, names: Sequence[str], parts: Iterable[_Rows]) -> None:
        """Add the rows of a form: source, code, and the cells of these columns of the database."""
        known = KINDS[form].columns
        columns = {
            name: Growing.of_field(column, self._shared)
            for name, column in known.items()
            if column_of(name, column.type) in names
        }
        if KINDS[form].money:
            columns["currency"] = Growing("currency")
        found = _FormRows(form, columns, own=Growing("text") if OWN in names else None)
        for rows in parts:
            if rows:
                found.add(rows)
        if found.codes:
            self._forms.append(found)

    def tables(self) -> Iterator[KeptTable]:
        """The tables; nothing is added afterwards.

        Raises:
            StoreError: a row says nothing that was ever written; it is named.
        """
        words: dict[int, Sequence[str]] = {}
        for rows in self._forms:
            table = rows.table(words)
            if table is None:
                yield self._by_rows(rows)
                continue
            names = [f"{source} {code}" for source, code in zip(rows.sources, rows.codes, strict=True)]
            own = [] if rows.own is None else values_of(rows.own.column(words))
            yield _kept(table, rows.sources, names, own)

    def _by_rows(self, rows: _FormRows) -> KeptTable:
        """The rows of a form, read one by one."""
        facts: list[Fact] = []
        sources, names = list[str](), list[str]()
        for row in self._read(rows):
            facts.append(made(facts_table, row, partial(fact_of, rows.form)))
            sources.append(row["source"])
            names.append(f"{row['source']} {row['row_code']}")
        return _kept(table_of_kind(rows.form, facts), sources, names, [fact.source or None for fact in facts])

    def _read(self, rows: _FormRows) -> Iterator[dict[str, Any]]:
        of_form = (facts_table.c.company == self.company, facts_table.c.form == rows.form)
        by_source: dict[Any, list[Any]] = {}
        for source, code in zip(rows.sources, rows.codes, strict=True):
            by_source.setdefault(source, []).append(code)
        for source, codes in by_source.items():
            of_source = (*of_form, facts_table.c.source == source)
            for some in in_parts(codes):
                yield from read(self.connection, facts_table, *of_source, facts_table.c.row_code.in_(some))


def _kept(table: Table, sources: Sequence[str], names: Sequence[str], own: Sequence[str | None]) -> KeptTable:
    index = no_words()
    senders = of_texts(sources, index)
    called = packed_words(names)
    if any(own):
        said = no_words()
        told = of_texts([mine or name for mine, name in zip(own, names, strict=True)], said)
        source = Column("text", told.values, None, words_in(said))
    else:
        source = Column("text", np.arange(len(names), dtype=np.int32), None, called)
    table = Table(table.name, table.rows, {**table.columns, "source": source})
    return KeptTable(table, Column("text", senders.values, None, words_in(index)), called)


# ── in parts ────────────────────────────────────────────────────────────────────────────────────────────────


@define(eq=False)
class _ByLoan:
    """The rows of a form in order of their loans, read some at a time."""

    names: Sequence[str]
    """The columns of their cells behind source and code."""
    parts: Iterator[_Rows]
    loan: int
    """The place of the loan in a row."""
    held: list[Sequence[Any]] = field(factory=list)
    """Rows that were read and not yet taken."""

    def some(self, most: int) -> None:
        """Read on until `most` rows are held, or none are left to read."""
        while len(self.held) < most and (more := next(self.parts, None)) is not None:
            self.held += more

    def until(self, loan: str | None) -> list[Sequence[Any]]:
        """Take the rows up to a loan, included; None is all."""
        while more := (next(self.parts, None) if loan is None or not self.held or self._loan(-1) <= loan else None):
            self.held += more
        end = len(self.held) if loan is None else bisect_right(self.held, loan, key=lambda row: str(row[self.loan]))
        found, self.held = self.held[:end], self.held[end:]
        return found

    def _loan(self, place: int) -> str:
        return str(self.held[place][self.loan])

    def bound(self, most: int) -> str | None:
        """The last loan of a part of so many rows; None where there are no more."""
        self.some(most + 1)
        return self._loan(most - 1) if len(self.held) > most else None


def held_parts(scope: Scope, authority: Authority, *, currency: str, most: int) -> Iterator[Facts]:
    """The facts in parts of at most as many loans each; the first has what belongs to no loan too.

    Raises:
        DataError: parts of no loans.
        StoreError: a cell holds what was never written, with its row.
    """
    if most < 1:
        raise DataError("parts", f"{most} loans make no part", "ask for one loan or more")
    with scope.reading() as connection:
        mine = facts_table.c.company == scope.company
        known = _sources(connection, scope.company)
        of_loans = {form: _by_loan(connection, form, mine) for form in _OF_LOANS}
        rest: Collection[str] = [form for form in FIELDS if form not in of_loans]
        until: str | None = ""
        while until is not None:
            until = of_loans["loans"].bound(most)
            gathered = _Gathered(connection, scope.company)
            for form, rows in of_loans.items():
                gathered.add(form, rows.names, [rows.until(until)])
            for form in rest:
                names = _said(connection, form, mine)
                gathered.add(form, names, raw_rows(connection, _wanted(form, names, mine)))
            yield kept_facts(gathered.tables(), authority=authority, known=known, currency=currency)
            rest = ()


def _by_loan(connection: Connection, form: str, mine: ColumnElement[bool]) -> _ByLoan:
    names = _said(connection, form, mine)
    wanted = _wanted(form, names, mine)
    loan: ColumnElement[Any] = facts_table.c.loan
    if connection.dialect.name == "postgresql":
        loan = collate(loan, "C")  # by characters, as Python compares texts
    return _ByLoan(names, raw_rows(connection, wanted.order_by(loan)), 2 + names.index("loan"))
