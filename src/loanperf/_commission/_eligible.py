"""Eligible: filters of a plan and loans -> which loans fulfil them, and which rate holds for each."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from operator import ge, gt, le, lt

import numpy as np
from attrs import field, frozen

from loanperf._commission._deals import Deals
from loanperf._commission._plan import Component
from loanperf._commission._rates import terms_text
from loanperf._commission._tiers import OF_DAYS, OWN_RATES, RECEIPTS, TERMS, TEXT_TERMS, Rate, asked_terms, stated_rates
from loanperf._facts import EVENT_PLACES, EventKind
from loanperf._indicators import Where, bounds_of
from loanperf._numbers import Age, Below, Columns, Places, Truth, Whole, above, as_of, at_least, days_of_age, nowhere
from loanperf._quantities import percent
from loanperf.errors import DataError

NO_RATE_FITS, TWO_RATES_FIT = -1, -2
"""In place of a rate."""


@frozen(eq=False, kw_only=True)
class SizedDeals(Columns):
    """Loans that filters are asked of: deals, and their amounts as known on some day."""

    deal: Places
    top: Whole
    """The amount in whole currency of the plan, over `below`."""
    below: Below
    known: Truth
    """Whether an amount is known; what is not known fulfils no filter."""
    on: Whole | None = None
    """The day of each question; without it, filters that ask for a day are passed over."""
    receipt: Places | None = None
    """What came in then, as a place in `RECEIPTS`; None where nothing did."""


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
            elif item.field in OF_DAYS:
                found &= self._on_day(item, asked)
            else:
                found &= self._of_loans(item)[asked.deal]
        return found

    def fits_but_amount(self, where: Sequence[Where], asked: SizedDeals) -> Truth:
        """Whether each loan fulfils every filter; filters of the amount are passed over where no amount is known."""
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
        """The rate that holds for each loan: of those whose terms it fulfils, the first, or the one with most terms.

        Returns:
            Places in `component.rates`; one more is the component's own rate; `NO_RATE_FITS` or `TWO_RATES_FIT`.
        """
        size, stated = len(asked.deal), bool(stated_rates(component))
        found = np.repeat(len(component.rates) if stated else NO_RATE_FITS, size)
        most, many = np.repeat(-1, size), len(component.rates)
        for place, rate in enumerate(component.rates):
            good = self.fits(rate.where, asked)
            terms = many - place if component.rates_by == "first" else len(rate.where)
            found = np.where(good & (terms == most), TWO_RATES_FIT, np.where(good & (terms > most), place, found))
            most = np.where(good, np.maximum(most, terms), most)
        return found

    def rate_error(self, component: Component, asked: SizedDeals, row: int) -> DataError:
        """What is wrong with a loan for which no rate holds, or two do."""
        one = asked.some(slice(row, row + 1))
        fitting = [rate for rate in component.rates if self.fits(rate.where, one).all()]
        asked_for = {term.field for rate in component.rates for term in rate.where} | (TERMS - OWN_RATES)
        known = [(name, value) for name, value in sorted(self.terms(one, 0).items()) if name in asked_for]
        terms = ", ".join(f"{name} {value}" for name, value in known if value not in (None, ""))
        return _no_rate(component, fitting, terms)

    def terms(self, asked: SizedDeals, row: int) -> dict[str, object]:
        """What the terms of a plan can ask of one loan."""
        deal, below = int(asked.deal[row]), asked.below if isinstance(asked.below, int) else int(asked.below[row])
        found: dict[str, object] = {name: self.deals.column(name).at(deal) or "" for name in TEXT_TERMS}
        found["term_months"] = self.deals.column("term_months").at(deal)
        found["amount"] = Fraction(int(asked.top[row]), below) if asked.known[row] else None
        for name in sorted(OWN_RATES):
            known = self.deals.numbers(name, asked.deal[row : row + 1])
            exact = Fraction(int(known.top[0]), int(known.below[0]))
            found[name] = None if known.faulty[0] else percent(exact)
        if asked.on is not None:
            day = asked.on[row : row + 1]
            found["age"] = f"{int(day[0] - self.deals.opened[deal])} days"
            found["days_past_due"] = int(self._past_due(asked.deal[row : row + 1], day)[0])
        return found

    def _on_day(self, item: Where, asked: SizedDeals) -> Truth:
        """Whether each loan fulfils a filter on its day."""
        if asked.on is None:
            return ~nowhere(len(asked.deal))
        if item.field == "receipt":
            chosen = np.array([*(name in item.values for name in RECEIPTS), False])
            found: Truth = chosen[asked.deal * 0 - 1 if asked.receipt is None else asked.receipt]
            return found
        if item.field == "days_past_due":
            return _within(item, self._past_due(asked.deal, asked.on), 1)
        return _within_age(item, self.deals.opened[asked.deal], asked.on)

    def _past_due(self, deal: Places, on: Whole) -> Whole:
        """How many days deals were past due, as last said by the end of days; 0 where nothing was."""
        said = self.deals.events(EventKind.PAST_DUE)
        days = self.deals.facts.tables[EVENT_PLACES[EventKind.PAST_DUE]]["days"].values[said.row]
        return np.append(days, 0)[as_of(said.deal, said.on, deal, on)] if len(said) else deal * 0

    def _of_loans(self, item: Where) -> Truth:
        """Whether each deal fulfils a filter of what is known of it from the start."""
        if item not in self._fulfilled:
            column = self.deals.column(item.field)
            if column.kind == "text":
                chosen = np.array([*(word in item.values for word in column.words), "" in item.values])
                self._fulfilled[item] = chosen[column.values]
            else:
                known = self.deals.numbers(item.field, np.arange(len(self.deals)))
                self._fulfilled[item] = ~known.faulty & _within(item, known.top, known.below)
        return self._fulfilled[item]


def asks_amount(component: Component) -> bool:
    """Whether a term of a component asks for the amount of a loan."""
    return any(term.field == "amount" for term in asked_terms(component))


_COMPARED = {"at_least": ge, "above": gt, "at_most": le, "below": lt}
"""How what is known is compared with each bound."""


def _within_age(item: Where, opened: Whole, on: Whole) -> Truth:
    """Whether days are within an age of loans: of 12 months it is the same day of the month, a year after opening."""
    found = ~nowhere(len(on))
    for name, bound in bounds_of(item).items():
        reached = days_of_age(opened, Age(int(bound.value), bound.unit))
        found &= _COMPARED[name](on, reached)
    return found


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
    fitting = fitting[:1] if component.rates_by == "first" else fitting
    stated = bool(stated_rates(component))
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
