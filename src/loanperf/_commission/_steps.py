"""Steps: what happened to deals -> steps, each with its base, its rate and what is looked up for its day."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from attrs import frozen

from loanperf._commission._answers import Answers
from loanperf._commission._deals import Deals, KnownSizes, Sizes
from loanperf._commission._eligible import Eligible, SizedDeals
from loanperf._commission._happenings import Happenings, counts_amounts, needs_amount
from loanperf._commission._lookups import Lookups
from loanperf._commission._plan import Component
from loanperf._commission._rates import said_number
from loanperf._commission._tiers import LoanNumber, Tiers
from loanperf._commission._tracks import Claims, Tracks, are_held, parts_of
from loanperf._commission._versions import Versions
from loanperf._numbers import (
    Columns,
    Pieces,
    Places,
    Rows,
    Truth,
    Whole,
    alike,
    bounded,
    by_code,
    day_number,
    day_of,
    folded,
    fraction,
    in_one,
    in_one_each,
    largest,
    no_rows,
    nowhere,
    ordered,
    paired,
    plus,
    put,
    rows_where,
    shared,
    spread,
    stacked,
    starts_of,
    summed,
    taken,
    times,
    whole,
)
from loanperf._periods import FROM_JANUARY, PartOfYear, PayCalendar
from loanperf._quantities import CURRENCIES
from loanperf.errors import DataError, LoanPerfError


@frozen(eq=False, kw_only=True)
class Steps(Columns):
    """One row a step, by track, and of each track in the order in which its steps are worked.

    A track is a deal as one payee is paid for it by one component and kind of credit. A group is the tracks of a payee,
    plan and component, over all its versions: what may accumulate together.
    """

    group: Places
    """Of each step; groups are in order of payee, plan and component."""
    track: Places
    order: Whole
    """The place of the step among all: of its group in order of day, loan and event."""
    on: Whole
    event: Places
    """Place in `EVENTS`."""
    version: Places
    """The row of `Versions` that holds for it."""
    stage: Places
    """Code of its milestone, or of what ended the deal."""
    reached: Whole
    """The share of the stages reached with it, over `of` of its version."""
    base: Whole
    """What is paid from then on, over `below`; 0 where the terms of the component are not met."""
    amount: Whole
    """The same before a rate of each loan makes it that loan: what the loan comes to, over `below`."""
    counts: Whole
    """What counts for the tier from then on, over `below`."""
    below: Whole
    """One for all steps of a group."""
    curve: Places
    """Code of the rate that holds for it; -1 where none is asked, or none is known."""
    faulty: Truth
    """Whether no rate fits it, or two."""
    held: Truth
    """Whether the payee holds the loan on that day."""
    due: Whole
    """When it is payable; FAR where its milestone is not reached."""
    lowers: Truth
    """Whether it takes the loan out of the tier that it counted for."""
    window: Whole
    """A code of what accumulates together on its day."""
    quota: tuple[Whole, Whole]
    """What 100% is on its day; 1 where tiers are not by attainment."""
    no_quota: Truth
    """Whether that is not known."""
    at: tuple[Whole, Whole]
    """The reading or attainment at which the curve is read."""
    across: tuple[Whole, Whole]
    """The number of the loan at which a table is read, by its columns; 0 where none is."""
    no_reading: Truth
    part: tuple[Whole, Whole]
    """The payee's part of the loan."""


@frozen(eq=False, kw_only=True)
class Before(Columns):
    """What had counted for tiers before the first period that is worked, in order of period.

    A row for each sum; where tiers count loans by number, a row for each loan of it.
    """

    group: Places
    """As that of steps."""
    on: Whole
    version: Places
    curve: Places
    base: Whole
    """What is paid on, over `below`; of what is earned that itself."""
    counts: Whole
    """What counts for the tier, over `below`."""
    below: Whole
    window: Whole
    quota: tuple[Whole, Whole]
    """What 100% is: a quotient; 1 where tiers are not by attainment."""


@frozen(eq=False, kw_only=True)
class Sources:
    """What steps are worked out from."""

    versions: Versions
    claims: Claims
    tracks: Tracks
    deals: Deals
    lookups: Lookups
    eligible: Eligible
    sizes: Mapping[str, Sizes]
    """By currency."""
    before: Before | None = None
    """What had counted for tiers before the first period; None where nothing had."""

    def size(self, version: int, deal: Places, on: Whole) -> KnownSizes:
        """The amounts of deals on days, in the currency of a version and as its base asks."""
        contracted = self.versions.components[version].base == "contracted"
        return self.sizes[self.versions.dated[version].currency].on(deal, on, contracted=contracted)

    def held(self, version: int, claim: Places, on: Whole) -> Truth:
        """Whether loans are those of their claimants on days; a stated credit always is."""
        return are_held(self.tracks, self.versions.components[version], self.claims.share[claim], on)

    def named(self, claim: int) -> tuple[str, str]:
        """The payee and the loan of a claim."""
        return self.deals.payees[int(self.claims.payee[claim])], self.deals.codes[int(self.claims.deal[claim])]

    def part(self, version: int, claim: Places) -> tuple[Whole, Whole]:
        """The parts of loans that a version credits."""
        if (self.claims.version[claim] == version).all():
            return self.claims.part[0][claim], self.claims.part[1][claim]
        return parts_of(self.versions.components[version], self.tracks, self.claims.share[claim])


@frozen(eq=False, kw_only=True)
class WorkedSteps:
    """Steps, with what they were worked out of."""

    found: Happenings
    """What happened, in the order of versions; what waits for an amount too."""
    waits: Truth
    """Of what happened, whether it waits for an amount."""
    sizes: tuple[tuple[Places, KnownSizes], ...]
    """By version, rows of what happened, in order, and the amounts of their loans."""
    looked: tuple[tuple[Places, Answers | None, Answers | None], ...]
    """By version, rows of what happened, in order, with the quotas and readings of their days."""
    turn: Rows
    """The rows of what happened in the order in which it is worked: of each group by day, loan and event."""
    row: Places
    """Of each step, its row in what happened."""
    steps: Steps
    credited: tuple[Whole, Whole]
    """Of each step, the base that is credited, whether it is paid or not: a quotient."""


def worked(given: Sources, found: Happenings) -> WorkedSteps:
    """The steps of what happened; one at least."""
    found = found.some(ordered(found.version))
    parts, sizes, looked = [], [], []
    for version in range(len(given.versions.components)):
        rows = np.flatnonzero(found.version == version)
        mine = found.some(rows)
        size = given.size(version, given.claims.deal[mine.claim], mine.on)
        columns, answers = _of_version(given, version, mine, size)
        parts.append(columns)
        sizes.append((rows, size))
        looked.append((rows, *answers))
    together: dict[str, Any] = {name: stacked([part[name] for part in parts]) for name in parts[0]}
    waits = folded(together.pop("waits"))
    by_claim = np.arange(len(waits))[ordered(found.claim, found.on, found.event, found.turn)]
    row = by_claim[rows_where(~waits[by_claim])]
    together = {name: taken(column, row) for name, column in together.items()}
    turn = _in_turn(given, found, by_claim)
    credited = together.pop("credited")
    steps = _steps(given, found.some(row), together, put(np.arange(len(waits)), turn, len(waits), 0)[row])
    return WorkedSteps(
        found=found,
        waits=waits,
        sizes=tuple(sizes),
        looked=tuple(looked),
        turn=turn,
        row=row,
        steps=steps,
        credited=credited,
    )


_Looked = tuple[Answers | None, Answers | None]
_Pair = tuple[Whole, Whole]


def _of_version(given: Sources, version: int, found: Happenings, size: KnownSizes) -> tuple[dict[str, Any], _Looked]:
    """The columns of what happened under one version; and the quotas and readings of its days."""
    versions, claims = given.versions, given.claims
    component = versions.components[version]
    claim, none = found.claim, alike(0, len(found.claim))
    asked = SizedDeals(deal=claims.deal[claim], top=size.top, below=size.below, known=size.known)
    part = given.part(version, claim)
    base, counted = _bases(given, version, claim, part, size)
    pays, counts = (
        folded(mask) for mask in (given.eligible.fits(component.where, asked), given.eligible.counts(component, asked))
    )
    known = folded(size.known | (not needs_amount(component)))
    rates = given.eligible.rates(component, asked)
    base_top = np.where(pays & known, base[0], 0)
    curve = by_code(np.append(versions.rates[version], (-1, -1)))[folded(rates)]
    paid = paid_of_loans(versions, alike(version, len(claim)), curve, part, (base_top, base[1]))
    period = given.lookups.calendar.place(found.on)
    quota, reading = looked_up(given.versions, given.lookups, version, claims.payee[claim], np.maximum(period, 0))
    across = None
    if (tiers := component.tiers) is not None and tiers.number is not None:
        reading = numbers_of(given.deals, tiers.number, claims.deal[claim])
        if tiers.across is not None:
            across = numbers_of(given.deals, tiers.across, claims.deal[claim])
            reading = _within(given, (tiers, claims.deal[claim]), curve, reading, across)
    shares = by_code(np.append(0, _reached(versions, version)))
    one, sure = (none + 1, none + 1), no_rows(len(claim))
    columns = {
        "waits": (found.nth >= 0) & ~known,
        "reached": shares[found.nth + 1],
        "base": paid,
        "amount": (base_top, base[1]),
        "credited": (np.where(known, base[0], 0), base[1]),
        "counts": (np.where(counts & known, counted[0], 0), counted[1]),
        "curve": np.where(rates < 0, -1, curve),
        "faulty": (rates < 0) & (base_top > 0),
        "held": folded(given.held(version, claim, found.on)),
        "window": window_of(component, given.versions.dated[version].calendar, found.on, period),
        "quota": one if quota is None else (np.where(quota.faulty, 1, quota.top), quota.below),
        "no_quota": sure if quota is None else quota.faulty,
        "at": (none, one[1]) if reading is None else (reading.top, reading.below),
        "across": (none, one[1]) if across is None else (across.top, across.below),
        "no_reading": sure if reading is None else reading.faulty,
        "part": part,
    }
    return columns, (quota, reading)


def paid_of_loans(versions: Versions, version: Places, curve: Places, part: _Pair, base: _Pair) -> _Pair:
    """What is paid on: the base; where the rate is of each loan, and the base above zero, the part of the loan."""
    of_loan = versions.of_loan[curve] & (curve >= 0)
    if not of_loan.any():
        return base
    loan = times(part[0], versions.per[0][version]), times(part[1], versions.per[1][version])
    return np.where(of_loan, np.where(base[0] > 0, loan[0], 0), base[0]), np.where(of_loan, loan[1], base[1])


def _reached(versions: Versions, version: int) -> Whole:
    """The shares of the stages of a component up to each, over its `of`."""
    of = int(versions.of[version])
    parts = [int(stage.share * of) for stage in versions.components[version].steps]
    return np.cumsum(np.array(parts))


def _bases(given: Sources, version: int, claim: Places, part: _Pair, size: KnownSizes) -> tuple[_Pair, _Pair]:
    """The part of the base of each loan that is credited to its claimant; and what that counts for the tier.

    The base is an amount, or where loans are paid by their number a weight; what counts is the same, or the amount.
    """
    component, currency = given.versions.components[version], given.versions.dated[version].currency
    money = part
    if component.base != "count" or counts_amounts(component):
        amount, scale = (size.top, size.below), 10 ** CURRENCIES[currency]
        money = credited(component, given.tracks, given.claims.share[claim], part, amount, scale)
    if component.base != "count":
        return money, money
    base = part
    if component.weighed_by is not None:
        top, below = Pieces.of(component.weighed_by).at(size.top, size.below)
        base = times(top, part[0]), times(below + size.top * 0, part[1])
    return base, money if counts_amounts(component) else base


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
    scaled = times(top, alike(scale, len(top)))
    units, all_units = scaled // below, times(amount[0], alike(scale, len(top))) // amount[1]
    there = times(all_units, amount[1]) == times(amount[0], alike(scale, len(top)))
    split = np.flatnonzero(times(units, below) != scaled)
    if len(split):
        units, parts = bounded(0, units, _split(component, tracks, share[split], all_units[split]))
        units[split] = parts
    return np.where(there, units, top), np.where(there, scale, below)


def _split(component: Component, tracks: Tracks, share: Places, units: Whole) -> Whole:
    """Units of amounts that are divided between all shares of deals, by largest remainder; those of some shares.

    What is left over goes to the officer of the loan first, then to who was credited earlier, then to the kind of
    credit in the order of the split. The code of a payee decides between two whom nothing else tells apart. A part that
    is handed over from officer to officer stays what it is.
    """
    shares, deals = tracks.shares, tracks.deals
    deal = shares.deal[share]
    first = np.append(True, (shares.deal[1:] != shares.deal[:-1]) | shares.stated[:-1])[: len(shares.deal)]
    share = np.where(shares.stated[share], share, np.maximum.accumulate(np.arange(len(first)) * first)[share])
    asked, row = paired(shares.begins[deal], shares.begins[deal + 1])
    mine = shares.stated[row] | first[row]
    asked, row = asked[mine], row[mine]
    codes = [role for role, _ in component.split]
    turn = whole([codes.index(role) if role in codes else len(codes) for role in deals.roles])[shares.role[row]]
    later = (shares.stated[row] & (shares.payee[row] != deals.officer[shares.deal[row]])) * 1
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


def looked_up(versions: Versions, lookups: Lookups, version: int, payee: Places, period: Places) -> _Looked:
    """The quotas and readings that a version looks at, of payees in periods; None where it looks at none."""
    place, component = versions.places[version], versions.components[version]
    tiers = component.tiers
    if tiers is None or tiers.by == "loan" or not (tiers.by == "attainment" or tiers.are_read):
        return None, None
    if tiers.by == "attainment":
        return lookups.quota(place, tiers, payee, period), None
    attained = "/attainment" if tiers.by == "indicator attainment" else ""
    curves = [component.curve, *(rate.curve for rate in component.rates)]
    curve = next((item for item in curves if item is not None), None)
    return None, lookups.look(place, f"{tiers.indicator}{attained}", curve, payee, period)


def numbers_of(deals: Deals, name: LoanNumber, deal: Places) -> Answers:
    """A number of loans' own; a margin is the interest rate less the funding rate."""
    if name != "margin":
        return deals.numbers(name, deal)
    one, other = (deals.numbers(rate, deal) for rate in ("interest_rate", "funding_rate"))
    top = plus(times(one.top, other.below), -times(other.top, one.below))
    return Answers(
        top,
        times(one.below, other.below),
        one.faulty | other.faulty,
        nowhere(len(deal)),
        lambda place: (one if one.faulty[place] else other).error(place),
    )


def _within(given: Sources, asked: tuple[Tiers, Places], curve: Places, rows: Answers, columns: Answers) -> Answers:
    """The number that decides on the row of a table; faulty where either number is missing or lies outside the table.

    Args:
        given: what steps are worked out from.
        asked: the tiers, and the loans whose numbers they are.
        curve: the code of the rate of each.
        rows: the number that decides on the row.
        columns: the number that decides on the column.
    """
    tiers, deal = asked
    beyond, faulty = nowhere(len(curve)), nowhere(len(curve)) | rows.faulty
    for code, (table, grid) in given.versions.tables.items():
        mine = np.flatnonzero((curve == code) & ~faulty)
        faulty[mine] = columns.faulty[mine]
        mine = mine[~faulty[mine]]
        if table.outside == "problem" and len(mine):
            inside = grid.holds((rows.top[mine], rows.below[mine]), (columns.top[mine], columns.below[mine]))
            beyond[mine] = ~inside

    def error(place: int) -> LoanPerfError:
        if not beyond[place]:
            return (rows if rows.faulty[place] else columns).error(place)
        numbers = [fraction(one.top, one.below, place) for one in (rows, columns)]
        said = " and ".join(said_number(name, at).en for name, at in
                            zip((tiers.number, tiers.across), numbers, strict=True) if name is not None)  # fmt: skip
        where = f"loan {given.deals.codes[int(deal[place])]}"
        fault = f"the table of rates ends before {said}"
        return DataError(where, fault, "correct the loan, add a row or column, or write outside = 'edge'")

    return Answers(rows.top, rows.below, faulty | beyond, rows.gone, error)


_LONG = 10_000_000
"""Above the places of periods."""
_PARTS: Mapping[PartOfYear, int] = MappingProxyType({"year": 0, "half": 1, "quarter": 2})


def window_of(component: Component, calendar: PayCalendar | None, on: Whole, period: Places) -> Whole:
    """A code of what accumulates together by day: the period, or the time of the calendar in which sums begin anew.

    Versions of a plan with other windows share none.
    """
    tiers = component.tiers
    if tiers is None or tiers.accumulates in ("period", "rolling"):
        return period
    if tiers.resets == "never" or not len(on):
        return on * 0 + 2 * _LONG
    part, first, last = tiers.resets, day_of(int(on.min())), day_of(int(on.max()))
    starts = whole(list(map(day_number, (calendar or FROM_JANUARY).starts(part, first, last))))
    place = np.maximum(np.searchsorted(starts, on, "right") - 1, 0)
    found: Whole = _LONG + starts[place] * len(_PARTS) + _PARTS[part]
    return found


def _in_turn(given: Sources, found: Happenings, by_claim: Places) -> Rows:
    """The rows of what happened, of each group in order of day, loan and event; those of a claim are in order."""
    claims, claim = given.claims, found.claim
    if not claims.nth.any():  # claims are in the order of loans: rows of one day need not be sorted again
        return by_claim[ordered(claims.group[claim[by_claim]], found.on[by_claim])]
    rank = given.deals.rank[claims.deal[claim]]
    return ordered(claims.group[claim], found.on, rank, found.event, claims.nth[claim], found.turn)


def _steps(given: Sources, found: Happenings, columns: dict[str, Any], order: Places) -> Steps:
    """Steps in order of claims, with bases over one number for all steps of a group; `order` is the place of each."""
    group, size = given.claims.group[found.claim], len(found.claim)
    unders = [columns[name][1] for name in _BASES]
    below = in_one_each(np.concatenate(unders), np.concatenate([group] * 3))[:size]
    for name, under in zip(_BASES, unders, strict=True):
        columns[name] = times(columns[name][0], below // under)
    return Steps(
        group=group, track=found.claim, order=order, on=found.on, event=found.event, version=found.version,
        stage=found.stage, below=below, due=found.due, lowers=found.lowers, **columns,
    )  # fmt: skip


_BASES = ("base", "amount", "counts")
