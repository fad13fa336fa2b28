"""Words: columns of texts, or whole tables, under one list of words, and under each other; and where a word stands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain, count
from math import lcm
from typing import overload

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from loanperf._numbers import Places, Whole, as_places, bounded, counts_up, distinct, largest, paired, rising
from loanperf._tables._columns import Column, ColumnsBetween, Table, gone
from loanperf._tables._values import Packed, absent, in_order, packed_words
from loanperf._validators import is_code


@frozen(eq=False)
class Digits(Sequence[str]):
    """Whole numbers that are codes of a host: words that are written out only where somebody reads them."""

    numbers: Whole

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        return Digits(self.numbers[place]) if isinstance(place, slice) else str(self.numbers[place])

    def __iter__(self) -> Iterator[str]:
        return map(str, self.numbers.tolist())


@frozen(eq=False)
class UpTo(Sequence[str]):
    """The digits of the whole numbers from 0 on: words of codes that are those numbers themselves."""

    size: int

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        found = range(self.size)[place]
        return str(found) if isinstance(found, int) else [*map(str, found)]

    def __iter__(self) -> Iterator[str]:
        return map(str, range(self.size))


def is_of_digits(words: Sequence[str]) -> bool:
    """Whether words are whole numbers, so that each of them is printable and not empty."""
    return isinstance(words, Digits | UpTo)


def are_digits_in_order(words: Sequence[str]) -> bool:
    """Whether words are whole numbers from zero on, whose order is that of their texts, and which are in it.

    >>> are_digits_in_order(Digits(np.array([10, 11]))), are_digits_in_order(Digits(np.array([9, 10])))
    (True, False)
    """
    match words:
        case UpTo():
            return len(words) <= _TEN
        case Digits() if len(words):
            first, last = int(words.numbers[0]), int(words.numbers[-1])
            return first >= 0 and len(str(first)) == len(str(last)) and rising(words.numbers)
        case _:
            return False


_TEN = 10
"""The first number with two digits."""


def ranks_of(words: Sequence[str]) -> Places:
    """The place of each word in the order of their texts; those of digits in order are not written out.

    >>> ranks_of(["b", "a"]).tolist(), ranks_of(UpTo(3)).tolist()
    ([1, 0], [0, 1, 2])
    """
    return np.arange(len(words)) if are_digits_in_order(words) else as_places(in_order(words))


def are_plain(words: Sequence[str], *, may_be_blank: bool) -> bool:
    """Whether all texts can be printed, and each is a code unless they may be blank: without blanks around it."""
    if isinstance(words, Packed) and words.text.isascii():
        return _are_plain(words, may_be_blank=may_be_blank)
    joined = "\n".join(words)
    if not joined:
        return may_be_blank or not words
    if not joined.isascii():
        joined = "".join(words)
        return joined.isprintable() if may_be_blank else all(is_code(word, longest=None) for word in words)
    signs = np.frombuffer(joined.encode(), dtype=np.uint8)
    if int(signs.max()) >= _DELETE or np.count_nonzero(signs < _SPACE) != len(words) - 1:
        return False
    framed = f"\n{joined}\n"
    return may_be_blank or not any(bad in framed for bad in ("\n\n", "\n ", " \n"))


def _are_plain(words: Packed, *, may_be_blank: bool) -> bool:
    """As `are_plain`, for packed texts of ASCII; no text is made for it."""
    signs = np.frombuffer(words.text.encode(), dtype=np.uint8)
    if signs.size and (int(signs.max()) >= _DELETE or int(signs.min()) < _SPACE):
        return False
    if may_be_blank:
        return True
    starts = np.append(0, words.ends[:-1])
    if not (words.ends > starts).all():
        return False
    return bool((signs[starts] != _SPACE).all()) and bool((signs[words.ends - 1] != _SPACE).all())


_SPACE, _DELETE = 32, 127
"""Signs of ASCII between them can be printed, the first one too."""


def with_shared_words(columns: Sequence[Column]) -> list[Column]:
    """Columns of text that share one list of words, so that equal texts have equal codes.

    The list begins with the words of the first column, in their order: its codes stay as they are.
    """
    lists = {id(column.words): column.words for column in columns if len(column.words)}
    words = next(iter(lists.values()), ())
    if all(other is words or _is_same(other, words) for other in lists.values()):
        return [column if column.words is words else evolve(column, words=words) for column in columns]
    merged, places = _merged(list(lists.values()))
    moved = dict(zip(lists, places, strict=True))
    return [_moved(column, moved.get(id(column.words)), merged) for column in columns]


def _is_same(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two lists of texts are equal, as far as that is known at a glance."""
    return isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other) and one == other


def _merged(lists: Sequence[Sequence[str]]) -> tuple[Sequence[str], list[Whole | None]]:
    """All words, and for each list the new places of its words; None where they stay."""
    if any(map(is_of_digits, lists)):
        numbers = [*map(_numbers_of, lists)]
        known = [found for found in numbers if found is not None]
        if len(known) == len(lists):
            return _merged_digits(known)
    index = dict(zip(dict.fromkeys(chain.from_iterable(lists)), count(), strict=False))
    places: list[Whole | None] = [None]
    places += [np.fromiter(map(index.__getitem__, words), np.int32, len(words)) for words in lists[1:]]
    return packed_words(index), places


def _numbers_of(words: Sequence[str]) -> Whole | None:
    """The whole numbers that all of some words write; None where they are other texts."""
    match words:
        case Digits():
            return words.numbers
        case UpTo():
            return np.arange(len(words))
        case _:
            numbers = [int(word) for word in words] if all(map(_is_number, words)) else []
            fits = bool(numbers) and min(numbers) >= -(2**63) and max(numbers) < 2**63
            return np.array(numbers) if fits else None


def _merged_digits(lists: Sequence[Whole]) -> tuple[Sequence[str], list[Whole | None]]:
    all_numbers, places = distinct(np.concatenate(lists))
    first = np.full(len(all_numbers), -1, dtype=np.int64)
    first[places[: len(lists[0])]] = np.arange(len(lists[0]))
    new = np.flatnonzero(first < 0)
    first[new] = len(lists[0]) + np.arange(len(new))
    ends = np.cumsum([len(numbers) for numbers in lists])
    found: list[Whole | None] = [None]
    found += [first[places[end - len(numbers) : end]] for numbers, end in zip(lists[1:], ends[1:], strict=True)]
    return Digits(np.concatenate([lists[0], all_numbers[new]])), found


def _moved(column: Column, places: Whole | None, words: Sequence[str]) -> Column:
    if places is None:
        return evolve(column, words=words)
    codes = np.append(places, -1).astype(np.int32)[column.values]
    return evolve(column, values=codes, words=words)


def stacked_tables(tables: Sequence[Table]) -> Table:
    """The rows of tables under each other; a column that one of them lacks is missing in its rows."""
    some = [table for table in tables if table.rows] or [*tables[:1]]
    if len(some) == 1:
        return some[0]
    together = _put_together([table.columns for table in some])
    if together is not None:
        return Table(some[0].name, together.high - together.low, {**together}, some[0].came_as)
    names = dict.fromkeys(name for table in some for name in table)
    columns = {name: _stacked([_column(table, name, some) for table in some]) for name in names}
    return Table(some[0].name, sum(table.rows for table in some), columns, some[0].came_as)


def _put_together(parts: Sequence[Mapping[str, Column]]) -> ColumnsBetween | None:
    """Parts that were cut out of one table behind each other, as one; None where they are not that."""
    first, *others = parts
    if not isinstance(first, ColumnsBetween):
        return None
    high = first.high
    for part in others:
        if not isinstance(part, ColumnsBetween) or part.whole is not first.whole or part.low != high:
            return None
        high = part.high
    return evolve(first, high=high)


def _column(table: Table, name: str, tables: Sequence[Table]) -> Column:
    if name in table:
        return table[name]
    like = next(other[name] for other in tables if name in other)
    return absent(like.kind, table.rows)


def _stacked(columns: Sequence[Column]) -> Column:
    first = columns[0]
    if first.kind == "text":
        columns = with_shared_words(columns)
    elif first.kind == "whole":
        columns = _of_one_scale(columns)
    missing = None
    if any(column.missing is not None for column in columns):
        missing = np.concatenate([gone(column) for column in columns])
    values = np.concatenate([column.values for column in columns])
    return Column(first.kind, values, missing, columns[0].words, columns[0].scale)


def _of_one_scale(columns: Sequence[Column]) -> Sequence[Column]:
    """Whole numbers over one scale; Fractions over 1 where one of the columns has those."""
    scale = lcm(*(column.scale or 1 for column in columns))
    if all(column.scale == scale and column.values.dtype != object for column in columns):
        return columns
    if any(
        isinstance(value, Fraction) for column in columns if column.values.dtype == object for value in column.values
    ):
        return [_fractions(column) for column in columns]
    most = max(largest(column.values) * (scale // (column.scale or 1)) for column in columns)
    values = bounded(most, *(column.values for column in columns))
    return [
        evolve(column, values=value * (scale // (column.scale or 1)), scale=scale)
        for column, value in zip(columns, values, strict=True)
    ]


def _fractions(column: Column) -> Column:
    values = np.empty(len(column), dtype=object)
    values[:] = [Fraction(value) / (column.scale or 1) for value in column.values.tolist()]
    return evolve(column, values=values, scale=1)


def renumbered(tables: Mapping[str, Table], columns: Sequence[tuple[str, str]], order: Whole) -> dict[str, Table]:
    """Tables in which the word of code `order[i]` has code i, in the columns that share a list of words."""
    found = dict(tables)
    if not columns:
        return found
    before = tables[columns[0][0]][columns[0][1]].words
    if len(order) == len(before) and counts_up(order):
        return found
    places = np.full(len(before) + 1, -1, dtype=np.int32)
    places[order] = np.arange(len(order))
    words = _reordered(before, order)
    for place, name in columns:
        moved = evolve(found[place][name], values=places[found[place][name].values], words=words)
        found[place] = evolve(found[place], columns={**found[place].columns, name: moved})
    return found


def _reordered(words: Sequence[str], order: Whole) -> Sequence[str]:
    return chosen_words(words, order) if is_of_digits(words) else packed_words(_words_at(words, order))


def chosen_words(words: Sequence[str], codes: Whole) -> Sequence[str]:
    """The words of codes, in their order."""
    match words:
        case Digits():
            return Digits(words.numbers[codes])
        case UpTo():
            return Digits(codes)
        case _:
            return tuple(map(words.__getitem__, codes.tolist()))


def without_empty(column: Column) -> Column:
    """A column of texts in which an empty one is missing."""
    if is_of_digits(column.words) or "" not in column.words:
        return column
    empty = [code for code, word in enumerate(column.words) if not word]
    return evolve(column, values=np.where(np.isin(column.values, empty), np.int32(-1), column.values))


def with_default(column: Column, default: str) -> Column:
    """A column of texts in which another one stands where one is missing."""
    if not len(column) or int(column.values.min()) >= 0:
        return column
    words = tuple(column.words)
    code = words.index(default) if default in words else len(words)
    values = np.where(column.values < 0, np.int32(code), column.values)
    return evolve(column, values=values, words=words if code < len(words) else (*words, default))


def distinct_texts(column: Column) -> list[str]:
    """The texts that a column of text holds, each once."""
    used = np.zeros(len(column.words) + 1, dtype=np.bool_)
    used[column.values] = True
    return _words_at(column.words, np.flatnonzero(used[:-1]))


_PART = 8
"""Where one word in so many is asked for, it is faster to make each than to make the others one by one."""


def _words_at(words: Sequence[str], codes: Whole) -> list[str]:
    """The words of codes, in their order."""
    held = tuple(words) if len(words) < _PART * len(codes) else words
    return [held[code] for code in codes.tolist()]


def codes_among(words: Sequence[str], texts: Collection[str]) -> Places:
    """The codes of those texts that are words, in rising order, each once."""
    if isinstance(words, UpTo) or len(words) > _PART * len(texts):
        return WordIndex.of(words).find_all(texts)
    wanted = frozenset(texts)
    return np.array([code for code, word in enumerate(words) if word in wanted], dtype=np.intp)


def code_of_word(words: Sequence[str], text: str) -> int:
    """The code of a word; -1 where there is no such word."""
    if isinstance(words, Digits):
        found = np.flatnonzero(words.numbers == int(text)) if _is_number(text) else np.arange(0)
        return int(found[0]) if found.size else -1
    if isinstance(words, Packed):
        return words.find(text)
    if isinstance(words, UpTo):
        return int(text) if _is_number(text) and 0 <= int(text) < len(words) else -1
    return words.index(text) if text in words else -1


def _is_number(text: str) -> bool:
    """Whether a text is what a whole number of 64 bits is written as."""
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) < 20 and str(int(text)) == text


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
