"""Commissions: rates, limits, order and currency, exact and explained; published cases by their id."""

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from tests.loans import (
    LIN,
    Published,
    accrued,
    by_loan,
    by_period,
    case,
    clean,
    component,
    dated,
    drawn,
    earned,
    event,
    exact,
    loan,
    reading,
    target,
    where,
)

import loanperf as lp

MARCH = lp.Period.month(2026, 3)


def step(*knots: Sequence[Any], closed: Any = "left") -> lp.schemes.Curve:
    """A step curve."""
    return lp.schemes.Curve.of(knots, shape="step", closed=closed)


def each(amounts: Sequence[Any], item: lp.schemes.Component, **fields: Any) -> list[Fraction]:
    """What loans of these amounts pay, one after the other."""
    found = by_loan(clean(drawn(*amounts), dated(item, **fields)))
    return [found.get(f"L{place + 1}", Fraction(0)) for place in range(len(amounts))]


def of_reading(code: str, **fields: Any) -> lp.schemes.Component:
    """A component on something that is no fact of a loan."""
    return component(code=code, base="indicator", indicator=code, **fields)


def by_component(accruals: lp.Accruals) -> dict[str, Fraction]:
    """What each component came to."""
    codes = dict.fromkeys(line.component for line in accruals.lines)
    return {code: sum((x.amount.exact for x in accruals.lines if x.component == code), Fraction(0)) for code in codes}


# ── published cases ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("code", ["flat-1m-1_2pct", "flat-1m-1pct", "flat-400k-3pct"])
def test_one_rate_of_a_loan(published: Published, code: str) -> None:
    """Three published products of an amount and a rate."""
    found = case(published, code)
    rate, amount = exact(found["inputs"]["rate"]), found["inputs"]["loan"]
    assert [exact(found["expected"]["commission"])] == each([amount], component(rate=rate))


def test_basis_points(published: Published) -> None:
    """Cases us-50bps and lo-bps-branch: 50 bp of 200 000 is 1 000; 420 000 of 12 000 000 is 350 bp."""
    found = case(published, "us-50bps")
    for points, pay in zip(found["inputs"]["bps"], found["expected"]["commission"], strict=True):
        assert [exact(pay)] == each([found["inputs"]["loan"]], component(rate=f"{points} bp"))
    branch = case(published, "lo-bps-branch")
    item = component(rate=f"{branch['expected']['bps']} bp")
    assert [branch["inputs"]["fees"]] == each([branch["inputs"]["volume"]], item)


def test_a_loan_cancelled_in_the_same_run_nets_zero(published: Published) -> None:
    """Case oca-negative-settlement-nets-zero: 100 earned and 100 reversed come to nothing, and both are shown."""
    found = case(published, "oca-negative-settlement-nets-zero")
    amount, rate = found["inputs"]["movements"][0], exact(found["inputs"]["rate"])
    lines = clean([*drawn(amount), event("L1", "cancelled", "2026-03-20")], dated(component(rate=rate))).lines
    assert [amount * rate, -amount * rate] == [line.amount.exact for line in lines]
    assert found["expected"]["joined_total"] == sum(line.amount.exact for line in lines)


def test_an_order_of_two_lines(published: Published) -> None:
    """Case oca-one-agent-order: 10% of 500 and 500 is 100."""
    found = case(published, "oca-one-agent-order")
    inputs = found["inputs"]
    assert found["expected"] == sum(each(inputs["lines"], component(rate=exact(inputs["rate"]))))


def test_an_extra_is_taken_of_the_commission(published: Published) -> None:
    """Case oca-formula-order: 5% of 750, and 10% of that on top, is 41.25; not 15% of the sale."""
    found = case(published, "oca-formula-order")
    extra = lp.schemes.Multiplier(indicator="extra", of="value", curve=step(["0%", "110%"]))
    plan = dated(component(rate="5%", multipliers=(extra,)))
    result = clean(drawn(found["inputs"]["subtotal"]), plan, readings=[reading("extra", "0%")])
    assert exact(found["expected"]) == earned(result)


def test_rates_by_product(published: Published) -> None:
    """Case rate-by-item-se420: 3%, 1% and 3% by kind of item come to 400."""
    found = case(published, "rate-by-item-se420")
    sales = found["inputs"]["sales"]
    rates = tuple(lp.schemes.Rate(where=(where("product", name),), rate=exact(rate)) for name, _, rate in sales)
    facts: list[lp.Fact] = []
    for name, amount, _ in sales:
        facts += [loan(name, product=name), event(name, "disbursed", "2026-03-05", lp.Money.of(f"{amount} CNY"))]
    assert found["expected"] == earned(clean(facts, dated(component(rates=rates))))


def test_no_rate_is_a_problem_and_zero_is_a_rate(published: Published) -> None:
    """Case oca-criteria-none: no rule pays nothing, and says so; a product free of commission is no problem."""
    found = case(published, "oca-criteria-none")["expected"]
    free = lp.schemes.Rate(where=(where("product", "free"),), rate="0%")
    demo = lp.schemes.Rate(where=(where("product", "demo"),), rate="10%")
    plan = dated(component(rates=(free, demo)))
    unknown = accrued(drawn(1, product="other"), plan)

    assert exact(found["no_rule"]) == earned(unknown)
    assert "no rate fits a loan of amount 1, product other" in unknown.problems[0].fault
    assert {"lin"} == {*unknown.blocked}
    assert exact(found["commission_free"]) == earned(clean(drawn(1, product="free"), plan))
    assert exact(found["demo_on_1"]) == earned(clean(drawn(1, product="demo"), plan))


def test_a_least_and_a_most_for_each_loan(published: Published) -> None:
    """Case regz-pct-minmax: 1% of a loan, not less than 1 000 nor more than 5 000."""
    found = case(published, "regz-pct-minmax")
    inputs = found["inputs"]
    item = component(rate=exact(inputs["rate"]), least=f"{inputs['min']} CNY", most=f"{inputs['max']} CNY")
    assert [exact(pay) for pay in found["expected"]["compensation"]] == each(inputs["loans"], item)


def test_cash_collected(published: Published) -> None:
    """Case ihr360-cashin-1_2: 1.2% of what was collected, which is a reading."""
    found = case(published, "ihr360-cashin-1_2")
    plan = dated(of_reading("collected", rate=exact(found["inputs"]["rate"])))
    result = clean([], plan, through="2026-03", readings=[reading("collected", f"{found['inputs']['collected']} CNY")])
    assert exact(found["expected"]["commission"]) == earned(result)


def test_an_upfront_is_of_the_balance_net_of_offset(published: Published) -> None:
    """Case au-net-of-offset: 0.6% of 350 000, and a year later of the 30 000 by which the net has grown."""
    found = case(published, "au-net-of-offset")
    inputs, expected = found["inputs"], found["expected"]
    nets = [Fraction(inputs["balance"]) - Fraction(inputs["offset"])]
    nets.append(Fraction(inputs["balance_12m"]) - Fraction(inputs["offset_12m"]) - nets[0])
    for net, pay in zip(nets, (expected["upfront"], expected["deferred"]), strict=True):
        given_net = [reading("net", f"{net} CNY")]
        result = clean([], dated(of_reading("net", rate=exact(inputs["rate"]))), through="2026-03", readings=given_net)
        assert exact(pay) == earned(result)


def test_a_trail_is_a_share_of_the_balance_a_year(published: Published) -> None:
    """Case au-trail: 0.15% a year of 450 000 is 675; in months it is the same in twelve parts of 56.25."""
    found = case(published, "au-trail")
    inputs = found["inputs"]
    facts = [loan("L1", on="2025-12-31"), event("L1", "disbursed", "2025-12-31", f"{inputs['balance']} CNY")]
    plan = dated(component(base="balance", rate=exact(inputs["rate"]), year_part="months/12"), since="2025-01-01")
    result = clean(facts, plan, since=lp.Period.month(2026, 1).start)
    assert {Fraction("56.25")} == set(by_period(result).values())
    assert exact(found["expected"]["trail_per_year"]) == earned(result)


def test_unit_prices_for_ten_thousand_yuan(published: Published) -> None:
    """Case bank-2017-unit-prices: so many yuan for each 万元 of disbursements, profit, fees and deposits: 8 400."""
    found = case(published, "bank-2017-unit-prices")
    inputs, expected = found["inputs"], found["expected"]
    prices = {
        "ftp": ("ftp_profit_wan", "200 CNY"),
        "fee": ("fee_wan", "500 CNY"),
        "existing_deposit": ("existing_deposit_wan", "1.5 CNY"),
        "incremental_deposit": ("incremental_deposit_wan", "3 CNY"),
    }
    items = [component(code="disbursement", rate="6 CNY", per="1万元")]
    items += [of_reading(code, rate=price, per="1万元") for code, (_, price) in prices.items()]
    facts = [loan("L1"), event("L1", "disbursed", "2026-03-05", f"{inputs['disbursed_wan']}万元")]
    readings = [reading(code, f"{inputs[name]}万元") for code, (name, _) in prices.items()]
    actual = clean(facts, dated(*items), through="2026-03", readings=readings)

    assert {code: exact(pay) for code, pay in expected.items() if code != "total"} == by_component(actual)
    assert exact(expected["total"]) == earned(actual)


def test_deductions_are_readings_at_negative_rates(published: Published) -> None:
    """Case county-bank-rates: 1 000 gross, 750 of deductions for bad loans and few loans, 190 given back."""
    found = case(published, "county-bank-rates")
    inputs, expected = found["inputs"], found["expected"]
    terms = {
        "interest_large": ("0.3%", inputs["interest_large"], "CNY"),
        "interest_small": ("0.8%", inputs["interest_small"], "CNY"),
        "uncollected_interest": ("-20%", inputs["uncollected_interest"], "CNY"),
        "npl_personal": ("-200 CNY", inputs["npl_personal_accounts"], ""),
        "npl_corporate": ("-0.15%", inputs["npl_corporate_amount"], "CNY"),
        "missing_loans": ("-100 CNY", 5 - inputs["loans_this_month"], ""),
        "refunded": ("95%", inputs["recovered_same_year_deduction"], "CNY"),
    }
    plan = dated(*(of_reading(code, rate=rate, deducts=rate[0] == "-") for code, (rate, _, _) in terms.items()))
    readings = [reading(code, f"{amount} {unit}".strip()) for code, (_, amount, unit) in terms.items()]
    paid = by_component(clean([], plan, through="2026-03", readings=readings))

    assert exact(expected["gross"]) == paid["interest_large"] + paid["interest_small"]
    assert -exact(expected["deductions"]) == sum(amount for amount in paid.values() if amount < 0)
    assert exact(expected["refund"]) == paid["refunded"]


def test_recovery_is_rewarded_by_size_of_loan(published: Published) -> None:
    """Case npl-recovery-reward: 1% of cash up to 50 000 of loan, 1.5% up to 500 000, 2% above."""
    found = case(published, "npl-recovery-reward")
    for (size, recovered), pay in zip(found["inputs"]["cases"], found["expected"]["rewards"], strict=True):
        tiers = lp.schemes.Tiers(by="indicator", indicator="size", applies="flat")
        curve = step(["0 CNY", "1%"], ["50000 CNY", "1.5%"], ["500000 CNY", "2%"], closed="right")
        plan = dated(of_reading("recovered", curve=curve, tiers=tiers))
        given_both = [reading("recovered", f"{recovered} CNY"), reading("size", f"{size} CNY")]
        assert exact(pay) == earned(clean([], plan, through="2026-03", readings=given_both))


def test_a_coefficient_whose_comment_and_code_differ(published: Published) -> None:
    """Case pccredit-duty-salary-comment-vs-code: the rule pays 620; the code swaps the weights and pays nothing."""
    found = case(published, "pccredit-duty-salary-comment-vs-code")
    inputs, expected = found["inputs"], found["expected"]
    activated, active = exact(inputs["activation_ratio"]), exact(inputs["active_ratio"])
    coefficient = lp.schemes.Multiplier(
        indicator="duty",
        of="value",
        curve=lp.schemes.Curve.of([["0%", "0%"], ["60%", "0%"], ["60%", "60%"], ["100%", "100%"]], shape="linear"),
    )
    plan = dated(component(base="fixed", rate=f"{inputs['duty_salary']} CNY", multipliers=(coefficient,)))
    right, wrong = activated * 40 / 100 + active * 60 / 100, activated * 60 / 100 + active * 40 / 100
    paid = [earned(clean([], plan, through="2026-03", readings=[reading("duty", at)])) for at in (right, wrong)]
    assert [exact(expected["by_comment"]), exact(expected["by_published_code"])] == paid
    assert paid[0] != paid[1]


# ── rates ───────────────────────────────────────────────────────────────────────────────────────────────────


def rate(pay: str, **terms: str) -> lp.schemes.Rate:
    """A rate on terms."""
    return lp.schemes.Rate(where=tuple(where(field, value) for field, value in terms.items()), rate=pay)


@pytest.mark.parametrize("field", ["product", "segment", "collateral", "customer_type"])
def test_a_rate_by_each_term(field: str) -> None:
    """Products whose risk rises are paid less; every term of a loan can say so."""
    item = component(rates=(rate("2%", **{field: "good"}),), rate="1%")
    assert 20 == earned(clean(drawn(1000, **{field: "good"}), dated(item)))
    assert 10 == earned(clean(drawn(1000, **{field: "other"}), dated(item)))


def test_the_most_specific_rate_holds() -> None:
    """Mortgages of new customers have a rate of their own, whatever the order in which rates are written."""
    rates = (rate("1%", product="mortgage"), rate("3%", product="mortgage", customer_type="new"), rate("2%"))
    for written in (rates, rates[::-1]):
        plan = dated(component(rates=written))
        assert 30 == earned(clean(drawn(1000, product="mortgage", customer_type="new"), plan))
        assert 10 == earned(clean(drawn(1000, product="mortgage"), plan))
        assert 20 == earned(clean(drawn(1000, product="credit"), plan))


def test_two_rates_that_fit_equally_are_a_problem_that_names_both() -> None:
    """To pick one would pay by the order of lines in a file; other loans of the payee are worked all the same."""
    rates = (rate("1%", product="mortgage"), rate("3%", segment="personal"), rate("2%"))
    facts = [*drawn(1000, 1000)]
    facts[0] = loan("L1", product="mortgage", segment="personal")
    found = accrued(facts, dated(component(rates=rates)))
    (problem,) = found.problems
    assert "loan L1" in problem.where
    assert "product mortgage and segment personal" in problem.fault
    assert {"L2": 20} == by_loan(found)
    assert {"lin"} == {*found.blocked}


def test_a_table_of_two_ways() -> None:
    """Attainment by product: at 110% of target mortgages pay 2%, credit 1%; at 90% half of that."""
    rates = (
        lp.schemes.Rate(where=(where("product", "mortgage"),), curve=step(["0%", "1%"], ["100%", "2%"])),
        lp.schemes.Rate(where=(where("product", "credit"),), curve=step(["0%", "0.5%"], ["100%", "1%"])),
    )
    tiers = lp.schemes.Tiers(by="indicator attainment", indicator="loan_amount", applies="flat")
    plan = dated(component(rates=rates, tiers=tiers))
    facts = [
        loan("L1", product="mortgage"),
        event("L1", "disbursed", "2026-03-05", "1000 CNY"),
        loan("L2", product="credit"),
        event("L2", "disbursed", "2026-03-06", "1000 CNY"),
    ]
    goals = target("loan_amount", "100 CNY")
    for actual, expected in (("110 CNY", {"L1": 20, "L2": 10}), ("90 CNY", {"L1": 10, "L2": 5})):
        readings = [reading("loan_amount", actual)]
        assert expected == by_loan(clean(facts, plan, readings=readings, targets=goals, through="2026-03"))


def test_the_base_of_the_tier_and_of_pay_differ() -> None:
    """A loan can count for the tier and not be paid, or be paid and not count."""
    curve, mortgage = step(["0 CNY", "1%"], ["1500 CNY", "2%"]), (where("product", "mortgage"),)
    facts = [*drawn(1000), loan("M1", product="mortgage"), event("M1", "disbursed", "2026-03-05", "1000 CNY")]

    def paid(paid_where: Any, counts: Any) -> Fraction:
        tiers = lp.schemes.Tiers(by="amount", applies="flat", accumulates="period", counts=counts)
        return earned(clean(facts, dated(component(curve=curve, tiers=tiers, where=paid_where))))

    assert 40 == paid((), "every loan") == paid((), "what is paid")
    assert 20 == paid(mortgage, "every loan")
    assert 20 == paid((), mortgage)
    assert 10 == paid(mortgage, mortgage) == paid(mortgage, "what is paid")


def test_a_loan_that_only_counted_leaves_the_tier_when_it_is_cancelled() -> None:
    """The unpaid loan lifted the mortgage to 2%; cancelled, it takes the lift with it."""
    curve, mortgage = step(["0 CNY", "1%"], ["1500 CNY", "2%"]), (where("product", "mortgage"),)
    tiers = lp.schemes.Tiers(by="amount", applies="flat", accumulates="period", counts="every loan")
    plan = dated(component(curve=curve, tiers=tiers, where=mortgage))
    facts = [
        loan("M1", product="mortgage"),
        event("M1", "disbursed", "2026-03-01", "1000 CNY"),
        loan("C1", product="credit"),
        event("C1", "disbursed", "2026-03-05", "1000 CNY"),
    ]
    assert 20 == earned(clean(facts, plan))
    assert 10 == earned(clean([*facts, event("C1", "cancelled", "2026-03-20")], plan))
    assert 10 == earned(clean([*facts, event("C1", "cancelled", "2026-05-20")], plan))


# ── accelerators, gates, caps ───────────────────────────────────────────────────────────────────────────────


def test_an_accelerator_multiplies_the_period() -> None:
    """At 110% of target the month's commission is paid at 150%."""
    item = component(
        rate="1%",
        multipliers=(lp.schemes.Multiplier(indicator="loan_amount", curve=step(["0%", "100%"], ["100%", "150%"])),),
    )
    readings, goals = [reading("loan_amount", "110 CNY")], target("loan_amount", "100 CNY")
    found = clean(drawn(1000), dated(item), readings=readings, targets=goals, through="2026-03")
    assert 15 == earned(found)
    assert "× 150%: loan_amount at 110%" in str(found.lines[0].explain())


LADDER = step(["0%", "0%"], ["1.5%", "30%"], ["2%", "50%"], ["2.5%", "100%"], closed="right")
GATE = lp.schemes.Gate(indicator="npl_ratio", forfeits=LADDER)


@pytest.mark.parametrize(
    ("ratio", "pay"), [("1.5%", 1000), ("1.51%", 700), ("2%", 700), ("2.01%", 500), ("2.5%", 500), ("2.51%", 0)]
)
def test_a_gate_forfeits_by_a_published_ladder(ratio: str, pay: int) -> None:
    """30%, 50% or all of a month's commission by the NPL ratio; a bound belongs to the lower step."""
    plan = dated(component(rate="1%"), gates=(GATE,))
    assert pay == earned(clean(drawn(100000), plan, through="2026-03", readings=[reading("npl_ratio", ratio)]))


@given(low=st.integers(0, 400), more=st.integers(0, 400))
def test_more_risk_never_pays_more(low: int, more: int) -> None:
    """A higher ratio of bad loans never raises what is paid."""
    plan = dated(component(rate="1%"), gates=(GATE,))
    ratios = (Fraction(low, 10000), Fraction(low + more, 10000))
    pays = [
        earned(clean(drawn(100000), plan, through="2026-03", readings=[reading("npl_ratio", ratio)]))
        for ratio in ratios
    ]
    assert pays[0] >= pays[1]


def test_gates_come_before_caps() -> None:
    """1 000 gated by 30% is 700, capped at 600; the other way round would pay 420."""
    plan = dated(component(rate="1%"), gates=(GATE,), most=lp.schemes.Cap(most="600 CNY", excess="lost"))
    assert 600 == earned(clean(drawn(100000), plan, through="2026-03", readings=[reading("npl_ratio", "1.6%")]))


def test_a_gate_without_a_reading_blocks_the_payee() -> None:
    """Pay whose gate nobody has measured is not known; it is neither paid in full nor taken."""
    found = accrued(drawn(100000), dated(component(rate="1%"), gates=(GATE,)), through="2026-03")
    assert ((), {"lin"}) == (found.lines, {*found.blocked})
    assert "npl_ratio" in str(found.problems[0])


QUARTER = [f"2026-{month:02}-10" for month in (1, 2, 3, 4)]


@pytest.mark.parametrize("level", ["component", "plan"])
def test_excess_over_a_cap_is_lost_or_carried(level: str) -> None:
    """2 000, 500, 100 and 100 under 1 000 a month: what is carried meets the cap again in each month that follows."""
    amounts = (200000, 50000, 10000, 10000)

    def paid(excess: Any) -> list[Fraction]:
        cap = lp.schemes.Cap(most="1000 CNY", excess=excess)
        item = component(rate="1%", period_most=cap if level == "component" else None)
        plan = dated(item, most=cap if level == "plan" else None)
        return list(by_period(clean(drawn(*amounts, on=QUARTER), plan, through="2026-04")).values())

    assert [1000, 500, 100, 100] == paid("lost")
    assert [1000, 1000, 600, 100] == paid("carried")


def test_what_is_carried_passes_no_gate_again() -> None:
    """The month that earned it had its gate; the next month's gate takes of what the next month earns."""
    cap = lp.schemes.Cap(most="1000 CNY", excess="carried")
    readings = [reading("npl_ratio", "1%", "2026-01"), reading("npl_ratio", "3%", "2026-02")]
    plan = dated(component(rate="1%", period_most=cap), gates=(GATE,))
    found = clean(drawn(150000, 10000, on=QUARTER[:2]), plan, through="2026-02", readings=readings)
    assert {"2026-01": 1000, "2026-02": 500} == by_period(found)


def test_a_period_has_a_least() -> None:
    """Who earns anything in a month gets 300 at least; who earns nothing gets nothing."""
    plan = dated(component(rate="1%", period_least="300 CNY"))
    found = clean(drawn(10000, 50000, on=["2026-01-10", "2026-03-10"]), plan, through="2026-03")
    assert {"2026-01": 300, "2026-03": 500} == by_period(found)


# ── currency ────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_amount_is_converted_once_at_a_stated_rate() -> None:
    """1% of 1 000 dollars at 7.1, the rate of the day or the last before it; the line says rate, day and source."""
    rates = [
        lp.ExchangeRate(currency="USD", into="CNY", on=day, rate=value, source="PBOC")
        for day, value in (("2026-02-27", "7.1"), ("2026-03-02", "8"))
    ]
    found = clean([*drawn(1000, unit="USD"), *rates], dated(component(rate="1%")))
    assert ["71.00 CNY"] == [str(line.amount) for line in found.lines]
    text = found.lines[0].explain().text()
    assert "1000.00 USD × 7.1 = 7100 CNY, the rate of 2026-02-27 (PBOC)" in text


def test_an_amount_without_a_rate_is_a_problem() -> None:
    """A foreign loan is never paid as if it were at home: the payee's lines wait until the rate is there."""
    later = lp.ExchangeRate(currency="USD", into="CNY", on="2026-03-02", rate="7.1")
    found = accrued([*drawn(1000, unit="USD"), later], dated(component(rate="1%")))
    assert ((), {"lin"}) == (found.lines, {*found.blocked})
    assert "an amount in USD on 2026-03-01 has no rate into CNY" in found.problems[0].fault


# ── plans ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_plan_with_most_conditions_wins_then_the_deeper_unit() -> None:
    """A branch can have its own plan without the others changing."""
    item = component(rate="1%")
    plans = [
        dated(item, code="all"),
        dated(item, code="officers", role="officer"),
        dated(item, code="region", unit="region"),
        dated(item, code="east", unit="east"),
    ]
    on, units = MARCH.start, ("bank", "region", "east")
    assert "east" == lp.schemes.choose_plan(plans[2:], on=on, role="officer", units=units).plan.code
    assert "officers" == lp.schemes.choose_plan(plans[:2], on=on, role="officer", units=units).plan.code
    assert "all" == lp.schemes.choose_plan(plans, on=on, role="clerk", units=("bank",)).plan.code


def test_two_plans_that_fit_equally_name_both() -> None:
    """Ambiguity is an error of the scheme, not a choice of the library; in accrue it is a problem of the payee."""
    plans = [dated(component(rate="1%"), code=code, role="officer") for code in ("one", "two")]
    with pytest.raises(lp.errors.ResolveError, match="'one' of 'branch' and 'two' of 'branch' fit equally"):
        lp.schemes.choose_plan(plans, on=MARCH.start, role="officer")
    found = accrued(drawn(1000), *plans)
    assert {"lin"} == {*found.blocked}
    assert "fit equally" in str(found.problems[0])


EQUAL = {
    "one version": {},
    "the second begins before the loan is drawn": {"since": "2026-03-10"},
    "the second begins before the loan is opened": {"since": "2026-02-01"},
    "the first ends before the loan is drawn": {"until": "2026-03-10"},
}


def by_milestones(name: str, *, first: int = 0, second: int = 0) -> list[lp.schemes.DatedPlan]:
    """A plan by role that is selected when a loan is opened, and one by product line when it is drawn."""
    fields = EQUAL[name]
    until = fields.get("until")
    return [
        dated(component(rate="1%"), code="one", role="officer", until=until, precedence=first),
        dated(
            component(rate="2%"),
            code="two",
            product_line="home",
            selected_at="disbursed",
            since=fields.get("since", "2026-01-01"),
            precedence=second,
        ),
    ]


HOMES = lp.Organisation(
    assignments=[lp.Assignment(payee="lin", unit="east", role="officer", product_line="home", since="2020-01-01")]
)


@pytest.mark.parametrize("name", EQUAL)
@pytest.mark.parametrize("drawn_on", ["2026-03-20", "2026-04-20", None])
def test_two_equal_plans_selected_at_two_milestones_are_refused(name: str, drawn_on: str | None) -> None:
    """By the day it was opened 1% holds, by the day it was drawn 2%: nobody chose, so both are named."""
    facts = [loan(on="2026-03-01"), *([event("L1", "disbursed", drawn_on, "1000 CNY")] if drawn_on else [])]
    found = accrued(facts, *by_milestones(name), staff=HOMES)
    (problem,) = found.problems
    assert ((), {"lin"}) == (found.lines, {*found.blocked})
    assert "plans 'one' of 'branch', selected when opened on 2026-03-01" in problem.fault
    assert "'two' of 'branch', selected when disbursed" in problem.fault
    assert "add a condition to one of them, or write its precedence" == problem.remedy


@pytest.mark.parametrize("name", EQUAL)
def test_precedence_decides_between_equal_plans(name: str) -> None:
    """Written, it holds whichever day comes first; a plan with more conditions still wins over it."""
    facts = [loan(on="2026-03-01"), event("L1", "disbursed", "2026-03-20", "1000 CNY")]
    assert 10 == earned(clean(facts, *by_milestones(name, first=1), staff=HOMES))
    assert 20 == earned(clean(facts, *by_milestones(name, second=1), staff=HOMES))
    narrow = dated(component(rate="3%"), code="narrow", role="officer", product_line="home")
    assert 30 == earned(clean(facts, *by_milestones(name, second=1), narrow, staff=HOMES))


def test_of_two_versions_of_one_plan_the_earlier_day_holds() -> None:
    """The plan is the same; a loan is paid by the version that was first selected for it."""
    versions = [
        dated(component(rate="1%"), until="2026-03-10"),
        dated(component(rate="2%"), since="2026-03-10", selected_at="disbursed", version="v2"),
    ]
    facts = [loan(on="2026-03-01"), event("L1", "disbursed", "2026-03-20", "1000 CNY")]
    assert 10 == earned(clean(facts, *versions))


def test_no_plan_that_fits_names_those_in_force() -> None:
    """The message says what there is, so that a typing error in a role is seen at once."""
    plans = [dated(component(rate="1%"), code="heads", role="head"), dated(component(rate="1%"), until="2026-02-01")]
    with pytest.raises(lp.errors.ResolveError, match="no plan fits; in force: heads"):
        lp.schemes.choose_plan(plans, on=MARCH.start, role="officer")


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("客户经里", "did you mean '客户经理'? else add one"),
        ("x", "they are for the roles '团队长', '客户经理'; else"),
    ],
)
def test_a_role_that_no_plan_names_is_told_beside_those_that_they_name(role: str, said: str) -> None:
    """In Chinese systems roles are typed and codes of plans are not: the codes alone do not show the slip."""
    plans = [dated(component(rate="1%"), code=code, role=code) for code in ("客户经理", "团队长")]
    with pytest.raises(lp.errors.ResolveError, match=re.escape(said)):
        lp.schemes.choose_plan(plans, on=MARCH.start, role=role)


def test_a_loan_from_before_the_first_plan_is_under_none() -> None:
    """The old book was paid by the old system; it is neither paid twice nor a problem."""
    assert () == clean(drawn(1000, on=["2025-12-31"]), dated(component(rate="1%"))).lines


ONE_PERCENT = dated(component(rate="1%"))
CASES: dict[str, tuple[list[lp.Fact], list[lp.schemes.DatedPlan], set[tuple[str, str]]]] = {
    "no rate": (
        drawn(1000),
        [dated(component(rates=(lp.schemes.Rate(where=(where("product", "car"),), rate="1%"),)))],
        {("lin", "L1")},
    ),
    "no plan": (drawn(1000), [dated(component(rate="1%"), role="head")], {("lin", "L1")}),
    "two plans": (
        drawn(1000),
        [dated(component(rate="1%"), code=code, role="officer") for code in ("one", "two")],
        {("lin", "L1")},
    ),
    "nobody's role": (drawn(1000, officer="wu"), [ONE_PERCENT], {("wu", "L1")}),
    "no rate of exchange": (drawn(1000, unit="USD"), [ONE_PERCENT], {("lin", "L1")}),
    "an unknown kind of credit": (
        [*drawn(1000), lp.Credit(loan="L1", payee="lin", on="2026-03-01", role="helper")],
        [ONE_PERCENT],
        {("lin", "L1")},
    ),
    "shares that do not sum, of two": (
        [*drawn(1000), *(lp.Credit(loan="L1", payee=code, on="2026-03-01", share="40%") for code in ("lin", "wu"))],
        [ONE_PERCENT],
        {("", "L1")},
    ),
    "a credit of no loan": (
        [lp.Credit(loan="L9", payee="lin", on="2026-03-01")],
        [ONE_PERCENT],
        {("lin", "L9")},
    ),
    "an event of no loan": ([event("L9", "disbursed", "2026-03-01", "5 CNY")], [ONE_PERCENT], {("", "L9")}),
    "a balance in another currency": (
        [loan(), lp.Balance(loan="L1", on="2026-03-05", outstanding="5 USD")],
        [dated(component(base="balance", rate="1%"))],
        {("lin", "L1")},
    ),
    "no reading": (drawn(1000), [dated(component(rate="1%"), gates=(GATE,))], {("lin", "")}),
}


@pytest.mark.parametrize("name", CASES)
def test_a_problem_carries_payee_and_loan_as_fields(name: str) -> None:
    """Whoever works with problems reads fields, and never a text; a loan that several share is no single payee's."""
    facts, plans, expected = CASES[name]
    assert expected == {(problem.payee, problem.loan) for problem in accrued(facts, *plans, through="2026-03").problems}


# ── properties ──────────────────────────────────────────────────────────────────────────────────────────────

AMOUNTS = st.lists(st.integers(1, 10**7), min_size=1, max_size=6)
RISING = (["0 CNY", "1%"], ["1000 CNY", "2%"], ["3000 CNY", "3%"], ["8000 CNY", "5%"])
TIERS = st.builds(
    lp.schemes.Tiers,
    by=st.just("amount"),
    applies=st.sampled_from(("flat", "marginal", "forward before", "forward after")),
    accumulates=st.sampled_from(("per transaction", "period", "to date")),
)


@given(amounts=AMOUNTS, tiers=TIERS, data=st.data())
def test_the_order_of_facts_does_not_matter(amounts: list[int], tiers: lp.schemes.Tiers, data: st.DataObject) -> None:
    """Order is business date, then a stable key: shuffled facts, and a second run, give the same lines."""
    plan = dated(component(curve=step(*RISING), tiers=tiers))
    facts = drawn(*amounts)
    once, shuffled = clean(facts, plan), clean(data.draw(st.permutations(facts)), plan)
    assert once == shuffled
    assert once == clean(facts, plan)


@given(amounts=AMOUNTS, more=st.integers(1, 10**6), tiers=TIERS)
def test_more_volume_never_pays_less(amounts: list[int], more: int, tiers: lp.schemes.Tiers) -> None:
    """With rates that do not fall, one loan more, or a larger one, never costs its officer money."""
    plan = dated(component(curve=step(*RISING), tiers=tiers), rounding=lp.Rounding.DOWN)
    before = earned(clean(drawn(*amounts), plan))
    cents = Fraction(len(amounts) + 1, 100)
    assert before <= earned(clean(drawn(*amounts, more), plan)) + cents
    assert before <= earned(clean(drawn(*amounts[:-1], amounts[-1] + more), plan)) + cents


@given(amounts=AMOUNTS)
def test_slices_of_a_period_are_the_integral_of_the_rate(amounts: list[int]) -> None:
    """However a month's volume is cut into loans, slices pay the area under the ladder, up to a cent a loan."""
    plan = dated(
        component(curve=step(*RISING), tiers=lp.schemes.Tiers(by="amount", applies="marginal", accumulates="period"))
    )
    total, area = sum(amounts), Fraction(0)
    edges = [(0, 1), (1000, 2), (3000, 3), (8000, 5)]
    for (low, percent), high in zip(edges, [*(low for low, _ in edges[1:]), total], strict=True):
        area += Fraction(max(0, min(total, max(high, low)) - low) * percent, 100)
    assert abs(area - earned(clean(drawn(*amounts), plan))) <= Fraction(len(amounts), 100)


@given(amounts=AMOUNTS, tiers=TIERS, months=st.integers(0, 3), which=st.integers(0, 5))
def test_a_cancelled_loan_leaves_what_the_others_earn(
    amounts: list[int], tiers: lp.schemes.Tiers, months: int, which: int
) -> None:
    """Whenever a loan is cancelled, slices and totals come to what the others alone would have earned."""
    gone = which % len(amounts)
    if tiers.applies.startswith("forward"):
        return
    plan = dated(component(curve=step(*RISING), tiers=tiers, rate=None))
    facts = drawn(*amounts)
    code = f"L{gone + 1}"
    others = [fact for fact in facts if getattr(fact, "loan", "") != code]
    ended = clean([*facts, event(code, "cancelled", f"2026-{3 + months:02}-28")], plan)
    assert abs(earned(clean(others, plan)) - earned(ended)) <= Fraction(len(amounts), 100)


def test_a_loan_at_forward_rates_goes_at_the_rate_at_which_it_came() -> None:
    """1 000 at 1%, then 2 000 at 2%: the first, cancelled, takes its 10 and not 20; the second keeps its rate."""
    tiers = lp.schemes.Tiers(by="amount", applies="forward before", accumulates="to date")
    plan = dated(component(curve=step(*RISING), tiers=tiers))
    found = clean([*drawn(1000, 2000), event("L1", "cancelled", "2026-05-10")], plan)
    assert {"L1": 0, "L2": 40} == by_loan(found)


def test_every_line_explains_itself_in_both_languages() -> None:
    """The tree is data, round-trips, names the plan's version and reaches the facts."""
    stages = (
        lp.schemes.Stage(milestone="signed", share="20%"),
        lp.schemes.Stage(milestone="disbursed", share="80%"),
    )
    cap = lp.schemes.Cap(most="50 CNY", excess="carried")
    item = component(
        curve=step(*RISING),
        tiers=lp.schemes.Tiers(by="amount", applies="marginal", accumulates="period"),
        stages=stages,
        per="1 CNY",
        period_most=cap,
    )
    facts = [
        loan("L1"),
        event("L1", "signed", "2026-03-05", "10000.33 CNY"),
        event("L1", "disbursed", "2026-04-05", "9000.77 CNY"),
        event("L1", "cancelled", "2026-07-05"),
    ]
    lines = clean(facts, dated(item, version="abc"), through="2026-08").lines
    assert lines
    for line in lines:
        tree = line.explain()
        assert tree == lp.Explanation.from_data(tree.data())
        assert tree.text("en") != tree.text("zh")
        assert "version abc" in tree.text()
    assert "event L1 signed 2026-03-05" in lines[0].explain().text()


def test_a_reading_supplied_twice_with_two_values_is_refused() -> None:
    """Nothing tells which is true."""
    plan = dated(of_reading("fees", rate="1%"))
    with pytest.raises(lp.errors.DataError, match="supplied twice"):
        accrued([], plan, through="2026-03", readings=[reading("fees", "1 CNY"), reading("fees", "2 CNY")])


def test_a_period_that_is_none_is_refused() -> None:
    """A month as text would be compared with nothing."""
    wrong: Any = "2026-03"
    with pytest.raises(lp.errors.PeriodError, match="it is no Period"):
        lp.accrue(lp.Facts.of([]), [], LIN, through=wrong)


# ── columns ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_lines_are_rows_or_columns() -> None:
    """Accruals are equal whether a host gives them rows, or a step gives them columns; parts and reasons come along."""
    rows = clean(
        drawn(1000, 2500, 700), dated(component(rate="1%"), component(code="fixed", base="fixed", rate="5 CNY"))
    )
    columns = evolve(rows, lines=rows.columns)

    assert len(rows.lines) > 3
    assert rows == columns
    assert [line.explain() for line in rows] == [line.explain() for line in columns]
    assert [(line.parts, line.gross, line.key) for line in rows] == [
        (line.parts, line.gross, line.key) for line in columns.lines
    ]


def test_accruals_are_asked_by_payee_and_shown_as_a_frame() -> None:
    """As readings are: rows of one payee, one tree of reasons, and a frame in yuan."""
    found = clean(drawn(1000, 2500), dated(component(rate="1%"), component(code="fixed", base="fixed", rate="5 CNY")))

    assert found.lines == found.of("lin") == tuple(found)
    assert () == found.of("nobody")
    text = found.explain("lin").text()
    assert text.startswith(f"commission of lin through {found.through}: 85.00 CNY")
    assert [line.explain() for line in found] == list(found.explain("lin").because)
    with pytest.raises(lp.errors.UnknownPayeeError, match="'lim'; did you mean 'lin'"):
        found.explain("lim")
    assert f"Accruals({len(found)})" == repr(found)
    frame = found.frame()
    assert [float(line.amount.exact) for line in found] == frame["amount"].tolist()
    assert [line.loan or None for line in found] == frame["loan"].tolist()
    assert [line.stage or None for line in found] == frame["stage"].tolist()
    assert [line.on for line in found] == frame["on"].tolist()
    assert ["CNY"] * len(found) == found.frame("pandas")["currency"].tolist()


@pytest.mark.parametrize(("stated", "missing"), [("interest_rate", "funding_rate"), ("funding_rate", "interest_rate")])
def test_a_margin_needs_both_rates(stated: str, missing: str) -> None:
    """A rate that is not stated is not zero: the whole rate would be paid as margin."""
    facts = drawn(100_000, **{stated: "6%"})
    found = accrued(
        facts, dated(component(base="interest margin", rate="1%", year_part="months/12")), through="2026-03"
    )

    assert () == found.lines
    assert [f"loan L1: its {missing} is not stated"] == [problem.fault for problem in found.problems]


def test_an_amount_without_a_rate_stops_its_own_component_alone() -> None:
    """100 dollars cannot be told in yuan: that of lin is a problem, and wei waits for 1% of 1,000 yuan as before."""
    staff = lp.Organisation(
        assignments=[
            lp.Assignment(payee=payee, unit="east", role="officer", since="2020-01-01") for payee in ("lin", "wei")
        ]
    )
    stages = (lp.schemes.Stage(milestone="signed", share="50%"), lp.schemes.Stage(milestone="disbursed", share="50%"))
    facts = [
        loan("L1"),
        event("L1", "signed", "2026-03-02", "100 USD"),
        loan("L2", officer="wei"),
        event("L2", "signed", "2026-03-05", "1000 CNY"),
    ]
    found = accrued(facts, dated(component(base="contracted", rate="1%", stages=stages)), staff=staff)

    assert {"lin"} == found.blocked
    assert [("wei", "L2", "5.00 CNY")] == [(item.payee, item.loan, str(item.amount)) for item in found.waiting]
    assert [("L2", Fraction(5))] == [(line.loan, line.amount.exact) for line in found.lines if line.payee == "wei"]


def test_each_payee_is_told_their_own_missing_target() -> None:
    """A base that counts to date is worked with those of the months before it; the fault is that of its own payee."""
    staff = lp.Organisation(
        assignments=[
            lp.Assignment(payee=payee, unit="east", role="officer", since="2026-01-01") for payee in ("lin", "wei")
        ]
    )
    tiers = lp.schemes.Tiers(by="attainment", applies="flat", accumulates="to date", indicator="loan_amount")
    curve = lp.schemes.Curve.of([["0%", "1%"], ["100%", "2%"]], shape="step")
    item = component(base="indicator", indicator="loan_amount", curve=curve, tiers=tiers)
    months = ("2026-01", "2026-02")
    readings = [reading("loan_amount", "1000 CNY", month, payee) for month in months for payee in ("lin", "wei")]
    goals = [lp.Target(payee=payee, indicator="loan_amount", value="1000 CNY") for payee in ("lin", "wei")]
    found = accrued(
        [], dated(item), staff=staff, through="2026-02", readings=readings, targets={lp.Period.parse("2026-01"): goals}
    )

    assert {"lin", "wei"} == found.blocked
    told = [problem for problem in found.problems if "2026-02" in str(problem)]
    assert ["lin", "wei"] == [problem.payee for problem in told]
    assert all(problem.payee in problem.fault for problem in told)
