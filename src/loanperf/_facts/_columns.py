"""Columns: rows -> a table of each place; tables -> rows again, some of their rows, and what people read.

A place is a kind of facts; events have a place for each kind of event, so that its table has the columns that such an
event states, and "the drawings" is a table and no filter.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cache
from itertools import repeat
from operator import attrgetter
from types import MappingProxyType
from typing import Any

import numpy as np
from attrs import NOTHING, evolve, fields, frozen

from loanperf._facts._authority import SentFact
from loanperf._facts._rows import ROW_OF, Fact, LoanEvent
from loanperf._kinds import COLUMN_TYPES, DETAIL, KINDS, Category, Domain, EventKind, FactColumn, TypeName
from loanperf._numbers import Places, Truth, day_number, nowhere, ordered
from loanperf._quantities import CURRENCIES, Money
from loanperf._tables._columns import Column, Table
from loanperf._tables._exact import decimals
from loanperf._tables._values import (
    Words,
    absent,
    constant,
    in_order,
    no_words,
    of_days,
    of_fractions,
    of_own_texts,
    of_texts,
    of_truths,
    of_whole,
    values_of,
    words_in,
)
from loanperf._tables._words import code_of_word, codes_among, renumbered, stacked_tables

SENDER, DELIVERY = "sender", "delivery"
"""Columns that rows have until it is known which of them repeat each other: who sent them, and with which file."""
DOMAINS: tuple[Domain, ...] = ("loan", "customer", "payee")
"""Columns of one of these, in whatever table, share one list of words, so that equal texts have equal codes."""
_FRACTIONS = frozenset({"share", "points", "rate"})


EVENT_PLACES: Mapping[EventKind, str] = MappingProxyType({kind: f"events {kind.value}" for kind in EventKind})
"""The place of each kind of event."""
EVENT_AT: Mapping[str, EventKind] = MappingProxyType({place: kind for kind, place in EVENT_PLACES.items()})
"""The kind of event at each place of events."""


def _placed() -> dict[str, str]:
    found: dict[str, str] = {}
    for name in KINDS:
        found |= dict.fromkeys(EVENT_PLACES.values(), name) if name == "events" else {name: name}
    return found


KIND_AT: Mapping[str, str] = MappingProxyType(_placed())
"""Every place, in order, and the name of its kind."""
_PLACE_OF: Mapping[Any, str] = MappingProxyType(
    {ROW_OF[name]: name for name in KINDS if name != "events"} | dict(EVENT_PLACES)
)


@cache
def columns_at(place: str) -> Mapping[str, FactColumn]:
    """The columns of the table at a place, but for the currency of its amounts and the source."""
    columns = KINDS[KIND_AT[place]].columns
    if place not in EVENT_AT:
        return columns
    stated = {"loan", "on", "number", *DETAIL[EVENT_AT[place]]}
    return MappingProxyType({name: column for name, column in columns.items() if name in stated})


@cache
def key_at(place: str) -> tuple[str, ...]:
    """The columns that tell the rows at a place apart."""
    return tuple(name for name in KINDS[KIND_AT[place]].key if name in columns_at(place))


@cache
def money_at(place: str) -> tuple[str, ...]:
    """The columns of amounts at a place, which are in the currency of the column `currency`."""
    return tuple(name for name, column in columns_at(place).items() if column.type == "money")


def day_at(place: str) -> str:
    """The column of the business date at a place."""
    return KINDS[KIND_AT[place]].on


def domain_of(place: str, name: str) -> Domain:
    """The domain of a column's words, which columns of other tables share; empty where the column has its own."""
    column = columns_at(place).get(name)
    return "" if column is None else column.domain


def members_of(domain: Domain, tables: Mapping[str, Table]) -> list[tuple[str, str]]:
    """The columns of tables that share the words of a domain: place and name of each, in order."""
    return [(place, name) for place, name in _members(domain) if place in tables]


@cache
def _members(domain: Domain) -> tuple[tuple[str, str], ...]:
    names = ((place, name) for place in KIND_AT for name in columns_at(place))
    return tuple((place, name) for place, name in names if domain_of(place, name) == domain)


def words_of(tables: Mapping[str, Table], domain: Domain) -> Sequence[str]:
    """The words of the codes of a domain, such as those of all payees; a table without a row may have none."""
    lists = (tables[place][name].words for place, name in members_of(domain, tables))
    return max(lists, key=len, default=())


@frozen(eq=False)
class PlacedRows:
    """Rows of one place as they came: what they say, and from whom and with which delivery it is."""

    facts: list[Fact]
    rows: list[SentFact] | None
    """The same, where they have names, senders or deliveries that their facts do not tell."""

    def told(self, row: int) -> SentFact:
        """A row, with the names that it has."""
        fact = self.facts[row]
        return SentFact(fact, "", fact.source) if self.rows is None else self.rows[row]


def placed(facts: Iterable[Fact]) -> dict[str, PlacedRows]:
    """The rows of each place, in the order in which they came; they are of one delivery."""
    found: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        found[_PLACE_OF[fact.kind if isinstance(fact, LoanEvent) else type(fact)]].append(fact)
    return {place: PlacedRows(rows, None) for place, rows in found.items()}


def placed_as_sent(rows: Iterable[SentFact]) -> dict[str, PlacedRows]:
    """The rows of each place, in the order in which they came, with their names."""
    found: dict[str, list[SentFact]] = defaultdict(list)
    for row in rows:
        fact = row.fact
        found[_PLACE_OF[fact.kind if isinstance(fact, LoanEvent) else type(fact)]].append(row)
    return {place: PlacedRows([row.fact for row in rows], rows) for place, rows in found.items()}


# ── rows to tables ──────────────────────────────────────────────────────────────────────────────────────────


def tables_of(rows: Mapping[str, PlacedRows]) -> dict[str, Table]:
    """The tables of rows, by place; words of a domain stand in one list."""
    shared: dict[str, Words] = {domain: no_words() for domain in DOMAINS}
    found = {place: _table(place, rows[place], shared) for place in KIND_AT if place in rows}
    words = {domain: words_in(index) for domain, index in shared.items()}
    return {place: _worded(place, table, words) for place, table in found.items()}


def table_of_kind(name: str, facts: Sequence[Fact]) -> Table:
    """Rows of one kind of facts in one table, in the order in which they came; events of all kinds together."""
    return Table(name, len(facts), _in_columns(KINDS[name].columns, facts, {}))


def _in_columns(
    known: Mapping[str, FactColumn], facts: Sequence[Fact], shared: Mapping[str, Words]
) -> dict[str, Column]:
    """The columns of rows, with the currency of their amounts, and their source."""
    columns = dict[str, Column]()
    for name, column in known.items():
        if column.type == "money":
            amounts: list[Money | None] = list(map(attrgetter(name), facts))
            columns[name] = of_whole([None if amount is None else amount.units for amount in amounts])
        else:
            columns[name] = _column(column, list(map(attrgetter(name), facts)), shared.get(column.domain))
    if money := [name for name, column in known.items() if column.type == "money"]:
        columns["currency"] = of_own_texts(_currencies(facts, money))
    columns["source"] = of_own_texts(list(map(attrgetter("source"), facts)))
    return columns


def _table(place: str, sent: PlacedRows, shared: Mapping[str, Words]) -> Table:
    facts = sent.facts
    columns = _in_columns(columns_at(place), facts, shared)
    if sent.rows is not None:
        columns[SENDER] = of_own_texts([row.source for row in sent.rows])
        columns[DELIVERY] = of_whole([row.delivery for row in sent.rows])
    return Table(place, len(facts), columns)


def _currencies(facts: Iterable[Fact], names: Sequence[str]) -> list[str | None]:
    """The currency of the amounts of each row; those of a row are in one."""
    first, *others = names
    found = [amount and amount.currency for amount in map(attrgetter(first), facts)]
    if others and None in found:
        return [one or other for one, other in zip(found, _currencies(facts, others), strict=True)]
    return found


def _column(column: FactColumn, values: list[Any], index: Words | None) -> Column:
    held = COLUMN_TYPES[column.type].held
    if held == "text":
        texts = [value and value.value for value in values] if column.type == "word" else values
        if column.type == "text":
            texts = [text or None for text in texts]  # an empty text says as much as none
        return of_own_texts(texts) if index is None else of_texts(texts, index)
    if held == "day":
        return of_days(values)
    if held == "truth":
        return of_truths(values)
    if column.type in _FRACTIONS:
        return of_fractions(values)
    return of_whole(values)


def _worded(place: str, table: Table, words: Mapping[str, Sequence[str]]) -> Table:
    """The table, with the words of each domain."""
    columns = dict(table.columns)
    for name in columns_at(place):
        if domain := domain_of(place, name):
            columns[name] = Column("text", columns[name].values, None, words[domain])
    return Table(place, table.rows, columns)


def of_delivery(table: Table, number: int) -> Table:
    """The table, with the number of the delivery that its rows are of."""
    return evolve(table, columns={**table.columns, DELIVERY: Column("whole", constant(number, table.rows, "whole"))})


def of_deliveries(table: Table, numbers: Iterable[int]) -> Table:
    """The table, with the number of the delivery that each of its rows is of."""
    return evolve(table, columns={**table.columns, DELIVERY: of_whole([*numbers])})


@cache
def nothing_at(place: str) -> Table:
    """The table of a place at which there is no row."""
    columns = {name: absent(COLUMN_TYPES[column.type].held, 0) for name, column in columns_at(place).items()}
    if money_at(place):
        columns["currency"] = absent("text", 0)
    return Table(place, 0, columns | {"source": absent("text", 0)})


# ── tables to rows ──────────────────────────────────────────────────────────────────────────────────────────


def facts_of(place: str, table: Table) -> list[Fact]:
    """The rows of a table, as values of the class of its kind; their cells were checked when they came in."""
    kind = ROW_OF[KIND_AT[place]]
    found: list[Any] = list(map(object.__new__, repeat(kind, table.rows)))
    currencies = values_of(table["currency"]) if money_at(place) else []
    for item in fields(kind):
        values = _values(place, table, item.name, currencies)
        if item.default is not NOTHING and None in values:
            values = [item.default if value is None else value for value in values]
        deque(map(getattr(kind, item.name).__set__, found, values), maxlen=0)
    return found


def _values(place: str, table: Table, name: str, currencies: list[Any]) -> list[Any]:
    if name == "kind" and place in EVENT_AT:
        return [EVENT_AT[place]] * table.rows
    if name not in table:
        return [None] * table.rows
    values = values_of(table[name])
    kind = "text" if name == "source" else columns_at(place)[name].type
    if kind == "money":
        return [None if units is None else Money.from_units(units, code)
                for units, code in zip(values, currencies, strict=True)]  # fmt: skip
    if kind in _FRACTIONS:
        scale = table[name].scale
        return [None if value is None else Fraction(value, scale) for value in values]
    if kind == "word":
        return [None if value is None else Category(value) for value in values]
    return values


# ── some rows of tables ──────────────────────────────────────────────────────────────────────────────────────────


_FEW = 8
"""So many texts are looked for one by one; for more of them it pays to index the words first."""


def chosen(tables: Mapping[str, Table], payees: Collection[str], loans: Collection[str]) -> dict[str, Table]:
    """The rows that are about some payees, about their loans and customers, or about some loans; and exchange rates."""
    people = _named(tables, "payee", payees)
    wanted: dict[Domain, Truth] = {
        "payee": people,
        "loan": _named(tables, "loan", loans) | _coming_with(tables, "loan", people),
        "customer": _coming_with(tables, "customer", people),
    }
    found = {}
    for place, table in tables.items():
        kind = KINDS[KIND_AT[place]]
        if not kind.domain or not table.rows:
            found[place] = table
            continue
        name = next(name for name in columns_at(place) if domain_of(place, name) == kind.domain)
        found[place] = table.take(np.flatnonzero(wanted[kind.domain][table[name].values]))
    return found


def chosen_loans(
    tables: Mapping[str, Table], payees: Collection[str], loans: Collection[str], codes: Iterable[Places]
) -> Truth:
    """Which codes of loans are those of some loans, of loans in which some payees have a part, or among some codes."""
    found = _named(tables, "loan", loans) | _coming_with(tables, "loan", _named(tables, "payee", payees))
    for some in codes:
        found[some] = True
    return found


def _named(tables: Mapping[str, Table], domain: Domain, texts: Collection[str]) -> Truth:
    """Which codes of a domain are those of some texts."""
    words = words_of(tables, domain)
    found = nowhere(len(words) + 1)
    if len(texts) > _FEW:
        found[codes_among(words, texts)] = True
    else:
        codes = [code_of_word(words, text) for text in texts]
        found[[code for code in codes if code >= 0]] = True
    return found


def _coming_with(tables: Mapping[str, Table], domain: Domain, people: Truth) -> Truth:
    """Which loans, or customers, have a row that names one of some people."""
    found = nowhere(len(words_of(tables, domain)) + 1)
    for place, table in tables.items():
        if KINDS[KIND_AT[place]].domain != domain or not table.rows:
            continue
        (home,) = (name for name in columns_at(place) if domain_of(place, name) == domain)
        for name in columns_at(place):
            if domain_of(place, name) == "payee":
                found[table[home].values[people[table[name].values]]] = True
    return found


def dated(tables: Mapping[str, Table], through: date) -> dict[str, Table]:
    """The rows whose business date is not after a day."""
    last, found = day_number(through), {}
    for place, table in tables.items():
        on = table[day_at(place)].values
        found[place] = table if not table.rows or int(on.max()) <= last else table.take(np.flatnonzero(on <= last))
    return found


def in_part(tables: Mapping[str, Table]) -> dict[str, Table]:
    """Tables of some rows of larger ones, with the loans and customers alone that they name."""
    found = {place: table if table.rows else nothing_at(place) for place, table in tables.items()}
    domains: tuple[Domain, ...] = ("loan", "customer")
    for domain in domains:
        members = [(place, name) for place, name in members_of(domain, found) if found[place].rows]
        if members:
            found = renumbered(found, members, _used(found, members))
    return found


def _used(tables: Mapping[str, Table], members: Collection[tuple[str, str]]) -> Places:
    """The codes that occur: those of the rows of the first table as they stand there, then the others."""
    (place, name), *_ = members
    used = nowhere(len(tables[place][name].words))
    for where, column in members:
        used[tables[where][column].values] = True
    first = tables[place][name].values
    if place != "loans":
        return np.flatnonzero(used)
    used[first] = False
    return np.concatenate([first, np.flatnonzero(used)])


# ── in the units that people read ────────────────────────────────────────────────────────────────────────────────


def shown_columns(tables: Mapping[str, Table]) -> dict[str, Column]:
    """The columns of the facts of one kind, in order of key.

    Args:
        tables: by place, those of the kind: one, or one for each kind of event.
    """
    kind = KINDS[KIND_AT[next(iter(tables))]]
    table = stacked_tables([_with_kind(place, table) for place, table in tables.items()])
    table = _by_key(table, kind.key)
    types = {name: column.type for name, column in kind.columns.items()}
    names = [*types, *(["currency"] if kind.money else []), "source"]
    return {name: _shown(table, name, types.get(name, "text")) for name in names}


def in_order_of_key(tables: Mapping[str, Table]) -> dict[str, Table]:
    """The tables in which there are rows, each in order of key, in whatever order the rows came."""
    return {place: _by_key(table, key_at(place)) for place, table in tables.items() if table.rows}


def _by_key(table: Table, key: Iterable[str]) -> Table:
    """The rows of a table in order of some of its columns, texts by their characters."""
    return table.take(ordered(*(_ranks(table[name]) for name in key)))


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
    column = _column_or_none(table, name, kind)
    if kind == "money":
        currency = _column_or_none(table, "currency", "text")
        scales = np.array([*(10 ** CURRENCIES[code] for code in currency.words), 1])
        found = decimals(column.values, 1, scales[currency.values], 1)
    elif kind in ("share", "points", "rate"):
        found = decimals(column.values, column.scale or 1, None, 1)
    else:
        return column
    return evolve(found, missing=column.missing)


def _column_or_none(table: Table, name: str, kind: TypeName) -> Column:
    """A column; of events of which no kind states it, one in which every value is missing."""
    return table[name] if name in table else absent(COLUMN_TYPES[kind].held, table.rows)
