"""Facts are read of arrays, data frames and files: each cell checked once, each row used, repeated or a problem."""

from collections import Counter
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.books import FACTS, arrow_of, tables_of

import loanperf as lp
from loanperf._tables._words import are_plain
from loanperf.tables import Coded

ON = np.array(["2026-03-01", "2026-03-02"], dtype="datetime64[D]")
LOANS: dict[str, Any] = {
    "loan": np.array([11, 12]),
    "customer": np.array(["C1", "C2"]),
    "officer": np.array(["lin", "wu"]),
    "opened_on": ON,
}
TAPE: dict[str, Any] = LOANS | {
    "disbursed_on": ON,
    "disbursed": np.array([800, 700]),
    "balance": np.array([500, 0]),
    "days_past_due": np.array([31, 0]),
    "category": np.array(["loss", "normal"]),
}


def read(tables: Any, **more: Any) -> lp.Facts:
    """Facts of tables in fen, as of the end of March."""
    return lp.Facts.read(tables, currency="CNY", money="fen", as_of="2026-03-31", **more)


@given(st.lists(FACTS, max_size=14))
def test_columns_are_the_facts_that_rows_are(facts: list[lp.Fact]) -> None:
    """Numpy or Arrow, shuffled or not: the same facts, repeats and contradictions, and as much lost with each."""
    expected = lp.Facts.of(facts)
    for tables in (tables_of(facts), arrow_of(facts), tables_of(reversed(facts))):
        found = lp.Facts.read(tables, currency="CNY", money="fen")

        assert (expected.items, expected.repeats, expected.refused) == (found.items, found.repeats, found.refused)
        assert (len(facts), len(expected), len(expected)) == (found.rows, found.used, len(found))
        for name in ("fault", "loan", "payee", "loses"):
            said = [Counter(getattr(problem, name) for problem in each.problems) for each in (expected, found)]
            assert said[0] == said[1]


@pytest.mark.parametrize(
    "given_",
    [
        lambda table, _: table,
        lambda table, _: pa.table(table),
        lambda table, _: pd.DataFrame(table),
        lambda table, _: pl.from_arrow(pa.table(table)),
        lambda table, folder: _written(table, folder / "loans.parquet"),
        lambda table, folder: str(_written(table, folder / "loans.parquet")),
        lambda table, folder: _written(table, folder / "loans.parquet").parent,
    ],
    ids=["arrays", "pyarrow", "pandas", "polars", "parquet", "parquet by name", "a folder of parquet"],
)
def test_facts_are_read_of_whatever_a_host_has(given_: Any, tmp_path: Any) -> None:
    """No table has to be turned into another kind first."""
    assert read({"loans": TAPE}) == read({"loans": given_(TAPE, tmp_path)})


def _written(table: Any, path: Any) -> Any:
    pq.write_table(pa.table(table), path)
    return path


def test_a_file_that_is_none_is_refused(tmp_path: Any) -> None:
    """A path that leads nowhere is no table without rows."""
    with pytest.raises(lp.errors.DataError, match=r"the file .*none\.parquet: there is none; check the path"):
        read({"loans": tmp_path / "none.parquet"})
    (tmp_path / "loans.csv").write_text("loan,customer\nL1,C1\n", "utf-8")
    with pytest.raises(lp.errors.DataError, match=r"a Parquet file: .*; CSV and workbooks are read by .*Tables"):
        read({"loans": tmp_path / "loans.csv"})
    empty = pa.table({name: pa.array([], pa.string()) for name in LOANS})
    pq.write_table(empty.set_column(3, "opened_on", pa.array([], pa.date32())), tmp_path / "empty.parquet")
    assert 0 == read({"loans": tmp_path / "empty.parquet"}).rows


def test_what_a_tape_says_shares_its_arrays() -> None:
    """Ten million loans are in memory once, whatever they stand for."""
    facts = read({"loans": TAPE})
    loans, drawn, owed = (facts.tables[name] for name in ("loans", "events disbursed", "balances"))

    assert np.shares_memory(TAPE["disbursed"], drawn["amount"].values)
    assert np.shares_memory(TAPE["balance"], owed["outstanding"].values)
    assert np.shares_memory(TAPE["disbursed_on"], drawn["on"].values)
    assert np.shares_memory(loans["loan"].values, drawn["loan"].values)
    assert np.shares_memory(loans["loan"].values, owed["loan"].values)
    assert (0,) == owed["on"].values.strides
    assert [0] == facts.tables["events past due"]["loan"].values.tolist()
    assert ["11", "12"] == list(loans["loan"].words)


def test_a_tape_and_an_event_contradict_each_other_by_fact() -> None:
    """The loan itself and all else that its row says stay: nothing contradicts them."""
    events = {"loan": np.array([12]), "kind": np.array(["disbursed"]), "on": ON[1:], "amount": np.array([701])}
    facts = read({"loans": TAPE, "events": events})

    assert ["loans row 1: event 12 disbursed 2026-03-02", "events row 0: event 12 disbursed 2026-03-02"] == [
        problem.where for problem in facts.problems
    ]
    assert [(1, "wu", "12", ("amounts", "12")), (0, "", "12", ("amounts", "12"))] == [
        (problem.row, problem.payee, problem.loan, problem.loses) for problem in facts.problems
    ]
    assert (3, 0, 1) == (facts.rows, facts.repeats, facts.used)
    assert ["loan 11", "loan 12", "event 11", "balance 11", "balance 12"] == [
        " ".join(fact.key[:2]) for fact in facts if fact.key[0] != "event" or fact.key[2] == "disbursed"
    ]


def test_rows_of_a_tape_are_counted_and_not_what_they_stand_for() -> None:
    """A row that says again all that another one says repeats it; one that adds anything is used."""
    twice = {name: np.concatenate([values, values]) for name, values in TAPE.items()}
    later = twice | {"disbursed_on": np.array(["2026-03-01", "2026-03-02", "2026-03-01", "2026-03-03"], ON.dtype)}
    one, two = (read({"loans": tape}) for tape in (twice, later))

    assert read({"loans": TAPE}).items == one.items
    assert [(4, 2, 2), (4, 1, 3)] == [(facts.rows, facts.repeats, facts.used) for facts in (one, two)]
    assert ((), ()) == (one.problems, two.problems)


def test_a_row_of_a_tape_may_contradict_in_several_facts() -> None:
    """Each of them is told; the row is counted once."""
    other = {name: np.concatenate([values, values]) for name, values in TAPE.items()}
    other |= {"disbursed": np.array([800, 700, 801, 700]), "balance": np.array([500, 0, 501, 0])}
    facts = read({"loans": other})

    assert [0, 0, 2, 2] == [problem.row for problem in facts.problems]
    assert (4, 1, 1) == (facts.rows, facts.repeats, facts.used)
    assert facts.rows == facts.used + facts.repeats + len({problem.row for problem in facts.problems})


def test_tapes_add_up_by_fact() -> None:
    """The tape of the next day says again who a loan is, and something else of how it stands."""
    first, again = read({"loans": TAPE}), read({"loans": TAPE})
    later = lp.Facts.read(
        {"loans": TAPE | {"balance": np.array([400, 0])}}, currency="CNY", money="fen", as_of="2026-04-01"
    )

    assert first.items == (first + again).items
    assert (16, 8, 8) == ((both := first + again).rows, both.used, both.repeats)
    assert (16, 12, 4) == ((both := first + later).rows, both.used, both.repeats)
    assert () == both.problems


@pytest.mark.parametrize("loan", [[5, 1, 3], [5, 10**15, 3], ["b", "a", "c"]], ids=["dense", "sparse", "text"])
@pytest.mark.parametrize("named", [[3, 5, 9], ["c", "x", "b"], ["3", "5", "5"]], ids=["numbers", "text", "digits"])
def test_loans_are_the_same_by_their_digits(loan: list[Any], named: list[Any]) -> None:
    """A core system numbers its loans, and a spreadsheet spells the numbers out."""
    on = np.repeat(ON[:1], 3)
    people = {"customer": np.array([1, 2, 10**12]), "officer": np.array([7, 7, 8]), "opened_on": on}
    balances = {"loan": np.array(named), "on": on + np.arange(3), "outstanding": np.array([1, 2, 3])}
    facts = read({"loans": people | {"loan": np.array(loan)}, "balances": balances})

    assert {str(code) for code in loan} == {fact.loan for fact in facts if isinstance(fact, lp.Loan)}
    assert Counter(map(str, named)) == Counter(fact.loan for fact in facts if isinstance(fact, lp.Balance))
    loans, known = facts.tables["loans"]["loan"], facts.tables["balances"]["loan"]
    assert [0, 1, 2] == loans.values.tolist()
    for row, code in enumerate(known.values.tolist()):
        assert (code < 3) is (known.at(row) in {str(code) for code in loan})
        assert code >= 3 or loans.at(code) == known.at(row)


@pytest.mark.parametrize("officer", [[0, 1, 1], [2, 0, 2], [7, 7, 10**12]], ids=["all", "some", "far apart"])
def test_numbers_of_payees_are_their_digits(officer: list[int]) -> None:
    """Codes may be the numbers themselves; who occurs nowhere is nobody."""
    on = np.repeat(ON[:1], 3)
    loans = {"loan": np.arange(3), "customer": np.arange(3), "officer": np.array(officer), "opened_on": on}
    facts = read({"loans": loans | {"balance": np.array([1, 2, 4])}})
    march = lp.measure(facts, lp.Period.month(2026, 3), [lp.indicator("loan_amount")], currency="CNY")

    assert tuple(sorted({*map(str, officer)})) == march.payees
    for code in march.payees:
        mine = facts.of_payee(code)
        assert {code} == {fact.officer for fact in mine if isinstance(fact, lp.Loan)}
        assert march.of(code) == lp.measure(
            list(mine), lp.Period.month(2026, 3), [lp.indicator("loan_amount")], currency="CNY"
        ).of(code)
    assert 0 == len(facts.of_payee("1000")) == len(facts.of_payee("x"))


def test_codes_of_a_dictionary_are_taken_as_they_are() -> None:
    """What is coded already is not coded again; a word that is listed twice is one word."""
    coded = Coded(np.array([0, 1, 2, 0], dtype=np.int8), ("x", "x", "y"))
    on = np.repeat(ON[:1], 4) + np.arange(4)
    facts = read({"balances": {"loan": coded, "on": on, "outstanding": np.array([1, 2, 3, 4])}})

    assert ["x", "x", "x", "y"] == [fact.loan for fact in facts if isinstance(fact, lp.Balance)]


SIGNS = st.text(alphabet=["a", " ", "\n", "\x00", "\x7f", "中", "\u3000", "\u200b", "é"], max_size=4)


@given(st.lists(SIGNS, max_size=5))
def test_words_that_are_plain_at_a_glance_are_plain(words: list[str]) -> None:
    """A code that cannot be printed, or is blank, is found among millions that can; to look twice costs time alone."""
    printable = all(map(str.isprintable, words))
    named = printable and all(map(str.strip, words))

    assert printable is are_plain(words, may_be_blank=True)
    assert named or not are_plain(words, may_be_blank=False)
    assert not named or any(word.startswith(" ") for word in words) or are_plain(words, may_be_blank=False)


@pytest.mark.parametrize("number", [2**63 - 1, 2**63 - 2, -(2**63) + 1, 2**53 + 1])
@pytest.mark.parametrize("rows", [1, 2])
def test_a_code_of_many_digits_is_written_out(number: int, rows: int) -> None:
    """The largest number that a column holds is a code like any other, even where it is the only one."""
    codes = np.full(rows, number)
    loans = {"loan": codes, "customer": codes, "officer": codes, "opened_on": np.repeat(ON[:1], rows)}
    inquiries = {
        "number": np.arange(rows),
        "payee": codes,
        "on": ON[:rows],
        "authorised": np.ones(rows, dtype=np.bool_),
        "permitted": np.ones(rows, dtype=np.bool_),
    }
    facts = read({"loans": loans, "inquiries": inquiries})

    (loan,) = (fact for fact in facts if isinstance(fact, lp.Loan))
    assert {str(number)} == {loan.loan, loan.customer, loan.officer}
    assert {str(number)} == {fact.payee for fact in facts if isinstance(fact, lp.Inquiry)}


@pytest.mark.parametrize("came_as", ["pandas", "polars", "pyarrow", "duckdb", "arrays"])
def test_a_column_without_a_value_may_be_of_any_type(came_as: str) -> None:
    """An export in which no row has an amount writes text without a word, and nobody can tell what it would hold."""
    nothing = pa.array([None, None], pa.string())
    table = pa.table(LOANS | {"amount": nothing, "term_months": nothing, "first_due_on": nothing, "revolving": nothing})
    made = {"pandas": table.to_pandas, "polars": lambda: pl.from_arrow(table), "pyarrow": lambda: table}
    made["duckdb"] = lambda: duckdb.from_arrow(table)
    made["arrays"] = lambda: LOANS | {"amount": np.array([None, None])}

    assert read({"loans": LOANS}).items == read({"loans": made[came_as]()}).items


@pytest.mark.parametrize("officer", [np.arange(900), np.arange(900)[::-1] * 3, np.array([f"p{i}" for i in range(900)])])
def test_facts_of_many_payees_are_those_of_each(officer: Any) -> None:
    """Codes that are looked up together are the same that are looked up one by one; what is no code is nobody's."""
    rows = np.arange(900)
    facts = read({"loans": {"loan": rows, "customer": rows, "officer": officer, "opened_on": np.repeat(ON[:1], 900)}})
    some = [*map(str, officer[::80]), "nobody", "-1", "9" * 19, "３", "007", ""]
    apart = [fact for payee in some for fact in facts.only(payees=[payee])]

    assert 12 == len(apart)
    assert sorted(apart, key=str) == sorted(facts.only(payees=some), key=str)


def test_what_is_left_of_a_refused_row_is_not_lost_again() -> None:
    """Rows that contradict each other in their loan leave drawings of no loan; each row has its problem already."""
    facts = read({"loans": TAPE | {"loan": np.array([11, 11])}})
    found = lp.measure(facts, lp.Period.month(2026, 3), [lp.indicator("par_30")], currency="CNY")

    assert (2, 0, 0) == (found.rows, found.used, found.repeats)
    assert {"there is no such loan", "2 rows contradict each other"} == {item.fault for item in found.problems}


def test_text_that_is_no_utf8_is_refused() -> None:
    """Arrow does not look at bytes that it passes on."""
    ends = pa.py_buffer(np.array([0, 1, 2], dtype=np.int32))
    text = pa.Array.from_buffers(pa.string(), 2, [None, ends, pa.py_buffer(b"a\xff")])

    with pytest.raises(lp.errors.DataError, match=r"column loans\.officer: its text is no UTF-8"):
        read({"loans": pa.table(LOANS | {"officer": text})})
