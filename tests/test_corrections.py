"""What a deal gives back when it dies, moves or shrinks is what it was paid, by whatever rules that had been cut."""

import json
from datetime import date
from typing import Any

import numpy as np
import pytest
from tests.loans import (
    LIN,
    accrued,
    assigned,
    by_payee,
    by_period,
    classified,
    clean,
    component,
    dated,
    drawn,
    event,
    loan,
    reading,
)

import loanperf as lp
from loanperf._commission import Standings
from loanperf._numbers import Age, day_number, day_of

FLAT = lp.schemes.Curve.of([["0 CNY", "1%"], ["100万元", "2%"]], shape="step")
STAGES = (
    lp.schemes.Stage(milestone="due diligence complete", share="20%"),
    lp.schemes.Stage(milestone="disbursed", share="80%"),
)
GATE = lp.schemes.Gate(indicator="npl_ratio", forfeits=lp.schemes.Curve.of([["0%", "0%"], ["2%", "50%"]], shape="step"))
BOTH = lp.Organisation(
    assignments=[lp.Assignment(payee=code, unit="east", role="officer", since="2020-01-01") for code in ("lin", "wei")]
)


WRONG: dict[str, Any] = {"facts": [], "plans": lp.schemes.Plan, "rules": None, "period": "2026-03"}
"""What is passed by mistake, typed as anything."""


def tiered(**fields: Any) -> lp.schemes.Component:
    """1% of all that is drawn in a month, 2% of all from a million on."""
    return component(curve=FLAT, tiers=lp.schemes.Tiers(by="amount", applies="flat", accumulates="period"), **fields)


def lines(found: lp.Accruals) -> dict[tuple[str, str, str], str]:
    """Amounts by loan, stage and period."""
    return {(line.loan, line.stage, str(line.period)): str(line.amount.amount) for line in found.lines}


def test_each_officer_is_paid_for_the_drawdowns_in_their_hands() -> None:
    """60,000 and 10,000 drawn with lin, 40,000 with wei at 1%: 700 and 400, however often the loan moves."""
    facts = [
        loan(),
        event("L1", "disbursed", "2026-03-05", "6万元"),
        event("L1", "disbursed", "2026-03-06", "1万元"),
        assigned("L1", "2026-03-10", "wei"),
        event("L1", "disbursed", "2026-03-15", "4万元"),
    ]
    assert {"lin": 700, "wei": 400} == by_payee(clean(facts, dated(component(rate="1%")), staff=BOTH))
    facts += [assigned("L1", "2026-03-16", "lin"), event("L1", "disbursed", "2026-03-20", "1万元")]
    assert {"lin": 800, "wei": 400} == by_payee(clean(facts, dated(component(rate="1%")), staff=BOTH))


def test_stages_sum_to_the_deal_when_the_officer_and_the_amount_change() -> None:
    """A fifth of 1,000 with lin; half is drawn with wei, who gets what is left of 500: the deal pays 500 in all."""
    facts = [
        loan(amount="10万元"),
        event("L1", "due diligence", "2026-03-05"),
        assigned("L1", "2026-03-10", "wei"),
        event("L1", "disbursed", "2026-03-15", "5万元"),
    ]
    plan = dated(component(rate="1%", stages=STAGES))
    assert {"lin": 200, "wei": 300} == by_payee(clean(facts, plan, staff=BOTH))


def test_a_loan_that_is_cancelled_on_its_day_earns_nothing() -> None:
    """Booked and cancelled on one day: the reversal comes after what it reverses, whatever the alphabet says."""
    facts = [*drawn(100000, on=["2026-03-05"]), event("L1", "cancelled", "2026-03-05")]
    assert {"2026-03": 0} == by_period(clean(facts, dated(component(rate="1%")), through="2026-03"))


def test_what_others_gained_goes_as_it_was_gated() -> None:
    """Two loans of 600,000 reach 2%, 24,000, half of it gated. Without the first, the second is worth 3,000."""
    facts = [*drawn(600000, 600000, on=["2026-03-05", "2026-03-06"]), event("L1", "cancelled", "2026-04-05")]
    ratios = [reading("npl_ratio", "3%"), reading("npl_ratio", "1%", "2026-04")]
    found = clean(facts, dated(tiered(), gates=(GATE,)), through="2026-04", readings=ratios)
    assert {
        ("L1", "disbursed", "2026-03"): "3000.00",
        ("L2", "disbursed", "2026-03"): "9000.00",
        ("L1", "cancelled", "2026-04"): "-3000.00",
        ("L1", "fell back", "2026-04"): "-6000.00",
    } == lines(found)


def test_a_bad_month_does_not_soften_what_is_taken_back() -> None:
    """2,000 earned at due diligence of a deal that is drawn at half: 1,000 goes back, however bad that month is."""
    facts = [
        loan(amount="100万元"),
        event("L1", "due diligence", "2026-03-05"),
        event("L1", "disbursed", "2026-04-05", "10万元"),
    ]
    plan = dated(component(rate="1%", stages=STAGES), gates=(GATE,))
    for ratio in ("0%", "3%"):
        ratios = [reading("npl_ratio", "0%"), reading("npl_ratio", ratio, "2026-04")]
        found = clean(facts, plan, through="2026-04", readings=ratios)
        assert {"2026-03": 2000, "2026-04": -1000} == by_period(found)


def test_what_was_carried_over_a_cap_dies_with_its_deal() -> None:
    """1,000 under a cap of 500: half is carried to April and goes in May with the rest; or never comes."""
    plan = dated(component(rate="1%"), most=lp.schemes.Cap(most="500 CNY", excess="carried"))
    made = drawn(100000, on=["2026-03-05"])
    later = clean([*made, event("L1", "cancelled", "2026-05-05")], plan, through="2026-06")
    assert {"2026-03": 500, "2026-04": 500, "2026-05": -1000} == by_period(later)
    at_once = clean([*made, event("L1", "cancelled", "2026-03-06")], plan, through="2026-06")
    assert {"2026-03": 0} == by_period(at_once)


def test_the_caps_of_a_month_are_those_in_force_in_it() -> None:
    """A loan of one yuan under the new version must not change what an old loan is paid."""
    old = dated(component(rate="1%"), until="2026-04-01", version="v1")
    new = dated(
        component(rate="1%"), since="2026-04-01", version="v2", most=lp.schemes.Cap(most="100 CNY", excess="lost")
    )
    facts = [loan(), event("L1", "disbursed", "2026-04-05", "10万元")]
    other = [loan("L2", on="2026-04-02"), event("L2", "disbursed", "2026-04-06", "1元")]
    assert {"2026-04": 100} == by_period(clean(facts, old, new, through="2026-04"))
    assert {"2026-04": 100} == by_period(clean([*facts, *other], old, new, through="2026-04"))


def test_another_plan_does_not_choose_the_version_before_its_day() -> None:
    """The officer's plan is chosen at disbursement; a plan of somebody else must not have it chosen at opening."""
    staged = component(rate="1%", stages=STAGES)
    ours = dated(staged, code="officer", role="officer", selected_at="disbursed")
    theirs = dated(staged, code="boss", role="boss")
    facts = [loan(amount="10万元"), event("L1", "due diligence", "2026-03-05")]
    assert {} == by_payee(clean(facts, ours, theirs))
    facts.append(event("L1", "disbursed", "2026-04-05", "10万元"))
    assert {"lin": 1000} == by_payee(clean(facts, ours, theirs))


def test_a_lead_is_not_paid_for_a_team_whose_pay_is_not_known() -> None:
    """One bad credit leaves a member's pay unknown; the lead's override must not shrink by it, nor be paid short."""
    staff = lp.Organisation(
        units=[lp.Unit(code="east")],
        assignments=[
            lp.Assignment(payee=payee, unit="east", role=role, since="2020-01-01")
            for payee, role in (("lin", "officer"), ("boss", "lead"))
        ],
    )
    team = component(code="team", base="team", rate="10%", team=lp.schemes.Team(total="sum"))
    plans = dated(component(rate="1%"), role="officer"), dated(team, code="lead", role="lead")
    wrong = lp.Credit(loan="L1", payee="lin", on="2026-03-01", share="60%")
    found = accrued([*drawn(100000), wrong], *plans, staff=staff, through="2026-03")
    assert frozenset({"lin", "boss"}) == found.blocked


def test_rows_that_contradict_each_other_block_whom_they_concern() -> None:
    """Two rows of one loan that differ are both refused; the officer's pay is not whole, and is left as it is."""
    found = accrued([*drawn(100000), loan(product="x")], dated(component(rate="1%")), through="2026-03")
    assert frozenset({"lin"}) == found.blocked


def test_a_credit_counts_from_the_day_on_which_it_is_known() -> None:
    """Who is credited in June is not there yet in March."""
    facts = [*drawn(100000), lp.Credit(loan="L1", payee="wei", on="2026-06-01")]
    plan = dated(component(rate="1%"))
    assert {"lin": 1000} == by_payee(clean(facts, plan, staff=BOTH, through="2026-03"))
    assert {"wei": 1000} == by_payee(clean(facts, plan, staff=BOTH, through="2026-06"))


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (
            [*drawn(100000), lp.Balance(loan="L1", on="2026-03-31", outstanding="5 USD")],
            "a balance in USD is no base of a plan in CNY",
        ),
        (
            [*drawn(100000), event("L1", "repaid", "2026-03-20", "5 USD")],
            "its amounts are in CNY and USD",
        ),
    ],
)
def test_amounts_that_cannot_be_summed_are_problems(facts: list[lp.Fact], said: str) -> None:
    """Two currencies are never summed, and what cannot be worked is never dropped without a word."""
    found = accrued(facts, dated(component(base="balance", rate="1%")), staff=LIN, through="2026-03")
    assert [said] == [problem.fault.partition(": ")[2] for problem in found.problems if said in problem.fault]
    assert frozenset({"lin"}) == found.blocked


def test_a_loan_drawn_again_after_its_repayment_is_not_repaid() -> None:
    """Repaid on the 20th and drawn again in April: what is held for it waits for the second repayment."""
    facts = [
        *drawn(100000, on=["2026-03-05"]),
        event("L1", "repaid", "2026-03-20", "10万元"),
        event("L1", "disbursed", "2026-04-05", "90万元"),
    ]
    assert clean(facts, dated(component(rate="1%"))).standings["L1"].repaid_on is None


@pytest.mark.parametrize(("months", "expected"), [(0, date(2027, 3, 1)), (12, date(2028, 2, 28))])
def test_a_release_can_ask_for_months_without_a_bad_loan(months: int, expected: date) -> None:
    """Bad until 28 February 2027: cured on 1 March, and a year of good standing on 28 February 2028."""
    facts = [
        *drawn(100000, on=["2026-01-05"]),
        classified("L1", "2026-02-10", lp.Category.DOUBTFUL),
        classified("L1", "2027-02-28", lp.Category.NORMAL),
    ]
    standings = clean(facts, dated(component(rate="1%"))).standings

    def performs(on: date, months: int = 0) -> date:
        days = Standings.of(standings).performing_from(np.array([0]), np.array([day_number(on)]), Age(months, "month"))
        return day_of(int(days[0]))

    assert expected == performs(date(2027, 3, 1), months)
    assert date(2026, 2, 1) == performs(date(2026, 2, 1), months)
    assert (performs(date(2026, 3, 1)), standings["L1"].repaid_on) == (date(2027, 2, 28), None)


def test_pay_rules_go_by_currency() -> None:
    """A floor in yuan says nothing of pay in dollars; each currency has rules of its own, or the error says so."""
    months = lp.Period.month(2026, 3)
    plans = dated(component(rate="1%"), code="a", role="officer")
    ledger = lp.Ledger().append(lp.settle(lp.Ledger(), clean(drawn(100000), plans, through="2026-03"), period=months))
    floor = lp.schemes.PayRules(guard_floor="2000 元")
    (payment,) = lp.pay(ledger, period=months, rules={"CNY": floor, "USD": lp.schemes.PayRules()}).payments
    assert lp.Money.of("1000 元") == payment.amount
    with pytest.raises(lp.errors.PayError, match="there are no rules for CNY; give them by that currency"):
        lp.pay(ledger, period=months, rules={"USD": lp.schemes.PayRules()})


def test_what_converts_to_nothing_stays_due() -> None:
    """One fen is no yen; it waits for more instead of being marked as paid."""
    march = lp.Period.month(2026, 3)
    small = clean(drawn(1), dated(component(rate="1%")), through="2026-03")
    ledger = lp.Ledger().append(lp.settle(lp.Ledger(), small, period=march))
    rate = lp.ExchangeRate(currency="CNY", into="JPY", on="2026-03-01", rate="20")
    payout = lp.pay(ledger, period=march, rules=lp.schemes.PayRules(), pay_in={"lin": "JPY"}, exchange=[rate])
    assert (0, 0) == (len(payout.entries), len(payout.payments))


def test_a_reopened_month_is_not_paid_again_for_what_came_later() -> None:
    """A late loan was paid in April; March is opened again and settled: its pay goes with April, not twice."""
    march, april = lp.Period.month(2026, 3), lp.Period.month(2026, 4)
    plan, late = dated(component(rate="1%")), drawn(100000, 50000)
    first = clean(drawn(100000), plan, through="2026-03")
    ledger = paid(paid(lp.Ledger(), first, march).close(march, by="b"), clean(late, plan, through="2026-04"), april)
    ledger = ledger.close(april, by="b").reopen(march, by="b", why="an audit")
    ledger = paid(ledger, clean(late, plan, through="2026-03"), march)
    ledger = paid(ledger.reopen(april, by="b", why="an audit"), clean(late, plan, through="2026-04"), april)
    assert lp.Money.of("1500 元") == ledger.balance("lin").paid == ledger.balance("lin").entitled


def paid(ledger: lp.Ledger, accruals: lp.Accruals, period: lp.Period) -> lp.Ledger:
    """The ledger with a period settled and paid."""
    ledger = ledger.append(lp.settle(ledger, accruals, period=period))
    return ledger.append(lp.pay(ledger, period=period, rules=lp.schemes.PayRules()).entries)


def test_a_closed_quarter_takes_nothing_into_its_months() -> None:
    """A period that shares a day with a closed one is closed too."""
    ledger = lp.Ledger().close(lp.Period.quarter(2026, 1), by="b")
    with pytest.raises(lp.errors.LedgerError, match="period 2026-03: it is closed"):
        paid(ledger, clean(drawn(100000), dated(component(rate="1%")), through="2026-03"), lp.Period.month(2026, 3))
    with pytest.raises(lp.errors.LedgerError, match="it is no Period"):
        ledger.close(WRONG["period"], by="b")


def test_lines_of_a_loan_that_vanished_are_left_as_they_are() -> None:
    """The Loan row was lost on the way and its events were not: whoever was paid for it keeps the pay."""
    march, april = lp.Period.month(2026, 3), lp.Period.month(2026, 4)
    plan = dated(component(rate="1%"))
    ledger = paid(lp.Ledger(), clean(drawn(100000), plan, through="2026-03"), march)
    lost = accrued([fact for fact in drawn(100000) if not isinstance(fact, lp.Loan)], plan, through="2026-04")
    assert ["the facts have no loan of that code"] == [problem.fault for problem in lost.problems]
    assert () == lp.settle(ledger, lost, period=april)


def test_a_loan_that_counts_no_longer_lowers_what_it_had_lifted() -> None:
    """Two loans of 100,000 reach 2%: 4,000. One is written off and counts no more: the other is worth 1,000."""
    lowered = lp.schemes.Clawback(on="written off", takes="whole", attainment="lowered", share="100%")
    curve = lp.schemes.Curve.of([["0 CNY", "1%"], ["15万元", "2%"]], shape="step")
    tiers = lp.schemes.Tiers(by="amount", applies="flat", accumulates="to date")
    plan = dated(component(curve=curve, tiers=tiers), clawbacks=(lowered,))
    made = drawn(100000, 100000)
    march, april = lp.Period.month(2026, 3), lp.Period.month(2026, 4)
    ledger = paid(lp.Ledger(), clean(made, plan, through="2026-03"), march)
    assert lp.Money.of("4000 元") == ledger.balance("lin").paid
    bad = clean([*made, event("L1", "written off", "2026-04-05", "10万元")], plan, through="2026-04")
    ledger = paid(ledger, bad, april)
    assert lp.Money.of("1000 元") == ledger.balance("lin").entitled
    assert lp.Money.of("3000 元") == ledger.balance("lin").owed


@pytest.mark.parametrize(
    "damage", [{"number": 1e999}, {"number": 1.9}, {"payee": []}, {"payee": 5}, {"corrects": ["x"]}, {"reason": 3}]
)
def test_a_damaged_ledger_is_refused(damage: dict[str, Any]) -> None:
    """A ledger that cannot be what was written must not be read as if it were."""
    march = lp.Period.month(2026, 3)
    ledger = paid(lp.Ledger(), clean(drawn(100000), dated(component(rate="1%")), through="2026-03"), march)
    first, *rest = [json.loads(text) for text in ledger.lines()]
    first["entry"] |= damage
    with pytest.raises(lp.errors.LoanPerfError):
        lp.read_ledger(json.dumps(item) for item in (first, *rest))


def test_a_clawback_that_is_undone_is_no_pay() -> None:
    """1,000 paid; a write-off takes it back and is withdrawn a month later: the guard must not pay half of it out."""
    plan = dated(
        component(rate="1%"),
        clawbacks=(lp.schemes.Clawback(on="written off", takes="whole", attainment="stays", share="100%"),),
    )
    made, rules = drawn(100000), lp.schemes.PayRules(guard_share="50%", guard_floor="300 元")
    ledger = lp.Ledger()
    bad = event("L1", "written off", "2026-04-05", "10万元")
    for month, facts in ((3, made), (4, [*made, bad]), (5, made)):
        period = lp.Period.month(2026, month)
        ledger = ledger.append(lp.settle(ledger, clean(facts, plan, through=f"2026-0{month}"), period=period))
        ledger = ledger.append(lp.pay(ledger, period=period, rules=rules).entries)
    balance = ledger.balance("lin")
    assert (lp.Money.of("1000 元"), lp.Money.of("0 元")) == (balance.paid, balance.owed)


def test_a_kind_of_credit_that_no_plan_pays_is_a_problem() -> None:
    """A misspelt role would be dropped without a word, and the lead paid for the whole."""
    plan = dated(component(rate="1%", split={"lead": "70%", "assistant": "30%"}.items()))
    found = accrued(
        [*drawn(100000), lp.Credit(loan="L1", payee="wei", role="asistant", on="2026-03-01")], plan, staff=BOTH
    )
    assert ["did you mean 'assistant'?"] == [problem.remedy for problem in found.problems]
    assert frozenset({"lin", "wei"}) == found.blocked


def test_who_has_no_entries_has_a_statement_of_what_waits() -> None:
    """The first thing a salesperson asks is what they wait for, before anything is posted."""
    stages = dated(component(rate="1%", stages=STAGES))
    march = lp.Period.month(2026, 3)
    found = clean([loan(amount="10万元")], stages, through="2026-03")
    said = lp.statement(lp.Ledger(), "lin", march, found)
    assert "plan loans L1 尽职调查完成 等待：尽职调查完成" in said.text("zh")
    with pytest.raises(lp.errors.LedgerError, match="'2026-03' is no Period; pass one"):
        lp.statement(lp.Ledger(), "lin", WRONG["period"], found)


def test_a_statement_of_nobody_names_those_who_are_known() -> None:
    """A slip in a code must not look like a payee without pay; who has no pay yet is known to HR."""
    march = lp.Period.month(2026, 3)
    found = clean([loan(amount="10万元")], dated(component(rate="1%", stages=STAGES)), through="2026-03")
    people = lp.Organisation(assignments=[lp.Assignment(payee="lim", unit="e", role="o", since="2026-01-01")])
    for ledger, accruals in ((lp.Ledger(), found), (lp.Ledger(), None)):
        with pytest.raises(lp.errors.UnknownPayeeError, match="nothing is known of a payee 'zzz'"):
            lp.statement(ledger, "zzz", march, accruals, currency="CNY")
    with pytest.raises(lp.errors.UnknownPayeeError, match=r"'lim'; did you mean 'lin'\? known: lin"):
        lp.statement(lp.Ledger(), "lim", march, found)
    said = lp.statement(lp.Ledger(), "lim", march, found, organisation=people)
    assert "0.00 CNY" == str(said.after.paid)


def test_a_statement_says_that_nothing_new_is_posted() -> None:
    """A payee whose data is at fault sees that, and why, instead of a month that looks quiet."""
    found = accrued([*drawn(100000), loan(product="x")], dated(component(rate="1%")), through="2026-03")
    said = lp.statement(lp.Ledger(), "lin", lp.Period.month(2026, 3), found).text()
    assert "left as it is: something of this payee could not be worked: loan L1: 2 rows contradict each other" in said


def test_plans_and_components_are_shown_by_name() -> None:
    """Codes are for documents; who is paid reads the name, in either language."""
    plan = dated(
        component(rate="1%", name=lp.Label("loans drawn", "放款提成")), name=lp.Label("mortgage desk", "按揭客户经理")
    )
    (line,) = clean(drawn(100000), plan, through="2026-03").lines
    assert "放款提成 L1 放款" in line.explain().text("zh")
    assert "按揭客户经理" in line.explain().text("zh")
    assert "loans drawn L1 disbursed" in line.explain().text()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: lp.accrue(WRONG["facts"], (), LIN, through=lp.Period.month(2026, 3)), "pass lp.Facts.of"),
        (
            lambda: lp.accrue(lp.Facts.of([]), WRONG["plans"], LIN, through=lp.Period.month(2026, 3)),
            "pass lp.SchemeBook",
        ),
        (
            lambda: lp.pay(lp.Ledger(), period=lp.Period.month(2026, 3), rules=WRONG["rules"]),
            "pass lp.schemes.PayRules",
        ),
    ],
)
def test_what_is_passed_by_mistake_is_named(call: Any, said: str) -> None:
    """A list for facts, a scheme for plans, a missing pay section: the error says what to pass."""
    with pytest.raises(lp.errors.LoanPerfError, match=said):
        call()
