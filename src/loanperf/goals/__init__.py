"""Goals: what a company is to reach -> what each unit and person is to reach, and what of it they confirmed.

Hosts import it from here: `from loanperf.goals import Goal, cascade, Confirmations`.
"""

from loanperf.goals._cascade import BottomUp, Cascade, GoalPart
from loanperf.goals._confirmations import Confirmations, confirmations_stream, is_superior
from loanperf.goals._division import Division, GoalSpan
from loanperf.goals._goal import Goal, GoalState, states_of
from loanperf.goals._hand_down import cascade, recascade
from loanperf.goals._letters import applies_to, basis_of, plan_document, target_letter
from loanperf.goals._moves import MOVES, Act, Barred, VersionState
from loanperf.goals._proposals import Document, Proposal, Reply, UsedVersion, Version
from loanperf.goals._rules import HEADS, CascadeRules, Key, Ramp
from loanperf.goals._strategy import MappedStrategy, StrategyLine, StrategyMap
from loanperf.goals._tree import GoalHolder

__all__ = [
    "HEADS",
    "MOVES",
    "Act",
    "Barred",
    "BottomUp",
    "Cascade",
    "CascadeRules",
    "Confirmations",
    "Division",
    "Document",
    "Goal",
    "GoalHolder",
    "GoalPart",
    "GoalSpan",
    "GoalState",
    "Key",
    "MappedStrategy",
    "Proposal",
    "Ramp",
    "Reply",
    "StrategyLine",
    "StrategyMap",
    "UsedVersion",
    "Version",
    "VersionState",
    "applies_to",
    "basis_of",
    "cascade",
    "confirmations_stream",
    "is_superior",
    "plan_document",
    "recascade",
    "states_of",
    "target_letter",
]
