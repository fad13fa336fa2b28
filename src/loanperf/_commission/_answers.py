"""Answers: a number for each of some questions, or what is wrong with it, told where somebody reads it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from attrs import frozen

from loanperf._numbers import Places, Truth, Whole, bounded, nowhere, ordered, times
from loanperf.errors import LoanPerfError


@frozen(eq=False)
class Answers:
    """What questions come to, a number a row, and which of them have none."""

    top: Whole
    """Numerators; 0 where there is a fault."""
    below: Whole
    """Denominators, above zero."""
    faulty: Truth
    """Which rows have no answer."""
    gone: Truth
    """Which rows go without: it is not there, and only what was posted of that period needs it; see `Lookups.miss`."""
    error: Callable[[int], LoanPerfError]
    """What is wrong with a row that is faulty or goes without."""

    @classmethod
    def of(cls, top: Whole, below: Whole) -> Answers:
        """Answers without a fault."""
        return cls(top, below, nowhere(len(top)), nowhere(len(top)), _none_wrong)

    def times(self, rows: Places, other: Answers) -> Answers:
        """These, of which some are multiplied by others; those take over their faults."""
        return self._with(rows, other, times(self.top[rows], other.top), times(self.below[rows], other.below))

    def over(self, rows: Places, other: Answers) -> Answers:
        """These, of which some are divided by others, where those are no fault."""
        good, sign = ~other.faulty, np.where(other.top < 0, -1, 1)
        below = np.where(good, sign * other.top, 1)
        return self._with(rows, other, times(self.top[rows], sign * other.below), times(self.below[rows], below))

    def beside(self, rows: Places, other: Answers, others: Places) -> Answers:
        """These answers to some questions, and others to the rest of them."""
        size = len(rows) + len(others)
        order = ordered(np.append(rows, others))
        mine = np.arange(size)[order]

        def error(place: int) -> LoanPerfError:
            at = int(mine[place])
            return self.error(at) if at < len(rows) else other.error(at - len(rows))

        pairs = ((self.top, other.top), (self.below, other.below), (self.faulty, other.faulty), (self.gone, other.gone))
        top, below, faulty, gone = (np.concatenate(pair)[order] for pair in pairs)
        return Answers(top, below, faulty, gone, error)

    def _with(self, rows: Places, other: Answers, tops: Whole, belows: Whole) -> Answers:
        """These with other numbers in some rows, and with the faults of those."""
        top, tops = bounded(0, self.top.copy(), tops)
        below, belows = bounded(0, self.below.copy(), belows)
        faulty, gone, place = self.faulty.copy(), self.gone.copy(), np.repeat(-1, len(self.top))
        top[rows], below[rows] = np.where(other.faulty, 0, tops), np.where(other.faulty, 1, belows)
        place[rows] = np.arange(len(rows))
        faulty[rows], gone[rows] = other.faulty, other.gone

        def error(row: int) -> LoanPerfError:
            at = int(place[row])
            return other.error(at) if at >= 0 and (other.faulty | other.gone)[at] else self.error(row)

        return Answers(top, below, faulty, gone, error)


def _none_wrong(_: int) -> LoanPerfError:
    raise AssertionError("nothing is wrong with it")
