"""Rounding to a step larger than the smallest unit: of lines, components, a plan's total and a bonus."""

from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve
from tests.loans import by_loan, by_period, clean, component, dated, drawn, earned, event, reading, without_place

import loanperf as lp
from loanperf.testing import check_laws


def to(step: str, mode: lp.Rounding = lp.Rounding.DOWN) -> lp.schemes.RoundingStep:
    """A step."""
    return lp.schemes.RoundingStep(to=step, mode=mode)


LOANS = drawn(1_000_000, 51_800)
"""Of 1% each: 10,000 and 518."""


@pytest.mark.parametrize(
    ("amount", "step", "mode", "paid"),
    [
        (1_051_800, "100元", lp.Rounding.DOWN, "10500"),
        (1_051_800, "10元", lp.Rounding.HALF_UP, "10520"),
        (1_051_800, "1000元", lp.Rounding.HALF_UP, "11000"),
        (1_051_845, "1元", lp.Rounding.HALF_UP, "10518"),
        (1_051_850, "1元", lp.Rounding.HALF_UP, "10519"),
        (1_051_845, "1角", lp.Rounding.UP, "10518.5"),
        (1_051_845, "0.01元", lp.Rounding.DOWN, "10518.45"),
    ],
)
def test_a_total_is_rounded_to_a_step(amount: int, step: str, mode: lp.Rounding, paid: str) -> None:
    """1% of the amount is 10,518 yuan, or 45 or 50 fen more; to hundreds downwards that is 10,500."""
    plan = dated(component(rate="1%"), round_total=to(step, mode))

    assert Fraction(paid) == earned(clean(drawn(amount), plan))


def test_lines_components_and_totals_are_each_rounded_in_their_turn() -> None:
    """Lines of 187.5, 62.5 and 9 in two components.

    To whole tens downwards, lines are 180, 60 and 0; components of 250 and 9 are 250 and 0; the total of 259 is 250.
    """
    facts = drawn(18_750, 6_250)
    fixed = lp.schemes.Component(code="fixed", base="fixed", rate="9元")
    staff = lp.Organisation(assignments=[lp.Assignment(payee="lin", unit="east", role="officer", since="2026-03-01")])

    def pays(**steps: Any) -> dict[tuple[str, str], Fraction]:
        found = clean(facts, dated(component(rate="1%"), fixed, **steps), staff=staff, through="2026-03")
        return {(line.component, line.loan or line.stage): line.amount.exact for line in found}

    exact = {("loans", "L1"): Fraction("187.5"), ("loans", "L2"): Fraction("62.5"), ("fixed", ""): Fraction(9)}
    assert exact == pays()
    in_lines = {("loans", "L1"): 180, ("loans", "L2"): 60, ("fixed", ""): 0}
    assert in_lines == pays(round_line=to("10元"))
    assert exact | {("fixed", "rounded"): -9} == pays(round_component=to("10元"))
    assert exact | {("fixed", "rounded"): -9} == pays(round_total=to("10元"))
    both = pays(round_component=to("0.1元"), round_total=to("200元"))
    assert exact | {("fixed", "rounded"): -59} == both


def test_the_parts_of_a_deal_sum_to_what_is_rounded() -> None:
    """30% and 70% of 518 to tens downwards: 155.4 is 150, and all of it is 510, so that the rest is 360."""
    stages = (lp.schemes.Stage(milestone="signed", share="30%"), lp.schemes.Stage(milestone="disbursed", share="70%"))
    plan = dated(component(rate="1%", stages=stages), round_line=to("10元"))
    facts = [*drawn(51_800, on=["2026-04-01"]), event("L1", "signed", "2026-04-01", "51800 CNY")]
    found = clean(facts, plan)

    assert [150, 360] == sorted(line.amount.exact for line in found)
    gone = clean([*facts, event("L1", "cancelled", "2026-05-02")], plan)
    assert {"2026-04": 510, "2026-05": -510} == by_period(gone)


def test_each_period_is_rounded_by_itself_after_gates_and_caps() -> None:
    """10,518 halved by a gate is 5,259, of which 5,200 are left; a cap of 987 leaves 900 and not 987."""
    gate = lp.schemes.Gate(indicator="npl_ratio", forfeits=lp.schemes.Curve.of([["0%", "50%"]], shape="step"))
    gated = dated(component(rate="1%"), gates=(gate,), round_total=to("100元"))
    capped = dated(component(rate="1%"), most=lp.schemes.Cap(most="987元", excess="lost"), round_total=to("100元"))

    assert 5200 == earned(clean(LOANS, gated, readings=[reading("npl_ratio", "1%")], through="2026-03"))
    assert 900 == earned(clean(LOANS, capped))


def test_what_rounding_changes_is_a_line_that_says_so() -> None:
    """The line of 18 less has the total, the step and the way of rounding in both languages."""
    found = clean(LOANS, dated(component(rate="1%"), round_total=to("100元")))
    (line,) = (line for line in found if line.stage == "rounded")

    assert ("-18.00 CNY", "") == (str(line.amount), line.loan)
    assert "all of the plan, 10518.00 CNY, rounded down to 100 CNY" in found.explain("lin").text("en")
    assert "方案合计 10,518.00 元，按 100 元 截尾" in found.explain("lin").text("zh")
    whole = clean(LOANS, dated(component(rate="1%"), round_line=to("100元")))
    assert {"L1": 10_000, "L2": 500} == by_loan(whole)
    assert "518 rounded to 500.00 CNY, down to 100 CNY" in whole.explain("lin").text("en")


def test_a_late_fact_rounds_its_period_anew() -> None:
    """March came to 10,518 and was posted as 10,500; with 90 more it is 10,608, so that 100 are posted in April."""
    plan = dated(component(rate="1%"), round_total=to("100元"))
    march, april = lp.Period.month(2026, 3), lp.Period.month(2026, 4)
    ledger = lp.Ledger()
    ledger = ledger.append(lp.settle(ledger, clean(LOANS, plan, through="2026-03"), period=march))
    ledger = ledger.append(lp.pay(ledger, period=march, rules=lp.schemes.PayRules()).entries)
    late = [*LOANS, *drawn(1, 1, 9_000)[4:]]
    entries = lp.settle(ledger, clean(late, plan, through="2026-04"), period=april)

    assert 100 == sum(entry.amount.exact for entry in entries)


# ── bonuses ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("step", "mode", "paid"),
    [
        ("100元", lp.Rounding.DOWN, "8100.00 CNY"),
        ("1元", lp.Rounding.HALF_UP, "8170.00 CNY"),
        ("0.1元", lp.Rounding.DOWN, "8169.60 CNY"),
        ("1000元", lp.Rounding.UP, "9000.00 CNY"),
    ],
)
def test_a_bonus_is_rounded_to_a_step(step: str, mode: lp.Rounding, paid: str) -> None:
    """The published example is worth 1.0212 months of 8,000, which is 8,169.6."""
    card = lp.template("worked-example").resolve(period=lp.Period.month(2026, 3))
    readings = {"loan_amount": "120万元", "npl_ratio": "2%", "retention_rate": "85%"}
    assert card.bonus is not None
    bonus = evolve(card.bonus, round_total=to(step, mode))
    found = lp.award(bonus, lp.appraise(evolve(card, bonus=bonus), readings=readings), month="8000 元")

    assert paid == str(found.amount)
    assert Fraction("8169.6") == found.exact
    assert (paid == "8169.60 CNY") or f"{lp.quantity(step)}" in found.explain().text("en")


def test_a_cap_of_a_bonus_is_rounded_as_the_bonus_is() -> None:
    """A cap of 8,050 yuan pays 8,000 where it is rounded to hundreds downwards."""
    card = lp.template("worked-example").resolve(period=lp.Period.month(2026, 3))
    readings = {"loan_amount": "120万元", "npl_ratio": "2%", "retention_rate": "85%"}
    assert card.bonus is not None
    bonus = evolve(card.bonus, round_total=to("100元"), cap="8050 元")

    assert "8000.00 CNY" == str(
        lp.award(bonus, lp.appraise(evolve(card, bonus=bonus), readings=readings), month="8000 元").amount
    )


# ── in schemes ──────────────────────────────────────────────────────────────────────────────────────────────

SCHEME = """
name = "steps"
currency = "CNY"
effective = 2026-01-01

[plans.p]
rounding = "half up"
round_line = { to = "1角", mode = "half up" }
round_total = { to = "100元", mode = "down" }

[plans.p.components.c]
base = "disbursed"
rate = "1%"
"""


def test_steps_stand_in_documents_and_changes() -> None:
    """They are read and written, a change is told in both languages, and no step loses more than itself."""
    scheme = lp.parse_scheme(SCHEME)
    assert scheme == lp.parse_scheme(lp.schemes.write_scheme(scheme, "toml"))
    (change,) = lp.diff(scheme, lp.parse_scheme(SCHEME.replace("100元", "10元")))
    assert "the step of the rounding of the total of plan p falls from 100 CNY to 10 CNY" == change.to("en")
    assert "提成方案 p的合计舍入的舍入单位由 100 元 降至 10 元" == change.to("zh")
    check_laws(scheme, examples=10)


def test_a_step_is_stated_once_for_all_plans() -> None:
    """It holds for each plan that does not state its own or do without it."""
    common = SCHEME.replace("[plans.p]", '[common]\nround_total = { to = "1元", mode = "down" }\n\n[plans.p]')
    other = '[plans.q]\nrole = "lead"\nrounding = "half up"\n[plans.q.components.c]\nbase = "disbursed"\nrate = "1%"\n'
    first, second = lp.parse_scheme(f"{common}\n{other}").plans

    assert (to("100元"), to("1元")) == (first.round_total, second.round_total)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "100元",
            "0元",
            "$.plans.p.round_total.to: 0 CNY is no step of money; give whole smallest units, such as '1元'",
        ),
        ("100元", "0.001元", "$.plans.p.round_total.to: 0.001 CNY is no step of money"),
        ("100元", "5%", "$.plans.p.round_total.to: 0.05 is no step of money"),
        ("100元", "1 USD", "$.plans.p.round_total.to: it is in another unit (found 1 USD); give it in CNY"),
    ],
)
def test_a_step_is_money_of_the_scheme(old: str, new: str, said: str) -> None:
    """What is no whole fen can be paid to nobody."""
    with pytest.raises(lp.errors.LoanPerfError) as raised:
        lp.parse_scheme(SCHEME.replace(old, new))
    assert said in without_place(raised.value)
