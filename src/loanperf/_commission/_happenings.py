"""Happenings: claims, and what is known of their deals -> what happened to the commission of each, and when."""

from __future__ import annotations

import numpy as np
from attrs import evolve, frozen

from loanperf._commission._deals import Deals
from loanperf._commission._plan import Component, Plan
from loanperf._commission._standings import Standings
from loanperf._commission._states import EVENTS, WORDS, DealEvent
from loanperf._commission._tracks import Claims
from loanperf._commission._versions import Versions
from loanperf._facts import EventKind
from loanperf._numbers import (
    FAR,
    Columns,
    Places,
    Truth,
    Whole,
    alike,
    day_number,
    days_of_age,
    folded,
    matched,
    nowhere,
    ordered,
    place_in,
    starts_of,
)

_BEFORE_ALL = -(2**22)
_SPAN = 2**24
"""More days than there are from the year 1 to 9999."""
_CANCELLED, _EXPIRED, _BAD, _AMENDED = 1_000, 1_001, 1_002, 1_000_000
"""The turns of what is no stage; stages come first, in their order, and bad events in the order of the plan's rules."""
NO_SIZE = 1_001
"""The turn after which it matters that nothing says how much was drawn of a loan."""


@frozen(eq=False, kw_only=True)
class Happenings(Columns):
    """What happened to claims, a row each, in no order."""

    claim: Places
    on: Whole
    event: Places
    """Place in `EVENTS`."""
    stage: Places
    """Place in `WORDS` of its milestone, or of what else happened."""
    nth: Places
    """The place of the stage in its component; -1 where it is none."""
    due: Whole
    """When it is payable; FAR where its milestone is not reached."""
    turn: Whole
    """What comes first of one day and event."""
    lowers: Truth
    """Whether it takes the loan out of the tier that it counted for."""
    version: Places
    """The row of `Versions` that holds for it."""


def happenings_of(versions: Versions, claims: Claims, deals: Deals, standings: Standings) -> tuple[Happenings, Truth]:
    """What happened up to the last day; and of which claims a rule asks what part of the loan is gone, and none knows.

    Args:
        versions: of components.
        claims: of all deals; one at least.
        deals: what happened to them.
        standings: how they performed.
    """
    found, faults = [], nowhere(len(claims))
    for version, component in enumerate(versions.components):
        rows = np.flatnonzero(claims.version == version)
        if not len(rows):
            continue
        plan = versions.dated[version].plan
        one = _Component(component, plan, version, rows, claims.deal[rows], deals)
        stages = one.stages()
        found += [stages, one.cancelled(), *one.expired(stages)]
        bad, no_size = one.bad(stages, standings)
        faults[rows[no_size]] = True
        found += [*bad, *one.amended(stages)]
    return _by_version(versions, Happenings.stacked(found)), faults


@frozen(eq=False)
class _Component:
    """The claims of one component."""

    component: Component
    plan: Plan
    version: int
    rows: Places
    deal: Places
    deals: Deals

    def _of(
        self, of: Places, on: Whole, event: DealEvent, word: str, turn: int, *, nth: int = -1, lowers: bool = False,
        due: Whole | None = None,
    ) -> Happenings:  # fmt: skip
        """What happened to some of the claims, no later than the last day."""
        there = folded(on <= self.deals.last)
        of, on, due = of[there], on[there], on[there] if due is None else due[there]
        same = alike(0, len(of))
        return Happenings(
            claim=self.rows[of], on=on, event=same + EVENTS.index(event), stage=same + WORDS.index(word),
            nth=same + nth, due=due, turn=same + turn, lowers=same < lowers, version=same + self.version,
        )  # fmt: skip

    def stages(self) -> Happenings:
        """The days on which stages are reached: of a last stage at disbursement, those of all drawdowns.

        A stage whose amount is not known yet is reached on the day on which it is.
        """
        found, known, steps = [], self._known_on(), self.component.steps
        for place, stage in enumerate(steps):
            last = place == len(steps) - 1
            event = DealEvent.LAST_STAGE if last else DealEvent.STAGE
            if last and stage.milestone == "disbursed":
                of, on = self._days_of(EventKind.DISBURSED)
            else:
                reached = self.deals.reached(stage.milestone)[self.deal]
                of = np.flatnonzero(reached < FAR)
                on = np.where(known <= self.deals.last, np.maximum(reached, known), reached)[of]
            due = on
            if stage.payable is not None:
                payable = self.deals.reached(stage.payable)[self.deal[of]]
                due = np.maximum(on, payable)
            found.append(self._of(of, on, event, stage.milestone, place, nth=place, due=due))
        return Happenings.stacked(found)

    def _kinds(self) -> list[EventKind]:
        return [EventKind.SIGNED] if self.component.base == "contracted" else [EventKind.DISBURSED, EventKind.SIGNED]

    def _known_on(self) -> Whole:
        """The first day on which the base is known; FAR where it never is."""
        if not needs_amount(self.component):
            return alike(_BEFORE_ALL, len(self.deal))
        first = alike(FAR, len(self.deal))
        for kind in self._kinds():
            first = np.minimum(first, self.deals.first(kind)[self.deal])
        return np.where(self.deals.known[self.deal], _BEFORE_ALL, first)

    def _events(self, kind: EventKind) -> tuple[Places, Whole]:
        """Events of a kind: the claim of each, by its place here, and the day; in order of both."""
        events = self.deals.events(kind)
        of, place = matched(events.deal, self.deal)
        return of, events.on[place]

    def _days_of(self, kind: EventKind) -> tuple[Places, Whole]:
        of, on = self._events(kind)
        starts = starts_of(of, on)
        return of[starts], on[starts]

    def cancelled(self) -> Happenings:
        """Their cancellations."""
        kept = self.component.dead == "keep"
        event = DealEvent.CANCELLED_KEPT if kept else DealEvent.CANCELLED_REVERSED
        return self._of(*self._events(EventKind.CANCELLED), event, "cancelled", _CANCELLED)

    def _staged(self, stages: Happenings) -> tuple[Places, Whole]:
        """The days of stages: the claim of each, by its place here, in order of both."""
        of = np.searchsorted(self.rows, stages.claim)
        order = ordered(of, stages.on)
        return of[order], stages.on[order]

    def expired(self, stages: Happenings) -> list[Happenings]:
        """The days on which a next stage came too late."""
        if self.component.deadline_age is None:
            return []
        of, day = self._staged(stages)
        on = days_of_age(day, self.component.deadline_age)
        following = np.append(np.where(of[1:] == of[:-1], day[1:], FAR), FAR)[: len(of)]
        ended = self.deals.reached(self.component.steps[-1].milestone)[self.deal[of]]
        late = (following > on) & (ended > on)
        return [self._of(of[late], on[late], DealEvent.EXPIRED, "expired", _EXPIRED)]

    def bad(self, stages: Happenings, standings: Standings) -> tuple[list[Happenings], Places]:
        """Bad events after a first stage, with their recoveries; of which claims nothing says what part is gone."""
        if not self.plan.clawbacks:
            return [], self.rows[:0]
        of, day = self._staged(stages)
        starts = starts_of(of)
        of, since = of[starts], day[starts]
        deal, last = self.deal[of], alike(self.deals.last, len(of))
        found, faulty = [], nowhere(len(of))
        for place, rule in enumerate(self.plan.clawbacks):
            faulty = faulty | standings.has_no_size(rule, deal, self.deals.last)
            rows, on = standings.onsets(rule, deal, since)
            rows, on = rows[on <= self.deals.last], on[on <= self.deals.last]
            turn = _BAD + 2 * place
            lowers = rule.attainment == "lowered"
            found.append(self._of(of[rows], on, DealEvent.WENT_BAD, "went bad", turn, lowers=lowers))
            if rule.refund:
                again, day, *_ = standings.recoveries(rule, deal[rows], on, last[rows])
                found.append(self._of(of[rows[again]], day, DealEvent.RECOVERED, "recovered", turn + 1))
        return found, of[faulty]

    def amended(self, stages: Happenings) -> list[Happenings]:
        """The days on which an amount changes, and no stage is reached."""
        if self.component.base == "count":
            return []
        of, on = self._events(self._kinds()[0])
        later = ~nowhere(len(of))
        later[starts_of(of)] = False
        of, on = of[later], on[later]
        if not len(of):
            return []
        starts = starts_of(of, on)
        of, on = of[starts], on[starts]
        there = place_in(np.sort(stages.claim * _SPAN + stages.on), self.rows[of] * _SPAN + on) >= 0
        return [self._of(of[~there], on[~there], DealEvent.AMENDED, "amended", _AMENDED)]


def needs_amount(component: Component) -> bool:
    """Whether the base of a loan is not known without its amount."""
    return component.base != "count" or component.weighed_by is not None or counts_amounts(component)


def counts_amounts(component: Component) -> bool:
    """Whether a loan is paid a price each, and the tier that sets the price is read at the amounts that were lent."""
    return component.base == "count" and component.tiers is not None and component.tiers.by == "amount"


def _by_version(versions: Versions, found: Happenings) -> Happenings:
    """Each with the version that holds for it: that of the loan, or of a drawing that of its own day."""
    version = found.version.copy()
    for place, (dated, component) in enumerate(zip(versions.dated, versions.components, strict=True)):
        if dated.plan.selected_at != "disbursed" or not component.is_by_drawing:
            continue
        left = (found.version == place) & (found.nth >= 0) & ~_in_force(versions, place, found.on)
        for other in range(len(versions.components)):
            if versions.named[other] == versions.named[place] and versions.components[other].is_by_drawing:
                mine = left & _in_force(versions, other, found.on)
                version[mine] = other
                left &= ~mine
    return evolve(found, version=version)


def _in_force(versions: Versions, place: int, on: Whole) -> Truth:
    dated = versions.dated[place]
    found: Truth = on >= day_number(dated.since)
    return found if dated.until is None else found & (on < day_number(dated.until))
