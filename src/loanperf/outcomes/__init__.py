"""Outcomes: what results are put to use for: ranks, promotion, training, pay steps; with reasons, and who decided.

Hosts import it from here: `from loanperf.outcomes import OutcomeRules, outcomes_of`.
"""

from loanperf.outcomes._conditions import ConditionMet
from loanperf.outcomes._outcomes import VERDICTS, OutcomeOverride, PayStep, PersonOutcome, outcomes_of, pay_steps_of
from loanperf.outcomes._ranks import RankPlace, ranks_of
from loanperf.outcomes._results import PersonResult, results_of
from loanperf.outcomes._rules import GradeCount, OutcomeRule, OutcomeRules, PayLadder, RankKey, RankShare, ReadingLimit

__all__ = [
    "VERDICTS",
    "ConditionMet",
    "GradeCount",
    "OutcomeOverride",
    "OutcomeRule",
    "OutcomeRules",
    "PayLadder",
    "PayStep",
    "PersonOutcome",
    "PersonResult",
    "RankKey",
    "RankPlace",
    "RankShare",
    "ReadingLimit",
    "outcomes_of",
    "pay_steps_of",
    "ranks_of",
    "results_of",
]
