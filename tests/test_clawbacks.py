"""Clawbacks: each part of a loan loses what that part earned, never more than was paid, and nothing in silence."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.loans import LIN, accrued, assigned, classified, clean, component, dated, event, loan, officers, past_due

import loanperf as lp
from loanperf._ledger._moves import EVENT_NAMES

K = lp.EntryKind
YEAR = tuple(lp.Period.month(2026, month) for month in range(3, 13))
ONE_PERCENT = component(rate="1%")
LADDER = lp.schemes.Curve.of([[0, "100%"], ["2 month", "50%"], ["4 month", "0%"]], shape="step")


def rule(on: Any = "prepaid", takes: Any = "in proportion", **fields: Any) -> lp.schemes.Clawback:
    """A clawback of everything, unless said otherwise."""
    return lp.schemes.Clawback(**{"on": on, "takes": takes, "share": "100%", "attainment": "stays"} | fields)


def month_by_month(
    facts: Iterable[lp.Fact],
    *plans: lp.schemes.DatedPlan,
    rules: lp.schemes.PayRules | None = None,
    staff: lp.Organisation = LIN,
) -> lp.Ledger:
    """The ledger after months that were settled, paid and closed with what was known by then.

    Up to the month after the last fact, and where something is held up to the end of the year, when all is released.
    """
    ledger, everything = lp.Ledger(), list(facts)
    last = YEAR[-1].start if any(one.plan.holdback for one in plans) else max(fact.on for fact in everything)
    for month in (month for month in YEAR if month.start <= last + timedelta(days=31)):
        known = [fact for fact in everything if fact.on < month.end]
        found = clean(known, *plans, through=str(month), staff=staff)
        ledger = ledger.append(lp.settle(ledger, found, period=month))
        ledger = ledger.append(lp.pay(ledger, period=month, rules=rules or lp.schemes.PayRules()).entries)
        ledger = ledger.close(month, by="chen")
    return ledger


def taken(ledger: lp.Ledger, *kinds: lp.EntryKind, payee: str | None = None) -> Fraction:
    """What was taken back of what a payee, or all, earned, in whole currency, less what was given back."""
    signs = {K.CLAWED_BACK: 1, K.CANCELLED: 1, K.FORFEITED: 1, K.REFUNDED: -1}
    entries = (entry for entry in ledger.entries if payee in {None, entry.payee} and entry.kind in (kinds or signs))
    return sum((signs[entry.kind] * entry.amount.exact for entry in entries), Fraction(0))


def took(
    happened: Iterable[lp.Fact], *rules: lp.schemes.Clawback, drawn: Sequence[lp.Fact] = (), **fields: Any
) -> Fraction:
    """What is taken of a loan of 300,000, drawn on 2 March, at 1%: of 3,000."""
    facts = drawn or [loan("L1"), event("L1", "disbursed", "2026-03-02", "30万元")]
    return taken(month_by_month([*facts, *happened], dated(ONE_PERCENT, clawbacks=rules, **fields)))


# ── what a part takes ───────────────────────────────────────────────────────────────────────────────────────

PREPAID: dict[str, tuple[list[tuple[str, str, str]], str, str, str]] = {
    # what is paid back, and what that takes in proportion, when paid off, and whole
    "one yuan": ([("prepaid", "2026-04-10", "1 元")], "0.01", "0", "3000"),
    "a sixth": ([("prepaid", "2026-04-10", "5万元")], "500", "0", "3000"),
    "all but one yuan": ([("prepaid", "2026-04-10", "299999 元")], "2999.99", "0", "3000"),
    "all": ([("prepaid", "2026-04-10", "30万元")], "3000", "3000", "3000"),
    "nothing": ([("prepaid", "2026-04-10", "0 元")], "0", "0", "0"),
    "in three parts": ([("prepaid", f"2026-0{month}-10", "10万元") for month in (4, 5, 6)], "3000", "3000", "3000"),
    "twice, and not all": ([("prepaid", f"2026-0{month}-10", "10万元") for month in (4, 5)], "2000", "0", "3000"),
    "all as a repayment": ([("repaid", "2026-04-10", "30万元")], "3000", "3000", "3000"),
    "the rest as a repayment": (
        [("prepaid", "2026-04-10", "299999 元"), ("repaid", "2026-05-10", "1 元")],
        "3000",
        "3000",
        "3000",
    ),
    "an instalment": ([("repaid", "2026-04-10", "5万元")], "0", "0", "0"),
    "the rest after instalments": (
        [("repaid", "2026-04-10", "5万元"), ("repaid", "2026-05-10", "10万元"), ("prepaid", "2026-06-10", "15万元")],
        "1500",
        "3000",
        "3000",
    ),
    "more than is left": (
        [("repaid", "2026-04-10", "20万元"), ("prepaid", "2026-05-10", "30万元")],
        "1000",
        "3000",
        "3000",
    ),
}


@pytest.mark.parametrize("takes", ["in proportion", "when paid off", "whole"])
@pytest.mark.parametrize("case", PREPAID.values(), ids=PREPAID)
def test_a_prepayment_takes_what_the_plan_says_of_a_part(case: Any, takes: Any) -> None:
    """300,000 earned 3,000: one yuan prepaid takes a fen, or nothing, or all of it, and never all in silence."""
    back, *expected = case
    happened = [event("L1", kind, on, amount) for kind, on, amount in back]
    amount = dict(zip(("in proportion", "when paid off", "whole"), expected, strict=True))[takes]
    assert Fraction(amount) == took(happened, rule(takes=takes))


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [(["1 元"], "0.01"), (["10万元"], "1000"), (["10万元", "10万元"], "2000"), (["10万元", "20万元"], "3000")],
)
def test_a_write_off_in_part_takes_its_part(amounts: list[str], expected: str) -> None:
    """What is still being repaid has earned its commission."""
    happened = [event("L1", "written off", f"2026-0{place + 4}-10", amount) for place, amount in enumerate(amounts)]
    assert Fraction(expected) == took(happened, rule("written off"))
    assert 3000 == took(happened, rule("written off", "whole"))


def test_prepaid_and_written_off_add_up() -> None:
    """A third is prepaid, two thirds are lost: together all of it, and no more."""
    happened = [event("L1", "prepaid", "2026-04-10", "10万元"), event("L1", "written off", "2026-05-10", "20万元")]
    assert 3000 == took(happened, rule(), rule("written off"))
    assert 1000 == took(happened, rule())
    assert 2000 == took(happened, rule("written off"))


def test_each_part_has_its_age() -> None:
    """By the schedule a third takes 100% in April, a third 50% in June, and a third nothing in August."""
    happened = [event("L1", "prepaid", f"2026-0{month}-10", "10万元") for month in (4, 6, 8)]
    assert 1000 + 500 + 0 == took(happened, rule(share=LADDER))
    assert 0 == took(happened, rule(takes="when paid off", share=LADDER))
    assert 3000 == took(happened, rule(takes="whole", share=LADDER))


def test_a_part_recovered_gives_its_part_back() -> None:
    """A third is lost, and half of that recovered; then another third is lost: 2,000 less 500."""
    happened = [
        event("L1", "written off", "2026-04-10", "10万元"),
        event("L1", "recovered", "2026-05-10", "5万元"),
        event("L1", "written off", "2026-06-10", "10万元"),
    ]
    assert 1500 == took(happened, rule("written off", refund="100%"))


def test_what_a_part_takes_says_which_part() -> None:
    """The payee reads how much of the loan was prepaid, in both languages."""
    happened = [event("L1", "prepaid", "2026-04-10", "5万元")]
    facts = [loan("L1"), event("L1", "disbursed", "2026-03-02", "30万元"), *happened]
    ledger = month_by_month(facts, dated(ONE_PERCENT, clawbacks=(rule(),)))
    (entry,) = (entry for entry in ledger.entries if entry.kind is K.CLAWED_BACK)
    assert "loan L1 was prepaid by ≈16.6667% of what was drawn on 2026-04-10" in entry.reason.text("en")
    assert "提前还款（占放款额的 ≈16.6667%）" in entry.reason.text("zh")


@pytest.mark.parametrize(
    ("months", "on", "expected"),
    [(None, "2026-12-20", 3000), (12, "2026-12-20", 3000), (9, "2026-12-02", 0), (9, "2026-12-01", 3000)],
)
@pytest.mark.parametrize("how", ["repaid", "balance"])
def test_repaid_in_full_is_prepaid_before_the_end_of_the_term(
    months: int | None, on: str, expected: int, how: str
) -> None:
    """A loan that is repaid when it is due is what a lender wants; without a term nobody knows when that is."""
    facts = [loan("L1", term_months=months), event("L1", "disbursed", "2026-03-02", "30万元")]
    paid_off = lp.Balance(loan="L1", on=on, outstanding="0 元")
    happened = [paid_off if how == "balance" else event("L1", "repaid", on, "30万元")]
    for takes in ("in proportion", "when paid off", "whole"):
        assert expected == took(happened, rule(takes=takes), drawn=facts)


def test_only_what_is_held_is_reached() -> None:
    """A tenth is held; of a half that is prepaid, 300 of the 1,500 are there to take."""
    held = lp.schemes.Holdback(share="10%", instalments=(lp.schemes.Instalment(after_months=9, share="100%"),))
    happened = [event("L1", "prepaid", "2026-04-10", "15万元")]
    assert 300 == took(happened, rule(reach="held"), holdback=held)
    assert 1500 == took(happened, rule(), holdback=held)


# ── what must be stated, and what cannot ────────────────────────────────────────────────────────────────────

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a prepayment without a word": (
        {"on": "prepaid"},
        (
            "Clawback.takes: a loan may be prepaid in part, and nothing says what a part of it takes; write takes = "
            "'in proportion' or takes = 'when paid off' or takes = 'whole'"
        ),
    ),
    "a write-off without a word": (
        {"on": "written off"},
        (
            "Clawback.takes: a loan may be written off in part, and nothing says what a part of it takes; write takes "
            "= 'in proportion' or takes = 'whole'"
        ),
    ),
    "a write-off that is paid off": (
        {"on": "written off", "takes": "when paid off"},
        "Clawback.takes: a loan that is written off is not paid off; write takes = 'in proportion' or takes = 'whole'",
    ),
    "a part of a class": (
        {"on": "non-performing", "takes": "in proportion"},
        "Clawback.takes: 'non-performing' concerns the whole loan, never a part (found 'in proportion'); leave it out",
    ),
    "a part of a cancellation": (
        {"on": "cancelled", "takes": "when paid off"},
        "Clawback.takes: 'cancelled' concerns the whole loan, never a part (found 'when paid off'); leave it out",
    ),
    "a part that lowers": (
        {"on": "prepaid", "takes": "in proportion", "attainment": "lowered"},
        (
            "Clawback.attainment: 'lowered' takes the whole loan out of its tier, and a part of it is prepaid or "
            "written off; write attainment = 'stays', or takes = 'whole'"
        ),
    ),
}


@pytest.mark.parametrize(("fields", "said"), REFUSED.values(), ids=REFUSED)
def test_what_a_part_takes_is_stated(fields: dict[str, Any], said: str) -> None:
    """A plan that leaves it open would take all of it in silence."""
    with pytest.raises(lp.errors.DataError) as caught:
        lp.schemes.Clawback(**{"share": "100%", "attainment": "stays"} | fields)
    assert said == str(caught.value)


@pytest.mark.parametrize("on", ["non-performing", "past due", "cancelled"])
@pytest.mark.parametrize("takes", [None, "whole"])
def test_what_concerns_the_whole_loan_takes_the_whole(on: Any, takes: Any) -> None:
    """A class, days past due and a cancellation are of the loan, so that nothing has to be said."""
    assert takes == rule(on, takes).takes


HEAD = """
name = "s"
currency = "CNY"
effective = 2026-01-01
[plans.p]
rounding = "half up"
[plans.p.components.loans]
base = "disbursed"
rate = "1%"
"""


def test_a_scheme_says_what_a_part_takes() -> None:
    """The same in a document, with the path of the fault; and it comes back as it was written."""
    text = HEAD + '[[plans.p.clawbacks]]\non = "prepaid"\nshare = "100%"\nattainment = "stays"\n'
    with pytest.raises(lp.errors.SchemeError, match=r"\$\.plans\.p\.clawbacks\[0\]\.takes.*in part, and nothing says"):
        lp.parse_scheme(text)
    scheme = lp.parse_scheme(text + 'takes = "in proportion"\nreach = "held"\n')
    (found,) = scheme.plans[0].clawbacks
    assert ("in proportion", "held") == (found.takes, found.reach)
    assert scheme == lp.parse_scheme(lp.schemes.write_scheme(scheme), "json")


UNSIZED = {
    "by number": component(base="count", rate="100 元", stages=(lp.schemes.Stage(milestone="opened", share="100%"),)),
    "by balance": component(base="balance", rate="1%", year_part="months/12"),
}


@pytest.mark.parametrize("item", UNSIZED.values(), ids=UNSIZED)
@pytest.mark.parametrize("takes", ["in proportion", "when paid off"])
def test_a_part_of_an_unknown_amount_is_a_problem(item: lp.schemes.Component, takes: Any) -> None:
    """A loan without any amount, drawn or signed or applied for: nobody knows what 100 yuan are a part of."""
    facts = [
        loan("L1"),
        lp.Balance(loan="L1", on="2026-03-01", outstanding="500 元"),
        event("L1", "prepaid", "2026-04-10", "100 元"),
    ]
    found = accrued(facts, dated(item, clawbacks=(rule(takes=takes),)))
    (problem,) = found.problems
    assert "loan L1: it is prepaid, and nothing says how much was drawn, of which that is a part" == problem.fault
    assert frozenset({"lin"}) == found.blocked
    assert not accrued(facts, dated(item, clawbacks=(rule(takes=takes),)), through="2026-03").problems


@pytest.mark.parametrize("takes", ["in proportion", "when paid off", "whole"])
def test_a_balance_of_zero_needs_no_amount(takes: Any) -> None:
    """All of it is gone, however much that was."""
    facts = [loan("L1"), lp.Balance(loan="L1", on="2026-04-10", outstanding="0 元")]
    assert 100 == taken(month_by_month(facts, dated(UNSIZED["by number"], clawbacks=(rule(takes=takes),))))


# ── cancelled ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("dead", [None, "reverse"])
def test_a_clawback_on_cancelled_is_never_overridden(dead: Any) -> None:
    """50% is what the plan says; a reversal of all that is earned would take 100% without a word."""
    with pytest.raises(lp.errors.DataError, match=r"Plan\.clawbacks: component 'loans' reverses .* dead = 'keep'"):
        dated(component(rate="1%", dead=dead), clawbacks=(rule("cancelled", None, share="50%"),))
    text = HEAD + (f"dead = '{dead}'\n" if dead else "")
    text += '[[plans.p.clawbacks]]\non = "cancelled"\nshare = "50%"\nattainment = "stays"\n'
    with pytest.raises(lp.errors.SchemeError, match=r"\$\.plans\.p.*component 'loans' reverses"):
        lp.parse_scheme(text)


def test_a_clawback_on_cancelled_takes_its_share() -> None:
    """With `keep`, the clawback alone decides: 1,500 of 3,000."""
    plan = dated(component(rate="1%", dead="keep"), clawbacks=(rule("cancelled", None, share="50%"),))
    facts = [loan("L1"), event("L1", "disbursed", "2026-03-02", "30万元"), event("L1", "cancelled", "2026-04-10")]
    assert 1500 == taken(month_by_month(facts, plan))


# ── two drawings ────────────────────────────────────────────────────────────────────────────────────────────

SECOND = {"in the same month": "2026-03-25", "in the next month": "2026-04-02"}


@pytest.mark.parametrize("takes", ["in proportion", "when paid off", "whole"])
@pytest.mark.parametrize("how", ["prepaid", "repaid"])
@pytest.mark.parametrize("second", SECOND.values(), ids=SECOND)
def test_a_later_drawing_does_not_move_the_day_of_the_first(second: str, how: str, takes: Any) -> None:
    """1,000,000 drawn and paid back in March, then 10,000 drawn: the 10,000.00 of the first go, the 100.00 stay."""
    facts = [
        loan("L1"),
        event("L1", "disbursed", "2026-03-02", "100万元", "1"),
        event("L1", how, "2026-03-20", "100万元"),
        event("L1", "disbursed", second, "1万元", "2"),
    ]
    ledger = month_by_month(facts, dated(ONE_PERCENT, clawbacks=(rule(takes=takes),)))
    assert [10000, 100] == [taken(ledger), ledger.balance("lin").entitled.exact]


def test_a_drawing_of_nothing_gives_a_later_one_no_age() -> None:
    """10,000 in March; nothing on 2 April, written off on the 6th, 10,000 on the 20th: 100.00 go, 100.00 stay."""
    facts = [
        loan("L1", amount="2万元"),
        event("L1", "disbursed", "2026-03-02", "1万元", "1"),
        event("L1", "disbursed", "2026-04-02", "0 CNY", "2"),
        event("L1", "written off", "2026-04-06", "1万元"),
        event("L1", "disbursed", "2026-04-20", "1万元", "3"),
    ]
    ledger = month_by_month(facts, dated(ONE_PERCENT, clawbacks=(rule("written off", "whole"),)))
    assert [100, 100] == [taken(ledger), ledger.balance("lin").entitled.exact]


@pytest.mark.parametrize("second", SECOND.values(), ids=SECOND)
@pytest.mark.parametrize(
    ("on", "on_second", "expected"),
    [("non-performing", False, 10000), ("past due", False, 10000), ("cancelled", False, 10000),
     ("written off", False, 10000), ("non-performing", True, 10100), ("past due", True, 10100)],
)  # fmt: skip
def test_a_drawing_is_struck_by_what_happens_after_it(*, second: str, on: Any, on_second: bool, expected: int) -> None:
    """A drawing that comes when a loan was bad before is as good as it is from then on."""
    bad: dict[str, lp.Fact] = {
        "non-performing": lp.LoanEvent(
            loan="L1", kind=lp.EventKind.CLASSIFIED, on="2026-03-20", category=lp.Category.LOSS
        ),
        "past due": past_due("2026-03-20", 91),
        "cancelled": event("L1", "cancelled", "2026-03-20"),
        "written off": event("L1", "written off", "2026-03-20", "100万元"),
    }
    again: list[lp.Fact] = [
        lp.LoanEvent(loan="L1", kind=lp.EventKind.CLASSIFIED, on="2026-05-20", category=lp.Category.LOSS),
        past_due("2026-05-20", 120),
    ]
    facts = [
        loan("L1"),
        event("L1", "disbursed", "2026-03-02", "100万元", "1"),
        bad[on],
        event("L1", "disbursed", second, "1万元", "2"),
        *(again if on_second else []),
    ]
    plan = dated(component(rate="1%", dead="keep"), clawbacks=(rule(on, "whole"),))
    assert expected == taken(month_by_month(facts, plan))


@pytest.mark.parametrize("second", ["2026-03-25", "2026-04-10"])
@pytest.mark.parametrize(
    ("on", "back", "expected"),
    [
        ("2026-03-20", "500 元", "50"),
        ("2026-03-20", "250 元", "25"),
        ("2026-05-20", "500 元", "50"),
        ("2026-05-20", "250 元", "25"),
        ("2026-05-20", "750 元", "87.5"),
        ("2026-05-20", "1000 元", "125"),
    ],
)
def test_a_half_that_earned_less_loses_less(second: str, on: str, back: str, expected: str) -> None:
    """Half is drawn under 10%, half under 15%: 50 and 75. The first half goes back: 50 is taken, whenever that is."""
    tiers = lp.schemes.Tiers(by="amount", applies="forward before", accumulates="to date")
    item = component(curve=lp.schemes.Curve.of([["0 元", "10%"], ["500 元", "15%"]], shape="step"), tiers=tiers)
    facts = [
        loan("L1"),
        event("L1", "disbursed", "2026-03-02", "500 元", "1"),
        event("L1", "disbursed", second, "500 元", "2"),
        event("L1", "prepaid", on, back),
    ]
    ledger = month_by_month(facts, dated(item, clawbacks=(rule(),)))
    assert Fraction(expected) == taken(ledger)
    assert 125 - Fraction(expected) == ledger.balance("lin").entitled.exact


@pytest.mark.parametrize(("back", "expected"), [("500 元", 100), ("250 元", 50), ("1000 元", 200)])
def test_a_half_under_one_rate_for_all_loses_half(back: str, expected: int) -> None:
    """10%, or 20% of all from 1,000 on: the second half lifts the first, and half of 200 goes back."""
    tiers = lp.schemes.Tiers(by="amount", applies="flat", accumulates="to date")
    item = component(curve=lp.schemes.Curve.of([["0 元", "10%"], ["1000 元", "20%"]], shape="step"), tiers=tiers)
    facts = [
        loan("L1"),
        event("L1", "disbursed", "2026-03-02", "500 元", "1"),
        event("L1", "disbursed", "2026-04-02", "500 元", "2"),
        event("L1", "prepaid", "2026-05-02", back),
    ]
    assert expected == taken(month_by_month(facts, dated(item, clawbacks=(rule(),))))


SHARED = component(rate="10%", split=(("lead", "70%"), ("assistant", "30%")))


@pytest.mark.parametrize("excess", ["lost", "carried"])
@pytest.mark.parametrize("on", ["2026-03-10", "2026-03-20", "2026-07-20"])
@pytest.mark.parametrize(("most", "expected"), [("80 元", (50, 50)), ("30 元", (30, 50)), ("1000 元", (50, 50))])
def test_what_a_cap_cuts_is_cut_of_the_latest_drawing(
    on: str, excess: Any, most: str, expected: tuple[int, int]
) -> None:
    """Two drawings of March earn 50 each; what the cap of a person cuts, or carries on, is of the second first."""
    rules = lp.schemes.PayRules(person_most=lp.schemes.Cap(most=most, excess=excess))
    plan = evolve(dated(component(rate="10%"), clawbacks=(rule(),)), rules=rules)
    facts = [
        loan("L1"),
        event("L1", "disbursed", "2026-03-02", "500 元", "1"),
        event("L1", "disbursed", "2026-03-12", "500 元", "2"),
        event("L1", "prepaid", on, "500 元"),
    ]
    assert expected[excess == "carried"] == taken(month_by_month(facts, plan))


@pytest.mark.parametrize(
    ("item", "who", "back", "expected"),
    [
        (component(rate="10%"), [assigned("L1", "2026-03-20", "wei")], "500 元", {"lin": 0, "wei": 50}),
        (
            SHARED,
            [
                lp.Credit(loan="L1", payee=who, on="2026-03-01", role=role)
                for who, role in (("lin", "lead"), ("wei", "assistant"))
            ],
            "750 元",
            {"lin": 17.5, "wei": 7.5},
        ),
    ],
    ids=["handed over", "split"],
)
def test_whoever_earned_a_part_loses_it(
    item: lp.schemes.Component, who: list[lp.Fact], back: str, expected: dict[str, float]
) -> None:
    """Half is drawn in the hands of lin and half in those of wei, or both share both."""
    staff = lp.Organisation(
        assignments=[
            lp.Assignment(payee=payee, unit="east", role="officer", since="2020-01-01") for payee in ("lin", "wei")
        ]
    )
    facts = [
        loan("L1"),
        event("L1", "disbursed", "2026-03-02", "500 元", "1"),
        *who,
        event("L1", "disbursed", "2026-04-02", "500 元", "2"),
        event("L1", "prepaid", "2026-05-02", back),
    ]
    ledger = month_by_month(facts, dated(item, clawbacks=(rule(),)), staff=staff)
    assert expected == {payee: float(ledger.balance(payee).entitled.exact) for payee, _ in ledger.accounts}


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (component(base="count", rate="100 元"), "25"),
        (component(base="contracted", rate="10%"), "12.5"),
        (component(rate="10%"), "10"),
    ],
    ids=["by number", "contracted", "disbursed"],
)
def test_a_part_is_a_part_of_what_was_drawn_whatever_is_paid_for(item: lp.schemes.Component, expected: str) -> None:
    """500 contracted, 400 drawn, 100 of them prepaid: a quarter of 100 a loan, of 50, or of 40."""
    facts = [
        loan("L1"),
        event("L1", "signed", "2026-03-02", "500 元"),
        event("L1", "disbursed", "2026-03-12", "400 元"),
        event("L1", "prepaid", "2026-05-02", "100 元"),
    ]
    assert Fraction(expected) == taken(month_by_month(facts, dated(item, clawbacks=(rule(),))))


@pytest.mark.parametrize(
    ("selected_at", "expected"), [("disbursed", {"first": 50, "second": 75}), ("opened", {"first": 50, "second": 50})]
)
@pytest.mark.parametrize(("changed", "second"), [("2026-04-01", "2026-04-10"), ("2026-03-15", "2026-03-25")])
@pytest.mark.parametrize(
    ("on", "back", "lost"),
    [
        ("2026-03-10", "500 元", ("first",)),
        ("2026-05-20", "500 元", ("first",)),
        ("2026-05-20", "1000 元", ("first", "second")),
    ],
)
def test_a_half_under_another_version_loses_what_it_earned(
    selected_at: Any, expected: dict[str, int], changed: str, second: str, on: str, back: str, lost: tuple[str, ...]
) -> None:
    """The rate rises from 10% to 15% between two drawings: where drawings select, each has the rate of its day.

    Where the loan selects once, when it is opened, both have the old rate. Either way a half loses what it earned.
    """
    fields: dict[str, Any] = {"clawbacks": (rule(),), "selected_at": selected_at}
    old = dated(component(rate="10%"), until=changed, version="old", **fields)
    new = dated(component(rate="15%"), since=changed, version="new", **fields)
    facts = [
        loan("L1"),
        event("L1", "disbursed", "2026-03-02", "500 元", "1"),
        event("L1", "disbursed", second, "500 元", "2"),
        event("L1", "prepaid", on, back),
    ]
    ledger = month_by_month(facts, old, new)
    assert sum(expected[part] for part in lost) == taken(ledger)
    assert sum(expected.values()) == ledger.balance("lin").entitled.exact + taken(ledger)


def test_a_version_of_a_drawing_reprices_its_own_drawings_alone() -> None:
    """500 at 10%; then 15%, or 20% for loans from 2,000 on: 1,000 more, and 1,000 again, are 400 and no more."""
    big = lp.schemes.Rate(where=(lp.schemes.Where(field="amount", at_least=lp.quantity("2000 元")),), rate="20%")
    old = dated(component(rate="10%"), until="2026-04-01", version="old", selected_at="disbursed")
    new = dated(component(rate="15%", rates=(big,)), since="2026-04-01", version="new", selected_at="disbursed")
    facts = [
        loan("L1"),
        event("L1", "disbursed", "2026-03-02", "500 元", "1"),
        event("L1", "disbursed", "2026-04-02", "1000 元", "2"),
        event("L1", "disbursed", "2026-05-02", "1000 元", "3"),
    ]
    found = clean(facts, old, new)
    assert [50, 150, 250] == [line.amount.exact for line in found.lines]


def test_a_deal_in_stages_loses_in_proportion_to_all_of_it() -> None:
    """A fifth at due diligence, the rest with two drawings: a third prepaid takes a third of each stage."""
    stages = (
        lp.schemes.Stage(milestone="due diligence complete", share="20%"),
        lp.schemes.Stage(milestone="disbursed", share="80%"),
    )
    facts = [
        loan("L1", amount="30万元"),
        event("L1", "due diligence", "2026-03-02"),
        event("L1", "disbursed", "2026-04-02", "10万元", "1"),
        event("L1", "disbursed", "2026-05-02", "20万元", "2"),
        event("L1", "prepaid", "2026-06-10", "10万元"),
    ]
    plan = dated(component(rate="1%", stages=stages), clawbacks=(rule(),))
    assert 1000 == taken(month_by_month(facts, plan))
    earlier = [*facts[:3], event("L1", "prepaid", "2026-04-20", "10万元"), facts[3]]
    assert 1000 == taken(month_by_month(earlier, plan))


def test_each_drawing_has_its_own_age() -> None:
    """Both are prepaid in June: the one of March at 50%, three months old; the one of May at 100%."""
    facts = [
        loan("L1"),
        event("L1", "disbursed", "2026-03-02", "10万元", "1"),
        event("L1", "disbursed", "2026-05-25", "10万元", "2"),
        event("L1", "prepaid", "2026-06-10", "20万元"),
    ]
    for takes in ("in proportion", "when paid off", "whole"):
        assert 500 + 1000 == took([], rule(takes=takes, share=LADDER), drawn=facts)
    together = [
        *facts[:2],
        event("L1", "disbursed", "2026-03-25", "10万元", "2"),
        event("L1", "prepaid", "2026-05-10", "20万元"),
    ]
    assert 500 + 1000 == took([], rule(share=LADDER), drawn=together)


def test_a_guard_softens_a_clawback_after_a_clawback() -> None:
    """L1 written off in April, L2 in May: 9,000 and 8,000 are paid, and nothing is cancelled, since all was paid."""
    plan = dated(ONE_PERCENT, clawbacks=(rule("written off", "whole"),))
    facts = [
        *(loan(f"L{number}") for number in (1, 2, 3)),
        event("L1", "disbursed", "2026-03-02", "10万元"),
        event("L1", "written off", "2026-04-20", "10万元"),
        event("L2", "disbursed", "2026-04-02", "100万元"),
        event("L2", "written off", "2026-05-20", "100万元"),
        event("L3", "disbursed", "2026-05-02", "100万元"),
    ]
    ledger = month_by_month(facts, plan, rules=lp.schemes.PayRules(guard_share="20%"))
    paid = [entry.amount.exact for entry in ledger.entries if entry.kind is K.PAID]
    assert [1000, 9000, 8000] == paid[:3]
    assert [11000, 0] == [taken(ledger, K.CLAWED_BACK), taken(ledger, K.CANCELLED)]


# ── properties ──────────────────────────────────────────────────────────────────────────────────────────────

PARTS = (1, 150_000, 299_999, 300_000)
"""Of 300,000 yuan: one, a half, nearly all and all."""
DRAWINGS = ((300_000,), (100_000, 200_000))
EVENTS: dict[str, list[Any]] = {
    "prepaid": ["in proportion", "when paid off", "whole"],
    "repaid": ["in proportion", "when paid off", "whole"],
    "written off": ["in proportion", "whole"],
    "non-performing": [None],
    "past due": [None],
    "cancelled": [None],
}
WHAT = [(on, takes) for on, ways in EVENTS.items() for takes in ways]
OF_PLANS = lp.schemes.json_schema()["properties"]["plans"]["additionalProperties"]["properties"]["clawbacks"]
HELD = lp.schemes.Holdback(
    share="30%",
    instalments=(
        lp.schemes.Instalment(after_months=2, share="1/3"),
        lp.schemes.Instalment(after_months=4, share="2/3"),
    ),
)
WHEN = ("2026-04-10", "2026-06-20", "2026-09-10")
"""Before anything is released, between, and after all is."""


def _happened(code: str, on: str, day: str, part: int) -> lp.Fact:
    match on:
        case "non-performing":
            return classified(code, day, lp.Category.LOSS)
        case "past due":
            return lp.LoanEvent(loan=code, kind=lp.EventKind.PAST_DUE, on=day, days=91)
        case "cancelled":
            return event(code, "cancelled", day)
        case _:
            return event(code, on, day, f"{part} 元")


def _is_taken(on: str, takes: str | None, part: int) -> Fraction:
    """Of 3,000 earned: in proportion a part of 1% of it, exactly; else all or nothing."""
    whole = part == 300_000
    if takes == "in proportion":
        return Fraction(part, 100) if whole or on != "repaid" else Fraction(0)
    if takes == "when paid off" or on == "repaid":
        return Fraction(3000 if whole else 0)
    return Fraction(3000)


@pytest.mark.parametrize(("on", "takes"), WHAT)
def test_every_event_takes_its_part_of_every_drawing(on: Any, takes: Any) -> None:
    """Held or paid, of one drawing or of two, whatever part of the loan: each case is a loan and an officer."""
    cases = {f"P{place}": case for place, case in enumerate(product(DRAWINGS, WHEN, PARTS if takes else PARTS[-1:]))}
    facts: list[lp.Fact] = []
    for code, (drawings, when, part) in cases.items():
        facts += [loan(code, officer=code), _happened(code, on, when, part)]
        facts += [
            event(code, "disbursed", f"2026-03-{2 + 10 * place:02}", f"{amount} 元", str(place))
            for place, amount in enumerate(drawings)
        ]
    rules = (rule("prepaid" if on == "repaid" else on, takes),)
    plan = dated(component(rate="1%", dead="keep"), clawbacks=rules, holdback=HELD)
    ledger = month_by_month(facts, plan, staff=officers(*cases))

    for code, (*case, part) in cases.items():
        expected, balance = _is_taken(on, takes, part), ledger.balance(code)
        assert expected == taken(ledger, payee=code), case
        assert [3000 - expected, 0] == [balance.entitled.exact, balance.held.units], case


def test_every_event_that_a_plan_may_name_is_tried() -> None:
    """An event that is added to plans is added to the table above, and so to every test that goes by it."""
    named = set(OF_PLANS["items"]["properties"]["on"]["enum"])
    assert named == set(EVENTS) - {"repaid"}
    assert named == set(EVENT_NAMES) - {"expired"}, "each has its words, and so has a deal that is given up"


@st.composite
def stories(draw: st.DrawFn) -> list[lp.Fact]:
    """A loan that is drawn once or twice, with anything that happens to it."""
    facts: list[lp.Fact] = [loan("L1", term_months=draw(st.sampled_from([None, 3, 12])))]
    days = st.integers(1, 28)
    for place in range(draw(st.integers(1, 2))):
        on = date(2026, draw(st.sampled_from([3, 3, 4])), draw(days))
        facts.append(event("L1", "disbursed", on.isoformat(), f"{draw(st.integers(1, 1000))} 元", str(place)))
    for place in range(draw(st.integers(0, 5))):
        on = date(2026, draw(st.integers(3, 9)), draw(days))
        what = draw(st.sampled_from([*EVENTS, "recovered"]))
        amount = draw(st.one_of(st.sampled_from([1, 500, 999, 1000]), st.integers(0, 2000)))
        fact = _happened("L1", what, on.isoformat(), amount)
        facts.append(lp.LoanEvent(**{name: getattr(fact, name) for name in _FIELDS} | {"number": str(place)}))
    return list({fact.key: fact for fact in facts}.values())


_FIELDS = ("loan", "kind", "on", "amount", "category", "days")


@st.composite
def rule_sets(draw: st.DrawFn) -> tuple[lp.schemes.Clawback, ...]:
    """One to three clawbacks."""
    found = []
    for _ in range(draw(st.integers(1, 3))):
        on, takes = draw(st.sampled_from([item for item in WHAT if item[0] != "repaid"]))
        share = draw(st.sampled_from(["100%", "50%", "1/3", LADDER]))
        reach = draw(st.sampled_from(["held", "held and paid"]))
        found.append(rule(on, takes, share=share, refund=draw(st.sampled_from(["0%", "90%"])), reach=reach))
    return tuple(found)


@settings(max_examples=10, deadline=None)
@given(
    facts=stories(),
    rules=rule_sets(),
    held=st.sampled_from([None, HELD]),
    guard=st.sampled_from(
        [lp.schemes.PayRules(), lp.schemes.PayRules(guard_share="20%"), lp.schemes.PayRules(negative="carried")]
    ),
    chance=st.randoms(use_true_random=False),
)
def test_no_story_takes_more_than_was_paid(
    facts: list[lp.Fact],
    rules: tuple[lp.schemes.Clawback, ...],
    held: lp.schemes.Holdback | None,
    guard: lp.schemes.PayRules,
    chance: Random,
) -> None:
    """Whatever happens: no more is taken than was earned, no more clawed back than was paid, in whatever order."""
    plan = dated(component(rate="1%", dead="keep"), clawbacks=rules, holdback=held)
    ledger = month_by_month(facts, plan, rules=guard)
    earned = sum(
        (entry.amount.exact for entry in ledger.entries if entry.kind in (K.EARNED, K.ADJUSTMENT)), Fraction(0)
    )
    assert 0 <= taken(ledger) <= earned
    paid_out, clawed = Fraction(0), Fraction(0)
    for entry in ledger.entries:
        paid_out += entry.amount.exact if entry.kind is K.PAID else 0
        clawed += entry.amount.exact if entry.kind is K.CLAWED_BACK else 0
    assert clawed <= earned
    balance = ledger.balance("lin", currency="CNY")
    assert 0 <= balance.held.units
    assert balance.entitled.exact == earned - taken(ledger)
    mixed = list(facts)
    chance.shuffle(mixed)
    assert ledger == month_by_month(mixed, plan, rules=guard)


@settings(max_examples=12, deadline=None)
@given(facts=stories(), rules=rule_sets(), held=st.sampled_from([None, HELD]))
def test_what_is_known_at_once_comes_to_what_came_month_by_month(
    facts: list[lp.Fact], rules: tuple[lp.schemes.Clawback, ...], held: lp.schemes.Holdback | None
) -> None:
    """A bank that loads a year at once owes its people what a bank owes that ran every month."""
    plan = dated(component(rate="1%", dead="keep"), clawbacks=rules, holdback=held)
    slow = month_by_month(facts, plan)
    last = YEAR[-1]
    quick = lp.Ledger()
    quick = quick.append(lp.settle(quick, clean(facts, plan, through=str(last)), period=last))
    quick = quick.append(lp.pay(quick, period=last, rules=lp.schemes.PayRules()).entries)
    assert quick.balance("lin").entitled == slow.balance("lin").entitled if quick.accounts else not slow.accounts
