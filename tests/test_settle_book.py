"""Settling a book posts what settling its rows posts: every entry with its number, amount, day and reasons."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from examples.sba_pay import LAST_MONTH, SCHEME, facts_of
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.books import arrow_of, book_of
from tests.deals import HUGE, PEOPLE, READINGS, STAFF, TREE, books, dated_plans, ruled_plans
from tests.loans import LIN, drawn
from tests.test_clawbacks import rule_sets
from tests.test_ledger import ALL_BACK, FEB, GUARD, JAN, MAR, TWENTY, accruals, dated, line, paid, written_off

import loanperf as lp
from loanperf import batch
from loanperf.errors import DataError, LedgerError

MONTHS = tuple(lp.Period.month(2026, month) for month in range(1, 9))
ORGANISATIONS = st.sampled_from([STAFF, TREE])
Plans = Sequence[lp.DatedPlan]


def known(facts: Sequence[lp.Fact], month: lp.Period, late: frozenset[int]) -> list[lp.Fact]:
    """What is known at the end of a month: all that is dated by then, but for some facts that come a month late."""
    return [
        fact
        for place, fact in enumerate(facts)
        if _on(fact) < (month.start if place in late else month.end)
    ]  # fmt: skip


def _on(fact: Any) -> date:
    found: date = fact.opened_on if isinstance(fact, lp.Loan) else fact.on
    return found


def bonuses(chance: Random, share: float) -> dict[str, int]:
    """Bonuses of some people, in fen."""
    return {payee: chance.randrange(0, 5) * 10_000 for payee in PEOPLE if chance.random() < share}


def awards(given: dict[str, int], month: lp.Period) -> list[lp.Award]:
    """The same as awards of the rows path."""
    return [award_of(payee, units, month) for payee, units in given.items()]


def award_of(payee: str, units: int, month: lp.Period) -> lp.Award:
    """A bonus of a flat amount: as many months' salary of 100 yuan."""
    card = bonus_card(month)
    appraisal = lp.appraise(card, {}, {"customer_count": f"{units // 10_000}"}, payee=payee)
    return lp.award(card.bonus, appraisal, month="100 CNY")


@cache
def bonus_card(month: lp.Period) -> lp.Card:
    """The card of a month."""
    return BONUS.resolve(period=month)


BONUS = lp.parse_scheme("""
name = "bonus"
currency = "CNY"
effective = 2020-01-01

[profiles.all.weights]
customer_count = "100%"

[targets]
customer_count = 1

[scoring.default]
places = 1
rounding = "half even"
missing = "refuse"
cap = "1000%"

[bonus]
unit = "month"
curve = [["0 point", 0], ["1000 point", 10]]
rounding = "half up"
""")


def assert_same_month(
    ledger: lp.Ledger, accruals: lp.Accruals, accrued: batch.AccruedBook, month: lp.Period, given: dict[str, int]
) -> lp.Ledger:
    """Both paths post the same entries; the ledger with them."""
    mine = awards(given, month)
    expected = lp.settle(ledger, accruals, period=month, awards=mine)
    settled = batch.settle_book(ledger, accrued, period=month, awards=mine)

    assert expected == settled.entries()
    assert [(entry.payee, entry.line, entry.amount.units) for entry in expected] == [
        (settled.payees[settled.payee[place]], settled.key(place), int(settled.amount[place]))
        for place in range(len(settled))
    ]
    return ledger.append(expected)


# ── parity ──────────────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=60)
@given(dated_plans(), books(), ORGANISATIONS, st.randoms(use_true_random=False))
def test_month_after_month_of_plain_books_is_posted_as_by_rows(
    plans: Plans, facts: list[lp.Fact], staff: lp.Organisation, chance: Random
) -> None:
    """Holdbacks, releases, clawbacks, bonuses and facts that come late; some months are closed and some are paid."""
    ledger, late = lp.Ledger(), frozenset(place for place in range(len(facts)) if chance.random() < 0.2)
    for month in MONTHS:
        seen = known(facts, month, late)
        accruals = lp.accrue(lp.Facts.of(seen), plans, staff, through=month)
        accrued = batch.accrue_book(book_of(seen), plans, staff, through=month)
        ledger = assert_same_month(ledger, accruals, accrued, month, bonuses(chance, 0.3))
        if chance.random() < 0.5:
            ledger = ledger.append(lp.pay(ledger, period=month, rules=lp.PayRules()).entries)
        if chance.random() < 0.3:
            ledger = ledger.close(month, by="finance")


@settings(max_examples=40)
@given(plans=dated_plans(), facts=books(), chance=st.randoms(use_true_random=False), capped=st.booleans())
def test_amounts_set_by_hand_and_caps_over_all_plans_hold(
    plans: Plans, facts: list[lp.Fact], chance: Random, *, capped: bool
) -> None:
    """What a hand set stays, whatever is computed; a cap over all plans is cut as by rows."""
    rules = lp.PayRules(person_most=lp.Cap(most="15 CNY", excess="lost")) if capped else lp.PayRules()
    plans, ledger = [evolve(dated, rules=rules) for dated in plans], lp.Ledger()
    for month in (MONTHS[2], MONTHS[3], MONTHS[6]):
        seen = known(facts, month, frozenset())
        accruals = lp.accrue(lp.Facts.of(seen), plans, STAFF, through=month)
        accrued = batch.accrue_book(book_of(seen), plans, STAFF, through=month)
        ledger = assert_same_month(ledger, accruals, accrued, month, {})
        if accruals.lines:
            line = chance.choice(accruals.lines)
            by_hand = lp.overrule(
                ledger,
                line.key,
                lp.Money.from_units(chance.randrange(0, 3000), "CNY"),
                period=month.next(),
                payee=line.payee,
                by="head",
                why="agreed",
                evidence="minutes",
            )
            ledger = ledger.append([by_hand])


@settings(max_examples=60)
@given(ruled_plans(), books(plain=False), ORGANISATIONS, st.randoms(use_true_random=False))
def test_what_columns_do_not_know_is_settled_by_rows(
    plans: Plans, facts: list[lp.Fact], staff: lp.Organisation, chance: Random
) -> None:
    """Splits, draws, ramps, teams, hand-overs, blocked payees and loans that nobody knows."""
    ledger = lp.Ledger()
    for month in (MONTHS[2], MONTHS[5]):
        seen = known(facts, month, frozenset())
        accruals = lp.accrue(lp.Facts.of(seen), plans, staff, through=month, readings=READINGS)
        accrued = batch.accrue_book(book_of(seen), plans, staff, through=month, readings=READINGS)
        ledger = assert_same_month(ledger, accruals, accrued, month, bonuses(chance, 0.3))
        ledger = ledger.append(lp.pay(ledger, period=month, rules=lp.PayRules()).entries)


@settings(max_examples=60)
@given(dated_plans(), rule_sets(), st.one_of(books(), books(plain=False)), st.randoms(use_true_random=False))
def test_every_clawback_takes_in_columns_what_it_takes_by_rows(
    plans: Plans, rules: tuple[lp.Clawback, ...], facts: list[lp.Fact], chance: Random
) -> None:
    """Parts of loans, payoffs, several drawings, versions by drawing: month after month, with pay in between."""
    ledger = lp.Ledger()
    plans = [_with_clawbacks(dated, rules) for dated in plans]
    for month in MONTHS[1::2]:
        seen = known(facts, month, frozenset())
        accruals = lp.accrue(lp.Facts.of(seen), plans, STAFF, through=month)
        accrued = batch.accrue_book(book_of(seen), plans, STAFF, through=month)
        ledger = assert_same_month(ledger, accruals, accrued, month, {})
        if chance.random() < 0.7:
            guard = lp.PayRules(guard_share=chance.choice(["20%", "100%"]))
            ledger = ledger.append(lp.pay(ledger, period=month, rules=guard).entries)


def _with_clawbacks(dated: lp.DatedPlan, rules: tuple[lp.Clawback, ...]) -> lp.DatedPlan:
    """The plan with these clawbacks; what is cancelled is kept where one of them is about that."""
    pieces = dated.plan.components
    if any(rule.on == "cancelled" for rule in rules):
        pieces = tuple(evolve(piece, dead="keep") for piece in pieces)
    return evolve(dated, plan=evolve(dated.plan, components=pieces, clawbacks=rules))


@settings(max_examples=40)
@given(dated_plans(), books(), books(), st.randoms(use_true_random=False))
def test_a_corrected_book_is_posted_as_differences(
    plans: Plans, before: list[lp.Fact], after: list[lp.Fact], chance: Random
) -> None:
    """Another book stands where one stood: loans change, come and go, and so do payees."""
    month, ledger = MONTHS[5], lp.Ledger()
    for facts in (before, after, before):
        accruals = lp.accrue(lp.Facts.of(facts), plans, STAFF, through=month)
        accrued = batch.accrue_book(book_of(facts), plans, STAFF, through=month)
        ledger = assert_same_month(ledger, accruals, accrued, month, bonuses(chance, 0.5))


@settings(max_examples=40)
@given(dated_plans(), books(amounts=HUGE))
def test_amounts_at_the_bounds_of_64_bits_never_wrap(plans: Plans, facts: list[lp.Fact]) -> None:
    """What may not fit goes by rows, whose whole numbers have no bound; what does not is an error that names it."""
    month = MONTHS[5]
    try:
        accruals = lp.accrue(lp.Facts.of(facts), plans, STAFF, through=month)
        expected = lp.settle(lp.Ledger(), accruals, period=month)
    except lp.errors.LoanPerfError:
        return
    if any(abs(line.amount.units) >= 2**63 for line in accruals.lines):
        with pytest.raises(DataError, match="more than the columns of a book hold"):
            batch.accrue_book(book_of(facts), plans, STAFF, through=month)
        return
    accrued = batch.accrue_book(book_of(facts), plans, STAFF, through=month)
    assert expected == batch.settle_book(lp.Ledger(), accrued, period=month).entries()


@settings(max_examples=40)
@given(dated_plans(), books(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_change_a_bit(plans: Plans, facts: list[lp.Fact], chance: Random) -> None:
    """An export in another order is the same export."""
    month, mixed = MONTHS[5], chance.sample(facts, len(facts))
    one, other = (
        batch.settle_book(lp.Ledger(), batch.accrue_book(book_of(given), plans, STAFF, through=month), period=month)
        for given in (facts, mixed)
    )
    assert one.entries() == other.entries()
    for name in ("kind", "amount", "on"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


def test_numbered_loans_are_posted_in_the_order_of_their_digits() -> None:
    """Keys are text: loan 10 comes before loan 9, and 1 before both."""
    numbers = [9, 10, 1, 100, 99, 123456789012345678, 2]
    facts = [fact for number in numbers for fact in _drawn(str(number))]
    tape = {
        "loan": np.array(numbers),
        "customer": np.array(numbers),
        "officer": np.array(["lin"] * len(numbers)),
        "opened_on": np.array(["2026-01-05"] * len(numbers), dtype="datetime64[D]"),
        "disbursed_on": np.array(["2026-01-05"] * len(numbers), dtype="datetime64[D]"),
        "disbursed": np.array([100_000] * len(numbers)),
    }
    accrued = batch.accrue_book(
        batch.Book.of({"loans": tape}, currency="CNY", money="fen"), HELD_AND_TAKEN, LIN, through=MONTHS[0]
    )
    accruals = lp.accrue(lp.Facts.of(facts), HELD_AND_TAKEN, LIN, through=MONTHS[0])
    assert 0 == accrued.scalar
    assert_same_month(lp.Ledger(), accruals, accrued, MONTHS[0], {})


def _drawn(loan: str) -> list[lp.Fact]:
    opened = lp.Loan(loan=loan, customer=loan, officer="lin", opened_on="2026-01-05")
    return [opened, lp.LoanEvent(loan=loan, kind=lp.EventKind.DISBURSED, on="2026-01-05", amount="1000 CNY")]


# ── by hand ─────────────────────────────────────────────────────────────────────────────────────────────────

HELD_AND_TAKEN = [dated(TWENTY, [ALL_BACK])]


def settled(facts: Sequence[lp.Fact], ledger: lp.Ledger, month: lp.Period) -> batch.SettledBook:
    """What columns post of lin's loans."""
    accrued = batch.accrue_book(book_of(facts), HELD_AND_TAKEN, LIN, through=month)
    return batch.settle_book(ledger, accrued, period=month)


def posted(found: batch.SettledBook) -> list[tuple[str, str]]:
    """Kinds and amounts of entries."""
    return [(entry.kind.value, str(entry.amount.amount)) for entry in found.entries()]


def test_a_fifth_is_held_and_released_in_two_halves() -> None:
    """1% of 100,000 yuan is 1,000; 200 of it are held, and come back with the next two months."""
    facts, ledger, told = drawn(100_000, on=["2026-01-10"]), lp.Ledger(), []
    for month in MONTHS[:4]:
        found = settled(facts, ledger, month)
        assert 0 == found.scalar
        ledger = ledger.append(found.entries())
        told.append(posted(found))

    assert [
        [("earned", "1000.00"), ("held", "200.00")],
        [("released", "100.00")],
        [("released", "100.00")],
        [],
    ] == told


def test_entries_come_as_the_frame_that_the_book_came_in() -> None:
    """Finance reads them in its own library; each row is an entry."""
    book = batch.Book.of(arrow_of(drawn(100_000, on=["2026-01-10"])), currency="CNY", money="fen")
    accrued = batch.accrue_book(book, HELD_AND_TAKEN, LIN, through=MONTHS[0])
    found = batch.settle_book(lp.Ledger(), accrued, period=MONTHS[0])

    assert [
        {
            "number": entry.number,
            "kind": entry.kind.value,
            "payee": "lin",
            "line": entry.line,
            "amount": entry.amount.units,
            "on": entry.on,
        }
        for entry in found.entries()
    ] == found.frame().to_pylist()
    assert 2 == len(found)


def test_sums_of_entries_are_told_by_payee() -> None:
    """What a month adds to what somebody has earned, to what is held, and to what is due."""
    totals = settled(drawn(100_000, on=["2026-01-10"]), lp.Ledger(), MONTHS[0]).totals()

    assert ([100_000], [20_000], [80_000]) == tuple(
        column.tolist() for column in (totals.entitled, totals.held, totals.due)
    )


def test_much_of_what_is_drawn_here_is_settled_in_columns() -> None:
    """Parity that only ever compares the rows path with itself would prove nothing.

    About half of the books have somebody whom columns settle; what Hypothesis draws changes with the code.
    """
    worked = Counter[bool]()

    @settings(max_examples=200, database=None, derandomize=True)
    @given(dated_plans(), books())
    def count(plans: Plans, facts: list[lp.Fact]) -> None:
        accrued = batch.accrue_book(book_of(facts), plans, STAFF, through=MONTHS[5])
        found = batch.settle_book(lp.Ledger(), accrued, period=MONTHS[5])
        if len(found):
            worked[found.scalar < len(found.payees)] += 1

    count()
    assert worked.total() < 3 * worked[True]


def test_a_bonus_of_an_awarded_book_has_the_reasons_of_the_award() -> None:
    """An auditor reads the same tree, whichever way it was computed."""
    month, card = MONTHS[0], BONUS.resolve(period=MONTHS[0])
    rows = {"payee": np.array(["wei", "lin"]), "customer_count": np.array([3, 0]), "month": np.array([10_000] * 2)}
    awarded = lp.award_all(lp.appraise_all(card, rows, units={"month": "fen"}))
    accrued = batch.accrue_book(book_of([]), HELD_AND_TAKEN, LIN, through=month)
    accruals = lp.accrue(lp.Facts.of([]), HELD_AND_TAKEN, LIN, through=month)
    expected = lp.settle(lp.Ledger(), accruals, period=month, awards=awards({"wei": 30_000, "lin": 0}, month))

    assert expected == batch.settle_book(lp.Ledger(), accrued, period=month, awards=awarded).entries()
    amounts = batch.settle_book(lp.Ledger(), accrued, period=month, awards={"wei": 30_000}).entries()
    assert [("wei", 30_000)] == [(entry.payee, entry.amount.units) for entry in amounts]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda ledger, accrued: batch.settle_book(ledger, accrued, period=MONTHS[0]), "2026-01.*closed"),
        (
            lambda ledger, accrued: batch.settle_book(ledger, accrued, period=MONTHS[3]),
            "settling 2026-04: the accruals end with 2026-02; accrue through the period",
        ),
        (
            lambda ledger, accrued: batch.settle_book(
                ledger, accrued, period=MONTHS[1], awards=awards({"lin": 10_000}, MONTHS[1]) * 2
            ),
            "the awards of 'lin' for 2026-02: there are two",
        ),
        (
            lambda ledger, accrued: batch.settle_book(
                ledger, accrued, period=MONTHS[1], awards=awards({"lin": 10_000}, MONTHS[0])
            ),
            "the award of 'lin': it is of 2026-01",
        ),
    ],
    ids=["closed", "early", "twice", "other month"],
)
def test_a_wrong_call_says_what_to_do(call: Any, said: str) -> None:
    """Nothing is posted of a call that cannot be meant."""
    accrued = batch.accrue_book(book_of(drawn(1000, on=["2026-01-10"])), HELD_AND_TAKEN, LIN, through=MONTHS[1])
    with pytest.raises(LedgerError, match=said):
        call(lp.Ledger().close(MONTHS[0], by="finance"), accrued)


# ── real ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_the_public_book_of_small_business_loans_is_posted_as_by_rows(shared_data: Path) -> None:
    """22,308 loans over five decades: held pay, releases and charge-offs, in two steps."""
    facts, scheme = facts_of(shared_data / "sba.csv"), lp.read_scheme(SCHEME)
    loans = [fact for fact in facts if isinstance(fact, lp.Loan)]
    since, plans = min(loan.opened_on for loan in loans), lp.SchemeBook([scheme]).plans()
    people = lp.Organisation(
        assignments=[
            lp.Assignment(payee=officer, unit="all", role="lender", since=since)
            for officer in sorted({loan.officer for loan in loans})
        ]
    )
    accruals = lp.accrue(facts, plans, people, through=LAST_MONTH)
    accrued = batch.accrue_book(book_of(facts, "USD"), plans, people, through=LAST_MONTH)
    ledger = lp.Ledger()
    for month in (lp.Period.month(2002, 12), LAST_MONTH):
        found = batch.settle_book(ledger, accrued, period=month)
        expected = lp.settle(ledger, accruals, period=month)
        assert expected == found.entries()
        ledger = ledger.append(expected)
        ledger = ledger.append(lp.pay(ledger, period=month, rules=scheme.pay or lp.PayRules()).entries)
    assert 40_000 < len(ledger.entries)


def test_a_guard_protects_bonuses_alike() -> None:
    """10,000 of a loan and 1,000 of a bonus in March: 2,200 are taken, though 1,000 were taken in February."""
    plan = dated(clawbacks=[ALL_BACK])
    lines = [line(1000, JAN, plan=plan)]
    lines += [line(10000, month, plan=plan, loan=loan) for month, loan in ((FEB, "L2"), (MAR, "L3"))]
    bad = {"L1": date(2026, 2, 20), "L2": date(2026, 3, 20)}
    ledger, amounts = lp.Ledger(), []
    for period in (JAN, FEB, MAR):
        held = [item for item in lines if item.period <= period]
        known = {loan: written_off(on) for loan, on in bad.items() if on < period.end}
        earned = accruals(period, *held, standings=known)
        awards = [] if period == JAN else [award_of("lin", 100_000, period)]
        ledger = ledger.append(lp.settle(ledger, earned, period=period, awards=awards))
        ledger, amount = paid(ledger, period, GUARD)
        amounts.append(amount // 100)

    assert [1000, 10000, 8800] == amounts
