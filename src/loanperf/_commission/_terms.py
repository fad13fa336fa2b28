"""Terms: what the filters of a plan may ask of a loan; see `Eligible` for which loans fulfil them."""

from __future__ import annotations

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
