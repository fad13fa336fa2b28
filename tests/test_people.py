"""People: assignments as columns, keyed by assignment, so that somebody may have several at once."""

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp
from loanperf._numbers import day_number
from loanperf._people import People

FIRST = date(2026, 1, 1)
PAYEES = ["wei", "lin", "zhao"]
DAYS = st.integers(0, 60).map(lambda days: FIRST + timedelta(days=days))


@st.composite
def assignments(draw: st.DrawFn) -> lp.Assignment:
    """One of some payee, in some role, from some day; it may hold beside others."""
    since = draw(DAYS)
    until = draw(st.none() | st.integers(1, 40).map(lambda days: since + timedelta(days=days)))
    payee, role = draw(st.sampled_from([*PAYEES, "stranger"])), draw(st.sampled_from(["senior", "lead"]))
    return lp.Assignment(payee=payee, unit="east", role=role, since=since, until=until)


@given(st.lists(assignments(), max_size=12), st.lists(st.tuples(st.integers(0, 2), DAYS), max_size=12))
def test_every_assignment_that_holds_is_found(held: list[lp.Assignment], asked: list[tuple[int, date]]) -> None:
    """One payee may hold two roles on one day; each is a row of its own."""
    people = People.of(held, PAYEES)
    codes = np.array([code for code, _ in asked], dtype=np.int64)
    days = np.array([day_number(on) for _, on in asked], dtype=np.int64)
    questions, rows = people.on(codes, days)

    expected = [
        (question, item.payee, item.role, item.since)
        for question, (code, on) in enumerate(asked)
        for item in held
        if item.payee == PAYEES[code] and item.holds_on(on)
    ]
    found = [
        (question, PAYEES[people.payee[row]], people.positions[people.position[row]][0], int(people.since[row]))
        for question, row in zip(questions.tolist(), rows.tolist(), strict=True)
    ]
    assert sorted((a, b, c, day_number(d)) for a, b, c, d in expected) == sorted(found)


@given(st.lists(assignments(), max_size=12))
def test_somebody_is_there_in_a_period_on_some_day_of_it(held: list[lp.Assignment]) -> None:
    """An assignment that ends on the first day, or starts after the last, is none of the period's."""
    february = lp.Period.month(2026, 2)
    there = {item.payee for item in held if february.overlap(item.since, item.until) is not None}

    assert [payee in there for payee in PAYEES] == People.of(held, PAYEES).in_period(february).tolist()
