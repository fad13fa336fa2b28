"""Held pay that waits for a reading: it is released where the payee's reading is within its bound, and not before."""

from typing import Any

import pytest
from tests.loans import accrued, component, dated, drawn, reading

import loanperf as lp
from loanperf.schemes import DatedPlan, Holdback, Instalment

K = lp.EntryKind
JAN = lp.Period.month(2026, 1)
ONE = (Instalment(after_months=3, share="100%"),)
NPL: Any = {"condition": "reading", "indicator": "npl_ratio", "at_most": "2%"}
MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06", "2026-07")


def posted(
    plan: DatedPlan, readings: dict[str, str], *facts: lp.Fact, indicator: str = "npl_ratio", **kinds: Any
) -> dict[str, int]:
    """What is released by day, in whole currency, as months are settled one after the other."""
    ledger, known = lp.Ledger(), list[lp.Reading]()
    for month in MONTHS:
        known += [reading(indicator, readings[month], month)] if month in readings else []
        found = accrued(facts, plan, through=month, since=JAN.start, readings=known)
        assert () == found.problems
        ledger = ledger.append(lp.settle(ledger, found, period=lp.Period.parse(month)))
    sums = dict[str, int]()
    for entry in ledger.entries:
        if entry.kind is kinds.get("kind", K.RELEASED):
            sums[str(entry.on)] = sums.get(str(entry.on), 0) + int(entry.amount.exact)
    return sums


@pytest.mark.parametrize(
    ("readings", "released"),
    [
        ({"2026-04": "2%"}, {"2026-04-30": 200}),
        ({"2026-04": "2.01%", "2026-05": "1%"}, {"2026-05-31": 200}),
        ({"2026-04": "3%", "2026-05": "2.5%", "2026-06": "0%"}, {"2026-06-30": 200}),
        ({"2026-03": "1%", "2026-04": "3%"}, {}),
        ({"2026-06": "1%"}, {"2026-06-30": 200}),
        ({}, {}),
    ],
)
def test_what_is_held_waits_for_a_month_with_few_bad_loans(readings: dict[str, str], released: dict[str, int]) -> None:
    """A fifth of January's 1,000 is due on 30 April: then, if April has at most 2%; else at the end of the first month.

    A month before that does not count, and a month without a reading is none that is within the bound.
    """
    plan = dated(component(rate="1%"), holdback=Holdback(share="20%", instalments=ONE, **NPL))

    assert released == posted(plan, readings, *drawn(100000, on=["2026-01-10"]))


def test_base_pay_is_withheld_and_paid_back() -> None:
    """A fifth of 5,000 a month is withheld, and paid back a month later where compliance is at 80 points or more.

    January's 1,000 are due on 28 February, which has 70, and wait until 31 March; February's are due on 28 March, which
    has 85, and March's on 30 April, which has 80.
    """
    held = Holdback(
        share="20%",
        instalments=(Instalment(after_months=1, share="100%"),),
        condition="reading",
        indicator="compliance_score",
        at_least="80 point",
    )
    plan = dated(component(code="base", base="fixed", rate="5000 CNY"), holdback=held)
    points = {"2026-02": "70 point", "2026-03": "85 point", "2026-04": "80 point"}

    assert {"2026-03-28": 1000, "2026-03-31": 1000, "2026-04-30": 1000} == posted(
        plan, points, indicator="compliance_score"
    )


def test_what_waits_is_taken_by_a_bad_loan_first() -> None:
    """The 200 wait for a reading when the loan is written off in June: they are forfeited, and nothing is released."""
    rule = lp.schemes.Clawback(on="written off", share="100%", takes="whole", attainment="stays")
    plan = dated(component(rate="1%"), holdback=Holdback(share="20%", instalments=ONE, **NPL), clawbacks=(rule,))
    gone = lp.LoanEvent(loan="L1", kind=lp.EventKind.WRITTEN_OFF, on="2026-06-10", amount="100000 CNY")
    facts = [*drawn(100000, on=["2026-01-10"]), gone]

    assert {} == posted(plan, {"2026-04": "3%", "2026-06": "1%"}, *facts)
    assert {"2026-06-10": 200} == posted(plan, {"2026-04": "3%", "2026-06": "1%"}, *facts, kind=K.FORFEITED)


def test_a_repaid_loan_frees_what_waits() -> None:
    """Where repayment releases too, it does so in May, though no month has so few bad loans."""
    held = Holdback(share="20%", instalments=ONE, repaid="releases", **NPL)
    repaid = lp.LoanEvent(loan="L1", kind=lp.EventKind.REPAID, on="2026-05-20", amount="100000 CNY")
    plan = dated(component(rate="1%"), holdback=held)

    assert {"2026-05-20": 200} == posted(plan, {"2026-04": "3%"}, *drawn(100000, on=["2026-01-10"]), repaid)


def test_a_reading_in_another_unit_is_a_problem() -> None:
    """Nothing is guessed: points are no share of bad loans, and lin's pay is not known."""
    plan = dated(component(rate="1%"), holdback=Holdback(share="20%", instalments=ONE, **NPL))
    found = accrued(drawn(100000), plan, through="2026-03", readings=[reading("npl_ratio", "2 point")])

    assert ({"lin"}, True) == ({*found.blocked}, "npl_ratio" in str(found.problems[0]))


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({**NPL, "indicator": ""}, "condition is 'reading'; state indicator and at_most or at_least"),
        ({**NPL, "at_most": None}, "condition is 'reading'; state indicator and at_most or at_least"),
        ({**NPL, "at_least": "1%"}, "condition is 'reading'; state indicator and at_most or at_least"),
        ({**NPL, "condition": "none"}, "condition is 'none'; state indicator and at_most or at_least, exactly where"),
        ({**NPL, "instalments": (), "repaid": "releases"}, "no date says when the reading is looked at"),
    ],
)
def test_a_condition_that_says_too_little_or_too_much_is_refused(fields: dict[str, Any], fault: str) -> None:
    """A bound that nobody looks at would release without a word."""
    with pytest.raises(lp.errors.DataError, match=fault):
        Holdback(**{"share": "20%", "instalments": ONE} | fields)


SCHEME = """
name = "b"
currency = "CNY"
effective = 2026-01-01

[plans.sales]
rounding = "half up"
components.loans = { base = "disbursed", rate = "1%" }

[plans.sales.holdback]
share = "20%"
years = 1
condition = "reading"
indicator = "npl_ratio"
at_most = "2%"
"""


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (("npl_ratio", "npl"), "$.plans.sales.holdback.indicator (line 14, column 1): there is no indicator of that"),
        (
            ('"2%"', '"2 point"'),
            "$.plans.sales.holdback.at_most (line 15, column 1): the value of 'npl_ratio' (2 point)",
        ),
        (("plans.sales.holdback", "pay.holdback"), "$.pay.holdback.condition (line 13, column 1): a reading releases"),
    ],
)
def test_a_scheme_with_such_a_condition_is_checked(changed: tuple[str, str], problem: str) -> None:
    """What, where and what to do."""
    with pytest.raises(lp.errors.SchemeError) as caught:
        lp.parse_scheme(SCHEME.replace(*changed))
    assert problem in str(caught.value)


def test_a_scheme_with_such_a_condition_is_read_and_compared() -> None:
    """It goes through a document and back, and a change of the bound is said in both languages."""
    scheme = lp.parse_scheme(SCHEME)
    (change,) = lp.diff(scheme, lp.parse_scheme(SCHEME.replace("2%", "1%")))

    assert scheme == lp.schemes.scheme_of(scheme.document())
    assert "2%" in str(change)
    assert "1%" in change.to("zh")
