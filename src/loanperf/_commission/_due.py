"""Due: drafts -> lines of a period on their way through its rules; then rounded, and joined to `Lines`.

Amounts are rounded so that the parts of a deal sum. What was earned so far is known by deal, and by window of a
component where tiers may fall back: what is taken back later had been cut as that was. What one stage earned in one
period is one line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property, partial
from itertools import chain, pairwise

import numpy as np
from attrs import define, evolve, field, frozen

from loanperf._commission._accrual import DatedPlan, key_part
from loanperf._commission._lines import Lines
from loanperf._commission._lookups import Lookups
from loanperf._commission._rates import Why, why_sliced
from loanperf._explanations import ROUNDING_NAMES, Explanation, because
from loanperf._numbers import (
    Columns,
    Places,
    Rows,
    Truth,
    Whole,
    alike,
    before,
    distinct,
    fraction,
    grouped,
    in_common,
    laid,
    matched,
    no_rows,
    nowhere,
    ordered,
    put,
    rounded,
    running,
    spread,
    starts_of,
    summed,
    times,
    together,
)
from loanperf._periods import Period
from loanperf._quantities import Money, Rounding, plain
from loanperf._tables._words import are_digits_in_order

CARRIED = "carried"
"""The stage of an excess over a cap that comes from the period before; of a plan's cap, its component too."""
LEAST = "least"
"""The stage of what is missing to the least of a period."""
ROUNDED = "rounded"
"""The stage of what rounding to a step changes of a component or plan."""


@frozen(eq=False, kw_only=True)
class DueRows(Columns):
    """Lines of some payees in one period; words are codes that sort as the words do, and -1 where there is none."""

    row: Places
    """The number of each line in the run, by which its reasons are kept."""
    draft: Places
    """The row of the draft that it comes from; -1 where it comes from none."""
    payee: Places
    plan: Places
    """The place of the `DatedPlan` under which it was earned."""
    component: Places
    loan: Places
    stage: Places
    deal: Places
    """What is rounded so that it sums: the plan, component, loan and kind of credit of a payee; -1 where nothing is."""
    on: Whole
    earned: Whole
    top: Whole
    """What the line came to before multipliers, gates and caps: a numerator, whose denominator is `below`."""
    below: Whole
    net: Whole
    """What multipliers, gates and caps leave of that amount: a numerator, whose denominator is `over`."""
    over: Whole
    ends: Truth
    """Whether it reverses all that its deal came to; the rules of a period pass it by."""
    in_parts: Truth
    """Whether it is one of the parts of a deal."""
    carried: Truth
    """Whether it is an excess over a cap that comes from the period before."""
    passed: Truth
    """Whether accelerators and gates pass it by: it is carried, or takes back what they were applied to before."""

    def __len__(self) -> int:
        return len(self.row)

    def left(self, row: int) -> Fraction:
        """What the rules leave of a line, in whole currency."""
        return fraction(self.net, self.over, row)


@define(eq=False)
class Notes:
    """Why each line of a run is what it is, put into words for the lines of which somebody asks."""

    _of: dict[int, list[tuple[Why, int]]] = field(factory=dict)
    """By number of the line, what can say something of it, and the line's place there."""

    def add(self, rows: Places, why: Why) -> None:
        """Let something be said of lines, of each by its place among them."""
        for place, row in enumerate(rows.tolist()):
            self._of.setdefault(row, []).append((why, place))

    def told(self, row: int) -> tuple[Explanation, ...]:
        """All that is said of a line, in order."""
        found: list[Explanation] = []
        for why, place in self._of.get(row, ()):
            said = why(place)
            found += [said] if isinstance(said, Explanation) else said
        return tuple(found)

    def why_slices(self, row: int) -> Iterator[Explanation]:
        """The slices among what is said of a line, in order."""
        return chain.from_iterable(why_sliced(why, place) for why, place in self._of.get(row, ()))


@define(eq=False, kw_only=True)
class Terms:
    """What the rules of all periods of a run look at."""

    plans: Sequence[DatedPlan]
    code: Places
    """By plan, the rank of its code."""
    smallest: Whole
    """By plan, the smallest units in one of its currency."""
    roundings: tuple[Rounding, ...]
    rounding: Places
    """By plan, the place of its rounding."""
    line_rounding: Places
    """By plan, the place of the rounding of its lines, which may be to a larger step."""
    line_step: Whole
    """By plan, that step in smallest units; 1 where there is none."""
    components: Mapping[str, int]
    """The code of each word."""
    stages: Mapping[str, int]
    lookups: Lookups
    notes: Notes | None = None
    """Where somebody asks for reasons."""
    _numbered: int = 0

    def numbers(self, size: int) -> Places:
        """Numbers of so many new lines."""
        self._numbered += size
        return np.arange(self._numbered - size, self._numbered)

    def lines(
        self, on: int, stage: str, *, payee: Places, plan: Places, component: Places, top: Whole, below: Whole
    ) -> DueRows:
        """New lines of a day that are no loan's, with nothing taken off them."""
        none, no = payee * 0 - 1, no_rows(len(payee))
        return DueRows(
            row=self.numbers(len(payee)), draft=none, payee=payee, plan=plan, component=component, loan=none,
            stage=none * 0 + self.stages[stage], deal=none, on=none * 0 + on, earned=none * 0 + on, top=top,
            below=below, net=top, over=below, ends=no, in_parts=no, carried=no, passed=no,
        )  # fmt: skip

    def note(self, rows: Places, why: Why) -> None:
        """Say something of lines where somebody asks, of each by its place among them."""
        if self.notes is not None:
            self.notes.add(rows, why)

    def rounded(self, top: Whole, below: Whole, plan: Places, by: Places | None = None) -> Whole:
        """Quotients to whole numbers, each by the rounding of its plan, or by another one that is given by plan."""
        if len(self.roundings) == 1:
            return rounded(top, below, self.roundings[0])
        found, by = top * 0, self.rounding if by is None else by
        for place, rounding in enumerate(self.roundings):
            rows = np.flatnonzero(by[plan] == place)
            found = laid(found, rows, rounded(top[rows], below[rows], rounding))
        return found

    def in_units(self, top: Whole, below: Whole, plan: Places) -> Whole:
        """Amounts in whole currency as smallest units of that of their plan, rounded as the plan rounds its lines."""
        step = self.line_step[plan]
        units = times(top, self.smallest[plan])
        if (step == 1).all():
            return self.rounded(units, below, plan, self.line_rounding)
        return times(self.rounded(units, times(below, step), plan, self.line_rounding), step)


@frozen(eq=False)
class Windows:
    """What drafts accumulated in, as keys next to those of deals; of one that fell back, where others had gained."""

    draft: Places
    """In order."""
    key: Places


@define(eq=False, kw_only=True)
class Earlier:
    """What was earned in earlier periods by each deal and in each window, in whole currency and in smallest units."""

    windows: Windows
    is_asked: bool
    """Whether any line takes back, so that it matters what deals and windows came to."""
    known: Truth
    """Whether anything was."""
    gross: Whole
    """Before the rules of periods, over `below`; what is carried counts once."""
    below: Whole
    net: Whole
    """After them, over `over`."""
    over: Whole
    units: Whole

    @classmethod
    def of(cls, size: int, windows: Windows, *, is_asked: bool) -> Earlier:
        """Nothing yet, of so many deals and windows."""
        zero, one = alike(0, size), alike(1, size)
        return cls(
            windows=windows,
            is_asked=is_asked,
            known=nowhere(size),
            gross=zero,
            below=one,
            net=zero,
            over=one,
            units=zero,
        )

    # ── taken back ──────────────────────────────────────────────────────────────────────────────────────────

    def ended(self, terms: Terms, due: DueRows) -> DueRows:
        """The lines, of which those that end deals take, beside what goes in their period, what came in earlier ones.

        Only sums of components look at it: the parts of a deal sum to nothing whatever stands there.
        """
        rows = np.flatnonzero(due.ends)
        taken = -self.units[due.deal[rows]]
        return evolve(due, net=laid(due.net, rows, taken), over=laid(due.over, rows, terms.smallest[due.plan[rows]]))

    def taken_back(self, terms: Terms, due: DueRows) -> DueRows:
        """The lines, of which those that take back what was cut in earlier periods take a whole amount.

        It is the part of the amount that was earned so far, as what is gone is a part of what that was before the rules
        of its periods: `rounded(units × gone / gross)`. Where nothing was cut, it is what is gone itself.
        """
        row, key = self._sources(due) if self.is_asked else (due.row[:0], due.row[:0])
        if not len(row):
            return due
        starts = starts_of(row)
        rows, plan = row[starts], due.plan[row[starts]]
        gross, below = in_common(self.gross[key], self.below[key], starts)
        net, over = in_common(self.net[key], self.over[key], starts)
        gross, net, units = (summed(column, starts) for column in (gross, net, _whole(self.units[key], starts)))
        cut = (gross != 0) & (times(gross, over) != times(net, below))
        rows, plan, gross, below, units = rows[cut], plan[cut], gross[cut], below[cut], units[cut]
        gone = times(times(-due.top[rows], below), units)
        base = times(due.below[rows], gross)
        taken = terms.rounded(np.where(base < 0, -gone, gone), abs(base), plan)
        kept = evolve(due, net=laid(due.net, rows, -taken), over=laid(due.over, rows, terms.smallest[plan]))
        passed = due.passed.copy()
        passed[row] = True
        return evolve(kept, passed=passed)

    def _sources(self, due: DueRows) -> tuple[Places, Places]:
        """Lines that take back, with each deal or window of which something was earned earlier; in order of lines."""
        takes = (due.top < 0) & ~due.ends & (due.deal >= 0)
        parts, others = np.flatnonzero(takes & due.in_parts), np.flatnonzero(takes & ~due.in_parts)
        at, window = matched(self.windows.draft, due.draft[others])
        row = np.concatenate([parts, others[at]])
        key = np.concatenate([due.deal[parts], self.windows.key[window]])
        known = self.known[key]
        row, key = row[known], key[known]
        order = ordered(row, key) if len(row) else np.arange(0)
        return row[order], key[order]

    # ── amounts ─────────────────────────────────────────────────────────────────────────────────────────────

    def rounded(self, terms: Terms, due: DueRows) -> Whole:
        """Each line in smallest units; the parts of a deal so that they sum to its rounded total."""
        alone = np.flatnonzero(~due.in_parts)
        units = laid(alike(0, len(due)), alone, terms.in_units(due.net[alone], due.over[alone], due.plan[alone]))
        parts = np.flatnonzero(due.in_parts)
        if len(parts):
            units = laid(units, parts, self._parts(terms, due.some(parts)))
        self._windows(due, units)
        self._note(terms, due, units)
        return units

    def _parts(self, terms: Terms, due: DueRows) -> Whole:
        """The amounts of the parts of deals, each the rounded sum with it less the one before it."""
        deals = distinct(due.deal[self.known[due.deal]])[0]
        every, order = together(deals, due.deal)
        size = len(deals)
        zero, none = alike(0, size), no_rows(size)
        key, first = every[order], (np.arange(len(every)) < size)[order]
        run = np.cumsum(np.concatenate([none, due.ends])[order])
        plan = np.concatenate([zero, due.plan])[order]
        net = np.concatenate([self.net[deals], np.where(due.ends, 0, due.net)])[order]
        over = np.concatenate([self.over[deals], due.over])[order]
        starts = starts_of(key)
        anew = starts_of(key, run)
        net, shared = in_common(net, over, anew)
        sums, over = running(net, anew), spread(shared, anew, len(key))
        totals = terms.in_units(sums, over, plan)
        totals = laid(totals, np.flatnonzero(first), self.units[deals])
        amounts = totals - before(totals, starts)
        last = np.append(starts[1:], len(key)) - 1
        keys = key[starts]
        gross, below = self.gross[keys], self.below[keys]
        if self.is_asked:
            gross, below = self._gross(due, deals, key, run, order)
        self._keep(keys, gross, below, sums[last], over[last], totals[last])
        return put(amounts, order, len(amounts), 0)[size:]

    def _gross(self, due: DueRows, deals: Places, key: Places, run: Whole, order: Rows) -> tuple[Whole, Whole]:
        """What deals came to before the rules of periods since they last ended."""
        gross = np.concatenate([self.gross[deals], np.where(due.carried | due.ends, 0, due.top)])[order]
        below = np.concatenate([self.below[deals], due.below])[order]
        starts = starts_of(key)
        last = spread(run[np.append(starts[1:], len(key)) - 1], starts, len(key))
        gross, shared = in_common(np.where(run == last, gross, 0), below, starts)
        return summed(gross, starts), shared

    def _keep(self, keys: Places, gross: Whole, below: Whole, net: Whole, over: Whole, units: Whole) -> None:
        self.known[keys] = True
        self.gross, self.below = laid(self.gross, keys, gross), laid(self.below, keys, below)
        self.net, self.over = laid(self.net, keys, net), laid(self.over, keys, over)
        self.units = laid(self.units, keys, units)

    def _windows(self, due: DueRows, units: Whole) -> None:
        """Add what was earned to the windows in which it accumulated."""
        rows = np.flatnonzero(~due.ends & (due.draft >= 0) & self.is_asked)
        at, window = matched(self.windows.draft, due.draft[rows])
        if not len(at):
            return
        rows, key = rows[at], self.windows.key[window]
        keys = distinct(key)[0]
        order = ordered(np.concatenate([keys, key]))
        starts = starts_of(np.concatenate([keys, key])[order])
        gross, below = in_common(
            np.concatenate([self.gross[keys], np.where(due.carried[rows], 0, due.top[rows])])[order],
            np.concatenate([self.below[keys], due.below[rows]])[order],
            starts,
        )
        net, over = in_common(
            np.concatenate([self.net[keys], due.net[rows]])[order],
            np.concatenate([self.over[keys], due.over[rows]])[order],
            starts,
        )
        more = _whole(np.concatenate([self.units[keys], units[rows]])[order], starts)
        self._keep(keys, summed(gross, starts), below, summed(net, starts), over, summed(more, starts))

    def _note(self, terms: Terms, due: DueRows, units: Whole) -> None:
        if terms.notes is None:
            return
        other = times(units, due.over) != times(due.net, terms.smallest[due.plan])
        rows = np.flatnonzero(other & ~due.ends)
        terms.note(due.row[rows], partial(_why_rounded, terms, due.some(rows), units[rows]))


def _whole(values: Whole, starts: Places) -> Whole:
    """Values in the number type that keeps the sums of each group."""
    return in_common(values, alike(1, len(values)), starts)[0]


def _why_rounded(terms: Terms, due: DueRows, units: Whole, row: int) -> Explanation:
    dated = terms.plans[int(due.plan[row])]
    step, mode = dated.plan.round_line, ROUNDING_NAMES[dated.plan.rounding]
    values = {"exact": plain(due.left(row)), "amount": str(Money.from_units(int(units[row]), dated.currency))}
    return because("accrual.rounded", {**values, "rounding": mode if step is None else step.label})


@frozen(eq=False, kw_only=True, slots=False)
class RunWords:
    """The words of the codes in lines, each list in order, so that codes sort as words do."""

    payees: Sequence[str]
    components: Sequence[str]
    loans: Sequence[str]
    stages: Sequence[str]
    """The first is that of no stage."""
    loan: Places
    """By deal, the code of its loan here; the last is that of none."""
    stage: Places
    """By place in `WORDS`, the code of the stage here; the last is that of none."""

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
    closed: Sequence[tuple[DueRows, Whole, Places]],
    steps: Callable[[int], tuple[Explanation, ...]],
) -> Joined:
    """The lines in order of payee, period, day and key.

    Args:
        terms: of the run.
        words: of its codes.
        periods: of the books.
        closed: lines after their rules, in one period in the order in which they were rounded; their amounts; and the
            place of the period of each. At least one, which may be empty.
        steps: the reasons of a line, by its place.
    """
    due = DueRows.stacked([due for due, _, _ in closed])
    units, period = (np.concatenate([columns[place] for columns in closed]) for place in (1, 2))
    order, starts = _in_order(terms, words, due, period)
    first, last = order[starts], order[np.append(starts[1:], len(order))[: len(starts)] - 1]
    gross, below = in_common(due.top[order], due.below[order], starts)
    units = in_common(units[order], alike(1, len(units)), starts)[0]
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
    by_line, starts = grouped(due.payee, period, *keys)
    order = np.arange(len(due))[by_line]
    line, on = spread(np.arange(len(starts)), starts, len(order)), due.on[order]
    if len(starts) < len(order):
        on = spread(np.maximum.reduceat(on, starts), starts, len(order))
    by_day = ordered(due.payee[order], period[order], on)
    return order[by_day], starts_of(line[by_day])


def key_ranks(words: Sequence[str]) -> Places:
    """The place of each word in the order of keys, in which a slash follows it; and of the empty word, as the last.

    Args:
        words: in order, each once.
    """
    empty = bool(len(words)) and not words[0]
    text = "" if are_digits_in_order(words) else "".join(words)
    if not (_ESCAPED.search(text) or (_BELOW.search(text) and _goes_on(words))):
        places = np.arange(len(words) + 1) + (0 if empty else 1)
        places[-1] = 0
        return places
    texts = [f"{key_part(word)}/" for word in (*words, "")]
    rank = {found: place for place, found in enumerate(sorted({*texts}))}
    return np.array([rank[found] for found in texts])


def _goes_on(words: Sequence[str]) -> bool:
    """Whether a word goes on where another one ends."""
    return any(longer.startswith(word) for word, longer in pairwise(filter(None, words)))


_ESCAPED = re.compile(r"[/\\]")
_BELOW = re.compile(r"[\x00-.]")
"""What sorts before a slash."""
