"""Words, numbers, days and curves: what everything else is drawn of."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import strategies as st

from loanperf._curves import Curve, Shape, Side, Then
from loanperf._periods import Period, Tenor
from loanperf._quantities import CURRENCIES, Money, Number, Quantity, Rounding

MOST = 2**63 - 1
_FIRST, _LAST = date(2020, 1, 1), date(2030, 12, 31)
_ENDS = st.sampled_from([date(2024, 2, 29), date(2026, 1, 31), date(2026, 2, 28), date(2026, 12, 31), date(2027, 1, 1)])
_ODD = (
    *("林", "张三丰", "０１", "\uff21", "é", "e\u0301", "ﬁ", "ß", "İ", "ไทย", "😀"),
    *("a/b", "a\\b", "a'b", 'a"b', "a,b", "a b", "=1", "-1", "@x", "%", "NULL", "01", "1", "x" * 60),
)


def codes() -> st.SearchStrategy[str]:
    """Codes of payees, units, loans: never empty, always printable.

    Latin and Chinese, full-width, combining and emoji, with quotes and slashes, and such as a spreadsheet would take
    for a number or a formula.
    """
    return st.sampled_from(_ODD) | st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)


def texts() -> st.SearchStrategy[str]:
    """Free text, which may be empty."""
    return st.just("") | codes()


def currencies() -> st.SearchStrategy[str]:
    """Codes of ISO 4217, of none, two and three places among them."""
    return st.sampled_from(["CNY", "JPY", "KWD", "USD"]) | st.sampled_from(sorted(CURRENCIES))


def money(*, currency: str | None = None, least: int = -MOST, most: int = MOST) -> st.SearchStrategy[Money]:
    """Amounts, in a currency or in any; zero, one smallest unit and the bounds often.

    Args:
        currency: ISO 4217 code; None is any.
        least: smallest units, inclusive.
        most: smallest units, inclusive.
    """
    known = (least, -1, 0, 1, 99, 100, 101, 10**15, 2**53, 2**53 + 1, most)
    edges = sorted({unit for unit in known if least <= unit <= most})
    units = st.sampled_from(edges) | st.integers(max(least, -(10**9)), min(most, 10**9)) | st.integers(least, most)
    return st.builds(Money.from_units, units, currencies() if currency is None else st.just(currency))


def amounts() -> st.SearchStrategy[Money]:
    """Amounts in yuan from zero to 64 bits."""
    return money(currency="CNY", least=0)


def percentages(least: int = 0, most: int = 1) -> st.SearchStrategy[Fraction]:
    """Shares between two whole numbers, both included; thirds and hundredths of a percent among them."""
    edges = [Fraction(least), Fraction(most), Fraction(1, 3), Fraction(1, 10_000), Fraction(9_999, 10_000)]
    return st.sampled_from([edge for edge in edges if least <= edge <= most]) | st.fractions(
        least, most, max_denominator=10_000
    )


def quantities() -> st.SearchStrategy[Quantity]:
    """Numbers with the units of the library: money, percentages, points, days, months."""
    units = st.sampled_from(["", "CNY", "point", "day", "month", "person"])
    return st.builds(Quantity, st.fractions(-1000, 1000, max_denominator=10_000), units)


def numbers() -> st.SearchStrategy[Number]:
    """Each way to write a quantity: text with a unit, an int, a Decimal, a Fraction, a quantity, an amount."""
    digits = st.decimals(-(10**6), 10**6, places=4)
    units = st.sampled_from(["", "%", "‰", "bp", "元", "万元", "CNY", "point", "个月", "天", "％"])
    written = st.tuples(digits, st.sampled_from(["", " "]), units).map(lambda parts: "".join(map(str, parts)))
    exact: st.SearchStrategy[Decimal] = digits
    return written | exact | st.integers(-MOST, MOST) | percentages(-10, 10) | quantities() | money()


def roundings() -> st.SearchStrategy[Rounding]:
    """Every rounding."""
    return st.sampled_from(Rounding)


def days(first: date = _FIRST, last: date = _LAST) -> st.SearchStrategy[date]:
    """Days between two, both included; leap days and ends of months and years often."""
    return st.dates(first, last) | _ENDS.filter(lambda on: first <= on <= last)


def periods() -> st.SearchStrategy[Period]:
    """Months, quarters, halves, years and odd spans; of one day, and over leap days."""
    named = st.builds(Period.month, st.integers(2020, 2030), st.integers(1, 12), first_day=st.integers(1, 28))
    named |= st.builds(Period.quarter, st.integers(2020, 2030), st.integers(1, 4), fiscal_start=st.integers(1, 12))
    named |= st.builds(Period.half, st.integers(2020, 2030), st.integers(1, 2))
    named |= st.builds(Period.year, st.integers(2020, 2030), fiscal_start=st.integers(1, 12))
    spans = st.tuples(days(), st.integers(1, 400)).map(lambda span: Period(span[0], span[0] + timedelta(days=span[1])))
    return named | spans


def tenors() -> st.SearchStrategy[Tenor]:
    """Lengths of time in months and days; none at all among them."""
    return st.builds(Tenor, st.integers(0, 480), st.just(0) | st.integers(0, 400))


@st.composite
def curves(draw: st.DrawFn, *, x_unit: str = "", y_unit: str = "") -> Curve:
    """Steps and lines, with jumps, closed at either side, flat or going on above the last knot."""
    xs = sorted(draw(st.lists(st.fractions(0, 200, max_denominator=8), min_size=1, max_size=5, unique=True)))
    shapes: tuple[Shape, ...] = ("step", "linear")
    sides: tuple[Side, ...] = ("left", "right")
    shape = draw(st.sampled_from(shapes))
    y = st.fractions(0, 5, max_denominator=100)
    knots = [(x, draw(y)) for x in xs]
    if shape == "linear" and draw(st.booleans()):
        place = draw(st.integers(0, len(knots) - 1))
        knots.insert(place, (knots[place][0], draw(y)))
    then = draw(st.none() | thens())
    closed = draw(st.sampled_from(sides))
    return Curve(knots=tuple(knots), shape=shape, closed=closed, then=then, x_unit=x_unit, y_unit=y_unit)


def thens() -> st.SearchStrategy[Then]:
    """How curves go on above their last knot."""
    return st.builds(Then, percentages(0, 5), st.sampled_from(("pro rata", "whole")))


def at_knots(curve: Curve, step: Fraction | None = None) -> st.SearchStrategy[Fraction]:
    """Values at the knots of a curve, a step below and above each, between them, and beyond both ends.

    Faults of ladders hide there: at 80% of completion, and at 79.99%.

    Args:
        curve: whose knots.
        step: None is the smallest step of its axis: one smallest unit of a currency, 0.01 of points, days and months,
            0.01% of a ratio.
    """
    hundredths = 10 ** CURRENCIES.get(curve.x_unit, 2) if curve.x_unit else 10_000
    shift = Fraction(1, hundredths) if step is None else step
    xs = sorted({x for x, _ in curve.knots})
    near = [x + by for x in xs for by in (-shift, Fraction(0), shift)]
    between = [(low + high) / 2 for low, high in pairwise(xs)]
    return st.sampled_from([*near, *between, xs[0] - 1, xs[-1] + 1, xs[-1] * 2 + 100])
