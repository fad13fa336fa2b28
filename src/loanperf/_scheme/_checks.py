"""What must hold between the parts of a scheme; every problem at once, each with its path."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

from loanperf._curves import Curve
from loanperf._indicators import CATALOGUE, Direction, Indicator, Kind, check_indicator
from loanperf._quantities import CURRENCIES, Quantity, percent
from loanperf._scheme._entries import IndicatorEntry, Limit, Override, ScoringEntry, Stretch, Who
from loanperf._scheme._known import Names, gate_problems, names_of, ratio_problems, unit_problems, units_of
from loanperf._scheme._plan_checks import pay_problems, plan_problems
from loanperf._scorecard import Bonus, Grade, Phase, Profile, Veto, Weights, broken, check_weights
from loanperf.errors import LoanPerfError, Problem, WeightsError, problem_of, shown


def problems_of(parts: Mapping[str, Any], unread: Iterable[str] = ()) -> tuple[Problem, ...]:
    """What is wrong between the parts of a scheme.

    Args:
        parts: values of the fields of `Scheme` that could be read.
        unread: paths such as `bonus` or `profiles.senior` that are in the document and could not be read, so that
            references to them are not reported as well.
    """
    unread = tuple(unread)
    names = names_of(parts, unread)
    currency = parts.get("currency", "")
    currency = currency if currency in CURRENCIES else ""
    profiles: tuple[Profile, ...] = parts.get("profiles", ())
    weighed = _weighed(profiles, parts.get("phases", ()), parts.get("overrides", ()))
    found = [
        *_head(parts, unread),
        *_twice(parts),
        *_entries(names, parts.get("indicators", ())),
        *_scoring(names, currency, parts.get("scoring", ()), weighed),
        *_profiles(names, currency, profiles, parts.get("targets", ())),
        *_phases(names, currency, parts.get("phases", ()), profiles),
        *_timeline(names, parts.get("timeline", ())),
        *_who(names, parts.get("who", ())),
        *_overrides(names, currency, parts.get("limits", ()), parts.get("overrides", ()), profiles),
        *_overrides_at_once(parts.get("overrides", ())),
        *_vetoes(names, currency, parts.get("vetoes", ())),
        *_grades(parts.get("grades", ())),
        *_bonus(names, currency, parts.get("bonus"), weighed),
        *plan_problems(names, currency, parts.get("plans", ())),
        *pay_problems(currency, parts.get("pay")),
    ]
    return tuple(found)


def _head(parts: Mapping[str, Any], unread: Iterable[str]) -> Iterator[Problem]:
    currency, effective, until = parts.get("currency"), parts.get("effective"), parts.get("until")
    if currency is not None and currency not in CURRENCIES:
        yield Problem("$.currency", "it is no currency", shown(currency), "use a code of ISO 4217, such as 'CNY'")
    if not str(parts.get("name", "x")).strip():
        yield Problem("$.name", "it is empty", "''", "name the scheme")
    if effective is not None and until is not None and until <= effective:
        yield Problem("$.until", f"it is not after the effective date {effective}", str(until), "give a later day")
    given = {path.partition(".")[0] for path in unread}
    if not any(parts.get(section) or section in given for section in ("profiles", "plans")):
        remedy = "add [profiles.NAME.weights], or [plans.NAME]"
        yield Problem("$.profiles", "there is no weight profile, and no commission plan", "", remedy)


def _twice(parts: Mapping[str, Any]) -> Iterator[Problem]:
    """Codes that a document cannot repeat; a scheme that is built in Python could."""
    for section in ("dimensions", "indicators", "scoring", "profiles", "phases", "limits", "grades", "plans"):
        for code, count in Counter(item.code for item in parts.get(section, ())).items():
            if count > 1:
                yield Problem(f"$.{section}.{code}", f"it stands there {count} times", "", "keep one of them")


def _weighed(profiles: Iterable[Profile], phases: Iterable[Phase], overrides: Iterable[Override]) -> dict[str, Weights]:
    """All weights that a payee may have, by where they are set."""
    found = {f"profile {profile.code!r}": profile.weights for profile in profiles}
    for phase in phases:
        found |= {f"phase {phase.code!r} of profile {code!r}": weights for code, weights in phase.weights}
    for override in overrides:
        if override.weights:
            found[f"unit {override.unit!r} for profile {override.profile!r} since {override.since}"] = override.weights
    return found


def _entries(names: Names, entries: tuple[IndicatorEntry, ...]) -> Iterator[Problem]:
    for entry in entries:
        path = f"$.indicators.{entry.code}"
        yield from _known_entry(path, entry) if entry.code in CATALOGUE else _declared_entry(path, entry)
        if entry.dimension or entry.code not in CATALOGUE:
            yield from names.unknown(f"{path}.dimension", entry.dimension, names.dimensions, "dimension")


def _known_entry(path: str, entry: IndicatorEntry) -> Iterator[Problem]:
    for key in ("direction", "kind", "formula", "measure", "timing"):
        if getattr(entry, key) is not None:
            remedy = "leave it out, or declare an indicator of another code"
            yield Problem(f"{path}.{key}", "the catalogue already says it", "", remedy)
    try:
        entry.resolve()
    except LoanPerfError as error:
        yield problem_of(f"{path}.options", error)


def _declared_entry(path: str, entry: IndicatorEntry) -> Iterator[Problem]:
    missing = [key for key in ("direction", "kind") if getattr(entry, key) is None]
    for key in missing:
        yield Problem(f"{path}.{key}", "it is missing", "", "a declared indicator states direction and kind")
    if entry.options:
        yield Problem(f"{path}.options", "only indicators of the catalogue have options", "", "leave them out")
    if entry.measure is not None and not missing:
        yield from check_indicator(entry.resolve(), path)


# ── scoring ─────────────────────────────────────────────────────────────────────────────────────────────────


def merged(entries: Iterable[ScoringEntry], code: str, direction: Direction) -> dict[str, Any]:
    """What is stated for an indicator, with `default` behind it, and the direction as the rule of last resort."""
    stated = {entry.code: entry for entry in entries}
    own, default = stated.get(code), stated.get("default")
    keys = ("rule", "curve", "of", "cap", "floor", "places", "rounding", "missing")
    found = {}
    for key in keys:
        value = getattr(own, key, None)
        found[key] = getattr(default, key, None) if value is None else value
    if found["rule"] is None:
        found["rule"] = direction.value if found["curve"] is None else "curve"
    return found


_LARGEST_CAP = Fraction(10)


def _scoring(
    names: Names, currency: str, entries: tuple[ScoringEntry, ...], weighed: Mapping[str, Weights]
) -> Iterator[Problem]:
    for entry in entries:
        if entry.code != "default":
            yield from names.unknown(f"$.scoring.{entry.code}", entry.code, names.indicators, "indicator")
        if entry.places is not None and not 0 <= entry.places <= 9:
            yield Problem(f"$.scoring.{entry.code}.places", "it is out of range", shown(entry.places), "give 0 to 9")
        if entry.cap is not None and entry.cap > _LARGEST_CAP:
            fault, remedy = f"it is above {percent(_LARGEST_CAP)}", "150 is 15000%; write '150%'"
            yield Problem(f"$.scoring.{entry.code}.cap", fault, percent(entry.cap), remedy)
    if "default" in names.unread_scoring:
        return
    for code in dict.fromkeys(code for weights in weighed.values() for code, _ in weights):
        indicator = names.indicators.get(code)
        if indicator is not None and code not in names.unread_scoring:
            rules = merged(entries, code, indicator.direction)
            yield from _complete(f"$.scoring.{code}", rules)
            yield from _fitting(f"$.scoring.{code}", rules, indicator, currency)


def _complete(path: str, rules: Mapping[str, Any]) -> Iterator[Problem]:
    for key in ("places", "rounding"):
        if rules[key] is None:
            yield Problem(
                f"{path}.{key}", "it is not stated", "", f"state it here or in [scoring.default], as {_EXAMPLE[key]}"
            )
    cap, floor, curve = rules["cap"], rules["floor"], rules["curve"]
    if cap is not None and floor is not None and cap < floor:
        remedy = "give a cap at or above the floor"
        yield Problem(f"{path}.cap", f"it is below the floor of {percent(floor)}", percent(cap), remedy)
    if (rules["rule"] == "curve") != (curve is not None):
        yield Problem(
            f"{path}.curve", f"the rule is {rules['rule']!r}", "", "a curve goes with rule = 'curve', and only so"
        )
    if rules["of"] is not None and curve is None:
        yield Problem(f"{path}.of", "there is no curve", repr(rules["of"]), "leave it out, or give a curve")


def _fitting(path: str, rules: Mapping[str, Any], indicator: Indicator, currency: str) -> Iterator[Problem]:
    """Whether a rule is one for this indicator."""
    rule, curve = rules["rule"], rules["curve"]
    if rule not in ("curve", indicator.direction.value):
        fault = f"{indicator.name.en} is an indicator of which {indicator.direction.value}"
        yield Problem(f"{path}.rule", fault, repr(rule), "leave the rule out, or score by a curve")
    if curve is None:
        return
    if curve.y_unit:
        yield Problem(f"{path}.curve", "it gives no share of the weight", curve.y_unit, "give shares such as '100%'")
    yield from ratio_problems(f"{path}.curve", "y", curve.bare_y)
    if rules["of"] != "value" or indicator.kind is Kind.RATIO:
        yield from ratio_problems(f"{path}.curve", "x", curve.bare_x)
    allowed = units_of(indicator, currency) if rules["of"] == "value" else ("",)
    if curve.x_unit not in allowed and (currency or indicator.kind is not Kind.MONEY):
        remedy = f"give it in {allowed[0] or 'percent or as a number'}"
        yield Problem(f"{path}.curve", "its x is in another unit", curve.x_unit or "no unit", remedy)


_EXAMPLE = {"places": "places = 1", "rounding": "rounding = 'half even'"}


# ── profiles, phases, who ───────────────────────────────────────────────────────────────────────────────────


def _codes(names: Names, path: str, weights: Weights) -> Iterator[Problem]:
    for code, _ in weights:
        yield from names.unknown(f"{path}.{code}", code, names.indicators, "indicator")


def _targets(names: Names, currency: str, path: str, targets: Iterable[tuple[str, Quantity]]) -> Iterator[Problem]:
    for code, target in targets:
        yield from names.unknown(f"{path}.{code}", code, names.indicators, "indicator")
        yield from unit_problems(names, currency, f"{path}.{code}", code, target)


def _profiles(
    names: Names, currency: str, profiles: tuple[Profile, ...], targets: tuple[tuple[str, Quantity], ...]
) -> Iterator[Problem]:
    yield from _targets(names, currency, "$.targets", targets)
    for profile in profiles:
        yield from _codes(names, f"$.profiles.{profile.code}.weights", profile.weights)
        yield from _targets(names, currency, f"$.profiles.{profile.code}.targets", profile.targets)


def _phases(names: Names, currency: str, phases: tuple[Phase, ...], profiles: tuple[Profile, ...]) -> Iterator[Problem]:
    dimensions = {code: names.dimension(code) for code in names.indicators}
    for phase in phases:
        path = f"$.phases.{phase.code}"
        for index, rule in enumerate(phase.require):
            for code in rule.of:
                known = {*names.indicators, *names.dimensions}
                yield from names.unknown(f"{path}.require[{index}].of", code, known, "indicator or dimension")
        own = dict(phase.weights)
        for code, weights in own.items():
            yield from names.unknown(f"{path}.weights.{code}", code, names.profiles, "profile")
            yield from _codes(names, f"{path}.weights.{code}", weights)
            yield from _sums(f"{path}.weights.{code}", code, weights)
        yield from _targets(names, currency, f"{path}.targets_at_most", phase.targets_at_most)
        for profile in profiles:
            if fault := broken(own.get(profile.code, profile.weights), phase.require, dimensions):
                remedy = f"state weights that keep it in [phases.{phase.code}.weights.{profile.code}]"
                yield Problem(f"{path}.require", f"profile {profile.code!r} breaks it: {fault}", "", remedy)


def _sums(path: str, profile: str, weights: Weights) -> Iterator[Problem]:
    try:
        check_weights(profile, weights)
    except WeightsError as error:
        yield problem_of(path, error)


def _timeline(names: Names, timeline: tuple[Stretch, ...]) -> Iterator[Problem]:
    for index, stretch in enumerate(timeline):
        yield from names.unknown(f"$.timeline[{index}].phase", stretch.phase, names.phases, "phase")
        if stretch.until is not None and stretch.until <= stretch.since:
            yield Problem(f"$.timeline[{index}].until", "it is not after since", str(stretch.until), "give a later day")
    ordered = sorted(timeline, key=lambda stretch: stretch.since)
    for before, after in pairwise(ordered):
        if before.until is None or after.since < before.until:
            found = f"{before.phase} and {after.phase} on {after.since}"
            yield Problem("$.timeline", "two phases hold on one day", found, "end the first where the second starts")


def _who(names: Names, rules: tuple[Who, ...]) -> Iterator[Problem]:
    seen: dict[tuple[str, ...], str] = {}
    for index, rule in enumerate(rules):
        yield from names.unknown(f"$.who[{index}].profile", rule.profile, names.profiles, "profile")
        conditions = (rule.role, rule.product_line, rule.tier, rule.unit)
        if conditions in seen:
            fault = f"profiles {seen[conditions]!r} and {rule.profile!r} are for the same payees"
            yield Problem(f"$.who[{index}]", fault, "", "keep one, or add a condition")
        seen[conditions] = rule.profile


def _overrides(
    names: Names,
    currency: str,
    limits: tuple[Limit, ...],
    overrides: tuple[Override, ...],
    profiles: tuple[Profile, ...],
) -> Iterator[Problem]:
    held = {profile.code: profile.weights for profile in profiles}
    yield from _limits(names, "$.limits", limits)
    for index, override in enumerate(overrides):
        path = f"$.overrides[{index}]"
        yield from _limits(names, f"{path}.limits", override.limits)
        if override.until is not None and override.until <= override.since:
            yield Problem(f"{path}.until", "it is not after since", str(override.until), "give a later day")
        yield from names.unknown(f"{path}.profile", override.profile, names.profiles, "profile")
        yield from _codes(names, f"{path}.weights", override.weights)
        yield from _targets(names, currency, f"{path}.targets", override.targets)
        if override.weights:
            yield from _sums(f"{path}.weights", override.profile, override.weights)
        if fault := outside(override.weights, limits, held.get(override.profile, ())):
            yield Problem(f"{path}.weights", fault, "", "stay within the limits set above")
        if fault := wider(override.limits, limits):
            yield Problem(f"{path}.limits", fault, "", "a unit may narrow the limits set above, not widen them")


def _limits(names: Names, path: str, limits: Iterable[Limit]) -> Iterator[Problem]:
    for limit in limits:
        yield from names.unknown(f"{path}.{limit.code}", limit.code, names.indicators, "indicator")
        if limit.at_least > limit.at_most:
            yield Problem(f"{path}.{limit.code}", "no weight is within it", "", "give at_least at or below at_most")


def _overrides_at_once(overrides: tuple[Override, ...]) -> Iterator[Problem]:
    """A problem for each two overrides by which a unit sets the same thing of a profile on one day."""
    dated: dict[tuple[str, str, str], list[tuple[date, int]]] = defaultdict(list)
    for index, override in enumerate(overrides):
        for what in _set_by(override):
            dated[override.unit, override.profile, what].append((override.since, index))
    for (unit, _, what), items in sorted(dated.items()):
        for (_, before), (since, after) in pairwise(sorted(items)):
            until = overrides[before].until
            if until is None or since < until:
                fault = f"unit {unit!r} sets {what} twice on {since}"
                yield Problem(f"$.overrides[{after}]", fault, "", "end the first where the second starts")


def _set_by(override: Override) -> set[str]:
    weights = {"the weights"} if override.weights else set()
    targets = {f"the target of {code}" for code, _ in override.targets}
    return weights | targets | {f"the limit of {limit.code}" for limit in override.limits}


def outside(weights: Weights, limits: Iterable[Limit], above: Weights) -> str:
    """The first weight that is outside its limit, as a clause; empty where there is none.

    Args:
        weights: that a unit sets; empty where it sets none.
        limits: set above it.
        above: the weights that hold above it; one of these that the unit leaves out weighs 0%.
    """
    held = dict.fromkeys((code for code, _ in above), Fraction(0)) | dict(weights)
    for limit in limits if weights else ():
        weight = held.get(limit.code)
        if weight is not None and not limit.at_least <= weight <= limit.at_most:
            bounds = f"{percent(limit.at_least)} to {percent(limit.at_most)}"
            return f"{limit.code} weighs {percent(weight)}, outside {bounds}"
    return ""


def wider(narrow: Iterable[Limit], above: Iterable[Limit]) -> str:
    """The first limit that is wider than the one above it, as a clause; empty where there is none."""
    bounds = {limit.code: limit for limit in above}
    for limit in narrow:
        outer = bounds.get(limit.code)
        if outer is not None and (limit.at_least < outer.at_least or limit.at_most > outer.at_most):
            return f"the limit of {limit.code} goes beyond {percent(outer.at_least)} to {percent(outer.at_most)}"
    return ""


# ── vetoes, grades, bonus ───────────────────────────────────────────────────────────────────────────────────


def _vetoes(names: Names, currency: str, vetoes: tuple[Veto, ...]) -> Iterator[Problem]:
    for index, veto in enumerate(vetoes):
        path = f"$.vetoes[{index}]"
        yield from names.unknown(f"{path}.indicator", veto.indicator, names.indicators, "indicator")
        yield from unit_problems(names, currency, f"{path}.limit", veto.indicator, veto.limit)


def _grades(grades: tuple[Grade, ...]) -> Iterator[Problem]:
    seen: dict[Any, str] = {}
    for grade in grades:
        if grade.at_least in seen:
            remedy = "give each grade a score of its own"
            yield Problem(
                f"$.grades.{grade.code}.at_least",
                f"{seen[grade.at_least]!r} starts there too",
                str(grade.at_least),
                remedy,
            )
        seen[grade.at_least] = grade.code


def _bonus(names: Names, currency: str, bonus: Bonus | None, weighed: Mapping[str, Weights]) -> Iterator[Problem]:
    if bonus is None:
        return
    units = {"month": ("month", ""), "share": ("",), "amount": (currency,)}[bonus.unit]
    yield from _bonus_of(names, bonus, weighed)
    if currency and bonus.curve.y_unit not in units and any(y for _, y in bonus.curve.knots):
        fault, remedy = f"its y does not fit unit = {bonus.unit!r}", f"give it in {units[0] or 'percent'}"
        yield Problem("$.bonus.curve", fault, bonus.curve.y_unit or "no unit", remedy)
    yield from _below_zero(bonus.curve)
    for key, bound in (("cap", bonus.cap), ("floor", bonus.floor)):
        if bound is not None and currency and bound.unit not in (currency, *units):
            yield Problem(
                f"$.bonus.{key}", "it is in another unit", str(bound), f"give it in {currency} or as the curve"
            )
    cap, floor = bonus.cap, bonus.floor
    if cap is not None and floor is not None and cap.unit == floor.unit and cap.value < floor.value:
        yield Problem("$.bonus.cap", f"it is below the floor of {floor}", str(cap), "give a cap at or above the floor")
    for index, gate in enumerate(bonus.gates):
        yield from gate_problems(names, currency, gate, f"$.bonus.gates[{index}]")


def _below_zero(curve: Curve) -> Iterator[Problem]:
    """A problem for a curve of pay that takes money back."""
    below = [curve.y_text(y) for _, y in curve.knots if y < 0]
    if curve.then is not None and curve.then.per_point < 0:
        below.append(f"{curve.y_text(curve.then.per_point)} a point")
    if below:
        yield Problem("$.bonus.curve", "it goes below zero", below[0], "pay is zero or more; a deduction is a gate")


def _bonus_of(names: Names, bonus: Bonus, weighed: Mapping[str, Weights]) -> Iterator[Problem]:
    if bonus.of == "score":
        if bonus.curve.x_unit != "point":
            found = bonus.curve.x_unit or "no unit"
            yield Problem("$.bonus.curve", "its x is no score", found, "write each x in points, such as '100 point'")
        return
    yield from names.unknown("$.bonus.of", bonus.of, names.indicators, "indicator")
    for where, weights in weighed.items():
        if bonus.of in names.indicators and bonus.of not in dict(weights):
            fault = f"{where} does not weigh it, so it has no attainment"
            yield Problem("$.bonus.of", fault, repr(bonus.of), "choose an indicator of every profile, or 'score'")
    yield from ratio_problems("$.bonus.curve", "x", bonus.curve.bare_x)
    if bonus.curve.x_unit:
        yield Problem("$.bonus.curve", "its x is no attainment", bonus.curve.x_unit, "write each x in percent")
