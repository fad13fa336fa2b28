"""Exact: columns of exact numbers -> columns of 64 bits, or of decimals that can be plotted."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

import numpy as np
from attrs import evolve

from loanperf._numbers import Truth, Whole, largest
from loanperf._tables._columns import Column, frozen_array
from loanperf._tables._values import of_fractions

_MOST = 2**63 - 1
_HELD = 2**53
"""Whole numbers below it are floats."""


def in_64_bits(values: Whole, below: int) -> Column:
    """Numbers over a denominator as whole numbers of 64 bits over another; one that does not fit is `beyond`, and 0.

    >>> in_64_bits(np.array([1, 2]), 100).scale
    100
    """
    if values.dtype != object and below <= _MOST:
        return Column("whole", frozen_array(values.view()), None, (), below)
    given = values.tolist()
    if below <= _MOST and all(type(value) is int for value in given):
        # One denominator, whatever the numbers are: sums of several parts are added up.
        whole, scale = [Fraction(value) for value in given], below
    else:
        exact, scale = [Fraction(value) / below for value in given], 1
        for number in exact:
            wider = lcm(scale, number.denominator)
            scale = wider if wider <= _MOST else scale
        whole = [number * scale for number in exact]
    lost = np.array([number.denominator != 1 or abs(number) > _MOST for number in whole], dtype=np.bool_)
    held = [0 if gone else int(number) for number, gone in zip(whole, lost.tolist(), strict=True)]
    return _without(Column("whole", np.array(held, dtype=np.int64), None, (), scale), lost)


def over(top: Column, bottom: Column) -> tuple[Column, Column]:
    """The columns of `in_64_bits` as numerator and denominator of one quotient, of which the numerator has the scale.

    Of unlike units one is multiplied; a row in which it grows too large is `beyond` in both.
    """
    above, under = top.scale or 1, bottom.scale or 1
    shared = lcm(above, under)
    # top / above over bottom / under
    scale, factor, divisor = (above // under, 1, 1) if above % under == 0 else (1, shared // above, shared // under)
    one, other = _times(top, factor), _times(bottom, divisor)
    lost = _lost(one) | _lost(other)
    return evolve(_without(one, lost), scale=scale), evolve(_without(other, lost), scale=None)


def _times(column: Column, factor: int) -> Column:
    if factor == 1:
        return column
    lost: Truth = np.abs(column.values) > _MOST // factor
    grown = np.where(lost, 0, column.values) * (factor if factor <= _MOST else 0)
    return _without(evolve(column, values=grown), lost | _lost(column))


def _lost(column: Column) -> Truth:
    return np.zeros(len(column), dtype=np.bool_) if column.beyond is None else column.beyond


def _without(column: Column, lost: Truth) -> Column:
    kept = evolve(column, values=frozen_array(column.values.view()))
    return evolve(kept, missing=lost, beyond=lost) if lost.any() else kept


def decimals(top: Whole, below: int, bottom: Whole | None, under: int) -> Column:
    """Numbers, or quotients of two, in wholes: the nearest float64 of each; missing where the divisor is zero."""
    if bottom is None:
        bottom, under = np.ones(len(top), dtype=np.int64), 1
    none = np.array(bottom == 0, dtype=np.bool_)
    missing = none if none.any() else None
    most = max(below, under, largest(top) * under, largest(bottom) * below)
    if object not in (top.dtype, bottom.dtype) and most < _HELD:
        # Both are exact as float64, and its division gives the nearest.
        return Column("float", top * under / np.where(none, 1, bottom * below), missing)
    found = [
        float(Fraction(value) * under / (Fraction(other) * below)) if other else 0.0
        for value, other in zip(top.tolist(), bottom.tolist(), strict=True)
    ]
    return Column("float", np.array(found, dtype=np.float64), missing)


def decimals_of(numbers: Sequence[Fraction | None]) -> Column:
    """Exact numbers, None where one is missing, as the nearest float64 of each."""
    found = of_fractions(numbers)
    return Column("float", decimals(found.values, found.scale or 1, None, 1).values, found.missing)
