"""Forecasts say what is expected, how sure that is, and how well the same did before.

They are statistics of floats: expectations are worked by hand, or published, and compared within a tolerance.
"""

import csv
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp
from loanperf.adapters.memory import MemoryFacts, MemoryPeople, MemorySchemes
from loanperf.analytics import Forecast, Interval, PastValues, breakdown, forecast
from loanperf.analytics._forecast import mape, moving_average, naive_scaled, smoothed
from loanperf.analytics._forecast._methods import damped, seasonal_naive, shrunk_seasons, theta
from loanperf.analytics._forecast._ratios import Ratios
from loanperf.analytics._forecast._rule import BLEND, LAST, MIDDLE, MOVED, SEASONS, by_length
from loanperf.errors import DataError, QuantityError, RightsError
from loanperf.viewer import Viewer

HR = Viewer(who="hr", sees="all")


def row(values: Any) -> Any:
    """Values as a matrix of one series."""
    return np.array([[*map(float, values)]])


def months(values: Any, *, last: str = "2026-03") -> dict[str, Any]:
    """Values of months up to `last`."""
    given, period = [*values], lp.Period.parse(last)
    found = {}
    for value in reversed(given):
        found[str(period)] = value
        period = period.previous()
    return dict(reversed(found.items()))


def of_months(series: Mapping[str, Any], horizon: int = 1) -> Forecast:
    return forecast(
        PastValues(values={code: months(values) for code, values in series.items()}), viewer=HR, horizon=horizon
    )


def case(published: list[dict[str, Any]], code: str) -> tuple[dict[str, Any], Any, float]:
    (found,) = (one for one in published if one["id"] == code)
    return found["inputs"], found["expected"], float(found["tolerance"])


# ── published ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("code", ["ses-oil-02", "ses-oil-06"])
def test_simple_smoothing_is_that_of_the_textbook(published: list[dict[str, Any]], code: str) -> None:
    """Oil production of Hyndman and Athanasopoulos: the level after the last year."""
    inputs, expected, tolerance = case(published, code)
    level, _ = smoothed(row(inputs["y"]), np.array([float(inputs["alpha"])]))
    assert float(expected) == pytest.approx(level.item(), abs=tolerance)


def test_the_next_step_goes_on_from_the_level(published: list[dict[str, Any]]) -> None:
    """The page `ses-wong-next` goes on from its own level of 65.6, which it had rounded."""
    inputs, expected, tolerance = case(published, "ses-wong-next")
    level, _ = smoothed(row([65.6, inputs["y"][-1]]), np.array([float(inputs["alpha"])]))
    assert float(expected) == pytest.approx(level.item(), abs=tolerance)


def test_errors_of_smoothing_are_summed_from_the_second_value(published: list[dict[str, Any]]) -> None:
    """`ses-nist-quarterly`: the mean of 23 squared errors decides which weight does better."""
    inputs, expected, tolerance = case(published, "ses-nist-quarterly")
    _, squares = smoothed(row(inputs["y"]), np.array([float(one) for one in inputs["alphas"]]))
    assert [float(one) for one in expected["mse"]] == pytest.approx((squares[0] / 23).tolist(), abs=tolerance)


def test_each_step_of_smoothing_and_its_errors(published: list[dict[str, Any]]) -> None:
    """`ses-wong`: nine forecasts, and the four measures of how far they were off."""
    inputs, expected, tolerance = case(published, "ses-wong")
    y, alpha = row(inputs["y"]), np.array([float(inputs["alpha"])])
    said = np.array([[smoothed(y[:, :end], alpha)[0].item() for end in range(1, y.shape[1])]])
    came = y[:, 1:]
    found = {
        "bias": float((came - said).mean()),
        "mad": float(np.abs(came - said).mean()),
        "mape": 100 * mape(said, came),
        "mse": float(((came - said) ** 2).mean()),
    }
    assert [float(one) for one in expected["forecasts"]] == pytest.approx(said[0].tolist(), abs=tolerance)
    assert {key: float(expected[key]) for key in found} == pytest.approx(found, abs=tolerance)


def test_a_moving_average_is_that_of_the_textbook(published: list[dict[str, Any]]) -> None:
    """`ma3-justaaa-1`: the mean of three values is what is expected of the next."""
    inputs, expected, tolerance = case(published, "ma3-justaaa-1")
    y = row(inputs["y"])
    said = [moving_average(y[:, :end], 1, 3).item() for end in range(3, y.shape[1] + 1)]
    assert [*map(float, expected["forecasts"]), float(expected["next"])] == pytest.approx(said, abs=tolerance)
    squares = (np.array(said[:-1]) - y[0, 3:]) ** 2
    assert float(expected["mse"]) == pytest.approx(squares.mean(), abs=tolerance)


def test_errors_as_parts_and_in_units_of_the_naive_forecast(published: list[dict[str, Any]]) -> None:
    """The two measures as sktime has them, of what was below zero too."""
    inputs, expected, tolerance = case(published, "metric-mape")
    assert float(expected) == pytest.approx(mape(row(inputs["y_pred"]), row(inputs["y_true"])), abs=tolerance)
    inputs, expected, tolerance = case(published, "metric-rmsse")
    found = naive_scaled(row(inputs["y_pred"]), row(inputs["y_true"]), row(inputs["y_train"]), 2).item() ** 0.5
    assert float(expected) == pytest.approx(found, abs=tolerance)


def test_what_had_never_moved_has_an_interval_all_the_same() -> None:
    """A year ahead every trial begins where both ratios still stand at 2%: the errors are those of their rise since."""
    bad = {code: months([2] * 24 + [2 + 0.25 * place for place in range(12)]) for code in ("lin", "wu")}
    whole = {code: months([100] * 36) for code in bad}
    found = forecast(PastValues(values=bad, out_of=whole, unit="%"), viewer=HR, horizon=12)
    for point in found.of("lin").points:
        assert 0 < point.low < point.expected < point.high < 1


# ── where histories come from ───────────────────────────────────────────────────────────────────────────────


def of_two_months(kinds: Mapping[str, tuple[int, int]]) -> lp.Facts:
    """By product, what lin lent in January and February, in 万元; nothing of a month with 0."""
    facts: list[Any] = []
    for product, amounts in kinds.items():
        for month, amount in enumerate(amounts, 1):
            if amount:
                loan, on = f"{product}{month}", f"2026-0{month}-05"
                facts.append(lp.Loan(loan=loan, customer=loan, officer="lin", opened_on=on, product=product))
                facts.append(
                    lp.LoanEvent(loan=loan, kind=lp.EventKind.DISBURSED, on=on, amount=lp.Money.of(f"{amount}万元"))
                )
    return lp.Facts.of(facts)


PEOPLE = lp.Organisation(assignments=[lp.Assignment(payee="lin", unit="east", role="officer", since="2025-01-01")])
JANUARY, FEBRUARY = (lp.Period.month(2026, month) for month in (1, 2))


def test_a_group_without_loans_in_a_month_lent_nothing() -> None:
    """Of a sum that is 0, and no gap: 50 and nothing for the shop, and nothing before the house began."""
    found = breakdown(
        of_two_months({"shop": (50, 0), "house": (0, 20)}),
        lp.indicator("disbursed_amount"),
        by="product",
        people=PEOPLE,
        periods=[JANUARY, FEBRUARY],
        currency="CNY",
        viewer=HR,
        smallest=1,
    )
    assert {"shop": 1, "house": 1} == found.sizes()
    assert {("shop", JANUARY, 500_000), ("shop", FEBRUARY, 0), ("house", FEBRUARY, 200_000)} == set(found.points())
    past = PastValues.of_breakdown(found)
    assert {"shop": {JANUARY: 500_000.0, FEBRUARY: 0.0}, "house": {FEBRUARY: 200_000.0}} == past.values
    assert ("CNY", "units", None) == (past.unit, past.subjects, past.out_of)


def test_a_ratio_comes_with_what_stands_below_it() -> None:
    """Two loans of 50万元 are outstanding in February; who is no subject has no unit either."""
    facts = of_two_months({"shop": (50, 50)})
    ratio = lp.indicator("npl_ratio")
    readings = [lp.measure(facts, month, [ratio], currency="CNY", organisation=PEOPLE) for month in (JANUARY, FEBRUARY)]
    past = PastValues.of_readings(readings, "npl_ratio", parents={"lin": "east", "east": "bank", "wu": "west"})
    assert {"lin": {JANUARY: 0.0, FEBRUARY: 0.0}} == past.values
    assert past.out_of == {"lin": {JANUARY: 500_000.0, FEBRUARY: 1_000_000.0}}
    assert ("%", {"lin": "east", "east": "bank"}) == (past.unit, past.parents)


def test_a_history_begins_after_its_last_gap() -> None:
    """Lin was somewhere else in February, and so there is no reading of it: March alone is known."""
    march = lp.Period.month(2026, 3)
    spans = (("2026-01-01", "2026-02-01"), ("2026-03-01", None))
    people = lp.Organisation(
        assignments=[lp.Assignment(payee="lin", unit="east", role="officer", since=on, until=end) for on, end in spans]
    )
    readings = [
        lp.measure(
            of_two_months({"shop": (50, 0)}),
            month,
            [lp.indicator("disbursed_amount")],
            currency="CNY",
            organisation=people,
        )
        for month in (JANUARY, FEBRUARY, march)
    ]
    assert {"lin": {march: 0.0}} == PastValues.of_readings(readings, "disbursed_amount").values


# ── methods, by hand ────────────────────────────────────────────────────────────────────────────────────────


def test_theta_is_half_the_line() -> None:
    """Of a straight line by 10 the curved part is that line too: 60 and 70 follow, as far as smoothing keeps up."""
    found = theta(row([10, 20, 30, 40, 50]), 2)
    line = np.array([60, 70])
    curved = 2 * found[0] - line  # smoothed with the largest weight, 0.95, it lags by little
    assert curved.tolist() == pytest.approx([50, 50], abs=0.6)


def test_a_trend_fades() -> None:
    """Each further step of a rising series adds less than the one before."""
    steps = np.diff(damped(row([10, 20, 30, 40, 50, 60, 70, 80]), 4)[0])
    assert (steps > 0).all()
    assert (np.diff(steps) < 0).all()


def test_the_value_of_a_year_before_needs_a_year() -> None:
    """With four quarters the first comes again; with three the last value does."""
    assert [[1, 2]] == seasonal_naive(row([1, 2, 3, 4]), 2, 4).tolist()
    assert [[3, 3]] == seasonal_naive(row([1, 2, 3]), 2, 4).tolist()


def test_seasons_that_repeat_are_kept_and_others_are_drawn_to_none() -> None:
    """Quarters that differ by the same each year are seasons; quarters that are high and low in turn are none."""
    steady = shrunk_seasons(row([7, 5, 3, 5] * 3), 4)
    assert [[2, 0, -2, 0]] == [pytest.approx(steady[0].tolist())]
    assert [[0, 0, 0, 0]] == shrunk_seasons(row([6, 4, 5, 5, 4, 6, 5, 5, 6, 4, 5, 5, 4, 6, 5, 5]), 4).tolist()


def test_credibility_is_that_of_buhlmann_and_straub() -> None:
    """Means .2 and .6, within .02, between (.16 - .02) / 2 = .07: each counts 2 / (2 + .02 / .07) = .875 itself."""
    above = np.array([[0.1, 0.3], [0.5, 0.7], [0.6, 1.0]])
    below = np.array([[1.0, 1.0], [1.0, 1.0], [2.0, 2.0]])
    own = np.array([True, True, False])
    ratios = Ratios(above=above, below=below, own=own, parents=np.array([2, 2, 2]), is_weighted=True)
    assert [0.875, 0.875, 1] == pytest.approx(ratios.weights(2).tolist())
    drawn = 1 / (1 + np.exp(-ratios.credible(2)))
    assert 0.875 * 0.1 + 0.125 * 0.3 == pytest.approx(drawn[0, 0])
    assert 0.3 == pytest.approx(drawn[2, 0])


# ── forecasts, by hand ──────────────────────────────────────────────────────────────────────────────────────


def test_an_interval_of_one_short_history() -> None:
    """Errors of 20 and 10, of changes of 10 and 40/3: 2 and .75. The larger holds twice in three; 2 x 12.5 is 25."""
    found = of_months({"lin": [100, 110, 100, 120, 110]})
    (point,) = found.of("lin").points
    assert "2026-04" == str(point.period)
    assert [110, 85, 135] == [point.expected, point.low, point.high]
    assert Fraction("0.6667") == point.level
    assert ("last value", 5) == (found.of("lin").method, found.of("lin").values)
    said = [one.label.en for one in found.findings]
    assert "no method did better than the last value" in said[0]
    assert "lin: 110 CNY expected in 2026-04, 0% on 110 CNY in 2026-03" in said
    assert "errors are too few for intervals of 80%: those shown hold in 66.7% or less" in said
    assert "1 subject has fewer than 6 periods: the last value is the forecast" in said
    assert [2, Fraction("1.375"), 1] == [found.test.tried, found.test.error, found.test.to_naive]


def test_a_constant_history_goes_on() -> None:
    """There is no error, so the interval has no width; and a finding says that the last value made none."""
    found = of_months({"lin": [50] * 20, "wu": [0] * 20}, horizon=3)
    for code, value in (("lin", 50), ("wu", 0), ("total", 50)):
        assert {value} == {end for one in found.of(code).points for end in (one.expected, one.low, one.high)}
    assert found.test.to_naive is None
    assert any("made no error" in one.label.en for one in found.findings)


def test_a_forecast_that_hits_is_said_to_have_no_error() -> None:
    """A year that comes again each year: seasons hit it, the last value does not; no part of an error is told."""
    found = of_months({"lin": [100 + 10 * (month % 12) for month in range(48)]}, horizon=1)
    assert 0 == found.test.error < found.test.naive
    (tested,) = (one.label for one in found.findings if "there was no error" in one.label.en)
    assert "on periods that are known there was no error; intervals of 80% held 100% of what came" == tested.en
    assert "以已知期间回测，预测没有误差；80% 区间实际覆盖 100% 的结果" == tested.zh


def test_an_axis_names_the_currency_in_its_language() -> None:
    """元 in Chinese, the code in English."""
    found = of_months({"lin": [100 + month % 5 for month in range(20)]})
    titles = {
        language: found.chart(language)["layer"][0]["encoding"]["y"]["axis"]["title"] for language in ("en", "zh")
    }
    assert {"en": "lin (CNY)", "zh": "lin (元)"} == titles


def test_units_are_the_sums_of_their_subjects() -> None:
    """Teams sum to a region, whose interval is of its own errors; the sum of all is there where there are two roots."""
    series = {f"p{code}": months([100 + code + (7 * code * place) % 13 for place in range(30)]) for code in range(6)}
    parents = {**{f"p{code}": "a" if code < 3 else "b" for code in range(6)}, "a": "east", "b": "east"}
    found = forecast(PastValues(values=series, parents=parents), viewer=HR, smallest=1)
    assert ["east", "b", "a", "p0", "p1", "p2", "p3", "p4", "p5"] == [one.subject for one in found.subjects]
    for step in range(3):
        of = {one.subject: one.points[step].expected for one in found.subjects}
        assert of["a"] == pytest.approx(of["p0"] + of["p1"] + of["p2"], abs=0.02)
        assert of["east"] == pytest.approx(of["a"] + of["b"], abs=0.02)


def test_methods_go_by_the_length_of_a_history() -> None:
    """Five, six, eleven, twelve, fourteen, fifteen, 23 and 24 months; the panel chooses for 15 to 23."""
    expected = [LAST, MIDDLE, MIDDLE, BLEND, BLEND, MOVED, MOVED, SEASONS]
    assert expected == by_length(np.array([5, 6, 11, 12, 14, 15, 23, 24]), 12, MOVED).tolist()


def test_seasons_do_better_than_the_last_value() -> None:
    """One month a year is high: with thirty months that is found, and the last value alone is far off."""
    found = of_months(
        {f"p{code}": [100 + code + 2 * place + 60 * (place % 12 == 3) for place in range(30)] for code in range(4)}
    )
    assert "seasons" == found.of("p1").method
    assert found.of("p1").points[0].expected == pytest.approx(161, abs=6)
    assert found.test.to_naive is not None
    assert found.test.to_naive < 1


def test_amounts_may_go_by_working_days() -> None:
    """100 a working day: April 2026 has 22 of them, so that 2,200 follow, whatever the months before had."""

    def works(on: Any) -> bool:
        return bool(on.weekday() < 5)

    counts = [20, 23, 22, 20, 22]  # November 2025 to March 2026
    history = PastValues(values={"lin": months([100 * count for count in counts])})
    (point,) = forecast(history, viewer=HR, horizon=1, working=works).of("lin").points
    assert [2200, 2200, 2200] == [point.expected, point.low, point.high]
    with pytest.raises(DataError, match="ratios do not grow with working days"):
        forecast(PastValues(values={"lin": months([0.1] * 5)}, unit="%"), viewer=HR, horizon=1, working=works)


def test_ratios_stay_within_their_bounds() -> None:
    """The ends of an interval of a ratio are above 0% and below 100%, and a region's is no sum of its branches'."""
    bad = {code: months([(3 + code) * (1 + place % 3) for place in range(18)]) for code in range(4)}
    below = {f"b{code}": dict.fromkeys(of, 100 + 50 * code) for code, of in bad.items()}
    above = {f"b{code}": of for code, of in bad.items()}
    history = PastValues(values=above, out_of=below, unit="%", parents=dict.fromkeys(above, "east"), subjects="units")
    found = forecast(history, viewer=HR)
    for one in found.subjects:
        for point in one.points:
            assert 0 <= point.low <= point.expected <= point.high <= 1
    last = [float(of["2026-03"]) for of in above.values()]
    assert found.of("east").known[-1] == pytest.approx(sum(last) / 700, abs=1e-4)
    assert any("drawn to their unit" in one.label.en for one in found.findings)


def test_without_any_bad_loan_none_is_expected() -> None:
    """No ratio of a panel was ever above 0%: 0% is said of the next months, and not a hundredth of a percent."""
    below = {"a": months([100] * 12), "b": months([50] * 12)}
    none = {code: dict.fromkeys(of, 0) for code, of in below.items()}
    found = forecast(PastValues(values=none, out_of=below, unit="%"), viewer=HR)
    assert {"0%"} == {lp.percent(point.expected, 2) for one in found.subjects for point in one.points}


def test_a_ratio_that_never_was_above_zero_is_not_told_to_rise() -> None:
    """No bad loan in a year: the last value is 0%, so is the forecast, and the interval holds it."""
    none, loans = {"lin": months([0] * 12)}, {"lin": months([100] * 12)}
    found = forecast(PastValues(values=none, out_of=loans, unit="%"), viewer=HR, horizon=1)
    (point,) = found.of("lin").points
    assert {Fraction(0)} == {point.expected, point.naive, point.low}
    full = forecast(PastValues(values=loans, out_of=loans, unit="%"), viewer=HR, horizon=1).of("lin").points[0]
    assert {Fraction(1)} == {full.expected, full.naive, full.high}


def test_a_ratio_alone_is_taken_as_it_is() -> None:
    """Without what it is of there is no credibility, and none of a unit; both are said."""
    history: dict[str, Any] = {"unit": "%", "values": {"a": months([0.05, 0.04, 0.06, 0.05, 0.05])}}
    found = forecast(PastValues(**history), viewer=HR, horizon=1)
    assert any("what the ratios are of is not known" in one.label.en for one in found.findings)
    with pytest.raises(DataError, match="no sums of ratios"):
        PastValues(**history, parents={"a": "east"})


def test_who_has_left_is_not_forecast() -> None:
    """The history of a payee who left counts in that of the team, and nothing is expected of them."""
    gone = months([10] * 8, last="2026-01")
    found = forecast(PastValues(values={"lin": months([10] * 10), "wu": gone}), viewer=HR, horizon=1)
    assert [("wu", "历史数据未到最近一期")] == [(one.subject, one.why.zh) for one in found.left_out]
    assert 10 == found.of("total").points[0].expected
    with pytest.raises(DataError, match="it has none of 'wu'"):
        found.of("wu")


def test_stress_takes_the_worst_of_three_months() -> None:
    """Where one month hit all, its errors set the width, and the others do not make it narrower."""
    series = {
        f"p{code}": months([100 + (code * place * 7) % 5 + 40 * (place == 28) for place in range(30)])
        for code in range(12)
    }
    wide, usual = (
        forecast(PastValues(values=series), viewer=HR, horizon=1, interval=kind).of("p3").points[0]
        for kind in ("stress", "pooled")
    )
    assert wide.high - wide.low > usual.high - usual.low


# ── properties ──────────────────────────────────────────────────────────────────────────────────────────────

some_series = st.integers(6, 30).flatmap(
    lambda length: st.lists(st.lists(st.integers(1, 10_000), min_size=length, max_size=length), min_size=2, max_size=4)
)


@pytest.mark.slow
@given(some_series, st.randoms())
def test_the_order_of_subjects_does_not_matter(series: list[list[int]], chance: Any) -> None:
    """Errors are pooled over all, whoever comes first."""
    codes = [f"p{place}" for place in range(len(series))]
    given = dict(zip(codes, series, strict=True))
    chance.shuffle(codes)
    once, again = of_months(given), of_months({code: given[code] for code in codes})
    assert {one.subject: one.points for one in once.subjects} == {one.subject: one.points for one in again.subjects}


@pytest.mark.slow
@given(some_series, st.integers(2, 1000))
def test_another_unit_gives_the_same_forecast(series: list[list[int]], times: int) -> None:
    """In fen as in yuan: what is expected, and both ends, are so many times as large, but for rounding."""
    given = {f"p{place}": values for place, values in enumerate(series)}
    once = of_months(given)
    more = of_months({code: [times * value for value in values] for code, values in given.items()})
    for one in once.subjects:
        for point, other in zip(one.points, more.of(one.subject).points, strict=True):
            for name in ("expected", "low", "high"):
                expected = float(times * getattr(point, name))
                assert expected == pytest.approx(float(getattr(other, name)), rel=1e-6, abs=0.01 * times + 0.01)


@pytest.mark.slow
@given(some_series)
def test_what_is_expected_lies_within_its_interval(series: list[list[int]]) -> None:
    """And neither is below zero, where no value was."""
    found = of_months({f"p{place}": values for place, values in enumerate(series)}, horizon=2)
    points = [point for one in found.subjects for point in one.points]
    assert all(0 <= point.low <= point.expected <= point.high for point in points)
    assert all(0 < point.level <= Fraction(4, 5) for point in points)


# ── who sees it, how it is shown, and what it is for ────────────────────────────────────────────────────────


def test_figures_are_shown_to_who_may_see_them() -> None:
    """A team of two is not shown to a stranger, and who sees nobody of it gets nothing."""
    series = {code: months([10, 12, 11, 13, 12, 11, 14, 12]) for code in ("lin", "wu", "zhao")}
    history = PastValues(values=series, parents={"lin": "a", "wu": "a", "zhao": "b"})
    mine = forecast(history, viewer=Viewer(who="lin", sees="self"), horizon=1)
    assert ["lin"] == [one.subject for one in mine.subjects]
    assert any("5 subjects or units are not shown" in one.label.en for one in mine.findings)
    led = forecast(history, viewer=Viewer(who="lin", sees={"lin", "wu"}), horizon=1)
    assert ["a", "lin", "wu"] == [one.subject for one in led.subjects]
    with pytest.raises(RightsError):
        forecast(history, viewer=Viewer(who="li", sees="self"), horizon=1)


TEN = [f"p{number}" for number in range(10)]


@pytest.mark.parametrize(
    ("people", "parents", "sees", "shown"),
    [
        # East less the four who are seen would be the fifth.
        (5, dict.fromkeys(TEN[:5], "east"), TEN[:4], []),
        # East less team a would be the lead, who is in no team.
        (9, {**dict.fromkeys(TEN[:8], "a"), "a": "east", "p8": "east"}, ["p0"], ["east"]),
        # The sum of all less team a would be p8, who is in no unit.
        (9, dict.fromkeys(TEN[:8], "a"), ["p0"], ["total"]),
        # East less team a would be the four of team b; where these are five, both are shown.
        (
            9,
            {**dict.fromkeys(TEN[:5], "a"), **dict.fromkeys(TEN[5:9], "b"), "a": "east", "b": "east"},
            [],
            ["east"],
        ),
        (
            10,
            {**dict.fromkeys(TEN[:5], "a"), **dict.fromkeys(TEN[5:], "b"), "a": "east", "b": "east"},
            [],
            ["east", "b", "a"],
        ),
    ],
)
def test_few_people_are_not_told_from_units(
    people: int, parents: dict[str, str], sees: list[str], shown: list[str]
) -> None:
    """Whoever is not seen is one of five or more in each sum that is shown, and in what is left between sums."""
    series = {code: months([10 + place, 12, 11, 13, 12, 11, 14, 12]) for place, code in enumerate(TEN[:people])}
    found = forecast(PastValues(values=series, parents=parents), viewer=Viewer(who="x", sees=sees), horizon=1)
    assert [*shown, *sees] == [one.subject for one in found.subjects]


@pytest.mark.parametrize(
    ("since", "until", "shown"),
    [
        # All five of east have all months.
        (0, 24, ["total", "west", "east"]),
        # In the first months east is p0 alone, who would be the sum of all less west, too.
        (3, 24, ["total"]),
        # In the last month it is.
        (0, 23, ["total"]),
        # Four came in months of which no values are shown: of 30 the first 6.
        (6, 30, ["total", "west", "east"]),
        (7, 30, ["total"]),
    ],
)
def test_few_people_are_not_told_from_units_in_any_month_that_is_shown(
    since: int, until: int, shown: list[str]
) -> None:
    """East is p0 all the time and four more in some months; west is five all the time, and p0 is told from no sum."""
    many = max(until, 24)
    values = {code: months([10 + place] * many) for place, code in enumerate(TEN)}
    for code in TEN[1:5]:
        values[code] = dict([*values[code].items()][since:until])
    parents = dict.fromkeys(TEN[:5], "east") | dict.fromkeys(TEN[5:], "west")
    found = forecast(PastValues(values=values, parents=parents), viewer=Viewer(who="x", sees=()), horizon=1)
    assert shown == [one.subject for one in found.subjects]
    assert all(len(one.known) == 24 for one in found.subjects)


def test_a_forecast_is_shown_in_all_forms() -> None:
    """Text in both languages, a table, a chart with a band, and plain data that reads back."""
    found = of_months({"lin": [10, 12, 11, 13, 12, 11, 14, 12]}, horizon=2)
    assert "预计 2026-04 为" in found.text("zh")
    assert "<table" in found._repr_html_()
    assert ["2026-04", "2026-05"] == found.frame()["period"].tolist()
    band, known, expected = found.chart("zh")["layer"]
    assert ("area", "line", "line") == (band["mark"]["type"], known["mark"]["type"], expected["mark"]["type"])
    values = found.chart()["data"]["values"]
    assert (10, 8) == (len(values), sum("known" in value for value in values))
    assert found == Forecast.from_data(found.data())
    (first, *_) = found.findings
    assert isinstance(found.findings[0].certainty, Interval) or "no method" in first.label.en


def test_forecasts_feed_alerts_and_targets() -> None:
    """What is expected goes to rules of forecasts by subject, and to targets as a suggestion in whole steps."""
    found = of_months({"lin": [100, 110, 100, 120, 110]})
    assert {"lin": {"disbursed_amount": lp.quantity("110 CNY")}} == found.projected("disbursed_amount")
    (target,) = found.suggested_targets("disbursed_amount", growth="5%", step="10 CNY")
    assert ("lin", "120 CNY", "2026-04") == (target.payee, str(target.value), str(target.period))
    assert "预测建议值" == target.source.zh
    with pytest.raises(DataError, match="it says nothing of 2027-01"):
        found.projected("disbursed_amount", lp.Period.month(2027, 1))


# ── what is refused ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"values": {"lin": {"2026-01": 1, "2026-03": 2}}}, "'lin' in 2026-02: there is no value"),
        ({"values": {"lin": {"2026-01": float("nan")}}}, "'lin' in 2026-01: it is nan"),
        ({"values": {"lin": {"2026-01": None}}}, "'lin' in 2026-01: it is None"),
        ({"values": {"lin": {"2026-01": True}}}, "'lin' in 2026-01: it is True"),
        ({"values": {"lin": {"2026-01": 1, lp.Period.month(2026, 1): 2}}}, "there are two values"),
        ({"values": {"lin": {"2026-01": 1, "2026-Q2": 2}}}, "give months, or quarters"),
        ({"values": {"lin": {"2025": 1}}}, "give months, or quarters"),
        ({"values": {"lin": {}}}, "nothing is in it"),
        ({"values": {"lin": {"2026-01": 10**400}}}, "'lin' in 2026-01: it is 1"),
        ({"values": {"lin": {"2026-01": 1e300}}}, "a number of ordinary size"),
        ({"values": {"lin": {"2026-01": Decimal("sNaN")}}}, "it is Decimal('sNaN')"),
        ({"values": {"lin": {"2026-01": lp.Money.of("1 USD")}}}, "it is in USD, and the history in CNY"),
        (
            {
                "values": {"lin": {"2026-01": lp.Money.of("1元"), "2026-02": lp.Money.of("1 USD")}},
                "out_of": {"lin": months([1, 1])},
                "unit": "%",
            },
            "'lin' in 2026-02: it is in USD, and the history in CNY",
        ),
        (
            {
                "values": {"lin": {"2026-01": lp.Money.of("1元")}},
                "out_of": {"lin": {"2026-01": lp.Money.of("2 USD")}},
                "unit": "%",
            },
            "'lin' in 2026-01: it is in USD, and the history in CNY",
        ),
        ({"values": {"lin": {"0206-01": 1, "2026-01": 2}}}, "more than 600 from 0206-01 to 2026-01"),
        ({"values": {"lin": months([1])}, "parents": {"lin": ["a"]}}, "the unit of 'lin': it is no str"),
        ({"values": {"lin": months([1, 2])}}, "the longest has 2 values"),
        ({"values": {"total": months([1, 2])}}, "a subject is called 'total'"),
        ({"values": {"lin": months([1, 2])}, "parents": {"wu": "a"}}, "nothing is known of 'wu'"),
        ({"values": {"lin": months([1, 2])}, "parents": {"lin": "lin"}}, "'lin' is a part of itself"),
        ({"values": {"a": months([1]), "b": months([1])}, "parents": {"a": "b"}}, "values of its own and parts"),
        ({"values": {"lin": months([1])}, "out_of": {"lin": months([1])}}, "write '%'"),
        ({"values": {"lin": months([1])}, "out_of": {}, "unit": "%"}, "give both for each period"),
        (
            {"values": {"lin": months([0])}, "out_of": {"lin": months([0])}, "unit": "%"},
            "nothing that it is a ratio of",
        ),
        ({"values": {"lin": months([5])}, "unit": "%"}, "below 0% or above 100%"),
    ],
)
def test_what_cannot_be_forecast_is_refused(change: dict[str, Any], fault: str) -> None:
    """With where, what was there, and what to do; nothing is filled in."""
    with pytest.raises(DataError) as caught:
        forecast(PastValues(**change), viewer=HR)
    assert fault in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        {"level": "30%"},
        {"level": "abc"},
        {"level": "80"},
        {"level": None},
        {"horizon": 0},
        {"horizon": 13},
        {"horizon": True},
        {"interval": "wide"},
        {"smallest": 0},
        {"smallest": "5"},
    ],
)
def test_arguments_that_cannot_be_used_are_refused(given: dict[str, Any]) -> None:
    """Each says its bounds."""
    history = PastValues(values={"lin": months(range(20)), "wu": months(range(20))}, parents={"lin": "a", "wu": "a"})
    with pytest.raises((DataError, QuantityError)):
        forecast(history, viewer=HR, **given)


@pytest.mark.parametrize("level", ["90", "most", "1 元", 0.9])
def test_a_level_that_is_no_share_is_refused(level: Any) -> None:
    """`90` may be meant as 90%, and is 9000%: it is asked, as of every share."""
    with pytest.raises(lp.errors.LoanPerfError):
        forecast(PastValues(values={"lin": months(range(20))}), viewer=HR, level=level)


def test_a_table_gives_a_history() -> None:
    """A row a subject and period, of any frame; two rows of one are refused."""
    table: dict[str, list[Any]] = {
        "who": ["lin", "lin", "wu"],
        "month": ["2026-01", "2026-02", "2026-02"],
        "loans": [3, 4, 5],
    }
    names: dict[str, Any] = {"subject": "who", "period": "month", "value": "loans"}
    found = PastValues.of_table(table, **names)
    assert {"lin": [3, 4], "wu": [5]} == {code: [*values.values()] for code, values in found.values.items()}
    with pytest.raises(DataError, match="there are two values"):
        PastValues.of_table({key: [*values, values[-1]] for key, values in table.items()}, **names)
    yuan, dollars = lp.Money.of("1元"), lp.Money.of("1 USD")
    with pytest.raises(DataError, match="'wu' in 2026-02: it is in USD, and the history in CNY"):
        PastValues.of_table(table | {"loans": [yuan, yuan, dollars]}, **names)
    with pytest.raises(DataError, match="'lin' in 2026-01: it is in USD, and the history in CNY"):
        PastValues.of_table(table | {"loans": [yuan] * 3, "of": [dollars] * 3}, **names, out_of="of", unit="%")
    with pytest.raises(DataError, match="no column 'value'"):
        PastValues.of_table(table, subject="who", period="month")


def test_results_give_a_history() -> None:
    """The readings of an indicator, by payee and period, as runs came to them."""
    scheme = lp.parse_scheme(
        'name = "s"\ncurrency = "CNY"\neffective = 2026-01-01\n[profiles.officer.weights]\nloan_amount = "100%"\n'
        '[targets]\nloan_amount = "100 CNY"\n[scoring.default]\nplaces = 1\nrounding = "half even"\n'
    )
    people = lp.Organisation(
        assignments=[lp.Assignment(payee="lin", unit="east", role="officer", since="2025-01-01", salary="1 CNY")]
    )
    results = {}
    for month, amount in ((1, "80 CNY"), (2, "90 CNY")):
        period = lp.Period.month(2026, month)
        facts = MemoryFacts(supplied=[lp.Reading.of("loan_amount", amount, subject="lin")])
        done = lp.run(period, facts=facts, people=MemoryPeople(people), schemes=MemorySchemes(scheme))
        results[period] = done.results
    found = PastValues.of_results(results, "loan_amount")
    assert [80, 90] == [*found.values["lin"].values()]


# ── real series ─────────────────────────────────────────────────────────────────────────────────────────────


def test_loans_of_all_banks(shared_data: Path) -> None:
    """Commercial loans of all US banks (H.8), five years: better than the last value, with an interval that says so."""
    with (shared_data / "busloans_monthly.csv").open(encoding="utf-8") as file:
        values = {line["date"][:7]: float(line["value"]) for line in csv.DictReader(file)}
    known = dict([*values.items()][-63:-3])
    found = forecast(PastValues(values={"us": known}, subjects="units"), viewer=HR)
    assert found.test.to_naive is not None
    assert found.test.to_naive <= 1
    for point, came in zip(found.of("us").points, [*values.values()][-3:], strict=True):
        assert float(point.expected) == pytest.approx(came, rel=0.02)


def test_delinquency_by_quarters(shared_data: Path) -> None:
    """The delinquency of all loans of US banks, by quarters, as logits of ratios."""
    with (shared_data / "delinquency_quarterly.csv").open(encoding="utf-8") as file:
        rows = [(line["DATE"], Fraction(line["DRALACBS"]) / 100) for line in csv.DictReader(file)]
    values = {f"{when[:4]}-Q{(int(when[5:7]) + 2) // 3}": value for when, value in rows}
    found = forecast(PastValues(values={"us": values}, unit="%", subjects="units"), viewer=HR, horizon=2)
    last = [*values.values()][-1]
    for point in found.of("us").points:
        assert 0 < point.low <= point.expected <= point.high < 1
        assert float(point.expected) == pytest.approx(float(last), rel=0.2)
