"""A cycle by a machine: random people command random things at random times, beside a plain model of the rules."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.test_cycle import HR, PLAN, appraised, bank, one

import loanperf as lp
from loanperf.cycle import Cycle
from loanperf.viewer import Viewer

RULES = evolve(PLAN, appeal_recalibrates=False)
PAYEES = st.sampled_from(["lin", "wu"])
PEOPLE = st.sampled_from(["lin", "wu", "zhou", "chen", "ma", "hr", "audit"])
MAY_DECIDE = {"zhou", "chen", "hr", "audit"}
"""Above lin and wu, or in the panel; ma leads another branch."""
SCORES = st.sampled_from([70, 80, 95])
GRADES = {70: "C", 80: "B", 95: "A"}


class Known:
    """What the model knows of a participant."""

    def __init__(self) -> None:
        self.state, self.appeal, self.since = "waiting", "none", date(2026, 6, 30)
        self.score, self.grade, self.seen = 0, "", date.min
        self.doers = set[str]()
        self.said: tuple[Any, ...] = ()
        self.publications = list[tuple[int, str]]()


class CycleMachine(RuleBasedStateMachine):
    """A cycle, its records, and the model."""

    def __init__(self) -> None:
        super().__init__()
        self.known, self.lines, self.today = Cycle(), list[str](), date(2026, 7, 1)
        self.model = {"lin": Known(), "wu": Known()}

    @initialize()
    def begins(self) -> None:
        """With a plan and the snapshots of the last of June, every participant being there."""
        for events in (lambda: self.known.start(RULES, by="hr", at="2026-06-01"), self.snapshots):
            self.keeps(events())

    def snapshots(self) -> tuple[Any, ...]:
        """Of the last of June."""
        return self.known.take_snapshots(bank(), on="2026-06-30", by="hr", at="2026-06-30")

    def keeps(self, events: tuple[Any, ...]) -> None:
        """Append events."""
        self.lines += self.known.lines(events)
        self.known = self.known.after(events)

    def does(self, payee: str, said: tuple[Any, ...], command: Callable[[], tuple[Any, ...]], *, allowed: bool) -> bool:
        """Hold a command to what the model allows, and keep its events; the same again at once is no new event."""
        model = self.model[payee]
        if said == model.said:
            assert () == command()
            return False
        if not (allowed and model.since <= self.today):
            with pytest.raises(lp.errors.DataError):
                command()
            return False
        events = command()
        assert len(events) == 1
        self.keeps(events)
        model.said, model.since = said, self.today
        return True

    @rule(days=st.sampled_from([-1, 0, 1, 1, 3]))
    def time_passes(self, days: int) -> None:
        """Mostly forwards; some clocks run behind."""
        self.today += timedelta(days)

    @rule(payee=PAYEES, by=PEOPLE, score=SCORES)
    def scores(self, payee: str, by: str, score: int) -> None:
        """The score that stands already is no new event, whoever brings it."""
        model = self.model[payee]
        if score == model.score:
            assert () == self.known.score([appraised(payee, score)], by=by, at=self.today)
            return
        over = self.today > lp.Period.month(2026, 6).last_day
        allowed = over and by in MAY_DECIDE and model.state in ("waiting", "scored", "calibrated", "approved")
        command = lambda: self.known.score([appraised(payee, score)], by=by, at=self.today)  # noqa: E731
        if self.does(payee, ("score", score, by), command, allowed=allowed):
            model.state, model.score, model.grade, model.doers = "scored", score, GRADES[score], {by}

    @rule(payee=PAYEES, by=PEOPLE, grade=st.sampled_from("ABC"))
    def calibrates(self, payee: str, by: str, grade: str) -> None:
        """By superiors, by oneself and by others."""
        model = self.model[payee]
        allowed = by in MAY_DECIDE and model.state in ("scored", "calibrated", "approved") and grade != model.grade
        command = lambda: self.known.calibrate(payee, grade=grade, why="x", by=by, at=self.today)  # noqa: E731
        if self.does(payee, ("calibrate", grade, by), command, allowed=allowed):
            model.state, model.grade, model.doers = "calibrated", grade, {*model.doers, by}

    @rule(payee=PAYEES, by=PEOPLE)
    def approves(self, payee: str, by: str) -> None:
        """What stands; where nothing does, nobody has anything to approve."""
        model, result = self.model[payee], one(self.known, payee).result
        if result is None:
            return
        another = by in MAY_DECIDE - model.doers
        allowed = another and model.state in ("scored", "calibrated")
        command = lambda: self.known.approve([result], by=by, at=self.today)  # noqa: E731
        if self.does(payee, ("approve", by), command, allowed=allowed):
            model.state = "approved"

    @rule(payee=PAYEES, by=PEOPLE)
    def publishes(self, payee: str, by: str) -> None:
        """Approved or amended results, and others."""
        model = self.model[payee]
        allowed = by in MAY_DECIDE and model.state in ("approved", "amended")
        if self.does(
            payee, ("publish", by), lambda: self.known.publish([payee], by=by, at=self.today), allowed=allowed
        ):
            model.state, model.seen = "published", self.today
            model.publications.append((model.score, model.grade))

    @rule(payee=PAYEES, by=st.sampled_from(["hr", "zhou"]))
    def brings_to_the_publication(self, payee: str, by: str) -> None:
        """What is missing up to it, so that many runs come to appeals."""
        for _ in range(3):
            state = self.model[payee].state
            if state == "waiting":
                self.scores(payee, "chen", 80)
            elif state in ("scored", "calibrated"):
                self.approves(payee, by)
            elif state == "approved":
                self.publishes(payee, by)

    @rule(payee=PAYEES, by=PEOPLE, me=st.booleans())
    def acknowledges(self, payee: str, by: str, me: bool) -> None:  # noqa: FBT001 - hypothesis passes it by name
        """By the payee in half of the cases."""
        model, who = self.model[payee], payee if me else by
        version = max(1, len(model.publications))
        command = lambda: self.known.acknowledge(payee, version=version, by=who, at=self.today)  # noqa: E731
        said = ("acknowledge", version, who)
        if self.does(payee, said, command, allowed=who == payee and model.state == "published"):
            model.state = "acknowledged"

    @rule(payee=PAYEES, by=PEOPLE, me=st.booleans())
    def appeals(self, payee: str, by: str, me: bool) -> None:  # noqa: FBT001 - as above
        """In time and late."""
        model, who = self.model[payee], payee if me else by
        in_time = bool(model.publications) and (self.today - model.seen).days <= RULES.appeal_days
        allowed = who == payee and in_time and model.appeal in ("none", "withdrawn")
        command = lambda: self.known.appeal(payee, why="x", by=who, at=self.today)  # noqa: E731
        if self.does(payee, ("appeal", who), command, allowed=allowed):
            model.appeal = "opened"

    @rule(payee=PAYEES, by=PEOPLE)
    def withdraws(self, payee: str, by: str) -> None:
        """By the payee and by others."""
        model = self.model[payee]
        allowed = by == payee and model.appeal in ("opened", "taken up")
        command = lambda: self.known.withdraw(payee, by=by, at=self.today)  # noqa: E731
        if self.does(payee, ("withdraw", by), command, allowed=allowed):
            model.appeal = "withdrawn"

    @rule(payee=PAYEES, by=PEOPLE)
    def takes_up(self, payee: str, by: str) -> None:
        """By superiors, by the payee and by others."""
        model = self.model[payee]
        allowed = by in MAY_DECIDE and model.appeal == "opened"
        if self.does(payee, ("take", by), lambda: self.known.take_up(payee, by=by, at=self.today), allowed=allowed):
            model.appeal = "taken up"

    @rule(payee=PAYEES, by=PEOPLE, score=st.sampled_from([0, 70, 80, 95]))
    def decides(self, payee: str, by: str, score: int) -> None:
        """Rejected, or upheld with a new appraisal, which may be the one that stands."""
        model = self.model[payee]
        allowed = by in MAY_DECIDE and model.appeal == "taken up" and by not in model.doers
        if not score:
            command = lambda: self.known.reject(payee, why="x", by=by, at=self.today)  # noqa: E731
            if self.does(payee, ("reject", by), command, allowed=allowed):
                model.appeal = "rejected"
            return
        new = appraised(payee, score)
        uphold = lambda: self.known.uphold(payee, appraisal=new, why="x", by=by, at=self.today)  # noqa: E731
        if self.does(payee, ("uphold", score, by), uphold, allowed=allowed and score != model.score):
            model.appeal, model.state, model.score, model.grade = "upheld", "amended", score, GRADES[score]
            model.doers = {by}

    @invariant()
    def replay_is_the_state(self) -> None:
        """Whoever starts anew from the records knows the same."""
        assert self.known == Cycle.of(self.lines)

    @invariant()
    def nobody_decided_about_themselves(self) -> None:
        """Every calibration, approval and publication is of somebody else, and what stands is as the model says."""
        for found in self.known.participants(HR):
            by = [done.by for done in found.calibrations] + [shown.approved_by for shown in found.published]
            by += [shown.by for shown in found.published] + ([found.approval.by] if found.approval else [])
            assert found.payee not in by
            if found.payee in self.model and found.result_state is not None:
                model = self.model[found.payee]
                assert model.state == found.result_state.value
                assert model.publications == [(int(r.result.score), r.result.grade) for r in found.published]

    @invariant()
    def nothing_is_shown_before_it_is_published(self) -> None:
        """A payee sees what was published last, and before the first time what the snapshot says and no more."""
        for payee, model in self.model.items():
            for viewer in (Viewer(who=payee, sees="self"), Viewer(who=payee, sees="all")):
                if not self.known.records:
                    continue
                found = one(self.known, payee, viewer)
                shown = found.result and (int(found.result.score), found.result.grade)
                assert shown == (model.publications[-1] if model.publications else None)
                if not model.publications:
                    blank = evolve(found, result_state=None, result=None, scored_by="", calibrations=(), approval=None)
                    assert found == evolve(blank, published=(), interviews=(), appeal=None)


class LongCycleMachine(CycleMachine):
    """The same with many more runs."""


TestCyclesOfAnybody = CycleMachine.TestCase
TestCyclesOfAnybody.settings = settings(max_examples=6, stateful_step_count=20, deadline=None)
TestManyCyclesOfAnybody = pytest.mark.slow(LongCycleMachine.TestCase)
TestManyCyclesOfAnybody.settings = settings(max_examples=200, stateful_step_count=60, deadline=None)
