"""Strategies of Hypothesis for the values of the library: valid ones, those at edges, and arguments that are refused.

Codes and names are of all scripts; amounts lie at zero, at one smallest unit and at 64 bits; days lie at the ends of
months and years. Facts, organisations and schemes of a `Branch` fit together.
"""

from loanperf.testing.strategies._branches import (
    Branch,
    accruals,
    answers,
    branches,
    entries,
    ledgers,
    payments,
)
from loanperf.testing.strategies._facts import (
    books_of_facts,
    facts,
    feed_rows,
    loan_events,
    pulls,
)
from loanperf.testing.strategies._invalid import REFUSING, invalid, sound
from loanperf.testing.strategies._people import (
    assignments,
    indicators,
    organisations,
    payees,
    readings,
    targets,
    units,
)
from loanperf.testing.strategies._schemes import paying, scheme_books, schemes, weights
from loanperf.testing.strategies._values import (
    at_knots,
    codes,
    currencies,
    curves,
    days,
    money,
    numbers,
    percentages,
    periods,
    quantities,
    roundings,
    tenors,
    texts,
    thens,
)

__all__ = [
    "REFUSING",
    "Branch",
    "accruals",
    "answers",
    "assignments",
    "at_knots",
    "books_of_facts",
    "branches",
    "codes",
    "currencies",
    "curves",
    "days",
    "entries",
    "facts",
    "feed_rows",
    "indicators",
    "invalid",
    "ledgers",
    "loan_events",
    "money",
    "numbers",
    "organisations",
    "payees",
    "paying",
    "payments",
    "percentages",
    "periods",
    "pulls",
    "quantities",
    "readings",
    "roundings",
    "scheme_books",
    "schemes",
    "sound",
    "targets",
    "tenors",
    "texts",
    "thens",
    "units",
    "weights",
]
