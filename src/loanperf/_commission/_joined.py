"""Joined: lines of all periods after their rules -> `Lines`; what one stage earned in one period is one line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from attrs import frozen

from loanperf._commission._accrual import key_part
from loanperf._commission._due import DueRows, Terms
from loanperf._commission._lines import Lines
from loanperf._explanations import Explanation
from loanperf._numbers import Places, Whole, in_common, ordered, spread, starts_of, summed
from loanperf._periods import Period


@frozen(eq=False)
class RunWords:
    """The words of the codes in lines, each list in order."""

    payees: Sequence[str]
    components: Sequence[str]
    loans: Sequence[str]
    stages: Sequence[str]


@frozen(eq=False)
class Joined:
    """Lines, and the rows of each that were put together."""

    lines: Lines
    rows: Places
    """Their numbers in the run, line after line, in the order in which they were rounded."""
    starts: Places
    """Where those of each line begin."""


def joined(
    terms: Terms,
    words: RunWords,
    periods: Sequence[Period],
    closed: tuple[DueRows, Whole, Places],
    steps: Callable[[int], tuple[Explanation, ...]],
) -> Joined:
    """The lines in order of payee, period, day and key.

    Args:
        terms: of the run.
        words: of its codes.
        periods: of the books.
        closed: lines after their rules, in one period in the order in which they were rounded; their amounts; and the
            place of the period of each.
        steps: the reasons of a line, by its place.
    """
    due, units, period, starts = _in_order(terms, words, *closed)
    line = spread(np.arange(len(starts)), starts, len(due))
    last = np.append(starts[1:], len(due))[: len(starts)] - 1
    gross, below = in_common(due.top, due.below, starts)
    units = in_common(units, np.repeat(1, len(units)), starts)[0]
    by_day = ordered(line, due.earned) if len(due) else np.arange(0)
    part = starts_of(line[by_day], due.earned[by_day])
    many = (
        spread(np.diff(starts_of(line[by_day][part]), append=len(part)), starts_of(line[by_day][part]), len(part)) > 1
    )
    first = due.rows(starts)
    lines = Lines(
        payees=words.payees,
        plans=terms.plans,
        components=words.components,
        loans=words.loans,
        stages=words.stages,
        periods=periods,
        payee=first.payee,
        plan=due.plan[last],
        component=first.component,
        loan=first.loan,
        stage=first.stage,
        period=period[starts],
        on=np.maximum.reduceat(due.on, starts) if len(due) else due.on,
        earned=np.minimum.reduceat(due.earned, starts) if len(due) else due.earned,
        units=summed(units, starts),
        gross=summed(gross, starts),
        below=below,
        part_line=line[by_day][part][many],
        part_on=due.earned[by_day][part][many],
        part_units=summed(units[by_day], part)[many],
        steps=steps,
    )
    return Joined(lines, due.row, starts)


def _in_order(
    terms: Terms, words: RunWords, due: DueRows, units: Whole, period: Places
) -> tuple[DueRows, Whole, Places, Places]:
    """The rows in order of lines, those of one line in the order in which they came; and where each line begins."""
    if not len(due):
        return due, units, period, np.arange(0)
    code = terms.code[due.plan]
    plan = _ranks([dated.plan.code for dated in terms.plans])[due.plan]
    component, loan, stage = (
        _ranks([*texts, ""])[codes]
        for texts, codes in ((words.components, due.component), (words.loans, due.loan), (words.stages, due.stage))
    )
    order = ordered(due.payee, period, plan, component, loan, stage)
    due, units, period, code = due.rows(order), units[order], period[order], code[order]
    starts = starts_of(due.payee, period, code, due.component, due.loan, due.stage)
    on = spread(np.maximum.reduceat(due.on, starts), starts, len(due))
    order = ordered(due.payee, period, on, *(column[order] for column in (plan, component, loan, stage)))
    due, units, period, code = due.rows(order), units[order], period[order], code[order]
    return due, units, period, starts_of(due.payee, period, code, due.component, due.loan, due.stage)


def _ranks(words: Sequence[str]) -> Places:
    """The place of each word among them in the order of keys; the same for the same word."""
    texts = [f"{key_part(word)}/" for word in words]
    rank = {text: place for place, text in enumerate(sorted({*texts}))}
    return np.array([rank[text] for text in texts])
