"""The page of a region or a product shows its trends, forecasts and breakdowns, to whoever may see its people."""

import re
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve
from tests.figures_to_show import HR, LENT, breakdown_of, forecasts_of, page_of, trends_of

import loanperf as lp
from loanperf import report
from loanperf.viewer import Viewer

UNITS = ("east", "west", "north")
PRODUCTS = ("house", "shop", "car")


@pytest.fixture(scope="module")
def region() -> report.Page:
    """The page of the east."""
    return page_of(UNITS, PRODUCTS, name="城东")


def rows_of(page: report.Page, place: int) -> list[tuple[str, ...]]:
    return [row.cells for row in page.charts("en")[place].table.rows]


def test_it_begins_with_what_is_expected_and_which_way_it_goes(region: report.Page) -> None:
    """1 万元 less each month: the slope is that, with no other between; last are 101 万元, in December."""
    summary = region.sections("zh")[0]
    by_name = {figure.name: (figure.value, figure.note) for figure in summary.figures}
    assert ("下降", "平均每期 -1 万元") == by_name["放款量"]
    assert by_name["放款量　2026-01 预测值"][0].endswith("万元")
    assert re.fullmatch(r"80% 区间 .+ 至 .+", by_name["不良率　2026-01 预测值"][1])
    assert "城东　2025-12，截至 2025-12-31" == region.subject.to("zh")


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        ("1234567.89", "2345678.91", "80% interval from 1230000 CNY to 2350000 CNY"),  # 1,111,111.02 wide: to 10,000
        ("999.99", "1012.34", "80% interval from 999.9 CNY to 1012.4 CNY"),  # 12.35 wide: to 0.1
        ("1000", "1000", "no interval, as nothing scatters"),
    ],
)
def test_ends_of_intervals_have_no_more_digits_than_are_known(low: str, high: str, said: str) -> None:
    """Three digits of the width of the interval, rounded outwards, in the summary, the table and the chart."""
    (what, found), *_ = forecasts_of(UNITS)
    one = found.of("east")
    ends = evolve(one.points[0], low=Fraction(low), high=Fraction(high))
    given = evolve(found, subjects=(evolve(one, points=(ends,)),))
    page = report.unit_page("east", viewer=HR, members=["lin"], forecasts=[(what, given)])
    assert said == page.sections("en")[0].figures[0].note


def test_each_chart_stands_beside_its_numbers(region: report.Page) -> None:
    """Trend, both forecasts and the breakdown; of the first two years a row a month, of the next quarter a row each."""
    headings = [section.heading for section in region.sections("en")]
    assert [
        "Summary",
        "Trend: amount disbursed",
        "Forecast: amount disbursed",
        "Forecast: NPL ratio",
        "NPL ratio by product",
    ] == headings
    assert ("2024-01", "1240000 CNY") == rows_of(region, 0)[0]
    assert [24, 3, 3, 6] == [len(rows_of(region, place)) for place in range(4)]
    assert ("2025-Q1", "house", "9", "20000 CNY") == rows_of(region, 3)[0][:4]
    lines, _, ratios, _ = (chart.specification["data"]["values"] for chart in region.charts())
    assert {"east"} == {point["name"] for point in lines}
    assert 2 == ratios[0]["known"]  # in percent, as the axis says


def test_nothing_of_other_units_is_on_it(region: report.Page) -> None:
    """All series of a bank are passed, as a host has them."""
    for language in ("en", "zh"):
        assert not re.search(r"\b(west|north)\b", region.html(language) + region.text(language))


def test_findings_say_on_what_they_stand(region: report.Page) -> None:
    """Each opens to its number, its certainty, its method and its limits."""
    remarks = [remark for section in region.sections("en") for remark in section.remarks]
    assert len(remarks) >= 4
    for remark in remarks:
        n, method, limits = remark.why
        assert str(n).startswith("n = ")
        assert str(method).startswith("method: ")
        assert str(limits).startswith("it does not show: ")


def test_whoever_may_not_see_its_people_does_not_see_it() -> None:
    """The figures of two people are those of each, less those of the other."""
    assert page_of(UNITS, PRODUCTS, viewer=Viewer(who="chen", sees={"lin", "wu"})).sections()
    with pytest.raises(lp.errors.RightsError, match="'chen' may not see the figures of 'wu'"):
        page_of(UNITS, PRODUCTS, viewer=Viewer(who="chen", sees={"lin"}))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_is_small_and_needs_nothing_else(language: Any) -> None:
    """Twelve products with long names: less than 150 KiB, no script, no address but those of SVG."""
    html = page_of(UNITS, ["<script>" + "产品" * 20 + str(place) for place in range(12)]).html(language)
    assert len(html.encode()) <= 150 * 1024
    assert "<script>" not in html
    addresses = set(re.findall(r"https?://[\w./]+", html))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"unit": "moon"}, "there is none of 'moon'"),
        ({"members": []}, "the members: there are none"),
        ({"members": "lin"}, "the members"),
        ({"trends": [1]}, "one of the trends: it is no Trends"),
        ({"breakdowns": [1]}, "one of the breakdowns: it is no Breakdown"),
        ({"forecasts": [LENT]}, "pass (what is forecast, forecast)"),
        ({"unit": "moon", "trends": [], "forecasts": forecasts_of(UNITS)}, "a forecast: it has none of 'moon'"),
        ({"trends": [], "breakdowns": []}, "there is nothing to show"),
        ({"viewer": "hr"}, "the viewer: it is no Viewer"),
    ],
)
def test_a_wrong_call_says_what_to_pass(wrong: dict[str, Any], message: str) -> None:
    right: dict[str, Any] = {
        "unit": "east",
        "viewer": HR,
        "members": ["lin"],
        "trends": [trends_of(UNITS)],
        "breakdowns": [breakdown_of(PRODUCTS)],
    }
    with pytest.raises(lp.errors.DataError, match=re.escape(message)):
        report.unit_page(**{**right, **wrong})


def test_a_short_series_has_no_slope() -> None:
    """What is not tested says so, and the page stands."""
    given = trends_of(UNITS)
    short = evolve(given, series=tuple(evolve(one, p=None, slope=None, shows_trend=False) for one in given.series))
    page = report.unit_page("east", viewer=HR, members=["lin"], trends=[short])
    assert [("未检验", "")] == [(one.value, one.note) for one in page.sections("zh")[0].figures]
