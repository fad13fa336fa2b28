"""Sums: (payee, whole number) of each row -> the exact sum of each payee, however large."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from attrs import define, field, frozen
from numpy.typing import NDArray

from loanperf._tables._columns import MISSING, Truth, Whole, frozen_array
from loanperf.errors import DataError

Exact: TypeAlias = "int | Fraction"
Places: TypeAlias = NDArray[np.intp]

_HELD = 2**63
_LOWER = 2**32 - 1
_MOST_ROWS = 2**31
"""Of numbers in two halves: with fewer rows neither half can overflow."""


@frozen(eq=False)
class Chosen:
    """Some of the rows of a chunk."""

    mask: Truth | None
    """None is every row."""
    size: int
    """How many."""
    _places: list[Places] = field(factory=list, init=False)

    @classmethod
    def by(cls, mask: Truth) -> Chosen:
        """The rows of a mask."""
        size = int(np.count_nonzero(mask))
        return cls(None if size == mask.size else mask, size)

    def but(self, mask: Truth) -> Chosen:
        """Those that are in the mask as well."""
        return Chosen.by(mask if self.mask is None else self.mask & mask)

    def places(self) -> Places | slice:
        """Their places; a slice where it is every row."""
        if self.mask is None:
            return slice(None)
        if not self._places:
            self._places.append(np.flatnonzero(self.mask))
        return self._places[0]


def summed(payee: NDArray[Any], amounts: Whole, payees: int) -> Whole:
    """The sum of each payee by code, read-only; `MISSING` where 64 bits cannot hold it."""
    sums = Sums.of(payees)
    most = max(int(amounts.max()), -int(amounts.min())) if len(amounts) else 0
    sums.add(payee.astype(np.intp), amounts, most, Chosen(None, len(amounts)))
    return frozen_array(sums.result()[0])


@define(eq=False)
class Sums:
    """The sums of payees by code, in whole numbers; what 64 bits cannot hold is kept apart and never wraps.

    While the largest number times the rows stays below 2**63 one integer a payee holds the sum. From then on two do:
    the lower 32 bits of each number are added to the one, the rest to the other.
    """

    low: Whole
    """Sums, or the sums of lower halves once there are higher ones."""
    high: Whole | None = None
    bound: int = 0
    """No sum of `low` is larger, as long as it is alone."""
    rows: int = 0
    beyond: dict[int, Exact] = field(factory=dict)
    """What was added as Python numbers, by payee."""

    @classmethod
    def of(cls, payees: int) -> Sums:
        """Nothing yet, for each of some payees."""
        return cls(np.zeros(payees, dtype=np.int64))

    def grow(self, payees: int) -> None:
        """Make room for more payees."""
        more = payees - self.low.size
        if more > 0:
            self.low = np.append(self.low, np.zeros(more, dtype=np.int64))
            self.high = None if self.high is None else np.append(self.high, np.zeros(more, dtype=np.int64))

    def add(self, payee: Places, amounts: Whole, most: int, chosen: Chosen) -> None:
        """Add an amount a row.

        Args:
            payee: code of each row's payee.
            amounts: of each row.
            most: no chosen amount is further from zero.
            chosen: rows that count.
        """
        if not chosen.size or not most:
            return
        self._make_room(most, chosen.size)
        if chosen.mask is not None and 2 * chosen.size > amounts.size:
            self._put(payee, amounts * chosen.mask)
        else:
            self._put(payee[chosen.places()], amounts[chosen.places()])

    def count(self, payee: Places, chosen: Chosen) -> None:
        """Add one for each row."""
        if not chosen.size:
            return
        self._make_room(1, chosen.size)
        np.add.at(self.low, payee[chosen.places()], 1)

    def put(self, payee: int, amount: Exact) -> None:
        """Add a number of any size to one payee's sum."""
        self.beyond[payee] = self.beyond.get(payee, 0) + amount

    def _make_room(self, most: int, rows: int) -> None:
        self.bound += most * rows
        self.rows += rows
        if self.bound < _HELD:
            return
        if self.high is None:
            self.low, self.high = self.low & _LOWER, self.low >> 32
        if self.rows >= _MOST_ROWS:
            fault = f"{self.rows} rows of numbers as large as {most} are added up"
            raise DataError("a total", fault, "measure fewer rows at once and add their totals up")

    def _put(self, payee: Places, amounts: Whole) -> None:
        if self.high is None:
            np.add.at(self.low, payee, amounts)
        else:
            np.add.at(self.low, payee, amounts & _LOWER)
            np.add.at(self.high, payee, amounts >> 32)

    def result(self) -> tuple[Whole, dict[int, Exact]]:
        """The sums that fit in 64 bits, and those of the other payees, whose cells hold `MISSING`."""
        found, apart = self.low, dict[int, Exact]()
        if self.high is None and not self.beyond:
            return found, apart
        if self.high is None:
            found = found.copy()
        else:
            high, low = self.high + (self.low >> 32), self.low & _LOWER
            found = (high << 32) | low
            for payee in np.flatnonzero((high >= 2**31) | (high < -(2**31))).tolist():
                apart[payee] = (int(high[payee]) << 32) + int(low[payee])
        for payee, more in self.beyond.items():
            apart[payee] = apart.get(payee, int(found[payee])) + more
        for payee, exact in [*apart.items()]:
            if exact.denominator == 1 and -_HELD < exact < _HELD:
                found[payee] = int(apart.pop(payee))
            else:
                found[payee] = MISSING
        for payee in np.flatnonzero(found == MISSING).tolist():
            apart.setdefault(payee, MISSING)
        return found, apart
