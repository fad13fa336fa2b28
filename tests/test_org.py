"""Organisation: who was what and where on a day, whatever the order of the rows, and never a contradiction."""

import copy
import pickle
from datetime import UTC, date, datetime, timedelta
from random import Random
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp

MARCH = lp.Period.month(2026, 3)
TREE = [
    lp.Unit(code="bank", name="总行"),
    lp.Unit(code="east", parent="bank"),
    lp.Unit(code="west", parent="bank"),
    # Team 1 moves from east to west in March.
    lp.Unit(code="team 1", parent="east", until="2026-03-16"),
    lp.Unit(code="team 1", parent="west", since="2026-03-16"),
    lp.Unit(code="team 2", parent="east"),
]


def assigned(payee: str, unit: str = "team 1", role: str = "senior", **more: Any) -> lp.Assignment:
    """An assignment from 2026 on."""
    return lp.Assignment(**{"payee": payee, "unit": unit, "role": role, "since": "2026-01-01", **more})


STAFF = [
    assigned("lin", until="2026-03-11"),
    assigned("lin", "team 2", "lead", since="2026-03-11"),
    assigned("wei"),
    assigned("zhao", "east", since="2026-03-20", until="2026-03-25"),
    assigned("hu", "bank"),
]


def organisation() -> lp.Organisation:
    """The tree and its staff."""
    return lp.Organisation(units=TREE, assignments=STAFF, payees=[lp.Payee(code="lin", name="林")])


def problems(*, units: Any = (), assignments: Any = (), payees: Any = ()) -> list[str]:
    """What is wrong, each as text."""
    with pytest.raises(lp.errors.OrganisationError) as caught:
        lp.Organisation(units=units, assignments=assignments, payees=payees)
    return [str(problem) for problem in caught.value.problems]


# ── look-ups take a date ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("on", "role", "unit"),
    [("2026-01-01", "senior", "team 1"), ("2026-03-10", "senior", "team 1"), ("2026-03-11", "lead", "team 2")],
)
def test_a_payee_is_what_is_said_of_that_day(on: str, role: str, unit: str) -> None:
    """The day on which an assignment ends belongs to the next one."""
    found = organisation().assignment("lin", date.fromisoformat(on))

    assert (role, unit) == (found.role, found.unit)


@pytest.mark.parametrize(("payee", "on"), [("lin", "2025-12-31"), ("zhao", "2026-03-25"), ("nobody", "2026-03-01")])
def test_a_payee_of_whom_nothing_is_said_has_no_assignment(payee: str, on: str) -> None:
    """A loan officer without an assignment is told with the date and with who is known."""
    with pytest.raises(lp.errors.NoAssignmentError) as caught:
        organisation().assignment(payee, date.fromisoformat(on))

    expected = f"'{payee}' has no assignment on {on}; add one that covers that date; known: hu, lin, wei, zhao"
    assert expected == str(caught.value)


def test_a_datetime_has_no_day() -> None:
    """A type checker lets it pass; on which day it falls depends on a zone."""
    with pytest.raises(lp.errors.PeriodError, match="pass its date"):
        assigned("lin", since=datetime(2026, 1, 1, tzinfo=UTC))


def test_the_assignments_in_a_period_have_the_days_in_which_they_hold() -> None:
    """Two roles in one month are appraised each on its own days."""
    found = organisation().assignments_in("lin", MARCH)

    assert [("senior", "2026-03-01/2026-03-11"), ("lead", "2026-03-11/2026-04-01")] == [
        (assignment.role, str(part)) for assignment, part in found
    ]
    assert MARCH.days == sum(part.days for _, part in found)
    assert () == organisation().assignments_in("zhao", lp.Period.month(2026, 4))
    assert () == organisation().assignments_in("nobody", MARCH)


@pytest.mark.parametrize(
    ("on", "path"), [("2026-03-15", ("bank", "east", "team 1")), ("2026-03-16", ("bank", "west", "team 1"))]
)
def test_the_path_to_a_unit_is_that_of_the_day(on: str, path: tuple[str, ...]) -> None:
    """Overrides of a branch hold for whoever was under it then."""
    assert path == organisation().path("team 1", date.fromisoformat(on))
    assert ("bank",) == organisation().path("bank", date.fromisoformat(on))


@pytest.mark.parametrize(
    ("unit", "on", "members"),
    [
        ("bank", "2026-03-10", ("hu", "lin", "wei")),
        ("bank", "2026-03-20", ("hu", "lin", "wei", "zhao")),
        ("east", "2026-03-10", ("lin", "wei")),
        ("east", "2026-03-16", ("lin",)),
        ("east", "2026-03-20", ("lin", "zhao")),
        ("west", "2026-03-15", ()),
        ("west", "2026-03-16", ("wei",)),
        ("team 1", "2026-03-10", ("lin", "wei")),
        ("team 1", "2026-03-11", ("wei",)),
        ("bank", "2025-12-31", ()),
    ],
)
def test_the_members_of_a_unit_are_those_of_the_day(unit: str, on: str, members: tuple[str, ...]) -> None:
    """A team's reading sums over who was in it, or in a unit below it, then."""
    assert members == organisation().members(unit, date.fromisoformat(on))


def test_a_unit_that_does_not_exist_on_a_day_is_told() -> None:
    """A branch opened in May has no members in March."""
    org = lp.Organisation(units=[lp.Unit(code="new", since="2026-05-01", until="2026-06-01"), lp.Unit(code="old")])
    for on in (date(2026, 4, 30), date(2026, 6, 1)):
        with pytest.raises(lp.errors.NoAssignmentError, match=f"'new' has no assignment on {on}; .* known: new, old"):
            org.path("new", on)
        with pytest.raises(lp.errors.NoAssignmentError, match=f"'new' has no assignment on {on}"):
            org.members("new", on)
    with pytest.raises(lp.errors.NoAssignmentError, match="'typo' has no assignment"):
        org.members("typo", date(2026, 5, 1))


def test_a_name_is_given_or_the_code() -> None:
    """A statement is headed with it."""
    assert ("林", "wei", "stranger") == tuple(organisation().name(payee) for payee in ("lin", "wei", "stranger"))


def test_every_payee_with_an_assignment_or_a_name_is_known() -> None:
    """Whoever has only a name can be missing in a month, and is not forgotten."""
    org = lp.Organisation(assignments=[assigned("wei")], payees=[lp.Payee(code="lin"), lp.Payee(code="wei")])

    assert ("lin", "wei") == org.codes


# ── whatever the rows ───────────────────────────────────────────────────────────────────────────────────────


@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(chance: Random) -> None:
    """An export has no order to rely on."""
    again = lp.Organisation(
        units=chance.sample(TREE, len(TREE)),
        assignments=chance.sample(STAFF, len(STAFF)),
        payees=chance.sample([lp.Payee(code="lin", name="林")] * 2, 2),
    )

    assert organisation() == again
    assert hash(organisation()) == hash(again)


WRONG_UNITS = [
    lp.Unit(code="a", parent="b"),
    lp.Unit(code="b", parent="a"),
    lp.Unit(code="c", parent="nowhere"),
    lp.Unit(code="d", since="2026-02-01", until="2026-01-01"),
]
WRONG_STAFF = [
    assigned("lin", "a", since="2026-01-01"),
    assigned("lin", "a", since="2026-02-01"),
    assigned("wei", "nowhere"),
]

ENDED = (
    "end the first where the second starts, or say of the one that is held beside the other that it is not primary "
    "(primary: no, in Python False)"
)


def test_a_record_of_no_day_is_told_as_what_it_is() -> None:
    """Until is the first day without it: a day on which it starts and ends is none, and nothing is to be swapped."""
    same, before = (
        lp.Assignment(payee="lin", unit="east", role="officer", since="2026-02-01", until=until)
        for until in ("2026-02-01", "2026-01-31")
    )
    day = "it ends on the day on which it starts (found 2026-02-01 to 2026-02-01)"

    assert [f"payee lin: {day}; give a later until, the first day without it"] == problems(assignments=[same])
    assert ["payee lin: it ends before it starts (found 2026-02-01 to 2026-01-31); swap or mend the dates"] == problems(
        assignments=[before]
    )


@given(st.randoms(use_true_random=False))
def test_everything_that_is_wrong_is_told_at_once_in_any_order_of_rows(chance: Random) -> None:
    """Whoever mends the file mends it in one go, and the list does not move between two looks."""
    units, staff = chance.sample(WRONG_UNITS, len(WRONG_UNITS)), chance.sample(WRONG_STAFF, len(WRONG_STAFF))
    dates = "found since 2026-01-01 and since 2026-02-01"
    names = chance.sample([lp.Payee(code="lin", name="林"), lp.Payee(code="lin", name="凌")], 2)

    assert [
        "unit d: it ends before it starts (found 2026-02-01 to 2026-01-01); swap or mend the dates",
        f"payee lin: two records hold on one day ({dates}); {ENDED}",
        "payee lin: it has two names (found '凌' and '林'); keep one of them",
        "unit c: its parent is no unit (found 'nowhere'); add that unit or mend the code",
        "payee wei: it is assigned to no known unit (found 'nowhere'); add that unit or mend the code",
        "unit a: it is under itself (found a → b → a); give one of them another parent",
    ] == problems(units=units, assignments=staff, payees=names)


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_a_ring_of_units_is_found(size: int) -> None:
    """A unit under itself would be walked for ever; and what hangs below the ring is not to blame."""
    ring = [lp.Unit(code=f"u{number:02}", parent=f"u{(number + 1) % size:02}") for number in range(size)]
    below = [lp.Unit(code="below", parent="u00"), lp.Unit(code="apart")]
    found = " → ".join([*(unit.code for unit in ring), "u00"])

    wrong = f"unit u00: it is under itself (found {found}); give one of them another parent"
    assert [wrong] == problems(units=[*ring, lp.Unit(code="apart")]) == problems(units=[*reversed(ring), *below])


def test_a_ring_that_closes_only_by_a_dated_move_is_found() -> None:
    """Each record is right alone; from March on, east is under west and west under east."""
    units = [
        lp.Unit(code="bank"),
        lp.Unit(code="east", parent="bank", until="2026-02-01"),
        lp.Unit(code="east", parent="west", since="2026-02-01"),
        lp.Unit(code="west", parent="bank", until="2026-03-01"),
        lp.Unit(code="west", parent="east", since="2026-03-01"),
    ]
    found = "(found west → east → west from 2026-03-01 on)"

    assert [f"unit west: it is under itself {found}; give one of them another parent"] == problems(units=units)


def test_two_moves_that_never_hold_together_are_no_ring() -> None:
    """East was under west until the day on which west went under east."""
    units = [
        lp.Unit(code="east", parent="west", until="2026-03-01"),
        lp.Unit(code="east", since="2026-03-01"),
        lp.Unit(code="west", until="2026-03-01"),
        lp.Unit(code="west", parent="east", since="2026-03-01"),
    ]
    org = lp.Organisation(units=units)

    assert ("west", "east") == org.path("east", date(2026, 2, 28))
    assert ("east", "west") == org.path("west", date(2026, 3, 1))


def test_two_rings_are_two_problems() -> None:
    """Each is told once, however many units are in it or below it."""
    pairs = {"a": "b", "b": "a", "c": "d", "d": "c", "e": "a"}

    assert 2 == len(problems(units=[lp.Unit(code=code, parent=parent) for code, parent in pairs.items()]))


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ([("2026-01-01", None), ("2026-03-01", None)], ["since 2026-01-01 and since 2026-03-01"]),
        ([("2026-01-01", "2026-03-02"), ("2026-03-01", None)], ["since 2026-01-01 and since 2026-03-01"]),
        ([("2026-01-01", None), ("2026-01-01", None)], ["since 2026-01-01 and since 2026-01-01"]),
        (
            [("2026-01-01", "2027-01-01"), ("2026-02-01", "2026-03-01"), ("2026-04-01", "2026-05-01")],
            ["since 2026-01-01 and since 2026-02-01", "since 2026-01-01 and since 2026-04-01"],
        ),
    ],
)
def test_two_records_of_one_day_are_refused(dates: list[tuple[str, str | None]], expected: list[str]) -> None:
    """Which of two roles is paid must not depend on which row comes first; a long one hides none behind a short."""
    staff = [assigned("lin", since=since, until=until) for since, until in dates]
    units = [lp.Unit(code="east", since=since, until=until) for since, until in dates]
    fault = "two records hold on one day (found {}); {}"

    said = [f"payee lin: {fault.format(found, ENDED)}" for found in expected]
    assert said == problems(assignments=staff)
    said = [f"unit east: {fault.format(found, 'end the first where the second starts')}" for found in expected]
    assert said == problems(units=units)


def test_records_that_touch_do_not_overlap() -> None:
    """The end of one is the start of the next; a gap between them is a time away."""
    staff = [assigned("lin", until="2026-02-01"), assigned("lin", since="2026-02-01", until="2026-03-01")]
    org = lp.Organisation(assignments=[*staff, assigned("lin", since="2026-05-01")])

    assert 3 == len(org.assignments)
    with pytest.raises(lp.errors.NoAssignmentError):
        org.assignment("lin", date(2026, 4, 1))


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (
            lambda: lp.Unit(code=""),
            "unit : its code is no code (found ''); give a printable code without blanks around it",
        ),
        (lambda: lp.Unit(code="east", parent=" "), "unit east: its parent is no code (found ' ')"),
        (lambda: lp.Payee(code="a\x00b"), r"its code is no code (found 'a\x00b')"),
        (lambda: lp.Payee(code=5), "payee 5: its code is no code (found 5)"),  # type: ignore[arg-type]
        (lambda: assigned("lin", unit=""), "assignment lin: its unit is no code (found '')"),
        (lambda: assigned("lin", role=""), "assignment lin: its role is no code (found '')"),
        (lambda: assigned("lin "), "assignment lin : its payee is no code (found 'lin ')"),
        (lambda: assigned("lin\n"), r"its payee is no code (found 'lin\n')"),
    ],
)
def test_a_code_is_printable_text(make: Any, expected: str) -> None:
    """An empty cell or a control character makes two people of one, or none."""
    with pytest.raises(lp.errors.OrganisationError) as caught:
        make()

    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("salary", "expected"), [("8000 元", "8000.00 CNY"), (lp.Money.from_units(5, "JPY"), "5 JPY"), (None, "None")]
)
def test_a_salary_is_money(salary: Any, expected: str) -> None:
    """The base of a bonus in months has a currency."""
    assert expected == str(assigned("lin", salary=salary).salary)


@pytest.mark.parametrize("name", ["salary", "base"])
def test_nobody_earns_less_than_nothing(name: str) -> None:
    """A sign too many made a bonus that takes, and nobody was told before the payee was worked."""
    with pytest.raises(lp.errors.OrganisationError) as caught:
        assigned("lin", **{name: "-1 CNY"})

    said = f"assignment lin: its {name} is negative (found '-1.00 CNY'); give zero or more"
    assert said in str(caught.value)
    assert "0.00 CNY" == str(getattr(assigned("lin", **{name: "0 CNY"}), name))


@pytest.mark.parametrize(
    ("salary", "error"), [(8000.0, "FloatError"), (8000, "UnitError"), ("8000", "UnitError")], ids=repr
)
def test_a_salary_without_a_currency_or_as_a_float_is_refused(salary: Any, error: str) -> None:
    """8000 of what?"""
    with pytest.raises(getattr(lp.errors, error)):
        assigned("lin", salary=salary)


def test_an_organisation_survives_a_pickle_and_a_copy() -> None:
    """Workers get one each."""
    org = organisation()
    for again in (pickle.loads(pickle.dumps(org)), copy.copy(org), copy.deepcopy(org)):  # noqa: S301 - our own
        assert org == again
        assert org.members("bank", date(2026, 3, 1)) == again.members("bank", date(2026, 3, 1))


# ── a large bank ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_deep_tree_is_checked_and_walked_in_good_time() -> None:
    """5,000 units, a thousand of them in one line, some on dates of their own: far below a minute's work."""
    line = [lp.Unit(code=f"u{number}", parent=f"u{number - 1}" if number else None) for number in range(1000)]
    day = date(2020, 1, 1)
    leaves = [lp.Unit(code=f"v{number}", parent="u999", since=day + timedelta(number % 400)) for number in range(4000)]
    staff = [assigned(f"p{number}", f"v{number % 4000}") for number in range(5000)]
    start = process_time()
    org = lp.Organisation(units=[*leaves, *reversed(line)], assignments=staff)

    assert 1001 == len(org.path("v7", MARCH.start))
    assert 5000 == len(org.members("u0", MARCH.start))
    assert 2 == len(org.members("v7", MARCH.start))
    assert process_time() - start < 10


def test_5000_payees_are_looked_up_at_once() -> None:
    """A run asks for each of them by name and by date."""
    staff = [assigned(f"p{number}", "east") for number in range(5000)]
    names = [lp.Payee(code=f"p{number}", name=f"n{number}") for number in range(5000)]
    start = process_time()
    org = lp.Organisation(units=[lp.Unit(code="east")], assignments=staff, payees=names)

    assert 5000 == sum(len(org.assignments_in(code, MARCH)) for code in org.codes)
    assert 5000 == sum(org.assignment(code, MARCH.start).unit == "east" for code in org.codes)
    assert 5000 == len({org.name(code) for code in org.codes})
    assert process_time() - start < 5


# ── several roles at once ───────────────────────────────────────────────────────────────────────────────────


def beside(payee: str, unit: str, role: str, **more: Any) -> lp.Assignment:
    """An assignment that is held beside the primary one."""
    return assigned(payee, unit, role, primary=False, **more)


def test_somebody_holds_a_desk_and_a_team() -> None:
    """The desk is what lin is; the team is held beside it, from March on, and lin is a member of both units once."""
    org = lp.Organisation(
        units=TREE, assignments=[beside("lin", "team 2", "lead", since="2026-03-01"), assigned("lin")]
    )
    march = date(2026, 3, 2)

    assert "senior" == org.assignment("lin", march).role
    assert ["senior", "lead"] == [item.role for item in org.held_on("lin", march)]
    assert ["senior"] == [item.role for item in org.held_on("lin", date(2026, 2, 28))]
    assert [("senior", MARCH)] == [(item.role, part) for item, part in org.assignments_in("lin", MARCH)]
    assert ("lin",) == org.members("east", march) == org.members("team 2", march)
    assert date(2026, 1, 1) == org.service_since("lin", march) == org.role_since("lin", "senior", march)
    assert org.left_on("lin") is None


def test_a_change_beside_leaves_what_somebody_is() -> None:
    """Two teams one after the other; the day on which the last of all ends is that on which lin has left."""
    held = [
        assigned("lin", until="2026-06-01"),
        beside("lin", "team 2", "lead", until="2026-02-01"),
        beside("lin", "bank", "trainer", since="2026-02-01", until="2026-06-01"),
    ]
    org = lp.Organisation(units=TREE, assignments=held)

    assert ["senior", "trainer"] == [item.role for item in org.held_on("lin", date(2026, 2, 1))]
    assert date(2026, 6, 1) == org.left_on("lin")
    assert date(2026, 1, 1) == org.service_since("lin", date(2026, 5, 1))


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (
            [assigned("lin"), assigned("lin", "team 2", "lead")],
            f"two records hold on one day (found since 2026-01-01 and since 2026-01-01); {ENDED}",
        ),
        (
            [assigned("lin"), beside("lin", "team 1", "senior", since="2026-02-01")],
            (
                "it holds one role in one unit twice on one day (found 'senior' in 'team 1' since 2026-01-01 and since "
                "2026-02-01); keep one of them, or end the first"
            ),
        ),
        (
            [assigned("lin", "east"), *[beside("lin", "team 1", "lead", tier=tier) for tier in ("a", "b")]],
            (
                "it holds one role in one unit twice on one day (found 'lead' in 'team 1' since 2026-01-01 and since "
                "2026-01-01); keep one of them, or end the first"
            ),
        ),
        (
            [beside("lin", "team 1", "lead")],
            (
                "nothing that it holds is primary (found 'lead' in 'team 1' on 2026-01-01); end it where the primary "
                "assignment ends, or write a primary one for that day"
            ),
        ),
        (
            [
                assigned("lin", until="2026-02-01"),
                assigned("lin", since="2026-02-01", until="2026-05-01"),
                beside("lin", "team 2", "lead", until="2026-05-02"),
            ],
            (
                "nothing that it holds is primary (found 'lead' in 'team 2' on 2026-05-01); end it where the primary "
                "assignment ends, or write a primary one for that day"
            ),
        ),
    ],
)
def test_which_role_is_primary_is_said_and_never_guessed(held: list[lp.Assignment], expected: str) -> None:
    """Two primary roles, one role twice, or a day on which nothing is primary: a bonus could be either's."""
    assert [f"payee lin: {expected}"] == problems(assignments=held)


def test_primary_is_true_or_false() -> None:
    """A word would be true, whatever it says."""
    with pytest.raises(lp.errors.OrganisationError, match="its primary is neither true nor false"):
        assigned("lin", primary="no")
