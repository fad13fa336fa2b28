"""Facts of tables are measured as their rows are, whatever the size of numbers and however the tables come."""

import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from attrs import evolve, fields
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.books import arrow_of, tables_of
from tests.books_of_facts import CATALOGUED
from tests.measures import FACTS, LARGE, PERIODS, STAFF, measures, own, tapes
from tests.reference import expected_of

import loanperf as lp
from loanperf._indicators import CATALOGUE

MARCH = lp.Period.month(2026, 3)
EVERYTHING = [*map(lp.indicator, CATALOGUE), *CATALOGUED[len(CATALOGUE) :]]
"""The whole catalogue, what its options add, and its family."""


def whole(numbers: Sequence[int]) -> NDArray[np.int64]:
    """A column of whole numbers."""
    return np.array(numbers, dtype=np.int64)


def days(on: str, rows: int) -> Any:
    """A column of one day."""
    return np.array([on] * rows, dtype="datetime64[D]")


def tape(balances: Sequence[int], officers: Sequence[str] = (), **columns: Any) -> dict[str, Any]:
    """Loans of lin's unless said otherwise, opened in 2025, with these balances."""
    rows = len(balances)
    return {
        "loan": np.arange(rows),
        "customer": np.arange(rows),
        "officer": np.array(list(officers) or ["lin"] * rows, dtype=np.str_),
        "opened_on": days("2025-01-01", rows),
        "balance": whole(balances),
        **columns,
    }


def read(loans: dict[str, Any], **tables: Any) -> lp.Facts:
    """Facts as of the end of March 2026, in fen."""
    return lp.Facts.read({"loans": loans, **tables}, currency="CNY", money="fen", as_of="2026-03-31")


def in_columns(facts: Iterable[lp.Fact]) -> lp.Facts:
    """The same facts, as tables of a host."""
    return lp.Facts.read(tables_of(facts), currency="CNY", money="smallest unit")


def balances(held_at: Any = "as of") -> lp.schemes.Indicator:
    """The sum of balances."""
    return own("balances", lp.schemes.Total(over="loans", sum="balance", held_at=held_at), lp.schemes.Kind.MONEY)


def measured(
    facts: Any,
    *indicators: lp.schemes.Indicator,
    organisation: lp.Organisation | None = None,
    period: lp.Period = MARCH,
) -> lp.Readings:
    """A measurement in yuan."""
    return lp.measure(facts, period, indicators, currency="CNY", organisation=organisation)


def amounts(found: lp.Readings, code: str) -> dict[str, Fraction]:
    """The numerator of each payee in an indicator."""
    return {payee: found.of(payee)[code].numerator for payee in found.payees}


def faults(problems: Iterable[lp.errors.Problem]) -> list[tuple[str, str]]:
    """What is wrong, wherever it stands."""
    return sorted((item.where.rpartition(": ")[2], item.fault) for item in problems)


def must_be_as_expected(facts: Sequence[lp.Fact], found: lp.Readings) -> None:
    """Every reading of March and every problem are those of the plain reference."""
    wanted = expected_of([facts], MARCH, EVERYTHING, currency="CNY")
    assert wanted is not None
    assert wanted.payees == found.payees
    for reading in found:
        showed = wanted.showed[reading.subject, reading.indicator]
        assert (showed.numerator, showed.denominator) == (reading.numerator, reading.denominator), reading
    assert [*wanted.faults] == faults(found.problems)


# ── tables and rows ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("examples", [20, pytest.param(75, marks=pytest.mark.slow)])
def test_facts_of_tables_are_measured_as_rows(examples: int) -> None:
    """Each payee, indicator and count, whatever is measured; and the reasons. The slow run tries 75 books."""
    asked = (FACTS, measures(), PERIODS, st.sampled_from([None, STAFF]))
    settings(max_examples=examples)(given(*asked)(tables_are_measured_as_rows))()


def tables_are_measured_as_rows(
    facts: list[lp.Fact], more: list[lp.schemes.Indicator], period: lp.Period, staff: lp.Organisation | None
) -> None:
    """Compare what tables and rows of the same facts come to."""
    facts = [*{fact.key: fact for fact in facts}.values(), lp.Training(payee="lin", course="AML", on="2026-01-02")]
    asked = [*EVERYTHING, *more]

    expected = measured(facts, *asked, organisation=staff, period=period)
    found = measured(in_columns(facts), *asked, organisation=staff, period=period)

    assert [*expected] == [*found]
    assert faults(expected.problems) == faults(found.problems)
    assert (expected.rows, expected.used, expected.repeats) == (found.rows, found.used, found.repeats)


@pytest.mark.parametrize("examples", [40, pytest.param(150, marks=pytest.mark.slow)])
def test_a_tape_is_measured_as_the_facts_that_it_stands_for(examples: int) -> None:
    """A column of a tape is a fact: alone, beside events and balances, and where the two contradict each other.

    The slow run tries 150 tapes.
    """
    asked = (tapes(), measures(), PERIODS, st.sampled_from([None, STAFF]))
    settings(max_examples=examples)(given(*asked)(a_tape_is_measured_as_its_facts))()


def a_tape_is_measured_as_its_facts(
    given_book: lp.Facts, more: list[lp.schemes.Indicator], period: lp.Period, staff: lp.Organisation | None
) -> None:
    """Compare what a tape and its facts as rows come to."""
    facts, asked = given_book, [*EVERYTHING, *more]
    try:
        expected = measured([*facts], *asked, organisation=staff, period=period)
    except lp.errors.EmptyPeriodError:
        return

    found = measured(facts, *asked, organisation=staff, period=period)

    assert [*expected] == [*found]
    assert faults(expected.problems) == faults(set(found.problems) - set(facts.problems))
    assert (facts.rows, facts.repeats) == (found.rows, found.repeats)


@given(tapes(), st.randoms(use_true_random=False), st.integers(1, 5))
def test_order_of_a_tape_and_size_of_chunks_do_not_change_a_bit(
    given_book: lp.Facts, chance: Random, size: int
) -> None:
    """Sums are of whole numbers, so that they come out the same whichever way they are added up."""
    facts = [*given_book]
    shuffled = chance.sample(facts, len(facts))
    asked = [*EVERYTHING, balances("origination")]
    try:
        expected = measured(in_columns(facts), *asked)
    except lp.errors.EmptyPeriodError:
        return

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("loanperf._indicators._counted.CHUNK_LOANS", size)
        found = measured(in_columns(shuffled), *asked)

    assert expected == found


@given(tapes(LARGE), st.sampled_from([None, STAFF]))
def test_amounts_near_the_limits_of_64_bits_are_exact(given_book: lp.Facts, staff: lp.Organisation | None) -> None:
    """Rows of a view may each fit in 64 bits where their sums, averages and products do not."""
    facts = given_book
    wanted = expected_of([[*facts]], MARCH, EVERYTHING, currency="CNY", organisation=staff)
    if wanted is None:
        return

    found = measured(facts, *EVERYTHING, organisation=staff)

    assert {key: (showed.numerator, showed.denominator) for key, showed in wanted.showed.items()} == {
        (item.subject, item.indicator): (item.numerator, item.denominator) for item in found
    }


def enlarged(fact: lp.Fact, times: int) -> lp.Fact:
    """A fact of which every amount is so many times as large."""
    names = [item.name for item in fields(type(fact)) if isinstance(getattr(fact, item.name), lp.Money)]
    given_fact: Any = fact
    found: lp.Fact = evolve(
        given_fact, **{name: lp.Money.from_units(getattr(fact, name).units * times, "CNY") for name in names}
    )
    return found


@given(FACTS, st.sampled_from([2**32, 2**46, 2**47, 2**48]))
def test_large_amounts_of_events_are_exact(facts: list[lp.Fact], times: int) -> None:
    """The same of balances that are moved by events, written off and recovered."""
    facts = [*{fact.key: enlarged(fact, times) for fact in facts}.values()]
    facts.append(lp.Training(payee="lin", course="KYC", on="2026-03-02"))

    must_be_as_expected(facts, measured(in_columns(facts), *EVERYTHING))


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────


@given(tapes(), st.integers(1, 3), st.sampled_from([None, STAFF]))
def test_parts_of_a_tape_measure_as_the_whole(given_book: lp.Facts, size: int, staff: lp.Organisation | None) -> None:
    """A tape that does not fit into memory comes in parts, whose words for officers may stand in another order."""
    facts = given_book
    loans = sorted(facts.loans)
    cut = [loans[at : at + size] for at in range(0, len(loans), size)]
    alone = facts.only(loans=loans)
    try:
        expected = measured(alone, *EVERYTHING, organisation=staff)
    except lp.errors.EmptyPeriodError as error:
        with pytest.raises(lp.errors.EmptyPeriodError, match=re.escape(str(error))):
            measured((alone.only(loans=part) for part in cut), *EVERYTHING, organisation=staff)
        return

    found = measured((alone.only(loans=part) for part in cut), *EVERYTHING, organisation=staff)

    assert expected == found
    with pytest.raises(lp.errors.DataError, match="an explanation: the facts came in parts"):
        found.explain("lin")


@pytest.mark.parametrize("kind", [np.int64, np.str_])
def test_a_loan_in_two_parts_is_an_error(kind: Any) -> None:
    """Its first row has been added up when the second one comes; a sum that counts it twice must never be seen."""
    parts = [tape([1, 2]), tape([4, 8])]
    for loans, numbers in zip(parts, ([5, 9], [9, 4]), strict=True):
        loans["loan"] = np.array(numbers).astype(kind)

    with pytest.raises(lp.errors.DataError, match="table loans: the loan '9' stands in two batches"):
        measured(map(read, parts), balances())


@pytest.mark.parametrize(
    "fact",
    [
        lp.Customer(customer="A", officer="lin", since="2026-01-01"),
        lp.Violation(number="1", payee="lin", on="2026-03-02", points=3),
        lp.Inquiry(number="1", payee="lin", on="2026-03-02", authorised=True, permitted=True),
        lp.Training(payee="lin", course="AML", on="2026-03-02"),
        lp.Rating(number="1", payee="lin", on="2026-03-02", topic="teamwork", score=90),
        lp.Valuation(number="1", payee="lin", on="2026-03-02", appraised="5 CNY", benchmark="5 CNY"),
        lp.Complaint(number="1", payee="lin", on="2026-03-02"),
    ],
)
def test_a_customer_or_fact_in_two_parts_is_an_error(fact: lp.Fact) -> None:
    """The same of customers and of what is said of payees: points would be lost twice for one violation."""
    more = lp.Training(payee="wu", course="KYC", on="2026-03-02")

    with pytest.raises(lp.errors.DataError, match="stands in two batches; drop the repeated row"):
        measured([in_columns([fact, more]), in_columns([fact])], *EVERYTHING)
    with pytest.raises(lp.errors.DataError, match="stands in two batches; drop the repeated row"):
        measured([lp.Facts.of([fact, more]), lp.Facts.of([fact])], *EVERYTHING)


def test_what_belongs_to_a_loan_of_another_part_is_a_problem() -> None:
    """Events, balances, holdings and profits come with their loan or customer; left alone, they are named."""
    loans: list[lp.Fact] = [lp.Loan(loan="L1", customer="A", officer="lin", opened_on="2026-03-01")]
    customers: list[lp.Fact] = [lp.Customer(customer="A", officer="lin", since="2026-03-01")]
    events: list[lp.Fact] = [lp.LoanEvent(loan="L1", kind=lp.EventKind.SIGNED, on="2026-03-02", amount="5 CNY")]
    profits: list[lp.Fact] = [lp.Profit(customer="A", on="2026-03-02", amount="5 CNY")]

    found = measured(map(in_columns, (loans + customers, events + profits)), *EVERYTHING)

    assert ["there is no such loan", "there is no such customer"] == [problem.fault for problem in found.problems]
    assert (4, 2) == (found.rows, found.used)
    assert Fraction(0) == found.of("lin")["loan_amount"].numerator


def test_parts_and_rows_do_not_mix() -> None:
    """A row among parts would be a part of one fact to some and a slip to most."""
    with pytest.raises(lp.errors.DataError, match="one of the parts: it is no Facts"):
        measured([read(tape([1])), lp.Training(payee="lin", course="AML", on="2026-03-02")], balances())


# ── every meeting of days ───────────────────────────────────────────────────────────────────────────────────

NEAR = tuple(
    map(date.fromisoformat, ("2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02", "2026-03-31", "2026-04-01"))
)
"""Days around the first and the last of March."""


@pytest.mark.parametrize(
    "as_of", [*NEAR[1::3], *(pytest.param(day, marks=pytest.mark.slow) for day in (*NEAR[::3], *NEAR[2::3]))]
)
def test_every_order_of_the_days_of_a_tape(as_of: date) -> None:
    """Opened, drawn, due and stated before, on and after each other and the period: a payee each, and all alike."""
    cases = [*product(NEAR[::2], [None, *NEAR], [None, *NEAR[1:5]], [None, 0, 50], [0, 1, 30])]
    opened, drawn, due, held, late = zip(*cases, strict=True)

    def on(some: Sequence[date | None]) -> Any:
        filled = np.array([day or NEAR[0] for day in some], dtype="datetime64[D]")
        return np.ma.masked_array(filled, mask=[day is None for day in some])

    loans = {
        "loan": np.arange(len(cases)),
        "customer": np.arange(len(cases)),
        "officer": np.array([f"p{row}" for row in range(len(cases))]),
        "opened_on": on(opened),
        "disbursed_on": on(drawn),
        "disbursed": np.ma.masked_array(np.full(len(cases), 70), mask=[day is None for day in drawn]),
        "first_due_on": on(due),
        "balance": np.ma.masked_array(whole([units or 0 for units in held]), mask=[units is None for units in held]),
        "days_past_due": whole(late),
    }
    facts = lp.Facts.read({"loans": loans}, currency="CNY", money="fen", as_of=as_of)

    must_be_as_expected([*facts], measured(facts, *EVERYTHING))


def test_every_order_of_balances_and_days_past_due() -> None:
    """A balance with arrears, what is said of days past due, and a first instalment, on each day around the others."""
    facts: list[lp.Fact] = []
    for number, (stated, said, due, late, drawn) in enumerate(
        product(NEAR[1:5], NEAR[1:5], NEAR[1:4], [0, 1, 29], NEAR[1:5])
    ):
        loan = f"L{number}"
        facts += [
            lp.Loan(loan=loan, customer="A", officer=f"p{number}", opened_on="2026-02-01", first_due_on=due),
            lp.LoanEvent(loan=loan, kind=lp.EventKind.DISBURSED, on=drawn, amount="0.70 CNY"),
            lp.LoanEvent(loan=loan, kind=lp.EventKind.PAST_DUE, on=said, days=late),
            lp.Balance(loan=loan, on=stated, outstanding="0.50 CNY", overdue="0.20 CNY"),
        ]

    must_be_as_expected(facts, measured(in_columns(facts), *EVERYTHING))


def test_every_order_of_the_days_of_customers() -> None:
    """Records, holdings and profits that start and end around the ends of March."""
    held = [(since, until) for since, until in product(NEAR, [None, *NEAR]) if until is None or since < until]
    facts: list[lp.Fact] = []
    for number, ((since, until), on) in enumerate(product(held, NEAR)):
        customer = f"C{number}"
        facts += [
            lp.Customer(customer=customer, officer=f"p{number}", since=since, until=until),
            lp.Holding(customer=customer, product="card", since=since, until=until),
            lp.Holding(customer=customer, product="fund", since=on),
            lp.Profit(customer=customer, on=on, amount="0.07 CNY"),
        ]
    facts = [*{fact.key: fact for fact in facts}.values()]

    must_be_as_expected(facts, measured(in_columns(facts), *EVERYTHING))


# ── a tape by hand ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_tape_is_summed_by_payee() -> None:
    """By hand: lin has 300 yuan, of which 100 are non-performing and 200 overdue; wu has 50 and nothing bad."""
    loans = tape(
        [10_000, 20_000, 5_000],
        ["lin", "lin", "wu"],
        category=np.array(["loss", "special mention", "normal"]),
        days_past_due=whole([0, 31, 0]),
        disbursed_on=np.array(["2026-03-01", "2026-02-28", "2026-03-31"], dtype="datetime64[D]"),
        disbursed=whole([12_000, 20_000, 5_000]),
    )
    codes = ("npl_ratio", "par_30", "disbursed_amount")

    found = measured(read(loans), *map(lp.indicator, codes), balances())

    assert {"lin": ["1/3", "2/3", "120 CNY", "300 CNY"], "wu": ["0", "0", "50 CNY", "50 CNY"]} == {
        payee: [str(reading.value) for reading in found.of(payee).values()] for payee in found.payees
    }
    assert (3, 3, 0, ()) == (found.rows, found.used, found.repeats, found.problems)


def test_a_team_is_the_sum_over_the_sum() -> None:
    """By hand: 1 of 10 and 1 of 90 are 2%, never the mean of 10% and 1.1%; of nobody there is nothing."""
    loans = tape([1000, 9000, 1000, 89_000], ["lin", "lin", "wu", "wu"], category=np.array(["loss", "normal"] * 2))
    found = measured(read(loans), lp.indicator("npl_ratio"), lp.indicator("compliance_score"))
    team = found.team("east", ["wu", "lin", "lin", "stranger"])

    assert "0.02" == str(team["npl_ratio"].value)
    assert ("east", "100 point") == (team["npl_ratio"].subject, str(team["compliance_score"].value))
    assert {} == found.team("east", ["stranger"])
    assert {} == found.of("stranger")


# ── large numbers ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("large", [2**53 - 1, 2**53, 2**53 + 1, 2**62 - 1, 2**62, 2**63 - 2, 2**63 - 1])
@pytest.mark.parametrize("copies", [1, 2, 3])
def test_no_sum_wraps(large: int, copies: int) -> None:
    """By Python's integers: every sum is exact; of those that 64 bits cannot hold, a table has none."""
    loans = tape([large] * copies + [1, 2, large], ["lin"] * copies + ["lin", "wu", "hu"])
    expected = {"hu": large, "lin": copies * large + 1, "wu": 2}
    indicators = [
        balances(),
        own("loans", lp.schemes.Total(over="loans"), lp.schemes.Kind.COUNT),
        lp.indicator("npl_ratio"),
    ]

    found = measured(read(loans), *indicators)

    assert expected == {payee: units * 100 for payee, units in amounts(found, "balances").items()}
    assert {"hu": 1, "lin": copies + 1, "wu": 1} == amounts(found, "loans")
    assert sum(expected.values()) == found.team("all", found.payees)["balances"].numerator * 100
    held = found.table()["balances"]
    for row, units in enumerate(expected.values()):
        value = held.at(row)
        assert (units < 2**63) == (value is not None)
        assert value is None or Fraction(int(str(value)), held.scale or 1) * 100 == units


@pytest.mark.parametrize(
    "units",
    [
        [2**62, 2**62 - 1],
        [2**62, 2**62],
        [2**62, 2**62 + 1],
        [-(2**62), -(2**62) + 1],
        [-(2**62), -(2**62)],
        [-(2**62), -(2**62) - 1],
        [-(2**63) + 1, 2**63 - 1, -1],
        [2**63 - 1, 2**63 - 1, -(2**63) + 1],
    ],
)
@pytest.mark.parametrize("customers", [["A", "B", "C"], ["A", "A", "A"]])
def test_sums_at_both_ends_of_64_bits(units: list[int], customers: list[str]) -> None:
    """Of one customer, or of several of one payee."""
    named = customers[: len(units)]
    held = {
        "customer": np.array(sorted({*named})),
        "officer": np.array(["lin"] * len({*named})),
        "since": days("2026-01-01", len({*named})),
    }
    profits = {
        "customer": np.array(named),
        "on": days("2026-03-02", len(units)),
        "number": np.array([str(row) for row in range(len(units))]),
        "amount": whole(units),
    }
    facts = lp.Facts.read({"customers": held, "profits": profits}, currency="CNY", money="fen")

    found = measured(facts, own("earned", lp.schemes.Total(over="customers", sum="profit"), lp.schemes.Kind.MONEY))

    assert ((), {"lin": Fraction(sum(units), 100)}) == (found.problems, amounts(found, "earned"))


def test_averages_of_large_balances_are_exact() -> None:
    """31 times a balance does not fit in 64 bits; its average fits again."""
    average = lp.indicator("average_daily_balance")
    unknown = measured(read(tape([2**62, 3], ["lin", "wu"])), average)
    loans = tape([2**62, 31], ["lin", "wu"], disbursed_on=days("2025-01-01", 2), disbursed=whole([2**62, 31]))

    known = measured(read(loans), average)

    assert ["average_balance is unknown on 2026-03-31"] * 2 == [problem.fault for problem in unknown.problems]
    assert ((), {"lin": Fraction(2**62, 100), "wu": Fraction(31, 100)}) == (
        known.problems,
        amounts(known, "average_daily_balance"),
    )


@pytest.mark.parametrize("weight", [Fraction(1, 3), Fraction(2**40), Fraction(1, 2**40), Fraction(2**70, 3)])
@pytest.mark.parametrize("units", [[100, 200], [100, 2_000_000_000], [2**30 - 1, 2**30], [2**62, 2**63 - 1]])
def test_weights_are_exact_however_large_their_products_are(weight: Fraction, units: list[int]) -> None:
    """A weight of a third, and one that takes a product beyond 63 bits."""
    curve = lp.schemes.Curve.of([["0 CNY", weight]], shape="step")
    total = lp.schemes.Total(over="loans", sum="balance", weighed_by="balance", weights=curve, held_at="as of")

    found = measured(read(tape(units)), own("weighed", total, lp.schemes.Kind.MONEY))

    assert {"lin": weight * sum(units) / 100} == amounts(found, "weighed")


@pytest.mark.parametrize("closed", ["left", "right"])
@pytest.mark.parametrize("shape", ["step", "linear"])
@pytest.mark.parametrize("units", [[99, 100, 101], [0, 33, 34], [249, 250, 251]])
def test_weights_are_looked_up_on_both_sides_of_a_knot(units: list[int], closed: Any, shape: Any) -> None:
    """A knot that an amount hits exactly belongs to one side; one between two fen to neither."""
    knots = ((Fraction(1, 3), Fraction(1)), (Fraction(1), Fraction(5, 2)), (Fraction(5, 2), Fraction(7)))
    curve = lp.schemes.Curve(knots=knots, shape=shape, closed=closed, x_unit="CNY")
    weighed = own("weighed", lp.schemes.Total(over="loans", weighed_by="balance", weights=curve), lp.schemes.Kind.COUNT)

    found = measured(read(tape(units, ["hu", "lin", "wu"])), weighed)

    expected = {payee: curve.at(Fraction(fen, 100)) for payee, fen in zip(("hu", "lin", "wu"), units, strict=True)}
    assert expected == amounts(found, "weighed")


@pytest.mark.parametrize("points", [2**62 // 3, 2**62, 2**63 - 1])
def test_points_beyond_all_bounds_leave_nothing(points: int) -> None:
    """Thirds of points over so many violations do not fit in 64 bits; what is left is 0 all the same."""
    violations = {
        "number": np.array(["1", "2"]),
        "payee": np.array(["lin", "wu"]),
        "on": days("2026-03-02", 2),
        "points": whole([points, 100]),
    }
    units = {"violations": {"points": "1/100 point"}}
    facts = lp.Facts.read({"violations": violations}, currency="CNY", units=units)
    deduct = lp.schemes.Deduct(start=Fraction(37, 3), less=lp.schemes.Total(over="violations", sum="points"))

    found = measured(facts, own("left", deduct, lp.schemes.Kind.POINTS))

    assert {"lin": Fraction(0), "wu": Fraction(34, 3)} == amounts(found, "left")


@settings(max_examples=12)
@given(st.integers(40, 5000))
def test_chunks_of_any_size_come_to_the_same(size: int) -> None:
    """Thousands of loans of dozens of payees, cut at places that nobody chose; by Python's integers."""
    chance, rows = np.random.default_rng(4), 4000
    officers = [f"p{number}" for number in chance.integers(0, 40, rows).tolist()]
    units: list[int] = (chance.integers(0, 2**57, rows) | 1).tolist()
    bad: list[bool] = (chance.random(rows) < 0.1).tolist()
    loans = tape(units, officers, category=np.where(bad, "loss", "normal"))
    expected = dict.fromkeys(sorted({*officers}), 0)
    lost = dict(expected)
    for officer, amount, is_bad in zip(officers, units, bad, strict=True):
        expected[officer] += amount
        lost[officer] += amount * is_bad

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("loanperf._indicators._counted.CHUNK_LOANS", size)
        found = measured(read(loans), balances(), lp.indicator("npl_ratio"))

    assert expected == {payee: units * 100 for payee, units in amounts(found, "balances").items()}
    assert lost == {payee: units * 100 for payee, units in amounts(found, "npl_ratio").items()}


# ── what is handed on ───────────────────────────────────────────────────────────────────────────────────────


def test_readings_are_appraised_as_columns() -> None:
    """The table goes into `appraise_all` as it is; each score equals that of the readings one by one."""
    card = lp.template("worked-example").resolve(period=MARCH)
    codes = [line.indicator.code for line in card.lines]
    loans = tape(
        [10_000, 20_000, 5_000],
        ["lin", "lin", "wu"],
        category=np.array(["loss", "special mention", "normal"]),
        signed_on=np.array(["2026-03-01", "2026-02-28", "2026-03-31"], dtype="datetime64[D]"),
        signed=whole([120_000_000, 20_000, 100_000_000]),
    )
    customers = {
        "customer": np.array(["A", "B", "C"]),
        "officer": np.array(["lin", "lin", "wu"]),
        "since": days("2026-01-01", 3),
        "until": np.ma.masked_array(days("2026-03-05", 3), mask=[False, True, True]),
    }
    targets = {line.indicator.code: line.target for line in card.lines if line.target is not None}

    found = measured(read(loans, customers=customers), *map(lp.indicator, codes))
    scored = lp.appraise_all(card, found.table())

    assert [lp.appraise(card, targets, found.of(payee).values(), payee=payee).score for payee in found.payees] == [
        scored.appraisal(row).score for row in range(2)
    ]
    assert () == scored.problems
    assert list(found.payees) == [scored.rows["payee"].at(row) for row in range(2)]


def test_a_quotient_of_unlike_units_keeps_its_value() -> None:
    """A balance over an average: the one counts fen, the other fen and days; the columns are brought together."""
    drawn = days("2026-03-30", 1)
    loans = tape([31_000], disbursed_on=drawn, disbursed=whole([31_000])) | {"opened_on": drawn}
    balance, average = (lp.schemes.Total(over="loans", sum=name) for name in ("balance", "average_balance"))
    above = own("above", lp.schemes.Ratio(numerator=balance, denominator=average), lp.schemes.Kind.RATIO)
    under = own("under", lp.schemes.Ratio(numerator=average, denominator=balance), lp.schemes.Kind.RATIO)

    found = measured(read(loans), above, under)
    table, frame = found.table(), found.frame()

    for code, expected in (("above", Fraction(31, 2)), ("under", Fraction(2, 31))):
        top, bottom = table[f"{code}.numerator"], table[f"{code}.denominator"]
        assert expected == Fraction(int(top.values[0]), int(bottom.values[0])) / (top.scale or 1)
        assert [float(expected)] == frame[code].tolist()


def test_an_indicator_that_is_not_measured_has_no_column() -> None:
    """A slip in a code is named, with what there is; what only the host can supply is not measured."""
    supplied = evolve(balances(), code="supplied", measure=None)
    found = measured(read(tape([1])), balances(), supplied)

    assert ["payee", "balances"] == [*found.table(["balances"])] == [*found.table()]
    with pytest.raises(lp.errors.DataError, match=r"'balance': it is not measured here; name one of balances"):
        found.table(["balance"])


def test_results_cannot_be_written_to() -> None:
    """A result is a value."""
    found = measured(read(tape([1])), balances(), lp.indicator("npl_ratio"))

    for name in found.table():
        with pytest.raises(ValueError, match="read-only"):
            found.table()[name].values[0] = 5
    assert {"lin": Fraction(1, 100)} == amounts(found, "balances")


def test_readings_come_as_the_frame_that_the_facts_came_in() -> None:
    """Whoever brings Arrow goes on with Arrow: exact into scores, and in wholes into a chart."""
    facts: list[lp.Fact] = [lp.Loan(loan="L1", customer="C1", officer="lin", opened_on="2026-03-01")]
    facts += [lp.LoanEvent(loan="L1", kind=lp.EventKind.DISBURSED, on="2026-03-02", amount="9.01 CNY")]
    codes = ("disbursed_amount", "npl_ratio", "teamwork")

    found = measured(lp.Facts.read(arrow_of(facts), currency="CNY", money="fen"), *map(lp.indicator, codes))

    assert [{"payee": "lin", "disbursed_amount": 9.01, "npl_ratio": 0.0, "teamwork": None}] == found.frame().to_pylist()
    assert pa.types.is_float64(found.frame().schema.field("disbursed_amount").type)
    assert "pyarrow" == found.table().came_as
    assert (901, 100) == (found.table()["disbursed_amount"].at(0), found.table()["disbursed_amount"].scale)


# ── calls ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_progress_is_told_and_may_cancel(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host shows how far it is, and may stop between two chunks; nothing of it is kept."""
    monkeypatch.setattr("loanperf._indicators._counted.CHUNK_LOANS", 2)
    told: list[tuple[int, int]] = []

    def stop(done: int, many: int) -> None:
        raise KeyboardInterrupt(f"{done} of {many}")

    def tell(done: int, many: int) -> None:
        told.append((done, many))

    lp.measure(read(tape([1] * 5)), MARCH, [balances()], currency="CNY", progress=tell)
    parts = [tape([1, 2]), tape([3]) | {"loan": np.array([7])}]
    lp.measure(map(read, parts), MARCH, [balances()], currency="CNY", progress=tell)

    assert [(4, 10), (8, 10), (10, 10), (4, 4), (6, 6)] == told
    with pytest.raises(KeyboardInterrupt, match="4 of 10"):
        lp.measure(read(tape([1] * 5)), MARCH, [balances()], currency="CNY", progress=stop)


def test_a_payee_without_any_loan_has_every_reading() -> None:
    """Of whom only a course is known, and of whom nothing but the assignment: sums of nothing, and no ratio."""
    trainings = in_columns([lp.Training(payee="wu", course="AML", on="2026-03-02")])
    asked = [balances(), lp.indicator("npl_ratio")]

    found = measured([trainings, read(tape([1])), read(tape([]))], *asked)
    staffed = measured(trainings, *asked, organisation=STAFF)

    assert (("lin", "wu"), ("lin", "nobody's", "wu")) == (found.payees, staffed.payees)
    for readings in (found.of("wu"), staffed.of("wu"), staffed.of("nobody's")):
        assert (Fraction(0), Fraction(0), None) == (
            readings["balances"].numerator,
            readings["npl_ratio"].denominator,
            readings["npl_ratio"].value,
        )
    assert (1, 1, ()) == (staffed.rows, staffed.used, staffed.problems)


def test_facts_are_measured_in_two_threads() -> None:
    """A host serves several people at once; facts are a value, and nobody's call changes them."""
    facts = read(tape(range(5000), [f"p{row % 7}" for row in range(5000)]))
    indicators = [balances(), lp.indicator("npl_ratio"), lp.indicator("par_30")]

    with ThreadPoolExecutor(4) as pool:
        found = [*pool.map(lambda _: measured(facts, *indicators), range(8))]

    assert [found[0]] * 8 == found


def test_an_empty_period_is_refused() -> None:
    """A period before the first fact is a slip; the error says from when to when there are facts."""
    early = lp.Period.month(2024, 3)
    with pytest.raises(lp.errors.EmptyPeriodError, match=r"2024-03.*; the facts run from 2025-01-01 to 2026-03-31"):
        measured(read(tape([1])), balances(), period=early)
    with pytest.raises(lp.errors.EmptyPeriodError, match=r"2024-03.*; the facts run from 2025-01-01 to 2026-03-31"):
        measured(iter([read(tape([1]))]), balances(), period=early)
    with pytest.raises(lp.errors.EmptyPeriodError):
        measured(iter([]), balances())
    with pytest.raises(lp.errors.EmptyPeriodError):
        measured(lp.Facts.read({}, currency="CNY"), balances())
