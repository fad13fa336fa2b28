"""Strategies of Hypothesis for the values of the library: valid ones, those at edges, and arguments that are refused.

Codes and names are of all scripts; amounts lie at zero, at one smallest unit and at 64 bits; days lie at the ends of
months and years. Facts, organisations and schemes of a `Branch` fit together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType
from typing import Any, TypeAlias

from attrs import field, frozen
from hypothesis import strategies as st

from loanperf._commission import PayRules, accrue
from loanperf._curves import Curve, Shape, Side, Then
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
from loanperf._indicators import Reading
from loanperf._ledger import Answer, Ledger, Payment, pay, settle
from loanperf._org import Assignment, Organisation, Payee, Unit
from loanperf._periods import Period, Tenor
from loanperf._quantities import CURRENCIES, Money, Quantity, percent
from loanperf._scheme import Scheme, SchemeBook, scheme_of
from loanperf._targets import Target
from loanperf.errors import Problem

Strategy: TypeAlias = st.SearchStrategy[Any]
_MOST = 2**63 - 1
_FIRST, _LAST = date(2020, 1, 1), date(2030, 12, 31)
_ENDS = st.sampled_from([date(2024, 2, 29), date(2026, 1, 31), date(2026, 2, 28), date(2026, 12, 31), date(2027, 1, 1)])


# ── words, numbers, days ────────────────────────────────────────────────────────────────────────────────────


def codes() -> st.SearchStrategy[str]:
    """Codes of payees, units, loans: Latin and Chinese, full-width, with quotes, slashes and emoji; never empty."""
    odd = st.sampled_from(["林", "０１", "a/b", "a\\b", "a'b", 'a"b', "\uff21", "é", "😀", "L 1", "=1", "%", "x" * 60])
    return odd | st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)


def texts() -> st.SearchStrategy[str]:
    """Free text, which may be empty."""
    return st.just("") | codes()


def currencies() -> st.SearchStrategy[str]:
    """Codes of ISO 4217, of none, two and three places among them."""
    return st.sampled_from(["CNY", "JPY", "KWD", "USD"]) | st.sampled_from(sorted(CURRENCIES))


def money(*, currency: str | None = None, least: int = -_MOST, most: int = _MOST) -> st.SearchStrategy[Money]:
    """Amounts, in a currency or in any; zero, one smallest unit and the bounds often.

    Args:
        currency: ISO 4217 code; None is any.
        least: smallest units, inclusive.
        most: smallest units, inclusive.
    """
    edges = sorted({unit for unit in (least, -1, 0, 1, 99, 100, 101, 10**15, most) if least <= unit <= most})
    units = st.sampled_from(edges) | st.integers(max(least, -(10**9)), min(most, 10**9)) | st.integers(least, most)
    return st.builds(Money, units, currencies() if currency is None else st.just(currency))


def percentages(least: int = 0, most: int = 1) -> st.SearchStrategy[Fraction]:
    """Shares between two whole numbers, both included; thirds and hundredths of a percent among them."""
    edges = [Fraction(least), Fraction(most), Fraction(1, 3), Fraction(1, 10_000), Fraction(9_999, 10_000)]
    return st.sampled_from([edge for edge in edges if least <= edge <= most]) | st.fractions(
        least, most, max_denominator=10_000
    )


def quantities() -> st.SearchStrategy[Quantity]:
    """Numbers with the units of the library: money, percentages, points, days, months."""
    units = st.sampled_from(["", "CNY", "point", "day", "month", "person"])
    return st.builds(Quantity, st.fractions(-1000, 1000, max_denominator=10_000), units)


def days(first: date = _FIRST, last: date = _LAST) -> st.SearchStrategy[date]:
    """Days between two, both included; leap days and ends of months and years often."""
    return st.dates(first, last) | _ENDS.filter(lambda on: first <= on <= last)


def periods() -> st.SearchStrategy[Period]:
    """Months, quarters, halves, years and odd spans."""
    named = st.builds(Period.month, st.integers(2020, 2030), st.integers(1, 12), first_day=st.integers(1, 28))
    named |= st.builds(Period.quarter, st.integers(2020, 2030), st.integers(1, 4), fiscal_start=st.integers(1, 12))
    named |= st.builds(Period.half, st.integers(2020, 2030), st.integers(1, 2))
    named |= st.builds(Period.year, st.integers(2020, 2030), fiscal_start=st.integers(1, 12))
    spans = st.tuples(days(), st.integers(1, 400)).map(lambda span: Period(span[0], span[0] + timedelta(days=span[1])))
    return named | spans


def tenors() -> st.SearchStrategy[Tenor]:
    """Spans such as 3 months."""
    return st.tuples(st.integers(1, 36), st.sampled_from(["day", "month", "year"])).map(
        lambda span: Tenor.parse(f"{span[0]} {span[1]}")
    )


# ── curves ──────────────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def curves(draw: st.DrawFn, *, x_unit: str = "", y_unit: str = "") -> Curve:
    """Steps and lines, with jumps, closed at either side, flat or going on above the last knot."""
    xs = sorted(draw(st.lists(st.fractions(0, 200, max_denominator=8), min_size=1, max_size=5, unique=True)))
    shapes: tuple[Shape, ...] = ("step", "linear")
    sides: tuple[Side, ...] = ("left", "right")
    shape = draw(st.sampled_from(shapes))
    y = st.fractions(0, 5, max_denominator=100)
    knots = [(x, draw(y)) for x in xs]
    if shape == "linear" and draw(st.booleans()):
        place = draw(st.integers(0, len(knots) - 1))
        knots.insert(place, (knots[place][0], draw(y)))
    then = draw(st.none() | st.builds(Then, y, st.sampled_from(("pro rata", "whole"))))
    closed = draw(st.sampled_from(sides))
    return Curve(knots=tuple(knots), shape=shape, closed=closed, then=then, x_unit=x_unit, y_unit=y_unit)


def at_knots(curve: Curve, step: Fraction = Fraction(1, 10_000)) -> st.SearchStrategy[Fraction]:
    """Values at the knots of a curve, a step below and above each, between them, and beyond both ends.

    Faults of ladders hide there: at 80% of completion, and at 79.99%.
    """
    xs = sorted({x for x, _ in curve.knots})
    near = [x + shift for x in xs for shift in (-step, Fraction(0), step)]
    between = [(low + high) / 2 for low, high in pairwise(xs)]
    return st.sampled_from([*near, *between, xs[0] - 1, xs[-1] + 1, xs[-1] * 2 + 100])


# ── facts ───────────────────────────────────────────────────────────────────────────────────────────────────


def _amounts(most: int = _MOST) -> st.SearchStrategy[Money]:
    return money(currency="CNY", least=0, most=most)


def loans() -> st.SearchStrategy[Loan]:
    """Loans, with and without what may be left out."""
    words: dict[str, Strategy] = {"loan": codes(), "customer": codes(), "officer": codes(), "opened_on": days()}
    words |= {name: texts() for name in ("product", "segment", "collateral", "customer_type", "source")}
    words |= {"term_months": st.none() | st.integers(1, 480), "first_due_on": st.none() | days()}
    words |= {"amount": st.none() | _amounts()}
    words |= {name: st.none() | percentages() for name in ("interest_rate", "funding_rate")}
    return st.builds(Loan, **words)


@st.composite
def loan_events(draw: st.DrawFn, loan: str | None = None) -> LoanEvent:
    """Events of every kind, each with what it must state."""
    kind = draw(st.sampled_from(EventKind))
    needed = DETAIL[kind]
    return LoanEvent(
        loan=draw(codes()) if loan is None else loan,
        kind=kind,
        on=draw(days()),
        number=draw(texts()),
        amount=draw(_amounts()) if "amount" in needed else None,
        category=draw(st.sampled_from(Category)) if "category" in needed else None,
        days=draw(st.integers(0, 400)) if "days" in needed else None,
        officer=draw(codes()) if "officer" in needed else None,
        source=draw(texts()),
    )


@st.composite
def balances(draw: st.DrawFn) -> Balance:
    """Balances, with and without a part that is past due."""
    units = draw(st.sampled_from([0, 1, 100, _MOST]) | st.integers(0, 10**12))
    overdue = draw(st.none() | st.integers(0, units))
    return Balance(
        loan=draw(codes()),
        on=draw(days()),
        outstanding=Money(units, "CNY"),
        overdue=None if overdue is None else Money(overdue, "CNY"),
    )


@st.composite
def customers(draw: st.DrawFn) -> Customer:
    """Customers, looked after for ever or up to a day."""
    since = draw(days())
    until = draw(st.none() | st.integers(1, 900).map(lambda more: since + timedelta(days=more)))
    return Customer(customer=draw(codes()), officer=draw(codes()), since=since, until=until)


@st.composite
def holdings(draw: st.DrawFn) -> Holding:
    """Products that customers hold."""
    since = draw(days())
    until = draw(st.none() | st.integers(1, 900).map(lambda more: since + timedelta(days=more)))
    return Holding(customer=draw(codes()), product=draw(codes()), since=since, until=until)


def facts() -> st.SearchStrategy[Fact]:
    """Facts of every kind."""
    numbered: dict[str, Strategy] = {"number": codes(), "payee": codes(), "on": days()}
    return st.one_of(
        loans(),
        loan_events(),
        balances(),
        customers(),
        holdings(),
        st.builds(Profit, customer=codes(), on=days(), amount=money(currency="CNY"), number=texts()),
        st.builds(Violation, **numbered, points=percentages(0, 100)),
        st.builds(Inquiry, **numbered, authorised=st.booleans(), permitted=st.booleans()),
        st.builds(Valuation, **numbered, appraised=_amounts(), benchmark=money(currency="CNY", least=1)),
        st.builds(Training, payee=codes(), course=codes(), on=days(), completed_on=st.none() | days()),
        st.builds(Rating, **numbered, topic=codes(), score=percentages(0, 100), rater=texts()),
        st.builds(Credit, loan=codes(), payee=codes(), on=days(), share=st.none() | percentages().filter(bool)),
        st.builds(
            ExchangeRate,
            currency=st.sampled_from(["USD", "EUR"]),
            into=st.sampled_from(["CNY", "JPY"]),
            on=days(),
            rate=st.fractions(Fraction(1, 1000), 1000, max_denominator=10_000),
        ),
    )


def books_of_facts() -> st.SearchStrategy[Facts]:
    """Facts as a source answers them, repeats and contradictions among them."""
    return st.lists(facts(), max_size=8).map(lambda found: Facts.of([*found, *found[::2]]))


def feed_rows() -> st.SearchStrategy[FeedRow]:
    """Rows of feeds: facts, withdrawals, rows that cannot be read; under few codes and revisions, so that they meet."""
    says = st.none() | facts() | st.builds(Problem, codes(), codes(), texts(), codes())
    revisions = st.integers(0, 3) | st.just(MOST_REVISION)
    return st.builds(FeedRow, row=st.sampled_from(["1", "2", "三"]), revision=revisions, says=says)


def pulls() -> st.SearchStrategy[Pulled]:
    """Some rows of a feed, and a cursor."""
    return st.builds(Pulled, rows=st.lists(feed_rows(), max_size=6), cursor=texts())


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def organisations(draw: st.DrawFn, *, least: int = 0) -> Organisation:
    """A tree of units and payees who come, go and change; empty and one-person ones, where `least` allows them."""
    tree = draw(st.lists(codes(), min_size=1, max_size=4, unique=True))
    people = draw(st.lists(codes(), min_size=least, max_size=max(4, least), unique=True))
    units = [
        Unit(code=code, name=draw(texts()), parent=None if not place else draw(st.sampled_from(tree[:place])))
        for place, code in enumerate(tree)
    ]
    held = [assignment for payee in people for assignment in draw(_careers(payee, tree))]
    return Organisation(units=units, payees=[Payee(code=code, name=draw(texts())) for code in people], assignments=held)


@st.composite
def _careers(draw: st.DrawFn, payee: str, units: list[str]) -> list[Assignment]:
    """One or two assignments, one after the other, from before 2026 on."""
    change = draw(st.none() | days(date(2026, 1, 2), date(2026, 12, 31)))
    ends = draw(st.none() | st.just(date(2027, 6, 1)))
    spans = [(date(2025, 1, 1), ends)] if change is None else [(date(2025, 1, 1), change), (change, ends)]
    return [
        Assignment(
            payee=payee,
            unit=draw(st.sampled_from(units)),
            role=draw(st.sampled_from(["officer", "senior", "主管"])),
            since=since,
            until=until,
            salary=draw(money(currency="CNY", least=0, most=10**8)),
        )
        for since, until in spans
    ]


def readings() -> st.SearchStrategy[Reading]:
    """Readings that a host has: amounts, ratios with their two parts, ratios of nothing."""
    ratio = st.builds(
        Reading,
        indicator=st.just("npl_ratio"),
        numerator=percentages(0, 100),
        denominator=st.just(Fraction(0)) | percentages(0, 100),
        subject=codes(),
        period=periods(),
    )
    amount = st.builds(Reading.of, st.just("loan_amount"), _amounts().map(str), subject=codes(), period=periods())
    return ratio | amount


def targets() -> st.SearchStrategy[Target]:
    """Targets of payees."""
    value = _amounts(10**12).map(lambda amount: Quantity(amount.exact, "CNY"))
    return st.builds(Target, payee=codes(), indicator=st.just("loan_amount"), value=value)


# ── schemes ─────────────────────────────────────────────────────────────────────────────────────────────────

_MEASURED = ("disbursed_amount", "loan_amount", "customer_count", "npl_ratio", "training_completion_rate")
_TARGETS = MappingProxyType(
    {
        "disbursed_amount": "30万元",
        "loan_amount": "50万元",
        "customer_count": "3",
        "npl_ratio": "3%",
        "training_completion_rate": "80%",
    }
)


@st.composite
def schemes(draw: st.DrawFn, *, name: str = "branch", effective: date = date(2026, 1, 1)) -> Scheme:
    """Schemes with weights, targets, scoring, grades, a bonus that rises, and commission plans."""
    chosen = draw(st.lists(st.sampled_from(_MEASURED), min_size=1, max_size=4, unique=True))
    document: dict[str, Any] = {
        "name": name,
        "currency": "CNY",
        "effective": effective.isoformat(),
        "profiles": {"standard": {"weights": draw(_weights(chosen))}},
        "targets": {code: _TARGETS[code] for code in chosen},
        "scoring": {"default": draw(_scorings())},
    }
    if draw(st.booleans()):
        document["grades"] = {"A": {"at_least": 100}, "B": {"at_least": 60}, "C": {"at_least": 0}}
    if draw(st.booleans()):
        top = draw(st.integers(1, 5))
        rounding = draw(st.sampled_from(["half up", "half even", "down"]))
        curve = [["0 point", 0], ["60 point", 0], ["100 point", 1], ["200 point", top]]
        document["bonus"] = {"unit": "month", "curve": curve, "rounding": rounding}
    if draw(st.booleans()):
        document["plans"] = {"sales": draw(_plans())}
    return scheme_of(document)


@st.composite
def _weights(draw: st.DrawFn, chosen: list[str]) -> dict[str, str]:
    parts = [draw(st.integers(1, 9)) for _ in chosen]
    shares = [Fraction(100 * part // sum(parts), 100) for part in parts]
    shares[0] += 1 - sum(shares)
    return {code: percent(share) for code, share in zip(chosen, shares, strict=True)}


@st.composite
def _scorings(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, Any] = {
        "places": draw(st.integers(0, 2)),
        "rounding": draw(st.sampled_from(["half up", "half even", "down"])),
        "missing": "zero",
        "floor": "0%",
    }
    return found | ({"cap": "150%"} if draw(st.booleans()) else {})


@st.composite
def _plans(draw: st.DrawFn) -> dict[str, Any]:
    component: dict[str, Any] = {"base": "disbursed", "rate": draw(st.sampled_from(["1%", "0.5%", "0%", "0.125%"]))}
    if draw(st.booleans()):
        first = draw(st.sampled_from(["20%", "50%"]))
        rest = percent(1 - Fraction(first.rstrip("%")) / 100)
        milestones = (("due diligence complete", first), ("disbursed", rest))
        component["stages"] = [{"milestone": milestone, "share": share} for milestone, share in milestones]
        component["dead"] = draw(st.sampled_from(["keep", "reverse"]))
    return {"rounding": draw(st.sampled_from(["half up", "down"])), "components": {"loans": component}}


@st.composite
def scheme_books(draw: st.DrawFn) -> SchemeBook:
    """One to three versions of a scheme, one after the other."""
    starts = sorted(draw(st.lists(days(date(2026, 1, 2), date(2026, 12, 31)), max_size=2, unique=True)))
    return SchemeBook([draw(schemes(effective=on)) for on in (date(2026, 1, 1), *starts)])


# ── what fits together ──────────────────────────────────────────────────────────────────────────────────────


@frozen(kw_only=True)
class Branch:
    """Everything that a run of a period needs, which fits together."""

    period: Period
    facts: tuple[Fact, ...] = field(repr=False)
    organisation: Organisation = field(repr=False)
    schemes: SchemeBook = field(repr=False)
    targets: tuple[Target, ...] = ()


@st.composite
def branches(draw: st.DrawFn) -> Branch:
    """Branches with people, loans that live from application to repayment or loss, and a scheme of one version."""
    period = draw(st.sampled_from([Period.month(2026, month) for month in (1, 2, 3, 12)]))
    organisation = draw(organisations(least=1))
    people = [code for code in organisation.codes if organisation.assignments_in(code, period)]
    found: list[Fact] = [Training(payee=people[0], course="AML", on=period.last_day, completed_on=period.start)]
    for number in range(draw(st.integers(0, 5))):
        found += draw(_lives(f"L{number}", draw(st.sampled_from(people)), period))
    wanted = draw(st.lists(st.sampled_from(people), unique=True))
    goals = tuple(Target(payee=payee, indicator="disbursed_amount", value="40万元") for payee in wanted)
    book = SchemeBook([draw(schemes())])
    card = book.at(period.start).resolve(period=period)
    known = any(line.indicator.code == "disbursed_amount" for line in card.lines)
    return Branch(
        period=period,
        facts=tuple(found),
        organisation=organisation,
        schemes=book,
        targets=goals if known else (),
    )


@st.composite
def _lives(draw: st.DrawFn, code: str, officer: str, period: Period) -> list[Fact]:
    on = period.start + timedelta(days=draw(st.integers(0, period.days - 1)))
    amount = draw(money(currency="CNY", least=0, most=10**10))
    found: list[Fact] = [
        Loan(loan=code, customer=f"客户{code}", officer=officer, opened_on=period.start, amount=amount),
        LoanEvent(loan=code, kind=EventKind.DUE_DILIGENCE, on=on),
        LoanEvent(loan=code, kind=EventKind.SIGNED, on=on, amount=amount),
        LoanEvent(loan=code, kind=EventKind.DISBURSED, on=on, amount=amount),
        Balance(loan=code, on=period.last_day, outstanding=amount),
    ]
    if draw(st.booleans()):
        category = draw(st.sampled_from(Category))
        found.append(LoanEvent(loan=code, kind=EventKind.CLASSIFIED, on=period.last_day, category=category))
    return found


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """Ledgers that real settlements and payments made of a branch, closed or open."""
    branch = draw(branches())
    accruals = accrue(Facts.of(branch.facts), branch.schemes.plans(), branch.organisation, through=branch.period)
    ledger = Ledger()
    ledger = ledger.append(settle(ledger, accruals, period=branch.period))
    if draw(st.booleans()):
        ledger = ledger.append(pay(ledger, period=branch.period, rules=PayRules()).entries)
    return ledger.close(branch.period, by="chen") if draw(st.booleans()) else ledger


def payments() -> st.SearchStrategy[Payment]:
    """Payments as a sink gets them."""
    return st.builds(
        Payment,
        key=codes(),
        payee=codes(),
        period=st.sampled_from([Period.month(2026, 3), Period.quarter(2026, 1)]),
        amount=money(currency="CNY", least=1),
    )


def answers() -> st.SearchStrategy[Answer]:
    """What finance says of payments."""
    return st.builds(
        Answer, key=codes(), state=st.sampled_from(("paid", "rejected", "returned")), on=days(), why=texts()
    )


# ── what is refused ─────────────────────────────────────────────────────────────────────────────────────────

_NO_CODE: tuple[object, ...] = ("", "  ", "a\nb", "\x00", None, 7)
_NO_MONEY: tuple[object, ...] = (1.5, float("nan"), "12 apples", "1e999 元", True, "", "-1 元")
_NO_DAY: tuple[object, ...] = ("2026-02-30", "yesterday", "", 20260301, None)
_WRONG: Mapping[Callable[..., Any], tuple[dict[str, Any], dict[str, tuple[object, ...]]]] = MappingProxyType(
    {
        Loan: (
            {"loan": "L1", "customer": "C1", "officer": "lin", "opened_on": "2026-03-01"},
            {
                "loan": _NO_CODE,
                "officer": _NO_CODE,
                "opened_on": _NO_DAY,
                "amount": _NO_MONEY,
                "term_months": (0, -1, 1.5, True, "12"),
                "interest_rate": ("101%", "-1%", 0.05, "4 元"),
            },
        ),
        LoanEvent: (
            {"loan": "L1", "kind": EventKind.DISBURSED, "on": "2026-03-01", "amount": "1 元"},
            {
                "kind": ("disbursed", None, EventKind.CLASSIFIED, EventKind.ASSIGNED),
                "amount": (*_NO_MONEY, None),
                "days": (3,),
                "officer": ("lin",),
                "on": _NO_DAY,
            },
        ),
        Balance: (
            {"loan": "L1", "on": "2026-03-31", "outstanding": "10 元"},
            {"outstanding": _NO_MONEY, "overdue": ("11 元", "1 USD", 0.1), "on": _NO_DAY},
        ),
        Customer: (
            {"customer": "C1", "officer": "lin", "since": "2026-03-01"},
            {"until": ("2026-03-01", "2026-02-01"), "since": _NO_DAY, "customer": _NO_CODE},
        ),
        Violation: (
            {"number": "V1", "payee": "lin", "on": "2026-03-01", "points": 1},
            {"points": (-1, "5%元", 0.5, "1 元"), "number": _NO_CODE},
        ),
        Inquiry: (
            {"number": "I1", "payee": "lin", "on": "2026-03-01", "authorised": True, "permitted": True},
            {"authorised": (1, "yes", None), "permitted": (0, "no")},
        ),
        Credit: ({"loan": "L1", "payee": "lin", "on": "2026-03-01"}, {"share": ("0%", "101%", 0.5), "payee": _NO_CODE}),
        Assignment: (
            {"payee": "lin", "unit": "east", "role": "officer", "since": "2026-01-01"},
            {"payee": _NO_CODE, "unit": _NO_CODE, "role": _NO_CODE, "since": _NO_DAY, "salary": _NO_MONEY[:-1]},
        ),
        Unit: ({"code": "east"}, {"code": _NO_CODE, "parent": _NO_CODE[:4], "since": _NO_DAY}),
        FeedRow: (
            {"row": "1", "revision": 0, "says": None},
            {"row": _NO_CODE, "revision": (-1, 2**63, 1.0, True, "1"), "says": ("a fact", {}, Decimal(1))},
        ),
        Answer: ({"key": "k", "state": "paid", "on": "2026-03-01"}, {"state": ("done", "", None), "on": _NO_DAY}),
    }
)
"""By kind: arguments that are right, and for each some that are wrong."""
REFUSING: tuple[Callable[..., Any], ...] = tuple(_WRONG)
"""The kinds for which `invalid` has arguments."""


def invalid(kind: Callable[..., Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Arguments that a kind refuses with a `LoanPerfError`: one of them is wrong, the others are right.

    Args:
        kind: one of `REFUSING`.
    """
    right, wrong = _WRONG[kind]
    return st.sampled_from([right | {name: value} for name, values in wrong.items() for value in values])
