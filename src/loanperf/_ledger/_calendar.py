"""The pay periods of a ledger: with which it begins, and which fit it; a quarter among months is refused, say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from operator import attrgetter

from loanperf._ledger._ledger import Ledger, must_be_ledger
from loanperf._periods import Period, must_be_period
from loanperf.errors import LedgerError, Problem


def open_for_posting(ledger: Ledger, period: Period) -> None:
    """Refuse a period of another calendar than the ledger's, and a closed one.

    Raises:
        LedgerError: it is one.
        PeriodError: it is no `Period`.
        DataError: there is no ledger.
    """
    must_be_ledger(ledger)
    must_be_period(period)
    must_keep_calendar(ledger, period)
    if ledger.is_closed(period):
        remedy = f"post into the next, {period.next()}, or reopen it with a reason"
        raise LedgerError(f"period {period}", "it is closed", remedy)


SAY_FIRST = "say --first on the command line, or pass lp.Keeping(first=...),"
"""What to do where nobody says with which period pay begins."""


def begins_on(ledger: Ledger, period: Period) -> date:
    """The first day of the periods of a ledger, with the one to be worked."""
    known = (period, *ledger.periods, *(closing.period for closing in ledger.closings))
    return min(held.start for held in known)


def out_of_turn(ledger: Ledger, period: Period) -> Iterator[Problem]:
    """A problem where a period is posted behind a later one, or where none was worked between it and the last.

    A period that was closed and opened again is posted behind others on purpose.
    """
    known = {*ledger.periods, *(closing.period for closing in ledger.closings)}
    where = f"the run of {period}"
    later = min((held for held in known if held.start >= period.end), default=None)
    before = max((held for held in known if held.end <= period.start), default=None, key=attrgetter("end"))
    if later is not None and all(closing.period != period for closing in ledger.closings):
        fault = f"{later} was worked before it, and what that posted of earlier periods would be posted twice"
        remedy = "work periods in their order; or approve it, and let the next run of a later one take that back"
        yield Problem(where, fault, "", remedy)
    elif ledger.closings and period not in known and before is not None and before.end < period.start:
        fault = f"nothing was worked from {before.end} on, and bonuses of that time are in no run"
        yield Problem(where, fault, "", f"work {before.next()} first, or approve it")


def must_keep_calendar(ledger: Ledger, period: Period) -> None:
    """Refuse a period that does not follow on those of the ledger: lines of another calendar are other lines.

    Raises:
        LedgerError: it names a period of the ledger and this one, each with its length.
    """
    strange = _off_calendar(period, ledger.periods)
    if strange is not None:
        fault = f"the ledger is kept by periods such as {_with_length(strange)}, and this is {_with_length(period)}"
        remedy = "its calendar is fixed: work the periods that follow on it, or begin a ledger of its own"
        if period.calendar is None:
            remedy += "; where its scheme has a calendar, name one of its periods: scheme.calendar.period(day)"
        raise LedgerError(f"period {period}", fault, remedy)


def must_begin_with(first: Period, ledger: Ledger, period: Period) -> None:
    """Refuse a period before the first of a ledger or of another calendar, and entries that are older.

    Raises:
        LedgerError: it names the first period and the other one.
    """
    older = min((held for held in ledger.periods if held.start < first.start), default=None)
    if _off_calendar(period, (first,)) is not None:
        fault = f"the ledger begins with {_with_length(first)}, and this is {_with_length(period)}"
        raise LedgerError(f"period {period}", fault, "name a period of the same calendar as the first")
    if period.start < first.start:
        raise LedgerError(f"period {period}", f"the ledger begins with {first}", f"work {first} or a later one")
    if older is not None:
        fault = f"it has entries of {older}, and is said to begin with {first}"
        raise LedgerError("the ledger", fault, "leave the first period as it was, or out")


def _off_calendar(period: Period, others: Iterable[Period]) -> Period | None:
    """The first of some periods that is not met by going from a period to its neighbours; None where all are."""
    left = set(others) - {period}
    if not left:
        return None
    first, last = min(other.start for other in left), max(other.start for other in left)
    before = after = period
    while before.start > first:
        before = before.previous()
        left.discard(before)
    while after.start < last:
        after = after.next()
        left.discard(after)
    return min(left, default=None)


def must_be_cut_alike(through: Period, period: Period) -> None:
    """Refuse accruals that end before the period to post into, or are cut by others."""
    if through.end < period.end:
        fault = f"the accruals end with {through}"
        raise LedgerError(f"settling {period}", fault, "accrue through the period, or settle an earlier one")
    if _off_calendar(through, (period,)) is not None:
        fault = f"the accruals are cut by periods such as {_with_length(through)}, and this is {_with_length(period)}"
        raise LedgerError(f"settling {period}", fault, "accrue through the period that is settled")


def _with_length(period: Period) -> str:
    if period.months:
        return f"{period} (1 month)" if period.months == 1 else f"{period} ({period.months} months)"
    return f"{period} (1 day)" if period.days == 1 else f"{period} ({period.days} days)"
