"""Run: (ports, period) -> every payee's appraisal and award, and pay that is posted and handed over.

The only caller of a port.
"""

from loanperf.run._alerts import (
    acknowledge_alert,
    acknowledge_alert_async,
    read_alerts,
    read_alerts_async,
    tell_alerts,
    tell_alerts_async,
)
from loanperf.run._host import Keeping
from loanperf.run._replay import ReplayData, replay
from loanperf.run._results import Blocked, Result, Results, Run
from loanperf.run._run import run, run_async
from loanperf.run._streams import read_confirmations, read_confirmations_async, read_disputes, read_disputes_async
from loanperf.run._verify import Verified, verify

__all__ = [
    "Blocked",
    "Keeping",
    "ReplayData",
    "Result",
    "Results",
    "Run",
    "Verified",
    "acknowledge_alert",
    "acknowledge_alert_async",
    "read_alerts",
    "read_alerts_async",
    "read_confirmations",
    "read_confirmations_async",
    "read_disputes",
    "read_disputes_async",
    "replay",
    "run",
    "run_async",
    "tell_alerts",
    "tell_alerts_async",
    "verify",
]
