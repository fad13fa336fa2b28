"""Plain: facts of a kind within the period -> a row each, for the payee whom it names, with the fields of the kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

import numpy as np

from loanperf._indicators._cells import Cells
from loanperf._indicators._types import HeldAt
from loanperf._indicators._usable import Place, Usable
from loanperf._kinds import KINDS, Deviation, Reached
from loanperf._numbers import Whole, bounded, largest
from loanperf._tables._columns import Table


class Plain:
    """The facts of one kind that count for the payee whom they name."""

    def __init__(self, usable: Usable, name: str) -> None:
        self.usable, self.name = usable, name
        self._rows = usable.rows(name, since=usable.start)
        self._table: Table = usable.tables[name]

    def __len__(self) -> int:
        return len(self.days("event"))

    def _cells(self, name: str) -> Cells:
        return Cells.of(self._table[name].rows(self._rows))

    def field(self, name: str) -> Cells:
        """A field of the rows."""
        of = KINDS[self.name].view[name].of
        match of:
            case str():
                return self._cells(of)
            case Deviation():
                given, other = self._cells(of.of).values, self._cells(of.from_).values
                given, other = bounded(largest(given) + largest(other), given, other)
                return Cells(np.abs(given - other), other)
            case Reached():
                day = self._cells(of.day)
                reached = day.values < self.usable.end
                return Cells(reached if day.missing is None else reached & ~day.missing)
            case _:
                assert_never(of)

    def payee(self, _: HeldAt, /) -> Whole:
        """The payee for whom each row counts: whom it names, whatever the day."""
        return self._table["payee"].values[self._rows]

    def fact(self, row: int) -> Place:
        """The fact of a row."""
        return self.name, row + self._rows.start if isinstance(self._rows, slice) else int(self._rows[row])

    def days(self, _: HeldAt, /) -> Whole:
        """The day of each row."""
        return self._table[KINDS[self.name].on].values[self._rows]

    def evidence(self, row: int) -> Iterator[Place]:
        """The fact itself."""
        yield self.fact(row)
