"""Sources: an event that several systems report is one event; drawings fit what was signed; equal rows are told."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp
from loanperf.adapters.memory import (
    MemoryEntries,
    MemoryFacts,
    MemoryFactStore,
    MemoryFeed,
    MemoryPayments,
    MemoryPeople,
    MemorySchemes,
)
from loanperf.adapters.sql import Database
from loanperf.adapters.tables import Folder
from loanperf.errors import DataError, Problem
from loanperf.ports import FactStore, FeedRow, Pulled

MARCH = lp.Period.month(2026, 3)
SCHEME = lp.parse_scheme("""
name = "branch"
currency = "CNY"
effective = 2026-01-01

[plans.sales]
rounding = "half up"

[plans.sales.components.loans]
base = "disbursed"
rate = "1%"
""")
PEOPLE = lp.Organisation(assignments=[lp.Assignment(payee="lin", unit="e", role="o", since="2025-01-01")])
LOAN = lp.Loan(loan="L1", customer="C1", officer="lin", opened_on="2026-03-01", amount="30万元")
KINDS: dict[lp.EventKind, dict[str, Any]] = {
    **{kind: {"amount": "30万元"} for kind in (lp.EventKind.SIGNED, lp.EventKind.DISBURSED, lp.EventKind.REPAID)},
    **{kind: {"amount": "30万元"} for kind in (lp.EventKind.PREPAID, lp.EventKind.WRITTEN_OFF, lp.EventKind.RECOVERED)},
    **{kind: {} for kind in (lp.EventKind.APPLIED, lp.EventKind.DUE_DILIGENCE, lp.EventKind.CANCELLED)},
    lp.EventKind.RESCHEDULED: {},
    lp.EventKind.CLASSIFIED: {"category": lp.Category.LOSS},
    lp.EventKind.PAST_DUE: {"days": 31},
    lp.EventKind.ASSIGNED: {"officer": "wu"},
}
USUAL = {
    **dict.fromkeys(("applied", "due diligence complete", "signed", "cancelled", "assigned"), "crm"),
    **dict.fromkeys(("disbursed", "repaid", "prepaid", "written off", "recovered"), "finance"),
    **dict.fromkeys(("classified", "past due", "rescheduled"), "risk"),
}


def event(kind: lp.EventKind, on: str = "2026-03-04", **change: Any) -> lp.LoanEvent:
    """An event of a kind."""
    return lp.LoanEvent(loan="L1", kind=kind, on=on, **(KINDS[kind] | change))


def drawn(on: str = "2026-03-04", amount: str = "30万元", **change: Any) -> lp.LoanEvent:
    """A drawdown."""
    return event(lp.EventKind.DISBURSED, on, amount=amount, **change)


def feed(*facts: lp.Fact | Problem | None, first: int = 1) -> MemoryFeed:
    """A feed that sends facts as rows of their own."""
    return MemoryFeed([FeedRow(row=str(place), revision=1, says=fact) for place, fact in enumerate(facts, first)])


def held(**sources: tuple[lp.Fact, ...]) -> lp.Facts:
    """What a store holds of the rows of some sources."""
    return held_by(lp.Authority(), **sources)


def held_by(authority: lp.Authority, **sources: tuple[lp.Fact, ...]) -> lp.Facts:
    """The same where an authority is stated."""
    store = MemoryFactStore(authority=authority)
    for source, facts in sources.items():
        store.take(source, feed(*facts).pull(""))
    return store.facts(MARCH)


def worked(
    facts: Any, feeds: dict[str, MemoryFeed] | None = None, approve: Callable[[lp.Run], bool] | None = None
) -> tuple[lp.Run, list[str]]:
    """A month with a ledger, and what finance was given."""
    finance = MemoryPayments()
    done = lp.run(
        MARCH,
        facts=facts,
        people=MemoryPeople(PEOPLE),
        schemes=MemorySchemes(SCHEME),
        payments=finance,
        approve=approve,
        keeping=lp.Keeping(entries=MemoryEntries(), feeds=feeds or {}, close_by="chen"),
    )
    return done, [str(payment.amount) for payment in finance.paid.values()]


# ── one authority ───────────────────────────────────────────────────────────────────────────────────────────


def test_one_drawdown_that_two_systems_date_differently_is_paid_once(url_with_tables: str) -> None:
    """300,000 on 3 March by CRM and on 4 March by finance: 3,000, and a problem that names both; it was 6,000."""
    database = Database.connect(url_with_tables, company="north")
    for store in (MemoryFactStore(), database.facts):
        feeds = {"crm": feed(LOAN, drawn("2026-03-03")), "finance": feed(drawn("2026-03-04"))}
        done, paid = worked(store, feeds)
        (problem,) = done.problems

        assert ([], True, False) == (paid, done.held, done.closed)
        assert ["3000.00 CNY"] == [str(payment.amount) for payment in done.payments]
        assert ("crm 2: event L1 disbursed 2026-03-03", "lin", "L1") == (problem.where, "lin", problem.loan)
        assert "finance, whose word holds for 'disbursed', says otherwise" in problem.fault
        assert "crm: 2026-03-03 300000.00 CNY (crm 2); finance: 2026-03-04 300000.00 CNY (finance 1)" == problem.found
        assert ["3000.00 CNY"] == worked(store, approve=lambda _: True)[1]
    database.close()


def test_columns_of_a_database_follow_the_same_authority(url_with_tables: str) -> None:
    """A bank larger than memory counts a drawdown once too."""
    database = Database.connect(url_with_tables, company="north")
    other: list[lp.Fact] = [lp.Loan(loan="L2", customer="C1", officer="lin", opened_on="2026-03-01", amount="30万元")]
    other += [evolve(drawn("2026-03-09", number="7"), loan="L2")]
    database.facts.take("crm", feed(LOAN, drawn("2026-03-03"), *other).pull(""))
    database.facts.take("finance", feed(drawn("2026-03-04"), evolve(drawn("2026-03-09"), loan="L2")).pull(""))
    expected = database.facts.facts(MARCH)
    parts = list(database.facts.parts(currency="CNY", loans=1))

    assert 2 == len(parts)
    assert set(expected) == {fact for part in parts for fact in part}
    assert expected.problems == tuple(problem for part in parts for problem in part.problems)
    assert (expected.rows, expected.repeats) == (sum(part.rows for part in parts), sum(part.repeats for part in parts))
    assert (6, 1, 1) == (expected.rows, expected.repeats, len(expected.problems))
    database.close()


@pytest.mark.parametrize("kind", lp.EventKind)
def test_of_each_kind_of_event_one_source_is_believed(kind: lp.EventKind) -> None:
    """CRM of signings and what leads to them, finance of money, risk of classes: whoever else says so is compared."""
    source = USUAL[kind.value]
    assert source == lp.Authority().of(kind)
    for other in {"crm", "finance", "risk", "core"} - {source}:
        for sent in permutations([(source, event(kind)), (other, event(kind, "2026-03-03"))]):
            facts = held(**{name: (fact,) for name, fact in sent})
            assert [event(kind)] == list(facts)
            (problem,) = facts.problems
            assert f"{source}, whose word holds for {kind.value!r}, says otherwise" in problem.fault
            assert f"({source} 1)" in problem.found
            assert f"({other} 1)" in problem.found
        same = held(**{source: (event(kind),), other: (event(kind, number="77"),)})
        assert ([event(kind)], 1, ()) == ([*same], same.repeats, same.problems)


@pytest.mark.parametrize("kind", lp.EventKind)
def test_what_the_authority_does_not_report_is_told_and_not_counted(kind: lp.EventKind) -> None:
    """A drawdown that only CRM has seen is no drawdown yet; who counted it would pay it again a day later."""
    source = USUAL[kind.value]
    other = "core" if source != "core" else "crm"
    store = MemoryFactStore()
    store.take(other, feed(event(kind)).pull(""))
    assert [event(kind)] == list(store.facts(MARCH))
    store.take(source, Pulled(rows=(), cursor="1"))
    facts = store.facts(MARCH)

    assert ([], 1) == ([*facts], len(facts.problems))
    assert f"{source}, whose word holds for {kind.value!r}, does not report it" in facts.problems[0].fault
    store.take(source, feed(event(kind)).pull(""))
    assert ([event(kind)], 1, ()) == ([*store.facts(MARCH)], store.facts(MARCH).repeats, store.facts(MARCH).problems)


def test_the_list_of_the_authority_is_what_holds() -> None:
    """Parts of another size, one too many and one too few: nothing of another list is added."""
    mine = (drawn("2026-03-02", "10万元"), drawn("2026-03-04", "20万元"))
    for theirs, problems in (
        ((drawn("2026-03-03", "30万元"),), 1),
        ((*mine, drawn("2026-03-09", "5万元")), 1),
        ((drawn("2026-03-02", "10万元"),), 0),
        ((drawn("2026-03-02", "20万元"), drawn("2026-03-04", "10万元")), 2),
        ((drawn("2026-03-02", "20万元"), mine[1]), 1),
    ):
        facts = held(finance=mine, crm=theirs)
        assert ([*mine], problems) == ([*facts], len(facts.problems))
        assert facts.rows == len(facts) + facts.repeats + len(facts.problems)


def test_a_corrected_late_or_withdrawn_row_is_compared_as_it_is_now() -> None:
    """The problem goes when one of the systems is corrected, whichever."""
    store = MemoryFactStore()
    store.take("crm", feed(LOAN, drawn("2026-03-03")).pull(""))
    store.take("finance", feed(drawn("2026-03-04")).pull(""))
    assert 1 == len(store.facts(MARCH).problems)
    store.take("crm", Pulled(rows=[FeedRow(row="2", revision=2, says=drawn("2026-03-04"))], cursor="9"))
    assert ((), 1) == (store.facts(MARCH).problems, store.facts(MARCH).repeats)
    store.take("finance", Pulled(rows=[FeedRow(row="1", revision=2, says=None)], cursor="9"))
    assert ["finance, whose word holds for 'disbursed', does not report it, so it is not counted"] == [
        problem.fault for problem in store.facts(MARCH).problems
    ]
    store.take("crm", Pulled(rows=[FeedRow(row="2", revision=3, says=None)], cursor="9"))
    assert ([LOAN], ()) == ([*store.facts(MARCH)], store.facts(MARCH).problems)


def test_sources_of_other_names_need_an_authority_where_they_differ() -> None:
    """Nothing tells which of `north` and `core` is right; who says so gets the one list."""
    theirs = {"core": (drawn("2026-03-04"),), "north": (drawn("2026-03-03"),)}
    facts = held(**theirs)
    assert ([], 2) == ([*facts], len(facts.problems))
    for problem in facts.problems:
        assert "core and north report 'disbursed' of this loan, they differ, and nobody's word holds" == problem.fault
        assert "state whose word holds: lp.Authority({'disbursed': <name of the source>})" == problem.remedy
        assert "L1" == problem.loan
    assert [drawn("2026-03-03")] == list(held_by(lp.Authority({"disbursed": "north"}), **theirs))
    assert [drawn("2026-03-04")] == list(held_by(lp.Authority({lp.EventKind.DISBURSED: "core"}), **theirs))
    alike = held(core=(drawn(),), north=(drawn(number="3"),))
    assert ([drawn()], 1, ()) == ([*alike], alike.repeats, alike.problems)
    apart = held(core=(drawn(),), north=(evolve(drawn("2026-03-03"), loan="L2"),))
    assert (2, ()) == (len(apart), apart.problems)


def test_a_source_that_is_stated_holds_before_it_has_said_anything() -> None:
    """A host that says `core` means it, though the first pull of `core` is to come."""
    facts = held_by(lp.Authority({"disbursed": "core"}), crm=(drawn(),))
    assert ([], 1) == ([*facts], len(facts.problems))


def test_facts_of_one_source_stay_as_they_are() -> None:
    """Whatever it is called, and where nothing says what it is called."""
    rows: list[lp.Loan | lp.LoanEvent] = [LOAN, drawn("2026-03-03", "10万元"), drawn("2026-03-04", "20万元")]
    for source in ("", "crm", "finance", "events.csv row 7"):
        facts = lp.Facts.of([evolve(row, source=source) for row in rows])
        assert ([*facts], facts.problems) == (rows, ())
    assert rows == [*held(core=tuple(rows))]


def test_rows_that_name_their_source_are_compared_without_a_store() -> None:
    """The same rule where a host has all rows at hand."""
    rows: list[lp.Fact] = [LOAN, drawn("2026-03-03", source="crm"), drawn("2026-03-04", source="finance")]
    done, _ = worked(MemoryFacts(rows))

    assert ["3000.00 CNY"] == [str(payment.amount) for payment in done.payments]
    assert (True, 1) == (done.held, len(done.problems))


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({"disbursd": "core"}, "there is no kind of event 'disbursd'; did you mean 'disbursed'?"),
        ({"disbursed": ""}, "authority for 'disbursed': '' names no source; name the source, as the feed is named"),
        ({"disbursed": None}, "authority for 'disbursed': None names no source"),
        ("core", "authority: it is a str; write lp.Authority"),
    ],
)
def test_an_authority_that_cannot_be_is_refused(given_: Any, said: str) -> None:
    """A kind with a slip of the pen would leave the usual source in force."""
    with pytest.raises(DataError) as caught:
        lp.Authority(given_)
    assert said in str(caught.value)


REPORTS = st.lists(
    st.builds(
        drawn,
        st.sampled_from(["2026-03-03", "2026-03-04"]),
        st.sampled_from(["10万元", "20万元"]),
        number=st.sampled_from(["1", "2"]),
    ),
    max_size=4,
    unique_by=lambda fact: fact.key,
)


@given(REPORTS, REPORTS, REPORTS)
def test_no_other_source_ever_adds_to_the_authority(
    mine: list[lp.LoanEvent], crm: list[lp.LoanEvent], core: list[lp.LoanEvent]
) -> None:
    """Whatever others send: what holds is the list of finance, every row is used, a repeat or told, in any order."""
    sent = {"finance": mine, "crm": crm, "core": core}
    for order in permutations(sent):
        store = MemoryFactStore()
        for source in order:
            store.take(source, Pulled(rows=feed(*sent[source]).pull("").rows, cursor="1"))
        facts = store.facts(MARCH)
        assert set(mine) == set(facts)
        assert len(mine) + len(crm) + len(core) == facts.rows == len(facts) + facts.repeats + len(facts.problems)


# ── drawings ────────────────────────────────────────────────────────────────────────────────────────────────


def signed(amount: str, on: str = "2026-03-01") -> lp.LoanEvent:
    """A signing."""
    return event(lp.EventKind.SIGNED, on, amount=amount)


def repaid(amount: str, on: str, **change: Any) -> lp.LoanEvent:
    """A repayment."""
    return event(lp.EventKind.REPAID, on, amount=amount, **change)


LINE, LATER = evolve(LOAN, revolving=True), "2026-03-09"
TOLD: list[tuple[str, list[lp.Fact], list[str]]] = [
    ("two reports of one drawdown", [LOAN, drawn("2026-03-03"), drawn("2026-03-04")], ["2026-03-04"]),
    ("exactly the amount", [LOAN, drawn("2026-03-03", "10万元"), drawn("2026-03-04", "20万元")], []),
    ("a fen above the amount", [LOAN, drawn("2026-03-04", "300000.01 元")], ["2026-03-04"]),
    ("signed goes before the amount", [LOAN, signed("50万元"), drawn("2026-03-04", "50万元")], []),
    ("less signed than the amount", [LOAN, signed("20万元"), drawn("2026-03-04")], ["2026-03-04"]),
    ("signed twice", [LOAN, signed("10万元"), signed("20万元", "2026-03-02"), drawn("2026-03-04")], []),
    ("signed after it was drawn", [LOAN, drawn("2026-03-04", "50万元"), signed("50万元", "2026-03-20")], []),
    ("no amount and nothing signed", [evolve(LOAN, amount=None), drawn(), drawn("2026-03-09")], []),
    (
        "repaid money of a term loan",
        [LOAN, drawn(), repaid("30万元", "2026-03-05"), drawn("2026-03-09")],
        ["2026-03-09"],
    ),
    ("repaid money of a line", [LINE, drawn(), repaid("30万元", "2026-03-05"), drawn("2026-03-09")], []),
    ("repaid and drawn on one day", [LINE, drawn(), repaid("30万元", "2026-03-09"), drawn("2026-03-09")], []),
    (
        "too little repaid of a line",
        [LINE, drawn(), repaid("29万元", "2026-03-05"), drawn("2026-03-09")],
        ["2026-03-09"],
    ),
    ("repaid after it was drawn", [LINE, drawn(), drawn("2026-03-05"), repaid("30万元", "2026-03-09")], ["2026-03-05"]),
]


@pytest.mark.parametrize(("facts", "days"), [each[1:] for each in TOLD], ids=[each[0] for each in TOLD])
def test_drawings_above_what_was_signed_hold_the_run(facts: list[lp.Fact], days: list[str]) -> None:
    """Else a drawdown that came twice under two days is paid twice, and nobody hears of it."""
    done, paid = worked(MemoryFacts(facts))

    assert [f"event L1 disbursed {on}" for on in days] == [problem.where for problem in done.problems]
    assert (bool(days), not days) == (done.held, done.closed)
    assert bool(paid) is not bool(days)
    for problem in done.problems:
        assert ("lin", "L1") == (problem.payee, problem.loan)
        assert "are drawn, more than" in problem.fault
    assert done.problems == worked(MemoryFacts(book_of(facts)))[0].problems


@pytest.mark.parametrize(("facts", "days"), [each[1:] for each in TOLD], ids=[each[0] for each in TOLD])
def test_whoever_accrues_is_told_of_drawings_above_what_was_signed(facts: list[lp.Fact], days: list[str]) -> None:
    """A host that calls the steps itself pays a doubled drawdown too; each drawing is told once it has come."""
    plans = lp.SchemeBook([SCHEME]).plans()
    whole = lp.accrue(lp.Facts.of(facts), plans, PEOPLE, through=MARCH)
    before = lp.accrue(lp.Facts.of(facts), plans, PEOPLE, through=MARCH.previous())

    assert [f"event L1 disbursed {on}" for on in days] == [problem.where for problem in whole.problems]
    assert ((), frozenset()) == (before.problems, whole.blocked)
    assert whole.problems == lp.accrue(book_of(facts), plans, PEOPLE, through=MARCH).problems


ABROAD = drawn("2026-03-03", "500 USD")
FOREIGN: list[tuple[str, list[lp.Fact], list[str]]] = [
    ("signed abroad frees no line", [signed("1000 USD"), drawn("2026-03-04", "40万元")], ["2026-03-04"]),
    ("within the amount of the loan", [signed("1000 USD"), drawn("2026-03-04"), ABROAD], []),
    ("above what was signed abroad", [signed("499.99 USD"), drawn("2026-03-04"), ABROAD], ["2026-03-03"]),
    ("signed in both", [signed("1000 USD"), signed("50万元", "2026-03-02"), drawn("2026-03-04", "50万元")], []),
    ("drawn in a currency without a limit", [signed("50万元"), ABROAD], []),
]


@pytest.mark.parametrize(("facts", "days"), [each[1:] for each in FOREIGN], ids=[each[0] for each in FOREIGN])
def test_what_was_signed_in_another_currency_leaves_the_amount_of_the_loan(
    facts: list[lp.Fact], days: list[str]
) -> None:
    """Else one signing in dollars lets a loan of 300,000 CNY be drawn, and paid for, without end."""
    plans = lp.SchemeBook([SCHEME]).plans()
    found = lp.accrue(lp.Facts.of([LOAN, *facts]), plans, PEOPLE, through=MARCH)
    over = [problem for problem in found.problems if "are drawn, more than" in problem.fault]

    assert [f"event L1 disbursed {on}" for on in days] == [problem.where for problem in over]


def test_columns_know_that_signing_in_another_currency_leaves_the_amount_of_the_loan() -> None:
    """A row in another currency than the book's is refused, and the amount of the loan limits what is drawn."""
    tables: dict[str, Any] = {
        "loans": {
            "loan": np.array(["L1"]),
            "customer": np.array(["C1"]),
            "officer": np.array(["lin"]),
            "opened_on": np.array(["2026-03-01"], dtype="datetime64[D]"),
            "amount(元)": np.array([300_000]),
        },
        "events": {
            "loan": np.array(["L1", "L1"]),
            "kind": np.array(["signed", "disbursed"]),
            "on": np.array(["2026-03-01", "2026-03-04"], dtype="datetime64[D]"),
            "amount": np.array([1_000, 400_000]),
            "currency": np.array(["USD", "CNY"]),
        },
    }
    book = lp.Facts.read(tables, currency="CNY")
    found = lp.accrue(book, lp.SchemeBook([SCHEME]).plans(), PEOPLE, through=MARCH)

    assert ["events row 0, column currency", "event L1 disbursed 2026-03-04"] == [
        problem.where for problem in found.problems
    ]


def book_of(facts: list[lp.Fact]) -> lp.Facts:
    """Loans and events as columns."""
    loans = [fact for fact in facts if isinstance(fact, lp.Loan)]
    events = [fact for fact in facts if isinstance(fact, lp.LoanEvent)]

    def units(amounts: list[lp.Money | None]) -> Any:
        missing = [amount is None for amount in amounts]
        return np.ma.array([0 if amount is None else amount.units for amount in amounts], mask=missing, dtype=np.int64)

    def days(found: list[Any]) -> Any:
        return np.array(found, dtype="datetime64[D]")

    tables: dict[str, Any] = {
        "loans": {
            "loan": np.array([loan.loan for loan in loans]),
            "customer": np.array([loan.customer for loan in loans]),
            "officer": np.array([loan.officer for loan in loans]),
            "opened_on": days([loan.opened_on for loan in loans]),
            "amount": units([loan.amount for loan in loans]),
            "revolving": np.array([loan.revolving for loan in loans]),
        },
        "events": {
            "loan": np.array([fact.loan for fact in events]),
            "kind": np.array([fact.kind.value for fact in events]),
            "on": days([fact.on for fact in events]),
            "number": np.array([fact.number for fact in events]),
            "amount": units([fact.amount for fact in events]),
        },
    }
    return lp.Facts.read(tables, currency="CNY", money="smallest unit")


def test_columns_find_drawings_whatever_their_size() -> None:
    """A tape says amounts in columns of its own; sums beyond 64 bits are compared all the same."""
    tape = {
        "loan": np.array(["L1", "L2"]),
        "customer": np.array(["C1", "C2"]),
        "officer": np.array(["lin", "lin"]),
        "opened_on": np.array(["2026-03-01"] * 2, dtype="datetime64[D]"),
        "amount": np.array([2**62, 100]),
        "disbursed_on": np.array(["2026-03-02"] * 2, dtype="datetime64[D]"),
        "disbursed": np.array([2**62 + 1, 100]),
    }
    book = lp.Facts.read({"loans": tape}, currency="CNY", money="smallest unit")
    found = worked(MemoryFacts(book))[0].problems
    assert ["event L1 disbursed 2026-03-02"] == [problem.where for problem in found]


# ── equal rows ──────────────────────────────────────────────────────────────────────────────────────────────

SAYS = "2 rows say the same, and no number tells whether it happened once or more often"
PROFIT = lp.Profit(customer="C1", on="2026-03-04", amount="5 元")
SAME: list[lp.LoanEvent | lp.Profit] = [*map(event, lp.EventKind), PROFIT]
ids = [str(getattr(fact, "kind", "profit")) for fact in SAME]


@pytest.mark.parametrize("fact", SAME, ids=ids)
def test_two_equal_rows_of_one_delivery_are_told(fact: lp.LoanEvent | lp.Profit) -> None:
    """It may have happened twice or be sent twice; one is sure and is used, and the run is held until it is clear."""
    for source in ("", "crm", "a.csv"):
        same = evolve(fact, source=source)
        facts = lp.Facts.of([same, same])
        (problem,) = facts.problems
        assert ([fact], 0, SAYS) == ([*facts], facts.repeats, problem.fault)
        assert getattr(fact, "loan", "") == problem.loan
    numbered = evolve(fact, number="1")
    assert (1, ()) == (lp.Facts.of([numbered] * 2).repeats, lp.Facts.of([numbered] * 2).problems)
    assert 2 == len(lp.Facts.of([numbered, evolve(fact, number="2")]))


@pytest.mark.parametrize("fact", SAME, ids=ids)
def test_the_same_row_in_a_later_delivery_is_the_same_row(fact: lp.LoanEvent | lp.Profit) -> None:
    """A file of the whole month comes every day."""
    facts = lp.Facts.joined([[fact], [fact], [fact]])
    assert ([fact], 2, ()) == ([*facts], facts.repeats, facts.problems)
    row = FeedRow(row="7", revision=1, says=fact)
    store = MemoryFactStore()
    for _ in range(2):
        store.take("crm", Pulled(rows=[row, row], cursor="1"))
    assert ([fact], 0, ()) == ([*store.facts(MARCH)], store.facts(MARCH).repeats, store.facts(MARCH).problems)


def _rows(fact: lp.LoanEvent | lp.Profit) -> tuple[str, list[str], list[Any]]:
    """The table of a fact, its columns and its cells."""
    if isinstance(fact, lp.Profit):
        return "profits", ["customer", "on", "amount"], [fact.customer, fact.on, fact.amount]
    cells = {"loan": fact.loan, "kind": fact.kind.value, "on": fact.on, "amount": fact.amount, "days": fact.days}
    cells |= {"category": fact.category and fact.category.value, "officer": fact.officer}
    there = {name: cell for name, cell in cells.items() if cell is not None}
    return "events", [*there], [*there.values()]


@pytest.mark.parametrize("fact", SAME, ids=ids)
def test_equal_rows_of_a_file_and_of_columns_are_told_with_their_places(
    fact: lp.LoanEvent | lp.Profit, tmp_path: Path
) -> None:
    """Both rows are named, so that somebody can look at them."""
    table, names, cells = _rows(fact)
    line = ",".join(str(cell) for cell in cells)
    (tmp_path / f"{table}.csv").write_text(f"{','.join(names)}\n{line}\n{line}\n", encoding="utf-8")
    read = Folder(tmp_path).facts(MARCH)
    (problem,) = read.problems
    assert (SAYS, [fact]) == (problem.fault, [*read])
    assert f"{table}.csv row 2, {table}.csv row 3: " in problem.found
    assert problem.where.startswith(f"{table}.csv row 3: ")

    def column(cell: Any) -> Any:
        if isinstance(cell, lp.Money):
            return np.array([cell.units] * 2)
        return np.array([cell] * 2, dtype="datetime64[D]" if cell == fact.on else None)

    book = lp.Facts.read(
        {table: {name: column(cell) for name, cell in zip(names, cells, strict=True)}},
        currency="CNY",
        money="smallest unit",
    )
    (problem,) = book.problems
    assert (SAYS, [fact], 1) == (problem.fault, [*book], problem.row)
    assert f"{table} row 0, {table} row 1: " in problem.found
    assert book.rows == book.used + book.repeats + len(book.problems)


@pytest.mark.parametrize("fact", SAME, ids=ids)
def test_two_rows_of_a_feed_that_say_the_same_are_told(fact: lp.LoanEvent | lp.Profit) -> None:
    """Each row has a code of its own, so they are two, pulled at once or one by one."""
    for rows in ([[1, 2]], [[1], [2]], [[2], [1]]):
        store: FactStore = MemoryFactStore()
        for part in rows:
            store.take("crm", Pulled(rows=[FeedRow(row=f"{row}", revision=1, says=fact) for row in part], cursor="1"))
        facts = store.facts(MARCH)
        (problem,) = facts.problems
        assert (SAYS, [fact]) == (problem.fault, [*facts])
        assert "crm 1, crm 2: " in problem.found


def test_equal_rows_hold_the_run() -> None:
    """Two drawdowns of 100,000 on one day, or one that came twice: nothing is paid before somebody says."""
    facts: list[lp.Loan | lp.LoanEvent] = [LOAN, drawn("2026-03-04", "10万元"), drawn("2026-03-04", "10万元")]
    done, paid = worked(MemoryFacts(facts))
    assert ([], True, [SAYS]) == (paid, done.held, [problem.fault for problem in done.problems])
    numbered = [evolve(fact, number=f"{n}") if isinstance(fact, lp.LoanEvent) else fact for n, fact in enumerate(facts)]
    assert ["2000.00 CNY"] == worked(MemoryFacts(numbered))[1]


def test_a_mapping_is_no_authority_and_is_told_where_it_is_passed() -> None:
    """It was taken, and the first facts ended in an AttributeError."""
    stated: Any = {"disbursed": "core"}
    for make in (
        lambda: lp.Facts.of([], authority=stated),
        lambda: MemoryFactStore(authority=stated),
        lambda: Database.connect("sqlite://", company="north", authority=stated),
    ):
        with pytest.raises(DataError, match=r"authority: it is a dict; write lp\.Authority\("):
            make()
