"""The database adapter: what is kept comes back exactly, on SQLite and on PostgreSQL; nobody sees another's rows."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from attrs import evolve
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    INTEGER,
    TEXT,
    URL,
    Boolean,
    Engine,
    Integer,
    MetaData,
    Table,
    create_engine,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import IntegrityError
from tests.servers import Postgres, file_with_tables

import loanperf as lp
from loanperf.adapters.memory import MemoryFactStore, MemoryFeed
from loanperf.adapters.sql import Database, Keys, SqlSchemes
from loanperf.adapters.sql._engine import engine_of
from loanperf.adapters.sql._schema import METADATA, accounts, assignments
from loanperf.adapters.sql._versions import known_versions, upgrade
from loanperf.adapters.sql.migrations.versions.v0011_checks import CHECKS
from loanperf.errors import ConflictError, DataError, MissingExtraError, Problem, StoreError, causes_of
from loanperf.ports import Answer, FeedRow, Payment, Pulled, seal_of

MARCH = lp.Period.month(2026, 3)


@pytest.fixture(autouse=True)
def _closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give back the connections of whatever a test opens."""
    opened: list[Engine] = []

    def noted(url: URL) -> Engine:
        opened.append(engine_of(url))
        return opened[-1]

    monkeypatch.setattr("loanperf.adapters.sql._database.engine_of", noted)
    yield
    for engine in opened:
        engine.dispose()


@pytest.fixture
def database(url_with_tables: str) -> Database:
    """A database with a schema, of the company `north`."""
    return Database.connect(url_with_tables, company="north")


def row(code: str, revision: int, says: lp.Fact | Problem | None) -> FeedRow:
    """A row of a feed."""
    return FeedRow(row=code, revision=revision, says=says)


def drawn(amount: str = "30万元", on: str = "2026-03-02", loan: str = "L1") -> lp.LoanEvent:
    """A drawdown."""
    return lp.LoanEvent(loan=loan, kind=lp.EventKind.DISBURSED, on=on, amount=amount)


_SAID = {"by": "chen", "why": "typo", "evidence": "HR-17"}
BY_HAND = lp.Ledger().append([lp.overrule(lp.Ledger(), "x", lp.Money.of("1 元"), period=MARCH, payee="lin", **_SAID)])


def pulled(*rows: FeedRow, cursor: str = "1") -> Pulled:
    """Rows as they are pulled."""
    return Pulled(rows=rows, cursor=cursor)


EVERY_FACT: tuple[lp.Fact, ...] = (
    lp.Loan(
        loan="L'1\"; DROP TABLE facts;--",
        customer="客户一",
        officer="林",
        opened_on="0001-01-01",
        product="房贷 😀",
        term_months=360,
        first_due_on="9999-12-31",
        amount=lp.Money.from_units(2**63 - 1, "CNY"),
        interest_rate=Fraction(1, 3),
        funding_rate="2.125%",
        discount="1/7",
        ltv="70%",
    ),
    lp.Loan(loan="L2", customer="C2", officer="wu", opened_on="2024-02-29"),
    drawn(),
    lp.LoanEvent(loan="L1", kind=lp.EventKind.CLASSIFIED, on="2026-03-31", category=lp.Category.SPECIAL_MENTION),
    lp.LoanEvent(loan="L1", kind=lp.EventKind.PAST_DUE, on="2026-03-31", days=0, number="１"),
    lp.LoanEvent(loan="L1", kind=lp.EventKind.ASSIGNED, on="2026-03-31", officer="wu"),
    lp.Balance(loan="L1", on="2026-03-31", outstanding="0 JPY", overdue="0 JPY"),
    lp.Balance(loan="L2", on="2026-03-31", outstanding="1.234 KWD"),
    lp.Customer(customer="C1", officer="lin", since="2026-01-01", until="2026-02-01"),
    lp.Holding(customer="C1", product="card", since="2026-01-01"),
    lp.Profit(customer="C1", on="2026-03-01", amount="-0.01 CNY", number="7"),
    lp.Violation(number="V1", payee="lin", on="2026-03-01", points=Fraction(1, 7)),
    lp.Inquiry(number="I1", payee="lin", on="2026-03-01", authorised=True, permitted=False),
    lp.Valuation(number="A1", payee="lin", on="2026-03-01", appraised="100 CNY", benchmark="90 CNY"),
    lp.Training(payee="lin", course="AML", on="2026-03-31", completed_on="2026-03-30"),
    lp.Rating(number="R1", payee="lin", on="2026-03-31", topic="teamwork", score=Fraction(200, 3), rater=""),
    lp.Complaint(number="K1", payee="lin", on="2026-03-01", topic="费用", upheld=True),
    lp.Credit(loan="L1", payee="lin", on="2026-03-01", share=Fraction(1, 3)),
    lp.ExchangeRate(currency="USD", into="CNY", on="2026-03-01", rate="7.1"),
)


# ── facts ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_kind_of_fact_comes_back_as_it_was(database: Database) -> None:
    """Amounts at 64 bits, thirds, the first and the last day, quotes and emoji: all as they came, source and all."""
    memory = MemoryFactStore()
    given = pulled(*(row(f"row {place}", place, fact) for place, fact in enumerate(EVERY_FACT)))
    for store in (database.facts, memory):
        store.take("crm", given)

    found = database.facts.facts(MARCH)
    assert memory.facts(MARCH) == found
    assert len(EVERY_FACT) == len(found)
    assert {fact.source for fact in memory.facts(MARCH)} == {fact.source for fact in found}


SAID = st.sampled_from(
    (
        Problem("contract 8", "it is torn", "x", "mend it", payee="lin", loan="L8", row=7, column="金额"),
        drawn("1 元"),
        drawn("2 元"),
        lp.Training(payee="lin", course="AML", on="2026-03-31"),
        Problem("contract 7", "it is torn", "x", "mend it"),
        None,
    )
)
ROWS = st.builds(row, st.sampled_from(("r0", "r1", "r2", "r3")), st.integers(0, 2), SAID)
_NUMBERS = count()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10)
@given(data=st.data())
def test_rows_in_any_order_come_to_what_they_come_to_in_memory(database: Database, data: st.DataObject) -> None:
    """Late, repeated, corrected, withdrawn, unreadable and contradicting rows, in any batches: one state."""
    source, rows = f"crm {next(_NUMBERS)}", data.draw(st.lists(ROWS, max_size=12))
    memory = MemoryFactStore()
    memory.take(source, pulled(*rows))
    for other in _sources(database):
        database.facts.take(other, pulled(*(row(f"r{number}", 99, None) for number in range(4))))
    again = data.draw(st.permutations([*rows, *rows[::2]]))
    while again:
        size = data.draw(st.integers(1, 3))
        database.facts.take(source, pulled(*again[:size], cursor=str(len(again))))
        again = again[size:]

    expected, found = memory.facts(MARCH), database.facts.facts(MARCH)
    assert expected == found
    assert {fact.source for fact in expected} == {fact.source for fact in found}


def test_a_problem_comes_back_with_whom_it_concerns_and_what_follows_from_it(database: Database) -> None:
    """Else a database folded nothing: three lines to mend where there is one."""
    said = [
        Problem("loans row 7", "it is torn", "x", "mend it", payee="lin", loan="L8", row=7, column="金额"),
        Problem("loans row 8", "it is torn", "x", "mend it", loses=("loan", "L8"), lacks=("payee", "lin")),
        Problem("event L8", "no such loan", "'L8'", "send it", loan="L8", lacks=("loan", "L8")),
    ]
    database.facts.take("crm", pulled(*(row(f"r{place}", 1, problem) for place, problem in enumerate(said))))

    found = database.facts.facts(MARCH).problems
    every = [(one.payee, one.loan, one.row, one.column, one.loses, one.lacks) for one in found]
    assert sorted(every, key=str) == sorted(
        ((one.payee, one.loan, one.row, one.column, one.loses, one.lacks) for one in said), key=str
    )
    assert [1, 2] == [cause.count for cause in causes_of(found) if cause.follows or cause.problem.row]


def test_a_problem_may_say_what_no_decoder_could_read(database: Database) -> None:
    """A host that reads a torn export shows what was there, halves of letters and all."""
    torn = Problem("loans row 7", "it is torn", "金额\ud83d\x00", "mend it")
    database.facts.take("crm", pulled(row("r1", 1, torn)))
    assert [torn.found] == [problem.found for problem in database.facts.facts(MARCH).problems]


def _sources(database: Database) -> list[str]:
    with database.engine.connect() as connection:
        return [str(source) for source in connection.execute(text("SELECT DISTINCT source FROM facts")).scalars()]


def test_rows_of_one_pull_are_each_taken_by_their_own_revision(database: Database) -> None:
    """Of five rows, the new and the higher one hold, the lower and the same one change nothing, one contradicts."""
    held = [row(code, 2, drawn("1万元", loan=f"L{code}")) for code in "1234"]
    database.facts.take("crm", pulled(*held))
    since = database.facts.mark()
    came = (("0", 1, "2万元"), ("1", 3, "2万元"), ("2", 1, "2万元"), ("3", 2, "1万元"), ("4", 2, "2万元"))
    rows = [row(code, revision, drawn(amount, loan=f"L{code}")) for code, revision, amount in came]
    database.facts.take("crm", pulled(*rows, cursor="2"))

    facts = database.facts.facts(MARCH)
    amounts = {fact.loan: fact.amount for fact in facts if isinstance(fact, lp.LoanEvent)}
    one, two = lp.Money.of("1万元"), lp.Money.of("2万元")
    assert {"L0": two, "L1": two, "L2": one, "L3": one} == amounts
    assert ["crm 4"] == [problem.where for problem in facts.problems]
    changes = database.facts.changes(since)
    assert changes is not None
    assert {"L0", "L1", "L4"} == {change.loan for change in changes}


def test_a_contradiction_is_told_until_a_higher_revision_mends_it(database: Database) -> None:
    """Two things under one revision: neither is used, whichever came first, and both are named."""
    database.facts.take("crm", pulled(row("7", 1, drawn("1 元"))))
    database.facts.take("crm", pulled(row("7", 1, drawn("2 元"))))
    found = database.facts.facts(MARCH)
    assert ("crm 7", "revision 1 says two things") == (found.problems[0].where, found.problems[0].fault)
    assert (0, 1, 2) == (len(found), found.rows, len(found.refused))

    database.facts.take("crm", pulled(row("7", 2, drawn("2 元"))))
    assert [drawn("2 元")] == list(database.facts.facts(MARCH))


OF_LOANS = st.sampled_from(
    (
        *(drawn(loan=loan) for loan in ("L1", "L2", "L3")),
        *(Problem("contract", "it is torn", "x", "mend it", loan=loan) for loan in ("L1", "L7", "L8\x1fL9", "\ud800")),
        lp.Training(payee="lin", course="AML", on="2026-03-31"),
        None,
    )
)
LOAN_ROWS = st.lists(st.builds(row, st.sampled_from(("r0", "r1")), st.integers(0, 3), OF_LOANS), max_size=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(pulls=st.lists(LOAN_ROWS, min_size=2, max_size=5))
@example(
    pulls=[
        [
            row("r0", 1, drawn(loan="L1")),
            row("r0", 1, drawn(loan="L2")),
            row("r1", 1, Problem("a", "b", "c", "d", loan="L7")),
        ],
        [row("r0", 2, drawn(loan="L3")), row("r1", 2, None)],
    ]
)
def test_no_loan_is_left_out_of_what_changed(url_with_tables: str, pulls: list[list[FeedRow]]) -> None:
    """Loans of rows that were unusable or contradicted themselves too: a loan that is left out is not worked again."""
    database, memory = Database.connect(url_with_tables, company=f"company {next(_NUMBERS)}"), MemoryFactStore()
    marks: list[tuple[str, str]] = []
    for rows in pulls:
        for store in (memory, database.facts):
            store.take("crm", pulled(*rows))
        marks.append((memory.mark(), database.facts.mark()))
    for in_memory, in_database in marks:
        expected, found = memory.changes(in_memory), database.facts.changes(in_database)
        assert expected is not None
        assert found is not None
        no_codes = {"L8\x1fL9", "\ud800"}
        assert {change.loan for change in expected} - no_codes <= {change.loan for change in found}
    database.close()


def test_loans_of_an_unusable_row_are_kept_once_however_often_it_comes(database: Database) -> None:
    """A row that is sent torn each day would grow each day."""
    for revision in range(4):
        torn = Problem("contract 7", f"it is torn {revision}", "x", "mend it", loan="L7")
        database.facts.take("crm", pulled(row("1", revision, torn)))
    with database.engine.connect() as connection:
        assert ["L7\x1f"] == list(connection.execute(text("SELECT loans_before FROM facts")).scalars())


def test_an_amount_beyond_64_bits_is_a_problem_and_the_other_rows_go_on(database: Database) -> None:
    """A column of 64 bits cannot hold it; wrapping round would pay a fortune, and stopping would pay nobody."""
    huge = lp.Balance(loan="L1", on="2026-03-31", outstanding=lp.Money.from_units(2**63, "CNY"))
    database.facts.take("crm", pulled(row("1", 1, huge), row("2", 1, drawn())))
    found = database.facts.facts(MARCH)

    assert [drawn()] == list(found)
    assert ["outstanding is beyond 64 bits"] == [problem.fault for problem in found.problems]
    assert 2 == found.rows


@pytest.mark.parametrize("pulls", [1, 2])
def test_two_things_said_with_an_amount_beyond_64_bits_are_one_problem(database: Database, pulls: int) -> None:
    """In one pull or in two: what differs between them is not kept, and one row makes no other unreadable."""
    huge = lp.Loan(loan="L1", customer="C1", officer="lin", opened_on="2026-03-01", product="home")
    huge = evolve(huge, amount=lp.Money.from_units(2**63, "CNY"))
    said = [row("1", 1, huge), row("1", 1, evolve(huge, product="car")), row("2", 1, drawn())]
    for part in ([said], [said[:1], said[1:]])[pulls - 1]:
        database.facts.take("crm", pulled(*part))
    found = database.facts.facts(MARCH)

    assert [("crm 1: loan L1", "amount is beyond 64 bits")] == [(one.where, one.fault) for one in found.problems]
    assert ([drawn()], 2) == (list(found), found.rows)

    database.facts.take("crm", pulled(row("1", 1, None)))
    memory = MemoryFactStore()
    memory.take("crm", pulled(*said, row("1", 1, None)))
    told = [[(one.where, one.fault) for one in store.facts(MARCH).problems] for store in (memory, database.facts)]
    assert told[0] == told[1] == [("crm 1", "revision 1 says two things")]


def test_problems_that_differ_in_their_place_in_a_text_contradict_each_other(database: Database) -> None:
    """Memory tells two things of them; a database that kept no place could not say which they were."""
    torn = Problem("contract 7", "it is torn", "x", "mend it", at=(1, 2))
    memory = MemoryFactStore()
    for store in (memory, database.facts):
        store.take("crm", pulled(row("1", 1, torn), row("1", 1, evolve(torn, at=(3, 4))), row("2", 1, torn)))
    expected, found = memory.facts(MARCH).problems, database.facts.facts(MARCH).problems
    assert expected == found
    assert [None, (1, 2)] == [problem.at for problem in found]


def test_a_contradiction_of_two_like_problems_is_read_as_the_problem(database: Database) -> None:
    """Earlier versions wrote such rows; a host would read no facts any more, and had nothing to mend."""
    torn = Problem("contract 7", "it is torn", "x", "mend it")
    database.facts.take("crm", pulled(row("1", 1, torn), row("2", 1, drawn())))
    like = '{"problem": ["contract 7", "it is torn", "x", "mend it"]}'
    with database.engine.begin() as connection:
        found = {"said": f"[{like}, {like}]"}
        connection.execute(text("UPDATE facts SET form = 'contradiction', said = :said WHERE row_code = '1'"), found)

    for _ in range(2):
        facts = database.facts.facts(MARCH)
        assert ["crm 1: contract 7"] == [problem.where for problem in facts.problems]
        assert ([drawn()], True) == (list(facts), bool(database.verify()))
        database.facts.take("crm", pulled(row("1", 1, torn)))


def test_verifying_finds_a_row_that_the_facts_cannot_be_read_for(database: Database) -> None:
    """Else nothing is told until the next month is worked."""
    database.facts.take("crm", pulled(row("1", 1, Problem("contract 7", "it is torn", "x", "mend it"))))
    assert database.verify()
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE facts SET said = '[]'"))
    with pytest.raises(StoreError, match="north / crm / 1"):
        database.facts.facts(MARCH)
    (misfit,) = database.verify().misfits
    assert "north / crm / 1" in misfit.text()


def test_rows_and_cursor_are_kept_together_or_not_at_all(database: Database) -> None:
    """A cursor without its rows would lose them for ever."""
    database.facts.take("crm", pulled(row("1", 1, drawn()), cursor="5"))
    with pytest.raises(DataError, match="longer than 200 characters"):
        database.facts.take("crm", pulled(row("2", 1, drawn()), row("x" * 201, 1, None), cursor="9"))
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE facts RENAME TO elsewhere"))
    with pytest.raises(StoreError):
        database.facts.take("crm", pulled(row("2", 1, drawn()), cursor="9"))
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO facts"))

    assert "5" == database.facts.cursor("crm")
    assert 1 == database.facts.facts(MARCH).rows
    assert "" == database.facts.cursor("risk")


def test_threads_that_take_the_same_rows_keep_each_once(database: Database) -> None:
    """Two runs that pull at once must leave what one leaves; a contradiction between them is still seen."""
    halves = [[row(f"r{n}", 1, drawn(f"{n + 1} 元", loan=f"L{n}")) for n in range(k, 60)] for k in (0, 20)]
    halves[1].append(row("r0", 1, drawn("999 元", loan="L0")))
    threads = [Thread(target=database.facts.take, args=("crm", pulled(*half))) for half in halves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = database.facts.facts(MARCH)
    assert (59, 60, ["crm r0"]) == (len(found), found.rows, [problem.where for problem in found.problems])


def test_facts_stream_in_parts(database: Database) -> None:
    """A table larger than memory goes through in parts of some loans each, and measures as the rows do."""
    facts: list[lp.Fact] = []
    for number in range(40):
        loan, officer = f"L{number}", ("lin", "wu", "林")[number % 3]
        facts += [
            lp.Loan(loan=loan, customer=f"C{number}", officer=officer, opened_on="2026-03-01", interest_rate="4.35%"),
            drawn(f"{number + 1}万元", loan=loan),
            lp.Balance(loan=loan, on="2026-03-31", outstanding=f"{number}万元", overdue="1 元" if number else None),
            lp.Training(payee=officer, course=f"T{number}", on="2026-03-31", completed_on="2026-03-02"),
            lp.Violation(number=f"V{number}", payee=officer, on="2026-03-05", points="0.5"),
        ]
    database.facts.take("crm", pulled(*(row(str(n), 1, fact) for n, fact in enumerate(facts))))
    indicators = [lp.indicator(code) for code in ("disbursed_amount", "npl_ratio", "training_completion_rate")]
    expected = lp.measure(database.facts.facts(MARCH), MARCH, indicators, currency="CNY")
    parts = list(database.facts.parts(currency="CNY", loans=7))
    found = lp.measure(iter(parts), MARCH, indicators, currency="CNY")

    assert 6 == len(parts)
    assert [7, 7, 7, 7, 7, 5] == [part.tables["loans"].rows for part in parts]
    for payee in ("lin", "wu", "林"):
        values = {code: reading.value for code, reading in expected.of(payee).items()}
        assert values == {code: reading.value for code, reading in found.of(payee).items()}
    assert sum(part.rows for part in parts) == len(facts)


def test_readings_and_targets_of_a_period_are_replaced_as_a_whole(database: Database) -> None:
    """Thirds stay thirds, a ratio keeps its two parts, and other periods stay as they are."""
    ratio = lp.Reading(
        indicator="npl_ratio", numerator=Fraction(1, 3), denominator=Fraction(2), subject="lin", period=MARCH
    )
    database.facts.keep_readings([ratio], MARCH)
    database.facts.keep_readings([lp.Reading.of("loan_amount", "3万元", subject="wu")], MARCH.next())
    assert (ratio,) == database.facts.readings(MARCH)
    database.facts.keep_readings([], MARCH)
    assert () == database.facts.readings(MARCH)
    assert 1 == len(database.facts.readings(MARCH.next()))

    goal = lp.Target(payee="lin", indicator="loan_amount", value="100万元", period=MARCH)
    database.schemes.keep_targets([goal], MARCH)
    assert (goal,) == database.schemes.targets(MARCH)
    with pytest.raises(StoreError, match="contradicts one that is there"):
        database.schemes.keep_targets([goal, goal], MARCH)
    assert (goal,) == database.schemes.targets(MARCH)


@pytest.mark.parametrize("value", ["2", "200%", "0.5", "12 point", "1/3", "3000 CNY"])
def test_a_database_keeps_whether_a_number_was_bare(database: Database, value: str) -> None:
    """A bare 2 is 2% to who wrote it, and 200% to a card that no longer knows that it was bare."""
    reading, goal = lp.Reading.of("own", value, subject="lin"), lp.Target(payee="lin", indicator="own", value=value)
    database.facts.keep_readings([reading], MARCH)
    database.schemes.keep_targets([goal], MARCH)
    (read,), (aimed) = database.facts.readings(MARCH), database.schemes.targets(MARCH)[0]

    assert (goal.value, value == "2") == (aimed.value, aimed.value.bare and aimed.value.value > 1)
    assert (reading.value, value == "2") == (read.value, read.bare and read.numerator > 1)


# ── streams ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_of_writers_who_append_to_one_version_one_wins(database: Database) -> None:
    """Eight threads, ten rounds: each version has one record, and who lost was told so."""
    won: list[int] = []
    lost: list[ConflictError] = []

    def write(name: int) -> None:
        for version in range(10):
            try:
                won.append(database.entries.append("pay/ledger", [f"{name}"], expected=version))
            except ConflictError as error:
                lost.append(error)

    threads = [Thread(target=write, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    records = list(database.entries.read("pay/ledger"))
    assert list(range(1, len(records) + 1)) == sorted(won)
    assert 80 == len(won) + len(lost)


def test_an_append_is_whole_or_not_there(database: Database) -> None:
    """Half a settlement would be half a debt."""

    def broken() -> Any:
        yield "one"
        raise KeyError

    with pytest.raises(KeyError):
        database.entries.append("s", broken(), expected=0)
    wrong: Any = ["one", 2]
    with pytest.raises(DataError, match="it is a int"):
        database.entries.append("s", wrong, expected=0)
    with pytest.raises(ConflictError, match="expected at version 1, and is at 0"):
        database.entries.append("s", ["one"], expected=1)
    assert [] == list(database.entries.read("s"))

    lines = [f"{number} 行 \u2028 '\"\\" for number in range(5001)]
    assert 5001 == database.entries.append("s", lines, expected=0)
    assert lines == list(database.entries.read("s"))
    assert lines[4999:] == list(database.entries.read("s", 4999))
    assert [] == list(database.entries.read("S"))


# ── schemes, people, payments ───────────────────────────────────────────────────────────────────────────────


def test_a_book_of_schemes_comes_back_and_no_version_is_ever_lost(database: Database) -> None:
    """Entries name the fingerprint of the version that made them; its text must be found for ever."""
    old = lp.template("consumer-finance")
    new = old.rebalance("standard", {"npl_ratio": "25%"}, effective="2026-07-01")
    backdated = old.rebalance("standard", {"npl_ratio": "30%"}, effective="2026-07-01")
    book = lp.SchemeBook([old, new])
    with pytest.raises(DataError, match="there is none; publish it in Python"):
        database.schemes.schemes()
    database.schemes.publish(book)
    assert book == database.schemes.schemes()

    changed = book.publish(backdated, as_of="2026-08-01", backdated_because="typo")
    database.schemes.publish(changed)
    assert changed == database.schemes.schemes()
    assert new == database.schemes.version(new.fingerprint)

    database.schemes.publish(lp.SchemeBook([lp.template("worked-example")]))
    with pytest.raises(DataError, match="there are consumer finance, worked example; name one"):
        database.schemes.schemes()
    assert changed == SqlSchemes(database.scope, old.name).schemes()


PEOPLE = lp.Organisation(
    units=[lp.Unit(code="top", name="总行"), lp.Unit(code="east", parent="top", since="2020-01-01")],
    payees=[lp.Payee(code="lin", name="林"), lp.Payee(code="nobody")],
    assignments=[
        lp.Assignment(
            payee="lin", unit="east", role="senior", since="2025-01-01", until="2026-03-15", salary="8000 元"
        ),
        lp.Assignment(payee="lin", unit="top", role="lead", since="2026-03-15", base="0.001 KWD", tier="T1"),
        lp.Assignment(payee="lin", unit="east", role="trainer", since="2026-03-15", salary="1 元", primary=False),
        lp.Assignment(payee="lin", unit="top", role="trainer", since="2026-03-15", primary=False),
    ],
)


def test_people_come_back_as_they_were(database: Database) -> None:
    """Units, names, dated assignments, salaries."""
    database.people.keep(PEOPLE)
    assert PEOPLE == database.people.organisation(MARCH)
    database.people.keep(lp.Organisation())
    assert lp.Organisation() == database.people.organisation(MARCH)


def test_salaries_and_accounts_are_sealed_with_the_hosts_key(url: str) -> None:
    """Who reads the tables reads no salary; who has the key reads it; a new key takes the old one's place."""
    first, second = Keys.new(), Keys.new()
    database = Database.connect(url, company="north", keys=Keys([first]))
    database.upgrade()
    database.people.keep(PEOPLE)
    database.people.keep_accounts({"lin": "6222-0000-1111", "wu": "6222-0000-2222"})
    assert not _seen(database, "8000", "800000", "6222")
    assert PEOPLE == database.people.organisation(MARCH)
    assert "6222-0000-1111" == database.people.account("lin")
    assert "" == database.people.account("nobody")

    both = Database.connect(url, company="north", keys=Keys([second, first]))
    assert 6 == both.people.rotate()
    new = Database.connect(url, company="north", keys=Keys(second))
    assert (PEOPLE, "6222-0000-2222") == (new.people.organisation(MARCH), new.people.account("wu"))
    with pytest.raises(StoreError, match="cannot be opened; pass the key with which it was sealed"):
        database.people.account("lin")
    with pytest.raises(StoreError, match="no key is given"):
        Database.connect(url, company="north").people.organisation(MARCH)


def test_a_sealed_value_does_not_open_for_somebody_else(url: str) -> None:
    """Copying the director's sealed salary into one's own row must not raise one's bonus."""
    database = Database.connect(url, company="north", keys=Keys(Keys.new()))
    database.upgrade()
    database.people.keep_accounts({"lin": "6222", "wu": "6333"})
    with database.engine.begin() as connection:
        connection.execute(
            text("UPDATE accounts SET sealed = (SELECT sealed FROM accounts WHERE payee = 'wu') WHERE payee = 'lin'")
        )
    with pytest.raises(StoreError, match="belong to somebody else"):
        database.people.account("lin")


def test_values_that_were_kept_before_there_was_a_key_are_sealed_by_rotation(url: str) -> None:
    """A host that begins to seal does not start anew."""
    plain = Database.connect(url, company="north")
    plain.upgrade()
    plain.people.keep(PEOPLE)
    plain.people.keep_accounts({"lin": "6222"})
    assert _seen(plain, "800000")
    sealed = Database.connect(url, company="north", keys=Keys(Keys.new()))
    sealed.people.rotate()
    assert not _seen(sealed, "800000", "6222")
    assert (PEOPLE, "6222") == (sealed.people.organisation(MARCH), sealed.people.account("lin"))


def _seen(database: Database, *words: str) -> bool:
    """Whether a word stands in any column of people."""
    with database.engine.connect() as connection:
        cells = [
            str(cell)
            for table in (assignments, accounts)
            for found in connection.execute(select(table))
            for cell in found
        ]
    return any(word in cell for word in words for cell in cells)


def test_a_payment_is_taken_once_and_answered_in_order(database: Database) -> None:
    """The key is the guard; answers behind a cursor come once each, and again from the start."""
    exchange = lp.ExchangeRate(currency="CNY", into="USD", on="2026-03-31", rate="0.14", source="PBC")
    plain = Payment(key="pay/林/2026-03/CNY/1", payee="林", period=MARCH, amount=lp.Money.of("1 元"))
    converted = Payment(
        key="pay/wu/2026-03/CNY/1",
        payee="wu",
        period=MARCH,
        amount=lp.Money.of("0.14 USD"),
        earned=lp.Money.of("1 元"),
        exchange=exchange,
    )
    for _ in range(2):
        database.payments.pay((plain, converted))
    database.payments.pay(())
    assert {plain, converted} == set(database.payments.paid())

    paid = Answer(key=plain.key, state="paid", on="2026-04-02")
    back = Answer(key=plain.key, state="returned", on="2026-04-09", why="账户关闭")
    database.payments.answer(paid)
    first = database.payments.answers("")
    database.payments.answer(back)
    assert ((paid,), (back,)) == (first.answers, database.payments.answers(first.cursor).answers)
    assert (paid, back) == database.payments.answers("").answers
    with pytest.raises(DataError, match="none of this outbox"):
        database.payments.answers("x")


def test_many_payments_are_taken_at_once_or_not_at_all(database: Database) -> None:
    """A month's pay is one statement: those that were taken stay, and one that does not fit stops all."""
    payments = [
        Payment(key=f"k{number:03}", payee="lin", period=MARCH, amount=lp.Money.from_units(number + 1, "CNY"))
        for number in range(233)
    ]
    database.payments.pay(tuple(payments[100:120]))
    huge = Payment(key="huge", payee="lin", period=MARCH, amount=lp.Money.from_units(2**63, "CNY"))
    with pytest.raises(StoreError, match="an amount is beyond 64 bits; pay it by hand"):
        database.payments.pay((*payments, huge))
    assert payments[100:120] == list(database.payments.paid())

    others = [evolve(one, amount=lp.Money.of("9 元")) for one in payments[100:120]]
    with pytest.raises(DataError, match=r"payment k100: it was taken as 1\.01 CNY"):
        database.payments.pay((*others, *payments[::-1]))
    assert payments[100:120] == list(database.payments.paid())

    database.payments.pay(tuple(payments[::-1]))
    assert payments == list(database.payments.paid())


# ── companies and readers ───────────────────────────────────────────────────────────────────────────────────


def test_a_company_sees_nothing_of_another(url: str) -> None:
    """A group keeps its companies in one database; each port names its own in every statement."""
    north, south = (Database.connect(url, company=name) for name in ("north", "south"))
    north.upgrade()
    payment = Payment(key="k", payee="lin", period=MARCH, amount=lp.Money.of("1 元"))
    north.facts.take("crm", pulled(row("1", 1, drawn())))
    north.facts.keep_readings([lp.Reading.of("loan_amount", "1 元", subject="lin")], MARCH)
    north.entries.append("pay/ledger", ["one"], expected=0)
    north.entries.post("other/ledger", BY_HAND.entries, expected=0)
    north.people.keep(PEOPLE)
    north.people.keep_accounts({"lin": "6222"})
    north.schemes.publish(lp.SchemeBook([lp.template("worked-example")]))
    north.schemes.keep_targets([lp.Target(payee="lin", indicator="loan_amount", value="1 元")], MARCH)
    north.payments.pay((payment,))
    north.payments.answer(Answer(key="k", state="paid", on="2026-04-01"))

    assert (0, "", ()) == (len(south.facts.facts(MARCH)), south.facts.cursor("crm"), south.facts.readings(MARCH))
    assert [] == list(south.entries.read("pay/ledger")) == list(south.entries.read("other/ledger"))
    assert (lp.Ledger(), BY_HAND) == (south.entries.ledger("other/ledger"), north.entries.ledger("other/ledger"))
    assert ((), "") == (south.people.organisation(MARCH).codes, south.people.account("lin"))
    assert ((), (), ()) == (south.schemes.targets(MARCH), south.payments.paid(), south.payments.answers("").answers)
    with pytest.raises(DataError, match="there is none"):
        south.schemes.schemes()
    south.people.keep(lp.Organisation())
    south.payments.pay((payment,))
    assert 1 == south.entries.append("pay/ledger", ["two"], expected=0)
    assert (PEOPLE, ["one"]) == (north.people.organisation(MARCH), list(north.entries.read("pay/ledger")))


def test_a_reader_of_postgresql_reads_one_company_and_writes_nothing(postgres: Postgres) -> None:
    """Rights are the database's own, so that raw SQL cannot go round them either."""
    url = postgres.new_database()
    north, south = (Database.connect(url, company=name) for name in ("north", "south"))
    north.upgrade()
    for database in (north, south):
        database.entries.append("pay/ledger", [database.scope.company], expected=0)
        database.entries.post("other/ledger", BY_HAND.entries, expected=0)
        database.people.keep_accounts({"lin": "6222"})
    postgres.run("DROP ROLE IF EXISTS \"audit: 'north'\"")
    postgres.run("CREATE ROLE \"audit: 'north'\" LOGIN")
    north.admit_reader("audit: 'north'")
    reader = Database.connect(url.replace("postgres@", "audit%3A%20%27north%27@"), company="north")
    other = Database.connect(url.replace("postgres@", "audit%3A%20%27north%27@"), company="south")

    assert ["north"] == list(reader.entries.read("pay/ledger"))
    assert [] == list(other.entries.read("pay/ledger"))
    with reader.engine.connect() as connection:
        for table in ("records", "entries"):
            assert ["north"] == list(connection.execute(text(f"SELECT company FROM {table}")).scalars())  # noqa: S608
    assert (BY_HAND, lp.Ledger()) == (reader.entries.ledger("other/ledger"), other.entries.ledger("other/ledger"))
    with pytest.raises(StoreError, match="connect as a role that may write"):
        reader.entries.append("pay/ledger", ["x"], expected=1)
    with pytest.raises(StoreError, match="permission denied for table accounts"):
        reader.people.account("lin")
    with pytest.raises(StoreError, match="check user, password and rights of the role"):
        north.admit_reader("nobody")


def test_a_reader_of_sqlite_opens_the_file_so(tmp_path: Path) -> None:
    """SQLite has no roles; the file is opened for reading alone."""
    writer = Database.connect(file_with_tables(tmp_path / "pay.db"), company="north")
    writer.entries.append("s", ["one"], expected=0)
    reader = Database.connect(f"sqlite:///file:{tmp_path / 'pay.db'}?mode=ro&uri=true", company="north")
    assert ["one"] == list(reader.entries.read("s"))
    with pytest.raises(StoreError, match="connect as a role that may write"):
        reader.entries.append("s", ["two"], expected=1)
    with pytest.raises(StoreError, match="SQLite has no roles; open the file so"):
        writer.admit_reader("audit")


# ── versions of the schema ──────────────────────────────────────────────────────────────────────────────────


def _held_otherwise(*columns: Any) -> bool:
    """Whether SQLite holds a column otherwise than as text or whole number, the two that a STRICT table has of ours."""
    *_, found, named = columns
    is_whole = isinstance(named, Integer | Boolean)
    return not isinstance(found, INTEGER if is_whole else TEXT)


def test_the_migrations_make_what_the_library_works_on(database: Database) -> None:
    """Tables that differ from those that the statements name would fail in the middle of a month."""
    options = {"compare_type": _held_otherwise} if database.engine.dialect.name == "sqlite" else {}
    with database.engine.connect() as connection:
        assert [] == compare_metadata(MigrationContext.configure(connection, opts=options), METADATA)
    assert known_versions()[-1] == database.version


# By table, a row that may stand there, and what one that may not would say in each case, worked by what a field means.
KEPT_OUT: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "facts": (
        {"source": "crm", "row_code": "1", "revision": 0, "form": "withdrawn"},
        [{"revision": -1}, {"mark": -1}, {"currency": "C"}],
    ),
    "cursors": ({"source": "crm", "cursor": ""}, [{"begun": -1}]),
    "marks": ({"mark": 0}, [{"mark": -1}]),
    "takes": ({"token": "0" * 32, "mark": 1}, [{"mark": 0}, {"token": "0"}]),
    "streams": ({"stream": "s", "version": 0, "seal": ""}, [{"version": -1}, {"seal": "0"}]),
    "batches": ({"stream": "s", "version": 1, "seal": "0" * 64}, [{"version": 0}, {"seal": ""}]),
    "records": ({"stream": "s", "version": 1, "record": "{}"}, [{"version": 0}]),
    "entries": (
        {"stream": "s", "version": 1, "number": 1, "kind": "earned", "payee": "lin", "amount_units": 1}
        | {"currency": "CNY", "period": "2026-03", "on_day": date(2026, 3, 31), "rule": "x"},
        [{"version": 0}, {"number": 0}, {"currency": "CN"}, {"set_to_units": 1}, {"set_to_currency": "CNY"}],
    ),
    "assignments": (
        {"payee": "lin", "since": date(2025, 1, 1), "unit": "e", "role": "o", "tier": "", "product_line": ""},
        [{"salary_units": 1}, {"base_currency": "CNY"}, {"sealed": "x", "base_units": 1, "base_currency": "CNY"}],
    ),
    "accounts": ({"payee": "lin", "account": "6222"}, [{"account": None}, {"sealed": "x"}]),
    "personal": (
        {"commitment": "0" * 64, "payee": "lin", "salt": "s", "said": "x"},
        [{"commitment": "0"}, {"salt": None}, {"sealed": "x"}, {"salt": None, "said": None}],
    ),
    "payments": (
        {"key": "x", "payee": "lin", "period": "2026-03", "amount_units": 1, "currency": "CNY"},
        [{"amount_units": 0}, {"currency": ""}, {"earned_units": 1}],
    ),
}


def test_the_database_itself_keeps_out_what_no_row_can_say(database: Database) -> None:
    """Whoever writes beside the library meets the same rules: an amount has its currency, a number is above zero."""
    tried = set[str]()
    for name, (good, faults) in KEPT_OUT.items():
        table = METADATA.tables[name]
        for bad in faults:
            with pytest.raises(IntegrityError, match=r"(?i)check constraint") as caught, database.engine.begin() as at:
                at.execute(insert(table).values({"company": "north", **good, **bad}))
            tried |= {check for check in CHECKS[name] if f"{name}_{check}" in str(caught.value.orig)}
        with database.engine.begin() as connection:
            connection.execute(insert(table).values({"company": "north", **good}))
        assert {*CHECKS[name]} == tried, name
        tried.clear()
    with database.engine.connect() as connection:
        there = {name: inspect(connection).get_check_constraints(name) for name in METADATA.tables}
    assert {*KEPT_OUT} == {name for name in CHECKS if there[name]}


STRICT: dict[str, tuple[str, Any]] = {
    "amount_units": ("12.5", "cannot store"),
    "revision": ("'one'", "cannot store"),
    "said": ("x'00'", "cannot store"),
    "on_day": ("'2026-02-30'", "CHECK constraint failed"),
    "until": ("'soon'", "CHECK constraint failed"),
    "again": ("2", "CHECK constraint failed"),
}


@pytest.mark.parametrize("column", STRICT)
def test_sqlite_keeps_to_the_types_of_columns_as_postgresql_does(tmp_path: Path, column: str) -> None:
    """Half a fen, a revision in words, bytes, 30 February and a truth of 2 would all have gone in."""
    database = Database.connect(file_with_tables(tmp_path / "pay.db"), company="north")
    database.facts.take("crm", pulled(row("1", 1, drawn())))
    value, said = STRICT[column]
    with pytest.raises(IntegrityError, match=said), database.engine.begin() as connection:
        connection.execute(text(f"UPDATE facts SET {column} = {value}"))  # noqa: S608
    assert [drawn()] == list(database.facts.facts(MARCH))


def test_rows_of_before_the_checks_are_there_afterwards_as_they_were(url: str) -> None:
    """Every table with a row, an index and a view of a host beside them: nothing is lost, and nothing says another."""
    older, seal = Database.connect(url, company="north"), "0" * 64
    upgrade(older.engine, "0010")
    fact = {"source": "crm", "row_code": "1", "revision": 0, "form": "events", "loan": "L1", "kind": "disbursed"}
    fact |= {"on_day": date(2026, 3, 2), "amount_units": 30_000_000, "currency": "CNY", "again": True, "number": ""}
    scheme = {"name": "b", "fingerprint": seal, "effective": date(2026, 1, 1), "document": "{}", "in_book": True}
    more: dict[str, dict[str, Any]] = {
        "schemes": scheme,
        "targets": {"period": "2026-03", "payee": "lin", "indicator": "x", "value": "1/3", "unit": "CNY"},
        "readings": {"period": "2026-03", "payee": "lin", "indicator": "x", "numerator": "1/3", "unit": "CNY"},
        "units": {"code": "e", "since": date(2025, 1, 1), "name": "东", "until": date(2027, 1, 1)},
        "payees": {"code": "lin", "name": "林"},
        "scopes": {"role": "audit"},
    }
    rows = {name: good for name, (good, _) in KEPT_OUT.items()} | {"facts": fact} | more
    assert {*METADATA.tables} == {*rows}
    with older.engine.begin() as connection:
        for name, said in rows.items():
            connection.execute(insert(METADATA.tables[name]).values({"company": "north", **said}))
        connection.execute(text("CREATE VIEW a_host AS SELECT amount_units FROM facts"))
        connection.execute(text("CREATE INDEX of_a_host ON facts (loan)"))
        there = {name: {column["name"] for column in inspect(connection).get_columns(name)} for name in rows}
        tables = METADATA.tables.items()
        held = {name: [item for item in table.columns if item.name in there[name]] for name, table in tables}
        before = {name: connection.execute(select(*columns)).all() for name, columns in held.items()}

    older.upgrade()
    with older.engine.connect() as connection:
        for name, columns in held.items():
            assert before[name] == connection.execute(select(*columns)).all()
        assert [30_000_000] == list(connection.execute(text("SELECT amount_units FROM a_host")).scalars())
        indexes = {index["name"] for index in inspect(connection).get_indexes("facts")}
    assert {"facts_by_loan", "facts_by_mark", "of_a_host"} == indexes
    assert [drawn()] == list(older.facts.facts(MARCH))


def test_a_value_that_cannot_stand_there_stops_the_upgrade_and_is_named(tmp_path: Path) -> None:
    """An older SQLite let anything in: what to mend is said, and the tables are as they were."""
    database = Database.connect(f"sqlite:///{tmp_path / 'pay.db'}", company="north")
    upgrade(database.engine, "0010")
    with database.engine.begin() as connection:
        connection.execute(insert(METADATA.tables["marks"]).values(company="north", mark=1))
        connection.execute(text("UPDATE marks SET mark = 'soon'"))
    said = "cannot store TEXT value in INTEGER column marks_checked.mark; nobody .* correct or restore it"
    with pytest.raises(StoreError, match=said):
        database.upgrade()
    assert "0010" == database.version
    with database.engine.begin() as connection:
        assert ["soon"] == list(connection.execute(text("SELECT mark FROM marks")).scalars())
        connection.execute(text("UPDATE marks SET mark = 1"))
    database.upgrade()
    assert known_versions()[-1] == database.version


def test_an_older_database_is_brought_up_with_what_is_in_it(url: str) -> None:
    """The first version had no sealed salaries; what it held is there afterwards, and can be sealed then."""
    database = Database.connect(url, company="north", keys=Keys(Keys.new()))
    upgrade(database.engine, "0001")
    held = {"company": "north", "payee": "lin", "since": date(2025, 1, 1), "unit": "east", "role": "senior"}
    held |= {"tier": "", "product_line": "", "salary_units": 800000, "salary_currency": "CNY"}
    with database.engine.begin() as connection:
        connection.execute(insert(assignments).values(held))
        connection.execute(text("INSERT INTO streams VALUES ('north', 'pay/ledger', 1)"))
        connection.execute(
            text("INSERT INTO records (company, stream, version, record) VALUES ('north', 'pay/ledger', 1, 'one')")
        )
    with pytest.raises(StoreError, match="its schema is version 0001, and this library works on 0016"):
        list(database.entries.read("pay/ledger"))

    database.upgrade()
    database.upgrade()
    assert ["one"] == list(database.entries.read("pay/ledger"))
    (batch,) = database.entries.batches("pay/ledger")
    assert (0, 1, seal_of("", "pay/ledger", 0, ["one"])) == (batch.before, batch.version, batch.seal)
    (lin,) = database.people.organisation(MARCH).assignments
    assert (lp.Money.of("8000 元"), True) == (lin.salary, lin.primary)
    database.people.rotate()
    with database.engine.connect() as connection:
        assert [None] == list(connection.execute(select(assignments.c.salary_units)).scalars())
    assert (lin,) == database.people.organisation(MARCH).assignments


@pytest.mark.parametrize("version", ["0001", "0003", "0004"])
def test_facts_of_an_older_database_are_there_afterwards_and_rows_that_come_again_change_nothing(
    url: str, version: str
) -> None:
    """Rows of feeds had digests, and loans of the first version could not say whether they revolve."""
    database = Database.connect(url, company="north")
    upgrade(database.engine, version)
    loan = lp.Loan(loan="L1", customer="C1", officer="lin", opened_on="2026-03-01", interest_rate="4.35%")
    torn = '{"problem": ["contract 7", "it is torn", "x", "mend it"]}'
    said: dict[str, dict[str, Any]] = {
        "l1": {"form": "loans", "loan": "L1", "customer": "C1", "officer": "lin", "opened_on": date(2026, 3, 1)}
        | {"interest_rate": "0.0435"}
        | dict.fromkeys(("product", "segment", "collateral", "customer_type"), ""),
        "d1": {"form": "events", "loan": "L1", "kind": "disbursed", "on_day": date(2026, 3, 2), "number": ""}
        | {"amount_units": 30_000_000, "currency": "CNY"},
        "gone": {"form": "withdrawn", "revision": 2},
        "torn": {"form": "problem", "said": f"[{torn}]"},
        "both": {"form": "contradiction", "said": f"[null, {torn}]"},
    }
    with database.engine.begin() as connection:
        older = Table("facts", MetaData(), autoload_with=connection)
        for code, cells in said.items():
            held = {"company": "north", "source": "crm", "row_code": code, "revision": 1, "digest": "x"} | cells
            connection.execute(insert(older).values(held))
        connection.execute(text("INSERT INTO cursors VALUES ('north', 'crm', '7')"))
    database.upgrade()

    found = database.facts.facts(MARCH)
    assert ([loan, drawn()], "7") == (list(found), database.facts.cursor("crm"))
    assert ["crm l1", "crm d1"] == [fact.source for fact in found]
    assert ["crm both", "crm torn: contract 7"] == [problem.where for problem in found.problems]
    again = [row("l1", 1, loan), row("d1", 1, drawn()), row("gone", 1, drawn("1 元")), row("gone", 2, None)]
    database.facts.take("crm", pulled(*again))
    assert found == database.facts.facts(MARCH)
    (part,) = database.facts.parts(currency="CNY")
    assert list(found) == list(part)


def test_a_database_of_a_newer_library_is_not_touched(url_with_tables: str, database: Database) -> None:
    """An older library that wrote into it would lose what it does not know."""
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0099'"))
    again = Database.connect(url_with_tables, company="north")
    for act in (again.upgrade, lambda: again.entries.append("s", ["one"], expected=0)):
        with pytest.raises(StoreError, match=r"'0099', which is newer than this library knows .*; install a newer"):
            act()


def test_a_database_without_the_schema_says_how_to_make_it(url: str) -> None:
    """The first thing that a new user forgets."""
    database = Database.connect(url, company="north")
    with pytest.raises(StoreError, match=r"no schema of loanperf yet; create it with Database.upgrade"):
        database.facts.facts(MARCH)
    with database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE records (x INTEGER)"))
    with pytest.raises(StoreError, match="tables of these names that are not of loanperf"):
        database.upgrade()
    with database.engine.connect() as connection:
        assert {"records"} == {*inspect(connection).get_table_names()} - {"alembic_version"}


# ── a whole month ───────────────────────────────────────────────────────────────────────────────────────────

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
curve = [["0 point", 0], ["100 point", 1]]
then = { per_point = "0.1%", counted = "pro rata" }
rounding = "half up"

[plans.sales]
rounding = "half up"

[plans.sales.components.loans]
base = "disbursed"
rate = "1%"
"""


def test_a_month_over_a_database_comes_to_what_it_comes_to_in_memory(database: Database) -> None:
    """Signed 300,000 of 300,000: 100 points, a month's salary of 8,000; drawn 300,000 at 1%: 3,000; 11,000 in all."""
    facts: list[lp.Fact] = [
        lp.Loan(loan="L1", customer="C1", officer="lin", opened_on="2026-03-01"),
        lp.LoanEvent(loan="L1", kind=lp.EventKind.SIGNED, on="2026-03-01", amount="30万元"),
        drawn(),
    ]
    feed = MemoryFeed([row(str(place), 1, fact) for place, fact in enumerate(facts)], most=2)
    database.people.keep(
        lp.Organisation(
            assignments=[lp.Assignment(payee="lin", unit="e", role="o", since="2025-01-01", salary="8000 元")]
        )
    )
    database.schemes.publish(lp.SchemeBook([lp.parse_scheme(SCHEME)]))
    keeping = lp.Keeping(entries=database.entries, feeds={"crm": feed}, answers=database.payments, close_by="chen")
    for _ in range(2):
        done = lp.run(
            MARCH,
            facts=database.facts,
            people=database.people,
            schemes=database.schemes,
            payments=database.payments,
            keeping=keeping,
        )
        assert [("branch/lin/2026-03/CNY/1", lp.Money.of("11000 元"))] == [
            (payment.key, payment.amount) for payment in database.payments.paid()
        ]
        assert (True, (), 3) == (done.closed, done.problems, done.used)


# ── what can go wrong ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "the database's URL: it cannot be read; write sqlite:///pay.db or postgresql://"),
        ("mysql://user:hunter2@host/pay", "there is no support for 'mysql'; use sqlite or postgresql"),
        ("postgresql://user:hunter2@127.0.0.1:9/pay", "check that the database is there and can be reached"),
        ("sqlite:////no/such/folder/pay.db", "check that the database is there and can be reached"),
    ],
)
def test_a_database_that_cannot_be_reached_says_what_to_do_and_no_password(url: str, said: str) -> None:
    """A password in a message ends up in a log."""
    with pytest.raises(StoreError) as caught:
        Database.connect(url, company="north").upgrade()
    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value) + repr(caught.value)


def test_a_wrong_password_is_told_and_not_shown(postgres: Postgres) -> None:
    """The server asks for one where its rules say so."""
    url = postgres.new_database()
    rules = postgres.folder / "data" / "pg_hba.conf"
    before = rules.read_text(encoding="utf-8")
    try:
        rules.write_text(f"local all teller scram-sha-256\n{before}", encoding="utf-8")
        postgres.run("CREATE ROLE teller LOGIN PASSWORD 'right'")
        postgres.control("reload")
        wrong = Database.connect(url.replace("postgres@", "teller:hunter2@"), company="north")
        with pytest.raises(StoreError, match=r"password authentication failed .*; check user, password") as caught:
            wrong.upgrade()
        assert "hunter2" not in str(caught.value) + repr(caught.value) + repr(wrong)
    finally:
        rules.write_text(before, encoding="utf-8")
        postgres.run("DROP ROLE IF EXISTS teller")
        postgres.control("reload")


def test_no_secret_is_in_a_repr_or_an_error(url: str) -> None:
    """Keys, salaries and accounts are in no text that a host could log."""
    key = Keys.new()
    keys = Keys([key])
    database = Database.connect(url, company="north", keys=keys)
    database.upgrade()
    with pytest.raises(StoreError, match="one of them is no key") as caught:
        Keys([key[:-5]])
    said = repr(keys) + repr(database) + repr(database.people) + str(caught.value) + repr(caught.value)
    with database.engine.begin() as connection:
        connection.execute(text("DROP TABLE accounts"))
    with pytest.raises(StoreError) as lost:
        database.people.keep_accounts({"lin": "6222-0000-1111"})
    said += str(lost.value) + repr(lost.value)
    assert not [word for word in (key, key[:-5], "6222") if word in said]


@pytest.mark.parametrize("company", ["", " ", "x" * 201, "a\nb"])
def test_a_company_is_named(company: str) -> None:
    """Rows of nobody would be everybody's."""
    with pytest.raises(StoreError, match="is no code"):
        Database.connect("sqlite://", company=company)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    """A workbook passed by mistake is not overwritten."""
    path = tmp_path / "pay.db"
    path.write_bytes(b"PK\x03\x04" * 1000)
    with pytest.raises(StoreError, match="the file is no database or is damaged"):
        Database.connect(f"sqlite:///{path}", company="north").upgrade()
    assert b"PK\x03\x04" * 1000 == path.read_bytes()


def test_a_lock_that_somebody_holds_is_told(tmp_path: Path) -> None:
    """Who waits too long is told to run again, and nothing is kept."""
    path = tmp_path / "pay.db"
    database = Database.connect(f"sqlite:///{path}?timeout=0.1", company="north")
    database.upgrade()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="database is locked; somebody else holds a lock; run it again"):
        database.entries.append("s", ["one"], expected=0)
    other.execute("ROLLBACK")
    other.close()
    assert 1 == database.entries.append("s", ["one"], expected=0)


def test_without_the_extra_the_error_says_how_to_install_it() -> None:
    """The first thing that a new user meets."""
    code = (
        "import sys, importlib.util as util\n"
        "find = util.find_spec\n"
        "util.find_spec = lambda name, *more: None if name == 'sqlalchemy' else find(name, *more)\n"
        "import loanperf.adapters.sql\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 'sqlalchemy is not installed; run: python -m pip install "loanperf[sql]"' in done.stderr


def test_the_driver_of_postgresql_is_an_extra_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who stays with SQLite does not need it."""

    def missing(*_: Any, **__: Any) -> Any:
        raise ModuleNotFoundError("No module named 'psycopg'")

    monkeypatch.setattr("loanperf.adapters.sql._engine.create_engine", missing)
    with pytest.raises(MissingExtraError, match=r'"loanperf\[postgres\]"'):
        Database.connect("postgresql://host/pay", company="north")
    assert create_engine is not missing
