"""The program equals the plain reference over books at random, however their facts come in."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import combinations

import pytest
from tests.books import arrow_of, tables_of
from tests.books_of_facts import EDGES, FEATURES, FactsAsked, book_of_seed, in_another_order, in_other_deliveries
from tests.reference import Expected, expected_of

import loanperf as lp

BOOKS = 2000
QUICK = range(0, BOOKS, 13)
"""The seeds of the books that every run of the tests compares; `-m slow` compares all of them."""
SHARES = 8
"""In how many tests they are compared, so that those run beside each other."""


def share_of(seeds: Sequence[int], place: int) -> Sequence[int]:
    """One share of some seeds."""
    return seeds[place::SHARES]


@cache
def known(seed: int) -> FactsAsked:
    """The book of a seed, which some tests look at more than once."""
    return book_of_seed(seed)


def measured(book: FactsAsked, facts: lp.Facts | Sequence[lp.Fact]) -> lp.Measured | None:
    """What the program makes of a book's facts, as they are passed; None where nothing is known of the period."""
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


def must_show(book: FactsAsked, wanted: Expected | None, found: lp.Measured | None) -> None:
    """Payees and readings, with their parts, are those of the reference, and as many facts are used."""
    assert (book.seed, wanted is None) == (book.seed, found is None)
    if wanted is None or found is None:
        return
    assert (book.seed, wanted.payees) == (book.seed, found.payees)
    assert {*wanted.showed} == {(reading.subject, reading.indicator) for reading in found.readings}
    for reading in found.readings:
        showed = wanted.showed[reading.subject, reading.indicator]
        shown = [(part.key, (part.amount, part.whole)) for part in reading.parts or ()]
        place = (book.seed, reading.subject, reading.indicator)
        assert (*place, showed.numerator, showed.denominator) == (*place, reading.numerator, reading.denominator)
        assert (*place, [*showed.parts.items()]) == (*place, shown)
    assert (book.seed, wanted.rows, wanted.used) == (book.seed, found.rows, found.used)


def must_equal(book: FactsAsked, wanted: Expected | None, found: lp.Measured | None) -> None:
    """What cannot be used, and how many rows repeat others, are those of the reference too."""
    must_show(book, wanted, found)
    if wanted is not None and found is not None:
        assert (book.seed, wanted.faults) == (book.seed, faults(found.problems))
        assert (book.seed, wanted.repeats) == (book.seed, found.repeats)


# ── the books ───────────────────────────────────────────────────────────────────────────────────────────────


def test_every_two_features_meet() -> None:
    """Faults hide where two rules meet: each pair of features is in 20 books at least, and 200 are at the edges."""
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


def in_columns(book: FactsAsked) -> None:
    """Compare a book that came as tables, as far as columns can hold it: of arrays, or of Arrow."""
    if fits_columns(book):
        tables = tables_of(book.rows) if book.seed % 2 else arrow_of(book.rows)
        facts = lp.Facts.read(tables, currency=book.currency, money="smallest unit")
        must_equal(book, expected(book, [book.rows]), measured(book, facts))


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


# ── however they come ───────────────────────────────────────────────────────────────────────────────────────


def bits(found: lp.Measured | None) -> str:
    """All that is measured, with parts, problems and counts, as text."""
    if found is None:
        return ""
    readings = [(reading, reading.parts) for reading in found.readings]
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

    Only where a row that was said twice is contradicted later, one of the two stays a repeat in what is added up.
    """
    for seed in share_of(QUICK, place):
        book, deliveries = known(seed), in_other_deliveries(known(seed))
        wanted, first, *others = expected(book, deliveries), *map(lp.Facts.of, deliveries)
        must_equal(book, wanted, measured(book, lp.Facts.joined(deliveries)))
        must_show(book, wanted, measured(book, sum(others, first)))


DIGEST = """
import hashlib
from tests.test_one_program import QUICK, bits, known, measured
import loanperf as lp
found = hashlib.sha256()
for seed in QUICK[::4]:
    found.update(bits(measured(known(seed), lp.Facts.joined(known(seed).deliveries))).encode())
print(found.hexdigest())
"""


def test_two_processes_measure_alike() -> None:
    """What a process makes of texts in sets and dictionaries must not reach any number, nor the order of any row."""
    digests = set()
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", DIGEST]
        digests.add(subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout)
    assert len(digests) == 1
