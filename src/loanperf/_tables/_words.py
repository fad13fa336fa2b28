"""Words: columns of texts, or whole tables, under one list of words, and under each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain, count
from math import lcm
from typing import Any, overload

import numpy as np
from attrs import evolve, frozen

from loanperf._numbers import Whole, bounded, distinct, largest
from loanperf._tables._columns import Column, Table
from loanperf._tables._packed import Packed, packed
from loanperf._tables._values import absent


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


def are_plain(words: Sequence[str], *, may_be_blank: bool) -> bool:
    """Whether all texts can be printed, and none is blank; one that begins with a space may be taken for blank."""
    joined = "\n".join(words)
    if not joined:
        return may_be_blank or not words
    if not joined.isascii():
        return "".join(words).isprintable() and (may_be_blank or all(map(str.strip, words)))
    signs = np.frombuffer(joined.encode(), dtype=np.uint8)
    if int(signs.max()) >= _DELETE or np.count_nonzero(signs < _SPACE) != len(words) - 1:
        return False
    return may_be_blank or not (joined[0] in "\n " or joined[-1] == "\n" or "\n\n" in joined or "\n " in joined)


_SPACE, _DELETE = 32, 127
"""Signs of ASCII between them can be printed, the first one too."""


def together(columns: Sequence[Column]) -> list[Column]:
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
    if all(isinstance(words, Digits) for words in lists):
        return _merged_digits([words.numbers for words in lists if isinstance(words, Digits)])
    index = dict(zip(dict.fromkeys(chain.from_iterable(lists)), count(), strict=False))
    places: list[Whole | None] = [None]
    places += [np.fromiter(map(index.__getitem__, words), np.int32, len(words)) for words in lists[1:]]
    return packed(index), places


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


def stacked(tables: Sequence[Table]) -> Table:
    """The rows of tables under each other; a column that one of them lacks is missing in its rows."""
    some = [table for table in tables if table.rows] or [*tables[:1]]
    if len(some) == 1:
        return some[0]
    names = dict.fromkeys(name for table in some for name in table)
    columns = {name: _stacked([_column(table, name, some) for table in some]) for name in names}
    return Table(some[0].name, sum(table.rows for table in some), columns, some[0].came_as)


def _column(table: Table, name: str, tables: Sequence[Table]) -> Column:
    if name in table:
        return table[name]
    like = next(other[name] for other in tables if name in other)
    return absent(like.kind, table.rows)


def _stacked(columns: Sequence[Column]) -> Column:
    first = columns[0]
    if first.kind == "text":
        columns = together(columns)
    elif first.kind == "whole":
        columns = _of_one_scale(columns)
    missing = None
    if any(column.missing is not None for column in columns):
        missing = np.concatenate([_gone(column) for column in columns])
    values = np.concatenate([column.values for column in columns])
    return Column(first.kind, values, missing, columns[0].words, columns[0].scale)


def _gone(column: Column) -> Any:
    return np.zeros(len(column), dtype=np.bool_) if column.missing is None else column.missing


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
    """Tables in which the word of code `order[i]` has code i, in the columns that share a list of words.

    Args:
        tables: by place.
        columns: place and name of each of those columns.
        order: codes, each once; all that occur.
    """
    found = dict(tables)
    if not columns:
        return found
    before = tables[columns[0][0]][columns[0][1]].words
    places = np.full(len(before) + 1, -1, dtype=np.int32)
    places[order] = np.arange(len(order))
    words = _reordered(before, order)
    for place, name in columns:
        moved = evolve(found[place][name], values=places[found[place][name].values], words=words)
        found[place] = evolve(found[place], columns={**found[place].columns, name: moved})
    return found


def _reordered(words: Sequence[str], order: Whole) -> Sequence[str]:
    return (
        Digits(words.numbers[order]) if isinstance(words, Digits) else packed([*map(words.__getitem__, order.tolist())])
    )


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
    return [column.words[code] for code in np.flatnonzero(used[:-1]).tolist()]


def place_of(words: Sequence[str], text: str) -> int:
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
