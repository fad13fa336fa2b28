"""Settle a book: (ledger, lines in columns, bonuses) -> what is to be posted, in columns; the twin of `settle`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from attrs import define, evolve, field, frozen
from numpy.typing import NDArray

from loanperf._commission import Accruals
from loanperf._ledger import EFFECTS, Entry, EntryKind, Ledger
from loanperf._ledger._calendar import must_be_cut_alike, open_for_posting
from loanperf._ledger._late import unposted
from loanperf._ledger._reversals import REVERSALS
from loanperf._numbers import day_number, ordered
from loanperf._periods import Period
from loanperf._tables._columns import Truth, Whole, frozen_array
from loanperf._validators import must_be
from loanperf.batch._accrue._accrued import AccruedBook
from loanperf.batch._accrue._lines import BookLines
from loanperf.batch._settle._bonuses import BONUS, Bonuses, Given, bonuses_of
from loanperf.batch._settle._difference import known_of, posts_of
from loanperf.batch._settle._due import EARNED, GROUPS, due_of
from loanperf.batch._settle._posted import KINDS, SettledBook
from loanperf.batch._settle._ranks import KeyOrder
from loanperf.batch._settle._sub_ledger import SubLedger

Codes: TypeAlias = NDArray[np.int64]


def settle_book(ledger: Ledger, accrued: AccruedBook, *, period: Period, awards: Given = None) -> SettledBook:
    """What is to be posted so that the ledger says what is due at the end of a period; each entry equals `settle`'s.

    Payees whose lines are plain are settled in columns; those with deals that ended, a cap over all plans, amounts set
    by hand or draws go through the rows path, and the result counts them.

    Args:
        ledger: everything posted so far.
        accrued: of all payees of the ledger, from the first fact to the end of `period` at least.
        period: into which to post; it must be open.
        awards: bonuses of this period: an awarded book, awards, or amounts by payee in smallest units of the
            currency of the accruals. One that was posted and is not given again stays.

    Raises:
        LedgerError: the period is closed, the accruals end before it, an award is of another period, or the accruals
            are cut by other periods than the ledger.
        DataError: no ledger, accrued book or period.
    """
    must_be(ledger, Ledger, "the ledger", "pass lp.Ledger() or one with entries")
    must_be(accrued, AccruedBook, "the accrued book", "pass what batch.accrue_book gives")
    must_be(period, Period, "the period", "pass one, such as lp.Period.parse('2026-03')")
    open_for_posting(ledger, period)
    must_be_cut_alike(accrued.through, period)
    bonuses = bonuses_of(awards, period, accrued.currency)
    names = dict.fromkeys((*accrued.payees, *(payee for payee, _ in ledger.accounts), *bonuses.payees))
    run = _Settling(ledger, accrued, period, bonuses, {name: place for place, name in enumerate(names)})
    run.post_columns()
    run.post_rows()
    return run.result()


@frozen(eq=False)
class _Posted:
    """Entries to be posted, one element each."""

    payee: Codes
    within: Codes
    """The order of the entries of a payee."""
    kind: Codes
    line: Codes
    """Place of the line; -1 where it is none of the accruals'."""
    source: Codes
    """Of others, the place of the bonus; of entries of the rows path, −2 − their place; else -1."""
    amount: Whole
    on: Codes


@define(eq=False)
class _Settling:
    """One settling of a book while it is worked."""

    ledger: Ledger
    accrued: AccruedBook
    period: Period
    bonuses: Bonuses
    places: dict[str, int]
    """Of payees: those of the accruals, then of the ledger, then of the bonuses."""
    by_rows: Truth = field(init=False)
    """Payees who go through the rows path."""
    stopped: Truth = field(init=False)
    """Payees of whom nothing is posted."""
    posted: list[_Posted] = field(factory=list, init=False)
    made: list[Entry] = field(factory=list, init=False)
    """Entries of the rows path."""

    def __attrs_post_init__(self) -> None:
        self.by_rows = np.zeros(len(self.places), dtype=np.bool_)
        self.stopped = np.zeros(len(self.places), dtype=np.bool_)
        lacking = Accruals(through=self.accrued.through, lines=(), missing=self.accrued.missing)
        late = unposted(self.ledger, lacking, self.period)
        for name in (*self.accrued.blocked, *late, *self._paid_for_unknown()):
            if name in self.places:
                self.stopped[self.places[name]] = True

    def _paid_for_unknown(self) -> Iterator[str]:
        """Payees with entries of loans that the book does not have."""
        if self.accrued.unknown:
            for key, _, _ in self.ledger.nets(self.period):
                first = self.ledger.of_line(key)[0]
                if first.loan in self.accrued.unknown:
                    yield first.payee

    # ── columns ───────────────────────────────────────────────────────────────────────────────────────────

    def post_columns(self) -> None:
        """Post what is due to everybody whose lines are plain, and all bonuses but those of payees by rows."""
        accrued = self.accrued
        self._leave()
        known = known_of(self.ledger, accrued, self.period, self.by_rows)
        lines = np.flatnonzero(~self.by_rows[accrued.lines.payee])
        bonus, units, kind = self._bonus_changes()
        rank, of_bonus = _ranks(self._order(), accrued.lines, lines, bonus)
        due, doubt = due_of(accrued, rank, lines, self.period.end)
        changed, lost = known.less(due)
        self.by_rows[doubt] = self.by_rows[lost] = True
        payee = accrued.lines.payee[changed.line]
        changed = changed.take(np.flatnonzero(~(self.by_rows | self.stopped)[payee]))
        posts = posts_of(known, changed, rank)
        within = _within(rank[posts.line], posts.group, posts.turn)
        nothing = np.full(len(posts.line), -1)
        whose = accrued.lines.payee[posts.line].astype(np.int64)
        self.posted.append(_Posted(whose, within, posts.kind, posts.line, nothing, posts.amount, posts.on))
        places = np.flatnonzero(~self.by_rows[bonus.payee])
        self._add_bonuses(places, _within(of_bonus[places], EARNED, 0), bonus, units, kind)

    def _order(self) -> KeyOrder:
        """The order of keys, those of bonuses among them."""
        accrued, codes = self.accrued, [dated.plan.code for dated in self.accrued.plans]
        lists = (list(self.places), [*codes, BONUS], [*accrued.components, BONUS], [*accrued.stages, ""])
        return KeyOrder.of(*lists, periods=[*accrued.periods, self.period], loans=accrued.deals.loan)

    def _leave(self) -> None:
        """Leave to the rows path whose deals ended, or whose lines a cap over all plans or a hand may change."""
        accrued, lines = self.accrued, self.accrued.lines
        self.by_rows[[self.places[name] for name in accrued.by_rows]] = True
        known = [self.places[payee] for payee, _ in self.ledger.accounts]
        self.by_rows[[place for place in known if place >= len(accrued.payees)]] = True
        ends = np.array([word in REVERSALS for word in accrued.stages], dtype=np.bool_)
        capped = np.array([dated.rules.person_most is not None for dated in accrued.plans], dtype=np.bool_)
        bad = np.append(accrued.deals.bad | accrued.deals.repaid, False)
        if len(lines):
            found = ends[lines.stage] | capped[lines.plan] | ((lines.amount < 0) & bad[lines.loan])
            self.by_rows[lines.payee[found]] = True
        for entry in self.ledger.overruled(self.period).values():
            self.by_rows[self.places[entry.payee]] = True

    # ── bonuses ───────────────────────────────────────────────────────────────────────────────────────────

    def _bonus_changes(self) -> tuple[BookLines, Whole, Codes]:
        """The lines of bonuses, by how much each changes, and by which kind of entry."""
        bonuses, accrued = self.bonuses, self.accrued
        size = len(bonuses.payees)
        payee = np.array([self.places[name] for name in bonuses.payees], dtype=np.int32)
        units = bonuses.units.copy()
        closed = self.period in self.ledger.closed
        kind = np.full(size, KINDS.index(EntryKind.ADJUSTMENT if closed else EntryKind.EARNED))
        known = {name for name, _ in self.ledger.accounts}
        for place, name in enumerate(bonuses.payees):
            if name in known and (earlier := bonuses.earlier(self.ledger, place)):
                units[place] -= sum(entry.amount.units for entry in earlier)
                kind[place] = KINDS.index(EntryKind.ADJUSTMENT)
        words = (len(accrued.plans), len(accrued.components), -1, len(accrued.stages), len(accrued.periods))
        plan, component, loan, stage, period = (np.full(size, word, dtype=np.int32) for word in words)
        on = np.full(size, day_number(self.period.last_day), dtype=np.int32)
        lines = BookLines(payee=payee, plan=plan, component=component, loan=loan, stage=stage, period=period,
                      on=on, earned_on=on, amount=units)  # fmt: skip
        return lines, units, kind

    def _add_bonuses(self, places: Codes, within: Codes, lines: BookLines, units: Whole, kind: Codes) -> None:
        """Post bonuses, but for those that do not change and those of payees of whom nothing is posted."""
        kept = (units[places] != 0) & ~self.stopped[lines.payee[places]]
        places, within = places[kept], within[kept]
        payee, on = (array[places].astype(np.int64) for array in (lines.payee, lines.on))
        self.posted.append(_Posted(payee, within, kind[places], np.full(len(places), -1), places, units[places], on))

    # ── rows ──────────────────────────────────────────────────────────────────────────────────────────────

    def post_rows(self) -> None:
        """Post what the rows path says of everybody else."""
        lines, units, kind = self._bonus_changes()
        bonus_of = {int(payee): place for place, payee in enumerate(lines.payee) if self.by_rows[payee]}
        made: dict[int, list[Entry]] = defaultdict(list)
        for people, accruals in self._groups():
            given = evolve(accruals, blocked=accruals.blocked | self.accrued.blocked, unknown=self.accrued.unknown)
            for entry in SubLedger.of(self.ledger, people).settled(given, self.period):
                if entry.payee in people:
                    made[self.places[entry.payee]].append(entry)
        for payee in np.flatnonzero(self.by_rows).tolist():
            if self.stopped[payee]:
                continue
            place = bonus_of.get(payee)
            key = "" if place is None else self.bonuses.key(place)
            before = [entry for entry in made[payee] if place is None or _slot(entry) < (key, EARNED)]
            self._add_entries(payee, made[payee], 0 if place is None else 1, len(before))
            if place is not None:
                self._add_bonuses(np.array([place]), np.array([len(before)]), lines, units, kind)

    def _add_entries(self, payee: int, entries: list[Entry], gap: int, start: int) -> None:
        """Add the entries of a payee, with room for a bonus where it stands among them."""
        size = len(entries)
        within = np.arange(size)
        within[start:] += gap
        sources = -2 - len(self.made) - np.arange(size)
        self.made += entries
        kinds = np.array([KINDS.index(entry.kind) for entry in entries], dtype=np.int64)
        amounts = np.array([entry.amount.units for entry in entries], dtype=np.int64)
        on = np.array([day_number(entry.on) for entry in entries], dtype=np.int64)
        self.posted.append(_Posted(np.full(size, payee), within, kinds, np.full(size, -1), sources, amounts, on))

    def _groups(self) -> Iterator[tuple[set[str], Accruals]]:
        """Payees of the rows path with their accruals, in groups that share no loans."""
        accrued = self.accrued
        done: dict[int, set[str]] = defaultdict(set)
        for name, accruals in accrued.by_rows.items():
            done[id(accruals)].add(name)
        for people in done.values():
            yield people, accrued.by_rows[next(iter(people))]
        size = len(accrued.payees)
        left = np.flatnonzero(self.by_rows[:size])
        names = [accrued.payees[place] for place in left.tolist()]
        left = left[[name not in accrued.by_rows for name in names]]
        for members, accruals in accrued.groups(left):
            yield {accrued.payees[member] for member in members}, accruals
        strangers = {name for name, place in self.places.items() if place >= size and self.by_rows[place]}
        if strangers:
            nothing = Accruals(through=accrued.through, lines=(), first=accrued.periods[0], currency=accrued.currency)
            yield strangers, nothing

    # ── all ───────────────────────────────────────────────────────────────────────────────────────────────

    def result(self) -> SettledBook:
        """Everything to be posted, in order."""
        names = tuple(self.places)
        found = [np.concatenate([getattr(part, name) for part in self.posted]).astype(np.int64) for name in _FIELDS]
        payee, within, kind, line, source, amount, on = found
        rank = np.empty(len(names), dtype=np.int64)
        rank[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
        order = ordered(rank[payee], within)
        first, sources = len(self.ledger.entries) + 1, source[order]
        others = {
            int(place): evolve(self.made[-2 - int(sources[place])], number=first + int(place))
            for place in np.flatnonzero(sources < -1)
        }
        return SettledBook(
            period=self.period,
            currency=self.accrued.currency,
            first_number=first,
            payees=names,
            kind=frozen_array(kind[order].astype(np.int8)),
            payee=frozen_array(payee[order].astype(np.int32)),
            line=frozen_array(line[order].astype(np.int32)),
            bonus=frozen_array(np.maximum(sources, -1).astype(np.int32)),
            amount=frozen_array(amount[order]),
            on=frozen_array(on[order].astype(np.int32)),
            scalar=int(self.by_rows.sum()),
            accrued=self.accrued,
            ledger=self.ledger,
            bonuses=self.bonuses,
            others=others,
        )


_FIELDS = ("payee", "within", "kind", "line", "source", "amount", "on")


def _slot(entry: Entry) -> tuple[str, int]:
    return entry.line, GROUPS.index(EFFECTS[entry.kind].group)


def _ranks(order: KeyOrder, lines: BookLines, chosen: Codes, bonus: BookLines) -> tuple[Codes, Codes]:
    """The places of chosen lines, by line, and of bonuses in the order of payees and keys."""
    mine = lines if len(chosen) == len(lines) else lines.take(chosen)
    both = [np.concatenate(pair) for pair in zip(order.keys(mine), order.keys(bonus), strict=True)]
    rank = np.empty(len(both[0]), dtype=np.int64)
    rank[ordered(*both)] = np.arange(len(rank))
    of_line = np.zeros(len(lines), dtype=np.int64)
    of_line[chosen] = rank[: len(chosen)]
    return of_line, rank[len(chosen) :]


def _within(rank: Codes, group: Codes | int, turn: Codes | int) -> Codes:
    """The place of entries by line, then by group, then by turn."""
    return (rank * len(GROUPS) + group) * 2 + turn
