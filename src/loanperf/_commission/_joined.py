"""Joined: lines of all periods after their rules -> `Lines`; what one stage earned in one period is one line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np
from attrs import frozen

from loanperf._commission._accrual import key_part
from loanperf._commission._due import DueRows, Terms
from loanperf._commission._lines import Lines
from loanperf._explanations import Explanation
from loanperf._numbers import Places, Whole, in_common, ordered, spread, starts_of, summed
from loanperf._periods import Period


@frozen(eq=False, kw_only=True, slots=False)
class RunWords:
    """The words of the codes in lines, each list in order, so that codes sort as words do."""

    payees: Sequence[str]
    components: Sequence[str]
    loans: Sequence[str]
    stages: Sequence[str]
    """The first is that of no stage."""
    codes: Mapping[str, Places]
    """By name of a column of drafts, the code of each of its words here; the last is that of none."""

    @cached_property
    def key_ranks(self) -> tuple[Places, Places, Places]:
        """The places of components, loans and stages in the order of keys; the last is that of none."""
        return key_ranks(self.components), key_ranks(self.loans), key_ranks(self.stages)


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
    due, units, period = closed
    order, starts = _in_order(terms, words, due, period)
    first, last = order[starts], order[np.append(starts[1:], len(order))[: len(starts)] - 1]
    gross, below = in_common(due.top[order], due.below[order], starts)
    units = in_common(units[order], np.repeat(1, len(units)), starts)[0]
    on, earned = due.on[order], due.earned[order]
    part_line, part_on, part_units = _parts(earned, units, starts)
    some = len(starts) < len(order)
    lines = Lines(
        payees=words.payees,
        plans=terms.plans,
        components=words.components,
        loans=words.loans,
        stages=words.stages,
        periods=periods,
        payee=due.payee[first],
        plan=due.plan[last],
        component=due.component[first],
        loan=due.loan[first],
        stage=due.stage[first],
        period=period[first],
        on=np.maximum.reduceat(on, starts) if some else on,
        earned=np.minimum.reduceat(earned, starts) if some else earned,
        units=summed(units, starts),
        gross=summed(gross, starts),
        below=below,
        part_line=part_line,
        part_on=part_on,
        part_units=part_units,
        steps=steps,
    )
    return Joined(lines, due.row[order], starts)


def _parts(earned: Whole, units: Whole, starts: Places) -> tuple[Places, Whole, Whole]:
    """Of lines that were earned on several days: the place of the line, the day and the amount of each part."""
    line = spread(np.arange(len(starts)), starts, len(earned))
    rows = np.flatnonzero(spread(np.diff(starts, append=len(earned)) > 1, starts, len(earned)))
    rows = rows[ordered(line[rows], earned[rows])] if len(rows) else rows
    line, earned, units = line[rows], earned[rows], units[rows]
    days = starts_of(line, earned)
    of = starts_of(line[days])
    some = np.flatnonzero(spread(np.diff(of, append=len(days)) > 1, of, len(days)))
    return line[days][some], earned[days][some], summed(units, days)[some] if len(rows) else units


def _in_order(terms: Terms, words: RunWords, due: DueRows, period: Places) -> tuple[Places, Places]:
    """The rows in order of lines, those of one line in the order in which they came; and where each line begins."""
    if not len(due):
        return np.arange(0), np.arange(0)
    plans = sorted({dated.plan.code for dated in terms.plans})
    of = [key_ranks(plans)[terms.code], *words.key_ranks]
    codes = due.plan, due.component, due.loan, due.stage
    keys = [ranks[code] for ranks, code in zip(of, codes, strict=True)]
    order = np.arange(len(due))[ordered(due.payee, period, *keys)]
    starts = starts_of(*(key[order] for key in (due.payee, period, *keys)))
    line, on = spread(np.arange(len(starts)), starts, len(order)), due.on[order]
    if len(starts) < len(order):
        on = spread(np.maximum.reduceat(on, starts), starts, len(order))
    by_day = ordered(due.payee[order], period[order], on, line)
    return order[by_day], starts_of(line[by_day])


def key_ranks(words: Sequence[str]) -> Places:
    """The place of each word in the order of keys, in which a slash follows it; and of the empty word, as the last.

    Args:
        words: in order, each once.
    """
    empty, text = bool(words) and not words[0], "".join(words)
    if text.isalnum() or not (_ESCAPED.search(text) or (_BELOW.search(text) and _goes_on(words))):
        places = np.arange(len(words) + 1) + (0 if empty else 1)
        places[-1] = 0
        return places
    texts = [f"{key_part(word)}/" for word in (*words, "")]
    rank = {found: place for place, found in enumerate(sorted({*texts}))}
    return np.array([rank[found] for found in texts])


def _goes_on(words: Sequence[str]) -> bool:
    """Whether a word goes on where another one ends."""
    return any(word and longer.startswith(word) for word, longer in pairwise(words))


_ESCAPED = re.compile(r"[/\\]")
_BELOW = re.compile(r"[\x00-.]")
"""What sorts before a slash."""
