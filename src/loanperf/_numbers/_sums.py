"""Sums: columns of numbers, each with the place it counts for, such as a payee -> the exact sum at each place.

A place whose sum may leave 64 bits goes on in Python ints; the others stay int64.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import TypeAlias

import numpy as np
from attrs import define, field

from loanperf._numbers._groups import Rows
from loanperf._numbers._whole import LIMIT, Whole, largest

Exact: TypeAlias = "int | Fraction"


@define(eq=False)
class Sums:
    """The sum at each place, over one denominator.

    Numbers are added as int64 while a bound proves that no sum passes 2**62. What is too large for that, or no whole
    number over the denominator, is added as a number of Python, at its places alone.

    >>> sums = Sums.of(2)
    >>> sums.add(np.array([1, 2, 5]), np.array([1, 0, 1]))
    >>> sums.add(np.array([1]), np.array([0]), 2)
    >>> sums.values().tolist(), sums.below
    ([5, 12], 2)
    """

    near: Whole
    """What is added as int64."""
    below: int = 1
    """The denominator of every sum."""
    _most: int = 0
    """No sum of `near` is further from zero."""
    _far: dict[int, Exact] = field(factory=dict)
    """What is added as numbers of Python, by place."""

    @classmethod
    def of(cls, size: int) -> Sums:
        """Nothing yet, at each of some places."""
        return cls(np.zeros(size, dtype=np.int64))

    def grow(self, size: int) -> None:
        """Make room for more places."""
        if size > len(self.near):
            self.near = np.append(self.near, np.zeros(size - len(self.near), dtype=np.int64))

    def count(self, places: Rows) -> None:
        """Add one for each row."""
        if self.below != 1 or isinstance(places, slice):
            self.add(np.ones(len(self.near) if isinstance(places, slice) else len(places), dtype=np.int64), places)
        else:
            self._make_room(len(places))
            self.near += np.bincount(places, minlength=len(self.near))

    def add(self, values: Whole, places: Rows, below: int = 1) -> None:
        """Add a number a row.

        Args:
            values: whole numbers over `below`, or Fractions over it.
            places: where each is added.
            below: one or more.
        """
        if below != self.below:
            values = self._in_one(values, below)
        if values.dtype == object:
            self._add_far(values, places)
            return
        most = largest(values) * len(values)
        if most >= LIMIT:
            limit = LIMIT // len(values)
            large = (values >= limit) | (values <= -limit)
            self._add_far(values[large], _chosen(places, large))
            values, places = values[~large], _chosen(places, ~large)
            most = largest(values) * len(values)
        self._make_room(most)
        if isinstance(places, slice):
            self.near[: len(values)] += values
        else:
            np.add.at(self.near, places, values)

    def values(self) -> Whole:
        """The sums, over `below`: int64, or numbers of Python where one of them is too large or no whole number."""
        if not self._far:
            return self.near
        found = self.near.astype(object)
        for place, more in self._far.items():
            found[place] += more
        return found

    def _add_far(self, values: Whole, places: Rows) -> None:
        at = range(len(values)) if isinstance(places, slice) else places.tolist()
        for place, value in zip(at, values.tolist(), strict=True):
            self._far[place] = self._far.get(place, 0) + value

    def _make_room(self, most: int) -> None:
        """Let no sum of `near` pass 2**62: what is there becomes numbers of Python, where it could."""
        if self._most + most >= LIMIT:
            there = np.flatnonzero(self.near)
            self._add_far(self.near[there], there)
            self.near = np.zeros_like(self.near)
            self._most = 0
        self._most += most

    def _in_one(self, values: Whole, below: int) -> Whole:
        """The values over the denominator of the sums, which grows where it must."""
        shared = lcm(self.below, below)
        factor, self.below = shared // self.below, shared
        if factor > 1:
            most = self._most * factor
            if most >= LIMIT:
                self._make_room(LIMIT)
                most = 0
            self.near, self._most = self.near * factor if most else self.near, most
            self._far = {place: more * factor for place, more in self._far.items()}
        return _times(values, shared // below)


def _chosen(places: Rows, mask: Whole) -> Rows:
    return np.flatnonzero(mask) if isinstance(places, slice) else places[mask]


def _times(values: Whole, factor: int) -> Whole:
    """Values times a whole number; Fractions stay Fractions."""
    if values.dtype != object and factor < LIMIT and largest(values) * factor < LIMIT:
        return values * factor
    return values.astype(object) * factor
