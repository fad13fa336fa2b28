"""Award a book: (appraised book, salaries in columns) -> bonuses of every row; the twin of `award`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import gcd
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import ArrayLike, NDArray

from loanperf._bonus import Award, award
from loanperf._explanations import Explanation
from loanperf._quantities import CURRENCIES, Money, Quantity
from loanperf._scorecard import Bonus, Card
from loanperf._tables._chunks import Progress, in_chunks
from loanperf._tables._columns import MISSING, Column, column_of, frozen_array, held
from loanperf._tables._frames import like
from loanperf._tables._units import NO_UNITS, Units, counted
from loanperf._validators import must_be
from loanperf.batch._numbers._curves import CurveKernel
from loanperf.batch._numbers._exact import CERTAIN, Doubt, Floats, Quotient, common, round_quotient
from loanperf.batch._score._appraise import AppraisedBook, of_row
from loanperf.batch._score._readings import ScoredColumns, must_be_whole
from loanperf.errors import AwardError, DataError, LoanPerfError, Problem


@frozen(eq=False, kw_only=True)
class AwardedBook:
    """The bonuses of a book, in the order of its rows."""

    appraised: AppraisedBook
    amount: NDArray[np.int64]
    """In smallest units of the card's currency; `MISSING` where there is none."""
    problems: tuple[Problem, ...]
    """One a row without a bonus, those without a score included, in the order of rows."""
    scalar: int
    """How many rows went through `award`, since a column could not be certain of them."""
    month: Column | None = field(repr=False)
    base: Column | None = field(repr=False)
    days: tuple[Column, Column] | None = field(repr=False)

    @property
    def ok(self) -> NDArray[np.bool_]:
        """Which rows have a bonus."""
        return np.not_equal(self.amount, MISSING)

    def frame(self) -> Any:
        """The bonuses as the kind of table that the rows came in: what the scores say, and the amount.

        Amounts are in smallest units; those of rows without a bonus are missing.
        """
        columns = self.appraised.columns() | {"amount": Column("whole", self.amount)}
        return like(self.appraised.rows.came_as, columns)

    def award(self, row: int) -> Award:
        """The award of a row, by the rows path.

        Raises:
            LoanPerfError: what `appraise` and `award` raise.
        """
        for name, column in self._columns():
            must_be_whole(name, column, row)
        appraisal = self.appraised.appraisal(row)
        currency = appraisal.card.currency
        days = None
        if self.days is not None:
            held, of = (column.at(row) for column in self.days)
            days = None if held is None or of is None else (int(str(held)), int(str(of)))
        month, base = (_money(column, row, currency) for column in (self.month, self.base))
        return award(appraisal.card.bonus, appraisal, month=month, base=base, days=days)

    def _columns(self) -> Iterator[tuple[str, Column]]:
        """The columns of salaries and days that are there."""
        days = (None, None) if self.days is None else self.days
        for name, column in zip(("month", "base", "days", "of_days"), (self.month, self.base, *days), strict=True):
            if column is not None:
                yield name, column

    def explain(self, payee: str) -> Explanation:
        """Why a payee has its bonus; the same tree as the rows path gives."""
        return self.award(self.appraised.row_of(payee)).explain()


def _money(column: Column | None, row: int, currency: str) -> Money | None:
    value = None if column is None else column.at(row)
    if column is None or value is None:
        return None
    return Money.of(Quantity(Fraction(int(str(value)), column.scale or 1), currency))


def award_book(
    appraised: AppraisedBook,
    *,
    month: ArrayLike | Column | None = None,
    base: ArrayLike | Column | None = None,
    days: ArrayLike | Column | None = None,
    of_days: ArrayLike | Column | None = None,
    units: Units = NO_UNITS,
    progress: Progress | None = None,
    workers: int | None = None,
) -> AwardedBook:
    """What every row of an appraised book earns by the bonus plan of its card; equal to `award` of each by `==`.

    Columns are in the order of the book's rows; one that is not passed is taken from the book, where it has it.

    Args:
        appraised: from `appraise_book`.
        month: one month's salary, for plans in months.
        base: what a share is taken of, for plans in shares.
        days: days in role; the whole period where it is not given.
        of_days: days of the period.
        units: the unit of `month` and `base`: `fen`, `smallest unit`, `元`, `万元` …; of columns of the book their
            headings or the units of `appraise_book` say it too. Decimals are whole currency; floats are refused.
        progress: called after each chunk of 65,536 rows.
        workers: threads that work chunks at the same time; None is one a processor, four at most. The result does
            not depend on it.

    Raises:
        AwardError: no card has a bonus plan.
        DataError: a column of another length or kind, amounts that nobody says the unit of, or days without
            `of_days`.

    >>> import numpy as np
    >>> import loanperf as lp
    >>> from loanperf.batch import appraise_book
    >>> card = lp.template("worked-example").resolve(period=lp.Period.month(2026, 3))
    >>> given = {"loan_amount(元)": 1_200_000, "npl_ratio(%)": 2, "retention_rate(%)": 85}
    >>> rows = {code: np.array([value]) for code, value in given.items()}
    >>> award_book(appraise_book(card, rows), month=np.array([8_000]), units={"month": "元"}).amount
    array([816960])
    """
    must_be(appraised, AppraisedBook, "the appraised book", "pass what batch.appraise_book gives")
    cards = tuple(appraised.cards.values())
    if all(card.bonus is None for card in cards):
        raise AwardError("the scheme has no bonus plan", "add a [bonus] table to it")
    work = _Awarding(
        book=appraised,
        month=_amounts(appraised, "month", month, units),
        base=_amounts(appraised, "base", base, units),
        days=_days(_column(appraised, "days", days), _column(appraised, "of_days", of_days)),
        amount=np.empty(appraised.rows.rows, dtype=np.int64),
        kernels=tuple(None if card.bonus is None else BonusKernel.of(card, card.bonus, appraised) for card in cards),
        alike=all(_plan(card) == _plan(cards[0]) for card in cards),
    )
    doubtful = work.all_rows(progress, workers)
    problems = tuple(_row_by_row(work.result((), len(doubtful)), work.amount, doubtful))
    result = work.result((*appraised.problems, *problems), len(doubtful))
    frozen_array(work.amount)
    return result


def _days(held: Column | None, of: Column | None) -> tuple[Column, Column] | None:
    if (held is None) != (of is None):
        raise DataError("the days", "days in role and days of the period belong together", "pass both or neither")
    return None if held is None or of is None else (held, of)


def _amounts(book: AppraisedBook, name: str, given: ArrayLike | Column | None, units: Units) -> Column | None:
    """Amounts in smallest units; in the unit of the column where one of them is not whole in smallest units."""
    column = _column(book, name, given)
    if column is None:
        return None
    unit = units.get(name, book.units.get(name) if given is None else None)
    places = {CURRENCIES[card.currency] for card in book.cards.values()}
    if len(places) > 1:
        fault = "the cards have currencies of different smallest units"
        raise DataError(f"column {name}", fault, "award the cards of each currency in a book of their own")
    codes = {card.currency for card in book.cards.values()}
    column = held(counted(column, "money", unit, f"rows.{name}", min(codes) if len(codes) == 1 else ""), name)
    mine, wanted = column.scale or 1, 10 ** places.pop()
    shared = gcd(mine, wanted)
    times, below = wanted // shared, mine // shared
    values = column.values if column.missing is None else np.where(column.missing, 0, column.values)
    if (values % below).any():
        return column
    large = 2**63 // times
    if values.size and not -large < int(values.min()) <= int(values.max()) < large:
        raise DataError(f"column {name}", "an amount is beyond 64 bits", "mend it, or its unit")
    return evolve(column, values=frozen_array(values // below * times), scale=wanted)


def _column(book: AppraisedBook, name: str, given: ArrayLike | Column | None) -> Column | None:
    column = book.rows.columns.get(name) if given is None else column_of(given, name)
    if column is None:
        return None
    if column.kind not in ("whole", "float"):
        raise DataError(f"column {name}", f"it holds {column.kind}", "pass whole numbers")
    if len(column) != book.rows.rows:
        raise DataError(f"column {name}", f"it has {len(column)} rows", f"the book has {book.rows.rows}")
    return column


@frozen(eq=False, kw_only=True)
class _Awarding:
    """One awarding: what is read and what is filled."""

    book: AppraisedBook
    month: Column | None
    base: Column | None
    days: tuple[Column, Column] | None
    amount: NDArray[np.int64]
    kernels: tuple[BonusKernel | None, ...]
    """By place of the card; None where it has no bonus plan."""
    alike: bool
    """Whether one kernel serves all cards."""

    def result(self, problems: tuple[Problem, ...], scalar: int) -> AwardedBook:
        """What has been filled so far."""
        return AwardedBook(
            appraised=self.book,
            amount=self.amount,
            problems=problems,
            scalar=scalar,
            month=self.month,
            base=self.base,
            days=self.days,
        )

    def all_rows(self, progress: Progress | None, workers: int | None) -> list[int]:
        """Fill every chunk; the rows with a score that are in doubt, in order."""
        found = in_chunks(self.book.rows.rows, self._chunk, progress, workers)
        return [row for rows in found for row in rows]

    def _chunk(self, start: int, stop: int) -> list[int]:
        """Fill a chunk; the rows with a score that are in doubt."""
        which = None if self.book.which is None else self.book.which[start:stop]
        with np.errstate(all="ignore"):
            if which is None or self.alike:
                doubtful = self._fill(self.kernels[0], slice(start, stop), start)
            else:
                doubtful = []
                for place in np.unique(which):
                    kernel = self.kernels[int(place)] if place >= 0 else None
                    doubtful += self._fill(kernel, np.flatnonzero(which == place) + start, start)
        scored = self.book.score[start:stop] != MISSING
        if not scored.all():
            self.amount[start:stop][~scored] = MISSING
        return sorted(row for row in doubtful if self.book.score[row] != MISSING)

    def _fill(self, kernel: BonusKernel | None, chosen: slice | NDArray[np.intp], start: int) -> list[int]:
        """The bonuses of rows of one plan; the rows in doubt."""
        score = self.book.score[chosen]
        doubt = Doubt.of(len(score))
        if kernel is None:
            doubt.everything()
        else:
            units = kernel.amounts(self, chosen, score, doubt)
            self.amount[chosen] = np.where(doubt.rows, 0, units) if doubt.rows.any() else units
        places = np.flatnonzero(doubt.rows)
        rows = places + start if isinstance(chosen, slice) else chosen[places]
        return [int(row) for row in rows]


def _plan(card: Card) -> tuple[Any, ...]:
    return (card.bonus, card.grades, card.currency)


@frozen(eq=False, kw_only=True)
class BonusKernel:
    """A bonus plan as tables over rows of one kind of card."""

    bonus: Bonus
    curve: CurveKernel
    at: ScoredColumns | None
    """What the curve looks at, where it is no score: the attainment of an indicator."""
    at_target: Fraction | None
    """The target of the card for that indicator."""
    places: int
    grades: tuple[list[int], int]
    """The coefficient of each grade over one denominator."""
    gates: tuple[tuple[ScoredColumns, CurveKernel], ...]
    unit: int
    """Smallest units in the currency."""

    @classmethod
    def of(cls, card: Card, bonus: Bonus, book: AppraisedBook) -> BonusKernel:
        """The tables of a card's bonus plan."""
        lines = {line.indicator.code: line.target for line in card.lines}
        target = lines.get(bonus.of)
        return cls(
            bonus=bonus,
            curve=CurveKernel.of(bonus.curve),
            at=book.looked[bonus.of] if bonus.of in lines else None,
            at_target=None if target is None else target.value,
            places=book.places,
            grades=common([grade.coefficient for grade in card.grades]),
            gates=tuple((book.looked[gate.indicator], CurveKernel.of(gate.forfeits)) for gate in bonus.gates),
            unit=10 ** CURRENCIES[card.currency],
        )

    def amounts(
        self, work: _Awarding, chosen: slice | NDArray[np.intp], score: NDArray[np.int64], doubt: Doubt
    ) -> Floats:
        """The bonuses of some rows in smallest units, certain where there is no doubt."""
        part = self._part(work, chosen, doubt)
        whole = self._whole(work, chosen, doubt)
        amount = self.curve.at(self._x(chosen, score, doubt), doubt).of(whole.top, whole.bottom)
        amount = amount.of(part.top, part.bottom).checked(doubt)
        if self.grades[0] and any(top != self.grades[1] for top in self.grades[0]):
            tops = np.array([doubt.constant(top) for top in self.grades[0]])
            amount = amount.of(tops[work.book.grade[chosen]], doubt.constant(self.grades[1])).checked(doubt)
        for looked, forfeits in self.gates:
            share = forfeits.at(_value(looked, chosen, doubt), doubt)
            amount = amount.of(share.bottom - share.top, share.bottom).checked(doubt)
        units = self._rounded(amount, doubt)
        whole = whole.of(part.top, part.bottom)
        if self.bonus.cap is not None:
            np.minimum(units, self._rounded(self._limit(self.bonus.cap, whole, part, doubt), doubt), out=units)
        if self.bonus.floor is not None:
            np.maximum(units, self._rounded(self._limit(self.bonus.floor, whole, part, doubt), doubt), out=units)
        return units

    def _limit(self, bound: Quantity, whole: Quotient, part: Quotient, doubt: Doubt) -> Quotient:
        """A cap or floor in smallest units."""
        if bound.unit in CURRENCIES:
            return part.times(bound.value * self.unit, doubt).checked(doubt)
        return whole.times(bound.value, doubt).checked(doubt)

    def _rounded(self, amount: Quotient, doubt: Doubt) -> Floats:
        quotient = np.asarray(np.divide(amount.top, amount.bottom))
        return round_quotient(quotient if quotient.ndim else np.full(len(doubt.rows), quotient), self.bonus.rounding)

    def _x(self, chosen: slice | NDArray[np.intp], score: NDArray[np.int64], doubt: Doubt) -> Quotient:
        """What the curve looks at."""
        if self.bonus.of == "score":
            top = score.astype(np.float64)
            if score.size and (score.max() >= CERTAIN or score.min() <= -CERTAIN):
                doubt.note((score >= 2**52) | (score <= -(2**52)))
                top[doubt.rows] = 0.0
            return Quotient(top, float(10**self.places))
        looked = self.at
        if looked is None:
            doubt.everything()
            return Quotient(np.zeros(len(doubt.rows)))
        value = _value(looked, chosen, doubt)
        if looked.goal is not None:
            if looked.goal.missing is not None:
                doubt.note(looked.goal.missing[chosen])
            goal = looked.goal.values[chosen].astype(np.float64)
            doubt.denominator(goal)
            scale = doubt.constant(looked.goal_scale)
            return value.of(scale, goal).checked(doubt)
        if self.at_target is None or self.at_target <= 0:
            doubt.everything()
            return value
        return value.times(1 / self.at_target, doubt).checked(doubt)

    def _whole(self, work: _Awarding, chosen: slice | NDArray[np.intp], doubt: Doubt) -> Quotient:
        """What one of the curve's units is, in smallest units."""
        if self.bonus.unit == "amount":
            return Quotient(float(self.unit))
        column = work.month if self.bonus.unit == "month" else work.base
        if column is None or column.scale != self.unit:
            doubt.everything()
            return Quotient(0.0)
        if column.missing is not None:
            doubt.note(column.missing[chosen])
        values = column.values[chosen].astype(np.float64, copy=False)
        if not values.min(initial=0.0) >= 0:
            doubt.note(values < 0)
        return Quotient(values).checked(doubt)

    def _part(self, work: _Awarding, chosen: slice | NDArray[np.intp], doubt: Doubt) -> Quotient:
        """The part of the period in role."""
        if work.days is None:
            return Quotient(1.0)
        held, of = (column.values[chosen].astype(np.float64) for column in work.days)
        for column in work.days:
            if column.missing is not None:
                doubt.note(column.missing[chosen])
        doubt.note(~((held >= 0) & (held <= of) & (of > 0) & (np.rint(held) == held) & (np.rint(of) == of)))
        return Quotient(held, np.maximum(of, 1.0))


def _value(looked: ScoredColumns, chosen: slice | NDArray[np.intp], doubt: Doubt) -> Quotient:
    """The unrounded reading."""
    missing = looked.missing(chosen)
    if looked.top is None:
        doubt.everything()
        return Quotient(np.zeros(len(doubt.rows)))
    if missing is not None:
        doubt.note(missing)
    scale = doubt.constant(looked.scale)
    top = looked.top.values[chosen].astype(np.float64)
    if looked.bottom is None:
        return Quotient(top, scale).checked(doubt)
    return Quotient(top, looked.bottom.values[chosen] * scale).checked(doubt)


def _row_by_row(book: AwardedBook, amount: NDArray[np.int64], rows: Iterable[int]) -> Iterator[Problem]:
    """Award rows by the rows path; the problems of those that it refuses."""
    for row in rows:
        try:
            units = book.award(row).amount.units
            if abs(units) > 2**63 - 1:
                raise DataError("the bonus", "it is beyond 64 bits", "mend the salary or the reading")
            amount[row] = units
        except LoanPerfError as error:
            amount[row] = MISSING
            yield of_row(book.appraised.rows, row, error)
