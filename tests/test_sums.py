"""Components that are made of others: more of the commission by months of service, overrides on own earnings."""

from typing import Any

import pytest
from tests.loans import accrued, by_period, clean, component, dated, drawn, earned, event, reading
from tests.test_commission import by_component

import loanperf as lp

MARCH = lp.Period.month(2026, 3)
FROM_SIX_MONTHS = lp.schemes.Curve.of([[0, "0%"], [6, "10%"]], shape="step")
BY_SERVICE = lp.schemes.Tiers(by="indicator", indicator="months_of_service", applies="flat")


def staff(*spans: tuple[str, str | None], payee: str = "lin") -> lp.Organisation:
    """Somebody who held one role after the other."""
    roles = ("trainee", "officer", "senior")
    held = [
        lp.Assignment(payee=payee, unit="east", role=role, since=since, until=until)
        for role, (since, until) in zip(roles, spans, strict=False)
    ]
    return lp.Organisation(assignments=held)


def summed(*codes: str, code: str = "more", **fields: Any) -> lp.schemes.Component:
    """A component of the sum of others."""
    return component(code=code, base="components", sums=codes, **fields)


def test_ten_per_cent_more_of_the_commission_from_six_months_of_service_on() -> None:
    """Since 15 January: five full months by the end of June, six by the end of July: 1% of 100,000, then 1.1%."""
    more = summed("loans", curve=FROM_SIX_MONTHS, tiers=BY_SERVICE)
    plan = dated(component(rate="1%"), more)
    facts = drawn(100000, 100000, on=("2026-06-10", "2026-07-10"))
    for who in (staff(("2026-01-15", None)), staff(("2026-01-15", "2026-03-01"), ("2026-03-01", None))):
        assert {"2026-06": 1000, "2026-07": 1100} == by_period(clean(facts, plan, staff=who, through="2026-07"))
    again = staff(("2026-01-15", "2026-03-01"), ("2026-03-02", None))
    assert {"2026-06": 1000, "2026-07": 1000} == by_period(clean(facts, plan, staff=again, through="2026-07"))


def test_months_of_service_are_a_condition_of_anything() -> None:
    """A coefficient of 110% from six months of service on, of what is paid late too: by the last day of the payee."""
    more = lp.schemes.Multiplier(
        indicator="months_of_service", of="value", curve=lp.schemes.Curve.of([[0, "100%"], [6, "110%"]], shape="step")
    )
    plan = dated(component(rate="1%"), multipliers=(more,))
    facts = drawn(100000, 100000, on=("2026-06-10", "2026-07-10"))
    found = clean(facts, plan, staff=staff(("2026-01-15", None)), through="2026-07")
    assert {"2026-06": 1000, "2026-07": 1100} == by_period(found)
    assert "× 110%: months_of_service at 6" in found.explain("lin").text()


def test_a_share_of_what_others_come_to_after_their_own_rules() -> None:
    """1% of 100,000 × 120% is 1,200, and 500 for the post: 5% of 1,700 is 85. A tenth of that and of 500 is 58.50."""
    faster = lp.schemes.Multiplier(indicator="k", of="value", curve=lp.schemes.Curve.of([["0%", "120%"]], shape="step"))
    parts = (
        summed("more", "post", code="most", rate="10%"),
        component(rate="1%", multipliers=(faster,)),
        component(code="post", base="fixed", rate="500 CNY"),
        summed("loans", "post", rate="5%"),
    )
    how: Any = {"through": "2026-03", "since": MARCH.start, "readings": [reading("k", "0%")]}
    found = clean(drawn(100000), dated(*parts), **how)
    assert {"loans": 1200, "post": 500, "more": 85, "most": lp.Money.of("58.50 CNY").exact} == by_component(found)
    said = found.explain("lin").text()
    assert "base: components loans, post = 1700" in said
    assert "计提基数：提成项目 loans、post = 1,700" in found.explain("lin").text("zh")


def test_the_rules_of_the_plan_hold_for_the_sum_and_its_parts() -> None:
    """A gate takes half of 1,000 and of a tenth of it: 550 are left, and a cap of 520 takes 30 off."""
    gate = lp.schemes.Gate(indicator="npl_ratio", forfeits=lp.schemes.Curve.of([["0%", "50%"]], shape="step"))
    parts = (component(rate="1%"), summed("loans", rate="10%"))
    how: Any = {"through": "2026-03", "readings": [reading("npl_ratio", "1%")]}
    assert 550 == earned(clean(drawn(100000), dated(*parts, gates=(gate,)), **how))
    cap = lp.schemes.Cap(most="520 CNY", excess="lost")
    assert 520 == earned(clean(drawn(100000), dated(*parts, gates=(gate,), most=cap), **how))


def test_what_is_reversed_lowers_the_sum() -> None:
    """Of 1,000 a tenth is 100; in April 1,000 go with a cancelled loan and 3,000 come: a tenth of 2,000 is 200."""
    facts = [*drawn(100000, 300000, on=("2026-03-02", "2026-04-02")), event("L1", "cancelled", "2026-04-10")]
    found = clean(facts, dated(component(rate="1%"), summed("loans", rate="10%")), through="2026-04")
    assert {"2026-03": 1100, "2026-04": 2200} == by_period(found)


def test_what_a_clawback_takes_leaves_the_sum() -> None:
    """Of 1,000 a tenth is 100. In April the loan is written off: its 1,000 go, and the 100 stay, as a sum is no loan's.

    A clawback is of what the loan earned, and by its age; a sum is of the period. Where a dead loan is to take the sum
    too, its component says `dead = 'reverse'` and the loan is cancelled; see above.
    """
    rule = lp.schemes.Clawback(on="written off", share="100%", takes="whole", attainment="stays")
    plan, ledger = dated(component(rate="1%"), summed("loans", rate="10%"), clawbacks=(rule,)), lp.Ledger()
    facts = [*drawn(100000, on=("2026-03-02",)), event("L1", "written off", "2026-04-10", "100000 CNY")]
    for month in ("2026-03", "2026-04"):
        found = clean(facts, plan, through=month)
        ledger = ledger.append(lp.settle(ledger, found, period=lp.Period.parse(month)))
    nets = [(entry.line.split("/")[2], str(entry.period), str(entry.amount)) for entry in ledger.entries]
    assert [
        ("loans", "2026-03", "1000.00 CNY"),
        ("more", "2026-03", "100.00 CNY"),
        ("loans", "2026-04", "1000.00 CNY"),
    ] == sorted(nets, key=lambda net: (net[1], net[0]))


def test_what_a_cap_carries_counts_once() -> None:
    """1,000 under a cap of 600: a tenth of 1,000 is paid in March, and nothing on the 400 that are carried to April."""
    cap = lp.schemes.Cap(most="600 CNY", excess="carried")
    parts = (component(rate="1%", period_most=cap), summed("loans", rate="10%"))
    found = clean(drawn(100000), dated(*parts), through="2026-04")
    assert {"2026-03": 700, "2026-04": 400} == by_period(found)


def test_tiers_by_what_was_earned() -> None:
    """An override on own earnings: nothing on the first 500, a tenth of what is above: of 1,000 it is 50."""
    curve = lp.schemes.Curve.of([["0 CNY", "0%"], ["500 CNY", "10%"]], shape="step")
    tiers = lp.schemes.Tiers(by="amount", applies="marginal", accumulates="period")
    found = clean(
        drawn(100000), dated(component(rate="1%"), summed("loans", curve=curve, tiers=tiers)), through="2026-03"
    )
    assert 1050 == earned(found)


def test_a_reading_that_is_missing_for_a_sum_blocks_who_is_paid_for_it() -> None:
    """The rate of the sum is by a score that nobody supplied."""
    curve = lp.schemes.Curve.of([["0 points", "10%"]], shape="step")
    tiers = lp.schemes.Tiers(by="indicator", indicator="score", applies="flat")
    found = accrued(
        drawn(100000), dated(component(rate="1%"), summed("loans", curve=curve, tiers=tiers)), through="2026-03"
    )
    assert {"lin"} == {*found.blocked}
    assert "lin has no reading of 'score'" in str(found.problems[0])


def test_a_bonus_with_an_earnings_override() -> None:
    """A bonus of 20% of what was earned in commission, where the score reaches 100 points: 200 of 1,000."""
    document = {
        "name": "branch",
        "currency": "CNY",
        "effective": "2026-01-01",
        "profiles": {"all": {"weights": {"loan_amount": "100%"}, "targets": {"loan_amount": "10万元"}}},
        "scoring": {"default": {"places": 1, "rounding": "half up"}},
        "bonus": {"unit": "share", "curve": {"knots": [["0 point", 0], ["100 point", "20%"]], "shape": "step"},
                  "rounding": "half up"},
    }  # fmt: skip
    card = lp.schemes.scheme_of(document).resolve(period=MARCH)
    (line,) = clean(drawn(100000), dated(component(rate="1%")), through="2026-03").of("lin")
    appraisal = lp.appraise(card, readings={"loan_amount": "10万元"}, payee="lin")
    assert "200.00 CNY" == str(lp.award(card.bonus, appraisal, base=line.amount).amount)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (
            {"a": ["b"], "b": ["c"], "c": ["b", "loans"]},
            "$.plans.sales.components: they are made of each other: b → c → b; take one of these out of sums",
        ),
        ({"a": ["a"]}, "$.plans.sales.components: they are made of each other: a → a; take one of these out of sums"),
        (
            {"a": ["lones"]},
            "$.plans.sales.components: component 'a' sums 'lones', which is none; name some of loans, a",
        ),
        (
            {"a": []},
            "$.plans.sales.components.a.sums: base is 'components'; name components exactly where base is 'components'",
        ),
    ],
)
def test_sums_that_cannot_be_are_refused_by_path(parts: dict[str, list[str]], said: str) -> None:
    """A circle is named, so that who wrote it can cut it."""
    plan = {
        "rounding": "half up",
        "components": {
            "loans": {"base": "disbursed", "rate": "1%"},
            **{code: {"base": "components", "sums": sums, "rate": "10%"} for code, sums in parts.items()},
        },
    }
    with pytest.raises(lp.errors.SchemeError) as caught:
        lp.schemes.scheme_of({"name": "b", "currency": "CNY", "effective": "2026-01-01", "plans": {"sales": plan}})
    assert said in str(caught.value)
