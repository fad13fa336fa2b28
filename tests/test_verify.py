"""Verify: what was changed is found by seals, and where these were made anew, by what lies elsewhere."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from attrs import evolve
from sqlalchemy import Connection, delete, insert, select, text, type_coerce, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.types import NullType
from tests.servers import file_with_tables
from tests.test_month import FEBRUARY, MARCH, PEOPLE, ROWS, SCHEME

import loanperf as lp
from loanperf._streams import record_of
from loanperf.adapters.memory import (
    MemoryEntries,
    MemoryFactStore,
    MemoryFeed,
    MemoryPayments,
    MemoryPeople,
    MemorySchemes,
)
from loanperf.adapters.sql import Database
from loanperf.adapters.sql._schema import METADATA, batches, entries, records, streams
from loanperf.disputes import DisputePlan, Disputes
from loanperf.errors import DataError, LoanPerfError, Problem, StoreError
from loanperf.learning import Learning, LearningPlan
from loanperf.opening import Opening, StatedBalance
from loanperf.ports import FeedRow, Payment, Pulled, seal_of
from loanperf.run._verify import scheme_of_stream
from loanperf.schemes import PayRules

LEDGER, PAYMENTS = "branch/ledger", "branch/payments"


def ports_of(database: Database) -> dict[str, Any]:
    """The arguments of a run over a database."""
    feeds = {"crm": MemoryFeed(ROWS, most=4)}
    keeping = lp.Keeping(entries=database.entries, feeds=feeds, answers=database.payments, close_by="chen")
    return {
        "facts": database.facts,
        "people": database.people,
        "schemes": database.schemes,
        "payments": database.payments,
        "keeping": keeping,
    }


def worked(url: str) -> Database:
    """A database in which February and March were worked."""
    database = Database.connect(url, company="north")
    database.upgrade()
    database.people.keep(PEOPLE)
    database.schemes.publish(lp.SchemeBook([lp.parse_scheme(SCHEME)]))
    for month in (FEBRUARY, MARCH):
        lp.run(month, **ports_of(database))
    return database


@pytest.fixture(scope="module")
def worked_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file in which two months were worked."""
    file = tmp_path_factory.mktemp("worked") / "pay.db"
    worked(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def sqlite(worked_file: Path, tmp_path: Path) -> Iterator[Database]:
    """A copy of it."""
    shutil.copyfile(worked_file, tmp_path / "pay.db")
    database = Database.connect(f"sqlite:///{tmp_path / 'pay.db'}", company="north")
    yield database
    database.close()


@pytest.fixture(scope="module")
def worked_server(postgres: Any) -> str:
    """The URL of a database of PostgreSQL in which two months were worked."""
    url: str = postgres.new_database()
    worked(url).close()
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database of each kind in which two months were worked."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite")
        return
    template, server = request.getfixturevalue("worked_server"), request.getfixturevalue("postgres")
    found = Database.connect(server.copy_of(template), company="north")
    yield found
    found.close()


# ── who damages ─────────────────────────────────────────────────────────────────────────────────────────────

Damage = Callable[[Connection], object]


def said(*statements: str) -> Damage:
    """Damage by statements."""

    def act(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    return act


def removed(connection: Connection) -> None:
    """The second entry is taken out, and those behind it move up."""
    connection.execute(delete(entries).where(entries.c.stream == LEDGER, entries.c.version == 2))
    for version in range(3, 15):
        for table in (entries, records):
            here = update(table).where(table.c.stream == LEDGER, table.c.version == version)
            less = {"number": entries.c.number - 1} if table is entries else {}
            connection.execute(here.values({"version": version - 1, **less}))
    connection.execute(update(streams).where(streams.c.stream == LEDGER).values(version=13))


def swapped(connection: Connection) -> None:
    """Two entries of one month change places, each with the number of its new place."""
    for before, after in ((1, 99), (2, 1), (99, 2)):
        here = update(entries).where(entries.c.stream == LEDGER, entries.c.version == before)
        connection.execute(here.values(version=after, number=after))


def added(connection: Connection) -> None:
    """What lin earned for the loan of February stands there once more, at the end, as of April."""
    of_loan = select(entries).where(entries.c.stream == LEDGER, entries.c.loan == "L1")
    row = {**connection.execute(of_loan).mappings().one()}
    connection.execute(insert(entries).values(row | {"version": 15, "number": 13, "period": "2026-04"}))
    connection.execute(update(streams).where(streams.c.stream == LEDGER).values(version=15))


def cut(**ends: int) -> Damage:
    """Streams end at a version, with their seals, as in a copy of February."""

    def act(connection: Connection) -> None:
        for name, version in ends.items():
            stream = f"branch/{name}"
            seal = connection.scalar(
                select(batches.c.seal).where(batches.c.stream == stream, batches.c.version == version)
            )
            for table in (entries, records, batches):
                connection.execute(delete(table).where(table.c.stream == stream, table.c.version > version))
            connection.execute(update(streams).where(streams.c.stream == stream).values(version=version, seal=seal))

    return act


def forged(database: Database) -> None:
    """Make all seals anew, as who knows how they are made can."""
    for head in database.heads():
        seal, before, marks = "", 0, list[tuple[int, str]]()
        here = streams.c.stream == head.stream
        with database.engine.connect() as connection:
            end = connection.scalar(select(streams.c.version).where(here))
        # The seals that are there say where what was added ended; the last one is where the stream ends.
        held = [*database.entries.batches(head.stream)]
        for batch in held:
            if not batch.count:
                continue
            seal = seal_of(seal, head.stream, before, batch.records)
            before += batch.count
            marks.append((before, seal))
        with database.engine.begin() as connection:
            connection.execute(delete(batches).where(batches.c.stream == head.stream))
            for version, made in marks:
                row = {"company": "north", "stream": head.stream, "version": version, "seal": made}
                connection.execute(insert(batches).values(row))
            connection.execute(update(streams).where(here).values(version=before, seal=seal))
        assert end == before


SEALED = "they are not what was sealed"
KEPT = "its seal is not the one that was kept"
DAMAGES: dict[str, tuple[Damage, str, str]] = {
    "changed": (said("UPDATE entries SET loan = 'L9' WHERE loan = 'L1'"), SEALED, KEPT),
    "changed line": (said("UPDATE records SET record = replace(record, 'chen', 'wang')"), SEALED, KEPT),
    "key": (said("UPDATE entries SET line = 'x' WHERE loan = 'L1'"), "its line is 'x'", "its line is 'x'"),
    "amount": (
        said("UPDATE entries SET amount_units = amount_units + 1 WHERE loan = 'L1'"),
        SEALED,
        "the numbers of its reason come to 300000 - 0",
    ),
    "removed": (removed, "were sealed", "the stream ends at version 13, and was at 14"),
    "swapped": (swapped, SEALED, KEPT),
    "added": (
        added,
        "nobody has sealed them",
        "entry 13 says that 0 was posted of its line before",
    ),
    "cut": (cut(ledger=7), "the ledger has 6", "the ledger has 6"),
    "cut both": (cut(ledger=7, payments=2), "the ledger has posted no such payment", "the stream ends at version 7"),
    "count": (
        said("UPDATE streams SET version = 99 WHERE stream = 'branch/ledger'"),
        "is said to be at version 99 with another seal",
        "",
    ),
    "scheme": (
        said("UPDATE schemes SET document = replace(document, '1%', '2%')"),
        "it was changed",
        "it was changed",
    ),
    "fact": (
        said("UPDATE facts SET amount_units = amount_units + 100 WHERE kind = 'disbursed' AND loan = 'L1'"),
        "facts of the run of 2026-03, events disbursed: they are not those on which it stood, and no row was taken",
        "they are not those on which it stood",
    ),
    "fact gone": (
        said("DELETE FROM facts WHERE kind = 'disbursed' AND loan = 'L1'"),
        "they are not those on which it stood",
        "they are not those on which it stood",
    ),
    "fact and its digest": (
        said(
            "UPDATE facts SET officer = 'wu' WHERE form = 'loans' AND loan = 'L1'",
            """UPDATE records SET record = replace(record, '"loans":"', '"loans":"0') WHERE stream = 'branch/facts'""",
        ),
        SEALED,
        KEPT,
    ),
    "award": (
        said(
            "UPDATE records SET record = replace(record, '8000.00', '9000.00') WHERE stream = 'branch/results/2026-02'"
        ),
        SEALED,
        "the bonus of lin in 2026-02: the archived awards come to 9000.00 CNY, and the ledger has 8000.00 CNY",
    ),
    "payment": (
        said("UPDATE payments SET amount_units = 1 WHERE key LIKE '%lin/2026-02%'"),
        "it is of 0.01 CNY to lin for 2026-02, and entry",
        "it is of 0.01 CNY to lin for 2026-02, and entry",
    ),
    "payee of a payment": (
        said("UPDATE payments SET payee = 'wu' WHERE key LIKE '%lin/2026-02%'"),
        "it is of 11000.00 CNY to wu for 2026-02",
        "it is of 11000.00 CNY to wu for 2026-02",
    ),
    "payment gone": (
        said("DELETE FROM payments WHERE key LIKE '%lin/2026-02%'"),
        "it was handed over, of 11000.00 CNY by entry",
        "it was handed over, of 11000.00 CNY by entry",
    ),
    "payment of nobody": (
        said("UPDATE payments SET key = 'x/1' WHERE key LIKE '%lin/2026-02%'"),
        "it is of no ledger that is here",
        "it is of no ledger that is here",
    ),
    "handed over": (
        cut(payments=2),
        "2026-03 is closed, and nobody has noted",
        "2026-03 is closed, and nobody has noted",
    ),
}
"""What is done, what is said of it, and what where every seal was made anew."""


def found(database: Database, heads: tuple[lp.ports.Head, ...] = ()) -> str:
    """All that does not fit."""
    return "\n".join(misfit.text() for misfit in database.verify(heads).misfits)


def test_what_fits_is_said_in_a_sentence(database: Database) -> None:
    """Of each month 6 entries and a closing; where to go on with answers, and twice what was handed over."""
    heads = database.heads()
    done = database.verify(heads)
    assert done
    assert ([], 0) == ([*done], len(done))
    versions = {head.stream: head.version for head in heads}
    assert (14, 3) == (versions[LEDGER], versions[PAYMENTS])
    assert set(heads) == set(done.heads)
    assert done.text() == f"{sum(versions.values())} records fit"
    assert done.text("zh") == f"{sum(versions.values())} 条记录均相符"
    assert list(heads) == [lp.ports.Head.from_data(head.data()) for head in heads]


def test_balances_that_finance_states_are_held_against_a_database(sqlite: Database) -> None:
    """Paid to lin by the end of March: 11,000 and 5,500. Of a scheme that is not here nobody knows."""
    said = StatedBalance(payee="lin", through="2026-03", paid="16500 元", held="0 元")
    wrong = StatedBalance(payee="lin", through="2026-02", paid="11001 元")
    assert sqlite.verify(balances=[said])
    assert sqlite.verify(balances={"branch": [said]})
    (misfit,) = sqlite.verify(balances={"branch": [said, wrong]}).misfits
    assert "paid is 11000.00 CNY, and finance says 11001.00 CNY" == misfit.fault.en
    with pytest.raises(DataError, match="some are of 'north', which has no ledger here; use branch"):
        sqlite.verify(balances={"north": [said]})
    with pytest.raises(DataError, match=r"pass loanperf\.opening\.StatedBalance"):
        sqlite.verify(balances=[5])  # type: ignore[list-item]


BY, FIRST = {"by": "hr", "at": "2026-02-01"}, Learning.of([])
WITHIN = DisputePlan(days_to_open=30, days_to_decide=10)
FEEDBACK = LearningPlan(period=FEBRUARY, opens="2026-03-01", closes="2026-03-10", notice_days=30)
LINES: dict[str, tuple[str, list[str]]] = {
    "alerts": ("alerts", []),
    "confirmations": ("confirmations", []),
    "disputes": ("disputes", Disputes.of([]).lines(Disputes.of([]).start(WITHIN, **BY))),
    f"cycle/{FEBRUARY}": ("cycle", []),
    f"feedback/{FEBRUARY}": ("feedback on the scheme", FIRST.lines(FIRST.start(FEEDBACK, **BY))),
    f"reviews/{FEBRUARY}": ("reviews", []),
}
"""By name of a stream of a scheme: what errors call it, and records that it may begin with."""


@pytest.mark.parametrize("name", LINES)
def test_each_stream_of_a_scheme_is_replayed(name: str) -> None:
    """A record that fits its seal and says nothing of what the stream holds is found, whoever sealed it."""
    assert scheme_of_stream(f"branch pay/{name}") == "branch pay"
    store, (kind, lines) = MemoryEntries(), LINES[name]
    store.append(f"branch pay/{name}", lines, expected=0)
    streams = ["branch pay", f"branch pay/{name}"]
    assert lp.verify(store, streams)

    store.append(f"branch pay/{name}", [record_of(len(lines) + 1, "heard", {})], expected=len(lines))
    (misfit,) = lp.verify(store, streams).misfits
    assert f"record {len(lines) + 1} of the {kind}: it is none of " in misfit.text()


@pytest.mark.parametrize("what", DAMAGES)
def test_whatever_was_changed_is_found(database: Database, what: str) -> None:
    """By the seals, or by what does not follow from it; whoever made the seals anew, by what lies elsewhere."""
    act, plain, anew = DAMAGES[what]
    heads = database.heads()
    with database.engine.begin() as connection:
        act(connection)
    done = database.verify()
    assert not done
    assert plain in "\n".join(misfit.text() for misfit in done.misfits)
    assert all(isinstance(problem, Problem) for problem in done)
    assert len(done) == len([*done])
    assert "；" in done.text("zh")
    if anew:
        forged(database)
        assert anew in found(database, heads)


def in_memory(rows: list[FeedRow]) -> tuple[MemoryEntries, MemoryFactStore]:
    """What February leaves where its rows come in some order."""
    entries, facts = MemoryEntries(), MemoryFactStore()
    keeping = lp.Keeping(entries=entries, feeds={"crm": MemoryFeed(rows)}, close_by="chen")
    people, schemes = MemoryPeople(PEOPLE), MemorySchemes(lp.parse_scheme(SCHEME))
    lp.run(FEBRUARY, facts=facts, people=people, schemes=schemes, payments=MemoryPayments(), keeping=keeping)
    return entries, facts


def hand_set(database: Database) -> dict[str, Any]:
    """A ledger with a line that was set by hand to 5 and then to 3; the reason of the second entry, kept as text."""
    said: Any = {"by": "chen", "why": "typo", "evidence": "HR-17"}
    ledger = lp.Ledger()
    for amount in ("5 元", "3 元"):
        entry = lp.overrule(ledger, "x", lp.Money.of(amount), period=MARCH, payee="lin", **said)
        ledger = ledger.append([entry])
    database.entries.append(LEDGER, [*ledger.lines()], expected=0)
    with database.engine.connect() as connection:
        found: dict[str, Any] = json.loads(
            str(connection.scalar(select(entries.c.reason).where(entries.c.number == 2)))
        )
    return found


NONE = "the reason of entry 2 is none"
WORDS: list[tuple[Callable[[dict[str, Any]], Any], str]] = [
    *((lambda _, text=text: text, NONE) for text in ("{", "[]", "5", "null", '"x"', '{"rule":5}', "[" * 100_000)),
    (lambda told: told | {"values": []}, NONE),
    (lambda told: told | {"values": {}}, NONE),
    (lambda told: told | {"because": 5}, NONE),
    (lambda told: told | {"rule": "entry.paid", "values": {"amount": "-2.00 CNY"}}, NONE),
    (
        lambda told: told | {"values": told["values"] | {"now": 5}},
        "sets its line to 3.00 CNY, and its reason says None",
    ),
    (
        lambda told: told | {"values": told["values"] | {"now": "9.00 CNY"}},
        "the numbers of its reason come to 4.00 CNY",
    ),
    (lambda told: told | {"values": told["values"] | {"before": "1 元"}}, "the numbers of its reason come to 2.00 CNY"),
    (
        lambda told: told | {"values": told["values"] | {"before": "9.00 CNY", "now": "7.00 CNY"}},
        "entry 2 sets its line to 3.00 CNY, and its reason says 7.00 CNY",
    ),
]


@pytest.mark.parametrize("case", range(len(WORDS)))
def test_a_reason_that_is_kept_whole_and_was_changed_is_found(tmp_path: Path, case: int) -> None:
    """By its seal; and where every seal was made anew, since it is none, or comes to another amount than the entry."""
    database = Database.connect(file_with_tables(tmp_path / "pay.db"), company="north")
    change, expected = WORDS[case]
    new = change(hand_set(database))
    text_of = new if isinstance(new, str) else json.dumps(new, ensure_ascii=False)
    with database.engine.begin() as connection:
        connection.execute(update(entries).where(entries.c.number == 2).values(reason=text_of))
    assert SEALED in found(database)
    forged(database)
    assert expected in found(database)
    database.close()


def test_facts_have_one_digest_in_whatever_order_they_came(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a copy of a database would be told from the database, where nothing is another."""
    monkeypatch.setattr("loanperf.adapters.memory.token_hex", lambda _: "0" * 32)  # a copy has the same mark
    (one, _), (other, facts) = in_memory([*ROWS]), in_memory([*reversed(ROWS)])
    assert [*one.read("branch/facts")] == [*other.read("branch/facts")]
    assert lp.verify(one, "branch", facts=facts)
    _, less = in_memory(ROWS[1:])
    assert not lp.verify(one, "branch", facts=less)


def test_of_facts_that_came_since_nobody_can_say_what_they_were() -> None:
    """A row that came late is no damage; the next run that is approved stands on it."""
    entries, facts = in_memory([*ROWS])
    facts.take("crm", Pulled(rows=[FeedRow(row="late", revision=1, says=ROWS[0].says)], cursor="99"))
    assert lp.verify(entries, "branch", facts=facts)
    torn = MemoryEntries({"branch/facts": ('{"facts":{"mark":1}}',)})
    assert "it is no record of facts" in lp.verify(torn, "branch", facts=facts).text()


def test_a_bonus_that_was_set_by_hand_is_no_award() -> None:
    """The archive says 8,000, and somebody set it to 8,500 with reason and evidence: that is no damage."""
    entries, facts = in_memory([*ROWS])
    ledger = entries.ledger(LEDGER).reopen(FEBRUARY, by="chen", why="complaint")
    (line,) = {entry.line for entry in ledger.entries if entry.payee == "lin" and "/bonus/bonus/" in entry.line}
    said = {"by": "chen", "why": "complaint", "evidence": "HR-18"}
    entry = lp.overrule(ledger, line, lp.Money.of("8500 元"), period=FEBRUARY, payee="lin", **said)
    ledger = ledger.append([entry])
    ledger = ledger.append(lp.pay(ledger, period=FEBRUARY, rules=PayRules()).entries).close(FEBRUARY, by="chen")
    before = entries.ledger(LEDGER)
    version = len(before.entries) + len(before.closings)
    entries.append(LEDGER, tuple(ledger.lines(version)), expected=version)
    assert "the bonus of" not in lp.verify(entries, "branch", facts=facts).text()


def test_a_run_pays_nothing_on_what_does_not_fit(database: Database) -> None:
    """An amount was raised in the ledger, or what was handed over was changed: the run says where, and pays nothing."""
    april, before = lp.Period.month(2026, 4), database.payments.paid()
    changes = {
        LEDGER: update(entries).where(entries.c.loan == "L1").values(amount_units=1),
        PAYMENTS: update(records).where(records.c.stream == PAYMENTS).values(record='{"handed":1}'),
    }
    for stream, change in changes.items():
        with database.engine.begin() as connection:
            connection.execute(change)
        with pytest.raises(StoreError, match=f"stream '{stream}', record.*they are not what was sealed; restore"):
            lp.run(april, **ports_of(database))
    assert before == database.payments.paid()


# ── what is refused before anything is written ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_a_key_is_refused_another_body(kind: str, request: pytest.FixtureRequest) -> None:
    """Else finance would pay what was first said of it, and nobody would learn that the two differ."""
    sink = MemoryPayments() if kind == "memory" else request.getfixturevalue("sqlite").payments
    paid = Payment(key="branch/x", payee="lin", period=MARCH, amount=lp.Money.of("1 元"))
    new = evolve(paid, key="branch/y")
    sink.pay((paid, paid))
    for other in (
        evolve(paid, amount=lp.Money.of("2 元")),
        evolve(paid, amount=lp.Money("1.00 USD")),
        evolve(paid, payee="wu"),
        evolve(paid, period=FEBRUARY),
    ):
        with pytest.raises(DataError, match=r"branch/x: it was taken as 1\.00 CNY to lin for 2026-03, and is now"):
            sink.pay((new, other))
        with pytest.raises(DataError, match="nothing of this was taken"):
            sink.pay((evolve(other, key="branch/z"), evolve(paid, key="branch/z")))
    sink.pay((new,))
    held = sink.paid.values() if isinstance(sink, MemoryPayments) else sink.paid()
    assert [paid, new] == [one for one in held if one.key in ("branch/x", "branch/y", "branch/z")]


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_names_that_cannot_be_kept_are_refused_before_anything_is_written(
    kind: str, request: pytest.FixtureRequest
) -> None:
    """In memory as in a database, so that what a test has shown holds on the day."""
    database = request.getfixturevalue("sqlite")
    entries = MemoryEntries() if kind == "memory" else database.entries
    sink = MemoryPayments() if kind == "memory" else database.payments
    for stream in ("", "s" * 201, "a\0b", "\ud800"):
        with pytest.raises(DataError, match="stream "):
            entries.append(stream, ["one"], expected=0)
        with pytest.raises(DataError, match="stream "):
            entries.post(stream, lp.Ledger().entries, expected=0)
    records: list[Any] = ["a\0b", "\udc00", b"bytes"]
    for record in records:
        with pytest.raises(DataError, match="a record of 's'"):
            entries.append("s", ["one", record], expected=0)
    assert [] == [*entries.read("s")]
    good = Payment(key="k" * 400, payee="p" * 200, period=MARCH, amount=lp.Money.of("1 元"))
    faults: tuple[dict[str, Any], ...] = (
        {"key": "k" * 401},
        {"key": ""},
        {"key": "\0"},
        {"payee": "p" * 201},
        {"payee": "\ud800"},
    )
    for bad in faults:
        with pytest.raises(DataError, match="of payment"):
            sink.pay((evolve(good, key="other"), evolve(good, **bad)))
    sink.pay((good,))
    held = sink.paid.values() if isinstance(sink, MemoryPayments) else sink.paid()
    assert [good] == [one for one in held if not one.key.startswith("branch")]


# ── flips and planted edits ─────────────────────────────────────────────────────────────────────────────────

PROVEN = {
    "streams": ("company", "stream", "version", "seal"),
    "batches": ("company", "stream", "version", "seal"),
    "records": ("company", "stream", "version", "record"),
    "entries": tuple(column.name for column in entries.c if column.name != "came_at"),
    "payments": tuple(column.name for column in METADATA.tables["payments"].c if column.name != "came_at"),
    "schemes": ("name", "fingerprint", "effective", "document"),
}
"""What is proven, by table: all but when rows came, and which versions a book has, which the archive keeps."""


def dump(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """All that is proven, as it stands there."""
    found = {}
    with database.engine.connect() as connection:
        for name, columns in PROVEN.items():
            raw = [type_coerce(METADATA.tables[name].c[column], NullType()) for column in columns]
            found[name] = sorted((tuple(row) for row in connection.execute(select(*raw))), key=repr)
    return found


def flipped(value: Any, chance: Random) -> Any:
    """A value with one bit turned."""
    if isinstance(value, str):
        place = chance.randrange(len(value))
        return value[:place] + chr(ord(value[place]) ^ (1 << chance.randrange(4))) + value[place + 1 :]
    if isinstance(value, date):
        return value + timedelta(days=1 << chance.randrange(5))
    return value ^ (1 << chance.randrange(20))


def planted(database: Database, chance: Random, flip: bool) -> tuple[str, str]:  # noqa: FBT001
    """Turn a bit of a value, or put in that of another row; which column of which table."""
    while True:
        table = METADATA.tables[chance.choice([*PROVEN])]
        column = table.c[chance.choice(PROVEN[table.name])]
        with database.engine.connect() as connection:
            rows = connection.execute(select(*table.primary_key, column.label("cell"))).all()
        if not rows:
            continue
        row, other = chance.choice(rows), chance.choice(rows)
        if not row.cell or (not flip and other.cell in (None, row.cell)):
            continue
        new = flipped(row.cell, chance) if flip else other.cell
        here = [key == value for key, value in zip(table.primary_key, row, strict=False)]
        try:
            with database.engine.begin() as connection:
                connection.execute(update(table).where(*here).values({column.name: new}))
        except DBAPIError:
            continue  # the database itself keeps it out
        return table.name, column.name


def is_found(database: Database, heads: tuple[lp.ports.Head, ...]) -> bool:
    """Whether it is said that something does not fit; any error but ours is passed on."""
    try:
        return not database.verify(heads)
    except LoanPerfError:
        return True


@pytest.mark.parametrize(
    ("flip", "times"),
    [
        (True, 8),
        (False, 6),
        pytest.param(True, 200, marks=pytest.mark.slow),
        pytest.param(False, 60, marks=pytest.mark.slow),
    ],
)
def test_every_flip_and_every_planted_edit_of_a_row_is_found(database: Database, flip: bool, times: int) -> None:  # noqa: FBT001
    """One bit of one value, or what another row says: each by itself, wherever it is."""
    assert [] == missed_of(database, flip, times)


@pytest.mark.parametrize(
    ("flip", "times"),
    [
        (True, 20),
        (False, 10),
        pytest.param(True, 200, marks=pytest.mark.slow),
        pytest.param(False, 60, marks=pytest.mark.slow),
    ],
)
def test_every_flip_of_an_opening_and_of_what_was_set_by_hand_is_found(tmp_path: Path, flip: bool, times: int) -> None:  # noqa: FBT001
    """Entries whose reasons are kept whole as text: what was there when a ledger began, and amounts set by hand."""
    database = Database.connect(f"sqlite:///{tmp_path / 'pay.db'}", company="north")
    line = {"payee": "lin", "plan": "sales", "component": "loans", "loan": "L1", "cohort": "2026-02"}
    rows: list[dict[str, Any]] = [
        *(line | {"what": what, "amount": amount} for what, amount in (("earned", "9 元"), ("withheld", "2 元"))),
        {"payee": "wu", "what": "held", "amount": "3 元", "cohort": "2026-01", "on": "2026-09-30"},
        {"payee": "wu", "what": "counted", "amount": "70 元", "plan": "sales", "component": "loans", "loans": 2},
    ]
    totals: Any = {"earned": "9 元", "withheld": "2 元", "held": "3 元", "counted": "70 元", "loans": 2}
    ledger = Opening.of(rows, first=MARCH, totals=totals).ledger(by="chen")
    for amount in ("5 元", "3 元"):
        said: Any = {"payee": "lin", "by": "chen", "why": "typo", "evidence": "HR-17"}
        ledger = ledger.append([lp.overrule(ledger, "x", lp.Money.of(amount), period=MARCH, **said)])
    database.upgrade()
    database.entries.append(LEDGER, [*ledger.lines()], expected=0)
    assert [] == missed_of(database, flip, times)
    database.close()


def missed_of(database: Database, flip: bool, times: int) -> list[tuple[str, str]]:  # noqa: FBT001
    """Columns in which a change was not found; each change is made by itself."""
    chance, heads, before = Random(7), database.heads(), dump(database)  # noqa: S311
    with database.engine.begin() as connection:
        for name in PROVEN:
            connection.execute(text(f"CREATE TABLE kept_{name} AS SELECT * FROM {name}"))  # noqa: S608
    missed = list[tuple[str, str]]()
    for _ in range(times):
        where = planted(database, chance, flip)
        if not is_found(database, heads):
            missed.append(where)
        with database.engine.begin() as connection:
            connection.execute(text(f"DELETE FROM {where[0]}"))  # noqa: S608
            connection.execute(text(f"INSERT INTO {where[0]} SELECT * FROM kept_{where[0]}"))  # noqa: S608
    assert before == dump(database)
    assert database.verify(heads)
    return missed


@pytest.mark.parametrize("times", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_every_flip_of_the_bytes_of_a_file_that_changes_a_value_is_found(
    worked_file: Path, tmp_path: Path, times: int
) -> None:
    """A disk that forgets a bit: the value is found, or the file is none any more."""
    whole, chance, changed = worked_file.read_bytes(), Random(7), 0  # noqa: S311
    first = Database.connect(f"sqlite:///{worked_file}", company="north")
    heads, before = first.heads(), dump(first)
    first.close()
    for number in range(times):
        # The first turns a bit of a scheme or of its copy in the archive; the others may all hit what says nothing.
        place = chance.randrange(len(whole)) if number else whole.index(b"half up")
        file = tmp_path / f"{number}.db"
        file.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << chance.randrange(8))]) + whole[place + 1 :])
        database = Database.connect(f"sqlite:///{file}", company="north")
        found = is_found(database, heads)
        try:
            differs = dump(database) != before
        except (SQLAlchemyError, UnicodeDecodeError):
            differs = True
        database.close()
        assert found or not differs, place
        changed += differs
    assert changed


def test_every_flip_in_memory_is_found() -> None:
    """Streams of lines, as a host's own store has them."""
    chance = Random(7)  # noqa: S311
    lines = [f'{{"handed":{number}}}' for number in range(20)]
    good = MemoryEntries()
    for number in range(0, 20, 4):
        good.append("branch/payments", lines[number : number + 4], expected=number)
    (head,) = lp.verify(good, "branch/payments").heads
    for _ in range(260):
        store = MemoryEntries({**good.streams}, {**good.seals})
        held, marks = [*store.streams[head.stream]], [*store.seals[head.stream]]
        place = chance.randrange(len(held))
        if chance.random() < 0.8:
            held[place] = chance.choice([flipped(held[place], chance), held[place - 1], ""])
        else:
            version, seal = marks[place % 5]
            marks[place % 5] = chance.choice([(version ^ 1, seal), (version, flipped(seal, chance))])
        store.streams[head.stream], store.seals[head.stream] = tuple(held), tuple(marks)
        assert not lp.verify(store, "branch/payments", heads=[head])
