"""Reference schemes: published rules as shipped templates; what was published comes out of them, and bugs do not."""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve
from tests.loans import Published, assigned, by_payee, case, event, exact, loan

import loanperf as lp

JAN, FEB, MAR, APR = (lp.Period.month(2026, month) for month in (1, 2, 3, 4))
K = lp.EntryKind
TAIYUAN = (
    "disbursed_amount", "maintained_accounts", "committee_approvals", "grade_allowance", "npl_with_interest",
    "team_completion", "team_npl",
)  # fmt: skip
YANGQUAN = (
    "maintained_accounts", "committee_approvals", "overdue_loan_days", "team_overdue_rate", "overdue_across_months",
    "team_balance",
)  # fmt: skip
TASK = {"taiyuan": ("disbursed_amount", "100万元"), "yangquan": ("team_balance", "200万元")}


def staff(roles: dict[str, str], until: str | None = None, **more: Any) -> lp.Organisation:
    """People of one unit, each with a role."""
    return lp.Organisation(
        assignments=[
            lp.Assignment(payee=payee, unit="north", role=role, since="2026-01-01", until=until, **more)
            for payee, role in roles.items()
        ]
    )


def seen(codes: Sequence[str], payee: str, period: lp.Period = JAN, **values: Any) -> list[lp.Reading]:
    """A reading of every indicator; those that are not stated are zero."""
    return [lp.Reading.of(code, values.get(code, 0), subject=payee, period=period) for code in codes]


def accrued(
    name: str,
    facts: Iterable[lp.Fact],
    people: lp.Organisation,
    readings: Iterable[lp.Reading] = (),
    *,
    through: lp.Period = JAN,
) -> lp.Accruals:
    """What is earned by a template, where nothing went wrong; everybody's target is the task of Taiyuan or Yangquan."""
    indicator, value = TASK.get(name, ("disbursed_amount", "1元"))
    tasks = [lp.Target(payee=who, indicator=indicator, value=value) for who in people.codes]
    goals = dict.fromkeys((JAN, FEB, MAR, APR), tasks)
    plans = lp.SchemeBook([lp.template(name)]).plans()
    found = lp.accrue(
        lp.Facts.of(facts), plans, people, through=through, since=JAN.start, readings=readings, targets=goals
    )
    assert () == found.problems, "\n".join(map(str, found.problems))
    return found


def settled(accruals: lp.Accruals, *periods: lp.Period) -> lp.Ledger:
    """The ledger after each period was settled, paid and closed."""
    ledger = lp.Ledger()
    for period in periods or (accruals.through,):
        ledger = ledger.append(lp.settle(ledger, accruals, period=period))
        ledger = ledger.append(lp.pay(ledger, period=period, rules=lp.schemes.PayRules()).entries)
        ledger = ledger.close(period, by="chen")
    return ledger


def drawn(code: str, officer: str, amount: Any, on: str = "2026-01-01", **terms: Any) -> list[lp.Fact]:
    """A loan drawn on the day on which it is opened."""
    return [
        loan(code, officer=officer, on=on, **terms),
        event(code, "disbursed", on, amount if isinstance(amount, lp.Money) else lp.Money.of(str(amount), "CNY")),
    ]


def assists(code: str, payee: str) -> lp.Credit:
    """A payee who assists in a loan."""
    return lp.Credit(loan=code, payee=payee, role="assistant", on="2026-01-01")


def of_component(accruals: lp.Accruals, payee: str, component: str) -> Fraction:
    """What a payee earned by one component."""
    lines = [line for line in accruals.lines if (line.payee, line.component) == (payee, component)]
    return sum((line.amount.exact for line in lines), Fraction(0))


def held(accruals: lp.Accruals, payee: str) -> Fraction:
    """What is held of a payee's pay."""
    return settled(accruals).balance(payee, currency="CNY").held.exact


def moved(ledger: lp.Ledger, payee: str, kind: lp.EntryKind, period: lp.Period) -> Fraction:
    """What the entries of one kind come to in a payee's statement of a period."""
    totals = dict(lp.statement(ledger, payee, period, currency="CNY").totals)
    return totals[kind].exact if kind in totals else Fraction(0)


@pytest.mark.parametrize(("name", "before"), [("taiyuan", 229), ("yangquan", 204), ("jinan", 101)])
def test_a_reference_scheme_is_half_as_long_as_it_was(name: str, before: int) -> None:
    """Lines without comments, blank ones included: what plans have in common is written once."""
    lines = [line for line in lp.schemes.template_text(name).splitlines() if not line.startswith("#")]

    assert 2 * len(lines) <= before


# ── Taiyuan ─────────────────────────────────────────────────────────────────────────────────────────────────

OFFICER = staff({"lin": "officer"})


def taiyuan(facts: Iterable[lp.Fact] = (), **values: Any) -> lp.Accruals:
    """A January of lin, client manager."""
    return accrued("taiyuan", facts, OFFICER, seen(TAIYUAN, "lin", **values))


def test_a_month_in_taiyuan_comes_to_what_is_published(published: Published) -> None:
    """Case ty-full-month: ten converted loans, three assisted, accounts, approvals, grade, task; 30% is forfeited."""
    found = case(published, "ty-full-month")
    inputs, expected = found["inputs"], found["expected"]
    facts = [fact for n, amount in enumerate(inputs["loans"]) for fact in drawn(f"L{n}", "lin", amount)]
    for number in range(inputs["assist_count"]):
        facts += [*drawn(f"W{number}", "wei", 50000), assists(f"W{number}", "lin")]
    task = lp.measure(facts, JAN, [lp.indicator("disbursed_amount")], currency="CNY").of("lin")["disbursed_amount"]
    assert lp.Quantity(exact(inputs["completion"]) * 1000000, "CNY") == task.value
    values = {
        "disbursed_amount": task.value,
        "maintained_accounts": inputs["maintained_accounts"],
        "committee_approvals": inputs["approvals"],
        "grade_allowance": f"{inputs['grade_allowance']} CNY",
        "npl_with_interest": inputs["npl_ratio"],
    }
    people = staff({"lin": "officer", "wei": "officer"})
    earned = accrued("taiyuan", facts, people, [*seen(TAIYUAN, "lin", **values), *seen(TAIYUAN, "wei")])
    gross = sum(line.gross for line in earned.lines if line.payee == "lin")

    assert expected["converted_loans"] * 105 == of_component(earned, "lin", "lead")  # 150 less 30%
    assert exact(expected["subtotal"]) == gross
    assert exact(expected["performance_pay"]) == by_payee(earned)["lin"]
    assert exact(expected["forfeited"]) == gross - by_payee(earned)["lin"]
    assert Fraction("160.5") == held(earned, "lin")  # 10% of what is above 2000


SIZES = ["4999", "5000", "99999.99", "299999", "999999"]


@pytest.mark.parametrize("size", SIZES)
def test_a_loan_counts_by_its_size(size: str, published: Published) -> None:
    """Cases ty-loan-count-*: 150 for each loan that it counts as."""
    found = case(published, f"ty-loan-count-{size}")
    earned = taiyuan(drawn("L1", "lin", found["inputs"]["loan_amount"]))

    assert found["expected"]["converted_count"] * 150 == of_component(earned, "lin", "lead")


@pytest.mark.parametrize("completion", ["0.79", "0.80", "0.99", "1.00", "1.19", "1.21"])
def test_the_task_is_paid_by_its_completion(completion: str, published: Published) -> None:
    """Cases ty-completion-*: 600, 1000 and 1300 from 80%, 100% and 120%."""
    found = case(published, f"ty-completion-{completion}")
    earned = taiyuan(disbursed_amount=lp.Quantity(exact(found["inputs"]["completion"]) * 1000000, "CNY"))

    assert exact(found["expected"]["bonus"]) == of_component(earned, "lin", "completion")


def test_a_completion_of_exactly_120_percent_is_no_hole() -> None:
    """The published code asks for below 120% and above it, and pays nothing in between."""
    assert 1300 == of_component(taiyuan(disbursed_amount="120万元"), "lin", "completion")


@pytest.mark.parametrize("code", ["ty-npl-penalty-0.015", "ty-npl-penalty-rounding-0.0150"])
def test_the_ladder_compares_what_is_not_rounded(code: str, published: Published) -> None:
    """1.5% forfeits nothing; the published code rounds it to 2% first and takes 30%."""
    found = case(published, code)
    expected = found["expected"]
    by_rule = exact(expected.get("forfeited_share", expected.get("forfeited_by_rule")))
    earned = taiyuan(npl_with_interest=found["inputs"]["npl_ratio"], grade_allowance="2000 CNY")
    forfeited = 1 - by_payee(earned)["lin"] / 2000

    assert by_rule == forfeited
    assert forfeited != exact(expected.get("forfeited_by_published_code", 1))


@pytest.mark.parametrize("code", ["ty-holdback-4000", "ty-holdback-8000"])
def test_taiyuan_holds_slices_of_the_pay(code: str, published: Published) -> None:
    """Nothing up to 2000, 10% up to 5000, 20% above, for eighteen months."""
    found = case(published, code)
    earned = taiyuan(grade_allowance=f"{found['inputs']['performance_pay']} CNY")
    (cohort,) = lp.statement(settled(earned), "lin", JAN, earned).held

    assert exact(found["expected"]["holdback"]) == cohort.amount.exact
    assert date(2027, 7, 31) == cohort.next_on


def test_the_back_office_gets_80_percent_of_the_average(published: Published) -> None:
    """Case ty-backoffice-80: the published code forgets the 80%, which is a mistake."""
    found = case(published, "ty-backoffice-80")
    heads = found["inputs"]["headcount"]
    share = exact(found["inputs"]["client_manager_total"]) / heads
    names = {f"m{number}": "officer" for number in range(heads)}
    readings = [item for name in names for item in seen(TAIYUAN, name, grade_allowance=lp.Quantity(share, "CNY"))]
    earned = accrued("taiyuan", [], staff(names | {"bo": "back office", "ba": "back office"}), readings)

    assert exact(found["expected"]["by_documented_rule"]) == by_payee(earned)["bo"] == by_payee(earned)["ba"]
    assert exact(found["expected"]["by_published_code"]) != by_payee(earned)["bo"]


def supervised(completion: Any, npl: Any) -> Fraction:
    """The override of a supervisor of whose own loans all is forfeited."""
    values = {"team_completion": completion, "team_npl": npl, "npl_with_interest": "9%", "grade_allowance": "2000 CNY"}
    return by_payee(accrued("taiyuan", [], staff({"su": "supervisor"}), seen(TAIYUAN, "su", **values)))["su"]


def test_the_older_override_is_the_newer_one_without_bad_loans(published: Published) -> None:
    """Case ty-supervisor-override-old: 1000 from a completion of 80%, 500 below."""
    found = case(published, "ty-supervisor-override-old")

    assert exact(found["expected"]["override"]) == supervised(found["inputs"]["team_avg_completion"], 0)
    assert 500 == supervised("79.99%", 0)


@pytest.mark.parametrize("completion", ["79%", "80%"])
@pytest.mark.parametrize(("npl", "g3"), [("1.5%", "0"), ("2%", "0.3"), ("2.5%", "0.5"), ("2.51%", "1")])
def test_the_override_is_never_below_nothing(completion: str, npl: str, g3: str) -> None:
    """1000 × (1 − G2 − G3), both ladders added; two components come to that at every step."""
    g2 = Fraction(1, 2) if completion == "79%" else 0

    assert max(Fraction(0), 1000 * (1 - g2 - Fraction(g3))) == supervised(completion, npl)


FOUR = {"lin": "officer", "wei": "officer", "su": "supervisor", "bo": "back office"}


def story_of_taiyuan() -> lp.Accruals:
    """Three months of four people, then eighteen months of waiting."""
    facts = [
        *drawn("L1", "lin", 300000, "2026-01-05"), assists("L1", "wei"),
        *drawn("L2", "wei", 1000000, "2026-01-06"),
        *drawn("L3", "wei", 600000, "2026-02-03"),
        *drawn("L4", "wei", 500000, "2026-02-04"),
        assigned("L3", "2026-03-05", "lin"), event("L3", "written off", "2026-03-20", "60万元"),
        loan("L5", officer="lin", on="2026-02-25"), assigned("L5", "2026-03-02", "wei"),
        event("L5", "disbursed", "2026-03-10", "10万元"),
    ]  # fmt: skip
    jan: dict[str, dict[str, Any]] = {
        "lin": {"disbursed_amount": "30万元", "maintained_accounts": 40, "grade_allowance": "400元",
                "npl_with_interest": "1%"},
        "wei": {"disbursed_amount": "100万元", "maintained_accounts": 10, "npl_with_interest": "2%"},
        "su": {"grade_allowance": "2000元", "team_completion": "130/300", "team_npl": "1.6%"},
    }  # fmt: skip
    feb: dict[str, dict[str, Any]] = {
        "lin": {"maintained_accounts": 10, "npl_with_interest": "2.6%"},
        "wei": {"disbursed_amount": "110万元", "maintained_accounts": 200, "grade_allowance": "1200元",
                "npl_with_interest": "1.5%"},
        "su": {"team_completion": 1, "team_npl": "3%"},
    }  # fmt: skip
    readings = [
        item
        for period, values in ((JAN, jan), (FEB, feb), (MAR, {payee: {} for payee in jan}))
        for payee in jan
        for item in seen(TAIYUAN, payee, period, **values[payee])
    ]
    people = staff(FOUR, until="2026-04-01")
    return accrued("taiyuan", facts, people, readings, through=lp.Period.month(2027, 8))


def test_a_story_of_taiyuan() -> None:
    """Size, assistance, forfeits, the override and the average, by hand, for two months."""
    earned = story_of_taiyuan()
    pay = {(line.payee, str(line.period)): Fraction(0) for line in earned.lines}
    for line in earned.lines:
        pay[line.payee, str(line.period)] += line.amount.exact

    assert 450 + 800 + 400 == pay["lin", "2026-01"]
    assert (900 + 100 + 200 + 1000) * Fraction("0.7") == pay["wei", "2026-01"]
    assert 2000 + 700 - 500 == pay["su", "2026-01"]
    assert Fraction("1437.33") == pay["bo", "2026-01"]  # 80% of (1650 + 1540 + 2200) / 3
    assert 0 == pay["lin", "2026-02"]  # 2.6% takes all
    assert 600 + 600 + 1000 + 4000 + 1200 == pay["wei", "2026-02"]
    assert 0 == pay["su", "2026-02"]
    assert Fraction("1973.33") == pay["bo", "2026-02"]


def test_a_loan_of_taiyuan_that_is_handed_over_pays_whoever_draws_it() -> None:
    """L5 was opened by lin and drawn by wei; L3 was drawn by wei, and lin who took it over is not paid for it."""
    march = [line for line in story_of_taiyuan().lines if line.period == MAR and line.component == "lead"]

    assert [("wei", "L5", Fraction(150) * 2)] == [(line.payee, line.loan, line.amount.exact) for line in march]


def test_a_deposit_of_taiyuan_is_released_less_what_a_bad_loan_takes() -> None:
    """Of 780 held in February the loan that was lost in March had 63.24; the rest comes back after eighteen months."""
    months = [lp.Period.month(2026 + n // 12, n % 12 + 1) for n in range(20)]
    ledger = settled(story_of_taiyuan(), *months)

    assert 20 == moved(ledger, "su", K.HELD, JAN)
    assert 300 + 480 == moved(ledger, "wei", K.HELD, FEB)
    assert Fraction("63.24") == moved(ledger, "wei", K.FORFEITED, MAR)
    assert 20 == moved(ledger, "su", K.RELEASED, lp.Period.month(2027, 7))
    assert 780 - Fraction("63.24") == moved(ledger, "wei", K.RELEASED, lp.Period.month(2027, 8))
    assert 0 == ledger.balance("wei", currency="CNY").held.exact


# ── Yangquan ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("pay", ["1500", "3000", "5000", "12000"])
def test_client_managers_of_yangquan_leave_a_large_deposit(pay: str, published: Published) -> None:
    """Cases yq-holdback-rm-*: 20, 30, 35 and 40% by slices, for three years."""
    found = case(published, f"yq-holdback-rm-{pay}")
    accounts = int(found["inputs"]["performance_pay"]) // 20
    readings = seen(YANGQUAN, "an", maintained_accounts=accounts)
    earned = accrued("yangquan", [], staff({"an": "officer"}), readings)
    (cohort,) = lp.statement(settled(earned), "an", JAN, earned).held

    assert exact(found["expected"]["holdback"]) == cohort.amount.exact
    assert date(2029, 1, 31) == cohort.next_on


def test_general_managers_of_yangquan_have_wider_slices(published: Published) -> None:
    """Case yq-holdback-gm-12000: the same shares at 5000, 10 000 and 15 000; here without a team."""
    found = case(published, "yq-holdback-gm-12000")
    balance = lp.Quantity(exact(found["inputs"]["performance_pay"]) / Fraction(15, 1000), "CNY")
    people = staff({"gu": "general manager"})
    earned = accrued("yangquan", [], people, seen(YANGQUAN, "gu", team_balance=balance))

    assert exact(found["expected"]["holdback"]) == held(earned, "gu")


def led(published: Published) -> dict[str, Fraction]:
    """The branch of the published general manager: two client managers with 6000 on average, and all leads."""
    inputs = case(published, "yq-general-manager")["inputs"]
    facts = [*drawn("L1", "an", 1000000, "2026-01-31"), *drawn("L2", "bi", 1400000, "2026-01-31")]
    facts += [event(code, "repaid", "2026-01-31", amount) for code, amount in (("L1", "100万元"), ("L2", "140万元"))]
    values = {
        "team_balance": f"{inputs['team_balance']} CNY",
        "overdue_across_months": inputs["cross_month_overdue_loans"],
        "team_overdue_rate": inputs["team_overdue_rate"],
    }
    roles = {"an": "officer", "bi": "officer", "gu": "general manager", "de": "deputy"}
    earned = accrued("yangquan", facts, staff(roles), [item for who in roles for item in seen(YANGQUAN, who, **values)])
    pay = by_payee(earned)
    assert 2 * exact(inputs["team_avg"]) == pay["an"] + pay["bi"]
    return pay


def test_the_general_manager_lives_off_the_team(published: Published) -> None:
    """Case yq-general-manager: twice the average, 15‰ of the balance, 100 for each loan overdue across months."""
    assert exact(case(published, "yq-general-manager")["expected"]["pay"]) == led(published)["gu"]


def test_a_deputy_gets_85_percent_and_not_nothing(published: Published) -> None:
    """Case yq-deputy-gm-intdiv-bug: 85/100 is 0 in integers, a published mistake."""
    expected = case(published, "yq-deputy-gm-intdiv-bug")["expected"]
    pay = led(published)["de"]

    assert exact(expected["by_rule"]) == pay
    assert exact(expected["by_published_code"]) == 85 // 100 != pay


def branch(overdue: Any) -> lp.Accruals:
    """Two client managers and their three leads in January and February, then a handover on 1 March."""
    facts: list[lp.Fact] = [*drawn("L1", "an", 1000000), assigned("L1", "2026-03-01", "bi")]
    roles = {"an": "officer", "bi": "officer", "cy": "supervisor", "gu": "general manager", "de": "deputy"}
    own: dict[str, dict[str, Any]] = {
        "an": {"maintained_accounts": 50, "overdue_loan_days": 3, "committee_approvals": 2},
        "bi": {"maintained_accounts": 300},
    }
    team = {"team_overdue_rate": overdue, "overdue_across_months": 2, "team_balance": "180万元"}
    readings = [item for who in roles for item in seen(YANGQUAN, who, JAN, **team, **own.get(who, {}))]
    late = {"team_overdue_rate": "8.01%", "team_balance": "180万元"}
    readings += [item for who in roles for item in seen(YANGQUAN, who, FEB, **late)]
    readings += [item for who in roles for item in seen(YANGQUAN, who, MAR)]
    return accrued("yangquan", facts, staff(roles), readings, through=MAR)


def test_an_overdue_ratio_that_integer_division_forgave_costs_half(published: Published) -> None:
    """Case yq-supervisor-intdiv-bug: 5/10 is 0 in integers; here 7% overdue takes half of a supervisor's average."""
    found = case(published, "yq-supervisor-intdiv-bug")
    at, clean = (of_component(branch(rate), "cy", "average") for rate in (found["inputs"]["team_overdue_rate"], 0))
    lost = 1 - at / clean

    assert abs(lost - exact(found["expected"]["G2_by_rule"])) < Fraction(1, 100000)  # both are rounded to the fen
    assert abs(lost - exact(found["expected"]["G2_by_published_code"])) > Fraction(1, 4)


def test_a_story_of_yangquan() -> None:
    """A branch at 5% overdue in January and above 8% in February; in March a loan changes hands."""
    earned = branch("5%")
    pay = {(line.payee, line.period): Fraction(0) for line in earned.lines}
    for line in earned.lines:
        pay[line.payee, line.period] += line.amount.exact

    assert 5000 + 500 + 1000 - 30 + 20 == pay["an", JAN]
    assert 6000 == pay["bi", JAN]  # so the average is 6245
    assert Fraction("5901.53") - 200 == pay["cy", JAN]  # 6245 × 1.5 × 70% × 90%, less the fine
    assert (12490 + 27000 - 200) * Fraction(7, 10) == pay["gu", JAN]
    assert (12490 + 27000 - 200) * Fraction(7, 10) * Fraction("0.85") == pay["de", JAN]
    assert 0 == pay["cy", FEB] == pay["gu", FEB] == pay["de", FEB]
    assert [500, 0] == [pay[who, FEB] for who in ("an", "bi")]
    assert [0, 500] == [pay[who, MAR] for who in ("an", "bi")]


def test_a_deposit_of_yangquan_waits_three_years() -> None:
    """400 + 900 + 35% of 1490; the general manager leaves 1000 + 1500 + 1750 + 40% of 12 503, a supervisor nothing."""
    earned = branch("5%")
    ledger = settled(earned, JAN)
    (cohort,) = lp.statement(ledger, "an", JAN, earned).held

    assert Fraction("1821.50") == cohort.amount.exact
    assert (date(2029, 1, 31), cohort.amount) == (cohort.next_on, cohort.next_amount)
    assert Fraction("9251.20") == moved(ledger, "gu", K.HELD, JAN)
    assert 0 == moved(ledger, "cy", K.HELD, JAN)


# ── Jinan ───────────────────────────────────────────────────────────────────────────────────────────────────


def margin(code: str, officer: str, amount: Any, collateral: str, rates: str = "7% 3%") -> list[lp.Fact]:
    """A loan drawn on 1 January, with what the customer pays and what the money costs."""
    interest, funding = rates.split()
    return drawn(code, officer, amount, collateral=collateral, interest_rate=interest, funding_rate=funding)


JI = staff({"ji": "officer"})
WU = staff({"wu": "officer"}, tier="external")


def test_a_margin_is_shared_by_collateral(published: Published) -> None:
    """Case jn-profit-share: a guaranteed loan at A = 10% and R = 80%, rounded half up to the fen."""
    found = case(published, "jn-profit-share")
    inputs = found["inputs"]
    assert exact("0.08") == exact(inputs["A"]) * exact(inputs["R"])
    rates = f"{inputs['product_rate']} {inputs['ftp']}"
    earned = accrued("jinan", margin("L1", "ji", inputs["avg_daily_balance"], "guarantee", rates), JI)

    assert exact(found["expected"]["profit_share"]) == by_payee(earned)["ji"]


@pytest.mark.parametrize(("loans", "bonus"), [(0, 0), (1, 0), (2, 500), (3, 500)])
def test_two_loans_a_month_earn_the_basic_task(loans: int, bonus: int, published: Published) -> None:
    """Case jn-basic-task-bonus: 500 from the second loan on, once; a published 2 loans is among these."""
    found = case(published, "jn-basic-task-bonus")
    facts = [fact for number in range(loans) for fact in margin(f"L{number}", "wu", 1000, "credit")]
    earned = accrued("jinan", facts, WU)

    assert bonus == of_component(earned, "wu", "task")
    assert loans != found["inputs"]["loans"] or bonus == exact(found["expected"]["bonus"])


def test_a_risk_post_is_paid_by_the_case(published: Published) -> None:
    """Case jn-risk-post: 30 each."""
    found = case(published, "jn-risk-post")
    readings = seen(["committee_cases"], "ri", committee_cases=found["inputs"]["approved_cases"])
    earned = accrued("jinan", [], staff({"ri": "risk officer"}), readings)

    assert exact(found["expected"]["pay"]) == by_payee(earned)["ri"]


def share_of(pay: Any) -> lp.Accruals:
    """A January in which ji earns an amount: 4% / 12 × 10% of a balance."""
    return accrued("jinan", margin("L1", "ji", int(pay) * 3000, "mortgage"), JI)


@pytest.mark.parametrize("code", ["jn-holdback-4000", "jn-holdback-8000"])
def test_jinan_holds_up_to_half(code: str, published: Published) -> None:
    """10, 20, 30, 40 and 50% by slices."""
    found = case(published, code)
    assert exact(found["expected"]["holdback"]) == held(share_of(found["inputs"]["performance_pay"]), "ji")


def test_the_first_slice_of_jinan_is_a_share_and_no_flat_amount() -> None:
    """The published code holds 200 of 1000, and of a loss too."""
    assert 100 == held(share_of(1000), "ji")


def test_jinan_releases_a_third_in_the_fourth_year(published: Published) -> None:
    """Case jn-release-one-third: 3000 of the 9000 held of 24 000; thirds of a cohort, not of a running sum."""
    found = case(published, "jn-release-one-third")
    earned = share_of(24000)
    (cohort,) = lp.statement(settled(earned), "ji", JAN, earned).held

    assert exact(found["inputs"]["year_end_total"]) == cohort.amount.exact
    assert date(2029, 1, 31) == cohort.next_on
    assert cohort.next_amount is not None
    assert exact(found["expected"]["release_year_4"]) == cohort.next_amount.exact


def test_a_story_of_jinan() -> None:
    """A mortgage, a credit and a guaranteed loan; the credit loan is lost in February and changes hands in March."""
    facts = [
        *margin("M1", "ji", 1200000, "mortgage", "6% 3%"),
        *margin("C1", "wu", 600000, "credit", "8% 3%"),
        *margin("G1", "wu", 500000, "guarantee", "7% 3%"),
        event("C1", "written off", "2026-02-01", "60万元"),
        assigned("G1", "2026-03-15", "ji"),
    ]  # fmt: skip
    people = lp.Organisation(assignments=[*JI.assignments, *WU.assignments])
    earned = accrued("jinan", facts, people, through=MAR)
    ledger = settled(earned, JAN, FEB, MAR)

    assert 300 == moved(ledger, "ji", K.EARNED, JAN)
    assert 30 == moved(ledger, "ji", K.HELD, JAN)
    assert 150 + Fraction("133.33") + 500 == moved(ledger, "wu", K.EARNED, JAN)
    assert Fraction("78.33") == moved(ledger, "wu", K.HELD, JAN)
    assert 15 == moved(ledger, "wu", K.FORFEITED, FEB)  # what was held for C1
    assert Fraction("133.33") == moved(ledger, "wu", K.EARNED, FEB)  # no second loan, nothing outstanding of C1
    assert 0 == moved(ledger, "wu", K.EARNED, MAR)
    assert 300 + Fraction("133.33") == moved(ledger, "ji", K.EARNED, MAR)
    three = [cohort.next_amount for cohort in lp.statement(ledger, "ji", MAR, earned).held]
    assert [10, 10, Fraction("14.44")] == [part.exact for part in three if part is not None]


# ── stages and desks ────────────────────────────────────────────────────────────────────────────────────────


def test_corporate_loans_are_paid_in_two_stages(published: Published) -> None:
    """Case seed-stage-20-80: 20% when due diligence is complete, 80% when the loan is drawn."""
    found = case(published, "seed-stage-20-80")
    amount = lp.Money.of(str(exact(found["inputs"]["bonus"]) * 100), "CNY")
    facts: list[lp.Fact] = [
        loan("L1", on="2026-01-02", amount=amount, segment="corporate"),
        event("L1", "due diligence", "2026-01-20"),
        event("L1", "disbursed", "2026-02-10", amount),
    ]
    ledger = settled(accrued("corporate-20-80", facts, OFFICER, through=FEB), JAN, FEB)

    assert exact(found["expected"]["due_diligence_completed"]) == moved(ledger, "lin", K.EARNED, JAN)
    assert exact(found["expected"]["disbursed"]) == moved(ledger, "lin", K.EARNED, FEB)


def test_a_corporate_deal_that_dies_gives_its_stage_back() -> None:
    """The loan is cancelled after 2000 were paid: they are clawed back, and owed."""
    facts: list[lp.Fact] = [
        loan("L1", on="2026-01-02", amount="100万元", segment="corporate"),
        event("L1", "due diligence", "2026-01-20"),
        event("L1", "cancelled", "2026-02-10"),
    ]
    ledger = settled(accrued("corporate-20-80", facts, OFFICER, through=FEB), JAN, FEB)

    assert 2000 == moved(ledger, "lin", K.CLAWED_BACK, FEB)
    assert 2000 == ledger.balance("lin", currency="CNY").owed.exact


def test_newcomers_are_supported_for_three_months() -> None:
    """Half the quota in the first month makes the accelerator reachable; a month without loans still pays 4000."""
    facts = drawn("L1", "xu", 2000000, "2026-01-10")
    ledger = settled(accrued("differentiated", facts, staff({"xu": "new hire"}), through=APR), JAN, FEB, MAR, APR)

    assert 1500 + 6000 == moved(ledger, "xu", K.EARNED, JAN)  # 0.3% of 500 000, 0.4% of the rest
    assert 0 == moved(ledger, "xu", K.GUARANTEE, JAN)
    assert [4000, 4000, 0] == [moved(ledger, "xu", K.GUARANTEE, month) for month in (FEB, MAR, APR)]


def test_seniors_earn_more_above_their_target() -> None:
    """0.3% of the target, 0.45% to one and a half of it, 0.6% above; a fifth is kept for a year."""
    earned = accrued("differentiated", drawn("L1", "qi", 5000000), staff({"qi": "senior"}))

    assert 9000 + 6750 + 3000 == by_payee(earned)["qi"]
    assert 3750 == held(earned, "qi")


@pytest.mark.parametrize(("npl", "share"), [("2%", "10%"), ("3%", "5%"), ("3.01%", "0%")])
def test_team_leads_share_in_the_team_and_its_bad_loans(npl: str, share: str) -> None:
    """A tenth of what the team is paid, less what its NPL ratio forfeits."""
    readings = seen(["npl_ratio"], "tu", npl_ratio=npl)
    facts = drawn("L1", "qi", 1000000)
    earned = accrued("differentiated", facts, staff({"qi": "senior", "tu": "team lead"}), readings)

    assert 3000 * lp.quantity(share).value == by_payee(earned)["tu"]


PERSONAL = staff({"pe": "officer"}, product_line="personal")


def test_a_desk_is_paid_by_product_and_by_stages() -> None:
    """Personal: unsecured loans at less than mortgages; corporate: in two stages, held until the loan is repaid."""
    facts = [
        *drawn("M1", "pe", 1000000, segment="personal", product="mortgage"),
        *drawn("U1", "pe", 1000000, segment="personal", product="unsecured"),
        *drawn("K1", "ko", 10000000, segment="corporate"),
        event("K1", "due diligence", "2026-01-01"),
        event("K1", "repaid", "2026-03-10", "1000万元"),
    ]
    corporate = staff({"ko": "officer"}, product_line="corporate")
    people = lp.Organisation(assignments=[*PERSONAL.assignments, *corporate.assignments])
    earned = accrued("differentiated", facts, people, through=MAR)
    ledger = settled(earned, JAN, FEB, MAR)

    assert {"pe": 3000 + 2000, "ko": 20000} == by_payee(earned)
    assert 4000 == moved(ledger, "ko", K.HELD, JAN)
    assert 4000 == moved(ledger, "ko", K.RELEASED, MAR)


def test_a_lower_rate_holds_for_loans_that_are_opened_after_it() -> None:
    """Where unsecured loans turn bad their rate is cut in a new version; those opened before keep theirs."""
    scheme = lp.template("differentiated")
    text = lp.schemes.template_text("differentiated").replace(
        '"unsecured" }, rate = "0.2%"', '"unsecured" }, rate = "0.1%"'
    )
    later = evolve(lp.parse_scheme(text), effective=date(2026, 2, 1))
    terms = {"segment": "personal", "product": "unsecured"}
    facts = [*drawn("U2", "pe", 1000000, "2026-02-01", **terms), loan("U1", officer="pe", on="2026-01-31", **terms)]
    facts.append(event("U1", "disbursed", "2026-02-01", "100万元"))
    plans = lp.SchemeBook([scheme, later]).plans()
    earned = lp.accrue(lp.Facts.of(facts), plans, PERSONAL, through=FEB)

    assert {"U1": 2000, "U2": 1000} == {line.loan: line.amount.exact for line in earned.lines}


def test_a_year_s_retention_is_the_desk_s(published: Published) -> None:
    """Case hubei-retention-20: a fifth is held and comes back after a year."""
    found = case(published, "hubei-retention-20")
    pay = exact(found["expected"]["implied_performance_pay"])
    facts = drawn("U1", "pe", int(pay * 500), segment="personal", product="unsecured")
    earned = accrued("differentiated", facts, PERSONAL)
    (cohort,) = lp.statement(settled(earned), "pe", JAN, earned).held

    assert exact(found["inputs"]["retained"]) == cohort.amount.exact
    assert (date(2027, 1, 31), cohort.amount) == (cohort.next_on, cohort.next_amount)


# ── Regulation Z ────────────────────────────────────────────────────────────────────────────────────────────


def originated(amounts: Iterable[Any], **more: Any) -> dict[str, Fraction]:
    """What each loan of a month earns."""
    dollars = [lp.Money.of(str(amount), "USD") for amount in amounts]
    facts = [fact for number, amount in enumerate(dollars) for fact in drawn(f"L{number}", "lin", amount)]
    earned = accrued("us-loan-officer", facts, staff({"lin": "loan officer"}, **more))
    return {line.loan: line.amount.exact for line in earned.lines}


def test_a_percentage_has_a_least_and_a_most(published: Published) -> None:
    """Case regz-pct-minmax: 1% of each loan, 1000 at least and 5000 at most."""
    found = case(published, "regz-pct-minmax")
    expected = [exact(amount) for amount in found["expected"]["compensation"]]

    assert expected == list(originated(found["inputs"]["loans"]).values())


def test_the_volume_of_the_month_decides_the_rate_of_all_of_it(published: Published) -> None:
    """Case regz-monthly-volume-tier: 1.2% of all from 500 000, 1% of all below."""
    found = case(published, "regz-monthly-volume-tier")
    for volume, expected in zip(found["inputs"]["monthly_volume"], found["expected"]["commission"], strict=True):
        halves = [exact(volume) / 2] * 2
        assert exact(expected) == sum(originated(map(int, halves), tier="volume").values())


def test_records_are_kept_for_three_years(published: Published) -> None:
    """Case regz-retention-3y: a payment of 5 June is kept through 4 June three years on, the last of 36 months."""
    found = case(published, "regz-retention-3y")
    paid = [date.fromisoformat(day) for day in found["inputs"]["payments"]]
    kept = [lp.Period(on, lp.schemes.Tenor(36).after(on)).last_day.isoformat() for on in paid]

    assert found["expected"]["retain_through"] == kept
