"""Appraisals: a score is right to the last digit, never rises with worse work, and says where it came from."""

import decimal
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import loanperf as lp

Document = dict[str, Any]
Published = list[dict[str, Any]]
MARCH = lp.Period.month(2026, 3)
EXAMPLE = {"loan_amount": "120万元", "npl_ratio": "2%", "retention_rate": "85%"}


def case(published: Published, code: str) -> dict[str, Any]:
    """One published case by its id."""
    (found,) = (item for item in published if item["id"] == code)
    return found


def card(weights: Document, scoring: Document | None = None, **changed: Any) -> lp.schemes.Card:
    """A card of a scheme with these weights in percent; one decimal place, half even, nothing capped."""
    document: Document = {
        "name": "branch",
        "currency": "CNY",
        "effective": "2026-01-01",
        "profiles": {"standard": {"weights": {code: f"{weight}%" for code, weight in weights.items()}}},
        "scoring": {"default": {"places": 1, "rounding": "half even"}} | (scoring or {}),
    }
    return lp.schemes.scheme_of(document | changed).resolve(period=MARCH)


def one(code: str = "loan_amount", **scoring: Any) -> lp.schemes.Card:
    """A card with one indicator, scored in this way."""
    default = {"places": 1, "rounding": "half even"}
    return card({code: 100}, {code: scoring} if scoring else {"default": default})


def points(found: lp.Appraisal) -> dict[str, str]:
    """The points by indicator, as printed."""
    return {scored.line.indicator.code: str(scored.points) for scored in found.lines}


# ── the published example ───────────────────────────────────────────────────────────────────────────────────


def worked_example() -> lp.schemes.Card:
    """The card of the published example."""
    return lp.template("worked-example").resolve(period=MARCH)


def test_the_published_example_comes_out_to_the_digit(published: Published) -> None:
    """Case seed-score-121_2: 60, 40 and 21.2 make 121.2."""
    found = case(published, "seed-score-121_2")
    inputs, expected = found["inputs"], found["expected"]
    readings: Document = {
        "loan_amount": lp.Quantity(Fraction(inputs["loan_completion"]) * 1_000_000, "CNY"),
        "npl_ratio": Decimal(inputs["npl_ratio"]),
        "retention_rate": Decimal(inputs["retention"]),
    }
    targets: Document = {
        "loan_amount": "100万元",
        "npl_ratio": Decimal(inputs["npl_control_target_same_paragraph"]),
        "retention_rate": "80%",
    }
    appraisal = lp.appraise(worked_example(), targets, readings, payee="lin")

    assert [expected["loan_points"], expected["npl_points"], expected["retention_points"]] == [
        f"{scored.points.normalize():f}" for scored in appraisal.lines
    ]
    assert expected["total"] == str(appraisal.score)
    assert [Fraction(60), Fraction(40), Fraction("21.25")] == [scored.exact for scored in appraisal.lines]
    assert [Fraction("1.2"), Fraction(2, 3), Fraction("1.0625")] == [scored.attainment for scored in appraisal.lines]


def example_facts() -> list[lp.Fact]:
    """Facts of a March in which lin signed 1.2 million, holds 2% bad loans, and kept 17 of 20 customers."""
    facts: list[lp.Fact] = []
    for number, (signed, balance) in enumerate([("70万元", "600000 元"), ("30万元", "380000 元"), ("20万元", "2万元")]):
        loan = f"L{number}"
        facts += [
            lp.Loan(loan=loan, customer=f"C{number}", officer="lin", opened_on="2026-02-20"),
            lp.LoanEvent(loan=loan, kind=lp.EventKind.SIGNED, on="2026-03-02", amount=signed),
            lp.Balance(loan=loan, on="2026-03-31", outstanding=balance),
        ]
    bad = lp.EventKind.CLASSIFIED
    facts.append(lp.LoanEvent(loan="L2", kind=bad, on="2026-03-30", category=lp.Category.SUBSTANDARD))
    for number in range(20):
        until = "2026-03-15" if number < 3 else None
        facts.append(lp.Customer(customer=f"C{number}", officer="lin", since="2025-01-01", until=until))
    return facts


def test_the_published_example_comes_out_to_the_digit_from_facts() -> None:
    """From contracts, balances, a classification and a customer book; the explanation goes down to each of them."""
    scheme = worked_example()
    indicators = [line.indicator for line in scheme.lines]
    measured = lp.measure(example_facts(), MARCH, indicators, currency="CNY")
    appraisal = lp.appraise(scheme, readings=measured.of("lin"), payee="lin")

    assert () == measured.problems
    assert [lp.quantity("120万元"), lp.quantity("2%"), lp.quantity("85%")] == [
        reading.value for reading in appraisal.readings
    ]
    assert "121.2" == str(appraisal.score)
    text = appraisal.explain().text()
    assert "NPL ratio = 20000 / 1000000 = 2%, from 3 facts" in text
    assert "event L2 signed 2026-03-02: 200000" in text
    assert "customer C19 2025-01-01: 1 of 1" in text
    assert "from 20 facts" in text


ENGLISH = """\
score of lin in 2026-03: 121.2 points
├─ scheme worked example, version {version} (2026-01-01); profile standard
├─ loan amount: 60.0 points = 50 × 1200000 CNY / 1000000 CNY
│  ├─ 120% of full marks before limits
│  ├─ target 1000000 CNY, of the scheme
│  └─ loan amount = 1200000 CNY, as supplied by the host
├─ NPL ratio: 40.0 points = 30 × (2 − 2% / 3%)
│  ├─ ≈133.3333% of full marks before limits
│  ├─ target 3%, of the scheme
│  └─ NPL ratio = 2%, as supplied by the host
└─ retention rate: 21.2 points = 20 × 85% / 80%
   ├─ 106.25% of full marks before limits
   ├─ 21.25 rounded to 1 decimal place(s), half even
   ├─ target 80%, of the scheme
   └─ retention rate = 85%, as supplied by the host"""
CHINESE = """\
lin 2026-03 得分：121.2 分
├─ 方案 worked example，版本 {version}（2026-01-01）；权重方案 standard
├─ 贷款额：60.0 分 = 50 × 120 万元 / 100 万元
│  ├─ 限额前得分率 120%
│  ├─ 目标 100 万元，方案规定
│  └─ 贷款额 = 120 万元，由系统提供
├─ 不良率：40.0 分 = 30 × (2 − 2% / 3%)
│  ├─ 限额前得分率 ≈133.3333%
│  ├─ 目标 3%，方案规定
│  └─ 不良率 = 2%，由系统提供
└─ 客户留存率：21.2 分 = 20 × 85% / 80%
   ├─ 限额前得分率 106.25%
   ├─ 21.25 保留 1 位小数（四舍六入五成双）
   ├─ 目标 80%，方案规定
   └─ 客户留存率 = 85%，由系统提供"""


def test_the_published_example_is_explained_in_both_languages() -> None:
    """What the salesperson reads: rule, inputs, rounding, source and version of every number."""
    scheme = worked_example()
    explanation = lp.appraise(scheme, readings=EXAMPLE, payee="lin").explain()

    assert ENGLISH.format(version=scheme.version) == explanation.text()
    assert CHINESE.format(version=scheme.version) == explanation.text("zh")


# ── published scorecards ────────────────────────────────────────────────────────────────────────────────────


def test_achievement_has_no_cap_of_its_own(published: Published) -> None:
    """Case kpi-sap-achievement: 45, 75 and 40 of 50 are 90, 150 and 80."""
    found = case(published, "kpi-sap-achievement")
    actual = [
        lp.appraise(one("customer_count"), {"customer_count": target}, {"customer_count": reading}).score
        for reading, target in found["inputs"]["pairs"]
    ]
    assert found["expected"] == actual


def by_share(weights: list[Any], scale: Any = 1, places: int = 3) -> lp.schemes.Card:
    """A card of supplied shares: each earns its value times the scale of its weight."""
    codes = [f"part{index}" for index, _ in enumerate(weights)]
    own = {"name": "part", "dimension": "team", "direction": "higher is better", "kind": "ratio"}
    curve = {"knots": [["0%", "0%"], ["100%", f"{scale}%"]], "shape": "linear"}
    scoring = {"places": places, "rounding": "half even", "rule": "curve", "of": "value", "curve": curve}
    return card(dict(zip(codes, weights, strict=True)), {"default": scoring}, indicators=dict.fromkeys(codes, own))


def shares_of(values: list[Any]) -> dict[str, Any]:
    """Readings for such a card."""
    return {f"part{index}": value for index, value in enumerate(values)}


def test_weighted_scores_are_weight_times_score(published: Published) -> None:
    """Case kpi-weighted-score: 85, 92 and 78 at 40/30/30 contribute 34, 27.6 and 23.4."""
    found = case(published, "kpi-weighted-score")
    inputs = found["inputs"]
    scores = [Fraction(score, 100) for score in inputs["scores"]]
    appraisal = lp.appraise(by_share(inputs["weights"], scale=100), readings=shares_of(scores))

    assert found["expected"]["contributions"] == [scored.points for scored in appraisal.lines]
    assert Decimal(85) == appraisal.score


def test_stars_are_points_on_a_scale_of_five(published: Published) -> None:
    """Case hrms-self-score: .8 at 70% and .7 at 30% make 3.85 of 5."""
    found = case(published, "hrms-self-score")
    inputs = found["inputs"]
    scheme = by_share(inputs["weights"], inputs["scale"], places=2)

    assert found["expected"] == lp.appraise(scheme, readings=shares_of(inputs["ratings"])).score


def mean(values: list[Any]) -> Fraction:
    """A parent goal: the plain mean of its children, by a card of equal weights."""
    parts = [f"{Fraction(100, len(values))}" for _ in values]
    appraisal = lp.appraise(by_share(parts, 100, 9), readings=shares_of([Fraction(value) / 100 for value in values]))
    return sum((scored.exact for scored in appraisal.lines), Fraction(0))


def test_goals_are_scored_from_the_leaves_up(published: Published) -> None:
    """Case hrms-goal-score: the completions are means of means; the score is rounded where it is printed."""
    found = case(published, "hrms-goal-score")
    tree, expected = found["inputs"]["tree"], found["expected"]
    (children,) = tree["Quality"]
    quality, development = mean([mean(children)]), mean(tree["Development"])
    weights = found["inputs"]["weights"]
    scheme = by_share([weights["Quality"], weights["Development"]], 100)
    appraisal = lp.appraise(scheme, readings=shares_of([quality / 100, development / 100]))
    total = lp.appraise(by_share([100], 5), readings=shares_of([Fraction(appraisal.score) / 100])).score
    final = lp.appraise(by_share(["100/3"] * 3, 100), readings=shares_of([Fraction(total) / 100, 0, 0])).score

    assert expected["quality"]["completion"] == quality
    assert expected["development"]["completion"] == development
    assert [expected["quality"]["score"], expected["development"]["score"]] == [
        scored.points for scored in appraisal.lines
    ]
    assert (expected["percentage"], expected["total"], expected["final"]) == (appraisal.score, total, final)


def test_a_goal_that_moves_to_another_parent_moves_its_score(published: Published) -> None:
    """Case hrms-goal-reparent-appraisal: what one goal gains the other loses, by weight."""
    found = case(published, "hrms-goal-reparent-appraisal")
    for when in ("before", "after"):
        completions = [mean(goals) for goals in found["inputs"][when].values()]
        scheme = by_share(found["inputs"]["weights"], 100)
        appraisal = lp.appraise(scheme, readings=shares_of([value / 100 for value in completions]))
        actual = [[value, scored.points] for value, scored in zip(completions, appraisal.lines, strict=True)]

        assert found["expected"][when] == actual


def test_one_vote_ends_the_count(published: Published) -> None:
    """Case xiaodai-mgmt-veto: with a loss rate above 1% the total is 0, whatever ROE and overdue loans earned."""
    found = case(published, "xiaodai-mgmt-veto")
    own = {"dimension": "risk", "kind": "ratio"}
    scheme = card(
        {"roe": 60, "overdue_over_1m": 40},
        indicators={
            "roe": {**own, "direction": "higher is better"},
            "overdue_over_1m": {**own, "direction": "lower is better"},
            "loss_rate": {**own, "direction": "lower is better"},
        },
        targets={"roe": "12%", "overdue_over_1m": "5%"},
        vetoes=[{"indicator": "loss_rate", "test": "above", "limit": "1%"}],
    )
    readings = {name: Decimal(value) for name, value in found["inputs"].items()}
    struck = lp.appraise(scheme, readings=readings)

    assert Decimal(found["expected"]["total"]) == struck.score
    assert {"roe": "70.0", "overdue_over_1m": "56.0"} == points(struck)
    assert Decimal("126.0") == lp.appraise(scheme, readings=readings | {"loss_rate": "1%"}).score


# ── the rules ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("code", "actual", "target", "expected"),
    [
        ("loan_amount", "120万元", "100万元", "120.0"),
        ("loan_amount", "0 元", "100万元", "0.0"),
        ("loan_amount", "-10万元", "100万元", "-10.0"),
        ("loan_amount", "1亿元", "1 元", "10000000000.0"),
        ("npl_ratio", "2%", "3%", "133.3"),
        ("npl_ratio", "0%", "3%", "200.0"),
        ("npl_ratio", "3%", "3%", "100.0"),
        ("npl_ratio", "6%", "3%", "0.0"),
        ("npl_ratio", "9%", "3%", "-100.0"),
        ("compliance_score", "95 point", "100 point", "95.0"),
        ("customer_count", "7", "6", "116.7"),
    ],
)
def test_the_two_rules_are_uncapped_lines(code: str, actual: str, target: str, expected: str) -> None:
    """Higher is better: actual / target. Lower is better: 2 − actual / target. Nothing is cut that no scheme cuts."""
    assert expected == str(lp.appraise(one(code), {code: target}, {code: actual}).score)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        ("50万元", "60.0"),
        ("60万元", "60.0"),
        ("61万元", "61.0"),
        ("149万元", "149.0"),
        ("150万元", "150.0"),
        ("9亿元", "150.0"),
    ],
)
def test_floor_and_cap_hold_at_their_edges(actual: str, expected: str) -> None:
    """They limit the share of the weight; what was earned before stays on record."""
    found = lp.appraise(one(floor="60%", cap="150%"), {"loan_amount": "100万元"}, {"loan_amount": actual})
    line = found.lines[0]

    assert expected == str(found.score)
    assert lp.quantity(actual).value / 1_000_000 == line.earned == line.attainment
    assert min(max(line.earned, Fraction("0.6")), Fraction("1.5")) == line.share


def test_points_are_rounded_per_indicator_and_then_summed() -> None:
    """Two times 50.25 are printed as 50.2, and a reader who adds them up gets the printed score."""
    found = lp.appraise(
        card({"retention_rate": 50, "cross_sell_rate": 50}),
        {"retention_rate": "80%", "cross_sell_rate": "80%"},
        {"retention_rate": "80.4%", "cross_sell_rate": "80.4%"},
    )

    assert {"retention_rate": "50.2", "cross_sell_rate": "50.2"} == points(found)
    assert "100.4" == str(found.score)


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [
        ("half even", ["21.2", "21.4", "-21.2", "21.3"]),
        ("half up", ["21.3", "21.4", "-21.3", "21.3"]),
        ("half down", ["21.2", "21.3", "-21.2", "21.3"]),
        ("up", ["21.3", "21.4", "-21.3", "21.3"]),
        ("down", ["21.2", "21.3", "-21.2", "21.2"]),
        ("ceiling", ["21.3", "21.4", "-21.2", "21.3"]),
        ("floor", ["21.2", "21.3", "-21.3", "21.2"]),
    ],
)
def test_the_scheme_names_the_rounding(rounding: str, expected: list[str]) -> None:
    """21.25, 21.35, −21.25 and 21.26 tell every rounding apart."""
    scheme = one("loan_amount", places=1, rounding=rounding)
    readings = ["21.25 元", "21.35 元", "-21.25 元", "21.26 元"]

    assert expected == [
        str(lp.appraise(scheme, {"loan_amount": "100 元"}, {"loan_amount": reading}).score) for reading in readings
    ]


def test_each_indicator_has_places_of_its_own() -> None:
    """The score has as many as the finest of them."""
    scoring = {"retention_rate": {"places": 0}, "cross_sell_rate": {"places": 3}}
    found = lp.appraise(
        card({"retention_rate": 50, "cross_sell_rate": 50}, scoring),
        {"retention_rate": "90%", "cross_sell_rate": "90%"},
        {"retention_rate": "30%", "cross_sell_rate": "30%"},
    )

    assert {"retention_rate": "17", "cross_sell_rate": "16.667"} == points(found)
    assert "33.667" == str(found.score)


STEPS = [["0%", "0%"], ["80%", "60%"], ["100%", "100%"]]


@pytest.mark.parametrize(
    ("curve", "expected"),
    [
        ({"knots": STEPS, "shape": "step"}, ["0.0", "60.0", "60.0", "100.0", "100.0"]),
        ({"knots": STEPS, "shape": "step", "closed": "right"}, ["0.0", "0.0", "60.0", "60.0", "100.0"]),
        ({"knots": STEPS, "shape": "linear"}, ["59.2", "60.0", "80.0", "100.0", "100.0"]),
        (
            {"knots": STEPS, "shape": "linear", "then": {"per_point": "2%", "counted": "whole"}},
            ["59.2", "60.0", "80.0", "100.0", "138.0"],
        ),
    ],
)
def test_a_scoring_curve_of_attainment(curve: Document, expected: list[str]) -> None:
    """79%, 80%, 90%, 100% and 119.9% of target, by bands and by lines."""
    scheme = one(rule="curve", curve=curve)
    actual = [
        str(lp.appraise(scheme, {"loan_amount": "1000 元"}, {"loan_amount": f"{amount} 元"}).score)
        for amount in (789, 800, 900, 1000, 1199)
    ]
    assert expected == actual


def test_a_scoring_curve_of_the_value_needs_no_target() -> None:
    """Bands of the NPL ratio itself: 2% still sits in the band below it where the scheme says so."""
    curve = {"knots": [["0%", "100%"], ["2%", "50%"], ["5%", "0%"]], "shape": "step", "closed": "right"}
    scheme = one("npl_ratio", rule="curve", of="value", curve=curve)

    assert ["100.0", "100.0", "50.0", "50.0", "0.0"] == [
        str(lp.appraise(scheme, readings={"npl_ratio": reading}).score)
        for reading in ("0%", "2%", "2.0001%", "5%", "5.0001%")
    ]
    zero = lp.appraise(scheme, {"npl_ratio": "0%"}, {"npl_ratio": "1%"})
    assert (Decimal("100.0"), None) == (zero.score, zero.lines[0].attainment)


# ── vetoes and grades ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("above", [False, False, True]),
        ("at least", [False, True, True]),
        ("below", [True, False, False]),
        ("at most", [True, True, False]),
    ],
)
def test_a_veto_strikes_on_its_side_of_the_limit_unrounded(test: str, expected: list[bool]) -> None:
    """A hair below 5%, 5%, and a hair above it: no rounding comes before the test."""
    hair = Fraction(1, 10**15)
    scheme = card({"loan_amount": 100}, vetoes=[{"indicator": "par_90", "test": test, "limit": "5%", "score": 10}])
    for reading, strikes in zip(
        (Fraction("0.05") - hair, Fraction("0.05"), Fraction("0.05") + hair), expected, strict=True
    ):
        readings: Document = {"loan_amount": "1 元", "par_90": reading}
        found = lp.appraise(scheme, {"loan_amount": "1 元"}, readings)

        assert (scheme.vetoes if strikes else ()) == found.vetoes
        assert (Decimal(10) if strikes else Decimal("100.0")) == found.score


def test_the_hardest_veto_holds_and_none_raises_a_score() -> None:
    """A veto that would lift a negative score to 0 would reward bad loans."""
    vetoes = [
        {"indicator": "par_90", "test": "above", "limit": "5%", "score": 60},
        {"indicator": "par_90", "test": "above", "limit": "10%", "score": 20},
    ]
    scheme = card({"npl_ratio": 100}, vetoes=vetoes, targets={"npl_ratio": "1%"})

    assert ["100.0", "60", "20", "-200.0"] == [
        str(lp.appraise(scheme, readings={"npl_ratio": npl, "par_90": par}).score)
        for npl, par in [("1%", "5%"), ("1%", "6%"), ("1%", "11%"), ("4%", "11%")]
    ]
    said = lp.appraise(scheme, readings={"npl_ratio": "4%", "par_90": "6%"}).explain()
    assert "veto: PAR90 at 6% is above 5%; the score is at most 60, and is -200.0" == said.because[-1].sentence()
    assert "总分不高于 60 分，现为 -200.0 分" in said.because[-1].sentence("zh")


def test_a_veto_without_its_reading_is_refused() -> None:
    """Nobody passes a test that was not held; a missing rule of zero on the card does not help."""
    veto = {"indicator": "par_90", "test": "above", "limit": "5%"}
    scheme = card({"loan_amount": 100}, {"default": {"places": 0, "rounding": "up", "missing": "zero"}}, vetoes=[veto])
    for readings in ({}, {"par_90": lp.Reading(indicator="par_90", numerator=Fraction(0), denominator=Fraction(0))}):
        with pytest.raises(lp.errors.MissingReadingError, match="'par_90'"):
            lp.appraise(scheme, readings=readings)


GRADES = {"A": {"at_least": 110}, "B": {"at_least": 90}, "C": {"at_least": "60.5"}}


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ("-3 元", "C"),
        ("60.4 元", "C"),
        ("89.94 元", "C"),
        ("89.95 元", "B"),
        ("90 元", "B"),
        ("109.94 元", "B"),
        ("109.96 元", "A"),
        ("500 元", "A"),
    ],
)
def test_a_grade_is_read_off_the_printed_score(score: str, expected: str) -> None:
    """89.95 is printed as 90.0, and who reads 90.0 on the statement gets the grade of 90."""
    scheme = card({"loan_amount": 100}, grades=GRADES, targets={"loan_amount": "100 元"})
    found = lp.appraise(scheme, readings={"loan_amount": score}).grade

    assert found is not None
    assert expected == found.code


def test_a_veto_changes_the_grade_too() -> None:
    """And a card without grades has none."""
    veto = {"indicator": "retention_rate", "test": "above", "limit": "0%", "score": 95}
    scheme = card({"retention_rate": 100}, grades=GRADES, targets={"retention_rate": "1%"}, vetoes=[veto])
    found = lp.appraise(scheme, readings={"retention_rate": "2%"}).grade

    assert found is not None
    assert "B" == found.code
    assert None is lp.appraise(one(), {"loan_amount": "1 元"}, {"loan_amount": "1 元"}).grade


# ── missing readings ────────────────────────────────────────────────────────────────────────────────────────


def with_missing(rule: str) -> lp.schemes.Card:
    """50/30/20 of which the last two may be missing, by this rule."""
    scoring = {code: {"missing": rule} for code in ("npl_ratio", "retention_rate")}
    targets = {"loan_amount": "100万元", "npl_ratio": "3%", "retention_rate": "80%"}
    return card({"loan_amount": 50, "npl_ratio": 30, "retention_rate": 20}, scoring, targets=targets)


def test_a_missing_reading_is_refused_unless_the_scheme_says_otherwise() -> None:
    """The message says which, of whom, and what the scheme could say."""
    readings = {"loan_amount": "1 元", "retention_rate": "1%"}
    for scheme in (with_missing("refuse"), card({"npl_ratio": 50, "loan_amount": 50})):
        with pytest.raises(lp.errors.MissingReadingError) as caught:
            lp.appraise(scheme, {"loan_amount": "1 元"}, readings, payee="lin")
        assert (
            "lin has no reading of 'npl_ratio', which the score needs; supply one, or let the scheme say"
            " missing = 'zero' or 'renormalise'; available: loan_amount, retention_rate"
        ) == str(caught.value)


def test_a_missing_reading_can_count_as_zero() -> None:
    """Zero points, also where lower is better and where there is a floor; no target is asked for."""
    scheme = card(
        {"loan_amount": 50, "npl_ratio": 50},
        {"npl_ratio": {"missing": "zero", "floor": "50%"}},
        targets={"loan_amount": "100万元"},
    )
    found = lp.appraise(scheme, readings={"loan_amount": "100万元"})

    assert {"loan_amount": "50.0", "npl_ratio": "0.0"} == points(found)
    assert "NPL ratio: 0.0 points, no reading counts as zero" in found.explain().text()
    assert "不良率：0.0 分，无数据按零分计" in found.explain().text("zh")


def test_the_weight_of_a_missing_reading_can_go_to_the_others() -> None:
    """50 and 20 become 71.43 and 28.57: the proportion between them stays, and the sum is 100 again."""
    found = lp.appraise(with_missing("renormalise"), readings={"loan_amount": "100万元", "retention_rate": "80%"})
    loan, npl, retention = found.lines

    assert [Fraction(5, 7), 0, Fraction(2, 7)] == [loan.weight, npl.weight, retention.weight]
    assert {"loan_amount": "71.4", "npl_ratio": "0", "retention_rate": "28.6"} == points(found)
    assert "100.0" == str(found.score)
    text = found.explain().text()
    assert "NPL ratio: left out, no reading; its weight 30 goes to the others in proportion" in text
    assert "weight 50% becomes ≈71.4286%, since npl_ratio is left out" in text


def test_a_ratio_over_nothing_is_a_missing_reading() -> None:
    """No loans, no NPL ratio: neither 0% nor a crash."""
    nothing = lp.Reading(indicator="npl_ratio", numerator=Fraction(0), denominator=Fraction(0))
    readings: Document = {"loan_amount": "100万元", "npl_ratio": nothing}
    found = lp.appraise(with_missing("zero"), readings=readings)

    assert {"loan_amount": "50.0", "npl_ratio": "0.0", "retention_rate": "0.0"} == points(found)
    assert ["loan_amount"] == [reading.indicator for reading in found.readings]


def test_there_is_no_score_without_any_reading() -> None:
    """What is renormalised over nothing is nothing; counted as zero it is zero."""
    default = {"places": 1, "rounding": "half even", "missing": "renormalise"}
    weights = {"loan_amount": 0, "npl_ratio": 60, "retention_rate": 40}
    with pytest.raises(lp.errors.MissingReadingError, match="the payee has no reading of 'loan_amount'"):
        lp.appraise(card(weights, {"default": default}))
    with pytest.raises(lp.errors.MissingReadingError, match="no reading of 'npl_ratio'"):
        lp.appraise(card(weights, {"default": default}), {"loan_amount": "1 元"}, {"loan_amount": "1 元"})
    zero = lp.appraise(card(weights, {"default": {**default, "missing": "zero"}}))
    assert (Decimal("0.0"), ()) == (zero.score, zero.readings)


# ── targets ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ({}, "target of 'loan_amount' is missing; pass it to appraise, or state it in the scheme"),
        (
            {"loan_amount": "0 元"},
            (
                "target of 'loan_amount' is 0 CNY; give one above zero,"
                " or score the value itself by a curve (of = 'value')"
            ),
        ),
        (
            {"loan_amount": "-5 元"},
            (
                "target of 'loan_amount' is -5 CNY; give one above zero,"
                " or score the value itself by a curve (of = 'value')"
            ),
        ),
    ],
)
def test_a_target_that_nothing_can_be_held_against_is_refused(targets: Document, expected: str) -> None:
    """A division by zero is a crash in one system and an infinite bonus in another."""
    with pytest.raises(lp.errors.TargetError) as caught:
        lp.appraise(one(), targets, {"loan_amount": "1 元"})
    assert expected == str(caught.value)


def test_a_target_of_the_host_goes_before_that_of_the_scheme() -> None:
    """And the explanation says whose it was."""
    found = lp.appraise(worked_example(), {"loan_amount": "200万元"}, EXAMPLE)
    sources = [(node.sentence(), node.sentence("zh")) for node in nodes(found.explain()) if node.rule == "target"]

    assert Decimal("30.0") == found.line("loan_amount").points
    assert [
        ("target 2000000 CNY, as supplied by the host", "目标 200 万元，由系统提供"),
        ("target 3%, of the scheme", "目标 3%，方案规定"),
        ("target 80%, of the scheme", "目标 80%，方案规定"),
    ] == sources


# ── what a host passes ──────────────────────────────────────────────────────────────────────────────────────


def test_a_code_that_nothing_knows_is_refused() -> None:
    """A misspelt code is a reading that would be missing, or a target that would not hold."""
    with pytest.raises(
        lp.errors.UnknownIndicatorError, match="no indicator is called 'npl_ration'; did you mean 'npl_ratio'"
    ):
        lp.appraise(worked_example(), readings=EXAMPLE | {"npl_ration": "2%"})
    with pytest.raises(
        lp.errors.UnknownIndicatorError, match="no indicator is called 'npl_ration'; did you mean 'npl_ratio'"
    ):
        lp.appraise(worked_example(), {"npl_ration": "2%"}, EXAMPLE)


def test_a_name_in_place_of_a_code_says_the_code() -> None:
    """Who writes the name that the scheme gives an indicator is told its code, for readings and for targets."""
    said = "no indicator is called '不良率'; did you mean 'npl_ratio'"
    with pytest.raises(lp.errors.UnknownIndicatorError, match=said):
        lp.appraise(worked_example(), readings=EXAMPLE | {"不良率": "2%"})
    with pytest.raises(lp.errors.UnknownIndicatorError, match=said):
        lp.appraise(worked_example(), {"不良率": "2%"}, EXAMPLE)


def test_what_the_card_does_not_look_at_is_passed_over_and_said() -> None:
    """A host hands over all that it has; nothing of it is dropped without a word."""
    found = lp.appraise(worked_example(), {"teamwork": "80 point"}, EXAMPLE | {"par_90": "1%", "teamwork": "90"})

    assert Decimal("121.2") == found.score
    assert ("par_90", "teamwork") == found.unused
    assert list(EXAMPLE) == [reading.indicator for reading in found.readings]


@pytest.mark.parametrize("wrong", [0.02, float("nan"), float("inf")])
@pytest.mark.parametrize("code", ["npl_ratio", "par_90"])
def test_a_float_is_refused_wherever_it_stands(wrong: float, code: str) -> None:
    """Also where the card would not have looked at it."""
    bad: Any = wrong
    with pytest.raises(lp.errors.FloatError):
        lp.appraise(worked_example(), readings=EXAMPLE | {code: bad})
    with pytest.raises(lp.errors.FloatError):
        lp.appraise(worked_example(), {code: bad}, EXAMPLE)


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("loan_amount", "1200000"),
        ("loan_amount", "1200000 USD"),
        ("loan_amount", "120%"),
        ("npl_ratio", "2 CNY"),
        ("npl_ratio", "2 point"),
        ("retention_rate", "85 人"),
    ],
)
def test_a_value_in_another_unit_is_refused(code: str, wrong: str) -> None:
    """An amount without a currency, a ratio in yuan: each would be a number, and a wrong one."""
    for value in (wrong, lp.Reading.of(code, wrong)):
        readings: Document = EXAMPLE | {code: value}
        with pytest.raises(lp.errors.UnitError, match=f"the reading of '{code}'"):
            lp.appraise(worked_example(), readings=readings)
    with pytest.raises(lp.errors.UnitError, match=f"the target of '{code}'"):
        lp.appraise(worked_example(), {code: wrong}, EXAMPLE)


@pytest.mark.parametrize("wrong", [None, True, "", "lots", "1e99", [], {"value": "2%"}, "2％％"])
def test_what_is_no_quantity_is_refused(wrong: Any) -> None:
    """With an error of ours that says what to pass."""
    for code in ("npl_ratio", "par_90"):
        with pytest.raises(lp.errors.QuantityError):
            lp.appraise(worked_example(), readings=EXAMPLE | {code: wrong})
        with pytest.raises(lp.errors.QuantityError):
            lp.appraise(worked_example(), {code: wrong}, EXAMPLE)


def test_readings_of_two_payees_are_not_mixed() -> None:
    """All that was measured, passed by mistake, would score whoever came last."""
    readings = [lp.Reading.of(code, value, subject="lin") for code, value in EXAMPLE.items()]
    other = lp.Reading.of("npl_ratio", "1%", subject="wu")
    with pytest.raises(lp.errors.DataError) as caught:
        lp.appraise(worked_example(), readings=[*readings, other])
    assert "reading of 'npl_ratio': there are two, of 'lin' and 'wu'; pass those of one payee" == str(caught.value)


def test_a_reading_under_the_code_of_another_is_refused() -> None:
    """85% kept customers would be an NPL ratio of 85%."""
    wrong = EXAMPLE | {"npl_ratio": lp.Reading.of("retention_rate", "85%")}
    with pytest.raises(lp.errors.DataError, match="it is one of 'retention_rate'; pass it under its own code"):
        lp.appraise(worked_example(), readings=wrong)


def test_the_order_of_readings_and_targets_decides_nothing() -> None:
    """Neither in a mapping nor in a list."""
    expected = lp.appraise(worked_example(), readings=EXAMPLE)
    for order in permutations(EXAMPLE):
        as_mapping = lp.appraise(worked_example(), readings={code: EXAMPLE[code] for code in order})
        as_list = lp.appraise(worked_example(), readings=[lp.Reading.of(code, EXAMPLE[code]) for code in order])

        assert expected.lines == as_mapping.lines
        assert points(expected) == points(as_list)
        assert expected.score == as_list.score


# ── exactness ───────────────────────────────────────────────────────────────────────────────────────────────

MONEY = [("元", 1), ("千元", 1000), ("万元", 10_000), ("百万元", 10**6), ("亿元", 10**8), ("CNY", 1)]
RATIO = [
    ("", 1),
    ("%", Fraction(1, 100)),
    ("‰", Fraction(1, 1000)),
    ("bp", Fraction(1, 10_000)),
    ("‱", Fraction(1, 10_000)),
]


def written(value: Fraction, unit: tuple[str, Any]) -> str:
    """A value in a unit."""
    name, size = unit
    number = value / size
    return f"{number.numerator}/{number.denominator} {name}".strip()


@given(
    st.fractions(0, 10**9, max_denominator=100),
    st.fractions(1, 10**9, max_denominator=100),
    st.fractions(0, 1, max_denominator=10_000),
    st.tuples(st.sampled_from(MONEY), st.sampled_from(MONEY), st.sampled_from(RATIO)),
)
def test_the_unit_makes_no_difference(
    amount: Fraction, goal: Fraction, ratio: Fraction, units: tuple[Any, Any, Any]
) -> None:
    """万元 or 元, percent or basis points, also with another unit for the target: one score."""
    readings: Document = {"loan_amount": lp.Quantity(amount, "CNY"), "npl_ratio": ratio, "retention_rate": ratio}
    plain = lp.appraise(worked_example(), {"loan_amount": lp.Quantity(goal, "CNY")}, readings)
    other = lp.appraise(
        worked_example(),
        {"loan_amount": written(goal, units[1])},
        {
            "loan_amount": written(amount, units[0]),
            "npl_ratio": written(ratio, units[2]),
            "retention_rate": written(ratio, units[2]),
        },
    )

    assert plain.lines == other.lines
    assert plain.score == other.score


@pytest.mark.parametrize("precision", [1, 3, 28])
def test_the_decimal_context_of_the_host_makes_no_difference(precision: int) -> None:
    """A host that computes with three digits elsewhere still pays 121.2 points."""
    with decimal.localcontext(decimal.Context(prec=precision, rounding=decimal.ROUND_UP)):
        found = lp.appraise(worked_example(), readings=EXAMPLE)
        texts = found.explain().text(), found.to_html()

    assert "121.2" == str(found.score)
    assert {"loan_amount": "60.0", "npl_ratio": "40.0", "retention_rate": "21.2"} == points(found)
    assert (found.explain().text(), found.to_html()) == texts


def test_huge_values_are_exact() -> None:
    """A trillion against a fen has more digits than a Decimal keeps by default, and a float has lost most of them."""
    found = lp.appraise(
        card({"loan_amount": 50, "npl_ratio": 50}, {"default": {"places": 9, "rounding": "half even"}}),
        {"loan_amount": "0.01 元", "npl_ratio": "3%"},
        {"loan_amount": "123456789012345678901234567890.12 元", "npl_ratio": "3%"},
    )

    assert "617283945061728394506172839450600.000000000" == str(found.line("loan_amount").points)
    assert "617283945061728394506172839450650.000000000" == str(found.score)
    assert 617283945061728394506172839450650 == found.score


@st.composite
def cards(draw: st.DrawFn) -> lp.schemes.Card:
    """A card of ratios by which better is never worth less: rules, limits, curves and vetoes."""
    codes = draw(
        st.lists(st.sampled_from(["npl_ratio", "par_30", "retention_rate", "cross_sell_rate"]), min_size=1, unique=True)
    )
    parts = draw(st.lists(st.integers(1, 9), min_size=len(codes), max_size=len(codes)))
    scoring: Document = {}
    for code in codes:
        own: Document = {
            "places": draw(st.integers(0, 3)),
            "rounding": draw(st.sampled_from([item.value for item in lp.Rounding])),
        }
        limits = sorted(draw(st.lists(st.integers(-200, 300), max_size=2, unique=True)))
        own |= dict(zip(["floor", "cap"], [f"{limit}%" for limit in limits], strict=False))
        if draw(st.booleans()):
            xs = sorted(draw(st.lists(st.integers(0, 300), min_size=1, max_size=4, unique=True)))
            ys = sorted(draw(st.lists(st.integers(0, 150), min_size=len(xs), max_size=len(xs))))
            better_last = lp.indicator(code).direction is lp.schemes.Direction.HIGHER
            knots = [[f"{x}%", f"{y}%"] for x, y in zip(xs, ys if better_last else ys[::-1], strict=True)]
            shape = draw(st.sampled_from(["step", "linear"]))
            closed = draw(st.sampled_from(["left", "right"]))
            of = draw(st.sampled_from(["attainment", "value"]))
            own |= {"rule": "curve", "of": of, "curve": {"knots": knots, "shape": shape, "closed": closed}}
        scoring[code] = own
    veto: Document = {"indicator": "npl_ratio", "limit": "50%", "score": draw(st.integers(-50, 150))}
    veto["test"] = draw(st.sampled_from(["above", "at least"]))
    weights = {code: f"{Fraction(100 * part, sum(parts))}" for code, part in zip(codes, parts, strict=True)}
    return card(
        weights,
        scoring,
        targets={code: f"{draw(st.integers(1, 100))}%" for code in codes},
        vetoes=draw(st.sampled_from([[], [veto]])),
        grades=draw(st.sampled_from([{}, GRADES])),
    )


RATIOS = st.fractions(0, 1, max_denominator=1000)
READINGS = st.fixed_dictionaries(dict.fromkeys(("npl_ratio", "par_30", "retention_rate", "cross_sell_rate"), RATIOS))


@given(cards(), READINGS, READINGS)
def test_better_readings_never_score_less(
    scheme: lp.schemes.Card, first: dict[str, Any], second: dict[str, Any]
) -> None:
    """Whatever the roundings, limits and vetoes: who is better in everything has no point less in anything."""
    lower = {"npl_ratio", "par_30"}
    worse = {code: (max if code in lower else min)(first[code], second[code]) for code in first}
    better = {code: (min if code in lower else max)(first[code], second[code]) for code in first}
    low, high = lp.appraise(scheme, readings=worse), lp.appraise(scheme, readings=better)

    for before, after in zip(low.lines, high.lines, strict=True):
        assert before.points <= after.points
    assert low.score <= high.score
    if low.grade is not None and high.grade is not None:
        assert low.grade.at_least <= high.grade.at_least


@given(cards(), READINGS)
def test_a_score_is_the_sum_of_its_points_unless_a_veto_struck(
    scheme: lp.schemes.Card, readings: dict[str, Any]
) -> None:
    """Each line within its limits and within half a unit (or one) of what it earned exactly."""
    found = lp.appraise(scheme, readings=readings)
    total = sum(scored.points for scored in found.lines)

    assert min([total, *(veto.score for veto in found.vetoes)]) == found.score
    for scored in found.lines:
        scoring = scored.line.scoring
        low = scoring.floor if scoring.floor is not None else scored.share
        high = scoring.cap if scoring.cap is not None else scored.share
        assert low <= scored.share <= high
        assert scored.exact == scored.weight * scored.share * 100
        assert abs(Fraction(scored.points) - scored.exact) < Fraction(1, 10**scoring.places)


@given(cards(), READINGS)
def test_no_card_and_no_reading_makes_it_crash(scheme: lp.schemes.Card, readings: dict[str, Any]) -> None:
    """The same appraisal twice is equal, and is explained."""
    first, second = (lp.appraise(scheme, readings=readings, payee="lin") for _ in range(2))

    assert first == second
    assert first.explain() == second.explain()


# ── explanations ────────────────────────────────────────────────────────────────────────────────────────────


def nodes(node: lp.Explanation) -> Iterator[lp.Explanation]:
    """A node and all below it."""
    yield node
    for child in node.because:
        yield from nodes(child)


def rich_card() -> lp.schemes.Card:
    """A card on which every kind of reason occurs."""
    curve = {"knots": STEPS, "shape": "linear"}
    document: Document = lp.template("risk-control").document()
    document["scoring"] |= {
        "loan_amount": {"rule": "curve", "curve": curve},
        "disbursed_amount": {"missing": "renormalise"},
        "customer_count": {"missing": "zero"},
    }
    document["vetoes"] = [{"indicator": "par_90", "test": "at least", "limit": "1%", "score": 10}]
    document["overrides"] = [
        {
            "unit": "east",
            "profile": "standard",
            "weights": dict(document["phases"]["risk-control"]["weights"]["standard"]),
        }
    ]
    return lp.schemes.scheme_of(document).resolve(period=MARCH, units=["bank", "east"])


RICH_TARGETS: Document = {"loan_amount": "100万元", "cross_sell_rate": "40%"}
RICH_READINGS: Document = {
    "loan_amount": "85万元",
    "npl_ratio": "1/3",
    "overdue_ratio": "0%",
    "compliance_score": "95 point",
    "retention_rate": "66.66%",
    "cross_sell_rate": "100%",
    "training_completion_rate": "100%",
    "par_90": "1%",
}


def test_every_kind_of_reason_is_said() -> None:
    """Curve, cap, rounding, missing readings, phase, unit, veto and grade."""
    found = lp.appraise(rich_card(), RICH_TARGETS, RICH_READINGS)

    assert "score of the payee in 2026-03: 10 points, grade D" == found.explain().sentence()
    assert {
        "score",
        "score.scheme",
        "points.curve",
        "points.higher",
        "points.lower",
        "points.zero",
        "points.left out",
        "reweighted",
        "attainment",
        "capped",
        "rounded",
        "target",
        "reading.given",
        "veto",
    } == {node.rule for node in nodes(found.explain())}
    text = found.explain().text()
    assert "profile standard, weights set by east, phase risk-control" in text
    assert "veto: PAR90 at 1% is at or above 1%; the score becomes 10" in text
    assert "limited to 0% of the weight" in text
    assert "compliance score = 95 points, as supplied by the host" in text


def test_the_chinese_text_has_no_english_of_ours() -> None:
    """Codes and names that a host chose stay as they are; everything else is Chinese."""
    text = lp.appraise(rich_card(), RICH_TARGETS, RICH_READINGS).explain().text("zh")
    chosen = {"risk", "control", "standard", "east", "CNY", "disbursed_amount", "D"}
    words = set(re.findall(r"[A-Za-z_]+", re.sub(r"版本 [0-9a-f]{12}", "", text)))

    assert set() == words - chosen


@given(cards(), READINGS)
@example(worked_example(), {"loan_amount": "120万元", "npl_ratio": "2%", "retention_rate": "85%"})
def test_the_numbers_of_an_explanation_are_consistent(scheme: lp.schemes.Card, readings: dict[str, Any]) -> None:
    """Each line is there once and in order, its points add up to the score, and its formula gives its points."""
    found = lp.appraise(scheme, readings=readings)
    tree = found.explain()
    lines = [node for node in tree.because if node.rule.startswith("points.")]
    values = [dict(node.values) for node in lines]

    assert [scored.line.indicator.name for scored in found.lines] == [value["indicator"] for value in values]
    assert [str(scored.points) for scored in found.lines] == [value["points"] for value in values]
    assert str(found.score) == dict(tree.values)["score"]
    if not found.vetoes:
        assert found.score == sum(Decimal(str(value["points"])) for value in values)
    for node, value, scored in zip(lines, values, found.lines, strict=True):
        shown = {name: str(value[name]) for name in ("weight", "actual", "target") if name in value}
        if (
            len(shown) == 3
            and "≈" not in "".join(shown.values())
            and "capped" not in {child.rule for child in node.because}
        ):
            share = lp.quantity(shown["actual"]).value / lp.quantity(shown["target"]).value
            earned = share if node.rule == "points.higher" else 2 - share
            assert scored.exact == lp.quantity(shown["weight"]).value * earned


@given(cards(), READINGS)
def test_an_explanation_is_data_that_reads_back(scheme: lp.schemes.Card, readings: dict[str, Any]) -> None:
    """A host stores it beside the pay, and prints it years later in either language without us."""
    tree = lp.appraise(scheme, readings=readings, payee="林").explain()
    stored = json.loads(tree.json())

    assert tree == lp.Explanation.from_data(stored)
    assert tree.text("zh") == lp.Explanation.from_data(stored).text("zh")
    assert "林" in tree.json()


HOSTILE = "<script>alert('x')</script>&\""


def test_nothing_that_a_host_named_runs_in_a_browser() -> None:
    """Names of payees, schemes, profiles, grades and indicators are text."""
    own = {
        "name": {"en": HOSTILE, "zh": HOSTILE},
        "dimension": "team",
        "kind": "ratio",
        "direction": "higher is better",
    }
    scheme = card(
        {"own": 100},
        {"default": {"places": 1, "rounding": "half even"}},
        name=HOSTILE,
        indicators={"own": own},
        targets={"own": "1"},
        grades={HOSTILE: {"at_least": 0}},
    )
    found = lp.appraise(scheme, readings={"own": "1"}, payee=HOSTILE)
    shown = [
        found._repr_html_(),
        found.to_html("zh"),
        found.explain()._repr_html_(),
        found.explain().html("zh"),
    ]

    for html in shown:
        assert "<script" not in html
        assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&amp;&quot;" in html


def test_an_appraisal_shows_itself_as_a_table() -> None:
    """One row an indicator and one for the score, in either language."""
    found = lp.appraise(worked_example(), readings=EXAMPLE, payee="lin")

    assert (
        "<table class='loanperf'><caption>lin 2026-03</caption>"
        "<tr><th>indicator</th><th>weight</th><th>target</th><th>reading</th><th>points</th></tr>"
        "<tr><td>loan amount</td><td>50%</td><td>1000000 CNY</td><td>1200000 CNY</td><td>60.0</td></tr>"
        "<tr><td>NPL ratio</td><td>30%</td><td>3%</td><td>2%</td><td>40.0</td></tr>"
        "<tr><td>retention rate</td><td>20%</td><td>80%</td><td>85%</td><td>21.2</td></tr>"
        "<tr><td>score</td><td></td><td></td><td></td><td>121.2</td></tr></table>"
    ) == found._repr_html_()
    assert "<tr><td>总分</td>" in found.to_html("zh")


def test_an_appraisal_is_a_frozen_value() -> None:
    """Nobody edits a score; and what is not on the card is not found by a wrong name."""
    found = lp.appraise(worked_example(), readings=EXAMPLE)
    for name in ("score", "card"):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(found, name, None)
    with pytest.raises(lp.errors.UnknownIndicatorError, match="no indicator is called 'teamwork'"):
        found.line("teamwork")
    with pytest.raises(lp.errors.MissingReadingError, match="'teamwork'"):
        found.reading("teamwork")
    assert Fraction("0.02") == found.reading("npl_ratio")


def test_a_phase_limits_the_target_at_its_edge() -> None:
    """5% is allowed, a hair more is not; and the check is on the exact value."""
    scheme = lp.template("risk-control").resolve(period=MARCH)
    others: Document = {"loan_amount": "1 元", "disbursed_amount": "1 元", "customer_count": 1, "cross_sell_rate": "1%"}
    readings = RICH_READINGS | others
    at_the_limit = lp.appraise(scheme, {**others, "npl_ratio": "5%"}, readings)

    assert lp.quantity("5%") == at_the_limit.line("npl_ratio").target
    with pytest.raises(lp.errors.TargetError, match="the phase allows at most 5%"):
        lp.appraise(scheme, {**others, "npl_ratio": Fraction(1, 20) + Fraction(1, 10**20)}, readings)


# ── readings that cannot be ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("reading", "fault"),
    [
        (
            lp.Reading.of("retention_rate", "8500%"),
            "it is 8500%, above 100%; write '85%' if that is meant, else give 100% at most",
        ),
        (
            lp.Reading.of("retention_rate", "85%", period=lp.Period.month(2026, 2)),
            "it is of 2026-02, and the card of 2026-03; pass the reading of that period",
        ),
        (
            lp.Reading.of("retention_rate", "85%", subject="wu"),
            "it is of 'wu', not of 'lin'; pass the readings of one payee",
        ),
    ],
    ids=["a share without its sign", "another period", "another payee"],
)
def test_a_reading_that_cannot_be_is_refused(reading: lp.Reading, fault: str) -> None:
    """85 for 85% would pay three months' salary; February's reading, or a colleague's, would pay the wrong score."""
    card = lp.template("worked-example").resolve(period=lp.Period.month(2026, 3))
    given: dict[str, str | lp.Reading] = {"loan_amount": "120万元", "npl_ratio": "2%", "retention_rate": reading}
    with pytest.raises(lp.errors.DataError, match=re.escape(f"reading of 'retention_rate': {fault}")):
        lp.appraise(card, readings=given, payee="lin")


ONE = {
    lp.schemes.Kind.MONEY: "1 元",
    lp.schemes.Kind.RATIO: "1%",
    lp.schemes.Kind.COUNT: "1",
    lp.schemes.Kind.POINTS: "1 point",
}
"""A small target of each kind."""


@pytest.mark.parametrize(
    ("code", "value", "fault"),
    [
        ("npl_ratio", "-2%", "it is -2%, below 0%; write '2%' if the sign is a slip, else mend it where it comes from"),
        ("npl_ratio", "100.01%", "it is 100.01%, above 100%; give 100% at most"),
        ("retention_rate", "850%", "it is 850%, above 100%; give 100% at most"),
        ("complaint_rate", "1001%", "it is 1001%, above 1000%"),
        ("customer_count", -3, "it is -3, below 0; write '3' if the sign is a slip"),
        ("average_daily_balance", "-1 元", "it is -1 CNY, below 0 CNY; write '1 CNY' if the sign is a slip"),
        ("compliance_score", "-0.5 point", "it is -0.5 points, below 0 points; write '0.5 points' if the sign"),
    ],
)
def test_a_reading_that_its_indicator_cannot_have_is_refused(code: str, value: Any, fault: str) -> None:
    """A share lies between 0% and 100%; numbers, points and balances are zero or more. A table refuses the same row."""
    holder = card({code: 100}, targets={code: ONE[lp.indicator(code).kind]})
    with pytest.raises(lp.errors.DataError, match=re.escape(f"reading of {code!r}: {fault}")):
        lp.appraise(holder, readings={code: value})


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("npl_ratio", "0%"),
        ("retention_rate", "100%"),
        ("complaint_rate", "1000%"),
        ("customer_count", 0),
        ("loan_amount", "-5 元"),
        ("contribution_per_customer", "-5 元"),
    ],
)
def test_a_reading_at_its_bound_counts_and_so_does_money_below_zero(code: str, value: Any) -> None:
    """Nothing lost and everything kept are readings; a month may take back more than it brings."""
    holder = card({code: 100}, targets={code: ONE[lp.indicator(code).kind]})

    assert lp.appraise(holder, readings={code: value}).line(code).reading is not None


def test_many_rows_are_held_to_the_same_bounds() -> None:
    """Of rows −2%, 0%, 100% and 101% the first and last have no score, and each says why."""
    holder = card({"npl_ratio": 100}, targets={"npl_ratio": "4%"})
    rows = {"payee": np.array(["a", "b", "c", "d"]), "npl_ratio(%)": np.array([-2, 0, 100, 101])}
    found = lp.appraise_all(holder, rows)

    assert ["a", "d"] == [problem.payee for problem in found.problems]
    assert "it is -2%, below 0%" in str(found.problems[0])
    assert "it is 101%, above 100%" in str(found.problems[1])


def test_a_target_that_no_reading_can_reach_is_refused_with_the_scheme() -> None:
    """A scheme that asks for 110% of all customers is told where it says so."""
    with pytest.raises(lp.errors.SchemeError, match=re.escape("$.targets.retention_rate: it is 110%, above 100%")):
        card({"retention_rate": 100}, targets={"retention_rate": "110%"})


def test_a_target_without_its_sign_is_refused() -> None:
    """80 for 80% would leave nobody a point."""
    card = lp.template("worked-example").resolve(period=lp.Period.month(2026, 3))
    given = {"loan_amount": "120万元", "npl_ratio": "2%", "retention_rate": "85%"}
    with pytest.raises(lp.errors.DataError, match="the target of 'retention_rate': 80 is 8000%; write '80%'"):
        lp.appraise(card, {"retention_rate": 80}, given)
    with pytest.raises(lp.errors.TargetError, match="is 8000%; no reading can reach it"):
        lp.appraise(card, {"retention_rate": "8000%"}, given)
