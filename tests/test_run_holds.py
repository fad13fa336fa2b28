"""A run obeys the holds of `<scheme>/disputes`: it pays all else, closes the month, and says what is held and why.

By hand: in February lin has a bonus of 8000 and 3000 for L1, wu 5500; in March lin 5500 and wu 22000.
"""

import asyncio
from typing import Any

import pytest
from attrs import evolve
from tests.test_month import FEBRUARY, MARCH, Fuse, Host, worked

import loanperf as lp
from loanperf.disputes import (
    DisputeOpened,
    DisputePlan,
    Disputes,
    HoldLifted,
    HoldPlaced,
    PayHold,
    disputes_stream,
)
from loanperf.run import read_disputes, read_disputes_async

STREAM = disputes_stream("branch")
SAID: dict[str, Any] = {"why": "under review", "by": "zhou", "since": "2026-02-20", "until": "2026-03-15"}
OF_L1 = HoldPlaced(hold=PayHold(loan="L1", **SAID), at="2026-02-20")
OF_LIN = HoldPlaced(hold=PayHold(payee="lin", **SAID), at="2026-02-20")
FEBRUARY_BUT_L1 = {"branch/lin/2026-02/CNY/1": "8000.00 CNY", "branch/wu/2026-02/CNY/1": "5500.00 CNY"}
ALL_OF_MARCH = {"branch/lin/2026-03/CNY/1": "8500.00 CNY", "branch/wu/2026-03/CNY/1": "22000.00 CNY"}


def a_host(*events: Any, **more: Any) -> Host:
    """A host whose stream of disputes has some events."""
    host = Host(**more)
    host.entries.append(STREAM, Disputes().lines(events), expected=0)
    return host


def keeping(host: Host, **more: Any) -> Any:
    """What the host keeps, with more said of it."""
    return evolve(host.ports()["keeping"], **more)


def test_a_run_leaves_out_what_is_held_and_closes_the_month() -> None:
    """3000 of L1 are held in February; the hold ended by the last day of March, which is said, and March pays them."""
    host = a_host(OF_L1)
    done = host.run(FEBRUARY)

    assert (FEBRUARY_BUT_L1, True, ()) == (host.paid(), done.closed, done.blocked)
    (one,) = done.stopped
    assert ("lin", "3000.00 CNY") == (one.payee, str(one.amount))
    zh = (
        "暂不发放 3,000.00 元：贷款 L1 的绩效薪酬暂缓发放，自 2026-02-20 至 2026-03-15，经办人 zhou，原因：under review"
    )
    assert zh == one.text.zh

    done = host.run(MARCH)
    assert (FEBRUARY_BUT_L1 | ALL_OF_MARCH, ()) == (host.paid(), done.stopped)
    (problem,) = [problem for problem in done.problems if problem.where == "hold 1"]
    assert ("it ended on 2026-03-15, and what it held is paid", "L1") == (problem.fault, problem.loan)
    assert not done.held


def test_the_day_of_payment_decides() -> None:
    """March is paid on 10 March by one host, while the hold lasts, and once it is lifted by another."""
    host = a_host(OF_L1)
    host.run(FEBRUARY)
    host.run(MARCH, keeping=keeping(host, pay_on="2026-03-10"))
    assert {"branch/lin/2026-03/CNY/1": "5500.00 CNY"}.items() <= host.paid().items()

    host = a_host(OF_L1, HoldLifted(hold=1, why="found right", by="chen", at="2026-03-09"))
    host.run(FEBRUARY, keeping=keeping(host, pay_on="2026-03-10"))
    assert {"branch/lin/2026-02/CNY/1": "11000.00 CNY"}.items() <= host.paid().items()


def test_a_hold_that_was_placed_after_the_month_holds_its_pay() -> None:
    """February is paid in March: what is said on 3 March counts, though no day of payment is given."""
    late = PayHold(payee="lin", **{**SAID, "since": "2026-03-03"})
    host = a_host(HoldPlaced(hold=late, at="2026-03-03"))
    done = host.run(FEBRUARY)
    assert {"branch/wu/2026-02/CNY/1": "5500.00 CNY"} == host.paid()
    assert [("lin", "11000.00 CNY")] == [(one.payee, str(one.amount)) for one in done.stopped]


def test_what_nobody_decided_and_a_hold_of_nobody_are_said() -> None:
    """The dispute was to be decided by 20 March; nothing is known of a loan L9. Neither holds the run."""
    plan = Disputes().start(DisputePlan(days_to_open=15, days_to_decide=10, days_to_tell=5), by="hr", at="2026-01-01")
    opened = DisputeOpened(
        payee="lin", line="lin/sales/loans/L1/disbursed/2026-02", period=FEBRUARY, told_on="2026-03-02",
        claim="it was 40万元", seen=4, by="lin", at="2026-03-10",
    )  # fmt: skip
    nobody = HoldPlaced(hold=PayHold(loan="L9", **{**SAID, "until": "2026-04-30"}), at="2026-03-11")
    host = a_host(*plan, opened, nobody)
    host.run(FEBRUARY)
    said = {problem.where: problem for problem in host.run(MARCH).problems}

    assert ("nobody decided it by 2026-03-20", "lin") == (said["dispute 2"].fault, said["dispute 2"].payee)
    assert "the ledger has no entry of it" == said["the hold of loan L9"].fault
    assert 4 == len(host.paid())


def test_a_run_that_stops_anywhere_holds_the_same() -> None:
    """It only reads the stream: run again, the ledger is the same to the letter."""
    straight = a_host(OF_L1)
    straight.run(FEBRUARY)
    at, left = 0, [FEBRUARY]
    while left:
        at += 1
        host = a_host(OF_L1)
        left = worked(host, [FEBRUARY], Fuse(at, "after"))
        for period in left:
            host.run(period)
        assert straight.state() == host.state()
        assert 1 == len(host.entries.streams[STREAM])
    assert at > 10


def test_a_person_who_is_held_is_paid_in_one_sum_afterwards() -> None:
    """11000 of February and 5500 of March."""
    host = a_host(OF_LIN)
    host.run(FEBRUARY)
    assert {"branch/wu/2026-02/CNY/1": "5500.00 CNY"} == host.paid()
    host.run(MARCH)
    assert "16500.00 CNY" == host.paid()["branch/lin/2026-03/CNY/1"]


def test_the_stream_is_read_as_it_was_sealed() -> None:
    """By a store, and by one whose methods are coroutine functions."""

    class Awaited:
        def __init__(self, entries: Any) -> None:
            self.entries = entries

        async def append(self, stream: str, lines: Any, *, expected: int) -> Any:
            return self.entries.append(stream, lines, expected=expected)

        async def read(self, stream: str) -> Any:
            return self.entries.read(stream)

        async def batches(self, stream: str) -> Any:
            return self.entries.batches(stream)

    host = a_host(OF_L1)
    held = read_disputes(host.entries, scheme="branch")
    assert (OF_L1.hold,) == held.in_force(FEBRUARY.last_day)
    assert held == asyncio.run(read_disputes_async(Awaited(host.entries), scheme="branch"))


def test_a_damaged_stream_stops_the_run() -> None:
    """A record of a newer version, or one that is missing, might have been a hold."""
    host = a_host(OF_L1)
    (record,) = host.entries.streams[STREAM]
    other = Host()
    other.entries.append(STREAM, [record.replace('"form":1', '"form":2')], expected=0)
    with pytest.raises(lp.errors.DataError, match="record 1 of the disputes: it is of form 2"):
        other.run(FEBRUARY)
    assert {} == other.paid()


def test_a_hold_in_another_spelling_holds_and_one_of_nobody_is_told_first() -> None:
    """A record says LIN, and another a loan L9, of which nothing is known: wu is paid 5500, and lin nothing."""
    spelt = evolve(OF_LIN, hold=PayHold(payee="LIN", **SAID))
    host = a_host(spelt, evolve(OF_L1, hold=PayHold(loan="L9", **SAID)))
    done = host.run(FEBRUARY)
    assert {"branch/wu/2026-02/CNY/1": "5500.00 CNY"} == host.paid()
    assert ("the hold of loan L9", "the ledger has no entry of it") == (done.problems[0].where, done.problems[0].fault)
    assert [("lin", "11000.00 CNY")] == [(one.payee, str(one.amount)) for one in done.stopped]
