"""Reviews: (records of a cycle) -> how each review stands; commands give the events to append, or refuse.

The stream is `<scheme>/reviews/<period>`. State is replay, and a command asks the same rules as the replay does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TypeAlias

from attrs import evolve, field, frozen

from loanperf._data import PlainData
from loanperf._indicators import Reading
from loanperf._periods import Period, must_be_period
from loanperf._streams import Stream, day_of_event, moment, own
from loanperf._validators import is_same_person, must_be, must_be_themselves
from loanperf.alerts import Leads
from loanperf.errors import DataError, RightsError, shown
from loanperf.reviews._circle import outside
from loanperf.reviews._events import (
    KINDS,
    Declined,
    Invited,
    ReviewEvent,
    ReviewNote,
    ReviewsClosed,
    ReviewsPlanned,
    Submitted,
    Withdrawn,
)
from loanperf.reviews._moves import ReviewState
from loanperf.reviews._plan import ReviewPlan
from loanperf.reviews._results import ReviewResult, result_of
from loanperf.reviews._rules import ReviewSeat, ReviewsHeld, applied, must_not_be_ratee, named, state_after
from loanperf.viewer import Viewer, must_be_viewer

Answered: TypeAlias = Declined | Submitted | Withdrawn
_ANSWERS: tuple[type, ...] = (Declined, Submitted, Withdrawn)
_STREAM = Stream("reviews", KINDS, applied)


def reviews_stream(scheme: str, period: Period) -> str:
    """The name of the stream that keeps the reviews of a period, in the store of the scheme's ledger.

    Raises:
        PeriodError: `period` is no period.

    >>> reviews_stream("branch pay", Period.month(2026, 6))
    'branch pay/reviews/2026-06'
    """
    must_be_period(period)
    return f"{scheme}/reviews/{period}"


@frozen(kw_only=True)
class Reminder(PlainData):
    """What a rater is reminded of: whose reviews are waiting for them."""

    rater: str
    ratees: tuple[str, ...]
    """In order of code."""
    days_left: int
    """Days to the deadline; 0 on its day."""


@frozen(kw_only=True)
class Reviews:
    """How a cycle of reviews stands, replayed from its records.

    Each command checks what is asked and gives the events to append, none where they are there already; it changes
    nothing. Append `lines(events)` at `expected=records`, so that of two who act at once one reads anew.

    >>> Reviews.of([]).records
    0
    """

    records: int = 0
    """How many records the stream has: the `expected` of what is appended next."""
    _held: ReviewsHeld = field(factory=ReviewsHeld, repr=False)

    @classmethod
    def of(cls, records: Iterable[str]) -> Reviews:
        """What the records of a stream say, from the first on.

        Raises:
            DataError: a record is none of its kinds, is missing, is of a newer version, or says what cannot be.
        """
        held, count = _STREAM.read(records, ReviewsHeld())
        return cls(records=count, held=held)

    def after(self, events: Iterable[ReviewEvent]) -> Reviews:
        """How it stands once events are appended.

        Raises:
            DataError: one of them cannot be.
        """
        held, count = _STREAM.add(events, own(self._held), self.records)
        return evolve(self, records=count, held=held)

    def lines(self, events: Iterable[ReviewEvent]) -> list[str]:
        """The records to append for events."""
        return _STREAM.lines(events, self.records)

    @property
    def plan(self) -> ReviewPlan:
        """The plan of the cycle.

        Raises:
            DataError: none was set.
        """
        return self._held.planned()

    @property
    def closed_on(self) -> date | None:
        """The day on which the cycle was closed; None while it is open."""
        return self._held.closed_on

    @property
    def ratees(self) -> tuple[str, ...]:
        """Everybody for whom a rater was ever invited, in order of code."""
        return tuple(sorted(self._held.seats))

    # ── what is shown ───────────────────────────────────────────────────────────────────────────────────────

    def seen_by(self, viewer: Viewer) -> tuple[ReviewSeat, ...]:
        """The reviews that a viewer may know of, in order of ratee and rater.

        Raters see their own. Who sees everybody sees of all others how they stand, and never what they say; nobody
        sees who rates them in an anonymous category, or whether they did.

        Raises:
            DataError: it is no viewer.
        """
        must_be_viewer(viewer)
        if viewer.sees != "all":
            own = (seats[viewer.who] for _, seats in sorted(self._held.seats.items()) if viewer.who in seats)
            return tuple(own)
        found = list[ReviewSeat]()
        for _, seats in sorted(self._held.seats.items()):
            for rater, seat in sorted(seats.items()):
                if rater == viewer.who:
                    found.append(seat)
                elif not (is_same_person(seat.ratee, viewer.who) and self.plan.category(seat.category).anonymous):
                    found.append(evolve(seat, review=None))
        return tuple(found)

    def notes_of(self, viewer: Viewer) -> Mapping[int, ReviewNote]:
        """The notes that a viewer wrote, by number of their record; nobody reads another's.

        Raises:
            DataError: it is no viewer.
        """
        must_be_viewer(viewer)
        return {number: note for number, note in self._held.notes.items() if note.by == viewer.who}

    def result(self, ratee: str, viewer: Viewer) -> ReviewResult:
        """What the reviews of somebody come to, once the cycle is closed.

        Raises:
            RightsError: the viewer may not see the ratee.
            DataError: the cycle is not closed, or nobody was invited to review them; or it is no viewer.
        """
        must_be_viewer(viewer)
        viewer.must_see(ratee)
        where = f"the reviews of {ratee} for {self.plan.period}"
        if self.closed_on is None:
            raise DataError(where, "the cycle is not closed", "close it first; until then nobody sees a result")
        if ratee not in self._held.seats:
            raise DataError(where, "nobody was invited to give one", "mend the code")
        seats = (seat for _, seat in sorted(self._held.seats[ratee].items()) if seat.state is ReviewState.COUNTED)
        counted = [seat.review for seat in seats if seat.review is not None]
        return result_of(self.plan, ratee, counted, self._held.notes)

    def results(self, viewer: Viewer) -> tuple[ReviewResult, ...]:
        """What the reviews of everybody whom a viewer may see come to, in order of code.

        Raises:
            DataError: the cycle is not closed, or it is no viewer.
        """
        must_be_viewer(viewer)
        return tuple(self.result(ratee, viewer) for ratee in self.ratees if viewer.may_see(ratee))

    def readings(self, viewer: Viewer) -> tuple[Reading, ...]:
        """The whole scores as readings of the plan's indicator, in points, of those who have one.

        Who has none has no reading: what a missing reading means is said by the scheme.

        Raises:
            DataError: the cycle is not closed, or it is no viewer.
        """
        found = (result.reading for result in self.results(viewer))
        return tuple(reading for reading in found if reading is not None)

    def reminders(self, on: date) -> tuple[Reminder, ...]:
        """Whom to remind on a day, and of whom, in order of rater; nobody on days that the plan does not name."""
        if self._held.plan is None or self.closed_on is not None or not self.plan.reminds_on(on):
            return ()
        waiting = dict[str, list[str]]()
        for ratee, seats in sorted(self._held.seats.items()):
            for rater, seat in seats.items():
                if seat.state is ReviewState.INVITED:
                    waiting.setdefault(rater, []).append(ratee)
        left = (self.plan.deadline - on).days
        return tuple(
            Reminder(rater=rater, ratees=tuple(ratees), days_left=left) for rater, ratees in sorted(waiting.items())
        )

    # ── commands ────────────────────────────────────────────────────────────────────────────────────────────

    def start(self, plan: ReviewPlan, *, by: str, at: date | datetime | str) -> tuple[ReviewsPlanned, ...]:
        """Set the plan of the cycle; the same plan again is no new event.

        Raises:
            DataError: it is no plan, or another one was set.
            PeriodError: `at` is no day and no time with its offset.
        """
        if self._held.plan is not None and plan == self._held.plan:
            return ()
        event = ReviewsPlanned(plan=plan, by=by, at=at)
        state_after(self._held, event)
        return (event,)

    def invite(self, invited: Invited, *, leads: Leads) -> tuple[Invited, ...]:
        """Ask a rater to review somebody in a category.

        Args:
            invited: whom, about whom, in which category, by whom and when.
            leads: who works where and leads which unit; the relation of the category is checked by it on that day.

        Raises:
            DataError: the rater is not what the category asks for, was invited already, or is invited by the ratee or
                by themselves; the day is outside the plan; or the cycle is closed.
        """
        must_be(invited, Invited, "the invitation", "pass a loanperf.reviews.Invited")
        must_be(leads, Leads, "leads", "pass a loanperf.alerts.Leads")
        state_after(self._held, invited)
        category = self.plan.category(invited.category)
        fault = outside(category.relation, invited.ratee, invited.rater, leads, day_of_event(invited))
        if fault:
            where = f"the invitation of {invited.rater} to review {invited.ratee}"
            fault = f"as {category.code} it takes {category.relation}, and {fault}"
            raise DataError(where, fault, "invite them in the category to which they belong, or somebody else")
        return (invited,)

    def answer(
        self, event: Declined | Submitted | Withdrawn, *, by: str
    ) -> tuple[Declined | Submitted | Withdrawn, ...]:
        """Give, decline or take back a review; the same review again is no new event.

        Args:
            event: what its rater says.
            by: the code of who says it, as the host knows them to be.

        Raises:
            DataError: somebody else than its rater says it, or in another category than the rater was invited in; the
                rater was not invited, or gave one already; an item has no mark, or one off its scale; a note is cited
                that the rater did not write about the ratee; the deadline has passed, or the cycle is closed.
        """
        if not isinstance(event, _ANSWERS):
            remedy = "pass a Declined, Submitted or Withdrawn of loanperf.reviews"
            raise DataError("the answer of a rater", f"it is {shown(event)}", remedy)
        must_be_themselves(by, event.rater, named(event))
        seat = self._held.seat(event.ratee, event.rater)
        given = None if seat is None or self.closed_on is not None else seat.review
        if isinstance(event, Submitted) and given is not None and evolve(event, at=given.at) == given:
            return ()
        state_after(self._held, event)
        return (event,)

    def note(self, note: ReviewNote, *, by: str) -> tuple[ReviewNote, ...]:
        """Note something about a person in the course of the period.

        Args:
            note: about whom, by whom, and what.
            by: the code of who writes it, as the host knows them to be.

        Raises:
            DataError: it would be in another's name, or the cycle is closed.
        """
        must_be(note, ReviewNote, "the note", "pass a loanperf.reviews.ReviewNote")
        must_be_themselves(by, note.by, f"the note about {note.about}")
        state_after(self._held, note)
        return (note,)

    def close(self, *, viewer: Viewer, at: date | datetime | str) -> tuple[ReviewsClosed, ...]:
        """Close the cycle: after its deadline, or before where no invited rater is waiting; twice is no new event.

        Args:
            viewer: who closes it; they have to see everybody, since to be refused tells that somebody has not answered.
            at: the day, or the time with its offset.

        Raises:
            RightsError: the viewer does not see everybody.
            DataError: the viewer is reviewed in the cycle; the deadline has not passed, and a review is waiting, or
                nobody but the ratee was asked about one of them; or there is no plan.
            PeriodError: `at` is no day and no time with its offset.
        """
        must_be_viewer(viewer)
        if viewer.sees != "all":
            raise RightsError(viewer.who, "close reviews", "let somebody close them who sees everybody")
        must_not_be_ratee(self._held, viewer.who)
        if self.closed_on is not None:
            return ()
        event = ReviewsClosed(by=viewer.who, at=moment(at))
        state_after(self._held, event)
        return (event,)
