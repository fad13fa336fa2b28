"""Reviews by a machine: random people do random things at random times, beside a plain model that knows the rules."""

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Literal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.test_reviews import LEADS, PLAN, invited, review

import loanperf as lp
from loanperf.reviews import Declined, ReviewNote, Reviews, Withdrawn
from loanperf.viewer import Viewer

OFFICERS = ("lin", "wu", "he", "gao", "tang")
BOSS = {**dict.fromkeys(OFFICERS, "zhou"), "zhou": "chen", "fang": "chen"}
"""Who leads whom in the bank of the plain tests."""
WEIGHTS = {"boss": 50, "peers": 30, "up": 10, "self": 10}
LEAST = {"boss": 1, "peers": 3, "up": 2, "self": 1}


def belongs(ratee: str, rater: str, code: str) -> bool:
    """Whether a rater is what a category asks, as one would read it off the chart of the bank."""
    found = {
        "self": ratee == rater,
        "boss": BOSS.get(ratee) == rater,
        "peers": ratee != rater and ratee in OFFICERS and rater in OFFICERS,
        "up": BOSS.get(rater) == ratee,
    }
    return found.get(code, False)


PEOPLE = st.sampled_from([*OFFICERS, "zhou", "chen", "fang", "hr"])
RATEES = st.sampled_from(["lin", "zhou"])
DAYS = st.sampled_from([-1, 0, 0, 1, 1, 2])
MARKS = st.sampled_from([0, 1, 2, 3, 4, 5, 3, 4, 5])
CHART = [
    (ratee, rater, code, "hr")
    for ratee in ("lin", "zhou")
    for rater in (*OFFICERS, "zhou", "chen", "fang")
    for code in WEIGHTS
    if belongs(ratee, rater, code)
]
"""Who reviews whom in which category, by the chart; the head office invites, and raters speak for themselves."""
FITTING = st.sampled_from(CHART)
ANY = st.tuples(RATEES, PEOPLE, st.sampled_from([*WEIGHTS, "friends"]), PEOPLE)
NOBODY = ("", "absent", date.min, (0, 0))


class Model:
    """What was allowed so far: by ratee and rater the category, how it stands, since when, and the marks."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], tuple[str, str, date, tuple[int, int]]] = {}
        self.closed = False

    def score(self, ratee: str) -> Fraction | None:
        """The whole score, by lists and sums."""
        given: dict[str, list[int]] = {code: [] for code in WEIGHTS}
        for (whose, _), (code, state, _, (service, risk)) in self.held.items():
            if whose == ratee and state == "submitted":
                given[code].append(60 * service + 40 * risk)
        weights = {**WEIGHTS}
        if len(given["up"]) < LEAST["up"]:
            given["peers"] += given.pop("up")
            weights["peers"] += weights.pop("up")
        full = {code: marks for code, marks in given.items() if len(marks) >= LEAST[code]}
        if not full:
            return None
        total = sum(weights[code] for code in full)
        parts = (Fraction(weights[code] * sum(marks), len(marks) * 5 * total) for code, marks in full.items())
        return sum(parts, Fraction(0))


class ReviewsMachine(RuleBasedStateMachine):
    """A cycle of reviews, its records, and the model."""

    def __init__(self) -> None:
        super().__init__()
        self.known, self.model, self.lines = Reviews(), Model(), list[str]()
        self.today = date(2026, 7, 1)

    def does(self, command: Callable[[], tuple[Any, ...]], *, allowed: bool) -> bool:
        """Hold a command to what the model allows, and keep its events; whether there were any."""
        if not allowed:
            with pytest.raises(lp.errors.LoanPerfError):
                command()
            return False
        events = command()
        self.lines += self.known.lines(events)
        self.known = self.known.after(events)
        return bool(events)

    @property
    def is_open(self) -> bool:
        """Whether raters may answer today."""
        return not self.model.closed and self.today <= PLAN.deadline

    @initialize(whose=st.sampled_from([(), ("lin",), ("zhou",), ("lin", "zhou")]))
    def planned(self, whose: tuple[str, ...]) -> None:
        """The plan is the first record; in most runs whole circles of raters are invited at once."""
        self.does(lambda: self.known.start(PLAN, by="hr", at="2026-06-01"), allowed=True)
        for asks in CHART:
            if asks[0] in whose:
                self.invite(*asks)

    @rule(days=DAYS)
    def time_passes(self, days: int) -> None:
        """Mostly forwards; some clocks run behind."""
        self.today += timedelta(days)

    @rule(asks=st.one_of(FITTING, ANY))
    def invites(self, asks: tuple[str, str, str, str]) -> None:
        """Half of them as the chart of the bank has it."""
        self.invite(*asks)

    def invite(self, ratee: str, rater: str, code: str, by: str) -> None:
        """Somebody asks a rater to review somebody."""
        _, state, since, _ = self.model.held.get((ratee, rater), NOBODY)
        may = by not in (ratee, rater) or ratee == rater
        fits = belongs(ratee, rater, code) and state in ("absent", "declined") and since <= self.today
        allowed = self.is_open and self.today >= PLAN.opens and may and fits
        one = invited(rater, code, ratee, by=by, at=self.today)
        if self.does(lambda: self.known.invite(one, leads=LEADS), allowed=allowed):
            self.model.held[ratee, rater] = (code, "invited", self.today, (0, 0))

    @rule(asks=st.one_of(FITTING, FITTING, ANY), marks=st.tuples(MARKS, MARKS))
    def submits(self, asks: tuple[str, str, str, str], marks: tuple[int, int]) -> None:
        """Most of them by the rater in the right category, so that some come in."""
        ratee, rater, code, by = asks
        by = rater if by == "hr" else by
        held, state, since, before = self.model.held.get((ratee, rater), NOBODY)
        fits = by == rater and code == held
        again = fits and not self.model.closed and state == "submitted" and marks == before
        new = self.is_open and fits and state == "invited" and since <= self.today and min(marks) > 0
        one = review(rater, code, *marks, ratee=ratee, at=self.today)
        if self.does(lambda: self.known.answer(one, by=by), allowed=again or new):
            self.model.held[ratee, rater] = (held, "submitted", self.today, marks)

    @rule(asks=st.one_of(FITTING, ANY))
    def declines(self, asks: tuple[str, str, str, str]) -> None:
        """Of those who are invited, and of others."""
        ratee, rater, _, by = asks
        one = Declined(ratee=ratee, rater=rater, why="busy", at=self.today)
        self.leaves(one, rater if by == "hr" else by, "invited", "declined")

    @rule(asks=st.one_of(FITTING, ANY))
    def withdraws(self, asks: tuple[str, str, str, str]) -> None:
        """Of those who gave one, and of others."""
        ratee, rater, _, by = asks
        one = Withdrawn(ratee=ratee, rater=rater, at=self.today)
        self.leaves(one, rater if by == "hr" else by, "submitted", "invited")

    def leaves(self, event: Declined | Withdrawn, by: str, before: str, after: str) -> None:
        """A rater, or somebody in their name, declines or withdraws."""
        key = event.ratee, event.rater
        code, state, since, _ = self.model.held.get(key, NOBODY)
        allowed = self.is_open and by == event.rater and state == before and since <= self.today
        if self.does(lambda: self.known.answer(event, by=by), allowed=allowed):
            self.model.held[key] = (code, after, self.today, (0, 0))

    @rule(about=RATEES, writer=PEOPLE, by=PEOPLE)
    def notes(self, about: str, writer: str, by: str) -> None:
        """Some in another's name."""
        note = ReviewNote(about=about, by=writer, text="seen", at=self.today)
        self.does(lambda: self.known.note(note, by=by), allowed=writer == by and not self.model.closed)

    @rule()
    def everybody_answers(self) -> None:
        """Whoever is waited for gives what they think, which is 4 of 5."""
        for (ratee, rater), (code, state, since, _) in [*self.model.held.items()]:
            if state == "invited" and self.is_open and since <= self.today:
                one = review(rater, code, 4, 4, ratee=ratee, at=self.today)
                self.does(lambda: self.known.answer(one, by=rater), allowed=True)  # noqa: B023 - called at once
                self.model.held[ratee, rater] = (code, "submitted", self.today, (4, 4))

    @rule(really=st.integers(0, 9))
    def closes(self, really: int) -> None:
        """Seldom before the deadline, or most cycles would be over before anybody spoke."""
        if really and self.today <= PLAN.deadline:
            return
        waiting = any(state == "invited" for _, state, _, _ in self.model.held.values())
        asked = {ratee for ratee, _ in self.model.held}
        alone = asked - {ratee for (ratee, _), (code, *_) in self.model.held.items() if code != "self"}
        allowed = self.model.closed or self.today > PLAN.deadline or not (waiting or alone)
        if self.does(lambda: self.known.close(viewer=Viewer(who="hr", sees="all"), at=self.today), allowed=allowed):
            self.model.closed = True

    @invariant()
    def replay_is_the_state(self) -> None:
        """Whoever starts anew from the records knows the same."""
        assert self.known == Reviews.of(self.lines)

    @invariant()
    def nobody_counts_twice_and_scores_are_as_the_model_says(self) -> None:
        """Before the close nobody sees a result; after it each review is in one mean at most."""
        for ratee in self.known.ratees:
            viewer = Viewer(who=ratee, sees="self")
            if not self.model.closed:
                with pytest.raises(lp.errors.DataError, match="the cycle is not closed"):
                    self.known.result(ratee, viewer)
                continue
            found = self.known.result(ratee, viewer)
            given = [key for key, held in self.model.held.items() if (key[0], held[1]) == (ratee, "submitted")]
            assert self.model.score(ratee) == found.score
            assert sum(one.count or 0 for one in found.categories if not one.rolled_into) <= len(given)

    @invariant()
    def nothing_is_visible_that_should_not_be(self) -> None:
        """Ratees see no anonymous rater, nobody reads another's review or note, and no result of somebody else."""
        ways: tuple[Literal["self", "all"], ...] = ("self", "all")
        for who, sees in ((who, sees) for who in (*OFFICERS, "zhou", "hr") for sees in ways):
            viewer = Viewer(who=who, sees=sees)
            seats = self.known.seen_by(viewer)
            assert all(seat.review is None or seat.rater == who for seat in seats)
            about_them = [seat for seat in seats if seat.ratee == who and seat.rater != who]
            assert all(seat.category == "boss" for seat in about_them)
            assert all(note.by == who for note in self.known.notes_of(viewer).values())
            if self.model.closed and sees == "self":
                shown = self.known.results(viewer)
                assert all(result.payee == who for result in shown)
                named = {rater for result in shown for one in result.categories for rater, _ in one.raters}
                assert named <= {who, BOSS.get(who, "")}


TestReviewsOfAnybody = ReviewsMachine.TestCase
TestReviewsOfAnybody.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
