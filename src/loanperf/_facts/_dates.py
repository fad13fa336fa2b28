"""Dates: facts -> a problem for each drawing before its loan was opened, and for each fact dated far ahead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
from attrs import evolve

from loanperf._facts._columns import EVENT_PLACES, day_at, words_of
from loanperf._facts._facts import Facts
from loanperf._facts._rows import Fact, about, key_text
from loanperf._kinds import EventKind
from loanperf._numbers import FAR, Truth, day_number, day_of
from loanperf.errors import Problem

_FAR_AHEAD = 5 * 366
"""Days without a fact, behind the period or what follows it, after which a date is a slip: more than five years."""


def drawn_early(facts: Facts) -> tuple[Problem, ...]:
    """A problem for each drawing that is dated before its loan was opened or applied for, whichever was first.

    >>> from loanperf._facts._rows import Loan, LoanEvent
    >>> loan = Loan(loan="L1", customer="C1", officer="lin", opened_on="2026-03-10")
    >>> drawn = LoanEvent(loan="L1", kind=EventKind.DISBURSED, on="2026-03-09", amount="30万元")
    >>> [problem.loan for problem in drawn_early(Facts.of([loan, drawn]))]
    ['L1']
    """
    place = EVENT_PLACES[EventKind.DISBURSED]
    loans, drawings = facts.tables["loans"], facts.tables[place]
    if not (loans.rows and drawings.rows):
        return ()
    opened = np.full(len(words_of(facts.tables, "loan")), FAR)
    opened[loans["loan"].values] = loans["opened_on"].values
    applied = facts.tables[EVENT_PLACES[EventKind.APPLIED]]
    known = opened < FAR
    if applied.rows:
        np.minimum.at(opened, applied["loan"].values, applied["on"].values)
    loan = drawings["loan"].values
    early = np.flatnonzero(known[loan] & (drawings["on"].values < opened[loan]))
    days = opened[loan[early]].tolist() if len(early) else []
    rows = facts.rows_at(place, early) if len(early) else []
    return tuple(_early(row, day_of(day)) for row, day in zip(rows, days, strict=True))


def far_ahead(facts: Facts, end: date) -> tuple[Problem, ...]:
    """A problem for each fact behind a gap of more than five years after the end of a period and what follows it.

    The usual cause is a year mistyped, such as 2062 for 2026. Where a month of long ago is worked anew, what happened
    since follows it without such a gap, and nothing is told.

    Args:
        facts: all of them.
        end: the day after the period.
    """
    later = {place: table[day_at(place)].values for place, table in facts.tables.items() if table.rows}
    days = [np.unique(on[on >= day_number(end)]) for on in later.values()]
    known = np.unique(np.concatenate([[day_number(end)], *days]))
    gaps = np.flatnonzero(np.diff(known) > _FAR_AHEAD)
    if not len(gaps):
        return ()
    since, before = int(known[gaps[0] + 1]), day_of(int(known[gaps[0]]))
    return tuple(problem for place, on in later.items() for problem in _ahead(facts, place, on >= since, before))


def latest_day(facts: Facts) -> date:
    """The day of the latest fact; the first of all days where there is none."""
    days = [int(table[day_at(place)].values.max()) for place, table in facts.tables.items() if table.rows]
    return day_of(max(days)) if days else date.min


def may_be_ahead(latest: date, end: date) -> bool:
    """Whether `far_ahead` may tell of any facts, by the day of the latest of all of them.

    >>> may_be_ahead(date(2062, 2, 5), date(2026, 3, 1)), may_be_ahead(date(2026, 12, 1), date(2026, 3, 1))
    (True, False)
    """
    return day_number(latest) - day_number(end) > _FAR_AHEAD


def _ahead(facts: Facts, place: str, rows: Truth, before: date) -> Iterator[Problem]:
    for fact in facts.rows_at(place, np.flatnonzero(rows)) if rows.any() else ():
        fault = f"it is dated more than five years after {before}, and no fact lies in between"
        yield about(fact, _of(fact, fault, fact.on.isoformat(), "mend the year: it counts in no period until then"))


def _early(event: Fact, opened: date) -> Problem:
    fault = f"it is drawn before its loan was opened, on {opened}"
    remedy = "it counts as it stands: mend the date of the drawing, or that of the loan"
    found = about(event, _of(event, fault, event.on.isoformat(), remedy))
    return evolve(found, loses=None, lacks=("loan", found.loan), is_counted=True)


def _of(fact: Fact, fault: str, found: str, remedy: str) -> Problem:
    key = key_text(fact.key)
    return Problem(f"{fact.source}: {key}" if fact.source else key, fault, found, remedy, fact=fact.key)
