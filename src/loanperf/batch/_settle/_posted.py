"""Posted: what is to be posted for a book as columns; the entries themselves when they are asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from loanperf._ledger import EFFECTS, Entry, EntryKind, Ledger
from loanperf._periods import Period
from loanperf._tables._columns import Column, Whole
from loanperf._tables._exact import total_by_code
from loanperf._tables._frames import like
from loanperf.batch._accrue._accrued import AccruedBook
from loanperf.batch._settle._bonuses import Bonuses
from loanperf.batch._settle._sub_ledger import SubLedger

Codes: TypeAlias = NDArray[np.int64]
KINDS = tuple(EntryKind)
"""What the codes of kinds stand for."""


@frozen(eq=False, kw_only=True)
class Totals:
    """What some entries come to, one element a payee, in smallest units; `MISSING` where 64 bits cannot hold it."""

    entitled: Whole
    """Earned and kept."""
    held: Whole
    due: Whole
    """To be paid, by these entries."""


@frozen(eq=False, kw_only=True)
class SettledBook:
    """What is to be posted for a book, one element an entry, in the order and with the numbers of `settle`."""

    period: Period
    currency: str
    first_number: int
    """Of the first entry; the others follow on."""
    payees: tuple[str, ...]
    kind: NDArray[np.int8]
    """Places in `KINDS`."""
    payee: NDArray[np.int32]
    line: NDArray[np.int32]
    """Place of the line in `accrued.lines`; -1 where the line is a bonus, or was made by the rows path; see `key`."""
    bonus: NDArray[np.int32]
    """Place of the bonus; -1 where it is none."""
    amount: Whole
    """In smallest units."""
    on: NDArray[np.int32]
    """The day of its reason, in days since 1970-01-01."""
    scalar: int
    """How many payees went through the rows path."""
    accrued: AccruedBook = field(repr=False)
    ledger: Ledger = field(repr=False)
    bonuses: Bonuses = field(repr=False)
    others: Mapping[int, Entry] = field(repr=False)
    """Entries that were made by the rows path, by place; their numbers are right."""

    def __len__(self) -> int:
        return len(self.amount)

    def key(self, place: int) -> str:
        """The natural key of an entry's line."""
        if place in self.others:
            return self.others[place].line
        bonus = int(self.bonus[place])
        return self.bonuses.key(bonus) if bonus >= 0 else self.accrued.key(int(self.line[place]))

    def entries(self, payee: str | None = None) -> tuple[Entry, ...]:
        """The entries of a payee, or all, as the rows path makes them, each with its reason; to append.

        Those of payees whom columns settled are made now, at the pace of the rows path.
        """
        if payee is None:
            return tuple(entry for _, entry in sorted(self._made(range(len(self.payees)))))
        if payee not in self.payees:
            return ()
        return tuple(entry for _, entry in sorted(self._made([self.payees.index(payee)])))

    def _made(self, payees: Iterable[int]) -> Iterator[tuple[int, Entry]]:
        """The entries of some payees with their places."""
        mine = np.flatnonzero(np.isin(self.payee, list(payees)))
        yield from ((place, self.others[place]) for place in mine.tolist() if place in self.others)
        for place in mine[self.bonus[mine] >= 0].tolist():
            kind, units = KINDS[self.kind[place]], int(self.amount[place])
            yield place, self.bonuses.entry(self.ledger, self.bonus[place], kind, units, self.first_number + place)
        left = [place for place in mine[self.line[mine] >= 0].tolist() if place not in self.others]
        people = np.unique(self.payee[left]).astype(np.int64)
        places: dict[str, list[int]] = defaultdict(list)
        for place in left:
            places[self.payees[self.payee[place]]].append(place)
        for group, accruals in self.accrued.groups(people):
            wanted = {self.payees[member] for member in group}
            entries = SubLedger.of(self.ledger, wanted).settled(accruals, self.period)
            made: dict[str, list[Entry]] = defaultdict(list)
            for entry in entries:
                made[entry.payee].append(entry)
            for name in wanted:
                for place, entry in zip(places[name], made[name], strict=True):
                    yield place, evolve(entry, number=self.first_number + place)

    def frame(self) -> Any:
        """The entries as the kind of data frame that the book came in: number, kind, payee, line, amount and day.

        Keys of lines are made one by one; a million of them take some seconds.
        """
        keys, size = tuple(map(self.key, range(len(self)))), len(self)
        numbers = np.arange(self.first_number, self.first_number + size, dtype=np.int64)
        columns = {
            "number": Column("whole", numbers),
            "kind": Column("text", self.kind, None, tuple(kind.value for kind in KINDS)),
            "payee": Column("text", self.payee, None, self.payees),
            "line": Column("text", np.arange(size, dtype=np.int64), None, keys),
            "amount": Column("whole", self.amount),
            "on": Column("day", self.on.astype(np.int64)),
        }
        return like(self.accrued.asked.book.came_as, columns)

    def totals(self) -> Totals:
        """What the entries come to for each payee."""
        found = []
        for balance in ("entitled", "held", "due"):
            signs = np.array([getattr(EFFECTS[kind], balance) for kind in KINDS], dtype=np.int64)
            found.append(total_by_code(self.payee, self.amount * signs[self.kind], len(self.payees)))
        return Totals(entitled=found[0], held=found[1], due=found[2])
