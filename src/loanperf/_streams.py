"""Streams: records of append-only streams, each a line of JSON with number, version of its form and hash; moments.

What a stream says is its events put together, one after the other: `Stream` reads, writes and adds them, and a package
says what each of its events does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any, Generic, Protocol, TypeVar

from attrs import NOTHING, evolve, fields, frozen

from loanperf._data import PlainData, read_as
from loanperf._explanations import Label
from loanperf._periods import day
from loanperf.errors import DataError, LoanPerfError, PeriodError, shown

_Kind = TypeVar("_Kind")
_Event = TypeVar("_Event", bound=PlainData)
_Held = TypeVar("_Held")
_Plan = TypeVar("_Plan")
_Own = TypeVar("_Own")
_State = TypeVar("_State", bound=Enum)
_Act = TypeVar("_Act", bound=Enum)
FORM = 1
"""The version of the form of records."""
RESTORE = "restore the stream as it was written"
"""What to do about a record that cannot stand where it stands."""
UNREADABLE = (AttributeError, LookupError, RecursionError, TypeError, ValueError, LoanPerfError)
"""What is raised where a line is no record, or what it says is no event."""


def record_of(number: int, kind: str, data: Mapping[str, Any]) -> str:
    """A record of a stream as a line of JSON.

    Args:
        number: which record of the stream it is, from 1 on.
        kind: what it is called in the stream.
        data: what `data()` of its event returned.

    >>> record_of(1, "reply", {"by": "lin"})[:53]
    '{"form":1,"number":1,"digest":"7ebb4adeec70b23e58a37d'
    """
    said = {"form": FORM, "number": number, "digest": _digest(data), kind: data}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _digest(said: object) -> str:
    """The SHA-256 of what a record says, as JSON in ASCII with sorted keys and no blanks between its parts."""
    return sha256(_IN_ORDER.encode(said).encode()).hexdigest()


_IN_ORDER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
"""Made once, since making it takes longer than a record."""


def read_record(number: int, record: str, kinds: Mapping[str, type[_Kind]], stream: str) -> _Kind:
    """The event of a record.

    Args:
        number: which record of the stream it should be.
        record: the line.
        kinds: the class of the events of each kind, by what they are called in the stream.
        stream: what the stream holds, for errors.

    Raises:
        DataError: it is refused by `said_in`, or what it says is no event of its kind.
    """
    kind, data = said_in(number, record, kinds, stream)
    try:
        return read_as(kinds[kind], data)
    except UNREADABLE as error:
        raise unreadable(number, stream, error) from None


def said_in(number: int, record: str, kinds: Collection[str], stream: str) -> tuple[str, Any]:
    """The kind of a record, and what it says, as data. Arguments are those of `read_record`.

    Raises:
        DataError: it cannot be read, was changed, is of a newer version of the form or of another kind, or is numbered
            otherwise, so that a record is missing or was put in.
    """
    where = f"record {number} of the {stream}"
    try:
        data = json.loads(record)
        form, place = data["form"], data["number"]
        held = [name for name in data if name not in ("form", "number", "digest")]
    except UNREADABLE as error:
        raise unreadable(number, stream, error) from None
    if type(form) is int and form > FORM:
        fault = f"it is of form {form}, and this version of loanperf reads {FORM}"
        raise DataError(where, fault, "use the version that wrote it, or a later one")
    if type(form) is not int or form != FORM:
        raise DataError(where, f"its form is {shown(form)}", RESTORE)
    if type(place) is not int or place != number:
        raise DataError(where, f"it is numbered {shown(place)}: one is missing or was put in", RESTORE)
    if len(held) != 1 or held[0] not in kinds:
        fault = f"it is none of {', '.join(sorted(kinds))}: {shown(sorted(held))}"
        raise DataError(where, fault, RESTORE)
    if data.get("digest") != _digest(data[held[0]]):
        raise DataError(where, "its hash is not that of what it says: it was changed", RESTORE)
    return held[0], data[held[0]]


def unreadable(number: int, stream: str, error: Exception) -> DataError:
    """What to raise where something of a record cannot be read, by the error that said so, one of `UNREADABLE`."""
    said = str(error) if isinstance(error, LoanPerfError) else repr(error)
    return DataError(f"record {number} of the {stream}", f"it cannot be read: {shown(said, 300)}", RESTORE)


# ── events ──────────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class Stream(Generic[_Event, _Held]):
    """How the records of one kind of stream are read and written, and what they say together."""

    name: str
    """What the stream holds, for errors, such as `reviews`."""
    kinds: Mapping[str, type[_Event]]
    """The class of the events of each kind, by what records call it."""
    applied: Callable[[_Held, _Event, int], _Held]
    """What stands once an event that is the record of a number has happened. It may write to mappings of what stood
    before, and raises a DataError where the event cannot come next."""

    def read(self, records: Iterable[str], held: _Held) -> tuple[_Held, int]:
        """What the records of a stream say, from the first on, and how many they are.

        Args:
            records: in order.
            held: what stands before the first of them; its mappings are written to.

        Raises:
            DataError: a record is none of its kinds, is missing, is of a newer version, is not what its hash is of, or
                says what cannot be.
        """
        count = 0
        for count, record in enumerate(records, 1):
            held = self._next(held, read_record(count, record, self.kinds, self.name), count, f"record {count}")
        return held, count

    def add(self, events: Iterable[_Event], held: _Held, before: int) -> tuple[_Held, int]:
        """What stands once events are appended, and how many records there are then.

        Args:
            events: in order.
            held: what stands before; its mappings are written to.
            before: how many records there are before.

        Raises:
            DataError: one of them is no event of the stream, or cannot be.
        """
        known, number = tuple(self.kinds.values()), before
        for number, event in enumerate(events, before + 1):
            if not isinstance(event, known):
                where, fault = f"event {number} of the {self.name}", f"it is {shown(event)}"
                raise DataError(where, fault, "pass what a command gave")
            held = self._next(held, event, number, f"event {number}")
        return held, number

    def lines(self, events: Iterable[_Event], before: int) -> list[str]:
        """The records to append for events, without what is empty and may be left out.

        Args:
            events: in order.
            before: how many records there are before.
        """
        names = {kind: name for name, kind in self.kinds.items()}
        return [
            record_of(number, names[type(event)], _written(event)) for number, event in enumerate(events, before + 1)
        ]

    def _next(self, held: _Held, event: _Event, number: int, place: str) -> _Held:
        try:
            return self.applied(held, event, number)
        except DataError as error:
            fault = f"it cannot follow what stands before it: {shown(str(error), 300)}"
            raise DataError(f"{place} of the {self.name}", fault, RESTORE) from None


def _written(event: PlainData) -> dict[str, Any]:
    kind: Any = type(event)
    return {name: said for name, said in event.data().items() if said not in ("", [], None) or name in _asked(kind)}


@cache
def _asked(kind: Any) -> frozenset[str]:
    """The fields of a class that are always given."""
    return frozenset(one.name for one in fields(kind) if one.default is NOTHING)


def own(held: _Own) -> _Own:
    """What stands, with mappings of its own that may be written to."""
    given: Any = held
    said = {one.name: getattr(held, one.name) for one in fields(type(given))}
    found: _Own = evolve(given, **{name: {**value} for name, value in said.items() if isinstance(value, Mapping)})
    return found


def moved_to(
    moves: Mapping[tuple[_State, _Act], _State],
    names: Mapping[_State, Label],
    state: _State,
    act: _Act,
    where: str,
    remedy: str,
) -> _State:
    """The state after an act, by a table of moves.

    Args:
        moves: the state after each act in each state; what is not there cannot happen.
        names: what each state is called.
        state: how it stands.
        act: what is to happen.
        where: what it happens to, for errors.
        remedy: what to do instead.

    Raises:
        DataError: the table has no such move.
    """
    after = moves.get((state, act))
    if after is None:
        raise DataError(where, f"it is {names[state].en}, and there is no way to {act.value} it", remedy)
    return after


class HasMoment(Protocol):
    """What was said at a moment."""

    @property
    def at(self) -> str:
        """The day, or the time with its offset from UTC."""


def day_of_event(event: HasMoment) -> date:
    """The day of an event, by its own clock."""
    return day_of_moment(event.at)


def planned(plan: _Plan | None, what: str) -> _Plan:
    """The plan of a stream.

    Args:
        plan: None where none was set.
        what: what the stream is of, for errors.

    Raises:
        DataError: none was set.
    """
    if plan is None:
        raise DataError(what, "it has no plan", "set one with start() first")
    return plan


def must_be_first(plan: object, what: str) -> None:
    """Refuse a second plan of a stream, which keeps its first one.

    Raises:
        DataError: one was set before.
    """
    if plan is not None:
        raise DataError(f"the plan of {what}", "one was set before", "keep it, and start the next period with another")


def must_not_be_before(on: date, since: date, where: str) -> None:
    """Refuse what is dated before the day of what it follows.

    Raises:
        DataError: it is.
    """
    if on < since:
        fault = f"it is dated {on}, and what it follows {since}"
        raise DataError(where, fault, "give the day on which it was said")


# ── moments ─────────────────────────────────────────────────────────────────────────────────────────────────


def moment(given: date | datetime | str) -> str:
    """When something was said: a day, or a time with its offset from UTC, as ISO text.

    Raises:
        PeriodError: it is neither, or a time that does not say its offset.

    >>> from datetime import date
    >>> moment(date(2026, 4, 1)), moment("2026-04-01T09:30:00+08:00")
    ('2026-04-01', '2026-04-01T09:30:00+08:00')
    """
    remedy = "pass a day such as 2026-04-01, or a time with its offset such as 2026-04-01T09:30:00+08:00"
    if isinstance(given, str) and len(given) > 10:
        try:
            given = datetime.fromisoformat(given)
        except ValueError:
            raise PeriodError(shown(given), "it is no day and no time", remedy) from None
    if isinstance(given, datetime):
        if given.tzinfo is None or given.utcoffset() is None:
            raise PeriodError(given.isoformat(), "it does not say its offset from UTC", remedy)
        return given.isoformat()
    return _written_day(given) if isinstance(given, str) else day(given).isoformat()


@lru_cache(maxsize=4096)
def _written_day(text: str) -> str:
    """A day as ISO text; those of a stream are few, and each is read once."""
    return day(text).isoformat()


def day_of_moment(at: str) -> date:
    """The day of a moment, by its own clock.

    >>> day_of_moment("2026-04-01T09:30:00+08:00")
    datetime.date(2026, 4, 1)
    """
    return date.fromisoformat(at[:10])
