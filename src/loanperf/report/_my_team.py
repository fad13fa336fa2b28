"""My team: what a lead sees of a period: who needs attention, the distribution of scores, and each person's card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Any

from loanperf._appraisal import Appraisal
from loanperf._charts import count_bars, two_shares
from loanperf._explanations import Label, Language
from loanperf._indicators import Direction
from loanperf._ledger import Statement
from loanperf._quantities import Rounding, percent, plain, rounded
from loanperf._scheme._entries import DIMENSIONS
from loanperf._validators import each_of, must_be
from loanperf.alerts import AlertCase
from loanperf.errors import DataError
from loanperf.progress import Progress
from loanperf.report._alerts import alert_remarks, cases_given, counted_alerts
from loanperf.report._given import name_of_payee, not_published, shown_to, subject_of
from loanperf.report._money import balance_figures, bonus_figure
from loanperf.report._page import Page
from loanperf.report._parts import Chart, KeyFigure, PageRow, PageTable, Remark, Section, Tone, table_of
from loanperf.report._progress import progress_section
from loanperf.report._score import limits_broken, score_figure, scorecard, share_text
from loanperf.report._words import WORDS, say
from loanperf.run import Result
from loanperf.viewer import Viewer, must_be_viewer

RISK = "risk"
"""The dimension of indicators of risk."""
MOST_DRAWN = 30
"""How many people are drawn by name; of more, those who need attention first."""
_STEPS = (10, 20, 50, 100, 500)
_MOST_BANDS = 12


def my_team(
    results: Iterable[Result],
    *,
    viewer: Viewer,
    team: str | Label = "",
    statements: Iterable[Statement] = (),
    alerts: Iterable[AlertCase] = (),
    progress: Progress | None = None,
    as_of: date | str | None = None,
) -> Page:
    """The page of a lead: people by score and risk, alerts, the distribution of scores, and each person's card.

    With the progress of the unit it has that, and the alerts of the unit itself.
    Whose limits are broken comes first, then who has most alerts, then who has the lowest score.

    Args:
        results: of the people of the team, of one period; one row each, so that who has two roles has two. Nothing
            on the page is worked out of one's own result that is not published (see `as_published`); without it, the
            progress of the unit is left out.
        viewer: who looks, and may see each of them.
        team: what the team is called.
        statements: of the people; others are passed over.
        alerts: what stands open of the people and of the unit; others are passed over.
        progress: where the unit stands, as `follow_unit` gives it; its members are all among the people.
        as_of: the last day that is in the numbers; None says none.

    Raises:
        RightsError: the viewer may not see one of the people.
        DataError: there are no results, something is of another class, or the progress is not of such a unit.

    >>> my_team([], viewer=Viewer(who="chen", sees="all"))
    Traceback (most recent call last):
    loanperf.errors.DataError: the results: there are none; pass those of the people of the team
    """
    must_be_viewer(viewer)
    given = each_of(results, Result, "the results", "pass those of the people of the team")
    if not given:
        raise DataError("the results", "there are none", "pass those of the people of the team")
    for result in given:
        viewer.must_see(result.payee)
    payees = {result.payee for result in given}
    money = [one for one in each_of(statements, Statement, "the statements", _SAY) if one.payee in payees]
    stands = tuple(alerts)
    warned, of_unit = cases_given(stands, payees), cases_given(stands, _unit_of(progress, payees), of_units=True)
    many = counted_alerts(warned)
    shown = [one for one in given if shown_to(viewer, one.payee, (one,), results)]
    ordered = sorted(shown, key=partial(_attention, many))
    told = "own not published" if len(shown) < len(given) else ""

    def made(language: Language) -> tuple[Section, ...]:
        return (
            _summary(ordered, warned, not_published(language, told) if told else (), language),
            *_of_unit(of_unit, None if told else progress, language),
            Section(heading=say("alerts", language), remarks=alert_remarks(warned, language)),
            *((_people(ordered, many, language), _distribution(ordered, language)) if ordered else ()),
            _each(ordered, money, warned, language),
        )

    name = team if isinstance(team, Label) else Label(team or viewer.who)
    return Page(title=WORDS["my team"], subject=subject_of(name, given[0].appraisal.card.period, as_of), made=made)


def _of_unit(alerts: Sequence[AlertCase], progress: Progress | None, language: Language) -> Iterator[Section]:
    """The alerts and the progress of the unit itself; nothing where its progress is not known."""
    if progress is not None:
        yield Section(heading=say("alerts of the unit", language), remarks=alert_remarks(alerts, language))
        yield progress_section(progress, language, heading="progress of the unit")


def _unit_of(progress: Progress | None, payees: Collection[str]) -> tuple[str, ...]:
    """The code of the unit whose progress it is; nothing where there is none.

    Raises:
        DataError: it is of a payee, or of a member who is not on the page, so that the viewer might not see them.
    """
    if progress is None:
        return ()
    remedy = "pass what loanperf.progress.follow_unit gives of the unit whose people are on the page"
    must_be(progress, Progress, "the progress", remedy)
    if progress.of != "unit":
        raise DataError("the progress", f"it is of a payee, {progress.who!r}", remedy)
    others = sorted({member.payee for member in progress.members} - {*payees})
    if others:
        raise DataError("the progress", f"{others[0]!r} is a member and not among the results", remedy)
    return (progress.who,)


_SAY = "pass what lp.statement gives, in a list"


def _attention(alerts: Counter[str], result: Result) -> tuple[object, ...]:
    return -len(limits_broken(result.appraisal)), -alerts[result.payee], result.appraisal.score, result.payee


def _name(result: Result, language: Language) -> str:
    return name_of_payee(result.payee, (result,)).to(language)


def _summary(
    results: Sequence[Result], alerts: Sequence[AlertCase], told: tuple[Remark, ...], language: Language
) -> Section:
    if not results:
        return Section(heading=say("summary", language), remarks=told)
    scores = [Fraction(result.appraisal.score) for result in results]
    total = sum(scores, Fraction(0))
    mean = total / len(scores)
    struck = sum(bool(limits_broken(result.appraisal)) for result in results)
    figures = (
        KeyFigure(name=say("count", language), value=str(len({result.payee for result in results}))),
        KeyFigure(
            name=say("average", language),
            value=say("points", language, points=rounded(mean, 1, Rounding.HALF_UP)),
            why=(f"{plain(total)} / {len(scores)} = {plain(mean)}",),
        ),
        KeyFigure(name=say("lowest", language), value=say("points", language, points=plain(min(scores)))),
        KeyFigure(name=say("highest", language), value=say("points", language, points=plain(max(scores)))),
        KeyFigure(name=say("alerts", language), value=str(len(alerts)), tone="warn" if alerts else "plain"),
        KeyFigure(name=say("limits broken", language), value=str(struck), tone="bad" if struck else "plain"),
    )
    return Section(heading=say("summary", language), figures=figures, remarks=told)


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────


def _people(results: Sequence[Result], alerts: Counter[str], language: Language) -> Section:
    """One row a result, with the share of points that it has of each dimension, and a chart of two of these."""
    used = _dimensions(results)
    rates = [say("rate of", language, of=name.to(language)) for name in used.values()]
    heads = [say(word, language) for word in ("person", "total score")] + rates
    heads += [say(word, language) for word in ("heaviest", "warned", "limits broken")]
    rows = tuple(_row(result, tuple(used), alerts[result.payee], language) for result in results)
    numbers = (False, True, *[True] * len(used), False, True, False)
    table = PageTable(title=say("people", language), heads=tuple(heads), numbers=numbers, rows=rows)
    drawn = _drawn(results[:MOST_DRAWN], used, language)
    chart = Chart(title=say("by risk", language), specification=drawn, table=table)
    return Section(heading=say("people", language), lead=say("attention", language), charts=(chart,))


def _row(result: Result, dimensions: Sequence[str], alerts: int, language: Language) -> PageRow:
    appraisal = result.appraisal
    broken = [name.to(language) for name in limits_broken(appraisal)]
    tone: Tone = "bad" if broken else "warn" if alerts else "plain"
    cells = (
        _name(result, language),
        str(appraisal.score),
        *(share_text(_rate(appraisal, dimension)) for dimension in dimensions),
        _heaviest(appraisal, language),
        str(alerts or ""),
        "、".join(broken) if language == "zh" else ", ".join(broken),
    )
    return PageRow(cells=cells, tone=tone)


def _drawn(results: Sequence[Result], used: dict[str, Label], language: Language) -> Mapping[str, Any]:
    """The dots of the first dimension of which there are points that are not of risk, and of those of risk."""
    shown = [*[code for code in used if code != RISK][:1], *[code for code in used if code == RISK]]
    names = {code: say("rate of", language, of=used[code].to(language)) for code in shown}
    rows = [
        (f"{_name(result, language)}", names[code], rate)
        for result in results
        for code in shown
        if (rate := _rate(result.appraisal, code)) is not None
    ]
    return two_shares(rows, order=[*names.values()])


def _dimensions(results: Iterable[Result]) -> dict[str, Label]:
    """The dimensions of which somebody has weight, in the order in which they are known."""
    known = {item.code: item.name for item in DIMENSIONS}
    used = {line.line.indicator.dimension for result in results for line in result.appraisal.lines if line.weight}
    return {code: known.get(code, Label(code)) for code in dict.fromkeys((*known, *sorted(used))) if code in used}


def _rate(appraisal: Appraisal, dimension: str) -> Fraction | None:
    """The points of a dimension over its full points; None where it has no weight."""
    lines = [line for line in appraisal.lines if line.line.indicator.dimension == dimension]
    full = sum((line.weight for line in lines), Fraction(0)) * 100
    return sum((line.exact for line in lines), Fraction(0)) / full if full else None


def _heaviest(appraisal: Appraisal, language: Language) -> str:
    """What the heaviest indicator of which more is better attains of its target."""
    lines = [
        line
        for line in appraisal.lines
        if line.attainment is not None and line.line.indicator.direction is Direction.HIGHER and line.weight
    ]
    if not lines:
        return ""
    line = max(lines, key=lambda one: one.weight)
    return f"{line.line.indicator.name.to(language)} {share_text(line.attainment)}"


# ── distribution ────────────────────────────────────────────────────────────────────────────────────────────


def _distribution(results: Sequence[Result], language: Language) -> Section:
    """How many have which grade, or where there are no grades a score in which band."""
    graded = all(result.appraisal.grade is not None for result in results)
    bands = _by_grade(results, language) if graded else _by_score(results, language)
    rows = [PageRow(cells=(name, str(count), percent(Fraction(count, len(results)), 1))) for name, count in bands]
    table = table_of("scores", ("band", "count", "share"), rows, language, numbers=("count", "share"))
    spec = count_bars(bands, across=say("band", language), up=say("count", language))
    return Section(heading=table.title, charts=(Chart(title=table.title, specification=spec, table=table),))


def _by_grade(results: Sequence[Result], language: Language) -> list[tuple[str, int]]:
    counts = Counter(result.appraisal.grade.code for result in results if result.appraisal.grade is not None)
    grades = {grade.code: grade for result in results for grade in result.appraisal.card.grades}
    ordered = sorted(grades.values(), key=lambda grade: grade.at_least)
    return [(grade.name.to(language) or grade.code, counts[grade.code]) for grade in ordered]


def _by_score(results: Sequence[Result], language: Language) -> list[tuple[str, int]]:
    """Bands of equal width over all scores, the first score of each in it; twelve at most."""
    scores = [Fraction(result.appraisal.score) for result in results]
    fitting = (step for step in _STEPS if max(scores) // step - min(scores) // step < _MOST_BANDS)
    step = next(fitting, _STEPS[-1])
    counts = Counter(score // step for score in scores)
    bands = range(min(counts), max(counts) + 1)
    return [(say("from to", language, low=band * step, high=(band + 1) * step), counts[band]) for band in bands]


def _each(
    results: Sequence[Result], statements: Sequence[Statement], alerts: Sequence[AlertCase], language: Language
) -> Section:
    parts = tuple(_person(result, statements, alerts, language) for result in results)
    return Section(heading=say("each", language), parts=parts)


def _person(
    result: Result, statements: Sequence[Statement], alerts: Sequence[AlertCase], language: Language
) -> Section:
    """What a lead opens of one person."""
    card = scorecard(result, language, heading="", drawn=False)
    figures = [score_figure(result, language, name="score"), bonus_figure(result, language, name="bonus")]
    figures += [
        figure
        for statement in statements
        if statement.payee == result.payee
        for figure in balance_figures(statement, language)
    ]
    mine = [case for case in alerts if case.alert.subject == result.payee]
    held = result.assignment
    return Section(
        heading=f"{_name(result, language)}　{held.role}　{say('points', language, points=result.appraisal.score)}",
        figures=tuple(figure for figure in figures if figure is not None),
        remarks=alert_remarks(mine, language) if mine else (),
        tables=card.tables,
    )
