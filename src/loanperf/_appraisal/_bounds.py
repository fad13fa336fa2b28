"""Bounds: (indicator, value) -> what is wrong with a reading or target that the indicator cannot have."""

from __future__ import annotations

from fractions import Fraction

from loanperf._indicators import Indicator, Kind
from loanperf._quantities import Quantity
from loanperf._scorecard import value_text


def beyond_bounds(indicator: Indicator, value: Quantity) -> tuple[str, str] | None:
    """What is wrong with a reading or target that the indicator cannot have, and what to do; None where it can be.

    Both bounds are included. Of a ratio of 1000% or more, a hundredth may be meant: 8500% is 85 without its sign.

    >>> from fractions import Fraction
    >>> from loanperf._indicators import npl_ratio
    >>> beyond_bounds(npl_ratio(), Quantity(Fraction(-2, 100)))
    ('it is -2%, below 0%', "write '2%' if the sign is a slip, else mend it where it comes from")
    """
    below = indicator.least is not None and value.value < indicator.least
    bound = indicator.least if below else indicator.most
    if bound is None or (not below and value.value <= bound):
        return None
    found, limit, turned = (
        value_text(indicator, Quantity(number, value.unit)) for number in (value.value, bound, -value.value)
    )
    if below:
        slip = f"write '{turned}' if the sign is a slip, else mend it where it comes from"
        return f"it is {found}, below {limit}", slip if value.value < 0 else f"give {limit} or more"
    hundredth = Quantity(Fraction(value.value.numerator, value.value.denominator * 100), value.unit)
    if indicator.kind is Kind.RATIO and value.value >= 10 and beyond_bounds(indicator, hundredth) is None:
        meant = value_text(indicator, hundredth)
        return f"it is {found}, above {limit}", f"write '{meant}' if that is meant, else give {limit} at most"
    return f"it is {found}, above {limit}", f"give {limit} at most"
