"""Errors of forecasts: what was said and what came -> how far off that was, by the measures that are usual."""

from __future__ import annotations

import numpy as np

from loanperf.analytics._forecast._methods import Matrix, Vector


def moves(y: Matrix, power: int = 1) -> Vector:
    """By how much each series changes from one period to the next: the mean of the changes to a power; 0 of one value.

    With the first power it is the error of the naive forecast within the history, by which MASE scales (Hyndman and
    Koehler 2006).
    """
    steps = np.abs(np.diff(y, axis=1)) ** power
    found: Vector = np.nansum(steps, axis=1) / np.maximum(np.count_nonzero(~np.isnan(steps), axis=1), 1)
    return found


def naive_scaled(said: Matrix, came: Matrix, before: Matrix, power: int = 1) -> Vector:
    """The mean error of each series to a power, over that of the naive forecast in its history; NaN where that is 0.

    With the first power it is MASE; the root of it with the second is RMSSE (the M5 competition).
    """
    size = moves(before, power)
    found: Vector = np.mean(np.abs(said - came) ** power, axis=1) / np.where(size > 0, size, np.nan)
    return found


def mape(said: Matrix, came: Matrix) -> float:
    """MAPE: the mean of |error| over |what came|, where that is not 0; NaN where it is 0 everywhere."""
    parts = (np.abs(said - came) / np.where(came == 0, np.nan, np.abs(came)))[~np.isnan(said)]
    known = parts[~np.isnan(parts)]
    return float(known.mean()) if len(known) else float("nan")
