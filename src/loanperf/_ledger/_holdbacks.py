"""Holdbacks: pay and terms -> how much of it is held, and in which parts and when that is released."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import lcm

import numpy as np

from loanperf._holdback import Holdback
from loanperf._numbers import (
    Pieces,
    Whole,
    bounded,
    days_of_age,
    largest,
    rounded,
    sliced,
    times,
    whole,
)
from loanperf._quantities import CURRENCIES, Rounding


def part_held(holdback: Holdback, pay: Whole, currency: str, rounding: Rounding) -> Whole:
    """How much of some pay, in smallest units of a currency, is held."""
    pay, one = np.maximum(pay, 0), 10 ** CURRENCIES[currency]
    full = np.full(len(pay), 1)
    if holdback.applies == "flat":
        share, under = Pieces.of(holdback.share).at(pay, one)
        top, below = times(share, pay), times(full, full * under)
    else:
        top, below = _by_slices(holdback, pay, one)
    top, below = bounded(0, top, below)
    return bounded(0, rounded(top, below, rounding))[0]


def _by_slices(holdback: Holdback, pay: Whole, one: int) -> tuple[Whole, Whole]:
    """What is held of pay of which each slice has its own share: numerators, and denominators."""
    knots = holdback.share.knots
    from_zero = [y for x, y in knots if x <= 0] or [knots[0][1]]
    steps = [(Fraction(0), from_zero[-1]), *((x * one, y) for x, y in knots if x > 0)]
    finer, below = lcm(*(x.denominator for x, _ in steps)), lcm(*(y.denominator for _, y in steps))
    starts, values = whole([int(x * finer) for x, _ in steps]), whole([int(y * below) for _, y in steps])
    full = np.full(len(pay), 1)
    return sliced(starts, values, times(pay, full * finer)), full * (finer * below)


def instalments_of(holdback: Holdback, held: Whole, last: Whole) -> Iterator[tuple[int, Whole, Whole]]:
    """The parts in which amounts that are held are released: number, days and units of each, from the earliest on.

    Each is rounded down, and the last takes the remainder.

    Args:
        holdback: the terms.
        held: amounts.
        last: the last day of the period of each.
    """
    left, count = held, len(holdback.parts)
    for number, item in enumerate(holdback.parts, 1):
        (mine,) = bounded(largest(held) * max(item.share.numerator, item.share.denominator), held)
        units = left if number == count else mine * item.share.numerator // item.share.denominator
        yield number, days_of_age(last, item.age), units
        left = left - units
