"""Periods: half-open spans of days, fiscal calendars, tenors. The only module that imports dateutil."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import MAXYEAR, MINYEAR, date, datetime, timedelta
from enum import Enum
from functools import cache
from itertools import accumulate
from numbers import Integral
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, get_args

from attrs import field, frozen
from dateutil.relativedelta import relativedelta

from loanperf._quantities import FULL_WIDTH
from loanperf.errors import DataError, PeriodError

_LONGEST = 60
_MOST_PERIODS = 600
_YEAR_FIRST = re.compile(
    r"(?:([0-9]{4})([0-9]{2})([0-9]{2})|([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})|([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})"
    r"|([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})[日号])"
)
_MIDNIGHT = re.compile(r"(?P<day>.*[^\sT])(?:T|\s+)0?0:00(?::00(?:\.0+)?)?")
_OTHER_FORM = re.compile(r"[0-9]{1,4}([-/. ])[0-9]{1,2}\1[0-9]{1,4}")
_PARTS = {"yyyy": "(?P<year>[0-9]{4})", "mm": "(?P<month>[0-9]{1,2})", "dd": "(?P<day>[0-9]{1,2})"}
_DAY_REMEDY = "write a day as 2026-03-31"


def day(value: date | str | int, *, form: str = "") -> date:
    """A calendar day from a `date`, or from text that starts with the year.

    `2026-03-31`, `2026-3-31`, `2026/3/31`, `20260331` (text or int) and `2026年3月31日` are read, in full-width digits
    too, and a time of midnight behind them, as databases export it. Any other time, and a `datetime`, is refused, since
    its zone is not stated. `05/06/2022` is refused, since it is a day of May or of June: `form` says which.

    Args:
        value: the day.
        form: how it is written where it is written otherwise: `yyyy`, `mm` and `dd` once each with what stands between
            them, such as `dd/mm/yyyy` or `mm-dd-yyyy`. Then it is written so and not otherwise.

    Raises:
        PeriodError: it is no day, or of another form.

    >>> day("2026-03-31")
    datetime.date(2026, 3, 31)
    >>> day("31.3.2026", form="dd.mm.yyyy")
    datetime.date(2026, 3, 31)
    """
    if isinstance(value, datetime):
        raise PeriodError(value, "a datetime falls on different days in different zones", "pass its date")
    if isinstance(value, date):
        return value
    given: Any = value
    written_as_int = isinstance(given, Integral) and 10**7 <= int(given) < 10**8
    text = str(given) if written_as_int else _text(given, _DAY_REMEDY)
    if len(text) > _LONGEST:
        raise PeriodError(value, "it is too long for a day", _DAY_REMEDY)
    text = text.translate(FULL_WIDTH).strip()
    at_midnight = _MIDNIGHT.fullmatch(text)
    written = at_midnight["day"] if at_midnight else text
    if form:
        return _dated(value, written, day_form(form), f"write it as {form}, as is declared")
    if _OTHER_FORM.fullmatch(written) and not _YEAR_FIRST.fullmatch(written):
        fault = "it does not say which number is the day and which the month"
        raise PeriodError(value, fault, f"{_DAY_REMEDY}, or declare the form, such as 'dd/mm/yyyy'")
    return _dated(value, written, _YEAR_FIRST)


@cache
def day_form(form: str) -> re.Pattern[str]:
    """The pattern of a declared form of days.

    Raises:
        PeriodError: it does not have `yyyy`, `mm` and `dd` once each.
    """
    words: Any = form
    parts = re.split("(yyyy|mm|dd)", words.lower().strip()) if isinstance(words, str) and len(words) <= _LONGEST else []
    if sorted(parts[1::2]) != sorted(_PARTS) or any(between.isalnum() for between in parts[::2]):
        raise PeriodError(form, "it is no form of days", "write one such as 'dd/mm/yyyy' or 'mm-dd-yyyy'")
    pattern = "".join(_PARTS.get(part) or re.escape(part) for part in parts)
    # Without a sign between them, only numbers of two digits can be told apart.
    return re.compile(pattern if all(parts[2:-1:2]) else pattern.replace("{1,2}", "{2}"))


def _dated(value: object, text: str, pattern: re.Pattern[str], remedy: str = _DAY_REMEDY) -> date:
    match = pattern.fullmatch(text)
    if match is None:
        raise PeriodError(value, "it is not a day as it can be written", remedy)
    named = match.groupdict()
    groups = [named[part] for part in ("year", "month", "day")] if named else [item for item in match.groups() if item]
    try:
        return date(*map(int, groups))
    except ValueError as error:
        raise PeriodError(value, str(error), remedy) from None


def _text(value: object, remedy: str) -> str:
    if not isinstance(value, str):
        raise PeriodError(value, f"it is of type {type(value).__name__}, not text", remedy)
    return value


class Span(Enum):
    """The lengths of ordinary periods, in months."""

    MONTH = 1
    QUARTER = 3
    HALF = 6
    YEAR = 12


@frozen(order=True)
class Period:
    """The days from `start` up to but not including `end`.

    >>> Period.month(2026, 3).days
    31
    >>> print(Period.quarter(2026, 1, fiscal_start=4))
    2026-Q2
    >>> Period.parse("2026-Q1") == Period.quarter(2026, 1)
    True
    """

    start: date = field(converter=day)
    end: date = field(converter=day)
    """The first day that is no longer in the period."""
    calendar: PayCalendar | None = field(default=None, eq=False, repr=False, kw_only=True)
    """What says which period comes next; None goes on by the same length. Periods of the same days are equal."""

    def __attrs_post_init__(self) -> None:
        if self.start >= self.end:
            raise PeriodError(f"{self.start}/{self.end}", "it has no day", "end it later than it starts")

    @classmethod
    def month(cls, year: int, month: int, *, first_day: int = 1) -> Period:
        """A month of the calendar, or from `first_day` (1 to 28) of that month."""
        return _period(year, month, Span.MONTH, first_day)

    @classmethod
    def quarter(cls, year: int, quarter: int, *, fiscal_start: int = 1, first_day: int = 1) -> Period:
        """Quarter 1 to 4 of the fiscal year that starts in `year`; see `year`."""
        months = 3 * (_within(quarter, 4, "quarter") - 1)
        return _period(year, _within(fiscal_start, 12, "month") + months, Span.QUARTER, first_day)

    @classmethod
    def half(cls, year: int, half: int, *, fiscal_start: int = 1, first_day: int = 1) -> Period:
        """Half 1 or 2 of the fiscal year that starts in `year`; see `year`."""
        months = 6 * (_within(half, 2, "half") - 1)
        return _period(year, _within(fiscal_start, 12, "month") + months, Span.HALF, first_day)

    @classmethod
    def year(cls, year: int, *, fiscal_start: int = 1, first_day: int = 1) -> Period:
        """The fiscal year that starts in `year`, in month `fiscal_start` (1 to 12), on `first_day` (1 to 28) of it.

        >>> print(Period.year(2026, fiscal_start=4, first_day=6))
        2026-04-06/2027-04-06
        """
        return _period(year, _within(fiscal_start, 12, "month"), Span.YEAR, first_day)

    @classmethod
    def parse(cls, text: str, *, fiscal_start: int = 1) -> Period:
        """Read `2026-03`, `2026-Q1`, `2026-H1`, `2026` or `2026-03-05/2026-04-05` (the end not included).

        Raises:
            PeriodError: any other text; of a period that is written in another way, such as `2026年3月`, `2026/3` or
                `2026Q1`, it says how to write it.
        """
        remedy = "write 2026-03, 2026-Q1, 2026-H1, 2026 or 2026-03-05/2026-04-05"
        match = re.fullmatch(r"([0-9]{4})(?:-(?:([0-9]{2})|Q([1-4])|H([12])))?", _text(text, remedy))
        if match:
            year, month, quarter, half = (int(group or 0) for group in match.groups())
            if match[2] is not None and not 1 <= month <= 12:
                raise PeriodError(text, "there is no such month", "write a month from 01 to 12")
            if quarter:
                return cls.quarter(year, quarter, fiscal_start=fiscal_start)
            if half:
                return cls.half(year, half, fiscal_start=fiscal_start)
            return cls.year(year, fiscal_start=fiscal_start) if match[2] is None else cls.month(year, month)
        if meant := _written_otherwise(text):
            raise PeriodError(text, "its form is unknown", f"write {meant}; a period is written as 2026-03 or 2026-Q1")
        if text.count("/") == 1:
            start, end = text.split("/")
            return cls(start, end)
        raise PeriodError(text, "its form is unknown", remedy)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days

    @property
    def months(self) -> int:
        """How many months it has; 0 where it is not whole months, or of a calendar that goes by days or weeks."""
        return _whole_months(self) if self.calendar is None or self.calendar.periods in _MONTHS else 0

    @property
    def last_day(self) -> date:
        """The last day that is in the period."""
        return self.end - timedelta(days=1)

    def __contains__(self, on: date) -> bool:
        return self.start <= day(on) < self.end

    def overlap(self, start: date, end: date | None) -> Period | None:
        """The part of the period from `start` up to, not including, `end` (None is open); None where there is none."""
        first, last = max(self.start, start), self.end if end is None else min(self.end, end)
        return Period(first, last) if first < last else None

    def next(self) -> Period:
        """The period that follows in its calendar, or else of the same length: as many months, or else days.

        A period that starts on the 29th or later goes by days, since not every month has that day. Of a period of
        whole months, the next of the previous is the period itself.
        """
        return self._moved(1) if self.calendar is None else self.calendar.period(self.end)

    def previous(self) -> Period:
        """The period before, as `next` goes on."""
        if self.calendar is None:
            return self._moved(-1)
        return self.calendar.period(_moved(self.start, relativedelta(days=-1)))

    def _moved(self, direction: int) -> Period:
        months = _whole_months(self)
        if months and self.start.day <= 28:
            return Period(*(_months_away(on, direction * months) for on in (self.start, self.end)))
        move = relativedelta(days=direction * self.days)
        return Period(_moved(self.start, move), _moved(self.end, move))

    def __str__(self) -> str:
        months, before = _whole_months(self), self.start.month - 1
        if self.start.day == 1 and months == 1:
            return f"{self.start}"[:7]
        if self.start.day == 1 and months in (3, 6) and before % months == 0:
            return f"{self.start.year:04}-{'Q' if months == 3 else 'H'}{before // months + 1}"
        if self.start.day == 1 and months == 12 and before == 0:
            return f"{self.start.year:04}"
        return f"{self.start}/{self.end}"


Cut: TypeAlias = Literal[
    "month",
    "quarter",
    "half",
    "year",
    "half month",
    "week",
    "2 weeks",
    "4 weeks",
    "4-4-5",
    "4-5-4",
    "5-4-4",
]
PartOfYear: TypeAlias = Literal["year", "half", "quarter"]
_MONTHS: Mapping[str, int] = MappingProxyType({"month": 1, "quarter": 3, "half": 6, "year": 12})
_WEEKS: Mapping[str, int] = MappingProxyType({"week": 1, "2 weeks": 2, "4 weeks": 4})
_QUARTERS: Mapping[PartOfYear, tuple[int, ...]] = MappingProxyType(
    {"year": (0,), "half": (0, 2), "quarter": (0, 1, 2, 3)}
)
"""With which quarters of a year each part of it begins."""
_PART_MONTHS: Mapping[PartOfYear, int] = MappingProxyType({"year": 12, "half": 6, "quarter": 3})
_FIRST_YEAR, _LAST_YEAR = 2, 9997


@frozen(kw_only=True)
class PayCalendar:
    """How the pay periods of a lender follow each other, and when its years begin.

    Quarters and halves are those of its years: `resets` of tiers goes by them.

    Raises:
        PeriodError: `periods` is no known word, or `begins` a day that not every month has.

    >>> print(PayCalendar(periods="half month").period("2026-02-20"))
    2026-02-16/2026-03-01
    >>> print(PayCalendar(periods="4-4-5", begins="2026-02-01").period("2026-03-31").next())
    2026-05-03/2026-05-31
    """

    periods: Cut
    """What a pay period is. `half month`: the first 15 days, and the rest. `4-4-5`, `4-5-4`, `5-4-4`: the weeks of the
    three periods of a quarter; a 53rd week is the last period's."""
    begins: date = field(default=date(2001, 1, 1), converter=day)
    """The first day of a year: an April year has 2026-04-01. Up to the 28th where periods are made of months, and to
    the 13th for half months. Where they are made of weeks, it is a day on which one begins: weeks are counted from it,
    and years begin with the period that is nearest to this day of the year; of 4-4-5 and its like, on this day of the
    week that is nearest to it. The default, a Monday and the first of January, makes these the years of ISO weeks."""

    def __attrs_post_init__(self) -> None:
        if self.periods not in get_args(Cut):
            fault = "no calendar has such periods"
            raise PeriodError(self.periods, fault, f"use one of {', '.join(map(repr, get_args(Cut)))}")
        latest = 28 if self.periods in _MONTHS else 13 if self.periods == "half month" else 31
        if self.begins.day > latest:
            fault = f"a calendar of {self.periods!r} begins on the {latest}th of a month at the latest"
            raise PeriodError(self.begins, fault, "give an earlier day")

    def period(self, on: date | str) -> Period:
        """The pay period in which a day is.

        Raises:
            PeriodError: it would begin or end beyond the years 1 and 9999.
        """
        on = day(on)
        try:
            start, end = self._span(on)
        except (OverflowError, ValueError):
            raise PeriodError(on, "its pay period leaves the calendar", "stay between years 1 and 9999") from None
        return Period(start, end, calendar=self)

    def of(self, period: Period) -> Period:
        """A period of the same days, as one of this calendar.

        Raises:
            PeriodError: it has none of these days.
        """
        found = self.period(period.start)
        if found != period:
            fault = f"it is no pay period of {self}"
            raise PeriodError(str(period), fault, f"name {found} or {found.next()}")
        return found

    def starts(self, part: PartOfYear, first: date, last: date) -> list[date]:
        """The first days of its years, halves or quarters, from that in which a day is to that of a later one."""
        years = range(max(first.year - 1, _FIRST_YEAR), min(last.year + 1, _LAST_YEAR) + 1)
        found = [self._quarter(year, quarter) for year in years for quarter in _QUARTERS[part]]
        before = sum(start <= first for start in found)
        return [start for start in found[max(before - 1, 0) :] if start <= last]

    def stretches(self, part: PartOfYear, on: date, count: int) -> tuple[Period, ...]:
        """The year, half or quarter in which a day is, in as many equal stretches: its months, quarters or pay periods.

        Raises:
            PeriodError: it has none such.
        """
        begins = self.starts(part, on, date(on.year + 2, 1, 1))[:2]
        whole, months = Period(*begins), _PART_MONTHS[part]
        if self.periods in _MONTHS or self.periods == "half month":
            even = months % count == 0 if count else False
            edges = [begins[0] + relativedelta(months=months // count * place) for place in range(count * even)]
        else:
            periods = [self.period(begins[0])]
            while periods[-1].end < whole.end:
                periods.append(periods[-1].next())
            found = [self.starts(smaller, whole.start, whole.last_day) for smaller in _QUARTERS]
            found.append([period.start for period in periods])
            edges = next((starts for starts in found if len(starts) == count), [])
        if not edges:
            raise PeriodError(str(whole), f"it has no {count} equal stretches", "give one for each quarter or period")
        return tuple(Period(start, end) for start, end in zip(edges, [*edges[1:], whole.end], strict=True))

    def _span(self, on: date) -> tuple[date, date]:
        """The first day of the period of a day, and of the one after it."""
        begins = self.begins
        if self.periods in _WEEKS:
            weeks = timedelta(weeks=_WEEKS[self.periods])
            start = begins + (on - begins) // weeks * weeks
            return start, start + weeks
        if self.periods in _MONTHS or self.periods == "half month":
            length = _MONTHS.get(self.periods, 1)
            months = 12 * (on.year - begins.year) + on.month - begins.month - (on.day < begins.day)
            start = begins + relativedelta(months=months // length * length)
            end, half = start + relativedelta(months=length), start + timedelta(days=15)
            return (start, end) if self.periods in _MONTHS else (start, half) if on < half else (half, end)
        year = next(self._quarter(year, 0) for year in (on.year + 1, on.year, on.year - 1) if self._begun(year, on))
        lengths = [int(count) for count in self.periods.split("-")] * 4
        ends = [year + timedelta(weeks=count) for count in accumulate(lengths)]
        ends[-1] = next(later for count in (1, 2) if (later := self._quarter(year.year + count, 0)) >= ends[-1])
        place = sum(end <= on for end in ends)
        return [year, *ends][place], ends[place]

    def _begun(self, year: int, on: date) -> bool:
        return self._quarter(year, 0) <= on

    def _quarter(self, year: int, quarter: int) -> date:
        """The first day of a quarter, 0 to 3, of the year that begins in or near a year."""
        begins = self.begins
        first = date(year, begins.month, min(begins.day, 28) if begins.month == 2 else begins.day)
        if self.periods in _MONTHS or self.periods == "half month":
            return first + relativedelta(months=3 * quarter)
        if self.periods in _WEEKS:
            return self._nearest(first + relativedelta(months=3 * quarter), 7 * _WEEKS[self.periods])
        return self._nearest(first, 7) + timedelta(weeks=13 * quarter)

    def _nearest(self, on: date, length: int) -> date:
        """The day nearest to another that is some lengths from the first one; of two, the earlier."""
        after = (self.begins - on).days % length
        return on + timedelta(days=after if 2 * after < length else after - length)

    def __str__(self) -> str:
        return f"the calendar of {self.periods!r} from {self.begins}"


FROM_JANUARY = PayCalendar(periods="month")
"""The years of whoever states no calendar."""


def in_calendar(period: Period, dated: Iterable[tuple[date, PayCalendar | None]]) -> Period:
    """A pay period as one of the calendar that holds at its end: the last of those that are in force by then.

    Raises:
        PeriodError: it is no period of that calendar.
    """
    held = [item for item in dated if item[0] <= period.last_day]
    calendar = max(held, key=lambda item: item[0])[1] if held else None
    return period if calendar is None else calendar.of(period)


@frozen
class Tenor:
    """A length of time in months and days, added to a date by the calendar.

    A day that the month reached does not have becomes its last day (31 January and one month is 28 February).

    >>> Tenor.parse("36 months").after(date(2024, 2, 29))
    datetime.date(2027, 2, 28)
    """

    months: int = 0
    days: int = 0

    def __attrs_post_init__(self) -> None:
        for number in (self.months, self.days):
            if type(number) is not int or number < 0:
                raise PeriodError(number, "a tenor has whole months and days, none negative", "give ints from 0 on")

    @classmethod
    def parse(cls, text: str) -> Tenor:
        """Read `36 months`, `36个月`, `3 years`, `90 days`, `1 year 6 months`, `P36M`, `P1Y6M` or `P90D`."""
        remedy = "write it like '36 months', '36个月', '90 days' or 'P36M'"
        written = _text(text, remedy).strip()
        for form in (_TENOR, _TENOR_ISO) if len(written) <= _LONGEST else ():
            match = form.fullmatch(written)
            if match and any(match.groups()):
                years, months, days = (int(group or 0) for group in match.groups())
                return cls(12 * years + months, days)
        raise PeriodError(text, "it is no length of time", remedy)

    def after(self, on: date) -> date:
        """The day this long after `on`."""
        return _moved(day(on), relativedelta(months=self.months, days=self.days))

    def __str__(self) -> str:
        if not self.days:
            return f"{self.months} months"
        return f"{self.months} months {self.days} days" if self.months else f"{self.days} days"


_TENOR = re.compile(
    r"(?:([0-9]{1,5})\s*(?:years?|年)\s*)?(?:([0-9]{1,5})\s*(?:months?|个月)\s*)?(?:([0-9]{1,5})\s*(?:days?|天))?"
)
_TENOR_ISO = re.compile(r"P(?:([0-9]{1,5})Y)?(?:([0-9]{1,5})M)?(?:([0-9]{1,5})D)?")


_OTHERWISE = {
    form: re.compile(rf"([0-9]{{4}})\s*{rest}")
    for form, rest in (
        ("{0}-{1:0>2}", r"(?:[-/.年]\s*(0?[1-9]|1[0-2])\s*月?|(0[1-9]|1[0-2]))"),
        ("{0}-Q{1}", r"[-/年]?\s*(?:[Qq]([1-4])|第?\s*([1-4一二三四])\s*季度?)"),
        ("{0}-H{1}", r"[-/年]?\s*(?:[Hh]([12])|([上下])半年)"),
        ("{0}", r"(年)度?"),
    )
}
"""Other ways in which people write a month, a quarter, a half and a year, by how they are to be written."""
_COUNTED = str.maketrans("一二三四上下", "123412")


def _written_otherwise(text: str) -> str:
    """How a period is to be written that somebody wrote in another way; empty where it is not clear."""
    plain = text.translate(FULL_WIDTH).strip()
    for form, pattern in _OTHERWISE.items():
        if match := pattern.fullmatch(plain):
            return form.format(*filter(None, match.groups())).translate(_COUNTED)
    return ""


def _moved(on: date, by: relativedelta) -> date:
    try:
        return on + by
    except (OverflowError, ValueError):
        raise PeriodError(on, f"moved by {by} it leaves the calendar", "stay between years 1 and 9999") from None


def _months_away(on: date, months: int) -> date:
    """The same day of a month that comes so many months later; a day that every month has."""
    year, month = divmod(12 * on.year + on.month - 1 + months, 12)
    if not MINYEAR <= year <= MAXYEAR:
        return _moved(on, relativedelta(months=months))  # which says what is wrong
    return date(year, month + 1, on.day)


def _within(value: int, most: int, what: str) -> int:
    if not hasattr(value, "__index__") or not 1 <= value <= most:
        raise PeriodError(value, f"there is no such {what}", f"give a whole number from 1 to {most}")
    return int(value)


def _period(year: int, month: int, span: Span, first_day: int = 1) -> Period:
    if span is Span.MONTH:
        _within(month, 12, "month")
    first = date(_within(year, 9997, "year"), 1, _within(first_day, 28, "first day"))
    start = first + relativedelta(months=int(month) - 1)
    return Period(start, start + relativedelta(months=span.value))


def _whole_months(period: Period) -> int:
    """How many months it has, 0 where it is not whole months."""
    if period.start.day != period.end.day:
        return 0
    return 12 * (period.end.year - period.start.year) + period.end.month - period.start.month


def holds_on(since: date, until: date | None, on: date) -> bool:
    """Whether what holds from a day up to another one, which is left out, holds on a day; None is open.

    >>> holds_on(date(2026, 1, 1), date(2026, 4, 1), date(2026, 4, 1)), holds_on(date(2026, 1, 1), None, date.max)
    (False, True)
    """
    return since <= on and (until is None or on < until)


def has_passed(last_day: date, on: date) -> bool:
    """Whether a last day, such as a deadline, has passed on a day: it counts to its end.

    >>> has_passed(date(2026, 3, 31), date(2026, 3, 31)), has_passed(date(2026, 3, 31), date(2026, 4, 1))
    (False, True)
    """
    return on > last_day


def must_be_in(on: date, period: Period) -> None:
    """Refuse to look at a period as of a day that is none of its own.

    Raises:
        PeriodError: the day is before the period or after it.
    """
    if on not in period:
        fault = f"as_of is not in {period}, at which it looks"
        raise PeriodError(on, fault, f"pass a day from {period.start} to {period.last_day}, that one once it is over")


def periods_through(first: Period, last: Period) -> tuple[Period, ...]:
    """The periods that follow one another from the first on, until one begins with or after the last.

    Raises:
        DataError: there are more than 600, which is 50 years of months.

    >>> [str(period) for period in periods_through(Period.month(2026, 3), Period.month(2026, 5))]
    ['2026-03', '2026-04', '2026-05']
    """
    found = [first]
    while found[-1].start < last.start:
        if len(found) == _MOST_PERIODS:
            fault = f"there are more than {_MOST_PERIODS} from {first} to {last}"
            raise DataError("the periods", fault, f"correct the year of one, or look at {_MOST_PERIODS} or fewer")
        found.append(found[-1].next())
    return tuple(found)


def must_be_period(value: object) -> None:
    """Refuse what is no period, such as the text of one.

    Raises:
        PeriodError: it is none.
    """
    if not isinstance(value, Period):
        raise PeriodError(value, "it is no Period", _instead_of(value))


def _instead_of(value: object) -> str:
    """What to pass in place of a text or a day where a period belongs."""
    if isinstance(value, date):
        return f"pass one, such as lp.Period.month({value.year}, {value.month})"
    try:
        written = str(Period.parse(value)) if isinstance(value, str) else ""
    except PeriodError:
        written = ""
    return f"pass one, such as lp.Period.parse({written or '2026-03'!r})"
