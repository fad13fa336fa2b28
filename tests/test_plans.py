"""Commission plans in schemes: read, refused by path, written back, shown in the schema, compared, and chosen."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import jsonschema
import pytest
from attrs import evolve, fields
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp
from loanperf._commission._names import name_of
from loanperf._commission._tiers import TERMS
from loanperf._scheme._words import PLAN_WORDS, WORDS

Document = dict[str, Any]
LOANS: Document = {"base": "disbursed", "rate": "0.5%"}
TIERED: Document = {
    "base": "disbursed",
    "tiers": {"by": "amount", "applies": "marginal", "accumulates": "period"},
    "curve": {
        "bands": [["0元", "50万元", "0.5%"], ["50万元", "100万元", "0.8%"], ["100万元", "", "1.2%"]],
        "shape": "step",
    },
}
"""The ladder of a consumer lender, as it is published."""
STEP = {"shape": "step"}


def scheme(**changed: Any) -> Document:
    """A scheme of commissions only."""
    plans = {"corporate": plan()}
    return {"name": "commissions", "currency": "CNY", "effective": "2026-01-01", "plans": plans} | changed


def plan(**changed: Any) -> Document:
    """A plan with one component."""
    return {"rounding": "half up", "components": {"loans": LOANS}} | changed


def of_plan(**changed: Any) -> Document:
    """A scheme with one plan, with keys of it changed."""
    return scheme(plans={"corporate": plan(**changed)})


def of_component(base: Document = LOANS, /, **changed: Any) -> Document:
    """A scheme with one plan of one component, with keys of it changed; None takes a key out."""
    found = {key: value for key, value in (base | changed).items() if value is not None}
    return of_plan(components={"loans": found})


def problems(document: Document) -> list[str]:
    """The problems of a document that must be refused, as they are printed."""
    with pytest.raises(lp.errors.SchemeError) as caught:
        lp.schemes.scheme_of(document)
    return [str(problem) for problem in caught.value.problems]


@cache
def editor() -> jsonschema.Draft202012Validator:
    """What underlines faults in an editor."""
    return jsonschema.Draft202012Validator(lp.schemes.json_schema())


def as_json(value: object) -> Any:
    """A document as an editor sees it."""
    return json.loads(json.dumps(value, default=lambda item: float(item) if isinstance(item, Decimal) else str(item)))


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────

FULL = """
name = "commissions"
currency = "CNY"
effective = 2026-01-01

[plans.corporate]
name = { en = "corporate", zh = "对公" }
role = "senior"
rounding = "half up"
selected_at = "signed"
ramp = { bands = [[1, 4, "50%"], [4, "", "100%"]], shape = "step" }
gates = [{ indicator = "npl_ratio", forfeits = { knots = [["0%", "0%"], ["2%", "50%"]], shape = "step" } }]
most = { most = "5万元", excess = "carried" }
draws = [{ least = "3000元", kind = "recoverable", last_period = 3 }]

[plans.corporate.holdback]
share = { knots = [["0元", "20%"], ["5000元", "30%"]], shape = "step" }
applies = "marginal"
instalments = [{ after_months = 12, share = "1/3" }, { after_months = 36, share = "2/3" }]

[[plans.corporate.clawbacks]]
attainment = "stays"
on = "past due"
share = "100%"
refund = "95%"

[plans.corporate.components.loans]
base = "disbursed"
where = { product = "mortgage", amount = { at_least = "5万元" } }
dead = "reverse"
stages = [{ milestone = "due diligence complete", share = "20%" }, { milestone = "disbursed", share = "80%" }]
split = { lead = "70%", assistant = "30%" }
rate = "6‱"
rates = [{ where = { collateral = ["credit", "guarantee"] }, rate = "0.5%" }]

[plans.corporate.components.count]
base = "count"
rate = "150元"
weighed_by = { bands = [["0元", "10万元", 1], ["10万元", "", 2]], shape = "step" }

[pay]
negative = "carried"
guard_share = "50%"
"""


def test_a_plan_is_read_as_it_is_written() -> None:
    """Every form of a document: tables by code, lists, shares, terms of loans, bands, one share for a curve."""
    found = lp.parse_scheme(FULL)
    (corporate,) = found.plans
    loans, count = corporate.components
    half = Fraction(1, 2)

    assert ("corporate", "senior", "signed") == (corporate.code, corporate.role, corporate.selected_at)
    assert [("due diligence complete", Fraction(1, 5)), ("disbursed", Fraction(4, 5))] == [
        (stage.milestone, stage.share) for stage in loans.stages
    ]
    assert (("lead", Fraction(7, 10)), ("assistant", Fraction(3, 10))) == loans.split
    assert (("lead", Fraction(1)),) == count.split
    assert (
        lp.schemes.Where(field="product", values=("mortgage",)),
        lp.schemes.Where(field="amount", at_least=lp.quantity("50000 CNY")),
    ) == loans.where
    assert lp.Quantity(Fraction(6, 10000)) == loans.rate
    assert ("credit", "guarantee") == loans.rates[0].where[0].values
    assert lp.Quantity(Fraction(150), "CNY") == count.rate
    assert count.weighed_by == lp.schemes.Curve.of([["0元", 1], ["10万元", 2]], shape="step")
    assert corporate.ramp == lp.schemes.Curve.of([[1, "50%"], [4, "100%"]], shape="step")
    assert corporate.holdback is not None
    assert Fraction(3, 10) == corporate.holdback.share.at(Fraction(5000))
    assert [Fraction(1, 3), Fraction(2, 3)] == [item.share for item in corporate.holdback.instalments]
    assert [1, 1] == [corporate.clawbacks[0].share.at(Fraction(month)) for month in (0, 99)]
    assert found.pay is not None
    assert ("carried", half) == (found.pay.negative, found.pay.guard_share)


def test_a_single_share_is_written_back_as_one() -> None:
    """Nobody wants to read a curve with one knot."""
    document: Document = lp.parse_scheme(FULL).document()
    (clawback,) = document["plans"]["corporate"]["clawbacks"]

    assert {"on": "past due", "share": "100%", "attainment": "stays", "refund": "95%"} == clawback


# ── refused: a plan by itself ───────────────────────────────────────────────────────────────────────────────

COMPONENT = "$.plans.corporate.components.loans"
PLAN = "$.plans.corporate"
RATES = {"by": "amount", "applies": "flat", "accumulates": "period"}
CURVE = {"knots": [["0元", "1%"]], **STEP}


def stages(*shares: str) -> list[Document]:
    """Stages with these shares, in the order of milestones."""
    names = ("due diligence complete", "signed", "disbursed")
    return [{"milestone": name, "share": share} for name, share in zip(names, shares, strict=False)]


def holdback(**changed: Any) -> Document:
    """A scheme whose plan holds pay back."""
    return of_plan(holdback={"share": "20%", "instalments": [{"after_months": 36, "share": "100%"}]} | changed)


BAD: dict[str, tuple[Document, str]] = {
    # rates
    "a rate without anything": (
        of_component(rate=None),
        f"{COMPONENT}.rate: it takes one rate, or a curve or table of them, or rates by terms; state one of them",
    ),
    "a rate twice": (
        of_component(curve=CURVE, tiers=RATES),
        f"{COMPONENT}.rate: it takes one rate, or a curve or table of them, or rates by terms; state one of them",
    ),
    "a rate by terms twice": (
        of_component(rates=[{"rate": "1%", "curve": CURVE}]),
        f"{COMPONENT}.rates[0].rate: it takes one rate, or a curve or a table of them; state rate, curve or table",
    ),
    "a curve without tiers": (
        of_component(rate=None, curve=CURVE),
        f"{COMPONENT}.tiers: a curve of rates needs them, and only such a curve does; state both or neither",
    ),
    "tiers without a curve": (
        of_component(tiers=RATES),
        f"{COMPONENT}.tiers: a curve of rates needs them, and only such a curve does; state both or neither",
    ),
    "a line under flat tiers": (
        of_component(rate=None, tiers=RATES, curve=[["0元", "1%"], ["5元", "2%"]]),
        f"{COMPONENT}.curve: flat tiers are steps; write shape = 'step', or applies = 'interpolated'",
    ),
    "steps between knots": (
        of_component(rate=None, tiers=RATES | {"applies": "interpolated"}, curve=CURVE),
        f"{COMPONENT}.curve: interpolated rates lie between knots; write shape = 'linear', or applies = 'flat'",
    ),
    "nothing as the unit of a rate": (
        of_component(per="0元"),
        f"{COMPONENT}.per: it is 0 CNY; give more than zero, such as '1万元'",
    ),
    # tiers
    "tiers by no indicator": (
        of_component(TIERED, tiers={"by": "indicator", "applies": "flat"}),
        f"{COMPONENT}.tiers.indicator: tiers by indicator name none; state its code",
    ),
    "slices of a reading": (
        of_component(TIERED, tiers={"by": "indicator", "applies": "marginal", "indicator": "loan_amount"}),
        f"{COMPONENT}.tiers.applies: tiers by indicator have no slices; use 'flat' or 'interpolated'",
    ),
    "a reading that is summed": (
        of_component(TIERED, tiers={**RATES, "by": "indicator", "indicator": "loan_amount"}),
        f"{COMPONENT}.tiers.accumulates: tiers by indicator sum nothing; leave it out",
    ),
    "attainment of nothing": (
        of_component(TIERED, tiers={"by": "attainment", "applies": "marginal", "accumulates": "period"}),
        (f"{COMPONENT}.tiers.quota: nothing says what 100% is; state quota, or the indicator whose target it is"),
    ),
    "earned tiers that are flat": (
        of_component(TIERED, tiers={"by": "earned", "applies": "flat", "accumulates": "period"}),
        f"{COMPONENT}.tiers.applies: tiers by what is earned are slices; use 'marginal'",
    ),
    "a quota of nothing": (
        of_component(TIERED, tiers={**RATES, "by": "attainment", "quota": "0元"}),
        f"{COMPONENT}.tiers.quota: it is 0 CNY; give more than zero",
    ),
    "a rolling sum of no period": (
        of_component(TIERED, tiers={**RATES, "accumulates": "rolling", "periods": 0}),
        f"{COMPONENT}.tiers.periods: it is out of range (found 0); give 1 to 120",
    ),
    # bases
    "an indicator that is no base": (
        of_component(indicator="loan_amount"),
        f"{COMPONENT}.indicator: base is 'disbursed'; state an indicator exactly where base is 'indicator'",
    ),
    "a base of no indicator": (
        of_component(base="indicator"),
        f"{COMPONENT}.indicator: base is 'indicator'; state an indicator exactly where base is 'indicator'",
    ),
    "a team that is no base": (
        of_component(team={"total": "sum"}),
        f"{COMPONENT}.team: base is 'disbursed'; state team exactly where base is 'team'",
    ),
    "loans weighed that are not counted": (
        of_component(weighed_by={"knots": [["0元", 1]], **STEP}),
        f"{COMPONENT}.weighed_by: base is 'disbursed'; weigh loans only where base is 'count'",
    ),
    "a margin of how long": (
        of_component(base="interest margin"),
        f"{COMPONENT}.year_part: a margin is a year's; state 'months/12', 'days/365' or 'days/360'",
    ),
    "a year of loans": (
        of_component(year_part="days/365"),
        f"{COMPONENT}.year_part: base is 'disbursed'; leave it out",
    ),
    "a least of no loan": (
        of_component({"base": "fixed", "rate": "100元"}, least="5元"),
        f"{COMPONENT}.least: 5 CNY is no amount for one loan; give money, where base is one of loans",
    ),
    "a most below the least": (
        of_component(least="5元", most="4元"),
        f"{COMPONENT}.most: 4 CNY is below the least, 5 CNY; swap them",
    ),
    "a least of a period in percent": (
        of_component(period_least="5%"),
        (f"{COMPONENT}.period_least: it is no amount of money (found 0.05); give zero or more, such as '2万元'"),
    ),
    "a term that no loan has": (
        of_component(where={"officer": "lin"}),
        (
            f"{COMPONENT}.where: a loan has no such term (found 'officer');"
            " use one of age, amount, collateral, customer_type, days_past_due, discount, interest_rate, ltv, product,"
            " receipt, segment, term_months"
        ),
    ),
    # stages and the split
    "stages of 90%": (
        of_component(dead="reverse", stages=stages("20%", "70%")),
        f"{COMPONENT}.stages: the shares sum to 90%; make them sum to exactly 100%",
    ),
    "stages of no loan": (
        of_component({"base": "fixed", "rate": "100元"}, stages=stages("100%")),
        f"{COMPONENT}.stages: base is 'fixed'; stages are of loans: contracted, disbursed or count",
    ),
    "a milestone twice": (
        of_component(dead="reverse", stages=stages("50%") * 2),
        f"{COMPONENT}.stages: two of them have one milestone; add their shares",
    ),
    "a milestone that is misspelt": (
        of_component(stages=[{"milestone": "due dilligence complete", "share": "100%"}]),
        (
            f"{COMPONENT}.stages[0].milestone: it is none of the words that can stand here"
            " (found 'due dilligence complete'); did you mean 'due diligence complete'?"
        ),
    ),
    "a split of 110%": (
        of_component(split={"lead": "70%", "assistant": "40%"}),
        f"{COMPONENT}.split: the parts sum to 110%; make them sum to exactly 100%",
    ),
    "a split of nobody": (
        of_component(split={}, credited="full"),
        f"{COMPONENT}.split: nobody is credited; leave it out, or name a kind of credit",
    ),
    "a stage that expires at once": (
        of_component(expires_days=0),
        f"{COMPONENT}.expires_days: it is out of range (found 0); give 1 to 36500",
    ),
    # what is kept back, taken back and advanced
    "a holdback of 20 without its sign": (
        holdback(share=20),
        (
            f"{PLAN}.holdback.share: a share is below 0%, above 100% or an amount (found 2000%);"
            " give shares of 0% to 100%, such as '20%'"
        ),
    ),
    "a holdback of 120%": (
        holdback(share="120%"),
        f"{PLAN}.holdback.share: a share is below 0%, above 100% or an amount (found 120%); give shares of 0% to 100%",
    ),
    "slices of a line": (
        holdback(share=[["0元", "10%"], ["5000元", "20%"]], applies="marginal"),
        f"{PLAN}.holdback.share: marginal shares are steps; write shape = 'step'",
    ),
    "instalments of 90%": (
        holdback(instalments=[{"after_months": 12, "share": "90%"}]),
        f"{PLAN}.holdback.instalments: the shares sum to 90%; make them sum to exactly 100%",
    ),
    "a holdback for ever": (
        holdback(instalments=[]),
        f"{PLAN}.holdback.instalments: nothing ever releases it; state instalments, or repaid = 'releases'",
    ),
    "instalments out of order": (
        holdback(instalments=[{"after_months": 24, "share": "50%"}, {"after_months": 12, "share": "50%"}]),
        f"{PLAN}.holdback.instalments: their months do not rise; write them from the earliest to the latest",
    ),
    "a holdback of no share": (
        holdback(share="much"),
        (
            f"{PLAN}.holdback.share: cannot read 'much' as a quantity: it is not a number and a unit;"
            " write it like '100万元', '1200 CNY' or '3%'"
        ),
    ),
    "a clawback of an amount": (
        of_plan(clawbacks=[{"on": "written off", "takes": "whole", "attainment": "stays", "share": "100元"}]),
        (
            f"{PLAN}.clawbacks[0].share: a share is below 0%, above 100% or an amount (found 100 CNY);"
            " give shares of 0% to 100%"
        ),
    ),
    "a draw in percent": (
        of_plan(draws=[{"least": "50%", "kind": "plain"}]),
        f"{PLAN}.draws[0].least: it is no amount of money (found 0.5); give zero or more, such as '2万元'",
    ),
    "a draw that ends before it starts": (
        of_plan(draws=[{"least": "1元", "kind": "plain", "first_period": 3, "last_period": 2}]),
        f"{PLAN}.draws[0].last_period: it ends before it starts; swap first_period and last_period",
    ),
    "an advance that is no loan": (
        of_plan(draws=[{"least": "1元", "kind": "plain", "style": "advance"}]),
        f"{PLAN}.draws[0].style: a plain draw is nobody's advance; write style = 'top up'",
    ),
    "a cap in percent": (
        of_plan(most={"most": "50%", "excess": "lost"}),
        f"{PLAN}.most.most: it is no amount of money (found 0.5); give zero or more, such as '2万元'",
    ),
    "a guard below zero": (
        scheme(pay={"guard_floor": "-5元"}),
        "$.pay.guard_floor: it is no amount of money (found -5 CNY); give zero or more, such as '2万元'",
    ),
    "a plan for nothing": (of_plan(components={}), f"{PLAN}.components: there is none; add what is paid for"),
    "what counts, where nothing is counted": (
        of_component(
            TIERED, tiers={"by": "indicator", "applies": "flat", "indicator": "npl_ratio", "counts": "every loan"}
        ),
        f"{COMPONENT}.tiers.counts: tiers by indicator count no loans; leave it out",
    ),
    "terms of a loan, where there is none": (
        of_component({"base": "fixed", "rate": "5元", "where": {"product": "car"}}),
        f"{COMPONENT}.where: base is 'fixed', which is of no loan; leave it out",
    ),
    "what counts of a base that is of no loan": (
        of_component(TIERED, base="team", team={"total": "sum"}, tiers={**RATES, "counts": "every loan"}),
        f"{COMPONENT}.tiers: base is 'team', of which no loans count; leave counts out",
    ),
    "what counts, by the key of earlier versions": (
        of_component(TIERED, tiers={**RATES, "where": {"product": "car"}}),
        (
            f"{COMPONENT}.tiers.where: there is no such key;"
            " write counts: which loans count for the tier, where they are not those that are paid"
        ),
    ),
    "a word of what counts that is none": (
        of_component(TIERED, tiers={**RATES, "counts": "every loans"}),
        (
            f"{COMPONENT}.tiers.counts: it is none of the words that can stand here (found 'every loans');"
            " did you mean 'every loan'?"
        ),
    ),
    "a key that is misspelt": (
        of_component(milestones=[]),
        (
            f"{COMPONENT}.milestones: there is no such key; use one of "
            + ", ".join(repr(item.name) for item in fields(lp.schemes.Component) if item.name != "code")
        ),
    ),
    "a code within its table": (
        of_component(code="loans"),
        f"{COMPONENT}: a code stands in the table (found 'loans'); leave it out: its key is its code",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_plan_that_cannot_be_is_refused_by_path(name: str) -> None:
    """Each rule of a plan says where it is broken and what to write instead."""
    wrong, expected = BAD[name]
    assert [expected] == problems(wrong)


# ── refused: a plan in its scheme ───────────────────────────────────────────────────────────────────────────


def multiplied(**changed: Any) -> Document:
    """A scheme with a multiplier."""
    return of_component(multipliers=[{"indicator": "loan_amount", "curve": [["0%", "0%"], ["100%", "100%"]]} | changed])


def gated(indicator: str, *knots: list[Any]) -> Document:
    """A scheme with a gate."""
    return of_plan(gates=[{"indicator": indicator, "forfeits": {"knots": list(knots), **STEP}}])


def tiered(by: str, knots: list[Any], **changed: Any) -> Document:
    """A scheme with tiers and a curve of rates."""
    curve = {"knots": knots, **STEP}
    base = {key: changed.pop(key) for key in ("base",) if key in changed}
    summed = {} if by.startswith("indicator") else {"accumulates": "period"}
    return of_component(TIERED, **base, tiers={"by": by, "applies": "flat", **summed} | changed, curve=curve)


MISFITS: dict[str, tuple[Document, str]] = {
    "a gate on what is not there": (
        gated("npl_ration", ["0%", "0%"], ["2%", "50%"]),
        (
            f"{PLAN}.gates[0].indicator: there is no indicator of that code (found 'npl_ration');"
            " did you mean 'npl_ratio'?"
        ),
    ),
    "a gate of more than all": (
        gated("npl_ratio", ["0%", "0%"], ["2%", "150%"]),
        (
            f"{PLAN}.gates[0].forfeits: a share is below 0%, above 100% or an amount (found 150%);"
            " give shares of 0% to 100%"
        ),
    ),
    "a gate in another unit": (
        gated("npl_ratio", ["0 point", "0%"], ["2 point", "50%"]),
        f"{PLAN}.gates[0].forfeits: its x is in another unit (found point); give it in percent or as a number",
    ),
    "a gate that forgives risk": (
        gated("npl_ratio", ["0%", "50%"], ["2%", "0%"]),
        f"{PLAN}.gates[0].forfeits: a worse NPL ratio forfeits less, where lower is better; put the shares in order",
    ),
    "a multiplier by what is not there": (
        multiplied(indicator="loan_amounts"),
        (
            f"{COMPONENT}.multipliers[0].indicator: there is no indicator of that code (found 'loan_amounts');"
            " did you mean 'loan_amount'?"
        ),
    ),
    "a multiplier at an amount of attainment": (
        multiplied(curve=[["0元", "0%"], ["5元", "100%"]]),
        f"{COMPONENT}.multipliers[0].curve: its x is in another unit (found CNY); give it in percent or as a number",
    ),
    "a multiplier at a share of an amount": (
        multiplied(of="value", curve=[["0%", "0%"], ["5%", "100%"]]),
        f"{COMPONENT}.multipliers[0].curve: its x is in another unit (found no unit); give it in CNY",
    ),
    "a multiplier that is money": (
        multiplied(curve=[["0%", "0元"], ["5%", "9元"]]),
        f"{COMPONENT}.multipliers[0].curve: its y is in another unit (found CNY); give it in percent or as a number",
    ),
    "a multiplier below zero": (
        multiplied(curve=[["0%", "-10%"], ["5%", "9%"]]),
        f"{COMPONENT}.multipliers[0].curve: it goes below zero (found -10%); give zero or more",
    ),
    "tiers by what is not there": (
        tiered("indicator", [["0元", "1%"]], indicator="loan_amounts"),
        (
            f"{COMPONENT}.tiers.indicator: there is no indicator of that code (found 'loan_amounts');"
            " did you mean 'loan_amount'?"
        ),
    ),
    "a base that is not there": (
        of_component(base="indicator", indicator="loan_amounts"),
        (
            f"{COMPONENT}.indicator: there is no indicator of that code (found 'loan_amounts');"
            " did you mean 'loan_amount'?"
        ),
    ),
    "a ratio as a base": (
        of_component(base="indicator", indicator="npl_ratio"),
        (
            f"{COMPONENT}.indicator: a ratio is no base (found 'npl_ratio');"
            " pay for money, a count or points, and let the ratio be a multiplier or a gate"
        ),
    ),
    "money for money": (
        of_component(rate="5元"),
        f"{COMPONENT}.rate: it is in another unit (found 5 CNY); give it in percent or as a number",
    ),
    "a share for a loan": (
        of_component(base="count", rate="5%"),
        f"{COMPONENT}.rate: it is in another unit (found 0.05); give it in CNY",
    ),
    "a share for a period": (
        of_component(base="fixed", rate="5%"),
        f"{COMPONENT}.rate: it is in another unit (found 0.05); give it in CNY",
    ),
    "money for an indicator in money": (
        of_component(base="indicator", indicator="loan_amount", rate="5元"),
        f"{COMPONENT}.rate: it is in another unit (found 5 CNY); give it in percent or as a number",
    ),
    "a share for an indicator that counts": (
        of_component(base="indicator", indicator="customer_count"),
        f"{COMPONENT}.rate: it is in another unit (found 0.005); give it in CNY",
    ),
    "a share for points": (
        of_component(base="indicator", indicator="compliance_score"),
        f"{COMPONENT}.rate: it is in another unit (found 0.005); give it in CNY",
    ),
    "another currency for a loan": (
        of_component(base="count", rate="5 USD"),
        f"{COMPONENT}.rate: it is in another unit (found 5 USD); give it in CNY",
    ),
    "another unit by terms": (
        of_component(rates=[{"where": {"product": "car"}, "rate": "5元"}]),
        f"{COMPONENT}.rates[0].rate: it is in another unit (found 5 CNY); give it in percent or as a number",
    ),
    "a rate for how many loans": (
        of_component(per="1", rate="6元"),
        f"{COMPONENT}.per: it is in another unit (found 1); give it in CNY",
    ),
    "a curve of money for money": (
        tiered("amount", [["0元", "5元"]]),
        f"{COMPONENT}.curve: its y is in another unit (found CNY); give it in percent or as a number",
    ),
    "tiers by amount in percent": (
        tiered("amount", [["0%", "1%"], ["50%", "2%"]]),
        f"{COMPONENT}.curve: its x is in another unit (found no unit); give it in CNY",
    ),
    "tiers by amount in another currency": (
        tiered("amount", [["0 USD", "1%"], ["50 USD", "2%"]]),
        f"{COMPONENT}.curve: its x is in another unit (found USD); give it in CNY",
    ),
    "tiers by count in money": (
        tiered("count", [["0元", "1%"], ["50元", "2%"]]),
        f"{COMPONENT}.curve: its x is in another unit (found CNY); give it in percent or as a number",
    ),
    "tiers by attainment in money": (
        tiered("attainment", [["0元", "1%"], ["50元", "2%"]], quota="100万元"),
        f"{COMPONENT}.curve: its x is in another unit (found CNY); give it in percent or as a number",
    ),
    "tiers by earnings in percent": (
        tiered("earned", [["0%", "1%"], ["50%", "2%"]], applies="marginal"),
        f"{COMPONENT}.curve: its x is in another unit (found no unit); give it in CNY",
    ),
    "tiers by a ratio in money": (
        tiered("indicator", [["0元", "1%"], ["50元", "2%"]], indicator="npl_ratio"),
        f"{COMPONENT}.curve: its x is in another unit (found CNY); give it in percent or as a number",
    ),
    "tiers by the attainment of a reading in money": (
        tiered("indicator attainment", [["0元", "1%"], ["50元", "2%"]], indicator="loan_amount"),
        f"{COMPONENT}.curve: its x is in another unit (found CNY); give it in percent or as a number",
    ),
    "an amount of a count": (
        of_component(
            {"base": "count", "tiers": RATES, "curve": {"knots": [[0, "1元"], [5, "2元"]], **STEP}},
        ),
        (
            f"{COMPONENT}.tiers.by: base is 'count', which is no amount (found 'amount');"
            " write by = 'count', or pay by amount"
        ),
    ),
    "a quota of loans for an amount": (
        tiered("attainment", [["0%", "1%"]], quota="20"),
        f"{COMPONENT}.tiers.quota: it is in another unit (found 20); give it in CNY",
    ),
    "a quota in money for a count": (
        of_component(
            {
                "base": "count",
                "tiers": {**RATES, "by": "attainment", "quota": "5元"},
                "curve": {"knots": [["0%", "1元"]], **STEP},
            },
        ),
        f"{COMPONENT}.tiers.quota: it is in another unit (found 5 CNY); give it in percent or as a number",
    ),
    "the target of a count for an amount": (
        tiered("attainment", [["0%", "1%"]], indicator="customer_count"),
        (
            f"{COMPONENT}.tiers.indicator: its target is in no unit, and the base 'disbursed' in CNY"
            " (found 'customer_count'); choose an indicator of what is paid, or tiers by 'indicator attainment'"
        ),
    ),
    "loans weighed by a share": (
        of_component(base="count", rate="5元", weighed_by={"knots": [["5%", 1]], **STEP}),
        f"{COMPONENT}.weighed_by: its x is in another unit (found no unit); give it in CNY",
    ),
    "loans weighed in money": (
        of_component(base="count", rate="5元", weighed_by={"knots": [["5元", "1元"]], **STEP}),
        f"{COMPONENT}.weighed_by: its y is in another unit (found CNY); give it in percent or as a number",
    ),
    "a term in days": (
        of_component(where={"term_months": {"at_least": "30 day"}}),
        (
            f"{COMPONENT}.where.term_months.at_least: it is in another unit than the field (found 30 day);"
            " give a plain number or percentage"
        ),
    ),
    "a size that is a word": (
        of_component(where={"amount": "large"}),
        f"{COMPONENT}.where.amount: amount is of kind money (found values); give bounds, such as at_least",
    ),
    "a product between bounds": (
        of_component(rates=[{"where": {"product": {"above": "5元"}}, "rate": "1%"}]),
        f"{COMPONENT}.rates[0].where.product: product is of kind text (found above); give values",
    ),
    "a size in another currency": (
        of_component(TIERED, tiers={**RATES, "counts": {"amount": {"above": "5 USD"}}}),
        f"{COMPONENT}.tiers.counts.amount.above: it is in another currency (found '5 USD'); give it in CNY",
    ),
    "two rates for the same loans": (
        of_component(
            rates=[
                {"where": {"product": ["car", "truck"], "segment": "personal"}, "rate": "1%"},
                {"where": {"segment": "personal", "product": ["truck", "car"]}, "rate": "2%"},
            ],
        ),
        f"{COMPONENT}.rates[1]: rates[0] and rates[1] are for the same loans; keep one, or add a term",
    ),
    "a holdback by months": (
        holdback(share={"knots": [["0 month", "10%"], ["5 month", "20%"]], **STEP}),
        f"{PLAN}.holdback.share: its x is in another unit (found month); give it in CNY",
    ),
    "a clawback by amount": (
        of_plan(
            clawbacks=[
                {
                    "on": "prepaid",
                    "takes": "whole",
                    "attainment": "stays",
                    "share": {"knots": [["0元", "10%"], ["5元", "20%"]], **STEP},
                }
            ]
        ),
        (
            f"{PLAN}.clawbacks[0].share: it is by an age, and its knots are in CNY;"
            " write ages such as '181 day' or '12 month'"
        ),
    ),
    "a ramp by day": (
        of_plan(ramp={"knots": [["1 day", "50%"], ["90 day", "100%"]], **STEP}),
        f"{PLAN}.ramp: its x is in another unit (found day); give it in percent or as a number",
    ),
    "a ramp to an amount": (
        of_plan(ramp={"knots": [[1, "50元"]], **STEP}),
        f"{PLAN}.ramp: its y is in another unit (found CNY); give it in percent or as a number",
    ),
    "a draw in another currency": (
        of_plan(draws=[{"least": "5 USD", "kind": "plain"}]),
        f"{PLAN}.draws[0].least: it is in another unit (found 5 USD); give it in CNY",
    ),
    "a cap in another currency": (
        of_plan(most={"most": "5 USD", "excess": "lost"}),
        f"{PLAN}.most.most: it is in another unit (found 5 USD); give it in CNY",
    ),
    "a cap of a period in another currency": (
        of_component(period_most={"most": "5 USD", "excess": "lost"}),
        f"{COMPONENT}.period_most.most: it is in another unit (found 5 USD); give it in CNY",
    ),
    "a least in another currency": (
        of_component(least="5 USD"),
        f"{COMPONENT}.least: it is in another unit (found 5 USD); give it in CNY",
    ),
    "a guard in another currency": (
        scheme(pay={"guard_floor": "5 USD"}),
        "$.pay.guard_floor: it is in another unit (found 5 USD); give it in CNY",
    ),
    "a cap of a person in another currency": (
        scheme(pay={"person_most": {"most": "5 USD", "excess": "lost"}}),
        "$.pay.person_most.most: it is in another unit (found 5 USD); give it in CNY",
    ),
    "a cap of a payment in another currency": (
        scheme(pay={"payment_most": {"most": "5 USD", "excess": "carried"}}),
        "$.pay.payment_most.most: it is in another unit (found 5 USD); give it in CNY",
    ),
    "two plans for the same payees": (
        scheme(plans={"a": plan(role="senior"), "b": plan(role="senior"), "c": plan(role="senior", unit="north")}),
        "$.plans.b: plans 'a' and 'b' are for the same payees; keep one, or add a condition",
    ),
}


@pytest.mark.parametrize("name", MISFITS)
def test_a_plan_that_does_not_fit_its_scheme_is_refused_by_path(name: str) -> None:
    """A rate in another unit than its base pays ten thousand times too much, and nobody sees it in the plan."""
    wrong, expected = MISFITS[name]
    assert [expected] == problems(wrong)


def test_all_faults_of_plans_come_at_once() -> None:
    """A plan that cannot be read hides no fault of another plan, of the pay rules or of the profiles."""
    wrong = scheme(
        plans={"a": plan(rounding="up-ish"), "b": plan(components={"x": {**LOANS, "rate": "5元"}}, role="b")},
        pay={"guard_share": "200%"},
        profiles={"p": {"weights": {"loan_amount": "90%"}}},
    )
    assert ["$.profiles.p.weights", "$.plans.a.rounding", "$.pay.guard_share", "$.plans.b.components.x.rate"] == [
        problem.split(":")[0] for problem in problems(wrong)
    ]
    assert ["$.plans.a.rounding"] == [line.split(":")[0] for line in problems(scheme(plans={"a": plan(rounding="x")}))]


def test_a_bare_zero_fits_every_unit() -> None:
    """`rate = "0%"` for all other loans and `rate = 0` for all other counts are one thing: nothing."""
    for component in (
        of_component(rate=0),
        of_component(base="count", rate="0%"),
        tiered("amount", [[0, "1%"]]),
        of_component(base="indicator", indicator="compliance_score", rate="5元", per="1 point"),
    ):
        assert lp.schemes.scheme_of(component).plans


def test_a_component_built_in_python_keeps_the_rules() -> None:
    """A document has each code once; values built by hand must too."""
    found = lp.parse_scheme(FULL)
    (corporate,) = found.plans
    loans = corporate.components[0]
    junk: Any = 5
    attempts: list[tuple[Callable[[], object], str]] = [
        (lambda: evolve(corporate, components=(loans, loans)), "Plan.components: two of them have one code; rename"),
        (
            lambda: evolve(loans, split=(("lead", "50%"), ("lead", "50%"))),
            "Component.split: two of its parts have one kind of credit; add them up",
        ),
        (lambda: evolve(loans, split=junk), "Component.split: these are no pairs (found 5)"),
        (lambda: evolve(loans, where=(junk,)), "Component.where: a loan has no such term (found 5)"),
    ]
    for attempt, expected in attempts:
        with pytest.raises(lp.errors.DataError) as caught:
            attempt()
        assert str(caught.value).startswith(expected)
    with pytest.raises(lp.errors.SchemeError, match=r"\$\.plans\.corporate: it stands there 2 times; keep one of them"):
        evolve(found, plans=found.plans * 2)


# ── schemes without profiles ────────────────────────────────────────────────────────────────────────────────


def test_a_scheme_of_commissions_only_has_no_card() -> None:
    """A payee without a scorecard is told so, and the run goes on with the others."""
    found = lp.parse_scheme(FULL)
    with pytest.raises(
        lp.errors.ResolveError, match="has no weight profile, and pays commissions only; ask for a plan"
    ):
        found.resolve(period=lp.Period.month(2026, 3), role="senior")
    with pytest.raises(lp.errors.ResolveError, match="use one of none"):
        found.profile("senior")
    assert "commissions" in found._repr_html_()


def test_a_scheme_pays_for_something() -> None:
    """Neither profiles nor plans is a scheme for nobody."""
    expected = "$.profiles: there is no weight profile, and no commission plan; add [profiles.NAME.weights], or"
    assert [f"{expected} [plans.NAME]"] == problems(scheme(plans={}))
    assert ["$.profiles: it is no table (found 'x'); write a table by code"] == problems(
        {key: value for key, value in scheme(profiles="x").items() if key != "plans"}
    )


# ── which plan ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_plan_with_most_conditions_holds() -> None:
    """Then the deeper unit; two that fit equally are a question to the manager, not a matter of luck."""
    plans = {
        "all": plan(),
        "senior": plan(role="senior"),
        "north": plan(role="senior", unit="north"),
        "city": plan(role="senior", unit="city"),
        "mortgage": plan(role="senior", product_line="mortgage"),
        "top": plan(role="senior", tier="A"),
    }
    found = lp.schemes.scheme_of(scheme(plans=plans))

    assert "all" == found.plan(on="2026-01-01").plan.code
    assert "senior" == found.plan(on="2026-01-01", role="senior", units=["bank", "south"]).plan.code
    assert "city" == found.plan(on=date(2026, 1, 1), role="senior", units=["bank", "north", "city"]).plan.code
    with pytest.raises(lp.errors.ResolveError, match="plans 'mortgage' of 'commissions' and 'top' of 'commissions'"):
        found.plan(on="2026-01-01", role="senior", product_line="mortgage", tier="A")


def test_a_plan_says_which_version_it_is_of() -> None:
    """An amount names the version that made it, and the pay rules of that version hold for it."""
    found = lp.schemes.scheme_of(scheme(until="2027-01-01", pay={"guard_share": "50%"}))
    dated = found.plan(on="2026-12-31")

    assert (found.fingerprint, "commissions", "CNY") == (dated.version, dated.scheme, dated.currency)
    assert (date(2026, 1, 1), date(2027, 1, 1), found.pay) == (dated.since, dated.until, dated.rules)
    for day in ("2025-12-31", "2027-01-01"):
        with pytest.raises(
            lp.errors.ResolveError, match="in force from 2026-01-01 until 2027-01-01; choose a day within"
        ):
            found.plan(on=day)
    with pytest.raises(lp.errors.ResolveError, match="the scheme has no commission plan"):
        lp.template("classic").plan(on="2026-01-01")


def version(effective: str, **changed: Any) -> lp.Scheme:
    """The scheme of commissions from a day on."""
    return lp.schemes.scheme_of(scheme(effective=effective, **changed))


def test_each_day_has_the_plans_of_the_version_that_is_in_force() -> None:
    """A version ends where it says, or where the next one starts; the last goes on."""
    versions = [version("2026-01-01"), version("2026-04-01", until="2026-07-01"), version("2026-07-01")]
    dated = lp.SchemeBook(versions).plans()

    assert [item.fingerprint for item in versions] == [item.version for item in dated]
    assert [
        (date(2026, 1, 1), date(2026, 4, 1)),
        (date(2026, 4, 1), date(2026, 7, 1)),
        (date(2026, 7, 1), None),
    ] == [(item.since, item.until) for item in dated]


def test_a_version_is_backdated_on_purpose_only() -> None:
    """What was in use changes for a reason that is kept; versions that follow stay in force."""
    first, last = version("2026-01-01"), version("2026-07-01")
    book = lp.SchemeBook([first, last])
    mended = version("2026-03-01", note="rate agreed in February")

    for reason in ("", "  "):
        with pytest.raises(lp.errors.VersionError, match="or say why in backdated_because"):
            book.publish(mended, as_of="2026-08-31", backdated_because=reason)
    after = book.publish(mended, as_of="2026-08-31", backdated_because="signed late")
    replaced = after.publish(version("2026-03-01", note="x"), as_of="2026-08-31", backdated_because="a slip")

    assert (first, mended, last) == after.versions
    assert [first, mended, last] == [after.at(day) for day in ("2026-02-28", "2026-06-30", "2026-07-01")]
    assert ((mended.fingerprint, "signed late"),) == after.backdated
    assert (first, version("2026-03-01", note="x"), last) == replaced.versions
    assert ["signed late", "a slip"] == [reason for _, reason in replaced.backdated]
    assert replaced.backdated == replaced.publish(version("2027-01-01"), as_of="2026-08-31").backdated


# ── round trips and the schema ──────────────────────────────────────────────────────────────────────────────

CURVES_OF_RATES = (
    st.sets(st.integers(1, 900), max_size=3)
    .map(lambda points: [0, *points])
    .map(lambda xs: {"knots": [[f"{x}万元", f"{index + 1}%"] for index, x in enumerate(sorted(xs))], **STEP})
)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "product": st.sampled_from(["car", ["car", "home"]]),
        "amount": st.sampled_from([{"at_least": "5万元"}, {"above": "1元", "at_most": "9元"}]),
        "term_months": st.just({"below": 13}),
    },
)
PARTS = st.lists(st.integers(1, 9), min_size=1, max_size=4).map(
    lambda parts: [f"{part}/{sum(parts)}" for part in parts]
)
MILESTONES = ["opened", "applied", "due diligence complete", "signed", "disbursed"]
CAPS = st.builds(
    lambda most, excess: {"most": f"{most}元", "excess": excess},
    st.integers(0, 99),
    st.sampled_from(["lost", "carried"]),
)


@st.composite
def components(draw: st.DrawFn) -> Document:
    """A component of loans, of a count, of a balance, of an indicator or of a team."""
    loans: Document = {
        "base": draw(st.sampled_from(["contracted", "disbursed"])),
        "where": draw(FILTERS),
        "stages": [{"milestone": name, "share": share} for name, share in zip(MILESTONES, draw(PARTS), strict=False)],
        "split": dict(zip(["lead", "assistant", "referrer", "other"], draw(PARTS), strict=False)),
        "dead": draw(st.sampled_from(["keep", "reverse"])),
        "period_most": draw(CAPS),
    }
    if draw(st.booleans()):
        loans |= {"rate": "6元", "per": draw(st.sampled_from(["10元", "1万元"]))}
    else:
        how = draw(st.sampled_from(["flat", "marginal", "forward before", "forward after"]))
        counts = draw(st.one_of(FILTERS.filter(bool), st.sampled_from(["what is paid", "every loan"])))
        tiers = {"by": "amount", "applies": how, "accumulates": "rolling", "periods": 3, "counts": counts}
        loans |= {"tiers": tiers, "curve": draw(CURVES_OF_RATES)}
        loans["rates"] = [{"where": {"product": "car"}, "curve": draw(CURVES_OF_RATES)}]
    others: list[Document] = [
        {"base": "count", "rate": "150元", "weighed_by": {"knots": [["0元", 1], ["10万元", 2]], **STEP}},
        {"base": "interest margin", "rate": "20%", "year_part": "days/360", "least": "1元", "most": "9元"},
        {"base": "fixed", "rate": "800元"},
        {"base": "indicator", "indicator": "customer_count", "rate": "5元"},
        {"base": "team", "rate": "1/3", "team": {"total": "average", "members": "direct"}},
    ]
    return draw(st.sampled_from([loans, *others]))


@st.composite
def plans(draw: st.DrawFn) -> Document:
    """A plan with every part."""
    found: Document = {"rounding": draw(st.sampled_from([item.value for item in lp.Rounding]))}
    found["components"] = draw(st.dictionaries(st.text("abc", min_size=1), components(), min_size=1, max_size=3))
    if draw(st.booleans()):
        months = sorted(draw(st.lists(st.integers(0, 600), min_size=4, max_size=4, unique=True)))
        share = draw(st.sampled_from(["20%", "1/3", {"knots": [["0元", "10%"], ["2000元", "20%"]], **STEP}]))
        parts = zip(months, draw(PARTS), strict=False)
        instalments = [{"after_months": month, "share": part} for month, part in parts]
        found["holdback"] = {"share": share, "instalments": instalments}
    share = draw(st.sampled_from(["100%", {"knots": [["0 month", "100%"], ["12 month", "50%"]], **STEP}]))
    found["clawbacks"] = draw(
        st.sampled_from([[], [{"on": "past due", "attainment": "stays", "share": share, "refund": "95%"}]])
    )
    found["draws"] = draw(st.sampled_from([[], [{"least": "3000元", "kind": "recoverable", "style": "advance"}]]))
    found["ramp"] = {"bands": [[1, 4, "50%"], [4, "", "100%"]], **STEP}
    found["gates"] = [{"indicator": "npl_ratio", "forfeits": {"bands": [["0%", "2%", "0%"], ["2%", "", "9%"]], **STEP}}]
    if draw(st.booleans()):
        found["most"] = draw(CAPS)
    return found


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A scheme of up to three plans."""
    codes = draw(st.lists(st.text("xyz", min_size=1), min_size=1, max_size=3, unique=True))
    pay: Document = {"guard_share": draw(st.sampled_from(["0%", "50%"])), "person_most": draw(CAPS)}
    found = scheme(plans={code: draw(plans()) | {"role": code} for code in codes})
    return found | ({"pay": draw(st.sampled_from([{}, pay]))} if draw(st.booleans()) else {})


@given(documents())
def test_any_plan_reads_back_as_itself(drawn: Document) -> None:
    """Round trips are the identity, in both forms."""
    found = lp.schemes.scheme_of(drawn)

    assert found == lp.schemes.scheme_of(found.document())
    assert found == lp.parse_scheme(lp.schemes.write_scheme(found, "json"), "json")
    assert found == lp.parse_scheme(lp.schemes.write_scheme(found, "toml"), "toml")


@given(documents())
def test_any_plan_keeps_the_schema(drawn: Document) -> None:
    """The schema must not be stricter than the reader, for what was drawn and for what is written of it."""
    assert [] == [error.message for error in editor().iter_errors(as_json(drawn))]
    assert [] == [error.message for error in editor().iter_errors(as_json(lp.schemes.scheme_of(drawn).document()))]


@pytest.mark.parametrize(
    "wrong",
    [
        of_component(stage=[]),
        of_plan(hold_back={}),
        of_component(base="volume"),
        of_component(stages=[{"milestone": "sign", "share": "100%"}]),
        of_component(TIERED, curve={"bands": [["0元", "1%"]], **STEP}),
        of_component(TIERED, curve={"bands": [["0元", "", "1%"]], "shape": "linear"}),
        of_component(TIERED, curve={"bands": [["0元", "", "1%"]], "knots": [["0元", "1%"]], **STEP}),
        of_component(split=["lead"]),
        holdback(share=True),
        scheme(pay={"guard": "50%"}),
        scheme(pay={"person_most": "5元"}),
        {key: value for key, value in scheme().items() if key != "plans"},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(wrong: Document) -> None:
    """What passes the editor and fails on loading costs a round of mail."""
    assert not editor().is_valid(as_json(wrong))
    assert problems(wrong)


def places(value: Any) -> list[tuple[Any, ...]]:
    """The path of every part of a document."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for key, part in below for path in ((key,), *((key, *rest) for rest in places(part)))]


def put(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    """The document with a part replaced."""
    if not path:
        return junk
    key, *rest = path
    if isinstance(value, dict):
        return {**value, key: put(value[key], tuple(rest), junk)}
    return [*value[:key], put(value[key], tuple(rest), junk), *value[key + 1 :]]


JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        -1,
        0,
        7,
        Decimal("0.5"),
        Decimal("NaN"),
        0.5,
        "",
        "x",
        "5元",
        "5 USD",
        "50%",
        "1 month",
        "3 point",
        [],
        {},
        ["x"],
        [["0元", "1%"]],
        {"x": 1},
        {"knots": []},
        {"bands": [[]], "shape": "step"},
        date(2026, 1, 1),
        10**70,
    ]
)


@given(st.sampled_from(places(lp.parse_scheme(FULL).document())), JUNK)
def test_no_junk_anywhere_in_a_plan_makes_it_crash(path: tuple[Any, ...], junk: Any) -> None:
    """Whatever a document holds, it is a scheme that reads back, or it is refused by path."""
    found: lp.Scheme | None = None
    paths: list[str] = []
    try:
        found = lp.schemes.scheme_of(put(lp.parse_scheme(FULL).document(), path, junk))
    except lp.errors.SchemeError as error:
        paths = [problem.where for problem in error.problems]
    assert [place for place in paths if not place.startswith("$")] == []
    if found is None:
        assert paths
        return
    assert found == lp.parse_scheme(lp.schemes.write_scheme(found, "toml"), "toml")
    lp.diff(lp.parse_scheme(FULL), found)


def test_bands_with_a_hole_are_refused_in_a_document_too() -> None:
    """With the path of the curve, and the bounds of the hole."""
    curve = {"bands": [["0元", "5元", "1%"], ["6元", "", "2%"]], **STEP}
    assert [
        (
            f"{COMPONENT}.curve: these knots make no curve: nothing holds from 5 CNY to 6 CNY,"
            " between the rows [0 CNY, 5 CNY] and [6 CNY, …]; start each row where the one before it ends"
        )
    ] == problems(of_component(TIERED, curve=curve))


# ── differences ─────────────────────────────────────────────────────────────────────────────────────────────


def sentences(before: Document, after: Document) -> list[tuple[str, str]]:
    """The changes in English and Chinese."""
    return [
        (str(change), change.to("zh")) for change in lp.diff(lp.schemes.scheme_of(before), lp.schemes.scheme_of(after))
    ]


DIFFERENCES: dict[str, tuple[Document, Document, list[tuple[str, str]]]] = {
    "a rate": (
        of_component(),
        of_component(rate="0.6%"),
        [
            (
                "the rate of component loans of plan corporate rises from 0.5% to 0.6%",
                "提成方案 corporate的提成项目 loans的费率由 0.5% 升至 0.6%",
            )
        ],
    ),
    "the way of tiers": (
        of_component(TIERED),
        of_component(TIERED, tiers=RATES),
        [
            (
                (
                    "the way of applying of the tiers of component loans of plan corporate changes from marginal tiers"
                    " to whole-amount tiers"
                ),
                "提成方案 corporate的提成项目 loans的分档的适用方式由 超额累进 改为 全额累进",
            )
        ],
    ),
    "what counts for the tier": (
        of_component(TIERED, tiers=RATES),
        of_component(TIERED, tiers={**RATES, "counts": "every loan"}),
        [
            (
                "the loans that count of the tiers of component loans of plan corporate is new: every loan",
                "新增提成方案 corporate的提成项目 loans的分档的计入档次的贷款：全部贷款",
            )
        ],
    ),
    "stages and the split": (
        of_component(dead="reverse", stages=stages("20%", "30%", "50%"), split={"lead": "70%", "assistant": "30%"}),
        of_component(dead="reverse", stages=stages("20%", "80%"), split={"lead": "60%", "assistant": "40%"}),
        [
            (
                "the share of the stage signed of component loans of plan corporate rises from 30% to 80%",
                "提成方案 corporate的提成项目 loans的签约阶段的比例由 30% 升至 80%",
            ),
            (
                "the stage disbursed of component loans of plan corporate no longer holds (it was share 50%)",
                "取消提成方案 corporate的提成项目 loans的放款阶段（原为 比例 50%）",
            ),
            (
                "the part of lead of component loans of plan corporate falls from 70% to 60%",
                "提成方案 corporate的提成项目 loans的主办的分成由 70% 降至 60%",
            ),
            (
                "the part of assistant of component loans of plan corporate rises from 30% to 40%",
                "提成方案 corporate的提成项目 loans的协办的分成由 30% 升至 40%",
            ),
        ],
    ),
    "rates by terms": (
        of_component(rates=[{"where": {"product": "car"}, "rate": "1%"}]),
        of_component(rates=[{"rate": "3%"}, {"where": {"product": "car"}, "rate": "2%"}]),
        [
            (
                "the rate of the rate for product car of component loans of plan corporate rises from 1% to 2%",
                "提成方案 corporate的提成项目 loans的产品 car的费率的费率由 1% 升至 2%",
            ),
            (
                "the rate for all other loans of component loans of plan corporate is new: rate 3%",
                "新增提成方案 corporate的提成项目 loans的其他贷款的费率：费率 3%",
            ),
        ],
    ),
    "what is kept and taken back": (
        holdback(),
        of_plan(
            holdback={"share": "30%", "instalments": [{"after_months": 12, "share": "100%"}]},
            clawbacks=[{"on": "past due", "more_than_days": 30, "attainment": "stays", "share": "50%"}],
            draws=[{"least": "3000元", "kind": "recoverable"}],
        ),
        [
            (
                "the share of the holdback of plan corporate rises from 20% to 30%",
                "提成方案 corporate的风险金的比例由 20% 升至 30%",
            ),
            (
                "the release after 36 months of plan corporate no longer holds (it was share 100%)",
                "取消提成方案 corporate的36 个月后的返还（原为 比例 100%）",
            ),
            (
                "the release after 12 months of plan corporate is new: share 100%",
                "新增提成方案 corporate的12 个月后的返还：比例 100%",
            ),
            (
                "the clawback on past due 30 of plan corporate is new: share 50%, attainment stays",
                "新增提成方案 corporate的逾期 30的追索扣回：比例 50%，完成率 保留",
            ),
            (
                "the recoverable draw of plan corporate is new: minimum 3000 CNY",
                "新增提成方案 corporate的预支：保底 3,000 元",
            ),
        ],
    ),
    "a plan, a component and the pay rules": (
        of_component(),
        scheme(
            plans={
                "corporate": plan(components={"loans": LOANS, "visits": {"base": "count", "rate": "100元"}}),
                "leads": plan(role="leader", components={"allowance": {"base": "fixed", "rate": "800元"}}),
            },
            pay={"negative": "carried"},
        ),
        [
            (
                "component visits of plan corporate is new: base number of loans, rate 100 CNY",
                "新增提成方案 corporate的提成项目 visits：计提基数 笔数，费率 100 元",
            ),
            (
                (
                    "plan leads is new: role leader, components allowance base fixed amount, rate 800 CNY,"
                    " rounding half up"
                ),
                "新增提成方案 leads：岗位 leader，提成项目 allowance 计提基数 定额，费率 800 元，舍入方式 四舍五入",
            ),
            ("the payout policy is new: rule for a negative net carried", "新增发放规则：负数处理 结转"),
        ],
    ),
    "a gate": (
        gated("npl_ratio", ["0%", "0%"], ["2%", "50%"]),
        of_plan(),
        [
            (
                "the gate on NPL ratio of plan corporate no longer holds (it was ladder 0% → 0%, 2% → 50%, in steps)",
                "取消提成方案 corporate的不良率的门槛（原为 扣减阶梯 0% → 0%，2% → 50%，阶梯）",
            )
        ],
    ),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_differences_of_plans_read_as_sentences(name: str) -> None:
    """A manager signs off a change of pay by reading it, in either language."""
    before, after, expected = DIFFERENCES[name]
    assert expected == sentences(before, after)


@given(documents(), documents())
def test_differences_of_plans_go_both_ways(first: Document, second: Document) -> None:
    """Every change has its counterpart, and only equal schemes have none."""
    one, other = lp.schemes.scheme_of(first), lp.schemes.scheme_of(second)
    there, back = lp.diff(one, other), lp.diff(other, one)

    assert (one == other) == (there == ())
    assert sorted((change.before, change.after) for change in there) == (
        sorted((change.after, change.before) for change in back)
    )


def words(part: Any, key: str = "") -> set[str]:
    """The keys and words that a JSON Schema lets a plan have."""
    found: set[str] = set()
    if isinstance(part, dict):
        found |= set(part.get("properties", {})) | set(part.get("enum", ()))
        for name, inner in part.items():
            found |= words(inner, name)
    elif isinstance(part, list) and key != "enum":
        for inner in part:
            found |= words(inner)
    return found


def test_every_word_of_a_plan_has_a_chinese_one() -> None:
    """A sentence with an English key in its midst is read by half of its readers."""
    properties = lp.schemes.json_schema()["properties"]
    curves = {"knots", "bands", "shape", "closed", "then", "per_point", "counted", "left", "en", "zh", "where"}
    used = words(properties["plans"]) | words(properties["pay"])

    assert set() == used - curves - set(PLAN_WORDS) - set(WORDS)


def test_every_term_of_a_plan_has_a_chinese_name() -> None:
    """The reasons of a rate say its terms by name; one without would be read in English."""
    assert set() == {term for term in TERMS if not name_of(term).zh}


def test_a_rate_per_amount_is_in_money() -> None:
    """6 yuan for each 10,000, as lenders write it, is 6‱; a share of a share would be a slip of the pen."""
    document = of_component({"base": "disbursed", "rate": "6 元", "per": "1万元"})
    found = lp.schemes.scheme_of(document).plans[0].components[0]
    assert (lp.quantity("6 CNY"), lp.quantity("10000 CNY")) == (found.rate, found.per)
    share = problems(of_component({"base": "disbursed", "rate": "0.06%", "per": "1万元"}))
    assert len(share) == 1
    assert share[0].endswith("it is in another unit (found 0.0006); give it in CNY")


def test_tiers_start_at_nothing() -> None:
    """A first tier from 100 says nothing of 50; paying 50 at its rate would be a guess."""
    gap = problems(of_component(TIERED, curve={"knots": [["100元", "1%"]], **STEP}))
    assert [f"{COMPONENT}.curve: nothing holds from 0 to 100 CNY; start the first tier at 0"] == gap
