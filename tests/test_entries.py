"""Entries and payments: columns that are the rows of before, and the keys and sums that a ledger keeps of them."""

import pickle
from datetime import date
from operator import attrgetter
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.vendor.pretty import pretty
from tests.books_of_pay import book_of_seed
from tests.months_of_pay import played

import loanperf as lp
from loanperf._commission import line_key
from loanperf._explanations import because
from loanperf._ledger._entries import Entries
from loanperf._ledger._keys import PARTS, LineKeys, Texts, Vocabulary, escaped, parts_of
from loanperf.errors import DataError

MARCH = lp.Period.month(2026, 3)
SEEDS = range(6)
WORDS = st.text("ab/\\- é", max_size=4)
KEYS = st.lists(st.lists(WORDS, min_size=1, max_size=8).map("/".join), max_size=12, unique=True)


def ledger_of(seed: int) -> lp.Ledger:
    """The ledger of a book that was drawn at random, after all its months."""
    ledger: lp.Ledger = played(book_of_seed(seed)).ledger
    return ledger


def keys_of(texts: list[str]) -> tuple[LineKeys, Vocabulary]:
    """Keys and their words."""
    parts = [parts_of(text) for text in texts]
    words, columns = {}, {}
    for place, name in enumerate(PARTS):
        said = [part[place] for part in parts]
        words[name], _ = Texts().joined([text for text in dict.fromkeys(said) if text is not None])
        columns[name] = np.array([-1 if text is None else words[name].code(text) for text in said], dtype=np.intp)
    return LineKeys(**columns), Vocabulary(**words)


# ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────


@given(KEYS)
def test_a_key_is_its_parts(texts: list[str]) -> None:
    """Whatever a hand has written as the key of a line is kept, sign by sign."""
    keys, words = keys_of(texts)

    assert texts == keys.texts(words) == [keys.text(row, words) for row in range(len(texts))]


@given(KEYS)
def test_ranks_sort_keys_as_their_texts(texts: list[str]) -> None:
    """Entries of a payee stand in the order of the texts of their lines, though nobody has written them out."""
    keys, words = keys_of(texts)
    ranks = list(zip(*keys.ranks(words), strict=True))

    assert sorted(texts) == [texts[row] for row in sorted(range(len(texts)), key=ranks.__getitem__)]


@given(KEYS, KEYS)
def test_joined_keys_keep_their_places(first: list[str], more: list[str]) -> None:
    """What a ledger has said of a line is found by the place of its key, whatever comes later."""
    words, codes = keys_of(first)[1].joined(keys_of(more)[1])
    joined, places = keys_of(first)[0].joined(keys_of(more)[0].recoded(codes))

    assert [*first, *(text for text in more if text not in first)] == joined.texts(words)
    assert more == joined.some(places).texts(words)


@given(st.lists(WORDS, unique=True), st.lists(WORDS))
def test_joined_texts_keep_their_codes(first: list[str], more: list[str]) -> None:
    """A text has one code, and none goes astray."""
    known, _ = Texts().joined(first)
    joined, codes = known.joined(more)

    assert tuple(first) == joined.texts[: len(first)]
    assert more == joined.of(codes[:-1])
    assert -1 == codes[-1]
    assert all(joined.code(text) == place for place, text in enumerate(joined.texts))


def test_a_part_of_a_key_is_escaped() -> None:
    """A slash within a code ends no part."""
    key = line_key("a/b", "p\\", "c", "", "", MARCH)

    assert (*escaped(["a/b", "p\\", "c"]), "", "", "2026-03") == parts_of(key)


# ── entries ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("seed", SEEDS)
def test_columns_are_the_rows(seed: int) -> None:
    """A ledger that was kept as columns is the one that its rows make, its lines make, and its rows one by one make."""
    ledger = ledger_of(seed)
    rows, one_by_one = tuple(ledger.entries), lp.Ledger()
    for row in rows:
        one_by_one = one_by_one.append([row])

    assert rows == ledger.entries == Entries.of_rows(rows)
    assert hash(rows) == hash(ledger.entries)
    assert lp.Ledger(entries=rows, closings=ledger.closings) == ledger == lp.read_ledger(ledger.lines())
    assert rows == one_by_one.entries
    last = rows[-1].period if rows else MARCH
    for other in (lp.Ledger(entries=rows), one_by_one):
        assert ledger.accounts == other.accounts
        assert ledger.nets(last) == other.nets(last)
        for payee, currency in ledger.accounts:
            assert ledger.balance(payee, currency=currency) == other.balance(payee, currency=currency)
            assert ledger.paid_total(payee, currency) == other.paid_total(payee, currency)


@pytest.mark.parametrize("name", ["payee", "line", "cohort", "loan", "version", "number", "kind", "period", "on"])
def test_an_entry_without_a_word_is_refused(name: str) -> None:
    """As a code, what is not there would be read as the last word of the ledger: as another payee, or another loan."""
    nothing: Any = None
    entry = evolve(ledger_of(0).entries[0], **{name: nothing})

    with pytest.raises(DataError, match=f"Entry.{name}: it is no "):
        lp.Ledger(entries=(entry,))


def test_what_an_entry_corrects_are_numbers() -> None:
    """Numbers written as text are refused before they become a column."""
    numbers: Any = ("1",)
    entry = evolve(ledger_of(0).entries[0], corrects=numbers)

    with pytest.raises(DataError, match="one of the numbers that an entry corrects: it is no int"):
        lp.Ledger(entries=(entry,))


def test_entries_are_a_sequence() -> None:
    """A host goes through them, asks for one, some, or those of a payee."""
    ledgers = map(ledger_of, SEEDS)
    entries = next(found.entries for found in ledgers if len(found.accounts) > 2)
    rows, payee = tuple(entries), entries[-1].payee

    assert (rows[0], rows[-1]) == (entries[0], entries[-1])
    assert rows[1:3] == entries[1:3]
    assert rows[::-1] == entries[::-1]
    assert tuple(row for row in rows if row.payee == payee) == entries.of(payee)
    assert () == entries.of("nobody")
    assert f"entries of {payee}: {len(entries.of(payee))}" == entries.explain(payee).sentence()
    assert [row.reason for row in entries.of(payee)] == [*entries.explain(payee).because]
    assert () == entries.problems
    assert rows != entries[1:]
    assert [*rows] != entries
    with pytest.raises(IndexError):
        entries[len(rows)]


def test_some_entries_in_another_order_say_what_they_correct() -> None:
    """Entry 3 corrects 1 and 2, entry 5 corrects 4: asked for backwards or in part, each says the same as before."""
    fixed: dict[int, tuple[int, ...]] = {3: (1, 2), 5: (4,)}
    one = lp.Entry(
        number=1,
        kind=lp.EntryKind.EARNED,
        payee="lin",
        line="lin/p/c/L1//2026-03",
        cohort="2026-03",
        loan="L1",
        period=MARCH,
        amount=lp.Money.of("10 元"),
        on=MARCH.last_day,
        reason=because("entry.earned", {"amount": "10.00 CNY"}),
    )
    entries = Entries.of_rows([evolve(one, number=number, corrects=fixed.get(number, ())) for number in range(1, 6)])

    assert [(4,), (), (1, 2), (), ()] == [row.corrects for row in entries[::-1]]
    assert [(1, 2), (), (4,)] == [row.corrects for row in entries[2:]]
    assert [(), (4,)] == [row.corrects for row in entries[3:]]


def test_the_frame_of_entries_is_in_wholes() -> None:
    """A chart of pay has yuan on its axis; of yen there is no smaller unit."""
    ledger = lp.Ledger()
    for amount in ("12.34 CNY", "500 JPY"):
        said = {"by": "chen", "why": "agreed", "evidence": "HR-17"}
        money = lp.Money.of(amount)
        ledger = ledger.append([lp.overrule(ledger, f"by hand {amount}", money, period=MARCH, payee="lin", **said)])
    frame = ledger.entries.frame()

    assert [12.34, 500.0] == frame["amount"].tolist()
    assert ["CNY", "JPY"] == [*frame["currency"]]
    assert ["by hand 12.34 CNY", "by hand 500 JPY"] == [*frame["line"]]
    assert ["override", "override"] == [*frame["kind"]]
    assert [None, None] == frame["loan"].tolist() == frame["version"].tolist()
    with pytest.raises(lp.errors.UnknownPayeeError, match="'lim'; did you mean 'lin'"):
        ledger.entries.explain("lim")


def test_payments_are_a_sequence() -> None:
    """A host pays what it goes through; of each there is a row of a frame, and a reason."""
    said = {"by": "chen", "why": "agreed", "evidence": "HR-17"}
    ledger = lp.Ledger()
    for payee in ("wei", "lin"):
        money = lp.Money.of("12.34 CNY")
        ledger = ledger.append([lp.overrule(ledger, f"{payee}/x", money, period=MARCH, payee=payee, **said)])
    payout = lp.pay(ledger, period=MARCH, rules=lp.schemes.PayRules())
    ledger = ledger.append(payout.entries)
    payments = payout.payments

    assert ["lin", "wei"] == [payment.payee for payment in payments]
    assert tuple(payments) == payments == lp.payments_of(ledger, MARCH)
    assert hash(tuple(payments)) == hash(payments)
    assert (payments[1],) == payments.of("wei") == payments[1:]
    assert () == payments.problems
    assert ["payments to lin: 1", "└─ 12.34 CNY paid"] == payments.explain("lin").text().splitlines()
    assert "付给 lin 的款项：1 笔" == payments.explain("lin").text("zh").splitlines()[0]
    with pytest.raises(lp.errors.UnknownPayeeError, match="'lim'; did you mean 'lin'"):
        payments.explain("lim")
    frame = payments.frame()
    assert ["lin/2026-03/CNY/1", "wei/2026-03/CNY/1"] == [*frame["key"]]
    assert [12.34, 12.34] == frame["amount"].tolist()
    assert [*map(attrgetter("payee"), payments)] == [*frame["payee"]]


@pytest.mark.parametrize("units", [2**62 - 1, 2**63 - 1, 2**70])
def test_sums_beyond_64_bits_are_exact(units: int) -> None:
    """A sum that wraps would be paid with the wrong sign."""
    said = {"by": "chen", "why": "agreed", "evidence": "HR-17"}
    ledger = lp.Ledger()
    for line in ("x", "y", "z"):
        money = lp.Money.from_units(units, "CNY")
        ledger = ledger.append([lp.overrule(ledger, line, money, period=MARCH, payee="lin", **said)])
    payout = lp.pay(ledger, period=MARCH, rules=lp.schemes.PayRules(guard_share="50%"))

    assert 3 * units == ledger.balance("lin").due.units
    assert [3 * units] == [payment.amount.units for payment in payout.payments]
    assert 3 * units == ledger.append(payout.entries).paid_total("lin", "CNY")


def test_frames_of_pay_are_of_the_kind_that_the_facts_came_as() -> None:
    """Who reads a tape with Polars gets frames of Polars all the way to the payments, and in the months after it."""
    scheme = lp.parse_scheme("""
    name = "branch"
    currency = "CNY"
    effective = 2026-01-01
    [plans.sales]
    rounding = "half up"
    [plans.sales.components.loans]
    base = "disbursed"
    rate = "1%"
    """)
    tape = {"loan": ["L1"], "customer": ["K1"], "officer": ["lin"], "opened_on": [date(2026, 3, 5)]}
    drawn = {"disbursed_on": [date(2026, 3, 5)], "disbursed(元)": [100_000]}
    facts = lp.Facts.read({"loans": pl.DataFrame(tape | drawn)}, currency="CNY", as_of="2026-03-31")
    people = lp.Organisation(assignments=[lp.Assignment(payee="lin", unit="e", role="officer", since="2025-01-01")])
    accruals = lp.accrue(facts, lp.SchemeBook([scheme]).plans(), people, through=MARCH)
    ledger = lp.Ledger().append(lp.settle(lp.Ledger(), accruals, period=MARCH))
    payout = lp.pay(ledger, period=MARCH, rules=lp.schemes.PayRules())
    frames = [each.frame() for each in (accruals, ledger.entries, payout.entries, payout.payments)]

    assert all(isinstance(frame, pl.DataFrame) for frame in frames)
    assert [[1000.0]] * 4 == [frame["amount"].to_list() for frame in frames]
    assert [["amount", "currency"]] * 4 == [frame.columns[-2:] for frame in frames]
    assert [None] == payout.entries.frame()["loan"].to_list()
    assert isinstance(ledger.append(payout.entries).entries.frame("pandas"), pd.DataFrame)


# ── sent elsewhere ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_what_is_pickled_comes_back_with_its_reasons(seed: int) -> None:
    """Hosts hand results to other processes: what works the reasons out stays behind, and they are whole."""
    found = played(book_of_seed(seed))
    ledger, accruals = found.ledger, found.accruals[-1]
    there, earned = pickle.loads(pickle.dumps((ledger, accruals)))  # noqa: S301 - our own

    assert [*ledger.lines()] == [*there.lines()]
    assert ledger == there
    assert accruals == earned
    assert [line.explain() for line in accruals] == [line.explain() for line in earned]
    assert accruals.unpaid == earned.unpaid


def test_a_row_is_pickled_without_those_beside_it() -> None:
    """One entry of a million is one entry, not the columns of all."""
    ledger = ledger_of(0)
    entry, line = ledger.entries[0], played(book_of_seed(0)).accruals[-1].lines[0]

    assert (entry, line) == pickle.loads(pickle.dumps((entry, line)))  # noqa: S301 - our own
    assert len(pickle.dumps(entry)) < 20_000


def test_a_notebook_and_a_failing_test_print_results_in_short() -> None:
    """What works reasons out is not printed with a row, nor the columns of many."""
    found = played(book_of_seed(0))
    shown = [pretty(value) for value in (found.ledger, found.ledger.entries, found.accruals[-1])]
    shown += [pretty(row) for row in (*found.ledger.entries[:3], *found.accruals[-1].lines[:3])]

    assert all(len(text) < 1_000 for text in shown)
    assert [repr(found.ledger), repr(found.ledger.entries), repr(found.accruals[-1])] == shown[:3]
