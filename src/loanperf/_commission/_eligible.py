"""Eligible: filters of a plan and loans -> which loans fulfil them, and which rate holds for each."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from attrs import field, frozen

from loanperf._commission._deals import Deals
from loanperf._commission._plan import Component, Rate
from loanperf._commission._rates import terms_text
from loanperf._indicators import Where
from loanperf._numbers import Below, Places, Truth, Whole, above, at_least, nowhere
from loanperf._tables._columns import is_there
from loanperf.errors import DataError

NO_RATE_FITS, TWO_RATES_FIT = -1, -2
"""In place of a rate."""


@frozen(eq=False, kw_only=True)
class SizedDeals:
    """Loans that filters are asked of: deals, and their amounts as known on some day."""

    deal: Places
    top: Whole
    """The amount in whole currency of the plan, over `below`."""
    below: Below
    known: Truth
    """Whether an amount is known; what is not known fulfils no filter."""


@frozen(eq=False)
class Eligible:
    """Filters, each worked out once for all loans; those of amounts for each question."""

    deals: Deals
    _fulfilled: dict[Where, Truth] = field(factory=dict, init=False)

    def fits(self, where: Sequence[Where], asked: SizedDeals) -> Truth:
        """Whether each loan fulfils every filter."""
        found = ~nowhere(len(asked.deal))
        for item in where:
            if item.field == "amount":
                found &= asked.known & _within(item, asked.top, asked.below)
            else:
                found &= self._of_loans(item)[asked.deal]
        return found

    def fits_but_amount(self, where: Sequence[Where], asked: SizedDeals) -> Truth:
        """The same, of loans whose amount is not known without its filters."""
        of_amounts = [item for item in where if item.field == "amount"]
        others = [item for item in where if item.field != "amount"]
        return self.fits(others, asked) & (~asked.known | self.fits(of_amounts, asked))

    def counts(self, component: Component, asked: SizedDeals) -> Truth:
        """Whether each loan counts for the tiers of a component; without tiers none does."""
        if component.tiers is None:
            return nowhere(len(asked.deal))
        counts = component.tiers.counts
        if counts == "every loan":
            return ~nowhere(len(asked.deal))
        return self.fits(component.where if counts == "what is paid" else counts, asked)

    def rates(self, component: Component, asked: SizedDeals) -> Places:
        """The rate that holds for each loan: of those whose terms it fulfils, the one with most terms.

        Returns:
            Places in `component.rates`; one more is the component's own rate; `NO_RATE_FITS` or `TWO_RATES_FIT`.
        """
        size, stated = len(asked.deal), component.rate is not None or component.curve is not None
        found = np.repeat(len(component.rates) if stated else NO_RATE_FITS, size)
        most = np.repeat(-1, size)
        for place, rate in enumerate(component.rates):
            good, terms = self.fits(rate.where, asked), len(rate.where)
            found = np.where(good & (terms == most), TWO_RATES_FIT, np.where(good & (terms > most), place, found))
            most = np.where(good, np.maximum(most, terms), most)
        return found

    def rate_error(self, component: Component, asked: SizedDeals, row: int) -> DataError:
        """What is wrong with a loan for which no rate holds, or two do."""
        one = SizedDeals(
            deal=asked.deal[row : row + 1],
            top=asked.top[row : row + 1],
            below=asked.below if isinstance(asked.below, int) else asked.below[row : row + 1],
            known=asked.known[row : row + 1],
        )
        fitting = [rate for rate in component.rates if self.fits(rate.where, one).all()]
        terms = ", ".join(
            f"{name} {value}" for name, value in sorted(self.terms(one, 0).items()) if value not in (None, "")
        )
        return _no_rate(component, fitting, terms)

    def terms(self, asked: SizedDeals, row: int) -> dict[str, object]:
        """What the terms of a plan can ask of one loan."""
        deal, below = int(asked.deal[row]), asked.below if isinstance(asked.below, int) else int(asked.below[row])
        found: dict[str, object] = {name: self.deals.column(name).at(deal) or "" for name in _TEXTS}
        found["term_months"] = self.deals.column("term_months").at(deal)
        found["amount"] = Fraction(int(asked.top[row]), below) if asked.known[row] else None
        return found

    def _of_loans(self, item: Where) -> Truth:
        """Whether each deal fulfils a filter of what is known of it from the start."""
        if item not in self._fulfilled:
            column = self.deals.column(item.field)
            if column.kind == "text":
                chosen = np.array([*(word in item.values for word in column.words), "" in item.values])
                self._fulfilled[item] = chosen[column.values]
            else:
                self._fulfilled[item] = is_there(column) & _within(item, column.values, 1)
        return self._fulfilled[item]


_TEXTS = ("product", "segment", "collateral", "customer_type")


def _within(item: Where, top: Whole, below: Below) -> Truth:
    """Whether quotients are within the bounds of a filter."""
    found = ~nowhere(len(top))
    if item.at_least is not None:
        found &= at_least(top, below, item.at_least.value)
    if item.above is not None:
        found &= above(top, below, item.above.value)
    if item.at_most is not None:
        found &= ~above(top, below, item.at_most.value)
    if item.below is not None:
        found &= ~at_least(top, below, item.below.value)
    return found


def rate_of_all(component: Component) -> tuple[int, DataError | None]:
    """The rate that holds for what is no loan's, of which no term holds; see `Eligible.rates`."""
    fitting = [place for place, rate in enumerate(component.rates) if not rate.where]
    stated = component.rate is not None or component.curve is not None
    if len(fitting) > 1 or not (fitting or stated):
        return TWO_RATES_FIT if fitting else NO_RATE_FITS, _no_rate(
            component, [component.rates[place] for place in fitting], ""
        )
    return fitting[0] if fitting else len(component.rates), None


def _no_rate(component: Component, fitting: Sequence[Rate], terms: str) -> DataError:
    """What is wrong where no rate fits, or of those that fit two have most terms."""
    where = f"rates of {component.code!r}"
    if fitting:
        most = max(len(rate.where) for rate in fitting)
        names = " and ".join(terms_text(rate) for rate in fitting if len(rate.where) == most)
        return DataError(where, f"two fit equally: {names}", "add a term to one of them")
    known = "; ".join(terms_text(rate) for rate in component.rates)
    fault = f"no rate fits a loan of {terms or 'unknown terms'}; there are rates for {known}"
    return DataError(where, fault, "add one, or state rate = '0%' for all others")
