"""Ports over values in memory: for tests, notebooks, and as the reference of what a port promises."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from secrets import token_hex
from threading import Lock
from typing import TypeVar, overload

from attrs import define, field, frozen

from loanperf._facts import NO_FACTS, USUAL, Authority, Fact, Facts, FactsWanted, must_be_authority, some_of
from loanperf._feeds import (
    FactChange,
    RowKey,
    SaidOfRow,
    changes_of,
    facts_of,
    merged,
    must_be_short,
    must_be_source,
)
from loanperf._indicators import Reading
from loanperf._ledger import Entries, Ledger, read_ledger
from loanperf._ledger._ledger import ledger_of, line_of
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._scheme import Scheme, SchemeBook
from loanperf._seals import Batch, Sealed, kept_form, must_be_appendable, proven, seal_of
from loanperf._targets import Target
from loanperf.errors import ConflictError, DataError, shown
from loanperf.ports import (
    Answer,
    Answered,
    FeedRow,
    Notice,
    Payment,
    Pulled,
    commitment_of,
    must_be_as_taken,
    must_be_committable,
    must_be_payable,
)

_Value = TypeVar("_Value")


def _facts(facts: Iterable[Fact]) -> Facts:
    return facts if isinstance(facts, Facts) else Facts.of(facts)


def _readings(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    return _whole(readings, "readings")


def _targets(targets: Iterable[Target]) -> tuple[Target, ...]:
    return _whole(targets, "targets")


def _whole(given: Iterable[_Value], what: str) -> tuple[_Value, ...]:
    """The values, once it is clear that their source has no rows that could not be read."""
    problems = tuple(getattr(given, "problems", ()))
    if problems:
        fault = f"{len(problems)} row(s) could not be used, the first: {problems[0]}"
        raise DataError(what, fault, "mend them, or pass .items where facts of the same source tell of them")
    return tuple(given)


def _book(schemes: SchemeBook | Scheme) -> SchemeBook:
    return SchemeBook([schemes]) if isinstance(schemes, Scheme) else schemes


@frozen
class MemoryFacts:
    """A `FactSource` over facts and readings."""

    held: Facts = field(converter=_facts, default=NO_FACTS)
    supplied: tuple[Reading, ...] = field(converter=_readings, default=())

    def facts(self, period: Period) -> Facts:
        """All of them, whatever the period."""
        return self.held

    def readings(self, period: Period) -> tuple[Reading, ...]:
        """Readings for the period, or for no stated one."""
        return tuple(reading for reading in self.supplied if reading.period in (None, period))


@frozen
class MemoryPeople:
    """A `PeopleSource` over an organisation."""

    held: Organisation

    def organisation(self, period: Period) -> Organisation:
        """The organisation, whatever the period."""
        return self.held


@frozen
class MemorySchemes:
    """A `SchemeSource` over a book, or one scheme, and targets; one without a period is for whichever is worked."""

    book: SchemeBook = field(converter=_book)
    goals: tuple[Target, ...] = field(converter=_targets, default=())

    def schemes(self) -> SchemeBook:
        """The book."""
        return self.book

    def targets(self, period: Period) -> tuple[Target, ...]:
        """Targets for the period, or for no stated one."""
        return tuple(goal for goal in self.goals if goal.period in (None, period))


# ── what is kept ────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class MemoryFeed:
    """A `Feed` over rows in the order in which they were sent, some at a time; the cursor is how many were pulled."""

    sent: Sequence[FeedRow]
    most: int = 1000
    """Rows a pull, one or more."""

    def pull(self, cursor: str) -> Pulled:
        """The next rows."""
        start = _place(cursor)
        rows = tuple(self.sent[start : start + self.most])
        end = start + len(rows)
        return Pulled(rows=rows, cursor=str(end), more=end < len(self.sent))


def _place(cursor: str) -> int:
    if cursor and not cursor.isdecimal():
        raise DataError(f"cursor {shown(cursor)}", "it is none of this source", "pass what the last pull gave")
    return int(cursor or 0)


@define
class MemoryFactStore:
    """A `FactSelection`: the rows of feeds that hold, and readings that the host has beside them."""

    supplied: tuple[Reading, ...] = field(converter=_readings, default=())
    authority: Authority = field(default=USUAL, converter=must_be_authority)
    """Whose word holds for each kind of event; by the names of the feeds."""
    _held: dict[RowKey, SaidOfRow] = field(init=False, factory=dict)
    _cursors: dict[str, str] = field(init=False, factory=dict)
    _changes: list[tuple[int, FactChange | None]] = field(init=False, factory=list, eq=False, repr=False)
    """What was taken, with its mark; None is another source."""
    _marks: dict[str, int] = field(init=False, factory=dict, eq=False, repr=False)
    """The marks, in order, with their numbers."""
    _lock: Lock = field(init=False, factory=Lock, eq=False, repr=False)

    def cursor(self, source: str) -> str:
        """The cursor last taken of a source.

        Raises:
            DataError: the name of the source is empty, not printable, or longer than 200 characters.
        """
        must_be_source(source)
        return self._cursors.get(source, "")

    def take(self, source: str, pulled: Pulled) -> None:
        """Keep rows and cursor.

        Raises:
            DataError: the name of the source is empty, not printable or longer than 200 characters, or the code of a
                row is longer; nothing was kept.
        """
        must_be_source(source)
        codes = dict.fromkeys(row.row for row in pulled.every_row())
        must_be_short(codes)
        with self._lock:
            before, self._held = self._held, merged(self._held, source, pulled.every_row())
            number = len(self._marks) + 1
            if source not in self._cursors:
                self._changes.append((number, None))
            for key in ((source, code) for code in codes):
                self._changes += ((number, found) for found in changes_of(before.get(key), self._held[key]))
            self._cursors[source] = pulled.cursor
            self._marks[token_hex(16)] = number

    def mark(self) -> str:
        """The mark of the last `take`, by the authority; empty before the first."""
        return self.authority.marked(next(reversed(self._marks), ""))

    def changes(self, since: str) -> tuple[FactChange, ...] | None:
        """What rows that were taken behind a mark may say else of loans.

        None where the mark, a source or the authority is new.
        """
        place = self._marks.get(self.authority.token_of(since))
        if place is None:
            return None
        found = [change for number, change in self._changes if number > place]
        return None if None in found else tuple(change for change in found if change is not None)

    def facts(self, period: Period) -> Facts:
        """All that hold, whatever the period."""
        return facts_of(self._held, authority=self.authority, sources=self._cursors)

    def some(self, period: Period, wanted: FactsWanted) -> Facts:
        """The facts of some loans, and all facts of no loan."""
        return some_of(self.facts(period), wanted)

    def readings(self, period: Period) -> tuple[Reading, ...]:
        """Readings for the period, or for no stated one."""
        return tuple(reading for reading in self.supplied if reading.period in (None, period))


@frozen(eq=False)
class _Records(Sequence[str]):
    """Records of a stream: lines, and entries of which lines are made when somebody reads them."""

    parts: tuple[tuple[str, ...] | Entries, ...]

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...
    def __getitem__(self, place: int | slice) -> str | tuple[str, ...]:
        found = range(len(self))[place]
        return self._line(found) if isinstance(found, int) else tuple(map(self._line, found))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def _line(self, place: int) -> str:
        for part in self.parts:
            if place < len(part):
                break
            place -= len(part)
        record = part[place]
        return record if isinstance(record, str) else line_of("entry", record.data())

    def between(self, before: int, version: int) -> Sealed:
        """What stands between two versions: entries as they are sealed, where they were posted at once; else lines."""
        place = 0
        for part in self.parts:
            if place == before and isinstance(part, Entries) and len(part) == version - before:
                return kept_form(part)
            place += len(part)
        return self[before:version]

    def ledger(self) -> Ledger:
        """The ledger that they come to."""
        entries, versions, lines, place = Entries.none(), list[int](), list[tuple[int, str]](), 1
        for part in self.parts:
            if isinstance(part, Entries):
                entries = entries.joined(part) if len(entries) else part
                versions += range(place, place + len(part))
            else:
                lines += enumerate(part, place)
            place += len(part)
        return ledger_of(entries, versions, lines)


@define
class MemoryEntries:
    """A `LedgerStore`; threads may share it. Posted entries keep the whole of their reasons."""

    streams: dict[str, Sequence[str]] = field(factory=dict)
    """The records of each; those that it begins with are sealed as they are."""
    seals: dict[str, tuple[tuple[int, str], ...]] = field(factory=dict)
    """By stream: each version to which something was added, with its seal."""
    _lock: Lock = field(init=False, factory=Lock, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        for stream in self.streams.keys() - self.seals.keys():
            if held := tuple(self.streams[stream]):
                self.seals[stream] = ((len(held), seal_of("", stream, 0, held)),)

    def read(self, stream: str, after: int = 0) -> tuple[str, ...]:
        """The records behind a version."""
        return tuple(self.streams.get(stream, ())[after:])

    def append(self, stream: str, records: Sequence[str], *, expected: int) -> int:
        """Add records.

        Raises:
            ConflictError: the stream is at another version.
        """
        return self._added(stream, tuple(records), expected)

    def batches(self, stream: str) -> tuple[Batch, ...]:
        """What was added to a stream, with its seals."""
        with self._lock:
            held, marks = self.streams.get(stream, ()), self.seals.get(stream, ())
        found, before = [], 0
        for version, seal in marks:
            records = held.between(before, version) if isinstance(held, _Records) else tuple(held[before:version])
            found.append(Batch(before=before, version=version, seal=seal, records=records))
            before = version
        if len(held) > before:
            found.append(Batch(before=before, version=len(held), seal="", records=held[before:]))
        return tuple(found)

    def ledger(self, stream: str) -> Ledger:
        """The ledger of a stream, once it is clear that it fits its seals.

        Raises:
            StoreError: it does not.
            LedgerError: the entries do not follow on, or contradict the closings.
        """
        for _ in proven(stream, self.batches(stream)):
            pass
        held = self.streams.get(stream, ())
        return held.ledger() if isinstance(held, _Records) else read_ledger(held)

    def post(self, stream: str, entries: Entries, *, expected: int) -> int:
        """Add entries.

        Raises:
            ConflictError: the stream is at another version.
        """
        return self._added(stream, entries, expected)

    def _added(self, stream: str, records: tuple[str, ...] | Entries, expected: int) -> int:
        must_be_appendable(stream, records)
        with self._lock:
            held, marks = self.streams.get(stream, ()), self.seals.get(stream, ())
            if len(held) != expected:
                raise ConflictError(stream, expected, len(held))
            version = expected + len(records)
            if isinstance(held, _Records) or isinstance(records, Entries):
                parts = held.parts if isinstance(held, _Records) else (tuple(held),)
                self.streams[stream] = _Records((*parts, records))
            else:
                self.streams[stream] = (*held, *records)
            if version > expected:
                seal = seal_of(marks[-1][1] if marks else "", stream, expected, records)
                self.seals[stream] = (*marks, (version, seal))
            return version


@define
class MemoryPersonal:
    """A `PersonalStore`; threads may share it."""

    _kept: dict[str, dict[str, tuple[str, str]]] = field(init=False, factory=dict)
    """By payee and text: the salt, and the commitment."""
    _lock: Lock = field(init=False, factory=Lock, eq=False, repr=False)

    def commit(self, said: Sequence[tuple[str, str]]) -> tuple[str, ...]:
        """Keep texts."""
        given = tuple(said)
        must_be_committable(given)
        with self._lock:
            for payee, text in given:
                mine, salt = self._kept.setdefault(payee, {}), token_hex(16)
                mine.setdefault(text, (salt, commitment_of(salt, text)))
            return tuple(self._kept[payee][text][1] for payee, text in given)

    def told(self, commitments: Sequence[str]) -> dict[str, str]:
        """The texts that are kept, by commitment."""
        with self._lock:
            texts = {by[1]: text for mine in self._kept.values() for text, by in mine.items()}
        return {one: texts[one] for one in commitments if one in texts}

    def erase(self, payee: str) -> int:
        """Erase those of a payee."""
        must_be_committable([(payee, "")])
        with self._lock:
            return len(self._kept.pop(payee, {}))


# ── where pay goes ──────────────────────────────────────────────────────────────────────────────────────────


@define
class MemoryPayments:
    """A `PaymentsTaken` that keeps what it was given, each key once, and `PaymentAnswers` of what was said of it."""

    paid: dict[str, Payment] = field(factory=dict)
    said: list[Answer] = field(factory=list)

    def pay(self, payments: tuple[Payment, ...]) -> None:
        """Keep payments whose key is new, all or none.

        Raises:
            DataError: a key was taken with another body, or a text cannot be kept; nothing was taken.
        """
        given = tuple(payments)
        must_be_payable(given)
        new: dict[str, Payment] = {}
        for payment in given:
            must_be_as_taken(self.paid.get(payment.key, new.setdefault(payment.key, payment)), payment)
        for key, payment in new.items():
            self.paid.setdefault(key, payment)

    def payments_taken(self, prefix: str) -> tuple[Payment, ...]:
        """Payments that were kept under keys that begin with a text."""
        return tuple(payment for key, payment in self.paid.items() if key.startswith(prefix))

    def answers(self, cursor: str) -> Answered:
        """What was added to `said` behind a cursor."""
        start = _place(cursor)
        found = tuple(self.said[start:])
        return Answered(answers=found, cursor=str(start + len(found)))


@define
class MemoryNotices:
    """A `Notifier` that keeps what it was told, each key once."""

    told: dict[str, Notice] = field(factory=dict)

    def notify(self, notices: tuple[Notice, ...]) -> None:
        """Keep notices whose key is new, all or none.

        Raises:
            DataError: a key was told with another body; nothing was kept.
        """
        new: dict[str, Notice] = {}
        for notice in notices:
            told = self.told.get(notice.key, new.setdefault(notice.key, notice))
            if told != notice:
                fault = f"it was told as {shown(told.text.en)}, and is now {shown(notice.text.en)}"
                raise DataError(f"notice {notice.key}", fault, "give it a key of its own; nothing of this was kept")
        for key, notice in new.items():
            self.told.setdefault(key, notice)
