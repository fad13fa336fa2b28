"""Rule: how long a history is -> by which method it goes on.

Seasons are multiples of a series whose values are all above zero, else amounts that are added to it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from loanperf.analytics._forecast._methods import (
    Matrix,
    lengths,
    mean_of_three,
    middle_of_five,
    naive,
    seasonal_naive,
    shrunk_seasons,
)

LAST, MIDDLE, BLEND, MOVED, SEASONS = range(5)
"""Places of the candidates: the last value, the median, half of it and the year before, that year, seasons."""
FEWEST = 6
"""A series of fewer values goes on with its last one."""


def _told(y: Matrix) -> tuple[NDArray[np.bool_], Matrix]:
    """Whether all values of each series are above zero, as a column; and the series, in logarithms where they are."""
    told = (np.nan_to_num(y, nan=1.0).min(axis=1) > 0)[:, None]
    return told, np.where(told, np.log(np.where(told, y, 1.0)), y)


def moved(y: Matrix, horizon: int, season: int) -> Matrix:
    """The seasonal naive forecast, raised or lowered by the average growth of the last half year over the year before.

    Growth is the difference from the same month a year earlier, taken where both months have a value; of logarithms
    where all values are above zero. With no such month it is the seasonal naive forecast. A series has a year or more.
    """
    told, z = _told(y)
    grown = (z[:, season:] - z[:, :-season])[:, -(season // 2) :]
    count = np.count_nonzero(~np.isnan(grown), axis=1)
    found = seasonal_naive(z, horizon, season) + (np.nansum(grown, axis=1) / np.maximum(count, 1))[:, None]
    ahead: Matrix = np.where(told, np.exp(found), found)
    return ahead


def with_seasons(y: Matrix, horizon: int, season: int) -> Matrix:
    """Without its seasons by the median of five, from four years on by the mean of three; then with its seasons.

    A series has two years or more.
    """
    told, z = _told(y)
    seasons = shrunk_seasons(z, season)
    level = z - seasons[:, (np.arange(y.shape[1]) - y.shape[1]) % season]
    level = np.where(told, np.exp(np.where(told, level, 0.0)), level)
    long = lengths(y) >= 4 * season
    ahead = np.empty((len(y), horizon))
    for rows, method in ((~long, middle_of_five), (long, mean_of_three)):
        if rows.any():
            ahead[rows] = method(level[rows], horizon)
    added = seasons[:, np.arange(horizon) % season]
    return np.where(told, ahead * np.exp(np.where(told, added, 0.0)), ahead + added)


def candidates(y: Matrix, horizon: int, season: int) -> Matrix:
    """What each method says of each series and step, by the places above.

    Of two years and more each but the last value says what seasons do; of less than a year what the median does.
    """
    kept = lengths(y)
    two = kept >= 2 * season
    found = np.empty((5, len(y), horizon))
    if two.any():
        found[:, two] = with_seasons(y[two], horizon, season)
    if not two.all():
        found[:, ~two] = middle_of_five(y[~two], horizon)
        year = ~two & (kept >= season)
        if year.any():
            found[MOVED, year] = moved(y[year], horizon, season)
            found[BLEND] = (found[MIDDLE] + found[MOVED]) / 2
    found[LAST] = naive(y, horizon)
    return found


def is_open(kept: NDArray[np.int64], season: int) -> NDArray[np.bool_]:
    """Which histories are of a length at which the panel chooses: 15 to 23 months, 5 to 7 quarters."""
    found: NDArray[np.bool_] = (kept >= season + season // 4) & (kept < 2 * season)
    return found


def by_length(kept: NDArray[np.int64], season: int, chosen: int) -> NDArray[np.int64]:
    """The place of the method of each series; `chosen` where the panel chooses."""
    found = np.full(len(kept), MIDDLE)
    found[kept < FEWEST] = LAST
    found[kept >= season] = BLEND
    found[is_open(kept, season)] = chosen
    found[kept >= 2 * season] = SEASONS
    return found
