"""How often a trend is said where there is none, and how often one is found, by simulation with fixed seeds.

`pytest benchmarks/test_trend.py -s` prints the tables; the full size is 100 panels a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from time import process_time

import numpy as np
from benchmarks.sizes import sized

import loanperf as lp
from loanperf.analytics import Trends, trend
from loanperf.viewer import Viewer

ALL = Viewer(who="hr", sees="all")
MONTHS = [lp.Period.month(2025 + number // 12, number % 12 + 1) for number in range(36)]
PANELS = sized(100, least=10)
SUBJECTS, WITH_TREND, STEP = 60, 12, 0.35


def simulated(
    rng: np.random.Generator, months: int, rate: float, with_trend: int, *, step: float = STEP, swing: float = 0
) -> Trends:
    """A panel of autocorrelated series of variance 1; the first ones fall, and all swing in the course of a year."""
    noise = rng.standard_normal((SUBJECTS, months))
    values = noise.copy()
    for place in range(1, months):
        values[:, place] = rate * values[:, place - 1] + (1 - rate**2) ** 0.5 * noise[:, place]
    values += swing * np.sin(np.arange(months) * np.pi / 6)
    values[:with_trend] -= step * np.arange(months)
    points = [
        (f"{subject:02}", MONTHS[place], Fraction(round(float(value) * 1000), 1000))
        for subject, row in enumerate(values)
        for place, value in enumerate(row)
    ]
    season = 12 if swing else 1
    return trend(points, what=lp.Label("rate", "比率"), viewer=ALL, rng=rng, unit="", season=season)


def cases() -> Iterator[tuple[int, float]]:
    yield from ((months, rate) for months in (9, 12, 15, 18, 21, 24) for rate in (0.0, 0.3, 0.6))


def test_false_positives() -> None:
    """Without any trend p is below 5% in about 5% of series; at most 6%, and a margin of three standard errors."""
    print(f"\nmonths  rate  false positives at 5%  ({PANELS} panels of {SUBJECTS})")
    for months, rate in cases():
        rng = np.random.default_rng([1, months, int(rate * 10)])
        found = [one for _ in range(PANELS) for one in simulated(rng, months, rate, 0).series]
        share = sum(one.p is not None and one.p <= Fraction(5, 100) for one in found) / len(found)
        print(f"{months:6}  {rate:4}  {share:.3f}")
        assert share <= 0.06 + 3 * (0.06 * 0.94 / len(found)) ** 0.5


def test_false_discoveries() -> None:
    """With trends in a fifth of series: of those said, which share is chance, and which share of trends is found."""
    print(f"\nmonths  rate  false discoveries  found  ({PANELS} panels, {WITH_TREND} of {SUBJECTS} fall)")
    for months, rate in cases():
        rng = np.random.default_rng([2, months, int(rate * 10)])
        shares, hits = [], 0
        for _ in range(PANELS):
            said = [one.subject for one in simulated(rng, months, rate, WITH_TREND).series if one.shows_trend]
            true = sum(int(subject) < WITH_TREND for subject in said)
            shares.append((len(said) - true) / max(1, len(said)))
            hits += true
        share = float(np.mean(shares))
        print(f"{months:6}  {rate:4}  {share:.3f}              {hits / WITH_TREND / PANELS:.2f}")
        assert share <= 0.12 + 3 * float(np.std(shares)) / PANELS**0.5


def test_seasons() -> None:
    """Series that swing by three standard deviations, months compared with the same month of other years alone."""
    print(f"\nmonths  rate  false positives at 5%  found  ({PANELS} panels, {WITH_TREND} of {SUBJECTS} fall by 0.1)")
    for months, rate in ((months, rate) for months in (24, 36) for rate in (0.0, 0.3, 0.6)):
        rng = np.random.default_rng([3, months, int(rate * 10)])
        level = [one for _ in range(PANELS) for one in simulated(rng, months, rate, 0, swing=3).series]
        share = sum(one.p is not None and one.p <= Fraction(5, 100) for one in level) / len(level)
        panels = [simulated(rng, months, rate, WITH_TREND, step=0.1, swing=3).series for _ in range(PANELS)]
        hits = sum(one.shows_trend and int(one.subject) < WITH_TREND for panel in panels for one in panel)
        print(f"{months:6}  {rate:4}  {share:.3f}                  {hits / WITH_TREND / PANELS:.2f}")
        assert share <= 0.06 + 3 * (0.06 * 0.94 / len(level)) ** 0.5


def test_how_long_it_takes() -> None:
    """Sixty regions over 24 months; nothing is asserted about time, since machines are shared."""
    begun = process_time()
    simulated(np.random.default_rng(3), 24, 0.3, 12)
    print(f"\n{SUBJECTS} series of 24 months: {process_time() - begun:.2f} s of processor time")
