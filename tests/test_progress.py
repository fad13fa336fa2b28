"""Where somebody stands in the course of a period: pace, limits, what comes next in money, what one more loan earns.

The month by hand: April 2026, 30 days. Lin has drawn 80万元 of a target of 300万元 (weight 60%), and an NPL ratio of 2%
against 3% (weight 40%). Points: 80 / 300 × 60 = 16.0; the NPL ratio earns 2 − 2/3 = 4/3 of 40, capped at 120%: 48.0.
Score 64.0: grade B from 60, coefficient 100%; bonus 0.64 months of 8,000 = 5,120.00. Commission: 1% up to 100万元 in
the month and 2% above it, each slice at its own rate: 8,000.00.
"""

import json
import pickle
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.branches import a_branch

import loanperf as lp
from loanperf.adapters.calendars import chinese_working_days
from loanperf.adapters.memory import MemoryEntries, MemoryFacts, MemoryPayments, MemoryPeople, MemorySchemes
from loanperf.progress import NextLoan, Pace, PayBasis, Progress, Progresses, follow, follow_unit, next_loan
from loanperf.testing import strategies
from loanperf.tracker import Tracker, Watch

APRIL = lp.Period.month(2026, 4)
MONEY = lp.Money.of
SCHEME = """
name = "sales"
currency = "CNY"
effective = 2026-04-01

[profiles.all.weights]
disbursed_amount = "60%"
npl_ratio = "40%"

[targets]
disbursed_amount = "300万元"
npl_ratio = "3%"

[scoring.default]
places = 1
rounding = "half even"
missing = "zero"
cap = "120%"

[grades]
C = { at_least = "0", coefficient = "80%" }
B = { at_least = "60", coefficient = "100%" }
A = { at_least = "90", coefficient = "120%" }

[[vetoes]]
indicator = "npl_ratio"
test = "above"
limit = "5%"

[bonus]
unit = "month"
curve = [["0 point", 0], ["100 point", 1]]
rounding = "half up"
cap = "9000 元"

[[bonus.gates]]
indicator = "npl_ratio"
forfeits = { knots = [["0%", "0%"], ["4%", "30%"], ["6%", "100%"]], shape = "step" }

[plans.sales]
rounding = "half up"

[plans.sales.components.volume]
base = "disbursed"
curve = { knots = [["0 元", "1%"], ["100万元", "2%"]], shape = "step" }
tiers = { by = "amount", applies = "marginal", accumulates = "period" }

[plans.sales.holdback]
share = "20%"
instalments = [{ after_months = 12, share = "50%" }, { after_months = 24, share = "50%" }]
"""


def drawn(number: str, amount: str, *, officer: str = "lin", on: str = "2026-04-02", **more: Any) -> list[lp.Fact]:
    """A loan that is opened and drawn on one day."""
    return [
        lp.Loan(loan=number, customer=f"C-{number}", officer=officer, opened_on=on, amount=amount, **more),
        lp.LoanEvent(loan=number, kind=lp.EventKind.DISBURSED, on=on, amount=amount),
    ]


FACTS = [*drawn("L1", "50万元"), *drawn("L2", "30万元", on="2026-04-09")]


def ratio(value: str, payee: str = "lin") -> lp.Reading:
    """An NPL ratio that the host supplies."""
    return lp.Reading.of("npl_ratio", value, subject=payee)


def people(*payees: str) -> lp.Organisation:
    """A branch."""
    held = [
        lp.Assignment(payee=payee, unit="east", role="officer", since="2025-01-01", salary="8000 元")
        for payee in payees
    ]
    return lp.Organisation(units=[lp.Unit(code="east", name="East branch")], assignments=held)


def tracked(facts: list[lp.Fact], *payees: str, scheme: str = SCHEME, targets: Any = ()) -> Tracker:
    """A tracker of April, fed row by row."""
    book = lp.SchemeBook([lp.parse_scheme(scheme)])
    organisation = people(*(payees or ("lin",)))
    found = Tracker.start(Watch(period=APRIL, currency="CNY", schemes=book, organisation=organisation, targets=targets))
    found.feed_all(facts)
    return found


def lin(
    value: str = "2%", *, as_of: str = "2026-04-15", facts: Any = None, scheme: str = SCHEME, **more: Any
) -> Progress:
    """Where Lin stands."""
    tracker = tracked(FACTS if facts is None else facts, scheme=scheme)
    (found,) = tracker.progress(["lin"], as_of=as_of, readings=[ratio(value)], **more)
    return found


# ── pace ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_middle_of_a_month_by_hand() -> None:
    """By 15 April half of 300万 is due: 80万 is 70万 behind, and leads to 160万. An NPL ratio is due whole."""
    found = lin()
    amount, npl = found.indicators
    assert ("800000 CNY", "3000000 CNY", "1500000 CNY", "-700000 CNY", "1600000 CNY") == tuple(
        str(value) for value in (amount.reading, amount.target, amount.due, amount.ahead, amount.at_end)
    )
    assert (Fraction(4, 15), Fraction(1, 2), Decimal("16.0"), True) == (
        amount.attainment,
        amount.part_due,
        amount.points,
        amount.is_behind,
    )
    assert (Fraction(1), Fraction(1, 100), Fraction(2, 100), False) == (
        npl.part_due,
        npl.ahead and npl.ahead.value,
        npl.at_end and npl.at_end.value,
        npl.is_behind,
    )
    assert found.now is not None
    assert (Decimal("64.0"), "B", MONEY("5120 元")) == (found.now.score, found.now.grade, found.now.bonus)


def test_the_expected_end_is_appraised_as_any_reading() -> None:
    """160万 of 300万 are 32.0 points; with 48.0 that is 80.0, grade B, and 0.8 months of 8,000."""
    end = lin().end
    assert end is not None
    assert (Decimal("80.0"), "B", MONEY("6400 元")) == (end.score, end.grade, end.bonus)


def test_before_anything_is_due_nothing_is_expected() -> None:
    """By a curve that asks for nothing in the first half, on 10 April: no end can be told of what nothing is due of."""
    found = lin(as_of="2026-04-10", pace=Pace(weights=["0%", "100%"]))
    assert [0, None, None] == [found.indicators[0].part_due, found.indicators[0].at_end, found.end]


def test_working_days_ask_for_less_after_a_holiday() -> None:
    """April 2026: 1 to 3, 7 to 10 (the 4th to 6th off) and 13 to 15 are 10 working days by the 15th, of 21.

    April has 22 weekdays; Monday the 6th is off. So 10/21 of 300万 are due.
    """
    found = lin(pace=Pace(working=chinese_working_days(APRIL)))
    assert Fraction(10, 21) == found.indicators[0].part_due
    assert ("by working days", "按工作日") == (found.indicators[0].by.en, found.indicators[0].by.zh)
    assert "a stock is due whole" == found.indicators[1].by.en


@pytest.mark.parametrize("as_of", ["2026-03-31", "2026-05-01"])
def test_a_day_outside_of_the_period_is_refused(as_of: str) -> None:
    """On 31 March nothing of April has happened, and on 1 May another month is asked about."""
    with pytest.raises(lp.errors.PeriodError, match=r"not in 2026-04.*pass a day from 2026-04-01 to 2026-04-30"):
        lin(as_of=as_of)


@given(st.integers(1, 10**9))
def test_the_expected_end_of_a_month_on_its_last_day_is_its_end(fen: int) -> None:
    """What is over is expected as it is, to the fen, and so is the score."""
    amount = str(lp.Money.from_units(fen, "CNY"))
    found = lin(facts=drawn("L1", amount), as_of="2026-04-30")
    assert found.indicators[0].reading == found.indicators[0].at_end
    assert found.now == found.end


def test_who_joins_in_the_middle_has_the_rest_of_the_month() -> None:
    """From the 16th on 15 of 30 days: a target of 150万, of which a third, 5 of 15 days, is due on the 20th."""
    held = [lp.Assignment(payee="lin", unit="east", role="officer", since="2026-04-16", salary="8000 元")]
    organisation = lp.Organisation(units=[lp.Unit(code="east")], assignments=held)
    book = lp.SchemeBook([lp.parse_scheme(SCHEME)])
    tracker = Tracker.start(Watch(period=APRIL, currency="CNY", schemes=book, organisation=organisation))
    tracker.feed_all(drawn("L1", "40万元", on="2026-04-18"))
    (found,) = tracker.progress(as_of="2026-04-20", readings=[ratio("2%")])
    amount = found.indicators[0]
    assert ("1500000 CNY", "500000 CNY", "-100000 CNY") == (str(amount.target), str(amount.due), str(amount.ahead))
    assert found.end is not None
    # 120万 of 150万 are 48 points, with 48 of the ratio 96: grade A, 0.96 × 1.2 × half of 8,000 is 4,608; the cap of
    # 9,000 is 4,500 for half of the month.
    assert (Decimal("96.0"), MONEY("4500 元")) == (found.end.score, found.end.bonus)


# ── limits ──────────────────────────────────────────────────────────────────────────────────────────────────


def limits(found: Progress) -> list[tuple[str, str, bool, str, str]]:
    """The limits of a progress, in short."""
    return [
        (
            one.kind,
            "" if one.indicator is None else one.indicator.code,
            one.is_kept,
            lp.percent(one.limit.value) if one.indicator else str(one.limit),
            lp.percent(one.margin) if one.indicator else str(one.margin),
        )
        for one in found.limits
    ]


def test_limits_that_are_kept_say_how_far_they_are() -> None:
    """2% is 3 points from the veto at 5% and 2 from the gate at 4%; the score earns 9,000 − 5,120 less than the cap.

    The NPL ratio earns 4/3 of its weight, 13.3333% above the cap of 120%.
    """
    assert [
        ("veto", "npl_ratio", True, "5%", "3%"),
        ("gate", "npl_ratio", True, "4%", "2%"),
        ("cap of points", "disbursed_amount", True, "120%", "≈93.3333%"),
        ("cap of points", "npl_ratio", False, "120%", "≈-13.3333%"),
        ("cap of the bonus", "", True, "9000 CNY", "3880"),
    ] == limits(lin())


def test_limits_that_are_broken_say_how_far_back_it_is() -> None:
    """5.5% is half a point above the veto, and 1.5 above where the gate begins to take 30%."""
    veto, gate, *_ = lin("5.5%").limits
    assert [("veto", "npl_ratio", False, "5%", "-0.5%"), ("gate", "npl_ratio", False, "4%", "-1.5%")] == limits(
        lin("5.5%")
    )[:2]
    assert (None, Fraction(3, 10)) == (veto.forfeited, gate.forfeited)
    assert veto.has_struck
    assert gate.has_struck


def test_on_the_limit_itself_the_rule_decides() -> None:
    """A veto above 5% spares 5%; a gate from 4% on takes at 4%: the margin is zero both times."""
    assert [("veto", "npl_ratio", True, "5%", "0%"), ("gate", "npl_ratio", False, "4%", "-1%")] == limits(lin("5%"))[:2]
    assert ("gate", "npl_ratio", False, "4%", "0%") == limits(lin("4%"))[1]


def test_a_bonus_above_its_cap_says_what_is_lost() -> None:
    """120% of 300万 with 2%: 72 + 48 = 120 points, grade A: 1.0 (the curve ends) × 1.2 × 8,000 = 9,600."""
    found = lin(facts=drawn("L1", "360万元"))
    cap = found.limits[-1]
    assert ("9600 CNY", "9000 CNY", False, Fraction(-600)) == (str(cap.actual), str(cap.limit), cap.is_kept, cap.margin)


CAPPED = SCHEME.replace(
    'base = "disbursed"', 'base = "disbursed"\nperiod_most = { most = "9000 元", excess = "lost" }'
).replace("[plans.sales]\n", '[plans.sales]\nmost = { most = "12000 元", excess = "carried" }\n')


def test_caps_of_commission_say_what_is_left() -> None:
    """8,000 of at most 9,000 for the component and 12,000 for the plan; of 95万 the component has its 9,000."""
    found = [
        [
            (one.name.en, one.is_kept, str(one.actual), str(one.margin))
            for one in lin(facts=facts, scheme=CAPPED, basis=tracked(facts, scheme=CAPPED).basis(["lin"])).limits
            if one.kind == "cap of commission"
        ]
        for facts in (FACTS, drawn("L1", "95万元"))
    ]
    assert [("sales", True, "8000 CNY", "4000"), ("volume", True, "8000 CNY", "1000")] == found[0]
    assert [("sales", True, "9000 CNY", "3000"), ("volume", False, "9000 CNY", "0")] == found[1]


# ── what comes next ─────────────────────────────────────────────────────────────────────────────────────────


def test_how_much_more_gives_the_target_and_the_next_grade() -> None:
    """To the target 220万 more. Grade A needs 90.0 printed: 42.0 of the amount, so 41.95 exactly (half to even).

    41.95 / 60 of 300万 are 2,097,500, which is 1,297,500 more. Then 0.9 × 1.2 × 8,000 = 8,640, 3,520 more than 5,120.
    At the target: 60 + 48 = 108 points, 1.0 × 1.2 × 8,000 = 9,600, capped at 9,000: 3,880 more. The NPL ratio is at
    its cap already, so that no better ratio leads to a grade.
    """
    steps = [(one.to, one.indicator.code, str(one.more), one.then.grade, str(one.worth)) for one in lin().steps]
    assert [
        ("target", "disbursed_amount", "2200000 CNY", "A", "3880.00 CNY"),
        ("grade", "disbursed_amount", "1297500 CNY", "A", "3520.00 CNY"),
    ] == steps


def test_what_is_better_lower_says_how_much_less() -> None:
    """At 3.6% the ratio earns 2 − 1.2 = 0.8 of 40, 32.0: score 48.0, grade C. B needs 44.0 of it in place of 32.0.

    43.95 exactly is 1.09875 of 40, which is a ratio of 0.90125 × 3% = 2.70375%: 0.9 points less, in hundredths. Or
    the amount brings 28.0: 27.95 / 60 × 300万 = 1,397,500, so 597,500 more.
    """
    steps = {(one.to, one.indicator.code): one.more for one in lin("3.6%").steps}
    assert Fraction(6, 1000) == steps["target", "npl_ratio"].value
    assert Fraction(90, 10_000) == steps["grade", "npl_ratio"].value
    assert Fraction(597_500) == steps["grade", "disbursed_amount"].value


STEPPED = SCHEME.replace(
    'curve = [["0 point", 0], ["100 point", 1]]',
    'curve = { knots = [["0 point", 0], ["70 point", 1], ["100 point", 2]], shape = "step" }',
)


def test_the_next_step_of_a_bonus() -> None:
    """64.0 points pay nothing, 70 pay a month: 21.95 / 60 of 300万 are 1,097,500, so 297,500 more are worth 8,000."""
    steps = {one.to: one for one in lin(scheme=STEPPED).steps}
    assert ("297500 CNY", "8000.00 CNY") == (str(steps["bonus"].more), str(steps["bonus"].worth))


@settings(max_examples=10)
@given(st.integers(1, 400), st.integers(1, 49))
def test_a_step_is_enough_and_one_less_is_not(myriads: int, tenths: int) -> None:
    """Whatever the month: one more yuan, or hundredth of a percent, is what it takes, by the rules of the scheme."""
    found = lin(f"{tenths / 10}%", facts=drawn("L1", f"{myriads}万元"), scheme=STEPPED)
    card = lp.parse_scheme(STEPPED).resolve(period=APRIL)
    readings = {line.indicator.code: line.reading for line in found.indicators if line.reading is not None}

    def then(code: str, more: Fraction) -> tuple[str, Decimal, lp.Money]:
        sign = -1 if code == "npl_ratio" else 1
        better = lp.Quantity(readings[code].value + sign * more, readings[code].unit)
        read = lp.appraise(card, readings=readings | {code: better})
        assert read.grade is not None
        return read.grade.code, read.score, lp.award(card.bonus, read, month="8000 元").amount

    for one in found.steps:
        unit = Fraction(1) if one.more.unit else Fraction(1, 10_000)
        code, now = one.indicator.code, found.now
        assert now is not None
        assert (one.then.grade, one.then.score, one.then.bonus) == then(code, one.more.value)
        before = then(code, one.more.value - unit)
        if one.to == "grade":
            assert now.grade == before[0] != one.then.grade
        if one.to == "bonus":
            assert now.bonus is not None
            assert one.worth is not None
            assert before[2] <= now.bonus
            assert one.worth.units > 0


# ── commission ──────────────────────────────────────────────────────────────────────────────────────────────


def test_tiers_say_what_the_next_one_asks_and_what_it_is_worth() -> None:
    """80万 of 100万 are reached at 1%: a loan of 20万 leads to 2%, and earns 1% of it, since a tier begins after it."""
    tracker = tracked(FACTS)
    basis = tracker.basis(["lin"])
    (found,) = tracker.progress(["lin"], as_of="2026-04-15", readings=[ratio("2%")], basis=basis)
    (tier,) = found.tiers
    assert ("800000 CNY", "0.01", "1000000 CNY", "0.02", "200000 CNY") == tuple(
        str(value) for value in (tier.reached, tier.rate, tier.next_at, tier.next_rate, tier.more)
    )
    assert (MONEY("20万元"), (MONEY("2000 元"),), "L2") == (tier.loan, tier.worth, tier.last_loan)
    assert (MONEY("8000 元"),) == found.earned


FLAT = SCHEME.replace('applies = "marginal"', 'applies = "flat"')


def test_a_tier_that_lifts_all_loans_is_worth_all_of_it() -> None:
    """Flat: 20万 more make 100万 at 2%, 20,000, where 80万 at 1% were 8,000: the loan is worth 12,000, not 4,000."""
    basis = tracked(FACTS, scheme=FLAT).basis(["lin"])
    assert (MONEY("12000 元"),) == next_loan(basis, "lin", "20万元", as_of="2026-04-15").commission


QUOTA = SCHEME.replace(
    """curve = { knots = [["0 元", "1%"], ["100万元", "2%"]], shape = "step" }
tiers = { by = "amount", applies = "marginal", accumulates = "period" }""",
    """curve = { knots = [["0%", "1%"], ["50%", "2%"]], shape = "step", closed = "right" }
tiers = { by = "attainment", quota = "200万元", applies = "flat", accumulates = "period" }""",
)


def test_a_tier_of_a_quota_says_what_is_missing_in_money() -> None:
    """80万 of a quota of 200万 are 40%: 10% are missing, 20万, and one fen more, since the tier begins above 50%.

    With it 1,000,000.01 at 2% are 20,000.00, 12,000.00 more than before.
    """
    tracker = tracked(FACTS, scheme=QUOTA)
    basis = tracker.basis(["lin"])
    ((tier,),) = (one.tiers for one in tracker.progress(["lin"], as_of="2026-04-15", basis=basis))
    assert (Fraction(2, 5), Fraction(1, 10), "200000 CNY", True) == (
        tier.reached.value,
        tier.more and tier.more.value,
        str(tier.more_of_quota),
        tier.is_beyond,
    )
    assert (MONEY("200000.01 元"), (MONEY("12000 元"),)) == (tier.loan, tier.worth)


def test_what_the_next_loan_earns_by_hand() -> None:
    """50万 on top of 80万 cross 100万: 20万 at 1% and 30万 at 2% are 8,000. The score rises by 10 points to 74.0.

    130万 of 300万 are 26.0 points in place of 16.0: 0.74 months are 5,920, 800 more. Together 8,800.
    """
    basis = tracked(FACTS).basis(["lin"], readings=[ratio("2%")])
    found = next_loan(basis, "lin", "50万元", as_of="2026-04-15")
    assert ((MONEY("8000 元"),), MONEY("800 元"), (MONEY("8800 元"),)) == (found.commission, found.bonus, found.earns)
    assert found.after is not None
    assert (Decimal("74.0"), MONEY("5920 元")) == (found.after.score, found.after.bonus)
    assert (None, "1300000 CNY") == (found.tiers[0].next_at, str(found.tiers[0].reached))
    assert NextLoan.from_data(json.loads(json.dumps(found.data()))) == found
    assert "would earn 8800.00 CNY" in found.explain().text()
    assert "可得 8,800.00 元" in found.explain().text("zh")


BY_PRODUCT = SCHEME.replace('base = "disbursed"', 'base = "disbursed"\nwhere = { product = ["house"] }')


def test_the_next_loan_may_be_like_one_that_is_known() -> None:
    """A plan that pays for one product pays for another loan of it, and nothing for a loan of which none is said."""
    tracker = tracked(drawn("L1", "80万元", product="house"), scheme=BY_PRODUCT)
    basis = tracker.basis(["lin"])
    asked = [{"product": "house"}, {"like": "L1"}, {"product": "car", "like": "L1"}, {}]
    earned = [next_loan(basis, "lin", "10万元", as_of="2026-04-15", **how).commission for how in asked]
    assert [(MONEY("1000 元"),), (MONEY("1000 元"),)] == earned[:2]
    assert all(amount.units == 0 for amounts in earned[2:] for amount in amounts)
    (found,) = tracker.progress(["lin"], as_of="2026-04-15", basis=basis)
    assert (MONEY("2000 元"),) == found.tiers[0].worth


@given(st.lists(st.integers(1, 200), max_size=4), st.integers(1, 200), st.sampled_from([SCHEME, FLAT]))
def test_the_next_loan_earns_what_accruing_says(amounts: list[int], more: int, scheme: str) -> None:
    """By definition and by hand: what is accrued with the loan, less what is accrued without, on two kinds of tiers."""

    def pay(total: int) -> int:
        """In yuan, of a total in 万元."""
        low = total * 100
        if scheme == FLAT:
            return low * (2 if total >= 100 else 1)
        return low + max(total - 100, 0) * 100

    facts = [fact for place, amount in enumerate(amounts) for fact in drawn(f"L{place}", f"{amount}万元")]
    tracker = tracked(facts, scheme=scheme)
    found = next_loan(tracker.basis(["lin"]), "lin", f"{more}万元", as_of="2026-04-15")
    plans, organisation = lp.SchemeBook([lp.parse_scheme(scheme)]).plans(), people("lin")
    totals = [
        sum(line.amount.units for line in lp.accrue(lp.Facts.of(rows), plans, organisation, through=APRIL))
        for rows in (facts, [*facts, *drawn("N", f"{more}万元", on="2026-04-15")])
    ]
    assert found.commission == (lp.Money.from_units(totals[1] - totals[0], "CNY"),)
    assert found.commission == (MONEY(f"{pay(sum(amounts) + more) - pay(sum(amounts))} 元"),)


def test_a_loan_may_be_described_by_its_facts() -> None:
    """A loan of which Wu has 40% is worth 60% to Lin: 60% of 20万 at 1%, and everything else stays as it was."""
    basis = tracked(FACTS, "lin", "wu").basis(["lin", "wu"])
    shared = [
        *drawn("N1", "20万元", on="2026-04-10"),
        lp.Credit(loan="N1", payee="lin", on="2026-04-10", role="lead", share="60%"),
        lp.Credit(loan="N1", payee="wu", on="2026-04-10", role="lead", share="40%"),
    ]
    found = {payee: next_loan(basis, payee, shared, as_of="2026-04-15") for payee in ("lin", "wu")}
    assert [(MONEY("1200 元"),), (MONEY("800 元"),)] == [found[payee].commission for payee in ("lin", "wu")]
    assert MONEY("20万元") == found["lin"].amount


@pytest.mark.parametrize(
    ("loan", "how", "message"),
    [
        ("0 元", {}, "its amount is 0.00 CNY; give more than zero"),
        ("1万元", {"like": "L9"}, "there is no loan 'L9' that it is like"),
        ("1万元", {"as_of": "2026-05-01"}, "2026-05-01 is not in 2026-04"),
        (drawn("L1", "1万元"), {}, "there is a loan 'L1' already"),
        ([], {}, "no lp.Loan describes it"),
        (5, {}, r"the next loan: it is no list \(found 5\); pass an amount with its unit, such as '10万元', or a list"),
        (1.5, {}, "it is no list"),
        (None, {}, "it is no list"),
        ([5], {}, "no lp.Loan describes it"),
        (drawn("N", "1万元")[:1] * 1 + drawn("N", "2万元"), {}, "contradict"),
    ],
)
def test_a_loan_that_cannot_be_is_refused(loan: Any, how: dict[str, Any], message: str) -> None:
    """What would be counted twice, or as nothing, is no answer."""
    basis = tracked(FACTS).basis(["lin"])
    with pytest.raises(lp.errors.DataError, match=message):
        next_loan(basis, "lin", loan, **{"as_of": "2026-04-15", **how})


def test_a_basis_answers_for_those_alone_whose_facts_it_has() -> None:
    """Wu has drawn 100万元, so that 10万元 more earns 2%: 2,000; without Wu's facts it would be said to be 1,000."""
    tracker = tracked([*FACTS, *drawn("W1", "100万元", officer="wu")], "lin", "wu")
    given = [ratio("2%"), ratio("2%", "wu")]
    for payees in (["wu"], ["lin", "wu"], None):
        basis = tracker.basis(payees, readings=given)
        assert (MONEY("2000 元"),) == next_loan(basis, "wu", "10万元", as_of="2026-04-15").commission
    basis = tracker.basis(["lin"], readings=given)
    message = r"the pay of 'wu': the basis has the facts of lin; ask tracker.basis\(\['wu'\]\)"
    asked: list[Callable[[], object]] = [
        lambda: next_loan(basis, "wu", "10万元", as_of="2026-04-15"),
        lambda: basis.results(["lin", "wu"]),
        lambda: tracker.progress(as_of="2026-04-15", readings=given, basis=basis),
    ]
    for ask in asked:
        with pytest.raises(lp.errors.DataError, match=message):
            ask()
    with pytest.raises(lp.errors.DataError, match=r"PayBasis\.payees: it is no list"):
        evolve(basis, payees="lin")


LEADING = (
    SCHEME
    + """
[plans.leading]
role = "head"
rounding = "half up"
[plans.leading.components.override]
base = "team"
rate = "10%"
team = { total = "sum" }
"""
)


def test_who_leads_a_team_is_paid_for_the_loans_of_others() -> None:
    """A basis of the head alone has the facts of the team: 10% of 8,000, and of what one more loan of Lin earns."""
    organisation = lp.Organisation(
        units=[lp.Unit(code="east")],
        assignments=[
            lp.Assignment(payee="head", unit="east", role="head", since="2025-01-01", salary="9000 元"),
            lp.Assignment(payee="lin", unit="east", role="officer", since="2025-01-01", salary="8000 元"),
        ],
    )
    book = lp.SchemeBook([lp.parse_scheme(LEADING)])
    tracker = Tracker.start(Watch(period=APRIL, currency="CNY", schemes=book, organisation=organisation))
    tracker.feed_all(FACTS)
    basis = tracker.basis(["head"], readings=[ratio("2%"), ratio("2%", "head")])
    (head,) = tracker.progress(["head"], as_of="2026-04-15", readings=[ratio("2%", "head")], basis=basis)
    assert (MONEY("800 元"),) == head.earned
    loan = drawn("N", "50万元", on="2026-04-15")
    assert (MONEY("800 元"),) == next_loan(basis, "head", loan, as_of="2026-04-15").commission


def test_commission_alone_is_enough() -> None:
    """A scheme that appraises nobody still says what a loan earns; there is no score that could move."""
    start, end = SCHEME.index("[profiles"), SCHEME.index("[plans.sales]")
    tracker = tracked(FACTS, scheme=SCHEME[:start] + SCHEME[end:])
    found = next_loan(tracker.basis(["lin"]), "lin", "50万元", as_of="2026-04-15")
    assert ((MONEY("8000 元"),), None, None) == (found.earns, found.before, found.bonus)


def test_who_is_not_there_earns_nothing() -> None:
    """A slip in a code is told, with who is meant."""
    with pytest.raises(lp.errors.UnknownPayeeError, match="lin"):
        next_loan(tracked(FACTS).basis(), "lim", "1万元", as_of="2026-04-15")


# ── what is held ────────────────────────────────────────────────────────────────────────────────────────────


def run(facts: list[lp.Fact] = FACTS, **more: Any) -> lp.Run:
    """April, posted to a ledger."""
    return lp.run(
        APRIL,
        facts=MemoryFacts(lp.Facts.of(facts), [ratio("2%")]),
        people=MemoryPeople(people("lin")),
        schemes=MemorySchemes(lp.SchemeBook([lp.parse_scheme(SCHEME)])),
        keeping=lp.Keeping(entries=MemoryEntries()),
        **more,
    )


def test_what_is_held_and_until_when() -> None:
    """20% of a commission of 8,000 are held: 1,600, half of it for 12 months from 30 April 2026."""
    done = run(payments=MemoryPayments(), approve=lambda _: True)
    (found,) = follow(done.results, APRIL, as_of="2026-04-30", accruals=done.accruals, ledger=done.ledger)
    ((cohort, amount, on, much),) = [(one.cohort, one.amount, one.next_on, one.next_amount) for one in found.held]
    assert ("2026-04", MONEY("1600 元"), "2027-04-30", MONEY("800 元")) == (cohort, amount, str(on), much)
    assert "1600.00 CNY held of 2026-04; 800.00 CNY of it expected on 2027-04-30" in found.explain().text()


# ── one progress, whoever worked it ─────────────────────────────────────────────────────────────────────────


def test_a_dry_run_and_a_tracker_say_the_same() -> None:
    """With commissions and tiers: a page shows the same, wherever its numbers come from."""
    done, tracker = run(), tracked(FACTS)
    facts = lp.Facts.of(FACTS)
    of_run = follow(done.results, APRIL, as_of="2026-04-15", accruals=done.accruals, facts=facts)
    basis = tracker.basis()
    of_tracker = tracker.progress(as_of="2026-04-15", readings=[ratio("2%")], accruals=basis.accruals())
    assert of_run == of_tracker
    assert [one.data() for one in of_run] == [one.data() for one in of_tracker]


@pytest.mark.parametrize("seed", range(12))
def test_a_run_and_a_tracker_say_the_same_of_any_branch(seed: int) -> None:
    """Part months, missing readings, vetoes, gates, caps and odd targets: over random branches, for everybody."""
    branch = a_branch(Random(seed))  # noqa: S311 - a branch at random
    month = lp.Period.month(2026, 3)
    watch = Watch(
        period=month, currency="CNY", schemes=branch.schemes, organisation=branch.people, targets=branch.targets
    )
    mine = [one for one in branch.readings if one.subject in (watch.staff or ())]
    tracker = Tracker.start(watch)
    tracker.feed_all(reversed([*branch.facts]))
    for as_of in ("2026-03-10", "2026-03-31"):
        of_run = follow(branch.run().results, month, as_of=as_of, facts=branch.facts)
        assert of_run == tracker.progress(as_of=as_of, readings=mine)


def asked(basis: PayBasis, payee: str, on: date) -> NextLoan | str:
    """What a loan of 50万 would earn, or why that cannot be told."""
    try:
        return next_loan(basis, payee, "50万元", as_of=on)
    except lp.errors.DataError as error:
        return error.where


@settings(max_examples=12)
@given(strategies.branches())
def test_of_any_branch_a_loan_earns_the_difference_and_the_facts_of_the_payee_are_enough(branch: Any) -> None:
    """Whatever the plans: by the facts of everybody as by those of the payee alone, and what accruing twice says."""
    watch = Watch(
        period=branch.period,
        currency="CNY",
        schemes=branch.schemes,
        organisation=branch.organisation,
        targets=branch.targets,
    )
    tracker, on = Tracker.start(watch), branch.period.start
    tracker.feed_all(branch.facts)
    for payee in sorted(watch.staff or ())[:2]:
        alone, whole = (tracker.basis(payees) for payees in ([payee], None))
        found = asked(whole, payee, on)
        assert found == asked(alone, payee, on)
        if isinstance(found, str) or not branch.schemes.plans():
            continue
        more = drawn("N", "50万元", officer=payee, on=on.isoformat())
        more += [
            lp.LoanEvent(loan="N", kind=lp.EventKind.APPLIED, on=on),
            lp.LoanEvent(loan="N", kind=lp.EventKind.DUE_DILIGENCE, on=on),
            lp.LoanEvent(loan="N", kind=lp.EventKind.SIGNED, on=on, amount="50万元"),
        ]
        sums = []
        for facts in (branch.facts, [*branch.facts, *more]):
            held = lp.Facts.of(facts)
            plans, goals = branch.schemes.plans(), {branch.period: branch.targets}
            codes = sorted({code for dated in plans for code in dated.plan.indicators} & {*lp.CATALOGUE})
            read = lp.measure(
                held, branch.period, map(lp.indicator, codes), currency="CNY", organisation=branch.organisation
            )
            lines = lp.accrue(
                held, plans, branch.organisation, through=branch.period, readings=[read] if codes else [], targets=goals
            )
            sums.append(sum(line.amount.units for line in lines.of(payee) if line.period == branch.period))
        assert sums[1] - sums[0] == sum(amount.units for amount in found.commission)


# ── units ───────────────────────────────────────────────────────────────────────────────────────────────────


def balances(number: str, officer: str, amount: str, *, bad: bool = False) -> list[lp.Fact]:
    """A loan of an officer with a balance, non-performing or not."""
    found: list[lp.Fact] = [
        lp.Loan(loan=number, customer=f"C-{number}", officer=officer, opened_on="2026-01-05", amount=amount),
        lp.Balance(loan=number, on="2026-04-01", outstanding=amount),
    ]
    if bad:
        found.append(
            lp.LoanEvent(loan=number, kind=lp.EventKind.CLASSIFIED, on="2026-04-03", category=lp.Category.LOSS)
        )
    return found


TEAM = [
    *drawn("L1", "50万元"),
    *drawn("L2", "100万元", officer="wu"),
    *balances("B1", "lin", "100万元", bad=True),
    *balances("B2", "wu", "900万元"),
]


def test_a_unit_is_the_sum_of_its_members() -> None:
    """150万 of two targets of 300万 are 25%, and half of 600万 is due. The NPL ratio is 100 / (100 + 900), no mean.

    Nothing was drawn of B1 and B2 in April, and no balances are stated of L1 and L2, so they have none.
    """
    tracker = tracked(TEAM, "lin", "wu")
    everybody = tracker.progress(as_of="2026-04-15")
    east = follow_unit(everybody, "east", people("lin", "wu"))
    amount, npl = east.indicators
    assert ("East branch", "unit", None) == (east.name, east.of, east.now)
    assert ("1500000 CNY", "6000000 CNY", "-1500000 CNY") == (
        str(amount.reading),
        str(amount.target),
        str(amount.ahead),
    )
    assert Fraction(1, 4) == amount.attainment
    team = tracker.measured(["lin", "wu"]).team("east", ["lin", "wu"])["npl_ratio"]
    assert npl.reading == team.value
    assert lp.quantity("3%").value == npl.target.value if npl.target else None
    assert [("lin", ("disbursed_amount", "npl_ratio"), ("npl_ratio",)), ("wu", ("disbursed_amount",), ())] == [
        (one.payee, one.behind, one.broken) for one in east.members
    ]
    assert [one.who for member in east.members for one in everybody.of(member.payee)] == ["lin", "wu"]
    assert Progress.from_data(json.loads(json.dumps(east.data()))) == east


def test_a_unit_may_have_a_target_of_its_own() -> None:
    """A team that was given 400万 has reached 37.5% of it, whatever its members were given."""
    everybody = tracked(TEAM, "lin", "wu").progress(as_of="2026-04-15")
    own = [lp.Target(payee="east", indicator="disbursed_amount", value="400万元")]
    east = follow_unit(everybody, "east", people("lin", "wu"), targets=own)
    assert Fraction(3, 8) == east.indicators[0].attainment
    with pytest.raises(lp.errors.DataError, match="given twice"):
        follow_unit(everybody, "east", people("lin", "wu"), targets=[*own, evolve(own[0], value="1万元")])


def test_ratios_that_cannot_be_summed_are_no_reading_of_a_unit() -> None:
    """2% and 4% of who knows how much are no 6% and no 3%."""
    given = [ratio("2%"), ratio("4%", "wu")]
    everybody = tracked([*drawn("L1", "50万元")], "lin", "wu").progress(as_of="2026-04-15", readings=given)
    east = follow_unit(everybody, "east", people("lin", "wu"))
    assert (None, None) == (east.indicators[1].reading, east.indicators[1].attainment)


def test_a_unit_without_results_is_refused() -> None:
    """Nobody's progress is no progress of zero."""
    nobody = Progresses(results=tracked([]).results([]), made=lambda _: lin())
    with pytest.raises(lp.errors.DataError, match="none of its members has a result"):
        follow_unit(nobody, "east", people("lin"))


# ── how it is shown ─────────────────────────────────────────────────────────────────────────────────────────


def test_everything_is_said_in_both_languages() -> None:
    """By hand: the sentences of the month above, with 万元 where Chinese has them."""
    english, chinese = lin().explain().text(), lin().explain().text("zh")
    assert "lin in 2026-04, by 2026-04-15: 64.0 points, grade B, bonus 5120.00 CNY" == english.splitlines()[0]
    for said in (
        "by calendar days, 50% of the target is due, 1500000 CNY: behind by 700000 CNY",
        "veto of NPL ratio: 2%, limit 5% is kept, 3% away",
        "disbursed amount: 1297500 CNY more gives the next grade: 90.0 points, grade A, bonus 8640.00 CNY; worth 3520",
    ):
        assert said in english
    for said in (
        "按自然日，应完成目标的 50%，即 150 万元：落后 70 万元",
        "一票否决：不良率：2%，未触及限值 5%，相距 3%",
        "放款量：再增加 1,297,500 元，升入下一等级：90.0 分，等级 A，奖金 8,640.00 元；可增加奖金 3,520.00 元",
    ):
        assert said in chinese


def test_progress_is_data() -> None:
    """A page in another process shows the same."""
    found = lin(accruals=tracked(FACTS).basis(["lin"]).accruals())
    assert found.steps
    assert Progress.from_data(json.loads(json.dumps(found.data()))) == found
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 - made just here


def test_a_notebook_shows_a_small_table_with_every_value_escaped() -> None:
    """A name from outside is text and no markup."""
    hostile = SCHEME.replace('name = "sales"', 'name = "sales"').replace("A = {", '"<b>A" = {')
    found = lin(scheme=hostile, facts=drawn("L1", "200万元"))
    assert "<b>A" not in found.html()
    assert "&lt;b&gt;A" in found.html()
    assert "80 万元" in lin().html("zh")
    assert lin()._repr_html_().startswith("<div class='loanperf'><table")


def test_results_are_plural_as_all_others() -> None:
    """Iterated, of a payee, explained down to the facts, and a frame with real units."""
    found = tracked(FACTS, "lin", "wu").progress(as_of="2026-04-15", readings=[ratio("2%"), ratio("2%", "wu")])
    assert (2, ["lin", "wu"], ()) == (len(found), [one.who for one in found], found.of("nobody"))
    assert "event L1 disbursed 2026-04-02" in found.explain("lin").text()
    with pytest.raises(lp.errors.UnknownPayeeError, match="lin"):
        found.explain("lim")
    frame = found.frame("pandas")
    (row,) = frame[(frame["payee"] == "lin") & (frame["indicator"] == "disbursed_amount")].to_dict("records")
    assert (800_000, 3_000_000, 1_500_000, -700_000, 1_600_000, 0.5) == tuple(
        row[name] for name in ("reading", "target", "due", "ahead", "at_end", "part_due")
    )


def test_what_is_no_result_and_no_pace_is_refused() -> None:
    """A slip is told at the call, and not by a page that is empty."""
    results = tracked(FACTS).results(["lin"], readings=[ratio("2%")])
    wrong: Any = "2026-04"
    with pytest.raises(lp.errors.DataError, match="the period"):
        follow(results, wrong, as_of="2026-04-15")
    with pytest.raises(lp.errors.DataError, match="the pace"):
        follow(results, APRIL, as_of="2026-04-15", pace=wrong)
    with pytest.raises(lp.errors.DataError, match="accruals"):
        follow(results, APRIL, as_of="2026-04-15", accruals=wrong)
    with pytest.raises(lp.errors.DataError, match="the basis"):
        next_loan(wrong, "lin", "1万元", as_of="2026-04-15")
    with pytest.raises(lp.errors.UnknownIndicatorError, match="disbursed_amount"):
        lin().indicator("disbursed")
    assert isinstance(tracked(FACTS).basis(), PayBasis)
