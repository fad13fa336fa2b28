"""Trends: S and the slope are those of the books, chance is told apart, and what is not tested is a count."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import product
from statistics import median
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import loanperf as lp
from loanperf.analytics import Interval, Trends, trend
from loanperf.analytics._trend_statistics import (
    discoveries,
    kendall_s,
    p_value,
    pair_slopes,
    simulated_s,
    slope_interval,
)
from loanperf.viewer import Viewer

ALL = Viewer(who="hr", sees="all")
RATE = lp.Label("NPL ratio", "不良率")
MONTHS = [lp.Period.month(2025 + number // 12, number % 12 + 1) for number in range(24)]


def series(subject: str, values: Sequence[int | Fraction | None]) -> list[Any]:
    """A value a month from January 2025; None where there is none."""
    return [(subject, month, one) for month, one in zip(MONTHS, values, strict=False) if one is not None]


def of(points: Sequence[Any], **how: Any) -> Trends:
    return trend(points, **{"what": RATE, "viewer": ALL, "rng": np.random.default_rng(7), "unit": "CNY", **how})


# ── published cases ─────────────────────────────────────────────────────────────────────────────────────────


def case(published: Sequence[dict[str, Any]], wanted: str) -> dict[str, Any]:
    return next(one for one in published if one["id"] == wanted)


def arbitrary(published: Sequence[dict[str, Any]]) -> tuple[tuple[int, ...], list[Fraction]]:
    values = case(published, "mk-arbitrary")["inputs"]["x"]
    found = [(place, Fraction(value)) for place, value in enumerate(values) if value is not None]
    return tuple(place for place, _ in found), [value for _, value in found]


def test_s_of_a_published_series(published: list[dict[str, Any]]) -> None:
    """S and tau, which is S over the pairs; p and z are of a normal null, whose place simulated series take here."""
    expected = case(published, "mk-arbitrary")["expected"]
    _, values = arbitrary(published)
    s, count = kendall_s(values), len(values)
    assert expected["s"] == s
    assert abs(Fraction(expected["tau"]) - Fraction(2 * s, count * (count - 1))) <= Fraction(1, 10**9)


def test_a_constant_series_has_no_trend(published: list[dict[str, Any]]) -> None:
    """S is 0, tau is 0 and p is 1, without an error."""
    expected = case(published, "mk-constant")["expected"]
    found = of(series("north", [3] * 12)).series[0]
    assert expected["s"] == kendall_s([3] * 360) == found.s == expected["tau"]
    assert expected["p"] == found.p
    assert "does not change" == found.outcome.en


def test_s_is_zero_where_pairs_agree_as_often_as_not(published: list[dict[str, Any]]) -> None:
    """Taken in the order of x, S of y is what Kendall counts."""
    given_pairs = case(published, "kendall-zero")["inputs"]
    assert 0 == kendall_s([y for _, y in sorted(zip(given_pairs["x"], given_pairs["y"], strict=True))])


def test_the_slope_of_sen(published: list[dict[str, Any]]) -> None:
    """The example of 1968, with both intercepts: of the medians, and the median of what the slope leaves."""
    found = case(published, "sen-1968-example")
    x, y = ([int(one) for one in found["inputs"][name]] for name in "xy")
    slope = median(pair_slopes(x, [Fraction(one) for one in y]))
    assert found["expected"]["slope"] == slope
    assert found["expected"]["intercept_separate"] == median(y) - slope * median(x)
    assert found["expected"]["intercept_joint"] == median(b - slope * a for a, b in zip(x, y, strict=True))


def test_the_slope_of_a_published_series_with_gaps(published: list[dict[str, Any]]) -> None:
    """What is missing keeps its place in time."""
    expected = case(published, "sen-slope-arbitrary")["expected"]
    places, values = arbitrary(published)
    slope = median(pair_slopes(places, values))
    assert abs(Fraction(expected["slope"]) - slope) <= Fraction(1, 10**9)
    assert abs(Fraction(expected["intercept"]) - (median(values) - slope * median(places))) <= Fraction(1, 10**9)


def test_the_slope_of_the_same_series_by_seasons(published: list[dict[str, Any]]) -> None:
    """`sen-slope-seasonal`: of months with those of other years alone; the slope is that of a year."""
    expected = case(published, "sen-slope-seasonal")["expected"]
    places, values = arbitrary(published)
    slope = 12 * median(pair_slopes(places, values, 12))
    assert abs(Fraction(expected["slope"]) - slope) <= Fraction(1, 10**9)
    assert abs(Fraction(expected["intercept"]) - (median(values) - slope * median(places) / 12)) <= Fraction(1, 10**9)


# ── by hand ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_share_of_false_discoveries_by_hand() -> None:
    """Of 0.01, 0.04, 0.07, 0.5 the steps at 10% are 0.025, 0.05, 0.075, 0.1: three stand out; 0.09 would not."""
    assert [True, True, True, False] == discoveries(
        [Fraction(7, 100), Fraction(4, 100), Fraction(1, 100), Fraction(1, 2)], Fraction(1, 10)
    )
    assert [False, False] == discoveries([Fraction(9, 100), Fraction(6, 10)], Fraction(1, 10))[::-1]


def test_simulated_s_of_independent_series_is_that_of_the_tables() -> None:
    """Of four points |S| is 6 in 2 of 24 orders, and 4 or more in 8: p is 1/12 and 1/3."""
    found = simulated_s([(0, 1, 2, 3)], 0, np.random.default_rng(5))[0, 1, 2, 3]
    assert abs(p_value(6, found) - Fraction(1, 12)) < Fraction(1, 100)
    assert abs(p_value(-4, found) - Fraction(1, 3)) < Fraction(2, 100)


def test_pairs_are_those_of_one_season_by_hand() -> None:
    """High and low in turn, 9 1 8 2 7 with a gap at the fifth: 9 to 8 falls, 1 to 2 rises; 7 stands at an odd place.

    By places 0 to 3 and 5: 9 and 8 at even ones make -1 and a slope of -1/2; 1, 2 and 7 at odd ones three rises, of
    slopes 1/2, 5/2 and, over four periods, 6/4.
    """
    places, values = (0, 1, 2, 3, 5), [Fraction(one) for one in (9, 1, 8, 2, 7)]
    assert 3 - 1 == kendall_s(values, places, 2)
    assert [Fraction(-1, 2), Fraction(1, 2), Fraction(3, 2), Fraction(5, 2)] == pair_slopes(places, values, 2)
    assert 1 == median(pair_slopes(places, values, 2))


def test_simulated_s_of_seasons_is_that_of_their_pairs() -> None:
    """Of four points in two seasons two pairs count: S is -2 or 2 in half of all orders, 0 in the other half."""
    found = simulated_s([(0, 1, 2, 3)], 0, np.random.default_rng(5), 2)[0, 1, 2, 3]
    assert {0.0, 2.0} == set(found.tolist())
    assert abs(p_value(2, found) - Fraction(1, 2)) < Fraction(2, 100)


def test_a_season_does_not_hide_a_trend() -> None:
    """Each month is 1 below that of the year before, and swings by 50: the season takes the fall out of sight."""
    swing = [50 if place % 12 < 6 else 0 for place in range(36)]
    months = [lp.Period.month(2024 + place // 12, place % 12 + 1) for place in range(36)]
    points = [("north", month, 100 + swing[place] - place // 12) for place, month in enumerate(months)]
    assert not of(points).series[0].shows_trend
    found = of(points, season=12)
    assert (True, Fraction(-1, 12)) == (found.series[0].shows_trend, found.series[0].slope)
    assert -3 * 12 == found.series[0].s
    assert "相隔 12 期及其倍数" in found.text("zh")
    assert "seasons are not taken out" not in found.text()
    assert "not tested" == of(points[:23], season=12).series[0].outcome.en


def test_the_interval_leaves_off_as_many_slopes_at_each_end() -> None:
    """Six slopes, and |S| of 4 at the level: (6 - 4) / 2 = 1 is left off."""
    slopes = pair_slopes((0, 1, 2, 3), [Fraction(one) for one in (0, 1, 3, 9)])
    assert [1, Fraction(3, 2), 2, 3, 4, 6] == slopes
    assert (Fraction(3, 2), Fraction(4)) == slope_interval(slopes, np.array([0.0, 2, 4, 6]), Fraction(1, 2))
    assert (Fraction(1), Fraction(6)) == slope_interval(slopes, np.array([0.0, 2, 4, 6]), Fraction(95, 100))


def test_a_region_that_keeps_falling_is_said_with_its_size_and_interval() -> None:
    """Twelve months down by a point each beside five that go up and down."""
    level = [3, 1, 4, 2, 5, 1, 4, 3, 5, 2, 1, 4]
    points = series("north", [Fraction(30 - number, 100) for number in range(12)])
    for number in range(5):
        points += series(f"east{number}", [Fraction(one, 100) for one in level[number:] + level[:number]])
    found = of(points, unit="%", groups={"north": 8, **{f"east{number}": 6 for number in range(5)}})
    first = found.findings[1]
    assert first.label.en == "north: keeps falling, by 1 percentage point a period"
    assert first.label.zh == "north：持续下降，平均每期下降 1 个百分点"
    assert (
        Interval(low=Fraction(-1, 100), high=Fraction(-1, 100), level=Fraction(95, 100), unit="pp") == first.certainty
    )
    assert 12 == first.n
    assert "a cause or what comes next" in first.limits.en
    assert found.findings[0].label.en.startswith("NPL ratio, 2025-01 to 2025-12: 1 of 6 series tested show a trend")
    assert ["falls", *["no trend shown"] * 5] == [one.outcome.en for one in found.series]
    assert 72 == len(found.chart()["data"]["values"])
    assert found == Trends.from_data(found.data())
    assert 6 == len(found.frame()["subject"])


def test_a_short_series_is_counted_and_not_tested() -> None:
    """Eight points are too few; three changes down are said as what they are."""
    found = of(series("north", [5, 6, 7, 6, 9, 8, 7, 6]) + series("south", [5]))
    assert "north: 3 periods in a row down; not tested" == found.findings[1].label.en
    assert "north：连续 3 期下降，未作检验" == found.findings[1].label.zh
    assert ["not tested", "not tested"] == [one.outcome.en for one in found.series]
    assert "2 have fewer than 9 points" in found.findings[0].label.en
    assert "up" in of(series("north", [1, 2, 3, 4])).text()


def test_what_is_missing_is_said_and_breaks_a_run() -> None:
    """March is missing, and south ends in April."""
    found = of(series("north", [9, 8, None, 7, 6]) + series("south", [9, 8, 7, 6]))
    assert "no figures: north 2025-03; south 2025-05" == found.findings[-1].label.en
    assert "缺少数据：north 2025-03；south 2025-05" == found.findings[-1].label.zh
    assert [-1, 0] == [one.in_a_row for one in found.series]


def test_small_groups_and_people_whom_the_viewer_may_not_see_are_left_out() -> None:
    """Two groups of three are six people; a payee sees their own series alone."""
    points = [one for subject in ("a", "b", "c") for one in series(subject, [1, 2, 3])]
    found = of(points, groups={"a": 3, "b": 3, "c": 9})
    assert ["c"] == [one.subject for one in found.series]
    assert "2 groups are left out" in found.text()
    assert ["b"] == [one.subject for one in of(points, viewer=Viewer(who="b", sees="self")).series]


NOT_ALONE = {"groups": {"north": 2}}


@pytest.mark.parametrize(
    ("points", "how", "said"),
    [
        ([], {}, "there is none"),
        (series("north", [1, 2]) + series("north", [1]), {}, "north in 2025-01: it is there twice"),
        ([("north", MONTHS[0], float("nan"))], {}, "float"),
        ([("north", MONTHS[0], Decimal("NaN"))], {}, "it is NaN"),
        ([("north", MONTHS[0], lp.Money.of("1元"))], {"unit": "%"}, "it is in CNY"),
        ([("north", "2025-01", 1)], {}, "it is no Period"),
        ([("north", 1)], {}, "point 0"),
        ([*series("north", [1]), ("north", lp.Period.quarter(2025, 2), 1)], {}, "none of the periods that follow"),
        (series("north", [1]), NOT_ALONE, "no series that may be shown"),
        (series("north", [1]), {"groups": {}}, "the size of north is not given"),
        (series("north", [1]), {"viewer": Viewer(who="x", sees="self")}, "no series that may be shown"),
        (series("north", [1]), {"rng": 7}, "numpy.random.default_rng"),
        (series("north", [1]), {"season": 0}, "season: it is 0"),
        (series("north", [1, 2]), {"season": 10**30}, "a whole number from 1 to 366"),
        (
            [("north", lp.Period.month(206, 1), 1), ("north", lp.Period.month(2026, 1), 2)],
            {},
            "more than 600 from 0206-01 to 2026-01",
        ),
        (None, {}, "the points: it is no list"),
        (series("north", [1]), {"groups": ["north"]}, "groups: it is no Mapping"),
        (series("north", [1]), {"groups": {"north": "8"}}, "the people of north: it is '8'"),
        (series("north", [1]), {"groups": {"north": 8.5}}, "the people of north: it is 8.5"),
        (series("north", [1]), {"smallest": "5"}, "smallest: it is '5'"),
        (series("north", [1]), {"what": lp.Label("NPL ratio")}, "a text in both languages"),
    ],
)
def test_what_cannot_be_used_is_refused(points: Any, how: dict[str, Any], said: str) -> None:
    with pytest.raises(lp.errors.LoanPerfError, match=said):
        of(points, **how)


# ── properties ──────────────────────────────────────────────────────────────────────────────────────────────

PANELS = st.lists(st.lists(st.integers(-20, 20), min_size=9, max_size=11), min_size=1, max_size=3)


@settings(max_examples=5)
@given(PANELS, st.randoms(use_true_random=False), st.integers(1, 50), st.integers(-50, 50))
def test_neither_order_nor_scale_nor_level_matters(panel: list[list[int]], random: Any, by: int, more: int) -> None:
    """Slopes grow with the unit; p and the outcome stay."""
    points = [one for number, values in enumerate(panel) for one in series(f"r{number}", values)]
    moved = [(subject, month, by * value + more) for subject, month, value in points]
    random.shuffle(moved)
    one, other = of(points), of(moved)
    assert [(each.subject, each.p, each.s) for each in one.series] == [
        (each.subject, each.p, each.s) for each in other.series
    ]
    assert [(each.slope or 0) * by for each in one.series] == [each.slope for each in other.series]


@settings(max_examples=30)
@given(st.lists(st.integers(-5, 5), min_size=2, max_size=12))
def test_s_counts_pairs_and_the_slope_halves_the_slopes(values: list[int]) -> None:
    """Against the pairs, counted one by one."""
    pairs = [(i, j) for i, j in product(range(len(values)), repeat=2) if i < j]
    signs = [(values[j] > values[i]) - (values[j] < values[i]) for i, j in pairs]
    assert sum(signs) == kendall_s(values)
    slope = median(pair_slopes(tuple(range(len(values))), [Fraction(one) for one in values]))
    slopes = [Fraction(values[j] - values[i], j - i) for i, j in pairs]
    assert sum(one < slope for one in slopes) <= len(slopes) / 2 >= sum(one > slope for one in slopes)
