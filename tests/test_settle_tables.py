"""Entries of facts from tables: those of the same facts as rows; months worked by hand, with bonuses beside them."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from examples.sba_pay import LAST_MONTH, SCHEME, facts_of
from tests.books import book_of
from tests.loans import LIN, drawn
from tests.test_ledger import ALL_BACK, FEB, GUARD, JAN, MAR, TWENTY, accruals, dated, line, paid, written_off

import loanperf as lp
from loanperf.errors import LedgerError

MONTHS = tuple(lp.Period.month(2026, month) for month in range(1, 9))
HELD_AND_TAKEN = [dated(TWENTY, [ALL_BACK])]


def awards(given: dict[str, int], month: lp.Period) -> list[lp.Award]:
    """Bonuses of payees, in fen, as awards."""
    return [award_of(payee, units, month) for payee, units in given.items()]


def award_of(payee: str, units: int, month: lp.Period) -> lp.Award:
    """A bonus of a flat amount: as many months' salary of 100 yuan."""
    card = bonus_card(month)
    appraisal = lp.appraise(card, {}, {"customer_count": f"{units // 10_000}"}, payee=payee)
    return lp.award(card.bonus, appraisal, month="100 CNY")


@cache
def bonus_card(month: lp.Period) -> lp.schemes.Card:
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


def accrued(facts: Sequence[lp.Fact], month: lp.Period) -> lp.Accruals:
    """What facts that come in tables earn."""
    return lp.accrue(book_of(facts), HELD_AND_TAKEN, LIN, through=month)


def posted(entries: lp.Entries) -> list[tuple[str, str]]:
    """Kinds and amounts of entries."""
    return [(entry.kind.value, str(entry.amount.amount)) for entry in entries]


def test_a_fifth_is_held_and_released_in_two_halves() -> None:
    """1% of 100,000 yuan is 1,000; 200 of it are held, and come back with the next two months."""
    facts, ledger, told = drawn(100_000, on=["2026-01-10"]), lp.Ledger(), []
    for month in MONTHS[:4]:
        found = lp.settle(ledger, accrued(facts, month), period=month)
        ledger = ledger.append(found)
        told.append(posted(found))

    assert [
        [("earned", "1000.00"), ("held", "200.00")],
        [("released", "100.00")],
        [("released", "100.00")],
        [],
    ] == told


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
    from_tape = lp.accrue(lp.Facts.read({"loans": tape}, currency="CNY", money="fen"), HELD_AND_TAKEN, LIN, through=JAN)
    from_rows = lp.accrue(lp.Facts.of(facts), HELD_AND_TAKEN, LIN, through=JAN)
    entries = lp.settle(lp.Ledger(), from_tape, period=JAN)
    assert lp.settle(lp.Ledger(), from_rows, period=JAN) == entries
    assert sorted(map(str, numbers)) == [entry.loan for entry in entries if entry.kind is lp.EntryKind.EARNED]


def _drawn(loan: str) -> list[lp.Fact]:
    opened = lp.Loan(loan=loan, customer=loan, officer="lin", opened_on="2026-01-05")
    return [opened, lp.LoanEvent(loan=loan, kind=lp.EventKind.DISBURSED, on="2026-01-05", amount="1000 CNY")]


def test_a_bonus_of_many_has_the_reasons_of_the_award() -> None:
    """An auditor reads the same tree, whether awards came one by one or as columns."""
    card = BONUS.resolve(period=JAN)
    rows = {"payee": np.array(["wei", "lin"]), "customer_count": np.array([3, 0]), "month": np.array([10_000] * 2)}
    awarded = lp.award_all(lp.appraise_all(card, rows, units={"month": "fen"}))
    earned = accrued([], JAN)
    expected = lp.settle(lp.Ledger(), earned, period=JAN, awards=awards({"wei": 30_000, "lin": 0}, JAN))

    assert expected == lp.settle(lp.Ledger(), earned, period=JAN, awards=awarded)
    more = awarded + lp.Awards.gathered(awards({"zhao": 10_000}, JAN))
    assert ["wei", "lin", "zhao"] == [award.payee for award in more] == more.frame()["payee"].tolist()
    both = lp.settle(lp.Ledger(), earned, period=JAN, awards=more)
    assert [("wei", 30_000), ("zhao", 10_000)] == [(entry.payee, entry.amount.units) for entry in both]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda ledger, earned: lp.settle(ledger, earned, period=MONTHS[0]), "2026-01.*closed"),
        (
            lambda ledger, earned: lp.settle(ledger, earned, period=MONTHS[3]),
            "settling 2026-04: the accruals end with 2026-02; accrue through the period",
        ),
        (
            lambda ledger, earned: lp.settle(
                ledger, earned, period=MONTHS[1], awards=awards({"lin": 10_000}, MONTHS[1]) * 2
            ),
            "the awards of 'lin' for 2026-02: there are two",
        ),
        (
            lambda ledger, earned: lp.settle(
                ledger, earned, period=MONTHS[1], awards=awards({"lin": 10_000}, MONTHS[0])
            ),
            "the award of 'lin': it is of 2026-01",
        ),
        (
            lambda ledger, earned: lp.settle(ledger, earned, period=MONTHS[1], awards=awards({"": 10_000}, MONTHS[1])),
            "an award of 2026-02: it names no payee; appraise with the code of one",
        ),
    ],
    ids=["closed", "early", "twice", "other month", "nobody"],
)
def test_a_wrong_call_says_what_to_do(call: Any, said: str) -> None:
    """Nothing is posted of a call that cannot be meant."""
    earned = accrued(drawn(1000, on=["2026-01-10"]), MONTHS[1])
    with pytest.raises(LedgerError, match=said):
        call(lp.Ledger().close(MONTHS[0], by="finance"), earned)


# ── real ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
@pytest.mark.full
def test_the_public_book_of_small_business_loans_is_posted_alike_from_tables(shared_data: Path) -> None:
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
    from_rows = lp.accrue(facts, plans, people, through=LAST_MONTH)
    from_tables = lp.accrue(book_of(facts, "USD"), plans, people, through=LAST_MONTH)
    ledger = lp.Ledger()
    for month in (lp.Period.month(2002, 12), LAST_MONTH):
        found = lp.settle(ledger, from_tables, period=month)
        expected = lp.settle(ledger, from_rows, period=month)
        assert expected == found
        ledger = ledger.append(expected)
        ledger = ledger.append(lp.pay(ledger, period=month, rules=scheme.pay or lp.schemes.PayRules()).entries)
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
