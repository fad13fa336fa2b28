"""What a payee reads on a statement: plans and components by name, and of each line what earned it."""

from __future__ import annotations

from typing import Any, Literal

import pytest

import loanperf as lp
from loanperf.report import LineName, statement_page
from loanperf.viewer import Viewer

MARCH = lp.Period.month(2026, 3)
SCHEME = """
name = "branch pay"
currency = "CNY"
effective = 2026-01-01

[plans.sales]
name = { en = "loan sales", zh = "客户经理提成" }
rounding = "half up"

[plans.sales.components.loans]
name = { en = "loans drawn", zh = "放款提成" }
base = "disbursed"
curve = { bands = [["0元", "100万元", "0.5%"], ["100万元", "", "0.8%"]], shape = "step" }
tiers = { by = "amount", applies = "marginal", accumulates = "period" }

[plans.sales.components.desk]
base = "fixed"
rate = "500元"
"""
LIN = lp.Assignment(payee="lin", unit="east", role="senior", since="2026-03-01", salary="8000 元")
PEOPLE = lp.Organisation(assignments=[LIN], payees=[lp.Payee(code="lin", name="林晓")])
FACTS = (
    lp.Loan(loan="L1", customer="K1", officer="lin", opened_on="2026-03-05"),
    lp.LoanEvent(loan="L1", kind=lp.EventKind.DISBURSED, on="2026-03-05", amount="140万元"),
)


def earned(text: str = SCHEME, *more: lp.Fact) -> lp.Accruals:
    """What was earned in March: 100万 × 0.5% + 40万 × 0.8% = 8,200, and 500 for the desk."""
    plans = lp.SchemeBook([lp.parse_scheme(text)]).plans()
    return lp.accrue(lp.Facts.of([*FACTS, *more]), plans, PEOPLE, through=MARCH)


def kept(ledger: lp.Ledger) -> lp.Ledger:
    """A ledger as a store gives it back: of reasons no more than their first sentence."""
    return lp.Ledger().append(lp.Entries.read(ledger.entries.table()))


def posted(accruals: lp.Accruals) -> lp.Ledger:
    return kept(lp.Ledger().append(lp.settle(lp.Ledger(), accruals, period=MARCH)))


def cells(statement: lp.Statement, language: Literal["en", "zh"]) -> list[tuple[str, ...]]:
    """Plan, component, loan, amount and reason of each entry."""
    return [(*row[2:5], *row[6:8]) for row in statement.rows(language)]


def test_names_of_a_statement_are_of_a_public_type() -> None:
    """A host that builds its own page imports the type from where pages are; what has no name is left out."""
    accruals = earned()
    names = lp.statement(posted(accruals), "lin", MARCH, accruals, organisation=PEOPLE).names
    assert (
        LineName(plan="sales", name=lp.Label("loan sales", "客户经理提成")),
        LineName(plan="sales", component="loans", name=lp.Label("loans drawn", "放款提成")),
    ) == names


def test_plans_and_components_are_named_in_the_language_and_a_line_says_what_earned_it() -> None:
    """What has no name is shown by its code; a ledger that was read back says as much as a new one."""
    accruals = earned()
    found = lp.statement(posted(accruals), "lin", MARCH, accruals, organisation=PEOPLE)

    tiers = "amount of the period 1400000, tier 0.8% from 1000000; 1000000 × 0.5% = 5000; 400000 × 0.8% = 3200"
    assert cells(found, "en") == [
        ("loan sales", "loans drawn", "L1", "8200.00 CNY", f"disbursed: {tiers}"),
        ("loan sales", "desk", "", "500.00 CNY", "base: fixed amount = 1; 1 × 500 CNY = 500"),
    ]
    zh = "放款：本期累计额 1,400,000，档次 1,000,000 起 0.8%；1,000,000 × 0.5% = 5,000；400,000 × 0.8% = 3,200"
    assert ("客户经理提成", "放款提成", "L1", "8,200.00 元", zh) == cells(found, "zh")[0]
    assert "林晓（lin） 2026-03 绩效结算单" == found.text("zh").splitlines()[0]
    fresh = lp.Ledger().append(lp.settle(lp.Ledger(), accruals, period=MARCH))
    assert cells(found, "zh") == cells(lp.statement(fresh, "lin", MARCH, accruals), "zh")
    assert found == lp.Statement.from_data(found.data())


def test_without_accruals_a_line_says_its_stage_and_repeats_nothing() -> None:
    """A ledger alone knows codes and stages: no sentence says day and amount a second time."""
    found = lp.statement(posted(earned()), "lin", MARCH)

    assert [row[0:3] + row[4:] for row in cells(found, "en")] == [
        ("sales", "loans", "L1", "disbursed"),
        ("sales", "desk", "", ""),
    ]


def test_two_of_one_name_are_told_apart_by_their_codes() -> None:
    """Two lines of “loans drawn” would look like one thing paid twice."""
    accruals = earned(SCHEME.replace("desk]\n", 'desk]\nname = { en = "desk", zh = "放款提成" }\n'))
    found = lp.statement(posted(accruals), "lin", MARCH, accruals)

    assert [row[1] for row in cells(found, "zh")] == ["放款提成（loans）", "放款提成（desk）"]


def test_a_correction_says_what_the_line_comes_to_now() -> None:
    """Drawn 40万 of which the CRM told later: 140万 becomes 180万, and 8,200 becomes 5,000 + 80万 × 0.8% = 11,400."""
    first = earned()
    ledger = lp.Ledger().append(lp.settle(lp.Ledger(), first, period=MARCH))
    late = lp.LoanEvent(loan="L1", kind=lp.EventKind.DISBURSED, on="2026-03-05", amount="40万元", number="2")
    now = earned(SCHEME, late)
    ledger = kept(ledger.append(lp.settle(ledger, now, period=MARCH)))
    row = cells(lp.statement(ledger, "lin", MARCH, now), "en")[1]

    assert row[3] == "3200.00 CNY"
    assert row[4].startswith("disbursed: 8200.00 CNY was posted, 11400.00 CNY is due; ")
    assert row[4].endswith("1000000 × 0.5% = 5000; 800000 × 0.8% = 6400")


def test_what_earned_a_line_is_not_told_where_it_has_become_another_amount() -> None:
    """Facts that came since, and are not posted, explain another amount than the one on the statement."""
    late = lp.LoanEvent(loan="L1", kind=lp.EventKind.DISBURSED, on="2026-03-05", amount="40万元", number="2")
    found = lp.statement(posted(earned()), "lin", MARCH, earned(SCHEME, late))

    assert "disbursed" == cells(found, "en")[0][4]


@pytest.mark.parametrize("in_another", [False, True])
def test_a_bonus_says_its_score_and_what_that_comes_to(in_another: bool) -> None:  # noqa: FBT001
    """121.2 points are 1.0212 months of 8,000: 8,169.60; awards of others are passed over."""
    card = lp.template("worked-example").resolve(period=MARCH)
    values = {"loan_amount": "120万元", "npl_ratio": "2%", "retention_rate": "85%"}
    given = [
        lp.award(card.bonus, lp.appraise(card, readings=values, payee=who), month="8000 元") for who in ("lin", "wu")
    ]
    none = lp.accrue(lp.Facts.of([]), [], PEOPLE, through=MARCH)
    ledger = kept(lp.Ledger().append(lp.settle(lp.Ledger(), none, period=MARCH, awards=given)))
    awards = given[1:] if in_another else given
    why = cells(lp.statement(ledger, "lin", MARCH, awards=awards), "en")[0][4]

    assert why == ("" if in_another else "1.0212 months from the curve at 121.2 points; 1.0212 × 8000 CNY = 8169.6 CNY")


def test_a_bonus_of_a_closed_month_stands_until_somebody_decides() -> None:
    """What was approved and published is not scored anew: the next month posts nothing, and a hand may set it."""
    card = lp.template("worked-example").resolve(period=MARCH)
    april = MARCH.next()
    scored = [
        lp.appraise(card, readings={"loan_amount": f"{n}万元", "npl_ratio": "2%", "retention_rate": "85%"}, payee="lin")
        for n in (120, 130)
    ]
    first, anew = (lp.award(card.bonus, appraisal, month="8000 元") for appraisal in scored)
    none = lp.accrue(lp.Facts.of([]), [], PEOPLE, through=april)
    opened = lp.Ledger().append(lp.settle(lp.Ledger(), none, period=MARCH, awards=[first]))

    while_open = lp.settle(opened, none, period=MARCH, awards=[anew])
    assert ["40.00 CNY"] == [str(entry.amount) for entry in while_open]
    closed = opened.close(MARCH, by="chen")
    assert () == lp.settle(closed, none, period=april)
    with pytest.raises(lp.errors.LedgerError, match="it is of 2026-03; settle it there, or give those of 2026-04"):
        lp.settle(closed, none, period=april, awards=[anew])


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "name", ["lin\nSUM: 900.00 CNY", "lin\r\nSUM: 900.00 CNY", "lin\u2028SUM: 1", "\u202elin\u2066"]
)
def test_a_name_stays_within_its_line(name: str, language: Literal["en", "zh"]) -> None:
    """Names of payees, plans and components cannot forge a line of a statement, or turn what stands after them."""
    text = SCHEME.replace("loan sales", "PLAN").replace("客户经理提成", "PLAN").replace("loans drawn", "COMPONENT")
    document: Any = lp.parse_scheme(text).document()
    document["plans"]["sales"]["name"] = {"en": name, "zh": name}
    document["plans"]["sales"]["components"]["loans"]["name"] = {"en": name, "zh": name}
    plans = lp.SchemeBook([lp.schemes.scheme_of(document)]).plans()
    people = lp.Organisation(assignments=[LIN], payees=[lp.Payee(code="lin", name=name)])
    accruals = lp.accrue(lp.Facts.of(FACTS), plans, people, through=MARCH)
    plain = lp.statement(posted(earned()), "lin", MARCH, earned(), organisation=PEOPLE)
    found = lp.statement(posted(accruals), "lin", MARCH, accruals, organisation=people)
    shown = [found.text(language), statement_page(found, viewer=Viewer(who="hr", sees="all")).text(language)]
    assert len(plain.text(language).splitlines()) == len(shown[0].splitlines())
    for page in shown:
        assert not [line for line in page.splitlines() if line.lstrip().startswith("SUM")]
        assert not {*page} & {"\u202e", "\u2066", "\u2028", "\r"}
