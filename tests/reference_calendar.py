"""The years of a calendar, plainly: which day is in which part of which year."""

from datetime import date, timedelta
from typing import Any

import loanperf as lp


def part_of_year(on: date, parts: int, calendar: lp.schemes.PayCalendar | None) -> Any:
    """The year of a calendar in which a day is, and which part of it; years of weeks begin near a day, on a weekday."""
    begins = calendar.begins if calendar else date(2001, 1, 1)
    if calendar is None or "-" not in calendar.periods:
        months = 12 * (on.year - begins.year) + on.month - begins.month - (on.day < begins.day)
        return months // 12, months % 12 // (12 // parts)
    near = [begins.replace(year=year) + timedelta(days) for year in (on.year - 1, on.year, on.year + 1)
            for days in range(-3, 4)]  # fmt: skip
    first = max(day for day in near if day <= on and day.weekday() == begins.weekday())
    return first, min((on - first).days // (364 // parts), parts - 1)
