"""Moves: (how a review stands, what happens to it) -> how it stands then; one table; the rest is refused."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from loanperf._explanations import Label


class ReviewState(Enum):
    """How the review of one ratee by one rater stands."""

    ABSENT = "not invited"
    """Nobody asked the rater for it."""
    INVITED = "invited"
    """The rater was asked for it, and has not given it."""
    DECLINED = "declined"
    """The rater declined to give it."""
    SUBMITTED = "submitted"
    """The rater gave it; it counts unless it is withdrawn."""
    COUNTED = "counted"
    """The cycle is closed, and the review counts."""
    MISSED = "not given"
    """The cycle is closed, and there is no review: it counts for nothing, and never as zero."""


class ReviewAct(Enum):
    """What happens to a review."""

    INVITE = "invite"
    """The rater is asked for it, in a category; never by the ratee."""
    DECLINE = "decline"
    """The rater declines, with a reason."""
    SUBMIT = "submit"
    """The rater gives it, by the deadline."""
    WITHDRAW = "withdraw"
    """The rater takes it back, by the deadline, and may give another."""
    CLOSE = "close"
    """The cycle is closed, and nothing changes any more."""


STATES_OF_REVIEWS: Mapping[ReviewState, Label] = MappingProxyType(
    {
        ReviewState.ABSENT: Label("not invited", "未邀请"),
        ReviewState.INVITED: Label("invited", "已邀请，待评价"),
        ReviewState.DECLINED: Label("declined", "已谢绝"),
        ReviewState.SUBMITTED: Label("submitted", "已提交"),
        ReviewState.COUNTED: Label("counted", "已计入"),
        ReviewState.MISSED: Label("not given", "未评价"),
    }
)
"""What each state is called."""

ACTS_OF_REVIEWS: Mapping[ReviewAct, Label] = MappingProxyType(
    {
        ReviewAct.INVITE: Label("invite", "邀请"),
        ReviewAct.DECLINE: Label("decline", "谢绝"),
        ReviewAct.SUBMIT: Label("submit", "提交"),
        ReviewAct.WITHDRAW: Label("withdraw", "撤回"),
        ReviewAct.CLOSE: Label("close", "评价截止"),
    }
)
"""What each act is called."""

_IS, _ACT = ReviewState, ReviewAct
REVIEW_MOVES: Mapping[tuple[ReviewState, ReviewAct], ReviewState] = MappingProxyType(
    {
        (_IS.ABSENT, _ACT.INVITE): _IS.INVITED,
        (_IS.ABSENT, _ACT.CLOSE): _IS.MISSED,
        (_IS.INVITED, _ACT.DECLINE): _IS.DECLINED,
        (_IS.INVITED, _ACT.SUBMIT): _IS.SUBMITTED,
        (_IS.INVITED, _ACT.CLOSE): _IS.MISSED,
        (_IS.DECLINED, _ACT.INVITE): _IS.INVITED,
        (_IS.DECLINED, _ACT.CLOSE): _IS.MISSED,
        (_IS.SUBMITTED, _ACT.WITHDRAW): _IS.INVITED,
        (_IS.SUBMITTED, _ACT.CLOSE): _IS.COUNTED,
    }
)
"""Every move that there is, and the state after it; all others are refused."""
