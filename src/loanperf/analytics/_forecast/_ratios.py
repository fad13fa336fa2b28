"""Ratios: what stands above and below -> logits, small portfolios drawn to their unit by credibility."""

from __future__ import annotations

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from loanperf.analytics._forecast._methods import Matrix, Vector


def logit(ratio: Matrix) -> Matrix:
    """The logarithm of a ratio over the rest."""
    found: Matrix = np.log(ratio / (1 - ratio))
    return found


def expit(z: Matrix) -> Matrix:
    """The inverse of `logit`."""
    found: Matrix = 1 / (1 + np.exp(-z))
    return found


@frozen(kw_only=True, eq=False)
class Ratios:
    """Ratios of subjects and units, a row each; NaN before the first value and after the last."""

    above: Matrix
    below: Matrix
    """Zero nowhere."""
    own: NDArray[np.bool_]
    """Which rows are subjects; the others are units."""
    parents: NDArray[np.int64]
    """The row of the unit of which each row is part; of the sum of all, or one that has none, its own."""
    is_weighted: bool
    """Whether small portfolios are drawn to their unit: what stands below is known, and is not just one."""
    least: float = field(init=False)
    """Ratios of 0 and 1 are taken as so much more and less: half the smallest distance from either that was seen.

    Where every ratio is 0 or 1, one in a billion, which nobody sees.
    """

    @least.default
    def _half_the_smallest(self) -> float:
        ratio = self.ratio
        apart = np.minimum(ratio, 1 - ratio)
        seen = apart[apart > 0]
        return float(seen.min()) / 2 if len(seen) else 1e-9

    @property
    def ratio(self) -> Matrix:
        """As they were seen."""
        found: Matrix = self.above / self.below
        return found

    def bounded(self, ratio: Matrix) -> Matrix:
        """Logits of ratios, of which 0 and 1 have none of their own."""
        return logit(np.clip(ratio, self.least, 1 - self.least))

    def told(self, z: Matrix) -> Matrix:
        """Ratios of logits, those at their bounds as the 0 and 1 for which they stand."""
        ratio = expit(z)
        ratio = np.where(ratio <= self.least * (1 + 1e-9), 0.0, ratio)
        return np.where(ratio >= 1 - self.least * (1 + 1e-9), 1.0, ratio)

    @property
    def logits(self) -> Matrix:
        """As they were seen, as logits."""
        return self.bounded(self.ratio)

    def weights(self, at: int) -> Vector:
        """The credibility of each row after so many periods: 1 of its own history alone, 0 of its unit's alone.

        By Bühlmann and Straub: the weight below, over itself and the variance within rows over that between them.
        """
        found = np.ones(len(self.above))
        rows = np.flatnonzero(self.own & ~np.isnan(self.below[:, :at]).all(axis=1))
        if not self.is_weighted or len(rows) < 2:
            return found
        ratio, weight = self.ratio[rows, :at], np.nan_to_num(self.below[rows, :at])
        mass = weight.sum(axis=1)
        mean = np.nansum(ratio * weight, axis=1) / mass
        middle = (mean * mass).sum() / mass.sum()
        free = (np.count_nonzero(weight, axis=1) - 1).sum()
        if free < 1:
            return found
        within = np.nansum(weight * (ratio - mean[:, None]) ** 2) / free
        spread = mass.sum() - (mass**2).sum() / mass.sum()
        between = ((mass * (mean - middle) ** 2).sum() - (len(rows) - 1) * within) / spread
        found[rows] = mass / (mass + within / between) if between > 0 else float(within <= 0)
        return found

    def credible(self, at: int) -> Matrix:
        """What methods are given after so many periods: logits of each row, drawn to its unit."""
        ratio, weight = self.ratio[:, :at], self.weights(at)[:, None]
        return self.bounded(weight * ratio + (1 - weight) * ratio[self.parents])
