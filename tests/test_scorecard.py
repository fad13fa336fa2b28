"""Scorecards: who is weighed by what on a day, within which limits; and changes of weights that land on 100%."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp

Document = dict[str, Any]
MARCH = lp.Period.month(2026, 3)
BASE: Document = {
    "name": "branch",
    "currency": "CNY",
    "effective": "2026-01-01",
    "profiles": {"standard": {"weights": {"loan_amount": "60%", "npl_ratio": "30%", "retention_rate": "10%"}}},
    "scoring": {"default": {"places": 1, "rounding": "half even"}},
}


def scheme(**changed: Any) -> lp.Scheme:
    """A small scheme with some parts changed."""
    return lp.schemes.scheme_of(BASE | changed)


def weighed(card: lp.schemes.Card) -> dict[str, int | Fraction]:
    """The weights of a card in percent."""
    return {line.indicator.code: line.weight * 100 for line in card.lines}


def weights(**percents: Any) -> dict[str, str]:
    """Weights as a document writes them."""
    return {code: f"{percent}%" for code, percent in percents.items()}


def faults(changed: Document) -> list[str]:
    """The problems of the small scheme with some parts changed."""
    with pytest.raises(lp.errors.SchemeError) as caught:
        scheme(**changed)
    return [str(problem) for problem in caught.value.problems]


# ── who gets which profile ──────────────────────────────────────────────────────────────────────────────────

PROFILES = {code: {"weights": weights(loan_amount=100)} for code in ("all", "senior", "car", "gold", "east", "both")}
RULES = [
    {"profile": "all"},
    {"profile": "senior", "role": "senior"},
    {"profile": "car", "product_line": "car"},
    {"profile": "gold", "tier": "gold"},
    {"profile": "east", "unit": "east"},
    {"profile": "both", "role": "senior", "product_line": "car"},
]


@pytest.mark.parametrize(
    ("payee", "expected"),
    [
        ({}, "all"),
        ({"role": "junior", "product_line": "home", "tier": "silver", "units": ["bank", "west"]}, "all"),
        ({"role": "senior"}, "senior"),
        ({"product_line": "car", "role": "junior"}, "car"),
        ({"tier": "gold"}, "gold"),
        ({"units": ["bank", "east"]}, "east"),
        ({"units": ["bank", "east", "desk"]}, "east"),
        ({"role": "senior", "product_line": "car"}, "both"),
        ({"role": "senior", "product_line": "car", "tier": "gold", "units": ["east"]}, "both"),
    ],
)
def test_the_rule_with_most_conditions_wins(payee: Document, expected: str) -> None:
    """A rule for few is meant as the exception to the rule for many."""
    assert expected == scheme(profiles=PROFILES, who=RULES).resolve(period=MARCH, **payee).profile


def test_the_order_of_rules_decides_nothing() -> None:
    """Two managers who list the same rules have the same policy."""
    payees = [{"role": role, "product_line": line} for role in ("", "senior") for line in ("", "car", "home")]
    one, other = (scheme(profiles=PROFILES, who=rules) for rules in (RULES, RULES[::-1]))
    for payee in payees:
        if payee != {"role": "senior", "product_line": "home"}:
            assert one.resolve(period=MARCH, **payee).profile == other.resolve(period=MARCH, **payee).profile


def test_a_unit_counts_for_all_below_it_and_the_deeper_wins() -> None:
    """A branch may have a profile of its own, and a desk of the branch another."""
    rules = [{"profile": "all", "unit": "bank"}, {"profile": "east", "unit": "east"}]
    found = scheme(profiles=PROFILES, who=rules)

    assert "east" == found.resolve(period=MARCH, units=["bank", "east", "desk"]).profile
    assert "all" == found.resolve(period=MARCH, units=["bank", "west", "desk"]).profile


def test_rules_that_fit_equally_are_refused() -> None:
    """A choice that nobody made must not be made by the order of a list."""
    found = scheme(profiles=PROFILES, who=RULES)
    with pytest.raises(lp.errors.ResolveError) as caught:
        found.resolve(period=MARCH, role="senior", tier="gold")
    assert (
        "cannot resolve a profile of 'branch' for role 'senior', product line '', tier 'gold', units ():"
        " profiles 'gold' and 'senior' fit equally; add a condition to one of them"
    ) == str(caught.value)


def test_rules_that_fit_equally_and_agree_are_no_conflict() -> None:
    """Both say the same."""
    rules = [{"profile": "all", "role": "senior"}, {"profile": "all", "tier": "gold"}]
    assert "all" == scheme(profiles=PROFILES, who=rules).resolve(period=MARCH, role="senior", tier="gold").profile


def test_a_payee_whom_no_rule_fits_is_refused() -> None:
    """Nobody is appraised by the first profile that comes along."""
    for found in (scheme(profiles=PROFILES, who=RULES[1:]), scheme(profiles=PROFILES)):
        with pytest.raises(lp.errors.ResolveError, match=r"no rule of \[\[who\]\] fits"):
            found.resolve(period=MARCH, role="trainee")


def test_one_profile_needs_no_rule() -> None:
    """The smallest scheme is the weights and nothing more; but once there are rules, they hold."""
    assert "standard" == scheme().resolve(period=MARCH, role="anything").profile
    with pytest.raises(lp.errors.ResolveError):
        scheme(who=[{"profile": "standard", "role": "senior"}]).resolve(period=MARCH, role="junior")


def test_a_scheme_resolves_only_while_it_is_in_force() -> None:
    """The first day of the period decides, on both ends."""
    found = scheme(until="2026-04-01")

    assert MARCH == found.resolve(period=MARCH).period
    for period in (lp.Period.month(2025, 12), lp.Period.month(2026, 4)):
        with pytest.raises(lp.errors.ResolveError, match="in force from 2026-01-01 until 2026-04-01"):
            found.resolve(period=period)


def test_a_profile_that_there_is_not_names_those_there_are() -> None:
    """A caller who mistypes a code should see the right one."""
    with pytest.raises(lp.errors.ResolveError, match="use one of standard"):
        scheme().profile("senior")


# ── what a card holds ───────────────────────────────────────────────────────────────────────────────────────


def test_a_card_has_no_choices_left() -> None:
    """Arithmetic sees only the card: rules, targets, and which version of which scheme it came from."""
    found = scheme(
        targets={"npl_ratio": "3%"},
        scoring={**BASE["scoring"], "npl_ratio": {"cap": "150%", "floor": "0%", "missing": "zero", "places": 2}},
        grades={"B": {"at_least": 60}, "A": {"at_least": 90}},
    )
    card = found.resolve(period=MARCH)
    first, second, _ = card.lines

    assert ("branch", found.fingerprint, "standard", "", "CNY") == (
        card.scheme,
        card.version,
        card.profile,
        card.phase,
        card.currency,
    )
    assert (
        lp.schemes.Scoring(rule=lp.schemes.Direction.HIGHER, places=1, rounding=lp.Rounding.HALF_EVEN) == first.scoring
    )
    assert (
        lp.schemes.Scoring(
            rule=lp.schemes.Direction.LOWER,
            places=2,
            rounding=lp.Rounding.HALF_EVEN,
            missing=lp.schemes.Missing.ZERO,
            cap=Fraction("1.5"),
            floor=Fraction(0),
        )
        == second.scoring
    )
    assert (None, lp.quantity("3%")) == (first.target, second.target)
    assert ["B", "A"] == [grade.code for grade in card.grades]


def test_a_card_knows_what_vetoes_and_gates_look_at() -> None:
    """They need readings of indicators that weigh nothing."""
    gate = {"indicator": "overdue_ratio", "forfeits": {"knots": [["0%", "0%"]], "shape": "step"}}
    bonus = {"unit": "month", "curve": [["0 point", 0]], "rounding": "half up", "gates": [gate]}
    veto = {"indicator": "par_90", "test": "above", "limit": "5%"}
    card = scheme(bonus=bonus, vetoes=[veto, {**veto, "indicator": "npl_ratio"}]).resolve(period=MARCH)

    assert ["par_90", "overdue_ratio"] == [item.code for item in card.others]
    assert "overdue_ratio" == card.indicator("overdue_ratio").code
    assert "npl_ratio" not in card.known
    assert {"teamwork", "par_90"} <= set(card.known)
    with pytest.raises(lp.errors.UnknownIndicatorError, match="no indicator is called 'teamwork'"):
        card.indicator("teamwork")


def test_a_declared_indicator_comes_onto_the_card_as_declared() -> None:
    """A host's own indicator is as good as one of the catalogue."""
    own = {
        "name": {"en": "calls", "zh": "电话"},
        "dimension": "service",
        "direction": "lower is better",
        "kind": "count",
    }
    found = scheme(
        dimensions={"service": {"name": "service"}},
        indicators={"calls": own},
        profiles={"standard": {"weights": weights(loan_amount=60, calls=40)}},
        targets={"calls": "20"},
    )
    line = found.resolve(period=MARCH).lines[1]

    assert (lp.Label("calls", "电话"), "service", lp.schemes.Direction.LOWER, lp.schemes.Kind.COUNT) == (
        line.indicator.name,
        line.indicator.dimension,
        line.indicator.direction,
        line.indicator.kind,
    )
    assert lp.schemes.Direction.LOWER == line.scoring.rule
    assert (
        20
        == lp.appraise(
            evolve(scheme().resolve(period=MARCH), lines=(evolve(line, weight=Fraction("0.1")),)),
            readings={"calls": "0 人"},
        ).score
    )


def test_a_card_shows_itself_with_nothing_to_run() -> None:
    """Codes and names are the host's text, and a notebook is a browser."""
    hostile = "<script>alert(1)</script>"
    own = {
        "name": {"en": hostile, "zh": hostile},
        "dimension": "team",
        "direction": "higher is better",
        "kind": "count",
    }
    profiles = {hostile: {"weights": weights(own=100), "targets": {"own": "7"}}}
    shown = scheme(name=hostile, indicators={"own": own}, profiles=profiles).resolve(period=MARCH)._repr_html_()

    assert "<script" not in shown
    assert f"<td>{hostile.replace('<', '&lt;').replace('>', '&gt;')}</td>" in shown
    assert "<td>100%</td><td>7</td><td>higher is better</td>" in shown


# ── what units set otherwise ────────────────────────────────────────────────────────────────────────────────

LIMITS = {"npl_ratio": {"at_least": "20%", "at_most": "40%"}}


def override(unit: str, **more: Any) -> Document:
    """What a unit sets for the standard profile."""
    return {"unit": unit, "profile": "standard", **more}


def test_units_set_weights_down_the_tree() -> None:
    """A branch tunes its own card, its desks inherit it, and others are not touched."""
    east = override("east", weights=weights(loan_amount=50, npl_ratio=40, retention_rate=10))
    desk = override("desk", weights=weights(loan_amount=40, npl_ratio=35, teamwork=25))
    found = scheme(limits=LIMITS, overrides=[desk, east])

    assert {"loan_amount": 60, "npl_ratio": 30, "retention_rate": 10} == weighed(
        found.resolve(period=MARCH, units=["bank", "west"])
    )
    assert {"loan_amount": 50, "npl_ratio": 40, "retention_rate": 10} == weighed(
        found.resolve(period=MARCH, units=["bank", "east", "counter"])
    )
    card = found.resolve(period=MARCH, units=["bank", "east", "desk"])
    assert {"loan_amount": 40, "npl_ratio": 35, "teamwork": 25} == weighed(card)
    assert ("east", "desk") == card.set_by


def test_an_override_is_for_one_profile() -> None:
    """A branch that tunes the standard card leaves the trainees alone."""
    profiles = {**BASE["profiles"], "trainee": {"weights": weights(loan_amount=100)}}
    rules = [{"profile": "standard"}, {"profile": "trainee", "role": "trainee"}]
    found = scheme(profiles=profiles, who=rules, overrides=[override("east", weights=weights(npl_ratio=100))])

    assert {"npl_ratio": 100} == weighed(found.resolve(period=MARCH, units=["east"]))
    assert {"loan_amount": 100} == weighed(found.resolve(period=MARCH, role="trainee", units=["east"]))


def test_an_override_holds_from_its_first_day_to_the_day_before_its_last() -> None:
    """Spring's weights are spring's."""
    spring = override("east", weights=weights(npl_ratio=100), since="2026-03-01", until="2026-05-01")
    found = scheme(overrides=[spring])
    actual = {
        month: weighed(found.resolve(period=lp.Period.month(2026, month), units=["east"]))["npl_ratio"]
        for month in (2, 3, 4, 5)
    }

    assert {2: 30, 3: 100, 4: 100, 5: 30} == actual
    assert 30 == weighed(found.resolve(period=lp.Period("2026-02-28", "2026-04-01"), units=["east"]))["npl_ratio"]


def test_weights_outside_the_limits_of_the_scheme_are_refused() -> None:
    """Head office sets how far a branch may go."""
    wide = override("east", weights=weights(loan_amount=80, npl_ratio=10, retention_rate=10))
    assert [
        "$.overrides[0].weights: npl_ratio weighs 10%, outside 20% to 40%; stay within the limits set above"
    ] == faults({"limits": LIMITS, "overrides": [wide]})


def test_leaving_an_indicator_out_does_not_go_round_its_limit() -> None:
    """A branch that drops the NPL ratio gives it a weight of 0%."""
    without = override("east", weights=weights(loan_amount=80, retention_rate=20))
    assert [
        "$.overrides[0].weights: npl_ratio weighs 0%, outside 20% to 40%; stay within the limits set above"
    ] == faults({"limits": LIMITS, "overrides": [without]})

    narrowed = override("east", limits=LIMITS)
    found = scheme(overrides=[narrowed, {**without, "unit": "desk"}])
    with pytest.raises(lp.errors.WeightsError, match="unit 'desk': npl_ratio weighs 0%, outside 20% to 40%"):
        found.resolve(period=MARCH, units=["east", "desk"])


def test_a_limit_does_not_put_an_indicator_on_a_card_that_never_had_it() -> None:
    """The trainees' card knows no NPL ratio, and a limit on its weight does not change that."""
    profiles = {**BASE["profiles"], "trainee": {"weights": weights(loan_amount=100)}}
    own = {"unit": "east", "profile": "trainee", "weights": weights(loan_amount=50, teamwork=50)}
    rules = [{"profile": "standard"}, {"profile": "trainee", "role": "trainee"}]
    found = scheme(limits=LIMITS, profiles=profiles, overrides=[own], who=rules)

    assert {"loan_amount": 50, "teamwork": 50} == weighed(found.resolve(period=MARCH, role="trainee", units=["east"]))


def test_a_unit_narrows_the_limits_for_those_below_and_never_widens_them() -> None:
    """Each level binds the next."""
    narrow = override("east", limits={"npl_ratio": {"at_least": "30%", "at_most": "40%"}})
    desk = override("desk", weights=weights(loan_amount=65, npl_ratio=25, retention_rate=10))
    found = scheme(limits=LIMITS, overrides=[narrow, desk])

    assert 25 == weighed(found.resolve(period=MARCH, units=["bank", "west", "desk"]))["npl_ratio"]
    with pytest.raises(lp.errors.WeightsError) as caught:
        found.resolve(period=MARCH, units=["bank", "east", "desk"])
    assert (
        "weights of profile 'standard': unit 'desk': npl_ratio weighs 25%, outside 30% to 40%;"
        " stay within the limits set above"
    ) == str(caught.value)

    wide = {"npl_ratio": {"at_least": "20%", "at_most": "50%"}}
    assert [
        (
            "$.overrides[0].limits: the limit of npl_ratio goes beyond 20% to 40%;"
            " a unit may narrow the limits set above, not widen them"
        )
    ] == faults({"limits": LIMITS, "overrides": [override("east", limits=wide)]})
    widened = scheme(limits=LIMITS, overrides=[narrow, override("desk", limits=LIMITS)])
    with pytest.raises(lp.errors.WeightsError, match="unit 'desk': the limit of npl_ratio goes beyond 30% to 40%"):
        widened.resolve(period=MARCH, units=["east", "desk"])


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (
            {"overrides": [override("east", weights=weights(loan_amount=99))]},
            (
                "$.overrides[0].weights: weights of profile 'standard': they sum to 99%, 1% missing;"
                " make them sum to exactly 100%, or use rebalance"
            ),
        ),
        (
            {"overrides": [override("east", since="2026-03-01", until="2026-03-01")]},
            "$.overrides[0].until: it is not after since (found 2026-03-01); give a later day",
        ),
        (
            {"overrides": [{"unit": "east", "profile": "standart"}]},
            "$.overrides[0].profile: there is no profile of that code (found 'standart'); did you mean 'standard'?",
        ),
        (
            {"limits": {"npl_ratio": {"at_least": "40%", "at_most": "20%"}}},
            "$.limits.npl_ratio: no weight is within it; give at_least at or below at_most",
        ),
        (
            {
                "overrides": [
                    override("east", targets={"npl_ratio": "2%"}, since="2026-03-01"),
                    override("east", targets={"npl_ratio": "4%"}, until="2026-03-02"),
                ]
            },
            (
                "$.overrides[0]: unit 'east' sets the target of npl_ratio twice on 2026-03-01;"
                " end the first where the second starts"
            ),
        ),
    ],
)
def test_overrides_that_cannot_be_meant_are_refused(changed: Document, expected: str) -> None:
    """By path, before anybody is appraised by them."""
    assert [expected] == faults(changed)


def test_overrides_that_follow_each_other_or_set_different_things_stand_side_by_side() -> None:
    """A year of a branch is several overrides."""
    found = scheme(
        overrides=[
            override("east", weights=weights(npl_ratio=100), until="2026-03-01"),
            override("east", weights=weights(loan_amount=100), since="2026-03-01"),
            override("east", targets={"loan_amount": "70万元"}),
        ]
    )
    card = found.resolve(period=MARCH, units=["east"])

    assert {"loan_amount": 100} == weighed(card)
    assert lp.quantity("70万元") == card.lines[0].target


def test_the_target_set_nearest_to_the_payee_holds_and_says_by_whom() -> None:
    """The appraisal names who set the target it was held against."""
    found = scheme(
        targets={"loan_amount": "100万元", "npl_ratio": "3%", "retention_rate": "80%"},
        profiles={
            "standard": {**BASE["profiles"]["standard"], "targets": {"npl_ratio": "2%", "retention_rate": "85%"}}
        },
        overrides=[override("bank", targets={"retention_rate": "90%"}), override("east", targets={"npl_ratio": "1%"})],
    )
    lines = found.resolve(period=MARCH, units=["bank", "east"]).lines

    assert [
        (lp.quantity("100万元"), lp.Label("of the scheme", "方案规定")),
        (lp.quantity("1%"), lp.Label("of unit east", "机构 east 规定")),
        (lp.quantity("90%"), lp.Label("of unit bank", "机构 bank 规定")),
    ] == [(line.target, line.target_source) for line in lines]
    west = found.resolve(period=MARCH, units=["west"]).lines[1]
    assert (lp.quantity("2%"), lp.Label("of profile standard", "权重方案 standard 规定")) == (
        west.target,
        west.target_source,
    )


# ── strategy phases ─────────────────────────────────────────────────────────────────────────────────────────

RISK_WEIGHTS = weights(loan_amount=50, npl_ratio=40, retention_rate=10)
PHASES = {
    "growth": {"require": [{"of": ["performance"], "at_least": "60%"}]},
    "caution": {
        "require": [{"of": ["risk"], "at_least": "40%"}, {"of": ["npl_ratio"], "at_most": "50%"}],
        "weights": {"standard": RISK_WEIGHTS},
        "targets_at_most": {"npl_ratio": "5%"},
    },
}
TIMELINE = [
    {"phase": "caution", "since": "2026-04-01", "until": "2026-06-01"},
    {"phase": "growth", "since": "2026-02-01", "until": "2026-04-01"},
]


def phased(**changed: Any) -> lp.Scheme:
    """The small scheme with its phases."""
    return scheme(phases=PHASES, timeline=TIMELINE, **changed)


def test_the_timeline_picks_the_phase_by_the_first_day_of_the_period() -> None:
    """A strategy begins on a day, and before and after it there may be none."""
    actual = {
        month: (card.phase, weighed(card)["npl_ratio"])
        for month in range(1, 8)
        for card in [phased().resolve(period=lp.Period.month(2026, month))]
    }
    assert {
        1: ("", 30),
        2: ("growth", 30),
        3: ("growth", 30),
        4: ("caution", 40),
        5: ("caution", 40),
        6: ("", 30),
        7: ("", 30),
    } == actual
    assert "growth" == phased().resolve(period=lp.Period("2026-03-31", "2026-04-30")).phase


def test_a_unit_cannot_set_what_the_phase_forbids() -> None:
    """The strategy of the bank binds its branches, and the message says which constraint and who broke it."""
    own = override("east", weights=weights(loan_amount=61, npl_ratio=39))
    found = phased(overrides=[own])
    april = lp.Period.month(2026, 4)

    assert {"loan_amount": 61, "npl_ratio": 39} == weighed(found.resolve(period=MARCH, units=["east"]))
    assert {"loan_amount": 50, "npl_ratio": 40, "retention_rate": 10} == weighed(found.resolve(period=april))
    with pytest.raises(lp.errors.WeightsError) as caught:
        found.resolve(period=april, units=["east"])
    assert (
        "weights of profile 'standard': risk weighs 39%, and at least 40% is required in phase 'caution'"
        " as set by east; set weights that the phase allows"
    ) == str(caught.value)


def test_a_constraint_holds_at_its_edge() -> None:
    """At least 60% is kept by 60%, and broken by a hundredth of a percent less."""
    assert "growth" == scheme(phases={"growth": PHASES["growth"]}).phases[0].code
    less = {"standard": {"weights": weights(loan_amount="59.99", npl_ratio="30.01", retention_rate=10)}}
    assert [
        (
            "$.phases.growth.require: profile 'standard' breaks it: performance weighs 59.99%, and at least"
            " 60% is required; state weights that keep it in [phases.growth.weights.standard]"
        )
    ] == faults({"profiles": less, "phases": {"growth": PHASES["growth"]}})


def test_a_constraint_can_set_an_upper_bound() -> None:
    """Volume of no more than half is a constraint as good as risk of at least 40%."""
    capped = {"modest": {"require": [{"of": ["performance"], "at_most": "50%"}]}}
    assert [
        (
            "$.phases.modest.require: profile 'standard' breaks it: performance weighs 60%, and at most 50% is allowed;"
            " state weights that keep it in [phases.modest.weights.standard]"
        )
    ] == faults({"phases": capped})


def test_a_constraint_sums_indicators_and_dimensions_each_once() -> None:
    """An indicator that is named beside its own dimension does not count double."""
    asked = {"require": [{"of": ["risk", "npl_ratio", "retention_rate"], "at_least": "40%", "at_most": "40%"}]}
    assert "x" == scheme(phases={"x": asked}).phases[0].code


def test_a_phase_limits_targets() -> None:
    """In caution no branch may aim at more than 5% bad loans; without a target of its own, 5% is the target."""
    april = lp.Period.month(2026, 4)
    readings = {"loan_amount": "1 元", "npl_ratio": "5%", "retention_rate": "80%"}
    targets = {"loan_amount": "1 元", "retention_rate": "80%"}
    line = phased().resolve(period=april).lines[1]

    assert (lp.quantity("5%"), lp.Label("the limit of the phase", "阶段上限"), lp.quantity("5%")) == (
        line.target,
        line.target_source,
        line.target_at_most,
    )
    card = phased().resolve(period=april)
    assert Decimal("100.0") == lp.appraise(card, targets, readings).score
    assert Decimal("0.0") == lp.appraise(card, {**targets, "npl_ratio": "2.5%"}, readings).line("npl_ratio").points
    with pytest.raises(lp.errors.TargetError) as caught:
        lp.appraise(card, {**targets, "npl_ratio": "5.0001%"}, readings)
    assert "target of 'npl_ratio' is 5.0001%; the phase allows at most 5%" == str(caught.value)
    unlimited = lp.appraise(phased().resolve(period=MARCH), {**targets, "npl_ratio": "6%"}, readings)
    assert lp.quantity("6%") == unlimited.line("npl_ratio").target


# ── rebalancing ─────────────────────────────────────────────────────────────────────────────────────────────

CARD: lp.schemes.Profile = lp.schemes.Profile(
    code="senior",
    weights=tuple(
        (code, Fraction(weight, 100))
        for code, weight in {
            "loan_amount": 30,
            "disbursed_amount": 15,
            "customer_count": 5,
            "npl_ratio": 30,
            "retention_rate": 10,
            "training_completion_rate": 10,
        }.items()
    ),
)
BY_DIMENSION = {code: lp.indicator(code).dimension for code in lp.CATALOGUE}
THREE = lp.template("consumer-finance").profiles[0].weights


def moved(changes: dict[str, str], held: Any = CARD.weights, **more: Any) -> dict[str, Fraction]:
    """The weights after a change, in percent."""
    found = lp.schemes.rebalance(held, changes, dimensions=BY_DIMENSION, profile="senior", **more)
    return {code: weight * 100 for code, weight in found}


def test_the_published_move_leaves_the_others_as_they_are() -> None:
    """NPL ratio from 30 down to 25, retention from 10 up to 15: the total of the others stays, and so do they."""
    assert {
        "loan_amount": 30,
        "disbursed_amount": 15,
        "customer_count": 5,
        "npl_ratio": 25,
        "retention_rate": 15,
        "training_completion_rate": 10,
    } == moved({"npl_ratio": "25%", "retention_rate": "15%"})


def test_one_change_is_made_up_by_the_others_in_proportion() -> None:
    """70 points become 75: 32.14, 16.07, 5.36, 10.71 and 10.71, and the largest remainders take what is left."""
    assert {
        "loan_amount": 32,
        "disbursed_amount": 16,
        "customer_count": 5,
        "npl_ratio": 25,
        "retention_rate": 11,
        "training_completion_rate": 11,
    } == moved({"npl_ratio": "25%"})


def test_a_dimension_moves_as_one() -> None:
    """Risk from 30 to 40 gives the weights of the risk control phase but for its NPL ratio."""
    assert {
        "loan_amount": 26,
        "disbursed_amount": 13,
        "customer_count": 4,
        "npl_ratio": 27,
        "overdue_ratio": 7,
        "compliance_score": 6,
        "retention_rate": 9,
        "cross_sell_rate": 4,
        "training_completion_rate": 4,
    } == moved({"risk": "40%"}, THREE)


def test_the_move_to_the_value_phase() -> None:
    """Growth from 20 to 30 and performance to 40: risk stays at 30 and keeps its weights."""
    found = moved({"growth": "30%", "performance": "40%"}, THREE)
    assert [24, 12, 4, 20, 5, 5, 15, 8, 7] == list(found.values())


def test_the_step_is_what_weights_are_multiples_of() -> None:
    """A quarter of a percent is a step too; a change that no step can land on is refused."""
    found = moved({"npl_ratio": "22.25%"}, step="0.25%")
    assert {0} == {weight % Fraction("0.25") for weight in found.values()}
    assert 100 == sum(found.values())
    with pytest.raises(lp.errors.WeightsError) as caught:
        moved({"npl_ratio": "22.5%"})
    assert ("weights of profile 'senior': 77.5% is not a whole number of steps of 1%; give a finer step") == str(
        caught.value
    )


@pytest.mark.parametrize(
    ("changes", "more", "expected"),
    [
        ({"npl_ratio": "101%"}, {}, "weights of profile 'senior': the changes exceed 100% by 1%; set less"),
        (
            {"npl_ratio": "60%", "loan_amount": "50%"},
            {},
            "weights of profile 'senior': the changes exceed 100% by 10%; set less",
        ),
        (
            {"npl_ratio": "-5%"},
            {},
            "weights of profile 'senior': 'npl_ratio' would weigh -5%; give a weight of 0% or more",
        ),
        (
            {"performance": "50%", "risk": "30%", "growth": "10%"},
            {},
            "weights of profile 'senior': the changes leave nothing that can scale; make them sum to 100% themselves",
        ),
        (
            {"npl_ratio": "25%", "risk": "30%"},
            {},
            "weights of profile 'senior': 'risk' is set twice; set an indicator or its dimension, not both",
        ),
        (
            {"npl_ratio": "25%"},
            {"step": "0%"},
            "weights of profile 'senior': the step is 0%; give a step above 0%, such as 1%",
        ),
        (
            {"npl_ratio": "25%"},
            {"step": "-1%"},
            "weights of profile 'senior': the step is -1%; give a step above 0%, such as 1%",
        ),
    ],
)
def test_a_change_that_cannot_be_made_says_why(changes: dict[str, str], more: Document, expected: str) -> None:
    """Each refusal names what to change."""
    with pytest.raises(lp.errors.WeightsError) as caught:
        moved(changes, **more)
    assert expected == str(caught.value)


def test_a_change_of_what_is_not_there_is_refused() -> None:
    """An indicator that the card does not weigh cannot be moved; nor can a weight in money or a float."""
    with pytest.raises(lp.errors.UnknownIndicatorError, match="no indicator is called 'teamwork'"):
        moved({"teamwork": "10%"})
    with pytest.raises(lp.errors.UnitError, match="the weight of 'npl_ratio'"):
        moved({"npl_ratio": "25 元"})
    with pytest.raises(lp.errors.UnitError, match="the step"):
        moved({"npl_ratio": "25%"}, step="1 point")
    with pytest.raises(lp.errors.FloatError):
        moved({"npl_ratio": 0.25})  # type: ignore[dict-item]
    with pytest.raises(lp.errors.AllocationError, match="no tie-break"):
        moved({"npl_ratio": "25%"}, tie_break="luck")


def test_weights_that_nothing_can_scale_stay_away_from_a_crash() -> None:
    """A card with one indicator, and one whose others weigh nothing."""
    alone = (("npl_ratio", Fraction(1)),)
    idle = (("npl_ratio", Fraction(1)), ("loan_amount", Fraction(0)), ("retention_rate", Fraction(0)))

    assert {"npl_ratio": 100} == moved({"npl_ratio": "100%"}, alone)
    for held in (alone, idle):
        with pytest.raises(lp.errors.WeightsError, match="leave nothing that can scale"):
            moved({"npl_ratio": "90%"}, held)
    pair = (("npl_ratio", Fraction(1)), ("loan_amount", Fraction(0)))
    assert {"npl_ratio": 90, "loan_amount": 10} == moved({"npl_ratio": "90%"}, pair)


def test_no_change_changes_nothing() -> None:
    """Also where the weights are on no whole step."""
    odd = tuple((code, Fraction(1, 3)) for code in ("npl_ratio", "loan_amount", "retention_rate"))

    assert CARD.weights == lp.schemes.rebalance(CARD.weights, {}, dimensions={})
    assert CARD.weights == lp.schemes.rebalance(CARD.weights, {"npl_ratio": "30%"}, dimensions={})
    assert odd == lp.schemes.rebalance(odd, {"npl_ratio": "1/3"}, dimensions={})


def test_the_tie_break_decides_between_equals() -> None:
    """Two of 25 share one point less: which gets it is stated, not found."""
    held = tuple((code, Fraction(1, 4)) for code in ("npl_ratio", "loan_amount", "retention_rate", "teamwork"))
    change = {"npl_ratio": "24%"}

    assert [24, 26, 25, 25] == list(moved(change, held).values())
    assert [24, 26, 25, 25] == list(moved(change, held, tie_break="first").values())
    assert [24, 25, 25, 26] == list(moved(change, held, tie_break="last").values())


@st.composite
def held_weights(draw: st.DrawFn) -> tuple[tuple[str, Fraction], ...]:
    """Whole percentages of some indicators that sum to 100."""
    codes = draw(st.lists(st.sampled_from(sorted(lp.CATALOGUE)), min_size=2, max_size=9, unique=True))
    cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=len(codes) - 1, max_size=len(codes) - 1)))
    edges = zip([0, *cuts], [*cuts, 100], strict=True)
    return tuple((code, Fraction(high - low, 100)) for code, (low, high) in zip(codes, edges, strict=True))


@given(held_weights(), st.integers(0, 100), st.data())
def test_weights_still_sum_to_100_and_keep_their_order(
    held: tuple[tuple[str, Fraction], ...], percent: int, data: st.DataObject
) -> None:
    """Whatever moves, the sum is exact, each weight is a whole step, and none of the others overtakes another."""
    code = data.draw(st.sampled_from([code for code, _ in held]))
    try:
        found = dict(lp.schemes.rebalance(held, {code: f"{percent}%"}, dimensions=BY_DIMENSION))
    except lp.errors.WeightsError:
        assert not any(weight for other, weight in held if other != code)
        return
    others = [(weight, found[other]) for other, weight in held if other != code]

    assert [other for other, _ in held] == list(found)
    assert 1 == sum(found.values())
    assert Fraction(percent, 100) == found[code]
    assert all(weight >= 0 and (weight * 100).denominator == 1 for weight in found.values())
    for before, after in others:
        assert all(after <= more for base, more in others if before < base)


@given(held_weights(), st.integers(0, 100), st.data())
def test_a_dimension_lands_where_it_was_sent(
    held: tuple[tuple[str, Fraction], ...], percent: int, data: st.DataObject
) -> None:
    """The dimension weighs what was asked, the whole 100%, and where it already did, nothing moves."""
    dimension = data.draw(st.sampled_from(sorted({BY_DIMENSION[code] for code, _ in held})))
    within = [weight for code, weight in held if BY_DIMENSION[code] == dimension]
    before = sum(within, Fraction(0))
    try:
        found = lp.schemes.rebalance(held, {dimension: f"{percent}%"}, dimensions=BY_DIMENSION)
    except lp.errors.WeightsError:
        assert before in (0, 1)
        return
    after = sum((weight for code, weight in found if BY_DIMENSION[code] == dimension), Fraction(0))

    assert (Fraction(percent, 100), 1) == (after, sum(weight for _, weight in found))
    if before == after:
        assert held == found


def test_a_change_that_the_phase_forbids_says_why() -> None:
    """Performance must stay at 60% in expansion; the refusal names the constraint, not only the sum."""
    expansion = lp.template("expansion")
    with pytest.raises(lp.errors.WeightsError) as caught:
        expansion.rebalance("standard", {"npl_ratio": "25%"}, effective="2026-07-01", phase="expansion")
    assert (
        "weights of profile 'standard': performance weighs 53%, and at least 60% is required;"
        " the phase does not allow this change; change less, or another weight too"
    ) == str(caught.value)


def test_a_change_within_the_phase_is_the_next_version() -> None:
    """NPL ratio and retention move inside the room that expansion leaves; the old version stays as it was."""
    expansion = lp.template("expansion")
    changes = {"npl_ratio": "20%", "retention_rate": "4%"}
    after = expansion.rebalance("standard", changes, effective="2026-07-01", phase="expansion")
    july = lp.Period.month(2026, 7)

    assert (16, 8) == tuple(weighed(expansion.resolve(period=july))[code] for code in changes)
    assert (20, 4) == tuple(weighed(after.resolve(period=july))[code] for code in changes)
    assert expansion.profiles == after.profiles
    assert lp.template("expansion") == expansion
    assert [expansion, after] == list(lp.SchemeBook([expansion, after]).versions)


def test_a_new_version_starts_after_the_old_one() -> None:
    """It would otherwise change what is in use."""
    with pytest.raises(lp.errors.ResolveError, match="it does not follow this one; choose a day after 2026-01-01"):
        scheme().rebalance("standard", {"npl_ratio": "25%"}, effective="2026-01-01")
    for name in ("profile", "phase"):
        code = {"profile": "senior", "phase": ""} if name == "profile" else {"profile": "standard", "phase": "boom"}
        with pytest.raises(lp.errors.ResolveError, match="the scheme has none of that name"):
            phased().rebalance(code["profile"], {}, effective="2026-07-01", phase=code["phase"])


def test_a_profile_checks_its_weights_when_it_is_built() -> None:
    """A profile of 99.9% cannot exist, in whatever way it is made."""
    with pytest.raises(lp.errors.WeightsError, match=r"they sum to 99.9%, 0.1% missing"):
        lp.schemes.Profile(code="x", weights=(("loan_amount", Fraction("0.999")),))
    with pytest.raises(lp.errors.WeightsError, match="'loan_amount' has two weights"):
        lp.schemes.Profile(code="x", weights=(("loan_amount", Fraction(1, 2)),) * 2)
    with pytest.raises(lp.errors.WeightsError, match="they sum to 0%, 100% missing"):
        lp.schemes.Profile(code="x", weights=())


# ── what is built in Python ─────────────────────────────────────────────────────────────────────────────────

RISE = lp.schemes.Curve.of([["0 point", "0 month"], ["100 point", "1 month"]], shape="linear")
SCORING: Document = {"rule": lp.schemes.Direction.HIGHER, "places": 1, "rounding": lp.Rounding.HALF_EVEN}
VETO: Document = {"indicator": "par_90", "test": "above", "limit": lp.quantity("5%")}
BONUS: Document = {"unit": "month", "curve": RISE, "rounding": lp.Rounding.HALF_UP}
GRADE: Document = {"code": "A", "at_least": Decimal(90)}
OVERRIDE: Document = {"unit": "east", "profile": "standard"}


def built(kind: type, fields: Document) -> Any:
    """A part of a card from fields of any kind."""
    return kind(**fields)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (lp.schemes.Scoring, SCORING | {"cap": 1.5}),
        (lp.schemes.Scoring, SCORING | {"floor": 0.0}),
        (lp.schemes.Scoring, SCORING | {"places": 1.0}),
        (lp.schemes.Veto, VETO | {"limit": 0.05}),
        (lp.schemes.Veto, VETO | {"score": 59.9}),
        (lp.schemes.Grade, GRADE | {"at_least": 121.2}),
        (lp.schemes.Grade, GRADE | {"coefficient": 1.1}),
        (lp.schemes.Bonus, BONUS | {"cap": 2.5}),
        (lp.schemes.Bonus, BONUS | {"floor": float("nan")}),
        (lp.schemes.Constraint, {"of": ("risk",), "at_least": 0.3}),
        (lp.schemes.Constraint, {"of": ("risk",), "at_most": 0.3}),
        (lp.schemes.Profile, {"code": "x", "weights": (("loan_amount", 1.0),)}),
        (
            lp.schemes.Profile,
            {"code": "x", "weights": (("loan_amount", Fraction(1)),), "targets": (("npl_ratio", 0.03),)},
        ),
        (lp.schemes.Phase, {"code": "x", "weights": (("standard", (("loan_amount", 1.0),)),)}),
        (lp.schemes.Phase, {"code": "x", "targets_at_most": (("npl_ratio", 0.03),)}),
        (lp.schemes.ScoringEntry, {"code": "default", "cap": 1.5}),
        (lp.schemes.Limit, {"code": "npl_ratio", "at_least": 0.2}),
        (lp.schemes.Limit, {"code": "npl_ratio", "at_most": 0.2}),
        (lp.schemes.Override, OVERRIDE | {"weights": (("npl_ratio", 1.0),)}),
        (lp.schemes.Override, OVERRIDE | {"targets": (("npl_ratio", 0.03),)}),
    ],
)
def test_a_float_is_refused_when_a_part_is_built(kind: type, fields: Document) -> None:
    """Money was paid from a score of 59.9 that was not 59.9."""
    with pytest.raises(lp.errors.FloatError):
        built(kind, fields)


def test_a_float_is_no_weight_of_a_line_or_a_rebalance() -> None:
    """A card that is changed by hand is as exact as one that was resolved."""
    line: Any = scheme().resolve(period=MARCH).lines[0]
    halves: Any = (("loan_amount", 0.5), ("npl_ratio", 0.5))
    with pytest.raises(lp.errors.FloatError):
        evolve(line, weight=0.6)
    with pytest.raises(lp.errors.FloatError):
        evolve(line, target=100.5)
    with pytest.raises(lp.errors.FloatError):
        lp.schemes.rebalance(halves, {"npl_ratio": "30%"}, dimensions={})


WRONG: dict[str, tuple[type, Document, str]] = {
    "a rule that is a word": (
        lp.schemes.Scoring,
        SCORING | {"rule": "higher is better"},
        (
            "Scoring.rule: it is no Direction or Curve (found 'higher is better');"
            " pass a value of the type Direction or a value of the type Curve"
        ),
    ),
    "a curve over something else": (
        lp.schemes.Scoring,
        SCORING | {"of": "score"},
        "Scoring.of: it is no known word (found 'score'); pass one of 'attainment', 'value'",
    ),
    "too many places": (
        lp.schemes.Scoring,
        SCORING | {"places": 10},
        "Scoring.places: it is out of range (found 10); give 0 to 9",
    ),
    "places below zero": (
        lp.schemes.Scoring,
        SCORING | {"places": -1},
        "Scoring.places: it is negative (found -1); give 0 to 9",
    ),
    "places that are true": (
        lp.schemes.Scoring,
        SCORING | {"places": True},
        "Scoring.places: it is no int (found True); pass a value of the type int",
    ),
    "a rounding that is a word": (
        lp.schemes.Scoring,
        SCORING | {"rounding": "half up"},
        "Scoring.rounding: it is no Rounding (found 'half up'); pass a value of the type Rounding",
    ),
    "a missing that is a word": (
        lp.schemes.Scoring,
        SCORING | {"missing": "zero"},
        "Scoring.missing: it is no Missing (found 'zero'); pass a value of the type Missing",
    ),
    "a cap that is true": (
        lp.schemes.Scoring,
        SCORING | {"cap": True},
        "Scoring.cap: it is no Fraction (found True); pass a share, such as '30%' or Fraction(3, 10)",
    ),
    "a cap in points": (
        lp.schemes.Scoring,
        SCORING | {"cap": "5 point"},
        "Scoring.cap: it is no Fraction (found '5 point'); pass a share, such as '30%' or Fraction(3, 10)",
    ),
    "a veto that never strikes": (
        lp.schemes.Veto,
        VETO | {"test": "over"},
        "Veto.test: it is no known word (found 'over'); pass one of 'above', 'at least', 'below', 'at most'",
    ),
    "a veto of a list": (
        lp.schemes.Veto,
        VETO | {"test": ["above"]},
        "Veto.test: it is no known word (found ['above']); pass one of 'above', 'at least', 'below', 'at most'",
    ),
    "a veto without a limit": (
        lp.schemes.Veto,
        VETO | {"limit": None},
        "Veto.limit: it is no Quantity (found None); pass a quantity, such as '100万元' or '3%'",
    ),
    "a veto of no indicator": (
        lp.schemes.Veto,
        VETO | {"indicator": 90},
        "Veto.indicator: it is no str (found 90); pass a value of the type str",
    ),
    "a veto that leaves money": (
        lp.schemes.Veto,
        VETO | {"score": "60 CNY"},
        "Veto.score: it is no Decimal (found '60 CNY'); pass a number of points, such as Decimal('89.5')",
    ),
    "a veto that leaves no number": (
        lp.schemes.Veto,
        VETO | {"score": Decimal("NaN")},
        "Veto.score: it is no Decimal (found Decimal('NaN')); pass a number of points, such as Decimal('89.5')",
    ),
    "a grade from a third": (
        lp.schemes.Grade,
        GRADE | {"at_least": Fraction(1, 3)},
        ("Grade.at_least: it is no Decimal (found Fraction(1, 3)); pass a number of points, such as Decimal('89.5')"),
    ),
    "a grade that takes money back": (
        lp.schemes.Grade,
        GRADE | {"coefficient": Fraction(-1, 10)},
        "Grade.coefficient: it is negative (found -10%); give 0% to 1000%",
    ),
    "a gate that is a number": (
        lp.schemes.Gate,
        {"indicator": "npl_ratio", "forfeits": Fraction(1, 2)},
        "Gate.forfeits: it is no Curve (found Fraction(1, 2)); pass a value of the type Curve",
    ),
    "a bonus in weeks": (
        lp.schemes.Bonus,
        BONUS | {"unit": "weeks"},
        "Bonus.unit: it is no known word (found 'weeks'); pass one of 'month', 'amount', 'share'",
    ),
    "a bonus of knots": (
        lp.schemes.Bonus,
        BONUS | {"curve": ()},
        "Bonus.curve: it is no Curve (found ()); pass a value of the type Curve",
    ),
    "weights of a profile that are true": (
        lp.schemes.Profile,
        {"code": "x", "weights": (("npl_ratio", True),)},
        "Profile.weights: it is no Fraction (found True); pass a share, such as '30%' or Fraction(3, 10)",
    ),
    "weights of a phase that are no pairs": (
        lp.schemes.Phase,
        {"code": "x", "weights": (("standard", "all"),)},
        "Phase.weights: these are no pairs (found 'all'); pass pairs of a code and a value",
    ),
    "gates that are no tuple": (
        lp.schemes.Bonus,
        BONUS | {"gates": "npl"},
        "Bonus.gates: it is no tuple (found 'npl'); pass a tuple, such as ('new',)",
    ),
    "a gate that is none": (
        lp.schemes.Bonus,
        BONUS | {"gates": ("npl",)},
        "Bonus.gates: it is no Gate (found 'npl'); pass a value of the type Gate",
    ),
    "a constraint below zero": (
        lp.schemes.Constraint,
        {"of": ("risk",), "at_least": Fraction(-1, 2)},
        "Constraint.at_least: it is negative (found -50%); give 0% to 100%",
    ),
    "a constraint above the whole": (
        lp.schemes.Constraint,
        {"of": ("risk",), "at_most": 30},
        "Constraint.at_most: 30 is 3000% (found 30); write '30%' or '3000%'",
    ),
    "a constraint of one word": (
        lp.schemes.Constraint,
        {"of": "risk"},
        "Constraint.of: it is no tuple (found 'risk'); pass a tuple, such as ('new',)",
    ),
    "a limit above the whole": (
        lp.schemes.Limit,
        {"code": "npl_ratio", "at_least": 20},
        "Limit.at_least: 20 is 2000% (found 20); write '20%' or '2000%'",
    ),
    "weights that are no pairs": (
        lp.schemes.Override,
        OVERRIDE | {"weights": ("npl_ratio",)},
        "Override.weights: these are no pairs (found ('npl_ratio',)); pass pairs of a code and a value",
    ),
    "weights that are in threes": (
        lp.schemes.Override,
        OVERRIDE | {"weights": (("npl_ratio", 1, 2),)},
        "Override.weights: these are no pairs (found (('npl_ratio', 1, 2),)); pass pairs of a code and a value",
    ),
    "weights that are one number": (
        lp.schemes.Override,
        OVERRIDE | {"weights": 1},
        "Override.weights: these are no pairs (found 1); pass pairs of a code and a value",
    ),
    "limits that are none": (
        lp.schemes.Override,
        OVERRIDE | {"limits": ("npl_ratio",)},
        "Override.limits: it is no Limit (found 'npl_ratio'); pass a value of the type Limit",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_part_checks_its_fields_when_it_is_built(name: str) -> None:
    """A host that builds its rules in Python learns of a mistake there, and not from what is paid."""
    kind, fields, expected = WRONG[name]
    with pytest.raises(lp.errors.LoanPerfError) as caught:
        built(kind, fields)
    assert expected == str(caught.value)


def test_a_line_weighs_from_nothing_to_the_whole() -> None:
    """A weight of 6000% would be the only one that counts."""
    line = scheme().resolve(period=MARCH).lines[0]

    assert [0, 1] == [int(evolve(line, weight=Fraction(part)).weight) for part in (0, 1)]
    for weight, fault in ((Fraction(60), "out of range (found 6000%)"), (Fraction(-1, 10), "negative (found -10%)")):
        with pytest.raises(lp.errors.DataError) as caught:
            evolve(line, weight=weight)
        assert f"CardLine.weight: it is {fault}; give 0% to 100%" == str(caught.value)


def test_other_exact_numbers_become_those_of_the_field() -> None:
    """An int, a Decimal and a string with its unit are as exact as a Fraction."""
    for coefficient in ("110%", Decimal("1.1"), Fraction(11, 10)):
        assert Fraction(11, 10) == built(lp.schemes.Grade, GRADE | {"coefficient": coefficient}).coefficient
    whole = built(lp.schemes.Scoring, SCORING | {"cap": "200%"}).cap
    limit = built(lp.schemes.Veto, VETO | {"limit": "5%", "score": 60})
    override = built(
        lp.schemes.Override, OVERRIDE | {"weights": [["npl_ratio", 1]], "targets": {"npl_ratio": "3%"}.items()}
    )

    assert (Fraction, 2) == (type(whole), whole)
    assert (lp.quantity("5%"), Decimal, 60) == (limit.limit, type(limit.score), limit.score)
    assert ((("npl_ratio", 1),), (("npl_ratio", lp.quantity("3%")),)) == (override.weights, override.targets)
    assert Fraction is type(override.weights[0][1])
    assert Decimal("59.50") == built(lp.schemes.Grade, GRADE | {"at_least": "59.5 point"}).at_least


@pytest.mark.parametrize(
    ("test", "struck"),
    [
        ("above", [False, False, True]),
        ("at least", [False, True, True]),
        ("below", [True, False, False]),
        ("at most", [True, True, False]),
    ],
)
def test_a_veto_strikes_past_its_limit(test: Any, struck: list[bool]) -> None:
    """One word decides whether the limit itself is past it."""
    veto = built(lp.schemes.Veto, VETO | {"test": test})
    assert struck == [veto.struck(Fraction(value, 100)) for value in (4, 5, 6)]


def test_grades_are_sorted_whatever_their_order() -> None:
    """The scores say which grade is the higher, and a document may list them as it likes."""
    found = scheme(grades={"A": {"at_least": 90}, "C": {"at_least": 0}, "B": {"at_least": 60}})
    assert ["C", "B", "A"] == [grade.code for grade in found.resolve(period=MARCH).grades]
