"""Sums: what the entries of a ledger come to by payee and currency, and by line and group; kept as columns."""

from __future__ import annotations

import numpy as np
from attrs import evolve, field, frozen

from loanperf._ledger._entries import Entries
from loanperf._ledger._kinds import ADDS_TO_RECEIVABLE, BALANCES, EFFECT_ON, GROUP_OF, GROUPS, PAYING, EntryKind, are
from loanperf._numbers import (
    Places,
    Truth,
    Whole,
    added_to,
    bounded,
    day_number,
    distinct,
    largest,
    marked,
    matched,
    ordered,
    put,
    reach,
    rows_where,
    running,
    spread,
    starts_of,
    total_of,
    whole,
)
from loanperf._quantities import Money
from loanperf.errors import LedgerError

OF_ACCOUNTS = ("account", *BALANCES, "receivable", "kept")
"""The columns of sums that have a value an account."""
CURRENCIES_MOST = 1_000
"""More than there are currencies."""
NEVER = 2**40
"""The place of what no payment covers: more than there are entries."""


def slots_of(line: Places, group: Places, currency: Places) -> Whole:
    """What is compared with what is due: a line, group and currency as one number that sorts as they do."""
    found: Whole = (line * len(GROUPS) + group) * CURRENCIES_MOST + currency
    return found


def parts_of_slots(slots: Whole) -> tuple[Places, Places, Places]:
    """The lines, groups and currencies of slots."""
    wide = slots // CURRENCIES_MOST
    return wide // len(GROUPS), wide % len(GROUPS), slots % CURRENCIES_MOST


def distinct_slots(slots: Whole) -> tuple[Whole, Places]:
    """The slots that occur, in order, each once; and for each row the place of its own.

    Where all are of one currency, lines and groups are few enough to be counted, and need not be sorted.
    """
    currency = slots[:1] % CURRENCIES_MOST
    if not len(slots) or (slots % CURRENCIES_MOST != currency).any():
        return distinct(slots)
    found, places = distinct(slots // CURRENCIES_MOST)
    return found * CURRENCIES_MOST + currency, places


def accounts_of(payee: Places, currency: Places) -> Whole:
    """Payee and currency as one number."""
    found: Whole = payee * CURRENCIES_MOST + currency
    return found


def are_of_lines(entries: Entries) -> Truth:
    """Which entries say something of a line; payments and receivables are a payee's as a whole."""
    found: Truth = (entries.line >= 0) & ~are(entries.kind, EntryKind.PAID)
    return found


def ends_of(entries: Entries, rows: Places | slice = slice(None)) -> Whole:
    """The first day behind the period in which each entry is posted; of some of them, or of all."""
    return whole([day_number(period.end) for period in entries.periods])[entries.period[rows]]


@frozen(eq=False, kw_only=True)
class LedgerSums:
    """What entries come to; of accounts (payee and currency) and of slots (line, group and currency), in order."""

    account: Whole = field(factory=lambda: np.arange(0))
    entitled: Whole = field(factory=lambda: np.arange(0))
    due: Whole = field(factory=lambda: np.arange(0))
    held: Whole = field(factory=lambda: np.arange(0))
    owed: Whole = field(factory=lambda: np.arange(0))
    paid: Whole = field(factory=lambda: np.arange(0))
    receivable: Whole = field(factory=lambda: np.arange(0))
    kept: Whole = field(factory=lambda: np.arange(0))
    """What was paid and neither owed back nor taken back since; what may still be clawed back."""
    slot: Whole = field(factory=lambda: np.arange(0))
    net: Whole = field(factory=lambda: np.arange(0))

    def behind(self, entries: Entries) -> LedgerSums:
        """The sums with more entries; those of slots and accounts that are not yet there are added.

        Raises:
            LedgerError: more is clawed back than was paid.
        """
        size = len(self.account)
        account, places = distinct(np.append(self.account, accounts_of(entries.payee, entries.currency)))
        old, new = places[:size], places[size:]
        columns = [put(getattr(self, name), old, len(account), 0) for name in (*BALANCES, "receivable", "kept")]
        most = 8 * (sum(map(largest, columns)) + reach(entries.units, new, len(account)))
        units, *columns = bounded(most, entries.units, *columns)
        known = dict(zip((*BALANCES, "receivable", "kept"), columns, strict=True))
        after = {name: known[name] for name in BALANCES}
        for kind in distinct(entries.kind)[0].tolist() if len(entries) else ():
            mine = rows_where(entries.kind == kind)
            come = total_of(units[mine], new[mine], len(account))
            after |= {name: after[name] + effect[kind] * come for name, effect in EFFECT_ON.items() if effect[kind]}
        after["receivable"] = known["receivable"] + total_of(_receivable(entries, units), new, len(account))
        after["kept"] = _kept(entries, units, new, known)
        return evolve(self.nets(entries), account=account, **after)

    def nets(self, entries: Entries) -> LedgerSums:
        """The sums with what more entries add to slots alone."""
        there = np.flatnonzero(are_of_lines(entries))
        mine = slots_of(entries.line[there], GROUP_OF[entries.kind[there]], entries.currency[there])
        # What is posted first of lines that are new comes in order, and is most of a ledger: the rest alone is sorted.
        first = mine > np.append(-1, np.maximum.accumulate(mine)[:-1]) if len(mine) else mine > 0
        again, places = distinct_slots(mine[~first])
        given = entries.units[there]
        most = largest(self.net) + largest(given) + reach(given[~first], places, len(again))
        net, units = bounded(most, self.net, given)
        slot, net = added_to(self.slot, net, mine[first], units[first])
        slot, net = added_to(slot, net, again, total_of(units[~first], places, len(again)))
        return evolve(self, slot=slot, net=net)


def _receivable(entries: Entries, units: Whole) -> Whole:
    """What each entry adds to what a payee owes apart from draws."""
    return np.where(entries.line < 0, ADDS_TO_RECEIVABLE[entries.kind] * units, 0)


def _kept(entries: Entries, units: Whole, account: Places, known: dict[str, Whole]) -> Whole:
    """What each account was paid and may keep: right after a payment what was paid and is not owed, then less claws.

    Raises:
        LedgerError: more is clawed back of a payee than was paid and is kept.
    """
    before = known["kept"]
    if not are(entries.kind, *PAYING, EntryKind.CLAWED_BACK).any():
        return before
    size = len(units)
    order = np.arange(size)[ordered(account)]
    kind, units, account = entries.kind[order], units[order], account[order]
    starts = starts_of(account)
    due, owed, paid = (
        running(units * EFFECT_ON[name][kind], starts) + known[name][account] for name in ("due", "owed", "paid")
    )
    pays = are(kind, *PAYING)
    delta = running(np.where(are(kind, EntryKind.CLAWED_BACK), -units, np.where(pays & (units < 0), units, 0)), starts)
    anew = paid - owed + np.minimum(due, 0) - delta
    last = np.maximum.accumulate(np.where(pays & (units >= 0), np.arange(size), -1))
    kept = np.where(last >= spread(starts, starts, size), anew[last], before[account]) + delta
    over = np.flatnonzero(are(kind, EntryKind.CLAWED_BACK) & (units > 0) & (kept < 0))
    if len(over):
        first = min(over.tolist(), key=lambda row: (spread(order[starts], starts, size)[row], row))
        raise never_paid(entries, int(order[first]), -int(kept[first]))
    ends = np.append(starts[1:], size) - 1
    after = before.copy()
    after[account[ends]] = kept[ends]
    return after


def never_paid(entries: Entries, place: int, over: int) -> LedgerError:
    """The error for an entry that claws back more than was paid."""
    entry = entries.row(place)
    excess = Money.from_units(over, entry.amount.currency)
    fault = f"it claws back {entry.amount} of {entry.payee!r}, {excess} more than was paid"
    return LedgerError(f"entry {entry.number}", fault, "cancel what was never paid, or let lp.settle make it")


# ── what was paid of lines ──────────────────────────────────────────────────────────────────────────────────


def covered_by(entries: Entries, rows: Places) -> Places:
    """The place of the first payment that covers each of some entries; `NEVER` where none does.

    A payment covers what stands before it, of its period or earlier ones, but for what it leaves out: entries that it
    names, since their loan was held by hand.
    """
    ends, size = ends_of(entries), max(len(entries), 1)
    late_by, names = left_out(entries)
    since = np.maximum(rows, put(late_by, names, len(entries), -1)[rows])
    payments = np.flatnonzero(are(entries.kind, *PAYING) & (entries.units >= 0))
    account = accounts_of(entries.payee, entries.currency)
    found = np.full(len(rows), NEVER)
    for period in sorted({*entries.period[rows].tolist()}):
        now = np.flatnonzero(entries.period[rows] == period)
        late = payments[ends[payments] >= ends[rows[now[0]]]]
        keys = account[late] * size + late
        order = ordered(keys)
        keys, late = np.append(keys[order], -1), np.append(late[order], NEVER)
        place = np.searchsorted(keys[:-1], account[rows[now]] * size + since[now], "right")
        same = keys[place] // size == account[rows[now]]
        found[now] = np.where(same, late[place], NEVER)
    return found


def left_out(entries: Entries) -> tuple[Places, Places]:
    """Payments with the entries that they leave out, as places; in order of payments."""
    pays = are(entries.kind, EntryKind.PAID) & (entries.units >= 0)
    pairs = np.flatnonzero(pays[entries.fixing])
    return entries.fixing[pairs], entries.fixed[pairs] - 1


def paid_since(entries: Entries, rows: Places) -> Places:
    """The place of the entry from which on what each of some entries adds to what is due counts as paid, or taken back.

    Of what was clawed back that is its own place, of all else that of the first payment that covers it.
    """
    return np.where(are(entries.kind[rows], EntryKind.CLAWED_BACK), rows, covered_by(entries, rows))


def rows_of(entries: Entries, lines: Places) -> Places:
    """The entries of some lines, in order of line."""
    rows = np.flatnonzero(np.append(marked(lines, len(entries.keys)), False)[entries.line] & are_of_lines(entries))
    return rows[ordered(entries.line[rows])]


def must_be_paid(entries: Entries, added: int) -> None:
    """Refuse to claw back of lines what was never paid of them; what came after an entry says nothing of it.

    Args:
        entries: all of the ledger.
        added: the place of the first that came now.

    Raises:
        LedgerError: an entry claws back more.
    """
    claws = np.flatnonzero(are(entries.kind[added:], EntryKind.CLAWED_BACK) & (entries.units[added:] > 0)) + added
    if not len(claws):
        return
    pair, line = lines_with(entries, claws)
    rows = rows_of(entries, line)
    since = paid_since(entries, rows)
    which, place = matched(entries.line[rows], line)
    claw, row = claws[pair[which]], rows[place]
    counts = (since[place] <= claw) & (entries.currency[row] == entries.currency[claw])
    (units,) = bounded(largest(entries.units) * (len(row) + 1), entries.units[row])
    left = total_of(np.where(counts, EFFECT_ON["due"][entries.kind[row]] * units, 0), pair[which], len(claws))
    over = np.flatnonzero(left < 0)
    if len(over):
        raise never_paid(entries, int(claws[over[0]]), -int(left[over[0]]))


def lines_with(entries: Entries, rows: Places) -> tuple[Places, Places]:
    """Rows with the lines of which they take: their own, and those of the entries that they correct; each once.

    Returns:
        Pairs of the place of a row among `rows` and a line, in order.
    """
    pair, place = matched(entries.fixing, rows)
    known = (entries.fixed[place] >= 1) & (entries.fixed[place] <= len(entries))
    other = entries.line[entries.fixed[place[known]] - 1]
    both = np.append(np.arange(len(rows)), pair[known]), np.append(entries.line[rows], other)
    size = max(len(entries.keys), 1)
    found, _ = distinct(np.sort((both[0] * size + both[1])[both[1] >= 0]))
    return found // size, found % size
