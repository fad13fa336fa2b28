"""Limits: (what a payee came to so far) -> which limits of the card are kept or broken, and how far away they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import pairwise
from operator import itemgetter
from typing import Any

from attrs import evolve

from loanperf._bonus import award
from loanperf._commission import Accrual, DatedPlan
from loanperf._commission._plan import Cap
from loanperf._curves import Curve
from loanperf._indicators import Indicator
from loanperf._quantities import Money, Quantity
from loanperf._scorecard import Gate
from loanperf.progress._parts import LimitProgress
from loanperf.run import Result


def limits_of(result: Result, days: tuple[int, int] | None) -> Iterator[LimitProgress]:
    """The vetoes, gates and caps of a card, in this order.

    Nothing is said of one without a reading, and of a gate that forfeits nothing, however bad a reading is.

    Args:
        result: what the payee came to.
        days: of the assignment and of the period, where they differ.
    """
    yield from limits_of_risk(result)
    for line in result.appraisal.lines:
        cap = line.line.scoring.cap
        if cap is not None and line.reading is not None and line.weight:
            seen: dict[str, Any] = {
                "actual": Quantity(line.earned),
                "limit": Quantity(cap),
                "is_kept": line.earned <= cap,
            }
            item = line.line.indicator
            yield LimitProgress(kind="cap of points", indicator=item, margin=cap - line.earned, **seen)
    yield from _of_bonus(result, days)


def limits_of_risk(result: Result) -> Iterator[LimitProgress]:
    """The vetoes and gates of a card, in this order.

    Args:
        result: what the payee came to.
    """
    card, seen = result.appraisal.card, dict[str, Any]()
    values = {one.indicator: one.value for one in result.appraisal.readings}
    for veto in card.vetoes:
        if (value := values.get(veto.indicator)) is not None:
            margin = veto.margin(value.value)
            seen = {"actual": value, "limit": veto.limit, "is_kept": not veto.struck(value.value)}
            yield LimitProgress(kind="veto", indicator=card.indicator(veto.indicator), margin=margin, **seen)
    for gate in () if card.bonus is None else card.bonus.gates:
        if (value := values.get(gate.looks_at)) is not None:
            yield from _limits_of_gates(card.indicator(gate.looks_at), gate, value)


def limits_of_commission(lines: Iterable[Accrual]) -> Iterator[LimitProgress]:
    """The caps of a period on components and plans of commission, by what the lines of the period come to.

    Args:
        lines: of one payee, earned in one period.
    """
    sums, caps = defaultdict[tuple[str, str], int](int), dict[tuple[str, str], tuple[DatedPlan, Cap]]()
    for line in lines:
        dated, code = line.plan, line.plan.plan.code
        sums[code, ""] += line.amount.units
        sums[code, line.component] += line.amount.units
        if dated.plan.most is not None:
            caps[code, ""] = dated, dated.plan.most
        for item in dated.plan.components:
            if item.code == line.component and item.period_most is not None:
                caps[code, item.code] = dated, item.period_most
    for (plan, component), (dated, cap) in sorted(caps.items(), key=itemgetter(0)):
        earned = Money.from_units(sums[plan, component], dated.currency).exact
        yield LimitProgress(
            kind="cap of commission",
            indicator=None,
            name=dated.name(component),
            actual=Quantity(earned, dated.currency),
            limit=cap.most,
            is_kept=earned < cap.most.value,
            margin=cap.most.value - earned,
        )


def _limits_of_gates(indicator: Indicator, gate: Gate, value: Quantity) -> Iterator[LimitProgress]:
    """Where a gate begins to forfeit, seen from a reading that is kept; or where it ceases to, from one that is not."""
    at, forfeits = value.value, gate.forfeits
    takes = forfeits.at(at)
    edge = _edge(forfeits, at, up=gate.worsens_upwards(indicator.direction) != bool(takes), forfeits=not takes)
    if edge is None and not takes:
        return
    far = abs((at if edge is None else edge) - at)
    yield LimitProgress(
        kind="gate",
        indicator=indicator,
        actual=value,
        limit=Quantity(at if edge is None else edge, value.unit),
        is_kept=not takes,
        margin=-far if takes else far,
        forfeited=takes,
    )


def _edge(curve: Curve, at: Fraction, *, up: bool, forfeits: bool) -> Fraction | None:
    """Where a curve begins to be above zero, or ceases to, going up or down from a place; None where it never does."""
    ahead = [x for x, _ in curve.knots if (x > at if up else x < at)]
    places = [at, *sorted(ahead, reverse=not up)]
    beyond = places[-1] + (1 if up else -1)
    for start, end in pairwise([*places, beyond]):
        if bool(curve.at((start + end) / 2)) == forfeits:
            return start
    return None


def _of_bonus(result: Result, days: tuple[int, int] | None) -> Iterator[LimitProgress]:
    """The cap of a bonus in money, as the bonus plan itself gives it: once without the cap, once with it as a floor."""
    paid, bonus = result.award, result.appraisal.card.bonus
    if paid is None or bonus is None or bonus.cap is None:
        return

    def paid_with(floor: Quantity | None) -> Money:
        plan, held = evolve(bonus, cap=None, floor=floor), result.assignment
        return award(plan, result.appraisal, month=held.salary, base=held.base, days=days).amount

    before = paid_with(bonus.floor)
    is_kept = before == paid.amount
    cap = paid_with(bonus.cap) if is_kept else paid.amount
    margin, amounts = (cap - before).exact, [Quantity(amount.exact, amount.currency) for amount in (before, cap)]
    yield LimitProgress(
        kind="cap of the bonus", indicator=None, actual=amounts[0], limit=amounts[1], is_kept=is_kept, margin=margin
    )
