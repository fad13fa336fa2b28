"""Facts: each is true in itself, counted once, and never chosen between when two contradict each other."""

import copy
import pickle
from datetime import UTC, date, datetime
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from attrs import evolve, exceptions, fields
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp
from loanperf._facts import text_of

ON = date(2026, 3, 2)
MAKE: dict[str, tuple[type[Any], dict[str, Any]]] = {
    "loan": (lp.Loan, {"loan": "L1", "customer": "C1", "officer": "lin", "opened_on": "2026-03-02"}),
    "event": (lp.LoanEvent, {"loan": "L1", "kind": lp.EventKind.SIGNED, "on": "2026-03-02", "amount": "30万元"}),
    "balance": (lp.Balance, {"loan": "L1", "on": "2026-03-02", "outstanding": "30万元"}),
    "customer": (lp.Customer, {"customer": "C1", "officer": "lin", "since": "2026-03-02"}),
    "holding": (lp.Holding, {"customer": "C1", "product": "card", "since": "2026-03-02"}),
    "profit": (lp.Profit, {"customer": "C1", "on": "2026-03-02", "amount": "-5 元"}),
    "violation": (lp.Violation, {"number": "V1", "payee": "lin", "on": "2026-03-02", "points": "2 point"}),
    "inquiry": (
        lp.Inquiry,
        {"number": "I1", "payee": "lin", "on": "2026-03-02", "authorised": True, "permitted": False},
    ),
    "valuation": (
        lp.Valuation,
        {"number": "W1", "payee": "lin", "on": "2026-03-02", "appraised": "100万元", "benchmark": "90万元"},
    ),
    "training": (lp.Training, {"payee": "lin", "course": "AML", "on": "2026-03-02"}),
    "rating": (
        lp.Rating,
        {"number": "R1", "payee": "lin", "on": "2026-03-02", "topic": "teamwork", "score": "85 point"},
    ),
    "credit": (lp.Credit, {"loan": "L1", "payee": "wei", "on": "2026-03-02", "role": "assistant", "share": "60%"}),
    "exchange rate": (lp.ExchangeRate, {"currency": "USD", "into": "CNY", "on": "2026-03-02", "rate": "7.1"}),
}
"""One good fact of each kind, as a host writes it."""

CODES = [
    *("loan.loan", "loan.customer", "loan.officer", "event.loan", "balance.loan", "customer.customer"),
    *("customer.officer", "holding.customer", "holding.product", "profit.customer", "violation.number"),
    *("violation.payee", "inquiry.number", "inquiry.payee", "valuation.number", "valuation.payee"),
    *("training.payee", "training.course", "rating.number", "rating.payee", "rating.topic"),
    *("credit.loan", "credit.payee", "credit.role"),
]
TEXTS = ["loan.product", "loan.segment", "loan.collateral", "loan.customer_type"]
TEXTS += ["event.number", "profit.number", "rating.rater"]
TEXTS += [f"{kind}.source" for kind in MAKE]
DAYS = [
    *("loan.opened_on", "loan.first_due_on", "event.on", "balance.on", "customer.since", "customer.until"),
    *("holding.since", "holding.until", "profit.on", "violation.on", "inquiry.on", "valuation.on"),
    *("training.on", "training.completed_on", "rating.on", "credit.on", "exchange rate.on"),
]
AMOUNTS = ["event.amount", "balance.outstanding", "balance.overdue", "valuation.appraised", "valuation.benchmark"]
AMOUNTS += ["loan.amount"]
POINTS = ["violation.points", "rating.score"]
A_YEAR = ["loan.interest_rate", "loan.funding_rate", "loan.discount"]
NUMBERS = [*A_YEAR, "loan.ltv", "credit.share", "exchange rate.rate"]
CURRENCIES = ["exchange rate.currency", "exchange rate.into"]


def fact(kind: str, **change: Any) -> Any:
    """A good fact of a kind, with something changed."""
    make, given_ = MAKE[kind]
    return make(**{**given_, **change})


def changed(path: str, value: Any) -> Any:
    """A good fact in which one field is another."""
    kind, name = path.split(".")
    return fact(kind, **{name: value})


def event(kind: lp.EventKind, **detail: Any) -> lp.LoanEvent:
    """An event of a kind, with this detail and no other."""
    return lp.LoanEvent(loan="L1", kind=kind, on=ON, **detail)


# ── a good fact ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", MAKE)
def test_a_fact_has_a_key_a_business_date_and_a_source(kind: str) -> None:
    """By its key it is counted once, by its date it falls into a period, by its source it is found again."""
    found = fact(kind, source="crm")

    assert kind == found.key[0]
    assert all(isinstance(part, str) for part in found.key)
    assert ON == found.on
    assert "crm" == found.source


@pytest.mark.parametrize("kind", MAKE)
def test_a_fact_is_a_value(kind: str) -> None:
    """It never changes, equals another that says the same, and travels between machines."""
    found = fact(kind)

    for again in (fact(kind), pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):  # noqa: S301 - our own
        assert (found, hash(found), found.key) == (again, hash(again), again.key)
    with pytest.raises(exceptions.FrozenInstanceError):
        found.source = "other"


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("loan", ("loan", "L1")),
        ("event", ("event", "L1", "signed", "2026-03-02", "")),
        ("balance", ("balance", "L1", "2026-03-02")),
        ("customer", ("customer", "C1", "2026-03-02")),
        ("holding", ("holding", "C1", "card", "2026-03-02")),
        ("profit", ("profit", "C1", "2026-03-02", "")),
        ("violation", ("violation", "V1")),
        ("inquiry", ("inquiry", "I1")),
        ("valuation", ("valuation", "W1")),
        ("training", ("training", "lin", "AML", "2026-03-02")),
        ("rating", ("rating", "R1")),
        ("credit", ("credit", "L1", "assistant", "wei")),
        ("exchange rate", ("exchange rate", "USD", "CNY", "2026-03-02")),
    ],
)
def test_a_natural_key_is_what_the_host_knows_it_by(kind: str, key: tuple[str, ...]) -> None:
    """No number of ours is needed to tell two facts apart."""
    assert key == fact(kind).key


def test_the_last_three_categories_are_non_performing() -> None:
    """The five-category classification: substandard, doubtful and loss."""
    assert {"normal": False, "special mention": False, "substandard": True, "doubtful": True, "loss": True} == {
        category.value: category.non_performing for category in lp.Category
    }


# ── what a fact cannot be ───────────────────────────────────────────────────────────────────────────────────


def test_every_field_of_every_fact_is_checked_below() -> None:
    """A field that is added later must find its place in one of the lists."""
    others = {"event.kind", "event.category", "event.days", "event.officer", "inquiry.authorised", "inquiry.permitted"}
    others |= {"profit.amount", "loan.term_months", "loan.revolving"}
    every = {f"{kind}.{item.name}" for kind, (make, _) in MAKE.items() for item in fields(make)}

    assert every == {*CODES, *TEXTS, *DAYS, *AMOUNTS, *POINTS, *NUMBERS, *CURRENCIES, *others}


@pytest.mark.parametrize(
    "value", ["", " ", " L1", "L1 ", "\t", "a\nb", "a\x00", "\x1b[31m", "\u202e", "\ufeffL1", None, 5, b"L1"], ids=repr
)
@pytest.mark.parametrize("path", CODES)
def test_a_code_is_printable_without_blanks_around_it(path: str, value: Any) -> None:
    """An empty officer would gather everyone's loans; a blank makes another code that looks the same."""
    with pytest.raises(lp.errors.FactError, match="; give a printable code without blanks around it") as caught:
        changed(path, value)

    assert (path.split(".")[1], value) == (caught.value.name, caught.value.found)


@pytest.mark.parametrize("value", ["a\nb", "a\x00", "\x7f", None, 5], ids=repr)
@pytest.mark.parametrize("path", TEXTS)
def test_a_text_is_printable(path: str, value: Any) -> None:
    """A number that is no text would stop the sorting of keys; a line break would break a table."""
    with pytest.raises(lp.errors.FactError, match="; give printable text, or leave it out") as caught:
        changed(path, value)

    assert (path.split(".")[1], value) == (caught.value.name, caught.value.found)


@pytest.mark.parametrize(
    "value",
    [
        "2026-02-30",
        "30.03.2026",
        "",
        46083,
        20260230,
        46083.5,
        datetime(2026, 3, 2, tzinfo=UTC),
        np.datetime64("2026-03-02"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("path", DAYS)
def test_a_day_is_a_day(path: str, value: Any) -> None:
    """A business date that is guessed at falls into the wrong month."""
    with pytest.raises(lp.errors.PeriodError, match="is not a valid period or date"):
        changed(path, value)


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (300000.0, "FloatError"),
        (np.float64(3), "FloatError"),
        (300000, "UnitError"),
        ("300000", "UnitError"),
        ("30%", "UnitError"),
        ("5 point", "UnitError"),
        ("0.001 元", "QuantityError"),
        ("much", "QuantityError"),
        (True, "QuantityError"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("path", [*AMOUNTS, "profit.amount"])
def test_an_amount_is_exact_money(path: str, value: Any, error: str) -> None:
    """Neither a float nor a number without a currency nor part of a fen."""
    with pytest.raises(getattr(lp.errors, error)):
        changed(path, value)


@pytest.mark.parametrize("path", AMOUNTS)
def test_an_amount_is_not_negative(path: str) -> None:
    """A repayment is an event of its own; a negative disbursement would cancel someone's volume unseen."""
    with pytest.raises(lp.errors.FactError, match=r"cannot be '-0\.01 CNY'; give zero or more") as caught:
        changed(path, "-0.01 元")

    assert path.split(".")[1] == caught.value.name


def test_profit_may_be_negative() -> None:
    """A customer can cost more than it brings."""
    assert lp.Money.from_units(-500, "CNY") == fact("profit").amount


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("80 元", "UnitError"),
        ("80%", "UnitError"),
        ("1 month", "UnitError"),
        (80.0, "FloatError"),
        ("many", "QuantityError"),
        (None, "QuantityError"),
        (-1, "FactError"),
        ("-0.5 point", "FactError"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("path", POINTS)
def test_points_are_points(path: str, value: Any, error: str) -> None:
    """80% of something is not 0.8 points, and 80 yuan are no score."""
    with pytest.raises(getattr(lp.errors, error)):
        changed(path, value)


def test_points_may_have_parts_and_need_no_unit() -> None:
    """Half a point is deducted here and there."""
    assert Fraction(5, 2) == fact("violation", points="2.5").points
    assert Fraction(0) == fact("violation", points=0).points


@pytest.mark.parametrize(("score", "points"), [("0", 0), ("85.5 point", "85.5"), (100, 100), ("100 points", 100)])
def test_a_rating_runs_from_0_to_100_points(score: Any, points: Any) -> None:
    """Both included."""
    assert Fraction(points) == fact("rating", score=score).score


@pytest.mark.parametrize("score", ["100.01", "101", "-0.01", 1000])
def test_a_rating_beyond_its_scale_is_refused(score: Any) -> None:
    """101 is a rating on another scale."""
    with pytest.raises(lp.errors.FactError, match=r"rating R1: score cannot be .*; give 0 to 100 points"):
        fact("rating", score=score)


@pytest.mark.parametrize(
    ("score", "found"), [(880, "'880'"), ("100.5", "'100.5'"), ("301/3", "'301/3'"), ("-0.5 point", "'-0.5'")]
)
def test_points_that_are_refused_are_shown_as_they_are_written(score: Any, found: str) -> None:
    """Whoever sent 880 looks for 880, and for no fraction of Python; the same in both languages."""
    with pytest.raises(lp.errors.FactError) as caught:
        fact("rating", score=score)

    assert str(caught.value).startswith(f"rating R1: score cannot be {found};")
    assert f"score 不能为 {found}；" in caught.value.text("zh")


def test_an_amount_that_an_event_does_not_take_is_shown_as_an_amount() -> None:
    """An assignment moves no money."""
    kind = lp.EventKind.ASSIGNED
    with pytest.raises(lp.errors.FactError, match=r"amount cannot be '100000\.00 CNY'; an event 'assigned' takes no"):
        lp.LoanEvent(loan="L1", kind=kind, on="2026-03-01", officer="wei", amount="10万元")


@pytest.mark.parametrize("value", [1, 0, None, "yes", np.True_], ids=repr)
@pytest.mark.parametrize("name", ["authorised", "permitted"])
def test_a_truth_is_true_or_false(name: str, value: Any) -> None:
    """The text "no" is true to Python."""
    with pytest.raises(lp.errors.FactError, match=f"inquiry I1: {name} cannot be .*; give True or False"):
        fact("inquiry", **{name: value})


@pytest.mark.parametrize("kind", ["customer", "holding"])
@pytest.mark.parametrize("until", ["2026-03-02", "2026-03-01"])
def test_what_ends_ends_after_it_starts(kind: str, until: str) -> None:
    """The end is the first day on which it no longer holds; a customer of no day is no customer."""
    with pytest.raises(lp.errors.FactError, match=f"{kind} C1: until cannot be '{until}'; give a day after 2026-03-02"):
        fact(kind, until=until)

    assert date(2026, 3, 3) == fact(kind, until="2026-03-03").until


def test_the_overdue_part_is_a_part_of_the_balance() -> None:
    """In its currency, and not more than it."""
    assert lp.Money.of("30万元") == fact("balance", overdue="30万元").overdue
    with pytest.raises(
        lp.errors.FactError, match=r"overdue cannot be '300000\.01 CNY'; give a part of the 300000\.00 CNY"
    ):
        fact("balance", overdue="300000.01 元")
    with pytest.raises(lp.errors.FactError, match=r"overdue cannot be '1\.00 USD'; give the currency of outstanding"):
        fact("balance", overdue="1 USD")


def test_a_valuation_is_compared_with_a_benchmark_in_its_currency() -> None:
    """An accuracy divides by it."""
    with pytest.raises(
        lp.errors.FactError, match=r"valuation W1: benchmark cannot be '0\.00 CNY'; give an amount above"
    ):
        fact("valuation", benchmark="0 元")
    with pytest.raises(lp.errors.FactError, match="benchmark cannot be '5 JPY'; give the currency of appraised"):
        fact("valuation", benchmark="5 JPY")


@pytest.mark.parametrize("months", [0, -12, 1.5, True, "12"], ids=repr)
def test_a_term_is_whole_months(months: Any) -> None:
    """Volume is converted by it."""
    assert 36 == fact("loan", term_months=36).term_months
    with pytest.raises(lp.errors.FactError, match="term_months cannot be"):
        fact("loan", term_months=months)


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (0.6, "FloatError"),
        (np.float64(0.6), "FloatError"),
        ("60 元", "UnitError"),
        ("1 month", "UnitError"),
        ("much", "QuantityError"),
        ("", "QuantityError"),
        (True, "QuantityError"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("path", NUMBERS)
def test_a_share_or_rate_is_an_exact_number(path: str, value: Any, error: str) -> None:
    """Pay is multiplied by it: a float is off by a fen somewhere, and yuan are no share."""
    with pytest.raises(getattr(lp.errors, error)):
        changed(path, value)


@pytest.mark.parametrize(("share", "exact"), [("60%", "3/5"), ("1/3", "1/3"), ("0.0001", "1/10000"), (1, "1")])
def test_a_share_of_a_credit_is_a_part(share: Any, exact: str) -> None:
    """The whole is the largest part; a third is a third, and not 33.33%."""
    assert Fraction(exact) == fact("credit", share=share).share


@pytest.mark.parametrize(("share", "shown"), [("0%", "0%"), ("-10%", "-10%"), ("100.01%", r"100\.01%"), (60, "6000%")])
def test_a_share_of_a_credit_beyond_its_bounds_is_refused(share: Any, shown: str) -> None:
    """60 is a percentage whose sign was lost; a part of nothing is no credit at all."""
    with pytest.raises(lp.errors.FactError, match=f"credit L1: share cannot be '{shown}'; give a part above 0%"):
        fact("credit", share=share)


def test_a_credit_without_share_is_an_equal_part_of_the_lead() -> None:
    """The plainest row says who brought a loan, and no more."""
    found = lp.Credit(loan="L1", payee="lin", on="2026-03-02")

    assert ("lead", None) == (found.role, found.share)


def test_two_shares_of_one_credit_contradict_each_other() -> None:
    """60% and 70% of one loan cannot both be true; another role of the same payee is a credit of its own."""
    found = lp.Facts.of([fact("credit"), fact("credit", share="70%"), fact("credit", role="referrer")])

    assert ["credit L1 assistant wei"] * 2 == [problem.where for problem in found.problems]
    assert ["referrer"] == [item.role for item in found if isinstance(item, lp.Credit)]


@pytest.mark.parametrize(("rate", "exact"), [("4.35%", "0.0435"), ("0", "0"), ("1", "1"), ("435 bp", "0.0435")])
@pytest.mark.parametrize("path", A_YEAR)
def test_a_rate_a_year_is_read_exactly(path: str, rate: str, exact: str) -> None:
    """Money can be free, and a margin is a difference of two of these."""
    assert Fraction(exact) == getattr(changed(path, rate), path.split(".")[1])


@pytest.mark.parametrize(("rate", "shown"), [("-0.01%", r"-0\.01%"), ("4.35", "435%"), ("100.01%", r"100\.01%")])
@pytest.mark.parametrize("path", A_YEAR)
def test_a_rate_a_year_beyond_its_bounds_is_refused(path: str, rate: str, shown: str) -> None:
    """4.35 is 4.35% whose sign was lost; unseen, it would be a hundred times the interest."""
    name = path.split(".")[1]
    with pytest.raises(lp.errors.FactError, match=f"loan L1: {name} cannot be '{shown}'; give 0% to 100% a year"):
        changed(path, rate)


@pytest.mark.parametrize("value", ["RMB", "usd", "元", "", None, 5, ["USD"]], ids=repr)
@pytest.mark.parametrize("path", CURRENCIES)
def test_an_exchange_rate_is_between_currencies(path: str, value: Any) -> None:
    """A currency that is written otherwise in each system would never be found."""
    with pytest.raises(lp.errors.FactError, match=r"exchange rate: (currency|into) cannot be .*; give a code of ISO"):
        changed(path, value)


def test_an_exchange_rate_is_into_another_currency() -> None:
    """1 USD = 7.1 USD is a row whose columns were mixed up."""
    with pytest.raises(lp.errors.FactError, match="exchange rate USD: into cannot be 'USD'; give another currency"):
        fact("exchange rate", into="USD")


@pytest.mark.parametrize("rate", ["0", "-7.1"])
def test_an_exchange_rate_is_above_zero(rate: str) -> None:
    """Money that is worth nothing would be pay of nothing."""
    with pytest.raises(
        lp.errors.FactError, match=f"exchange rate USD: rate cannot be '{rate}'; give a number above zero"
    ):
        fact("exchange rate", rate=rate)


def test_an_exchange_rate_is_there() -> None:
    """None is no rate; a missing cell is not 1."""
    with pytest.raises(lp.errors.QuantityError):
        fact("exchange rate", rate=None)


# ── what each kind of event states ──────────────────────────────────────────────────────────────────────────

DETAIL = {
    "applied": None,
    "due diligence complete": None,
    "signed": "amount",
    "disbursed": "amount",
    "repaid": "amount",
    "prepaid": "amount",
    "classified": "category",
    "past due": "days",
    "rescheduled": None,
    "written off": "amount",
    "recovered": "amount",
    "cancelled": None,
    "assigned": "officer",
}
VALUES = {"amount": lp.Money.from_units(0, "CNY"), "category": lp.Category.LOSS, "days": 0, "officer": "wei"}


@pytest.mark.parametrize("kind", lp.EventKind)
@pytest.mark.parametrize("name", VALUES)
def test_an_event_states_what_its_kind_needs_and_nothing_else(kind: lp.EventKind, name: str) -> None:
    """An amount on a cancellation, or none on a disbursement, is a row that was mapped wrongly."""
    needed = DETAIL[kind.value]
    good = {needed: VALUES[needed]} if needed else {}

    assert good == {item: value for item in VALUES if (value := getattr(event(kind, **good), item)) is not None}
    if name == needed:
        with pytest.raises(lp.errors.FactError, match=f"event of loan L1: .*'{kind.value}' needs {name}"):
            event(kind)
    else:
        with pytest.raises(lp.errors.FactError, match=rf"{name} cannot be .*; an event '{kind.value}' takes no {name}"):
            event(kind, **good, **{name: VALUES[name]})


def test_every_kind_of_event_is_in_the_table() -> None:
    """A kind that is added must say what it needs."""
    assert [kind.value for kind in lp.EventKind] == list(DETAIL)


@pytest.mark.parametrize("value", ["disbursed", None, "DISBURSED", 3], ids=repr)
def test_a_kind_is_one_of_the_table(value: Any) -> None:
    """A text is the adapter's to read; the message says what to give."""
    with pytest.raises(lp.errors.FactError, match=r"event of loan L1: kind cannot be .*; give an lp\.EventKind"):
        event(value)


@pytest.mark.parametrize("value", ["loss", 5, "损失"], ids=repr)
def test_a_category_is_one_of_five(value: Any) -> None:
    """A sixth category would be performing or not by accident."""
    with pytest.raises(lp.errors.FactError, match=r"event of loan L1: category cannot be .*; give an lp\.Category"):
        event(lp.EventKind.CLASSIFIED, category=value)


@pytest.mark.parametrize("value", [-1, 30.0, 1.5, "30", True, np.float64(30)], ids=repr)
def test_days_past_due_are_whole_and_not_negative(value: Any) -> None:
    """A threshold at 30 days is a threshold of days, not of hours."""
    with pytest.raises(
        lp.errors.FactError, match=r"event of loan L1: days cannot be .*; give whole days, zero or more"
    ):
        event(lp.EventKind.PAST_DUE, days=value)


def test_days_and_months_may_be_integers_of_numpy() -> None:
    """A column of a data frame has these."""
    found = event(lp.EventKind.PAST_DUE, days=np.int64(31)).days, fact("loan", term_months=np.int32(36)).term_months

    assert (31, 36) == found
    assert [int, int] == [type(number) for number in found]


@pytest.mark.parametrize("value", ["", " ", "a\nb", 5], ids=repr)
def test_a_loan_is_handed_to_somebody(value: Any) -> None:
    """Handed to an empty code, it would be nobody's bad loan."""
    with pytest.raises(
        lp.errors.FactError, match=r"officer cannot be .*; give a printable code without blanks around it"
    ):
        event(lp.EventKind.ASSIGNED, officer=value)


# ── many facts ──────────────────────────────────────────────────────────────────────────────────────────────

DAY = st.dates(date(2026, 1, 1), date(2026, 1, 3))
MONEY = st.builds(lp.Money.from_units, st.integers(0, 3), st.just("CNY"))
CODE, SOURCE = st.sampled_from("abc"), st.sampled_from(["", "a.csv row 2", "a.csv row 10"])
FACT: st.SearchStrategy[Any] = st.one_of(
    st.builds(lp.Loan, loan=CODE, customer=CODE, officer=CODE, opened_on=DAY, source=SOURCE),
    st.builds(
        lp.LoanEvent,
        loan=CODE,
        kind=st.sampled_from([lp.EventKind.DISBURSED, lp.EventKind.REPAID]),
        on=DAY,
        amount=MONEY,
        number=st.sampled_from(["", "1"]),
        source=SOURCE,
    ),
    st.builds(lp.Balance, loan=CODE, on=DAY, outstanding=MONEY, source=SOURCE),
    st.builds(lp.Customer, customer=CODE, officer=CODE, since=DAY, source=SOURCE),
    st.builds(lp.Holding, customer=CODE, product=CODE, since=DAY, source=SOURCE),
    st.builds(lp.Profit, customer=CODE, on=DAY, amount=MONEY, source=SOURCE),
    st.builds(lp.Violation, number=CODE, payee=CODE, on=DAY, points=st.integers(0, 2), source=SOURCE),
    st.builds(
        lp.Inquiry, number=CODE, payee=CODE, on=DAY, authorised=st.booleans(), permitted=st.booleans(), source=SOURCE
    ),
    st.builds(lp.Valuation, number=CODE, payee=CODE, on=DAY, appraised=MONEY, benchmark=st.just("1 元"), source=SOURCE),
    st.builds(lp.Training, payee=CODE, course=CODE, on=DAY, source=SOURCE),
    st.builds(lp.Rating, number=CODE, payee=CODE, on=DAY, topic=CODE, score=st.integers(0, 2), source=SOURCE),
    st.builds(
        lp.Credit, loan=CODE, payee=CODE, on=DAY, share=st.sampled_from([None, "60%", Fraction(1, 3)]), source=SOURCE
    ),
    st.builds(
        lp.ExchangeRate,
        currency=st.sampled_from(["USD", "EUR"]),
        into=st.just("CNY"),
        on=DAY,
        rate=st.integers(1, 3),
        source=SOURCE,
    ),
)
PROBLEM = st.builds(lp.errors.Problem, CODE, CODE, CODE, CODE)


@given(st.lists(FACT, max_size=30), st.lists(PROBLEM, max_size=3))
def test_nothing_is_dropped(facts: list[Any], problems: list[lp.errors.Problem]) -> None:
    """Rows in are facts, repeats and problems; rows that the reader refused are among them."""
    found = lp.Facts.of(facts, problems)

    assert len(facts) + len(problems) == found.rows == len(found) + found.repeats + len(found.problems)
    assert set(problems) <= set(found.problems)


@given(st.lists(FACT, max_size=30))
def test_each_key_stands_once_and_what_stands_was_said(facts: list[Any]) -> None:
    """One under a key where all who speak of it agree, none where they do not; every speaker is told.

    Of equal rows that a number could tell apart, and that have none, all but one are told as well.
    """
    found = lp.Facts.of(facts)
    said: dict[Any, list[Any]] = {}
    for item in facts:
        said.setdefault(item.key, []).append(item)
    agreed = {key for key, items in said.items() if len(set(items)) == 1}

    assert {item.key for item in found} == agreed
    assert len(agreed) == len(found)
    assert all(item in facts for item in found)
    told = sum(len(items) for key, items in said.items() if key not in agreed)
    told += sum(len(said[key]) - 1 for key in agreed if getattr(said[key][0], "number", "1") == "")
    assert told == len(found.problems)


@given(st.lists(FACT, max_size=30), st.lists(PROBLEM, max_size=3), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(facts: list[Any], problems: list[lp.errors.Problem], chance: Random) -> None:
    """Files are read in any order; facts, their sources and what is told come out the same."""
    one = lp.Facts.of(facts, problems)
    other = lp.Facts.of(chance.sample(facts, len(facts)), chance.sample(problems, len(problems)))

    assert one == other
    assert [item.source for item in one] == [item.source for item in other]


@given(st.lists(FACT, max_size=20))
def test_facts_said_twice_are_the_same_facts(facts: list[Any]) -> None:
    """Sending a file again, on another day, changes only how many rows repeat."""
    once = lp.Facts.of(facts)
    twice = lp.Facts.joined([once.items, once.items])

    assert (once.items, len(once)) == (twice.items, twice.repeats)
    assert () == twice.problems


def test_another_source_that_says_the_same_is_a_repeat() -> None:
    """Two rows of a file, or two systems, that agree do not contradict each other."""
    rows = [fact("balance", source=f"balances.csv row {row}") for row in (3, 2)]
    found = lp.Facts.of(rows)

    assert (2, 1, 1, ()) == (found.rows, len(found), found.repeats, found.problems)
    assert ["balances.csv row 2"] == [item.source for item in found]


@pytest.mark.parametrize("kind", ["loan", "event", "balance", "profit", "valuation"])
def test_one_amount_in_two_currencies_is_no_repeat(kind: str) -> None:
    """5.00 CNY and 5.00 USD are the same number of smallest units, and say different things."""
    make, cells = MAKE[kind]
    amounts = {"loan": ("amount",), "valuation": ("appraised", "benchmark"), "balance": ("outstanding",)}
    yuan, dollars = (
        make(**cells | {name: lp.Money.from_units(500, currency) for name in amounts.get(kind, ("amount",))})
        for currency in ("CNY", "USD")
    )
    for found in (lp.Facts.of([yuan, dollars]), lp.Facts.of([yuan]) + lp.Facts.of([dollars])):
        assert (2, 0, 0) == (found.rows, found.repeats, len(found))
        assert ["2 rows contradict each other"] * 2 == [problem.fault for problem in found.problems]


def test_two_rows_that_contradict_each_other_are_both_refused() -> None:
    """Nothing tells which is true; taking the last one would pay by the order of a file."""
    one, other = fact("balance", source="a.csv"), fact("balance", outstanding="31万元", source="b.csv")
    for rows in ([one, other], [other, one]):
        found = lp.Facts.of([*rows, fact("loan")])

        assert (3, 1, 0) == (found.rows, len(found), found.repeats)
        assert ["a.csv: balance L1 2026-03-02", "b.csv: balance L1 2026-03-02"] == [
            problem.where for problem in found.problems
        ]
        assert {"2 rows contradict each other"} == {problem.fault for problem in found.problems}
        assert "outstanding 300000.00 CNY" in found.problems[0].found
        assert "outstanding 310000.00 CNY" in found.problems[1].found


def test_two_drawdowns_of_one_day_are_told_apart_by_their_number() -> None:
    """Else a second drawdown of another amount contradicts the first, and of the same amount may be the first again."""
    first = fact("event")
    second = evolve(first, number="2")

    assert 2 == len(lp.Facts.of([first, second]))
    assert 1 == lp.Facts.of([second, second]).repeats


@pytest.mark.parametrize("row", [None, "L1", {"loan": "L1"}, lp.Payee(code="lin"), 5, lp.Loan], ids=repr)
def test_what_is_no_fact_is_refused(row: Any) -> None:
    """A dict is the adapter's to read."""
    with pytest.raises(lp.errors.FactError, match=r"a row: its type cannot be .*; pass facts such as lp\.Loan"):
        lp.Facts.of([fact("loan"), row])


def test_no_rows_are_no_facts() -> None:
    """An empty file is not an error here; a period without facts is one where it is measured."""
    found = lp.Facts.of([])

    assert (0, 0, 0, ()) == (found.rows, len(found), found.repeats, found.problems)
    assert [] == list(found)


def test_a_row_that_was_said_before_loses_nothing() -> None:
    """One of two equal drawings counts, and nothing is unknown without the other; of two that differ none counts."""
    drawn = lp.LoanEvent(loan="L1", kind=lp.EventKind.DISBURSED, on="2026-03-02", amount="30万元")
    other = evolve(drawn, amount="31万元")

    assert [None] == [problem.loses for problem in lp.Facts.of([drawn, drawn]).problems]
    assert [("amounts", "L1")] * 2 == [problem.loses for problem in lp.Facts.of([drawn, other]).problems]


# ── in part, and together ───────────────────────────────────────────────────────────────────────────────────


@given(st.lists(st.lists(FACT, max_size=12), max_size=3))
def test_facts_of_several_deliveries_add_up(parts: list[list[Any]]) -> None:
    """Adding what came later is as good as taking all at once, whatever repeats or contradicts what."""
    together = lp.Facts.of([])
    for part in parts:
        together += lp.Facts.of(part)
    once = lp.Facts.joined(parts)

    # What one delivery said twice was a repeat before another contradicted it.
    assert (once.items, once.rows, {*once.refused}) == (together.items, together.rows, {*together.refused})
    assert once.repeats + len(once.problems) == together.repeats + len(together.problems)


def test_a_third_row_is_not_taken_for_the_true_one() -> None:
    """Of three rows of one key that differ none is used, however late the third comes."""
    said = [fact("balance", outstanding=f"{amount}万元") for amount in (30, 31, 30)]
    found = lp.Facts.of(said[:2]) + lp.Facts.of(said[2:])

    assert (0, 3, 3) == (len(found), found.rows, len(found.refused))
    assert {"3 rows contradict each other"} == {problem.fault for problem in found.problems}


def _tape(as_of: str, **outstanding: int) -> lp.Facts:
    """Loans of one officer, as one row each of a tape says them."""
    rows = len(outstanding)
    table = {
        "loan": np.array([*outstanding]),
        "customer": np.array(["C1"] * rows),
        "officer": np.array(["lin"] * rows),
        "opened_on": np.array([ON] * rows, dtype="datetime64[D]"),
        "balance(元)": np.array([*outstanding.values()]),
    }
    return lp.Facts.read({"loans": table}, currency="CNY", as_of=as_of)


def test_tapes_that_say_nothing_twice_add_up_row_by_row() -> None:
    """Halves of a tape are the tape, as facts, as readings and as parts that are measured one by one."""
    whole, halves = _tape("2026-03-31", L1=1, L2=2, L3=3), (_tape("2026-03-31", L1=1, L2=2), _tape("2026-03-31", L3=3))
    march, wanted = lp.Period.month(2026, 3), [lp.indicator("npl_ratio")]

    assert whole == halves[0] + halves[1] == halves[1] + halves[0]
    assert whole == sum(halves, lp.Facts.of([]))
    added = lp.measure(halves[0] + halves[1], march, wanted, currency="CNY")
    assert (
        lp.measure(whole, march, wanted, currency="CNY") == added == lp.measure(halves, march, wanted, currency="CNY")
    )


def test_tapes_of_two_months_count_each_fact_once() -> None:
    """The second tape repeats the loans and adds balances; no count falls below zero, however often it comes again."""
    march, april = _tape("2026-03-31", L1=1, L2=2), _tape("2026-04-30", L1=1, L2=3)
    found = march + april

    assert (8, 6, 2, ()) == (found.rows, found.used, found.repeats, found.problems)
    again = found + april + march
    assert (16, 6, 10, 6) == (again.rows, again.used, again.repeats, len(again))


def test_what_another_delivery_repeats_is_counted_as_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tape that is added to another one, or read beside events, repeats a million drawings: none is made a row."""
    one = {"loan": np.array([1, 2]), "disbursed_on": np.array([ON] * 2, dtype="datetime64[D]")}
    tape = one | {"customer": one["loan"], "officer": np.array(["lin"] * 2), "opened_on": one["disbursed_on"]}
    tape |= {"disbursed(元)": np.array([5, 6])}
    events = {"loan": one["loan"], "kind": np.array(["disbursed"] * 2), "on": one["disbursed_on"]}
    events |= {"amount(元)": np.array([5, 6])}
    for step in ("_once", "_read"):
        monkeypatch.setattr(f"loanperf._facts.{step}.facts_of", None)
    found = lp.Facts.read({"loans": tape, "events": events}, currency="CNY")

    assert (4, 2, 2, ()) == (found.rows, found.used, found.repeats, found.problems)
    assert (12, 4, 8, ()) == ((twice := found + found).rows, twice.used, twice.repeats, twice.problems)


def test_nothing_added_changes_nothing() -> None:
    """Facts with problems stay what they are, beside facts of an empty delivery."""
    refused = lp.Facts.of([fact("balance"), fact("balance", outstanding="31万元")])

    assert refused == refused + lp.Facts.of([]) == lp.Facts.of([]) + refused


def test_what_is_no_facts_is_said_where_it_is_passed() -> None:
    """Rows where tables are asked for, a text where a list is, other things than facts: each is told what to pass."""
    facts = lp.Facts.of([fact("loan")])
    rows: Any = [fact("loan")]
    text: Any = "lin"
    with pytest.raises(lp.errors.DataError, match=r"facts: it is no Mapping .*; build facts by lp\.Facts\.of"):
        lp.Facts(rows)
    with pytest.raises(TypeError, match="unsupported operand"):
        facts + rows
    with pytest.raises(lp.errors.DataError, match=r"payees: it is no list \(found 'lin'\); pass a list of codes"):
        facts.only(payees=text)
    with pytest.raises(lp.errors.DataError, match="loans: it is no list"):
        facts.only(loans=text)
    frame: Any = pd.DataFrame({"loan": ["L1"]})
    with pytest.raises(lp.errors.FactError, match=r"columns go through lp\.Facts\.read"):
        lp.Facts.of(frame)


def test_problems_of_facts_are_not_lost_among_deliveries() -> None:
    """Facts whose rows had problems are added; taken for a delivery of rows, they would leave the problems behind."""
    problem = lp.errors.Problem("row 3", "it is empty", "", "fill it in")
    refused = lp.Facts.of([fact("loan")], [problem])

    with pytest.raises(lp.errors.DataError, match=r"1 problem\(s\), which would be lost; add facts to facts by \+"):
        lp.Facts.joined([[fact("balance")], refused])
    assert (problem,) == (refused + lp.Facts.of([fact("balance")])).problems


def test_a_day_may_be_a_text() -> None:
    """As everywhere; a text that is no day is refused."""
    facts = lp.Facts.of([fact("loan"), fact("balance", on="2026-03-31")])

    assert [fact("loan")] == [*facts.only(through="2026-03-30")]
    with pytest.raises(lp.errors.PeriodError, match="not a valid period or date"):
        facts.only(through="soon")


@given(st.lists(FACT, max_size=30), st.sampled_from(["lin", "wei", "nobody"]), st.sampled_from(["L1", "L2", "L9"]))
def test_a_part_is_what_concerns_somebody(facts: list[Any], payee: str, loan: str) -> None:
    """Loans originated, assigned or credited, customers looked after, and what is said of the payee; each with all."""
    whole = lp.Facts.of(facts)
    loans = {item.loan for item in whole if hasattr(item, "loan") and payee in (_payee(item), _officer(item))}
    customers = {item.customer for item in whole if isinstance(item, lp.Customer) and item.officer == payee}

    def concerns(item: Any, loans: set[str]) -> bool:
        if hasattr(item, "loan"):
            return item.loan in loans
        if hasattr(item, "customer"):
            return item.customer in customers
        return isinstance(item, lp.ExchangeRate) or _payee(item) == payee

    assert [item for item in whole if concerns(item, loans)] == [*whole.of_payee(payee)]
    both = whole.only(payees=[payee], loans=[loan])
    assert [item for item in whole if concerns(item, {*loans, loan})] == [*both]
    assert [*range(both.tables["loans"].rows)] == both.tables["loans"]["loan"].values.tolist()


def test_payees_may_be_an_array() -> None:
    """As analysts have them."""
    facts = lp.Facts.of([fact("training", payee=payee) for payee in ("lin", "wei", "zhao")])

    assert {"lin", "zhao"} == {_payee(item) for item in facts.only(payees=np.array(["zhao", "lin"]))}


def _payee(item: Any) -> str:
    return getattr(item, "payee", "")


def _officer(item: Any) -> str:
    return getattr(item, "officer", None) or ""


@given(st.lists(FACT, max_size=30), st.dates(date(2026, 2, 1), date(2026, 4, 30)))
def test_facts_up_to_a_day_are_those_dated_by_then(facts: list[Any], through: date) -> None:
    """By their business date, the day included."""
    whole = lp.Facts.of(facts)

    assert [item for item in whole if item.on <= through] == [*whole.only(through=through)]


@given(st.lists(FACT, max_size=30))
def test_rows_come_out_as_they_went_in(facts: list[Any]) -> None:
    """Columns hold every field, its source and every exact number, and make values of the same type."""
    whole = lp.Facts.of(facts)
    given_ = {(item.key, repr(item)) for item in facts}

    assert {(item.key, repr(item)) for item in whole} <= given_
    assert whole == pickle.loads(pickle.dumps(whole))  # noqa: S301 - our own


# ── as frames ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("came_as", ["arrays", "pandas", "polars", "pyarrow", "duckdb"])
def test_a_frame_of_facts_is_in_wholes(came_as: Any) -> None:
    """Yuan, not fen; 4.35%, not 435; one row an event whatever its kind, in order of key."""
    made = [
        lp.LoanEvent(loan="L2", kind=lp.EventKind.CLASSIFIED, on=ON, category=lp.Category.LOSS),
        fact("event", number="7", source="crm 4"),
        fact("loan", interest_rate="4.35%", amount="1234.56 元"),
    ]
    facts = lp.Facts.of(made)
    events, loans = facts.frame("events", came_as), facts.frame("loans", came_as)

    assert ["L1", "L2"] == listed(events, "loan")
    assert ["signed", "classified"] == listed(events, "kind")
    assert [300_000.0, None] == listed(events, "amount")
    assert [None, "loss"] == listed(events, "category")
    assert ["CNY", None] == listed(events, "currency")
    assert ["crm 4", ""] == listed(events, "source")
    assert [date(2026, 3, 2)] * 2 == listed(events, "on")
    assert ([0.0435], [1234.56], [None]) == tuple(listed(loans, x) for x in ("interest_rate", "amount", "term_months"))
    assert [] == listed(facts.frame("complaints", came_as), "number")


def listed(frame: Any, name: str) -> list[Any]:
    """A column of a frame of any kind as Python values."""
    frame = frame.to_arrow_table() if hasattr(frame, "to_arrow_table") else frame
    cells: Any = frame[name]
    made = (
        cells.to_pylist if hasattr(cells, "to_pylist") else cells.to_list if hasattr(cells, "to_list") else cells.tolist
    )
    return [None if cell is None or pd.isna(cell) else cell for cell in made()]


@pytest.mark.parametrize("came_as", ["arrays", "pandas", "polars", "pyarrow", "duckdb"])
@pytest.mark.parametrize("made", [[], [lp.LoanEvent(loan="L1", kind=lp.EventKind.APPLIED, on=ON)]])
def test_a_frame_without_amounts_has_their_columns(came_as: Any, made: list[lp.Fact]) -> None:
    """No event that states an amount is no reason to have no frame, or one that lacks a column."""
    facts = lp.Facts.of(made)

    for name in ("amount", "currency", "category", "days", "officer"):
        assert [None] * len(made) == listed(facts.frame("events", came_as), name)
    assert [] == listed(facts.frame("valuations", came_as), "currency")


def test_who_writes_into_a_frame_does_not_write_into_facts() -> None:
    """A host fills gaps of its frame, and the facts, and what is measured of them, are what they were."""
    facts = lp.Facts.of([fact("inquiry"), fact("loan", term_months=12), fact("loan", loan="L2", first_due_on=ON)])
    for kind in ("inquiries", "loans"):
        for cells in facts.frame(kind).values():
            np.ma.getmaskarray(cells)[...] = True
            np.ma.getdata(cells)[...] = np.zeros(1, dtype=cells.dtype)

    again = lp.Facts.of([fact("inquiry"), fact("loan", term_months=12), fact("loan", loan="L2", first_due_on=ON)])
    assert again == facts
    assert listed(again.frame("loans"), "term_months") == listed(facts.frame("loans"), "term_months")


def test_a_frame_of_what_there_is_not_is_refused() -> None:
    """A slip is said, with the kinds that there are."""
    with pytest.raises(lp.errors.DataError, match="there is no kind 'loan'; use one of loans, events"):
        lp.Facts.of([]).frame("loan")
    kind: Any = "dask"
    with pytest.raises(lp.errors.DataError, match="there is no kind 'dask'; use one of arrays, pandas, polars"):
        lp.Facts.of([]).frame("loans", kind)


def test_a_part_goes_with_credits_and_ends_with_its_day() -> None:
    """A loan of which a part is credited to a payee is theirs too; the day after the last is not in it."""
    facts = lp.Facts.of([fact("loan"), fact("event"), fact("credit")])
    assert [*facts] == [*facts.of_payee("wei")]
    assert [] == [*facts.only(through="2026-03-01")]


def test_days_past_due_are_printed_as_such() -> None:
    """Of 60 days alone nobody knows what they count."""
    late = lp.LoanEvent(loan="L1", kind=lp.EventKind.PAST_DUE, on="2026-03-02", days=60)
    assert "event L1 past due 2026-03-02: 60 days past due" == text_of(late)
