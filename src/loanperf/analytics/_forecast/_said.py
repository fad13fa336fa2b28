"""Said: what is expected, and how well that did -> findings, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

from attrs import frozen

from loanperf._explanations import Label, Language
from loanperf._periods import Period
from loanperf._quantities import percent
from loanperf.analytics._findings import Exact, Finding, Interval, said_in
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
"""Of how many subjects there is a sentence."""
_WORDS: Mapping[str, Label] = MappingProxyType(
    {
        "expected": Label(
            "{subject}: {value} expected in {period}, {change} on {last} in {before}",
            "{subject}：预计 {period} 为 {value}，较 {before} 的 {last} 变动 {change}",
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
        "ended": Label("{n} are not forecast, as their histories have ended", "{n} 个对象历史数据已中止，未作预测"),
        "short": Label(
            "{n} have fewer than {fewest} periods, and their last value is the forecast",
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
            "{n} subjects or units are not shown to this viewer; sums include them",
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
    yield _tried(_in_both(_test_words, test, context), test)
    least = min(point.level for one in subjects for point in one.points)
    if least < context.level:
        said = _filled("few", level=percent(context.level), often=percent(round(least, 3)))
        yield _tried(said, test)
    short = sum(one.values < FEWEST and one.method != "sum" for one in subjects)
    for key, number in (("short", short), ("ended", len(ended)), ("hidden", context.hidden)):
        if number:
            yield _counted(_filled(key, n=number, fewest=FEWEST), number)
    if context.weights and context.is_weighted:
        ends = (percent(Fraction(str(round(end(context.weights), 3)))) for end in (min, max))
        said = _filled("weighted", **dict(zip(("least", "most"), ends, strict=True)))
        yield Finding(
            label=said, n=len(context.weights), certainty=Exact(), method=_CREDIBILITY, limits=_COUNTED_LIMITS
        )
    elif context.weights:
        yield _counted(_WORDS["unweighted"], len(context.weights))


def _filled(key: str, **values: object) -> Label:
    found = _WORDS[key]
    return Label(found.en.format(**values), found.zh.format(**values))


def _in_both(words: Callable[..., str], *given: object) -> Label:
    return Label(*(words(*given, language) for language in ("en", "zh")))


def _counted(said: Label, n: int) -> Finding:
    return Finding(label=said, n=n, certainty=Exact(), method=_COUNTED, limits=_COUNTED_LIMITS)


def _tried(said: Label, test: ForecastTest) -> Finding:
    return Finding(label=said, n=test.tried, certainty=Exact(), method=_TRIED, limits=_TRIED_LIMITS)


def _expected(one: SubjectForecast, context: Context) -> Finding:
    """What is expected of a subject in the first period."""
    point = one.points[0]
    return Finding(
        label=_in_both(_expected_words, one, context),
        n=one.values,
        certainty=Interval(low=point.low, high=point.high, level=point.level, unit=context.unit),
        method=_in_both(_method_words, one, context),
        limits=_LIMITS,
    )


def _method_words(one: SubjectForecast, context: Context, language: Language) -> str:
    errors, days = _ERRORS[context.interval].to(language), _DAYS.to(language) if context.by_days else ""
    return _METHOD.to(language).format(method=METHOD_NAMES[one.method].to(language), errors=errors, days=days)


def _expected_words(one: SubjectForecast, context: Context, language: Language) -> str:
    point, last = one.points[0], one.known[-1]
    values = {
        "subject": subject_name(one.subject).to(language),
        "value": said_in(point.expected, context.unit, language),
        "period": point.period,
        "last": said_in(last, context.unit, language),
        "before": context.last,
    }
    if context.unit == "%":
        change, unit = round(point.expected - last, 4), "pp"
    elif last > 0:
        change, unit = round(point.expected / last - 1, 3), "%"
    else:
        return _WORDS["only"].to(language).format(**values)
    sign = "+" if change > 0 else ""
    return _WORDS["expected"].to(language).format(**values, change=sign + said_in(change, unit, language))


def _test_words(test: ForecastTest, context: Context, language: Language) -> str:
    if test.to_naive is None:
        return _WORDS["perfect"].to(language)
    year = test.to_year_before
    held = _WORDS["not held" if test.held is None else "held"].to(language)
    off = _WORDS["never" if test.off is None else "off"].to(language)
    return (
        _WORDS["tested"]
        .to(language)
        .format(
            error=percent(round(test.to_naive, 3)),
            year="" if year is None else _WORDS["year"].to(language).format(error=percent(round(year, 3))),
            held=held.format(level=percent(context.level), held=percent(round(test.held or Fraction(0), 3))),
            off=off.format(off=percent(round(test.off or Fraction(0), 3))),
        )
    )
