"""Chains: quotients of groups that follow on each other, such as what is left of a whole after each of several parts.

They come out in lowest terms, so that numbers stay small where denominators are alike.
"""

from __future__ import annotations

import numpy as np

from loanperf._numbers._alike import alike, folded, is_alike
from loanperf._numbers._groups import Places, turns
from loanperf._numbers._places import replaced
from loanperf._numbers._quotients import times
from loanperf._numbers._whole import Whole, bounded, largest


def reduced(top: Whole, below: Whole) -> tuple[Whole, Whole]:
    """Quotients in lowest terms, over denominators above zero; those that are given may be below zero too.

    >>> [column.tolist() for column in reduced(np.array([4, 0, 3]), np.array([-6, 5, 1]))]
    [[-2, 0, 3], [3, 1, 1]]
    """
    if len(top) and is_alike(flags := folded(top == below)) and flags[0] and bool((below > 0).all()):
        return alike(1, len(top)), alike(1, len(top))
    shared = np.gcd(top, below) * np.where(below < 0, -1, 1)
    found = bounded(0, top // shared, below // shared)
    return found[0], found[1]


def summed_up(tops: Whole, belows: Whole, starts: Places) -> tuple[Whole, Whole]:
    """The sum of quotients up to and with each row, anew in each group.

    >>> sums = summed_up(np.array([1, 1, 1]), np.array([2, 3, 7]), np.array([0, 2]))
    >>> [column.tolist() for column in sums]
    [[1, 5, 1], [2, 6, 7]]
    """
    tops, belows = reduced(tops, belows)
    for here in turns(starts, len(tops))[1:]:
        before, most = here - 1, largest(belows) * max(largest(tops), largest(belows))
        tops, belows = bounded(2 * most, tops, belows)
        more = tops[before] * belows[here] + tops[here] * belows[before]
        top, below = reduced(more, belows[before] * belows[here])
        tops, belows = replaced(tops, here, top), replaced(belows, here, below)
    return tops, belows


def parts_of_rest(units: Whole, rest: Whole, starts: Places) -> tuple[Whole, Whole]:
    """What part of a whole each row takes, of which it takes `units` of the `rest` that the rows before it left.

    Args:
        units: from zero to `rest`.
        rest: above zero.
        starts: where groups begin; what is left before the first row of a group is the whole.

    >>> parts = parts_of_rest(np.array([1, 1]), np.array([4, 3]), np.array([0]))
    >>> [column.tolist() for column in parts]
    [[1, 1], [4, 4]]
    """
    tops, belows = reduced(units, rest)
    left, over = reduced(rest - units, rest)
    for here in turns(starts, len(units))[1:]:
        before = here - 1
        part = reduced(times(left[before], tops[here]), times(over[before], belows[here]))
        rests = reduced(times(left[before], left[here]), times(over[before], over[here]))
        tops, belows = replaced(tops, here, part[0]), replaced(belows, here, part[1])
        left, over = replaced(left, here, rests[0]), replaced(over, here, rests[1])
    return tops, belows
