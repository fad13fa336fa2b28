"""Contexts: what the prices of one payee and component look at besides the deals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from loanperf._commission._accrual import DatedPlan
from loanperf._commission._books import Books
from loanperf._commission._lots import Context
from loanperf._commission._plan import Component
from loanperf._commission._rates import ZERO, WindowSums
from loanperf._periods import Period


def context_of(books: Books, payee: str, dated: DatedPlan, component: Component) -> Context:
    """What the prices of one payee and component look at besides the deals."""
    tiers, plan = component.tiers, dated.plan

    def period(on: date) -> Period:
        return books.periods[max(books.index(on), 0)]

    def window(on: date) -> object:
        if tiers is None or tiers.accumulates in ("period", "rolling"):
            return books.index(on)
        return {"year": on.year, "half": (on.year, on.month > 6), "quarter": (on.year, (on.month - 1) // 3)}.get(
            tiers.resets, 0
        )

    def before(window: object, sums: Mapping[object, WindowSums]) -> Fraction:
        if tiers is None or tiers.accumulates != "rolling" or not isinstance(window, int):
            return ZERO
        rolled = range(window - tiers.periods + 1, window)
        return sum((sums[index].tier for index in rolled if index in sums), ZERO)

    def quota(on: date) -> Fraction:
        if tiers is None or tiers.by != "attainment":
            return Fraction(1)
        return books.quota(payee, period(on), plan, tiers)

    def at(on: date) -> Fraction | None:
        if tiers is None or not tiers.are_read:
            return None
        attained = "/attainment" if tiers.by == "indicator attainment" else ""
        curves = [component.curve, *(rate.curve for rate in component.rates)]
        curve = next((item for item in curves if item is not None), None)
        return books.look(payee, period(on), plan)(f"{tiers.indicator}{attained}", curve)

    return Context(component=component, window=window, before=before, quota=quota, at=at, currency=dated.currency)
