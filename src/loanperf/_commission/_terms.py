"""Terms: filters of a plan, and what is known of a loan -> whether it fulfils them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loanperf._indicators import Total, Where, bounds_of, check_measure
from loanperf.errors import DataError, shown

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


def fits(where: tuple[Where, ...], values: Mapping[str, Any]) -> bool:
    """Whether a loan, by its terms, fulfils every filter; what is not known of it fulfils none."""
    return all(_passes(item, values.get(item.field)) for item in where)


def _passes(where: Where, value: Any) -> bool:
    if value is None:
        return False
    if where.values:
        return value in where.values
    return (
        (where.at_least is None or value >= where.at_least.value)
        and (where.above is None or value > where.above.value)
        and (where.at_most is None or value <= where.at_most.value)
        and (where.below is None or value < where.below.value)
    )
