"""Worth: a total -> what a row gives to it, as a function made once; the twin of what `measure` works out each time.

A row is anything whose fields can be picked: a tuple by place, or a row of a view by attribute. Amounts are whole
numbers in units of 1 / `unit_of(total)`, and Fractions only where a weight or the field itself is one.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from math import ceil, floor
from operator import ge, gt, le, lt
from typing import Any, TypeAlias

from attrs import frozen

from loanperf._indicators import FIELDS, Total, Where
from loanperf._indicators._fields import bounds_of
from loanperf._quantities import CURRENCIES

Exact: TypeAlias = "int | Fraction"
Pick: TypeAlias = Callable[[Any], Any]
"""One field of a row."""
Worth: TypeAlias = Callable[[Any], "Exact | None"]
"""What a row gives: 0 where it is filtered out, None where a field that is needed is unknown."""
_Test: TypeAlias = Callable[[Any], "bool | None"]

_WHOLE = ("money", "number", "days")
"""Kinds of fields that hold whole numbers."""


@frozen
class Units:
    """Units in one whole of each field: smallest units of money, and of an average one part for each day."""

    currency: str
    days: int

    def of(self, total: Total, name: str) -> int:
        """Units in one whole of a field of a total's rows."""
        whole = 10 ** CURRENCIES[self.currency] if FIELDS[total.over][name].kind == "money" else 1
        return whole * self.days if (total.over, name) == ("loans", "average_balance") else whole

    def of_total(self, total: Total) -> int:
        """Units in one whole of what a total sums."""
        return self.of(total, total.sum) if total.sum else 1


def one(_: Any) -> int:
    """Each row counts as one."""
    return 1


def worth_of(total: Total, pick: Callable[[str], Pick], units: Units, decided: str = "") -> Worth:
    """What a row gives to a total.

    Args:
        total: checked, as `measure` checks it.
        pick: gives the function that picks a field of a row.
        units: of the fields.
        decided: a field whose filters are left out, since every row passes them.
    """
    tests = [_test(total, where, pick, units) for where in total.where if where.field != decided]
    amount: Worth = pick(total.sum) if total.sum else one
    if total.weights is not None:
        amount = _weighed(total, amount, pick, units)
    if not tests:
        return amount
    if len(tests) == 1:
        return _if_it_passes(tests[0], amount)
    return _if_all_pass(tests, amount)


def _if_it_passes(test: _Test, amount: Worth) -> Worth:
    def worth(row: Any) -> Exact | None:
        passes = test(row)
        if passes:
            return amount(row)
        return None if passes is None else 0

    return worth


def _if_all_pass(tests: list[_Test], amount: Worth) -> Worth:
    def worth(row: Any) -> Exact | None:
        for test in tests:
            passes = test(row)
            if not passes:
                return None if passes is None else 0
        return amount(row)

    return worth


def _weighed(total: Total, amount: Worth, pick: Callable[[str], Pick], units: Units) -> Worth:
    at, whole, weights = pick(total.weighed_by), units.of(total, total.weighed_by), total.weights

    def worth(row: Any) -> Exact | None:
        counted, place = amount(row), at(row)
        if counted is None or place is None or weights is None:
            return None
        return counted * weights.at(Fraction(place, whole))

    return worth


def _test(total: Total, where: Where, pick: Callable[[str], Pick], units: Units) -> _Test:
    field, get = FIELDS[total.over][where.field], pick(where.field)
    passes = _in(where) if where.values else _within(where, units.of(total, where.field), whole=field.kind in _WHOLE)
    if field.unknown:

        def known(row: Any) -> bool | None:
            value = get(row)
            return None if value is None else passes(value)

        return known
    return lambda row: passes(get(row))


def _in(where: Where) -> Callable[[Any], bool]:
    return frozenset(where.values).__contains__


def _within(where: Where, scale: int, *, whole: bool) -> Callable[[Any], bool]:
    """Whether a value keeps its bounds; the bounds of whole numbers become whole numbers themselves."""
    tests: list[Callable[[Any], bool]] = []
    for name, bound in bounds_of(where).items():
        at, (holds, nearest) = bound.value * scale, _BOUNDS[name]
        tests.append(partial(holds, nearest(at) if whole else at))
    if len(tests) == 1:
        return tests[0]
    return lambda value: all(test(value) for test in tests)


_BOUNDS: dict[str, tuple[Callable[[Any, Any], bool], Callable[[Fraction], int]]] = {
    "at_least": (le, ceil),
    "above": (lt, floor),
    "at_most": (ge, floor),
    "below": (gt, ceil),
}
"""How a bound compares with a value, the bound first, and the whole number that bounds whole values alike."""
