"""Exchange: amounts of any currency -> amounts of another one, each at the latest rate on or before its day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from loanperf._commission._answers import Answers
from loanperf._facts import Facts
from loanperf._numbers import Places, Truth, Whole, bounded, day_of, nowhere, ordered, quotients, times, whole
from loanperf._quantities import CURRENCIES
from loanperf.errors import DataError, LoanPerfError, rate_for

ITS_OWN, NO_RATE = -1, -2
"""In place of a rate: the amount is in the currency that is asked for; no rate is known on its day."""


@frozen(eq=False)
class Amounts:
    """Amounts in whole units of one currency."""

    found: Answers
    rate: Places
    """The row of the exchange rate of each; `ITS_OWN` or `NO_RATE`."""


@frozen(eq=False)
class ExchangeRates:
    """The exchange rates of facts."""

    facts: Facts

    def into(self, currency: str, units: Whole, given: Places, on: Whole, currencies: Sequence[str]) -> Amounts:
        """Amounts in a currency; 0 over 1 where no rate is known.

        Args:
            currency: the one that is asked for.
            units: amounts in smallest units.
            given: their currencies, as places in `currencies`.
            on: the day of each.
            currencies: codes of currencies.
        """
        row = np.repeat(ITS_OWN, len(units))
        for place, code in enumerate(currencies):
            if code != currency and (mine := np.flatnonzero(given == place)).size:
                row[mine] = self._latest(code, currency, on[mine])
        scale = whole([*(10 ** CURRENCIES[code] for code in currencies), 1])[given]
        rates = np.flatnonzero(row != ITS_OWN)
        top, below = self._rates(row[rates])
        top, below = times(units[rates], top), times(scale[rates], below)
        amounts, top = bounded(0, units.copy(), top)
        scale, below = bounded(0, scale, below)
        amounts[rates], scale[rates] = top, below

        def error(place: int) -> LoanPerfError:
            code, day = currencies[int(given[place])], day_of(int(on[place]))
            fault = f"an amount in {code} on {day} has no rate into {currency}"
            remedy = f"supply an lp.ExchangeRate of {code} into {currency} of that day or before"
            return DataError("exchange rates", fault, remedy, ("exchange rate", rate_for(code, currency)))

        return Amounts(Answers(amounts, scale, row == NO_RATE, nowhere(len(units)), error), row)

    def _latest(self, currency: str, into: str, on: Whole) -> Places:
        """The row of the latest rate of a pair of currencies on or before each day."""
        table = self.facts.tables["exchange_rates"]
        pair = [_is(table["currency"].words, currency), _is(table["into"].words, into)]
        rows = np.flatnonzero(pair[0][table["currency"].values] & pair[1][table["into"].values])
        days = table["on"].values[rows]
        order = ordered(days)
        place = np.searchsorted(days[order], on, "right") - 1
        return np.where(place < 0, NO_RATE, np.append(rows[order], NO_RATE)[place])

    def _rates(self, rows: Places) -> tuple[Whole, Whole]:
        """What one unit of a currency is in the other, by rows of rates; 0 over 1 where there is none."""
        column = self.facts.tables["exchange_rates"]["rate"]
        top, below = quotients(column.values)
        under = below if not isinstance(below, int) else np.repeat(column.scale or 1, len(top))
        there = rows >= 0
        place = np.where(there, rows, -1)
        return np.where(there, np.append(top, 0)[place], 0), np.where(there, np.append(under, 1)[place], 1)


def _is(words: Sequence[str], word: str) -> Truth:
    """By code of words, and of none, whether it is a word."""
    return whole([*(other == word for other in words), False]) > 0
