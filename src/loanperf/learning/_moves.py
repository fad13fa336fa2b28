"""Moves: (how feedback or a proposal stands, what happens to it) -> how it stands then; all others are refused."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from loanperf._explanations import Label


class FeedbackState(Enum):
    """How one piece of feedback stands."""

    ABSENT = "not given"
    """Nobody gave it."""
    OPEN = "open"
    """It was given, and nobody has answered it."""
    ANSWERED = "answered"
    """Somebody answered it in words, and no proposal takes it up."""
    USED = "taken up"
    """A proposal says that it answers it."""
    WITHDRAWN = "withdrawn"
    """Who gave it took it back; it is counted nowhere."""


class FeedbackAct(Enum):
    """What happens to feedback."""

    GIVE = "give"
    """A payee says something of the scheme, until feedback is closed."""
    WITHDRAW = "withdraw"
    """Who gave it takes it back, until feedback is closed."""
    ANSWER = "answer"
    """Somebody answers it in words."""
    USE = "take up"
    """A proposal says that it answers it."""


class ProposalState(Enum):
    """How a proposal of a new version stands."""

    ABSENT = "not made"
    """Nobody proposed it."""
    PROPOSED = "proposed"
    """It waits for a decision; consultation and notice are recorded meanwhile."""
    APPROVED = "approved"
    """It is to hold from its effective date."""
    REJECTED = "rejected"
    """It was decided not to take it."""
    RECALLED = "recalled"
    """Its proposer took it back."""


class ProposalAct(Enum):
    """What happens to a proposal."""

    PROPOSE = "propose"
    """Somebody proposes a new version of the scheme."""
    CONSULT = "consult"
    """It was discussed with employees or their representatives, and that is recorded."""
    NOTIFY = "notify"
    """It was made known to employees, and the day and text of the notice are recorded."""
    APPROVE = "approve"
    """Somebody decides for it; the plan says who may, and what evidence it takes."""
    REJECT = "reject"
    """Somebody decides against it, with a reason."""
    RECALL = "recall"
    """Its proposer takes it back."""


FEEDBACK_STATE_NAMES: Mapping[FeedbackState, Label] = MappingProxyType(
    {
        FeedbackState.ABSENT: Label("not given", "未提出"),
        FeedbackState.OPEN: Label("open", "待答复"),
        FeedbackState.ANSWERED: Label("answered", "已答复"),
        FeedbackState.USED: Label("taken up by a proposal", "已纳入修订建议"),
        FeedbackState.WITHDRAWN: Label("withdrawn", "已撤回"),
    }
)
"""What each state of feedback is called."""

FEEDBACK_ACT_NAMES: Mapping[FeedbackAct, Label] = MappingProxyType(
    {
        FeedbackAct.GIVE: Label("give", "提出意见"),
        FeedbackAct.WITHDRAW: Label("withdraw", "撤回"),
        FeedbackAct.ANSWER: Label("answer", "答复"),
        FeedbackAct.USE: Label("take up", "纳入修订建议"),
    }
)
"""What each act is called."""

PROPOSAL_STATE_NAMES: Mapping[ProposalState, Label] = MappingProxyType(
    {
        ProposalState.ABSENT: Label("not made", "未提出"),
        ProposalState.PROPOSED: Label("proposed", "待审批"),
        ProposalState.APPROVED: Label("approved", "已批准"),
        ProposalState.REJECTED: Label("rejected", "未通过"),
        ProposalState.RECALLED: Label("recalled", "已撤回"),
    }
)
"""What each state of a proposal is called."""

PROPOSAL_ACT_NAMES: Mapping[ProposalAct, Label] = MappingProxyType(
    {
        ProposalAct.PROPOSE: Label("propose", "提出修订建议"),
        ProposalAct.CONSULT: Label("consult", "征求意见（民主程序）"),
        ProposalAct.NOTIFY: Label("notify", "公示、告知"),
        ProposalAct.APPROVE: Label("approve", "批准"),
        ProposalAct.REJECT: Label("reject", "不予通过"),
        ProposalAct.RECALL: Label("recall", "撤回"),
    }
)
"""What each act is called."""

FEEDBACK_MOVES: Mapping[tuple[FeedbackState, FeedbackAct], FeedbackState] = MappingProxyType(
    {
        (FeedbackState.ABSENT, FeedbackAct.GIVE): FeedbackState.OPEN,
        (FeedbackState.OPEN, FeedbackAct.WITHDRAW): FeedbackState.WITHDRAWN,
        (FeedbackState.OPEN, FeedbackAct.ANSWER): FeedbackState.ANSWERED,
        (FeedbackState.OPEN, FeedbackAct.USE): FeedbackState.USED,
        (FeedbackState.ANSWERED, FeedbackAct.USE): FeedbackState.USED,
        (FeedbackState.USED, FeedbackAct.USE): FeedbackState.USED,
        (FeedbackState.USED, FeedbackAct.ANSWER): FeedbackState.USED,
    }
)
"""Every move of feedback that there is, and the state after it; all others are refused."""

PROPOSAL_MOVES: Mapping[tuple[ProposalState, ProposalAct], ProposalState] = MappingProxyType(
    {
        (ProposalState.ABSENT, ProposalAct.PROPOSE): ProposalState.PROPOSED,
        (ProposalState.PROPOSED, ProposalAct.CONSULT): ProposalState.PROPOSED,
        (ProposalState.PROPOSED, ProposalAct.NOTIFY): ProposalState.PROPOSED,
        (ProposalState.PROPOSED, ProposalAct.APPROVE): ProposalState.APPROVED,
        (ProposalState.PROPOSED, ProposalAct.REJECT): ProposalState.REJECTED,
        (ProposalState.PROPOSED, ProposalAct.RECALL): ProposalState.RECALLED,
    }
)
"""Every move of a proposal that there is, and the state after it; all others are refused."""
