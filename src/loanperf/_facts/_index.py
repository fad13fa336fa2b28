"""Index: facts -> the facts of some loans, customers or payees, found by binary search; and what a fact belongs to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import Any, TypeAlias

import numpy as np
from attrs import evolve, field, frozen

from loanperf._facts._columns import KIND_AT, domain_of, nothing_at, words_of
from loanperf._facts._facts import Facts
from loanperf._facts._rows import ROW_OF, Fact
from loanperf._kinds import KINDS, Domain
from loanperf._numbers import Places, distinct, marked
from loanperf._tables._columns import Column, Table
from loanperf._tables._words import RowIndex, WordIndex, chosen_words
from loanperf.errors import DataError, FactError, shown

Key: TypeAlias = tuple[str, ...]
"""The natural key of a fact: the name of its kind, then what tells it from others."""
Owner: TypeAlias = tuple[str, ...]
"""`("loan", code)` or `("customer", code)`: all that is said of it is worked together. Any other fact is its own owner,
under its natural key."""

SHARED: tuple[Domain, ...] = ("loan", "customer")
"""What facts of several kinds belong to."""


@frozen
class Belonging:
    """What facts of a kind belong to."""

    table: str
    """The name of the kind."""
    domain: Domain
    """`loan` or `customer`; empty where each fact is its own owner."""
    first: str
    """The column whose text comes second in a natural key."""
    code: Callable[[Any], str]
    """The code of the loan or customer of a fact."""
    payees: tuple[str, ...]
    """The columns that hold payees."""


def _belonging(name: str) -> Belonging:
    kind = KINDS[name]
    domain: Domain = kind.domain if kind.domain in SHARED else ""
    payees = tuple(column for column, known in kind.columns.items() if known.domain == "payee")
    return Belonging(name, domain, kind.key[0], attrgetter(domain or kind.key[0]), payees)


BELONGINGS = {name: _belonging(name) for name in KINDS}
_BY_CLASS = {ROW_OF[name]: belonging for name, belonging in BELONGINGS.items()}
BY_WORD = {kind.one: BELONGINGS[name] for name, kind in KINDS.items()}
"""By the first word of a natural key; the second is the code of a loan or customer."""


def owner_of(fact: Fact) -> Owner:
    """What a fact belongs to."""
    known = _BY_CLASS.get(type(fact))
    if known is None:
        raise FactError("a row", "its type", type(fact).__name__, "pass facts such as lp.Loan or lp.LoanEvent")
    return (known.domain, known.code(fact)) if known.domain else fact.key


def owner_of_key(key: Key) -> Owner:
    """What the facts of a natural key belong to."""
    if len(key) < 2 or not all(isinstance(part, str) for part in key):
        raise DataError("what is withdrawn", f"it is {shown(key)}", "pass a fact, or its key")
    known = BY_WORD.get(key[0])
    return (known.domain, key[1]) if known is not None and known.domain else key


def payees_of(facts: Iterable[Fact]) -> set[str]:
    """The payees whom facts name: who originated or was assigned a loan, looks after a customer, or is spoken of."""
    named = (getattr(fact, name) for fact in facts for name in _BY_CLASS[type(fact)].payees)
    return {payee for payee in named if payee is not None}


_NONE: Places = np.flatnonzero([])


@frozen(eq=False)
class Chosen:
    """Some facts of an index."""

    codes: Mapping[Domain, Places]
    """By domain, the codes of the loans or customers whose facts are all chosen, in order."""
    single: Mapping[str, Places]
    """The rows of other facts, by place."""


@frozen(eq=False)
class FactIndex:
    """Facts, and where in them something is said of an owner or a payee; what that costs does not grow with them."""

    facts: Facts
    _words: dict[str, WordIndex] = field(factory=dict, init=False)
    """By domain; of columns that have words of their own by place and column."""
    _rows: dict[tuple[str, str], RowIndex] = field(factory=dict, init=False)
    """By place and column."""

    # ── in part ───────────────────────────────────────────────────────────────────────────────────────────

    def only(self, *, payees: Collection[str] = (), owners: Iterable[Owner] = (), but: Collection[Owner] = ()) -> Facts:
        """The facts that `chosen` finds."""
        return self.taken(self.chosen(payees=payees, owners=owners, but=but))

    def others(self, but: Collection[Owner]) -> Facts:
        """All facts but those of some owners, with all problems; where there are some, each fact counts as a row."""
        facts = self.facts
        if not but:
            return facts
        chosen, tables = self.chosen(owners=but), dict(facts.tables)
        for place, table in tables.items():
            if len(gone := self._rows_at(place, chosen)):
                tables[place] = table.take(np.flatnonzero(~marked(gone, table.rows)))
        rows = sum(table.rows for table in tables.values()) + facts.repeats + len(facts.problems)
        return Facts(tables, facts.repeats, facts.problems, rows, facts.refused, partly_refused=facts.partly_refused)

    def chosen(
        self, *, payees: Collection[str] = (), owners: Iterable[Owner] = (), but: Collection[Owner] = ()
    ) -> Chosen:
        """The facts of owners, and of all that names payees: loans that they originated, were assigned or have part in.

        Args:
            payees: codes.
            owners: loans, customers and single facts.
            but: owners whose facts are left out.
        """
        codes: dict[Domain, list[Places]] = {domain: [_NONE] for domain in SHARED}
        single: dict[str, Places] = {}
        by_domain: dict[Domain, list[str]] = {domain: [] for domain in SHARED}
        for owner in owners:
            domain = next((domain for domain in SHARED if domain == owner[0]), None)
            if domain:
                by_domain[domain].append(owner[1])
            elif owner[0] in BY_WORD and owner not in but:
                place = BY_WORD[owner[0]].table
                single[place] = np.union1d(single.get(place, _NONE), self._rows_of_key(place, owner))
        for domain, texts in by_domain.items():
            if texts:
                codes[domain].append(self._index(domain).find_all(texts))
        people = self._index("payee").find_all(payees) if payees else _NONE
        for place, table, domain, column in self._naming() if payees else ():
            rows = self._find(place, column, people)
            if domain:
                codes[domain].append(table[domain].values[rows])
            elif len(rows):
                kept = [fact.key not in but for fact in self.facts.rows_at(place, rows)] if but else slice(None)
                single[place] = np.union1d(single.get(place, _NONE), rows[kept])
        return Chosen({domain: self._others(domain, found, but) for domain, found in codes.items()}, single)

    def owners(self, chosen: Chosen, among: Collection[Owner]) -> set[Owner]:
        """Those among some owners of whom a fact was chosen."""
        kinds, found = {owner[0] for owner in among}, set[Owner]()
        for domain in SHARED:
            if domain not in kinds:
                continue
            index, codes = self._index(domain), chosen.codes[domain]
            if len(among) < len(codes) // 8:  # to find a code takes as long as to look several of them up
                mine = index.find_all(owner[1] for owner in among if owner[0] == domain)
                codes = codes[marked(mine, len(index.words))[codes]]
            found.update((domain, index.words[code]) for code in codes.tolist())
        for place, rows in chosen.single.items():
            if KINDS[place].one in kinds:
                found.update(fact.key for fact in self.facts.rows_at(place, rows))
        return found.intersection(among)

    def _others(self, domain: Domain, codes: list[Places], but: Collection[Owner]) -> Places:
        """Some codes of loans or customers without those of some owners, in order, each once."""
        found = distinct(np.concatenate(codes))[0]
        if not len(found) or not but:
            return found
        index = self._index(domain)
        if len(but) < len(found) // 8:  # to find a code takes as long as to look several of them up
            return np.setdiff1d(found, index.find_all(code for what, code, *_ in but if what == domain))
        return found[[(domain, index.words[code]) not in but for code in found.tolist()]]

    def _naming(self) -> Iterator[tuple[str, Table, Domain, str]]:
        """Each column that holds payees: its place and table, what the rows belong to, and its name."""
        for place, table in self.facts.tables.items():
            known = BELONGINGS[KIND_AT[place]]
            if table.rows:
                yield from ((place, table, known.domain, name) for name in known.payees if name in table)

    def _rows_of_key(self, place: str, key: Owner) -> Places:
        """The rows of a fact that is its own owner; the second word of its key is that of a column."""
        table, column = self.facts.tables[place], BELONGINGS[place].first
        if not table.rows:
            return _NONE
        code = self._index_at(place, column).find(key[1])
        rows = self._find(place, column, np.array([code]))
        return rows[np.flatnonzero([fact.key == key for fact in self.facts.rows_at(place, rows)])]

    def taken(self, chosen: Chosen) -> Facts:
        """The facts that were chosen, with no more words than they use."""
        tables: dict[str, Table] = {}
        for place, table in self.facts.tables.items():
            rows = self._rows_at(place, chosen)
            tables[place] = table.take(rows) if len(rows) else nothing_at(place)
        _renumber(tables)
        return Facts(tables, rows=sum(table.rows for table in tables.values()))

    def _rows_at(self, place: str, chosen: Chosen) -> Places:
        domain = BELONGINGS[KIND_AT[place]].domain
        if not domain or not self.facts.tables[place].rows:
            return chosen.single.get(place, _NONE)
        return self._find(place, domain, chosen.codes[domain])

    # ── found by binary search ────────────────────────────────────────────────────────────────────────────

    def _index(self, domain: Domain) -> WordIndex:
        """The index of the words of a domain."""
        if domain not in self._words:
            self._words[domain] = WordIndex.of(words_of(self.facts.tables, domain))
        return self._words[domain]

    def _index_at(self, place: str, column: str) -> WordIndex:
        """The index of the words of a column."""
        if domain := domain_of(place, column):
            return self._index(domain)
        if (name := f"{place}.{column}") not in self._words:
            self._words[name] = WordIndex.of(self.facts.tables[place][column].words)
        return self._words[name]

    def _find(self, place: str, column: str, codes: Places) -> Places:
        if (place, column) not in self._rows:
            self._rows[place, column] = RowIndex.of(self.facts.tables[place][column].values)
        return self._rows[place, column].find(codes)


def _renumber(tables: dict[str, Table]) -> None:
    """Leave out words that no row has, and give the others their codes in the order in which they had them."""
    sharing: dict[int, list[tuple[str, str]]] = {}
    for place, table in tables.items():
        for name, column in table.columns.items() if table.rows else ():
            if column.kind == "text":
                sharing.setdefault(id(column.words), []).append((place, name))
    moved: dict[str, dict[str, Column]] = {}
    for members in sharing.values():
        columns = [tables[place][name] for place, name in members]
        values = np.concatenate([column.values for column in columns])
        if len(columns[0].words) > len(values) or ("loans", "loan") in members:
            used, codes = distinct(values)
            missing = int(np.count_nonzero(used < 0))
            words = chosen_words(columns[0].words, used[missing:])
            parts = np.split(codes - missing, np.cumsum([len(column) for column in columns])[:-1])
            for (place, name), part in zip(members, parts, strict=True):
                moved.setdefault(place, {})[name] = Column("text", part, None, words)
    for place, changed in moved.items():
        tables[place] = evolve(tables[place], columns={**tables[place].columns, **changed})
