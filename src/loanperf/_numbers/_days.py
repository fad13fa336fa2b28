"""Days: columns of days since 1970-01-01, and calendar months between them."""

from __future__ import annotations

from datetime import date

import numpy as np
from attrs import frozen

from loanperf._numbers._alike import is_alike
from loanperf._numbers._groups import distinct
from loanperf._numbers._whole import Whole

_MANY = 1_000
"""From how many days on most of them come several times."""
_FIRST = date(1970, 1, 1).toordinal()
FAR = date.max.toordinal() - _FIRST
"""The last day that there is: what is open, or never happens."""


def day_number(on: date) -> int:
    """A day as it stands in columns.

    >>> day_number(date(1970, 1, 2))
    1
    """
    return on.toordinal() - _FIRST


def day_of(number: int) -> date:
    """The day of a number in columns.

    >>> day_of(1)
    datetime.date(1970, 1, 2)
    """
    return date.fromordinal(number + _FIRST)


@frozen
class Age:
    """A length of time from a day on, in whole days or in calendar months."""

    count: int
    unit: str
    """`day`, or else `month`."""

    @classmethod
    def of(cls, months: int | None, days: int | None) -> Age | None:
        """The one of both that is stated; None where neither is."""
        if months is not None:
            return cls(months, "month")
        return None if days is None else cls(days, "day")


def days_of_age(start: Whole, age: Age) -> Whole:
    """The days on which what began on some days has an age; FAR stays, and is the most.

    >>> days_of_age(np.array([day_number(date(2026, 1, 31))]), Age(180, "day")).item() == day_number(date(2026, 7, 30))
    True
    """
    later: Whole = np.minimum(start + age.count, FAR) if age.unit == "day" else months_after(start, age.count)
    return later


def ages(start: Whole, end: Whole, unit: str) -> Whole:
    """How old what began on some days is on days on or after them: in whole days, or else in full months."""
    return end - start if unit == "day" else months_between(start, end)


def months_after(days: Whole, months: Whole | int) -> Whole:
    """The days some months later: the same day of the month, or its last where it has none; FAR stays, and is the most.

    >>> months_after(np.array([day_number(date(2026, 1, 31))]), 1).item() == day_number(date(2026, 2, 28))
    True
    """
    if len(days) >= _MANY and not isinstance(months, np.ndarray) and not is_alike(days):
        kinds, place = distinct(days)
        if len(kinds) < len(days) // 8:
            found: Whole = months_after(kinds, months)[place]
            return found
    month, day = _calendar(days)
    later = np.minimum(month + months, _LAST_MONTH)
    return np.where(days >= FAR, FAR, np.minimum(_first_of(later) + day, _first_of(later + 1) - 1))


def months_between(start: Whole, end: Whole) -> Whole:
    """Full months from days to days on or after them: the most months after which `start` is not past `end`."""
    (first, day), (last, until) = _calendar(start), _calendar(end)
    length = _first_of(last + 1) - _first_of(last)
    found: Whole = last - first - (np.minimum(day, length - 1) > until)
    return found


def _calendar(days: Whole) -> tuple[Whole, Whole]:
    """Months since 1970, and days of the month from 0 on."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    return months.astype(np.int64), (dates - months.astype("datetime64[D]")).astype(np.int64)


def _first_of(months: Whole) -> Whole:
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


_LAST_MONTH = (9999 - 1970) * 12 + 11
