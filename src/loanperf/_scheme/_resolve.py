"""Resolve: (scheme, what a payee is, period) -> card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from attrs import evolve

from loanperf._allocation import TieBreak
from loanperf._explanations import Label, in_words
from loanperf._indicators import Direction, Indicator
from loanperf._periods import Period, holds_on, must_be_period
from loanperf._quantities import Number, Quantity, percent
from loanperf._scheme._checks import merged, outside, wider
from loanperf._scheme._entries import Override, Who, dimensions_of, indicators_of
from loanperf._scheme._rebalance import rebalance
from loanperf._scorecard import (
    Bonus,
    Card,
    CardLine,
    Missing,
    Phase,
    Profile,
    Scoring,
    Weights,
    against_target,
    broken,
    check_weights,
    composed_weights,
    level_of,
    of_unit,
    whose_target,
)
from loanperf.errors import ResolveError, WeightsError

if TYPE_CHECKING:
    from loanperf._scheme._definition import Scheme


def resolve(scheme: Scheme, period: Period, *, role: str, product_line: str, tier: str, units: tuple[str, ...]) -> Card:
    """See `Scheme.resolve`."""
    must_be_period(period)
    if not scheme.holds_on(period.start):
        until = f" until {scheme.until}" if scheme.until else ""
        fault = f"the scheme is in force from {scheme.effective}{until}"
        raise ResolveError(
            f"{scheme.name!r} for {period}", fault, "choose a period that starts within, or another version"
        )
    profiles = _profiles(scheme, role, product_line, tier, units)
    phase = phase_on(scheme, period.start)
    weights, sources = _composed(scheme, profiles, phase, units, period.start)
    goals = _seasonal(scheme, _targets(scheme, profiles, phase, units, period.start), period)
    most = dict(phase.targets_at_most) if phase else {}
    indicators = indicators_of(scheme.indicators)
    lines = tuple(
        CardLine(
            indicator=indicators[code],
            weight=weight,
            scoring=_scoring(scheme, indicators[code]),
            target=goals[code][0] if code in goals else None,
            target_source=goals[code][1] if code in goals else Label(""),
            target_at_most=most.get(code),
        )
        for code, weight in weights
    )
    return Card(
        scheme=scheme.name,
        version=scheme.fingerprint,
        effective=scheme.effective,
        profile=" + ".join(profile.code for profile in profiles),
        set_by=sources,
        phase=phase.code if phase else "",
        currency=scheme.currency,
        period=period,
        lines=lines,
        others=_others(scheme, dict(weights), indicators),
        known=tuple(code for code in indicators if code not in dict(weights)),
        vetoes=scheme.vetoes,
        grades=tuple(sorted(scheme.grades, key=lambda grade: grade.at_least)),
        bonus=_bonus(scheme, role),
    )


def _bonus(scheme: Scheme, role: str) -> Bonus | None:
    """The bonus plan, of which as much is kept back as holds for a role."""
    bonus = scheme.bonus
    if bonus is None or bonus.holdback is None:
        return bonus
    return evolve(bonus, holdback=bonus.holdback.of_role(role))


def _others(
    scheme: Scheme, weights: Mapping[str, Fraction], indicators: Mapping[str, Indicator]
) -> tuple[Indicator, ...]:
    """Indicators without weight that vetoes, gates, multipliers and alert rules look at, and those of units."""
    bonus = scheme.bonus
    looked_at = [veto.indicator for veto in scheme.vetoes]
    looked_at += bonus.looks_at if bonus else ()
    looked_at += [rule.indicator for rule in scheme.alerts]
    return tuple(_other(indicators, code) for code in dict.fromkeys(looked_at) if code not in weights)


def _other(indicators: Mapping[str, Indicator], code: str) -> Indicator:
    """An indicator by the code by which something looks at it: itself, that of a unit, or its attainment by a unit."""
    (of, level), attained = level_of(code), whose_target(code)
    indicator = against_target(indicators[attained]) if attained else indicators[of]
    return indicator if level is None else of_unit(indicator, level)


def _profiles(scheme: Scheme, role: str, product_line: str, tier: str, units: tuple[str, ...]) -> tuple[Profile, ...]:
    """The profile of the most specific rule, more conditions first, then the deeper unit; then those on top of it."""
    what = (
        f"a profile of {scheme.name!r} for role {role!r}, product line {product_line!r}, tier {tier!r}, units {units}"
    )
    if not scheme.profiles:
        fault = "the scheme has no weight profile, and pays commissions only"
        raise ResolveError(what, fault, "ask for a plan instead, or add [profiles.NAME.weights]")
    if not scheme.who and len(scheme.profiles) == 1:
        return scheme.profiles
    is_now = {"role": role, "product_line": product_line, "tier": tier}
    fitting = [
        rule
        for rule in scheme.who
        if all(getattr(rule, key) in ("", value) for key, value in is_now.items()) and rule.unit in ("", *units)
    ]
    on_top = tuple(item for item in scheme.profiles if item.is_on_top and item.code in {x.profile for x in fitting})
    fitting = [rule for rule in fitting if not scheme.profile(rule.profile).is_on_top]
    if not fitting:
        raise ResolveError(what, "no rule of [[who]] fits", "add one, such as a rule without conditions for all others")
    best = max(_rank(rule, units) for rule in fitting)
    codes = sorted({rule.profile for rule in fitting if _rank(rule, units) == best})
    if len(codes) > 1:
        remedy = "add a condition to one of them"
        raise ResolveError(what, f"profiles {' and '.join(map(repr, codes))} fit equally", remedy)
    return (scheme.profile(codes[0]), *on_top)


def _rank(rule: Who, units: tuple[str, ...]) -> tuple[int, int]:
    conditions = (rule.role, rule.product_line, rule.tier, rule.unit)
    return sum(map(bool, conditions)), units.index(rule.unit) if rule.unit else -1


def phase_on(scheme: Scheme, on: date) -> Phase | None:
    """The phase that a scheme is in on a day; None where it is in none."""
    for stretch in scheme.timeline:
        if holds_on(stretch.since, stretch.until, on):
            return next(phase for phase in scheme.phases if phase.code == stretch.phase)
    return None


def _overrides(scheme: Scheme, profile: Profile, units: tuple[str, ...], on: date) -> Iterable[Override]:
    """The overrides of a profile that hold on a day, from the top of the tree of units down."""
    for unit in units:
        for override in scheme.overrides:
            now = holds_on(override.since, override.until, on)
            if override.unit == unit and override.profile == profile.code and now:
                yield override


def _composed(
    scheme: Scheme, profiles: tuple[Profile, ...], phase: Phase | None, units: tuple[str, ...], on: date
) -> tuple[Weights, tuple[str, ...]]:
    """The weights that hold, of a profile with those on top of it, and the units that set them otherwise."""
    each = [_weights(scheme, profile, phase, units, on) for profile in profiles]
    weights = composed_weights(part for part, _ in each) if len(each) > 1 else each[0][0]
    sources = tuple(dict.fromkeys(unit for _, part in each for unit in part))
    what = " + ".join(profile.code for profile in profiles)
    check_weights(what, weights)
    if phase is not None and (fault := broken(weights, phase.require, dimensions_of(scheme.indicators))):
        remedy = "set weights that the phase allows"
        where = f" as set by {sources[-1]}" if sources else ""
        raise WeightsError(what, f"{fault} in phase {phase.code!r}{where}", remedy)
    return weights, sources


def phase_of(scheme: Scheme, code: str) -> Phase | None:
    """A phase of a scheme; None where the code is empty.

    Raises:
        ResolveError: the scheme has none of that code.
    """
    phases = {one.code: one for one in scheme.phases}
    if code and code not in phases:
        known = ", ".join(phases) or "none"
        raise ResolveError(f"phase {code!r}", "the scheme has none of that name", f"use one of {known}")
    return phases.get(code)


def weights_in(profile: Profile, phase: Phase | None) -> Weights:
    """The weights of a profile in a phase: its own there, else those that it has always; None is no phase."""
    return profile.weights if phase is None else dict(phase.weights).get(profile.code, profile.weights)


def _weights(
    scheme: Scheme, profile: Profile, phase: Phase | None, units: tuple[str, ...], on: date
) -> tuple[Weights, tuple[str, ...]]:
    """The weights of one profile, and the units that set them otherwise than it does."""
    weights = weights_in(profile, phase)
    bounds = {limit.code: limit for limit in scheme.limits}
    sources: tuple[str, ...] = ()
    for override in _overrides(scheme, profile, units, on):
        fault = outside(override.weights, bounds.values(), weights) or wider(override.limits, bounds.values())
        if fault:
            raise WeightsError(profile.code, f"unit {override.unit!r}: {fault}", "stay within the limits set above")
        bounds |= {limit.code: limit for limit in override.limits}
        if override.weights:
            weights, sources = override.weights, (*sources, override.unit)
    return weights, sources


def _targets(
    scheme: Scheme, profiles: tuple[Profile, ...], phase: Phase | None, units: tuple[str, ...], on: date
) -> dict[str, tuple[Quantity, Label]]:
    """The target of each indicator and who set it; the nearest to the payee wins, and a phase's limit comes last."""
    limit = Label("the limit of the phase", "阶段上限")
    found = {code: (target, limit) for code, target in phase.targets_at_most} if phase else {}
    found |= {code: (target, Label("of the scheme", "方案规定")) for code, target in scheme.targets}
    for profile in profiles:
        of_profile = Label(f"of profile {profile.code}", f"权重方案 {profile.code} 规定")
        found |= {code: (target, of_profile) for code, target in profile.targets}
        for override in _overrides(scheme, profile, units, on):
            of_unit = Label(f"of unit {override.unit}", f"机构 {override.unit} 规定")
            found |= {code: (target, of_unit) for code, target in override.targets}
    return found


_LONGER = {"year": "年度", "half": "半年度", "quarter": "季度"}


def _seasonal(
    scheme: Scheme, goals: Mapping[str, tuple[Quantity, Label]], period: Period
) -> dict[str, tuple[Quantity, Label]]:
    """The targets of a period, where they are stated of a longer time."""
    found = dict(goals)
    for season in scheme.seasons:
        if season.code in found:
            goal, source = found[season.code]
            share, of = percent(season.share(period, scheme.calendar)), _LONGER[season.of]
            en, zh = str(goal), in_words(str(goal), "zh", bare=True)
            said = Label(f"{source.en}, {share} of {en} a {season.of}", f"{source.to('zh')}，{of}目标 {zh} 的 {share}")
            target = season.target(goal, period, scheme.calendar)
            found[season.code] = target, said
    return found


def _scoring(scheme: Scheme, indicator: Indicator) -> Scoring:
    rules = merged(scheme.scoring, indicator.code, indicator.direction)
    return Scoring(
        rule=rules["curve"] if rules["rule"] == "curve" else Direction(rules["rule"]),
        of=rules["of"] or "attainment",
        places=rules["places"],
        rounding=rules["rounding"],
        rounds=rules["rounds"] or "each indicator",
        missing=rules["missing"] or Missing.REFUSE,
        cap=rules["cap"],
        floor=rules["floor"],
    )


def rebalanced(
    scheme: Scheme,
    profile: str,
    changes: Mapping[str, Number],
    effective: date,
    phase: str,
    step: Number,
    tie_break: TieBreak,
) -> Scheme:
    """See `Scheme.rebalance`."""
    if effective <= scheme.effective:
        remedy = f"choose a day after {scheme.effective}"
        raise ResolveError(f"a version from {effective}", "it does not follow this one", remedy)
    held = scheme.profile(profile)
    if held.is_on_top:
        fault = "it stands on top of others, and is no whole that could be made to sum to 100%"
        raise ResolveError(f"profile {profile!r}", fault, "change its weights in the document")
    stated, phases = phase_of(scheme, phase), {item.code: item for item in scheme.phases}
    before = weights_in(held, stated)
    in_force = phase_on(scheme, effective)
    own = in_force is not None and profile not in dict(in_force.weights)
    bound_by = stated or (in_force if own else None)
    after = rebalance(
        before,
        changes,
        dimensions=dimensions_of(scheme.indicators),
        step=step,
        tie_break=tie_break,
        require=bound_by.require if bound_by else (),
        profile=profile,
    )
    if phase:
        weights = tuple({**dict(phases[phase].weights), profile: after}.items())
        phases[phase] = evolve(phases[phase], weights=weights)
        return evolve(scheme, effective=effective, phases=tuple(phases.values()))
    profiles = tuple(evolve(item, weights=after) if item.code == profile else item for item in scheme.profiles)
    return evolve(scheme, effective=effective, profiles=profiles)
