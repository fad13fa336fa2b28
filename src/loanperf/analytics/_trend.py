"""Trend: (what regions, people or products came to, period by period) -> which of them keep rising or falling."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from statistics import median
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from attrs import evolve, field, frozen

from loanperf._charts import lines_over_periods
from loanperf._data import PlainData
from loanperf._explanations import Label, Language
from loanperf._periods import Period, must_be_period, periods_through
from loanperf._quantities import percent
from loanperf._validators import is_a, must_be, must_be_in_both
from loanperf.analytics._findings import (
    SMALLEST,
    Analysis,
    AnalysisColumn,
    Exact,
    Finding,
    Interval,
    column,
    filled,
    must_be_from,
    must_be_list,
    must_be_smallest,
    said,
    shown_groups,
    unit_between,
    unit_in,
)
from loanperf.analytics._mix import MixNumber, as_number
from loanperf.analytics._statistics import floats, near
from loanperf.analytics._trend_statistics import (
    PATHS,
    autocorrelation,
    discoveries,
    kendall_s,
    p_value,
    pair_slopes,
    simulated_s,
    slope_interval,
)
from loanperf.errors import DataError, shown
from loanperf.viewer import Viewer, must_be_viewer

TrendPoint: TypeAlias = tuple[str, Period, MixNumber]
"""The code of a subject, such as a region, a payee or a product; a period; and what the subject came to in it."""
LEAST_POINTS = 9
"""A series of fewer points is not tested: it says too little to tell a trend from chance."""
_RUN = 3
"""From how many changes in a row in one direction on a short series is spoken of."""
_ZERO = Fraction(0)
_CHANCE = Fraction(1, 10)
_LEVEL = Fraction(95, 100)
_WORDS: Mapping[str, Label] = MappingProxyType(
    {
        "all": Label(
            "{what}, {first} to {last}: {found} of {tested} series tested show a trend; {constant} do not change at "
            "all; {short} have fewer than {least} points and are not tested",
            "{what}（{first} 至 {last}）：检验 {tested} 个序列，其中 {found} 个呈现趋势；{constant} 个始终不变；"
            "{short} 个不足 {least} 期，未作检验",
        ),
        "falls": Label("{subject}: keeps falling, by {by} a period", "{subject}：持续下降，平均每期下降 {by}"),
        "rises": Label("{subject}: keeps rising, by {by} a period", "{subject}：持续上升，平均每期上升 {by}"),
        "down": Label(
            "{subject}: {count} periods in a row down; not tested", "{subject}：连续 {count} 期下降，未作检验"
        ),
        "up": Label("{subject}: {count} periods in a row up; not tested", "{subject}：连续 {count} 期上升，未作检验"),
        "missing": Label("no figures: {missing}", "缺少数据：{missing}"),
        "small": Label(
            "{count} groups are left out, so that none of fewer than {smallest} people is shown",
            "{count} 个组未予列示，以免显示不足 {smallest} 人的组",
        ),
        "counted": Label("counted, no test", "仅为计数，未作检验"),
        "tested": Label(
            "Mann-Kendall against {paths} simulated series with an autocorrelation of {rate}, pooled over {pooled} "
            "series; Sen's slope; at most {chance} false discoveries expected, by Benjamini and Hochberg",
            "曼-肯德尔趋势检验，以 {paths} 条模拟序列为参照（一阶自相关系数 {rate}，由 {pooled} 个序列合并估计）；"
            "变动幅度为森斜率；按本杰明-霍克伯格法，误报比例预期不超过 {chance}",
        ),
        "limits": Label(
            "a cause or what comes next; seasons are not taken out, nor what moves all series at once",
            "变动原因及后续走势；未剔除季节因素，亦未剔除各序列的共同波动",
        ),
        "limits without seasons": Label(
            "a cause or what comes next; what moves all series at once is not taken out",
            "变动原因及后续走势；未剔除各序列的共同波动",
        ),
        "same season": Label(
            "{method}; each period is compared with those {season} periods before and after it, and so on",
            "{method}；各期仅与相隔 {season} 期及其倍数的期间比较，以排除季节因素",
        ),
        "why": Label("why, or whether it goes on", "原因以及是否会持续"),
        "subject": Label("series", "序列"),
        "points": Label("points", "期数"),
        "gaps": Label("missing", "缺少期数"),
        "run": Label("changes in a row", "连续变动期数"),
        "slope": Label("slope a period", "每期变动"),
        "low": Label("from", "下限"),
        "high": Label("to", "上限"),
        "p": Label("p-value", "p 值"),
        "outcome": Label("outcome", "结论"),
        "rising": Label("rises", "上升"),
        "falling": Label("falls", "下降"),
        "none": Label("no trend shown", "未见趋势"),
        "constant": Label("does not change", "始终不变"),
        "untested": Label("not tested", "未检验"),
    }
)


@frozen(kw_only=True)
class Trend(PlainData):
    """The series of one subject, and whether it shows a trend."""

    subject: str
    periods: tuple[Period, ...]
    """Those that have a value, in order."""
    values: tuple[Fraction, ...]
    """One a period; amounts in whole currency, shares as fractions."""
    missing: tuple[Period, ...] = ()
    """Periods without a value between the first of this series and the last of all."""
    in_a_row: int = 0
    """How many changes at the end go in one direction, without a gap: below zero where they fall."""
    s: int = 0
    """S of Mann and Kendall: pairs of points that rise, less pairs that fall; 0 where it was not tested."""
    slope: Fraction | None = None
    """Sen's slope: the median change a period; None where it was not tested."""
    low: Fraction | None = None
    """The lower end of the 95% interval of the slope."""
    high: Fraction | None = None
    p: Fraction | None = None
    """The p-value, above 0 up to 1: how often a series without a trend has as large an S; None if not tested."""
    shows_trend: bool = field(default=False, validator=is_a(bool))

    @property
    def outcome(self) -> Label:
        """The outcome in words: rises, falls, no trend shown, does not change, or not tested."""
        if self.shows_trend:
            return _WORDS["rising" if self.s > 0 else "falling"]
        if len(set(self.values)) == 1 and self.p is not None:
            return _WORDS["constant"]
        return _WORDS["untested" if self.p is None else "none"]


@frozen(kw_only=True, repr=False)
class Trends(Analysis):
    """The result of `trend`: one test for each series, those with a trend first, and what is said of them."""

    findings: tuple[Finding, ...]
    what: Label
    """What the series are of."""
    unit: str
    """`%` of shares, or the unit of the values."""
    season: int = 1
    """Periods that are a multiple of this apart are compared: 1 compares all, 12 the same months of years."""
    autocorrelation: Fraction
    """How far a period is like the one before, pooled over all series that are tested: 0 to 0.95, four decimals."""
    series: tuple[Trend, ...]

    @property
    def rows(self) -> tuple[AnalysisColumn, ...]:
        """A table with a row a series."""
        every, by = self.series, unit_between(self.unit)
        return (
            column(_WORDS, "subject", (one.subject for one in every)),
            column(_WORDS, "outcome", (one.outcome for one in every)),
            column(_WORDS, "points", (len(one.values) for one in every)),
            column(_WORDS, "gaps", (len(one.missing) for one in every)),
            column(_WORDS, "run", (one.in_a_row for one in every)),
            *(column(_WORDS, code, (getattr(one, code) for one in every), by) for code in ("slope", "low", "high")),
            column(_WORDS, "p", (one.p for one in every)),
        )

    def chart(self, language: Language = "en") -> Mapping[str, Any]:
        """Lines over the periods, of shares in percent: those that show a trend by colour, the others grey."""
        times = 100 if self.unit == "%" else 1
        points = [
            (one.subject, str(period), value * times, one.s if one.shows_trend else 0)
            for one in self.series
            for period, value in zip(one.periods, one.values, strict=True)
        ]
        return lines_over_periods(points, up=unit_in(self.unit, language) or self.what.to(language))


def trend(
    points: Iterable[TrendPoint],
    *,
    what: Label,
    viewer: Viewer,
    rng: np.random.Generator,
    unit: str = "%",
    season: int = 1,
    groups: Mapping[str, int] | None = None,
    smallest: int = SMALLEST,
) -> Trends:
    """Which regions, people or products keep rising or falling, told apart from chance.

    A period is like the one before, which makes chance look like a trend. So S of Mann and Kendall is held against
    simulated series as autocorrelated as these are, and at most a tenth of the trends said is expected to be chance
    (Benjamini and Hochberg). Series of fewer than nine points are not tested; what is said is a count.
    The order of the points does not matter.

    Args:
        points: subject, period and value, each subject and period once; exact values, amounts in whole currency.
        what: what the values are, such as the NPL ratio.
        viewer: who looks; payees whom the viewer may not see are left out.
        rng: numpy's generator, made of a seed that is kept with the result: the same one gives the same result.
        unit: `%` of shares, where 0.05 is 5%; or the unit of the values, such as `CNY`.
        season: how many periods a year has, 12 of months: each is then compared with the same one of other years alone,
            so that seasons play no part, and series of less than two years are not tested. 1: all are compared. 366 at
            most.
        groups: how many people each subject has, where subjects are groups such as regions; None where they are payees.
        smallest: how many people a group must have; smaller ones are left out, and counted.

    Raises:
        DataError: there are no points, nobody whom the viewer may see, a point is there twice, periods overlap, are
            not of one length or more than 600, the size of a group is not given, or an argument cannot be used.
        FloatError: a value is a float, NaN too.
        PeriodError: a period is none.

    >>> months = [Period.month(2026, number) for number in range(1, 13)]
    >>> falls = [("north", month, Fraction(30 - number, 100)) for number, month in enumerate(months)]
    >>> level = [("south", month, Fraction(30 + number % 2, 100)) for number, month in enumerate(months)]
    >>> found = trend(
    ...     falls + level,
    ...     what=Label("cross-selling rate", "交叉销售率"),
    ...     viewer=Viewer(who="hr", sees="all"),
    ...     rng=np.random.default_rng(2026),
    ...     groups={"north": 8, "south": 9},
    ... )
    >>> print(found.series[0].subject, found.series[0].outcome, found.series[0].slope)
    north falls -1/100
    """
    _must_be_given(what, viewer, rng, season)
    must_be_smallest(smallest)
    values = _by_subject(points, unit)
    shown_only, small = _shown(values, viewer, groups, smallest)
    grid = _grid({period for some in shown_only.values() for period in some})
    series = [_counted(subject, shown_only[subject], grid) for subject in sorted(shown_only)]
    tested, rate, pooled = _tested(series, grid, rng, season)
    order = sorted(tested, key=lambda one: (not one.shows_trend, one.p is None, one.p or 0, one.subject))
    found = Trends(findings=(), what=what, unit=unit, season=season, autocorrelation=rate, series=tuple(order))
    return evolve(found, findings=tuple(_findings(found, grid, pooled, small, smallest)))


# ── what is given ───────────────────────────────────────────────────────────────────────────────────────────


def _must_be_given(what: object, viewer: object, rng: object, season: int) -> None:
    """Refuse arguments that cannot be used.

    Raises:
        DataError: one cannot.
    """
    must_be_in_both("what", what)
    must_be_viewer(viewer)
    must_be(rng, np.random.Generator, "rng", "pass numpy.random.default_rng(seed), and keep the seed")
    must_be_from(season, "season", 1, 366)


def _by_subject(points: Iterable[TrendPoint], unit: str) -> dict[str, dict[Period, Fraction]]:
    found = defaultdict[str, dict[Period, Fraction]](dict)
    remedy = "pass (subject, period, value), such as ('north', lp.Period.month(2026, 3), Fraction(3, 100))"
    must_be_list(points, "the points", remedy)
    for number, one in enumerate(points):
        point: Any = one
        if not isinstance(point, tuple) or len(point) != 3 or not isinstance(point[0], str) or not point[0]:
            raise DataError(f"point {number}", f"it is {shown(point)}", remedy)
        subject, period, value = point
        must_be_period(period)
        if period in found[subject]:
            raise DataError(f"{subject} in {period}", "it is there twice", "give each subject once a period")
        found[subject][period] = as_number(value, "" if unit == "%" else unit, f"{subject} in {period}")
    if not found:
        raise DataError("the points", "there is none", "pass what each subject came to in each period")
    return found


def _shown(
    values: Mapping[str, dict[Period, Fraction]], viewer: Viewer, groups: Mapping[str, int] | None, smallest: int
) -> tuple[dict[str, dict[Period, Fraction]], int]:
    """The series that may be shown, and how many groups are too small for it."""
    if groups is None:
        kept = [subject for subject in values if viewer.may_see(subject)]
    else:
        must_be(groups, Mapping, "groups", "pass how many people each group has, such as {'north': 8}")
        if unsized := sorted(values.keys() - groups.keys()):
            raise DataError("groups", f"the size of {unsized[0]} is not given", "say how many people are in each group")
        names = shown_groups({subject: groups[subject] for subject in values}, smallest)
        kept = [subject for subject in values if names[subject] is not None]
    if not kept:
        raise DataError("the trend", "there is no series that may be shown", "check the viewer and the size of groups")
    return {subject: values[subject] for subject in kept}, len(values) - len(kept) if groups is not None else 0


def _grid(periods: set[Period]) -> tuple[Period, ...]:
    """All periods from the first to the last."""
    grid = periods_through(min(periods), max(periods))
    if strange := sorted(periods - set(grid)):
        fault = f"{strange[0]} is none of the periods that follow {grid[0]}"
        raise DataError("the periods", fault, "pass periods of one length, such as months, that do not overlap")
    return grid


def _counted(subject: str, values: Mapping[Period, Fraction], grid: Sequence[Period]) -> Trend:
    since = grid[grid.index(min(values)) :]
    periods = tuple(period for period in since if period in values)
    return Trend(
        subject=subject,
        periods=periods,
        values=tuple(values[period] for period in periods),
        missing=tuple(period for period in since if period not in values),
        in_a_row=_in_a_row([values.get(period) for period in since]),
    )


def _in_a_row(values: Sequence[Fraction | None]) -> int:
    """How many changes at the end go in one direction; below zero where they fall, 0 where the last is missing."""
    count = 0
    for place in range(len(values) - 1, 0, -1):
        one, before = values[place], values[place - 1]
        way = 0 if one is None or before is None else (one > before) - (one < before)
        if not way or way * count < 0:
            break
        count += way
    return count


# ── the test ────────────────────────────────────────────────────────────────────────────────────────────────


def _tested(
    series: Sequence[Trend], grid: Sequence[Period], rng: np.random.Generator, season: int
) -> tuple[list[Trend], Fraction, int]:
    """The series with what the test says, the autocorrelation, and over how many series it is pooled."""
    long = [one for one in series if len(one.values) >= least_points(season)]
    if not long:
        return list(series), Fraction(0), 0
    at = {period: place for place, period in enumerate(grid)}
    places = [tuple(at[period] - at[one.periods[0]] for period in one.periods) for one in long]
    panel = [(place, _scaled(one.values)) for place, one in zip(places, long, strict=True) if len(set(one.values)) > 1]
    rate = near(autocorrelation(panel, rng, season))
    simulated = simulated_s(places, float(rate), rng, season)
    sizes = [kendall_s(one.values, place, season) for one, place in zip(long, places, strict=True)]
    chances = [p_value(s, simulated[place]) for s, place in zip(sizes, places, strict=True)]
    stand_out = discoveries(chances, _CHANCE)
    done: dict[str, Trend] = {}
    for one, place, s, p, is_out in zip(long, places, sizes, chances, stand_out, strict=True):
        slopes = pair_slopes(place, one.values, season)
        low, high = slope_interval(slopes, simulated[place], _LEVEL)
        done[one.subject] = evolve(one, s=s, slope=median(slopes), low=low, high=high, p=p, shows_trend=is_out)
    return [done.get(one.subject, one) for one in series], rate, len(panel)


def least_points(season: int) -> int:
    """How many points a series must have to be tested: where seasons play no part, those of two years."""
    return LEAST_POINTS if season == 1 else max(LEAST_POINTS, 2 * season)


def _scaled(values: Sequence[Fraction]) -> Any:
    """Values from 0 to 1, so that neither the unit nor the level plays a part."""
    low, high = min(values), max(values)
    return floats((value - low) / (high - low) for value in values)


# ── findings ────────────────────────────────────────────────────────────────────────────────────────────────


def _findings(found: Trends, grid: Sequence[Period], pooled: int, small: int, smallest: int) -> Iterable[Finding]:
    series = found.series
    method = filled(
        _WORDS["tested"], paths=PATHS, rate=said(found.autocorrelation, ""), pooled=pooled, chance=percent(_CHANCE)
    )
    limits = _WORDS["limits" if found.season == 1 else "limits without seasons"]
    if found.season > 1:
        method = filled(_WORDS["same season"], method=method, season=found.season)
    tested = [one for one in series if one.p is not None]
    label = filled(
        _WORDS["all"],
        what=found.what,
        first=grid[0],
        last=grid[-1],
        found=sum(one.shows_trend for one in series),
        tested=len(tested),
        constant=sum(len(set(one.values)) == 1 for one in tested),
        short=len(series) - len(tested),
        least=least_points(found.season),
    )
    yield _exact(label, len(series), method, limits)
    for one in series:
        if one.shows_trend:
            yield _of_trend(one, found.unit, method, limits)
    for one in series:
        if one.p is None and abs(one.in_a_row) >= _RUN:
            label = filled(_WORDS["up" if one.in_a_row > 0 else "down"], subject=one.subject, count=abs(one.in_a_row))
            yield _exact(label, len(one.values))
    if gaps := [one for one in series if one.missing]:
        texts = [
            f"{one.subject} {', '.join(map(str, one.missing))}" for one in sorted(gaps, key=lambda one: one.subject)
        ]
        missing = Label("; ".join(texts), "；".join(text.replace(", ", "、") for text in texts))
        yield _exact(filled(_WORDS["missing"], missing=missing), sum(len(one.missing) for one in gaps))
    if small:
        yield _exact(filled(_WORDS["small"], count=small, smallest=smallest), small)


def _exact(label: Label, count: int, method: Label | None = None, limits: Label | None = None) -> Finding:
    found = {"method": method or _WORDS["counted"], "limits": limits or _WORDS["why"]}
    return Finding(label=label, n=count, certainty=Exact(), **found)


def _of_trend(one: Trend, unit: str, method: Label, limits: Label) -> Finding:
    by = said(abs(one.slope or _ZERO), unit_between(unit))
    return Finding(
        label=filled(_WORDS["rises" if one.s > 0 else "falls"], subject=one.subject, by=by),
        n=len(one.values),
        certainty=Interval(low=one.low or _ZERO, high=one.high or _ZERO, level=_LEVEL, unit=unit_between(unit)),
        method=method,
        limits=limits,
    )
