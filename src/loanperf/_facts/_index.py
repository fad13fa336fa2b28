"""Index: facts -> the facts of some loans, customers or payees, found by binary search."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

import numpy as np
from attrs import evolve, field, frozen

from loanperf._facts._columns import KIND_AT, domain_of, nothing_at, words_of
from loanperf._facts._facts import Facts
from loanperf._facts._owners import BELONGINGS, BY_WORD, SHARED, Owner
from loanperf._kinds import Domain
from loanperf._numbers import Places, distinct
from loanperf._tables._columns import Column, Table
from loanperf._tables._index import RowIndex, WordIndex

_NONE: Places = np.flatnonzero([])


@frozen(eq=False)
class FactIndex:
    """Facts, and where in them something is said of an owner or a payee; what that costs does not grow with them."""

    facts: Facts
    _words: dict[str, WordIndex] = field(factory=dict, init=False)
    """By domain; of columns that have words of their own by place and column."""
    _rows: dict[tuple[str, str], RowIndex] = field(factory=dict, init=False)
    """By place and column."""

    # ── in part ───────────────────────────────────────────────────────────────────────────────────────────

    def of_owners(self, owners: Iterable[Owner]) -> Facts:
        """The facts of owners."""
        by_domain: dict[Domain, list[str]] = {domain: [] for domain in SHARED}
        single: dict[str, list[int]] = {}
        for owner in owners:
            domain = next((domain for domain in SHARED if domain == owner[0]), None)
            if domain:
                by_domain[domain].append(owner[1])
            elif owner[0] in BY_WORD:
                place = BY_WORD[owner[0]].table
                single.setdefault(place, []).extend(self._rows_of_key(place, owner))
        codes = {domain: self._index(domain).find_all(texts) for domain, texts in by_domain.items()}
        return self._taken(codes, {place: np.array(sorted(rows)) for place, rows in single.items()})

    def of_payees(self, payees: Iterable[str], but: Collection[Owner]) -> Facts:
        """The facts of all that names payees, such as loans that they originated, were assigned or are credited with.

        Args:
            payees: codes.
            but: owners whose facts are left out.
        """
        people = self._index("payee").find_all(payees)
        codes: dict[Domain, list[Places]] = {domain: [_NONE] for domain in SHARED}
        single: dict[str, Places] = {}
        for place, table, domain, column in self._naming():
            rows = self._find(place, column, people)
            if domain:
                codes[domain].append(table[domain].values[rows])
            else:
                facts = self.facts.rows_at(place, rows) if len(rows) else []
                kept = rows[[fact.key not in but for fact in facts]]
                single[place] = np.union1d(single.get(place, _NONE), kept)
        return self._taken({domain: self._others(domain, found, but) for domain, found in codes.items()}, single)

    def others(self, but: Collection[Owner]) -> Facts:
        """All facts but those of some owners."""
        without = {fact.key for fact in self.of_owners(but)}
        return Facts.joined([fact] for fact in self.facts if fact.key not in without) if but else self.facts.only()

    def _others(self, domain: Domain, codes: list[Places], but: Collection[Owner]) -> Places:
        """Some codes of loans or customers without those of some owners, in order, each once."""
        index, found = self._index(domain), distinct(np.concatenate(codes))[0]
        if len(but) < len(found) // 8:  # to find a code takes as long as to look several of them up
            return np.setdiff1d(found, index.find_all(code for what, code, *_ in but if what == domain))
        return found[[(domain, index.words[code]) not in but for code in found.tolist()]]

    def _naming(self) -> Iterator[tuple[str, Table, Domain, str]]:
        """Each column that holds payees: its place and table, what the rows belong to, and its name."""
        for place, table in self.facts.tables.items():
            known = BELONGINGS[KIND_AT[place]]
            if table.rows:
                yield from ((place, table, known.domain, name) for name in known.payees if name in table)

    def _rows_of_key(self, place: str, key: Owner) -> list[int]:
        """The rows of a fact that is its own owner; the second word of its key is that of a column."""
        table, column = self.facts.tables[place], BELONGINGS[place].first
        if not table.rows:
            return []
        code = self._index_at(place, column).find(key[1])
        rows = self._find(place, column, np.array([code]))
        return [
            row for row, fact in zip(rows.tolist(), self.facts.rows_at(place, rows), strict=True) if fact.key == key
        ]

    def _taken(self, codes: Mapping[Domain, Places], single: Mapping[str, Places]) -> Facts:
        """The facts of loans and customers, and single ones, with no more words than they use."""
        tables: dict[str, Table] = {}
        for place, table in self.facts.tables.items():
            domain = BELONGINGS[KIND_AT[place]].domain
            rows = self._find(place, domain, codes[domain]) if domain and table.rows else single.get(place, _NONE)
            tables[place] = table.take(rows) if len(rows) else nothing_at(place)
        _renumber(tables)
        return Facts(tables, rows=sum(table.rows for table in tables.values()))

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
            words = tuple(columns[0].words[code] for code in used[missing:].tolist())
            parts = np.split(codes - missing, np.cumsum([len(column) for column in columns])[:-1])
            for (place, name), part in zip(members, parts, strict=True):
                moved.setdefault(place, {})[name] = Column("text", part, None, words)
    for place, changed in moved.items():
        tables[place] = evolve(tables[place], columns={**tables[place].columns, **changed})
