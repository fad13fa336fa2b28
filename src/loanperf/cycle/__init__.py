"""Cycle: from scores to published results: who takes part, calibration, approval, publication, appeals.

Hosts import it from here: `from loanperf.cycle import Cycle, CyclePlan`.
"""

from loanperf._appraisal import Calibrated
from loanperf.cycle._distribution import ForcedDistribution, GradeBounds, GradeShare
from loanperf.cycle._events import (
    AppealOpened,
    AppealRejected,
    AppealTakenUp,
    AppealUpheld,
    AppealWithdrawn,
    CyclePlanned,
    InterviewNoted,
    ResultAcknowledged,
    ResultApproved,
    ResultCalibrated,
    ResultPublished,
    ResultScored,
    SnapshotTaken,
)
from loanperf.cycle._moves import (
    APPEAL_ACTS,
    APPEAL_MOVES,
    APPEAL_STATES,
    PARTICIPANT_ACTS,
    PARTICIPANT_MOVES,
    PARTICIPANT_STATES,
    RESULT_ACTS,
    RESULT_MOVES,
    RESULT_STATES,
    AppealAct,
    AppealState,
    ParticipantAct,
    ParticipantState,
    ResultAct,
    ResultState,
)
from loanperf.cycle._participants import (
    CycleParticipant,
    CycleResult,
    PublishedResult,
    ScoreAppeal,
    appraisal_hash,
)
from loanperf.cycle._plan import CyclePlan
from loanperf.cycle._proposals import GroupDistribution, ProposedBorder, ProposedChange
from loanperf.cycle._states import Cycle, cycle_stream

__all__ = [
    "APPEAL_ACTS",
    "APPEAL_MOVES",
    "APPEAL_STATES",
    "PARTICIPANT_ACTS",
    "PARTICIPANT_MOVES",
    "PARTICIPANT_STATES",
    "RESULT_ACTS",
    "RESULT_MOVES",
    "RESULT_STATES",
    "AppealAct",
    "AppealOpened",
    "AppealRejected",
    "AppealState",
    "AppealTakenUp",
    "AppealUpheld",
    "AppealWithdrawn",
    "Calibrated",
    "Cycle",
    "CycleParticipant",
    "CyclePlan",
    "CyclePlanned",
    "CycleResult",
    "ForcedDistribution",
    "GradeBounds",
    "GradeShare",
    "GroupDistribution",
    "InterviewNoted",
    "ParticipantAct",
    "ParticipantState",
    "ProposedBorder",
    "ProposedChange",
    "PublishedResult",
    "ResultAcknowledged",
    "ResultAct",
    "ResultApproved",
    "ResultCalibrated",
    "ResultPublished",
    "ResultScored",
    "ResultState",
    "ScoreAppeal",
    "SnapshotTaken",
    "appraisal_hash",
    "cycle_stream",
]
