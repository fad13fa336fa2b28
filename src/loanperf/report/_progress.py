"""Progress on pages: pace, what is expected at the end, how far limits are, what comes next, what a loan would earn."""

from __future__ import annotations

from collections.abc import Iterable

from loanperf._explanations import Explanation, Language
from loanperf._indicators import Indicator
from loanperf._quantities import Quantity
from loanperf._scorecard import value_text
from loanperf._validators import each_of
from loanperf.progress import IndicatorProgress, NextLoan, Progress, Progresses
from loanperf.report._parts import PageRow, Remark, Section, table_of
from loanperf.report._reasons import shortened
from loanperf.report._score import share_text
from loanperf.report._words import say

_LIMITS = ("progress.kept", "progress.broken", "progress.capped")
"""How far limits are away, or how far behind."""
_ELSEWHERE = (*_LIMITS, "progress.held", "progress.earned", "progress.member")
"""What other parts of a page say."""
_HEADS = ("indicator", "reading", "attainment", "due by now", "ahead by", "at the end")


def progress_of(payee: str, progress: Iterable[Progress]) -> tuple[Progress, ...]:
    """Where a payee stands, one an assignment; those of others and of units are left out."""
    given = progress.of(payee) if isinstance(progress, Progresses) else progress
    known = each_of(given, Progress, "the progress", "pass what loanperf.progress.follow gives")
    return tuple(one for one in known if one.of == "person" and one.who == payee)


def progress_section(progress: Progress, language: Language, heading: str = "pace") -> Section:
    """Pace and expectation by indicator, and how far each limit is away."""
    nodes = progress.explain().because
    rows = [
        _row(line, node, language)
        for line, node in zip(progress.indicators, nodes[: len(progress.indicators)], strict=True)
    ]
    limits = [node for node in nodes if node.rule in _LIMITS]
    table = table_of(heading, _HEADS, rows, language, numbers=_HEADS[1:])
    return Section(
        heading=table.title,
        remarks=tuple(
            Remark(text=node.sentence(language), tone="bad" if node.rule == "progress.broken" else "plain")
            for node in limits
        ),
        tables=(table,),
    )


def steps_ahead(progress: Progress, language: Language) -> tuple[Remark, ...]:
    """How much more gives the target, next grade, bonus step or tier; and the score and bonus expected at the end."""
    nodes = progress.explain().because[len(progress.indicators) :]
    return tuple(_remark(node, language) for node in nodes if node.rule not in _ELSEWHERE)


def loans_ahead(payee: str, loans: Iterable[NextLoan], language: Language) -> tuple[Remark, ...]:
    """What one more loan would earn a payee."""
    given = each_of(loans, NextLoan, "the next loans", "pass what loanperf.progress.next_loan gives")
    return tuple(_remark(one.explain(), language) for one in given if one.payee == payee)


def _remark(node: Explanation, language: Language) -> Remark:
    return Remark(text=node.sentence(language), why=tuple(shortened(child) for child in node.because))


def _row(line: IndicatorProgress, node: Explanation, language: Language) -> PageRow:
    item = line.indicator
    cells = (
        item.name.to(language),
        _value(item, line.reading, language) or say("no reading", language),
        share_text(line.attainment),
        _value(item, line.due, language),
        _value(item, line.ahead, language),
        _value(item, line.at_end, language),
    )
    return PageRow(cells=cells, tone="bad" if line.is_behind else "plain", opens=cells[0], why=(shortened(node),))


def _value(indicator: Indicator, value: Quantity | None, language: Language) -> str:
    return "" if value is None else value_text(indicator, value, language, 2)
