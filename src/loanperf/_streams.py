"""Streams: records of append-only streams, each a line of JSON with number, version of its form and hash; moments."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, TypeVar

from loanperf._data import read_as
from loanperf._periods import day
from loanperf.errors import DataError, LoanPerfError, PeriodError, shown

_Kind = TypeVar("_Kind")
FORM = 1
"""The version of the form of records."""
RESTORE = "restore the stream as it was written"
"""What to do about a record that cannot stand where it stands."""


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
    with reading(number, stream):
        return read_as(kinds[kind], data)


def said_in(number: int, record: str, kinds: Collection[str], stream: str) -> tuple[str, Any]:
    """The kind of a record, and what it says, as data. Arguments are those of `read_record`.

    Raises:
        DataError: it cannot be read, was changed, is of a newer version of the form or of another kind, or is numbered
            otherwise, so that a record is missing or was put in.
    """
    where = f"record {number} of the {stream}"
    with reading(number, stream):
        data = json.loads(record)
        form, place = data["form"], data["number"]
        held = [name for name in data if name not in ("form", "number", "digest")]
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


@contextmanager
def reading(number: int, stream: str) -> Iterator[None]:
    """Say of which record it is that something cannot be read.

    Raises:
        DataError: it cannot.
    """
    try:
        yield
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError, LoanPerfError) as error:
        said = str(error) if isinstance(error, LoanPerfError) else repr(error)
        fault = f"it cannot be read: {shown(said, 300)}"
        raise DataError(f"record {number} of the {stream}", fault, RESTORE) from None


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
