"""Calls: what gets the wrong thing says which argument it was and what to pass, in an error of the library."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import loanperf as lp
from loanperf.adapters.memory import (
    MemoryEntries,
    MemoryFacts,
    MemoryFactStore,
    MemoryPayments,
    MemoryPeople,
    MemorySchemes,
)

MARCH = lp.Period.month(2026, 3)
SCHEME = lp.template("worked-example")
CARD = SCHEME.resolve(period=MARCH)
LOAN = lp.Loan(loan="L1", customer="C1", officer="lin", opened_on="2026-03-01")
ACCRUALS = lp.Accruals(through=MARCH, lines=())
ANY: Any = lp


def run(**change: Any) -> lp.Run:
    """A run with one of its arguments changed."""
    ports: dict[str, Any] = {
        "facts": MemoryFactStore(),
        "people": MemoryPeople(lp.Organisation()),
        "schemes": MemorySchemes(lp.SchemeBook([SCHEME])),
        "payments": MemoryPayments(),
    }
    return lp.run(MARCH, **ports | change)


def kept(**change: Any) -> lp.Run:
    """A run with one of the arguments of what it keeps changed."""
    return run(keeping=ANY.Keeping(**{"entries": MemoryEntries()} | change))


def accrue(**change: Any) -> lp.Accruals:
    """Accruals of nothing, with one of the arguments changed."""
    given: dict[str, Any] = {"facts": lp.Facts.of([]), "plans": [], "organisation": lp.Organisation()}
    return lp.accrue(**{**given, "through": MARCH} | change)


PORTS: list[tuple[Callable[[], Any], str]] = [
    (lambda: run(facts=None), "facts: None has no method facts(); pass a ports.FactSource"),
    (lambda: run(facts=lp.Facts.of([LOAN])), "has no method facts(); pass a ports.FactSource"),
    (lambda: run(facts=MemoryFacts), "facts: it is the class MemoryFacts; pass an object of it"),
    (lambda: run(people=[]), "people: [] has no method organisation(); pass a ports.PeopleSource"),
    (lambda: run(schemes=SCHEME), "has no method schemes(); pass a ports.SchemeSource"),
    (lambda: run(schemes=lp.SchemeBook([SCHEME])), "has no method schemes(); pass a ports.SchemeSource"),
    (lambda: run(payments="x"), "payments: 'x' has no method pay(); pass a ports.PaymentSink"),
    (lambda: run(approve=True), "approve: it is True; pass a function, or leave it out"),
    (lambda: run(progress="x"), "progress: it is 'x'; pass a function"),
    (lambda: run(keeping="x"), "keeping: it is no Keeping (found 'x'); pass lp.Keeping(entries=...)"),
    (lambda: run(keeping=MemoryEntries()), "keeping: it is no Keeping"),
    (lambda: kept(entries="x"), "keeping.entries: 'x' has no method append(); pass a ports.EntryStore"),
    (lambda: kept(feeds=["x"]), "keeping.feeds: it is no Mapping (found ['x']); pass feeds by name"),
    (lambda: kept(feeds={"crm": "x"}), "keeping.feeds['crm']: 'x' has no method pull(); pass a ports.Feed"),
    (lambda: kept(answers="x"), "keeping.answers: 'x' has no method answers(); pass a ports.PaymentAnswers"),
    (lambda: kept(notifier="x"), "keeping.notifier: 'x' has no method notify(); pass a ports.Notifier"),
]
STEPS: list[tuple[Callable[[], Any], str]] = [
    (lambda: ANY.Facts.of(LOAN), "facts: what is passed cannot be Loan("),
    (lambda: ANY.Facts.of(None), "facts: what is passed cannot be None; pass a list of facts"),
    (lambda: ANY.Facts.joined([LOAN]), "; pass a list of facts, such as [loan, event]"),
    (lambda: ANY.Facts.joined(None), "deliveries: what is passed cannot be None; pass a list of lists"),
    (lambda: ANY.Facts.of([], 5), "problems: what is passed cannot be 5"),
    (lambda: ANY.measure(LOAN, MARCH, [], currency="CNY"), "facts: what is passed cannot be Loan("),
    (
        lambda: lp.appraise_all(CARD, ANY.measure([LOAN], MARCH, [], currency="CNY")),
        "PyArrow or DuckDB; of lp.Readings its table()",
    ),
    (lambda: ANY.measure([LOAN], "2026-03", [], currency="CNY"), "'2026-03' is not a valid period or date"),
    (lambda: ANY.measure([LOAN], MARCH, [], currency=["CNY"]), "the currency: it is no str (found ['CNY'])"),
    (lambda: ANY.measure([LOAN], MARCH, [], currency="CNY", organisation=[]), "organisation: it is no Organisation"),
    (lambda: ANY.Organisation(units=lp.Unit(code="e")), "units: it is no list (found Unit("),
    (lambda: ANY.Organisation(units=["e"]), "one of units: it is no Unit (found 'e'); pass a list of lp.Unit"),
    (lambda: ANY.Organisation(assignments=["e"]), "one of assignments: it is no Assignment (found 'e')"),
    (lambda: ANY.Organisation(payees="lin"), "payees: it is no list (found 'lin'); pass a list of lp.Payee"),
    (lambda: ANY.template("classic").resolve(period="2026-03"), "'2026-03' is not a valid period"),
    (lambda: SCHEME.resolve(period=MARCH, units="east"), "units: it is no list (found 'east'); pass the codes"),
    (lambda: SCHEME.plan(on="2026-03-01", units="east"), "units: it is no list (found 'east'); pass the codes"),
    (lambda: ANY.SchemeBook(SCHEME), "the versions of a scheme: it is no list (found Scheme("),
    (lambda: ANY.SchemeBook(["x"]), "one of the versions of a scheme: it is no Scheme (found 'x')"),
    (lambda: ANY.lint("x"), "the scheme: it is no Scheme (found 'x')"),
    (lambda: ANY.diff(SCHEME, "x"), "the scheme: it is no Scheme (found 'x')"),
    (lambda: ANY.schemes.write_scheme("x"), "the scheme to write: it is no Scheme (found 'x')"),
    (lambda: ANY.appraise(SCHEME, readings={}), "card: it is no Card (found Scheme("),
    (lambda: ANY.appraise(CARD, [1], {}), "targets: it is no Mapping (found [1]); pass them by code"),
    (lambda: ANY.appraise(CARD, readings=[1, 2]), "one of readings: it is no Reading (found 1); pass values by code"),
    (lambda: ANY.appraise(CARD, readings=None), "readings: it is no list (found None)"),
    (lambda: ANY.appraise(CARD, readings="85%"), "readings: it is no list (found '85%')"),
    (lambda: ANY.award("x", "y"), "bonus: it is no Bonus (found 'x'); pass card.bonus"),
    (lambda: ANY.award(CARD.bonus, CARD), "appraisal: it is no Appraisal (found Card("),
    (lambda: ANY.share_pool(5, []), "the pool: it is no Money (found 5)"),
    (lambda: ANY.share_pool(lp.Money.of("5 CNY"), None), "the appraisals: it is no list (found None)"),
    (lambda: ANY.share_pool(lp.Money.of("5 CNY"), [], floors="x"), "floors: it is no Mapping (found 'x')"),
    (lambda: ANY.share_pool(lp.Money.of("5 CNY"), [], caps={"lin": 5}), "one of caps: it is no Money (found 5)"),
    (lambda: accrue(organisation=None), "the organisation: it is no Organisation (found None)"),
    (lambda: accrue(since="2026-03-01"), "since: it is no date (found '2026-03-01')"),
    (lambda: accrue(readings=None), "the readings: it is no list (found None)"),
    (lambda: accrue(readings=["x"]), "one of the readings: it is no Reading (found 'x')"),
    (lambda: accrue(targets=[1]), "the targets: it is no Mapping (found [1])"),
    (lambda: accrue(targets={"2026-03": []}), "a period of targets: it is no Period (found '2026-03')"),
    (lambda: accrue(targets={MARCH: [5]}), "one of the targets of 2026-03: it is no Target (found 5)"),
    (lambda: ANY.Accruals(through="2026-03", lines=()), "Accruals.through: it is no Period (found '2026-03')"),
    (lambda: ANY.Accruals(through=MARCH, lines=None), "the lines of accruals: it is no list (found None)"),
    (lambda: ANY.Accruals(through=MARCH, lines=["x"]), "one of the lines of accruals: it is no Accrual (found 'x')"),
    (lambda: ANY.Accruals(through=MARCH, lines=(), blocked="lin"), "Accruals.blocked: it is no frozenset or set"),
    (lambda: ANY.Accruals(through=MARCH, lines=(), standings=[]), "Accruals.standings: it is no Mapping (found [])"),
]
LEDGERS: list[tuple[Callable[[], Any], str]] = [
    (lambda: ANY.settle(None, ACCRUALS, period=MARCH), "ledger: it is no Ledger (found None); pass lp.Ledger()"),
    (lambda: ANY.settle(lp.Ledger(), [], period=MARCH), "accruals: it is no Accruals (found [])"),
    (lambda: ANY.settle(lp.Ledger(), ACCRUALS, period="2026-03"), "'2026-03' is not a valid period"),
    (lambda: ANY.settle(lp.Ledger(), ACCRUALS, period=MARCH, awards=5), "awards: it is no list (found 5)"),
    (lambda: ANY.settle(lp.Ledger(), ACCRUALS, period=MARCH, awards=[1]), "one of awards: it is no Award (found 1)"),
    (lambda: ANY.pay([], period=MARCH, rules=lp.schemes.PayRules()), "ledger: it is no Ledger (found [])"),
    (lambda: ANY.pay(lp.Ledger(), period="2026-03", rules=lp.schemes.PayRules()), "'2026-03' is not a valid period"),
    (lambda: ANY.pay(lp.Ledger(), period=MARCH, rules={"CNY": "x"}), "the rules by currency: it is no PayRules"),
    (lambda: ANY.pay(lp.Ledger(), period=MARCH, rules=lp.schemes.PayRules(), pay_in="USD"), "pay_in: it is no Mapping"),
    (
        lambda: ANY.pay(lp.Ledger(), period=MARCH, rules=lp.schemes.PayRules(), exchange=[7]),
        "it is no ExchangeRate (found 7)",
    ),
    (lambda: ANY.statement([], "lin", MARCH), "ledger: it is no Ledger (found [])"),
    (lambda: ANY.statement(lp.Ledger(), "lin", "2026-03"), "'2026-03' is no Period; pass one"),
    (lambda: ANY.statement(lp.Ledger(), "lin", MARCH, []), "accruals: it is no Accruals (found [])"),
    (lambda: ANY.statement(lp.Ledger(), "lin", MARCH, organisation=[]), "organisation: it is no Organisation"),
    (lambda: ANY.payments_of("x", MARCH), "ledger: it is no Ledger (found 'x')"),
    (lambda: ANY.returned("x", [], period=MARCH), "ledger: it is no Ledger (found 'x')"),
    (lambda: ANY.returned(lp.Ledger(), ["x"], period=MARCH), "one of answers: it is no Answer (found 'x')"),
    (lambda: ANY.returned(lp.Ledger(), [], period="2026-03"), "'2026-03' is not a valid period"),
    (
        lambda: ANY.overrule(
            lp.Ledger(), "x", "50 CNY", period=MARCH, payee="lin", by="chen", why="typo", evidence="HR-17"
        ),
        "the amount that is set by hand: it is no Money (found '50 CNY'); pass lp.Money.of",
    ),
    (lambda: ANY.movements([]), "accruals: it is no Accruals (found [])"),
    (lambda: ANY.movements(ACCRUALS, "x"), "overruled: it is no Mapping (found 'x')"),
    (lambda: ANY.statement(lp.Ledger(), None, MARCH), "the payee: it is no str (found None)"),
    (lambda: ANY.Ledger().close(MARCH, by=None), "by of 2026-03 being 'closed': it is no str (found None)"),
    (lambda: ANY.Ledger().nets("2026-03"), "'2026-03' is not a valid period"),
    (lambda: ANY.Ledger().balance("lin", through="2026-03", currency="CNY"), "'2026-03' is not a valid period"),
    (lambda: ANY.read_ledger(None), "the lines of a ledger: it is no Iterable (found None)"),
    (lambda: ANY.read_ledger([1]), "line 1 of a ledger"),
    (lambda: ANY.Ledger(entries=["x"]), "one of the entries of a ledger: it is no Entry (found 'x')"),
    (lambda: ANY.Ledger().append(["x"]), "one of entries: it is no Entry (found 'x'); pass what lp.settle"),
]


DAY = np.array(["2026-03-01"], dtype="datetime64[D]")
TABLES = {"loans": {"loan": np.array([1]), "customer": np.array([7]), "officer": np.array(["lin"]), "opened_on": DAY}}
BOOK, PEOPLE, PLANS = (
    lp.Facts.read(TABLES, currency="CNY"),
    lp.Organisation(),
    lp.SchemeBook([lp.template("classic")]).plans(),
)
WANTED = [lp.indicator("loan_amount")]
COLUMNS: list[tuple[Callable[[], Any], str]] = [
    (lambda: ANY.Facts.of([], ["x"]), "one of problems: it is no Problem (found 'x'); pass a list of problems"),
    (lambda: ANY.Facts.read(TABLES, currency="CNY", units=None), "the units of facts: it is no Mapping (found None)"),
    (lambda: ANY.Facts.read(TABLES, currency="CNY", units={"loans": "fen"}), "the units of facts: it is no Mapping"),
    (lambda: ANY.Facts.read(None, currency="CNY"), "the tables of facts: it is no Mapping (found None)"),
    (lambda: ANY.Facts.read(TABLES, currency=["CNY"]), "the currency of facts: it is no str (found ['CNY'])"),
    (lambda: ANY.award_all("x"), "appraisals: it is no Appraisals (found 'x')"),
]
CALLS = [*PORTS, *STEPS, *LEDGERS, *COLUMNS]


@pytest.mark.parametrize(("call", "said"), CALLS, ids=[f"{place} {said[:40]}" for place, (_, said) in enumerate(CALLS)])
def test_a_call_that_gets_the_wrong_thing_says_what_to_pass(call: Callable[[], Any], said: str) -> None:
    """`'NoneType' object has no attribute 'facts'` says neither which argument was wrong nor what would be right."""
    with pytest.raises(lp.errors.LoanPerfError) as caught:
        call()

    assert said in str(caught.value)
