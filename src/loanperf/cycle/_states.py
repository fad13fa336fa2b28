"""Cycle: (records of a cycle) -> how each result stands; commands give the events to append, or refuse.

The stream is `<scheme>/cycle/<period>`. State is replay, and a command asks the same rules as the replay does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any, TypeVar

from attrs import evolve, field, frozen

from loanperf._appraisal import Appraisal, Calibrated
from loanperf._explanations import Explanation
from loanperf._periods import Period, day, has_passed, must_be_period
from loanperf._quantities import Number
from loanperf._streams import Stream, own
from loanperf._validators import each_of, is_same_person, must_be, must_be_themselves
from loanperf.alerts import Leads
from loanperf.cycle._events import (
    KINDS,
    AppealOpened,
    AppealRejected,
    AppealTakenUp,
    AppealUpheld,
    AppealWithdrawn,
    CycleEvent,
    CyclePlanned,
    InterviewNoted,
    OfParticipant,
    ResultAcknowledged,
    ResultApproved,
    ResultCalibrated,
    ResultPublished,
    ResultScored,
    SnapshotTaken,
)
from loanperf.cycle._moves import ParticipantState, ResultState
from loanperf.cycle._participants import CycleParticipant, CycleResult, appraisal_hash, as_seen_by_themselves
from loanperf.cycle._plan import CyclePlan
from loanperf.cycle._proposals import GroupDistribution, distributed
from loanperf.cycle._reasons import why_result
from loanperf.cycle._rules import CycleHeld, applied, named, state_after
from loanperf.errors import DataError
from loanperf.reviews import ReviewResult
from loanperf.viewer import Viewer, must_be_viewer

_Event = TypeVar("_Event", bound=OfParticipant)
_STREAM = Stream("cycle", KINDS, applied)


def cycle_stream(scheme: str, period: Period) -> str:
    """The name of the stream that keeps the cycle of a period, in the store of the scheme's ledger.

    Raises:
        PeriodError: `period` is no period.

    >>> cycle_stream("branch pay", Period.month(2026, 6))
    'branch pay/cycle/2026-06'
    """
    must_be_period(period)
    return f"{scheme}/cycle/{period}"


@frozen(kw_only=True)
class Cycle:
    """How an appraisal cycle stands, replayed from its records.

    Each command checks what is asked and gives the events to append, none where they are there already; it changes
    nothing. Append `lines(events)` at `expected=records`, so that of two who act at once one reads anew.

    >>> Cycle.of([]).records
    0
    """

    records: int = 0
    """How many records the stream has: the `expected` of what is appended next."""
    _held: CycleHeld = field(factory=CycleHeld, repr=False)

    @classmethod
    def of(cls, records: Iterable[str]) -> Cycle:
        """What the records of a stream say, from the first on.

        Raises:
            DataError: a record is none of its kinds, is missing, is of a newer version, or says what cannot be.
        """
        held, count = _STREAM.read(records, CycleHeld())
        return cls(records=count, held=held)

    def after(self, events: Iterable[CycleEvent]) -> Cycle:
        """How it stands once events are appended.

        Raises:
            DataError: one of them cannot be.
        """
        held, count = _STREAM.add(events, own(self._held), self.records)
        return evolve(self, records=count, held=held)

    def lines(self, events: Iterable[CycleEvent]) -> list[str]:
        """The records to append for events."""
        return _STREAM.lines(events, self.records)

    @property
    def plan(self) -> CyclePlan:
        """The plan of the cycle.

        Raises:
            DataError: none was set.
        """
        return self._held.planned()

    # ── what is shown ───────────────────────────────────────────────────────────────────────────────────────

    def participants(self, viewer: Viewer) -> tuple[CycleParticipant, ...]:
        """Everybody whom a viewer may see, in order of code; who has left and who has no result among them.

        Nobody sees of their own result more than was published, whomever else they may see.

        Raises:
            DataError: it is no viewer.
        """
        must_be_viewer(viewer)
        found = sorted(self._held.participants.items())
        return tuple(_shown(one, viewer) for payee, one in found if viewer.may_see(payee))

    def participant(self, payee: str, viewer: Viewer) -> CycleParticipant:
        """One participant, as `participants` shows them.

        Raises:
            RightsError: the viewer may not see them.
            DataError: there is none of that code, or it is no viewer.
        """
        must_be_viewer(viewer)
        viewer.must_see(payee)
        return _shown(self._held.participant(payee), viewer)

    def explain(
        self,
        payee: str,
        viewer: Viewer,
        *,
        appraisal: Appraisal | None = None,
        reviews: ReviewResult | None = None,
    ) -> Explanation:
        """How the result of a participant came about, as far as `participant` shows it: a tree in both languages.

        It says the score as it was computed, who changed what and why, who approved and published each version, that
        it was acknowledged, interviews, and the appeal with its decision.

        Args:
            payee: whose result.
            viewer: who looks.
            appraisal: that of the result, whose own reasons are added to the score; None leaves them out.
            reviews: what the reviews of the participant came to, whose own reasons are added too; None leaves them out.

        Raises:
            RightsError: the viewer may not see them.
            DataError: there is none of that code; the appraisal is not that of the result, or the reviews are of
                somebody else or another period; or there is no result that they would explain.
        """
        return why_result(self.participant(payee, viewer), self.plan.period, appraisal, reviews)

    def without_result(self, viewer: Viewer) -> tuple[str, ...]:
        """The codes of who has no score, in order, of those whom a viewer may see; never of the viewer themselves."""
        return tuple(one.payee for one in self.participants(viewer) if one.result_state is ResultState.WAITING)

    def unacknowledged(self, viewer: Viewer, *, on: date | str) -> tuple[str, ...]:
        """The codes of who has not acknowledged the last publication in time, as of a day, in order.

        Raises:
            DataError: it is no viewer, or there is no plan.
        """
        today, found = day(on), list[str]()
        for one in self.participants(viewer):
            last = one.published[-1] if one.published else None
            until = None if last is None else self.plan.acknowledged_by(last.on)
            if last is not None and last.acknowledged_on is None and until is not None and has_passed(until, today):
                found.append(one.payee)
        return tuple(found)

    def calibrated(self, viewer: Viewer, *, on: date | str | None = None) -> tuple[Calibrated, ...]:
        """The calibrations in force, in order of payee, for `lp.award_all` and `loanperf.run`.

        A calibration is in force from the day on which its result is published, until a result without it is.

        Args:
            viewer: whom they see.
            on: as of which day; None is as the records stand.

        Raises:
            DataError: it is no viewer.
        """
        until, found = None if on is None else day(on), list[Calibrated]()
        for one in self.participants(viewer):
            shown = [published for published in one.published if until is None or published.on <= until]
            if not shown or not shown[-1].calibrations:
                continue
            found.append(_in_force(shown[-1].calibrations[-1], self.plan.period))
        return tuple(found)

    def distribution(self, viewer: Viewer) -> tuple[GroupDistribution, ...]:
        """The grades of each group beside the shares that the plan asks for, with the fewest changes that keep them.

        It shows the groups all of whom the viewer may see, in order of unit; of the viewer themselves it counts what is
        published. Who has left counts where they have a result. Nothing is changed unless a person calibrates.

        Raises:
            DataError: the plan asks for no distribution, or it is no viewer.
        """
        must_be_viewer(viewer)
        asked = self.plan.distribution
        if asked is None:
            where = f"the plan of the cycle of {self.plan.period}"
            raise DataError(where, "it asks for no distribution", "give it one, or do not ask")
        groups = dict[str, list[CycleParticipant]]()
        for _, one in sorted(self._held.participants.items()):
            unit = one.snapshot(self.plan.calibrates_as_of).unit if asked.by == "unit" else ""
            groups.setdefault(unit, []).append(one)
        found = list[GroupDistribution]()
        for unit, members in sorted(groups.items()):
            if not all(viewer.may_see(one.payee) for one in members):
                continue
            seen = [_shown(one, viewer) for one in members]
            left_out = [one.payee for one in seen if one.result_state is None]
            graded = [one.result for one in seen if one.result is not None and one.result.grade in asked.codes]
            counted = {one.payee for one in graded}
            found.append(
                distributed(
                    asked,
                    [(one.payee, one.grade, one.score) for one in graded],
                    unit,
                    ungraded=[one.payee for one in seen if one.payee not in counted and one.payee not in left_out],
                    left_out=left_out,
                )
            )
        return tuple(found)

    # ── commands: the plan, and who takes part ──────────────────────────────────────────────────────────────

    def start(self, plan: CyclePlan, *, by: str, at: date | datetime | str) -> tuple[CyclePlanned, ...]:
        """Set the plan of the cycle; the same plan again is no new event.

        Raises:
            DataError: it is no plan, or another one was set.
            PeriodError: `at` is no day and no time with its offset.
        """
        if self._held.plan is not None and plan == self._held.plan:
            return ()
        event = CyclePlanned(plan=plan, by=by, at=at)
        state_after(self._held, event)
        return (event,)

    def take_snapshots(
        self,
        leads: Leads,
        *,
        on: date | str,
        by: str,
        at: date | datetime | str,
        of: Iterable[str] | None = None,
    ) -> tuple[SnapshotTaken, ...]:
        """Take a snapshot of who takes part on a day: of joiners, movers, leavers, and where superiors changed.

        Of whom nothing changed since the last snapshot, there is no new one.

        Args:
            leads: who works where, and who leads which unit.
            on: of which day.
            by: the code of who takes them.
            at: the day, or the time with its offset; not before `on`.
            of: codes of who is to take part; None is everybody with an assignment on that day. Who took part before is
                looked at in any case.

        Raises:
            DataError: the day is before that of the last snapshot, or to come; there is no plan, or a code of nobody.
            PeriodError: a day or time that is none.
        """
        must_be(leads, Leads, "leads", "pass a loanperf.alerts.Leads")
        as_of, staff = day(on), leads.organisation
        asked = staff.codes if of is None else each_of(of, str, "of", "pass a list of codes of payees")
        found = list[SnapshotTaken]()
        for payee in sorted({*asked, *self._held.participants}):
            held = staff.held_on(payee, as_of)
            one = self._held.participants.get(payee)
            if not held and (one is None or one.state is ParticipantState.LEFT):
                if of is not None and payee not in staff.codes:
                    fault = f"the organisation does not know {payee!r}"
                    raise DataError("the snapshots of a cycle", fault, "mend the code")
                continue
            last = one.snapshots[-1] if one is not None else None
            superiors = tuple(lead for level in leads.above(payee, as_of) for lead in level)
            unit, role = (held[0].unit, held[0].role) if held else ("", "")
            if not held and last is not None:
                unit, role, superiors = last.unit, last.role, last.superiors
            event = SnapshotTaken(
                payee=payee,
                unit=unit,
                role=role,
                superiors=superiors,
                as_of=as_of,
                is_there=bool(held),
                by=by,
                at=at,
            )
            if last is None or event.says() != last.says():
                state_after(self._held, event)
                found.append(event)
        return tuple(found)

    # ── commands: results ───────────────────────────────────────────────────────────────────────────────────

    def score(
        self, appraisals: Iterable[Appraisal], *, by: str, at: date | datetime | str, parts_of: Collection[str] = ()
    ) -> tuple[ResultScored, ...]:
        """Take in the scores of participants; what was taken in already is no new event.

        Another score than before, while the result is not published, takes its place, and calibration and approval of
        the earlier one no longer hold.

        Args:
            appraisals: one a participant, of the period of the plan.
            by: the code of who takes them in: a superior by the snapshot of `calibrates_as_of`, one of the panel, or
                one of the plan's `scorers`.
            at: the day, or the time with its offset; after the last day of what is appraised.
            parts_of: codes of participants who were there, or in the unit that decides, in a part of the period alone;
                their appraisal may be of that part, which the record says.

        Raises:
            DataError: an appraisal of nobody who takes part, of another period, of a part of it though `parts_of` does
                not name its participant, or with a grade that the plan does not name; two of one participant; one of
                who takes it in, of a result that is published, or of days to come; or somebody takes it in who may not.
        """
        found, seen = list[ResultScored](), set[str]()
        for appraisal in each_of(appraisals, Appraisal, "appraisals", "pass a list of lp.Appraisal"):
            one, period = self._held.participant(appraisal.payee), appraisal.card.period
            part = None if period == self.plan.period else period
            if part is not None and (isinstance(parts_of, str) or one.payee not in parts_of):
                fault = f"its appraisal is of {period}, and the cycle of {self.plan.period}"
                remedy = "pass that of the whole period, or name in parts_of who was there in a part of it"
                raise DataError(named(one.payee), fault, remedy)
            if one.payee in seen:
                raise DataError(named(one.payee), "there are two appraisals", "pass the one that decides")
            seen.add(one.payee)
            event = ResultScored(**self._said_by(appraisal), part=part, by=by, at=at)
            result = one.result
            if result is None or (result.appraisal, result.score) != (event.appraisal, event.score):
                found.append(self._new(event))
        return tuple(found)

    def calibrate(
        self,
        payee: str,
        *,
        why: str,
        by: str,
        at: date | datetime | str,
        grade: str = "",
        coefficient: Number | None = None,
    ) -> tuple[ResultCalibrated, ...]:
        """Change the grade or the coefficient of a result that is not published; the score stays.

        Args:
            payee: whose.
            why: the reason.
            by: the code of who does it: a superior by the snapshot of `calibrates_as_of`, or one of the panel.
            at: the day, or the time with its offset.
            grade: the code of the grade afterwards, where the plan calibrates grades.
            coefficient: that afterwards, where the plan calibrates coefficients.

        Raises:
            DataError: somebody calibrates themselves or is no superior; there is no score, or it is published; the plan
                calibrates something else, or nothing changes.
        """
        one = self._held.participant(payee)
        grades = self.plan.calibrates == "grade"
        result = one.result
        event = ResultCalibrated(
            payee=payee,
            grade_before=result.grade if grades and result is not None else "",
            grade=grade,
            coefficient_before=None if grades or result is None else result.coefficient,
            coefficient=coefficient,
            why=why,
            by=by,
            at=at,
        )
        last = self._held.last.get(payee)
        if isinstance(last, ResultCalibrated):
            again = evolve(
                event, at=last.at, grade_before=last.grade_before, coefficient_before=last.coefficient_before
            )
            if again == last:
                return ()
        return (self._new(event),)

    def approve(
        self, results: Iterable[CycleResult], *, by: str, at: date | datetime | str
    ) -> tuple[ResultApproved, ...]:
        """Approve results as they were seen; what was changed since is refused.

        Args:
            results: as `participants` shows them.
            by: the code of who approves: a superior by the snapshot of `publishes_as_of`, or one of the panel.
            at: the day, or the time with its offset.

        Raises:
            DataError: somebody approves their own or is no superior; a result is not waiting for approval, or is not
                what stands.
        """
        given = each_of(results, CycleResult, "results", "pass results of participants, as participants() shows them")
        return self._all(ResultApproved(payee=one.payee, result=one.hash, by=by, at=at) for one in given)

    def publish(self, payees: Iterable[str], *, by: str, at: date | datetime | str) -> tuple[ResultPublished, ...]:
        """Show results to their participants: those that are approved, or amended by an appeal.

        Args:
            payees: whose.
            by: the code of who publishes: a superior by the snapshot of `publishes_as_of`, or one of the panel.
            at: the day, or the time with its offset.

        Raises:
            DataError: somebody publishes their own or is no superior; or a result is not approved.
        """
        found = list[ResultPublished]()
        for payee in each_of(payees, str, "payees", "pass a list of codes of payees"):
            version, last = len(self._held.participant(payee).published) + 1, self._held.last.get(payee)
            if isinstance(last, ResultPublished) and last.by == by:
                continue
            found.append(self._new(ResultPublished(payee=payee, version=version, by=by, at=at)))
        return tuple(found)

    def acknowledge(
        self, payee: str, *, version: int, by: str, at: date | datetime | str
    ) -> tuple[ResultAcknowledged, ...]:
        """Confirm to have seen a published result; that is no consent, and an appeal stays possible.

        Args:
            payee: whose result.
            version: which publication was shown.
            by: the code of who says it, as the host knows them to be.
            at: the day, or the time with its offset.

        Raises:
            DataError: somebody else says it; nothing is published, or a later version is.
        """
        must_be_themselves(by, payee, named(payee))
        return self._all([ResultAcknowledged(payee=payee, version=version, at=at)])

    def note_interview(
        self, payee: str, text: str, *, by: str, at: date | datetime | str
    ) -> tuple[InterviewNoted, ...]:
        """Note what was said in the interview about a published result.

        Raises:
            DataError: it is no superior who notes it, nothing is published, or the text is empty.
        """
        return self._all([InterviewNoted(payee=payee, text=text, by=by, at=at)])

    # ── commands: appeals ───────────────────────────────────────────────────────────────────────────────────

    def appeal(self, payee: str, *, why: str, by: str, at: date | datetime | str) -> tuple[AppealOpened, ...]:
        """Appeal against one's published result, within the days that the plan gives.

        Raises:
            DataError: somebody else appeals; nothing is published, the days have passed, or there was an appeal.
        """
        must_be_themselves(by, payee, named(payee))
        return self._all([AppealOpened(payee=payee, why=why, at=at)])

    def withdraw(self, payee: str, *, by: str, at: date | datetime | str) -> tuple[AppealWithdrawn, ...]:
        """Take one's appeal back.

        Raises:
            DataError: somebody else does; there is none that waits for a decision.
        """
        must_be_themselves(by, payee, named(payee))
        return self._all([AppealWithdrawn(payee=payee, at=at)])

    def take_up(self, payee: str, *, by: str, at: date | datetime | str) -> tuple[AppealTakenUp, ...]:
        """Look into an appeal.

        Raises:
            DataError: the participant does, or no superior; there is none that waits for it.
        """
        return self._all([AppealTakenUp(payee=payee, by=by, at=at)])

    def reject(self, payee: str, *, why: str, by: str, at: date | datetime | str) -> tuple[AppealRejected, ...]:
        """Reject an appeal that was taken up.

        Raises:
            DataError: the participant does, no superior, or one who scored or calibrated the result where the plan asks
                for another; there is no reason, or no appeal that was taken up.
        """
        return self._all([AppealRejected(payee=payee, why=why, by=by, at=at)])

    def uphold(
        self,
        payee: str,
        *,
        why: str,
        by: str,
        at: date | datetime | str,
        appraisal: Appraisal | None = None,
        grade: str = "",
        coefficient: Number | None = None,
    ) -> tuple[AppealUpheld, ...]:
        """Uphold an appeal that was taken up, with the new result, which is then published without another approval.

        Args:
            payee: whose.
            why: the reason.
            by: the code of who decides.
            at: the day, or the time with its offset.
            appraisal: worked anew; what was calibrated before no longer holds. None where the appraisal stays.
            grade: the grade afterwards, where the appraisal stays and the plan lets appeals recalibrate grades.
            coefficient: that afterwards, where the appraisal stays and the plan lets appeals recalibrate coefficients.

        Raises:
            DataError: the participant decides, no superior, or one who scored or calibrated the result where the plan
                asks for another; nothing changes, or the plan does not allow it; there is no appeal that was taken up.
        """
        one = self._held.participant(payee)
        if appraisal is not None:
            must_be(appraisal, Appraisal, "appraisal", "pass a lp.Appraisal, or a grade or coefficient")
            if grade or coefficient is not None or appraisal.payee != payee:
                fault = "there is a grade or coefficient beside the appraisal, or it is of somebody else"
                raise DataError(f"the appeal of {payee}", fault, "pass their appraisal alone")
            said = self._said_by(appraisal)
        elif one.published and one.result is not None:
            result = one.result
            said = {"payee": payee, "score": result.score, "grade": grade or result.grade}
            said |= {"coefficient": result.coefficient if coefficient is None else coefficient}
            said |= {"appraisal": result.appraisal}
        else:
            raise DataError(f"the appeal of {payee}", "there is none", "let its participant open it first")
        return self._all([AppealUpheld(**said, why=why, by=by, at=at)])

    def _said_by(self, appraisal: Appraisal) -> dict[str, Any]:
        """What an event takes of an appraisal."""
        grade = appraisal.grade
        with_coefficient = self.plan.calibrates == "coefficient" and grade is not None
        return {
            "payee": appraisal.payee,
            "score": appraisal.score,
            "grade": "" if grade is None else grade.code,
            "coefficient": grade.coefficient if grade is not None and with_coefficient else None,
            "appraisal": appraisal_hash(appraisal),
        }

    def _all(self, events: Iterable[_Event]) -> tuple[_Event, ...]:
        """The events of those that were not just said."""
        return tuple(self._new(event) for event in events if not self._is_said(event))

    def _is_said(self, event: OfParticipant) -> bool:
        """Whether the last that was said of a participant is the same, whenever it was."""
        last = self._held.last.get(event.payee)
        return type(last) is type(event) and evolve(event, at=last.at) == last

    def _new(self, event: _Event) -> _Event:
        state_after(self._held, event)
        return event


def _shown(one: CycleParticipant, viewer: Viewer) -> CycleParticipant:
    return as_seen_by_themselves(one) if is_same_person(viewer.who, one.payee) else one


def _in_force(last: ResultCalibrated, period: Period) -> Calibrated:
    said: dict[str, Any] = {"grade": last.grade} if last.coefficient is None else {"coefficient": last.coefficient}
    return Calibrated(payee=last.payee, period=period, by=last.by, why=last.why, at=last.at, **said)
