"""Combinations: a new hire in mortgage is a profile with two on top, and every combination is known to sum to 100%."""

from fractions import Fraction
from time import process_time
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp
from loanperf.testing import strategies

MARCH = lp.Period.month(2026, 3)
TEXT = """
name = "composed"
currency = "CNY"
effective = 2026-01-01

[scoring.default]
places = 1
rounding = "half even"

[profiles.officer]
weights = { loan_amount = "50%", npl_ratio = "30%", retention_rate = "20%" }
targets = { npl_ratio = "3%", loan_amount = "100万元" }

[profiles.new_hire]
stands = "on top"
weights = { loan_amount = "30%", training_completion_rate = "20%" }
targets = { loan_amount = "40万元" }

[profiles.mortgage]
stands = "on top"
weights = { npl_ratio = "25%", collateral_valuation_accuracy = "5%" }
targets = { npl_ratio = "2%", loan_amount = "60万元" }

[[who]]
profile = "officer"

[[who]]
profile = "new_hire"
role = "new hire"

[[who]]
profile = "mortgage"
product_line = "mortgage"
"""
SCHEME = lp.parse_scheme(TEXT)


def weighed(card: lp.schemes.Card) -> dict[str, Fraction]:
    """The weights of a card in percent."""
    return {line.indicator.code: line.weight * 100 for line in card.lines}


def refused(text: str) -> list[tuple[str, Any, str]]:
    """Where and how a scheme is refused."""
    with pytest.raises(lp.errors.SchemeError) as caught:
        lp.parse_scheme(text)
    return [(item.where, item.at, item.fault) for item in caught.value.problems]


@pytest.mark.parametrize(
    ("role", "line", "profile", "expected"),
    [
        ("senior", "car", "officer", {"loan_amount": 50, "npl_ratio": 30, "retention_rate": 20}),
        (
            "new hire", "car", "officer + new_hire",
            {"loan_amount": 30, "npl_ratio": 30, "retention_rate": 20, "training_completion_rate": 20},
        ),
        (
            "senior", "mortgage", "officer + mortgage",
            {"loan_amount": 50, "npl_ratio": 25, "retention_rate": 20, "collateral_valuation_accuracy": 5},
        ),
        (
            "new hire", "mortgage", "officer + new_hire + mortgage",
            {
                "loan_amount": 30, "npl_ratio": 25, "retention_rate": 20, "training_completion_rate": 20,
                "collateral_valuation_accuracy": 5,
            },
        ),
    ],
)  # fmt: skip
def test_a_role_and_a_product_line_each_change_what_is_below(
    role: str, line: str, profile: str, expected: dict[str, int]
) -> None:
    """By hand: 50/30/20; a new hire sells for 20 points less and learns; a mortgage is valued for 5 points of risk."""
    card = SCHEME.resolve(period=MARCH, role=role, product_line=line)

    assert profile == card.profile
    assert expected == weighed(card)


def test_what_is_written_later_wins() -> None:
    """Both set the target of loans: 40 and 60万元. The mortgage stands below the new hire in the text, so 60 holds."""
    card = SCHEME.resolve(period=MARCH, role="new hire", product_line="mortgage")
    goals = {line.indicator.code: (str(line.target), line.target_source) for line in card.lines}

    assert ("600000 CNY", lp.Label("of profile mortgage", "权重方案 mortgage 规定")) == goals["loan_amount"]
    turned = evolve(SCHEME, profiles=(SCHEME.profiles[0], SCHEME.profiles[2], SCHEME.profiles[1]))
    assert "400000 CNY" == str(turned.resolve(period=MARCH, role="new hire", product_line="mortgage").lines[0].target)


def test_a_weight_of_nothing_takes_an_indicator_out() -> None:
    """A new hire is not measured by retention, and needs no reading of it."""
    text = TEXT.replace('training_completion_rate = "20%"', 'training_completion_rate = "40%", retention_rate = "0%"')
    card = lp.parse_scheme(text).resolve(period=MARCH, role="new hire")

    assert {"loan_amount": 30, "npl_ratio": 30, "training_completion_rate": 40} == weighed(card)


def test_every_combination_must_sum_to_100_percent() -> None:
    """30 + 30 + 20 + 15 = 95 for a new hire, and the same in mortgage; each of them is told, with its place."""
    text = TEXT.replace('training_completion_rate = "20%"', 'training_completion_rate = "15%"')
    short = "on top sums to 95%, 5% missing"

    assert [
        ("$.profiles.new_hire.weights", (16, 1), f"profile 'officer' with 'new_hire' {short}"),
        ("$.profiles.mortgage.weights", (21, 1), f"profile 'officer' with 'new_hire' and 'mortgage' {short}"),
    ] == refused(text)


def test_a_combination_that_nobody_gets_need_not_sum() -> None:
    """Two desks that exclude each other: 50 + 25 + 20 + 5 and 50 + 20 + 20 + 10, and together 105."""
    text = (
        TEXT
        + """
[profiles.card]
stands = "on top"
weights = { npl_ratio = "20%", credit_inquiry_compliance = "10%" }
[[who]]
profile = "card"
product_line = "card"
"""
    )
    assert "officer + card" == lp.parse_scheme(text).resolve(period=MARCH, product_line="card").profile
    said = "profile 'officer' with 'mortgage' and 'card' on top sums to 105%, 5% too much"
    assert said in [fault for _, _, fault in refused(text.replace('product_line = "card"', 'tier = "T1"'))]


def test_a_phase_changes_the_profiles_that_compose() -> None:
    """In the phase an officer is 60/20/20, so that a mortgage's 25 of risk would make 110; the phase says 15 for it."""
    phase = """
[[timeline]]
phase = "push"
since = 2026-03-01
[phases.push.weights]
officer = { loan_amount = "60%", npl_ratio = "20%", retention_rate = "20%" }
new_hire = { loan_amount = "40%", training_completion_rate = "20%" }
"""
    assert ["profile 'officer' with 'mortgage' on top in phase 'push' sums to 110%, 10% too much"] == [
        fault for where, _, fault in refused(TEXT + phase) if where == "$.phases.push.weights.officer"
    ]
    whole = TEXT + phase + 'mortgage = { npl_ratio = "15%", collateral_valuation_accuracy = "5%" }\n'
    card = lp.parse_scheme(whole).resolve(period=MARCH, role="new hire", product_line="mortgage")
    assert [40, 15, 20, 20, 5] == [*weighed(card).values()]


def test_a_phase_asks_of_every_combination_what_it_asks() -> None:
    """Performance at least 50%: an officer has it, a new hire has 30%."""
    phase = '[phases.push]\nrequire = [{ of = ["performance"], at_least = "50%" }]\n'
    faults = [fault for where, _, fault in refused(TEXT + phase) if where == "$.phases.push.require"]

    said = "profile 'officer' with 'new_hire' on top breaks it"
    assert f"{said}: performance weighs 30%, and at least 50% is required" in faults


def test_a_unit_that_weighs_a_profile_otherwise_is_checked_with_what_is_on_top() -> None:
    """East gives an officer 40/40/20: with a mortgage's 25 + 5 that makes 90; east says 35 + 5 for its mortgages."""
    east = """
[[overrides]]
unit = "east"
profile = "officer"
weights = { loan_amount = "40%", npl_ratio = "40%", retention_rate = "20%" }
since = 2026-03-01
[[overrides]]
unit = "east"
profile = "new_hire"
weights = { loan_amount = "20%", training_completion_rate = "20%" }
since = 2026-03-01
"""
    more = '[[overrides]]\nunit = "east"\nprofile = "mortgage"\nsince = 2026-03-01\n'
    more += 'weights = { npl_ratio = "35%", collateral_valuation_accuracy = "5%" }\n'
    said = "profile 'officer' with 'mortgage' on top in unit 'east' from 2026-03-01 sums to 90%, 10% missing"

    assert ("$.overrides[0].weights", said) in [(where, fault) for where, _, fault in refused(TEXT + east)]
    card = lp.parse_scheme(TEXT + east + more).resolve(
        period=MARCH, role="new hire", product_line="mortgage", units=("bank", "east")
    )
    assert [20, 35, 20, 20, 5] == [*weighed(card).values()]
    assert ("east",) == card.set_by


def test_two_units_within_each_other_are_checked_when_the_card_is_made() -> None:
    """A scheme does not know which unit is under which; each alone makes 100, and both 50 + 25 + 10 + 0 + 5 = 90."""
    units = """
[[overrides]]
unit = "north"
profile = "officer"
weights = { loan_amount = "50%", npl_ratio = "30%", retention_rate = "10%", compliance_score = "10%" }
[[overrides]]
unit = "desk"
profile = "mortgage"
weights = { npl_ratio = "25%", collateral_valuation_accuracy = "5%", compliance_score = "0%" }
"""
    scheme = lp.parse_scheme(TEXT + units)
    for path, expected in ((("north",), [50, 25, 10, 10, 5]), (("desk",), [50, 25, 20, 5])):
        assert expected == [*weighed(scheme.resolve(period=MARCH, product_line="mortgage", units=path)).values()]
    with pytest.raises(lp.errors.WeightsError, match="they sum to 90%"):
        scheme.resolve(period=MARCH, product_line="mortgage", units=("north", "desk"))


def test_reasons_and_differences_name_what_composes() -> None:
    """Whoever reads a score sees all profiles of it; whoever approves a version, what each one changes."""
    card = SCHEME.resolve(period=MARCH, role="new hire", product_line="mortgage")
    zero = {line.indicator.code: lp.Quantity(Fraction(0), line.indicator.kind.unit("CNY")) for line in card.lines}
    targets = {"retention_rate": "80%", "training_completion_rate": "100%", "collateral_valuation_accuracy": "90%"}
    found = lp.appraise(card, readings=zero, targets=targets)
    assert "profile officer + new_hire + mortgage" in found.explain().text("en")
    assert "权重方案 officer + new_hire + mortgage" in found.explain().text("zh")

    moved = TEXT.replace('"25%", collateral', '"20%", retention_rate = "25%", collateral')
    english = "in profile mortgage, the weight of NPL ratio falls from 25% to 20%"
    added = "in profile mortgage, the weight of retention rate is new: 25%"
    assert {
        english: "权重方案 mortgage中，不良率的权重由 25% 降至 20%",
        added: "新增权重方案 mortgage中，客户留存率的权重：25%",
    } == {change.to("en"): change.to("zh") for change in lp.diff(SCHEME, lp.parse_scheme(moved))}
    officer, _, mortgage = SCHEME.profiles
    alone = evolve(SCHEME, profiles=(officer, evolve(officer, code="mortgage")), who=SCHEME.who[::2])
    (change,) = (item for item in lp.diff(alone, evolve(alone, profiles=(officer, mortgage))) if "stands" in item.path)
    assert "the way of composing of profile mortgage is new: on top of others" == change.to("en")
    assert "新增权重方案 mortgage的组合方式：叠加" == change.to("zh")


def test_too_many_combinations_are_refused_in_time() -> None:
    """A few kilobytes must not hold a service up: 200 roles and 200 lines, each with a profile, make 40 000."""
    text = TEXT + "".join(
        f'[profiles.{key}{number}]\nstands = "on top"\nweights = {{ npl_ratio = "30%" }}\n'
        f'[[who]]\nprofile = "{key}{number}"\n{key} = "{key}{number}"\n'
        for key in ("role", "product_line")
        for number in range(200)
    )
    start = process_time()
    assert [("$.who", "more than 20000 sets of weights come of it")] == [
        (where, fault) for where, _, fault in refused(text)
    ]
    assert process_time() - start < 10


def test_rules_that_say_the_same_are_looked_at_once() -> None:
    """200 roles of new hires and 200 lines of mortgages are four kinds of payees, not 40 000."""
    rules = "".join(
        f'[[who]]\nprofile = "{name}"\n{key} = "{key}{number}"\n'
        for name, key in (("new_hire", "role"), ("mortgage", "product_line"))
        for number in range(200)
    )
    start = process_time()
    card = lp.parse_scheme(TEXT + rules).resolve(period=MARCH, role="role7", product_line="product_line9")

    assert "officer + new_hire + mortgage" == card.profile
    assert process_time() - start < 10


def test_one_profile_must_stand_alone() -> None:
    """Nothing is on top of nothing."""
    text = TEXT.replace("[profiles.officer]", '[profiles.officer]\nstands = "on top"')
    assert ("$.profiles", "each of them stands on top, and there is none below") in [
        (where, fault) for where, _, fault in refused(text)
    ]


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        ("[profiles.officer]", "[profiles.officer]\nwieghts = {}", "$.profiles.officer.wieghts"),
        ("[profiles.new_hire]", "[profiles.new_hire]\nwieghts = {}", "$.profiles.new_hire.wieghts"),
        ('[[who]]\nprofile = "officer"', '[[who]]\nprofile = "officer"\nroles = "x"', "$.who[0].roles"),
    ],
)
def test_what_could_not_be_read_is_the_one_fault_of_it(before: str, after: str, where: str) -> None:
    """The profile below is there, misspelt: nothing says of those on top that none is below, or what they sum to."""
    assert [where] == [found for found, _, _ in refused(TEXT.replace(before, after))]


def test_what_stands_on_top_is_not_rebalanced() -> None:
    """It is no whole of 100%."""
    with pytest.raises(lp.errors.ResolveError, match="it stands on top of others"):
        SCHEME.rebalance("mortgage", {"npl_ratio": "20%"}, effective="2026-05-01")


@given(strategies.schemes(), st.sampled_from(["", "officer", "senior", "主管"]))
def test_every_profile_and_combination_sums(scheme: lp.Scheme, role: str) -> None:
    """Whatever composes, the weights of a payee are 100%, and a profile is on top of whom its rule is for."""
    card = scheme.resolve(period=lp.Period.month(2026, 6), role=role)
    on_top = any(rule.profile == "on desk" and rule.role == role for rule in scheme.who)

    assert 1 == sum(line.weight for line in card.lines)
    assert on_top == card.profile.endswith(" + on desk")
