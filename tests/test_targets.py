"""Targets: parts of a goal that sum to it, and a target for part of a period in proportion to its days."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import loanperf as lp

JUNE = lp.Period.month(2026, 6)
GOAL = st.integers(0, 10**12).map(lambda units: lp.Money.from_units(units, "CNY"))
HISTORY = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 10**9), min_size=1)


def case(published: list[dict[str, Any]], code: str) -> dict[str, Any]:
    """One published case by its id."""
    (found,) = (item for item in published if item["id"] == code)
    return found


def texts(parts: dict[str, lp.Money]) -> dict[str, str]:
    """Amounts as printed."""
    return {payee: str(part) for payee, part in parts.items()}


# ── a goal divided ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_goal_is_divided_in_proportion_to_history() -> None:
    """By hand: 100 万元 by 2 to 1, to the fen and in whole 万元."""
    goal = lp.Money.of("100万元")

    assert {"lin": "666666.67 CNY", "wu": "333333.33 CNY"} == texts(lp.divide(goal, {"lin": 2, "wu": 1}))
    assert {"lin": "670000.00 CNY", "wu": "330000.00 CNY"} == texts(
        lp.divide(goal, {"lin": 2, "wu": 1}, step=1_000_000)
    )


def test_a_team_target_is_divided_by_head(published: list[dict[str, Any]]) -> None:
    """100 million a month at 1 million a person is a team of a hundred with equal history."""
    found = case(published, "seed-decompose-target")
    team = {f"p{number:03}": 1 for number in range(int(found["expected"]["implied_headcount"]))}
    parts = lp.divide(lp.Money.of(found["inputs"]["team_target"], "CNY"), team)

    assert {lp.Money.of(found["inputs"]["per_person"], "CNY")} == set(parts.values())


def test_a_year_is_divided_among_its_months(published: list[dict[str, Any]]) -> None:
    """ERPNext's seasons: ten months of 8% and two of 10% of 1,200 yuan are 96 and 120."""
    found = case(published, "target-monthly-distribution-erpnext")
    months = {f"{number:02}": share for number, share in enumerate(found["inputs"]["percentages"], 1)}
    parts = lp.divide(lp.Money.of("1200 元"), months, step=100)

    assert ["96.00 CNY"] * 10 + ["120.00 CNY"] * 2 == [str(part) for part in parts.values()]


@given(GOAL, HISTORY, st.sampled_from(["first", "last", "largest weight", "smallest weight"]))
def test_targets_sum_to_the_goal(goal: lp.Money, history: dict[str, int], tie_break: Any) -> None:
    """No part of a branch's goal is lost between its people, and none is added; whoever did more gets no less."""
    parts = lp.divide(goal, history, tie_break=tie_break)

    assert set(history) == set(parts)
    assert goal == sum(parts.values(), lp.Money.from_units(0, "CNY"))
    for one, weight in history.items():
        for other, less in history.items():
            if weight > less:
                assert parts[one] >= parts[other]


@given(GOAL, HISTORY, st.randoms(use_true_random=False))
def test_the_order_in_which_payees_are_given_does_not_matter(
    goal: lp.Money, history: dict[str, int], chance: Random
) -> None:
    """Among equals the first by code is served first, not the first in a query."""
    payees: Sequence[str] = chance.sample(sorted(history), len(history))

    assert lp.divide(goal, history) == lp.divide(goal, {payee: history[payee] for payee in payees})


def test_a_tie_falls_to_the_first_by_code() -> None:
    """100.00 among three who did the same."""
    assert {"hu": "33.34 CNY", "lin": "33.33 CNY", "wei": "33.33 CNY"} == texts(
        lp.divide(lp.Money.of("100 元"), {"wei": 5, "lin": 5, "hu": 5})
    )


@pytest.mark.parametrize(
    ("weights", "step", "message"),
    [
        ({}, 1, "no weight is above zero"),
        ({"lin": 0}, 1, "'lin' has a weight of zero; state zero = 'equal share', 'left out' or an amount"),
        ({"lin": 0, "wu": 0, "hu": 1}, 1, "'lin' has a weight of zero, and 1 more; state zero = "),
        ({"lin": -1, "wu": 2}, 1, "a weight is negative"),
        ({"lin": 1}, 0, "the step is 0"),
        ({"lin": 1}, 3, "10000 is not a whole number of steps of 3"),
    ],
)
def test_what_cannot_be_divided_is_refused(weights: dict[str, int], step: int, message: str) -> None:
    """A team without history needs another key, and somebody must choose it."""
    with pytest.raises(lp.errors.AllocationError, match=message):
        lp.divide(lp.Money.of("100 元"), weights, step=step)


@pytest.mark.parametrize(
    ("weights", "zero", "expected"),
    [
        ({"lin": 2, "wu": 1, "hu": 0}, "left out", {"lin": "60.00 CNY", "wu": "30.00 CNY"}),
        ({"lin": 2, "wu": 1, "hu": 0}, "equal share", {"hu": "30.00 CNY", "lin": "40.00 CNY", "wu": "20.00 CNY"}),
        ({"lin": 0, "wu": 0, "hu": 0}, "equal share", {"hu": "30.00 CNY", "lin": "30.00 CNY", "wu": "30.00 CNY"}),
        (
            {"lin": 2, "wu": 1, "hu": 0},
            lp.Money("15 CNY"),
            {"hu": "15.00 CNY", "lin": "50.00 CNY", "wu": "25.00 CNY"},
        ),
    ],
)
def test_what_becomes_of_a_weight_of_zero_is_stated(
    weights: dict[str, int], zero: Any, expected: dict[str, str]
) -> None:
    """By hand, 90 yuan: who is new has no history, and a target of zero is one that nobody can be measured against."""
    assert expected == texts(lp.divide("90 元", weights, zero=zero))


@pytest.mark.parametrize(
    ("weights", "zero", "message"),
    [
        ({"lin": 0, "wu": 0}, "left out", "no weight is above zero; give one at least, or zero = 'equal share'"),
        ({"lin": 0, "wu": 0}, lp.Money("1 CNY"), "no weight is above zero; give one at least"),
        ({"lin": 1, "wu": 0}, lp.Money("91 CNY"), "1 targets for weights of zero leave -1.00 CNY; give a smaller"),
        ({"lin": 1, "wu": 0}, lp.Money("90 CNY"), "1 targets for weights of zero leave 0.00 CNY; give a smaller"),
        ({"lin": 1, "wu": 0}, "nothing", "zero is 'nothing'; say 'equal share', 'left out' or an amount"),
        ({"lin": 1, "wu": 0}, None, "'wu' has a weight of zero"),
        ({"lin": "1"}, None, "a weight is '1'; pass an int, a Fraction or a Decimal"),
        ("lin", None, "the weights are 'lin'; pass a number for each code of a payee"),
    ],
)
def test_a_rule_for_zero_that_cannot_hold_is_refused(weights: Any, zero: Any, message: str) -> None:
    """Nobody gets less than nothing, and all of nothing is no key."""
    with pytest.raises(lp.errors.AllocationError, match=message):
        lp.divide("90 元", weights, zero=zero)


@given(GOAL, st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 5), min_size=1))
def test_a_goal_with_zeros_among_its_weights_sums_too(goal: lp.Money, history: dict[str, int]) -> None:
    """Whoever is new gets a part by heads, and the parts come to the goal."""
    assume(goal.units >= len(history))
    parts = lp.divide(goal, history, zero="equal share")

    assert set(history) == set(parts)
    assert goal == sum(parts.values(), lp.Money.from_units(0, "CNY"))


def test_text_is_read_and_a_bare_number_is_no_goal() -> None:
    """A goal and a target come from a form or a file as text; 100 of nothing is no money."""
    assert lp.divide(lp.Money("90 CNY"), {"lin": 1}) == lp.divide("90 元", {"lin": 1})
    assert lp.quantity("400000 USD") == lp.prorate("800000 USD", "flow", lp.Period("2026-06-16", "2026-07-01"), JUNE)
    goal: Any = 100
    with pytest.raises(lp.errors.UnitError):
        lp.divide(goal, {"lin": 1})


@pytest.mark.parametrize(
    ("target", "timing", "part", "error", "message"),
    [
        ("lots", "flow", JUNE, "QuantityError", "it is not a number and a unit"),
        ("8 USD", "flows", JUNE, "DataError", "the timing is 'flows'; say 'flow' or 'stock'"),
        ("8 USD", "flow", "2026-06", "PeriodError", "it is no period; pass one such as"),
        (8.5, "flow", JUNE, "FloatError", "8.5 is a float"),
    ],
)
def test_what_cannot_be_prorated_is_told(target: Any, timing: Any, part: Any, error: str, message: str) -> None:
    """An error of ours says which argument it is."""
    with pytest.raises(getattr(lp.errors, error), match=message):
        lp.prorate(target, timing, part, JUNE)


def test_a_float_is_no_weight() -> None:
    """History is money and counts; a mean of floats is neither."""
    with pytest.raises(lp.errors.FloatError):
        lp.divide(lp.Money.of("100 元"), {"lin": 0.5, "wu": 0.5})  # type: ignore[dict-item]

    assert {"lin": "50.00 CNY", "wu": "50.00 CNY"} == texts(
        lp.divide(lp.Money.of("100 元"), {"lin": Decimal("0.5"), "wu": Fraction(1, 2)})
    )


@pytest.mark.parametrize(
    ("value", "unit"), [("100万元", "CNY"), ("3%", ""), (5, ""), (lp.Money.from_units(5, "JPY"), "JPY")]
)
def test_a_target_is_a_quantity(value: Any, unit: str) -> None:
    """As a manager writes it."""
    assert unit == lp.Target(payee="lin", indicator="loan_amount", value=value).value.unit


@pytest.mark.parametrize(
    ("value", "error"), [(0.03, "FloatError"), ("3 moons", "QuantityError"), (None, "QuantityError")]
)
def test_a_target_that_is_no_quantity_is_refused(value: Any, error: str) -> None:
    """Before anybody is measured against it."""
    with pytest.raises(getattr(lp.errors, error)):
        lp.Target(payee="lin", indicator="npl_ratio", value=value)


# ── a target for part of a period ───────────────────────────────────────────────────────────────────────────


def test_a_published_month_in_which_two_start_late(published: list[dict[str, Any]]) -> None:
    """A goal of 20, for one who starts on the 15th and one on the 21st of 30 days: 10 and 6.

    The page does not count the day of the start; our parts count both their first and their last day, so those two
    parts begin on the 16th and the 22nd.
    """
    found = case(published, "target-proration-month")
    goal = lp.quantity(found["inputs"]["goal"])
    parts = [lp.Period(f"2026-06-{start + 1}", "2026-07-01") for start in found["inputs"]["start_days"]]

    assert found["inputs"]["days"] == JUNE.days
    assert found["expected"] == [lp.prorate(goal, "flow", part, JUNE).value for part in parts]


@pytest.mark.parametrize(
    ("code", "target", "expected"),
    [
        ("loan_amount", "90万元", "450000 CNY"),
        ("contribution_per_customer", "7 CNY", "3.5 CNY"),
        ("average_daily_balance", "90万元", "900000 CNY"),
        ("customer_count", "8", "8"),
        ("npl_ratio", "3%", "0.03"),
        ("teamwork", "80 point", "80 point"),
    ],
)
def test_half_a_month_takes_half_of_what_adds_up(code: str, target: str, expected: str) -> None:
    """What is lent grows with the days; what is outstanding, a ratio and a mean score do not."""
    half = lp.Period("2026-06-16", "2026-07-01")

    assert expected == str(lp.prorate(lp.quantity(target), lp.indicator(code).timing, half, JUNE))


def test_new_customers_add_up_and_held_ones_do_not() -> None:
    """The same code is a flow or a stock by what its option counts."""
    counted = [lp.indicator("customer_count", {"counted": option}).timing for option in ("new", "at end")]
    assert ["flow", "stock"] == counted


@given(st.integers(1, 29), st.integers(0, 10**9))
def test_the_parts_of_a_period_have_the_whole_target(days: int, target: int) -> None:
    """Who changes role in mid-month carries one month's target in all, to the fraction."""
    middle = JUNE.start.replace(day=days + 1)
    goal = lp.Quantity(Fraction(target), "CNY")
    parts = [lp.Period(JUNE.start, middle), lp.Period(middle, JUNE.end)]

    assert goal.value == sum(lp.prorate(goal, "flow", part, JUNE).value for part in parts)
    assert goal == lp.prorate(goal, "flow", JUNE, JUNE)


@pytest.mark.parametrize(
    "part", [lp.Period.month(2026, 7), lp.Period.year(2026), lp.Period("2026-06-16", "2026-07-02")], ids=str
)
def test_a_part_lies_within_its_period(part: lp.Period) -> None:
    """A year's days over a month's would multiply a target by twelve."""
    with pytest.raises(
        lp.errors.PeriodError, match="it is no part of 2026-06; give a part of the period of the target"
    ):
        lp.prorate(lp.quantity("90万元"), "flow", part, JUNE)
