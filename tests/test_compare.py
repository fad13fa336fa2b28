"""Two schemes over one history: exact, checked against what was paid, and true for every order of facts."""

import csv
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from examples import real_loans, sba_pay
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.test_sba_pay import bad_on, commission, taken

import loanperf as lp
from loanperf.adapters.memory import MemoryEntries, MemoryFacts, MemoryPayments, MemoryPeople, MemorySchemes
from loanperf.analytics import CompareRules, Comparison, Scenario, compare
from loanperf.archive import Archive
from loanperf.viewer import Viewer

MARCH = lp.Period.month(2026, 3)
ALL = Viewer(who="hr", sees="all")

# ── the weights of a branch ─────────────────────────────────────────────────────────────────────────────────

NOW = """
name = "branch"
currency = "CNY"
effective = 2026-01-01
[profiles.officer.weights]
loan_amount = "70%"
npl_ratio = "30%"
[targets]
loan_amount = "100万元"
npl_ratio = "2%"
[scoring.default]
places = 1
rounding = "half even"
cap = "150%"
missing = "zero"
[grades]
C = { at_least = 0 }
B = { at_least = 65 }
A = { at_least = 85 }
[bonus]
unit = "month"
curve = [["0 point", 0], ["100 point", 1], ["150 point", "1.5"]]
rounding = "half even"
"""
NEW = NOW.replace(
    'loan_amount = "70%"\nnpl_ratio = "30%"', 'loan_amount = "50%"\nnpl_ratio = "30%"\ncustomer_count = "20%"'
).replace('npl_ratio = "2%"', 'npl_ratio = "2%"\ncustomer_count = "20"')


def people(*payees: str, role: str = "officer", salary: str = "10000 CNY", unit: str = "east") -> lp.Organisation:
    held: dict[str, Any] = {"unit": unit, "role": role, "since": "2024-01-01", "salary": salary}
    return lp.Organisation(assignments=[lp.Assignment(payee=payee, **held) for payee in payees])


def read(payee: str, **values: str) -> list[lp.Reading]:
    return [lp.Reading.of(code, value, subject=payee) for code, value in values.items()]


READ = (
    *read("lin", loan_amount="100万元", npl_ratio="4%", customer_count="10"),
    *read("wu", loan_amount="50万元", npl_ratio="1%", customer_count="20"),
)


def branch(**changes: Any) -> Scenario:
    """Lin reaches the amount with bad loans; Wu half of it with good loans and many customers."""
    given = {"people": people("lin", "wu"), "schemes": lp.parse_scheme(NOW), "readings": READ, **changes}
    return Scenario(**given)


def results(then: Scenario) -> dict[lp.Period, lp.Results]:
    """What a run without a ledger paid in March."""
    ports = MemoryFacts(then.facts, then.readings), MemoryPeople(then.people), MemorySchemes(then.schemes, then.targets)
    return {MARCH: lp.run(MARCH, facts=ports[0], people=ports[1], schemes=ports[2]).results}


def march(then: Scenario, new: Any, **how: Any) -> Comparison:
    return compare(then, new, periods=[MARCH], **{"paid": results(then), "viewer": ALL, **how})


def test_seventy_percent_becomes_fifty_thirty_twenty() -> None:
    """Lin: 70 x 1 + 30 x (2 - 4/2) = 70, then 50 + 0 + 20 x 1/2 = 60. Wu: 35 + 30 x 1.5 = 80, then 25 + 45 + 20 = 90.

    A month's salary of 10,000 for 100 points: Lin has 7,000 and then 6,000, Wu 8,000 and then 9,000.
    """
    found = march(branch(), lp.parse_scheme(NEW), rules=CompareRules(smallest=1))
    assert (lp.Money("15000 CNY"), lp.Money("15000 CNY")) == (found.now, found.new)
    assert [("lin", "6000.00 CNY"), ("wu", "9000.00 CNY")] == [(one.payee, str(one.new)) for one in found.people]
    assert ["-1000.00 CNY", "-1000.00 CNY", "1000.00 CNY"] == [
        str(one) for one in (found.spread.least, found.spread.median, found.spread.most)
    ]
    # On the bound of 1,000 is not beyond it; both are beyond 5% of 7,000 and 8,000.
    moved = found.moved
    assert (1, 1, 0) == (moved.more, moved.less, moved.same)
    assert (1, 1, 0, 0) == (moved.more_by_share, moved.less_by_share, moved.more_by_amount, moved.less_by_amount)
    # 1,000 / (2 x 15,000) and 3,000 / (2 x 15,000); 100 more for each point in both.
    assert (Fraction(1, 30), Fraction(1, 10)) == found.gini
    assert (Fraction(100), Fraction(100)) == found.slope
    assert [("B", "A", 1), ("B", "C", 1)] == [(one.now, one.new, one.times) for one in found.grades]


def test_cost_per_ten_thousand_of_loans_and_of_profit() -> None:
    """Lin draws 100万, and her customers bring 5万: 7,000 and 8,000 are 150 per 10,000 of loans, 3,000 of profit."""
    facts = [
        *lent("L1", "lin", "2026-03-02", "100万元"),
        lp.Customer(customer="C1", officer="lin", since="2026-01-01"),
        lp.Profit(customer="C1", on="2026-03-31", amount="5万元"),
    ]
    found = march(branch(facts=lp.Facts.of(facts)), lp.parse_scheme(NEW))
    assert ((Fraction(150), Fraction(150)), (Fraction(3000), Fraction(3000))) == (found.per_lent, found.per_profit)
    assert "每万元利润的成本：新方案 3,000 元，现行方案 3,000 元" in found.text("zh")
    assert (None, None) == march(branch(), lp.parse_scheme(NEW)).per_lent


def test_a_comparison_has_a_hash_of_all_that_it_stands_on() -> None:
    """The order of readings changes nothing; one reading, the roster or one word of the scheme does."""
    first = march(branch(), lp.parse_scheme(NEW)).digest
    assert first == march(branch(readings=READ[::-1]), lp.parse_scheme(NEW)).digest
    other = (*READ[:-1], *read("wu", customer_count="21"))
    others = {
        march(branch(readings=other), lp.parse_scheme(NEW)).digest,
        march(branch(people=people("lin", "wu", salary="10001 CNY")), lp.parse_scheme(NEW)).digest,
        march(branch(), lp.parse_scheme(NEW.replace('"85"', '"86"').replace("85 }", "86 }"))).digest,
        march(branch(), lp.parse_scheme(NOW)).digest,
    }
    assert 4 == len(others - {first})
    assert 64 == len(first)


def test_the_reasons_of_a_difference_say_what_differs_and_nothing_else() -> None:
    """The points of the bad loans are the same by both, and stand nowhere; the weight that fell does."""
    (lin, _) = march(branch(), lp.parse_scheme(NEW)).largest
    text = lin.text()
    assert "lin, 2026-03: 7000.00 CNY → 6000.00 CNY" == text.split("\n")[0]
    assert "lin，2026-03：7,000.00 元 → 6,000.00 元" == lin.text("zh").split("\n")[0]
    assert "− loan amount: 70.0 points = 70 × 1000000 CNY / 1000000 CNY" in text
    assert "+ loan amount: 50.0 points = 50 × 1000000 CNY / 1000000 CNY" in text
    assert "+ customers: 10.0 points" in text
    assert "NPL" not in text
    assert "70000.00 CNY" not in text


def test_everything_is_said_in_both_languages_and_read_back() -> None:
    """Findings, table, chart, frame and data of one comparison."""
    found = march(branch(), lp.parse_scheme(NEW), rules=CompareRules(volume=Fraction(1, 10)))
    assert found == Comparison.from_data(found.data())
    assert "the history worked again is what was paid, to the smallest unit" in found.text()
    assert "历史重算与实发金额完全一致" in found.text("zh")
    assert "nobody is taken to change behaviour" in found.text()
    assert "假定无人改变行为" in found.text("zh")
    assert "other groups, too small to show" in found.text()
    assert [15000.0, 15000.0] == [one["amount"] for one in found.chart()["data"]["values"]]
    assert "元" == found.chart("zh")["layer"][0]["encoding"]["y"]["axis"]["title"]
    assert len(found.groups) == len(found.frame()["now"])
    assert "<table" in found._repr_html_()
    assert "Comparison(4 findings" in repr(found)


def test_vetoes_and_caps_are_counted_before_and_after() -> None:
    """4% of bad loans is past a limit of 3%: Lin's score is struck in the new scheme, and a cap cuts Wu."""
    new = NOW + 'cap = "7000 CNY"\n[[vetoes]]\nindicator = "npl_ratio"\ntest = "above"\nlimit = "3%"\nscore = "0"\n'
    limits = {one.code: (one.now, one.new) for one in march(branch(), lp.parse_scheme(new)).limits}
    assert (0, 1) == limits["veto"]
    assert (0, 1) == limits["cap"]


# ── who is told of whom ─────────────────────────────────────────────────────────────────────────────────────


def test_a_viewer_sees_their_own_figures_alone() -> None:
    """Sums are of everybody, rows and reasons of those whom the viewer may see."""
    wu, one = Viewer(who="wu", sees="self"), CompareRules(smallest=1)
    found = march(branch(), lp.parse_scheme(NEW), viewer=wu, rules=one)
    assert ["wu"] == [one.payee for one in found.people] == [one.payee for one in found.largest]
    assert lp.Money("15000 CNY") == found.now


def test_what_stands_on_one_payee_is_shown_to_who_sees_everybody() -> None:
    """Lin loses 1,000 and falls to C, Wu gains 1,000 and rises to A; four others stay: nobody is told from the sums."""
    wu = Viewer(who="wu", sees="self")
    level = [one for who in "abcd" for one in read(who, loan_amount="100万元", npl_ratio="2%", customer_count="20")]
    six = branch(people=people("lin", "wu", *"abcd"), readings=(*READ, *level))
    found = march(six, lp.parse_scheme(NEW), viewer=wu)
    spread = found.spread
    assert {None} == {spread.least, spread.p10, spread.median, spread.p90, spread.most}
    moves = [("A", "A"), ("B", "A"), ("B", "C")]
    assert [(*move, None) for move in moves] == [(one.now, one.new, one.times) for one in found.grades]
    assert found == Comparison.from_data(found.data())
    found = march(six, lp.parse_scheme(NEW))
    assert ("-1000.00 CNY", "1000.00 CNY") == (str(found.spread.least), str(found.spread.most))
    assert [4, 1, 1] == [one.times for one in found.grades]


def test_sums_that_tell_the_pay_of_few_others_are_refused() -> None:
    """Of two, all less the own is the other's; a role of which two are not seen is not shown."""
    wu = Viewer(who="wu", sees="self")
    with pytest.raises(lp.errors.RightsError, match="the pay of others could be told, who are only 1"):
        march(branch(), lp.parse_scheme(NEW), viewer=wu)
    leads = people(*"abcdef", role="lead").assignments
    staff = lp.Organisation(assignments=[*people(*"uvwxyz").assignments, *leads])
    readings = [one for who in "abcdefuvwxyz" for one in read(who, loan_amount="50万元", npl_ratio="2%")]
    many = branch(people=staff, readings=readings)
    for sees, roles in (("abcd", 1), ("a", 2)):
        found = march(many, lp.parse_scheme(NEW), viewer=Viewer(who="hr", sees=[*sees]))
        assert roles == sum(one.by == "role" for one in found.groups)


def test_products_of_one_person_are_not_shown_together_alone() -> None:
    """Lin alone lends two products: together they are still of one person, so that the third is shown with them."""
    facts = [
        *lent("L1", "lin", "2026-01-10", "10万元", "mortgage"),
        *lent("L2", "lin", "2026-01-20", "20万元", "business"),
        *lent("L3", "wu", "2026-01-05", "10万元", "car"),
        *lent("L4", "he", "2026-01-05", "10万元", "car"),
    ]
    then = Scenario(people=people("lin", "wu", "he"), schemes=lp.parse_scheme(SALES), facts=lp.Facts.of(facts))
    rules = CompareRules(smallest=2)
    found = compare(then, lp.parse_scheme(TWICE), periods=QUARTER[:1], paid=None, viewer=ALL, rules=rules)
    assert [("other groups, too small to show", 3)] == [
        (one.group.en, one.people) for one in found.groups if one.by == "product"
    ]


def test_of_five_payees_the_middle_one_is_shown_where_three_are_asked() -> None:
    """Three lie at it and on either side; one lies at the least, and all five move from B to C."""
    many = [one for who in "abcde" for one in read(who, loan_amount="100万元", npl_ratio="4%", customer_count="10")]
    found = march(
        branch(people=people(*"abcde"), readings=many),
        lp.parse_scheme(NEW),
        viewer=Viewer(who="a", sees="self"),
        rules=CompareRules(smallest=3),
    )
    assert (None, "-1000.00 CNY", None) == (found.spread.least, str(found.spread.median), found.spread.most)
    assert [("B", "C", 5)] == [(one.now, one.new, one.times) for one in found.grades]


def test_a_group_of_one_is_not_shown() -> None:
    """Six officers and one lead: the lead would be told by their role, and by what is left of the total."""
    officers = tuple(f"o{number}" for number in range(6))
    staff = lp.Organisation(assignments=[*people(*officers).assignments, *people("lead", role="lead").assignments])
    lead = '[profiles.lead.weights]\nloan_amount = "100%"\n[[who]]\nrole = "lead"\nprofile = "lead"\n'
    officer = '[[who]]\nrole = "officer"\nprofile = "officer"\n'
    scheme = NOW.replace("[targets]", f"{lead}{officer}[targets]")
    readings = [one for payee in (*officers, "lead") for one in read(payee, loan_amount="50万元", npl_ratio="2%")]
    found = march(branch(people=staff, schemes=lp.parse_scheme(scheme), readings=readings), lp.parse_scheme(scheme))
    assert [("other groups, too small to show", 7)] == [
        (one.group.en, one.people) for one in found.groups if one.by == "role"
    ]


# ── the history must be what was paid ───────────────────────────────────────────────────────────────────────


def test_a_history_that_is_not_what_was_paid_is_no_base() -> None:
    """Wu was paid by other readings: the difference is named, and accepted only with a reason."""
    then, paid = branch(), results(branch(readings=(*READ[:3], *read("wu", loan_amount="60万元", npl_ratio="1%"))))
    with pytest.raises(lp.errors.DataError, match=r"wu in 2026-03: paid 8700.00 CNY, and it comes to 8000.00 CNY"):
        march(then, lp.parse_scheme(NEW), paid=paid)
    found = march(then, lp.parse_scheme(NEW), paid=paid, accepted={("wu", MARCH): "a loan was corrected in April"})
    assert [("wu", lp.Money("8700 CNY"), lp.Money("8000 CNY"))] == [
        (one.payee, one.paid, one.replayed) for one in found.accepted
    ]
    assert "is not what was paid 1 time, by 700.00 CNY in all" in found.text()
    for accepted in ({("lin", MARCH): "why"}, {("wu", MARCH): " ", ("lin", MARCH): "x"}):
        with pytest.raises(lp.errors.DataError, match="there is none, or it is not said why"):
            march(then, lp.parse_scheme(NEW), paid=paid, accepted=accepted)


def test_a_viewer_is_told_of_no_others_difference() -> None:
    """The error counts what the viewer may not see, and names nobody."""
    paid = results(branch(readings=(*READ[:3], *read("wu", loan_amount="60万元", npl_ratio="1%"))))
    with pytest.raises(lp.errors.DataError, match="1 differences") as caught:
        march(branch(), lp.parse_scheme(NEW), paid=paid, viewer=Viewer(who="lin", sees="self"))
    assert "wu" not in str(caught.value)


def test_without_what_was_paid_it_is_said_that_nothing_was_checked() -> None:
    """A scheme may be tried before anybody is paid by it."""
    assert "it was not checked against what was paid" in march(branch(), lp.parse_scheme(NEW), paid=None).text()


# ── what does not fit ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (
            NOW.replace("[targets]", '[[who]]\nrole = "teller"\nprofile = "officer"\n[targets]'),
            "does not fit the history",
        ),
        (NOW.replace('"CNY"', '"USD"').replace("元", " USD").replace("万", "0000"), "compare one currency"),
        (NOW.replace('"70%"', '"50%"').replace('loan_amount = "50%"', 'roe = "50%"\nloan_amount = "20%"'), "roe"),
    ],
)
def test_a_scheme_that_does_not_fit_the_history_is_refused(new: str, said: str) -> None:
    """Nobody is lost in a comparison: whom the new scheme cannot work is named."""
    with pytest.raises(lp.errors.LoanPerfError, match=said):
        march(branch(), lp.parse_scheme(new))


def test_a_roster_with_strangers_is_refused() -> None:
    """A target of somebody whom the new roster does not have."""
    goal = lp.Target(payee="zhao", indicator="loan_amount", value=lp.quantity("1万元"))
    with pytest.raises(lp.errors.DataError, match=r"nobody of that code is assigned in the period.*zhao"):
        march(branch(), evolve(branch(), targets=(goal,)))


def test_periods_and_arguments_that_cannot_be_used_are_refused() -> None:
    """An empty month, a gap between months, nothing at all, and what is no scheme."""
    then, april = branch(), MARCH.next()
    empty = branch(people=lp.Organisation(assignments=[]), readings=())
    wrong: list[tuple[Scenario, Mapping[str, Any], str]] = [
        (empty, {"periods": [MARCH]}, "nobody is appraised or paid in it|no fact"),
        (then, {"periods": []}, "there is none"),
        (then, {"periods": [MARCH, april.next()]}, "does not begin where"),
        (then, {"periods": [april, MARCH]}, "2026-03 stands behind 2026-04, and begins before that ends"),
        (then, {"periods": [MARCH, MARCH]}, "pass each once, in the order of time"),
        (then, {"periods": [MARCH], "paid": {}}, "nothing is said of 2026-03"),
        (then, {"periods": MARCH}, "the periods: it is no list"),
        (then, {"periods": [MARCH], "paid": "x"}, "paid: it is 'x'"),
        (then, {"periods": [MARCH], "accepted": ["x"]}, "accepted: it is no Mapping"),
        (then, {"periods": [MARCH], "accepted": {"wu": "late"}}, "accepted: it has 'wu' with 'late'"),
        (then, {"periods": [MARCH], "new": "scheme.toml"}, "pass a Scenario"),
        (then, {"periods": [MARCH], "rules": CompareRules(beyond_amount="5 USD")}, "give an amount in CNY"),
    ]
    for scenario, how, said in wrong:
        given = {"new": lp.parse_scheme(NOW), "paid": None, "viewer": ALL, **how}
        with pytest.raises(lp.errors.LoanPerfError, match=said):
            compare(scenario, given.pop("new"), **given)
    with pytest.raises(lp.errors.LoanPerfError):
        CompareRules(volume="200%")


# ── commissions over several months ─────────────────────────────────────────────────────────────────────────

SALES = """
name = "sales"
currency = "CNY"
effective = 2026-01-01
[plans.sales]
rounding = "half even"
holdback = { share = "20%", instalments = [{ after_months = 1, share = "100%" }] }
[plans.sales.components.loans]
base = "disbursed"
rate = "1%"
[[plans.sales.clawbacks]]
on = "written off"
attainment = "stays"
share = "100%"
takes = "in proportion"
"""
TWICE = SALES.replace('rate = "1%"', 'rate = "2%"')
QUARTER = (lp.Period.month(2026, 1), lp.Period.month(2026, 2), MARCH)


def lent(loan: str, payee: str, on: str, amount: str, product: str = "") -> list[lp.Fact]:
    return [
        lp.Loan(loan=loan, customer=loan, officer=payee, opened_on=on, product=product),
        lp.LoanEvent(loan=loan, kind=lp.EventKind.DISBURSED, on=on, amount=amount),
    ]


def paid_by(then: Scenario, periods: tuple[lp.Period, ...] = QUARTER) -> Archive:
    """What runs with a ledger paid, month by month."""
    store, sink = MemoryEntries(), MemoryPayments()
    for period in periods:
        done = lp.run(
            period,
            facts=MemoryFacts(then.facts, then.readings),
            people=MemoryPeople(then.people),
            schemes=MemorySchemes(then.schemes, then.targets),
            payments=sink,
            keeping=lp.Keeping(entries=store, first=periods[0], close_by="chen"),
        )
        assert done.closed, done.problems
    return Archive(store, then.schemes.versions[0].name)


def test_twice_the_rate_costs_twice_as_much_month_by_month() -> None:
    """1% of 300,000 in January and of 100,000 in March; a loan of 200,000 is lost in February, and 2,000 taken back."""
    facts = [
        *lent("L1", "lin", "2026-01-10", "10万元", "mortgage"),
        *lent("L2", "lin", "2026-01-20", "20万元", "business"),
        *lent("L3", "wu", "2026-03-05", "10万元", "mortgage"),
        lp.LoanEvent(loan="L2", kind=lp.EventKind.WRITTEN_OFF, on="2026-02-15", amount="20万元"),
    ]
    then = Scenario(people=people("lin", "wu"), schemes=lp.parse_scheme(SALES), facts=lp.Facts.of(facts))
    rules = CompareRules(smallest=1, volume=Fraction(1, 10))
    found = compare(then, lp.parse_scheme(TWICE), periods=QUARTER, paid=paid_by(then), viewer=ALL, rules=rules)
    months = {one.group.en: (str(one.now), str(one.new)) for one in found.groups if one.by == "period"}
    assert {
        "2026-01": ("3000.00 CNY", "6000.00 CNY"),
        "2026-02": ("-2000.00 CNY", "-4000.00 CNY"),
        "2026-03": ("1000.00 CNY", "2000.00 CNY"),
    } == months
    products = {one.group.en: str(one.new) for one in found.groups if one.by == "product"}
    assert {"mortgage": "4000.00 CNY", "business": "0.00 CNY"} == products
    assert [(Fraction(-1, 10), "3600.00 CNY"), (Fraction(1, 10), "4400.00 CNY")] == [
        (one.change, str(one.cost)) for one in found.volume
    ]


loans = st.lists(
    st.tuples(st.sampled_from(["lin", "wu", "he"]), st.integers(1, 59), st.integers(1, 10**9), st.booleans()),
    max_size=12,
)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(loans, st.randoms(use_true_random=False))
def test_equal_schemes_differ_nowhere_and_parts_sum_to_their_whole(rows: list[Any], chance: Any) -> None:
    """Whatever was lent, in whatever order the facts come."""
    facts = lent("L", "lin", "2026-01-05", "1万元")
    for number, (payee, day, units, product) in enumerate(rows):
        on = date.fromordinal(date(2026, 1, 1).toordinal() + day).isoformat()
        facts += lent(f"N{number}", payee, on, str(lp.Money.from_units(units, "CNY")), "home" if product else "")
    then = Scenario(people=people("lin", "wu", "he"), schemes=lp.parse_scheme(SALES), facts=lp.Facts.of(facts))
    chance.shuffle(facts)
    again = evolve(then, facts=lp.Facts.of(facts))
    rules = CompareRules(smallest=1)
    same = compare(then, again, periods=QUARTER[:2], paid=None, viewer=ALL, rules=rules)
    assert all(one.now == one.new for one in same.groups)
    assert all(one.now == one.new for one in same.people)
    assert ((), 0) == (same.largest, same.difference.units)
    new = compare(again, lp.parse_scheme(TWICE), periods=QUARTER[:2], paid=None, viewer=ALL, rules=rules)
    for by in {one.by for one in new.groups}:
        assert sum(one.now.units for one in new.groups if one.by == by) == new.now.units
        assert sum(one.new.units for one in new.groups if one.by == by) == new.new.units
    assert sum(one.difference.units for one in new.people) == new.difference.units
    assert same.now == new.now


# ── public books ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_a_month_of_a_public_book_by_another_rate(shared_data: Path) -> None:
    """The SBA's February of 2006: what a clerk would pay by tiers and by 0.5% of each loan, less what went bad."""
    path = shared_data / "sba.csv"
    facts, month = sba_pay.facts_of(path), lp.Period.month(2006, 2)
    officers = sorted({fact.officer for fact in facts if isinstance(fact, lp.Loan)})
    held: dict[str, Any] = {"unit": "all", "role": "lender", "since": "1970-01-01"}
    staff = lp.Organisation(assignments=[lp.Assignment(payee=payee, **held) for payee in officers])
    scheme = lp.read_scheme(sba_pay.SCHEME)
    then = Scenario(people=staff, schemes=scheme, facts=facts)
    (plan,) = scheme.plans
    (part,) = plan.components
    new = evolve(scheme, plans=(evolve(plan, components=(evolve(part, curve=None, tiers=None, rate="0.5%"),)),))
    found = compare(then, new, periods=[month], paid=None, viewer=ALL)
    same = compare(then, scheme, periods=[month], paid=None, viewer=ALL)
    assert ((), 0) == (same.largest, same.difference.units)
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["open_date"].startswith("2006-02")]
    gone = sum(taken(row) for row in rows if bad_on(row) < month.end)
    assert sum(map(commission, rows)) - gone == found.now.amount
    cent = Decimal("0.01")
    flat = sum((Decimal(row["amount"]) * Decimal("0.005")).quantize(cent) for row in rows)
    assert not gone
    assert flat == found.new.amount


@pytest.mark.slow
def test_a_public_book_of_scores_differs_nowhere_from_itself(shared_data: Path) -> None:
    """LendingClub: 97 stand-ins, by the weights of then and by the same in another order of facts."""
    book = real_loans.lendingclub(shared_data / "lendingclub.csv")
    known = real_loans.prepared(book)
    then = Scenario(
        people=known.organisation,
        schemes=lp.read_scheme(real_loans.SCHEME),
        facts=lp.Facts.of(known.facts),
        targets=known.targets,
    )
    new = evolve(then, facts=lp.Facts.of(known.facts[::-1]))
    found = compare(then, new, periods=[book.period], paid=None, viewer=ALL)
    assert 97 == found.groups[0].people
    assert all(one.now == one.new for one in found.grades)
    assert 0 == found.difference.units
