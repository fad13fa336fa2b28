"""Testing: what a host needs to prove its own adapters and schemes. Needs the extra `testing`."""

from loanperf.testing import _available, strategies
from loanperf.testing._histories import check_fact_history
from loanperf.testing._laws import LAWS, check_laws
from loanperf.testing._ledgers import check_ledger_store
from loanperf.testing._personal import check_personal_store
from loanperf.testing._sinks import check_notifier, check_payment_answers, check_payment_sink
from loanperf.testing._sources import check_fact_source, check_feed, check_people_source, check_scheme_source
from loanperf.testing._stores import check_entry_store, check_fact_store

NEEDED = _available.NEEDED
"""What the extra brings."""

__all__ = [
    "LAWS",
    "NEEDED",
    "check_entry_store",
    "check_fact_history",
    "check_fact_source",
    "check_fact_store",
    "check_feed",
    "check_laws",
    "check_ledger_store",
    "check_notifier",
    "check_payment_answers",
    "check_payment_sink",
    "check_people_source",
    "check_personal_store",
    "check_scheme_source",
    "strategies",
]
