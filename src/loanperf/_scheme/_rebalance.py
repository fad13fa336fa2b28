"""Rebalance: weights and changes of some -> weights of all that sum to exactly 100%."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from loanperf._allocation import TieBreak, allocate
from loanperf._quantities import Number, percent, ratio
from loanperf._scorecard import Constraint, Weights, broken, check_weights
from loanperf.errors import UnknownIndicatorError, WeightsError


def rebalance(
    weights: Weights,
    changes: Mapping[str, Number],
    *,
    dimensions: Mapping[str, str],
    step: Number = "1%",
    tie_break: TieBreak = "largest weight",
    require: Iterable[Constraint] = (),
    profile: str = "",
) -> Weights:
    """Set the weights of some indicators or dimensions; the others scale in proportion to land on exactly 100%.

    A dimension is set by scaling its indicators in proportion. Shares fall on whole steps by largest remainder,
    which keeps the order of those that scale. Where the others keep their total, they stay as they are.

    Args:
        weights: sum to exactly 1.
        changes: new weights by code of indicator or dimension.
        dimensions: the dimension of each indicator code.
        step: what a scaled weight is a multiple of.
        tie_break: who gets a step that two are equally entitled to.
        require: constraints of the phase that the result must keep.
        profile: named in errors.

    Raises:
        WeightsError: the changes are below 0%, exceed 100%, leave nothing to scale, are not whole in steps, or break
            a constraint.
        UnknownIndicatorError: a code that is neither an indicator with a weight nor a dimension.
        UnitError: a weight or the step has a unit.

    >>> before = (("npl_ratio", Fraction("0.3")), ("retention_rate", Fraction("0.1")), ("loan_amount", Fraction("0.6")))
    >>> after = rebalance(before, {"npl_ratio": "25%", "retention_rate": "15%"}, dimensions={})
    >>> [percent(weight) for _, weight in after]
    ['25%', '15%', '60%']
    """
    new = {code: ratio(weight, f"the weight of {code!r}") for code, weight in weights}
    fixed: set[str] = set()
    size = ratio(step, "the step")
    if size <= 0:
        raise WeightsError(profile, f"the step is {percent(size)}", "give a step above 0%, such as 1%")
    for code, change in changes.items():
        share = ratio(change, f"the weight of {code!r}")
        if share < 0:
            raise WeightsError(profile, f"{code!r} would weigh {percent(share)}", "give a weight of 0% or more")
        group = (code,) if code in new else tuple(item for item in new if dimensions.get(item) == code)
        if not group:
            raise UnknownIndicatorError(code, (*new, *sorted(set(dimensions.values()))))
        if fixed & set(group):
            raise WeightsError(profile, f"{code!r} is set twice", "set an indicator or its dimension, not both")
        new |= _scaled(new, group, share, size, tie_break, profile)
        fixed |= set(group)
    rest = tuple(code for code in new if code not in fixed)
    left = 1 - sum((new[code] for code in fixed), Fraction(0))
    if rest or left:
        new |= _scaled(new, rest, left, size, tie_break, profile)
    result = tuple(new.items())
    check_weights(profile, result)
    if fault := broken(result, require, dimensions):
        raise WeightsError(profile, fault, "the phase does not allow this change; change less, or another weight too")
    return result


def _scaled(
    weights: Mapping[str, Fraction],
    group: tuple[str, ...],
    total: Fraction,
    step: Fraction,
    tie_break: TieBreak,
    profile: str,
) -> dict[str, Fraction]:
    """The weights of a group, scaled in proportion to a new total."""
    held = [weights[code] for code in group]
    if sum(held, Fraction(0)) == total:
        return {}
    if total < 0:
        raise WeightsError(profile, f"the changes exceed 100% by {percent(-total)}", "set less")
    if len(group) == 1:
        return {group[0]: total}
    if not any(held):
        raise WeightsError(profile, "the changes leave nothing that can scale", "make them sum to 100% themselves")
    if (total / step).denominator != 1:
        fault = f"{percent(total)} is not a whole number of steps of {percent(step)}"
        raise WeightsError(profile, fault, "give a finer step")
    parts = allocate(total, held, step=step, tie_break=tie_break)
    return dict(zip(group, parts, strict=True))
