"""The run: a period worked over a host's ports; everybody who can be is paid once, and nothing is dropped unsaid."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from random import Random
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp
from loanperf.adapters.memory import MemoryFacts, MemoryPayments, MemoryPeople, MemorySchemes

Document = dict[str, Any]
MARCH = lp.Period.month(2026, 3)
SCHEME: Document = {
    "name": "branch",
    "currency": "CNY",
    "effective": "2026-01-01",
    "profiles": {"standard": {"weights": {"loan_amount": "60%", "npl_ratio": "40%"}}},
    "targets": {"loan_amount": "31万元", "npl_ratio": "4%"},
    "scoring": {"default": {"places": 1, "rounding": "half even"}},
    "bonus": {"unit": "month", "curve": [["0 point", 0], ["100 point", 1], ["200 point", 2]], "rounding": "half up"},
}


def scheme(**changed: Any) -> lp.Scheme:
    """A small scheme with some parts changed."""
    return lp.schemes.scheme_of(SCHEME | changed)


def worker(payee: str = "lin", since: str = "2025-01-01", until: str | None = None, **more: Any) -> lp.Assignment:
    """Somebody in the east branch on 8000 yuan a month."""
    stated: Document = {"unit": "east", "role": "senior", "salary": "8000 元"} | more
    return lp.Assignment(payee=payee, since=since, until=until, **stated)


def sold(payee: str, amount: str, on: str = "2026-03-02", bad: str = "0 元") -> list[lp.Fact]:
    """A loan signed on a day, of which 9,800 yuan are outstanding beside those of a bad one."""
    good, poor = f"{payee}-{on}", f"{payee}-{on}-bad"
    facts: list[lp.Fact] = []
    for loan, outstanding in ((good, "9800 元"), (poor, bad)):
        facts += [
            lp.Loan(loan=loan, customer=loan, officer=payee, opened_on="2026-01-05"),
            lp.Balance(loan=loan, on="2026-02-28", outstanding=outstanding),
        ]
    category = lp.Category.LOSS
    facts.append(lp.LoanEvent(loan=poor, kind=lp.EventKind.CLASSIFIED, on="2026-01-31", category=category))
    facts.append(lp.LoanEvent(loan=good, kind=lp.EventKind.SIGNED, on=on, amount=amount))
    return facts


def reading(indicator: str, value: Any, payee: str = "lin", period: lp.Period | None = None) -> lp.Reading:
    """A reading that the host already has."""
    return lp.Reading.of(indicator, value, subject=payee, period=period)


def worked(
    facts: Iterable[lp.Fact] | lp.Facts = (),
    people: Iterable[lp.Assignment] = (worker(),),
    schemes: Any = None,
    *,
    supplied: Iterable[lp.Reading] = (),
    goals: Iterable[lp.Target] = (),
    units: Iterable[lp.Unit] = (),
    payees: Iterable[lp.Payee] = (),
    **how: Any,
) -> lp.Run:
    """A run over memory adapters, of March unless said otherwise."""
    return lp.run(
        how.pop("period", MARCH),
        facts=MemoryFacts(facts, supplied),
        people=MemoryPeople(lp.Organisation(units=units, assignments=people, payees=payees)),
        schemes=MemorySchemes(scheme() if schemes is None else schemes, goals),
        **how,
    )


def pay(found: lp.Run) -> dict[str, str]:
    """What each is paid."""
    return {payment.payee: str(payment.amount) for payment in found.payments}


def said(found: lp.Run) -> list[str]:
    """The problems as they are printed."""
    return [str(problem) for problem in found.problems]


# ── the whole way ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_published_example_is_worked_from_ports() -> None:
    """Readings in, 121.2 points and 8169.60 yuan out."""
    values = {"loan_amount": "120万元", "npl_ratio": "2%", "retention_rate": "85%"}
    supplied = [reading(code, value) for code, value in values.items()]
    found = worked(schemes=lp.template("worked-example"), supplied=supplied, payees=[lp.Payee(code="lin", name="林")])
    (result,) = found.results

    assert ("lin", "林", MARCH, "121.2") == (result.payee, result.name, result.part, str(result.appraisal.score))
    assert {"lin": "8169.60 CNY"} == pay(found)
    assert ((), 0, 0) == (found.problems, found.rows, found.used)
    assert "bonus of lin in 2026-03: 8169.60 CNY" == result.explain().sentence()


def test_facts_are_measured_appraised_and_awarded() -> None:
    """310,000 of 310,000 and 2% bad against 4% are 60 + 60 points: 1.2 months of salary."""
    found = worked([*sold("lin", "31万元", bad="200 元"), *sold("wu", "15.5万元")], [worker(), worker("wu")])
    scores = {result.payee: str(result.appraisal.score) for result in found.results}

    assert {"lin": "120.0", "wu": "110.0"} == scores
    assert {"lin": "9600.00 CNY", "wu": "8800.00 CNY"} == pay(found)
    assert [MARCH] * 2 == [payment.period for payment in found.payments]
    assert (12, 12, ()) == (found.rows, found.used, found.problems)


def test_a_scheme_without_a_bonus_scores_and_pays_nothing() -> None:
    """The result has no award, and explains the score."""
    plain = {key: value for key, value in SCHEME.items() if key != "bonus"}
    sink = MemoryPayments()
    found = worked(sold("lin", "31万元"), schemes=lp.schemes.scheme_of(plain), payments=sink)
    (result,) = found.results

    assert (None, (), {}) == (result.award, found.payments, sink.paid)
    assert result.explain().sentence().startswith("score of lin")


def test_the_unit_tree_decides_as_it_stood_on_the_first_day() -> None:
    """A branch's own weights hold for its desks, from the day on which the desk is one of them."""
    units = [
        lp.Unit(code="bank"),
        lp.Unit(code="east", parent="bank"),
        lp.Unit(code="desk", parent="bank", until="2026-03-01"),
        lp.Unit(code="desk", parent="east", since="2026-03-01"),
    ]
    own = scheme(overrides=[{"unit": "east", "profile": "standard", "weights": {"loan_amount": "100%"}}])
    actual = {}
    for month in (2, 3):
        period = lp.Period.month(2026, month)
        facts = sold("lin", "31万元", on=f"2026-0{month}-02")
        (result,) = worked(facts, [worker(unit="desk")], own, units=units, period=period).results
        actual[month] = [scored.line.indicator.code for scored in result.appraisal.lines]

    assert {2: ["loan_amount", "npl_ratio"], 3: ["loan_amount"]} == actual


# ── payments ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_dry_run_pays_nobody_and_says_what_it_would_pay() -> None:
    """The same result with and without a sink."""
    facts, sink = sold("lin", "31万元"), MemoryPayments()
    dry, real = worked(facts), worked(facts, payments=sink)

    assert dry == real
    assert real.payments == tuple(sink.paid.values())


def test_running_twice_pays_once() -> None:
    """The key is the same however often it comes; where the amount has changed since, it is refused."""
    sink = MemoryPayments()
    for _ in range(2):
        worked(sold("lin", "31万元"), payments=sink)
    with pytest.raises(lp.errors.DataError, match=r"branch/2026-03/lin: it was taken as 11200\.00 CNY to lin"):
        worked(sold("lin", "62万元"), payments=sink)
    (payment,) = sink.paid.values()

    assert ("branch/2026-03/lin", lp.Money.of("11200 元")) == (payment.key, payment.amount)


def test_a_key_names_one_scheme_period_and_payee() -> None:
    """Two months of two people under two schemes are eight payments."""
    sink = MemoryPayments()
    for name in ("branch", "centre"):
        for month in (2, 3):
            facts = [*sold("lin", "31万元", f"2026-0{month}-02"), *sold("wu", "31万元", f"2026-0{month}-02")]
            period = lp.Period.month(2026, month)
            worked(facts, [worker(), worker("wu")], scheme(name=name), payments=sink, period=period)

    assert sorted(
        f"{name}/2026-0{month}/{payee}" for name in ("branch", "centre") for month in (2, 3) for payee in ("lin", "wu")
    ) == sorted(sink.paid)


def test_a_sink_sees_no_empty_payment() -> None:
    """Nothing due is no payment of 0, and no call where nobody is due anything."""

    class Refusing:
        def pay(self, payments: tuple[lp.ports.Payment, ...]) -> None:
            raise AssertionError(payments)

    found = worked(sold("lin", "0 元", bad="900 元"), payments=Refusing())
    (result,) = found.results

    assert result.award is not None
    assert lp.Money.of("0 元") == result.award.amount
    assert () == found.payments


# ── several roles in one period ─────────────────────────────────────────────────────────────────────────────

ROLES = {
    "profiles": {
        "junior": {"weights": {"loan_amount": "100%"}},
        "senior": {"weights": {"loan_amount": "50%", "npl_ratio": "50%"}},
    },
    "who": [{"profile": "junior", "role": "junior"}, {"profile": "senior", "role": "senior"}],
}
PROMOTED = [
    worker(until="2026-03-16", role="junior", salary="6200 元"),
    worker(since="2026-03-16", role="senior", salary="9300 元"),
]


def test_each_role_is_worked_on_its_own_days() -> None:
    """15 days as a junior against 150,000 of 310,000, then 16 as a senior against 160,000, and one payment of both."""
    facts = [*sold("lin", "30万元", "2026-03-15"), *sold("lin", "8万元", "2026-03-16")]
    found = worked(facts, PROMOTED, scheme(**ROLES))
    first, second = found.results

    assert (lp.Period("2026-03-01", "2026-03-16"), lp.Period("2026-03-16", "2026-04-01")) == (first.part, second.part)
    assert (lp.quantity("15万元"), lp.quantity("16万元")) == (
        first.appraisal.line("loan_amount").target,
        second.appraisal.line("loan_amount").target,
    )
    assert lp.quantity("4%") == second.appraisal.line("npl_ratio").target
    assert (Decimal("200.0"), Decimal("125.0")) == (first.appraisal.score, second.appraisal.score)
    assert first.award is not None
    assert second.award is not None
    assert (lp.Money.of("6000 元"), lp.Money.of("6000 元")) == (first.award.amount, second.award.amount)
    assert {"lin": "12000.00 CNY"} == pay(found)
    assert (12, 12, ()) == (found.rows, found.used, found.problems)


def test_a_target_that_was_cut_to_days_says_so() -> None:
    """Whose it was, and for which part of the days; a ratio is not cut."""
    facts = [*sold("lin", "30万元", "2026-03-15"), *sold("lin", "8万元", "2026-03-16")]
    goals = [lp.Target(payee="lin", indicator="npl_ratio", value="4%")]
    _, second = worked(facts, PROMOTED, scheme(**ROLES), goals=goals).results
    text, chinese = second.appraisal.explain().text(), second.appraisal.explain().text("zh")

    assert "target 160000 CNY, of the scheme, for 16/31 of the days" in text
    assert "目标 16 万元，方案规定，按天数 16/31 折算" in chinese
    assert "target 4%, as supplied by the host\n" in text


def test_what_the_host_supplies_for_the_period_is_shared_by_the_roles() -> None:
    """310,000 in the month are 150,000 and 160,000: both halves at 100%, and no half counted twice."""
    supplied = [reading("loan_amount", "31万元"), reading("npl_ratio", "4%")]
    first, second = worked((), PROMOTED, scheme(**ROLES), supplied=supplied).results

    assert (Fraction(150_000), Fraction(160_000)) == (
        first.appraisal.reading("loan_amount"),
        second.appraisal.reading("loan_amount"),
    )
    assert (Decimal("100.0"), Decimal("100.0")) == (first.appraisal.score, second.appraisal.score)
    assert "2026-03 × 15/31: 150000" in first.appraisal.explain().text()
    assert Fraction("0.04") == second.appraisal.reading("npl_ratio")


def test_who_comes_in_the_middle_has_a_target_for_the_days_and_all_of_the_reading() -> None:
    """160,000 in 16 days are 100% of what those days asked for, and pay 16 of 31 days."""
    late = [worker(since="2026-03-16")]
    for found in (
        worked((), late, supplied=[reading("loan_amount", "16万元"), reading("npl_ratio", "4%")]),
        worked(sold("lin", "16万元", "2026-03-20"), late),
    ):
        (result,) = found.results
        assert lp.quantity("16万元") == result.appraisal.line("loan_amount").target
        assert Decimal("60.0") == result.appraisal.line("loan_amount").points
    assert {"lin": "4129.03 CNY"} == pay(
        worked((), late, supplied=[reading("loan_amount", "16万元"), reading("npl_ratio", "4%")])
    )


def test_a_stock_is_not_cut_to_days() -> None:
    """A customer book of 20 is the same book on the 15th and on the 31st."""
    weights = {"customer_count": "100%"}
    profiles = {role: {"weights": weights, "targets": {"customer_count": "20"}} for role in ("junior", "senior")}
    book = scheme(**(ROLES | {"profiles": profiles}))
    first, second = worked((), PROMOTED, book, supplied=[reading("customer_count", "20 人")]).results

    assert (Decimal("100.0"), Decimal("100.0")) == (first.appraisal.score, second.appraisal.score)


def test_a_part_without_facts_has_sold_nothing() -> None:
    """Two days at the end of a month on which nothing happened are days of zero, not an error."""
    people = [worker(until="2026-03-30", role="junior"), worker(since="2026-03-30", role="senior")]
    found = worked(sold("lin", "31万元"), people, scheme(**ROLES))
    _, second = found.results

    assert Fraction(0) == second.appraisal.reading("loan_amount")
    assert (2, ()) == (len(found.results), found.problems)


def test_each_part_has_the_version_of_the_scheme_in_force_on_its_first_day() -> None:
    """A new version from the 16th holds for the second role; both are paid under one key."""
    old = scheme(**ROLES)
    new = old.rebalance("senior", {"npl_ratio": "20%"}, effective="2026-03-16")
    facts = [*sold("lin", "15万元", "2026-03-15"), *sold("lin", "16万元", "2026-03-16")]
    found = worked(facts, PROMOTED, lp.SchemeBook([old, new]))
    first, second = found.results

    assert (old.fingerprint, new.fingerprint) == (first.appraisal.card.version, second.appraisal.card.version)
    assert Fraction(1, 5) == second.appraisal.line("npl_ratio").weight
    assert ["branch/2026-03/lin"] == [payment.key for payment in found.payments]
    whole = worked(facts, [worker()], lp.SchemeBook([old, new])).results[0]
    assert old.fingerprint == whole.appraisal.card.version


def test_who_comes_or_goes_makes_no_stranger_of_the_others() -> None:
    """A colleague who joins on the 16th does not turn the loans of one who left on the 15th into problems."""
    people = [worker(until="2026-03-16"), worker("wu", since="2026-03-16"), worker("zhao")]
    days = {"lin": "2026-03-10", "wu": "2026-03-20", "zhao": "2026-03-20"}
    facts = [fact for payee, on in days.items() for fact in sold(payee, "31万元", on)]
    found = worked(facts, people)

    assert ((), 18, 18) == (found.problems, found.rows, found.used)


def test_what_happens_on_a_day_without_assignment_is_told_and_holds_the_pay() -> None:
    """A loan signed before its officer's first day counts for nobody; it must not vanish without a word."""
    facts = [*sold("lin", "31万元", "2026-03-05"), *sold("wu", "31万元", "2026-03-20")]
    found = worked(facts, [worker(since="2026-03-11"), worker("wu")])

    (problem,) = found.problems
    assert "it counts for 'lin', who is not assigned on 2026-03-05" == problem.fault
    assert (12, 11, True) == (found.rows, found.used, found.held)


def test_a_row_that_is_missing_holds_all_pay_until_somebody_approves() -> None:
    """A class that could not be read can raise a bonus, so nobody is paid before somebody has looked."""
    stray = lp.Balance(loan="nowhere", on="2026-03-31", outstanding="1 元")
    ports: dict[str, Any] = {
        "facts": MemoryFacts([*sold("lin", "31万元"), stray]),
        "people": MemoryPeople(lp.Organisation(assignments=[worker()])),
        "schemes": MemorySchemes(lp.schemes.scheme_of(SCHEME)),
    }
    sink = MemoryPayments()
    held = lp.run(MARCH, payments=sink, **ports)
    assert (True, {}) == (held.held, sink.paid)
    assert ["branch/2026-03/lin"] == [payment.key for payment in held.payments]

    seen: list[lp.Run] = []

    def look(run: lp.Run) -> bool:
        seen.append(run)
        return True

    paid = lp.run(MARCH, payments=sink, approve=look, **ports)
    assert (False, ["branch/2026-03/lin"]) == (paid.held, list(sink.paid))
    assert [held.problems] == [run.problems for run in seen]


def test_a_port_that_answers_with_something_else_is_named_before_anything_is_paid() -> None:
    """A list where Facts are promised would fail after the payments, if it were not looked at first."""
    sink = MemoryPayments()
    people: Any = [worker()]
    wrong = MemoryPeople(people)
    with pytest.raises(
        lp.errors.DataError, match=r"people.organisation\(\): it returned a list; return a Organisation"
    ):
        lp.run(
            MARCH,
            facts=MemoryFacts(sold("lin", "1 元")),
            people=wrong,
            schemes=MemorySchemes(lp.schemes.scheme_of(SCHEME)),
            payments=sink,
        )
    march: Any = "2026-03"
    with pytest.raises(lp.errors.PeriodError, match=r"pass one, such as lp[.]Period[.]parse"):
        lp.run(march, facts=MemoryFacts(), people=wrong, schemes=MemorySchemes(lp.schemes.scheme_of(SCHEME)))
    assert {} == sink.paid


def test_a_bonus_in_shares_is_taken_of_the_base_of_the_assignment() -> None:
    """A quarter's bonus of 20% of a stated base is paid by a run too, and in part for part of the period."""
    shares = {"unit": "share", "curve": [["0 point", "20%"]], "rounding": "half up"}
    scheme = {**SCHEME, "bonus": shares}
    whole = worked(sold("lin", "31万元"), [worker(base="10000 元")], lp.SchemeBook([lp.schemes.scheme_of(scheme)]))
    assert {"lin": "2000.00 CNY"} == pay(whole)


# ── what cannot be worked ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("people", "schemes", "expected"),
    [
        (
            [worker("wu", salary=None)],
            SCHEME,
            (
                "payee wu in 2026-03: cannot award: the plan pays in months, and there is nothing to take them of;"
                " pass month='8000 元'"
            ),
        ),
        (
            [worker("wu")],
            SCHEME | {"targets": {"npl_ratio": "4%"}},
            "payee wu in 2026-03: target of 'loan_amount' is missing; pass it to appraise, or state it in the scheme",
        ),
        (
            [worker("wu", role="driver")],
            SCHEME | {"who": [{"profile": "standard", "role": "senior"}]},
            (
                "payee wu in 2026-03: cannot resolve a profile of 'branch' for role 'driver', product line '', tier '',"
                " units (): no rule of [[who]] fits; add one, such as a rule without conditions for all others"
            ),
        ),
        (
            [worker("wu", salary="1000 USD")],
            SCHEME,
            "payee wu in 2026-03: the amount 1000.00 USD is in USD; it must be in CNY",
        ),
    ],
)
def test_who_cannot_be_worked_is_a_problem_and_the_others_go_on(
    people: list[lp.Assignment], schemes: Document, expected: str
) -> None:
    """One hole in the HR system does not keep a branch from its pay, once somebody has looked at it."""
    facts = [*sold("lin", "31万元"), *sold("wu", "31万元")]
    goals = [lp.Target(payee="lin", indicator="loan_amount", value="31万元")]
    sink = MemoryPayments()
    held = worked(facts, [worker(), *people], lp.schemes.scheme_of(schemes), goals=goals, payments=sink)
    assert (True, {}) == (held.held, sink.paid)
    assert [("wu", [expected])] == [(one.payee, list(map(str, one.why))) for one in held.blocked]
    found = worked(
        facts, [worker(), *people], lp.schemes.scheme_of(schemes), goals=goals, payments=sink, approve=lambda _: True
    )

    assert [expected] == [text.replace(" (found )", "") for text in said(found)]
    assert ["wu"] == [problem.payee for problem in found.problems]
    assert ["lin"] == [result.payee for result in found.results]
    assert {"lin": "11200.00 CNY"} == pay(found)
    assert {"branch/2026-03/lin"} == set(sink.paid)
    assert (12, 12) == (found.rows, found.used)


def test_a_missing_reading_is_a_problem_of_its_payee() -> None:
    """Supplied readings of one and none of another."""
    supplied = [reading("loan_amount", "31万元"), reading("npl_ratio", "4%")]
    found = worked((), [worker(), worker("wu")], supplied=supplied)

    assert {"lin": "8000.00 CNY"} == pay(found)
    (problem,) = found.problems
    assert "payee wu in 2026-03" == problem.where
    assert problem.fault.startswith("wu has no reading of 'loan_amount'")


def test_nobody_is_paid_half() -> None:
    """A sink takes each key once: paid for one of two roles, the other could never be paid under it."""
    people = [PROMOTED[0], evolve(PROMOTED[1], salary=None), worker("wu")]
    facts = [*sold("lin", "15万元", "2026-03-15"), *sold("lin", "16万元", "2026-03-16"), *sold("wu", "31万元")]
    sink = MemoryPayments()
    halted = worked(facts, people, scheme(**ROLES), payments=sink, approve=lambda _: True)

    assert ["lin", "wu"] == [result.payee for result in halted.results]
    assert ["payee lin in 2026-03-16/2026-04-01"] == [problem.where for problem in halted.problems]
    assert {"branch/2026-03/wu"} == set(sink.paid)
    mended = worked(facts, [*PROMOTED, worker("wu")], scheme(**ROLES), payments=sink)
    assert {"lin", "wu"} == {payment.payee for payment in sink.paid.values()}
    assert pay(mended)["lin"] == str(sink.paid["branch/2026-03/lin"].amount)


def test_a_role_that_no_card_resolves_for_keeps_the_whole_pay_back_too() -> None:
    """The same where the second role is unknown to the scheme."""
    people = [PROMOTED[0], evolve(PROMOTED[1], role="driver")]
    found = worked([*sold("lin", "15万元", "2026-03-15")], people, scheme(**ROLES))

    assert (1, (), ["payee lin in 2026-03-16/2026-04-01"]) == (
        len(found.results),
        found.payments,
        [problem.where for problem in found.problems],
    )


def test_each_assignment_that_no_card_resolves_for_is_said() -> None:
    """Two roles that the scheme does not know are two things to mend."""
    people = [evolve(PROMOTED[0], role="driver"), evolve(PROMOTED[1], role="cook")]
    found = worked(sold("lin", "15万元"), people, scheme(**ROLES))

    assert ["payee lin in 2026-03-01/2026-03-16", "payee lin in 2026-03-16/2026-04-01"] == [
        problem.where for problem in found.problems
    ]


def test_what_is_said_of_nobody_is_a_problem() -> None:
    """A target or reading under a misspelt code would otherwise be missed by nobody but the payee."""
    goals = [lp.Target(payee="lynn", indicator="loan_amount", value="1 元")]
    supplied = [reading("npl_ratio", "4%", "Lin")]
    found = worked(sold("lin", "31万元"), goals=goals, supplied=supplied)

    assert [
        (
            "reading of npl_ratio: nobody of that code is assigned in the period (found 'Lin');"
            " mend the code, or add the payee with an assignment"
        ),
        (
            "target of loan_amount: nobody of that code is assigned in the period (found 'lynn');"
            " mend the code, or add the payee with an assignment"
        ),
    ] == said(found)
    assert {"lin": "11200.00 CNY"} == pay(found)


def test_two_values_of_one_thing_are_refused_and_the_same_twice_is_not() -> None:
    """Which of two targets is true must not depend on which came last."""
    goal = lp.Target(payee="lin", indicator="loan_amount", value="31万元")
    other = lp.Target(payee="lin", indicator="loan_amount", value="62万元")
    given, more = reading("npl_ratio", "4%"), reading("npl_ratio", "5%")
    facts = sold("lin", "31万元")

    assert () == worked(facts, goals=[goal, goal], supplied=[given, given]).problems
    for order in ([goal, other], [other, goal]):
        found = worked(facts, goals=order)
        assert [
            (
                "payee lin in 2026-03: the target of 'loan_amount': it is supplied twice, with two values;"
                " supply the true one alone"
            )
        ] == said(found)
        assert () == found.results
    (problem,) = worked(facts, supplied=[given, more]).problems
    assert "the reading of 'npl_ratio': it is supplied twice, with two values" == problem.fault


def test_an_unknown_indicator_of_the_host_is_a_problem_of_its_payee() -> None:
    """It says which, and the others go on."""
    goals = [lp.Target(payee="wu", indicator="loan_amout", value="1 元")]
    facts = [*sold("lin", "31万元"), *sold("wu", "31万元")]
    found = worked(facts, [worker(), worker("wu")], goals=goals)

    assert ["payee wu in 2026-03"] == [problem.where for problem in found.problems]
    assert "no indicator is called 'loan_amout'" in found.problems[0].fault
    assert {"lin": "11200.00 CNY"} == pay(found)


# ── what the host supplies ──────────────────────────────────────────────────────────────────────────────────


def test_a_supplied_reading_goes_before_a_measured_one() -> None:
    """The risk system's NPL ratio stands, the CRM's volume is measured."""
    found = worked(sold("lin", "31万元", bad="900 元"), supplied=[reading("npl_ratio", "4%")])
    (result,) = found.results

    assert {"loan_amount": Decimal("60.0"), "npl_ratio": Decimal("40.0")} == {
        scored.line.indicator.code: scored.points for scored in result.appraisal.lines
    }
    assert "NPL ratio = 4%, as supplied by the host" in result.appraisal.explain().text()


def test_a_target_of_the_host_goes_before_that_of_the_scheme() -> None:
    """For its payee and for nobody else."""
    goals = [lp.Target(payee="lin", indicator="loan_amount", value="62万元")]
    found = worked([*sold("lin", "31万元"), *sold("wu", "31万元")], [worker(), worker("wu")], goals=goals)
    texts = {result.payee: result.appraisal.explain().text() for result in found.results}

    assert "target 620000 CNY, as supplied by the host" in texts["lin"]
    assert "target 310000 CNY, of the scheme" in texts["wu"]
    assert [Decimal("110.0"), Decimal("140.0")] == [result.appraisal.score for result in found.results]


def test_readings_of_another_period_are_not_this_periods() -> None:
    """April's ratio says nothing of March."""
    april = reading("npl_ratio", "0%", period=lp.Period.month(2026, 4))
    march = reading("npl_ratio", "4%", period=MARCH)
    (result,) = worked(sold("lin", "31万元"), supplied=[april, march]).results

    assert Decimal("40.0") == result.appraisal.line("npl_ratio").points


def test_a_month_without_a_dated_fact_is_a_month() -> None:
    """Nothing was signed in May: no volume, and 2% of the balance that stands since February is bad, for 60 points."""
    may = lp.Period.month(2026, 5)
    (result,) = worked(sold("lin", "31万元", bad="200 元"), period=may).results
    assert ["0.0", "60.0"] == [str(scored.points) for scored in result.appraisal.lines]


def test_a_period_of_which_nothing_is_known_is_an_error_that_says_which_there_are() -> None:
    """A run of a month before the first fact would pay everybody nothing."""
    may = lp.Period.month(2025, 5)
    with pytest.raises(lp.errors.EmptyPeriodError) as caught:
        worked(sold("lin", "31万元"), period=may)
    assert (
        "nothing is known of 2025-05, since no fact is dated in it or before it;"
        " the facts run from 2026-01-05 to 2026-03-02: choose a period among them or supply its facts"
    ) == str(caught.value)
    with pytest.raises(lp.errors.EmptyPeriodError, match="there are no facts at all"):
        worked()
    for people in ([], [worker(since="2025-05-10")]):
        with pytest.raises(lp.errors.EmptyPeriodError):
            worked(sold("lin", "31万元"), people, period=may)


def test_nobody_to_work_is_an_empty_run() -> None:
    """No assignment in the period: no results, and the rows are counted all the same."""
    found = worked(sold("lin", "31万元"), [])
    assert (0, (), 6) == (len(found.results), found.payments, found.rows)


def test_what_a_port_raises_comes_through() -> None:
    """A CRM that is down is no problem of a payee."""

    class Broken:
        def facts(self, period: lp.Period) -> lp.Facts:
            raise ConnectionError(period)

        def readings(self, period: lp.Period) -> tuple[lp.Reading, ...]:
            raise AssertionError(period)

    with pytest.raises(ConnectionError):
        lp.run(
            MARCH,
            facts=Broken(),
            people=MemoryPeople(lp.Organisation(assignments=[worker()])),
            schemes=MemorySchemes(scheme()),
        )


# ── nothing is dropped ──────────────────────────────────────────────────────────────────────────────────────


def of_facts(found: lp.Run) -> list[lp.errors.Problem]:
    """The problems of rows, those of payees left out."""
    return [problem for problem in found.problems if not problem.where.startswith("payee ")]


def test_rows_in_are_rows_used_and_problems() -> None:
    """Repeats are used, but events without a number may be two: these, and what is refused or nobody's, are said."""
    stranger = sold("nobody", "5 元")
    loan = lp.Loan(loan="X", customer="X", officer="lin", opened_on="2026-03-01")
    twice = [loan, loan, evolve(loan, officer="wu")]
    unread = [lp.errors.Problem("loans.csv row 7", "it has too few cells", "", "mend it")]
    facts = lp.Facts.of([*sold("lin", "31万元"), *sold("lin", "31万元"), *stranger, *twice], unread)
    found = worked(facts)
    wheres = sorted(problem.where for problem in found.problems)

    assert 6 + 6 + 6 + 3 + 1 == found.rows
    assert found.rows == found.used + len(found.problems)
    twice_said = ["event lin-2026-03-02 signed 2026-03-02", "event lin-2026-03-02-bad classified 2026-01-31"]
    mine = [where for where in wheres if "nobody" not in where]
    assert [*twice_said, *["loan X"] * 3, "loans.csv row 7"] == mine
    assert {"lin": "11200.00 CNY"} == pay(found)


def test_a_fact_is_counted_once_however_many_parts_it_is_at_fault_in() -> None:
    """Three assignments with days of their own measure the same facts three times."""
    people = [*PROMOTED, worker("wu", since="2026-03-20")]
    facts = [*sold("lin", "31万元"), *sold("wu", "1 元", "2026-03-25"), *sold("nobody", "5 元")]
    found = worked(facts, people, scheme(**ROLES))

    assert 18 == found.rows
    assert found.rows == found.used + len(of_facts(found))
    assert len(of_facts(found)) == len({problem.where for problem in of_facts(found)})


@st.composite
def some_facts(draw: st.DrawFn) -> list[lp.Fact]:
    """Facts of known and unknown officers, some of them repeated and some contradicting each other."""
    facts: list[lp.Fact] = []
    for number in range(draw(st.integers(1, 4))):
        officer = draw(st.sampled_from(["lin", "wu", "nobody"]))
        on = f"2026-03-{draw(st.integers(1, 31)):02}"
        facts.append(lp.Loan(loan=f"L{number}", customer="C", officer=officer, opened_on=on))
        kind = draw(st.sampled_from([lp.EventKind.SIGNED, lp.EventKind.DISBURSED, lp.EventKind.REPAID]))
        of = draw(st.integers(0, 5))
        facts.append(lp.LoanEvent(loan=f"L{of}", kind=kind, on=on, amount=f"{draw(st.integers(0, 3))} 元"))
        facts.append(lp.Balance(loan=f"L{of}", on=on, outstanding=f"{draw(st.integers(0, 2))} USD"))
        facts.append(lp.Violation(number=f"{of}", payee=officer, on=on, points=of))
    return facts + draw(st.lists(st.sampled_from(facts)))


@given(some_facts(), st.randoms(use_true_random=False))
def test_the_books_balance_and_order_decides_nothing(facts: list[lp.Fact], random: Random) -> None:
    """Whatever comes in, in whatever order, from whomever: each row is used or has one problem."""
    people = [*PROMOTED, worker("wu")]
    goals = [lp.Target(payee=payee, indicator="loan_amount", value="2 元") for payee in ("lin", "wu")]
    supplied = [reading("npl_ratio", "4%", payee) for payee in ("lin", "wu")]
    expected = worked(facts, people, scheme(**ROLES), goals=goals, supplied=supplied)
    for rows in (facts, people, goals, supplied):
        random.shuffle(rows)
    actual = worked(facts, people, scheme(**ROLES), goals=goals, supplied=supplied)

    assert expected == actual
    assert len(facts) == expected.rows
    assert expected.rows == expected.used + len(of_facts(expected))


def test_the_order_of_people_decides_nothing() -> None:
    """Results come by payee and date, however the host lists them."""
    people = [*PROMOTED, worker("wu"), worker("an")]
    facts = [fact for payee in ("lin", "wu", "an") for fact in sold(payee, "31万元")]
    runs = [worked(facts, order, scheme(**ROLES)) for order in permutations(people)]

    assert ["an", "lin", "lin", "wu"] == [result.payee for result in runs[0].results]
    assert all(run == runs[0] for run in runs)


# ── progress ────────────────────────────────────────────────────────────────────────────────────────────────


def test_progress_is_told_of_assignments() -> None:
    """A host can show a bar; a payee who cannot be worked is done too."""
    seen: list[tuple[int, int]] = []
    people = [worker(), worker("wu", salary=None), worker("zhao")]
    facts = [fact for payee in ("lin", "wu", "zhao") for fact in sold(payee, "31万元")]
    worked(facts, people, progress=lambda done, total: seen.append((done, total)))

    assert (3, 3) == seen[-1]
    assert seen == sorted(seen)


def test_commission_plans_are_said_not_to_be_worked() -> None:
    """A run pays bonuses; who also has plans is told, so that nobody takes its payments for all the pay there is."""
    desk = {"rounding": "half up", "components": {"loans": {"base": "disbursed", "rate": "1%"}}}
    found = worked(sold("lin", "30万元"), schemes=scheme(plans={"desk": desk}))
    expected = (
        "the scheme's commission plans: a run without a ledger pays bonuses alone (found desk);"
        " run it with one: pass keeping=lp.Keeping(entries=...)"
    )
    assert [expected] == said(found)
    assert said(worked(sold("lin", "30万元"))) == []


def test_a_drawing_above_what_was_signed_is_told_beside_one_that_reads_the_same() -> None:
    """Two problems that name one place are two where their facts are: 30万 drawn of 10万, and reported twice."""
    loan = lp.Loan(loan="L1", customer="C1", officer="lin", opened_on="2026-03-01", amount="10万元")
    drawn = lp.LoanEvent(loan="L1", kind=lp.EventKind.DISBURSED, on="2026-03-02", amount="30万元", source="core")
    found = worked([loan, drawn, drawn])
    first, second = sorted(found.problems, key=lambda problem: problem.fault)

    assert first.where == second.where == "core: event L1 disbursed 2026-03-02"
    assert first.fault.startswith("2 rows say the same")
    assert second.fault.startswith("with it 300000.00 CNY are drawn, more than the amount of the loan")
    assert (3, 1) == (found.rows, found.used)


def test_a_fact_with_two_faults_is_refused_once() -> None:
    """A drawing of a stranger's loan that is above its amount is one row: rows in are rows used and refused."""
    loan = lp.Loan(loan="L1", customer="C1", officer="nobody", opened_on="2026-03-01", amount="10万元")
    drawn = [
        lp.LoanEvent(loan="L1", kind=lp.EventKind.SIGNED, on="2026-03-02", amount="10万元"),
        lp.LoanEvent(loan="L1", kind=lp.EventKind.DISBURSED, on="2026-03-02", amount="30万元"),
    ]
    found = worked([loan, *drawn])
    told = [problem for problem in found.problems if problem.fact]

    assert len(told) == len({problem.fact for problem in told})
    assert found.rows == found.used + len(told)


def test_the_causes_of_a_run_hold_all_of_its_problems() -> None:
    """Somebody without an assignment is one thing to mend, however many loans there are; rows in = used + refused."""
    facts: list[Any] = []
    for number in range(1, 13):
        loan = f"L{number}"
        facts += [
            lp.Loan(loan=loan, customer="C1", officer="nobody", opened_on="2026-03-01"),
            lp.LoanEvent(loan=loan, kind=lp.EventKind.SIGNED, on="2026-03-02", amount="1万元"),
            lp.LoanEvent(loan=loan, kind=lp.EventKind.CLASSIFIED, on="2026-03-02", category=lp.Category.LOSS),
            lp.Balance(loan=loan, on="2026-03-31", outstanding="1万元", overdue="0 元"),
        ]
    people = lp.Organisation(assignments=[lp.Assignment(payee="lin", unit="east", role="x", since="2026-01-01")])
    scheme = lp.template("worked-example")
    march = lp.Period.month(2026, 3)
    found = lp.run(march, facts=MemoryFacts(facts), people=MemoryPeople(people), schemes=MemorySchemes(scheme))
    strangers = [problem for problem in found.problems if problem.lacks == ("payee", "nobody")]
    (cause,) = [cause for cause in found.causes if cause.problem.lacks == ("payee", "nobody")]

    assert len(strangers) == cause.count >= 12
    assert sum(item.count for item in found.causes) == len(found.problems)
    assert found.rows == found.used + len(strangers)
