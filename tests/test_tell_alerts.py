"""Telling alerts: kept before anybody is told, told once, and the same after a crash at any call of a port."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from attrs import define, evolve, field, frozen
from hypothesis import given
from hypothesis import strategies as st
from tests.test_alerts import LEADS, line, measured, pace, people, seen
from tests.test_tracker import FACTS, SCHEME, staff

import loanperf as lp
from loanperf.adapters.memory import MemoryEntries, MemoryNotices
from loanperf.alerts import AlertRule, Alerts, AlertState, Observation, alerts_of, watch
from loanperf.ports import NOTICE_KINDS, Notice
from loanperf.progress import Pace
from loanperf.run import (
    acknowledge_alert,
    acknowledge_alert_async,
    read_alerts,
    read_alerts_async,
    tell_alerts,
    tell_alerts_async,
)
from loanperf.tracker import Tracker, Watch

MARCH = lp.Period.month(2026, 3)
RULE = line(escalate_after=2, worse_by="2%")
MONTH = [(day, [seen(npl_ratio=value)]) for day, value in ((2, "4%"), (10, "6%"), (12, "6%"), (13, "9%"), (20, "4%"))]


@define
class Host:
    """A store and a notifier."""

    entries: Any = field(factory=MemoryEntries)
    notices: Any = field(factory=MemoryNotices)

    def tell(self, day: int, observations: Iterable[Observation], **more: Any) -> Any:
        """A day of March."""
        given = {"rules": [RULE], "leads": LEADS, "notifier": self.notices} | more
        return tell_alerts(self.entries, scheme="pay", observations=observations, as_of=date(2026, 3, day), **given)

    @property
    def alerts(self) -> Alerts:
        """What stands."""
        return read_alerts(self.entries, scheme="pay")

    @property
    def told(self) -> list[tuple[str, str]]:
        """Kind of each notice, and who was told."""
        return [(notice.kind, notice.to or notice.payee) for notice in self.notices.told.values()]


TOLD = [
    ("alert", "lin"),
    ("escalated", "wang"),
    *(("worsened", "lin"), ("worsened", "wang")),
    *(("mended", "lin"), ("mended", "wang")),
]


def test_a_month_is_told_to_whom_it_concerns() -> None:
    """Lin hears of 6% on the 10th, wang on the 12th, both of 9% and that it is mended."""
    host = Host()
    for day, observations in MONTH:
        host.tell(day, observations)

    assert TOLD == host.told
    assert {kind for kind, _ in TOLD} <= {*NOTICE_KINDS}
    assert (AlertState.CLOSED, ()) == (host.alerts.cases[1].state, host.alerts.untold)


def test_a_notice_has_a_long_text_and_a_short_one() -> None:
    """The long one has since when, what to do and the loans; the short one fits a phone."""
    host = Host()
    host.tell(10, [measured("lin")])
    (notice,) = host.notices.told.values()

    assert (
        "lin: NPL ratio at 75% on 2026-03-10 is above the limit of 5%, since 2026-03-10. What to do: pause taking on"
        " high-risk customers, and work through the loans named here, the largest first. What weighs most:"
        " loan L6 (6 CNY); loan L5 (5 CNY); loan L4 (4 CNY); loan L3 (3 CNY); loan L2 (2 CNY)." == notice.text.en
    )
    assert (
        "lin：不良率截至 2026-03-10 为 75%，高于预警线 5%，自 2026-03-10 起。建议：暂停高风险客户准入，"
        "并从金额最大的开始逐笔处置所列贷款。主要明细：贷款 L6（6 元）；"
        "贷款 L5（5 元）；贷款 L4（4 元）；贷款 L3（3 元）；贷款 L2（2 元）。" == notice.text.zh
    )
    assert ("【预警】lin 不良率 75%，高于预警线 5%", "[warning] lin NPL ratio 75%: is above the limit of 5%") == (
        notice.short.zh,
        notice.short.en,
    )


def test_every_text_of_a_month_is_in_both_languages_and_fits() -> None:
    """A lead in Beijing and one in London read the same; no short text is longer than a message."""
    host = Host()
    for day, observations in MONTH[:3]:
        host.tell(day, observations)
    acknowledge_alert(host.entries, 1, scheme="pay", by="lin", on="2026-03-12", why="已电话", notifier=host.notices)
    for day, observations in MONTH[3:]:
        host.tell(day, observations)
    host.tell(21, [seen(npl_ratio="6%")])
    host.tell(22, [], rules=[])
    texts = [(one.kind, one.text.en, one.text.zh) for one in host.notices.told.values() if one.to in ("", "wang")]

    assert (
        "acknowledged",
        "lin: the alert on NPL ratio of 2026-03-10 was taken up by lin on 2026-03-12 (已电话)",
        "lin：2026-03-10 的不良率预警已由 lin 于 2026-03-12 签收（已电话）",
    ) in texts
    assert (
        "mended",
        "lin: NPL ratio is back behind its limit on 2026-03-20, at 4%; the alert of 2026-03-10 is closed",
        "lin：不良率 于 2026-03-20 恢复至预警线以内（4%），2026-03-10 的预警解除",
    ) in texts
    assert (
        "ended",
        "lin: the alert on NPL ratio of 2026-03-21 ends on 2026-03-22, since no rule looks at it any more",
        "lin：2026-03-21 的不良率预警于 2026-03-22 终止，已无对应的预警规则",
    ) in texts
    (up,) = [one for one in host.notices.told.values() if one.kind == "escalated"]
    assert up.text.zh.startswith("自 2026-03-10 起未签收，现上报给您：lin：不良率")
    for notice in host.notices.told.values():
        assert notice.text.zh
        assert len(notice.short.zh) <= 70
        assert len(notice.short.en) <= 160


def test_without_a_notifier_events_wait() -> None:
    """A job at night keeps what happened; the one in the morning tells it, once."""
    host = Host()
    host.tell(10, MONTH[1][1], notifier=None)
    assert [] == host.told

    assert () == host.tell(10, MONTH[1][1]).events
    assert [("alert", "lin")] == host.told
    host.tell(11, MONTH[1][1])
    assert [("alert", "lin")] == host.told


def test_a_unit_that_nobody_leads_is_told_to_who_runs_the_scheme() -> None:
    """An alert that nobody gets would be none."""
    host = Host()
    host.tell(10, [seen("team", npl_ratio="6%", is_unit=True)], leads=None)
    (notice,) = host.notices.told.values()

    assert ("alert", "", "") == (notice.kind, notice.payee, notice.to)
    assert notice.text.en.startswith("team: NPL ratio at 6%")


def test_ten_thousand_events_are_told_in_parts() -> None:
    """A notifier that takes a mail at a time is not handed all of a bank at once."""
    asked = list[int]()

    @frozen
    class Counting:
        def notify(self, notices: tuple[Notice, ...]) -> None:
            asked.append(len(notices))

    observations = [seen(f"E{number}", npl_ratio="6%") for number in range(2500)]
    Host(notices=Counting()).tell(10, observations)
    assert [1000, 1000, 500] == asked


# ── a crash anywhere ────────────────────────────────────────────────────────────────────────────────────────


class CrashError(BaseException):
    """The end of a process."""


@define
class Fuse:
    """Counts the calls of ports, and crashes at one of them: before it does anything, or after."""

    port: Any
    left: list[int]
    after: bool

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.port, name)

        def called(*args: Any, **words: Any) -> Any:
            self.left[0] -= 1
            if not self.left[0] and not self.after:
                raise CrashError
            answer = method(*args, **words)
            if not self.left[0]:
                raise CrashError
            return answer

        return called


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_any_call_tells_the_same(*, after: bool) -> None:
    """Before and after every call of a month: done again, each was told just what a straight month tells."""
    at, crashed = 0, True
    while crashed:
        at, crashed, host = at + 1, False, Host()
        left = [at]
        for day, observations in MONTH:
            fused = Host(Fuse(host.entries, left, after), Fuse(host.notices, left, after))
            try:
                fused.tell(day, observations)
            except CrashError:
                crashed = True
                host.tell(day, observations)
        assert TOLD == host.told
        assert () == host.alerts.untold
    assert at > 15


def test_two_who_look_at_once_tell_once() -> None:
    """Two jobs of one evening: the second meets a conflict, reads what is new, and has nothing to add."""

    @frozen
    class Racing:
        """A store in which somebody else is always first."""

        port: MemoryEntries
        other: list[Any]

        def __getattr__(self, name: str) -> Any:
            return getattr(self.port, name)

        def append(self, *args: Any, **words: Any) -> int:
            while self.other:
                self.other.pop()()
            return self.port.append(*args, **words)

    host = Host()
    racing = Racing(host.entries, [lambda: host.tell(10, MONTH[1][1])])
    found = tell_alerts(
        racing, scheme="pay", observations=MONTH[1][1], rules=[RULE], as_of="2026-03-10", notifier=host.notices
    )

    assert () == found.events
    assert [("alert", "lin")] == host.told


def test_who_keeps_appending_is_named() -> None:
    """After ten attempts the call gives up and says why; nothing is lost."""

    @frozen
    class Busy:
        port: MemoryEntries

        def __getattr__(self, name: str) -> Any:
            return getattr(self.port, name)

        def append(self, stream: str, records: Any, *, expected: int) -> int:
            raise lp.errors.ConflictError(stream, expected, expected + len(records))

    with pytest.raises(lp.errors.ConflictError, match="pay/alerts"):
        Host(Busy(MemoryEntries())).tell(10, MONTH[1][1])


# ── ports ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_ports_may_be_awaited() -> None:
    """The same month over coroutine functions comes to the same; called without awaiting it says so."""

    @frozen
    class Awaited:
        port: Any

        def __getattr__(self, name: str) -> Any:
            method = getattr(self.port, name)

            async def called(*args: Any, **words: Any) -> Any:
                await asyncio.sleep(0)
                return method(*args, **words)

            return called

    host = Host()
    entries, notifier = Awaited(host.entries), Awaited(host.notices)

    async def month() -> Alerts:
        for day, observations in MONTH[:2]:
            await tell_alerts_async(
                entries,
                scheme="pay",
                observations=observations,
                rules=[RULE],
                as_of=date(2026, 3, day),
                notifier=notifier,
            )
        await acknowledge_alert_async(entries, 1, scheme="pay", by="lin", on="2026-03-11", notifier=notifier)
        return await read_alerts_async(entries, scheme="pay")

    assert AlertState.ACKNOWLEDGED is asyncio.run(month()).open[0].state
    assert [("alert", "lin")] == host.told
    with pytest.raises(lp.errors.DataError, match="use read_alerts_async"):
        read_alerts(entries, scheme="pay")
    with pytest.raises(lp.errors.DataError, match="use tell_alerts_async"):
        tell_alerts(entries, scheme="pay", observations=[], rules=[], as_of="2026-03-10")


def test_what_is_no_port_is_refused_before_anything_is_asked() -> None:
    """A store without seals, a notifier that cannot notify, a store that answers with something else."""

    @frozen
    class Odd:
        port: MemoryEntries
        found: Any

        def __getattr__(self, name: str) -> Any:
            return getattr(self.port, name)

        def batches(self, _: str) -> Any:
            return self.found

    with pytest.raises(lp.errors.DataError, match=r"entries: .* has no method append\(\)"):
        Host(object()).tell(10, [])
    with pytest.raises(lp.errors.DataError, match=r"notifier: .* has no method notify\(\)"):
        Host(notices=object()).tell(10, [])
    for found in (7, [7]):
        with pytest.raises(lp.errors.DataError, match=r"entries.batches\(\): it returned a int; return Batch objects"):
            read_alerts(Odd(MemoryEntries(), found), scheme="pay")


def test_a_stream_that_was_changed_is_refused() -> None:
    """A limit that somebody lowered in the store after the fact is seen by the seal."""
    host = Host()
    host.tell(10, MONTH[1][1])
    (batch, *rest) = host.entries.batches("pay/alerts")
    forged = evolve(batch, records=tuple(record.replace("6%", "5%") for record in batch.records))

    @frozen
    class Forged:
        port: MemoryEntries

        def __getattr__(self, name: str) -> Any:
            return getattr(self.port, name)

        def batches(self, _: str) -> Any:
            return (forged, *rest)

    with pytest.raises(lp.errors.StoreError, match="pay/alerts"):
        read_alerts(Forged(host.entries), scheme="pay")


def test_verify_reads_the_alerts_too() -> None:
    """A record of an alert that somebody appended by hand is seen, and so is one that is lost behind a head."""
    host = Host()
    host.tell(10, MONTH[1][1])
    good = lp.verify(host.entries, schemes="pay")
    assert good.misfits == ()
    assert ["pay/alerts"] == [head.stream for head in good.heads]

    record = next(iter(host.entries.read("pay/alerts")))
    host.entries.append("pay/alerts", [record], expected=2)
    (misfit,) = lp.verify(host.entries, schemes="pay").misfits
    assert "it is numbered 1" in str(misfit)
    (lost,) = lp.verify(MemoryEntries(), schemes="pay", heads=good.heads).misfits
    assert "pay/alerts" in str(lost)


# ── from the tracker or recomputed ──────────────────────────────────────────────────────────────────────────

PAYEES = ("a", "b", "c")
RULES = [
    AlertRule(code="line", kind="threshold", indicator="npl_ratio", test="above", limit="5%", margin="2%"),
    AlertRule(code="pace", kind="pace", indicator="disbursed_amount", limit="80%", worse_by="5%"),
    AlertRule(code="veto", kind="near", indicator="compliance_score", limit="10 point"),
    AlertRule(code="gate", kind="near", indicator="overdue_ratio", limit="5%"),
]


@given(st.lists(st.tuples(st.lists(FACTS, max_size=6), st.integers(0, 4), st.booleans()), min_size=1, max_size=6))
def test_alerts_are_the_same_from_the_tracker_and_recomputed(days: list[tuple[list[Any], int, bool]]) -> None:
    """Facts come late, twice and wrong, and some are withdrawn: on each day both say the same events, evidence too."""
    organisation = staff(*PAYEES, since="2026-01-01", salary="8000 CNY")
    book = lp.SchemeBook([lp.parse_scheme(SCHEME)])
    looks = Watch(period=MARCH, currency="CNY", schemes=book, organisation=organisation)
    base = lp.Loan(loan="L0", customer="C0", officer="a", opened_on="2026-01-05")
    tracker, rows, one, other = Tracker.start(looks), [base], Alerts(), Alerts()
    tracker.feed(base)
    card = lp.parse_scheme(SCHEME).resolve(period=MARCH, role="x", units=("bank", "east"))
    as_of = date(2026, 3, 1)
    for facts, gap, takes_back in days:
        as_of = date(2026, 3, min(as_of.day + gap, 31))
        tracker.feed_all(facts)
        rows += facts
        if takes_back and len(rows) > 1:
            gone = rows[1]
            tracker.withdraw(gone)
            rows = [fact for fact in rows if fact != gone]
        readings = card.measure(lp.Facts.joined([fact] for fact in rows), organisation=organisation)
        naive = [Observation.of_card(card, payee, readings.of(payee)) for payee in PAYEES]
        tracked = watch(one, tracker.observed(as_of=as_of), RULES, as_of=as_of)
        counted = watch(other, naive, RULES, as_of=as_of)
        assert counted.events == tracked.events
        assert counted.problems == tracked.problems
        one, other = tracked.alerts, counted.alerts
    assert one == other


@given(st.integers(0, 1200), st.integers(1, 31), st.booleans())
def test_what_is_behind_is_what_progress_says_is_behind(amount: int, day: int, by_working_days: bool) -> None:  # noqa: FBT001
    """A page that says 12 yuan ahead beside an alert that says behind would be believed in neither."""
    pace_of = Pace(working=lambda on: on.weekday() < 5) if by_working_days else Pace()
    organisation = staff("a", since="2026-01-01", salary="8000 CNY")
    book = lp.SchemeBook([lp.parse_scheme(SCHEME)])
    tracker = Tracker.start(Watch(period=MARCH, currency="CNY", schemes=book, organisation=organisation))
    tracker.feed(lp.Loan(loan="L", customer="C", officer="a", opened_on="2026-03-01"))
    if amount:
        tracker.feed(lp.LoanEvent(loan="L", kind=lp.EventKind.DISBURSED, on="2026-03-01", amount=f"{amount} CNY"))
    as_of = date(2026, 3, day)

    kept = [lp.Reading.of(code, "0%", subject="a") for code in ("overdue_ratio", "npl_ratio")]
    (progress,) = tracker.progress(["a"], as_of=as_of, pace=pace_of, readings=kept)
    line_of = progress.indicator("disbursed_amount")
    (seen_now,) = tracker.observed(["a"], as_of=as_of, pace=pace_of)
    found = alerts_of(seen_now, [pace("100%")], as_of=as_of)
    assert line_of.is_behind == bool(found)
    assert [line_of.due] * len(found) == [alert.limit for alert in found]


def test_a_unit_is_observed_as_the_sum_of_its_members() -> None:
    """40 of 100 yuan due by then are the team's, whoever of it drew them; its target is given under its code."""
    organisation = people("lin", "wu")
    looks = Watch(
        period=MARCH,
        currency="CNY",
        organisation=organisation,
        indicators=[lp.indicator("disbursed_amount"), lp.indicator("npl_ratio")],
        targets=[lp.Target(payee="team", indicator="disbursed_amount", value="310 CNY")],
    )
    tracker = Tracker.start(looks)
    for who, amount in (("lin", "30 CNY"), ("wu", "10 CNY")):
        tracker.feed(lp.Loan(loan=who, customer=who, officer=who, opened_on="2026-03-01"))
        tracker.feed(lp.LoanEvent(loan=who, kind=lp.EventKind.DISBURSED, on="2026-03-02", amount=amount))
    (team,) = tracker.observed_units(["team"], as_of="2026-03-10")
    (event,) = watch(Alerts(), [team], [pace("100%")], as_of="2026-03-10", leads=LEADS).events

    assert "team: disbursed amount at 40 CNY on 2026-03-10 is behind what is due by then, 100 CNY" == str(event.alert)
    assert (("wang",), True) == (event.to, event.alert.is_unit)
    with pytest.raises(lp.errors.NoAssignmentError):
        tracker.observed_units(["west"], as_of="2026-03-10")
    with pytest.raises(lp.errors.DataError, match="pass Watch"):
        Tracker.start(Watch(period=MARCH, currency="CNY")).observed_units(["team"], as_of="2026-03-10")
