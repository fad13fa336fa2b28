"""Counting: (books, totals) -> what each total comes to for each payee, a chunk of rows at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from attrs import define, evolve, field, frozen

from loanperf._facts import EventKind
from loanperf._indicators import FIELDS, Total, View
from loanperf._kinds import KINDS
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES
from loanperf._tables._chunks import Progress
from loanperf._tables._columns import CHUNK_ROWS, Truth, day_number
from loanperf._tables._sums import Places
from loanperf.batch._book._book import Book
from loanperf.batch._measure._customers import Customers
from loanperf.batch._measure._left import Left
from loanperf.batch._measure._people import People
from loanperf.batch._measure._single import SINGLE, points_unit, single_rows
from loanperf.batch._measure._standing import Days
from loanperf.batch._measure._states import Loans, touched_flows
from loanperf.batch._measure._tape import MILESTONES, STATES
from loanperf.batch._measure._totals import Counted, Key, Rows, Taking, count_in, row_name, row_text
from loanperf.batch._measure._touched import Touched, touched_of
from loanperf.errors import Problem, UnitError

_KINDS = (*MILESTONES, *STATES)


def _nobody() -> Truth:
    return np.zeros(0, dtype=np.bool_)


@define(eq=False, kw_only=True)
class Counting:
    """Totals over the books that have been taken in so far."""

    period: Period
    currency: str
    totals: tuple[Total, ...]
    organisation: Organisation | None
    staff: frozenset[str] | None
    """Who is assigned in the period; None without an organisation."""
    progress: Progress | None
    people: People = field(factory=People)
    counted: dict[Total, Counted] = field(factory=dict)
    seen: Truth = field(factory=_nobody)
    """By code: for whom a row counts."""
    problems: list[Problem] = field(factory=list)
    rows: int = 0
    repeats: int = 0
    refused: int = 0
    """Rows that have a problem."""
    scalar: int = 0
    done: int = 0
    """Rows that have been worked."""

    def take(self, book: Book) -> None:
        """Add a book, which shares no loan and no customer with those before it.

        Raises:
            UnitError: it is in another currency.
        """
        if book.currency != self.currency:
            raise UnitError("a part of a book", book.currency, self.currency)
        self.rows += book.rows
        self.repeats += book.repeats
        self.refused += len(book.problems)
        self.problems += book.problems
        part = _Part.of(self, book)
        self.done += book.rows - sum(table.rows for table in book.tables.values())
        part.count_loans()
        part.count_others()
        part.count_left()
        self.scalar += part.taking.by_hand[0]
        self.refused += len({key[:2] for key in part.taking.problems})
        self.problems += (part.named(key, problem) for key, problem in part.taking.problems.items())

    def grow(self) -> None:
        """Make room for payees who have been named since."""
        more = len(self.people) - self.seen.size
        self.seen = np.append(self.seen, np.zeros(more, dtype=np.bool_)) if more else self.seen
        for item in self.counted.values():
            item.sums.grow(len(self.people))

    def units(self, book: Book, total: Total, name: str) -> int:
        """How many of a field of a total's rows make one whole."""
        kind = FIELDS[total.over][name].kind if name else "number"
        if kind == "money":
            whole = int(10 ** CURRENCIES[self.currency])
            return whole * self.period.days if name == "average_balance" else whole
        return points_unit(book.tables.get(total.over), name) if kind == "points" else 1


@frozen(eq=False, kw_only=True)
class _Part:
    """A book that is being taken in."""

    all: Counting
    book: Book
    loans: Loans | None
    customers: Customers | None
    taking: Taking
    by_view: Mapping[View, tuple[Counted, ...]]
    doubtful: list[Places] = field(factory=list)
    """Loans that the rows path must work."""

    @classmethod
    def of(cls, work: Counting, book: Book) -> _Part:
        """A book of which nothing is counted yet; whom it names has a code now."""
        tables, days, people = book.tables, Days.of(work.period), work.people
        money = 10 ** CURRENCIES[book.currency]
        as_of = None if book.as_of is None else day_number(book.as_of)
        officers = people.named(tables["loans"]["officer"]) if "loans" in tables else None
        touched = touched_of(tables, people, officers, days, as_of)
        taking = Taking(None, people.name)
        customers = Customers.of(tables, people, days, money, taking)
        for view in SINGLE:
            if view in tables:
                people.named(tables[view]["payee"])
        for total in work.totals:
            if total not in work.counted:
                unit, weighed = (work.units(book, total, name) for name in (total.sum, total.weighed_by))
                work.counted[total] = Counted.of(total, unit, weighed, len(people))
        work.grow()
        if work.staff is not None:
            taking = evolve(taking, assigned=np.array([name in work.staff for name in people.names], dtype=np.bool_))
        loans = None
        if officers is not None:
            loans = Loans(
                table=tables["loans"],
                officers=officers,
                touched=touched,
                days=days,
                as_of=as_of,
                money=money,
                careful=_careful(work.totals, days, as_of),
            )
        return cls(
            all=work,
            book=book,
            loans=loans,
            customers=customers,
            taking=taking,
            by_view={
                view: tuple(work.counted[total] for total in work.totals if total.over == view) for view in FIELDS
            },
        )

    # ── loans ───────────────────────────────────────────────────────────────────────────────────────────────

    def count_loans(self) -> None:
        """Count loans and their events."""
        if self.loans is None:
            self._note_unknown(None)
            return
        wanted = [kind for kind in _KINDS if any(_accepts(item.total, kind) for item in self.by_view["loan events"])]
        for start in range(0, self.loans.table.rows, CHUNK_ROWS):
            stop = min(start + CHUNK_ROWS, self.loans.table.rows)
            chunk = self.loans.chunk(start, stop)
            if chunk.doubt is not None:
                self.doubtful.append(np.flatnonzero(chunk.doubt) + start)
            states = chunk.states()
            self._count(states)
            # Of a loan that does not exist on the last day, events count all the same.
            everybody = self.all.staff is None and states.alive.mask is not None
            for rows in chunk.flows(_KINDS if everybody else wanted):
                self._count(rows)
            self._tell(stop - start)
        if self.loans.touched is not None:
            for rows in touched_flows(self.loans, self.loans.touched, self.book.tables.get("events")):
                self._count(rows)
        self._note_unknown(self.loans.touched)
        self._tell(sum(self.book.tables[name].rows for name in ("events", "balances") if name in self.book.tables))

    def _note_unknown(self, touched: Touched | None) -> None:
        """Note events and balances of loans that there are not."""
        for name in ("events", "balances"):
            table = self.book.tables.get(name)
            if table is None:
                continue
            loan = np.full(table.rows, -1)
            if touched is not None:
                loan = touched.event_rows if name == "events" else touched.balance_rows
            for row in np.flatnonzero(loan < 0).tolist():
                code = str(table["loan"].at(row))
                keys = ("kind", "on", "number") if name == "events" else ("on",)
                cells = (table[key].at(row) if key in table else None for key in keys)
                words = [name.removesuffix("s"), code, *("" if cell is None else str(cell) for cell in cells)]
                where = row_text(table, row, " ".join(words).strip())
                remedy = "send the Loan as well, or mend the number"
                lacks = ("loan", code)
                problem = Problem(where, "there is no such loan", repr(code), remedy, lacks=lacks)
                self.taking.problems.setdefault((name, row, ""), problem)

    # ── all else ────────────────────────────────────────────────────────────────────────────────────────────

    def count_others(self) -> None:
        """Count customers, and what is said of payees themselves."""
        tables, days = self.book.tables, Days.of(self.all.period)
        money = 10 ** CURRENCIES[self.all.currency]
        if self.customers is not None:
            for rows in self.customers.rows():
                self._count(rows)
        self._tell(
            sum(tables[name].rows for name, kind in KINDS.items() if kind.domain == "customer" and name in tables)
        )
        for view in SINGLE:
            if view in tables and (self.by_view[view] or self.all.staff is None):
                for rows in single_rows(view, tables[view], self.all.people, days, money):
                    self._count(rows)
            self._tell(tables[view].rows if view in tables else 0)
        self._tell(sum(tables[name].rows for name in ("credits", "exchange_rates") if name in tables))

    def count_left(self) -> None:
        """Count what the rows path must work."""
        left = Left.of(self.doubtful, None if self.loans is None else self.loans.touched, self.customers)
        if not left.many:
            return
        self.all.scalar += left.many
        found, rows = left.measured(self.book, self.all.period, self.all.totals, self.all.organisation)
        self.all.repeats += found.repeats
        for payee in found.payees:
            code = self.all.people.code(payee)
            self.all.grow()
            self.all.seen[code] = True
            for number, reading in found.of(payee).items():
                if reading.numerator:
                    counted = self.all.counted[self.all.totals[int(number)]]
                    counted.sums.put(code, reading.numerator * counted.unit)
        for place, problem in enumerate(found.problems):
            table, row = rows[problem.where]
            self.taking.problems[table, row, str(place)] = problem

    def _count(self, rows: Rows) -> None:
        """Add rows to the totals of their view, and note for whom they count."""
        counted = self.by_view[rows.view]
        if self.all.staff is None and not self.all.seen.all():
            held = dict.fromkeys(("event", *(item.total.held_at for item in counted)))
            for payees in {id(found): found for found in (rows.payees(at) for at in held)}.values():
                self.all.seen[payees[rows.alive.places()]] = True
        count_in(rows, counted, self.taking)

    def _tell(self, rows: int) -> None:
        self.all.done += rows
        if self.all.progress is not None and rows:
            self.all.progress(self.all.done, self.all.rows)

    def named(self, key: Key, problem: Problem) -> Problem:
        """A problem with payee and loan of its row, but without its number where the book has lost rows before it."""
        name, row, _ = key
        table = self.book.tables[name]
        said = {
            column: str(value)
            for column in ("payee", "officer", "loan")
            if column in table and (value := table[column].at(row)) is not None
        }
        whose = problem.payee or said.get("payee") or said.get("officer") or ""
        problem = evolve(problem, payee=whose, loan=problem.loan or said.get("loan", ""))
        if self.book.rows == self.book.used:
            return problem
        return evolve(problem, where=problem.where.removeprefix(f"{row_name(table, row)}: "))


def _accepts(total: Total, kind: EventKind) -> bool:
    """Whether a total looks at events of a kind: it counts them, or asks for a field that may be unknown first."""
    for where in total.where:
        if FIELDS[total.over][where.field].unknown:
            return True
        if where.field == "event" and kind.value not in where.values:
            return False
    return True


def _careful(totals: Iterable[Total], days: Days, as_of: int | None) -> bool:
    """Whether balances of the tape are added up over days, or moved after the book's day."""
    moved = as_of is not None and as_of < days.last
    fields: Iterator[str] = (
        name for total in totals for name in (total.sum, total.weighed_by, *(where.field for where in total.where))
    )
    return moved or "average_balance" in fields
