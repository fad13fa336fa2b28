"""Tracks: deals, plans and people -> each deal as each payee may be paid for it by one credit, and by which plan.

A claim is such a deal as one component of that plan pays for it: who is paid what part of which loan by what.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property
from math import lcm

import numpy as np
from attrs import evolve, frozen

from loanperf._commission._accrual import EQUALLY, DatedPlan, NoPlan, choose_plan
from loanperf._commission._deals import LEAD, Deals
from loanperf._commission._fitting import Fitting
from loanperf._commission._plan import Component
from loanperf._commission._versions import Versions
from loanperf._facts import EventKind
from loanperf._numbers import (
    FAR,
    Columns,
    Places,
    Truth,
    Whole,
    alike,
    bounded,
    by_code,
    count_of,
    day_number,
    day_of,
    distinct,
    fraction,
    grouped,
    laid,
    largest,
    marked,
    matched,
    no_rows,
    ordered,
    place_in,
    ranked,
    reduced,
    spread,
    starts_of,
    summed,
    times,
    whole,
)
from loanperf._org import Assignment, Organisation
from loanperf._people import POSITION, People
from loanperf._quantities import percent
from loanperf.errors import DataError, LoanPerfError, NoAssignmentError, ResolveError

NOT_HELD, NOT_CHOSEN, NONE_FITS, NOT_IN_FORCE, NOBODY, NO_FIT, TWO_FIT = range(-1, -8, -1)
"""Why a track has no plan.

Nothing happened to the deal in the payee's hands; its day has not come; no plan fits on its day; it lies before the
first plan. Of the others a problem tells: the payee, or a unit, is not there on a day; no plan fits at all; two do.
"""


@frozen(eq=False, kw_only=True)
class Shares:
    """Everybody's parts in deals, a row each, in the order of deals, then of kinds of credit; officers come last."""

    deal: Places
    payee: Places
    role: Places
    """Place in `Deals.roles`."""
    top: Whole
    """The payee's part of the credit of that role, over `below`; the stated parts of a role sum to 1."""
    below: Whole
    stated: Truth
    """Whether a credit says so; else the payee is an officer of the loan, which can change."""
    known: Whole
    """The day of the credit, else that on which the loan was opened."""
    faulty: Places
    """Deals without a row, since the credits of one of their roles do not sum to 100%, or state shares in part."""
    begins: Places
    """By deal, the row with which its shares begin; one more at the end."""

    @classmethod
    def of(cls, deals: Deals) -> Shares:
        """The shares of deals: the credits of a role as stated, or in equal parts; the officers where no lead is."""
        given = deals.credits
        starts = starts_of(given.deal, given.role)
        many, deal = np.diff(starts, append=len(given.deal)), given.deal[starts]
        told = summed(given.stated * 1, starts)
        common, parts = _over_one(given.top, given.below, largest(many))
        wrong = (told > 0) & ((told < many) | (summed(parts, starts) != common))
        led = marked(deal[deals.roles.index(LEAD) == given.role[starts]], len(deals))
        bad = marked(deal[wrong], len(deals))
        held, officer = deals.ever_held
        rows = np.flatnonzero(~(led | bad)[held])
        held, officer = held[rows], officer[rows]
        equal, kept = spread(told == 0, starts, len(given.deal)), np.flatnonzero(~bad[given.deal])
        columns = {
            "deal": (given.deal, held),
            "payee": (given.payee, officer),
            "role": (given.role, alike(deals.roles.index(LEAD), len(held))),
            "top": (np.where(equal, 1, given.top), alike(1, len(held))),
            "below": (np.where(equal, spread(many, starts, len(equal)), given.below), alike(1, len(held))),
            "stated": (given.deal >= 0, no_rows(len(held))),
            "known": (given.on, deals.opened[held]),
        }
        found = {name: np.concatenate([credited[kept], own]) for name, (credited, own) in columns.items()}
        order = ordered(found["deal"])
        begins = np.append(0, np.cumsum(count_of(found["deal"], len(deals))))
        return cls(**{name: column[order] for name, column in found.items()}, faulty=np.flatnonzero(bad), begins=begins)


def _over_one(top: Whole, below: Whole, most: int) -> tuple[int, Whole]:
    """Parts of 1 over the denominator that they all have, of which up to so many are summed."""
    kinds, which = distinct(below)
    common = lcm(*kinds.tolist())
    factor, parts = bounded(common * max(most, 1), whole([common // kind for kind in kinds.tolist()])[which], top)
    return common, parts * factor


def unsound(deals: Deals, deal: int) -> DataError:
    """What is wrong with the credits of a deal that has no shares."""
    of, loan = deals.credits, deals.codes[deal]
    rows = np.flatnonzero(of.deal == deal)
    for role in distinct(of.role[rows])[0].tolist():
        mine = rows[of.role[rows] == role]
        stated, name = mine[of.stated[mine]], deals.roles[role]
        where, lacks = f"credits of loan {loan}", ("credits", loan)
        if 0 < len(stated) < len(mine):
            fault = f"of {len(mine)} {name} credits {len(stated)} state a share"
            return DataError(where, fault, "state the share of each, or of none", lacks)
        total = sum((fraction(of.top, of.below, row) for row in stated.tolist()), Fraction(0))
        if len(stated) and total != 1:
            fault = f"the shares of its {name} credits sum to {percent(total)}"
            return DataError(where, fault, "make them sum to exactly 100%", lacks)
    raise AssertionError(f"the credits of loan {loan} are sound")


@frozen(eq=False, kw_only=True)
class Tracks:
    """A deal as one payee may be paid for it by one credit, a row each, with a plan or without; in the order of shares.

    Who holds several roles at once has a row for the plan of each, and of two that have one plan a row for the first.
    The tracks of a deal are the rows `begins[deal]` to `begins[deal + 1]`.
    """

    deals: Deals
    shares: Shares
    share: Places
    """The row of `Shares` of each."""
    since: Whole
    """By share, the first day on which something happened to the deal in the payee's hands, up to the last; `FAR` is
    never."""
    plan: Places
    """Place of the dated plan that holds for it; below zero why there is none."""
    begins: Places
    """By deal, the row with which its tracks begin; one more at the end."""
    _choosing: _Choosing

    @classmethod
    def of(cls, deals: Deals, people: People, organisation: Organisation, fitting: Fitting) -> Tracks:
        """The tracks of deals.

        Args:
            deals: with all who hold them or are credited.
            people: their assignments, by the places of `deals.payees`.
            organisation: of which those are.
            fitting: the plans.
        """
        shares = Shares.of(deals)
        since = _since(deals, shares)
        share, career = _careers(shares, people)
        choosing = _Choosing(deals, shares, share, career, since, people, organisation, fitting)
        plan = choosing.plans()
        if len(people.beside):
            kept = choosing.each_once(plan)
            share, career, plan = share[kept], career[kept], plan[kept]
            choosing = evolve(choosing, share=share, career=career)
        begins = np.append(0, np.cumsum(count_of(shares.deal[share], len(deals))))
        return cls(deals=deals, shares=shares, share=share, since=since, plan=plan, begins=begins, choosing=choosing)

    def __len__(self) -> int:
        return len(self.plan)

    @property
    def deal(self) -> Places:
        """The deal of each."""
        return self.shares.deal[self.share]

    @property
    def payee(self) -> Places:
        """The payee of each."""
        return self.shares.payee[self.share]

    def no_plan(self, row: int) -> NoPlan:
        """Why no plan holds for a track, where that is no fault."""
        return self._choosing.no_plan(row, int(self.plan[row]))

    def role(self, row: int) -> Assignment:
        """What the payee of a track with a plan was on the day that decided the plan."""
        return self._choosing.role(row, int(self.plan[row]))

    def error(self, row: int) -> LoanPerfError:
        """What is wrong where the plan of a track cannot be told."""
        return self._choosing.error(row)


def _careers(shares: Shares, people: People) -> tuple[Places, Places]:
    """Each share with each career of its payee, the primary one first; the careers of a share stand together."""
    share = np.arange(len(shares.deal))
    if not len(people.beside):
        return share, shares.payee
    payee = people.payee[people.beside]
    order = ordered(payee)
    which, at = matched(payee[order], shares.payee)
    share, career = np.append(share, which), np.append(shares.payee, people.beside[order][at])
    order = ordered(share)
    return share[order], career[order]


def _since(deals: Deals, shares: Shares) -> Whole:
    """The first day on which something happened to a deal in a payee's hands.

    Of a credit, and of who originated the loan, that is the day on which it was opened.
    """
    found = deals.opened[shares.deal]
    later = np.flatnonzero(~shares.stated & (shares.payee != deals.officer[shares.deal]))
    if not len(later):
        return found
    moved = marked(shares.deal[later], len(deals))
    events = [deals.events(kind) for kind in EventKind]
    deal, on = (np.concatenate([getattr(item, name) for item in events]) for name in ("deal", "on"))
    rows = np.flatnonzero((on <= deals.last) & moved[deal])
    deal, on = deal[rows], on[rows]
    many = len(deals.payees)
    key = deal * many + deals.holder(deal, on)
    order = ordered(key, on)
    key, on = key[order], on[order]
    first = starts_of(key)
    place = place_in(key[first], shares.deal[later] * many + shares.payee[later])
    return laid(found, later, np.append(on[first], FAR)[place])


# ── which plan ──────────────────────────────────────────────────────────────────────────────────────────────


@frozen(eq=False)
class _Asked:
    """Plans of one milestone, asked for all tracks."""

    known: Truth
    """Whether the milestone is reached by the last day."""
    on: Whole
    """The day of the milestone; the last day where it is not reached."""
    live: Truth
    """Whether that is on or after the first day of any plan."""
    rank: Whole
    plan: Places
    ties: Whole


@frozen(eq=False)
class _Choosing:
    """The plan of each share and career, chosen once, on the day on which the deal reaches the plan's milestone."""

    deals: Deals
    shares: Shares
    share: Places
    """By row, that of `Shares`."""
    career: Places
    """By row, the career of its payee; see `People`."""
    since: Whole
    """By row of `Shares`."""
    people: People
    organisation: Organisation
    fitting: Fitting

    def plans(self) -> Places:
        """The place of the plan of each row, or why there is none."""
        size, plans = len(self.share), self.fitting.plans
        held = self.since[self.share] < FAR
        asked, lost, chosen = self._asked(np.arange(size)), no_rows(size), alike(NOT_IN_FORCE, size)
        top, scope = alike(-1, size), no_rows(size)
        for one, away in asked:
            lost |= one.live & away
            top, scope = np.maximum(top, one.rank), scope | (one.live & one.known)
            chosen = np.where(one.live, NOT_CHOSEN, chosen)
        chosen = np.where(not plans, NOT_CHOSEN, chosen)
        many, doubt, code = max(len(plans), 1), no_rows(size), alike(-1, size)
        first = alike(FAR * many, size)  # a number of day and plan
        for one, _ in asked:
            best = (one.rank == top) & (top >= 0)
            mine = np.append(self.fitting.codes, -1)[one.plan]
            doubt |= best & ((one.ties > 1) | ((code >= 0) & (code != mine)))
            code = np.where(best & (code < 0), mine, code)
            first = np.minimum(first, np.where(best & one.known, one.on * many + one.plan, FAR * many))
        chosen = np.where(first < FAR * many, np.where(doubt, TWO_FIT, first % many), chosen)
        rest = np.flatnonzero(scope & (top < 0) & ~lost & held)
        chosen = laid(chosen, rest, self._at_first(rest))
        return np.where(held, np.where(lost, NOBODY, chosen), NOT_HELD)

    def each_once(self, plan: Places) -> Places:
        """The rows that are needed: of each share the primary career, and others with a plan that no other has.

        Where no plan fits the primary one, and one fits another, the other's is enough. What is wrong stays.
        """
        primary = self.career < self.people.payees
        there = np.flatnonzero(plan >= 0)
        order, starts = grouped(self.share[there], self.fitting.codes[plan[there]])
        first = marked(there[order][starts], len(plan))
        paid = marked(self.share[first], len(self.since))[self.share]
        wrong = (plan == TWO_FIT) | (plan == NOBODY)
        return np.flatnonzero(first | wrong | (primary & (plan < 0) & ~(paid & (plan == NO_FIT))))

    def _asked(self, rows: Places) -> list[tuple[_Asked, Truth]]:
        """The plans of each milestone asked for some rows, and for which of them nobody or no unit is there."""
        plans, deal = self.fitting.plans, self.shares.deal[self.share[rows]]
        first = min((day_number(item.since) for item in plans), default=FAR)
        found = []
        for milestone in dict.fromkeys(item.plan.selected_at for item in plans):
            reached = self.deals.reached(milestone)[deal]
            known = reached <= self.deals.last
            on = np.where(known, reached, self.deals.last)
            live = on >= first
            held, away = self._held(rows, on)
            places = [place for place, item in enumerate(plans) if item.plan.selected_at == milestone]
            best = self.fitting.best(places, self._positions(held), on)
            rank = np.where(live, best.rank, -1)
            found.append((_Asked(known, on, live, rank, best.plan, best.ties), away | ((held >= 0) & best.lost)))
        return found

    def _held(self, rows: Places, on: Whole) -> tuple[Places, Truth]:
        """What careers are on days, or else were when the loan became their payee's; and whose payee is not there.

        It is the primary career that says whether the payee is there on the day.
        """
        share, career = self.share[rows], self.career[rows]
        held = self.people.held(self.shares.payee[share], on)
        absent = np.flatnonzero(held < 0)
        on = laid(on, absent, np.maximum(on[absent], self.since[share[absent]]))
        beside = career >= self.people.payees
        again = np.flatnonzero(beside | (held < 0))
        held = laid(held, again, self.people.held(career[again], on[again]))
        return held, ~beside & (held < 0)

    def _positions(self, held: Places) -> Places:
        return np.append(self.people.position, -1)[held]

    def _at_first(self, rows: Places) -> Places:
        """Of rows that no plan fits when it is chosen: whether one fitted when the loan became the payee's."""
        on = self.since[self.share[rows]]
        held = self.people.held(self.career[rows], on)
        best = self.fitting.best(range(len(self.fitting.plans)), self._positions(held), on)
        found = np.where(best.rank < 0, NO_FIT, NONE_FITS)
        away = (held < 0) & (self.career[rows] < self.people.payees)
        return np.where(away | ((held >= 0) & best.lost), NOBODY, found)

    # ── in words ────────────────────────────────────────────────────────────────────────────────────────────────

    def no_plan(self, row: int, why: int) -> NoPlan:
        """Why no plan holds for a share, where that is no fault."""
        plans, loan = self.fitting.plans, int(self.shares.deal[self.share[row]])
        if why == NOT_IN_FORCE:
            milestone = plans[0].plan.selected_at
            on = int(self.deals.reached(milestone)[loan])
            return NoPlan("not in force", milestone, None if on >= FAR else day_of(on))
        asked = self._alone(row)
        if why == NONE_FITS:
            first = next(item for item in asked if item.on is not None)
            held = self._assignment(row, first.day)
            return NoPlan("none fits", first.dated.plan.selected_at, first.on, held)
        best = [item for item in asked if item.rank == max(other.rank for other in asked)]
        return NoPlan("not chosen", best[0].dated.plan.selected_at if best else "opened")

    def role(self, row: int, plan: int) -> Assignment:
        """What the payee of a row was on the day that decided its plan."""
        dated = self.fitting.plans[plan]
        return self._assignment(row, next(item.day for item in self._alone(row) if item.dated is dated))

    def error(self, row: int) -> LoanPerfError:
        """What is wrong with a row of which no plan can be told."""
        plans, since = self.fitting.plans, day_of(int(self.since[self.share[row]]))
        payee, loan = self._payee(row), self.deals.codes[int(self.shares.deal[self.share[row]])]
        try:
            asked = self._alone(row)
            best = [item for item in asked if item.rank == max(other.rank for other in asked)]
            if any(item.rank >= 0 for item in best):
                return _two_fit(payee, loan, best)
            assignment = self._assignment(row, since)
            asked_of = {name: getattr(assignment, name) for name in ("role", "product_line", "tier")}
            choose_plan(plans, on=since, units=self._path(assignment, since), **asked_of)
        except (NoAssignmentError, ResolveError) as error:
            return error
        raise AssertionError(f"{payee} has a plan for loan {loan}")

    def _alone(self, row: int) -> list[_Candidate]:
        """Each plan asked by itself for one share.

        Raises:
            NoAssignmentError: the payee or a unit is not there on its day.
        """
        deal, found = int(self.shares.deal[self.share[row]]), list[_Candidate]()
        first = min((item.since for item in self.fitting.plans), default=date.max)
        for place, item in enumerate(self.fitting.plans):
            reached = int(self.deals.reached(item.plan.selected_at)[deal])
            on = None if reached > self.deals.last else day_of(reached)
            day = on or day_of(self.deals.last)
            if day >= first:
                assignment = self._assignment(row, day)
                self._path(assignment, day)
                position = self.fitting.positions.index(POSITION(assignment))
                best = self.fitting.best([place], whole([position]), whole([day_number(day)]))
                found.append(_Candidate(item, on, day, int(best.rank[0])))
        return found

    def _payee(self, row: int) -> str:
        return self.deals.payees[int(self.shares.payee[self.share[row]])]

    def _assignment(self, row: int, on: date) -> Assignment:
        """What the payee of a row is on a day by its career, or else was when the loan became theirs."""
        payee, rows = self._payee(row), whole([row])
        (held,), _ = self._held(rows, whole([day_number(on)]))
        if held < 0:
            return self.organisation.assignment(payee, max(on, day_of(int(self.since[self.share[row]]))))
        position, since = self.people.positions[int(self.people.position[held])], int(self.people.since[held])
        primary = bool(self.career[row] < self.people.payees)
        return next(
            item
            for item in self.organisation.assignments
            if item.payee == payee
            and item.primary == primary
            and day_number(item.since) == since
            and POSITION(item) == position
        )

    def _path(self, assignment: Assignment, on: date) -> tuple[str, ...]:
        return self.organisation.path(assignment.unit, on) if self.organisation.units else ()


@frozen
class _Candidate:
    """A plan that may hold for a deal."""

    dated: DatedPlan
    on: date | None
    """Its selection date; None where it is not reached."""
    day: date
    """That day, or the last one."""
    rank: int
    """How well it fits; -1 where it does not."""


def _two_fit(payee: str, loan: str, best: Sequence[_Candidate]) -> ResolveError:
    """Two plans that fit a deal equally, each with the day on which it is selected."""
    names = [
        f"{item.dated.plan.code!r} of {item.dated.scheme!r}, selected when {item.dated.plan.selected_at}"
        f"{f' on {item.on}' if item.on else ''}"
        for item in sorted(best, key=lambda item: (item.dated.plan.code, item.dated.since))
    ]
    return ResolveError(f"a plan of {payee!r} for loan {loan!r}", f"plans {' and '.join(names)}, fit equally", EQUALLY)


@frozen(eq=False, kw_only=True)
class Claims(Columns):
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
            rows = tracks.share[np.flatnonzero(tracks.plan == plan)]
            part = parts_of(component, tracks, rows)
            there = np.flatnonzero(part[0] != 0)
            found.append((rows[there], part[0][there], part[1][there], alike(place, len(there))))
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

    @cached_property
    def nth(self) -> Places:
        """The place of each among those of its deal, which stand together."""
        return ranked(starts_of(self.deal), len(self))


def parts_of(component: Component, tracks: Tracks, rows: Places) -> tuple[Whole, Whole]:
    """What part of a loan a component credits to shares: their part of the role, times the role's part.

    The part of a role that nobody has goes to the lead, or to nobody, as the component says.
    """
    shares, roles, split = tracks.shares, tracks.deals.roles, dict(component.split)
    below = lcm(*(part.denominator for part in split.values()))
    weight = by_code(whole([int(split.get(role, Fraction(0)) * below) for role in roles]))[shares.role[rows]]
    if component.unfilled == LEAD and component.credited == "split":
        lead = shares.role[rows] == roles.index(LEAD)
        for role, part in component.split:
            filled = _filled(shares, roles.index(role) if role in roles else -1, len(tracks.deals))
            weight = weight + np.where(lead & ~filled[shares.deal[rows]], int(part * below), 0)
    return reduced(times(weight, shares.top[rows]), times(alike(below, len(rows)), shares.below[rows]))


def are_held(tracks: Tracks, component: Component, share: Places, on: Whole) -> Truth:
    """Whether loans are on days those of who has a share; a stated credit always is."""
    shares, deals, deal = tracks.shares, tracks.deals, tracks.shares.deal[share]
    officer = deals.officer[deal] if component.held_at == "origination" else deals.holder(deal, on)
    found: Truth = shares.stated[share] | (officer == shares.payee[share])
    return found


def _filled(shares: Shares, role: int, size: int) -> Truth:
    """Of which deals somebody has a credit of a role."""
    return marked(shares.deal[shares.role == role], size)
