"""Events: what can happen to a loan, and what each kind of event must state."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class Category(Enum):
    """The five-category classification of loans; the last three are non-performing."""

    NORMAL = "normal"
    SPECIAL_MENTION = "special mention"
    SUBSTANDARD = "substandard"
    DOUBTFUL = "doubtful"
    LOSS = "loss"

    @property
    def non_performing(self) -> bool:
        """Whether it counts as non-performing."""
        return self in (Category.SUBSTANDARD, Category.DOUBTFUL, Category.LOSS)


class EventKind(Enum):
    """What can happen to a loan."""

    APPLIED = "applied"
    DUE_DILIGENCE = "due diligence complete"
    SIGNED = "signed"
    DISBURSED = "disbursed"
    REPAID = "repaid"
    PREPAID = "prepaid"
    CLASSIFIED = "classified"
    PAST_DUE = "past due"
    RESCHEDULED = "rescheduled"
    WRITTEN_OFF = "written off"
    RECOVERED = "recovered"
    CANCELLED = "cancelled"
    ASSIGNED = "assigned"


_AMOUNT = frozenset({"amount"})
DETAIL: Mapping[EventKind, frozenset[str]] = MappingProxyType(
    {
        EventKind.APPLIED: frozenset(),
        EventKind.DUE_DILIGENCE: frozenset(),
        EventKind.SIGNED: _AMOUNT,
        EventKind.DISBURSED: _AMOUNT,
        EventKind.REPAID: _AMOUNT,
        EventKind.PREPAID: _AMOUNT,
        EventKind.CLASSIFIED: frozenset({"category"}),
        EventKind.PAST_DUE: frozenset({"days"}),
        EventKind.RESCHEDULED: frozenset(),
        EventKind.WRITTEN_OFF: _AMOUNT,
        EventKind.RECOVERED: _AMOUNT,
        EventKind.CANCELLED: frozenset(),
        EventKind.ASSIGNED: frozenset({"officer"}),
    }
)
"""What each kind of event must state, and nothing else."""
