"""Statistics of trends: series -> S of Mann-Kendall, the slope of Sen, and how often chance gives as large an S."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from math import isnan, lcm
from typing import TypeAlias

import numpy as np

from loanperf.analytics._statistics import Floats

Places: TypeAlias = tuple[int, ...]
"""The numbers of the periods in which a series has a value, in order; the first period of all series is 0."""
PATHS = 9999
"""How many series without a trend are simulated."""
_PATHS_OF_EACH = 500
_RATES = np.arange(0, 20) / 20
"""The autocorrelations for which the bias is simulated: 0 to 0.95."""


def kendall_s(values: Sequence[Fraction | int], places: Sequence[int] | None = None, season: int = 1) -> int:
    """S of Mann and Kendall: pairs in which the later value is greater, less those in which it is smaller; exact.

    Pairs are those a whole number of seasons apart (Hirsch and Slack); without places, values stand one beside another.

    >>> kendall_s([1, 3, 2, 3]), kendall_s([1, 3, 2, 3], season=2)
    (3, 1)
    """
    order = {value: rank for rank, value in enumerate(sorted(set(values)))}
    ranked = np.array([order[value] for value in values], dtype=np.int64)
    at = np.arange(len(ranked)) if places is None else np.array(places)
    one, other = np.triu_indices(len(ranked), 1)
    return int(np.sign(ranked[other] - ranked[one])[(at[other] - at[one]) % season == 0].sum())


def pair_slopes(places: Sequence[int], values: Sequence[Fraction], season: int = 1) -> list[Fraction]:
    """The slopes between all pairs of points a whole number of seasons apart, in order; their median is that of Sen.

    >>> [str(slope) for slope in pair_slopes((0, 1, 3), [Fraction(1), Fraction(3), Fraction(2)])]
    ['-1/2', '1/3', '2']
    """
    count = len(places)
    gaps = lcm(*range(1, max(places) - min(places) + 1))
    over = lcm(*(value.denominator for value in values))
    whole = [int(value * over) * gaps for value in values]
    pairs = ((first, second) for first in range(count) for second in range(first + 1, count))
    steps = ((first, second) for first, second in pairs if (places[second] - places[first]) % season == 0)
    slopes = sorted((whole[second] - whole[first]) // (places[second] - places[first]) for first, second in steps)
    return [Fraction(slope, over * gaps) for slope in slopes]


def autocorrelation(panel: Sequence[tuple[Places, Floats]], rng: np.random.Generator, season: int = 1) -> float:
    """The autocorrelation of one period to the next that all series share, from 0 to 0.95.

    Each series is taken around its straight line and the means of its seasons, which makes it look less autocorrelated
    than it is. How much less is simulated for the same points, and set right; series that are such a line say nothing
    and are left out. One standard error, 1 / √(points of all series), is added, so that few series do not seem to have
    more trends.
    """
    every = [(places, float(_lag_one(places, values[None, :], season)[0])) for places, values in panel]
    seen = [(places, one) for places, one in every if not isnan(one)]
    if not seen:
        return 0.0
    counts = Counter(places for places, _ in seen)
    noise = rng.standard_normal((_PATHS_OF_EACH, max(places[-1] for places in counts) + 1))
    curve = [_biased(_paths(noise, rate), counts, season) for rate in _RATES]
    upper = np.mean([one for _, one in seen]) + sum(len(places) for places, _ in seen) ** -0.5
    return float(np.interp(upper, np.maximum.accumulate(curve), _RATES))


def simulated_s(
    places: Sequence[Places], rate: float, rng: np.random.Generator, season: int = 1
) -> dict[Places, Floats]:
    """By which points there are: |S| of `PATHS` series without a trend and with an autocorrelation, in order."""
    wanted = sorted(set(places))
    noise = rng.standard_normal((PATHS, max(one[-1] for one in wanted) + 1))
    paths = _paths(noise, rate).astype(np.float32)
    found = {one: np.zeros(PATHS, dtype=np.float32) for one in wanted}
    has = np.array([[place in one for one in wanted] for place in range(paths.shape[1])], dtype=np.float32)
    for gap in range(season, paths.shape[1], season):
        signs = np.sign(paths[:, gap:] - paths[:, :-gap]) @ (has[gap:] * has[:-gap])
        for column, one in enumerate(wanted):
            found[one] += signs[:, column]
    return {one: np.sort(np.abs(values)).astype(np.float64) for one, values in found.items()}


def p_value(s: int, simulated: Floats) -> Fraction:
    """How often a series without a trend has an |S| at least as large; never 0, since the series itself counts."""
    least = int(np.searchsorted(simulated, abs(s) - 0.5))
    return Fraction(len(simulated) - least + 1, len(simulated) + 1)


def slope_interval(slopes: Sequence[Fraction], simulated: Floats, level: Fraction) -> tuple[Fraction, Fraction]:
    """Between which slopes that of Sen lies: as many left off at each end as S may be off by chance."""
    by = float(simulated[min(len(simulated) - 1, int(level * len(simulated)))])
    off = max(0, int((len(slopes) - by) // 2))
    return slopes[off], slopes[-1 - off]


def discoveries(values: Sequence[Fraction], share: Fraction) -> list[bool]:
    """Which p-values stand out by Benjamini and Hochberg, so that at most a share of them is expected to be chance.

    >>> discoveries([Fraction(1, 100), Fraction(9, 10), Fraction(4, 100)], Fraction(1, 10))
    [True, False, True]
    """
    kept = [value for place, value in enumerate(sorted(values), 1) if value * len(values) <= share * place]
    return [bool(kept) and value <= kept[-1] for value in values]


def _paths(noise: Floats, rate: float) -> Floats:
    """Series of variance 1, each point `rate` times the one before, plus noise."""
    found = noise.copy()
    for place in range(1, noise.shape[1]):
        found[:, place] = rate * found[:, place - 1] + (1 - rate**2) ** 0.5 * noise[:, place]
    return found


def _biased(paths: Floats, counts: Counter[Places], season: int) -> float:
    """The mean autocorrelation that series with these points show."""
    means = [count * float(np.mean(_lag_one(places, paths[:, places], season))) for places, count in counts.items()]
    return sum(means) / counts.total()


def _lag_one(places: Places, rows: Floats, season: int) -> Floats:
    """The lag-1 autocorrelation of each row around its line and the means of its seasons; NaN where it is that line."""
    at = np.array(places)
    means = at[:, None] % season == np.unique(at % season)
    base, _ = np.linalg.qr(np.column_stack((means, at - at.mean())))
    around = rows - rows @ base @ base.T
    squares = (around**2).sum(axis=1)
    products = (around[:, 1:] * around[:, :-1])[:, np.diff(places) == 1].sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(squares > 1e-18, products / squares, np.nan)
