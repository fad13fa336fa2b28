"""Parts of a period: fixed amounts by days or full months, and a change of grade within a month."""

from typing import Any

import pytest
from tests.loans import accrued, by_period, clean, component, dated, earned, reading, target
from tests.test_commission import by_component

import loanperf as lp

MARCH = lp.Period.month(2026, 3)


def staff(*parts: tuple[str, str, str | None]) -> lp.Organisation:
    """Lin, in a grade from a day up to another."""
    held = [
        lp.Assignment(payee="lin", unit="east", role="officer", tier=tier, since=since, until=until)
        for tier, since, until in parts
    ]
    return lp.Organisation(assignments=held)


def post(rate: str = "3100 CNY", in_part: Any = "by days", **fields: Any) -> lp.schemes.Component:
    """A fixed amount a month."""
    return component(code="post", base="fixed", rate=rate, in_part=in_part, **fields)


def paid(who: lp.Organisation, *plans: lp.schemes.DatedPlan, through: str = "2026-03") -> lp.Accruals:
    """What is paid of March, without any loan."""
    return clean([], *plans, staff=who, through=through, since=MARCH.start)


@pytest.mark.parametrize(
    ("since", "until", "in_part", "expected"),
    [
        ("2026-03-25", None, "by days", 700),
        ("2020-01-01", "2026-03-08", "by days", 700),
        ("2026-03-10", "2026-03-11", "by days", 100),
        ("2026-03-01", "2026-04-01", "by days", 3100),
        ("2026-03-02", None, "full periods", 0),
        ("2026-03-01", "2026-03-31", "full periods", 0),
        ("2026-03-01", None, "full periods", 3100),
        ("2026-03-25", None, "whole", 3100),
    ],
)
def test_an_allowance_by_days_or_full_months(since: str, until: str | None, in_part: str, expected: int) -> None:
    """3,100 of a month of 31 days: a week is 700, a day 100; a full month has every day; and all of it by default."""
    assert expected == earned(paid(staff(("", since, until)), dated(post(in_part=in_part))))


def test_a_change_of_grade_within_a_month_counts_each_part() -> None:
    """Ten days at 3,100 and 21 at 6,200: 1,000 and 4,200; April is of the higher grade alone."""
    plans = (
        dated(post(), code="junior", tier="junior"),
        dated(post("6200 CNY"), code="senior", tier="senior"),
    )
    who = staff(("junior", "2020-01-01", "2026-03-11"), ("senior", "2026-03-11", None))
    found = paid(who, *plans, through="2026-04")
    assert {"2026-03": 5200, "2026-04": 6200} == by_period(found)
    of_march = {line.plan.plan.code: line.amount.exact for line in found if line.period == MARCH}
    assert {"junior": 1000, "senior": 4200} == of_march
    assert "base: fixed amount = 10/31" in found.explain("lin").text()


def test_the_days_of_one_plan_are_added() -> None:
    """Another unit on the 11th, under the same plan: all of March is a full month."""
    who = staff(("a", "2020-01-01", "2026-03-11"), ("b", "2026-03-11", None))
    assert 3100 == earned(paid(who, dated(post(in_part="full periods"))))
    assert 3100 == earned(paid(who, dated(post())))


def test_who_moves_to_what_no_plan_pays_has_the_days_before() -> None:
    """Ten days in sales, then in the back office, which has no plan: 1,000."""
    who = staff(("sales", "2020-01-01", "2026-03-11"), ("office", "2026-03-11", None))
    assert 1000 == earned(paid(who, dated(post(), tier="sales")))


def test_two_plans_for_a_part_of_a_month_block_who_has_it() -> None:
    """Nothing says which of the two holds."""
    plans = (dated(post(), code="one"), dated(post(), code="two"))
    who = staff(("", "2026-03-11", None))
    assert {"lin"} == {*accrued([], *plans, staff=who, through="2026-03", since=MARCH.start).blocked}


def test_the_rules_of_the_month_hold_for_its_parts() -> None:
    """A minimum of 1,000 a month beside 700 of a week."""
    found = paid(staff(("", "2026-03-25", None)), dated(post(period_least="1000 CNY"), component(rate="1%")))
    assert {"post": 1000} == by_component(found)


def test_only_a_fixed_amount_has_parts() -> None:
    """What else is paid counts its own days."""
    with pytest.raises(lp.errors.DataError, match="base is 'disbursed'; leave it out, or pay a fixed amount"):
        component(rate="1%", in_part="by days")


def test_days_count_in_numbers_as_wide_as_pay() -> None:
    """A rate by a reading of 90 trillion, on 30 of 31 days: 150 × 30/31 is 145.16."""
    curve = lp.schemes.Curve.of([["0%", "50 CNY"], ["120%", "150 CNY"]], shape="linear")
    tiers = lp.schemes.Tiers(by="indicator attainment", applies="interpolated", indicator="disbursed_amount")
    plan = dated(component(base="fixed", in_part="by days", curve=curve, tiers=tiers))
    how: Any = {"readings": [reading("disbursed_amount", f"{2**63 - 1} 分")]}
    how["targets"] = target("disbursed_amount", "1000 CNY")
    who = staff(("", "2026-03-02", None))
    assert lp.Money("145.16 CNY").exact == earned(
        clean([], plan, staff=who, through="2026-03", since=MARCH.start, **how)
    )
