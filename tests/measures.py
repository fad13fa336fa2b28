"""Facts, tapes and measures drawn by Hypothesis: what the tests of books compare rows and columns with."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from tests.books import tables_of

import loanperf as lp
from loanperf._indicators import FIELDS, Measure, View
from loanperf.progress import SalesLead

FIRST, LAST = date(2026, 1, 20), date(2026, 4, 10)
EDGES = st.sampled_from([date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 30), date(2026, 3, 31)])
DAYS = st.one_of(EDGES, EDGES, EDGES, st.dates(FIRST, LAST))
"""Mostly one of a few days at the ends of the periods, so that facts meet on a day."""
PAYEES = st.sampled_from(["lin", "wu", "hu", "wei", "李"])
CODES = st.sampled_from(["L1", "L2", "L3", "L10"])
CUSTOMERS = st.sampled_from(["A", "B", "C"])
UNITS = st.one_of(st.sampled_from([0, 1, 100, 30_000]), st.integers(0, 1000))
AMOUNTS = UNITS.map(lambda units: lp.Money.from_units(units, "CNY"))
MOVED = ("signed", "disbursed", "repaid", "prepaid", "written off", "recovered")
DETAILS: dict[lp.EventKind, dict[str, st.SearchStrategy[Any]]] = {
    **{lp.EventKind(kind): {"amount": AMOUNTS} for kind in MOVED},
    lp.EventKind.CLASSIFIED: {"category": st.sampled_from(lp.Category)},
    lp.EventKind.PAST_DUE: {"days": st.sampled_from([0, 1, 5, 30, 31, 90, 91])},
    lp.EventKind.ASSIGNED: {"officer": PAYEES},
}
LARGE = st.sampled_from([0, 1, 2**53 + 1, 2**60, 2**61, 2**62 - 1, 2**62, 2**63 - 2, 2**63 - 1])
"""Amounts in smallest units, of which two may come to more than 64 bits hold."""
PERIODS = st.sampled_from([lp.Period.month(2026, 3), lp.Period.quarter(2026, 1), lp.Period("2026-02-28", "2026-03-02")])
STAFF = lp.Organisation(
    assignments=[
        lp.Assignment(payee=payee, unit="east", role="officer", since="2026-01-01", until=until)
        for payee, until in {"lin": None, "wu": "2026-03-10", "hu": "2026-02-15", "nobody's": None}.items()
    ]
)
"""Some of the payees, some of them for a part of the time, and one of whom the facts know nothing."""


# ── facts ───────────────────────────────────────────────────────────────────────────────────────────────────


def maybe(some: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Something or nothing."""
    return st.none() | some


def events(loans: st.SearchStrategy[str], officers: st.SearchStrategy[str] = PAYEES) -> st.SearchStrategy[lp.LoanEvent]:
    """Events of any kind; cancelled loans are few."""
    kinds = [kind for kind in lp.EventKind if kind is not lp.EventKind.CANCELLED] * 2 + [lp.EventKind.CANCELLED]
    numbers = st.sampled_from(["", "", "1", "2", "10"])

    def of(kind: lp.EventKind) -> st.SearchStrategy[lp.LoanEvent]:
        details = DETAILS.get(kind, {})
        if kind is lp.EventKind.ASSIGNED:
            details = {"officer": officers}
        return st.builds(lp.LoanEvent, loan=loans, kind=st.just(kind), on=DAYS, number=numbers, **details)

    return st.sampled_from(kinds).flatmap(of)


def balance(loan: str, on: date, units: int, share: int | None) -> lp.Balance:
    """A balance, of which so many hundredths are overdue."""
    overdue = None if share is None else lp.Money.from_units(units * share // 100, "CNY")
    return lp.Balance(loan=loan, on=on, outstanding=lp.Money.from_units(units, "CNY"), overdue=overdue)


def held(kind: Any, since: date, days: int | None, **more: Any) -> Any:
    """A record that holds for some days, or on."""
    return kind(since=since, until=None if days is None else date.fromordinal(since.toordinal() + days), **more)


def valuation(number: str, payee: str, on: date, appraised: lp.Money, benchmark: int) -> lp.Valuation:
    """A valuation."""
    return lp.Valuation(
        number=number, payee=payee, on=on, appraised=appraised, benchmark=lp.Money.from_units(benchmark, "CNY")
    )


LENGTHS = maybe(st.integers(1, 60))
NUMBERS = st.sampled_from(["1", "2", "3", "4", "5"])
LOANS = st.builds(
    lp.Loan,
    loan=CODES,
    customer=CUSTOMERS,
    officer=PAYEES,
    opened_on=DAYS,
    product=st.sampled_from(["", "home", "car"]),
    segment=st.sampled_from(["", "personal"]),
    term_months=maybe(st.sampled_from([12, 36])),
    first_due_on=maybe(DAYS),
    collateral=st.sampled_from(["", "mortgage"]),
    customer_type=st.sampled_from(["", "new"]),
)
BALANCES = st.builds(balance, loan=CODES, on=DAYS, units=UNITS, share=maybe(st.integers(0, 100)))
OTHERS: tuple[st.SearchStrategy[Any], ...] = (
    st.builds(held, st.just(lp.Customer), DAYS, LENGTHS, customer=CUSTOMERS, officer=PAYEES),
    st.builds(held, st.just(lp.Holding), DAYS, LENGTHS, customer=CUSTOMERS, product=st.sampled_from(["card", "fund"])),
    st.builds(
        lp.Profit,
        customer=CUSTOMERS,
        on=DAYS,
        number=NUMBERS,
        amount=st.integers(-99, 99).map(lambda n: lp.Money.from_units(n, "CNY")),
    ),
    st.builds(
        lp.Violation,
        number=NUMBERS,
        payee=PAYEES,
        on=DAYS,
        points=st.fractions(0, 60, max_denominator=8).filter(lambda points: points.denominator in (1, 2, 4, 8)),
    ),
    st.builds(lp.Inquiry, number=NUMBERS, payee=PAYEES, on=DAYS, authorised=st.booleans(), permitted=st.booleans()),
    st.builds(valuation, NUMBERS, PAYEES, DAYS, AMOUNTS, st.integers(1, 300)),
    st.builds(lp.Training, payee=PAYEES, course=st.sampled_from(["AML", "KYC"]), on=DAYS, completed_on=maybe(DAYS)),
    st.builds(
        lp.Rating,
        number=NUMBERS,
        payee=PAYEES,
        on=DAYS,
        topic=st.sampled_from(["teamwork", "service"]),
        score=st.integers(0, 200).map(lambda halves: Fraction(halves, 2)),
    ),
    st.builds(
        SalesLead,
        number=NUMBERS,
        payee=PAYEES,
        on=DAYS,
        origin=st.sampled_from(["", "branch"]),
        followed_on=maybe(DAYS),
        converted_on=maybe(DAYS),
    ),
    st.builds(
        lp.Complaint,
        number=NUMBERS,
        payee=PAYEES,
        on=DAYS,
        topic=st.sampled_from(["", "fees"]),
        upheld=st.booleans(),
    ),
)
FACTS = st.tuples(
    st.lists(LOANS, max_size=4, unique_by=lambda loan: loan.loan),
    st.lists(events(CODES), max_size=14),
    st.lists(BALANCES, max_size=5),
    *(st.lists(other, max_size=4) for other in OTHERS),
).map(lambda lists: [fact for facts in lists for fact in facts])
"""Facts of a small bank: loans that do not exist, things said twice or in contradiction, officers who change, more
repaid than is there."""


# ── tapes ───────────────────────────────────────────────────────────────────────────────────────────────────


def _column(values: list[Any], kind: Any, filled: Any) -> Any:
    """A column, masked where nothing is said, with something else under the mask."""
    there = np.array([filled if value is None else value for value in values], dtype=kind)
    return np.ma.masked_array(there, mask=[value is None for value in values])


def _some(draw: st.DrawFn, rows: int, some: st.SearchStrategy[Any]) -> list[Any]:
    return [draw(maybe(some)) for _ in range(rows)]


@st.composite
def tapes(draw: st.DrawFn, units: st.SearchStrategy[int] = UNITS) -> lp.Facts:
    """A tape with any of its columns and such amounts, and sometimes events and balances beside it."""
    rows, numbered = draw(st.integers(1, 6)), draw(st.booleans())
    officers = st.sampled_from([-3, 7, 10**12]) if numbered else PAYEES
    loans: dict[str, Any] = {
        "loan": np.arange(5, 5 + rows) if numbered else np.array([f"L{row}" for row in range(rows)]),
        "customer": np.arange(rows),
        "officer": np.array([draw(officers) for _ in range(rows)]),
        "opened_on": np.array([draw(DAYS) for _ in range(rows)], dtype="datetime64[D]"),
    }
    optional: dict[str, tuple[st.SearchStrategy[Any], Any, Any]] = {
        "product": (st.sampled_from(["home", "car"]), np.str_, ""),
        "term_months": (st.sampled_from([12, 36]), np.int64, 7),
        "first_due_on": (DAYS, "datetime64[D]", FIRST),
        "due_diligence_on": (DAYS, "datetime64[D]", FIRST),
        "cancelled_on": (DAYS, "datetime64[D]", FIRST),
    }
    as_of = draw(st.none() | st.just(date(2026, 3, 31)) | DAYS)
    if as_of is not None:
        optional |= {
            "days_past_due": (st.sampled_from([0, 1, 30, 31, 90, 91]), np.int64, 40),
            "category": (st.sampled_from([category.value for category in lp.Category]), np.str_, ""),
            "rescheduled": (st.booleans(), np.bool_, True),
        }
    for name, (some, kind, filled) in optional.items():
        if draw(st.booleans()):
            loans[name] = _column(_some(draw, rows, some), kind, filled)
    for name in ("signed", "disbursed"):
        if draw(st.booleans()):
            days = _some(draw, rows, DAYS)
            loans[f"{name}_on"] = _column(days, "datetime64[D]", FIRST)
            loans[name] = _column([None if day is None else draw(units) for day in days], np.int64, 9)
    if as_of is not None and draw(st.booleans()):
        balances = _some(draw, rows, units)
        loans["balance"] = _column(balances, np.int64, 9)
        if draw(st.booleans()):
            overdue = [None if held is None else draw(maybe(st.integers(0, held))) for held in balances]
            loans["overdue"] = _column(overdue, np.int64, 9)
    codes = st.sampled_from([*map(str, loans["loan"].tolist()), "elsewhere"])
    more: Iterable[lp.Fact] = ()
    if draw(st.booleans()):
        named = st.sampled_from(["7", "lin"]) if numbered else PAYEES
        more = [*draw(st.lists(events(codes, named), max_size=6)), *_on_the_day(draw, codes, as_of)]
    return lp.Facts.read({"loans": loans} | tables_of(more), currency="CNY", money="fen", as_of=as_of)


def _on_the_day(draw: st.DrawFn, codes: st.SearchStrategy[str], as_of: date | None) -> list[lp.Balance]:
    """Balances, also of the day of the tape, so that the two may contradict each other."""
    days = DAYS if as_of is None else DAYS | st.just(as_of)
    return list(draw(st.lists(st.builds(balance, codes, days, UNITS, st.none()), max_size=2)))


# ── measures ────────────────────────────────────────────────────────────────────────────────────────────────

_UNIT = {"money": "CNY", "days": "day", "points": "point"}
_TEXTS = ("", "home", "car", "personal", "mortgage", "new", "AML", "teamwork")


def _where(draw: st.DrawFn, view: View) -> lp.schemes.Where:
    name = draw(st.sampled_from(sorted(FIELDS[view])))
    kind = FIELDS[view][name].kind
    if kind == "truth":
        return lp.schemes.Where(field=name, values=tuple(draw(st.sets(st.booleans(), min_size=1))))
    if kind == "text":
        words = st.sampled_from(FIELDS[view][name].values or _TEXTS)
        return lp.schemes.Where(field=name, values=tuple(draw(st.lists(words, min_size=1, max_size=6))))
    bounds = draw(st.sets(st.sampled_from(["at_least", "above", "at_most", "below"]), min_size=1, max_size=2))
    levels = st.sampled_from([Fraction(0), Fraction(1), Fraction(30), Fraction(300), Fraction(1, 3), Fraction(5, 2)])
    found: dict[str, Any] = {bound: lp.Quantity(draw(levels), _UNIT.get(kind, "")) for bound in sorted(bounds)}
    return lp.schemes.Where(field=name, **found)


def _curve(draw: st.DrawFn, unit: str) -> lp.schemes.Curve:
    shapes: list[Any] = ["step", "linear"]
    shape = draw(st.sampled_from(shapes))
    xs = sorted(draw(st.sets(st.sampled_from([Fraction(n, d) for n in (0, 1, 5, 30, 90) for d in (1, 3)]), min_size=1)))
    heights = st.sampled_from([Fraction(n, d) for n in (-1, 0, 1, 3) for d in (1, 2, 3)])
    after = st.builds(
        lp.schemes.Then, per_point=st.just(Fraction(1, 7)), counted=st.sampled_from(["whole", "pro rata"])
    )
    return lp.schemes.Curve(
        knots=tuple((x, draw(heights)) for x in xs),
        shape=shape,
        closed=draw(st.sampled_from(["left", "right"])),
        then=draw(maybe(after)),
        x_unit=unit,
    )


@st.composite
def totals(draw: st.DrawFn) -> lp.schemes.Total:
    """Any total of the language: each view, field, filter, weight and officer."""
    view = draw(st.sampled_from(sorted(FIELDS)))
    numbers = [name for name, field in FIELDS[view].items() if field.kind not in ("text", "truth")]
    weighed = draw(st.sampled_from(["", "", *numbers]))
    return lp.schemes.Total(
        over=view,
        sum=draw(st.sampled_from(["", *numbers])),
        where=tuple(_where(draw, view) for _ in range(draw(st.integers(0, 2)))),
        weighed_by=weighed,
        weights=_curve(draw, _UNIT.get(FIELDS[view][weighed].kind, "")) if weighed else None,
        held_at=draw(st.sampled_from(["origination", "event", "as of"])),
    )


def kind_of(total: lp.schemes.Total) -> lp.schemes.Kind:
    """What a total counts in."""
    kind = FIELDS[total.over][total.sum].kind if total.sum else "number"
    return {"money": lp.schemes.Kind.MONEY, "points": lp.schemes.Kind.POINTS}.get(kind, lp.schemes.Kind.COUNT)


def own(code: str, measure: Measure, kind: lp.schemes.Kind) -> lp.schemes.Indicator:
    """An indicator of a host's own."""
    return lp.schemes.Indicator(
        code=code,
        name=lp.Label(code),
        dimension="performance",
        direction=lp.schemes.Direction.HIGHER,
        kind=kind,
        measure=measure,
    )


@st.composite
def measures(draw: st.DrawFn) -> list[lp.schemes.Indicator]:
    """Some indicators of a host's own, of every kind of measure."""
    found = [
        own(f"own{place}", total, kind_of(total)) for place, total in enumerate(draw(st.lists(totals(), max_size=4)))
    ]
    above, below = draw(totals()), draw(totals().filter(lambda total: kind_of(total) is lp.schemes.Kind.COUNT))
    found.append(own("ratio", lp.schemes.Ratio(numerator=above, denominator=below), kind_of(above)))
    less = draw(totals().filter(lambda total: kind_of(total) is not lp.schemes.Kind.MONEY))
    start = draw(st.sampled_from([Fraction(0), Fraction(100), Fraction(37, 3)]))
    return [*found, own("deduct", lp.schemes.Deduct(start=start, less=less), lp.schemes.Kind.POINTS)]
