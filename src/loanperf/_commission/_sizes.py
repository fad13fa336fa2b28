"""Sizes: deals, in the currency of a plan -> the amount of each as known on a day, exact."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from attrs import frozen

from loanperf._commission._deals import Deals
from loanperf._commission._exchange import Amounts, ExchangeRates
from loanperf._facts import EventKind
from loanperf._numbers import (
    Places,
    Truth,
    Whole,
    as_of,
    bounded,
    in_one,
    ordered,
    reach,
    running,
    starts_of,
    times,
)
from loanperf.errors import LoanPerfError

DRAWN, SIGNED, ASKED, NOTHING = range(4)
"""What the amount of a loan is made of: its drawdowns, else what was signed, else what was applied for."""


@frozen(eq=False)
class _Moved:
    """Events of one kind that move the amount of a deal, in order of deal and day."""

    deal: Places
    on: Whole
    sums: Whole
    """All of the deal up to and with each, over the `below` of the deal."""
    faults: Whole
    """How many up to and with each have no exchange rate."""
    amounts: Amounts

    def last(self, deal: Places, on: Whole) -> Places:
        """The last event of each deal up to a day; -1 where there is none."""
        return as_of(self.deal, self.on, deal, on) if len(self.deal) else np.full(len(deal), -1)

    def first_fault(self, row: int) -> int:
        """The first event without an exchange rate of the deal of a row."""
        mine = np.flatnonzero((self.deal == self.deal[row]) & self.amounts.found.faulty)
        return int(mine[0])


@frozen(eq=False, kw_only=True)
class KnownSizes:
    """Amounts of deals on days, a row a question."""

    top: Whole
    """Over `below`; 0 where none is known."""
    below: Whole
    known: Truth
    made_of: Places
    """From what the amount is known: `DRAWN` (drawdowns), `SIGNED` (contracts), `ASKED` (application), `NOTHING`."""
    faulty: Truth
    """Whether there is no exchange rate for a part of it."""
    error: Callable[[int], LoanPerfError]
    """What is wrong with a faulty row."""


@frozen(eq=False)
class Sizes:
    """The amounts of deals in one currency."""

    deals: Deals
    drawn: _Moved
    signed: _Moved
    asked: Amounts
    asked_top: Whole
    """What was applied for, over `below`."""
    below: Whole
    """By deal, what its amounts are over."""

    @classmethod
    def of(cls, deals: Deals, exchange: ExchangeRates, currency: str) -> Sizes:
        """The amounts of deals in a currency."""

        def into(units: Whole, given: Places, on: Whole) -> Amounts:
            return exchange.into(currency, units, given, on, deals.currencies)

        events = [deals.events(kind) for kind in (EventKind.DISBURSED, EventKind.SIGNED)]
        moved = [into(item.units, item.currency, item.on) for item in events]
        asked = into(deals.units, deals.currency, deals.opened)
        size = len(deals)
        deal = np.concatenate([np.arange(size), *(item.deal for item in events)])
        belows = [np.where(deals.known, asked.found.below, 1), *(item.found.below for item in moved)]
        over = np.concatenate(belows)
        order = ordered(deal)
        below = in_one(over[order], starts_of(deal[order])) if size else over
        parts = []
        for item, found in zip(events, moved, strict=True):
            top = times(found.found.top, below[item.deal] // found.found.below)
            (top,) = bounded(reach(top, item.deal, size), top)
            starts = starts_of(item.deal)
            sums, faults = running(top, starts), running(found.found.faulty * 1, starts)
            parts.append(_Moved(item.deal, item.on, sums, faults, found))
        top = np.where(deals.known, times(asked.found.top, below // belows[0]), 0)
        return cls(deals, parts[0], parts[1], asked, top, below)

    def on(self, deal: Places, on: Whole, *, contracted: bool) -> KnownSizes:
        """The amounts of deals as known on days.

        Args:
            deal: of each question.
            on: the day of each.
            contracted: whether what was drawn plays no part.
        """
        signed = self.signed.last(deal, on)
        drawn = signed * 0 - 1 if contracted else self.drawn.last(deal, on)
        known = self.deals.known[deal]
        made_of = np.where(drawn >= 0, DRAWN, np.where(signed >= 0, SIGNED, np.where(known, ASKED, NOTHING)))
        top = np.where(made_of == ASKED, self.asked_top[deal], 0)
        faulty = (made_of == ASKED) & self.asked.found.faulty[deal]
        for code, moved, row in ((SIGNED, self.signed, signed), (DRAWN, self.drawn, drawn)):
            mine = np.flatnonzero(made_of == code)
            top, sums = bounded(0, top, moved.sums)
            top[mine] = sums[row[mine]]
            faulty[mine] = moved.faults[row[mine]] > 0

        def error(place: int) -> LoanPerfError:
            if made_of[place] == ASKED:
                return self.asked.found.error(int(deal[place]))
            moved, row = (self.drawn, drawn) if made_of[place] == DRAWN else (self.signed, signed)
            return moved.amounts.found.error(moved.first_fault(int(row[place])))

        return KnownSizes(
            top=top, below=self.below[deal], known=made_of != NOTHING, made_of=made_of, faulty=faulty, error=error
        )
