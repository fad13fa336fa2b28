"""People: assignments as columns in careers: what follows upon each other in one place of a payee."""

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
BESIDE = [("lead", "east"), ("lead", "west"), ("trainer", "east")]


@st.composite
def careers(draw: st.DrawFn) -> list[lp.Assignment]:
    """Assignments of some payees: a primary one after the other, and others beside them, with gaps between."""
    held = []
    for payee in [*PAYEES, "stranger"]:
        for place in draw(st.sets(st.sampled_from([None, *BESIDE]))):
            days = sorted(draw(st.sets(DAYS, max_size=6)))
            role, unit = ("officer", "east") if place is None else place
            for since, until in zip(days[::2], [*days[1::2], None], strict=False):
                held.append(
                    lp.Assignment(payee=payee, unit=unit, role=role, since=since, until=until, primary=place is None)
                )
    return held


@given(careers(), st.lists(DAYS, min_size=1, max_size=5))
def test_each_career_is_what_is_said_of_it_on_a_day(held: list[lp.Assignment], asked: list[date]) -> None:
    """The primary career of a payee has the payee's code; each role in a unit beside it is one of its own."""
    people = People.of(held, PAYEES)
    keys: list[tuple[str, tuple[str, str] | None]] = [(payee, None) for payee in PAYEES]
    for payee in PAYEES:
        posts = {(item.role, item.unit) for item in held if item.payee == payee and not item.primary}
        keys += [(payee, key) for key in sorted(posts)]
    assert [PAYEES.index(payee) for payee, _ in keys] == people.payee.tolist()
    assert [*range(len(PAYEES), len(keys))] == people.beside.tolist()
    for on in asked:
        rows = people.held(np.arange(len(keys)), np.repeat(day_number(on), len(keys)))
        for (payee, place), row in zip(keys, rows.tolist(), strict=True):
            of = [item for item in held if item.payee == payee and item.holds_on(on)]
            mine = [item for item in of if (None if item.primary else (item.role, item.unit)) == place]
            found = [] if row < 0 else [(people.positions[people.position[row]][0], int(people.since[row]))]
            assert [(item.role, day_number(item.since)) for item in mine] == found
