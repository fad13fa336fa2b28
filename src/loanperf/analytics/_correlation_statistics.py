"""Statistics of correlations: person-months of two indicators -> how they go together, between people and within."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from loanperf.analytics._statistics import Floats, ranks, t_quantile

DRAWS = 9999
"""How often chance is drawn: people permuted, or signs of people."""
_AT_A_TIME = 500
_ENDS = 1 - 1e-9
_SWEEPS = 200


@frozen(eq=False)
class PersonSums:
    """What a correlation is made of, person by person: it is the sum of products over the root of both squares."""

    one: Floats
    """The sum of a person's squares of the first indicator."""
    other: Floats
    """The sum of a person's squares of the second indicator."""
    both: Floats
    """The sum of a person's products of both."""

    @property
    def varies(self) -> bool:
        """Whether both indicators vary."""
        return min(float(self.one.sum()), float(self.other.sum())) > 1e-9

    @property
    def r(self) -> float:
        """The correlation, from -1 to 1."""
        return float(self.both.sum() / np.sqrt(self.one.sum() * self.other.sum()))


def between_people(one: Floats, other: Floats, there: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The rank of each person among all in two indicators, less the mean rank.

    People are ranked in each month, by the share of people below them; the means of that over the months of a person
    are ranked once more. So it does not matter in which months somebody was there.

    Args:
        one: a row a person, a column a month.
        other: the second indicator, of the same persons and months.
        there: where both are known; each person has a month at least.

    >>> a, b = between_people(np.array([[1.0, 9], [3, 11]]), np.array([[5.0, 5], [4, 3]]), np.ones((2, 2), dtype=bool))
    >>> a.tolist(), b.tolist()
    ([-0.5, 0.5], [0.5, -0.5])
    """
    found = []
    for values in (one, other):
        shares = np.zeros(values.shape)
        for month in np.flatnonzero(there.any(axis=0)):
            some = there[:, month]
            shares[some, month] = (ranks(values[some, month]) - 0.5) / some.sum()
        means = ranks((shares.sum(axis=1) / there.sum(axis=1)).round(9))
        found.append(means - (len(means) + 1) / 2)
    return found[0], found[1]


def within_people(one: Floats, other: Floats, there: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The rank of each person-month among all, less the means of the person and of the month; 0 where none is known.

    >>> a, _ = within_people(np.array([[1.0, 2], [8, 5]]), np.array([[1.0, 2], [8, 5]]), np.ones((2, 2), dtype=bool))
    >>> a.tolist()
    [[-0.5, 0.5], [0.5, -0.5]]
    """
    found = []
    for values in (one, other):
        left = np.zeros(values.shape)
        left[there] = ranks(values[there])
        found.append(without_means(left, there))
    return found[0], found[1]


def without_means(values: Floats, there: NDArray[np.bool_]) -> Floats:
    """Values without the means of rows and of columns, taken out in turn until none is left."""
    left = np.where(there, values, 0.0)
    size = float(np.abs(left).max(initial=1.0))
    rows, columns = (np.maximum(there.sum(axis=axis, keepdims=True), 1) for axis in (1, 0))
    for _ in range(_SWEEPS):
        left = np.where(there, left - left.sum(axis=1, keepdims=True) / rows, 0.0)
        left = np.where(there, left - left.sum(axis=0, keepdims=True) / columns, 0.0)
        if float(np.abs(left.sum(axis=1)).max(initial=0.0)) < 1e-9 * size:
            break
    return left


def summed(one: Floats, other: Floats) -> PersonSums:
    """Squares and products by person, of one value a person or of a row of them."""
    one, other = one.reshape(len(one), -1), other.reshape(len(other), -1)
    return PersonSums((one * one).sum(axis=1), (other * other).sum(axis=1), (one * other).sum(axis=1))


def interval(given: PersonSums, level: float) -> tuple[float, float]:
    """Between which ends the correlation lies, from what it is without each person in turn (the jackknife).

    By Fisher's transformation, so that no end is beyond -1 or 1, and Student's distribution of people less one.
    """
    people = len(given.both)
    one, other, both = (every.sum() - every for every in (given.one, given.other, given.both))
    size = np.sqrt(np.maximum(one * other, 1e-18))
    without = np.arctanh(np.clip(both / size, -_ENDS, _ENDS))
    error = float(((without - without.mean()) ** 2).sum()) ** 0.5
    middle = float(np.arctanh(np.clip(given.r, -_ENDS, _ENDS)))
    by = t_quantile((1 + level) / 2, people - 1) * error
    return float(np.tanh(middle - by)), float(np.tanh(middle + by))


def as_much_between(pairs: Sequence[tuple[Floats, Floats]], seed: int) -> list[int]:
    """How many of `DRAWS` permutations of people go together at least as much as each pair; all of as many people.

    A permutation moves whole people, with all of their months.
    """
    people = len(pairs[0][0])
    rng, found = np.random.default_rng(seed), [0] * len(pairs)
    for count in _parts():
        order = rng.permuted(np.tile(np.arange(people), (count, 1)), axis=1)
        for place, (one, other) in enumerate(pairs):
            found[place] += _at_least(one[order] @ other, abs(float(one @ other)))
    return found


def as_much_within(products: Sequence[Floats], seed: int) -> list[int]:
    """How many of `DRAWS` draws of a sign a person give a sum at least as large as each of some products by person.

    A sign turns all months of a person. The means of months, taken out before, let the sum vary by the factor
    people / (people - 1) more than signs show; what is seen is smaller by the root of it.
    """
    people = len(products[0])
    rng, found = np.random.default_rng(seed), [0] * len(products)
    for count in _parts():
        signs = 2.0 * rng.integers(0, 2, (count, people)) - 1
        for place, some in enumerate(products):
            found[place] += _at_least(signs @ some, abs(float(some.sum())) * (1 - 1 / people) ** 0.5)
    return found


def _parts() -> Iterator[int]:
    """`DRAWS`, a few at a time."""
    for begin in range(0, DRAWS, _AT_A_TIME):
        yield min(_AT_A_TIME, DRAWS - begin)


def _at_least(drawn: Floats, seen: float) -> int:
    return int((np.abs(drawn) >= seen * (1 - 1e-9)).sum())
