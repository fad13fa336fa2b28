"""Ports: the few Protocols that a host implements so that `loanperf.run` can work a period for it.

Any object with these methods serves; nothing is subclassed or registered. `loanperf.adapters` has ready ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from loanperf._facts import Facts
from loanperf._indicators import Reading
from loanperf._ledger import Payment
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._scheme import SchemeBook
from loanperf._targets import Target

__all__ = ["FactSource", "Payment", "PaymentSink", "PeopleSource", "SchemeSource"]


class FactSource(Protocol):
    """What happened, from the host's CRM, risk and finance systems."""

    def facts(self, period: Period) -> Facts:
        """Every fact that the indicators of a period need, in any order; repeats are harmless.

        What is measured at the end of the period (balances, classes, customers) may be dated long before it.
        Rows that cannot be read are returned as problems of `Facts`, not raised.
        """
        ...

    def readings(self, period: Period) -> Iterable[Reading]:
        """Indicator values that the host already has, with the payee as their subject.

        They hold for the whole period and are used in place of what would be measured.
        """
        ...


class PeopleSource(Protocol):
    """Who works where, from the host's HR system."""

    def organisation(self, period: Period) -> Organisation:
        """Units, payees and dated assignments, as far as they touch a period."""
        ...


class SchemeSource(Protocol):
    """Schemes and targets, from whoever decides them."""

    def schemes(self) -> SchemeBook:
        """Every version of the scheme."""
        ...

    def targets(self, period: Period) -> Iterable[Target]:
        """Targets of payees for the whole period, where the scheme's own do not apply."""
        ...


class PaymentSink(Protocol):
    """Where pay goes, such as the host's finance system."""

    def pay(self, payments: tuple[Payment, ...]) -> None:
        """Take payments; one whose key was taken before is not paid again."""
        ...
