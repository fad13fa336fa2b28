"""The catalogue, the options of its indicators, and the check of declared measures."""

import runpy
from fractions import Fraction
from inspect import isfunction
from pathlib import Path
from typing import Any

import pytest

import loanperf as lp
from loanperf._indicators import FIELDS, _catalogue, check_indicator, check_measure, par

ROOT = Path(__file__).parents[1]
DIMENSIONS = {
    "performance": ["loan_amount", "disbursed_amount", "customer_count", "average_daily_balance"],
    "risk": [
        "npl_ratio",
        "overdue_ratio",
        "par_30",
        "par_90",
        "first_payment_default_rate",
        "compliance_score",
        "collateral_valuation_accuracy",
        "credit_inquiry_compliance",
        "complaint_rate",
    ],
    "growth": [
        *("retention_rate", "cross_sell_rate", "contribution_per_customer", "training_completion_rate"),
        *("leads_assigned", "lead_follow_up_rate", "lead_conversion_rate", "months_of_service"),
    ],
    "team": ["teamwork"],
}
LOWER = {"npl_ratio", "overdue_ratio", "par_30", "par_90", "first_payment_default_rate", "complaint_rate"}

BOUNDS = {
    "average_daily_balance": (0, None),  # what is outstanding is never below zero
    "complaint_rate": (0, 10),  # one customer may complain twice
}
"""Of indicators that are bounded otherwise than their kind: the least and the most of a reading, None for none."""


def faults(measure: lp.schemes.Total | lp.schemes.Ratio | lp.schemes.Deduct) -> list[str]:
    """Path and fault of each problem of a measure that is called m."""
    return [f"{problem.where}: {problem.fault}" for problem in check_measure(measure, "m")]


# ── the catalogue ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_catalogue_holds_these_indicators_by_dimension() -> None:
    """Schemes name indicators by code; a code that goes missing breaks the schemes that use it."""
    assert [code for codes in DIMENSIONS.values() for code in codes] == list(lp.CATALOGUE)
    for dimension, codes in DIMENSIONS.items():
        assert [dimension] * len(codes) == [lp.indicator(code).dimension for code in codes]


def test_no_indicator_is_left_out_of_the_catalogue() -> None:
    """A function that makes one and is not listed cannot be named by a scheme."""
    functions = {
        name
        for name, function in vars(_catalogue).items()
        if isfunction(function) and function.__annotations__.get("return") == "Indicator"
    }
    assert {*lp.CATALOGUE, "made", "indicator"} == functions


@pytest.mark.parametrize("code", list(lp.CATALOGUE))
def test_an_indicator_of_the_catalogue_is_complete(code: str) -> None:
    """An appraisal prints names and formulas in both languages, and a reviewer asks where they come from."""
    found = lp.indicator(code)

    assert code == found.code
    assert all((found.name.en, found.name.zh, found.formula.en, found.formula.zh, found.source))
    assert (lp.schemes.Direction.LOWER if code in LOWER else lp.schemes.Direction.HIGHER) == found.direction
    assert () == check_indicator(found, code)


def test_an_indicator_of_the_catalogue_says_which_readings_cannot_be() -> None:
    """A ratio of 85 where 85% was meant would be scored as 8500%, were there no bound."""
    of_kind = {"ratio": (0, 1), "count": (0, None), "points": (0, None), "money": (None, None)}
    found = {code: (lp.indicator(code).least, lp.indicator(code).most) for code in lp.CATALOGUE}

    assert {code: BOUNDS.get(code, of_kind[lp.indicator(code).kind.value]) for code in lp.CATALOGUE} == found


def test_hosts_make_par_of_any_days() -> None:
    """Lenders watch other ages than 30 and 90 days; they should not have to write the measure."""
    sixty = par("60 days", rescheduled="non-performing")

    assert ("par_60", "PAR60", "60天以上风险贷款率") == (sixty.code, sixty.name.en, sixty.name.zh)


def test_an_unknown_code_names_the_known_ones() -> None:
    """A slip in a code is the commonest fault of a scheme."""
    with pytest.raises(lp.errors.UnknownIndicatorError, match=r"no indicator is called 'npl'.*npl_ratio"):
        lp.indicator("npl")


@pytest.mark.parametrize(
    ("code", "options", "message"),
    [
        ("npl_ratio", {"writen_off": "included"}, "no option 'writen_off'; its options are written_off, resch"),
        ("npl_ratio", {"written_off": "yes"}, "written_off is 'yes'; use 'excluded' or 'included'"),
        ("par_30", {"held_at": "today"}, "no officer is fixed by it .found 'today'.; use one of origination"),
        ("retention_rate", {"base": 1}, "no option 'base'; it has no options"),
        ("compliance_score", {"start": "-1"}, "start is '-1'; give 0 point or more"),
        ("compliance_score", {"start": "100 day"}, "start is '100 day'; give 0 point or more"),
        ("first_payment_default_rate", {"grace_days": "1 month"}, "grace_days is '1 month'; give 0 day or more"),
        ("collateral_valuation_accuracy", {"tolerance": "-1%"}, "tolerance is '-1/100'; give 0 or more"),
    ],
)
def test_an_option_that_cannot_be_is_refused(code: str, options: dict[str, Any], message: str) -> None:
    """A convention that is silently not applied pays the wrong amount for as long as nobody looks."""
    with pytest.raises(lp.errors.MeasureError, match=message):
        lp.indicator(code, options)


def test_par_needs_whole_days() -> None:
    """Days past due are counted, so half a day would be a threshold that nobody can check."""
    with pytest.raises(lp.errors.MeasureError, match="give whole days"):
        par("30.5 days")


@pytest.mark.parametrize(
    ("code", "options"),
    [
        ("disbursed_amount", {"cancelled": "kept"}),
        ("customer_count", {"counted": "new"}),
        ("npl_ratio", {"written_off": "included"}),
        ("npl_ratio", {"rescheduled": "non-performing"}),
        ("overdue_ratio", {"basis": "instalment"}),
        ("overdue_ratio", {"basis": "count"}),
        ("cross_sell_rate", {"counted": "products per customer"}),
        ("contribution_per_customer", {"counted": "at end"}),
        ("collateral_valuation_accuracy", {"tolerance": "5%"}),
        ("training_completion_rate", {"course": "AML"}),
        *((code, {"origin": "branch"}) for code in ("leads_assigned", "lead_follow_up_rate", "lead_conversion_rate")),
        ("loan_amount", {"held_at": "origination"}),
        ("par_90", {"held_at": "origination", "rescheduled": "non-performing"}),
    ],
)
def test_every_option_changes_the_measure(code: str, options: dict[str, Any]) -> None:
    """An option that changes nothing would promise what it does not do."""
    assert lp.indicator(code).measure != lp.indicator(code, options).measure


# ── declared measures ───────────────────────────────────────────────────────────────────────────────────────


def test_every_field_can_be_used_as_its_kind_says() -> None:
    """The page of fields is all that a host has to go by when it declares a measure."""
    for view, fields in FIELDS.items():
        for name, field in fields.items():
            if field.kind == "truth":
                where = lp.schemes.Where(field=name, values=(True,))
            elif field.kind == "text":
                where = lp.schemes.Where(field=name, values=(field.values or ("x",))[:1])
            else:
                where = lp.schemes.Where(field=name, at_least=lp.quantity(0))
                assert [] == faults(lp.schemes.Total(over=view, sum=name)), name
            assert [] == faults(lp.schemes.Total(over=view, where=(where,))), name


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (lp.schemes.Total(over="deals"), ["m.over: there is no such view"]),  # type: ignore[arg-type]
        (lp.schemes.Total(over="loans", sum="blance"), ["m.sum: loans have no such field"]),
        (lp.schemes.Total(over="loans", sum="category"), ["m.sum: the field is no number"]),
        (lp.schemes.Total(over="loans", weighed_by="balance"), ["m.weighed_by: weighing is half said"]),
        (
            lp.schemes.Total(over="loans", where=(lp.schemes.Where(field="colour", values=("red",)),)),
            ["m.where.colour: loans have no such field"],
        ),
        (
            lp.schemes.Total(over="loans", where=(lp.schemes.Where(field="category", values=("lost",)),)),
            ["m.where.category: category is never that"],
        ),
        (
            lp.schemes.Total(over="loans", where=(lp.schemes.Where(field="rescheduled", values=("yes",)),)),
            ["m.where.rescheduled: rescheduled is a truth"],
        ),
        (
            lp.schemes.Total(over="loans", where=(lp.schemes.Where(field="balance"),)),
            ["m.where.balance: a filter needs either values or bounds"],
        ),
        (
            lp.schemes.Total(over="loans", where=(lp.schemes.Where(field="balance", values=("5",)),)),
            ["m.where.balance: balance is of kind money"],
        ),
        (
            lp.schemes.Total(over="loans", where=(lp.schemes.Where(field="category", above=lp.quantity(0)),)),
            ["m.where.category: category is of kind text"],
        ),
        (
            lp.schemes.Total(over="loans", where=(lp.schemes.Where(field="balance", at_least=lp.quantity(5)),)),
            ["m.where.balance.at_least: it is in another unit than the field"],
        ),
        (
            lp.schemes.Ratio(
                numerator=lp.schemes.Total(over="ratings", sum="score"),
                denominator=lp.schemes.Total(over="loans", sum="balance"),
            ),
            ["m.denominator: points is divided by money"],
        ),
        (
            lp.schemes.Deduct(start=Fraction(-1), less=lp.schemes.Total(over="loans", sum="balance")),
            ["m.start: it is negative", "m.less: money is no points"],
        ),
    ],
)
def test_a_measure_that_cannot_be_is_refused_with_its_path(measure: Any, expected: list[str]) -> None:
    """A scheme is checked when it is read, so that nobody is measured by a field that does not exist."""
    assert expected == faults(measure)


def test_all_faults_of_a_measure_are_told_at_once() -> None:
    """Whoever writes a scheme mends it in one go."""
    days = lp.schemes.Curve.of([["0 day", 0], ["30 day", "50%"]], shape="step")
    wrong = lp.schemes.Total(
        over="loans",
        sum="segment",
        weighed_by="balance",
        weights=days,
        where=(lp.schemes.Where(field="x", values=("y",)), lp.schemes.Where(field="product", values=(True,))),
    )

    assert [
        "m.numerator.sum: the field is no number",
        "m.numerator.weights: x is not in the unit of money",
        "m.numerator.where.x: loans have no such field",
        "m.numerator.where.product: product is a text",
    ] == faults(lp.schemes.Ratio(numerator=wrong, denominator=lp.schemes.Total(over="loans")))


def test_a_weight_is_a_plain_number() -> None:
    """Balances times yuan would come out as yuan and be wrong by a unit that nobody sees."""
    yuan = lp.schemes.Curve.of([["0 day", "1 CNY"]], shape="step")
    total = lp.schemes.Total(over="loans", sum="balance", weighed_by="days_past_due", weights=yuan)

    assert ["m.weights: a weight has a unit"] == faults(total)


def test_a_kind_that_the_measure_does_not_count_in_is_refused() -> None:
    """A number of loans shown as yuan would be paid as yuan."""
    counted = lp.schemes.Indicator(
        code="loans_held",
        name=lp.Label("loans held"),
        dimension="performance",
        direction=lp.schemes.Direction.HIGHER,
        kind=lp.schemes.Kind.MONEY,
        measure=lp.schemes.Total(over="loans"),
    )

    assert ["its measure comes to number"] == [item.fault for item in check_indicator(counted, "loans_held")]


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_reference_page_is_what_the_catalogue_says() -> None:
    """A page that lags behind teaches options that do not exist; `python tools/catalogue.py` writes it."""
    page = runpy.run_path(str(ROOT / "tools" / "catalogue.py"))["page"]()

    assert page == (ROOT / "docs" / "reference" / "indicators.md").read_text(encoding="utf-8")
