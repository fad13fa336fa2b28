"""Receipts: what is paid of money that comes back; and terms that ask for the day, such as the age of the loan."""

from fractions import Fraction
from typing import Any

import pytest
from tests.loans import (
    accrued,
    by_loan,
    by_payee,
    by_period,
    clean,
    component,
    dated,
    drawn,
    earned,
    event,
    loan,
    past_due,
    without_place,
)
from tests.loans import assigned as handed

import loanperf as lp

SCHEME = """
name = "receipts"
currency = "CNY"
effective = 2026-01-01

[plans.p]
rounding = "half up"

[plans.p.components.c]
base = "receipts"
rate = "5%"
"""
ALL = (
    event("L1", "repaid", "2026-03-01", "1000 CNY"),
    event("L1", "prepaid", "2027-01-14", "2000 CNY"),
    event("L1", "repaid", "2027-01-15", "4000 CNY"),
)
"""What comes in of a loan that is opened on 15 January 2026: its first twelve months end with 14 January 2027."""


def bound(field: str, **bounds: str) -> lp.schemes.Where:
    """A term with bounds."""
    return lp.schemes.Where(field=field, **{name: lp.quantity(value) for name, value in bounds.items()})


def of_kind(*words: str) -> lp.schemes.Where:
    """A term on the kind of receipt."""
    return lp.schemes.Where(field="receipt", values=words)


def of_receipts(**fields: Any) -> lp.schemes.Component:
    """A component on what comes in."""
    return component(base="receipts", **fields)


@pytest.mark.parametrize(
    ("age", "paid"),
    [
        ({"below": "12 months"}, 150),
        ({"at_least": "12 months"}, 200),
        ({"at_most": "12 months"}, 350),
        ({"above": "364 days"}, 200),
        ({"at_most": "364 days"}, 150),
        ({"at_least": "45 days", "below": "1个月"}, 0),
        ({"at_least": "1个月", "below": "46 天"}, 50),
    ],
)
def test_a_share_of_the_receipts_of_the_first_twelve_months(age: dict[str, str], paid: int) -> None:
    """5% of 1,000 (45 days old) and of 2,000 (364 days old) is 50 and 100; of 4,000 on the 365th day, 200."""
    facts = [loan(on="2026-01-15"), *ALL]
    item = of_receipts(rate="5%", where=(bound("age", **age),))

    assert paid == earned(clean(facts, dated(item), through="2027-03"))


def test_the_rate_may_change_with_the_age() -> None:
    """5% in the first year, 50 and 100, and 2% of 4,000 after it, 80; each in the month in which it came in."""
    rates = (
        lp.schemes.Rate(where=(bound("age", below="12 months"),), rate="5%"),
        lp.schemes.Rate(where=(bound("age", at_least="12 months"),), rate="2%"),
    )
    found = clean([loan(on="2026-01-15"), *ALL], dated(of_receipts(rates=rates)), through="2027-03")

    assert {"2026-03": Fraction(50), "2027-01": Fraction(180)} == by_period(found)


def test_days_past_due_are_those_last_said_by_the_day() -> None:
    """10% of what comes in while more than 90 days are past due: of 500 on the day itself and of 700 later, 120."""
    facts = [
        loan(),
        event("L1", "repaid", "2026-03-09", "300 CNY"),
        past_due("2026-03-10", 91),
        event("L1", "repaid", "2026-03-10", "500 CNY"),
        event("L1", "repaid", "2026-03-20", "700 CNY"),
        past_due("2026-03-25", 0),
        event("L1", "repaid", "2026-03-26", "900 CNY"),
    ]
    item = of_receipts(rate="10%", where=(bound("days_past_due", above="90 days"),))

    assert Fraction(120) == earned(clean(facts, dated(item), through="2026-03"))


def test_a_part_of_what_is_recovered_by_the_size_of_the_loan() -> None:
    """Published: 1, 1.5 and 2% of cash recovered by size; 1万 of loans of 5万, 50万 and 500万 pays 100, 150 and 200.

    What was repaid before is no recovery.
    """
    sizes = {"L1": "5万元", "L2": "50万元", "L3": "500万元"}
    facts: list[lp.Fact] = []
    for code, size in sizes.items():
        facts += [loan(code), event(code, "disbursed", "2026-03-02", size), event(code, "repaid", "2026-03-03", "1元")]
        facts += [event(code, "written off", "2026-04-01", size), event(code, "recovered", "2026-05-01", "10000 CNY")]
    small, large = bound("amount", below="10万元"), bound("amount", at_least="100万元")
    rates = (
        lp.schemes.Rate(where=(small,), rate="1%"),
        lp.schemes.Rate(where=(large,), rate="2%"),
    )
    item = of_receipts(rate="1.5%", rates=rates, where=(of_kind("recovery"),))

    assert {"L1": 100, "L2": 150, "L3": 200} == by_loan(clean(facts, dated(item)))


def test_each_receipt_is_theirs_who_held_the_loan_then() -> None:
    """Lin has it until 9 March, wei from the 10th: 1% of 100 and of 200. A cancellation takes nothing back."""
    staff = lp.Organisation(
        assignments=[
            lp.Assignment(payee=payee, unit="east", role="officer", since="2020-01-01") for payee in ("lin", "wei")
        ]
    )
    facts = [
        loan(),
        event("L1", "repaid", "2026-03-09", "100 CNY"),
        handed("L1", "2026-03-10", "wei"),
        event("L1", "prepaid", "2026-03-10", "200 CNY"),
        event("L1", "cancelled", "2026-03-20"),
    ]

    assert {"lin": 1, "wei": 2} == by_payee(clean(facts, dated(of_receipts(rate="1%")), staff=staff))


def test_receipts_are_shared_as_loans_are_and_converted_on_their_day() -> None:
    """100 USD at 7.1 is 710 yuan; 60% of that is 426, 10% of it 42.6; and the reasons say so in both languages."""
    facts: list[lp.Fact] = [
        loan(),
        lp.Credit(loan="L1", payee="lin", role="lead", on="2026-03-01"),
        lp.Credit(loan="L1", payee="hu", role="assistant", on="2026-03-01"),
        event("L1", "repaid", "2026-03-09", "100 USD"),
        lp.ExchangeRate(currency="USD", into="CNY", on="2026-03-01", rate=Fraction(71, 10)),
    ]
    staff = lp.Organisation(
        assignments=[
            lp.Assignment(payee=payee, unit="east", role="officer", since="2020-01-01") for payee in ("lin", "hu")
        ]
    )
    split = (("lead", "60%"), ("assistant", "40%"))
    found = clean(facts, dated(of_receipts(rate="10%", split=split)), staff=staff)

    assert {"lin": Fraction("42.6"), "hu": Fraction("28.4")} == by_payee(found)
    assert "repayment of 710 on 2026-03-09; the part credited, 60%, is 426" in found.explain("lin").text("en")
    assert "2026-03-09 还款 710；归属比例 60%，即 426" in found.explain("lin").text("zh")
    (problem,) = accrued(facts[:-1], dated(of_receipts(rate="10%", split=split)), staff=staff).problems[:1]
    assert "an amount in USD on 2026-03-09 has no rate into CNY" in str(problem)


def test_receipts_climb_tiers_in_order_of_their_days() -> None:
    """1% of the first 1,000 of a month and 2% above: 600 and 800 come to 6, and 4 + 8 = 12."""
    curve = lp.schemes.Curve.of([["0元", "1%"], ["1000元", "2%"]], shape="step")
    tiers = lp.schemes.Tiers(by="amount", applies="marginal", accumulates="period")
    facts = [
        *(loan("L1"), loan("L2")),
        event("L1", "repaid", "2026-03-09", "800 CNY"),
        event("L2", "repaid", "2026-03-05", "600 CNY"),
    ]
    found = clean(facts, dated(of_receipts(curve=curve, tiers=tiers)))

    assert {"L1": Fraction(12), "L2": Fraction(6)} == by_loan(found)


def test_a_balance_may_be_paid_while_the_loan_is_young() -> None:
    """100 outstanding from 1 January on: 1% a month while it is less than two months old, as on 28 February."""
    facts = drawn(100, on=["2026-01-01"])
    item = component(base="balance", rate="1%", where=(bound("age", below="2 months"),))

    assert {"2026-01": 1, "2026-02": 1} == by_period(clean(facts, dated(item), through="2026-04"))


def test_a_loan_of_which_nothing_came_in_is_told() -> None:
    """Nothing came in, or not in time: the loan is listed as unpaid, with the reason in both languages."""
    item = of_receipts(rate="5%", where=(bound("age", below="12 months"),))
    (unpaid,) = clean([loan(on="2026-03-01")], dated(item)).unpaid

    assert "nothing came in that is paid for" == unpaid.reason.en
    assert "无可计提回款" == unpaid.reason.zh


def test_no_rate_for_a_receipt_says_how_old_the_loan_was() -> None:
    """A rate for the first year alone leaves what comes later without one: it must be stated, were it 0%."""
    rates = (lp.schemes.Rate(where=(bound("age", below="12 months"),), rate="5%"),)
    found = accrued([loan(on="2026-01-15"), *ALL], dated(of_receipts(rates=rates)), through="2027-03")

    assert any("no rate fits a loan of age 365 days" in str(problem) for problem in found.problems)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"base": "disbursed", "where": (bound("age", below="12 months"),)},
            (
                "Component.where: age is asked where base is 'disbursed';"
                " ask for it where base is 'balance' or 'interest margin' or 'receipts'"
            ),
        ),
        (
            {"base": "balance", "where": (of_kind("recovery"),)},
            "Component.where: receipt is asked where base is 'balance'; ask for it where base is 'receipts'",
        ),
        ({"base": "receipts", "most": "5元"}, "Component.most: 5 CNY is no amount for one loan"),
        ({"base": "receipts", "year_part": "days/365"}, "Component.year_part: base is 'receipts'; leave it out"),
    ],
)
def test_what_cannot_be_asked_is_refused(fields: dict[str, Any], said: str) -> None:
    """A drawdown that is paid while the loan is young would be taken back as it gets older."""
    with pytest.raises(lp.errors.DataError) as raised:
        component(rate="5%", **fields)
    assert said in without_place(raised.value)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ('{ age = { below = "12" } }', "age.below: it is no age of a loan; give whole months or days"),
        ('{ age = { below = "1.5 months" } }', "age.below: it is no age of a loan; give whole months or days"),
        ('{ age = "12 months" }', "age: it is no age of a loan; give whole months or days"),
        ('{ days_past_due = { above = "3 months" } }', "days_past_due.above: it is in another unit than the field"),
        ('{ receipt = "repaid" }', "receipt: it is no kind of receipt (found 'repaid'); use one of repayment, prepay"),
    ],
)
def test_terms_of_a_day_are_checked(where: str, said: str) -> None:
    """What is wrong, where, and what to write."""
    with pytest.raises(lp.errors.LoanPerfError) as raised:
        lp.parse_scheme(f"{SCHEME}\nwhere = {where}\n")
    assert f"$.plans.p.components.c.where.{said}" in without_place(raised.value)
