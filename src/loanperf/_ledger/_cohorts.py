"""Held: what lines of a period come to for each payee and plan -> how much of it is kept back, and of which lines."""

from __future__ import annotations

from fractions import Fraction
from math import lcm

import numpy as np
from attrs import frozen

from loanperf._commission import Holdback
from loanperf._ledger._amounts import Held
from loanperf._ledger._moves import Kept, LineWords
from loanperf._ledger._reversals import Hits
from loanperf._numbers import (
    Pieces,
    Places,
    Truth,
    Whole,
    bounded,
    distinct,
    largest,
    ordered,
    put,
    replaced,
    rounded,
    shared,
    sliced,
    spread,
    starts_of,
    summed,
    times,
    whole,
)
from loanperf._quantities import CURRENCIES, Rounding


def _held(holdback: Holdback, pay: Whole, currency: str, rounding: Rounding) -> Whole:
    """How much of some pay, in smallest units of a currency, is held."""
    pay, one = np.maximum(pay, 0), 10 ** CURRENCIES[currency]
    full = np.full(len(pay), 1)
    if holdback.applies == "flat":
        share, under = Pieces.of(holdback.share).at(pay, one)
        top, below = times(share, pay), times(full, full * under)
    else:
        top, below = _by_slices(holdback, pay, one)
    top, below = bounded(0, top, below)
    return bounded(0, rounded(top, below, rounding))[0]


def _by_slices(holdback: Holdback, pay: Whole, one: int) -> tuple[Whole, Whole]:
    """What is held of pay of which each slice has its own share: numerators, and denominators."""
    given = [(x * one, y) for x, y in holdback.share.knots]
    steps = [(Fraction(0), max((knot for knot in given if knot[0] <= 0), default=given[0])[1])]
    steps += [knot for knot in given if knot[0] > 0]
    finer, below = lcm(*(x.denominator for x, _ in steps)), lcm(*(y.denominator for _, y in steps))
    knots, values = whole([int(x * finer) for x, _ in steps]), whole([int(y * below) for _, y in steps])
    full = np.full(len(pay), 1)
    return sliced(knots, values, times(pay, full * finer)), full * (finer * below)


@frozen(eq=False, kw_only=True)
class Cohorts:
    """Lines of plans by payee, plan, period and currency, apart where versions of the plan hold pay on other terms."""

    held: Held
    lines: Places
    """The lines, cohort by cohort; in each in order of day and key, as those are served whose remainders are equal."""
    cohort: Places
    """The cohort of each of those, in order of period, then of the first line of each."""
    starts: Places
    """Where cohorts begin."""
    terms: Places
    """By cohort, the place of its terms in `known`."""
    known: tuple[tuple[Holdback | None, Rounding], ...]
    reverses: Truth
    """By line, whether it takes back what a dead deal earned."""
    hits: Hits

    @classmethod
    def of(cls, held: Held, hits: Hits, reverses: Truth) -> Cohorts:
        """The cohorts of lines."""
        lines, plans = held.lines, [plan.plan for plan in held.lines.words.plans]
        of_plan = [(plan.code, plan.holdback, plan.rounding) for plan in plans]
        known = list(dict.fromkeys(of_plan))
        terms = whole([known.index(item) for item in of_plan])
        rows = np.flatnonzero(lines.plan >= 0)
        term, rank = terms[lines.plan[rows]], period_ranks(lines.words)[lines.period[rows]]
        keys = rank, lines.payee[rows], term, lines.currency[rows]
        order = np.arange(len(rows))[ordered(*keys)]
        starts = starts_of(*(key[order] for key in keys))
        first = put(spread(order[starts], starts, len(rows)), order, len(rows), 0)
        order = np.arange(len(rows))[
            ordered(rank, first, lines.on[rows], *(column[rows] for column in held.ranks.columns))
        ]
        rows, first = rows[order], first[order]
        starts = starts_of(first)
        return cls(
            held=held,
            lines=rows,
            cohort=spread(np.arange(len(starts)), starts, len(rows)),
            starts=starts,
            terms=term[order][starts],
            known=tuple((holdback, rounding) for _, holdback, rounding in known),
            reverses=reverses,
            hits=hits,
        )

    @property
    def periods(self) -> list[int]:
        """The periods of lines, in order."""
        ranks = period_ranks(self.held.lines.words)
        found, _ = distinct(ranks[self.held.lines.period])
        order = put(np.arange(len(ranks)), ranks, len(ranks), 0)
        periods: list[int] = order[found].tolist()
        return periods

    def of_period(self, period: int) -> slice:
        """The cohorts of a period; all where it is -1."""
        if period < 0:
            return slice(0, len(self.starts))
        periods = self.held.lines.period[self.lines[self.starts]]
        there = np.flatnonzero(periods == period)
        return slice(int(there[0]), int(there[-1]) + 1) if len(there) else slice(0, 0)

    def kept(self, cohorts: slice, taken: Whole) -> tuple[Kept, Places, Whole]:
        """The pay of some cohorts and what is held of it; the lines of which it is held, and how much of each.

        It falls on the lines above zero that are not reversed in the same period, in proportion. Where only a repayment
        releases, nothing is held of lines without a loan.

        Args:
            cohorts: which, those of one period or all.
            taken: by line, what it takes back as a deal dies, but of lines that come later.
        """
        low, high = (int(edge) for edge in np.append(self.starts, len(self.lines))[[cohorts.start, cohorts.stop]])
        rows, starts = self.lines[low:high], self.starts[cohorts] - low
        lines, hits = self.held.lines.some(rows), self.hits.some(rows)
        units = np.where(self.reverses[rows], -taken[rows], np.where(hits.late, lines.units * 0, lines.units))
        pay = summed(units, starts)
        terms = self.terms[cohorts]
        instalments = np.array([bool(holdback and holdback.instalments) for holdback, _ in self.known] + [False])
        dated = spread(instalments[terms], starts, len(rows))
        good = (lines.units > 0) & ((lines.loan >= 0) | dated) & (hits.period != lines.period)
        weights = np.where(good, lines.units, lines.units * 0)
        held = np.minimum(self._held(terms, pay, lines.currency[starts]), summed(weights, starts))
        held, weights = bounded(largest(held) * largest(weights), held, weights)
        kept = Kept(
            payee=lines.payee[starts],
            period=lines.period[starts],
            currency=lines.currency[starts],
            pay=pay,
            held=held,
        )
        return kept, rows, shared(held, weights, starts)

    def _held(self, terms: Places, pay: Whole, currency: Places) -> Whole:
        """How much of the pay of cohorts is held, by their terms."""
        found, codes = pay * 0, self.held.lines.words.currencies
        for place, (holdback, rounding) in enumerate(self.known):
            for code, name in enumerate(codes):
                rows = np.flatnonzero((terms == place) & (currency == code)) if holdback is not None else terms[:0]
                if holdback is not None and len(rows):
                    found = replaced(found, rows, _held(holdback, pay[rows], name, rounding))
        return found


def period_ranks(words: LineWords) -> Places:
    """The place of each period in the order of periods."""
    order = sorted(range(len(words.periods)), key=words.periods.__getitem__)
    return put(np.arange(len(order)), whole(order), len(order), 0)
