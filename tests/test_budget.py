"""A budget is told with its chance: bonuses of draws are those that would be paid, and what all share counts."""

from fractions import Fraction
from math import exp, log, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import loanperf as lp
from loanperf.analytics import BudgetForecast, Spread, bonus_budget, spread_of
from loanperf.viewer import Viewer

MARCH = lp.Period.month(2026, 3)
ALL = Viewer(who="hr", sees="all")
LOANS = """
name = "loans"
currency = "CNY"
effective = 2026-01-01
[profiles.standard.weights]
loan_amount = "100%"
[targets]
loan_amount = "100万元"
npl_ratio = "2%"
[scoring.default]
places = 2
rounding = "half even"
[bonus]
unit = "month"
curve = [["0 point", 0], ["1000 point", 10]]
rounding = "half even"
"""
BOTH = LOANS.replace('loan_amount = "100%"', 'loan_amount = "60%"\nnpl_ratio = "40%"').replace(
    '["0 point", 0], ["1000 point", 10]', '["0 point", 0], ["90 point", 0.5], ["110 point", 2], ["1000 point", 5]'
)


def a_card(text: str = LOANS) -> lp.schemes.Card:
    return lp.parse_scheme(text).resolve(period=MARCH)


def people(count: int, **columns: Any) -> dict[str, Any]:
    """So many who are expected to reach 100%, with a salary of 10,000."""
    return {
        "payee": [f"p{place:03}" for place in range(count)],
        "loan_amount(元)": np.full(count, 1_000_000),
        "month(元)": np.full(count, 10_000),
        **columns,
    }


def forecast(rows: Any, spread: Spread, card: lp.schemes.Card | None = None, **changes: Any) -> BudgetForecast:
    stated = {"rng": np.random.default_rng(5), "viewer": ALL, "draws": 2000, **changes}
    return bonus_budget(a_card() if card is None else card, rows, spread, **stated)


def nearly(expected: float, actual: Fraction | float, off: float) -> bool:
    return abs(float(actual) / expected - 1) < off


def test_what_all_share_does_not_cancel_out() -> None:
    """All move by one factor of 10%: half of the draws come to no more than e^(-0.005), 95% to e^(0.1645 - 0.005)."""
    found = forecast(people(20), Spread(total="10%", common="10%"))
    half, _, most = found.levels
    assert lp.Money("200000.00 CNY") == found.expected
    assert nearly(200_000 * exp(-0.005), half.amount.exact, 0.01)
    assert nearly(200_000 * exp(1.6449 * 0.1 - 0.005), most.amount.exact, 0.015)
    assert nearly(200_000, found.mean.exact, 0.01)
    assert found.from_common > Fraction(99, 100)
    assert half.low < half.amount < half.high
    assert 0 < most.error < Fraction(1, 100)


def test_a_shock_for_the_worse_is_worse_for_a_loss_too() -> None:
    """One is expected at 100万, one at a loss of 100万: what all share raises both together, or lowers both.

    Bonuses follow readings on a straight line. Were a shock to raise the one and lower the other by as much, the sum
    would be the same in every draw.
    """
    card = a_card(LOANS.replace('["0 point", 0], ["1000 point", 10]', '["-1000 point", 0], ["1000 point", 20]'))
    rows = people(2, **{"loan_amount(元)": np.array([1_000_000, -1_000_000])})
    found = forecast(rows, Spread(total="20%", common="20%"), card)
    low, _, high = (level.amount.exact for level in found.levels)
    assert found.from_common > Fraction(9, 10)
    assert high - low > 1000  # 1.645 × 20% of 1,000 by each of the two, less rounding and skew: 658 and more


def test_what_is_of_each_alone_cancels_out() -> None:
    """Of 100 people who scatter by 20%, the mean scatters by 2%: 95% come to 1 + 1.645 x 0.0202 of the expected."""
    found = forecast(people(100), Spread(total="20%", common="0%"))
    assert nearly(1_000_000 * (1 + 1.6449 * sqrt(exp(0.04) - 1) / 10), found.levels[2].amount.exact, 0.004)
    assert found.from_common < Fraction(3, 100)


def test_draws_are_scored_and_paid_by_the_program_that_pays() -> None:
    """The shocks are known from the seed, and in a good month loans rise and bad loans fall: so every sum is known."""
    card = a_card(BOTH)
    rows = people(3, **{"npl_ratio(bp)": [150, 200, 300], "loan_amount(元)": [900_000, 1_000_000, 1_300_000]})
    found = forecast(rows, Spread(total="30%", common="30%"), card, draws=1000)
    shocks = np.random.default_rng(5).standard_normal(1000)
    up, down = np.exp(0.3 * shocks - 0.045), np.exp(-0.3 * shocks - 0.045)
    drawn = {
        "payee": [f"{place}" for place in range(3000)],
        "loan_amount": np.rint(np.outer(up, [90_000_000, 100_000_000, 130_000_000])).astype(int).ravel(),
        "npl_ratio": np.rint(np.outer(down, [1_500_000, 2_000_000, 3_000_000])).astype(int).ravel(),
    }
    scored = lp.appraise_all(card, drawn, scales={"loan_amount": 100, "npl_ratio": 100_000_000})
    paid = lp.award_all(scored, month=np.full(3000, 10_000), units={"month": "元"})
    sums = sorted(paid.amount.reshape(1000, 3).sum(axis=1).tolist())
    assert [sums[499], sums[899], sums[949]] == [one.amount.units for one in found.levels]
    assert round(Fraction(sum(sums), 1000)) == found.mean.units
    # The square root of 1,000 x 0.95 x 0.05 is 6.9.
    assert (sums[942], sums[956]) == (found.levels[2].low.units, found.levels[2].high.units)
    assert 1000 == sum(count for _, count in found.bars)


@given(st.lists(st.tuples(st.integers(0, 3_000_000), st.integers(1, 999)), min_size=1, max_size=6), st.integers(0, 9))
@settings(max_examples=15, deadline=None)
def test_without_spread_every_draw_is_what_award_gives(given_of: list[tuple[int, int]], seed: int) -> None:
    """Whatever the readings and the seed, and for one payee alone too."""
    card = a_card(BOTH)
    amounts, ratios = zip(*given_of, strict=True)
    rows = people(len(given_of), **{"loan_amount(元)": list(amounts), "npl_ratio(bp)": list(ratios)})
    due = lp.Money("0.00 CNY")
    for amount, bad in given_of:
        readings = [lp.Reading.of("loan_amount", f"{amount} 元"), lp.Reading.of("npl_ratio", Fraction(bad, 10_000))]
        due += lp.award(card.bonus, lp.appraise(card, {}, readings), month=lp.Money("10000 CNY")).amount
    found = forecast(rows, Spread(total="0%", common="0%"), card, rng=np.random.default_rng(seed), draws=1000)
    assert {due} == {found.expected, found.mean, *(one.amount for one in found.levels)}
    assert Fraction(0) == found.from_common


def test_a_budget_that_nothing_keeps_and_one_that_all_keep() -> None:
    """What was seen in no draw, or in all, may still be otherwise in three of them (the rule of three)."""
    rows, spread = people(5), Spread(total="20%", common="10%")
    none = forecast(rows, spread, budget=lp.Money("1.00 CNY"), draws=1000)
    every = forecast(rows, spread, budget=lp.Money("500000.00 CNY"), draws=1000)
    assert (Fraction(1), Fraction(0)) == (none.exceeded, every.exceeded)
    assert (
        "the budget of 1.00 CNY is exceeded with a probability of 100% (n = 1000; 95% interval from 99.7% to 100%"
        in (none.text())
    )
    assert "超出预算 500,000.00 元的概率为 0%（样本数 1000；95% 区间为 0% 至 0.3%" in every.text("zh")
    some = forecast(rows, spread, budget=lp.Money("50000.00 CNY"))
    assert some.exceeded is not None
    assert 0 < some.exceeded < 1


def test_a_forecast_is_read_kept_and_drawn_as_any_analysis() -> None:
    """The same seed gives the same draws, and who sees less has a forecast of fewer."""
    found = forecast(people(4), Spread(total="20%", common="5%"))
    assert found == forecast(people(4), Spread(total="20%", common="5%"))
    assert found == BudgetForecast.from_data(found.data())
    assert [0.5, 0.9, 0.95] == found.frame()["level"].tolist()
    assert 20 >= len(found.chart("zh")["data"]["values"])
    fewer = forecast(people(4), Spread(total="20%", common="5%"), viewer=Viewer(who="p001", sees="self"))
    assert (1, lp.Money("10000.00 CNY")) == (fewer.people, fewer.expected)


def test_the_order_of_payees_does_not_matter() -> None:
    """Each payee has the same draws wherever their row stands."""
    rows = people(4, **{"loan_amount(元)": np.array([400_000, 900_000, 1_200_000, 2_000_000])})
    turned = {name: list(reversed(list(column))) for name, column in rows.items()}
    spread = Spread(total="30%", common="5%")
    assert forecast(rows, spread, draws=1000) == forecast(turned, spread, draws=1000)


def test_a_payee_with_two_cards_is_one_whichever_row_is_first() -> None:
    """100% of one target earns 10,000 and 200% of the other 20,000: one person with 30,000."""
    rows = people(2, payee=["a", "a"], card=["x", "y"], **{"loan_amount(元)": np.array([1_000_000, 1_000_000])})
    turned = {name: list(reversed(list(column))) for name, column in rows.items()}
    cards = {"x": a_card(), "y": a_card(LOANS.replace("100万元", "50万元"))}
    spread = Spread(total="30%", common="5%")
    found, other = (
        bonus_budget(cards, given, spread, rng=np.random.default_rng(5), viewer=ALL, draws=1000)
        for given in (rows, turned)
    )
    assert found == other
    assert (1, lp.Money("30000.00 CNY")) == (found.people, found.expected)


def test_a_table_without_rows_and_no_cards_are_refused() -> None:
    with pytest.raises(lp.errors.DataError, match="there is nobody whom the viewer may see"):
        forecast({name: column[:0] for name, column in people(2).items()}, Spread(total="20%", common="5%"))
    nothing: Any = 5
    with pytest.raises(lp.errors.DataError, match="the cards: it is no Mapping"):
        forecast(people(2), Spread(total="20%", common="5%"), nothing)


def test_a_reading_is_no_more_than_its_indicator_can_be() -> None:
    """A retention rate may be 100% at most: against a target of 95% that earns 105.26 points, and no more."""
    card = a_card(LOANS.replace("loan_amount", "retention_rate").replace("100万元", "95%"))
    rows = people(2, **{"retention_rate(%)": [95, 95]})
    del rows["loan_amount(元)"]
    found = forecast(rows, Spread(total="30%", common="30%"), card)
    assert lp.Money("21052.00 CNY") == found.levels[2].amount


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"draws": 10}, "a whole number from 1000 to 1000000"),
        ({"draws": 10**9}, "draws: it is 1000000000"),
        ({"rows": {**people(2), "payee": ["a", "a"]}}, "a has two rows of one card"),
        ({"viewer": Viewer(who="x", sees="self")}, "nobody whom the viewer may see"),
        ({"budget": "5万元"}, "the budget: it is no Money"),
        ({"budget": lp.Money("1.00 USD")}, "the budget"),
        ({"rows": people(2, **{"loan_amount(元)": np.ma.masked_equal(np.array([5, 0]), 0)})}, "there is no bonus"),
        ({"rows": people(2, **{"month(元)": np.ma.masked_equal(np.array([5, 0]), 0)})}, "there is no bonus"),
        ({"rows": people(2, **{"loan_amount(元)": [float("nan"), 1.5]})}, "loan_amount"),
        ({"card": a_card(LOANS.partition("[bonus]")[0])}, "bonus plan"),
        ({"rng": 5}, "numpy.random.default_rng"),
        ({"spread": "25%"}, "the spread"),
    ],
)
def test_what_cannot_be_forecast_is_refused(changes: dict[str, Any], said: str) -> None:
    """It says what, where and what to do."""
    rows, spread = changes.pop("rows", people(2)), changes.pop("spread", Spread(total="20%", common="5%"))
    with pytest.raises(lp.errors.LoanPerfError, match=said):
        forecast(rows, spread, **changes)


@pytest.mark.parametrize("changes", [{"common": "30%"}, {"total": "150%"}, {"total": 0.2}, {"common": "-1%"}])
def test_a_spread_that_cannot_be_is_refused(changes: dict[str, Any]) -> None:
    """What all share is part of the whole, and neither is a float."""
    with pytest.raises(lp.errors.LoanPerfError):
        Spread(**{"total": "20%", "common": "5%", **changes})


def by_month(**rows: tuple[Any, ...]) -> dict[str, dict[str, Any]]:
    return {f"month {at}": {payee: values[at] for payee, values in rows.items()} for at in range(len(rows["a"]))}


def test_a_spread_is_found_in_a_history() -> None:
    """All rise by a tenth each month: all is common, and ln 1.1 = 0.0953. Or each against the other: nothing is.

    Of 1, 2, 1 and 2, 1, 2 the rest is a third and two thirds of ln 2: 12/9 of its square over (3 - 1)(2 - 1).
    """
    together = spread_of(by_month(a=(100, 110, 121), b=(200, 220, 242)))
    assert (Fraction("0.0953"), Fraction("0.0953"), 3) == (together.total, together.common, together.months)
    apart = spread_of(by_month(a=(1, 2, 1), b=(2, 1, 2)))
    assert Fraction(0) == apart.common
    assert nearly(sqrt(2 / 3) * log(2), apart.total, 0.001)


@pytest.mark.parametrize(
    ("history", "said"),
    [
        ({}, "0 months"),
        (by_month(a=(1, 2), b=(2, 3)), "2 months"),
        (by_month(a=(1, 2, 3)), "1 payees"),
        (by_month(a=(1, 2, 0), b=(2, 3, 4)), "month 2, a"),
        (by_month(a=(1, 1, 1), b=(2, 2, 2)), "do not scatter"),
        ({**by_month(a=(1, 2, 1), b=(2, 3, 4)), "month 1": {"a": 1}}, "other payees"),
        (
            by_month(a=("1 CNY", "2 USD", "3 CNY"), b=("1 CNY", "2 USD", "4 CNY")),
            "month 0, a is in CNY, and month 1, a",
        ),
        (by_month(a=(1, 10**6, 1), b=(10**6, 1, 7)), "beyond 100%"),
        (by_month(a=(10**9, 10**9 + 1, 10**9), b=(10**9, 10**9, 10**9 + 1)), "do not scatter"),
        (None, "the history: it is no Mapping"),
        ({"month 1": [1], "month 2": [2], "month 3": [3]}, "month 1: it is no Mapping"),
    ],
)
def test_a_history_that_says_nothing_is_refused(history: Any, said: str) -> None:
    """Few months, gaps, zeros, readings that are all alike, of two currencies, or beyond what a spread can say."""
    with pytest.raises(lp.errors.DataError, match=said):
        spread_of(history)
