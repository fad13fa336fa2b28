"""Rules: (how disputes and holds stand, an event) -> how they stand then, or why that cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TypeAlias

from attrs import evolve, field, frozen

from loanperf._data import PlainData
from loanperf._explanations import Label, one_line
from loanperf._ledger import PayHold
from loanperf._periods import has_passed
from loanperf._streams import day_of_event, moved_to, must_not_be_before
from loanperf._validators import is_among
from loanperf.disputes._events import (
    DisputeEvent,
    DisputeExpired,
    DisputeOpened,
    DisputePlan,
    DisputeRejected,
    DisputesPlanned,
    DisputeTakenUp,
    DisputeUpheld,
    DisputeWithdrawn,
    HoldEnded,
    HoldLifted,
    HoldPlaced,
)
from loanperf.disputes._moves import (
    DISPUTE_MOVES,
    HOLD_MOVES,
    STATES_OF_DISPUTES,
    STATES_OF_HOLDS,
    DisputeAct,
    DisputeState,
    HoldAct,
    HoldState,
)
from loanperf.errors import DataError

OfDispute: TypeAlias = DisputeTakenUp | DisputeUpheld | DisputeRejected | DisputeWithdrawn | DisputeExpired
ACTS: Mapping[type[OfDispute], DisputeAct] = {
    DisputeTakenUp: DisputeAct.TAKE_UP,
    DisputeUpheld: DisputeAct.UPHOLD,
    DisputeRejected: DisputeAct.REJECT,
    DisputeWithdrawn: DisputeAct.WITHDRAW,
    DisputeExpired: DisputeAct.EXPIRE,
}
"""The act of each event about a dispute that was opened."""
HOLD_ACTS: Mapping[type[HoldLifted | HoldEnded], HoldAct] = {HoldLifted: HoldAct.LIFT, HoldEnded: HoldAct.END}
OPEN_STATES = frozenset({DisputeState.OPEN, DisputeState.TAKEN_UP})
"""The states in which a dispute waits for a decision."""


def _with_why(said: Label, given: str) -> Label:
    """What is said, and behind it the reason, where there is one."""
    why = one_line(given)
    return Label(f"{said.en}: {why}", f"{said.zh}，理由：{why}") if why else said


@frozen(kw_only=True)
class Dispute(PlainData):
    """How a dispute about a line of pay stands."""

    number: int
    """The number of the record by which it was opened."""
    opened: DisputeOpened
    deadline: date
    """The last day on which it may be decided."""
    state: DisputeState = DisputeState.OPEN
    since: date
    """The day of the last event."""
    answer: OfDispute | None = None
    """The last that was said about it, such as who upheld it, why, and by which entries; None while it is `open`."""

    @property
    def why(self) -> str:
        """Why it was upheld or rejected; empty where it was not."""
        return self.answer.why if isinstance(self.answer, DisputeUpheld | DisputeRejected) else ""

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return self.state in OPEN_STATES

    def is_overdue(self, on: date) -> bool:
        """Whether it waits for a decision though its deadline has passed on a day."""
        return self.is_open and has_passed(self.deadline, on)

    @property
    def text(self) -> Label:
        """The payee, the line and the state of the dispute, in both languages."""
        name, said = STATES_OF_DISPUTES[self.state], self.opened
        en = f"dispute {self.number} of {said.payee} about {said.line}: {name.en} since {self.since}"
        zh = f"{said.payee} 对 {said.line} 的异议（编号 {self.number}）：{name.zh}，自 {self.since} 起"
        if self.is_open:
            return Label(f"{en}, to be decided by {self.deadline}", f"{zh}，应于 {self.deadline} 前（含当日）作出决定")
        return _with_why(Label(en, zh), self.why)


@frozen(kw_only=True)
class HoldCase(PlainData):
    """How a hold of pay by hand stands."""

    number: int
    """The number of the record by which it was placed."""
    hold: PayHold
    dispute: int = 0
    """The dispute for which it was placed; 0 where that was for another reason."""
    state: HoldState = HoldState.PLACED
    since: date
    """The day of the last event."""
    by: str
    """The code of who did that."""
    why: str = ""
    """Why it was lifted."""

    def is_in_force(self, on: date) -> bool:
        """Whether nothing is paid out on a day: from its first to its last one, and before the day it was lifted."""
        return self.hold.is_in_force(on) and (self.state is not HoldState.LIFTED or on < self.since)

    def is_overdue(self, on: date) -> bool:
        """Whether its last day has passed on a day, and nobody lifted it or noted that."""
        return self.state is HoldState.PLACED and self.hold.has_ended(on)

    @property
    def text(self) -> Label:
        """What is held, why, by whom and until when, and how that stands, in both languages."""
        said, name = self.hold.text, STATES_OF_HOLDS[self.state]
        if self.state is HoldState.PLACED:
            return said
        en, zh = f"{said.en}; {name.en} on {self.since} by {self.by}", f"{said.zh}；{name.zh}：{self.since}，{self.by}"
        return _with_why(Label(en, zh), self.why)


@frozen(kw_only=True)
class DisputesHeld:
    """What the records of a stream say."""

    plan: DisputePlan | None = None
    disputes: dict[int, Dispute] = field(factory=dict)
    """By number of the record by which each was opened."""
    holds: dict[int, HoldCase] = field(factory=dict)
    """By number of the record by which each was placed."""
    last: date | None = None
    """The latest day on which somebody said something of a dispute or of a hold; see `is_said`."""

    def dispute(self, number: int) -> Dispute:
        """A dispute.

        Raises:
            DataError: there is none of that number.
        """
        if number not in self.disputes:
            raise DataError(
                f"dispute {number}", "there is none of that number", "give that of the record that opened it"
            )
        return self.disputes[number]

    def hold(self, number: int) -> HoldCase:
        """A hold.

        Raises:
            DataError: there is none of that number.
        """
        if number not in self.holds:
            raise DataError(f"hold {number}", "there is none of that number", "give that of the record that placed it")
        return self.holds[number]

    def last_of(self, payee: str, line: str) -> Dispute | None:
        """The latest dispute of a payee about a line; None where there is none."""
        found = [one for one in self.disputes.values() if (one.opened.payee, one.opened.line) == (payee, line)]
        return max(found, key=lambda one: one.number, default=None)


def applied(held: DisputesHeld, event: DisputeEvent, number: int) -> DisputesHeld:
    """What stands after an event that is the record of a number; see `Stream.applied`."""
    match state_after(held, event, number):
        case DisputePlan() as plan:
            held = evolve(held, plan=plan)
        case Dispute() as dispute:
            held.disputes[dispute.number] = dispute
        case HoldCase() as hold:
            held.holds[hold.number] = hold
    return evolve(held, last=day_of_event(event)) if is_said(event) else held


def is_said(event: DisputeEvent) -> bool:
    """Whether somebody says something of a dispute or of a hold: it is no plan, and does not note that days passed."""
    return not isinstance(event, DisputesPlanned | DisputeExpired | HoldEnded)


def state_after(held: DisputesHeld, event: DisputeEvent, number: int) -> DisputePlan | Dispute | HoldCase:
    """What stands after an event that would be the record of a number: the plan, a dispute or a hold.

    Raises:
        DataError: the event cannot come next.
    """
    if is_said(event) and held.last is not None and day_of_event(event) < held.last:
        fault = f"it is dated {day_of_event(event)}, and the one before it {held.last}"
        raise DataError("the record", fault, "give the day on which it is said")
    match event:
        case DisputesPlanned():
            return event.plan
        case DisputeOpened():
            return _opened(held, event, number)
        case HoldPlaced():
            return _placed(held, event, number)
        case HoldLifted() | HoldEnded():
            return _hold_moved(held.hold(event.hold), event, held)
        case _:
            return _moved(held.dispute(event.dispute), event)


# ── disputes ────────────────────────────────────────────────────────────────────────────────────────────────


def _opened(held: DisputesHeld, event: DisputeOpened, number: int) -> Dispute:
    where, on = f"the dispute of {event.payee} about {event.line}", day_of_event(event)
    if held.plan is None:
        raise DataError(where, "no plan says how long disputes may be opened", "set one with start() first")
    before = held.last_of(event.payee, event.line)
    if before is not None and before.is_open:
        fault = f"dispute {before.number} about it is open since {before.opened.at}"
        raise DataError(where, fault, "wait until that is decided, or withdraw it")
    if not event.period.start <= event.told_on <= on:
        fault = f"the payee is said to have had the statement of {event.period} on {event.told_on}, and it is {on}"
        raise DataError(where, fault, "give the day on which they had it")
    told_until = held.plan.told_until(event.period)
    if event.told_on > told_until:
        fault = f"the payee is said to have had the statement of {event.period} on {event.told_on}, "
        fault += f"and by the plan everybody had it by {told_until}"
        raise DataError(where, fault, "give the day on which they had it, or state days_to_tell in the plan")
    begins = event.told_on
    if before is not None and before.state is DisputeState.EXPIRED:
        begins = max(begins, before.since)
    last = begins + timedelta(held.plan.days_to_open)
    if has_passed(last, on):
        raise DataError(where, f"it is opened on {on}, and could be until {last}", "leave the line as it stands")
    deadline = on + timedelta(held.plan.days_to_decide)
    return Dispute(number=number, opened=event, deadline=deadline, since=on)


def _moved(case: Dispute, event: OfDispute) -> Dispute:
    """How a dispute stands after an event, by the table."""
    where, on, act = f"dispute {case.number} of {case.opened.payee}", day_of_event(event), ACTS[type(event)]
    remedy = "take it up first" if case.state is DisputeState.OPEN else "leave it as it stands"
    after = moved_to(DISPUTE_MOVES, STATES_OF_DISPUTES, case.state, act, where, remedy)
    must_not_be_before(on, case.since, where)
    is_own = is_among(event.by, (case.opened.payee, case.opened.by))
    if act is DisputeAct.WITHDRAW and not is_own:
        raise DataError(where, f"{event.by} would take back what another opened", f"let {case.opened.payee} do it")
    if act is DisputeAct.EXPIRE and not has_passed(case.deadline, on):
        raise DataError(
            where, f"it may be decided until {case.deadline}, and it is {on}", "wait until that day has passed"
        )
    if act in (DisputeAct.TAKE_UP, DisputeAct.UPHOLD, DisputeAct.REJECT):
        if is_own:
            raise DataError(where, f"{event.by} would decide their own dispute", "let somebody else decide it")
        if has_passed(case.deadline, on):
            fault = f"it could be decided until {case.deadline}, and it is {on}"
            raise DataError(where, fault, "note with close_overdue() that nobody decided; the payee may open another")
    entries = event.entries if isinstance(event, DisputeUpheld) else ()
    if any(number <= case.opened.seen for number in entries):
        fault = f"entries {entries} were there when it was opened"
        raise DataError(where, fault, "name the entries that were posted since")
    return evolve(case, state=after, since=on, answer=event)


# ── holds ───────────────────────────────────────────────────────────────────────────────────────────────────


def _placed(held: DisputesHeld, event: HoldPlaced, number: int) -> HoldCase:
    hold, on = event.hold, day_of_event(event)
    where = hold.where
    if hold.has_ended(on):
        raise DataError(
            where, f"it is placed on {on}, and ends on {hold.until}", "give a last day that is still to come"
        )
    case = HoldCase(number=number, hold=hold, dispute=event.dispute, since=on, by=hold.by)
    if event.dispute and not held.dispute(event.dispute).is_open:
        raise DataError(where, f"dispute {event.dispute} is closed", "name one that waits for a decision, or none")
    _must_be_another(held, case, hold.by, where)
    return case


def _must_be_another(held: DisputesHeld, case: HoldCase, by: str, where: str) -> None:
    """Refuse whose pay is held, and who disputes it."""
    whose = {case.hold.payee, held.dispute(case.dispute).opened.payee if case.dispute else ""} - {""}
    if is_among(by, whose):
        raise DataError(where, f"{by} would decide on their own pay", "let somebody else place and lift it")


def _hold_moved(case: HoldCase, event: HoldLifted | HoldEnded, held: DisputesHeld) -> HoldCase:
    """How a hold stands after an event, by the table."""
    where, on, act = f"hold {case.number}", day_of_event(event), HOLD_ACTS[type(event)]
    after = moved_to(HOLD_MOVES, STATES_OF_HOLDS, case.state, act, where, "leave it as it stands")
    must_not_be_before(on, case.since, where)
    if isinstance(event, HoldEnded):
        if not case.hold.has_ended(on):
            raise DataError(where, f"it lasts until {case.hold.until}, and it is {on}", "wait, or lift it")
        return evolve(case, state=after, since=on, by=event.by)
    if case.hold.has_ended(on):
        fault = f"it ended on {case.hold.until}, and it is {on}"
        raise DataError(where, fault, "note with close_overdue() that it ended")
    _must_be_another(held, case, event.by, where)
    return evolve(case, state=after, since=on, by=event.by, why=event.why)
