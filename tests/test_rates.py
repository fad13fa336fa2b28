"""Rates: shares and amounts in one list, which of them holds, and how what they come to is said."""

from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve
from tests.loans import (
    accrued,
    by_loan,
    by_payee,
    by_period,
    clean,
    component,
    dated,
    drawn,
    earned,
    event,
    loan,
    reading,
    where,
    without_place,
)
from tests.loans import assigned as handed

import loanperf as lp

TWO = lp.Organisation(
    assignments=[
        lp.Assignment(payee=payee, unit="east", role="officer", since="2020-01-01") for payee in ("lin", "wei")
    ]
)


def a_loan(amount: str, *terms: lp.schemes.Where) -> lp.schemes.Rate:
    """An amount for each loan on some terms."""
    return lp.schemes.Rate(where=terms, rate=amount, of="loan")


def drawn_by(product: str, code: str, *amounts: int, officer: str = "lin") -> list[lp.Fact]:
    """A loan of a product, drawn in parts on the first days of March."""
    facts: list[lp.Fact] = [loan(code, officer=officer, product=product)]
    for place, amount in enumerate(amounts):
        facts.append(event(code, "disbursed", f"2026-03-0{place + 1}", f"{amount} CNY"))
    return facts


CAR = where("product", "car")


# ── shares and amounts ──────────────────────────────────────────────────────────────────────────────────────


def test_a_share_for_one_product_and_an_amount_a_loan_for_another() -> None:
    """0.5% of a home loan of 100,000 is 500; a car loan is 150, whether it is 30,000 or 5."""
    facts = [*drawn_by("home", "L1", 100_000), *drawn_by("car", "L2", 30_000), *drawn_by("car", "L3", 5)]
    found = clean(facts, dated(component(rate="0.5%", rates=(a_loan("150元", CAR),))))

    assert {"L1": 500, "L2": 150, "L3": 150} == by_loan(found)
    assert "1 × 150 CNY = 150" in found.explain("lin").text("en")
    assert "1 × 150 元 = 150" in found.explain("lin").text("zh")


def test_an_amount_a_loan_stands_beside_a_price_per_amount() -> None:
    """6 yuan per 10,000 of a home loan of 100,000 is 60; a car loan is 150, and not 150 per 10,000."""
    facts = [*drawn_by("home", "L1", 100_000), *drawn_by("car", "L2", 30_000)]
    found = clean(facts, dated(component(rate="6元", per="1万元", rates=(a_loan("150元", CAR),))))

    assert {"L1": 60, "L2": 150} == by_loan(found)
    assert "1 × 150 CNY = 150" in found.explain("lin").text("en")


def test_an_amount_a_loan_is_paid_once_for_all_its_drawings_and_goes_with_it() -> None:
    """Two drawings pay 150 together; the cancellation of the loan takes them back."""
    facts = drawn_by("car", "L1", 20_000, 10_000)
    plan = dated(component(rates=(a_loan("150元", CAR),)))

    assert [Fraction(150)] == [line.amount.exact for line in clean(facts, plan).lines]
    assert 0 == earned(clean([*facts, event("L1", "cancelled", "2026-04-01")], plan))


def test_an_amount_a_loan_stands_on_the_whole_loan() -> None:
    """150 for a loan that is drawn in two parts of 100: each 100 that is prepaid takes half of it, 75, whichever it is.

    Of a share of 1% each drawing has 1, and the first 100 that are prepaid are those that were drawn first.
    """
    facts: list[lp.Fact] = [loan("L1", product="car"), event("L1", "disbursed", "2026-03-02", "100 CNY")]
    facts.append(event("L1", "disbursed", "2026-04-02", "100 CNY", "2"))
    facts += [event("L1", "prepaid", f"2026-0{month}-02", "100 CNY", str(month)) for month in (5, 6)]
    rule = lp.schemes.Clawback(on="prepaid", share="100%", takes="in proportion", attainment="stays")

    def taken(**fields: Any) -> list[str]:
        plan, ledger = dated(component(**fields), clawbacks=(rule,)), lp.Ledger()
        for month in ("2026-03", "2026-04", "2026-05", "2026-06"):
            found = clean(facts, plan, through=month)
            ledger = ledger.append(lp.settle(ledger, found, period=lp.Period.parse(month)))
        return [str(entry.amount) for entry in ledger.entries if entry.kind is lp.EntryKind.CANCELLED]

    assert ["75.00 CNY", "75.00 CNY"] == taken(rates=(a_loan("150元", CAR),))
    assert ["1.00 CNY", "1.00 CNY"] == taken(rate="1%")


def test_an_amount_a_loan_is_theirs_who_had_its_first_drawing() -> None:
    """Lin has the first drawing and wei the second: 150 once. Of a share each has their own: 1% of 200 and of 100."""
    facts = [*drawn_by("car", "L1", 200), handed("L1", "2026-03-02", "wei")]
    facts.append(event("L1", "disbursed", "2026-03-03", "100 CNY"))

    assert {"lin": 150} == by_payee(clean(facts, dated(component(rates=(a_loan("150元", CAR),))), staff=TWO))
    assert {"lin": 2, "wei": 1} == by_payee(clean(facts, dated(component(rate="1%")), staff=TWO))


def test_an_amount_becomes_a_share_as_the_loan_grows() -> None:
    """Up to 1,000 a loan is 13 yuan, above it 2%: 500 pays 13; with 1,000 more, 2% of 1,500 is 30, and 17 are added."""
    small = lp.schemes.Where(field="amount", at_most=lp.quantity("1000元"))
    plan = dated(component(rate="2%", rates=(a_loan("13元", small),)))
    facts = [loan(), event("L1", "disbursed", "2026-03-02", "500 CNY")]
    more = event("L1", "disbursed", "2026-04-02", "1000 CNY", "2")

    assert {"2026-03": 13, "2026-04": 17} == by_period(clean([*facts, more], plan))


def test_an_amount_is_shared_and_counts_by_its_amount_for_the_tier() -> None:
    """The lead has 60% of 150. Its 30,000 count for the tier of the other loan: 1% of 100,000, as 20,000 are passed."""
    curve = lp.schemes.Curve.of([["0元", "0%"], ["2万元", "1%"]], shape="step")
    tiers = lp.schemes.Tiers(by="amount", applies="forward after", accumulates="period")
    facts = [*drawn_by("car", "L1", 30_000), *drawn_by("home", "L2", 100_000)]
    split = (("lead", "60%"), ("assistant", "40%"))
    facts.append(lp.Credit(loan="L1", payee="wei", role="assistant", on="2026-03-01"))
    item = component(curve=curve, tiers=tiers, rates=(a_loan("150元", CAR),), split=split)

    found = clean(facts, dated(item), staff=TWO)

    assert {"lin": 1090, "wei": 60} == by_payee(found)


def test_an_amount_for_each_loan_and_period_of_balances() -> None:
    """Taiyuan pays 20 yuan a month for each loan that is looked after: two loans of any size come to 40."""
    item = component(base="balance", rates=(a_loan("20元"),))
    found = clean(drawn(100, 999, on=["2026-03-01", "2026-03-01"]), dated(item), through="2026-04")

    assert {"2026-03": 40, "2026-04": 40} == by_period(found)


# ── so much for each so much ────────────────────────────────────────────────────────────────────────────────


def test_each_whole_100_000_of_a_loan_counts_as_one() -> None:
    """50 yuan for each whole 100,000: a loan of 99,999 counts as none, one of 100,000 as 1 and one of 350,000 as 3."""
    each = lp.schemes.Then(1, "whole", "10万元")
    item = component(base="count", rate="50元", weighed_by=lp.schemes.Curve.of([["0元", 0]], shape="step", then=each))

    assert {"L2": 50, "L3": 150} == by_loan(clean(drawn(99_999, 100_000, 350_000), dated(item)))


def test_a_rate_rises_by_so_much_for_each_so_much_that_accumulates() -> None:
    """1%, and 0.1% more for each whole 500 above 1,000, of all of the month: of 2,400 it is 1.2%, which is 28.8."""
    more = lp.schemes.Then("0.1%", "whole", "500元")
    curve = lp.schemes.Curve.of([["0元", "1%"], ["1000元", "1%"]], shape="linear", then=more)
    tiers = lp.schemes.Tiers(by="amount", applies="interpolated", accumulates="period")

    assert Fraction("28.8") == earned(clean(drawn(900, 1500), dated(component(curve=curve, tiers=tiers))))


def test_so_much_for_each_quarter_of_a_percentage_point() -> None:
    """1% at 100% attainment and 0.2% for each 0.25%: at 101.4% five quarters are whole, which is 2%; pro rata 2.12%."""
    readings = [reading("loan_amount", "1014 CNY")]
    targets = {lp.Period.month(2026, 3): [lp.Target(payee="lin", indicator="loan_amount", value="1000 CNY")]}

    def pays(counted: Any) -> Fraction:
        then = lp.schemes.Then("0.2%", counted, "0.25%")
        curve = lp.schemes.Curve.of([["0%", "1%"], ["100%", "1%"]], shape="linear", then=then)
        tiers = lp.schemes.Tiers(by="indicator attainment", applies="interpolated", indicator="loan_amount")
        plan = dated(component(curve=curve, tiers=tiers))
        return earned(clean(drawn(10_000), plan, readings=readings, targets=targets))

    assert (Fraction(200), Fraction(212)) == (pays("whole"), pays("pro rata"))


def test_what_a_point_is_stands_in_documents_and_changes() -> None:
    """`point` is read and written with its unit, is said by the curve, and a change of it is told in both languages."""
    curve = '{ knots = [["0元", 0]], shape = "step", then = { per_point = 1, counted = "whole", point = "10万元" } }'
    text = SCHEME.replace("disbursed", "count").split("rates_by")[0] + f'rate = "50元"\nweighed_by = {curve}\n'
    scheme = lp.parse_scheme(text)
    (held,) = scheme.plans[0].components

    assert held.weighed_by is not None
    assert held.weighed_by.then == lp.schemes.Then(1, "whole", 100_000)
    assert scheme == lp.parse_scheme(lp.schemes.write_scheme(scheme, "toml"))
    assert ("≥ 0 CNY", "0% + 100% for each 100000 CNY, whole") == held.weighed_by.pieces()[-1]
    (change,) = lp.diff(scheme, lp.parse_scheme(text.replace("10万元", "20万元")))
    assert "then 100% for each 200000 CNY, whole points" in change.to("en")
    assert "其后每 20 万元 加 100%，只计整分" in change.to("zh")


@pytest.mark.parametrize("knots", ['["0元", 0]', "[0, 0]"])
@pytest.mark.parametrize("point", ['"10%"', "5", '"5"'])
def test_loans_are_not_weighed_by_what_is_no_money(knots: str, point: str) -> None:
    """A point of 10% of an amount would count a loan of 250,000 as 2,500,000: 125,000,000.00 of pay for 125.00."""
    curve = f'{{ knots = [{knots}], shape = "step", then = {{ per_point = 1, counted = "whole", point = {point} }} }}'
    text = SCHEME.replace("disbursed", "count").split("rates_by")[0] + f'rate = "50元"\nweighed_by = {curve}\n'

    with pytest.raises(lp.errors.LoanPerfError, match="an amount, which is no money"):
        lp.parse_scheme(text)


@pytest.mark.parametrize(
    ("point", "said"),
    [
        ('"0元"', "a point is 0; give more than zero, such as '10万元' or '1%'"),
        ('"3天"', "point of the curve is in day; it must be in CNY"),
    ],
)
def test_a_point_is_some_of_x(point: str, said: str) -> None:
    """A point of nothing would be full without end, and a point of days measures no amounts."""
    curve = (
        f'{{ knots = [["1元", 0]], shape = "step", then = {{ per_point = 1, counted = "whole", point = {point} }} }}'
    )
    text = SCHEME.replace("disbursed", "count").split("rates_by")[0] + f'rate = "50元"\nweighed_by = {curve}\n'
    with pytest.raises(lp.errors.LoanPerfError) as raised:
        lp.parse_scheme(text)
    assert said in without_place(raised.value)


# ── by numbers of the loan ──────────────────────────────────────────────────────────────────────────────────


def by_own(number: Any, knots: Any, shape: Any = "step", then: Any = None, **fields: Any) -> lp.schemes.Component:
    """A component whose rate is read at a number of the loan."""
    applies: Any = "flat" if shape == "step" and then is None else "interpolated"
    return component(
        curve=lp.schemes.Curve.of(knots, shape=shape, then=then),
        tiers=lp.schemes.Tiers(by="loan", number=number, applies=applies),
        **fields,
    )


def of(code: str, **numbers: Any) -> list[lp.Fact]:
    """A loan of 10,000 with numbers of its own."""
    return [loan(code, **numbers), event(code, "disbursed", "2026-03-02", "10000 CNY")]


def test_the_rate_goes_by_loan_to_value() -> None:
    """0.8% below 60%, 0.5% from 60% and 0.3% from 80%: of 10,000 that is 80, 50 at 60% and at 79.9%, and 30 at 80%."""
    item = by_own("ltv", [["0%", "0.8%"], ["60%", "0.5%"], ["80%", "0.3%"]])
    ltvs = {"L1": "59.9%", "L2": "60%", "L3": "79.9%", "L4": "80%"}
    facts = [fact for code, ltv in ltvs.items() for fact in of(code, ltv=ltv)]
    found = clean(facts, dated(item))

    assert {"L1": 80, "L2": 50, "L3": 50, "L4": 30} == by_loan(found)
    assert "loan to value: 79.9%; tier: 0.5% from 60%; next: 0.3% from 80%" in found.explain("lin").text("en")
    assert "抵押率：79.9%；所在档次：60% 起 0.5%" in found.explain("lin").text("zh")


def test_the_rate_falls_with_the_discount_along_a_line() -> None:
    """1% without a discount down to 0.2% at 0.4 points off: with 0.1 points off it is 0.8%, which is 80 of 10,000."""
    item = by_own("discount", [["0%", "1%"], ["0.4%", "0.2%"]], "linear")

    assert {"L1": 80, "L2": 20} == by_loan(clean([*of("L1", discount="0.1%"), *of("L2", discount="1%")], dated(item)))


def test_so_much_for_each_whole_point_of_the_margin() -> None:
    """0.3%, and 0.1% for each whole point of margin above 2%: 6.5% less 2.1% is 4.4%, two points: 0.5% of 10,000."""
    item = by_own("margin", [["0%", "0.3%"], ["2%", "0.3%"]], "linear", lp.schemes.Then("0.1%", "whole"))

    assert 50 == earned(clean(of("L1", interest_rate="6.5%", funding_rate="2.1%"), dated(item)))


def test_the_price_of_a_loan_goes_by_its_term() -> None:
    """100 yuan a loan of less than a year, and 300 from twelve months on."""
    item = by_own("term_months", [["0个月", "100元"], ["12个月", "300元"]], base="count")

    assert {"L1": 100, "L2": 300} == by_loan(clean([*of("L1", term_months=11), *of("L2", term_months=12)], dated(item)))


def test_a_number_that_a_loan_does_not_state_is_a_problem() -> None:
    """Nobody is paid at the rate of 0% loan to value, the best of all, since it was not written down."""
    item = by_own("ltv", [["0%", "0.8%"], ["60%", "0.5%"]])
    found = accrued([*of("L1"), *of("L2", ltv="70%")], dated(item))

    (problem,) = found.problems
    assert "its ltv is not stated" in str(problem)
    assert "L1" == problem.loan


def test_a_table_of_two_numbers_in_steps() -> None:
    """Rows by loan to value, columns by term: 1% and 0.8% below 60%, 0.6% and 0.4% from there.

    A row is a rate whose terms bound the first number, with a curve by the second.
    """
    tiers = lp.schemes.Tiers(by="loan", number="term_months", applies="flat")

    def row(low: str, high: str, **bound: Any) -> lp.schemes.Rate:
        curve = lp.schemes.Curve.of([[0, low], [12, high]], shape="step")
        return lp.schemes.Rate(where=(lp.schemes.Where(field="ltv", **bound),), curve=curve)

    item = component(tiers=tiers, rates=(row("1%", "0.8%", below="60%"), row("0.6%", "0.4%", at_least="60%")))
    loans = {"L1": ("59%", 11), "L2": ("59%", 12), "L3": ("60%", 11), "L4": ("60%", 12)}
    facts = [fact for code, (ltv, term) in loans.items() for fact in of(code, ltv=ltv, term_months=term)]

    assert {"L1": 100, "L2": 80, "L3": 60, "L4": 40} == by_loan(clean(facts, dated(item)))


# ── tables of two numbers ───────────────────────────────────────────────────────────────────────────────────


def table(**fields: Any) -> lp.schemes.RateTable:
    """Rates by discount, down, and by term, across: 1% and 0.8% without a discount, 0.2% and 0.1% at 0.4%."""
    given: dict[str, Any] = {
        "rows": ["0%", "0.4%"],
        "columns": ["12个月", "36个月"],
        "cells": [["1%", "0.8%"], ["0.2%", "0.1%"]],
    }
    words = {"between_rows": "linear", "between_columns": "linear", "outside": "edge"}
    return lp.schemes.RateTable(**given | words | fields)


def by_two(applies: Any = "interpolated", **fields: Any) -> lp.schemes.Component:
    """A component whose rates are read at the discount and the term of a loan."""
    return component(
        tiers=lp.schemes.Tiers(by="loan", number="discount", across="term_months", applies=applies), **fields
    )


def loans_of(**numbers: tuple[str, int]) -> list[lp.Fact]:
    """Loans of 10,000, each with its discount and its term in months."""
    return [
        fact for code, (discount, term) in numbers.items() for fact in of(code, discount=discount, term_months=term)
    ]


def test_a_rate_lies_between_four_cells_of_a_table() -> None:
    """L1, 0.1% off and 24 months: a quarter of the way down and half of the way across.

    Down the first column 1% falls to 0.8%, down the second 0.8% to 0.625%; half-way between them lies 0.7125%, of
    10,000 that is 71.25. L2 lies between two cells of a row, 1% and 0.8%: 0.9% is 90. L3 is a cell itself: 0.2% is 20.
    """
    found = clean(loans_of(L1=("0.1%", 24), L2=("0%", 24), L3=("0.4%", 12)), dated(by_two(table=table())))

    assert {"L1": Fraction("71.25"), "L2": 90, "L3": 20} == by_loan(found)
    assert Fraction("0.007125") == table().at(Fraction("0.001"), Fraction(24))
    english, chinese = found.explain("lin").text("en"), found.explain("lin").text("zh")
    between = "1% at 0%, 12 months; 0.8% at 0%, 36 months; 0.2% at 0.4%, 12 months; 0.1% at 0.4%, 36 months"
    assert f"discount 0.1%, term in months 24: 0.7125%, which lies between {between}" in english
    assert "discount 0%, term in months 24: 0.9%, which lies between 1% at 0%, 12 months; 0.8% at 0%" in english
    assert "discount 0.4%, term in months 12: 0.2% at 0.4%, 12 months in the table" in english
    assert "利率优惠 0.1%、期限（月） 24：插值得 0.7125%（0%、12 个月为 1%；" in chinese
    assert "利率优惠 0.4%、期限（月） 12：费率表中 0.4%、12 个月为 0.2%" in chinese
    assert "10000 × 0.7125% = 71.25" in english


def test_a_third_of_the_way_is_exact() -> None:
    """20 months are a third of the way from 12 to 36: 1% less a third of 0.2% is 14/15%, of 10,000 it is 280/3."""
    assert Fraction(14, 1500) == table().at(Fraction(0), Fraction(20))
    (line,) = clean(loans_of(L1=("0%", 20)), dated(by_two(table=table()))).lines
    assert Fraction("93.33") == line.amount.exact


def test_a_table_may_be_linear_along_one_number_and_in_steps_along_the_other() -> None:
    """0.1% off, 24 months. Lines down, steps across: the column of 12 months, 0.8%: 80. The other way: 0.9%: 90.

    Steps both ways: the cell of 0% and 12 months, 1%: 100. Closed on the right, 36 months belong to the column below.
    """
    facts = loans_of(L1=("0.1%", 24))

    def pays(rows: Any, columns: Any, applies: Any, **fields: Any) -> Fraction:
        given = table(between_rows=rows, between_columns=columns, **fields)
        return earned(clean(facts, dated(by_two(applies, table=given))))

    assert 80 == pays("linear", "step", "interpolated")
    assert 90 == pays("step", "linear", "interpolated")
    assert 100 == pays("step", "step", "flat")
    steps = [table(between_rows="step", between_columns="step", closed=side) for side in ("left", "right")]
    assert [Fraction("0.008"), Fraction("0.01")] == [one.at(Fraction(0), Fraction(36)) for one in steps]


def test_outside_of_a_table_its_edge_holds_or_the_loan_is_a_problem_as_it_states() -> None:
    """1% off and 60 months: the last cell, 0.1%, is 10. Where the table states it, nobody is paid without a rate."""
    facts = loans_of(L1=("1%", 60))

    assert 10 == earned(clean(facts, dated(by_two(table=table()))))
    found = accrued([*facts, *loans_of(L2=("0.4%", 36))], dated(by_two(table=table(outside="problem"))))
    (problem,) = found.problems
    assert ("L1", "lin") == (problem.loan, problem.payee)
    assert "the table of rates ends before discount 1% and term in months 60" in str(problem)


@pytest.mark.parametrize("missing", ["discount", "term_months"])
def test_a_loan_that_does_not_state_one_of_the_two_numbers_is_a_problem(missing: str) -> None:
    """Neither is taken to be nothing."""
    numbers = {"discount": "0.1%", "term_months": 24}
    del numbers[missing]
    (problem,) = accrued(of("L1", **numbers), dated(by_two(table=table()))).problems
    assert f"its {missing} is not stated" in str(problem)


def test_tables_stand_beside_other_rates_and_hold_prices() -> None:
    """Cars by the table, 1%; all others 0.3%, whatever their term; a home loan 150 to 50 yuan by its numbers, 100."""
    prices = table(cells=[["150元", "150元"], ["50元", "50元"]])
    rates = (
        lp.schemes.Rate(where=(CAR,), table=table()),
        lp.schemes.Rate(where=(where("product", "home"),), table=prices, of="loan"),
    )
    facts = [*of("L1", product="car", discount="0%", term_months=12), *of("L2", product="card", discount="0%")]
    facts += of("L3", product="home", discount="0.2%", term_months=17)
    found = clean(facts, dated(by_two(rate="0.3%", rates=rates)))

    assert {"L1": 100, "L2": 30, "L3": 100} == by_loan(found)
    assert "100 CNY, which lies between 150 CNY at 0%, 12 months" in found.explain("lin").text("en")
    assert "150 元" in found.explain("lin").text("zh")


def test_a_loan_that_is_drawn_and_repaid_goes_at_the_rate_at_which_it_came() -> None:
    """10,000 at 0.7125% pay 71.25; the cancellation takes back those."""
    facts = [*loans_of(L1=("0.1%", 24)), event("L1", "cancelled", "2026-04-01")]
    assert {"2026-03": Fraction("71.25"), "2026-04": Fraction("-71.25")} == by_period(
        clean(facts, dated(by_two(table=table())))
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"rows": []}, "a table has no row or no column"),
        ({"cells": [["1%", "0.8%"]]}, "a table of 2 rows and 2 columns has 2 cells; give a list for each row"),
        ({"cells": [["1%"], ["0.8%"]]}, "a table of 2 rows and 2 columns has 2 cells"),
        ({"rows": ["0.4%", "0%"]}, "the points of rows do not rise"),
        ({"columns": [12, 12]}, "the points of columns do not rise"),
        ({"columns": ["12个月", "3元"]}, "one point among columns of the table"),
        ({"cells": [["1%", "5元"], ["1%", "1%"]]}, "one cell of the table"),
        ({"between_rows": "curved"}, "between_rows is 'curved'; use 'step' or 'linear'"),
        ({"outside": "nothing"}, "outside is 'nothing'; use 'edge' or 'problem'"),
        ({"closed": "both"}, "closed is 'both'; use 'left'"),
    ],
)
def test_a_table_that_is_none_is_refused(fields: dict[str, Any], said: str) -> None:
    """What is wrong, and what to write."""
    with pytest.raises(lp.errors.LoanPerfError) as raised:
        table(**fields)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"number": "ltv", "across": "ltv"}, "Tiers.across: it is 'ltv' too"),
        ({"by": "amount", "accumulates": "period", "across": "ltv"}, "Tiers.across: tiers are by amount"),
    ],
)
def test_tables_are_read_at_two_numbers(fields: dict[str, Any], said: str) -> None:
    """One number twice is a curve, and sums of money have no columns."""
    with pytest.raises(lp.errors.DataError) as raised:
        lp.schemes.Tiers(**{"by": "loan", "applies": "flat"} | fields)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"table": table(), "applies": "flat"}, "Component.table: flat tiers are steps; write between_rows = 'step'"),
        (
            {"table": table(between_rows="step", between_columns="step")},
            "Component.table: interpolated rates lie between knots; write between_rows = 'linear'",
        ),
        ({"curve": lp.schemes.Curve.of([["0%", "1%"]], shape="linear")}, "state both across in tiers and a table"),
        ({"table": table(), "rate": "1%"}, "it takes one rate, or a curve or table of them"),
        ({"table": table(cells=[["1%", "101%"], ["0%", "0%"]])}, "Component.table: it is more than 100% (found 101%)"),
        ({"table": table(cells=[["1%", "-1%"], ["0%", "0%"]])}, "Component.table: it is negative (found -1%)"),
        ({"table": table(cells=[["1%", "0.5"], ["0%", "0%"]])}, "Component.table: 0.5 says no unit"),
    ],
)
def test_a_table_that_does_not_fit_its_component_is_refused(fields: dict[str, Any], said: str) -> None:
    """What a curve of rates may not say, a table may not either."""
    with pytest.raises(lp.errors.DataError) as raised:
        by_two(**fields)
    assert said in str(raised.value)


OF_TWO = """
name = "two numbers"
currency = "CNY"
effective = 2026-01-01

[plans.p]
rounding = "half up"

[plans.p.components.c]
base = "disbursed"
tiers = { by = "loan", number = "discount", across = "term_months", applies = "interpolated" }

[plans.p.components.c.table]
columns = ["12个月", "36个月"]
rows = ["0%", "0.4%"]
cells = [
    ["1%", "0.8%"],
    ["0.2%", "0.1%"],
]
between_rows = "linear"
between_columns = "linear"
outside = "edge"
"""


def test_a_document_has_a_table_as_it_is_printed() -> None:
    """It is read, written and read again as it was; a change of a cell is told in both languages."""
    scheme = lp.parse_scheme(OF_TWO)
    (held,) = scheme.plans[0].components

    assert table() == held.table
    assert scheme == lp.parse_scheme(lp.schemes.write_scheme(scheme, "toml"))
    assert scheme == lp.Scheme.from_data(scheme.data())
    other = OF_TWO.replace('"0.2%", "0.1%"', '"0.2%", "0.15%"').replace('outside = "edge"', 'outside = "problem"')
    said = {language: "\n".join(one.to(language) for one in lp.diff(scheme, lp.parse_scheme(other)))
            for language in ("en", "zh")}  # fmt: skip
    assert "the cells of the table of rates of component c of plan p changes from 1%, 0.8%; 0.2%, 0.1%" in said["en"]
    assert "the rule outside the table" in said["en"]
    assert "由 1%、0.8%；0.2%、0.1% 改为 1%、0.8%；0.2%、0.15%" in said["zh"]
    assert "表外处理由 按边界费率 改为 作为问题列示" in said["zh"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (('"0.2%", "0.1%"', '"0.2%", "5元"'), "$.plans.p.components.c.table"),
        (('"36个月"', '"36天"'), "$.plans.p.components.c.table"),
        (('rows = ["0%", "0.4%"]', "rows = [0, 4]"), "$.plans.p.components.c.table.rows[1] (line 15, column 12)"),
        (
            ('columns = ["12个月", "36个月"]', 'columns = ["12天", "36天"]'),
            "$.plans.p.components.c.table.columns[0] (line 14, column 12): it is in another unit",
        ),
        (
            ('["1%", "0.8%"],\n    ["0.2%", "0.1%"],', '["1元", "2元"],\n    ["3元", "4元"],'),
            "$.plans.p.components.c.table.cells[1][0] (line 18, column 6): it is in another unit (found 3 CNY)",
        ),
        (('"0.8%"', '"x"'), "$.plans.p.components.c.table.cells[0][1] (line 17, column 12)"),
        (('outside = "edge"', 'outside = "clamped"'), "$.plans.p.components.c.table.outside (line 22, column 1)"),
    ],
)
def test_check_says_where_a_table_is_wrong(changed: tuple[str, str], said: str) -> None:
    """The row and the cell, with its line."""
    with pytest.raises(lp.errors.LoanPerfError) as raised:
        lp.parse_scheme(OF_TWO.replace(*changed))
    assert said in str(raised.value)


def test_a_table_that_never_holds_is_found_by_lint() -> None:
    """Where rates by terms cover every loan that is paid, the table of all others is idle."""
    text = OF_TWO.replace('base = "disbursed"', 'base = "disbursed"\nwhere = { product = "car" }\nrates = '
                          '[{ where = { product = "car" }, rate = "1%" }]')  # fmt: skip
    assert ["$.plans.p.components.c.table"] == [found.path for found in lp.lint(lp.parse_scheme(text))]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"by": "loan", "applies": "flat"}, "Tiers.number: tiers are by loan; state number exactly where by is 'loan'"),
        ({"by": "loan", "applies": "marginal", "number": "ltv"}, "Tiers.applies: tiers by loan have no slices"),
        (
            {"by": "amount", "applies": "flat", "accumulates": "period", "number": "ltv"},
            "Tiers.number: tiers are by amount",
        ),
    ],
)
def test_tiers_by_a_loan_name_its_number(fields: dict[str, Any], said: str) -> None:
    """What is wrong, where, and what to write."""
    with pytest.raises(lp.errors.DataError) as raised:
        lp.schemes.Tiers(**fields)
    assert said in str(raised.value)


# ── referrers, and loans that nobody looks after ────────────────────────────────────────────────────────────


def test_referrers_are_paid_by_bands_of_size() -> None:
    """100 yuan below 10万, 300 below 50万, else 0.1%: loans of 5万, 20万 and 100万 pay 100, 300 and 1,000.

    A loan of 8万 that grows to 16万 pays 100 and then 200 more; one that nobody referred pays nobody.
    """

    def below(amount: str, price: str) -> lp.schemes.Rate:
        return a_loan(price, lp.schemes.Where(field="amount", below=lp.quantity(amount)))

    item = component(
        rates=(below("10万元", "100元"), below("50万元", "300元"), lp.schemes.Rate(rate="0.1%")),
        rates_by="first",
        split=(("referrer", "100%"),),
        unfilled="unpaid",
    )
    facts: list[lp.Fact] = []
    for code, amounts in {"L1": (50_000,), "L2": (200_000,), "L3": (1_000_000,), "L4": (80_000, 80_000)}.items():
        facts += [*drawn_by("car", code, *amounts), lp.Credit(loan=code, payee="wei", role="referrer", on="2026-03-01")]
    found = clean([*facts, *drawn_by("car", "L5", 70_000)], dated(item), staff=TWO)

    assert {"L1": 100, "L2": 300, "L3": 1000, "L4": 300} == by_loan(found)
    assert {"wei": 1700} == by_payee(found)


VACANT = lp.Organisation(
    assignments=[
        lp.Assignment(payee="lin", unit="east", role="officer", since="2020-01-01", until="2026-04-01"),
        lp.Assignment(payee="wei", unit="east", role="officer", since="2020-01-01"),
        lp.Assignment(payee="chen", unit="east", role="lead", since="2020-01-01"),
        lp.Assignment(payee="east-vacancy", unit="east", role="vacancy", since="2020-01-01"),
    ]
)
"""Lin leaves at the end of March; the vacancy of the unit is a seat of its own."""


@pytest.mark.parametrize(
    ("fate", "paid"),
    [("east-vacancy", {"lin": 1, "east-vacancy": 0, "wei": 4}), ("chen", {"lin": 1, "chen": 2, "wei": 4})],
)
def test_a_loan_without_an_officer_for_a_while_has_a_stated_fate(fate: str, paid: dict[str, int]) -> None:
    """1% of 100 in March is lin's, of 400 in May wei's. The 200 of April are the lead's, or unpaid, which is told.

    The seat of a vacancy has a plan of 0%; who fills it has the loan assigned to them from that day on.
    """
    facts = [
        *(loan(), event("L1", "repaid", "2026-03-10", "100 CNY"), handed("L1", "2026-04-01", fate)),
        *(event("L1", "repaid", "2026-04-10", "200 CNY"), handed("L1", "2026-05-01", "wei")),
        event("L1", "repaid", "2026-05-10", "400 CNY"),
    ]
    item = component(base="receipts", rate="1%")
    plans = [dated(item, code=role, role=role) for role in ("officer", "lead")]
    plans.append(dated(evolve(item, rate="0%"), code="vacancy", role="vacancy"))
    found = clean(facts, *plans, staff=VACANT)

    assert paid == by_payee(found)
    told = [(unpaid.payee, unpaid.by) for unpaid in found.unpaid]
    assert ([("east-vacancy", "minimum")] if fate == "east-vacancy" else []) == told


# ── which rate holds ────────────────────────────────────────────────────────────────────────────────────────


def test_the_first_rate_that_fits_where_the_plan_says_so() -> None:
    """A car loan of a new customer fits both: the first in the list holds, 1%; else the one with more terms, 3%."""
    new = where("customer_type", "new")
    small = lp.schemes.Where(field="amount", below=lp.quantity("10万元"))
    rates = (lp.schemes.Rate(where=(CAR,), rate="1%"), lp.schemes.Rate(where=(new, small), rate="3%"))
    facts = [loan(product="car", customer_type="new"), event("L1", "disbursed", "2026-03-02", "1000 CNY")]
    by_terms = component(rates=rates)

    assert 30 == earned(clean(facts, dated(by_terms)))
    assert 10 == earned(clean(facts, dated(evolve(by_terms, rates_by="first"))))
    assert 30 == earned(clean(facts, dated(evolve(by_terms, rates_by="first", rates=rates[::-1]))))


def test_two_rates_of_as_many_terms_are_no_problem_where_they_have_an_order() -> None:
    """Car and new: one term each. By terms nobody knows which holds; in their order the first does."""
    rates = (
        lp.schemes.Rate(where=(CAR,), rate="1%"),
        lp.schemes.Rate(where=(where("customer_type", "new"),), rate="2%"),
    )
    facts = [loan(product="car", customer_type="new"), event("L1", "disbursed", "2026-03-02", "1000 CNY")]

    (problem,) = accrued(facts, dated(component(rates=rates))).problems
    assert "two fit equally" in str(problem)
    assert 10 == earned(clean(facts, dated(component(rates=rates, rates_by="first"))))


# ── what is refused, and what changes ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"rate": "0.5%"},
            "Rate.rate: it is no amount for a loan; give money, such as '150元', or leave of out",
        ),
        ({"rate": "150元", "of": "each"}, "Rate.of: it is no known word (found 'each')"),
    ],
)
def test_a_rate_of_a_loan_is_money(fields: dict[str, Any], said: str) -> None:
    """0.5% of a loan is a share of its base, and is written without `of`."""
    with pytest.raises(lp.errors.DataError) as raised:
        lp.schemes.Rate(**{"of": "loan"} | fields)
    assert said in without_place(raised.value)


def test_loans_that_are_counted_have_prices_already() -> None:
    """A rate of a count is money for a loan: `of` would say it twice."""
    with pytest.raises(lp.errors.DataError) as raised:
        component(base="count", rates=(a_loan("150元"),))
    assert "Component.rates[0].of: base is 'count'; leave it out" in without_place(raised.value)


SCHEME = """
name = "rates"
currency = "CNY"
effective = 2026-01-01

[plans.p]
rounding = "half up"

[plans.p.components.c]
base = "disbursed"
rates_by = "first"
rates = [{ where = { product = "car" }, rate = "150元", of = "loan" }, { rate = "0.5%" }]
"""


def test_a_scheme_with_both_reads_back_and_tells_what_changed() -> None:
    """A document says both, reads back as it was, and a change of either is a sentence in both languages."""
    scheme = lp.parse_scheme(SCHEME)
    assert scheme == lp.parse_scheme(lp.schemes.write_scheme(scheme, "toml"))
    other = lp.parse_scheme(SCHEME.replace('rates_by = "first"\n', "").replace("150元", "160元"))
    changes = lp.diff(scheme, other)
    said = "\n".join(change.to(language) for change in changes for language in ("en", "zh"))

    assert "the precedence of rates of component c of plan p no longer holds (it was in their order)" in said
    assert "取消提成方案 p的提成项目 c的费率优先规则（原为 按先后顺序）" in said
    assert "of the rate for product car" in said


def test_a_rate_that_never_holds_is_refused() -> None:
    """In their order, what stands behind a rate for all loans is never reached."""
    with pytest.raises(lp.errors.LoanPerfError) as raised:
        lp.parse_scheme(
            SCHEME.replace('{ where = { product = "car" }, ', "{ ").replace(
                '{ rate = "0.5%" }', '{ where = { product = "car" }, rate = "0.5%" }'
            )
        )
    assert (
        "$.plans.p.components.c.rates[1]: it never holds: rates[0] comes first, and is for all loans"
        in without_place(raised.value)
    )


def test_an_amount_without_of_is_refused_still() -> None:
    """'6 yuan' where '6 yuan per 10,000' is meant would pay ten times too little, or too much: it is no share."""
    with pytest.raises(lp.errors.LoanPerfError) as raised:
        lp.parse_scheme(SCHEME.replace(', of = "loan"', ""))
    assert "$.plans.p.components.c.rates[0].rate: it is in another unit" in without_place(raised.value)
