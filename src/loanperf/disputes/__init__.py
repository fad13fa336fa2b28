"""Disputes: what payees say is wrong with their pay, what becomes of it, and pay that is held by hand meanwhile.

Hosts import it from here: `from loanperf.disputes import PayHold`.
"""

from loanperf._ledger import PayHold, StoppedPay

__all__ = [
    "PayHold",
    "StoppedPay",
]
