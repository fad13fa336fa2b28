"""Events: what happened to the loans of a chunk within the period, one kind of event at a time, a column a field."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from loanperf._facts import EventKind
from loanperf._indicators._cells import Cells
from loanperf._indicators._chunk import Chunk
from loanperf._indicators._types import HeldAt
from loanperf._indicators._usable import Place
from loanperf._kinds import DETAIL
from loanperf._numbers import AS_THEY_ARE, Rows, Truth, Whole, marked


class Events:
    """The events of one kind within the period; a row each."""

    def __init__(self, chunk: Chunk, kind: EventKind) -> None:
        self.chunk, self.kind = chunk, kind
        self._all = chunk.events(kind)
        within = self._all.on >= chunk.usable.start
        self._kept: Rows = AS_THEY_ARE if within.all() else np.flatnonzero(within)

    def __len__(self) -> int:
        return len(self._all) if isinstance(self._kept, slice) else len(self._kept)

    @cached_property
    def loan(self) -> Rows:
        """The place of the loan of each row."""
        if isinstance(self._all.loan, slice):
            return self._kept
        return self._all.loan[self._kept]

    @property
    def on(self) -> Whole:
        """The day of each row."""
        return self._all.on[self._kept]

    def field(self, name: str) -> Cells:
        """A field of the rows."""
        match name:
            case "event":
                return Cells(np.full(len(self), 0), words=(self.kind.value,))
            case "amount":
                stated = name in DETAIL[self.kind]
                return self._all.cells(name).rows(self._kept) if stated else Cells(np.full(len(self), 0))
            case "cancelled":
                return Cells(self._cancelled[self.loan])
            case _:
                return self.chunk.cells(name).rows(self.loan)

    @property
    def _cancelled(self) -> Truth:
        """Which loans are cancelled within the period."""
        cancelled = self.chunk.events(EventKind.CANCELLED)
        within = cancelled.on >= self.chunk.usable.start
        return marked(np.arange(self.chunk.size)[cancelled.loan][within], self.chunk.size)

    def payee(self, held_at: HeldAt) -> Whole:
        """The payee for whom each row counts."""
        if held_at == "origination":
            return self.chunk.originator[self.loan]
        if held_at == "as of":
            return self.chunk.holder[self.loan]
        return self.chunk.officer(self.loan, self.on)

    def fact(self, row: int) -> Place:
        """The event of a row."""
        place = row if isinstance(self._kept, slice) else int(self._kept[row])
        return self._all.table, self._all.row(place)

    def days(self, held_at: HeldAt) -> Whole:
        """The day that fixes for whom each row counts."""
        return self.chunk.opened_on[self.loan] if held_at == "origination" else self.on

    def evidence(self, row: int) -> Iterator[Place]:
        """The event itself."""
        yield self.fact(row)
