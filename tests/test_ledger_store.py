"""Ledgers that are kept as columns: the same ledger as by lines, in memory, SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from attrs import evolve
from sqlalchemy import insert, text
from tests.books_of_pay import book_of_seed
from tests.months_of_pay import played
from tests.servers import file_with_tables

import loanperf as lp
from loanperf import _seals
from loanperf._explanations import because
from loanperf._seals import kept_form, proven, seal_of
from loanperf._tables._columns import Column, Table, cutting
from loanperf._tables._words import stacked_tables
from loanperf.adapters.memory import MemoryEntries
from loanperf.adapters.sql import Database, _entries
from loanperf.adapters.sql._schema import records, streams
from loanperf.adapters.sql._versions import upgrade
from loanperf.errors import ConflictError, DataError, LedgerError, StoreError
from loanperf.opening import Opening
from loanperf.ports import LedgerStore
from loanperf.run._kept import ClosedLedger, kept_of

MARCH = lp.Period.month(2026, 3)
SEEDS = range(9)
SAID = {"by": "chen", "why": "agreed", "evidence": "HR-17"}
LEDGER = "branch/ledger"


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[LedgerStore]:
    """An empty store of each kind."""
    if request.param == "memory":
        yield MemoryEntries()
        return
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").with_tables()
    else:
        url = file_with_tables(tmp_path / "pay.db")
    database = Database.connect(url, company="north")
    yield database.entries
    database.close()


@pytest.fixture
def database(url_with_tables: str) -> Iterator[Database]:
    """A database with a schema."""
    found = Database.connect(url_with_tables, company="north")
    yield found
    found.close()


@cache
def ledger_of(seed: int) -> lp.Ledger:
    """The ledger of a book that was drawn at random, after all its months."""
    found: lp.Ledger = played(book_of_seed(seed)).ledger
    return found


def test_what_a_close_left_says_what_hands_said() -> None:
    """One hand set a line to 12.34 yuan, another one cancelled 1 yuan and set nothing: both come back."""
    key = "lin/p/c/L1//2026-03"
    earned = lp.Entry(
        number=1,
        kind=lp.EntryKind.EARNED,
        payee="lin",
        line=key,
        cohort="2026-03",
        loan="L1",
        period=MARCH,
        amount=lp.Money.of("10 元"),
        on=MARCH.last_day,
        reason=because("entry.earned", {"amount": "10.00 CNY", "on": "2026-03-31", "cohort": "2026-03", "loan": "L1"}),
    )
    ledger = lp.Ledger(entries=(earned,))
    ledger = ledger.append([lp.overrule(ledger, key, lp.Money.of("12.34 元"), period=MARCH, payee="lin", **SAID)])
    taken = evolve(
        earned,
        number=3,
        kind=lp.EntryKind.CANCELLED,
        amount=lp.Money.of("1 元"),
        by="chen",
        why="agreed",
        evidence="HR-17",
    )
    ledger = lp.Ledger(entries=(*ledger.entries, taken))
    records = [*ClosedLedger().new(ledger, "seal")]
    found = kept_of("s", records).ledger("s", "seal", ())

    set_by_hand = lp.Money.of("12.34 元"), "chen", "agreed", "HR-17"
    assert [entry.hand for entry in found.entries][1:] == [set_by_hand, (None, "chen", "agreed", "HR-17")]
    assert found.entries[0].set_to is None
    assert ledger.entries == found.entries


def test_what_was_held_before_the_ledger_began_is_released_with_its_reason() -> None:
    """Who went live with pay held back is told why it comes, also once the ledger was kept and read again."""
    held = {"payee": "lin", "what": "held", "amount": "300 元", "cohort": "2025-11", "on": "2026-03-30"}
    ledger = Opening.of([held], first=MARCH, totals={"held": "300 元"}).ledger(by="chen")
    ledger = ledger.append(lp.settle(ledger, lp.Accruals(through=MARCH, lines=()), period=MARCH))
    ledger = ledger.close(MARCH, by="chen")
    kept = kept_of("s", [*ClosedLedger().new(ledger, "seal")]).ledger("s", "seal", ())

    expected = "300.00 CNY of 2025-11 released on 2026-03-30, as it was agreed before the ledger began"
    for entries in (ledger.entries, kept.entries, lp.Entries.read(ledger.entries.table("pyarrow"))):
        (released,) = (entry for entry in entries if entry.kind is lp.EntryKind.RELEASED)
        assert expected == released.reason.text("en")
    assert [*ledger.lines()] == [*kept.lines()]


def test_what_closes_left_names_kinds_and_rules() -> None:
    """A later version of the library has more kinds and rules, and may have them in another order."""
    ledger = by_hand("1 元", "2 元")
    (record,) = ClosedLedger().new(ledger, "seal")
    part = json.loads(record)["part"]

    assert (["override"], ["entry.override"]) == (part["kind"]["words"], part["rule"]["words"])
    unknown = record.replace('"override"', '"a kind of later"')
    with pytest.raises(DataError, match="it is not what a close left"):
        kept_of("s", [unknown])


@pytest.mark.parametrize("seed", SEEDS)
def test_what_closes_left_is_the_ledger(seed: int) -> None:
    """Entries with what is kept of their reasons, and closings, of a ledger of which each close left a part."""
    whole, kept, records = ledger_of(seed), ClosedLedger(), list[str]()
    for place, act in enumerate((*whole.closings, None), 1):
        end = len(whole.entries) if act is None else act.after
        now = lp.Ledger(entries=whole.entries[:end], closings=whole.closings[: place if act is not None else place - 1])
        records += kept.new(now, f"seal {place}")
        kept = kept_of("s", records)
        found = kept.ledger("s", f"seal {place}", ())
        table = pa.table(now.entries.table("pyarrow"))
        assert table.equals(pa.table(found.entries.table("pyarrow")))
        assert now.closings == found.closings
        assert now.accounts == found.accounts
        assert len(records) == kept.version


def by_hand(*amounts: str) -> lp.Ledger:
    """A ledger of amounts that were set by hand."""
    ledger = lp.Ledger()
    for number, amount in enumerate(amounts, 1):
        entry = lp.overrule(ledger, f"line {number}", lp.Money.of(amount), period=MARCH, payee=f"p{number}", **SAID)
        ledger = ledger.append([entry])
    return ledger


def keep(store: LedgerStore, stream: str, ledger: lp.Ledger) -> None:
    """Keep a ledger as a run does: what is new of entries by columns, closings as lines."""
    done = acts = 0
    for act in (*ledger.closings, None):
        end = len(ledger.entries) if act is None else act.after
        store.post(stream, ledger.entries[done:end], expected=done + acts)
        done = end
        if act is not None:
            store.append(stream, [*ledger.lines(done + acts)][:1], expected=done + acts)
            acts += 1


def tops(ledger: lp.Ledger) -> list[tuple[lp.Entry, str, Any]]:
    """Entries without their reasons, and the rule and values of each reason."""
    nothing = lp.Explanation("entry.paid", (("amount", ""),))
    return [(evolve(entry, reason=nothing), entry.reason.rule, entry.reason.values) for entry in ledger.entries]


def test_a_ledger_is_the_same_by_columns_and_by_lines(store: LedgerStore) -> None:
    """Whatever a month posted, columns say it as lines do: to readers of both, however it came into the store."""
    for seed in SEEDS:
        ledger, mine, other, mixed = ledger_of(seed), f"{seed}", f"{seed} lines", f"{seed} mixed"
        keep(store, mine, ledger)
        found = store.ledger(mine)
        lines = [*store.read(mine)]

        assert tops(ledger) == tops(found)
        assert ledger.closings == found.closings
        assert found == lp.read_ledger(lines)
        assert lines == [*found.lines()]
        assert lines[1:] == [*store.read(mine, 1)]
        assert len(lines) == store.append(other, lines, expected=0)
        assert (found, lines) == (store.ledger(other), [*store.read(other)])
        empty = sum(not act.after for act in found.closings)  # months in which nothing was posted
        half = next((act.after for act in found.closings if act.after), len(found.entries)) // 2
        store.append(mixed, lines[: empty + half], expected=0)
        done = store.post(mixed, found.entries[half : half + 1], expected=empty + half)
        store.append(mixed, lines[done:], expected=done)
        assert (found, lines) == (store.ledger(mixed), [*store.read(mixed)])


def test_a_ledger_by_columns_is_settled_on(store: LedgerStore) -> None:
    """What a store gives back is settled, paid and asked as the ledger that was posted."""
    for seed in SEEDS:
        ledger = ledger_of(seed)
        keep(store, f"{seed}", ledger)
        found = store.ledger(f"{seed}")
        last = max(ledger.periods, default=MARCH)

        assert (ledger.accounts, ledger.nets(last)) == (found.accounts, found.nets(last))
        for payee, currency in ledger.accounts:
            assert ledger.balance(payee, currency=currency) == found.balance(payee, currency=currency)
        for period in ledger.periods:
            assert lp.payments_of(ledger, period) == lp.payments_of(found, period)


def test_whole_reasons_stay_whole(store: LedgerStore) -> None:
    """Lines of earlier versions hold each reason down to the facts; nothing of that is lost on the way."""
    for seed in SEEDS:
        ledger = ledger_of(seed)
        store.append(f"{seed}", [*ledger.lines()], expected=0)

        assert ledger == store.ledger(f"{seed}")
        assert [*ledger.lines()] == [*store.read(f"{seed}")]


def test_an_empty_stream_is_an_empty_ledger(store: LedgerStore) -> None:
    """The first month begins with nothing."""
    assert lp.Ledger() == store.ledger("nothing")
    assert 0 == store.post("nothing", lp.Ledger().entries, expected=0)
    assert lp.Ledger() == store.ledger("nothing")


def test_who_posts_to_another_version_gets_a_conflict(store: LedgerStore) -> None:
    """Of two runs that work the same month one begins anew."""
    ledger = by_hand("1 CNY", "2 CNY")
    store.post(LEDGER, ledger.entries[:1], expected=0)
    for expected in (0, 2, -1):
        with pytest.raises(ConflictError):
            store.post(LEDGER, ledger.entries[1:], expected=expected)
    with pytest.raises(ConflictError):
        store.post(LEDGER, ledger.entries[:0], expected=0)

    assert ledger.entries[:1] == store.ledger(LEDGER).entries
    assert 2 == store.post(LEDGER, ledger.entries[1:], expected=1)
    assert ledger == store.ledger(LEDGER)


def test_many_entries_are_written_in_parts_of_one_post(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A month of millions is never held cell by cell: each part has its seal, and all are there, or none.

    An amount that no column holds makes a line of its part, and of no other.
    """
    monkeypatch.setattr(_entries, "_POSTED_AT_ONCE", 3)
    ledger = by_hand("1 CNY", "2 CNY", "3 CNY", "4 CNY", f"{2**62} CNY", "6 CNY", "7 CNY")
    assert 7 == database.entries.post(LEDGER, ledger.entries, expected=0)
    assert ledger == database.entries.ledger(LEDGER)
    assert [*ledger.lines()] == [*database.entries.read(LEDGER)]
    assert {3, 6, 7} <= {batch.version for batch in proven(LEDGER, database.entries.batches(LEDGER))}
    last, behind = database.entries.tail(LEDGER, 3)
    assert 4 == sum(batch.count for batch in proven(LEDGER, behind, 3, last))

    more = by_hand("1 CNY", "2 CNY", "3 CNY", "4 CNY")
    more = lp.Ledger(entries=[*more.entries[:3], evolve(more.entries[3], payee="\ud800")])
    with pytest.raises(DataError):
        database.entries.post("other", more.entries, expected=0)
    assert ([], []) == ([*database.entries.read("other")], [*database.entries.batches("other")])


@pytest.mark.parametrize("amount", [2**62 - 1, 2**62, 2**63, 2**70])
def test_amounts_that_no_column_holds_are_kept(store: LedgerStore, amount: int) -> None:
    """A ledger has no largest amount; what is beyond a column of 64 bits is kept as a line."""
    ledger = lp.Ledger()
    for line, units in (("a", 5), ("b", amount), ("c", 7)):
        money = lp.Money.from_units(units, "CNY")
        ledger = ledger.append([lp.overrule(ledger, line, money, period=MARCH, payee="lin", **SAID)])
    store.post(LEDGER, ledger.entries[:1], expected=0)
    store.post(LEDGER, ledger.entries[1:], expected=1)

    assert ledger == store.ledger(LEDGER) == lp.read_ledger(store.read(LEDGER))
    assert amount + 12 == store.ledger(LEDGER).balance("lin").due.units


@pytest.mark.parametrize("word", ["\0", "林 😀", "a/b\\", "'; DROP TABLE entries;--", "\r\n"])
def test_words_of_all_kinds_come_back(store: LedgerStore, word: str) -> None:
    """PostgreSQL has no text with the character 0; what no column holds is kept as a line."""
    ledger = lp.Ledger()
    said = {"by": f"{word}!", "why": f"{word}?", "evidence": f"{word}."}
    entry = lp.overrule(ledger, f"{word}/x", lp.Money.of("1 CNY"), period=MARCH, payee=word, **said)
    ledger = ledger.append([entry])
    store.post(LEDGER, ledger.entries, expected=0)

    assert ledger == store.ledger(LEDGER) == lp.read_ledger(store.read(LEDGER))


def test_what_contradicts_itself_is_refused(store: LedgerStore) -> None:
    """By columns as by lines: numbers follow on, nothing stands in a closed period, and closings know how many came."""
    ledger = by_hand("1 CNY", "2 CNY")
    closed = ledger.close(MARCH, by="chen")
    (closing,) = closed.lines(2)
    first, second = ledger.entries[:1], ledger.entries[1:]
    early = closing.replace('"after":2', '"after":1')

    store.post("number", second, expected=0)
    store.post("closed", first, expected=0)
    store.append("closed", [early], expected=1)
    store.post("closed", second, expected=2)
    store.post("closing", first, expected=0)
    store.append("closing", [closing], expected=1)
    loose = lp.Ledger(entries=(evolve(ledger.entries[0], corrects=()),)).entries.table("pyarrow")
    loose = loose.set_column(loose.column_names.index("corrects"), "corrects", pa.array(["7"]))
    store.post("corrects", lp.Entries.read(loose), expected=0)
    for stream in ("number", "closed", "closing", "corrects"):
        with pytest.raises(LedgerError):
            store.ledger(stream)
        with pytest.raises(LedgerError):
            lp.read_ledger(store.read(stream))


# ── as a table ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["arrays", "pandas", "polars", "pyarrow", "duckdb"])
def test_a_table_of_entries_is_read_back(kind: Any) -> None:
    """Finance takes a ledger into its own warehouse, and back, without a rounding."""
    for seed in SEEDS:
        entries = ledger_of(seed).entries
        again = lp.Entries.read(entries.table(kind))

        assert tops(lp.Ledger(entries=entries)) == tops(lp.Ledger(entries=again))
        assert again == lp.Entries.read(again.table(kind))


def test_a_table_of_entries_is_exact() -> None:
    """Amounts are whole fen, and what an entry has not is missing."""
    table = by_hand("12.34 CNY", "500 JPY").entries.table("pyarrow").to_pydict()

    assert ([1234, 500], ["CNY", "JPY"]) == (table["amount"], table["currency"])
    assert ([1234, 500], ["chen", "chen"]) == (table["set_to"], table["by"])
    assert ([None, None], [None, None]) == (table["loan"], table["corrects"])
    assert ["entry.override"] * 2 == table["rule"]


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("kind", pa.array(["zzz"]), "column entries.kind: there is no 'zzz'"),
        ("rule", pa.array(["zzz"]), "column entries.rule: there is no 'zzz'"),
        ("currency", pa.array(["XXX"]), "column entries.currency: 'XXX' is no currency"),
        ("period", pa.array(["2026-13"]), "column entries.period: "),
        ("amount", pa.array([None], pa.int64()), "column entries.amount: row 0 has none"),
        ("amount", pa.array(["12"]), "column entries.amount: it holds text, and not whole"),
        ("corrects", pa.array(["x"]), "column entries.corrects: they are no numbers of entries"),
        ("set_to_currency", pa.array(["XXX"]), "column entries.set_to_currency: 'XXX' is no currency"),
        ("by", pa.array([" "]), "by is empty: an amount set by hand says who"),
        ("set_to", pa.array([None], pa.int64()), "a override entry lacks an amount set by hand"),
    ],
)
def test_a_table_that_is_none_of_entries_is_refused(column: str, value: Any, said: str) -> None:
    """A column that was changed on the way is told by its name."""
    table = by_hand("1 CNY").entries.table("pyarrow")
    wrong = table.set_column(table.column_names.index(column), column, value)
    with pytest.raises((DataError, LedgerError)) as caught:
        lp.Entries.read(wrong)
    assert said in str(caught.value)


def test_amounts_beyond_a_column_have_no_table() -> None:
    """They would wrap without a word."""
    ledger = lp.Ledger()
    money = lp.Money.from_units(2**62, "CNY")
    ledger = ledger.append([lp.overrule(ledger, "x", money, period=MARCH, payee="lin", **SAID)])
    with pytest.raises(DataError, match=r"2\*\*62 smallest units or more; use Ledger.lines"):
        ledger.entries.table()


# ── in the database ─────────────────────────────────────────────────────────────────────────────────────────


def test_finance_asks_the_table_of_entries(database: Database) -> None:
    """Sums by payee and by loan, in SQL, are those of the ledger."""
    ledger = next(found for found in map(ledger_of, SEEDS) if found.entries.is_of_loans and len(found.accounts) > 2)
    keep(database.entries, LEDGER, ledger)
    paid = "SELECT payee, currency, sum(amount_units) FROM entries WHERE kind = 'paid' GROUP BY payee, currency"
    loans = (
        "SELECT loan, currency, sum(amount_units) FROM entries WHERE kind = 'earned' AND loan IS NOT NULL GROUP BY 1, 2"
    )
    with database.engine.connect() as connection:
        by_payee = {(payee, currency): int(units) for payee, currency, units in connection.execute(text(paid))}
        by_loan = {(loan, currency): int(units) for loan, currency, units in connection.execute(text(loans))}
    earned: dict[tuple[str, str], int] = {}
    for entry in ledger.entries:
        if entry.loan and entry.kind is lp.EntryKind.EARNED:
            key = entry.loan, entry.amount.currency
            earned[key] = earned.get(key, 0) + entry.amount.units

    assert {who: units for who, units in by_payee.items() if units} == {
        (payee, currency): ledger.balance(payee, currency=currency).paid.units
        for payee, currency in ledger.accounts
        if ledger.balance(payee, currency=currency).paid.units
    }
    assert earned == by_loan


def test_a_database_of_an_earlier_version_keeps_its_lines(url: str) -> None:
    """Entries move into columns with the text of their reasons; all lines are read as they were written."""
    database = Database.connect(url, company="north")
    upgrade(database.engine, "0004")
    kept = {
        LEDGER: [*ledger_of(4).close(lp.Period.month(2099, 1), by="chen").lines()],
        "notices": ["one", '{"entry":{}}'],
    }
    kept["other"] = [json.dumps(json.loads(line)) for line in kept[LEDGER]]  # written by somebody else, with blanks
    with database.engine.begin() as connection:
        for stream, lines in kept.items():
            mine = {"company": "north", "stream": stream}
            connection.execute(insert(streams), mine | {"version": len(lines)})
            rows = [mine | {"version": version, "record": line} for version, line in enumerate(lines, 1)]
            connection.execute(insert(records), rows)

    database.upgrade()
    assert kept == {stream: [*database.entries.read(stream)] for stream in kept}
    found = database.entries.ledger(LEDGER)
    assert lp.read_ledger(kept[LEDGER]) == found == database.entries.ledger("other")
    with database.engine.connect() as connection:
        count = "SELECT count(*) FROM {} WHERE stream = 'branch/ledger'"
        held = [connection.execute(text(count.format(table))).scalar_one() for table in ("entries", "records")]
    assert [len(found.entries), len(found.closings)] == held
    version = len(kept[LEDGER])
    more = lp.overrule(found, "x", lp.Money.of("1 CNY"), period=lp.Period.month(2099, 2), payee="lin", **SAID)
    database.entries.post(LEDGER, found.append([more]).entries[-1:], expected=version)
    assert found.append([more]) == database.entries.ledger(LEDGER)
    database.close()


def test_an_entry_that_is_missing_is_told(database: Database) -> None:
    """A ledger without one of its entries would be another ledger."""
    database.entries.post(LEDGER, by_hand("1 CNY", "2 CNY", "3 CNY").entries, expected=0)
    with database.engine.begin() as connection:
        connection.execute(text("DELETE FROM entries WHERE version = 2"))
    for read in (database.entries.ledger, lambda stream: list(database.entries.read(stream))):
        with pytest.raises(StoreError, match="row north / branch/ledger / 3: the record with version 2 is not there"):
            read(LEDGER)


@pytest.mark.parametrize("at_once", [1, 3, 7, 10_000])
def test_a_part_of_a_table_has_the_seal_of_its_rows_alone(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    """A stream that was sealed in small parts is read as one table; each part is hashed as it was when it was added.

    Cells are written for some rows at once: a part within them, one that goes beyond, and one that is larger.
    """
    monkeypatch.setattr(_seals, "_AT_ONCE", at_once)
    book = played(book_of_seed(16))
    table = kept_form(book.ledger.entries)
    assert isinstance(table, Table)
    assert table.rows > 20
    cut, parts = cutting(table), [(0, 1), (1, 3), (3, 4), (4, 11), (11, 14), (14, table.rows)]
    for low, high in parts:
        alone = Table(table.name, high - low, {**table.take(slice(low, high)).columns})
        assert seal_of("x", "pay/ledger", low, alone) == seal_of("x", "pay/ledger", low, cut(low, high))
    whole = stacked_tables([cut(low, high) for low, high in parts])
    assert lp.Entries.read(whole) == lp.Entries.read(table)
    some = stacked_tables([cut(0, 2), cut(5, 9)])
    assert [*lp.Entries.read(some)] == [*lp.Entries.read(table)][:2] + [*lp.Entries.read(table)][5:9]


def test_a_part_is_sealed_as_json_of_its_columns() -> None:
    """The bytes are those of JSON: columns by name, those without a value left out, texts in ASCII, days as text."""
    columns = {
        "b": Column("whole", np.array([1, -2]), np.array([False, True])),
        "a": Column("text", np.array([1, -1]), None, ("x", '林"')),
        "d": Column("day", np.array([0, 1])),
        "e": Column("text", np.array([-1, -1]), None, ("x",)),
        "f": Column("whole", np.array([1, 2]), np.array([True, True])),
    }
    said = '["","s",0,2]{"a":["\\u6797\\"",null],"b":[1,null],"d":["1970-01-01","1970-01-02"]}'
    assert sha256(said.encode()).hexdigest() == seal_of("", "s", 0, Table("entries", 2, columns))
