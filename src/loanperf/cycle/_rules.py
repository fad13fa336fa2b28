"""Rules: (how a cycle stands, an event) -> how its participant stands then, or why that cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeAlias

from attrs import evolve, field, frozen

from loanperf._streams import day_of_event, moved_to, must_be_first, planned
from loanperf._validators import is_among, is_same_person
from loanperf.cycle._events import (
    AppealOpened,
    AppealRejected,
    AppealTakenUp,
    AppealUpheld,
    AppealWithdrawn,
    CycleEvent,
    CyclePlanned,
    InterviewNoted,
    OfAppeal,
    OfParticipant,
    OfResult,
    ResultAcknowledged,
    ResultApproved,
    ResultCalibrated,
    ResultPublished,
    ResultScored,
    SnapshotTaken,
)
from loanperf.cycle._moves import (
    APPEAL_MOVES,
    APPEAL_STATES,
    PARTICIPANT_MOVES,
    PARTICIPANT_STATES,
    RESULT_MOVES,
    RESULT_STATES,
    AppealAct,
    AppealState,
    ParticipantAct,
    ParticipantState,
    ResultAct,
    ResultState,
)
from loanperf.cycle._participants import CycleParticipant, CycleResult, PublishedResult, ScoreAppeal
from loanperf.cycle._plan import CyclePlan
from loanperf.errors import DataError, shown

RESULT_ACT: Mapping[type[Any], ResultAct] = {
    ResultScored: ResultAct.SCORE,
    ResultCalibrated: ResultAct.CALIBRATE,
    ResultApproved: ResultAct.APPROVE,
    ResultPublished: ResultAct.PUBLISH,
    ResultAcknowledged: ResultAct.ACKNOWLEDGE,
    InterviewNoted: ResultAct.INTERVIEW,
    AppealUpheld: ResultAct.AMEND,
}
"""The act of each event about a result."""
APPEAL_ACT: Mapping[type[Any], AppealAct] = {
    AppealOpened: AppealAct.OPEN,
    AppealTakenUp: AppealAct.TAKE_UP,
    AppealUpheld: AppealAct.UPHOLD,
    AppealRejected: AppealAct.REJECT,
    AppealWithdrawn: AppealAct.WITHDRAW,
}
"""The act of each event about an appeal."""
OfThemselves: TypeAlias = ResultAcknowledged | AppealOpened | AppealWithdrawn
BySuperior: TypeAlias = (
    ResultScored
    | ResultCalibrated
    | ResultApproved
    | ResultPublished
    | InterviewNoted
    | AppealTakenUp
    | AppealUpheld
    | AppealRejected
)


@frozen(kw_only=True)
class CycleHeld:
    """What the records of a cycle say."""

    plan: CyclePlan | None = None
    participants: dict[str, CycleParticipant] = field(factory=dict)
    """By code of the payee."""
    last: dict[str, OfParticipant] = field(factory=dict)
    """The last event of each."""

    def planned(self) -> CyclePlan:
        """The plan of the cycle.

        Raises:
            DataError: none was set.
        """
        return planned(self.plan, "the cycle")

    def participant(self, payee: str) -> CycleParticipant:
        """A participant as the records have them.

        Raises:
            DataError: there is none of that code.
        """
        found = self.participants.get(payee)
        if found is None:
            where, fault = f"the cycle of {self.planned().period}", f"{shown(payee)} takes no part in it"
            raise DataError(where, fault, "mend the code, or take a snapshot of them first")
        return found


def applied(held: CycleHeld, event: CycleEvent, _: int) -> CycleHeld:
    """What stands after an event; see `Stream.applied`."""
    one = state_after(held, event)
    if isinstance(event, CyclePlanned):
        return evolve(held, plan=event.plan)
    if one is not None:
        held.participants[one.payee], held.last[one.payee] = one, event
    return held


def named(payee: str) -> str:
    return f"the result of {payee}"


def state_after(held: CycleHeld, event: CycleEvent) -> CycleParticipant | None:
    """How a participant stands after an event; None for the plan.

    Who may do it is asked first, so that nobody learns from an error how a result stands which is not theirs to see.

    Raises:
        DataError: the event cannot come next.
    """
    if isinstance(event, CyclePlanned):
        must_be_first(held.plan, "a cycle")
        return None
    plan = held.planned()
    if isinstance(event, SnapshotTaken):
        return _taken(held, event)
    one = held.participant(event.payee)
    if isinstance(event, BySuperior):
        _must_lead(plan, one, event)
    elif not one.published:
        raise DataError(named(one.payee), "it is not published", "wait for the publication")
    _must_not_be_before(held, event, named(one.payee))
    if isinstance(event, OfAppeal):
        return _appealed(plan, one, event)
    return _moved(plan, one, event)


def _must_not_be_before(held: CycleHeld, event: OfParticipant, where: str) -> None:
    last = held.last.get(event.payee)
    if last is not None and event.at[:10] < last.at[:10]:
        fault = f"it is dated {event.at[:10]}, and what it follows {last.at[:10]}"
        if isinstance(event, OfThemselves):
            fault = f"it is dated {event.at[:10]}, before what it follows"
        raise DataError(where, fault, "give the day on which it was said")


def _must_be_somebody_else(one: CycleParticipant, by: str) -> None:
    if is_same_person(by, one.payee):
        raise DataError(named(one.payee), f"{by} would decide about themselves", "let somebody else do it")


def _must_lead(plan: CyclePlan, one: CycleParticipant, event: BySuperior) -> None:
    """Refuse who decides about themselves, and who is no superior by the snapshot that decides and not in the panel."""
    _must_be_somebody_else(one, event.by)
    on = plan.calibrates_as_of if isinstance(event, ResultScored | ResultCalibrated) else plan.publishes_as_of
    snapshot = one.snapshot(on)
    is_scorer = isinstance(event, ResultScored) and event.by in plan.scorers
    if not (is_scorer or event.by in snapshot.superiors or event.by in plan.panel):
        above = ", ".join(snapshot.superiors) or "nobody"
        fault = f"{event.by} is neither above them as of {on} (that is {above}) nor in the panel"
        raise DataError(named(one.payee), fault, "let a superior do it, or name the panel in the plan of a cycle")


# ── snapshots ───────────────────────────────────────────────────────────────────────────────────────────────


def _taken(held: CycleHeld, event: SnapshotTaken) -> CycleParticipant:
    where, one = f"the snapshot of {event.payee}", held.participants.get(event.payee)
    state = ParticipantState.ABSENT if one is None else one.state
    act = ParticipantAct.LEAVE if not event.is_there else ParticipantAct.CHANGE
    if event.is_there and state is not ParticipantState.THERE:
        act = ParticipantAct.JOIN
    part = f"the part of {event.payee} in the cycle"
    after = moved_to(PARTICIPANT_MOVES, PARTICIPANT_STATES, state, act, part, "leave it as it stands")
    if event.payee in event.superiors:
        raise DataError(where, "they would be above themselves", "name who leads above them")
    if event.as_of > day_of_event(event):
        raise DataError(where, f"it speaks of {event.as_of}, a day to come", "take it on that day or later")
    _must_not_be_before(held, event, where)
    if one is None:
        return CycleParticipant(payee=event.payee, state=after, snapshots=(event,))
    before = one.snapshots[-1]
    if event.as_of < before.as_of:
        fault = f"it speaks of {event.as_of}, and the one before of {before.as_of}"
        raise DataError(where, fault, "take snapshots in order of their days")
    if event.says() == before.says():
        raise DataError(where, "it says what the one before says", "leave it as it stands")
    return evolve(one, state=after, snapshots=(*one.snapshots, event))


# ── results ─────────────────────────────────────────────────────────────────────────────────────────────────


def _next(one: CycleParticipant, act: ResultAct) -> ResultState:
    """The state of a result after an act, by the table.

    Raises:
        DataError: there is no such move.
    """
    state = one.result_state or ResultState.WAITING
    return moved_to(RESULT_MOVES, RESULT_STATES, state, act, named(one.payee), _REMEDIES[state])


_REMEDIES: Mapping[ResultState, str] = {
    ResultState.WAITING: "take in a score first",
    ResultState.SCORED: "approve and publish it first",
    ResultState.CALIBRATED: "approve and publish it first",
    ResultState.APPROVED: "publish it first",
    ResultState.PUBLISHED: "leave it, unless its participant appeals",
    ResultState.ACKNOWLEDGED: "leave it, unless its participant appeals",
    ResultState.AMENDED: "publish the new result",
}


def _moved(plan: CyclePlan, one: CycleParticipant, event: OfResult) -> CycleParticipant:
    after = _next(one, RESULT_ACT[type(event)])
    _must_be_as_of(plan, one, event)
    match event:
        case ResultScored():
            _must_be_over(plan, event)
            return _scored(plan, one, event)
        case ResultCalibrated():
            result = _calibrated(plan, one, event)
            calibrations = (*one.calibrations, event)
            return evolve(one, result_state=after, result=result, calibrations=calibrations, approval=None)
        case ResultApproved():
            if one.result is None or event.result != one.result.hash:
                remedy = "look at it as it stands, and approve that"
                raise DataError(named(one.payee), "it is not what was approved, but was changed since", remedy)
            if plan.another_approves:
                _must_be_another(one, event.by, named(one.payee), "approve")
            return evolve(one, result_state=after, approval=event)
        case ResultPublished():
            return evolve(one, result_state=after, published=(*one.published, _published(one, event)))
        case ResultAcknowledged():
            return evolve(one, result_state=after, published=_acknowledged(one, event))
        case InterviewNoted():
            return evolve(one, interviews=(*one.interviews, event))


def _acknowledged(one: CycleParticipant, event: ResultAcknowledged) -> tuple[PublishedResult, ...]:
    """The publications of a participant, the last of which they confirm to have seen."""
    *before, last = one.published
    if event.version != last.version:
        fault = f"publication {event.version} is not the last, which is {last.version}"
        raise DataError(named(one.payee), fault, "look at the last one, and acknowledge that")
    if last.acknowledged_on is not None:
        fault = f"publication {event.version} is acknowledged already, on {last.acknowledged_on}"
        raise DataError(named(one.payee), fault, "leave it: once is enough")
    return (*before, evolve(last, acknowledged_on=day_of_event(event)))


def _must_be_as_of(plan: CyclePlan, one: CycleParticipant, event: OfResult) -> None:
    """Refuse a calibration or publication before the day whose snapshot says by whom it is done."""
    if isinstance(event, ResultCalibrated):
        first = plan.calibrates_as_of
    elif isinstance(event, ResultPublished):
        first = plan.publishes_as_of
    else:
        return
    on = day_of_event(event)
    if on < first:
        fault = f"it is of {on}, and the plan says by the snapshot of {first} who does that"
        raise DataError(named(one.payee), fault, f"take a snapshot of {first}, and do it then or later")


def _must_be_over(plan: CyclePlan, event: ResultScored) -> None:
    """Refuse a score of a part outside of the period, and one that is taken in before its time is over."""
    where, part, on = named(event.payee), event.part or plan.period, day_of_event(event)
    if part.start < plan.period.start or part.end > plan.period.end:
        raise DataError(where, f"it is of {part}, and the cycle of {plan.period}", "pass those of the period")
    if on <= part.last_day:
        fault = f"it is taken in on {on}, and {part} lasts until {part.last_day}"
        raise DataError(where, fault, "take it in once that is over")


def _scored(plan: CyclePlan, one: CycleParticipant, event: ResultScored | AppealUpheld) -> CycleParticipant:
    """A participant with the score of an appraisal, which nobody has calibrated or approved."""
    plan.must_know(named(one.payee), (event.grade,))
    if event.coefficient is not None and plan.calibrates != "coefficient":
        fault = "it has a coefficient, and the plan calibrates grades"
        raise DataError(named(one.payee), fault, "leave the coefficient out")
    return evolve(
        one,
        result_state=ResultState.SCORED,
        result=_result(event),
        scored_by=event.by,
        calibrations=(),
        approval=None,
    )


def _result(event: ResultScored | AppealUpheld) -> CycleResult:
    return CycleResult(
        payee=event.payee,
        score=event.score,
        grade=event.grade,
        coefficient=event.coefficient,
        appraisal=event.appraisal,
    )


def _calibrated(plan: CyclePlan, one: CycleParticipant, event: ResultCalibrated) -> CycleResult:
    """A result once it is calibrated.

    Raises:
        DataError: it changes what the plan does not calibrate, nothing, or something else than what stands.
    """
    where, result = named(one.payee), one.result
    grades = event.grade or event.grade_before
    coefficients = event.coefficient is not None or event.coefficient_before is not None
    if result is None or not result.grade:
        raise DataError(where, "it has no grade", "add grades to the scheme, or leave it as it was computed")
    if plan.calibrates == "grade":
        if coefficients or not event.grade:
            raise DataError(where, "the plan calibrates grades alone", "give the grade afterwards")
        plan.must_know(where, (event.grade,))
        _must_change(where, result.grade, event.grade_before, event.grade)
        return evolve(result, grade=event.grade)
    if grades or event.coefficient is None:
        raise DataError(where, "the plan calibrates coefficients alone", "give the coefficient afterwards")
    plan.must_allow(where, event.coefficient)
    _must_change(where, result.coefficient, event.coefficient_before, event.coefficient)
    return evolve(result, coefficient=event.coefficient)


def _must_change(where: str, stands: object, before: object, after: object) -> None:
    if before != stands:
        raise DataError(where, f"it is {stands} and not {before}", "look at it as it stands, and calibrate that")
    if after == before:
        raise DataError(where, f"it is {before} already", "leave it as it stands")


def _published(one: CycleParticipant, event: ResultPublished) -> PublishedResult:
    if one.result is None or event.version != len(one.published) + 1:
        fault = f"publication {len(one.published) + 1} comes next, and not {event.version}"
        raise DataError(named(one.payee), fault, "publish that one")
    approved_by = one.approval.by if one.approval is not None else one.appeal.decided_by if one.appeal else ""
    return PublishedResult(
        version=event.version,
        result=one.result,
        calibrations=one.calibrations,
        approved_by=approved_by,
        by=event.by,
        on=day_of_event(event),
    )


# ── appeals ─────────────────────────────────────────────────────────────────────────────────────────────────


def _appealed(plan: CyclePlan, one: CycleParticipant, event: OfAppeal) -> CycleParticipant:
    where, act, on = f"the appeal of {one.payee}", APPEAL_ACT[type(event)], day_of_event(event)
    appeal = one.appeal or ScoreAppeal(state=AppealState.ABSENT, version=0, why="", opened_on=on)
    after = moved_to(APPEAL_MOVES, APPEAL_STATES, appeal.state, act, where, _APPEAL_REMEDIES[appeal.state])
    match event:
        case AppealOpened():
            _must_be_in_time(plan, one, on, where)
            return evolve(one, appeal=ScoreAppeal(state=after, version=len(one.published), why=event.why, opened_on=on))
        case AppealTakenUp():
            return evolve(one, appeal=evolve(appeal, state=after, taken_up_by=event.by, taken_up_on=on))
        case AppealWithdrawn():
            return evolve(one, appeal=evolve(appeal, state=after, ended_on=on))
        case AppealUpheld() | AppealRejected():
            if plan.appeal_by_others:
                _must_be_another(one, event.by, where, "decide")
            decided = evolve(appeal, state=after, decided_by=event.by, answer=event.why, ended_on=on)
            if isinstance(event, AppealRejected):
                return evolve(one, appeal=decided)
            return evolve(_amended(plan, one, event), appeal=decided)


_APPEAL_REMEDIES: Mapping[AppealState, str] = {
    AppealState.ABSENT: "let its participant open it first",
    AppealState.OPENED: "take it up first, or let its participant withdraw it",
    AppealState.TAKEN_UP: "uphold or reject it",
    AppealState.UPHELD: "leave it; what was decided stands",
    AppealState.REJECTED: "leave it; what was decided stands",
    AppealState.WITHDRAWN: "leave it, unless its participant opens it again",
}


def _must_be_in_time(plan: CyclePlan, one: CycleParticipant, on: date, where: str) -> None:
    published_on = one.published[-1].on
    if not plan.may_appeal(published_on, on):
        until = plan.appeals_until(published_on)
        fault = f"it is of {on}, and the last day is {until}, {plan.appeal_days} days after the publication"
        raise DataError(where, fault, "leave the result as it stands")


def _must_be_another(one: CycleParticipant, by: str, where: str, act: str) -> None:
    """Refuse who scored or calibrated the result, where the plan asks that others act."""
    done = [one.scored_by, *(calibration.by for calibration in one.calibrations)]
    if is_among(by, done):
        fault = f"{by} scored or calibrated the result, and the plan asks that others {act}"
        raise DataError(where, fault, f"let another superior or member of the panel {act}")


def _amended(plan: CyclePlan, one: CycleParticipant, event: AppealUpheld) -> CycleParticipant:
    """A participant with the result of an upheld appeal: of a new appraisal, or recalibrated where the plan allows it.

    Raises:
        DataError: nothing changes, or the plan does not allow it.
    """
    where, before = f"the appeal of {one.payee}", one.result
    state, result = _next(one, ResultAct.AMEND), _result(event)
    if result == before:
        raise DataError(where, "it is upheld, and nothing changes", "give the new result, or reject it")
    if before is None or result.appraisal != before.appraisal:
        return evolve(_scored(plan, one, event), result_state=state)
    if not plan.appeal_recalibrates:
        fault = "the plan does not let an appeal change the grade or coefficient of the same appraisal"
        raise DataError(where, fault, "give the new appraisal, or reject it")
    by_grade = plan.calibrates == "grade"
    changed = evolve(before, grade=event.grade) if by_grade else evolve(before, coefficient=event.coefficient)
    if result != changed:
        fault = "it changes more than the plan calibrates, though the appraisal is the same"
        raise DataError(where, fault, f"change the {plan.calibrates} alone, or give a new appraisal")
    calibration = ResultCalibrated(
        payee=event.payee,
        grade_before=before.grade if by_grade else "",
        grade=event.grade if by_grade else "",
        coefficient_before=None if by_grade else before.coefficient,
        coefficient=None if by_grade else event.coefficient,
        why=event.why,
        by=event.by,
        at=event.at,
    )
    calibrated, calibrations = _calibrated(plan, one, calibration), (*one.calibrations, calibration)
    return evolve(one, result_state=state, result=calibrated, calibrations=calibrations, approval=None)
