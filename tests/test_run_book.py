"""A period worked in columns is the period worked by rows: the same scores, bonuses, entries and problems."""

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from examples.real_loans import SCHEME, lendingclub, prepared, sba, score
from hypothesis import given
from hypothesis import strategies as st
from tests.books import book_of

import loanperf as lp
from loanperf import batch
from loanperf.adapters.memory import MemoryEntries, MemoryFacts, MemoryPayments, MemoryPeople, MemorySchemes
from loanperf.adapters.tables import Folder
from loanperf.errors import DataError
from loanperf.run import Result

MARCH = lp.Period.month(2026, 3)
DEMO = Path(lp.__file__).parent / "demo"


Scores = dict[tuple[str, lp.Period], tuple[Fraction, int | None]]
"""Score and bonus by payee and part of the period."""


def results(found: batch.RunBook) -> Scores:
    """What a book came to, whichever path it came by."""
    return _by_column(found) | expected(found.others)


def _by_column(found: batch.RunBook) -> Scores:
    if found.appraised is None:
        return {}
    scores = [Fraction(score, 10**found.appraised.places) for score in found.appraised.score.tolist()]
    bonuses = [None] * len(scores) if found.awarded is None else found.awarded.amount.tolist()
    whole = zip(found.assignments, found.appraised.ok, scores, bonuses, strict=True)
    return {
        (held.payee, found.period): (score, bonus) for held, ok, score, bonus in whole if ok and bonus != batch.MISSING
    }


def expected(found: Iterable[Result]) -> Scores:
    """The same of results of `run`."""
    return {
        (item.payee, item.part): (
            Fraction(item.appraisal.score),
            None if item.award is None else item.award.amount.units,
        )
        for item in found
    }


def test_the_demo_branch_comes_out_as_by_rows() -> None:
    """Nine assignments of eight people: whoever changes role within the month goes by rows, the others by columns."""
    folder, scheme = Folder(DEMO / "data"), lp.read_scheme(DEMO / "scheme.toml")
    seen = lp.Facts.of(evolve(fact, source="") for fact in folder.facts(MARCH))  # a book has no files to name
    facts, schemes = MemoryFacts(seen, folder.readings(MARCH)), MemorySchemes(scheme, folder.targets(MARCH))
    by_rows = lp.run(MARCH, facts=facts, people=folder, schemes=schemes)
    found = batch.run_book(
        book_of(seen),
        folder.organisation(MARCH),
        lp.SchemeBook([scheme]),
        period=MARCH,
        supplied=batch.Supplied(targets={MARCH: folder.targets(MARCH).items}, readings=folder.readings(MARCH).items),
    )

    assert expected(by_rows.results) == results(found)
    assert (7, 2) == (len(found.assignments), len(found.others))
    people = dict.fromkeys(result.payee for result in by_rows.results)
    assert [item.explain() for item in by_rows.results] == [why for payee in people for why in found.explain(payee)]
    assert by_rows.problems == found.problems


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sba", "lendingclub"])
def test_real_books_come_out_as_by_rows(name: str, shared_data: Path) -> None:
    """Tens of thousands of real loans, by columns and by `run`, to the last digit."""
    read = {"sba": sba, "lendingclub": lendingclub}[name]
    real = read(shared_data / f"{name}.csv")
    by_rows, given = score(real), prepared(real)
    found = batch.run_book(
        book_of(given.facts, currency="USD"),
        given.organisation,
        lp.SchemeBook([lp.read_scheme(SCHEME)]),
        period=real.period,
        supplied=batch.Supplied(targets={real.period: given.targets}),
    )

    assert expected(by_rows.results) == results(found)
    assert len(by_rows.results) == len(found.assignments)
    assert by_rows.problems == found.problems
    payee = found.assignments[3].payee
    assert [item.explain() for item in by_rows.results if item.payee == payee] == [*found.explain(payee)]
    assert found.appraised is not None
    assert found.explain(payee) == (found.appraised.explain(payee),)


def test_asking_for_somebody_without_a_result_says_so() -> None:
    """A typing error in a code must not look like a person without reasons."""
    people = officers("lin")
    found = batch.run_book(
        book_of(lp.Facts.of(drawn("L1", "lin", "2026-03-05", "60万元"))),
        people,
        lp.SchemeBook([lp.parse_scheme(PAID)]),
        period=MARCH,
    )

    with pytest.raises(DataError, match="payee 'lim': there is no result; name one who has, or see the problems"):
        found.explain("lim")


def test_somebody_new_without_a_fact_is_scored_as_by_rows() -> None:
    """Nothing happened to the new hire, though something did in the branch."""
    scheme = lp.scheme_of(
        {
            "name": "branch",
            "currency": "CNY",
            "effective": "2026-01-01",
            "profiles": {"all": {"weights": {"disbursed_amount": "100%"}}},
            "targets": {"disbursed_amount": "1万元"},
            "scoring": {"default": {"places": 1, "rounding": "half even", "missing": "refuse"}},
            "bonus": {"unit": "month", "curve": [["0 point", 0], ["100 point", 1]], "rounding": "half up"},
        }
    )
    people = lp.Organisation(
        assignments=[
            lp.Assignment(payee="lin", unit="east", role="officer", since="2026-01-01", salary="8000 CNY"),
            lp.Assignment(payee="new", unit="east", role="officer", since="2026-03-10", salary="6000 CNY"),
        ]
    )
    facts = lp.Facts.of(
        [
            lp.Loan(loan="L1", customer="C1", officer="lin", opened_on="2026-03-01"),
            lp.LoanEvent(loan="L1", kind=lp.EventKind.DISBURSED, on="2026-03-02", amount="9000 CNY"),
        ]
    )
    by_rows = lp.run(MARCH, facts=MemoryFacts(facts), people=MemoryPeople(people), schemes=MemorySchemes(scheme))
    found = batch.run_book(book_of(facts), people, lp.SchemeBook([scheme]), period=MARCH)

    assert expected(by_rows.results) == results(found)
    assert {("lin", MARCH): (Fraction(90), 720_000)}.items() <= results(found).items()


PAID = """
name = "branch"
currency = "CNY"
effective = 2026-01-01

[profiles.officer.weights]
disbursed_amount = "70%"
npl_ratio = "30%"

[targets]
disbursed_amount = "50万元"
npl_ratio = "3%"

[scoring.default]
places = 1
rounding = "half even"
missing = "zero"

[bonus]
unit = "month"
curve = [["0 point", 0], ["100 point", 1]]
rounding = "half even"

[plans.sales]
rounding = "half up"
holdback = { share = "20%", instalments = [{ after_months = 1, share = "100%" }] }

[plans.sales.components.loans]
base = "disbursed"
curve = { bands = [["0元", "100万元", "0.5%"], ["100万元", "", "0.8%"]], shape = "step" }
tiers = { by = "amount", applies = "marginal", accumulates = "period" }
"""


def officers(*names: str) -> lp.Organisation:
    """Officers with a salary, all since the new year."""
    return lp.Organisation(
        assignments=[
            lp.Assignment(payee=name, unit="east", role="officer", since="2026-01-01", salary="8000 CNY")
            for name in names
        ]
    )


def drawn(loan: str, officer: str, on: str, amount: str) -> list[lp.Fact]:
    """A loan and its drawdown."""
    return [
        lp.Loan(loan=loan, customer=f"C{loan}", officer=officer, opened_on=on),
        lp.LoanEvent(loan=loan, kind=lp.EventKind.DISBURSED, on=on, amount=amount),
    ]


def test_commissions_and_bonuses_go_into_one_settling_month_after_month() -> None:
    """Two months by columns and by `run`: the ledgers are the same to the byte, holdbacks and releases among them."""
    schemes, people = lp.SchemeBook([lp.parse_scheme(PAID)]), officers("lin", "wu")
    february, march = lp.Period.month(2026, 2), MARCH
    facts = [
        *drawn("L1", "lin", "2026-02-05", "60万元"),
        *drawn("L2", "lin", "2026-02-20", "80万元"),
        *drawn("L3", "wu", "2026-02-21", "33.33万元"),
        *drawn("L4", "wu", "2026-03-02", "123.45万元"),
    ]
    columns, rows = lp.Ledger(), lp.Ledger()
    for month in (february, march):
        known = lp.Facts.of([fact for fact in facts if fact.on < month.end])
        found = batch.run_book(book_of(known), people, schemes, period=month, supplied=batch.Supplied(ledger=columns))
        assert found.settled is not None
        columns = columns.append(found.settled)
        ran = lp.run(
            month, facts=MemoryFacts(known), people=MemoryPeople(people), schemes=MemorySchemes(schemes.versions[0])
        )
        accruals = lp.accrue(known, schemes.plans(), people, through=month)
        awards = [item.award for item in ran.results if item.award is not None]
        rows = rows.append(lp.settle(rows, accruals, period=month, awards=awards))

    assert list(rows.lines()) == list(columns.lines())
    assert 10 < len(rows.entries)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"book": []}, r"the book: it is no Book \(found \[\]\); pass batch.Book.of"),
        ({"organisation": None}, r"the organisation: it is no Organisation \(found None\); pass lp.Organisation"),
        ({"schemes": []}, r"the schemes: it is no SchemeBook \(found \[\]\); pass lp.SchemeBook"),
        ({"period": "2026-03"}, r"the period: it is no Period \(found '2026-03'\); pass one, such as"),
    ],
)
def test_what_is_passed_by_mistake_is_named(wrong: dict[str, Any], said: str) -> None:
    """A slip in the call is told before any work, with what to pass."""
    book = book_of(lp.Facts.of(drawn("L1", "lin", "2026-03-05", "60万元")))
    schemes = lp.SchemeBook([lp.parse_scheme(PAID)])
    given: dict[str, Any] = {"book": book, "organisation": officers("lin"), "schemes": schemes, "period": MARCH}
    with pytest.raises(DataError, match=said):
        batch.run_book(**(given | wrong))


def test_problems_are_those_of_the_run() -> None:
    """Who joins in the month, a fact before that day, a target of a stranger, and a score that lacks a reading."""
    schemes = lp.SchemeBook([lp.parse_scheme(PAID.replace('missing = "zero"', 'missing = "refuse"'))])
    people = lp.Organisation(
        assignments=[
            lp.Assignment(payee="lin", unit="east", role="officer", since="2026-03-09", salary="8000 CNY"),
            lp.Assignment(payee="wu", unit="east", role="officer", since="2026-01-01", salary="8000 CNY"),
        ]
    )
    facts = lp.Facts.of([*drawn("L1", "lin", "2026-03-05", "60万元"), *drawn("L2", "he", "2026-03-20", "80万元")])
    targets = [lp.Target(payee="an", indicator="disbursed_amount", value=lp.quantity("1 CNY"))]
    by_rows = lp.run(
        MARCH,
        facts=MemoryFacts(facts),
        people=MemoryPeople(people),
        schemes=MemorySchemes(schemes.versions[0], targets),
    )
    found = batch.run_book(
        book_of(facts), people, schemes, period=MARCH, supplied=batch.Supplied(targets={MARCH: targets})
    )

    assert expected(by_rows.results) == results(found)
    plans = {problem for problem in by_rows.problems if "commission plans" in problem.where}
    told = {(problem.where, problem.fault) for problem in by_rows.problems if problem not in plans}
    assert 1 == len(plans)
    assert {"payee wu in 2026-03", "target of disbursed_amount"} <= {where for where, _ in told}
    assert told <= {
        (problem.where.rpartition("row ")[2].partition(": ")[2] or problem.where, problem.fault)
        for problem in found.problems
    }


COUNTED = """
name = "branch"
currency = "CNY"
effective = 2025-01-01

[indicators.k]
name = "k"
dimension = "performance"
direction = "higher is better"
kind = "count"

[plans.sales]
rounding = "half up"
holdback = { share = "20%", instalments = [{ after_months = 1, share = "100%" }] }

[plans.sales.components.readings]
base = "indicator"
indicator = "k"
rate = "5 元"

[plans.sales.components.loans]
base = "disbursed"
rate = "1%"

[[plans.sales.gates]]
indicator = "k"
forfeits = { knots = [[0, "100%"], [1, "0%"]], shape = "step" }
"""


def test_readings_without_a_period_are_of_the_month_in_both_paths() -> None:
    """Three months with a reading each, of which none says its month: the ledgers are the same to the byte."""
    schemes, people = lp.SchemeBook([lp.parse_scheme(COUNTED)]), officers("lin", "wu")
    facts = lp.Facts.of([*drawn("L1", "lin", "2026-01-05", "60万元"), *drawn("L2", "wu", "2026-02-06", "80万元")])
    columns, entries = lp.Ledger(), MemoryEntries()
    for number, month in enumerate(lp.Period.month(2026, month) for month in (1, 2, 3)):
        given_now = [lp.Reading.of("k", number + value, subject=payee) for value, payee in ((12, "lin"), (0, "wu"))]
        supplied = batch.Supplied(ledger=columns, readings=given_now)
        found = batch.run_book(book_of(facts), people, schemes, period=month, supplied=supplied)
        assert found.settled is not None
        columns = columns.append(found.settled)
        columns = columns.append(lp.pay(columns, period=month, rules=lp.PayRules()).entries).close(month, by="chen")
        ran = lp.run(
            month,
            facts=MemoryFacts(facts, given_now),
            people=MemoryPeople(people),
            schemes=MemorySchemes(schemes),
            payments=MemoryPayments(),
            keeping=lp.Keeping(entries=entries, close_by="chen"),
        )
        assert ((), True) == (ran.blocked, ran.closed)
    assert list(entries.read("branch/ledger")) == list(columns.lines())
    assert 20 < len(columns.entries)


CARDS = """
[[who]]
role = "officer"
profile = "officer"
"""


@pytest.mark.parametrize("code", ["E 01", "E", "payee E", "E in 2026-03", "E/01", "张 三, payee E"])
def test_no_code_of_a_payee_is_read_out_of_a_text(code: str) -> None:
    """Two assignments in March, the second of a role without a card: `run_book` and `run` keep the bonus back."""
    schemes = lp.SchemeBook([lp.parse_scheme(PAID + CARDS)])
    people = lp.Organisation(
        assignments=[
            lp.Assignment(payee=code, unit="e", role="officer", since="2026-01-01", until="2026-03-16", salary="1万元"),
            lp.Assignment(payee=code, unit="e", role="driver", since="2026-03-16", salary="1万元"),
            *officers("lin", "E 0").assignments,
        ]
    )
    facts = lp.Facts.of([*drawn("L1", code, "2026-03-05", "60万元"), *drawn("L2", "lin", "2026-03-06", "60万元")])
    found = batch.run_book(book_of(facts), people, schemes, period=MARCH)
    by_rows = lp.run(
        MARCH,
        facts=MemoryFacts(facts),
        people=MemoryPeople(people),
        schemes=MemorySchemes(schemes),
        keeping=lp.Keeping(entries=MemoryEntries()),
    )
    assert found.settled is not None
    posted = [entry for entry in by_rows.entries if entry.kind is not lp.EntryKind.PAID]
    assert posted == list(found.settled)
    assert [code] == [one.payee for one in by_rows.blocked]
    assert {code} == {problem.payee for problem in found.problems}


def test_a_month_in_which_everybody_is_new_goes_by_rows() -> None:
    """A branch that opens in the middle of a month has nobody for the whole of it."""
    schemes = lp.SchemeBook([lp.parse_scheme(PAID)])
    people = lp.Organisation(
        assignments=[lp.Assignment(payee="lin", unit="east", role="officer", since="2026-03-09", salary="8000 CNY")]
    )
    facts = lp.Facts.of(drawn("L1", "lin", "2026-03-15", "60万元"))
    by_rows = lp.run(
        MARCH, facts=MemoryFacts(facts), people=MemoryPeople(people), schemes=MemorySchemes(schemes.versions[0])
    )
    found = batch.run_book(book_of(facts), people, schemes, period=MARCH)

    assert found.appraised is None
    assert expected(by_rows.results) == results(found)
    assert 1 == len(found.others)


# ── random branches ─────────────────────────────────────────────────────────────────────────────────────────

STAFF = ("lin", "wu", "he", "an")
RANDOM = """
name = "random"
currency = "CNY"
effective = {effective}

[profiles.officer.weights]
disbursed_amount = "{weight}%"
npl_ratio = "{rest}%"

[profiles.senior.weights]
disbursed_amount = "40%"
customer_count = "60%"

[[who]]
role = "officer"
profile = "officer"

[[who]]
role = "senior"
profile = "senior"

[targets]
disbursed_amount = "1万元"
npl_ratio = "3%"
customer_count = 2

[scoring.default]
places = {places}
rounding = "{rounding}"
missing = "{missing}"

[bonus]
unit = "month"
curve = [["0 point", 0], ["100 point", 1]]
rounding = "half even"

[plans.sales]
rounding = "half up"
holdback = {{ share = "20%", instalments = [{{ after_months = 1, share = "100%" }}] }}

[plans.sales.components.loans]
base = "disbursed"
curve = {{ bands = [["0元", "1万元", "0.5%"], ["1万元", "", "0.8%"]], shape = "step" }}
tiers = {{ by = "amount", applies = "marginal", accumulates = "period" }}
"""


TAKEN = """
[[plans.sales.clawbacks]]
on = "{on}"
takes = "{takes}"
share = "{share}"
attainment = "stays"
refund = "50%"
"""


def a_scheme(chance: Random, effective: str) -> lp.Scheme:
    """Some version of it, with or without a clawback."""
    weight = chance.choice([30, 50, 60])
    words = {
        "effective": effective,
        "weight": weight,
        "rest": 100 - weight,
        "places": chance.choice([0, 1, 2]),
        "rounding": chance.choice(["half even", "half up", "floor"]),
        "missing": chance.choice(["zero", "refuse", "renormalise"]),
    }
    clawbacks = [("prepaid", "in proportion"), ("prepaid", "when paid off"), ("written off", "in proportion")]
    on, takes = chance.choice([*clawbacks, ("prepaid", "whole"), ("", "")])
    taken = TAKEN.format(on=on, takes=takes, share=chance.choice(["100%", "50%"])) if on else ""
    return lp.parse_scheme(RANDOM.format(**words) + taken)


def some_people(chance: Random) -> lp.Organisation:
    """Some are new, some change role in the month, one may have no card, and one no salary."""
    held = []
    for payee in STAFF:
        roles = ["officer", "senior", "officer", "senior", "intern"]
        since, salary = chance.choice(["2025-01-01", "2025-01-01", "2026-03-10"]), chance.choice(["5000 CNY", None])
        until = "2026-03-12" if since < "2026" and chance.random() < 0.3 else None
        role = chance.choice(roles)
        held.append(lp.Assignment(payee=payee, unit="east", role=role, since=since, until=until, salary=salary))
        if until is not None:
            role = chance.choice(roles)
            held.append(lp.Assignment(payee=payee, unit="east", role=role, since=until, salary="6000 CNY"))
    return lp.Organisation(assignments=held)


def some_facts(chance: Random) -> list[lp.Fact]:
    """Loans of two months, some of strangers, some bad, some cancelled or handed over; at least one of each month."""
    found: list[lp.Fact] = [*drawn("F", "lin", "2026-02-03", "1万元"), *drawn("M", "wu", "2026-03-03", "1万元")]
    for place in range(chance.randrange(10)):
        loan, on = f"L{place}", date(2026, 1, 15) + timedelta(days=chance.randrange(75))
        amount = f"{chance.randrange(20)}000 CNY"
        found += drawn(loan, chance.choice([*STAFF, *STAFF, "ghost"]), str(on), amount)
        events: dict[lp.EventKind, dict[str, Any]] = {
            lp.EventKind.CLASSIFIED: {"category": lp.Category.LOSS},
            lp.EventKind.CANCELLED: {},
            lp.EventKind.PREPAID: {"amount": chance.choice([amount, "1 CNY", "1000 CNY"])},
            lp.EventKind.REPAID: {"amount": chance.choice([amount, "1000 CNY"])},
            lp.EventKind.WRITTEN_OFF: {"amount": chance.choice([amount, "1000 CNY"])},
            lp.EventKind.ASSIGNED: {"officer": chance.choice(STAFF)},
        }
        for kind, more in events.items():
            if chance.random() < 0.15:
                found.append(lp.LoanEvent(loan=loan, kind=kind, on=on + timedelta(days=20), **more))
    found += [lp.Customer(customer=f"K{place}", officer=chance.choice(STAFF), since="2026-03-03") for place in range(3)]
    return found


def _dated(fact: lp.Fact) -> date:
    return fact.on


@given(st.randoms(use_true_random=False))
def test_two_months_of_a_random_branch_come_out_as_by_rows(chance: Random) -> None:
    """Scores, bonuses, reasons and entries, with new hires, changes of role, own targets and supplied readings."""
    versions = [a_scheme(chance, "2025-01-01")]
    if chance.random() < 0.3:
        versions.append(a_scheme(chance, "2026-03-01"))
    schemes, people, facts, ledger = lp.SchemeBook(versions), some_people(chance), some_facts(chance), lp.Ledger()
    for month in (lp.Period.month(2026, 2), MARCH):
        known = lp.Facts.of(fact for fact in facts if _dated(fact) < month.end)
        goal = lp.Target(payee="lin", indicator="disbursed_amount", value=lp.quantity("7000 CNY"))
        goals = [goal] if chance.random() < 0.5 else []
        readings = [lp.Reading.of("npl_ratio", "2%", subject="he", period=month)] if chance.random() < 0.3 else []
        by_rows = lp.run(
            month,
            facts=MemoryFacts(known, readings),
            people=MemoryPeople(people),
            schemes=MemorySchemes(schemes, goals),
        )
        supplied = batch.Supplied(targets={month: goals}, readings=readings, ledger=ledger)
        found = batch.run_book(book_of(known), people, schemes, period=month, supplied=supplied)

        assert expected(by_rows.results) == results(found)
        lost = {(item.where, item.fault) for item in by_rows.problems if item.where.startswith("payee ")}
        assert lost == {(item.where, item.fault) for item in found.problems if item.where.startswith("payee ")}
        for payee in {item.payee for item in by_rows.results}:
            assert [item.explain() for item in by_rows.results if item.payee == payee] == [*found.explain(payee)]
        assert found.settled is not None
        entries = found.settled
        awards = [item.award for item in by_rows.results if item.award is not None]
        if all(award.period == str(month) for award in awards):
            accruals = lp.accrue(
                known, schemes.plans(), people, through=month, readings=readings, targets={month: goals}
            )
            assert lp.settle(ledger, accruals, period=month, awards=awards) == entries
        ledger = ledger.append(entries)


def test_a_salary_in_another_currency_is_no_number_of_the_cards() -> None:
    """8000 dollars are no 8000 yuan: `run` decides, and says so; nobody is paid by the bare number."""
    scheme = lp.parse_scheme("""
name = "one"
currency = "CNY"
effective = 2025-01-01

[profiles.all.weights]
disbursed_amount = "100%"

[targets]
disbursed_amount = "30万元"

[scoring.default]
places = 1
rounding = "half even"

[bonus]
unit = "month"
curve = [["0 point", 0], ["100 point", 1]]
rounding = "half even"
""")
    day = np.array(["2026-03-02"], dtype="datetime64[D]")
    tape = {"loan": np.array([1]), "customer": np.array([7]), "officer": np.array(["lin"]), "opened_on": day}
    tape |= {"disbursed_on": day, "disbursed(万元)": np.array([30])}
    book = batch.Book.of({"loans": tape}, currency="CNY", as_of="2026-03-31")

    def worked(salary: str) -> batch.RunBook:
        lin = lp.Assignment(payee="lin", unit="east", role="officer", since="2025-01-01", salary=salary)
        return batch.run_book(book, lp.Organisation(assignments=[lin]), lp.SchemeBook([scheme]), period=MARCH)

    yuan, dollars = worked("8000 CNY"), worked("8000 USD")

    assert yuan.awarded is not None
    assert [800_000] == yuan.awarded.amount.tolist()
    assert dollars.awarded is None
    assert ["lin"] == [problem.payee for problem in dollars.problems]
