"""Deals as columns say what deals as rows say, whatever happened to them."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any, get_args

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from tests.deals import START, THROUGH, books
from tests.reference_pay import FAR as NEVER
from tests.reference_pay import loans_of

import loanperf as lp
from loanperf._commission._deals import Deals
from loanperf._commission._fitting import Fitting
from loanperf._commission._lookups import Calendar
from loanperf._commission._plan import Milestone
from loanperf._commission._tracks import (
    NO_FIT,
    NOBODY,
    NOT_CHOSEN,
    NOT_HELD,
    NOT_IN_FORCE,
    TWO_FIT,
    Tracks,
    unsound,
)
from loanperf._numbers import FAR, day_number, day_of, whole
from loanperf._people import People

LAST = THROUGH.last_day
DAYS = [date(2025, 12, 1), date(2026, 2, 3), date(2026, 5, 5), LAST, date(2027, 1, 1)]


def on(day: date | None) -> int:
    """A day as columns have it."""
    return FAR if day is None else day_number(day)


@settings(max_examples=50)
@given(books(plain=False))
def test_deals_are_what_happened_to_loans(facts: list[lp.Fact]) -> None:
    """Milestones, officers, credits and amounts are what the plain reference makes of the rows."""
    given_facts = lp.Facts.of(facts)
    rows = loans_of(given_facts, LAST)
    deals = Deals.of(given_facts, day_number(LAST))

    assert sorted(rows) == sorted(deals.codes[: len(deals)])
    assert [deals.codes[place] for place in np.argsort(deals.rank[: len(deals)])] == sorted(rows)
    held: dict[int, list[str]] = {}
    for deal, payee in zip(*(column.tolist() for column in deals.ever_held), strict=True):
        held.setdefault(deal, []).append(deals.payees[payee])
    of = deals.credits
    for place in range(len(deals)):
        row = rows[deals.codes[place]]
        for milestone in get_args(Milestone):
            assert on(row.reached(milestone)) == deals.reached(milestone)[place], milestone
        officers = [row.loan.officer, *(event.officer for event in row.upto(NEVER, "assigned"))]
        assert [*dict.fromkeys(officers)] == held[place]
        for day in DAYS:
            (payee,) = deals.holder(np.array([place]), whole([on(day)]))
            assert row.officer(day) == deals.payees[payee]
        for kind in lp.EventKind:
            events = deals.events(kind)
            mine = np.flatnonzero(events.deal == place)
            said = row.upto(NEVER, kind.value)
            assert [event.on for event in said] == [day_of(int(day)) for day in events.on[mine]]
            if events.units.size:
                found = [
                    lp.Money.from_units(int(events.units[item]), deals.currencies[events.currency[item]])
                    for item in mine
                ]
                assert [event.amount for event in said] == found
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


# ── whose plan ──────────────────────────────────────────────────────────────────────────────────────────────


def tracks_of(
    facts: lp.Facts, plans: Sequence[lp.schemes.DatedPlan], organisation: lp.Organisation, last: date
) -> Tracks:
    """The tracks of a run."""
    deals = Deals.of(facts, day_number(last), organisation.codes)
    people = People.of(organisation.assignments, deals.payees)
    return Tracks.of(deals, people, organisation, Fitting.of(plans, organisation, people.positions))


def told(tracks: Tracks) -> list[tuple[str, str, str, Fraction, bool, int]]:
    """Loan, payee, role, part, whether it is stated, and plan of each track."""
    deals, of = tracks.deals, tracks.shares
    return [
        (
            deals.codes[of.deal[row]],
            deals.payees[of.payee[row]],
            deals.roles[of.role[row]],
            Fraction(int(of.top[row]), int(of.below[row])),
            bool(of.stated[row]),
            int(tracks.plan[row]),
        )
        for row in range(len(tracks))
    ]


UNITS = (lp.Unit(code="bank"), lp.Unit(code="east", parent="bank"), lp.Unit(code="west"))
LOAN = lp.Loan(loan="L1", customer="C1", officer="lin", opened_on="2026-03-01")
ANY = lp.schemes.Component(code="c", base="count", rate="1 CNY", split=(("lead", "60%"), ("assistant", "40%")))


def dated(code: str, *, version: str = "v", since: str = "2026-01-01", until: str | None = None, **more: Any) -> Any:
    """A plan of one component."""
    plan = lp.schemes.Plan(code=code, components=(ANY,), rounding=lp.Rounding.HALF_UP, **more)
    days = [None if day is None else date.fromisoformat(day) for day in (since, until)]
    return lp.schemes.DatedPlan(
        plan=plan, scheme="s", version=version, currency="CNY", since=days[0] or START, until=days[1]
    )


def staff(*roles: str, unit: str = "east") -> lp.Organisation:
    """Lin, in one role after the other, a month each from January on, and the last for good."""
    since = [f"2026-0{place + 1}-01" for place in range(len(roles))]
    held = [
        lp.Assignment(payee="lin", unit=unit, role=role, since=start, until=end)
        for role, start, end in zip(roles, since, [*since[1:], None], strict=True)
    ]
    return lp.Organisation(assignments=held, units=UNITS)


@pytest.mark.parametrize(
    ("plans", "chosen"),
    [
        ([dated("any"), dated("of role", role="officer")], 1),
        ([dated("of bank", unit="bank"), dated("of east", unit="east")], 1),
        ([dated("of west", unit="west"), dated("any")], 1),
        ([dated("low"), dated("high", precedence=5)], 1),
        ([dated("of role", role="officer"), dated("high", precedence=5)], 0),
        ([dated("one"), dated("other")], TWO_FIT),
        ([dated("one", version="1"), dated("one", version="2")], 0),
        ([dated("one", selected_at="signed"), dated("other")], TWO_FIT),
        ([dated("one", selected_at="signed")], NOT_CHOSEN),
        ([dated("one", selected_at="signed", role="officer"), dated("other")], NOT_CHOSEN),
        ([dated("one", role="clerk")], NO_FIT),
        ([dated("one", since="2026-04-01")], NOT_IN_FORCE),
        ([dated("one", until="2026-02-01"), dated("two", since="2026-02-01")], 1),
        ([], NOT_CHOSEN),
    ],
)
def test_the_plan_with_most_conditions_holds(plans: list[lp.schemes.DatedPlan], chosen: int) -> None:
    """Then that of the deeper unit, then the precedence; where nothing tells, nobody is paid by chance."""
    tracks = tracks_of(lp.Facts.of([LOAN]), plans, staff("officer"), LAST)

    assert [("L1", "lin", "lead", Fraction(1), False, chosen)] == told(tracks)


def test_shares_of_a_deal_begin_where_those_of_the_one_before_end() -> None:
    """Lin opened both loans, and Wei has a credit in the second."""
    credit = lp.Credit(loan="L2", payee="wei", role="assistant", on="2026-03-02")
    tracks = tracks_of(lp.Facts.of([LOAN, evolve(LOAN, loan="L2"), credit]), [dated("any")], staff("officer"), LAST)

    assert [0, 1, 3] == tracks.begins.tolist()


def test_a_payee_who_came_later_goes_by_what_they_were_then() -> None:
    """Somebody without a role on the day that decides is paid by the plan of the role in which they took it over."""
    taken = lp.LoanEvent(loan="L1", kind=lp.EventKind.ASSIGNED, on="2026-05-04", officer="wei")
    wei = lp.Assignment(payee="wei", unit="east", role="clerk", since="2026-05-01")
    organisation = lp.Organisation(assignments=[*staff("officer").assignments, wei], units=UNITS)
    plans = [dated("officers", role="officer"), dated("clerks", role="clerk")]

    tracks = tracks_of(lp.Facts.of([LOAN, taken]), plans, organisation, LAST)
    assert [("lin", 0), ("wei", 1)] == [(payee, plan) for _, payee, _, _, _, plan in told(tracks)]

    missing = tracks_of(lp.Facts.of([LOAN, taken]), plans, staff("officer"), LAST)
    assert [0, NOBODY] == missing.plan.tolist()
    assert "wei" in str(missing.error(1))


def test_parts_of_a_role_are_stated_or_equal() -> None:
    """Who is credited shares with the others of the role; the officer has no part where a lead is credited."""
    given_credits = [
        lp.Credit(loan="L1", payee="wei", role="assistant", on=START, share="30%"),
        lp.Credit(loan="L1", payee="zhao", role="assistant", on=START, share="70%"),
        lp.Credit(loan="L1", payee="lin", role="lead", on=START),
        lp.Credit(loan="L1", payee="wei", role="lead", on=START),
        lp.Credit(loan="L1", payee="zhao", role="lead", on=START),
    ]
    found = told(tracks_of(lp.Facts.of([LOAN, *given_credits]), [dated("one")], staff("officer"), LAST))

    assert [
        ("wei", "assistant", Fraction(3, 10), True),
        ("zhao", "assistant", Fraction(7, 10), True),
        ("lin", "lead", Fraction(1, 3), True),
        ("wei", "lead", Fraction(1, 3), True),
        ("zhao", "lead", Fraction(1, 3), True),
    ] == [(payee, role, part, stated) for _, payee, role, part, stated, _ in found]

    faulty = tracks_of(lp.Facts.of([LOAN, *given_credits[1:]]), [dated("one")], staff("officer"), LAST)
    assert not len(faulty)
    assert [0] == faulty.shares.faulty.tolist()
    assert "the shares of its assistant credits sum to 70%" in str(unsound(faulty.deals, 0))


def test_who_never_had_the_loan_in_hands_has_no_plan() -> None:
    """A hand-over after the last day, or one that another of the same day undoes, gives nothing."""
    later = lp.LoanEvent(loan="L1", kind=lp.EventKind.ASSIGNED, on="2027-05-04", officer="wei")
    found = tracks_of(lp.Facts.of([LOAN, later]), [dated("one")], staff("officer"), LAST)

    assert [0, NOT_HELD] == found.plan.tolist()


def test_a_unit_that_is_not_there_leaves_the_plan_open() -> None:
    """Nobody knows which plan holds for somebody whose unit was closed on the day that decides."""
    closed = lp.Organisation(assignments=staff("officer").assignments, units=[lp.Unit(code="east", until="2026-02-01")])

    assert [NOBODY] == tracks_of(lp.Facts.of([LOAN]), [dated("one")], closed, LAST).plan.tolist()
