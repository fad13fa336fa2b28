"""Cells: columns of facts <-> the cells of their rows, a list a column of the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from attrs import define, field

from loanperf._kinds import COLUMN_TYPES, KINDS, FactColumn, TypeName
from loanperf._quantities import plain
from loanperf._tables._columns import EPOCH, Column, Table, gone
from loanperf._tables._values import Words, absent, no_words, of_fractions, of_texts, words_in
from loanperf.adapters.sql._schema import EXACT, FIELDS, column_of
from loanperf.adapters.sql._stored import exact

CellColumns: TypeAlias = Mapping[str, Sequence[Any]]
"""By column of the database, what stands in each row: text, whole numbers, truths; days as text."""


def cells_of(form: str, table: Table) -> CellColumns:
    """The cells of facts of one form, which is a kind of facts.

    Args:
        form: the kind.
        table: its columns as facts hold them; of amounts each fits in 64 bits.
    """
    found: dict[str, Sequence[Any]] = {}
    for name, known in KINDS[form].columns.items():
        if name in table and _says(table[name]):
            found[column_of(name, known.type)] = _cells(known, table[name])
        elif known.default:
            found[column_of(name, known.type)] = [known.default] * table.rows
    for name, column in (("currency", "currency"), ("source", "fact_source")):
        if name in table and name not in FIELDS[form] and _says(table[name]):
            found[column] = _texts(table[name], None)
    return found


def _says(held: Column) -> bool:
    """Whether a column says anything."""
    if held.kind == "text":
        return bool(len(held)) and int(held.values.max()) >= 0
    return held.missing is None or not held.missing.all()


def _texts(held: Column, none: Any) -> Sequence[Any]:
    """The texts; an empty one says as much as none."""
    return [*map([*(word or None for word in held.words), none].__getitem__, held.values.tolist())]


def _cells(known: FactColumn, held: Column) -> Sequence[Any]:
    if held.kind == "text":
        return _texts(held, known.default or None)
    if known.type == "truth" and known.default is False:
        return [truth or None for truth in held.values.tolist()]
    values: list[Any] = held.values.tolist()
    if held.kind == "day":
        values = _each(values, lambda number: (EPOCH + timedelta(days=number)).isoformat())
    elif known.type in EXACT:
        scale = held.scale or 1
        values = _each(values, lambda units: plain(Fraction(units) / scale))
    if held.missing is None:
        return values
    return [None if gone else cell for gone, cell in zip(held.missing.tolist(), values, strict=True)]


def _each(values: Sequence[Any], make: Callable[[Any], str]) -> list[str]:
    """Apply a function to each value, calling it once for values that are equal."""
    made = {value: make(value) for value in set(values)}
    return [*map(made.__getitem__, values)]


# ── cells to columns ────────────────────────────────────────────────────────────────────────────────────────


@define(eq=False)
class Growing:
    """A column of facts that grows by the cells of more and more rows."""

    of: TypeName
    index: Words = field(factory=no_words)
    """The words of its texts; columns of one domain may share them."""
    _parts: list[Column] = field(factory=list)

    @classmethod
    def of_field(cls, known: FactColumn, shared: Mapping[str, Words]) -> Growing:
        """The column of a field; columns of a domain have the words of the domain."""
        return cls(known.type, shared[known.domain] if known.domain else no_words())

    def add(self, cells: Sequence[Any]) -> None:
        """Add the cells of some rows.

        Raises:
            TypeError: a cell is of another kind than the column of the database holds.
            ValueError: a text is no day or no number.
        """
        nothing = cells[0] is None and cells.count(None) == len(cells)
        held = COLUMN_TYPES[self.of].held
        self._parts.append(absent(held, len(cells)) if nothing else _column(self.of, cells, self.index))

    def column(self, words: dict[int, Sequence[str]]) -> Column:
        """The whole column.

        Args:
            words: of each list of words, by its id, the words themselves, once nothing is added to any column.
        """
        parts = self._parts or [absent(COLUMN_TYPES[self.of].held, 0)]
        missing = None
        if any(part.missing is not None for part in parts):
            missing = np.concatenate([gone(part) for part in parts])
        values = np.concatenate([part.values for part in parts])
        if parts[0].kind != "text":
            return Column(parts[0].kind, values, missing, (), 1)
        if id(self.index) not in words:
            words[id(self.index)] = words_in(self.index)
        known = words[id(self.index)]
        return _numbers(values, known) if self.of in EXACT else Column("text", values, None, known)


def _numbers(codes: Any, words: Sequence[str]) -> Column:
    """The numbers of texts, each read once."""
    of_words = of_fractions([*map(exact, words)])
    if not len(of_words):
        return absent("whole", len(codes))
    missing = codes < 0
    return Column("whole", of_words.values[codes], missing if missing.any() else None, (), of_words.scale)


def _column(of: TypeName, cells: Sequence[Any], index: Words) -> Column:
    kinds = {*map(type, cells)} - {type(None)}
    held = COLUMN_TYPES[of].held
    if held == "text" or of in EXACT:
        _must_be(kinds, str)
        return of_texts(cells, index)
    if held == "day":
        _must_be(kinds, date, str)
        return _days(cells)
    if held == "truth":
        _must_be(kinds, bool, int)
        if not {*cells} <= {0, 1, None}:
            raise TypeError("a truth must stand there")
        return Column("truth", np.fromiter(map(bool, cells), np.bool_, len(cells)))
    _must_be(kinds, int)
    return _whole(cells) if kinds else absent("whole", len(cells))


def _whole(cells: Sequence[Any]) -> Column:
    """Whole numbers of 64 bits."""
    if None not in cells:
        return Column("whole", np.fromiter(cells, np.int64, len(cells)), None, (), 1)
    missing = np.fromiter((cell is None for cell in cells), np.bool_, len(cells))
    return Column("whole", np.fromiter((cell or 0 for cell in cells), np.int64, len(cells)), missing, (), 1)


def _must_be(found: set[type], *known: type) -> None:
    if not found <= {*known}:
        raise TypeError(f"a {known[0].__name__} must stand there")


def _days(cells: Sequence[Any]) -> Column:
    numbers = {cell: _number(cell) for cell in {*cells}}
    values = np.fromiter(map(numbers.__getitem__, cells), np.int32, len(cells))
    missing = None
    if None in numbers:
        missing = np.fromiter((cell is None for cell in cells), np.bool_, len(cells))
    return Column("day", values, missing)


def _number(cell: date | str | None) -> int:
    """The number of a day; 0 where there is none."""
    if cell is None:
        return 0
    if isinstance(cell, str) and len(cell) != len("2026-03-01"):
        raise ValueError("a day must stand there")
    found = date.fromisoformat(cell) if isinstance(cell, str) else cell
    return found.toordinal() - EPOCH.toordinal()
