"""Moves: (how a version stands, what happens to it) -> how it stands then, or why that cannot be; one table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from attrs import frozen

from loanperf._explanations import Label


class VersionState(Enum):
    """How a version of targets or of a plan document stands."""

    WAITING = "waiting"
    """It was proposed, and its payee has not answered."""
    CONFIRMED = "confirmed"
    """Its payee confirmed it: it is in force."""
    SILENT = "confirmed by silence"
    """Its payee said nothing for the days that the scheme states: it is in force."""
    SET = "set by a superior"
    """A superior of the payee set it, with a reason: it is in force."""
    REFUSED = "refused"
    """Its payee refused it, with a reason."""
    REPLACED = "replaced"
    """A newer version was proposed; what was in force stays so until the newer one is."""


class Act(Enum):
    """What happens to a version."""

    CONFIRM = "confirm"
    """Its payee confirms it."""
    REFUSE = "refuse"
    """Its payee refuses it, with a reason."""
    SET = "set"
    """A superior sets it, with a reason."""
    SILENCE = "silence"
    """The stated days pass without an answer."""
    REPLACE = "replace"
    """A newer version is proposed."""


@frozen
class Barred:
    """Why something cannot happen to a version, and what to do, in both languages."""

    fault: Label
    remedy: Label


IN_FORCE = frozenset({VersionState.CONFIRMED, VersionState.SILENT, VersionState.SET})
"""The states of a version that is in force."""

STATE_NAMES: Mapping[VersionState, Label] = MappingProxyType(
    {
        VersionState.WAITING: Label("waiting", "待确认"),
        VersionState.CONFIRMED: Label("confirmed", "已确认"),
        VersionState.SILENT: Label("confirmed by silence", "逾期未答复，视为确认"),
        VersionState.SET: Label("set by a superior", "上级核定"),
        VersionState.REFUSED: Label("refused", "已提出异议"),
        VersionState.REPLACED: Label("replaced", "已被新版本取代"),
    }
)
"""What each state is called."""

ACT_NAMES: Mapping[Act, Label] = MappingProxyType(
    {
        Act.CONFIRM: Label("confirm", "确认"),
        Act.REFUSE: Label("refuse", "提出异议"),
        Act.SET: Label("set by a superior", "上级核定"),
        Act.SILENCE: Label("silence", "逾期未答复"),
        Act.REPLACE: Label("replace", "提出新版本"),
    }
)
"""What each act is called."""

_SETTLED = Barred(
    Label("it is in force already", "该版本已生效"),
    Label("propose a new version where it is to change", "如需变更，请提出新版本"),
)
_OLD = Barred(
    Label("a newer version was proposed", "已有更新的版本"),
    Label("show the newest version, and answer that one", "请查阅最新版本并对其答复"),
)

_WAITING, _CONFIRMED, _SILENT, _SET, _REFUSED, _REPLACED = VersionState

MOVES: Mapping[tuple[VersionState, Act], VersionState | Barred] = MappingProxyType(
    {
        (_WAITING, Act.CONFIRM): _CONFIRMED,
        (_WAITING, Act.REFUSE): _REFUSED,
        (_WAITING, Act.SET): _SET,
        (_WAITING, Act.SILENCE): _SILENT,
        (_WAITING, Act.REPLACE): _REPLACED,
        (_CONFIRMED, Act.CONFIRM): _CONFIRMED,
        (_CONFIRMED, Act.REFUSE): _SETTLED,
        (_CONFIRMED, Act.SET): _SETTLED,
        (_CONFIRMED, Act.SILENCE): _CONFIRMED,
        (_CONFIRMED, Act.REPLACE): _REPLACED,
        (_SILENT, Act.CONFIRM): _CONFIRMED,
        (_SILENT, Act.REFUSE): _SETTLED,
        (_SILENT, Act.SET): _SETTLED,
        (_SILENT, Act.SILENCE): _SILENT,
        (_SILENT, Act.REPLACE): _REPLACED,
        (_SET, Act.CONFIRM): _CONFIRMED,
        (_SET, Act.REFUSE): _SETTLED,
        (_SET, Act.SET): _SET,
        (_SET, Act.SILENCE): _SET,
        (_SET, Act.REPLACE): _REPLACED,
        (_REFUSED, Act.CONFIRM): _CONFIRMED,
        (_REFUSED, Act.REFUSE): _REFUSED,
        (_REFUSED, Act.SET): _SET,
        (_REFUSED, Act.SILENCE): _REFUSED,
        (_REFUSED, Act.REPLACE): _REPLACED,
        (_REPLACED, Act.CONFIRM): _OLD,
        (_REPLACED, Act.REFUSE): _OLD,
        (_REPLACED, Act.SET): _OLD,
        (_REPLACED, Act.SILENCE): _REPLACED,
        (_REPLACED, Act.REPLACE): _REPLACED,
    }
)
"""What each act makes of a version in each state. Where it stays as it is, the same act again is no new event."""
