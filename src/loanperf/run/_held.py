"""Held: (disputes of a scheme, a day) -> pay that is held by hand when a run pays, and what nobody decided in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from attrs import frozen

from loanperf._ledger import Ledger, PayHold, hold_meant, is_known
from loanperf._periods import Period
from loanperf.disputes import Dispute, Disputes, disputes_stream
from loanperf.errors import Problem
from loanperf.ports import EntryStore
from loanperf.run._confirmed import records_proven
from loanperf.run._steps import Steps, awaited, made


def read_disputes(entries: EntryStore, *, scheme: str) -> Disputes:
    """Disputes and holds of a scheme, replayed from their stream, every batch of which fits its seal.

    Args:
        entries: the store of the ledger, in which the stream `<scheme>/disputes` is.
        scheme: name of the scheme.

    Raises:
        DataError: the store lacks a method; a record is missing, is none, is not what its hash is of, or is of a later
            version.
        StoreError: the stream is not what was sealed.

    >>> from loanperf.adapters.memory import MemoryEntries
    >>> read_disputes(MemoryEntries(), scheme="branch pay").records
    0
    """
    return made(_read(entries, scheme), "read_disputes_async")


async def read_disputes_async(entries: Any, *, scheme: str) -> Disputes:
    """As `read_disputes`, with a store whose methods may be coroutine functions."""
    return await awaited(_read(entries, scheme))


def _read(entries: EntryStore, scheme: str) -> Steps[Disputes]:
    return Disputes.of((yield from records_proven(entries, scheme, disputes_stream)))


@frozen(kw_only=True)
class HeldByHand:
    """What is held by hand on the day on which a run pays."""

    holds: tuple[PayHold, ...] = ()
    problems: tuple[Problem, ...] = ()
    """Disputes that nobody decided in time, and holds that ended, of which no record says so."""

    def meant(self, ledger: Ledger) -> tuple[PayHold, ...]:
        """The holds by the codes that the ledger has; see `hold_meant`."""
        return tuple(one for hold in self.holds for one in hold_meant(hold, ledger))

    def told(self, ledger: Ledger) -> Iterator[Problem]:
        """One for each hold of whom the ledger has no entry, since its code may be a slip; then the other problems."""
        yield from self._unknown(ledger)
        yield from self.problems

    def _unknown(self, ledger: Ledger) -> Iterator[Problem]:
        for hold in self.meant(ledger):
            if not is_known(hold, ledger):
                where = f"the hold of {hold.payee or f'loan {hold.loan}'}"
                remedy = "lift it and place another if the code is wrong"
                yield Problem(where, "the ledger has no entry of it", "", remedy, payee=hold.payee, loan=hold.loan)


def held_by_hand(disputes: Disputes, period: Period, pay_on: date | None) -> HeldByHand:
    """What is held on the day of payment; see `Disputes.day_of_pay`."""
    on = disputes.day_of_pay(period, pay_on)
    return HeldByHand(holds=disputes.in_force(on), problems=tuple(_overdue(disputes, on)))


def _overdue(disputes: Disputes, on: date) -> Iterator[Problem]:
    remedy = "append what Disputes.close_overdue gives, and tell whom it concerns"
    for case in disputes.overdue(on):
        if isinstance(case, Dispute):
            where, fault = f"dispute {case.number}", f"nobody decided it by {case.deadline}"
            yield Problem(where, fault, case.opened.line, remedy, payee=case.opened.payee)
        else:
            where, fault = f"hold {case.number}", f"it ended on {case.hold.until}, and what it held is paid"
            yield Problem(where, fault, "", remedy, payee=case.hold.payee, loan=case.hold.loan)
