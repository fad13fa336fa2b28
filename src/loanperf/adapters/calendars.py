"""Calendars: working days of China and of other countries. The door of its two packages, with the extra `calendars`.

What comes out is a set of days, which `loanperf.progress.Pace(working=...)` takes. A bank that works on other days adds
and takes away from it: `chinese_working_days(period) | {date(2026, 10, 3)}`.
"""

from __future__ import annotations

from datetime import date, timedelta
from importlib import import_module
from typing import Any

from loanperf._periods import Period
from loanperf.errors import DataError, MissingExtraError


def chinese_working_days(period: Period) -> frozenset[date]:
    """The working days of the Chinese mainland in a period, as the State Council ordered them.

    Statutory holidays are none, and days that are worked in exchange (调休), such as a Saturday, are. The order for a
    year is published in November of the year before, and a release of the package `chinese-calendar` follows it.

    Raises:
        DataError: the installed release does not know a year of the period: nothing is guessed of it.
        MissingExtraError: the extra `calendars` is not installed.

    >>> october = chinese_working_days(Period.month(2026, 10))
    >>> len(october), date(2026, 10, 8) in october, date(2026, 10, 10) in october
    (18, True, True)
    """
    package = _package("chinese_calendar", "chinese-calendar")
    try:
        return frozenset(on for on in _each(period) if package.is_workday(on))
    except NotImplementedError:
        known = sorted({on.year for on in package.constants.holidays})
        fault = f"the installed release of chinese-calendar knows {known[0]} to {known[-1]}"
        remedy = "install a later release once the holidays of the year are ordered, or pass the days yourself"
        raise DataError(f"the working days of {period}", fault, remedy) from None


def working_days(period: Period, country: str, *, subdivision: str = "") -> frozenset[date]:
    """The working days of a country in a period: no weekend and no public holiday of it, by the package `holidays`.

    Args:
        period: which days.
        country: its code of two letters (ISO 3166), such as `DE`.
        subdivision: of a state or province with holidays of its own, such as `BY`.

    Raises:
        DataError: the country or subdivision is unknown, a year is one of which nothing is known, or the country is
            China, whose days worked in exchange are ordered year by year: see `chinese_working_days`.
        MissingExtraError: the extra `calendars` is not installed.

    >>> len(working_days(Period.month(2026, 5), "DE"))
    18
    """
    if country.upper() in ("CN", "CHN"):
        fault = "which days are worked in exchange is ordered for one year at a time"
        raise DataError(f"the working days of {country!r}", fault, "use chinese_working_days(period)")
    package = _package("holidays", "holidays")
    try:
        found = package.country_holidays(country, subdiv=subdivision or None)
    except NotImplementedError:
        where = f"{country!r}, {subdivision!r}" if subdivision else repr(country)
        fault = "the package holidays knows no such country or subdivision"
        raise DataError(
            f"the working days of {where}", fault, "write codes of ISO 3166, such as 'DE' and 'BY'"
        ) from None
    if not found.start_year <= period.start.year <= period.last_day.year <= found.end_year:
        fault = f"the package holidays knows {found.start_year} to {found.end_year} of {country!r}"
        raise DataError(f"the working days of {period}", fault, "ask for those years, or pass the days yourself")
    return frozenset(on for on in _each(period) if found.is_working_day(on))


def _each(period: Period) -> list[date]:
    return [period.start + timedelta(place) for place in range(period.days)]


def _package(module: str, name: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtraError("calendars", name) from error
