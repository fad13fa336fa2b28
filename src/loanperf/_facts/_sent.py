"""Sent: a table of a feed -> what each of its rows says; and tables of what holds -> facts, each once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from attrs import define, evolve, frozen

from loanperf._facts._authority import Authority, Compared, SentFact, are_compared, compared, named
from loanperf._facts._checked import Checked, columns_given, in_another_currency
from loanperf._facts._columns import EVENT_AT, facts_of, money_at
from loanperf._facts._facts import Facts
from loanperf._facts._once import once
from loanperf._facts._read import at_places, must_be_tables, parted, stated
from loanperf._facts._rows import Fact, about
from loanperf._kinds import KINDS, TAPE, EventKind
from loanperf._numbers import Places, Rows, Truth, Whole, among, count_of, marked, nowhere, ordered, put, starts_of
from loanperf._quantities import CURRENCIES
from loanperf._tables._columns import Column, Table
from loanperf._tables._given import read_table
from loanperf._tables._settled import Wanted, settled
from loanperf._tables._units import NO_UNITS, UnitsSaid
from loanperf._tables._values import in_order
from loanperf._tables._words import are_plain, is_of_digits
from loanperf.errors import DataError, FeedError, Problem, UnitError, shown

Content: TypeAlias = "Fact | Problem | None"
"""What a row says: a fact; a problem where it cannot be read; None where it was withdrawn."""
WITHDRAWN = "withdrawn"
"""The name of the table of rows that were withdrawn."""
_CODE = "give a printable, non-empty code"
_RISING = "give a whole number from 0 to 2**63 - 1 that rises with each change, such as a version column"


@frozen(eq=False)
class SentTable:
    """A table of a feed: facts of one kind, or the rows that were withdrawn."""

    rows: Sequence[str]
    """What the source calls each row."""
    revisions: Whole
    """0 to 2**63 - 1."""
    checked: Checked | None
    """What the rows say, and what is wrong with some of them; None where they were withdrawn."""

    @classmethod
    def of(cls, name: str, given: Any, currency: str) -> SentTable:
        """Check a table."""
        table = read_table(given, name)
        for item in ("row", "revision"):
            if item not in table:
                raise DataError(f"table {name}", f"it has no column {item!r}", "add it; every row of a feed needs it")
        rows, revisions = _codes(table), _revisions(table)
        columns = {item: column for item, column in table.columns.items() if item not in ("row", "revision")}
        if name == WITHDRAWN:
            if columns:
                fault = f"it has an unknown column {next(iter(columns))!r}"
                raise DataError(f"table {name}", fault, "give the columns 'row' and 'revision' alone")
            return cls(rows, revisions, None)
        said = UnitsSaid.of(evolve(table, columns=columns), NO_UNITS)
        _must_be_one_fact_a_row(name, said)
        return cls(rows, revisions, Checked.of(name, said, _must_be_currency(name, currency), None, ""))

    def problems(self) -> Iterator[tuple[int, Problem]]:
        """The rows that cannot be used, in order, each with what is wrong with it.

        A problem says no place in the table, so that it stays the same wherever the row comes again.
        """
        if self.checked is None:
            return
        for place, problem in zip(sorted(self.checked.problems), self.checked.told(), strict=True):
            where = f"{self.checked.table.name}, column {problem.column}" if problem.column else problem.where
            yield place, evolve(problem, where=where, row=None)

    def said(self) -> list[Content]:
        """What each row says."""
        found: list[Content] = [None] * len(self.rows)
        for place, part in () if self.checked is None else parted(self.checked):
            where = np.arange(len(self.rows))[part.rows].tolist()
            for row, fact in zip(where, facts_of(place, part.table), strict=True):
                found[row] = fact
        for row, problem in self.problems():
            found[row] = problem
        return found

    def each(self) -> Iterator[tuple[str, int, Content]]:
        """Code, revision and what is said of each row."""
        return zip(self.rows, self.revisions.tolist(), self.said(), strict=True)

    def stated(self) -> Table | None:
        """What the rows say as facts hold it, where there is no problem; None where they were withdrawn."""
        return None if self.checked is None else stated(self.checked)

    def take(self, chosen: Places) -> SentTable:
        """Some of the rows, by their places in rising order."""
        rows = [self.rows[place] for place in chosen.tolist()]
        if self.checked is None:
            return SentTable(rows, self.revisions[chosen], None)
        places = dict(zip(chosen.tolist(), range(len(rows)), strict=True))
        problems = {places[row]: problem for row, problem in self.checked.problems.items() if row in places}
        checked = evolve(self.checked, table=self.checked.table.take(chosen), problems=problems)
        return SentTable(rows, self.revisions[chosen], checked)


def sent_tables(tables: Mapping[str, Any], currency: str) -> tuple[SentTable, ...]:
    """Check the tables of a pull."""
    must_be_tables("Pulled", tables, (*KINDS, WITHDRAWN))
    return tuple(SentTable.of(name, given, currency) for name, given in tables.items())


def _must_be_one_fact_a_row(name: str, columns: Iterable[str]) -> None:
    """Refuse the columns of a tape: what a row of it says are several facts, each of which may change by itself."""
    for item in columns:
        if name == "loans" and item in TAPE and item not in KINDS[name].columns:
            fault = f"its column {item!r} is of a tape, and a row of a feed says one fact"
            raise DataError(f"table {name}", fault, "send events and balances as tables of their own")


def _must_be_currency(name: str, currency: str) -> str:
    has_money = any(column.type == "money" for column in columns_given(name).values())
    if has_money and currency not in CURRENCIES:
        if not currency:
            fault = "nothing says in which currency its amounts are"
            raise DataError(f"table {name}", fault, "pass currency='CNY' to Pulled")
        raise UnitError("Pulled", currency, "a currency of ISO 4217, such as CNY")
    return currency


def _codes(table: Table) -> Sequence[str]:
    """What each row is called."""
    given = settled(table["row"], Wanted("text", digits="any"), f"{table.name}.row", "", table.came_as)
    for fault in given.faults:
        raise FeedError(f"table {table.name}, row {fault.row}", "row", fault.found, _CODE)
    column = given.column
    if len(column) and int(column.values.min()) < 0:
        raise FeedError(f"table {table.name}, row {int(column.values.argmin())}", "row", shown(None), _CODE)
    words = column.words
    if not is_of_digits(words) and not are_plain(words, may_be_blank=False):
        for place, word in enumerate(words):
            if not word.strip() or not word.isprintable():
                row = int(np.flatnonzero(column.values == place)[0]) if place in column.values else place
                raise FeedError(f"table {table.name}, row {row}", "row", shown(word), _CODE)
    return [*map([*words].__getitem__, column.values.tolist())]


def _revisions(table: Table) -> Whole:
    where = f"table {table.name}, row "
    given = settled(table["revision"], Wanted("whole"), f"{table.name}.revision", "", table.came_as)
    for fault in given.faults:
        raise FeedError(f"{where}{fault.row}", "revision", fault.found or fault.fault, _RISING)
    column: Column = given.column
    if column.missing is not None and column.missing.any():
        raise FeedError(f"{where}{int(column.missing.argmax())}", "revision", shown(None), _RISING)
    for row in given.outside(0, None).tolist():
        raise FeedError(f"{where}{row}", "revision", shown(int(column.values[row])), _RISING)
    return column.values


def once_each(tables: Sequence[SentTable], others: Collection[str]) -> Iterator[tuple[SentTable, SentTable]]:
    """Part each table: rows whose code stands nowhere else in the pull, and that can be used; and all others.

    Args:
        tables: those of a pull.
        others: the codes of its rows that are in no table, again where one has several.
    """
    seen, again = set[str](), set[str]()
    for codes in (others, *(table.rows for table in tables)):
        here = set(codes)
        if len(here) < len(codes):
            again |= _repeated(codes)
        again |= seen & here
        seen |= here
    for table in tables:
        apart = nowhere(len(table.rows))
        repeated = [place for place, code in enumerate(table.rows) if code in again] if again else []
        for places in (repeated, [] if table.checked is None else [*table.checked.problems]):
            if places:
                apart[places] = True
        if not apart.any():
            yield table, table.take(np.arange(0))
        else:
            yield table.take(np.flatnonzero(~apart)), table.take(np.flatnonzero(apart))


def _repeated(codes: Collection[str]) -> set[str]:
    seen, again = set[str](), set[str]()
    for code in codes:
        (again if code in seen else seen).add(code)
    return again


@frozen(eq=False)
class KeptTable:
    """Facts of one kind that sources sent, and that hold."""

    table: Table
    """The columns that `KINDS` lists for this kind of fact, and `source`; also `currency` if the kind has amounts."""
    senders: Column
    """The name of the source of each row."""
    names: Sequence[str]
    """What each row is called in problems."""


@define(eq=False)
class _PlacedFacts:
    """The rows collected so far for one kind of facts, or one kind of event."""

    place: str
    kept: KeptTable
    rows: Rows
    """For each row, its number in the table of the kind."""
    table: Table

    @property
    def senders(self) -> Column:
        """The name of the source of each row."""
        return self.kept.senders.rows(self.rows)

    def sent(self, chosen: Places) -> list[SentFact]:
        """Some of the rows, as they were sent."""
        facts = facts_of(self.place, self.table.take(chosen))
        own = chosen if isinstance(self.rows, slice) else self.rows[chosen]
        senders = self.kept.senders
        return [
            SentFact(fact, senders.words[senders.values[row]], self.kept.names[row])
            for fact, row in zip(facts, own.tolist(), strict=True)
        ]

    def only(self, chosen: Truth) -> _PlacedFacts:
        """Some of the rows."""
        places = np.flatnonzero(chosen)
        rows = places if isinstance(self.rows, slice) else self.rows[places]
        return _PlacedFacts(self.place, self.kept, rows, self.table.take(places))


def kept_facts(
    tables: Iterable[KeptTable],
    problems: Collection[Problem] = (),
    refused: Collection[Fact] = (),
    *,
    authority: Authority,
    known: Collection[str],
    currency: str = "",
) -> Facts:
    """The facts that hold, each with its source.

    Args:
        tables: one of each kind of facts, or none.
        problems: rows that cannot be used.
        refused: facts of such rows.
        authority: whose word holds for each kind of event.
        known: the names of all sources, whether they sent rows or not.
        currency: the one in which all amounts must be; a row in another one is a problem. Empty is any.
    """
    parts = {part.place: part for table in tables for part in _by_place(table)}
    came = sum(part.table.rows for part in parts.values()) + len(problems)
    told = Compared(problems=[*problems], refused=[*refused])
    for place, part in parts.items():
        if currency and money_at(place):
            parts[place] = _in_currency(part, currency, told)
        if place in EVENT_AT and are_compared(authority, known):
            parts[place] = _by_authority(parts[place], EVENT_AT[place], authority, known, told)
    found = once(
        {place: [part.table] for place, part in parts.items()},
        lambda place, row: parts[place].sent(np.arange(row, row + 1))[0],
    )
    return Facts.of_once(found, rows=came, repeats=told.repeats, problems=told.problems, refused=told.refused)


def _by_place(kept: KeptTable) -> Iterator[_PlacedFacts]:
    for place, rows, columns in at_places(kept.table, ("currency", "source")):
        if place in EVENT_AT and not money_at(place):
            del columns["currency"]
        size = kept.table.rows if isinstance(rows, slice) else len(rows)
        yield _PlacedFacts(place, kept, rows, Table(place, size, columns))


def _in_currency(part: _PlacedFacts, currency: str, told: Compared) -> _PlacedFacts:
    """The rows whose amounts are in a currency, and those without amounts."""
    said = part.table["currency"]
    other = among(said.values, [word != currency for word in said.words], otherwise=False)
    if not other.any():
        return part
    places = np.flatnonzero(other)
    for row, code in zip(part.sent(places), said.values[places].tolist(), strict=True):
        told.problems.append(about(row.fact, in_another_currency(named(row), said.words[code], currency)))
    return part.only(~other)


def _by_authority(
    part: _PlacedFacts, kind: EventKind, authority: Authority, known: Collection[str], told: Compared
) -> _PlacedFacts:
    """The events that hold where several sources report some of them."""
    places = np.flatnonzero(_reported_by_others(part, kind, authority, known))
    agreed, again = _agreed(part, places, authority.of(kind) if _holds(kind, authority, known) else None)
    told.repeats += int(np.count_nonzero(again))
    gone, places = [places[again]], places[~agreed]
    if len(places):
        rows = part.sent(places)
        found = compared(rows, authority, known)
        told.repeats += found.repeats
        told.problems += found.problems
        told.refused += found.refused
        held = {id(row) for row in found.rows}
        gone.append(places[[id(row) not in held for row in rows]])
    out = marked(np.concatenate(gone), part.table.rows)
    return part.only(~out) if out.any() else part


def _holds(kind: EventKind, authority: Authority, known: Collection[str]) -> bool:
    """Whether the word of one source holds for a kind of event."""
    return authority.of(kind) in known or kind in authority.stated


def _agreed(part: _PlacedFacts, places: Places, holder: str | None) -> tuple[Truth, Truth]:
    """Which reports are of a loan whose sources all say the same, each of it once; and which of them are repeats.

    Args:
        part: the events of one kind.
        places: the reports that are compared, all of their loans.
        holder: the source whose word holds; None is the first by name, whose word is as good as that of the others.
    """
    table, who = part.table.take(places), part.senders.rows(places)
    loans, senders = table["loan"].values, in_order(who.words)[who.values]
    size = len(table["loan"].words)
    by_sender = ordered(loans, senders)
    reported = starts_of(loans[by_sender], senders[by_sender])
    sources = count_of(loans[by_sender][reported], size)

    details = [column.values for name, column in table.columns.items() if name not in ("loan", "number", "source")]
    order = ordered(loans, *details, senders)
    loan, said = loans[order], [loans[order], *(values[order] for values in details)]
    starts, different = starts_of(*said), starts_of(*said, senders[order])
    rows = np.diff(starts, append=len(places))
    tellers = np.diff(np.searchsorted(different, starts), append=len(different))
    differs = (rows != sources[loan[starts]]) | (tellers != rows)
    agreed = ~marked(loan[starts[differs]], size)[loans]

    if holder is None:
        first = starts_of(loans[by_sender])
        mine = put(senders[by_sender][first], loans[by_sender][first], size, -1)[loans] == senders
    else:
        mine = among(who.values, [word == holder for word in who.words], otherwise=False)
        agreed &= marked(loans[mine], size)[loans]
    return agreed, agreed & ~mine


def _reported_by_others(part: _PlacedFacts, kind: EventKind, authority: Authority, known: Collection[str]) -> Truth:
    """The events of loans of which somebody else than the authority, or more than one source, reports this kind."""
    loans, senders = part.table["loan"].values, part.senders
    size = len(part.table["loan"].words)
    if _holds(kind, authority, known):
        holder = authority.of(kind)
        others = among(senders.values, [word != holder for word in senders.words], otherwise=True)
    else:
        others = put(senders.values, loans, size, -1)[loans] != senders.values
    found: Truth = marked(loans[others], size)[loans]
    return found
