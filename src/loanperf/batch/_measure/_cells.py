"""Cells: one field of the rows that are worked at once."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from attrs import field, frozen
from numpy.typing import NDArray

from loanperf._tables._columns import Truth, Whole
from loanperf._tables._sums import Exact


@frozen(eq=False)
class Cells:
    """One field of the rows of a chunk."""

    values: NDArray[Any]
    """Whole numbers, truths, or codes into `words`."""
    missing: Truth | None = None
    """Where the value is unknown; what stands there is 0."""
    words: Sequence[str] = ()
    unit: int = 1
    """Of numbers: how many make one whole."""
    below: Whole | None = None
    """Of quotients: what each value is divided by, above zero."""
    _most: list[int] = field(factory=list, init=False)

    def most(self) -> int:
        """No value is further from zero."""
        if not self._most:
            values = self.values
            self._most.append(max(int(values.max()), -int(values.min())) if values.size else 0)
        return self._most[0]

    def at(self, place: int) -> Exact:
        """The value of a row, in units."""
        value = int(self.values[place])
        return value if self.below is None else Fraction(value, int(self.below[place]))
