"""Tiers: (lines of commission of a payee in a period) -> where the payee stands, and what the next tier asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from operator import attrgetter

from loanperf._commission import Accrual, Component, Tiers, component_of
from loanperf._explanations import Explanation
from loanperf._quantities import Quantity
from loanperf.progress._parts import TierProgress


def tiers_of(lines: Iterable[Accrual]) -> tuple[TierProgress, ...]:
    """Where a payee stands in the tiers of each component, by the last line that says so.

    Tiers of a loan by itself are left out: the next loan starts anew there. Of a component without a line there is
    nothing to say.

    Args:
        lines: of one payee, earned in one period.
    """
    ordered = sorted(lines, key=attrgetter("earned_on", "on", "component", "loan", "stage"))
    found: dict[tuple[str, str], TierProgress] = {}
    for line in reversed(ordered):
        component = component_of(line)
        if component is None or component.tiers is None or (line.plan.plan.code, line.component) in found:
            continue
        if component.tiers.accumulates == "per transaction" or component.tiers.by == "loan":
            continue
        for node in reversed([*_nodes(line.steps)]):
            if "at" in node.numbers:
                found[line.plan.plan.code, line.component] = _of_node(line, component, component.tiers, node)
                break
    return tuple(found[key] for key in sorted(found))


def _nodes(steps: Iterable[Explanation]) -> Iterator[Explanation]:
    """All nodes of reasons, in order."""
    for step in steps:
        yield step
        yield from _nodes(step.because)


def _of_node(line: Accrual, component: Component, tiers: Tiers, node: Explanation) -> TierProgress:
    """What the reason of a line says of its tier."""
    curves = (component.curve, *(rate.curve for rate in component.rates))
    read_in = next((curve.x_unit for curve in curves if curve is not None), "")
    units = {"amount": line.plan.currency, "earned": line.plan.currency, "indicator": read_in}
    unit, paid = units.get(tiers.by, ""), line.plan.currency if node.numbers["is_money"] else ""

    def said(name: str, unit: str) -> Quantity | None:
        return Quantity(node.numbers[name], unit) if name in node.numbers else None

    at, next_at = node.numbers["at"], node.numbers.get("next_at")
    return TierProgress(
        plan=line.plan.plan.code,
        component=line.component,
        name=line.plan.name(line.component),
        by=tiers.by,
        reached=Quantity(at, unit),
        rate=Quantity(node.numbers["rate"], paid),
        next_at=said("next_at", unit),
        next_rate=said("next_rate", paid),
        is_beyond=bool(node.numbers["is_beyond"]),
        more=None if next_at is None else Quantity(Fraction(next_at - at), unit),
        last_loan=line.loan,
        quota=said("quota", "" if component.base == "count" else line.plan.currency),
    )
