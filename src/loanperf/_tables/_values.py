"""Values: lists of Python values -> columns, and columns -> the values again; and many words in one text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import accumulate, pairwise
from math import lcm
from operator import lt
from typing import Any, TypeAlias, TypeVar, overload

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from loanperf._numbers import LIMIT, Truth, whole
from loanperf._tables._columns import EPOCH, Column

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


def packed_words(words: Collection[str]) -> Sequence[str]:
    """The words, in little room where they are many.

    >>> [*packed_words([str(number) for number in range(300)])][-2:]
    ['298', '299']
    """
    if len(words) < _FEW:
        return tuple(words)
    return Packed("".join(words), np.fromiter(accumulate(map(len, words)), np.int64, len(words)))


_FIRST = EPOCH.toordinal()
Words: TypeAlias = dict[Any, int]
"""The code of each text that has been seen, and of None, which is -1."""


_Value = TypeVar("_Value")


def no_words() -> Words:
    """The words of a column, or of several that share them, before the first text."""
    return {None: -1}


def words_in(index: Words) -> Sequence[str]:
    """The words, in order of their codes."""
    del index[None]
    return packed_words(index)


def of_texts(texts: Sequence[Any], index: Words) -> Column:
    """A column of texts, or of other keys, None where one is missing; without `words`, which wait for the last text.

    Args:
        texts: one a row.
        index: the words known so far, to which those of this column are added.
    """
    known = dict.fromkeys(texts)
    new = [text for text in known if text not in index]
    index.update(zip(new, range(len(index) - 1, len(index) - 1 + len(new)), strict=True))
    if len(known) == 1:
        return Column("text", constant(index[texts[0]], len(texts), "text"))
    return Column("text", np.fromiter(map(index.__getitem__, texts), np.int32, len(texts)))


def of_own_texts(texts: Sequence[Any]) -> Column:
    """A column of texts, None where one is missing, with a list of words of its own."""
    index = no_words()
    found = of_texts(texts, index)
    return Column("text", found.values, None, words_in(index))


def of_days(days: Sequence[date | None]) -> Column:
    """A column of days, None where one is missing."""
    given, missing = _filled(days, EPOCH)
    if missing is not None and missing.all():
        return absent("day", len(days))
    return Column("day", np.fromiter(map(date.toordinal, given), np.int32, len(given)) - np.int32(_FIRST), missing)


def of_truths(truths: Sequence[bool]) -> Column:
    """A column of truths."""
    return Column("truth", np.array(truths, dtype=np.bool_))


def of_whole(numbers: Sequence[int | None], scale: int = 1) -> Column:
    """A column of whole numbers over `scale`, None where one is missing; of Python ints where they are very large."""
    given, missing = _filled(numbers, 0)
    if missing is not None and missing.all():
        return absent("whole", len(numbers))
    return Column("whole", whole(given), missing, (), scale)


def of_fractions(numbers: Sequence[Fraction | None]) -> Column:
    """A column of exact numbers over one scale; of Fractions over 1 where their denominators have no common one."""
    given, missing = _filled(numbers, Fraction(0))
    if missing is not None and missing.all():
        return absent("whole", len(numbers))
    scale = 1
    for below in {number.denominator for number in given}:
        scale = lcm(scale, below)
        if scale >= LIMIT:
            return Column("whole", np.array(given, dtype=object), missing, (), 1)
    units = [number.numerator * (scale // number.denominator) for number in given]
    return Column("whole", whole(units), missing, (), scale)


def _filled(values: Sequence[_Value | None], instead: _Value) -> tuple[Sequence[_Value], Truth | None]:
    """The values with another one where there is none, and where that is."""
    there = [value for value in values if value is not None]
    if len(there) == len(values):
        return there, None
    gone = np.array([value is None for value in values], dtype=np.bool_)
    return [instead if value is None else value for value in values], gone


def values_of(column: Column) -> list[Any]:
    """The values of a column as Python's: texts, days, truths, whole numbers; None where one is missing.

    >>> values_of(of_days([date(2026, 3, 1), None]))
    [datetime.date(2026, 3, 1), None]
    """
    values: list[Any] = column.values.tolist()
    match column.kind:
        case "text":
            words = column.words
            return [None if code < 0 else words[code] for code in values]
        case "day":
            days = {number: date.fromordinal(number + _FIRST) for number in set(values)}
            values = list(map(days.__getitem__, values))
        case _:
            pass
    if column.missing is None:
        return values
    return [None if gone else value for value, gone in zip(values, column.missing.tolist(), strict=True)]


def constant(value: Any, rows: int, like: str) -> Any:
    """One value, a row each, that takes the place of a single one; `like` is `text`, `day`, `truth` or `whole`."""
    kinds: dict[str, Any] = {"text": np.int32, "day": np.int32, "truth": np.bool_, "whole": np.int64}
    return np.broadcast_to(np.array(value, dtype=kinds[like]), (rows,))


def absent(like: Any, rows: int) -> Column:
    """A column in which every value is missing; `like` is its kind."""
    if like == "text":
        return Column("text", constant(-1, rows, like))
    return Column(like, constant(0, rows, like), constant(1, rows, "truth") if rows else None, (), 1)


def in_order(texts: Iterable[str]) -> Any:
    """The rank of each text among them, by its characters.

    >>> in_order(["b", "a"]).tolist()
    [1, 0]
    """
    given = list(texts)
    if all(map(lt, given, given[1:])):
        return np.arange(len(given), dtype=np.int32)
    ranks = np.empty(len(given), dtype=np.int32)
    ranks[np.array(sorted(range(len(given)), key=given.__getitem__), dtype=np.intp)] = np.arange(len(given))
    return ranks
