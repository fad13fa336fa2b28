"""Scores on pages: a result to its scorecard with weights and reasons, a chart of it, and the limits of its card."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache, partial

from loanperf._appraisal import COMPARISONS, Appraisal, ScoredLine
from loanperf._charts import share_bars
from loanperf._explanations import Explanation, Label, Language
from loanperf._quantities import Quantity, percent
from loanperf._scorecard import Veto, points_text, value_text
from loanperf.report._parts import Chart, KeyFigure, PageRow, PageTable, Reason, Reasons, Section, Tone, table_of
from loanperf.report._reasons import shortened
from loanperf.report._words import say
from loanperf.run import Result

_HEADS = ("indicator", "weight", "target", "reading", "attainment", "earned share", "earned points")


def share_text(share: Fraction | None) -> str:
    """A share in percent with one decimal place; empty where there is none."""
    return "" if share is None else percent(share, 1)


def limits_broken(appraisal: Appraisal) -> tuple[Label, ...]:
    """The names of the indicators whose vetoes struck."""
    return tuple(appraisal.card.indicator(veto.indicator).name for veto in appraisal.vetoes)


def score_figure(result: Result, language: Language, *, name: str) -> KeyFigure:
    """The score of a result, with its grade; its reasons are those of the whole score."""
    appraisal = result.appraisal
    grade = appraisal.grade
    named = "" if grade is None else grade.name.to(language) or grade.code
    return KeyFigure(
        name=say(name, language),
        value=say("points", language, points=appraisal.score),
        note=say("grade", language, grade=named) if named else "",
        tone="bad" if limits_broken(appraisal) else "plain",
        why=lambda: (shortened(appraisal.explain()),),
    )


def scorecard(result: Result, language: Language, *, heading: str, drawn: bool = True) -> Section:
    """The scorecard of a result as a table, with a chart where it is to be drawn, and the limits that its card has."""
    appraisal = result.appraisal
    table = _card(appraisal, cache(appraisal.explain), language)
    limits = (*_limits_of_score(appraisal, language), *_limits_of_bonus(result, language))
    tables: tuple[PageTable, ...] = () if drawn else (table,)
    if limits:
        heads = ("indicator", "limit", "reading", "state")
        tables = (*tables, table_of("limits", heads, limits, language, numbers=("reading",)))
    charts = (_chart(appraisal, table, language),) if drawn else ()
    return Section(heading=heading, charts=charts, tables=tables)


def _chart(appraisal: Appraisal, table: PageTable, language: Language) -> Chart:
    """The share of each weight that is earned."""
    bars = [
        (scored.line.indicator.name.to(language), scored.share, share_text(scored.share))
        for scored in appraisal.lines
        if scored.weight
    ]
    return Chart(title=say("by indicator", language), specification=share_bars(bars), table=table)


def _card(appraisal: Appraisal, explained: Callable[[], Explanation], language: Language) -> PageTable:
    """The scorecard; `explained` gives the reasons of the whole score, worked out once."""
    total = PageRow(
        cells=(say("score", language), "", "", "", "", "", str(appraisal.score)),
        is_total=True,
        opens=f"{say('score', language)} {appraisal.score}",
        why=partial(_why_total, explained, len(appraisal.lines)),
    )
    rows = [
        _row(scored, partial(_why_line, explained, 1 + place), language) for place, scored in enumerate(appraisal.lines)
    ]
    return table_of("scorecard", _HEADS, (*rows, total), language, numbers=_HEADS[1:])


def _row(scored: ScoredLine, why: Reasons, language: Language) -> PageRow:
    indicator = scored.line.indicator
    name, value = indicator.name.to(language), None if scored.reading is None else scored.reading.value
    cells = (
        name,
        points_text(scored.weight) + "%",
        "" if scored.target is None else value_text(indicator, scored.target, language),
        say("no reading", language) if value is None else value_text(indicator, value, language),
        share_text(scored.attainment),
        share_text(scored.share) if value is not None else "",
        str(scored.points),
    )
    return PageRow(
        cells=cells,
        tone=_tone(scored),
        opens=f"{name} {scored.points}",
        why=why,
    )


def _tone(scored: ScoredLine) -> Tone:
    """Whether a line earns all of its weight, or nothing of it."""
    if scored.share >= 1:
        return "good"
    return "bad" if scored.share <= 0 else "plain"


def _why_line(explained: Callable[[], Explanation], place: int) -> tuple[Reason, ...]:
    return (shortened(explained().because[place]),)


def _why_total(explained: Callable[[], Explanation], lines: int) -> tuple[Reason, ...]:
    """What of the score is not of one line: the scheme, the rounding of the total, vetoes that struck."""
    head, *rest = explained().because
    return tuple(map(shortened, (head, *rest[lines:])))


def _limits_of_score(appraisal: Appraisal, language: Language) -> Iterator[PageRow]:
    for veto in appraisal.card.vetoes:
        indicator = appraisal.card.indicator(veto.indicator)
        values = [one.value for one in appraisal.readings if one.indicator == veto.indicator and one.value is not None]
        actual = value_text(indicator, values[0], language) if values else ""
        state = _state(veto, values[0] if values else None)
        test, limit = COMPARISONS[veto.test].to(language), value_text(indicator, veto.limit, language)
        rule = say("veto", language, test=test, limit=limit, score=veto.score)
        cells = (indicator.name.to(language), rule, actual, say(state, language))
        yield PageRow(cells=cells, tone="bad" if state == "broken" else "plain")


def _state(veto: Veto, value: Quantity | None) -> str:
    if value is None:
        return "no reading"
    return "broken" if veto.struck(value.value) else "kept"


def _limits_of_bonus(result: Result, language: Language) -> Iterator[PageRow]:
    """What the gates of the bonus did, as its reasons say."""
    if result.award is None:
        return
    for step in result.award.steps:
        if step.rule in ("award.gate", "award.gate passed"):
            state = "broken" if step.rule == "award.gate" else "kept"
            cells = (say("gate", language), step.sentence(language), "", say(state, language))
            yield PageRow(cells=cells, tone="bad" if state == "broken" else "plain")
