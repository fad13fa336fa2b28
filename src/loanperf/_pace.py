"""Pace: (a period, a day, how a host works) -> the part of what the period asks for that is due by then."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, TypeAlias

from attrs import converters, field, frozen
from attrs.validators import deep_iterable, optional

from loanperf._explanations import Label
from loanperf._indicators import Indicator
from loanperf._periods import PayCalendar, Period, day, must_be_period
from loanperf._quantities import percent
from loanperf._targets import Season, as_shares
from loanperf._validators import as_tuple, between, is_a
from loanperf.errors import DataError, shown

WorkingDays: TypeAlias = "Collection[date] | Callable[[date], bool]"
"""The days on which a lender works, or a function that says of a day whether it is one."""


def _days(given: Any) -> Any:
    """A collection of days as a set of them; a function as it is."""
    return frozenset(map(day, given)) if isinstance(given, Collection) and not isinstance(given, str) else given


def _working(instance: object, attribute: object, given: Any) -> None:
    del instance, attribute
    if given is not None and not isinstance(given, frozenset) and not callable(given):
        raise DataError("Pace.working", f"it is {shown(given)}", "pass the days, or a function of a day")


@frozen(kw_only=True)
class Pace:
    """How what a period asks for falls due in the course of it: evenly over its days, unless it is said otherwise.

    Raises:
        DataError: the weights do not sum to exactly 100%, two seasons are of one indicator, or days that are none.

    >>> Pace().due(Period.month(2026, 4), "2026-04-15")
    Fraction(1, 2)
    >>> Pace(working=lambda on: on.weekday() < 5).due(Period.month(2026, 4), "2026-04-15")
    Fraction(1, 2)
    >>> Pace(weights=["20%", "30%", "50%"]).due(Period.month(2026, 4), "2026-04-10")
    Fraction(1, 5)
    """

    working: WorkingDays | None = field(default=None, converter=_days, validator=_working)
    """The days that count, those of all periods that are asked about, or a function that says True or False of a day,
    such as `loanperf.adapters.calendars.chinese_working_days(period)`. None: every day of the calendar counts."""
    weights: tuple[Fraction, ...] | None = field(
        default=None,
        converter=converters.optional(as_shares),
        validator=optional(deep_iterable(between(0, 1), is_a(tuple))),
    )
    """The shares that fall due in equal stretches of a period in turn, which sum to exactly 100%: three are thirds of
    its days that count. Within a stretch what is due grows evenly. None: as in one stretch."""
    seasons: tuple[Season, ...] = field(
        default=(), converter=as_tuple, validator=deep_iterable(is_a(Season), is_a(tuple))
    )
    """Indicators that go by a curve of their own over the months or quarters of a year, half or quarter. Within each of
    them what is due grows evenly over the days that count, and `weights` do not hold."""
    calendar: PayCalendar | None = field(default=None, validator=optional(is_a(PayCalendar)))
    """Of which seasons are; None is the calendar year."""

    def __attrs_post_init__(self) -> None:
        if self.weights is not None and sum(self.weights) != 1:
            fault = f"its weights sum to {percent(Fraction(sum(self.weights)))}"
            raise DataError("Pace.weights", fault, "make them sum to exactly 100%, such as ['20%', '30%', '50%']")
        codes = [season.code for season in self.seasons]
        if twice := [code for code in codes if codes.count(code) > 1]:
            raise DataError("Pace.seasons", f"two are of {twice[0]!r}", "state one for each indicator")

    def due(self, period: Period, as_of: date | str, indicator: str = "") -> Fraction:
        """The part of a flow's target for a period that is due at the end of a day: 0 before it, 1 from its last day.

        Exact, and never less on a later day.

        Args:
            period: for which the target holds.
            as_of: the last day that has passed.
            indicator: its code; it decides which season holds.

        Raises:
            DataError: no day of the period counts, a season gives it nothing, or the function gives neither True nor
                False.
            PeriodError: a season is of another time than the period.
        """
        must_be_period(period)
        last = day(as_of)
        season = next((season for season in self.seasons if season.code == indicator), None)
        if season is not None:
            return self._in_season(season, period, last)
        part = self.passed(period, last)
        if self.weights is None:
            return part
        place = part * len(self.weights)
        whole = int(place)
        within = self.weights[whole] * (place - whole) if whole < len(self.weights) else Fraction(0)
        return sum(self.weights[:whole], Fraction(0)) + within

    def due_of(self, indicator: Indicator, period: Period, as_of: date) -> Fraction:
        """The part of a target that should be reached by the end of a day, from 0 to 1.

        Of a flow, such as the amount disbursed, it grows with the days that have passed; see `due`. Of a stock, such as
        a balance or a ratio at a day, it is always 1.

        Raises:
            PeriodError: `period` is no period.
        """
        must_be_period(period)
        return self.due(period, as_of, indicator.code) if indicator.timing == "flow" else Fraction(1)

    def passed(self, period: Period, as_of: date) -> Fraction:
        """The part of the days of a period that count, and have passed at the end of a day.

        Raises:
            DataError: none of its days counts.
        """
        if self.working is None:
            return passed(period, as_of)
        days = self.working_days(period)
        return Fraction(sum(on <= as_of for on in days), len(days))

    def working_days(self, period: Period) -> list[date]:
        """The days of a period that count.

        Raises:
            PeriodError: `period` is no period.
            DataError: none does.
        """
        must_be_period(period)
        each = (period.start + timedelta(place) for place in range(period.days))
        days = [on for on in each if self.working is None or self._counts(on)]
        if not days:
            raise DataError(f"the working days of {period}", "there is none", "give those of this period too")
        return days

    @property
    def name(self) -> Label:
        """By what it goes, in both languages."""
        if self.weights is not None:
            return Label("by the curve of the period", "按期内进度曲线")
        if self.working is not None:
            return Label("by working days", "按工作日")
        return Label("by calendar days", "按自然日")

    def named(self, indicator: str) -> Label:
        """By what it goes for an indicator, in both languages."""
        seasonal = any(season.code == indicator for season in self.seasons)
        return Label("by season", "按季节权重") if seasonal else self.name

    def _counts(self, on: date) -> bool:
        if isinstance(self.working, frozenset):
            return on in self.working
        given: Any = self.working
        found = given(on)
        if found is not True and found is not False:
            fault = f"it is {shown(found)} on {on}"
            raise DataError("the function that says whether a day is a working day", fault, "return True or False")
        return bool(found)

    def _in_season(self, season: Season, period: Period, as_of: date) -> Fraction:
        """What is due of a period by a season: of each of its months or quarters by the days that count."""
        whole = season.share(period, self.calendar)
        if not whole:
            raise DataError(f"the season of {season.code}", f"it gives {period} nothing", "give it a share above 0%")
        found = Fraction(0)
        for stretch in season.stretches(period, self.calendar):
            if (share := season.share(stretch, self.calendar)) and stretch.start <= as_of:
                found += share * self.passed(stretch, as_of)
        return found / whole


def passed(period: Period, as_of: date) -> Fraction:
    """The part of a period's days of the calendar that has passed at the end of a day: 0 before it, 1 from its last on.

    Raises:
        PeriodError: `period` is no period.

    >>> passed(Period.month(2026, 3), date(2026, 3, 31)), passed(Period.month(2026, 4), date(2026, 4, 15))
    (Fraction(1, 1), Fraction(1, 2))
    """
    must_be_period(period)
    return Fraction(min(max((as_of - period.start).days + 1, 0), period.days), period.days)


EVENLY = Pace()
"""Every day of the calendar counts."""
