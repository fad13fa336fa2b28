"""Book facts: a book -> what it comes to before the first fact is fed."""

from __future__ import annotations

from collections.abc import Collection

from attrs import evolve, frozen

from loanperf._facts import NO_FACTS, FactIndex, Owner, owner_of_key
from loanperf._indicators import Reading, Readings, measure_part
from loanperf.batch._book import Book
from loanperf.batch._track._watch import Watch
from loanperf.errors import DataError, Problem, natural_order


@frozen(eq=False)
class BookFacts:
    """A book, or none, measured once. Rows that it refused are not in it: what is fed under their keys counts."""

    book: Book | None
    index: FactIndex
    measured: Readings
    problems: tuple[tuple[Owner, Problem], ...]
    """What is wrong with its facts in the period, beside what the book has refused, each with the owner of the fact."""

    @classmethod
    def of(cls, book: Book | None, watch: Watch) -> BookFacts:
        """Measure a book.

        Raises:
            DataError: the book is in another currency than the watch.
        """
        if book is not None and book.currency != watch.currency:
            fault = f"it is in {book.currency}, and the tracker in {watch.currency}"
            raise DataError("the book", fault, "track each currency alone")
        facts = NO_FACTS if book is None else book.held
        found = measure_part(
            facts, watch.period, watch.measured, currency=watch.currency, organisation=watch.organisation
        )
        refused = frozenset(() if book is None else book.problems)
        problems = tuple((owner_of_key(item.fact), item) for item in found.problems if item not in refused)
        return cls(book, FactIndex(facts), found, problems)

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
        return self.measured.payees

    def readings(self, payee: str) -> dict[str, Reading]:
        """The readings of a payee by the book alone, without parts."""
        return without_parts(self.measured, payee)

    def problems_but(self, owners: Collection[Owner]) -> tuple[Problem, ...]:
        """What could not be used of the book, in order of text, but for what is said of the facts of some owners."""
        refused = () if self.book is None else self.book.problems
        others = (problem for owner, problem in self.problems if owner not in owners)
        return tuple(sorted([*refused, *others], key=natural_order))


def without_parts(found: Readings, payee: str) -> dict[str, Reading]:
    """The readings of a payee, without what each fact gave to them."""
    return {code: evolve(reading, parts=None) for code, reading in found.of(payee).items()}
