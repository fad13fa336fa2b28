"""Repeats: (table, key) -> rows that say again what another says, and rows of one key that may contradict."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from loanperf._tables._columns import Column, Table, Truth, Whole

_MIXED = np.uint64(0x9E3779B97F4A7C15)
"""An odd number whose multiples spread over all 64 bits."""
_DEFAULTS = {"role": "lead"}
"""What a missing part of a key stands for, where it is not the empty text."""
_NONE = np.zeros(0, dtype=np.intp)
Rows: TypeAlias = NDArray[np.intp]


def said_again(table: Table, key: tuple[str, ...], without: Collection[int]) -> tuple[Rows, Rows, Iterator[list[int]]]:
    """The rows that are cell by cell as an earlier one, those earlier ones, and the rows of each other repeated key.

    Rows that are not the same in every cell may still be the same fact, since an empty text is as good as none; or they
    contradict each other. Whoever makes their facts will see.

    Args:
        table: as a book keeps it.
        key: names of columns.
        without: rows that are left out.
    """
    rows = None
    if without:
        kept = np.ones(table.rows, dtype=np.bool_)
        kept[[*without]] = False
        rows = np.flatnonzero(kept)
        table = table.take(rows)
    columns = [_numbers(name, table[name]) for name in key if name in table]
    if table.rows < 2 or _rising(columns):
        return _NONE, _NONE, iter(())
    marks = _marks(columns)
    if _all_differ(marks):
        return _NONE, _NONE, iter(())
    again, firsts, others = _compared(table, marks)
    groups: dict[tuple[str, ...], list[int]] = {}
    for row in others.tolist():
        groups.setdefault(_key(table, key, row), []).append(row)
    many = [group for group in groups.values() if len(group) > 1]
    if rows is None:
        return again, firsts, iter(many)
    return rows[again], rows[firsts], ([int(rows[row]) for row in group] for group in many)


def _compared(table: Table, marks: Whole) -> tuple[Rows, Rows, Rows]:
    """The rows that are as the first one of their mark, with it; all rows of the marks whose rows are not the same."""
    order = np.argsort(marks, kind="stable")
    same = np.append(False, marks[order[1:]] == marks[order[:-1]])
    run = np.cumsum(~same) - 1
    first = np.flatnonzero(~same)
    several = same.copy()
    several[:-1] |= same[1:]
    order, run = order[several], run[several]
    heads = np.zeros(len(first), dtype=np.intp)
    heads[run[::-1]] = order[::-1]  # the last that is written, the first of its run, stays
    head = heads[run]
    unlike = np.zeros(len(order), dtype=np.bool_)
    for column in table.columns.values():
        unlike |= column.values[order] != column.values[head]
        if column.missing is not None:
            unlike |= column.missing[order] != column.missing[head]
    mixed = np.zeros(len(first), dtype=np.bool_)
    mixed[run[unlike]] = True
    pure = ~mixed[run]
    repeated = pure & (order != head)
    again, firsts = order[repeated], head[repeated]
    by_row = np.argsort(again, kind="stable")
    return again[by_row], firsts[by_row], np.sort(order[~pure])


def _key(table: Table, key: tuple[str, ...], row: int) -> tuple[str, ...]:
    cells = ((name, table[name].at(row) if name in table else None) for name in key)
    return tuple(_DEFAULTS.get(name, "") if cell is None else str(cell) for name, cell in cells)


def _numbers(name: str, column: Column) -> Whole:
    """A number a row that tells the values of a column apart; a missing one is what it stands for."""
    values: Whole = column.values
    if column.kind == "text" and values.size and int(values.min()) < 0:
        default = _DEFAULTS.get(name, "")
        if default in column.words:
            values = np.where(values < 0, column.words.index(default), values)
    return values


def _rising(columns: list[Whole]) -> bool:
    """Whether each row is above the one before it, by the first column in which they differ."""
    tied: Truth | None = None
    for values in columns:
        below, above = values[:-1], values[1:]
        fits = above >= below
        if not (fits if tied is None else fits | ~tied).all():
            return False
        same = above == below
        tied = same if tied is None else tied & same
        if not tied.any():
            return True
    return False


def _marks(columns: list[Whole]) -> Whole:
    """One number a row: the same for rows of one key, seldom the same for others."""
    if len(columns) == 1:
        return columns[0]
    mixed = np.zeros(len(columns[0]), dtype=np.uint64)
    for values in columns:
        mixed ^= values.astype(np.int64, copy=False).view(np.uint64)
        mixed *= _MIXED
        mixed ^= mixed >> np.uint64(29)
    return mixed.view(np.int64)


def _all_differ(values: Whole) -> bool:
    """Whether no number stands twice: by a bitmap where they are dense, else by sorting."""
    low, high = int(values.min()), int(values.max())
    if high - low < 8 * len(values):
        seen = np.zeros(high - low + 1, dtype=np.bool_)
        seen[values - low] = True
        return int(np.count_nonzero(seen)) == len(values)
    ordered = np.sort(values)
    return bool((ordered[1:] != ordered[:-1]).all())
