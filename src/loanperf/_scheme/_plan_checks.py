"""What must hold between a commission plan and the rest of its scheme, and what the parts of a scheme may refer to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from attrs import frozen

from loanperf._appraisal import beyond_bounds
from loanperf._commission import Cap, Component, PayRules, Plan, Rate, Tiers, term_problems
from loanperf._curves import Curve, RateTable
from loanperf._holdback import Holdback
from loanperf._indicators import CATALOGUE, Direction, Indicator, Kind, Where, indicator
from loanperf._quantities import Quantity, unsigned
from loanperf._rounding import RoundingStep
from loanperf._scheme._common import Common, common_problems, said_once
from loanperf._scheme._entries import DIMENSIONS
from loanperf._scorecard import Gate, Multiplier, value_of
from loanperf.errors import DataError, LoanPerfError, Problem, UnitError, meant_by, problem_of, shown


@frozen
class Names:
    """The codes that parts of the scheme may refer to."""

    indicators: dict[str, Indicator | None]
    """None where it is in the document and could not be read."""
    dimensions: set[str]
    profiles: set[str]
    on_top: set[str]
    """Profiles that add to others, and those that could not be read, which may."""
    phases: set[str]
    unread_scoring: set[str]

    def unknown(self, path: str, code: str, known: Iterable[str], what: str) -> Iterator[Problem]:
        """A problem where a code is not among the known ones."""
        names = sorted(known)
        if code not in names:
            remedy = meant_by(code, names, f"use one of {', '.join(names) or 'none'}")
            yield Problem(path, f"there is no {what} of that code", repr(code), remedy)

    @property
    def dimension_of(self) -> dict[str, str]:
        """The dimension of each indicator by code; empty where it is not known."""
        return {code: "" if found is None else found.dimension for code, found in self.indicators.items()}


def names_of(parts: Mapping[str, Any], unread: Iterable[str]) -> Names:
    """The codes of a scheme's parts; see `problems_of` for `unread`."""
    missed = {section: set[str]() for section in ("indicators", "dimensions", "profiles", "phases", "scoring")}
    for path in unread:
        section, _, code = path.partition(".")
        missed.get(section, set()).update([code] if code else [])
    indicators: dict[str, Indicator | None] = {code: indicator(code) for code in CATALOGUE}
    indicators |= dict.fromkeys(missed["indicators"])
    for entry in parts.get("indicators", ()):
        try:
            indicators[entry.code] = entry.resolve()
        except LoanPerfError:
            indicators[entry.code] = None
    return Names(
        indicators=indicators,
        dimensions={item.code for item in (*DIMENSIONS, *parts.get("dimensions", ()))} | missed["dimensions"],
        profiles={item.code for item in parts.get("profiles", ())} | missed["profiles"],
        on_top={item.code for item in parts.get("profiles", ()) if item.is_on_top} | missed["profiles"],
        phases={item.code for item in parts.get("phases", ())} | missed["phases"],
        unread_scoring=missed["scoring"],
    )


def units_of(indicator: Indicator, currency: str) -> tuple[str, ...]:
    """The units in which a reading of an indicator may be written, the usual one first."""
    return {Kind.MONEY: (currency,), Kind.RATIO: ("",), Kind.COUNT: ("", "person"), Kind.POINTS: ("point",)}[
        indicator.kind
    ]


def unit_problems(names: Names, currency: str, path: str, code: str, value: Quantity) -> Iterator[Problem]:
    """A problem where a value is not in the unit of its indicator, or is what the indicator cannot be."""
    indicator = names.indicators.get(code)
    if indicator is not None and currency:
        try:
            beyond = beyond_bounds(indicator, value_of(indicator, value, currency, "the value"))
        except (DataError, UnitError) as error:
            yield problem_of(path, error)
        else:
            if beyond is not None:
                yield Problem(path, beyond[0], "", beyond[1])


def gate_problems(names: Names, currency: str, gate: Gate, path: str) -> Iterator[Problem]:
    """What is wrong with a gate: its indicator, its shares, their order, its unit."""
    yield from names.unknown(f"{path}.indicator", gate.indicator, names.indicators, "indicator")
    indicator = names.indicators.get(gate.indicator)
    worse_takes_more = (
        gate.forfeits.rising if indicator and indicator.direction is Direction.LOWER else gate.forfeits.falling
    )
    if indicator is not None and not worse_takes_more:
        fault = f"a worse {indicator.name.en} forfeits less, where {indicator.direction.value}"
        yield Problem(f"{path}.forfeits", fault, "", "put the shares in order")
    if indicator is not None and currency and gate.forfeits.x_unit not in (units := units_of(indicator, currency)):
        found, remedy = gate.forfeits.x_unit or "no unit", f"give it in {units[0] or 'percent or as a number'}"
        yield Problem(f"{path}.forfeits", "its x is in another unit", found, remedy)
    elif indicator is not None and gate.forfeits.shape == "step":
        yield from _knots_beyond(indicator, gate.forfeits, f"{path}.forfeits")
    if indicator is not None and indicator.kind is Kind.RATIO:
        yield from ratio_problems(f"{path}.forfeits", "x", gate.forfeits.bare_x)


def _knots_beyond(indicator: Indicator, curve: Curve, path: str) -> Iterator[Problem]:
    """Steps above what an indicator can be: no reading reaches them. A line to such a point still bends below it."""
    for x, _ in curve.knots:
        beyond = beyond_bounds(indicator, Quantity(x, curve.x_unit))
        if beyond is not None and indicator.most is not None and x > indicator.most:
            yield Problem(path, f"no reading reaches a step: {beyond[0]}", "", beyond[1])


def ratio_problems(path: str, axis: str, bare: Fraction) -> Iterator[Problem]:
    """A problem where the largest bare number of an axis of ratios is above 1."""
    fault, remedy = unsigned(bare)
    if fault:
        yield Problem(path, f"in its {axis}, {fault}", "", remedy)


Units = tuple[str, ...]
"""Units in which something may be written, the usual one first; none where that cannot be told."""
PURE: Units = ("",)
MONEY_BASES = frozenset({"contracted", "disbursed", "balance", "interest margin", "receipts", "team", "components"})
"""Bases in money, of which a rate is a share."""


def plan_problems(
    names: Names, currency: str, plans: tuple[Plan, ...], common: Common | None, *, is_unread: bool
) -> Iterator[Problem]:
    """What is wrong between the plans of a scheme and its indicators, its currency and each other.

    Args:
        names: codes that plans may refer to.
        currency: of the scheme; empty where it is not known, and amounts are not checked.
        plans: of the scheme, whole.
        common: what they have in common.
        is_unread: whether something is common that could not be read.
    """
    if common is not None or not is_unread:
        yield from common_problems(common, plans)
    seen: dict[tuple[str, ...], str] = {}
    for plan in plans:
        path = f"$.plans.{plan.code}"
        yield from said_once(_of_plan(names, currency, plan, path), plan, common)
        conditions = (plan.role, plan.product_line, plan.tier, plan.unit)
        if seen.setdefault(conditions, plan.code) != plan.code:
            fault = f"plans {seen[conditions]!r} and {plan.code!r} are for the same payees"
            yield Problem(path, fault, "", "keep one, or add a condition")


def _of_plan(names: Names, currency: str, plan: Plan, path: str) -> Iterator[Problem]:
    for component in plan.components:
        yield from _component(names, currency, component, f"{path}.components.{component.code}")
    yield from _of_pay(names, currency, plan, path)


def pay_problems(currency: str, pay: PayRules | None, *, has_plans: bool) -> Iterator[Problem]:
    """What is wrong between the pay rules of a scheme, its currency and its commission plans, where it has any."""
    if pay is not None:
        yield from _money(currency, "$.pay.guard_floor", pay.guard_floor)
        yield from _cap(currency, "$.pay.person_most", pay.person_most)
        yield from _cap(currency, "$.pay.payment_most", pay.payment_most)
        yield from holdback_problems(currency, "$.pay.holdback", pay.holdback)
        if pay.holdback is not None and not has_plans:
            fault, remedy = "it holds nothing: the scheme has no commission plan", "write it as [bonus.holdback]"
            yield Problem("$.pay.holdback", fault, "", remedy)


def _of_pay(names: Names, currency: str, plan: Plan, path: str) -> Iterator[Problem]:
    """Gates, caps, holdback, clawbacks, draws and the ramp of a plan."""
    if plan.ramp is not None:
        yield from _axis(f"{path}.ramp", plan.ramp, "x", PURE)
        yield from _axis(f"{path}.ramp", plan.ramp, "y", PURE)
        yield from not_negative(f"{path}.ramp", plan.ramp)
    yield from _gates(names, currency, plan, path)
    yield from _cap(currency, f"{path}.most", plan.most)
    for key in ("round_line", "round_component", "round_total"):
        yield from step_problems(currency, f"{path}.{key}", getattr(plan, key))
    yield from holdback_problems(currency, f"{path}.holdback", plan.holdback)
    if plan.holdback is not None and plan.holdback.condition == "reading":
        held = plan.holdback
        yield from names.unknown(f"{path}.holdback.indicator", held.indicator, names.indicators, "indicator")
        for key, bound in (("at_most", held.at_most), ("at_least", held.at_least)):
            if bound is not None:
                yield from unit_problems(names, currency, f"{path}.holdback.{key}", held.indicator, bound)
    for index, clawback in enumerate(plan.clawbacks):
        yield from _axis(f"{path}.clawbacks[{index}].share", clawback.share, "x", ("month", "day", ""))
    for index, draw in enumerate(plan.draws):
        yield from _money(currency, f"{path}.draws[{index}].least", draw.least)


def _component(names: Names, currency: str, component: Component, path: str) -> Iterator[Problem]:
    units = _units_of_base(names, currency, component)
    yield from _base(names, component, path)
    for key, bound in (("least", component.least), ("most", component.most), ("period_least", component.period_least)):
        yield from _money(currency, f"{path}.{key}", bound)
    yield from _cap(currency, f"{path}.period_most", component.period_most)
    yield from _quantity(f"{path}.per", component.per, units)
    yield from _terms(currency, f"{path}.where", component.where)
    if component.weighed_by is not None:
        if currency:
            yield from _axis(f"{path}.weighed_by", component.weighed_by, "x", (currency,))
        yield from _axis(f"{path}.weighed_by", component.weighed_by, "y", PURE)
        yield from not_negative(f"{path}.weighed_by", component.weighed_by)
    if component.tiers is not None:
        yield from _tiers(names, currency, component, component.tiers, f"{path}.tiers")
    yield from _rates(names, currency, component, path)
    yield from _gates(names, currency, component, path)


def _base(names: Names, component: Component, path: str) -> Iterator[Problem]:
    if component.base != "indicator":
        return
    yield from names.unknown(f"{path}.indicator", component.indicator, names.indicators, "indicator")
    indicator = names.indicators.get(component.indicator)
    if indicator is not None and indicator.kind is Kind.RATIO:
        remedy = "pay for money, a count or points, and let the ratio be a multiplier or a gate"
        yield Problem(f"{path}.indicator", "a ratio is no base", repr(component.indicator), remedy)


def _units_of_base(names: Names, currency: str, component: Component) -> Units:
    """The units in which a base is written; none where its indicator or the currency is not known."""
    if component.base in MONEY_BASES:
        return (currency,) if currency else ()
    if component.base != "indicator":
        return PURE
    indicator = names.indicators.get(component.indicator)
    if indicator is not None and indicator.kind is Kind.RATIO:
        return ()
    return _units_of_reading(names, currency, component.indicator)


def _units_of_reading(names: Names, currency: str, code: str) -> Units:
    indicator = names.indicators.get(code)
    if indicator is None or (indicator.kind is Kind.MONEY and not currency):
        return ()
    if indicator.kind is Kind.POINTS:
        return ("point", "")
    return units_of(indicator, currency)


# ── rates and what they are read at ─────────────────────────────────────────────────────────────────────────


def _rates(names: Names, currency: str, component: Component, path: str) -> Iterator[Problem]:
    base = _units_of_base(names, currency, component)
    is_money = component.base in MONEY_BASES or (bool(currency) and base == (currency,))
    money = (currency,) if currency and base else ()
    rate_units = PURE if is_money and component.per is None else money
    x_units = _units_of_tiers(names, currency, component)
    held: list[tuple[Rate | Component, str]] = [(component, path)]
    held += [(rate, f"{path}.rates[{index}]") for index, rate in enumerate(component.rates)]
    for rate, where in held:
        units = (currency,) if currency and isinstance(rate, Rate) and rate.of == "loan" else rate_units
        yield from _quantity(f"{where}.rate", rate.rate, units)
        if rate.table is not None and component.tiers is not None:
            yield from _table(rate.table, component.tiers, f"{where}.table", units)
        if rate.curve is not None:
            yield from _axis(f"{where}.curve", rate.curve, "y", units)
            yield from _axis(f"{where}.curve", rate.curve, "x", x_units)
            if component.tiers is not None and _read_at_ratio(names, component.tiers):
                yield from ratio_problems(f"{where}.curve", "x", rate.curve.bare_x)
    for rate, where in held[1:]:
        yield from _terms(currency, f"{where}.where", rate.where)
    seen: dict[object, int] = {}
    for index, rate in enumerate(component.rates):
        open_one = next((place for place, item in enumerate(component.rates[:index]) if not item.where), None)
        if component.rates_by == "first" and open_one is not None:
            fault = f"it never holds: rates[{open_one}] comes first, and is for all loans"
            yield Problem(f"{path}.rates[{index}]", fault, "", "put the rate without terms last")
        if (first := seen.setdefault(_terms_of(rate), index)) != index:
            fault = f"rates[{first}] and rates[{index}] are for the same loans"
            yield Problem(f"{path}.rates[{index}]", fault, "", "keep one, or add a term")


def _table(table: RateTable, tiers: Tiers, path: str, units: Units) -> Iterator[Problem]:
    """What is wrong with the points and the rates of a table: each is in the unit of its number, or of rates."""
    for axis, points, number in (("rows", table.rows, tiers.number), ("columns", table.columns, tiers.across)):
        for index, point in enumerate(points):
            yield from _quantity(f"{path}.{axis}[{index}]", point, _units_of_number(number))
            if number != "term_months":
                yield from ratio_problems(f"{path}.{axis}[{index}]", "point", point.value * point.bare)
    for row, cells in enumerate(table.cells):
        for column, cell in enumerate(cells):
            yield from _quantity(f"{path}.cells[{row}][{column}]", cell, units)


def _units_of_number(number: str | None) -> Units:
    """The units of a number of a loan."""
    return ("month", "") if number == "term_months" else PURE


def _terms_of(rate: Rate) -> object:
    """The terms of a rate, in whatever order they are written."""
    return frozenset(
        (item.field, frozenset(item.values), item.at_least, item.above, item.at_most, item.below) for item in rate.where
    )


def _is_ratio(names: Names, code: str) -> bool:
    indicator = names.indicators.get(code)
    return indicator is not None and indicator.kind is Kind.RATIO


def _read_at_ratio(names: Names, tiers: Tiers) -> bool:
    """Whether tiers are read at an attainment, or at a reading that is a ratio."""
    of_loan = tiers.number not in (None, "term_months")
    return of_loan or "attainment" in tiers.by or (tiers.by == "indicator" and _is_ratio(names, tiers.indicator))


def _units_of_tiers(names: Names, currency: str, component: Component) -> Units:
    """The units in which the x of rate curves is written."""
    if component.tiers is None:
        return ()
    match component.tiers.by:
        case "earned":
            return (currency,) if currency else ()
        case "amount":
            return _units_of_base(names, currency, component)
        case "count":
            return ("", "person")
        case "indicator":
            return _units_of_reading(names, currency, component.tiers.indicator)
        case "loan":
            return _units_of_number(component.tiers.number)
        case _:
            return PURE


def _tiers(names: Names, currency: str, component: Component, tiers: Tiers, path: str) -> Iterator[Problem]:
    if isinstance(tiers.counts, tuple):
        yield from _terms(currency, f"{path}.counts", tiers.counts)
    if tiers.indicator:
        yield from names.unknown(f"{path}.indicator", tiers.indicator, names.indicators, "indicator")
    if tiers.by == "amount" and component.base in ("count", "fixed"):
        remedy = "write by = 'count', or pay by amount"
        yield Problem(f"{path}.by", f"base is {component.base!r}, which is no amount", repr(tiers.by), remedy)
    units = _units_of_base(names, currency, component)
    if tiers.by == "indicator attainment":
        units = _units_of_reading(names, currency, tiers.indicator)
    yield from _quantity(f"{path}.quota", tiers.quota, units)
    target = _units_of_reading(names, currency, tiers.indicator)
    if tiers.by == "attainment" and tiers.indicator and units and target and not set(units) & set(target):
        fault = f"its target is in {target[0] or 'no unit'}, and the base {component.base!r} in {units[0] or 'no unit'}"
        remedy = "choose an indicator of what is paid, or tiers by 'indicator attainment'"
        yield Problem(f"{path}.indicator", fault, repr(tiers.indicator), remedy)


def _gates(names: Names, currency: str, part: Plan | Component, path: str) -> Iterator[Problem]:
    """What is wrong with the gates and multipliers of a plan or component."""
    for index, gate in enumerate(part.gates):
        yield from gate_problems(names, currency, gate, f"{path}.gates[{index}]")
    for index, multiplier in enumerate(part.multipliers):
        yield from multiplier_problems(names, currency, multiplier, f"{path}.multipliers[{index}]")


def multiplier_problems(names: Names, currency: str, multiplier: Multiplier, path: str) -> Iterator[Problem]:
    """What is wrong with a multiplier: its indicator, its factors, their unit."""
    yield from names.unknown(f"{path}.indicator", multiplier.indicator, names.indicators, "indicator")
    value = multiplier.of == "value"
    units = _units_of_reading(names, currency, multiplier.indicator) if value else PURE
    yield from _axis(f"{path}.curve", multiplier.curve, "x", units)
    if not value or _is_ratio(names, multiplier.indicator):
        yield from ratio_problems(f"{path}.curve", "x", multiplier.curve.bare_x)
    yield from _axis(f"{path}.curve", multiplier.curve, "y", PURE)
    yield from not_negative(f"{path}.curve", multiplier.curve)


# ── units and terms ─────────────────────────────────────────────────────────────────────────────────────────


def holdback_problems(currency: str, path: str, holdback: Holdback | None) -> Iterator[Problem]:
    """A problem where the share that is held goes by something else than pay in the currency of the scheme."""
    if holdback is not None and currency:
        yield from _axis(f"{path}.share", holdback.share, "x", (currency,))


def _cap(currency: str, path: str, cap: Cap | None) -> Iterator[Problem]:
    if cap is not None:
        yield from _money(currency, f"{path}.most", cap.most)


def step_problems(currency: str, path: str, step: RoundingStep | None) -> Iterator[Problem]:
    """A problem where amounts are rounded to a step of another currency."""
    yield from _money(currency, f"{path}.to", None if step is None else step.to)


def _money(currency: str, path: str, value: Quantity | None) -> Iterator[Problem]:
    yield from _quantity(path, value, (currency,) if currency else ())


def _quantity(path: str, value: Quantity | None, units: Units) -> Iterator[Problem]:
    """A problem where a value is in none of the units; a bare 0 fits each."""
    if value is not None and units and value.unit not in units and (value.unit or value.value):
        yield Problem(path, "it is in another unit", str(value), _remedy(units))


def _axis(path: str, curve: Curve, axis: str, units: Units) -> Iterator[Problem]:
    """A problem where the x or y of a curve is in none of the units; a bare 0 fits each."""
    unit = curve.x_unit if axis == "x" else curve.y_unit
    numbers = [knot[0 if axis == "x" else 1] for knot in curve.knots]
    if axis == "y" and curve.then is not None:
        numbers.append(curve.then.per_point)
    if units and unit not in units and (unit or any(numbers)):
        yield Problem(path, f"its {axis} is in another unit", unit or "no unit", _remedy(units))


def _remedy(units: Units) -> str:
    return f"give it in {units[0] or 'percent or as a number'}"


def not_negative(path: str, curve: Curve, remedy: str = "give zero or more") -> Iterator[Problem]:
    """A problem where a curve goes below zero."""
    below = [curve.y_text(y) for _, y in curve.knots if y < 0]
    if curve.then is not None and curve.then.per_point < 0:
        below.append(f"{curve.y_text(curve.then.per_point)} a point")
    if below:
        yield Problem(path, "it goes below zero", below[0], remedy)


def _terms(currency: str, path: str, where: tuple[Where, ...]) -> Iterator[Problem]:
    """What is wrong with the terms of a loan: the terms are those of its events."""
    for item in where:
        here = f"{path}.{item.field}"
        for problem in term_problems(item):
            yield Problem(
                f"{here}{problem.where.removesuffix('.values')}", problem.fault, problem.found, problem.remedy
            )
        for name in ("at_least", "above", "at_most", "below") if item.field == "amount" else ():
            bound: Quantity | None = getattr(item, name)
            if bound is not None and currency and bound.unit not in (currency, ""):
                yield Problem(f"{here}.{name}", "it is in another currency", shown(str(bound)), _remedy((currency,)))
