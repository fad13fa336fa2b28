"""Alerts on pages: the worst first, each with what to do and the facts that weigh most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import partial

from loanperf._explanations import Language
from loanperf._validators import each_of
from loanperf.alerts import SEVERITIES, AlertCase, Severity
from loanperf.report._parts import Reason, Remark, Tone
from loanperf.report._words import say

_TONES: Mapping[Severity, Tone] = {"attention": "plain", "warning": "warn", "critical": "bad"}


def cases_given(
    alerts: Iterable[AlertCase], whose: Collection[str], *, of_units: bool = False
) -> tuple[AlertCase, ...]:
    """The open alerts of some payees, or of some units, the worst first, then those that were raised first."""
    given = each_of(alerts, AlertCase, "the alerts", "pass those of Alerts.open")
    mine = [case for case in given if case.is_open and case.alert.is_unit is of_units and case.alert.subject in whose]
    ranks = {severity: -place for place, severity in enumerate(SEVERITIES)}
    return tuple(sorted(mine, key=lambda case: (ranks[case.alert.severity], case.alert.since, case.alert.key)))


def counted_alerts(alerts: Iterable[AlertCase]) -> Counter[str]:
    """How many alerts each payee has."""
    return Counter(case.alert.subject for case in alerts)


def alert_remarks(alerts: Iterable[AlertCase], language: Language) -> tuple[Remark, ...]:
    """Alerts with their severity in words; a word that there are none where there are none."""
    found = tuple(
        Remark(
            text=case.alert.text.to(language),
            mark=SEVERITIES[case.alert.severity].to(language),
            tone=_TONES[case.alert.severity],
            why=partial(_stands_on, case, language),
        )
        for case in alerts
    )
    return found or (Remark(text=say("no alerts", language)),)


def _stands_on(case: AlertCase, language: Language) -> tuple[Reason, ...]:
    """What to do, since when it stands and who has taken it up, and the facts that weigh most."""
    alert, by, on = case.alert, case.acknowledged_by, case.acknowledged_on
    return (
        say("advice", language, advice=alert.advice.to(language)),
        say("since", language, day=alert.since.isoformat()),
        *((say("acknowledged", language, by=by, on=on),) if by else ()),
        *(evidence.said.to(language) for evidence in alert.evidence),
    )
