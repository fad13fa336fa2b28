"""Tiers: how a rate applies and what accumulates, to the digit of every published reading."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.loans import (
    Published,
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

TABLE = [["0 USD", "1%"], ["1000 USD", "2%"], ["3000 USD", "3%"], ["8000 USD", "5%"]]
SIX = (200, 300, 1500, 1200, 2000, 4500)
IN_MARCH = [f"2026-03-{day:02}" for day in range(1, 31)]


def ladder(knots: Sequence[Any], tiers: lp.schemes.Tiers, shape: Any = "step", **fields: Any) -> lp.schemes.DatedPlan:
    """A plan in dollars with one curve of rates."""
    curve = lp.schemes.Curve.of(knots, shape=shape)
    return dated(component(curve=curve, tiers=tiers, **fields), currency="USD")


def by_amount(applies: Any, accumulates: Any = "period", **fields: Any) -> lp.schemes.Tiers:
    """Tiers by what was lent."""
    return lp.schemes.Tiers(by="amount", applies=applies, accumulates=accumulates, **fields)


def lent(plan: lp.schemes.DatedPlan, *amounts: Any, on: Sequence[str] = (), **terms: Any) -> list[Fraction]:
    """What loans of these amounts pay, one after the other."""
    found = by_loan(clean(drawn(*amounts, on=on, unit="USD", **terms), plan))
    return [found.get(f"L{place + 1}", Fraction(0)) for place in range(len(amounts))]


@pytest.mark.parametrize(
    ("applies", "reached", "blended"),
    [
        ("marginal", ["1%", "1%", "2%", "3%", "3%", "5%"], ["1", "1", "5/3", "13/6", "3", "169/45"]),
        ("flat", ["1%", "1%", "2%", "3%", "3%", "5%"], ["1", "1", "2", "3", "3", "5"]),
        ("forward before", ["1%", "1%", "1%", "2%", "3%", "3%"], ["1", "1", "1", "2", "3", "3"]),
    ],
)
def test_a_line_says_its_rates_as_numbers(applies: str, reached: list[str], blended: list[str]) -> None:
    """Who compares plans needs the rate that a loan reached and what its slices come to, not a sentence.

    Of 200, 300, 1500, 1200, 2000 and 4500, to date. Marginal, the third goes from 500 to 2000: 500 at 1% and 1000 at 2%
    are 25 of 1500, 5/3 percent; the fourth from 2000 to 3200: 1000 at 2% and 200 at 3% are 26 of 1200, 13/6; the last
    from 5200 to 9700: 2800 at 3% and 1700 at 5% are 169 of 4500, 169/45. Flat makes good the earlier loans too, which
    is no rate of this one.
    """
    lines = clean(drawn(*SIX, unit="USD"), ladder(TABLE, by_amount(applies, "to date"))).of("lin")

    assert [lp.ratio(rate) for rate in reached] == [line.rate_reached for line in lines]
    assert [Fraction(rate) / 100 for rate in blended] == [line.blended_rate for line in lines]


def test_a_rate_that_depends_on_nothing_is_reached_by_nobody() -> None:
    """None is another answer than 0%."""
    (line,) = clean(drawn(200, unit="USD"), dated(component(rate="1%"), currency="USD")).of("lin")

    assert (None, Fraction(1, 100)) == (line.rate_reached, line.blended_rate)


# ── the readings of one table ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("applies", "accumulates", "total"),
    [
        ("marginal", "per transaction", 164),
        ("flat", "per transaction", 234),
        ("marginal", "to date", 285),
        ("flat", "to date", 485),
        ("forward before", "to date", 239),
        ("forward after", "to date", 356),
    ],
)
def test_one_table_has_six_readings(applies: str, accumulates: str, total: int) -> None:
    """A plan that does not say how its rates apply could pay any of these; so each is stated, and each is exact."""
    plan = ladder(TABLE, by_amount(applies, accumulates))
    assert total == sum(lent(plan, *SIX))


def test_the_seventh_reading_lies_between_knots() -> None:
    """By hand: 1.2% of 200, 1.3% of 300, 2.25% of 1500, 2.1% of 1200, 2.5% of 2000, 3.6% of 4500: 277.25 in all."""
    plan = ladder(TABLE, by_amount("interpolated", "per transaction"), shape="linear")
    expected = [Fraction(text) for text in ("2.4", "3.9", "33.75", "25.2", "50", "162")]
    assert expected == lent(plan, *SIX)


def test_each_reading_says_what_each_loan_pays() -> None:
    """By hand, loan by loan: a total alone would hide two errors that cancel."""
    readings = {
        ("marginal", "to date"): [2, 3, 25, 26, 60, 169],
        ("flat", "to date"): [2, 3, 35, 56, 60, 329],
        ("forward before", "to date"): [2, 3, 15, 24, 60, 135],
        ("forward after", "to date"): [2, 3, 30, 36, 60, 225],
    }
    for (applies, accumulates), expected in readings.items():
        assert expected == lent(ladder(TABLE, by_amount(applies, accumulates)), *SIX), applies


def test_a_loan_that_crosses_tiers_is_stored_as_its_slices() -> None:
    """The third loan takes the sum from 500 to 2000: 500 at 1% and 1000 at 2%, and its explanation says so."""
    found = clean(drawn(*SIX, unit="USD"), ladder(TABLE, by_amount("marginal", "to date")))
    (line,) = (line for line in found.lines if line.loan == "L3")
    assert "500 × 1% = 5" in line.explain().text()
    assert "1000 × 2% = 20" in line.explain().text()


# ── what counts ─────────────────────────────────────────────────────────────────────────────────────────────


FIFTEEN_FROM_TWENTY = [["0", "0 CNY"], ["20", "15 CNY"]]


def new_loans(new: int, renewals: int, applies: Any = "flat", **fields: Any) -> Fraction:
    """What a month pays of 15 yuan for each new loan from the twentieth on."""
    tiers = lp.schemes.Tiers(by="count", applies=applies, accumulates="period", **fields)
    curve = lp.schemes.Curve.of(FIFTEEN_FROM_TWENTY, shape="step")
    item = component(base="count", where=(where("product", "new"),), curve=curve, tiers=tiers)
    facts: list[lp.Fact] = []
    for place in range(new + renewals):
        code, product = f"L{place:02}", "new" if place < new else "renewal"
        facts += [loan(code, product=product), event(code, "disbursed", "2026-03-05", "1000 CNY")]
    return earned(clean(facts, dated(item)))


def test_a_tier_counts_what_its_component_pays() -> None:
    """19 new loans and a renewal are 19 loans of a component for new ones: nothing; 20 pay 300, whatever is renewed."""
    assert 0 == new_loans(19, 1) == new_loans(19, 9)
    assert 300 == new_loans(20, 0) == new_loans(20, 9)


def test_counts_says_which_other_loans_count() -> None:
    """Where renewals count too, 19 new ones and one pay 19 × 15; where only they count, nothing but they reach 20."""
    renewals = (where("product", "renewal"),)
    assert 285 == new_loans(19, 1, counts="every loan")
    assert 0 == new_loans(20, 0, counts=renewals)
    assert 15 == new_loans(1, 20, counts=renewals)


SIBLINGS: dict[str, tuple[dict[str, Any], dict[str, Any], list[list[Any]]]] = {
    "amounts, flat": ({}, {"by": "amount", "applies": "flat"}, [["0 CNY", "1%"], ["1500 CNY", "2%"]]),
    "amounts, marginal": ({}, {"by": "amount", "applies": "marginal"}, [["0 CNY", "1%"], ["1000 CNY", "2%"]]),
    "amounts, forward": ({}, {"by": "amount", "applies": "forward after"}, [["0 CNY", "1%"], ["1500 CNY", "2%"]]),
    "a quota": (
        {},
        {"by": "attainment", "applies": "flat", "quota": "1500 CNY"},
        [["0%", "1%"], ["100%", "2%"]],
    ),
    "amounts by number": ({}, {"by": "count", "applies": "flat"}, [["0", "1%"], ["2", "2%"]]),
    "numbers by amount": (
        {"base": "count"},
        {"by": "amount", "applies": "flat"},
        [["0 CNY", "10 CNY"], ["1500 CNY", "20 CNY"]],
    ),
    "to date": (
        {},
        {"by": "amount", "applies": "flat", "accumulates": "to date"},
        [["0 CNY", "1%"], ["1500 CNY", "2%"]],
    ),
    "rolling": (
        {},
        {"by": "amount", "applies": "flat", "accumulates": "rolling", "periods": 3},
        [["0 CNY", "1%"], ["1500 CNY", "2%"]],
    ),
    "balances": ({"base": "balance"}, {"by": "amount", "applies": "flat"}, [["0 CNY", "1%"], ["1500 CNY", "2%"]]),
}


@pytest.mark.parametrize("name", SIBLINGS)
def test_no_loan_of_another_kind_lifts_the_tier(name: str) -> None:
    """1 000 of a new loan pay 10 beside 1 000 of a renewal that the component does not pay, and 20 where it counts."""
    fields, tiers, knots = SIBLINGS[name]
    facts: list[lp.Fact] = []
    for code, product in (("L1", "renewal"), ("L2", "new")):
        facts += [loan(code, product=product, on="2026-03-01")]
        facts += [event(code, "disbursed", "2026-03-01", "1000 CNY")]

    def pays(**more: Any) -> Fraction:
        given = lp.schemes.Tiers(**({"accumulates": "period"} | tiers | more))
        curve = lp.schemes.Curve.of(knots, shape="step")
        item = component(**fields, where=(where("product", "new"),), curve=curve, tiers=given)
        return earned(clean(facts, dated(item), through="2026-03"))

    assert 10 == pays()
    assert 20 == pays(counts="every loan")


def test_an_unpaid_loan_that_counts_needs_no_rate() -> None:
    """A renewal counts for the tier of new loans without any rate that fits it, of balances as of drawdowns."""
    facts: list[lp.Fact] = []
    for code, product in (("L1", "renewal"), ("L2", "new")):
        facts += [loan(code, product=product), event(code, "disbursed", "2026-03-01", "1000 CNY")]
    curve = lp.schemes.Curve.of([["0 CNY", "1%"], ["1500 CNY", "2%"]], shape="step")
    tiers = by_amount("flat", counts="every loan")
    new = (where("product", "new"),)
    for base in ("disbursed", "balance"):
        item = component(base=base, where=new, rates=(lp.schemes.Rate(where=new, curve=curve),), tiers=tiers)
        assert 20 == earned(clean(facts, dated(item), through="2026-03")), base


def test_counts_is_stated_or_left_out() -> None:
    """An empty filter could mean all or nothing."""
    with pytest.raises(lp.errors.DataError, match="there is no term; write 'every loan'"):
        by_amount("flat", counts=())
    with pytest.raises(lp.errors.DataError, match="pass one of 'what is paid', 'every loan'"):
        by_amount("flat", counts="all")


# ── what a line says of its tier ────────────────────────────────────────────────────────────────────────────


def said(item: lp.schemes.Component, *amounts: Any, **more: Any) -> list[tuple[str, str]]:
    """What the line of each loan says of its tier, in both languages."""
    lines = clean(drawn(*amounts), dated(item), **more).lines
    steps = [step for line in lines for step in line.steps if step.rule.startswith("accrual.tier")]
    return [(step.sentence("en"), step.sentence("zh")) for step in steps]


def test_a_line_names_quota_attainment_tier_and_what_is_next() -> None:
    """15 000 and 10 000 of a quota of 20 000: 75%, a quarter short of 2%; then 125%, of which no tier is above."""
    tiers = lp.schemes.Tiers(by="attainment", applies="marginal", accumulates="period", quota="20000 CNY")
    curve = lp.schemes.Curve.of([["0%", "1%"], ["100%", "2%"], ["120%", "3%"]], shape="step")
    assert [
        (
            (
                "attainment of the period, quota 20000: 0% before, 75% after; tier: 1% from 0%;"
                " next: 2% from 100%, 25% to go"
            ),
            "本期完成率（任务量 20,000）：此前 0%，计入后 75%；所在档次：0% 起 1%；下一档：100% 起 2%，还差 25%",
        ),
        (
            "attainment of the period, quota 20000: 75% before, 125% after; tier: 3% from 120%; no tier follows",
            "本期完成率（任务量 20,000）：此前 75%，计入后 125%；所在档次：120% 起 3%，已无下一档",
        ),
    ] == said(component(curve=curve, tiers=tiers), 15000, 10000)


def test_a_line_names_the_sum_that_its_tier_is_read_at() -> None:
    """By amount, number and earnings, with the span that is summed; a rate of money has its currency."""
    rising = lp.schemes.Curve.of([["0 CNY", "1%"], ["1500 CNY", "2%"]], shape="step", closed="right")
    ((english, chinese),) = said(component(curve=rising, tiers=by_amount("flat", "to date", resets="year")), 1000)
    assert (
        "amount of the year to date: 0 before, 1000 after; tier: 1% above 0; next: 2% above 1500, 500 to go" == english
    )
    assert (
        "本年累计额：此前 0，计入后 1,000；所在档次：0 以上（不含） 1%；下一档：1,500 以上（不含） 2%，还差 500"
        == chinese
    )
    numbers = lp.schemes.Tiers(by="count", applies="forward before", accumulates="rolling", periods=3)
    item = component(
        base="count", curve=lp.schemes.Curve.of([["0", "20 CNY"], ["1", "50 CNY"]], shape="step"), tiers=numbers
    )
    assert [
        "loans of the last 3 periods: 0 before, 1 after; tier: 20 CNY from 0; next: 50 CNY from 1, 1 to go",
        "loans of the last 3 periods: 1 before, 2 after; tier: 50 CNY from 1; no tier follows",
    ] == [english for english, _ in said(item, 5, 5)]


def test_a_line_names_the_reading_that_its_tier_is_read_at() -> None:
    """110% of the target of loan amount, between the tiers of 100% and 120%."""
    tiers = lp.schemes.Tiers(by="indicator attainment", indicator="loan_amount", applies="flat")
    item = component(curve=lp.schemes.Curve.of([["100%", "2%"], ["120%", "3%"]], shape="step"), tiers=tiers)
    given: Any = {"readings": [reading("loan_amount", "110 CNY")], "targets": target("loan_amount", "100 CNY")}
    assert [
        (
            "attainment of loan_amount: 110%; tier: 2% from 100%; next: 3% from 120%, 10% to go",
            "贷款额完成率：110%；所在档次：100% 起 2%；下一档：120% 起 3%，还差 10%",
        )
    ] == said(item, 5, through="2026-03", **given)


def test_a_line_of_what_falls_back_names_the_tier_that_is_left() -> None:
    """L1 is cancelled: its 15 go, and of the 35 that L2 came to as it reached 125% of the quota, 10 are left."""
    tiers = lp.schemes.Tiers(by="attainment", applies="flat", accumulates="period", quota="2000 CNY")
    item = component(curve=lp.schemes.Curve.of([["0%", "1%"], ["100%", "2%"]], shape="step"), tiers=tiers)
    found = clean([*drawn(1500, 1000), event("L1", "cancelled", "2026-03-20")], dated(item))
    (line,) = [line for line in found.lines if line.stage == "fell back"]
    assert lp.Money.of(-25, "CNY") == line.amount
    assert (
        "attainment of the period, quota 2000: 125% before, 50% after; tier: 1% from 0%; next: 2% from 100%, 50% to go"
    ) == line.steps[0].sentence()


# ── published tiers ─────────────────────────────────────────────────────────────────────────────────────────


def published_ladder(tiers: Sequence[Sequence[Any]], percent: int = 1) -> list[list[Any]]:
    """Rows of from, to and rate as knots; rates in print are parts or per cent."""
    return [[f"{low} USD", exact(rate) / percent] for low, _, rate in tiers]


def test_each_transaction_starts_at_the_first_tier(published: Published) -> None:
    """Case tier-oracle-step-transactions: 2, 3, 20, 14, 30 and 95, together 164."""
    found = case(published, "tier-oracle-step-transactions")
    inputs = found["inputs"]
    plan = ladder(published_ladder(inputs["tiers"]), by_amount("marginal", "per transaction"))
    actual = lent(plan, *inputs["transactions"], on=[day.replace("2015", "2026") for day in inputs["dates"]])
    assert (found["expected"]["commissions"], found["expected"]["total"]) == (actual, sum(actual))


def test_effective_rates(published: Published) -> None:
    """Case tier-oracle-step-effective-rates: the rate that six commissions come to, in per cent."""
    found = case(published, "tier-oracle-step-effective-rates")
    inputs = found["inputs"]
    plan = ladder(published_ladder(inputs["tiers"]), by_amount("marginal", "per transaction"))
    actual = lent(plan, *inputs["transactions"])
    for amount, pay, printed in zip(inputs["transactions"], actual, found["expected"], strict=True):
        assert abs(pay / amount * 100 - exact(printed)) <= exact(found["tolerance"])


def test_a_bound_belongs_to_the_tier_above(published: Published) -> None:
    """Case tier-oracle-boundary-equal: 50 000 on an edge takes the higher rate, 3%."""
    found = case(published, "tier-oracle-boundary-equal")
    plan = ladder(published_ladder(found["inputs"]["tiers_percent"], 100), by_amount("flat", "per transaction"))
    amount = found["inputs"]["amount"]
    assert [Fraction(found["expected"] * amount, 100)] == lent(plan, amount)


def test_a_bound_can_belong_to_the_tier_below() -> None:
    """Published ladders use both sides, so a plan states which; at (from, to], 50 000 is still paid 2%."""
    knots = [["0 USD", "1%"], ["25000 USD", "2%"], ["50000 USD", "3%"]]
    curve = lp.schemes.Curve.of(knots, shape="step", closed="right")
    plan = dated(component(curve=curve, tiers=by_amount("flat", "per transaction")), currency="USD")
    assert [1000] == lent(plan, 50000)


def test_one_rate_for_the_whole_amount(published: Published) -> None:
    """Case tier-oracle-flat-lookup: 1%, 2% and 3%."""
    found = case(published, "tier-oracle-flat-lookup")
    amounts = found["inputs"]["amounts"]
    plan = ladder(published_ladder(found["inputs"]["tiers_percent"], 100), by_amount("flat", "per transaction"))
    expected = [Fraction(amount * rate, 100) for amount, rate in zip(amounts, found["expected"], strict=True)]
    assert expected == lent(plan, *amounts)


def test_interpolated_rates_as_published(published: Published) -> None:
    """Case tier-oracle-24b-proportional: rates add up in proportion to the width of tiers, 1.5% at 2 000."""
    found = case(published, "tier-oracle-24b-proportional")
    knots, rate = [["0 USD", Fraction(0)]], Fraction(0)
    for _, high, step in found["inputs"]["tiers"]:
        rate += exact(step)
        knots.append([f"{high} USD", rate])
    amount = found["inputs"]["amount"]
    plan = ladder(knots, by_amount("interpolated", "per transaction"), shape="linear")
    assert [amount * exact(found["expected"]["blended_pct"]) / 100] == lent(plan, amount)


def test_falling_rates(published: Published) -> None:
    """Case tier-getdigitalhelp-regressive: each slice at its own, lower rate."""
    found = case(published, "tier-getdigitalhelp-regressive")
    plan = ladder(published_ladder(found["inputs"]["tiers"]), by_amount("marginal", "per transaction"))
    assert found["expected"] == lent(plan, *found["inputs"]["amounts"])


def cycles(found: dict[str, Any]) -> list[Fraction]:
    """Revenue of one month each, each month on its own."""
    revenues = found["inputs"]["revenue_per_cycle"]
    days = [f"2026-{place + 1:02}-10" for place in range(len(revenues))]
    return lent(ladder(published_ladder(found["inputs"]["tiers"]), by_amount("marginal")), *revenues, on=days)


def test_the_rows_of_pay_cycles_that_are_right_in_print(published: Published) -> None:
    """Case tier-mytime-cycles-corrected: 100, 25 and 1675.00, each month from the first tier."""
    found = case(published, "tier-mytime-cycles-corrected")
    assert [exact(pay) for pay in found["expected"]] == cycles(found)


def test_a_printed_pay_cycle_is_two_cents_short(published: Published) -> None:
    """Case tier-mytime-cycles: 1 500 pays 425.00, and the page prints 424.98."""
    found = case(published, "tier-mytime-cycles")
    actual = cycles(found)
    assert [exact(pay) for pay in found["recomputed"]["commissions"]] == actual
    assert exact(found["recomputed"]["total"]) == sum(actual)
    assert exact(found["expected"]["commissions"][2]) != actual[2]
    assert exact(found["expected"]["total"]) != sum(actual)


def attainment(
    found: dict[str, Any], rows: Sequence[Sequence[Any]], base: Fraction = Fraction(1)
) -> lp.schemes.DatedPlan:
    """A plan of slices by parts of a quota."""
    quota = f"{found['inputs']['quota']} USD"
    tiers = lp.schemes.Tiers(by="attainment", applies="marginal", accumulates="period", quota=quota)
    return ladder([[exact(low), base * exact(rate)] for low, _, rate in rows], tiers)


def test_tiers_in_parts_of_a_quota(published: Published) -> None:
    """Case tier-comish-quota-multiples: 6% to the quota, 8% of the next quarter, 10% beyond: 33 125, 6.625%."""
    found = case(published, "tier-comish-quota-multiples")
    (actual,) = lent(attainment(found, found["inputs"]["tiers_attainment"]), found["inputs"]["amount"])
    assert found["expected"]["commission"] == actual
    assert exact(found["expected"]["effective_pct"]) == actual / found["inputs"]["amount"] * 100


def test_an_accelerator_is_a_higher_rate_above_quota(published: Published) -> None:
    """Case tier-prowi-accelerator: 12 000 + 3 600 + 2 400; without it the same amount pays 15 600."""
    found = case(published, "tier-prowi-accelerator")
    inputs, base = found["inputs"], exact(found["inputs"]["base_rate"])
    plan = attainment(found, inputs["multipliers"], base)
    result = clean(drawn(inputs["amount"], unit="USD"), plan)
    plain = dated(component(rate=base), currency="USD")

    assert found["expected"]["total"] == earned(result)
    assert [found["expected"]["without_accelerator"]] == lent(plain, inputs["amount"])
    for amount in found["expected"]["segments"]:
        assert f"= {amount}" in result.lines[0].explain().text()


def of_earned(found: dict[str, Any], table: dict[str, Any]) -> list[Fraction]:
    """Deals by category of customer, in tiers of what was earned."""
    edges, inputs = [0, *table["edges_on_cumulative_share"]], found["inputs"]
    rates = tuple(
        lp.schemes.Rate(
            where=(where("customer_type", kind),),
            curve=lp.schemes.Curve.of(
                [[f"{edge} USD", exact(rate)] for edge, rate in zip(edges, row, strict=True)], shape="step"
            ),
        )
        for kind, row in table["rates"].items()
    )
    tiers = lp.schemes.Tiers(by="earned", applies="marginal", accumulates="to date")
    plan = dated(component(rates=rates, tiers=tiers), currency="USD")
    facts: list[lp.Fact] = []
    for place, (amount, kind) in enumerate(inputs["deals"]):
        code, day = f"L{place}", f"2026-03-{place + 1:02}"
        facts += [
            loan(code, on=day, customer_type=str(kind)),
            event(code, "disbursed", day, lp.Money.of(f"{amount} USD")),
        ]
    return [line.amount.exact for line in clean(facts, plan).lines]


def test_tiers_of_what_was_earned(published: Published) -> None:
    """Case tier-mrexcel-output-threshold: a tier ends where enough is earned, and a deal across it is split."""
    found = case(published, "tier-mrexcel-output-threshold")
    assert [exact(pay) for pay in found["expected"]] == of_earned(found, found["inputs"])


@pytest.mark.parametrize(
    ("accumulates", "periods", "expected"),
    [
        ("per transaction", 1, [600, 600, 200, 1000, 500]),
        ("period", 1, [600, 800, 200, 1000, 500]),
        ("to date", 1, [600, 800, 400, 2000, 1000]),
        ("rolling", 2, [600, 800, 400, 1400, 1000]),
    ],
)
def test_what_was_earned_is_summed_by_its_window(accumulates: Any, periods: int, expected: list[int]) -> None:
    """By hand: 1% until 1 000 are earned, then 2%; two loans in January, and one in each month after it.

    The second loan passes 1 000 after 40 000 of its 60 000. Rolling over two months, March has the 400 of February
    behind it: 60 000 of it at 1%, 40 000 at 2%.
    """
    tiers = lp.schemes.Tiers(by="earned", applies="marginal", accumulates=accumulates, periods=periods)
    plan = ladder([["0 USD", "1%"], ["1000 USD", "2%"]], tiers)
    days = ["2026-01-05", "2026-01-06", "2026-02-05", "2026-03-05", "2026-04-05"]
    assert expected == lent(plan, 60000, 60000, 20000, 100000, 50000, on=days)


def test_a_slip_in_a_published_row_is_not_repeated(published: Published) -> None:
    """Case tier-techcommunity-row4: the poster subtracted wrongly; 22 333.33 is right and 22 533.33 is not."""
    found = case(published, "tier-techcommunity-row4")
    table = case(published, "tier-mrexcel-output-threshold")["inputs"]
    row = of_earned(found, table)[3]
    assert exact(found["expected"]) != row
    assert abs(exact(found["recomputed"]) - row) < exact(found["tolerance"])


def test_a_gate_on_volume_pays_all_once_it_is_reached(published: Published) -> None:
    """Cases threshold-se420-probationary and threshold-se420-multi: 1 999 pays nothing, 2 000 pays 2% of all."""
    found = case(published, "threshold-se420-probationary")
    inputs = found["inputs"]
    knots = [["0 USD", "0%"], [f"{inputs['minimum']} USD", exact(inputs["rate"])]]
    plan = ladder(knots, by_amount("flat"))
    days = ["2026-01-05", "2026-02-05", "2026-03-05"]

    assert [exact(pay) for pay in found["expected"]] == lent(plan, *inputs["sales"], on=days)
    several = case(published, "threshold-se420-multi")
    assert several["expected"] == sum(lent(plan, *several["inputs"]["sales"]))


def test_monthly_volume_decides_the_rate_of_all(published: Published) -> None:
    """Case regz-monthly-volume-tier: 1.2% of 500 000, 1% of 300 000; the volume is the month's, of all its loans."""
    found = case(published, "regz-monthly-volume-tier")
    (_, low), (_, high) = found["inputs"]["tiers"]
    plan = ladder([["0 USD", exact(low)], ["500000 USD", exact(high)]], by_amount("flat"))
    volumes = [int(volume) for volume in found["inputs"]["monthly_volume"]]
    days = ["2026-01-05", "2026-02-05"]
    assert [exact(pay) for pay in found["expected"]["commission"]] == lent(plan, *volumes, on=days)
    assert 6000 == sum(lent(plan, 200000, 300000))


@pytest.mark.parametrize("code", ["superprogressive-15000", "superprogressive-30000", "superprogressive-60000"])
def test_slices_of_gross_profit(published: Published, code: str) -> None:
    """Three published points of one ladder: profit is no fact of a loan, so it comes in as a reading."""
    found = case(published, code)
    rows: list[list[Any]] = []
    low = "0"
    for high, rate in found["inputs"]["tiers"]:
        rows.append([f"{low} CNY", exact(rate)])
        low = high
    item = component(
        base="indicator",
        indicator="gross_profit",
        curve=lp.schemes.Curve.of(rows, shape="step"),
        tiers=by_amount("marginal"),
    )
    profit = reading("gross_profit", f"{found['inputs']['gross_profit']} CNY")
    result = clean([], dated(item), through="2026-03", readings=[profit])
    assert exact(found["expected"]["commission"]) == earned(result)


def test_a_ladder_of_disbursements(published: Published) -> None:
    """Case tiered-marginal-2m: 0.5% of the first half million, 0.8% of the second, 1.2% beyond: 18 500."""
    found = case(published, "tiered-marginal-2m")
    rows: list[list[Any]] = []
    low = "0"
    for high, rate in found["inputs"]["tiers"]:
        rows.append([f"{low} USD", exact(rate)])
        low = high
    plan = ladder(rows, by_amount("marginal"))
    assert [exact(found["expected"]["commission"])] == lent(plan, found["inputs"]["disbursed"])
    assert exact(found["expected"]["commission"]) == sum(lent(plan, 900000, 1100000))


# ── what accumulates ────────────────────────────────────────────────────────────────────────────────────────

STEP = [["0 USD", "1%"], ["1500 USD", "2%"]]
EACH_QUARTER = ["2026-02-10", "2026-04-10", "2026-11-10", "2027-01-10"]


@pytest.mark.parametrize(
    ("resets", "pays"),
    [
        ("never", [10, 30, 20, 20]),
        ("year", [10, 30, 20, 10]),
        ("half", [10, 30, 10, 10]),
        ("quarter", [10, 10, 10, 10]),
    ],
)
def test_a_sum_to_date_starts_again(resets: Any, pays: list[int]) -> None:
    """1 000 in February, April, November and January: the second passes 1 500 unless a new quarter has begun."""
    plan = ladder(STEP, by_amount("flat", "to date", resets=resets))
    found = by_loan(clean(drawn(*[1000] * 4, on=EACH_QUARTER, unit="USD"), plan, through="2027-03"))
    assert pays == list(found.values())


def test_a_rolling_sum_drops_its_oldest_period() -> None:
    """Two months: February counts with January, March with February, May with the empty April alone."""
    plan = ladder(STEP, by_amount("flat", "rolling", periods=2))
    days = ["2026-01-10", "2026-02-10", "2026-03-10", "2026-05-10"]
    assert [10, 20, 20, 10] == lent(plan, 1000, 1000, 1000, 1000, on=days)


def test_a_rolling_sum_beyond_64_bits() -> None:
    """Six months of 20 000 billion thousand: in cents the sum of a few fits in 64 bits, and that of six does not."""
    lot = 2 * 10**16
    plan = ladder([["0 USD", "1%"], [f"{2 * lot} USD", "2%"]], by_amount("flat", "rolling", periods=6))
    days = [f"2026-0{month}-10" for month in range(1, 7)]
    assert [part * lot // 100 for part in (1, 2, 2, 2, 2, 2)] == lent(plan, *[lot] * 6, on=days)


@pytest.mark.parametrize("day", ["2026-03-25", "2026-05-25"])
def test_falling_back_reverses_what_the_tier_had_given(day: str) -> None:
    """Two loans of 1 000 at 2% are 40; without one of them the other is at 1%, whenever the news comes."""
    plan = ladder(STEP, by_amount("flat"))
    for code in ("L1", "L2"):
        found = clean([*drawn(1000, 1000, unit="USD"), event(code, "cancelled", day)], plan)
        assert 10 == earned(found)


def test_less_drawn_than_signed_leaves_the_tier_it_came_into() -> None:
    """2 000 signed in March reach 2%; 1 200 drawn in May are 1%, of March: 12, and not 40 less 8."""
    stages = (
        lp.schemes.Stage(milestone="signed", share="50%"),
        lp.schemes.Stage(milestone="disbursed", share="50%"),
    )
    facts = [
        loan("L1"),
        event("L1", "signed", "2026-03-05", "2000 USD"),
        event("L1", "disbursed", "2026-05-05", "1200 USD"),
    ]
    found = clean(facts, ladder(STEP, by_amount("flat"), stages=stages))
    assert {"2026-03": 20, "2026-05": -8} == by_period(found)


def test_drawdowns_that_change_the_rate_are_priced_anew() -> None:
    """Slices by size of loan: 600 at 1%, then 1 200 in all, which has a ladder of its own: 2% and 3% above 1 000."""
    small = lp.schemes.Rate(
        where=(lp.schemes.Where(field="amount", below=lp.quantity("1000 USD")),),
        curve=lp.schemes.Curve.of([["0 USD", "1%"], ["500 USD", "5%"]], shape="step"),
    )
    large = lp.schemes.Rate(
        where=(lp.schemes.Where(field="amount", at_least=lp.quantity("1000 USD")),),
        curve=lp.schemes.Curve.of([["0 USD", "2%"], ["1000 USD", "3%"]], shape="step"),
    )
    for accumulates in ("per transaction", "period", "to date"):
        plan = dated(component(rates=(small, large), tiers=by_amount("marginal", accumulates)), currency="USD")
        facts = [
            loan("L1"),
            event("L1", "disbursed", "2026-03-05", "600 USD", number="1"),
            event("L1", "disbursed", "2026-03-06", "600 USD", number="2"),
        ]
        assert [10, 16] == [line.amount.exact for line in clean(facts[:2], plan).lines] + [
            earned(clean(facts, plan)) - 10
        ]


def counted(tiers: lp.schemes.Tiers, knots: Sequence[Any], amounts: Sequence[Any], **fields: Any) -> list[Fraction]:
    """What loans pay by their number."""
    item = component(base="count", curve=lp.schemes.Curve.of(knots, shape="step"), tiers=tiers, **fields)
    found = by_loan(clean(drawn(*amounts), dated(item)))
    return [found.get(f"L{place + 1}", Fraction(0)) for place in range(len(amounts))]


def test_tiers_of_the_number_of_loans() -> None:
    """20 yuan for each of the first two loans of a month, 50 for each further one."""
    tiers = lp.schemes.Tiers(by="count", applies="marginal", accumulates="period")
    assert [20, 20, 50, 50] == counted(tiers, [["0", "20 CNY"], ["2", "50 CNY"]], [1000] * 4)


def test_loans_count_by_their_size() -> None:
    """A loan of 50 000 or more counts as two: the second slice begins within it."""
    tiers = lp.schemes.Tiers(by="count", applies="marginal", accumulates="period")
    weights = lp.schemes.Curve.of([["0 CNY", 1], ["50000 CNY", 2]], shape="step")
    pays = counted(tiers, [["0", "20 CNY"], ["2", "50 CNY"]], [1000, 50000, 1000], weighed_by=weights)
    assert [20, 70, 50] == pays


def test_loans_are_paid_by_number_in_tiers_of_volume() -> None:
    """20 yuan a loan, and 50 once the month's volume is 2 000."""
    tiers = by_amount("forward after")
    assert [20, 50, 50] == counted(tiers, [["0 CNY", "20 CNY"], ["2000 CNY", "50 CNY"]], [1000, 1000, 1000])


def test_an_amount_is_paid_in_tiers_of_number() -> None:
    """1% of a loan, and 2% of all from the second loan of the month on."""
    tiers = lp.schemes.Tiers(by="count", applies="flat", accumulates="period")
    assert [10, 30] == lent(ladder([["0", "1%"], ["2", "2%"]], tiers), 1000, 1000)


def test_a_new_hire_has_a_lower_quota() -> None:
    """Half the quota in the first month in the role, all of it in the second: 600 of 500 and 600 of 1 000."""
    tiers = lp.schemes.Tiers(by="attainment", applies="flat", accumulates="period", quota="1000 USD")
    item = component(curve=lp.schemes.Curve.of([["0%", "1%"], ["100%", "2%"]], shape="step"), tiers=tiers)
    ramp = lp.schemes.Curve.of([[1, "50%"], [2, "100%"]], shape="step")
    hired = lp.Organisation(assignments=[lp.Assignment(payee="lin", unit="east", role="officer", since="2026-02-15")])
    facts = drawn(600, 600, on=["2026-02-20", "2026-03-20"], unit="USD")
    found = clean(facts, dated(item, currency="USD", ramp=ramp), staff=hired, through="2026-03")
    assert [12, 6] == list(by_loan(found).values())


def test_a_target_of_the_payee_is_the_quota() -> None:
    """Attainment is of the payee's own target where there is one: 1 000 of 800."""
    tiers = lp.schemes.Tiers(by="attainment", applies="flat", accumulates="period", indicator="loan_amount")
    item = component(curve=lp.schemes.Curve.of([["0%", "1%"], ["100%", "2%"]], shape="step"), tiers=tiers)
    found = clean(drawn(1000), dated(item), through="2026-03", targets=target("loan_amount", "800 CNY"))
    assert 20 == earned(found)


def test_each_month_of_a_rolling_sum_is_a_part_of_its_own_quota() -> None:
    """600 of 2 000 are 30% and 600 of 1 000 are 60%: 90% of two months, at 1%; 700 of 1 750 make 60% up to 100%, at 2%.

    Against the quota of the last month alone, February would reach 1 200 of 1 000, and March miss 1 300 of 1 750.
    """
    tiers = lp.schemes.Tiers(
        by="attainment", applies="forward after", accumulates="rolling", periods=2, indicator="loan_amount"
    )
    item = component(curve=lp.schemes.Curve.of([["0%", "1%"], ["100%", "2%"]], shape="step"), tiers=tiers)
    quotas: dict[lp.Period, list[lp.Target]] = {}
    for month, quota in (("2026-01", "2000 CNY"), ("2026-02", "1000 CNY"), ("2026-03", "1750 CNY")):
        quotas |= target("loan_amount", quota, month)
    facts = drawn(600, 600, 700, on=["2026-01-10", "2026-02-10", "2026-03-10"])
    found = clean(facts, dated(item), through="2026-03", targets=quotas)
    assert [6, 6, 14] == list(by_loan(found).values())


@pytest.mark.parametrize(("attainment", "pay"), [("stays", 30), ("lowered", 20)])
def test_a_clawback_lowers_attainment_if_the_plan_says_so(attainment: Any, pay: int) -> None:
    """After the first loan has gone bad the second still passes 1 500, or does not."""
    clawback = lp.schemes.Clawback(on="written off", takes="whole", share="100%", attainment=attainment)
    item = component(
        curve=lp.schemes.Curve.of(STEP, shape="step"), tiers=by_amount("forward after", "to date", resets="never")
    )
    facts = [
        *drawn(1000, 1000, on=["2026-03-01", "2026-03-20"], unit="USD"),
        event("L1", "written off", "2026-03-10", "1000 USD"),
    ]
    assert pay == earned(clean(facts, dated(item, currency="USD", clawbacks=(clawback,))))


@given(cut=st.integers(1, 9699))
def test_slices_do_not_depend_on_how_a_volume_is_cut(cut: int) -> None:
    """9 700 in one loan or two is 285 under slices to date: by hand 10 + 40 + 150 + 85."""
    plan = ladder(TABLE, by_amount("marginal", "to date", resets="never"))
    assert abs(285 - sum(lent(plan, cut, 9700 - cut), Fraction(0))) <= Fraction(1, 100)


@pytest.mark.parametrize(
    ("before", "after", "drawn"),
    [
        ('"to date", resets = "quarter"', '"to date", resets = "half"', "2026-04-10"),
        ('"to date", resets = "half"', '"to date", resets = "quarter"', "2026-06-10"),
        ('"period"', '"to date"', "2026-01-10"),
        ('"to date"', '"period"', "2026-01-10"),
    ],
)
def test_versions_whose_sums_begin_anew_at_other_times_share_none(before: str, after: str, drawn: str) -> None:
    """100,000 in the first half and 100,000 in July: neither window has 150,000, so each earns 1%, which is 1,000."""

    def version(accumulates: str, effective: str) -> lp.Scheme:
        return lp.parse_scheme(f"""
name = "pay"
currency = "CNY"
effective = {effective}
[plans.sales]
rounding = "half up"
[plans.sales.components.loans]
base = "disbursed"
curve = {{ bands = [["0元", "15万元", "1%"], ["15万元", "", "2%"]], shape = "step" }}
tiers = {{ by = "amount", applies = "flat", accumulates = {accumulates} }}
""")

    book = lp.SchemeBook([version(before, "2025-01-01"), version(after, "2026-07-01")])
    facts: list[lp.Fact] = []
    for code, on in (("A", drawn), ("B", "2026-07-10")):
        facts.append(lp.Loan(loan=code, customer="K", officer="lin", opened_on=on))
        facts.append(lp.LoanEvent(loan=code, kind=lp.EventKind.DISBURSED, on=on, amount="10万元"))
    people = lp.Organisation(assignments=[lp.Assignment(payee="lin", unit="e", role="officer", since="2025-01-01")])
    found = lp.accrue(lp.Facts.of(facts), book.plans(), people, through=lp.Period.month(2026, 7))

    assert [("A", "1000.00 CNY"), ("B", "1000.00 CNY")] == [(line.loan, str(line.amount)) for line in found.lines]
