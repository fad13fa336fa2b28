"""Methods: series -> what each is expected to come to; a row a series, a column a period, all series at once.

A matrix has its last column in the last period; before its first value a series has NaN, and none after it. Numbers are
floats: these are statistics, and nothing that is paid is worked out of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

_ALPHAS = np.linspace(0.05, 0.95, 10)
"""The weights of the newest value that are tried in simple smoothing."""
_DAMPED = np.stack(np.meshgrid([0.2, 0.5, 0.8], [0.05, 0.2], [0.8, 0.95]), axis=-1).reshape(-1, 3).T
"""The weights of level, trend and damping that are tried."""


def lengths(y: Matrix) -> NDArray[np.int64]:
    """How many values each series has."""
    found: NDArray[np.int64] = np.count_nonzero(~np.isnan(y), axis=1)
    return found


def naive(y: Matrix, horizon: int) -> Matrix:
    """The last value again."""
    return np.repeat(y[:, -1:], horizon, axis=1)


def moving_average(y: Matrix, horizon: int, last: int) -> Matrix:
    """The mean of the last values, or of all where there are fewer."""
    return np.repeat(np.nanmean(y[:, -last:], axis=1, keepdims=True), horizon, axis=1)


def smoothed(y: Matrix, alphas: Vector) -> tuple[Matrix, Matrix]:
    """Simple exponential smoothing that begins with the first value: the last level, and the squared one-step errors.

    Both have a column for each of `alphas`.
    """
    level, squares = np.repeat(y[:, :1], len(alphas), axis=1), np.zeros((len(y), len(alphas)))
    for now in y.T[1:, :, None]:
        error = now - level
        squares += np.nan_to_num(error * error)
        level = np.where(np.isnan(level), now, level + alphas * error)
    return level, squares


def _best(values: Matrix, squares: Matrix) -> Vector:
    """The value of each row that has the smallest error, the first of several."""
    return np.take_along_axis(values, np.argmin(squares, axis=1)[:, None], axis=1)[:, 0]


def simple(y: Matrix, horizon: int) -> Matrix:
    """Simple smoothing by the weight that would have done best."""
    return np.repeat(_best(*smoothed(y, _ALPHAS))[:, None], horizon, axis=1)


def damped(y: Matrix, horizon: int) -> Matrix:
    """A trend that fades, by the weights that would have done best; it begins with no trend."""
    alpha, beta, phi = _DAMPED
    shape = (len(y), len(alpha))
    level, trend, squares = np.repeat(y[:, :1], shape[1], axis=1), np.zeros(shape), np.zeros(shape)
    for now in y.T[1:, :, None]:
        step = phi * trend
        error = now - level - step
        new = np.isnan(level)
        squares += np.nan_to_num(error * error)
        trend = np.where(new, 0.0, step + alpha * beta * error)
        level = np.where(new, now, level + step + alpha * error)
    chosen = np.argmin(squares, axis=1)[:, None]
    steps = np.cumsum(phi[chosen] ** np.arange(1, horizon + 1), axis=1)
    return np.take_along_axis(level, chosen, 1) + steps * np.take_along_axis(trend, chosen, 1)


def line(y: Matrix) -> tuple[Vector, Vector]:
    """The straight line of least squares: its height in the last period, and its slope."""
    place = np.where(np.isnan(y), np.nan, np.arange(1 - y.shape[1], 1))
    middle, mean = np.nanmean(place, axis=1), np.nanmean(y, axis=1)
    apart = place - middle[:, None]
    spread = np.nansum(apart * apart, axis=1)
    slope = np.nansum(apart * (y - mean[:, None]), axis=1) / np.where(spread > 0, spread, 1.0)
    return mean - slope * middle, slope


def theta(y: Matrix, horizon: int) -> Matrix:
    """Theta: half the straight line, half the smoothed series with its curvature doubled."""
    end, slope = line(y)
    straight = end[:, None] + slope[:, None] * np.arange(1 - y.shape[1], horizon + 1)
    curved = simple(2 * y - straight[:, : y.shape[1]], horizon)
    found: Matrix = (straight[:, y.shape[1] :] + curved) / 2
    return found


def middle_of_five(y: Matrix, horizon: int) -> Matrix:
    """The median of simple smoothing, damped trend, Theta, the last value, and the mean of the last six."""
    each = (simple(y, horizon), damped(y, horizon), theta(y, horizon), naive(y, horizon), moving_average(y, horizon, 6))
    return np.median(np.stack(each), axis=0)


def mean_of_three(y: Matrix, horizon: int) -> Matrix:
    """The mean of simple smoothing, damped trend and Theta."""
    return (simple(y, horizon) + damped(y, horizon) + theta(y, horizon)) / 3


def seasonal_naive(y: Matrix, horizon: int, season: int) -> Matrix:
    """The value of a year before; the last value where a series has no full year."""
    if y.shape[1] < season:
        return naive(y, horizon)
    places = y.shape[1] - season + np.arange(horizon) % season
    return np.where((lengths(y) >= season)[:, None], y[:, places], naive(y, horizon))


def shrunk_seasons(y: Matrix, season: int) -> Matrix:
    """What each of the last `season` columns adds to its trend, drawn to zero as far as years differ; sums to zero.

    Series have two years or more.
    """
    width, kept = y.shape[1], lengths(y)
    trend = _trend(y, season, kept)
    apart = y - trend
    folded = np.full((len(y), -(-width // season) * season), np.nan)
    folded[:, -width:] = apart
    years = folded.reshape(len(y), -1, season)
    count = np.maximum(np.count_nonzero(~np.isnan(years), axis=1), 1)
    means = np.nansum(years, axis=1) / count
    means -= means.mean(axis=1, keepdims=True)
    noise = np.nansum((years - means[:, None, :]) ** 2, axis=(1, 2)) / np.maximum(kept - season - 1, 1)
    between = (means * means).sum(axis=1) / (season - 1)
    expected = noise * (1 / count).mean(axis=1)
    kept_part = np.where(between > 0, np.maximum(1 - expected / np.where(between > 0, between, 1), 0), 0)
    found: Matrix = means * kept_part[:, None]
    return found


def _trend(y: Matrix, season: int, kept: NDArray[np.int64]) -> Matrix:
    """The centred mean of a year, drawn on straight by the growth from the first year to the last."""
    width = y.shape[1]
    weights = np.full(season + 1, 1 / season)
    weights[[0, -1]] /= 2
    weights = weights if season % 2 == 0 else np.full(season, 1 / season)
    half = len(weights) // 2
    windows = np.lib.stride_tricks.sliding_window_view(y, len(weights), axis=1)
    trend = np.full(y.shape, np.nan)
    trend[:, half : width - half] = windows @ weights
    columns, first = np.arange(width), width - kept
    begun = np.take_along_axis(y, np.minimum(first[:, None] + np.arange(season), width - 1), axis=1).mean(axis=1)
    slope = ((y[:, -season:].mean(axis=1) - begun) / (kept - season).clip(1))[:, None]
    head, tail = first + half, width - half - 1
    before = np.take_along_axis(trend, np.minimum(head, tail)[:, None], axis=1) + slope * (columns - head[:, None])
    after = trend[:, tail : tail + 1] + slope * (columns - tail)
    trend = np.where(columns < head[:, None], before, trend)
    return np.where(columns > tail, after, trend)
