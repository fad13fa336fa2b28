"""Combinations: the profiles of a scheme and who gets them -> every profile with others on top that a payee can get."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction

from attrs import frozen

from loanperf._periods import holds_on
from loanperf._quantities import percent
from loanperf._scheme._entries import Override, Who
from loanperf._scorecard import Phase, Profile, Weights, broken, composed_weights
from loanperf.errors import Problem

MOST = 20_000
"""Combinations of profiles, and sets of weights, that are looked at; a scheme with more is refused."""
_MOST_STEPS = 3_000_000
"""Rules that are looked at on the way to them."""
PayeeKind = tuple[str, ...]
"""Role, product line, tier and unit of a payee, as far as rules name them; empty is any other."""
_Rule = tuple[str, tuple[int, bool], PayeeKind]
"""A profile, how many conditions were fulfilled and whether one of them is a unit, and the conditions that are left."""


def combinations(profiles: Iterable[Profile], rules: Iterable[Who]) -> dict[tuple[Profile, ...], PayeeKind]:
    """Each profile with those on top of it that some payee gets, and one kind of payee who does.

    Units are looked at one by one: a payee in two of them, one within the other, is checked when their card is made.
    None where there are more than `MOST`.
    """
    held = {profile.code: profile for profile in profiles}
    if not any(item.is_on_top for item in held.values()):
        return {}
    found: dict[tuple[Profile, ...], PayeeKind] = {}
    for fits, kind in _fitting(rules, held).items():
        codes = {code for code, _, _ in fits}
        on_top = tuple(item for item in held.values() if item.is_on_top and item.code in codes)
        alone = [(rank, code) for code, rank, _ in fits if not held[code].is_on_top]
        for rank, code in sorted(alone, key=lambda item: item[1]):
            if on_top and rank == max(alone)[0]:
                found.setdefault((held[code], *on_top), kind)
    return found


def are_too_many(profiles: Iterable[Profile], rules: Iterable[Who]) -> bool:
    """Whether more combinations come of rules than are looked at."""
    held = {profile.code: profile for profile in profiles}
    return any(item.is_on_top for item in held.values()) and not _fitting(rules, held) and bool([*rules])


def _fitting(rules: Iterable[Who], known: Container[str]) -> dict[frozenset[_Rule], PayeeKind]:
    """The sets of rules that fit some payee, each with one kind of payee whom they fit; none where they are too many.

    Role by role, then line by line and so on: rules that give the same profile on the same conditions are one.
    """
    first = frozenset(
        (rule.profile, (0, False), (rule.role, rule.product_line, rule.tier, rule.unit))
        for rule in rules
        if rule.profile in known
    )
    found: dict[frozenset[_Rule], PayeeKind] = {first: ()}
    steps = 0
    for is_unit in (False, False, False, True):
        before, found = found, {}
        for fits, kind in before.items():
            values = sorted({"", *(left[0] for _, _, left in fits)})
            steps += len(values) * len(fits)
            if steps > _MOST_STEPS:
                return {}
            for value in values:
                sub = frozenset(
                    (code, (count + bool(left[0]), is_unit and bool(left[0])), left[1:])
                    for code, (count, _), left in fits
                    if left[0] in ("", value)
                )
                found.setdefault(sub, (*kind, value))
            if len(found) > MOST:
                return {}
    return found


@frozen
class Composed:
    """The weights of a combination, in a phase or none, where a unit sets them otherwise or none does."""

    profiles: tuple[Profile, ...]
    weights: Weights
    phase: Phase | None
    where: str
    """The path of what decides them last."""
    when: str
    """The phase and the unit, as a clause; empty where there is neither."""

    @property
    def said(self) -> str:
        """The profile, those on top of it, and the phase and unit where they meet, as an error names them."""
        below, *on_top = (repr(profile.code) for profile in self.profiles)
        return f"profile {below} with {' and '.join(on_top)} on top{self.when}"


def composed_sets(
    combined: Iterable[tuple[Profile, ...]], phases: Iterable[Phase], overrides: tuple[Override, ...]
) -> Iterator[Composed]:
    """All weights that combinations can come to."""
    states = _states(overrides)
    for profiles in combined:
        codes = {profile.code for profile in profiles}
        for phase in (None, *phases):
            of_phase = {code: weights for code, weights in phase.weights if code in codes} if phase else {}
            where = f"$.profiles.{profiles[-1].code}.weights"
            if phase is not None and of_phase:
                where = f"$.phases.{phase.code}.weights.{[*of_phase][-1]}"
            own = {profile.code: profile.weights for profile in profiles} | of_phase
            when = f" in phase {phase.code!r}" if phase and of_phase else ""
            yield Composed(profiles, composed_weights(own.values()), phase, where, when)
            for (unit, since), indices in states.items():
                held = {overrides[index].profile: overrides[index].weights for index in indices}
                if codes.isdisjoint(held):
                    continue
                at = max(index for index in indices if overrides[index].profile in codes)
                set_here = composed_weights({code: held.get(code, weights) for code, weights in own.items()}.values())
                in_unit = f"{when} in unit {unit!r}{'' if since == date.min else f' from {since}'}"
                yield Composed(profiles, set_here, phase, f"$.overrides[{at}].weights", in_unit)


def _states(overrides: tuple[Override, ...]) -> Mapping[tuple[str, date], list[int]]:
    """Which overrides of a unit hold together, from each day on which one of them starts."""
    weighing = [(index, item) for index, item in enumerate(overrides) if item.weights]
    starts = dict.fromkeys((item.unit, item.since) for _, item in weighing)
    return {
        (unit, on): [index for index, item in weighing if item.unit == unit and holds_on(item.since, item.until, on)]
        for unit, on in starts
    }


def combination_problems(
    profiles: tuple[Profile, ...],
    rules: tuple[Who, ...],
    phases: tuple[Phase, ...],
    overrides: tuple[Override, ...],
    dimensions: Mapping[str, str],
) -> Iterator[Problem]:
    """What is wrong with combinations: weights that do not sum to 100% or that a phase forbids, or too many of them."""
    on_top = [profile for profile in profiles if profile.is_on_top]
    if on_top and len(on_top) == len(profiles):
        yield Problem("$.profiles", "each of them stands on top, and there is none below", "", "let one stand alone")
    combined = combinations(profiles, rules)
    sets = len(combined) * (1 + len(phases)) * (1 + len(_states(overrides)))
    if are_too_many(profiles, rules) or sets > MOST:
        yield Problem("$.who", f"more than {MOST} sets of weights come of it", "", "let fewer profiles compose")
        return
    yield from _of_sets(composed_sets(combined, phases, overrides), dimensions)


def _of_sets(sets: Iterable[Composed], dimensions: Mapping[str, str]) -> Iterator[Problem]:
    for found in sets:
        total = sum((weight for _, weight in found.weights), Fraction(0))
        if total != 1:
            off = f"{percent(abs(1 - total), 10)} {'missing' if total < 1 else 'too much'}"
            fault = f"{found.said} sums to {percent(total, 10)}, {off}"
            yield Problem(found.where, fault, "", "make every combination sum to exactly 100%")
        elif found.phase is not None and (fault := broken(found.weights, found.phase.require, dimensions)):
            where = f"$.phases.{found.phase.code}.require"
            remedy = f"state weights that keep it in [phases.{found.phase.code}.weights.{found.profiles[-1].code}]"
            yield Problem(where, f"{found.said} breaks it: {fault}", "", remedy)
