"""Progress: where a person or a unit stands in the course of a period, and what comes next.

Hosts import it from here: `from loanperf.progress import Pace, follow`.
"""

from loanperf._facts import SalesLead
from loanperf._ledger import HeldCohort
from loanperf._pace import Pace, WorkingDays
from loanperf.progress._follow import Progresses, follow, follow_unit
from loanperf.progress._next_loan import PayBasis, next_loan
from loanperf.progress._parts import (
    IndicatorProgress,
    LimitProgress,
    MemberProgress,
    Outlook,
    StepAhead,
    Support,
    TierProgress,
)
from loanperf.progress._progress import NextLoan, Progress

__all__ = [
    "HeldCohort",
    "IndicatorProgress",
    "LimitProgress",
    "MemberProgress",
    "NextLoan",
    "Outlook",
    "Pace",
    "PayBasis",
    "Progress",
    "Progresses",
    "SalesLead",
    "StepAhead",
    "Support",
    "TierProgress",
    "WorkingDays",
    "follow",
    "follow_unit",
    "next_loan",
]
