"""Posted: (ledger, lines) -> what the ledger has of lines that stand as they were posted, or as they were opened."""

from __future__ import annotations

from datetime import date
from typing import Self

import numpy as np
from attrs import evolve, frozen

from loanperf._commission import LoansWorked
from loanperf._ledger._kinds import GROUPS, EntryKind, Group, are
from loanperf._ledger._ledger import Ledger
from loanperf._ledger._moves import DueLines, Moves
from loanperf._ledger._sums import slots_of
from loanperf._numbers import FAR, Places, Truth, Whole, among, day_number, day_of, distinct, marked, put, replaced


@frozen(eq=False, kw_only=True)
class AsPosted:
    """What the ledger has of lines of an opening, or of lines of payees of whom not all loans were worked."""

    rows: Places
    """The lines, in order."""
    held: Whole
    """What was held of each."""
    earned: tuple[Places, Whole]
    """Those of an opening, or of which tiers are shared with loans that were not worked, and what each earned."""

    @classmethod
    def of(cls, ledger: Ledger, scope: LoansWorked, lines: DueLines, line: Places, currency: Places) -> Self:
        """What stands of lines as they were accrued for some loans.

        Args:
            ledger: as it stands.
            scope: which loans.
            lines: as they were accrued.
            line: of each, the row of its key among those of the ledger's entries; -1 where nothing is posted of it.
            currency: of each, by the words of the ledger.
        """
        rows = np.flatnonzero(_standing(scope, lines))
        some = lines.some(rows)
        words, plans = some.words, [plan.plan.code for plan in some.words.plans]
        together = [(code, name) in scope.together for code in plans for name in words.components]
        shared = among(some.plan * len(words.components) + some.component, together, otherwise=False)
        return cls(
            rows=rows,
            held=_net(ledger, "held", line[rows], currency[rows]),
            earned=(rows[shared], _net(ledger, "earned", line[rows[shared]], currency[rows[shared]])),
        )

    @classmethod
    def opened(cls, ledger: Ledger, line: Places, currency: Places) -> Self:
        """What stands of lines that were there when the ledger began; for the arguments see `of`."""
        entries = ledger.entries
        known = marked(entries.line[are(entries.kind, EntryKind.OPENING_EARNED)], len(entries.keys))
        rows = np.flatnonzero((line >= 0) & np.append(known, False)[line])
        held, earned = (_net(ledger, group, line[rows], currency[rows]) for group in _FIXED)
        return cls(rows=rows, held=held, earned=(rows, earned))

    def with_earned(self, lines: DueLines) -> DueLines:
        """The lines with what they earned as it was posted, where that hangs on loans that were not worked."""
        return evolve(lines, units=replaced(lines.units, *self.earned))

    def with_held(self, held: Whole) -> Whole:
        """What is held of lines, as it was posted."""
        return replaced(held, self.rows, self.held)


_FIXED: tuple[Group, ...] = ("held", "earned")
"""What is not worked out anew of lines that stand."""


def _standing(scope: LoansWorked, lines: DueLines) -> Truth:
    """Which lines stand as they were posted."""
    words = lines.words
    early = among(lines.period, [period.start < scope.since for period in words.periods], otherwise=False)
    return early & ~among(lines.payee, [payee in scope.payees for payee in words.payees], otherwise=False)


def _net(ledger: Ledger, group: Group, line: Places, currency: Places) -> Whole:
    """What is posted of a group of each of some lines."""
    slot = slots_of(line, np.full(len(line), GROUPS.index(group)), currency)
    known, net = ledger.sums.slot, ledger.sums.net
    place = np.searchsorted(known, slot)
    there = (line >= 0) & (np.append(known, -1)[place] == slot)
    found: Whole = np.append(net, 0)[np.where(there, place, -1)]
    return found


def next_days(moves: Moves, since: date) -> dict[date, list[str]]:
    """By day, from a day on, the loans of which the next move is due then though nothing happens to them."""
    words, lines = moves.lines.words.loans, moves.lines
    rows = np.flatnonzero((moves.on >= day_number(since)) & (lines.loan[moves.line] >= 0))[::-1]
    first = put(moves.on[rows], lines.loan[moves.line[rows]], len(words), FAR)
    found: dict[date, list[str]] = {}
    for day in distinct(np.sort(first[first < FAR]))[0].tolist():
        found[day_of(day)] = [words[code] for code in np.flatnonzero(first == day).tolist()]
    return found
