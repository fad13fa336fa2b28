"""Curve: exact, piecewise constant or linear, open at the top, without gaps or overlaps.

Scoring bands, bonus curves, tiers, gates and ladders are all this one type. That more risk never pays more is a promise
about a curve: `rising` and `falling` tell whether it is kept.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cached_property
from html import escape
from itertools import pairwise
from typing import Any, Literal, TypeAlias

from attrs import converters, evolve, field, frozen

from loanperf._quantities import Number, Quantity, number, percent, plain, quantity
from loanperf.errors import CurveError, UnitError, shown

Shape: TypeAlias = Literal["step", "linear"]
Side: TypeAlias = Literal["left", "right"]
Counted: TypeAlias = Literal["pro rata", "whole"]
Knot: TypeAlias = tuple[Fraction, Fraction]


def _of_x(value: Number) -> Fraction:
    return quantity(value).value


def _per_point(value: Number) -> Fraction:
    return number(value, "per_point")


@frozen
class Then:
    """How a curve goes on above its last knot: by so much for each point."""

    per_point: Fraction = field(converter=_per_point)
    """Added for each point, in the unit of y; on a curve over ratios a point is a percentage point, if none is said."""
    counted: Counted
    """`pro rata`: parts of a point count in proportion; `whole`: only whole points count, each once it is full."""
    point: Fraction | None = field(default=None, converter=converters.optional(_of_x))
    """How much of x one point is, above zero, in the unit of x, such as '10万元' or '0.25%'; None is 1, or 1%."""

    def __attrs_post_init__(self) -> None:
        if self.counted not in ("pro rata", "whole"):
            raise CurveError(f"points are counted {shown(self.counted)}", "use 'pro rata' or 'whole'")
        if self.point is not None and self.point <= 0:
            raise CurveError(f"a point is {plain(self.point)}", "give more than zero, such as '10万元' or '1%'")


def _pairs(knots: Iterable[Iterable[Number]]) -> tuple[tuple[Number, ...], ...]:
    try:
        pairs = tuple(tuple(knot) for knot in knots)
    except TypeError:
        pairs = ((),)
    if any(len(pair) != 2 for pair in pairs):
        raise CurveError("a knot is not a pair", "write each knot as [x, y]")
    return pairs


@frozen(kw_only=True)
class Curve:
    """A function given by its knots.

    `linear`: straight lines between knots; two knots at one x make a jump. `step`: the y of a knot holds until the
    next. Below the first knot the first y holds; above the last, the last y, or what `then` says. At a jump or
    step, `closed="left"` is `[from, to)`: the value at the knot is the one above it; `closed="right"` is
    `(from, to]`: the value at the knot is the one below it.

    >>> ladder = Curve.of([["0%", "0%"], ["1.5%", "30%"], ["2%", "50%"]], shape="step", closed="right")
    >>> ladder.at(Fraction("0.015")), ladder.at(Fraction("0.0151"))
    (Fraction(0, 1), Fraction(3, 10))
    """

    knots: tuple[Knot, ...] = field(converter=_pairs)
    shape: Shape
    closed: Side = "left"
    then: Then | None = None
    x_unit: str = ""
    y_unit: str = ""
    bare_x: Fraction = field(default=Fraction(0), eq=False, repr=False)
    """The largest x that was written as a number without a unit; 0 where none was."""
    bare_y: Fraction = field(default=Fraction(0), eq=False, repr=False)
    """The largest y that was written as a number without a unit; 0 where none was."""

    @classmethod
    def of(
        cls,
        knots: Iterable[Sequence[Number]],
        *,
        shape: Shape,
        closed: Side = "left",
        then: Then | None = None,
    ) -> Curve:
        """Read a curve from `[x, y]` pairs with units; a bare 0 fits every unit.

        Raises:
            CurveError: no knot, a pair of another length, knots not in rising order.
            UnitError: x or y of two units.
        """
        pairs = [(quantity(x), quantity(y)) for x, y in _pairs(knots)]
        xs, x_unit = _of_one_unit([x for x, _ in pairs], "x")
        ys, y_unit = _of_one_unit([y for _, y in pairs], "y")
        return cls(
            knots=tuple(zip(xs, ys, strict=True)),
            shape=shape,
            closed=closed,
            then=then,
            x_unit=x_unit,
            y_unit=y_unit,
            bare_x=max(abs(x.value) * x.bare for x, _ in pairs) if pairs else Fraction(0),
            bare_y=max(abs(y.value) * y.bare for _, y in pairs) if pairs else Fraction(0),
        )

    @classmethod
    def of_bands(
        cls,
        bands: Iterable[Sequence[Number | None]],
        *,
        shape: Shape = "step",
        closed: Side = "left",
        then: Then | None = None,
    ) -> Curve:
        """Read a step curve from the rows `[from, to, y]` of a published table of tiers, from the lowest up.

        Each row starts where the one before it ends, and the last is open: its `to` is None or empty. Which row a
        bound itself belongs to is said by `closed`.

        Raises:
            CurveError: a row that is not of three, empty or open too early; a gap or an overlap between two rows; a
                last row that ends; another shape than `step`.
            UnitError: bounds or y of two units.

        >>> tiers = Curve.of_bands([["0元", "1000元", "1%"], ["1000元", None, "2%"]])
        >>> tiers == Curve.of([["0元", "1%"], ["1000元", "2%"]], shape="step")
        True
        """
        if shape != "step":
            raise CurveError("bands are steps", "write shape = 'step', or give knots")
        rows = _rows(bands)
        bounds = [item for low, high, _ in rows for item in (low, high) if item is not None]
        _, unit = _of_one_unit(bounds, "x")
        for index, (low, high, _) in enumerate(rows):
            if high is not None and high.value <= low.value:
                raise CurveError(f"the row {_row_text(low, high, unit)} is empty", "write its bounds as from, to")
            _join(rows[index], rows[index + 1] if index + 1 < len(rows) else None, unit)
        return cls.of([(low, y) for low, _, y in rows], shape=shape, closed=closed, then=then)

    def __attrs_post_init__(self) -> None:
        if self.shape not in ("step", "linear"):
            raise CurveError(f"its shape is {self.shape!r}", "use 'step' or 'linear'")
        if self.closed not in ("left", "right"):
            raise CurveError(f"it is closed at {self.closed!r}", "use 'left' for [from, to) or 'right' for (from, to]")
        if not self.knots:
            raise CurveError("there is none", "give one at least")
        if not all(isinstance(number, Fraction) for knot in self.knots for number in knot):
            raise CurveError("a knot is not of Fractions", "use Curve.of, which reads numbers and units exactly")
        xs = [x for x, _ in self.knots]
        for index, (before, after) in enumerate(pairwise(xs)):
            if before > after:
                fault = f"{plain(after)} follows {plain(before)}, so intervals overlap"
                raise CurveError(fault, "give the knots in rising order of x")
            third = index and xs[index - 1] == after
            if before == after and (self.shape == "step" or third):
                raise CurveError(f"x = {plain(after)} stands more than once", "give each step once, each jump twice")

    def at(self, x: Fraction) -> Fraction:
        """The value at x, exact.

        Raises:
            FloatError: x is a float.
        """
        given: Any = x
        at = given if isinstance(given, Fraction) else quantity(given).value
        return self._reached(at, (bisect_right if self.closed == "left" else bisect_left)(self.knots, at, key=_x_of))

    def limits(self, x: Fraction) -> tuple[Fraction, Fraction]:
        """The values just below and just above x; two different ones at a jump, a step or a point that gets full."""
        below = self._reached(x, bisect_left(self.knots, x, key=_x_of))
        above = self._reached(x, bisect_right(self.knots, x, key=_x_of))
        if self.then is not None and self.then.counted == "whole":
            points = self._points(x - self.knots[-1][0])
            if points > 0 and points.denominator == 1:
                below -= self.then.per_point
        return below, above

    def _reached(self, x: Fraction, passed: int) -> Fraction:
        """The value at x on the piece that follows the first `passed` knots."""
        if passed == 0:
            return self.knots[0][1]
        x0, y0 = self.knots[passed - 1]
        if passed == len(self.knots):
            return y0 + self._beyond(x - x0)
        if self.shape == "step":
            return y0
        x1, y1 = self.knots[passed]
        return y0 + (y1 - y0) * (x - x0) / (x1 - x0)

    def _beyond(self, distance: Fraction) -> Fraction:
        if self.then is None:
            return Fraction(0)
        points = self._points(distance)
        counted = points if self.then.counted == "pro rata" else Fraction(points.numerator // points.denominator)
        return counted * self.then.per_point

    def _points(self, distance: Fraction) -> Fraction:
        return distance / self.point

    @property
    def point(self) -> Fraction:
        """How much of x one point is above the last knot."""
        if self.then is not None and self.then.point is not None:
            return self.then.point
        return Fraction(1) if self.x_unit else Fraction(1, 100)

    @property
    def rising(self) -> bool:
        """Whether a larger x never gives a smaller value."""
        return all(low <= high for low, high in self._heights()) and (self.then is None or self.then.per_point >= 0)

    @property
    def falling(self) -> bool:
        """Whether a larger x never gives a larger value."""
        return all(low >= high for low, high in self._heights()) and (self.then is None or self.then.per_point <= 0)

    def _heights(self) -> Iterable[Knot]:
        ys = [y for _, y in self.knots]
        return pairwise(ys)

    def pieces(self) -> tuple[tuple[str, str], ...]:
        """Each interval and its value or line, as text; from the lowest to the highest x."""
        bracket = ("[", ")") if self.closed == "left" else ("(", "]")
        first = self.knots[0]
        rows = [(f"{'<' if self.closed == 'left' else '≤'} {self.x_text(first[0])}", self.y_text(first[1]))]
        for (x0, y0), (x1, y1) in pairwise(self.knots):
            if x0 == x1:
                continue
            value = self.y_text(y0) if self.shape == "step" or y0 == y1 else f"{self.y_text(y0)} → {self.y_text(y1)}"
            rows.append((f"{bracket[0]}{self.x_text(x0)}, {self.x_text(x1)}{bracket[1]}", value))
        last_x, last_y = self.knots[-1]
        beyond = self.y_text(last_y)
        if self.then is not None:
            each = "a point" if self.then.point is None else f"for each {self.x_text(self.then.point)}"
            beyond += f" + {self.y_text(self.then.per_point)} {each}, {self.then.counted}"
        rows.append((f"{'≥' if self.closed == 'left' else '>'} {self.x_text(last_x)}", beyond))
        return tuple(rows)

    def x_text(self, x: Fraction) -> str:
        """An x with its unit, as printed."""
        return _text(x, self.x_unit)

    def y_text(self, y: Fraction) -> str:
        """A y with its unit, as printed."""
        return _text(y, self.y_unit)

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><td>{escape(x)}</td><td>{escape(y)}</td></tr>" for x, y in self.pieces())
        return f"<table class='loanperf'><tr><th>x</th><th>y</th></tr>{rows}</table>"


_Row: TypeAlias = tuple[Quantity, Quantity | None, Quantity]
"""From, to and y; no `to` is open."""


def _rows(bands: Iterable[Sequence[Number | None]]) -> list[_Row]:
    try:
        rows = [list(band) for band in bands]
    except TypeError:
        rows = [[]]
    found: list[_Row] = []
    for row in rows:
        low, high, y = row if len(row) == 3 else (None, None, None)
        if low is None or low == "" or y is None:
            raise CurveError(f"{shown(row)} is no row of from, to and y", "write each row as [from, to, y]")
        found.append((quantity(low), None if high is None or high == "" else quantity(high), quantity(y)))
    if not found:
        raise CurveError("there is none", "give one at least")
    return found


def _join(row: _Row, after: _Row | None, unit: str) -> None:
    """Refuse a row that does not end where the one after it starts."""
    low, high, _ = row
    said = _row_text(low, high, unit)
    if after is None:
        if high is not None:
            fault = f"nothing holds from {_text(high.value, unit)} on, after the last row {said}"
            raise CurveError(fault, "leave the end of the last row empty")
        return
    start, end, _ = after
    next_said = _row_text(start, end, unit)
    if high is None:
        raise CurveError(f"the row {said} has no end, and {next_said} follows", "say where it ends, or put it last")
    if high.value != start.value:
        bounds = sorted((high.value, start.value))
        what = "nothing holds" if high.value < start.value else "two rows hold"
        fault = f"{what} from {_text(bounds[0], unit)} to {_text(bounds[1], unit)}"
        remedy = "start each row where the one before it ends"
        raise CurveError(f"{fault}, between the rows {said} and {next_said}", remedy)


def _row_text(low: Quantity, high: Quantity | None, unit: str) -> str:
    return f"[{_text(low.value, unit)}, {'…' if high is None else _text(high.value, unit)}]"


def _text(x: Fraction, unit: str) -> str:
    return percent(x) if not unit else str(Quantity(x, unit))


def _x_of(knot: Knot) -> Fraction:
    return knot[0]


def _of_one_unit(found: list[Quantity], axis: str, of: str = "curve") -> tuple[list[Fraction], str]:
    units = {item.unit for item in found if item.unit or item.value}
    if len(units) > 1:
        first, second, *_ = sorted(units)
        raise UnitError(f"one {axis} of the {of}", second, first)
    return [item.value for item in found], units.pop() if units else ""


# ── tables of rates ─────────────────────────────────────────────────────────────────────────────────────────


def _quantities(values: Any) -> Any:
    return tuple(map(quantity, values)) if isinstance(values, (list, tuple)) else values


def _all_quantities(rows: Any) -> Any:
    return tuple(map(_quantities, rows)) if isinstance(rows, (list, tuple)) else rows


Outside: TypeAlias = Literal["edge", "problem"]
"""What holds outside of the points of a table: its edge, or no rate, so that the loan is a problem."""


@frozen(kw_only=True)
class RateTable:
    """Rates by two numbers: a cell for each point of a row and of a column, and what holds between and outside them.

    `linear`: between two points a rate lies on the straight line between their cells; `step`: the cell of a point holds
    until the next. Along both, the rate lies between four cells, exactly; nothing is rounded.

    Raises:
        CurveError: no row or column, a cell too many or too few, points not in rising order.
        UnitError: points of one axis, or cells, are of two units.

    >>> table = RateTable(
    ...     rows=["0%", "0.4%"], columns=[12, 36], cells=[["1%", "0.8%"], ["0.2%", "0.1%"]],
    ...     between_rows="linear", between_columns="linear", outside="edge",
    ... )
    >>> table.at(Fraction(1, 1000), Fraction(24))
    Fraction(57, 8000)
    """

    rows: tuple[Quantity, ...] = field(converter=_quantities)
    """Points of the number that `tiers` name as `number`, rising."""
    columns: tuple[Quantity, ...] = field(converter=_quantities)
    """Points of the number that `tiers` name as `across`, rising."""
    cells: tuple[tuple[Quantity, ...], ...] = field(converter=_all_quantities)
    """A list of rates for each row, with one for each column: shares such as '0.5%', or money."""
    between_rows: Shape
    """`linear`, or `step`: from a row on until the next."""
    between_columns: Shape
    """`linear`, or `step`: from a column on until the next."""
    outside: Outside
    """Below the first point and above the last: the `edge` of the table holds, or such a loan is a `problem`."""
    closed: Side = "left"
    """Of steps: `left` is `[from, to)`, `right` is `(from, to]`; see `Curve`."""

    def __attrs_post_init__(self) -> None:
        for name, given in (("rows", (self.rows,)), ("columns", (self.columns,)), ("cells", self.cells)):
            _must_be_lists(name, given)
        for name, word in (("between_rows", self.between_rows), ("between_columns", self.between_columns)):
            if word not in ("step", "linear"):
                raise CurveError(f"{name} is {shown(word)}", "use 'step' or 'linear'")
        if self.outside not in ("edge", "problem"):
            raise CurveError(f"outside is {shown(self.outside)}", "use 'edge' or 'problem'")
        if self.closed not in ("left", "right"):
            raise CurveError(f"closed is {shown(self.closed)}", "use 'left' for [from, to) or 'right' for (from, to]")
        if not self.rows or not self.columns:
            raise CurveError("a table has no row or no column", "give one point of each at least")
        sizes = [len(row) for row in self.cells]
        if sizes != [len(self.columns)] * len(self.rows):
            fault = f"a table of {len(self.rows)} rows and {len(self.columns)} columns has {sum(sizes)} cells"
            raise CurveError(fault, "give a list for each row, with a rate for each column")
        for name, points in (("rows", self.rows), ("columns", self.columns)):
            _of_one_unit([*points], f"point among {name}", "table")
            if any(before.value >= after.value for before, after in pairwise(points)):
                raise CurveError(f"the points of {name} do not rise", "give each once, from the smallest up")
        _of_one_unit([cell for row in self.cells for cell in row], "cell", "table")

    @cached_property
    def down(self) -> tuple[Curve, ...]:
        """The rates of each column, by the number of the rows."""
        return tuple(
            Curve.of(zip(self.rows, column, strict=True), shape=self.between_rows, closed=self.closed)
            for column in zip(*self.cells, strict=True)
        )

    @cached_property
    def along(self) -> tuple[Curve, ...]:
        """The rates of each row, by the number of the columns."""
        return tuple(
            Curve.of(zip(self.columns, row, strict=True), shape=self.between_columns, closed=self.closed)
            for row in self.cells
        )

    @property
    def unit(self) -> str:
        """The unit of the rates; empty where they are shares."""
        return next((cell.unit for row in self.cells for cell in row if cell.unit), "")

    def at(self, x: Fraction, y: Fraction) -> Fraction:
        """The rate at x of the rows and y of the columns, exact; outside of the table that of its edge."""
        return evolve(
            self.along[0],
            knots=tuple((point.value, curve.at(x)) for point, curve in zip(self.columns, self.down, strict=True)),
        ).at(y)

    def cells_at(self, x: Fraction, y: Fraction) -> tuple[tuple[Quantity, Quantity, Quantity], ...]:
        """The cells between which the rate at x and y lies: the point of the row, that of the column, and the rate."""
        rows = _points_at(self.rows, x, self.between_rows, self.closed)
        columns = _points_at(self.columns, y, self.between_columns, self.closed)
        return tuple((self.rows[row], self.columns[column], self.cells[row][column]) for row in rows
                     for column in columns)  # fmt: skip


def _must_be_lists(name: str, rows: Any) -> None:
    """Refuse what is not made of lists of quantities."""
    if not isinstance(rows, tuple) or not all(isinstance(row, tuple) for row in rows):
        remedy = "write a list for each row" if name == "cells" else "write a list, such as [0, 12, 36]"
        raise CurveError(f"{name} of a table is {shown(rows)}", remedy)


def _points_at(points: tuple[Quantity, ...], x: Fraction, shape: Shape, closed: Side) -> tuple[int, ...]:
    """The places of the points that decide at x: of a line the two around it, else one."""
    values = [point.value for point in points]
    if x in values and (shape == "linear" or closed == "left"):
        return (values.index(x),)
    passed = bisect_left(values, x)
    before, after = max(passed - 1, 0), min(passed, len(values) - 1)
    return (before,) if shape == "step" or passed in (0, len(values)) else (before, after)
