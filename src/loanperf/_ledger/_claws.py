"""Claws: a ledger and what comes to it -> how much stands of what a host clawed back by hand."""

from __future__ import annotations

import numpy as np

from loanperf._ledger._deferred import Pay
from loanperf._ledger._entries import Entries
from loanperf._ledger._kinds import EFFECT_ON, EntryKind, are
from loanperf._ledger._sums import CURRENCIES_MOST, are_of_lines, ends_of, slots_of
from loanperf._numbers import (
    Places,
    Whole,
    bounded,
    distinct,
    drained,
    largest,
    marked,
    ordered,
    put,
    starts_of,
    total_of,
    whole,
)


def left_of_claws(entries: Entries, first: Places, currency: Places, more: Pay, end: int) -> Whole:
    """What stands of lines by which a host clawed back: what was stated, as far as so much is left of the cohort.

    Left of a cohort is what was earned or released of it and neither held nor taken since. Of two lines of a cohort the
    earlier one stands first.

    Args:
        entries: of the ledger.
        first: the first entry of each line.
        currency: of each, a line once in a currency.
        more: what comes to the cohorts by other lines, less what goes.
        end: the first day behind the period into which is posted.
    """
    line, now = entries.line[first], (ends_of(entries) <= end) & are_of_lines(entries)
    hands = whole([place for place in entries.hands if now[place]])
    hands = hands[are(entries.kind[hands], EntryKind.CLAWED_BACK)]
    others = np.flatnonzero(now & ~marked(line, len(entries.keys))[entries.line])
    most = (largest(entries.units) + largest(more.units)) * (len(entries) + len(more.units) + 1)
    units, added = bounded(most, entries.units, more.units)
    order = np.arange(len(line))[ordered(entries.payee[first], entries.cohort[first], currency, first)]
    size, row, slots = len(line), first[order], slots_of(line, line * 0, currency)
    _, at = distinct(np.append(slots, slots_of(entries.line[hands], hands * 0, entries.currency[hands])))
    stated = total_of(units[hands], at[size:], int(at.max()) + 1)[at[:size]][order]
    codes = [
        np.concatenate([getattr(entries, name)[row], getattr(entries, name)[others], getattr(more, name)])
        for name in ("payee", "cohort")
    ]
    held_in = np.concatenate([currency[order], entries.currency[others], more.currency])
    whose, place = distinct((codes[0] * (int(codes[1].max()) + 1) + codes[1]) * CURRENCIES_MOST + held_in)
    worth = np.append(EFFECT_ON["due"][entries.kind[others]] * units[others], added)
    left, starts = total_of(worth, place[size:], len(whose)), starts_of(place[:size])
    return put(drained(left[place[starts]], stated, starts), order, size, 0)
