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
from loanperf.adapters.memory import MemoryFacts, MemoryPeople, MemorySchemes

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
        ({"lin": "1", "wu": 0}, "equal share", "a weight is '1'; pass an int, a Fraction or a Decimal"),
        ({"lin": -1, "wu": 0, "hu": 1}, "equal share", "a weight is negative"),
        ({}, "equal share", "no weight is above zero"),
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
        ("8 USD", "flow", "2026-06", "PeriodError", "it is no Period; pass one, such as"),
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


# ── months, seasons, history ────────────────────────────────────────────────────────────────────────────────

MONTHS = [lp.Period.month(2026, month) for month in (1, 2, 3)]
SCHEME = """
name = "seasons"
currency = "CNY"
effective = 2026-01-01
[profiles.all.weights]
disbursed_amount = "100%"
[scoring.default]
places = 1
rounding = "half up"
"""


def season(text: str, calendar: str = "") -> lp.Scheme:
    """A scheme with a season."""
    targets = "[targets]\ndisbursed_amount = '2万元'\n"
    return lp.parse_scheme(f"{SCHEME}{calendar}\n{targets}[seasons.disbursed_amount]\n{text}")


def goal(scheme: lp.Scheme, period: lp.Period) -> str:
    """The target of a period."""
    (line,) = scheme.resolve(period=period).lines
    return str(line.target)


def test_a_goal_is_divided_among_months() -> None:
    """By hand: 20,000 元 by 20, 20 and 60; to the 元 by thirds, of which the later have the two that are left over."""
    january, february, march = MONTHS
    weights = {january: 20, february: 20, march: 60}
    assert ["4000.00 CNY", "4000.00 CNY", "12000.00 CNY"] == [*map(str, lp.divide("2万元", weights).values())]
    thirds = lp.divide("2万元", dict.fromkeys(MONTHS, 1), step=100, tie_break="last")
    assert {january: "6666.00 CNY", february: "6667.00 CNY", march: "6667.00 CNY"} == {
        month: str(part) for month, part in thirds.items()
    }


def test_a_year_weighs_its_quarters_20_20_20_40() -> None:
    """By hand, of 20,000: 4,000 in the second quarter and 8,000 in the fourth; December has 31 of 92 days of those."""
    scheme = season("of = 'year'\nweights = ['20%', '20%', '20%', '40%']")
    assert goal(scheme, lp.Period.quarter(2026, 2)) == "4000 CNY"
    assert goal(scheme, lp.Period.quarter(2026, 4)) == "8000 CNY"
    assert goal(scheme, lp.Period.year(2026)) == "20000 CNY"
    (line,) = scheme.resolve(period=lp.Period.month(2026, 12)).lines
    assert lp.Quantity(Fraction(8000 * 31, 92), "CNY") == line.target


def test_seasons_of_a_fiscal_year_begin_with_it() -> None:
    """By hand: the year begins in April, so that January to March are its fourth quarter: 8,000 of 20,000."""
    april = "[calendar]\nperiods = 'quarter'\nbegins = 2026-04-01"
    scheme = season("of = 'year'\nweights = ['20%', '20%', '20%', '40%']", april)
    assert goal(scheme, lp.Period.quarter(2026, 1)) == "8000 CNY"


def test_seasons_of_4_4_5_weeks_are_its_periods() -> None:
    """By hand: of a quarter of 13 weeks from 1 February, the five weeks from 29 March have a half, 10,000 of 20,000."""
    weeks = "[calendar]\nperiods = '4-4-5'\nbegins = 2026-02-01"
    scheme = season("of = 'quarter'\nweights = ['25%', '25%', '50%']", weeks)
    assert scheme.calendar is not None
    assert goal(scheme, scheme.calendar.period("2026-04-05")) == "10000 CNY"


def test_who_joins_on_the_first_of_march_has_a_third_of_the_quarter() -> None:
    """By hand: 6,667 of 20,000; by days it would be 31 of 90, 6,889. Exact without a step: 20,000/3."""
    thirds = "of = 'quarter'\nweights = ['1/3', '1/3', '1/3']"
    march = lp.Period("2026-03-01", "2026-04-01")
    assert goal(season(f"{thirds}\nstep = '1元'"), march) == "6667 CNY"
    assert lp.Quantity(Fraction(20_000, 3), "CNY") == season(thirds).resolve(period=march).lines[0].target


def test_a_run_of_a_quarter_measures_a_joiner_against_the_season() -> None:
    """By hand: 6,667 drawn by who joined on 1 March are 100 points; the source of the target says why.

    What a host states of the quarter is cut by the season too: 1/3 of 30,000 is 10,000, and 66.7 points.
    """
    scheme = season("of = 'quarter'\nweights = ['1/3', '1/3', '1/3']\nstep = '1元'")
    staff = [lp.Assignment(payee="lin", unit="east", role="officer", since="2026-03-01")]
    facts: list[lp.Fact] = [
        lp.Loan(loan="L1", customer="C", officer="lin", opened_on="2026-03-05"),
        lp.LoanEvent(loan="L1", kind=lp.EventKind.DISBURSED, on="2026-03-05", amount="6667元"),
    ]

    def scored(*goals: lp.Target) -> lp.Appraisal:
        done = lp.run(
            lp.Period.quarter(2026, 1),
            facts=MemoryFacts(facts),
            people=MemoryPeople(lp.Organisation(assignments=staff)),
            schemes=MemorySchemes(lp.SchemeBook([scheme]), goals),
        )
        (result,) = done.results
        assert done.problems == ()
        return result.appraisal

    own = scored()
    assert Decimal("100.0") == own.score
    assert "33.3333% of 20000 CNY a quarter" in own.explain().text()
    assert "方案规定，季度目标 2 万元 的 ≈33.3333%" in own.explain().text("zh")
    assert Decimal("66.7") == scored(lp.Target(payee="lin", indicator="disbursed_amount", value="3万元")).score


def test_a_season_that_cannot_be_is_refused() -> None:
    """What, where, and what to do."""
    for text, says in (
        ("of = 'year'\nweights = ['20%', '20%']", r"sum to 40%; make them sum to exactly 100%"),
        ("of = 'month'\nweights = ['100%']", r"\$.seasons.disbursed_amount.of"),
        ("of = 'year'\nweights = ['100%']\nstep = '1 person'", r"\$.seasons.disbursed_amount.step"),
    ):
        with pytest.raises(lp.errors.SchemeError, match=says):
            season(text)
    stock = SCHEME.replace("disbursed_amount", "npl_ratio") + "[seasons.npl_ratio]\nof = 'year'\nweights = ['100%']\n"
    with pytest.raises(lp.errors.SchemeError, match=r"\$.seasons.npl_ratio.*NPL ratio does not add up day by day"):
        lp.parse_scheme(stock)
    with pytest.raises(lp.errors.PeriodError, match=r"it goes beyond the quarter .* ends on 2026-03-31; work shorter"):
        season("of = 'quarter'\nweights = ['100%']").resolve(period=lp.Period.half(2026, 1))
    with pytest.raises(lp.errors.PeriodError, match="it has no 5 equal stretches"):
        season(f"of = 'year'\nweights = {['20%'] * 5}").resolve(period=lp.Period.month(2026, 1))


def test_a_season_is_told_in_both_languages() -> None:
    """Whoever approves a version sees the weights."""
    before, after = (season(f"of = 'year'\nweights = {given}") for given in (["50%", "50%"], ["40%", "60%"]))
    (change,) = lp.diff(before, after)
    assert str(change) == "the weight of the season of disbursed amount changes from 50%, 50% to 40%, 60%"
    assert change.to("zh") == "放款量的季节分配的权重由 50%、50% 改为 40%、60%"
    assert after == lp.parse_scheme(lp.schemes.write_scheme(after), "json")


def test_a_target_grows_from_what_was_reached() -> None:
    """By hand: 873万 and 10% are 960.3万, in whole 万元 960万; 15 customers and 10% are 16.5, and 17 half up."""
    grown = lp.Target.grown("873万元", "10%", payee="lin", indicator="disbursed_amount", step="1万元", period=MONTHS[0])
    assert ("9600000 CNY", MONTHS[0]) == (str(grown.value), grown.period)
    assert str(lp.Target.grown(15, "10%", payee="lin", indicator="customer_count", step=1).value) == "17"
    with pytest.raises(lp.errors.UnitError, match="the step of a target"):
        lp.Target.grown("873万元", "10%", payee="lin", indicator="disbursed_amount", step=1)
    with pytest.raises(lp.errors.DataError, match="give more than zero"):
        lp.Target.grown(15, "10%", payee="lin", indicator="customer_count", step=0)


def test_what_was_missed_is_added_to_the_next_month() -> None:
    """By hand (捆绑): 100 asked and 80 done, so 120; 110 done of those, so 110 in March; 130 done, and 100 in April."""
    usual = lp.Target(payee="lin", indicator="disbursed_amount", value="100万元")
    asked, found = "100万元", []
    for reached in ("80万元", "110万元", "130万元"):
        asked = str(usual.carrying(asked, reached).value)
        found.append(asked)
    assert found == ["1200000 CNY", "1100000 CNY", "1000000 CNY"]
    with pytest.raises(lp.errors.UnitError, match="what was reached"):
        usual.carrying("100万元", 80)
