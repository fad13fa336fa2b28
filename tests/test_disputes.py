"""Disputes and holds: who may say what of a line of pay, by when, and what becomes of it; nobody decides on their own.

Days are worked by hand: the statement of March is given on 2 April; 15 days to open it end on 17 April, and the 10 days
to decide what was opened on 8 April on 18 April.
"""

import json
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.test_holds import APRIL, FACTS, MARCH, RULES, drawn, settled

import loanperf as lp
from loanperf.alerts import Leads
from loanperf.disputes import (
    DISPUTE_MOVES,
    HOLD_MOVES,
    DisputeAct,
    DisputeExpired,
    DisputeOpened,
    DisputePlan,
    DisputeRejected,
    Disputes,
    DisputeState,
    DisputeTakenUp,
    DisputeUpheld,
    DisputeWithdrawn,
    HoldAct,
    HoldEnded,
    HoldLifted,
    HoldPlaced,
    HoldState,
    PayHold,
    disputes_stream,
)
from loanperf.errors import DataError, LedgerError
from loanperf.viewer import Viewer

PLAN = DisputePlan(days_to_open=15, days_to_decide=10, days_to_tell=31, panel=["zhou", "chen"])
LEDGER = settled(lp.Ledger(), MARCH)
LEDGER = LEDGER.append(lp.pay(LEDGER, period=MARCH, rules=RULES).entries)
LINE = "lin/sales/loans/L1/disbursed/2026-03"
OPENED = DisputeOpened(
    payee="lin", line=LINE, period=MARCH, told_on="2026-04-02", claim="a second drawing of 5万元 is missing",
    amount=lp.Money.of("1500 CNY"), seen=len(LEDGER.entries), by="lin", at="2026-04-08",
)  # fmt: skip
TAKEN_UP = DisputeTakenUp(dispute=2, by="zhou", at="2026-04-09")
REJECTED = DisputeRejected(dispute=2, why="the drawing is of April", by="zhou", at="2026-04-10")
HOLD = PayHold(loan="L1", why="dispute 2", by="zhou", since="2026-04-09", until="2026-04-30")
PLACED = HoldPlaced(hold=HOLD, dispute=2, at="2026-04-09")
HR = Viewer(who="hr", sees="all")


def started() -> Disputes:
    """A stream of which the first record is the plan."""
    return Disputes().after(Disputes().start(PLAN, by="hr", at="2026-01-01"))


def opened(said: DisputeOpened = OPENED) -> Disputes:
    """A stream of which the second record is the dispute of lin."""
    held = started()
    return held.after(held.open(said, ledger=LEDGER))


def taken_up() -> Disputes:
    """A stream of which the third record is that zhou took it up."""
    held = opened()
    return held.after(held.answer(TAKEN_UP, ledger=LEDGER))


def upheld_by(*numbers: int, how: Any = "recomputed", **more: Any) -> DisputeUpheld:
    """That the dispute of lin is right, by some entries."""
    said = {"dispute": 2, "how": how, "entries": numbers, "why": "the drawing was there", "by": "zhou"}
    return DisputeUpheld(**{**said, "at": "2026-04-18", **more})


def corrected() -> lp.Ledger:
    """The ledger once the missing drawing of 5万元 is known, and April is settled: 500 more for L1."""
    more = lp.LoanEvent(loan="L1", kind=lp.EventKind.DISBURSED, on="2026-03-20", number="2", amount="5万元")
    return settled(LEDGER.close(MARCH, by="hr"), APRIL, [*FACTS, more])


def test_a_dispute_is_upheld_by_the_entries_that_answer_it() -> None:
    """Facts were corrected: 500 are posted as an adjustment of the very line, and the dispute names that entry."""
    ledger, held = corrected(), taken_up()
    (number,) = [entry.number for entry in ledger.entries if entry.line == LINE and entry.number > OPENED.seen]
    assert ("adjustment", "500.00 CNY") == (
        ledger.entries[number - 1].kind.value,
        str(ledger.entries[number - 1].amount),
    )

    events = held.answer(upheld_by(number), ledger=ledger)
    held = held.after(events)

    (case,) = held.seen_by(HR)
    assert (DisputeState.UPHELD, date(2026, 4, 18), date(2026, 4, 18)) == (case.state, case.since, case.deadline)
    assert f"lin 对 {LINE} 的异议（编号 2）：异议成立，自 2026-04-18 起，理由：the drawing was there" == case.text.zh
    assert () == held.answer(upheld_by(number), ledger=ledger)
    assert held == Disputes.of(
        Disputes().lines([*Disputes().start(PLAN, by="hr", at="2026-01-01"), OPENED, TAKEN_UP, *events])
    )


def test_an_amount_set_by_hand_answers_a_dispute() -> None:
    """As an adjustment, by the entry that `lp.overrule` gave; a recomputed entry is none."""
    said: dict[str, Any] = {"by": "zhou", "why": "agreed", "evidence": "HR-17"}
    entry = lp.overrule(LEDGER, LINE, lp.Money.of("1500 CNY"), period=APRIL, payee="lin", **said)
    held = taken_up()
    assert held.answer(upheld_by(entry.number, how="adjusted"), ledger=LEDGER.append([entry]))
    ledger = corrected()
    number = next(one.number for one in ledger.entries if one.line == LINE and one.number > OPENED.seen)
    with pytest.raises(DataError, match="no amount of these entries was set by hand"):
        held.answer(upheld_by(number, how="adjusted"), ledger=ledger)


@pytest.mark.parametrize(
    ("numbers", "fault"),
    [
        ((99,), "entry 99 is not in the ledger"),
        ((1,), "were there when it was opened; name the entries that were posted since"),
        ((7, 7), "DisputeUpheld.entries: it is .7, 7.; pass numbers of entries, each once"),
    ],
)
def test_what_was_there_before_answers_nothing(numbers: tuple[int, ...], fault: str) -> None:
    """Nor what is not there, or of another loan."""
    with pytest.raises(DataError, match=fault):
        taken_up().answer(upheld_by(*numbers), ledger=corrected())
    ledger = corrected()
    other = next(one.number for one in ledger.entries if one.loan == "L3")
    with pytest.raises(DataError, match="name entries of the payee, of the line or of its loan"):
        taken_up().answer(upheld_by(other), ledger=ledger)


LEADS = Leads(
    organisation=lp.Organisation(
        units=[lp.Unit(code="bank"), lp.Unit(code="east", parent="bank"), lp.Unit(code="west", parent="bank")],
        assignments=[
            lp.Assignment(payee=who, unit=unit, role=role, since="2025-01-01")
            for who, unit, role in (
                *(("lin", "east", "officer"), ("wu", "east", "officer"), ("fang", "west", "officer")),
                *(("tang", "east", "lead"), ("ma", "west", "lead"), ("gao", "bank", "lead")),
            )
        ],
    ),
    roles=["lead"],
)
"""Tang leads lin and wu, ma leads fang, and gao all of them; zhou and chen are the panel."""


@pytest.mark.parametrize(
    ("by", "may"),
    [("zhou", True), ("chen", True), ("tang", True), ("gao", True), ("wu", False), ("ma", False), ("ZHOU", False)],
)
def test_the_panel_and_superiors_decide_and_no_colleague(by: str, *, may: bool) -> None:
    """Of disputes and holds alike: wu works beside lin, and ma leads another branch."""
    for held, event in ((opened(), evolve(TAKEN_UP, by=by)), (taken_up(), evolve(REJECTED, by=by))):
        if may:
            assert (event,) == held.answer(event, ledger=LEDGER, leads=LEADS)
        else:
            with pytest.raises(DataError, match=rf"{by} is neither above lin as of 2026-04-\d\d nor in the panel"):
                held.answer(event, ledger=LEDGER, leads=LEADS)
    placed, lifted = evolve(PLACED, hold=evolve(HOLD, by=by)), HoldLifted(hold=3, why="w", by=by, at="2026-04-10")
    held = opened().after([PLACED])
    if may:
        assert (placed,) == opened().place(placed, ledger=LEDGER, leads=LEADS)
        assert (lifted,) == held.lift(lifted, ledger=LEDGER, leads=LEADS)
        return
    with pytest.raises(
        DataError, match=f"the hold of loan L1: {by} is neither above lin as of 2026-04-09 nor in the pan"
    ):
        opened().place(placed, ledger=LEDGER, leads=LEADS)
    with pytest.raises(
        DataError, match=f"the hold of loan L1: {by} is neither above lin as of 2026-04-10 nor in the pan"
    ):
        held.lift(lifted, ledger=LEDGER, leads=LEADS)


def test_the_amount_of_a_dispute_is_one_of_its_line() -> None:
    """Not below zero, of 15 digits in fen at most, and in yuan as the line is."""
    most = evolve(OPENED, amount=lp.Money.of("9999999999999.99 CNY"))
    assert (most,) == started().open(most, ledger=LEDGER)
    for amount in ("-0.01 CNY", "10000000000000 CNY", "9" * 40 + " CNY"):
        with pytest.raises(DataError, match=r"DisputeOpened.amount: it is .* pass zero or more, of 15 digits"):
            evolve(OPENED, amount=lp.Money.of(amount))
    with pytest.raises(DataError, match=r"it asks for 5.00 USD, and the line is in CNY"):
        started().open(evolve(OPENED, amount=lp.Money.of("5 USD")), ledger=LEDGER)


def test_nobody_sets_their_own_line_by_hand() -> None:
    """However they spell themselves."""
    said: dict[str, Any] = {"why": "agreed", "evidence": "HR-17", "payee": "lin", "period": APRIL}
    for by in ("lin", "LIN", " lin"):
        with pytest.raises(LedgerError, match=r"would set their own pay by hand"):
            lp.overrule(LEDGER, LINE, lp.Money.of("1500 CNY"), by=by, **said)


def test_without_leads_the_panel_alone_decides() -> None:
    """And without a plan nobody does, for whom no superior is known."""
    with pytest.raises(DataError, match="tang is neither above lin"):
        opened().answer(evolve(TAKEN_UP, by="tang"), ledger=LEDGER)
    with pytest.raises(DataError, match="zhou is neither above lin"):
        Disputes().place(evolve(PLACED, dispute=0), ledger=LEDGER)


def test_nobody_says_that_they_had_the_statement_later_than_the_plan_has_it() -> None:
    """March ends on the 31st, and 31 days later is 1 May: what is said of 2 May, or of years later, is refused."""
    last = evolve(OPENED, told_on="2026-05-01", at="2026-05-16")
    assert (last,) == started().open(last, ledger=LEDGER)
    for told_on, at in (("2026-05-02", "2026-05-03"), ("2029-01-01", "2029-01-02")):
        with pytest.raises(DataError, match=f"on {told_on}, and by the plan everybody had it by 2026-05-01"):
            started().open(evolve(OPENED, told_on=told_on, at=at), ledger=LEDGER)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"line": "lin/sales/loans/L9/disbursed/2026-03"}, "the ledger has no entry of such a line of lin in 2026-03"),
    ({"payee": "wu", "by": "wu"}, "the ledger has no entry of such a line of wu"),
    ({"period": APRIL}, "the ledger has no entry of such a line of lin in 2026-04"),
    ({"by": "he"}, "he would speak for lin"),
    ({"at": "2026-04-18"}, "it is opened on 2026-04-18, and could be until 2026-04-17"),
    ({"told_on": "2026-04-09"}, "the payee is said to have had the statement of 2026-03 on 2026-04-09"),
    ({"seen": 1}, "pass len.ledger.entries."),
]


@pytest.mark.parametrize(("changed", "fault"), REFUSED)
def test_a_dispute_is_about_a_line_of_the_payee_within_the_days(changed: dict[str, Any], fault: str) -> None:
    """And opened by them, or by somebody who stands for them."""
    with pytest.raises(DataError, match=fault):
        started().open(evolve(OPENED, **changed), ledger=LEDGER)


def test_a_payee_opens_a_dispute_however_their_code_is_written() -> None:
    """Who may not decide their own dispute by another case may open it by that too: it is one person."""
    (event,) = started().open(evolve(OPENED, by="LIN"), ledger=LEDGER)

    assert event.payee == "lin"


def test_the_last_day_of_a_dispute_and_of_a_hold_counts() -> None:
    """A dispute that is decided by the 20th is overdue on the 21st; a hold until then keeps pay back on that day."""
    held = opened()
    (case,) = held.seen_by(HR)
    hold = PLACED.hold

    assert [case.is_overdue(case.deadline + timedelta(days)) for days in (0, 1)] == [False, True]
    assert [hold.has_ended(hold.until + timedelta(days)) for days in (0, 1)] == [False, True]
    assert hold.is_in_force(hold.until)


def test_somebody_may_stand_for_a_payee_and_then_decides_nothing_of_it() -> None:
    """The host says for whom; the last day counts."""
    said = evolve(OPENED, by="he", at="2026-04-17")
    held = started()
    held = held.after(held.open(said, ledger=LEDGER, stands_for=["lin"]))
    assert () == held.open(said, ledger=LEDGER, stands_for=["lin"])
    for by in ("he", "lin", "LIN"):
        with pytest.raises(DataError, match=f"{by} would decide their own dispute"):
            held.answer(evolve(TAKEN_UP, by=by, at="2026-04-18"), ledger=LEDGER)
    with pytest.raises(DataError, match="dispute 2 about it is open since 2026-04-17"):
        held.open(evolve(said, claim="another"), ledger=LEDGER, stands_for=["lin"])
    with pytest.raises(DataError, match="no plan says how long disputes may be opened"):
        Disputes().open(OPENED, ledger=LEDGER)


def test_what_nobody_decides_expires_and_is_said() -> None:
    """The deadline is 18 April; on 19 April it is overdue, no decision is taken any more, and lin may open another."""
    held = taken_up()
    assert ((), ()) == (held.overdue(date(2026, 4, 18)), held.close_overdue(by="job", at="2026-04-18"))
    with pytest.raises(DataError, match="it could be decided until 2026-04-18, and it is 2026-04-19"):
        held.answer(evolve(REJECTED, at="2026-04-19"), ledger=LEDGER)
    events = held.close_overdue(by="job", at="2026-04-19")
    held = held.after(events)
    assert [DisputeState.EXPIRED] == [case.state for case in held.seen_by(HR)]
    assert () == held.close_overdue(by="job", at="2026-04-20")

    again = evolve(OPENED, claim="nobody answered", at="2026-05-04")
    assert held.open(again, ledger=LEDGER)
    with pytest.raises(DataError, match="it is opened on 2026-05-05, and could be until 2026-05-04"):
        held.open(evolve(again, at="2026-05-05"), ledger=LEDGER)


def moved(state: DisputeState) -> Disputes:
    """A dispute that stands so."""
    held = opened()
    ways: dict[DisputeState, list[Any]] = {
        DisputeState.OPEN: [],
        DisputeState.TAKEN_UP: [TAKEN_UP],
        DisputeState.UPHELD: [TAKEN_UP, upheld_by(99)],
        DisputeState.REJECTED: [TAKEN_UP, REJECTED],
        DisputeState.WITHDRAWN: [DisputeWithdrawn(dispute=2, by="lin", at="2026-04-09")],
        DisputeState.EXPIRED: [*held.close_overdue(by="job", at="2026-04-19")],
    }
    return held.after(ways[state])


@pytest.mark.parametrize(("state", "act"), [*product(DisputeState, DisputeAct)])
def test_every_move_of_a_dispute_is_that_of_the_table(state: DisputeState, act: DisputeAct) -> None:
    """What is not in it is refused, and changes nothing."""
    late = "2026-04-19" if state is DisputeState.EXPIRED or act is DisputeAct.EXPIRE else "2026-04-18"
    (expired,) = opened().close_overdue(by="clerk", at="2026-04-20")
    events: dict[DisputeAct, Any] = {
        DisputeAct.TAKE_UP: evolve(TAKEN_UP, by="chen", at=late),
        DisputeAct.UPHOLD: upheld_by(98, at=late),
        DisputeAct.REJECT: evolve(REJECTED, why="for another reason", at=late),
        DisputeAct.WITHDRAW: DisputeWithdrawn(dispute=2, by="lin", at=late),
        DisputeAct.EXPIRE: expired,
    }
    held = moved(state)
    to = DISPUTE_MOVES.get((state, act))
    if to is None:
        with pytest.raises(DataError, match=rf"it is {state.value}, and there is no way to {act.value} it"):
            held.after([events[act]])
        return
    (case,) = held.after([events[act]]).seen_by(HR)
    assert to is case.state


@pytest.mark.parametrize(("state", "act"), [*product(HoldState, HoldAct)])
def test_every_move_of_a_hold_is_that_of_the_table(state: HoldState, act: HoldAct) -> None:
    """One that was lifted or has ended stays so."""
    held = opened()
    held = held.after(held.place(PLACED, ledger=LEDGER))
    lifted = HoldLifted(hold=3, why="settled", by="zhou", at="2026-04-20")
    ended = held.close_overdue(by="job", at="2026-05-01")[-1]
    ways: dict[HoldState, list[Any]] = {HoldState.PLACED: [], HoldState.LIFTED: [lifted], HoldState.ENDED: [ended]}
    event = evolve(lifted, by="chen") if act is HoldAct.LIFT else ended
    to, held = HOLD_MOVES.get((state, act)), held.after(ways[state])
    if to is None:
        with pytest.raises(DataError, match=rf"it is {state.value}, and there is no way to .*leave it as it stands"):
            held.after([event])
        return
    (case,) = held.after([event]).holds_seen_by(HR, LEDGER)
    assert to is case.state


def test_a_hold_is_in_force_until_it_ends_or_is_lifted() -> None:
    """From 9 to 30 April; lifted on 20 April, pay goes out from that day on."""
    held = opened()
    held = held.after(held.place(PLACED, ledger=LEDGER))
    days = [date(2026, 4, 8), date(2026, 4, 9), date(2026, 4, 20), date(2026, 4, 30), date(2026, 5, 1)]
    assert [(), (HOLD,), (HOLD,), (HOLD,), ()] == [held.in_force(day) for day in days]
    assert () == held.place(PLACED, ledger=LEDGER)

    lifted = HoldLifted(hold=3, why="settled", by="chen", at="2026-04-20")
    held = held.after(held.lift(lifted, ledger=LEDGER))
    assert [(), (HOLD,), (), (), ()] == [held.in_force(day) for day in days]
    assert () == held.lift(lifted, ledger=LEDGER)
    (case,) = held.holds_seen_by(HR, LEDGER)
    assert case.text.zh.endswith("；已解除：2026-04-20，chen，理由：settled")


@pytest.mark.parametrize("by", ["lin", "LIN", "Lin"])
def test_nobody_places_or_lifts_a_hold_of_their_own_pay(by: str) -> None:
    """Of a loan, its payees are who have entries of it."""
    held = opened()
    for hold in (evolve(HOLD, by=by), PayHold(payee="lin", why="w", by=by, since="2026-04-09", until="2026-04-30")):
        with pytest.raises(DataError, match=f"{by} would decide on their own pay"):
            held.place(HoldPlaced(hold=hold, at="2026-04-09"), ledger=LEDGER)
        held_by_zhou = held.after([HoldPlaced(hold=evolve(hold, by="zhou"), at="2026-04-09")])
        with pytest.raises(DataError, match=f"{by} would decide on their own pay"):
            held_by_zhou.lift(HoldLifted(hold=3, why="w", by=by, at="2026-04-10"), ledger=LEDGER)
    with pytest.raises(DataError, match=f"{by} would decide on their own pay"):
        held.after([HoldPlaced(hold=evolve(HOLD, by=by), dispute=2, at="2026-04-09")])


def test_a_hold_that_cannot_be_is_refused() -> None:
    """After its last day, for a dispute that is closed or unknown; lifted too late, or where there is none."""
    held = taken_up()
    for placed, fault in (
        (evolve(PLACED, at="2026-05-01"), "it is placed on 2026-05-01, and ends on 2026-04-30"),
        (evolve(PLACED, dispute=9), "dispute 9: there is none of that number"),
    ):
        with pytest.raises(DataError, match=fault):
            held.place(placed, ledger=LEDGER)
    with pytest.raises(DataError, match="dispute 2 is closed"):
        held.after([REJECTED]).place(evolve(PLACED, at="2026-04-10"), ledger=LEDGER)
    with pytest.raises(DataError, match="hold 7: there is none of that number"):
        held.lift(HoldLifted(hold=7, why="w", by="zhou", at="2026-04-20"), ledger=LEDGER)
    held = held.after(held.place(PLACED, ledger=LEDGER))
    with pytest.raises(DataError, match="it ended on 2026-04-30, and it is 2026-05-01"):
        held.lift(HoldLifted(hold=4, why="w", by="zhou", at="2026-05-01"), ledger=LEDGER)


def test_whoever_looks_sees_those_whom_they_may_see() -> None:
    """The dispute and the hold of a loan of lin are seen by lin and by who sees everybody, and not by wu."""
    held = opened()
    held = held.after(held.place(PLACED, ledger=LEDGER))
    for who, seen in (("lin", 1), ("wu", 0)):
        viewer = Viewer(who=who, sees="self")
        assert (seen, seen) == (len(held.seen_by(viewer)), len(held.holds_seen_by(viewer, LEDGER)))
    wrong: Any = "lin"
    with pytest.raises(DataError, match="the viewer: "):
        held.seen_by(wrong)


RECORDS = Disputes().lines([*Disputes().start(PLAN, by="hr", at="2026-01-01"), OPENED, TAKEN_UP])


@pytest.mark.parametrize(
    ("records", "fault"),
    [
        (RECORDS[:1] + RECORDS[2:], "record 2 of the disputes: it is numbered 3: one is missing or was put in"),
        ([RECORDS[0].replace('"form":1', '"form":2')], "it is of form 2, and this version of loanperf reads 1"),
        ([RECORDS[0], RECORDS[1].replace("5万元", "9万元")], "it was changed"),
        (["{"], "record 1 of the disputes: it cannot be read"),
        (Disputes().lines([OPENED]), "it cannot follow what stands before it"),
    ],
)
def test_a_stream_that_was_damaged_is_refused(records: list[str], fault: str) -> None:
    """With a hole, of a newer version, changed, or of what cannot be."""
    with pytest.raises(DataError, match=fault):
        Disputes.of(records)


def test_the_stream_stands_beside_the_ledger() -> None:
    """Its records are lines of JSON, and come back as they were."""
    assert "branch pay/disputes" == disputes_stream("branch pay")
    assert ["planned", "opened", "taken up"] == [[*json.loads(record)][-1] for record in RECORDS]
    held = Disputes.of(RECORDS)
    assert (3, PLAN) == (held.records, held.plan)
    days = [held.day_of_pay(MARCH), held.day_of_pay(APRIL), held.day_of_pay(MARCH, date(2026, 4, 5))]
    assert [date(2026, 4, 9), APRIL.last_day, date(2026, 4, 5)] == days
    assert () == held.start(PLAN, by="hr", at="2026-05-01")


def test_held_pay_goes_out_by_the_stream() -> None:
    """L5 of wu is held for a dispute: `lp.pay` of the holds in force leaves its 100 out, and pays them when lifted."""
    facts = [*FACTS, *drawn("L5", "wu", "2026-04-06", "1万元")]
    ledger = settled(LEDGER, APRIL, facts)
    held = started()
    hold = PayHold(loan="L5", why="under review", by="zhou", since="2026-04-20", until="2026-05-31")
    held = held.after(held.place(HoldPlaced(hold=hold, at="2026-04-20"), ledger=ledger))
    payout = lp.pay(ledger, period=APRIL, rules=RULES, held=held.in_force(date(2026, 5, 10)))
    assert {"lin": "3000.00 CNY"} == {one.payee: str(one.amount) for one in payout.payments}
    held = held.after(held.lift(HoldLifted(hold=2, why="found right", by="zhou", at="2026-05-11"), ledger=ledger))
    ledger = ledger.append(payout.entries)
    payout = lp.pay(ledger, period=APRIL, rules=RULES, held=held.in_force(date(2026, 5, 11)))
    assert {"wu": "100.00 CNY"} == {one.payee: str(one.amount) for one in payout.payments}


def test_on_its_last_day_a_hold_is_placed_and_lifted_and_has_not_ended() -> None:
    """That is 30 April; it has ended on 1 May."""
    last = evolve(PLACED, dispute=0, at="2026-04-30")
    assert (last,) == opened().place(last, ledger=LEDGER)
    held = opened().after([PLACED])
    lifted = HoldLifted(hold=3, why="settled", by="chen", at="2026-04-30")
    assert (lifted,) == held.lift(lifted, ledger=LEDGER)
    with pytest.raises(DataError, match="it lasts until 2026-04-30, and it is 2026-04-30"):
        held.after([HoldEnded(hold=3, by="job", at="2026-04-30")])
    (ended,) = held.after([HoldEnded(hold=3, by="job", at="2026-05-01")]).holds_seen_by(HR, LEDGER)
    assert HoldState.ENDED is ended.state


def test_on_its_deadline_a_dispute_has_not_expired() -> None:
    """That is 18 April."""
    with pytest.raises(DataError, match="it may be decided until 2026-04-18, and it is 2026-04-18"):
        opened().after([DisputeExpired(dispute=2, by="job", at="2026-04-18")])
    (expired,) = opened().after([DisputeExpired(dispute=2, by="job", at="2026-04-19")]).seen_by(HR)
    assert DisputeState.EXPIRED is expired.state


def test_the_last_entry_that_was_seen_answers_nothing() -> None:
    """It was there when the dispute was opened."""
    with pytest.raises(DataError, match="were there when it was opened; name"):
        taken_up().answer(upheld_by(OPENED.seen), ledger=corrected())


def test_a_statement_may_be_given_on_the_first_day_of_its_period() -> None:
    """1 March; the day before is of no statement of March."""
    first = evolve(OPENED, told_on="2026-03-01", at="2026-03-10")
    assert (first,) == started().open(first, ledger=LEDGER)
    with pytest.raises(DataError, match="the payee is said to have had the statement of 2026-03 on 2026-02-28"):
        started().open(evolve(first, told_on="2026-02-28"), ledger=LEDGER)


def test_a_mistyped_day_lets_no_held_pay_go_out() -> None:
    """Of a plan, or of a note that days have passed, which is of 2062: March is paid as of 9 April, and L1 is held."""
    held = opened().after([PLACED])
    slips = [*held.start(evolve(PLAN, panel=["zhou"]), by="hr", at="2062-06-03")]
    held = held.after([*slips, *held.close_overdue(by="job", at="2062-06-03")])
    assert date(2026, 4, 9) == held.day_of_pay(MARCH)
    assert (HOLD,) == held.in_force(held.day_of_pay(MARCH))


def test_what_is_said_is_dated_between_what_stands_and_half_a_year_ahead() -> None:
    """The ledger has March; April ends on the 30th, and 183 days later is 30 October."""
    back = DisputeWithdrawn(dispute=2, by="lin", at="2026-10-30")
    assert (back,) == opened().answer(back, ledger=LEDGER)
    for far in ("2026-10-31", "2062-04-10"):
        with pytest.raises(DataError, match=f"it is dated {far}, and the latest period of the ledger is 2026-03"):
            opened().answer(evolve(back, at=far), ledger=LEDGER)
        long = evolve(PLACED, hold=evolve(HOLD, until="2062-12-31"), at=far)
        with pytest.raises(DataError, match=f"it is dated {far}, and the latest period of the ledger is 2026-03"):
            opened().place(long, ledger=LEDGER)
    with pytest.raises(DataError, match="it is dated 2026-04-08, and the one before it 2026-04-09"):
        taken_up().place(evolve(PLACED, at="2026-04-08"), ledger=LEDGER)


def test_a_hold_of_whom_the_ledger_does_not_know_is_refused_unless_it_is_ahead() -> None:
    """A slip would hold nobody; who is spelt otherwise is named."""
    slips = {"LIN": ("payee", "hold lin"), "l1": ("loan", "hold L1"), "L77": ("loan", "mend the code, or name it")}
    for code, (what, remedy) in slips.items():
        said: dict[str, Any] = {what: code, "why": "w", "by": "zhou", "since": "2026-04-09", "until": "2026-04-30"}
        placed = HoldPlaced(hold=PayHold(**said), at="2026-04-09")
        with pytest.raises(lp.errors.DataError, match=f"the ledger has no entry of it; {remedy}"):
            started().place(placed, ledger=LEDGER)
        assert (placed,) == started().place(placed, ledger=LEDGER, ahead=[code])


def test_who_may_earn_by_a_loan_does_not_lift_its_hold_before_anything_is_posted() -> None:
    """Nobody knows yet whose pay L77 will be: the panel alone lifts it."""
    hold = PayHold(loan="L77", why="w", by="zhou", since="2026-04-09", until="2026-04-30")
    held = started()
    held = held.after(held.place(HoldPlaced(hold=hold, at="2026-04-09"), ledger=LEDGER, ahead=["L77"]))
    lifted = HoldLifted(hold=2, why="w", by="wu", at="2026-04-10")
    with pytest.raises(lp.errors.DataError, match="wu is neither above anybody as of 2026-04-10 nor in the panel"):
        held.lift(lifted, ledger=LEDGER)
    assert held.lift(evolve(lifted, by="chen"), ledger=LEDGER)


ACTS = st.tuples(
    st.sampled_from(["open", "take up", "uphold", "reject", "withdraw", "place", "lift", "expire"]),
    st.sampled_from(["lin", "LIN", "he", "zhou"]),
    st.integers(0, 3),
    st.integers(1, 6),
)


def done(held: Disputes, act: tuple[str, str, int, int], on: date, ledger: lp.Ledger) -> Any:
    """The events of one act, as somebody tries it."""
    what, by, _, number = act
    said: dict[str, Any] = {"by": by, "at": on}
    of_one: dict[str, Any] = {"dispute": number, **said}
    match what:
        case "open":
            return held.open(evolve(OPENED, seen=len(ledger.entries), **said), ledger=ledger, stands_for=["lin"])
        case "take up":
            return held.answer(DisputeTakenUp(**of_one), ledger=ledger)
        case "uphold":
            return held.answer(upheld_by(len(ledger.entries), **of_one), ledger=ledger)
        case "reject":
            return held.answer(DisputeRejected(why="w", **of_one), ledger=ledger)
        case "withdraw":
            return held.answer(DisputeWithdrawn(**of_one), ledger=ledger)
        case "place":
            hold = PayHold(loan="L1", why=f"hold {on}", by=by, since=on, until=on + timedelta(number))
            return held.place(HoldPlaced(hold=hold, at=on), ledger=ledger)
        case "lift":
            return held.lift(HoldLifted(hold=number, why="w", **said), ledger=ledger)
        case _:
            return held.close_overdue(**said)


@settings(max_examples=60, deadline=None)
@given(st.lists(ACTS, max_size=25))
def test_whatever_people_try_nobody_decides_on_their_own_pay(acts: list[tuple[str, str, int, int]]) -> None:
    """Random people do random things day after day: what is refused changes nothing, and a replay comes to the same."""
    held, ledger, on = started(), LEDGER, date(2026, 4, 8)
    lines = Disputes().lines(Disputes().start(PLAN, by="hr", at="2026-01-01"))
    said: dict[str, Any] = {"by": "zhou", "why": "agreed", "evidence": "HR-17"}
    for act in acts:
        on += timedelta(act[2])
        if act[0] == "uphold":
            entry = lp.overrule(ledger, LINE, lp.Money.of("1500 CNY"), period=APRIL, payee="lin", **said)
            ledger = ledger.append([entry])
        try:
            events = done(held, act, on, ledger)
        except DataError:
            continue
        lines += held.lines(events)
        held = held.after(events)

    assert Disputes.of(lines) == held
    for case in held.seen_by(HR):
        if case.state in (DisputeState.TAKEN_UP, DisputeState.UPHELD, DisputeState.REJECTED):
            assert case.since <= case.deadline
            assert case.answer is not None
            assert case.answer.by not in {"lin", "LIN", case.opened.by}
        assert (case.state is DisputeState.EXPIRED) <= (case.since > case.deadline)
    for hold in held.holds_seen_by(HR, ledger):
        assert hold.by not in {"lin", "LIN"} or hold.state is HoldState.ENDED
        assert not hold.is_in_force(hold.hold.until + timedelta(1))
