"""Ledger: every entry and every closing, append-only, with the balances that they come to."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, TypeAlias, TypeVar

import numpy as np
from attrs import Factory, field, frozen

from loanperf._data import PlainData
from loanperf._explanations import printed
from loanperf._ledger._entries import Closing, Entries, Entry, unreadable
from loanperf._ledger._kinds import EFFECT_ON, GROUP_OF, GROUPS, OPENINGS, EntryKind, Group, are
from loanperf._ledger._sums import (
    CURRENCIES_MOST,
    NEVER,
    LedgerSums,
    accounts_of,
    are_of_lines,
    ends_of,
    must_be_paid,
    paid_since,
    parts_of_slots,
)
from loanperf._numbers import Places, Whole, day_number, distinct, marked, ordered, whole
from loanperf._periods import Period, must_be_period
from loanperf._quantities import Money
from loanperf._validators import each_of, must_be
from loanperf.errors import DataError, LedgerError, shown

_Read = TypeVar("_Read", Entry, Closing)
Slot: TypeAlias = tuple[str, Group, str]
"""Line, group and currency: what is compared with what is due."""


@frozen(kw_only=True)
class Account(PlainData):
    """The balances of a payee in one currency; always `entitled = due + held + paid - owed`."""

    payee: str
    entitled: Money
    """What was earned and is kept: whatever was forfeited, cancelled or taken back is out of it."""
    due: Money
    """To be paid; below zero where more was taken than there was."""
    held: Money
    """Kept back."""
    owed: Money
    """Receivables and recoverable draws."""
    paid: Money


def _entries_of(given: Iterable[Entry]) -> Entries:
    if isinstance(given, Entries):
        return given
    return Entries.of_rows(
        each_of(given, Entry, "the entries of a ledger", "pass a tuple of lp.Entry, or use lp.read_ledger")
    )


def _replayed(ledger: Ledger) -> LedgerSums:
    """The sums of entries and closings in the order in which they came, each checked as if it came now."""
    each_of(ledger.closings, Closing, "the closings of a ledger", "pass a tuple of them, or use Ledger.close")
    return _replayed_behind(ledger.entries, ledger.closings, 0, LedgerSums())


def _replayed_behind(entries: Entries, closings: Iterable[Closing], size: int, sums: LedgerSums) -> LedgerSums:
    """The sums of entries, of which so many were checked before and came to `sums`; the others are checked."""
    closed, done = set[Period](), size
    for closing in closings:
        if closing.after > done:
            _check_places(entries, done, closing.after, closed)
            done = closing.after
        (closed.add if closing.act == "closed" else closed.discard)(closing.period)
    _check_places(entries, done, len(entries), closed)
    if len(entries) > size:
        sums = sums.behind(entries.take(np.arange(size, len(entries))))
        must_be_paid(entries, size)
    return sums


@frozen(kw_only=True)
class Ledger(PlainData):
    """Everything that was ever said about pay. Nothing in it changes: `append`, `close` and `reopen` give a new one.

    Why an entry was posted is worked out when somebody asks; until then a ledger keeps the facts of which that is made.
    One that lives long lets go of them by `read_ledger(ledger.lines())`.

    >>> from loanperf import Ledger, Period
    >>> ledger = Ledger().close(Period.month(2026, 3), by="chen")
    >>> ledger.is_closed(Period.month(2026, 3)), ledger.is_closed(Period.month(2026, 4))
    (True, False)
    """

    _entries: Entries = field(factory=Entries.none, alias="entries", converter=_entries_of)
    closings: tuple[Closing, ...] = field(default=())
    _sums: LedgerSums = field(
        default=Factory(_replayed, takes_self=True), alias="sums", eq=False, repr=False
    )  # derived from the entries; handed on so that a long ledger is not read again

    _repr_pretty_ = printed

    @property
    def entries(self) -> Entries:
        """In the order in which they were posted; their numbers are their places, from 1."""
        return self._entries

    @property
    def sums(self) -> LedgerSums:
        """What the entries come to, as columns."""
        return self._sums

    def append(self, entries: Iterable[Entry]) -> Ledger:
        """The ledger with more entries.

        Raises:
            LedgerError: a number does not follow on, a period is closed, what is corrected does not stand before the
                entry, more is clawed back than was paid, or what was there when the ledger began comes later, is of
                two periods or is below zero.
            DataError: something else than entries.
        """
        added = entries
        if not isinstance(added, Entries):
            given = each_of(added, Entry, "entries", "pass what lp.settle, or .entries of what lp.pay gives")
            added = Entries.of_rows(given)
        if not len(added):
            return self
        size, everything = len(self.entries), self.entries.joined(added)
        _check_places(everything, size, len(everything), self.closed)
        sums = self.sums.behind(everything.take(np.arange(size, len(everything))))
        must_be_paid(everything, size)
        return Ledger(entries=everything, closings=self.closings, sums=sums)

    def close(self, period: Period, *, by: str) -> Ledger:
        """Close a period: nothing is posted into it any more.

        Raises:
            LedgerError: it is closed already, or nobody is named.
        """
        if not isinstance(period, Period):
            raise LedgerError(
                f"closing {shown(period)}", "it is no Period", "pass one, such as lp.Period.month(2026, 3)"
            )
        if self.is_closed(period):
            raise LedgerError(f"period {period}", "it is closed already", "close another, or leave it")
        return self._acted(Closing(period=period, act="closed", by=by, after=len(self.entries)))

    def reopen(self, period: Period, *, by: str, why: str) -> Ledger:
        """Open a closed period again, for a stated reason.

        Raises:
            PeriodError: `period` is no period.
            LedgerError: it is not closed, or nobody or no reason is named.
        """
        must_be_period(period)
        if period not in self.closed:
            raise LedgerError(f"period {period}", "it is not closed", "post into it as it is")
        return self._acted(Closing(period=period, act="reopened", by=by, why=why, after=len(self.entries)))

    def _acted(self, closing: Closing) -> Ledger:
        return Ledger(entries=self.entries, closings=(*self.closings, closing), sums=self.sums)

    @property
    def closed(self) -> frozenset[Period]:
        """The periods that are closed now."""
        last = {closing.period: closing.act for closing in self.closings}
        return frozenset(period for period, act in last.items() if act == "closed")

    @property
    def periods(self) -> frozenset[Period]:
        """The periods that were posted into; those of one ledger follow on each other."""
        return frozenset(self.entries.periods)

    def is_closed(self, period: Period) -> bool:
        """Whether a day of the period is in one whose last act was to close it.

        Raises:
            PeriodError: `period` is no period.
        """
        must_be_period(period)
        return _within(period, self.closed)

    @property
    def accounts(self) -> tuple[tuple[str, str], ...]:
        """Every payee with every currency in which there are entries, sorted."""
        words = self.entries.words
        codes = self.sums.account
        names = zip(words.payee.of(codes // CURRENCIES_MOST), words.currency.of(codes % CURRENCIES_MOST), strict=True)
        return tuple(sorted(names))

    def balance(self, payee: str, *, through: Period | None = None, currency: str = "") -> Account:
        """The balances of a payee, from all entries posted in `through` or before it; None is all entries.

        Args:
            payee: whose.
            through: the last period that counts; a period counts where it ends no later.
            currency: needed where the payee has entries in none or in two: two currencies are never summed.

        Raises:
            LedgerError: the currency is not given and cannot be known.
        """
        if through is not None:
            must_be_period(through)
        known = [] if currency else self.currencies(payee)
        if not currency and len(known) != 1:
            fault = f"it has entries in {' and '.join(sorted(known)) or 'no currency'}"
            raise LedgerError(f"the balance of {payee!r}", fault, "state currency")
        return self._account(payee, currency or known[0], date.max if through is None else through.end)

    def before(self, payee: str, period: Period, currency: str) -> Account:
        """The balances of a payee from entries of periods that end before this one does.

        Raises:
            PeriodError: `period` is no period.
        """
        must_be_period(period)
        return self._account(payee, currency, period.start)

    def currencies(self, payee: str) -> list[str]:
        """The currencies in which a payee has entries."""
        code, found = self.entries.words.payee.code(payee), self.sums.account
        low, high = np.searchsorted(found, [code * CURRENCIES_MOST, (code + 1) * CURRENCIES_MOST]).tolist()
        return self.entries.words.currency.of(found[low:high] % CURRENCIES_MOST) if code >= 0 else []

    def _account(self, payee: str, currency: str, end: date) -> Account:
        rows = self._mine(payee, currency)
        rows = rows[ends_of(self.entries, rows) <= day_number(end)] if len(rows) else rows
        kind, units = self.entries.kind[rows].tolist(), self.entries.units[rows].tolist()
        sums = {
            name: Money.from_units(
                sum(effect[code] * amount for code, amount in zip(kind, units, strict=True)), currency
            )
            for name, effect in _EFFECTS.items()
        }
        return Account(payee=payee, **sums)

    @cached_property
    def _by_account(self) -> tuple[Whole, Places]:
        """The entries in order of account, and that account of each."""
        account = accounts_of(self.entries.payee, self.entries.currency)
        order = np.arange(len(account))[ordered(account)]
        return account[order], order

    def _mine(self, payee: str, currency: str) -> Places:
        """The places of entries of a payee in one currency, in order."""
        account, order = self._by_account
        mine = self._account_of(payee, currency)
        low, high = (int(np.searchsorted(account, mine, side)) for side in ("left", "right"))
        return order[low:high]

    def _account_of(self, payee: str, currency: str) -> int:
        """Payee and currency as one number, see `accounts_of`; -1 where there is no entry of one of the two."""
        words = self.entries.words
        who, what = words.payee.code(payee), words.currency.code(currency)
        return who * CURRENCIES_MOST + what if who >= 0 and what >= 0 else -1

    def posted(self, payee: str, period: Period, currency: str) -> tuple[Entry, ...]:
        """The entries of a payee in one currency that are posted in a period, in order.

        Raises:
            PeriodError: `period` is no period.
        """
        must_be_period(period)
        mine = self._mine(payee, currency)
        here = self.entries.periods.index(period) if period in self.entries.periods else -1
        return self.entries.rows(mine[self.entries.period[mine] == here])

    def of_payee(self, payee: str, through: Period, currency: str, *kinds: EntryKind) -> tuple[Entry, ...]:
        """The entries of a payee in one currency that are posted in `through` or before it, by period.

        Args:
            payee: whose.
            through: the last period.
            currency: in which.
            kinds: which of them; none is all.

        Raises:
            PeriodError: `through` is no period.
        """
        must_be_period(through)
        mine = self._mine(payee, currency)
        mine = mine[are(self.entries.kind[mine], *(kinds or EntryKind))]
        mine = mine[ends_of(self.entries, mine) <= day_number(through.end)] if len(mine) else mine
        found = sorted(mine.tolist(), key=lambda row: self.entries.periods[self.entries.period[row]])
        return self.entries.rows(whole(found))

    def loans(self, payee: str, currency: str) -> frozenset[str]:
        """The loans of which a payee has entries in one currency."""
        codes, _ = distinct(np.sort(self.entries.loan[self._mine(payee, currency)]))
        return frozenset(filter(None, self.entries.words.loan.of(codes)))

    def payouts(self, payee: str, currency: str) -> tuple[Entry, ...]:
        """The entries that say what a payee was paid in one currency, in order."""
        mine = self._mine(payee, currency)
        return self.entries.rows(mine[are(self.entries.kind[mine], EntryKind.PAID)])

    def of_line(self, line: str, *groups: Group) -> tuple[Entry, ...]:
        """The entries of a line, in order; of some groups, or of all."""
        return self.entries.rows(whole(self.places_of_line(line, *groups)))

    def places_of_line(self, line: str, *groups: Group) -> list[int]:
        """The places of the entries of a line, in order; of some groups, or of all."""
        rows = self._of_line(self.code_of_line(line))
        return [row for row in rows if not groups or GROUPS[GROUP_OF[self.entries.kind[row]]] in groups]

    def has_earned(self, line: str) -> bool:
        """Whether anything that is not zero is posted of what a line earned."""
        rows = self._of_line(self.code_of_line(line))
        return any(GROUPS[GROUP_OF[self.entries.kind[row]]] == "earned" and self.entries.units[row] for row in rows)

    def code_of_line(self, line: str) -> int:
        """The row of a key among those of the entries; -1 where nothing is posted of it."""
        return self._lines.get(line, -1)

    @cached_property
    def _lines(self) -> dict[str, int]:
        """The lines by their keys."""
        return {key: place for place, key in enumerate(self.entries.keys.texts(self.entries.words))}

    @cached_property
    def _by_line(self) -> tuple[Places, Places]:
        """The entries that are of lines in order of line, and that line of each."""
        rows = np.flatnonzero(are_of_lines(self.entries))
        rows = rows[ordered(self.entries.line[rows])]
        return self.entries.line[rows], rows

    def _of_line(self, line: int) -> list[int]:
        lines, rows = self._by_line
        low, high = (int(np.searchsorted(lines, line, side)) for side in ("left", "right"))
        return [*map(int, rows[low:high])]

    def nets(self, through: Period) -> dict[Slot, int]:
        """What the entries of each line, group and currency come to, in smallest units, where that is not zero.

        Entries that are a payee's as a whole (payments, receivables) have no line and are left out.

        Raises:
            PeriodError: it is no period.
        """
        must_be_period(through)
        slots, nets = self.slots(through)
        line, group, currency = parts_of_slots(slots)
        keys, codes = self.entries.keys, self.entries.words.currency.of(currency)
        texts = keys.some(line).texts(self.entries.words)
        return {
            (key, GROUPS[place], code): units
            for key, place, code, units in zip(texts, group.tolist(), codes, nets.tolist(), strict=True)
            if units
        }

    def slots(self, through: Period) -> tuple[Whole, Whole]:
        """The slots of entries posted in `through` or before it, in order, and what each comes to.

        Raises:
            PeriodError: `through` is no period.
        """
        must_be_period(through)
        if all(period.end <= through.end for period in self.entries.periods):
            return self.sums.slot, self.sums.net
        rows = np.flatnonzero(ends_of(self.entries) <= day_number(through.end))
        sums = LedgerSums().nets(self.entries.take(rows))
        return sums.slot, sums.net

    def overruled(self, through: Period) -> dict[str, Entry]:
        """By line, the last amount set by hand that is posted in `through` or before it.

        Raises:
            PeriodError: `through` is no period.
        """
        must_be_period(through)
        rows = (self.entries.row(place) for place, hand in self.entries.hands.items() if hand[0] is not None)
        return {row.line: row for row in rows if row.period.end <= through.end}

    def paid_net(self, payee: str, currency: str, lines: Iterable[str]) -> int:
        """What was paid of some lines, less what was clawed back of them since, in smallest units.

        A payment covers every entry that stands before it, of its period or earlier ones.
        """
        rows = whole([row for line in {*lines} for row in self._of_line(self.code_of_line(line))])
        mine = self._mine(payee, currency)
        rows = rows[np.append(marked(mine, len(self.entries)), False)[rows]]
        rows = rows[paid_since(self.entries, rows) < NEVER]
        return sum(row.due for row in self.entries.rows(rows))

    def paid_total(self, payee: str, currency: str) -> int:
        """What a payee was paid and may keep, in smallest units: the most that may still be clawed back.

        All payments, less what is owed and less what was clawed back since the last payment: what was clawed back
        before it has made that payment smaller, or is owed.
        """
        account = self._account_of(payee, currency)
        row = int(np.searchsorted(self.sums.account, account))
        is_there = row < len(self.sums.account) and self.sums.account[row] == account
        return int(self.sums.kept[row]) if is_there else 0

    def lines(self, after: int = 0) -> Iterator[str]:
        """The ledger as JSON lines, in the order in which it came to be; the same ledger gives the same bytes.

        Args:
            after: how many lines to leave out, such as those that are kept already.
        """
        place = done = 0
        for act in (*self.closings, None):
            end = len(self.entries) if act is None else max(act.after, done)
            for entry in self.entries[done + max(after - place, 0) : end]:
                yield line_of("entry", entry.data())
            place, done = place + end - done, end
            if act is not None:
                if place >= after:
                    yield line_of("closing", act.data())
                place += 1

    def data(self) -> dict[str, Any]:
        """The entries and closings, each as plain data; `from_data` reads them back exactly. See `lines` for a file."""
        return {part: [one.data() for one in getattr(self, part)] for part in _PARTS}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Ledger:
        """The inverse of `data`.

        Raises:
            DataError: it is not what `data` returns; it says where.
            LedgerError: the entries do not follow on, or contradict the closings.
        """
        given: object = data
        parts = given if isinstance(given, Mapping) else {}
        if {*parts} != {*_PARTS} or not all(isinstance(part, list) for part in parts.values()):
            raise DataError("ledger", f"it is {shown(data)}, and no entries and closings", "pass what data() returned")
        rows = [_of_line(place, Entry.from_data, one) for place, one in enumerate(parts["entries"], 1)]
        acts = [_of_line(place, Closing.from_data, one) for place, one in enumerate(parts["closings"], 1)]
        done = 0
        for act in acts:
            if not done <= act.after <= len(rows):
                fault = f"{act.after} entries are said to have been there when {act.period} was {act.act}"
                raise LedgerError("a ledger", fault, "pass what data() returned")
            done = act.after
        return cls(entries=Entries.of_rows(rows), closings=tuple(acts))

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """The JSON Schema (draft 2020-12) of what `data` returns."""
        entry, closing = Entry.json_schema(), Closing.json_schema()
        parts = {
            name: {"type": "array", "items": {"$ref": kind["$ref"]}}
            for name, kind in zip(_PARTS, (entry, closing), strict=True)
        }
        whole = {"type": "object", "properties": parts, "required": [*_PARTS], "additionalProperties": False}
        known = {**entry["$defs"], **closing["$defs"], cls.__name__: whole}
        return {"$schema": entry["$schema"], "$ref": f"#/$defs/{cls.__name__}", "$defs": dict(sorted(known.items()))}


_PARTS = ("entries", "closings")


def read_ledger(lines: Iterable[str]) -> Ledger:
    """The inverse of `Ledger.lines`; empty lines are passed over.

    Raises:
        DataError: a line is not what `Ledger.lines` gave.
        LedgerError: the entries do not follow on, or contradict the closings.

    >>> from loanperf import Ledger, Period
    >>> ledger = Ledger().close(Period.month(2026, 3), by="chen")
    >>> read_ledger(ledger.lines()) == ledger
    True
    """
    must_be(lines, Iterable, "the lines of a ledger", "pass what Ledger.lines gave, such as an open file")
    return ledger_of(Entries.none(), (), enumerate(lines, 1))


def ledger_of(
    entries: Entries,
    versions: Sequence[int] | Places,
    lines: Iterable[tuple[int, str]],
    size: int = 0,
    sums: LedgerSums | None = None,
) -> Ledger:
    """The ledger of entries and lines that stand between them.

    Args:
        entries: in order.
        versions: the place of each in the stream, from 1.
        lines: as `Ledger.lines` gives them, each with its place; in order. Empty ones are passed over.
        size: how many entries were checked before.
        sums: what those come to; without it all are checked.

    Raises:
        DataError: a line is not what `Ledger.lines` gave.
        LedgerError: the entries do not follow on, or contradict the closings.
    """
    rows: list[Entry] = []
    closings: list[Closing] = []
    known, places = np.array(versions if len(entries) else np.arange(0)), list[int]()
    for number, line in lines:
        try:
            if not line.strip():
                continue
            ((what, data),) = json.loads(line).items()
        except (ValueError, AttributeError, TypeError, RecursionError) as error:
            raise unreadable(f"line {number} of a ledger", error) from None
        if what == "entry":
            rows.append(_of_line(number, Entry.from_data, data))
            places.append(number)
        elif what == "closing":
            closings.append(_of_line(number, Closing.from_data, data))
            before = len(rows) + int(np.searchsorted(known, number))
            if closings[-1].after != before:
                fault = f"{closings[-1].after} entries were there when it was written, and {before} stand before it"
                raise LedgerError(f"line {number} of a ledger", fault, "keep the lines in the order of Ledger.lines")
        else:
            raise unreadable(f"line {number} of a ledger", KeyError(what))
    if rows and len(entries):
        order = ordered(np.append(known, whole(places)))
        entries = entries.joined(Entries.of_rows(rows))
        entries = entries.take(np.arange(len(entries))[order])
    elif rows:
        entries = Entries.of_rows(rows)
    if sums is None:
        return Ledger(entries=entries, closings=tuple(closings))
    return Ledger(entries=entries, closings=tuple(closings), sums=_replayed_behind(entries, closings, size, sums))


def _of_line(number: int, read: Callable[[Mapping[str, Any]], _Read], data: Mapping[str, Any]) -> _Read:
    """What a line says; an error names the line."""
    try:
        return read(data)
    except DataError as error:
        raise DataError(f"line {number} of a ledger: {error.where}", error.fault, error.remedy) from None


def line_of(what: str, data: Mapping[str, object]) -> str:
    """A line of a ledger: an entry or a closing."""
    return json.dumps({what: data}, ensure_ascii=False, separators=(",", ":"))


def must_be_ledger(given: object) -> None:
    """Refuse what is no ledger.

    Raises:
        DataError: it is none.
    """
    must_be(given, Ledger, "the ledger", "pass lp.Ledger(), or what lp.read_ledger gives")


# ── keeping the book ────────────────────────────────────────────────────────────────────────────────────────


def _check_places(entries: Entries, start: int, end: int, closed: Collection[Period]) -> None:
    """Refuse entries that do not follow on, are of a period that is closed by then, or correct what is not there."""
    shut = np.array([_within(period, closed) for period in entries.periods] or [False])
    strays = entries.number[start:end] != np.arange(start, min(end, len(entries))) + 1
    low, high = np.searchsorted(entries.fixing, [start, end]).tolist()
    fixing, fixed = entries.fixing[low:high], entries.fixed[low:high]
    loose = marked(fixing[(fixed < 1) | (fixed > fixing)], len(entries))[start:end]
    wrong = np.flatnonzero(strays | shut[entries.period[start:end]] | loose)
    if not len(wrong):
        _check_openings(entries, start, end)
        return
    entry, place = entries.row(start + int(wrong[0])), start + int(wrong[0]) + 1
    where = f"entry {entry.number}"
    if entry.number != place:
        fault = f"its number does not follow on: its place is {place}"
        raise LedgerError(where, fault, "append what was made from this very ledger, once")
    if shut[entries.period[place - 1]]:
        fault = f"it is posted in {entry.period}, which is closed"
        raise LedgerError(where, fault, "post it in an open period, or reopen that one")
    other = next(number for number in entry.corrects if not 1 <= number < place)
    fault = f"it corrects entry {other}, which does not stand before it"
    raise LedgerError(where, fault, "name entries that are posted, by their numbers")


def _check_openings(entries: Entries, start: int, end: int) -> None:
    """Refuse what was there when a ledger began behind other entries, of two periods, or below zero."""
    if not are(entries.kind[start:end], *OPENINGS).any():
        return
    rows = np.flatnonzero(are(entries.kind[:end], *OPENINGS))
    late, low = rows != np.arange(len(rows)), entries.units[rows] < 0
    wrong = np.flatnonzero(late | (entries.period[rows] != entries.period[0]) | low)
    if not len(wrong):
        return
    entry = entries.row(int(rows[wrong[0]]))
    fault = f"it is {entry.kind.value!r} of {entry.amount}, in {entry.period}"
    remedy = "such entries are the first of a ledger, all of one period and of zero or more: make them by Opening.of"
    raise LedgerError(f"entry {entry.number}", fault, remedy)


def _within(period: Period, closed: Collection[Period]) -> bool:
    """Whether a period shares a day with a closed one."""
    return period in closed or any(period.start < shut.end and shut.start < period.end for shut in closed)


_EFFECTS = {name: effect.tolist() for name, effect in EFFECT_ON.items()}
