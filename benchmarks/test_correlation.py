"""How often a correlation is said where there is none, and how often one is found, by simulation with fixed seeds.

`pytest benchmarks/test_correlation.py -s` prints the tables; the full size is 1,000 panels a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from time import process_time
from types import MappingProxyType

import numpy as np
import pytest
from benchmarks.sizes import sized

import loanperf as lp
from loanperf.analytics import Correlations, PastValues, correlate
from loanperf.analytics._correlation import CorrelationKind
from loanperf.analytics._correlation_statistics import between_people, summed, within_people
from loanperf.analytics._statistics import Floats, rank_correlation
from loanperf.viewer import Viewer

ALL = Viewer(who="hr", sees="all")
MANY = 10_000
"""People of the panel whose correlation is the true one."""
PANELS = sized(1_000, least=50)
MONTHS = [lp.Period.month(2025 + number // 12, number % 12 + 1) for number in range(24)]
ALIKE: Mapping[str, float] = MappingProxyType(
    {"people": 1.0, "rate": 0.6, "months": 0.0, "between": 0.0, "within": 0.0}
)
CASES = {
    "months of a person alike": (40, 12, {}),
    "people do not differ": (40, 12, {"people": 0.0}),
    "autocorrelation 0.9": (40, 12, {"rate": 0.9}),
    "a month moves all, in both": (40, 12, {"months": 1.0}),
    "and half of the people come or go": (40, 12, {"months": 1.0, "gaps": 1.0}),
    "and most values are 0, some large": (40, 12, {"months": 1.0, "gaps": 1.0, "skew": 1.0}),
    "10 people, 6 months": (10, 6, {}),
    "20 people, 24 months": (20, 24, {"months": 0.5, "skew": 1.0}),
}
TRUE = {
    "between people 0.5": (40, 12, {"between": 0.5}),
    "between people 0.5, 100 people": (100, 12, {"between": 0.5}),
    "within people 0.3": (40, 12, {"within": 0.3}),
    "within people 0.3, 10 people": (10, 12, {"within": 0.3}),
}


def autocorrelated(rng: np.random.Generator, rows: int, months: int, rate: float) -> Floats:
    """Series of variance 1, each value `rate` times the one before, plus noise."""
    found = rng.standard_normal((rows, months))
    for place in range(1, months):
        found[:, place] = rate * found[:, place - 1] + (1 - rate**2) ** 0.5 * found[:, place]
    return found


def panel(rng: np.random.Generator, people: int, months: int, how: Mapping[str, float], count: int = 2) -> list[Floats]:
    """Indicators of the same people: what a person always has, plus what comes and goes, plus what moves all."""
    how = {**ALIKE, **how}
    own = [rng.standard_normal((people, 1)) for _ in range(count)]
    moves = [autocorrelated(rng, people, months, how["rate"]) for _ in range(count)]
    if count == 2:
        own[1], moves[1] = (
            by * one + (1 - by**2) ** 0.5 * other
            for by, (one, other) in ((how["between"], own), (how["within"], moves))
        )
    shock = autocorrelated(rng, 1, months, 0.6)
    values = [how["people"] * a + b + how["months"] * shock for a, b in zip(own, moves, strict=True)]
    if how.get("skew"):
        values = [np.maximum(np.exp(one) - 1.5, 0) for one in values]
    if how.get("gaps"):
        begin = rng.integers(0, months - 3, people)
        end = np.maximum(begin + 3, rng.integers(3, months + 1, people))
        begin[: people // 2], end[: people // 2] = 0, months
        place = np.arange(months)
        there = (place >= begin[:, None]) & (place < end[:, None])
        values = [np.where(there, one, np.nan) for one in values]
    return values


def past(values: Floats) -> PastValues:
    return PastValues(
        values={
            f"{who:03}": {month: float(one) for month, one in zip(MONTHS, row, strict=False) if not np.isnan(one)}
            for who, row in enumerate(values)
        },
        unit="",
    )


def of(values: list[Floats], seed: int) -> Correlations:
    return correlate(
        {f"i{place}": past(one) for place, one in enumerate(values)}, viewer=ALL, rng=np.random.default_rng(seed)
    )


def pooled(one: Floats, other: Floats) -> bool:
    """Whether Spearman's test would say something if person-months were as many people, at 5%."""
    there = ~np.isnan(one)
    r, count = rank_correlation(one[there], other[there]), int(there.sum())
    return bool(abs(r) * ((count - 2) / (1 - r * r)) ** 0.5 > 1.96)


def share(found: list[bool]) -> float:
    return sum(found) / len(found)


def test_false_positives() -> None:
    """Without any link p is 5% or less in about 5% of panels; at most 6%, and a margin of three standard errors."""
    print(f"\n{'no link':40}pooled  between  within  ({PANELS} panels; p of 5% or less)")
    for number, (name, (people, months, how)) in enumerate(CASES.items()):
        rng = np.random.default_rng([1, number])
        wrong: dict[str, list[bool]] = {"pooled": [], "between": [], "within": []}
        for seed in range(PANELS):
            values = panel(rng, people, months, how)
            wrong["pooled"].append(pooled(*values))
            for test in of(values, seed).tests:
                wrong[test.kind].append(test.p is not None and float(test.p) <= 0.05)
        shares = {kind: share(some) for kind, some in wrong.items()}
        print(f"{name:40}{shares['pooled']:.3f}   {shares['between']:.3f}    {shares['within']:.3f}")
        for kind in ("between", "within"):
            assert shares[kind] <= 0.06 + 3 * (0.06 * 0.94 / PANELS) ** 0.5


def test_false_discoveries_over_a_matrix() -> None:
    """Six indicators without any link are 30 tests: in about a tenth of matrices, at most, anything is said."""
    rng = np.random.default_rng(2)
    said, raw = [], []
    for seed in range(PANELS):
        tests = of(panel(rng, 40, 12, {"months": 0.5}, count=6), seed).tests
        said.append(any(test.stands_out for test in tests))
        raw.append(any(float(test.p or 1) <= 0.05 for test in tests))
    print(f"\nof {PANELS} matrices of {len([*combinations(range(6), 2)])} pairs without a link, anything is said in")
    print(f"{share(said):.3f} as it is corrected, in {share(raw):.3f} where p of 5% is enough")
    assert share(said) <= 0.10 + 3 * (0.1 * 0.9 / PANELS) ** 0.5


@pytest.mark.parametrize("name", TRUE)
def test_what_is_there_is_found_and_intervals_hold(name: str) -> None:
    """The true correlation is that of a panel of 10,000 people; the 95% interval holds it in 92% to 98% of panels."""
    people, months, how = TRUE[name]
    kind: CorrelationKind = "within" if "within" in how else "between"
    parts = between_people if kind == "between" else within_people
    one, other = panel(np.random.default_rng(3), MANY, months, how)
    true = summed(*parts(one, other, np.ones((MANY, months), dtype=bool))).r
    rng = np.random.default_rng([4, *name.encode()])
    tests = [of(panel(rng, people, months, how), seed).of("i0", "i1", kind) for seed in range(PANELS)]
    held = share([float(test.low or 0) <= true <= float(test.high or 0) for test in tests])
    mean = float(np.mean([float(test.r or 0) for test in tests]))
    found = share([test.stands_out for test in tests])
    print(f"\n{name:34}true {true:.3f}  mean {mean:.3f}  held {held:.3f}  found {found:.2f}")
    assert abs(held - 0.95) <= 0.03 + 3 * (0.05 * 0.95 / PANELS) ** 0.5


def test_how_long_it_takes() -> None:
    """Eight indicators of 200 people over 24 months; nothing is asserted about time, since machines are shared."""
    values = panel(np.random.default_rng(5), 200, 24, {}, count=8)
    begun = process_time()
    found = of(values, 1)
    print(f"\n{len(found.tests)} tests of 200 people over 24 months: {process_time() - begun:.2f} s of processor time")
