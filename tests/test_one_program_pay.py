"""Pay of books at random: whatever features meet, each amount is that of the plain reference."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import reference_ledger as plain
from tests.books_of_pay import FEATURES, Draft, book_of_seed, features_of
from tests.deals import READINGS, STAFF, THROUGH, TREE, books, ruled_plans
from tests.months_of_pay import PayAsked, Played, Step, award_of, played, told
from tests.reference_pay import Book, WrongError, earned

import loanperf as lp

ROOT = Path(__file__).parent.parent
BOOKS = 2000
QUICK = range(0, BOOKS, 90)
"""The seeds of the books that every run of the tests compares; `-m slow` compares all of them."""
TOLD = Path(__file__).parent / "told.json"
SHARES = 8
"""In how many tests they are compared, so that those run beside each other."""
SOME = 1
"""How many of these are enough for a push; `nox -s long -- full` works all."""


def test_every_two_features_meet() -> None:
    """Faults hide where two rules meet: each pair of features is in 20 books at least, and 200 are at the edges."""
    features = [features_of(Draft(chance=Random(seed))) for seed in range(BOOKS)]  # noqa: S311
    pairs = Counter(pair for found in features for pair in combinations(sorted(found), 2))

    assert all(pairs[pair] >= 20 for pair in combinations(sorted(FEATURES), 2))
    assert sum("edges" in found for found in features) >= 200


@pytest.mark.slow
def test_a_seed_is_one_book_in_every_process() -> None:
    """Python goes through a set in another order in each process; whoever is told a seed must find the same book."""
    code = "from tests.test_one_program_pay import facts_of_some; print(facts_of_some())"
    others = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": order},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for order in ("1", "2")
    ]

    assert others == [facts_of_some()] * 2


def facts_of_some() -> str:
    """The facts and steps of some books, as text."""
    return repr([(book.facts, book.steps) for book in map(book_of_seed, range(12))])


def test_the_reference_can_be_read_through() -> None:
    """A reference proves as much as somebody can hold against the documentation: of scores and pay 2,420 lines.

    Those are 20 more since pay held by hand became a rule of `pay`, which no book had been compared by.
    """
    names = ("reference_scores.py", "reference_pay.py", "reference_ledger.py")
    texts = [Path(__file__).with_name(name).read_text(encoding="utf-8") for name in names]

    assert sum(len(text.splitlines()) for text in texts) <= 2420


# ── what is compared ────────────────────────────────────────────────────────────────────────────────────────
def lines_must_equal(wanted: Book, found: lp.Accruals) -> None:
    """Who is blocked, what is missing, and each line of the others: amount, days, gross and parts."""
    assert wanted.blocked == found.blocked
    missing = {seat for seat in wanted.missing if seat[0] not in wanted.blocked}
    assert missing == {seat for seat in found.missing if seat[0] not in found.blocked}
    shown, expected = {}, {}
    for line in found.lines:
        key = (line.payee, line.plan.plan.code, line.component, line.loan, line.stage, line.period)
        parts = [(on, money.units) for on, money in line.parts]
        shown[key] = (line.plan.version, line.amount.units, line.on, line.earned_on, line.gross, parts)
    for key, held in wanted.lines.items():
        expected[key] = (
            held.dated.version,
            held.units,
            held.on,
            held.earned_on,
            held.gross,
            sorted(held.parts.items()),
        )
    for key in {*shown, *expected}:
        if key[0] not in found.blocked and (key[0], key[5]) not in found.missing:
            assert (key, expected.get(key)) == (key, shown.get(key))


def moves_must_equal(wanted: Sequence[plain.Move], found: Sequence[lp.Movement], blocked: frozenset[str]) -> None:
    """Everything that is due, with its day and what it takes of, whatever the order on one day."""
    shown, expected = Counter[Any](), Counter[Any]()
    for move in found:
        version = move.plan.version if move.plan is not None else ""
        told = (move.payee, move.amount.units, move.amount.currency, move.cohort, move.loan, version)
        shown[move.line, move.group, move.on, *told, frozenset(move.against)] += move.payee not in blocked
    for one in wanted:
        line = one.line
        told = (line.payee, one.units, line.currency, line.cohort, line.loan, line.version)
        expected[line.key, one.group, one.on, *told, frozenset(one.of)] += line.payee not in blocked
    assert +expected == +shown


def entries_must_equal(wanted: Sequence[plain.Entry], found: Sequence[lp.Entry]) -> None:
    """What is posted, in order, with what it corrects."""
    names = ("number", "payee", "line", "loan", "period", "on", "version", "corrects")
    shown = [
        (entry.kind.value, entry.amount, entry.cohort, *(getattr(entry, name) for name in names)) for entry in found
    ]
    expected = [
        (
            entry["kind"],
            lp.Money.from_units(entry["units"], entry["currency"]),
            str(entry["cohort"] or ""),
            *(entry[name] for name in names),
        )
        for entry in wanted
    ]
    assert expected == shown


# ── months ──────────────────────────────────────────────────────────────────────────────────────────────────
def earned_at(book: PayAsked, step: Step) -> Book:
    """What the reference makes of the facts that are there at a step."""
    period, done = book.months[step.month], book.steps[: book.steps.index(step) + 1]
    facts = lp.Facts.of(book.known(max(other.month for other in done)))
    readings = [item for item in book.readings if item.period and item.period.start <= period.start]
    targets = {month: goals for month, goals in book.targets.items() if month.start <= period.start}
    return earned(
        [*facts], book.plans, book.organisation, period,
        refused=facts.refused, since=book.months[0].start, readings=readings, targets=targets,
    )  # fmt: skip


def do_plainly(book: PayAsked, ledger: plain.Ledger, step: Step, found: Played) -> None:
    """One step of a host by the reference; what is set by hand is what the library was told to set."""
    period = book.months[step.month]
    match step.what:
        case "settle":
            accruals, worked = found.accruals.pop(0), earned_at(book, step)
            lines_must_equal(worked, accruals)
            due = plain.movements(worked, ledger.hands(period), {})
            moves_must_equal(due, found.movements.pop(0), accruals.blocked)
            awards = [award_of(lp, period, who, said) for who, month, said in book.scores if month == step.month]
            plain.settle(ledger, worked, period, awards)
        case "override" | "by hand":
            for hand in found.entries[0] if found.entries else ():
                if hand.set_to is not None:
                    plain.overrule(ledger, hand.line, hand.set_to, period, hand.payee)
        case "pay":
            plain.pay(ledger, period, book.rules, book.pay_in, book.exchange(), step.held)
        case "return":
            paid = plain.standing(ledger, period)
            if paid:
                plain.returned(ledger, paid[step.place % len(paid)], period)
        case "close":
            ledger.must_be_open(period)
            ledger.closed.add(period)
            ledger.ever_closed.add(period)
        case _ if period not in ledger.closed:
            raise WrongError("it is not closed")
        case _:
            ledger.closed.remove(period)


def must_equal(book: PayAsked) -> None:
    """Each step of a book gives what the reference gives, and is refused where the reference refuses it."""
    ledger, found = plain.Ledger(), played(book)
    refused = {place for place, *_ in found.faults}
    for place, step in enumerate(book.steps):
        before = len(ledger.entries)
        try:
            do_plainly(book, ledger, step, found)
        except WrongError:
            assert (book.seed, place, step.what, place in refused) == (book.seed, place, step.what, True)
            continue
        new = ledger.entries[before:]
        if step.what in ("settle", "pay") or new:
            assert (book.seed, place, place in refused) == (book.seed, place, False)
            entries_must_equal(new, found.entries.pop(0))
        if step.what == "pay":
            paid = [
                (entry["payee"], entry["pays"], entry["line"])
                for entry in new
                if entry["units"] > 0 and "pays" in entry
            ]
            payments = [(one.payee, (one.amount.units, one.amount.currency), one.key) for one in found.payments.pop(0)]
            assert (book.seed, place, paid) == (book.seed, place, payments)
    assert not found.entries


@pytest.mark.parametrize("place", range(SHARES))
def test_pay_is_that_of_the_reference(place: int) -> None:
    """Every line, movement, entry and payment, of some of the books."""
    for seed in QUICK[place::SHARES]:
        must_equal(book_of_seed(seed))


def test_pay_is_that_of_the_reference_where_columns_are_kept_as_one_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """Books of a test are too small for that by themselves."""
    monkeypatch.setattr("loanperf._numbers._alike._FEW", 1)
    for seed in QUICK[::5]:
        must_equal(book_of_seed(seed))


@pytest.mark.slow
def test_what_is_told_of_books_stays() -> None:
    """What waits, what is not paid and why, and what is wrong is as the first edition told it, row by row, before 0.2.

    It knew no roles beside others, so that books are told without them. The table holds digests; where a rule changes
    on purpose, print `told` of the book before and after it.
    """
    for seed, digest in json.loads(TOLD.read_text(encoding="utf-8")).items():
        book = book_of_seed(int(seed))
        held = [item for item in book.organisation.assignments if item.primary]
        book = evolve(book, organisation=evolve(book.organisation, assignments=held))
        said = told(played(book, upto="accruals"))
        assert (seed, digest) == (seed, sha256(said.encode()).hexdigest()[:16])


@pytest.mark.slow
@pytest.mark.parametrize(
    "place", [place if place < SOME else pytest.param(place, marks=pytest.mark.full) for place in range(SHARES)]
)
def test_pay_of_all_books_is_that_of_the_reference(place: int) -> None:
    """The same of all of them."""
    for seed in range(BOOKS)[place::SHARES]:
        must_equal(book_of_seed(seed))


@settings(max_examples=60, deadline=None)
@given(ruled_plans(), books(plain=False), st.sampled_from([STAFF, TREE]))
def test_lines_of_any_deals_are_those_of_the_reference(
    plans: list[lp.schemes.DatedPlan], rows: list[lp.Fact], staff: lp.Organisation
) -> None:
    """Deals with odd codes, events out of order, and officers whom nobody knows."""
    facts = lp.Facts.of(rows)
    found = lp.accrue(facts, plans, staff, through=THROUGH, readings=READINGS)
    lines_must_equal(earned([*facts], plans, staff, THROUGH, refused=facts.refused, readings=READINGS), found)
