"""Learning: what payees say of a scheme, what is proposed of it, whom a change moves, and what was seen after it.

Hosts import it from here: `from loanperf.learning import Learning, LearningPlan`.
"""

from loanperf.learning._counts import FeedbackCount, SurveyShare
from loanperf.learning._effect import ChangeCaveat, ChangeEffect, ChangeRow, effect_of
from loanperf.learning._events import (
    ChangeApproved,
    ChangeConsulted,
    ChangeNoticed,
    ChangeRecalled,
    ChangeRejected,
    FeedbackAnswered,
    FeedbackClosed,
    FeedbackGiven,
    FeedbackWithdrawn,
    LearningPlanned,
    SchemeProposed,
    SurveyAnswered,
    text_hash,
)
from loanperf.learning._learning import FeedbackSeen, Learning, feedback_stream
from loanperf.learning._moved import PastPeriod, PayMove, PayMoves, past_cards, whom_it_moves
from loanperf.learning._moves import (
    FEEDBACK_MOVES,
    PROPOSAL_MOVES,
    FeedbackAct,
    FeedbackState,
    ProposalAct,
    ProposalState,
)
from loanperf.learning._plan import LearningPlan, SurveyItem
from loanperf.learning._proposals import PhaseRule, ProposalView, phase_rules, proposal_view
from loanperf.learning._rules import ProposalStanding

__all__ = [
    "FEEDBACK_MOVES",
    "PROPOSAL_MOVES",
    "ChangeApproved",
    "ChangeCaveat",
    "ChangeConsulted",
    "ChangeEffect",
    "ChangeNoticed",
    "ChangeRecalled",
    "ChangeRejected",
    "ChangeRow",
    "FeedbackAct",
    "FeedbackAnswered",
    "FeedbackClosed",
    "FeedbackCount",
    "FeedbackGiven",
    "FeedbackSeen",
    "FeedbackState",
    "FeedbackWithdrawn",
    "Learning",
    "LearningPlan",
    "LearningPlanned",
    "PastPeriod",
    "PayMove",
    "PayMoves",
    "PhaseRule",
    "ProposalAct",
    "ProposalStanding",
    "ProposalState",
    "ProposalView",
    "SchemeProposed",
    "SurveyAnswered",
    "SurveyItem",
    "SurveyShare",
    "effect_of",
    "feedback_stream",
    "past_cards",
    "phase_rules",
    "proposal_view",
    "text_hash",
    "whom_it_moves",
]
