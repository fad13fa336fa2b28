"""Sub-ledgers: the entries of some payees as a ledger of their own, so that the rows path settles them alone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection

from attrs import evolve, frozen

from loanperf._commission import Accruals
from loanperf._ledger import Entry, Ledger, settle
from loanperf._periods import Period


@frozen(eq=False)
class SubLedger:
    """Entries of some payees, numbered anew from 1."""

    ledger: Ledger
    numbers: tuple[int, ...]
    """Their numbers in the whole ledger."""

    @classmethod
    def of(cls, whole: Ledger, payees: Collection[str]) -> SubLedger:
        """The entries of some payees, and every closing where it came."""
        kept = [entry for entry in whole.entries if entry.payee in payees]
        numbers = tuple(entry.number for entry in kept)
        places = {number: place for place, number in enumerate(numbers, 1)}
        entries = tuple(
            evolve(entry, number=place, corrects=tuple(places[number] for number in entry.corrects))
            for place, entry in enumerate(kept, 1)
        )
        closings = tuple(evolve(closing, after=bisect_right(numbers, closing.after)) for closing in whole.closings)
        return cls(Ledger(entries=entries, closings=closings), numbers)

    def settled(self, accruals: Accruals, period: Period) -> tuple[Entry, ...]:
        """What is to be posted for the payees, in order; not yet numbered, correcting the whole ledger's."""
        return tuple(
            evolve(entry, number=0, corrects=tuple(self.numbers[number - 1] for number in entry.corrects))
            for entry in settle(self.ledger, accruals, period=period)
        )
