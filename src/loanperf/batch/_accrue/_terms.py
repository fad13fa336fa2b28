"""Terms over columns: filters of a plan -> which deals fulfil them, and which rate holds for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from loanperf._commission import Component, Rate
from loanperf._commission._rates import constant
from loanperf._curves import Curve
from loanperf._indicators import Where
from loanperf._tables._columns import MISSING, Column, Truth, Whole

Codes = NDArray[np.int64]


@frozen(eq=False)
class DealTerms:
    """What plans ask of some deals."""

    columns: Mapping[str, Column]
    rows: int
    amount: Whole
    """As it is known when they are priced, in smallest units."""
    scale: int
    """Smallest units in one whole of the currency."""

    def fulfil(self, where: Sequence[Where]) -> Truth | None:
        """Which deals fulfil every filter; None where there is none."""
        found: Truth | None = None
        for item in where:
            passed = self._passed(item)
            found = passed if found is None else found & passed
        return found

    def _passed(self, where: Where) -> Truth:
        if where.field == "amount":
            known: Truth = self.amount != MISSING
            return known & _between(where, self.amount, self.scale)
        column = self.columns.get(where.field)
        if where.field == "term_months":
            if column is None:
                return np.zeros(self.rows, dtype=np.bool_)
            passed = _between(where, column.values, 1)
            return passed if column.missing is None else passed & ~column.missing
        if column is None:
            return np.full(self.rows, "" in where.values)
        words = np.array([*(word in where.values for word in column.words), "" in where.values], dtype=np.bool_)
        found: Truth = words[column.values if column.missing is None else np.where(column.missing, -1, column.values)]
        return found


def _between(where: Where, values: Whole, scale: int) -> Truth:
    """Which whole numbers are between bounds in units of `scale`."""
    found = np.ones(len(values), dtype=np.bool_)
    if where.at_least is not None:
        found &= values >= ceil(where.at_least.value * scale)
    if where.above is not None:
        found &= values > floor(where.above.value * scale)
    if where.at_most is not None:
        found &= values <= floor(where.at_most.value * scale)
    if where.below is not None:
        found &= values < ceil(where.below.value * scale)
    return found


def filters_of(component: Component) -> tuple[Where, ...]:
    """Every filter of a component."""
    asked = [*component.where, *(item for rate in component.rates for item in rate.where)]
    return (*asked, *counted_where(component))


def counts_what_is_paid(component: Component) -> bool:
    """Whether what counts for the tier of a component is what it pays, and nothing else."""
    return component.tiers is None or component.tiers.counts == "what is paid"


def counted_where(component: Component) -> tuple[Where, ...]:
    """The terms on which a loan counts for the tier, where they are not those on which it is paid."""
    counts = None if component.tiers is None else component.tiers.counts
    return counts if isinstance(counts, tuple) else ()


def is_known(where: Where) -> bool:
    """Whether columns know such a filter: numbers between bounds, and words."""
    return (where.field in ("amount", "term_months")) != bool(where.values)


def curves_of(component: Component) -> tuple[Curve, ...]:
    """The curves of rates of a component, each once; a single rate is a curve too."""
    rates: tuple[Component | Rate, ...] = (component, *component.rates)
    found = [_curve(rate) for rate in rates]
    return tuple(dict.fromkeys(curve for curve in found if curve is not None))


def chosen(component: Component, terms: DealTerms) -> tuple[Codes | None, Truth | None]:
    """Which of the curves of a component holds for each deal, and for which deals none or two do.

    Returns:
        Places of curves, None where the only one holds for all; and the deals in doubt, None where there are none.
    """
    if not component.rates:
        return None, None
    places = {curve: place for place, curve in enumerate(curves_of(component))}
    own = _curve(component)
    best = np.full(terms.rows, -1)
    code = np.full(terms.rows, -1 if own is None else places[own])
    twice = np.zeros(terms.rows, dtype=np.bool_)
    for rate in component.rates:
        passed, curve, many = terms.fulfil(rate.where), _curve(rate), len(rate.where)
        fits = np.ones(terms.rows, dtype=np.bool_) if passed is None else passed
        better = fits & (best < many)
        twice = (twice & ~better) | (fits & (best == many))
        code[better] = -1 if curve is None else places[curve]
        best[better] = many
    doubt = twice | (code < 0)
    return code, doubt if doubt.any() else None


def _curve(rate: Rate | Component) -> Curve | None:
    """A curve of rates, or one rate as a curve."""
    return rate.curve if rate.rate is None else constant(rate.rate)
