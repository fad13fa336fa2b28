"""Alone: bases that are no deal's, such as balances and readings -> what each comes to, by the tiers of its plan."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from attrs import frozen

from loanperf._commission._bases import units_of_tiers
from loanperf._commission._prices import COMES, Dealings, priced
from loanperf._commission._reasons import why_dealt
from loanperf._commission._versions import Versions
from loanperf._explanations import Explanation
from loanperf._numbers import Places, Whole, bounded, in_one, largest, nowhere, ordered, spread, starts_of, times


@frozen(eq=False, kw_only=True)
class AloneBases:
    """Bases that come in and never go out, in the order in which they count, each group by itself."""

    group: Places
    """A code of payee, plan and component, over all versions of the plan: what may accumulate together."""
    version: Places
    """The row of `Versions` that holds for each."""
    window: Whole
    """A code of what accumulates together on its day; see `window_of`."""
    curve: Places
    """The code of the rate that holds for it; 0 where nothing is paid."""
    paid: tuple[Whole, Whole]
    """What is paid, a quotient."""
    counts: tuple[Whole, Whole]
    """What counts for the tier, a quotient."""
    quota: tuple[Whole, Whole]
    """What 100% is on its day; 1 where tiers are not by attainment."""
    at: tuple[Whole, Whole]
    """The reading or attainment at which the curve is read."""


@frozen(eq=False, kw_only=True)
class AlonePrices:
    """What each base comes to: a quotient; and why, where somebody asks."""

    top: Whole
    below: Whole
    why: Callable[[int], tuple[Explanation, ...]]


def priced_alone(versions: Versions, bases: AloneBases) -> AlonePrices:
    """What bases that are no deal's come to."""
    size, version = len(bases.group), bases.version
    both, unders = np.append(bases.group, bases.group), np.append(bases.paid[1], bases.counts[1])
    order = ordered(both) if size else slice(None)
    starts = starts_of(both[order])
    (common,) = bounded(0, spread(in_one(unders[order], starts), starts, 2 * size))
    below = np.empty_like(common)
    below[order] = common
    below = below[:size]
    paid = times(bases.paid[0], below // bases.paid[1])
    counted = times(bases.counts[0], below // bases.counts[1])
    unit, tier_below = below, below
    if size:
        unit, tier_below = units_of_tiers(versions, version, bases.group, bases.window, bases.quota, below)
    counted, unit, tier_below = bounded(largest(counted) * largest(unit), counted, unit, tier_below)
    tier = np.where(versions.by_number[version], np.where(counted > 0, tier_below, 0), counted * unit)
    row = np.arange(size)
    deals = Dealings(
        group=bases.group, track=row, step=row, version=version, window=bases.window, curve=bases.curve,
        kind=row * 0 + COMES, counts=~nowhere(size), tier=tier, tier_below=tier_below, paid=paid, below=below,
        at=bases.at, quota=bases.quota, lot=row, left=paid, touched=nowhere(size),
    )  # fmt: skip
    prices = priced(versions, deals)
    per = versions.per[0][version], versions.per[1][version]
    one = per[1] == 0
    return AlonePrices(
        top=times(prices.top, np.where(one, 1, per[1])),
        below=times(prices.below, np.where(one, 1, per[0])),
        why=lambda place: () if not (paid[place] or counted[place]) else why_dealt(versions, deals, prices, place),
    )
