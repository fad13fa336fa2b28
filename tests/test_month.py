"""A run that keeps a ledger: pulled, worked, paid and closed; stopped anywhere, it goes on and loses nothing."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from threading import Thread
from typing import Any

import numpy as np
import pytest
from attrs import define, evolve, field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

import loanperf as lp
from loanperf.adapters.memory import (
    MemoryEntries,
    MemoryFacts,
    MemoryFactStore,
    MemoryFeed,
    MemoryNotices,
    MemoryPayments,
    MemoryPeople,
    MemorySchemes,
)
from loanperf.adapters.tables import Tables
from loanperf.errors import ConflictError, DataError, Problem, StoreError
from loanperf.ports import Answer, Answered, Batch, FeedRow, Notice, Payment, Pulled

FEBRUARY, MARCH, APRIL = (lp.Period.month(2026, month) for month in (2, 3, 4))
SCHEME = """
name = "branch"
currency = "CNY"
effective = 2026-01-01

[profiles.standard.weights]
loan_amount = "100%"

[targets]
loan_amount = "30万元"

[scoring.default]
places = 1
rounding = "half even"

[bonus]
unit = "month"
curve = [["0 point", 0], ["100 point", 1], ["200 point", 2]]
rounding = "half up"

[plans.sales]
rounding = "half up"

[plans.sales.components.loans]
base = "disbursed"
rate = "1%"
"""
PEOPLE = lp.Organisation(
    assignments=[
        lp.Assignment(payee=payee, unit="east", role="officer", since="2025-01-01", salary="8000 元")
        for payee in ("lin", "wu")
    ]
)


def row(code: str, says: lp.Fact | Problem | None, revision: int = 1) -> FeedRow:
    """A row of a feed."""
    return FeedRow(row=code, revision=revision, says=says)


def loan(number: int, payee: str, on: str, amount: str) -> list[FeedRow]:
    """A loan that is opened, signed and drawn on one day."""
    code = f"L{number}"
    return [
        row(f"loan {number}", lp.Loan(loan=code, customer=code, officer=payee, opened_on=on)),
        row(f"signed {number}", lp.LoanEvent(loan=code, kind=lp.EventKind.SIGNED, on=on, amount=amount)),
        row(f"drawn {number}", lp.LoanEvent(loan=code, kind=lp.EventKind.DISBURSED, on=on, amount=amount)),
    ]


ROWS = [
    *loan(1, "lin", "2026-02-03", "30万元"),
    *loan(2, "wu", "2026-02-05", "15万元"),
    *loan(3, "lin", "2026-03-03", "15万元"),
    *loan(4, "wu", "2026-03-05", "60万元"),
    *loan(5, "lin", "2026-04-07", "30万元"),
]
"""By hand: February: lin 100 points, 8,000 and 1% of 300,000; wu 50 points, 4,000 and 1,500. March: lin 50 points,
4,000 and 1,500; wu 200 points, 16,000 and 6,000. April: lin 8,000 and 3,000; wu nothing."""
EXPECTED = {
    "branch/lin/2026-02/CNY/1": "11000.00 CNY",
    "branch/wu/2026-02/CNY/1": "5500.00 CNY",
    "branch/lin/2026-03/CNY/1": "5500.00 CNY",
    "branch/wu/2026-03/CNY/1": "22000.00 CNY",
    "branch/lin/2026-04/CNY/1": "11000.00 CNY",
}


@define
class Host:
    """A host's systems in memory."""

    rows: list[FeedRow] = field(factory=lambda: list(ROWS))
    book: lp.SchemeBook = field(factory=lambda: lp.SchemeBook([lp.parse_scheme(SCHEME)]))
    people: lp.Organisation = PEOPLE
    store: MemoryFactStore = field(factory=MemoryFactStore)
    entries: MemoryEntries = field(factory=MemoryEntries)
    finance: MemoryPayments = field(factory=MemoryPayments)
    told: MemoryNotices = field(factory=MemoryNotices)
    close_by: str = "chen"

    def ports(self, wrapped: Callable[[Any], Any] = lambda port: port) -> dict[str, Any]:
        """The arguments of a run, each port wrapped."""
        keeping = lp.Keeping(
            entries=wrapped(self.entries),
            feeds={"crm": wrapped(MemoryFeed(self.rows, most=4))},
            answers=wrapped(self.finance),
            notifier=wrapped(self.told),
            close_by=self.close_by,
        )
        return {
            "facts": Store(wrapped(self.store)),
            "people": wrapped(MemoryPeople(self.people)),
            "schemes": wrapped(MemorySchemes(self.book)),
            "payments": wrapped(self.finance),
            "keeping": keeping,
        }

    def run(self, period: lp.Period, **how: Any) -> lp.Run:
        """Work a period."""
        return lp.run(period, **(self.ports() | how))

    def paid(self) -> dict[str, str]:
        """What finance was given."""
        return {key: str(payment.amount) for key, payment in self.finance.paid.items()}

    def state(self) -> tuple[Any, ...]:
        """All that is kept, cursors of feeds aside."""
        streams = {name: lines for name, lines in self.entries.streams.items() if name.endswith("/ledger")}
        return streams, self.paid(), self.store.facts(MARCH), set(self.told.told)

    def ledger(self) -> lp.Ledger:
        """The ledger."""
        return lp.read_ledger(self.entries.read("branch/ledger"))


@frozen
class Store:
    """A wrapped store of rows that still is one to see."""

    port: Any

    def cursor(self, source: str) -> Any:
        """The cursor."""
        return self.port.cursor(source)

    def take(self, source: str, pulled: Pulled) -> Any:
        """Keep rows."""
        return self.port.take(source, pulled)

    def facts(self, period: lp.Period) -> Any:
        """The facts."""
        return self.port.facts(period)

    def readings(self, period: lp.Period) -> Any:
        """The readings."""
        return self.port.readings(period)


# ── the whole way ───────────────────────────────────────────────────────────────────────────────────────────


def test_three_months_are_pulled_worked_paid_and_closed() -> None:
    """Every amount by hand: bonus and commission of two people in one payment a month."""
    host = Host()
    done = [host.run(period) for period in (FEBRUARY, MARCH, APRIL)]

    assert EXPECTED == host.paid()
    assert [True] * 3 == [run.closed for run in done]
    assert [15, 0, 0] == [run.taken["crm"] for run in done]
    assert [()] * 3 == [run.problems for run in done]
    assert [(15, 15)] * 3 == [(run.rows, run.used) for run in done]
    assert {FEBRUARY, MARCH, APRIL} == host.ledger().closed
    assert done[1].payments == tuple(host.finance.paid[key] for key in EXPECTED if "2026-03" in key)
    assert "1500.00 CNY" in lp.statement(host.ledger(), "lin", MARCH, done[1].accruals).text()


def test_running_again_changes_nothing() -> None:
    """A clerk who presses the button twice pays once."""
    host = Host()
    host.run(FEBRUARY)
    before, versions = host.state(), {name: len(lines) for name, lines in host.entries.streams.items()}
    again = host.run(FEBRUARY)

    assert before == host.state()
    assert versions == {name: len(lines) for name, lines in host.entries.streams.items()}
    assert (0, True) == (len(again.entries), again.closed)
    assert {"branch/lin/2026-02/CNY/1", "branch/wu/2026-02/CNY/1"} == {payment.key for payment in again.payments}


def test_everybody_is_told_once_in_both_languages() -> None:
    """Salespeople learn what they earn when it is posted, not at the end of the next month."""
    host = Host()
    host.run(FEBRUARY)
    host.run(FEBRUARY)
    said = {(notice.kind, notice.payee): notice.text.to("zh") for notice in host.told.told.values()}

    assert "2026-02：应发 11,000.00 元" == said["posted", "lin"]
    assert "2026-02 已结账" == said["closed", ""]
    assert 3 == len(said) == len(host.told.told)


def test_working_an_earlier_month_again_tells_nobody_anew() -> None:
    """A notice has the same key whenever its month is worked again, so that nobody is told twice."""
    host = Host()
    for period in (FEBRUARY, MARCH):
        host.run(period)
    before = set(host.told.told)
    host.run(FEBRUARY)
    assert before == set(host.told.told)


def test_a_late_fact_after_closing_is_paid_in_the_next_month() -> None:
    """The closed month stays; the difference of 1% of 100,000 is posted into the open one, naming what it corrects."""
    host = Host()
    host.run(FEBRUARY)
    february = host.entries.read("branch/ledger")
    host.rows += [
        row("signed 1", lp.LoanEvent(loan="L1", kind=lp.EventKind.SIGNED, on="2026-02-03", amount="40万元"), 2),
        row("drawn 1", lp.LoanEvent(loan="L1", kind=lp.EventKind.DISBURSED, on="2026-02-03", amount="40万元"), 2),
        row("signed 2", None, 2),
    ]
    done = host.run(MARCH)

    assert february == host.entries.read("branch/ledger")[: len(february)]
    assert "6500.00 CNY" == host.paid()["branch/lin/2026-03/CNY/1"]
    (late,) = [entry for entry in done.entries if entry.kind is lp.EntryKind.ADJUSTMENT]
    assert ("2026-02", "1000.00 CNY", MARCH) == (late.cohort, str(late.amount), late.period)
    assert [host.ledger().entries[number - 1].loan for number in late.corrects] == ["L1"]


@pytest.mark.parametrize("examples", [4, pytest.param(10, marks=pytest.mark.slow)])
def test_rows_in_any_order_late_and_repeated_come_to_the_same_net(examples: int) -> None:
    """What is late is paid later; in the end everybody has what they would have had, and nothing else.

    The slow run tries ten orders.
    """
    straight = Host()
    for period in (FEBRUARY, MARCH, APRIL):
        straight.run(period)
    nets = nets_of(straight)

    @settings(max_examples=examples, deadline=None)
    @given(st.data())
    def come_to_the_same_net(data: st.DataObject) -> None:
        assert nets == nets_of(out_of_order(data))

    come_to_the_same_net()


def nets_of(host: Host) -> dict[str, int]:
    """What each line of commission comes to, in fen."""
    found = Counter[str]()
    for entry in host.ledger().entries:
        if entry.loan:
            found[entry.line] += entry.due
    return {line: units for line, units in found.items() if units}


def out_of_order(data: st.DataObject) -> Host:
    """A host whose rows came in some order, late, some of them twice, by the end of its third month."""
    wrong = row("drawn 3", lp.LoanEvent(loan="L3", kind=lp.EventKind.DISBURSED, on="2026-03-03", amount="90万元"), 0)
    rows = data.draw(st.permutations([*ROWS, *ROWS[:4], wrong]))
    cuts = sorted(data.draw(st.lists(st.integers(3, len(rows)), min_size=2, max_size=2)))
    host = Host(rows=[*loan(9, "lin", "2026-02-01", "1 元")[:1], *loan(8, "lin", "2026-03-01", "1 元")[:1]])
    for period, upto in ((FEBRUARY, cuts[0]), (MARCH, cuts[1]), (APRIL, len(rows))):
        host.rows = host.rows[:2] + rows[:upto]
        host.run(period, approve=lambda _: True)
    return host


# ── a crash anywhere ────────────────────────────────────────────────────────────────────────────────────────


class CrashError(BaseException):
    """The end of a process."""


@define
class Fuse:
    """Counts the calls of ports, and crashes at one of them: before it does anything, or after."""

    at: int
    when: str
    calls: int = 0

    def wrap(self, port: Any) -> Any:
        """A port that counts."""
        return Fused(port, self)


@frozen
class Fused:
    """A port with a fuse."""

    port: Any
    fuse: Fuse

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.port, name)

        def called(*args: Any, **words: Any) -> Any:
            self.fuse.calls += 1
            if self.fuse.calls == self.fuse.at and self.fuse.when == "before":
                raise CrashError
            answer = method(*args, **words)
            if self.fuse.calls == self.fuse.at:
                raise CrashError
            return answer

        return called


def worked(host: Host, periods: Iterable[lp.Period], fuse: Fuse) -> list[lp.Period]:
    """The periods that were worked before the crash and are to be worked again or still."""
    left = list(periods)
    try:
        for period in list(left):
            lp.run(period, **host.ports(fuse.wrap))
            left.remove(period)
    except CrashError:
        pass
    return left


@pytest.mark.parametrize(
    ("when", "periods", "step"),
    [
        ("after", (FEBRUARY, MARCH), 4),
        pytest.param("before", (FEBRUARY, MARCH, APRIL), 1, marks=pytest.mark.slow),
        pytest.param("after", (FEBRUARY, MARCH, APRIL), 1, marks=pytest.mark.slow),
    ],
)
def test_a_crash_at_any_call_of_a_port_loses_nothing(when: str, periods: tuple[lp.Period, ...], step: int) -> None:
    """Before and after every call, in any month: run again, the ledger is the same to the letter.

    The slow run adds a third month, crashes before a call, and at every call in place of each fourth.
    """
    straight = Host()
    for period in periods:
        straight.run(period)
    at, left = 0, [FEBRUARY]
    while left:
        at += step
        host = Host()
        left = worked(host, periods, Fuse(at, when))
        for period in left:
            host.run(period)
        assert straight.state() == host.state()
    assert at > 13 * len(periods)


@pytest.mark.parametrize(
    ("when", "step"),
    [("after", 3), pytest.param("before", 1, marks=pytest.mark.slow), pytest.param("after", 1, marks=pytest.mark.slow)],
)
def test_a_month_that_crashed_and_is_left_so_loses_no_payment(when: str, step: int) -> None:
    """Nobody ran March again; April pays what March had posted and not handed over, and what it had not posted."""
    at, left = 0, [MARCH]
    while left:
        at += step
        host = Host(close_by="")
        host.run(FEBRUARY)
        left = worked(host, [MARCH], Fuse(at, when))
        host.run(APRIL)
        commissions = [entry for entry in host.ledger().entries if entry.loan]
        assert 1_500_000 == sum(entry.due for entry in commissions)
        paid = [lp.Money.of(amount).units for amount in host.paid().values()]
        due = sum(entry.due for entry in host.ledger().entries if entry.kind is not lp.EntryKind.PAID)
        assert due == sum(paid)
    assert at > 10


def test_two_runs_at_once_are_one() -> None:
    """Four threads, one month: who comes second posts nothing, and pays nothing twice."""
    straight = Host()
    straight.run(FEBRUARY)
    for _ in range(10):
        host = Host()
        threads = [Thread(target=host.run, args=(FEBRUARY,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert straight.state() == host.state()


@frozen
class Interrupted:
    """A store of streams in which somebody else appends just before the first append to the ledger."""

    right: MemoryEntries
    first: Callable[[], object]
    done: list[str] = field(factory=list)

    def read(self, stream: str, after: int = 0) -> Iterable[str]:
        """The records."""
        return self.right.read(stream, after)

    def append(self, stream: str, records: Sequence[str], *, expected: int) -> int:
        """Add records, after somebody else did."""
        if stream.endswith("/ledger") and not self.done:
            self.done.append(stream)
            self.first()
        return self.right.append(stream, records, expected=expected)

    def batches(self, stream: str) -> Iterable[Batch]:
        """What was added, with its seals."""
        return self.right.batches(stream)


def test_who_loses_a_race_begins_anew() -> None:
    """Another run posts the whole month between reading and appending: this one sees it, and posts nothing."""
    straight, host = Host(), Host()
    straight.run(FEBRUARY)
    asked: list[int] = []
    ports = host.ports()
    keeping = ports["keeping"]
    entries = Interrupted(host.entries, lambda: host.run(FEBRUARY))
    other = lp.Keeping(entries=entries, feeds=keeping.feeds, notifier=host.told, close_by="chen")

    def approve(run: lp.Run) -> bool:
        asked.append(len(run.entries))
        return True

    done = lp.run(FEBRUARY, **(ports | {"keeping": other, "approve": approve}))
    assert straight.state() == host.state()
    assert (0, True) == (len(done.entries), done.closed)
    assert 1 == len(asked)


@frozen
class Busy:
    """A store of streams in which somebody else always was there first."""

    right: MemoryEntries = field(factory=MemoryEntries)

    def read(self, stream: str, after: int = 0) -> Iterable[str]:
        """The records."""
        return self.right.read(stream, after)

    def append(self, stream: str, records: Sequence[str], *, expected: int) -> int:
        """Refuse."""
        raise ConflictError(stream, expected, expected + len(records))

    def batches(self, stream: str) -> Iterable[Batch]:
        """What was added, with its seals."""
        return self.right.batches(stream)


def test_a_race_that_never_ends_is_told() -> None:
    """Rather than run for ever."""
    host = Host()
    with pytest.raises(ConflictError, match="read what is new, and append again"):
        host.run(FEBRUARY, keeping=lp.Keeping(entries=Busy(), feeds={"crm": MemoryFeed(ROWS)}))
    with pytest.raises(ConflictError):
        host.run(FEBRUARY, keeping=lp.Keeping(entries=Busy(), answers=host.finance))
    assert {} == host.paid()


# ── approval, dry runs, problems ────────────────────────────────────────────────────────────────────────────


def test_nothing_is_posted_before_somebody_approves() -> None:
    """The one who approves sees the run as it would be; a refusal leaves every store as it was, and is told."""
    host = Host()
    seen: list[lp.Run] = []

    def refuse(run: lp.Run) -> bool:
        seen.append(run)
        return False

    held = host.run(FEBRUARY, approve=refuse)
    assert (True, False) == (held.held, held.closed)
    assert ({}, {}) == (host.paid(), {name: 0 for name in host.entries.streams if name.endswith("/ledger")})
    assert ["held"] == [notice.kind for notice in host.told.told.values()]
    assert [held.entries] == [run.entries for run in seen]
    assert {"branch/lin/2026-02/CNY/1", "branch/wu/2026-02/CNY/1"} == {payment.key for payment in held.payments}

    assert not host.run(FEBRUARY, approve=lambda _: True).held
    assert not host.run(FEBRUARY, approve=refuse).held
    assert [1, 2] == [len(seen), len(host.paid())]


def test_a_row_that_cannot_be_read_holds_pay_until_it_is_corrected() -> None:
    """The feed does not send it again, so the store must remember that it is missing."""
    host = Host()
    torn = Problem("contract 2", "the amount is torn", "15OOOO", "correct it")
    host.rows[4] = row("signed 2", torn)
    assert host.run(FEBRUARY).held
    again = host.run(FEBRUARY)
    assert (True, 15, 14) == (again.held, again.rows, again.used)
    assert ["crm signed 2: contract 2: the amount is torn (found 15OOOO); correct it"] == [
        str(problem) for problem in again.problems
    ]
    host.rows.append(row("signed 2", ROWS[4].says, 2))
    assert not host.run(FEBRUARY).held
    assert EXPECTED["branch/wu/2026-02/CNY/1"] == host.paid()["branch/wu/2026-02/CNY/1"]


def test_a_month_in_which_the_only_row_is_torn_is_not_closed() -> None:
    """There is nothing to post, and yet it is not done: what the row says may be pay."""
    torn = Problem("contract 2", "the amount is torn", "15OOOO", "correct it")
    host = Host(rows=[row("signed 2", torn), row("training", lp.Training(payee="lin", course="AML", on="2026-02-28"))])
    host.people = lp.Organisation()
    held = host.run(FEBRUARY)
    assert (True, False, 0) == (held.held, held.closed, len(held.entries))
    assert frozenset() == host.ledger().closed
    assert host.run(FEBRUARY, approve=lambda _: True).closed


def test_what_was_posted_is_handed_over_though_the_next_run_is_held() -> None:
    """It was approved when it was posted; a row that is torn since then is no reason to keep it back."""

    @frozen
    class Down:
        def pay(self, payments: tuple[Payment, ...]) -> None:
            raise ConnectionError(len(payments))

    host = Host()
    with pytest.raises(ConnectionError):
        host.run(FEBRUARY, payments=Down())
    host.rows.append(row("torn", Problem("contract 9", "the amount is torn", "x", "correct it")))
    assert host.run(FEBRUARY).held
    assert {"11000.00 CNY", "5500.00 CNY"} == set(host.paid().values())


def test_a_dry_run_writes_nothing_anywhere_and_says_the_same() -> None:
    """What a manager looks at before the month ends."""
    host = Host()
    host.store.take("crm", Pulled(rows=ROWS, cursor=str(len(ROWS))))
    before = host.state()
    dry = host.run(FEBRUARY, payments=None)
    assert before == host.state()
    assert {} == host.entries.streams
    real = host.run(FEBRUARY)
    assert (dry.entries, dry.payments) == (real.entries, real.payments)
    assert (False, {}) == (dry.closed, dry.taken)


def test_progress_counts_assignments() -> None:
    """For a bar on a screen."""
    seen: list[tuple[int, int]] = []
    Host().run(FEBRUARY, progress=lambda done, of: seen.append((done, of)))
    assert (2, 2) == seen[-1]


# ── what finance answers ────────────────────────────────────────────────────────────────────────────────────


def answer(state: Any, key: str = "branch/lin/2026-02/CNY/1", on: str = "2026-03-02") -> Answer:
    """What finance says."""
    return Answer(key=key, state=state, on=on, why="account closed" if state != "paid" else "")


def test_a_payment_that_came_back_is_due_again_and_paid_under_a_new_key_once() -> None:
    """Paid, then returned, told twice and out of order: 11,000 of February are paid again with March's 5,500."""
    host = Host()
    host.run(FEBRUARY)
    host.finance.said += [answer("returned", on="2026-03-09"), answer("paid"), answer("returned", on="2026-03-09")]
    done = host.run(MARCH)

    assert {*done.answers} == {
        answer("returned", "lin/2026-02/CNY/1", "2026-03-09"),
        answer("paid", "lin/2026-02/CNY/1"),
    }
    assert "16500.00 CNY" == host.paid()["branch/lin/2026-03/CNY/1"]
    back = done.entries[0]
    assert ("-11000.00 CNY", FEBRUARY, MARCH) == (
        str(back.amount),
        host.ledger().entries[back.corrects[0] - 1].period,
        back.period,
    )
    assert "11000.00 CNY came back: sent back by the bank account closed" == back.reason.text()
    assert ["returned"] == [notice.kind for notice in host.told.told.values() if notice.kind == "returned"]
    host.run(APRIL)
    assert EXPECTED["branch/lin/2026-04/CNY/1"] == host.paid()["branch/lin/2026-04/CNY/1"]
    assert 5 == len(host.paid())


def test_a_payment_that_is_rejected_in_its_own_month_is_paid_again_in_it() -> None:
    """The month is still open: the next run pays again, under the next number."""
    host = Host(close_by="")
    host.run(FEBRUARY)
    host.finance.said.append(answer("rejected", on="2026-02-28"))
    host.run(FEBRUARY)
    host.run(FEBRUARY)
    assert {"branch/lin/2026-02/CNY/1", "branch/wu/2026-02/CNY/1", "branch/lin/2026-02/CNY/2"} == set(host.paid())
    assert "11000.00 CNY" == host.paid()["branch/lin/2026-02/CNY/2"]
    account = host.ledger().balance("lin")
    assert ("0.00 CNY", "11000.00 CNY") == (str(account.due), str(account.paid))


def test_answers_to_payments_that_were_never_made_are_told() -> None:
    """Of this scheme a problem, of another one none of our business."""
    host = Host()
    host.finance.said += [answer("paid", "branch/nobody/2026-02/CNY/1"), answer("returned", "other/lin/2026-02/CNY/1")]
    done = host.run(FEBRUARY)
    assert ["payment nobody/2026-02/CNY/1: finance says it is paid; find out whose it is"] == [
        str(problem).partition(";")[0] + "; find out whose it is" for problem in done.problems
    ]
    assert 2 == len(host.paid())


def test_two_schemes_share_a_store_and_a_sink_and_do_not_mix() -> None:
    """Each has its own ledger and its own keys, slashes in names or not."""
    north, south = Host(), Host()
    south.entries, south.finance = north.entries, north.finance
    south.book = lp.SchemeBook([lp.parse_scheme(SCHEME.replace('"branch"', '"branch/ledger"'))])
    north.run(FEBRUARY)
    south.run(FEBRUARY)
    north.finance.said.append(answer("returned"))
    north.run(MARCH)
    south.run(MARCH)

    assert "16500.00 CNY" == north.paid()["branch/lin/2026-03/CNY/1"]
    assert "5500.00 CNY" == north.paid()["branch\\/ledger/lin/2026-03/CNY/1"]
    assert 8 == len(north.paid())


# ── nobody is passed over ───────────────────────────────────────────────────────────────────────────────────


def yes(_: lp.Run) -> bool:
    """Somebody approves, whatever is in it."""
    return True


def officer(payee: str, since: str = "2025-01-01", until: str | None = None, **more: Any) -> lp.Assignment:
    """Somebody on 8,000 yuan a month."""
    stated: dict[str, Any] = {"unit": "east", "role": "officer", "salary": "8000 元"} | more
    return lp.Assignment(payee=payee, since=since, until=until, **stated)


def people(*held: lp.Assignment) -> lp.Organisation:
    """Some assignments."""
    return lp.Organisation(assignments=held)


EARLY = people(officer("lin"), officer("wu", since="2026-02-06"))
"""Wu has a loan of 5 February, and an assignment from the 6th on."""


def test_who_cannot_be_worked_holds_the_run_each_time_until_that_is_mended() -> None:
    """One loan is dated before wu's assignment: 1% of it is not known, and the bonus of wu's days is at stake."""
    host = Host(people=EARLY)
    host.rows = [*ROWS[:6], *loan(6, "wu", "2026-02-10", "15万元")]
    for _ in range(2):
        held = host.run(FEBRUARY, approve=lambda run: not run.blocked)
        (wu,) = held.blocked
        assert (True, False, {}) == (held.held, held.closed, host.paid())
        assert ("wu", ["L2"], ["wu"]) == (wu.payee, [item.loan for item in wu.why], [item.payee for item in wu.why])
        assert "'wu' has no assignment on 2026-02-05" in wu.why[0].fault
        # Of 300,000 in 28 days, 23 days' part is 246,428.57: 150,000 are 60.9 points, and 60.9% of 23/28 of 8,000.
        assert (["4002.00 CNY"], ["1500.00 CNY"]) == (list(map(str, wu.bonus)), list(map(str, wu.earned)))
        assert wu.is_known
    assert frozenset() == host.ledger().closed

    host.people = PEOPLE
    mended = host.run(FEBRUARY)
    assert ((), False, True) == (mended.blocked, mended.held, mended.closed)
    assert {"branch/lin/2026-02/CNY/1": "11000.00 CNY", "branch/wu/2026-02/CNY/1": "11000.00 CNY"} == host.paid()


def test_what_is_approved_is_paid_and_closes_nothing_while_somebody_is_blocked() -> None:
    """The others get their pay; wu is said on each run, told, and paid when the assignment is mended."""
    host = Host(people=EARLY)
    for number in range(3):
        done = host.run(FEBRUARY, approve=yes)
        assert (["wu"], False, False) == ([one.payee for one in done.blocked], done.held, done.closed)
        assert {"branch/lin/2026-02/CNY/1": "11000.00 CNY"} == host.paid()
        assert number == 0 or done.entries == ()
    assert frozenset() == host.ledger().closed
    told = [notice for notice in host.told.told.values() if notice.kind == "blocked"]
    assert told
    assert all("wu could not be worked" in notice.text.en for notice in told)
    assert all("wu 无法核算" in notice.text.to("zh") for notice in told)
    assert not [notice for notice in host.told.told.values() if notice.kind == "closed"]
    assert host.run(FEBRUARY).held

    host.people = PEOPLE
    assert host.run(FEBRUARY).closed
    assert "5500.00 CNY" == host.paid()["branch/wu/2026-02/CNY/1"]


def test_a_month_that_a_person_closes_over_somebody_is_said_in_the_next() -> None:
    """Closing is the host's decision then; the next month says again that wu is blocked, and is held."""
    host = Host(people=EARLY)
    host.run(FEBRUARY, approve=yes)
    closed = host.ledger().close(FEBRUARY, by="chen")
    lines = list(closed.lines())
    host.entries.append("branch/ledger", lines[-1:], expected=len(lines) - 1)
    march = host.run(MARCH)
    assert (["wu"], True) == ([one.payee for one in march.blocked], march.held)


NO_PROFILE = (
    SCHEME
    + """
[[who]]
profile = "standard"
role = "officer"
"""
)
OTHER = lp.LoanEvent(loan="L2", kind=lp.EventKind.DISBURSED, on="2026-02-05", amount="16万元")


@pytest.mark.parametrize(
    ("changed", "stake"),
    [
        ({"people": EARLY}, "unknown"),
        ({"people": people(officer("lin"))}, "unknown"),
        ({"people": people(officer("lin"), officer("wu", salary=None))}, "unknown"),
        ({"people": people(officer("lin"), officer("wu", role="driver")), "scheme": NO_PROFILE}, "unknown"),
        ({"rows": [*ROWS[:6], row("drawn once more", OTHER)]}, "bonus 4000.00 CNY"),
    ],
)
def test_every_way_in_which_somebody_cannot_be_worked_blocks(changed: dict[str, Any], stake: str) -> None:
    """No assignment in time or at all, no salary, no card, rows that contradict each other: wu is named, and why."""
    host = Host(**({"rows": list(ROWS[:6])} | {name: value for name, value in changed.items() if name != "scheme"}))
    host.book = lp.SchemeBook([lp.parse_scheme(changed.get("scheme", SCHEME))])
    for _ in range(2):
        held = host.run(FEBRUARY)
        (wu,) = held.blocked
        assert (True, False, {}) == (held.held, held.closed, host.paid())
        assert ("wu", True) == (wu.payee, bool(wu.why))
        assert str(wu).endswith(f"at stake: {stake}")
        assert (stake != "unknown") == wu.is_known


def test_who_looks_for_a_result_that_is_not_there_is_told_where_it_says_why() -> None:
    """Whoever takes the first result of a run in which nobody could be worked."""
    run = Host(book=lp.SchemeBook([lp.parse_scheme(SCHEME)]), people=lp.Organisation(assignments=[])).run(MARCH)

    with pytest.raises(IndexError, match=r"there are 0 results; Run\.blocked says of whom there is none"):
        run.results[0]


def test_who_was_paid_for_a_loan_that_is_not_there_any_more_is_blocked() -> None:
    """The Loan was withdrawn and its drawdown was not: what wu was paid stays, and that is said each time."""
    host = Host(rows=list(ROWS[:6]), close_by="")
    host.run(FEBRUARY)
    host.rows.append(row("loan 2", None, 2))
    for month in (FEBRUARY, MARCH):
        for how in (None, yes):
            done = host.run(month, approve=how)
            assert (["wu"], how is None) == ([one.payee for one in done.blocked], done.held)
            assert {"L2"} == {problem.loan for problem in done.blocked[0].why}


def test_what_was_earned_in_a_role_is_released_after_it_ends() -> None:
    """137.00 of wu's 685.00 of February fall due in March, when wu is gone: posted; and said where HR forgot wu."""
    rows = [*loan(1, "lin", "2026-02-03", "30万元"), *loan(2, "wu", "2026-02-05", "6.85万元")]
    host = Host(rows=rows, book=lp.SchemeBook([lp.parse_scheme(HOLDING)]))
    host.run(FEBRUARY)
    host.people = people(officer("lin"))
    for _ in range(2):
        held = host.run(MARCH)
        (wu,) = held.blocked
        assert (True, False, "wu") == (held.held, held.closed, wu.payee)
        assert ["137.00 CNY"] == list(map(str, wu.held))
    host.people = people(officer("lin"), officer("wu", until="2026-03-01"))
    assert host.run(MARCH).closed
    assert "137.00 CNY" == host.paid()["branch/wu/2026-03/CNY/1"]


def test_what_the_ledger_owes_a_blocked_payee_is_at_stake() -> None:
    """A payment of 5,500 to wu came back, and wu's data is at fault since: it is due, and named."""
    host = Host()
    host.run(FEBRUARY)
    ledger = host.ledger()
    back = lp.returned(ledger, [answer("returned", "wu/2026-02/CNY/1", "2026-03-09")], period=MARCH)
    lines = list(ledger.append(back).lines())
    host.entries.append("branch/ledger", lines[len(lines) - len(back) :], expected=len(lines) - len(back))
    host.people = EARLY
    (wu,) = host.run(MARCH).blocked
    assert ["5500.00 CNY"] == list(map(str, wu.due))


def test_a_payee_code_is_never_read_out_of_a_text() -> None:
    """`E 01` has two assignments in February, the second of a role without a card: its bonus is kept back."""
    held = [officer("E 01", until="2026-02-15"), officer("E 01", since="2026-02-15", role="driver"), officer("E")]
    host = Host(people=people(*held), book=lp.SchemeBook([lp.parse_scheme(NO_PROFILE)]))
    host.rows = [*loan(1, "E 01", "2026-02-03", "30万元"), *loan(2, "E", "2026-02-05", "30万元")]
    done = host.run(FEBRUARY, approve=yes)
    assert ["E 01"] == [one.payee for one in done.blocked]
    assert {"branch/E/2026-02/CNY/1": "11000.00 CNY", "branch/E 01/2026-02/CNY/1": "3000.00 CNY"} == host.paid()


def test_a_dry_run_and_an_async_run_list_the_same_blocked_payees() -> None:
    """What a manager sees beforehand is what holds the run."""
    dry, held, waited = Host(people=EARLY), Host(people=EARLY), Host(people=EARLY)
    dry.store.take("crm", Pulled(rows=ROWS, cursor=str(len(ROWS))))
    looked = dry.run(FEBRUARY, payments=None)
    assert {} == dry.entries.streams
    expected = held.run(FEBRUARY).blocked
    assert expected == looked.blocked == asyncio.run(lp.run_async(FEBRUARY, **waited.ports(Awaited))).blocked
    assert looked.needs_approval


# ── two streams that do not fit each other ──────────────────────────────────────────────────────────────────


def cut(host: Host, stream: str, records: int) -> None:
    """Leave the first records of a stream, as an old backup has them."""
    left = host.entries.streams.pop(stream)[:records]
    del host.entries.seals[stream]
    host.entries.append(stream, left, expected=0)


@pytest.mark.parametrize("left", range(6))
def test_a_ledger_shorter_than_what_was_handed_over_is_refused(left: int) -> None:
    """It was restored from an older backup: whatever it posts next would be taken for handed over, and never paid."""
    host = Host()
    host.run(FEBRUARY)
    before = len(host.ledger().entries)
    assert left < before
    cut(host, "branch/ledger", left)
    ways: list[dict[str, Any]] = [{}, {"approve": yes}, {"payments": None}]
    for how in ways:
        with pytest.raises(
            DataError, match=f"payments of {before} entries were handed over, and the ledger has {left}"
        ):
            host.run(FEBRUARY, **how)
    assert left == len(host.entries.streams["branch/ledger"])


def test_payments_shorter_than_the_ledger_are_refused() -> None:
    """February is closed and nobody knows that it was handed over: all of it would go to finance once more."""
    host = Host()
    host.run(FEBRUARY)
    cut(host, "branch/payments", 0)
    with pytest.raises(DataError, match="2026-02 is closed, and nobody has noted that its payment lin/2026-02/CNY/1"):
        host.run(MARCH)
    with pytest.raises(DataError, match="reopen 2026-02 and run it if it was never paid"):
        host.run(MARCH, payments=None)

    before = host.ledger()
    lines = list(before.reopen(FEBRUARY, by="chen", why="its payments were never handed over").lines())
    host.entries.append("branch/ledger", lines[-1:], expected=len(lines) - 1)
    assert host.run(FEBRUARY).closed
    host.run(MARCH)
    assert {name: amount for name, amount in EXPECTED.items() if "2026-04" not in name} == host.paid()


# ── which period is meant ───────────────────────────────────────────────────────────────────────────────────

COUNTED = """
name = "branch"
currency = "USD"
effective = {effective}

[indicators.k]
name = "k"
dimension = "performance"
direction = "higher is better"
kind = "count"

[plans.sales]
rounding = "half up"

[plans.sales.components.readings]
base = "indicator"
indicator = "k"
rate = "5 USD"
"""
ONE = people(officer("lin", since="2024-01-01", salary=None))
SOLD = [lp.Training(payee="lin", course="AML", on=f"2026-0{month}-05") for month in (2, 3, 4)]


def reading(value: Any, period: lp.Period | None = None, payee: str = "lin") -> lp.Reading:
    """A reading of k."""
    return lp.Reading.of("k", value, subject=payee, period=period)


def counted(
    keeping: lp.Keeping, month: lp.Period, given: Iterable[lp.Reading], effective: str = "2026-03-01", **how: Any
) -> lp.Run:
    """A month of a plan that pays 5 dollars a unit of k."""
    ports: dict[str, Any] = {
        "facts": MemoryFacts(SOLD, given),
        "people": MemoryPeople(ONE),
        "schemes": MemorySchemes(lp.parse_scheme(COUNTED.format(effective=effective))),
        "payments": MemoryPayments(),
    }
    return lp.run(month, **(ports | how), keeping=keeping)


@pytest.mark.parametrize("close_by", ["chen", ""])
@pytest.mark.parametrize("effective", ["2026-03-01", "2025-01-01", "2024-11-15"])
def test_a_reading_without_a_period_is_of_the_month_that_is_worked(close_by: str, effective: str) -> None:
    """12 in March and 20 in April at 5 dollars: 60 and 100, closed or not, however long the plan has held."""
    keeping = lp.Keeping(entries=MemoryEntries(), close_by=close_by)
    runs = [counted(keeping, month, [reading(value)], effective) for month, value in ((MARCH, 12), (APRIL, 20))]
    assert [["60.00 USD"], ["100.00 USD"]] == [[str(item.amount) for item in run.payments] for run in runs]
    assert [((), (), False)] * 2 == [(run.problems, run.blocked, run.held) for run in runs]
    again = counted(keeping, APRIL, [reading(20)], effective)
    assert () == again.entries


def test_what_is_missing_for_closed_months_never_blocks_the_open_one() -> None:
    """A file with this month's reading only, dated: April is worked, March stays as it was posted and closed."""
    keeping = lp.Keeping(entries=MemoryEntries(), close_by="chen")
    assert counted(keeping, MARCH, [reading(12, MARCH)]).closed
    april = counted(keeping, APRIL, [reading(20, APRIL)])
    assert (["100.00 USD"], (), True) == ([str(item.amount) for item in april.payments], april.problems, april.closed)
    late = counted(keeping, APRIL.next(), [reading(14, MARCH), reading(20, APRIL), reading(0, APRIL.next())])
    assert ["10.00 USD"] == [str(item.amount) for item in late.payments]


def test_what_is_missing_for_an_open_month_that_was_never_posted_is_said() -> None:
    """Nobody has run March: what it pays is not known, and the run waits for whoever knows."""
    keeping = lp.Keeping(entries=MemoryEntries(), close_by="chen")
    counted(keeping, FEBRUARY, [reading(1)], "2026-02-01")
    held = counted(keeping, APRIL, [reading(20)], "2026-02-01")
    (lin,) = held.blocked
    assert (True, False, "payee lin in 2026-03") == (held.held, held.closed, lin.why[0].where)
    assert counted(keeping, MARCH, [reading(12)], "2026-02-01").closed
    assert counted(keeping, APRIL, [reading(20)], "2026-02-01").closed


def test_a_closed_month_keeps_what_it_has_and_its_releases_and_clawbacks_go_on() -> None:
    """The gate's reading of February is gone in March: its 600 are released, and a loss still takes the loan's pay."""
    gate = """
[[plans.sales.gates]]
indicator = "k"
forfeits = { knots = [[0, "100%"], [1, "0%"]], shape = "step" }

[[plans.sales.clawbacks]]
on = "written off"
attainment = "stays"
takes = "whole"
share = "100%"
"""
    kinds = SCHEME.replace("[profiles", COUNTED[COUNTED.index("[ind") : COUNTED.index("[plans")] + "[profiles", 1)
    host = Host(rows=[*ROWS[:3]], people=people(officer("lin")))
    host.book = lp.SchemeBook([lp.parse_scheme(kinds + HOLDING.removeprefix(SCHEME) + gate)])
    host.store = MemoryFactStore(supplied=[reading(5)])
    host.run(FEBRUARY)
    host.run(MARCH)
    assert {"10400.00 CNY", "600.00 CNY"} == set(host.paid().values())
    lost = lp.LoanEvent(loan="L1", kind=lp.EventKind.WRITTEN_OFF, on="2026-04-02", amount="30万元")
    host.rows.append(row("lost", lost))
    april = host.run(APRIL)
    assert ["-3000.00 CNY"] == [str(-entry.amount) for entry in april.entries if entry.kind is lp.EntryKind.CLAWED_BACK]
    assert () == april.blocked


HUNG = {
    "a gate": """
[[plans.sales.gates]]
indicator = "k"
forfeits = { knots = [[0, "100%"], [1, "0%"]], shape = "step" }

[plans.sales.components.loans]
base = "disbursed"
rate = "1%"
""",
    "a tier": """
[plans.sales.components.loans]
base = "disbursed"
curve = { bands = [[0, 1, "0%"], [1, "", "1%"]], shape = "step" }
tiers = { by = "indicator", indicator = "k", applies = "flat" }
""",
    "a cap that nothing is left of": """
[plans.sales.components.loans]
base = "disbursed"
rate = "1%"
period_most = { most = "10 USD", excess = "lost" }
multipliers = [{ indicator = "k", of = "value", curve = [[0, "100%"], [1, "100%"]] }]
""",
}


@pytest.mark.parametrize("what", HUNG)
def test_a_loan_that_comes_late_is_never_passed_over_for_a_reading_that_is_gone(what: str) -> None:
    """L9 of March is learnt in April, without March's reading: nothing closes over what nobody knows."""
    capped = what.startswith("a cap")
    head = COUNTED[: COUNTED.index("\n[plans.sales.components")].format(effective="2026-03-01")
    book = lp.SchemeBook([lp.parse_scheme(head + HUNG[what])])
    in_march = [*usd("L1", "2026-03-05", 1000), *(usd("L9", "2026-03-11", 500) if capped else [])]
    facts, keeping = [*in_march, *usd("L2", "2026-04-05", 2000)], lp.Keeping(entries=MemoryEntries(), close_by="chen")

    def worked(month: lp.Period, rows: list[lp.Fact], *given: lp.Reading) -> lp.Run:
        return counted(keeping, month, [], facts=MemoryFacts(rows, given), schemes=MemorySchemes(book))

    assert worked(MARCH, in_march, reading(5, MARCH)).closed
    if capped:  # L9 came in time, and the cap left nothing for it
        assert worked(APRIL, facts, reading(5, APRIL)).closed
        return
    facts += usd("L9", "2026-03-11", 500)
    held = worked(APRIL, facts, reading(5, APRIL))
    (problem,) = held.problems
    assert (True, False, ("lin", "L9")) == (held.held, held.closed, (problem.payee, problem.loan))
    assert "it came after 2026-03 was posted" in problem.fault
    done = worked(APRIL, facts, reading(5, MARCH), reading(5, APRIL))
    assert (["25.00 USD"], (), True) == ([str(item.amount) for item in done.payments], done.problems, done.closed)
    assert worked(APRIL.next(), facts, reading(5, APRIL.next())).closed


@pytest.mark.parametrize("late", ["a second drawing", "a larger amount"])
def test_a_loan_that_changes_late_is_never_left_as_it_was(late: str) -> None:
    """L1 was posted with 1,000 dollars and was drawn with 1,500: without March's reading the rest is not known."""
    head = COUNTED[: COUNTED.index("\n[plans.sales.components")].format(effective="2026-03-01")
    book = lp.SchemeBook([lp.parse_scheme(head + HUNG["a gate"])])
    first, keeping = usd("L1", "2026-03-05", 1000), lp.Keeping(entries=MemoryEntries(), close_by="chen")
    more = lp.LoanEvent(loan="L1", kind=lp.EventKind.DISBURSED, on="2026-03-20", amount="500 USD", number="2")
    facts = [*first, more] if late == "a second drawing" else usd("L1", "2026-03-05", 1500)

    def worked(month: lp.Period, rows: list[lp.Fact], *given: lp.Reading) -> lp.Run:
        return counted(keeping, month, [], facts=MemoryFacts(rows, given), schemes=MemorySchemes(book))

    assert worked(MARCH, first, reading(5, MARCH)).closed
    assert worked(APRIL, first, reading(5, APRIL)).closed
    held = worked(APRIL.next(), facts, reading(5, APRIL.next()))
    (problem,) = held.problems
    assert (True, False, ("lin", "L1")) == (held.held, held.closed, (problem.payee, problem.loan))
    assert "it changed after 2026-03 was posted" in problem.fault
    done = worked(APRIL.next(), facts, reading(5, MARCH), reading(5, APRIL.next()))
    assert (["5.00 USD"], (), True) == ([str(item.amount) for item in done.payments], done.problems, done.closed)
    assert worked(APRIL.next().next(), facts, reading(5, APRIL.next().next())).closed


def test_nothing_posted_for_want_of_a_reading_is_said() -> None:
    """Nothing of March is posted, as the gate took all or as L1 came late: the run says so each time and goes on."""
    head = COUNTED[: COUNTED.index("\n[plans.sales.components")].format(effective="2026-03-01")
    book = lp.SchemeBook([lp.parse_scheme(head + HUNG["a gate"])])
    facts, keeping = usd("L1", "2026-03-05", 1000), lp.Keeping(entries=MemoryEntries(), close_by="chen")

    def worked(month: lp.Period, rows: list[lp.Fact], *given: lp.Reading) -> lp.Run:
        return counted(keeping, month, [], facts=MemoryFacts(rows, given), schemes=MemorySchemes(book))

    assert worked(MARCH, facts[:1], reading(5, MARCH)).closed
    april = worked(APRIL, facts, reading(5, APRIL))
    (problem,) = april.problems
    assert (False, True, "lin", "payee lin in 2026-03") == (april.held, april.closed, problem.payee, problem.where)
    assert "nothing is posted for loans of loan L1, which earned nothing or came late" in problem.fault
    may = worked(APRIL.next(), facts, reading(5, MARCH), reading(5, APRIL), reading(5, APRIL.next()))
    assert (["10.00 USD"], ()) == ([str(item.amount) for item in may.payments], may.problems)


def usd(code: str, on: str, amount: int) -> list[lp.Fact]:
    """A loan of lin's in dollars, drawn on the day it is opened."""
    return [
        lp.Loan(loan=code, customer=code, officer="lin", opened_on=on),
        lp.LoanEvent(loan=code, kind=lp.EventKind.DISBURSED, on=on, amount=f"{amount} USD"),
    ]


BOUNDED = """
name = "branch"
currency = "CNY"
effective = 2026-02-01

[plans.sales]
rounding = "half up"

[plans.sales.components.loans]
base = "disbursed"
curve = { bands = [["0%", "100%", "1%"], ["100%", "", "2%"]], shape = "step" }
tiers = { by = "attainment", applies = "flat", accumulates = "period", indicator = "loan_amount" }
"""


def goal(amount: str, period: lp.Period | None = None, payee: str = "lin") -> lp.Target:
    """A target of loans."""
    return lp.Target(payee=payee, indicator="loan_amount", value=amount, period=period)


@pytest.mark.parametrize("dated", ["no", "this month alone", "both"])
def test_a_target_without_a_period_is_of_the_month_that_is_worked(dated: str) -> None:
    """300,000 of 300,000 in February earn 2%, 150,000 of 200,000 in March 1%: the target of March is not February's."""
    host = Host(rows=[*ROWS[:3], *ROWS[6:9]], people=people(officer("lin")))
    host.book = lp.SchemeBook([lp.parse_scheme(BOUNDED)])
    months, goals = (FEBRUARY, MARCH), [goal("30万元", FEBRUARY), goal("20万元", MARCH)]
    for place, month in enumerate(months):
        given = {"no": [evolve(goals[place], period=None)], "this month alone": [goals[place]], "both": goals}[dated]
        done = host.run(month, schemes=MemorySchemes(host.book, given))
        assert ((), (), True) == (done.problems, done.blocked, done.closed)
    assert ["6000.00 CNY", "1500.00 CNY"] == list(host.paid().values())


def test_pay_of_this_month_that_hangs_on_what_is_missing_is_not_worked() -> None:
    """Half of February's loan is drawn in March: how it rounds with the first half hangs on February's target."""
    host = Host(rows=[*ROWS[:3]], people=people(officer("lin")))
    host.book = lp.SchemeBook([lp.parse_scheme(BOUNDED)])
    host.run(FEBRUARY, schemes=MemorySchemes(host.book, [goal("30万元")]))
    more = lp.LoanEvent(loan="L1", kind=lp.EventKind.DISBURSED, on="2026-03-03", amount="1万元", number="2")
    signed = lp.LoanEvent(loan="L1", kind=lp.EventKind.SIGNED, on="2026-02-03", amount="31万元", number="2")
    host.rows += [row("signed more", signed), row("drawn more", more)]
    host.rows += [row("signed 1", None, 2)]
    held = host.run(MARCH, schemes=MemorySchemes(host.book, [goal("20万元")]))
    (lin,) = held.blocked
    assert (True, "of lin is missing for 2026-02") == (held.held, lin.why[0].fault.partition(" 'loan_amount' ")[2])
    done = host.run(MARCH, schemes=MemorySchemes(host.book, [goal("30万元", FEBRUARY), goal("20万元")]))
    assert ["100.00 CNY"] == [str(payment.amount) for payment in done.payments]


def test_every_place_takes_what_says_no_period_for_the_period_of_the_run() -> None:
    """Ports, tables, columns and the calls of the steps: 20 units of April at 5 dollars, and nothing of March."""
    scheme = lp.parse_scheme(COUNTED.format(effective="2026-03-01"))
    plans, facts = lp.SchemeBook([scheme]).plans(), lp.Facts.of(SOLD)
    stated = Tables(
        {
            "readings": {
                "payee": ["lin", "lin"],
                "indicator": ["k", "k"],
                "value": ["20", "12"],
                "period": ["", "2026-02"],
            }
        }
    )
    assert {None, FEBRUARY} == {*(item.period for item in (*stated.readings(APRIL), *stated.readings(FEBRUARY)))}
    days = np.array(["2026-04-05"], dtype="datetime64[D]")
    book = lp.Facts.read({"trainings": {"payee": ["lin"], "course": ["AML"], "on": days}}, currency="USD")
    found = {
        "accrue": lp.accrue(facts, plans, ONE, through=APRIL, readings=[reading(20)]).lines,
        "accrue, tables": lp.accrue(book, plans, ONE, through=APRIL, readings=[reading(20)]).lines,
    }
    for name, lines in found.items():
        assert [(APRIL, "100.00 USD")] == [(line.period, str(line.amount)) for line in lines if line.amount.units], name
    for source in (MemoryFacts(SOLD, [reading(20)]), Both(SOLD, stated)):
        ran = counted(lp.Keeping(entries=MemoryEntries()), APRIL, [], facts=source)
        assert ["100.00 USD"] == [str(item.amount) for item in ran.payments]


@frozen
class Both:
    """Facts, and readings of tables."""

    held: list[lp.Training]
    tables: Tables

    def facts(self, _: lp.Period) -> lp.Facts:
        """The facts."""
        return lp.Facts.of(self.held)

    def readings(self, period: lp.Period) -> Iterable[lp.Reading]:
        """What the tables say of the period."""
        return self.tables.readings(period)


def test_what_says_another_period_is_no_reading_or_target_of_this_one() -> None:
    """It is named, and counts for nothing."""
    month = lp.Period.quarter(2026, 1)
    host = Host(rows=ROWS[:3])

    @frozen
    class Odd:
        def schemes(self) -> lp.SchemeBook:
            return host.book

        def targets(self, _: lp.Period) -> list[lp.Target]:
            return [goal("1 元", month)]

    done = host.run(FEBRUARY, schemes=Odd())
    assert [("target of loan_amount of lin", "it is not for 2026-02", "lin")] == [
        (item.where, item.fault, item.payee) for item in done.problems
    ]
    assert "11000.00 CNY" == host.paid()["branch/lin/2026-02/CNY/1"]


# ── where a ledger begins ───────────────────────────────────────────────────────────────────────────────────


def test_a_first_run_over_a_long_past_is_held_and_says_from_when_it_would_pay() -> None:
    """The plan is two years old, and nobody said that the ledger begins now: each time it is held, until approved."""
    host = Host()
    for _ in range(2):
        held = host.run(APRIL)
        (why,) = held.holding
        assert (True, False, {}) == (held.held, held.closed, host.paid())
        assert "it would pay 4 lines of earlier periods, from 2026-02 on" in why.fault
        assert why in held.problems
        assert "say --first on the command line, or pass lp.Keeping(first=...), with the period" in why.remedy
    assert host.run(APRIL, payments=None).needs_approval
    assert host.run(APRIL, approve=yes).closed
    assert {"15500.00 CNY", "7500.00 CNY"} == set(host.paid().values())


def test_a_ledger_begins_with_the_period_that_is_named() -> None:
    """April alone is paid: 8,000 and 3,000 to lin, whatever was earned before; and May goes on from there."""
    host = Host()
    ports = host.ports()
    keeping = evolve(ports["keeping"], first=APRIL)
    done = lp.run(APRIL, **(ports | {"keeping": keeping}))
    assert ((), (), True) == (done.holding, done.problems, done.closed)
    assert {"branch/lin/2026-04/CNY/1": "11000.00 CNY"} == host.paid()
    again = lp.run(APRIL.next(), **(ports | {"keeping": keeping}))
    assert () == again.payments

    for first, month, said in (
        (APRIL, MARCH, "the ledger begins with 2026-04; work 2026-04 or a later one"),
        (lp.Period.quarter(2026, 2), APRIL, "the ledger begins with 2026-Q2 (3 months), and this is 2026-04 (1 month)"),
        (APRIL.next(), APRIL.next(), "it has entries of 2026-04, and is said to begin with 2026-05"),
    ):
        with pytest.raises(lp.errors.LedgerError, match=re.escape(said)):
            lp.run(month, **(ports | {"keeping": evolve(keeping, first=first)}))
    with pytest.raises(lp.errors.PeriodError, match="the first of a ledger is no Period"):
        lp.run(APRIL, **(ports | {"keeping": evolve(keeping, first="2026-04")}))


def test_a_run_that_forgets_where_the_ledger_begins_is_held() -> None:
    """April was named once; without it, May would pay what was earned, and paid elsewhere, before April."""
    host = Host()
    ports = host.ports()
    lp.run(APRIL, **(ports | {"keeping": evolve(ports["keeping"], first=APRIL)}))
    paid = host.paid()
    held = host.run(APRIL.next())
    (why,) = held.holding
    assert (True, False, paid) == (held.held, held.closed, host.paid())
    assert "the ledger begins on 2026-04-01, and it would pay 4 lines of earlier periods, from 2026-02 on" == why.fault
    assert lp.run(APRIL.next(), **(ports | {"keeping": evolve(ports["keeping"], first=APRIL)})).closed


def test_a_month_that_was_left_out_is_held() -> None:
    """Nobody was paid the bonuses of March: April says so before it is closed; so does a year that is mistyped."""
    host = Host()
    host.run(FEBRUARY)
    for late in (APRIL, lp.Period.month(2062, 3)):
        held, entries = host.run(late), host.ledger().entries
        (why,) = held.holding
        assert (True, False) == (held.held, held.closed)
        assert "nothing was worked from 2026-03-01 on, and bonuses of that time are in no run" == why.fault
        assert "work 2026-03 first, or approve it" == why.remedy
        assert {FEBRUARY} == {entry.period for entry in entries}
    assert [True, True] == [host.run(month).closed for month in (MARCH, APRIL)]


def test_a_month_behind_a_later_one_is_held() -> None:
    """April has paid the loans of March: March would pay them once more, until the next month takes that back."""
    host, straight = Host(), Host()
    host.run(FEBRUARY)
    host.run(APRIL, approve=lambda _: True)
    held, paid = host.run(MARCH), host.paid()
    (why,) = held.holding
    assert (True, False) == (held.held, held.closed)
    assert "2026-04 was worked before it, and what that posted of earlier periods would be posted twice" == why.fault
    assert (
        "work periods in their order; or approve it, and let the next run of a later one take that back" == why.remedy
    )
    assert paid == host.paid()

    assert host.run(MARCH, approve=lambda _: True).closed
    for month in (FEBRUARY, MARCH, APRIL):
        straight.run(month)
    ends = [one.run(APRIL.next()).ledger for one in (host, straight)]
    balances = [[one.balance(payee, currency="CNY") for payee in ("lin", "wu")] for one in ends if one is not None]
    assert balances[0] == balances[1]


def test_a_first_run_passes_nobody_over_whose_earlier_readings_are_not_there() -> None:
    """L1 of March hangs on March's reading: the first run, of April, says so, or blocks where March was named."""
    head = COUNTED[: COUNTED.index("\n[plans.sales.components")].format(effective="2026-02-01")
    book = lp.SchemeBook([lp.parse_scheme(head + HUNG["a gate"])])
    facts = [*usd("L0", "2026-02-05", 700), *usd("L1", "2026-03-05", 1000), *usd("L2", "2026-04-05", 2000)]

    def worked(first: lp.Period | None, *given: lp.Reading) -> lp.Run:
        keeping = lp.Keeping(entries=MemoryEntries(), close_by="chen", first=first)
        return counted(keeping, APRIL, [], facts=MemoryFacts(facts, given), schemes=MemorySchemes(book))

    held = worked(None, reading(5, APRIL))
    assert (True, ["L0", "L1"]) == (held.held, [problem.loan for problem in held.problems])
    assert all("before anything was posted" in problem.fault for problem in held.holding)
    (lin,) = worked(MARCH, reading(5, APRIL)).blocked
    assert ["payee lin in 2026-03"] == [problem.where for problem in lin.why]
    done = worked(MARCH, reading(5, MARCH), reading(5, APRIL))
    assert (["30.00 USD"], (), True) == ([str(item.amount) for item in done.payments], done.problems, done.closed)
    alone = worked(APRIL, reading(5, APRIL))
    assert (["20.00 USD"], (), True) == ([str(item.amount) for item in alone.payments], alone.problems, alone.closed)


def test_earlier_periods_count_to_date_and_are_not_paid() -> None:
    """3% above 500,000 to date: April's 300,000 lie on 450,000 of lin's, so that 50,000 earn 1% and 250,000 3%."""
    tiers = """
curve = { bands = [["0元", "50万元", "1%"], ["50万元", "", "3%"]], shape = "step" }
tiers = { by = "amount", applies = "marginal", accumulates = "to date", resets = "never" }
"""
    text = SCHEME[: SCHEME.index("[profiles")] + SCHEME[SCHEME.index("[plans.sales]") :]
    host = Host(book=lp.SchemeBook([lp.parse_scheme(text.replace('rate = "1%"', tiers))]))
    ports = host.ports()
    lp.run(APRIL, **(ports | {"keeping": evolve(ports["keeping"], first=APRIL)}))
    assert {"branch/lin/2026-04/CNY/1": "8000.00 CNY"} == host.paid()


# ── plans, people, closing ──────────────────────────────────────────────────────────────────────────────────


def test_parts_of_a_month_are_summed_into_one_bonus() -> None:
    """Lin changes roles on 16 February: half the days each, of the same 100 points: 4,000 and 4,000, and 3,000."""
    parts = [
        lp.Assignment(payee="lin", unit="e", role="a", since="2025-01-01", until="2026-02-15", salary="8000 元"),
        lp.Assignment(payee="lin", unit="e", role="b", since="2026-02-15", salary="8000 元"),
    ]
    host = Host(people=lp.Organisation(assignments=parts))
    host.rows = [
        *loan(1, "lin", "2026-02-03", "15万元"),
        *loan(2, "lin", "2026-02-20", "15万元"),
    ]
    done = host.run(FEBRUARY)
    assert ["4000.00 CNY", "4000.00 CNY"] == [str(result.award.amount) for result in done.results if result.award]
    assert {"branch/lin/2026-02/CNY/1": "11000.00 CNY"} == host.paid()


def test_a_scheme_without_profiles_pays_commissions_and_has_no_problems() -> None:
    """It appraises nobody, and nobody is reported as not appraised."""
    head, _, rest = SCHEME.partition("[profiles.standard.weights]")
    host = Host(book=lp.SchemeBook([lp.parse_scheme(head + "[plans.sales]" + rest.partition("[plans.sales]")[2])]))
    done = host.run(FEBRUARY)
    assert (0, ()) == (len(done.results), done.problems)
    assert {"3000.00 CNY", "1500.00 CNY"} == set(host.paid().values())


def test_a_run_lists_the_loans_that_no_component_pays() -> None:
    """Once, in the month in which they fall due, with payee and reason; afterwards they are counted."""
    terms = 'where = { product = "new" }'
    host = Host(book=lp.SchemeBook([lp.parse_scheme(SCHEME + terms)]))
    done = host.run(FEBRUARY)
    assert {("lin", "condition"), ("wu", "condition")} == {(item.payee, item.by) for item in done.unpaid}
    assert {"its product is not stated, and must be 'new'"} == {item.reason.en for item in done.unpaid}
    assert {FEBRUARY} == {item.period for item in done.unpaid}
    after = host.run(MARCH)
    assert {MARCH} == {item.period for item in after.unpaid}
    assert (("condition", len(done.unpaid)),) == after.unpaid_besides


def test_plans_that_look_at_indicators_get_the_readings_of_every_month() -> None:
    """A gate on the month's amount: 100,000 is not enough in February, whatever is known of it in March."""
    gate = """
[[plans.sales.gates]]
indicator = "loan_amount"
forfeits = { knots = [["0 元", "100%"], ["200000 元", "0%"]], shape = "step" }
"""
    host = Host(book=lp.SchemeBook([lp.parse_scheme(SCHEME + gate)]))
    host.run(FEBRUARY)
    done = host.run(MARCH)
    assert () == done.problems
    # February: wu's 150,000 miss the gate. March: lin's 150,000 do, and wu's 600,000 do not.
    assert ("4000.00 CNY", "22000.00 CNY") == (
        host.paid()["branch/wu/2026-02/CNY/1"],
        host.paid()["branch/wu/2026-03/CNY/1"],
    )
    assert "4000.00 CNY" == host.paid()["branch/lin/2026-03/CNY/1"]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (FEBRUARY, lp.Period.quarter(2026, 1)),
        (FEBRUARY, lp.Period.quarter(2026, 2)),
        (lp.Period("2026-02-01", "2026-02-15"), FEBRUARY),
        (lp.Period("2026-02-01", "2026-02-16"), lp.Period("2026-02-16", "2026-03-01")),
    ],
)
def test_a_ledger_that_is_kept_by_months_is_not_run_by_quarters(first: lp.Period, then: lp.Period) -> None:
    """Nothing is posted, taken back or closed by a run of another calendar, and the error names both."""
    host = Host()
    host.run(first)
    before = host.state()
    with pytest.raises(lp.errors.LedgerError, match="its calendar is fixed") as caught:
        host.run(then)
    assert str(first) in str(caught.value)
    assert str(then) in str(caught.value)
    assert before == host.state()


HOLDING = (
    SCHEME
    + """
[plans.sales.holdback]
share = "20%"
instalments = [{ after_months = 1, share = "100%" }]
"""
)


def test_a_month_without_a_dated_fact_pays_what_is_due_for_release() -> None:
    """20% of the 3,000 of February are held and released in March, in which nothing happens."""
    host = Host(rows=ROWS[:3], book=lp.SchemeBook([lp.parse_scheme(HOLDING)]))
    host.run(FEBRUARY)
    done = host.run(MARCH)
    assert {"branch/lin/2026-02/CNY/1": "10400.00 CNY", "branch/lin/2026-03/CNY/1": "600.00 CNY"} == host.paid()
    assert ((), True) == (done.problems, done.closed)


def test_a_month_of_which_nothing_is_known_is_refused_and_nothing_is_posted() -> None:
    """Before the first fact there is nothing to work, and no fact at all is a source that does not answer."""
    host = Host(rows=ROWS[:3])
    with pytest.raises(lp.errors.EmptyPeriodError, match="nothing is known of 2026-01"):
        host.run(FEBRUARY.previous())
    host.run(FEBRUARY)
    before = host.state()
    host.store = MemoryFactStore()
    with pytest.raises(lp.errors.EmptyPeriodError, match="there are no facts at all"):
        host.run(MARCH, keeping=lp.Keeping(entries=host.entries))
    assert before[:2] == host.state()[:2]


DRAWING = """
name = "branch"
currency = "CNY"
effective = 2026-01-01

[plans.new]
rounding = "half up"
draws = [{ least = "3000 元", kind = "plain", last_period = 30 }]

[plans.new.components.loans]
base = "disbursed"
rate = "1%"
"""


def test_draws_are_granted_though_there_is_no_fact_yet() -> None:
    """A branch that opens has people and no loans: their guarantee is due all the same."""
    host = Host(rows=[], book=lp.SchemeBook([lp.parse_scheme(DRAWING)]))
    assert host.run(FEBRUARY).closed
    assert {"3000.00 CNY"} == set(host.paid().values())
    assert 2 == len(host.paid())


FIXED = '[plans.new.components.base]\nbase = "fixed"\nrate = "1000 元"\n'
RECOVERED = '"recoverable", last_period = 3, recovered_from = 2, recovered_until = 5, left = "waived" }'


@pytest.mark.parametrize(
    ("text", "kind", "posted"),
    [
        # 1,000,000 drawn in March are 10,000, above every least; the draw of February is repaid of them.
        (DRAWING, lp.EntryKind.GUARANTEE, [3000, 0, 3000]),
        (DRAWING.replace('"plain", last_period = 30 }', RECOVERED), lp.EntryKind.RECOVERY, [0, 3000, 0]),
        (DRAWING + FIXED, lp.EntryKind.EARNED, [1000, 11000, 1000]),
    ],
    ids=["guarantee", "recovered draw", "fixed"],
)
def test_what_was_paid_before_the_first_loan_is_not_taken_back(
    text: str, kind: lp.EntryKind, posted: list[int]
) -> None:
    """A month without any fact was worked; facts that begin later say nothing against it."""
    since = lp.Assignment(payee="lin", unit="east", role="officer", since="2026-02-01")
    host = Host(rows=[], book=lp.SchemeBook([lp.parse_scheme(text)]), people=lp.Organisation(assignments=[since]))
    found = []
    for month in (FEBRUARY, MARCH, APRIL):
        run = host.run(month)
        assert run.closed, run.problems
        found.append(sum(entry.amount.units for entry in run.entries if entry.kind is kind) // 100)
        host.rows = [
            row("loan", lp.Loan(loan="L1", customer="K1", officer="lin", opened_on="2026-03-03", amount="100万元")),
            row("drawn", lp.LoanEvent(loan="L1", kind=lp.EventKind.DISBURSED, on="2026-03-03", amount="100万元")),
        ]
    assert posted == found


def test_a_reopened_month_is_worked_again() -> None:
    """Reopened with a reason, by an append of the host's own; then the difference is posted into it."""
    host = Host()
    host.run(FEBRUARY)
    before = host.ledger()
    after = before.reopen(FEBRUARY, by="chen", why="a contract was lost")
    lines = list(after.lines())
    host.entries.append("branch/ledger", lines[-1:], expected=len(lines) - 1)
    host.rows += [
        row("signed 1", lp.LoanEvent(loan="L1", kind=lp.EventKind.SIGNED, on="2026-02-03", amount="40万元"), 2),
        row("drawn 1", lp.LoanEvent(loan="L1", kind=lp.EventKind.DISBURSED, on="2026-02-03", amount="40万元"), 2),
    ]
    done = host.run(FEBRUARY)
    # 400,000 of 300,000 signed are 133.3 points, 10,664 for 8,000; and 1% of the 100,000 more.
    assert "3664.00 CNY" == host.paid()["branch/lin/2026-02/CNY/2"]
    assert done.closed


# ── async hosts ─────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class Awaited:
    """A port whose methods are coroutine functions."""

    port: Any

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.port, name)

        async def called(*args: Any, **words: Any) -> Any:
            await asyncio.sleep(0)
            return method(*args, **words)

        return called


@pytest.mark.parametrize("wrap", [Awaited, lambda port: port])
def test_an_async_host_gets_the_same(wrap: Callable[[Any], Any]) -> None:
    """The steps are the same; only who makes the calls differs."""
    straight, host = Host(), Host()

    async def approve(run: lp.Run) -> bool:
        await asyncio.sleep(0)
        return run.used == run.rows

    async def months() -> list[lp.Run]:
        return [await lp.run_async(period, **host.ports(wrap), approve=approve) for period in (FEBRUARY, MARCH, APRIL)]

    done = asyncio.run(months())
    expected = [straight.run(period) for period in (FEBRUARY, MARCH, APRIL)]
    assert straight.state() == host.state()
    assert [run.entries for run in expected] == [run.entries for run in done]
    assert asyncio.run(lp.run_async(FEBRUARY, **host.ports(wrap))).closed


async def stopped(host: Host, turns: int) -> bool:
    """Work February, and cancel it after some turns of the loop; whether it was still at work."""
    task = asyncio.ensure_future(lp.run_async(FEBRUARY, **host.ports(Awaited)))
    for _ in range(turns):
        await asyncio.sleep(0)
    at_work = task.cancel()
    await asyncio.wait([task])
    return at_work


def test_an_async_run_that_is_cancelled_goes_on_later() -> None:
    """A service is stopped in the middle of a month, at every turn of its loop."""
    straight = Host()
    straight.run(FEBRUARY)
    turns, at_work = 0, True
    while at_work:
        turns += 1
        host = Host()
        at_work = asyncio.run(stopped(host, turns))
        host.run(FEBRUARY)
        assert straight.state() == host.state()
    assert turns > 20


def test_a_coroutine_in_a_plain_run_is_named() -> None:
    """Otherwise the month would seem to be done, and nobody would be paid."""
    with pytest.raises(DataError, match=r"its method is a coroutine function; use lp\.run_async"):
        lp.run(FEBRUARY, **Host().ports(Awaited))


# ── ports that answer something else ────────────────────────────────────────────────────────────────────────


@frozen
class Wrong:
    """A port that answers one thing, whatever it is asked."""

    answer: Any

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: self.answer


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"feeds": {"crm": Wrong([])}}, r"feeds\['crm'\]\.pull\(\): it returned a list; return a Pulled"),
        (
            {"feeds": {"crm": Wrong(Pulled(rows=[], cursor="", more=True))}},
            r"there is more, and the cursor stays at ''; move it with each pull",
        ),
        ({"answers": Wrong(None)}, r"answers\.answers\(\): it returned a NoneType; return a Answered"),
        (
            {"answers": Wrong(Answered(answers=[], cursor="", more=True))},
            r"there is more, and the cursor stays at ''",
        ),
        ({"entries": Wrong(["{}"])}, r"entries\.batches\(\): it returned a str; return a Batch"),
    ],
)
def test_a_port_that_answers_something_else_is_named(changed: dict[str, Any], said: str) -> None:
    """Before anything is posted."""
    host = Host()
    keeping: dict[str, Any] = {"entries": host.entries, "feeds": {"crm": MemoryFeed(ROWS)}} | changed
    with pytest.raises(DataError, match=said):
        host.run(FEBRUARY, keeping=lp.Keeping(**keeping))
    assert {} == host.paid()


def test_feeds_need_a_store_that_keeps_their_rows() -> None:
    """A plain source of facts would forget what was pulled."""
    with pytest.raises(DataError, match=r"a MemoryFacts keeps no rows of feeds; pass a ports\.FactStore"):
        Host().run(FEBRUARY, facts=MemoryFacts())


def test_a_damaged_record_stops_the_run_and_says_where() -> None:
    """A ledger with a line that was edited by hand is not what was sealed; one that was sealed so is no ledger."""
    host = Host()
    host.run(FEBRUARY)
    good = host.entries.streams["branch/ledger"]
    bad = (good[0].replace("branch", "x")[:-3], *good[1:])
    host.entries.streams["branch/ledger"] = bad
    with pytest.raises(
        StoreError, match=f"stream 'branch/ledger', records 1 to {len(good) - 1}: they are not what was"
    ):
        host.run(MARCH)
    entries = MemoryEntries()
    entries.append("branch/ledger", bad, expected=0)
    with pytest.raises(DataError, match="line 1 of a ledger"):
        host.run(MARCH, keeping=lp.Keeping(entries=entries))
    host.entries.streams["branch/ledger"] = good
    host.entries.append("branch/payments", ['{"handed":"all"}'], expected=2)
    with pytest.raises(DataError, match="record 3 of 'branch/payments': it is no record of payments"):
        host.run(MARCH)


def test_what_a_notifier_raises_stops_no_pay() -> None:
    """Mail is down: everything is posted, paid and closed by then, and told by the next run."""

    @frozen
    class Down:
        def notify(self, notices: tuple[Notice, ...]) -> None:
            raise ConnectionError(len(notices))

    host = Host()
    ports = host.ports()
    down = lp.Keeping(entries=host.entries, feeds=ports["keeping"].feeds, notifier=Down(), close_by="chen")
    with pytest.raises(ConnectionError):
        lp.run(FEBRUARY, **(ports | {"keeping": down}))
    assert 2 == len(host.paid())
    host.run(FEBRUARY)
    assert 3 == len(host.told.told)


def test_what_a_sink_raises_leaves_the_month_open_and_pays_the_next_time() -> None:
    """Finance is down: what is posted stays posted, and is handed over again."""

    @frozen
    class Down:
        def pay(self, payments: tuple[Payment, ...]) -> None:
            raise ConnectionError(len(payments))

    straight, host = Host(), Host()
    straight.run(FEBRUARY)
    with pytest.raises(ConnectionError):
        host.run(FEBRUARY, payments=Down())
    assert frozenset() == host.ledger().closed
    host.run(FEBRUARY)
    assert straight.state() == host.state()
