"""Learning: (records of feedback on a scheme) -> what was said and proposed; commands give the events to append.

The stream is `<scheme>/feedback/<period>`. State is replay, and a command asks the same rules as the replay does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from attrs import evolve, field, frozen

from loanperf._data import PlainData
from loanperf._ledger import Ledger, must_be_ledger
from loanperf._org import Organisation
from loanperf._periods import Period, must_be_period
from loanperf._scheme import SchemeBook
from loanperf._streams import Stream, day_of_event, own
from loanperf._validators import has_words, is_same_person, must_be, must_be_storable, must_be_themselves
from loanperf.errors import DataError, RightsError, VersionError
from loanperf.learning._counts import (
    OTHERS,
    FeedbackCount,
    SurveyShare,
    counts_by_unit,
    in_large_groups,
    shares_by_unit,
)
from loanperf.learning._events import (
    KINDS,
    ChangeApproved,
    ChangeConsulted,
    ChangeNoticed,
    ChangeRecalled,
    ChangeRejected,
    ConsultedWhom,
    FeedbackAnswered,
    FeedbackClosed,
    FeedbackGiven,
    FeedbackSays,
    FeedbackWithdrawn,
    LearningEvent,
    LearningPlanned,
    SchemeProposed,
    SurveyAnswered,
    text_hash,
)
from loanperf.learning._moves import FeedbackState, ProposalState
from loanperf.learning._plan import LearningPlan
from loanperf.learning._rules import LearningHeld, ProposalStanding, applied, state_after
from loanperf.viewer import Viewer, must_be_viewer

_STREAM = Stream("feedback on the scheme", KINDS, applied)


def feedback_stream(scheme: str, period: Period) -> str:
    """The name of the stream that keeps the feedback of a period, in the store of the scheme's ledger.

    Raises:
        PeriodError: `period` is no period.

    >>> feedback_stream("branch pay", Period.month(2026, 6))
    'branch pay/feedback/2026-06'
    """
    must_be_period(period)
    return f"{scheme}/feedback/{period}"


@frozen(kw_only=True)
class FeedbackSeen(PlainData):
    """One piece of feedback, as a viewer may see it: never by whom, unless it is their own."""

    number: int
    """The number of its record."""
    about: str
    """The code of an indicator, or `scheme`."""
    says: FeedbackSays
    text: str
    state: FeedbackState
    answers: tuple[str, ...]
    """The texts of the answers, in order."""
    proposals: tuple[str, ...]
    """Codes of the proposals that take it up."""
    own: bool
    """Whether the viewer gave it."""


@frozen(kw_only=True)
class Learning:
    """What was said of a scheme in a period and what was proposed, replayed from the records.

    Each command checks what is asked and gives the events to append, none where they are there already; it changes
    nothing. Append `lines(events)` at `expected=records`, so that of two who act at once one reads anew.

    >>> Learning.of([]).records
    0
    """

    records: int = 0
    """How many records the stream has: the `expected` of what is appended next."""
    _held: LearningHeld = field(factory=LearningHeld, repr=False)

    @classmethod
    def of(cls, records: Iterable[str]) -> Learning:
        """What the records of a stream say, from the first on.

        Raises:
            DataError: a record is none of its kinds, is missing, is of a newer version, or says what cannot be.
        """
        held, count = _STREAM.read(records, LearningHeld())
        return cls(records=count, held=held)

    def after(self, events: Iterable[LearningEvent]) -> Learning:
        """How it stands once events are appended.

        Raises:
            DataError: one of them cannot be.
        """
        held, count = _STREAM.add(events, own(self._held), self.records)
        return evolve(self, records=count, held=held)

    def lines(self, events: Iterable[LearningEvent]) -> list[str]:
        """The records to append for events."""
        return _STREAM.lines(events, self.records)

    @property
    def plan(self) -> LearningPlan:
        """The plan.

        Raises:
            DataError: none was set.
        """
        return self._held.planned()

    @property
    def closed_on(self) -> date | None:
        """The day on which feedback was closed; None while it is open."""
        return self._held.closed_on

    @property
    def proposals(self) -> Mapping[str, ProposalStanding]:
        """How each proposal stands, by code, in the order in which they were made."""
        return {**self._held.proposals}

    def proposal(self, code: str) -> ProposalStanding:
        """How a proposal stands.

        Raises:
            DataError: nobody made one of that code.
        """
        return self._held.proposal(code)

    # ── what is shown ───────────────────────────────────────────────────────────────────────────────────────

    def seen_by(self, viewer: Viewer) -> tuple[FeedbackSeen, ...]:
        """The feedback that a viewer may read, in the order in which it was given.

        Everybody reads their own. Who sees everybody reads, once feedback is closed, what others say in the groups
        that `counts` shows, and never by whom or from which unit it is. What a group says that is too small is read by
        nobody else: beside the counts it would tell who said it; so would a list that grows while feedback is open.

        Raises:
            DataError: it is no viewer.
        """
        must_be_viewer(viewer)
        found, others = list[FeedbackSeen](), self._read_by(viewer)
        for number, one in sorted(self._held.feedback.items()):
            own = is_same_person(one.given.by, viewer.who)
            if own or number in others:
                found.append(
                    FeedbackSeen(
                        number=number,
                        about=one.given.about,
                        says=one.given.says,
                        text=one.given.text,
                        state=one.state,
                        answers=one.answers,
                        proposals=one.proposals,
                        own=own,
                    )
                )
        return tuple(found)

    def _read_by(self, viewer: Viewer) -> set[int]:
        """The numbers of the feedback that a viewer reads whoever gave it."""
        if viewer.sees != "all" or self.closed_on is None:
            return set()
        return in_large_groups(self.plan, self._standing())

    def _standing(self) -> dict[int, FeedbackGiven]:
        """The feedback that was not withdrawn, by number."""
        held = self._held.feedback.items()
        return {number: one.given for number, one in held if one.state is not FeedbackState.WITHDRAWN}

    def counts(self, viewer: Viewer, organisation: Organisation) -> tuple[FeedbackCount, ...]:
        """How many people say what of which indicator, by unit, once feedback is closed.

        A group of fewer people than the plan's smallest one is left out, and nothing that is shown depends on it.

        Args:
            viewer: sees the units all of whose members they may see; the people of small units together are shown to
                who sees everybody.
            organisation: who is a member of which unit, on the last day of feedback.

        Raises:
            DataError: feedback is not closed; it is no viewer or no organisation.
        """
        self._must_be_closed()
        found = counts_by_unit(self.plan, self._standing().values())
        return tuple(one for one in found if self._may_see(viewer, organisation, one.unit))

    def satisfaction(self, viewer: Viewer, organisation: Organisation) -> tuple[SurveyShare, ...]:
        """How many people are satisfied, by item and unit, once feedback is closed; small groups as in `counts`.

        Raises:
            DataError: feedback is not closed; it is no viewer or no organisation.
        """
        self._must_be_closed()
        found = shares_by_unit(self.plan, self._held.survey)
        return tuple(one for one in found if self._may_see(viewer, organisation, one.unit))

    def _must_be_closed(self) -> None:
        if self.closed_on is None:
            fault = "it is not closed, and a count that grows would tell who spoke last"
            raise DataError(f"feedback on {self.plan.period}", fault, "close it first")

    def _may_see(self, viewer: Viewer, organisation: Organisation, unit: str) -> bool:
        """Whether a viewer sees a unit; by its members, never by who said something."""
        must_be_viewer(viewer)
        must_be(organisation, Organisation, "the organisation", "pass lp.Organisation(units=..., assignments=...)")
        if viewer.sees == "all":
            return True
        on = self.plan.closes
        members = [held.payee for held in organisation.assignments if held.unit == unit and held.holds_on(on)]
        return unit != OTHERS and bool(members) and all(map(viewer.may_see, members))

    # ── feedback and survey ─────────────────────────────────────────────────────────────────────────────────

    def start(self, plan: LearningPlan, *, by: str, at: date | datetime | str) -> tuple[LearningPlanned, ...]:
        """Set the plan; the same plan again is no new event.

        Raises:
            DataError: it is no plan, or another one was set.
            PeriodError: `at` is no day and no time with its offset.
        """
        if self._held.plan is not None and plan == self._held.plan:
            return ()
        return self._checked(LearningPlanned(plan=plan, by=by, at=at))

    def give(self, given: FeedbackGiven, *, by: str, organisation: Organisation) -> tuple[FeedbackGiven, ...]:
        """Give feedback.

        Args:
            given: about what, and what it says.
            by: the code of who says it, as the host knows them to be.
            organisation: who works where; the unit is checked against it.

        Raises:
            DataError: it would be in another's name, of an indicator that the plan does not have, or from a unit in
                which its payee's primary assignment is not on that day; the day is outside the plan; or feedback is
                closed.
        """
        must_be(given, FeedbackGiven, "the feedback", "pass a loanperf.learning.FeedbackGiven")
        self._must_be_own(given, by, organisation)
        return self._checked(given)

    def answer_survey(
        self, answer: SurveyAnswered, *, by: str, organisation: Organisation
    ) -> tuple[SurveyAnswered, ...]:
        """Answer the survey; arguments as of `give`.

        Raises:
            DataError: as `give`; or the person has answered it, an item has no mark or one off its scale.
        """
        must_be(answer, SurveyAnswered, "the answer", "pass a loanperf.learning.SurveyAnswered")
        self._must_be_own(answer, by, organisation)
        return self._checked(answer)

    def _must_be_own(self, said: FeedbackGiven | SurveyAnswered, by: str, organisation: Organisation) -> None:
        must_be(organisation, Organisation, "the organisation", "pass lp.Organisation(units=..., assignments=...)")
        where, on = f"what {said.by} says of the scheme", day_of_event(said)
        must_be_themselves(by, said.by, where)
        held = organisation.held_on(said.by, on)
        if not held or held[0].unit != said.unit:
            unit = held[0].unit if held else "none"
            raise DataError(where, f"it is from the unit {said.unit}, and theirs on {on} is {unit}", "name that unit")

    def withdraw(self, feedback: int, *, by: str, at: date | datetime | str) -> tuple[FeedbackWithdrawn, ...]:
        """Take feedback back, until feedback is closed.

        Raises:
            DataError: `by` gave none of that number, it was answered or taken up, or feedback is closed.
        """
        return self._checked(FeedbackWithdrawn(feedback=feedback, by=by, at=at))

    def answer(
        self, feedback: int, text: str, *, viewer: Viewer, at: date | datetime | str
    ) -> tuple[FeedbackAnswered, ...]:
        """Answer feedback in words, once it is closed.

        Args:
            feedback: the number of its record, as `seen_by` shows it to who answers.
            text: the answer; who gave the feedback reads it.
            viewer: who answers; they have to see everybody.
            at: the day or time.

        Raises:
            RightsError: the viewer does not see everybody.
            DataError: the viewer reads none of that number, whether there is one or not.
        """
        must_be_viewer(viewer)
        if viewer.sees != "all":
            raise RightsError(viewer.who, "answer feedback", "let somebody answer who sees everybody")
        event = FeedbackAnswered(feedback=feedback, by=viewer.who, text=text, at=at)
        if feedback not in self._read_by(viewer):
            fault = f"{viewer.who} reads none of that number"
            raise DataError(f"feedback {feedback}", fault, "close feedback first, and answer what seen_by shows")
        return self._checked(event)

    def close(self, *, by: str, at: date | datetime | str) -> tuple[FeedbackClosed, ...]:
        """Close feedback and survey after their last day; twice is no new event.

        Raises:
            DataError: their last day has not passed, or there is no plan.
            PeriodError: `at` is no day and no time with its offset.
        """
        return () if self.closed_on is not None else self._checked(FeedbackClosed(by=by, at=at))

    # ── proposals ───────────────────────────────────────────────────────────────────────────────────────────

    def propose(self, proposed: SchemeProposed, *, book: SchemeBook) -> tuple[SchemeProposed, ...]:
        """Propose a new version of the scheme; the same again is no new event.

        Args:
            proposed: the proposal, such as `SchemeProposed.of(old, new, ...)` gives.
            book: the versions of the scheme; what is proposed has to fit into it.

        Raises:
            DataError: it was made otherwise before, changes another version than the one in force on the day before
                its effective date, holds from a day that is not after that of the proposal, or takes up feedback that
                does not stand; its document is another version than it says.
            SchemeError: its document cannot be read.
            VersionError: it does not fit into the book.
        """
        must_be(proposed, SchemeProposed, "the proposal", "pass loanperf.learning.SchemeProposed.of(old, new, ...)")
        known = self._held.proposals.get(proposed.code)
        if known is not None and known.proposed == proposed:
            return ()
        found = self._checked(proposed)
        _must_fit(proposed, book, day_of_event(proposed))
        return found

    def consult(
        self,
        proposal: str,
        *,
        whom: ConsultedWhom,
        people: int,
        how: str,
        on: date | str,
        said: str = "",
        by: str,
        at: date | datetime | str,
    ) -> tuple[ChangeConsulted, ...]:
        """Record that a proposal was discussed with employees or their representatives; see `ChangeConsulted`.

        Raises:
            DataError: there is no such proposal, it was decided, or the day is before it was made or to come.
        """
        return self._checked(
            ChangeConsulted(proposal=proposal, whom=whom, people=people, how=how, on=on, said=said, by=by, at=at)
        )

    def notify(
        self, proposal: str, *, text: str, how: str, on: date | str, by: str, at: date | datetime | str
    ) -> tuple[ChangeNoticed, ...]:
        """Record that a proposal was made known to employees.

        Args:
            proposal: its code.
            text: of the notice; its hash is kept, and the host keeps the text.
            how: where or by what it was made known.
            on: the first day of the notice.
            by: the code of who records it.
            at: the day or time of the record.

        Raises:
            DataError: there is no such proposal, it was decided, the text is empty, or the day is before it was made
                or to come.
        """
        must_be_storable("the text of the notice", text)
        if not has_words(text):
            raise DataError("the text of the notice", "it is empty", "pass the text that was made known")
        version = self._held.proposal(proposal).proposed.version
        return self._checked(
            ChangeNoticed(proposal=proposal, version=version, text_hash=text_hash(text), how=how, on=on, by=by, at=at)
        )

    def approve(
        self, proposal: str, *, book: SchemeBook, ledger: Ledger, by: str, at: date | datetime | str
    ) -> tuple[ChangeApproved, ...]:
        """Approve a proposal; `approved_book` then has it as a version.

        Args:
            proposal: its code.
            book: the versions of the scheme as they are now.
            ledger: of the scheme; its closed periods keep the version by which they were paid.
            by: the code of who decides.
            at: the day or time.

        Raises:
            DataError: the plan names who approves, and it is somebody else; its proposer would approve it, and the plan
                asks for another; a consultation or a notice that the plan asks for is not recorded; the notice is too
                short; the effective date has come, or is in a closed period or before the end of one; another version
                came in force meanwhile.
            VersionError: it does not fit into the book.
        """
        must_be_ledger(ledger)
        now = self._held.proposal(proposal).proposed
        event = ChangeApproved(proposal=proposal, version=now.version, by=by, at=at)
        found = self._checked(event)
        for period in sorted(ledger.closed, key=lambda one: one.start):
            if now.effective < period.end:
                fault = f"it would hold from {now.effective}, and {period} is closed"
                remedy = f"make another proposal that holds from {period.end} or later"
                raise DataError(f"the proposal {proposal}", fault, remedy)
        _must_fit(now, book, day_of_event(event))
        return found

    def reject(self, proposal: str, *, why: str, by: str, at: date | datetime | str) -> tuple[ChangeRejected, ...]:
        """Decide against a proposal.

        Raises:
            DataError: there is no such proposal, it was decided, or the plan names others to decide.
        """
        return self._checked(ChangeRejected(proposal=proposal, why=why, by=by, at=at))

    def recall(self, proposal: str, *, by: str, at: date | datetime | str) -> tuple[ChangeRecalled, ...]:
        """Take a proposal back.

        Raises:
            DataError: there is no such proposal, it was decided, or somebody else made it.
        """
        return self._checked(ChangeRecalled(proposal=proposal, by=by, at=at))

    def approved_book(self, book: SchemeBook) -> SchemeBook:
        """A book with every version that was approved here, as of the day of its approval.

        Raises:
            VersionError: one of them does not fit into the book.
        """
        for one in self._held.proposals.values():
            if one.state is ProposalState.APPROVED:
                book = book.publish(one.proposed.scheme, as_of=one.since)
        return book

    def _checked(self, event: Any) -> tuple[Any, ...]:
        state_after(self._held, event)
        return (event,)


def _must_fit(proposed: SchemeProposed, book: SchemeBook, on: date) -> None:
    """Refuse what is not the next version of a book."""
    must_be(book, SchemeBook, "the book", "pass lp.SchemeBook([...]) with the versions of the scheme")
    scheme, where = proposed.scheme, f"the proposal {proposed.code}"
    before = [one for one in book.versions if one.effective < proposed.effective]
    if not before or before[-1].fingerprint != proposed.base:
        found = before[-1].fingerprint if before else "none"
        fault = f"it changes version {proposed.base}, and {found} would be in force before it"
        raise DataError(where, fault, "propose a change of the version that stands in the book now")
    later = [one for one in book.versions if one.effective >= proposed.effective and one != scheme]
    if later:
        fault = f"a version from {later[0].effective} stands in the book"
        raise VersionError(scheme.name, fault, "propose a change of that version, or take it out first")
    book.publish(scheme, as_of=on)
