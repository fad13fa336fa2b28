"""Why pay changed: each step by hand, and the steps always sum to the difference, to the smallest unit and exactly."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.books_of_pay import book_of_seed
from tests.months_of_pay import played

import loanperf as lp
from loanperf.adapters.memory import MemoryEntries, MemoryFacts, MemoryPayments, MemoryPeople, MemorySchemes
from loanperf.analytics import PayChange, PayChangeStep, PayOfPeriod, why_pay_changed
from loanperf.analytics._why_facts import then_and_now
from loanperf.cycle import Calibrated
from loanperf.run import Keeping, Run
from loanperf.viewer import Viewer

MARCH, APRIL = lp.Period.month(2026, 3), lp.Period.month(2026, 4)
ALL = Viewer(who="hr", sees="all")
SCHEME = """
name = "branch"
currency = "CNY"
effective = 2026-01-01

[profiles.all.weights]
loan_amount = "60%"
compliance_score = "40%"

[targets]
loan_amount = "100万元"
compliance_score = "100 point"

[scoring.default]
places = 1
rounding = "half even"
missing = "zero"

[grades]
B = { at_least = 0 }
A = { at_least = 90, coefficient = "120%" }

[[vetoes]]
indicator = "compliance_score"
test = "below"
limit = "60 point"

[bonus]
unit = "month"
curve = [["0 point", 0], ["100 point", 1]]
then = { per_point = "1%", counted = "pro rata" }
rounding = "half up"
cap = "12000 元"

[[bonus.gates]]
indicator = "npl_ratio"
forfeits = { knots = [["0%", "0%"], ["2%", "50%"]], shape = "step" }
"""


PEOPLE = lp.Organisation(
    assignments=[lp.Assignment(payee="lin", unit="east", role="officer", since="2025-01-01", salary="10000 元")]
)


def pay(period: lp.Period, scheme: str = SCHEME, *, payee: str = "lin", **given: Any) -> PayOfPeriod:
    """The bonus of a payee: 100万, 100 points of compliance, 1% NPL and 10,000 a month unless said otherwise."""
    month, days = given.pop("month", "10000 元"), given.pop("days", None)
    card = lp.parse_scheme(scheme).resolve(period=period)
    readings = {"loan_amount": "100万元", "compliance_score": "100 point", "npl_ratio": "1%", **given}
    known = {item.code for item in card.others} | {line.indicator.code for line in card.lines}
    scored = lp.appraise(card, readings={code: readings[code] for code in readings if code in known}, payee=payee)
    return PayOfPeriod(payee=payee, period=period, bonuses=[lp.award(card.bonus, scored, month=month, days=days)])


def steps(found: PayChange) -> dict[str, str]:
    return {step.name.en: str(step.amount) for step in found.steps}


def must_sum(found: PayChange) -> None:
    assert found.difference == sum((step.amount for step in found.steps), lp.Money.from_units(0, found.after.currency))
    assert found.after.exact - found.before.exact == sum(step.exact for step in found.steps)


def bonus(after: PayOfPeriod, before: PayOfPeriod | None = None) -> dict[str, str]:
    found = why_pay_changed(before or pay(MARCH), after, viewer=ALL)
    must_sum(found)
    return steps(found)


# ── bonuses ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_indicator_has_its_part() -> None:
    """The published example against a month that reached all targets.

    Loan amount 120% of a weight of 50: 10 points more, of 0.1% of 8,000 each: 80. NPL 2% against 3%: 30 × (2 − 2/3) is
    40: 80. Retention 85% of 80%: 20 × 85/80 = 21.25, 21.2 points: 1.2 × 8 = 9.60. From 8,000 to 8,169.60.
    """

    def month(period: lp.Period, *values: str) -> PayOfPeriod:
        card = lp.template("worked-example").resolve(period=period)
        readings = dict(zip(("loan_amount", "npl_ratio", "retention_rate"), values, strict=True))
        scored = lp.appraise(card, readings=readings, payee="lin")
        return PayOfPeriod(payee="lin", period=period, bonuses=[lp.award(card.bonus, scored, month="8000 元")])

    found = why_pay_changed(
        month(MARCH, "100万元", "3%", "80%"),
        month(APRIL, "120万元", "2%", "85%"),
        viewer=Viewer(who="lin", sees="self"),
    )
    must_sum(found)
    assert (lp.Money("8000 CNY"), lp.Money("8169.60 CNY")) == (found.before, found.after)
    assert {
        "score: loan amount": "80.00 CNY",
        "score: NPL ratio": "80.00 CNY",
        "score: retention rate": "9.60 CNY",
    } == steps(found)
    why = found.steps[1].why
    assert "reading 3% → 2%; target 3% in both periods; points 30.0 → 40.0" == why.en
    assert "完成值 3% → 2%；目标 两期均为 3%；得分 30.0 → 40.0" == why.to("zh")
    assert [6, 6] == [found.findings[0].n + 4, len(found.steps) + 3]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        # 30 points less of 60, and grade B: 10,000 × 0.7, from 12,000.
        ({"loan_amount": "50万元"}, {"score: loan amount": "-5000.00 CNY"}),
        # The gate takes half of 12,000.
        ({"npl_ratio": "2%"}, {"gate: NPL ratio": "-6000.00 CNY"}),
        # 110 points are 1.1 months × 120% = 13,200; the cap takes 1,200 of it.
        ({"loan_amount": "1166666.67元"}, {"score: loan amount": "1200.00 CNY", "cap": "-1200.00 CNY"}),
        ({"month": "8000 元"}, {"base of the bonus": "-2400.00 CNY"}),
        ({"days": (15, 30)}, {"days in role": "-6000.00 CNY"}),
        # 20 points less without the veto: 0.8 × 10,000; the veto takes the rest.
        ({"compliance_score": "50 point"}, {"score: compliance score": "-4000.00 CNY", "veto": "-8000.00 CNY"}),
    ],
)
def test_each_rule_has_its_part(after: Mapping[str, Any], expected: Mapping[str, str]) -> None:
    """From 100 points, grade A, of 10,000 × 120% = 12,000."""
    assert expected == bonus(pay(APRIL, **after))


def test_what_goes_together_is_told_in_order() -> None:
    """Half of the amount: 12,000 to 7,000. Then half of that is forfeited: 3,500. Then half of the days: 1,750."""
    found = bonus(pay(APRIL, loan_amount="50万元", npl_ratio="3%", days=(15, 30)))
    assert {
        "score: loan amount": "-5000.00 CNY",
        "gate: NPL ratio": "-3500.00 CNY",
        "days in role": "-1750.00 CNY",
    } == found


def test_a_new_version_is_a_step() -> None:
    """100 points pay 1.1 months by the new curve: 1,000 × 120% more, which the cap of 12,000 takes."""
    new = SCHEME.replace('["100 point", 1]', '["100 point", "1.1"]')
    assert {"rules of the scheme": "1200.00 CNY", "cap": "-1200.00 CNY"} == bonus(pay(APRIL, new))


def test_a_calibration_is_a_step() -> None:
    """From grade A, 120%, to grade B, 100%: 2,000 less."""
    run = paid(MARCH)
    result = run.results[0]
    decided = Calibrated(payee="lin", period=MARCH, grade="B", by="chen", why="new", at="2026-04-03")
    card = result.appraisal.card
    again = lp.award(card.bonus, result.appraisal, month="10000 元", calibrated=decided)
    after = lp.Period.month(2026, 4)
    moved = evolve(result, award=again, calibrated=evolve(decided, period=after))
    scored = evolve(result.appraisal, card=evolve(card, period=after))
    april = evolve(moved, appraisal=scored, award=evolve(again, appraisal=scored, period="2026-04"))
    before = PayOfPeriod(payee="lin", period=MARCH, bonuses=[result])
    assert {"calibration": "-2000.00 CNY"} == bonus(PayOfPeriod(payee="lin", period=APRIL, bonuses=[april]), before)


def test_a_bonus_of_a_pool_is_told_as_a_whole() -> None:
    """A pool is shared by other rules than an award: nothing is said of its parts."""
    pools = []
    for period, amount in ((MARCH, "1000 CNY"), (APRIL, "1500 CNY")):
        one = pay(period).bonuses[0]
        assert isinstance(one, lp.Award)
        pools.append(PayOfPeriod(payee="lin", period=period, bonuses=[evolve(one, amount=lp.Money(amount))]))
    found = why_pay_changed(*pools, viewer=ALL)
    must_sum(found)
    assert {"bonus as a whole": "500.00 CNY"} == steps(found)
    assert "such as a pool" in found.steps[0].why.en


def test_somebody_who_was_not_there_has_one_step() -> None:
    found = why_pay_changed(PayOfPeriod(payee="lin", period=MARCH), pay(APRIL), viewer=ALL)
    must_sum(found)
    assert {"bonus of one period alone": "12000.00 CNY"} == steps(found)


RATIOS = st.fractions(0, 2, max_denominator=20)


MONTHS = st.lists(st.tuples(RATIOS, RATIOS, RATIOS, st.integers(0, 30)), min_size=2, max_size=2)


@settings(max_examples=20)
@given(months=MONTHS, other=st.booleans())
def test_the_steps_of_bonuses_sum_exactly(
    *, months: list[tuple[Fraction, Fraction, Fraction, int]], other: bool
) -> None:
    """Whatever is read, and where the rules change too."""
    new = SCHEME.replace('"120%"', '"150%"').replace('loan_amount = "60%"', 'loan_amount = "50%"\nnpl_ratio = "10%"')
    new = new.replace('compliance_score = "100 point"', 'compliance_score = "100 point"\nnpl_ratio = "1%"')
    found = [
        pay(
            period,
            scheme,
            loan_amount=lp.Quantity(amount * 1_000_000, "CNY"),
            compliance_score=lp.Quantity(points * 50, "point"),
            npl_ratio=npl / 20,
            days=(days, 30),
        )
        for period, scheme, (amount, points, npl, days) in zip(
            (MARCH, APRIL), (SCHEME, new if other else SCHEME), months, strict=True
        )
    ]
    must_sum(change := why_pay_changed(*found, viewer=ALL))
    assert not any(step.kind == "bonus" for step in change.steps)


# ── commissions and the ledger ──────────────────────────────────────────────────────────────────────────────

PLAN = """
[plans.officer]
rounding = "half up"
[plans.officer.components.loans]
base = "disbursed"
curve = { knots = [["0元", "0.5%"], ["100万元", "0.6%"]], shape = "step" }
tiers = { by = "amount", applies = "marginal", accumulates = "period" }
[plans.officer.holdback]
share = "20%"
instalments = [{ after_months = 12, share = "100%" }]
"""
GATED = PLAN.replace(
    "[plans.officer.components",
    """gates = [{ indicator = "npl_ratio", forfeits = { knots = [["0%", "0%"], ["2%", "50%"]], shape = "step" } }]
[plans.officer.components""",
)
CAPPED = PLAN.replace(
    "[plans.officer.components", 'most = { most = "8000 元", excess = "lost" }\n[plans.officer.components'
)


def runs(scheme: str, drawn: Mapping[str, str], readings: Iterable[lp.Reading] = ()) -> list[lp.Run]:
    """March and April, run with a ledger; `drawn` is by day."""
    facts: list[lp.Fact] = []
    for number, (on, amount) in enumerate(drawn.items(), 1):
        facts.append(lp.Loan(loan=f"L{number}", customer=f"C{number}", officer="lin", opened_on=on))
        facts.append(lp.LoanEvent(loan=f"L{number}", kind=lp.EventKind.DISBURSED, on=on, amount=amount))
    entries = MemoryEntries()
    return [
        lp.run(
            period,
            facts=MemoryFacts(facts, tuple(one for one in readings if one.period == period)),
            people=MemoryPeople(PEOPLE),
            schemes=MemorySchemes(lp.parse_scheme(scheme)),
            payments=MemoryPayments(),
            approve=lambda _: True,
            keeping=lp.Keeping(entries=entries, first=MARCH),
        )
        for period in (MARCH, APRIL)
    ]


NO_BONUS = SCHEME[: SCHEME.index("[bonus]")]


def paid(period: lp.Period) -> lp.Run:
    """A month with a bonus and nothing else: 100 points, grade A."""
    readings = [
        lp.Reading.of(code, value, subject="lin", period=period)
        for code, value in (("loan_amount", "100万元"), ("compliance_score", "100 point"), ("npl_ratio", "1%"))
    ]
    schemes = MemorySchemes(lp.parse_scheme(SCHEME))
    return lp.run(period, facts=MemoryFacts([], readings), people=MemoryPeople(PEOPLE), schemes=schemes)


def commission(scheme: str, drawn: Mapping[str, str], readings: Iterable[lp.Reading] = ()) -> PayChange:
    found = [PayOfPeriod.of_run(run, "lin") for run in runs(scheme, drawn, readings)]
    change = why_pay_changed(*found, viewer=ALL)
    must_sum(change)
    return change


def npl(*values: str) -> list[lp.Reading]:
    return [
        lp.Reading.of("npl_ratio", value, subject="lin", period=period)
        for value, period in zip(values, (MARCH, APRIL), strict=True)
    ]


DRAWN = {"2026-03-05": "60万元", "2026-03-09": "40万元", "2026-04-02": "200万元"}


def test_volume_tier_and_holdback() -> None:
    """March: 100万 × 0.5% = 5,000. April: 5,000 + 100万 × 0.6% = 11,000.

    Volume: 100万 more at 0.5%: 5,000. Tier: 200万 at 0.55% on average, no longer 0.5%: 1,000. Held: 20% of 6,000 more.
    """
    found = commission(NO_BONUS + PLAN, DRAWN)
    assert {
        "volume: loans, disbursed": "5000.00 CNY",
        "tier: loans, disbursed": "1000.00 CNY",
        "held": "-1200.00 CNY",
    } == steps(found)
    assert "base of rates 1000000 → 2000000; lines 2 → 1" == found.steps[0].why.en
    assert "on average 0.5% → 0.55%" == found.steps[1].why.en


def test_a_gate_of_commission() -> None:
    """11,000 of April, of which the gate takes half; 20% is held of 5,500, as of 5,000 in March: 100 more."""
    found = commission(NO_BONUS + GATED, DRAWN, npl("1%", "2%"))
    assert {
        "volume: loans, disbursed": "5000.00 CNY",
        "tier: loans, disbursed": "1000.00 CNY",
        "gate: loans, disbursed": "-5500.00 CNY",
        "held": "-100.00 CNY",
    } == steps(found)


def test_gates_that_are_added() -> None:
    """Of 11,000 the first gate takes half, the second 80%, but of what is there no more than half is left."""
    both = 'gates_apply = "added"\ngates = [' + ", ".join(
        f'{{ indicator = "npl_ratio", forfeits = {{ knots = [["0%", "0%"], ["2%", "{share}"]], shape = "step" }} }}'
        for share in ("50%", "80%")
    )
    found = commission(
        NO_BONUS + PLAN.replace("[plans.officer.comp", f"{both}]\n[plans.officer.comp"), DRAWN, npl("1%", "2%")
    )
    assert "-11000.00 CNY" == steps(found)["gate: loans, disbursed"]


def test_a_cap_of_commission() -> None:
    """11,000 of April, capped at 8,000: 3,000 are lost; 20% is held of 3,000 more."""
    found = commission(NO_BONUS + CAPPED, DRAWN)
    assert {
        "volume: loans, disbursed": "5000.00 CNY",
        "tier: loans, disbursed": "1000.00 CNY",
        "cap: loans, disbursed": "-3000.00 CNY",
        "held": "-600.00 CNY",
    } == steps(found)


def test_the_order_of_facts_does_not_matter() -> None:
    back = dict(reversed([*DRAWN.items()]))
    assert steps(commission(NO_BONUS + PLAN, DRAWN)) == steps(commission(NO_BONUS + PLAN, back))


def test_a_statement_alone_is_told_by_component() -> None:
    """Who has the ledger alone sees what was earned by component, and what was held."""
    found = []
    for run in runs(NO_BONUS + PLAN, DRAWN):
        assert run.ledger is not None
        posted = lp.statement(run.ledger, "lin", run.period)
        found.append(PayOfPeriod(payee="lin", period=run.period, posted=posted))
    change = why_pay_changed(*found, viewer=ALL)
    must_sum(change)
    assert {"earned: officer loans": "6000.00 CNY", "held": "-1200.00 CNY"} == steps(change)


def sums_of_book(seed: int) -> int:
    """How many pairs of periods of a random book were compared; each sums to the difference."""
    book, count = book_of_seed(seed), 0
    done = played(book)
    if not done.accruals:
        return 0
    accruals = done.accruals[-1]
    for payee in dict.fromkeys(line.payee for line in accruals):
        for one, two in zip(book.months, book.months[1:], strict=False):
            sides = []
            for period in (one, two):
                lines = [line for line in accruals.of(payee) if line.period == period]
                codes = sorted({*done.ledger.currencies(payee), *(line.amount.currency for line in lines)})
                if len(codes) != 1:
                    break
                posted = lp.statement(done.ledger, payee, period, accruals, currency=codes[0])
                sides.append(PayOfPeriod(payee=payee, period=period, lines=lines, posted=posted))
                sides.append(PayOfPeriod(payee=payee, period=period, lines=lines))
            if len(sides) == 4 and all(side.currencies for side in sides):
                must_sum(why_pay_changed(sides[0], sides[2], viewer=ALL))
                must_sum(why_pay_changed(sides[1], sides[3], viewer=ALL))
                count += 1
    return count


def test_steps_sum_over_random_books() -> None:
    """Plans of every kind, with gates, caps, holdbacks, clawbacks, overrides and corrections."""
    assert 2 < sum(map(sums_of_book, range(5)))


@pytest.mark.slow
@pytest.mark.parametrize("books", [100, pytest.param(400, marks=pytest.mark.full)])
def test_steps_sum_over_many_random_books(books: int) -> None:
    """The same of more of them; three in four have two months to compare."""
    assert 3 * books < 4 * sum(map(sums_of_book, range(books)))


# ── what is shown, and what is refused ──────────────────────────────────────────────────────────────────────


def test_it_reads_as_text_table_and_chart_in_both_languages() -> None:
    found = commission(NO_BONUS + PLAN, DRAWN)
    text = found.text("zh")
    assert "lin 的薪酬由 2026-03 的 4,000.00 元 增至 2026-04 的 8,800.00 元，增加 4,800.00 元" in text
    assert "业务量：loans" in text
    assert PayChange.from_data(found.data()) == found
    assert "元" == found.chart("zh")["layer"][0]["encoding"]["x"]["axis"]["title"]
    values = found.chart("zh")["data"]["values"]
    assert [(0.0, 4000.0, "stands"), (4000.0, 9000.0, "rises"), (9000.0, 10000.0, "rises")] == [
        (one["start"], one["end"], one["change"]) for one in values[:3]
    ]
    assert [(10000.0, 8800.0, "falls"), (0.0, 8800.0, "stands")] == [
        (one["start"], one["end"], one["change"]) for one in values[3:]
    ]
    assert [4000.0, 9000.0, 10000.0, 8800.0, 8800.0] == found.frame()["running"].tolist()


def test_only_who_may_see_the_payee_is_told() -> None:
    with pytest.raises(lp.errors.RightsError, match="may not see"):
        why_pay_changed(pay(MARCH), pay(APRIL), viewer=Viewer(who="wu", sees="self"))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (pay(MARCH), pay(APRIL, payee="wu"), "of 'wu'; compare two periods of one payee"),
        (pay(APRIL), pay(MARCH), "2026-03 does not come after 2026-04"),
        (pay(MARCH), pay(APRIL, SCHEME.replace("CNY", "USD").replace("元", " USD").replace("万", "0000"), month="1 USD",
                         loan_amount="100 USD"), "it is in CNY, USD"),
        (PayOfPeriod(payee="lin", period=MARCH), PayOfPeriod(payee="lin", period=APRIL), "nothing is known of it"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused(before: PayOfPeriod, after: PayOfPeriod, said: str) -> None:
    with pytest.raises(lp.errors.DataError, match=said):
        why_pay_changed(before, after, viewer=ALL)


def test_what_is_no_pay_of_the_period_is_refused() -> None:
    one = pay(MARCH)
    with pytest.raises(lp.errors.DataError, match="something is of 'lin' in 2026-03"):
        PayOfPeriod(payee="lin", period=APRIL, bonuses=one.bonuses)
    with pytest.raises(lp.errors.DataError, match="str is no bonus"):
        PayOfPeriod(payee="lin", period=MARCH, bonuses=["12000"])
    with pytest.raises(lp.errors.DataError, match="no kind of steps"):
        PayChangeStep(kind="luck", about=lp.Label(""), amount=lp.Money("1 CNY"), exact=Fraction(1), why=lp.Label("x"))


# ── facts as they were, and as they are ─────────────────────────────────────────────────────────────────────

OF_L1 = lp.Loan(loan="L1", customer="C1", officer="lin", opened_on="2026-02-01", amount="100万元")
DRAWN_OF_L1 = lp.LoanEvent(
    loan="L1", kind=lp.EventKind.DISBURSED, on="2026-02-03", amount="100000 元", source="crm row 17"
)
OF_L2 = lp.Loan(loan="L2", customer="C2", officer="lin", opened_on="2026-02-01")


def corrected(
    then: lp.Facts,
    now: lp.Facts,
    viewer: Viewer = ALL,
    *,
    scheme: str = "",
    organisation: lp.Organisation = PEOPLE,
    payee: str = "lin",
    known: Any = None,
) -> PayChange:
    """March of lin, who was paid 500 for the drawing of L1 in February, when the facts were others.

    Args:
        then: facts when February was closed.
        now: facts of today.
        viewer: who looks.
        scheme: another than `OF_DRAWINGS`.
        organisation: others than lin alone.
        payee: another than lin.
        known: the facts of both states that are told, where they are not those that were paid by.
    """
    book = lp.SchemeBook([lp.parse_scheme(scheme or OF_DRAWINGS)])
    people, schemes, payments = MemoryPeople(organisation), MemorySchemes(book), MemoryPayments()
    keeping = Keeping(entries=MemoryEntries(), close_by="hr")

    def worked(period: lp.Period, facts: lp.Facts) -> Run:
        store = MemoryFacts(facts)
        return lp.run(period, facts=store, people=people, schemes=schemes, payments=payments, keeping=keeping)

    worked(FEBRUARY, then)
    first, second = worked(FEBRUARY, now), worked(MARCH, now)
    sides = (PayOfPeriod.of_run(run, payee) for run in (first, second))
    return why_pay_changed(*sides, viewer=viewer, facts=(then, now) if known is None else known)


FEBRUARY = lp.Period.month(2026, 2)
SALES = """
name = "branch"
currency = "CNY"
effective = 2026-01-01
[plans.sales]
rounding = "half up"
[plans.sales.components.loans]
base = "disbursed"
"""
OF_DRAWINGS = f"""{SALES}
rate = "0.5%"
"""


def test_a_changed_fact_is_named_with_its_source() -> None:
    """100,000 drawn were 80,000: the sentence says both, and where the row comes from; L2 was not corrected."""
    then = lp.Facts.of([OF_L1, DRAWN_OF_L1, OF_L2])
    now = lp.Facts.of([OF_L1, evolve(DRAWN_OF_L1, amount=lp.Money("80000 CNY")), evolve(OF_L2, product="car")])
    found = corrected(then, now)
    must_sum(found)
    (changed,) = found.facts
    assert ("L1", "changed") == (changed.loan, changed.how)
    assert "event L1 disbursed 2026-02-03: 100000.00 CNY → 80000.00 CNY (crm row 17)" == changed.label.en
    assert "贷款 L1 2026-02-03 放款：100,000.00 元 → 80,000.00 元（crm 第 17 行）" == changed.label.to("zh")
    assert changed.label.en in found.text()
    assert found == PayChange.from_data(found.data())


def test_new_and_withdrawn_facts_and_plain_fields_are_named() -> None:
    """The drawing moved by a day, and a product is known of the loan now: three facts, each as what it is."""
    then = lp.Facts.of([OF_L1, DRAWN_OF_L1])
    moved = evolve(DRAWN_OF_L1, on="2026-02-04", amount=lp.Money("90000 CNY"))
    found = corrected(then, lp.Facts.of([evolve(OF_L1, product="car"), moved]))
    assert [
        "withdrawn: event L1 disbursed 2026-02-03: 100000.00 CNY (crm row 17)",
        "new: event L1 disbursed 2026-02-04: 90000.00 CNY (crm row 17)",
        "loan L1: product nothing → car",
    ] == [one.label.en for one in found.facts]
    assert "贷款 L1：产品 无 → car" == found.facts[-1].label.to("zh")


def test_shares_of_others_are_not_told() -> None:
    """Who sees lin alone learns that a share of another payee is new, and not whose or how large."""
    own = lp.Credit(loan="L1", payee="lin", role="lead", share="60%", on="2026-02-01")
    part = lp.Credit(loan="L1", payee="secret", role="assistant", share="40%", on="2026-02-01")
    then, now = lp.Facts.of([OF_L1, DRAWN_OF_L1]), lp.Facts.of([OF_L1, DRAWN_OF_L1, own, part])
    told = {}
    for viewer in (ALL, Viewer(who="lin", sees="self")):
        both = then_and_now((then, now), viewer.may_see)
        assert both is not None
        told[viewer.who] = both.changed(["L1"])
    said = {who: [one.label.en for one in changed] for who, changed in told.items()}
    assert ["new: credit L1 assistant secret: 40%", "new: credit L1 lead lin: 60%"] == said["hr"]
    assert ["new: credit L1 assistant: another payee", "new: credit L1 lead lin: 60%"] == said["lin"]
    assert "新增：业绩归属 L1 协办：其他员工" == told["lin"][0].label.to("zh")
    assert "secret" not in str([one.data() for one in told["lin"]])


def test_an_officer_whom_the_viewer_may_not_see_is_not_told() -> None:
    """A loan that was handed from wu to lin: who sees lin alone learns that it was of another payee."""
    then, now = lp.Facts.of([evolve(OF_L1, officer="wu")]), lp.Facts.of([OF_L1])
    both = then_and_now((then, now), Viewer(who="lin", sees="self").may_see)
    assert both is not None
    assert ["loan L1: officer another payee → lin"] == [one.label.en for one in both.changed(["L1"])]


def test_equal_facts_say_that_something_else_changed() -> None:
    """The correction stays, and both states that are given are the same: it is not laid to facts of lin."""
    now = lp.Facts.of([OF_L1, evolve(DRAWN_OF_L1, amount=lp.Money("80000 CNY"))])
    found = corrected(lp.Facts.of([OF_L1, DRAWN_OF_L1]), now, known=(now, now))
    assert () == found.facts
    said = (
        "no fact of loan L1 differs, and no other fact of lin: what changed is facts of other payees, readings, rules, "
        "people, targets or exchange rates"
    )
    assert said == found.findings[-1].label.en


TIERS_BY_ALL_LOANS = f"""{SALES}
where = {{ product = "car" }}
curve = {{ bands = [["0元", "100万元", "1%"], ["100万元", "", "2%"]], shape = "step" }}
tiers = {{ by = "amount", applies = "marginal", accumulates = "period", counts = "every loan" }}
"""


def test_a_fact_of_another_loan_that_counts_for_the_tiers_is_named() -> None:
    """X pays nothing and counts: 80万 instead of 20万 before it put 30万 of L1 into 2%. A fact of March has no part."""
    loans: list[lp.Fact] = [evolve(OF_L1, product="car"), evolve(DRAWN_OF_L1, amount=lp.Money("50万元"))]
    other = evolve(OF_L2, loan="X", product="other")
    drawn = evolve(DRAWN_OF_L1, loan="X", on="2026-02-01", amount=lp.Money("20万元"), source="bank row 4")
    later = evolve(OF_L2, loan="M", opened_on="2026-03-05")
    then, now = ([*loans, other, evolve(drawn, amount=lp.Money(amount))] for amount in ("20万元", "80万元"))
    found = corrected(lp.Facts.of(then), lp.Facts.of([*now, later]), scheme=TIERS_BY_ALL_LOANS)
    must_sum(found)
    assert [("X", "changed")] == [(one.loan, one.how) for one in found.facts]
    assert (
        "no fact of loan L1 differs; other facts of lin that changed: "
        "event X disbursed 2026-02-01: 200000.00 CNY → 800000.00 CNY (bank row 4)"
    ) == found.findings[-1].label.en
    assert "贷款 L1 的事实并无变动；lin 的其他事实变动：" in found.findings[-1].label.to("zh")


TEAM = """
[plans.lead]
role = "lead"
rounding = "half up"
[plans.lead.components.override]
base = "team"
team = { total = "sum" }
rate = "10%"
"""


def test_a_correction_of_a_team_lead_says_that_it_is_of_no_loan() -> None:
    """Wu has a tenth of what lin earns: the drawing of lin was corrected, and no fact of wu differs."""
    lead = lp.Assignment(payee="wu", unit="head", role="lead", since="2025-01-01")
    people = lp.Organisation(
        units=[lp.Unit(code="head"), lp.Unit(code="east", parent="head")], assignments=[*PEOPLE.assignments, lead]
    )
    then = lp.Facts.of([OF_L1, DRAWN_OF_L1])
    now = lp.Facts.of([OF_L1, evolve(DRAWN_OF_L1, amount=lp.Money("80000 CNY"))])

    def told(*known: lp.Facts) -> PayChange:
        return corrected(then, now, scheme=OF_DRAWINGS + TEAM, organisation=people, payee="wu", known=known)

    found = told(then, now)
    must_sum(found)
    assert "-10.00 CNY" == steps(found)["correction of earlier periods"]
    assert () == found.facts
    assert (
        "pay of wu that is of no single loan was corrected, and no fact of wu differs: what changed is facts of the "
        "team, readings, rules, people, targets or exchange rates"
    ) == found.findings[-1].label.en
    assert "what changed pay of wu that is of no single loan: facts of wu or of the team" in told().text()


@pytest.mark.parametrize(
    "facts", [None, lp.Facts.of([OF_L1]), (lp.Facts.of([OF_L1]),), ([OF_L1], [OF_L1]), (lp.Facts.of([OF_L1]), None)]
)
def test_what_is_no_pair_of_facts_is_refused(facts: Any) -> None:
    with pytest.raises(lp.errors.DataError, match="as they were when pay was posted") as error:
        why_pay_changed(pay(MARCH), pay(APRIL), viewer=ALL, facts=facts)
    assert "请传入" in error.value.text("zh")
