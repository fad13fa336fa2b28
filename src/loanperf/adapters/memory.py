"""Ports over values in memory: for tests, notebooks, and as the reference of what a port promises."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from threading import Lock
from typing import TypeVar

from attrs import define, field, frozen

from loanperf._facts import NO_FACTS, USUAL, Authority, Fact, Facts, must_be_authority
from loanperf._feeds import RowKey, Said, facts_of, merged
from loanperf._indicators import Reading
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._scheme import Scheme, SchemeBook
from loanperf._targets import Target
from loanperf.errors import ConflictError, DataError, shown
from loanperf.ports import Answer, Answered, FeedRow, Notice, Payment, Pulled

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
        """Those that are for the period, or for no stated one."""
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
        """Those that are for the period, or for no stated one."""
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
    """A `FactStore`: the rows of feeds that hold, and readings that the host has beside them."""

    supplied: tuple[Reading, ...] = field(converter=_readings, default=())
    authority: Authority = field(default=USUAL, converter=must_be_authority)
    """Whose word holds for each kind of event; by the names of the feeds."""
    _held: dict[RowKey, Said] = field(init=False, factory=dict)
    _cursors: dict[str, str] = field(init=False, factory=dict)
    _lock: Lock = field(init=False, factory=Lock, eq=False, repr=False)

    def cursor(self, source: str) -> str:
        """The cursor last taken of a source."""
        return self._cursors.get(source, "")

    def take(self, source: str, pulled: Pulled) -> None:
        """Keep rows and cursor."""
        with self._lock:
            self._held = merged(self._held, source, pulled.rows)
            self._cursors[source] = pulled.cursor

    def facts(self, period: Period) -> Facts:
        """All that hold, whatever the period."""
        return facts_of(self._held, authority=self.authority, sources=self._cursors)

    def readings(self, period: Period) -> tuple[Reading, ...]:
        """Those that are for the period, or for no stated one."""
        return tuple(reading for reading in self.supplied if reading.period in (None, period))


@define
class MemoryEntries:
    """An `EntryStore`; threads may share it."""

    streams: dict[str, tuple[str, ...]] = field(factory=dict)
    _lock: Lock = field(init=False, factory=Lock, eq=False, repr=False)

    def read(self, stream: str, after: int = 0) -> tuple[str, ...]:
        """The records behind a version."""
        return self.streams.get(stream, ())[after:]

    def append(self, stream: str, records: Sequence[str], *, expected: int) -> int:
        """Add records.

        Raises:
            ConflictError: the stream is at another version.
        """
        with self._lock:
            held = self.streams.get(stream, ())
            if len(held) != expected:
                raise ConflictError(stream, expected, len(held))
            self.streams[stream] = (*held, *records)
            return expected + len(records)


# ── where pay goes ──────────────────────────────────────────────────────────────────────────────────────────


@define
class MemoryPayments:
    """A `PaymentSink` that keeps what it was given, each key once, and `PaymentAnswers` of what was said of it."""

    paid: dict[str, Payment] = field(factory=dict)
    said: list[Answer] = field(factory=list)

    def pay(self, payments: tuple[Payment, ...]) -> None:
        """Keep payments whose key is new."""
        for payment in tuple(payments):
            self.paid.setdefault(payment.key, payment)

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
        """Keep notices whose key is new."""
        for notice in notices:
            self.told.setdefault(notice.key, notice)
