"""Withholding: pay rules by their dates, and people -> what is kept back of all pay of a payee, and who has left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from attrs import frozen

from loanperf._commission._accrual import DatedPlan
from loanperf._holdback import Holdback
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf.errors import LedgerError


@frozen
class Withholding:
    """Of whom how much of all pay is kept back; asked for who has any pay."""

    plans: tuple[DatedPlan, ...]
    organisation: Organisation

    def of(self, payee: str, period: Period, currency: str) -> Holdback | None:
        """What is kept back of all pay of a payee in a period; None where nothing is.

        By the version in force on the last day of the period, and the last role of the payee in it.

        Raises:
            LedgerError: its share is a ladder of amounts in another currency than that of the pay.
        """
        held = [dated for dated in self.plans if dated.rules.holdback is not None and dated.holds_on(period.last_day)]
        if not held:
            return None
        latest = max(held, key=lambda dated: dated.since)
        roles = [item.role for item, _ in self.organisation.assignments_in(payee, period)]
        rule = latest.rules.holdback and latest.rules.holdback.of_role(roles[-1] if roles else "")
        if rule is not None and len(rule.share.knots) > 1 and latest.currency != currency:
            where = f"what is held of all pay of {payee!r} in {period}"
            fault = f"its shares go by amounts in {latest.currency}, and the pay is in {currency}"
            raise LedgerError(where, fault, "state one share, for all or for the role of who is paid so")
        return rule

    @property
    def leavers(self) -> Mapping[str, date]:
        """Who has no open assignment, and the first day without one."""
        left = {payee: self.organisation.left_on(payee) for payee in self.organisation.codes}
        return {payee: on for payee, on in left.items() if on is not None}
