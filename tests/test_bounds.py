"""Bounds: a rate, share or weight of a scheme is what was meant, or it is refused with its path."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, get_args, get_type_hints

import attrs
import pytest
from tests.loans import LIN, component, dated, drawn, earned

import loanperf as lp
from loanperf._validators import Factor
from loanperf.adapters.tables import Tables

Document = dict[str, Any]
MARCH = lp.Period.month(2026, 3)
STEP = {"shape": "step"}
TIERS = {"by": "amount", "applies": "flat", "accumulates": "period"}
BY_COUNT = {"by": "count", "applies": "flat", "accumulates": "period"}
HELD = {"share": "10%", "instalments": [{"after_months": 12, "share": "100%"}]}
BAD_LOAN = {"on": "non-performing", "share": "100%", "attainment": "stays"}


def of_component(**fields: Any) -> Document:
    """A scheme of one component."""
    loans = {"base": "disbursed", "rate": "0.5%"} | fields
    if {"rates", "curve", "table"} & {*fields}:
        del loans["rate"]
    return of_plan(components={"loans": loans})


def of_plan(**fields: Any) -> Document:
    """A scheme of one plan."""
    plan = {"rounding": "half up", "components": {"loans": {"base": "disbursed", "rate": "0.5%"}}} | fields
    return {"name": "x", "currency": "CNY", "effective": "2026-01-01", "plans": {"p": plan}}


def of_card(**fields: Any) -> Document:
    """A scheme of one profile."""
    scoring = {"default": {"places": 1, "rounding": "half up"}}
    head = {"name": "x", "currency": "CNY", "effective": "2026-01-01", "scoring": scoring}
    return head | {"profiles": {"s": {"weights": {"npl_ratio": "100%"}}}, "targets": {"npl_ratio": "3%"}} | fields


def of_bonus(**fields: Any) -> Document:
    """A scheme with a bonus in shares of a base."""
    bonus = {"unit": "share", "curve": [["0 point", 0], ["100 point", "20%"]], "rounding": "half up"}
    return of_card(bonus=bonus | fields)


def curve(y: Any) -> Document:
    """A curve of one y."""
    return {"knots": [["0元", y]], **STEP}


OF_TWO = {"by": "loan", "number": "ltv", "across": "term_months", "applies": "flat"}


def table(rate: Any) -> Document:
    """A table of rates in steps, of which one is given."""
    cells = [["0.1%", rate], ["0.1%", "0.1%"]]
    steps = {"between_rows": "step", "between_columns": "step", "outside": "edge"}
    return {"rows": ["0%", "50%"], "columns": [0, 12], "cells": cells, **steps}


RATES: dict[str, Callable[[Any], Document]] = {
    "Component.rate": lambda rate: of_component(rate=rate),
    "Component.curve": lambda rate: of_component(tiers=TIERS, curve=curve(rate)),
    "Component.curve in bands": lambda rate: of_component(tiers=TIERS, curve={"bands": [["0元", "", rate]], **STEP}),
    "Component.curve on": lambda rate: of_component(
        tiers=TIERS, curve={"knots": [["0元", "0.1%"], ["5万元", rate]], **STEP}
    ),
    "Rate.rate": lambda rate: of_component(rates=[{"rate": rate}]),
    "Rate.curve": lambda rate: of_component(tiers=TIERS, rates=[{"curve": curve(rate)}]),
    "Component.table": lambda rate: of_component(tiers=OF_TWO, table=table(rate)),
    "Rate.table": lambda rate: of_component(tiers=OF_TWO, rates=[{"table": table(rate)}]),
}
"""Rates of money: a share of 0% to 100%, with its sign."""
CURVES_OF_SHARES: dict[str, Callable[[Any], Document]] = {
    "Holdback.share": lambda share: of_plan(holdback=HELD | {"share": share}),
    "Holdback.share in a curve": lambda share: of_plan(holdback=HELD | {"share": curve(share)}),
    "Clawback.share": lambda share: of_plan(clawbacks=[BAD_LOAN | {"share": share}]),
    "Clawback.share in a curve": lambda share: of_plan(
        clawbacks=[BAD_LOAN | {"share": {"knots": [["0 month", share]], **STEP}}]
    ),
    "Gate.forfeits": lambda share: of_bonus(
        gates=[{"indicator": "npl_ratio", "forfeits": {"knots": [["0%", share]], **STEP}}]
    ),
    "Gate.forfeits of a plan": lambda share: of_plan(
        gates=[{"indicator": "npl_ratio", "forfeits": {"knots": [["0%", share]], **STEP}}]
    ),
}
"""Shares of pay that a curve gives: 0% to 100%, with their sign."""
SHARES: dict[str, Callable[[Any], Document]] = {
    "Constraint.at_least": lambda share: of_card(phases={"q": {"require": [{"of": ["risk"], "at_least": share}]}}),
    "Constraint.at_most": lambda share: of_card(phases={"q": {"require": [{"of": ["risk"], "at_most": share}]}}),
    "Limit.at_least": lambda share: of_card(limits={"npl_ratio": {"at_least": share}}),
    "Limit.at_most": lambda share: of_card(limits={"npl_ratio": {"at_most": share}}),
    "Profile.weights": lambda share: of_card(profiles={"s": {"weights": {"npl_ratio": share}}}),
    "Phase.weights": lambda share: of_card(phases={"q": {"weights": {"s": {"npl_ratio": share}}}}),
    "Override.weights": lambda share: of_card(
        overrides=[{"unit": "east", "profile": "s", "weights": {"npl_ratio": share}}]
    ),
    "Stage.share": lambda share: of_component(stages=[{"milestone": "disbursed", "share": share}]),
    "Component.split": lambda share: of_component(split={"lead": share}),
    "Instalment.share": lambda share: of_plan(holdback=HELD | {"instalments": [{"after_months": 12, "share": share}]}),
    "Clawback.refund": lambda share: of_plan(clawbacks=[BAD_LOAN | {"refund": share}]),
    "Holdback.roles": lambda share: of_bonus(holdback=HELD | {"roles": {"officer": share}}),
    "Season.weights": lambda share: of_card(seasons={"loan_amount": {"of": "year", "weights": [share]}}),
    "AlertRule.after": lambda share: of_card(
        alerts={"a": {"indicator": "npl_ratio", "kind": "pace", "limit": "80%", "after": share}}
    ),
    "PayRules.guard_share": lambda share: of_plan() | {"pay": {"guard_share": share}},
}
"""Shares and weights of 0% to 100%; a bare 1 and a bare 0.3 are such."""
FACTORS: dict[str, Callable[[Any], Document]] = {
    "Grade.coefficient": lambda factor: of_card(grades={"A": {"at_least": 0, "coefficient": factor}}),
    "Multiplier.curve": lambda factor: of_component(
        multipliers=[{"indicator": "npl_ratio", "curve": {"knots": [["0%", factor]], **STEP}}]
    ),
    "Plan.ramp": lambda factor: of_plan(ramp={"knots": [[1, factor]], **STEP}),
    "Common.ramp": lambda factor: of_plan() | {"common": {"ramp": {"knots": [[1, factor]], **STEP}}},
    "Component.weighed_by": lambda factor: of_component(base="count", rate="5元", weighed_by=curve(factor)),
    "Bonus.curve": lambda factor: of_bonus(curve=[["0 point", factor]]),
}
"""What multiplies: 0% to 1000%."""
OTHERS = {
    *("ScoringEntry.curve", "ScoringEntry.cap", "ScoringEntry.floor", "Total.weights", "Deduct.start"),
    *("IndicatorEntry.parts", "IndicatorEntry.divided_by"),
}
"""Points and their shares, and what an indicator is made of: they may pass the whole or go below nothing."""


def refused(document: Document) -> tuple[str, ...]:
    """The problems of a document that cannot be."""
    with pytest.raises(lp.errors.SchemeError) as caught:
        lp.schemes.scheme_of(document)
    return tuple(str(problem) for problem in caught.value.problems)


def each(wrong: list[Any], *tables: dict[str, Callable[[Any], Document]]) -> list[Any]:
    """Every field with every wrong form."""
    cases = [(name, build, form) for table in tables for name, build in table.items() for form in wrong]
    return [pytest.param(build, form, id=f"{name}={form!r}") for name, build, form in cases]


@pytest.mark.parametrize(
    ("build", "wrong"), each(["101%", "-1%", 5, "0.5", 30, "30", 1, "5", "-0.5", "150%"], RATES, CURVES_OF_SHARES)
)
def test_a_rate_without_its_sign_or_beyond_its_base_is_refused(build: Callable[[Any], Document], wrong: Any) -> None:
    """101% of a loan is more than the loan; 0.5 is 0.5% to who typed it and half to a reader; the path is told."""
    problems = refused(build(wrong))

    assert all(problem.startswith(("$.plans.p.", "$.bonus.gates[0].forfeits")) for problem in problems)


@pytest.mark.parametrize(("build", "wrong"), each(["101%", "-1%", 5, 30, "30", "1.5", "-0.5"], SHARES))
def test_a_share_or_weight_beyond_the_whole_is_refused(build: Callable[[Any], Document], wrong: Any) -> None:
    """A weight of 30 is 3000%: it would be the only one that counts."""
    assert refused(build(wrong))


@pytest.mark.parametrize(("build", "wrong"), each(["-1%", "1001%", 120, "150", "-0.5"], FACTORS))
def test_a_factor_beyond_reason_is_refused(build: Callable[[Any], Document], wrong: Any) -> None:
    """120 for 120% would multiply pay by a hundred more."""
    assert refused(build(wrong))


@pytest.mark.parametrize(
    ("build", "right"), each(["0%", "0.5%", "50 bp", "100%", "6‱", "1/3"], RATES, CURVES_OF_SHARES)
)
def test_a_rate_within_its_base_is_read_and_read_back(build: Callable[[Any], Document], right: str) -> None:
    """What is right is kept, and a scheme that is written out says the same."""
    scheme = lp.schemes.scheme_of(build(right))

    assert scheme == lp.parse_scheme(lp.schemes.write_scheme(scheme), "json")


@pytest.mark.parametrize(("build", "right"), each(["100%", 1, "1", "10000 bp"], SHARES))
def test_the_whole_is_a_share(build: Callable[[Any], Document], right: Any) -> None:
    """A bare 1 and 100% are the whole."""
    assert lp.schemes.scheme_of(build(right)) == lp.schemes.scheme_of(build("100%"))


def reached(kind: type, seen: set[type]) -> Iterator[str]:
    """The fields of a scheme that hold a share, a factor, a curve or a rate."""
    seen.add(kind)
    hints = get_type_hints(kind)
    for item in attrs.fields(kind):
        if not item.init:
            continue
        parts = list(of_hint(hints[item.name]))
        if {Fraction, Factor, lp.schemes.Curve, lp.schemes.RateTable} & set(parts) or (
            item.name == "rate" and lp.Quantity in parts
        ):
            yield f"{kind.__name__}.{item.name}"
        for part in parts:
            if attrs.has(part) and part not in seen | {lp.schemes.Curve, lp.Quantity}:
                yield from reached(part, seen)


def of_hint(hint: Any) -> Iterator[Any]:
    """A hint, and all hints within it."""
    yield hint
    for part in get_args(hint):
        yield from of_hint(part)


def test_no_rate_of_a_scheme_is_forgotten() -> None:
    """A field that is added to a scheme is refused here until it stands in one of the tables above."""
    tables = (RATES, CURVES_OF_SHARES, SHARES, FACTORS)
    known = {name.split(" ")[0] for table in tables for name in table}

    assert known | OTHERS == set(reached(lp.Scheme, set()))


@pytest.mark.parametrize(
    ("fields", "path", "message"),
    [
        ({"rate": "-1%"}, "rate", "it is negative (found -1%); give zero or more, or write deducts = true"),
        ({"rate": "101%"}, "rate", "it is more than 100% (found 101%); give 100% at most"),
        ({"rate": "-101%", "deducts": True}, "rate", "it is more than 100% (found -101%)"),
        ({"rate": "0.5"}, "rate", "0.5 says no unit, and may be 0.5% or 50%; write its sign or its currency"),
        ({"rate": "20001元", "per": "2万元"}, "rate", "it is more than 20000 CNY (found 20001 CNY)"),
        ({"base": "count", "rate": "-5元"}, "rate", "it is negative (found -5 CNY)"),
        ({"base": "count", "rate": 5}, "rate", "5 says no unit, and may be 5% or 500%"),
        ({"base": "count", "tiers": BY_COUNT, "curve": {"knots": [[0, "-5元"]], **STEP}}, "curve", "it is negative"),
        ({"base": "team", "team": {"total": "sum"}, "rate": "101%"}, "rate", "it is more than 100% (found 101%)"),
        ({"base": "team", "team": {"total": "average"}, "rate": "1001%"}, "rate", "it is more than 1000%"),
        ({"rates": [{"rate": "-1%"}]}, "rates[0].rate", "it is negative (found -1%)"),
    ],
)
def test_the_message_says_what_a_rate_may_be(fields: Document, path: str, message: str) -> None:
    """What is there, where, and what to write."""
    (problem,) = refused(of_component(**fields))

    assert problem.startswith(f"$.plans.p.components.loans.{path}: {message}")


@pytest.mark.parametrize(
    "fields",
    [
        {"rate": "-1%", "deducts": True},
        {"base": "count", "rate": "-5元", "deducts": True},
        {"base": "count", "rate": "5000元"},
        {"rate": "6 元", "per": "1万元"},
        {"base": "team", "team": {"total": "average"}, "rate": "150%"},
        {"tiers": TIERS, "curve": {"knots": [["0元", "-1%"], ["5万元", "1%"]], **STEP}, "deducts": True},
    ],
)
def test_a_plan_that_says_that_it_deducts_may(fields: Document) -> None:
    """Two published plans take 10 yuan a day overdue, and one pays 150% of the average of a team."""
    scheme = lp.schemes.scheme_of(of_component(**fields))

    assert scheme == lp.parse_scheme(lp.schemes.write_scheme(scheme), "json")


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (of_card(targets={"npl_ratio": 3}), "$.targets.npl_ratio"),
        (of_card(targets={"npl_ratio": "3"}), "$.targets.npl_ratio"),
        (of_card(profiles={"s": {"weights": {"npl_ratio": "100%"}, "targets": {"npl_ratio": 3}}}), "$.profiles.s"),
        (of_card(phases={"q": {"targets_at_most": {"npl_ratio": 3}}}), "$.phases.q.targets_at_most.npl_ratio"),
        (of_card(vetoes=[{"indicator": "par_90", "test": "above", "limit": 5}]), "$.vetoes[0].limit"),
        (
            of_card(alerts={"line": {"indicator": "par_90", "kind": "threshold", "test": "above", "limit": 5}}),
            "$.alerts.line.limit",
        ),
        (of_card(alerts={"pace": {"indicator": "par_90", "kind": "pace", "limit": 80}}), "$.alerts.pace.limit"),
        (
            of_bonus(gates=[{"indicator": "npl_ratio", "forfeits": {"knots": [[0, 0], [2, "30%"]], **STEP}}]),
            "$.bonus.gates[0].forfeits",
        ),
        (
            of_card(
                scoring={
                    "default": {"places": 1, "rounding": "half up"},
                    "npl_ratio": {"rule": "curve", "curve": [[0, 1], [2, 0]]},
                }
            ),
            "$.scoring.npl_ratio.curve",
        ),
        (of_bonus(of="npl_ratio", curve=[[0, 0], [2, "20%"]]), "$.bonus.curve"),
    ],
)
def test_a_bare_number_above_one_is_no_value_of_a_ratio(document: Document, path: str) -> None:
    """A limit of 5 for 5% never strikes, and a target of 3 for 3% gives everybody full marks."""
    problems = refused(document)

    assert any(problem.startswith(path) and " is " in problem and "; write '" in problem for problem in problems)


# ── readings and targets of a call ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("value", ["2", 2, "85"], ids=repr)
def test_a_bare_reading_above_one_is_no_ratio(value: Any) -> None:
    """2 under 不良率 is 2% to a branch and 200% to arithmetic."""
    card = lp.template("worked-example").resolve(period=lp.Period.month(2026, 3))
    readings = {"loan_amount": "120万元", "npl_ratio": "2%", "retention_rate": "85%"}
    with pytest.raises(lp.errors.DataError, match=r"the reading of 'npl_ratio': [0-9]+ is [0-9]+%; write '[0-9]+%'"):
        lp.Reading.of("npl_ratio", value)
    with pytest.raises(lp.errors.DataError, match=r"the reading of 'npl_ratio': [0-9]+ is [0-9]+%; write '[0-9]+%'"):
        lp.appraise(card, readings=readings | {"npl_ratio": value})
    with pytest.raises(lp.errors.DataError, match=r"the target of 'npl_ratio': [0-9]+ is [0-9]+%; write '[0-9]+%'"):
        lp.appraise(card, {"npl_ratio": value}, readings)


def test_a_reading_of_an_indicator_of_the_host_is_refused_when_it_is_scored() -> None:
    """Only the scheme knows that it is a ratio; the reading remembers that it was written bare."""
    own = {"won": {"direction": "higher is better", "kind": "ratio", "dimension": "growth", "name": "won"}}
    document = of_card(indicators=own, profiles={"s": {"weights": {"won": 1}}}, targets={"won": "50%"})
    card = lp.schemes.scheme_of(document).resolve(period=lp.Period.month(2026, 3))

    assert lp.appraise(card, readings={"won": lp.Reading.of("won", "0.5")}).score == 100
    with pytest.raises(lp.errors.DataError, match="40 is 4000%; write '40%' or '4000%'"):
        lp.appraise(card, readings={"won": lp.Reading.of("won", "40")})


def of_own(kind: str, target: Any, **bounds: Any) -> Document:
    """A scheme that scores an indicator of its own."""
    own = {"direction": "higher is better", "kind": kind, "dimension": "growth", "name": "won"} | bounds
    return of_card(indicators={"won": own}, profiles={"s": {"weights": {"won": "100%"}}}, targets={"won": target})


OWN_BOUNDS = [
    ("ratio", "50%", {"least": "0%", "most": "100%"}, ["0%", "100%"], ["-2%", "850%"]),
    ("ratio", "50%", {"least": "-1", "most": "60%"}, ["-100%", "60%"], ["-101%", "61%"]),
    ("money", "5万元", {"least": 0, "most": "1亿元"}, ["0 元", "10000万元"], ["-0.01 元", "100000000.01 元"]),
    ("count", 20, {"least": 10, "most": "30 人"}, [10, "30"], [9, "31 人"]),
    (
        "points",
        "50 point",
        {"least": "10 point", "most": 100},
        ["10 point", "100 point"],
        ["9.99 point", "100.01 point"],
    ),
]
"""Kind, target, bounds; readings on the bounds, and readings just beyond them."""


@pytest.mark.parametrize(("kind", "target", "bounds", "within", "beyond"), OWN_BOUNDS)
def test_bounds_of_a_declared_indicator_hold_for_readings_and_targets(
    kind: str, target: Any, bounds: Document, within: list[Any], beyond: list[Any]
) -> None:
    """A reading of -2% or 850% is a slip of the host's, and would score without a word; the bounds are included."""
    scheme = lp.schemes.scheme_of(of_own(kind, target, **bounds))
    card = scheme.resolve(period=lp.Period.month(2026, 3))

    assert scheme == lp.parse_scheme(lp.schemes.write_scheme(scheme), "json")
    for value in within:
        assert 1 == len(lp.appraise(card, readings={"won": value}).lines)
        assert scheme.profiles == lp.schemes.scheme_of(of_own(kind, value, **bounds)).profiles
    for value in beyond:
        with pytest.raises(lp.errors.DataError, match=r"reading of 'won': it is .*, (below|above) "):
            lp.appraise(card, readings={"won": value})
        with pytest.raises(lp.errors.LoanPerfError, match="target of 'won'"):
            lp.appraise(card, {"won": value}, {"won": target})
        (problem,) = refused(of_own(kind, value, **bounds))
        assert problem.startswith("$.targets.won: it is ")


def test_a_declared_indicator_without_bounds_scores_whatever_comes() -> None:
    """As before: the bounds are stated or there are none."""
    card = lp.schemes.scheme_of(of_own("ratio", "50%")).resolve(period=lp.Period.month(2026, 3))

    assert lp.appraise(card, readings={"won": "850%"}).score == 1700


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (
            of_own("ratio", "100%", least="100%", most="50%"),
            "$.indicators.won.most: 50% is below the least, 100%; swap them",
        ),
        (
            of_own("ratio", "50%", most=85),
            "$.indicators.won.most: the bound of 'won': 85 is 8500%; write '85%' or '8500%'",
        ),
        (
            of_own("money", "5万元", least="1"),
            "$.indicators.won.least: the bound of 'won' (1) is in no unit; it must be in CNY",
        ),
        (
            of_own("money", "5万元", least="1 USD"),
            "$.indicators.won.least: the bound of 'won' (1 USD) is in USD; it must be in CNY",
        ),
        (of_own("points", "5 point", most="x"), "$.indicators.won.most: cannot read 'x' as a quantity"),
        (
            of_card(indicators={"npl_ratio": {"most": "50%"}}),
            "$.indicators.npl_ratio.most: the catalogue already says it",
        ),
    ],
)
def test_bounds_of_a_declared_indicator_that_cannot_be_are_refused(document: Document, problem: str) -> None:
    """A bound of 85 for 85% would refuse nothing, and two in the wrong order would refuse all."""
    assert any(said.startswith(problem) for said in refused(document))


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        ("-30%", "it is -30%, below 20%; write '30%' if the sign is a slip"),
        ("5%", "it is 5%, below 20%; give 20% or more"),
        ("70%", "it is 70%, above 60%; give 60% at most"),
        ("850%", "it is 850%, above 60%; give 60% at most"),
        ("5500%", "it is 5500%, above 60%; write '55%' if that is meant, else give 60% at most"),
        ("9200%", "it is 9200%, above 60%; give 60% at most"),
        (92, r"92 is 9200%; write '92%'$"),
    ],
)
def test_the_message_of_a_bound_says_what_can_be_meant(value: str | int, remedy: str) -> None:
    """A minus is a slip where there is one; a hundredth is offered where it can be, and no share above the most."""
    card = lp.schemes.scheme_of(of_own("ratio", "50%", least="20%", most="60%")).resolve(period=MARCH)
    with pytest.raises(lp.errors.DataError, match=remedy):
        lp.appraise(card, readings={"won": value})


def test_a_composed_indicator_keeps_its_bounds() -> None:
    """Made of others, and what the host supplies of it is held to the same."""
    document = of_own("money", "5万元", least=0, parts={"disbursed_amount": "50%"})
    card = lp.schemes.scheme_of(document).resolve(period=MARCH)

    assert lp.appraise(card, readings={"won": "5万元"}).score == 100
    with pytest.raises(lp.errors.DataError, match="it is -1 CNY, below 0 CNY"):
        lp.appraise(card, readings={"won": "-1 元"})


def test_points_are_read_where_points_are_asked() -> None:
    """95分 is a score of an indicator in points, a score of a grade, and 0.95 yuan of money."""
    assert lp.quantity("95 point") == lp.Reading.of("compliance_score", "95分").value
    assert lp.quantity("0.95 CNY") == lp.Reading.of("loan_amount", "95分").value
    assert lp.schemes.scheme_of(of_card(grades={"A": {"at_least": "90分"}})).grades[0].at_least == 90
    assert lp.quantity("12000 CNY") == lp.Reading.of("loan_amount", "¥1.2万").value


# ── readings and targets of commissions ─────────────────────────────────────────────────────────────────────

LADDER = lp.schemes.Curve.of([["0%", "0%"], ["2%", "30%"], ["5%", "100%"]], shape="step")
BY_PERCENT = lp.schemes.Curve.of([["0%", "50%"], ["80%", "100%"], ["120%", "150%"]], shape="step")
BY_VALUE = lp.schemes.Multiplier(indicator="own", of="value", curve=BY_PERCENT)
BY_ATTAINMENT = lp.schemes.Multiplier(indicator="own", curve=BY_PERCENT)
AT_READING = lp.schemes.Tiers(by="indicator", applies="flat", indicator="own")
TIERED = component(curve=lp.schemes.Curve.of([["0%", "1%"], ["2%", "2%"]], shape="step"), tiers=AT_READING)
INDICATOR: dict[str, Any] = {
    "code": "x",
    "name": lp.Label("x"),
    "dimension": "risk",
    "direction": lp.schemes.Direction.HIGHER,
    "kind": lp.schemes.Kind.RATIO,
}
OWN = {"won": {"direction": "higher is better", "kind": "ratio", "dimension": "growth", "name": "won"}}


def in_march(plan: lp.schemes.DatedPlan, reading: lp.Reading, *goals: lp.Target) -> tuple[Any, list[str]]:
    """What lin earns in March of a loan of 100,000, and the problems; who has one is blocked."""
    facts, since = lp.Facts.of(drawn("100000", on=["2026-03-02"])), MARCH.start
    found = lp.accrue(facts, [plan], LIN, through=MARCH, since=since, readings=[reading], targets={MARCH: goals})
    assert bool(found.problems) == ("lin" in found.blocked)
    return earned(found), [str(problem) for problem in found.problems]


def shown_by(value: Any, code: str = "own") -> lp.Reading:
    """A reading of lin's in March."""
    return lp.Reading.of(code, value, subject="lin", period=MARCH)


@pytest.mark.parametrize("value", ["2", 2, "40"], ids=repr)
@pytest.mark.parametrize(
    "plan",
    [
        {"components": [component(rate="1%")], "gates": (lp.schemes.Gate(indicator="own", forfeits=LADDER),)},
        {"components": [component(rate="1%", multipliers=(BY_VALUE,))]},
        {"components": [TIERED]},
    ],
    ids=["gate", "multiplier", "tier"],
)
def test_a_bare_reading_above_one_is_no_ratio_of_a_commission(plan: dict[str, Any], value: Any) -> None:
    """2 for 2% forfeits everything by a ladder in percent, and 40 for 40% pays the highest factor."""
    held = dict(plan)
    amount, problems = in_march(dated(*held.pop("components"), **held), shown_by(value))

    assert 0 == amount
    assert all(f"the reading of 'own': {value} is {value}00%; write '{value}%'" in problem for problem in problems)
    assert problems
    assert [] == in_march(dated(*plan["components"], **held), shown_by(f"{value}%"))[1]


def test_a_bare_number_is_a_count_where_its_curve_is_written_in_numbers() -> None:
    """12 accounts at a ladder of 0 and 10 accounts are 12, not 1200%."""
    curve = lp.schemes.Curve.of([[0, "100%"], [10, "120%"]], shape="step")
    plan = dated(component(rate="1%", multipliers=(lp.schemes.Multiplier(indicator="own", of="value", curve=curve),)))

    assert (1200, []) == in_march(plan, shown_by("12"))


@pytest.mark.parametrize(
    ("reading", "target", "expected", "said"),
    [
        ("85%", "80%", 1000, ""),
        ("0.85", "80%", 1000, ""),
        ("85", "80", 1000, ""),
        ("85 CNY", "80 CNY", 1000, ""),
        ("85", "80%", 0, "the reading of 'own': 85 is 8500%"),
        ("85%", "80", 0, "the target of 'own': 80 is 8000%"),
        ("85 CNY", "80 USD", 0, "it must be in USD"),
        ("85 USD", "80 USD", 0, "(85 USD) is in USD; it must be in CNY"),
        ("85 CNY", "80", 0, "it must be in no unit"),
    ],
)
def test_a_reading_and_its_target_count_the_same(reading: str, target: str, expected: int, said: str) -> None:
    """85 over 80% is 106 times the target, and 85 yuan over 80 dollars is nothing."""
    goal = lp.Target(payee="lin", indicator="own", value=target, period=MARCH)
    amount, problems = in_march(dated(component(rate="1%", multipliers=(BY_ATTAINMENT,))), shown_by(reading), goal)

    assert expected == amount
    assert [said in problem for problem in problems] == [True] * bool(said)


@pytest.mark.parametrize(
    ("value", "expected", "said"),
    [
        ("3万元", 150, ""),
        ("3000 USD", 0, "the reading of 'loan_amount' (3000 USD) is in USD; it must be in CNY"),
        ("3000", 0, "the reading of 'loan_amount' (3000) is in no unit; it must be in CNY"),
        ("3%", 0, "is in no unit; it must be in CNY"),
        (0, 0, ""),
    ],
)
def test_a_commission_of_an_amount_reads_its_currency(value: Any, expected: int, said: str) -> None:
    """0.5% of 3,000 dollars is not 15 yuan; a bare 0 is 0 in every unit."""
    plan = dated(component(base="indicator", indicator="loan_amount", rate="0.5%"))
    amount, problems = in_march(plan, shown_by(value, "loan_amount"))

    assert expected == amount
    assert [said in problem for problem in problems] == [True] * bool(said)


def test_a_scheme_tells_its_plans_what_its_own_indicators_count() -> None:
    """A count at thresholds that a store wrote as 500% takes 7; a ratio does not."""
    curve = {"knots": [[0, "100%"], [5, "120%"]], "shape": "step"}
    factor = {"indicator": "won", "of": "value", "curve": curve}
    parts = {"loans": {"base": "disbursed", "rate": "1%", "multipliers": [factor]}}
    counts = of_plan(components=parts) | {"indicators": {"won": OWN["won"] | {"kind": "count"}}}
    written = lp.schemes.scheme_of(counts).document()
    scheme = lp.schemes.scheme_of(written)

    (plan,) = lp.SchemeBook([scheme]).plans()
    ratio = lp.SchemeBook([lp.schemes.scheme_of(written | {"indicators": OWN})]).plans()[0]

    assert (1200, []) == in_march(plan, shown_by("7", "won"))
    assert (0, ["payee lin in 2026-03: the reading of 'won': 7 is 700%; write '7%' or '700%'"]) == in_march(
        ratio, shown_by("7", "won")
    )


def test_two_targets_that_differ_are_refused() -> None:
    """The last of them held, in whatever order a system sent them."""
    goals = [lp.Target(payee="lin", indicator="own", value=value, period=MARCH) for value in ("80 CNY", "8000 CNY")]
    with pytest.raises(lp.errors.LoanPerfError, match="target of own of lin for 2026-03: it is supplied twice"):
        in_march(dated(component(rate="1%", multipliers=(BY_ATTAINMENT,))), shown_by("85 CNY"), *goals)


def test_a_target_of_the_catalogue_is_no_bare_number_above_one() -> None:
    """3 for 3% gives everybody full marks, wherever it is looked at."""
    with pytest.raises(lp.errors.DataError, match=r"the target of 'npl_ratio': 3 is 300%; write '3%'$"):
        lp.Target(payee="lin", indicator="npl_ratio", value="3")


def test_a_period_is_no_text() -> None:
    """A text equals no period: what it was of would be left out in silence."""
    month: Any = "2026-03"
    with pytest.raises(lp.errors.DataError, match=r"period: it is no Period \(found '2026-03'\); pass a period"):
        lp.Reading.of("npl_ratio", "3%", subject="lin", period=month)
    with pytest.raises(lp.errors.DataError, match=r"period: it is no Period \(found '2026-03'\); pass a period"):
        lp.Target(payee="lin", indicator="npl_ratio", value="3%", period=month)


def test_a_clawback_names_the_key_that_a_word_of_old_has_today() -> None:
    """What `takes = "held"` said is what a clawback reaches; a scheme of before is told so."""
    for word in ("held", "held and paid"):
        (problem,) = refused(of_plan(clawbacks=[BAD_LOAN | {"takes": word}]))
        assert f"$.plans.p.clawbacks[0].takes: it is none of the words that can stand here (found '{word}')" in problem
        assert f"write reach = '{word}', and in takes what a part of the loan takes" in problem


# ── filters made in code ────────────────────────────────────────────────────────────────────────────────────


def test_bounds_of_a_filter_are_read_as_they_are_in_a_document() -> None:
    """As every other quantity of a plan."""
    text: Any = "5000 CNY"
    amount: Any = lp.Money("10万元")
    fits, too_large = lp.schemes.Where(field="amount", at_least=text), lp.schemes.Where(field="amount", above=amount)

    assert lp.quantity("5000 CNY") == fits.at_least
    assert (1000, []) == in_march(dated(component(where=(fits,), rate="1%")), shown_by("1"))
    assert (0, []) == in_march(dated(component(where=(too_large,), rate="1%")), shown_by("1"))


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("amount", {"at_least": "5000"}, "it is in another unit than the field (found '5000'); give an amount"),
    ("amount", {"at_least": "5000 USD"}, "5000 USD is in another currency; give it in CNY"),
    ("amount", {"values": ("new",)}, "amount is of kind money (found values); give bounds, such as at_least"),
    ("amount", {}, "a filter needs either values or bounds"),
    ("product", {"at_least": "5000 CNY"}, "product is of kind text (found at_least); give values"),
]


@pytest.mark.parametrize(("field", "given", "said"), WRONG)
def test_a_filter_that_no_loan_can_be_compared_with_is_refused(field: str, given: dict[str, Any], said: str) -> None:
    """5000 is no amount of yuan, nor are 5000 dollars; and a product is not above anything."""
    terms = (lp.schemes.Where(field=field, **given),)
    plans: list[Callable[[], lp.schemes.Component]] = [
        lambda: component(where=terms, rate="1%"),
        lambda: component(rates=(lp.schemes.Rate(where=terms, rate="1%"),)),
        lambda: component(
            curve=lp.schemes.Curve.of([[0, "1%"]], shape="step"),
            tiers=lp.schemes.Tiers(by="amount", applies="flat", accumulates="period", counts=terms),
        ),
    ]
    for plan in plans:
        with pytest.raises(lp.errors.DataError) as caught:
            dated(plan())
        assert f"plan 'plan', component 'loans', {field}: " in str(caught.value)
        assert said.replace("'5000'", "5000") in str(caught.value)


LOANS = lp.schemes.Total(over="loans")
MADE: list[tuple[Any, dict[str, Any], str]] = [
    (lp.schemes.Where, {"field": "product"}, "values"),
    (lp.schemes.Where, {"field": "amount"}, "at_least"),
    (lp.schemes.Where, {"field": "amount"}, "below"),
    (lp.schemes.Total, {"over": "loans"}, "where"),
    (lp.schemes.Total, {"over": "loans", "weighed_by": "balance"}, "weights"),
    (lp.schemes.Ratio, {"denominator": LOANS}, "numerator"),
    (lp.schemes.Ratio, {"numerator": LOANS}, "denominator"),
    (lp.schemes.Deduct, {"less": LOANS}, "start"),
    (lp.schemes.Deduct, {"start": "100"}, "less"),
    *((lp.schemes.Indicator, INDICATOR, key) for key in ("most", "name", "kind", "direction", "measure", "timing")),
]


@pytest.mark.parametrize("given", ["new", "1 parsec", 5.5, None], ids=repr)
@pytest.mark.parametrize(("kind", "fields", "key"), MADE, ids=[f"{kind.__name__}.{key}" for kind, _, key in MADE])
def test_a_definition_made_in_code_refuses_what_it_cannot_be(
    kind: Any, fields: dict[str, Any], key: str, given: object
) -> None:
    """Where it is made, by our own error, and not where a month later something fails to compare."""
    default = getattr(attrs.fields_dict(kind)[key], "default", attrs.NOTHING)
    if given == default:
        assert getattr(kind(**fields | {key: given}), key) is None
    else:
        with pytest.raises(lp.errors.LoanPerfError, match=rf"^{kind.__name__}\.{key}: |is a float"):
            kind(**fields | {key: given})


@pytest.mark.parametrize("code", ["compliance_score", "customer_count"])
@pytest.mark.parametrize("value", ["85%", "85％", "850‰", "8500 bp", "85 百分点"])
def test_a_share_is_neither_a_count_nor_points(code: str, value: str) -> None:
    """85% of 100 points was 0.85 points, and 85% customers are none."""
    document = of_card(profiles={"s": {"weights": {code: "100%"}}}, targets={code: 90})
    card = lp.schemes.scheme_of(document).resolve(period=MARCH)
    table = {"payee": ["lin"], "indicator": [code], "value": [value]}

    with pytest.raises(lp.errors.UnitError, match="is in percent; it must be in "):
        lp.Reading.of(code, value)
    with pytest.raises(lp.errors.UnitError, match="is in percent; it must be in "):
        lp.appraise(card, readings={code: value})
    with pytest.raises(lp.errors.UnitError, match="is in percent; it must be in "):
        lp.appraise(card, {code: value}, {code: 85})
    for name in ("readings", "targets"):
        tables = Tables({name: table})
        found = tables.readings(MARCH) if name == "readings" else tables.targets(MARCH)
        assert ["it is a share"] == [problem.fault for problem in found.problems]


@pytest.mark.parametrize("key", ["least", "most"])
def test_a_loan_pays_no_less_than_nothing_by_its_bounds(key: str) -> None:
    """At most -5 yuan for a loan would take five yuan for each, whatever its rate."""
    said = f"$.plans.p.components.loans.{key}: it is negative (found -5 CNY); give zero or more, or write deducts"

    assert refused(of_component(**{key: "-5 元"}))[0].startswith(said)
    assert lp.schemes.scheme_of(of_component(**{key: "-5 元"}, rate="-1%", deducts=True)).plans
    assert lp.schemes.scheme_of(of_component(**{key: "0 元"})).plans


def test_a_step_of_a_gate_that_no_reading_reaches_is_refused() -> None:
    """A slip such as 250% for 2.50% would never cut a bonus; the end of a line that bends below it may lie there."""

    def gated(knot: str, shape: str = "step") -> Document:
        forfeits = {"knots": [["0%", "0%"], [knot, "50%"]], "shape": shape}
        return of_bonus(gates=[{"indicator": "npl_ratio", "forfeits": forfeits}])

    (problem,) = refused(gated("250%"))
    assert "$.bonus.gates[0].forfeits: no reading reaches a step: it is 250%, above 100%" in problem
    for good in (gated("2.50%"), gated("250%", "linear")):
        assert lp.schemes.scheme_of(good).bonus is not None
