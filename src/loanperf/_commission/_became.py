"""Became: what became of deals, as columns that are read as rows where somebody looks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, TypeAlias

from attrs import define, field, frozen

from loanperf._commission._deals import DealState
from loanperf._numbers import Places

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

    _tables: list[tuple[ClaimedDeals, Sequence[DealState], Places]] = field(factory=list)
    _rows: dict[DealKey, DealState] | None = None

    def add(self, deals: ClaimedDeals, states: Sequence[DealState], state: Places) -> None:
        """Note the states of some deals, as places in `states`; what was known of them no longer holds."""
        self._tables.append((deals, states, state))
        self._rows = None

    def _known(self) -> dict[DealKey, DealState]:
        if self._rows is None:
            self._rows = {
                key: states[place]
                for deals, states, column in self._tables
                for key, place in zip(deals.rows(), column.tolist(), strict=True)
            }
        return self._rows

    def __getitem__(self, key: DealKey) -> DealState:
        return self._known()[key]

    def __iter__(self) -> Iterator[DealKey]:
        return iter(self._known())

    def __len__(self) -> int:
        return len(self._known())


@define(eq=False)
class DealPairs(AbstractSet[tuple[str, str]]):
    """Payees and loans, each pair once."""

    _tables: list[ClaimedDeals] = field(factory=list)
    _rows: frozenset[tuple[str, str]] | None = None

    @classmethod
    def _from_iterable(cls, it: Iterable[Any]) -> frozenset[Any]:
        return frozenset(it)

    def add(self, deals: ClaimedDeals) -> None:
        """Note some pairs."""
        self._tables.append(deals)
        self._rows = None

    def _known(self) -> frozenset[tuple[str, str]]:
        if self._rows is None:
            self._rows = frozenset((key[0], key[3]) for deals in self._tables for key in deals.rows())
        return self._rows

    def __contains__(self, pair: object) -> bool:
        return pair in self._known()

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._known())

    def __len__(self) -> int:
        return len(self._known())
