"""Measuring: from facts to readings, with nothing dropped."""

import copy
import pickle
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp
from loanperf._indicators import par
from loanperf._indicators._measure import reasons_of

MARCH = lp.Period.month(2026, 3)
Published = list[dict[str, Any]]
Given = Iterable[Any]
"""Facts; a list of several kinds of them is a list of objects to a type checker."""


# ── facts, written short ────────────────────────────────────────────────────────────────────────────────────


def loan(number: str = "L1", officer: str = "lin", opened: str = "2026-03-01", **more: Any) -> lp.Loan:
    """A loan of a customer of its own."""
    return lp.Loan(loan=number, customer=f"C-{number}", officer=officer, opened_on=opened, **more)


def event(kind: str, on: str, of: str = "L1", **more: Any) -> lp.LoanEvent:
    """Something that happened to a loan."""
    return lp.LoanEvent(loan=of, kind=lp.EventKind(kind), on=on, **more)


def balance(outstanding: object, on: str = "2026-03-31", number: str = "L1", **more: Any) -> lp.Balance:
    """A balance in yuan."""
    return lp.Balance(loan=number, on=on, outstanding=f"{outstanding} CNY", **more)


def portfolio(rows: Iterable[tuple[object, int]]) -> list[lp.Fact]:
    """One loan of lin for each balance in yuan and days past due."""
    facts: list[lp.Fact] = []
    for index, (amount, days) in enumerate(rows):
        number = f"L{index}"
        facts += [loan(number, opened="2025-01-01"), balance(amount, number=number)]
        facts += [event("past due", "2026-03-31", number, days=days)] if days else []
    return facts


def customer(code: str, officer: str = "lin", since: str = "2025-01-01", until: str | None = None) -> lp.Customer:
    """A customer held by an officer."""
    return lp.Customer(customer=code, officer=officer, since=since, until=until)


def violation(points: object, number: str = "V1", payee: str = "lin") -> lp.Violation:
    """A violation in March."""
    return lp.Violation(number=number, payee=payee, on="2026-03-10", points=f"{points} point")


def declared(measure: lp.schemes.Total | lp.schemes.Ratio, kind: lp.schemes.Kind) -> lp.schemes.Indicator:
    """An indicator of a host's own."""
    return lp.schemes.Indicator(
        code="own",
        name=lp.Label("own"),
        dimension="performance",
        direction=lp.schemes.Direction.HIGHER,
        kind=kind,
        measure=measure,
    )


def measured(facts: Given, *indicators: lp.schemes.Indicator, period: lp.Period = MARCH) -> lp.Readings:
    """A measurement in yuan without an organisation."""
    return lp.measure(facts, period, indicators, currency="CNY")


def value(facts: Given, code: str, payee: str = "lin", **options: Any) -> str:
    """What an indicator of the catalogue shows for a payee in March, as text; the facts must be without fault."""
    found = measured(facts, lp.indicator(code, options))
    assert () == found.problems
    return str(found.of(payee)[code].value)


def over(reading: lp.Reading) -> str:
    """Numerator and denominator, as text."""
    return f"{reading.numerator} / {reading.denominator}"


def problems(found: lp.Readings) -> list[tuple[str, str]]:
    """Fact and fault of each problem."""
    return [(problem.where, problem.fault) for problem in found.problems]


def staff(*payees: str) -> lp.Organisation:
    """These payees, assigned to one branch from 2026-03-10 on."""
    assignments = [lp.Assignment(payee=payee, unit="east", role="x", since="2026-03-10") for payee in payees]
    return lp.Organisation(units=[lp.Unit(code="east")], assignments=assignments)


# ── performance ─────────────────────────────────────────────────────────────────────────────────────────────


def test_volume_is_of_the_events_in_the_period() -> None:
    """贷款额 is signed, 放款量 is drawn; both by the day they happen, from the first to the last of the period."""
    facts = [
        loan(opened="2026-01-05"),
        event("signed", "2026-02-28", amount="1万元"),
        event("signed", "2026-03-01", amount="100万元"),
        event("disbursed", "2026-03-31", amount="30万元"),
        event("disbursed", "2026-04-01", amount="5万元"),
    ]

    assert "1000000 CNY" == value(facts, "loan_amount")
    assert "300000 CNY" == value(facts, "disbursed_amount")


def test_facts_that_only_pay_goes_by_change_no_reading() -> None:
    """Who has a part in a loan, exchange rates and the terms of a loan are used without fault, and counted nowhere."""
    due = "2026-03-20"
    plain = [
        loan(first_due_on=due),
        event("signed", "2026-03-02", amount="100万元"),
        event("disbursed", "2026-03-02", amount="90万元"),
        balance(900_000, overdue="0 CNY"),
    ]
    more: list[lp.Fact] = [
        lp.Credit(loan="L1", payee="wei", on="2026-03-02", share="60%"),
        lp.Credit(loan="elsewhere", payee="wei", on="2026-03-02"),
        lp.ExchangeRate(currency="USD", into="CNY", on="2026-03-31", rate="7.1"),
    ]
    terms = loan(first_due_on=due, amount="5000 USD", collateral="mortgage", interest_rate="4.35%", funding_rate="2.1%")
    without, found = measured(plain, *EVERYTHING), measured([terms, *plain[1:], *more], *EVERYTHING)

    assert () == found.problems
    assert (7, 7) == (found.rows, found.used)
    assert ("lin",) == found.payees
    assert [(item.indicator, over(item)) for item in without] == [(item.indicator, over(item)) for item in found]


@pytest.mark.parametrize(
    ("field", "word", "expected"),
    [("collateral", "mortgage", 2), ("collateral", "credit", 1), ("customer_type", "new", 1), ("customer_type", "", 1)],
)
def test_business_is_told_apart_by_collateral_and_type_of_customer(field: str, word: str, expected: int) -> None:
    """Mortgages and new customers are counted, and paid, apart: as loans held and as loans drawn."""
    facts = [
        loan("L1", collateral="mortgage", customer_type="new"),
        loan("L2", collateral="mortgage", customer_type="existing"),
        loan("L3", collateral="credit"),
        *(event("disbursed", "2026-03-02", number, amount="1万元") for number in ("L1", "L2", "L3")),
    ]
    where = (lp.schemes.Where(field=field, values=(word,)),)
    drawn = lp.schemes.Total(over="loan events", where=(lp.schemes.Where(field="event", values=("disbursed",)), *where))

    for total in (lp.schemes.Total(over="loans", where=where), drawn):
        found = measured(facts, declared(total, lp.schemes.Kind.COUNT))
        assert () == lp.schemes.check_measure(total, "own") + found.problems
        assert expected == found.of("lin")["own"].numerator


def test_a_cancelled_loan_is_netted_from_what_was_drawn_unless_it_is_kept() -> None:
    """A loan drawn and cancelled within a month is no business, though some lenders pay for it."""
    facts = [
        loan("L1"),
        event("disbursed", "2026-03-05", amount="30万元"),
        loan("L2"),
        event("disbursed", "2026-03-06", "L2", amount="10万元"),
        event("cancelled", "2026-03-20", "L2"),
    ]

    assert "300000 CNY" == value(facts, "disbursed_amount")
    assert "400000 CNY" == value(facts, "disbursed_amount", cancelled="kept")


def test_a_loan_counts_for_the_officer_of_the_date_that_the_scheme_names() -> None:
    """A loan that is handed over must not move yesterday's volume, unless the scheme says so."""
    facts = [
        loan(officer="lin", opened="2026-02-01"),
        event("assigned", "2026-03-10", officer="wei"),
        event("disbursed", "2026-03-10", amount="1万元"),
        event("assigned", "2026-03-20", officer="zhao"),
    ]

    for held_at, payee in {"origination": "lin", "event": "wei", "as of": "zhao"}.items():
        readings = measured(facts, lp.indicator("disbursed_amount", {"held_at": held_at}))
        assert [f"{payee} 10000"] == [f"{item.subject} {item.numerator}" for item in readings if item.numerator]
    stock = measured(facts, lp.indicator("average_daily_balance", {"held_at": "event"}))
    assert ["zhao"] == [item.subject for item in stock if item.numerator]


def test_customers_are_counted_at_the_end_or_as_new() -> None:
    """A customer handed on is not new to the lender, and one lost in the period is no longer held."""
    facts = [
        customer("A"),
        customer("B", until="2026-03-31"),
        customer("C", since="2026-03-31"),
        customer("D", "wei", until="2026-03-15"),
        customer("D", since="2026-03-15"),
    ]

    assert "3" == value(facts, "customer_count")
    assert "1" == value(facts, "customer_count", counted="new")
    assert "0" == value(facts, "customer_count", "wei")


def test_the_average_daily_balance_is_exact() -> None:
    """31 days: ten at 0, ten at 300 000, eleven at 200 000 make 5 200 000 / 31, which no decimal holds."""
    facts = [
        loan(),
        event("disbursed", "2026-03-11", amount="30万元"),
        event("repaid", "2026-03-21", amount="10万元"),
    ]
    found = measured(facts, lp.indicator("average_daily_balance")).of("lin")["average_daily_balance"]

    assert Fraction(5_200_000, 31) == found.numerator


def test_a_balance_is_moved_by_the_events_after_it() -> None:
    """A balance is of the end of its day: an event of the same day is in it, a later one moves it."""
    facts = [
        loan(opened="2025-01-01"),
        event("disbursed", "2025-01-01", amount="999 CNY"),
        balance(900, "2026-02-28"),
        event("repaid", "2026-02-28", amount="99 CNY"),
        event("prepaid", "2026-03-11", amount="300 CNY"),
        event("written off", "2026-03-21", amount="100 CNY"),
        event("disbursed", "2026-03-31", amount="50 CNY"),
        event("repaid", "2026-04-01", amount="550 CNY"),
    ]
    outstanding = declared(lp.schemes.Total(over="loans", sum="balance", held_at="as of"), lp.schemes.Kind.MONEY)

    assert 550 == measured(facts, outstanding).of("lin")["own"].numerator
    average = Fraction(900 * 10 + 600 * 10 + 500 * 10 + 550, 31)
    assert (
        average == measured(facts, lp.indicator("average_daily_balance")).of("lin")["average_daily_balance"].numerator
    )


def test_a_repayment_of_more_than_is_there_is_told_and_leaves_nothing() -> None:
    """A negative balance would make the portfolio look smaller than the loans in it."""
    facts = [
        loan(),
        event("disbursed", "2026-03-02", amount="100 CNY"),
        event("repaid", "2026-03-02", amount="120 CNY"),
    ]
    found = measured(facts, lp.indicator("average_daily_balance"))

    assert 0 == next(iter(found)).numerator
    assert [("event L1 repaid 2026-03-02", "it takes more than is outstanding")] == problems(found)
    assert (3, 2, 1) == (found.rows, found.used, len(found.problems))


def test_an_average_over_unknown_days_is_told_and_not_guessed() -> None:
    """A month-end balance alone says nothing of the days before; taken as zero it would shrink the average."""
    facts = [loan(opened="2025-01-01"), balance(900)]
    found = measured(facts, lp.indicator("average_daily_balance"), lp.indicator("npl_ratio"))

    assert [("loan L1", "average_balance is unknown on 2026-03-31")] == problems(found)
    assert ["0 / None", "0 / 900"] == [over(reading) for reading in found]


# ── risk ────────────────────────────────────────────────────────────────────────────────────────────────────


def risky() -> list[lp.Fact]:
    """1 000 good, 200 substandard, 300 rescheduled, and 100 written off of which 40 came back."""
    return [
        *(item for number in ("L1", "L2", "L3", "L4") for item in (loan(number, opened="2025-01-01"),)),
        balance(1000),
        balance(200, number="L2"),
        balance(300, number="L3"),
        balance(0, number="L4"),
        event("classified", "2026-01-01", "L1", category=lp.Category.LOSS),
        event("classified", "2026-02-01", "L1", category=lp.Category.SPECIAL_MENTION),
        event("classified", "2026-03-31", "L2", category=lp.Category.SUBSTANDARD),
        event("classified", "2026-04-01", "L3", category=lp.Category.LOSS),
        event("rescheduled", "2026-03-05", "L3"),
        event("written off", "2026-03-06", "L4", amount="100 CNY"),
        event("recovered", "2026-03-20", "L4", amount="40 CNY"),
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "200 / 1500"),
        ({"written_off": "included"}, "260 / 1560"),
        ({"rescheduled": "non-performing"}, "500 / 1500"),
        ({"written_off": "included", "rescheduled": "non-performing"}, "560 / 1560"),
    ],
)
def test_the_npl_ratio_says_what_it_does_with_losses(options: dict[str, Any], expected: str) -> None:
    """Writing a loan off or rescheduling it makes the plain ratio better; a scheme may close either door."""
    found = measured(risky(), lp.indicator("npl_ratio", options)).of("lin")["npl_ratio"]

    assert expected == over(found)


@pytest.mark.parametrize(("basis", "expected"), [("balance", "300 / 1500"), ("count", "1 / 2")])
def test_the_overdue_ratio_goes_by_balance_or_count(basis: str, expected: str) -> None:
    """A loan repaid in full counts in neither part, however late its last word was."""
    facts = [*portfolio([(1200, 0), (300, 5)]), loan("L9"), event("past due", "2026-03-30", "L9", days=9)]
    found = measured(facts, lp.indicator("overdue_ratio", {"basis": basis})).of("lin")["overdue_ratio"]

    assert expected == over(found)


def test_the_overdue_ratio_by_instalment_leaves_out_what_is_unknown() -> None:
    """A loan whose overdue part nobody stated would count as punctual; it is told and left out of both parts."""
    facts = [loan(number, opened="2025-01-01") for number in ("L1", "L2", "L3", "L4")]
    stated = [
        balance(1000, overdue="30 CNY"),
        balance(500, number="L2"),
        balance(200, "2026-03-10", "L3", overdue="20 CNY"),
        balance(80, "2026-03-10", "L4", overdue="70 CNY"),
    ]
    later = [event("past due", "2026-03-20", "L3", days=0), event("repaid", "2026-03-20", "L4", amount="50 CNY")]
    found = measured([*facts, *stated, *later], lp.indicator("overdue_ratio", {"basis": "instalment"}))

    assert "60 / 1230" == over(found.of("lin")["overdue_ratio"])
    assert [("loan L2", "overdue is unknown on 2026-03-31")] == problems(found)


def test_par_counts_the_full_balance_of_loans_later_than_its_days() -> None:
    """Exactly 30 days is not yet PAR30; a rescheduled loan joins where the scheme says so."""
    facts = [*portfolio([(500, 0), (300, 30), (200, 31)]), event("rescheduled", "2025-06-01", "L0")]

    assert "0.2" == value(facts, "par_30")
    assert "0" == value(facts, "par_90")
    assert "0.7" == value(facts, "par_30", rescheduled="non-performing")


def test_first_payment_default_is_of_loans_first_due_in_the_period() -> None:
    """Late means past due since the first due day; a grace and another instalment do not count."""
    facts = [
        *(loan(f"L{index}", opened="2026-02-01", first_due_on="2026-03-01") for index in range(4)),
        loan("L5", opened="2026-01-01", first_due_on="2026-02-28"),
        loan("L6", officer="wei", opened="2026-01-01"),
        event("past due", "2026-03-04", "L1", days=3),
        event("past due", "2026-03-11", "L2", days=10),
        event("past due", "2026-03-20", "L2", days=0),
        event("past due", "2026-03-30", "L3", days=5),
        event("past due", "2026-03-30", "L5", days=30),
    ]

    assert "0.5" == value(facts, "first_payment_default_rate")
    assert "0.25" == value(facts, "first_payment_default_rate", grace_days="3 days")
    assert "None" == value(facts, "first_payment_default_rate", "wei")


def test_a_drawn_loan_without_a_first_due_day_is_told() -> None:
    """Left out of the cohort without a word, it would make the rate look better."""
    facts = [loan(), event("disbursed", "2026-03-02", amount="1 CNY")]
    found = measured(facts, lp.indicator("first_payment_default_rate"))

    assert [("loan L1", "first_due_in_period is unknown on 2026-03-31")] == problems(found)
    assert "send the Loan with its first_due_on" == found.problems[0].remedy


def test_violations_take_points_down_to_zero() -> None:
    """Without a violation the score is full; below zero it would cost other indicators their points."""
    facts = [violation(30), violation(5, "V2"), violation(130, "V3", "wei"), customer("A", "zhao")]
    found = measured(facts, lp.indicator("compliance_score"), lp.indicator("customer_count"))

    scores = {payee: str(found.of(payee)["compliance_score"].value) for payee in found.payees}
    assert {"lin": "65 point", "wei": "0 point", "zhao": "100 point"} == scores
    assert "55 point" == str(found.team("east", found.payees)["compliance_score"].value)
    assert [-30, -5] == [part.amount for part in found.of("lin")["compliance_score"].parts or ()]


def test_a_valuation_at_the_tolerance_is_accurate() -> None:
    """The bound is the lender's promise, and 10% off is within 10%."""
    valuations = [("90 CNY", "100 CNY"), ("110 CNY", "100 CNY"), ("110.01 CNY", "100 CNY"), ("0 CNY", "9 CNY")]
    facts = [
        lp.Valuation(number=str(index), payee="lin", on="2026-03-10", appraised=given_, benchmark=known)
        for index, (given_, known) in enumerate(valuations)
    ]

    assert "0.5" == value(facts, "collateral_valuation_accuracy")
    assert "0.75" == value(facts, "collateral_valuation_accuracy", tolerance="20%")


def test_an_inquiry_needs_both_authorisation_and_purpose() -> None:
    """征信业管理条例 asks for the customer's authorisation; one without the other is a breach."""
    facts = [
        lp.Inquiry(number=f"{one}{two}", payee="lin", on="2026-03-10", authorised=one, permitted=two)
        for one in (True, False)
        for two in (True, False)
    ]

    assert "0.25" == value(facts, "credit_inquiry_compliance")


# ── growth and team ─────────────────────────────────────────────────────────────────────────────────────────


def test_retention_is_end_less_new_over_start() -> None:
    """The published figures: of 200 at the start, with 220 at the end of which 40 are new, 90% stayed."""
    facts = [customer(f"A{index}") for index in range(180)]
    facts += [customer(f"B{index}", until="2026-03-10") for index in range(20)]
    facts += [customer(f"C{index}", since="2026-03-01") for index in range(40)]

    assert "0.9" == value(facts, "retention_rate")
    assert "220" == value(facts, "customer_count")


def test_cross_sell_counts_what_is_active_on_the_last_day() -> None:
    """One product held twice is one, and a product given back is none: sham sales must not pay."""
    held = [("A", "loan", None), ("A", "card", None), ("B", "loan", None), ("B", "card", "2026-03-31")]
    facts: list[lp.Fact] = [customer("A"), customer("B"), customer("C", since="2026-04-01")]
    facts += [lp.Holding(customer=who, product=what, since="2025-01-01", until=end) for who, what, end in held]
    facts += [lp.Holding(customer="A", product="card", since="2026-03-01")]
    facts += [lp.Training(payee="lin", course="AML", on="2026-03-01")]

    assert "0.5" == value(facts, "cross_sell_rate")
    assert "1.5" == value(facts, "cross_sell_rate", counted="products per customer")


def test_contribution_follows_the_officer_who_held_the_customer() -> None:
    """Profit of the days before a handover stays with whoever earned it, a loss included."""
    facts: list[lp.Fact] = [
        customer("A", until="2026-03-15"),
        customer("A", "wei", since="2026-03-15"),
        customer("B"),
    ]
    for who, on, amount in [("A", "03-14", 100), ("A", "03-15", 900), ("B", "03-31", -40), ("B", "02-28", 7)]:
        facts.append(lp.Profit(customer=who, on=f"2026-{on}", amount=f"{amount} CNY"))

    assert "30 CNY" == value(facts, "contribution_per_customer")
    assert "-40 CNY" == value(facts, "contribution_per_customer", counted="at end")
    assert "900 CNY" == value(facts, "contribution_per_customer", "wei")


def test_training_is_of_courses_due_in_the_period_and_done_by_its_end() -> None:
    """A course done in April for March is late, whatever the system shows in April."""
    done = {"AML": "2026-02-10", "KYC": "2026-03-31", "IT": "2026-04-01", "ethics": None}
    facts = [lp.Training(payee="lin", course=course, on="2026-03-31", completed_on=on) for course, on in done.items()]

    assert "0.5" == value(facts, "training_completion_rate")
    assert "1" == value(facts, "training_completion_rate", course="AML")


def test_teamwork_is_the_mean_of_its_ratings() -> None:
    """Each rating weighs the same, a zero included, and ratings on other topics do not count."""
    facts = [
        lp.Rating(number=str(index), payee="lin", on="2026-03-10", topic=topic, score=score)
        for index, (topic, score) in enumerate([("teamwork", 90), ("teamwork", 0), ("teamwork", 85), ("sales", 10)])
    ]

    assert "175/3 point" == value(facts, "teamwork")


# ── who is measured, and what is not ────────────────────────────────────────────────────────────────────────


def test_every_payee_has_a_reading_of_every_indicator() -> None:
    """A payee without sales sold nothing; a payee without loans has no NPL ratio, which is not 0."""
    found = lp.measure(
        [violation(1)],
        MARCH,
        [lp.indicator(code) for code in ("npl_ratio", "loan_amount", "compliance_score")],
        currency="CNY",
        organisation=staff("wei", "lin"),
    )

    assert [
        ("lin", "npl_ratio", "None"),
        ("lin", "loan_amount", "0 CNY"),
        ("lin", "compliance_score", "99 point"),
        ("wei", "npl_ratio", "None"),
        ("wei", "loan_amount", "0 CNY"),
        ("wei", "compliance_score", "100 point"),
    ] == [(item.subject, item.indicator, str(item.value)) for item in found]
    assert {} == found.of("zhao")


def test_a_fact_that_counts_for_a_stranger_is_told() -> None:
    """Volume of an officer who left belongs to nobody until somebody says to whom."""
    facts: list[lp.Fact] = [
        loan(officer="gone", opened="2026-02-01"),
        event("signed", "2026-03-02", amount="5 CNY"),
        event("applied", "2026-03-02"),
        violation(1),
    ]
    indicators = [lp.indicator("loan_amount"), lp.indicator("npl_ratio"), lp.indicator("compliance_score")]
    found = lp.measure(facts, MARCH, indicators, currency="CNY", organisation=staff("lin"))

    assert [
        (
            "event L1 signed 2026-03-02: it counts for 'gone', who is not assigned in the period"
            " (found 2026-03-02); assign that payee, or assign the loan or customer to another"
        )
    ] == [str(problem) for problem in found.problems]
    assert (4, 3) == (found.rows, found.used)


def test_facts_that_belong_to_nothing_known_are_told() -> None:
    """Each of these would be dropped by a join; then two reports of one month would differ without a trace."""
    facts = [
        loan(),
        event("signed", "2026-03-02", amount="5 USD"),
        event("signed", "2026-03-02", "L404", amount="5 CNY"),
        balance(5, number="L404"),
        lp.Holding(customer="C404", product="card", since="2026-01-01"),
        lp.Profit(customer="C404", on="2026-03-02", amount="5 CNY"),
        customer("A", until="2026-03-02"),
        lp.Profit(customer="A", on="2026-03-02", amount="5 CNY"),
        customer("B"),
        customer("B", "wei", since="2026-03-10"),
    ]
    found = measured(facts, lp.indicator("loan_amount"), lp.indicator("customer_count"))

    assert [
        ("balance L404 2026-03-31", "there is no such loan"),
        ("customer B 2025-01-01", "two records of the customer hold on one day"),
        ("customer B 2026-03-10", "two records of the customer hold on one day"),
        ("event L1 signed 2026-03-02", "it is in another currency"),
        ("event L404 signed 2026-03-02", "there is no such loan"),
        ("holding C404 card 2026-01-01", "there is no such customer"),
        ("profit A 2026-03-02", "nobody holds the customer on that day"),
        ("profit C404 2026-03-02", "there is no such customer"),
    ] == problems(found)
    assert (10, 2) == (found.rows, found.used)


def test_a_loan_cancelled_or_not_yet_opened_is_not_in_the_portfolio() -> None:
    """Its balance would water the ratios down."""
    facts = [
        *portfolio([(100, 40)]),
        loan("L8", opened="2026-04-01"),
        balance(50, "2026-04-01", "L8"),
        loan("L9"),
        balance(50, number="L9"),
        event("cancelled", "2026-03-31", "L9"),
    ]

    assert "1" == value(facts, "par_30")


def test_a_month_without_a_dated_fact_is_measured() -> None:
    """Nothing happened in April: its flows are zero, and the balances of March still stand on its last day."""
    facts, asked = portfolio([(100, 40), (300, 0)]), [lp.indicator("par_30"), lp.indicator("disbursed_amount")]
    april = measured(facts, *asked, period=MARCH.next()).of("lin")
    assert ["0.25", "0 CNY"] == [str(reading.value) for reading in april.values()]


def test_a_period_of_which_nothing_is_known_is_an_error() -> None:
    """Before the first fact nothing stands anywhere: a month there is a wrong month."""
    with pytest.raises(lp.errors.EmptyPeriodError, match=r"nothing is known of 2026-02.*; the facts run from 2026-03"):
        measured([violation(1)], period=MARCH.previous())
    with pytest.raises(lp.errors.EmptyPeriodError, match="there are no facts at all"):
        measured([])


def test_what_is_asked_is_checked_before_anything_is_measured() -> None:
    """A wrong measure is the host's mistake, not a row's."""
    dollars = lp.schemes.Where(field="amount", at_least=lp.quantity("5 USD"))
    wrong = declared(lp.schemes.Total(over="loan events", where=(dollars,)), lp.schemes.Kind.COUNT)
    par_30 = lp.indicator("par_30")

    with pytest.raises(lp.errors.MeasureError, match=r"indicator own\.measure: a bound is in another currency"):
        measured([violation(1)], wrong)
    with pytest.raises(lp.errors.MeasureError, match=r"indicator own\.measure\.sum: loans have no such field"):
        measured([violation(1)], declared(lp.schemes.Total(over="loans", sum="x"), lp.schemes.Kind.MONEY))
    with pytest.raises(lp.errors.MeasureError, match="two indicators have this code"):
        measured([violation(1)], par_30, lp.indicator("par_30", {"held_at": "origination"}))
    with pytest.raises(lp.errors.UnitError, match="what is measured is in RMB"):
        lp.measure([violation(1)], MARCH, [par_30], currency="RMB")
    assert 1 == len(measured([violation(1)], par_30, par_30))


def test_a_reading_names_the_facts_that_made_it() -> None:
    """An officer who disputes a number sees which loans are in it and with how much."""
    facts = [*portfolio([(100, 40), (300, 0), (0, 99)]), event("signed", "2026-03-02", "L1", amount="7.5 CNY")]
    found = measured(facts, lp.indicator("par_30"), lp.indicator("loan_amount")).of("lin")

    assert (lp.Part("loan L0", Fraction(100), Fraction(100)), lp.Part("loan L1", Fraction(0), Fraction(300))) == found[
        "par_30"
    ].parts
    assert (lp.Part("event L1 signed 2026-03-02", Fraction(15, 2)),) == found["loan_amount"].parts


def test_a_teams_ratio_is_the_sum_over_the_sum() -> None:
    """1 of 10 and 0 of 90 is 1%, not the mean of 10% and 0%; a member without loans changes nothing."""
    facts = [
        *portfolio([(10, 0), (90, 0)]),
        event("classified", "2026-03-01", "L0", category=lp.Category.LOSS),
        event("assigned", "2026-03-01", "L1", officer="wei"),
        violation(1, payee="zhao"),
    ]
    found = measured(facts, lp.indicator("npl_ratio"), lp.indicator("compliance_score"))
    team = found.team("east", ["wei", "lin", "zhao", "nobody", "lin"])

    assert ("0.1", "east") == (str(team["npl_ratio"].value), team["npl_ratio"].subject)
    assert {} == found.team("west", ["nobody"])
    one: Any = "lin"
    with pytest.raises(lp.errors.DataError, match=r"members: it is no list \(found 'lin'\); pass a list of codes"):
        found.team("east", one)


def test_an_indicator_without_a_measure_is_the_hosts_to_supply() -> None:
    """A reading of 0 made up here would stand in the way of the host's own."""
    supplied = evolve(lp.indicator("loan_amount"), code="eva", measure=None)

    assert {"compliance_score"} == set(measured([violation(1)], supplied, lp.indicator("compliance_score")).of("lin"))


def test_readings_of_two_things_make_no_team() -> None:
    """A sum of yuan and ratios, or of March and April, means nothing."""
    found = measured(portfolio([(10, 0)]), lp.indicator("npl_ratio"), lp.indicator("loan_amount"))

    with pytest.raises(lp.errors.UnitError, match="a reading of lin"):
        lp.combine(found, "east")


# ── whatever the facts ──────────────────────────────────────────────────────────────────────────────────────

LOANS, OFFICERS = st.sampled_from(["L1", "L2", "L 2"]), st.sampled_from(["lin", "wei", "zhao"])
DAYS = st.integers(0, 120).map(lambda days: date(2026, 1, 15) + timedelta(days))
UNTIL = st.none() | st.integers(1, 90).map(timedelta)
AMOUNTS = st.builds(lp.Money.from_units, st.integers(0, 500), st.sampled_from(["CNY"] * 9 + ["USD"]))
NUMBERS, TEXTS = st.sampled_from(["", "1", "2"]), st.sampled_from(["a", "teamwork"])
CUSTOMERS = st.sampled_from(["C1", "C2", "C 2"])
DETAILS: dict[str, st.SearchStrategy[Any]] = {
    "amount": AMOUNTS,
    "category": st.sampled_from(lp.Category),
    "days": st.integers(0, 100),
    "officer": OFFICERS,
}


@st.composite
def events(draw: st.DrawFn) -> lp.LoanEvent:
    """An event with what its kind must state."""
    kind = draw(st.sampled_from(lp.EventKind))
    needed = {
        **dict.fromkeys(("signed", "disbursed", "repaid", "prepaid", "written off", "recovered"), "amount"),
        "classified": "category",
        "past due": "days",
        "assigned": "officer",
    }.get(kind.value)
    more = {needed: draw(DETAILS[needed])} if needed else {}
    return lp.LoanEvent(loan=draw(LOANS), kind=kind, on=draw(DAYS), number=draw(NUMBERS), **more)


@st.composite
def balances(draw: st.DrawFn) -> lp.Balance:
    """A balance, and perhaps which part of it is overdue."""
    outstanding = draw(AMOUNTS)
    overdue = draw(st.none() | st.integers(0, outstanding.units))
    part = None if overdue is None else lp.Money.from_units(overdue, outstanding.currency)
    return lp.Balance(loan=draw(LOANS), on=draw(DAYS), outstanding=outstanding, overdue=part)


@st.composite
def dated(draw: st.DrawFn) -> lp.Customer | lp.Holding:
    """Something that holds from a day up to another."""
    since, length = draw(DAYS), draw(UNTIL)
    until = None if length is None else since + length
    if draw(st.booleans()):
        return lp.Customer(customer=draw(CUSTOMERS), officer=draw(OFFICERS), since=since, until=until)
    return lp.Holding(customer=draw(CUSTOMERS), product=draw(TEXTS), since=since, until=until)


PROFITS = st.integers(-500, 500).map(lambda units: lp.Money.from_units(units, "CNY"))
IDS, POINTS = st.integers(0, 5).map(str), st.integers(0, 100)
CODES = {"number": IDS, "payee": OFFICERS, "on": DAYS}
FACTS: st.SearchStrategy[list[lp.Fact]] = st.lists(
    st.one_of(
        st.builds(
            lp.Loan, loan=LOANS, customer=CUSTOMERS, officer=OFFICERS, opened_on=DAYS, first_due_on=st.none() | DAYS
        ),
        events(),
        events(),
        balances(),
        dated(),
        st.builds(lp.Profit, customer=CUSTOMERS, on=DAYS, amount=PROFITS),
        st.builds(lp.Violation, points=POINTS, **CODES),
        st.builds(lp.Inquiry, authorised=st.booleans(), permitted=st.booleans(), **CODES),
        st.builds(
            lp.Valuation, appraised=PROFITS.map(lambda item: max(item, -item)), benchmark=st.just("7 CNY"), **CODES
        ),
        st.builds(lp.Training, payee=OFFICERS, course=TEXTS, on=DAYS, completed_on=st.none() | DAYS),
        st.builds(lp.Rating, topic=TEXTS, score=POINTS, **CODES),
        st.builds(lp.Credit, loan=LOANS, payee=OFFICERS, on=DAYS, share=st.none() | st.just("60%")),
        st.builds(lp.ExchangeRate, currency=st.just("USD"), into=st.just("CNY"), on=DAYS, rate=st.integers(1, 9)),
    ),
    max_size=40,
)
EVERYTHING = [lp.indicator(code) for code in lp.CATALOGUE]
ORGANISATIONS = st.sampled_from([None, staff("lin"), staff("lin", "wei")])


def seen(facts: Iterable[lp.Fact], organisation: lp.Organisation | None = None) -> lp.Readings | None:
    """The whole catalogue in March; None where nothing is dated in it."""
    try:
        return lp.measure(facts, MARCH, EVERYTHING, currency="CNY", organisation=organisation)
    except lp.errors.EmptyPeriodError:
        return None


@given(FACTS, ORGANISATIONS)
def test_facts_in_are_facts_used_and_problems(facts: list[lp.Fact], organisation: lp.Organisation | None) -> None:
    """Nothing is dropped, and no facts, however odd, end in anything but readings and problems."""
    found = seen(facts, organisation)

    if found is not None:
        assert len(facts) == found.rows == found.used + found.repeats + len(found.problems)
        assert found.used >= 0


@given(FACTS, ORGANISATIONS, st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(
    facts: list[lp.Fact], organisation: lp.Organisation | None, chance: Random
) -> None:
    """Systems send facts in any order; neither pay nor what is told may depend on it."""
    other = [*facts]
    chance.shuffle(other)

    assert seen(facts, organisation) == seen(other, organisation)


@given(FACTS, ORGANISATIONS)
def test_repeated_facts_do_not_matter(facts: list[lp.Fact], organisation: lp.Organisation | None) -> None:
    """A file that is sent twice must not pay twice."""
    once = lp.Facts.of(facts).items
    first, second = seen(once, organisation), seen(lp.Facts.joined([once, once]), organisation)

    if first is None or second is None:
        assert first is second
    else:
        assert ([*first], first.problems, first.used) == ([*second], second.problems, second.used)
        assert len(once) == second.repeats


@given(FACTS)
def test_parts_sum_to_their_reading(facts: list[lp.Fact]) -> None:
    """An explanation that does not add up explains nothing."""
    found = seen(facts)

    for reading in found or ():
        parts = reading.parts or ()
        given_ = sum((part.amount for part in parts), Fraction(0))
        if reading.indicator == "compliance_score":
            assert max(Fraction(0), 100 + given_) == reading.numerator
        else:
            assert given_ == reading.numerator
            assert (reading.denominator or 0) == sum((part.whole or 0 for part in parts), Fraction(0))


@given(FACTS)
def test_a_team_of_all_is_the_sum_over_the_sum(facts: list[lp.Fact]) -> None:
    """A team's ratio weighs every loan the same, whoever holds it."""
    found = seen(facts)

    for code, reading in (found.team("all", found.payees) if found else {}).items():
        members = [found.of(payee)[code] for payee in found.payees] if found else []
        assert sum(item.numerator for item in members) == reading.numerator
        if reading.denominator is not None:
            assert sum(item.denominator or 0 for item in members) == reading.denominator


@given(FACTS)
def test_ratios_of_a_part_stay_within_100_percent(facts: list[lp.Fact]) -> None:
    """A part cannot exceed its whole, whatever the facts say."""
    parts_of_a_whole = set(lp.CATALOGUE) - {"contribution_per_customer", "teamwork", "compliance_score"}
    found = seen(facts)

    for reading in found or ():
        if reading.indicator in parts_of_a_whole and reading.denominator:
            assert 0 <= reading.numerator <= reading.denominator


# ── published cases ─────────────────────────────────────────────────────────────────────────────────────────


def case(published: Published, code: str) -> dict[str, Any]:
    """One case by its id."""
    (found,) = (item for item in published if item["id"] == code)
    return found


def test_par_meetblog_par30(published: Published) -> None:
    """par-meetblog-par30: the published amount is 1 too high for its own buckets; the percentage holds."""
    given_ = case(published, "par-meetblog-par30")
    buckets = given_["inputs"]["buckets_30_60_90_plus"]
    late = list(zip(buckets, (31, 61, 91, 121, 181), strict=True))
    facts = portfolio([*late, (given_["inputs"]["portfolio"] - sum(buckets), 0)])
    found = measured(facts, par(30)).of("lin")["par_30"]

    assert given_["expected"]["par30_amount"] == found.numerator + 1
    assert given_["recomputed"]["par30_amount"] == found.numerator
    assert given_["expected"]["par30_pct"] == percent_of(found)


def test_par_meetblog_par60_90(published: Published) -> None:
    """par-meetblog-par60-90: each PAR holds the full balance of all later loans, so they are nested sums."""
    given_ = case(published, "par-meetblog-par60-90")
    buckets = given_["inputs"]["buckets_30_60_90_plus"]
    late = list(zip(buckets, (31, 61, 91, 121, 181), strict=True))
    facts = portfolio([*late, (given_["inputs"]["portfolio"] - sum(buckets), 0)])
    found = measured(facts, par(60), par(90)).of("lin")

    for days in (60, 90):
        reading = found[f"par_{days}"]
        assert given_["expected"][f"par{days}_amount"] == reading.numerator
        assert given_["expected"][f"par{days}_pct"] == percent_of(reading)


def test_npl_90dpd_jan(published: Published) -> None:
    """npl-90dpd-jan: the 90+ balance of 12 over 130 is 9.23%."""
    given_ = case(published, "npl-90dpd-jan")
    buckets = given_["inputs"]["buckets"]
    days = {"current": 0, "1-30": 30, "31-60": 60, "61-90": 90, "90+": 91}
    found = measured(portfolio((buckets[name], days[name]) for name in buckets), par(90)).of("lin")["par_90"]

    assert Decimal(given_["expected"]["ratio_pct"]) == percent_of(found)


def percent_of(reading: lp.Reading) -> Decimal:
    """A ratio in percent to the two places that are published."""
    assert reading.denominator
    return (Decimal(100 * reading.numerator.numerator) / Decimal(reading.denominator.numerator)).quantize(
        Decimal("0.01")
    )


@pytest.mark.parametrize(
    ("code", "rates", "amounts"),
    [("par-sadhan-provision", "provisions", "amounts"), ("provision-lheon", "allowances", "amounts")],
)
def test_provisions(published: Published, code: str, rates: str, amounts: str) -> None:
    """par-sadhan-provision, provision-lheon: a curve over days past due weighs the balances by provision rates."""
    given_ = case(published, code)
    balances, shares = given_["inputs"][amounts], given_["inputs"]["rates"]
    firsts = [0, *range(1, 30 * len(balances), 30)][: len(balances)]
    bands = lp.schemes.Curve.of(
        [[f"{first} day", str(share)] for first, share in zip(firsts, shares, strict=True)], shape="step"
    )
    provision = declared(
        lp.schemes.Total(over="loans", sum="balance", weighed_by="days_past_due", weights=bands), lp.schemes.Kind.MONEY
    )
    found = measured(portfolio(zip(balances, firsts, strict=True)), provision).of("lin")["own"]

    parts = {part.fact: part.amount for part in found.parts or ()}
    assert given_["expected"][rates] == [parts.get(f"loan L{index}", 0) for index in range(len(balances))]
    assert given_["expected"]["total"] == found.numerator


def test_flow_rates(published: Published) -> None:
    """flow-rates: a roll rate is a band's balance over the next lower band's a month before: two readings."""
    given_ = case(published, "flow-rates")
    edges = [(0, 0), (1, 30), (31, 60), (61, 90), (91, 9999)]

    def bands(balances: Sequence[object]) -> list[Fraction]:
        facts = portfolio((amount, low) for amount, (low, _) in zip(balances, edges, strict=True))
        found = []
        for low, high in edges:
            band = lp.schemes.Where(
                field="days_past_due", at_least=lp.quantity(f"{low} day"), at_most=lp.quantity(f"{high} day")
            )
            total = lp.schemes.Total(over="loans", sum="balance", where=(band,))
            found.append(measured(facts, declared(total, lp.schemes.Kind.MONEY)).of("lin")["own"].numerator)
        return found

    december, january = bands(given_["inputs"]["dec"]), bands(given_["inputs"]["jan"])
    expected = [Fraction(rate) for rate in given_["expected"].values()]
    assert expected == [after / before for before, after in zip(december, january[1:], strict=False)]


LOAN_COUNT = lp.schemes.Curve.of(
    [["0 CNY", 0], ["5000 CNY", 1], ["100000 CNY", 2], ["300000 CNY", 3], ["500000 CNY", 4], ["1000000 CNY", 6]],
    shape="step",
)


@pytest.mark.parametrize(
    "code",
    [
        "ty-loan-count-4999",
        "ty-loan-count-5000",
        "ty-loan-count-99999.99",
        "ty-loan-count-299999",
        "ty-loan-count-999999",
    ],
)
def test_a_count_is_converted_by_size_band(published: Published, code: str) -> None:
    """ty-loan-count-*: 折算笔数 counts a loan 0 to 6 times by its size."""
    given_ = case(published, code)
    drawn = lp.schemes.Where(field="event", values=("disbursed",))
    converted = lp.schemes.Total(over="loan events", where=(drawn,), weighed_by="amount", weights=LOAN_COUNT)
    facts = [loan(), event("disbursed", "2026-03-02", amount=f"{given_['inputs']['loan_amount']} CNY")]

    found = measured([*facts, violation(0)], declared(converted, lp.schemes.Kind.COUNT)).of("lin")["own"]
    assert given_["expected"]["converted_count"] == found.numerator


def test_volume_is_converted_by_term(published: Published) -> None:
    """annualised-volume: 折合业绩 counts a loan of half a year half; the commission on it is the reader's rate."""
    given_ = case(published, "annualised-volume")
    year = lp.schemes.Curve.of([[0, 0], [12, 1]], shape="linear", then=lp.schemes.Then(Fraction(1, 1200), "pro rata"))
    drawn = lp.schemes.Where(field="event", values=("disbursed",))
    converted = lp.schemes.Total(
        over="loan events", sum="amount", where=(drawn,), weighed_by="term_months", weights=year, held_at="event"
    )
    found = []
    for months in given_["inputs"]["term_months"]:
        facts = [loan(term_months=months), event("disbursed", "2026-03-02", amount=f"{given_['inputs']['loan']} CNY")]
        found.append(measured(facts, declared(converted, lp.schemes.Kind.MONEY)).of("lin")["own"].numerator)
    assert [Fraction(volume) for volume in given_["expected"]["converted"]] == found
    rate = Fraction(given_["inputs"]["rate"])
    assert [Fraction(pay) for pay in given_["expected"]["commission"]] == [rate * volume for volume in found]


def test_a_loan_without_its_term_is_a_problem_where_the_term_is_needed() -> None:
    """A volume converted by an unknown term would be a guess."""
    converted = lp.schemes.Total(
        over="loan events",
        sum="amount",
        weighed_by="term_months",
        weights=lp.schemes.Curve.of([[0, 0], [12, 1]], shape="linear"),
    )
    drawn = event("disbursed", "2026-03-02", amount="12万元")
    found = measured([loan(), drawn], declared(converted, lp.schemes.Kind.MONEY))
    assert ["term_months is unknown on 2026-03-02"] == [problem.fault for problem in found.problems]


def large_deals(sales: Iterable[object], minimum: object) -> Fraction:
    """The volume of the deals of at least a minimum."""
    facts: list[lp.Fact] = [loan()]
    facts += [event("disbursed", "2026-03-02", number=str(n), amount=f"{sale} CNY") for n, sale in enumerate(sales)]
    large = lp.schemes.Where(field="amount", at_least=lp.quantity(f"{minimum} CNY"))
    drawn = lp.schemes.Where(field="event", values=("disbursed",))
    total = lp.schemes.Total(over="loan events", sum="amount", where=(drawn, large))
    return measured(facts, declared(total, lp.schemes.Kind.MONEY)).of("lin")["own"].numerator


def test_bonus_se420_per_deal(published: Published) -> None:
    """bonus-se420-per-deal-mixed, -probationary: only deals of at least the minimum count, itself included."""
    mixed = case(published, "bonus-se420-per-deal-mixed")
    inputs = mixed["inputs"]
    assert mixed["expected"] == Fraction(inputs["rate"]) * large_deals(inputs["sales"], inputs["minimum"])

    single = case(published, "bonus-se420-per-deal-probationary")
    inputs = single["inputs"]
    paid = [Fraction(inputs["rate"]) * large_deals([sale], inputs["minimum"]) for sale in inputs["single_sales"]]
    assert [Fraction(amount) for amount in single["expected"]] == paid


def test_what_is_said_of_a_customer_whose_records_are_refused_is_told() -> None:
    """Profit of a customer that two officers claim is in nobody's reading; it must not count as used."""
    facts: list[lp.Fact] = [
        lp.Customer(customer="K", officer="lin", since="2026-01-01"),
        lp.Customer(customer="K", officer="wu", since="2026-02-01"),
        lp.Profit(customer="K", on="2026-03-05", amount="1 元"),
        lp.Holding(customer="K", product="card", since="2026-01-01"),
        lp.Customer(customer="Z", officer="lin", since="2026-01-01"),
    ]
    found = measured(facts, lp.indicator("contribution_per_customer"))
    assert (5, 1, 4) == (found.rows, found.used, len(found.problems))


def test_a_state_names_the_facts_that_it_stands_on() -> None:
    """Whoever doubts a bad loan is shown the balance and the class, with their rows."""
    facts: list[lp.Fact] = [
        loan(),
        balance("500", source="balances.csv row 7"),
        event("classified", "2026-03-20", category=lp.Category.DOUBTFUL, source="events.csv row 9"),
    ]
    (part,) = measured(facts, lp.indicator("npl_ratio")).of("lin")["npl_ratio"].parts or ()
    assert ["balances.csv row 7", "events.csv row 9"] == [fact.source for fact in part.facts]


def test_a_problem_of_a_fact_names_its_source() -> None:
    """A clerk looks for a row of a file, not for a natural key."""
    stray = balance("500", number="nowhere", source="balances.csv row 8")
    (problem,) = measured(
        [loan(), event("signed", "2026-03-02", amount="1 元"), stray], lp.indicator("npl_ratio")
    ).problems
    assert problem.where.startswith("balances.csv row 8: balance nowhere")


def test_text_is_no_period_to_measure() -> None:
    """The error says what to pass."""
    when: Any = "2026-03"
    with pytest.raises(lp.errors.PeriodError, match=r"it is no Period; pass one, such as lp\.Period\.parse"):
        lp.measure([], when, [lp.indicator("par_30")], currency="CNY")


def test_a_code_is_no_indicator() -> None:
    """A definition can be changed, so that a code alone says too little; the error says how one is got."""
    facts: Any = lp.Facts.of([lp.Loan(loan="L1", customer="K1", officer="lin", opened_on="2026-03-02")])
    codes: Any = ["par_30"]
    with pytest.raises(lp.errors.MeasureError, match=r"'par_30' is no indicator; pass lp\.indicator\('par_30'\)"):
        lp.measure(facts, MARCH, codes, currency="CNY")


@pytest.mark.parametrize("wrong", ["npl", 3, {}, ["par_30"]])
def test_what_is_no_indicator_is_told_how_one_is_got(wrong: Any) -> None:
    """The remedy names a function that there is."""
    facts = lp.Facts.of([lp.Loan(loan="L1", customer="K1", officer="lin", opened_on="2026-03-02")])
    with pytest.raises(lp.errors.MeasureError, match=r"is no indicator; pass lp\.indicator\('npl_ratio'\)"):
        lp.measure(facts, MARCH, [wrong], currency="CNY")


# ── columns ─────────────────────────────────────────────────────────────────────────────────────────────────


@given(FACTS, st.sampled_from([None, staff("lin", "wu")]), st.integers(1, 3))
def test_how_many_loans_are_worked_at_once_does_not_matter(
    facts: list[lp.Fact], organisation: lp.Organisation | None, size: int
) -> None:
    """A book is worked some loans at a time, so that memory stays small; no number, problem or reason depends on it."""
    expected = seen(facts, organisation)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("loanperf._indicators._counted.CHUNK_LOANS", size)
        found = seen(facts, organisation)

        assert expected == found
        if expected is not None and found is not None:
            assert [*expected] == [*found]


def test_readings_are_a_frame_in_wholes() -> None:
    """For a chart: yuan and not fen, 0.5 and not two columns, and nothing where nothing is due."""
    facts = [
        *portfolio([(100, 0), (300, 40)]),
        loan("L9", "wu"),
        event("disbursed", "2026-03-02", "L9", amount="0.29 元"),
    ]
    indicators = [lp.indicator(code) for code in ("disbursed_amount", "par_30", "first_payment_default_rate")]

    found = measured(facts, *indicators)
    frame = found.frame()

    assert ["lin", "wu"] == frame["payee"].tolist()
    assert [0.0, 0.29] == frame["disbursed_amount"].tolist()
    assert [0.75, 0.0] == frame["par_30"].tolist()
    assert [None, None] == frame["first_payment_default_rate"].tolist()
    assert [0.0, 0.29] == found.frame("polars")["disbursed_amount"].to_list()


def test_a_reading_travels_with_its_parts_and_without_the_facts_of_others() -> None:
    """A host sends appraisals from process to process: of a bank's book each takes along what is its own."""
    found = measured([loan("L1", "lin"), loan("L2", "wu"), *portfolio([(100, 0)])], lp.indicator("npl_ratio"))
    reading = found.of("lin")["npl_ratio"]
    sent = pickle.dumps(reading)

    assert b"wu" not in sent
    for other in (copy.deepcopy(reading), copy.copy(reading)):
        assert (reading, reading.parts, hash(reading)) == (other, other.parts, hash(other))


def test_reasons_are_worked_out_when_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bank has a million readings and looks at the reasons of a few; an explanation has them at once."""
    asked: list[str] = []

    def noted(*given: Any) -> Any:
        asked.extend(given[-1])
        return reasons_of(*given)

    monkeypatch.setattr("loanperf._indicators._measure.reasons_of", noted)
    found = measured(portfolio([(100, 0), (300, 40)]), par(30))

    plain, team = found.of("lin")["par_30"], found.team("east", ["lin"])["par_30"]
    assert plain.is_measured
    assert [] == asked
    assert plain == found.explain("lin")["par_30"]
    assert ["lin"] == asked
    assert [(Fraction(0), Fraction(100)), (Fraction(300), Fraction(300))] == [
        (part.amount, part.whole) for part in team.parts or ()
    ]
    assert {} == found.explain("stranger")


def test_reasons_of_many_payees_take_one_look_at_the_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A unit has the parts of all its members; worked out one by one a company of ten thousand would take minutes."""
    asked: list[list[str]] = []

    def noted(*given: Any) -> Any:
        asked.append([*given[-1]])
        return reasons_of(*given)

    monkeypatch.setattr("loanperf._indicators._measure.reasons_of", noted)
    payees = [f"P{place:02}" for place in range(12)]
    loans = [lp.Loan(loan=f"L{payee}", customer="C", officer=payee, opened_on="2026-01-02") for payee in payees]
    balances = [lp.Balance(loan=loan.loan, on="2026-03-05", outstanding=f"{n} CNY") for n, loan in enumerate(loans, 1)]
    facts: list[lp.Fact] = [*loans, *balances]
    found = lp.measure(facts, MARCH, [lp.indicator("npl_ratio")], currency="CNY")
    alone = {payee: found.explain(payee)["npl_ratio"].parts for payee in payees}
    asked.clear()

    again = lp.measure(facts, MARCH, [lp.indicator("npl_ratio")], currency="CNY")
    team = again.team("east", payees)["npl_ratio"].parts
    assert [payees] == asked
    assert tuple(part for payee in payees for part in alone[payee] or ()) == team
    assert [*range(1, 13)] == [part.whole for part in team or ()]
