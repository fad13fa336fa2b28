"""Participants: what the records of a cycle say of one person, and what of it the person may see."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256

from attrs import evolve, frozen

from loanperf._appraisal import Appraisal
from loanperf._data import PlainData
from loanperf.cycle._events import InterviewNoted, ResultApproved, ResultCalibrated, SnapshotTaken
from loanperf.cycle._moves import AppealState, ParticipantState, ResultState


def appraisal_hash(appraisal: Appraisal) -> str:
    """The SHA-256, in hexadecimal, of an appraisal: of its `data()` as JSON in ASCII, keys sorted, without blanks.

    An appraisal that is read back from an archive has the hash of the one that was kept.
    """
    return _hash(appraisal)


def _hash(value: PlainData) -> str:
    return sha256(json.dumps(value.data(), sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@frozen(kw_only=True)
class CycleResult(PlainData):
    """What a participant scored, as it stands after what people decided."""

    payee: str
    score: Decimal
    """As it was computed, in points."""
    grade: str
    """The code of the grade, after calibration; empty where the card has none."""
    coefficient: Fraction | None
    """Where calibration changes coefficients, that which holds; else None, and that of the grade holds."""
    appraisal: str
    """The hash of the appraisal; see `appraisal_hash`."""

    @property
    def hash(self) -> str:
        """The SHA-256 of the result, as of an appraisal: an approval says by it what was approved."""
        return _hash(self)


@frozen(kw_only=True)
class PublishedResult(PlainData):
    """A result as it was shown to the participant; later ones stand beside it and never replace it."""

    version: int
    """1, and one more after each upheld appeal."""
    result: CycleResult
    calibrations: tuple[ResultCalibrated, ...]
    """What changed it since it was computed, in order."""
    approved_by: str
    """The code of who approved it, or upheld the appeal by which it came about."""
    by: str
    """The code of who published it."""
    on: date
    acknowledged_on: date | None = None
    """The day on which the participant acknowledged it; None where they did not."""


@frozen(kw_only=True)
class ScoreAppeal(PlainData):
    """An appeal against a published result, and what became of it."""

    state: AppealState
    version: int
    """Which publication is appealed."""
    why: str
    """What the participant says."""
    opened_on: date
    taken_up_by: str = ""
    """The code of who looks into it; empty before."""
    taken_up_on: date | None = None
    """The day on which they took it up; None before."""
    decided_by: str = ""
    answer: str = ""
    """The reason of the decision."""
    ended_on: date | None = None
    """The day on which it was decided or withdrawn."""


@frozen(kw_only=True)
class CycleParticipant(PlainData):
    """A participant of a cycle, as the viewer may see them."""

    payee: str
    state: ParticipantState
    snapshots: tuple[SnapshotTaken, ...]
    """In order of the days of which they speak; a later one of the same day holds in place of an earlier one."""
    result_state: ResultState | None = ResultState.WAITING
    """None for the participant before the publication."""
    result: CycleResult | None = None
    """As it stands; for the participant as it was last published."""
    scored_by: str = ""
    """The code of who took the score in; empty for the participant."""
    calibrations: tuple[ResultCalibrated, ...] = ()
    """Those of the result, in order."""
    approval: ResultApproved | None = None
    """The approval of the result as it stands; None where there is none, or the approval no longer holds."""
    published: tuple[PublishedResult, ...] = ()
    """Each publication, in order: what was before an upheld appeal and what came after it."""
    interviews: tuple[InterviewNoted, ...] = ()
    appeal: ScoreAppeal | None = None
    """The last appeal; None where there is none."""

    def snapshot(self, on: date) -> SnapshotTaken:
        """The snapshot that holds on a day: the last of that day or an earlier one; else the first there is."""
        held = [one for one in self.snapshots if one.as_of <= on]
        return held[-1] if held else self.snapshots[0]

    @property
    def published_on(self) -> date | None:
        """The day of the last publication; None before."""
        return self.published[-1].on if self.published else None


def as_seen_by_themselves(one: CycleParticipant) -> CycleParticipant:
    """A participant as they are shown to themselves: without a result, or a sign of one, until it is published.

    An appeal that was upheld is still looked at, as they see it, until the result that came of it is published.
    """
    shown = evolve(one, scored_by="", approval=None, appeal=_as_far_as_published(one))
    if not one.published:
        return evolve(shown, result_state=None, result=None, calibrations=())
    last = one.published[-1]
    state = ResultState.PUBLISHED if last.acknowledged_on is None else ResultState.ACKNOWLEDGED
    return evolve(shown, result_state=state, result=last.result, calibrations=last.calibrations)


def _as_far_as_published(one: CycleParticipant) -> ScoreAppeal | None:
    appeal = one.appeal
    if appeal is None or appeal.state is not AppealState.UPHELD or appeal.version < len(one.published):
        return appeal
    return evolve(appeal, state=AppealState.TAKEN_UP, decided_by="", answer="", ended_on=None)
