"""Met: readings, and plans that release by one what they hold -> the pay periods in which it is within its bound."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from loanperf._commission._found import Found
from loanperf._commission._lookups import Lookups
from loanperf._holdback import Holdback
from loanperf._numbers import Truth, above, at_least, distinct, paired
from loanperf._periods import Period


def periods_met(lookups: Lookups, found: Found) -> Mapping[tuple[str, Holdback], tuple[Period, ...]]:
    """By payee and terms on which pay is held: the periods whose reading is within the bound, in order.

    Args:
        lookups: of a run.
        found: where readings in another unit than their indicator's are noted.
    """
    met, calendar, payees = dict[tuple[str, Holdback], tuple[Period, ...]](), lookups.calendar, lookups.deals.payees
    for place, dated in enumerate(lookups.plans):
        terms = dated.plan.holdback
        if terms is None or not terms.indicator:
            continue
        payee, period = paired(np.repeat(0, len(payees)), np.repeat(len(calendar), len(payees)))
        there = lookups.readings.find(payee, terms.indicator, period) >= 0
        payee, period = payee[there], period[there]
        answers = lookups.look(place, terms.indicator, None, payee, period)
        for row in np.flatnonzero(answers.faulty | answers.gone).tolist():
            name = payees[int(payee[row])]
            with found.noting(f"payee {name} in {calendar.periods[int(period[row])]}", [name]):
                raise answers.error(row)
        good: Truth = ~(answers.faulty | answers.gone)
        if terms.at_most is not None:
            good &= ~above(answers.top, answers.below, terms.at_most.value)
        if terms.at_least is not None:
            good &= at_least(answers.top, answers.below, terms.at_least.value)
        payee, period = payee[good], period[good]
        for code in distinct(payee)[0].tolist() if len(payee) else ():
            places = period[payee == code].tolist()
            met[payees[code], terms] = tuple(calendar.periods[one] for one in sorted(places))
    return met
