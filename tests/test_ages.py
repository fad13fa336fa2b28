"""Ages: a clawback ends, a holdback is released and a stage expires after the days or months that a plan states."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from tests.loans import by_period, classified, clean, component, dated, event, loan
from tests.test_clawbacks import month_by_month, rule, took

import loanperf as lp
from loanperf.schemes import Clawback, Curve, Holdback, Instalment

K = lp.EntryKind
DRAWN = [loan("L1"), event("L1", "disbursed", "2026-03-02", "30万元")]
"""At 1% they earn 3,000; day 180 after 2 March is 29 August."""


def ladder(*knots: Any) -> Curve:
    """Shares by age, each from its knot on."""
    return Curve.of(knots, shape="step")


UNTIL_180 = ladder(["0 day", "100%"], ["181 day", "0%"])
BY_DAYS = ladder(["0 day", "100%"], ["91 day", "50%"], ["181 day", "0%"])


@pytest.mark.parametrize(("on", "expected"), [("2026-03-02", 3000), ("2026-08-29", 3000), ("2026-08-30", 0)])
def test_all_is_taken_back_to_day_180_and_nothing_from_day_181(on: str, expected: int) -> None:
    """29 days to 31 March, then 30 + 31 + 30 + 31 to 31 July, make 151; day 180 is 29 August, the next is day 181."""
    assert expected == took([event("L1", "prepaid", on, "30万元")], rule(share=UNTIL_180))


@pytest.mark.parametrize(
    ("share", "on", "expected"),
    [
        # 5万 of 30万 earned 500
        (BY_DAYS, "2026-05-31", "500"),  # day 90
        (BY_DAYS, "2026-06-01", "250"),  # day 91
        (BY_DAYS, "2026-08-29", "250"),  # day 180
        (BY_DAYS, "2026-08-30", "0"),
        (ladder(["0 month", "100%"], ["3 month", "50%"]), "2026-06-01", "500"),  # two full months
        (ladder(["0 month", "100%"], ["3 month", "50%"]), "2026-06-02", "250"),
        (Curve.of([["0 day", "100%"], ["200 day", "0%"]], shape="linear"), "2026-06-10", "250"),  # day 100 of 200
    ],
)
def test_a_part_that_is_paid_off_early_takes_its_part_by_its_age(share: Curve, on: str, expected: str) -> None:
    """A sixth of the loan stands for 500; a ladder in days turns on the day, one in months when a month is full."""
    assert Fraction(expected) == took([event("L1", "prepaid", on, "5万元")], rule(share=share))


def test_parts_add_up_each_at_its_own_age() -> None:
    """Two thirds at day 90 take 2,000; the last third at day 91 takes half of 1,000; in all 2,500."""
    happened = [event("L1", "prepaid", "2026-05-31", "20万元"), event("L1", "prepaid", "2026-06-01", "10万元")]
    assert 2500 == took(happened, rule(share=BY_DAYS))


@pytest.mark.parametrize(("on", "expected"), [("2026-05-31", "1575"), ("2026-06-01", "3000")])
def test_a_recovery_counts_to_a_day(on: str, expected: str) -> None:
    """Written off on 1 April, all 3,000 go; half recovered by day 60, 31 May, gives back 95% of 1,500: 1,425."""
    happened = [event("L1", "written off", "2026-04-01", "30万元"), event("L1", "recovered", on, "15万元")]
    loses = rule("written off", takes="whole", share=UNTIL_180, refund="95%", refund_days=60)
    assert Fraction(expected) == took(happened, loses)


def released(holdback: Holdback, *happened: lp.Fact) -> dict[date, int]:
    """What is released of 3,000, by day, in whole currency."""
    found = month_by_month([*DRAWN, *happened], dated(component(rate="1%"), holdback=holdback)).entries
    return {entry.on: int(entry.amount.exact) for entry in found if entry.kind is K.RELEASED}


def test_what_is_held_is_released_after_days() -> None:
    """Of 40% of 3,000, half after 90 days from 31 March, 29 June, and half after 180 days, 27 September."""
    halves = tuple(Instalment(after_days=days, share="50%") for days in (90, 180))
    assert {date(2026, 6, 29): 600, date(2026, 9, 27): 600} == released(Holdback(share="40%", instalments=halves))


def test_a_cured_loan_waits_for_its_days_of_good_standing() -> None:
    """Bad from 20 April to 10 May, and due on 30 April: 45 clean days after 10 May end on 24 June."""
    terms: dict[str, Any] = {"instalments": (Instalment(after_days=30, share="100%"),), "condition": "performing"}
    bad = [
        classified("L1", on, category)
        for on, category in (("2026-04-20", lp.Category.SUBSTANDARD), ("2026-05-10", lp.Category.NORMAL))
    ]
    assert {date(2026, 6, 24): 1200} == released(Holdback(share="40%", condition_days=45, **terms), *bad)


@pytest.mark.parametrize(("signed", "ends"), [("2026-01-31", "2026-02"), ("2026-03-10", "2026-04")])
def test_a_stage_expires_after_months(signed: str, ends: str) -> None:
    """A month after 31 January is 28 February: what was earned is reversed where nothing is drawn by then."""
    stages = (
        lp.schemes.Stage(milestone="signed", share="20%"),
        lp.schemes.Stage(milestone="disbursed", share="80%"),
    )
    plan = dated(component(rate="1%", base="contracted", stages=stages, expires_months=1))
    facts = [loan("L1", on=signed), event("L1", "signed", signed, "100万元")]
    assert {signed[:7]: 2000, ends: -2000} == by_period(clean(facts, plan))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Instalment(share="100%"), "Instalment.after_months: nothing says when it is released"),
        (
            lambda: Instalment(after_months=1, after_days=30, share="100%"),
            "Instalment.after_days: after_months is stated too; keep one of them",
        ),
        (
            lambda: Holdback(
                share="40%",
                instalments=(Instalment(after_months=1, share="50%"), Instalment(after_days=90, share="50%")),
            ),
            "some are in months, some in days; state all in months, or all in days",
        ),
        (
            lambda: Clawback(on="past due", attainment="stays", share=ladder(["0 元", "100%"], ["181 元", "0%"])),
            "it is by an age, and its knots are in CNY; write ages such as '181 day' or '12 month'",
        ),
        (
            lambda: component(rate="1%", expires_days=30, expires_months=1),
            "Component.expires_months|Component.expires_days: expires_months is stated too",
        ),
    ],
)
def test_an_age_is_stated_once(make: Any, says: str) -> None:
    """Two ages in one place, or none, are refused with what to do."""
    with pytest.raises(lp.errors.DataError, match=says):
        make()


def test_ages_are_written_and_compared() -> None:
    """A scheme with ages in days reads back as it was, and its differences are told in both languages."""
    text = """
name = "days"
currency = "CNY"
effective = 2026-01-01
[plans.officer]
rounding = "half up"
[plans.officer.components.loans]
base = "disbursed"
rate = "1%"
[plans.officer.holdback]
share = "40%"
instalments = [{ after_days = 180, share = "100%" }]
[[plans.officer.clawbacks]]
on = "prepaid"
takes = "in proportion"
attainment = "stays"
share = { knots = [["0 天", "100%"], ["181 天", "0%"]], shape = "step" }
"""
    scheme = lp.parse_scheme(text)
    assert scheme == lp.parse_scheme(lp.schemes.write_scheme(scheme), "json")
    later = lp.parse_scheme(text.replace("after_days = 180", "after_days = 360").replace("181 天", "361 天"))
    steps = [f"0 天 → 100%，{days} 天 → 0%，阶梯" for days in (181, 361)]
    assert [change.to("zh") for change in lp.diff(scheme, later)] == [
        "取消提成方案 officer的180 天后的返还（原为 比例 100%）",
        "新增提成方案 officer的360 天后的返还：比例 100%",
        f"提成方案 officer的提前还款的追索扣回的比例由 {steps[0]} 改为 {steps[1]}",
    ]
