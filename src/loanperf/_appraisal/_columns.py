"""Columns: what cards look at in the rows of a table, its unit, and which rows lack it or cannot be read."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from fractions import Fraction
from math import lcm
from typing import TypeAlias

import numpy as np
from attrs import evolve, frozen

from loanperf._appraisal._rules import Seen
from loanperf._indicators import Indicator, Kind, Reading
from loanperf._numbers import (
    Below,
    Certain,
    Places,
    Quotient,
    Rows,
    Truth,
    Whole,
    alike,
    laid,
    not_whole,
    nowhere,
    times,
)
from loanperf._quantities import Quantity
from loanperf._scorecard import Card
from loanperf._tables._columns import Column, Table
from loanperf._tables._units import Units, in_whole_units, must_be_ratios
from loanperf._units import Counted
from loanperf.errors import DataError, UnknownIndicatorError, shown


@frozen(eq=False)
class ScoredColumns:
    """The columns of one indicator: a value is top / (scale × bottom), a target goal / (goal_scale × goal_bottom)."""

    indicator: Indicator
    top: Column | None
    bottom: Column | None
    goal: Column | None
    scale: int
    goal_scale: int
    goal_bottom: Column | None = None
    """The denominators, each above zero; None means that all are 1."""

    @classmethod
    def laid(cls, indicator: Indicator, rows: int, readings: Iterable[Piece], goals: Iterable[Piece]) -> ScoredColumns:
        """The columns of rows of which some have a reading, and some a target.

        Args:
            indicator: that they are of.
            rows: how many there are.
            readings: of some rows; where two are of one row, the later one holds. Over 0 is no reading.
            goals: of some rows, over denominators above zero.
        """
        top, bottom, scale = _laid(rows, readings)
        goal, goal_bottom, goal_scale = _laid(rows, goals)
        return cls(indicator, top, bottom, goal, scale, goal_scale, goal_bottom)

    def missing(self, chosen: Rows) -> Truth | None:
        """Which rows have no reading; None where all have one."""
        if self.top is None:
            return None
        found = None if self.top.missing is None else self.top.missing[chosen]
        if self.bottom is not None:
            none = self.bottom.values[chosen] == 0
            if self.bottom.missing is not None:
                none |= self.bottom.missing[chosen]
            found = none if found is None else found | none
        return found if found is not None and found.any() else None

    def without_goal(self, chosen: Rows) -> Truth | None:
        """Which rows have no target of their own; None where all have one, or none has."""
        if self.goal is None or self.goal.missing is None:
            return None
        found = self.goal.missing[chosen]
        return found if found.any() else None

    def seen(self, chosen: Rows, missing: Container[str]) -> Seen:
        """What is seen in some rows, of which all or none have a reading, and all or none a target.

        Args:
            chosen: the rows.
            missing: names of columns that have nothing in these rows.
        """
        value = goal = None
        code = self.indicator.code
        if self.top is not None and code not in missing:
            value = Quotient.each(cells(self.top, chosen), self.scale)
            if self.bottom is not None:
                value = value * Quotient.each(cells(self.bottom, chosen)).inverse()
        if self.goal is not None and f"{code}.target" not in missing:
            goal = Quotient.each(cells(self.goal, chosen), self.goal_scale)
            if self.goal_bottom is not None:
                goal = goal * Quotient.each(cells(self.goal_bottom, chosen)).inverse()
        return Seen(value, goal)

    def columns(self) -> Iterable[tuple[str, Column]]:
        """The columns that are there, by their names in the table."""
        named = [("", self.top), (".denominator", self.bottom), (".target", self.goal), (".target", self.goal_bottom)]
        for suffix, column in named:
            if column is not None:
                yield f"{self.indicator.code}{suffix}", column

    def reading(self, row: int, currency: str) -> Reading | None:
        """The reading of a row, as one that is supplied by itself; None where there is none."""
        top = None if self.top is None else self.top.at(row)
        bottom = None if self.bottom is None else self.bottom.at(row)
        if top is None or (self.bottom is not None and not bottom):
            return None
        return Reading(
            indicator=self.indicator.code,
            numerator=Fraction(int(str(top)), self.scale),
            denominator=None if bottom is None else Fraction(int(str(bottom))),
            unit=self.indicator.kind.unit(currency),
        )

    def target(self, row: int, currency: str) -> Quantity | None:
        """The target of a row; None where the column has none, so that the card's own holds."""
        goal = None if self.goal is None else self.goal.at(row)
        if goal is None:
            return None
        bottom = 1 if self.goal_bottom is None else int(str(self.goal_bottom.at(row)))
        unit = self.indicator.kind.unit(currency)
        return Quantity(Fraction(int(str(goal)), self.goal_scale * bottom), unit)


Piece: TypeAlias = tuple[Places, Whole, Below]
"""Places of rows, and the value of each of them as a fraction: its numerator and its denominator."""


def _laid(rows: int, pieces: Iterable[Piece]) -> tuple[Column | None, Column | None, int]:
    """A column of numerators; a column of denominators, or None if all are equal; and that common denominator, or 1."""
    given = [piece for piece in pieces if len(piece[0])]
    if not given:
        return None, None, 1
    none = np.repeat(0, rows)
    there, top, bottom = nowhere(rows), none, none
    below = [under for _, _, under in given if isinstance(under, int)]
    over = lcm(*below) if len(below) == len(given) else 0
    for places, above, under in given:
        if isinstance(under, int):
            top = laid(top, places, times(above, over // under) if over else above)
            bottom = laid(bottom, places, alike(under, len(places)))
        else:
            top, bottom = laid(top, places, above), laid(bottom, places, under)
        there[places] = True
    there &= bottom != 0
    missing = None if there.all() else ~there
    if over:
        return Column("whole", top, missing), None, over
    return Column("whole", top, missing), Column("whole", np.where(there, bottom, 1)), 1


def looked_at(cards: Iterable[Card], rows: Table, scales: Mapping[str, int], units: Units) -> dict[str, ScoredColumns]:
    """The columns of every indicator that cards look at.

    Raises:
        UnknownIndicatorError: a column or a scale of no indicator of the cards.
        DataError: a column that holds no whole numbers, or a scale below one; numbers of which nobody says the unit.
    """
    found: dict[str, ScoredColumns] = {}
    known: dict[str, None] = {}
    for card in cards:
        known |= dict.fromkeys(card.known)
        for indicator in (*(line.indicator for line in card.lines), *card.others):
            if indicator.code not in found:
                found[indicator.code] = _looked(indicator, rows, _Stated(scales, units, card.currency))
    suffixes = ("", ".numerator", ".denominator", ".target")
    names = {f"{code}{suffix}" for code in (*found, *known) for suffix in suffixes}
    for name in (*(name for name in rows if name not in _OTHERS), *scales):
        if name not in names:
            raise UnknownIndicatorError(name, (*found, *known))
    return found


_OTHERS = frozenset({"payee", "card", "month", "base", "days", "of_days"})
_COUNTED: Mapping[Kind, Counted] = {Kind.MONEY: "money", Kind.RATIO: "share", Kind.POINTS: "points"}


@frozen
class _Stated:
    """What is said of the units of columns."""

    scales: Mapping[str, int]
    units: Units
    currency: str

    def counted(self, name: str, column: Column | None, kind: Counted | None, like: str = "") -> Column | None:
        """A column that states its units in one whole; of counts they are ones.

        Args:
            name: of the column.
            column: None where there is none.
            kind: what it counts; None is ones.
            like: the column whose unit holds where nothing is said of this one.
        """
        if column is None:
            return None
        if column.kind not in ("whole", "float"):
            remedy = "pass whole numbers or decimals, with their unit"
            raise DataError(f"column {name}", f"it holds {column.kind}", remedy)
        where = f"rows.{name}"
        unit = self.units.get(name)
        if unit is None and kind is not None and name not in self.scales:
            unit = self.units.get(like)
        if unit is not None or column.scale is not None:
            if unit is None and kind is None:
                return column
            return in_whole_units(column, kind or "number", unit, where, self.currency)
        scale = self.scales.get(name, self.scales.get(like))
        if scale is None and kind is not None:
            return in_whole_units(column, kind, None, where, self.currency)
        if kind == "money" and column.kind == "float":
            return in_whole_units(column, kind, None, where)
        found = evolve(column, scale=_scale(name, 1 if scale is None else scale))
        if kind == "share" and found.scale == 1:
            must_be_ratios(found, where)
        return found


def _looked(indicator: Indicator, rows: Table, stated: _Stated) -> ScoredColumns:
    code = indicator.code
    numerator = f"{code}.numerator"
    bottom, goal = rows.columns.get(f"{code}.denominator"), rows.columns.get(f"{code}.target")
    if code in rows and numerator in rows:
        raise DataError(f"table {rows.name}", f"it has {code!r} and its numerator", "pass one of them")
    if (numerator in rows) != (bottom is not None):
        raise DataError(f"table {rows.name}", f"{code!r} is half a quotient", "pass its numerator and denominator")
    kind = _COUNTED.get(indicator.kind)
    # A quotient has no unit of its own, but for the one that money over ones has.
    of_top = None if bottom is not None and kind == "share" else kind
    name = numerator if numerator in rows else code
    top = stated.counted(name, rows.columns.get(name), of_top, code)
    if bottom is not None and bottom.kind not in ("whole", "float"):
        raise DataError(f"column {code}.denominator", f"it holds {bottom.kind}", "pass whole numbers")
    goal = stated.counted(f"{code}.target", goal, kind, "" if bottom is not None and kind == "share" else code)
    scale, goal_scale = (1 if column is None else column.scale or 1 for column in (top, goal))
    if bottom is not None and bottom.scale is not None:
        if top is None or top.scale != bottom.scale:
            fault = "its numerator and denominator are not of the same places"
            raise DataError(f"column {code}.denominator", fault, "pass both in one unit and type")
        scale = 1
    return ScoredColumns(indicator, top, bottom, goal, scale, goal_scale)


def _scale(name: str, scale: int) -> int:
    if type(scale) is not int or scale < 1:
        raise DataError(f"the scale of {name}", f"it is {shown(scale)}", "give units in one whole, such as 100")
    return scale


def cells(column: Column, chosen: Rows) -> Certain:
    """The numbers of some rows; a cell that cannot be read is 0."""
    values = column.values[chosen]
    if column.kind == "float" and (bad := not_whole(values)).any():
        values = np.where(bad, 0, values)
    return Certain.of(values)


def cells_not_whole(column: Column, chosen: Rows) -> Truth | None:
    """In which rows of a column of floats a cell is no whole number; None where there is none."""
    if column.kind != "float":
        return None
    bad = not_whole(column.values[chosen])
    if column.missing is not None:
        bad &= ~column.missing[chosen]
    return bad if bad.any() else None


def cell_error(name: str, column: Column, row: int) -> DataError:
    """The error of a cell of a column of floats that is no whole number, or one beyond 2**53."""
    remedy = "pass a whole number of the smallest unit; a missing value is a null or masked, never NaN"
    return DataError(f"column {name}", f"it is no whole number (found {shown(column.values[row].item())})", remedy)
