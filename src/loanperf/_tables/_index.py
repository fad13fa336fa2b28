"""Index: a column of codes -> the rows of one code, by binary search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from loanperf._tables._columns import Column

_HELD = 2**63
_LONGEST = 20
"""Digits and sign of the longest number that int64 holds."""


@frozen(eq=False)
class Index:
    """The rows of a column of codes, in order of code.

    It takes 8 to 24 bytes a row where the column is not in order by itself, and nothing where it is; words take 16
    bytes each.
    """

    codes: NDArray[Any]
    """In rising order."""
    rows: NDArray[np.intp] | None
    """The row of each; None where the column is in order by itself."""
    words: Sequence[str] | None
    """Of text: the word of each code."""
    marks: NDArray[np.int64] | None
    """Of text: the hashes of the words, in rising order."""
    places: NDArray[np.intp] | None
    """Of text: the code of each hash."""
    lowest: int = field(init=False)

    @lowest.default
    def _of_codes(self) -> int:
        return self.codes.item(0) if len(self.codes) else 0

    @classmethod
    def of(cls, column: Column) -> Index:
        """The index of a column of codes, whole numbers or text."""
        codes, rows = _in_order(column.values)
        if column.kind != "text":
            return cls(codes, rows, None, None, None)
        marks, places = _in_order(np.fromiter(map(hash, column.words), np.int64, len(column.words)))
        return cls(codes, rows, column.words, marks, places)

    def find(self, code: str) -> list[int]:
        """The rows of a code, in order of rows."""
        found: list[int] = []
        item, most = self.codes.item, len(self.codes)
        for value in self._values(code):
            place = self._first(value)
            while place < most and item(place) == value:
                found.append(place if self.rows is None else self.rows.item(place))
                place += 1
        return found

    def _first(self, value: int) -> int:
        """The place of the first of a value: where it is in a column without gaps, or by binary search."""
        place = value - self.lowest
        if 0 < place < len(self.codes) and self.codes.item(place) == value != self.codes.item(place - 1):
            return place
        return int(self.codes.searchsorted(self.codes.dtype.type(value)))

    def _values(self, code: str) -> list[int]:
        """What stands in the column for a code: several where a word is listed twice."""
        if self.words is None or self.marks is None:
            number = int(code) if code.removeprefix("-").isdecimal() and len(code) <= _LONGEST else 0
            return [number] if str(number) == code and -_HELD <= number < _HELD else []
        mark, found = np.int64(hash(code)), []
        for place in range(int(self.marks.searchsorted(mark)), len(self.marks)):
            if self.marks[place] != mark:
                break
            value = place if self.places is None else int(self.places[place])
            if self.words[value] == code:
                found.append(value)
        return found


def _in_order(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.intp] | None]:
    if bool((values[1:] >= values[:-1]).all()):
        return values, None
    order = np.argsort(values, kind="stable")
    return values[order], order
