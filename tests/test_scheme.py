"""Schemes: a document says one thing, is refused with every fault at once, and reads back as it was written."""

import json
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from time import process_time
from typing import Any

import attrs
import jsonschema
import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

import loanperf as lp

Document = dict[str, Any]
Published = list[dict[str, Any]]
MARCH = lp.Period.month(2026, 3)


TEMPLATES = {name: lp.template(name) for name in lp.schemes.TEMPLATES}


def document(template: str = "consumer-finance", /, **changed: Any) -> Document:
    """A template as plain values, with parts of it changed."""
    return TEMPLATES[template].document() | changed


def refused(attempt: Callable[[], object]) -> tuple[lp.errors.Problem, ...]:
    """The problems of a scheme that must not be accepted."""
    with pytest.raises(lp.errors.SchemeError) as caught:
        attempt()
    return caught.value.problems


def problems(changed: Document) -> list[str]:
    """The problems of a document, as they are printed."""
    return [str(problem) for problem in refused(lambda: lp.schemes.scheme_of(changed))]


def where(changed: Document) -> list[str]:
    """The paths of the problems of a document."""
    return [problem.where for problem in refused(lambda: lp.schemes.scheme_of(changed))]


# ── templates ───────────────────────────────────────────────────────────────────────────────────────────────

THREE_DIMENSIONS = {
    "loan_amount": 30,
    "disbursed_amount": 15,
    "customer_count": 5,
    "npl_ratio": 20,
    "overdue_ratio": 5,
    "compliance_score": 5,
    "retention_rate": 10,
    "cross_sell_rate": 5,
    "training_completion_rate": 5,
}
WEIGHTS = {
    "consumer-finance": THREE_DIMENSIONS,
    "new-hire": {"loan_amount": 40, "retention_rate": 30, "training_completion_rate": 20, "teamwork": 10},
    "classic": {"loan_amount": 30, "disbursed_amount": 20, "npl_ratio": 20, "overdue_ratio": 10, "teamwork": 20},
    "volume-only": {"loan_amount": 40, "disbursed_amount": 30, "npl_ratio": 20, "teamwork": 10},
    "expansion": {
        "loan_amount": 36,
        "disbursed_amount": 18,
        "customer_count": 6,
        "npl_ratio": 16,
        "overdue_ratio": 4,
        "compliance_score": 4,
        "retention_rate": 8,
        "cross_sell_rate": 4,
        "training_completion_rate": 4,
    },
    "risk-control": {
        "loan_amount": 26,
        "disbursed_amount": 13,
        "customer_count": 4,
        "npl_ratio": 30,
        "overdue_ratio": 5,
        "compliance_score": 5,
        "retention_rate": 9,
        "cross_sell_rate": 4,
        "training_completion_rate": 4,
    },
    "value": {
        "loan_amount": 24,
        "disbursed_amount": 12,
        "customer_count": 4,
        "npl_ratio": 20,
        "overdue_ratio": 5,
        "compliance_score": 5,
        "retention_rate": 15,
        "cross_sell_rate": 10,
        "contribution_per_customer": 5,
    },
    "mortgage": THREE_DIMENSIONS | {"npl_ratio": 15, "collateral_valuation_accuracy": 5},
    "unsecured": THREE_DIMENSIONS | {"npl_ratio": 15, "credit_inquiry_compliance": 5},
    "worked-example": {"loan_amount": 50, "npl_ratio": 30, "retention_rate": 20},
    "us-matrix": {
        "pre_tax_income": 30,
        "loan_balance": 20,
        "expense": 15,
        "core_deposits": 20,
        "asset_quality": 15,
    },
    "balance-pool": {"average_daily_balance": 100},
    "earnings-override": {"goals_in_numbers": 65, "goals_in_words": 35},
}
"""What the issue and the published sources list, in percent; phases as they hold on their first day."""
DIMENSIONS = {
    "consumer-finance": {"performance": 50, "risk": 30, "growth": 20},
    "new-hire": {"performance": 40, "growth": 50, "team": 10},
    "classic": {"performance": 50, "risk": 30, "team": 20},
    "volume-only": {"performance": 70, "risk": 20, "team": 10},
    "expansion": {"performance": 60, "risk": 24, "growth": 16},
    "risk-control": {"performance": 43, "risk": 40, "growth": 17},
    "value": {"performance": 40, "risk": 30, "growth": 30},
    "mortgage": {"performance": 50, "risk": 30, "growth": 20},
    "unsecured": {"performance": 50, "risk": 30, "growth": 20},
    "worked-example": {"performance": 50, "risk": 30, "growth": 20},
    "us-matrix": {"performance": 65, "risk": 15, "growth": 20},
    "balance-pool": {"growth": 100},
    "earnings-override": {"performance": 65, "team": 35},
}


def weighed(card: lp.schemes.Card) -> dict[str, Fraction]:
    """The weights of a card in percent."""
    return {line.indicator.code: line.weight * 100 for line in card.lines}


PLANS = {
    "taiyuan": ["officer", "supervisor", "back_office"],
    "yangquan": ["manager", "supervisor", "general_manager", "deputy"],
    "jinan": ["officer", "external", "risk"],
    "corporate-20-80": ["corporate"],
    "differentiated": ["new_hire", "senior", "team_lead", "personal", "corporate"],
    "us-loan-officer": ["percentage", "volume"],
    "microfinance": ["officer"],
    "referral-bands": ["employee"],
}
"""The plans of the templates that pay commissions only."""


def test_the_templates_are_these() -> None:
    """A name that goes missing breaks the hosts that load it."""
    assert {*WEIGHTS, *PLANS} == set(lp.schemes.TEMPLATES)


@pytest.mark.parametrize("name", PLANS)
def test_a_template_of_commissions_has_these_plans(name: str) -> None:
    """A plan that goes missing leaves its payees unpaid."""
    assert PLANS[name] == [plan.code for plan in TEMPLATES[name].plans]
    assert () == TEMPLATES[name].profiles


@pytest.mark.parametrize("name", WEIGHTS)
def test_a_template_weighs_what_was_published(name: str) -> None:
    """Managers choose a template by its weights; a point elsewhere is another policy."""
    card = lp.template(name).resolve(period=MARCH)
    by_dimension: dict[str, Fraction] = {}
    for line in card.lines:
        held = by_dimension.get(line.indicator.dimension, Fraction(0))
        by_dimension[line.indicator.dimension] = held + line.weight * 100

    assert WEIGHTS[name] == weighed(card)
    assert DIMENSIONS[name] == by_dimension


def test_the_published_weight_sets_are_the_templates(published: Published) -> None:
    """Cases seed-weights-consumer_finance_3d and seed-weights-newcomer, under the names of the catalogue."""
    names = {
        "loan_amount": "loan_amount",
        "disbursed": "disbursed_amount",
        "customers": "customer_count",
        "npl": "npl_ratio",
        "overdue": "overdue_ratio",
        "compliance": "compliance_score",
        "retention": "retention_rate",
        "cross_sell": "cross_sell_rate",
        "training": "training_completion_rate",
        "compliance_training_completion": "training_completion_rate",
        "teamwork": "teamwork",
    }
    templates = {"seed-weights-consumer_finance_3d": "consumer-finance", "seed-weights-newcomer": "new-hire"}
    for code, name in templates.items():
        (case,) = (item for item in published if item["id"] == code)
        actual = weighed(lp.template(name).resolve(period=MARCH))

        assert {names[key]: weight for key, weight in case["inputs"]["weights_pct"].items()} == actual
        assert Fraction(case["expected"]["sum_pct"]) == sum(actual.values())


def test_the_phases_ask_for_what_they_are_for() -> None:
    """A strategy phase that asks for nothing is a label."""
    phases = {name: lp.template(name).phases[0] for name in ("expansion", "risk-control", "value")}
    asked = {name: [(rule.of, rule.at_least) for rule in phase.require] for name, phase in phases.items()}
    third = ("retention_rate", "cross_sell_rate", "contribution_per_customer")

    assert [(("performance",), Fraction("0.6"))] == asked["expansion"]
    assert [(("risk",), Fraction("0.4")), (("npl_ratio",), Fraction("0.3"))] == asked["risk-control"]
    assert [(third, Fraction("0.3"))] == asked["value"]
    assert (("npl_ratio", lp.quantity("5%")),) == phases["risk-control"].targets_at_most


def test_the_new_hires_training_is_about_compliance() -> None:
    """The published set names it so; the catalogue's name would say less."""
    line = lp.template("new-hire").resolve(period=MARCH).lines[2]
    assert lp.Label("compliance training completion", "合规培训完成率") == line.indicator.name


def test_every_plan_and_component_of_a_template_is_named_in_both_languages() -> None:
    """A statement says these names; without one it would show a code, such as `loans`."""
    plans = [(name, plan) for name, found in TEMPLATES.items() for plan in found.plans]
    names = {(name, plan.code, ""): plan.name for name, plan in plans}
    names |= {(name, plan.code, item.code): item.name for name, plan in plans for item in plan.components}
    assert [] == [place for place, name in names.items() if not (name.en and name.zh)]


def test_an_unknown_template_names_those_there_are() -> None:
    """The next attempt should be right."""
    (problem,) = refused(lambda: lp.template("consumer"))
    assert "there is no template of that name" == problem.fault
    assert f"use one of {', '.join(lp.schemes.TEMPLATES)}" == problem.remedy


# ── the JSON Schema ─────────────────────────────────────────────────────────────────────────────────────────


def shipped_schema() -> Document:
    """The schema as it lies in the package."""
    found: Document = json.loads((files("loanperf") / "scheme.schema.json").read_text(encoding="utf-8"))
    return found


def as_json(value: object) -> Any:
    """A document as an editor sees it: days are text, decimals are numbers."""
    return json.loads(json.dumps(value, default=lambda item: float(item) if isinstance(item, Decimal) else str(item)))


def test_the_shipped_schema_is_the_generated_one() -> None:
    """An editor that completes by an old schema teaches keys that are refused."""
    assert lp.schemes.json_schema() == shipped_schema()
    jsonschema.Draft202012Validator.check_schema(shipped_schema())


@pytest.mark.parametrize("name", lp.schemes.TEMPLATES)
def test_a_template_keeps_the_shipped_schema(name: str) -> None:
    """The text that a manager starts from must not be underlined in red."""
    editor = jsonschema.Draft202012Validator(shipped_schema())
    assert [] == list(editor.iter_errors(as_json(tomllib.loads(lp.schemes.template_text(name)))))
    assert [] == list(editor.iter_errors(as_json(document(name))))


@pytest.mark.parametrize(
    "changed",
    [
        {"currency": "RMB"},
        {"profile": {}},
        {"effective": 2026},
        {"profiles": {"standard": {"weight": {}}}},
        {"bonus": {"unit": "months", "curve": [["0 point", 0]], "rounding": "half up"}},
        {"scoring": {"default": {"places": "one"}}},
        {"targets": {"npl_ratio": True}},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(changed: Document) -> None:
    """What passes the editor and fails on loading costs a round of mail."""
    wrong = document(**changed)
    assert not jsonschema.Draft202012Validator(shipped_schema()).is_valid(as_json(wrong))
    assert where(wrong)


# ── schemes drawn at random, all of them valid ──────────────────────────────────────────────────────────────

UNITS = {
    lp.schemes.Kind.MONEY: " 万元",
    lp.schemes.Kind.RATIO: "%",
    lp.schemes.Kind.COUNT: "",
    lp.schemes.Kind.POINTS: " point",
}
ROUNDINGS = [item.value for item in lp.Rounding]
CODES = sorted(lp.CATALOGUE)
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=8).filter(str.strip)
LABELS = NAMES | st.fixed_dictionaries({"en": NAMES}, optional={"zh": NAMES})
PERCENTS = st.integers(0, 20000).map(lambda basis_points: f"{basis_points} bp")


def value_of(code: str) -> st.SearchStrategy[str]:
    """A target or limit in the unit of an indicator."""
    known = lp.indicator(code)
    most = 500 if known.most is None else int(known.most * 100)
    return st.integers(1, most).map(lambda number: f"{number}{UNITS[known.kind]}")


@st.composite
def weights(draw: st.DrawFn, codes: list[str] | None = None) -> dict[str, str]:
    """Weights that sum to 100%: percentages, or fractions that no decimal can write."""
    chosen = codes or draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=5, unique=True))
    parts = draw(st.lists(st.integers(0, 40), min_size=len(chosen), max_size=len(chosen)).filter(any))
    total = sum(parts)
    return {code: f"{part}/{total}" for code, part in zip(chosen, parts, strict=True)}


def targets(codes: list[str]) -> st.SearchStrategy[dict[str, str]]:
    """Targets of some of these indicators."""
    return st.fixed_dictionaries({}, optional={code: value_of(code) for code in codes})


@st.composite
def curves(draw: st.DrawFn, x: str, y: str, most: int = 200) -> Document:
    """A curve with up to four knots."""
    xs = sorted(draw(st.lists(st.integers(0, most), min_size=1, max_size=4, unique=True)))
    ys = draw(st.lists(st.integers(0, 300), min_size=len(xs), max_size=len(xs)))
    found: Document = {
        "knots": [[f"{at}{x}", f"{height}{y}"] for at, height in zip(xs, ys, strict=True)],
        "shape": draw(st.sampled_from(["step", "linear"])),
    }
    if draw(st.booleans()):
        found["closed"] = draw(st.sampled_from(["left", "right"]))
    if draw(st.booleans()):
        per_point = draw(st.integers(0, 99).map(lambda height: f"{height}{y}"))
        found["then"] = {"per_point": per_point, "counted": draw(st.sampled_from(["pro rata", "whole"]))}
    return found


@st.composite
def ladders(draw: st.DrawFn, code: str) -> Document:
    """What a gate forfeits: the more, the worse the indicator is; no step is above a share of 100%, if it is one."""
    most = 200 if lp.indicator(code).most is None else 100
    found: Document = draw(curves(UNITS[lp.indicator(code).kind], "%", most))
    shares = sorted(draw(st.lists(st.integers(0, 100), min_size=4, max_size=4)))
    worse_last = lp.indicator(code).direction is lp.schemes.Direction.LOWER
    rungs = zip(found["knots"], shares if worse_last else shares[::-1], strict=False)
    return {"knots": [[at, f"{share}%"] for (at, _), share in rungs], "shape": found["shape"]}


@st.composite
def scorings(draw: st.DrawFn, codes: list[str]) -> Document:
    """A complete default, and what single indicators state otherwise."""
    default: Document = {"places": draw(st.integers(0, 9)), "rounding": draw(st.sampled_from(ROUNDINGS))}
    limits = sorted(draw(st.lists(st.integers(-50, 200), max_size=2, unique=True)))
    default |= dict(zip(["floor", "cap"], [f"{limit}%" for limit in limits], strict=False))
    if draw(st.booleans()):
        default["missing"] = draw(st.sampled_from([item.value for item in lp.schemes.Missing]))
    found = {"default": default}
    for code in draw(st.lists(st.sampled_from(codes), max_size=2, unique=True)):
        of = draw(st.sampled_from(["attainment", "value"]))
        x = UNITS[lp.indicator(code).kind] if of == "value" else "%"
        own = {"rule": "curve", "of": of, "curve": draw(curves(x, "%"))}
        found[code] = draw(st.sampled_from([own, {"rule": lp.indicator(code).direction.value}]))
    return found


@st.composite
def bonuses(draw: st.DrawFn, codes: list[str]) -> Document:
    """A bonus plan with gates, cap and floor."""
    unit, y = draw(st.sampled_from([("month", " month"), ("month", "%"), ("share", "%"), ("amount", " 元")]))
    of, x = draw(st.sampled_from([("score", " point"), *[(code, "%") for code in codes]]))
    found: Document = {"unit": unit, "of": of, "rounding": draw(st.sampled_from(ROUNDINGS))}
    found["curve"] = draw(curves(x, y))
    gated = draw(st.lists(st.sampled_from(CODES), max_size=2, unique=True))
    found["gates"] = [{"indicator": code, "forfeits": draw(ladders(code))} for code in gated]
    limits = sorted(draw(st.lists(st.integers(0, 90000), max_size=2, unique=True)))
    return found | dict(zip(["floor", "cap"], [f"{limit} CNY" for limit in limits], strict=False))


@st.composite
def measures(draw: st.DrawFn) -> Document:
    """A measure over events, filtered by value, by bounds and both ways round."""
    by_value: Document = {"event": draw(st.sampled_from(["signed", ["disbursed", "repaid"]]))}
    by_bounds = {"amount": {draw(st.sampled_from(["at_least", "above", "at_most", "below"])): "5万元"}}
    both = draw(st.sampled_from([by_value, by_bounds, by_value | by_bounds, by_bounds | by_value]))
    total: Document = {"over": "loan events", "sum": "amount", "where": both}
    return draw(st.sampled_from([total, {"numerator": total, "denominator": {**total, "where": {}}}]))


@st.composite
def entries(draw: st.DrawFn) -> Document:
    """Indicators of the host's own, and options of the catalogue's."""
    found: Document = {}
    if draw(st.booleans()):
        measure = draw(measures())
        kind = "money" if "over" in measure else "ratio"
        found["own"] = {"name": draw(LABELS), "dimension": "team", "kind": kind, "measure": measure}
        found["own"]["direction"] = draw(st.sampled_from([item.value for item in lp.schemes.Direction]))
    if draw(st.booleans()):
        found["par_30"] = {"options": {"rescheduled": "non-performing"}}
    return found


@st.composite
def overrides(draw: st.DrawFn, profiles: dict[str, list[str]]) -> list[Document]:
    """What units set otherwise: each unit and profile once."""
    found = []
    pairs = [(unit, profile) for unit in ("east", "west") for profile in profiles]
    for unit, profile in draw(st.lists(st.sampled_from(pairs), max_size=3, unique=True)):
        own: Document = {"unit": unit, "profile": profile}
        if draw(st.booleans()):
            own["weights"] = draw(weights(profiles[profile]))
        own |= {"targets": draw(targets(profiles[profile]))}
        if draw(st.booleans()):
            own["since"] = "2026-02-01"
        if draw(st.booleans()):
            own["until"] = date(2026, 9, 1)
        found.append(own)
    return found


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A whole scheme that is without fault."""
    found: Document = {"name": draw(NAMES), "currency": "CNY", "effective": draw(st.dates())}
    codes = draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=5, unique=True))
    profiles = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    found["profiles"] = {code: {"weights": draw(weights(codes)), "targets": draw(targets(codes))} for code in profiles}
    found["scoring"] = draw(scorings(codes))
    found["targets"] = draw(targets(CODES))
    found["who"] = [{"profile": code, "role": code} for code in profiles]
    found["overrides"] = draw(overrides(dict.fromkeys(profiles, codes)))
    found["indicators"] = draw(entries())
    if draw(st.booleans()):
        found["until"] = found["effective"] + timedelta(days=1) if found["effective"] < date.max else None
        found["title"], found["note"] = draw(LABELS), draw(st.text(max_size=8))
    phase = {"require": [{"of": [codes[0]], "at_least": "0%"}], "weights": {profiles[0]: draw(weights(codes))}}
    found["phases"] = {"calm": phase | {"targets_at_most": draw(targets(codes))}}
    found["timeline"] = draw(st.sampled_from([[], [{"phase": "calm", "since": date(2026, 1, 1)}]]))
    found["limits"] = draw(st.sampled_from([{}, {codes[0]: {"at_least": "0%", "at_most": "100%"}}]))
    tests = st.sampled_from(["above", "at least", "below", "at most"])
    found["vetoes"] = [
        {"indicator": code, "test": draw(tests), "limit": draw(value_of(code)), "score": draw(st.integers(-9, 60))}
        for code in draw(st.lists(st.sampled_from(CODES), max_size=2, unique=True))
    ]
    lows = draw(st.lists(st.decimals(-100, 200, places=3), max_size=4, unique=True))
    found["grades"] = {f"G{index}": {"at_least": low, "coefficient": draw(PERCENTS)} for index, low in enumerate(lows)}
    if draw(st.booleans()):
        found["bonus"] = draw(bonuses(codes))
    return {key: value for key, value in found.items() if value is not None}


# ── round trips and fingerprints ────────────────────────────────────────────────────────────────────────────


def read_back(scheme: lp.Scheme, form: Any) -> lp.Scheme:
    """A scheme after it was written and read."""
    return lp.parse_scheme(lp.schemes.write_scheme(scheme, form), form)


@pytest.mark.parametrize("form", ["json", "toml"])
@pytest.mark.parametrize("name", lp.schemes.TEMPLATES)
def test_a_template_reads_back_as_itself(name: str, form: str) -> None:
    """A host stores what it shows; what comes back must be the same policy under the same fingerprint."""
    scheme = lp.template(name)
    again = read_back(scheme, form)

    assert scheme == again
    assert scheme.fingerprint == again.fingerprint
    assert scheme == lp.schemes.scheme_of(scheme.document())


@given(documents())
@example(document() | {"grades": {"A": {"at_least": Decimal("0.0000000000000000000000000000001")}}})
@example(document() | {"targets": {"npl_ratio": "33.333333333333333333333333333333333333%"}})
@example(document() | {"vetoes": [{"indicator": "npl_ratio", "test": "above", "limit": "1/3"}]})
def test_any_scheme_reads_back_as_itself(drawn: Document) -> None:
    """Round trips are the identity, in both forms, for schemes with every part."""
    scheme = lp.schemes.scheme_of(drawn)

    assert scheme == read_back(scheme, "json")
    assert scheme == read_back(scheme, "toml")
    assert scheme == lp.schemes.scheme_of(scheme.document())
    assert () == lp.diff(scheme, read_back(scheme, "toml"))


@given(documents())
def test_any_scheme_keeps_the_schema(drawn: Document) -> None:
    """The schema must not be stricter than the reader, for what was drawn and for what is written of it."""
    validator = jsonschema.Draft202012Validator(shipped_schema())

    assert [] == [error.message for error in validator.iter_errors(as_json(drawn))]
    assert [] == [error.message for error in validator.iter_errors(as_json(lp.schemes.scheme_of(drawn).document()))]


@given(documents(), documents())
def test_a_fingerprint_tells_schemes_apart(first: Document, second: Document) -> None:
    """A score names the version that made it by this; two policies under one fingerprint cannot be told apart."""
    one, other = lp.schemes.scheme_of(first), lp.schemes.scheme_of(second)

    assert (one == other) == (one.fingerprint == other.fingerprint)
    assert (one == other) == (() == lp.diff(one, other))


@pytest.mark.parametrize("code", ["knots", "en", "shape", "closed", "then"])
def test_a_code_may_be_any_word_of_a_document(code: str) -> None:
    """An indicator called `knots` makes no curve of the weights that name it."""
    own = {"dimension": "risk", "direction": "lower is better", "kind": "ratio"}
    base: Document = {"name": "x", "currency": "CNY", "effective": "2026-01-01"}
    base |= {"scoring": {"default": {"places": 1, "rounding": "half up"}}}
    one, other = (
        lp.schemes.scheme_of(
            base
            | {"indicators": {code: own}, "targets": {code: f"{target}%"}}
            | {"profiles": {code: {"weights": {code: f"{weight}%", "npl_ratio": f"{100 - weight}%"}}}}
        )
        for target, weight in ((2, 60), (3, 70))
    )
    said = [str(change) for change in lp.diff(one, other)]

    assert any("60%" in change and "70%" in change for change in said)
    assert any("2%" in change and "3%" in change for change in said)
    plain = lp.schemes.scheme_of(
        base | {"profiles": {"s": {"weights": {"npl_ratio": "100%"}}}, "targets": {"npl_ratio": "3%"}}
    )
    assert [str(change) for change in lp.diff(plain, one)]


def test_a_fingerprint_is_twelve_hex_digits_and_does_not_move() -> None:
    """Stored appraisals name it; the same document must have it in another process and under other hash seeds."""
    found = lp.template("worked-example").fingerprint

    assert 12 == len(found)
    assert found == format(int(found, 16), "012x")
    assert found == lp.parse_scheme(lp.schemes.template_text("worked-example")).fingerprint


@pytest.mark.parametrize(
    "changed",
    [
        {"note": "x"},
        {"effective": "2026-01-02"},
        {"profiles": {"standard": {"weights": dict(reversed(document()["profiles"]["standard"]["weights"].items()))}}},
        {"targets": {}},
        {"bonus": document()["bonus"] | {"rounding": "half even"}},
    ],
)
def test_any_change_changes_the_fingerprint(changed: Document) -> None:
    """Even the order of weights, since it is the order in which a card prints them."""
    scheme = lp.schemes.scheme_of(document(**changed))

    assert scheme != lp.template("consumer-finance")
    assert scheme.fingerprint != lp.template("consumer-finance").fingerprint


def test_the_names_of_a_scheme_may_be_any_text(tmp_path: Path) -> None:
    """Chinese names, quotes and control characters are stored, not broken."""
    for name in ("消费金融", 'it\'s "quoted"', "tab\tand\\backslash", "line\nbreak", "emoji 🙂", "\u0000nul"):
        scheme = lp.schemes.scheme_of(document(name=name))
        path = tmp_path / "scheme.toml"
        path.write_text(lp.schemes.write_scheme(scheme, "toml"), encoding="utf-8")

        assert scheme == lp.read_scheme(path)


def test_the_same_thing_written_in_several_ways_is_one_scheme() -> None:
    """Full-width digits, basis points and 万元 are ways to write, not policies."""
    one = document(targets={"npl_ratio": "3%", "loan_amount": "100万元"})
    other = document(targets={"npl_ratio": "３００bp", "loan_amount": "1,000,000 CNY"})

    assert lp.schemes.scheme_of(one) == lp.schemes.scheme_of(other)


# ── the sample of the design ────────────────────────────────────────────────────────────────────────────────

SAMPLE = """
name = "consumer finance"
currency = "CNY"
effective = 2026-01-01

[profiles.senior.weights]
loan_amount = "80%"
npl_ratio = "20%"

[scoring.default]
places = 1
rounding = "half even"

[scoring.npl_ratio]
rule = "lower is better"
cap = "150%"
places = 1
rounding = "half even"

[bonus]
unit = "month"
curve = [["0 point", 0], ["100 point", 1]]
then = { per_point = "0.1%", counted = "pro rata" }
rounding = "half up"
"""


def test_the_sample_of_the_design_is_a_scheme() -> None:
    """It is the first thing that a reader types; with its weights made up to 100% it loads."""
    scheme = lp.parse_scheme(SAMPLE)
    card = scheme.resolve(role="senior", period=MARCH)
    plan = scheme.bonus

    assert {"loan_amount": 80, "npl_ratio": 20} == weighed(card)
    assert lp.schemes.Direction.LOWER == card.lines[1].scoring.rule
    assert Fraction("1.5") == card.lines[1].scoring.cap
    assert plan is not None
    assert lp.schemes.Then(Fraction(1, 1000), "pro rata") == plan.curve.then
    assert (Fraction(1), Fraction("1.0212")) == (plan.curve.at(Fraction(100)), plan.curve.at(Fraction("121.2")))


def test_what_the_sample_of_the_design_leaves_out_is_named() -> None:
    """As printed it weighs 50%, and says neither how the bonus rounds; both come at once."""
    printed = SAMPLE.replace('"80%"', '"30%"').replace('rounding = "half up"\n', "")

    assert [
        (
            "$.profiles.senior.weights (line 6, column 18): weights of profile 'senior': they sum to 50%, 50% missing;"
            " make them sum to exactly 100%, or use rebalance"
        ),
        "$.bonus.rounding (line 20, column 2): it is missing; add it",
    ] == [str(problem) for problem in refused(lambda: lp.parse_scheme(printed))]


# ── bad documents ───────────────────────────────────────────────────────────────────────────────────────────


def with_weights(**changed: str) -> Document:
    """The consumer finance template with some weights changed."""
    return document(profiles={"standard": {"weights": document()["profiles"]["standard"]["weights"] | changed}})


def with_bonus(**changed: Any) -> Document:
    """The consumer finance template with keys of its bonus changed; None takes a key out."""
    bonus = document()["bonus"] | changed
    return document(bonus={key: value for key, value in bonus.items() if value is not None})


def with_scoring(code: str, **changed: Any) -> Document:
    """The consumer finance template with an indicator scored otherwise."""
    return document(scoring={**document()["scoring"], code: changed})


OWN = {"dimension": "team", "kind": "ratio", "direction": "higher is better"}
LINE = {"knots": [["0 point", 0], ["100 point", 1]], "shape": "linear"}
STEP = {"knots": [["0%", "0%"], ["2%", "30%"]], "shape": "step"}


def with_filters(where: Any) -> Document:
    """The consumer finance template with a sum of events filtered in this way."""
    measure = {"over": "loan events", "sum": "amount", "where": where}
    return document(indicators={"own": {**OWN, "kind": "money", "measure": measure}})


BAD: dict[str, tuple[Document, str]] = {
    "weights of 99.9%": (
        with_weights(loan_amount="29.9%"),
        (
            "$.profiles.standard.weights: weights of profile 'standard': they sum to 99.9%, 0.1% missing;"
            " make them sum to exactly 100%, or use rebalance"
        ),
    ),
    "weights of 100.1%": (
        with_weights(loan_amount="30.1%"),
        (
            "$.profiles.standard.weights: weights of profile 'standard': they sum to 100.1%, 0.1% too much;"
            " make them sum to exactly 100%, or use rebalance"
        ),
    ),
    "a negative weight": (
        with_weights(loan_amount="-30%"),
        (
            "$.profiles.standard.weights: weights of profile 'standard': 'loan_amount' weighs -30%;"
            " give a weight of 0% or more"
        ),
    ),
    "an unknown indicator": (
        document(targets={"npl_ration": "3%"}),
        "$.targets.npl_ration: there is no indicator of that code (found 'npl_ration'); did you mean 'npl_ratio'?",
    ),
    "an unknown key": (
        document(profile={}),
        (
            "$.profile: there is no such key; use "
            + ", ".join(item.name for item in attrs.fields(lp.Scheme) if item.name != "fingerprint")
        ),
    ),
    "an unknown key within": (
        with_bonus(celling="2 month"),
        (
            "$.bonus.celling: there is no such key; use one of 'unit', 'of', 'curve', 'rounding', 'round_total',"
            " 'gates', 'gates_apply', 'multipliers', 'cap', 'floor', 'holdback'"
        ),
    ),
    "a word that is misspelt": (
        with_bonus(rounding="half-up"),
        "$.bonus.rounding: it is no known rounding (found 'half-up'); did you mean 'half up'?",
    ),
    "no currency of this world": (
        document(currency="RMB"),
        "$.currency: it is no currency (found 'RMB'); use a code of ISO 4217, such as 'CNY'",
    ),
    "a target in another currency": (
        document(targets={"loan_amount": "100 USD"}),
        "$.targets.loan_amount: the value of 'loan_amount' (100 USD) is in USD; it must be in CNY",
    ),
    "a target without a currency": (
        document(targets={"loan_amount": "100"}),
        "$.targets.loan_amount: the value of 'loan_amount' (100) is in no unit; it must be in CNY",
    ),
    "an end before the start": (
        document(until="2025-12-31"),
        "$.until: it is not after the effective date 2026-01-01 (found 2025-12-31); give a later day",
    ),
    "a day that there is not": (
        document(effective="2026-02-30"),
        (
            "$.effective: '2026-02-30' is not a valid period or date: day is out of range for month;"
            " write a day as 2026-03-31"
        ),
    ),
    "a bonus curve without points": (
        with_bonus(curve=[["0%", 0], ["100%", 1]]),
        "$.bonus.curve: its x is no score (found no unit); write each x in points, such as '100 point'",
    ),
    "a bonus curve in another currency": (
        with_bonus(unit="amount", curve=[["0 point", 0], ["100 point", "1000 USD"]]),
        "$.bonus.curve: its y does not fit unit = 'amount' (found USD); give it in CNY",
    ),
    "points above the curve in another currency": (
        with_bonus(
            unit="amount",
            curve=[["0 point", 0], ["100 point", "1000 CNY"]],
            then={"per_point": "1 USD", "counted": "whole"},
        ),
        "$.bonus.then: per_point of the curve is in USD; it must be in CNY",
    ),
    "a cap below the floor": (
        with_bonus(cap="1 month", floor="2 month"),
        "$.bonus.cap: it is below the floor of 2 month (found 1 month); give a cap at or above the floor",
    ),
    "a gate that gives": (
        with_bonus(gates=[{"indicator": "npl_ratio", "forfeits": {**STEP, "knots": [["0%", "-10%"]]}}]),
        (
            "$.bonus.gates[0].forfeits: a share is below 0%, above 100% or an amount (found -10%);"
            " give shares of 0% to 100%"
        ),
    ),
    "a gate in another unit": (
        with_bonus(gates=[{"indicator": "loan_amount", "forfeits": {**STEP, "knots": [["0%", "30%"]]}}]),
        "$.bonus.gates[0].forfeits: its x is in another unit (found no unit); give it in CNY",
    ),
    "a bonus of what nobody weighs": (
        with_bonus(of="teamwork", curve=[["0%", 0], ["100%", 1]]),
        (
            "$.bonus.of: profile 'standard' does not weigh it, so it has no attainment (found 'teamwork');"
            " choose an indicator of every profile, or 'score'"
        ),
    ),
    "a curve in no order": (
        with_bonus(curve=[["100 point", 1], ["0 point", 0]]),
        (
            "$.bonus.curve: these knots make no curve: 0 follows 100, so intervals overlap;"
            " give the knots in rising order of x"
        ),
    ),
    "a rule against its indicator": (
        with_scoring("npl_ratio", rule="higher is better"),
        (
            "$.scoring.npl_ratio.rule: NPL ratio is an indicator of which lower is better (found 'higher is better');"
            " leave the rule out, or score by a curve"
        ),
    ),
    "scoring by a curve in another currency": (
        with_scoring("loan_amount", of="value", curve=[["0 USD", "0%"], ["100 USD", "100%"]]),
        "$.scoring.loan_amount.curve: its x is in another unit (found USD); give it in CNY",
    ),
    "a floor above the cap of the default": (
        with_scoring("loan_amount", floor="200%"),
        "$.scoring.loan_amount.cap: it is below the floor of 200% (found 150%); give a cap at or above the floor",
    ),
    "ten decimal places": (
        with_scoring("loan_amount", places=10),
        "$.scoring.loan_amount.places: it is out of range (found 10); give 0 to 9",
    ),
    "a veto on nothing": (
        document(vetoes=[{"indicator": "xyz", "test": "above", "limit": "3"}]),
        f"$.vetoes[0].indicator: there is no indicator of that code (found 'xyz'); use one of {', '.join(CODES)}",
    ),
    "a veto in another unit": (
        document(vetoes=[{"indicator": "npl_ratio", "test": "above", "limit": "5 point"}]),
        "$.vetoes[0].limit: the value of 'npl_ratio' (5 point) is in point; it must be in no unit",
    ),
    "two grades from one score": (
        document(grades={"A": {"at_least": 90}, "B": {"at_least": "90.0"}}),
        "$.grades.B.at_least: 'A' starts there too (found 90); give each grade a score of its own",
    ),
    "two phases on one day": (
        document(
            phases={"a": {}, "b": {}},
            timeline=[{"phase": "b", "since": "2026-03-01"}, {"phase": "a", "since": "2026-01-01"}],
        ),
        "$.timeline: two phases hold on one day (found a and b on 2026-03-01); end the first where the second starts",
    ),
    "a phase that its own profiles break": (
        document(phases={"growth": {"require": [{"of": ["performance"], "at_least": "60%"}]}}),
        (
            "$.phases.growth.require: profile 'standard' breaks it: performance weighs 50%, and at least 60% is"
            " required; state weights that keep it in [phases.growth.weights.standard]"
        ),
    ),
    "two rules for the same payees": (
        document(who=[{"profile": "standard", "role": "senior"}, {"profile": "standard", "role": "senior"}]),
        "$.who[1]: profiles 'standard' and 'standard' are for the same payees; keep one, or add a condition",
    ),
    "a declared indicator that says too little": (
        document(indicators={"eva": {"dimension": "performance", "kind": "money"}}),
        "$.indicators.eva.direction: it is missing; a declared indicator states direction and kind",
    ),
    "a catalogue indicator turned round": (
        document(indicators={"npl_ratio": {"direction": "higher is better"}}),
        (
            "$.indicators.npl_ratio.direction: the catalogue already says it;"
            " leave it out, or declare an indicator of another code"
        ),
    ),
    "a code within its table": (
        document(profiles={"standard": {"code": "senior", "weights": {"loan_amount": "100%"}}}),
        "$.profiles.standard: a code stands in the table (found 'senior'); leave it out: its key is its code",
    ),
    "a measure of nothing": (
        document(indicators={"own": {**OWN, "measure": {}}}),
        "$.indicators.own.measure.over: it is missing; add it",
    ),
    "a measure that is none": (
        document(indicators={"own": {**OWN, "measure": "sum of loans"}}),
        (
            "$.indicators.own.measure: it is no measure (found 'sum of loans');"
            " write a table with over, or numerator and denominator"
        ),
    ),
    "half a ratio": (
        document(indicators={"own": {**OWN, "measure": {"numerator": {"over": "loans"}}}}),
        "$.indicators.own.measure.denominator: it is missing; add it",
    ),
    "an option that there is not": (
        document(indicators={"par_90": {"options": {"rescheduled": "always"}}}),
        (
            "$.indicators.par_90.options: indicator par_90: option rescheduled is 'always';"
            " use 'as classified' or 'non-performing'"
        ),
    ),
    "options of a declared indicator": (
        document(indicators={"own": {**OWN, "options": {"x": 1}}}),
        "$.indicators.own.options: only indicators of the catalogue have options; leave them out",
    ),
    "a curve that is not given": (
        with_scoring("loan_amount", rule="curve"),
        "$.scoring.loan_amount.curve: the rule is 'curve'; a curve goes with rule = 'curve', and only so",
    ),
    "what a curve looks at without a curve": (
        with_scoring("loan_amount", of="value"),
        "$.scoring.loan_amount.of: there is no curve (found 'value'); leave it out, or give a curve",
    ),
    "a scoring curve to points": (
        with_scoring("loan_amount", curve=[["0%", "0 point"], ["100%", "30 point"]]),
        "$.scoring.loan_amount.curve: it gives no share of the weight (found point); give shares such as '100%'",
    ),
    "places in quotes": (
        with_scoring("loan_amount", places="1"),
        "$.scoring.loan_amount.places: it is no whole number (found '1'); write a number without quotes, such as 1",
    ),
    "a phase that ends before it starts": (
        document(phases={"a": {}}, timeline=[{"phase": "a", "since": "2026-03-01", "until": "2026-03-01"}]),
        "$.timeline[0].until: it is not after since (found 2026-03-01); give a later day",
    ),
    "a grade that takes": (
        document(grades={"A": {"at_least": 0, "coefficient": "-10%"}}),
        "$.grades.A.coefficient: it is negative (found -10%); give 0% to 1000%",
    ),
    "a grade from a third": (
        document(grades={"A": {"at_least": "1/3"}}),
        "$.grades.A.at_least: its decimals never end (found '1/3'); write a decimal number",
    ),
    "a grade from an amount": (
        document(grades={"A": {"at_least": "5 CNY"}}),
        "$.grades.A.at_least: it is no score (found '5 CNY'); write a number of points, such as 90",
    ),
    "a cap in another unit": (
        with_bonus(cap="2 day"),
        "$.bonus.cap: it is in another unit (found 2 day); give it in CNY or as the curve",
    ),
    "a bonus of an attainment in points": (
        with_bonus(of="npl_ratio"),
        "$.bonus.curve: its x is no attainment (found point); write each x in percent",
    ),
    "a gate that rewards risk": (
        with_bonus(gates=[{"indicator": "npl_ratio", "forfeits": [["0%", "30%"], ["2%", "0%"]]}]),
        "$.bonus.gates[0].forfeits: a worse NPL ratio forfeits less, where lower is better; put the shares in order",
    ),
    "a curve with another key": (
        with_bonus(curve={**LINE, "smooth": 1}, then=None),
        "$.bonus.curve: a curve has no such key (found ['smooth']); use knots or bands, shape, closed and then",
    ),
    "a knot of three": (
        with_bonus(curve=[["0 point", 0, 1]], then=None),
        "$.bonus.curve: a knot is no pair (found [['0 point', 0, 1]]); write each knot as [x, y]",
    ),
    "a curve without a shape": (
        with_bonus(curve={"knots": [["0 point", 0]]}),
        (
            "$.bonus.curve: its shape is not stated (found {'knots': [['0 point', 0]]});"
            " write shape = 'step' or shape = 'linear'"
        ),
    ),
    "a curve of another shape": (
        with_bonus(curve={**LINE, "shape": "round"}),
        (
            "$.bonus.curve.shape: it is none of the words that can stand here (found 'round');"
            " use one of 'step', 'linear'"
        ),
    ),
    "a curve closed in the middle": (
        with_bonus(curve={**LINE, "closed": "middle"}),
        (
            "$.bonus.curve.closed: it is none of the words that can stand here (found 'middle');"
            " use one of 'left', 'right'"
        ),
    ),
    "a curve that goes on half": (
        with_bonus(curve={**LINE, "then": {"per_point": "1%"}}),
        (
            "$.bonus.curve.then: it does not say how a curve goes on (found {'per_point': '1%'});"
            " write { per_point = '0.1%', counted = 'pro rata' }"
        ),
    ),
    "a curve that goes on otherwise": (
        with_bonus(curve={**LINE, "then": {"per_point": "1%", "counted": "twice"}}),
        "$.bonus.curve.then: it is no way to count points (found 'twice'); write 'pro rata' or 'whole'",
    ),
    "no curve at all": (
        with_bonus(curve="steep", then=None),
        (
            "$.bonus.curve: it is no curve (found 'steep'); write [[x, y], ...] or"
            " { knots = [[x, y], ...], shape = 'step' }"
        ),
    ),
    "filters that are none": (
        with_filters("signed"),
        "$.indicators.own.measure.where: it is no table of filters (found 'signed'); write { field = value }",
    ),
    "a filter with other bounds": (
        with_filters({"amount": {"more than": "5 CNY"}}),
        (
            "$.indicators.own.measure.where.amount: it has other bounds than known (found {'more than': '5 CNY'});"
            " use at_least, above, at_most, below"
        ),
    ),
    "a filter by a number": (
        with_filters({"amount": 5}),
        (
            "$.indicators.own.measure.where.amount: it is compared with no text or truth value (found 5);"
            " write { field = 'value' }"
        ),
    ),
    "a name that is none": (
        document(title={"zh": "只有中文"}),
        "$.title: it is no name (found {'zh': '只有中文'}); write a text, or { en = '...', zh = '...' }",
    ),
    "a bonus below zero": (
        with_bonus(curve=[["60 point", "-0.5 month"], ["100 point", "1 month"]], then=None),
        "$.bonus.curve: it goes below zero (found -0.5 month); pay is zero or more; a deduction is a gate",
    ),
    "a bonus that falls below zero": (
        with_bonus(
            curve=[["60 point", "0 month"], ["100 point", "1 month"]],
            then={"per_point": "-0.1 month", "counted": "whole"},
        ),
        "$.bonus.curve: it goes below zero (found -0.1 month a point); pay is zero or more; a deduction is a gate",
    ),
    "a cap without its percent sign": (
        with_scoring("npl_ratio", cap=150),
        "$.scoring.npl_ratio.cap: cannot read 150 as a quantity: 150 is 15000%; write '150%' or '15000%'",
    ),
    "a limit without its percent sign": (
        document(limits={"npl_ratio": {"at_most": 40}}),
        "$.limits.npl_ratio.at_most: cannot read 40 as a quantity: 40 is 4000%; write '40%' or '4000%'",
    ),
    "a constraint below zero": (
        document(phases={"calm": {"require": [{"of": ["risk"], "at_least": "-5%"}]}}),
        "$.phases.calm.require[0].at_least: it is negative (found -5%); give 0% to 100%",
    ),
    "no profile": (
        document(profiles={}),
        (
            "$.profiles: there is no weight profile, and no commission plan;"
            " add [profiles.NAME.weights], or [plans.NAME]"
        ),
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_document_is_refused_by_path_with_what_was_there_and_what_is_right(name: str) -> None:
    """A manager mends what the message points at, and needs no developer for it."""
    wrong, expected = BAD[name]
    assert [expected] == problems(wrong)


@pytest.mark.parametrize(
    ("measure", "at"),
    [
        ({"over": "loan event", "sum": "amount"}, "over"),
        ({"over": "loan events", "sum": "amuont"}, "sum"),
        ({"over": "loan events", "sum": "event"}, "sum"),
        ({"over": "loan events", "where": {"evnt": "disbursed"}}, "where.evnt"),
        ({"over": "loan events", "where": {"event": "drawn"}}, "where.event"),
        ({"over": "loan events", "where": {"amount": {"above": "3 days"}}}, "where.amount.above"),
        (
            {"over": "loan events", "weighed_by": "prodct", "weights": {"shape": "step", "knots": [["0", "1"]]}},
            "weighed_by",
        ),
        ({"over": "loan events", "held_at": "birth"}, "held_at"),
        ({"numerator": {"over": "customers", "sum": "x"}, "denominator": {"over": "customers"}}, "numerator.sum"),
        ({"start": 100, "less": {"over": "violations", "sum": "pionts"}}, "less.sum"),
    ],
)
def test_a_measure_that_cannot_be_is_a_fault_with_its_path(measure: dict[str, object], at: str) -> None:
    """An indicator that states no formula has one made of its measure: a slip in it was a KeyError."""
    own = {"dimension": "growth", "direction": "higher is better", "kind": "count", "measure": measure}
    assert [f"$.indicators.own.measure.{at}"] == where(document(indicators={"own": own}))


def test_all_faults_come_at_once() -> None:
    """Nobody wants to load a scheme seven times to learn of seven mistakes."""
    wrong = {
        "name": " ",
        "currency": "CNY",
        "profiles": {"a": {"weights": {"loan_amount": "99%"}}, "b": {"weights": {"npl": "100%"}}},
        "scoring": {"default": {"places": "one", "rounding": "half even"}},
        "timeline": [{"phase": "boom", "since": "soon"}],
        "who": [{"profile": "a"}, {"profile": "c", "role": "x"}],
        "grades": {"A": {"at_least": "ninety"}},
        "bonus": {"unit": "month", "curve": [["0 point"]], "rounding": "half up"},
        "colour": "red",
    }
    assert {
        "$.colour",
        "$.effective",
        "$.name",
        "$.profiles.a.weights",
        "$.profiles.b.weights.npl",
        "$.scoring.default.places",
        "$.timeline[0].since",
        "$.who[1].profile",
        "$.grades.A.at_least",
        "$.bonus.curve",
    } == set(where(wrong))


def test_what_could_not_be_read_is_not_also_said_to_be_missing() -> None:
    """One fault makes one message, although a rule refers to the profile that is at fault."""
    broken = {"standard": {"weights": {"loan_amount": "99%"}}, "other": {"weights": {"loan_amount": "100%"}}}
    assert ["$.profiles.standard.weights"] == where(document(profiles=broken, who=[{"profile": "standard"}]))


def test_an_indicator_that_only_a_phase_or_a_unit_weighs_is_checked_too() -> None:
    """Otherwise the phase begins, and every appraisal of it fails."""
    only = {"loan_amount": "50%", "teamwork": "50%"}
    scoring = {code: {"places": 1, "rounding": "half up"} for code in THREE_DIMENSIONS}
    in_phase = document(scoring=scoring, phases={"calm": {"weights": {"standard": only}}})
    in_unit = document(scoring=scoring, overrides=[{"unit": "east", "profile": "standard", "weights": only}])

    assert ["$.scoring.teamwork.places", "$.scoring.teamwork.rounding"] == where(in_phase)
    assert ["$.scoring.teamwork.places", "$.scoring.teamwork.rounding"] == where(in_unit)
    of = with_bonus(of="npl_ratio", curve=[["0%", 0], ["100%", 1]])
    assert ["$.bonus.of"] == where(of | {"phases": {"calm": {"weights": {"standard": only}}}})


def test_an_indicator_that_nobody_weighs_needs_no_dimension() -> None:
    """One of a commission plan is in no card; one with a weight is summed with its dimension, and must say which."""
    own = {"direction": "higher is better", "kind": "ratio"}
    assert "own" == lp.schemes.scheme_of(document(indicators={"own": own})).indicators[0].code
    weights = {"standard": {"weights": {"own": "100%"}}}
    assert ["$.indicators.own.dimension"] == where(document(indicators={"own": own}, profiles=weights))


def test_a_float_from_python_is_refused() -> None:
    """0.1 is no tenth; TOML and JSON are read exactly, and a dict must be written so."""
    wrong = with_weights(loan_amount=0.3)  # type: ignore[arg-type]
    assert [
        (
            "$.profiles.standard.weights.loan_amount: it is no quantity (found 0.3);"
            " write a number with its unit in quotes, such as '30%' or '100万元'"
        )
    ] == problems(wrong)
    assert ["$.grades.A.at_least"] == where(document(grades={"A": {"at_least": 89.9}}))
    assert ["$.bonus.curve[1][1]"] == where(with_bonus(curve=[["0 point", 0], ["100 point", 1.0]]))


def test_numbers_without_quotes_are_exact_in_both_forms() -> None:
    """A TOML float and a JSON number are decimals on paper, and stay so."""
    toml = SAMPLE.replace('"80%"', "0.8").replace('"20%"', "0.2")
    text = json.dumps(as_json(lp.parse_scheme(SAMPLE).document())).replace('"80%"', "0.8").replace('"20%"', "0.2")

    assert lp.parse_scheme(SAMPLE) == lp.parse_scheme(toml) == lp.parse_scheme(text, "json")


@pytest.mark.parametrize("moment", ["2026-01-01T08:00:00", "2026-01-01T08:00:00Z", "08:00:00", "2026"])
def test_a_moment_is_no_day(moment: str) -> None:
    """Midnight in one zone is another day in the next; a scheme holds from a day."""
    found = refused(lambda: lp.parse_scheme(SAMPLE.replace("effective = 2026-01-01", f"effective = {moment}")))
    assert [("$.effective", "it is no day", "write a day as 2026-03-31")] == [
        (problem.where, problem.fault, problem.remedy) for problem in found
    ]


def test_a_code_cannot_be_repeated_in_python_either() -> None:
    """A document has each key once; a scheme built by hand must not hide a second profile behind the first."""
    scheme = lp.template("classic")
    (problem,) = refused(lambda: evolve(scheme, profiles=scheme.profiles * 2))
    assert "$.profiles.standard: it stands there 2 times; keep one of them" == str(problem)


# ── files ───────────────────────────────────────────────────────────────────────────────────────────────────


def read(path: Path, content: bytes) -> lp.Scheme:
    """Read a file with this content."""
    path.write_bytes(content)
    return lp.read_scheme(path)


TEMPLATE = lp.schemes.template_text("consumer-finance").encode()
FILES: dict[str, tuple[str, bytes, str]] = {
    "TOML syntax": (
        "x.toml",
        b'name = "x"\ncurrency = CNY\n',
        " (line 2, column 12): it is not TOML: Invalid value; mend the syntax there",
    ),
    "a TOML key twice": (
        "x.toml",
        b'name = "x"\nname = "y"\n',
        " (line 2, column 1): it is not TOML: Cannot overwrite a value; mend the syntax there",
    ),
    "JSON syntax": (
        "x.json",
        b'{"name": "x",\n}',
        (
            " (line 2, column 1): it is not JSON: Expecting property name enclosed in double quotes;"
            " mend the syntax there"
        ),
    ),
    "a JSON key twice": (
        "x.json",
        b'{"name": "x", "profiles": {"a": 1, "a": 2}}',
        " (line 1, column 36): it is not JSON: the key 'a' stands twice in one table; mend the syntax there",
    ),
    "JSON NaN": (
        "x.json",
        b'{"name": NaN}',
        " (line 1, column 10): it is not JSON: 'NaN' is no ordinary number; mend the syntax there",
    ),
    "no JSON at all": (
        "x.json",
        b"",
        " (line 1, column 1): it is not JSON: Expecting value; mend the syntax there",
    ),
    "another encoding": (
        "x.toml",
        'name = "消费金融"'.encode("gbk"),
        "byte 8 is not UTF-8; save it in UTF-8",
    ),
    "UTF-16": (
        "x.toml",
        TEMPLATE.decode().encode("utf-16"),
        "byte 0 is not UTF-8; save it in UTF-8",
    ),
    "a NUL": (
        "x.toml",
        b"\0",
        " (line 1, column 1): it is not TOML: Invalid statement; mend the syntax there",
    ),
    "10 MB of garbage": (
        "x.toml",
        bytes(range(256)) * 40960,
        "it has 10485760 bytes, and a scheme has at most 1048576; check that this is the right file",
    ),
    "a line without end": (
        "x.toml",
        b"a." * 50_000 + b"a = 1",
        "a line has more than 20000 characters; break it, or check the file",
    ),
    "a number beyond all bounds": (
        "x.toml",
        b"name = 1e9999999999999999999",
        " (line 1, column 8): it is not TOML: '1e9999999999999999999' is no ordinary number; mend the syntax there",
    ),
    "lists without end": (
        "x.json",
        b"[\n" * 250_000,
        "it is nested too deeply; a scheme has no more than ten levels",
    ),
    "TOML lists without end": (
        "x.toml",
        b"name = " + b"[\n" * 250_000,
        "it is nested too deeply; a scheme has no more than ten levels",
    ),
    "another suffix": (
        "x.yaml",
        TEMPLATE,
        "its name does not say what it is (found .yaml); name it .toml or .json",
    ),
    "no suffix": ("scheme", TEMPLATE, "its name does not say what it is; name it .toml or .json"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_refused_with_its_place(name: str, tmp_path: Path) -> None:
    """Half of the trouble with files is the wrong one; the message says which and what is wrong with it."""
    file, content, expected = FILES[name]
    (problem,) = refused(lambda: read(tmp_path / file, content))
    assert f"{tmp_path / file}{expected if expected.startswith(' (') else f': {expected}'}" == str(problem)


def test_an_empty_file_lacks_everything(tmp_path: Path) -> None:
    """A zero-byte TOML file is a document without keys, and not an accident to crash on."""
    expected = ["$.name", "$.currency", "$.effective", "$.profiles"]
    assert expected == [problem.where for problem in refused(lambda: read(tmp_path / "x.toml", b""))]


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    """Editors on Windows write one."""
    assert lp.template("consumer-finance") == read(tmp_path / "x.toml", b"\xef\xbb\xbf" + TEMPLATE)


def test_line_ends_are_no_fault(tmp_path: Path) -> None:
    """Nor is what the same editors end lines with."""
    assert lp.template("consumer-finance") == read(tmp_path / "x.toml", TEMPLATE.replace(b"\n", b"\r\n"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("x.toml", "x.toml: it cannot be read: No such file or directory; check the path"),
        ("folder.toml", "folder.toml: it is no file; give the path of a file"),
        ("folder.toml/x.json", "x.json: it cannot be read: No such file or directory"),
        ("bytes.toml", "bytes.toml: byte 0 is not UTF-8; save it in UTF-8"),
        ("a\0b.toml", r"no file can be called so (found '"),
        ("\ud800.toml", r"\ud800.toml': no file can be called so"),
        (f"{'x' * 300}.toml", "it cannot be read: File name too long"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, said: str) -> None:
    """A host that catches the errors of the library catches this one too, and its reader learns which file it was."""
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(lp.errors.SchemeError) as caught:
        lp.read_scheme(tmp_path / name)

    assert said in str(caught.value)
    str(caught.value).encode()


@pytest.mark.parametrize("path", [None, 5, b"x.toml"])
def test_what_is_no_path_is_refused(path: Any) -> None:
    """It was an error of Python that says nothing of a scheme."""
    with pytest.raises(lp.errors.SchemeError, match=r"what is passed is no path \(found .*pass one, such as"):
        lp.read_scheme(path)


DOTTED = ".".join(["a"] * 9001)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# x\n" * 4_000_000, "it has 16000000 characters, and a scheme has at most 1048576"),
        ("\n".join(f"x{line}.{DOTTED} = 1" for line in range(20)), "a key has too many parts"),
        (f"x = {{ {DOTTED} = 1 }}", "a key has too many parts"),
        ("x" + '."a"' * 3000 + " = 1", "a key has too many parts"),
        (f"[{DOTTED}]", "a key has too many parts"),
        ("x = " + "[" * 9000, "it is nested too deeply"),
        ("\n".join(f"a{number}=1" for number in range(100_000)), "it has more than 100000 values"),
        (("a" * 19_999 + "\n") * 50, "it is not TOML"),
        (('"' * 19_999 + "\n") * 50, "it is not TOML"),
    ],
    ids=["16 MB", "keys", "inline", "quoted", "table", "lists", "values", "words", "quotes"],
)
def test_a_malicious_document_is_refused_at_once(text: str, message: str) -> None:
    """Twenty lines of dots held a service up for a minute; a scheme of a bank has a few thousand values."""
    start = process_time()
    with pytest.raises(lp.errors.SchemeError, match=message) as caught:
        lp.parse_scheme(text)

    assert process_time() - start < 10
    assert len(str(caught.value)) < 3000


def test_thousands_of_faults_are_told_in_time() -> None:
    """Each table that is refused is looked at field by field; what is missing in 2000 plans takes seconds."""
    start = process_time()
    text = "\n".join(f"[[plans.x{number}.gates]]\nz = 1" for number in range(2000))
    found = refused(lambda: lp.parse_scheme(text))

    assert 4 * 2000 + 3 == len([problem for problem in found if problem.fault == "it is missing"])
    assert process_time() - start < 20


def test_the_limits_of_a_document_are_arguments(tmp_path: Path) -> None:
    """Who has a larger scheme says so; a link to a device is no file, however small it says it is."""
    text = lp.schemes.write_scheme(lp.template("classic"))
    file, link = tmp_path / "classic.json", tmp_path / "zero.toml"
    file.write_text(text, encoding="utf-8")
    link.symlink_to("/dev/zero")

    assert lp.template("classic") == lp.parse_scheme(text, "json", largest=len(text))
    assert lp.template("classic") == lp.schemes.scheme_of(lp.template("classic").document(), most_values=1000)
    with pytest.raises(lp.errors.SchemeError, match="and a scheme has at most 100;"):
        lp.parse_scheme(text, "json", largest=100)
    with pytest.raises(lp.errors.SchemeError, match="and a scheme has at most 100;"):
        lp.read_scheme(file, largest=100)
    with pytest.raises(lp.errors.SchemeError, match="it has more than 3 values"):
        lp.schemes.scheme_of(lp.template("classic").document(), most_values=3)
    with pytest.raises(lp.errors.SchemeError, match="it is no file; give the path of a file"):
        lp.read_scheme(link)


@pytest.mark.parametrize("text", [b"name = 'x'", None, 5, {}], ids=repr)
def test_what_is_no_text_is_refused(text: Any) -> None:
    """Bytes of a request that nobody decoded."""
    with pytest.raises(lp.errors.SchemeError, match=r"it is no text .*; decode it, or use scheme_of for plain values"):
        lp.parse_scheme(text)


@pytest.mark.parametrize("depth", [11, 100, 900])
@pytest.mark.parametrize("key", ["name", "profiles", "bonus", "colour"])
def test_nesting_is_refused_at_any_depth(key: str, depth: int) -> None:
    """Also where the parser still follows and only our own recursion would not."""
    nested: Any = "x"
    for _ in range(depth):
        nested = {"a": [nested]}
    deepest = f"$.{key}" + "".join(".a" if level % 2 else "[0]" for level in range(1, 10))

    assert [f"{deepest}: it is nested too deeply; a scheme has no more than 10 levels"] == problems(
        document(**{key: nested})
    )


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"name": "\ud800"}, "$.name"),
        ({"profiles": {"\udfff": {}}}, r"$.profiles.'\udfff'"),
        ({"": 1}, "$.''"),
        ({7: 1}, "$.7"),
        ({"profiles": {"a": {"weights": {7: "100%"}}}}, "$.profiles.a.weights.7"),
        ({"bonus": {"curve": {None: []}}}, "$.bonus.curve.None"),
    ],
)
def test_what_no_document_can_hold_is_refused(changed: Document, expected: str) -> None:
    """JSON can escape half of a character, and Python and YAML have keys that are no text."""
    assert [expected] == where(document() | changed)


@pytest.mark.parametrize("old", ['"30%"', "2026-01-01", "places = 1", "at_least = 110", '"消费金融（三维）"', '"0.1%"'])
def test_a_huge_number_is_refused_anywhere(old: str) -> None:
    """TOML reads hexadecimal integers of any length, which Python then refuses to print."""
    huge = ("places = " if "places" in old else "at_least = " if "at_least" in old else "") + "0x" + "F" * 9000
    found = refused(lambda: lp.parse_scheme(lp.schemes.template_text("consumer-finance").replace(old, huge, 1)))

    assert all(problem.where.startswith("$.") for problem in found)
    assert "too long to print" in str(found[0])


@pytest.mark.parametrize(
    "number", [Decimal("6.189189067187896356097876260456E-30"), f"0.{'7' * 55} bp", f"1/{'7' * 55}"]
)
def test_a_number_that_cannot_be_written_back_is_refused(number: Any) -> None:
    """A round trip that loses a digit is no round trip; no policy needs fifty of them."""
    assert ["$.vetoes[0].limit"] == where(
        document(vetoes=[{"indicator": "npl_ratio", "test": "above", "limit": number}])
    )


def test_a_long_decimal_integer_is_not_toml() -> None:
    """Python reads no decimal integer of more than some thousand digits, and says so."""
    digits = sys.get_int_max_str_digits() + 1
    (problem,) = refused(lambda: lp.parse_scheme(f"places = {'9' * digits}"))
    assert problem.fault.startswith("it is not TOML: Exceeds the limit")


def test_a_file_of_ever_new_codes_is_refused_in_time() -> None:
    """A megabyte of unknown codes gets its thousands of answers within seconds, not minutes."""
    codes = {f"code{index:05}": "0%" for index in range(30_000)}
    start = process_time()
    found = where(with_weights(**codes))

    assert len(codes) == len(found)
    assert process_time() - start < 30


# ── bad documents at random ─────────────────────────────────────────────────────────────────────────────────

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**60, 10**90)
    | st.decimals()
    | st.floats()
    | st.text(max_size=12)
    | st.dates()
    | st.datetimes()
    | st.times()
    | st.sampled_from(
        ["100%", "3%", "1 month", "100 point", "100万元", "5 USD", "standard", "npl_ratio", "curve", "\ud800"]
    )
)
JUNK = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.sampled_from(["en", "knots", "shape", "then", "code"]), inner)
    ),
    max_leaves=8,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every part of a document."""
    if path:
        yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from places(part, (*path, index))


def put(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    """A copy of a document with one part replaced."""
    if not path:
        return junk
    if isinstance(value, dict):
        return {**value, path[0]: put(value[path[0]], path[1:], junk)}
    return [put(part, path[1:], junk) if index == path[0] else part for index, part in enumerate(value)]


def accepted(wrong: Document) -> lp.Scheme | None:
    """The scheme that a document makes, or None where it is refused properly."""
    try:
        return lp.schemes.scheme_of(wrong)
    except lp.errors.SchemeError as error:
        found = error
    assert found.problems
    assert all(problem.where.startswith("$.") and problem.fault for problem in found.problems)
    assert "problem(s)" in str(found)
    return None


FULL = document(
    "risk-control",
    until="2027-01-01",
    dimensions={"service": {"name": "service"}},
    indicators={
        "calls": {
            "name": {"en": "calls", "zh": "电话"},
            "dimension": "service",
            "direction": "higher is better",
            "kind": "money",
            "measure": {
                "over": "loan events",
                "sum": "amount",
                "where": {"event": "signed", "amount": {"at_least": "5万元"}},
                "weighed_by": "amount",
                "weights": {"knots": [["0 元", "1"], ["10万元", "2"]], "shape": "step"},
            },
        },
        "bad": {
            "dimension": "risk",
            "direction": "lower is better",
            "kind": "ratio",
            "measure": {
                "numerator": {"over": "loans", "where": {"category": ["loss"]}},
                "denominator": {"over": "loans"},
            },
        },
        "kept": {
            "dimension": "risk",
            "direction": "higher is better",
            "kind": "points",
            "measure": {"start": 100, "less": {"over": "violations", "sum": "points"}},
        },
        "par_90": {"options": {"rescheduled": "non-performing"}},
    },
    who=[{"profile": "standard", "role": "senior"}, {"profile": "standard"}],
    limits={"npl_ratio": {"at_least": "10%", "at_most": "50%"}},
    overrides=[{"unit": "east", "profile": "standard", "targets": {"npl_ratio": "2%"}, "since": "2026-02-01"}],
    vetoes=[{"indicator": "par_90", "test": "above", "limit": "5%", "score": 10}],
    bonus={
        "unit": "month",
        "of": "score",
        "curve": {"knots": [["0 point", 0], ["100 point", 1]], "shape": "linear", "closed": "right"},
        "rounding": "half up",
        "gates": [{"indicator": "npl_ratio", "forfeits": STEP}],
        "cap": "3 month",
        "floor": "0 元",
    },
)
"""A document with every kind of part."""


@given(st.sampled_from(sorted(places(FULL), key=str)), JUNK)
@example(("bonus", "cap"), Decimal("6.189189067187896356097876260456E-30"))
@example(("effective",), datetime(2026, 1, 1, tzinfo=UTC))
@example(("effective",), time(7, 32))
@example(("profiles", "standard", "weights", "npl_ratio"), Decimal("NaN"))
@example(("bonus", "rounding"), Decimal("sNaN"))
@example(path=("scoring", "default", "places"), junk=True)
def test_no_junk_anywhere_in_a_document_makes_it_crash(path: tuple[Any, ...], junk: Any) -> None:
    """Whatever a document holds, it is a scheme, or it is refused by path; what is accepted works."""
    scheme = accepted(put(FULL, path, junk))
    if scheme is not None:
        assert scheme == read_back(scheme, "json") == read_back(scheme, "toml")
        lp.diff(lp.schemes.scheme_of(FULL), scheme)
        with suppress(lp.errors.LoanPerfError):
            card = scheme.resolve(role="senior", period=lp.Period.month(2026, 3), units=["bank", "east"])
            lp.appraise(card, readings={line.indicator.code: "0" for line in card.lines})


@given(documents(), st.data())
def test_junk_in_any_scheme_is_refused_by_path(drawn: Document, data: st.DataObject) -> None:
    """The same of schemes that nobody wrote by hand, with parts replaced, left out and added."""
    path = data.draw(st.sampled_from(sorted(places(drawn), key=str)))
    replaced = put(drawn, path, data.draw(JUNK))
    left_out = {key: value for key, value in drawn.items() if key != path[0]}
    added = {**drawn, data.draw(st.text(max_size=3)): data.draw(JUNK)}
    for document in (replaced, left_out, added):
        scheme = accepted(document)
        assert scheme is None or scheme == read_back(scheme, "json")


@given(JUNK)
@example([])
@example({})
def test_what_is_no_table_is_no_scheme(junk: Any) -> None:
    """The whole document can be junk too."""
    assert refused(lambda: lp.schemes.scheme_of(junk))


@given(st.text() | st.binary().map(lambda content: content.decode("utf-8", "replace")))
def test_no_text_makes_the_parser_crash(text: str) -> None:
    """Text that is no TOML or JSON is refused, whatever it is."""
    for form in ("toml", "json"):
        assert refused(lambda form=form: lp.parse_scheme(text, form))  # type: ignore[misc]


# ── versions ────────────────────────────────────────────────────────────────────────────────────────────────


def version(effective: str, until: str | None = None, **changed: Any) -> lp.Scheme:
    """The classic scheme from a day on."""
    return lp.schemes.scheme_of(
        document("classic", effective=effective, **({"until": until} if until else {}), **changed)
    )


def test_a_scheme_is_frozen() -> None:
    """A policy that somebody can change while it pays is none."""
    scheme = lp.template("classic")
    for value in (scheme, scheme.profiles[0], scheme.bonus, scheme.scoring[0], lp.SchemeBook([scheme])):
        kind: Any = type(value)
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(value, attrs.fields(kind)[0].name, "x")


def test_each_day_has_the_version_that_is_in_force() -> None:
    """Off by a day, and a month is paid by the wrong policy."""
    first, second, third = version("2026-01-01"), version("2026-04-01"), version("2026-07-01", "2026-10-01")
    book = lp.SchemeBook([third, first, second])

    assert (first, second, third) == book.versions
    for day, expected in {
        "2026-01-01": first,
        "2026-03-31": first,
        "2026-04-01": second,
        "2026-06-30": second,
        "2026-07-01": third,
        "2026-09-30": third,
    }.items():
        assert expected == book.at(day)
    for day in ("2025-12-31", "2026-10-01"):
        with pytest.raises(lp.errors.ResolveError, match="no version is in force"):
            book.at(date.fromisoformat(day))
    with pytest.raises(lp.errors.PeriodError, match="different days in different zones"):
        book.at(datetime(2026, 3, 1, tzinfo=UTC))


@given(st.lists(st.dates(date(2020, 1, 1), date(2030, 1, 1)), min_size=1, max_size=6, unique=True), st.dates())
def test_one_version_holds_on_every_day_from_the_first(starts: list[date], on: date) -> None:
    """Versions without an end leave no gap: the latest that has started holds."""
    book = lp.SchemeBook([evolve(TEMPLATES["classic"], effective=start) for start in starts])
    started = [start for start in starts if start <= on]
    if started:
        assert max(started) == book.at(on).effective
    else:
        with pytest.raises(lp.errors.ResolveError):
            book.at(on)


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ([], "versions of scheme '': there is none; give one at least"),
        (
            [version("2026-01-01"), version("2026-01-01", note="x")],
            "versions of scheme 'classic': two versions start on 2026-01-01; keep one of them",
        ),
        (
            [version("2026-04-01"), version("2026-01-01", "2026-05-01")],
            (
                "versions of scheme 'classic': one holds until 2026-05-01, and the next starts on 2026-04-01 already;"
                " end the first where the second starts, or leave its until out"
            ),
        ),
        (
            [version("2026-01-01", "2026-03-01"), version("2026-04-01")],
            (
                "versions of scheme 'classic': none holds from 2026-03-01 to 2026-04-01;"
                " leave out until of the first, or start the second earlier"
            ),
        ),
        (
            [version("2026-01-01"), lp.template("volume-only")],
            (
                "versions of scheme 'classic': one is 'classic' in CNY, another 'volume only' in CNY;"
                " keep each scheme in a book of its own"
            ),
        ),
    ],
)
def test_versions_that_contradict_each_other_make_no_book(versions: list[lp.Scheme], expected: str) -> None:
    """Which of two policies holds on a day must never depend on luck."""
    with pytest.raises(lp.errors.VersionError) as caught:
        lp.SchemeBook(versions)
    assert expected == str(caught.value)


def test_what_is_in_use_never_changes() -> None:
    """Scores name the version that made them; it must still be there, word for word."""
    book = lp.SchemeBook([version("2026-01-01"), version("2026-07-01")])
    later = version("2026-07-01", note="mended before it starts")

    assert (version("2026-01-01"), later) == book.publish(later, as_of="2026-06-30").versions
    assert book is book.publish(version("2026-07-01"), as_of=date(2026, 12, 31))
    between = version("2026-05-01")
    assert between == book.publish(between, as_of="2026-04-30").at("2026-06-30")
    for effective in ("2026-01-01", "2026-06-30"):
        with pytest.raises(lp.errors.VersionError, match="would change what is in use on 2026-06-30"):
            book.publish(version(effective, note="x"), as_of="2026-06-30")
    with pytest.raises(lp.errors.VersionError, match="keep each scheme in a book of its own"):
        book.publish(lp.schemes.scheme_of(document("volume-only", effective="2027-01-01")), as_of="2026-06-30")


# ── differences ─────────────────────────────────────────────────────────────────────────────────────────────


def sentences(before: Document, after: Document) -> list[tuple[str, str]]:
    """The changes in English and Chinese."""
    return [
        (str(change), change.to("zh")) for change in lp.diff(lp.schemes.scheme_of(before), lp.schemes.scheme_of(after))
    ]


STANDARD = document()["profiles"]["standard"]
DIFFERENCES: dict[str, tuple[Document, list[tuple[str, str]]]] = {
    "weights": (
        with_weights(npl_ratio="25%", loan_amount="25%"),
        [
            (
                "in profile standard, the weight of loan amount falls from 30% to 25%",
                "权重方案 standard中，贷款额的权重由 30% 降至 25%",
            ),
            (
                "in profile standard, the weight of NPL ratio rises from 20% to 25%",
                "权重方案 standard中，不良率的权重由 20% 升至 25%",
            ),
        ],
    ),
    "an indicator that comes and one that goes": (
        document(
            profiles={"standard": {"weights": {**dict(list(STANDARD["weights"].items())[:-1]), "teamwork": "5%"}}}
        ),
        [
            (
                "in profile standard, the weight of training completion rate no longer holds (it was 5%)",
                "取消权重方案 standard中，培训完成率的权重（原为 5%）",
            ),
            (
                "in profile standard, the weight of teamwork is new: 5%",
                "新增权重方案 standard中，团队协作的权重：5%",
            ),
        ],
    ),
    "targets": (
        document(targets={**document()["targets"], "npl_ratio": "2.5%", "compliance_score": "95 point"}),
        [
            ("the target of NPL ratio falls from 3% to 2.5%", "不良率的目标由 3% 降至 2.5%"),
            ("the target of compliance score falls from 100 points to 95 points", "合规评分的目标由 100 分 降至 95 分"),
        ],
    ),
    "a profile and who gets it": (
        document(
            profiles={"standard": STANDARD, "junior": {"weights": {"loan_amount": "100%"}}},
            who=[{"profile": "standard"}, {"profile": "junior", "role": "trainee"}],
        ),
        [
            ("profile junior is new: weight loan amount 100%", "新增权重方案 junior：权重 贷款额 100%"),
            (
                "the rule who gets which profile, for all others, is new: profile standard",
                "新增适用规则（其他人员）：权重方案 standard",
            ),
            (
                "the rule who gets which profile, for trainee, is new: profile junior",
                "新增适用规则（trainee）：权重方案 junior",
            ),
        ],
    ),
    "the bonus": (
        with_bonus(
            cap="2 month",
            rounding="half even",
            curve=[["0 point", 0], ["90 point", 1]],
            then={"per_point": "0.2%", "counted": "whole"},
        ),
        [
            (
                (
                    "the curve of the bonus plan changes from 0 points → 0%, 100 points → 100%, linear,"
                    " then 0.1% a point, pro rata to 0 points → 0%, 90 points → 100%, linear,"
                    " then 0.2% a point, whole points"
                ),
                (
                    "奖金方案的曲线由 0 分 → 0%，100 分 → 100%，线性，其后每分 0.1%，按比例 改为"
                    " 0 分 → 0%，90 分 → 100%，线性，其后每分 0.2%，只计整分"
                ),
            ),
            (
                "the rounding of the bonus plan changes from half up to half even",
                "奖金方案的舍入方式由 四舍五入 改为 四舍六入五成双",
            ),
            ("the cap of the bonus plan is new: 2 months", "新增奖金方案的封顶：2 个月"),
        ],
    ),
    "a gate, a veto and a grade": (
        with_bonus(gates=[{"indicator": "npl_ratio", "forfeits": {**STEP, "closed": "right"}}])
        | {"vetoes": [{"indicator": "par_90", "test": "above", "limit": "5%"}]}
        | {"grades": {**document()["grades"], "A": {**document()["grades"]["A"], "at_least": 105}}},
        [
            ("the lower bound of grade A falls from 110 to 105", "等级 A的下限由 110 降至 105"),
            (
                (
                    "the bonus gate on NPL ratio is new:"
                    " ladder 0% → 0%, 2% → 30%, in steps, each knot in the step below it"
                ),
                "新增不良率的奖金门槛：扣减阶梯 0% → 0%，2% → 30%，阶梯，节点归下档",
            ),
            (
                "the veto on PAR90 is new: test above, limit 5%",
                "新增90天以上风险贷款率的一票否决：条件 高于，限值 5%",
            ),
        ],
    ),
    "no bonus any more": (
        {key: value for key, value in document().items() if key != "bonus"},
        [
            (
                (
                    "the bonus plan no longer holds (it was unit months of salary, curve 0 points → 0%, 100 points →"
                    " 100%, linear, then 0.1% a point, pro rata, rounding half up)"
                ),
                (
                    "取消奖金方案（原为 单位 月薪，曲线 0 分 → 0%，100 分 → 100%，线性，其后每分 0.1%，按比例，"
                    "舍入方式 四舍五入）"
                ),
            ),
        ],
    ),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_differences_read_as_sentences(name: str) -> None:
    """A manager signs off a change by reading it, in either language."""
    after, expected = DIFFERENCES[name]
    assert expected == sentences(document(), after)


def test_a_difference_that_is_undone_says_the_opposite() -> None:
    """What is new one way no longer holds the other way."""
    before, after = document(), with_bonus(cap="2 month")
    assert [("the cap of the bonus plan no longer holds (it was 2 months)", "取消奖金方案的封顶（原为 2 个月）")] == (
        sentences(after, before)
    )


def test_a_rule_put_before_others_is_one_difference() -> None:
    """Items of a list are told apart by what they are about, not by where they stand."""
    rules = [{"profile": "standard", "role": "a"}, {"profile": "standard", "role": "b"}]
    (change,) = lp.diff(lp.schemes.scheme_of(document(who=rules[1:])), lp.schemes.scheme_of(document(who=rules)))

    assert ("$.who[0]", "", "profile standard") == (change.path, change.before, change.after)


@given(documents(), documents())
def test_differences_go_both_ways(first: Document, second: Document) -> None:
    """Every change has its counterpart, a path and a sentence in both languages."""
    one, other = lp.schemes.scheme_of(first), lp.schemes.scheme_of(second)
    there, back = lp.diff(one, other), lp.diff(other, one)

    assert sorted((change.before, change.after) for change in there) == (
        sorted((change.after, change.before) for change in back)
    )
    for change in there:
        assert change.path.startswith("$.")
        assert change.sentence.en
        assert change.sentence.zh


# ── in a notebook ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_scheme_shows_itself_with_nothing_to_run() -> None:
    """A name is the host's text, and a notebook is a browser."""
    hostile = "<script>alert(1)</script>"
    scheme = lp.schemes.scheme_of(document(name=hostile, profiles={hostile: STANDARD}))
    shown = scheme._repr_html_()

    assert "<script" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<td>npl_ratio</td><td>20%</td>" in shown


# ── what is known to go wrong ───────────────────────────────────────────────────────────────────────────────

HEAD = 'name = "s"\ncurrency = "CNY"\neffective = 2026-01-01\n[scoring.default]\nplaces = 1\nrounding = "half even"\n'


def weights_of(path: str, performance: str, risk: str) -> str:
    """A table of weights; two indicators share what performance weighs."""
    half = f"{Decimal(performance.removesuffix('%')) / 2}%"
    return f'[{path}]\nloan_amount = "{half}"\ndisbursed_amount = "{half}"\nnpl_ratio = "{risk}"\n'


FIFTY = weights_of("profiles.officer.weights", "50%", "50%")
LINTED = {
    "a profile": (weights_of("profiles.officer.weights", "80%", "20%"), ["$.profiles.officer.weights"]),
    "just above": (weights_of("profiles.officer.weights", "70.0002%", "29.9998%"), ["$.profiles.officer.weights"]),
    "exactly 70%": (weights_of("profiles.officer.weights", "70%", "30%"), []),
    "below": (FIFTY, []),
    "a role of several": (
        FIFTY
        + weights_of("profiles.chaser.weights", "90%", "10%")
        + '[[who]]\nrole = "chaser"\nprofile = "chaser"\n[[who]]\nprofile = "officer"\n',
        ["$.profiles.chaser.weights"],
    ),
    "an override": (
        FIFTY
        + '[[overrides]]\nunit = "east"\nprofile = "officer"\n[overrides.targets]\nnpl_ratio = "3%"\n'
        + '[[overrides]]\nunit = "west"\nprofile = "officer"\n'
        + weights_of("overrides.weights", "72%", "28%"),
        ["$.overrides[1].weights"],
    ),
    "a phase": (
        FIFTY + weights_of("phases.expansion.weights.officer", "71%", "29%"),
        ["$.phases.expansion.weights.officer"],
    ),
    "everything at once": (
        weights_of("profiles.officer.weights", "100%", "0%")
        + weights_of("phases.expansion.weights.officer", "90%", "10%")
        + '[[overrides]]\nunit = "west"\nprofile = "officer"\n'
        + weights_of("overrides.weights", "80%", "20%"),
        ["$.profiles.officer.weights", "$.phases.expansion.weights.officer", "$.overrides[0].weights"],
    ),
    "an indicator of its own": (
        """
        [indicators.calls]
        name = "calls"
        dimension = "performance"
        kind = "count"
        direction = "higher is better"
        [profiles.a.weights]
        calls = "75%"
        npl_ratio = "25%"
        """,
        ["$.profiles.a.weights"],
    ),
    "moved into another dimension": (
        '[indicators.loan_amount]\ndimension = "growth"\n' + weights_of("profiles.officer.weights", "80%", "20%"),
        [],
    ),
}


@pytest.mark.parametrize("name", LINTED)
def test_a_scheme_that_weighs_performance_above_70_percent_is_warned_about(name: str) -> None:
    """By hand, wherever weights stand: above 70%, non-performing loans ran 4.2 points higher than at 50%."""
    text, paths = LINTED[name]
    found = lp.lint(lp.parse_scheme(HEAD + text))

    assert paths == [finding.path for finding in found]
    assert ["performance-weight"] * len(paths) == [finding.code for finding in found]
    assert all("4.2 points higher than at 50%" in finding.text.en for finding in found)
    assert all("业绩类指标权重合计" in finding.text.zh and "高 4.2 个百分点" in finding.text.zh for finding in found)


def test_a_veto_above_what_a_score_can_be_is_found() -> None:
    """An NPL ratio of 21% against 3% earns 2 - 7 = -5 of its weight: a veto that caps at 0 changes nothing then.

    A floor of 0%, or a veto that says less than nothing, is not found; nor is a scheme without a veto.
    """
    scheme = lp.template("worked-example")
    plain = tuple(evolve(item, floor=None) for item in scheme.scoring)
    veto = lp.schemes.Veto(indicator="npl_ratio", test="above", limit="5%")
    (found,) = lp.lint(evolve(scheme, scoring=plain, vetoes=(veto,)))
    assert ("veto-above-score", "$.vetoes[0]") == (found.code, found.path)
    assert "the score can be below 0 without this veto, by npl_ratio" in found.text.en
    assert "npl_ratio 的得分可为负，总分可能低于 0 分" in found.text.zh
    floored = tuple(evolve(item, floor="0%") for item in scheme.scoring)
    assert () == lp.lint(evolve(scheme, scoring=floored, vetoes=(veto,)))
    assert () == lp.lint(evolve(scheme, scoring=plain, vetoes=(evolve(veto, score="-1000"),)))
    assert () == lp.lint(evolve(scheme, scoring=plain, vetoes=()))


def test_a_finding_says_its_place_what_was_found_and_what_to_do() -> None:
    """By hand."""
    (found,) = lp.lint(lp.parse_scheme(HEAD + weights_of("profiles.officer.weights", "80%", "20%")))

    assert str(found) == (
        "$.profiles.officer.weights: performance weighs 80%, more than 70%; above 70%, non-performing loans ran 4.2"
        " points higher than at 50%: give more weight to risk, or hold back pay until the loans have proved good"
    )
    assert found.to("zh-CN").startswith("$.profiles.officer.weights：业绩类指标权重合计 80%，超过 70%；")


def paying(rates: str, more: str = 'rates_by = "first"', where: str = "") -> str:
    """A plan with rates."""
    return f"""
[plans.sales]
rounding = "half up"

[plans.sales.components.loans]
base = "disbursed"
{more}
{where}
rates = [{rates}]
"""


CAR, HOME, ALL = (f'{{ where = {{ product = "{word}" }}, rate = "1%" }}' for word in ("car", "home", "card"))
CARS = '{ where = { product = ["car", "home"] }, rate = "2%" }'
NEW_CAR = '{ where = { product = "car", customer_type = "new" }, rate = "3%" }'
SMALL, LARGE = (
    f'{{ where = {{ amount = {{ {bound} = "10万元" }} }}, rate = "1%" }}' for bound in ("below", "at_least")
)
MIDDLE = '{ where = { amount = { at_least = "5万元", below = "20万元" } }, rate = "1%" }'
IDLE: dict[str, tuple[str, list[str]]] = {
    "one behind a wider one": (paying(f"{CARS}, {CAR}, {ALL}"), ["rates[1]"]),
    "one before a wider one": (paying(f"{CAR}, {CARS}"), []),
    "two that leave nothing of a third": (paying(f"{SMALL}, {LARGE}, {MIDDLE}"), ["rates[2]"]),
    "two that leave a gap": (paying(f"{MIDDLE}, {SMALL}, {LARGE}"), []),
    "all others, of whom none is left": (paying(f"{SMALL}, {LARGE}", 'rates_by = "first"\nrate = "2%"'), ["rate"]),
    "all others": (paying(f"{CAR}, {SMALL}", 'rates_by = "first"\nrate = "2%"'), []),
    "most terms, where others with more cover one": (
        paying(
            f'{CAR}, {NEW_CAR}, {{ where = {{ product = "car", amount = {{ at_least = "0元" }} }}, rate = "4%" }}', ""
        ),
        ["rates[0]"],
    ),
    "most terms": (paying(f"{CAR}, {NEW_CAR}, {CARS}", ""), []),
    "a product that the component does not pay": (
        paying(f"{CAR}, {HOME}", where='where = { product = "car" }'),
        ["rates[1]"],
    ),
}


@pytest.mark.parametrize("name", IDLE)
def test_a_rate_that_never_holds_is_found(name: str) -> None:
    """By hand: what a rate is written for and never paid by is a slip in the order or in a bound."""
    text, paths = IDLE[name]
    found = lp.lint(lp.parse_scheme(PAY_ONLY + text))

    assert [f"$.plans.sales.components.loans.{path}" for path in paths] == [item.path for item in found]
    assert all("rate-never-holds" == item.code and "该费率不会适用" in item.text.zh for item in found)


def test_a_rate_that_is_common_to_all_plans_is_found_once() -> None:
    """Where it is written, with its line and column."""
    text = (
        PAY_ONLY
        + f"""
[common.components.loans]
base = "disbursed"
rates_by = "first"
rates = [
    {CARS},
    {CAR},
]

[plans.one]
role = "one"
rounding = "half up"

[plans.two]
role = "two"
rounding = "half up"
"""
    )
    (found,) = lp.lint(lp.parse_scheme(text), text)

    assert ("$.common.components.loans.rates[1]", 10) == (found.path, found.at and found.at[0])


PAY_ONLY = 'name = "b"\ncurrency = "CNY"\neffective = 2026-01-01\n'


@given(st.integers(0, 100))
def test_more_performance_is_never_less_of_a_finding(weight: int) -> None:
    """Found from the first hundredth above 70% on, up to 100%."""
    text = f'[profiles.a.weights]\nloan_amount = "{weight}%"\nnpl_ratio = "{100 - weight}%"\n'

    assert (weight > 70) == bool(lp.lint(lp.parse_scheme(HEAD + text)))


@pytest.mark.parametrize("name", lp.schemes.TEMPLATES)
def test_no_template_is_warned_about(name: str) -> None:
    """What is shipped to start from is what others did well with."""
    assert () == lp.lint(lp.template(name))
