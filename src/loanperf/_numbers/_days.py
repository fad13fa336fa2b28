"""Days: columns of days since 1970-01-01, and calendar months between them."""

from __future__ import annotations

from datetime import date

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
