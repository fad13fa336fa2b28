"""Ports: every adapter here keeps what its port promises, and the checks see it where one does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve, field
from sqlalchemy import URL, Engine
from tests.servers import Postgres

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
from loanperf.adapters.sql import Database, SqlEntries, SqlFacts, SqlPayments
from loanperf.adapters.sql._engine import engine_of
from loanperf.errors import ConflictError
from loanperf.ports import Answer, Answered, FeedRow, Notice, Payment, Pulled
from loanperf.testing import (
    check_entry_store,
    check_fact_source,
    check_fact_store,
    check_feed,
    check_notifier,
    check_payment_answers,
    check_payment_sink,
    check_people_source,
    check_scheme_source,
)

Open = Callable[[], Database]
_NUMBERS = count()


@pytest.fixture(params=["sqlite", "postgresql"])
def new(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Makes a new database each time."""
    opened: list[Engine] = []

    def noted(url: URL) -> Engine:
        opened.append(engine_of(url))
        return opened[-1]

    def make() -> Database:
        url = f"sqlite:///{tmp_path / str(next(_NUMBERS))}.db"
        if request.param == "postgresql":
            server: Postgres = request.getfixturevalue("postgres")
            url = server.new_database()
        database = Database.connect(url, company="north")
        database.upgrade()
        return database

    monkeypatch.setattr("loanperf.adapters.sql._database.engine_of", noted)
    yield make
    for engine in opened:
        engine.dispose()


def again(database: Any) -> Database:
    """The same data by new connections."""
    url = database.scope.engine.url.render_as_string(hide_password=False)
    database.scope.engine.dispose()
    return Database.connect(url, company="north")


def amounts(payments: Iterable[Payment]) -> list[tuple[str, lp.Money]]:
    """What the checks want to see of a sink."""
    return [(payment.key, payment.amount) for payment in payments]


# ── the adapters here ───────────────────────────────────────────────────────────────────────────────────────


def test_memory_keeps_every_promise() -> None:
    """The reference of what a port promises."""
    row = FeedRow(row="1", revision=1, says=None)
    scheme = lp.template("worked-example")
    check_entry_store(MemoryEntries)
    check_fact_store(MemoryFactStore)
    check_feed(lambda: MemoryFeed([evolve(row, revision=number) for number in range(7)], most=2))
    check_fact_source(lambda: MemoryFacts([lp.Training(payee="lin", course="AML", on="2026-03-31")] * 2))
    check_people_source(lambda: MemoryPeople(lp.Organisation()))
    check_scheme_source(lambda: MemorySchemes(scheme, [lp.Target(payee="l", indicator="loan_amount", value="1 元")]))
    check_payment_sink(MemoryPayments, taken=lambda sink: amounts(sink.paid.values()))
    check_payment_answers(MemoryPayments, say=lambda finance, answer: finance.said.append(answer))
    check_notifier(MemoryNotices, told=lambda teller: teller.told)


def test_databases_keep_every_promise(new: Open) -> None:
    """The same checks as memory's, over real files and a real server, by new connections too."""
    check_entry_store(lambda: new().entries, reopen=lambda store: again(store).entries)
    check_fact_store(lambda: new().facts, reopen=lambda store: again(store).facts)
    check_fact_source(lambda: new().facts)
    check_people_source(lambda: new().people)
    check_payment_sink(
        lambda: new().payments, taken=lambda sink: amounts(sink.paid()), reopen=lambda sink: again(sink).payments
    )
    check_payment_answers(lambda: new().payments, say=SqlPayments.answer)

    database = new()
    database.schemes.publish(lp.SchemeBook([lp.template("worked-example")]))
    check_scheme_source(lambda: database.schemes)


def test_the_adapters_are_the_ports() -> None:
    """Their types say so, which mypy holds them to."""
    stores: tuple[lp.ports.EntryStore, ...] = (MemoryEntries(),)
    facts: tuple[lp.ports.FactStore, ...] = (MemoryFactStore(),)
    database = Database.connect("sqlite://", company="north")
    stores += (SqlEntries(database.scope),)
    facts += (SqlFacts(database.scope),)
    assert all(isinstance(store, lp.ports.FactStore) for store in facts)
    assert not any(isinstance(store, lp.ports.FactStore) for store in stores)


# ── adapters that break a promise ───────────────────────────────────────────────────────────────────────────


@define
class Entries:
    """A store of streams over a dict, right but for what a test changes."""

    held: dict[str, list[str]] = field(factory=dict)

    def read(self, stream: str, after: int = 0) -> Iterable[str]:
        """The records behind a version."""
        return list(self.held.get(stream, ()))[after:]

    def append(self, stream: str, records: Sequence[str], *, expected: int) -> int:
        """Add records."""
        added = list(records)
        held = self.held.setdefault(stream, [])
        if len(held) != expected:
            raise ConflictError(stream, expected, len(held))
        held.extend(added)
        return len(held)


@define
class Broken:
    """`Entries` with one fault."""

    fault: str
    right: Entries = field(factory=Entries)

    def read(self, stream: str, after: int = 0) -> Iterable[str]:
        """The records, some faults aside."""
        stream = stream.lower() if self.fault == "case" else stream
        found = self.right.read(stream, max(0, after - 1) if self.fault == "behind" else after)
        if self.fault == "strip":
            return [record.strip() for record in found]
        return sorted(found) if self.fault == "order" else found

    def append(self, stream: str, records: Sequence[str], *, expected: int) -> int:
        """Add records, some faults aside."""
        stream = stream.lower() if self.fault == "case" else stream
        if self.fault == "last wins":
            expected = len(self.right.held.get(stream, ()))
        if self.fault == "half":
            for record in records:
                expected = self.right.append(stream, [record], expected=expected)
            return expected
        return self.right.append(stream, records, expected=expected) + (self.fault == "version")


@pytest.mark.parametrize(
    ("fault", "promise"),
    [
        ("case", "streams do not mix, whatever their names"),
        ("behind", "records come back in order, behind any version, and append says the new one"),
        ("strip", "records come back as they were, whatever their text"),
        ("order", "records come back in order, behind any version, and append says the new one"),
        ("last wins", "who expects another version gets ConflictError, and nothing is added"),
        ("last wins", "of those who append to one version one wins"),
        ("half", "an append is whole or not there"),
        ("version", "a huge append is kept"),
    ],
)
def test_a_store_of_streams_that_breaks_a_promise_is_seen(fault: str, promise: str) -> None:
    """A check that nothing can fail protects nothing."""
    with pytest.raises(AssertionError, match=r"EntryStore breaks \d of 9 promises") as caught:
        check_entry_store(lambda: Broken(fault))
    assert f"  - {promise}: " in str(caught.value)


def test_a_store_without_a_fault_passes() -> None:
    """What the broken ones are made of is right, so that each is caught for its own fault."""
    check_entry_store(lambda: Broken(""))


@define
class Rows:
    """A store of rows with one fault."""

    fault: str
    right: MemoryFactStore = field(factory=MemoryFactStore)
    last: dict[tuple[str, str], int] = field(factory=dict)

    def cursor(self, source: str) -> str:
        """The cursor."""
        return "" if self.fault == "cursor" else self.right.cursor("crm" if self.fault == "one cursor" else source)

    def take(self, source: str, pulled: Pulled) -> None:
        """Keep rows, some faults aside."""
        rows = pulled.rows
        if self.fault == "last comes wins":
            rows = tuple(evolve(row, revision=self._next(source, row.row)) for row in rows)
        if self.fault == "no problems":
            rows = tuple(row for row in rows if not isinstance(row.says, lp.errors.Problem))
        if self.fault == "no withdrawals":
            rows = tuple(row for row in rows if row.says is not None)
        if self.fault == "one source":
            source = "crm"
        self.right.take(source, Pulled(rows=rows, cursor=pulled.cursor))
        if self.fault == "one cursor":
            self.right.take("crm", Pulled(rows=(), cursor=pulled.cursor))

    def _next(self, source: str, row: str) -> int:
        self.last[source, row] = self.last.get((source, row), 0) + 1
        return self.last[source, row]

    def facts(self, period: lp.Period) -> lp.Facts:
        """The facts, some faults aside."""
        found = self.right.facts(period)
        if self.fault == "floats":
            return evolve(found, items=tuple(fact for fact in found if not isinstance(fact, lp.Credit)))
        return found

    def readings(self, period: lp.Period) -> Iterable[lp.Reading]:
        """Those of the right one."""
        return self.right.readings(period)


@pytest.mark.parametrize(
    ("fault", "promise"),
    [
        ("cursor", "sources are kept apart, with their cursors"),
        ("one cursor", "sources are kept apart, with their cursors"),
        ("one source", "sources are kept apart, with their cursors"),
        ("last comes wins", "the order and number of times in which rows come does not matter"),
        ("no problems", "a row that cannot be read is told until it is corrected"),
        ("no withdrawals", "a row that was withdrawn says nothing until a higher revision does"),
        ("floats", "facts of every kind come back exactly, with their source"),
    ],
)
def test_a_store_of_rows_that_breaks_a_promise_is_seen(fault: str, promise: str) -> None:
    """Each fault loses or invents pay in the end."""
    with pytest.raises(AssertionError, match=r"FactStore breaks \d+ of 10 promises") as caught:
        check_fact_store(lambda: Rows(fault))
    assert f"  - {promise}: " in str(caught.value)


@define
class Ring:
    """A feed with one fault."""

    fault: str
    asked: int = 0

    def pull(self, cursor: str) -> Pulled:
        """Rows, with a fault."""
        self.asked += 1
        row = FeedRow(row="1", revision=self.asked if self.fault == "restless" else 1, says=None)
        if self.fault == "stays":
            return Pulled(rows=(row,), cursor="1", more=True)
        return Pulled(rows=(row,), cursor=str(int(cursor or 0) + 1), more=False)


@pytest.mark.parametrize(
    ("fault", "promise"),
    [
        ("stays", "its cursor stays at '1'"),
        ("restless", "the same cursor may be asked again"),
        ("restless", "behind the last cursor there is nothing new"),
    ],
)
def test_a_feed_that_breaks_a_promise_is_seen(fault: str, promise: str) -> None:
    """A feed without an end stops the month; one that changes while it is read has no state."""
    with pytest.raises(AssertionError, match="Feed breaks") as caught:
        check_feed(lambda: Ring(fault))
    assert promise in str(caught.value)


@define
class Till:
    """A sink, finance and notifier that take everything again, and forget the last of many."""

    taken: list[tuple[str, lp.Money]] = field(factory=list)
    said: list[Answer] = field(factory=list)
    told: list[str] = field(factory=list)

    def pay(self, payments: tuple[Payment, ...]) -> None:
        """Take payments, again and again."""
        self.taken += amounts(payments)

    def answers(self, cursor: str) -> Answered:
        """The last answer alone."""
        return Answered(answers=self.said[-1:], cursor=cursor)

    def notify(self, notices: tuple[Notice, ...]) -> None:
        """Tell, again and again."""
        self.told += [notice.key for notice in notices]


def test_a_sink_that_pays_twice_is_seen() -> None:
    """The one promise of a sink that costs money."""
    with pytest.raises(AssertionError, match="a payment whose key was taken is not taken again: payments that were"):
        check_payment_sink(Till, taken=lambda sink: sink.taken)
    with pytest.raises(AssertionError, match="the same cursor may be asked again: answers from the first one on"):
        check_payment_answers(Till, say=lambda finance, answer: finance.said.append(answer))
    with pytest.raises(AssertionError, match="a notice whose key was told is not told again"):
        check_notifier(Till, told=lambda teller: teller.told)


def test_sources_that_answer_something_else_are_seen() -> None:
    """A list where Facts are promised, and rows that were dropped without a word."""
    nobody: Any = []
    wrong = MemoryPeople(nobody)
    with pytest.raises(AssertionError, match="expected 'Organisation', found 'list'"):
        check_people_source(lambda: wrong)
    dropped = evolve(lp.Facts.of([]), rows=3)
    with pytest.raises(
        AssertionError, match="rows that came in, less facts, repeats and problems: expected 0, found 3"
    ):
        check_fact_source(lambda: MemoryFacts(dropped))
