"""The program equals the plain reference over books at random, however their facts come in."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import combinations
from typing import Any

import pyarrow as pa
import pytest
from attrs import evolve
from tests.books import arrow_of, arrows_of, column_of, tables_of
from tests.books_of_facts import (
    EDGES,
    FEATURES,
    FactsAsked,
    book_of_seed,
    in_another_order,
    in_other_deliveries,
    in_parts,
)
from tests.reference import Expected, expected_of, text_of
from tests.tapes_of_facts import Tape, tape_of_seed

import loanperf as lp

BOOKS = 2000
QUICK = range(0, BOOKS, 31)
"""The seeds of the books that every run of the tests compares; `-m slow` compares all of them."""
TAPES = 80
SHARES = 8
"""In how many tests they are compared, so that those run beside each other."""


def share_of(seeds: Sequence[int], place: int) -> Sequence[int]:
    """One share of some seeds."""
    return seeds[place::SHARES]


@cache
def known(seed: int) -> FactsAsked:
    """The book of a seed, which some tests look at more than once."""
    return book_of_seed(seed)


def measured(book: FactsAsked, facts: lp.Facts | Iterable[lp.Facts]) -> lp.Readings | None:
    """What the program makes of a book's facts, whole or in parts; None where nothing is known of the period."""
    try:
        return lp.measure(facts, book.period, book.indicators, currency=book.currency, organisation=book.organisation)
    except lp.errors.EmptyPeriodError:
        return None


def expected(book: FactsAsked, deliveries: Sequence[Sequence[lp.Fact]]) -> Expected | None:
    """What the reference makes of them."""
    return expected_of(deliveries, book.period, book.indicators, currency=book.currency, organisation=book.organisation)


def faults(problems: Iterable[lp.errors.Problem]) -> list[tuple[str, str]]:
    """The key of each fact that cannot be used, and why; what a row is called before its key is left out."""
    return sorted((problem.where.rpartition(": ")[2], problem.fault) for problem in problems)


def must_show(book: FactsAsked, wanted: Expected | None, found: lp.Readings | None, *, reasons: bool = True) -> None:
    """Payees and readings, with the parts that are their reasons, are those of the reference."""
    assert (book.seed, wanted is None) == (book.seed, found is None)
    if wanted is None or found is None:
        return
    assert (book.seed, wanted.payees) == (book.seed, found.payees)
    assert {*wanted.showed} == {(reading.subject, reading.indicator) for reading in found}
    for reading in found:
        showed = wanted.showed[reading.subject, reading.indicator]
        shown = [(part.key, (part.amount, part.whole)) for part in reading.parts or ()]
        place = (book.seed, reading.subject, reading.indicator)
        assert (*place, showed.numerator, showed.denominator) == (*place, reading.numerator, reading.denominator)
        assert not reasons or (*place, [*showed.parts.items()]) == (*place, shown)


def must_equal(book: FactsAsked, wanted: Expected | None, found: lp.Readings | None, *, reasons: bool = True) -> None:
    """What cannot be used, and all counts, are those of the reference too."""
    must_show(book, wanted, found, reasons=reasons)
    if wanted is not None and found is not None:
        assert (book.seed, wanted.faults) == (book.seed, faults(found.problems))
        counts = (wanted.rows, wanted.repeats, wanted.used)
        assert (book.seed, *counts) == (book.seed, found.rows, found.repeats, found.used)


# ── the books ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_every_two_features_meet() -> None:
    """Faults hide where two rules meet: each pair of features is in 20 books at least, and 200 are at the edges.

    It is about all 2,000 books, which only the slow run compares.
    """
    features = [known(seed).features for seed in range(BOOKS)]
    pairs = Counter(pair for found in features for pair in combinations(sorted(found), 2))

    assert all(pairs[pair] >= 20 for pair in combinations(sorted(FEATURES), 2))
    assert sum(not found.isdisjoint(EDGES) for found in features) >= 200


# ── the program and the reference ───────────────────────────────────────────────────────────────────────────


def as_delivered(book: FactsAsked) -> None:
    """Compare a book whose facts came in deliveries."""
    must_equal(book, expected(book, book.deliveries), measured(book, lp.Facts.joined(book.deliveries)))


def fits_columns(book: FactsAsked) -> bool:
    """Whether columns can hold it: amounts of 64 bits, in the one currency of the tables."""
    names = ("amount", "outstanding", "appraised", "benchmark")
    amounts = [amount for fact in book.rows for name in names if (amount := getattr(fact, name, None)) is not None]
    return all(abs(amount.units) < 2**63 and amount.currency == book.currency for amount in amounts)


def without_sources(rows: Iterable[lp.Fact]) -> list[lp.Fact]:
    """The same facts from nowhere, as tables send them: no source is believed before another one."""
    return [evolve(fact, source="") for fact in rows]


def in_columns(book: FactsAsked) -> None:
    """Compare a book that came as tables, as far as columns can hold it: of arrays, or of Arrow."""
    if fits_columns(book):
        tables = tables_of(book.rows) if book.seed % 2 else arrow_of(book.rows)
        facts = lp.Facts.read(tables, currency=book.currency, money="smallest unit")
        must_equal(book, expected(book, [without_sources(book.rows)]), measured(book, facts))


def lost_rows(told: Iterable[Any], wanted: Expected) -> int:
    """How many rows have something wrong with them: a row of a tape, which tells several facts, counts once."""
    loans = {text_of(fact.key): fact.loan for fact in told}
    texts = Counter(text for text, _ in wanted.faults)
    of_tape = {loans[text] for text in texts if text in loans}
    return len(of_tape) + sum(many - (text in loans) for text, many in texts.items())


def of_a_tape(tape: Tape) -> None:
    """Compare a tape, of arrays or of Arrow, with the facts that it stands for and those that came beside it."""
    told, beside = tape.asked.deliveries
    arrays = {name: column for name, values in tape.loans.items() if (column := column_of(values)) is not None}
    tables: dict[str, Any] = {"loans": arrays} | tables_of(beside)
    if tape.asked.seed % 2:
        tables = {"loans": pa.table(arrows_of(arrays))} | arrow_of(beside)
    facts = lp.Facts.read(tables, currency=tape.asked.currency, money="smallest unit", as_of=tape.as_of)
    wanted, found = expected(tape.asked, [told, beside]), measured(tape.asked, facts)

    must_show(tape.asked, wanted, found)
    if wanted is not None and found is not None:
        assert (tape.asked.seed, wanted.faults) == (tape.asked.seed, faults(found.problems))
        rows = len(tape.loans["loan"]) + len(beside)
        counts = (rows, wanted.repeats, rows - wanted.repeats - lost_rows(told, wanted))
        assert (tape.asked.seed, *counts) == (tape.asked.seed, found.rows, found.repeats, found.used)


@pytest.mark.parametrize("place", range(SHARES))
def test_readings_are_those_of_the_reference(place: int) -> None:
    """Every reading with its parts, every problem and every count, of some of the books."""
    for seed in share_of(QUICK, place):
        as_delivered(known(seed))
        in_columns(known(seed))


@pytest.mark.slow
@pytest.mark.parametrize("place", range(SHARES))
def test_readings_of_all_books_are_those_of_the_reference(place: int) -> None:
    """The same of all of them."""
    for seed in share_of(range(BOOKS), place):
        as_delivered(book_of_seed(seed))


@pytest.mark.slow
@pytest.mark.parametrize("place", range(SHARES))
def test_readings_of_tables_are_those_of_the_reference(place: int) -> None:
    """Facts that come as columns are the same facts; what does not fit into 64 bits, no column holds."""
    seeds = share_of(range(BOOKS), place)

    assert sum(fits_columns(known(seed)) for seed in seeds) >= 500 // SHARES
    for seed in seeds:
        in_columns(known(seed))


@pytest.mark.parametrize("place", range(SHARES))
def test_readings_of_tapes_are_those_of_their_facts(place: int) -> None:
    """A column of a tape is a fact, beside events and balances, and where the two contradict each other."""
    for seed in share_of(range(TAPES), place):
        of_a_tape(tape_of_seed(seed))


# ── however they come ───────────────────────────────────────────────────────────────────────────────────────


def bits(found: lp.Readings | None) -> str:
    """All that is measured, with parts, problems and counts, as text."""
    if found is None:
        return ""
    readings = [(reading, reading.parts) for reading in found]
    return repr((found.payees, readings, found.problems, found.rows, found.repeats, found.used))


@pytest.mark.parametrize("place", range(SHARES))
def test_the_order_of_rows_changes_nothing(place: int) -> None:
    """Systems send rows in any order; not a bit of what is measured may depend on it."""
    for seed in share_of(QUICK, place):
        book = known(seed)
        found = [bits(measured(book, lp.Facts.joined(rows))) for rows in (book.deliveries, in_another_order(book))]
        assert found[0] == found[1], seed


@pytest.mark.parametrize("place", range(SHARES))
def test_facts_of_a_month_come_in_parts(place: int) -> None:
    """Files of several days measure as one, read together or added up one by one.

    What is added up has no sources to compare. Where a row that was said twice is contradicted later, one of the two
    stays a repeat in it.
    """
    for seed in share_of(QUICK, place):
        book, deliveries = known(seed), in_other_deliveries(known(seed))
        must_equal(book, expected(book, deliveries), measured(book, lp.Facts.joined(deliveries)))
        unnamed = [without_sources(rows) for rows in deliveries]
        wanted, first, *others = expected(book, unnamed), *map(lp.Facts.of, unnamed)
        added = measured(book, sum(others, first))
        must_show(book, wanted, added)
        assert (seed, wanted and wanted.used) == (seed, added and added.used)


@pytest.mark.parametrize("place", range(SHARES))
def test_a_book_in_parts_measures_as_the_whole(place: int) -> None:
    """A book that is larger than memory comes as parts that share no loan and no customer; their reasons are gone."""
    for seed in share_of(QUICK, place):
        book = evolve(known(seed), deliveries=[without_sources(rows) for rows in known(seed).deliveries])
        parts = (lp.Facts.joined(deliveries) for deliveries in in_parts(book, 1 + seed % 4))
        must_equal(book, expected(book, book.deliveries), measured(book, parts), reasons=False)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_chunks_of_any_size_measure_alike(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A book is worked some loans at a time, so that what is worked out in between stays small."""
    seeds = QUICK[size::4]
    whole = [bits(measured(known(seed), lp.Facts.joined(known(seed).deliveries))) for seed in seeds]
    monkeypatch.setattr("loanperf._indicators._counted.CHUNK_LOANS", size)

    assert whole == [bits(measured(known(seed), lp.Facts.joined(known(seed).deliveries))) for seed in seeds]


DIGEST = """
import hashlib
from tests.test_one_program import QUICK, bits, known, measured
import loanperf as lp
found = hashlib.sha256()
for seed in QUICK[::4]:
    found.update(bits(measured(known(seed), lp.Facts.joined(known(seed).deliveries))).encode())
print(found.hexdigest())
"""


@pytest.mark.slow
def test_two_processes_measure_alike() -> None:
    """What a process makes of texts in sets and dictionaries must not reach any number, nor the order of any row."""
    digests = set()
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", DIGEST]
        digests.add(subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout)
    assert len(digests) == 1
