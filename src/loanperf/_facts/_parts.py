"""Parts: facts too large for memory, some at a time; no two parts state one loan, one customer or one fact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
from attrs import define, field

from loanperf._facts._facts import Facts
from loanperf._kinds import KINDS
from loanperf._numbers import Whole, distinct
from loanperf._tables._columns import Table
from loanperf._tables._given import batches_of
from loanperf._tables._units import NO_UNITS, Units
from loanperf._tables._values import values_of
from loanperf._tables._words import Digits
from loanperf._validators import must_be
from loanperf.errors import DataError, shown

_KEYS: Mapping[str, tuple[str, ...]] = {
    "loans": ("loan",),
    "customers": ("customer",),
    **{name: kind.key for name, kind in KINDS.items() if kind.view},
}
"""By table, the columns whose values must not stand in two parts; other rows go with their loan or customer."""


@define(eq=False)
class Parts:
    """Parts of facts given to `apart`; a key that stands in two of them is an error once both are read."""

    _parts: Iterator[Facts]

    def __iter__(self) -> Iterator[Facts]:
        return self

    def __next__(self) -> Facts:
        return next(self._parts)


def apart(parts: Iterable[Facts]) -> Parts:
    """The same parts, one after another; it is an error if two of them state one loan, one customer or one fact.

    Events and balances belong to the loans of their part, holdings and profits to its customers.
    """
    return parts if isinstance(parts, Parts) else Parts(_apart(parts))


def _apart(parts: Iterable[Facts]) -> Iterator[Facts]:
    seen = {name: _Seen(name, key) for name, key in _KEYS.items()}
    for part in parts:
        must_be(part, Facts, "one of the parts", "pass what lp.Facts.of or lp.Facts.read gives")
        for name, stated in seen.items():
            stated.add(part.tables[name])
        yield part
    for stated in seen.values():
        stated.must_differ()


@define(eq=False)
class _Seen:
    """What the tables of one name stated in the parts that went by."""

    name: str
    key: tuple[str, ...]
    numbers: list[Whole] = field(factory=list)
    """For each part, in order, the numbers by which its rows are told apart."""
    words: set[str] = field(factory=set)
    """The texts by which rows are told apart, one line for each column."""

    def add(self, table: Table) -> None:
        """Take in a table, whose rows differ from each other or are records of one customer."""
        if not table.rows:
            return
        first = table[self.key[0]]
        if len(self.key) == 1 and isinstance(first.words, Digits):
            self.numbers.append(distinct(first.words.numbers[first.values])[0])
            return
        there = {"\n".join(map(str, row)) for row in zip(*(values_of(table[name]) for name in self.key), strict=True)}
        if both := self.words & there:
            raise self._twice(min(both).replace("\n", " ").strip())
        self.words |= there

    def must_differ(self) -> None:
        """Refuse a number that stood in two parts."""
        parts = sorted((part for part in self.numbers if len(part)), key=lambda part: int(part[0]))
        if parts and self.words:
            fault = f"its {self.name} are whole numbers in one batch and text in another"
            raise DataError(f"table {self.name}", fault, "pass them alike, so that they can be compared")
        if any(int(after[0]) <= int(part[-1]) for part, after in pairwise(parts)):
            together = np.sort(np.concatenate(parts), kind="stable")
            same = together[1:] == together[:-1]
            if same.any():
                raise self._twice(str(together[1:][same][0]))

    def _twice(self, found: str) -> DataError:
        remedy = f"drop the repeated row, or sort the rows by {self.key[0]} so that both come in one batch"
        fault = f"the {KINDS[self.name].one} {shown(found)} stands in two batches"
        return DataError(f"table {self.name}", fault, remedy)


def parts_of(
    source: Any,
    *,
    currency: str,
    as_of: date | str | None = None,
    columns: Sequence[str] | None = None,
    money: str = "",
    units: Units = NO_UNITS,
) -> Parts:
    """The facts of each batch of a tape, one after another, such as `lp.measure` takes; see `batches_of`.

    Each loan must stand in one batch alone: what an earlier batch said of it has been used by then.

    Args:
        source: the tape, of the table `loans`.
        currency: ISO 4217 code of every amount.
        as_of: the day on which the loans stood as the tape says.
        columns: which columns to read; None is all.
        money: the unit of whole numbers for money; see `Facts.read`.
        units: the units of columns of plain numbers.

    Raises:
        DataError: what `batches_of` and `Facts.read` raise, and a loan that stands in two batches; that is known only
            when the last batch has been read.
        UnitError: a currency that does not exist.
    """
    said = {"loans": units}
    tables = batches_of(source, "loans", columns=columns)
    return apart(
        Facts.read({"loans": table}, currency=currency, as_of=as_of, money=money, units=said) for table in tables
    )
