"""Earlier: lines after the rules of a period -> amounts in smallest units, so that the parts of a deal sum.

What was earned so far is known by deal, and by window of a component where tiers may fall back: what is taken back
later had been cut as that was.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from attrs import define, evolve, frozen

from loanperf._commission._due import DueRows, Terms
from loanperf._explanations import ROUNDING_NAMES, Explanation, because
from loanperf._numbers import (
    Places,
    Rows,
    Truth,
    Whole,
    before,
    distinct,
    in_common,
    laid,
    matched,
    nowhere,
    ordered,
    running,
    spread,
    starts_of,
    summed,
    times,
)
from loanperf._quantities import Money, plain


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
        zero = np.repeat(0, size)
        return cls(
            windows=windows,
            is_asked=is_asked,
            known=nowhere(size),
            gross=zero,
            below=zero + 1,
            net=zero,
            over=zero + 1,
            units=zero,
        )

    # ── taken back ──────────────────────────────────────────────────────────────────────────────────────────

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
        passed = due.passed | nowhere(len(due))
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
        units = laid(np.repeat(0, len(due)), alone, terms.in_units(due.net[alone], due.over[alone], due.plan[alone]))
        parts = np.flatnonzero(due.in_parts)
        if len(parts):
            units = laid(units, parts, self._parts(terms, due.rows(parts)))
        self._windows(due, units)
        self._note(terms, due, units)
        return units

    def _parts(self, terms: Terms, due: DueRows) -> Whole:
        """The amounts of the parts of deals, each the rounded sum with it less the one before it."""
        deals = distinct(due.deal)[0]
        order = ordered(np.concatenate([deals, due.deal]))
        size, first = len(deals), np.arange(len(deals) + len(due)) < len(deals)
        zero, none = np.repeat(0, size), nowhere(size)
        key, first = np.concatenate([deals, due.deal])[order], first[order]
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
        gross, below = self.gross[deals], self.below[deals]
        if self.is_asked:
            gross, below = self._gross(due, deals, key, run, order)
        self._keep(deals, gross, below, sums[last], over[last], totals[last])
        found = np.empty_like(amounts)
        found[order] = amounts
        return found[size:]

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
        terms.note(due.row[rows], _why_rounded(terms, due.rows(rows), units[rows]))


def _whole(values: Whole, starts: Places) -> Whole:
    """Values in the number type that keeps the sums of each group."""
    return in_common(values, np.repeat(1, len(values)), starts)[0]


def _why_rounded(terms: Terms, due: DueRows, units: Whole) -> Callable[[int], Explanation]:
    def why(row: int) -> Explanation:
        dated = terms.plans[int(due.plan[row])]
        amount = Money.from_units(int(units[row]), dated.currency)
        values = {"exact": plain(due.left(row)), "amount": str(amount)}
        return because("accrual.rounded", {**values, "rounding": ROUNDING_NAMES[dated.plan.rounding]})

    return why
