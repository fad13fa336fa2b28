"""What must hold between the parts of a scheme; every problem at once, each with its path."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

from attrs import evolve

from loanperf._alert_rules import AlertRule
from loanperf._indicators import CATALOGUE, Direction, Indicator, Kind, check_indicator
from loanperf._quantities import CURRENCIES, Quantity, percent
from loanperf._scheme._combinations import combination_problems, combinations, composed_sets
from loanperf._scheme._entries import IndicatorEntry, Limit, Override, ScoringEntry, Stretch, Who, indicators_of
from loanperf._scheme._plan_checks import (
    Names,
    gate_problems,
    holdback_problems,
    multiplier_problems,
    names_of,
    not_negative,
    pay_problems,
    plan_problems,
    ratio_problems,
    step_problems,
    unit_problems,
    units_of,
)
from loanperf._scorecard import (
    Bonus,
    Grade,
    Phase,
    Profile,
    Veto,
    Weights,
    broken,
    check_weights,
    level_of,
    value_of,
    value_text,
)
from loanperf._targets import CarriedTarget, Season
from loanperf.errors import DataError, LoanPerfError, Problem, UnitError, WeightsError, problem_of, shown


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
    phases, rules, overrides = parts.get("phases", ()), parts.get("who", ()), parts.get("overrides", ())
    is_whole = not any(_is_unread(section, unread) for section in ("profiles", "who", "phases", "overrides"))
    composing = [*combination_problems(profiles, rules, phases, overrides, names.dimension_of)] if is_whole else []
    composes = is_whole and not composing
    weighed = _weighed(profiles, phases, overrides, combinations(profiles, rules) if composes else ())
    found = [
        *_head(parts, unread),
        *_twice(parts),
        *_entries(names, currency, parts.get("indicators", ()), weighed),
        *_composed(names, parts.get("indicators", ())),
        *_scoring(names, currency, parts.get("scoring", ()), weighed),
        *_profiles(names, currency, profiles, parts.get("targets", ())),
        *_phases(names, currency, phases, profiles),
        *composing,
        *_timeline(names, parts.get("timeline", ())),
        *_who(names, rules),
        *_overrides(names, currency, parts.get("limits", ()), overrides, profiles),
        *_overrides_at_once(overrides),
        *_seasons(names, currency, parts.get("seasons", ()), phases),
        *_carried(names, parts.get("carried", ()), phases),
        *_vetoes(names, currency, parts.get("vetoes", ())),
        *_grades(parts.get("grades", ())),
        *_alerts(names, currency, parts.get("alerts", ())),
        *_bonus(names, currency, parts.get("bonus"), weighed),
        *plan_problems(names, currency, parts.get("plans", ()), parts.get("common"), is_unread="common" in unread),
        *pay_problems(currency, parts.get("pay"), has_plans=bool(parts.get("plans")) or _is_unread("plans", unread)),
    ]
    return tuple(found)


def _is_unread(section: str, unread: Iterable[str]) -> bool:
    """Whether something of a section is in the document and could not be read."""
    return any(path.partition(".")[0] == section for path in unread)


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
    keyed = ("dimensions", "indicators", "scoring", "profiles", "phases", "limits", "seasons", "carried", "grades")
    for section in (*keyed, "plans", "alerts"):
        for code, count in Counter(item.code for item in parts.get(section, ())).items():
            if count > 1:
                yield Problem(f"$.{section}.{code}", f"it stands there {count} times", "", "keep one of them")


def _weighed(
    profiles: Iterable[Profile],
    phases: Iterable[Phase],
    overrides: tuple[Override, ...],
    combined: Iterable[tuple[Profile, ...]],
) -> dict[str, Weights]:
    """All weights that a payee may have, by where they are set."""
    alone = {profile.code for profile in profiles if not profile.is_on_top}
    found = {f"profile {profile.code!r}": profile.weights for profile in profiles if profile.code in alone}
    for phase in phases:
        found |= {f"phase {phase.code!r} of profile {code!r}": held for code, held in phase.weights if code in alone}
    for override in overrides:
        if override.weights and override.profile in alone:
            found[f"unit {override.unit!r} for profile {override.profile!r} since {override.since}"] = override.weights
    return found | {item.said: item.weights for item in composed_sets(combined, phases, overrides)}


def _entries(
    names: Names, currency: str, entries: tuple[IndicatorEntry, ...], weighed: Mapping[str, Weights]
) -> Iterator[Problem]:
    """What is wrong with indicators; one that nobody weighs, as of a commission plan, needs no dimension."""
    codes = {code for weights in weighed.values() for code, _ in weights}
    for entry in entries:
        path = f"$.indicators.{entry.code}"
        if entry.code in CATALOGUE:
            yield from _known_entry(path, entry)
        else:
            yield from _declared_entry(path, entry)
            yield from _bounds(path, currency, entry)
        if entry.dimension or (entry.code in codes and entry.code not in CATALOGUE):
            yield from names.unknown(f"{path}.dimension", entry.dimension, names.dimensions, "dimension")


def _known_entry(path: str, entry: IndicatorEntry) -> Iterator[Problem]:
    for key in ("direction", "kind", "formula", "measure", "timing", "parts", "divided_by", "least", "most"):
        if getattr(entry, key) not in (None, ()):
            remedy = "leave it out, or declare an indicator of another code"
            yield Problem(f"{path}.{key}", "the catalogue already says it", "", remedy)
    try:
        entry.resolve()
    except LoanPerfError as error:
        yield problem_of(f"{path}.options", error)


def _declared_entry(path: str, entry: IndicatorEntry) -> Iterator[Problem]:
    if level_of(entry.code)[1] is not None:
        remedy = "give a code without a number behind '@', and write level where a gate or multiplier looks at it"
        yield Problem(path, "its code is that of a unit's reading", repr(entry.code), remedy)
    missing = [key for key in ("direction", "kind") if getattr(entry, key) is None]
    for key in missing:
        yield Problem(f"{path}.{key}", "it is missing", "", "a declared indicator states direction and kind")
    if entry.options:
        yield Problem(f"{path}.options", "only indicators of the catalogue have options", "", "leave them out")
    if entry.measure is not None and not missing:
        yield from check_indicator(entry.resolve(), path)
    if entry.divided_by and not entry.parts:
        yield Problem(f"{path}.divided_by", "there is nothing to divide", "", "name parts, or leave it out")
    if entry.parts and entry.measure is not None:
        yield Problem(f"{path}.parts", "it has a measure too", "", "keep one of them")


def _bounds(path: str, currency: str, entry: IndicatorEntry) -> Iterator[Problem]:
    """What is wrong with the bounds of a declared indicator: their units, then their order. A bare 0 fits each."""
    if entry.kind is None or not currency:
        return
    known, bounds = entry.resolve(), {"least": entry.least, "most": entry.most}
    found: dict[str, Quantity] = {}
    for key, bound in bounds.items():
        if bound is not None:
            bare_zero = not bound.value and not bound.unit
            try:
                found[key] = bound if bare_zero else value_of(known, bound, currency, "the bound")
            except (DataError, UnitError) as error:
                yield problem_of(f"{path}.{key}", error)
    if len(found) == 2 and found["most"].value < found["least"].value:
        least, most = (value_text(known, found[key]) for key in ("least", "most"))
        yield Problem(f"{path}.most", f"{most} is below the least, {least}", "", "swap them")


def _composed(names: Names, entries: tuple[IndicatorEntry, ...]) -> Iterator[Problem]:
    """What is wrong with indicators that are made of others: codes first, then circles and kinds."""
    found = [
        problem
        for entry in entries
        for name in ("parts", "divided_by")
        for code, _ in getattr(entry, name)
        for problem in names.unknown(f"$.indicators.{entry.code}.{name}.{code}", code, names.indicators, "indicator")
    ]
    made = [entry.code for entry in entries if entry.parts]
    if found or not made or None in names.indicators.values():
        yield from found
        return
    try:
        known = indicators_of(entries)
    except LoanPerfError as error:
        yield problem_of("$.indicators", error)
        return
    for code in made:
        for problem in check_indicator(known[code], f"$.indicators.{code}"):
            yield evolve(problem, where=problem.where.replace(".measure.", "."))


# ── scoring ─────────────────────────────────────────────────────────────────────────────────────────────────


def merged(entries: Iterable[ScoringEntry], code: str, direction: Direction) -> dict[str, Any]:
    """What is stated for an indicator, with `default` behind it, and the direction as the rule of last resort."""
    stated = {entry.code: entry for entry in entries}
    own, default = stated.get(code), stated.get("default")
    keys = ("rule", "curve", "of", "cap", "floor", "places", "rounding", "rounds", "missing")
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
    yield from _of_total(entries)
    if "default" in names.unread_scoring:
        return
    for code in dict.fromkeys(code for weights in weighed.values() for code, _ in weights):
        indicator = names.indicators.get(code)
        if indicator is not None and code not in names.unread_scoring:
            rules = merged(entries, code, indicator.direction)
            yield from _complete(f"$.scoring.{code}", rules)
            yield from _fitting(f"$.scoring.{code}", rules, indicator, currency)


def _of_total(entries: tuple[ScoringEntry, ...]) -> Iterator[Problem]:
    """What single indicators say of how the total is rounded, which holds for all of them."""
    rounds = next((entry.rounds for entry in entries if entry.code == "default"), None)
    for entry in entries:
        path = f"$.scoring.{entry.code}"
        if entry.code == "default":
            continue
        if entry.rounds is not None:
            remedy = "write it in [scoring.default], for all indicators"
            yield Problem(f"{path}.rounds", "one indicator cannot say what is rounded", repr(entry.rounds), remedy)
        own = (("places", entry.places), ("rounding", entry.rounding and entry.rounding.value))
        for key, value in own if rounds == "the total" else ():
            if value is not None:
                fault, remedy = "the total is rounded, as [scoring.default] says", "leave it out"
                yield Problem(f"{path}.{key}", fault, shown(value), remedy)


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


def _seasons(names: Names, currency: str, seasons: tuple[Season, ...], phases: tuple[Phase, ...]) -> Iterator[Problem]:
    for season in seasons:
        path, indicator = f"$.seasons.{season.code}", names.indicators.get(season.code)
        yield from names.unknown(path, season.code, names.indicators, "indicator")
        if indicator is not None and indicator.timing != "flow":
            remedy = "leave it out: its target holds on every day"
            yield Problem(path, f"{indicator.name.en} does not add up day by day", repr(season.code), remedy)
        if season.step is not None:
            yield from unit_problems(names, currency, f"{path}.step", season.code, season.step)
        for phase in phases:
            if season.code in dict(phase.targets_at_most):
                remedy = "leave one of them out"
                yield Problem(path, f"phase {phase.code!r} limits its target of a period", "", remedy)


def _carried(names: Names, carried: tuple[CarriedTarget, ...], phases: tuple[Phase, ...]) -> Iterator[Problem]:
    for rule in carried:
        path, indicator = f"$.carried.{rule.code}", names.indicators.get(rule.code)
        yield from names.unknown(path, rule.code, names.indicators, "indicator")
        if indicator is not None and indicator.timing != "flow":
            remedy = "leave it out: nothing of its target can be made up for later"
            yield Problem(path, f"{indicator.name.en} does not add up day by day", repr(rule.code), remedy)
        elif indicator is not None and indicator.direction is Direction.LOWER:
            yield Problem(path, f"of {indicator.name.en} less is better", repr(rule.code), "leave it out")
        for phase in phases:
            if rule.code in dict(phase.targets_at_most):
                yield Problem(path, f"phase {phase.code!r} limits its target", "", "leave one of them out")


def _phases(names: Names, currency: str, phases: tuple[Phase, ...], profiles: tuple[Profile, ...]) -> Iterator[Problem]:
    dimensions = names.dimension_of
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
            yield from _sums(f"{path}.weights.{code}", code, weights, is_part=code in names.on_top)
        yield from _targets(names, currency, f"{path}.targets_at_most", phase.targets_at_most)
        for profile in (item for item in profiles if not item.is_on_top):
            if fault := broken(own.get(profile.code, profile.weights), phase.require, dimensions):
                remedy = f"state weights that keep it in [phases.{phase.code}.weights.{profile.code}]"
                yield Problem(f"{path}.require", f"profile {profile.code!r} breaks it: {fault}", "", remedy)


def _sums(path: str, profile: str, weights: Weights, *, is_part: bool) -> Iterator[Problem]:
    try:
        check_weights(profile, weights, is_part=is_part)
    except WeightsError as error:
        yield problem_of(path, error)


def _timeline(names: Names, timeline: tuple[Stretch, ...]) -> Iterator[Problem]:
    for index, stretch in enumerate(timeline):
        yield from names.unknown(f"$.timeline[{index}].phase", stretch.phase, names.phases, "phase")
        yield from _ends_later(f"$.timeline[{index}]", stretch)
    ordered = sorted(timeline, key=lambda stretch: stretch.since)
    for before, after in pairwise(ordered):
        if before.until is None or after.since < before.until:
            found = f"{before.phase} and {after.phase} on {after.since}"
            yield Problem("$.timeline", "two phases hold on one day", found, "end the first where the second starts")


def _ends_later(path: str, dated: Stretch | Override) -> Iterator[Problem]:
    if dated.until is not None and dated.until <= dated.since:
        yield Problem(f"{path}.until", "it is not after since", str(dated.until), "give a later day")


def _who(names: Names, rules: tuple[Who, ...]) -> Iterator[Problem]:
    """What is wrong with who gets which profile; of those on top, several may be for the same payees."""
    seen: dict[tuple[str, ...], str] = {}
    for index, rule in enumerate(rules):
        yield from names.unknown(f"$.who[{index}].profile", rule.profile, names.profiles, "profile")
        conditions = (rule.role, rule.product_line, rule.tier, rule.unit, rule.profile * (rule.profile in names.on_top))
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
        yield from _ends_later(path, override)
        yield from names.unknown(f"{path}.profile", override.profile, names.profiles, "profile")
        yield from _codes(names, f"{path}.weights", override.weights)
        yield from _targets(names, currency, f"{path}.targets", override.targets)
        if override.weights:
            is_part = override.profile in names.on_top
            yield from _sums(f"{path}.weights", override.profile, override.weights, is_part=is_part)
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


def _alerts(names: Names, currency: str, rules: Iterable[AlertRule]) -> Iterator[Problem]:
    for rule in rules:
        path = f"$.alerts.{rule.code}"
        yield from names.unknown(f"{path}.indicator", rule.indicator, names.indicators, "indicator")
        for name in ("limit", "margin", "worse_by"):
            value = getattr(rule, name)
            if value is not None and not rule.is_part and rule.kind != "trend":
                yield from unit_problems(names, currency, f"{path}.{name}", rule.indicator, value)


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
    yield from not_negative("$.bonus.curve", bonus.curve, "pay is zero or more; a deduction is a gate")
    yield from holdback_problems(currency, "$.bonus.holdback", bonus.holdback)
    for key, bound in (("cap", bonus.cap), ("floor", bonus.floor)):
        if bound is not None and currency and bound.unit not in (currency, *units):
            yield Problem(
                f"$.bonus.{key}", "it is in another unit", str(bound), f"give it in {currency} or as the curve"
            )
    yield from step_problems(currency, "$.bonus.round_total", bonus.round_total)
    cap, floor = bonus.cap, bonus.floor
    if cap is not None and floor is not None and cap.unit == floor.unit and cap.value < floor.value:
        yield Problem("$.bonus.cap", f"it is below the floor of {floor}", str(cap), "give a cap at or above the floor")
    for index, gate in enumerate(bonus.gates):
        yield from gate_problems(names, currency, gate, f"$.bonus.gates[{index}]")
    for index, multiplier in enumerate(bonus.multipliers):
        path = f"$.bonus.multipliers[{index}]"
        yield from multiplier_problems(names, currency, multiplier, path)
        if multiplier.of == "attainment" and multiplier.level is None:
            yield from _weighed_by_all(names, multiplier.indicator, weighed, f"{path}.indicator", "write of = 'value'")


def _weighed_by_all(
    names: Names, code: str, weighed: Mapping[str, Weights], path: str, otherwise: str
) -> Iterator[Problem]:
    """A problem for each weights by which an indicator has no attainment."""
    for where, weights in weighed.items():
        if code in names.indicators and code not in dict(weights):
            fault = f"{where} does not weigh it, so it has no attainment"
            yield Problem(path, fault, repr(code), f"choose an indicator of every profile, or {otherwise}")


def _bonus_of(names: Names, bonus: Bonus, weighed: Mapping[str, Weights]) -> Iterator[Problem]:
    if bonus.of == "score":
        if bonus.curve.x_unit != "point":
            found = bonus.curve.x_unit or "no unit"
            yield Problem("$.bonus.curve", "its x is no score", found, "write each x in points, such as '100 point'")
        return
    yield from names.unknown("$.bonus.of", bonus.of, names.indicators, "indicator")
    yield from _weighed_by_all(names, bonus.of, weighed, "$.bonus.of", "'score'")
    yield from ratio_problems("$.bonus.curve", "x", bonus.curve.bare_x)
    if bonus.curve.x_unit:
        yield Problem("$.bonus.curve", "its x is no attainment", bonus.curve.x_unit, "write each x in percent")
