"""Feeds: what a source sends as tables comes to what it comes to row by row, in every store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from math import lcm
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.servers import file_with_tables

import loanperf as lp
from loanperf._facts import KIND_OF, Fact
from loanperf._kinds import KINDS
from loanperf._tables._columns import Column
from loanperf.adapters.memory import MemoryFactStore
from loanperf.adapters.sql import Database
from loanperf.errors import DataError, FeedError, Problem, UnitError
from loanperf.ports import FactStore, FeedRow, Pulled
from loanperf.testing import strategies as lps

MARCH = lp.Period.month(2026, 3)


# ── rows as tables ──────────────────────────────────────────────────────────────────────────────────────────


def table_of(name: str, rows: Sequence[FeedRow]) -> dict[str, Any]:
    """Rows of one kind of facts and one currency as a host's columns."""
    facts = [row.says for row in rows]
    found: dict[str, Any] = {
        "row": np.array([row.row for row in rows], dtype=object),
        "revision": np.array([row.revision for row in rows], dtype=np.int64),
    }
    for item, column in KINDS[name].columns.items() if name in KINDS else ():
        values = [getattr(fact, item) for fact in facts]
        missing = np.array([value is None for value in values])
        match column.type:
            case "money":
                units = [0 if value is None else value.units for value in values]
                found[f"{item}(smallest unit)"] = np.ma.array(units, mask=missing, dtype=np.int64)
            case "share" | "points" | "rate":
                scale = lcm(*(value.denominator for value in values if value is not None))
                units = [0 if value is None else int(value * scale) for value in values]
                found[item] = Column("whole", np.array(units, dtype=np.int64), missing, (), scale)
            case "whole":
                units = [0 if value is None else value for value in values]
                found[item] = np.ma.array(units, mask=missing, dtype=np.int64)
            case "day":
                found[item] = np.array(values, dtype="datetime64[D]")
            case "truth":
                found[item] = np.array(values, dtype=bool)
            case "word":
                found[item] = np.array([value and value.value for value in values], dtype=object)
            case _:
                found[item] = np.array(values, dtype=object)
    return found


def currency_of(fact: Fact) -> str:
    """The currency of the amounts of a fact; empty where it has none."""
    amounts = (getattr(fact, name) for name in KIND_OF[type(fact)].money)
    return next((amount.currency for amount in amounts if amount is not None), "")


def as_tables(rows: Sequence[FeedRow], cursor: str) -> Pulled:
    """The same rows, in tables as far as tables can say them: amounts of 64 bits in one currency, and fractions too."""
    tables: dict[str, list[FeedRow]] = {}
    others: list[FeedRow] = []
    currency = ""
    for row in rows:
        if row.says is None:
            tables.setdefault("withdrawn", []).append(row)
        elif (
            isinstance(row.says, Problem) or not fits(row.says) or currency_of(row.says) not in ("", currency or "CNY")
        ):
            others.append(row)
        else:
            currency = "CNY"
            tables.setdefault(KIND_OF[type(row.says)].name, []).append(row)
    given = {name: table_of(name, found) for name, found in tables.items()}
    return Pulled(rows=others, tables=given, currency="CNY", cursor=cursor)


def fits(fact: Fact) -> bool:
    """Whether a column of 64 bits holds what a fact says."""
    kind = KIND_OF[type(fact)]
    values = [getattr(fact, name) for name in kind.columns]
    amounts = [value for value in values if isinstance(value, lp.Money)]
    small = all(
        value.denominator == 1 or 100_000_000 % value.denominator == 0
        for value in values
        if hasattr(value, "denominator")
    )
    return small and not fact.source and all(abs(amount.units) < 2**63 for amount in amounts)


SAYS = (
    st.none()
    | lps.facts()
    | st.sampled_from(
        [
            lp.LoanEvent(loan="L1", kind=lp.EventKind.DISBURSED, on="2026-03-02", amount=amount)
            for amount in ("30万元", "31万元")
        ]
    )
    | st.just(Problem("contract 7", "it is torn", "x", "mend it"))
)
ROWS = st.builds(FeedRow, row=st.sampled_from(["1", "2", "三", "4", "5"]), revision=st.integers(0, 2), says=SAYS)
SOURCES = st.sampled_from(["crm", "finance", "core", "north"])
PULLS = st.lists(st.tuples(SOURCES, st.lists(ROWS, max_size=6), st.integers(0, 6)), max_size=5)


def filled(store: FactStore, pulls: Sequence[tuple[str, Sequence[FeedRow], int]], by: str) -> lp.Facts:
    """What holds after some pulls, each by rows, by tables, or the first so many by rows and the others by tables."""
    for place, (source, rows, some) in enumerate(pulls):
        parted = {"rows": len(rows), "tables": 0, "both": some}[by]
        pulled = as_tables(rows[parted:], str(place))
        store.take(
            source, Pulled(rows=[*rows[:parted], *pulled.rows], tables=pulled.tables, currency="CNY", cursor="1")
        )
    return store.facts(MARCH)


def said(facts: lp.Facts) -> tuple[object, ...]:
    """All that facts say, where each comes from too."""
    return (
        facts.rows,
        facts.repeats,
        facts.used,
        facts.problems,
        [(problem.payee, problem.loan, problem.loses, problem.lacks, problem.fact) for problem in facts.problems],
        facts.items,
        [fact.source for fact in facts],
        facts.refused,
    )


@settings(max_examples=12, deadline=None)
@given(pulls=PULLS)
def test_tables_come_to_what_rows_come_to(pulls: list[tuple[str, list[FeedRow], int]]) -> None:
    """By rows, by tables or both, late, repeated, withdrawn, torn and contradicting: one state."""
    expected = said(filled(MemoryFactStore(), pulls, "rows"))
    for by in ("tables", "both"):
        assert expected == said(filled(MemoryFactStore(), pulls, by))


_NUMBERS = count()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
@given(pulls=PULLS, by=st.sampled_from(["rows", "tables", "both"]), loans=st.integers(1, 3))
def test_a_database_holds_what_memory_holds(
    url_with_tables: str, pulls: list[tuple[str, list[FeedRow], int]], by: str, loans: int
) -> None:
    """However rows come, and whether they are read at once or some loans at a time."""
    database = Database.connect(url_with_tables, company=f"company {next(_NUMBERS)}")
    expected = filled(MemoryFactStore(), pulls, "rows")
    assert said(expected) == said(filled(database.facts, pulls, by))

    parts = [*database.facts.parts(currency="CNY", loans=loans)]
    assert [*in_yuan(expected)] == sorted((fact for part in parts for fact in part), key=place_of)
    database.close()


def in_yuan(facts: lp.Facts) -> list[Fact]:
    """The facts of which no amount is in another currency."""
    return sorted((fact for fact in facts if currency_of(fact) in ("", "CNY")), key=place_of)


def place_of(fact: Fact) -> tuple[str, ...]:
    """What tells a fact from all others."""
    return (KIND_OF[type(fact)].name, *fact.key)


REPORTS = st.lists(
    st.builds(
        lambda loan, day, number: lp.LoanEvent(
            loan=loan, kind=lp.EventKind.DISBURSED, on=f"2026-03-0{day}", amount="30万元", number=number
        ),
        st.sampled_from(["L1", "L2", "L3"]),
        st.integers(1, 2),
        st.sampled_from(["", "7"]),
    ),
    max_size=5,
)


@pytest.fixture(scope="module")
def new_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of SQLite with the tables of the library, for many companies."""
    file = tmp_path_factory.mktemp("feeds") / "pay.db"
    file_with_tables(file)
    return file


@settings(max_examples=15, deadline=None)
@given(reports=st.lists(st.tuples(SOURCES, REPORTS), max_size=4), same=REPORTS, holder=st.sampled_from(["", "core"]))
def test_what_sources_report_alike_is_found_over_columns(
    new_file: Path, reports: list[tuple[str, list[lp.LoanEvent]]], same: list[lp.LoanEvent], holder: str
) -> None:
    """Whose word holds, what differs and what repeats: as when each report is compared by itself."""
    authority = lp.Authority({"disbursed": holder} if holder else {})
    database = Database.connect(f"sqlite:///{new_file}", company=f"company {next(_NUMBERS)}", authority=authority)
    memory = MemoryFactStore(authority=authority)
    for source, events in reports:
        rows = [FeedRow(row=str(place), revision=1, says=event) for place, event in enumerate([*same, *events])]
        for store in (memory, database.facts):
            store.take(source, Pulled(rows=rows, cursor="1"))
    assert said(memory.facts(MARCH)) == said(database.facts.facts(MARCH))
    database.close()


def test_a_table_that_comes_again_changes_nothing_and_a_row_that_differs_is_told(url_with_tables: str) -> None:
    """Of three rows one says something else under its revision, one rises, and one is as it was."""
    database = Database.connect(url_with_tables, company="north")
    first = {"row": ["1", "2", "3"], "loan": ["L1", "L2", "L3"], "kind": ["disbursed"] * 3, "revision": [1, 1, 1]}
    first |= {"on": np.array(["2026-03-02"] * 3, dtype="datetime64[D]"), "amount(万元)": [10, 20, 30]}
    for sent in (first, first, first | {"revision": [1, 2, 1], "amount(万元)": [11, 21, 30]}):
        database.facts.take("crm", pulled(events=sent))
    facts = database.facts.facts(MARCH)

    on, kind = "2026-03-02", lp.EventKind.DISBURSED
    expected = [
        lp.LoanEvent(loan=f"L{loan}", kind=kind, on=on, amount=f"{much}万元") for loan, much in ((2, 21), (3, 30))
    ]
    assert expected == list(facts)
    assert ["crm 1"] == [problem.where for problem in facts.problems]
    assert 3 == facts.rows
    database.close()


def test_a_row_that_no_longer_says_something_under_its_revision_is_told(url_with_tables: str) -> None:
    """A column that the later table has not, or that is empty in it, was said before: nothing tells which is true."""
    database = Database.connect(url_with_tables, company="north")
    for sent in (drawings(number=["7", ""]), drawings(), drawings(number=["", ""])):
        database.facts.take("crm", pulled(events=sent))
    facts = database.facts.facts(MARCH)

    assert (["crm 1"], 1, 2) == ([problem.where for problem in facts.problems], len(facts), facts.rows)
    database.close()


# ── what a store takes ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["memory", "database"])
@pytest.mark.parametrize("name", ["", " ", "s\x00", "\ud800", "s\n", "s" * 201])
def test_a_source_has_a_name_that_every_store_keeps(new_file: Path, kind: str, name: str) -> None:
    """One error at once, whatever the store: else the facts of the source cannot be kept, or not be read."""
    database = Database.connect(f"sqlite:///{new_file}", company=f"company {next(_NUMBERS)}")
    store: FactStore = MemoryFactStore() if kind == "memory" else database.facts
    for ask in (store.cursor, lambda source: store.take(source, Pulled(cursor="1"))):
        with pytest.raises(DataError, match="its name is empty, not printable or longer than 200 characters") as raised:
            ask(name)
        assert raised.value.text("zh").startswith("数据源 ")
    store.take("s" * 200, Pulled(cursor="1"))
    assert "1" == store.cursor("s" * 200)
    database.close()


@pytest.mark.parametrize("kind", ["memory", "database"])
def test_a_row_has_a_code_that_every_store_keeps(new_file: Path, kind: str) -> None:
    """What a trial over memory takes, the database of the host takes too."""
    database = Database.connect(f"sqlite:///{new_file}", company=f"company {next(_NUMBERS)}")
    store: FactStore = MemoryFactStore() if kind == "memory" else database.facts
    store.take("crm", Pulled(rows=[FeedRow(row="r" * 200, revision=1, says=None)], cursor="1"))
    with pytest.raises(DataError, match="its code is longer than 200 characters"):
        store.take("crm", Pulled(rows=[FeedRow(row="r" * 201, revision=1, says=None)], cursor="2"))
    with pytest.raises(DataError, match="its code is longer than 200 characters"):
        store.take("crm", Pulled(tables={"withdrawn": {"row": ["r" * 201], "revision": [1]}}, cursor="2"))
    assert "1" == store.cursor("crm")
    database.close()


@pytest.mark.parametrize(
    ("field", "value"),
    [("found", 7), ("loan", None), ("row", "7"), ("row", True), ("at", (1, "2")), ("loses", ("loan",)), ("lacks", 7)],
)
def test_a_problem_that_no_store_can_keep_is_refused_where_it_is_said(field: str, value: Any) -> None:
    """A database would keep it, and read no facts any more."""
    torn = Problem("contract 7", "it is torn", "x", "mend it", loan="L7", row=7, at=(1, 2), loses=("loan", "L7"))
    FeedRow(row="1", revision=1, says=torn)
    with pytest.raises(FeedError, match=f"row 1: says.{field} is "):
        FeedRow(row="1", revision=1, says=evolve(torn, **{field: value}))


@pytest.mark.parametrize("cursor", ["7\x00", "\ud800"])
def test_a_cursor_that_no_store_keeps_is_refused_where_it_is_made(cursor: str) -> None:
    """PostgreSQL would refuse the whole pull, and ask to report it."""
    with pytest.raises(FeedError, match="cursor is"):
        Pulled(cursor=cursor)


# ── what a table of a feed may be ───────────────────────────────────────────────────────────────────────────


def drawings(**columns: Any) -> dict[str, Any]:
    """Two drawdowns of a feed."""
    return {
        "row": ["1", "2"],
        "revision": [1, 1],
        "loan": ["L1", "L2"],
        "kind": ["disbursed"] * 2,
        "on": np.array(["2026-03-02"] * 2, dtype="datetime64[D]"),
        "amount(万元)": [30, 40],
    } | columns


def pulled(**tables: Any) -> Pulled:
    """A pull of tables."""
    return Pulled(tables=tables, currency="CNY", cursor="1")


def test_a_row_of_a_table_that_cannot_be_used_is_a_problem_of_that_row() -> None:
    """It is named by what the source calls it, wherever in a table it comes again."""
    store = MemoryFactStore()
    wrong = {"row": ["2", "1"], "loan": ["L2", "L1"], "amount(万元)": [40, -1]}
    for sent in (drawings(**{"amount(万元)": [-1, 40]}), drawings(**wrong)):
        store.take("crm", pulled(events=sent))
    facts = store.facts(MARCH)

    assert (1, 2) == (len(facts), facts.rows)
    (problem,) = facts.problems
    assert ("crm 1: events, column amount", "L1") == (problem.where, problem.loan)
    assert ("amounts", "L1") == problem.loses


def wrong_tables() -> Iterator[tuple[dict[str, Any], type[Exception], str]]:
    """Tables that no feed may answer."""
    yield {"events": drawings(row=["1", None])}, FeedError, "table events, row 1: row is None"
    yield {"events": drawings(row=["1", " "])}, FeedError, "give a printable, non-empty code"
    yield {"events": drawings(revision=[1, -1])}, FeedError, "table events, row 1: revision"
    yield {"events": drawings(revision=np.array([1, 2**63], dtype=np.uint64))}, FeedError, "revision"
    yield {"events": drawings(revision=np.ma.array([1, 1], mask=[False, True]))}, FeedError, "revision"
    yield {"events": drawings(revision=["1", "2"])}, DataError, "whole numbers"
    yield {"events": {"loan": ["L1"]}}, DataError, "it has no column 'row'"
    yield {"event": drawings()}, DataError, "did you mean 'events'"
    yield {"events": drawings(colour=["red", "blue"])}, DataError, "unknown column 'colour'"
    yield {"loans": drawings(balance=[1, 2])}, DataError, "a row of a feed says one fact"
    yield {"withdrawn": drawings()}, DataError, "give the columns 'row' and 'revision' alone"


@pytest.mark.parametrize(("tables", "error", "what"), [*wrong_tables()])
def test_what_is_no_table_of_a_feed_is_refused_where_it_is_made(
    tables: dict[str, Any], error: type[Exception], what: str
) -> None:
    """The host that made it is told, and no store has half of it."""
    with pytest.raises(error, match=what):
        pulled(**tables)


def test_amounts_of_tables_need_a_currency() -> None:
    """30 of nothing is no amount."""
    with pytest.raises(DataError, match="pass currency='CNY' to Pulled"):
        Pulled(tables={"events": drawings()}, cursor="1")
    with pytest.raises(UnitError, match="XXX"):
        Pulled(tables={"events": drawings()}, currency="XXX", cursor="1")


def test_pulls_of_the_same_tables_are_equal() -> None:
    """Tables are compared as objects: two pulls without any are alike, two that read a system twice are not."""
    tables = {"events": drawings()}
    assert Pulled(cursor="1") == Pulled(rows=[], cursor="1")
    assert pulled(**tables) != pulled(**tables)
    assert 2 == pulled(**tables).count
