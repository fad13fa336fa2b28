"""Forecast: what is expected of each subject, between which ends, and how well that did before; as a value."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from loanperf._charts import banded_line
from loanperf._data import PlainData
from loanperf._explanations import Label, Language
from loanperf._periods import Period
from loanperf._quantities import Number, Quantity, percent
from loanperf._targets import Target
from loanperf._validators import between, is_a
from loanperf.analytics._findings import Analysis, AnalysisColumn, Cell, Finding, column, unit_in
from loanperf.errors import DataError

ForecastMethod: TypeAlias = Literal[
    "last value", "median", "half grown year", "grown year", "year before", "seasons", "sum"
]
METHOD_NAMES: Mapping[ForecastMethod, Label] = MappingProxyType(
    {
        "last value": Label("the last value", "沿用末期值"),
        "median": Label("the median of five simple methods", "五种简易方法取中位数"),
        "half grown year": Label(
            "half the median of five, half the year before moved by its growth",
            "五法中位数与按增幅调整的上年同期值各半",
        ),
        "grown year": Label("the year before, moved by the growth since", "按增幅调整的上年同期值"),
        "year before": Label("the value of a year before", "上年同期值"),
        "seasons": Label("seasons, drawn to none as far as years differ", "收缩后的季节因子"),
        "sum": Label("the sum of its parts", "下级合计"),
    }
)
"""How each subject is forecast."""


@frozen(kw_only=True)
class ForecastPoint(PlainData):
    """What is expected of a subject in a period, in the unit of the forecast.

    Amounts are rounded to hundredths, ratios to hundredths of a percent, half to even.
    """

    period: Period
    expected: Fraction
    low: Fraction
    """The lower end of the interval."""
    high: Fraction
    """The upper end of the interval."""
    naive: Fraction
    """The last value that is known, as forecast."""
    level: Fraction = field(validator=between(0, 1))
    """How often the true value should lie between `low` and `high`, from 0 to 1.

    It is the level that was asked for, or less where too few earlier forecasts could be tried.
    """


@frozen(kw_only=True)
class SubjectForecast(PlainData):
    """What is expected of a subject or unit, one period after the other."""

    subject: str
    """Its code; `total` is the sum of all."""
    values: int
    """How many periods its history has."""
    method: ForecastMethod
    known: tuple[Fraction, ...]
    """Past values, the oldest first: those of the last 24 periods that are known; a ratio as it was, not smoothed."""
    points: tuple[ForecastPoint, ...]


@frozen(kw_only=True)
class ForecastTest(PlainData):
    """How the same rule did on known periods: it was given what was before them, and held against what came."""

    tried: int
    """How many forecasts were held against what came."""
    error: Fraction
    """MASE: the mean error, over that of the naive forecast one period ahead within each history."""
    naive: Fraction
    """MASE of the last value as forecast."""
    year_before: Fraction | None
    """MASE of the value of a year before as forecast; None where no history that was tried has a year."""
    rms_error: Fraction
    """RMSSE: as `error`, but of squared errors, with the root; large misses weigh more."""
    off: Fraction | None
    """MAPE: the mean error as a part of what came, where something came; None where nothing did."""
    held: Fraction | None
    """How often the interval held what came; None where the histories are too short for that."""

    @property
    def to_naive(self) -> Fraction | None:
        """The error over that of the last value: below 1 is better than it; None where that made no error."""
        return self.error / self.naive if self.naive else None

    @property
    def to_year_before(self) -> Fraction | None:
        """The error over that of the value of a year before: below 1 is better; None where that made no error."""
        return self.error / self.year_before if self.year_before else None


@frozen(kw_only=True)
class NotForecast(PlainData):
    """Who or what is not forecast, and why."""

    subject: str
    why: Label


_WORDS: Mapping[str, Label] = MappingProxyType(
    {
        "subject": Label("subject", "对象"),
        "period": Label("period", "期间"),
        "expected": Label("expected", "预测值"),
        "low": Label("from", "区间下限"),
        "high": Label("to", "区间上限"),
        "naive": Label("naive", "沿用末期值"),
        "values": Label("periods known", "历史期数"),
        "method": Label("method", "方法"),
        "level": Label("interval", "区间置信水平"),
        "total": Label("total", "合计"),
        "source": Label("suggested by a forecast", "预测建议值"),
    }
)


_AMOUNTS = ("expected", "low", "high", "naive")
"""The columns in the unit of the forecast."""


def subject_name(code: str) -> Label:
    """The name of a subject: its code, or what the sum of all goes by."""
    return _WORDS["total"] if code == "total" else Label(code, code)


@frozen(kw_only=True, repr=False)
class Forecast(Analysis):
    """What is expected of subjects and units in the next periods, each with an interval; statistics, and never pay."""

    findings: tuple[Finding, ...]
    unit: str
    """The unit of all values: `%` for ratios, as parts of one, or a unit of a `Quantity`, such as `CNY`."""
    subjects: tuple[SubjectForecast, ...]
    """The largest units first, then those whom the viewer may see."""
    test: ForecastTest = field(validator=is_a(ForecastTest))
    left_out: tuple[NotForecast, ...] = ()

    def of(self, subject: str) -> SubjectForecast:
        """The forecast for one person, product or the like, or for one unit, by its code.

        Raises:
            DataError: there is none; it is unknown, not forecast, or not shown to the viewer.
        """
        for one in self.subjects:
            if one.subject == subject:
                return one
        raise DataError("a forecast", f"it has none of {subject!r}", "see left_out, or ask as a viewer who sees it")

    @property
    def rows(self) -> tuple[AnalysisColumn, ...]:
        """A row a subject and period."""
        pairs = [(one, point) for one in self.subjects for point in one.points]
        columns: Mapping[str, list[Cell]] = {
            "subject": [subject_name(one.subject) for one, _ in pairs],
            "period": [str(point.period) for _, point in pairs],
            "expected": [point.expected for _, point in pairs],
            "low": [point.low for _, point in pairs],
            "high": [point.high for _, point in pairs],
            "level": [percent(point.level) for _, point in pairs],
            "naive": [point.naive for _, point in pairs],
            "values": [one.values for one, _ in pairs],
            "method": [METHOD_NAMES[one.method] for one, _ in pairs],
        }
        return tuple(
            column(_WORDS, code, values, self.unit if code in _AMOUNTS else "") for code, values in columns.items()
        )

    def chart(self, language: Language = "en", *, subject: str = "") -> Mapping[str, Any]:
        """The last values of a subject, what is expected, and the interval as a band; of ratios in percent.

        Args:
            language: as of `Explanation.text`.
            subject: whose; empty is the first one.
        """
        one = self.of(subject) if subject else self.subjects[0]
        when = [one.points[0].period]
        for _ in one.known:
            when.append(when[-1].previous())
        times = 100 if self.unit == "%" else 1
        known = [(str(period), value * times) for period, value in zip(when[:0:-1], one.known, strict=True)]
        ahead = [
            (str(point.period), point.expected * times, point.low * times, point.high * times) for point in one.points
        ]
        return banded_line(
            known, ahead, up=f"{subject_name(one.subject).to(language)} ({unit_in(self.unit, language)})"
        )

    def projected(self, indicator: str, period: Period | None = None) -> dict[str, dict[str, Quantity]]:
        """The expected value by subject and indicator, as alert rules of the kind `forecast` take it.

        Args:
            indicator: the code of the indicator whose readings were forecast.
            period: of which; None is the first.

        Raises:
            DataError: the period is none of the forecast.
        """
        unit = "" if self.unit == "%" else self.unit
        return {
            one.subject: {indicator: Quantity(_point(one, period).expected, unit)}
            for one in self.subjects
            if one.subject != "total"
        }

    def suggested_targets(
        self, indicator: str, *, growth: Number = "0%", step: Number, period: Period | None = None
    ) -> tuple[Target, ...]:
        """Suggested targets: the expected value of each subject plus a growth, in whole steps.

        Args:
            indicator: the code of the indicator whose readings were forecast.
            growth: such as "5%", on what is expected.
            step: what a target is a multiple of, in its unit, such as "1万元"; rounded half up.
            period: for which; None is the first.

        Raises:
            DataError: the period is none of the forecast, or the step is not above zero.
            UnitError: the step is in another unit.
        """
        return tuple(
            Target(
                payee=code,
                indicator=indicator,
                value=Target.grown(of[indicator], growth, payee=code, indicator=indicator, step=step).value,
                period=_point(self.of(code), period).period,
                source=_WORDS["source"],
            )
            for code, of in self.projected(indicator, period).items()
        )


def _point(one: SubjectForecast, period: Period | None) -> ForecastPoint:
    for point in one.points:
        if period in (None, point.period):
            return point
    raise DataError("a forecast", f"it says nothing of {period}", f"it is of {one.points[0].period} and after")
