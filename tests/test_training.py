"""Training: what changed beside people who were alike, with what would have come back by itself taken out."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import loanperf as lp
from loanperf.analytics import Exact, Interval, PastValues, TrainingEffect, training_effect
from loanperf.analytics._regression import Coefficient, coefficient, least_squares, rank_of
from loanperf.analytics._statistics import correlation
from loanperf.analytics._training_windows import times_of
from loanperf.viewer import Viewer

ALL = Viewer(who="hr", sees="all")
NPL = lp.Label("NPL ratio", "不良率")
MONTHS = [str(lp.Period.month(2025 + number // 12, number % 12 + 1)) for number in range(24)]


def case(published: Sequence[dict[str, Any]], wanted: str) -> dict[str, Any]:
    return next(one for one in published if one["id"] == wanted)


def floats(values: Sequence[Any]) -> Any:
    return np.array([float(one) for one in values])


# ── regression ──────────────────────────────────────────────────────────────────────────────────────────────


def test_four_published_sets_have_one_line_and_one_correlation(published: list[dict[str, Any]]) -> None:
    """Anscombe's quartet, `regression-anscombe`."""
    found = case(published, "regression-anscombe")
    tolerance = float(found["tolerance"])
    for place, one in enumerate(found["inputs"]["sets"]):
        x, y = floats(one["x"]), floats(one["y"])
        intercept, slope = least_squares(np.column_stack([np.ones(len(x)), x]), y)
        expected = {name: float(found["expected"][name][place]) for name in ("r", "slope", "intercept")}
        assert expected == pytest.approx(
            {"r": correlation(x, y), "slope": slope, "intercept": intercept}, abs=tolerance
        )


def test_a_certified_line(published: list[dict[str, Any]]) -> None:
    """Norris, certified by NIST to 15 digits, `regression-nist-norris`."""
    found = case(published, "regression-nist-norris")
    x, y = floats(found["inputs"]["x"]), floats(found["inputs"]["y"])
    intercept, slope = least_squares(np.column_stack([np.ones(len(x)), x]), y)
    expected = {name: float(value) for name, value in found["expected"].items()}
    got = {"slope": slope, "intercept": intercept, "r2": correlation(x, y) ** 2}
    assert expected == pytest.approx(got, abs=float(found["tolerance"]))


def test_the_difference_of_two_groups_is_that_of_welch() -> None:
    """Means 3 and 5; variances 4 of 3 people and 20/3 of 4: the error is the root of 4/3 + 20/12 = 3.

    Freedom: (1/3 + 1/4)² / (1/(9 × 2) + 1/(16 × 3)) = 49/11.
    """
    treated = np.array([1.0, 1, 1, 0, 0, 0, 0])
    outcome = np.array([1.0, 3, 5, 2, 4, 6, 8])
    found = coefficient(np.column_stack([treated, np.ones(7)]), outcome, 0, range(7))
    assert [-2, 3**0.5, 49 / 11] == pytest.approx([found.value, found.error, found.freedom])
    low, high = found.interval(0.95)
    assert [-2 - 2.667 * 3**0.5, -2 + 2.667 * 3**0.5] == pytest.approx([low, high], abs=0.01)  # t of 4.45 is 2.667


def test_the_smallest_effect_that_is_found_in_four_of_five() -> None:
    """Of 10 degrees of freedom the tables have 2.228 for 97.5% and 0.879 for 80%: 3.107 errors."""
    assert pytest.approx(2 * 3.107, abs=0.002) == Coefficient(value=0, error=2, freedom=10).detectable(0.8, 0.95)


def test_rows_of_one_person_are_one_person() -> None:
    """Each row twice is no new information: the same difference, error and freedom."""
    columns = np.column_stack([[1.0, 1, 1, 0, 0, 0, 0], np.ones(7), [1.0, 4, 2, 3, 5, 1, 2]])
    outcome = np.array([1.0, 3, 5, 2, 4, 6, 8])
    once = coefficient(columns, outcome, 0, range(7))
    twice = coefficient(np.tile(columns, (2, 1)), np.tile(outcome, 2), 0, [*range(7), *range(7)])
    assert [once.value, once.error, once.freedom] == pytest.approx([twice.value, twice.error, twice.freedom])
    assert 3 == rank_of(columns * np.array([1, 1e-6, 1e6]))


# ── by hand ─────────────────────────────────────────────────────────────────────────────────────────────────

OFF = (3, -1, 2, -2, 1, -3)
"""By how much six people are off after training; they sum to 0."""


def past(rows: Mapping[str, Sequence[Any]], of: int = 0) -> PastValues:
    """A value a month from January 2025, None where there is none; `of` stands below each."""
    values = {
        who: {month: one for month, one in zip(MONTHS, row, strict=False) if one is not None}
        for who, row in rows.items()
    }
    if not of:
        return PastValues(values=values, unit="")
    return PastValues(values=values, out_of={who: dict.fromkeys(row, of) for who, row in values.items()}, unit="%")


def pairs(effect: int, at: int = 6, after: int = 6) -> dict[str, list[int]]:
    """Six trained and six untrained who were alike before: pairs of one level from 40 to 60, which moves by up to 3.

    After training the trained are lower by an effect; each is off by `OFF`, and the trained in another order.
    """
    found = {}
    for place, level in enumerate((40, 44, 48, 52, 56, 60)):
        before = [level + (place * month) % 4 for month in range(at)]
        for name, off, less in (("t", OFF[place - 3], effect), ("u", OFF[place], 0)):
            found[f"{name}{place}"] = [*before, level, *[level + off + less] * after]
    return found


SENT = {f"t{place}": "2025-07" for place in range(6)}


def of(rows: Mapping[str, Sequence[Any]], sent: Mapping[str, Any] = SENT, below: int = 0, **how: Any) -> TrainingEffect:
    return training_effect(past(rows, below), sent, **{"what": NPL, "viewer": ALL, **how})


def test_small_figures_are_rounded_to_enough_digits() -> None:
    """The same people in thousandths: 20 fewer are 0.02 fewer, and no end of an interval becomes 0 by rounding."""
    whole, small = of(pairs(-20)), of({who: [one / 1000 for one in row] for who, row in pairs(-20).items()})
    assert Fraction(-2, 100) == small.of("covariance").value
    assert [round(one.low / 1000, 4) for one in whole.estimates] == [round(one.low, 4) for one in small.estimates]
    first = small.findings[0].certainty.text()
    assert "from -0.02" in first
    assert " to 0" not in first


def test_people_who_were_alike_differ_by_the_effect() -> None:
    """Bad loans of 1,000: all six pairs were alike before, and the trained have 20 fewer after: 2 percentage points."""
    found = of(pairs(-20), below=1000)
    main = found.of("covariance")
    assert Fraction(-2, 100) == main.value == found.of("differences").value
    assert 0 == found.of("last quarter").value == found.of("earlier").value == found.of("placebo").value
    assert (6, 6) == (main.trained, main.untrained)
    assert main.low < main.value < main.high < 0
    assert found.shows_effect
    said = found.findings[0]
    assert said.label.en.startswith(
        "NPL ratio: 2 percentage points lower after training than of untrained people who were alike before, "
        "6 trained, 6 not, 6 periods after; an effect below 0."
    )
    assert "参训后低 2 个百分点，参训 6 人，未参训 6 人，训后 6 期" in said.label.zh
    assert Interval(low=main.low, high=main.high, level=Fraction(95, 100), unit="pp") == said.certainty
    assert 12 == said.n
    assert "analysis of covariance" in said.method.en
    assert "it does not show: a cause for certain" in said.text()
    assert "不能完全证明因果关系" in said.text("zh")
    assert found == TrainingEffect.from_data(found.data())
    assert 7 == len(found.frame()["kind"]) == len(found.chart()["data"]["values"])


def test_what_all_come_to_moves_by_the_share_of_the_untrained() -> None:
    """The last quarter: untrained 50 of 1,000 on average, trained 30: 4% of all; half of them gain 2 points: 3%."""
    found = of(pairs(-20), below=1000)
    projection = found.projection
    assert projection is not None
    assert [Fraction(4, 100), Fraction(1, 2), Fraction(3, 100)] == [
        projection.now,
        projection.share,
        projection.expected,
    ]
    main = found.of("covariance")
    assert [near_to(Fraction(4, 100) + end / 2) for end in (main.low, main.high)] == [projection.low, projection.high]
    assert "(50% of what it is a ratio of) gain as much, NPL ratio of all goes from 4% to 3%" in found.text()
    assert "若尚未参训者（占比率分母 50%）取得同样效果，整体不良率将由 4% 变为 3%" in found.text("zh")


def near_to(value: Fraction) -> Any:
    """Within a hundredth of a percentage point, to which ends are rounded."""
    return pytest.approx(value, abs=0.0001)


def test_without_what_a_ratio_is_of_nothing_is_projected() -> None:
    """Ratios alone are compared; a sum of them would mean nothing. Amounts are projected by people."""
    rows = {who: [one / 1000 for one in row] for who, row in pairs(-20).items()}
    ratios = PastValues(values=past(rows).values, unit="%")
    found = training_effect(ratios, SENT, what=NPL, viewer=ALL)
    assert Fraction(-2, 100) == found.of("covariance").value
    assert found.projection is None
    assert "what NPL ratio is a ratio of is not given" in found.text()
    amounts = of(pairs(-20))
    assert amounts.projection is not None
    assert [40, Fraction(1, 2), 30] == [amounts.projection.now, amounts.projection.share, amounts.projection.expected]
    assert "(50% of people)" in amounts.text()


def test_no_effect_is_said_with_what_could_have_been_found() -> None:
    """The trained do as the others do."""
    found = of(pairs(0), below=1000)
    assert not found.shows_effect
    assert found.projection is None
    assert "no effect of training is told from chance" in found.findings[0].label.en
    assert "未能检出培训效果" in found.findings[0].label.zh
    assert 0 < found.detectable < Fraction(1, 100)


def test_people_who_differed_when_training_can_have_had_no_effect_make_it_doubtful() -> None:
    """In the second quarter before training the trained were lower by 60 already, and higher by 20 before that.

    So both groups are alike in the last quarter and, over 12 months, before it.
    """
    rows = pairs(-60, at=15)
    for place in range(6):
        row = rows[f"t{place}"]
        row[:12] = [*(one + 20 for one in row[:9]), *(one - 60 for one in row[9:12])]
    found = of(rows, dict.fromkeys(SENT, "2026-04"))
    assert 0 == found.of("last quarter").value == found.of("earlier").value
    assert found.of("placebo").high < 0
    assert found.of("covariance").stands_out
    assert not found.shows_effect
    assert "nothing can be said of training" in found.findings[0].label.en
    assert "无法判断培训效果" in found.findings[0].label.zh
    assert found.projection is None


def test_who_was_sent_after_a_bad_quarter_is_said() -> None:
    """The trained have 9 more in the last quarter alone, and none more before or after."""
    rows = pairs(0)
    for place in range(6):
        rows[f"t{place}"][3:6] = [one + 9 for one in rows[f"t{place}"][3:6]]
    found = of(rows, below=1000)
    assert Fraction(9, 1000) == found.of("last quarter").value == found.of("move").value
    assert 0 == found.of("earlier").value
    assert "would have come back without training" in found.findings[1].label.en
    assert "即使不培训也会发生" in found.findings[1].label.zh
    assert Fraction(-45, 10000) == found.of("differences").value  # half of the periods before were higher by 9


def test_who_is_trained_later_is_untrained_until_then() -> None:
    """Three are trained in July and three a year later: with six months after, both are compared with six others."""
    rows = pairs(-20, after=17)
    late = {f"t{place}": "2026-07" for place in range(3)}
    for who in late:
        rows[who][7:19] = [one + 20 for one in rows[who][7:19]]
    sent = {**SENT, **late}
    found = of(rows, sent, below=1000, after=5)
    assert (6, 9) == (found.of("covariance").trained, found.of("covariance").untrained)
    assert pytest.approx(-0.02, abs=0.002) == float(found.of("covariance").value)
    never = of(rows, {**SENT, **dict.fromkeys(late, "2027-01")}, below=1000, smallest=3)
    assert (3, 9) == (never.of("covariance").trained, never.of("covariance").untrained)
    before = of(rows, {**SENT, "t0": "2024-06"}, below=1000, after=5)
    assert 5 == before.of("covariance").trained
    assert "1 trained people are left out, as there are too few periods" in before.text()


def test_months_after_end_where_the_next_are_trained() -> None:
    """Who is sent next is compared until then; a quarter after training must be left."""
    when = [6, 6, 10, 10**6]
    assert {6: 9, 10: 15} == times_of(when, 16, 3, 5)
    assert {6: 11} == times_of([6, 14], 16, 3, 5)
    assert {} == times_of([6, 8, 10], 12, 3, 5)
    assert {5: 6, 7: 8} == times_of([5, 7], 9, 1, 1)


def test_who_lacks_figures_is_left_out_and_counted() -> None:
    """One has none after training, one none in the last quarter; a gap elsewhere does no harm."""
    rows: dict[str, list[Any]] = {who: [*row] for who, row in pairs(-20).items()}
    rows |= {"t9": rows["t0"][:7], "u9": [*rows["u0"][:3], None, None, None, *rows["u0"][6:]]}
    rows["u1"][1] = None
    found = of(rows, {**SENT, "t9": "2025-07"}, below=1000)
    assert (6, 6) == (found.of("covariance").trained, found.of("covariance").untrained)
    assert "1 trained and 1 untrained people are left out" in found.text()
    assert "参训 1 人、未参训 1 人因缺少" in found.text("zh")


def test_quarters_are_taken_one_by_one() -> None:
    """Of quarters the last one before training stands alone."""
    rows = {who: [*row[:4], row[6], *row[7:11]] for who, row in pairs(-20).items()}
    values = {
        who: {str(lp.Period.quarter(2024 + place // 4, place % 4 + 1)): one for place, one in enumerate(row)}
        for who, row in rows.items()
    }
    found = training_effect(
        PastValues(values=values, unit=""), dict.fromkeys(SENT, "2025-Q1"), what=NPL, viewer=ALL, after=4
    )
    assert -20 == found.of("covariance").value
    assert 3 == found.earlier


# ── what cannot be said ─────────────────────────────────────────────────────────────────────────────────────

FLAT = {who: [5] * 13 for who in pairs(0)}
APART = {who: [9 if who[0] == "t" else 5] * 6 + row[6:] for who, row in pairs(0).items()}
WITHOUT_CHANCE = {who: [*row[:7], *[place] * 6] for place, (who, row) in enumerate(pairs(0).items())}
EXACT = {who: [int(who[1]) * 2 + month % 2 for month in range(6)] + [0] + [int(who[1])] * 6 for who in pairs(0)}


@pytest.mark.parametrize(
    ("rows", "sent", "how", "said"),
    [
        (pairs(0), {}, {}, "nobody was trained"),
        (pairs(0), dict.fromkeys(pairs(0), "2025-07"), {}, "everybody was trained"),
        (pairs(0), {"t0": "2025-07"}, {}, "the trained people: 1 have figures"),
        (pairs(0), dict.fromkeys([*SENT, "u0", "u1"], "2025-07"), {}, "the untrained people: 4 have figures"),
        (pairs(0), {**SENT, "x": "2025-07"}, {}, "there are no figures of 'x'"),
        (pairs(0), dict.fromkeys(SENT, "2027-01"), {}, "nobody was trained by the last"),
        (pairs(0), dict.fromkeys(SENT, "2025-04"), {}, "3 periods before the first training and 9 after"),
        (pairs(0), SENT, {"after": 7}, "6 periods before the first training and 6 after"),
        (pairs(0), dict.fromkeys(SENT, "2025-Q3"), {}, "none of the periods of the figures"),
        (pairs(0), dict.fromkeys(SENT, 7), {}, "'t0' has 7"),
        (FLAT, SENT, {}, "the same for everybody to 8 decimals, so that nothing can be said"),
        ({who: [one * 1e-100 for one in row] for who, row in pairs(-20).items()}, SENT, {}, "to 8 decimals, so that"),
        ({who: [one * 1e-200 for one in row] for who, row in pairs(-20).items()}, SENT, {}, "to 8 decimals, so that"),
        (APART, SENT, {}, "follows from what they came to before"),
        (EXACT, SENT, {}, "without any chance, so that nothing can be said"),
        (pairs(0), SENT, {"after": 0}, "after: it is 0"),
        (pairs(0), SENT, {"smallest": 1}, "smallest: it is 1"),
        (pairs(0), SENT, {"what": lp.Label("NPL", "")}, "what"),
        (pairs(0), SENT, {"viewer": Viewer(who="x", sees="self")}, "nobody whom the viewer may see"),
    ],
)
def test_what_cannot_be_used_is_refused(rows: Any, sent: Any, how: dict[str, Any], said: str) -> None:
    with pytest.raises(lp.errors.DataError, match=said):
        of(rows, sent, **how)


def test_nan_a_month_twice_and_a_ratio_of_nothing_are_refused() -> None:
    with pytest.raises(lp.errors.DataError, match="it is nan"):
        of({**pairs(0), "t0": [float("nan")]})
    with pytest.raises(lp.errors.DataError, match="there are two values"):
        PastValues.of_table({"subject": ["t0"] * 2, "period": ["2025-01"] * 2, "value": [1, 2]})
    below = {who: dict.fromkeys(row, 0 if who == "u3" else 9) for who, row in past(pairs(0)).values.items()}
    history = PastValues(values=past(pairs(0)).values, out_of=below, unit="%")
    with pytest.raises(lp.errors.DataError, match="NPL ratio of 'u3' in 2025-01: there is nothing that it is a ratio"):
        training_effect(history, SENT, what=NPL, viewer=ALL)


def test_only_people_whom_the_viewer_may_see_are_compared() -> None:
    """Five and five of twelve."""
    seen = [f"{name}{place}" for name in "tu" for place in range(5)]
    found = of(pairs(-20), viewer=Viewer(who="lead", sees=seen))
    assert (5, 5) == (found.of("covariance").trained, found.of("covariance").untrained)


# ── properties ──────────────────────────────────────────────────────────────────────────────────────────────

BOOKS = st.lists(st.lists(st.integers(0, 99), min_size=13, max_size=13), min_size=12, max_size=14)


@settings(max_examples=20)
@given(BOOKS, st.randoms(use_true_random=False), st.integers(1, 50), st.integers(-50, 50))
def test_neither_order_nor_level_matters_and_differences_grow_with_the_unit(
    book: list[list[int]], random: Any, by: int, more: int
) -> None:
    """Differences and their ends grow with the unit; what nobody can be compared by is refused either way."""
    rows = {f"{'tu'[place % 2]}{place}": row for place, row in enumerate(book)}
    sent = {who: "2025-07" for who in rows if who[0] == "t"}
    moved = [(who, [by * one + more for one in row]) for who, row in rows.items()]
    random.shuffle(moved)
    try:
        found = of(rows, sent)
    except lp.errors.DataError as error:
        with pytest.raises(type(error)):
            of(dict(moved), sent)
        return
    again = of(dict(moved), sent)
    for one, other in zip(found.estimates, again.estimates, strict=True):
        assert one.low <= one.value <= one.high
        for name in ("value", "low", "high"):
            assert abs(float(getattr(one, name)) * by - float(getattr(other, name))) <= 0.006 * (by + 1)
    for finding in found.findings:
        assert isinstance(finding.certainty, Exact | Interval)
        assert "it does not show: " in finding.text()
        assert "不能" in finding.limits.zh
