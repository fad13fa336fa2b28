"""Apart: bases that are no deal's, of payees in periods -> what each comes to, with what is looked up for it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from attrs import frozen

from loanperf._commission._answers import Answers
from loanperf._commission._lookups import Lookups
from loanperf._commission._prices import COMES, Transactions, priced
from loanperf._commission._reasons import why_dealt
from loanperf._commission._steps import looked_up, window_of
from loanperf._commission._versions import Versions, units_of_tiers
from loanperf._explanations import Explanation
from loanperf._numbers import (
    Columns,
    Places,
    Truth,
    Whole,
    bounded,
    in_one_each,
    laid,
    largest,
    nowhere,
    ordered,
    put,
    times,
)


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
    paid: Whole
    """What is paid, over `below`."""
    counts: Whole
    """What counts for the tier, over `below`."""
    below: Whole
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
    below = in_one_each(bases.below, bases.group)
    paid, counted = (times(units, below // bases.below) for units in (bases.paid, bases.counts))
    unit, tier_below = below, below
    if size:
        unit, tier_below = units_of_tiers(versions, version, bases.group, bases.window, bases.quota, below)
    counted, unit, tier_below = bounded(largest(counted) * largest(unit), counted, unit, tier_below)
    tier = np.where(versions.by_number[version], np.where(counted > 0, tier_below, 0), counted * unit)
    row = np.arange(size)
    deals = Transactions(
        group=bases.group, track=row, step=row, version=version, window=bases.window, curve=bases.curve,
        kind=np.full(size, COMES), counts=~nowhere(size), tier=tier, tier_below=tier_below, paid=paid, below=below,
        at=bases.at, across=(row * 0, row * 0 + 1), quota=bases.quota, lot=row, left=paid, touched=nowhere(size),
    )  # fmt: skip
    prices = priced(versions, deals)
    per = versions.per[0][version], versions.per[1][version]
    one = per[1] == 0
    return AlonePrices(
        top=times(prices.top, np.where(one, 1, per[1])),
        below=times(prices.below, np.where(one, 1, per[0])),
        why=lambda place: () if not (paid[place] or counted[place]) else why_dealt(versions, deals, prices, place),
    )


@frozen(eq=False, kw_only=True)
class LoneBases(Columns):
    """What is paid on that is no deal's, a row each, in the order in which it counts."""

    payee: Places
    version: Places
    """The row of `Versions` by which it is paid."""
    period: Places
    paid: Whole
    """What is paid, over `below`; below zero it is nothing."""
    counts: Whole
    """What counts for the tier, over `below`."""
    below: Whole
    curve: Places
    """Code of the rate that holds; -1 where none is known, or none is asked."""

    def __len__(self) -> int:
        return len(self.payee)


@frozen(eq=False, kw_only=True)
class LonePrices:
    """What bases come to, a row each."""

    top: Whole
    """In whole currency, over `below`."""
    below: Whole
    looked: Answers
    """Of each, the quota or the reading that was looked up; 1 where none was."""
    why: Callable[[int], tuple[Explanation, ...]]
    """By row, where it stands in its tiers, and its slices."""


def priced_apart(versions: Versions, lookups: Lookups, bases: LoneBases) -> LonePrices:
    """What bases come to; those of one payee, plan and component accumulate together, as their tiers say.

    Nothing is looked up for what is neither paid nor counts, and it comes to nothing.
    """
    looked, by_quota = _looked(versions, lookups, bases)
    rows = np.flatnonzero(((bases.paid > 0) | (bases.counts > 0)) & ~looked.faulty)
    group = bases.payee * (int(versions.named.max(initial=0)) + 1) + versions.named[bases.version]
    rows = rows[ordered(group[rows])]
    none = bases.paid * 0
    if not len(rows):
        return LonePrices(top=none, below=none + 1, looked=looked, why=lambda _: ())
    prices = priced_alone(versions, _alone(versions, lookups, bases.some(rows), group[rows], (looked, by_quota, rows)))
    place = put(np.arange(len(rows)), rows, len(bases), -1)
    return LonePrices(
        top=laid(none, rows, prices.top),
        below=laid(none + 1, rows, prices.below),
        looked=looked,
        why=lambda row: prices.why(int(place[row])) if place[row] >= 0 else (),
    )


def _looked(versions: Versions, lookups: Lookups, bases: LoneBases) -> tuple[Answers, Truth]:
    """The quota or reading of each base that is paid or counts, 1 where none is asked; and which are quotas."""
    size = len(bases)
    one, quotas = np.repeat(1, size), nowhere(size)
    found = Answers.of(one, one)
    for version in range(len(versions.components)):
        rows = np.flatnonzero((bases.version == version) & ((bases.paid > 0) | (bases.counts > 0)))
        if len(rows):
            for answer in looked_up(versions, lookups, version, bases.payee[rows], bases.period[rows]):
                if answer is not None:
                    found = found.times(rows, answer)
                    quotas[rows] = versions.by_attainment[version]
    return found, quotas


def _alone(
    versions: Versions, lookups: Lookups, bases: LoneBases, group: Places, found: tuple[Answers, Truth, Places]
) -> AloneBases:
    """Bases with the windows in which they accumulate, and with what was looked up for them."""
    looked, by_quota, rows = found
    on, window = lookups.calendar.ends[bases.period] - 1, bases.period * 0
    for code, component in enumerate(versions.components):
        mine = np.flatnonzero(bases.version == code)
        window[mine] = window_of(component, versions.dated[code].calendar, on[mine], bases.period[mine])
    quotas, read = by_quota[rows], versions.read[bases.version]
    top, below = looked.top[rows], looked.below[rows]
    return AloneBases(
        group=group,
        version=bases.version,
        window=window,
        curve=np.where(bases.paid > 0, np.maximum(bases.curve, 0), 0),
        paid=np.maximum(bases.paid, 0),
        counts=np.maximum(bases.counts, 0),
        below=bases.below,
        quota=(np.where(quotas, top, 1), np.where(quotas, below, 1)),
        at=(np.where(read, top, 0), np.where(read, below, 1)),
    )
