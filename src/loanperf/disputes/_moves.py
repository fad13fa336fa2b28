"""Moves: (how a dispute or a hold stands, what happens to it) -> how it stands then; what is in no table is refused."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from loanperf._explanations import Label


class DisputeState(Enum):
    """How a dispute about a line of pay stands."""

    OPEN = "open"
    """It was opened, and nobody has taken it up."""
    TAKEN_UP = "taken up"
    """Somebody other than the payee looks into it."""
    UPHELD = "upheld"
    """The payee was right: entries of the ledger answer it."""
    REJECTED = "rejected"
    """The line is right as it is, for a stated reason."""
    WITHDRAWN = "withdrawn"
    """The payee took it back."""
    EXPIRED = "expired"
    """Nobody decided by the deadline; the payee may open another, and the days for that count anew."""


class DisputeAct(Enum):
    """What happens to a dispute."""

    TAKE_UP = "take up"
    """Somebody other than the payee begins to look into it, by the deadline."""
    UPHOLD = "uphold"
    """Somebody decides that the payee is right. It takes ledger entries that correct the pay, posted after the dispute
    was opened, and is possible up to the deadline."""
    REJECT = "reject"
    """Somebody decides that the pay was right, with a reason, up to the deadline."""
    WITHDRAW = "withdraw"
    """The payee, or whoever opened it for them, takes it back."""
    EXPIRE = "expire"
    """The deadline has passed, and nobody has decided."""


class HoldState(Enum):
    """How a hold of pay by hand stands."""

    PLACED = "placed"
    """From its first to its last day nothing is paid out."""
    LIFTED = "lifted"
    """Somebody other than the payee lifted it before its last day, with a reason."""
    ENDED = "ended"
    """Its last day has passed."""


class HoldAct(Enum):
    """What happens to a hold."""

    LIFT = "lift"
    """It is lifted by hand, with a reason; never by the payee."""
    END = "end"
    """Its last day has passed, and the stream says so."""


STATES_OF_DISPUTES: Mapping[DisputeState, Label] = MappingProxyType(
    {
        DisputeState.OPEN: Label("open", "待受理"),
        DisputeState.TAKEN_UP: Label("taken up", "处理中"),
        DisputeState.UPHELD: Label("upheld", "异议成立"),
        DisputeState.REJECTED: Label("rejected", "异议不成立"),
        DisputeState.WITHDRAWN: Label("withdrawn", "已撤回"),
        DisputeState.EXPIRED: Label("expired", "逾期未处理"),
    }
)
"""What each state of a dispute is called."""
ACTS_OF_DISPUTES: Mapping[DisputeAct, Label] = MappingProxyType(
    {
        DisputeAct.TAKE_UP: Label("take up", "受理"),
        DisputeAct.UPHOLD: Label("uphold", "认定成立"),
        DisputeAct.REJECT: Label("reject", "驳回"),
        DisputeAct.WITHDRAW: Label("withdraw", "撤回"),
        DisputeAct.EXPIRE: Label("expire", "逾期"),
    }
)
"""What each act upon a dispute is called."""
STATES_OF_HOLDS: Mapping[HoldState, Label] = MappingProxyType(
    {
        HoldState.PLACED: Label("placed", "暂缓发放"),
        HoldState.LIFTED: Label("lifted", "已解除"),
        HoldState.ENDED: Label("ended", "已到期"),
    }
)
"""What each state of a hold is called."""
ACTS_OF_HOLDS: Mapping[HoldAct, Label] = MappingProxyType(
    {HoldAct.LIFT: Label("lift", "解除"), HoldAct.END: Label("end", "到期")}
)
"""What each act upon a hold is called."""

_IS, _ACT = DisputeState, DisputeAct
DISPUTE_MOVES: Mapping[tuple[DisputeState, DisputeAct], DisputeState] = MappingProxyType(
    {
        (_IS.OPEN, _ACT.TAKE_UP): _IS.TAKEN_UP,
        (_IS.OPEN, _ACT.WITHDRAW): _IS.WITHDRAWN,
        (_IS.OPEN, _ACT.EXPIRE): _IS.EXPIRED,
        (_IS.TAKEN_UP, _ACT.UPHOLD): _IS.UPHELD,
        (_IS.TAKEN_UP, _ACT.REJECT): _IS.REJECTED,
        (_IS.TAKEN_UP, _ACT.WITHDRAW): _IS.WITHDRAWN,
        (_IS.TAKEN_UP, _ACT.EXPIRE): _IS.EXPIRED,
    }
)
"""Every move of a dispute that there is, and the state after it; all others are refused."""
HOLD_MOVES: Mapping[tuple[HoldState, HoldAct], HoldState] = MappingProxyType(
    {
        (HoldState.PLACED, HoldAct.LIFT): HoldState.LIFTED,
        (HoldState.PLACED, HoldAct.END): HoldState.ENDED,
    }
)
"""Every move of a hold that there is, and the state after it; all others are refused."""
