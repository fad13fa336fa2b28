"""Forecast: (histories, how many periods) -> what is expected, between which ends, and how well that did before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from loanperf._explanations import Label
from loanperf._pace import Pace, WorkingDays
from loanperf._periods import Period
from loanperf._quantities import Number, ratio
from loanperf._validators import must_be
from loanperf.analytics._findings import SMALLEST, must_be_from, must_be_smallest
from loanperf.analytics._forecast._errors import mape, naive_scaled
from loanperf.analytics._forecast._history import TOTAL, PastValues, matrix
from loanperf.analytics._forecast._methods import Matrix, Vector, lengths
from loanperf.analytics._forecast._panel import SHORTEST, IntervalKind, Panel, PanelRule
from loanperf.analytics._forecast._ratios import Ratios, expit
from loanperf.analytics._forecast._result import (
    Forecast,
    ForecastMethod,
    ForecastPoint,
    ForecastTest,
    NotForecast,
    SubjectForecast,
)
from loanperf.analytics._forecast._said import Context, findings_of
from loanperf.errors import DataError, RightsError
from loanperf.viewer import Viewer, must_be_viewer

_EXACT = 1e15
"""Numbers of so many units of their last decimal have one float each."""
_KNOWN = 24
"""Of how many of the last periods values are shown."""
_PLACES: tuple[ForecastMethod, ...] = ("last value", "median", "half grown year", "grown year", "seasons")
"""The methods by their places."""
_ENDED = Label("its history ends before the last period", "历史数据未到最近一期")
_Back: TypeAlias = Callable[[Matrix], Matrix]


def forecast(
    history: PastValues,
    *,
    viewer: Viewer,
    horizon: int = 3,
    level: Number = "80%",
    interval: IntervalKind = "pooled",
    working: WorkingDays | None = None,
    smallest: int = SMALLEST,
) -> Forecast:
    """What subjects and their units are expected to come to in the next periods, each with an interval.

    The method goes by the length of a history, in months: less than 6 the last value; less than 12 the median of simple
    smoothing, damped trend, Theta, the last value and the mean of six; 12 to 14 half of that and half the year before,
    moved by the growth since; 15 to 23 whichever of the three did best in the panel; from 24 on the same median without
    seasons, which are drawn to none as far as years differ; from 48 on the mean of the first three. Units are the sums
    of their subjects. Ratios are forecast as logits, of units too, each drawn to its unit by the credibility of
    Bühlmann and Straub. Where that did no better than the last value, or that of a year before, on what came in the
    last periods, that value is the forecast, and a finding says so.

    Numbers are floats: these are statistics, and nothing that is paid is worked out of them. Results are rounded.

    Args:
        history: what subjects came to.
        viewer: whose figures are shown; of units those from which no few people can be told, whom they may not see.
        horizon: how many periods ahead, from 1 to a year.
        level: how often the interval shall hold what comes, from 50% to 99%.
        interval: `pooled` takes errors from the last three periods together; `stress` the worst of the three, for times
            in which something hits all at once.
        working: days on which the lender works, of the history and the periods ahead: amounts are then forecast per
            working day, as the Spring Festival asks, which moves between January and February. None: by the month.
        smallest: of how many people together who may not be seen figures of a period are shown; 1 or more.

    Raises:
        LoanPerfError: no history is long enough to try a forecast, a value is missing, or an argument cannot be used.
        RightsError: the viewer may see nothing of it.

    >>> known = {f"2025-{month:02}": 100 + month for month in range(1, 13)}
    >>> past = PastValues(values={"east": known}, subjects="units")
    >>> found = forecast(past, viewer=Viewer(who="hr", sees="all"), horizon=1)
    >>> found.of("east").points[0].period == Period.month(2026, 1)
    True
    """
    _checked(history, viewer, horizon, level, interval, smallest)
    grid = _grid(history, horizon, working)
    ratios = _ratios(history, grid) if history.unit == "%" else None
    panel = _panel(grid, ratios, horizon, ratio(level, "level"), interval)
    rows = _shown(history, grid, viewer, smallest)
    if not rows:
        raise RightsError(viewer.who, "see any of these figures", "ask as a viewer who sees some of the subjects")
    back: _Back = grid.by_month if ratios is None else expit
    panel, test = _judged(panel, np.asarray if ratios is None else expit)
    ahead = [row for row in rows if not np.isnan(panel.actual[row, -1])]
    if not ahead:
        raise DataError("the history of a forecast", "whatever is shown of it has ended", "give the last periods too")
    ended = tuple(NotForecast(subject=grid.codes[row], why=_ENDED) for row in rows if row not in set(ahead))
    subjects = tuple(_subjects(grid, panel, back, ratios, ahead))
    context = _context(history, grid, panel, ratios, len(grid.codes) - len(rows))
    findings = tuple(findings_of(subjects, test, ended, context))
    return Forecast(findings=findings, unit=history.unit, subjects=subjects, test=test, left_out=ended)


def _context(history: PastValues, grid: SeriesGrid, panel: Panel, ratios: Ratios | None, hidden: int) -> Context:
    """What findings say beside the numbers."""
    return Context(
        unit=history.unit,
        last=grid.periods[-1],
        rule=panel.rule,
        level=panel.level,
        interval=panel.interval,
        by_days=grid.by_days,
        weights=() if ratios is None else tuple(ratios.weights(panel.width)[: grid.own].tolist()),
        is_weighted=ratios is not None and ratios.is_weighted,
        hidden=hidden,
    )


def _checked(
    history: PastValues, viewer: Viewer, horizon: int, level: Number, interval: IntervalKind, smallest: int
) -> None:
    """Refuse arguments that cannot be used.

    Raises:
        DataError: one cannot.
    """
    must_be(history, PastValues, "the history", "pass a PastValues")
    must_be_viewer(viewer)
    must_be_smallest(smallest)
    must_be_from(horizon, "horizon", 1, history.season)
    if not Fraction(1, 2) <= ratio(level, "level") <= Fraction(99, 100):
        raise DataError("level", f"it is {level}", "give 50% to 99%, such as '80%'")
    if interval not in ("pooled", "stress"):
        raise DataError("interval", f"it is {interval!r}", "write 'pooled' or 'stress'")


def _panel(grid: SeriesGrid, ratios: Ratios | None, horizon: int, level: Fraction, interval: IntervalKind) -> Panel:
    """The panel of a grid.

    Raises:
        DataError: no history is long enough to try a forecast.
    """
    panel = Panel(
        actual=grid.actual if ratios is None else ratios.logits,
        window=(lambda at: grid.series[:, :at]) if ratios is None else ratios.credible,
        sums=grid.sums[grid.own :] if ratios is None else np.zeros((0, len(grid.codes))),
        tiers=grid.tiers,
        season=grid.season,
        horizon=horizon,
        level=level,
        interval=interval,
        is_relative=ratios is None,
    )
    longest = int(lengths(panel.actual).max())
    if longest < SHORTEST + horizon:
        fault = f"the longest has {longest} values, and to try {horizon} periods ahead takes {SHORTEST + horizon}"
        raise DataError("the history of a forecast", fault, "forecast fewer periods ahead, or wait for more")
    return panel


@frozen(kw_only=True, eq=False)
class SeriesGrid:
    """Histories as rows over columns of periods: subjects, then units, then the sum of all."""

    codes: tuple[str, ...]
    own: int
    """How many rows are subjects."""
    periods: tuple[Period, ...]
    season: int
    ahead: tuple[Period, ...]
    series: Matrix
    """Values of subjects, a row each; amounts per usual period where working days are known."""
    sums: Matrix
    """A row for each row of the grid, a column for each subject: 1 where the row sums that subject, else 0."""
    tiers: NDArray[np.int64]
    by_days: bool
    """Whether working days are known."""
    days: Vector
    """Working days of each period, known and ahead, over those of a usual period; 1 without a calendar."""

    @property
    def actual(self) -> Matrix:
        """Values of subjects, then sums of units, a row each."""
        return self.summed(self.series)

    def summed(self, series: Matrix) -> Matrix:
        """The rows of subjects, and below them those of units: sums of the values that are there, NaN where none is."""
        known = ~np.isnan(series)
        there = np.concatenate((known, self.sums[self.own :] @ known > 0))
        return np.where(there, self.sums @ np.where(known, series, 0.0), np.nan)

    def by_month(self, ahead: Matrix) -> Matrix:
        """What is expected ahead, by the working days of each period; not below zero where no value was."""
        found = ahead * self.days[len(self.periods) :]
        once = (np.nan_to_num(self.actual) < 0).any(axis=1, keepdims=True)
        return np.where(once, found, np.maximum(found, 0))


def _grid(history: PastValues, horizon: int, working: WorkingDays | None) -> SeriesGrid:
    """The series of a history, with their sums.

    Raises:
        DataError: a value is missing, periods are of several kinds, or working days are of a ratio or none.
    """
    periods = history.periods
    ahead = [periods[-1].next()]
    for _ in range(horizon - 1):
        ahead.append(ahead[-1].next())
    own = tuple(history.values)
    units = history.units
    roots = {code for code in (*own, *units) if code not in history.parents}
    codes = (*own, *units, *((TOTAL,) if len(roots) > 1 else ()))
    place = {code: row for row, code in enumerate(codes)}
    sums = np.zeros((len(codes), len(own)))
    for column, subject in enumerate(own):
        for code in (subject, *history.above(subject), *((TOTAL,) if TOTAL in place else ())):
            sums[place[code], column] = 1
    tiers = [0] * len(own) + [history.height(unit) for unit in units]
    days = np.ones(len(periods) + horizon)
    if working is not None:
        days = _working_days(history, (*periods, *ahead), working)
        days = days / days[: len(periods)].mean()
    return SeriesGrid(
        codes=codes,
        own=len(own),
        periods=periods,
        season=history.season,
        ahead=tuple(ahead),
        series=matrix(history.values, periods) / days[: len(periods)],
        sums=sums,
        tiers=np.array([*tiers, *[max(tiers) + 1] * (len(codes) - len(tiers))]),
        by_days=working is not None,
        days=days,
    )


def _working_days(history: PastValues, periods: tuple[Period, ...], working: WorkingDays) -> Vector:
    if history.unit == "%":
        raise DataError("working", "ratios do not grow with working days", "leave it out")
    pace = Pace(working=working)
    return np.array([len(pace.working_days(period)) for period in periods], dtype=float)


def _ratios(history: PastValues, grid: SeriesGrid) -> Ratios:
    """The ratios of all rows.

    Raises:
        DataError: one has nothing below, or is not from 0 to 1.
    """
    below = np.where(np.isnan(grid.series), np.nan, 1.0)
    if history.out_of is not None:
        below = matrix({code: history.out_of[code] for code in history.values}, grid.periods)
    for fault, wrong, remedy in (
        ("there is nothing that it is a ratio of", below <= 0, "leave out what is before, or join it with another"),
        ("it is below 0% or above 100%", (grid.series < 0) | (grid.series > below), "write 5% as 0.05, or out_of"),
    ):
        if wrong.any():
            row, column = np.argwhere(wrong)[0].tolist()
            raise DataError(f"the ratio of {grid.codes[row]!r} in {grid.periods[column]}", fault, remedy)
    above, below = (grid.summed(one) for one in (grid.series, below))
    place = {code: row for row, code in enumerate(grid.codes)}
    top = place.get(TOTAL)
    parents = [place.get(history.parents.get(code, ""), row if top is None else top) for code, row in place.items()]
    return Ratios(
        above=above,
        below=below,
        own=np.arange(len(grid.codes)) < grid.own,
        parents=np.array(parents),
        is_weighted=history.out_of is not None,
    )


def _shown(history: PastValues, grid: SeriesGrid, viewer: Viewer, smallest: int) -> list[int]:
    """The rows that a viewer is shown, the largest units first."""
    if history.subjects == "units":
        return [*reversed(range(grid.own, len(grid.codes))), *range(grid.own)]
    mine = [viewer.may_see(code) for code in grid.codes[: grid.own]]
    there = ~np.isnan(grid.series[:, -_KNOWN:]) & ~np.array(mine)[:, None]
    unseen = (grid.sums[grid.own :] @ there).astype(int)
    shown = _units_shown(history, grid, dict(enumerate(unseen, grid.own)), smallest)
    return [*reversed(shown), *np.flatnonzero(mine).tolist()]


def _units_shown(
    history: PastValues, grid: SeriesGrid, unseen: Mapping[int, NDArray[np.int64]], smallest: int
) -> list[int]:
    """The rows of units of which no few people can be told in any period that is shown.

    These are people with a value in the period whom the viewer may not see: those of a unit, and those who are left of
    it without the units in it that are shown. They are none, or `smallest` or more. Larger units come before those in
    them.

    Args:
        history: names the unit of each.
        grid: the rows.
        unseen: by row of a unit, how many such people it has in each of the periods.
        smallest: the fewest.
    """
    left, shown = dict[str, NDArray[np.int64]](), list[int]()
    for row in sorted(unseen, key=lambda row: (-grid.tiers[row], -unseen[row].max(), row)):
        code, many = grid.codes[row], unseen[row]
        around = next((one for one in (*history.above(code), TOTAL) if one in left and one != code), "")
        rest = left[around] - many if around else np.zeros_like(many)
        if any(((some > 0) & (some < smallest)).any() for some in (many, rest)):
            continue
        shown.append(row)
        left[code] = many
        if around:
            left[around] = rest
    return sorted(shown)


def _judged(panel: Panel, told: _Back) -> tuple[Panel, ForecastTest]:
    """The panel by the rule that did best on what came, and how it did: that of lengths only where it beats both."""
    test = _tested(panel, told)
    plain = [test.naive] if test.year_before is None else [test.naive, test.year_before]
    if test.error < min(plain):
        return panel, test
    rule: PanelRule = "naive" if test.naive == min(plain) else "seasonal naive"
    panel = evolve(panel, rule=rule)
    return panel, _tested(panel, told)


def _tested(panel: Panel, told: _Back) -> ForecastTest:
    """How a panel did from the last periods from which it can be tried."""
    errors, naives, years, squares, parts, inside = (list[Vector]() for _ in range(6))
    for step, origin, said, came in panel.errors(panel.width):
        known = ~np.isnan(said) & ~np.isnan(came)
        before = panel.actual[known, :origin]
        last, year = (panel.plain(origin, rule)[:, step - 1] for rule in ("naive", "seasonal naive"))
        for found, what, power in ((errors, said, 1), (naives, last, 1), (years, year, 1), (squares, said, 2)):
            found.append(naive_scaled(what[known, None], came[known, None], before, power))
        parts.append(np.stack((told(said[known]), told(came[known]))))
        width = panel.widths(origin)[0][known, step - 1]
        inside.append((np.abs(said - came)[known] <= width)[~np.isnan(width)].astype(float))
    said, came = np.concatenate(parts, axis=1)
    a_year = int(lengths(panel.actual[:, : panel.width - 1]).max()) >= panel.season
    off = mape(said, came)
    return ForecastTest(
        tried=len(said),
        error=_mean(errors),
        naive=_mean(naives),
        year_before=_mean(years) if a_year else None,
        rms_error=as_fraction(float(_mean(squares)) ** 0.5, 4),
        off=None if np.isnan(off) else as_fraction(off, 4),
        held=_mean(inside) if sum(map(len, inside)) else None,
    )


def _mean(found: list[Vector]) -> Fraction:
    """The mean of what is known, rounded to four places; 0 of nothing."""
    every = np.concatenate(found)
    every = every[~np.isnan(every)]
    return as_fraction(float(every.mean()) if len(every) else 0.0, 4)


def as_fraction(value: float, places: int) -> Fraction:
    """A number of statistics, rounded half to even to the nearest decimal fraction."""
    if abs(value) < _EXACT / 10**places:
        return Fraction(int(f"{value:.{places}f}".replace(".", "")), 10**places)
    return Fraction(str(round(value, places)))


def _subjects(
    grid: SeriesGrid, panel: Panel, back: _Back, ratios: Ratios | None, rows: list[int]
) -> Iterator[SubjectForecast]:
    """What is expected of rows."""
    places = 2 if ratios is None else 4
    point, (width, often) = panel.points(panel.width), panel.widths(panel.width)
    told = back if ratios is None else ratios.told
    expected = back(point) if panel.rule == "length" else told(point)
    low, high = np.minimum(back(point - width), expected), np.maximum(back(point + width), expected)
    naive = told(panel.plain(panel.width, "naive"))
    seen = grid.summed(grid.series * grid.days[: panel.width]) if ratios is None else ratios.ratio
    kept, methods = lengths(panel.actual), panel.methods(panel.width)
    for row in rows:
        points = tuple(
            ForecastPoint(
                period=period,
                **{
                    name: as_fraction(float(of[row, step]), places)
                    for name, of in (("expected", expected), ("low", low), ("high", high), ("naive", naive))
                },
                level=as_fraction(float(often[row, step]), 4),
            )
            for step, period in enumerate(grid.ahead)
        )
        last = seen[row, -_KNOWN:]
        known = last[~np.isnan(last)]
        yield SubjectForecast(
            subject=grid.codes[row],
            values=int(kept[row]),
            method=_method(panel, methods, row),
            known=tuple(as_fraction(float(value), places) for value in known),
            points=points,
        )


def _method(panel: Panel, methods: NDArray[np.int64], row: int) -> ForecastMethod:
    if panel.rule != "length":
        return "last value" if panel.rule == "naive" else "year before"
    return "sum" if row >= len(methods) else _PLACES[methods[row]]
