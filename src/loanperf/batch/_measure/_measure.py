"""Measure a book: (facts in columns, period, indicators) -> readings of every payee; the twin of `measure`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from attrs import field, frozen

from loanperf._facts import NO_FACTS
from loanperf._indicators import Indicator, Kind, Reading, measure_part, must_be_indicators
from loanperf._indicators._fields import totals_of
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._tables._chunks import Progress
from loanperf._tables._columns import CameAs, Column, Table
from loanperf._tables._frames import like
from loanperf._validators import must_be
from loanperf.batch._book._batches import apart
from loanperf.batch._book._book import Book
from loanperf.batch._measure._counting import Counting
from loanperf.batch._measure._dated import Dated
from loanperf.batch._measure._fitted import Exacts, Fitted, fitted
from loanperf.errors import DataError, EmptyPeriodError, Problem, natural_order

_UNITS = {Kind.POINTS: "point"}


@frozen(eq=False, kw_only=True)
class MeasuredBook:
    """What a period's facts showed: a reading of every indicator for every payee, in columns.

    Nothing is dropped: `rows == used + repeats +` the rows that have a `Problem`. A row of a tape stands for several
    facts, and may have a problem for each; a payee whose sum does not fit in 64 bits has a problem and no reading.
    """

    period: Period
    currency: str
    payees: tuple[str, ...]
    """In order of code."""
    indicators: tuple[Indicator, ...]
    """Those that are measured, in the order asked for."""
    columns: Mapping[str, Fitted]
    """Numerator and denominator of each payee, by code of indicator."""
    problems: tuple[Problem, ...]
    """In order of their text; those of the book are among them."""
    rows: int
    """Rows that came in."""
    repeats: int
    """Rows that said again what another row had said."""
    used: int
    """Rows without a problem, of the period or of another day."""
    scalar: int
    """How many loans and customers went through the rows path, since columns could not decide about them, and how many
    rows were added up as Python's numbers."""
    organisation: Organisation | None = field(repr=False)
    book: Book | None = field(repr=False)
    """What was measured; None where it came in parts."""
    came_as: CameAs
    """The kind of data frame that the facts came in."""
    _places: dict[str, int] = field(factory=dict, init=False, repr=False)
    """By payee; made when it is first asked for."""

    def _place(self, payee: str) -> int | None:
        if not self._places:
            self._places.update((payee, place) for place, payee in enumerate(self.payees))
        return self._places.get(payee)

    def reading(self, payee: str, code: str) -> Reading:
        """The reading of a payee in an indicator, without its parts; else equal to that of the rows path.

        Raises:
            DataError: there is no such payee or indicator, or the reading does not fit in 64 bits.
        """
        found = self.of(payee).get(code)
        if found is None:
            known = self._place(payee) is not None and code in self.columns
            fault = "it does not fit in 64 bits" if known else "there is none"
            raise DataError(f"the reading of {payee!r} in {code!r}", fault, "see payees, columns and problems")
        return found

    def of(self, payee: str) -> dict[str, Reading]:
        """The readings of a payee by indicator, but for those that do not fit in 64 bits; none for a stranger."""
        place = self._place(payee)
        if place is None:
            return {}
        return {
            item.code: self._reading(item, payee, *self.columns[item.code].at(place))
            for item in self.indicators
            if self.columns[item.code].fits(place)
        }

    def team(self, unit: str, members: Iterable[str]) -> dict[str, Reading]:
        """The readings of a unit by indicator: sums over its members, and for ratios the sum over the sum.

        Args:
            unit: code of the unit, which becomes the subject of its readings.
            members: codes of payees, each counted once; those of whom nothing is known add nothing. An indicator in
                which a member has no reading has none for the unit either.
        """
        found = (self._place(member) for member in {*members})
        places = sorted(place for place in found if place is not None)
        if not places:
            return {}
        return {
            item.code: self._reading(item, unit, *self.columns[item.code].sum(places))
            for item in self.indicators
            if all(self.columns[item.code].fits(place) for place in places)
        }

    def _reading(self, item: Indicator, subject: str, numerator: Fraction, denominator: Fraction | None) -> Reading:
        return Reading(
            indicator=item.code,
            numerator=numerator,
            denominator=denominator,
            unit=self.currency if item.kind is Kind.MONEY else _UNITS.get(item.kind, ""),
            subject=subject,
            period=self.period,
        )

    def explain(self, payee: str) -> dict[str, Reading]:
        """The readings of a payee with their parts, by the rows path over the facts that concern that payee.

        Raises:
            DataError: the book came in parts, which are gone.
        """
        if self.book is None:
            raise DataError("an explanation", "the book came in parts", "measure the parts that name the payee")
        facts = self.book.facts(payees=[payee])
        found = measure_part(
            facts, self.period, self.indicators, currency=self.currency, organisation=self.organisation
        )
        return found.of(payee)

    def frame(self) -> Any:
        """The readings as the kind of data frame that the facts came in, with the columns of `table`."""
        return like(self.came_as, dict(self.table().columns))

    def table(self, codes: Iterable[str] | None = None) -> Table:
        """The readings as a table that `appraise_book` takes.

        Args:
            codes: of indicators; None is all.

        Returns:
            One row a payee: `payee`, and for each indicator its code, or `code.numerator` and `code.denominator`. A
            reading that does not fit is missing.

        Raises:
            DataError: an indicator that is not measured.
        """
        wanted = tuple(self.columns) if codes is None else tuple(codes)
        named = np.arange(len(self.payees), dtype=np.int32)
        columns = {"payee": Column("text", named, None, self.payees)}
        for code in wanted:
            if code not in self.columns:
                known = ", ".join(self.columns) or "none"
                raise DataError(f"the indicator {code!r}", "it is not measured here", f"name one of {known}")
            columns |= self.columns[code].columns(code)
        return Table("rows", len(self.payees), columns, self.came_as)


def measure_book(
    book: Book | Iterable[Book],
    period: Period,
    indicators: Iterable[Indicator],
    *,
    organisation: Organisation | None = None,
    progress: Progress | None = None,
) -> MeasuredBook:
    """Measure indicators over a book, for every payee; each reading equals that of `measure` by `==`.

    Args:
        book: a book; or parts of one, such as a batch of records each. Of parts no more than one is held at a time,
            and of those before only the numbers of their loans and customers and what tells other facts apart.
        period: flows are those dated in it; stocks are as of its last day.
        indicators: each code once; those without a measure are the host's to supply and are passed over.
        organisation: who is assigned when; with it the payees are those assigned on some day of the period, and a row
            that counts for somebody else is a problem. Without it they are all for whom a row of any view counts.
        progress: called between chunks of 65,536 rows with the rows done and the rows known so far; what it raises
            ends the work.

    Raises:
        EmptyPeriodError: no row is dated in the period or before it.
        MeasureError: a measure over fields or values that do not exist, or two indicators of one code.
        UnitError: parts in two currencies.
        DataError: more rows of large numbers than can be added up; a loan, a customer or another fact that stands in
            two parts.

    >>> import numpy as np
    >>> from loanperf._indicators import disbursed_amount
    >>> day = np.array(["2026-03-02"], dtype="datetime64[D]")
    >>> loans = {"loan": np.array([1]), "customer": np.array([7]), "officer": np.array(["lin"]), "opened_on": day}
    >>> loans |= {"disbursed_on": day, "disbursed(万元)": np.array([30])}
    >>> march = measure_book(Book.of({"loans": loans}, currency="CNY"), Period.month(2026, 3), [disbursed_amount()])
    >>> print(march.reading("lin", "disbursed_amount").value)
    300000 CNY
    """
    if not isinstance(book, Book):
        must_be(book, Iterable, "the book", "pass batch.Book.of(tables, currency=...), or parts of one")
    if organisation is not None:
        must_be(organisation, Organisation, "the organisation", "pass lp.Organisation(...), or leave it out")
    must_be(period, Period, "the period", "pass one, such as lp.Period.parse('2026-03')")
    asked = must_be_indicators(indicators)
    wanted = tuple({item.code: item for item in asked if item.measure is not None}.values())
    work: Counting | None = None
    came_as: CameAs = "arrays"
    dated = Dated(period)
    for part in (book,) if isinstance(book, Book) else apart(book):
        if work is None:
            # This checks indicators and currency as measuring does.
            measure_part(NO_FACTS, period, asked, currency=part.currency, organisation=None)
            came_as = part.came_as
            work = _begun(part.currency, period, wanted, organisation, progress)
        dated.look_at(part)
        work.take(part)
    problems = () if work is None else work.problems
    if work is None or not dated.found:
        raise EmptyPeriodError(str(period), dated.first, dated.last, tuple(problems))
    return _result(work, wanted, book if isinstance(book, Book) else None, came_as)


def _begun(
    currency: str,
    period: Period,
    wanted: tuple[Indicator, ...],
    organisation: Organisation | None,
    progress: Progress | None,
) -> Counting:
    staff = None
    if organisation is not None:
        staff = frozenset(code for code in organisation.codes if organisation.assignments_in(code, period))
    measures = [item.measure for item in wanted if item.measure is not None]
    return Counting(
        period=period,
        currency=currency,
        totals=tuple(dict.fromkeys(total for measure in measures for _, total in totals_of(measure))),
        organisation=organisation,
        staff=staff,
        progress=progress,
    )


def _result(work: Counting, wanted: tuple[Indicator, ...], book: Book | None, came_as: CameAs) -> MeasuredBook:
    for payee in sorted(work.staff or ()):
        work.people.code(payee)
    work.grow()
    everybody = np.flatnonzero(work.seen)
    if work.staff is not None:
        everybody = np.array([work.people.code(payee) for payee in work.staff], dtype=np.intp)
    codes = work.people.in_order(everybody)
    payees = tuple(work.people.names[code] for code in codes.tolist())
    # Each total is let go once it is read, so that totals and readings are not all there at once.
    sums = {total: Exacts.of(work.counted.pop(total), codes) for total in work.totals}
    columns = {item.code: fitted(item.measure, sums, len(payees)) for item in wanted if item.measure is not None}
    unfit = [
        Problem(f"payee {payees[place]}, {code}", "the sum does not fit in 64 bits", "", "measure it by lp.measure")
        for code, found in columns.items()
        if found.missing is not None
        for place in np.flatnonzero(found.missing).tolist()
    ]
    return MeasuredBook(
        period=work.period,
        currency=work.currency,
        payees=payees,
        indicators=wanted,
        columns=columns,
        problems=tuple(sorted([*work.problems, *unfit], key=natural_order)),
        rows=work.rows,
        repeats=work.repeats,
        used=work.rows - work.repeats - work.refused,
        scalar=work.scalar,
        organisation=work.organisation,
        book=book,
        came_as=came_as,
    )
