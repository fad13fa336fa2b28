"""Due: lines of commission in columns -> what is due of each by the end of a period, group by group."""

from __future__ import annotations

from datetime import date
from typing import TypeAlias, get_args

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from loanperf._ledger._kinds import Group
from loanperf._numbers import day_number
from loanperf._tables._columns import Truth, Whole
from loanperf.batch._accrue._accrued import AccruedBook
from loanperf.batch._accrue._calendar import last_days
from loanperf.batch._settle._held import HeldTerms, held_units
from loanperf.batch._settle._releases import lived, moved, released

Codes: TypeAlias = NDArray[np.int64]
GROUPS: tuple[Group, ...] = get_args(Group)
EARNED, HELD, RELEASED, TAKEN = (GROUPS.index(group) for group in ("earned", "held", "released", "taken"))


@frozen(eq=False)
class Due:
    """What is due, one element a line and group."""

    line: Codes
    """Place of the line among all."""
    group: Codes
    """Place among `GROUPS`."""
    units: Whole
    on: Whole
    """The day of the last movement."""

    def take(self, chosen: Truth | Codes) -> Due:
        """Some of them."""
        return Due(self.line[chosen], self.group[chosen], self.units[chosen], self.on[chosen])


def due_of(accrued: AccruedBook, rank: Codes, chosen: Codes, end: date) -> tuple[Due, Codes]:
    """What is due before a day of some lines, and the places of payees that only the rows path can settle.

    Args:
        accrued: the lines.
        rank: by line, its place in the order of keys.
        chosen: places of all lines of some payees; none of a deal that ended.
        end: the day after the period.
    """
    lines, terms = accrued.lines.take(chosen), HeldTerms.of(accrued.plans)
    held, doubt = held_units(lines, rank[chosen], terms, accrued.currency)
    term, day = terms.of_plan[lines.plan], day_number(end)
    apart = lived(accrued, lines, terms) & ~doubt
    period = lines.period.astype(np.int64)
    last = last_days(accrued.periods)[period]
    free = released(np.where(apart, 0, held), term, period, terms, accrued.periods, end)
    earned, kept = lines.on < day, (held > 0) & (last < day)
    found = [
        _some(chosen, EARNED, earned, lines.amount, lines.on.astype(np.int64)),
        _some(chosen, HELD, kept, held, last),
        _some(chosen, RELEASED, free.any, free.units, free.on),
        _lived(accrued, chosen[apart], held[apart], end),
    ]
    joined = Due(*(np.concatenate(parts) for parts in zip(*(_parts(item) for item in found), strict=True)))
    return joined, np.unique(lines.payee[doubt]).astype(np.int64)


def _parts(due: Due) -> tuple[Codes, ...]:
    return due.line, due.group, due.units, due.on


def _some(chosen: Codes, group: int, mask: Truth, units: Whole, on: Whole) -> Due:
    line = chosen[mask]
    return Due(line, np.full(len(line), group), units[mask], on[mask])


def _lived(accrued: AccruedBook, lines: Codes, held: Whole, end: date) -> Due:
    """What becomes of lines whose loans went bad, or are repaid."""
    sums: dict[tuple[int, int], tuple[int, int]] = {}
    for place, group, on, more in moved(accrued, lines, held):
        if on < day_number(end):
            slot = place, GROUPS.index(group)
            units, latest = sums.get(slot, (0, on))
            sums[slot] = units + more, max(on, latest)
    table = np.array([(*slot, *value) for slot, value in sums.items()], dtype=np.int64).reshape(len(sums), 4)
    return Due(table[:, 0], table[:, 1], table[:, 2], table[:, 3])
