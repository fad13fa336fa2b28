"""Goals: what is proposed to payees and confirmed by them: targets, and the scheme as it applies to one person.

Hosts import it from here: `from loanperf.goals import Confirmations`.
"""

from loanperf.goals._confirmations import Confirmations, confirmations_stream, is_superior
from loanperf.goals._letters import basis_of, plan_document, target_letter
from loanperf.goals._moves import MOVES, Act, Barred, VersionState
from loanperf.goals._proposals import Document, Proposal, Reply, Version

__all__ = [
    "MOVES",
    "Act",
    "Barred",
    "Confirmations",
    "Document",
    "Proposal",
    "Reply",
    "Version",
    "VersionState",
    "basis_of",
    "confirmations_stream",
    "is_superior",
    "plan_document",
    "target_letter",
]
