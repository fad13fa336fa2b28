"""Figures of a region and of a product over two years, to be shown on pages.

The region lends 1 万元 less each month, exactly, from 124 万元 down to 101 万元; its NPL ratio goes up and down between
2% and 2.1%.
"""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

import loanperf as lp
from loanperf import report
from loanperf.analytics import BREAKDOWNS, Breakdown, BreakdownRow, Exact, Finding, PastValues, Trends, forecast, trend
from loanperf.viewer import Viewer

MONTHS = [lp.Period.month(2024 + number // 12, number % 12 + 1) for number in range(24)]
LENT = lp.Label("amount disbursed", "放款量")
NPL = lp.Label("NPL ratio", "不良率")
HR = Viewer(who="hr", sees="all")


def lent(place: int, number: int) -> int:
    """What a unit lends in a month: the first falls, the others go up and down."""
    return 1_240_000 - 10_000 * number if place == 0 else 800_000 + 7_000 * ((7 * number * place) % 11)


def trends_of(units: Sequence[str]) -> Trends:
    """Of the amount disbursed."""
    points = [
        (unit, month, Fraction(lent(place, number)))
        for place, unit in enumerate(units)
        for number, month in enumerate(MONTHS)
    ]
    sizes = dict.fromkeys(units, 9)
    return trend(points, what=LENT, viewer=HR, rng=np.random.default_rng(2026), unit="CNY", groups=sizes)


def forecasts_of(units: Sequence[str]) -> list[report.NamedForecast]:
    """Of the amount disbursed and of the NPL ratio."""
    amounts = {
        unit: {month: lent(place, number) for number, month in enumerate(MONTHS)} for place, unit in enumerate(units)
    }
    ratios = {
        unit: {
            month: Fraction(200 + (7 * number * number + 3 * place) % 11, 10_000) for number, month in enumerate(MONTHS)
        }
        for place, unit in enumerate(units)
    }
    return [
        (LENT, forecast(PastValues(values=amounts, subjects="units"), viewer=HR)),
        (NPL, forecast(PastValues(values=ratios, unit="%", subjects="units"), viewer=HR)),
    ]


def breakdown_of(groups: Sequence[str]) -> Breakdown:
    """The NPL ratio of groups, in the first and the last quarter that are shown."""
    rows = [
        BreakdownRow(
            period=lp.Period.quarter(2025, quarter),
            group=lp.Label(group, group),
            people=9,
            amount=Fraction(20_000 * (place + quarter)),
            whole=Fraction(1_000_000 * (place + 2)),
        )
        for quarter in (1, 4)
        for place, group in enumerate(groups)
    ]
    finding = Finding(
        label=lp.Label(f"NPL ratio by product: {len(groups)} groups", f"按产品分析不良率：共 {len(groups)} 组"),
        n=9,
        certainty=Exact(),
        method=lp.Label("sums over people of each group", "按组对人员加总"),
        limits=lp.Label("why groups differ", "各组差异的原因"),
    )
    return Breakdown(findings=(finding,), what=NPL, by=BREAKDOWNS["product"], groups=tuple(rows), unit="CNY")


def page_of(units: Sequence[str], groups: Sequence[str], *, name: str = "", viewer: Viewer = HR) -> report.Page:
    """The page of the first of the units, whose figures are those of lin and wu."""
    return report.unit_page(
        units[0],
        viewer=viewer,
        members=["lin", "wu"],
        name=name,
        trends=[trends_of(units)],
        forecasts=forecasts_of(units),
        breakdowns=[breakdown_of(groups)],
        as_of="2025-12-31",
    )
