"""Held: lines of commission in columns -> how much of each is kept back; the twin of `held_lines`."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal, TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from loanperf._commission import DatedPlan, Holdback, Tiers
from loanperf._numbers import ordered, shared, spread, starts_of, summed
from loanperf._quantities import CURRENCIES, Rounding
from loanperf._tables._columns import Truth, Whole
from loanperf.batch._accrue._lines import BookLines
from loanperf.batch._accrue._tiers import LIMIT, Transactions, priced, rates_of, rounded_units

Codes: TypeAlias = NDArray[np.int64]


@frozen(eq=False)
class HeldTerms:
    """The terms on which versions of plans hold pay; versions that agree in them are one cohort."""

    of_plan: Codes
    """By place of the plan: its terms."""
    holdbacks: tuple[tuple[Holdback | None, Rounding], ...]

    @classmethod
    def of(cls, plans: Sequence[DatedPlan]) -> HeldTerms:
        """The terms of plans."""
        known: dict[tuple[str, Holdback | None, Rounding], int] = {}
        terms = [(dated.plan.code, dated.plan.holdback, dated.plan.rounding) for dated in plans]
        places = np.array([known.setdefault(term, len(known)) for term in terms], dtype=np.int64)
        return cls(places, tuple((holdback, rounding) for _, holdback, rounding in known))


def held_units(lines: BookLines, rank: Codes, terms: HeldTerms, currency: str) -> tuple[Whole, Truth]:
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
    order = ordered(*whose, rank)
    groups = [array[order] for array in whose[:3]]
    starts = starts_of(*groups)
    units = lines.amount[order]
    if not len(units):
        return held, doubt
    pays = summed(units, starts)
    kept, unsure = _kept(pays, groups[1][starts], terms, currency)
    weights = np.maximum(units, 0)
    kept = np.minimum(kept, summed(weights, starts))
    unsure |= summed(np.abs(units.astype(np.float64)), starts) >= LIMIT
    unsure |= summed(weights.astype(np.float64), starts) * kept.astype(np.float64) >= LIMIT
    held[order] = shared(np.where(unsure, 0, kept), weights, starts)
    doubt[order] = spread(unsure, starts, len(units))
    return held, doubt


def _kept(pays: Whole, term: Codes, terms: HeldTerms, currency: str) -> tuple[Whole, Truth]:
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
