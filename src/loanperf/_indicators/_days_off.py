"""Days off: facts, people -> a problem for each fact that counts for somebody on a day without an assignment."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np

from loanperf._facts import Facts, key_text, words_of
from loanperf._indicators._counted import looked_at
from loanperf._indicators._fields import FIELDS, totals_of
from loanperf._indicators._totals import Asked, Looked
from loanperf._indicators._types import Indicator, View
from loanperf._indicators._usable import Noted, Usable
from loanperf._numbers import Truth, day_number, day_of, nowhere
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf.errors import Problem

_DATED = tuple(view for view in FIELDS if view not in ("loans", "customers"))
"""The views of which each row has a day of its own; loans and customers are as they are on the last day."""


def on_days_off(
    facts: Facts, period: Period, indicators: Iterable[Indicator], *, currency: str, organisation: Organisation
) -> tuple[Problem, ...]:
    """A problem for each fact of the period whose payee has no assignment on its day, but has one on another day.

    Loans and customers are looked at on the last day of the period and have no day of their own; they are passed over.
    """
    words = words_of(facts.tables, "payee")
    there = {place: days for place, word in enumerate(words) if (days := _days(organisation, word, period))}
    if not there:
        return ()
    totals = dict.fromkeys(
        total for item in indicators if item.measure is not None for _, total in totals_of(item.measure)
    )
    usable = Usable.of(facts, period, currency)
    off = _Off(usable, there, len(words))
    asked: dict[View, list[tuple[int, Asked]]] = {view: [] for view in _DATED}
    for place, total in enumerate(totals):
        if total.over in asked:
            asked[total.over].append((place, Asked.of(total, currency)))
    found = [Noted() for _ in totals]
    for _, shown in looked_at(usable, [view for view in _DATED if asked[view]]):
        for looked in shown:
            for place, item in asked[looked.view]:
                off.note(item, looked, found[place])
    return _of_all(found, facts)


def _days(organisation: Organisation, payee: str, period: Period) -> list[Period]:
    """The parts of the period in which a payee is assigned, where these are not all of it."""
    parts = [part for _, part in organisation.assignments_in(payee, period)]
    return parts if 0 < sum(part.days for part in parts) < period.days else []


class _Off:
    """Who is assigned on some days of a period, and on which."""

    def __init__(self, usable: Usable, there: dict[int, list[Period]], payees: int) -> None:
        self._usable = usable
        self._slot = np.full(payees + 1, -1)
        """By code of payee: its row of days; -1 where it is assigned on each, or on none."""
        self._slot[[*there]] = np.arange(len(there))
        self._there = np.array([self._row(parts) for parts in there.values()])

    def _row(self, parts: Iterable[Period]) -> Truth:
        days = nowhere(self._usable.period.days)
        for part in parts:
            first = day_number(part.start) - self._usable.start
            days[first : first + part.days] = True
        return days

    def note(self, item: Asked, looked: Looked, noted: Noted) -> None:
        """Note the rows that count for a total on a day off."""
        payees, rows = looked.payee(item.total.held_at), looked.rows
        slots = self._slot[payees]
        on = rows.days("event")
        off = np.flatnonzero(slots >= 0)
        off = off[~self._there[slots[off], on[off] - self._usable.start]]
        if not len(off):
            return
        words, counts = words_of(self._usable.tables, "payee"), item.counts(looked)
        for row in off[counts[off]].tolist():
            place, at = rows.fact(row)
            noted.note(place, [at], partial(_is_off, words[payees[row]], int(on[row])))


def _of_all(found: Iterable[Noted], facts: Facts) -> tuple[Problem, ...]:
    """One problem a fact, by the last total that it counts for; in order of totals, then of facts."""
    problems: dict[Any, Problem] = {}
    for noted in found:
        problems |= {item.fact: item for item in sorted(noted.problems(facts), key=lambda item: item.fact)}
    return tuple(problems.values())


def _is_off(payee: str, on: int, fact: Any) -> Problem:
    fault = f"it counts for {payee!r}, who is not assigned on {day_of(on)}"
    remedy = "assign that payee on that day, or assign the loan to another"
    return Problem(key_text(fact.key), fault, "", remedy, payee=payee, lacks=("payee", payee))
