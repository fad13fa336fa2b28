"""Rules: (how a cycle of reviews stands, an event) -> how it stands then, or why that cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeAlias

from attrs import evolve, field, frozen

from loanperf._data import PlainData
from loanperf._periods import has_passed
from loanperf._streams import day_of_event, moved_to, must_be_first, must_not_be_before, planned
from loanperf._validators import is_among, is_same_person
from loanperf.errors import DataError
from loanperf.reviews._events import (
    Declined,
    Invited,
    ReviewEvent,
    ReviewNote,
    ReviewsClosed,
    ReviewsPlanned,
    Submitted,
    Withdrawn,
)
from loanperf.reviews._moves import REVIEW_MOVES, STATES_OF_REVIEWS, ReviewAct, ReviewState
from loanperf.reviews._plan import ReviewPlan

ACTS: Mapping[type[Any], ReviewAct] = {
    Invited: ReviewAct.INVITE,
    Declined: ReviewAct.DECLINE,
    Submitted: ReviewAct.SUBMIT,
    Withdrawn: ReviewAct.WITHDRAW,
}
"""The act of each event about a single review."""


@frozen(kw_only=True)
class ReviewSeat(PlainData):
    """How the review of one ratee by one rater stands; nobody has two with one ratee."""

    ratee: str
    rater: str
    category: str
    state: ReviewState
    since: date
    """The day of the last event."""
    review: Submitted | None = None
    """What the rater gave; None where it is not given, was withdrawn, or is not the viewer's own."""
    why: str = ""
    """The reason of who declined."""


OfRatee: TypeAlias = Mapping[str, ReviewSeat]
"""How the reviews of one ratee stand, by rater."""


@frozen(kw_only=True)
class ReviewsHeld:
    """What the records of a cycle say."""

    plan: ReviewPlan | None = None
    closed_on: date | None = None
    seats: dict[str, OfRatee] = field(factory=dict)
    """By ratee."""
    notes: dict[int, ReviewNote] = field(factory=dict)
    """By number of record."""

    def planned(self) -> ReviewPlan:
        """The plan of the cycle.

        Raises:
            DataError: none was set.
        """
        return planned(self.plan, "the cycle of reviews")

    def seat(self, ratee: str, rater: str) -> ReviewSeat | None:
        """How the review of a ratee by a rater stands; None where nobody ever asked for it."""
        return self.seats.get(ratee, {}).get(rater)


def applied(held: ReviewsHeld, event: ReviewEvent, number: int) -> ReviewsHeld:
    """What stands after an event that is the record of a number; see `Stream.applied`."""
    seat = state_after(held, event)
    if seat is not None:
        held.seats[seat.ratee] = {**held.seats.get(seat.ratee, {}), seat.rater: seat}
    elif isinstance(event, ReviewsPlanned):
        return evolve(held, plan=event.plan)
    elif isinstance(event, ReviewNote):
        held.notes[number] = event
    else:
        for ratee, of_ratee in held.seats.items():
            held.seats[ratee] = {rater: _closed(one, day_of_event(event)) for rater, one in of_ratee.items()}
        return evolve(held, closed_on=day_of_event(event))
    return held


def _closed(seat: ReviewSeat, on: date) -> ReviewSeat:
    return evolve(seat, state=REVIEW_MOVES[seat.state, ReviewAct.CLOSE], since=on)


def named(event: Invited | Declined | Submitted | Withdrawn) -> str:
    return f"the review of {event.ratee} by {event.rater}"


def state_after(held: ReviewsHeld, event: ReviewEvent) -> ReviewSeat | None:
    """How a review stands after an event; None for those that are about no single review.

    Raises:
        DataError: the event cannot come next.
    """
    match event:
        case ReviewsPlanned():
            must_be_first(held.plan, "a cycle of reviews")
        case ReviewsClosed():
            _must_close(held, event)
        case ReviewNote():
            held.planned()
            if held.closed_on is not None:
                fault = f"the cycle was closed on {held.closed_on}"
                raise DataError(f"the note about {event.about}", fault, "write it in the next cycle")
        case _:
            return _moved(held, event)
    return None


def must_not_be_ratee(held: ReviewsHeld, by: str) -> None:
    """Refuse somebody who is reviewed in a cycle and wants to close it.

    Raises:
        DataError: they are one of those who are reviewed.
    """
    if is_among(by, held.seats):
        where = f"the cycle of reviews of {held.planned().period}"
        raise DataError(where, f"{by} is reviewed in it, and would close it", "let somebody close it who is not")


def _must_close(held: ReviewsHeld, event: ReviewsClosed) -> None:
    where, plan = f"the cycle of reviews of {held.planned().period}", held.planned()
    must_not_be_ratee(held, event.by)
    if held.closed_on is not None:
        raise DataError(where, f"it was closed on {held.closed_on}", "leave it closed")
    seats = (seat for of_ratee in held.seats.values() for seat in of_ratee.values())
    if has_passed(plan.deadline, day_of_event(event)):
        return
    if any(seat.state is ReviewState.INVITED for seat in seats):
        fault = f"raters have until {plan.deadline}, and some have not answered"
        raise DataError(where, fault, "close it after that day, or once all have answered")
    own = {one.code for one in plan.categories if one.relation == "self"}
    if len(own) == len(plan.categories):
        return
    for ratee, of_ratee in held.seats.items():
        if all(seat.category in own for seat in of_ratee.values()):
            fault = f"raters are invited until {plan.deadline}, and nobody but {ratee} was asked about {ratee}"
            raise DataError(where, fault, "close it after that day, or invite others first")


def _moved(held: ReviewsHeld, event: Invited | Declined | Submitted | Withdrawn) -> ReviewSeat:
    """How a review stands after an event, by the table.

    Raises:
        DataError: the event cannot come next.
    """
    where, on, plan = named(event), day_of_event(event), held.planned()
    seat = held.seat(event.ratee, event.rater)
    absent = ReviewState.ABSENT if held.closed_on is None else REVIEW_MOVES[ReviewState.ABSENT, ReviewAct.CLOSE]
    state, act = absent if seat is None else seat.state, ACTS[type(event)]
    if isinstance(event, Invited):
        _must_invite(held, event, where)
    if (state, act) not in REVIEW_MOVES:
        # The same words whatever an anonymous rater did meanwhile: who asks may be the ratee, or tell them.
        if held.closed_on is not None:
            raise DataError(where, f"the cycle was closed on {held.closed_on}", "leave it as it stands")
        if act is ReviewAct.INVITE:
            raise DataError(where, "the rater was invited before", "leave it at that")
    after = moved_to(REVIEW_MOVES, STATES_OF_REVIEWS, state, act, where, _REMEDIES.get(state, ""))
    if has_passed(plan.deadline, on) or (act is ReviewAct.INVITE and on < plan.opens):
        fault = f"{on} is not within the days from {plan.opens} to the deadline {plan.deadline}"
        raise DataError(where, fault, "leave it as it stands, and take it up in the next cycle")
    if seat is not None:
        must_not_be_before(on, seat.since, where)
    category = event.category if isinstance(event, Invited) else "" if seat is None else seat.category
    if isinstance(event, Submitted):
        _must_submit(held, event, category, where)
    return ReviewSeat(
        ratee=event.ratee,
        rater=event.rater,
        category=category,
        state=after,
        since=on,
        review=event if isinstance(event, Submitted) else None,
        why=event.why if isinstance(event, Declined) else "",
    )


_REMEDIES: Mapping[ReviewState, str] = {
    ReviewState.ABSENT: "invite the rater first",
    ReviewState.INVITED: "submit or decline it",
    ReviewState.DECLINED: "invite the rater again",
    ReviewState.SUBMITTED: "withdraw it first, before the deadline",
}


def _must_invite(held: ReviewsHeld, event: Invited, where: str) -> None:
    """Refuse who is not what the category asks, who invites themselves, and one person under two codes."""
    relation = held.planned().category(event.category).relation
    if (relation == "self") != is_same_person(event.ratee, event.rater):
        fault = f"{event.rater} cannot review {event.ratee} as {event.category}, which takes {relation}"
        raise DataError(where, fault, "invite them in the category to which they belong")
    if relation != "self" and is_among(event.by, (event.ratee, event.rater)):
        fault = f"{event.by} would choose who reviews them, or invite themselves"
        raise DataError(where, fault, "let somebody else invite, such as a superior")
    of_ratee = held.seats.get(event.ratee, {})
    if event.rater not in of_ratee and is_among(event.rater, of_ratee):
        raise DataError(
            where, "the rater was invited before, under a code that is written otherwise", "leave it at that"
        )


def _must_submit(held: ReviewsHeld, event: Submitted, category: str, where: str) -> None:
    if event.category != category:
        fault = f"it is given as {event.category}, and {event.rater} was invited as {category}"
        raise DataError(where, fault, f"give it as {category}")
    held.planned().form.must_fit(event.marks, where)
    for number in event.cites:
        note = held.notes.get(number)
        if note is None or (note.by, note.about) != (event.rater, event.ratee):
            fault = f"record {number} is no note of {event.rater} about {event.ratee}"
            raise DataError(where, fault, "cite your own notes about who is reviewed")
