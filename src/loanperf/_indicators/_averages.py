"""Averages: facts, periods -> the average daily balance of each loan in each period; loans with other currencies."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np

from loanperf._facts import EVENT_PLACES, Facts, words_of
from loanperf._indicators._counted import chunks_of
from loanperf._indicators._loans import Loans
from loanperf._indicators._usable import Usable
from loanperf._periods import Period


def average_balances(facts: Facts, periods: Iterable[Period], currency: str) -> dict[tuple[str, Period], Fraction]:
    """The average daily balance of each loan in each period, in whole currency; unknown ones and zeros are left out."""
    words = words_of(facts.tables, "loan")
    found: dict[tuple[str, Period], Fraction] = {}
    for period in periods:
        usable = Usable.of(facts, period, currency)
        for chunk in chunks_of(usable):
            cells = Loans(chunk).average_balance.rows(chunk.existing)
            there = cells.values != 0
            if cells.missing is not None:
                there &= ~cells.missing
            below = period.days * usable.smallest
            loans = np.arange(chunk.first, chunk.first + chunk.size)[chunk.existing][there]
            for loan, units in zip(loans.tolist(), cells.values[there].tolist(), strict=True):
                found[words[loan], period] = Fraction(units, below)
    return found


def in_other_currencies(facts: Facts, currency: str) -> dict[str, set[str]]:
    """By loan, the other currencies than this one in which balances and amounts of events are stated."""
    words = words_of(facts.tables, "loan")
    found: dict[str, set[str]] = {}
    for place in ("balances", *EVENT_PLACES.values()):
        table = facts.tables[place]
        for code, word in enumerate(table["currency"].words if "currency" in table else ()):
            if word != currency:
                for loan in set(table["loan"].values[table["currency"].values == code].tolist()):
                    found.setdefault(words[loan], set()).add(word)
    return found
