"""Several roles of one person at once: each plan pays what it counts, once, and what is the person's spans them all.

The book: lin has a desk in the west, and leads team 1 in the east beside it; wei is an officer of team 1. In March wei
lends 100,000 and lin 200,000, at 1%: 1,000 and 2,000. A lead has 10% of the pay of the team.
"""

from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve
from tests.loans import accrued, by_payee, by_period, clean, component, dated, drawn, earned, event, loan, reading

import loanperf as lp
from loanperf.adapters.memory import MemoryEntries, MemoryFacts, MemoryPeople, MemorySchemes
from loanperf.schemes import Cap, Curve, DatedPlan, Draw, Holdback, Multiplier, PayRules, Team, Where

MARCH = lp.Period.month(2026, 3)
TREE = [
    lp.Unit(code=code, parent=parent)
    for code, parent in (("bank", None), ("east", "bank"), ("west", "bank"), ("team 1", "east"), ("team 2", "east"))
]


def held(payee: str, unit: str, role: str, since: str = "2026-01-01", **more: Any) -> lp.Assignment:
    """An assignment from the start of the year."""
    return lp.Assignment(payee=payee, unit=unit, role=role, since=since, **more)


DESK, WEI = held("lin", "west", "officer"), held("wei", "team 1", "officer")
LEADS = held("lin", "team 1", "lead", primary=False)
LENT: list[lp.Fact] = [
    fact
    for code, officer, amount in (("A", "wei", "10万元"), ("B", "lin", "20万元"))
    for fact in (loan(code, officer=officer), event(code, "disbursed", "2026-03-10", amount))
]
OFFICER = dated(component(rate="1%"), code="officer", role="officer")


def lead(code: str = "lead", rate: str = "10%", total: Any = "sum", **fields: Any) -> DatedPlan:
    """A part of the pay of a team, of whoever has the role of that name."""
    item = component(code="team", base="team", rate=rate, team=Team(total=total))
    return dated(item, **({"code": code, "role": code} | fields))


def staff(*more: lp.Assignment, lin: tuple[lp.Assignment, ...] = (DESK, LEADS)) -> lp.Organisation:
    """Everybody, in a tree of units."""
    return lp.Organisation(units=TREE, assignments=[*lin, WEI, *more])


def paid(
    *plans: DatedPlan, people: lp.Organisation | None = None, through: str = "2026-03", **more: Any
) -> lp.Accruals:
    """What they earn in March."""
    return clean(LENT, *plans, staff=people or staff(), through=through, since=MARCH.start, **more)


def by_plan(found: lp.Accruals, payee: str = "lin") -> dict[str, Fraction]:
    """What a payee earns by each plan."""
    sums = dict[str, Fraction]()
    for line in found.of(payee):
        sums[line.plan.plan.code] = sums.get(line.plan.plan.code, Fraction(0)) + line.amount.exact
    return sums


# ── each plan pays ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_desk_and_a_team_are_paid_each_by_its_plan() -> None:
    """1% of 200,000 at the desk, and 10% of wei's 1,000 for the team: 2,000 and 100."""
    found = paid(OFFICER, lead())

    assert {"officer": 2000, "lead": 100} == by_plan(found)
    assert {"lin": 2100, "wei": 1000} == by_payee(found)


def test_the_reason_says_by_which_role() -> None:
    """Whoever reads a line of 100 sees that it is for the team; who has one role reads what they always read."""
    found = paid(OFFICER, lead())

    assert "primary role: officer in west" in found.explain("lin").text()
    assert "role held beside it: lead in team 1" in found.explain("lin").text()
    assert "兼岗：team 1 的 lead" in found.explain("lin").text("zh")
    assert "主岗：west 的 officer" in found.explain("lin").text("zh")
    assert "role" not in found.explain("wei").text()


def test_those_beside_the_desk_are_not_in_the_team() -> None:
    """Hu has a desk in the west as lin has, and earns 3,000: lin's 10% are of wei's 1,000 in team 1 alone."""
    facts = [*LENT, loan("C", officer="hu"), event("C", "disbursed", "2026-03-10", "30万元")]
    found = clean(facts, OFFICER, lead(), staff=staff(held("hu", "west", "officer")), through="2026-03")

    assert {"officer": 2000, "lead": 100} == by_plan(found)
    assert {"lin": 2100, "wei": 1000, "hu": 3000} == by_payee(found)


def test_what_is_earned_goes_up_through_the_role_that_earned_it() -> None:
    """Heads have 5%: in the west of the desk's 2,000, in the east of wei's 1,000 and of the 100 of the team."""
    heads = (held("una", "west", "head"), held("eva", "east", "head"))
    found = paid(OFFICER, lead(), lead("head", "5%"), people=staff(*heads))

    assert {"lin": 2100, "wei": 1000, "una": 100, "eva": 55} == by_payee(found)
    assert "wei: 1000.00 CNY" in found.explain("eva").text()
    assert "lin: 100.00 CNY" in found.explain("eva").text()
    assert "2000.00" not in found.explain("eva").text()


def test_above_both_roles_each_amount_counts_once_and_a_person_is_one() -> None:
    """Of the whole bank 3,100 is earned by two people: 5% of the sum is 155, of the average of 1,550 it is 77.50."""
    top = staff(held("top", "bank", "head"))

    assert 155 == earned(paid(OFFICER, lead(), lead("head", "5%"), people=top), "top")
    assert Fraction("77.5") == earned(paid(OFFICER, lead(), lead("head", "5%", "average"), people=top), "top")


def test_a_role_of_members_is_that_of_the_assignment_in_the_team() -> None:
    """Of the bank's officers alone, wei's 1,000 and the desk's 2,000 count, and not the 100 for leading: 150."""
    item = component(code="team", base="team", rate="5%", team=Team(total="sum", roles=("officer",)))
    found = paid(OFFICER, lead(), dated(item, code="head", role="head"), people=staff(held("top", "bank", "head")))

    assert 150 == earned(found, "top")


def test_both_plans_pay_a_loan_that_both_count() -> None:
    """1% by the desk's plan; 0.1% by that of the lead, which counts loans of that product: 2,000 and 200."""
    plan = dated(component(rate="0.1%", where=(Where(field="product", values=("",)),)), code="lead", role="lead")

    assert {"officer": 2000, "lead": 200} == by_plan(paid(OFFICER, plan))
    plan = dated(component(rate="0.1%", where=(Where(field="product", values=("card",)),)), code="lead", role="lead")
    assert {"officer": 2000} == by_plan(paid(OFFICER, plan))


def test_one_plan_by_two_roles_pays_once() -> None:
    """2,000 of the loan, 500 of the month, and 3,100 of 31 days, of which both roles have 22: nothing twice."""
    plan = dated(
        component(rate="1%"),
        component(code="post", base="fixed", rate="500 CNY"),
        component(code="days", base="fixed", rate="3100 CNY", in_part="by days"),
    )
    people = staff(lin=(DESK, held("lin", "team 1", "lead", since="2026-03-10", primary=False)))
    found = paid(plan, people=people)

    assert {"loans": 2000, "post": 500, "days": 3100} == {line.component: line.amount.exact for line in found.of("lin")}
    assert "primary role: officer in west" in found.explain("lin").text()


def test_the_days_of_a_role_beside_are_its_own() -> None:
    """The team from 10 March: 22 of 31 days at 310 are 220; the desk has 3,100 for all of them."""
    desk = dated(component(code="post", base="fixed", rate="3100 CNY", in_part="by days"), code="desk", role="officer")
    team = dated(component(code="post", base="fixed", rate="310 CNY", in_part="by days"), code="team", role="lead")
    people = staff(lin=(DESK, held("lin", "team 1", "lead", since="2026-03-10", primary=False)))
    found = paid(desk, team, people=people)

    assert {"desk": 3100, "team": 220} == by_plan(found)
    assert "role held beside it: lead in team 1" in found.explain("lin").text()


def test_who_leads_two_teams_under_one_plan_has_both() -> None:
    """10% of wei's 1,000, and of hu's 3,000 in team 2: 400, on one line."""
    second = held("lin", "team 2", "lead", primary=False)
    facts = [*LENT, loan("C", officer="hu"), event("C", "disbursed", "2026-03-10", "30万元")]
    people = staff(held("hu", "team 2", "officer"), lin=(DESK, LEADS, second))
    found = clean(facts, OFFICER, lead(), staff=people, through="2026-03")

    assert {"officer": 2000, "lead": 400} == by_plan(found)
    assert 2 == len(found.of("lin"))


def test_a_role_beside_holds_from_its_day() -> None:
    """The plan of a loan is chosen when it is opened: one of 8 March is none of the lead's, one of 20 March is."""
    facts = [*drawn(100000, 300000, on=["2026-03-08", "2026-03-20"])]
    people = staff(lin=(DESK, held("lin", "team 1", "lead", since="2026-03-10", primary=False)))
    plan = dated(component(rate="0.1%"), code="lead", role="lead")
    found = clean(facts, OFFICER, plan, staff=people, through="2026-03")

    assert {"officer": 4000, "lead": 300} == by_plan(found)


def test_one_role_with_a_plan_is_enough() -> None:
    """No plan is for officers: lin is paid as lead, and nothing is wrong; who is an officer alone has a problem."""
    plan = dated(component(rate="0.1%"), code="lead", role="lead")
    found = accrued(LENT, plan, staff=staff(), through="2026-03")

    assert {"lin": 200} == by_payee(found)
    assert {"wei"} == {*found.blocked}


def test_two_plans_that_fit_one_role_are_a_problem_of_it() -> None:
    """The desk's plan is clear; which of two holds for the lead nobody says, and so lin's pay is not known."""
    found = accrued(LENT, OFFICER, lead(), lead("other", role="lead"), staff=staff(), through="2026-03")

    assert {"lin"} == {*found.blocked}
    assert "plans 'lead' of 'branch'" in str(found.problems[0])
    assert 1000 == earned(found, "wei")


def test_teams_that_hold_each_other_through_two_roles_are_told() -> None:
    """Una leads the west, where lin has the desk, and has a desk in lin's team: neither can be worked first."""
    people = staff(held("una", "west", "lead"), held("una", "team 1", "officer", primary=False))
    found = accrued(LENT, OFFICER, lead(), staff=people, through="2026-03")

    assert {"lin", "una"} == {*found.blocked}
    assert "hold each other" in str(found.problems[0])


# ── what looks at a role ────────────────────────────────────────────────────────────────────────────────────

FACTOR = Curve.of([["0%", "0%"], ["200%", "200%"]], shape="linear")


def test_a_coefficient_of_a_unit_is_of_the_unit_above_the_role() -> None:
    """The west is at 50%, the east at 120%: the desk has 1,000, the team 10% of wei's 1,200, times 120%: 144."""
    factor = Multiplier(indicator="unit", of="value", curve=FACTOR, level=2)
    plans = [evolve(item, plan=evolve(item.plan, multipliers=(factor,))) for item in (OFFICER, lead())]
    readings = [reading("unit", "50%", payee="west"), reading("unit", "120%", payee="east")]
    found = paid(*plans, readings=readings)

    assert {"officer": 1000, "lead": 144} == by_plan(found)
    assert 1200 == earned(found, "wei")


def test_a_ramp_goes_by_the_periods_in_the_role() -> None:
    """At the desk for three months; the team is led for the first, in which half of the quota of 2,000 holds.

    Wei's 1,000 are half of 2,000: all of the quota of the first month, so 10% are paid; half of a later one, so 1%.
    """
    tiers = lp.schemes.Tiers(by="attainment", applies="flat", accumulates="period", quota=lp.quantity("2000 CNY"))
    item = component(
        code="team", base="team", team=Team(total="sum"), tiers=tiers,
        curve=Curve.of([["0%", "1%"], ["100%", "10%"]], shape="step"),
    )  # fmt: skip
    ramp = Curve.of([[1, "50%"], [2, "100%"]], shape="step")
    plan = dated(item, code="lead", role="lead", ramp=ramp)
    people = staff(lin=(DESK, held("lin", "team 1", "lead", since="2026-03-01", primary=False)))

    assert {"officer": 2000, "lead": 100} == by_plan(paid(OFFICER, plan, people=people))
    assert {"officer": 2000, "lead": 10} == by_plan(paid(OFFICER, plan))


MID = "2026-03-15"
SWAPPED = (
    held("lin", "west", "officer", until=MID),
    held("lin", "team 1", "lead", until=MID, primary=False),
    held("lin", "team 1", "lead", since=MID),
    held("lin", "west", "officer", since=MID, primary=False),
)
MOVED = (
    DESK,
    held("lin", "team 2", "lead", until=MID, primary=False),
    held("lin", "team 1", "lead", since=MID, primary=False),
)


@pytest.mark.parametrize("lin", [SWAPPED, MOVED])
def test_a_ramp_goes_on_where_a_role_becomes_primary_or_moves(lin: tuple[lp.Assignment, ...]) -> None:
    """The team is led since January: in March the ramp is in its third month, so wei's 1,000 are half of 2,000: 1%."""
    tiers = lp.schemes.Tiers(by="attainment", applies="flat", accumulates="period", quota=lp.quantity("2000 CNY"))
    item = component(
        code="team", base="team", team=Team(total="sum"), tiers=tiers,
        curve=Curve.of([["0%", "1%"], ["100%", "10%"]], shape="step"),
    )  # fmt: skip
    ramp = Curve.of([[1, "50%"], [3, "100%"]], shape="step")

    assert {"officer": 2000, "lead": 10} == by_plan(
        paid(OFFICER, dated(item, code="lead", role="lead", ramp=ramp), people=staff(lin=lin))
    )


@pytest.mark.parametrize(("first", "second"), [("team 1", "team 2"), ("team 2", "team 1")])
def test_what_two_roles_beside_earn_by_one_plan_is_earned_by_the_one_that_goes_on(first: str, second: str) -> None:
    """Lin's desk beside another role moves within March: 5% of its 2,000 are of the head of the unit that it moves to.

    Whatever the units are called; wei is in team 1, of whose 1,000 the head there has 50 besides.
    """
    heads = (held("of team 1", "team 1", "head"), held("of team 2", "team 2", "head"))
    lin = (
        held("lin", "west", "clerk"),
        held("lin", first, "officer", until=MID, primary=False),
        held("lin", second, "officer", since=MID, primary=False),
    )
    found = by_payee(paid(OFFICER, lead("head", "5%"), people=staff(*heads, lin=lin)))

    assert {"team 1": 50, "team 2": 0} | {second: 100 + 50 * (second == "team 1")} == {
        unit: found.get(f"of {unit}", 0) for unit in ("team 1", "team 2")
    }


def test_of_two_roles_beside_under_one_plan_the_first_earns() -> None:
    """Two desks beside another role, that in team 2 since before that in team 1: its head has 5% of 2,000."""
    heads = (held("one", "team 1", "head"), held("two", "team 2", "head"))
    lin = (
        held("lin", "west", "clerk"),
        held("lin", "team 1", "officer", since="2026-02-01", primary=False),
        held("lin", "team 2", "officer", primary=False),
    )
    found = by_payee(paid(OFFICER, lead("head", "5%"), people=staff(*heads, lin=lin)))

    assert {"lin": 2000, "wei": 1000, "one": 50, "two": 100} == found


SCHEME = """
name = "branch"
currency = "CNY"
effective = 2026-01-01

[profiles.all.weights]
loan_amount = "100%"

[targets]
loan_amount = "20万元"

[scoring.default]
places = 1
rounding = "half up"
missing = "zero"

[bonus]
unit = "month"
curve = [["0 point", 0], ["100 point", 1]]
rounding = "half up"

[plans.officer]
role = "officer"
rounding = "half up"
components.loans = { base = "disbursed", rate = "1%" }

[plans.lead]
role = "lead"
rounding = "half up"
components.team = { base = "team", rate = "10%", team = { total = "sum" } }
"""


def test_a_month_appraises_the_primary_role_and_pays_both() -> None:
    """20万元 of 20万元 are 100 points, a month of the desk's 8,000: with 2,000 and 100 lin is paid 10,100.

    The salary of the team, 9,000, is of no bonus; wei, with half of the target and 6,000, has 3,000 and 1,000.
    """
    lin = (evolve(DESK, salary="8000 元"), evolve(LEADS, salary="9000 元"))
    people = lp.Organisation(units=TREE, assignments=[*lin, evolve(WEI, salary="6000 元")])
    facts = [*LENT, event("A", "signed", "2026-03-10", "10万元"), event("B", "signed", "2026-03-10", "20万元")]
    done = lp.run(
        MARCH,
        facts=MemoryFacts(facts),
        people=MemoryPeople(people),
        schemes=MemorySchemes(lp.parse_scheme(SCHEME)),
        keeping=lp.Keeping(entries=MemoryEntries()),
    )

    assert () == done.problems
    assert [("lin", "officer"), ("wei", "officer")] == [(item.payee, item.assignment.role) for item in done.results]
    assert {"lin": "10100.00 CNY", "wei": "4000.00 CNY"} == {item.payee: str(item.amount) for item in done.payments}


# ── what is the person's ────────────────────────────────────────────────────────────────────────────────────


def due(found: lp.Accruals, payee: str = "lin") -> dict[str, Fraction]:
    """What is posted of a payee in March, by kind of entry."""
    sums = dict[str, Fraction]()
    for entry in lp.settle(lp.Ledger(), found, period=MARCH):
        if entry.payee == payee:
            sums[entry.kind.value] = sums.get(entry.kind.value, Fraction(0)) + entry.amount.exact
    return sums


def test_the_cap_of_a_person_spans_the_roles() -> None:
    """Of 2,000 and 100 a cap of 1,500 leaves 1,500 in all; neither plan alone has one."""
    rules = PayRules(person_most=Cap(most=lp.quantity("1500 CNY"), excess="lost"))
    found = paid(*(evolve(item, rules=rules) for item in (OFFICER, lead())))

    assert 1500 == sum(due(found).values())


def test_what_is_held_of_all_pay_goes_by_the_primary_role() -> None:
    """40% of an officer's pay are held and nothing of a lead's: of 2,100 earned in both roles 840."""
    held_back = Holdback(share="40%", roles=(("lead", "0%"),), years=3)
    rules = PayRules(holdback=held_back)
    found = paid(*(evolve(item, rules=rules) for item in (OFFICER, lead())))

    assert 840 == due(found)["held"]


def test_a_guarantee_is_of_the_person() -> None:
    """2,500 guaranteed at the desk: both roles earn 2,100, so 400 are added; a guarantee of the lead's stands aside."""
    first = Draw(kind="plain", least=lp.quantity("2500 CNY"))
    other = Draw(kind="plain", least=lp.quantity("9000 CNY"))
    desk = evolve(OFFICER, plan=evolve(OFFICER.plan, draws=(first,)))
    team = evolve(lead(), plan=evolve(lead().plan, draws=(other,)))

    assert 400 == due(paid(desk, team))["guarantee"]
    assert 400 == due(paid(desk, lead()))["guarantee"]
    assert 6900 == due(paid(OFFICER, team))["guarantee"]


def test_a_role_that_ends_leaves_the_other() -> None:
    """The team is led until the end of March; in April wei lends again, and lin has the desk alone."""
    facts = [*LENT, loan("D", officer="wei"), event("D", "disbursed", "2026-04-10", "10万元")]
    people = staff(lin=(DESK, held("lin", "team 1", "lead", until="2026-04-01", primary=False)))
    found = clean(facts, OFFICER, lead(), staff=people, through="2026-04", since=MARCH.start)

    assert {"2026-03": 2100} == by_period(found)
    assert {"2026-03": 1000, "2026-04": 1000} == by_period(found, "wei")


@pytest.mark.parametrize("which", [0, 1])
def test_whoever_lacks_something_by_one_role_is_told_by_the_payee(which: int) -> None:
    """A reading is the person's: where the plan of either role looks at one that is missing, it is lin's."""
    factor = Multiplier(indicator="npl_ratio", of="value", curve=FACTOR)
    plans = [OFFICER, lead()]
    plans[which] = evolve(plans[which], plan=evolve(plans[which].plan, multipliers=(factor,)))
    found = accrued(LENT, *plans, staff=staff(), through="2026-03")

    assert "lin" in found.blocked
    assert "npl_ratio" in str(found.problems[0])
