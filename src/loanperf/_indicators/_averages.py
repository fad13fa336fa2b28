"""Averages: facts, a period -> the average daily balance of each loan in it; loans with other currencies."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from loanperf._facts import EVENT_PLACES, Facts
from loanperf._indicators._counted import chunks_of
from loanperf._indicators._loans import Loans
from loanperf._indicators._usable import Usable
from loanperf._numbers import Places, Whole, bounded
from loanperf._periods import Period


@frozen(eq=False)
class AverageBalances:
    """The average daily balance of each loan in a period, in whole currency, over `below`; zeros are left out."""

    loan: Places
    """Codes of loans, in order."""
    top: Whole
    below: int


def average_balances(facts: Facts, period: Period, currency: str) -> AverageBalances:
    """The average daily balances of the loans of which one is known."""
    usable = Usable.of(facts, period, currency)
    loans, tops = [np.arange(0)], [np.arange(0)]
    for chunk in chunks_of(usable):
        cells = Loans(chunk).average_balance.rows(chunk.existing)
        there = cells.values != 0
        if cells.missing is not None:
            there &= ~cells.missing
        loans.append(np.arange(chunk.first, chunk.first + chunk.size)[chunk.existing][there])
        tops.append(cells.values[there])
    (top,) = bounded(0, np.concatenate(tops))
    return AverageBalances(np.concatenate(loans), top, period.days * usable.smallest)


def in_other_currencies(facts: Facts, currency: str) -> dict[int, set[str]]:
    """By code of a loan, the other currencies than this one in which balances and amounts of events are stated."""
    found: dict[int, set[str]] = {}
    for place in ("balances", *EVENT_PLACES.values()):
        table = facts.tables[place]
        for code, word in enumerate(table["currency"].words if "currency" in table else ()):
            if word != currency:
                for loan in set(table["loan"].values[table["currency"].values == code].tolist()):
                    found.setdefault(loan, set()).add(word)
    return found
