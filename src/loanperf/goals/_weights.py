"""Weights: (holders of a goal, rules) -> what part of the goal each is entitled to, in each stretch of it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from attrs import frozen

from loanperf._periods import Period
from loanperf._targets import state_zero, with_equal_shares
from loanperf.errors import AllocationError
from loanperf.goals._rules import CascadeRules, Key
from loanperf.goals._tree import GoalHolder

_NONE = Fraction(0)


@frozen(kw_only=True)
class Entitled:
    """What part of a goal each holder is entitled to before anybody is in a ramp; the parts of people sum to 1."""

    by_key: tuple[tuple[Fraction, ...], ...]
    """A row a key: what each holder has by it."""
    parts: tuple[Fraction, ...]
    """A part a holder: the sum over the keys, and what the rule for weights of zero makes of it."""
    empty: frozenset[int]
    """The places of people whom no key gives anything."""
    fixed: frozenset[int]
    """Those of them who get a stated amount."""

    @classmethod
    def of(cls, holders: Sequence[GoalHolder], rules: CascadeRules) -> Entitled:
        """What the keys give.

        Raises:
            AllocationError: nobody has weight by a key, or somebody has none by any and the rules do not say what
                becomes of it.
        """
        by_key = tuple(_by_key(holders, key, rules) for key in rules.keys)
        parts = [sum(column, _NONE) for column in zip(*by_key, strict=True)]
        people = [place for place, holder in enumerate(holders) if holder.kind == "person"]
        empty = [place for place in people if not parts[place]]
        if empty:
            state_zero([holders[place].code for place in empty], rules.zero)
        if len(empty) == len(people) and rules.zero != "equal share":
            raise AllocationError("no weight is above zero", "give one at least, or zero = 'equal share'")
        if empty and rules.zero == "equal share":
            for place, share in zip(people, with_equal_shares([parts[place] for place in people]), strict=True):
                parts[place] = share
            parts = _summed(holders, parts)
        fixed = empty if rules.zero not in ("equal share", "left out", None) else []
        return cls(by_key=by_key, parts=tuple(parts), empty=frozenset(empty), fixed=frozenset(fixed))


def _by_key(holders: Sequence[GoalHolder], key: Key, rules: CascadeRules) -> tuple[Fraction, ...]:
    """What each holder has by a key, from the owner down: what is theirs of what falls to the unit above."""
    given = dict(key.weights) if key.weights is not None else None
    own = [_NONE] * len(holders)
    for place, holder in enumerate(holders):
        if holder.kind == "person":
            own[place] = Fraction(1) if given is None else given.get(holder.code, _NONE)
    stated = given is not None and any(holder.kind == "unit" and holder.code in given for holder in holders)
    sums = _summed(holders, own, given if stated else None)
    if not stated:
        if not sums[0]:
            raise AllocationError(f"nobody has weight by the key {key.name.en!r}", "give weights, or another key")
        return tuple(key.share * weight / sums[0] for weight in sums)
    shares, heads = [_NONE] * len(holders), _summed(holders, [Fraction(one.kind == "person") for one in holders])
    weight_below = [_NONE] * len(holders)
    for place, holder in enumerate(holders[1:], 1):
        weight_below[holder.above] += sums[place]
    shares[0] = key.share
    for place, holder in enumerate(holders[1:], 1):
        unit = holder.above
        if weight_below[unit]:
            shares[place] = shares[unit] * sums[place] / weight_below[unit]
        elif shares[unit] and rules.zero == "equal share":
            shares[place] = shares[unit] * heads[place] / heads[unit]
        elif shares[unit]:
            fault = f"unit {holders[unit].code!r} has weight by the key {key.name.en!r}, and nobody in it has"
            raise AllocationError(fault, "give weights of its people, or state zero = 'equal share'")
    return tuple(shares)


def _summed(
    holders: Sequence[GoalHolder], own: Sequence[Fraction], stated: dict[str, Fraction] | None = None
) -> list[Fraction]:
    """Numbers of people with those of units: what is stated for a unit, else the sum of those below it."""
    found = list(own)
    for place, holder in enumerate(holders):
        if holder.kind == "unit":
            found[place] = _NONE
    for place in range(len(holders) - 1, -1, -1):
        holder = holders[place]
        if holder.kind == "unit" and stated is not None and holder.code in stated:
            found[place] = stated[holder.code]
        if holder.above >= 0:
            found[holder.above] += found[place]
    return found


# ── new people ──────────────────────────────────────────────────────────────────────────────────────────────


def carried_parts(
    holders: Sequence[GoalHolder], rules: CascadeRules, entitled: Entitled, period: Period
) -> list[Fraction]:
    """What part of their own each person carries in a stretch: nothing before they came, and as the ramp says after."""
    ramp = rules.ramp
    found = [Fraction(1)] * len(holders)
    for place, holder in enumerate(holders):
        if holder.comes_after(period):
            found[place] = _NONE
        elif ramp is not None and holder.since is not None and holder.above >= 0 and place not in entitled.fixed:
            found[place] = ramp.part(holder.since, period.start)
    return found


def weights_on(
    holders: Sequence[GoalHolder], rules: CascadeRules, entitled: Entitled, carried: Sequence[Fraction]
) -> list[Fraction]:
    """What each holder weighs in a stretch: who is new or not there yet less, and what they do not carry where it goes.

    Raises:
        AllocationError: everybody is in the ramp or not there yet, so that there are no others.
    """
    if all(part == 1 for part in carried):
        return list(entitled.parts)
    if rules.ramp is not None and rules.ramp.uncarried == "unit":
        return _kept(holders, entitled, carried)
    return _by_the_others(holders, entitled, carried)


def _nobody_carries(holders: Sequence[GoalHolder], carried: Sequence[Fraction]) -> AllocationError:
    if any(part for holder, part in zip(holders, carried, strict=True) if holder.kind == "person"):
        fault = "everybody is in the ramp or not there yet, so that nobody carries what they do not"
        return AllocationError(fault, "say uncarried = 'unit', or leave the ramp out")
    fault = "it has days before anybody came to whom it is handed down"
    return AllocationError(fault, "let the goal begin when they came, or hand it down as of an earlier day")


def _kept(holders: Sequence[GoalHolder], entitled: Entitled, carried: Sequence[Fraction]) -> list[Fraction]:
    """Units keep what their new people do not carry."""
    found = list(entitled.parts)
    at = {holder.above: place for place, holder in enumerate(holders) if holder.kind == "kept"}
    for place, holder in enumerate(holders):
        if holder.kind == "person" and carried[place] != 1 and holder.above >= 0:
            found[place] = entitled.parts[place] * carried[place]
            found[at[holder.above]] += entitled.parts[place] - found[place]
    return found


def _by_the_others(holders: Sequence[GoalHolder], entitled: Entitled, carried: Sequence[Fraction]) -> list[Fraction]:
    """Whoever is not new carries it by weight: in the same unit, else in the next above in which there is somebody."""
    count = len(holders)
    new, full, missing = [_NONE] * count, [_NONE] * count, [_NONE] * count
    factor = [Fraction(1)] * count
    for place in range(count - 1, -1, -1):
        holder, part = holders[place], entitled.parts[place]
        if holder.kind == "person" and carried[place] != 1:
            new[place], missing[place] = part * carried[place], part * (1 - carried[place])
        elif holder.kind == "person":
            full[place] = part
        elif missing[place] and full[place]:
            factor[place] = 1 + missing[place] / full[place]
            full[place], missing[place] = full[place] + missing[place], _NONE
        if holder.above >= 0:
            for sums in (new, full, missing):
                sums[holder.above] += sums[place]
    if missing[0]:
        raise _nobody_carries(holders, carried)
    found = [_NONE] * count
    for place, holder in enumerate(holders):
        above = factor[holder.above] if holder.above >= 0 else Fraction(1)
        found[place] = new[place] + full[place] * above
        factor[place] *= above
    return found
