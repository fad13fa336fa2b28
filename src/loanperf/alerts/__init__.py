"""Alerts: (readings, rules, a day) -> what a payee or unit should be warned of while there is time; never said twice.

`watch` is a function of what stands: a stream of events, which a host keeps and `Alerts.of` replays.
"""

from loanperf._alert_rules import SEVERITIES, AlertKind, AlertRule, Severity
from loanperf.alerts._alert import Alert, AlertKey, Evidence, alerts_of
from loanperf.alerts._leads import Leads
from loanperf.alerts._observed import Observation
from loanperf.alerts._states import ALERT_MOVES, AlertCase, AlertEvent, AlertMove, Alerts, AlertState
from loanperf.alerts._watch import Watched, acknowledge, watch

__all__ = [
    "ALERT_MOVES",
    "SEVERITIES",
    "Alert",
    "AlertCase",
    "AlertEvent",
    "AlertKey",
    "AlertKind",
    "AlertMove",
    "AlertRule",
    "AlertState",
    "Alerts",
    "Evidence",
    "Leads",
    "Observation",
    "Severity",
    "Watched",
    "acknowledge",
    "alerts_of",
    "watch",
]
