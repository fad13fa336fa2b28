"""The tape: what a wide table of loans says beside who each loan is, as the events and balances that it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from attrs import frozen

from loanperf._kinds._columns import TypeName
from loanperf._kinds._events import Category, EventKind


@frozen
class TapeColumn:
    """A column of a wide table of loans, and the column of an event or balance that it stands for."""

    type: TypeName
    event: EventKind | None
    """What happened; None is a balance."""
    column: str
    """Of the event or balance; empty where the event says nothing beside its day."""
    needs: str = ""
    """The column of the tape without which it says nothing."""
    usual: str | int | bool | None = None
    """The value that stands for no event."""

    @property
    def standing(self) -> bool:
        """Whether it is as of the day of the tape."""
        return self.column != "on" and not self.needs.endswith("_on")


TAPE: Mapping[str, TapeColumn] = MappingProxyType(
    {
        "due_diligence_on": TapeColumn("day", EventKind.DUE_DILIGENCE, "on"),
        "signed_on": TapeColumn("day", EventKind.SIGNED, "on", needs="signed"),
        "signed": TapeColumn("money", EventKind.SIGNED, "amount", needs="signed_on"),
        "disbursed_on": TapeColumn("day", EventKind.DISBURSED, "on", needs="disbursed"),
        "disbursed": TapeColumn("money", EventKind.DISBURSED, "amount", needs="disbursed_on"),
        "cancelled_on": TapeColumn("day", EventKind.CANCELLED, "on"),
        "balance": TapeColumn("money", None, "outstanding"),
        "overdue": TapeColumn("money", None, "overdue", needs="balance"),
        "days_past_due": TapeColumn("whole", EventKind.PAST_DUE, "days", usual=0),
        "category": TapeColumn("word", EventKind.CLASSIFIED, "category", usual=Category.NORMAL.value),
        "rescheduled": TapeColumn("truth", EventKind.RESCHEDULED, "", usual=False),
    }
)
"""What a wide table of loans says of each: milestones with their days, and how it stands on the day of the tape."""
