"""Testing: what a host needs to prove its own adapters."""

from loanperf.testing._sinks import check_notifier, check_payment_answers, check_payment_sink
from loanperf.testing._sources import check_fact_source, check_feed, check_people_source, check_scheme_source
from loanperf.testing._stores import check_entry_store, check_fact_store

__all__ = [
    "check_entry_store",
    "check_fact_source",
    "check_fact_store",
    "check_feed",
    "check_notifier",
    "check_payment_answers",
    "check_payment_sink",
    "check_people_source",
    "check_scheme_source",
]
