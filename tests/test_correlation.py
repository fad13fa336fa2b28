"""Correlations: between people and within them apart, chance drawn by whole people, and nothing said of too few."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng

import loanperf as lp
from loanperf.analytics import Correlations, Exact, Interval, PastValues, correlate
from loanperf.analytics._correlation_statistics import (
    PersonSums,
    as_much_between,
    as_much_within,
    between_people,
    interval,
    within_people,
    without_means,
)
from loanperf.analytics._statistics import rank_correlation, t_quantile
from loanperf.viewer import Viewer

ALL = Viewer(who="hr", sees="all")
MONTHS = [f"2026-{number:02}" for number in range(1, 13)]
KEPT, BAD = "retention_rate", "npl_ratio"


def past(rows: Sequence[Sequence[Any]], unit: str = "") -> PastValues:
    """A row a person, a value a month; None where there is none."""
    values = {
        f"p{who:02}": {month: one for month, one in zip(MONTHS, row, strict=False) if one is not None}
        for who, row in enumerate(rows)
    }
    return PastValues(values=values, unit=unit)


def of(one: Sequence[Sequence[Any]], other: Sequence[Sequence[Any]], **how: Any) -> Correlations:
    return correlate({KEPT: past(one), BAD: past(other)}, **{"viewer": ALL, "rng": default_rng(7), **how})


def case(published: Sequence[dict[str, Any]], wanted: str) -> dict[str, Any]:
    return next(one for one in published if one["id"] == wanted)


# ── published, and by hand ──────────────────────────────────────────────────────────────────────────────────


def test_the_published_rank_correlation_of_iq_and_television(published: list[dict[str, Any]]) -> None:
    """Ten people without ties, each the same in three months: the correlation between people is the published one."""
    found = case(published, "spearman-iq-tv")
    x, y = (np.array([float(one) for one in found["inputs"][name]]) for name in "xy")
    rho = float(found["expected"]["rho"])
    assert rho == pytest.approx(rank_correlation(x, y), abs=1e-8)
    test = of([[one] * 3 for one in x], [[one] * 3 for one in y]).of(KEPT, BAD, "between")
    assert Fraction(round(rho, 3)).limit_denominator(1000) == test.r
    assert "not told from chance" == test.outcome.en
    assert abs(float(test.p or 0) - 0.627) < 0.03  # the two-sided p of its source, by the t distribution


def test_quantiles_are_those_of_the_tables() -> None:
    """Of Student's distribution, 97.5%, as every book prints them."""
    for freedom, printed in ((4, 2.776), (5, 2.571), (8, 2.306), (10, 2.228), (30, 2.042)):
        assert printed == pytest.approx(t_quantile(0.975, freedom), abs=0.0015)


def test_ranks_of_people_do_not_depend_on_when_they_were_there() -> None:
    """Each month is twice the one before: c is the lower of two in both months, b the upper; a is between.

    Shares of January: a 1/4, b 3/4; of February: c 1/4, b 3/4; of March: a 3/4, c 1/4. Means: a 1/2, b 3/4, c 1/4.
    """
    values = np.array([[1.0, 0, 8], [2, 4, 0], [0, 3, 6]])
    there = np.array([[True, False, True], [True, True, False], [False, True, True]])
    ranks, _ = between_people(values, values, there)
    assert [0, 1, -1] == ranks.tolist()


def test_what_is_within_people_has_neither_their_level_nor_that_of_the_month() -> None:
    """Ranks 1 4 / 2 3: means of people 2.5, of months 1.5 and 3.5, of all 2.5: what is left is ±0.5."""
    there = np.ones((2, 2), dtype=bool)
    left, _ = within_people(np.array([[10.0, 40], [20, 30]]), np.array([[1.0, 2], [3, 4]]), there)
    assert [[-0.5, 0.5], [0.5, -0.5]] == left.tolist()
    some = np.array([[True, True, False], [True, True, True]])
    left = without_means(np.array([[1.0, 5, 0], [2, 3, 9]]), some)
    assert np.abs(left.sum(axis=0)).max() < 1e-6 > np.abs(left.sum(axis=1)).max()
    assert 0 == left[0, 2]


def test_chance_moves_whole_people() -> None:
    """Of four people 2 of 24 orders go together as the same order does; of 16 signs 2 sum to as much."""
    order = np.array([-1.5, -0.5, 0.5, 1.5])
    assert 1 / 12 == pytest.approx(as_much_between([(order, order)], 5)[0] / 9999, abs=0.01)
    assert 1 / 8 == pytest.approx(as_much_within([np.ones(4)], 5)[0] / 9999, abs=0.01)


def test_the_interval_is_that_of_the_jackknife() -> None:
    """The correlation is 2/4; without one person 1/3, 1/3, 2/3, 2/3.

    Fisher's z of these are 0.3466 and 0.8047: the error is 0.4581.
    That of 1/2 is 0.5493, and 3.18 errors more and less are -0.907 and 2.006, of r = -0.72 and 0.964.
    """
    low, high = interval(PersonSums(np.ones(4), np.ones(4), np.array([1.0, 1, 0, 0])), 0.95)
    assert [-0.720, 0.964] == pytest.approx([low, high], abs=0.002)


LEVELS = [[10 * who + place % 3 for place in range(6)] for who in range(12)]
OPPOSED = [[-10 * who + (place + who) % 2 for place in range(6)] for who in range(12)]


def test_a_pair_that_goes_together_is_said_with_people_months_interval_and_what_it_does_not_show() -> None:
    """Who keeps more customers has fewer bad loans, without exception; within people there is nothing."""
    found = of(LEVELS, OPPOSED)
    said = found.findings[1]
    assert (
        "NPL ratio and retention rate: people who are higher in the one are lower in the other, r = -1 (12 people, "
        "6 periods, 72 people × periods)" == said.label.en
    )
    assert "前者较高的人员，后者较低，相关系数 -1（12 人、6 期、72 个人期）" in said.label.zh
    assert Interval(low=Fraction(-1), high=Fraction(-1), level=Fraction(95, 100)) == said.certainty
    assert 12 == said.n
    assert "permutations of whole people" in said.method.en
    assert "it does not show: a cause" in said.text()
    assert "不能证明因果关系" in said.text("zh")
    assert ["go against each other", "nothing can be said"] == [one.outcome.en for one in found.tests]
    assert Fraction(1, 10000) == found.of(KEPT, BAD, "between").p
    assert found == Correlations.from_data(found.data())
    assert 2 == len(found.frame()["one"])
    assert 1 == len(found.chart()["data"]["values"])


def test_within_people_the_level_of_a_person_plays_no_part() -> None:
    """Each person moves the same way in both, in months of their own, and levels are the other way round."""
    moves = [[(place * (who % 3 + 1)) % 7 for place in range(12)] for who in range(12)]
    one = [[100 * who + move for move in row] for who, row in enumerate(moves)]
    other = [[-100 * who + move for move in row] for who, row in enumerate(moves)]
    found = of(one, other)
    assert found.of(KEPT, BAD, "between").r == -1
    within = found.of(KEPT, BAD, "within")
    assert (within.r or 0) > Fraction(9, 10)
    assert within.stands_out
    assert any("higher than usual in the one, they are higher" in one.label.en for one in found.findings)
    assert any("同一人员前者高于平时的期间，后者也高于平时" in one.label.zh for one in found.findings)


def test_a_lag_compares_with_what_came_later() -> None:
    """The other is the one of two months before: with that lag both are equal."""
    one = [[(place * (who + 2)) % 11 for place in range(12)] for who in range(12)]
    other = [[None, None, *row[:10]] for row in one]
    found = of(one, other, pairs=[(KEPT, BAD)], lag=2)
    assert 1 == found.of(KEPT, BAD, "within").r
    assert 10 == found.of(KEPT, BAD, "within").months
    assert "NPL ratio, 2 periods later" in found.findings[1].label.en
    assert "2 期后的不良率" in found.findings[1].label.zh
    with pytest.raises(lp.errors.DataError, match="not among the tests"):
        found.of(BAD, KEPT, "within")


# ── what cannot be said ─────────────────────────────────────────────────────────────────────────────────────


def test_too_few_people_or_months_and_what_does_not_vary_are_said_and_not_tested() -> None:
    """Nine people are too few; constant series have no correlation; who has two months is left out."""
    few = of(LEVELS[:9], OPPOSED[:9])
    assert ["nothing can be said"] * 2 == [one.outcome.en for one in few.tests]
    assert "9 people have both in 3 periods or more, and it takes 10" in few.text()
    assert "仅 9 人，至少需要 10 人" in few.text("zh")
    assert "nothing can be said" in of(LEVELS[:1], OPPOSED[:1]).text()
    flat = of(LEVELS, [[5] * 6] * 12)
    assert "as one of them does not vary" in flat.text()
    assert all(one.r is None for one in flat.tests)
    level = of([[who] * 6 for who in range(12)], OPPOSED)
    assert level.of(KEPT, BAD, "between").r == -1
    assert level.of(KEPT, BAD, "within").r is None
    gone = of([*LEVELS, [1, 2]], [*OPPOSED, [3, 4]])
    assert "1 people are left out, who have both in fewer than 3 periods" in gone.text()
    assert 12 == gone.of(KEPT, BAD, "between").people


def test_only_people_whom_the_viewer_may_see_take_part() -> None:
    """Ten of twelve are seen; who sees nobody is refused."""
    found = of(LEVELS, OPPOSED, viewer=Viewer(who="lead", sees=[f"p{who:02}" for who in range(2, 12)]))
    assert 10 == found.tests[0].people
    with pytest.raises(lp.errors.DataError, match="nobody whom the viewer may see"):
        of(LEVELS, OPPOSED, viewer=Viewer(who="x", sees="self"))


def test_ratios_are_what_stands_above_over_what_stands_below() -> None:
    """One bad loan of 10 is more than two of 40; nothing below is refused."""
    above = past([[who % 2 + 1] * 3 for who in range(12)]).values
    below = past([[40 if who % 2 else 10] * 3 for who in range(12)]).values
    ratios = PastValues(values=above, out_of=below, unit="%")
    found = correlate(
        {KEPT: past([[who % 2] * 3 for who in range(12)]), BAD: ratios}, viewer=ALL, rng=np.random.default_rng(1)
    )
    assert found.of(KEPT, BAD, "between").r == -1
    nothing = {who: {**row, next(iter(row)): 0} for who, row in below.items()}
    with pytest.raises(lp.errors.DataError, match="nothing that it is a ratio of"):
        correlate(
            {KEPT: past(LEVELS), BAD: PastValues(values=above, out_of=nothing, unit="%")},
            viewer=ALL,
            rng=np.random.default_rng(1),
        )


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"rng": 1}, "numpy.random.default_rng"),
        ({"lag": 13}, "lag: it is 13"),
        ({"lag": 1}, "name which indicator comes first"),
        ({"pairs": []}, "there is none"),
        ({"pairs": 5}, "the pairs: it is no list"),
        ({"pairs": [([KEPT], BAD)]}, "name two of: npl_ratio, retention_rate"),
        ({"names": None}, "names: it is no Mapping"),
        ({"pairs": [(KEPT, "x")]}, "name two of: npl_ratio, retention_rate"),
        ({"pairs": [(KEPT, BAD), (BAD, KEPT)]}, "are there twice"),
        ({"names": {KEPT: lp.Label("kept", "")}}, "the name of retention_rate"),
        ({"viewer": "hr"}, "viewer"),
    ],
)
def test_arguments_that_cannot_be_used_are_refused(how: dict[str, Any], said: str) -> None:
    with pytest.raises(lp.errors.DataError, match=said):
        of(LEVELS, OPPOSED, **how)


def test_indicators_that_cannot_be_used_are_refused() -> None:
    """One alone, months beside quarters, a value that is not a number, a row that is there twice."""
    with pytest.raises(lp.errors.DataError, match="there are 1"):
        correlate({KEPT: past(LEVELS)}, viewer=ALL, rng=default_rng(1))
    with pytest.raises(lp.errors.DataError, match="the code of an indicator: it is ''"):
        correlate({"": past(LEVELS), KEPT: past(LEVELS)}, viewer=ALL, rng=default_rng(1))
    quarters = PastValues(values={"p00": {"2026-Q1": 1}})
    with pytest.raises(lp.errors.DataError, match="some are of months, some of quarters"):
        correlate({KEPT: past(LEVELS), BAD: quarters}, viewer=ALL, rng=default_rng(1))
    with pytest.raises(lp.errors.DataError, match="it is nan"):
        past([[float("nan")]])
    rows = {"subject": ["p1", "p1"], "period": ["2026-01", "2026-01"], "value": [1, 2]}
    with pytest.raises(lp.errors.DataError, match="there are two values"):
        PastValues.of_table(rows)


# ── advice ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_correlation_becomes_a_version_that_can_be_proposed() -> None:
    """Retention weighs 15% instead of 10%; the others scale, the sum stays 100%, and the scheme stays as it was."""
    scheme = lp.template("consumer-finance")
    because: dict[str, Any] = {"because_of": (KEPT, BAD), "effective": "2027-01-01"}
    found = of(LEVELS, OPPOSED).advice(scheme, "standard", KEPT, "15%", kind="between", **because)
    weights = dict(found.following.profile("standard").weights)
    assert Fraction(15, 100) == weights[KEPT]
    assert 1 == sum(weights.values())
    assert Fraction(10, 100) == dict(scheme.profile("standard").weights)[KEPT]
    assert "retention rate weighs 15% instead of 10%" == found.what.en
    assert "客户留存率的权重由 10% 调整为 15%" == found.what.zh
    assert "a cause" in found.why.limits.en
    with pytest.raises(lp.errors.DataError, match="its outcome is 'nothing can be said'"):
        of(LEVELS, OPPOSED).advice(scheme, "standard", KEPT, "15%", kind="within", **because)


# ── properties ──────────────────────────────────────────────────────────────────────────────────────────────

PANELS = st.lists(
    st.lists(st.one_of(st.none(), st.integers(-9, 9)), min_size=4, max_size=4), min_size=10, max_size=12
).filter(lambda panel: any(one is not None for row in panel for one in row))


@settings(max_examples=8)
@given(PANELS, PANELS, st.randoms(use_true_random=False), st.integers(1, 50), st.integers(-50, 50))
def test_neither_order_nor_scale_nor_level_matters(
    one: list[list[Any]], other: list[list[Any]], random: Any, by: int, more: int
) -> None:
    """People in another order of rows, indicators the other way round, another unit: the same tests and chances."""
    first, second = past(one), past(other)
    rows = [
        (who, period, by * value + more) for who, values in first.values.items() for period, value in values.items()
    ]
    random.shuffle(rows)
    moved = PastValues.of_table(
        {
            "subject": [row[0] for row in rows],
            "period": [str(row[1]) for row in rows],
            "value": [row[2] for row in rows],
        }
    )
    found = correlate({KEPT: first, BAD: second}, viewer=ALL, rng=default_rng(3))
    again = correlate({BAD: second, KEPT: moved}, viewer=ALL, rng=default_rng(3))
    assert found.tests == again.tests
    for test in found.tests:
        assert test.r is None or -1 <= (test.low or 0) <= test.r <= (test.high or 0) <= 1
    for finding in found.findings:
        assert isinstance(finding.certainty, Exact | Interval)
        assert "it does not show: a cause" in finding.text()
        assert "不能证明因果关系" in finding.limits.zh
