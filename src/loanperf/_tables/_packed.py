"""Packed: many words in one text, where each alone would cost an object."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import overload

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

_FEW = 256
"""So many words stay a tuple."""


@frozen(eq=False)
class Packed(Sequence[str]):
    """Words one behind the other; a word is made when it is read."""

    text: str
    ends: NDArray[np.int64]
    """Where each word ends in the text; it begins where the one before it ends."""

    def __len__(self) -> int:
        return len(self.ends)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            return [*self][place]
        if not -len(self.ends) <= place < len(self.ends):
            raise IndexError(place)
        place %= len(self.ends)
        return self.text[self.ends[place - 1] if place else 0 : self.ends[place]]

    def __iter__(self) -> Iterator[str]:
        return (self.text[start:end] for start, end in pairwise([0, *self.ends.tolist()]))

    def find(self, word: str) -> int:
        """The place of a word; -1 where there is no such word."""
        if not word:
            empty = np.flatnonzero(np.diff(self.ends, prepend=0) == 0)
            return int(empty[0]) if empty.size else -1
        at = self.text.find(word)
        while at >= 0:
            place = int(np.searchsorted(self.ends, at, "right"))
            if at + len(word) == self.ends[place] and self[place] == word:
                return place
            at = self.text.find(word, at + 1)
        return -1

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and self.find(word) >= 0


def packed(words: Collection[str]) -> Sequence[str]:
    """The words, in little room where they are many.

    >>> [*packed([str(number) for number in range(300)])][-2:]
    ['298', '299']
    """
    if len(words) < _FEW:
        return tuple(words)
    return Packed("".join(words), np.fromiter(accumulate(map(len, words)), np.int64, len(words)))
