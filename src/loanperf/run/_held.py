"""Held: (disputes of a scheme, a day) -> pay that is held by hand when a run pays, and what nobody decided in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from attrs import frozen

from loanperf._ledger import Ledger, PayHold, hold_meant, is_known
from loanperf._periods import Period
from loanperf.disputes import Dispute, Disputes
from loanperf.errors import Problem


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
                remedy = "lift it and place another if the code is wrong"
                yield Problem(hold.where, "the ledger has no entry of it", "", remedy, payee=hold.payee, loan=hold.loan)


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
