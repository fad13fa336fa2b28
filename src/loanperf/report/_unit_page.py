"""Unit page: (trends, forecasts, breakdowns) -> one page about a region, a team or a product."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from functools import partial
from math import ceil, floor, log10
from typing import Any, TypeAlias

from attrs import evolve

from loanperf._explanations import Label, Language
from loanperf._quantities import percent
from loanperf._validators import each_of
from loanperf.analytics import AnalysisColumn, Breakdown, Exact, Finding, Forecast, ForecastPoint, Trend, Trends
from loanperf.errors import DataError
from loanperf.report._given import subject_of
from loanperf.report._page import Page
from loanperf.report._parts import Chart, KeyFigure, PageRow, PageTable, Reason, Remark, Section
from loanperf.report._words import WORDS, said, say
from loanperf.viewer import Viewer, must_be_viewer

NamedForecast: TypeAlias = tuple[Label, Forecast]
"""What is forecast, such as the amount disbursed, and the forecast."""
_ADVICE = "pass what loanperf.analytics gives, in a list"


def unit_page(
    unit: str,
    *,
    viewer: Viewer,
    members: Iterable[str],
    name: str | Label = "",
    trends: Iterable[Trends] = (),
    forecasts: Iterable[NamedForecast] = (),
    breakdowns: Iterable[Breakdown] = (),
    as_of: date | str | None = None,
) -> Page:
    """The page of a region, a team or a product: trends, forecasts and breakdowns, each as a table with a chart.

    Of trends and forecasts it has the series of the unit alone; breakdowns are those of the unit, and stand as they
    are. The ends of intervals are rounded outwards to three digits of the width of the interval.

    Args:
        unit: its code, as trends and forecasts name it.
        viewer: who looks, and may see each of the members.
        members: the codes of the payees whose figures these are.
        name: of the unit; its code where there is none.
        trends: one an indicator, of series that are units or products.
        forecasts: what is forecast, and the forecast.
        breakdowns: of the unit, such as its products.
        as_of: the last day that is in the numbers; None says none.

    Raises:
        RightsError: the viewer may not see one of the members.
        DataError: there is nothing to show, nobody is a member, something is of another class, or a trend or a forecast
            has no such series.

    >>> unit_page("east", viewer=Viewer(who="chen", sees="all"), members=["lin"])
    Traceback (most recent call last):
    loanperf.errors.DataError: the page of 'east': there is nothing to show; pass trends, forecasts or breakdowns
    """
    _may_see(viewer, members)
    risen = [(one, _series(one, unit)) for one in each_of(trends, Trends, "the trends", _ADVICE)]
    ahead = [_of_unit(one, unit) for one in forecasts]
    groups = each_of(breakdowns, Breakdown, "the breakdowns", _ADVICE)
    if not (risen or ahead or groups):
        raise DataError(f"the page of {unit!r}", "there is nothing to show", "pass trends, forecasts or breakdowns")

    def made(language: Language) -> tuple[Section, ...]:
        return (
            _summary(risen, ahead, language),
            *(_trend(whole, one, language) for whole, one in risen),
            *(_forecast(what, whole, language) for what, whole in ahead),
            *(_breakdown(one, language) for one in groups),
        )

    called = name if isinstance(name, Label) else Label(name or unit)
    ends = [one.periods[-1] for _, one in risen]
    ends += [whole.subjects[0].points[0].period.previous() for _, whole in ahead]
    ends += [row.period for one in groups for row in one.groups]
    last = max(ends, key=lambda period: period.end)
    return Page(title=WORDS["unit page"], subject=subject_of(called, last, as_of), made=made)


def _may_see(viewer: Viewer, members: Iterable[str]) -> None:
    """Refuse a page of people whom the viewer may not see.

    Raises:
        RightsError: there is one.
        DataError: nobody is a member.
    """
    must_be_viewer(viewer)
    payees = each_of(members, str, "the members", "pass the codes of the payees whose figures these are")
    if not payees:
        raise DataError("the members", "there are none", "pass the codes of the payees whose figures these are")
    for payee in payees:
        viewer.must_see(payee)


def _series(trends: Trends, unit: str) -> Trend:
    """The series of the unit.

    Raises:
        DataError: there is none.
    """
    for one in trends.series:
        if one.subject == unit:
            return one
    raise DataError(f"the trends of {trends.what.en}", f"there is none of {unit!r}", "pass those that have the unit")


def _of_unit(given: Any, unit: str) -> NamedForecast:
    """A forecast with the unit alone.

    Raises:
        DataError: it is no forecast with a name, or has none of the unit.
    """
    if not isinstance(given, tuple) or list(map(type, given)) != [Label, Forecast]:
        raise DataError(
            "the forecasts", "one is no pair of a Label and a Forecast", "pass (what is forecast, forecast)"
        )
    what, forecast = given
    one = forecast.of(unit)
    one = evolve(one, points=tuple(_in_few_digits(point) for point in one.points))
    return what, evolve(forecast, subjects=(one,))


def _in_few_digits(point: ForecastPoint) -> ForecastPoint:
    """The forecast with ends of its interval rounded outwards to three digits of its width."""
    width = point.high - point.low
    if not width:
        return point
    step = Fraction(10) ** (floor(log10(width)) - 2)
    return evolve(point, low=floor(point.low / step) * step, high=ceil(point.high / step) * step)


# ── sections ────────────────────────────────────────────────────────────────────────────────────────────────


def _summary(trends: Sequence[tuple[Trends, Trend]], forecasts: Sequence[NamedForecast], language: Language) -> Section:
    """What is expected next, and which way each indicator goes."""
    figures = []
    for what, whole in forecasts:
        point = whole.subjects[0].points[0]
        value, low, high = _texts((point.expected, point.low, point.high), whole.unit, language)
        name = say("expected in", language, what=what.to(language), period=point.period)
        note = say("no scatter", language)
        if point.low < point.high:
            note = say("between", language, level=percent(point.level), low=low, high=high)
        figures.append(KeyFigure(name=name, value=value, note=note))
    for trend, one in trends:
        note = ""
        if one.slope is not None:
            (slope,) = _texts((one.slope,), "pp" if trend.unit == "%" else trend.unit, language)
            note = say("a period", language, slope=slope)
        figures.append(KeyFigure(name=trend.what.to(language), value=one.outcome.to(language), note=note))
    return Section(heading=say("summary", language), figures=tuple(figures))


def _trend(whole: Trends, one: Trend, language: Language) -> Section:
    """The values of the unit, period by period, and how the trend was told from chance."""
    alone = evolve(whole, series=(one,))
    columns = (
        _column("period", tuple(str(period) for period in one.periods)),
        AnalysisColumn(code="value", name=whole.what, values=one.values, unit=whole.unit),
    )
    heading = say("trend of", language, what=whole.what.to(language))
    return _section(heading, alone.chart(language), columns, whole.findings[:1], language)


def _forecast(what: Label, whole: Forecast, language: Language) -> Section:
    """What is expected of the unit, with its interval, and how well that did before."""
    kept = ("period", "expected", "low", "high", "level", "naive")
    columns = tuple(column for column in whole.rows if column.code in kept)
    found = [one for one in whole.findings if isinstance(one.certainty, Exact)]
    heading = say("forecast of", language, what=what.to(language))
    return _section(heading, whole.chart(language), columns, found, language)


def _breakdown(whole: Breakdown, language: Language) -> Section:
    """The groups of the unit, period by period."""
    heading = say("broken down by", language, what=whole.what.to(language), by=whole.by.to(language))
    return _section(heading, whole.chart(language), whole.rows, whole.findings, language)


def _section(
    heading: str, drawn: Any, columns: Sequence[AnalysisColumn], findings: Iterable[Finding], language: Language
) -> Section:
    """A table with its chart beside it, and what was found."""
    table = PageTable(
        title=heading,
        heads=tuple(column.name.to(language) for column in columns),
        numbers=tuple(column.is_of_numbers for column in columns),
        rows=tuple(PageRow(cells=cells) for cells in zip(*(column.texts(language) for column in columns), strict=True)),
    )
    remarks = tuple(
        Remark(text=finding.label.to(language), why=partial(_basis, finding, language)) for finding in findings
    )
    return Section(heading=heading, remarks=remarks, charts=(Chart(title=heading, specification=drawn, table=table),))


def _basis(finding: Finding, language: Language) -> tuple[Reason, ...]:
    """How many a finding stands on, how sure it is, how it was found, and what it does not show."""
    return (
        say("stands on", language, n=finding.n, certainty=finding.certainty.text(language)),
        say("method", language, method=finding.method.to(language)),
        say("not shown", language, limits=finding.limits.to(language)),
    )


def _column(word: str, values: tuple[str, ...]) -> AnalysisColumn:
    return AnalysisColumn(code=word, name=said(word), values=values)


def _texts(values: tuple[Fraction, ...], unit: str, language: Language) -> list[str]:
    return AnalysisColumn(code="value", name=WORDS["reading"], values=values, unit=unit).texts(language)
