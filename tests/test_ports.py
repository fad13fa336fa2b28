"""Ports: every adapter here keeps what its port promises, and the checks see it where one does not."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from importlib.resources import files
from itertools import count, pairwise
from pathlib import Path
from threading import Lock
from time import sleep
from typing import Any

import pytest
from attrs import define, evolve, field
from sqlalchemy import URL, Engine
from tests.servers import Postgres, file_with_tables

import loanperf as lp
from loanperf.adapters.memory import (
    MemoryEntries,
    MemoryFacts,
    MemoryFactStore,
    MemoryFeed,
    MemoryNotices,
    MemoryPayments,
    MemoryPeople,
    MemoryPersonal,
    MemorySchemes,
)
from loanperf.adapters.sql import Database, SqlEntries, SqlFacts, SqlPayments
from loanperf.adapters.sql._engine import engine_of
from loanperf.adapters.tables import Folder
from loanperf.errors import ConflictError, DataError, LedgerError
from loanperf.ports import (
    Answer,
    Answered,
    Batch,
    FeedRow,
    Notice,
    Payment,
    Pulled,
    commitment_of,
    must_be_as_taken,
    must_be_committable,
    seal_of,
)
from loanperf.testing import (
    check_entry_store,
    check_fact_history,
    check_fact_source,
    check_fact_store,
    check_feed,
    check_ledger_store,
    check_notifier,
    check_payment_answers,
    check_payment_sink,
    check_people_source,
    check_personal_store,
    check_scheme_source,
)
from loanperf.testing._promises import TornError

Open = Callable[[], Database]
_NUMBERS = count()
_URLS: dict[str, str] = {}
"""Of the databases, by company; an engine does not tell all of its own."""


@pytest.fixture(params=["sqlite", "postgresql"])
def new(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """A new company of one database each time, with nothing in it."""
    opened: list[Engine] = []

    def noted(url: URL) -> Engine:
        opened.append(engine_of(url))
        return opened[-1]

    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.with_tables()
    else:
        url = file_with_tables(tmp_path / "pay.db")

    def make() -> Database:
        company = f"company {next(_NUMBERS)}"
        _URLS[company] = url
        return Database.connect(url, company=company)

    monkeypatch.setattr("loanperf.adapters.sql._database.engine_of", noted)
    yield make
    for engine in opened:
        engine.dispose()


def again(database: Any) -> Database:
    """The same data by new connections."""
    database.scope.engine.dispose()
    return Database.connect(_URLS[database.scope.company], company=database.scope.company)


def amounts(payments: Iterable[Payment]) -> list[tuple[str, lp.Money]]:
    """What the checks want to see of a sink."""
    return [(payment.key, payment.amount) for payment in payments]


# ── the adapters here ───────────────────────────────────────────────────────────────────────────────────────


def test_memory_keeps_every_promise() -> None:
    """The reference of what a port promises."""
    row = FeedRow(row="1", revision=1, says=None)
    scheme = lp.template("worked-example")
    check_entry_store(MemoryEntries)
    check_ledger_store(MemoryEntries)
    check_fact_store(MemoryFactStore)
    check_fact_history(MemoryFactStore)
    check_personal_store(MemoryPersonal)
    check_feed(lambda: MemoryFeed([evolve(row, revision=number) for number in range(7)], most=2))
    check_fact_source(lambda: MemoryFacts([lp.Training(payee="lin", course="AML", on="2026-03-31")] * 2))
    check_people_source(lambda: MemoryPeople(lp.Organisation()))
    check_scheme_source(lambda: MemorySchemes(scheme, [lp.Target(payee="l", indicator="loan_amount", value="1 元")]))
    check_payment_sink(MemoryPayments, taken=lambda sink: amounts(sink.paid.values()))
    check_payment_answers(MemoryPayments, say=lambda finance, answer: finance.said.append(answer))
    check_notifier(MemoryNotices, told=lambda teller: teller.told)


@pytest.mark.slow
def test_databases_keep_every_promise(new: Open) -> None:
    """The same checks as memory's, over real files and a real server, by new connections too."""
    check_entry_store(lambda: new().entries, reopen=lambda store: again(store).entries)
    check_ledger_store(lambda: new().entries, reopen=lambda store: again(store).entries)
    check_fact_store(lambda: new().facts, reopen=lambda store: again(store).facts)
    check_fact_history(lambda: new().facts, reopen=lambda store: again(store).facts)
    check_personal_store(lambda: new().personal, reopen=lambda store: again(store).personal)
    check_fact_source(lambda: new().facts)
    check_people_source(lambda: new().people)
    check_payment_sink(
        lambda: new().payments, taken=lambda sink: amounts(sink.paid()), reopen=lambda sink: again(sink).payments
    )
    check_payment_answers(lambda: new().payments, say=SqlPayments.answer, reopen=lambda sink: again(sink).payments)

    database = new()
    database.schemes.publish(lp.SchemeBook([lp.template("worked-example")]))
    check_scheme_source(lambda: database.schemes)


def test_files_keep_every_promise() -> None:
    """A folder of tables, and the same tables as data frames would come, have facts and people."""
    demo = Path(str(files("loanperf"))) / "demo" / "data"
    people = 0
    for table in ("units", "payees", "assignments", "targets"):
        text = (demo / f"{table}.csv").read_text(encoding="utf-8")
        people += len(text.splitlines()) - 1
    check_fact_source(lambda: Folder(demo), others=people)
    check_people_source(lambda: Folder(demo))
    check_fact_source(lambda: Folder(demo).tables(), others=people)
    check_people_source(lambda: Folder(demo).tables())


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Pulled(rows=[], cursor="\ud800"), r"Pulled: cursor is '\ud800'; give text that can be written"),
        (lambda: FeedRow(row="\ud800", revision=1, says=None), r"FeedRow: row is '\ud800'; give a printable"),
        (lambda: Answered(answers=[], cursor="\ud800"), r"Answered: its cursor is '\ud800'; give text"),
        (lambda: Answer(key="k", state="paid", on="2026-03-01", why="\ud800"), r"its why is '\ud800'; give text"),
    ],
)
def test_text_that_no_store_can_keep_is_refused_where_it_is_made(make: Callable[[], Any], said: str) -> None:
    """It came through to the database and ended the run there with an error of Python, after other rows were kept."""
    with pytest.raises(lp.errors.LoanPerfError) as caught:
        make()

    assert said in str(caught.value)


def test_the_adapters_are_the_ports() -> None:
    """Their types say so, which mypy holds them to."""
    stores: tuple[lp.ports.LedgerStore, ...] = (MemoryEntries(),)
    facts: tuple[lp.ports.FactStore, ...] = (MemoryFactStore(),)
    database = Database.connect("sqlite://", company="north")
    stores += (SqlEntries(database.scope),)
    personal: tuple[lp.ports.PersonalStore, ...] = (MemoryPersonal(), database.personal)
    assert all(callable(store.erase) for store in personal)
    facts += (SqlFacts(database.scope),)
    assert all(isinstance(store, lp.ports.FactStore) for store in facts)
    assert not any(isinstance(store, lp.ports.FactStore) for store in stores)
    assert all(isinstance(store, lp.ports.LedgerStore) for store in stores)
    assert not isinstance(Entries(), lp.ports.LedgerStore)


# ── adapters that break a promise ───────────────────────────────────────────────────────────────────────────


@define
class Entries:
    """A store of streams over a dict, right but for what a test changes."""

    held: dict[str, list[str]] = field(factory=dict)
    marks: dict[str, list[tuple[int, str]]] = field(factory=dict)
    lock: Lock = field(factory=Lock)

    def read(self, stream: str, after: int = 0) -> Iterable[str]:
        """The records behind a version."""
        return list(self.held.get(stream, ()))[after:]

    def append(self, stream: str, records: Sequence[str], *, expected: int) -> int:
        """Add records."""
        added = list(records)
        with self.lock:
            held = self.held.setdefault(stream, [])
            if len(held) != expected:
                raise ConflictError(stream, expected, len(held))
            held.extend(added)
            marks = self.marks.setdefault(stream, [])
            if added:
                seal = seal_of(marks[-1][1] if marks else "", stream, expected, added)
                marks.append((len(held), seal))
            return len(held)

    def batches(self, stream: str) -> Iterable[Batch]:
        """What was added, with its seals."""
        ends = [(0, ""), *self.marks.get(stream, ())]
        return [
            Batch(before=before, version=version, seal=seal, records=self.held[stream][before:version])
            for (before, _), (version, seal) in pairwise(ends)
        ]


@define
class Ledgers:
    """A store of ledgers, right but for one fault."""

    fault: str
    right: MemoryEntries = field(factory=MemoryEntries)

    def read(self, stream: str, after: int = 0) -> Iterable[str]:
        """The records behind a version."""
        return self.right.read(stream, after)

    def append(self, stream: str, records: Sequence[str], *, expected: int) -> int:
        """Add records."""
        return self.right.append(stream, records, expected=expected)

    def batches(self, stream: str) -> Iterable[Batch]:
        """What was added, with its seals, some faults aside."""
        found = self.right.batches(stream)
        return [evolve(batch, seal="0" * 64) for batch in found] if self.fault == "no seals" else found

    def ledger(self, stream: str) -> lp.Ledger:
        """The ledger, some faults aside."""
        if self.fault == "trusts":
            try:
                return self.right.ledger(stream)
            except (DataError, LedgerError):
                return lp.Ledger()
        alone = self.fault == "columns alone" and stream == "mixed"
        return lp.Ledger() if alone else self.right.ledger(stream)

    def post(self, stream: str, entries: lp.Entries, *, expected: int) -> int:
        """Add entries, some faults aside."""
        if self.fault == "no check":
            expected = len(self.right.read(stream))
        if self.fault == "forgets":
            return expected + len(entries)
        return self.right.post(stream, entries, expected=expected)

    def tail(self, stream: str, version: int) -> tuple[str, Iterable[Batch]]:
        """What stands behind a version, some faults aside."""
        known = {0: "", **{batch.version: batch.seal for batch in self.batches(stream)}}
        whole = self.fault == "whole tail"
        behind = [batch for batch in self.batches(stream) if whole or batch.version > version]
        return known.get(version, ""), behind


@define
class Broken:
    """`Entries` with one fault."""

    fault: str
    right: Entries = field(factory=Entries)
    broken: bool = False
    lock: Lock = field(factory=Lock)

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
        if self.fault == "no check of nothing" and not len(records):
            return expected
        if self.fault == "sticks":
            return self._once_broken(stream, records, expected)
        if self.fault == "only errors":
            return self._undone(stream, records, expected)
        if self.fault == "refuses":
            return self._alone(stream, records, expected)
        return self.right.append(stream, records, expected=expected) + (self.fault == "version")

    def batches(self, stream: str) -> Iterable[Batch]:
        """What was added, with its seals, some faults aside."""
        found = self.right.batches(stream.lower() if self.fault == "case" else stream)
        return (
            [evolve(batch, seal=seal_of("", stream, 0, batch.records)) for batch in found]
            if self.fault == "alone"
            else found
        )

    def _once_broken(self, stream: str, records: Sequence[str], expected: int) -> int:
        """A connection that is of no use after its first error."""
        if self.broken:
            raise sqlite3.ProgrammingError("the transaction was aborted")
        try:
            return self.right.append(stream, records, expected=expected)
        except ConflictError:
            self.broken = True
            raise

    def _undone(self, stream: str, records: Sequence[str], expected: int) -> int:
        """Undone after errors, and not when the program is told to stop."""
        held, marks = list(self.right.held.get(stream, ())), list(self.right.marks.get(stream, ()))
        try:
            for record in records:
                expected = self.right.append(stream, [record], expected=expected)
        except TornError:
            self.right.held[stream], self.right.marks[stream] = held, marks
            raise
        return expected

    def _alone(self, stream: str, records: Sequence[str], expected: int) -> int:
        """Who comes second is sent away with an error of the database."""
        if not self.lock.acquire(blocking=False):
            raise sqlite3.OperationalError("database is locked")
        try:
            sleep(0.001)
            return self.right.append(stream, records, expected=expected)
        finally:
            self.lock.release()


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
        ("only errors", "an append is whole or not there"),
        ("no check of nothing", "who expects another version gets ConflictError, and nothing is added"),
        ("sticks", "who expects another version gets ConflictError, and nothing is added"),
        ("refuses", "who appends to another stream is not hindered"),
        ("refuses", "of those who append to one version one wins"),
        ("version", "a huge append is kept"),
        ("alone", "each append is sealed, over all before it"),
    ],
)
def test_a_store_of_streams_that_breaks_a_promise_is_seen(fault: str, promise: str) -> None:
    """A check that nothing can fail protects nothing."""
    with pytest.raises(AssertionError, match=r"EntryStore breaks \d+ of 11 promises") as caught:
        check_entry_store(lambda: Broken(fault))
    assert f"  - {promise}: " in str(caught.value)


def test_a_store_without_a_fault_passes() -> None:
    """What the broken ones are made of is right, so that each is caught for its own fault."""
    check_entry_store(lambda: Broken(""))
    check_fact_store(lambda: Rows(""))
    check_feed(lambda: Queue(""))
    check_payment_sink(lambda: Till(""), taken=lambda sink: sink.taken)
    check_payment_answers(lambda: Till(""), say=lambda finance, answer: finance.said.append(answer))
    check_notifier(lambda: Till(""), told=lambda teller: teller.told)


@pytest.mark.parametrize(
    ("fault", "promise"),
    [
        ("forgets", "entries that are posted are the ledger, and are read as lines"),
        ("columns alone", "entries that are appended as lines are among those of the ledger"),
        ("no check", "who posts to another version gets ConflictError, and nothing is added"),
        ("trusts", "what contradicts itself is no ledger"),
        ("no seals", "entries are sealed as what was posted"),
        ("whole tail", "what stands behind a version is what a LedgerTails gives of it"),
    ],
)
def test_a_store_of_ledgers_that_breaks_a_promise_is_seen(fault: str, promise: str) -> None:
    """A ledger that a run posts by columns and an auditor reads as lines is one ledger."""
    check_ledger_store(lambda: Ledgers(""))
    with pytest.raises(AssertionError, match=r"LedgerStore breaks \d of 6 promises") as caught:
        check_ledger_store(lambda: Ledgers(fault))
    assert f"  - {promise}: " in str(caught.value)


@define
class Drawer:
    """A store of what is personal, right but for one fault."""

    fault: str
    right: MemoryPersonal = field(factory=MemoryPersonal)
    plain: dict[str, str] = field(factory=dict)

    def commit(self, said: Sequence[tuple[str, str]]) -> Sequence[str]:
        """Keep texts, some faults aside."""
        if self.fault == "no salt":
            must_be_committable(said)
            self.plain |= {commitment_of("", item): item for _, item in said}
            self.right.commit(said)
            return tuple(commitment_of("", item) for _, item in said)
        if self.fault == "half":
            return tuple(one for each in said for one in self.right.commit([each]))
        if self.fault == "trusts":
            said = [(payee[:200] or "-", item.replace("\0", "").replace("\ud800", "")) for payee, item in said]
        if self.fault == "anew":
            for payee, _ in said:
                self.right.erase(payee)
        return self.right.commit(said)

    def told(self, commitments: Sequence[str]) -> Mapping[str, str]:
        """The texts, some faults aside."""
        found = self.right.told(commitments) | {one: self.plain[one] for one in commitments if one in self.plain}
        return {one: found.get(one, "") for one in commitments} if self.fault == "empty" else found

    def erase(self, payee: str) -> int:
        """Erase, some faults aside."""
        return 1 if self.fault == "keeps" else self.right.erase(payee)


@pytest.mark.parametrize(
    ("fault", "promise"),
    [
        ("no salt", "payees do not mix, whatever their codes"),
        ("no salt", "the salt is by chance"),
        ("half", "texts are kept all or none"),
        ("trusts", "what not every store can keep is refused"),
        ("anew", "texts come back as they were, by their commitments"),
        ("empty", "of what was never kept nothing is told or erased"),
        ("keeps", "what was erased is not told any more, and has a new commitment when it is kept again"),
    ],
)
def test_a_store_of_what_is_personal_that_breaks_a_promise_is_seen(fault: str, promise: str) -> None:
    """Whose salary can be guessed from its commitment, or stays when it was erased, has been told it was not so."""
    check_personal_store(lambda: Drawer(""))
    with pytest.raises(AssertionError, match=r"PersonalStore breaks \d of 8 promises") as caught:
        check_personal_store(lambda: Drawer(fault))
    assert f"  - {promise}: " in str(caught.value)


def test_a_store_that_forgets_when_it_is_opened_again_is_seen() -> None:
    """A process that ends takes with it what was never written down."""
    with pytest.raises(AssertionError, match=r"the records: 25 and 0, apart at number 1, '0' and 'nothing'"):
        check_entry_store(MemoryEntries, reopen=lambda _: MemoryEntries())
    with pytest.raises(AssertionError, match="rows are kept with their cursor: cursor and facts"):
        check_fact_store(MemoryFactStore, reopen=lambda _: MemoryFactStore())
    with pytest.raises(AssertionError, match="a payment whose key was taken is not taken again"):
        check_payment_sink(
            MemoryPayments, taken=lambda sink: amounts(sink.paid.values()), reopen=lambda _: MemoryPayments()
        )
    with pytest.raises(AssertionError, match="a notice whose key was told is not told again"):
        check_notifier(MemoryNotices, told=lambda teller: teller.told, reopen=lambda _: MemoryNotices())


def test_every_broken_promise_is_told_at_once_with_what_was_raised() -> None:
    """An adapter is mended in one round, and an error of its own is not lost, in a thread neither."""
    with pytest.raises(AssertionError) as caught:
        check_entry_store(lambda: Broken("refuses"))
    assert "OperationalError('database is locked')" in str(caught.value)
    assert str(caught.value).startswith("EntryStore breaks 2 of 11 promises:\n  - of those who append")

    def no_connection() -> MemoryEntries:
        raise sqlite3.OperationalError("unable to open database file")

    with pytest.raises(AssertionError, match="EntryStore breaks 11 of 11 promises") as caught:
        check_entry_store(no_connection)
    assert str(caught.value).count("it raised OperationalError('unable to open database file')") == 11
    assert isinstance(caught.value.__cause__, sqlite3.OperationalError)


def test_who_interrupts_the_checks_ends_them() -> None:
    """An interruption from the keyboard is no broken promise."""

    def interrupted() -> MemoryEntries:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check_entry_store(interrupted)


def _numbered(source: str, row: FeedRow) -> FeedRow:
    """A row with a code and a number of its source, so that no two sources ever say the same."""
    code = f"{source} {row.row}"
    says = evolve(row.says, number=code) if isinstance(row.says, lp.LoanEvent) else row.says
    return evolve(row, row=code, says=says)


@define
class Rows:
    """A store of rows with one fault."""

    fault: str
    right: MemoryFactStore = field(factory=MemoryFactStore)
    last: dict[tuple[str, str], int] = field(factory=dict)
    said: set[tuple[str, str, int]] = field(factory=set)

    def __attrs_post_init__(self) -> None:
        if self.fault == "another is believed":
            self.right.authority = lp.Authority({"disbursed": "crm"})

    def cursor(self, source: str) -> str:
        """The cursor."""
        return "" if self.fault == "cursor" else self.right.cursor("crm" if self.fault == "one cursor" else source)

    def take(self, source: str, pulled: Pulled) -> None:
        """Keep rows, some faults aside."""
        came = tuple(pulled.every_row()) if pulled.tables and self.fault != "no tables" else pulled.rows
        rows = tuple(self._changed(source, came))
        if self.fault == "every source adds":
            rows = tuple(_numbered(source, row) for row in rows)
        source = "crm" if self.fault in ("one source", "every source adds") else source
        right = self.right
        if self.fault == "no lock":
            right = copy(right)
            sleep(0.01)
        right.take(source, Pulled(rows=rows, cursor=pulled.cursor))
        self.right = right
        if self.fault == "one cursor":
            self.right.take("crm", Pulled(rows=(), cursor=pulled.cursor))

    def _changed(self, source: str, rows: Sequence[FeedRow]) -> Iterable[FeedRow]:
        """The rows, some faults aside."""
        match self.fault:
            case "last comes wins":
                return [evolve(row, revision=self._next(source, row.row)) for row in rows]
            case "no problems":
                return [row for row in rows if not isinstance(row.says, lp.errors.Problem)]
            case "no withdrawals":
                return [row for row in rows if row.says is not None]
            case "case":
                return [evolve(row, row=row.row.lower()) for row in rows]
            case "last of a batch":
                return {row.row: row for row in rows}.values()
            case "float":
                return [evolve(row, revision=min(int(float(row.revision)), 2**63 - 1)) for row in rows]
            case "first said":
                return [row for row in rows if self._new(source, row)]
            case "one a row":
                for row in rows:
                    self.right.take(source, Pulled(rows=[row], cursor=self.cursor(source)))
                return rows
            case _:
                return rows

    def _new(self, source: str, row: FeedRow) -> bool:
        known = (source, row.row, row.revision) in self.said
        self.said.add((source, row.row, row.revision))
        return not known

    def _next(self, source: str, row: str) -> int:
        self.last[source, row] = self.last.get((source, row), 0) + 1
        return self.last[source, row]

    def facts(self, period: lp.Period) -> lp.Facts:
        """The facts, some faults aside."""
        match self.fault:
            case "floats":
                found = self.right.facts(period)
                return evolve(lp.Facts.of(fact for fact in found if not isinstance(fact, lp.Credit)), rows=found.rows)
            case "said once":
                found = self.right.facts(period)
                return evolve(found, problems=(), repeats=found.repeats + len(found.problems))
            case _:
                return self.right.facts(period)

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
        ("case", "rows do not mix, whatever their codes"),
        ("last of a batch", "the batches in which rows come do not matter"),
        ("float", "revisions go from 0 to 2**63 - 1"),
        ("one a row", "rows and cursor are kept both or neither"),
        ("first said", "so is one that is withdrawn, or cannot be read, under the same revision"),
        ("no lock", "many may take at once"),
        ("no tables", "rows of tables are rows like others"),
        ("another is believed", "of events that two sources report one is believed"),
        ("every source adds", "of events that two sources report one is believed"),
        ("said once", "two rows of a source that say the same event are told, and one is used"),
    ],
)
def test_a_store_of_rows_that_breaks_a_promise_is_seen(
    fault: str, promise: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each fault loses or invents pay in the end; no fault here is of a size, so that few rows are a huge take."""
    monkeypatch.setattr("loanperf.testing._stores._MANY", 200)
    with pytest.raises(AssertionError, match=r"FactStore breaks \d+ of 19 promises") as caught:
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
class Queue:
    """A feed over a queue, with one fault."""

    fault: str
    asked: set[str] = field(factory=set)

    def pull(self, cursor: str) -> Pulled:
        """Two rows at a time, of five."""
        start = int(cursor or 0)
        rows = [FeedRow(row=f"{number}", revision=1, says=None) for number in range(5)][start : start + 2]
        if self.fault == "acknowledged" and cursor in self.asked:
            rows = []
        self.asked.add(cursor)
        if self.fault == "changed":
            rows.append(FeedRow(row="0", revision=1, says=lp.Training(payee="lin", course=f"{start}", on="2026-03-31")))
        if self.fault == "polled" and not rows:
            return Pulled(rows=(), cursor="5", more=True)
        end = start + 2 if self.fault == "polled" else min(start + 2, 5)
        return Pulled(rows=rows, cursor=str(end), more=end < 5 or self.fault == "polled")


@pytest.mark.parametrize(
    ("fault", "promise"),
    [
        ("acknowledged", "the same cursor may be asked again: "),
        ("changed", "the revision of a row rises with each change: rows that say two things under one revision"),
        ("polled", "it says that there is more, and gave no rows behind the cursor '6'"),
    ],
)
def test_a_feed_that_loses_or_changes_rows_is_seen(fault: str, promise: str) -> None:
    """A queue that forgets what it handed out loses rows in the first crash."""
    feed = Queue(fault)
    with pytest.raises(AssertionError, match="Feed breaks") as caught:
        check_feed(lambda: feed)
    assert promise in str(caught.value)


@define
class Till:
    """A sink, finance and notifier with one fault."""

    fault: str
    taken: list[tuple[str, lp.Money]] = field(factory=list)
    bodies: dict[str, Payment] = field(factory=dict)
    said: list[Answer] = field(factory=list)
    told: list[str] = field(factory=list)
    lock: Lock = field(factory=Lock)

    def pay(self, payments: tuple[Payment, ...]) -> None:
        """Take payments, some faults aside."""
        if self.fault == "overwrites":
            keys = {payment.key for payment in payments}
            self.taken = [one for one in self.taken if one[0] not in keys]
        if self.fault == "no lock":
            self._take(payments)
            return
        with self.lock:
            self._take(payments)

    def _take(self, payments: tuple[Payment, ...]) -> None:
        known = {key for key, _ in self.taken}
        if self.fault == "no lock":
            sleep(0.001)
        for payment in () if self.fault in ("half", "overwrites", "any body") else tuple(payments):
            must_be_as_taken(self.bodies.get(payment.key, payment), payment)
        if self.fault != "half":
            self.bodies |= {payment.key: payment for payment in payments}
        for payment in payments if self.fault == "half" else tuple(payments):
            if self.fault == "twice" or payment.key not in known:
                self.taken.append((payment.key, payment.amount))
                known.add(payment.key)

    def payments_taken(self, prefix: str) -> list[Payment]:
        """What was taken, some faults aside."""
        found = [payment for key, payment in self.bodies.items() if key.startswith(prefix)]
        if self.fault == "any case":
            found = [one for key, one in self.bodies.items() if key.lower().startswith(prefix.lower())]
        if self.fault == "any prefix":
            found = [*self.bodies.values()]
        if self.fault == "payee":
            found = [evolve(payment, payee="lin") for payment in found]
        return found[:-1] if self.fault == "all but one" else found

    def answers(self, cursor: str) -> Answered:
        """Answers, some faults aside."""
        if self.fault == "last":
            return Answered(answers=self.said[-1:], cursor=cursor)
        if self.fault == "stays":
            return Answered(answers=self.said, cursor=cursor, more=True)
        found = self.said[int(cursor or 0) :]
        if self.fault == "counts later":
            sleep(0.001)
            return Answered(answers=found, cursor=str(len(self.said)))
        return Answered(answers=found, cursor=str(int(cursor or 0) + len(found)))

    def notify(self, notices: tuple[Notice, ...]) -> None:
        """Tell, some faults aside."""
        for notice in notices:
            known = self.fault != "posted alone" or notice.kind == "posted"
            if known and (self.fault == "twice" or notice.key not in self.told):
                self.told.append(notice.key)


@pytest.mark.parametrize(
    ("fault", "promise"),
    [
        ("twice", "a payment whose key was taken is not taken again: payments that were handed over again"),
        ("overwrites", "a key that was taken is refused another body"),
        ("any body", "a key that was taken is refused another body"),
        ("half", "a hand-over is whole or not there: payments after a hand-over that ended in the middle"),
        ("no lock", "many may hand over at once: payments that many handed over at once"),
        ("any case", "what was taken under 'pay/'"),
        ("any prefix", "what was taken under 'pay/'"),
        ("payee", "what was taken under 'pay/'"),
        ("all but one", "what was taken under 'pay/'"),
    ],
)
def test_a_sink_that_breaks_a_promise_is_seen(fault: str, promise: str) -> None:
    """Each of these pays somebody twice, or not at all."""
    with pytest.raises(AssertionError, match=r"PaymentSink breaks \d of 8 promises") as caught:
        check_payment_sink(lambda: Till(fault), taken=lambda sink: sink.taken)
    assert promise in str(caught.value)


@pytest.mark.parametrize(
    ("fault", "promise"),
    [
        ("last", "the same cursor may be asked again: answers from the first one on"),
        ("stays", "it says that there is more, and its cursor stays at ''"),
        ("counts later", "an answer that is said while others ask is not lost: answers that were said while"),
    ],
)
def test_finance_that_breaks_a_promise_is_seen(fault: str, promise: str) -> None:
    """A transfer that came back, and of which nobody hears, is money that nobody got."""
    with pytest.raises(AssertionError, match="PaymentAnswers breaks") as caught:
        check_payment_answers(lambda: Till(fault), say=lambda finance, answer: finance.said.append(answer))
    assert promise in str(caught.value)


def test_a_notifier_that_tells_twice_is_seen() -> None:
    """Two letters about one payment read as two payments."""
    with pytest.raises(AssertionError, match="a notice whose key was told is not told again"):
        check_notifier(lambda: Till("twice"), told=lambda teller: teller.told)


def test_a_notifier_that_drops_kinds_it_does_not_know_is_seen() -> None:
    """A later version has more kinds; a warning that a host drops for its kind is told to nobody."""
    with pytest.raises(AssertionError, match="a notice of a kind that is not known is told"):
        check_notifier(lambda: Till("posted alone"), told=lambda teller: teller.told)


@define
class Monthly:
    """Facts and people of one month alone, whatever is asked for."""

    def facts(self, period: lp.Period) -> lp.Facts:
        """None but for a period of one month."""
        course = lp.Training(payee="lin", course="AML", on="2026-03-31")
        return lp.Facts.of([course] if period.days == 31 else [])

    def readings(self, period: lp.Period) -> Iterable[lp.Reading]:
        """None."""
        return MemoryFacts().readings(period)

    def organisation(self, period: lp.Period) -> lp.Organisation:
        """Nobody but for a period of one month."""
        lin = lp.Assignment(payee="lin", unit="east", role="officer", since="2025-01-01")
        return lp.Organisation(assignments=[lin] if period.days == 31 else [])


def test_sources_that_know_one_month_alone_are_seen() -> None:
    """A run that keeps a ledger asks from the first plan on; without the past it would take everything back."""
    with pytest.raises(AssertionError, match=r"a longer period has the facts of a shorter one: .* 'training lin AML"):
        check_fact_source(Monthly)
    with pytest.raises(AssertionError, match=r"a longer period has the people of a shorter one: .*'lin'"):
        check_people_source(Monthly)


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
