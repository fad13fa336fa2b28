"""Batches: a table larger than memory -> its tables, or books, one after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from os import PathLike, fspath
from typing import Any

import numpy as np
from attrs import define, evolve, field

from loanperf._kinds import KINDS
from loanperf._tables._columns import Table, Whole
from loanperf._tables._frames import batches_from
from loanperf._tables._given import read_table
from loanperf._tables._units import NO_UNITS, Units
from loanperf._validators import must_be
from loanperf.batch._book._book import Book
from loanperf.errors import DataError, shown

_KEYS: Mapping[str, tuple[str, ...]] = {
    "loans": ("loan",),
    "customers": ("customer",),
    **{name: kind.key for name, kind in KINDS.items() if kind.domain == "payee"},
}
"""What must not stand in two batches, in the tables whose rows belong to no row of another one."""
ROWS = 2**20
"""Rows of a batch, where the file does not say it."""


def batches_of(source: Any, what: str = "loans", *, columns: Sequence[str] | None = None) -> Iterator[Table]:
    """The tables of a source, one after another, so that what is larger than memory goes through.

    Problems of a row count rows from the start of the source.

    Args:
        source: a path of a Parquet file or of a folder of them; a Dataset, ParquetFile or RecordBatchReader of PyArrow;
            or any iterable of tables: record batches, data frames, mappings of arrays.
        what: what to call the table in errors.
        columns: which columns to read of a file; None is all. Of tables that are passed, the others are left out.

    Raises:
        DataError: no source, a file that cannot be read, or a table that lacks a column or cannot be read.
        MissingExtraError: a file or data frame, and the extra `tables` is not installed.

    >>> import numpy as np
    >>> [table.first_row for table in batches_of([{"loan": np.array([1, 2])}, {"loan": np.array([3])}])]
    [0, 2]
    """
    first_row = 0
    for given in _given(source, columns):
        table = read_table(given, what)
        if columns is not None:
            table = evolve(table, columns={name: table[name] for name in columns})
        yield evolve(table, first_row=first_row)
        first_row += table.rows


def books_of(
    source: Any,
    *,
    currency: str,
    as_of: date | str | None = None,
    columns: Sequence[str] | None = None,
    money: str = "",
    units: Units = NO_UNITS,
) -> Iterator[Book]:
    """A book of each batch of a tape; see `batches_of` and `Book.of`.

    Each loan must stand in one batch alone: what an earlier batch said of it has been used by then.

    Args:
        source: the tape, of the table `loans`.
        currency: ISO 4217 code of every amount.
        as_of: the day on which the loans stood as the tape says.
        columns: which columns to read; None is all.
        money: the unit of whole numbers for money; see `Book.of`.
        units: the units of columns of plain numbers.

    Raises:
        DataError: what `batches_of` and `Book.of` raise, and a loan that stands in two batches; that is known only
            when the last batch has been read.
        UnitError: a currency that does not exist.
    """
    tables = batches_of(source, "loans", columns=columns)
    said = {"loans": units}
    return apart(Book.of({"loans": table}, currency=currency, as_of=as_of, money=money, units=said) for table in tables)


@define(eq=False)
class Parts:
    """Books of which it is seen to that no two state the same, while they go by."""

    _books: Iterator[Book]

    def __iter__(self) -> Iterator[Book]:
        return self

    def __next__(self) -> Book:
        return next(self._books)


def apart(books: Iterable[Book]) -> Parts:
    """The same books, one after another; it is an error if two of them state one loan, one customer or one fact.

    Events and balances belong to the loans of their book, holdings and profits to its customers.

    Raises:
        DataError: while they are gone through; of loans and customers with whole numbers, after the last book.
    """
    return books if isinstance(books, Parts) else Parts(_apart(books))


def _apart(books: Iterable[Book]) -> Iterator[Book]:
    seen = {name: _Seen(name, key) for name, key in _KEYS.items()}
    for book in books:
        must_be(book, Book, "one of the books", "pass what batch.Book.of gives")
        for name, numbers in seen.items():
            if name in book.tables:
                numbers.add(book.tables[name])
        yield book
    for numbers in seen.values():
        numbers.must_differ()


def _given(source: Any, columns: Sequence[str] | None) -> Iterator[Any]:
    """The tables of a source, as they came."""
    if isinstance(source, str | PathLike) or hasattr(source, "to_batches") or hasattr(source, "iter_batches"):
        yield from batches_from(fspath(source) if isinstance(source, PathLike) else source, columns, ROWS)
    elif isinstance(source, Iterable) and not isinstance(source, Mapping) and not hasattr(source, "columns"):
        yield from source
    else:
        fault = f"it is a {type(source).__name__}"
        raise DataError("batches", fault, "pass a path, a Dataset of PyArrow, or an iterable of tables; see Book.of")


@define(eq=False)
class _Seen:
    """What the tables of one name stated in the books that went by."""

    name: str
    key: tuple[str, ...]
    numbers: list[Whole] = field(factory=list)
    """Of each book the numbers that tell its rows apart, in order."""
    words: set[str] = field(factory=set)
    """The texts that do, a line a column."""

    def add(self, table: Table) -> None:
        """Take in a table, whose rows differ from each other or are records of one customer."""
        if table[self.key[0]].kind == "whole":
            self.numbers.append(np.unique(table[self.key[0]].values))
            return
        there = {*map("\n".join, zip(*(_texts(table, name) for name in self.key), strict=True))}
        if both := self.words & there:
            raise self._twice(min(both).replace("\n", " ").strip())
        self.words |= there

    def must_differ(self) -> None:
        """Refuse a number that stood in two books."""
        parts = sorted((part for part in self.numbers if part.size), key=lambda part: int(part[0]))
        if parts and self.words:
            fault = f"its {self.name} are whole numbers in one batch and text in another"
            raise DataError(f"table {self.name}", fault, "pass them alike, so that they can be compared")
        if any(int(after[0]) <= int(part[-1]) for part, after in pairwise(parts)):
            together = np.sort(np.concatenate(parts), kind="stable")
            same = together[1:] == together[:-1]
            if same.any():
                raise self._twice(str(together[1:][same][0]))

    def _twice(self, found: str) -> DataError:
        what = KINDS[self.name].one
        remedy = f"drop the repeated row, or sort the rows by {self.key[0]} so that both come in one batch"
        return DataError(f"table {self.name}", f"the {what} {shown(found)} stands in two batches", remedy)


def _texts(table: Table, name: str) -> list[str]:
    """A column as text, empty where there is nothing."""
    if name not in table:
        return [""] * table.rows
    column = table[name]
    if column.kind == "text":
        words = (*column.words, "")
        return [words[code] for code in column.values.tolist()]
    return [str(column.at(row)) for row in range(table.rows)]
