"""Chosen: tables -> the rows that concern some payees and loans, or some days."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import numpy as np

from loanperf._facts._columns import KIND_AT, columns_at, day_at, domain_of, members_of, nothing_at, words_of
from loanperf._kinds import KINDS, Domain
from loanperf._numbers import Places, Truth, day_number, nowhere
from loanperf._tables._columns import Table
from loanperf._tables._index import WordIndex
from loanperf._tables._words import place_of, renumbered

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


def _named(tables: Mapping[str, Table], domain: Domain, texts: Collection[str]) -> Truth:
    """Which codes of a domain are those of some texts."""
    words = words_of(tables, domain)
    found = nowhere(len(words) + 1)
    if len(texts) > _FEW:
        found[WordIndex.of(words).find_all(texts)] = True
    else:
        codes = [place_of(words, text) for text in texts]
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
