"""Checks: what a plan may say of rates, a share of 0% to 100% or a price, and of the loans that it is for."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from loanperf._curves import Curve
from loanperf._indicators import Total, Where, bounds_of, check_measure
from loanperf._quantities import CURRENCIES, Quantity, percent
from loanperf._validators import LARGEST_FACTOR
from loanperf.errors import DataError, shown


def largest_rate(base: str, total: str, per: Quantity | None) -> Fraction:
    """The largest rate without a currency: all of the base, or of the average of a team several times that.

    Args:
        base: what the rate is taken of.
        total: `sum` or `average`, where that is the pay of a team.
        per: how much of the base the rate is for.
    """
    if base == "team" and total == "average":
        return LARGEST_FACTOR
    return Fraction(1) if per is None else per.value


def check_rate(where: str, rate: Quantity | Curve, *, per: Quantity | None, largest: Fraction, deducts: bool) -> None:
    """Refuse a rate that pays more than its base, or less than nothing where the plan does not say that it deducts.

    Raises:
        DataError: it does.
    """
    if isinstance(rate, Curve):
        unit, values = rate.y_unit, [y for _, y in rate.knots]
        values += [rate.then.per_point] if rate.then is not None else []
    else:
        unit, values = rate.unit, [rate.value]
    is_share = not unit or (unit in CURRENCIES and per is not None and per.unit == unit)
    for value in values:
        found = str(Quantity(value, unit)) if unit else percent(value)
        if value < 0 and not deducts:
            remedy = "give zero or more, or write deducts = true where it takes from pay"
            raise DataError(where, f"it is negative (found {found})", remedy)
        if is_share and abs(value) > largest:
            most = str(Quantity(largest, unit)) if unit else percent(largest)
            raise DataError(where, f"it is more than {most} (found {found})", f"give {most} at most")


TERMS = frozenset({"product", "segment", "collateral", "customer_type", "amount", "term_months"})
"""What the terms of a plan can ask of a loan."""


def check_terms(instance: object, attribute: Any, value: tuple[Any, ...]) -> None:
    """A validator: filters on what a plan knows of a loan."""
    for item in value:
        if not isinstance(item, Where) or item.field not in TERMS:
            found = shown(item.field if isinstance(item, Where) else item)
            known = ", ".join(sorted(TERMS))
            where = f"{type(instance).__name__}.{attribute.name}"
            raise DataError(where, f"a loan has no such term (found {found})", f"use one of {known}")


def must_be_terms(path: str, currency: str, where: tuple[Where, ...]) -> None:
    """Refuse filters that no loan can be compared with, such as bounds of a product, or of an amount in yen of yuan.

    Raises:
        DataError: there is one.
    """
    for item in where:
        for problem in check_measure(Total(over="loan events", where=(item,)), item.field):
            found = f" (found {problem.found})" if problem.found else ""
            raise DataError(f"{path}, {item.field}", f"{problem.fault}{found}", problem.remedy)
        for bound in bounds_of(item).values() if item.field == "amount" else ():
            if bound.unit not in (currency, ""):
                raise DataError(f"{path}, amount", f"{bound} is in another currency", f"give it in {currency}")
