"""Commission of facts from tables: that of the same facts as rows, and amounts worked by hand, however large."""

import csv
from collections import Counter
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from examples.sba_pay import LAST_MONTH, SCHEME, facts_of
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.books import book_of, tables_of
from tests.deals import AMOUNTS, HUGE, READINGS, STAFF, THROUGH, TREE, books, dated_plans, ruled_plans
from tests.loans import LIN, component, dated, drawn, event, loan, reading, target, where
from tests.measures import STAFF as OFFICERS
from tests.measures import tapes
from tests.reference_pay import earned
from tests.test_one_program_pay import lines_must_equal
from tests.test_sba_pay import commission

import loanperf as lp
from loanperf.errors import DataError, PeriodError

MARCH = lp.Period.month(2026, 3)
ORGANISATIONS = st.sampled_from([STAFF, TREE])
Cells = tuple[str, str, str, str, str, str, str, date, date, int]
"""Payee, plan, version, component, loan, stage, period, the two days, and the amount in smallest units."""


def cells_of(found: lp.Accruals) -> list[Cells]:
    """The lines, sorted."""
    return sorted(
        (
            line.payee,
            line.plan.plan.code,
            line.plan.version,
            line.component,
            line.loan,
            line.stage,
            str(line.period),
            line.on,
            line.earned_on,
            line.amount.units,
        )
        for line in found.lines
    )


def assert_same(expected: lp.Accruals, actual: lp.Accruals) -> None:
    """Both have the same lines, reasons, problems, blocked payees and unknown loans."""
    assert cells_of(expected) == cells_of(actual)
    assert sorted(map(str, expected.problems)) == sorted(map(str, actual.problems))
    assert (expected.blocked, expected.unknown) == (actual.blocked, actual.unknown)
    assert [line.explain() for line in expected] == [line.explain() for line in actual]
    assert expected.waiting == actual.waiting


def lin(facts: Sequence[lp.Fact], *plans: lp.schemes.DatedPlan, through: str = "2026-12") -> lp.Accruals:
    """What lin earns of facts in tables."""
    currency = plans[0].currency
    found = lp.accrue(book_of(facts, currency), plans, LIN, through=lp.Period.parse(through))
    assert () == found.problems
    return found


def each(found: lp.Accruals, loans: int) -> list[Fraction]:
    """What loans L1, L2, … pay in whole currency, one after the other."""
    pays = Counter[str]()
    for cells in cells_of(found):
        pays[cells[4]] += cells[-1]
    return [Fraction(pays[f"L{place + 1}"], 100) for place in range(loans)]


# ── parity ──────────────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=30)
@given(dated_plans(), books(), ORGANISATIONS)
def test_facts_of_tables_earn_what_rows_earn(
    plans: list[lp.schemes.DatedPlan], facts: list[lp.Fact], staff: lp.Organisation
) -> None:
    """Stages, tiers, limits, ends and two versions of a plan, with ties of days and events out of order."""
    expected = lp.accrue(lp.Facts.of(facts), plans, staff, through=THROUGH)
    assert_same(expected, lp.accrue(book_of(facts), plans, staff, through=THROUGH))


@settings(max_examples=30)
@given(ruled_plans(), books(plain=False), ORGANISATIONS)
def test_ruled_plans_pay_facts_of_tables_as_rows(
    plans: list[lp.schemes.DatedPlan], facts: list[lp.Fact], staff: lp.Organisation
) -> None:
    """Caps, floors, gates, splits, credits, hand-overs, ramps and teams, with officers whom nobody knows."""
    expected = lp.accrue(lp.Facts.of(facts), plans, staff, through=THROUGH, readings=READINGS)
    assert_same(expected, lp.accrue(book_of(facts), plans, staff, through=THROUGH, readings=READINGS))


@settings(max_examples=30)
@given(dated_plans(), tapes())
def test_each_line_of_a_tape_equals_that_of_the_facts_that_it_stands_for(
    plans: list[lp.schemes.DatedPlan], book: lp.Facts
) -> None:
    """One row a loan, numbered or named, says the same as its events do."""
    assume(not book.refused)
    expected = lp.accrue(book.only(), plans, OFFICERS, through=THROUGH)
    actual = lp.accrue(book, plans, OFFICERS, through=THROUGH)
    assert_same(evolve(expected, problems=(*book.problems, *expected.problems)), actual)


@settings(max_examples=30)
@given(dated_plans(), books(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_change_a_bit(
    plans: list[lp.schemes.DatedPlan], facts: list[lp.Fact], chance: Random
) -> None:
    """Deals go by day and loan, however a table is sorted."""
    mixed = chance.sample(facts, len(facts))
    one, other = (lp.accrue(book_of(rows), plans, STAFF, through=THROUGH) for rows in (facts, mixed))
    assert (cells_of(one), one.blocked) == (cells_of(other), other.blocked)


def slices(why: lp.Explanation) -> list[lp.Explanation]:
    """Each base × rate = amount of a tree, in order."""
    return [why] * why.rule.startswith("accrual.slice") + [one for below in why.because for one in slices(below)]


@settings(max_examples=10)
@given(ruled_plans(), books(plain=False), ORGANISATIONS, st.randoms(use_true_random=False))
def test_reasons_are_the_same_in_whatever_order_they_are_asked_for(
    plans: list[lp.schemes.DatedPlan], facts: list[lp.Fact], staff: lp.Organisation, chance: Random
) -> None:
    """Whoever opens one line reads what all lines in turn say of it: tiers, splits, and teams of other people's pay."""

    def lines() -> list[lp.Accrual]:
        """Anew, so that nothing was asked before."""
        return list(lp.accrue(lp.Facts.of(facts), plans, staff, through=THROUGH, readings=READINGS))

    in_order, mixed = [line.explain() for line in lines()], lines()
    places = chance.sample(range(len(mixed)), len(mixed))
    assert [in_order[place] for place in places] == [mixed[place].explain() for place in places]
    assert [slices(why) for why in in_order] == [list(line.in_short().because[1:]) for line in mixed]
    for place in places[:2]:
        assert in_order[place] == lines()[place].explain()


# ── amounts by hand ─────────────────────────────────────────────────────────────────────────────────────────

STAGES = (
    lp.schemes.Stage(milestone="due diligence complete", share="20%"),
    lp.schemes.Stage(milestone="disbursed", share="80%"),
)
TABLE = [["0 USD", "1%"], ["1000 USD", "2%"], ["3000 USD", "3%"], ["8000 USD", "5%"]]
SIX = (200, 300, 1500, 1200, 2000, 4500)


def test_a_fifth_at_due_diligence_and_the_rest_at_disbursement() -> None:
    """1% of 1,000,000 yuan is 10,000: 2,000 in March and 8,000 in April, on the days on which they are reached."""
    facts = [
        loan("L1", on="2026-03-01", amount="1000000 CNY"),
        event("L1", "due diligence", "2026-03-10"),
        event("L1", "disbursed", "2026-04-02", "1000000 CNY"),
    ]
    found = lin(facts, dated(component(rate="1%", stages=STAGES)))
    first, second = date(2026, 3, 10), date(2026, 4, 2)
    assert [
        ("lin", "plan", "v1", "loans", "L1", "disbursed", "2026-04", second, second, 800_000),
        ("lin", "plan", "v1", "loans", "L1", "due diligence complete", "2026-03", first, first, 200_000),
    ] == cells_of(found)
    assert {line.key for line in found} == {
        "lin/plan/loans/L1/disbursed/2026-04",
        "lin/plan/loans/L1/due diligence complete/2026-03",
    }


def test_a_cancelled_loan_gives_back_what_it_earned_and_leaves_its_tier() -> None:
    """Two loans of 6,000, all at 2% from 10,000 on: 60 at 1%, then 180; without the first, the second is worth 60."""
    curve = lp.schemes.Curve.of([["0 CNY", "1%"], ["10000 CNY", "2%"]], shape="step")
    tiers = lp.schemes.Tiers(by="amount", applies="flat", accumulates="period")
    facts = [*drawn(6000, 6000), event("L1", "cancelled", "2026-03-20")]
    found = lin(facts, dated(component(curve=curve, tiers=tiers)))
    lines = {(cells[4], cells[5]): cells[-1] for cells in cells_of(found)}
    expected = {("L1", "disbursed"): 6_000, ("L2", "disbursed"): 18_000}
    assert expected | {("L1", "cancelled"): -6_000, ("L1", "fell back"): -12_000} == lines


@pytest.mark.parametrize(
    ("applies", "accumulates", "expected"),
    [
        ("marginal", "per transaction", [2, 3, 20, 14, 30, 95]),
        ("flat", "per transaction", [2, 3, 30, 24, 40, 135]),
        ("marginal", "to date", [2, 3, 25, 26, 60, 169]),
        ("flat", "to date", [2, 3, 35, 56, 60, 329]),
        ("forward before", "to date", [2, 3, 15, 24, 60, 135]),
        ("forward after", "to date", [2, 3, 30, 36, 60, 225]),
    ],
)
def test_one_table_has_six_readings(applies: Any, accumulates: Any, expected: list[int]) -> None:
    """The figures by hand of `test_tiers`, loan by loan."""
    tiers = lp.schemes.Tiers(by="amount", applies=applies, accumulates=accumulates)
    plan = dated(component(curve=lp.schemes.Curve.of(TABLE, shape="step"), tiers=tiers), currency="USD")
    assert expected == each(lin(drawn(*SIX, unit="USD"), plan), len(SIX))


def test_the_seventh_reading_lies_between_knots() -> None:
    """By hand: 1.2% of 200, 1.3% of 300, 2.25% of 1500, 2.1% of 1200, 2.5% of 2000, 3.6% of 4500."""
    tiers = lp.schemes.Tiers(by="amount", applies="interpolated", accumulates="per transaction")
    plan = dated(component(curve=lp.schemes.Curve.of(TABLE, shape="linear"), tiers=tiers), currency="USD")
    expected = [Fraction(text) for text in ("2.4", "3.9", "33.75", "25.2", "50", "162")]
    assert expected == each(lin(drawn(*SIX, unit="USD"), plan), len(SIX))


def test_tiers_count_loans_or_attainment_of_a_quota() -> None:
    """100 yuan a loan, 150 from the third on: 100, 100, 150; and 1% to half of a quota of 10,000, 2% above."""
    by_count = lp.schemes.Tiers(by="count", applies="marginal", accumulates="period")
    steps = lp.schemes.Curve.of([[0, "100 CNY"], [2, "150 CNY"]], shape="step")
    plan = dated(component(base="count", curve=steps, tiers=by_count))
    assert [100, 100, 150] == each(lin(drawn(1, 2, 3), plan), 3)

    attained = lp.schemes.Tiers(by="attainment", applies="marginal", accumulates="period", quota="10000 CNY")
    curve = lp.schemes.Curve.of([["0%", "1%"], ["50%", "2%"]], shape="step")
    assert [40, 70] == each(lin(drawn(4000, 4000), dated(component(curve=curve, tiers=attained))), 2)


@pytest.mark.parametrize("as_rows", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_the_public_book_of_small_business_loans(shared_data: Path, *, as_rows: bool) -> None:
    """22,308 loans, each what a spreadsheet gives it, from tables; in the slow run from rows too."""
    facts, plans = facts_of(shared_data / "sba.csv"), lp.SchemeBook([lp.read_scheme(SCHEME)]).plans()
    loans = [fact for fact in facts if isinstance(fact, lp.Loan)]
    since = min(item.opened_on for item in loans)
    people = lp.Organisation(
        assignments=[
            lp.Assignment(payee=officer, unit="all", role="lender", since=since)
            for officer in {item.officer for item in loans}
        ]
    )
    actual = lp.accrue(facts if as_rows else book_of(facts, "USD"), plans, people, through=LAST_MONTH)

    with (shared_data / "sba.csv").open(encoding="utf-8", newline="") as file:
        expected = {row["loan_id"]: int(commission(row) * 100) for row in csv.DictReader(file)}
    assert expected == {cells[4]: cells[-1] for cells in cells_of(actual)}
    assert ((), frozenset()) == (actual.problems, actual.blocked)


# ── what int64 holds ────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=30)
@given(dated_plans(), books(amounts=st.one_of(HUGE, AMOUNTS)))
def test_amounts_at_the_bounds_of_int64_are_exact(plans: list[lp.schemes.DatedPlan], facts: list[lp.Fact]) -> None:
    """Nothing wraps, whether facts came as rows or in tables."""
    expected = lp.accrue(lp.Facts.of(facts), plans, STAFF, through=THROUGH)
    assert_same(expected, lp.accrue(book_of(facts), plans, STAFF, through=THROUGH))


def fen(units: int) -> str:
    """An amount of so many fen."""
    return f"{units // 100}.{units % 100:02} CNY"


def paid(units: Sequence[int], item: lp.schemes.Component, *more: lp.Fact) -> lp.Accruals:
    """What loans of so many fen pay: from tables, from rows, and in the plain reference alike."""
    facts, plans = [*drawn(*map(fen, units), unit=""), *more], [dated(item)]
    expected = lp.accrue(lp.Facts.of(facts), plans, LIN, through=MARCH)
    actual = lp.accrue(book_of(facts), plans, LIN, through=MARCH)
    assert_same(expected, actual)
    lines_must_equal(earned([*lp.Facts.of(facts)], plans, LIN, MARCH), actual)
    assert () == actual.problems
    return actual


def steps(*rates: str, **fields: Any) -> lp.schemes.Component:
    """A component with these rates from 0 and from 1,000 yuan on."""
    knots = [[f"{1000 * place} CNY", rate] for place, rate in enumerate(rates)]
    return component(curve=lp.schemes.Curve.of(knots, shape="step"), **fields)


@pytest.mark.parametrize("accumulates", ["per transaction", "period", "to date", "rolling"])
@pytest.mark.parametrize("applies", ["marginal", "flat", "forward before", "forward after"])
@pytest.mark.parametrize("size", [60, 61])
def test_sums_beyond_int64_are_exact(applies: Any, accumulates: Any, size: int) -> None:
    """Six such loans are more than int64 counts; each pays its share to the fen, whatever accumulates."""
    tiers = lp.schemes.Tiers(by="amount", applies=applies, accumulates=accumulates, periods=3)
    assert 6 == len(paid([2**size] * 6, steps("7%", "9%", tiers=tiers)))


@pytest.mark.parametrize("rate", [Fraction(1, 2**62 + 1), Fraction(2**70 - 1, 2**70)])
def test_a_rate_with_large_terms(rate: Fraction) -> None:
    """Its numerator or denominator is more than int64 can multiply."""
    (line,) = paid([2**50], component(rate=rate))
    assert round(2**50 * rate) == line.amount.units


def test_a_stage_of_a_large_total() -> None:
    """A third of 2**61 fen holds, over 3; 96 parts of it in 97 do not, paid out or given back."""
    stages = (
        lp.schemes.Stage(milestone="opened", share="96/97"),
        lp.schemes.Stage(milestone="disbursed", share="1/97"),
    )
    item = component(rate="1/3", stages=stages, dead="reverse")
    signed = event("L1", "signed", "2026-03-01", fen(2**61))
    assert round(Fraction(2**61, 3)) == sum(line.amount.units for line in paid([2**61], item, signed))
    ended = paid([2**61], item, signed, event("L1", "cancelled", "2026-03-20"))
    assert 0 == sum(line.amount.units for line in ended)


def test_an_amount_paid_in_slices_of_a_count() -> None:
    """The whole loan takes the rate of its one slice: 7% of 2**61 fen has a numerator of 7 times that."""
    tiers = lp.schemes.Tiers(by="count", applies="marginal", accumulates="period")
    curve = lp.schemes.Curve.of([[0, "7%"], [1, "9%"]], shape="step")
    several = paid([2**40, 2**40], component(curve=curve, tiers=tiers))
    assert [round(2**40 * Fraction(rate, 100)) for rate in (7, 9)] == [line.amount.units for line in several]
    (one,) = paid([2**61], component(curve=curve, tiers=tiers))
    assert round(2**61 * Fraction(7, 100)) == one.amount.units


def test_a_loan_spread_over_slices_of_its_amount_keeps_its_least() -> None:
    """Two loans of 700.01 and 1,000.03 yuan at 1 yuan a loan up to 1,000 yuan, and 2 above: each at its own divisor."""
    tiers = lp.schemes.Tiers(by="amount", applies="marginal", accumulates="period")
    item = steps("1 CNY", "2 CNY", base="count", tiers=tiers)
    second = round(100 + 100 * Fraction(70_004, 100_003))
    assert [100, second] == [line.amount.units for line in paid([70_001, 100_003], item)]
    at_least = paid([70_001, 100_003], evolve(item, least="1.5 CNY"))
    assert [150, max(second, 150)] == [line.amount.units for line in at_least]
    ended = paid([70_001, 100_003], item, event("L2", "cancelled", "2026-03-20"))
    assert 100 == sum(line.amount.units for line in ended)


def test_a_sum_that_wraps_twice_is_seen() -> None:
    """What is paid and does not count for the tier may pass 2**64 at once, and come out small."""
    cars = (where("product", "car"),)
    tiers = lp.schemes.Tiers(by="amount", applies="flat", accumulates="period", counts=cars)
    assert [2**59, 2**63 - 1] == [
        line.amount.units for line in paid([2**59, 2**63 - 1], steps("100%", "100%", tiers=tiers))
    ]


def test_a_tier_that_lifts_many_rates_at_once_does_not_wrap() -> None:
    """Nine products gain 99% of 2**53.3 fen each as the tenth passes the knot: together more than int64 holds."""
    tiers = lp.schemes.Tiers(by="amount", applies="flat", accumulates="period")
    many = int(2**53.3)
    curves = [
        lp.schemes.Curve.of([[0, "0%"], [fen(9 * many), f"{9900 + place}/10000"]], shape="step") for place in range(10)
    ]
    rates = tuple(
        lp.schemes.Rate(where=(where("product", f"p{place}"),), curve=curve) for place, curve in enumerate(curves)
    )
    facts = [
        evolve(fact, product=f"p{int(fact.loan[1:]) - 1}") if isinstance(fact, lp.Loan) else fact
        for fact in drawn(*[fen(many)] * 9, fen(1), unit="")
    ]
    plans = [dated(component(rates=rates, tiers=tiers))]
    found = lp.accrue(book_of(facts), plans, LIN, through=MARCH)
    assert_same(lp.accrue(lp.Facts.of(facts), plans, LIN, through=MARCH), found)


# ── people, and what is wrong with rows ───────────────────────────────────────────────────────────────────────

PEOPLE = lp.Organisation(
    assignments=[
        lp.Assignment(payee=payee, unit="east", role=role, since="2020-01-01")
        for payee, role in (("lin", "officer"), ("wu", "officer"), ("hu", "officer"), ("boss", "lead"))
    ]
)
PLAIN = dated(component(rate="1%"), role="officer")


def deals() -> list[lp.Fact]:
    """A loan of 1,000 yuan of each of three officers."""
    facts: list[lp.Fact] = []
    for place, officer in enumerate(("lin", "wu", "hu")):
        code = f"L{place + 1}"
        facts += [loan(code, officer=officer), event(code, "disbursed", "2026-03-05", "1000 CNY")]
    return facts


def compared(facts: Sequence[lp.Fact], *plans: lp.schemes.DatedPlan, **more: Any) -> lp.Accruals:
    """What facts in tables earn, once it is seen to equal what they earn as rows."""
    found = lp.accrue(book_of(facts), plans, PEOPLE, through=MARCH, **more)
    assert_same(lp.accrue(lp.Facts.of(facts), plans, PEOPLE, through=MARCH, **more), found)
    return found


def test_a_lead_is_paid_for_a_team_whoever_is_in_it() -> None:
    """An override hangs on everybody's pay: the boss has 10% of 30 yuan."""
    item = component(code="team", base="team", rate="10%", team=lp.schemes.Team(total="sum"))
    found = compared(deals(), PLAIN, dated(item, code="lead", role="lead"))
    assert [300] == [line.amount.units for line in found.of("boss")]


def test_a_payee_without_an_assignment_is_a_problem_and_the_others_are_paid() -> None:
    """One wrong row does not stop a run: it is a problem, and its officer is blocked."""
    facts = [*deals(), loan("L4", officer="nobody"), event("L4", "disbursed", "2026-03-05", "1000 CNY")]
    found = compared(facts, PLAIN)
    assert (frozenset({"nobody"}), 1, 3) == (found.blocked, len(found.problems), len(found.lines))


def test_rows_that_cannot_be_used_are_problems_and_none_is_lost() -> None:
    """A loan without an officer, an event of a loan that is not there, and two rows that contradict each other."""
    tables = tables_of([*deals(), event("L9", "disbursed", "2026-03-05", "1 CNY")])
    tables["loans"]["officer"].mask = [False, False, True]
    book = lp.Facts.read(tables, currency="CNY", money="fen")
    found = lp.accrue(book, [PLAIN], PEOPLE, through=MARCH)
    assert book.rows == book.used + book.repeats + len(book.problems)
    assert [("lin", 1000), ("wu", 1000)] == [(cells[0], cells[-1]) for cells in cells_of(found)]
    assert frozenset({"L3", "L9"}) == found.unknown

    twice = [*deals(), event("L1", "disbursed", "2026-03-05", "2000 CNY")]
    expected = lp.accrue(lp.Facts.of(twice), [PLAIN], PEOPLE, through=MARCH)
    actual = lp.accrue(book_of(twice), [PLAIN], PEOPLE, through=MARCH)
    assert (frozenset({"lin"}), expected.blocked) == (actual.blocked, actual.blocked)
    assert cells_of(expected) == cells_of(actual)


def test_a_target_takes_the_place_of_a_quota() -> None:
    """Half of a quota of 2,000 pays 1%; all of a target of 500 is passed, and pays 2%."""
    tiers = lp.schemes.Tiers(by="attainment", applies="flat", accumulates="period", quota="2000 CNY", indicator="lent")
    curve = lp.schemes.Curve.of([["0%", "1%"], ["100%", "2%"]], shape="step")
    plan = dated(component(curve=curve, tiers=tiers), role="officer")
    found = compared(deals(), plan, targets=target("lent", "500 CNY"))
    assert [2000, 1000, 1000] == [found.of(payee)[0].amount.units for payee in ("lin", "wu", "hu")]


def test_a_plan_in_another_currency_than_the_book() -> None:
    """1% of 1,000 yuan at 0.125 is 1.25 dollars each."""
    rate = lp.ExchangeRate(currency="CNY", into="USD", on="2026-01-01", rate="0.125")
    facts = [*deals(), rate]
    found = compared(facts, dated(component(rate="1%"), currency="USD", role="officer"))
    assert ["1.25 USD"] * 3 == [str(line.amount) for line in found]


def test_how_a_tape_stands_takes_back_what_was_earned() -> None:
    """A tape says on its own day that a loan is past due; and a rule lowers its tier."""
    rule = lp.schemes.Clawback(on="past due", more_than_days=30, share="100%", attainment="lowered")
    plan = dated(component(rate="1%", stages=STAGES, dead="keep"), clawbacks=(rule,))
    days = np.array(["2026-03-02", "2026-03-03"], dtype="datetime64[D]")
    tape = {"loan": np.array([1, 2]), "customer": np.array([1, 2]), "officer": np.array(["lin", "lin"])}
    tape |= {"opened_on": days, "due_diligence_on": days, "disbursed_on": days, "disbursed": np.array([100, 10_000])}
    book = lp.Facts.read(
        {"loans": tape | {"days_past_due": np.array([0, 31])}}, currency="CNY", money="fen", as_of="2026-03-31"
    )
    expected = lp.accrue(book.only(), [plan], LIN, through=MARCH)
    actual = lp.accrue(book, [plan], LIN, through=MARCH)
    assert_same(expected, actual)

    healthy = lp.Facts.read(
        {"loans": tape | {"days_past_due": np.array([0, 0])}}, currency="CNY", money="fen", as_of="2026-03-31"
    )
    found = lp.accrue(healthy, [plan], LIN, through=MARCH)
    assert [0, 1, 20, 80] == sorted(line.amount.units for line in found)


# ── calls ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_empty_book_has_no_lines() -> None:
    """A new branch has no loans yet."""
    for tables in ({}, {"loans": tables_of(deals())["loans"]}):
        rows = {name: {key: column[:0] for key, column in table.items()} for name, table in tables.items()}
        found = lp.accrue(lp.Facts.read(rows, currency="CNY", money="fen"), [PLAIN], PEOPLE, through=MARCH)
        assert ((), MARCH) == (found.lines, found.first)

    tape = {name: np.array([], dtype=np.str_) for name in ("loan", "customer", "officer")}
    tape |= {"opened_on": np.array([], dtype="datetime64[D]"), "balance": np.array([], dtype=np.int64)}
    book = lp.Facts.read({"loans": tape}, currency="CNY", money="fen", as_of="2026-01-31")
    assert MARCH == lp.accrue(book, [PLAIN], PEOPLE, through=MARCH).first


def test_a_wrong_call_says_what_to_do() -> None:
    """What looks like facts, plans, a period or a payee and is none is refused by name."""
    facts: Any = book_of(deals())
    wrong: Any = object()
    given: dict[str, Any] = {"through": MARCH}
    month: Any = "2026-03"
    with pytest.raises(DataError, match=r"the facts: they are a object; pass lp\.Facts\.of"):
        lp.accrue(wrong, [PLAIN], PEOPLE, **given)
    with pytest.raises(DataError, match="the plans: they are no dated plans"):
        lp.accrue(facts, facts, PEOPLE, **given)
    with pytest.raises(PeriodError, match="it is no Period"):
        lp.accrue(facts, [PLAIN], PEOPLE, through=month)
    twice = [reading("npl", "1%"), reading("npl", "2%")]
    with pytest.raises(DataError, match="it is supplied twice"):
        lp.accrue(facts, [PLAIN], PEOPLE, readings=twice, **given)
    with pytest.raises(lp.errors.UnknownPayeeError, match="lim"):
        lp.accrue(facts, [PLAIN], PEOPLE, **given).explain("lim")


def test_a_loan_of_which_nothing_counts_does_not_wrap() -> None:
    """An amount of 2**62 fen that counts for no tier is paid at the first rate, up to the most of a deal."""
    piece = component(
        rate=None,
        curve=lp.schemes.Curve.of([("0 CNY", "1%"), ("1000 CNY", "0.125%")], shape="step"),
        tiers=lp.schemes.Tiers(
            by="amount", applies="flat", accumulates="per transaction", counts=(where("product", "car"),)
        ),
        most="20 CNY",
    )
    facts = drawn("46116860184273879.04")
    expected = lp.accrue(lp.Facts.of(facts), [dated(piece)], LIN, through=THROUGH)

    assert [lp.Money("20 CNY")] == [line.amount for line in expected.lines]
    assert_same(expected, lp.accrue(book_of(facts), [dated(piece)], LIN, through=THROUGH))
