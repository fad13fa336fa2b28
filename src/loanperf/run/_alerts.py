"""Alerts: (a store, what was observed, rules, a day) -> alerts kept as events, and whom it concerns told, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial
from typing import Any, assert_never

from attrs import evolve, field, frozen

from loanperf._explanations import Label
from loanperf._validators import must_be_storable
from loanperf.alerts import AlertEvent, AlertMove, AlertRule, Alerts, Leads, Observation, Watched, acknowledge, watch
from loanperf.alerts._states import told_record
from loanperf.alerts._texts import shortened
from loanperf.errors import ConflictError
from loanperf.ports import EntryStore, Notice, Notifier
from loanperf.run._host import must_have
from loanperf.run._steps import Steps, awaited, made
from loanperf.run._streams import batches_proven

_ATTEMPTS = 10
"""How often it starts anew because somebody else has appended meanwhile."""
_MOST = 1000
"""Events of one record and one call of a notifier."""


def alerts_stream(scheme: str) -> str:
    """The stream of the alerts of a scheme."""
    return f"{scheme}/alerts"


def tell_alerts(
    entries: EntryStore,
    *,
    scheme: str,
    observations: Iterable[Observation],
    rules: Iterable[AlertRule],
    as_of: date | str,
    leads: Leads | None = None,
    notifier: Notifier | None = None,
) -> Watched:
    """Look at payees and units on a day, keep what happened to alerts, and tell whom it concerns.

    What stands is read from the stream `<scheme>/alerts`; events are appended to it before anybody is told, and that
    they were told is noted there after it. It may stop anywhere: called again it tells what was not noted as told,
    under the same keys, and looks at the day anew, which says nothing twice.

    Args:
        entries: keeps the stream.
        scheme: name of the scheme.
        observations: as for `loanperf.alerts.watch`.
        rules: all of them.
        as_of: the last day that has passed.
        leads: who leads which unit.
        notifier: tells; without it events wait in the stream for a call with one.

    Returns:
        What stands, and what was appended; events of an earlier call that were told only now are not among them.

    Raises:
        DataError: as `loanperf.alerts.watch`; a port lacks a method; a record is none, or of a later version.
        StoreError: the stream is not what was sealed.
        ConflictError: others keep appending to the stream.
        LoanPerfError: what `loanperf.alerts.watch` raises; what a port itself raises is passed on.

    >>> from loanperf.adapters.memory import MemoryEntries
    >>> tell_alerts(MemoryEntries(), scheme="pay", observations=[], rules=[], as_of="2026-03-10").events
    ()
    """
    look = partial(watch, observations=tuple(observations), rules=tuple(rules), as_of=as_of, leads=leads)
    return made(_told(_Host(entries, scheme, notifier), look), "tell_alerts_async")


async def tell_alerts_async(
    entries: Any,
    *,
    scheme: str,
    observations: Iterable[Observation],
    rules: Iterable[AlertRule],
    as_of: date | str,
    leads: Leads | None = None,
    notifier: Any = None,
) -> Watched:
    """As `tell_alerts`, with ports whose methods may be coroutine functions."""
    look = partial(watch, observations=tuple(observations), rules=tuple(rules), as_of=as_of, leads=leads)
    return await awaited(_told(_Host(entries, scheme, notifier), look))


def acknowledge_alert(
    entries: EntryStore,
    number: int,
    *,
    scheme: str,
    by: str,
    on: date | str,
    leads: Leads | None = None,
    why: str = "",
    notifier: Notifier | None = None,
) -> Watched:
    """Take up an alert, keep that, and tell all others who were told of it.

    Args:
        entries: keeps the stream.
        number: of the alert; see `loanperf.alerts.AlertCase`.
        scheme: name of the scheme.
        by: code of who takes it up.
        on: the day.
        leads: who leads which unit.
        why: what they say of it.
        notifier: tells; without it the event waits in the stream for a call with one.

    Raises:
        DataError: as `loanperf.alerts.acknowledge`; it was taken up already, also where that was by this call before a
            crash.
        RightsError: it is somebody else's.
        StoreError: the stream is not what was sealed.
        ConflictError: others keep appending to the stream.
    """
    look = partial(_acknowledged, number=number, by=by, on=on, leads=leads, why=why)
    return made(_told(_Host(entries, scheme, notifier), look), "acknowledge_alert_async")


async def acknowledge_alert_async(
    entries: Any,
    number: int,
    *,
    scheme: str,
    by: str,
    on: date | str,
    leads: Leads | None = None,
    why: str = "",
    notifier: Any = None,
) -> Watched:
    """As `acknowledge_alert`, with ports whose methods may be coroutine functions."""
    look = partial(_acknowledged, number=number, by=by, on=on, leads=leads, why=why)
    return await awaited(_told(_Host(entries, scheme, notifier), look))


def read_alerts(entries: EntryStore, *, scheme: str) -> Alerts:
    """What stands of the alerts of a scheme, replayed from its stream.

    Raises:
        DataError: a port lacks a method; a record is missing, none, or of a later version.
        StoreError: the stream is not what was sealed.
    """
    return made(_read(_Host(entries, scheme, None)), "read_alerts_async")


async def read_alerts_async(entries: Any, *, scheme: str) -> Alerts:
    """As `read_alerts`, with a store whose methods may be coroutine functions."""
    return await awaited(_read(_Host(entries, scheme, None)))


# ── the steps ───────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class _Host:
    """Where alerts are kept, and who tells."""

    entries: EntryStore
    scheme: str
    notifier: Notifier | None = field(default=None)

    def __attrs_post_init__(self) -> None:
        must_have("entries", self.entries, EntryStore)
        must_be_storable("scheme", self.scheme, 200)
        if self.notifier is not None:
            must_have("notifier", self.notifier, Notifier)

    @property
    def stream(self) -> str:
        return alerts_stream(self.scheme)


def _acknowledged(alerts: Alerts, **how: Any) -> Watched:
    event = acknowledge(alerts, **how)
    return Watched(alerts=alerts.after([event]), events=(event,), problems=())


def _read(host: _Host) -> Steps[Alerts]:
    return Alerts.of((yield from batches_proven(host.entries, host.stream)))


def _told(host: _Host, look: Callable[[Alerts], Watched]) -> Steps[Watched]:
    """Append what happened, then tell what was not told, then note that."""
    done: Watched | None = None
    for attempt in range(_ATTEMPTS):
        alerts = yield from _read(host)
        try:
            if done is None:
                # What was told late is told first, whatever comes of the look.
                alerts = yield from _noted(host, alerts)
                found = look(alerts)
                if found.events:
                    lines = [event.record() for event in found.events]
                    yield partial(host.entries.append, host.stream, lines, expected=alerts.version)
                done, alerts = found, found.alerts
            return evolve(done, alerts=(yield from _noted(host, alerts)))
        except ConflictError:
            if attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError


def _noted(host: _Host, alerts: Alerts) -> Steps[Alerts]:
    """Tell what was not told, and note it."""
    if host.notifier is None or not alerts.untold:
        return alerts
    for start in range(0, len(alerts.untold), _MOST):
        found = tuple(notices_of(host.scheme, alerts.untold[start : start + _MOST]))
        if found:
            yield partial(host.notifier.notify, found)
    through = alerts.untold[-1].number
    record = told_record(alerts.version + 1, through)
    yield partial(host.entries.append, host.stream, [record], expected=alerts.version)
    return alerts.told(through)


# ── what is told ────────────────────────────────────────────────────────────────────────────────────────────


def notices_of(scheme: str, events: Iterable[AlertEvent]) -> Iterator[Notice]:
    """What there is to tell of events: a notice for each of those who are told; without any for who runs the scheme.

    Args:
        scheme: name of the scheme.
        events: in order.
    """
    for event in events:
        if event.move is AlertMove.ACKNOWLEDGED and not event.to:
            continue
        kind = "alert" if event.move is AlertMove.RAISED else event.move.value
        text, short = _texts(event)
        payee = "" if event.alert.is_unit else event.alert.subject
        for to in event.to or ("",):
            yield Notice(
                key=f"{kind}/{alerts_stream(scheme)}/{event.number}/{to}",
                kind=kind,
                period=event.alert.period,
                payee=payee if event.to else "",
                to=to if to != payee else "",
                text=text,
                short=short,
            )


def _texts(event: AlertEvent) -> tuple[Label, Label]:
    """The long text of an event, and that for a phone."""
    alert, whom, name = event.alert, event.alert.subject, event.alert.name
    match event.move:
        case AlertMove.RAISED | AlertMove.WORSENED:
            return _in_full(event), alert.short
        case AlertMove.ESCALATED:
            head = Label(
                f"not acknowledged since {alert.since}, passed on to you", f"自 {alert.since} 起未签收，现上报给您"
            )
            long = _in_full(event)
            text = Label(f"{head.en}: {long.en}", f"{head.zh}：{long.zh}")
            return text, shortened(Label(f"{head.en}: {alert.short.en}", f"{head.zh}：{alert.short.zh}"))
        case AlertMove.ACKNOWLEDGED:
            said = f" ({event.why.en})" if event.why.en else ""
            said_zh = f"（{event.why.en}）" if event.why.en else ""
            text = Label(
                f"{whom}: the alert on {name.en} of {alert.since} was taken up by {event.by} on {event.on}{said}",
                f"{whom}：{alert.since} 的{name.to('zh')}预警已由 {event.by} 于 {event.on} 签收{said_zh}",
            )
        case AlertMove.MENDED:
            now = Label(f", at {event.why.en}", f"（{event.why.to('zh')}）") if event.why.en else Label("")
            text = Label(
                f"{whom}: {name.en} is back behind its limit on {event.on}{now.en};"
                f" the alert of {alert.since} is closed",
                f"{whom}：{name.to('zh')} 于 {event.on} 恢复至预警线以内{now.zh}，{alert.since} 的预警解除",
            )
        case AlertMove.ENDED:
            text = Label(
                f"{whom}: the alert on {name.en} of {alert.since} ends on {event.on}, since {event.why.en}",
                f"{whom}：{alert.since} 的{name.to('zh')}预警于 {event.on} 终止，{event.why.zh}",
            )
        case _:
            assert_never(event.move)
    return text, shortened(text)


def _in_full(event: AlertEvent) -> Label:
    """What is wrong, since when, what to do, and the facts that weigh most."""
    alert = event.alert
    facts, facts_zh = (
        mark.join(one.said.to(to) for one in alert.evidence) for mark, to in (("; ", "en"), ("；", "zh"))
    )
    en = f"{alert.text.en}, since {alert.since}. What to do: {alert.advice.en}."
    zh = f"{alert.text.to('zh')}，自 {alert.since} 起。建议：{alert.advice.to('zh')}。"
    return Label(f"{en} What weighs most: {facts}." if facts else en, f"{zh}主要明细：{facts_zh}。" if facts else zh)
