"""Joins: columns of codes in several tables -> which rows name the same thing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from loanperf._numbers import Places
from loanperf._tables._columns import Column

_DENSE = 2**20


def rows_in(known: Column, wanted: Column) -> Places:
    """For each row of `wanted` the row of `known` that holds the same code; -1 where there is none.

    Args:
        known: text or whole numbers, each once.
        wanted: text or whole numbers; a number is the same as its digits.
    """
    mine, theirs = together(known, wanted)
    row_of = np.full(int(max(mine.max(initial=-1), theirs.max(initial=-1))) + 1, -1, dtype=np.intp)
    row_of[mine] = np.arange(mine.size)
    return row_of[theirs] if theirs.size else theirs


def together(*columns: Column) -> list[Places]:
    """The codes of several columns, from 0 on, the same for the same text wherever it stands; none may be missing."""
    if all(column.kind == "whole" for column in columns):
        return _of_numbers([column.values for column in columns])
    codes: dict[str, int] = {}
    return [_of_words(column if column.kind == "text" else as_text(column), codes) for column in columns]


def as_text(column: Column) -> Column:
    """A column of codes or texts as text; whole numbers are their digits."""
    if column.kind == "text":
        return column
    numbers, codes = np.unique(column.values, return_inverse=True)
    found = codes.astype(np.int64)
    if column.missing is not None:
        found[column.missing] = -1
    return Column("text", found, None, [str(number) for number in numbers.tolist()])


def _of_words(column: Column, codes: dict[str, int]) -> Places:
    table = np.array([*(codes.setdefault(word, len(codes)) for word in column.words), -1], dtype=np.intp)
    found: Places = table[column.values]
    return found


def _of_numbers(columns: list[NDArray[np.int64]]) -> list[Places]:
    there = [values for values in columns if values.size]
    if not there:
        return [values.astype(np.intp) for values in columns]
    low, high = min(int(values.min()) for values in there), max(int(values.max()) for values in there)
    if high - low < 4 * sum(values.size for values in there) + _DENSE:
        return [values - low for values in columns]
    numbers = np.unique(np.concatenate(there))
    return [np.searchsorted(numbers, values) for values in columns]
