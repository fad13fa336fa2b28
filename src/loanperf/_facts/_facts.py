"""Facts: rows, or tables, in any order -> facts as columns, each once, and a `Problem` for each row not used."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import Any, get_args

import numpy as np
from attrs import Attribute, evolve, field, frozen

from loanperf._facts._authority import USUAL, Authority, SentFact, compared, must_be_authority
from loanperf._facts._columns import (
    KIND_AT,
    PlacedRows,
    chosen,
    dated,
    facts_of,
    in_part,
    members_of,
    nothing_at,
    of_deliveries,
    of_delivery,
    placed,
    placed_as_sent,
    shown_columns,
    tables_of,
)
from loanperf._facts._once import Once, once
from loanperf._facts._read import NO_UNITS_SAID, read
from loanperf._facts._rows import Fact
from loanperf._kinds import KINDS, Domain
from loanperf._periods import day
from loanperf._tables._columns import CameAs, Table
from loanperf._tables._frames import like
from loanperf._tables._units import Units
from loanperf._tables._words import distinct_texts
from loanperf._validators import each_of, must_be
from loanperf.errors import DataError, FactError, Problem, natural_order, shown

_KINDS = frozenset(get_args(Fact))
_ROWS = "pass facts such as lp.Loan or lp.LoanEvent; columns go through lp.Facts.read({'loans': frame}, currency='CNY')"
_CODES = "pass a list of codes, such as ['E01']"


@frozen(eq=False)
class Facts:
    """Facts, each once, and what could not be used; columns inside, rows outside.

    They iterate as rows in one order, whatever order they came in: by kind, then by natural key. Two are equal where
    they have the same facts, problems and counts.

    >>> from loanperf._facts import Training
    >>> facts = Facts.of([Training(payee="lin", course="AML", on="2026-03-31")] * 2)
    >>> facts.rows, len(facts), facts.repeats, facts.problems
    (2, 1, 1, ())
    """

    tables: Mapping[str, Table] = field(repr=False)
    """The columns of every kind; of events, of every kind of event. Every table has all of its columns."""
    repeats: int = 0
    """Rows that said again what another row had said."""
    problems: tuple[Problem, ...] = ()
    rows: int = 0
    """Rows that came in: facts, repeats and problems together."""
    refused: tuple[Fact, ...] = ()
    """Facts that contradict each other; each has a problem."""
    used: int = field()
    """Rows that are used; each is a fact, or several where it is a row of a tape."""
    partly_refused: frozenset[str] = field(default=frozenset(), repr=False)
    """Loans of whose row of a tape some facts are used, though it has a problem."""

    @tables.validator
    def _are_by_name(self, _: Attribute[Any], tables: object) -> None:
        remedy = "build facts by lp.Facts.of([loan, event]) or lp.Facts.read({'loans': frame}, currency='CNY')"
        must_be(tables, Mapping, "facts", remedy)

    @used.default
    def _one_a_fact(self) -> int:
        return self.rows - self.repeats - len(self.problems)

    @classmethod
    def of(cls, facts: Iterable[Fact], problems: Iterable[Problem] = (), *, authority: Authority = USUAL) -> Facts:
        """Facts of one delivery: take each fact once; refuse those that contradict each other under one key.

        A fact whose `source` is a name that `authority` has comes from that source; all others come from one source
        without a name. Of events that several sources report, the word of the authority holds, and a report that
        differs is a problem. Two equal events or profits of one source without a number are one fact and a problem.

        Args:
            facts: in any order, repeated or not.
            problems: rows that the reader of the facts already had to refuse; they are counted and kept.
            authority: whose word holds for each kind of event.

        Raises:
            FactError: one of the rows is no fact, or what is passed is no list of them.
            DataError: `Facts` that have problems, which would be lost; add facts to facts by `+`.
        """
        return cls.joined([facts], problems, authority=authority)

    @classmethod
    def joined(
        cls, deliveries: Iterable[Iterable[Fact]], problems: Iterable[Problem] = (), *, authority: Authority = USUAL
    ) -> Facts:
        """Facts of several deliveries, such as files of two days; as `of`, but what a later one repeats is one row.

        >>> from loanperf._facts import LoanEvent, EventKind
        >>> drawn = LoanEvent(loan="L1", kind=EventKind.DISBURSED, on="2026-03-02", amount="30万元")
        >>> later, at_once = Facts.joined([[drawn], [drawn]]), Facts.of([drawn, drawn])
        >>> (len(later), later.repeats, later.problems), (len(at_once), at_once.repeats, len(at_once.problems))
        ((1, 1, ()), (1, 0, 1))
        """
        names = must_be_authority(authority).sources
        asked = "pass a list of problems, such as those of lp.Facts"
        problems = each_of(_must_be_list(problems, "problems", asked), Problem, "problems", asked)
        parts = [
            _must_be_facts(part) for part in _must_be_list(deliveries, "deliveries", "pass a list of lists of facts")
        ]
        sources = {fact.source for part in parts for fact in part}
        if len(parts) == 1 and names.isdisjoint(sources):
            found = _once(placed(parts[0]))
            return cls.of_once(found, rows=len(parts[0]) + len(problems), problems=problems)
        sent = [
            SentFact(fact, fact.source if fact.source in names else "", fact.source, place)
            for place, part in enumerate(parts)
            for fact in part
        ]
        return cls.of_sent(sent, problems, authority=authority)

    @classmethod
    def of_sent(
        cls,
        rows: Collection[SentFact],
        problems: Iterable[Problem],
        *,
        authority: Authority,
        known: Collection[str] = (),
    ) -> Facts:
        """Facts of rows whose sources are known by name.

        Args:
            rows: in any order.
            problems: rows that could not be read.
            authority: whose word holds for each kind of event.
            known: names of sources that may have sent nothing.
        """
        refused = [*problems]
        came = len(rows) + len(refused)
        held = compared(rows, authority, known)
        told, found = [*refused, *held.problems], _once(placed_as_sent(held.rows))
        return cls.of_once(found, rows=came, repeats=held.repeats, problems=told, refused=held.refused)

    @classmethod
    def read(
        cls,
        tables: Mapping[str, Any],
        *,
        currency: str,
        as_of: date | str | None = None,
        money: str = "",
        units: Mapping[str, Units] = NO_UNITS_SAID,
    ) -> Facts:
        """Facts of a host's tables: arrays, data frames of any make, or Parquet files; each cell is checked once.

        What a row of a tape says of a loan are several facts; where another row contradicts one of them, the others
        are used. No row is dropped: each is used, repeats others, or has a problem.

        Arrays of numpy are held where they lie and not copied: who writes into one afterwards changes the facts.

        Args:
            tables: mappings of arrays, data frames, or paths of Parquet files, by the names of the CSV folder, such as
                `loans`, `events`, `balances` and `customers`. Whole numbers for money, shares, points and exchange
                rates need a unit, in their heading (`balance(万元)`, `interest_rate(%)`), in `money` or in
                `units`; beside a column `currency` amounts are whole currency. Decimals are whole currency, points and
                rates as they stand, and of shares they need a unit too. Floats are refused for money. `loans` may be a
                tape, with `signed_on`, `signed`, `disbursed_on`, `disbursed`, `due_diligence_on`, `cancelled_on`, and
                `balance`, `overdue`, `days_past_due`, `category` and `rescheduled` as of the end of `as_of`.
            currency: ISO 4217 code of every amount. A column `currency` may say it of each row; a row in another one
                is a problem.
            as_of: the day of a tape; it must be given where a tape says how loans stand.
            money: the unit of whole numbers for money of which neither heading nor `units` says it: `fen`,
                `smallest unit`, `元`, `万元`, `million` … Where it is more than one of the currency, decimals need a
                unit of their own too.
            units: by table and column: the unit of plain numbers, such as `万元`, `%`, `bp`, `ratio` or `point`.

        Raises:
            DataError: an unknown table or column, one that is missing, or of another kind; numbers without a unit
                where there are several; bare ratios above 1; a file that cannot be read.
            UnitError: a currency that does not exist.
            MissingExtraError: a data frame or a file, and the extra `tables` is not installed.

        >>> loans = {"loan": [1, 2], "customer": [7, 8], "officer": ["lin", "wu"]}
        >>> loans |= {"opened_on": np.array(["2026-03-01", "2026-03-02"], dtype="datetime64[D]")}
        >>> facts = Facts.read({"loans": loans}, currency="CNY")
        >>> facts.rows, facts.used, [fact.loan for fact in facts]
        (2, 2, ['1', '2'])
        """
        given = read(tables, currency=currency, as_of=as_of, money=money, units=units)
        found = once(given.tables, given.told)
        repeats, problems, rows, used, partly_refused = given.counted(found)
        return cls(found.tables, repeats, problems, rows, found.refused, used, partly_refused)

    @classmethod
    def of_once(
        cls, found: Once, *, rows: int, repeats: int = 0, problems: Iterable[Problem] = (), refused: Iterable[Fact] = ()
    ) -> Facts:
        """Facts of tables in which each key stands once.

        Args:
            found: the tables, and what was wrong with them.
            rows: how many came in.
            repeats: how many of them said again what others said, besides those that `found` counts.
            problems: what else was wrong with rows.
            refused: which other facts were refused.
        """
        return cls(
            found.tables,
            repeats + found.repeats,
            tuple(sorted([*problems, *found.problems], key=natural_order)),
            rows,
            tuple(sorted([*refused, *found.refused], key=str)),
        )

    # ── read as rows ────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def items(self) -> tuple[Fact, ...]:
        """The facts as rows; made when they are first asked for."""
        found: dict[str, list[Fact]] = {}
        for place, table in self.tables.items():
            found.setdefault(KIND_AT[place], []).extend(facts_of(place, table) if table.rows else ())
        return tuple(fact for facts in found.values() for fact in sorted(facts, key=attrgetter("key")))

    @property
    def came_as(self) -> CameAs:
        """The kind of data frame that they came in, which is also what results are given as."""
        return next((table.came_as for table in self.tables.values() if table.came_as != "arrays"), "arrays")

    def __len__(self) -> int:
        return sum(table.rows for table in self.tables.values())

    def __iter__(self) -> Iterator[Fact]:
        return iter(self.items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Facts) and self._said == other._said

    def __hash__(self) -> int:
        return hash((len(self), self.rows, self.repeats, self.problems))

    @property
    def _said(self) -> tuple[object, ...]:
        return self.rows, self.repeats, self.problems, self.refused, self.items

    # ── in part, and together ───────────────────────────────────────────────────────────────────────────────

    def only(
        self, *, payees: Iterable[str] | None = None, loans: Iterable[str] | None = None, through: date | str = date.max
    ) -> Facts:
        """The facts that concern some payees and loans, dated by some day; without problems, which are of the whole.

        Args:
            payees: codes; with them come the loans that they originated, were assigned or are credited with, the
                customers they look after, and what is said of themselves. None, with no loans either, is all.
            loans: numbers of loans; their events, balances and credits come with them.
            through: the last business date.

        Raises:
            DataError: payees or loans are one text, or no list of texts.
            PeriodError: `through` is no day.

        >>> from loanperf._facts import Training
        >>> facts = Facts.of([Training(payee=payee, course="AML", on="2026-03-31") for payee in ("lin", "wu")])
        >>> [fact.payee for fact in facts.only(payees=["wu"])]
        ['wu']
        """
        tables = dict(self.tables)
        if payees is not None or loans is not None:
            people = each_of(() if payees is None else payees, str, "payees", _CODES)
            numbers = each_of(() if loans is None else loans, str, "loans", _CODES)
            tables = chosen(tables, people, numbers)
        if (last := day(through)) < date.max:
            tables = dated(tables, last)
        found = in_part(tables)
        return Facts(found, rows=sum(table.rows for table in found.values()))

    @property
    def loans(self) -> frozenset[str]:
        """The numbers of all loans that facts are about, whether there is such a loan or not."""
        return self._named("loan")

    @property
    def payees(self) -> frozenset[str]:
        """The codes of all payees whom facts name, such as who originated, was assigned or has part in a loan."""
        return self._named("payee")

    def _named(self, domain: Domain) -> frozenset[str]:
        columns = [self.tables[place][name] for place, name in members_of(domain, self.tables)]
        return frozenset(text for column in columns if len(column) for text in distinct_texts(column))

    def of_payee(self, payee: str) -> Facts:
        """All that concerns one payee; see `only`."""
        return self.only(payees=(payee,))

    def with_rows(self, rows: Collection[Fact]) -> Facts:
        """These facts, and rows of which each was delivered by itself.

        A row that says what is known is a repeat, and one that contradicts it is refused with it. Sources are not
        compared, and what was refused before contradicts nothing.
        """
        if not rows:
            return self
        said = tables_of(placed(rows))
        given = {place: [of_delivery(self.tables[place], 0)] for place in KIND_AT if self.tables[place].rows}
        for place, table in said.items():
            given.setdefault(place, []).append(of_deliveries(table, range(1, table.rows + 1)))
        return Facts.of_once(
            once(given), rows=self.rows + len(rows), repeats=self.repeats, problems=self.problems, refused=self.refused
        )

    def __add__(self, other: Facts) -> Facts:
        """Both, as two deliveries: what the other repeats is one row, and what contradicts is refused in both.

        Rows that were refused because they contradict each other come along, so that a third row of their key is not
        taken for the true one. Where the two say anything twice, each fact counts as a row of its own, also those that
        one row of a tape said together.
        """
        if not isinstance(other, Facts):
            return NotImplemented
        if not self.rows or not other.rows:
            return self if self.rows else other
        both = (self, other)
        apart = {problem.fact for facts in both for problem in facts.problems if problem.fact}
        again = [fact for facts in both for fact in facts.refused if fact.key in apart]
        given: dict[str, list[Table]] = {}
        for number, part in enumerate([*(facts.tables for facts in both), tables_of(placed(again))]):
            for place, table in part.items():
                given.setdefault(place, []).extend([of_delivery(table, number)] if table.rows else ())
        found = once(given)
        total = Facts.of_once(
            found,
            rows=sum(len(facts) + facts.repeats + len(facts.problems) for facts in both),
            repeats=self.repeats + other.repeats,
            problems=[problem for facts in both for problem in facts.problems if problem.fact not in apart],
            refused=[fact for facts in both for fact in facts.refused if fact.key not in apart],
        )
        if found.repeats or found.problems:
            return total
        return evolve(total, rows=self.rows + other.rows, used=self.used + other.used)

    def frame(self, kind: str, came_as: CameAs | None = None) -> Any:
        """The facts of a kind as a data frame, for a look, a chart or a sheet.

        Args:
            kind: `loans`, `events`, `balances` and so on, as the tables of the CSV folder are called.
            came_as: `arrays`, `pandas`, `polars`, `pyarrow` or `duckdb`; None is what the facts came as.

        Returns:
            One row a fact, in order of key, with amounts in whole currency and a column `currency`, shares as parts of
            1 and points in points, each as the nearest float64; a value that is not stated is missing.

        Raises:
            DataError: there is no such kind of facts or of frame.
            MissingExtraError: what that kind of frame needs is not installed.

        >>> from loanperf._facts import Training
        >>> facts = Facts.of([Training(payee="lin", course="AML", on="2026-03-31")])
        >>> facts.frame("trainings")["course"].tolist()
        ['AML']
        """
        if kind not in KINDS:
            raise DataError("a frame of facts", f"there is no kind {shown(kind)}", f"use one of {', '.join(KINDS)}")
        places = [place for place, name in KIND_AT.items() if name == kind]
        return like(came_as or self.came_as, shown_columns({place: self.tables[place] for place in places}))

    def rows_at(self, place: str, rows: Any) -> list[Fact]:
        """Some facts of a table, as rows.

        Args:
            place: name of the table.
            rows: their places in it, in any order, or a slice.
        """
        chosen = rows if isinstance(rows, slice) else np.asarray(rows)
        return facts_of(place, self.tables[place].take(chosen))

    def fact(self, place: str, row: int) -> Fact:
        """One fact of a table, as a row."""
        return self.rows_at(place, [row])[0]


NO_FACTS = Facts({place: nothing_at(place) for place in KIND_AT})
"""Facts before there is any."""


def _once(rows: Mapping[str, PlacedRows]) -> Once:
    given = {place: [table] for place, table in tables_of(rows).items()}
    return once(given, lambda place, row: rows[place].told(row))


def _must_be_list(given: object, what: str, remedy: str) -> Iterable[Any]:
    if not isinstance(given, Iterable):
        raise FactError(what, "what is passed", given, remedy)
    return given


def _must_be_facts(given: object) -> list[Fact]:
    if isinstance(given, Facts) and given.problems:
        fault = f"they have {len(given.problems)} problem(s), which would be lost"
        raise DataError("facts", fault, "add facts to facts by +, or pass their .items")
    facts = [*_must_be_list(given, "facts", "pass a list of facts, such as [loan, event]")]
    for kind in {*map(type, facts)} - _KINDS:
        raise FactError("a row", "its type", kind.__name__, _ROWS)
    return facts
