"""Book facts: a book -> what it comes to before the first fact is fed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from attrs import evolve, frozen

from loanperf._facts import NO_FACTS
from loanperf._facts._index import FactIndex
from loanperf._facts._owners import Owner
from loanperf._indicators import Reading, measure_part
from loanperf.batch._book._book import Book
from loanperf.batch._measure._measure import MeasuredBook, measure_book
from loanperf.batch._track._watch import Watch
from loanperf.errors import DataError, EmptyPeriodError, Problem


@frozen(eq=False)
class BookFacts:
    """A book, or none, measured once. Rows that it refused are not in it: what is fed under their keys counts."""

    book: Book | None
    index: FactIndex
    watch: Watch
    measured: MeasuredBook | None
    """None without a book, or where no fact of it is dated on the last day of the period or before."""
    problems: tuple[Problem, ...]
    """What is wrong with its facts in the period, beside what the book has refused."""

    @classmethod
    def of(cls, book: Book | None, watch: Watch) -> BookFacts:
        """Measure a book.

        Raises:
            DataError: the book is in another currency than the watch.
        """
        if book is not None and book.currency != watch.currency:
            fault = f"it is in {book.currency}, and the tracker in {watch.currency}"
            raise DataError("the book", fault, "track each currency alone")
        if book is None:
            return cls(None, FactIndex(NO_FACTS), watch, None, ())
        try:
            measured = measure_book(book, watch.period, watch.measured, organisation=watch.organisation)
        except EmptyPeriodError as error:
            return cls(book, FactIndex(book.facts()), watch, None, _less(error.refused, book.problems))
        unfit = {f"payee {payee}, {item.code}" for payee in measured.payees for item in watch.measured}
        problems = [problem for problem in measured.problems if problem.where not in unfit]
        return cls(book, FactIndex(book.facts()), watch, measured, _less(problems, book.problems))

    @property
    def rows(self) -> int:
        """Rows that came in."""
        return 0 if self.book is None else self.book.rows

    @property
    def repeats(self) -> int:
        """Rows that said again what others had said."""
        return 0 if self.book is None else self.book.repeats

    @property
    def payees(self) -> tuple[str, ...]:
        """All who have readings by the book alone."""
        return () if self.measured is None else self.measured.payees

    def readings(self, payee: str) -> dict[str, Reading]:
        """The readings of a payee by the book alone, without parts."""
        found = {} if self.measured is None else self.measured.of(payee)
        if self.measured is not None and (not found or len(found) == len(self.measured.indicators)):
            return found
        watch, facts = self.watch, self.index.of_payees([payee], ())
        exact = measure_part(
            facts, watch.period, watch.measured, currency=watch.currency, organisation=watch.organisation
        )
        return {code: evolve(reading, parts=None) for code, reading in exact.of(payee).items()}

    def problems_but(self, owners: Collection[Owner]) -> tuple[Problem, ...]:
        """What could not be used of the book, but for what is said of the facts of some owners."""
        refused = () if self.book is None else self.book.problems
        texts = {" ".join(fact.key).strip() for fact in (self.index.of_owners(owners) if self.problems else ())}
        others = (item for item in self.problems if not {item.where, item.where.partition(": ")[2]} & texts)
        return (*refused, *others)


def _less(problems: Iterable[Problem], known: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems but for those that are known already."""
    return tuple((Counter(problems) - Counter(known)).elements())
