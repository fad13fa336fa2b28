"""Division: (holders, rules, what is asked in each stretch) -> what each holder is to reach, in whole steps.

A goal is divided from the owner down, unit by unit, and in each unit stretch by stretch: what rounding to steps gave
somebody too much or too little in one stretch is made good in the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property
from math import ceil, floor
from typing import Any

from attrs import field, frozen

from loanperf._allocation import TieBreak, allocate, exact_parts
from loanperf._data import PlainData
from loanperf._periods import Period
from loanperf._quantities import Quantity, plain
from loanperf.errors import AllocationError
from loanperf.goals._rules import CascadeRules
from loanperf.goals._tree import GoalHolder
from loanperf.goals._weights import Entitled, carried_parts, weights_on

_FINE = 10**9
"""What is owed from rounding is kept in parts of a step as small as this: it only says whose turn it is."""


@frozen(kw_only=True)
class GoalSpan(PlainData):
    """Days of a goal that are divided at once."""

    period: Period
    """The days; where a cascade was made anew in the midst of a month, those from then on, or those before."""
    of: Period
    """The stretch that they are of, such as the month for which targets are stated."""
    asked: int
    """What is divided of the goal, in steps."""
    over: int
    """What is assigned beyond the goal, in steps."""
    held: tuple[tuple[str, int], ...] = ()
    """By code, what each has for earlier days of the stretch, in steps."""
    stays: tuple[tuple[str, int], ...] = ()
    """By code of payees, what does not change though the goal is divided anew, in steps."""

    @property
    def total(self) -> int:
        """All that is assigned, in steps."""
        return self.asked + self.over


@frozen(kw_only=True)
class SpanWork:
    """What the division of a span goes by, each by the place of a holder."""

    carried: Sequence[Fraction]
    weights: Sequence[Fraction]
    lows: Sequence[int]
    highs: Sequence[int | None]


@frozen(kw_only=True)
class Served:
    """What one holder gets in a span, and what it was before rounding, in steps."""

    exact: Fraction
    """By weight and between bounds."""
    owed: Fraction
    """What rounding took from them in spans before; below zero, what it gave."""
    target: int
    asked: int


@frozen(kw_only=True)
class HeldSpan:
    """What holds of a division on some days; its rows are empty where a limit is handed down whole."""

    period: Period
    of: Period
    targets: tuple[int, ...]
    asked: tuple[int, ...]


@frozen(kw_only=True)
class Division(PlainData):
    """A goal divided once: among those who were there on a day, for the spans from then on."""

    as_of: date
    rules: CascadeRules
    step: Fraction
    """In the unit of the goal."""
    holders: tuple[GoalHolder, ...]
    spans: tuple[GoalSpan, ...]
    targets: tuple[tuple[int, ...], ...] = ()
    """A row a span: what each holder is to reach, in steps."""
    asked: tuple[tuple[int, ...], ...] = ()
    """A row a span: which part of it is of the goal; the rest is assigned beyond it."""
    until: date | None = None
    """The first day for which it no longer holds, since the goal was divided anew; None where it holds to the end."""
    first: tuple[int, ...] = ()
    """Where the last span was cut, what of it falls on the days before, in steps."""
    first_asked: tuple[int, ...] = ()
    """Which part of that is of the goal."""
    memo: dict[int, tuple[tuple[Served, ...], ...]] = field(factory=dict, init=False, eq=False, repr=False)
    """What was worked out to explain a part, by the place of a unit."""

    @cached_property
    def held(self) -> tuple[HeldSpan, ...]:
        """What holds of it, by span."""
        rows = [*zip(self.targets, self.asked, strict=True)] or [((), ())] * len(self.spans)
        found = [
            HeldSpan(period=span.period, of=span.of, targets=row, asked=own)
            for span, (row, own) in zip(self.spans, rows, strict=True)
        ]
        if self.until is not None and self.until < self.spans[-1].period.end:
            days = Period(self.spans[-1].period.start, self.until)
            of = self.spans[-1].of
            found[-1] = HeldSpan(period=days, of=of, targets=self.first, asked=self.first_asked)
        return tuple(found)

    @cached_property
    def entitled(self) -> Entitled:
        """What the keys give each holder."""
        return Entitled.of(self.holders, self.rules)

    @cached_property
    def work(self) -> tuple[SpanWork, ...]:
        """What each span is divided by."""
        return tuple(self._work(span) for span in self.spans)

    @cached_property
    def below(self) -> dict[int, list[int]]:
        """The places of those right below each unit, by the place of the unit."""
        found: dict[int, list[int]] = {}
        for place, holder in enumerate(self.holders):
            if holder.above >= 0:
                found.setdefault(holder.above, []).append(place)
        return found

    def _work(self, span: GoalSpan) -> SpanWork:
        rules, holders = self.rules, self.holders
        carried = carried_parts(holders, rules, self.entitled, span.period)
        weights = weights_on(holders, rules, self.entitled, carried)
        lows, highs = _bounds(self, span, carried, weights)
        return SpanWork(carried=carried, weights=weights, lows=lows, highs=highs)

    def divided(self) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
        """The targets, and which part of each is of the goal.

        Raises:
            AllocationError: floors come to more than there is, or caps to less; it says by how much.
        """
        targets = [[0] * len(self.holders) for _ in self.spans]
        asked = [[0] * len(self.holders) for _ in self.spans]
        for span, work, row, own in zip(self.spans, self.work, targets, asked, strict=True):
            self._must_fit(span, work)
            row[0], own[0] = span.total, span.asked
        for unit in self.below:  # each stands behind the one above it
            totals = [(row[unit], own[unit]) for row, own in zip(targets, asked, strict=True)]
            for row, own, served in zip(targets, asked, self.served(unit, totals), strict=True):
                for place, one in zip(self.below[unit], served, strict=True):
                    row[place], own[place] = one.target, one.asked
        return tuple(map(tuple, targets)), tuple(map(tuple, asked))

    def served_below(self, unit: int) -> Sequence[tuple[Served, ...]]:
        """Span by span, what those right below a unit got, with what it was before rounding."""
        if unit not in self.memo:
            totals = [(row[unit], own[unit]) for row, own in zip(self.targets, self.asked, strict=True)]
            self.memo[unit] = tuple(self.served(unit, totals))
        return self.memo[unit]

    def served(self, unit: int, totals: Sequence[tuple[int, int]]) -> Iterator[tuple[Served, ...]]:
        """Span by span, what those right below a unit get of what the unit has."""
        places, owed = self.below[unit], [Fraction(0)] * len(self.below[unit])
        for work, (total, of_goal) in zip(self.work, totals, strict=True):
            weights = [work.weights[place] for place in places]
            lows, highs = [work.lows[place] for place in places], [work.highs[place] for place in places]
            exact = (
                exact_parts(total, weights, floors=lows, caps=highs)
                if total != sum(lows)
                else tuple(map(Fraction, lows))
            )
            parts = [part.numerator for part in exact]
            if any(part.denominator != 1 for part in exact):
                bounds: dict[str, Any] = {"floors": lows, "caps": highs, "owed": owed}
                parts = list(allocate(total, weights, step=1, tie_break=self.rules.tie_break, **bounds))
            asked = _asked_of(of_goal, parts, self.rules.tie_break)
            yield tuple(
                Served(exact=one, owed=due, target=part, asked=own)
                for one, due, part, own in zip(exact, owed, parts, asked, strict=True)
            )
            owed = [due + one - part for due, one, part in zip(owed, exact, parts, strict=True)]
            owed = [Fraction(round(due * _FINE), _FINE) for due in owed]

    def _must_fit(self, span: GoalSpan, work: SpanWork) -> None:
        low, high = work.lows[0], work.highs[0]
        if low > span.total:
            by, total = self.amount(low - span.total), self.amount(span.total)
            fault = f"the floors of {span.period} come to {self.amount(low)}, {by} more than the {total} to be assigned"
            raise AllocationError(fault, f"lower floors by {by}, or raise the goal by as much")
        if high is not None and high < span.total:
            by, total = self.amount(span.total - high), self.amount(span.total)
            fault = f"the caps of {span.period} come to {self.amount(high)}, {by} less than the {total} to be assigned"
            raise AllocationError(fault, f"raise caps by {by}, or lower the goal by as much")

    def amount(self, steps: int | Fraction) -> str:
        """Steps in the unit of the goal, as printed, without the unit."""
        return plain(Fraction(steps) * self.step)


def _asked_of(of_goal: int, parts: Sequence[int], tie_break: TieBreak) -> Sequence[int]:
    """Which part of each target is of the goal."""
    if of_goal == sum(parts):
        return parts
    if not of_goal:
        return [0] * len(parts)
    return allocate(of_goal, parts, step=1, tie_break=tie_break, caps=parts)


# ── bounds ──────────────────────────────────────────────────────────────────────────────────────────────────


def _bounds(
    division: Division, span: GoalSpan, carried: Sequence[Fraction], weights: Sequence[Fraction]
) -> tuple[list[int], list[int | None]]:
    """The least and the most of each holder in a span, in steps; those of a unit hold what its people need.

    Of the rest of a stretch that was begun, who had a part of its first days has the bounds less that part; who had
    none has as much of the bounds as there are days left.
    """
    rules, step, holders = division.rules, division.step, division.holders
    floors, caps = dict(rules.floors), dict(rules.caps)
    held, stays, days = dict(span.held), dict(span.stays), Fraction(span.period.days, span.of.days)
    lows, highs = [0] * len(holders), [None] * len(holders)  # type: list[int], list[int | None]
    sums, tops = [0] * len(holders), [0] * len(holders)  # type: list[int], list[int | None]
    for place in range(len(holders) - 1, -1, -1):
        holder = holders[place]
        if holder.kind != "kept":
            fixed = rules.zero if place in division.entitled.fixed else None
            least, most = _stated(rules, holder, fixed, carried[place], floors, caps)
            if holder.comes_after(span.period):
                least = most = Fraction(0)
            lows[place], highs[place] = _in_steps(least, most, step, held.get(holder.code), days)
        if holder.kind != "unit" and not weights[place]:
            highs[place] = lows[place]  # what has no weight gets no more
        if holder.kind == "person" and holder.code in stays:
            lows[place] = highs[place] = stays[holder.code]
        if holder.kind == "unit":
            lows[place] = max(lows[place], sums[place])
            highs[place] = min((top for top in (highs[place], tops[place]) if top is not None), default=None)
        high = highs[place]
        if high is not None and high < lows[place]:
            raise _crossed(division, span, place, lows[place], high)
        if holder.above >= 0:
            sums[holder.above] += lows[place]
            top = tops[holder.above]
            tops[holder.above] = None if top is None or high is None else top + high
    return lows, highs


def _stated(
    rules: CascadeRules,
    holder: GoalHolder,
    fixed: Quantity | str | None,
    carried: Fraction,
    floors: Mapping[str, Quantity],
    caps: Mapping[str, Quantity],
) -> tuple[Fraction, Fraction | None]:
    """The least and the most of a holder for a whole stretch, in the unit of the goal."""
    least, most = Fraction(0), None  # type: Fraction, Fraction | None
    if holder.kind == "person":
        least = rules.floor.value * carried if rules.floor is not None else least
        most = rules.cap.value if rules.cap is not None else None
        if isinstance(fixed, Quantity):
            return fixed.value, fixed.value
    if holder.code in floors:
        least = floors[holder.code].value
    if holder.code in caps:
        most = caps[holder.code].value
    return least, most


def _in_steps(
    least: Fraction, most: Fraction | None, step: Fraction, held: int | None, days: Fraction
) -> tuple[int, int | None]:
    """Bounds in whole steps, of a stretch or of the rest of it."""
    low, high = least / step, None if most is None else most / step
    if held is not None:
        low, high = max(low - held, Fraction(0)), None if high is None else max(high - held, Fraction(0))
    elif days != 1:
        low, high = low * days, None if high is None else high * days
        if high is not None:
            return min(ceil(low), floor(high)), floor(high)
    return ceil(low), None if high is None else floor(high)


def _crossed(division: Division, span: GoalSpan, place: int, low: int, high: int) -> AllocationError:
    holder, by = division.holders[place], division.amount(low - high)
    who = f"{'unit ' if holder.kind == 'unit' else ''}{holder.code!r}"
    fault = f"in {span.period} the cap of {who} is {division.amount(high)}, below its floor of {division.amount(low)}"
    more = " (in whole steps, with what the people below it need)" if holder.kind == "unit" else " (in whole steps)"
    return AllocationError(fault + more, f"raise the cap by {by}, or lower floors by as much")
