"""What had counted for tiers before a ledger began: sums go on from there, as if the old loans were known."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import loanperf as lp
from loanperf.opening import CountedBefore

E = lp.EventKind
JUNE = lp.Period.month(2026, 6)
PEOPLE = lp.Organisation(
    assignments=[
        lp.Assignment(payee=payee, unit="east", role="officer", since="2025-01-01") for payee in ("lin", "wei")
    ]
)
AMOUNTS = '[["0元", "1000元", "1%"], ["1000元", "3000元", "2%"], ["3000元", "", "3%"]]'
NUMBERS = '[["0", "2", "1%"], ["2", "4", "2%"], ["4", "", "3%"]]'
PRICES = '[["0", "2", "10元"], ["2", "4", "20元"], ["4", "", "30元"]]'
ATTAINED = '[["0%", "50%", "1%"], ["50%", "120%", "2%"], ["120%", "", "3%"]]'
EARNED = '[["0元", "10元", "1%"], ["10元", "40元", "2%"], ["40元", "", "3%"]]'
TO_DATE = 'accumulates = "to date", resets = "year"'
KINDS = {
    "by amount": ("disbursed", AMOUNTS, 'by = "amount"'),
    "by number": ("disbursed", NUMBERS, 'by = "count"'),
    "a price by number": ("count", PRICES, 'by = "count"'),
    "by attainment": ("disbursed", ATTAINED, 'by = "attainment", quota = "3100元"'),
    "by what is earned": ("disbursed", EARNED, 'by = "earned"'),
}
WAYS = ("marginal", "flat", "forward before", "forward after")
WINDOWS = (TO_DATE, 'accumulates = "to date", resets = "quarter"', 'accumulates = "rolling", periods = 3')


def scheme_of(kind: str, way: str = "marginal", window: str = TO_DATE) -> lp.Scheme:
    """A scheme with one component, whose tiers are of a kind."""
    base, bands, by = KINDS[kind]
    return lp.parse_scheme(f"""
name = "pay"
currency = "CNY"
effective = 2026-01-01
[plans.sales]
rounding = "half up"
[plans.sales.components.loans]
base = "{base}"
curve = {{ bands = {bands}, shape = "step" }}
tiers = {{ {by}, applies = "{way}", {window} }}
""")


def accrued(scheme: lp.Scheme, facts: list[lp.Fact], **more: Any) -> lp.Accruals:
    """What is earned by the end of a period, June where nothing else is said."""
    through = more.pop("through", JUNE)
    return lp.accrue(
        lp.Facts.of(facts), lp.SchemeBook([scheme]).plans(), PEOPLE, through=through, since=date(2026, 1, 1), **more
    )


def drawn(loan: str, on: date, units: int, payee: str = "lin", **terms: Any) -> list[lp.Fact]:
    """A loan that is drawn in full on a day."""
    money = lp.Money.from_units(units, "CNY")
    return [
        lp.Loan(loan=loan, customer="K", officer=payee, opened_on=on, **terms),
        lp.LoanEvent(loan=loan, kind=E.DISBURSED, on=on, amount=money),
    ]


DRAWINGS = st.lists(
    st.tuples(
        st.sampled_from(["lin", "wei"]),
        st.integers(1, 6),
        st.integers(1, 27),
        st.sampled_from([1, 99_99, 500_00, 1000_00, 1000_01, 2500_33]),
    ),
    min_size=1,
    max_size=10,
)


def counted(scheme: lp.Scheme, whole: lp.Accruals, known: list[Any], opened: int) -> Iterator[CountedBefore]:
    """What a lender knows of each month before: what was lent, how many loans, and what was earned."""
    by = scheme.plans[0].components[0].tiers.by  # type: ignore[union-attr]
    amounts, loans = defaultdict[tuple[str, int], int](int), defaultdict[tuple[str, int], int](int)
    for payee, month, _, units in known:
        if month < opened:
            amounts[payee, month] += 0 if by == "earned" else units
            loans[payee, month] += 1
    for line in whole.lines if by == "earned" else ():
        if line.period.start.month < opened:
            amounts[line.payee, line.period.start.month] += line.amount.units
    for (payee, month), number in loans.items():
        yield CountedBefore(
            payee=payee,
            plan="sales",
            component="loans",
            amount=lp.Money.from_units(amounts[payee, month], "CNY"),
            loans=number,
            period=lp.Period.month(2026, month),
        )


@settings(max_examples=40, deadline=None)
@given(DRAWINGS, st.integers(2, 6), st.sampled_from(sorted(KINDS)), st.sampled_from(WAYS), st.sampled_from(WINDOWS))
def test_tiers_go_on_from_what_had_counted(
    known: list[tuple[str, int, int, int]], opened: int, kind: str, way: str, window: str
) -> None:
    """Old loans as facts, or as one sum a month: later lines are the same, whatever tiers count and how far they look.

    Tiers by what is earned are slices, so that is what they are here; each line of theirs is a whole cent.
    """
    if kind == "by what is earned":
        way, known = "marginal", [(*one[:3], one[3] - one[3] % 100_00 + 100_00) for one in known]
    scheme = scheme_of(kind, way, window)
    loans = [drawn(f"L{at}", date(2026, month, on), units, who) for at, (who, month, on, units) in enumerate(known)]
    whole = accrued(scheme, [fact for facts in loans for fact in facts])
    late = [fact for (_, month, *_), facts in zip(known, loans, strict=True) if month >= opened for fact in facts]
    part = accrued(scheme, late, counted=[*counted(scheme, whole, known, opened)])

    assert () == part.problems
    first = date(2026, opened, 1)
    assert [(line.key, line.amount) for line in whole if line.period.start >= first] == [
        (line.key, line.amount) for line in part
    ]


@pytest.mark.parametrize(
    ("kind", "way", "amount", "loans", "expected"),
    [
        ("by amount", "marginal", "900元", 0, "9.00 CNY"),
        ("by amount", "flat", "900元", 0, "19.00 CNY"),
        ("by amount", "forward before", "900元", 0, "5.00 CNY"),
        ("by amount", "forward after", "900元", 0, "10.00 CNY"),
        ("by number", "flat", "900元", 1, "19.00 CNY"),
        ("a price by number", "flat", "900元", 3, "60.00 CNY"),
        ("by attainment", "flat", "1500元", 0, "25.00 CNY"),
        ("by what is earned", "marginal", "8元", 0, "8.00 CNY"),
    ],
)
def test_what_the_first_loan_earns_behind_a_sum(kind: str, way: str, amount: str, loans: int, expected: str) -> None:
    """By hand, for one loan of 500 (of the number it is the next one), behind the sum.

    By amount, 900 before: slices 100 · 1% + 400 · 2% = 9; flat 1,400 · 2% - 900 · 1%; 1% or 2% of 500. By number, one
    before: 1,400 · 2% - 900 · 1%. A price each, three before: 4 · 30 - 3 · 20. By attainment of 3,100, 1,500 before:
    2,000 · 2% - 1,500 · 1%. Earned 8 before: 200 at 1% are 2, and 300 at 2% are 6.
    """
    before = CountedBefore(
        payee="lin", plan="sales", component="loans", amount=lp.Money.of(amount), loans=loans, period=JUNE.previous()
    )
    (line,) = accrued(scheme_of(kind, way), drawn("L1", date(2026, 6, 3), 500_00), counted=[before])
    assert expected == str(line.amount)


@pytest.mark.parametrize(
    ("kind", "more", "row", "said"),
    [
        ("by number", "", {}, "its loans: loans count by their number, and it does not say how many; give loans"),
        ("by amount", ', counts = "every loan"', {}, "look at what each loan was paid on, and a sum does not say it"),
    ],
)
def test_a_sum_that_does_not_say_enough_is_told(kind: str, more: str, row: dict[str, Any], said: str) -> None:
    """Flat tiers change the rate of old loans: what they were paid on must be what counts."""
    before = CountedBefore(
        payee="lin", plan="sales", component="loans", amount=lp.Money.of("900元"), period=JUNE.previous(), **row
    )
    found = accrued(scheme_of(kind, "flat", TO_DATE + more), drawn("L1", date(2026, 6, 3), 500_00), counted=[before])
    assert said in str(found.problems[0])
    assert {"lin"} == found.blocked


def test_what_had_counted_is_each_payees_own_and_each_components_own() -> None:
    """Each component and payee goes on from its own sum, and a sum behind which nothing follows changes nobody's pay.

    By amount, forward after: 1% from 0, 2% from 1 000, 3% from 3 000. The component "new" had 2 600 of lin and nothing
    of wei, "old" had 600 of wei; zhao, the last one, had 5 000 and lends no more. A loan of 500 each: lin's new one
    takes 2 600 to 3 100, 3%: 15. wei's takes 0 to 500, 1%: 5. Their old ones: lin's 0 to 500, 1%: 5; wei's 600 to
    1 100, 2%: 10.
    """
    text = """
name = "pay"
currency = "CNY"
effective = 2026-01-01
[plans.sales]
rounding = "half up"
"""
    for code in ("new", "old"):
        text += f"""
[plans.sales.components.{code}]
base = "disbursed"
where = {{ product = ["{code}"] }}
curve = {{ bands = {AMOUNTS}, shape = "step" }}
tiers = {{ by = "amount", applies = "forward after", {TO_DATE} }}
"""
    sums = (("lin", "new", "2600元"), ("wei", "old", "600元"), ("zhao", "new", "5000元"), ("zhao", "old", "5000元"))
    counted = [
        CountedBefore(payee=who, plan="sales", component=what, amount=lp.Money.of(amount), period=JUNE.previous())
        for who, what, amount in sums
    ]
    facts: list[lp.Fact] = []
    for who in ("lin", "wei"):
        for product in ("new", "old"):
            facts += drawn(f"{who} {product}", date(2026, 6, 3), 500_00, who, product=product)
    assignments = [*PEOPLE.assignments, lp.Assignment(payee="zhao", unit="east", role="officer", since="2025-01-01")]
    found = lp.accrue(
        lp.Facts.of(facts),
        lp.SchemeBook([lp.parse_scheme(text)]).plans(),
        lp.Organisation(assignments=assignments),
        through=JUNE,
        since=date(2026, 1, 1),
        counted=counted,
    )
    assert () == found.problems
    assert {"lin new": "15.00 CNY", "lin old": "5.00 CNY", "wei new": "5.00 CNY", "wei old": "10.00 CNY"} == {
        line.loan: str(line.amount) for line in found.lines
    }
