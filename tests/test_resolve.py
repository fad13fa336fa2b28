"""Deals as columns say what deals as rows say, whatever happened to them."""

from datetime import date
from typing import get_args

import numpy as np
from hypothesis import given, settings
from tests.deals import THROUGH, books

import loanperf as lp
from loanperf._commission._calendar import Calendar
from loanperf._commission._deals import deals_of
from loanperf._commission._loans import Deals
from loanperf._commission._plan import Milestone
from loanperf._numbers import FAR, day_number, day_of, whole

LAST = THROUGH.last_day
DAYS = [date(2025, 12, 1), date(2026, 2, 3), date(2026, 5, 5), LAST, date(2027, 1, 1)]


def on(day: date | None) -> int:
    """A day as columns have it."""
    return FAR if day is None else day_number(day)


@settings(max_examples=150)
@given(books(plain=False))
def test_deals_are_what_happened_to_loans(facts: list[lp.Fact]) -> None:
    """Milestones, officers, credits and amounts are the same whether loans are rows or columns."""
    given_facts = lp.Facts.of(facts)
    rows = {deal.loan.loan: deal for deal in deals_of(given_facts, LAST)}
    deals = Deals.of(given_facts, day_number(LAST))

    assert sorted(rows) == sorted(deals.codes[: len(deals)])
    assert [deals.codes[place] for place in np.argsort(deals.rank)] == sorted(rows)
    held: dict[int, list[str]] = {}
    for deal, payee in zip(*(column.tolist() for column in deals.ever_held), strict=True):
        held.setdefault(deal, []).append(deals.payees[payee])
    of = deals.credits
    for place in range(len(deals)):
        row = rows[deals.codes[place]]
        for milestone in get_args(Milestone):
            assert on(row.reached(milestone)) == deals.reached(milestone)[place], milestone
        assert list(row.officers) == held[place]
        for day in DAYS:
            (payee,) = deals.holder(np.array([place]), whole([on(day)]))
            assert row.officer(day) == deals.payees[payee]
        for kind in lp.EventKind:
            events = deals.events(kind)
            mine = np.flatnonzero(events.deal == place)
            assert [event.on for event in row.of(kind)] == [day_of(int(day)) for day in events.on[mine]]
            if events.units.size:
                found = [
                    lp.Money.from_units(int(events.units[item]), deals.currencies[events.currency[item]])
                    for item in mine
                ]
                assert [event.amount for event in row.of(kind)] == found
        credited = [
            (deals.payees[of.payee[item]], deals.roles[of.role[item]], bool(of.stated[item]), day_of(int(of.on[item])))
            for item in np.flatnonzero(of.deal == place)
        ]
        assert [(item.payee, item.role, item.share is not None, item.on) for item in row.credits] == credited


def test_a_calendar_counts_on_before_its_first_period() -> None:
    """A role may have started before the books: which period in the role it is counts all the same."""
    calendar = Calendar.of([lp.Period.month(2026, 3), lp.Period.month(2026, 4)])
    days = whole(map(day_number, [date(2026, 1, 31), date(2026, 2, 1), date(2026, 3, 1), date(2026, 5, 1)]))

    assert [-1, -1, 0, 1] == calendar.place(days).tolist()
    assert [-2, -1, 0, 1] == calendar.place_or_before(days).tolist()
    assert day_number(date(2026, 4, 30)) == calendar.last
