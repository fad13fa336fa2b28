"""Facts of every kind, and rows of feeds."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from loanperf._facts import (
    DETAIL,
    Balance,
    Category,
    Credit,
    Customer,
    EventKind,
    ExchangeRate,
    Fact,
    Facts,
    Holding,
    Inquiry,
    Loan,
    LoanEvent,
    Profit,
    Rating,
    Training,
    Valuation,
    Violation,
)
from loanperf._feeds import MOST_REVISION, FeedRow, Pulled
from loanperf._quantities import Money
from loanperf.errors import Problem
from loanperf.testing.strategies._values import MOST, amounts, codes, days, money, percentages, texts


def loans() -> st.SearchStrategy[Loan]:
    """Loans, with and without what may be left out."""
    words: dict[str, st.SearchStrategy[Any]] = {"loan": codes(), "customer": codes(), "officer": codes()}
    words |= {name: texts() for name in ("product", "segment", "collateral", "customer_type", "source")}
    words |= {"opened_on": days(), "term_months": st.none() | st.integers(1, 480), "first_due_on": st.none() | days()}
    words |= {"amount": st.none() | amounts()}
    words |= {name: st.none() | percentages() for name in ("interest_rate", "funding_rate")}
    words |= {"revolving": st.booleans()}
    return st.builds(Loan, **words)


@st.composite
def loan_events(draw: st.DrawFn, loan: str | None = None, kind: EventKind | None = None) -> LoanEvent:
    """Events with what each must state and nothing else: of one loan or of any, of one kind or of every."""
    chosen = draw(st.sampled_from(EventKind)) if kind is None else kind
    needed = DETAIL[chosen]
    return LoanEvent(
        loan=draw(codes()) if loan is None else loan,
        kind=chosen,
        on=draw(days()),
        number=draw(texts()),
        amount=draw(amounts()) if "amount" in needed else None,
        category=draw(st.sampled_from(Category)) if "category" in needed else None,
        days=draw(st.integers(0, 400)) if "days" in needed else None,
        officer=draw(codes()) if "officer" in needed else None,
        source=draw(texts()),
    )


@st.composite
def balances(draw: st.DrawFn) -> Balance:
    """Balances, with and without a part that is past due: none, one smallest unit or all of it."""
    units = draw(st.sampled_from([0, 1, 100, MOST]) | st.integers(0, 10**12))
    overdue = draw(st.none() | st.sampled_from([0, min(1, units), units]) | st.integers(0, units))
    return Balance(
        loan=draw(codes()),
        on=draw(days()),
        outstanding=Money.from_units(units, "CNY"),
        overdue=None if overdue is None else Money.from_units(overdue, "CNY"),
    )


@st.composite
def customers(draw: st.DrawFn) -> Customer:
    """Customers, looked after for ever, or up to a day; for one day among them."""
    since = draw(days())
    until = draw(st.none() | st.integers(1, 900).map(lambda more: since + timedelta(days=more)))
    return Customer(customer=draw(codes()), officer=draw(codes()), since=since, until=until)


@st.composite
def holdings(draw: st.DrawFn) -> Holding:
    """Products that customers hold."""
    since = draw(days())
    until = draw(st.none() | st.integers(1, 900).map(lambda more: since + timedelta(days=more)))
    return Holding(customer=draw(codes()), product=draw(codes()), since=since, until=until)


def profits() -> st.SearchStrategy[Profit]:
    """What customers contributed, below zero too."""
    return st.builds(Profit, customer=codes(), on=days(), amount=money(currency="CNY"), number=texts())


def violations() -> st.SearchStrategy[Violation]:
    """Breaches of rules, of no points too."""
    return st.builds(Violation, number=codes(), payee=codes(), on=days(), points=percentages(0, 100))


def inquiries() -> st.SearchStrategy[Inquiry]:
    """Looks into a credit register."""
    truth = st.booleans()
    return st.builds(Inquiry, number=codes(), payee=codes(), on=days(), authorised=truth, permitted=truth)


def valuations() -> st.SearchStrategy[Valuation]:
    """Collateral valued, at nothing too."""
    known = money(currency="CNY", least=1)
    return st.builds(Valuation, number=codes(), payee=codes(), on=days(), appraised=amounts(), benchmark=known)


def trainings() -> st.SearchStrategy[Training]:
    """Courses, done before or after they were due, or not."""
    return st.builds(Training, payee=codes(), course=codes(), on=days(), completed_on=st.none() | days())


def ratings() -> st.SearchStrategy[Rating]:
    """Ratings from 0 to 100 points."""
    score = percentages(0, 100)
    return st.builds(Rating, number=codes(), payee=codes(), on=days(), topic=codes(), score=score, rater=texts())


def credits_of_loans() -> st.SearchStrategy[Credit]:
    """Parts in loans, stated and equal ones."""
    role = st.sampled_from(["lead", "assistant", "referrer"]) | codes()
    share = st.none() | percentages().filter(bool)
    return st.builds(Credit, loan=codes(), payee=codes(), on=days(), role=role, share=share)


def exchange_rates() -> st.SearchStrategy[ExchangeRate]:
    """Rates between currencies, of 0.001 to 1000."""
    sold, bought = st.sampled_from(["USD", "EUR"]), st.sampled_from(["CNY", "JPY", "KWD"])
    rate = st.fractions(Fraction(1, 1000), 1000, max_denominator=10_000)
    return st.builds(ExchangeRate, currency=sold, into=bought, on=days(), rate=rate)


def facts() -> st.SearchStrategy[Fact]:
    """Facts of every kind."""
    return st.one_of(
        loans(),
        loan_events(),
        balances(),
        customers(),
        holdings(),
        profits(),
        violations(),
        inquiries(),
        valuations(),
        trainings(),
        ratings(),
        credits_of_loans(),
        exchange_rates(),
    )


def books_of_facts() -> st.SearchStrategy[Facts]:
    """Facts as a source answers them, repeats and contradictions among them; none at all too."""
    return st.lists(facts(), max_size=8).map(lambda found: Facts.of([*found, *found[::2]]))


def feed_rows() -> st.SearchStrategy[FeedRow]:
    """Rows of feeds: facts, withdrawals, rows that cannot be read; under few codes and revisions, so that they meet."""
    says = st.none() | facts() | st.builds(Problem, codes(), codes(), texts(), codes())
    revisions = st.integers(0, 3) | st.just(MOST_REVISION)
    return st.builds(FeedRow, row=st.sampled_from(["1", "2", "三"]), revision=revisions, says=says)


def pulls() -> st.SearchStrategy[Pulled]:
    """Some rows of a feed, and a cursor."""
    return st.builds(Pulled, rows=st.lists(feed_rows(), max_size=6), cursor=texts())
