"""Unmet: values that a scheme names and no fact has are told, once each, so that no rate goes unused in silence."""

from collections.abc import Iterable
from typing import Any

import loanperf as lp
from loanperf.adapters.memory import MemoryEntries, MemoryFacts, MemoryPayments, MemoryPeople, MemorySchemes
from loanperf.progress import SalesLead

MARCH = lp.Period.month(2026, 3)


def scheme(component: Any, **more: Any) -> lp.Scheme:
    """A scheme that pays 0.5% of what is drawn, with more said of the component."""
    rate = {} if "curve" in component else {"rate": "0.5%"}
    loans = {"base": "disbursed"} | rate | component
    plans = {"desk": {"rounding": "half up", "components": {"loans": loans}}}
    head = {"name": "north", "currency": "CNY", "effective": "2026-01-01"}
    return lp.schemes.scheme_of({**head, "plans": plans, **more})


def drawn(loan: str, on: str = "2026-03-05", **terms: Any) -> list[lp.Fact]:
    """A loan of lin of which 100,000 yuan are drawn on its first day."""
    return [
        lp.Loan(loan=loan, customer=loan, officer="lin", opened_on=on, amount="10万元", **terms),
        lp.LoanEvent(loan=loan, kind=lp.EventKind.DISBURSED, on=on, amount="10万元"),
    ]


def worked(facts: Iterable[lp.Fact], schemes: Any, period: lp.Period = MARCH, **more: Any) -> lp.Run:
    """A run that keeps a ledger in memory; nobody approves it."""
    lin = lp.Assignment(payee="lin", unit="east", role="officer", since="2025-01-01", salary="8000 元")
    return lp.run(
        period,
        facts=MemoryFacts(facts),
        people=MemoryPeople(lp.Organisation(assignments=[lin])),
        schemes=MemorySchemes(schemes),
        payments=MemoryPayments(),
        keeping=lp.Keeping(entries=MemoryEntries(), **more),
    )


NEW_RATE = {"rates": [{"where": {"customer_type": ["new"]}, "rate": "1%"}]}


def test_a_rate_for_a_value_that_no_loan_has_is_told() -> None:
    """The data say 新客户 and the scheme new: the loan is paid 0.5% of 100,000, 500 yuan, and the run says why."""
    facts = [*drawn("L1", customer_type="新客户"), *drawn("L2", customer_type="老客户")]
    found = worked(facts, scheme(NEW_RATE))
    (told,) = found.problems

    expected = (
        "scheme 'north' from 2026-01-01, $.plans.desk.components.loans.rates[0].where.customer_type:"
        " no loan has this customer_type, so that nothing is paid or counted by it (found 'new');"
        " the facts have '新客户', '老客户': mend it, or leave it where such a loan is yet to come"
    )
    assert expected == str(told)
    assert ["1000.00 CNY"] == [str(payment.amount) for payment in found.payments]
    assert (True, (), False) == (told.is_counted, found.counted, found.held)
    assert (4, 4) == (found.rows, found.used)


def test_the_value_that_is_nearest_in_spelling_is_asked_for() -> None:
    """Of a product misspelled the one that was meant is named."""
    found = worked(drawn("L1", product="mortgage"), scheme({"where": {"product": ["mortage"]}}))
    (told,) = found.problems

    assert told.where.endswith("$.plans.desk.components.loans.where.product")
    assert told.remedy.startswith("did you mean 'mortgage'? the facts have 'mortgage'")


def test_a_value_of_another_month_is_not_told() -> None:
    """A product that was sold in January alone is known in March."""
    terms = {"where": {"product": ["car", "home"]}}
    found = worked(
        [*drawn("L1", "2026-01-05", product="car"), *drawn("L2", product="home")], scheme(terms), first=MARCH
    )

    assert () == found.problems


def test_nothing_is_told_of_a_field_that_no_fact_states() -> None:
    """A host that sends no collateral is not told of each value that the scheme names."""
    found = worked(drawn("L1"), scheme({"where": {"collateral": ["mortgage"]}}))

    assert [] == [problem for problem in found.problems if problem.is_counted]


def test_each_value_is_told_once_a_place() -> None:
    """Of 3 loans and 2 places with one wrong value each, and a third with two: 4 problems, in order of the document."""
    component = {
        "where": {"segment": ["personal", "privat"]},
        "rates": [{"where": {"segment": ["privat"]}, "rate": "1%"}],
        "curve": {"bands": [["0", "", "0.5%"]], "shape": "step"},
        "tiers": {
            "by": "count",
            "applies": "flat",
            "accumulates": "period",
            "counts": {"product": ["a", "b", "car"]},
        },
    }
    facts = [fact for number in range(3) for fact in drawn(f"L{number}", segment="personal", product="car")]
    found = worked(facts, scheme(component))
    of = "$.plans.desk.components.loans"

    expected = [
        (f"{of}.where.segment", "'privat'"),
        (f"{of}.tiers.counts.product", "'a'"),
        (f"{of}.tiers.counts.product", "'b'"),
        (f"{of}.rates[0].where.segment", "'privat'"),
    ]
    assert expected == [(problem.where.split(", ")[1], problem.found) for problem in found.problems]


def test_a_component_that_plans_have_in_common_is_told_once() -> None:
    """Two plans share one component: what is wrong with it is said where it is written."""
    part = {"base": "disbursed", "rate": "0.5%", "where": {"product": ["mortage"]}}
    own = {"a": {"role": "officer"}, "b": {"role": "lead"}}
    common = {"rounding": "half up", "components": {"loans": part}}
    head = {"name": "north", "currency": "CNY", "effective": "2026-01-01"}
    agreed = lp.schemes.scheme_of({**head, "common": common, "plans": own})
    found = worked(drawn("L1", product="mortgage"), agreed)

    assert ["scheme 'north' from 2026-01-01, $.common.components.loans.where.product"] == [
        problem.where for problem in found.problems
    ]


def test_a_kind_of_credit_that_no_credit_has_is_told() -> None:
    """Its part of each loan would go to the lead; the lead himself needs no credit."""
    split = {"split": {"lead": "60%", "asistant": "40%"}}
    credit = lp.Credit(loan="L1", payee="lin", on="2026-03-05", role="assistant")
    found = worked([*drawn("L1"), credit], scheme(split))
    told = [problem for problem in found.problems if problem.is_counted]

    assert [("'asistant'", True)] == [(problem.found, "'assistant'?" in problem.remedy) for problem in told]
    assert told[0].where.endswith("$.plans.desk.components.loans.split")
    assert () == worked(drawn("L1"), scheme(split)).problems


def test_the_filter_of_an_indicator_that_no_fact_passes_is_told() -> None:
    """A course and a segment that nobody has; one that is met, of another kind of facts, is not told."""
    retail = {"over": "loan events", "sum": "amount", "where": {"segment": ["retial"]}}
    declared = {
        "retail_volume": {
            "name": {"en": "retail volume", "zh": "零售放款"},
            "dimension": "performance",
            "direction": "higher is better",
            "kind": "money",
            "measure": retail,
        },
        "training_completion_rate": {"options": {"course": "AML"}},
        "lead_conversion_rate": {"options": {"origin": "branch"}},
    }
    weights = {"retail_volume": "60%", "training_completion_rate": "40%"}
    agreed = scheme(
        {},
        indicators=declared,
        profiles={"all": {"weights": weights}},
        targets={"retail_volume": "10万元", "training_completion_rate": "100%"},
        scoring={"default": {"places": 1, "rounding": "half even"}},
    )
    facts = [
        *drawn("L1", segment="retail"),
        lp.Training(payee="lin", course="反洗钱", on="2026-03-10", completed_on="2026-03-09"),
        SalesLead(number="1", payee="lin", on="2026-03-02", origin="branch"),
    ]
    told = [problem for problem in worked(facts, agreed).problems if problem.is_counted]

    expected = [
        ("$.indicators.retail_volume.measure.where.segment", "'retial'"),
        ("$.indicators.training_completion_rate, course", "'AML'"),
    ]
    assert expected == [(problem.where.split(", ", 1)[1], problem.found) for problem in told]


def test_versions_that_are_not_in_force_are_not_told() -> None:
    """What a version of February names wrongly cannot be mended in March any more; that of April is not in force."""
    wrong, right = NEW_RATE, {"rates": [{"where": {"customer_type": ["新客户"]}, "rate": "1%"}]}
    starts = ["2026-01-01", "2026-03-01", "2026-04-01"]
    parts = zip(starts, [wrong, right, wrong], strict=True)
    book = lp.SchemeBook([scheme(terms, effective=start) for start, terms in parts])
    facts = drawn("L1", customer_type="新客户")

    assert () == worked(facts, book, first=MARCH).problems


def test_beyond_a_bound_a_value_is_told_without_a_nearest_one() -> None:
    """5,000 pairs are compared: two values with 2,000 each, whatever the places they stand in; the third has none."""
    near = ["product 1x", "product 1x", "product 2x", "product 3x"]
    component = {
        "rates": [{"where": {"product": [value]}, "rate": "1%"} for value in near[1:]],
        "curve": {"bands": [["0", "", "0.5%"]], "shape": "step"},
        "tiers": {"by": "count", "applies": "flat", "accumulates": "period", "counts": {"product": near[:1]}},
    }
    facts = [
        lp.Loan(loan=f"L{number}", customer="C", officer="lin", opened_on="2026-03-05", product=f"product {number:04}")
        for number in range(2000)
    ]
    told = [problem for problem in worked(facts, scheme(component)).problems if problem.is_counted]

    assert [f"{value!r}" for value in near] == [problem.found for problem in told]
    assert [True, True, True, False] == [problem.remedy.startswith("did you mean 'product ") for problem in told]
    assert told[3].remedy.startswith("the facts have 'product 0000', 'product 0001', ")
