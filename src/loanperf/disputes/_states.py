"""Disputes: (records of a scheme) -> how disputes and holds stand; commands give the events to append, or refuse.

The stream is `<scheme>/disputes`. State is replay, and a command asks the same rules as the replay does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from operator import attrgetter

from attrs import evolve, field, frozen

from loanperf._ledger import EntryKind, Ledger, PayHold, hold_meant, is_known, must_be_ledger
from loanperf._periods import Period
from loanperf._streams import Stream, day_of_event, day_of_moment, moment, own
from loanperf._validators import is_among, must_be, must_be_themselves
from loanperf.alerts import Leads
from loanperf.disputes._events import (
    KINDS,
    DisputeAnswer,
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
from loanperf.disputes._moves import HoldState
from loanperf.disputes._rules import Dispute, DisputesHeld, HoldCase, applied, state_after
from loanperf.errors import DataError, shown
from loanperf.viewer import Viewer, must_be_viewer

_ANSWERS: tuple[type, ...] = (DisputeTakenUp, DisputeUpheld, DisputeRejected, DisputeWithdrawn)
_STREAM = Stream("disputes", KINDS, applied)
_FAR = 183
"""How many days after the period that follows the latest one of the ledger something may be said: half a year."""


def disputes_stream(scheme: str) -> str:
    """The name of the stream that keeps disputes and holds, in the store of the scheme's ledger.

    >>> disputes_stream("branch pay")
    'branch pay/disputes'
    """
    return f"{scheme}/disputes"


@frozen(kw_only=True)
class Disputes:
    """How the disputes about pay, and the holds of pay by hand, stand; replayed from their records.

    Disputes are taken up and decided, and holds are placed and lifted, by the panel of the plan as it stands now, and
    by superiors: those who are above the payee on the day of the event, by the `leads` that the command is given.

    What is said of a dispute or of a hold is dated on the day of the record before it or later, and no later than half
    a year after the period that follows the latest one of the ledger; another day is refused as a slip.

    Each command checks what is asked and gives the events to append, none where they are there already; it changes
    nothing. Append `lines(events)` at `expected=records`, so that of two who act at once one reads anew. Who acts is
    known by the host: `by` of an event must be the code of whoever is signed in.

    >>> Disputes.of([]).records
    0
    """

    records: int = 0
    """How many records the stream has: the `expected` of what is appended next."""
    _held: DisputesHeld = field(factory=DisputesHeld, repr=False)

    @classmethod
    def of(cls, records: Iterable[str]) -> Disputes:
        """What the records of a stream say, from the first on.

        Raises:
            DataError: a record is none of its kinds, is missing, is of a newer version, or says what cannot be.
        """
        held, count = _STREAM.read(records, DisputesHeld())
        return cls(records=count, held=held)

    def after(self, events: Iterable[DisputeEvent]) -> Disputes:
        """How it stands once events are appended.

        Raises:
            DataError: one of them cannot be.
        """
        held, count = _STREAM.add(events, own(self._held), self.records)
        return evolve(self, records=count, held=held)

    def lines(self, events: Iterable[DisputeEvent]) -> list[str]:
        """The records to append for events."""
        return _STREAM.lines(events, self.records)

    @property
    def plan(self) -> DisputePlan | None:
        """The plan for disputes that are opened now; None where none was set."""
        return self._held.plan

    def day_of_pay(self, period: Period, pay_on: date | None = None) -> date:
        """The day by which holds count for the pay of a period.

        Args:
            period: which is paid.
            pay_on: the day on which payments go out. None is the last day of the period, or the latest day on which
                somebody said something of a dispute or of a hold where that is later, since nobody pays before what is
                said already. Plans, and notes that days have passed, do not count.
        """
        return pay_on or max(period.last_day, self._held.last or period.last_day)

    def in_force(self, on: date) -> tuple[PayHold, ...]:
        """The holds by which nothing is paid out on a day, in the order in which they were placed; for `lp.pay`."""
        return tuple(case.hold for _, case in sorted(self._held.holds.items()) if case.is_in_force(on))

    def overdue(self, on: date) -> tuple[Dispute | HoldCase, ...]:
        """Disputes that nobody decided by their deadline, and holds that ended, before a day, and no record says so."""
        disputes = [case for case in self._held.disputes.values() if case.is_overdue(on)]
        holds = [case for case in self._held.holds.values() if case.is_overdue(on)]
        in_order = attrgetter("number")
        return (*sorted(disputes, key=in_order), *sorted(holds, key=in_order))

    # ── what is shown ───────────────────────────────────────────────────────────────────────────────────────

    def seen_by(self, viewer: Viewer) -> tuple[Dispute, ...]:
        """The disputes of everybody whom a viewer may see, in the order in which they were opened.

        Raises:
            DataError: it is no viewer.
        """
        must_be_viewer(viewer)
        return tuple(case for _, case in sorted(self._held.disputes.items()) if viewer.may_see(case.opened.payee))

    def holds_seen_by(self, viewer: Viewer, ledger: Ledger) -> tuple[HoldCase, ...]:
        """The holds of everybody whom a viewer may see, in the order in which they were placed.

        That of a loan is seen by whoever may see one of those who have entries of it.

        Raises:
            DataError: it is no viewer, or no ledger.
        """
        must_be_viewer(viewer)
        must_be_ledger(ledger)
        return tuple(
            case
            for _, case in sorted(self._held.holds.items())
            if viewer.sees == "all" or any(map(viewer.may_see, _concerned(case.hold, ledger)))
        )

    # ── commands ────────────────────────────────────────────────────────────────────────────────────────────

    def start(self, plan: DisputePlan, *, by: str, at: date | datetime | str) -> tuple[DisputesPlanned, ...]:
        """Set the plan for disputes that are opened from now on; the same plan again is no new event.

        Raises:
            DataError: it is no plan.
            PeriodError: `at` is no day and no time with its offset.
        """
        if plan == self.plan:
            return ()
        return (DisputesPlanned(plan=plan, by=by, at=at),)

    def open(
        self, opened: DisputeOpened, *, ledger: Ledger, stands_for: Collection[str] = ()
    ) -> tuple[DisputeOpened, ...]:
        """Say that a line of pay is wrong; the same said again is no new event.

        Args:
            opened: whose, which line, and what is right.
            ledger: of the scheme, as it stands.
            stands_for: the payees for whom `opened.by` may speak, as the host knows; nobody but themselves where empty.

        Raises:
            DataError: the ledger has no such line of the payee in that period, or is at another entry than `seen`;
                somebody else speaks for the payee; the days are over; another dispute of the line is open; the amount
                is in another currency than the line; or there is no plan.
        """
        must_be(opened, DisputeOpened, "the dispute", "pass a loanperf.disputes.DisputeOpened")
        must_be_ledger(ledger)
        where = f"the dispute of {opened.payee} about {opened.line}"
        if isinstance(stands_for, str) or opened.payee not in stands_for:
            must_be_themselves(opened.by, opened.payee, where)
        known = [entry for entry in ledger.of_line(opened.line) if entry.payee == opened.payee]
        if not any(entry.period == opened.period for entry in known):
            fault = f"the ledger has no entry of such a line of {opened.payee} in {opened.period}"
            raise DataError(where, fault, "give Entry.line and Entry.period as the statement of the payee has them")
        currency = known[0].amount.currency
        if opened.amount is not None and opened.amount.currency != currency:
            fault = f"it asks for {opened.amount}, and the line is in {currency}"
            raise DataError(where, fault, "say what it should come to in the currency of the line")
        before = self._held.last_of(opened.payee, opened.line)
        if before is not None and before.is_open:
            said = before.opened
            if evolve(opened, seen=said.seen, at=said.at) == said:
                return ()
        if opened.seen != len(ledger.entries):
            fault = f"seen is {opened.seen}, and the ledger has {len(ledger.entries)} entries"
            raise DataError(where, fault, "pass len(ledger.entries)")
        state_after(self._held, opened, self.records + 1)
        _must_be_near(opened, ledger)
        return (opened,)

    def answer(self, event: DisputeAnswer, *, ledger: Ledger, leads: Leads | None = None) -> tuple[DisputeAnswer, ...]:
        """Take up, uphold, reject or withdraw a dispute; the same again is no new event.

        Args:
            event: what is done.
            ledger: of the scheme, as it stands; a dispute is upheld once the entries that answer it are posted.
            leads: who is above whom; None where the panel alone decides.

        Raises:
            DataError: there is no such dispute or move; the payee, or whoever opened it, would decide; somebody would
                take it up or decide it who is neither above the payee nor in the panel of the plan; another than
                they would withdraw it; the deadline has passed; or the entries do not answer it: they are not there, of
                another payee, of another line and loan, older than the dispute, or none of them was set by hand where
                it is said to be adjusted.
        """
        if not isinstance(event, _ANSWERS):
            remedy = "pass a DisputeTakenUp, DisputeUpheld, DisputeRejected or DisputeWithdrawn of loanperf.disputes"
            raise DataError("the answer to a dispute", f"it is {shown(event)}", remedy)
        must_be_ledger(ledger)
        case = self._held.dispute(event.dispute)
        if case.answer is not None and evolve(event, at=case.answer.at) == case.answer:
            return ()
        state_after(self._held, event, self.records + 1)
        _must_be_near(event, ledger)
        if not isinstance(event, DisputeWithdrawn):
            where = f"dispute {case.number} of {case.opened.payee}"
            self._must_decide(event.by, {case.opened.payee}, day_of_event(event), leads, where)
        if isinstance(event, DisputeUpheld):
            _must_answer(case, event, ledger)
        return (event,)

    def place(
        self, placed: HoldPlaced, *, ledger: Ledger, leads: Leads | None = None, ahead: Collection[str] = ()
    ) -> tuple[HoldPlaced, ...]:
        """Hold the pay of a person or of a loan by hand; the same hold again is no new event.

        Args:
            placed: what is held, why, by whom and until when.
            ledger: of the scheme, as it stands.
            leads: who is above whom; None where the panel alone decides.
            ahead: codes of payees and loans of which nothing is posted yet, as the host knows: they are right though
                the ledger does not have them. Before something is, the panel alone places and lifts the hold of a loan.

        Raises:
            DataError: the ledger has no entry of the payee or loan, and it is not said to be ahead; whoever places it
                has pay of it, or disputes it, or is neither in the panel of the plan nor above everybody who has pay of
                it; its last day has passed; or its dispute is closed or unknown.
        """
        must_be(placed, HoldPlaced, "the hold", "pass a loanperf.disputes.HoldPlaced")
        must_be_ledger(ledger)
        if any(case.hold == placed.hold and case.state is HoldState.PLACED for case in self._held.holds.values()):
            return ()
        if isinstance(ahead, str) or (placed.hold.payee or placed.hold.loan) not in ahead:
            _must_be_known(placed.hold, ledger)
        _must_not_concern(placed.hold, placed.hold.by, ledger)
        state_after(self._held, placed, self.records + 1)
        _must_be_near(placed, ledger)
        self._must_decide(
            placed.hold.by, _concerned(placed.hold, ledger), day_of_event(placed), leads, placed.hold.where
        )
        return (placed,)

    def lift(self, lifted: HoldLifted, *, ledger: Ledger, leads: Leads | None = None) -> tuple[HoldLifted, ...]:
        """Lift a hold before its last day; the same again is no new event.

        Args:
            lifted: which hold, why and by whom.
            ledger: of the scheme, as it stands.
            leads: who is above whom; None where the panel alone decides.

        Raises:
            DataError: there is no such hold, or it was lifted or has ended; or whoever lifts it has pay of it, or
                disputes it, or is neither in the panel of the plan nor above everybody who has pay of it.
        """
        must_be(lifted, HoldLifted, "the end of a hold", "pass a loanperf.disputes.HoldLifted")
        must_be_ledger(ledger)
        case = self._held.hold(lifted.hold)
        if (case.state, case.by, case.why) == (HoldState.LIFTED, lifted.by, lifted.why):
            return ()
        _must_not_concern(case.hold, lifted.by, ledger)
        state_after(self._held, lifted, self.records + 1)
        _must_be_near(lifted, ledger)
        self._must_decide(lifted.by, _concerned(case.hold, ledger), day_of_event(lifted), leads, case.hold.where)
        return (lifted,)

    def close_overdue(self, *, by: str, at: date | datetime | str) -> tuple[DisputeExpired | HoldEnded, ...]:
        """Note what nobody decided by its deadline, and which holds ended; nothing where all of it is noted.

        Args:
            by: the code of who notes it.
            at: when; what was due before that day is noted.

        Raises:
            PeriodError: `at` is no day and no time with its offset.
        """
        at = moment(at)
        return tuple(
            DisputeExpired(dispute=case.number, by=by, at=at)
            if isinstance(case, Dispute)
            else HoldEnded(hold=case.number, by=by, at=at)
            for case in self.overdue(day_of_moment(at))
        )

    def _must_decide(self, by: str, payees: Collection[str], on: date, leads: Leads | None, where: str) -> None:
        """Refuse who is neither in the panel nor above every one of some payees on a day."""
        if leads is not None:
            must_be(leads, Leads, "leads", "pass a loanperf.alerts.Leads, or None")
        if self.plan is not None and by in self.plan.panel:
            return
        above = [{one for level in leads.above(payee, on) for one in level} if leads else set() for payee in payees]
        if not above or by not in set.intersection(*above):
            fault = f"{by} is neither above {', '.join(sorted(payees)) or 'anybody'} as of {on} nor in the panel"
            remedy = "let a superior do it, with leads, or name the panel in the plan with start()"
            raise DataError(where, fault, remedy)


def _must_be_near(event: DisputeEvent, ledger: Ledger) -> None:
    """Refuse a day that is far after every period of the ledger, since what is said next could not be before it."""
    if not ledger.periods:
        return
    latest = max(ledger.periods)
    last = latest.next().last_day + timedelta(_FAR)
    if day_of_event(event) > last:
        fault = f"it is dated {day_of_event(event)}, and the latest period of the ledger is {latest}"
        raise DataError("the record", fault, f"give the day on which it is said, by {last} at the latest")


def _concerned(hold: PayHold, ledger: Ledger) -> set[str]:
    """The payees whose pay a hold keeps back, or may: of a loan, whoever has entries of it."""
    if hold.payee:
        return {hold.payee}
    loans = [one.loan for one in hold_meant(hold, ledger)]
    return {entry.payee for entry in ledger.entries.of_loans(loans)}


def _must_be_known(hold: PayHold, ledger: Ledger) -> None:
    """Refuse a hold of a payee or loan of which the ledger has no entry, since its code may be a slip."""
    if is_known(hold, ledger):
        return
    meant = hold_meant(hold, ledger)
    codes = ", ".join(sorted(one.payee or one.loan for one in meant if one != hold))
    remedy = f"hold {codes}" if codes else "mend the code, or name it in `ahead` where nothing is posted of it yet"
    raise DataError(hold.where, "the ledger has no entry of it", remedy)


def _must_not_concern(hold: PayHold, by: str, ledger: Ledger) -> None:
    """Refuse whoever has pay of what is held."""
    if is_among(by, _concerned(hold, ledger)):
        raise DataError(hold.where, f"{by} would decide on their own pay", "let somebody else place and lift it")


def _must_answer(case: Dispute, event: DisputeUpheld, ledger: Ledger) -> None:
    """Refuse entries that are no answer to a dispute."""
    where, opened = f"dispute {case.number} of {case.opened.payee}", case.opened
    if max(event.entries) > len(ledger.entries):
        fault = f"entry {max(event.entries)} is not in the ledger, which has {len(ledger.entries)}"
        raise DataError(where, fault, "post what answers it first")
    found = [ledger.entries[number - 1] for number in event.entries]
    loans = {entry.loan for entry in ledger.of_line(opened.line)} - {""}
    for entry in found:
        if entry.payee != opened.payee or not (entry.line == opened.line or entry.loan in loans):
            fault = f"entry {entry.number} is of {entry.payee}, line {entry.line!r}"
            raise DataError(where, fault, "name entries of the payee, of the line or of its loan")
    if event.how == "adjusted" and all(entry.kind is not EntryKind.OVERRIDE for entry in found):
        raise DataError(where, "no amount of these entries was set by hand", "name the entry that lp.overrule gave")
