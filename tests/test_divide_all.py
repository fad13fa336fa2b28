"""Cascading a book: every target equals `divide`'s, and the targets of a goal sum to it."""

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import loanperf as lp
from loanperf._divide_all import Divided, divide_all
from loanperf._tables._columns import Column
from loanperf.tables import MISSING, Coded

Weights = Mapping[str, Mapping[str, int]]
"""By goal, then by payee."""
LARGEST = 2**63 - 1
TIES: tuple[Any, ...] = ("first", "last", "largest weight", "smallest weight")

CODES = st.sampled_from(["east", "west", "北京", "a", "b"])
PAYEES = st.sampled_from(["lin", "wu", "hu", "wei", "李", "Zoë", "a", "b"])
AMOUNTS = st.one_of(
    st.integers(-1000, 1000),
    st.integers(-(10**13), 10**13),
    st.sampled_from([2**50 - 1, 2**50, 2**53, 2**62, LARGEST, -LARGEST, 0]),
)
WEIGHTS = st.one_of(
    st.integers(0, 3),
    st.integers(0, 10**12),
    st.sampled_from([2**53 + 1, 2**59, 2**60 - 1, 2**60, 2**62, LARGEST]),
)
BOOKS = st.dictionaries(CODES, st.dictionaries(PAYEES, WEIGHTS, min_size=1), min_size=1)


def whole(numbers: list[int]) -> NDArray[np.int64]:
    """A column of whole numbers."""
    return np.array(numbers, dtype=np.int64)


def coded(codes: list[int], words: Any) -> Coded:
    """Text as codes into words."""
    return Coded(np.array(codes, dtype=np.int8), words)


def cascaded(goals: Mapping[str, int], weights: Weights, *, chance: Random | None = None, **how: Any) -> Divided:
    """Goals and weights as columns, the rows in any order."""
    rows = [(goal, payee, weight) for goal, held in weights.items() for payee, weight in held.items()]
    if chance is not None:
        chance.shuffle(rows)
    return divide_all(
        {"goal": np.array(list(goals), dtype=str), "amount": whole(list(goals.values()))},
        {
            "goal": np.array([goal for goal, _, _ in rows], dtype=str),
            "payee": np.array([payee for _, payee, _ in rows], dtype=str),
            "weight": whole([weight for _, _, weight in rows]),
        },
        **how,
    )


def by_goal(found: Divided) -> dict[str, dict[str, int]]:
    """The targets by goal and payee."""
    targets: dict[str, dict[str, int]] = defaultdict(dict)
    goals, payees = found.rows["goal"], found.rows["payee"]
    for row in np.flatnonzero(found.ok).tolist():
        targets[str(goals.at(row))][str(payees.at(row))] = int(found.target[row])
    return dict(targets)


def divided(goals: Mapping[str, int], weights: Weights, **how: Any) -> tuple[dict[str, dict[str, int]], set[str]]:
    """What `divide` makes of each goal, and the goals that it refuses."""
    targets, refused = {}, set()
    for goal, amount in goals.items():
        try:
            parts = lp.divide(lp.Money.from_units(amount, "CNY"), weights.get(goal, {}), **how)
        except lp.errors.AllocationError:
            refused.add(goal)
        else:
            targets[goal] = {payee: part.units for payee, part in parts.items()}
    return targets, refused


# ── as divided ─────────────────────────────────────────────────────────────────────────────────────────────


@given(st.data(), BOOKS, st.sampled_from(TIES), st.sampled_from([1, 1, 7, 100]), st.randoms(use_true_random=False))
def test_each_target_is_what_divide_gives(data: Any, weights: Weights, tie: Any, step: int, chance: Random) -> None:
    """Small and huge goals, ties, zero weights, negative goals, goals that no step divides, in any order of rows."""
    goals = {goal: data.draw(AMOUNTS) for goal in weights}
    expected, refused = divided(goals, weights, step=step, tie_break=tie)

    found = cascaded(goals, weights, chance=chance, step=step, tie_break=tie)

    assert expected == by_goal(found)
    assert len(refused) == len(found.problems)
    assert all(any(f"goal {goal}: " in str(problem) for problem in found.problems) for goal in refused)


@given(BOOKS, st.data())
def test_the_targets_of_a_goal_sum_to_it(weights: Weights, data: Any) -> None:
    """Nothing of a branch's goal is lost between its people."""
    goals = {goal: data.draw(AMOUNTS) for goal in weights}

    for goal, parts in by_goal(cascaded(goals, weights)).items():
        assert goals[goal] == sum(parts.values())


def test_a_goal_of_a_hundred_million_is_divided_by_hand() -> None:
    """By hand: 100 万元 by 2 to 1 is 666,666.67 and 333,333.33 yuan; in whole 万元 67 and 33."""
    weights = {"east": {"lin": 2, "wu": 1}}

    assert {"east": {"lin": 66_666_667, "wu": 33_333_333}} == by_goal(cascaded({"east": 10**8}, weights))
    assert {"east": {"lin": 67_000_000, "wu": 33_000_000}} == by_goal(
        cascaded({"east": 10**8}, weights, step=1_000_000)
    )


def test_a_tie_falls_as_it_is_told() -> None:
    """One fen too many among equals: the first or the last by code, or whoever weighs most or least."""
    equal, unequal = {"g": {"wei": 5, "hu": 5, "lin": 5}}, {"g": {"a": 1, "b": 3}}

    assert {"g": {"hu": 34, "lin": 33, "wei": 33}} == by_goal(cascaded({"g": 100}, equal, tie_break="first"))
    assert {"g": {"hu": 33, "lin": 33, "wei": 34}} == by_goal(cascaded({"g": 100}, equal, tie_break="last"))
    assert {"g": {"hu": 34, "lin": 33, "wei": 33}} == by_goal(cascaded({"g": 100}, equal))
    assert {"g": {"a": 0, "b": 2}} == by_goal(cascaded({"g": 2}, unequal, tie_break="largest weight"))
    assert {"g": {"a": 1, "b": 1}} == by_goal(cascaded({"g": 2}, unequal, tie_break="smallest weight"))


def test_a_year_goes_down_two_levels() -> None:
    """By hand: 1,000 to two branches by 3 and 1, then to their people; the bank's goal is the sum of its people's."""
    branches = cascaded({"bank": 1000}, {"bank": {"east": 3, "west": 1}})
    people = {"east": {"lin": 1, "wu": 1}, "west": {"hu": 1, "wei": 2}}
    rows = [(goal, payee, weight) for goal, held in people.items() for payee, weight in held.items()]

    found = divide_all(
        branches.goals(),
        {
            "goal": np.array([goal for goal, _, _ in rows]),
            "payee": np.array([payee for _, payee, _ in rows]),
            "weight": whole([weight for _, _, weight in rows]),
        },
    )

    assert {"east": {"lin": 375, "wu": 375}, "west": {"hu": 83, "wei": 167}} == by_goal(found)


def test_a_goal_may_be_numbered_and_text_be_coded() -> None:
    """Ids of a data base are whole numbers; of a dictionary of words, a column may need but a few."""
    found = divide_all(
        {"goal": whole([70, -3]), "amount": whole([5, 9])},
        {
            "goal": whole([-3, 70, -3, 70]),
            "payee": coded([0, 1, 2, 2], ["lin", "wu", "hu"]),
            "weight": np.array([1.0, 1.0, 2.0, 1.0]),
        },
    )

    assert [3, 2, 6, 3] == found.target.tolist()  # of two equals, hu comes before wu


def test_decimals_weigh_by_their_smallest_place() -> None:
    """A column of decimals holds whole numbers and how many make one; proportions are the same."""
    found = divide_all(
        {"goal": np.array(["g"]), "amount": whole([100])},
        {
            "goal": np.array(["g", "g"]),
            "payee": np.array(["a", "b"]),
            "weight": Column("whole", whole([25, 75]), None, (), 100),
        },
    )

    assert [25, 75] == found.target.tolist()


# ── bounds ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("goal", [2**50 - 1, 2**50, 2**53 + 1, 2**62 + 1, LARGEST, -LARGEST])
@pytest.mark.parametrize("weight", [1, 2**53 - 1, 2**59, 2**60 - 5, 2**60 + 5, 2**62 + 1])
def test_every_bound_is_exact_on_both_sides(goal: int, weight: int) -> None:
    """What columns cannot hold is divided by itself, and no product wraps: by hand, floors and remainders."""
    weights = {"a": weight, "b": 3, "c": 2}
    total = sum(weights.values())
    floors = {payee: abs(goal) * share // total for payee, share in weights.items()}
    order = sorted(weights, key=lambda payee: (-(abs(goal) * weights[payee] % total), -weights[payee], payee))
    for payee in order[: abs(goal) - sum(floors.values())]:
        floors[payee] += 1
    expected = {payee: part if goal > 0 else -part for payee, part in floors.items()}

    found = cascaded({"g": goal}, {"g": weights})

    assert {"g": expected} == by_goal(found)
    assert (abs(goal) >= 2**50 or weight >= 2**60 - 5) == bool(found.scalar)


def test_a_goal_at_the_edge_of_64_bits_is_not_mistaken_for_a_missing_one() -> None:
    """The smallest int64 stands for no value, so it cannot be a target; it is refused and not passed on."""
    found = cascaded({"g": MISSING, "h": MISSING}, {"g": {"a": 1}, "h": {"a": 1, "b": 1}})

    assert {"h": {"a": -(2**62), "b": -(2**62)}} == by_goal(found)
    assert ["goals row 0, goal g: cannot allocate: a part is beyond 64 bits; divide a smaller goal"] == [
        str(problem) for problem in found.problems
    ]


@given(st.integers(0, 2**50 - 1), st.lists(st.integers(1, 2**57), min_size=1, max_size=7))
def test_a_quotient_of_large_numbers_is_exact(goal: int, weights: list[int]) -> None:
    """Just below the bounds every goal is divided in columns, and equals the fraction rounded down or up by one."""
    found = cascaded({"g": goal}, {"g": {f"p{place}": weight for place, weight in enumerate(weights)}})

    assert 0 == found.scalar
    assert goal == int(found.target.sum())
    for part, weight in zip(found.target.tolist(), weights, strict=True):
        assert abs(part - Fraction(goal * weight, sum(weights))) < 1


# ── what is refused ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (np.array([10.0]), "it holds floats, which are not exact; pass int64"),
        (Column("whole", whole([1000]), None, (), 100), "it holds decimals; pass int64 in the unit"),
    ],
    ids=["float", "decimal"],
)
def test_a_goal_is_counted_in_the_unit_of_its_targets(amount: Any, said: str) -> None:
    """Targets come out in the unit of goals: 10.00 taken for 1000 would be a hundred times the goal."""
    weights = {"goal": np.array(["g"]), "payee": np.array(["a"]), "weight": np.array([1])}

    with pytest.raises(lp.errors.DataError, match=said):
        divide_all({"goal": np.array(["g"]), "amount": amount}, weights)


def test_what_cannot_be_divided_is_said_and_the_rest_is_divided() -> None:
    """A wrong row takes its goal with it, since the others would share what belongs to it; other goals go on."""
    found = divide_all(
        {
            "goal": np.array(["whole", "odd", "empty", "negative", "torn", "repeated", "repeated", "unknown"]),
            "amount": np.ma.MaskedArray([10, 9, 10, 10, 10, 10, 10, 0], mask=[False] * 7 + [True]),
        },
        {
            "goal": np.array(
                ["whole", "whole", "odd", "negative", "negative", "torn", "torn", "repeated", "none", "unknown"]
            ),
            "payee": np.array(["a", "b", "a", "a", "b", "a", "a", "a", "a", "a"]),
            "weight": np.ma.MaskedArray([1, 4, 1, -1, 1, 1, 2, 1, 1, 1], mask=[False] * 10),
        },
        step=2,
    )

    assert [2, 8] == found.target[:2].tolist()
    assert [True, True] + [False] * 8 == found.ok.tolist()
    assert [
        "goals row 1, goal odd: cannot allocate: 9 is not a whole number of steps of 2; choose a step that divides it",
        "goals row 2, goal empty: cannot allocate: no weight is above zero; give one at least",
        "goals row 3, goal negative: cannot allocate: a weight is negative; give weights of zero or more",
        "goals row 4: it is not divided, since a row of it is refused (found 'torn'); mend its weights",
        "goals row 5, column goal: the goal has no code or another row (found 'repeated'); send it once",
        "goals row 6, column goal: the goal has no code or another row (found 'repeated'); send it once",
        "goals row 7, column amount: its amount is no whole number; give smallest units, such as fen",
        "weights row 5, column payee: the payee has two rows of one goal (found 'a'); add their weights up in one",
        "weights row 6, column payee: the payee has two rows of one goal (found 'a'); add their weights up in one",
        "weights row 8, column goal: there is no such goal (found 'none'); send the goal as well, or mend its code",
    ] == [str(problem) for problem in found.problems]


def test_a_missing_cell_is_a_problem_of_its_row() -> None:
    """A null is neither zero nor nobody; a fraction is no weight."""
    found = divide_all(
        {"goal": coded([0, 1, 2, -1], ["a", "b", "c"]), "amount": whole([4, 4, 4, 4])},
        {
            "goal": coded([0, 1, -1, 2], ["a", "b", "c"]),
            "payee": coded([0, -1, 0, 0], ["lin"]),
            "weight": np.array([1.0, 1.0, 1.0, np.nan]),
        },
    )

    assert [4, MISSING, MISSING, MISSING] == found.target.tolist()
    assert [
        "goals row 1: it is not divided, since a row of it is refused (found 'b'); mend its weights",
        "goals row 2: it is not divided, since a row of it is refused (found 'c'); mend its weights",
        "goals row 3, column goal: the goal has no code or another row (found None); send it once",
        "weights row 1, column payee: there is none (found None); name who is to reach it",
        "weights row 2, column goal: there is no such goal (found None); send the goal as well, or mend its code",
        "weights row 3, column weight: it is no whole number; give a whole number of zero or more",
    ] == [str(problem) for problem in found.problems]


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"step": 0}, "the step is 0"),
        ({"step": Fraction(1, 2)}, "the step is 0.5 of a smallest unit"),
        ({"tie_break": "by age"}, "there is no tie-break 'by age'"),
    ],
)
def test_a_wrong_call_is_refused_at_once(how: Any, message: str) -> None:
    """A step of nothing or a tie-break that nobody knows is no fault of a row."""
    with pytest.raises(lp.errors.AllocationError, match=message):
        cascaded({"g": 1}, {"g": {"a": 1}}, **how)


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("goal", whole([1]), "column goal: goals hold text, weights whole"),
        ("payee", whole([1]), "column weights.payee: it holds whole"),
        ("weight", np.array(["1"]), "column weights.weight: it holds text"),
    ],
)
def test_columns_of_another_kind_are_refused(column: str, values: Any, message: str) -> None:
    """A code is no number, and a number in text is not guessed at."""
    rows: dict[str, Any] = {"goal": np.array(["g"]), "payee": np.array(["a"]), "weight": whole([1])}

    with pytest.raises(lp.errors.DataError, match=message):
        divide_all({"goal": np.array(["g"]), "amount": whole([1])}, rows | {column: values})


def test_nothing_is_divided_into_nothing() -> None:
    """A book without rows is a book; its goals have problems and no row a target."""
    nobody = {"goal": np.array([], dtype=str), "payee": np.array([], dtype=str), "weight": whole([])}

    assert (0, 1) == ((found := cascaded({"g": 1}, {})).target.size, len(found.problems))
    assert 0 == divide_all({"goal": np.array([], dtype=str), "amount": whole([])}, nobody).target.size


def test_results_cannot_be_written_to() -> None:
    """A result is a value."""
    with pytest.raises(ValueError, match="read-only"):
        cascaded({"g": 1}, {"g": {"a": 1}}).target[0] = 5


def test_targets_come_back_as_the_frame_that_weights_came_in() -> None:
    """An analyst who passes Polars goes on with Polars; who has no target has a null."""
    goals = pl.DataFrame({"goal": ["east"], "amount": [100]})
    weights = pl.DataFrame({"goal": ["east", "east", "west"], "payee": ["lin", "wu", "he"], "weight": [2, 1, 1]})

    frame = divide_all(goals, weights).frame()

    assert weights.with_columns(target=pl.Series([67, 33, None])).equals(frame)
