"""Opening sums: (book, what is asked) -> what each total comes to for each payee by the book alone."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from attrs import frozen
from numpy import flatnonzero

from loanperf._indicators import Total
from loanperf._tables._columns import Whole
from loanperf.batch._book._book import Book
from loanperf.batch._measure._counting import Counting
from loanperf.batch._track._asked import Asked
from loanperf.batch._track._watch import Watch
from loanperf.batch._track._worth import Exact
from loanperf.errors import Problem


@frozen(eq=False)
class BookSum:
    """One total of all payees."""

    values: Whole
    """By code of payee, in units of the book."""
    apart: Mapping[int, Exact]
    """Those that `values` does not hold."""
    times: Fraction
    """Units of a tracker in one unit of the book."""

    def at(self, code: int) -> Exact:
        """What it comes to for a payee."""
        found = self.apart.get(code, self.values.item(code)) * self.times
        return found.numerator if found.denominator == 1 else found


@frozen(eq=False)
class BookSums:
    """The totals of all payees whom a book names."""

    codes: Mapping[str, int]
    known: tuple[str, ...]
    """Those for whom a row counts."""
    totals: tuple[BookSum, ...]
    rows: tuple[BookSum, ...]
    """How many rows of each view make a payee known; none with an organisation."""

    def of(self, payee: str) -> list[Exact] | None:
        """The amounts of a payee, as `Asked` has them; None for somebody whom the book does not name."""
        code = self.codes.get(payee)
        if code is None:
            return None
        amounts = [total.at(code) for total in self.totals]
        return [*amounts, sum(rows.at(code) for rows in self.rows)] if self.rows else amounts


def counted(book: Book, asked: Asked, watch: Watch) -> tuple[BookSums, tuple[Problem, ...]]:
    """What a book comes to, and what is wrong with its facts, beside what it has refused."""
    rows = tuple(Total(over=view, held_at=held_at) for view, held_at in asked.known_by)
    work = Counting(
        period=watch.period,
        currency=watch.currency,
        totals=tuple(dict.fromkeys((*asked.totals, *rows))),
        organisation=watch.organisation,
        staff=asked.staff,
        progress=None,
    )
    work.take(book)
    work.grow()
    units = dict(zip(asked.totals, asked.units, strict=True))

    def found(total: Total) -> BookSum:
        held = work.counted[total]
        return BookSum(*held.sums.result(), Fraction(units.get(total, 1), held.unit))

    names = work.people.names
    known = tuple(sorted(names[code] for code in flatnonzero(work.seen).tolist()))
    codes = {name: code for code, name in enumerate(names)}
    sums = BookSums(codes, known, tuple(map(found, asked.totals)), tuple(map(found, rows)))
    return sums, tuple(work.problems[len(book.problems) :])
