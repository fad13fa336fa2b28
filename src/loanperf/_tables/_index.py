"""Index: words -> the code of a text; a column of codes -> the rows of some of them; each by binary search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from loanperf._numbers import Places, Whole, paired
from loanperf._tables._words import Digits, UpTo, is_of_digits

_DIGITS = 20
"""Digits and sign of the longest number that 64 bits hold."""


@frozen(eq=False)
class WordIndex:
    """The codes of words. It takes 16 bytes a word; where they are whole numbers in order, none."""

    words: Sequence[str]
    marks: Whole
    """What words are found by, in rising order: their numbers, or their hashes."""
    codes: Places | None
    """The code of each mark; None where it is its place."""

    @classmethod
    def of(cls, words: Sequence[str]) -> WordIndex:
        """The index of words, each of which stands once."""
        if isinstance(words, UpTo):
            return cls(words, np.zeros(0, dtype=np.int64), None)
        numbers = words.numbers if isinstance(words, Digits) else np.fromiter(map(hash, words), np.int64, len(words))
        return cls(words, *_in_order(numbers))

    def find(self, text: str) -> int:
        """The code of a text; -1 where it is no word."""
        mark = hash(text)
        if is_of_digits(self.words):
            mark = int(text) if text.removeprefix("-").isdecimal() and len(text) <= _DIGITS else -1
            if isinstance(self.words, UpTo):
                return mark if 0 <= mark < len(self.words) and str(mark) == text else -1
            if not -(2**63) <= mark < 2**63:
                return -1
        for place in range(int(self.marks.searchsorted(np.int64(mark))), len(self.marks)):
            if self.marks[place] != mark:
                break
            code = place if self.codes is None else int(self.codes[place])
            if self.words[code] == text:
                return code
        return -1

    def find_all(self, texts: Iterable[str]) -> Places:
        """The codes of those texts that are words, in rising order, each once."""
        found = {self.find(text) for text in texts} - {-1}
        return np.array(sorted(found), dtype=np.intp)


@frozen(eq=False)
class RowIndex:
    """The rows of each code of a column. It takes 8 to 24 bytes a row where the column is not in order, else none."""

    codes: Whole
    """In rising order."""
    rows: Places | None
    """The row of each; None where it is its place."""

    @classmethod
    def of(cls, codes: Whole) -> RowIndex:
        """The index of a column of codes."""
        return cls(*_in_order(codes))

    def find(self, wanted: Places) -> Places:
        """The rows of codes, in the order in which the codes are given."""
        sought = wanted.astype(self.codes.dtype)  # else numpy would copy the whole column into another type
        low, high = self.codes.searchsorted(sought, "left"), self.codes.searchsorted(sought, "right")
        _, places = paired(low, high)
        return places if self.rows is None else self.rows[places]


def _in_order(values: Whole) -> tuple[NDArray[np.int64], Places | None]:
    if bool((values[1:] >= values[:-1]).all()):
        return values, None
    order = np.argsort(values, kind="stable")
    return values[order], order
