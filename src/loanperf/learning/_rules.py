"""Rules: (what the records say so far, an event) -> how what it is about stands then, or why that cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, TypeAlias

from attrs import evolve, field, frozen

from loanperf._data import PlainData
from loanperf._periods import has_passed
from loanperf._streams import day_of_event, moved_to, must_be_first, must_not_be_before, planned
from loanperf._validators import is_same_person, person_of
from loanperf.errors import DataError, shown
from loanperf.learning._events import (
    ChangeApproved,
    ChangeConsulted,
    ChangeNoticed,
    ChangeRecalled,
    ChangeRejected,
    FeedbackAnswered,
    FeedbackClosed,
    FeedbackGiven,
    FeedbackWithdrawn,
    LearningEvent,
    LearningPlanned,
    OfProposal,
    SchemeProposed,
    SurveyAnswered,
)
from loanperf.learning._moves import (
    FEEDBACK_MOVES,
    FEEDBACK_STATE_NAMES,
    PROPOSAL_MOVES,
    PROPOSAL_STATE_NAMES,
    FeedbackAct,
    FeedbackState,
    ProposalAct,
    ProposalState,
)
from loanperf.learning._plan import SCHEME, LearningPlan

_ACTS: Mapping[type[Any], ProposalAct] = {
    ChangeConsulted: ProposalAct.CONSULT,
    ChangeNoticed: ProposalAct.NOTIFY,
    ChangeApproved: ProposalAct.APPROVE,
    ChangeRejected: ProposalAct.REJECT,
    ChangeRecalled: ProposalAct.RECALL,
}
"""The act of each event about a proposal that stands."""


@frozen(kw_only=True)
class FeedbackStanding:
    """How one piece of feedback stands."""

    given: FeedbackGiven
    state: FeedbackState
    since: date
    """The day of the last event."""
    answers: tuple[str, ...] = ()
    """The texts of the answers, in order."""
    proposals: tuple[str, ...] = ()
    """Codes of the proposals that take it up."""


@frozen(kw_only=True)
class ProposalStanding(PlainData):
    """How a proposal stands, with the evidence that was recorded of it."""

    proposed: SchemeProposed
    state: ProposalState
    since: date
    """The day of the last event."""
    consulted: tuple[ChangeConsulted, ...] = ()
    """In the order in which they were recorded."""
    noticed: tuple[ChangeNoticed, ...] = ()
    decided_by: str = ""
    """The code of who approved, rejected or recalled it; empty while it is proposed."""
    why: str = ""
    """The reason of a rejection."""


@frozen(kw_only=True)
class LearningHeld:
    """What the records say."""

    plan: LearningPlan | None = None
    closed_on: date | None = None
    feedback: dict[int, FeedbackStanding] = field(factory=dict)
    """By number of record."""
    survey: dict[str, SurveyAnswered] = field(factory=dict)
    """By person."""
    proposals: dict[str, ProposalStanding] = field(factory=dict)
    """By code."""

    def planned(self) -> LearningPlan:
        """The plan.

        Raises:
            DataError: none was set.
        """
        return planned(self.plan, "feedback on the scheme")

    def proposal(self, code: str) -> ProposalStanding:
        """How a proposal stands.

        Raises:
            DataError: nobody made one of that code.
        """
        if code not in self.proposals:
            known = ", ".join(self.proposals) or "none"
            raise DataError(f"the proposal {shown(code)}", "nobody made it", f"name one that was made: {known}")
        return self.proposals[code]


Standing: TypeAlias = FeedbackStanding | ProposalStanding


def applied(held: LearningHeld, event: LearningEvent, number: int) -> LearningHeld:
    """What stands after an event that is the record of a number; see `Stream.applied`."""
    standing = state_after(held, event)
    if isinstance(standing, FeedbackStanding):
        place = event.feedback if isinstance(event, FeedbackWithdrawn | FeedbackAnswered) else number
        held.feedback[place] = standing
    elif isinstance(standing, ProposalStanding):
        held.proposals[standing.proposed.code] = standing
        if isinstance(event, SchemeProposed):
            held.feedback.update({one: _used(held, one, event) for one in event.answers})
    elif isinstance(event, LearningPlanned):
        return evolve(held, plan=event.plan)
    elif isinstance(event, SurveyAnswered):
        held.survey[person_of(event.by)] = event
    else:
        return evolve(held, closed_on=day_of_event(event))
    return held


def state_after(held: LearningHeld, event: LearningEvent) -> Standing | None:
    """How the feedback or proposal stands that an event is about; None for events about neither.

    Raises:
        DataError: the event cannot come next.
    """
    match event:
        case LearningPlanned():
            must_be_first(held.plan, "feedback")
        case FeedbackClosed():
            _must_close(held, event)
        case SurveyAnswered():
            _must_answer(held, event)
        case FeedbackGiven():
            _must_give(held, event)
            after = FEEDBACK_MOVES[FeedbackState.ABSENT, FeedbackAct.GIVE]
            return FeedbackStanding(given=event, state=after, since=day_of_event(event))
        case FeedbackWithdrawn():
            return _withdrawn(held, event)
        case FeedbackAnswered():
            now = _moved(held, event.feedback, FeedbackAct.ANSWER, day_of_event(event))
            return evolve(now, answers=(*now.answers, event.text))
        case SchemeProposed():
            return _proposed(held, event)
        case _:
            return _of_proposal(held, event)
    return None


# ── feedback and survey ─────────────────────────────────────────────────────────────────────────────────────


def _must_be_open(held: LearningHeld, event: FeedbackGiven | FeedbackWithdrawn | SurveyAnswered, where: str) -> None:
    plan, on = held.planned(), day_of_event(event)
    if held.closed_on is not None:
        raise DataError(where, f"feedback was closed on {held.closed_on}", "say it in the next period")
    if on < plan.opens or has_passed(plan.closes, on):
        fault = f"{on} is not within the days from {plan.opens} to {plan.closes}"
        raise DataError(where, fault, "say it within them, or in the next period")


def _must_give(held: LearningHeld, event: FeedbackGiven) -> None:
    where = f"the feedback of {event.by} about {event.about}"
    _must_be_open(held, event, where)
    known = (SCHEME, *held.planned().indicators)
    if event.about not in known:
        raise DataError(where, "the plan has no such indicator", f"speak of {', '.join(known)}")


def _must_close(held: LearningHeld, event: FeedbackClosed) -> None:
    plan = held.planned()
    where = f"feedback on {plan.period}"
    if held.closed_on is not None:
        raise DataError(where, f"it was closed on {held.closed_on}", "leave it closed")
    if not has_passed(plan.closes, day_of_event(event)):
        raise DataError(where, f"people have until {plan.closes}", "close it after that day")


def _must_answer(held: LearningHeld, event: SurveyAnswered) -> None:
    where = f"the survey of {held.planned().period}, answered by {event.by}"
    _must_be_open(held, event, where)
    if person_of(event.by) in held.survey:
        raise DataError(where, f"{event.by} has answered it", "leave it at that: nobody answers twice")
    held.planned().must_answer(event.marks, where)


def _withdrawn(held: LearningHeld, event: FeedbackWithdrawn) -> FeedbackStanding:
    where = f"feedback {event.feedback}"
    _must_be_open(held, event, where)
    given = held.feedback.get(event.feedback)
    # The same words for what is not there, so that nobody finds out by trying who gave it.
    if given is None or not is_same_person(given.given.by, event.by):
        fault = f"{event.by} gave none of that number"
        raise DataError(where, fault, "withdraw what you gave yourself")
    return _moved(held, event.feedback, FeedbackAct.WITHDRAW, day_of_event(event))


def _moved(held: LearningHeld, number: int, act: FeedbackAct, on: date) -> FeedbackStanding:
    """How feedback stands after an act, by the table.

    Raises:
        DataError: there is no such move, or its day is before that of what it follows.
    """
    where, known = f"feedback {number}", held.feedback.get(number)
    state = FeedbackState.ABSENT if known is None else known.state
    remedy = "name feedback that was given and stands"
    after = moved_to(FEEDBACK_MOVES, FEEDBACK_STATE_NAMES, state, act, where, remedy)
    seat = held.feedback[number]
    must_not_be_before(on, seat.since, where)
    return evolve(seat, state=after, since=on)


def _used(held: LearningHeld, number: int, event: SchemeProposed) -> FeedbackStanding:
    now = _moved(held, number, FeedbackAct.USE, day_of_event(event))
    return evolve(now, proposals=(*now.proposals, event.code))


# ── proposals ───────────────────────────────────────────────────────────────────────────────────────────────


def _proposed(held: LearningHeld, event: SchemeProposed) -> ProposalStanding:
    held.planned()
    where, on = f"the proposal {event.code}", day_of_event(event)
    if event.code in held.proposals:
        raise DataError(where, "one of that code was made before", "give it another code")
    if event.base == event.version:
        raise DataError(where, "it changes nothing", "change something, or leave it")
    if event.effective <= on:
        fault = f"it is to hold from {event.effective}, and is proposed on {on}"
        raise DataError(where, fault, "choose a later effective date: nothing changes what was in use")
    for number in event.answers:
        _used(held, number, event)
    after = PROPOSAL_MOVES[ProposalState.ABSENT, ProposalAct.PROPOSE]
    return ProposalStanding(proposed=event, state=after, since=on)


def _of_proposal(held: LearningHeld, event: OfProposal) -> ProposalStanding:
    """How a proposal stands after an event, by the table.

    Raises:
        DataError: the event cannot come next.
    """
    now, act, on = held.proposal(event.proposal), _ACTS[type(event)], day_of_event(event)
    where, remedy = f"the proposal {event.proposal}", "leave it as it stands, and make another proposal"
    after = moved_to(PROPOSAL_MOVES, PROPOSAL_STATE_NAMES, now.state, act, where, remedy)
    must_not_be_before(on, now.since, where)
    moved = evolve(now, state=after, since=on)
    match event:
        case ChangeConsulted() | ChangeNoticed():
            return _with_evidence(moved, event, where)
        case ChangeApproved():
            _must_be_approver(held.planned(), event, where)
            _must_approve(held.planned(), now, event, where)
        case ChangeRecalled():
            if not is_same_person(event.by, now.proposed.by):
                raise DataError(where, f"{event.by} did not make it", "reject it, or let its proposer recall it")
        case ChangeRejected():
            _must_be_approver(held.planned(), event, where)
            return evolve(moved, decided_by=event.by, why=event.why)
    return evolve(moved, decided_by=event.by)


def _with_evidence(now: ProposalStanding, event: ChangeConsulted | ChangeNoticed, where: str) -> ProposalStanding:
    if event.on > day_of_event(event):
        fault = f"it is recorded on {day_of_event(event)}, and is to happen on {event.on}"
        raise DataError(where, fault, "record it once it has happened")
    made = day_of_event(now.proposed)
    if event.on < made:
        fault = f"it is of {event.on}, and the proposal was made on {made}"
        raise DataError(where, fault, "consult and give notice of what is proposed, not of an earlier draft")
    if isinstance(event, ChangeConsulted):
        return evolve(now, consulted=(*now.consulted, event))
    _must_be_its_version(now, event, where)
    return evolve(now, noticed=(*now.noticed, event))


def _must_be_its_version(now: ProposalStanding, event: ChangeNoticed | ChangeApproved, where: str) -> None:
    if event.version != now.proposed.version:
        fault = f"version {event.version} is named, and it proposes {now.proposed.version}"
        raise DataError(where, fault, "name the version that it proposes, by its fingerprint")


def _must_be_approver(plan: LearningPlan, event: ChangeApproved | ChangeRejected, where: str) -> None:
    """Refuse who is none of those whom the plan names to decide proposals, if it names anybody."""
    if plan.approvers and event.by not in plan.approvers:
        fault = f"{event.by} is none of those who decide proposals, who are {', '.join(plan.approvers)}"
        raise DataError(where, fault, "let one of them do it")


def _must_approve(plan: LearningPlan, now: ProposalStanding, event: ChangeApproved, where: str) -> None:
    """Refuse an approval by the proposer alone, without the evidence that the plan asks for, or too late."""
    proposed, on = now.proposed, day_of_event(event)
    _must_be_its_version(now, event, where)
    if plan.another_approves and is_same_person(event.by, proposed.by):
        raise DataError(where, f"{event.by} made it, and would approve it", "let somebody else approve it")
    if plan.needs_consultation and not now.consulted:
        fault = "no consultation of employees or their representatives is recorded"
        raise DataError(where, fault, "discuss it with them, and record that with consult()")
    if proposed.effective <= on:
        fault = f"it would hold from {proposed.effective}, and is approved on {on}"
        raise DataError(where, fault, "make another proposal with a later effective date")
    if not plan.needs_notice:
        return
    if not now.noticed:
        raise DataError(where, "no notice is recorded", "make its text known to employees, and record it with notify()")
    first = min(notice.on for notice in now.noticed)
    if first + timedelta(days=plan.notice_days) > proposed.effective:
        fault = f"its notice is of {first}, and {plan.notice_days} days are asked before {proposed.effective}"
        raise DataError(where, fault, "make another proposal with a later effective date")
