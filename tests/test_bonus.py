"""Bonuses: right to the smallest unit, in one stated order; more score never pays less, more risk never more."""

import decimal
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import loanperf as lp

Document = dict[str, Any]
Published = list[dict[str, Any]]
MARCH = lp.Period.month(2026, 3)
MONTHS: Document = {
    "unit": "month",
    "curve": [["0 point", 0], ["100 point", 1]],
    "then": {"per_point": "0.1%", "counted": "pro rata"},
    "rounding": "half up",
}
LADDER = {"knots": [["0%", "0%"], ["1.5%", "30%"], ["2%", "50%"], ["2.5%", "100%"]], "shape": "step", "closed": "right"}
GATE = {"indicator": "npl_ratio", "forfeits": LADDER}


def case(published: Published, code: str) -> dict[str, Any]:
    """One published case by its id."""
    (found,) = (item for item in published if item["id"] == code)
    return found


INDEX = {
    "name": {"en": "sales index", "zh": "销售指数"},
    "dimension": "growth",
    "direction": "higher is better",
    "kind": "ratio",
}
"""A ratio without bounds, so that scores may be as high and as low as a test asks."""


def card(bonus: Document | None, **changed: Any) -> lp.schemes.Card:
    """A card with one indicator, whose score is its reading in points, of whatever size, and a bonus plan."""
    document: Document = {
        "name": "branch",
        "currency": "CNY",
        "effective": "2026-01-01",
        "profiles": {"standard": {"weights": {"sales_index": "100%"}, "targets": {"sales_index": "100%"}}},
        "scoring": {"default": {"places": 2, "rounding": "half even"}},
    } | changed
    document["indicators"] = {"sales_index": INDEX, **changed.get("indicators", {})}
    return lp.schemes.scheme_of(document | ({} if bonus is None else {"bonus": bonus})).resolve(period=MARCH)


def scored(holder: lp.schemes.Card, score: Any, payee: str = "lin", **readings: Any) -> lp.Appraisal:
    """An appraisal with this score in points."""
    given: Document = {"sales_index": Fraction(str(score)) / 100, **readings}
    return lp.appraise(holder, readings=given, payee=payee)


def paid(bonus: Document, score: Any, *, readings: Document | None = None, **how: Any) -> str:
    """What is paid for a score, as printed; 8000 yuan a month unless said otherwise."""
    changed = how.pop("changed", {})
    holder = card(bonus, **changed)
    how = how or {"month": "8000 元"}
    return str(lp.award(holder.bonus, scored(holder, score, **(readings or {})), **how).amount)


# ── published cases ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_published_rule_pays_each_point_above_100(published: Published) -> None:
    """Case seed-bonus-rule: 121.2 points are 1.0212 months, 8169.60 of 8000; by whole points 1.021, or 8168.00."""
    found = case(published, "seed-bonus-rule")
    inputs, expected = found["inputs"], found["expected"]
    base, step = Fraction(inputs["base_months"]), Fraction(inputs["step_per_point"])
    plan = MONTHS | {"curve": [["0 point", 0], ["100 point", f"{base} month"]]}
    pro_rata = card(plan | {"then": {"per_point": f"{step} month", "counted": "pro rata"}})
    whole = card(plan | {"then": {"per_point": f"{step} month", "counted": "whole"}})
    one = lp.award(pro_rata.bonus, scored(pro_rata, inputs["score"]), month="8000 元")
    other = lp.award(whole.bonus, scored(whole, inputs["score"]), month="8000 元")

    assert Fraction(expected["bonus_months"]) == one.multiple
    assert (lp.Money.of("8169.60 CNY"), Fraction("8169.6")) == (one.amount, one.exact)
    assert (Fraction("1.021"), lp.Money.of("8168.00 CNY")) == (other.multiple, other.amount)


def test_the_published_example_is_paid_from_its_readings(published: Published) -> None:
    """Cases seed-score-121_2 and seed-bonus-rule in one: the template pays what the two articles come to."""
    holder = lp.template("worked-example").resolve(period=MARCH)
    readings = {"loan_amount": "120万元", "npl_ratio": "2%", "retention_rate": "85%"}
    appraisal = lp.appraise(holder, readings=readings)

    assert case(published, "seed-score-121_2")["expected"]["total"] == str(appraisal.score)
    assert "8169.60 CNY" == str(lp.award(holder.bonus, appraisal, month="8000 元").amount)


def test_a_grade_multiplies_the_pay(published: Published) -> None:
    """Case rcu-grade-coefficients: 2000 yuan times 160% to 40%, by grade."""
    found = case(published, "rcu-grade-coefficients")
    percents = {"special": 160, "g6": 140, "g5": 120, "g4": 100, "g3": 80, "g2": 60, "g1": 40}
    lows = {name: 70 - 10 * index for index, name in enumerate(percents)}
    grades = {name: {"at_least": lows[name], "coefficient": f"{percents[name]}%"} for name in percents}
    plan = {"unit": "share", "curve": [["0 point", "100%"]], "rounding": "half up"}
    actual = {
        name: paid(plan, low, base=f"{found['inputs']['performance_pay']} 元", changed={"grades": grades})
        for name, low in lows.items()
    }

    assert {name: f"{amount}.00 CNY" for name, amount in found["expected"].items()} == actual


def test_grades_multiply_the_pay_where_none_leaves_it_as_it_is() -> None:
    """120% and 80% of 1000 yuan."""
    grades = {"good": {"at_least": 60, "coefficient": "120%"}, "poor": {"at_least": 0, "coefficient": "80%"}}
    plan = {"unit": "share", "curve": [["0 point", "100%"]], "rounding": "half up"}
    found = [paid(plan, score, base="1000 元", changed={"grades": grades}) for score in (60, 59)]

    assert ["1200.00 CNY", "800.00 CNY"] == found


@pytest.mark.parametrize("days", [(10, "30"), ("10", 30), (10,), 10])
def test_days_are_a_pair_of_whole_numbers(days: Any) -> None:
    """Anything else is refused."""
    plan = {"unit": "share", "curve": [["0 point", "100%"]], "rounding": "half up"}
    with pytest.raises(lp.errors.AwardError, match="no pair of whole days"):
        paid(plan, 60, base="1000 元", days=days)


def test_800_points_pay_1400(published: Published) -> None:
    """Case nantong-points: the pass mark pays the base pay at stake and the branch's money; the rest is not known."""
    found = case(published, "nantong-points")
    plan = {
        "unit": "amount",
        "curve": {"knots": [["0 point", "0 元"], ["800 point", "1400 元"]], "shape": "step"},
        "rounding": "half up",
    }

    assert f"{found['expected']['monthly_award']}.00 CNY" == paid(plan, found["inputs"]["points"])
    assert "0.00 CNY" == paid(plan, "799.99")


def of_volume(curve: Document, unit: str) -> lp.schemes.Card:
    """A card whose bonus is read off the attainment of the loan amount."""
    return card(
        {"unit": unit, "of": "loan_amount", "curve": curve, "rounding": "half up"},
        profiles={"standard": {"weights": {"loan_amount": "100%"}, "targets": {"loan_amount": "100万元"}}},
    )


def test_a_quarters_bonus_is_a_share_of_a_base(published: Published) -> None:
    """Case yiyatong-quarter-bonus: 20% from 100% of target, 10% from 80%, nothing at 79%."""
    found = case(published, "yiyatong-quarter-bonus")
    holder = of_volume({"knots": [["0%", "0%"], ["80%", "10%"], ["100%", "20%"]], "shape": "step"}, "share")
    actual = []
    for completion in found["inputs"]["completion"]:
        appraisal = lp.appraise(holder, readings={"loan_amount": lp.Quantity(Fraction(completion) * 10**6, "CNY")})
        actual.append(lp.award(holder.bonus, appraisal, base=f"{found['inputs']['base']} 元").amount.amount)

    assert [Decimal(amount) for amount in found["expected"]["bonus"]] == actual


@pytest.mark.parametrize(
    "code",
    [
        "ty-completion-0.79",
        "ty-completion-0.80",
        "ty-completion-0.99",
        "ty-completion-1.00",
        "ty-completion-1.19",
        "ty-completion-1.21",
    ],
)
def test_a_completion_bonus_is_an_amount_by_bands(published: Published, code: str) -> None:
    """Taiyuan: 600, 1000 and 1300 yuan from 80%, 100% and 120% of a monthly task of a million."""
    found = case(published, code)
    knots = [["0%", "0 元"], ["80%", "600 元"], ["100%", "1000 元"], ["120%", "1300 元"]]
    holder = of_volume({"knots": knots, "shape": "step"}, "amount")
    drawn = lp.Quantity(Fraction(found["inputs"]["completion"]) * 10**6, "CNY")
    appraisal = lp.appraise(holder, readings={"loan_amount": drawn})

    assert Decimal(found["expected"]["bonus"]) == lp.award(holder.bonus, appraisal).amount.amount


def test_the_published_completion_bands_are_closed_below() -> None:
    """80% completion reaches its step, and a hair less does not."""
    knots = [["0%", "0 元"], ["80%", "600 元"]]
    holder = of_volume({"knots": knots, "shape": "step"}, "amount")
    amounts = ["800000 元", "799999.99 元"]
    actual = [lp.award(holder.bonus, lp.appraise(holder, readings={"loan_amount": item})).amount for item in amounts]

    assert [lp.Money.of("600 元"), lp.Money.of("0 元")] == actual


def large_deals(sales: list[Any], minimum: Any) -> Fraction:
    """The sum of the deals of at least a minimum, measured from drawdowns."""
    declared = {
        "large_deals": {
            "dimension": "performance",
            "direction": "higher is better",
            "kind": "money",
            "measure": {
                "over": "loan events",
                "sum": "amount",
                "where": {"event": "disbursed", "amount": {"at_least": f"{minimum} USD"}},
            },
        }
    }
    holder = card(
        None,
        currency="USD",
        indicators=declared,
        profiles={"standard": {"weights": {"large_deals": "100%"}, "targets": {"large_deals": "1 USD"}}},
    )
    facts: list[lp.Fact] = []
    for index, amount in enumerate(sales):
        loan = f"L{index}"
        facts += [
            lp.Loan(loan=loan, customer="C", officer="lin", opened_on="2026-03-01"),
            lp.LoanEvent(loan=loan, kind=lp.EventKind.DISBURSED, on="2026-03-02", amount=f"{amount} USD"),
        ]
    measured = lp.measure(facts, MARCH, [holder.lines[0].indicator], currency="USD")
    return lp.appraise(holder, readings=measured.of("lin")).reading("large_deals")


def per_deal(found: dict[str, Any], sales: list[Any]) -> lp.Award:
    """A share of what the large deals come to."""
    rate = Fraction(str(found["inputs"]["rate"]))
    plan = {"unit": "share", "curve": [["0 point", f"{rate}"]], "rounding": "half up"}
    holder = card(plan, currency="USD")
    base = lp.Quantity(large_deals(sales, found["inputs"]["minimum"]), "USD")
    return lp.award(holder.bonus, scored(holder, 100), base=base)


def test_only_large_deals_count_among_small_ones(published: Published) -> None:
    """Case bonus-se420-per-deal-mixed: the threshold is for each deal, not for the period."""
    found = case(published, "bonus-se420-per-deal-mixed")
    assert lp.Money.of(f"{found['expected']} USD") == per_deal(found, found["inputs"]["sales"]).amount


def test_a_deal_at_the_threshold_counts(published: Published) -> None:
    """Case bonus-se420-per-deal-probationary: 49,999 earns nothing, 50,000 and 50,001 earn 0.5%."""
    found = case(published, "bonus-se420-per-deal-probationary")
    actual = [per_deal(found, [sale]) for sale in found["inputs"]["single_sales"]]

    assert [Fraction(amount) for amount in found["expected"]] == [item.exact for item in actual]
    assert ["0.00 USD", "250.00 USD", "250.01 USD"] == [str(item.amount) for item in actual]


# ── units, base, days ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("score", "expected"),
    [("0", "0.00"), ("-20", "0.00"), ("50", "4000.00"), ("100", "8000.00"), ("101", "8008.00"), ("100.99", "8007.92")],
)
def test_a_plan_in_months_of_salary(score: str, expected: str) -> None:
    """A straight line to 100 points, and a tenth of a percent of a month for each point after."""
    assert f"{expected} CNY" == paid(MONTHS, score)


def test_a_plan_in_amounts_needs_no_salary() -> None:
    """Its curve is money, with the rest of a point in money too."""
    plan = {
        "unit": "amount",
        "curve": [["60 point", "0 元"], ["100 point", "1000 元"]],
        "then": {"per_point": "12.5 元", "counted": "whole"},
        "rounding": "half up",
    }
    holder = card(plan)
    actual = [lp.award(holder.bonus, scored(holder, score)).amount.amount for score in ("60", "80", "100", "102.9")]

    assert [0, 500, 1000, 1025] == actual


def test_a_plan_without_its_base_is_refused() -> None:
    """Each says what to pass; nobody is paid a share of nothing."""
    share = MONTHS | {"unit": "share", "curve": [["0 point", "0%"], ["100 point", "100%"]]}
    cases: list[tuple[Document, Document, str]] = [
        (
            MONTHS,
            {},
            "cannot award: the plan pays in months, and there is nothing to take them of; pass month='8000 元'",
        ),
        (
            MONTHS,
            {"base": "1 元"},
            "cannot award: the plan pays in months, and there is nothing to take them of; pass month='8000 元'",
        ),
        (
            share,
            {},
            "cannot award: the plan pays in shares, and there is nothing to take them of; pass base='10000 元'",
        ),
        (
            MONTHS,
            {"month": "-8000 元"},
            "cannot award: a bonus is taken of -8000.00 CNY; give an amount of zero or more",
        ),
    ]
    for plan, how, expected in cases:
        holder = card(plan)
        with pytest.raises(lp.errors.AwardError) as caught:
            lp.award(holder.bonus, scored(holder, 100), **how)
        assert expected == str(caught.value)
    with pytest.raises(lp.errors.AwardError, match="the scheme has no bonus plan"):
        lp.award(card(None).bonus, scored(card(None), 100))


def test_a_base_in_another_currency_or_form_is_refused() -> None:
    """Dollars are no yuan, a bare number may be fen, a float is no amount, and half a fen cannot be paid."""
    holder = card(MONTHS)
    appraisal = scored(holder, 100)
    wrong: list[tuple[Any, type[Exception]]] = [
        ("8000 USD", lp.errors.UnitError),
        (lp.Money.of("8000 USD"), lp.errors.UnitError),
        ("1 month", lp.errors.UnitError),
        (8000.0, lp.errors.FloatError),
        (8000, lp.errors.UnitError),
        ("8000", lp.errors.UnitError),
        (Decimal(8000), lp.errors.UnitError),
        (Fraction(8000), lp.errors.UnitError),
        ("0.005 元", lp.errors.QuantityError),
        (True, lp.errors.QuantityError),
        ("a lot", lp.errors.QuantityError),
    ]
    for month, error in wrong:
        with pytest.raises(error):
            lp.award(holder.bonus, appraisal, month=month)
    for month in ("8000元", "¥8,000", "RMB 8000", "0.8万元", lp.Money.from_units(800000, "CNY")):
        assert "8000.00 CNY" == str(lp.award(holder.bonus, appraisal, month=month).amount)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(None, "8000.00"), ((31, 31), "8000.00"), ((10, 31), "2580.65"), ((1, 31), "258.06"), ((0, 31), "0.00")],
)
def test_days_in_role_prorate_the_bonus(days: Any, expected: str) -> None:
    """Ten of 31 days earn 2580.645…, rounded once and half up."""
    assert f"{expected} CNY" == paid(MONTHS, 100, month="8000 元", days=days)


@pytest.mark.parametrize("days", [(32, 31), (-1, 31), (1, 0), (1, -31)])
def test_days_that_are_no_part_of_a_period_are_refused(days: Any) -> None:
    """32 days of 31 would pay more than the period."""
    with pytest.raises(lp.errors.AwardError, match="days is no part of a period"):
        paid(MONTHS, 100, month="8000 元", days=days)


@pytest.mark.parametrize(
    ("currency", "rounding", "expected"),
    [
        ("JPY", "half up", "334"),
        ("JPY", "half even", "334"),
        ("JPY", "half down", "333"),
        ("JPY", "up", "334"),
        ("JPY", "down", "333"),
        ("JPY", "ceiling", "334"),
        ("JPY", "floor", "333"),
        ("KWD", "half up", "333.500"),
        ("KWD", "down", "333.500"),
        ("CNY", "half up", "333.50"),
    ],
)
def test_each_currency_rounds_to_its_own_smallest_unit(currency: str, rounding: str, expected: str) -> None:
    """Half of 667 is 333.5: no yen can be halved, and dinars have three places."""
    plan = MONTHS | {"rounding": rounding}
    assert f"{expected} {currency}" == paid(plan, 50, month=f"667 {currency}", changed={"currency": currency})


def test_a_tie_goes_by_the_named_rounding_once() -> None:
    """0.125 and 0.135 of 1 yuan: half even keeps 0.12 and gives 0.14, and nothing is rounded before the end."""
    plan = {"unit": "share", "curve": [["0 point", 0], ["100 point", "100%"]], "rounding": "half even"}

    assert ["0.12 CNY", "0.14 CNY"] == [paid(plan, score, base="1 元") for score in ("12.5", "13.5")]
    third = MONTHS | {"gates": [{"indicator": "par_90", "forfeits": {"knots": [["0%", "2/3"]], "shape": "step"}}]}
    assert "8000.00 CNY" == paid(third, 100, month="24000 元", readings={"par_90": 0})


# ── gates, caps, floors and their order ─────────────────────────────────────────────────────────────────────

HAIR = Fraction(1, 10**12)


@pytest.mark.parametrize(
    ("npl", "expected"),
    [
        (Fraction(0), "8000.00"),
        (Fraction("0.015"), "8000.00"),
        (Fraction("0.015") + HAIR, "5600.00"),
        (Fraction("0.02"), "5600.00"),
        (Fraction("0.02") + HAIR, "4000.00"),
        (Fraction("0.025"), "4000.00"),
        (Fraction("0.025") + HAIR, "0.00"),
        (Fraction(1), "0.00"),
    ],
)
def test_the_ladder_of_the_npl_ratio_at_its_rungs(npl: Fraction, expected: str) -> None:
    """No forfeit to 1.5%, 30% above it, 50% above 2%, all above 2.5%: on the exact ratio, not a rounded one."""
    assert f"{expected} CNY" == paid(MONTHS | {"gates": [GATE]}, 100, month="8000 元", readings={"npl_ratio": npl})


def test_gates_take_their_share_of_what_is_left() -> None:
    """30% and then 50% leave 35%, in either order; both are said."""
    second = {"indicator": "overdue_ratio", "forfeits": {"knots": [["0%", "0%"], ["5%", "50%"]], "shape": "step"}}
    readings = {"npl_ratio": "1.6%", "overdue_ratio": "5%"}
    for gates in ([GATE, second], [second, GATE]):
        holder = card(MONTHS | {"gates": gates})
        found = lp.award(holder.bonus, scored(holder, 100, **readings), month="8000 元")

        assert "2800.00 CNY" == str(found.amount)
        assert 2 == sum(step.rule == "award.gate" for step in found.steps)


def test_gates_come_before_caps() -> None:
    """Three months, halved, capped at one: 8000. Capped first it would be 4000, and the order is stated."""
    plan = MONTHS | {"curve": [["0 point", 0], ["100 point", 3]], "gates": [GATE], "cap": "1 month"}
    assert "8000.00 CNY" == paid(plan, 100, readings={"npl_ratio": "2.4%"}, month="8000 元")
    assert "5600.00 CNY" == paid(
        plan | {"curve": [["0 point", 0], ["100 point", 1]]}, 100, readings={"npl_ratio": "1.6%"}, month="8000 元"
    )


def test_the_grade_comes_before_the_gates_and_the_cap() -> None:
    """One month, times 1.5, less 30%, is 1.05 months: the cap of one month cuts it. The grade is not put on top."""
    grades = {"A": {"at_least": 0, "coefficient": "150%"}}
    plan = MONTHS | {"gates": [GATE], "cap": "1 month"}
    assert "8000.00 CNY" == paid(plan, 100, readings={"npl_ratio": "1.6%"}, month="8000 元", changed={"grades": grades})


def test_the_floor_comes_last() -> None:
    """What a gate took away, the floor gives back up to its amount."""
    plan = MONTHS | {"gates": [GATE], "floor": "1500 元"}
    assert "1500.00 CNY" == paid(plan, 100, readings={"npl_ratio": "3%"}, month="8000 元")
    assert "1500.00 CNY" == paid(plan, 10, readings={"npl_ratio": "0%"}, month="8000 元")
    assert "1600.00 CNY" == paid(plan, 20, readings={"npl_ratio": "0%"}, month="8000 元")


@pytest.mark.parametrize(
    ("bound", "score", "expected"),
    [
        ({"cap": "1.5 month"}, 200, "12000.00"),
        ({"cap": "150%"}, 200, "12000.00"),
        ({"cap": "9000 元"}, 200, "9000.00"),
        ({"cap": "1万元"}, 113, "9040.00"),
        ({"floor": "0.5 month"}, 10, "4000.00"),
        ({"floor": "300 元"}, 1, "300.00"),
    ],
)
def test_limits_in_months_shares_and_money(bound: Document, score: int, expected: str) -> None:
    """A cap of one and a half months is 12,000 of a salary of 8,000."""
    plan = MONTHS | {"then": {"per_point": "1%", "counted": "pro rata"}} | bound
    assert f"{expected} CNY" == paid(plan, score)


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        ({"cap": "0.5 month"}, "1290.32"),
        ({"cap": "3100 元"}, "1000.00"),
        ({"floor": "2 month"}, "5161.29"),
        ({"floor": "31000 元"}, "10000.00"),
    ],
)
def test_days_in_role_prorate_limits_too(bound: Document, expected: str) -> None:
    """A cap is for a full period: ten days of a month have ten days of its cap."""
    assert f"{expected} CNY" == paid(MONTHS | bound, 100, month="8000 元", days=(10, 31))


def test_a_gate_without_its_reading_is_refused() -> None:
    """Nobody passes a gate that was not looked at."""
    holder = card(MONTHS | {"gates": [GATE]})
    nothing = lp.Reading(indicator="npl_ratio", numerator=Fraction(0), denominator=Fraction(0))
    for appraisal in (scored(holder, 100), scored(holder, 100, npl_ratio=nothing)):
        with pytest.raises(lp.errors.MissingReadingError, match="'npl_ratio'"):
            lp.award(holder.bonus, appraisal, month="8000 元")


def test_a_bonus_of_an_attainment_that_there_is_not_is_refused() -> None:
    """The reading counts as zero in the score; that is no attainment to be paid for."""
    scoring = {"default": {"places": 1, "rounding": "half up", "missing": "zero"}}
    weights = {"loan_amount": "50%", "sales_index": "50%"}
    holder = card(
        {"unit": "month", "of": "loan_amount", "curve": [["0%", 0], ["100%", 1]], "rounding": "half up"},
        scoring=scoring,
        profiles={"standard": {"weights": weights, "targets": {"sales_index": "100%"}}},
    )
    with pytest.raises(lp.errors.AwardError, match="'loan_amount' has no attainment"):
        lp.award(holder.bonus, scored(holder, 100), month="8000 元")


# ── promises ────────────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def plans(draw: st.DrawFn) -> Document:
    """A plan by which more score never pays less, with gates, limits and any rounding."""
    xs = sorted(draw(st.lists(st.integers(-50, 150), min_size=1, max_size=4, unique=True)))
    ys = sorted(draw(st.lists(st.integers(0, 300), min_size=len(xs), max_size=len(xs))))
    curve: Document = {
        "knots": [[f"{x} point", f"{y}%"] for x, y in zip(xs, ys, strict=True)],
        "shape": draw(st.sampled_from(["step", "linear"])),
        "closed": draw(st.sampled_from(["left", "right"])),
    }
    if draw(st.booleans()):
        per_point = f"{draw(st.integers(0, 50))} bp"
        curve["then"] = {"per_point": per_point, "counted": draw(st.sampled_from(["pro rata", "whole"]))}
    limits = sorted(draw(st.lists(st.integers(0, 300), max_size=2, unique=True)))
    return {
        "unit": draw(st.sampled_from(["month", "share"])),
        "curve": curve,
        "rounding": draw(st.sampled_from([item.value for item in lp.Rounding])),
        "gates": draw(st.sampled_from([[], [GATE]])),
        **dict(zip(["floor", "cap"], [f"{limit}%" for limit in limits], strict=False)),
    }


SCORES = st.decimals(-100, 200, places=2)
SALARIES = st.integers(0, 10**7).map(lambda fen: lp.Money.from_units(fen, "CNY"))
NPL = st.fractions(0, Fraction(1, 20), max_denominator=10_000)
DAYS = st.none() | st.integers(0, 31).map(lambda held: (held, 31))


@given(plans(), st.tuples(SCORES, SCORES).map(sorted), SALARIES, NPL, DAYS)
@example(MONTHS, [Decimal("99.99"), Decimal(100)], lp.Money.from_units(800000, "CNY"), Fraction(0), None)
def test_more_score_never_pays_less(plan: Document, scores: Any, salary: lp.Money, npl: Any, days: Any) -> None:
    """Where the curve rises, no rounding, gate, limit or grade turns it round."""
    grades = {"A": {"at_least": 90, "coefficient": "120%"}, "B": {"at_least": 0}}
    holder = card(plan, grades=grades)
    low, high = (
        lp.award(holder.bonus, scored(holder, score, npl_ratio=npl), month=salary, base=salary, days=days)
        for score in scores
    )

    assert low.amount <= high.amount
    assert low.exact <= high.exact


@given(plans(), SCORES, SALARIES, st.tuples(NPL, NPL).map(sorted), DAYS)
def test_more_risk_never_pays_more(plan: Document, score: Any, salary: lp.Money, npl: Any, days: Any) -> None:
    """A ladder that forfeits more with each rung never rewards a worse ratio."""
    holder = card(plan | {"gates": [GATE]})
    low, high = (
        lp.award(holder.bonus, scored(holder, score, npl_ratio=ratio), month=salary, base=salary, days=days)
        for ratio in npl
    )

    assert low.amount >= high.amount


@given(plans(), SCORES, SALARIES, NPL, DAYS)
def test_the_amount_is_the_exact_one_rounded_once(
    plan: Document, score: Any, salary: lp.Money, npl: Any, days: Any
) -> None:
    """Recomputed here from the curve, in the stated order: gross, grade, days, gate, cap, floor, rounding."""
    holder = card(plan, grades={"A": {"at_least": 0, "coefficient": "120%"}})
    appraisal = scored(holder, score, npl_ratio=npl)
    found = lp.award(holder.bonus, appraisal, month=salary, base=salary, days=days)
    bonus = holder.bonus
    assert bonus is not None
    part = Fraction(*days) if days else Fraction(1)
    amount = bonus.curve.at(Fraction(appraisal.score)) * salary.exact * Fraction(12, 10) * part
    if plan["gates"]:
        amount *= 1 - sum(
            share
            for limit, share in [("0.015", Fraction(3, 10)), ("0.02", Fraction(1, 5)), ("0.025", Fraction(1, 2))]
            if npl > Fraction(limit)
        )
    if bonus.cap is not None:
        amount = min(amount, bonus.cap.value * salary.exact * part)
    if bonus.floor is not None:
        amount = max(amount, bonus.floor.value * salary.exact * part)

    assert amount == found.exact
    assert lp.Money.rounded(amount, "CNY", bonus.rounding) == found.amount
    assert abs(found.amount.exact - found.exact) < Fraction(1, 100)


def test_the_decimal_context_of_the_host_makes_no_difference() -> None:
    """Three digits of precision elsewhere do not cost a salesperson 1.60 yuan."""
    with decimal.localcontext(decimal.Context(prec=3)):
        amount = paid(MONTHS, "121.2")
    assert "8169.60 CNY" == amount


# ── a pool ──────────────────────────────────────────────────────────────────────────────────────────────────


def members(scores: dict[str, Any], **changed: Any) -> list[lp.Appraisal]:
    """Appraisals with these scores."""
    holder = card(None, **changed)
    return [scored(holder, score, payee) for payee, score in scores.items()]


def shared(pool: str, scores: dict[str, Any], **how: Any) -> dict[str, str]:
    """What each gets of a pool."""
    found = lp.share_pool(lp.Money.of(pool), members(scores, **how.pop("changed", {})), **how)
    return {item.payee: str(item.amount.amount) for item in found}


def test_a_pool_is_divided_by_score_and_grade() -> None:
    """Weights of 100 and 50 times 120%, and 30: 100, 60 and 30 parts of 190."""
    grades = {"A": {"at_least": 50, "coefficient": "120%"}, "B": {"at_least": 0}}
    holder = card(None, grades=grades)
    found = lp.share_pool(
        lp.Money.of("1900 元"), [scored(holder, 30, "c"), scored(holder, 50, "b"), scored(holder, "250/3", "a")]
    )

    assert ["a", "b", "c"] == [item.payee for item in found]
    assert [Fraction("99.996"), 60, 30] == [item.multiple for item in found]
    assert lp.Money.of("1900 元").exact == sum(item.amount.exact for item in found)
    assert "300.01 of the pool" not in found[2].explain().text()


def test_a_fen_that_cannot_be_divided_goes_where_it_is_stated() -> None:
    """By remainder, then by weight, then by code; 33.34 + 33.33 + 33.33 is 100.00."""
    assert {"a": "33.34", "b": "33.33", "c": "33.33"} == shared("100 元", {"c": 10, "b": 10, "a": 10})
    assert {"a": "33.33", "b": "33.33", "c": "33.34"} == shared("100 元", {"a": 1, "b": 1, "c": 1}, tie_break="last")
    assert {"a": "33", "b": "17"} == shared("50 JPY", {"a": 2, "b": 1})


def test_nobody_is_paid_for_a_score_below_zero() -> None:
    """Nor does it take from the others."""
    assert {"a": "0.00", "b": "100.00"} == shared("100 元", {"a": -50, "b": 10})
    with pytest.raises(lp.errors.AllocationError, match="no weight is above zero"):
        shared("100 元", {"a": -50, "b": 0})
    with pytest.raises(lp.errors.AllocationError):
        shared("100 元", {})


def test_floors_and_caps_of_a_pool_are_paid_by_the_others() -> None:
    """In proportion; what cannot be is refused."""
    yuan = {code: lp.Money.of(f"{code} 元") for code in ("10", "40", "60", "99")}
    scores = {"a": 80, "b": 10, "c": 10}

    assert {"a": "40.00", "b": "30.00", "c": "30.00"} == shared("100 元", scores, caps={"a": yuan["40"]})
    assert {"a": "53.33", "b": "40.00", "c": "6.67"} == shared("100 元", scores, floors={"b": yuan["40"]})
    with pytest.raises(lp.errors.AllocationError, match="the floors come to more"):
        shared("100 元", scores, floors={"a": yuan["60"], "b": yuan["60"]})
    with pytest.raises(lp.errors.AllocationError, match="the caps come to less"):
        shared("100 元", scores, caps=dict.fromkeys(scores, yuan["10"]))
    with pytest.raises(lp.errors.AllocationError):
        shared("100 元", scores, floors={"a": yuan["60"]}, caps={"a": yuan["40"]})


def test_a_pool_is_shared_by_those_it_names_in_its_own_currency() -> None:
    """A cap for a misspelt code would cap nobody, and a payee who comes twice would be paid twice."""
    with pytest.raises(lp.errors.AwardError, match="'lynn' has a floor, cap or calibration but no appraisal"):
        shared("100 元", {"lin": 10}, caps={"lynn": lp.Money.of("1 元")})
    with pytest.raises(lp.errors.UnitError):
        shared("100 元", {"lin": 10}, caps={"lin": lp.Money.of("1 USD")})
    with pytest.raises(lp.errors.AwardError, match="'lin' has 2 appraisals"):
        lp.share_pool(lp.Money.of("1 元"), members({"lin": 1}) * 2)


@given(
    st.integers(0, 10**9),
    st.dictionaries(st.sampled_from("abcdef"), st.integers(-20, 150), min_size=1),
    st.lists(st.integers(0, 10**6), min_size=6, max_size=6),
    st.sampled_from(["first", "last", "largest weight", "smallest weight"]),
)
def test_the_parts_of_a_pool_sum_to_it_within_their_bounds(
    fen: int, scores: dict[str, int], bounds: list[int], tie_break: Any
) -> None:
    """To the fen, in any order of payees, whatever bounds can be kept."""
    pool = lp.Money.from_units(fen, "CNY")
    held = members(scores)
    floors = {payee: lp.Money.from_units(min(low, fen // 6), "CNY") for payee, low in zip(scores, bounds, strict=False)}
    caps = {payee: floor + lp.Money.from_units(fen, "CNY") for payee, floor in floors.items()}
    if not any(score > 0 for score in scores.values()):
        return
    plain = lp.share_pool(pool, held, tie_break=tie_break)
    assert pool == sum((item.amount for item in plain), lp.Money.from_units(0, "CNY"))
    assert all(abs(item.amount.exact - item.exact) < Fraction(1, 100) for item in plain)
    assert plain == lp.share_pool(pool, held[::-1], tie_break=tie_break)
    try:
        bounded = lp.share_pool(pool, held, tie_break=tie_break, floors=floors, caps=caps)
    except lp.errors.AllocationError:
        return
    assert pool == sum((item.amount for item in bounded), lp.Money.from_units(0, "CNY"))
    for item in bounded:
        assert floors[item.payee] <= item.amount <= caps[item.payee]


def test_what_caps_cut_of_a_pool_stays_or_is_carried() -> None:
    """By hand: 80, 10 and 10 of 100, of which 40 at most: 40 is not spread, and the next pool of 100 has 140.

    Of it 112, 14 and 14: with the cap 40, 14 and 14, and 72 are left.
    """
    scores, caps = {"a": 80, "b": 10, "c": 10}, {"a": lp.Money.of("40 元")}
    for left in ("stays", "carried"):
        assert {"a": "40.00", "b": "10.00", "c": "10.00"} == shared("100 元", scores, caps=caps, left=left)
    assert {"a": "40.00", "b": "14.00", "c": "14.00"} == shared("140 元", scores, caps=caps, left="carried")
    assert {"a": "40.00", "b": "30.00", "c": "30.00"} == shared("100 元", scores, caps=caps, left="spread")
    low = dict.fromkeys(scores, lp.Money.of("5 元"))
    assert {"a": "5.00", "b": "5.00", "c": "5.00"} == shared("100 元", scores, caps=low, left="stays")

    (first, *_) = lp.share_pool(lp.Money.of("100 元"), members(scores), caps=caps, left="carried")
    assert "40.00 CNY above that is carried to the next pool" in first.explain().text()
    (first, *_) = lp.share_pool(lp.Money.of("100 元"), members(scores), caps=caps, left="stays")
    assert "超出部分 40.00 元 留存，不再分配" in first.explain().text("zh")
    with pytest.raises(lp.errors.AwardError, match="left is 'lost'; say 'spread', 'stays' or 'carried'"):
        shared("100 元", scores, left="lost")


def test_a_pool_is_distributed_by_hand_to_the_fen() -> None:
    """二次分配: a lead sets 70, 20 and 10 in the place of 80, 10 and 10; both languages say who, and why."""
    scores = {"a": 80, "b": 10, "c": 10}
    yuan = {code: lp.Money.of(amount) for code, amount in {"a": "70 元", "b": "20 元", "c": "10 元"}.items()}
    said = lp.schemes.ByHand(amounts=yuan, by="chen", why="b covered for c")
    assert {"a": "70.00", "b": "20.00", "c": "10.00"} == shared("100 元", scores, by_hand=said)
    found = lp.share_pool(lp.Money.of("100 元"), members(scores), by_hand=said)
    assert "distributed by hand by chen: 20.00 CNY for 10.00 CNY, b covered for c" in found[1].explain().text()
    assert "chen 二次分配：由 10.00 元 改为 20.00 元，b covered for c" in found[1].explain().text("zh")
    entries = lp.settle(lp.Ledger(), lp.Accruals(through=MARCH, lines=()), period=MARCH, awards=found)
    assert lp.Money.of("100 元") == sum((entry.amount for entry in entries), lp.Money.from_units(0, "CNY"))


@pytest.mark.parametrize(
    ("amounts", "says"),
    [
        ({"a": "70 元", "b": "20 元", "c": "9.99 元"}, "sum to 99.99 CNY, 0.01 CNY away from the pool of 100.00 CNY"),
        ({"a": "70 元", "b": "30 元"}, "'c' has an amount by hand or an appraisal, and not both; state one amount for"),
        ({"a": "70 元", "b": "20 元", "c": "10 元", "d": "0 元"}, "'d' has an amount by hand or an appraisal"),
        ({"a": "110 元", "b": "-20 元", "c": "10 元"}, "-20.00 CNY by hand for 'b' is outside the bounds"),
        ({"a": "50 元", "b": "40 元", "c": "10 元"}, "40.00 CNY by hand for 'b' is outside the bounds; keep its floor"),
    ],
)
def test_amounts_by_hand_must_sum_to_the_pool(amounts: dict[str, str], says: str) -> None:
    """A fen too few stays nowhere, and a fen too many comes from nowhere."""
    said = lp.schemes.ByHand(amounts={code: lp.Money.of(text) for code, text in amounts.items()}, by="chen", why="x")
    with pytest.raises(lp.errors.AwardError, match=says):
        shared("100 元", {"a": 80, "b": 10, "c": 10}, by_hand=said, caps={"b": lp.Money.of("30 元")})
    with pytest.raises(lp.errors.DataError, match="say who distributes by hand, and why"):
        lp.schemes.ByHand(amounts={}, by="chen", why=" ")


# ── explanations ────────────────────────────────────────────────────────────────────────────────────────────

FULL = MONTHS | {
    "curve": [["0 point", 0], ["100 point", 3]],
    "gates": [GATE, {"indicator": "par_90", "forfeits": {"knots": [["0%", "0%"], ["5%", "1/3"]], "shape": "step"}}],
    "cap": "1 month",
    "floor": "2667 元",
}
GRADES = {"A": {"at_least": 0, "name": {"en": "fair", "zh": "合格"}, "coefficient": "120%"}}


def full_award(payee: str = "lin") -> lp.Award:
    """An award on the way to which everything happens."""
    holder = card(FULL, grades=GRADES)
    appraisal = scored(holder, "121.2", payee, npl_ratio="1.6%", par_90="5%")
    return lp.award(holder.bonus, appraisal, month="8000 元", days=(10, 31))


def test_every_step_of_an_award_is_said_in_order() -> None:
    """What a salesperson can check with a pocket calculator, in both languages."""
    found = full_award()

    assert [
        "3.0212 months from the curve at 121.2 points",
        "3.0212 × 8000 CNY = 24169.6 CNY",
        "grade fair: × 120% = 29003.52 CNY",
        "10 of 31 days in role: × ≈32.2581% = 1450176/155 CNY",
        "gate: NPL ratio at 1.6% forfeits 30%, 2175264/775 CNY; 5075616/775 CNY is left",
        "gate: PAR90 at 5% forfeits ≈33.3333%, 1691872/775 CNY; 3383744/775 CNY is left",
        "cap 80000/31 CNY: 1383744/775 CNY is lost",
        "80000/31 rounded to 2580.65 CNY, half up",
    ] == [step.sentence() for step in found.steps]
    assert [
        "award.curve",
        "award.base",
        "award.grade",
        "award.days",
        "award.gate",
        "award.gate",
        "award.cap",
        "award.rounded",
    ] == [step.rule for step in found.steps]
    assert "2580.65 CNY" == str(found.amount)
    assert "bonus of lin in 2026-03: 2580.65 CNY" == found.explain().sentence()
    assert "score" == found.explain().because[-1].rule


def test_a_step_that_changes_nothing_is_not_said_but_a_gate_that_was_passed_is() -> None:
    """A reader learns that the gate was looked at."""
    holder = card(MONTHS | {"gates": [GATE], "cap": "2 month", "floor": "1 元"})
    found = lp.award(holder.bonus, scored(holder, 100, npl_ratio="1.5%"), month="8000 元")

    assert [
        "1 month from the curve at 100 points",
        "1 × 8000 CNY = 8000 CNY",
        "gate: NPL ratio at 1.5% forfeits nothing",
    ] == [step.sentence() for step in found.steps]
    assert [
        "曲线取值 1 个月（取值点：100 分）",
        "1 × 8,000 元 = 8,000 元",
        "门槛：不良率为 1.5%，不扣减",
    ] == [step.sentence("zh") for step in found.steps]


def test_cap_and_floor_say_what_they_took_and_gave() -> None:
    """In money, to the fen or exact."""
    capped, floored = card(MONTHS | {"cap": "7000 元"}), card(MONTHS | {"floor": "9000 元"})
    one = lp.award(capped.bonus, scored(capped, 100), month="8000 元").steps[-1]
    other = lp.award(floored.bonus, scored(floored, 100), month="8000 元").steps[-1]

    assert ("cap 7000 CNY: 1000 CNY is lost", "封顶 7,000 元：超出的 1,000 元 不发") == (
        one.sentence(),
        one.sentence("zh"),
    )
    assert ("floor 9000 CNY: 1000 CNY is added", "保底 9,000 元：补足 1,000 元") == (
        other.sentence(),
        other.sentence("zh"),
    )


def test_a_grade_without_a_name_is_named_by_its_code() -> None:
    """An explanation with a gap explains nothing."""
    holder = card(MONTHS, grades={"A": {"at_least": 0, "coefficient": "120%"}})
    found = lp.award(holder.bonus, scored(holder, 100), month="8000 元")

    assert "grade A: × 120% = 9600 CNY" == found.steps[-1].sentence()


def nodes(node: lp.Explanation) -> Iterator[lp.Explanation]:
    """A node and all below it."""
    yield node
    for child in node.because:
        yield from nodes(child)


@given(plans(), SCORES, SALARIES, NPL, DAYS)
def test_the_steps_of_an_award_lead_to_its_amount(
    plan: Document, score: Any, salary: lp.Money, npl: Any, days: Any
) -> None:
    """Gross, what is left of it, and limits follow from each other, and the last of them is what is paid."""
    holder = card(plan)
    found = lp.award(holder.bonus, scored(holder, score, npl_ratio=npl), month=salary, base=salary, days=days)
    amount = Fraction(0)
    for step in found.steps:
        value = {name: str(shown) for name, shown in step.values}
        if step.rule in ("award.base", "award.days"):
            amount = lp.quantity(value["gross"]).value
        elif step.rule == "award.gate":
            assert amount == lp.quantity(value["forfeited"]).value + lp.quantity(value["left"]).value
            amount = lp.quantity(value["left"]).value
        elif step.rule in ("award.cap", "award.floor"):
            change = value["lost"] if step.rule == "award.cap" else value["added"]
            assert abs(amount - lp.quantity(value["limit"]).value) == lp.quantity(change).value
            amount = lp.quantity(value["limit"]).value
        elif step.rule == "award.rounded":
            assert amount == lp.quantity(value["exact"]).value

    assert amount == found.exact
    assert str(found.amount) == dict(found.explain().values)["amount"]


def test_an_award_is_stored_and_shown_safely() -> None:
    """It reads back from JSON, and a hostile name is text in a browser."""
    found = full_award("<script>alert(1)</script>")
    tree = found.explain()

    assert tree == lp.Explanation.from_data(json.loads(tree.json()))
    for html in (found._repr_html_(), tree.html("zh")):
        assert "<script" not in html
        assert "&lt;script&gt;" in html


def test_the_chinese_text_has_no_english_of_ours() -> None:
    """Codes stay as the host chose them; every word of a rule is Chinese."""
    text = re.sub(r"版本 [0-9a-f]{12}", "", full_award("林").explain().text("zh"))
    assert {"branch", "standard", "A"} == set(re.findall(r"[A-Za-z_]+", text))


def test_a_pool_says_how_it_was_divided() -> None:
    """The part, the whole, and whose bounds were kept."""
    found = lp.share_pool(lp.Money.of("100 元"), members({"a": 80, "b": 20}), caps={"a": lp.Money.of("60 元")})

    assert [
        ["60.00 CNY of the pool 100.00 CNY: share 80 of 100", "no part of the pool above 60.00 CNY"],
        ["40.00 CNY of the pool 100.00 CNY: share 20 of 100"],
    ] == [[step.sentence() for step in item.steps] for item in found]
    assert "从奖金池 100.00 元 分得 40.00 元：份额 20 / 100" in found[1].explain().text("zh")


# ── limits that regulators set ──────────────────────────────────────────────────────────────────────────────


REGULATED = ("regz-10pct-A", "regz-10pct-ok-100k", "regz-10pct-max-16500", "regz-10pct-max-18333")


@pytest.mark.parametrize("case", REGULATED)
def test_a_bonus_of_at_most_a_tenth_of_pay(published: list[dict[str, Any]], case: str) -> None:
    """12 CFR 1026.36(d) permits a profits-based bonus of up to 10% of total compensation, itself counted or not."""
    (found,) = (item for item in published if item["id"] == case)
    inputs, expected = found["inputs"], found["expected"]
    counted = inputs.get("include_contribution", True)
    parts = ["salary", "commissions", *(["contribution", "plan_contribution"] if counted else [])]
    others = lp.Money.of(f"{sum(int(inputs.get(name, 0)) for name in parts)} USD")
    with_bonus = inputs.get("include_bonus", True)
    limit = lp.bonus_limit(others, "10%", total="with the bonus" if with_bonus else "without it")
    if "max_bonus" in expected:
        assert lp.Money.of(f"{expected['max_bonus']} USD") == limit
    else:
        bonus = lp.Money.of(f"{inputs.get('bonus_cash') or inputs['profit_bonus']} USD")
        assert lp.Money.of(f"{expected['total']} USD") == others + bonus
        assert expected["permitted"] == (bonus <= limit)
        assert lp.Money.from_units(bonus.units + 1, "USD") > limit


@pytest.mark.parametrize(
    ("others", "share", "total", "said"),
    [
        ("1000 USD", "100%", "with the bonus", "has no limit"),
        ("1000 USD", "0%", "with the bonus", "has no limit"),
        ("-1 USD", "10%", "without it", "has no limit"),
        ("1000 USD", "10%", "all", "'all'; say 'with the bonus' or 'without it'"),
    ],
)
def test_a_limit_that_is_none_is_refused(others: str, share: str, total: Any, said: str) -> None:
    """All of pay as a bonus divides by zero; an unknown word must not mean one of the two."""
    with pytest.raises(lp.errors.AwardError, match=said):
        lp.bonus_limit(lp.Money.of(others), share, total=total)


def test_the_limit_of_a_bonus_is_read_from_text() -> None:
    """A tenth of the total of 165,000 and the bonus is a ninth of the 165,000; a bare number is no pay."""
    assert lp.Money("18333.33 USD") == lp.bonus_limit("165000 USD", "10%", total="with the bonus")
    assert lp.Money("16500.00 USD") == lp.bonus_limit("165000 USD", "10%", total="without it")
    bare: list[Any] = ["165000", 165000]
    for pay in bare:
        with pytest.raises(lp.errors.UnitError, match="it must be in a currency"):
            lp.bonus_limit(pay, "10%", total="with the bonus")
    with pytest.raises(lp.errors.QuantityError, match="write '10%' or '1000%'"):
        lp.bonus_limit("165000 USD", 10, total="with the bonus")


def test_a_bonus_above_the_limit_is_refused_with_what_is_above_it() -> None:
    """A ninth of 165,000 is 18,333.33: a cent more is refused, and 20,000 is 1,666.67 above it; 18,333.33 is not."""
    how: dict[str, Any] = {"total": "with the bonus"}
    assert lp.Money("18333.33 USD") == lp.bonus_limit("165000 USD", "10%", bonus="18333.33 USD", **how)
    for bonus, above in (("18333.34 USD", "0.01"), ("20000 USD", "1666.67")):
        with pytest.raises(lp.errors.AwardError) as caught:
            lp.bonus_limit("165000 USD", "10%", bonus=bonus, **how)
        assert (
            f"cannot award: a bonus of {lp.Money(bonus)} is {above} USD above 18333.33 USD, which is 10% of pay"
            " with the bonus; pay 18333.33 USD at most, or count other pay"
        ) == str(caught.value)
    with pytest.raises(lp.errors.UnitError):
        lp.bonus_limit("165000 USD", "10%", bonus="20000 CNY", **how)
    assert lp.Money("16500 USD") == lp.bonus_limit("165000 USD", "10%", total="without it", bonus=lp.Money("16500 USD"))


def test_awards_are_asked_by_payee_and_shown_in_yuan() -> None:
    """Who learnt to ask readings or accruals knows how to ask bonuses."""
    holder = card(MONTHS)
    made = [lp.award(holder.bonus, scored(holder, 90, payee), month="8000 元") for payee in ("wu", "lin")]
    found = lp.Awards.gathered(made)

    assert made == [*found]
    assert (2, (made[1],), ()) == (len(found), found.of("lin"), found.of("he"))
    assert made[1].explain() == found.explain("lin")
    assert {"payee": ["wu", "lin"], "amount": [7200.0] * 2, "currency": ["CNY"] * 2, "period": ["2026-03"] * 2} == {
        name: column.tolist() for name, column in found.frame().items()
    }
    assert [720_000, 720_000] == found.columns["amount"].values.tolist()
    assert [] == [*lp.Awards.gathered([])]
    assert "Awards(2)" == repr(found)
    with pytest.raises(lp.errors.UnknownPayeeError, match="a payee 'he'; known: lin, wu"):
        found.explain("he")
