"""States: what the commission of a deal can be, what may happen to it, and what became of each deal.

The life of a deal's commission is one table, `TRANSITIONS`, that the code, its test and the diagram in the docs share.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import TypeAlias, get_args

import numpy as np
from attrs import define, field, frozen

from loanperf._commission._plan import Milestone
from loanperf._numbers import Places, Whole, ordered, whole


class DealState(Enum):
    """What a deal's commission can be."""

    WAITING = "waiting"
    """No stage is reached."""
    PART_EARNED = "part earned"
    """A stage is reached, and not the last."""
    EARNED = "earned"
    """The last stage is reached."""
    KEPT = "kept"
    """The loan was cancelled, and what was earned is kept; if it goes bad, a share of that is taken back."""
    REVERSED = "reversed"
    """The loan was cancelled, and what was earned is reversed."""
    EXPIRED = "expired"
    """The next stage came too late or never, and what was earned is reversed."""
    TAKEN_BACK = "taken back"
    """The loan went bad, and a share of what was earned is taken back."""
    REFUNDED = "refunded"
    """The bad loan was recovered, and a part of what was taken is given back."""


class DealEvent(Enum):
    """What can happen to a deal's commission."""

    STAGE = "stage reached"
    LAST_STAGE = "last stage reached"
    AMENDED = "amount changed"
    CANCELLED_KEPT = "cancelled, kept"
    CANCELLED_REVERSED = "cancelled, reversed"
    EXPIRED = "expired"
    WENT_BAD = "went bad"
    RECOVERED = "recovered"


_S, _E = DealState, DealEvent
_CANCELLED = {_E.CANCELLED_KEPT: _S.KEPT, _E.CANCELLED_REVERSED: _S.REVERSED}
_REACHED = {_E.STAGE: _S.PART_EARNED, _E.LAST_STAGE: _S.EARNED}
_MOVES: dict[DealState, dict[DealEvent, DealState]] = {
    _S.WAITING: _REACHED | _CANCELLED,
    _S.PART_EARNED: _REACHED | _CANCELLED | {_E.EXPIRED: _S.EXPIRED, _E.WENT_BAD: _S.TAKEN_BACK},
    _S.EARNED: _CANCELLED | {_E.WENT_BAD: _S.TAKEN_BACK},
    _S.KEPT: {},
    _S.REVERSED: {},
    _S.EXPIRED: _REACHED | _CANCELLED,
    _S.TAKEN_BACK: _CANCELLED | {_E.EXPIRED: _S.EXPIRED, _E.RECOVERED: _S.REFUNDED},
    _S.REFUNDED: _CANCELLED | {_E.EXPIRED: _S.EXPIRED, _E.WENT_BAD: _S.TAKEN_BACK},
}
TRANSITIONS: Mapping[tuple[DealState, DealEvent], DealState] = MappingProxyType(
    {(state, event): _MOVES[state].get(event, state) for state in DealState for event in DealEvent}
)
"""The state after each event, for every state and event; an event without a move of its own changes nothing."""

STATES = tuple(DealState)
EVENTS = tuple(DealEvent)
"""In the order in which they count on one day."""
WORDS = (*get_args(Milestone), "cancelled", "expired", "went bad", "recovered", "amended", "fell back")
"""Of stages, and of what else happens to a deal, by code."""
NEXT = whole(STATES.index(TRANSITIONS[state, event]) for state in STATES for event in EVENTS)
"""The state after each event, by state × events + event; see `TRANSITIONS`."""

DealKey: TypeAlias = tuple[str, str, str, str]
"""Payee, plan, component and loan."""


@frozen(eq=False, kw_only=True)
class ClaimedDeals:
    """Deals as payees may be paid for them by components, a row each; a word is a code."""

    payees: Sequence[str]
    loans: Sequence[str]
    names: Sequence[tuple[str, str]]
    """Plans and components."""
    payee: Places
    deal: Places
    name: Places
    """Place in `names`."""

    def rows(self) -> Iterator[DealKey]:
        """Payee, plan, component and loan of each."""
        columns = (self.payee.tolist(), self.name.tolist(), self.deal.tolist())
        for payee, name, deal in zip(*columns, strict=True):
            yield (self.payees[payee], *self.names[name], self.loans[deal])


@define(eq=False)
class DealStates(Mapping[DealKey, DealState]):
    """The state of each deal's commission, by payee, plan, component and loan."""

    _tables: list[tuple[ClaimedDeals, Places, Whole]] = field(factory=list)
    _rows: dict[DealKey, DealState] | None = None

    def add(self, deals: ClaimedDeals, state: Places, turn: Whole) -> None:
        """Note the states of some deals, as places in `STATES`, in order of `turn`.

        What was known of them no longer holds.
        """
        self._tables.append((deals, state, turn))
        self._rows = None

    def _known(self) -> dict[DealKey, DealState]:
        if self._rows is None:
            self._rows = {}
            for deals, column, turn in self._tables:
                keys, places = [*deals.rows()], column.tolist()
                self._rows |= {keys[row]: STATES[places[row]] for row in np.arange(len(turn))[ordered(turn)].tolist()}
        return self._rows

    def __getitem__(self, key: DealKey) -> DealState:
        return self._known()[key]

    def __iter__(self) -> Iterator[DealKey]:
        return iter(self._known())

    def __len__(self) -> int:
        return len(self._known())
