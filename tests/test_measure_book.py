"""Readings over columns equal those of rows, whatever is measured, and nothing that columns cannot hold is lost."""

import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from fractions import Fraction
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from attrs import evolve, fields
from examples.real_loans import SCHEME, lendingclub, sba
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.books import arrow_of, book_of, tables_of
from tests.measures import (
    AMOUNTS,
    CODES,
    DAYS,
    FACTS,
    LARGE,
    PAYEES,
    PERIODS,
    STAFF,
    kind_of,
    measures,
    own,
    tapes,
    totals,
)

import loanperf as lp
from loanperf import batch
from loanperf._indicators import CATALOGUE
from loanperf._indicators._usable import text_of
from loanperf._tables._sums import Chosen, Sums
from loanperf.batch._book._book import facts_of
from loanperf.batch._measure._measure import MeasuredBook, measure_book

MARCH = lp.Period.month(2026, 3)
CHUNKED = ("_counting", "_customers", "_dated", "_single", "_states")
"""The modules that work rows in chunks."""
EVERYTHING = [
    *(lp.indicator(code) for code in CATALOGUE),
    *(
        evolve(lp.indicator(code, options), code=f"{code} {place}")
        for place, (code, options) in enumerate(
            [
                ("disbursed_amount", {"cancelled": "kept", "held_at": "as of"}),
                ("loan_amount", {"held_at": "origination"}),
                ("customer_count", {"counted": "new"}),
                ("average_daily_balance", {"held_at": "origination"}),
                ("npl_ratio", {"written_off": "included"}),
                ("npl_ratio", {"written_off": "included", "rescheduled": "non-performing"}),
                ("npl_ratio", {"rescheduled": "non-performing", "held_at": "origination"}),
                ("overdue_ratio", {"basis": "instalment"}),
                ("overdue_ratio", {"basis": "count"}),
                ("par_30", {"rescheduled": "non-performing"}),
                ("first_payment_default_rate", {"grace_days": "3 days"}),
                ("cross_sell_rate", {"counted": "products per customer"}),
                ("contribution_per_customer", {"counted": "at end"}),
                ("training_completion_rate", {"course": "AML"}),
            ]
        )
    ),
    *(lp.par(days) for days in (0, 1, 91)),
]
"""The whole catalogue, what its options add, and its family."""


def without_parts(readings: dict[str, lp.Reading]) -> dict[str, lp.Reading]:
    """Readings as a book has them."""
    return {code: evolve(reading, parts=None) for code, reading in readings.items()}


def faults(problems: Iterable[lp.errors.Problem]) -> list[tuple[str, str, str]]:
    """What is wrong, wherever it stands; rows that contradict or repeat each other name each other's tables."""
    named = ("contradict", "say the same")
    return sorted(
        (item.fault, "" if any(word in item.fault for word in named) else item.found, item.remedy) for item in problems
    )


def rows_as_text(given_book: batch.Book) -> list[list[str]]:
    """Of each row of a book that can be used, the facts that it stands for, as the rows path names them."""
    return [
        [text_of(fact.key) for fact in facts_of(table, row, given_book.currency, given_book.as_of)]
        for name, table in given_book.tables.items()
        for row in range(table.rows)
    ]


def whole(numbers: Sequence[int]) -> NDArray[np.int64]:
    """A column of whole numbers."""
    return np.array(numbers, dtype=np.int64)


def enlarged(fact: lp.Fact, times: int) -> lp.Fact:
    """A fact of which every amount is so many times as large."""
    names = [item.name for item in fields(type(fact)) if isinstance(getattr(fact, item.name), lp.Money)]
    given_fact: Any = fact
    found: lp.Fact = evolve(
        given_fact, **{name: lp.Money.from_units(getattr(fact, name).units * times, "CNY") for name in names}
    )
    return found


def must_equal_where_it_fits(expected: lp.Readings, actual: MeasuredBook) -> None:
    """Each reading is that of the rows path, or there is a problem for it, and it is too large indeed."""
    lost = {problem.where for problem in actual.problems if problem.where.startswith("payee")}
    assert expected.payees == actual.payees
    for payee in expected.payees:
        here = actual.of(payee)
        for code, reading in without_parts(expected.of(payee)).items():
            if f"payee {payee}, {code}" in lost:
                most = max(abs(reading.numerator), reading.denominator or 0)
                assert code not in here
                assert most * 100 * (MARCH.days if code.startswith("average") else 1) >= 2**63
            else:
                assert reading == here[code]


ARROW = {"whole": pa.int64(), "truth": pa.bool_(), "day": pa.date32(), "text": pa.string()}


def arrow(column: batch.Column) -> Any:
    """A column as an array of Arrow."""
    return pa.array([column.at(row) for row in range(len(column))], type=ARROW[column.kind])


def tape(balances: Sequence[int], officers: Sequence[str] = (), **columns: Any) -> dict[str, Any]:
    """Loans of lin's unless said otherwise, opened in 2025, with these balances."""
    rows = len(balances)
    return {
        "loan": np.arange(rows),
        "customer": np.arange(rows),
        "officer": np.array(list(officers) or ["lin"] * rows, dtype=np.str_),
        "opened_on": np.array(["2025-01-01"] * rows, dtype="datetime64[D]"),
        "balance": whole(balances),
        **columns,
    }


def book(loans: dict[str, Any], **tables: Any) -> batch.Book:
    """A book as of the end of March 2026."""
    return batch.Book.of({"loans": loans, **tables}, currency="CNY", money="fen", as_of="2026-03-31")


def balances(held_at: Any = "as of") -> lp.Indicator:
    """The sum of balances."""
    return own("balances", lp.Total(over="loans", sum="balance", held_at=held_at), lp.Kind.MONEY)


def arrays(found: MeasuredBook) -> dict[str, list[Any]]:
    """All numbers of a result, and their units."""
    return {
        code: [
            *((part.values.tolist(), part.unit) for part in (item.numerator, item.denominator) if part is not None),
            None if item.missing is None else item.missing.tolist(),
        ]
        for code, item in found.columns.items()
    }


# ── the twin ────────────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=150)
@given(FACTS, measures(), PERIODS, st.sampled_from([None, STAFF]))
def test_every_reading_equals_that_of_the_rows(
    facts: list[lp.Fact], more: list[lp.Indicator], period: lp.Period, staff: lp.Organisation | None
) -> None:
    """The rows path is the definition: each payee, indicator, problem and count, and what is refused as empty."""
    indicators = [*EVERYTHING, *more]
    try:
        expected = lp.measure(facts, period, indicators, currency="CNY", organisation=staff)
    except lp.errors.EmptyPeriodError as error:
        with pytest.raises(lp.errors.EmptyPeriodError, match=re.escape(str(error).partition(";")[0])):
            measure_book(book_of(facts), period, indicators, organisation=staff)
        return

    actual = measure_book(book_of(facts), period, indicators, organisation=staff)

    assert expected.payees == actual.payees
    for payee in expected.payees:
        assert without_parts(expected.of(payee)) == actual.of(payee)
    assert faults(expected.problems) == faults(actual.problems) or any(
        "contradict" in problem.fault for problem in actual.problems
    )
    assert len(expected.problems) == len(actual.problems)
    assert (expected.rows, expected.used, expected.repeats) == (actual.rows, actual.used, actual.repeats)


@settings(max_examples=150)
@given(tapes(), measures(), PERIODS, st.sampled_from([None, STAFF]))
def test_every_reading_of_a_tape_equals_that_of_the_facts_that_it_stands_for(
    given_book: batch.Book, more: list[lp.Indicator], period: lp.Period, staff: lp.Organisation | None
) -> None:
    """A column of a tape is a fact: alone, beside events and balances, and where the two contradict each other."""
    indicators, facts = [*EVERYTHING, *more], given_book.facts()
    try:
        expected = lp.measure(facts, period, indicators, currency="CNY", organisation=staff)
    except lp.errors.EmptyPeriodError:
        return

    actual = measure_book(given_book, period, indicators, organisation=staff)

    assert expected.payees == actual.payees
    for payee in expected.payees:
        assert without_parts(expected.of(payee)) == actual.of(payee)
    assert faults(expected.problems) == faults(set(actual.problems) - set(given_book.problems))
    refused = {problem.where for problem in expected.problems}
    assert given_book.used - sum(not refused.isdisjoint(texts) for texts in rows_as_text(given_book)) == actual.used
    assert (given_book.rows, given_book.repeats) == (actual.rows, actual.repeats)


@given(FACTS, measures(), st.randoms(use_true_random=False), st.integers(1, 5))
def test_order_of_rows_and_size_of_chunks_do_not_change_a_bit(
    facts: list[lp.Fact], more: list[lp.Indicator], chance: Random, size: int
) -> None:
    """Sums are of whole numbers, so that they come out the same whichever way they are added up."""
    facts, indicators = [*facts, lp.Training(payee="lin", course="AML", on="2026-03-02")], [*EVERYTHING, *more]
    expected = measure_book(book_of(facts), MARCH, indicators)
    shuffled = chance.sample(facts, len(facts))

    with pytest.MonkeyPatch.context() as patch:
        for module in CHUNKED:
            patch.setattr(f"loanperf.batch._measure.{module}.CHUNK_ROWS", size)
        actual = measure_book(book_of(shuffled), MARCH, indicators)

    assert (expected.payees, arrays(expected)) == (actual.payees, arrays(actual))
    assert faults(expected.problems) == faults(actual.problems)
    assert (expected.rows, expected.used, expected.repeats) == (actual.rows, actual.used, actual.repeats)


@given(tapes(), st.randoms(use_true_random=False), st.integers(1, 5))
def test_order_of_a_tape_and_size_of_chunks_do_not_change_a_bit(
    given_book: batch.Book, chance: Random, size: int
) -> None:
    """The same of one row a loan, with and without rows of events beside it."""
    tables = {name: {column: table[column] for column in table} for name, table in given_book.tables.items()}
    loans, order = given_book.tables["loans"], list(range(given_book.tables["loans"].rows))
    chance.shuffle(order)
    tables["loans"] = {name: loans[name].rows(np.array(order)) for name in loans}
    indicators = [*EVERYTHING, balances("origination")]
    try:
        expected = measure_book(given_book, MARCH, indicators)
    except lp.errors.EmptyPeriodError:
        return

    with pytest.MonkeyPatch.context() as patch:
        for module in CHUNKED:
            patch.setattr(f"loanperf.batch._measure.{module}.CHUNK_ROWS", size)
        actual = measure_book(
            batch.Book.of(tables, currency="CNY", money="fen", as_of=given_book.as_of), MARCH, indicators
        )

    assert (expected.payees, arrays(expected), expected.scalar) == (actual.payees, arrays(actual), actual.scalar)
    assert expected.rows - expected.used - expected.repeats >= actual.rows - actual.used - actual.repeats


@given(tapes(LARGE), st.sampled_from([None, STAFF]))
def test_amounts_near_the_limits_of_64_bits_are_exact_or_a_problem(
    given_book: batch.Book, staff: lp.Organisation | None
) -> None:
    """A reading that 64 bits hold is that of the rows path; of any other it is said that there is none."""
    try:
        expected = lp.measure(given_book.facts(), MARCH, EVERYTHING, currency="CNY", organisation=staff)
    except lp.errors.EmptyPeriodError:
        return

    actual = measure_book(given_book, MARCH, EVERYTHING, organisation=staff)

    assert expected.payees == actual.payees
    must_equal_where_it_fits(expected, actual)


FOREIGN = st.lists(
    st.one_of(
        st.builds(
            lp.LoanEvent,
            loan=CODES,
            kind=st.sampled_from([lp.EventKind.SIGNED, lp.EventKind.DISBURSED, lp.EventKind.REPAID]),
            on=DAYS,
            number=st.just("abroad"),
            amount=AMOUNTS.map(lambda money: lp.Money.from_units(money.units, "USD")),
        ),
        st.builds(
            lp.Profit,
            customer=st.sampled_from(["A", "B"]),
            on=DAYS,
            number=st.just("abroad"),
            amount=st.integers(-99, 99).map(lambda units: lp.Money.from_units(units, "USD")),
        ),
        st.builds(
            lp.ExchangeRate,
            currency=st.just("USD"),
            into=st.just("CNY"),
            on=DAYS,
            rate=st.just(Fraction("7.1")),
        ),
        st.builds(
            lp.Credit, loan=CODES, payee=PAYEES, on=DAYS, role=st.just("referrer"), share=st.just(Fraction(1, 4))
        ),
    ),
    max_size=4,
    unique_by=lambda fact: fact.key,
)
"""Amounts in another currency, the rates at which they could be converted, and credits: no indicator counts them."""


@given(FACTS, FOREIGN)
def test_another_currency_is_no_part_of_any_sum(facts: list[lp.Fact], abroad: list[lp.Fact]) -> None:
    """A fact in dollars is a problem on both paths, whatever rates there are; pay converts, and indicators do not."""
    given_facts = [*facts, *abroad, lp.Training(payee="lin", course="AML", on="2026-03-02")]
    expected = lp.measure(given_facts, MARCH, EVERYTHING, currency="CNY")

    actual = measure_book(book_of(given_facts), MARCH, EVERYTHING)

    assert {payee: without_parts(expected.of(payee)) for payee in expected.payees} == {
        payee: actual.of(payee) for payee in actual.payees
    }
    assert (expected.rows, expected.used, expected.repeats) == (actual.rows, actual.used, actual.repeats)
    assert sum("another currency" in problem.fault for problem in expected.problems) == sum(
        "another currency" in problem.fault for problem in actual.problems
    )


@given(FACTS, st.lists(PAYEES, min_size=1, max_size=4), st.sampled_from([None, STAFF]))
def test_a_unit_reads_as_on_the_rows_path(
    facts: list[lp.Fact], members: list[str], staff: lp.Organisation | None
) -> None:
    """A branch is appraised by the sum over its members, whichever path measured them."""
    facts = [*facts, lp.Training(payee="lin", course="AML", on="2026-03-02")]
    expected = lp.measure(facts, MARCH, EVERYTHING, currency="CNY", organisation=staff)

    actual = measure_book(book_of(facts), MARCH, EVERYTHING, organisation=staff)

    assert without_parts(expected.team("east", members)) == actual.team("east", members)


@given(st.lists(totals(), min_size=1, max_size=3), FACTS)
def test_an_explanation_is_that_of_the_rows(asked: list[lp.Total], facts: list[lp.Fact]) -> None:
    """Columns keep no parts; for one payee they are worked out when somebody asks."""
    facts = [*facts, lp.Training(payee="lin", course="AML", on="2026-03-02")]
    indicators = [own(f"own{place}", total, kind_of(total)) for place, total in enumerate(asked)]
    expected = lp.measure(facts, MARCH, indicators, currency="CNY")

    found = measure_book(book_of(facts), MARCH, indicators)

    if not any("contradict" in problem.fault for problem in expected.problems):
        assert {payee: expected.of(payee) for payee in expected.payees} == {
            payee: found.explain(payee) for payee in found.payees
        }


@given(tapes(), measures())
def test_an_explanation_of_a_tape_is_that_of_the_facts_that_it_stands_for(
    given_book: batch.Book, asked: list[lp.Indicator]
) -> None:
    """Each part names its fact, so that a number on a sheet leads back to a cell of the tape."""
    indicators = [*EVERYTHING, *asked]
    try:
        expected = lp.measure(given_book.facts(), MARCH, indicators, currency="CNY")
    except lp.errors.EmptyPeriodError:
        return

    found = measure_book(given_book, MARCH, indicators)

    assert {payee: expected.of(payee) for payee in expected.payees} == {
        payee: found.explain(payee) for payee in found.payees
    }


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", [np.int64, np.str_])
def test_a_loan_in_two_parts_is_an_error(kind: Any) -> None:
    """Its first row has been added up when the second one comes; a sum that counts it twice must never be seen."""
    tapes_given = [tape([1, 2]), tape([4, 8])]
    for loans, numbers in zip(tapes_given, ([5, 9], [9, 4]), strict=True):
        loans["loan"] = np.array(numbers).astype(kind)
    parts = [book(loans) for loans in tapes_given]

    with pytest.raises(lp.errors.DataError, match="table loans: the loan '9' stands in two batches"):
        measure_book(parts, MARCH, [balances()])
    with pytest.raises(lp.errors.DataError, match="the loan '9' stands in two batches"):
        measure_book(batch.books_of(tapes_given, currency="CNY", money="fen", as_of="2026-03-31"), MARCH, [balances()])


@pytest.mark.parametrize(
    "fact",
    [
        lp.Customer(customer="A", officer="lin", since="2026-01-01"),
        lp.Violation(number="1", payee="lin", on="2026-03-02", points=3),
        lp.Inquiry(number="1", payee="lin", on="2026-03-02", authorised=True, permitted=True),
        lp.Training(payee="lin", course="AML", on="2026-03-02"),
        lp.Rating(number="1", payee="lin", on="2026-03-02", topic="teamwork", score=90),
        lp.Valuation(number="1", payee="lin", on="2026-03-02", appraised="5 CNY", benchmark="5 CNY"),
    ],
)
def test_a_customer_or_fact_in_two_parts_is_an_error(fact: lp.Fact) -> None:
    """The same of customers and of what is said of payees: points would be lost twice for one violation."""
    facts = [fact, lp.Training(payee="wu", course="KYC", on="2026-03-02")]

    with pytest.raises(lp.errors.DataError, match="stands in two batches; drop the repeated row"):
        measure_book([book_of(facts), book_of([fact])], MARCH, EVERYTHING)


def test_what_belongs_to_a_loan_of_another_part_is_a_problem() -> None:
    """Events, balances, holdings and profits come with their loan or customer; left alone, they are named."""
    loans: list[lp.Fact] = [lp.Loan(loan="L1", customer="A", officer="lin", opened_on="2026-03-01")]
    customers: list[lp.Fact] = [lp.Customer(customer="A", officer="lin", since="2026-03-01")]
    events: list[lp.Fact] = [lp.LoanEvent(loan="L1", kind=lp.EventKind.SIGNED, on="2026-03-02", amount="5 CNY")]
    profits: list[lp.Fact] = [lp.Profit(customer="A", on="2026-03-02", amount="5 CNY")]

    found = measure_book(map(book_of, (loans + customers, events + profits)), MARCH, EVERYTHING)

    assert ["there is no such loan", "there is no such customer"] == [problem.fault for problem in found.problems]
    assert (4, 2) == (found.rows, found.used)
    assert Fraction(0) == found.reading("lin", "loan_amount").numerator


# ── every meeting of days ───────────────────────────────────────────────────────────────────────────────────

NEAR = tuple(
    map(date.fromisoformat, ("2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02", "2026-03-31", "2026-04-01"))
)
"""Days around the first and the last of March."""


def must_equal(facts: lp.Facts, given_book: batch.Book) -> None:
    """Every reading of March and the number of problems are those of the rows path."""
    expected = lp.measure(facts, MARCH, EVERYTHING, currency="CNY")
    actual = measure_book(given_book, MARCH, EVERYTHING)
    assert {payee: without_parts(expected.of(payee)) for payee in expected.payees} == {
        payee: actual.of(payee) for payee in actual.payees
    }
    assert faults(expected.problems) == faults(actual.problems)


@pytest.mark.parametrize("as_of", NEAR)
def test_every_order_of_the_days_of_a_tape(as_of: date) -> None:
    """Opened, drawn, due and stated before, on and after each other and the period: a payee each, and all alike."""
    cases = [*product(NEAR[::2], [None, *NEAR], [None, *NEAR[1:5]], [None, 0, 50], [0, 1, 30])]
    opened, drawn, due, held, late = zip(*cases, strict=True)

    def days(some: Sequence[date | None]) -> Any:
        filled = np.array([day or NEAR[0] for day in some], dtype="datetime64[D]")
        return np.ma.masked_array(filled, mask=[day is None for day in some])

    loans = {
        "loan": np.arange(len(cases)),
        "customer": np.arange(len(cases)),
        "officer": np.array([f"p{row}" for row in range(len(cases))]),
        "opened_on": days(opened),
        "disbursed_on": days(drawn),
        "disbursed": np.ma.masked_array(np.full(len(cases), 70), mask=[day is None for day in drawn]),
        "first_due_on": days(due),
        "balance": np.ma.masked_array(whole([units or 0 for units in held]), mask=[units is None for units in held]),
        "days_past_due": whole(late),
    }
    given_book = batch.Book.of({"loans": loans}, currency="CNY", money="fen", as_of=as_of)

    must_equal(given_book.facts(), given_book)


def test_every_order_of_balances_and_days_past_due() -> None:
    """A balance with arrears, what is said of days past due, and a first instalment, on each day around the others."""
    facts: list[lp.Fact] = []
    for number, (stated, said, due, days, drawn) in enumerate(
        product(NEAR[1:5], NEAR[1:5], NEAR[1:4], [0, 1, 29], NEAR[1:5])
    ):
        loan = f"L{number}"
        facts += [
            lp.Loan(loan=loan, customer="A", officer=f"p{number}", opened_on="2026-02-01", first_due_on=due),
            lp.LoanEvent(loan=loan, kind=lp.EventKind.DISBURSED, on=drawn, amount="0.70 CNY"),
            lp.LoanEvent(loan=loan, kind=lp.EventKind.PAST_DUE, on=said, days=days),
            lp.Balance(loan=loan, on=stated, outstanding="0.50 CNY", overdue="0.20 CNY"),
        ]

    must_equal(lp.Facts.of(facts), book_of(facts))


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

    must_equal(lp.Facts.of(facts), book_of(facts))


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
    indicators = [
        lp.indicator("npl_ratio"), lp.indicator("par_30"), lp.indicator("disbursed_amount"), balances()
    ]  # fmt: skip

    found = measure_book(book(loans), MARCH, indicators)

    assert {"lin": "1/3", "wu": "0"} == {payee: str(found.reading(payee, "npl_ratio").value) for payee in ("lin", "wu")}
    assert ["2/3", "0"] == [str(found.reading(payee, "par_30").value) for payee in ("lin", "wu")]
    assert ["120 CNY", "50 CNY"] == [str(found.reading(payee, "disbursed_amount").value) for payee in ("lin", "wu")]
    assert ["300 CNY", "50 CNY"] == [str(found.reading(payee, "balances").value) for payee in ("lin", "wu")]
    assert (3, 3, 0, 0, ()) == (found.rows, found.used, found.repeats, found.scalar, found.problems)


def test_a_team_is_the_sum_over_the_sum() -> None:
    """By hand: 1 of 10 and 1 of 90 are 2%, never the mean of 10% and 1.1%; of nobody there is nothing."""
    loans = tape([1000, 9000, 1000, 89_000], ["lin", "lin", "wu", "wu"], category=np.array(["loss", "normal"] * 2))
    found = measure_book(book(loans), MARCH, [lp.indicator("npl_ratio"), lp.indicator("compliance_score")])
    team = found.team("east", ["wu", "lin", "lin", "stranger"])

    assert "0.02" == str(team["npl_ratio"].value)
    assert ("east", "100 point") == (team["npl_ratio"].subject, str(team["compliance_score"].value))
    assert {} == found.team("east", ["stranger"])
    assert {} == found.of("stranger")
    with pytest.raises(lp.errors.DataError, match="the reading of 'lin' in 'par_30': there is none"):
        found.reading("lin", "par_30")


def test_a_problem_names_row_and_fact() -> None:
    """Whoever mends a file needs the row; where rows before it were refused, its number would mislead."""
    loans = tape([100, 100], ["lin", "ghost"])
    events = {
        "loan": whole([0, 7]),
        "kind": np.array(["signed", "signed"]),
        "on": np.array(["2026-03-02"] * 2, dtype="datetime64[D]"),
        "amount": whole([5, 5]),
    }
    unknown, stranger = "event 7 signed 2026-03-02", "loan 1"

    found = measure_book(book(loans, events=events), MARCH, [balances()], organisation=STAFF)
    events["amount"] = whole([-5, 5])
    shorter = measure_book(book(loans, events=events), MARCH, [balances()], organisation=STAFF)

    assert [
        (f"events row 1: {unknown}", "there is no such loan", "'7'"),
        (f"loans row 1: {stranger}", "it counts for 'ghost', who is not assigned in the period", "held on 2026-03-31"),
    ] == [(problem.where, problem.fault, problem.found) for problem in found.problems]
    assert (4, 2) == (found.rows, found.used)
    assert [unknown, "events row 0, column amount", stranger] == [problem.where for problem in shorter.problems]
    assert (4, 1) == (shorter.rows, shorter.used)


# ── large numbers ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("large", [2**53 - 1, 2**53, 2**53 + 1, 2**62 - 1, 2**62, 2**63 - 2, 2**63 - 1])
@pytest.mark.parametrize("copies", [1, 2, 3])
def test_no_sum_wraps(large: int, copies: int) -> None:
    """By Python's integers: a sum that 64 bits hold is exact, a larger one is a problem of its payee alone."""
    loans = tape([large] * copies + [1, 2, large], ["lin"] * copies + ["lin", "wu", "hu"])
    expected = {"lin": copies * large + 1, "wu": 2, "hu": large}
    indicators = [balances(), own("loans", lp.Total(over="loans"), lp.Kind.COUNT), lp.indicator("npl_ratio")]

    found = measure_book(book(loans), MARCH, indicators)

    fits = {payee: units for payee, units in expected.items() if units < 2**63}
    assert fits == {
        payee: found.of(payee)["balances"].numerator * 100 for payee in found.payees if "balances" in found.of(payee)
    }
    assert {"lin": copies + 1, "wu": 1, "hu": 1} == {
        payee: found.reading(payee, "loans").numerator for payee in found.payees
    }
    lost = [] if "lin" in fits else ["payee lin, balances", "payee lin, npl_ratio"]
    assert lost == [problem.where for problem in found.problems]
    if lost:
        assert [None] == [found.table()["balances"].at(found.payees.index("lin"))]
        with pytest.raises(lp.errors.DataError, match="does not fit in 64 bits"):
            found.reading("lin", "balances")
        assert {"loans"} == found.team("all", ["lin", "wu"]).keys()


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.one_of(
                st.integers(-(2**63) + 1, 2**63 - 1), st.sampled_from([2**63 - 1, -(2**63) + 1, 2**62, 2**32, -1])
            ),
        ),
        max_size=40,
    ),
    st.integers(1, 7),
)
def test_sums_in_two_halves_are_those_of_pythons_integers(rows: list[tuple[int, int]], size: int) -> None:
    """Beyond 63 bits each number is added in two halves; the sums come out whole, whatever their signs."""
    expected = [sum(number for payee, number in rows if payee == code) for code in range(4)]
    sums = Sums.of(4)
    for start in range(0, len(rows), size):
        payees, numbers = zip(*rows[start : start + size], strict=True)
        most = max(abs(number) for number in numbers)
        sums.add(np.array(payees, dtype=np.intp), whole(numbers), most, Chosen(None, len(numbers)))

    found, apart = sums.result()

    assert expected == [apart.get(code, int(found[code])) for code in range(4)]
    assert {code for code, units in enumerate(expected) if not -(2**63) < units < 2**63} == apart.keys()


LOST = ["payee lin, earned"]


@pytest.mark.parametrize(
    ("units", "lost"),
    [
        ([2**62, 2**62 - 1], []),
        ([2**62, 2**62], []),
        ([2**62, 2**62 + 1], LOST),
        ([-(2**62), -(2**62) + 1], []),
        ([-(2**62), -(2**62)], []),
        ([-(2**62), -(2**62) - 1], LOST),
        ([-(2**63) + 1, 2**63 - 1, -1], []),
        ([2**63 - 1, 2**63 - 1, -(2**63) + 1], []),
    ],
)
@pytest.mark.parametrize("customers", [["A", "B", "C"], ["A", "A", "A"]])
def test_sums_at_both_ends_of_64_bits(units: list[int], lost: list[str], customers: list[str]) -> None:
    """2**63 − 1 fen and its negative fit, 2**63 fen do in units of 4 fen, and one more is said not to.

    Numbers of one customer go through the rows path there, those of several are added up in columns.
    """
    named = customers[: len(units)]
    held = {
        "customer": np.array(sorted({*named})),
        "officer": np.array(["lin"] * len({*named})),
        "since": np.array(["2026-01-01"] * len({*named}), dtype="datetime64[D]"),
    }
    profits = {
        "customer": np.array(named),
        "on": np.array(["2026-03-02"] * len(units), dtype="datetime64[D]"),
        "number": np.array([str(row) for row in range(len(units))]),
        "amount": whole(units),
    }
    given_book = batch.Book.of({"customers": held, "profits": profits}, currency="CNY", money="fen")
    earned = own("earned", lp.Total(over="customers", sum="profit"), lp.Kind.MONEY)

    found = measure_book(given_book, MARCH, [earned])

    assert lost == [problem.where for problem in found.problems]
    assert ({} if lost else {"earned": Fraction(sum(units), 100)}) == {
        code: reading.numerator for code, reading in found.of("lin").items()
    }


def test_averages_of_large_balances_are_exact() -> None:
    """31 times a balance does not fit in 64 bits; it goes through the rows path, and its average fits again."""
    found = measure_book(book(tape([2**62, 3], ["lin", "wu"])), MARCH, [lp.indicator("average_daily_balance")])
    drawn = np.array(["2025-01-01"] * 2, dtype="datetime64[D]")
    loans = tape([2**62, 31], ["lin", "wu"], disbursed_on=drawn, disbursed=whole([2**62, 31]))

    known = measure_book(book(loans), MARCH, [lp.indicator("average_daily_balance")])

    assert ["average_balance is unknown on 2026-03-31"] * 2 == [problem.fault for problem in found.problems]
    assert (1, ()) == (known.scalar, known.problems)
    assert {"lin": Fraction(2**62, 100), "wu": Fraction(31, 100)} == {
        payee: known.reading(payee, "average_daily_balance").numerator for payee in known.payees
    }


def test_weights_beyond_64_bits_are_multiplied_by_hand() -> None:
    """A weight of a third, and one that takes a product beyond 63 bits: both exact, and counted."""
    curve = lp.Curve.of([["0 CNY", Fraction(1, 3)], ["1万元", 2**40]], shape="step")
    total = lp.Total(over="loans", sum="balance", weighed_by="balance", weights=curve, held_at="as of")
    small = measure_book(book(tape([100, 200])), MARCH, [own("weighed", total, lp.Kind.MONEY)])
    large = measure_book(book(tape([100, 2_000_000_000])), MARCH, [own("weighed", total, lp.Kind.MONEY)])

    assert (0, Fraction(1)) == (small.scalar, small.reading("lin", "weighed").numerator)
    assert ["payee lin, weighed"] == [problem.where for problem in large.problems]
    assert 2 == large.scalar


@pytest.mark.parametrize("closed", ["left", "right"])
@pytest.mark.parametrize("shape", ["step", "linear"])
@pytest.mark.parametrize("units", [[99, 100, 101], [0, 33, 34], [249, 250, 251]])
def test_weights_are_looked_up_on_both_sides_of_a_knot(units: list[int], closed: Any, shape: Any) -> None:
    """A knot that an amount hits exactly belongs to one side; one between two fen to neither."""
    knots = ((Fraction(1, 3), Fraction(1)), (Fraction(1), Fraction(5, 2)), (Fraction(5, 2), Fraction(7)))
    curve = lp.Curve(knots=knots, shape=shape, closed=closed, x_unit="CNY")
    weighed = own("weighed", lp.Total(over="loans", weighed_by="balance", weights=curve), lp.Kind.COUNT)

    found = measure_book(book(tape(units, ["hu", "lin", "wu"])), MARCH, [weighed])

    expected = {payee: curve.at(Fraction(fen, 100)) for payee, fen in zip(("hu", "lin", "wu"), units, strict=True)}
    assert expected == {payee: found.reading(payee, "weighed").numerator for payee in found.payees}
    assert 0 == found.scalar


@pytest.mark.parametrize("weight", [2**31, 2**32, 2**33, 2**34, 2**35])
def test_products_around_the_limit_are_exact(weight: int) -> None:
    """2**30 fen times such weights lie on both sides of 2**63: a sum that fits is exact, and none wraps."""
    curve = lp.Curve.of([["0 CNY", weight], ["1 CNY", weight]], shape="step")
    total = lp.Total(over="loans", sum="balance", weighed_by="balance", weights=curve)

    found = measure_book(book(tape([2**30 - 1, 2**30])), MARCH, [own("weighed", total, lp.Kind.MONEY)])

    expected = Fraction((2**31 - 1) * weight, 100)
    lost = [problem.where for problem in found.problems]
    assert (["payee lin, weighed"] if expected * 25 >= 2**63 else []) == lost
    assert lost or expected == found.reading("lin", "weighed").numerator


@pytest.mark.parametrize("points", [2**62 // 3, 2**62, 2**63 - 1])
def test_points_beyond_all_bounds_leave_nothing(points: int) -> None:
    """Thirds of points over so many violations do not fit in 64 bits; what is left is 0 all the same."""
    violations = {
        "number": np.array(["1", "2"]),
        "payee": np.array(["lin", "wu"]),
        "on": np.array(["2026-03-02"] * 2, dtype="datetime64[D]"),
        "points": whole([points, 100]),
    }
    deduct = lp.Deduct(start=Fraction(37, 3), less=lp.Total(over="violations", sum="points"))

    found = measure_book(
        batch.Book.of({"violations": violations}, currency="CNY", units={"violations": {"points": "1/100 point"}}),
        MARCH,
        [own("left", deduct, lp.Kind.POINTS)],
    )

    assert [Fraction(0), Fraction(34, 3)] == [found.reading(payee, "left").numerator for payee in ("lin", "wu")]


# ── what is handed on ───────────────────────────────────────────────────────────────────────────────────────


def test_readings_are_appraised_as_columns() -> None:
    """The table goes into `appraise_book` as it is; each score equals that of the readings of the rows path."""
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
        "since": np.array(["2026-01-01"] * 3, dtype="datetime64[D]"),
        "until": np.ma.masked_array(np.array(["2026-03-05"] * 3, dtype="datetime64[D]"), mask=[False, True, True]),
    }
    given_book = book(loans, customers=customers)
    indicators = [lp.indicator(code) for code in codes]
    targets = {line.indicator.code: line.target for line in card.lines if line.target is not None}
    readings = lp.measure(given_book.facts(), MARCH, indicators, currency="CNY")

    found = measure_book(given_book, MARCH, indicators)
    scored = batch.appraise_book(card, found.table())

    assert [lp.appraise(card, targets, readings.of(payee).values(), payee=payee).score for payee in found.payees] == [
        scored.appraisal(row).score for row in range(2)
    ]
    assert () == scored.problems
    assert list(found.payees) == [scored.rows["payee"].at(row) for row in range(2)]


def test_a_quotient_of_unlike_units_keeps_its_value() -> None:
    """A balance over an average: the one counts fen, the other fen and days; the columns are brought together."""
    drawn = np.array(["2026-03-30"], dtype="datetime64[D]")
    loans = tape([31_000], disbursed_on=drawn, disbursed=whole([31_000])) | {"opened_on": drawn}
    balance, average = (lp.Total(over="loans", sum=name) for name in ("balance", "average_balance"))
    above = own("above", lp.Ratio(numerator=balance, denominator=average), lp.Kind.RATIO)
    under = own("under", lp.Ratio(numerator=average, denominator=balance), lp.Kind.RATIO)

    table = measure_book(book(loans), MARCH, [above, under]).table()

    for code, expected in (("above", Fraction(31, 2)), ("under", Fraction(2, 31))):
        top, bottom = table[f"{code}.numerator"], table[f"{code}.denominator"]
        assert expected == Fraction(int(top.values[0]), int(bottom.values[0])) / (top.scale or 1)


def test_an_indicator_that_is_not_measured_has_no_column() -> None:
    """A slip in a code is named, with what there is."""
    found = measure_book(book(tape([1])), MARCH, [balances()])

    assert ["payee", "balances"] == [*found.table(["balances"])]
    with pytest.raises(lp.errors.DataError, match=r"'balance': it is not measured here; name one of balances"):
        found.table(["balance"])


def test_results_cannot_be_written_to() -> None:
    """A result is a value."""
    with pytest.raises(ValueError, match="read-only"):
        measure_book(book(tape([1])), MARCH, [balances()]).columns["balances"].numerator.values[0] = 5


# ── calls ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_progress_is_told_and_may_cancel(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host shows how far it is, and may stop between two chunks; nothing of it is kept."""
    monkeypatch.setattr("loanperf.batch._measure._counting.CHUNK_ROWS", 2)
    told: list[tuple[int, int]] = []

    def stop(done: int, rows: int) -> None:
        raise KeyboardInterrupt(f"{done} of {rows}")

    measure_book(book(tape([1] * 5)), MARCH, [balances()], progress=lambda done, rows: told.append((done, rows)))

    assert [(2, 5), (4, 5), (5, 5)] == told
    with pytest.raises(KeyboardInterrupt, match="2 of 5"):
        measure_book(book(tape([1] * 5)), MARCH, [balances()], progress=stop)


def test_progress_over_parts_counts_all_of_them() -> None:
    """Of a stream nobody knows the length; rows in all are those that came so far, and to stop is to keep nothing."""
    loans = [tape([1, 2]), tape([3]) | {"loan": np.array([7])}]
    told: list[tuple[int, int]] = []

    def stop(done: int, rows: int) -> None:
        if done > 2:
            raise KeyboardInterrupt(f"{done} of {rows}")

    measure_book(map(book, loans), MARCH, [balances()], progress=lambda done, rows: told.append((done, rows)))

    assert [(2, 2), (3, 3)] == told
    with pytest.raises(KeyboardInterrupt, match="3 of 3"):
        measure_book(map(book, loans), MARCH, [balances()], progress=stop)


def test_a_payee_without_any_loan_has_every_reading() -> None:
    """Of whom only a course is known, and of whom nothing but the assignment: sums of nothing, and no ratio."""
    trainings = tables_of([lp.Training(payee="wu", course="AML", on="2026-03-02")])
    parts = [book(tape([]), **trainings), book(tape([1])), book(tape([]))]
    asked = [balances(), lp.indicator("npl_ratio")]

    found = measure_book(parts, MARCH, asked)
    staffed = measure_book(book(tape([]), **trainings), MARCH, asked, organisation=STAFF)

    assert (("lin", "wu"), ("lin", "nobody's", "wu")) == (found.payees, staffed.payees)
    for readings in (found.of("wu"), staffed.of("wu"), staffed.of("nobody's")):
        assert (Fraction(0), Fraction(0), None) == (
            readings["balances"].numerator,
            readings["npl_ratio"].denominator,
            readings["npl_ratio"].value,
        )
    assert (1, 1, ()) == (staffed.rows, staffed.used, staffed.problems)


def test_one_book_is_measured_in_two_threads() -> None:
    """A host serves several people at once; a book is a value, and nobody's call changes it."""
    given_book = book(tape(range(5000), [f"p{row % 7}" for row in range(5000)]))
    indicators = [balances(), lp.indicator("npl_ratio"), lp.indicator("par_30")]

    with ThreadPoolExecutor(4) as pool:
        found = [*pool.map(lambda _: measure_book(given_book, MARCH, indicators), range(8))]

    assert [arrays(found[0])] * 8 == [arrays(one) for one in found]


@settings(max_examples=12)
@given(st.integers(40, 5000))
def test_chunks_of_any_size_come_to_the_same(size: int) -> None:
    """Thousands of loans of dozens of payees, cut at places that nobody chose; by Python's integers."""
    chance, rows = np.random.default_rng(4), 4000
    officers = [f"p{number}" for number in chance.integers(0, 40, rows).tolist()]
    amounts: list[int] = (chance.integers(0, 2**57, rows) | 1).tolist()
    bad: list[bool] = (chance.random(rows) < 0.1).tolist()
    loans = tape(amounts, officers, category=np.where(bad, "loss", "normal"))
    expected = dict.fromkeys(sorted({*officers}), 0)
    lost = dict(expected)
    for officer, amount, is_bad in zip(officers, amounts, bad, strict=True):
        expected[officer] += amount
        lost[officer] += amount * is_bad

    with pytest.MonkeyPatch.context() as patch:
        for module in CHUNKED:
            patch.setattr(f"loanperf.batch._measure.{module}.CHUNK_ROWS", size)
        found = measure_book(book(loans), MARCH, [balances(), lp.indicator("npl_ratio")])

    here = {payee: found.of(payee) for payee in found.payees}
    assert expected.keys() == here.keys()
    for payee, readings in here.items():
        if "balances" in readings:
            assert expected[payee] == readings["balances"].numerator * 100
            assert lost[payee] == readings["npl_ratio"].numerator * 100
            assert expected[payee] == (readings["npl_ratio"].denominator or 0) * 100
        else:
            assert expected[payee] >= 2**63
    assert 0 < sum("balances" in readings for readings in here.values()) < 40


def test_an_empty_period_is_refused() -> None:
    """A period before the first fact is a slip; the error says from when to when there are facts."""
    with pytest.raises(lp.errors.EmptyPeriodError, match=r"2024-03.*; the facts run from 2025-01-01 to 2026-03-31"):
        measure_book(book(tape([1])), lp.Period.month(2024, 3), [balances()])
    with pytest.raises(lp.errors.EmptyPeriodError):
        measure_book(iter([]), MARCH, [balances()])
    with pytest.raises(lp.errors.EmptyPeriodError):
        measure_book(batch.Book.of({}, currency="CNY", money="fen"), MARCH, [balances()])


def test_what_cannot_be_measured_is_refused_at_once() -> None:
    """Two indicators of one code, a field that is not there, parts in two currencies, parts explained."""
    twice = [balances(), balances("origination")]
    unknown = own("own", lp.Total(over="loans", sum="height"), lp.Kind.MONEY)
    dollars = batch.Book.of({"loans": tape([1])}, currency="USD", money="smallest unit", as_of="2026-03-31")

    with pytest.raises(lp.errors.MeasureError, match="two indicators have this code"):
        measure_book(book(tape([1])), MARCH, twice)
    with pytest.raises(lp.errors.MeasureError, match="loans have no such field"):
        measure_book(book(tape([1])), MARCH, [unknown])
    with pytest.raises(lp.errors.UnitError, match="a part of a book is in USD; it must be in CNY"):
        measure_book(iter([book(tape([1])), dollars]), MARCH, [balances()])
    with pytest.raises(lp.errors.DataError, match="an explanation: the book came in parts"):
        measure_book(iter([book(tape([1]))]), MARCH, [balances()]).explain("lin")


def test_indicators_of_the_host_are_passed_over() -> None:
    """A reading that only the host can supply is not measured, here as in the rows path."""
    supplied = evolve(balances(), code="supplied", measure=None)

    assert ["balances"] == [*measure_book(book(tape([1])), MARCH, [supplied, balances()]).columns]


# ── real books ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["sba", "lendingclub"])
def test_a_public_book_measures_alike_on_both_paths(shared_data: Path, name: str) -> None:
    """Tens of thousands of real loans: every payee and indicator, as events and balances in tables of their own."""
    read = sba if name == "sba" else lendingclub
    real = read(shared_data / f"{name}.csv")
    bad = lp.read_scheme(SCHEME).resolve(period=real.period, product_line="sba").indicator("bad_loan_ratio")
    indicators = [lp.indicator(code) for code in ("loan_amount", "npl_ratio", "par_30", "overdue_ratio")] + [bad]
    expected = lp.measure(real.facts, real.period, indicators, currency="USD")

    tables = tables_of(real.facts)
    in_dollars = {name: {key: tables[name][key] for key in tables[name] if key != "currency"} for name in tables}

    actual = measure_book(batch.Book.of(in_dollars, currency="USD", money="smallest unit"), real.period, indicators)

    assert {payee: without_parts(expected.of(payee)) for payee in expected.payees} == {
        payee: actual.of(payee) for payee in actual.payees
    }
    assert (expected.rows, expected.used, expected.problems) == (actual.rows, actual.used, actual.problems)
    assert 0 == actual.scalar


def test_a_public_tape_measures_as_its_rows(shared_data: Path) -> None:
    """The LendingClub book as its owner holds it, one row a loan with its balance and days past due."""
    real = lendingclub(shared_data / "lendingclub.csv")
    loans = [fact for fact in real.facts if isinstance(fact, lp.Loan)]
    tables = {name: column for name, column in tables_of(loans)["loans"].items() if name != "currency"}
    stated = {fact.loan: fact.outstanding.units for fact in real.facts if isinstance(fact, lp.Balance)}
    signed, late = (
        {fact.loan: fact for fact in real.facts if isinstance(fact, lp.LoanEvent) and fact.kind is kind}
        for kind in (lp.EventKind.SIGNED, lp.EventKind.PAST_DUE)
    )
    days: list[date] = [signed[loan.loan].on for loan in loans]
    tables |= {
        "signed_on": np.array(days, dtype="datetime64[D]"),
        "signed": whole([amount.units for loan in loans if (amount := signed[loan.loan].amount) is not None]),
        "balance": whole([stated[loan.loan] for loan in loans]),
        "days_past_due": whole([(late[loan.loan].days or 0) if loan.loan in late else 0 for loan in loans]),
    }
    given_book = batch.Book.of({"loans": tables}, currency="USD", money="smallest unit", as_of=real.period.last_day)
    indicators = [lp.indicator(code) for code in ("loan_amount", "par_30", "overdue_ratio", "npl_ratio")]
    expected = lp.measure(real.facts, real.period, indicators, currency="USD")

    actual = measure_book(given_book, real.period, indicators)

    assert {payee: without_parts(expected.of(payee)) for payee in expected.payees} == {
        payee: actual.of(payee) for payee in actual.payees
    }
    assert ((), 0, len(loans)) == (actual.problems, actual.scalar, actual.used)


def test_readings_come_as_the_frame_that_the_facts_came_in() -> None:
    """Whoever brings Arrow goes on with Arrow, through to the scores."""
    facts: list[lp.Fact] = [lp.Loan(loan="L1", customer="C1", officer="lin", opened_on="2026-03-01")]
    facts += [lp.LoanEvent(loan="L1", kind=lp.EventKind.DISBURSED, on="2026-03-02", amount="9 CNY")]
    book = batch.Book.of(arrow_of(facts), currency="CNY", money="fen")
    found = measure_book(book, MARCH, [lp.indicator("disbursed_amount"), lp.indicator("npl_ratio")])

    assert [
        {"payee": "lin", "disbursed_amount": 900, "npl_ratio.numerator": 0, "npl_ratio.denominator": 900}
    ] == found.frame().to_pylist()
    assert "pyarrow" == found.table().came_as
