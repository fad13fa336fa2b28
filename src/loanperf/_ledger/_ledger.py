"""Ledger: every entry and every closing, append-only, with the balances that they come to."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, TypeAlias, TypeVar

from attrs import Factory, field, frozen

from loanperf._ledger._entries import Closing, Entry, unreadable
from loanperf._ledger._kinds import EFFECTS, EntryKind, Group
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf._validators import each_of, must_be
from loanperf.errors import DataError, LedgerError, shown

_Read = TypeVar("_Read", Entry, Closing)
Slot: TypeAlias = tuple[str, Group, str]
"""Line, group and currency: what is compared with what is due."""
_ZERO = (0, 0, 0, 0, 0)


@frozen(kw_only=True)
class Account:
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


@frozen
class _Tally:
    """What the entries of one payee in one currency come to."""

    sums: tuple[int, int, int, int, int] = _ZERO
    """Entitled, due, held, owed and paid."""
    receivable: int = 0
    kept: int = 0
    """What was paid and neither owed back nor taken back since; what may still be clawed back."""
    ends: date = date.min
    """The latest end of a period that was posted into."""
    periods: Mapping[Period, tuple[int, ...]] = field(factory=dict)
    """Numbers of entries by the period in which they are posted."""
    paid: tuple[int, ...] = ()
    """Numbers of the payments."""
    last: int = 0
    """Number of the latest entry."""


@frozen
class _Tallies:
    """What is known of the entries without reading them again."""

    tallies: Mapping[tuple[str, str], _Tally] = field(factory=dict)
    lines: Mapping[str, tuple[int, ...]] = field(factory=dict)
    """Numbers of entries by line."""
    nets: Mapping[Slot, int] = field(factory=dict)
    hands: Mapping[str, tuple[int, ...]] = field(factory=dict)
    """Numbers of the overrides by line."""
    ends: date = date.min
    count: int = 0
    """How many entries there are."""
    periods: frozenset[Period] = frozenset()
    """The periods that were posted into."""


def _replayed(ledger: Ledger) -> _Tallies:
    """The book of entries and closings in the order in which they came, each checked as if it came now."""
    each_of(ledger.entries, Entry, "the entries of a ledger", "pass a tuple of lp.Entry, or use lp.read_ledger")
    each_of(ledger.closings, Closing, "the closings of a ledger", "pass a tuple of lp.Closing, or use Ledger.close")
    book, closed, done = _Tallies(), set[Period](), 0
    for closing in ledger.closings:
        book = _posted(book, ledger.entries, ledger.entries[done : closing.after], closed)
        done = max(done, closing.after)
        (closed.add if closing.act == "closed" else closed.discard)(closing.period)
    return _posted(book, ledger.entries, ledger.entries[done:], closed)


@frozen(kw_only=True)
class Ledger:
    """Everything that was ever said about pay. Nothing in it changes: `append`, `close` and `reopen` give a new one.

    >>> from loanperf import Ledger, Period
    >>> ledger = Ledger().close(Period.month(2026, 3), by="chen")
    >>> ledger.is_closed(Period.month(2026, 3)), ledger.is_closed(Period.month(2026, 4))
    (True, False)
    """

    entries: tuple[Entry, ...] = field(default=())
    """In the order in which they were posted; their numbers are their places, from 1."""
    closings: tuple[Closing, ...] = field(default=())
    _book: _Tallies = field(
        default=Factory(_replayed, takes_self=True), alias="book", eq=False, repr=False
    )  # derived from the entries; handed on so that a long ledger is not read again

    def append(self, entries: Iterable[Entry]) -> Ledger:
        """The ledger with more entries.

        Raises:
            LedgerError: a number does not follow on, a period is closed, or more is clawed back than was paid.
            DataError: something else than entries.
        """
        added = each_of(entries, Entry, "entries", "pass what lp.settle, or .entries of what lp.pay gives")
        if not added:
            return self
        everything = self.entries + added
        book = _posted(self._book, everything, added, self.closed)
        return Ledger(entries=everything, closings=self.closings, book=book)

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
            LedgerError: it is not closed, or nobody or no reason is named.
        """
        if period not in self.closed:
            raise LedgerError(f"period {period}", "it is not closed", "post into it as it is")
        return self._acted(Closing(period=period, act="reopened", by=by, why=why, after=len(self.entries)))

    def _acted(self, closing: Closing) -> Ledger:
        return Ledger(entries=self.entries, closings=(*self.closings, closing), book=self._book)

    @property
    def closed(self) -> frozenset[Period]:
        """The periods that are closed now."""
        last = {closing.period: closing.act for closing in self.closings}
        return frozenset(period for period, act in last.items() if act == "closed")

    @property
    def periods(self) -> frozenset[Period]:
        """The periods that were posted into; those of one ledger follow on each other."""
        return self._book.periods

    def is_closed(self, period: Period) -> bool:
        """Whether a day of the period is in one whose last act was to close it."""
        return _within(period, self.closed)

    @property
    def accounts(self) -> tuple[tuple[str, str], ...]:
        """Every payee with every currency in which there are entries, sorted."""
        return tuple(sorted(self._book.tallies))

    def balance(self, payee: str, *, through: Period | None = None, currency: str = "") -> Account:
        """The balances of a payee, from all entries posted in `through` or before it; None is all entries.

        Args:
            payee: whose.
            through: the last period that counts; a period counts where it ends no later.
            currency: needed where the payee has entries in none or in two: two currencies are never summed.

        Raises:
            LedgerError: the currency is not given and cannot be known.
        """
        known = [] if currency else [code for name, code in self._book.tallies if name == payee]
        if not currency and len(known) != 1:
            fault = f"it has entries in {' and '.join(sorted(known)) or 'no currency'}"
            raise LedgerError(f"the balance of {payee!r}", fault, "state currency")
        code = currency or known[0]
        return _account(payee, code, self._sums(payee, code, date.max if through is None else through.end))

    def before(self, payee: str, period: Period, currency: str) -> Account:
        """The balances of a payee from entries of periods that end before this one does."""
        return _account(payee, currency, self._sums(payee, currency, period.start))

    def _sums(self, payee: str, currency: str, end: date) -> tuple[int, int, int, int, int]:
        tally = self._book.tallies.get((payee, currency), _Tally())
        if tally.ends <= end:
            return tally.sums
        numbers = [number for period, held in tally.periods.items() if period.end <= end for number in held]
        return _sum_of(_ZERO, (self.entries[number - 1] for number in numbers))

    def posted(self, payee: str, period: Period, currency: str) -> tuple[Entry, ...]:
        """The entries of a payee in one currency that are posted in a period, in order."""
        tally = self._book.tallies.get((payee, currency), _Tally())
        return tuple(self.entries[number - 1] for number in tally.periods.get(period, ()))

    def of_payee(self, payee: str, through: Period, currency: str) -> tuple[Entry, ...]:
        """The entries of a payee in one currency that are posted in `through` or before it, by period."""
        tally = self._book.tallies.get((payee, currency), _Tally())
        periods = sorted(period for period in tally.periods if period.end <= through.end)
        return tuple(self.entries[number - 1] for period in periods for number in tally.periods[period])

    def payouts(self, payee: str, currency: str) -> tuple[Entry, ...]:
        """The entries that say what a payee was paid in one currency, in order."""
        tally = self._book.tallies.get((payee, currency), _Tally())
        return tuple(self.entries[number - 1] for number in tally.paid)

    def uncovered(self, payee: str, currency: str, through: Period) -> bool:
        """Whether entries posted in `through` or before it wait for a payment to cover them."""
        tally = self._book.tallies.get((payee, currency), _Tally())
        payments = [(number, self.entries[number - 1].period.end) for number in reversed(tally.paid)]
        for period, numbers in tally.periods.items():
            last = next((number for number, end in payments if end >= period.end), 0)
            if period.end <= through.end and numbers[-1] > last:
                return True
        return False

    def is_settled(self, payee: str, currency: str) -> bool:
        """Whether nothing is due to a payee, and a payment covers everything."""
        tally = self._book.tallies.get((payee, currency), _Tally())
        return not tally.sums[1] and tally.paid[-1:] == (tally.last,)

    def goes_beyond(self, payee: str, currency: str, period: Period) -> bool:
        """Whether entries of a payee are posted in periods that end later."""
        return self._book.tallies.get((payee, currency), _Tally()).ends > period.end

    def receivable(self, payee: str, currency: str) -> int:
        """What a payee owes apart from draws, in smallest units."""
        return self._book.tallies.get((payee, currency), _Tally()).receivable

    def of_line(self, line: str, *groups: Group) -> tuple[Entry, ...]:
        """The entries of a line, in order; of some groups, or of all."""
        found = (self.entries[number - 1] for number in self._book.lines.get(line, ()))
        return tuple(entry for entry in found if not groups or EFFECTS[entry.kind].group in groups)

    def nets(self, through: Period) -> dict[Slot, int]:
        """What the entries of each line, group and currency come to, in smallest units, where that is not zero.

        Entries that are a payee's as a whole (payments, receivables) have no line and are left out.
        """
        if self._book.ends <= through.end:
            return {slot: units for slot, units in self._book.nets.items() if units}
        found: dict[Slot, int] = defaultdict(int)
        for entry in self.entries:
            if entry.period.end <= through.end and _of_a_line(entry):
                found[entry.line, EFFECTS[entry.kind].group, entry.amount.currency] += entry.amount.units
        return {slot: units for slot, units in found.items() if units}

    def overruled(self, through: Period) -> dict[str, Entry]:
        """By line, the last amount set by hand that is posted in `through` or before it."""
        found = {}
        for line, numbers in self._book.hands.items():
            posted = [number for number in numbers if self.entries[number - 1].period.end <= through.end]
            if posted:
                found[line] = self.entries[posted[-1] - 1]
        return found

    def paid_net(self, payee: str, currency: str, lines: Iterable[str]) -> int:
        """What was paid of some lines, less what was clawed back of them since, in smallest units.

        A payment covers every entry that stands before it, of its period or earlier ones.
        """
        return _room(self._book, self.entries, (payee, currency), lines, len(self.entries))

    def paid_total(self, payee: str, currency: str) -> int:
        """What a payee was paid and may keep, in smallest units: the most that may still be clawed back.

        All payments, less what is owed and less what was clawed back since the last payment: what was clawed back
        before it has made that payment smaller, or is owed.
        """
        return self._book.tallies.get((payee, currency), _Tally()).kept

    def lines(self) -> Iterator[str]:
        """The ledger as JSON lines, in the order in which it came to be; the same ledger gives the same bytes."""
        done = 0
        for closing in self.closings:
            for entry in self.entries[done : closing.after]:
                yield _line("entry", entry.data())
            done = max(done, closing.after)
            yield _line("closing", closing.data())
        for entry in self.entries[done:]:
            yield _line("entry", entry.data())


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
    entries: list[Entry] = []
    closings: list[Closing] = []
    must_be(lines, Iterable, "the lines of a ledger", "pass what Ledger.lines gave, such as an open file")
    for number, line in enumerate(lines, 1):
        try:
            if not line.strip():
                continue
            ((what, data),) = json.loads(line).items()
        except (ValueError, AttributeError, TypeError, RecursionError) as error:
            raise unreadable(f"line {number} of a ledger", error) from None
        if what == "entry":
            entries.append(_of_line(number, Entry.from_data, data))
        elif what == "closing":
            closings.append(_of_line(number, Closing.from_data, data))
            if closings[-1].after != len(entries):
                fault = (
                    f"{closings[-1].after} entries were there when it was written, and {len(entries)} stand before it"
                )
                raise LedgerError(f"line {number} of a ledger", fault, "keep the lines in the order of Ledger.lines")
        else:
            raise unreadable(f"line {number} of a ledger", KeyError(what))
    return Ledger(entries=tuple(entries), closings=tuple(closings))


def _of_line(number: int, read: Callable[[Mapping[str, Any]], _Read], data: Mapping[str, Any]) -> _Read:
    """What a line says; an error names the line."""
    try:
        return read(data)
    except DataError as error:
        raise DataError(f"line {number} of a ledger: {error.where}", error.fault, error.remedy) from None


def _line(what: str, data: dict[str, object]) -> str:
    return json.dumps({what: data}, ensure_ascii=False, separators=(",", ":"))


def _account(payee: str, currency: str, sums: tuple[int, int, int, int, int]) -> Account:
    entitled, due, held, owed, paid = (Money.from_units(units, currency) for units in sums)
    return Account(payee=payee, entitled=entitled, due=due, held=held, owed=owed, paid=paid)


def must_be_ledger(given: object) -> None:
    """Refuse what is no ledger.

    Raises:
        DataError: it is none.
    """
    must_be(given, Ledger, "ledger", "pass lp.Ledger(), or what lp.read_ledger gives")


# ── keeping the book ────────────────────────────────────────────────────────────────────────────────────────


def _of_a_line(entry: Entry) -> bool:
    return bool(entry.line) and entry.kind is not EntryKind.PAID


def _sum_of(sums: tuple[int, int, int, int, int], entries: Iterable[Entry]) -> tuple[int, int, int, int, int]:
    entitled, due, held, owed, paid = sums
    for entry in entries:
        effect, units = EFFECTS[entry.kind], entry.amount.units
        entitled += effect.entitled * units
        due += effect.due * units
        held += effect.held * units
        owed += effect.owed * units
        paid += effect.paid * units
    return entitled, due, held, owed, paid


def _posted(
    book: _Tallies, everything: tuple[Entry, ...], added: tuple[Entry, ...], closed: Iterable[Period]
) -> _Tallies:
    """The book with more entries; `everything` holds them too, at their places."""
    if not added:
        return book
    accounts: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    by_line: dict[str, list[int]] = defaultdict(list)
    by_hand: dict[str, list[int]] = defaultdict(list)
    nets = dict(book.nets)
    periods, ended = {entry.period for entry in added}, frozenset(closed)
    shut = frozenset(period for period in periods if _within(period, ended))
    for place, entry in enumerate(added, book.count + 1):
        _check_place(entry, place, shut)
        accounts[entry.payee, entry.amount.currency].append(entry)
        if _of_a_line(entry):
            by_line[entry.line].append(entry.number)
            slot = entry.line, EFFECTS[entry.kind].group, entry.amount.currency
            nets[slot] = nets.get(slot, 0) + entry.amount.units
        if entry.set_to is not None:
            by_hand[entry.line].append(entry.number)
    tallies = dict(book.tallies)
    for account, entries in accounts.items():
        tallies[account] = _tallied(tallies.get(account, _Tally()), entries)
    ends = max(book.ends, *(entry.period.end for entry in added))
    after = _Tallies(
        tallies,
        _joined(book.lines, by_line),
        nets,
        _joined(book.hands, by_hand),
        ends,
        book.count + len(added),
        book.periods | periods,
    )
    for entry in added:
        if entry.kind is EntryKind.CLAWED_BACK and entry.amount.units > 0:
            _check_paid(after, everything, entry)
    return after


def _within(period: Period, closed: frozenset[Period]) -> bool:
    """Whether a period shares a day with a closed one."""
    return period in closed or any(period.start < shut.end and shut.start < period.end for shut in closed)


def _check_place(entry: Entry, place: int, closed: frozenset[Period]) -> None:
    if entry.number != place:
        fault = f"its number does not follow on: its place is {place}"
        raise LedgerError(f"entry {entry.number}", fault, "append what was made from this very ledger, once")
    if entry.period in closed:
        fault = f"it is posted in {entry.period}, which is closed"
        raise LedgerError(f"entry {entry.number}", fault, "post it in an open period, or reopen that one")


def _joined(known: Mapping[str, tuple[int, ...]], more: Mapping[str, list[int]]) -> Mapping[str, tuple[int, ...]]:
    if not more:
        return known
    return {**known, **{line: (*known.get(line, ()), *numbers) for line, numbers in more.items()}}


def _tallied(tally: _Tally, entries: list[Entry]) -> _Tally:
    sums, receivable, kept = tally.sums, tally.receivable, tally.kept
    by_period: dict[Period, list[int]] = defaultdict(list)
    for entry in entries:
        by_period[entry.period].append(entry.number)
        sums = _sum_of(sums, (entry,))
        match entry.kind:
            case EntryKind.RECEIVABLE_RAISED:
                receivable += entry.amount.units
            case EntryKind.RECEIVABLE_RECOVERED:
                receivable -= entry.amount.units
            case EntryKind.WAIVED if not entry.line:
                receivable -= entry.amount.units
            case EntryKind.PAID:
                kept = _kept(sums) if entry.amount.units >= 0 else kept + entry.amount.units
            case EntryKind.CLAWED_BACK:
                kept -= entry.amount.units
                if entry.amount.units > 0 and kept < 0:
                    raise _never_paid(entry, -kept)
            case _:
                pass
    return _Tally(
        sums,
        receivable,
        kept,
        max(tally.ends, *(period.end for period in by_period)),
        {**tally.periods, **{period: (*tally.periods.get(period, ()), *new) for period, new in by_period.items()}},
        (*tally.paid, *(entry.number for entry in entries if entry.kind is EntryKind.PAID)),
        entries[-1].number,
    )


def _kept(sums: tuple[int, int, int, int, int]) -> int:
    """What was paid and is not owed, right after a payment; a net below zero is still to be taken."""
    _, due, _, owed, paid = sums
    return paid - owed + min(0, due)


def _never_paid(entry: Entry, over: int) -> LedgerError:
    excess = Money.from_units(over, entry.amount.currency)
    fault = f"it claws back {entry.amount} of {entry.payee!r}, {excess} more than was paid"
    return LedgerError(f"entry {entry.number}", fault, "cancel what was never paid, or let lp.settle make it")


def _check_paid(book: _Tallies, everything: tuple[Entry, ...], entry: Entry) -> None:
    """Refuse to claw back of a line what was never paid of it; what came after the entry says nothing."""
    lines = {entry.line, *(everything[number - 1].line for number in entry.corrects)}
    room = _room(book, everything, (entry.payee, entry.amount.currency), lines, entry.number)
    if room < 0:
        raise _never_paid(entry, -room)


def _room(
    book: _Tallies, entries: tuple[Entry, ...], account: tuple[str, str], lines: Iterable[str], until: int
) -> int:
    """What was paid of some lines, less what was clawed back since; of the entries up to the number `until`."""
    tally, currency = book.tallies.get(account, _Tally()), account[1]
    paid = (entries[number - 1] for number in tally.paid if number <= until)
    payments = [(entry.number, entry.period.end) for entry in paid if entry.amount.units >= 0]
    room = 0
    for line in set(lines):
        for number in book.lines.get(line, ()):
            if number > until:
                continue
            entry = entries[number - 1]
            if entry.amount.currency != currency:
                continue
            if any(last > number and end >= entry.period.end for last, end in reversed(payments)):
                room += entry.due
            elif entry.kind is EntryKind.CLAWED_BACK:
                room -= entry.amount.units
    return room
