"""The ledger: (accruals, entries) -> entries; what was earned, held, taken and paid, and why, for ever."""

from loanperf._ledger._by_hand import Decision, decide, overrule
from loanperf._ledger._entitlement import movements
from loanperf._ledger._entries import Closing, Entries, Entry
from loanperf._ledger._holds import PayHold, StoppedPay, hold_meant, is_known, stopped
from loanperf._ledger._kinds import EFFECTS, Effect, EntryKind
from loanperf._ledger._ledger import Account, Ledger, must_be_ledger, read_ledger
from loanperf._ledger._line_words import LineName
from loanperf._ledger._moves import Movement
from loanperf._ledger._pay import Payout, pay
from loanperf._ledger._payments import (
    Answer,
    AnswerState,
    Payment,
    Payments,
    payments_after,
    payments_of,
    returned,
)
from loanperf._ledger._settle import settle
from loanperf._ledger._statement import HeldCohort, Statement, statement

__all__ = [
    "EFFECTS",
    "Account",
    "Answer",
    "AnswerState",
    "Closing",
    "Decision",
    "Effect",
    "Entries",
    "Entry",
    "EntryKind",
    "HeldCohort",
    "Ledger",
    "LineName",
    "Movement",
    "PayHold",
    "Payment",
    "Payments",
    "Payout",
    "Statement",
    "StoppedPay",
    "decide",
    "hold_meant",
    "is_known",
    "movements",
    "must_be_ledger",
    "overrule",
    "pay",
    "payments_after",
    "payments_of",
    "read_ledger",
    "returned",
    "settle",
    "statement",
    "stopped",
]
