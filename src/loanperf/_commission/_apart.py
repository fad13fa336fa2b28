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
    quotas, top, below = by_quota[rows], looked.top[rows], looked.below[rows]
    quota = np.where(quotas, top, 1), np.where(quotas, below, 1)
    deals = _transactions(versions, lookups, bases.some(rows), group[rows], quota, (top, below))
    prices, per = priced(versions, deals), versions.per
    place = put(np.arange(len(rows)), rows, len(bases), -1)
    version = bases.version[rows]
    return LonePrices(
        top=laid(none, rows, times(prices.top, per[1][version])),
        below=laid(none + 1, rows, times(prices.below, per[0][version])),
        looked=looked,
        why=lambda row: why_dealt(versions, deals, prices, int(place[row])) if place[row] >= 0 else (),
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


def _transactions(
    versions: Versions,
    lookups: Lookups,
    bases: LoneBases,
    group: Places,
    quota: tuple[Whole, Whole],
    looked: tuple[Whole, Whole],
) -> Transactions:
    """Bases as transactions that come in and never go out, each group by itself, on the last day of their period.

    Args:
        versions: of components.
        lookups: of a run.
        bases: in order of group, each paid or counted.
        group: a code of payee, plan and component, over all versions of the plan.
        quota: what 100% is; 1 where tiers are not by attainment.
        looked: the quota or reading that was looked up for each.
    """
    size, version, row = len(group), bases.version, np.arange(len(group))
    on, window = lookups.calendar.ends[bases.period] - 1, bases.period * 0
    for code, component in enumerate(versions.components):
        mine = np.flatnonzero(version == code)
        window[mine] = window_of(component, versions.dated[code].calendar, on[mine], bases.period[mine])
    below = in_one_each(bases.below, group)
    paid, counted = (times(np.maximum(units, 0), below // bases.below) for units in (bases.paid, bases.counts))
    unit, tier_below = units_of_tiers(versions, version, group, window, quota, below)
    counted, unit, tier_below = bounded(largest(counted) * largest(unit), counted, unit, tier_below)
    read = versions.read[version]
    return Transactions(
        group=group, track=row, step=row, version=version, window=window,
        curve=np.where(bases.paid > 0, np.maximum(bases.curve, 0), 0), kind=np.full(size, COMES),
        counts=~nowhere(size),
        tier=np.where(versions.by_number[version], np.where(counted > 0, tier_below, 0), counted * unit),
        tier_below=tier_below, paid=paid, below=below,
        at=(np.where(read, looked[0], 0), np.where(read, looked[1], 1)), across=(row * 0, row * 0 + 1), quota=quota,
        lot=row, left=paid, touched=nowhere(size),
    )  # fmt: skip
