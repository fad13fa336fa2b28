"""Appraise a book: (cards, readings and targets in columns) -> scores of every row; the twin of `appraise`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from loanperf._appraisal import Appraisal, appraise
from loanperf._explanations import Explanation
from loanperf._scorecard import Card
from loanperf._tables._chunks import Progress, in_chunks
from loanperf._tables._columns import CHUNK_ROWS, MISSING, Column, Table
from loanperf._tables._frames import like
from loanperf._tables._given import table_of
from loanperf._tables._units import NO_UNITS, Said, Units
from loanperf.batch._numbers._exact import Doubt
from loanperf.batch._score._points import Scratch, Shape, Which, places_of, shape_for, shape_of
from loanperf.batch._score._readings import Chosen, ScoredColumns, looked_at, must_be_whole
from loanperf.errors import DataError, LoanPerfError, Problem, problem_of, shown

_NO_SCALES: Mapping[str, int] = {}


@frozen(eq=False, kw_only=True)
class AppraisedBook:
    """The scores of a book, in the order of its rows.

    Nothing is dropped: a row without a score has a `Problem`.
    """

    rows: Table
    """What was scored."""
    cards: Mapping[str, Card]
    """By the words of the column `card`."""
    score: NDArray[np.int64]
    """In units of 10 ** -places; `MISSING` where there is none."""
    places: int
    grade: NDArray[np.int8]
    """Place among the grades of the row's card, the lowest 0; -1 where there is none."""
    problems: tuple[Problem, ...]
    """One a row that could not be scored, in the order of rows."""
    scalar: int
    """How many rows went through `appraise`, since a column could not be certain of them."""
    looked: Mapping[str, ScoredColumns] = field(repr=False)
    """The columns of each indicator."""
    which: NDArray[np.int64] | None = field(repr=False)
    """The place of each row's card in `cards`, -1 where there is none; None where all have the only one."""
    units: Units = field(default=NO_UNITS, repr=False)
    """What is said of the units of columns."""
    over_facts: Callable[[int], Appraisal] | None = field(default=None, repr=False)
    """Where the readings were measured: the appraisal of a row by the rows path from the facts on."""

    @property
    def ok(self) -> NDArray[np.bool_]:
        """Which rows have a score."""
        return np.not_equal(self.score, MISSING)

    def frame(self) -> Any:
        """The scores as the kind of table that the rows came in: payee and card, where they were given, score, grade.

        Scores are whole numbers of 10 ** -places; those of rows that could not be scored are missing.
        """
        return like(self.rows.came_as, self.columns())

    def columns(self) -> dict[str, Column]:
        """The columns of `frame`."""
        kept = {name: self.rows[name] for name in ("payee", "card") if name in self.rows}
        words = tuple(dict.fromkeys(grade.code for card in self.cards.values() for grade in card.grades))
        found = kept | {"score": Column("whole", self.score)}
        return found | ({"grade": Column("text", self._grade_codes(words), None, words)} if words else {})

    def _grade_codes(self, words: tuple[str, ...]) -> NDArray[np.int32]:
        """The place of each row's grade among some words."""
        codes = np.full(self.rows.rows, -1, dtype=np.int32)
        for place, card in enumerate(self.cards.values()):
            mine = np.ones(self.rows.rows, dtype=np.bool_) if self.which is None else self.which == place
            of_grade = np.array([*(words.index(grade.code) for grade in card.grades), -1], dtype=np.int32)
            codes[mine] = of_grade[self.grade[mine]]
        return codes

    def card(self, row: int) -> Card:
        """The card of a row.

        Raises:
            DataError: it has none.
        """
        place = 0 if self.which is None else int(self.which[row])
        if place < 0:
            fault = f"there is no card {shown(self.rows['card'].at(row))}"
            raise DataError("column card", fault, f"use one of {', '.join(self.cards)}")
        return tuple(self.cards.values())[place]

    def row_of(self, payee: str) -> int:
        """The row of a payee, who must have one only.

        Raises:
            DataError: the rows do not name payees, or name this one not at all or twice.
        """
        names = self.rows["payee"]
        codes = [code for code, word in enumerate(names.words) if word == payee]
        found = np.flatnonzero(np.isin(names.values, codes))
        if found.size != 1:
            fault = f"{payee!r} has {found.size} rows"
            raise DataError("column payee", fault, "name a payee with one row, or use appraisal(row)")
        return int(found[0])

    def appraisal(self, row: int) -> Appraisal:
        """The appraisal of a row, by the rows path.

        Raises:
            LoanPerfError: what `appraise` raises.
        """
        if self.over_facts is not None:
            return self.over_facts(row)
        card = self.card(row)
        cells = {code: self.looked[code] for code in _codes(card)}
        for looked in cells.values():
            for name, column in looked.columns():
                must_be_whole(name, column, row)
        readings = [reading for looked in cells.values() if (reading := looked.reading(row, card.currency))]
        mine = {line.indicator.code for line in card.lines}
        goals = {code: looked.target(row, card.currency) for code, looked in cells.items() if code in mine}
        targets = {code: goal for code, goal in goals.items() if goal is not None}
        payee = self.rows["payee"].at(row) if "payee" in self.rows else ""
        return appraise(card, targets, readings, payee=str(payee or ""))

    def explain(self, payee: str) -> Explanation:
        """Why a payee has its score; the same tree as the rows path gives."""
        return self.appraisal(self.row_of(payee)).explain()


def _codes(card: Card) -> tuple[str, ...]:
    return tuple(item.code for item in (*(line.indicator for line in card.lines), *card.others))


def appraise_book(
    cards: Card | Mapping[str, Card],
    rows: Any,
    *,
    scales: Mapping[str, int] = _NO_SCALES,
    units: Units = NO_UNITS,
    progress: Progress | None = None,
    workers: int | None = None,
) -> AppraisedBook:
    """Score every row of a book, each by its own card; equal to `appraise` of each row by `==`.

    Args:
        cards: one for all rows, or by the words of the column `card`.
        rows: a mapping of arrays or any data frame, one row a payee. For each indicator a column of its code holds the
            reading, or `code.numerator` and `code.denominator` hold a quotient; `code.target` holds the target, where
            the row does not go by that of its card. `payee` and `card` are text. A column that an indicator of the
            card lacks is a reading that is missing in every row.
        scales: units in one whole by name of column: 100 for fen, 10,000 for ratios in hundredths of a percent.
        units: units by name of column, which a heading may name too: `loan_amount(万元)`, `npl_ratio(%)`. What is said
            of a reading holds for its target. Whole numbers for money, ratios and points, and decimals for ratios,
            are refused without; decimals for money are whole currency, counts and quotients of ratios are as they
            stand. Floats are refused for money.
        progress: called after each chunk of 65,536 rows.
        workers: threads that work chunks at once; None is one a processor, four at most. No result depends on it.

    Raises:
        UnknownIndicatorError: a column of no indicator of the cards.
        DataError: columns that cannot be read, numbers that nobody says the unit of, bare ratios above 1; several
            cards and no column `card`.

    >>> import numpy as np
    >>> import loanperf as lp
    >>> card = lp.template("worked-example").resolve(period=lp.Period.month(2026, 3))
    >>> given = {"loan_amount(元)": 1_200_000, "npl_ratio(%)": 2, "retention_rate(%)": 85}
    >>> rows = {code: np.array([value]) for code, value in given.items()}
    >>> book = appraise_book(card, rows)
    >>> book.score, book.places
    (array([1212]), 1)
    """
    said = Said.of(table_of(rows, "rows"), units)
    by_word = {"": cards} if isinstance(cards, Card) else dict(cards)
    if not by_word:
        raise DataError("the cards", "there are none", "pass one at least")
    looked, table = looked_at(by_word.values(), said.table, scales, said.units), said.table
    work = _Scoring(
        table=table,
        cards=tuple(by_word.values()),
        looked=looked,
        which=_which(by_word, table),
        places=max(places_of(card) for card in by_word.values()),
        score=np.empty(table.rows, dtype=np.int64),
        grade=np.full(table.rows, -1, dtype=np.int8),
        absent=frozenset(code for code, item in looked.items() if item.top is None),
        units=said.units,
    )
    doubtful = work.all_rows(progress, workers)
    problems = tuple(_row_by_row(work.book((), len(doubtful), by_word), doubtful))
    for column in (work.score, work.grade):
        column.flags.writeable = False
    return work.book(problems, len(doubtful), by_word)


def _which(cards: Mapping[str, Card], table: Table) -> NDArray[np.int64] | None:
    """The place of each row's card; None where there is one card and no column says otherwise."""
    if "card" not in table:
        if len(cards) > 1:
            raise DataError("table rows", "it has no column 'card', and there are several cards", "say whose is whose")
        return None
    column = table["card"]
    if column.kind != "text":
        raise DataError("column card", f"it holds {column.kind}", f"pass text: {', '.join(cards)}")
    places = {word: place for place, word in enumerate(cards)}
    of_word = np.array([*(places.get(word, -1) for word in column.words), -1], dtype=np.int64)
    # The last stands for no word, which is coded as -1.
    return np.take(of_word, column.values, mode="wrap")


@frozen(eq=False, kw_only=True)
class _Scoring:
    """One scoring: what is read and what is filled."""

    table: Table
    cards: tuple[Card, ...]
    looked: Mapping[str, ScoredColumns]
    which: NDArray[np.int64] | None
    places: int
    score: NDArray[np.int64]
    grade: NDArray[np.int8]
    absent: frozenset[str]
    """Indicators without a column."""
    units: Units
    shapes: dict[tuple[Any, ...], Shape] = field(factory=dict)
    spaces: list[Scratch] = field(factory=list)
    """Space that no chunk works in right now."""
    by_shape: Mapping[int, tuple[int, ...]] = field(init=False)
    """The cards that share the shape of each card, by place."""

    @by_shape.default
    def _same(self) -> Mapping[int, tuple[int, ...]]:
        shapes = [shape_of(card) for card in self.cards]
        return {
            place: tuple(other for other, its in enumerate(shapes) if its == shape)
            for place, shape in enumerate(shapes)
        }

    def book(self, problems: tuple[Problem, ...], scalar: int, cards: Mapping[str, Card]) -> AppraisedBook:
        """What has been filled so far."""
        return AppraisedBook(
            rows=self.table,
            cards=cards,
            score=self.score,
            places=self.places,
            grade=self.grade,
            problems=problems,
            scalar=scalar,
            looked=self.looked,
            which=self.which,
            units=self.units,
        )

    def all_rows(self, progress: Progress | None, workers: int | None) -> list[int]:
        """Fill every chunk; the rows in doubt, in order."""
        found = in_chunks(self.table.rows, self._chunk, progress, workers)
        return [row for rows in found for row in rows]

    def _chunk(self, start: int, stop: int) -> list[int]:
        """Fill a chunk; the rows in doubt."""
        rows = stop - start
        space = self.spaces.pop() if self.spaces else Scratch.of(min(CHUNK_ROWS, self.table.rows))
        try:
            return self._worked(start, stop, space.first(rows))
        finally:
            self.spaces.append(space)

    def _worked(self, start: int, stop: int, scratch: Scratch) -> list[int]:
        chosen, total = slice(start, stop), scratch.total
        which = None if self.which is None else self.which[chosen]
        missing = {code: where for code, item in self.looked.items() if (where := item.missing(chosen)) is not None}
        with np.errstate(all="ignore"):
            if not missing and (which is None or self._one_shape(which)):
                return self._fill(chosen, which, self.absent, scratch, total, start)
            doubtful: list[int] = []
            for pattern, found, place in self._groups(start, stop, which, missing):
                mine = None if which is None else np.full(found.size, place, dtype=np.int64)
                if place < 0:
                    doubtful += found.tolist()
                else:
                    codes = self.absent | pattern
                    doubtful += self._fill(found, mine, codes, scratch.first(found.size), total[: found.size], start)
            return sorted(doubtful)

    def _one_shape(self, which: NDArray[np.int64]) -> bool:
        return len(self.by_shape[0]) == len(self.cards) and bool(which.size == 0 or which.min() >= 0)

    def _groups(
        self, start: int, stop: int, which: NDArray[np.int64] | None, missing: Mapping[str, NDArray[np.bool_]]
    ) -> Iterator[tuple[frozenset[str], NDArray[np.intp], int]]:
        """Rows of a chunk with one card and the same readings missing, by position in the table."""
        patterns = np.zeros(stop - start, dtype=np.int64) if which is None else which + 1
        for where in missing.values():
            # Numbered anew each time, so that any number of indicators fits.
            patterns = np.unique(patterns * 2 + where, return_inverse=True)[1]
        for pattern in np.unique(patterns):
            rows = np.flatnonzero(patterns == pattern)
            first = int(rows[0])
            codes = frozenset(code for code, where in missing.items() if where[first])
            yield codes, rows + start, 0 if which is None else int(which[first])

    def _fill(
        self,
        chosen: Chosen,
        which: NDArray[np.int64] | None,
        missing: frozenset[str],
        scratch: Scratch,
        total: NDArray[np.float64],
        start: int,
    ) -> list[int]:
        """Score rows of cards of one shape; the rows in doubt."""
        if not total.size:
            return []
        first = 0 if which is None else int(which[0])
        shape = self._shape(first, missing)
        size = total.size
        doubt = Doubt.of(size)
        shape.scores(chosen, self._local(first, which), scratch, doubt, total)
        self.score[chosen] = np.where(doubt.rows, 0, total) if doubt.rows.any() else total
        self._grade(shape, chosen, total)
        rows = np.flatnonzero(doubt.rows)
        if isinstance(chosen, slice):
            return [start + int(row) for row in rows]
        return [int(row) for row in chosen[rows]]

    def _local(self, first: int, which: NDArray[np.int64] | None) -> Which:
        """Each row's place among the cards of its shape."""
        same = self.by_shape[first]
        if which is None or len(same) == 1:
            return None
        if same == tuple(range(len(same))):
            return which
        local = np.zeros(len(self.cards), dtype=np.intp)
        local[list(same)] = range(len(same))
        found: NDArray[np.intp] = local[which]
        return found

    def _shape(self, first: int, missing: frozenset[str]) -> Shape:
        key = (self.by_shape[first], missing)
        if key not in self.shapes:
            cards = [self.cards[place] for place in self.by_shape[first]]
            self.shapes[key] = shape_for(cards, self.looked, self.places, missing)
        return self.shapes[key]

    def _grade(self, shape: Shape, chosen: Chosen, total: NDArray[np.float64]) -> None:
        grades = shape.cards[0].grades
        if grades:
            starts = [float(-((-Fraction(grade.at_least) * 10**self.places) // 1)) for grade in grades]
            reached = np.searchsorted(np.array(starts), total, side="right") - 1
            self.grade[chosen] = np.maximum(reached, 0)


def of_row(rows: Table, row: int, error: LoanPerfError) -> Problem:
    """What is wrong with a row."""
    payee = str(rows["payee"].at(row) or "") if "payee" in rows else ""
    where = f"rows row {row}" + (f", payee {rows['payee'].at(row)}" if "payee" in rows else "")
    return evolve(problem_of(where, error, payee=payee), row=row)


def _row_by_row(book: AppraisedBook, rows: Iterable[int]) -> Iterator[Problem]:
    """Score rows by the rows path; the problems of those that it refuses."""
    for row in rows:
        try:
            appraisal = book.appraisal(row)
            units = appraisal.score.scaleb(book.places)
            if abs(units) > 2**63 - 1:
                raise DataError(
                    f"the score {appraisal.score}", "it is beyond 64 bits", "mend the reading or the target"
                )
        except LoanPerfError as error:
            book.score[row], book.grade[row] = MISSING, -1
            yield of_row(book.rows, row, error)
        else:
            book.score[row] = int(units)
            grades = book.card(row).grades
            book.grade[row] = grades.index(appraisal.grade) if appraisal.grade is not None else -1
