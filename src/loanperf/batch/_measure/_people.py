"""People: columns that name payees -> one code for each payee, the same in every table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import define, field, frozen
from numpy.typing import NDArray

from loanperf._tables._columns import Column
from loanperf._tables._sums import Places

_DENSE = 2**20
"""Numbers that lie within so much more than four times as many as there are rows are looked up in a table."""


@frozen(eq=False)
class Named:
    """A column that names payees."""

    column: Column
    table: Places | None
    """The code of each word, or of each number from `low` on; None where codes are the column's own."""
    low: int = 0
    sparse: NDArray[np.int64] | None = None
    """The numbers that the codes in `table` belong to, in order, where they are far apart."""

    def codes(self, chosen: slice | Places) -> Places:
        """The codes of some rows; that of any payee where none is named."""
        places: Places = self.column.values[chosen].astype(np.intp, copy=False)
        if self.table is None:
            return places
        if self.sparse is not None:
            return self.table[np.minimum(np.searchsorted(self.sparse, places), self.sparse.size - 1)]
        return self.table[places - self.low] if self.low else self.table[places]


@define(eq=False)
class People:
    """The payees that have been named so far."""

    names: Sequence[str] = ()
    """By code."""
    _codes: dict[str, int] = field(factory=dict, init=False)
    """By name; made once a second list of words is read."""
    _read: list[tuple[Sequence[str], Places | None]] = field(factory=list, init=False)

    def __len__(self) -> int:
        return len(self.names)

    def name(self, code: int) -> str:
        """The payee of a code."""
        return self.names[code]

    def code(self, name: str) -> int:
        """The code of a payee; a new one where it has none."""
        if not isinstance(self.names, list):
            self.names = list(self.names)
            self._codes = {name: code for code, name in enumerate(self.names)}
        found = self._codes.setdefault(name, len(self.names))
        if found == len(self.names):
            self.names.append(name)
        return found

    def named(self, column: Column) -> Named:
        """A column of a book: text, or whole numbers whose digits are the codes of payees."""
        if column.kind == "text":
            return Named(column, self._words(column.words))
        if not len(column):
            return Named(column, None)
        values = column.values if column.missing is None else np.where(column.missing, 0, column.values)
        column = Column("whole", values)
        low, high = int(values.min()), int(values.max())
        if high - low < 4 * values.size + _DENSE:
            there = np.zeros(high - low + 1, dtype=np.bool_)
            there[values - low] = True
            table = np.zeros(there.size, dtype=np.intp)
            found = np.flatnonzero(there)
            table[found] = [self.code(str(low + number)) for number in found.tolist()]
            return Named(column, table, low)
        sparse = np.unique(values)
        return Named(column, np.array([self.code(str(number)) for number in sparse.tolist()]), 0, sparse)

    def in_order(self, codes: Places) -> Places:
        """Codes in order of the names that they stand for."""
        names = self.names
        return np.array(sorted(codes.tolist(), key=names.__getitem__), dtype=np.intp)

    def _words(self, words: Sequence[str]) -> Places | None:
        for known, table in self._read:
            if known is words:
                return table
        if not self.names:
            # A book has each word once.
            self.names, table = words, None
        else:
            table = np.array([*(self.code(word) for word in words), 0], dtype=np.intp)
        self._read.append((words, table))
        return table
