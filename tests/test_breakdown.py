"""Breakdowns: groups sum to what is measured of all, small groups are not told, and what is advised is a scheme."""

import csv
from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from examples import real_loans

import loanperf as lp
from loanperf.analytics import (
    Advice,
    Breakdown,
    Exact,
    Finding,
    Interval,
    PayOfPeriod,
    advise,
    breakdown,
    breakdown_of_pay,
    difference_of_groups,
    product_rate,
    unit_weight,
    weight,
)
from loanperf.viewer import Viewer

MARCH, APRIL = lp.Period.month(2026, 3), lp.Period.month(2026, 4)
ALL = Viewer(who="hr", sees="all")
NPL = lp.CATALOGUE["npl_ratio"]()
BALANCES = {
    "S1": ("lin", "secured", "79.2万元", "69.3万元"),
    "S2": ("wu", "secured", "0.8万元", "0.7万元"),
    "U1": ("lin", "unsecured", "19.2万元", "47万元"),
    "U2": ("wu", "unsecured", "0.8万元", "3万元"),
}
"""Loans: whose, which product, and what is outstanding at the end of March and of April; S2 and U2 are bad."""


def book() -> list[lp.Fact]:
    facts: list[lp.Fact] = []
    for loan, (officer, product, *amounts) in BALANCES.items():
        opened = f"202{4 + (loan[1] == '1')}-02-01"
        facts.append(lp.Loan(loan=loan, customer=loan, officer=officer, opened_on=opened, product=product))
        for on, amount in zip(("2026-03-31", "2026-04-30"), amounts, strict=True):
            facts.append(lp.Balance(loan=loan, on=on, outstanding=lp.Money.of(amount)))
        if loan in ("S2", "U2"):
            kind, bad = lp.EventKind.CLASSIFIED, lp.Category.SUBSTANDARD
            facts.append(lp.LoanEvent(loan=loan, kind=kind, on="2026-03-05", category=bad))
    return facts


def held(payee: str, unit: str = "east", role: str = "officer", since: str = "2025-01-01") -> lp.Assignment:
    return lp.Assignment(payee=payee, unit=unit, role=role, since=since)


PEOPLE = lp.Organisation(assignments=[held("lin"), held("wu", "west", "senior", "2020-01-01")])


def broken(by: str, facts: Sequence[lp.Fact] = (), *, smallest: int = 1, viewer: Viewer = ALL) -> Breakdown:
    given = lp.Facts.of(facts or book())
    how = {"people": PEOPLE, "periods": [MARCH, APRIL], "currency": "CNY", "viewer": viewer, "smallest": smallest}
    return breakdown(given, NPL, by=by, **how)  # type: ignore[arg-type]


def ratios(found: Breakdown, period: lp.Period) -> dict[str, Fraction]:
    return {one.group.en: one.amount / one.whole for one in found.groups if one.period == period and one.whole}


def test_npl_by_product_with_mix_and_rate() -> None:
    """Secured 1% of 80万 and of 70万; unsecured 4% of 20万, then 6% less a part of 50万: 3 / 50 = 6%.

    As worked by hand in the tests of mix: volume 0.32万, mix 0.78万, rate 1万.
    """
    found = broken("product")
    assert {"secured": Fraction(1, 100), "unsecured": Fraction(4, 100)} == ratios(found, MARCH)
    assert {"secured": Fraction(1, 100), "unsecured": Fraction(6, 100)} == ratios(found, APRIL)
    assert (Fraction(16_000), Fraction(1_000_000)) == found.total(MARCH)
    effects = found.mix()
    assert (Fraction(3_200), Fraction(7_800), Fraction(10_000)) == (effects.volume, effects.mix, effects.rate)
    assert [2, 2] == [one.n for one in effects.findings]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("role", {"officer": Fraction(0), "senior": Fraction(1)}),
        ("unit", {"east": Fraction(0), "west": Fraction(1)}),
        ("tenure", {"12 months or more, less than 36": Fraction(0), "36 months or more": Fraction(1)}),
        ("vintage", {"2024": Fraction(1), "2025": Fraction(0)}),
        ("segment", {"not stated": Fraction(16, 1000)}),
    ],
)
def test_every_breakdown(by: str, expected: dict[str, Fraction]) -> None:
    """Lin has the good loans, opened in 2025; Wu, a senior of the west, the bad ones of 2024."""
    found = broken(by)
    assert expected == ratios(found, MARCH)
    assert (Fraction(37_000), Fraction(1_200_000)) == found.total(APRIL)


def test_groups_sum_to_what_is_measured_and_the_order_of_facts_does_not_matter() -> None:
    read = [one for one in lp.measure(book(), APRIL, [NPL], currency="CNY") if one.denominator]
    whole = sum(one.numerator for one in read), sum(one.denominator or 0 for one in read)
    assert whole == broken("product").total(APRIL) == broken("role").total(APRIL)
    assert broken("product").data() == broken("product", book()[::-1]).data()
    assert Breakdown.from_data(broken("product").data()) == broken("product")


def test_a_group_of_one_is_not_told() -> None:
    """Both groups have one person, so they are shown together; so they are where two are asked for."""
    found = broken("role", smallest=2)
    assert ["other groups, too small to show"] * 2 == [one.group.en for one in found.groups]
    assert [2, 2] == [one.people for one in found.groups]
    assert "其他（人数过少，合并列示）" in found.text("zh")


def test_only_whom_the_viewer_sees_counts() -> None:
    assert (Fraction(0), Fraction(984_000)) == broken("product", viewer=Viewer(who="lin", sees="self")).total(MARCH)
    with pytest.raises(lp.errors.DataError, match="there is nobody to count"):
        broken("product", viewer=Viewer(who="zhao", sees="self"))


def test_what_cannot_be_broken_down_is_refused() -> None:
    with pytest.raises(lp.errors.DataError, match="by: it is 'moon'"):
        broken("moon")
    found = broken("product")
    april = [one for one in found.groups if one.period == APRIL]
    with pytest.raises(lp.errors.DataError, match="it is of 1 periods"):
        Breakdown(findings=found.findings, what=found.what, by=found.by, groups=tuple(april)).mix()


def test_pay_by_role() -> None:
    """A payee with nothing in a month counts with nothing."""
    pay = [PayOfPeriod(payee=payee, period=period) for payee in ("lin", "wu") for period in (MARCH, APRIL)]
    found = breakdown_of_pay(pay, by="role", people=PEOPLE, viewer=ALL, smallest=1)
    assert [0, 0, 0, 0] == [one.amount for one in found.groups]
    with pytest.raises(lp.errors.DataError, match="a payee is there twice"):
        breakdown_of_pay([*pay, pay[0]], by="role", people=PEOPLE, viewer=ALL)


def paid() -> tuple[lp.Facts, list[PayOfPeriod]]:
    """In March lin lends 100万 of mortgages, and wu 50万 that say no product: 0.3% of each, and wu has a bonus too."""
    facts: list[lp.Fact] = [
        fact
        for loan, who, product, amount in (("M1", "lin", "mortgage", "100万元"), ("X1", "wu", "", "50万元"))
        for fact in (
            lp.Loan(loan=loan, customer=loan, officer=who, opened_on="2026-03-02", product=product),
            lp.LoanEvent(loan=loan, kind=lp.EventKind.DISBURSED, on="2026-03-03", amount=amount),
        )
    ]
    facts += [lp.Customer(customer=f"c-{who}", officer=who, since="2026-01-01") for who in ("lin", "wu")]
    facts.append(lp.Profit(customer="c-lin", on="2026-03-31", amount="2万元"))
    head, _, plans = SCHEME.partition("[plans.officer]")
    scheme = lp.parse_scheme(f"{head.partition('[profiles')[0]}[plans.officer]{plans}")
    given = lp.Facts.of(facts)
    lines = lp.accrue(given, lp.SchemeBook([scheme]).plans(), PEOPLE, through=MARCH)
    card = lp.template("worked-example").resolve(period=MARCH)
    scored = lp.appraise(
        card, readings={"loan_amount": "100万元", "npl_ratio": "3%", "retention_rate": "80%"}, payee="wu"
    )
    bonus = lp.award(card.bonus, scored, month="1000 元")
    pay = [PayOfPeriod(payee=who, period=MARCH, lines=lines.of(who)) for who in ("lin", "wu")]
    return given, [pay[0], evolve(pay[1], bonuses=[bonus])]


def test_pay_by_product_and_per_ten_thousand_of_loans() -> None:
    """3,000 for 100万 are 30 per 10,000; 1,500 and a bonus of 1,000 for 50万 of no product 50."""
    facts, pay = paid()
    how: dict[str, Any] = {"people": PEOPLE, "viewer": ALL, "facts": facts, "smallest": 1}
    found = breakdown_of_pay(pay, by="product", against=lp.CATALOGUE["disbursed_amount"](), **how)
    assert [
        ("bonuses, and loans of which it is not stated", Fraction(2_500), Fraction(500_000)),
        ("mortgage", Fraction(3_000), Fraction(1_000_000)),
    ] == [(one.group.en, one.amount, one.whole) for one in found.groups]
    assert (Fraction(5_500), Fraction(1_500_000)) == found.total(MARCH)
    per = next(column for column in found.rows if column.code == "per_10000")
    assert (Fraction(50), Fraction(30)) == per.values
    assert "每万元" in found.text("zh")
    assert found == Breakdown.from_data(found.data())
    alone = breakdown_of_pay(pay, by="product", **how)
    assert [2_500, 3_000] == [one.amount for one in alone.groups]


def test_pay_per_ten_thousand_of_profit() -> None:
    """Lin's customers brought 20,000: 3,000 of pay are 1,500 per 10,000; wu's brought nothing."""
    facts, pay = paid()
    profit = lp.CATALOGUE["contribution_per_customer"]()
    found = breakdown_of_pay(pay, by="role", people=PEOPLE, viewer=ALL, facts=facts, against=profit, smallest=1)
    per = next(column for column in found.rows if column.code == "per_10000")
    assert (Fraction(1_500), None) == per.values
    assert "薪酬（对比利润）" in found.text("zh")
    with pytest.raises(lp.errors.DataError, match="counts more than loans"):
        breakdown_of_pay(pay, by="product", people=PEOPLE, viewer=ALL, facts=facts, against=profit, smallest=1)
    with pytest.raises(lp.errors.DataError, match="npl_ratio counts no currency"):
        breakdown_of_pay(pay, by="role", people=PEOPLE, viewer=ALL, facts=facts, against=NPL, smallest=1)


def test_the_lendingclub_book_by_product_sums_to_all_of_it(shared_data: Path) -> None:
    """What is 31 days late or more of what is outstanding, by product: sums are those of the file, exactly."""
    book = real_loans.lendingclub(shared_data / "lendingclub.csv")
    with (shared_data / "lendingclub.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["product"], row["status"], Fraction(row["balance"])) for row in csv.DictReader(file)]
    late = defaultdict[str, Fraction](Fraction)
    whole = defaultdict[str, Fraction](Fraction)
    for product, status, balance in rows:
        whole[product] += balance
        late[product] += balance if status == "Late (31-120 days)" else 0
    officers = {fact.officer for fact in book.facts if isinstance(fact, lp.Loan)}
    people = lp.Organisation(
        assignments=[lp.Assignment(payee=one, unit="all", role="lender", since="2018-01-01") for one in officers]
    )
    quarter = lp.Period.quarter(2018, 1)
    given = {"people": people, "periods": [quarter], "currency": "USD", "viewer": ALL, "smallest": 1}
    found = breakdown(lp.Facts.of(book.facts), lp.CATALOGUE["par_30"](), by="product", **given)  # type: ignore[arg-type]
    assert {product: (late[product], amount) for product, amount in whole.items() if amount} == {
        one.group.en: (one.amount, one.whole) for one in found.groups
    }
    assert (sum(late.values()), sum(whole.values())) == found.total(quarter)


# ── findings, and what they advise ──────────────────────────────────────────────────────────────────────────

SENIORS, OTHERS = lp.Label("seniors", "资深员工"), lp.Label("others", "其他员工")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": None}, "name: it is no Label"),
        ({"one": None}, "a group to compare: it is None"),
        ({"one": (SENIORS, None)}, "a group to compare"),
        ({"two": ("others", {})}, "the name of a group: it is no Label"),
        ({"two": (OTHERS, {"p1": 5})}, "the group 'others': 'p1' has 5"),
        ({"unit": None}, "unit: it is no str"),
        ({"smallest": 0}, "smallest: it is 0"),
        ({"times": 7}, "times: it is 7"),
    ],
)
def test_groups_that_cannot_be_compared_are_refused(given: dict[str, Any], said: str) -> None:
    """Each argument by its name, with what to pass."""
    some = {f"p{place}": (3, 100) for place in range(6)}
    right: dict[str, Any] = {"name": lp.Label("NPL ratio", "不良率"), "one": (SENIORS, some), "two": (OTHERS, some)}
    with pytest.raises(lp.errors.DataError, match=said):
        difference_of_groups(**{**right, "rng": np.random.default_rng(1), **given})


def test_seniors_sell_more_with_a_little_more_npl() -> None:
    """Six seniors with 3% of 200万 each, eight others with 2% of 100万: 1 point more, and 100万 more a person.

    Everybody of a group is alike, so every resample comes to the same, and the interval is a point.
    """
    senior = {f"s{place}": (6, 200) for place in range(6)}
    other = {f"o{place}": (2, 100) for place in range(8)}
    npl = difference_of_groups(
        lp.Label("NPL ratio", "不良率"), (SENIORS, senior), (OTHERS, other), rng=np.random.default_rng(1)
    )
    assert "不良率：资深员工为 3%，其他员工为 2%，资深员工高出 1 个百分点" == npl.label.to("zh")
    exactly = Fraction(1, 100)
    assert Interval(low=exactly, high=exactly, level=Fraction(95, 100), unit="pp") == npl.certainty
    assert "no interval, as nothing scatters" == npl.certainty.text()
    assert 14 == npl.n
    sold = [{payee: (lp.Money.of(f"{of}万元"), 1) for payee, (_, of) in some.items()} for some in (senior, other)]
    sales = difference_of_groups(
        lp.Label("loans", "放款额"), (SENIORS, sold[0]), (OTHERS, sold[1]), rng=np.random.default_rng(1), unit="CNY"
    )
    assert sales.certainty == Interval(
        low=Fraction(1_000_000), high=Fraction(1_000_000), level=Fraction(95, 100), unit="CNY"
    )


def test_the_interval_depends_on_the_seed_alone() -> None:
    """Not on the order of people; and it holds the difference itself."""
    one = {f"s{place}": (place, 100) for place in range(10)}
    two = {f"o{place}": (place, 200) for place in range(12)}

    def found(seed: int, given: dict[str, tuple[int, int]]) -> Finding:
        name = lp.Label("NPL ratio", "不良率")
        return difference_of_groups(name, (SENIORS, given), (OTHERS, two), rng=np.random.default_rng(seed), times=400)

    assert found(3, one) == found(3, dict(reversed(one.items())))
    interval = found(3, one).certainty
    assert isinstance(interval, Interval)
    assert interval.low < Fraction(45, 1000) - Fraction(66, 2400) < interval.high


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ({"s1": (1, 100)}, "it has 1 people, fewer than 5"),
        ({f"s{place}": (0, 0) for place in range(5)}, "the whole is 0"),
    ],
)
def test_groups_that_say_nothing_are_refused(people: dict[str, tuple[int, int]], said: str) -> None:
    name, other = lp.Label("NPL ratio", "不良率"), {f"o{place}": (2, 100) for place in range(8)}
    with pytest.raises(lp.errors.DataError, match=said):
        difference_of_groups(name, (SENIORS, people), (OTHERS, other), rng=np.random.default_rng(1))


@pytest.mark.parametrize("times", [99, 10**9, True, "400"])
def test_draws_out_of_bounds_are_refused(times: Any) -> None:
    name, some = lp.Label("NPL ratio", "不良率"), {f"o{place}": (2, 100) for place in range(8)}
    with pytest.raises(lp.errors.DataError, match="give a whole number from 100 to 1000000"):
        difference_of_groups(name, (SENIORS, some), (OTHERS, some), rng=np.random.default_rng(1), times=times)


def test_a_float_is_refused() -> None:
    name, other = lp.Label("NPL ratio", "不良率"), {f"o{place}": (2, 100) for place in range(8)}
    nan: Any = {f"s{place}": (float("nan"), 100) for place in range(5)}
    with pytest.raises(lp.errors.FloatError, match="nan"):
        difference_of_groups(name, (SENIORS, nan), (OTHERS, other), rng=np.random.default_rng(1))


WHY = Finding(
    label=lp.Label("unsecured loans sour", "信用贷款不良上升"),
    n=40,
    certainty=Exact(),
    method=lp.Label("sums of balances", "余额加总"),
    limits=lp.Label("why", "原因"),
)
SCHEME = """
name = "branch"
currency = "CNY"
effective = 2026-01-01
[profiles.new_hire.weights]
loan_amount = "60%"
npl_ratio = "20%"
retention_rate = "20%"
[targets]
loan_amount = "100万元"
npl_ratio = "2%"
retention_rate = "80%"
[scoring.default]
places = 1
rounding = "half even"
[plans.officer]
rounding = "half up"
[plans.officer.components.loans]
base = "disbursed"
rate = "0.3%"
"""


def advised(edit: object) -> Advice:
    what = lp.Label("change it", "调整")
    return advise(lp.parse_scheme(SCHEME), edit, effective="2026-07-01", what=what, why=WHY)  # type: ignore[arg-type]


def test_retention_of_new_hires_up() -> None:
    """From 20% to 30%: 80% of the others become 70%, 60 : 20 as 52.5 : 17.5, in whole percent."""
    found = advised(weight("new_hire", {"retention_rate": "30%"}))
    weights = dict(found.following.profile("new_hire").weights)
    assert Fraction(30, 100) == weights["retention_rate"]
    assert 1 == sum(weights.values())
    assert found.base == lp.parse_scheme(SCHEME)
    assert "信用贷款不良上升" in found.text("zh")


def test_the_rate_of_unsecured_loans_down() -> None:
    found = advised(product_rate("officer", "loans", "unsecured", "0.1%"))
    (plan,) = found.following.plans
    assert ["0.1%", "0.3%"] == [lp.percent(one.rate.value) for one in plan.components[0].rates if one.rate]


def test_the_npl_weight_of_one_region_up() -> None:
    found = advised(unit_weight("west", "new_hire", {"npl_ratio": "40%"}, since="2026-07-01"))
    july = lp.Period.month(2026, 7)
    held = found.following.resolve(period=july, units=("bank", "west"))
    assert {"loan_amount": "45%", "npl_ratio": "40%", "retention_rate": "15%"} == {
        line.indicator.code: lp.percent(line.weight) for line in held.lines
    }


def test_advice_that_is_no_scheme_is_refused() -> None:
    with pytest.raises(lp.errors.DataError, match="name one of the scheme"):
        advised(weight("senior", {"npl_ratio": "40%"}))
    with pytest.raises(lp.errors.SchemeError, match="rate"):
        advised(product_rate("officer", "loans", "unsecured", "much"))
    with pytest.raises(lp.errors.DataError, match="give a later day"):
        advise(lp.parse_scheme(SCHEME), weight("new_hire", {"npl_ratio": "40%"}), effective="2026-01-01",
               what=lp.Label("it", "调整"), why=WHY)  # fmt: skip
