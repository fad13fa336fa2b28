"""Common: rules that are written once for all plans -> every plan whole, and back to a document that says them once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve, field, fields, frozen
from attrs.validators import deep_iterable, optional

from loanperf._commission import Cap, Clawback, Component, Draw, Plan
from loanperf._curves import Curve
from loanperf._holdback import Holdback
from loanperf._quantities import Rounding
from loanperf._rounding import RoundingStep
from loanperf._scheme._documents import structured
from loanperf._scorecard import Gate, Multiplier
from loanperf._validators import factor_curve, is_a
from loanperf.errors import Problem, meant_by


@frozen(kw_only=True)
class Common:
    """What every plan has unless it states its own or names it in `without`; each is as in a plan."""

    components: tuple[Component, ...] = field(default=(), validator=deep_iterable(is_a(Component), is_a(tuple)))
    """What is paid for; a plan has them before its own, and one of the same code in its place."""
    rounding: Rounding | None = field(default=None, validator=optional(is_a(Rounding)))
    """To the smallest unit of the currency."""
    round_line: RoundingStep | None = field(default=None, validator=optional(is_a(RoundingStep)))
    """A larger step for each line."""
    round_component: RoundingStep | None = field(default=None, validator=optional(is_a(RoundingStep)))
    """A step for all that a component comes to in a period."""
    round_total: RoundingStep | None = field(default=None, validator=optional(is_a(RoundingStep)))
    """A step for all that each plan comes to in a period."""
    ramp: Curve | None = field(default=None, validator=optional(factor_curve))
    """The part of quota and targets that holds in each period in the role."""
    gates: tuple[Gate, ...] = field(default=(), validator=deep_iterable(is_a(Gate), is_a(tuple)))
    """What forfeits part of a period's commission; a plan that states gates has its own alone."""
    multipliers: tuple[Multiplier, ...] = field(default=(), validator=deep_iterable(is_a(Multiplier), is_a(tuple)))
    """Coefficients on all components; a plan that states multipliers has its own alone."""
    most: Cap | None = field(default=None, validator=optional(is_a(Cap)))
    """The most for a period under each plan."""
    holdback: Holdback | None = field(default=None, validator=optional(is_a(Holdback)))
    """What is kept back."""
    clawbacks: tuple[Clawback, ...] = field(default=(), validator=deep_iterable(is_a(Clawback), is_a(tuple)))
    """What is taken back when a loan goes bad; a plan that states clawbacks has its own alone."""
    draws: tuple[Draw, ...] = field(default=(), validator=deep_iterable(is_a(Draw), is_a(tuple)))
    """Guarantees and draws of new hires."""


RULES = tuple(item.name for item in fields(Common))
"""The keys that plans can have in common."""


# ── documents ───────────────────────────────────────────────────────────────────────────────────────────────


def with_common(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A document whose plans are whole: each has what is common beside what it states and does without.

    What of it cannot be read is left out, so that it is refused once and not in every plan.
    """
    common, plans = document.get("common"), document.get("plans")
    if not isinstance(common, Mapping) or not isinstance(plans, Mapping):
        return document
    good = {key: common[key] for key in RULES if key in common and not structured({key: common[key]}, Common)[1]}
    if "rounding" in common:
        good.setdefault("rounding", "half up")
    if isinstance(parts := common.get("components"), Mapping):
        read = {code: part for code, part in parts.items() if not structured({"components": {code: part}}, Common)[1]}
        good["components"] = read
    return {**document, "plans": {code: _whole(plan, good) for code, plan in plans.items()}}


def _whole(plan: Any, common: Mapping[str, Any]) -> Any:
    if not isinstance(plan, Mapping):
        return plan
    off = plan["without"] if isinstance(plan.get("without"), list) else []
    has = {key: part for key, part in common.items() if key not in off}
    own = plan.get("components", {})
    if "components" in has and isinstance(own, Mapping):
        parts = {code: part for code, part in has["components"].items() if code not in off}
        return {**has, **plan, "components": {**parts, **own}}
    return {**has, **plan}


def told_once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, and none for a plan that lacks components since those that are common cannot be read."""
    found = tuple(dict.fromkeys(problems))
    unread = any(problem.where.startswith("$.common.components") for problem in found)
    return tuple(problem for problem in found if not (unread and _lacks_components(problem)))


def _lacks_components(problem: Problem) -> bool:
    is_plan = problem.where.startswith("$.plans.") and problem.where.endswith(".components")
    return is_plan and problem.fault in ("it is missing", "there is none")


def without_common(document: dict[str, Any]) -> dict[str, Any]:
    """A document that states once what is common; `with_common` makes its plans whole again."""
    common = document.get("common")
    if not common or "plans" not in document:
        return document
    return {**document, "plans": {code: _rest(plan, common) for code, plan in document["plans"].items()}}


def _rest(plan: Mapping[str, Any], common: Mapping[str, Any]) -> dict[str, Any]:
    """What a plan says itself."""
    off = plan.get("without", ())
    rest = {key: part for key, part in plan.items() if key in off or key not in common or part != common[key]}
    if "components" in rest and "components" in common and "components" not in off:
        parts = common["components"]
        own = {code: part for code, part in plan["components"].items() if code in off or parts.get(code) != part}
        return {**rest, "components": own}
    return rest


def compared(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two documents to compare: what one of them states of a plan, both do, so that a rule that moved is no change."""
    sides = (before, after)
    whole = [with_common(side).get("plans", {}) for side in sides]
    both = whole[0].keys() & whole[1].keys()
    found = []
    for side, plans in zip(sides, whole, strict=True):
        stated = {code: _as_stated(plans[code], [other["plans"][code] for other in sides]) for code in both}
        found.append({**side, "plans": {**side["plans"], **stated}} if stated else side)
    return found[0], found[1]


def _as_stated(plan: Mapping[str, Any], stated: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The keys of a whole plan that at least one of the versions states."""
    stated = tuple(stated)
    keys = {key for side in stated for key in side}
    parts = {part for side in stated for part in side.get("components", {})}
    own = {key: value for key, value in plan.items() if key in keys and key != "components"}
    return own | {"components": {part: value for part, value in plan["components"].items() if part in parts}}


# ── plans ───────────────────────────────────────────────────────────────────────────────────────────────────


def shared_by(plan: Plan, common: Common | None) -> tuple[str, ...]:
    """The keys of what a plan has in common with the others, and the codes of components."""
    if common is None:
        return ()
    rules = [key for key in RULES if key != "components" and key not in plan.without]
    held = [key for key in rules if getattr(common, key) and getattr(plan, key) == getattr(common, key)]
    parts = common.components if "components" not in plan.without else ()
    codes = [item.code for item in parts if item in plan.components and item.code not in plan.without]
    return (*held, *codes)


def common_problems(common: Common | None, plans: Iterable[Plan]) -> Iterator[Problem]:
    """What is wrong between plans and what is common: nobody has it or does without it, or a word that is neither."""
    parts = () if common is None else common.components
    words = [*(key for key in RULES if common is not None and getattr(common, key)), *(item.code for item in parts)]
    for plan in plans:
        for index, word in enumerate(plan.without):
            if word not in words:
                remedy = meant_by(word, words, f"use one of {', '.join(words) or 'none'}")
                yield Problem(f"$.plans.{plan.code}.without[{index}]", "nothing of it is common", repr(word), remedy)
        codes = {item.code for item in plan.components}
        for word in words if "components" not in plan.without else words[: len(words) - len(parts)]:
            lacks = word not in codes if word not in RULES else word != "components" and not getattr(plan, word)
            if lacks and word not in plan.without:
                remedy = f"state it, or write without = [{word!r}]"
                yield Problem(
                    f"$.plans.{plan.code}.{word}", "all plans have it in common, and this one lacks it", "", remedy
                )


def said_once(problems: Iterable[Problem], plan: Plan, common: Common | None) -> Iterator[Problem]:
    """Problems of a plan; of what it has in common with others, they are those of what is common."""
    path = f"$.plans.{plan.code}"
    shared = shared_by(plan, common)
    keys = [key if key in RULES else f"components.{key}" for key in shared]
    for problem in problems:
        rest = problem.where.removeprefix(path)
        found = any(rest == f".{key}" or rest.startswith((f".{key}.", f".{key}[")) for key in keys)
        yield evolve(problem, where=f"$.common{rest}") if found else problem
