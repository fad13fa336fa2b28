"""Groups that differ are found from facts, with an interval over people, and what is found advises a version."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import loanperf as lp
from loanperf.analytics import GroupFinding, GroupFindings, Interval, Scenario, findings_of
from loanperf.viewer import Viewer

MARCH, APRIL = lp.Period.month(2026, 3), lp.Period.month(2026, 4)
ALL = Viewer(who="hr", sees="all")
NPL, LENT, KEPT = "npl_ratio", "disbursed_amount", "retention_rate"
SENIORS, OTHERS = [f"s{place}" for place in range(6)], [f"o{place}" for place in range(8)]
SCHEME = lp.parse_scheme("""
name = "branch"
currency = "CNY"
effective = 2026-01-01
[profiles.senior.weights]
disbursed_amount = "60%"
npl_ratio = "20%"
retention_rate = "20%"
[profiles.officer.weights]
disbursed_amount = "70%"
retention_rate = "30%"
[[who]]
role = "senior"
profile = "senior"
[[who]]
role = "officer"
profile = "officer"
[targets]
disbursed_amount = "100万元"
npl_ratio = "2%"
retention_rate = "80%"
[scoring.default]
places = 1
rounding = "half even"
[plans.sales]
rounding = "half up"
[plans.sales.components.loans]
base = "disbursed"
rates = [{ where = { product = "mortgage" }, rate = "0.3%" }, { rate = "0.2%" }]
[plans.sales.components.team]
base = "team"
team = { total = "sum" }
rate = "10%"
[plans.sales.components.houses]
base = "disbursed"
where = { product = "mortgage" }
rate = "0.1%"
""")


def people() -> lp.Organisation:
    """Seniors of the east, officers of the west."""
    held = [(payee, "east", "senior") for payee in SENIORS] + [(payee, "west", "officer") for payee in OTHERS]
    return lp.Organisation(
        assignments=[lp.Assignment(payee=who, unit=unit, role=role, since="2025-01-01") for who, unit, role in held]
    )


def loan(payee: str, product: str, amounts: tuple[str, ...], *, bad: bool = False) -> list[lp.Fact]:
    """A loan drawn in March, and what of it is outstanding at the end of March and of April."""
    code = f"{payee}-{product}-{bad}"
    facts: list[lp.Fact] = [
        lp.Loan(loan=code, customer=code, officer=payee, opened_on="2026-03-01", product=product),
        lp.LoanEvent(loan=code, kind=lp.EventKind.DISBURSED, on="2026-03-02", amount=amounts[0]),
    ]
    for on, amount in zip(("2026-03-31", "2026-04-30"), amounts, strict=False):
        facts.append(lp.Balance(loan=code, on=on, outstanding=lp.Money.of(amount)))
    if bad:
        event = {"kind": lp.EventKind.CLASSIFIED, "category": lp.Category.SUBSTANDARD}
        facts.append(lp.LoanEvent(loan=code, on="2026-03-20", **event))  # type: ignore[arg-type]
    return facts


def asked(facts: list[lp.Fact], indicators: list[str], by: Any, *periods: lp.Period, **how: Any) -> GroupFindings:
    then = Scenario(people=people(), schemes=SCHEME, facts=lp.Facts.of(facts))
    return findings_of(
        then, indicators, by=by, periods=periods, **{"viewer": ALL, "rng": np.random.default_rng(1), **how}
    )


def one(found: GroupFindings, indicator: str, group: str) -> GroupFinding:
    return next(each for each in found.groups if (each.indicator, each.group) == (indicator, group))


def lent() -> list[lp.Fact]:
    """A senior lends 200万 of which 6万 go bad, another 100万 of which 2万 do."""
    facts = [fact for who in SENIORS for fact in loan(who, "a", ("194万元",)) + loan(who, "a", ("6万元",), bad=True)]
    return facts + [
        fact for who in OTHERS for fact in loan(who, "a", ("98万元",)) + loan(who, "a", ("2万元",), bad=True)
    ]


def test_seniors_sell_more_with_a_little_more_npl() -> None:
    """200万 and 100万 a person, 3% and 2%; all of a group are alike, so the interval is a point.

    Two indicators of two groups are four comparisons, each at 1 − 5% / 4.
    """
    found = asked(lent(), [LENT, NPL], "role", MARCH)
    more, bad = one(found, LENT, "senior"), one(found, NPL, "senior")
    assert (Fraction(2_000_000), Fraction(1_000_000), False) == (more.value, more.against, more.is_worse)
    assert (Fraction(3, 100), Fraction(2, 100), True) == (bad.value, bad.against, bad.is_worse)
    point = Fraction(1, 100)
    assert Interval(low=point, high=point, level=Fraction(79, 80), unit="pp") == bad.finding.certainty
    assert 14 == bad.finding.n
    assert "不良率：senior 为 3%，其他为 2%，高出 1 个百分点" == bad.finding.label.to("zh")
    assert "disbursed amount per person, senior: 2000000 CNY, and 1000000 CNY for all others; 1000000 CNY more" == (
        more.finding.label.en
    )
    assert 4 == len(found.findings) == len(found.groups)


def test_a_role_that_is_worse_gets_more_weight() -> None:
    """From 20% to 25% in the seniors' profile; the others have no NPL ratio to weigh and keep theirs."""
    found = one(asked(lent(), [NPL], "role", MARCH), NPL, "senior")
    advice = found.advice(SCHEME, effective="2026-07-01", step="5%")
    weights = dict(advice.following.profile("senior").weights)
    assert (Fraction(25, 100), Fraction(1)) == (weights["npl_ratio"], sum(weights.values()))
    assert SCHEME.profile("officer") == advice.following.profile("officer")
    assert "senior 的不良率权重提高 5 个百分点" == advice.what.to("zh")
    assert advice.why == found.finding


def soured() -> list[lp.Fact]:
    """Of each: secured 79.2万 and 0.8万 bad, then 69.3 and 0.7; unsecured 19.2 and 0.8 bad, then 47 and 3."""
    return [
        fact
        for who in SENIORS
        for fact in (
            *loan(who, "mortgage", ("79.2万元", "69.3万元")),
            *loan(who, "mortgage", ("0.8万元", "0.7万元"), bad=True),
            *loan(who, "unsecured", ("19.2万元", "47万元")),
            *loan(who, "unsecured", ("0.8万元", "3万元"), bad=True),
        )
    ]


def test_unsecured_grows_and_its_npl_rises() -> None:
    """From 4% to 6% with 20% of all, then 50 of 120; mortgages stay at 1%, of which nothing can be said."""
    found = asked(soured(), [NPL], "product", MARCH, APRIL)
    bad, good = one(found, NPL, "unsecured"), one(found, NPL, "mortgage")
    assert (Fraction(6, 100), Fraction(4, 100), True) == (bad.value, bad.against, bad.is_worse)
    assert (Fraction(2, 100), Fraction(2, 100)) == (bad.low, bad.high)
    assert "不良率：unsecured 由 2026-03 的 4% 变为 2026-04 的 6%，上升 2 个百分点；占比由 20% 变为 ≈41.67%" == (
        bad.finding.label.to("zh")
    )
    assert (Fraction(1, 100), Fraction(1, 100), None) == (good.value, good.against, good.is_worse)
    assert (bad.finding,) == found.findings
    assert found == GroupFindings.from_data(found.data())
    assert "unsecured" in found.text() and len(found.chart("zh")["data"]["values"]) == 4  # noqa: PT018


def test_rates_of_a_product_that_is_worse_fall() -> None:
    """Half of the 0.2% that all loans but mortgages get; what is of mortgages or a team alone is left as it is."""
    found = one(asked(soured(), [NPL], "product", MARCH, APRIL), NPL, "unsecured")
    advice = found.advice(SCHEME, effective="2026-07-01", step="50%")
    loans, team, houses = advice.following.plans[0].components
    assert ["0.1%", "0.3%", "0.2%"] == [lp.percent(each.rate.value) for each in loans.rates if each.rate]
    assert SCHEME.plans[0].components[1:] == (team, houses)
    assert "unsecured 提成费率下调 50%" == advice.what.to("zh")


def test_the_npl_ratio_of_a_unit_that_is_worse_weighs_more_there() -> None:
    """The seniors are the east; theirs is the one profile with an NPL ratio."""
    found = one(asked(lent(), [NPL], "unit", MARCH), NPL, "east")
    new = found.advice(SCHEME, effective="2026-07-01", step="10%").following
    july = lp.Period.month(2026, 7)
    weights = [
        {
            line.indicator.code: line.weight
            for line in new.resolve(period=july, role="senior", units=("bank", unit)).lines
        }
        for unit in ("east", "west")
    ]
    assert [Fraction(30, 100), Fraction(20, 100)] == [each["npl_ratio"] for each in weights]


def test_retention_of_new_people_up() -> None:
    """Of ten customers each an officer keeps six in March, a senior nine."""
    facts = [
        lp.Customer(
            customer=f"{who}-{place}", officer=who, since="2026-01-01", until=None if place < keep else "2026-03-15"
        )
        for some, keep in ((SENIORS, 9), (OTHERS, 6))
        for who in some
        for place in range(10)
    ]
    found = one(asked([*facts], [KEPT], "role", MARCH), KEPT, "officer")
    assert (Fraction(6, 10), Fraction(9, 10), True) == (found.value, found.against, found.is_worse)
    new = found.advice(SCHEME, effective="2026-07-01", step="10%").following
    assert {"disbursed_amount": Fraction(60, 100), "retention_rate": Fraction(40, 100)} == dict(
        new.profile("officer").weights
    )


def test_who_has_nothing_counts_in_a_mean() -> None:
    """Of the eight officers one lends nothing: 700万 of eight."""
    found = asked([fact for fact in lent() if "o0" not in str(getattr(fact, "loan", ""))], [LENT], "role", MARCH)
    assert Fraction(7_000_000, 8) == one(found, LENT, "officer").value


def test_nothing_is_advised_of_what_is_better_or_not_sure() -> None:
    """Nor by length of service, of which a scheme says nothing."""
    found = asked(lent(), [NPL], "role", MARCH)
    with pytest.raises(lp.errors.DataError, match="it is for the better"):
        one(found, NPL, "officer").advice(SCHEME, effective="2026-07-01", step="5%")
    good = one(asked(soured(), [NPL], "product", MARCH, APRIL), NPL, "mortgage")
    with pytest.raises(lp.errors.DataError, match="nothing is sure"):
        good.advice(SCHEME, effective="2026-07-01", step="5%")
    bad = one(asked(soured(), [NPL], "vintage", MARCH, APRIL), NPL, "2026")
    with pytest.raises(lp.errors.DataError, match="nothing to change for '2026'"):
        bad.advice(SCHEME, effective="2026-07-01", step="5%")
    for step in ("0%", "100%", "x"):
        with pytest.raises(lp.errors.LoanPerfError):
            one(found, NPL, "senior").advice(SCHEME, effective="2026-07-01", step=step)
    with pytest.raises(lp.errors.DataError, match="it weighs 20%"):
        one(found, NPL, "senior").advice(SCHEME, effective="2026-07-01", step="90%")


@pytest.mark.parametrize(
    ("how", "periods", "said"),
    [
        ({"smallest": 9}, (MARCH,), "no group has 9 people"),
        ({"viewer": Viewer(who="s1", sees="self")}, (MARCH,), "no group has 5 people"),
        ({}, (MARCH, APRIL, APRIL.next()), "there are 3"),
        ({"rng": 7}, (MARCH,), "default_rng"),
    ],
)
def test_what_cannot_be_compared_is_refused(how: dict[str, Any], periods: tuple[lp.Period, ...], said: str) -> None:
    with pytest.raises(lp.errors.DataError, match=said):
        asked(lent(), [NPL], "role", *periods, **how)


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(1, 90), st.integers(0, 9)), min_size=14, max_size=14))
def test_the_interval_holds_the_difference_of_the_seed_alone(work: list[tuple[int, int]]) -> None:
    """Whatever people do: values are those of sums, ends are in order, and the same seed finds the same."""
    facts = [
        fact
        for who, (good, bad) in zip([*SENIORS, *OTHERS], work, strict=True)
        for fact in loan(who, "a", (f"{good}万元",)) + (loan(who, "a", (f"{bad}万元",), bad=True) if bad else [])
    ]
    found = asked(facts, [NPL], "role", MARCH)
    senior = one(found, NPL, "senior")
    assert Fraction(sum(bad for _, bad in work[:6]), sum(map(sum, work[:6]))) == senior.value
    assert senior.low <= senior.difference <= senior.high
    assert found.data() == asked(facts[::-1], [NPL], "role", MARCH).data()
