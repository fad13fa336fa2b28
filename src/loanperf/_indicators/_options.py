"""Options: what a scheme writes for an indicator -> its measure, checked."""

from __future__ import annotations

from fractions import Fraction
from typing import TypeVar

from loanperf._explanations import Label
from loanperf._indicators._fields import check_indicator
from loanperf._indicators._types import Direction, Indicator, Kind, Measure, Where
from loanperf._quantities import Number, quantity
from loanperf.errors import MeasureError, shown

PRACTICE = "field practice"

LARGEST_SHARE = Fraction(10)
"""1000%: no share comes near it by any convention, and 85 for 85% is far beyond."""

_T = TypeVar("_T")


def yes(name: str) -> Where:
    """The filter that takes the rows of which a truth holds."""
    return Where(field=name, values=(True,))


def chosen(code: str, option: str, value: str, choices: dict[str, _T]) -> _T:
    """What a choice stands for; any other choice is refused."""
    for choice, meaning in choices.items():
        if value == choice:
            return meaning
    known = " or ".join(repr(choice) for choice in choices)
    raise MeasureError(f"indicator {code}", f"option {option} is {shown(value)}", f"use {known}")


def number(code: str, option: str, value: Number, unit: str) -> Fraction:
    """A number of zero or more in a unit; a bare number takes the unit."""
    found = quantity(value, default=unit)
    if found.unit != unit or found.value < 0:
        remedy = f"give {f'0 {unit}'.strip()} or more"
        raise MeasureError(f"indicator {code}", f"option {option} is {str(value)!r}", remedy)
    return found.value


def made(
    code: str,
    name: Label,
    dimension: str,
    kind: Kind,
    measure: Measure,
    formula: Label,
    *,
    source: str = PRACTICE,
    direction: Direction = Direction.HIGHER,
) -> Indicator:
    """The indicator, unless an option that went straight into its measure, such as `held_at`, has no meaning."""
    indicator = Indicator(
        code=code,
        name=name,
        dimension=dimension,
        direction=direction,
        kind=kind,
        formula=formula,
        source=source,
        measure=measure,
        most=LARGEST_SHARE if kind is Kind.RATIO else None,
    )
    for problem in check_indicator(indicator, f"indicator {code}"):
        raise MeasureError(problem.where, f"{problem.fault} (found {problem.found})", problem.remedy)
    return indicator
