"""Loans that no component pays: each is listed once, with the reason; no loan is dropped without a word."""

from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.books import book_of
from tests.deals import READINGS, STAFF, THROUGH, TREE, books, dated_plans, ruled_plans
from tests.loans import accrued, assigned, by_payee, clean, component, dated, event, loan, where

import loanperf as lp
from loanperf._commission import UNPAID

MARCH = lp.Period.month(2026, 3)
NEW = (where("product", "new"),)
LONG = lp.schemes.Where(field="term_months", above=lp.quantity(12))
PAIR = lp.Organisation(
    assignments=[
        lp.Assignment(payee="lin", unit="east", role="officer", since="2020-01-01", until="2026-03-10"),
        lp.Assignment(payee="lin", unit="east", role="clerk", since="2026-03-10"),
        lp.Assignment(payee="wu", unit="east", role="officer", since="2020-01-01"),
    ]
)
TWENTY: dict[str, Any] = {
    "base": "count",
    "curve": lp.schemes.Curve.of([["0", "0 CNY"], ["20", "15 CNY"]], shape="step"),
    "tiers": lp.schemes.Tiers(by="count", applies="flat", accumulates="period"),
}
NOTHING_ABOVE = lp.schemes.Curve.of([["0%", "0%"], ["2%", "100%"]], shape="step")


def said(*facts: lp.Fact, plans: Any = (), staff: lp.Organisation = PAIR, **more: Any) -> list[tuple[str, ...]]:
    """Who is not paid for which loan, since when, why in a word, and why in both languages."""
    found = accrued(facts, *plans, staff=staff, **more)
    return [(item.payee, item.loan, str(item.period), item.by, item.reason.en, item.reason.zh) for item in found.unpaid]


def sold(code: str = "L1", on: str = "2026-03-05", amount: str = "1000 CNY", **terms: Any) -> list[lp.Fact]:
    """A loan of wu's that is opened on 1 March and drawn later."""
    return [loan(code, **({"officer": "wu"} | terms)), event(code, "disbursed", on, amount)]


def only(item: lp.schemes.Component, **fields: Any) -> list[lp.schemes.DatedPlan]:
    """A plan of one component, for officers."""
    return [dated(item, role="officer", **fields)]


REASONS: dict[str, tuple[list[lp.Fact], list[lp.schemes.DatedPlan], list[tuple[str, ...]]]] = {
    "a condition on a word": (
        sold(product="renewal"),
        only(component(rate="1%", where=NEW)),
        [
            (
                "wu",
                "L1",
                "2026-03",
                "condition",
                "its product is 'renewal', and must be 'new'",
                "产品为 renewal，须为 new",
            )
        ],
    ),
    "a slip in a condition on a word that has a name": (
        sold(segment="personal"),
        only(component(rate="1%", where=(lp.schemes.Where(field="segment", values=("personall",)),))),
        [
            (
                "wu",
                "L1",
                "2026-03",
                "condition",
                "its segment is 'personal', and must be 'personall'",
                "客群为 个人（personal），须为 personall",
            )
        ],
    ),
    "a condition on what is not stated": (
        sold(),
        only(component(rate="1%", where=NEW)),
        [("wu", "L1", "2026-03", "condition", "its product is not stated, and must be 'new'", "产品未填，须为 new")],
    ),
    "a condition on a bound": (
        sold(),
        only(component(rate="1%", where=(lp.schemes.Where(field="amount", at_least=lp.quantity("5000 CNY")),))),
        [
            (
                "wu",
                "L1",
                "2026-03",
                "condition",
                "its amount is 1000, and must be at least 5000 CNY",
                "金额为 1,000，须不低于 5,000 元",
            )
        ],
    ),
    "conditions of two components, each with its name": (
        sold(product="car", term_months=6),
        [
            dated(
                component(code="new", name=lp.Label("new loans", "新增贷款"), rate="1%", where=NEW),
                component(
                    code="long",
                    rate="1%",
                    where=(lp.schemes.Where(field="term_months", above=lp.quantity(12)),),
                    base="contracted",
                ),
                role="officer",
            )
        ],
        [
            (
                "wu",
                "L1",
                "2026-03",
                "condition",
                (
                    "new loans: its product is 'car', and must be 'new';"
                    " long: its term in months is 6, and must be above 12"
                ),
                "新增贷款：产品为 car，须为 new；long：期限（月）为 6，须高于 12",
            )
        ],
    ),
    "no plan on the day that decides, where one fitted when the loan was credited": (
        [loan("L1", officer="lin"), event("L1", "disbursed", "2026-03-20", "1000 CNY")],
        only(component(rate="1%"), selected_at="disbursed"),
        [
            (
                "lin",
                "L1",
                "2026-03",
                "no plan",
                "no plan fits role 'clerk', unit 'east' on 2026-03-20 (disbursed), the day that decides",
                "方案选定日 2026-03-20（放款）无适用于岗位 clerk、机构 east 的方案",
            )
        ],
    ),
    "no plan in force yet": (
        [loan("L1", officer="wu", on="2025-12-31"), event("L1", "disbursed", "2026-03-05", "1000 CNY")],
        only(component(rate="1%")),
        [
            (
                "wu",
                "L1",
                "None",
                "no plan",
                "no plan was in force on 2025-12-31 (opened), the day that decides",
                "方案选定日 2025-12-31（受理）尚无生效方案",
            )
        ],
    ),
    "a plan that is not chosen yet": (
        [loan("L1", officer="wu")],
        only(component(rate="1%"), selected_at="signed"),
        [
            (
                "wu",
                "L1",
                "None",
                "not chosen",
                "it waits for the milestone signed, whose day decides which plan holds",
                "等待签约，方案于该日选定",
            )
        ],
    ),
    "below the least of a tier": (
        sold(),
        only(component(**TWENTY)),
        [
            (
                "wu",
                "L1",
                "2026-03",
                "minimum",
                (
                    "below the minimum: loans of the period: 0 before, 1 after; tier: 0 CNY from 0;"
                    " next: 15 CNY from 20, 19 to go"
                ),
                "未达起付标准：本期累计笔数：此前 0，计入后 1；所在档次：0 起 0 元；下一档：20 起 15 元，还差 19",
            )
        ],
    ),
    "a rate of nothing": (
        sold(),
        only(component(rate="0%")),
        [("wu", "L1", "2026-03", "minimum", "below the minimum: 1000 × 0% = 0", "未达起付标准：1,000 × 0% = 0")],
    ),
    "a cap of nothing": (
        sold(),
        only(component(rate="1%"), most=lp.schemes.Cap(most="0 CNY", excess="lost")),
        [
            (
                "wu",
                "L1",
                "2026-03",
                "limits",
                "nothing is left of 10: cap 0 CNY: 10 is lost",
                "10 经调整后为零：封顶 0 元：超出 10（不予发放）",
            )
        ],
    ),
    "another officer": (
        [
            loan("L1", officer="wu"),
            assigned("L1", "2026-03-03", "lin"),
            event("L1", "disbursed", "2026-04-05", "7 CNY"),
        ],
        only(component(rate="1%")),
        [("wu", "L1", "2026-04", "officer", "lin held it on 2026-04-05", "2026-04-05 贷款归属 lin")],
    ),
    "another officer at the end of each month, of a balance": (
        [*sold(), assigned("L1", "2026-03-20", "lin")],
        [dated(component(base="balance", rate="1%", year_part="months/12"))],
        [("wu", "L1", "2026-03", "officer", "lin held it on 2026-12-31", "2026-12-31 贷款归属 lin")],
    ),
    "another officer, before anything is due": (
        [loan("L1", officer="wu"), assigned("L1", "2026-04-03", "lin")],
        [dated(component(rate="1%"))],
        [("wu", "L1", "2026-04", "officer", "lin held it on 2026-12-31", "2026-12-31 贷款归属 lin")],
    ),
    "who took it over, where the plan pays who began it": (
        [
            loan("L1", officer="wu"),
            assigned("L1", "2026-03-03", "lin"),
            event("L1", "disbursed", "2026-03-05", "7 CNY"),
        ],
        only(component(rate="100%", held_at="origination")),
        [
            (
                "lin",
                "L1",
                "2026-03",
                "officer",
                "the plan pays who began the loan, wu",
                "方案按经办客户经理计提，经办客户经理为 wu",
            )
        ],
    ),
    "credited to somebody else": (
        [*sold(officer="wu"), lp.Credit(loan="L1", payee="lin", on="2026-03-01")],
        only(component(rate="1%")),
        [("wu", "L1", "2026-03", "officer", "the loan is credited to lin", "贷款归属 lin")],
    ),
    "no part for a kind of credit": (
        [*sold(), lp.Credit(loan="L1", payee="lin", on="2026-03-01", role="assistant")],
        [
            dated(component(rate="1%"), code="officers", role="officer"),
            dated(component(rate="1%", split=(("lead", "60%"), ("assistant", "40%"))), code="others", role="other"),
        ],
        [
            (
                "lin",
                "L1",
                "2026-03",
                "credit",
                "the plan has no part for the credit of assistant",
                "方案未设 协办 分成",
            )
        ],
    ),
    "cancelled before anything was due": (
        [loan("L1", officer="wu"), event("L1", "cancelled", "2026-04-05")],
        only(component(rate="1%")),
        [
            (
                "wu",
                "L1",
                "2026-04",
                "ended",
                "it was cancelled on 2026-04-05, before anything of it was due",
                "2026-04-05 撤销，此前无应计",
            )
        ],
    ),
    "a plan that pays nothing for loans": (
        sold(),
        only(component(code="pay", base="fixed", rate="5 CNY")),
        [
            (
                "wu",
                "L1",
                "2026-03",
                "base",
                "plan plan pays nothing for a single loan",
                "方案 plan 不按单笔贷款计提",
            )
        ],
    ),
    "no balance": (
        [loan("L1", officer="wu")],
        only(component(base="balance", rate="1%")),
        [("wu", "L1", "2026-03", "balance", "it has no balance that is paid for", "无可计提余额")],
    ),
}


@pytest.mark.parametrize("name", REASONS)
def test_a_loan_that_nothing_pays_says_why(name: str) -> None:
    """It is listed in the period in which it first falls due, once, in both languages."""
    facts, plans, expected = REASONS[name]
    assert expected == said(*facts, plans=plans)
    found = accrued(facts, *plans, staff=PAIR)
    assert [(item.payee, item.loan) for item in found.unpaid] == [row[:2] for row in expected]


NO_PLAN: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "another role": ({"role": "clerk"}, {"role": "officer"}, {}),
    "another product line": ({"product_line": "home"}, {"product_line": "car"}, {}),
    "another tier": ({"tier": "B"}, {"tier": "A"}, {}),
    "another unit": ({"unit": "west"}, {"unit": "east"}, {}),
    "a plan that ended": ({}, {}, {"until": "2026-03-10"}),
    "a version that ended, before one for others": ({}, {}, {"until": "2026-03-10"}),
}


@pytest.mark.parametrize("name", NO_PLAN)
def test_no_plan_on_the_selection_date_is_told_where_one_fitted_before(name: str) -> None:
    """Credited on 1 March under a plan, selected on 20 March under none: listed, and nothing else is held up."""
    then, asked, ends = NO_PLAN[name]
    was: dict[str, Any] = {"payee": "lin", "unit": "east", "role": "officer", "product_line": "car", "tier": "A"}
    people = lp.Organisation(
        units=[lp.Unit(code="east"), lp.Unit(code="west")],
        assignments=[
            lp.Assignment(**was, since="2020-01-01", until="2026-03-10"),
            lp.Assignment(**(was | then), since="2026-03-10"),
        ],
    )
    plans = [dated(component(rate="1%"), selected_at="disbursed", **asked, **ends)]
    if "others" in name:
        plans.append(dated(component(rate="1%"), selected_at="disbursed", since="2026-03-10", role="head"))
    facts = [*sold("L1", "2026-03-20", officer="lin"), *sold("L2", "2026-03-05", officer="lin")]
    found = clean(facts, *plans, staff=people, through="2026-03")
    assert {"lin": 10} == by_payee(found)
    assert [("L1", "no plan", MARCH)] == [(item.loan, item.by, item.period) for item in found.unpaid]


def test_a_loan_in_a_tier_that_is_reached_later_is_paid() -> None:
    """Twenty loans pay 300 on the line of the twentieth: those before it are paid, though their lines are zero."""
    facts = [fact for place in range(20) for fact in sold(f"L{place:02}", f"2026-03-{place + 1:02}")]
    found = clean(facts, *only(component(**TWENTY)), staff=PAIR)
    assert {"wu": 300} == by_payee(found)
    assert () == found.unpaid
    marginal = component(**(TWENTY | {"tiers": lp.schemes.Tiers(by="count", applies="marginal", accumulates="period")}))
    found = clean([*facts, *sold("L20", "2026-03-25")], *only(marginal), staff=PAIR)
    assert {"wu": 15} == by_payee(found)
    assert [f"L{place:02}" for place in range(20)] == [item.loan for item in found.unpaid]


def test_a_balance_in_a_tier_that_another_reaches_is_paid() -> None:
    """Two balances of 1 000 are below and above 1 500: 2% of both is paid on the line of the second."""
    tiers = lp.schemes.Tiers(by="amount", applies="flat", accumulates="period")
    item = component(
        base="balance", curve=lp.schemes.Curve.of([["0 CNY", "0%"], ["1500 CNY", "2%"]], shape="step"), tiers=tiers
    )
    facts = [*sold("L1", "2026-03-01"), *sold("L2", "2026-03-01")]
    found = clean(facts, *only(item), staff=PAIR, through="2026-03")
    assert {"wu": 40} == by_payee(found)
    assert () == found.unpaid
    alone = clean(facts[:2], *only(item), staff=PAIR, through="2026-03")
    assert [("L1", "minimum")] == [(item.loan, item.by) for item in alone.unpaid]


def test_a_loan_is_listed_once_and_counted_afterwards() -> None:
    """March lists what fell due in it; April, worked from the same facts, does not say it again."""
    plans = only(component(rate="1%", where=NEW))
    facts = [*sold("L1", product="renewal"), *sold("L2", "2026-04-05", product="renewal"), loan("L3", officer="wu")]
    for month, listed, besides in (
        ("2026-03", ["L1"], 2),
        ("2026-04", ["L2"], 2),
        ("2026-05", [], 3),
    ):
        found = clean(facts, *plans, staff=PAIR, through=month)
        period = lp.Period.parse(month)
        sheet = lp.statement(lp.Ledger(), "wu", period, found)
        assert listed == [item.loan for item in sheet.unpaid]
        assert (("condition", besides),) == sheet.unpaid_besides
        assert f"other loans that are not paid: {besides} (a condition of the plan is not met)" in sheet.text()
        assert f"其他未计提贷款：不符合方案条件 {besides} 笔" in sheet.text("zh")
    march = lp.statement(lp.Ledger(), "wu", MARCH, clean(facts, *plans, staff=PAIR, through="2026-03"))
    assert "loan L1 is not paid: its product is 'renewal', and must be 'new'" in march.text()
    assert "贷款 L1 未计提：产品为 renewal，须为 new" in march.html("zh")
    once = {"payee": "wu", "loan": "L1", "on": "2026-03-05", "period": "2026-03", "by": "condition"}
    assert [once] == [{key: value for key, value in item.items() if key != "reason"} for item in march.data()["unpaid"]]


@pytest.mark.parametrize("how", ["handed over", "credited"])
def test_a_loan_that_comes_to_somebody_later_is_listed_from_then_on(how: str) -> None:
    """L1 of March is lin's from April on, whose plan pays for no loans: April lists it, where March could not."""
    office = dated(component(base="fixed", rate="50 CNY"), code="office", role="clerk")
    lending = dated(component(rate="1%", where=NEW, split=(("lead", "70%"), ("second", "30%"))), role="officer")
    later = {
        "handed over": assigned("L1", "2026-04-10", "lin"),
        "credited": lp.Credit(loan="L1", payee="lin", on="2026-04-10", role="second"),
    }
    facts = [*sold(product="renewal"), later[how]]
    march, april = (clean(facts, lending, office, staff=PAIR, through=month) for month in ("2026-03", "2026-04"))
    assert [("wu", "2026-03")] == [(item.payee, str(item.period)) for item in march.unpaid]
    assert ("lin", "2026-04", "2026-04-10") in [(item.payee, str(item.period), str(item.on)) for item in april.unpaid]


# ── nothing is dropped ──────────────────────────────────────────────────────────────────────────────────────


def nobody_is_forgotten(facts: list[lp.Fact], plans: list[lp.schemes.DatedPlan], staff: lp.Organisation) -> None:
    """Everybody who has to do with a loan is paid for it, waits, has a problem, or is told why not, and once."""
    given = lp.Facts.of(facts)
    found = lp.accrue(given, plans, staff, through=THROUGH, readings=READINGS)
    last = THROUGH.last_day
    opened = {fact.loan: fact.officer for fact in given if isinstance(fact, lp.Loan) and fact.opened_on <= last}
    concerned = {(officer, code) for code, officer in opened.items()}
    since = {(fact.officer, fact.loan): fact.opened_on for fact in given if isinstance(fact, lp.Loan)}
    for fact in given:
        match fact:
            case lp.Credit(loan=code, payee=payee) if fact.on <= last and code in opened:
                concerned.add((payee, code))
                since[payee, code] = min(fact.on, since.get((payee, code), fact.on))
            case lp.LoanEvent(loan=code, officer=str(officer)) if fact.on <= last and code in opened:
                concerned.add((officer, code))
                since[officer, code] = min(fact.on, since.get((officer, code), fact.on))
            case _:
                pass
    paid = {(line.payee, line.loan) for line in found.lines}
    money = {(line.payee, line.loan) for line in found.lines if line.amount.units}
    waiting = {(item.payee, item.loan) for item in found.waiting}
    unpaid = [(item.payee, item.loan) for item in found.unpaid]
    assert len(unpaid) == len(set(unpaid))
    assert set() == set(unpaid) & (money | waiting)
    assert set(unpaid) <= concerned
    assert all(item.on is None or since[item.payee, item.loan] <= item.on for item in found.unpaid)
    missing = concerned - paid - waiting - set(unpaid)
    faulty = {(problem.payee, problem.loan) for problem in found.problems}
    assert [] == [
        pair
        for pair in sorted(missing)
        if not (pair[0] in found.blocked and found.why[pair[0]]) and pair not in faulty and ("", pair[1]) not in faulty
    ]
    assert all(item.reason.en and item.reason.zh for item in found.unpaid)


def test_every_reason_has_words_and_is_counted() -> None:
    """A reason that is added without words would be left out of the counts on statements without a word."""
    by = get_args(get_type_hints(lp.Unpaid)["by"])

    assert list(by) == [reason for reason in by if reason in UNPAID and UNPAID[reason].zh]


def test_a_loan_at_a_reading_that_pays_nothing_is_listed() -> None:
    """Where an NPL ratio of 5% pays 0%, no other loan can lift it, though the same ladder pays 1% from 0% on."""
    ladder = lp.schemes.Curve.of([["0%", "1%"], ["3%", "0%"]], shape="step")
    tiers = lp.schemes.Tiers(by="indicator", indicator="npl_ratio", applies="flat")
    readings = [lp.Reading.of("npl_ratio", "5%", subject="wu", period=MARCH)]

    expected = ("wu", "L1", "2026-03", "minimum")
    found = said(*sold(), plans=only(component(curve=ladder, tiers=tiers)), readings=readings)
    assert [expected] == [item[:4] for item in found]


@settings(max_examples=40)
@given(ruled_plans(), books(plain=False), st.sampled_from([STAFF, TREE]))
def test_no_loan_is_dropped_without_a_word(
    plans: list[lp.schemes.DatedPlan], facts: list[lp.Fact], staff: lp.Organisation
) -> None:
    """Caps, floors, gates, splits, credits, hand-overs, ramps, teams, two versions, and events in any order."""
    nobody_is_forgotten(facts, plans, staff)


@given(st.one_of(dated_plans(), ruled_plans()), books(plain=False), st.sampled_from([STAFF, TREE]))
def test_facts_of_tables_list_the_same_as_rows(
    plans: list[lp.schemes.DatedPlan], facts: list[lp.Fact], staff: lp.Organisation
) -> None:
    """Each loan that is not paid, with its reason, however its facts came."""
    expected = lp.accrue(lp.Facts.of(facts), plans, staff, through=THROUGH, readings=READINGS)
    found = lp.accrue(book_of(facts), plans, staff, through=THROUGH, readings=READINGS)
    assert expected.unpaid == found.unpaid
