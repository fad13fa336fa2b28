"""Held: lines of commission in columns -> how much of each is kept back; the twin of `held_lines`."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal, TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from loanperf._commission import DatedPlan, Holdback, Tiers
from loanperf._quantities import CURRENCIES, Rounding
from loanperf.batch._accrue._lines import Lines
from loanperf.batch._accrue._tiers import LIMIT, Transactions, priced, rates_of, rounded_units
from loanperf.batch._tables._columns import Truth, Whole
from loanperf.batch._tables._order import ordered, starts_of

Codes: TypeAlias = NDArray[np.int64]


@frozen(eq=False)
class Terms:
    """The terms on which versions of plans hold pay; versions that agree in them are one cohort."""

    of_plan: Codes
    """By place of the plan: its terms."""
    holdbacks: tuple[tuple[Holdback | None, Rounding], ...]

    @classmethod
    def of(cls, plans: Sequence[DatedPlan]) -> Terms:
        """The terms of plans."""
        known: dict[tuple[str, Holdback | None, Rounding], int] = {}
        terms = [(dated.plan.code, dated.plan.holdback, dated.plan.rounding) for dated in plans]
        places = np.array([known.setdefault(term, len(known)) for term in terms], dtype=np.int64)
        return cls(places, tuple((holdback, rounding) for _, holdback, rounding in known))


def held_units(lines: Lines, rank: Codes, terms: Terms, currency: str) -> tuple[Whole, Truth]:
    """How much is kept back of each line, and which lines are of cohorts that int64 may not hold.

    It falls on the lines above zero of a payee, plan and period in proportion, by largest remainder; of equal
    remainders the first by day and key is served.

    Args:
        lines: all lines of some payees, none of a deal that ended.
        rank: their places in the order of keys.
        terms: of their plans.
        currency: of all amounts.
    """
    held, doubt = np.zeros(len(lines), dtype=np.int64), np.zeros(len(lines), dtype=np.bool_)
    term = terms.of_plan[lines.plan]
    whose = [lines.payee.astype(np.int64), term, lines.period.astype(np.int64), lines.on.astype(np.int64)]
    order = ordered([*whose, rank])
    groups = [array[order] for array in whose[:3]]
    starts = starts_of(groups)
    units = lines.amount[order]
    if not len(units):
        return held, doubt
    counts = np.diff(starts, append=len(units))
    pays = np.add.reduceat(units, starts)
    kept, unsure = _kept(pays, groups[1][starts], terms, currency)
    weights = np.maximum(units, 0)
    whole = np.add.reduceat(weights, starts)
    kept = np.minimum(kept, whole)
    unsure |= np.add.reduceat(np.abs(units.astype(np.float64)), starts) >= LIMIT
    unsure |= np.add.reduceat(weights.astype(np.float64), starts) * kept.astype(np.float64) >= LIMIT
    parts = _shared(weights, np.repeat(kept, counts), np.repeat(np.maximum(whole, 1), counts), starts, counts, kept)
    held[order] = parts
    doubt[order] = np.repeat(unsure, counts)
    return held, doubt


def _kept(pays: Whole, term: Codes, terms: Terms, currency: str) -> tuple[Whole, Truth]:
    """What is held of the pay of each cohort, and where that is not certain."""
    found, unsure = np.zeros(len(pays), dtype=np.int64), np.zeros(len(pays), dtype=np.bool_)
    for place, (holdback, rounding) in enumerate(terms.holdbacks):
        mine = np.flatnonzero((term == place) & (pays > 0))
        if holdback is None or not len(mine):
            continue
        rates = rates_of([holdback.share], Fraction(10 ** CURRENCIES[currency]), Fraction(1))
        if rates.largest >= LIMIT:
            unsure[mine] = True
            continue
        applies: Literal["marginal", "interpolated"] = "marginal" if holdback.applies == "marginal" else "interpolated"
        tiers = Tiers(by="amount", applies=applies, accumulates="per transaction")
        held = priced(tiers, rates, Transactions(pays[mine], pays[mine], None, None))
        found[mine] = rounded_units(held.top, held.below, rounding)
        if held.unsure is not None:
            unsure[mine[held.unsure]] = True
    return found, unsure


def _shared(weights: Whole, held: Whole, whole: Whole, starts: Codes, counts: Codes, kept: Whole) -> Whole:
    """Shares of what is held, in proportion to weights; they sum to it."""
    product = held * weights
    parts = product // whole
    rest = product - parts * whole
    left = kept - np.add.reduceat(parts, starts)
    if not bool(left.any()):
        return parts
    place = np.arange(len(weights)) - np.repeat(starts, counts)
    group = np.repeat(np.arange(len(starts)), counts)
    order = ordered([group, -rest, place])
    # In order of groups, each has its rows where they were; the first of them by remainder get one more.
    more = place < np.repeat(left, counts)
    parts[order[more]] += 1
    return parts
