"""Readings: what a period's facts showed of every payee in every indicator, as columns; reasons when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property, partial
from typing import Any, assert_never

import numpy as np
from attrs import evolve, field, frozen

from loanperf._indicators._reading import Reading
from loanperf._indicators._types import Deduct, Indicator, Measure, Part, Ratio, Total
from loanperf._numbers import Sums, Whole, exact, left_of
from loanperf._periods import Period
from loanperf._tables._columns import CameAs, Column, Table, frozen_array
from loanperf._tables._exact import decimals, in_64_bits, over
from loanperf._tables._frames import like
from loanperf._validators import each_of
from loanperf.errors import DataError, Problem

Reasons = Mapping[str, tuple[Part, ...]]
"""By code of indicator: what each fact gave to the reading of a payee."""


@frozen(eq=False)
class Quotients:
    """The readings of one indicator, a value a payee: whole numbers, or Fractions, over a denominator for all."""

    top: Whole
    below: int
    bottom: Whole | None
    """What they are divided by, over `under`; None where they are no ratio."""
    under: int

    @classmethod
    def of(cls, measure: Measure, sums: Mapping[Total, Sums], payees: Whole) -> Quotients:
        """The readings of payees.

        Args:
            measure: of the indicator.
            sums: of its totals, by place of payee.
            payees: their places.
        """
        match measure:
            case Total():
                return cls(sums[measure].values()[payees], sums[measure].below, None, 1)
            case Ratio():
                above, beneath = sums[measure.numerator], sums[measure.denominator]
                return cls(above.values()[payees], above.below, beneath.values()[payees], beneath.below)
            case Deduct():
                less = sums[measure.less]
                top, below = left_of(measure.start, less.values()[payees], less.below)
                # Over a denominator of 1 the sum of a team's readings is the mean of its members.
                return cls(top, below, np.full(len(payees), 1), 1)
            case _:
                assert_never(measure)

    def sum(self, places: Whole) -> tuple[Fraction, Fraction | None]:
        """The sums of numerators and of denominators of some payees."""
        top = Fraction(sum(self.top[places].tolist()), self.below)
        return top, None if self.bottom is None else Fraction(sum(self.bottom[places].tolist()), self.under)

    def columns(self, code: str) -> dict[str, Column]:
        """The columns of `Readings.table`."""
        top = in_64_bits(self.top, self.below)
        if self.bottom is None:
            return {code: top}
        above, below = over(top, in_64_bits(self.bottom, self.under))
        return {f"{code}.numerator": above, f"{code}.denominator": below}


@frozen(eq=False, kw_only=True)
class Readings:
    """What a period's facts showed: a reading of every indicator for every payee, and what could not be used.

    It iterates as readings, by payee in order of code, then by indicator in the order asked for. Nothing is dropped:
    `rows == used + repeats + len(problems)`, with one problem a fact, the first found. A row of a tape is counted
    once, though several of its facts may have a problem.
    """

    period: Period
    currency: str
    payees: tuple[str, ...]
    """The codes of all who have readings, in order."""
    indicators: tuple[Indicator, ...]
    """Those that are measured, in the order asked for."""
    problems: tuple[Problem, ...]
    """In order of their text; what the facts came with is among them."""
    rows: int
    """Rows that came in."""
    repeats: int
    """Rows that said again what another row had said."""
    used: int
    """Rows without a problem, of the period or of another day; a row of a tape is several facts."""
    _quotients: Mapping[str, Quotients] = field(repr=False)
    _came_as: CameAs = field(repr=False)
    _reasons: Callable[[str], Reasons] | None = field(repr=False)
    """What works out the reasons of a payee; None where the facts are gone."""
    _told: dict[str, Reasons] = field(factory=dict, init=False, repr=False)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {payee: place for place, payee in enumerate(self.payees)}

    @classmethod
    def gathered(
        cls,
        readings: Mapping[str, Mapping[str, Reading]],
        *,
        period: Period,
        currency: str,
        indicators: tuple[Indicator, ...],
        problems: tuple[Problem, ...],
        rows: int,
        repeats: int,
        used: int,
    ) -> Readings:
        """Readings that are known one by one, without their parts; of the arguments the fields say more.

        Args:
            readings: by payee and indicator; each payee has one of every indicator.
            period: of all readings.
            currency: of amounts.
            indicators: in the order in which readings come.
            problems: in order of their text.
            rows: rows that came in.
            repeats: those that said again what others said.
            used: rows without a problem.
        """
        payees = tuple(sorted(readings))
        quotients = {}
        for item in indicators:
            mine = [readings[payee][item.code] for payee in payees]
            top, bottom = exact(reading.numerator for reading in mine), None
            if any(reading.denominator is not None for reading in mine):
                bottom = exact(reading.denominator or Fraction(0) for reading in mine)
            quotients[item.code] = Quotients(top, 1, bottom, 1)
        return cls(
            period=period,
            currency=currency,
            payees=payees,
            indicators=indicators,
            problems=problems,
            rows=rows,
            repeats=repeats,
            used=used,
            quotients=quotients,
            came_as="arrays",
            reasons=None,
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Readings) and self._said == other._said

    def __hash__(self) -> int:
        return hash((self.period, self.payees, self.indicators, self.rows))

    @property
    def _said(self) -> tuple[object, ...]:
        """What two that are equal have in common: all but the reasons, which follow from the same facts."""
        values = [(item.indicator, item.subject, item.numerator, item.denominator, item.unit) for item in self]
        return self.period, self.currency, values, self.problems, self.rows, self.repeats, self.used

    def __repr__(self) -> str:
        return f"Readings({len(self)})"

    def __iter__(self) -> Iterator[Reading]:
        return (reading for payee in self.payees for reading in self.of(payee).values())

    def __len__(self) -> int:
        return len(self.payees) * len(self.indicators)

    def of(self, payee: str) -> dict[str, Reading]:
        """The readings of a payee by indicator; none for somebody of whom the facts know nothing.

        The `parts` of each are worked out when they are asked for.
        """
        return self._of(payee, [payee])

    def explain(self, payee: str) -> dict[str, Reading]:
        """The readings of a payee by indicator, with their parts: what each fact gave, and what that stands on.

        They come of the same program, over the facts of that payee.

        Raises:
            DataError: the facts came in parts, which are gone.
        """
        if self._reasons is None:
            raise DataError("an explanation", "the facts came in parts", "measure the parts that name the payee")
        found = self.of(payee)
        return {code: evolve(reading, parts=self._parts_of((payee,), code)) for code, reading in found.items()}

    def team(self, unit: str, members: Iterable[str]) -> dict[str, Reading]:
        """The readings of a unit by indicator: sums over its members, and for ratios the sum over the sum.

        Args:
            unit: code of the unit, which becomes the subject of its readings.
            members: codes of payees, each counted once; those without readings add nothing.

        Raises:
            DataError: the members are one text, or no list of texts.
        """
        return self._of(unit, sorted({*each_of(members, str, "members", "pass a list of codes, such as ['E01']")}))

    def frame(self, came_as: CameAs | None = None) -> Any:
        """The readings as a data frame, for a chart or a sheet.

        Args:
            came_as: `arrays`, `pandas`, `polars`, `pyarrow` or `duckdb`; None is what the facts came as.

        Returns:
            One row a payee: `payee`, and a column an indicator, in wholes (yuan, not fen; 0.021 for 2.1%), of the
            nearest float64; nothing where there is nothing to divide by. Facts that came as rows give arrays.

        Raises:
            DataError: there is no such kind of frame.
            MissingExtraError: what that kind needs is not installed.
        """
        columns = {"payee": self._named}
        for code, found in self._quotients.items():
            columns[code] = decimals(found.top, found.below, found.bottom, found.under)
        return like(came_as or self._came_as, columns)

    def table(self, codes: Iterable[str] | None = None) -> Table:
        """The readings as a table that `lp.appraise_all` takes: exact, as whole numbers.

        Args:
            codes: of indicators; None is all.

        Returns:
            One row a payee: `payee`, and for each indicator its code, or `code.numerator` and `code.denominator`. A
            reading that does not fit in 64 bits is missing.

        Raises:
            DataError: an indicator that is not measured.
        """
        columns = {"payee": self._named}
        for code in self._quotients if codes is None else codes:
            if code not in self._quotients:
                known = ", ".join(self._quotients) or "none"
                raise DataError(f"the indicator {code!r}", "it is not measured here", f"name one of {known}")
            columns |= self._quotients[code].columns(code)
        return Table("rows", len(self.payees), columns, self._came_as)

    @property
    def _named(self) -> Column:
        return Column("text", frozen_array(np.arange(len(self.payees))), None, self.payees)

    def _of(self, subject: str, members: Iterable[str]) -> dict[str, Reading]:
        known = tuple(member for member in members if member in self._places)
        if not known:
            return {}
        places = np.array([self._places[member] for member in known])
        found = {}
        for item in self.indicators:
            top, bottom = self._quotients[item.code].sum(places)
            found[item.code] = Reading(
                indicator=item.code,
                numerator=top,
                denominator=bottom,
                unit=item.kind.unit(self.currency),
                subject=subject,
                period=self.period,
                parts=None if self._reasons is None else partial(self._parts_of, known, item.code),
            )
        return found

    def _parts_of(self, members: tuple[str, ...], code: str) -> tuple[Part, ...]:
        """The parts of the readings of payees in an indicator, those of one after those of the other."""
        for member in members:
            if self._reasons is not None and member not in self._told:
                self._told[member] = self._reasons(member)
        return tuple(part for member in members for part in self._told[member][code])
