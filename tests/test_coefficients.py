"""Coefficients and forfeits: by readings of the payee, the team, the branch or the company, on bonus and commission."""

from typing import Any

import numpy as np
import pytest
from attrs import evolve
from tests.loans import accrued, clean, component, dated, drawn, earned, reading, target
from tests.test_run import SCHEME, pay, scheme, sold, worked, worker

import loanperf as lp

Document = dict[str, Any]
MARCH = lp.Period.month(2026, 3)
TREE = (
    lp.Unit(code="company"),
    lp.Unit(code="branch", parent="company"),
    lp.Unit(code="team", parent="branch"),
)
STAFF = lp.Organisation(
    units=TREE,
    assignments=[
        lp.Assignment(payee="lin", unit="team", role="officer", since="2020-01-01"),
        lp.Assignment(payee="wu", unit="branch", role="officer", since="2020-01-01"),
    ],
)
PLAIN = {"knots": [["0%", "0%"], ["100%", "100%"], ["200%", "200%"]], "shape": "linear"}
"""A coefficient that is the reading itself."""
COEFFICIENT = lp.schemes.Curve.of(PLAIN["knots"], shape="linear")
LADDER = {"knots": [["0%", "0%"], ["1.5%", "30%"], ["2%", "50%"], ["2.5%", "100%"]], "shape": "step"}
FORFEITS = lp.schemes.Curve.of(LADDER["knots"], shape="step")


def card(**bonus: Any) -> lp.schemes.Card:
    """A card whose score is a coefficient of the person in points, with declared coefficients and a bonus plan."""
    declared = {"dimension": "performance", "direction": "higher is better", "kind": "ratio"}
    document: Document = {
        "name": "branch",
        "currency": "CNY",
        "effective": "2026-01-01",
        "indicators": {code: {"name": code, **declared} for code in ("personal", "unit")},
        "profiles": {"all": {"weights": {"personal": "100%"}, "targets": {"personal": "80%"}}},
        "scoring": {"default": {"places": 2, "rounding": "half even"}},
        "bonus": {"unit": "share", "curve": [["0 point", "37.5%"]], "rounding": "half up"} | bonus,
    }
    return lp.schemes.scheme_of(document).resolve(period=MARCH)


def paid(holder: lp.schemes.Card, base: str, **readings: Any) -> str:
    """What is paid of a base; `unit2` is the reading of `unit` on level 2."""
    given = {code.replace("2", "@2").replace("1", "@1"): value for code, value in readings.items()}
    return str(lp.award(holder.bonus, lp.appraise(holder, readings={"personal": "100%"} | given), base=base).amount)


# ── bonuses ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_bonus_times_the_coefficients_of_the_person_and_the_company() -> None:
    """200,000 × 37.5% × 100% × 110% = 82,500."""
    holder = card(
        multipliers=[
            {"indicator": "personal", "of": "value", "curve": PLAIN},
            {"indicator": "unit", "of": "value", "curve": PLAIN, "level": 1},
        ]
    )
    assert "82500.00 CNY" == paid(holder, "200000 元", unit1="110%")

    found = lp.appraise(holder, readings={"personal": "100%", "unit@1": "110%"}, payee="lin")
    steps = lp.award(holder.bonus, found, base="200000 元").steps
    assert "× 110%: unit of the unit on level 1 at 110%; 82500 CNY" == steps[-1].sentence()
    assert "× 110%：第 1 级机构的unit 为 110%，得 82,500 元" == steps[-1].sentence("zh")


def test_a_bonus_times_the_attainment_of_a_target() -> None:
    """100% of a target of 80% is 125% of it: 1,000 × 37.5% × 125% = 468.75; as one of many rows as well.

    At 40% half of the target is reached: half of 375 is 187.50.
    """
    holder = card(multipliers=[{"indicator": "personal", "curve": PLAIN}])
    assert "468.75 CNY" == paid(holder, "1000 元")
    scored = lp.appraise_all(holder, {"personal(%)": np.array([100, 40])})
    found = lp.award_all(scored, base=np.array([1000, 1000]), units={"base": "元"})
    assert [46875, 18750] == found.amount.tolist()


def test_rows_and_one_appraisal_come_to_the_same() -> None:
    """1,000 × 37.5% × 120% and × 80%, and nothing where the branch has no reading."""
    holder = card(multipliers=[{"indicator": "unit", "of": "value", "curve": PLAIN, "level": 2}])
    assert ["450.00 CNY", "300.00 CNY"] == [paid(holder, "1000 元", unit2=value) for value in ("120%", "80%")]
    branch = np.ma.masked_array(np.array([120, 80, 0]), mask=[False, False, True])
    rows = {"personal(%)": np.array([100] * 3), "unit@2(%)": branch}
    found = lp.award_all(lp.appraise_all(holder, rows), base=np.array([1000] * 3), units={"base": "元"})
    assert [45000, 30000] == found.amount[:2].tolist()
    assert [True, True, False] == found.ok.tolist()
    with pytest.raises(lp.errors.MissingReadingError, match="'unit@2', which the bonus needs"):
        paid(holder, "1000 元")


@pytest.mark.parametrize(
    ("apply", "npl", "unit", "expected"),
    [
        ("in turn", "1.6%", "2%", "350.00"),
        ("added", "1.6%", "2%", "200.00"),
        ("added", "2%", "2%", "0.00"),
        ("added", "2.5%", "2%", "0.00"),
        ("added", "1%", "2%", "500.00"),
    ],
)
def test_forfeits_of_a_bonus_add_or_take_in_turn(apply: str, npl: str, unit: str, expected: str) -> None:
    """30% and 50% of 1,000: in turn 350 is left, added 200; 50% and 50%, or more, leave nothing, never less."""
    gates = [{"indicator": "npl_ratio", "forfeits": LADDER}, {"indicator": "npl_ratio", "forfeits": LADDER, "level": 2}]
    holder = card(curve=[["0 point", "100%"]], gates=gates, gates_apply=apply)
    readings = {"personal": "100%", "npl_ratio": npl, "npl_ratio@2": unit}
    found = lp.award(holder.bonus, lp.appraise(holder, readings=readings), base="1000 元")
    assert f"{expected} CNY" == str(found.amount)


def gated(gate: Document) -> lp.Scheme:
    """The scheme of the tests of runs, with a gate."""
    return scheme(bonus=SCHEME["bonus"] | {"gates": [gate]})


def test_a_run_measures_units() -> None:
    """200 of 10,000 are bad with lin, 0 of 9,800 with wu: the company has 1.01%, not the mean of 1%, and halves both.

    Lin's 1.2 months of 8,000 are 9,600, of which 4,800 are left; wu's 1.1 months are 8,800, of which 4,400.
    """
    above = {"knots": [["0%", "0%"], ["1%", "50%"]], "shape": "step", "closed": "right"}
    held = gated({"indicator": "npl_ratio", "level": 1, "forfeits": above})
    units = [lp.Unit(code="company"), lp.Unit(code="east", parent="company")]
    facts = [*sold("lin", "31万元", bad="200 元"), *sold("wu", "15.5万元")]
    found = worked(facts, [worker(), worker("wu")], held, units=units)
    assert {"lin": "4800.00 CNY", "wu": "4400.00 CNY"} == pay(found)
    assert () == found.problems


def test_what_a_host_says_of_a_unit_holds_in_a_run() -> None:
    """A company at 5% bad, as its host says: half of 9,600 and of 8,800, though facts show less."""
    ladder = {"knots": [["0%", "0%"], ["5%", "50%"]], "shape": "step"}
    held = gated({"indicator": "npl_ratio", "level": 1, "forfeits": ladder})
    units = [lp.Unit(code="company"), lp.Unit(code="east", parent="company")]
    facts = [*sold("lin", "31万元", bad="200 元"), *sold("wu", "15.5万元")]
    said = [lp.Reading.of("npl_ratio", "5%", subject="company")]
    found = worked(facts, [worker(), worker("wu")], held, units=units, supplied=said)
    assert {"lin": "4800.00 CNY", "wu": "4400.00 CNY"} == pay(found)


def test_a_bonus_times_what_a_unit_attains() -> None:
    """1,000 × 37.5% × 120%: the branch attained that much, as its host says; of the reading alone nothing is known."""
    holder = card(multipliers=[{"indicator": "unit", "curve": PLAIN, "level": 2}])
    readings = {"personal": "100%", "unit/attainment@2": "120%"}
    found = lp.award(holder.bonus, lp.appraise(holder, readings=readings), base="1000 元")

    assert "450.00 CNY" == str(found.amount)
    said = "× 120%: attainment of the unit of the unit on level 2 at 120%; 450 CNY"
    assert said == found.steps[-1].sentence()
    assert "× 120%：第 2 级机构的unit完成率 为 120%，得 450 元" == found.steps[-1].sentence("zh")
    rows = {"personal(%)": np.array([100] * 2), "unit/attainment@2(%)": np.array([120, 80])}
    many = lp.award_all(lp.appraise_all(holder, rows), base=np.array([1000] * 2), units={"base": "元"})
    assert [45000, 30000] == many.amount.tolist()
    with pytest.raises(lp.errors.MissingReadingError, match="'unit/attainment@2', which the bonus needs"):
        paid(holder, "1000 元", unit2="120%")


UNITS = [lp.Unit(code="company"), lp.Unit(code="east", parent="company")]


def by_company() -> lp.Scheme:
    """The scheme of the tests of runs, with a coefficient by what the company attains of its loan amount."""
    return scheme(bonus=SCHEME["bonus"] | {"multipliers": [{"indicator": "loan_amount", "level": 1, "curve": PLAIN}]})


def test_a_run_knows_what_a_unit_attains_of_its_target() -> None:
    """Lin's 31万元 and wu's 15.5万元 are 46.5万元, 75% of the company's target of 62万元: both have three quarters.

    Of 1.2 months of 8,000, 9,600, and of 1.1, 8,800, 7,200 and 6,600 are left. Where the host says 31万元 of the
    company, it is half: 4,800 and 4,400. Without a target nobody can be paid.
    """
    facts = [*sold("lin", "31万元", bad="200 元"), *sold("wu", "15.5万元")]
    goals = [lp.Target(payee="company", indicator="loan_amount", value="62万元")]
    found = worked(facts, [worker(), worker("wu")], by_company(), units=UNITS, goals=goals)
    assert ({"lin": "7200.00 CNY", "wu": "6600.00 CNY"}, ()) == (pay(found), found.problems)

    said = [lp.Reading.of("loan_amount", "31万元", subject="company")]
    found = worked(facts, [worker(), worker("wu")], by_company(), units=UNITS, goals=goals, supplied=said)
    assert {"lin": "4800.00 CNY", "wu": "4400.00 CNY"} == pay(found)

    found = worked(facts, [worker(), worker("wu")], by_company(), units=UNITS)
    assert {"lin", "wu"} == {problem.payee for problem in found.problems}
    assert "loan_amount/attainment@1" in str(found.problems[0])


def test_pay_times_a_coefficient_by_the_score_of_a_branch() -> None:
    """A branch at 15.5万元 of 31万元 has 30 points, and at 2% bad of 4% 60: 90 points, and from 80 on 80% is paid.

    80% of a bonus of 9,600 are 7,680, and of a commission of 1% of 100,000 it is 800.
    """
    of_branch = {"loan_amount": "15.5万元", "npl_ratio": "2%"}
    branch = lp.appraise(scheme().resolve(period=MARCH), readings=of_branch, payee="east")
    assert "90.0" == str(branch.score)
    by_score = {"knots": [["0 point", "0%"], ["80 point", "80%"], ["100 point", "100%"]], "shape": "step"}
    points = {"dimension": "performance", "direction": "higher is better", "kind": "points", "name": "branch score"}
    factor = {"indicator": "branch_score", "of": "value", "level": 2, "curve": by_score}
    bonus = SCHEME["bonus"] | {"multipliers": [factor]}
    held = scheme(indicators={"branch_score": points}, bonus=bonus)
    score = lp.Reading.of("branch_score", f"{branch.score} point", subject="east", period=MARCH)
    found = worked(sold("lin", "31万元", bad="200 元"), [worker()], held, units=UNITS, supplied=[score])
    assert {"lin": "7680.00 CNY"} == pay(found)

    curve = lp.schemes.Curve.of(by_score["knots"], shape="step")
    same = lp.schemes.Multiplier(indicator="branch_score", of="value", level=2, curve=curve)
    plan, staff = dated(component(rate="1%"), multipliers=(same,)), lp.Organisation(units=UNITS, assignments=[worker()])
    assert 800 == earned(clean(drawn(100000), plan, staff=staff, through="2026-03", readings=[score]))


# ── commissions ─────────────────────────────────────────────────────────────────────────────────────────────


def by_value(indicator: str, level: int | None = None) -> lp.schemes.Multiplier:
    """A coefficient that is the reading itself."""
    return lp.schemes.Multiplier(indicator=indicator, of="value", curve=COEFFICIENT, level=level)


def test_a_commission_times_the_coefficients_of_team_and_company() -> None:
    """37.5% of 200,000 × 100% × 110% = 82,500; of wu, who is in no team, nothing can be told."""
    plan = dated(component(rate="37.5%"), multipliers=(by_value("own"), by_value("unit", 1)))
    readings = [reading("own", "100%"), reading("unit", "110%", payee="company")]
    assert 82500 == earned(clean(drawn(200000), plan, staff=STAFF, through="2026-03", readings=readings))

    of_team = dated(component(rate="37.5%"), multipliers=(by_value("unit", 3),))
    readings = [reading("unit", "120%", payee="team")]
    assert 90000 == earned(clean(drawn(200000), of_team, staff=STAFF, through="2026-03", readings=readings))
    lost = accrued(drawn(200000, officer="wu"), of_team, staff=STAFF, through="2026-03", readings=readings)
    assert {"wu"} == {*lost.blocked}
    assert (
        "payee wu in 2026-03: level 3 above wu in 2026-03: there is no unit on it;"
        " give a level that the tree has above everybody whom the plan pays, 1 its top"
    ) == str(lost.problems[0])


def test_a_coefficient_by_what_a_unit_attains() -> None:
    """A branch that disbursed 1.2 million of a target of one million: 1% of 100,000 × 120% = 1,200; no ramp cuts it."""
    ramp = lp.schemes.Curve.of([[1, "50%"]], shape="step")
    factor = lp.schemes.Multiplier(indicator="disbursed_amount", curve=COEFFICIENT, level=2)
    plan = dated(component(rate="1%"), multipliers=(factor,), ramp=ramp)
    readings = [reading("disbursed_amount", "1200000 CNY", payee="branch")]
    goals = target("disbursed_amount", "1000000 CNY", payee="branch")
    found = clean(drawn(100000), plan, staff=STAFF, through="2026-03", readings=readings, targets=goals)
    assert 1200 == earned(found)


def test_what_a_unit_lacks_is_told_of_that_unit() -> None:
    """Company and team have reading and target, the branch on level 2 none: whoever is told supplies the branch's."""
    factor = lp.schemes.Multiplier(indicator="disbursed_amount", curve=COEFFICIENT, level=2)
    plan = dated(component(rate="1%"), multipliers=(factor,))
    readings = [reading("disbursed_amount", "1200000 CNY", payee=unit) for unit in ("company", "team")]
    goals = {
        MARCH: [lp.Target(payee=unit, indicator="disbursed_amount", value="1 CNY") for unit in ("company", "team")]
    }
    given: dict[str, Any] = {"staff": STAFF, "through": "2026-03", "targets": goals}
    found = accrued(drawn(100000), plan, readings=readings, **given)
    assert "branch has no reading of 'disbursed_amount'" in str(found.problems[0])
    found = accrued(
        drawn(100000), plan, readings=[*readings, reading("disbursed_amount", "5 CNY", payee="branch")], **given
    )
    assert "of branch is missing for 2026-03" in str(found.problems[0])


def test_units_are_measured_of_all_who_are_in_them() -> None:
    """Lin disbursed 100,000 and wu 300,000: the company 400,000 of 500,000, 80% of lin's 1,000."""
    facts = lp.Facts.of([*drawn(100000), *[_renamed(fact) for fact in drawn(300000, officer="wu")]])
    factor = lp.schemes.Multiplier(indicator="disbursed_amount", curve=COEFFICIENT, level=1)
    plan = dated(component(rate="1%"), multipliers=(factor,))
    measured = lp.measure(facts, MARCH, [lp.CATALOGUE["disbursed_amount"]()], currency="CNY")
    goals = target("disbursed_amount", "500000 CNY", payee="company")
    found = lp.accrue(facts, [plan], STAFF, through=MARCH, readings=[measured], targets=goals)
    assert () == found.problems
    assert {"lin": 800, "wu": 2400} == {payee: earned(found, payee) for payee in ("lin", "wu")}


def _renamed(fact: Any) -> lp.Fact:
    """The same of a loan X."""
    found: lp.Fact = evolve(fact, loan="X")
    return found


def test_a_unit_and_a_payee_of_one_code_are_refused() -> None:
    """Whose reading would it be?"""
    staff = lp.Organisation(
        units=[lp.Unit(code="lin")],
        assignments=[lp.Assignment(payee="lin", unit="lin", role="officer", since="2020-01-01")],
    )
    plan = dated(component(rate="1%"), multipliers=(by_value("unit", 1),))
    with pytest.raises(lp.errors.DataError, match="the code 'lin': a unit and a payee have it"):
        accrued(drawn(1000), plan, staff=staff, through="2026-03")


@pytest.mark.parametrize(
    ("apply", "first", "second", "left"),
    [
        ("in turn", "1.5%", "2%", 350),
        ("added", "1.5%", "2%", 200),
        ("added", "2%", "2%", 0),
        ("added", "2.5%", "2%", 0),
    ],
)
def test_an_override_of_1000_less_both_forfeits(apply: Any, first: str, second: str, left: int) -> None:
    """Taiyuan, a supervisor: 1,000 × (1 − G2 − G3), at least 0; the ladder takes 30% from 1.5% and 50% from 2%."""
    gates = tuple(lp.schemes.Gate(indicator=code, forfeits=FORFEITS) for code in ("G2", "G3"))
    plan = dated(component(base="fixed", rate="1000 CNY"), gates=gates, gates_apply=apply)
    readings = [reading("G2", first), reading("G3", second)]
    assert left == earned(clean([], plan, through="2026-03", since=MARCH.start, readings=readings))


def test_a_gate_of_one_component_leaves_the_others() -> None:
    """1% of 100,000 loses half for 2% bad; a fixed 500 is paid, and a gate of the plan takes 30% of both: 700."""
    gate = lp.schemes.Gate(indicator="npl_ratio", forfeits=FORFEITS)
    parts = (component(rate="1%", gates=(gate,)), component(code="post", base="fixed", rate="500 CNY"))
    other = lp.schemes.Gate(indicator="overdue_ratio", forfeits=FORFEITS)
    readings = [reading("npl_ratio", "2%"), reading("overdue_ratio", "1.5%")]
    how: Any = {"through": "2026-03", "since": MARCH.start, "readings": readings}

    assert 1000 == earned(clean(drawn(100000), dated(*parts), **how))
    assert 700 == earned(clean(drawn(100000), dated(*parts, gates=(other,)), **how))
    found = clean(drawn(100000), dated(*parts), **how).explain("lin")
    assert 1 == found.text().count("gate: npl_ratio at 2% forfeits 50%")


# ── schemes ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (
            {"multipliers": [{"indicator": "npl", "of": "value", "curve": PLAIN}]},
            "$.bonus.multipliers[0].indicator: there is no indicator of that code (found 'npl')",
        ),
        (
            {"multipliers": [{"indicator": "units", "level": 2, "curve": PLAIN}]},
            "$.bonus.multipliers[0].indicator: there is no indicator of that code (found 'units')",
        ),
        (
            {"multipliers": [{"indicator": "unit", "curve": PLAIN}]},
            "$.bonus.multipliers[0].indicator: profile 'all' does not weigh it, so it has no attainment (found 'unit')",
        ),
        (
            {"gates": [{"indicator": "npl_ratio", "forfeits": LADDER, "level": 0}]},
            "$.bonus.gates[0].level: it is out of range (found 0); give 1 to 20",
        ),
        (
            {"gates_apply": "sum"},
            "$.bonus.gates_apply: it is none of the words that can stand here (found 'sum'); use one of 'in turn',",
        ),
    ],
)
def test_a_coefficient_that_cannot_be_is_refused_by_path(changed: Document, problem: str) -> None:
    """What, where, and what to write."""
    with pytest.raises(lp.errors.SchemeError) as caught:
        card(**changed)
    assert problem in str(caught.value)


def test_what_changes_is_said_by_level() -> None:
    """A coefficient of the branch beside one of the company: one is new, the other stays."""
    company = {"indicator": "disbursed_amount", "curve": PLAIN, "level": 1}
    plan: Document = {"rounding": "half up", "components": {"loans": {"base": "disbursed", "rate": "1%"}}}
    head: Document = {"name": "branch", "currency": "CNY", "effective": "2026-01-01"}
    before = lp.schemes.scheme_of(head | {"plans": {"sales": plan | {"multipliers": [company]}}})
    both = plan | {"multipliers": [company, company | {"level": 2}], "gates_apply": "added"}
    after = lp.schemes.scheme_of(head | {"plans": {"sales": both}})

    assert after == lp.schemes.scheme_of(after.document())
    said = [str(change) for change in lp.diff(before, after)]
    assert [
        "the way in which gates take of plan sales is new: added up",
        (
            "the multiplier by disbursed amount of the unit on level 2 of plan sales is new: tiers of rates 0% → 0%,"
            " 100% → 100%, 200% → 200%, linear, level of the unit 2"
        ),
    ] == sorted(said, reverse=True)
    zh = [change.to("zh") for change in lp.diff(before, after)]
    assert any("按第 2 级机构的放款量的加速系数" in sentence for sentence in zh)
