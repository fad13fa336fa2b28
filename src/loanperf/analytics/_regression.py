"""Regression: columns and an outcome -> coefficients by least squares, each with an interval over people."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from loanperf.analytics._statistics import Floats, t_quantile

_LEAST_FREEDOM = 3.0


@frozen(eq=False)
class Coefficient:
    """An estimated coefficient, with how far it may be off by chance."""

    value: float
    error: float
    """Its standard error, over people; 0 where nothing is left to chance."""
    freedom: float
    """Degrees of freedom of its interval."""

    def interval(self, level: float) -> tuple[float, float]:
        """Between which ends it lies."""
        by = t_quantile((1 + level) / 2, self.freedom) * self.error
        return self.value - by, self.value + by

    def detectable(self, power: float, level: float) -> float:
        """The smallest true coefficient, below zero or above, that an interval of a level excludes 0 with a power."""
        return (t_quantile((1 + level) / 2, self.freedom) + t_quantile(power, self.freedom)) * self.error


def rank_of(columns: Floats) -> int:
    """How many of the columns say something that the others do not, whatever their units."""
    size = np.sqrt((columns**2).sum(axis=0))
    return int(np.linalg.matrix_rank(columns / np.where(size > 0, size, 1.0), tol=1e-9))


def least_squares(columns: Floats, outcome: Floats) -> Floats:
    """The coefficients of columns, of which none may follow from the others.

    >>> least_squares(np.array([[1.0, 0], [1, 1], [1, 2]]), np.array([1.0, 3, 5])).round(9).tolist()
    [1.0, 2.0]
    """
    q, r = np.linalg.qr(columns)
    found: Floats = np.linalg.solve(r, q.T @ outcome)
    return found


def coefficient(columns: Floats, outcome: Floats, place: int, people: Sequence[int] | NDArray[np.int64]) -> Coefficient:
    """One coefficient by least squares; rows of one person may depend on each other in any way.

    The error is that of Bell and McCaffrey (2002): squares of what is left are set right for how far each person draws
    the line to themselves (CR2, and HC2 where each has one row), and degrees of freedom are those of Satterthwaite, so
    that intervals of a few people hold too.

    Args:
        columns: a row each, none of them following from the others.
        outcome: of each row.
        place: of the column.
        people: of each row the number of its person.
    """
    q, r = np.linalg.qr(columns)
    solved = np.linalg.solve(r, q.T @ outcome)
    left = outcome - columns @ solved
    along = q @ np.linalg.solve(r.T, np.eye(len(r))[place])
    numbers = np.asarray(people)
    parts, sizes, squares = [], [], 0.0
    for number in np.unique(numbers):
        own = numbers == number
        mine = _straightened(q[own]) @ along[own]
        squares += float(mine @ left[own]) ** 2
        sizes.append(float(mine @ mine))
        parts.append(q[own].T @ mine)
    drawn = np.array(parts)
    spread = np.diag(sizes) - drawn @ drawn.T
    freedom = float(np.trace(spread)) ** 2 / float((spread**2).sum())
    scale = float(np.abs(outcome).max()) * float(np.sqrt(along @ along))
    error = squares**0.5
    return Coefficient(float(solved[place]), 0.0 if error <= 1e-9 * scale else error, max(freedom, _LEAST_FREEDOM))


def _straightened(own: Floats) -> Floats:
    """(1 - H) to the power -1/2, of the rows of a person; what the line follows without fail is left out."""
    values, vectors = np.linalg.eigh(np.eye(len(own)) - own @ own.T)
    kept = values > 1e-9
    found: Floats = (vectors[:, kept] / np.sqrt(values[kept])) @ vectors[:, kept].T
    return found
