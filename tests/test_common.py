"""Common: what all plans have is written once, switched off where it does not apply, and named where it pays."""

from time import process_time
from typing import Any, Literal, get_args, get_type_hints

import pytest
from attrs import evolve, fields
from hypothesis import given
from tests.loans import event, loan

import loanperf as lp
from loanperf.testing import strategies

JAN = lp.Period.month(2026, 1)
TEXT = """
name = "once"
currency = "CNY"
effective = 2026-01-01

[common]
rounding = "half up"

[common.components.loans]
base = "disbursed"
rate = "1%"

[common.holdback]
share = "20%"
instalments = [{ after_months = 12, share = "100%" }]

[[common.gates]]
indicator = "npl_ratio"
forfeits = { knots = [["0%", "0%"], ["2%", "50%"]], shape = "step" }

[plans.officer]
role = "officer"

[plans.senior]
role = "senior"
components.loans = { base = "disbursed", rate = "2%" }

[plans.desk]
role = "desk"
without = ["gates", "holdback"]
"""
SCHEME = lp.parse_scheme(TEXT)
APART = {"code", "name", "role", "product_line", "tier", "unit", "precedence", "selected_at", "gates_apply", "without"}
"""What of a plan is never common."""


def refused(text: str) -> list[tuple[str, Any, str]]:
    """Where and how a scheme is refused."""
    with pytest.raises(lp.errors.SchemeError) as caught:
        lp.parse_scheme(text)
    return [(item.where, item.at, item.fault) for item in caught.value.problems]


def earned() -> lp.Accruals:
    """A January in which each of three draws 100 000, with 3% of bad loans."""
    people = lp.Organisation(
        assignments=[
            lp.Assignment(payee=role, unit="north", role=role, since="2026-01-01")
            for role in ("officer", "senior", "desk")
        ]
    )
    facts = [
        fact
        for role in ("officer", "senior", "desk")
        for fact in (
            loan(role, officer=role, on="2026-01-05"),
            event(role, "disbursed", "2026-01-05", lp.Money.of("100000", "CNY")),
        )
    ]
    readings = [lp.Reading.of("npl_ratio", "3%", subject=who, period=JAN) for who in ("officer", "senior", "desk")]
    return lp.accrue(
        lp.Facts.of(facts), lp.SchemeBook([SCHEME]).plans(), people, through=JAN, since=JAN.start, readings=readings
    )


def test_each_plan_is_paid_by_what_is_common_its_own_and_not_what_it_does_without() -> None:
    """1% of 100 000 less half for bad loans is 500, 2% is 1000; the desk has no gate: 1000. A fifth is held of two."""
    accruals = earned()
    pay = {line.payee: str(line.amount) for line in accruals.lines}
    ledger = lp.Ledger()
    ledger = ledger.append(lp.settle(ledger, accruals, period=JAN))

    assert {"officer": "500.00 CNY", "senior": "1000.00 CNY", "desk": "1000.00 CNY"} == pay
    held = {who: str(ledger.balance(who, currency="CNY").held) for who in pay}
    assert {"officer": "100.00 CNY", "senior": "200.00 CNY", "desk": "0.00 CNY"} == held


def test_reasons_name_what_is_common_and_what_is_switched_off() -> None:
    """Whoever asks why nothing is held sees that it was switched off, in both languages."""
    said = {line.payee: line.explain() for line in earned().lines}

    assert "plan officer, gates, holdback as in all plans of scheme" in said["officer"].text("en")
    assert "提成方案 desk，不适用门槛、风险金（方案" in said["desk"].text("zh")
    assert "plan desk, without gates, holdback of scheme" in said["desk"].text("en")


def test_a_difference_of_what_is_common_is_told_once() -> None:
    """Two plans are held 30% of from now on, and that is one sentence; that the desk is gated too is another."""
    after = lp.parse_scheme(TEXT.replace('"20%"', '"30%"').replace('["gates", "holdback"]', '["holdback"]'))

    assert [
        (
            "the share of the holdback common to all plans rises from 20% to 30%",
            "各方案通用的风险金的比例由 20% 升至 30%",
        ),
        (
            "the opt-out of plan desk changes from gates, holdback to holdback",
            "提成方案 desk的不适用的通用规则由 门槛、风险金 改为 风险金",
        ),
    ] == [(change.to("en"), change.to("zh")) for change in lp.diff(SCHEME, after)]


def test_a_rule_that_only_moves_is_no_change_of_a_plan() -> None:
    """What an officer is held of stays, although it is written elsewhere now."""
    own = lp.schemes.scheme_of(
        {key: part for key, part in SCHEME.document().items() if key != "common"}
        | {"plans": {"officer": lp.schemes.scheme_of(WHOLE).document()["plans"]["officer"]}}  # type: ignore[index]
    )
    once = evolve(SCHEME, plans=SCHEME.plans[:1])

    assert own.plans == once.plans
    assert all("common to all plans is new" in str(change) for change in lp.diff(own, once))


WHOLE = {
    "name": "once",
    "currency": "CNY",
    "effective": "2026-01-01",
    "plans": {
        "officer": {
            "role": "officer",
            "rounding": "half up",
            "components": {"loans": {"base": "disbursed", "rate": "1%"}},
            "holdback": {"share": "20%", "instalments": [{"after_months": 12, "share": "100%"}]},
            "gates": [
                {
                    "indicator": "npl_ratio",
                    "forfeits": {"knots": [["0%", "0%"], ["2%", "50%"]], "shape": "step"},
                }
            ],
        }
    },
}


def test_a_fault_of_what_is_common_is_told_once_and_where_it_is() -> None:
    """Three plans have it, and it stands on one line."""
    assert [("$.common.gates[0].indicator", (18, 1))] == [
        item[:2] for item in refused(TEXT.replace('"npl_ratio"', '"npl"'))
    ]
    assert [("$.common.holdback.share", (14, 1))] == [item[:2] for item in refused(TEXT.replace('"20%"', '"200%"'))]
    assert [("$.common.components.loans.base", (10, 1))] == [
        item[:2] for item in refused(TEXT.replace('"disbursed"', '"drawn"', 1))
    ]


def test_what_a_plan_does_without_must_be_common() -> None:
    """A slip in the word would leave the rule on."""
    found = refused(TEXT.replace('["gates", "holdback"]', '["gate", "draws"]'))

    assert [
        ("$.plans.desk.without[0]", (30, 12), "nothing of it is common"),
        ("$.plans.desk.without[1]", (30, 20), "nothing of it is common"),
    ] == found


def test_what_is_common_to_ever_more_plans_is_refused_at_once() -> None:
    """300 components in 300 plans are 90 000, written in a few kilobytes."""
    parts = "".join(f'[common.components.c{number}]\nbase = "disbursed"\nrate = "1%"\n' for number in range(300))
    plans = "".join(f'[plans.p{number}]\nrole = "r{number}"\n' for number in range(300))
    start = process_time()

    assert ["with what is common, its plans have more than 100000 values"] == [
        fault for _, _, fault in refused(TEXT + parts + plans)
    ]
    assert process_time() - start < 5


def test_a_scheme_built_in_python_says_what_its_plans_lack() -> None:
    """Documents fill plans in; a plan from Python is as it is, and must not be taken for one that has the rule."""
    bare = evolve(SCHEME.plans[0], holdback=None)
    with pytest.raises(lp.errors.SchemeError, match=r"\$.plans.officer.holdback: all plans have it in common"):
        evolve(SCHEME, plans=(bare,))
    assert evolve(SCHEME, plans=(evolve(bare, without=("holdback",)),)).plans[0].holdback is None


def test_everything_of_a_plan_is_common_or_its_own() -> None:
    """A new key of plans is put in one of the two, with one type."""
    common, plan = get_type_hints(lp.schemes.Common), get_type_hints(lp.schemes.Plan)
    assert {item.name for item in fields(lp.schemes.Plan)} == APART | {*common}
    assert all(plan[key] in (kind, *get_args(kind)) for key, kind in common.items())


@given(strategies.paying())
def test_what_is_common_reads_back(scheme: lp.Scheme) -> None:
    """A document that says it once and one that says it everywhere are one scheme of pay."""
    forms: tuple[Literal["toml", "json"], ...] = ("toml", "json")
    for form in forms:
        assert scheme == lp.parse_scheme(lp.schemes.write_scheme(scheme, form), form)
    apart = evolve(scheme, common=None, plans=tuple(evolve(plan, without=()) for plan in scheme.plans))
    assert [evolve(plan, without=()) for plan in scheme.plans] == [*lp.schemes.scheme_of(apart.document()).plans]
    assert all("plan" not in change.path for change in lp.diff(apart, scheme) if change.path.endswith("rounding"))
