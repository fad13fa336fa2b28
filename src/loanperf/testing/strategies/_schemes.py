"""Weights, schemes and books of their versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st

from loanperf._quantities import percent, plain
from loanperf._scheme import Scheme, SchemeBook, scheme_of
from loanperf._scorecard import Weights
from loanperf.testing.strategies._people import ROLES
from loanperf.testing.strategies._values import codes, days

_TARGETS: Mapping[str, str] = MappingProxyType(
    {
        "disbursed_amount": "30万元",
        "loan_amount": "50万元",
        "customer_count": "3",
        "npl_ratio": "3%",
        "training_completion_rate": "80%",
    }
)
_ROUNDINGS = st.sampled_from(["half up", "half even", "down"])
_SEASONS = st.sampled_from([["20%", "20%", "20%", "40%"], ["1/12"] * 12, ["8%"] * 10 + ["10%"] * 2])
_FIRST = date(2024, 1, 1)
Table = dict[str, Any]


def weights() -> st.SearchStrategy[Weights]:
    """Weights of one to five indicators, thirds and nothing among them; they sum to exactly 100%."""
    return st.lists(st.sampled_from(sorted(_TARGETS)), min_size=1, max_size=5, unique=True).flatmap(_weighed)


@st.composite
def _weighed(draw: st.DrawFn, chosen: list[str]) -> Weights:
    parts = [draw(st.integers(0 if place else 1, 9)) for place, _ in enumerate(chosen)]
    return tuple((code, Fraction(part, sum(parts))) for code, part in zip(chosen, parts, strict=True))


@st.composite
def schemes(draw: st.DrawFn, *, name: str = "branch", effective: date = _FIRST) -> Scheme:
    """Schemes that keep every law: profiles by role, targets, scoring, vetoes, grades, bonus and commission plans."""
    document = draw(_documents(name, effective))
    if draw(st.booleans()):
        document |= draw(_plans())
    return scheme_of(document)


@st.composite
def paying(draw: st.DrawFn) -> Scheme:
    """Schemes that have commission plans."""
    pay = {"pay": {"holdback": draw(_HELD_OF_PERSONS)}} if draw(st.booleans()) else {}
    return scheme_of(draw(_documents("branch", _FIRST)) | draw(_plans()) | pay)


@st.composite
def scheme_books(draw: st.DrawFn) -> SchemeBook:
    """One to three versions of a scheme, one after the other."""
    starts = sorted(draw(st.lists(days(date(2024, 1, 2), date(2026, 12, 31)), max_size=2, unique=True)))
    name = draw(st.just("branch") | codes())
    return SchemeBook([draw(schemes(name=name, effective=on)) for on in (_FIRST, *starts)])


_ALERTS: Sequence[Table] = (
    {"indicator": "npl_ratio", "kind": "threshold", "test": "above", "limit": "5%", "margin": "1%"},
    {"indicator": "par_30", "kind": "threshold", "test": "at least", "limit": "1/3", "escalate_after": 2},
    {"indicator": "disbursed_amount", "kind": "pace", "limit": "80%", "severity": "critical", "worse_by": "10%"},
    {"indicator": "disbursed_amount", "kind": "forecast", "of": "attainment", "test": "below", "limit": "80%"},
    {"indicator": "npl_ratio", "kind": "trend", "in_a_row": 3, "advice": {"en": "call", "zh": "致电"}},
)


_BOUNDS: Sequence[Table] = ({}, {"least": 0}, {"least": "-2万元", "most": "1亿元"})
"""The least and the most that a declared indicator can be."""


@st.composite
def _documents(draw: st.DrawFn, name: str, effective: date) -> Table:
    profiles = {"standard": draw(weights())}
    found: Table = {"name": name, "currency": "CNY", "effective": effective.isoformat()}
    if draw(st.booleans()):
        profiles["advanced"] = draw(weights())
        found["who"] = [{"profile": "standard"}, {"profile": "advanced", "role": draw(st.sampled_from(ROLES))}]
    codes_of = [code for held in profiles.values() for code, _ in held]
    found["profiles"] = {
        profile: {"weights": {code: plain(weight) for code, weight in held}} for profile, held in profiles.items()
    }
    if draw(st.booleans()):
        rules = [{"profile": "on desk", "role": draw(st.sampled_from(ROLES))}]
        found["who"] = [*found.get("who", [{"profile": "standard"}]), *rules]
        found["profiles"]["on desk"] = draw(_on_top(codes_of))
    found["targets"] = {code: _TARGETS[code] for code in _TARGETS}
    found["scoring"] = draw(_scorings())
    if draw(st.booleans()):
        made = {"dimension": "performance", "direction": "higher is better", "kind": "money"}
        parts = {"disbursed_amount": draw(st.sampled_from(["100%", "1/3", "-50%"])), "average_daily_balance": "4.25%"}
        found["indicators"] = {"blend": made | {"parts": parts} | draw(st.sampled_from(_BOUNDS))}
    if "disbursed_amount" in codes_of and draw(st.booleans()):
        found["seasons"] = {"disbursed_amount": {"of": "year", "weights": draw(_SEASONS), "step": "1元"}}
    if draw(st.booleans()):
        found["carried"] = {"disbursed_amount": {"resets": draw(st.sampled_from(["never", "year", "quarter"]))}}
    if draw(st.booleans()):
        limit = draw(st.sampled_from(["60 point", "0 point"]))
        found["vetoes"] = [{"indicator": "compliance_score", "test": "below", "limit": limit}]
    if draw(st.booleans()):
        found["grades"] = {
            "A": {"at_least": 100, "coefficient": "120%"},
            "B": {"at_least": 60},
            "C": {"at_least": 0, "coefficient": draw(st.sampled_from(["100%", "50%", "0%"]))},
        }
    if draw(st.booleans()):
        found["bonus"] = draw(_bonuses())
    if draw(st.booleans()):
        of = draw(st.sampled_from([["targets"], ["plan"], ["targets", "plan", "results"]]))
        found["confirmation"] = {"of": of, "unconfirmed": "use", "silence_days": draw(st.integers(1, 30))}
    found["alerts"] = draw(st.dictionaries(st.sampled_from(["line", "behind"]), st.sampled_from(_ALERTS)))
    return found


@st.composite
def _on_top(draw: st.DrawFn, below: list[str]) -> Table:
    """A profile that sets every weight of those below it, some of them to nothing."""
    on_top = draw(weights())
    return {
        "stands": "on top",
        "weights": dict.fromkeys(below, "0%") | {code: plain(weight) for code, weight in on_top},
    }


@st.composite
def _scorings(draw: st.DrawFn) -> Table:
    default: Table = {"places": draw(st.integers(0, 2)), "rounding": draw(_ROUNDINGS)}
    default |= {"rounds": "the total"} if draw(st.booleans()) else {}
    default |= {"missing": "zero", "floor": "0%"} | ({"cap": "150%"} if draw(st.booleans()) else {})
    ladder = {
        "knots": [["0%", "100%"], ["2%", "80%"], ["5%", "0%"]],
        "closed": draw(st.sampled_from(["left", "right"])),
    }
    ladder["shape"] = draw(st.sampled_from(["step", "linear"]))
    curve = {"npl_ratio": {"rule": "curve", "of": "value", "curve": ladder}} if draw(st.booleans()) else {}
    return {"default": default} | curve


@st.composite
def _bonuses(draw: st.DrawFn) -> Table:
    top = draw(st.integers(1, 5))
    unit, one = draw(st.sampled_from([("month", "month"), ("amount", "元")]))
    curve = [["0 point", 0], ["60 point", 0], ["100 point", f"1 {one}"], ["200 point", f"{top} {one}"]]
    found: Table = {"unit": unit, "curve": curve, "rounding": draw(_ROUNDINGS)}
    if draw(st.booleans()):
        level = draw(st.sampled_from([None, 1]))
        factor = {"indicator": "compliance_score", "of": "value", "curve": [["0 point", "0%"], ["100 point", "150%"]]}
        found["multipliers"] = [factor | ({} if level is None else {"level": level})]
    found |= {"round_total": {"to": "10 CNY", "mode": draw(_ROUNDINGS)}} if draw(st.booleans()) else {}
    found |= {"cap": f"2 {one}"} if draw(st.booleans()) else {}
    return found | ({"holdback": draw(_HELD_OF_PERSONS)} if draw(st.booleans()) else {})


_HELD_OF_PERSONS: st.SearchStrategy[Table] = st.fixed_dictionaries(
    {
        "share": st.sampled_from(["40%", "1/3", {"knots": [[0, "0%"], ["100 元", "40%"]], "shape": "step"}]),
        "years": st.integers(1, 3),
        "leavers": st.sampled_from(["released", "forfeited"]),
        "roles": st.sampled_from([{}, {ROLES[0]: "51%"}]),
    }
)
"""What is held of a bonus, or of all pay."""


@st.composite
def _plans(draw: st.DrawFn) -> Table:
    """A plan for everybody, often one for a role, and often what both have in common, or one of them does without."""
    found = {"sales": draw(_plan())}
    if draw(st.booleans()):
        found["seniors"] = draw(_plan()) | {"role": draw(st.sampled_from(ROLES))}
    if draw(st.booleans()):
        return {"plans": found}
    common = draw(_plan())
    for plan in found.values():
        for key in draw(st.sets(st.sampled_from(sorted(common)))):
            plan.pop(key, None)
        plan["without"] = [key for key in common if key in ("holdback", "clawbacks") and draw(st.booleans())]
    return {"plans": found, "common": common}


_CLAWBACKS: tuple[Table, ...] = (
    {"on": "written off", "takes": "whole", "share": "100%", "attainment": "stays"},
    {"on": "written off", "takes": "in proportion", "share": "50%", "attainment": "stays", "reach": "held"},
    {"on": "prepaid", "takes": "in proportion", "share": "100%", "attainment": "stays"},
    {"on": "prepaid", "takes": "when paid off", "share": "100%", "attainment": "lowered"},
    {"on": "non-performing", "share": "100%", "attainment": "stays"},
    {
        "on": "prepaid",
        "takes": "in proportion",
        "share": {"knots": [["0 day", "100%"], ["181 day", "0%"]], "shape": "step"},
        "attainment": "stays",
    },
)
"""Clawbacks of every way in which a part of a loan counts, and one by an age in days."""


@st.composite
def _by_two_numbers(draw: st.DrawFn) -> Table:
    """A component whose rate is read off a table, in steps or between its cells."""
    between = draw(st.sampled_from([("step", "step"), ("linear", "linear"), ("step", "linear")]))
    shares = st.sampled_from(["0%", "1%", "0.5%", "1/3"])
    applies = "interpolated" if "linear" in between else "flat"
    return {
        "base": draw(st.sampled_from(["disbursed", "contracted"])),
        "tiers": {"by": "loan", "number": "ltv", "across": "term_months", "applies": applies},
        "table": {
            "rows": ["0%", "70%"],
            "columns": [0, 12, 36],
            "cells": [[draw(shares) for _ in range(3)] for _ in range(2)],
            "between_rows": between[0],
            "between_columns": between[1],
            "outside": draw(st.sampled_from(["edge", "problem"])),
        },
    }


@st.composite
def _plan(draw: st.DrawFn) -> Table:
    component: Table = {"base": "disbursed", "rate": draw(st.sampled_from(["1%", "0.5%", "0%", "0.125%", "1/3"]))}
    if draw(st.booleans()):
        first = draw(st.sampled_from([Fraction(1, 5), Fraction(1, 2), Fraction(1, 4)]))
        milestones = (("due diligence complete", first), ("disbursed", 1 - first))
        component["stages"] = [{"milestone": milestone, "share": percent(share)} for milestone, share in milestones]
        component["dead"] = draw(st.sampled_from(["keep", "reverse"]))
    if draw(st.booleans()):
        rates = [{"where": {"product": "car"}, "rate": "150 CNY", "of": "loan"}, {"rate": "0.5%"}]
        component["rates"], component["rates_by"] = rates, draw(st.sampled_from(["most terms", "first"]))
    found: Table = {"rounding": draw(st.sampled_from(["half up", "down"])), "components": {"loans": component}}
    if draw(st.booleans()):
        found["components"]["by two numbers"] = draw(_by_two_numbers())
    for place in ("round_line", "round_component", "round_total"):
        if draw(st.integers(0, 3)) == 0:
            found[place] = {"to": draw(st.sampled_from(["0.1 CNY", "1 CNY", "100 CNY"])), "mode": draw(_ROUNDINGS)}
    if draw(st.booleans()):
        served = {"by": "indicator", "indicator": "months_of_service", "applies": "flat"}
        curve = {"knots": [[0, "0%"], [6, "10%"]], "shape": "step"}
        found["components"]["more"] = {"base": "components", "sums": ["loans"], "curve": curve, "tiers": served}
    if draw(st.booleans()):
        age = {draw(st.sampled_from(["below", "at_least"])): draw(st.sampled_from(["12 month", "30 day"]))}
        found["components"]["receipts"] = {"base": "receipts", "rate": "5%", "where": {"age": age}}
    if draw(st.booleans()):
        unit = draw(st.sampled_from(["after_months", "after_days"]))
        instalments = [{unit: 1, "share": "1/3"}, {unit: 12, "share": "2/3"}]
        found["holdback"] = {"share": draw(st.sampled_from(["10%", "100%"])), "instalments": instalments}
    if draw(st.booleans()):
        found["clawbacks"] = [draw(st.sampled_from(_CLAWBACKS))]
    return found
