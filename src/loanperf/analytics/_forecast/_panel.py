"""Panel: histories that are looked at together -> what each comes to, between which ends, and how well that did.

What stands beside another series for its interval are errors of the same panel: each forecast of the last origins is
held against what came, in units of how much its series moves, and the pooled errors give the width.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from math import ceil
from typing import Literal, TypeAlias

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from loanperf.analytics._forecast._errors import moves
from loanperf.analytics._forecast._methods import Matrix, Vector, lengths, naive, seasonal_naive
from loanperf.analytics._forecast._rule import BLEND, MIDDLE, MOVED, by_length, candidates, is_open

IntervalKind: TypeAlias = Literal["pooled", "stress"]
PanelRule: TypeAlias = Literal["length", "naive", "seasonal naive"]
_ORIGINS = 3
"""From how many periods forecasts are tried, the last that can be tried; more where there are few series."""
SHORTEST = 3
"""A forecast is tried where a series has so many values before it."""


@frozen(kw_only=True, eq=False)
class Panel:
    """The histories to forecast, and their totals by unit.

    The rows of `actual` are the histories, then the totals; a column is a period. NaN stands before the first value of
    a row and after its last.
    """

    actual: Matrix
    """What came, on the scale on which errors are taken."""
    window: Callable[[int], Matrix]
    """What methods are given of the series that are forecast themselves: so many first columns."""
    sums: Matrix
    """A row for each total of `actual`, a column for each history: 1 where the total sums that history, else 0."""
    tiers: NDArray[np.int64]
    """Which rows pool their errors, as far as those are enough."""
    season: int
    horizon: int
    level: Fraction
    """How often intervals shall hold what comes, 0.5 to 0.99."""
    interval: IntervalKind
    is_relative: bool
    """Whether how much a series moves is held against its size: for amounts, and not for logits of ratios."""
    rule: PanelRule = "length"
    _candidates: dict[int, Matrix] = field(factory=dict, init=False)
    _points: dict[int, Matrix] = field(factory=dict, init=False)
    _scales: dict[int, Vector] = field(factory=dict, init=False)
    _widths: dict[int, tuple[Matrix, Matrix]] = field(factory=dict, init=False)

    @property
    def width(self) -> int:
        """How many periods are known."""
        found: int = self.actual.shape[1]
        return found

    @property
    def origins(self) -> int:
        """From how many periods forecasts are tried."""
        needed = ceil(self.level / (1 - self.level))
        return max(_ORIGINS, -(-needed // len(self.actual)))

    def candidates(self, at: int) -> Matrix:
        """What each method says after so many periods; NaN of series that are not there then."""
        if at not in self._candidates:
            seen = self.window(at)
            there = ~np.isnan(seen[:, -1])
            found = np.full((5, len(seen), self.horizon), np.nan)
            if there.any():
                found[:, there] = candidates(seen[there], self.horizon, self.season)
            self._candidates[at] = found
        return self._candidates[at]

    def methods(self, at: int) -> NDArray[np.int64]:
        """The place of the method of each series that is forecast itself."""
        kept = lengths(self.window(at))
        open_ = is_open(kept, self.season)
        return by_length(kept, self.season, self._chosen(at, open_) if open_.any() else BLEND)

    def _chosen(self, at: int, rows: NDArray[np.bool_]) -> int:
        """The place of the method that did best for some rows: the median, the moved year before, or half of each."""
        tried, come = (MIDDLE, BLEND, MOVED), self.window(at)
        total = np.zeros(3)
        for step, origin in self._tried(at):
            size = moves(come[rows, :origin])
            said = self.candidates(origin)[tried, :][:, rows, step - 1]
            errors = np.abs(said - come[rows, origin + step - 1]) / np.where(size > 0, size, np.nan)
            total += np.nansum(errors, axis=1)
        return tried[int(np.argmin(total))] if total.any() else BLEND

    def _tried(self, at: int) -> Iterator[tuple[int, int]]:
        """Steps, and the periods from which forecasts of them can be held against what had come after `at` periods."""
        for step in range(1, self.horizon + 1):
            for origin in range(at - step, at - step - self.origins, -1):
                if origin >= SHORTEST:
                    yield step, origin

    def points(self, at: int) -> Matrix:
        """What each row comes to after so many periods, by the rule of the panel."""
        if at not in self._points:
            self._points[at] = self._by_length(at) if self.rule == "length" else self.plain(at, self.rule)
        return self._points[at]

    def _by_length(self, at: int) -> Matrix:
        found = np.take_along_axis(self.candidates(at), self.methods(at)[None, :, None], axis=0)[0]
        known = ~np.isnan(found)
        there = self.sums @ known[:, :1] > 0
        return np.concatenate((found, np.where(there, self.sums @ np.where(known, found, 0.0), np.nan)))

    def plain(self, at: int, rule: PanelRule) -> Matrix:
        """The last value of each row, or that of a year before."""
        seen = self.actual[:, :at]
        found = naive(seen, self.horizon) if rule == "naive" else seasonal_naive(seen, self.horizon, self.season)
        return np.where(np.isnan(seen[:, -1:]), np.nan, found)

    def scale(self, at: int) -> Vector:
        """How much each row moves: by its own history, the shorter it is the more by what is usual in the panel."""
        if at not in self._scales:
            seen = self.actual[:, :at]
            kept, own, size = lengths(seen), moves(seen), np.ones(len(seen))
            if self.is_relative:
                last = np.abs(seen[:, -6:])
                size = np.nansum(last, axis=1) / np.maximum(np.count_nonzero(~np.isnan(last), axis=1), 1)
            known = (kept > 1) & (size > 0)
            usual = np.median(own[known] / size[known]) if known.any() else 0.0
            weight = kept / (kept + 6)
            self._scales[at] = np.sqrt(weight * own**2 + (1 - weight) * (usual * size) ** 2)
        return self._scales[at]

    def errors(self, at: int) -> Iterator[tuple[int, int, Vector, Vector]]:
        """Each step and origin that can be tried, what each row was said to come to, and what came."""
        for step, origin in self._tried(at):
            enough = lengths(self.actual[:, :origin]) >= SHORTEST
            said = np.where(enough, self.points(origin)[:, step - 1], np.nan)
            yield step, origin, said, self.actual[:, origin + step - 1]

    def scores(self, at: int) -> dict[int, list[Vector]]:
        """How far earlier forecasts were off, by how many periods ahead they looked; each divided by the row's scale.

        The scale is how much a row usually changes, as known when the forecast was made; if it had not changed by
        then, as known now.
        """
        now = self.scale(at)
        found: dict[int, list[Vector]] = {step: [] for step in range(1, self.horizon + 1)}
        for step, origin, said, came in self.errors(at):
            error, scale = np.abs(said - came), np.where(self.scale(origin) > 0, self.scale(origin), now)
            found[step].append(np.where(error > 0, error / np.where(scale > 0, scale, np.nan), error))
        return found

    def widths(self, at: int) -> tuple[Matrix, Matrix]:
        """By row and step: how far each end lies from what is expected, and how often such intervals hold.

        NaN where nothing could be tried.
        """
        if at not in self._widths:
            self._widths[at] = self._pooled(at)
        return self._widths[at]

    def _pooled(self, at: int) -> tuple[Matrix, Matrix]:
        width, holds = (np.full((len(self.actual), self.horizon), np.nan) for _ in range(2))
        for step, scores in self.scores(at).items():
            if not scores:
                continue
            tried = np.stack(scores)
            everybody = self._end(tried)
            for tier in np.unique(self.tiers).tolist():
                rows = self.tiers == tier
                end, often = self._end(tried[:, rows])
                if often < float(self.level):
                    end, often = everybody
                width[rows, step - 1], holds[rows, step - 1] = end, often
        return width * self.scale(at)[:, None], holds

    def _end(self, scores: Matrix) -> tuple[float, float]:
        """The score that enough errors do not pass, and how often that holds; the largest where there are few."""
        if self.interval == "stress":
            each = [found for found in map(self._order, scores) if found[1]]
            return (max(end for end, _ in each), min(often for _, often in each)) if each else (np.nan, 0.0)
        return self._order(scores.ravel())

    def _order(self, scores: Vector) -> tuple[float, float]:
        known = np.sort(scores[~np.isnan(scores)])
        rank = ceil((len(known) + 1) * self.level)
        if not len(known):
            return np.nan, 0.0
        if rank > len(known):
            return float(known[-1]), len(known) / (len(known) + 1)
        return float(known[rank - 1]), float(self.level)
