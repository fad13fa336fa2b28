"""Moves: (how a participant, result or appeal stands, what happens) -> how it stands then; the rest is refused."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from loanperf._explanations import Label


class ParticipantState(Enum):
    """Whether somebody takes part in a cycle."""

    ABSENT = "absent"
    """They were never there."""
    THERE = "there"
    """They take part."""
    LEFT = "left"
    """They have left, and stay on record with what they scored."""


class ParticipantAct(Enum):
    """What a snapshot says of somebody."""

    JOIN = "join"
    """They are there, and were not."""
    CHANGE = "change"
    """Their unit, role or superiors are others than before."""
    LEAVE = "leave"
    """They are there no more."""


class ResultState(Enum):
    """How the result of a participant stands."""

    WAITING = "waiting"
    """There is no score yet."""
    SCORED = "scored"
    """There is a score, as it was computed."""
    CALIBRATED = "calibrated"
    """A person changed the grade or coefficient."""
    APPROVED = "approved"
    """Somebody else than the participant approved it as it stands."""
    PUBLISHED = "published"
    """The participant can see it."""
    ACKNOWLEDGED = "acknowledged"
    """The participant confirmed to have seen it."""
    AMENDED = "amended"
    """An appeal was upheld: there is a new result, which is not published yet."""


class ResultAct(Enum):
    """What happens to a result."""

    SCORE = "score"
    """A score is taken in; an earlier one, with its calibration and approval, no longer holds."""
    CALIBRATE = "calibrate"
    """A person changes the grade or coefficient; an approval no longer holds."""
    APPROVE = "approve"
    """Somebody else than the participant approves it."""
    PUBLISH = "publish"
    """It is shown to the participant."""
    ACKNOWLEDGE = "acknowledge"
    """The participant confirms to have seen it, as it was last published."""
    INTERVIEW = "interview"
    """A superior notes what was said in the interview about it."""
    AMEND = "amend"
    """An appeal is upheld, with a new result."""


class AppealState(Enum):
    """How the appeal of a participant stands."""

    ABSENT = "none"
    """There is none."""
    OPENED = "opened"
    """The participant asked for it, with a reason."""
    TAKEN_UP = "taken up"
    """Somebody looks into it."""
    UPHELD = "upheld"
    """It was found right, and there is a new result."""
    REJECTED = "rejected"
    """It was rejected, with a reason."""
    WITHDRAWN = "withdrawn"
    """The participant took it back, and may open another within the deadline."""


class AppealAct(Enum):
    """What happens to an appeal."""

    OPEN = "open"
    """The participant asks for it, within the deadline after the publication."""
    TAKE_UP = "take up"
    """Somebody else than the participant looks into it."""
    UPHOLD = "uphold"
    """It is found right; the result is amended."""
    REJECT = "reject"
    """It is rejected, with a reason."""
    WITHDRAW = "withdraw"
    """The participant takes it back."""


PARTICIPANT_STATES: Mapping[ParticipantState, Label] = MappingProxyType(
    {
        ParticipantState.ABSENT: Label("absent", "未参加"),
        ParticipantState.THERE: Label("there", "参加考核"),
        ParticipantState.LEFT: Label("left", "已离职"),
    }
)
"""What each state of a participant is called."""
PARTICIPANT_ACTS: Mapping[ParticipantAct, Label] = MappingProxyType(
    {
        ParticipantAct.JOIN: Label("join", "加入"),
        ParticipantAct.CHANGE: Label("change", "变动"),
        ParticipantAct.LEAVE: Label("leave", "离职"),
    }
)
"""What each act on a participant is called."""
RESULT_STATES: Mapping[ResultState, Label] = MappingProxyType(
    {
        ResultState.WAITING: Label("waiting for a score", "待计分"),
        ResultState.SCORED: Label("scored", "已计分"),
        ResultState.CALIBRATED: Label("calibrated", "已校准"),
        ResultState.APPROVED: Label("approved", "已审批"),
        ResultState.PUBLISHED: Label("published", "已发布，待确认"),
        ResultState.ACKNOWLEDGED: Label("acknowledged", "已确认"),
        ResultState.AMENDED: Label("amended on appeal", "申诉成立，待重新发布"),
    }
)
"""What each state of a result is called."""
RESULT_ACTS: Mapping[ResultAct, Label] = MappingProxyType(
    {
        ResultAct.SCORE: Label("score", "计分"),
        ResultAct.CALIBRATE: Label("calibrate", "校准"),
        ResultAct.APPROVE: Label("approve", "审批"),
        ResultAct.PUBLISH: Label("publish", "发布"),
        ResultAct.ACKNOWLEDGE: Label("acknowledge", "确认"),
        ResultAct.INTERVIEW: Label("interview", "绩效面谈"),
        ResultAct.AMEND: Label("amend", "改判"),
    }
)
"""What each act on a result is called."""
APPEAL_STATES: Mapping[AppealState, Label] = MappingProxyType(
    {
        AppealState.ABSENT: Label("none", "无申诉"),
        AppealState.OPENED: Label("opened", "已提交，待受理"),
        AppealState.TAKEN_UP: Label("taken up", "已受理"),
        AppealState.UPHELD: Label("upheld", "申诉成立"),
        AppealState.REJECTED: Label("rejected", "申诉驳回"),
        AppealState.WITHDRAWN: Label("withdrawn", "已撤回"),
    }
)
"""What each state of an appeal is called."""
APPEAL_ACTS: Mapping[AppealAct, Label] = MappingProxyType(
    {
        AppealAct.OPEN: Label("open", "提出申诉"),
        AppealAct.TAKE_UP: Label("take up", "受理"),
        AppealAct.UPHOLD: Label("uphold", "支持"),
        AppealAct.REJECT: Label("reject", "驳回"),
        AppealAct.WITHDRAW: Label("withdraw", "撤回"),
    }
)
"""What each act on an appeal is called."""

_WHO, _DOES = ParticipantState, ParticipantAct
PARTICIPANT_MOVES: Mapping[tuple[ParticipantState, ParticipantAct], ParticipantState] = MappingProxyType(
    {
        (_WHO.ABSENT, _DOES.JOIN): _WHO.THERE,
        (_WHO.THERE, _DOES.CHANGE): _WHO.THERE,
        (_WHO.THERE, _DOES.LEAVE): _WHO.LEFT,
        (_WHO.LEFT, _DOES.JOIN): _WHO.THERE,
    }
)
"""Every move of a participant, and the state after it; all others are refused."""

_IS, _ACT = ResultState, ResultAct
RESULT_MOVES: Mapping[tuple[ResultState, ResultAct], ResultState] = MappingProxyType(
    {
        (_IS.WAITING, _ACT.SCORE): _IS.SCORED,
        (_IS.SCORED, _ACT.SCORE): _IS.SCORED,
        (_IS.SCORED, _ACT.CALIBRATE): _IS.CALIBRATED,
        (_IS.SCORED, _ACT.APPROVE): _IS.APPROVED,
        (_IS.CALIBRATED, _ACT.SCORE): _IS.SCORED,
        (_IS.CALIBRATED, _ACT.CALIBRATE): _IS.CALIBRATED,
        (_IS.CALIBRATED, _ACT.APPROVE): _IS.APPROVED,
        (_IS.APPROVED, _ACT.SCORE): _IS.SCORED,
        (_IS.APPROVED, _ACT.CALIBRATE): _IS.CALIBRATED,
        (_IS.APPROVED, _ACT.PUBLISH): _IS.PUBLISHED,
        (_IS.PUBLISHED, _ACT.ACKNOWLEDGE): _IS.ACKNOWLEDGED,
        (_IS.PUBLISHED, _ACT.INTERVIEW): _IS.PUBLISHED,
        (_IS.PUBLISHED, _ACT.AMEND): _IS.AMENDED,
        (_IS.ACKNOWLEDGED, _ACT.INTERVIEW): _IS.ACKNOWLEDGED,
        (_IS.ACKNOWLEDGED, _ACT.AMEND): _IS.AMENDED,
        (_IS.AMENDED, _ACT.ACKNOWLEDGE): _IS.AMENDED,
        (_IS.AMENDED, _ACT.PUBLISH): _IS.PUBLISHED,
    }
)
"""Every move of a result, and the state after it; all others are refused."""

_STANDS, _MOVE = AppealState, AppealAct
APPEAL_MOVES: Mapping[tuple[AppealState, AppealAct], AppealState] = MappingProxyType(
    {
        (_STANDS.ABSENT, _MOVE.OPEN): _STANDS.OPENED,
        (_STANDS.OPENED, _MOVE.TAKE_UP): _STANDS.TAKEN_UP,
        (_STANDS.OPENED, _MOVE.WITHDRAW): _STANDS.WITHDRAWN,
        (_STANDS.TAKEN_UP, _MOVE.UPHOLD): _STANDS.UPHELD,
        (_STANDS.TAKEN_UP, _MOVE.REJECT): _STANDS.REJECTED,
        (_STANDS.TAKEN_UP, _MOVE.WITHDRAW): _STANDS.WITHDRAWN,
        (_STANDS.WITHDRAWN, _MOVE.OPEN): _STANDS.OPENED,
    }
)
"""Every move of an appeal, and the state after it; all others are refused."""
