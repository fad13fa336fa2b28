"""Proofs: entries -> those whose amounts are not what the numbers of their reasons say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from loanperf._ledger._bonuses import BONUS
from loanperf._ledger._entries import Entries
from loanperf._ledger._grounds import CODED_RULES
from loanperf._ledger._kinds import GROUP_OF, EntryKind, are
from loanperf._ledger._ledger import Ledger
from loanperf._ledger._sums import ends_of, slots_of
from loanperf._numbers import Places, before, bounded, largest, marked, ordered, starts_of, summed, whole
from loanperf._periods import Period

__all__ = ["bonuses_posted", "due_and_posted", "told_reasons", "unlike_openings", "unlike_reasons"]


def unlike_reasons(entries: Entries, since: int = 0) -> tuple[Places, Places]:
    """Places of entries by which a line does not come from what was posted of it to what is due.

    The first are of amounts that are not what is due less what was posted, by their own reasons; the others of reasons
    that say that something else was posted before than there is. What is due of a line at once may be several entries.

    Args:
        entries: all of a ledger.
        since: the place from which on they may not fit; lines of which nothing stands behind it are passed over.
    """
    rows = np.arange(len(entries))
    if since:
        new = entries.line[since:]
        rows = np.flatnonzero(np.append(marked(new[new >= 0], len(entries.keys)), (new < 0).any())[entries.line])
    if not len(rows):
        return rows, rows
    slot = slots_of(entries.line[rows], GROUP_OF[entries.kind[rows]], entries.currency[rows])
    by_slot = ordered(slot)
    order, slot = rows[by_slot], slot[by_slot]
    kept = entries.kept(order)
    most = largest(entries.units) * len(order)
    units, said, now = bounded(most, entries.units[order], kept.before, kept.now)
    starts = starts_of(slot, said, now, entries.period[order])
    there, first, sums = kept.differs[starts], order[starts], summed(units, starts)
    amounts = first[there & (sums != (now - said)[starts])]
    suspects = first[there & (before(sums, starts_of(slot[starts])) != said[starts])]
    return amounts, whole([place for place in suspects.tolist() if not _is_so(entries, place)])


def _is_so(entries: Entries, place: int) -> bool:
    """Whether what a reason says was posted before is what was posted in its period or earlier ones alone."""
    here = entries.take(np.arange(place + 1))
    slot, ends = slots_of(here.line, GROUP_OF[here.kind], here.currency), ends_of(here)
    mine = (slot == slot[-1]) & (ends <= ends[-1])
    (said,) = entries.kept(whole([place])).before.tolist()
    return bool(sum(here.units[mine][:-1].tolist()) == said)


def due_and_posted(entries: Entries, place: int) -> tuple[int, int]:
    """What the reason of an entry says is due of its line, and was posted of it, in smallest units."""
    kept = entries.kept(whole([place]))
    return int(kept.now[0]), int(kept.before[0])


def told_reasons(entries: Entries) -> Iterator[tuple[int, str, str]]:
    """The places of entries whose reasons are kept whole, with the rule of each, and the reason as JSON."""
    kept = entries.kept(np.arange(len(entries)))
    for place in np.flatnonzero(kept.tree >= 0).tolist():
        yield place, CODED_RULES[int(kept.rule[place])], str(kept.texts.texts[int(kept.tree[place])])


def unlike_openings(entries: Entries) -> dict[tuple[str, str], tuple[int, int]]:
    """Payees of whom the lines of an opening do not come to what was paid out of them, by currency.

    Returns:
        What was to be paid of the lines, and what was paid out, in smallest units.
    """
    due, paid = (defaultdict[tuple[str, str], int](int) for _ in range(2))
    for entry in entries.rows(np.flatnonzero(are(entries.kind, *_LINES))):
        due[entry.payee, entry.amount.currency] += entry.due
    for entry in entries.rows(np.flatnonzero(are(entries.kind, EntryKind.OPENING_PAID_OUT))):
        paid[entry.payee, entry.amount.currency] -= entry.due
    return {who: (due[who], paid[who]) for who in sorted({*due, *paid}) if due[who] != paid[who]}


_LINES = (EntryKind.OPENING_EARNED, EntryKind.OPENING_WITHHELD, EntryKind.OPENING_RELEASED)


def bonuses_posted(ledger: Ledger, period: Period) -> tuple[dict[tuple[str, str], int], frozenset[str]]:
    """What bonuses of a period come to by payee and currency, in smallest units; and payees with a bonus by hand."""
    entries, words = ledger.entries, ledger.entries.words
    keys = entries.keys
    bonus = keys.cohort == words.cohort.code(str(period))
    for name, text in BONUS.items():
        bonus = bonus & (getattr(keys, name) == getattr(words, name).code(text))
    found = defaultdict[tuple[str, str], int](int)
    for entry in entries.rows(np.flatnonzero(np.append(bonus, False)[entries.line])):
        found[entry.payee, entry.amount.currency] += entry.amount.units
    by_hand = (entries.row(place) for place, hand in entries.hands.items() if hand[0] is not None)
    mark = f"/{BONUS['plan']}/{BONUS['component']}/"
    return dict(found), frozenset(entry.payee for entry in by_hand if mark in entry.line)
