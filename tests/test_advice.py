"""Advice on weights keeps every rule, changes no more than it must, and is exact about scores and pay."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest
from attrs import evolve

import loanperf as lp
from loanperf.analytics import (
    AdviceRules,
    RelaxedRule,
    Spread,
    WeightAdvice,
    WeightOutcome,
    advise_weights,
    bonus_budget,
)
from loanperf.learning import PastPeriod
from loanperf.schemes import Direction
from loanperf.viewer import Viewer

MARCH = lp.Period.month(2026, 3)
ALL = Viewer(who="hr", sees="all")
TWO = """
name = "two"
currency = "CNY"
effective = 2026-01-01
[profiles.standard.weights]
loan_amount = "50%"
customer_count = "50%"
[targets]
loan_amount = "100 元"
customer_count = "100"
[scoring.default]
places = 1
rounding = "half even"
[grades.B]
at_least = "0 point"
[grades.A]
at_least = "105 point"
[bonus]
unit = "month"
curve = [["0 point", 0], ["200 point", 2]]
rounding = "half even"
"""
AMOUNT, CUSTOMERS = (80, 90, 100, 110, 120), (110, 90, 100, 90, 110)
QUARTERS = AdviceRules(step="25%", bounds=dict.fromkeys(("loan_amount", "customer_count"), ("25%", "75%")))
"""25 : 75, 50 : 50 and 75 : 25."""


def a_past(times: int = 1, **columns: Any) -> PastPeriod:
    """Five people, or as many again and again; what customers come to has nothing to do with what loans come to."""
    rows: dict[str, Any] = {
        "payee": [f"p{place:02}" for place in range(5 * times)],
        "loan_amount(元)": AMOUNT * times,
        "customer_count": CUSTOMERS * times,
        "month(元)": [1000] * 5 * times,
    }
    return PastPeriod(period=MARCH, rows={**rows, **columns})


NO_SALARY = PastPeriod(
    period=MARCH, rows={**a_past().rows, "month(元)": np.ma.masked_equal(np.array([1000, 1000, 1000, 1000, 0]), 0)}
)
"""The last of five has none."""


def advised(past: PastPeriod, later: Mapping[str, Any], **changes: Any) -> WeightAdvice:
    given: dict[str, Any] = {
        "scheme": lp.parse_scheme(TWO),
        "profile": "standard",
        "better": Direction.HIGHER,
        "rng": np.random.default_rng(7),
        "viewer": ALL,
        "rules": QUARTERS,
        **changes,
    }
    return advise_weights(given.pop("scheme"), given.pop("profile"), past, later, **given)


def loans_of(past: PastPeriod) -> dict[str, int]:
    """What came later is what loans came to."""
    return dict(zip(past.rows["payee"], past.rows["loan_amount(元)"], strict=True))


def test_weights_that_speak_of_what_came_later_are_advised() -> None:
    """Variances are 200 and 80, the covariance is 0, so that three quarters on loans correlate best.

    At 75 : 25 it is 0.75 x 200 / sqrt(200 x 117.5) = 0.9785; at 50 : 50 it is 100 / sqrt(200 x 70) = 0.8452.

    Of five people now 95, 90, 100, 100, 115 and then 87.5, 90, 100, 105, 117.5: one more has an A.
    """
    past = a_past(8)
    found = advised(past, loans_of(past))
    assert [Fraction(3, 4), Fraction(1, 4)] == [one.advised for one in found.weights]
    pay = lp.Money("40000.00 CNY")
    assert found.now == WeightOutcome(
        validity=Fraction("0.8452"), tied=Fraction(131, 195), gini=Fraction(11, 250), cost=pay
    )
    assert found.advised == WeightOutcome(
        validity=Fraction("0.9785"), tied=Fraction(33, 65), gini=Fraction(3, 50), cost=pay
    )
    assert (Fraction("0.8721"), 8, 40, 40) == (found.rank_correlation, found.regraded, found.people, found.compared)
    assert (3, 3, Fraction("0.9785")) == (found.candidates, found.feasible, found.best)
    assert ["loan amount weighs at most 75%", "customers weighs at least 25%"] == [one.en for one in found.binding]
    assert "建议：贷款额由 50% 调整为 75%，客户数由 50% 调整为 25%；得分与后续结果的相关系数为 0.9785" in found.text(
        "zh"
    )
    assert found == WeightAdvice.from_data(found.data())
    assert 4 == len(found.chart()["data"]["values"])


def test_weights_stay_where_better_ones_are_not_surely_better() -> None:
    """With 100, 80, 90, 120 and 110 later, covariances are 120 and 20: 95 / sqrt(200 x 117.5) = 0.6197 at 75 : 25.

    Now it is 70 / sqrt(200 x 70) = 0.5916, and with five people the standard error is far larger than the difference.
    """
    found = advised(a_past(), dict(zip(a_past().rows["payee"], (100, 80, 90, 120, 110), strict=True)))
    assert [Fraction(1, 2), Fraction(1, 2)] == [one.advised for one in found.weights]
    assert (Fraction("0.5916"), Fraction("0.6197")) == (found.now.validity, found.best)
    assert found.error is not None
    assert found.error > Fraction(3, 100)
    assert "advised: the weights of now" in found.text()
    assert all(one.low is not None and one.high is not None and one.low <= one.high for one in found.weights)


def test_an_advice_becomes_a_version_that_can_be_proposed() -> None:
    """It is made as any change of weights is, and the scheme in force stays as it is."""
    scheme, past = lp.parse_scheme(TWO), a_past(8)
    found = advised(past, loans_of(past), scheme=scheme)
    advice = found.advice(scheme, effective="2026-04-01")
    new = scheme.rebalance("standard", {"loan_amount": "75%", "customer_count": "25%"}, effective="2026-04-01")
    assert (scheme, new, found.findings[0]) == (advice.base, advice.following, advice.why)
    assert "调整权重方案 standard 的权重" in advice.text("zh")
    assert scheme == lp.parse_scheme(TWO)


def test_the_order_of_rows_changes_nothing() -> None:
    """People are drawn by their names."""
    past = a_past(4)
    order = [*range(20)]
    Random(3).shuffle(order)  # noqa: S311 - rows in any order
    mixed = evolve(past, rows={name: [values[at] for at in order] for name, values in past.rows.items()})
    assert advised(past, loans_of(past)) == advised(mixed, loans_of(past))


def test_a_lower_outcome_can_be_the_better_one() -> None:
    """What rises with loans and is better low speaks against their weight."""
    past = a_past(8)
    found = advised(past, loans_of(past), better=Direction.LOWER)
    assert [Fraction(1, 4), Fraction(3, 4)] == [one.advised for one in found.weights]
    assert Fraction("-0.8452") == found.now.validity


def test_a_budget_is_kept_and_one_that_nothing_keeps_says_by_how_much() -> None:
    """Customers of 60 each earn less than loans: 75 : 25 costs 40 x 900, 50 : 50 40 x 800, 25 : 75 40 x 700."""
    past = a_past(8, customer_count=[60] * 40)
    costs = {"36000": Fraction(3, 4), "35999.99": Fraction(1, 2), "31999.99": Fraction(1, 4)}
    for budget, weight in costs.items():
        found = advised(past, loans_of(past), rules=evolve(QUARTERS, budget=lp.Money(f"{budget} CNY")), viewer=ALL)
        # Where all earn the same by customers, every weight orders people alike, and as it was is the least change.
        assert (min(weight, Fraction(1, 2)), Fraction(1)) == (found.weights[0].advised, found.best)
    found = advised(past, loans_of(past), rules=evolve(QUARTERS, budget=lp.Money("27999.00 CNY")))
    assert found.advised is None
    (relaxed,) = found.relaxed
    assert (lp.Money("1.00 CNY"), "bonuses come to at most 27999.00 CNY") == (relaxed.by, relaxed.rule.en)
    with pytest.raises(lp.errors.DataError, match="relax one of these: bonuses come to at most"):
        found.advice(lp.parse_scheme(TWO), effective="2026-04-01")


def test_where_no_weights_keep_all_rules_it_says_which_to_relax_and_by_how_much() -> None:
    """Two indicators of 45% at most come to 90%: either may weigh 55%, ten points more."""
    past = a_past()
    found = advised(past, loans_of(past), rules=AdviceRules())
    assert (0, 0, None, ()) == (found.candidates, found.feasible, found.advised, found.binding)
    assert [
        ("loan amount weighs at most 45%", Fraction(1, 10)),
        ("customers weighs at most 45%", Fraction(1, 10)),
    ] == [(one.rule.en, one.by) for one in found.relaxed]
    assert isinstance(found.relaxed[0], RelaxedRule)
    assert "没有满足全部规则的权重组合；单独放宽以下任一条即可：贷款额权重不高于 45%（放宽 10 个百分点）" in found.text(
        "zh"
    )


CODES = (
    *("loan_amount", "disbursed_amount", "customer_count"),
    *("npl_ratio", "overdue_ratio", "retention_rate", "cross_sell_rate", "training_completion_rate"),
)
POINTS = (25, 20, 15, 15, 10, 5, 5, 5)


def eight(require: str, points: Sequence[int]) -> lp.Scheme:
    """Three indicators of volume, two of risk, three of value, and a phase that requires something of them."""
    weights = "\n".join(f'{code} = "{one}%"' for code, one in zip(CODES, points, strict=True))
    return lp.parse_scheme(f"""
name = "eight"
currency = "CNY"
effective = 2026-01-01
[profiles.standard.weights]
{weights}
[phases.one]
require = [{require}]
[phases.one.weights.standard]
{weights}
[targets]
loan_amount = "100 元"
disbursed_amount = "100 元"
customer_count = "100"
npl_ratio = "2%"
overdue_ratio = "4%"
retention_rate = "80%"
cross_sell_rate = "30%"
training_completion_rate = "90%"
[scoring.default]
places = 1
rounding = "half even"
""")


def eight_past(rows: int = 30) -> tuple[PastPeriod, dict[str, Fraction]]:
    """Readings around targets, and an NPL ratio of the next period that goes with that of this one."""
    draw = np.random.default_rng(11)
    means = {"loan_amount(元)": 100, "disbursed_amount(元)": 100, "customer_count": 100}
    means |= {"npl_ratio(bp)": 200, "overdue_ratio(bp)": 400, "retention_rate(bp)": 8000}
    means |= {"cross_sell_rate(bp)": 3000, "training_completion_rate(bp)": 9000}
    columns = {name: (mean * draw.uniform(0.7, 1.1, rows)).astype(int) for name, mean in means.items()}
    payees = [f"p{place:03}" for place in range(rows)]
    later = columns["npl_ratio(bp)"] + draw.integers(0, 100, rows)
    named = {payee: Fraction(int(value), 10_000) for payee, value in zip(payees, later, strict=True)}
    return PastPeriod(period=MARCH, rows={"payee": payees, **columns}), named


@pytest.mark.parametrize(
    ("require", "points", "feasible"),
    [
        ('{ of = ["performance"], at_least = "60%" }', POINTS, 3_036),
        ('{ of = ["risk"], at_least = "40%" }', (15, 15, 10, 25, 15, 10, 5, 5), 7_020),
        ('{ of = ["growth"], at_least = "30%" }', (15, 15, 10, 15, 10, 15, 10, 10), 38_057),
    ],
)
def test_every_vector_that_keeps_bounds_and_the_phase_is_tried(
    require: str, points: Sequence[int], feasible: int
) -> None:
    """Of 49,428 vectors of eight weights in steps of 5% from 5% to 45%, so many keep what each phase requires."""
    scheme = eight(require, points)
    past, later = eight_past()
    rules = AdviceRules(phase="one", draws=20)
    found = advised(past, later, scheme=scheme, better=Direction.LOWER, rules=rules)
    assert (49_428, feasible) == (found.candidates, found.feasible)
    new = found.advice(scheme, effective="2026-04-01").following
    assert dict(new.phases[0].weights)["standard"] == tuple((one.indicator, one.advised) for one in found.weights)


def test_a_rule_of_a_phase_that_cannot_be_kept_is_named() -> None:
    """Risk of 40% at least of two indicators that may weigh 15% each: ten points are missing, on one of three."""
    past, later = eight_past()
    scheme = eight('{ of = ["risk"], at_least = "40%" }', (15, 15, 10, 25, 15, 10, 5, 5))
    narrow = dict.fromkeys(("npl_ratio", "overdue_ratio"), ("5%", "15%"))
    found = advised(past, later, scheme=scheme, rules=AdviceRules(phase="one", draws=20, bounds=narrow))
    assert [
        ("NPL ratio weighs at most 15%", Fraction(1, 10)),
        ("overdue ratio weighs at most 15%", Fraction(1, 10)),
        ("in phase one, risk weighs at least 40%", Fraction(1, 10)),
    ] == [(one.rule.en, one.by) for one in found.relaxed]


def test_people_whose_score_a_veto_sets_are_left_out_of_validity() -> None:
    """Their score would be the same by any weights; they still count for grades and bonuses."""
    veto = '\n[[vetoes]]\nindicator = "loan_amount"\ntest = "above"\nlimit = "115 元"\n'
    past = a_past(8)
    found = advised(past, loans_of(past), scheme=lp.parse_scheme(TWO + veto))
    assert (40, 32) == (found.people, found.compared)
    assert "8 more are left out of validity" in found.text()


def test_constant_indicators_say_nothing() -> None:
    """Where all earn the same by everything, no weights are better, and none changes."""
    past = a_past(8, **{"loan_amount(元)": [100] * 40, "customer_count": [90] * 40})
    later = {payee: number for number, payee in enumerate(past.rows["payee"])}
    found = advised(past, later)
    assert (Fraction(0), Fraction(0)) == (found.best, found.error)
    assert [Fraction(1, 2)] * 2 == [one.advised for one in found.weights]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"later": {"p00": 1}}, "1 of 5 have a later outcome"),
        ({"later": {}}, "0 of 5 have a later outcome"),
        ({"later": {f"p0{place}": 3 for place in range(5)}}, "it is the same for everybody"),
        ({"later": {f"p0{place}": float("nan") for place in range(5)}}, "nan"),
        ({"later": {f"p0{place}": "1 元" if place else "1%" for place in range(5)}}, "it is in several units"),
        ({"viewer": Viewer(who="p00", sees=["p00"])}, "1 people have profile 'standard'"),
        ({"profile": "senior"}, "senior"),
        ({"rules": AdviceRules(phase="boom")}, "the scheme has none of that name"),
        ({"rules": AdviceRules(bounds={"npl_ratio": ("5%", "10%")})}, "npl_ratio"),
        ({"rules": AdviceRules(budget=lp.Money("1 USD"))}, "bonuses are in CNY"),
        (
            {"scheme": lp.parse_scheme(TWO.partition("[bonus]")[0]), "rules": AdviceRules(budget=lp.Money("1 CNY"))},
            "no card",
        ),
        ({"rng": 1}, "numpy.random.default_rng"),
        ({"better": "lower"}, "better"),
        ({"past": NO_SALARY}, "there is no bonus"),
    ],
)
def test_what_cannot_be_advised_on_is_refused(changes: dict[str, Any], said: str) -> None:
    """It says what, where and what to do."""
    past = changes.pop("past", a_past())
    later = changes.pop("later", loans_of(past))
    with pytest.raises(lp.errors.LoanPerfError, match=said):
        advised(past, later, **changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"step": "30%"}, "give one that divides 100%"),
        ({"step": "0%"}, "give one that divides 100%"),
        ({"bounds": {"npl_ratio": ("50%", "20%")}}, "the bounds of npl_ratio"),
        ({"bounds": {"npl_ratio": (0.1, 0.2)}}, "0.1"),
        ({"draws": 5}, "a whole number from 20 to 100000"),
        ({"draws": 10**9}, "AdviceRules.draws: it is 1000000000"),
    ],
)
def test_rules_that_cannot_be_are_refused(changes: dict[str, Any], said: str) -> None:
    """Before anything is worked."""
    with pytest.raises(lp.errors.LoanPerfError, match=said):
        AdviceRules(**changes)


def test_a_grid_beyond_two_million_is_refused_before_it_is_built() -> None:
    """Steps of 1% of eight indicators are more than a billion."""
    past, later = eight_past()
    with pytest.raises(lp.errors.DataError, match="take a larger step"):
        advised(past, later, scheme=eight('{ of = ["risk"] }', POINTS), rules=AdviceRules(step="1%"))


@pytest.mark.parametrize("wrong", [170, -3])
def test_a_share_that_cannot_be_is_refused_as_the_budget_refuses_it(wrong: int) -> None:
    """Nobody is left out for a retention rate of 170% or -3%: both analyses say the same of the same row."""
    text = TWO.replace('customer_count = "50%"', 'retention_rate = "50%"').replace('_count = "100"', '_count = "80%"')
    scheme = lp.parse_scheme(text.replace("customer_count", "retention_rate"))
    rows = {"payee": [f"p{place}" for place in range(10)], "loan_amount(元)": AMOUNT * 2, "month(元)": [1000] * 10}
    past = PastPeriod(period=MARCH, rows={**rows, "retention_rate(%)": [80, 90, wrong, 80, 75, *CUSTOMERS[1:2] * 5]})
    with pytest.raises(lp.errors.DataError) as advice:
        advised(past, loans_of(past), scheme=scheme, rules=None)
    with pytest.raises(lp.errors.DataError) as budget:
        bonus_budget(
            scheme.resolve(period=MARCH),
            past.rows,
            Spread(total="10%", common="0%"),
            rng=np.random.default_rng(1),
            viewer=ALL,
        )
    assert f"{wrong}%" in str(advice.value)
    assert "p2" in str(advice.value)
    assert str(budget.value) == str(advice.value)


def test_who_lacks_a_reading_is_left_out_and_counted() -> None:
    """Nothing is wrong with what is said of them: nine of ten have a score."""
    counts = np.ma.masked_equal(np.array([0, *CUSTOMERS[1:], *CUSTOMERS]), 0)
    past = a_past(2, customer_count=counts)
    found = advised(past, loans_of(past))
    assert 9 == found.people
    assert "1 person has no score" in found.text()
