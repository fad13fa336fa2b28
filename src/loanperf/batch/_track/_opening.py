"""Opening: a book of columns as what a tracker starts from: totals by payee, and the facts of a loan when asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import field, frozen

from loanperf._facts import Balance, Category, EventKind, Fact, LoanEvent
from loanperf._indicators._views import Key, text_of
from loanperf._tables._columns import Table, day_number
from loanperf._tables._index import Cell, Index, nothing, number_at, text_at
from loanperf.batch._book._book import Book, facts_of
from loanperf.batch._book._forms import FORMS, STANDING
from loanperf.batch._measure._totals import row_text
from loanperf.batch._track._asked import Asked
from loanperf.batch._track._groups import Group, GroupKind, place_of
from loanperf.batch._track._life import PLACES, Life, Terms
from loanperf.batch._track._opening_sums import BookSums, counted
from loanperf.batch._track._watch import Watch
from loanperf.errors import DataError, Problem

_OF_LOANS = ("loans", "events", "balances")
_OF_CUSTOMERS = ("customers", "holdings", "profits")
_TABLES: Mapping[str, str] = {
    "violation": "violations",
    "inquiry": "inquiries",
    "valuation": "valuations",
    "training": "trainings",
    "rating": "ratings",
    "credit": "credits",
    "exchange rate": "exchange_rates",
}
"""The table of a single fact, by the first word of its natural key; its index goes by the second."""
_MILESTONES = {
    EventKind.SIGNED: ("signed_on", "signed"),
    EventKind.DISBURSED: ("disbursed_on", "disbursed"),
    EventKind.DUE_DILIGENCE: ("due_diligence_on", ""),
    EventKind.CANCELLED: ("cancelled_on", ""),
}
"""The columns of a tape that stand for an event: its day and its amount."""
_NORMAL = Category.NORMAL.value


@frozen(eq=False)
class Opening:
    """A book, measured once, with an index of what is asked for.

    Rows that the book refused are not in it: what is fed under their keys counts.
    """

    book: Book
    last: int
    """The last day of the period."""
    loans: LoanReader | None
    sums: BookSums
    problems: tuple[Problem, ...]
    """What is wrong with its facts in this period, beside what the book has refused."""
    _indexes: dict[str, Index] = field(factory=dict, init=False)

    @classmethod
    def of(cls, book: Book, asked: Asked, watch: Watch) -> Opening:
        """Measure a book.

        Raises:
            DataError: the book is in another currency than the watch.
        """
        if book.currency != watch.currency:
            fault = f"it is in {book.currency}, and the tracker in {watch.currency}"
            raise DataError("the book", fault, "track each currency alone")
        last = day_number(watch.period.last_day)
        reader = LoanReader.of(book, last) if "loans" in book.tables else None
        sums, problems = counted(book, asked, watch)
        return cls(book, last, reader, sums, problems)

    def is_of(self, other: Opening | None) -> bool:
        """Whether another opening is of the same book."""
        return other is not None and self.book is other.book

    # ── one loan, customer or fact ────────────────────────────────────────────────────────────────────────

    def life(self, loan: str) -> Life | None:
        """What is known of a loan until the last day; None where only its facts can tell."""
        if self.loans is None:
            return None
        rows = self._find("loans", loan)
        return self.loans.life(rows[0], self._find("events", loan), self._find("balances", loan)) if rows else None

    def has(self, loan: str) -> bool:
        """Whether there are rows of a loan."""
        return any(self._find(name, loan) for name in _OF_LOANS)

    def says(self, life: Life, fact: Fact) -> bool:
        """Whether the book has a fact under the key of another one of its loan."""
        match fact:
            case LoanEvent() if day_number(fact.on) <= self.last:
                on = day_number(fact.on)
                return any(day == on and number == fact.number for day, number, _ in life.events[PLACES[fact.kind]])
            case Balance() if day_number(fact.on) <= self.last:
                on = day_number(fact.on)
                return any(day == on for day, _, _ in life.balances)
            case LoanEvent() | Balance():
                return any(known.key == fact.key for known in self.facts("loan", (fact.loan,)))
            case _:
                return True

    def facts(self, kind: GroupKind, code: Key) -> tuple[Fact, ...]:
        """The facts of a group."""
        return tuple(fact for _, _, fact in self._placed(kind, code))

    def _placed(self, kind: GroupKind, code: Key) -> Iterator[tuple[str, int, Fact]]:
        """The facts of a group, each with its table and row."""
        match kind:
            case "loan":
                yield from (item for name in _OF_LOANS for item in self._made(name, code[0]))
            case "customer":
                yield from (item for name in _OF_CUSTOMERS for item in self._made(name, code[0]))
            case "fact":
                yield from (item for item in self._made(_TABLES.get(code[0], ""), code[1]) if item[2].key == code)

    def others(self, but: Iterable[Group], payee: str | None = None) -> Iterator[Fact]:
        """The facts of the book, or those that concern a payee, but for some groups."""
        left_out = {(group.kind, group.code) for group in but}
        facts = self.book.facts() if payee is None else self.book.facts(payees=[payee])
        yield from (fact for fact in facts if place_of(fact) not in left_out)

    def problems_but(self, groups: Iterable[Group]) -> tuple[Problem, ...]:
        """What could not be used of the book, but for what is said of the facts of some groups."""
        if not self.problems:
            return self.book.problems
        places: set[str] = set()
        for group in groups:
            for name, row, fact in self._placed(group.kind, group.code):
                text = text_of(fact.key)
                places |= {text, row_text(self.book.tables[name], row, text)}
        return (*self.book.problems, *(problem for problem in self.problems if problem.where not in places))

    def _find(self, table: str, code: str) -> list[int]:
        index = self._indexes.get(table)
        if index is None:
            held = self.book.tables.get(table)
            if held is None:
                return []
            index = self._indexes[table] = Index.of(held[FORMS[table].key[0]])
        return index.find(code)

    def _made(self, table: str, code: str) -> Iterator[tuple[str, int, Fact]]:
        for row in self._find(table, code):
            for fact in facts_of(table, self.book.tables[table], row, self.book.currency, self.book.as_of):
                yield table, row, fact


# ── lives from columns ──────────────────────────────────────────────────────────────────────────────────────


def _numbers(table: Table | None, name: str) -> Cell:
    return number_at(table[name]) if table is not None and name in table else nothing


def _texts(table: Table | None, name: str) -> Cell:
    return text_at(table[name]) if table is not None and name in table else nothing


@frozen(eq=False)
class LoanReader:
    """The cells of loans, their events and balances, ready to be read row by row."""

    last: int
    is_tape: bool
    """Whether rows of loans say how they stand."""
    as_of: int | None
    officer: Cell
    opened: Cell
    first_due: Cell
    words: tuple[Cell, ...]
    """Product, segment, collateral and type of customer."""
    term: Cell
    milestones: tuple[tuple[int, Cell, Cell], ...]
    """Place of the kind, day and amount."""
    standing: tuple[Cell, ...]
    """Balance, overdue, category, days past due, and whether rescheduled."""
    events: tuple[Cell, ...]
    """Kind, day, number, amount, category, days past due, and officer."""
    balances: tuple[Cell, ...]
    """Day, outstanding and overdue."""

    @classmethod
    def of(cls, book: Book, last: int) -> LoanReader:
        """The cells of a book's tables of loans."""
        loans, events, balances = (book.tables.get(name) for name in _OF_LOANS)
        words = ("product", "segment", "collateral", "customer_type")
        milestones = [(PLACES[kind], *names) for kind, names in _MILESTONES.items()]
        return cls(
            last=last,
            is_tape=loans is not None and any(name in loans for name in STANDING),
            as_of=None if book.as_of is None else day_number(book.as_of),
            officer=_texts(loans, "officer"),
            opened=_numbers(loans, "opened_on"),
            first_due=_numbers(loans, "first_due_on"),
            words=tuple(_texts(loans, name) for name in words),
            term=_numbers(loans, "term_months"),
            milestones=tuple(
                (place, _numbers(loans, on), _numbers(loans, amount))
                for place, on, amount in milestones
                if loans is not None and on in loans
            ),
            standing=(
                *(_numbers(loans, name) for name in ("balance", "overdue")),
                _texts(loans, "category"),
                *(_numbers(loans, name) for name in ("days_past_due", "rescheduled")),
            ),
            events=(
                _texts(events, "kind"),
                _numbers(events, "on"),
                _texts(events, "number"),
                _numbers(events, "amount"),
                _texts(events, "category"),
                _numbers(events, "days"),
                _texts(events, "officer"),
            ),
            balances=tuple(_numbers(balances, name) for name in ("on", "outstanding", "overdue")),
        )

    def life(self, row: int, events: list[int], balances: list[int]) -> Life:
        """The life of a loan, from its row and those of its events and balances."""
        product, segment, collateral, customer_type = self.words
        words = (
            product(row) or "",
            segment(row) or "",
            collateral(row) or "",
            customer_type(row) or "",
            self.term(row),
        )
        life = Life(Terms(self.officer(row), self.opened(row), self.first_due(row), words))
        if self.is_tape:
            self._stand(life, row)
        if events or balances:
            self._happened(life, events, balances)
        return life

    def _stand(self, life: Life, row: int) -> None:
        """Take in what a tape says of a loan."""
        for place, on_at, amount_at in self.milestones:
            on = on_at(row)
            if on is not None and on <= self.last:
                life.add(place, on, "", amount_at(row))
        if self.as_of is None or self.as_of > self.last:
            return
        outstanding, overdue, category, days, rescheduled = self.standing
        balance, word, late = outstanding(row), category(row), days(row)
        if balance is not None:
            life.balances.append((self.as_of, balance, overdue(row)))
        if word is not None and word != _NORMAL:
            life.add(_CLASSIFIED, self.as_of, "", word)
        if late:
            life.add(_PAST_DUE, self.as_of, "", late)
        if rescheduled(row):
            life.add(_RESCHEDULED, self.as_of, "", None)

    def _happened(self, life: Life, events: Iterable[int], balances: Iterable[int]) -> None:
        """Take in the events and balances of a loan."""
        kind_at, on_at, number_of, *stated_at = self.events
        for event in events:
            if (on := on_at(event)) <= self.last:
                stated = next((value for cell in stated_at if (value := cell(event)) is not None), None)
                life.add(_KINDS[kind_at(event)], on, number_of(event) or "", stated)
        stood_on, outstanding, overdue = self.balances
        for balance in balances:
            if (on := stood_on(balance)) <= self.last:
                life.balances.append((on, outstanding(balance), overdue(balance)))
        life.balances.sort()


_CLASSIFIED, _PAST_DUE, _RESCHEDULED = (
    PLACES[kind] for kind in (EventKind.CLASSIFIED, EventKind.PAST_DUE, EventKind.RESCHEDULED)
)
_KINDS = {kind.value: place for kind, place in PLACES.items()}
