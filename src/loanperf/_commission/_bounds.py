"""Bounds: what a rate of pay may be, a share of 0% to 100% or a price, unless the plan says that it deducts."""

from __future__ import annotations

from fractions import Fraction

from loanperf._curves import Curve
from loanperf._quantities import CURRENCIES, Quantity, percent
from loanperf._validators import LARGEST_FACTOR
from loanperf.errors import DataError


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
