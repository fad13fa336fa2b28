"""Damage: whatever stands in a stored row, readers answer with an error of ours that names it, or with what it says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from tests.books_of_pay import book_of_seed
from tests.months_of_pay import played
from tests.test_sql import EVERY_FACT

import loanperf as lp
from loanperf._facts import FactsWanted
from loanperf.adapters.memory import MemoryEntries, MemoryFacts, MemoryPeople, MemorySchemes
from loanperf.adapters.sql import Database
from loanperf.adapters.sql._schema import METADATA
from loanperf.errors import LoanPerfError, Problem, StoreError
from loanperf.ports import Answer, FeedRow, Payment, Pulled

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
DAMAGE: tuple[Any, ...] = ("abc", "{", "1/0", "1e999999999", "2026-02-30", -1, 1234.9, b"\xff\x00", None)
DOCUMENTS = ("", "[" * 100_000, "null", "[null]", '[{"form": "loans"}]', '[{"problem": [1]}]', '{"entry": {}}')
"""What may stand where JSON stands, beside that."""
IGNORED = {"alembic_version", "scopes", "came_at", "company"}
"""What no reader reads, or what says whose rows they are: who changed that has hidden the row."""


@pytest.fixture(scope="module")
def filled_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of SQLite in which every table has rows."""
    file = tmp_path_factory.mktemp("filled") / "pay.db"
    filled(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def database(request: pytest.FixtureRequest, url: str, tmp_path: Path) -> Iterator[Database]:
    """A database in which every table has rows."""
    if url.startswith("sqlite"):
        copyfile(request.getfixturevalue("filled_file"), tmp_path / "pay.db")
        found = Database.connect(url, company="north")
    else:
        found = filled(url)
    unchecked(found)
    yield found
    found.close()


def filled(url: str) -> Database:
    """A new database in which every table has rows."""
    found = Database.connect(url, company="north")
    found.upgrade()
    rows = [FeedRow(row=f"row {place}", revision=place, says=fact) for place, fact in enumerate(EVERY_FACT)]
    torn = Problem("contract 7", "it is torn", "x", "mend it")
    rows += [FeedRow(row="torn", revision=1, says=torn), FeedRow(row="gone", revision=1, says=None)]
    rows += [FeedRow(row="both", revision=1, says=EVERY_FACT[1]), FeedRow(row="both", revision=1, says=EVERY_FACT[2])]
    found.facts.take("crm", Pulled(rows=rows[:3], cursor="1"))
    found.facts.take("crm", Pulled(rows=rows[3:], cursor="2"))
    found.facts.keep_readings([lp.Reading.of("npl_ratio", "1/3", subject="lin")], MARCH)
    found.people.keep(
        lp.Organisation(
            units=[lp.Unit(code="e", name="east", parent="h"), lp.Unit(code="h", name="head")],
            payees=[lp.Payee(code="lin", name="林")],
            assignments=[
                lp.Assignment(payee="lin", unit="e", role="o", since="2025-01-01", salary="8000 元", base="1 元")
            ],
        )
    )
    found.people.keep_accounts({"lin": "6222"})
    found.personal.commit([("lin", "8000 元")])
    found.schemes.publish(lp.SchemeBook([SCHEME]))
    found.schemes.keep_targets([lp.Target(payee="lin", indicator="loan_amount", value="30万元")], MARCH)
    said = {"by": "chen", "why": "typo", "evidence": "HR-17"}
    ledger = lp.Ledger()
    ledger = ledger.append([lp.overrule(ledger, "x", lp.Money.of("1 元"), period=MARCH, payee="lin", **said)])
    found.entries.append("branch/ledger", tuple(ledger.close(MARCH, by="chen").lines()), expected=0)
    found.entries.post("branch/other", played(book_of_seed(0)).ledger.entries, expected=0)
    found.entries.append("branch/payments", ['{"handed":1}'], expected=0)
    rate = lp.ExchangeRate(currency="USD", into="CNY", on="2026-03-31", rate="7.1", source="bank")
    amount, earned = lp.Money.of("7.10 元"), lp.Money("1.00 USD")
    paid = Payment(key="branch/x", payee="lin", period=MARCH, amount=amount, earned=earned, exchange=rate)
    found.payments.pay((paid,))
    found.payments.answer(Answer(key="branch/x", state="paid", on="2026-04-01"))
    return found


def unchecked(database: Database) -> None:
    """Take the checks of all tables away, as who owns a database can: types alone keep a value out then."""
    with database.engine.begin() as connection:
        if database.engine.dialect.name == "sqlite":
            connection.execute(text("PRAGMA ignore_check_constraints = ON"))
            return
        for table in METADATA.tables:
            for check in inspect(connection).get_check_constraints(table):
                connection.execute(text(f'ALTER TABLE {table} DROP CONSTRAINT "{check["name"]}"'))


SOME = FactsWanted(
    loans=frozenset(str(getattr(fact, "loan", "")) for fact in EVERY_FACT), payees=frozenset(), since=MARCH.start
)


def first_mark(database: Database) -> str:
    """That of the first rows that were taken."""
    with database.engine.connect() as connection:
        return str(connection.execute(text("SELECT token FROM takes ORDER BY mark LIMIT 1")).scalar())


READERS: dict[str, Callable[[Database], object]] = {
    "facts": lambda database: database.facts.facts(MARCH),
    "cursor": lambda database: database.facts.cursor("crm"),
    "parts": lambda database: list(database.facts.parts(currency="CNY", loans=100)),
    "readings": lambda database: database.facts.readings(MARCH),
    "people": lambda database: database.people.organisation(MARCH),
    "account": lambda database: database.people.account("lin"),
    "schemes": lambda database: database.schemes.schemes(),
    "version": lambda database: database.schemes.version(SCHEME.fingerprint),
    "targets": lambda database: database.schemes.targets(MARCH),
    "ledger": lambda database: lp.read_ledger(database.entries.read("branch/ledger")),
    "columns": lambda database: list(database.entries.ledger("branch/ledger").lines()),
    "other": lambda database: list(database.entries.ledger("branch/other").lines()),
    "sent": lambda database: list(database.entries.read("branch/payments")),
    "personal": lambda database: database.personal.commit([("lin", "8000 元")]),
    "mark": lambda database: database.facts.mark(),
    "changes": lambda database: database.facts.changes(database.facts.mark()),
    "changed": lambda database: database.facts.changes(first_mark(database)),
    "some": lambda database: database.facts.some(MARCH, SOME),
    "payments": lambda database: database.payments.paid(),
    "answers": lambda database: database.payments.answers(""),
    "take": lambda database: database.facts.take(
        "crm", Pulled(rows=[FeedRow(row="row 2", revision=2, says=EVERY_FACT[3])], cursor="1")
    ),
}


OF_TABLES = {
    "facts": ("facts", "some", "changed", "parts", "take"),
    "cursors": ("cursor", "facts"),
    "streams": ("ledger", "sent", "answers", "columns"),
    "batches": ("columns", "other"),
    "records": ("ledger", "columns", "sent", "answers"),
    "entries": ("ledger", "columns", "other"),
    "schemes": ("schemes", "version"),
    "targets": ("targets",),
    "readings": ("readings",),
    "units": ("people",),
    "payees": ("people",),
    "assignments": ("people",),
    "accounts": ("account",),
    "payments": ("payments",),
    "marks": ("mark", "changes", "some", "take"),
    "takes": ("mark", "changes"),
    "personal": ("personal",),
}


def damaged(database: Database, table: str, column: str, value: Any) -> bool:
    """Put a value into every row of a table as it was kept; whether the database let it in."""
    try:
        with database.engine.begin() as connection:
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608
            connection.execute(text(f"INSERT INTO {table} SELECT * FROM kept"))  # noqa: S608
            connection.execute(text(f'UPDATE {table} SET "{column}" = :value'), {"value": value})  # noqa: S608
    except DBAPIError:
        return False
    return True


SERVERS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]


def kept(database: Database, table: str) -> None:
    """Keep a table as it is."""
    with database.engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE kept AS SELECT * FROM {table}"))  # noqa: S608


def told(read: Callable[[Database], object], database: Database) -> bool:
    """Whether a reader refuses what it reads; what else comes out of it is passed on."""
    try:
        read(database)
    except LoanPerfError:
        return True
    return False


@pytest.mark.slow
@pytest.mark.parametrize(
    ("url", "table"),
    [
        pytest.param(kind, name, marks=[pytest.mark.full] * (kind == "postgresql" and name == "facts"))
        for kind in ("sqlite", "postgresql")
        for name in OF_TABLES
    ],
    indirect=["url"],
)
def test_whatever_stands_in_a_column_is_an_error_of_ours(database: Database, table: str) -> None:
    """Each column of each table with each kind of damage: no other exception comes out of any reader."""
    kept(database, table)
    columns = [column.name for column in METADATA.tables[table].c if column.name not in IGNORED]
    refused = 0
    for column in columns:
        for value in (*DAMAGE, *(DOCUMENTS if column in ("said", "record", "reason", "document") else ())):
            if damaged(database, table, column, value):
                refused += sum(told(READERS[name], database) for name in OF_TABLES[table])
    assert refused or table in ("cursors", "payees", "marks", "takes")  # of PostgreSQL: any text, or no text at all


def test_every_table_is_damaged() -> None:
    """A table that is added later is looked at too."""
    assert set(METADATA.tables) - IGNORED == set(OF_TABLES)


NAMED = [
    ("facts", "form", "zzz", "facts", "table facts, row north / crm / ", "there are no facts of the kind 'zzz'"),
    ("facts", "amount_units", 1234.9, "facts", "table facts, row north / crm / ", "a whole number must stand there"),
    ("facts", "amount_units", 1234.9, "parts", "table facts, row north / crm / ", "column amount_units"),
    ("facts", "amount_units", 1234.9, "some", "table facts, row north / crm / ", "column amount_units"),
    ("facts", "on_day", "abc", "changed", "table facts, row north / crm / ", "column on_day"),
    ("facts", "share", "abc", "facts", "table facts, row north / crm / row 16", "'abc' is no number"),
    ("facts", "said", "{", "facts", "table facts, row north / crm / ", "it cannot be read"),
    ("facts", "kind", "zzz", "facts", "table facts, row north / crm / ", "zzz"),
    ("readings", "numerator", "abc", "readings", "table readings, row north / 2026-03 / lin / npl_ratio", "'abc'"),
    ("targets", "value", "1/0", "targets", "table targets, row north / 2026-03 / lin / loan_amount", "cannot be read"),
    ("targets", "unit", "zzz", "targets", "table targets, row north / 2026-03 / lin / loan_amount", "zzz"),
    ("assignments", "salary_units", 1234.9, "people", "table assignments, row north / lin / 2025-01-01", "whole"),
    ("assignments", "salary_currency", "XXX", "people", "table assignments, row north / lin / ", "cannot be read"),
    ("units", "name", "\n", "people", "table units, row north / ", "cannot be read"),
    ("schemes", "document", "{", "schemes", "table schemes, row north / branch / ", "cannot be read"),
    ("payments", "amount_units", 1234.9, "payments", "table payments, row north / branch/x", "whole number"),
    ("payments", "period", "zzz", "payments", "table payments, row north / branch/x", "zzz"),
    ("records", "record", "{", "ledger", "line 2 of a ledger", ""),
    ("records", "record", "{", "columns", "stream 'branch/ledger', record 2", "they are not what was sealed"),
    ("entries", "kind", "zzz", "columns", "table entries, row north / branch/ledger / 1", "'zzz'"),
    ("entries", "kind", "zzz", "ledger", "table entries, row north / branch/ledger / 1", "'zzz'"),
    ("entries", "amount_units", 1234.9, "columns", "table entries, row north / branch/ledger / 1", "a whole number"),
    ("entries", "on_day", "x", "columns", "table entries, row north / branch/ledger / 1", "a day must stand there"),
    ("entries", "currency", "XXX", "columns", "table entries, row north / branch/ledger / 1", "'XXX' is no currency"),
    ("entries", "set_by", "", "columns", "table entries, row north / branch/ledger / 1", "by is empty"),
    ("entries", "reason", "{", "ledger", "table entries, row north / branch/ledger / 1", "reason cannot be read"),
    ("entries", "reason", "{", "columns", "table entries, row north / branch/ledger / 1", "reason cannot be read"),
    ("entries", "number", 7, "columns", "stream 'branch/ledger', record 1", "they are not what was sealed"),
    ("entries", "evidence", "x", "columns", "stream 'branch/ledger', record 1", "they are not what was sealed"),
    ("batches", "seal", "", "columns", "stream 'branch/ledger', record 1", "nobody has sealed them"),
    ("streams", "seal", "", "columns", "stream 'branch/ledger'", "is said to be at version 2 with another seal"),
    ("records", "record", "{", "answers", "table records, row north / loanperf/answers / 1", "cannot be read"),
]


@pytest.mark.parametrize("url", SERVERS, indirect=True)
@pytest.mark.parametrize(("table", "column", "value", "reader", "where", "what"), NAMED)
def test_a_damaged_row_is_named_by_its_table_and_key(
    database: Database, table: str, column: str, value: Any, reader: str, where: str, what: str
) -> None:
    """So that somebody can look at it, and restore that row alone."""
    if not damaged(database, table, column, value) or (
        database.engine.dialect.name == "postgresql" and value == 1234.9
    ):
        return  # PostgreSQL keeps such a value out by the type of the column, or rounds it as it comes in
    with pytest.raises(LoanPerfError) as caught:
        READERS[reader](database)
    assert where in str(caught.value)
    assert what in str(caught.value)
    assert "8000" not in str(caught.value)


def test_a_record_that_is_missing_is_told(database: Database) -> None:
    """A ledger without one of its records would be another ledger."""
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE records SET version = 7 WHERE stream = 'branch/ledger'"))
    with pytest.raises(StoreError, match="row north / branch/ledger / 7: the record with version 2 is not there"):
        list(database.entries.read("branch/ledger"))


def test_two_versions_of_the_schema_are_told(database: Database) -> None:
    """Two rows of `alembic_version` are half a restore; nothing works on such tables."""
    with database.engine.begin() as connection:
        connection.execute(text("INSERT INTO alembic_version VALUES ('0001')"))
    for act in (lambda: database.version, database.upgrade):
        with pytest.raises(StoreError, match="table alembic_version has 2 rows"):
            act()


@pytest.mark.parametrize(
    "spoiled", ["[" * 100_000, "{}", "[]", "1", '"x"', '{"entry": 1}', '{"entry": []}', '{"x": 1}']
)
def test_a_damaged_line_of_a_ledger_is_named(spoiled: str) -> None:
    """Whoever keeps the streams: the line is named, and nothing but our errors comes out."""
    with pytest.raises(LoanPerfError, match="line 1 of a ledger"):
        lp.read_ledger([spoiled])


def test_every_part_of_a_record_may_be_damaged() -> None:
    """Each field of an entry and of a closing with each kind of damage: refused by an error that teaches, or read."""
    said = {"by": "chen", "why": "typo", "evidence": "HR-17"}
    entry = lp.overrule(lp.Ledger(), "x", lp.Money.of("1 元"), period=MARCH, payee="lin", **said)
    ledger = lp.Ledger().append([entry]).close(MARCH, by="chen")
    for place, line in enumerate(lines := list(ledger.lines())):
        ((what, data),) = json.loads(line).items()
        for field in data:
            for value in (*DAMAGE[:6], *DOCUMENTS, 1.5, None, [], {}, [[]], True):
                torn = [*lines]
                torn[place] = json.dumps({what: data | {field: value}})
                try:
                    read = lp.read_ledger(torn)
                except LoanPerfError as error:
                    told = str(error)
                    assert "; " in told
                else:
                    assert len(lines) == len(list(read.lines()))


@pytest.mark.parametrize("field", ["key", "state", "on", "why"])
def test_every_part_of_an_answer_may_be_damaged(field: str) -> None:
    """A stream of payments is named with its record; a list for a key was a TypeError deep in the ledger."""
    said = {"key": "x/2026-03/CNY/1", "state": "paid", "on": "2026-03-31", "why": ""}
    for value in (*DAMAGE[:6], *DOCUMENTS, 1.5, None, [], {}, [[]], True):
        torn = json.dumps({"answers": [said | {field: value}], "cursor": "1"})
        keeping = lp.Keeping(entries=MemoryEntries({f"{SCHEME.name}/payments": (torn,)}))
        people = MemoryPeople(lp.Organisation(assignments=[]))
        facts = MemoryFacts(lp.Facts.of([lp.Training(payee="lin", course="AML", on="2026-03-31")]))
        told = ""
        try:
            lp.run(MARCH, facts=facts, people=people, schemes=MemorySchemes(SCHEME), keeping=keeping)
        except LoanPerfError as error:
            told = str(error)
        assert f"record 1 of '{SCHEME.name}/payments'" in told or (isinstance(value, str) and not told)
