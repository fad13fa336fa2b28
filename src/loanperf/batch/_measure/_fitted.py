"""Fitted: (exact sums of totals, a measure) -> numerator and denominator of each payee in 64 bits, and a scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import assert_never

import numpy as np
from attrs import frozen

from loanperf._indicators import Deduct, Measure, Ratio, Total
from loanperf._tables._columns import MISSING, Column, Truth, Whole, frozen_array
from loanperf._tables._sums import Exact, Places
from loanperf.batch._measure._totals import Counted

_LARGEST = 2**63 - 1


@frozen(eq=False)
class Scaled:
    """A number of each payee, in units."""

    values: Whole
    """`MISSING` where it does not fit."""
    unit: int
    """How many make one whole."""

    def at(self, place: int) -> Fraction:
        """The number of a payee."""
        return Fraction(int(self.values[place]), self.unit)

    def sum(self, places: Sequence[int]) -> Fraction:
        """The sum of those of some payees."""
        return Fraction(sum(self.values[places].tolist()), self.unit)


@frozen(eq=False)
class Fitted:
    """The readings of all payees in one indicator."""

    numerator: Scaled
    denominator: Scaled | None
    """None where it is no ratio."""
    missing: Truth | None
    """Payees whose reading does not fit in 64 bits; None where there is none."""

    def fits(self, place: int) -> bool:
        """Whether a payee has a reading."""
        return self.missing is None or not self.missing[place]

    def at(self, place: int) -> tuple[Fraction, Fraction | None]:
        """Numerator and denominator of a payee."""
        return self.numerator.at(place), None if self.denominator is None else self.denominator.at(place)

    def sum(self, places: Sequence[int]) -> tuple[Fraction, Fraction | None]:
        """The sums of those of some payees."""
        return self.numerator.sum(places), None if self.denominator is None else self.denominator.sum(places)

    def columns(self, code: str) -> dict[str, Column]:
        """Columns for `appraise_book`: the quotient of both, or the number alone, in units that the column states.

        A quotient of unlike units has its numerator or denominator multiplied; one that grows too large is missing.
        """
        top, missing = self.numerator, self.missing
        if self.denominator is None:
            return {code: Column("whole", top.values, missing, (), top.unit)}
        bottom = self.denominator
        shared = lcm(top.unit, bottom.unit)
        # top / top.unit over bottom / bottom.unit
        scale, factor = (top.unit // bottom.unit, 1) if top.unit % bottom.unit == 0 else (1, shared // top.unit)
        below = 1 if top.unit % bottom.unit == 0 else shared // bottom.unit
        above, lost = _times(top.values, factor)
        under, lost_too = _times(bottom.values, below)
        lost |= lost_too
        missing = (lost if missing is None else lost | missing) if lost.any() else missing
        return {
            f"{code}.numerator": Column("whole", above, missing, (), scale),
            f"{code}.denominator": Column("whole", under, missing),
        }


def _times(values: Whole, factor: int) -> tuple[Whole, Truth]:
    """Each value times a factor, 0 where that does not fit; and where it does not."""
    if factor == 1:
        return values, np.zeros(values.size, dtype=np.bool_)
    lost: Truth = np.abs(values) > _LARGEST // factor
    lost |= values == MISSING
    return np.where(lost, 0, values) * factor if factor <= _LARGEST else np.zeros_like(values), lost


@frozen(eq=False)
class Exacts:
    """The exact sums of a total, of payees by place."""

    values: Whole
    apart: Mapping[int, Exact]
    """Those that `values` does not hold."""
    unit: int

    @classmethod
    def of(cls, counted: Counted, payees: Places) -> Exacts:
        """The sums of some payees."""
        found, apart = counted.sums.result()
        place = {code: place for place, code in enumerate(payees.tolist())} if apart else {}
        mine = {place[code]: exact for code, exact in apart.items() if code in place}
        return cls(found[payees], mine, counted.unit)

    def numbers(self) -> Iterator[Fraction]:
        """The sums, in wholes."""
        for place, value in enumerate(self.values.tolist()):
            yield Fraction(self.apart.get(place, value)) / self.unit


def fitted(how: Measure, sums: Mapping[Total, Exacts], payees: int) -> Fitted:
    """The readings of payees in a measure.

    Args:
        how: the measure.
        sums: of its totals, and of others.
        payees: how many there are.
    """
    match how:
        case Total():
            top, bottom = _scaled(sums[how]), None
        case Ratio():
            top = _scaled(sums[how.numerator])
            bottom = _scaled(sums[how.denominator])
        case Deduct():
            top = _deducted(how.start, sums[how.less])
            bottom = Scaled(frozen_array(np.ones(payees, dtype=np.int64)), 1)
        case _:
            assert_never(how)
    missing: Truth = top.values == MISSING
    if bottom is not None:
        missing |= bottom.values == MISSING
    return Fitted(top, bottom, missing if missing.any() else None)


def _scaled(sums: Exacts) -> Scaled:
    """Sums as they are; where they are not all whole numbers of 64 bits, in another unit."""
    if not sums.apart and sums.unit <= _LARGEST:
        return Scaled(frozen_array(sums.values), sums.unit)
    return _in_one_unit(list(sums.numbers()))


def _deducted(start: Fraction, sums: Exacts) -> Scaled:
    """Points that start full and lose sums, never below zero."""
    factor = (start * sums.unit).denominator
    full = int(start * sums.unit * factor)
    most = max(int(sums.values.max(initial=0)), -int(sums.values.min(initial=0)))
    if not sums.apart and most * factor + full <= _LARGEST and sums.unit * factor <= _LARGEST:
        return Scaled(frozen_array(np.maximum(full - sums.values * factor, 0)), sums.unit * factor)
    return _in_one_unit([max(Fraction(0), start - less) for less in sums.numbers()])


def _in_one_unit(numbers: Sequence[Fraction]) -> Scaled:
    """Numbers in the least unit in which all are whole; a number for which that would be too small is missing."""
    unit = 1
    for number in numbers:
        wider = lcm(unit, number.denominator)
        unit = wider if wider <= _LARGEST else unit
    whole = [number * unit for number in numbers]
    fits = [number.denominator == 1 and -_LARGEST <= number <= _LARGEST for number in whole]
    values = [int(number) if fit else MISSING for number, fit in zip(whole, fits, strict=True)]
    return Scaled(frozen_array(np.array(values, dtype=np.int64)), unit)
