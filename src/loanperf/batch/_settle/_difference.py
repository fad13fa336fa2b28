"""Difference: what is due of lines in columns, less what a ledger says of them already -> what is to be posted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from loanperf._commission import line_key
from loanperf._ledger import Entry, EntryKind, Ledger
from loanperf._ledger._kinds import Group
from loanperf._numbers import day_number
from loanperf._periods import Period
from loanperf._tables._columns import Truth, Whole
from loanperf.batch._accrue._accrued import AccruedBook
from loanperf.batch._settle._bonuses import BONUS
from loanperf.batch._settle._due import EARNED, GROUPS, TAKEN, Due
from loanperf.batch._settle._posted import KINDS

Codes: TypeAlias = NDArray[np.int64]
_WIDTH = 16
"""More than there are groups."""
_PLACE = {kind: place for place, kind in enumerate(KINDS)}
_OF_GROUP = np.array([next((place for kind, place in _PLACE.items() if kind.value == group), 0) for group in GROUPS])
"""The kind of entry of each group whose word is its kind's."""


@frozen(eq=False)
class Posts:
    """What is to be posted of lines, one element an entry."""

    line: Codes
    group: Codes
    kind: Codes
    """Places in `KINDS`."""
    amount: Whole
    on: Whole
    turn: Codes
    """Which comes first of one line and group."""


@frozen(eq=False)
class Known:
    """What a ledger says of the lines of some payees by the end of a period."""

    ledger: Ledger
    accrued: AccruedBook
    period: Period
    payees: Truth
    """Which payees it says anything of."""
    slots: Codes = field(factory=lambda: np.zeros(0, dtype=np.int64))
    """Line × `_WIDTH` + group, in rising order."""
    units: Whole = field(factory=lambda: np.zeros(0, dtype=np.int64))
    lost: frozenset[int] = frozenset()
    """Payees with entries of lines that they no longer have; only the rows path takes those back."""

    def less(self, due: Due) -> tuple[Due, Codes]:
        """What is due less what is known; and the payees of whom only the rows path can take back what is known."""
        slots = due.line * _WIDTH + due.group
        found = np.searchsorted(self.slots, slots)
        held = np.append(self.slots, -1)[found] == slots
        units = due.units - np.where(held, np.append(self.units, 0)[found], 0)
        gone = np.ones(len(self.slots), dtype=np.bool_)
        gone[found[held]] = False
        line, group = self.slots[gone] // _WIDTH, self.slots[gone] % _WIDTH
        last = np.full(len(line), day_number(self.period.last_day))
        parts = ((due.line, line), (due.group, group), (units, -self.units[gone]), (due.on, last))
        joined = Due(*(np.concatenate(pair) for pair in parts))
        lost = [*self.lost, *self.accrued.lines.payee[line[group == TAKEN]].tolist()]
        return joined.take(np.flatnonzero(joined.units)), np.unique(np.array(lost, dtype=np.int64))


def known_of(ledger: Ledger, accrued: AccruedBook, period: Period, by_rows: Truth) -> Known:
    """What a ledger says of the lines of everybody who does not go through the rows path."""
    places = {name: place for place, name in enumerate(accrued.payees)} if ledger.entries else {}
    payees = np.zeros(len(accrued.payees), dtype=np.bool_)
    payees[[places[payee] for payee, _ in ledger.accounts if payee in places]] = True
    payees &= ~by_rows[: len(payees)]
    lines = {accrued.key(place): place for place in np.flatnonzero(payees[accrued.lines.payee]).tolist()}
    slots: dict[int, int] = {}
    lost: set[int] = set()
    for (key, group, currency), units in ledger.nets(period).items():
        first = ledger.of_line(key)[0]
        payee = places.get(first.payee, -1)
        if payee < 0 or not payees[payee] or key == _bonus_key(first):
            continue
        if key in lines and currency == accrued.currency:
            slots[lines[key] * _WIDTH + GROUPS.index(group)] = units
        else:
            lost.add(payee)
    order = sorted(slots)
    codes = np.array(order, dtype=np.int64)
    values = np.array([slots[slot] for slot in order], dtype=np.int64)
    return Known(ledger, accrued, period, payees, codes, values, frozenset(lost))


def _bonus_key(first: Entry) -> str:
    return line_key(first.payee, BONUS, BONUS, "", "", Period.parse(first.cohort)) if first.cohort else ""


# ── posts ───────────────────────────────────────────────────────────────────────────────────────────────────


def posts_of(known: Known, changed: Due, rank: Codes) -> Posts:
    """The entries that post what has changed.

    Args:
        known: what the ledger says.
        changed: of everybody who does not go through the rows path.
        rank: by line, its place in the order of keys.
    """
    taken = changed.group == TAKEN
    plain = changed.take(~taken)
    kind = _OF_GROUP[plain.group]
    earned = plain.group == EARNED
    closed = np.array([period in known.ledger.closed for period in known.accrued.periods], dtype=np.bool_)
    adjusts = earned & closed[known.accrued.lines.period[plain.line]]
    for place in np.flatnonzero(earned & ~adjusts & known.payees[known.accrued.lines.payee[plain.line]]).tolist():
        adjusts[place] = bool(_earlier(known, int(plain.line[place]), "earned"))
    kind = np.where(adjusts, _PLACE[EntryKind.ADJUSTMENT], kind)
    order = np.flatnonzero(taken)[np.argsort(rank[changed.line[taken]], kind="stable")]
    found = np.array(list(_taken(known, changed.take(order))), dtype=np.int64).reshape(-1, 6).T
    mine = (plain.line, plain.group, kind, plain.units, plain.on, np.zeros(len(plain.line), dtype=np.int64))
    return Posts(*(np.concatenate(pair) for pair in zip(mine, found, strict=True)))


def _earlier(known: Known, line: int, group: Group) -> list[Entry]:
    entries = known.ledger.of_line(known.accrued.key(line), group)
    currency, end = known.accrued.currency, known.period.end
    return [entry for entry in entries if entry.amount.currency == currency and entry.period.end <= end]


def _taken(known: Known, taken: Due) -> Iterator[tuple[int, ...]]:
    """What is taken: clawed back as far as it was paid, cancelled as far as it was not; in order of entries."""
    accrued, ledger = known.accrued, known.ledger
    clawed_of: dict[int, int] = defaultdict(int)
    for line, units, on in zip(taken.line.tolist(), taken.units.tolist(), taken.on.tolist(), strict=True):
        payee = int(accrued.lines.payee[line])
        clawed = 0
        if known.payees[payee]:
            key, name = accrued.key(line), accrued.payees[payee]
            earlier = _earlier(known, line, "taken")
            before = sum(entry.amount.units for entry in earlier if entry.kind is EntryKind.CLAWED_BACK)
            if units > 0:
                of_line = ledger.paid_net(name, accrued.currency, (key,))
                of_payee = ledger.paid_total(name, accrued.currency) - clawed_of[payee]
                clawed = min(units, max(0, min(of_line, of_payee)))
                clawed_of[payee] += clawed
            else:
                clawed = -min(-units, max(0, before))
        for turn, kind, part in ((0, EntryKind.CLAWED_BACK, clawed), (1, EntryKind.CANCELLED, units - clawed)):
            if part:
                yield line, TAKEN, _PLACE[kind], part, on, turn
