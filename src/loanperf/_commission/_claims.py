"""Claims: deals as payees may be paid for them, components of plans -> who is paid what part of which loan by what."""

from __future__ import annotations

from fractions import Fraction
from math import lcm

import numpy as np
from attrs import frozen

from loanperf._commission._deals import LEAD
from loanperf._commission._plan import Component
from loanperf._commission._tracks import Shares, Tracks
from loanperf._commission._versions import Versions
from loanperf._numbers import (
    Places,
    Truth,
    Whole,
    bounded,
    in_one,
    largest,
    marked,
    ordered,
    paired,
    reduced,
    shared,
    spread,
    starts_of,
    summed,
    times,
    whole,
)


@frozen(eq=False, kw_only=True)
class Claims:
    """A deal as one payee is paid for it by one component and kind of credit, a row each.

    In the order in which they are met: by code of the loan, then as its shares stand, then as components do.
    """

    share: Places
    """The row of `Shares`."""
    deal: Places
    payee: Places
    version: Places
    """The row of `Versions` that holds for the deal; a drawing may fall under another one."""
    part: tuple[Whole, Whole]
    """The payee's part of the loan: a quotient above zero."""
    group: Places
    """A code of payee, plan and component, over all versions of the plan, that sorts as their texts do."""

    @classmethod
    def of(cls, versions: Versions, tracks: Tracks) -> Claims:
        """Everything that components of loans pay for."""
        none = np.arange(0)
        found = [(none, none, none, none)]
        for place, (component, plan) in enumerate(zip(versions.components, versions.places, strict=True)):
            rows = np.flatnonzero(tracks.plan == plan)
            part = parts_of(component, tracks, rows)
            there = np.flatnonzero(part[0] != 0)
            found.append((rows[there], part[0][there], part[1][there], np.full(len(there), place)))
        share, top, below, version = (np.concatenate(bounded(0, *column)) for column in zip(*found, strict=True))
        deal, payee = tracks.shares.deal[share], tracks.shares.payee[share]
        order = ordered(tracks.deals.rank[deal], share, version)
        share, version, payee = share[order], version[order], payee[order]
        return cls(
            share=share,
            deal=deal[order],
            payee=payee,
            version=version,
            part=(top[order], below[order]),
            group=payee * (int(versions.named.max(initial=0)) + 1) + versions.named[version],
        )

    def __len__(self) -> int:
        return len(self.share)

    def of_payee(self, payee: int) -> Claims:
        """Those of one payee."""
        rows = np.flatnonzero(self.payee == payee)
        return Claims(
            share=self.share[rows],
            deal=self.deal[rows],
            payee=self.payee[rows],
            version=self.version[rows],
            part=(self.part[0][rows], self.part[1][rows]),
            group=self.group[rows],
        )


def parts_of(component: Component, tracks: Tracks, rows: Places) -> tuple[Whole, Whole]:
    """What part of a loan a component credits to shares: their part of the role, times the role's part.

    The part of a role that nobody has goes to the lead, or to nobody, as the component says.
    """
    shares, roles, split = tracks.shares, tracks.deals.roles, dict(component.split)
    below = lcm(*(part.denominator for part in split.values()))
    weight = whole([int(split.get(role, Fraction(0)) * below) for role in roles])[shares.role[rows]]
    if component.unfilled == LEAD and component.credited == "split":
        lead = shares.role[rows] == roles.index(LEAD)
        for role, part in component.split:
            filled = _filled(shares, roles.index(role) if role in roles else -1, len(tracks.deals))
            weight = weight + np.where(lead & ~filled[shares.deal[rows]], int(part * below), 0)
    return reduced(times(weight, shares.top[rows]), times(np.full(len(rows), below), shares.below[rows]))


def _filled(shares: Shares, role: int, size: int) -> Truth:
    """Of which deals somebody has a credit of a role."""
    return marked(shares.deal[shares.role == role], size)


def credited(
    component: Component,
    tracks: Tracks,
    share: Places,
    part: tuple[Whole, Whole],
    amount: tuple[Whole, Whole],
    scale: int,
) -> tuple[Whole, Whole]:
    """The parts of amounts that are credited to shares, in whole smallest units: the parts of all sum to the amount.

    What is no whole number of them from the start, as an amount of another currency may be, is divided exactly, and so
    is what a component credits in full.

    Args:
        component: that credits.
        tracks: of all deals.
        share: the row of each share.
        part: of the loan, a quotient each.
        amount: of the loan, in whole currency: a quotient each.
        scale: how many smallest units the currency has.
    """
    top, below = times(amount[0], part[0]), times(amount[1], part[1])
    if component.credited == "full":
        return top, below
    scaled = times(top, np.full(len(top), scale))
    units, all_units = scaled // below, times(amount[0], np.full(len(top), scale)) // amount[1]
    there = times(all_units, amount[1]) == times(amount[0], np.full(len(top), scale))
    split = np.flatnonzero((times(units, below) != scaled) & there)
    if len(split):
        units, parts = bounded(0, units, _split(component, tracks, share[split], all_units[split]))
        units[split] = parts
    return np.where(there, units, top), np.where(there, scale, below)


def _split(component: Component, tracks: Tracks, share: Places, units: Whole) -> Whole:
    """Units of amounts that are divided between all shares of deals, by largest remainder; those of some shares.

    What is left over goes to the officer of the loan first, then to who was credited earlier, then to the kind of
    credit in the order of the split. The code of a payee decides between two whom nothing else tells apart.
    """
    shares, deals = tracks.shares, tracks.deals
    deal = shares.deal[share]
    asked, row = paired(tracks.begins[deal], tracks.begins[deal + 1])
    mine = shares.stated[row] | (row == share[asked])
    asked, row = asked[mine], row[mine]
    codes = [role for role, _ in component.split]
    turn = whole([codes.index(role) if role in codes else len(codes) for role in deals.roles])[shares.role[row]]
    later = (shares.payee[row] != deals.officer[shares.deal[row]]) * 1
    order = ordered(asked, later, shares.known[row], turn, shares.payee[row])
    asked, row = asked[order], row[order]
    top, below = parts_of(component, tracks, row)
    starts = starts_of(asked)
    common = in_one(below, starts)
    weights = times(top, spread(common, starts, len(asked)) // below)
    rest = np.maximum(common - summed(weights, starts), 0)
    at = np.arange(len(asked)) + asked
    ends = np.append(starts, len(asked))[1:] + np.arange(len(starts))
    weights, rest, units, common = bounded(largest(units) * largest(common), weights, rest, units, common)
    all_weights = np.empty_like(np.append(weights, rest))
    all_weights[at], all_weights[ends] = weights, rest
    found = shared(units, all_weights, starts + np.arange(len(starts)))[at]
    parts = np.empty_like(units)
    own = np.flatnonzero(row == share[asked])
    parts[asked[own]] = found[own]
    return parts
