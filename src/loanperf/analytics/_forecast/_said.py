"""Said: what is expected, and how well that did -> findings, in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

from attrs import frozen

from loanperf._explanations import Label
from loanperf._periods import Period
from loanperf._quantities import percent
from loanperf.analytics._findings import Exact, Finding, Interval, filled, said
from loanperf.analytics._forecast._panel import IntervalKind, PanelRule
from loanperf.analytics._forecast._result import (
    METHOD_NAMES,
    ForecastTest,
    NotForecast,
    SubjectForecast,
    subject_name,
)
from loanperf.analytics._forecast._rule import FEWEST

_SAID = 10
"""The most subjects of which there is a sentence."""
_WORDS: Mapping[str, Label] = MappingProxyType(
    {
        "expected": Label(
            "{subject}: {value} expected in {period}, {sign}{change} on {last} in {before}",
            "{subject}：预计 {period} 为 {value}，较 {before} 的 {last} 变动 {sign}{change}",
        ),
        "only": Label("{subject}: {value} expected in {period}", "{subject}：预计 {period} 为 {value}"),
        "tested": Label(
            "on periods that are known the error was {error} of that of the last value{year}; {held}; {off}",
            "以已知期间回测，误差为沿用末期值的 {error}{year}；{held}；{off}",
        ),
        "year": Label(" and {error} of that of a year before", "、沿用上年同期值的 {error}"),
        "held": Label("intervals of {level} held {held} of what came", "{level} 区间实际覆盖 {held} 的结果"),
        "not held": Label("how often intervals held could not be tried", "历史过短，区间覆盖率无法回测"),
        "off": Label("forecasts were off by {off} on average", "平均偏差 {off}"),
        "no error": Label(
            "on periods that are known there was no error; {held}", "以已知期间回测，预测没有误差；{held}"
        ),
        "little": Label("less than 0.1%", "不足 0.1%"),
        "never": Label("nothing came, so that there is no average part", "实际值均为零，无平均偏差"),
        "perfect": Label(
            "on periods that are known the last value made no error", "以已知期间回测，沿用末期值没有误差"
        ),
        "naive": Label(
            "no method did better than the last value on periods that are known: the last value is the forecast",
            "以已知期间回测，各方法均不优于沿用末期值，故以末期值作为预测",
        ),
        "seasonal naive": Label(
            "no method did better than the value of a year before on periods that are known: that is the forecast",
            "以已知期间回测，各方法均不优于沿用上年同期值，故以上年同期值作为预测",
        ),
        "ended": Label(
            "{n:subject or unit is/subjects or units are} not forecast, as no value of the last period is known",
            "{n} 个对象历史数据已中止，未作预测",
        ),
        "short": Label(
            "{n:subject has/subjects have} fewer than {fewest} periods: the last value is the forecast",
            "{n} 个对象历史不足 {fewest} 期，以末期值作为预测",
        ),
        "few": Label(
            "errors are too few for intervals of {level}: those shown hold in {often} or less",
            "可用误差过少，达不到 {level} 区间：所示区间的覆盖率最低为 {often}",
        ),
        "weighted": Label(
            "ratios of small portfolios are drawn to their unit: their own count from {least} to {most}",
            "小规模组合的比率向上级收缩：自身数据权重为 {least} 至 {most}",
        ),
        "unweighted": Label(
            "what the ratios are of is not known: each is taken as it is, and there is none of units",
            "未提供比率的分母：各比率按原值预测，不作收缩，也不汇总",
        ),
        "hidden": Label(
            "{n:subject or unit is/subjects or units are} not shown to this viewer; sums include them",
            "{n} 个对象或机构未向当前查看人展示，合计中已包含",
        ),
    }
)
_METHOD = Label("{method}; interval from {errors}{days}", "{method}；区间取自{errors}{days}")
_ERRORS: Mapping[IntervalKind, Label] = MappingProxyType(
    {
        "pooled": Label("errors of the whole panel at the last origins", "全体对象最近几期回测误差的合并"),
        "stress": Label("errors of the panel at the worst of the last origins", "全体对象最近几期中误差最大的一期"),
    }
)
_DAYS = Label("; by working days", "；按工作日折算")
_LIMITS = Label(
    "what has not happened in its history, such as another scheme, policy or market; what hits all at once, as then "
    "many intervals fail together; and why",
    "历史上未出现的变化，如方案、政策或市场变动；同时影响全体的冲击（此时多数区间会一并失准）；以及变动的原因",
)
_TRIED = Label("the same rule, given only what was before each period", "以同一规则，仅用各期之前的数据预测")
_TRIED_LIMITS = Label("how the next periods will differ from the last", "未来期间与近期的差异")
_COUNTED = Label("counted", "计数")
_CREDIBILITY = Label("credibility of Bühlmann and Straub", "Bühlmann–Straub 信度模型")
_COUNTED_LIMITS = Label("how good the forecasts are", "预测的优劣")


@frozen(kw_only=True)
class Context:
    """What findings say beside the numbers."""

    unit: str
    last: Period
    rule: PanelRule
    level: Fraction
    interval: IntervalKind
    by_days: bool
    weights: tuple[float, ...]
    """The credibility of each subject; empty of amounts."""
    is_weighted: bool
    hidden: int
    """How many subjects and units are not shown."""


def findings_of(
    subjects: Sequence[SubjectForecast], test: ForecastTest, ended: Sequence[NotForecast], context: Context
) -> Iterator[Finding]:
    """What a forecast says, the most important first."""
    if context.rule != "length":
        yield _tried(_WORDS[context.rule], test)
    for one in subjects[:_SAID]:
        yield _expected(one, context)
    yield _tried(_test_words(test, context), test)
    least = min(point.level for one in subjects for point in one.points)
    if least < context.level:
        few = filled(_WORDS["few"], level=percent(context.level), often=percent(round(least, 3)))
        yield _tried(few, test)
    short = sum(one.values < FEWEST and one.method != "sum" for one in subjects)
    for key, number in (("short", short), ("ended", len(ended)), ("hidden", context.hidden)):
        if number:
            yield _counted(filled(_WORDS[key], n=number, fewest=FEWEST), number)
    if context.weights and context.is_weighted:
        ends = (percent(Fraction(str(round(end(context.weights), 3)))) for end in (min, max))
        label = filled(_WORDS["weighted"], **dict(zip(("least", "most"), ends, strict=True)))
        yield Finding(
            label=label, n=len(context.weights), certainty=Exact(), method=_CREDIBILITY, limits=_COUNTED_LIMITS
        )
    elif context.weights:
        yield _counted(_WORDS["unweighted"], len(context.weights))


def _counted(label: Label, n: int) -> Finding:
    return Finding(label=label, n=n, certainty=Exact(), method=_COUNTED, limits=_COUNTED_LIMITS)


def _tried(label: Label, test: ForecastTest) -> Finding:
    return Finding(label=label, n=test.tried, certainty=Exact(), method=_TRIED, limits=_TRIED_LIMITS)


def _expected(one: SubjectForecast, context: Context) -> Finding:
    """What is expected of a subject in the first period."""
    point = one.points[0]
    return Finding(
        label=_expected_words(one, context),
        n=one.values,
        certainty=Interval(low=point.low, high=point.high, level=point.level, unit=context.unit),
        method=_method_words(one, context),
        limits=_LIMITS,
    )


def _method_words(one: SubjectForecast, context: Context) -> Label:
    days = _DAYS if context.by_days else ""
    return filled(_METHOD, method=METHOD_NAMES[one.method], errors=_ERRORS[context.interval], days=days)


def _expected_words(one: SubjectForecast, context: Context) -> Label:
    point, last = one.points[0], one.known[-1]
    parts = {
        "subject": subject_name(one.subject),
        "value": said(point.expected, context.unit),
        "period": point.period,
        "last": said(last, context.unit),
        "before": context.last,
    }
    if context.unit == "%":
        change = said(round(point.expected - last, 4), "pp")
    elif last > 0:
        change = said(round(point.expected / last - 1, 3), "%")
    else:
        return filled(_WORDS["only"], **parts)
    return filled(_WORDS["expected"], **parts, sign="+" if point.expected > last else "", change=change)


def _test_words(test: ForecastTest, context: Context) -> Label:
    if test.to_naive is None:
        return _WORDS["perfect"]
    held = _WORDS["not held"]
    if test.held is not None:
        held = filled(_WORDS["held"], level=percent(context.level), held=percent(round(test.held, 3)))
    if not test.error:
        return filled(_WORDS["no error"], held=held)
    year = test.to_year_before
    off = _WORDS["never"] if test.off is None else filled(_WORDS["off"], off=_part(test.off))
    beside = "" if year is None else filled(_WORDS["year"], error=_part(year))
    return filled(_WORDS["tested"], error=_part(test.to_naive), year=beside, held=held, off=off)


def _part(error: Fraction) -> Label:
    """An error as a part of something, to a tenth of a percent."""
    found = round(error, 3)
    return Label(percent(found)) if found else _WORDS["little"]
