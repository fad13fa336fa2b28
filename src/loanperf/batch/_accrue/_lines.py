"""BookLines: what payees earned as columns, with the keys and amounts of the rows path made when they are asked for."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from attrs import define, field, fields, frozen
from numpy.typing import NDArray

from loanperf._tables._columns import frozen_array

Small: TypeAlias = NDArray[np.int32]


@frozen(eq=False, kw_only=True)
class BookLines:
    """One element a line; codes are places in the lists of whoever holds the lines. Arrays are read-only."""

    payee: Small
    plan: Small
    component: Small
    loan: Small
    """Row of the loan in the book; -1 where the line is no loan's."""
    stage: Small
    period: Small
    on: Small
    """The day on which it became payable, in days since 1970-01-01."""
    earned_on: Small
    """The day on which its stage was reached."""
    amount: NDArray[np.int64]
    """In smallest units."""

    def __len__(self) -> int:
        return len(self.amount)

    def take(self, chosen: Any) -> BookLines:
        """Some of the lines, by mask or places."""
        return BookLines(**{name: frozen_array(getattr(self, name)[chosen]) for name in NAMES})


NAMES = tuple(item.name for item in fields(BookLines))


@define(eq=False)
class Words:
    """A list of words in the order in which they came."""

    _places: dict[str, int] = field(factory=dict)

    def place(self, word: str) -> int:
        """The place of a word, which is added if it is new."""
        return self._places.setdefault(word, len(self._places))

    @property
    def all(self) -> tuple[str, ...]:
        """Every word."""
        return tuple(self._places)
