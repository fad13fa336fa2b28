"""Book facts: a book -> its readings and problems before the first fact is fed, and the facts of any owner in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from attrs import evolve, field, frozen

from loanperf._facts import Fact, Facts
from loanperf._indicators import Reading, measure_part
from loanperf._kinds import KINDS
from loanperf._tables._index import Index
from loanperf.batch._book._book import Book, facts_of
from loanperf.batch._measure._measure import MeasuredBook, measure_book
from loanperf.batch._track._owners import BELONGINGS, BY_WORD, SHARED, Owner
from loanperf.batch._track._watch import Watch
from loanperf.errors import DataError, EmptyPeriodError, Problem


@frozen(eq=False)
class BookFacts:
    """A book, measured once. Rows that it refused are not in it: what is fed under their keys counts."""

    book: Book
    watch: Watch
    measured: MeasuredBook | None
    """None where no fact is dated on the last day of the period or before."""
    problems: tuple[Problem, ...]
    """What is wrong with its facts in the period, beside what the book has refused."""
    _indexes: dict[tuple[str, str], Index] = field(factory=dict, init=False)

    @classmethod
    def of(cls, book: Book, watch: Watch) -> BookFacts:
        """Measure a book.

        Raises:
            DataError: the book is in another currency than the watch.
        """
        if book.currency != watch.currency:
            fault = f"it is in {book.currency}, and the tracker in {watch.currency}"
            raise DataError("the book", fault, "track each currency alone")
        try:
            measured = measure_book(book, watch.period, watch.measured, organisation=watch.organisation)
        except EmptyPeriodError as error:
            return cls(book, watch, None, _less(error.refused, book.problems))
        unfit = {f"payee {payee}, {item.code}" for payee in measured.payees for item in watch.measured}
        problems = [problem for problem in measured.problems if problem.where not in unfit]
        return cls(book, watch, measured, _less(problems, book.problems))

    @property
    def payees(self) -> tuple[str, ...]:
        """All who have readings by the book alone."""
        return () if self.measured is None else self.measured.payees

    def readings(self, payee: str) -> dict[str, Reading]:
        """The readings of a payee by the book alone, without parts."""
        found = {} if self.measured is None else self.measured.of(payee)
        if self.measured is not None and (not found or len(found) == len(self.measured.indicators)):
            return found
        watch, facts = (
            self.watch,
            Facts.joined([row] for owner in self.owners_of(payee) for row in self.facts_of(owner)),
        )
        exact = measure_part(
            facts, watch.period, watch.measured, currency=watch.currency, organisation=watch.organisation
        )
        return {code: evolve(reading, parts=None) for code, reading in exact.of(payee).items()}

    def facts_of(self, owner: Owner) -> Iterator[Fact]:
        """The facts of an owner."""
        domain, code = owner[:2]
        if domain in SHARED:
            for name, known in BELONGINGS.items():
                if known.domain == domain:
                    yield from self._made(name, domain, code)
        elif domain in BY_WORD:
            name = BY_WORD[domain].table
            yield from (fact for fact in self._made(name, KINDS[name].key[0], code) if fact.key == owner)

    def owners_of(self, payee: str) -> Iterator[Owner]:
        """Whatever names a payee: loans that it originated, was assigned or is credited with, and so on."""
        for name, known in BELONGINGS.items():
            for column in known.payees:
                for row in self._rows(name, column, payee):
                    table = self.book.tables[name]
                    if known.domain:
                        yield known.domain, str(table[known.domain].at(row))
                    else:
                        yield from (fact.key for fact in self._facts(name, row))

    def others(self, but: Collection[Owner]) -> Iterator[Fact]:
        """All facts but those of some owners."""
        left_out = {fact.key for owner in but for fact in self.facts_of(owner)}
        yield from (fact for fact in self.book.facts() if fact.key not in left_out)

    def problems_but(self, owners: Iterable[Owner]) -> tuple[Problem, ...]:
        """What could not be used of the book, but for what is said of the facts of some owners."""
        if not self.problems:
            return self.book.problems
        texts = {" ".join(fact.key).strip() for owner in owners for fact in self.facts_of(owner)}
        others = (item for item in self.problems if not {item.where, item.where.partition(": ")[2]} & texts)
        return (*self.book.problems, *others)

    def _rows(self, table: str, column: str, code: str) -> list[int]:
        """The rows of a code in a column."""
        if table not in self.book.tables or column not in self.book.tables[table]:
            return []
        index = self._indexes.get((table, column))
        if index is None:
            index = self._indexes[table, column] = Index.of(self.book.tables[table][column])
        return index.find(code)

    def _made(self, table: str, column: str, code: str) -> Iterator[Fact]:
        """The facts of the rows of a code in a column."""
        for row in self._rows(table, column, code):
            yield from self._facts(table, row)

    def _facts(self, table: str, row: int) -> Iterator[Fact]:
        return facts_of(table, self.book.tables[table], row, self.book.currency, self.book.as_of)


def _less(problems: Iterable[Problem], known: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems but for those that are known already."""
    return tuple((Counter(problems) - Counter(known)).elements())
