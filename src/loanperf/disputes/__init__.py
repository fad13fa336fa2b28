"""Disputes: what payees say is wrong with their pay, what becomes of it, and pay that is held by hand meanwhile.

Hosts import it from here: `from loanperf.disputes import Disputes, PayHold`.
"""

from loanperf._ledger import PayHold, StoppedPay
from loanperf.disputes._events import (
    DisputeExpired,
    DisputeOpened,
    DisputePlan,
    DisputeRejected,
    DisputesPlanned,
    DisputeTakenUp,
    DisputeUpheld,
    DisputeWithdrawn,
    HoldEnded,
    HoldLifted,
    HoldPlaced,
)
from loanperf.disputes._moves import DISPUTE_MOVES, HOLD_MOVES, DisputeAct, DisputeState, HoldAct, HoldState
from loanperf.disputes._rules import Dispute, HoldCase
from loanperf.disputes._states import Disputes, disputes_stream

__all__ = [
    "DISPUTE_MOVES",
    "HOLD_MOVES",
    "Dispute",
    "DisputeAct",
    "DisputeExpired",
    "DisputeOpened",
    "DisputePlan",
    "DisputeRejected",
    "DisputeState",
    "DisputeTakenUp",
    "DisputeUpheld",
    "DisputeWithdrawn",
    "Disputes",
    "DisputesPlanned",
    "HoldAct",
    "HoldCase",
    "HoldEnded",
    "HoldLifted",
    "HoldPlaced",
    "HoldState",
    "PayHold",
    "StoppedPay",
    "disputes_stream",
]
