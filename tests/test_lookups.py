"""What pay asks of a payee in a period is found in columns, and what is not there is told as a fault of its row."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.deals import AMOUNTS, where

import loanperf as lp
from loanperf._commission._answers import Answers
from loanperf._commission._deals import ITS_OWN, Deals, ExchangeRates
from loanperf._commission._eligible import NO_RATE_FITS, TWO_RATES_FIT, Eligible, SizedDeals
from loanperf._commission._lookups import FAULTY_SEAT, NO_SEAT_PLAN
from loanperf._commission._resolve import Resolved, resolve
from loanperf._numbers import day_number, whole

MONTHS = tuple(lp.Period.month(2026, month) for month in range(1, 7))
SINCE = date(2026, 1, 1)
TIERS = lp.schemes.Tiers(by="attainment", applies="flat", accumulates="period", indicator="volume", quota="700 CNY")
BY_VOLUME = lp.schemes.Curve.of([["0%", "1%"], ["100%", "2%"]], shape="step")
RAMP = lp.schemes.Curve.of([[1, "50%"], [3, "100%"]], shape="step")


def plan(code: str = "one", *, accumulates: Any = "period", **more: Any) -> lp.schemes.DatedPlan:
    """A plan in tiers of attainment."""
    tiers = lp.schemes.Tiers(
        by="attainment", applies="flat", accumulates=accumulates, indicator="volume", quota="700 CNY"
    )
    component = lp.schemes.Component(code="c", base="disbursed", tiers=tiers, curve=BY_VOLUME)
    held = lp.schemes.Plan(code=code, components=(component,), rounding=lp.Rounding.HALF_UP, **more)
    return lp.schemes.DatedPlan(plan=held, scheme="s", version="v", currency="CNY", since=SINCE)


def held(payee: str, role: str = "officer", *, since: str = "2025-11-01", until: str | None = None) -> lp.Assignment:
    """An assignment in the one unit."""
    return lp.Assignment(payee=payee, unit="east", role=role, since=since, until=until)


def resolved(
    *plans: lp.schemes.DatedPlan,
    readings: Iterable[lp.Reading] = (),
    targets: dict[lp.Period, list[lp.Target]] | None = None,
    people: Iterable[lp.Assignment] = (),
    units: Iterable[lp.Unit] = (),
) -> Resolved:
    """What a run without facts works with."""
    organisation = lp.Organisation(assignments=[*people] or [held("lin"), held("wei")], units=units)
    facts = lp.Facts.of([])
    given = {"readings": readings, "targets": targets or {}}
    return resolve(facts, plans or (plan(),), organisation, through=MONTHS[-1], since=SINCE, **given)  # type: ignore[arg-type]


def asked(run: Resolved, payee: str, month: int) -> tuple[Any, Any]:
    """One question: a payee and the place of a month."""
    return whole([list(run.deals.payees).index(payee)]), whole([month])


def only(answers: Answers) -> Fraction | str:
    """The one answer, or what is wrong; what goes without begins with a star."""
    if answers.faulty[0]:
        return str(answers.error(0))
    value = Fraction(int(answers.top[0]), int(answers.below[0]))
    return f"*{value} {answers.error(0)}" if answers.gone[0] else value


def goal(payee: str, value: str) -> dict[lp.Period, list[lp.Target]]:
    """A target in the last month."""
    return {MONTHS[-1]: [lp.Target(payee=payee, indicator="volume", value=value)]}


# ── targets and quotas ──────────────────────────────────────────────────────────────────────────────────────


def test_a_quota_is_the_target_or_what_the_plan_says() -> None:
    """A payee's own target stands before the quota of the plan; both are cut by the ramp of new hires."""
    people = [held("lin"), held("wei", since="2026-05-03")]
    run = resolved(plan(ramp=RAMP), targets=goal("lin", "900 CNY"), people=people)

    assert Fraction(900) == only(run.lookups.quota(0, TIERS, *asked(run, "lin", 5)))
    assert Fraction(700) == only(run.lookups.quota(0, TIERS, *asked(run, "lin", 4)))
    assert Fraction(350) == only(run.lookups.quota(0, TIERS, *asked(run, "wei", 5)))
    assert "no assignment" in str(only(run.lookups.quota(0, TIERS, *asked(run, "wei", 0))))
    both = run.lookups.quota(0, TIERS, whole([1, 0, 1]), whole([5, 5, 4]))
    assert [350, 900, 350] == [Fraction(int(top), int(below)) for top, below in zip(both.top, both.below, strict=True)]


@pytest.mark.parametrize(
    ("target", "said"),
    [("0 CNY", "zero"), ("5 USD", "USD"), ("-5 CNY", Fraction(-5)), ("1/3 CNY", Fraction(1, 3))],
)
def test_a_target_is_an_amount_of_the_plan(target: str, said: Fraction | str) -> None:
    """A target of zero gives no attainment, and one in another currency none that is true."""
    run = resolved(targets=goal("lin", target))
    found = only(run.lookups.target(0, "volume", *asked(run, "lin", 5)))

    assert said in found if isinstance(said, str) and isinstance(found, str) else said == found


def test_an_earlier_period_may_go_without() -> None:
    """What was posted of it stays, unless later pay depends on it; the last one needs all."""
    run = resolved(plan(), plan("two", accumulates="to date"))

    assert "missing for 2026-06" in str(only(run.lookups.target(0, "volume", *asked(run, "lin", 5))))
    gone = run.lookups.target(0, "volume", *asked(run, "lin", 4))
    assert str(only(gone)).startswith("*1 ")
    assert "missing for 2026-05" in str(only(run.lookups.target(1, "volume", *asked(run, "lin", 4))))

    assert not run.lookups.missing
    run.lookups.miss(*asked(run, "lin", 4), gone.error)
    assert [True, False] == run.lookups.is_missing(whole([0, 0]), whole([4, 3])).tolist()
    assert [("lin", MONTHS[4])] == [*run.lookups.missing]


# ── readings ────────────────────────────────────────────────────────────────────────────────────────────────


def reading(code: str, value: str, month: int = 5) -> lp.Reading:
    """A reading of Lin."""
    return lp.Reading.of(code, value, subject="lin", period=MONTHS[month])


def test_an_attainment_is_the_reading_over_the_target() -> None:
    """What a curve looks at must be in its unit; without an indicator the two say what they count."""
    run = resolved(readings=[reading("volume", "300 CNY"), reading("own", "7")], targets=goal("lin", "-900 CNY"))
    look, at = run.lookups.look, asked(run, "lin", 5)

    assert Fraction(300) == only(look(0, "volume", None, *at))
    assert Fraction(-1, 3) == only(look(0, "volume/attainment", None, *at))
    assert Fraction(7) == only(look(0, "own", lp.schemes.Curve.of([[0, "1%"], [9, "2%"]], shape="step"), *at))
    assert "CNY" in str(
        only(look(0, "own", lp.schemes.Curve.of([["0 CNY", "1%"], ["9 CNY", "2%"]], shape="step"), *at))
    )
    assert "has no reading of 'never'" in str(only(look(0, "never", None, *at)))
    assert str(only(look(0, "never", None, *asked(run, "lin", 2)))).startswith("*0 ")
    assert "available: own, volume" in str(only(look(0, "never", None, *at)))


def test_a_reading_is_supplied_once() -> None:
    """Of two that differ nothing tells which is true; the same one again is no fault."""
    assert 1 == len(resolved(readings=[reading("own", "7"), reading("own", "7")]).lookups.readings.keys)
    with pytest.raises(lp.errors.DataError, match="reading of own of lin for 2026-06"):
        resolved(readings=[reading("own", "7"), reading("own", "8")])


# ── seats ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_seat_has_the_plan_of_the_last_day_of_its_payee_in_the_period() -> None:
    """Somebody who left in the middle is paid by what they were; how long they had the role counts without a break."""
    people = [held("lin", until="2026-02-10"), held("lin", "clerk", since="2026-02-10", until="2026-04-15")]
    run = resolved(plan("a", role="officer"), plan("b", role="clerk"), people=people)
    seats = run.lookups.seats

    assert [0, 1, 2, 3] == seats.period.tolist()
    assert [0, 1, 1, 1] == seats.plan.tolist()
    assert [3, 1, 2, 3] == seats.nth.tolist()
    assert date(2026, 4, 14) == date.fromordinal(int(seats.on[-1]) + date(1970, 1, 1).toordinal())
    assert [2, -1] == seats.at(whole([0, 0]), whole([2, 5]), len(MONTHS)).tolist()


def test_a_seat_without_one_plan_says_why() -> None:
    """None that fits is nothing to pay; two that fit are a fault, and so is a unit that is not there."""
    none = resolved(plan("a", role="clerk"))
    assert {NO_SEAT_PLAN} == {*none.lookups.seats.plan.tolist()}

    twice = resolved(plan("a"), plan("b"))
    assert {FAULTY_SEAT} == {*twice.lookups.seats.plan.tolist()}
    assert "fit equally" in str(twice.lookups.no_plan(twice.lookups.seats, 0))

    closed = resolved(units=[lp.Unit(code="east", until="2026-03-01")])
    assert [0, 0, FAULTY_SEAT, FAULTY_SEAT] == closed.lookups.seats.plan.tolist()[:4]
    assert "east" in str(closed.lookups.no_plan(closed.lookups.seats, 2))


@pytest.mark.parametrize(("until", "last"), [("2026-03-30", 1), ("2026-03-31", 1), ("2026-04-01", 2)])
def test_a_unit_is_gone_from_the_day_on_which_it_ends(until: str, last: int) -> None:
    """March has a seat in it where it is there on the 31st; a day on which it ends is none of its days."""
    seats = resolved(units=[lp.Unit(code="east", until=until)]).lookups.seats

    assert last == max(seats.period[(seats.payee == 0) & (seats.plan == 0)])


# ── amounts and terms ───────────────────────────────────────────────────────────────────────────────────────


def test_an_amount_goes_by_the_latest_rate() -> None:
    """Never by one of a later day; without any it is a fault that names the pair."""
    days = [date(2026, 1, 5), date(2026, 2, 1)]
    rates = [
        lp.ExchangeRate(currency="USD", into="CNY", on=day, rate=Fraction(7 + at, 3)) for at, day in enumerate(days)
    ]
    on = whole([day_number(day) for day in (days[0], date(2026, 1, 31), days[1], date(2026, 1, 4), days[0])])
    found = ExchangeRates(lp.Facts.of(rates)).into(
        "CNY", whole([300, 300, 300, 300, 50]), whole([0, 0, 0, 0, 1]), on, ("USD", "CNY")
    )

    values = [Fraction(int(top), int(below)) for top, below in zip(found.found.top, found.found.below, strict=True)]
    assert [7, 7, 8, 0, Fraction(1, 2)] == values
    assert [False, False, False, True, False] == found.found.faulty.tolist()
    assert ITS_OWN == found.rate[-1]
    assert "an amount in USD on 2026-01-04 has no rate into CNY" in str(found.found.error(3))


@st.composite
def asks(draw: st.DrawFn) -> tuple[list[lp.Loan], list[int | None], list[tuple[lp.schemes.Where, ...]]]:
    """Loans, their amounts, and some filters."""
    loans = [
        lp.Loan(
            loan=f"L{place}",
            customer="C",
            officer="lin",
            opened_on=SINCE,
            product=draw(st.sampled_from(["", "car", "home"])),
            segment=draw(st.sampled_from(["", "personal"])),
            term_months=draw(st.sampled_from([None, 6, 12, 36])),
        )
        for place in range(draw(st.integers(0, 5)))
    ]
    filters = [tuple(where(draw) for _ in range(draw(st.integers(0, 2)))) for _ in range(draw(st.integers(0, 4)))]
    return loans, [draw(st.one_of(st.none(), AMOUNTS)) for _ in loans], filters


@settings(max_examples=200)
@given(asked=asks(), has_own=st.booleans())
def test_loans_fulfil_filters(*, asked: tuple[Any, Any, Any], has_own: bool) -> None:
    """Of rates whose terms a loan fulfils, the one with most terms holds; what is not known fulfils none."""
    loans, amounts, filters = asked
    deals = Deals.of(lp.Facts.of(loans), 0)
    known = np.array([amount is not None for amount in amounts], dtype=np.bool_)
    sized = SizedDeals(
        deal=np.arange(len(loans)), top=whole([amount or 0 for amount in amounts]), below=100, known=known
    )
    eligible = Eligible(deals)
    rates = tuple(lp.schemes.Rate(where=terms, rate="1%") for terms in filters)
    own = "2%" if has_own or not rates else None
    component = lp.schemes.Component(code="c", base="disbursed", rates=rates, rate=own)
    found = eligible.rates(component, sized)
    for row, loan in enumerate(loans):
        terms = eligible.terms(sized, row)
        assert (loan.product, loan.term_months) == (terms["product"], terms["term_months"])
        good = [place for place, wanted in enumerate(filters) if fits(wanted, terms)]
        assert good == [place for place, wanted in enumerate(filters) if eligible.fits(wanted, sized)[row]]
        most = max((len(filters[place]) for place in good), default=0)
        best = [place for place in good if len(filters[place]) == most]
        expected = best[0] if len(best) == 1 else TWO_RATES_FIT if best else len(rates) if own else NO_RATE_FITS
        assert expected == found[row]
        if expected < 0:
            assert "fit" in str(eligible.rate_error(component, sized, row))


def fits(where: tuple[lp.schemes.Where, ...], values: dict[str, Any]) -> bool:
    """Whether a loan, by its terms, fulfils every filter; what is not known of it fulfils none."""
    return all(_passes(item, values.get(item.field)) for item in where)


def _passes(where: lp.schemes.Where, value: Any) -> bool:
    if value is None:
        return False
    if where.values:
        return value in where.values
    return (
        (where.at_least is None or value >= where.at_least.value)
        and (where.above is None or value > where.above.value)
        and (where.at_most is None or value <= where.at_most.value)
        and (where.below is None or value < where.below.value)
    )


# ── readings of many ────────────────────────────────────────────────────────────────────────────────────────

GATED = lp.parse_scheme("""
name = "gated"
currency = "CNY"
effective = 2026-01-01

[plans.sales]
rounding = "half up"

[plans.sales.components.loans]
base = "disbursed"
rate = "1%"

[[plans.sales.gates]]
indicator = "npl_ratio"
forfeits = { knots = [["0%", "0%"], ["50%", "40%"]], shape = "linear" }
""")


def lent(chance: Random) -> lp.Facts:
    """Loans of three months with balances, some of them bad."""
    rows: list[lp.Fact] = []
    for place in range(12):
        loan, on = f"L{place}", f"2026-0{place % 3 + 1}-{chance.randrange(1, 28):02}"
        rows += [
            lp.Loan(loan=loan, customer="C", officer=chance.choice(["lin", "wei"]), opened_on=on),
            lp.LoanEvent(loan=loan, kind=lp.EventKind.DISBURSED, on=on, amount=f"{chance.randrange(1, 99)} CNY"),
            lp.Balance(loan=loan, on=on, outstanding=f"{chance.randrange(1, 99)} CNY"),
        ]
        if chance.random() < 0.3:
            bad = lp.Category.LOSS
            rows.append(lp.LoanEvent(loan=loan, kind=lp.EventKind.CLASSIFIED, on=on, category=bad))
    return lp.Facts.of(rows)


@pytest.mark.parametrize("examples", [5, pytest.param(15, marks=pytest.mark.slow)])
def test_readings_of_many_come_to_what_they_do_one_by_one(examples: int) -> None:
    """A month of everybody is columns; what is said of one payee goes before it, though it be that there is none.

    The slow run tries 15 books.
    """
    books = given(st.randoms(use_true_random=False))
    settings(max_examples=examples, deadline=None)(books(come_to_what_they_do_one_by_one))()


def come_to_what_they_do_one_by_one(chance: Random) -> None:
    """Compare readings in columns with the same, one by one, in one book."""
    facts, people = lent(chance), lp.Organisation(assignments=[held("lin"), held("wei")])
    many = [
        lp.measure(facts, month, [lp.indicator("npl_ratio")], currency="CNY", organisation=people)
        for month in MONTHS[:3]
    ]
    single = [reading for found in many for reading in found]

    def earned(*readings: lp.Reading | lp.Readings) -> lp.Accruals:
        plans = lp.SchemeBook([GATED]).plans()
        return lp.accrue(facts, plans, people, through=MONTHS[2], since=SINCE, readings=readings)

    assert earned(*single) == earned(*many)
    first, rest = single[0], single[1:]
    for said in (evolve(first, numerator=Fraction(1), denominator=Fraction(3)), evolve(first, denominator=Fraction(0))):
        assert earned(said, *rest) == earned(said, *many)


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False))
def test_lines_from_a_day_on_are_the_rows_from_that_day_on(chance: Random) -> None:
    """Whoever begins a ledger in March leaves January and February out, and each line keeps its reasons."""
    facts, people = lent(chance), lp.Organisation(assignments=[held("lin"), held("wei")])
    readings = [lp.Reading.of("npl_ratio", "1%", subject=who, period=when) for who in ("lin", "wei") for when in MONTHS]
    plans = lp.SchemeBook([GATED]).plans()
    found = lp.accrue(facts, plans, people, through=MONTHS[2], since=SINCE, readings=readings)

    for month in MONTHS[:4]:
        later = [row for row, line in enumerate(found.lines) if line.period.start >= month.start]
        assert tuple(found.columns.take(np.array(later, np.int64))) == tuple(found.lines[row] for row in later)
