"""Appraisals: the scores of many, as columns; appraisals as rows, with their reasons, when somebody asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from loanperf._appraisal._appraisal import Appraisal
from loanperf._appraisal._appraise import appraise
from loanperf._appraisal._columns import ScoredColumns, cell_error, cells_not_whole
from loanperf._appraisal._faults import error_of
from loanperf._appraisal._points import FaultKind
from loanperf._explanations import Explanation, printed
from loanperf._indicators import Reading
from loanperf._numbers import Places, Truth, Whole
from loanperf._quantities import Quantity
from loanperf._scorecard import Card
from loanperf._tables._columns import CameAs, Column, Table
from loanperf._tables._exact import decimals
from loanperf._tables._frames import like
from loanperf._tables._units import NO_UNITS, Units
from loanperf._tables._words import distinct_texts
from loanperf.errors import DataError, LoanPerfError, Problem, UnknownPayeeError, problem_of, shown


@frozen(eq=False, kw_only=True)
class Appraisals:
    """The scores of many payees, in the order of their rows. It iterates as appraisals, of the rows that have a score.

    Nothing is dropped: a row without a score has a `Problem`.
    """

    rows: Table
    """What was scored."""
    cards: Mapping[str, Card]
    """By the words of the column `card`."""
    score: Whole
    """A row each, in units of 10 ** -places; `tables.MISSING` where there is none. Python ints where one is beyond 64
    bits."""
    ok: Truth
    """Which rows have a score."""
    places: int
    grade: Whole
    """Place among the grades of the row's card, the lowest 0; -1 where there is none."""
    looked: Mapping[str, ScoredColumns] = field(repr=False)
    """The columns of each indicator."""
    which: Places | None = field(repr=False)
    """The place of each row's card in `cards`, -1 where there is none; None where all have the only one."""
    units: Units = field(default=NO_UNITS, repr=False)
    """What is said of the units of columns."""
    faulty: tuple[tuple[int, FaultKind, str], ...] = field(default=(), repr=False)
    """The rows without a score, what is wrong with each, and with which indicator or column; in the order of rows."""

    _repr_pretty_ = printed

    def __repr__(self) -> str:
        return f"Appraisals({len(self)})"

    def __len__(self) -> int:
        return int(np.count_nonzero(self.ok))

    def __iter__(self) -> Iterator[Appraisal]:
        return map(self.appraisal, np.flatnonzero(self.ok).tolist())

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """One problem for each row that could not be scored, in the order of the rows."""
        return tuple(self.problem(row, self._error(row, kind, code)) for row, kind, code in self.faulty)

    def problem(self, row: int, error: LoanPerfError) -> Problem:
        """What is wrong with a row."""
        where = f"rows row {row}" + (f", payee {self.rows['payee'].at(row)}" if "payee" in self.rows else "")
        return evolve(problem_of(where, error, payee=self.payee(row)), row=row)

    def _error(self, row: int, kind: FaultKind, code: str) -> LoanPerfError:
        """The error of a row without a score."""
        if kind == "card":
            return self.no_card(row)
        if kind == "cell":
            return cell_error(code, dict(self.looked[code.partition(".")[0]].columns())[code], row)
        return error_of(kind, code, self.card(row), self.readings(row), self.goals(row), self.payee(row))

    def of(self, payee: str) -> tuple[Appraisal, ...]:
        """The appraisals of a payee; none for somebody who has no score."""
        return tuple(self.appraisal(row) for row in self._rows_of(payee) if self.ok[row])

    def explain(self, payee: str) -> Explanation:
        """Why a payee has the score, worked out for that payee when it is asked for.

        Raises:
            UnknownPayeeError: the rows do not name this payee; it names those that they do.
            DataError: the rows name no payees, or this one twice.
            LoanPerfError: what `appraise` raises, where there is no score.
        """
        return self.appraisal(self.row_of(payee)).explain()

    def frame(self, came_as: CameAs | None = None) -> Any:
        """The scores as a data frame, for a chart or a sheet.

        Args:
            came_as: `arrays`, `pandas`, `polars`, `pyarrow` or `duckdb`; None is what the rows came as.

        Returns:
            One row a row: `payee` and `card`, where they were given, `score` in points, of the nearest float64, and
            `grade`, where a card has grades. What could not be scored is missing.

        Raises:
            DataError: there is no such kind of frame.
            MissingExtraError: what that kind needs is not installed.
        """
        return like(came_as or self.rows.came_as, self.columns)

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """The columns of `frame`."""
        kept = {name: self.rows[name] for name in ("payee", "card") if name in self.rows}
        words = tuple(dict.fromkeys(grade.code for card in self.cards.values() for grade in card.grades))
        gone = ~self.ok
        score = decimals(np.where(gone, 0, self.score), 10**self.places, None, 1)
        found = kept | {"score": Column("float", score.values, gone if gone.any() else None)}
        return found | ({"grade": Column("text", self._grade_codes(words), None, words)} if words else {})

    def _grade_codes(self, words: tuple[str, ...]) -> Whole:
        """The place of each row's grade among some words."""
        codes = np.full(self.rows.rows, -1)
        for place, card in enumerate(self.cards.values()):
            of_grade = np.array([*(words.index(grade.code) for grade in card.grades), -1])
            mine = of_grade[np.where(self.grade < len(card.grades), self.grade, -1)]
            codes = mine if self.which is None else np.where(self.which == place, mine, codes)
        return codes

    def card(self, row: int) -> Card:
        """The card of a row.

        Raises:
            DataError: it has none.
        """
        place = 0 if self.which is None else int(self.which[row])
        if place < 0:
            raise self.no_card(row)
        return tuple(self.cards.values())[place]

    def no_card(self, row: int) -> DataError:
        """The error of a row without a card."""
        fault = f"there is no card {shown(self.rows['card'].at(row))}"
        return DataError("column card", fault, f"use one of {', '.join(self.cards)}")

    def payee(self, row: int) -> str:
        """The payee of a row; empty where the rows do not name payees."""
        return str(self.rows["payee"].at(row) or "") if "payee" in self.rows else ""

    def row_of(self, payee: str) -> int:
        """The row of a payee, who must have one only.

        Raises:
            UnknownPayeeError: the rows do not name this payee; it names those that they do.
            DataError: the rows name no payees, or this one twice.
        """
        found = self._rows_of(payee)
        if not found:
            raise UnknownPayeeError(payee, sorted(distinct_texts(self.rows["payee"])))
        if len(found) != 1:
            fault = f"{payee!r} has {len(found)} rows"
            raise DataError("column payee", fault, "name a payee with one row, or use appraisal(row)")
        return found[0]

    def appraisal(self, row: int) -> Appraisal:
        """The appraisal of a row, worked again for that row alone, with the numbers that it comes of.

        Raises:
            LoanPerfError: what `appraise` raises.
        """
        card = self.card(row)
        self.must_be_readable(row)
        return appraise(card, self.goals(row), self.readings(row).values(), payee=self.payee(row))

    def must_be_readable(self, row: int) -> None:
        """Refuse a row of which a cell cannot be read.

        Raises:
            DataError: it is no whole number, or one beyond 2**53.
        """
        for item in self.looked_at(row):
            for name, column in self.looked[item].columns():
                bad = cells_not_whole(column, slice(row, row + 1))
                if bad is not None:
                    raise cell_error(name, column, row)

    def looked_at(self, row: int) -> tuple[str, ...]:
        """The indicators that the card of a row looks at."""
        card = self.card(row)
        return (*(line.indicator.code for line in card.lines), *(item.code for item in card.others))

    def readings(self, row: int) -> dict[str, Reading]:
        """The readings of a row, by indicator."""
        currency = self.card(row).currency
        found = {code: self.looked[code].reading(row, currency) for code in self.looked_at(row)}
        return {code: reading for code, reading in found.items() if reading is not None}

    def goals(self, row: int) -> dict[str, Quantity]:
        """The targets of a row's own, by indicator of its card."""
        card = self.card(row)
        found = {
            line.indicator.code: self.looked[line.indicator.code].target(row, card.currency) for line in card.lines
        }
        return {code: goal for code, goal in found.items() if goal is not None}

    def _rows_of(self, payee: str) -> list[int]:
        names = self.rows["payee"]
        codes = [code for code, word in enumerate(names.words) if word == payee]
        return sorted(row for code in codes for row in np.flatnonzero(names.values == code).tolist())
