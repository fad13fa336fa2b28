"""Once: tables in which rows may repeat or contradict each other -> each fact once, in order of its key.

A row that a later delivery or another source says again is the same row. Rows that say different things under one key
are all refused, because nothing tells which of them is true. Two equal rows of one delivery that a number would tell
apart, and that have none, may be one event or two: one is used, and the other is a problem that names both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from attrs import evolve, frozen

from loanperf._facts._authority import SentFact, named
from loanperf._facts._columns import (
    DELIVERY,
    DOMAINS,
    KIND_AT,
    SENDER,
    columns_at,
    facts_of,
    key_at,
    members_of,
    nothing_at,
)
from loanperf._facts._rows import Fact, about, fields_shown
from loanperf._kinds import FactColumn
from loanperf._numbers import AS_THEY_ARE, Places, Rows, Truth, changed, counts_up, nowhere, ordered, rising, starts_of
from loanperf._tables._columns import Column, Table
from loanperf._tables._values import absent, in_order
from loanperf._tables._words import renumbered, stacked_tables, with_default, with_shared_words, without_empty
from loanperf.errors import NAMED_PLACES, Problem, natural_key

Told = Callable[[str, int], SentFact]
"""From a place and a row of its table, as it was given, to that row as it was sent."""


@frozen(eq=False)
class Once:
    """Tables in which each key stands once, and what was found on the way."""

    tables: dict[str, Table]
    repeats: int
    problems: tuple[Problem, ...]
    refused: tuple[Fact, ...]
    rows: Mapping[str, Rows]
    """By place: the numbers of the given rows that are in its table, in the order of the table."""


def once(given: Mapping[str, Sequence[Table]], told: Told | None = None) -> Once:
    """Take each fact once, and refuse those that contradict each other.

    Args:
        given: by place, one or more tables, whose rows count on from table to table. Columns that every row lacks may
            be left out. Columns of one domain may have words of their own; `sender` and `delivery` may say who sent a
            row and with which file.
        told: gives a row that takes part in a problem as it was sent; without it a row is named by its source.

    Returns:
        A table of every place, each with all of its columns; loans have the codes 0, 1, 2 … in order of rows.
    """
    tables = _of_shared_words({place: _whole(place, stacked_tables(parts)) for place, parts in given.items() if parts})
    found: dict[str, Table] = {}
    used: dict[str, Rows] = {}
    repeats, problems, refused = 0, list[Problem](), list[Fact]()
    risen: dict[int, bool] = {}
    for place in KIND_AT:
        table = tables.get(place)
        if table is None or not table.rows:
            nothing = nothing_at(place)
            found[place] = nothing if table is None else evolve(nothing, came_as=table.came_as)
            continue
        key = table[key_at(place)[0]].values
        if id(key) not in risen:  # the columns of a tape are shared by its facts
            risen[id(key)] = rising(key)
        kept = _Kept(AS_THEY_ARE) if risen[id(key)] else _kept(place, table, told or _by_source(table))
        repeats += kept.repeats
        problems += kept.problems
        refused += kept.refused
        found[place], used[place] = _used(table, kept.rows), kept.rows
    return Once(_of_rising_loans(found), repeats, tuple(problems), tuple(sorted(refused, key=str)), used)


def _whole(place: str, table: Table) -> Table:
    """The table with all columns of its place; one that was not given is missing in every row.

    An empty text becomes a missing one, and a missing role the default, so that equal rows compare as equal.
    """
    columns = dict(table.columns)
    for name, nothing in nothing_at(place).columns.items():
        column = columns[name] if name in columns else absent(nothing.kind, table.rows)
        known = columns_at(place).get(name)
        columns[name] = column if known is None else _said(column, known)
    return evolve(table, columns=columns)


def _said(column: Column, known: FactColumn) -> Column:
    """The column with its default where nothing is said; an empty text says nothing."""
    if column.kind == "truth":
        return column if column.missing is None else evolve(column, missing=None)
    if column.kind != "text" or known.default is None:
        return column
    return with_default(column, str(known.default)) if known.default else without_empty(column)


def _used(table: Table, rows: Rows) -> Table:
    """Some rows, in this order, without the columns that only told who sent them."""
    columns = {name: column for name, column in table.columns.items() if name not in (SENDER, DELIVERY)}
    found = evolve(table, columns=columns)
    return found if isinstance(rows, slice) else found.take(rows)


def _sorted(place: str, table: Table) -> Table:
    return _used(table, _order(place, table))


def _by_source(table: Table) -> Told:
    def told(place: str, row: int) -> SentFact:
        (fact,) = facts_of(place, table.take(slice(row, row + 1)))
        delivery = int(table[DELIVERY].values[row]) if DELIVERY in table else 0
        return SentFact(fact, "", fact.source, delivery)

    return told


# ── one list of words a domain ──────────────────────────────────────────────────────────────────────────────


def _of_shared_words(tables: dict[str, Table]) -> dict[str, Table]:
    for domain in DOMAINS:
        members = members_of(domain, tables)
        columns = with_shared_words([tables[place][name] for place, name in members])
        for (place, name), column in zip(members, columns, strict=True):
            if column is not tables[place][name]:
                tables[place] = evolve(tables[place], columns={**tables[place].columns, name: column})
    return tables


def _of_rising_loans(tables: dict[str, Table]) -> dict[str, Table]:
    """Number loans by their rows, so that what is said of a loan finds it without looking for it."""
    codes = tables["loans"]["loan"].values
    words = tables["loans"]["loan"].words
    if counts_up(codes):
        return tables
    named_here = nowhere(len(words))
    named_here[codes] = True
    order = np.concatenate([codes, np.flatnonzero(~named_here)])
    moved = renumbered(tables, members_of("loan", tables), order)
    return {place: _sorted(place, table) if "loan" in key_at(place) else table for place, table in moved.items()}


# ── each key once ───────────────────────────────────────────────────────────────────────────────────────────


@frozen(eq=False)
class _Kept:
    """Which rows of a table are used, in order of their key, and what is said of the others."""

    rows: Rows
    repeats: int = 0
    problems: Sequence[Problem] = ()
    refused: Sequence[Fact] = ()


def _kept(place: str, table: Table, told: Told) -> _Kept:
    order = _order(place, table)
    key = [table[name].values[order] for name in key_at(place)]
    starts = starts_of(*key)
    if len(starts) == table.rows:
        return _Kept(order)
    if isinstance(order, slice):
        order = np.arange(table.rows)
    sizes = np.diff(starts, append=table.rows)
    differing = np.maximum.reduceat(_differs(place, table.take(order)), starts) > 0
    chosen = starts.copy()
    sources = np.maximum.reduceat(_differ(table["source"], order), starts) > 0
    for group in np.flatnonzero(~differing & sources).tolist():
        same = [_place(told(place, row)) for row in order[starts[group] : starts[group] + sizes[group]].tolist()]
        chosen[group] += same.index(min(same))
    problems, refused = list[Problem](), list[Fact]()
    for group in np.flatnonzero(differing).tolist():
        rows = [told(place, row) for row in order[starts[group] : starts[group] + sizes[group]].tolist()]
        problems += [contradiction(named(row), row.fact, len(rows)) for row in rows]
        refused += [row.fact for row in rows]
    repeats = int((sizes - 1)[~differing].sum())
    again = _told_again(place, table, order, starts, sizes, differing, told)
    return _Kept(order[chosen[~differing]], repeats - len(again), problems + again, refused)


def _order(place: str, table: Table) -> Rows:
    """The order of rows by their key; by number as text where all the rest of a key is the same."""
    names = key_at(place)
    keys = [table[name].values for name in names if name != "number"]
    if "number" not in names:
        return ordered(*keys)
    number = table["number"]
    order = ordered(*keys, number.values) if keys else ordered(number.values)
    tied = _tied(keys, order) if keys else None
    if tied is None or not tied.size:
        return order
    codes = np.unique(number.values[tied])
    codes = codes[codes >= 0]
    ranks = np.full(len(number.words) + 1, -1)
    ranks[codes] = in_order(map(number.words.__getitem__, codes.tolist()))
    return ordered(*keys, ranks[number.values])


def _tied(keys: Sequence[Any], order: Rows) -> Places:
    """Rows whose keys but for the number are those of another row."""
    differs = nowhere(len(keys[0]))
    differs[:1] = True
    for key in keys:
        differs |= changed(key[order])
    found = np.flatnonzero(~differs | np.append(~differs[1:], False))
    return found if isinstance(order, slice) else order[found]


def _differs(place: str, table: Table) -> Truth:
    """Where a row says something else than the row before it."""
    found = nowhere(table.rows)
    names = [name for name in (*columns_at(place), "currency") if name in table and name not in key_at(place)]
    for name in names:
        found |= _differ(table[name], AS_THEY_ARE)
    new = starts_of(*(table[name].values for name in key_at(place)))
    found[new] = False
    return found


def _differ(column: Column, order: Rows) -> Truth:
    """Where a value is another than that of the row before."""
    found = changed(column.values[order])
    return found if column.missing is None else found | changed(column.missing[order])


def _told_again(
    place: str, table: Table, order: Places, starts: Places, sizes: Places, differing: Truth, told: Told
) -> list[Problem]:
    """A problem for each row that says what another one of its source and delivery says, without a number."""
    if "number" not in table or "number" not in columns_at(place) or not columns_at(place)["number"].optional:
        return []
    unnumbered = table["number"].values[order[starts]] < 0
    found: list[Problem] = []
    doubtful = ~differing & unnumbered & _of_one_delivery(table, order, sizes)
    for group in np.flatnonzero(doubtful).tolist():
        found += _said_again([told(place, row) for row in order[starts[group] : starts[group] + sizes[group]].tolist()])
    return found


def _of_one_delivery(table: Table, order: Places, sizes: Places) -> Truth:
    """Which groups of rows may have two of one delivery; all of several rows where no column says of which they are."""
    if DELIVERY not in table:
        return sizes > 1
    group, delivery = np.repeat(np.arange(len(sizes)), sizes), table[DELIVERY].values[order]
    by = ordered(group, delivery)
    same = ~(changed(group[by]) | changed(delivery[by]))
    same[:1] = False
    found = nowhere(len(sizes))
    found[group[by][same]] = True
    return found


def _said_again(same: list[SentFact]) -> Iterator[Problem]:
    groups: dict[tuple[int, str], list[SentFact]] = defaultdict(list)
    for row in sorted(same, key=_place):
        groups[row.delivery, row.source].append(row)
    for rows in groups.values():
        names = [row.where for row in rows]
        yield from (said_twice(named(row), names, row.fact) for row in rows[1:])


def _place(row: SentFact) -> tuple[Any, ...]:
    """The order of rows that say the same."""
    return row.source, natural_key(row.where), row.delivery


# ── what is said of them ────────────────────────────────────────────────────────────────────────────────────


def said_twice(where: str, names: Collection[str], fact: Fact) -> Problem:
    """What is said of a row that says what others of its delivery say.

    Args:
        where: the row.
        names: what all of the rows are called, those among them that have a name.
        fact: what they say.
    """
    shown_names = [name for name in names if name][:NAMED_PLACES]
    more = f" and {len(names) - len(shown_names)} more" if shown_names and len(names) > len(shown_names) else ""
    which = f"{', '.join(shown_names)}{more}: " if shown_names else ""
    fault = f"{len(names)} rows say the same, and no number tells whether it happened once or more often"
    remedy = "give each event its own number, or send the row once; until then it counts once"
    # Nothing is lost: one of the rows counts.
    return evolve(about(fact, Problem(where, fault, which + fields_shown(fact), remedy)), loses=None)


def contradiction(where: str, fact: Fact, many: int) -> Problem:
    """What is said of one of several rows that contradict each other."""
    apart = ", or tell them apart by their number" if hasattr(fact, "number") else ""
    remedy = f"send the true one alone{apart}"
    fault = f"{many} rows contradict each other"
    return about(fact, Problem(where, fault, fields_shown(fact), remedy, fact=fact.key))
