"""Credits: whose loan it is, in exact parts; and the pay of leads out of the pay of their teams."""

from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from tests.loans import (
    LIN,
    accrued,
    assigned,
    by_payee,
    by_period,
    clean,
    component,
    dated,
    drawn,
    earned,
    event,
    loan,
    reading,
    where,
)

import loanperf as lp

TEAM = lp.Organisation(
    assignments=[
        lp.Assignment(payee=payee, unit="east", role="officer", since="2020-01-01")
        for payee in ("lin", "wei", "zhao", "chen")
    ]
)
THREE = (("lead", "60%"), ("assistant", "30%"), ("referrer", "10%"))


def credited(payee: str, role: str, share: str | None = None, code: str = "L1") -> lp.Fact:
    """A part in a loan, known from the day it was opened."""
    return lp.Credit(loan=code, payee=payee, on="2026-03-01", role=role, share=share)


def shared(*parts: lp.Fact, amount: str = "100万", **fields: Any) -> lp.Accruals:
    """What a loan at 1% comes to for those who have a part in it."""
    facts: list[lp.Fact] = [*drawn(f"{amount[:-1]}0000" if amount.endswith("万") else amount), *parts]
    return clean(facts, dated(component(**{"rate": "1%"} | fields)), staff=TEAM)


# ── parts of a loan ─────────────────────────────────────────────────────────────────────────────────────────


def test_lead_assistant_and_referrer_share_a_loan() -> None:
    """10 000 in parts of 60, 30 and 10 per cent; the parts sum to the whole."""
    found = shared(credited("lin", "lead"), credited("wei", "assistant"), credited("zhao", "referrer"), split=THREE)
    assert {"lin": 6000, "wei": 3000, "zhao": 1000} == by_payee(found)


def test_a_part_that_nobody_has_goes_to_the_lead_or_to_nobody() -> None:
    """Without a referrer the tenth is the lead's, or unpaid: the plan says which, and the difference is money."""
    parts = [credited("lin", "lead"), credited("wei", "assistant")]
    assert {"lin": 7000, "wei": 3000} == by_payee(shared(*parts, split=THREE, unfilled="lead"))
    assert {"lin": 6000, "wei": 3000} == by_payee(shared(*parts, split=THREE, unfilled="unpaid"))


def test_the_officer_is_lead_where_no_lead_is_stated() -> None:
    """An assistant alone does not take the loan from its officer."""
    assert {"lin": 7000, "wei": 3000} == by_payee(shared(credited("wei", "assistant"), split=THREE))


def test_full_credit_is_paid_to_each() -> None:
    """With full credit two people are paid for one whole loan; the plan says so, for the sum is above 100%."""
    split = (("lead", "100%"), ("assistant", "100%"))
    found = shared(credited("lin", "lead"), credited("wei", "assistant"), split=split, credited="full")
    assert {"lin": 10000, "wei": 10000} == by_payee(found)


def test_two_leads_share_by_their_parts_or_equally() -> None:
    """70 and 30 per cent as stated; halves where nothing is."""
    assert {"lin": 7000, "wei": 3000} == by_payee(
        shared(credited("lin", "lead", "70%"), credited("wei", "lead", "30%"))
    )
    assert {"lin": 5000, "wei": 5000} == by_payee(shared(credited("lin", "lead"), credited("wei", "lead")))


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        (("70%", "20%"), "the shares of its lead credits sum to 90%"),
        (("70%", "40%"), "the shares of its lead credits sum to 110%"),
        (("70%", None), "of 2 lead credits 1 state a share"),
    ],
)
def test_parts_that_do_not_sum_are_a_problem(parts: tuple[str, str | None], fault: str) -> None:
    """The loan is named, nobody is paid for it by guess, and both payees are blocked."""
    facts = [*drawn(1000), credited("lin", "lead", parts[0]), credited("wei", "lead", parts[1])]
    found = accrued(facts, dated(component(rate="1%")), staff=TEAM)
    (problem,) = found.problems
    assert "loan L1" in problem.where
    assert fault in problem.fault
    assert ((), {"lin", "wei"}) == (found.lines, {*found.blocked})


def test_the_remainder_of_a_split_goes_to_the_largest_remainder() -> None:
    """100.00 among three equal leads is 33.34, 33.33 and 33.33, by hand; the officer of the loan takes the cent."""
    leads = [credited(payee, "lead") for payee in ("chen", "lin", "wei")]
    found = shared(*leads, amount="100.00", rate="100%")
    assert {"chen": Fraction("33.33"), "lin": Fraction("33.34"), "wei": Fraction("33.33")} == by_payee(found)


def test_of_equal_parts_the_earlier_credit_takes_the_cent() -> None:
    """Half of 0.01 is nobody's: it goes by the day of the credit, then by the split, and never by a name."""
    early, late = "2026-03-02", "2026-03-03"
    for first, second in (("chen", "wei"), ("wei", "chen")):
        facts = [
            *drawn("0.01"),
            lp.Credit(loan="L1", payee=first, on=early),
            lp.Credit(loan="L1", payee=second, on=late),
        ]
        found = by_payee(clean(facts, dated(component(rate="100%")), staff=TEAM))
        assert {first: Fraction("0.01")} == found
        facts = [*drawn("0.01"), credited(second, "referrer"), credited(first, "lead")]
        halves = dated(component(rate="100%", split=(("lead", "50%"), ("referrer", "50%"))))
        assert {first: Fraction("0.01")} == by_payee(clean(facts, halves, staff=TEAM))


@given(fen=st.integers(1, 10**8), parts=st.lists(st.integers(1, 99), min_size=1, max_size=4))
def test_a_split_sums_to_its_base(fen: int, parts: list[int]) -> None:
    """At a rate of 100% what everybody gets is the loan, to the cent, however the parts fall."""
    payees = ("lin", "wei", "zhao", "chen")[: len(parts)]
    amount = lp.Money.from_units(fen, "CNY")
    facts: list[lp.Fact] = [loan("L1"), event("L1", "disbursed", "2026-03-02", amount)]
    facts += [
        lp.Credit(loan="L1", payee=payee, on="2026-03-01", share=Fraction(part, sum(parts)))
        for payee, part in zip(payees, parts, strict=True)
    ]
    found = clean(facts, dated(component(rate="100%")), staff=TEAM)
    assert amount.exact == sum(by_payee(found).values())


def test_the_least_for_a_loan_is_divided_like_the_loan() -> None:
    """A loan is worth 1 000 at least and 5 000 at most, however many people share it."""
    parts = [credited("lin", "lead"), credited("wei", "assistant"), credited("zhao", "referrer")]
    small = shared(*parts, amount="1000", split=THREE, least="1000 CNY", most="5000 CNY")
    large = shared(*parts, split=THREE, least="1000 CNY", most="5000 CNY")
    assert {"lin": 600, "wei": 300, "zhao": 100} == by_payee(small)
    assert {"lin": 3000, "wei": 1500, "zhao": 500} == by_payee(large)


# ── whose loan it is ────────────────────────────────────────────────────────────────────────────────────────


def test_a_loan_follows_the_officer_of_the_date_that_the_plan_names() -> None:
    """Opened by lin, drawn when wei held it: wei is paid by the event, lin by origination."""
    facts = [
        loan("L1"),
        assigned("L1", "2026-03-10", "wei"),
        event("L1", "disbursed", "2026-03-20", "100万元"),
    ]
    assert {"wei": 10000} == by_payee(clean(facts, dated(component(rate="1%")), staff=TEAM))
    origin = dated(component(rate="1%", held_at="origination"))
    assert {"lin": 10000} == by_payee(clean(facts, origin, staff=TEAM))


def test_a_stated_credit_stays_when_the_officer_changes() -> None:
    """Who is credited by name keeps the credit; an assignment moves what nobody was credited with."""
    facts = [
        loan("L1"),
        credited("lin", "lead"),
        assigned("L1", "2026-03-10", "wei"),
        event("L1", "disbursed", "2026-03-20", "100万元"),
    ]
    assert {"lin": 10000} == by_payee(clean(facts, dated(component(rate="1%")), staff=TEAM))


def test_a_payee_without_a_role_is_a_problem() -> None:
    """A loan of somebody whom the organisation does not know cannot be paid, and says so."""
    found = accrued(drawn(1000, officer="stranger"), dated(component(rate="1%")), staff=LIN)
    assert ((), {"stranger"}) == (found.lines, {*found.blocked})
    assert "stranger" in str(found.problems[0])


# ── teams ───────────────────────────────────────────────────────────────────────────────────────────────────

OFFICERS = dated(component(rate="1%"), code="officers", role="officer")


def lead_plan(code: str, rate: str, **team: Any) -> lp.schemes.DatedPlan:
    """An override on the pay of a team."""
    item = component(code="team", base="team", rate=rate, team=lp.schemes.Team(**{"total": "sum"} | team))
    return dated(item, code=code, role=code)


def staff(*assignments: tuple[str, str, str], units: Any = (), since: str = "2026-01-01") -> lp.Organisation:
    """People by payee, unit and role."""
    people = [lp.Assignment(payee=payee, unit=unit, role=role, since=since) for payee, unit, role in assignments]
    return lp.Organisation(units=[lp.Unit(code=code, parent=parent) for code, parent in units], assignments=people)


TREE = (("bank", None), ("region", "bank"), ("east", "region"), ("west", "region"))
PEOPLE = (
    ("lin", "east", "officer"),
    ("wei", "east", "officer"),
    ("zhao", "west", "officer"),
    ("eve", "east", "lead"),
    ("wes", "west", "lead"),
    ("reg", "region", "head"),
)
# 1% of 100 000, 200 000 and 300 000: lin 1 000, wei 2 000, zhao 3 000.
LENT: list[lp.Fact] = [
    fact
    for code, officer, amount in (("A", "lin", "10万元"), ("B", "wei", "20万元"), ("C", "zhao", "30万元"))
    for fact in (loan(code, officer=officer), event(code, "disbursed", "2026-03-10", amount))
]


def overrides(*plans: lp.schemes.DatedPlan, people: lp.Organisation) -> dict[str, Fraction]:
    """What the leads earn in March."""
    paid = by_payee(clean(LENT, OFFICERS, *plans, staff=people, through="2026-03"))
    return {payee: amount for payee, amount in paid.items() if payee not in ("lin", "wei", "zhao")}


def test_an_override_is_on_the_sum_or_the_average_of_the_team() -> None:
    """10% of lin's 1 000 and wei's 2 000: 300 on the sum, 150 on the average."""
    people = staff(*PEOPLE[:4], units=TREE)
    assert {"eve": 300} == overrides(lead_plan("lead", "10%"), people=people)
    assert {"eve": 150} == overrides(lead_plan("lead", "10%", total="average"), people=people)


def test_overrides_go_from_the_leaves_to_the_root() -> None:
    """Leads have 10% (300 each); the head 5% of all below, overrides included: 5% of 6 600 is 330."""
    people = staff(*PEOPLE, units=TREE)
    expected = {"eve": 300, "wes": 300, "reg": 330}
    assert expected == overrides(lead_plan("lead", "10%"), lead_plan("head", "5%"), people=people)


def test_a_direct_team_is_the_unit_alone() -> None:
    """Nobody but the head works in the region itself, so 5% of its direct pay is nothing."""
    people = staff(*PEOPLE, units=TREE)
    found = overrides(lead_plan("lead", "10%"), lead_plan("head", "5%", members="direct"), people=people)
    assert {"eve": 300, "wes": 300, "reg": 0} == {"reg": Fraction(0)} | found
    moved = staff(*PEOPLE[1:], ("lin", "region", "officer"), units=TREE)
    assert 50 == overrides(lead_plan("lead", "10%"), lead_plan("head", "5%", members="direct"), people=moved)["reg"]


def test_two_leads_of_a_unit_are_not_paid_for_each_other() -> None:
    """Each has 10% of the officers' 3 000; a lead on a lead would have no end."""
    people = staff(*PEOPLE[:4], ("ann", "east", "lead"), units=TREE)
    assert {"eve": 300, "ann": 300} == overrides(lead_plan("lead", "10%"), people=people)


def test_a_team_without_a_tree_of_units_is_its_unit() -> None:
    """Small lenders keep no tree: those with the lead's unit are the team."""
    people = staff(*PEOPLE[:4])
    assert {"eve": 300} == overrides(lead_plan("lead", "10%"), people=people)


def test_the_tree_of_the_named_day_decides() -> None:
    """West moves under another region on 15 March: the head has it at the start of the month, not at its end."""
    units = [
        lp.Unit(code="bank"),
        lp.Unit(code="region", parent="bank"),
        lp.Unit(code="other", parent="bank"),
        lp.Unit(code="east", parent="region"),
        lp.Unit(code="west", parent="region", until="2026-03-15"),
        lp.Unit(code="west", parent="other", since="2026-03-15"),
    ]
    assignments = [
        lp.Assignment(payee=payee, unit=unit, role=role, since="2026-01-01")
        for payee, unit, role in PEOPLE
        if role != "lead"
    ]
    people = lp.Organisation(units=units, assignments=assignments)
    assert {"reg": 300} == overrides(lead_plan("head", "5%", as_of="start"), people=people)
    assert {"reg": 150} == overrides(lead_plan("head", "5%", as_of="end"), people=people)


def moved_leads(lin: str, wei: str, *, as_of: str) -> tuple[dict[str, Fraction], lp.Accruals]:
    """A lead of west, from the middle of March on, who sold 1 000 in east before; and the lead of east."""
    assignments = [
        lp.Assignment(payee=lin, unit="east", role="lead", since="2026-01-01"),
        lp.Assignment(payee=wei, unit="east", role="officer", since="2026-01-01", until="2026-03-15"),
        lp.Assignment(payee=wei, unit="west", role="lead", since="2026-03-15"),
        lp.Assignment(payee="zhao", unit="west", role="officer", since="2026-01-01"),
    ]
    units = [lp.Unit(code=code, parent=parent) for code, parent in TREE]
    facts = [loan("A", officer="zhao"), event("A", "disbursed", "2026-03-10", "10万元")]
    people = lp.Organisation(units=units, assignments=assignments)
    found = accrued(facts, OFFICERS, lead_plan("lead", "10%", as_of=as_of), staff=people, through="2026-03")
    return by_payee(found), found


@pytest.mark.parametrize("codes", [("ann", "zoe"), ("zoe", "ann")])
def test_a_member_who_leads_elsewhere_by_the_end_counts_whole(codes: tuple[str, str]) -> None:
    """In east on the first day, over west's 1 000 by the last: 100, of which the lead of east has 10 by any code."""
    east, west = codes
    paid, found = moved_leads(east, west, as_of="start")
    assert () == found.problems
    assert [100, 10] == [paid[west], paid[east]]
    paid, found = moved_leads(east, west, as_of="end")
    assert () == found.problems
    assert [100, 0] == [paid[west], paid[east]]


def test_teams_that_hold_each_other_are_a_problem() -> None:
    """Two leads who swap teams within the month each have the other in theirs on the first day: neither comes first."""
    swapped = [
        lp.Assignment(payee=payee, unit=unit, role="lead", since=since, until=until)
        for payee, units in (("eve", ("east", "west")), ("wes", ("west", "east")))
        for unit, since, until in (
            (units[0], "2026-01-01", "2026-03-15"),
            (units[1], "2026-03-15", None),
        )
    ]
    others = [lp.Assignment(payee=payee, unit=unit, role=role, since="2026-01-01") for payee, unit, role in PEOPLE[:3]]
    people = lp.Organisation(
        units=[lp.Unit(code=code, parent=parent) for code, parent in TREE], assignments=[*others, *swapped]
    )
    found = accrued(LENT, OFFICERS, lead_plan("lead", "10%", as_of="start"), staff=people, through="2026-03")
    assert {"eve", "wes"} == {*found.blocked} == {problem.payee for problem in found.problems}
    assert "the teams of eve and wes hold each other" in found.problems[0].fault
    assert {"lin": 1000, "wei": 2000, "zhao": 3000} == by_payee(found)
    assert {"eve": 300, "wes": 300} == overrides(lead_plan("lead", "10%", as_of="end"), people=people)


@st.composite
def companies(draw: st.DrawFn) -> tuple[lp.Organisation, list[lp.Fact], tuple[lp.schemes.DatedPlan, ...]]:
    """Up to seven people in a tree of five units, who move within the month; loans with splits, and plans for teams."""
    parents = [None, "u0", "u0", draw(st.sampled_from(["u1", "u2"])), draw(st.sampled_from(["u0", "u2", "u3"]))]
    units = [lp.Unit(code=f"u{place}", parent=parent) for place, parent in enumerate(parents)]
    spot = st.tuples(st.sampled_from([unit.code for unit in units]), st.sampled_from(["officer", "lead", "head"]))
    people = [f"p{place}" for place in range(draw(st.integers(2, 7)))]
    assignments: list[lp.Assignment] = []
    for payee in people:
        moves = draw(st.lists(st.sampled_from(["2026-03-05", "2026-03-15", "2026-04-01"]), max_size=2, unique=True))
        days = ["2026-01-01", *sorted(moves)]
        for since, until in zip(days, [*days[1:], None], strict=True):
            unit, role = draw(spot)
            assignments.append(lp.Assignment(payee=payee, unit=unit, role=role, since=since, until=until))
    facts: list[lp.Fact] = []
    for place in range(draw(st.integers(1, 5))):
        day = f"2026-03-{draw(st.integers(1, 3)):02}"
        amount = lp.Money.from_units(draw(st.integers(1, 10**4)), "CNY")
        facts += [loan(f"L{place}", officer=draw(st.sampled_from(people)), on=day)]
        facts += [event(f"L{place}", "disbursed", f"2026-03-{draw(st.integers(3, 28)):02}", amount)]
        leads = draw(st.lists(st.sampled_from(people), max_size=3, unique=True))
        facts += [
            lp.Credit(loan=f"L{place}", payee=payee, on=f"2026-03-{turn + 3:02}") for turn, payee in enumerate(leads)
        ]
        if draw(st.booleans()):
            facts.append(assigned(f"L{place}", "2026-03-10", draw(st.sampled_from(people))))

    def team() -> lp.schemes.Component:
        of: Any = {
            "total": draw(st.sampled_from(["sum", "average"])),
            "members": draw(st.sampled_from(["direct", "all"])),
            "as_of": draw(st.sampled_from(["start", "end"])),
        }
        return component(code="team", base="team", rate="50%", team=lp.schemes.Team(**of))

    sold = component(rate="100%")
    plans = (dated(sold, code="officers", role="officer"), dated(sold, team(), code="leads", role="lead"))
    return (
        lp.Organisation(units=units, assignments=assignments),
        facts,
        (*plans, dated(team(), code="heads", role="head")),
    )


@given(companies(), st.permutations(range(7)), st.permutations(range(5)))
def test_no_name_of_a_payee_or_unit_changes_pay(
    drawn_: tuple[lp.Organisation, list[lp.Fact], tuple[lp.schemes.DatedPlan, ...]], payees: list[int], units: list[int]
) -> None:
    """Codes are labels: with others, everybody is paid the same for the same, and the same are blocked."""
    people, facts, plans = drawn_
    named = {f"p{place}": f"q{turn}" for place, turn in enumerate(payees)}
    placed = {f"u{place}": f"v{turn}" for place, turn in enumerate(units)}
    renamed = lp.Organisation(
        units=[
            evolve(unit, code=placed[unit.code], parent=unit.parent and placed[unit.parent]) for unit in people.units
        ],
        assignments=[evolve(one, payee=named[one.payee], unit=placed[one.unit]) for one in people.assignments],
    )
    others = [renamed_fact(fact, named) for fact in facts]
    found, again = accrued(facts, *plans, staff=people), accrued(others, *plans, staff=renamed)

    def paid(accruals: lp.Accruals, names: dict[str, str]) -> list[tuple[str, ...]]:
        return sorted(
            (
                names.get(line.payee, line.payee),
                line.component,
                line.loan,
                line.stage,
                str(line.period),
                str(line.amount),
            )
            for line in accruals.lines
        )

    assert {named[payee] for payee in found.blocked} == {*again.blocked}
    assert [row for row in paid(found, named) if row[0] not in again.blocked] == (
        [row for row in paid(again, {}) if row[0] not in again.blocked]
    )


def renamed_fact(fact: lp.Fact, named: dict[str, str]) -> lp.Fact:
    """A fact of somebody by another code."""
    if isinstance(fact, lp.Credit):
        return evolve(fact, payee=named[fact.payee])
    if isinstance(fact, (lp.Loan, lp.LoanEvent)) and fact.officer is not None:
        return evolve(fact, officer=named[fact.officer])
    return fact


def test_an_override_has_a_coefficient_by_attainment() -> None:
    """10% of 3 000, times 120% for a team at 110% of its target."""
    curve = lp.schemes.Curve.of([["0%", "80%"], ["100%", "120%"]], shape="step")
    item = component(
        code="team",
        base="team",
        rate="10%",
        team=lp.schemes.Team(total="sum"),
        multipliers=(lp.schemes.Multiplier(indicator="loan_amount", curve=curve),),
    )
    march = lp.Period.month(2026, 3)
    found = clean(
        LENT,
        OFFICERS,
        dated(item, code="lead", role="lead"),
        staff=staff(*PEOPLE[:4], units=TREE),
        through="2026-03",
        readings=[reading("loan_amount", "110万元", payee="eve")],
        targets={march: [lp.Target(payee="eve", indicator="loan_amount", value="100万元")]},
        since=march.start,
    )
    assert 360 == earned(found, "eve")


def test_a_team_paid_in_another_currency_is_converted_or_refused() -> None:
    """Two currencies are never summed: 10% of 1 000 dollars is 710 yuan at 7.1, and nothing without a rate."""
    people = staff(*PEOPLE[:1], PEOPLE[3], units=TREE)
    dollars = dated(component(rate="1%"), code="officers", role="officer", currency="USD")
    facts = [loan("A"), event("A", "disbursed", "2026-03-10", "100000 USD")]
    plans = (dollars, lead_plan("lead", "10%"))
    refused = accrued(facts, *plans, staff=people, through="2026-03")
    assert {"eve"} == {*refused.blocked}
    rate = lp.ExchangeRate(currency="USD", into="CNY", on="2026-03-31", rate="7.1")
    found = clean([*facts, rate], *plans, staff=people, through="2026-03")
    assert {"lin": 1000, "eve": 710} == by_payee(found)


def test_a_rate_by_role_in_the_deal_is_no_share() -> None:
    """A split says whose loan it is, a rate what it pays: the assistant's 30% of the loan is at the loan's rate."""
    rates = (lp.schemes.Rate(where=(where("product", "mortgage"),), rate="0.5%"),)
    facts = [
        *drawn(1000000, product="mortgage"),
        credited("lin", "lead"),
        credited("wei", "assistant"),
    ]
    item = component(rates=rates, rate="1%", split=(("lead", "70%"), ("assistant", "30%")))
    assert {"lin": 3500, "wei": 1500} == by_payee(clean(facts, dated(item), staff=TEAM))


def test_balances_follow_the_officer_too() -> None:
    """0.1% a month of the average balance: lin holds the loan at the end of March, wei at the end of April."""
    facts: list[lp.Fact] = [
        loan("L1"),
        event("L1", "disbursed", "2026-03-01", "100万元"),
        assigned("L1", "2026-04-10", "wei"),
    ]
    found = clean(facts, dated(component(base="balance", rate="0.1%")), staff=TEAM, through="2026-04")
    assert {"2026-03": 1000} == by_period(found, "lin")
    assert {"2026-04": 1000} == by_period(found, "wei")
