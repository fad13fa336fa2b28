"""What must hold between a commission plan and the rest of its scheme; every problem with its path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from loanperf._commission import Cap, Component, Multiplier, PayRules, Plan, Rate, Tiers
from loanperf._curves import Curve
from loanperf._indicators import Kind, Total, Where, check_measure
from loanperf._quantities import Quantity
from loanperf._scheme._known import Names, gate_problems, ratio_problems, units_of
from loanperf.errors import Problem, shown

Units = tuple[str, ...]
"""Units in which something may be written, the usual one first; none where that cannot be told."""
PURE: Units = ("",)
MONEY_BASES = frozenset({"contracted", "disbursed", "balance", "interest margin", "team"})
"""Bases in money, of which a rate is a share."""


def plan_problems(names: Names, currency: str, plans: Iterable[Plan]) -> Iterator[Problem]:
    """What is wrong between the plans of a scheme and its indicators, its currency and each other.

    Args:
        names: codes that plans may refer to.
        currency: of the scheme; empty where it is not known, and amounts are not checked.
        plans: of the scheme.
    """
    seen: dict[tuple[str, ...], str] = {}
    for plan in plans:
        path = f"$.plans.{plan.code}"
        for component in plan.components:
            yield from _component(names, currency, component, f"{path}.components.{component.code}")
        yield from _of_pay(names, currency, plan, path)
        conditions = (plan.role, plan.product_line, plan.tier, plan.unit)
        if seen.setdefault(conditions, plan.code) != plan.code:
            fault = f"plans {seen[conditions]!r} and {plan.code!r} are for the same payees"
            yield Problem(path, fault, "", "keep one, or add a condition")


def pay_problems(currency: str, pay: PayRules | None) -> Iterator[Problem]:
    """What is wrong between the pay rules of a scheme and its currency."""
    if pay is not None:
        yield from _money(currency, "$.pay.guard_floor", pay.guard_floor)
        yield from _cap(currency, "$.pay.person_most", pay.person_most)
        yield from _cap(currency, "$.pay.payment_most", pay.payment_most)


def _of_pay(names: Names, currency: str, plan: Plan, path: str) -> Iterator[Problem]:
    """Gates, caps, holdback, clawbacks, draws and the ramp of a plan."""
    if plan.ramp is not None:
        yield from _axis(f"{path}.ramp", plan.ramp, "x", PURE)
        yield from _axis(f"{path}.ramp", plan.ramp, "y", PURE)
        yield from _not_negative(f"{path}.ramp", plan.ramp)
    for index, gate in enumerate(plan.gates):
        yield from gate_problems(names, currency, gate, f"{path}.gates[{index}]")
    yield from _cap(currency, f"{path}.most", plan.most)
    if plan.holdback is not None and currency:
        yield from _axis(f"{path}.holdback.share", plan.holdback.share, "x", (currency,))
    for index, clawback in enumerate(plan.clawbacks):
        yield from _axis(f"{path}.clawbacks[{index}].share", clawback.share, "x", ("month", ""))
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
        yield from _not_negative(f"{path}.weighed_by", component.weighed_by)
    if component.tiers is not None:
        yield from _tiers(names, currency, component, component.tiers, f"{path}.tiers")
    yield from _rates(names, currency, component, path)
    for index, multiplier in enumerate(component.multipliers):
        yield from _multiplier(names, currency, multiplier, f"{path}.multipliers[{index}]")


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
        yield from _quantity(f"{where}.rate", rate.rate, rate_units)
        if rate.curve is not None:
            yield from _axis(f"{where}.curve", rate.curve, "y", rate_units)
            yield from _axis(f"{where}.curve", rate.curve, "x", x_units)
            if component.tiers is not None and _read_at_ratio(names, component.tiers):
                yield from ratio_problems(f"{where}.curve", "x", rate.curve.bare_x)
    for rate, where in held[1:]:
        yield from _terms(currency, f"{where}.where", rate.where)
    seen: dict[object, int] = {}
    for index, rate in enumerate(component.rates):
        if (first := seen.setdefault(_terms_of(rate), index)) != index:
            fault = f"rates[{first}] and rates[{index}] are for the same loans"
            yield Problem(f"{path}.rates[{index}]", fault, "", "keep one, or add a term")


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
    return "attainment" in tiers.by or (tiers.by == "indicator" and _is_ratio(names, tiers.indicator))


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


def _multiplier(names: Names, currency: str, multiplier: Multiplier, path: str) -> Iterator[Problem]:
    yield from names.unknown(f"{path}.indicator", multiplier.indicator, names.indicators, "indicator")
    value = multiplier.of == "value"
    units = _units_of_reading(names, currency, multiplier.indicator) if value else PURE
    yield from _axis(f"{path}.curve", multiplier.curve, "x", units)
    if not value or _is_ratio(names, multiplier.indicator):
        yield from ratio_problems(f"{path}.curve", "x", multiplier.curve.bare_x)
    yield from _axis(f"{path}.curve", multiplier.curve, "y", PURE)
    yield from _not_negative(f"{path}.curve", multiplier.curve)


# ── units and terms ─────────────────────────────────────────────────────────────────────────────────────────


def _cap(currency: str, path: str, cap: Cap | None) -> Iterator[Problem]:
    if cap is not None:
        yield from _money(currency, f"{path}.most", cap.most)


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


def _not_negative(path: str, curve: Curve) -> Iterator[Problem]:
    below = [curve.y_text(y) for _, y in curve.knots if y < 0]
    if curve.then is not None and curve.then.per_point < 0:
        below.append(f"{curve.y_text(curve.then.per_point)} a point")
    if below:
        yield Problem(path, "it goes below zero", below[0], "give zero or more")


def _terms(currency: str, path: str, where: tuple[Where, ...]) -> Iterator[Problem]:
    """What is wrong with the terms of a loan: the terms are those of its events."""
    for item in where:
        here = f"{path}.{item.field}"
        for problem in check_measure(Total(over="loan events", where=(item,)), ""):
            key = problem.where.removeprefix(".where[0]").removesuffix(".values")
            yield Problem(f"{here}{key}", problem.fault, problem.found, problem.remedy)
        for name in ("at_least", "above", "at_most", "below") if item.field == "amount" else ():
            bound: Quantity | None = getattr(item, name)
            if bound is not None and currency and bound.unit not in (currency, ""):
                yield Problem(f"{here}.{name}", "it is in another currency", shown(str(bound)), _remedy((currency,)))
