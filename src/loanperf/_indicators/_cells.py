"""Cells: a field of the rows of a view, as a column of whole numbers over a denominator, of truths or of words."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from loanperf._numbers import AS_THEY_ARE, Below, Rows, Truth, Whole, quotients
from loanperf._tables._columns import Column


@frozen(eq=False)
class Cells:
    """One field, a value a row."""

    values: Whole
    """Whole numbers, truths, or codes into `words`."""
    below: Below = 1
    """The denominator of whole numbers: one for all rows, or one a row. Of money it gives smallest units."""
    missing: Truth | None = None
    """Where the value is unknown; None where none is."""
    words: Sequence[str] = ()
    unsaid: str = ""
    """The word of the code -1."""

    @classmethod
    def of(cls, column: Column) -> Cells:
        """The cells of a column of facts."""
        if column.kind == "text":
            return cls(column.values, words=column.words)
        top, below = quotients(column.values)
        return cls(top, (column.scale or 1) if isinstance(below, int) else below, column.missing)

    def rows(self, chosen: Rows) -> Cells:
        """The cells of some rows."""
        if chosen is AS_THEY_ARE:
            return self
        below = self.below if isinstance(self.below, int) else self.below[chosen]
        missing = None if self.missing is None else self.missing[chosen]
        return Cells(self.values[chosen], below, missing, self.words, self.unsaid)
