"""How far the effect of a training is off, and how often its interval holds it, by simulation with fixed seeds.

`pytest benchmarks/test_effect.py -s` prints the tables; the full size is 1,000 panels a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import process_time
from typing import Any

import numpy as np
import pytest
from benchmarks.sizes import sized

import loanperf as lp
from loanperf.analytics import PastValues, TrainingEffect, training_effect
from loanperf.analytics._statistics import Floats
from loanperf.viewer import Viewer

ALL = Viewer(who="hr", sees="all")
PANELS = sized(1_000, least=50)
MONTHS = [lp.Period.month(2025 + number // 12, number % 12 + 1) for number in range(36)]
USUAL: Mapping[str, Any] = {
    "people": 40,
    "sent": 8,
    "before": 6,
    "after": 6,
    "rate": 0.5,
    "effect": 0.0,
    "chosen": "worst",
    "own": 1.0,
    "skew": False,
}
"""NPL ratios of 4% on average, by 1 point higher or lower by person, and by 1 point from month to month."""
CASES: Mapping[str, Mapping[str, Any]] = {
    "the worst of the last quarter sent": {},
    "the same, true effect -2": {"effect": -2.0},
    "worse people sent more often": {"chosen": "worse"},
    "sent by lot": {"chosen": "lot"},
    "12 months before": {"before": 12},
    "people hardly differ": {"own": 0.3},
    "months more alike, 0.8": {"rate": 0.8},
    "5 of 40 sent": {"sent": 5},
    "5 of 20 sent": {"sent": 5, "people": 20},
    "20 of 40 sent": {"sent": 20},
    "half sent now, others later": {"sent": 8, "later": 8, "effect": -1.0},
}
SKEWED: Mapping[str, Mapping[str, Any]] = {
    "a few months very bad, the worst sent": {"skew": True},
    "a few months very bad, sent by lot": {"skew": True, "chosen": "lot"},
}
"""Ratios whose months are far from normal; of these the bias is shown and not held to 0.1 points."""


def panel(rng: np.random.Generator, how: Mapping[str, Any]) -> tuple[Floats, dict[str, lp.Period]]:
    """Figures in percent of people by month, and who was trained when."""
    people, begin = how["people"], how["before"]
    months = begin + 1 + how["after"] + (6 if how.get("later") else 0)
    noise = rng.standard_normal((people, months))
    for place in range(1, months):
        noise[:, place] = how["rate"] * noise[:, place - 1] + (1 - how["rate"] ** 2) ** 0.5 * noise[:, place]
    if how["skew"]:
        noise = (np.exp(noise) - np.e**0.5) / (np.e * (np.e - 1)) ** 0.5
    values = 4 + how["own"] * rng.standard_normal((people, 1)) + noise + 0.1 * np.arange(months)
    sent = {str(who): begin for who in chosen(rng, values, begin, how)[: how["sent"]]}
    if how.get("later"):
        rest = [who for who in chosen(rng, values, begin + 6, how) if str(who) not in sent]
        sent |= {str(who): begin + 6 for who in rest[: how["later"]]}
    for who, when in sent.items():
        values[int(who), when:] += how["effect"]
    return values, {who: MONTHS[when] for who, when in sent.items()}


def chosen(rng: np.random.Generator, values: Floats, begin: int, how: Mapping[str, Any]) -> list[int]:
    """Everybody, those first who are sent first."""
    last = values[:, begin - 3 : begin].mean(axis=1)
    noise = rng.standard_normal(len(values))
    score = {"worst": last, "worse": last + noise, "lot": noise}[how["chosen"]]
    return [int(who) for who in np.argsort(-score)]


def of(rng: np.random.Generator, how: Mapping[str, Any]) -> TrainingEffect:
    values, sent = panel(rng, how)
    history = {str(who): dict(zip(MONTHS, (row / 100).tolist(), strict=False)) for who, row in enumerate(values)}
    return training_effect(
        PastValues(values=history, unit="%"), sent, what=lp.Label("NPL ratio", "不良率"), viewer=ALL, after=how["after"]
    )


@pytest.mark.parametrize("name", [*CASES, *SKEWED])
def test_bias_and_coverage(name: str) -> None:
    """The bias is 0.1 points at most and the interval holds in 93% to 97%, with margins of three standard errors."""
    how = {**USUAL, **CASES.get(name, {}), **SKEWED.get(name, {})}
    rng = np.random.default_rng([1, *name.encode()])
    off: dict[str, list[float]] = {}
    held: dict[str, list[bool]] = {}
    found, false = [], []
    for _ in range(PANELS):
        effect = of(rng, how)
        for one in effect.estimates:
            off.setdefault(one.kind, []).append(float(one.value) * 100 - how["effect"])
            held.setdefault(one.kind, []).append(float(one.low) * 100 <= how["effect"] <= float(one.high) * 100)
        found.append(effect.of("covariance").stands_out)
        false.append(any(one.kind == "placebo" and one.stands_out for one in effect.estimates))
    bias = {kind: float(np.mean(some)) for kind, some in off.items()}
    share = {kind: float(np.mean(some)) for kind, some in held.items()}
    both = "  ".join(f"{kind} {bias[kind]:+.2f} ({share[kind]:.3f})" for kind in ("covariance", "differences"))
    print(f"\n{name:38}{both}  alone {bias['alone']:+.2f}  found {np.mean(found):.2f}  placebo {np.mean(false):.3f}")
    if name in CASES:
        assert abs(bias["covariance"]) <= 0.1 + 3 * float(np.std(off["covariance"])) / PANELS**0.5
    assert abs(share["covariance"] - 0.95) <= 0.02 + 3 * (0.05 * 0.95 / PANELS) ** 0.5
    assert np.mean(false) <= 0.06 + 3 * (0.06 * 0.94 / PANELS) ** 0.5


def test_how_often_the_smallest_detectable_effect_is_found() -> None:
    """Where the true effect is what a first panel says could be found, it is found in about four cases of five."""
    rng = np.random.default_rng(2)
    least = float(np.mean([float(of(rng, USUAL).detectable) * 100 for _ in range(PANELS)]))
    found = float(np.mean([of(rng, {**USUAL, "effect": -least}).of("covariance").stands_out for _ in range(PANELS)]))
    print(f"\nan effect of {least:.2f} points is found in {found:.2f}")
    assert abs(found - 0.8) <= 0.05 + 3 * (0.2 * 0.8 / PANELS) ** 0.5


def test_how_long_it_takes() -> None:
    """A thousand people over a year; nothing is asserted about time, since machines are shared."""
    rng = np.random.default_rng(3)
    begun = process_time()
    of(rng, {**USUAL, "people": 1000, "sent": 200})
    print(f"\n1,000 people, 200 trained: {process_time() - begun:.2f} s of processor time")
