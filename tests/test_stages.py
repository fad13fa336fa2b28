"""Stages: parts of a deal's commission that are earned at milestones, always sum, and have one table of states."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.loans import (
    LIN,
    accrued,
    assigned,
    by_loan,
    by_payee,
    by_period,
    classified,
    clean,
    component,
    dated,
    earned,
    event,
    loan,
    past_due,
    where,
)

import loanperf as lp

STATE, EVENT = lp.DealState, lp.schemes.DealEvent
PAIR = lp.Organisation(
    assignments=[
        lp.Assignment(payee=payee, unit="east", role="officer", since="2020-01-01") for payee in ("lin", "wei")
    ]
)
DILIGENCE = lp.schemes.Stage(milestone="due diligence complete", share="20%")
DRAWN = lp.schemes.Stage(milestone="disbursed", share="80%")
TWENTY_EIGHTY = (DILIGENCE, DRAWN)
CORPORATE: list[lp.Fact] = [
    loan("L1", segment="corporate"),
    event("L1", "signed", "2026-03-05", "100万元"),
    event("L1", "due diligence", "2026-03-10"),
]
IN_FULL = event("L1", "disbursed", "2026-05-20", "100万元")


def stage(milestone: Any, share: Fraction) -> lp.schemes.Stage:
    """A stage of this share."""
    return lp.schemes.Stage(milestone=milestone, share=share)


def corporate(**fields: Any) -> lp.schemes.Component:
    """1% of a loan, a fifth of it when due diligence is complete."""
    return component(**{"rate": "1%", "stages": TWENTY_EIGHTY, "dead": "reverse"} | fields)


# ── the table ───────────────────────────────────────────────────────────────────────────────────────────────


def test_every_state_and_event_is_in_the_table() -> None:
    """An event without a row would be passed over in silence."""
    assert {(state, happened) for state in STATE for happened in EVENT} == set(lp.schemes.TRANSITIONS)


THREE = (
    DILIGENCE,
    lp.schemes.Stage(milestone="disbursed", share="30%"),
    lp.schemes.Stage(milestone="first repayment", share="50%"),
)
# How facts bring a deal into each state by 30 June; its stages are due diligence, disbursement and first repayment.
INTO: dict[lp.DealState, list[lp.Fact]] = {
    STATE.WAITING: [],
    STATE.PART_EARNED: [event("L1", "due diligence", "2026-06-20")],
    STATE.EARNED: [event("L1", "due diligence", "2026-06-10"), event("L1", "repaid", "2026-06-20", "1万元")],
    STATE.KEPT: [event("L1", "due diligence", "2026-06-10"), event("L1", "cancelled", "2026-06-20")],
    STATE.REVERSED: [event("L1", "due diligence", "2026-06-10"), event("L1", "cancelled", "2026-06-20")],
    STATE.EXPIRED: [event("L1", "due diligence", "2026-05-10")],
    STATE.TAKEN_BACK: [
        event("L1", "due diligence", "2026-06-10"),
        classified("L1", "2026-06-20", lp.Category.SUBSTANDARD),
    ],
    STATE.REFUNDED: [
        event("L1", "due diligence", "2026-06-05"),
        classified("L1", "2026-06-10", lp.Category.SUBSTANDARD),
        classified("L1", "2026-06-20", lp.Category.NORMAL),
    ],
}
# What strikes it in July; an expiry is no fact, it comes of thirty days without a stage.
STRIKE: dict[lp.schemes.DealEvent, list[lp.Fact]] = {
    EVENT.STAGE: [event("L1", "disbursed", "2026-07-10", "100万元")],
    EVENT.LAST_STAGE: [event("L1", "repaid", "2026-07-10", "1万元")],
    EVENT.AMENDED: [event("L1", "signed", "2026-07-10", "20万元", number="2")],
    EVENT.CANCELLED_KEPT: [event("L1", "cancelled", "2026-07-10")],
    EVENT.CANCELLED_REVERSED: [event("L1", "cancelled", "2026-07-10")],
    EVENT.EXPIRED: [],
    EVENT.WENT_BAD: [classified("L1", "2026-07-10", lp.Category.LOSS)],
    EVENT.RECOVERED: [classified("L1", "2026-07-10", lp.Category.NORMAL)],
}
NEVER = {
    (STATE.EARNED, EVENT.LAST_STAGE): "a first repayment comes once; the next test draws twice",
    (STATE.EARNED, EVENT.EXPIRED): "after the last stage none is late",
    (STATE.KEPT, EVENT.CANCELLED_REVERSED): "a component has one rule for deals that die",
    (STATE.REVERSED, EVENT.CANCELLED_KEPT): "a component has one rule for deals that die",
}
"""What facts cannot bring about, and why."""


def test_what_cannot_happen_changes_nothing() -> None:
    """The table has no move that no deal can make."""
    assert [state for state, _ in NEVER] == [lp.schemes.TRANSITIONS[pair] for pair in NEVER]


def test_a_second_drawdown_leaves_a_deal_earned() -> None:
    """The last stage at disbursement is reached with each drawdown."""
    drawn = [event("L1", "disbursed", f"2026-05-2{number}", "50万元", number=str(number)) for number in (0, 5)]
    facts = [*CORPORATE, *drawn]
    assert lp.schemes.TRANSITIONS[STATE.EARNED, EVENT.LAST_STAGE] is STATE.EARNED
    assert STATE.EARNED is clean(facts, dated(corporate())).states["lin", "plan", "loans", "L1"]


@pytest.mark.parametrize(
    ("state", "happened"),
    [pair for pair in lp.schemes.TRANSITIONS if pair not in NEVER],
    ids=lambda each: str(each.value),
)
def test_facts_walk_the_table(state: lp.DealState, happened: lp.schemes.DealEvent) -> None:
    """The table that the docs draw is the one that facts obey: each state, struck by each event."""
    keeps = state is STATE.KEPT or (happened is EVENT.CANCELLED_KEPT and state is not STATE.REVERSED)
    expires = state is STATE.EXPIRED or happened is EVENT.EXPIRED
    dead, days = "keep" if keeps else "reverse", 30 if expires else None
    item = corporate(base="contracted", stages=THREE, dead=dead, expires_days=days)
    clawback = lp.schemes.Clawback(on="non-performing", attainment="stays", share="100%", refund="100%")
    plan = dated(item, clawbacks=(clawback,))
    facts = [loan("L1"), event("L1", "signed", "2026-03-05", "100万元"), *INTO[state]]
    struck = [*facts, *STRIKE[happened]]
    key = ("lin", "plan", "loans", "L1")

    assert state is clean(facts, plan, through="2026-06").states[key]
    assert lp.schemes.TRANSITIONS[state, happened] is clean(struck, plan, through="2026-07").states[key]


# ── parts that sum ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_fifth_at_due_diligence_and_the_rest_at_disbursement() -> None:
    """1% of a million in two stages: 2 000 in March, 8 000 in May; each stage has a date and a period of its own."""
    found = clean([*CORPORATE, IN_FULL], dated(corporate()))
    expected = [
        ("due diligence complete", date(2026, 3, 10), "2026-03", "2000.00 CNY"),
        ("disbursed", date(2026, 5, 20), "2026-05", "8000.00 CNY"),
    ]
    assert expected == [(line.stage, line.on, str(line.period), str(line.amount)) for line in found.lines]


def test_stages_are_data() -> None:
    """Any number of milestones and shares: 10, 20, 30 and 40 per cent of 1 000."""
    names = ("applied", "signed", "disbursed", "repaid in full")
    stages = tuple(stage(name, Fraction(place + 1, 10)) for place, name in enumerate(names))
    facts = [
        loan("L1", amount="10万元"),
        event("L1", "applied", "2026-03-02"),
        event("L1", "signed", "2026-04-02", "10万元"),
        event("L1", "disbursed", "2026-05-02", "10万元"),
        event("L1", "repaid", "2026-06-02", "10万元"),
    ]
    found = clean(facts, dated(corporate(stages=stages)))
    assert {"2026-03": 100, "2026-04": 200, "2026-05": 300, "2026-06": 400} == by_period(found)


def test_stages_sum_to_the_cent() -> None:
    """By hand: 1% of 33.50 is 0.335, so 0.34; a third of it is 0.11, two thirds 0.22, and the last takes 0.12."""
    names = ("signed", "disbursed", "repaid in full")
    stages = tuple(stage(name, Fraction(1, 3)) for name in names)
    facts = [
        loan("L1"),
        event("L1", "signed", "2026-03-02", "33.50 元"),
        event("L1", "disbursed", "2026-04-02", "33.50 元"),
        event("L1", "repaid", "2026-05-02", "33.50 元"),
    ]
    found = clean(facts, dated(corporate(stages=stages)))
    assert ["0.11 CNY", "0.11 CNY", "0.12 CNY"] == [str(line.amount) for line in found.lines]


@given(
    fen=st.integers(1, 10**9),
    cuts=st.lists(st.integers(1, 50), min_size=1, max_size=4),
    rate=st.integers(1, 10**4),
    rounding=st.sampled_from(lp.Rounding),
)
def test_stages_sum_to_the_deal(fen: int, cuts: list[int], rate: int, rounding: lp.Rounding) -> None:
    """Whatever the shares and the rounding, the stages of a deal come to its commission rounded once."""
    names = ("applied", "signed", "disbursed", "repaid in full")[: len(cuts)]
    stages = tuple(stage(name, Fraction(cut, sum(cuts))) for name, cut in zip(names, cuts, strict=True))
    amount = lp.Money.from_units(fen, "CNY")
    facts = [
        loan("L1", amount=amount),
        event("L1", "applied", "2026-03-02"),
        event("L1", "signed", "2026-04-02", amount),
        event("L1", "disbursed", "2026-05-02", amount),
        event("L1", "repaid", "2026-06-02", amount),
    ]
    share = Fraction(rate, 10**6)
    found = clean(facts, dated(corporate(rate=share, stages=stages), rounding=rounding))
    assert lp.Money.rounded(amount.exact * share, "CNY", rounding).exact == earned(found)


def test_another_amount_disbursed_than_contracted_rebases_the_total() -> None:
    """800 000 of a million are drawn: the whole is 8 000, of which 2 000 came at due diligence, so 6 000 is left."""
    facts = [*CORPORATE, event("L1", "disbursed", "2026-05-20", "80万元")]
    assert {"2026-03": 2000, "2026-05": 6000} == by_period(clean(facts, dated(corporate())))


def test_less_disbursed_than_was_earned_takes_back() -> None:
    """100 000 of a million are drawn: the whole is 1 000, and 2 000 came at due diligence."""
    facts = [*CORPORATE, event("L1", "disbursed", "2026-05-20", "10万元")]
    assert {"2026-03": 2000, "2026-05": -1000} == by_period(clean(facts, dated(corporate())))


def test_an_amount_contracted_later_rebases_what_is_earned() -> None:
    """A commission of what is contracted grows with a second contract, here by 1% of 500 000."""
    facts = [*CORPORATE, IN_FULL, event("L1", "signed", "2026-06-05", "50万元", number="2")]
    assert {"2026-03": 2000, "2026-05": 8000, "2026-06": 5000} == by_period(
        clean(facts, dated(corporate(base="contracted")))
    )


def test_drawdowns_in_parts() -> None:
    """Each drawdown earns its part: 300 000, then 500 000, then 200 000, with 2 000 earned before."""
    facts = [
        *CORPORATE,
        event("L1", "disbursed", "2026-05-20", "30万元", number="1"),
        event("L1", "disbursed", "2026-06-20", "50万元", number="2"),
        event("L1", "disbursed", "2026-07-20", "20万元", number="3"),
    ]
    expected = {"2026-03": 2000, "2026-05": 1000, "2026-06": 5000, "2026-07": 2000}
    assert expected == by_period(clean(facts, dated(corporate())))


# ── versions and officers ───────────────────────────────────────────────────────────────────────────────────


def test_the_version_is_fixed_at_the_selection_date() -> None:
    """New rates from April do not touch a loan opened in March; a loan opened in April has them, in both stages."""
    old = dated(corporate(), until="2026-04-01", version="old")
    new = dated(corporate(rate="2%"), since="2026-04-01", version="new")
    other = [
        loan("L2", on="2026-04-02"),
        event("L2", "signed", "2026-04-05", "100万元"),
        event("L2", "due diligence", "2026-04-10"),
        event("L2", "disbursed", "2026-05-20", "100万元"),
    ]
    found = clean([*CORPORATE, IN_FULL, *other], old, new)
    assert {"L1": 10000, "L2": 20000} == by_loan(found)
    assert [("L1", "old"), ("L1", "old"), ("L2", "new"), ("L2", "new")] == sorted(
        (line.loan, line.plan.version) for line in found.lines
    )


def test_the_plan_names_its_selection_date() -> None:
    """The same loan under plans selected at disbursement is paid by the version in force in May, in one piece."""
    one = lp.schemes.Stage(milestone="disbursed", share="100%")
    old = dated(corporate(stages=(one,)), until="2026-04-01", selected_at="disbursed")
    new = dated(corporate(rate="2%", stages=(one,)), since="2026-04-01", selected_at="disbursed")
    assert {"2026-05": 20000} == by_period(clean([*CORPORATE, IN_FULL], old, new))


def test_each_stage_has_a_payee_of_its_own() -> None:
    """Lin did the due diligence, wei held the loan when it was drawn: 2 000 and 8 000."""
    facts = [*CORPORATE, assigned("L1", "2026-04-01", "wei"), IN_FULL]
    assert {"lin": 2000, "wei": 8000} == by_payee(clean(facts, dated(corporate()), staff=PAIR))


def test_what_waits_waits_for_the_officer_who_holds_the_loan() -> None:
    """A loan that was handed over is awaited by nobody but its new officer."""
    facts = [*CORPORATE, assigned("L1", "2026-04-01", "wei")]
    found = clean(facts, dated(corporate()), staff=PAIR)
    assert [("wei", "disbursed")] == [(item.payee, item.waits_for) for item in found.waiting]
    untouched = [loan("L1"), assigned("L1", "2026-04-01", "wei")]
    waiting = clean(untouched, dated(corporate()), staff=PAIR).waiting
    assert [("wei", "due diligence complete")] == [(item.payee, item.waits_for) for item in waiting]


# ── deals that end ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_deal_that_dies_after_stage_one_is_kept_or_reversed() -> None:
    """What was earned before a cancellation stays or goes, as the plan says; never in silence."""
    facts = [*CORPORATE, event("L1", "cancelled", "2026-04-10")]
    assert {"2026-03": 2000} == by_period(clean(facts, dated(corporate(dead="keep"))))
    assert {"2026-03": 2000, "2026-04": -2000} == by_period(clean(facts, dated(corporate(dead="reverse"))))


def test_a_cancelled_loan_earns_no_later_stage() -> None:
    """Money drawn by mistake on a dead deal pays nobody."""
    facts = [*CORPORATE, event("L1", "cancelled", "2026-04-10"), IN_FULL]
    assert 2000 == earned(clean(facts, dated(corporate(dead="keep"))))
    assert 0 == earned(clean(facts, dated(corporate(dead="reverse"))))


AFTER: dict[str, list[lp.Fact]] = {
    "nothing": [],
    "non-performing": [classified("L1", "2026-04-20", lp.Category.DOUBTFUL)],
    "non-performing and cured": [
        classified("L1", "2026-04-20", lp.Category.DOUBTFUL),
        classified("L1", "2026-04-25", lp.Category.NORMAL),
    ],
    "past due": [past_due("2026-04-20", 91)],
    "past due and paid up": [past_due("2026-04-20", 91), past_due("2026-04-25", 0)],
    "cancelled again": [event("L1", "cancelled", "2026-04-20", number="2")],
    "another contract": [event("L1", "signed", "2026-04-20", "20万元", number="2")],
    "handed over": [assigned("L1", "2026-04-20", "wei")],
    "before it: non-performing": [classified("L1", "2026-03-20", lp.Category.DOUBTFUL)],
    "before it: non-performing and cured": [
        classified("L1", "2026-03-20", lp.Category.DOUBTFUL),
        classified("L1", "2026-03-25", lp.Category.NORMAL),
    ],
}


@pytest.mark.parametrize("base", ["disbursed", "contracted"])
@pytest.mark.parametrize("between", AFTER.values(), ids=AFTER)
@pytest.mark.parametrize("dead", ["keep", "reverse"])
@pytest.mark.parametrize("attainment", ["stays", "lowered"])
def test_a_deal_that_ended_earns_no_later_stage(dead: Any, between: list[lp.Fact], base: Any, attainment: Any) -> None:
    """Cancelled in April, drawn in June: whatever happens to it in between, the last 80% are nobody's."""
    rules = tuple(
        lp.schemes.Clawback(on=on, attainment=attainment, share="0%", refund="100%")
        for on in ("non-performing", "past due")
    )
    plan = dated(corporate(base=base, dead=dead), clawbacks=rules)
    facts = [*CORPORATE, event("L1", "cancelled", "2026-04-10"), *between]
    drawn = [
        event("L1", "disbursed", "2026-06-10", "99万元"),
        event("L1", "disbursed", "2026-07-10", "1万元", number="2"),
    ]
    found = clean([*facts, *drawn], plan, staff=PAIR, through="2026-07")

    assert (2000 if dead == "keep" else 0) == earned(found)
    ended = {STATE.KEPT, STATE.REVERSED, STATE.WAITING}
    assert set(found.states.values()) <= ended


@pytest.mark.parametrize("ended", [STATE.KEPT, STATE.REVERSED])
@pytest.mark.parametrize("happened", EVENT)
def test_no_event_leads_out_of_an_end(ended: lp.DealState, happened: lp.schemes.DealEvent) -> None:
    """What is cancelled stays cancelled, in the table itself."""
    assert ended is lp.schemes.TRANSITIONS[ended, happened]


def test_a_bad_deal_that_expires_is_reversed() -> None:
    """Past due in March, and nothing drawn by 9 April: the first stage goes as it would without being past due."""
    rule = lp.schemes.Clawback(on="past due", attainment="stays", share="0%")
    plan = dated(corporate(expires_days=30), clawbacks=(rule,))
    facts = [*CORPORATE, past_due("2026-03-20", 91)]
    assert {"2026-03": 2000, "2026-04": -2000} == by_period(clean(facts, plan))


def test_a_deal_expires_when_the_next_stage_does_not_follow() -> None:
    """Thirty days after 10 March is 9 April: the stage must be there by that day."""
    plan = dated(corporate(expires_days=30))
    assert {"2026-03": 2000, "2026-04": -2000} == by_period(clean(CORPORATE, plan))
    in_time = event("L1", "disbursed", "2026-04-09", "100万元")
    late = event("L1", "disbursed", "2026-04-10", "100万元")
    assert {"2026-03": 2000, "2026-04": 8000} == by_period(clean([*CORPORATE, in_time], plan))
    revived = clean([*CORPORATE, late], plan)
    assert STATE.EARNED is revived.states["lin", "plan", "loans", "L1"]
    assert [2000, -2000, 10000] == [line.amount.exact for line in revived.lines]


def test_a_late_revival_pays_the_whole() -> None:
    """A deal that expired and is drawn after all earns everything at the last stage: stages still sum to the deal."""
    found = clean([*CORPORATE, IN_FULL], dated(corporate(expires_days=30)))
    assert {"2026-03": 2000, "2026-04": -2000, "2026-05": 10000} == by_period(found)
    assert STATE.EARNED is found.states["lin", "plan", "loans", "L1"]


def test_a_cent_that_was_rounded_goes_too() -> None:
    """A reversal takes exactly what the stages came to in cents: 0.07 of 0.067, and no more."""
    facts = [loan("L1"), event("L1", "signed", "2026-03-05", "33.50 元"), event("L1", "due diligence", "2026-03-10")]
    found = clean([*facts, event("L1", "cancelled", "2026-04-10")], dated(corporate()))
    assert ["0.07 CNY", "-0.07 CNY"] == [str(line.amount) for line in found.lines]


# ── what waits ──────────────────────────────────────────────────────────────────────────────────────────────


def test_eligible_and_payable_are_two_milestones() -> None:
    """Earned at due diligence, paid when the contract is signed: until then it waits, and says for what."""
    staged = (
        lp.schemes.Stage(milestone="due diligence complete", share="20%", payable="signed"),
        DRAWN,
    )
    plan = dated(corporate(base="contracted", stages=staged))
    before = [loan("L1", amount="100万元"), event("L1", "due diligence", "2026-03-10")]
    found = clean(before, plan)
    assert () == found.lines
    waits = [(item.stage, item.waits_for, str(item.amount), item.state) for item in found.waiting]
    assert ("due diligence complete", "signed", "2000.00 CNY", STATE.PART_EARNED) == waits[0]
    paid = clean([*before, event("L1", "signed", "2026-04-15", "100万元")], plan)
    assert [("due diligence complete", date(2026, 4, 15), "2026-04")] == [
        (line.stage, line.on, str(line.period)) for line in paid.lines
    ]


def test_the_next_stage_waits_with_its_amount() -> None:
    """After due diligence 8 000 waits for the disbursement; a loan without any stage waits for its first."""
    found = clean([*CORPORATE, loan("L2")], dated(corporate()))
    waits = {item.loan: (item.stage, item.waits_for, str(item.amount), item.state) for item in found.waiting}
    assert {
        "L1": ("disbursed", "disbursed", "8000.00 CNY", STATE.PART_EARNED),
        "L2": ("due diligence complete", "due diligence complete", "None", STATE.WAITING),
    } == waits


def test_an_unknown_amount_is_waited_for() -> None:
    """Due diligence is complete, but nobody has said of how much: the stage waits for the amount."""
    facts = [loan("L1"), event("L1", "due diligence", "2026-03-10")]
    (waits,) = clean(facts, dated(corporate())).waiting
    assert ("due diligence complete", "amount", None) == (waits.stage, waits.waits_for, waits.amount)


def test_a_stage_is_earned_as_soon_as_its_amount_is_known() -> None:
    """Due diligence in March, the amount in April: the fifth is earned in April and does not wait until May."""
    facts = [
        loan("L1"),
        event("L1", "due diligence", "2026-03-10"),
        event("L1", "signed", "2026-04-05", "100万元"),
        IN_FULL,
    ]
    assert {"2026-04": 2000, "2026-05": 8000} == by_period(clean(facts, dated(corporate())))


def test_a_loan_on_other_terms_neither_earns_nor_waits() -> None:
    """A mortgage is no business of a component for corporate loans, and must not stand in its list of waiting."""
    plan = dated(corporate(where=(where("segment", "corporate"),)))
    facts = [
        loan("L1", segment="personal"),
        event("L1", "signed", "2026-03-05", "100万元"),
        event("L1", "due diligence", "2026-03-10"),
    ]
    found = clean(facts, plan)
    assert ((), (), {}) == (found.lines, found.waiting, dict(found.states))


def test_what_is_dated_after_the_last_period_is_not_there_yet() -> None:
    """Time is an argument: the books of April know nothing of May."""
    facts = [*CORPORATE, IN_FULL]
    assert {"2026-03": 2000} == by_period(clean(facts, dated(corporate()), through="2026-04"))


def test_facts_of_an_unknown_loan_are_problems() -> None:
    """Nothing is dropped: an event of a loan that nobody sent is reported."""
    (problem,) = accrued([event("L9", "cancelled", "2026-03-05")], dated(corporate()), staff=LIN).problems
    assert "the facts have no loan of that code" == problem.fault
