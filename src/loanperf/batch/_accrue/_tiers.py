"""Tiers over columns: (transactions in order, rates) -> what each pays, as whole numbers over one denominator.

The twin is `loanperf._commission._rates.price`. What accumulates and what is paid are whole smallest units, or loans;
rates and knots become whole numbers over common denominators, so that every product and sum is exact in int64 as long
as it stays below 2**62. Rows that might not are noted, and go through the rows path.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from loanperf._commission import Tiers
from loanperf._curves import Curve
from loanperf._numbers import rounded
from loanperf._quantities import Rounding
from loanperf._tables._columns import CHUNK_ROWS, Truth, Whole

LIMIT = 2**62
"""Whole numbers stay below it."""
Codes = NDArray[np.int64]


@frozen(eq=False)
class Ladder:
    """The rates of one curve as whole numbers: `heights[i] + slopes[i] · x` above `i` knots."""

    knots: tuple[int, ...]
    """In parts of a unit of what accumulates."""
    heights: tuple[int, ...]
    slopes: tuple[int, ...]
    """By unit of what accumulates; all zero where rates are steps."""
    closed: str

    @property
    def most(self) -> int:
        """The largest step between two rates, and from zero."""
        steps = [abs(after - before) for before, after in zip((0, *self.heights), self.heights, strict=False)]
        return sum(steps)


@frozen(eq=False)
class Rates:
    """The ladders of a component, over common denominators."""

    ladders: tuple[Ladder, ...]
    parts: int
    """Knots count 1 / parts of a unit of what accumulates."""
    below: int
    """Rates count 1 / below of a smallest unit of money for a unit of the base."""

    @property
    def largest(self) -> int:
        """The largest number that they are worked with."""
        heights = [abs(number) for ladder in self.ladders for number in (*ladder.heights, *ladder.slopes)]
        return max(self.below * self.parts, self.parts * max(heights), *(ladder.most for ladder in self.ladders))


def rates_of(curves: Sequence[Curve], counted: Fraction, paid: Fraction) -> Rates:
    """Curves of rates as ladders of whole numbers.

    Args:
        curves: rates by what accumulates.
        counted: how many units of what accumulates a 1 on the x of a curve is.
        paid: how many smallest units of money a 1 on the y of a curve is, for one unit of the base.
    """
    lines = [_lines(curve, counted, paid) for curve in curves]
    knots = [[x * counted for x, _ in curve.knots] for curve in curves]
    parts = lcm(*(knot.denominator for held in knots for knot in held))
    below = lcm(*(number.denominator for held in lines for line in held for number in line))
    ladders = tuple(
        Ladder(
            knots=tuple(int(knot * parts) for knot in at),
            heights=tuple(int(height * below) for height, _ in line),
            slopes=tuple(int(slope * below) for _, slope in line),
            closed=curve.closed,
        )
        for curve, at, line in zip(curves, knots, lines, strict=True)
    )
    return Rates(ladders, parts, below)


def _lines(curve: Curve, counted: Fraction, paid: Fraction) -> list[tuple[Fraction, Fraction]]:
    """Height and slope of each piece, from below the first knot on."""
    flat = Fraction(0)
    found = [(curve.knots[0][1] * paid, flat)]
    for (x0, y0), (x1, y1) in zip(curve.knots, curve.knots[1:], strict=False):
        slope = flat if curve.shape == "step" or x0 == x1 else (y1 - y0) / (x1 - x0)
        found.append(((y0 - slope * x0) * paid, slope * paid / counted))
    last_x, last_y = curve.knots[-1]
    slope = flat if curve.then is None else curve.then.per_point * (1 if curve.x_unit else 100)
    return [*found, ((last_y - slope * last_x) * paid, slope * paid / counted)]


@frozen(eq=False)
class Transactions:
    """What is priced, in the order in which it accumulates."""

    tier: Whole
    """What each adds to what accumulates."""
    paid: Whole
    curve: Codes | None
    """Which of the curves holds; None where there is one."""
    starts: Codes | None
    """Where each window starts; None where each transaction stands alone."""
    earlier: Whole | None = None
    """What counts of earlier windows in that of each transaction."""

    def summed(self, values: Whole) -> Whole:
        """The sums up to and with each transaction within its window.

        A sum over all rows may pass 2**63 and wrap round; what it differs by within a window does not.
        """
        if self.starts is None:
            return values
        sums = np.cumsum(values)
        counts = np.diff(self.starts, append=len(values))
        before = sums[self.starts] - values[self.starts]
        return sums - np.repeat(before, counts) if len(counts) > 1 else sums


@frozen(eq=False)
class Paid:
    """What transactions pay: `top / (below · by)` smallest units."""

    top: Whole
    below: int
    by: Whole | None
    """One more divisor a row; None where it is 1 for all."""
    unsure: Truth | None = field(default=None)
    """Rows that int64 may not hold; None where it holds all."""


def priced(tiers: Tiers, rates: Rates, given: Transactions) -> Paid:
    """What each transaction pays, by how rates apply."""
    after = given.summed(given.tier)
    if given.earlier is not None:
        after += given.earlier
    before = after - given.tier
    unsure = _sums_unsure(given)
    match tiers.applies:
        case "marginal":
            return _joined(_marginal(rates, given, before, after), unsure)
        case "forward before" | "forward after":
            at = before if tiers.applies == "forward before" else after
            rate = _by_curve(rates, given, at)
            return _joined(Paid(rate * given.paid, rates.below, None, _unsure(rates, at, given.paid)), unsure)
        case "flat" | "interpolated":
            return _joined(_to_date(rates, given, before, after), unsure)


def _joined(paid: Paid, unsure: Truth | None) -> Paid:
    both = paid.unsure if unsure is None else unsure if paid.unsure is None else paid.unsure | unsure
    return Paid(paid.top, paid.below, paid.by, both)


def _sums_unsure(given: Transactions) -> Truth | None:
    """Transactions in windows whose sums int64 may not hold; where windows are rolled into others, all."""
    if not len(given.tier):
        return None
    sizes = [np.abs(values.astype(np.float64)) for values in {id(v): v for v in (given.tier, given.paid)}.values()]
    if given.starts is None or all(float(size.sum()) < LIMIT for size in sizes):
        return None
    counts = np.diff(given.starts, append=len(given.tier))
    over = np.full(len(given.tier), given.earlier is not None)
    for size in sizes:
        over |= np.repeat(np.add.reduceat(size, given.starts) >= LIMIT, counts)
    return over


# ── one way of applying each ────────────────────────────────────────────────────────────────────────────────


def _to_date(rates: Rates, given: Transactions, before: Whole, after: Whole) -> Paid:
    """All that was paid so far at the rate reached, less what it came to before."""
    top = np.zeros(len(before), dtype=np.int64)
    unsure: Truth | None = None
    for code, ladder in enumerate(rates.ladders):
        mine = given.paid if given.curve is None else np.where(given.curve == code, given.paid, 0)
        sums = given.summed(mine)
        now, was = _rate(ladder, rates.parts, after), _rate(ladder, rates.parts, before)
        top += now * sums - was * (sums - mine)
        at, most = np.maximum(np.abs(after), np.abs(before)), np.maximum(np.abs(sums), np.abs(mine))
        found = _products_unsure(rates, ladder, at, most, 4 * len(rates.ladders))
        unsure = found if unsure is None else unsure if found is None else unsure | found
    return Paid(top, rates.below, None, unsure)


def _marginal(rates: Rates, given: Transactions, before: Whole, after: Whole) -> Paid:
    """Each slice at its own rate: what the sum after comes to less what the sum before does."""
    below = rates.below * rates.parts
    if len(rates.ladders) == 1:
        gained = _spread(rates.ladders[0], rates.parts, after)
        gained -= _shifted(gained, given, rates, before)
    else:
        gained = np.zeros(len(before), dtype=np.int64)
        for code, ladder in enumerate(rates.ladders):
            mine = np.flatnonzero(given.curve == code)
            gained[mine] = _spread(ladder, rates.parts, after[mine]) - _spread(ladder, rates.parts, before[mine])
    size = np.maximum(np.abs(after), np.abs(before)) if given.starts is not None else np.abs(after)
    unsure = _spread_unsure(rates, size)
    if given.tier is given.paid or bool(np.array_equal(given.tier, given.paid)):
        return Paid(gained, below, None, unsure)
    return _skewed(rates, given, gained, before, unsure)


def _shifted(spread: Whole, given: Transactions, rates: Rates, before: Whole) -> Whole:
    """What the sums before come to: what those after the transaction before do, and anew at the start of a window."""
    if given.starts is None:
        return np.zeros(len(spread), dtype=np.int64)
    found = np.empty_like(spread)
    found[1:] = spread[:-1]
    found[given.starts] = _spread(rates.ladders[0], rates.parts, before[given.starts])
    return found


def _skewed(rates: Rates, given: Transactions, gained: Whole, before: Whole, unsure: Truth | None) -> Paid:
    """Where what is paid is not what counts: the paid base spread over the way that the tier goes."""
    tier, paid = given.tier, given.paid
    still = tier == 0
    by = np.where(still | (tier == paid) | (paid == 0), 1, np.abs(tier))
    scaled = np.where(tier == paid, 1, paid * np.sign(tier))
    rate = _by_curve(rates, given, before)
    top = np.where(still, rate * paid * rates.parts, gained * scaled)
    sizes = (
        np.abs(gained).astype(np.float64) * np.abs(paid),
        np.abs(rate).astype(np.float64) * np.abs(paid) * rates.parts,
    )
    over = (sizes[0] >= LIMIT) | (sizes[1] >= LIMIT)
    over |= by.astype(np.float64) * (rates.below * rates.parts) >= LIMIT
    doubt = over if unsure is None else over | unsure
    return Paid(
        top, rates.below * rates.parts, None if int(by.max(initial=1)) == 1 else by, doubt if doubt.any() else None
    )


# ── rates ───────────────────────────────────────────────────────────────────────────────────────────────────


def _by_curve(rates: Rates, given: Transactions, at: Whole) -> Whole:
    """The rate of each transaction's own curve."""
    if len(rates.ladders) == 1 or given.curve is None:
        return _rate(rates.ladders[0], rates.parts, at)
    found = np.zeros(len(at), dtype=np.int64)
    for code, ladder in enumerate(rates.ladders):
        mine = np.flatnonzero(given.curve == code)
        found[mine] = _rate(ladder, rates.parts, at[mine])
    return found


def _rate(ladder: Ladder, parts: int, at: Whole) -> Whole:
    """The rate at a sum."""
    mine = at if parts == 1 else at * parts
    passed = np.zeros(len(at), dtype=np.int8)
    for knot in ladder.knots:
        if -LIMIT < knot < LIMIT:
            passed += mine >= knot if ladder.closed == "left" else mine > knot
        else:
            passed += knot < 0
    heights = np.array([min(max(height, -LIMIT), LIMIT) for height in ladder.heights])
    found = heights[passed]
    return found + np.array(ladder.slopes)[passed] * at if any(ladder.slopes) else found


def _spread(ladder: Ladder, parts: int, sums: Whole) -> Whole:
    """What a sum from zero on comes to, each slice at its own rate; sums are zero or more."""
    first = sum(1 for knot in ladder.knots if knot <= 0)
    steps = [
        (knot, after - before)
        for knot, before, after in zip(
            ladder.knots[first:], ladder.heights[first:], ladder.heights[first + 1 :], strict=False
        )
        if knot < LIMIT
    ]
    found = np.empty(len(sums), dtype=np.int64)
    room = np.empty(min(len(sums), CHUNK_ROWS), dtype=np.int64)
    for start in range(0, len(sums), CHUNK_ROWS):
        mine, out = sums[start : start + CHUNK_ROWS], found[start : start + CHUNK_ROWS]
        over = room[: len(mine)]
        np.multiply(mine, ladder.heights[first] * parts, out=out)
        for knot, step in steps:
            if parts == 1:
                np.subtract(mine, knot, out=over)
            else:
                np.multiply(mine, parts, out=over)
                over -= knot
            np.maximum(over, 0, out=over)
            over *= step
            out += over
    return found


# ── what int64 may not hold ─────────────────────────────────────────────────────────────────────────────────


def _spread_unsure(rates: Rates, size: Whole) -> Truth | None:
    return _over(size, rates.parts * max(1, *(ladder.most for ladder in rates.ladders)))


def _unsure(rates: Rates, at: Whole, paid: Whole) -> Truth | None:
    found: Truth | None = None
    for ladder in rates.ladders:
        one = _products_unsure(rates, ladder, np.abs(at), np.abs(paid), 1)
        found = one if found is None else found if one is None else found | one
    return found


def _products_unsure(rates: Rates, ladder: Ladder, at: Whole, paid: Whole, times: int) -> Truth | None:
    """Rows in which a rate times what is paid, so many times, or a sum in parts, may be too large."""
    height, slope = max(map(abs, ladder.heights)), max(map(abs, ladder.slopes))
    most_at, most_paid = int(at.max(initial=0)), int(paid.max(initial=0))
    if times * (height + slope * most_at) * max(most_paid, 1) < LIMIT and most_at * rates.parts < LIMIT:
        return None
    rate = float(height) + float(slope) * at.astype(np.float64)
    over = times * rate * np.maximum(paid, 1).astype(np.float64) >= LIMIT
    return over | (at.astype(np.float64) * float(rates.parts) >= LIMIT)


def _over(size: Whole, factor: int) -> Truth | None:
    """Rows whose size times a factor may be too large."""
    if int(size.max(initial=0)) * factor < LIMIT:
        return None
    return size.astype(np.float64) * float(factor) >= LIMIT


# ── rounding ────────────────────────────────────────────────────────────────────────────────────────────────


def rounded_units(top: Whole, below: int | Whole, rounding: Rounding) -> Whole:
    """Quotients of whole numbers, rounded; by certain floats where both are small, else by whole numbers."""
    if isinstance(below, int) and below == 1:
        return top
    found: Whole = rounded(top.astype(np.int64, copy=False), below, rounding)
    return found
