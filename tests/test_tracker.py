"""Tracking: whatever comes in whatever order, a tracker says what measuring all of it would say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, TypeAlias, get_args

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.books import book_of, tables_of

import loanperf as lp
from loanperf import tracker as trackers
from loanperf._facts._index import FactIndex, owner_of, payees_of
from loanperf._indicators import measure_part
from loanperf._tables._words import Digits, RowIndex, UpTo, WordIndex
from loanperf.adapters.memory import MemoryFacts, MemoryPeople, MemorySchemes
from loanperf.alerts import AlertRule
from loanperf.progress import SalesLead
from loanperf.testing import strategies
from loanperf.tracker import Tracker, Watch, merge

E = lp.EventKind
MARCH = lp.Period.month(2026, 3)
Readings: TypeAlias = dict[str, dict[str, lp.Reading]]
"""By payee and indicator."""

SCHEME = """
name = "tracked"
currency = "CNY"
effective = 2026-01-01

[profiles.all.weights]
disbursed_amount = "50%"
npl_ratio = "30%"
teamwork = "20%"

[targets]
disbursed_amount = "3100 CNY"
npl_ratio = "3%"
teamwork = "80 point"

[scoring.default]
places = 1
rounding = "half even"
missing = "renormalise"

[[vetoes]]
indicator = "compliance_score"
test = "below"
limit = "60 point"

[bonus]
unit = "month"
curve = [["0 point", 0], ["100 point", 1]]
rounding = "half up"

[[bonus.gates]]
indicator = "overdue_ratio"
forfeits = { knots = [["0%", "0%"], ["10%", "30%"], ["50%", "100%"]], shape = "step" }
"""
BOOK = lp.SchemeBook([lp.parse_scheme(SCHEME)])


def declared(code: str, kind: lp.schemes.Kind, measure: lp.schemes.Total) -> lp.schemes.Indicator:
    """An indicator of a host's own."""
    return lp.schemes.Indicator(
        code=code,
        name=lp.Label(code),
        dimension="performance",
        direction=lp.schemes.Direction.HIGHER,
        kind=kind,
        measure=measure,
    )


def called(code: str, indicator: str, **options: Any) -> lp.schemes.Indicator:
    """An indicator of the catalogue under another code."""
    return evolve(lp.indicator(indicator, options), code=code)


BANDS = lp.schemes.Curve.of([["0 CNY", "50%"], ["1000 CNY", "120%"]], shape="linear")
LONG = lp.schemes.Where(field="term_months", at_least=lp.quantity("12"))
DRAWN = lp.schemes.Where(field="event", values=("disbursed", "signed"))
MIDDLING = lp.schemes.Where(field="average_balance", above=lp.quantity("500 CNY"), below=lp.quantity("1500.5 CNY"))
EVERYTHING = (
    *(lp.indicator(code) for code in lp.CATALOGUE),
    called("by_origin", "disbursed_amount", held_at="origination"),
    called("by_holder", "disbursed_amount", cancelled="kept", held_at="as of"),
    called("npl_with_lost", "npl_ratio", written_off="included", rescheduled="non-performing"),
    called("instalments", "overdue_ratio", basis="instalment"),
    called("overdue_loans", "overdue_ratio", basis="count", held_at="origination"),
    called("new_customers", "customer_count", counted="new"),
    declared(
        "long_loans",
        lp.schemes.Kind.MONEY,
        lp.schemes.Total(over="loan events", sum="amount", where=(LONG, DRAWN), weighed_by="amount", weights=BANDS),
    ),
    declared(
        "middling_loans",
        lp.schemes.Kind.COUNT,
        lp.schemes.Total(over="loans", where=(MIDDLING,), weighed_by="average_balance", weights=BANDS),
    ),
)
"""Every indicator of the catalogue and every view, and what makes a row weigh, count for another, or be in doubt."""


# ── facts, written short ────────────────────────────────────────────────────────────────────────────────────


def loan(code: str = "L1", officer: str = "lin", opened: str = "2026-03-01", **more: Any) -> lp.Loan:
    """A loan of a customer of its own."""
    return lp.Loan(loan=code, customer=f"C-{code}", officer=officer, opened_on=opened, **more)


def event(kind: str, on: str, of: str = "L1", **more: Any) -> lp.LoanEvent:
    """Something that happened to a loan."""
    return lp.LoanEvent(loan=of, kind=E(kind), on=on, **more)


def balance(amount: object, on: str = "2026-03-31", of: str = "L1", **more: Any) -> lp.Balance:
    """A balance in yuan."""
    return lp.Balance(loan=of, on=on, outstanding=f"{amount} CNY", **more)


def staff(*payees: str, **terms: Any) -> lp.Organisation:
    """These payees, assigned to one branch from 2026-03-10 on, or from another day."""
    terms = {"since": "2026-03-10", "unit": "east", "role": "x"} | terms
    held = [lp.Assignment(payee=payee, **terms) for payee in payees]
    return lp.Organisation(units=[lp.Unit(code="bank"), lp.Unit(code="east", parent="bank")], assignments=held)


def watching(*codes: str, **more: Any) -> Watch:
    """A watch of March in yuan over indicators of the catalogue."""
    return Watch(period=MARCH, currency="CNY", indicators=[lp.indicator(code) for code in codes], **more)


def appraising(*payees: str, scheme: str = SCHEME, **more: Any) -> Watch:
    """A watch of March by a scheme, for these payees, or for lin."""
    people = staff(*(payees or ("lin",)), since="2026-01-01", salary="8000 CNY")
    schemes = lp.SchemeBook([lp.parse_scheme(scheme)])
    return Watch(period=MARCH, currency="CNY", schemes=schemes, organisation=people, **more)


def supplied(payee: str, **readings: Any) -> list[lp.Reading]:
    """Readings that the host has."""
    return [lp.Reading.of(code, value, subject=payee) for code, value in readings.items()]


def tracking(watch: Watch, facts: Iterable[Any] = ()) -> Tracker:
    """A tracker that was fed."""
    tracker = Tracker.start(watch)
    tracker.feed_all(facts)
    return tracker


def without_parts(found: lp.Readings) -> Readings:
    """The readings of every payee, but for what each fact gave."""
    return {
        payee: {code: evolve(reading, parts=None) for code, reading in found.of(payee).items()}
        for payee in found.payees
    }


def measured(watch: Watch, facts: Iterable[Any]) -> lp.Readings:
    """What is measured of all facts at once."""
    given = lp.Facts.joined([fact] for fact in facts)
    return measure_part(given, watch.period, watch.measured, currency=watch.currency, payees=watch.staff)


def faults(tracker: Tracker) -> list[tuple[str, str]]:
    """Fact and fault of each problem."""
    return [(problem.where, problem.fault) for problem in tracker.problems()]


def value(tracker: Tracker, code: str, payee: str = "lin") -> str:
    """What an indicator shows, as text."""
    return str(tracker.readings(payee)[code].value)


# ── facts drawn ─────────────────────────────────────────────────────────────────────────────────────────────

DAYS = st.integers(-40, 44).map(lambda days: MARCH.start + timedelta(days=days))
UNITS = st.sampled_from([0, 50_000, 77_777, 100_000])
LOANS, PAYEES, NUMBERS = (st.sampled_from(words) for words in (["L1", "L2", "L3"], ["a", "b", "c"], ["", "1"]))
SOURCES = st.sampled_from(["", "crm", "core"])
MONEY = st.builds(lp.Money.from_units, UNITS, st.sampled_from(["CNY", "CNY", "CNY", "CNY", "USD"]))


@st.composite
def events(draw: st.DrawFn) -> lp.LoanEvent:
    """Anything that can happen to a loan."""
    kind = draw(st.sampled_from(E))
    stated: dict[str, Any] = {}
    match kind:
        case E.SIGNED | E.DISBURSED | E.REPAID | E.PREPAID | E.WRITTEN_OFF | E.RECOVERED:
            stated = {"amount": draw(MONEY)}
        case E.CLASSIFIED:
            stated = {"category": draw(st.sampled_from(lp.Category))}
        case E.PAST_DUE:
            stated = {"days": draw(st.sampled_from([0, 5, 31, 95]))}
        case E.ASSIGNED:
            stated = {"officer": draw(PAYEES)}
        case _:
            pass
    return lp.LoanEvent(
        loan=draw(LOANS), kind=kind, on=draw(DAYS), number=draw(NUMBERS), source=draw(SOURCES), **stated
    )


@st.composite
def balances(draw: st.DrawFn) -> lp.Balance:
    """A balance, with or without an overdue part."""
    amount, part = draw(MONEY), draw(st.sampled_from([None, 0, 2]))
    overdue = None if part is None else lp.Money.from_units(amount.units // 2 if part else 0, amount.currency)
    return lp.Balance(loan=draw(LOANS), on=draw(DAYS), outstanding=amount, overdue=overdue)


@st.composite
def customers(draw: st.DrawFn) -> lp.Customer:
    """A customer held from a day on, or to another."""
    since, days = draw(DAYS), draw(st.none() | st.integers(1, 40))
    until = None if days is None else since + timedelta(days=days)
    return lp.Customer(customer=draw(st.sampled_from(["C1", "C2"])), officer=draw(PAYEES), since=since, until=until)


ISSUED = st.builds(
    lp.Loan,
    loan=LOANS,
    customer=st.just("C"),
    officer=PAYEES,
    opened_on=st.just(date(2026, 1, 20)) | DAYS,
    first_due_on=st.none() | DAYS,
    term_months=st.sampled_from([None, 6, 12]),
    product=st.sampled_from(["", "x"]),
    source=SOURCES,
)
OF_CUSTOMERS = st.one_of(
    customers(),
    st.builds(lp.Holding, customer=st.sampled_from(["C1", "C2"]), product=st.sampled_from("xy"), since=DAYS),
    st.builds(lp.Profit, customer=st.just("C1"), on=DAYS, amount=MONEY, number=NUMBERS),
)
OF_PAYEES = st.one_of(
    st.builds(lp.Violation, number=NUMBERS.map("V{}".format), payee=PAYEES, on=DAYS, points=st.sampled_from([5, 60])),
    st.builds(
        lp.Inquiry, number=st.just("I"), payee=PAYEES, on=DAYS, authorised=st.booleans(), permitted=st.booleans()
    ),
    st.builds(
        lp.Valuation,
        number=st.just("A"),
        payee=PAYEES,
        on=DAYS,
        appraised=UNITS.map(lambda units: lp.Money.from_units(units, "CNY")),
        benchmark=st.just(lp.Money.from_units(90_000, "CNY")),
    ),
    st.builds(lp.Training, payee=PAYEES, course=st.just("AML"), on=DAYS, completed_on=st.none() | DAYS),
    st.builds(lp.Complaint, number=NUMBERS.map("K{}".format), payee=PAYEES, on=DAYS, upheld=st.booleans()),
    st.builds(
        lp.Rating, number=st.just("R"), payee=PAYEES, on=DAYS, topic=st.just("teamwork"), score=st.integers(0, 100)
    ),
    st.builds(lp.Credit, loan=LOANS, payee=PAYEES, on=DAYS),
)
FACTS = st.one_of(ISSUED, events(), events(), events(), balances(), OF_CUSTOMERS, OF_PAYEES)


class TrackerMachine(RuleBasedStateMachine):
    """A host: facts come late, twice, wrong and withdrawn, trackers are stored, split and merged."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Any] = []
        self.known: list[Any] = []
        """What the book holds."""
        self.watch = Watch(period=MARCH, currency="CNY")
        self.tracker = Tracker.start(self.watch)
        self.book = lp.Facts.of([])
        self.before: Readings = {}
        self.cursor = 0

    @initialize(
        indicators=st.lists(st.sampled_from(EVERYTHING), min_size=1, unique=True),
        people=st.sampled_from([None, "ab"]),
        held=st.none() | st.lists(FACTS, max_size=12),
    )
    def start(self, indicators: list[lp.schemes.Indicator], people: str | None, held: list[Any] | None) -> None:
        """What is looked at, and what a book may hold to begin with; with an organisation c is a stranger."""
        terms: dict[str, Any] = {"indicators": indicators}
        if people is not None:
            terms |= {"organisation": staff(*people, salary="8000 CNY"), "schemes": BOOK}
        self.watch = Watch(period=MARCH, currency="CNY", **terms)
        if held is not None:
            # A book has no column for where a fact comes from, so the reasons of a tracker over it name no source.
            self.known = [evolve(fact, source="") for fact in lp.Facts.of(held) if in_yuan(fact)]
            self.book = book_of(self.known)
        self.rows = [*self.known]
        self.tracker = self.started()
        self.before = without_parts(measured(self.watch, self.rows))

    def started(self) -> Tracker:
        """A tracker of what was known to begin with."""
        return Tracker.start(self.watch, facts=self.book)

    @rule(fact=FACTS)
    def feed(self, fact: Any) -> None:
        """A row comes, a contradiction often enough."""
        self.tracker.feed(fact)
        self.rows.append(fact)

    @rule(facts=st.lists(FACTS, min_size=2, max_size=8))
    def feed_many(self, facts: list[Any]) -> None:
        """Rows come, and nobody asks between them."""
        self.tracker.feed_all(facts)
        self.rows += facts

    @precondition(lambda self: self.rows)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """A row comes again."""
        fact = data.draw(st.sampled_from(self.rows))
        self.tracker.feed(fact)
        self.rows.append(fact)

    @precondition(lambda self: self.rows)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        """A fact was not so."""
        fact = data.draw(st.sampled_from(self.rows))
        self.tracker.withdraw(fact)
        self.rows = [row for row in self.rows if row != fact]

    @precondition(lambda self: self.rows)
    @rule(data=st.data())
    def withdraw_all(self, data: st.DataObject) -> None:
        """Nothing of what was said under a key was so."""
        key = data.draw(st.sampled_from(self.rows)).key
        self.tracker.withdraw(key)
        self.rows = [row for row in self.rows if row.key != key]

    @precondition(lambda self: self.rows)
    @rule(data=st.data(), fact=FACTS)
    def correct(self, data: st.DataObject, fact: Any) -> None:
        """A fact was otherwise: another one under its key, or the row itself, which ends a contradiction."""
        if fact.key not in {row.key for row in self.rows}:
            fact = data.draw(st.sampled_from(self.rows))
        self.tracker.correct(fact)
        self.rows = [*(row for row in self.rows if row.key != fact.key), fact]

    @rule()
    def store(self) -> None:
        """The host restarts; cursors go on."""
        stored = json.dumps(self.tracker.snapshot())
        self.tracker = Tracker.restore(json.loads(stored), self.watch, facts=self.book)

    @rule(mine=st.sets(LOANS))
    def split(self, mine: set[str]) -> None:
        """Two machines had the loans between them all along, and what belongs to no loan came to either."""
        halves, gone = (self.started(), self.started()), [*self.known]
        for row in self.rows:
            if row in gone:
                gone.remove(row)
            else:
                halves[side(row, mine)].feed(row)
        for fact in gone:
            halves[side(fact, mine)].withdraw(fact)
        assert self.tracker == merge(*halves)

    @precondition(lambda self: not len(self.book))
    @rule(random=st.randoms(use_true_random=False))
    def shuffle(self, random: Any) -> None:
        """The order in which rows come tells nothing."""
        rows = [*self.rows]
        random.shuffle(rows)
        assert self.tracker == tracking(self.watch, rows)

    @invariant()
    def readings_are_those_of_all_rows(self) -> None:
        """Readings, problems and counts; and whoever has others than before is named, and nobody else."""
        found = measured(self.watch, self.rows)
        mine = self.tracker.measured()
        now, before = without_parts(found), self.before
        assert now == without_parts(mine)
        assert (found.payees, found.rows) == (mine.payees, mine.rows)
        if not len(self.book):
            assert found == mine
        others = sorted(payee for payee in now.keys() | before.keys() if now.get(payee) != before.get(payee))
        named, self.cursor = self.tracker.changes(self.cursor)
        assert tuple(others) == named
        self.before = now

    @invariant()
    def pay_is_that_of_all_rows(self) -> None:
        """Score, bonus and reasons of everybody, and of each alone, are those of a run; or why there are none."""
        if self.watch.schemes is None:
            return
        expected = run_over(self.watch, self.rows)
        if expected is None:
            return
        everybody = self.tracker.results()
        assert (expected, expected.problems) == (everybody, everybody.problems)
        for payee in "ab":
            mine = self.tracker.results([payee])
            assert expected.of(payee) == mine
            assert [one for one in expected.problems if one.payee == payee] == [*mine.problems]
            if mine:
                assert expected.explain(payee) == mine.explain(payee)


def run_over(watch: Watch, facts: Iterable[Any]) -> lp.Results | None:
    """What a run of the period makes of all facts at once; None where there is none in the period or before it."""
    assert watch.schemes is not None
    assert watch.organisation is not None
    try:
        done = lp.run(
            watch.period,
            facts=MemoryFacts(lp.Facts.joined([fact] for fact in facts)),
            people=MemoryPeople(watch.organisation),
            schemes=MemorySchemes(watch.schemes, watch.targets),
        )
    except lp.errors.EmptyPeriodError:
        return None
    return done.results


def side(fact: Any, mine: set[str]) -> bool:
    """To which of two trackers a fact comes."""
    return fact.loan in mine if hasattr(fact, "loan") else bool(fact.on.day % 2)


def in_yuan(fact: Any) -> bool:
    """Whether no amount of a fact is in dollars: what is, a book has for a problem, and not for a fact."""
    amounts = (getattr(fact, name, None) for name in ("amount", "outstanding"))
    return all(amount is None or amount.currency == "CNY" for amount in amounts)


def test_reasons_name_the_sources_of_what_was_fed_and_not_of_what_a_book_holds() -> None:
    """Columns of a book do not say where a fact comes from; else they are the reasons of facts that came as rows."""
    drawn = event("disbursed", "2026-03-05", amount="300 CNY", source="crm")
    rated = lp.Rating(number="R1", payee="a", on="2026-03-31", topic="teamwork", score="90", rater="z")
    held: list[lp.Fact] = [loan(officer="a"), drawn, balance("100"), rated]
    watch = appraising("a", indicators=EVERYTHING)

    fed, over = tracking(watch, held), Tracker.start(watch, facts=book_of(held))
    why, alike = (tracker.results(["a"]).explain("a").text() for tracker in (fed, over))
    assert "disbursed 2026-03-05 (crm): 300" in why
    assert why.replace(" (crm)", "") == alike


TestTracker = pytest.mark.slow(TrackerMachine.TestCase)
TestTracker.settings = settings(stateful_step_count=20)


# ── rows as they come ───────────────────────────────────────────────────────────────────────────────────────


def test_an_event_may_come_before_its_loan() -> None:
    """Systems send in no order: until the loan comes the event is a problem, and then it counts, late or not."""
    tracker = tracking(watching("disbursed_amount"), [event("disbursed", "2026-03-05", amount="30万元")])

    assert [("event L1 disbursed 2026-03-05", "there is no such loan")] == faults(tracker)
    assert {} == tracker.readings("lin")

    tracker.feed(loan())

    assert [] == faults(tracker)
    assert "300000 CNY" == value(tracker, "disbursed_amount")


def test_what_is_dated_outside_of_the_period_counts_where_it_should() -> None:
    """A drawdown of February is no volume of March, and is balance; one of April is neither, yet it is no problem."""
    facts = [
        loan(opened="2026-02-01"),
        event("disbursed", "2026-02-10", amount="5万元"),
        event("disbursed", "2026-04-01", amount="7万元"),
        balance(0, "2026-04-30"),
    ]
    tracker = tracking(watching("disbursed_amount", "average_daily_balance"), facts)

    assert "0 CNY" == value(tracker, "disbursed_amount")
    assert "50000 CNY" == value(tracker, "average_daily_balance")
    assert (4, 4, ()) == (tracker.measured().rows, tracker.measured().used, tracker.problems())


def test_another_currency_is_a_problem() -> None:
    """Dollars are no yuan: they are refused, and nothing else is."""
    tracker = tracking(watching("disbursed_amount"), [loan(), event("disbursed", "2026-03-05", amount="100 USD")])
    tracker.feed(event("disbursed", "2026-03-06", amount="100 CNY"))

    assert [("event L1 disbursed 2026-03-05", "it is in another currency")] == faults(tracker)
    assert "100 CNY" == value(tracker, "disbursed_amount")


def test_rows_that_contradict_each_other_count_again_once_one_is_withdrawn() -> None:
    """Nothing tells which of two is true, so neither counts; the host says which was wrong, and the other counts."""
    wrong, true = (event("disbursed", "2026-03-05", amount=amount) for amount in ("300 CNY", "30 CNY"))
    tracker = tracking(watching("disbursed_amount"), [loan(), wrong, true])

    assert ["2 rows contradict each other"] * 2 == [fault for _, fault in faults(tracker)]
    assert "0 CNY" == value(tracker, "disbursed_amount")

    tracker.withdraw(wrong)

    assert [] == faults(tracker)
    assert "30 CNY" == value(tracker, "disbursed_amount")


def test_a_correction_replaces_what_was_said() -> None:
    """To correct is to say so: then the later row holds, and there is no problem; it may itself be corrected."""
    tracker = tracking(watching("disbursed_amount"), [loan(), event("disbursed", "2026-03-05", amount="300 CNY")])
    tracker.correct(event("disbursed", "2026-03-05", amount="30 CNY"))

    assert ([], "30 CNY") == (faults(tracker), value(tracker, "disbursed_amount"))

    tracker.correct(event("disbursed", "2026-03-05", amount="31 CNY"))

    assert ([], "31 CNY") == (faults(tracker), value(tracker, "disbursed_amount"))
    assert 2 == tracker.measured().rows


def test_a_withdrawal_takes_the_repeats_along() -> None:
    """What was not so was not so from either system; fed again later it is so again."""
    drawn = event("disbursed", "2026-03-05", amount="300 CNY", source="crm")
    tracker = tracking(watching("disbursed_amount"), [loan(), drawn, evolve(drawn, source="core")])

    assert (3, 1, "300 CNY") == (
        tracker.measured().rows,
        tracker.measured().repeats,
        value(tracker, "disbursed_amount"),
    )

    tracker.withdraw(drawn)

    assert (1, 0, "0 CNY") == (tracker.measured().rows, tracker.measured().repeats, value(tracker, "disbursed_amount"))

    tracker.feed(drawn)

    assert "300 CNY" == value(tracker, "disbursed_amount")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (lambda tracker: tracker.correct(loan("L2")), "loan L2: there is nothing to correct"),
        (lambda tracker: tracker.withdraw(loan("L2")), "loan L2: nothing is said under this key"),
        (lambda tracker: tracker.withdraw(loan(officer="wu")), "loan L1: there is only "),
        (lambda tracker: tracker.withdraw(("loan", "L4")), "loan L4: nothing is said under this key"),
        (lambda tracker: tracker.withdraw("L1"), "what is withdrawn: it is a str; pass a fact, or its key"),
        (lambda tracker: tracker.feed("L1"), "a row: its type cannot be 'str'; pass facts"),
        (lambda tracker: tracker.correct("L1"), "a row: its type cannot be 'str'; pass facts such"),
        (lambda tracker: tracker.changes(1), "the cursor: it is 1, and this tracker is at 0; give one that"),
        (lambda tracker: tracker.changes(-1), "the cursor: it is -1"),
        (lambda tracker: tracker.results(["lin"]), "the schemes: the watch has none; pass Watch(schemes="),
        (lambda tracker: tracker.measured("lin"), "payees: it is no list"),
        (lambda tracker: Tracker.restore({}, tracker.watch), "the snapshot: its form is None"),
        (
            lambda tracker: Tracker.restore(tracker.snapshot() | {"groups": 1}, tracker.watch),
            "the snapshot: it lacks or garbles",
        ),
    ],
)
def test_a_wrong_call_says_what_to_do(asked: Callable[[Tracker], Any], message: str) -> None:
    """Nothing is taken in silence: a correction of nothing is as likely a wrong key as an early one."""
    tracker = tracking(watching("npl_ratio"), [])
    tracker.feed(loan(opened="2026-04-02"))
    with pytest.raises(lp.errors.LoanPerfError) as caught:
        asked(tracker)

    assert str(caught.value).startswith(message)
    assert (1, ()) == (tracker.measured().rows, tracker.problems())


def test_a_tracker_is_no_key() -> None:
    """It changes, so that no set would find it again."""
    with pytest.raises(TypeError, match="a Tracker changes"):
        hash(tracking(watching()))


# ── what is asked ───────────────────────────────────────────────────────────────────────────────────────────


def test_changes_name_whose_readings_changed() -> None:
    """A dashboard asks for those alone; a fact that changes no reading names nobody."""
    tracker = tracking(watching("disbursed_amount"))

    assert ((), 0) == tracker.changes(0)

    tracker.feed_all([loan(), event("disbursed", "2026-03-05", amount="1 CNY"), loan("L2", "wu")])
    both, cursor = tracker.changes(0)

    assert ("lin", "wu") == both
    assert ((), cursor) == tracker.changes(cursor)

    tracker.feed(event("repaid", "2026-03-06", amount="1 CNY"))

    assert ((), cursor) == tracker.changes(cursor)

    tracker.feed(event("disbursed", "2026-03-09", "L2", amount="1 CNY"))

    assert ("wu",) == tracker.changes(cursor)[0]
    assert ("lin", "wu") == tracker.changes(0)[0]


def test_a_customer_who_is_moved_changes_two_payees() -> None:
    """Whoever had the customer has lost it on the day when another one has it."""
    held = lp.Customer(customer="C", officer="lin", since="2026-01-05")
    tracker = tracking(watching("customer_count", organisation=staff("lin", "wu")), [held])
    _, cursor = tracker.changes(0)
    tracker.correct(evolve(held, until="2026-03-10"))
    tracker.feed(lp.Customer(customer="C", officer="wu", since="2026-03-10"))

    assert ("lin", "wu") == tracker.changes(cursor)[0]
    assert ("0", "1") == (value(tracker, "customer_count"), value(tracker, "customer_count", "wu"))


def test_a_correction_changes_whom_it_takes_away_from() -> None:
    """The violation was wu's and no longer is lin's, of whom nothing is said any more."""
    said, moved = (lp.Violation(number="V", payee=payee, on="2026-03-02", points=20) for payee in ("lin", "wu"))
    for over in (lp.Facts.of([]), book_of([said])):
        tracker = Tracker.start(watching("compliance_score"), facts=over)
        tracker.feed_all([] if len(over) else [said])
        _, cursor = tracker.changes(0)
        tracker.correct(moved)

        assert ("lin", "wu") == tracker.changes(cursor)[0]
        assert ({}, ("wu",)) == (tracker.readings("lin"), tracker.payees)


def test_the_facts_of_a_payee_are_all_that_its_readings_stand_on() -> None:
    """Of each loan and customer that it ever had, or is named in, everything that was said, and nothing of others."""
    mine: list[Any] = [
        *(loan("L1"), balance(5, of="L1"), event("assigned", "2026-03-03", officer="wu")),
        *(loan("L2", "wu"), event("assigned", "2026-03-04", "L2", officer="lin")),
        *(loan("L3", "wu"), lp.Credit(loan="L3", payee="lin", on="2026-03-05", role="assistant")),
        lp.Customer(customer="C", officer="lin", since="2026-01-01", until="2026-02-01"),
        lp.Customer(customer="C", officer="wu", since="2026-02-01"),
        lp.Holding(customer="C", product="card", since="2026-03-01"),
        lp.Profit(customer="C", on="2026-03-02", amount="1 CNY"),
        lp.Training(payee="lin", course="AML", on="2026-03-31"),
    ]
    others: list[Any] = [loan("L4", "wu"), balance(5, of="L4"), lp.Training(payee="wu", course="AML", on="2026-03-31")]
    watch = watching("npl_ratio")
    fed, over = tracking(watch, [*mine, *others]), Tracker.start(watch, facts=book_of([*mine, *others]))
    touched = Tracker.start(watch, facts=book_of([*mine[1:], *others]))
    touched.feed(mine[0])

    for tracker in (fed, over, touched):
        assert lp.Facts.joined([fact] for fact in mine) == tracker.facts(["lin"])
    assert lp.Facts.joined([fact] for fact in [*mine, *others]) == fed.facts() == over.facts() == touched.facts()


def test_points_that_are_gone_cannot_change_again() -> None:
    """100 points less 120 are 0, and less 130 are 0 too: nobody needs to be told."""
    points = [lp.Violation(number=str(n), payee="lin", on="2026-03-02", points=n) for n in (120, 10)]
    tracker = tracking(watching("compliance_score"), points[:1])
    _, cursor = tracker.changes(0)
    tracker.feed(points[1])

    assert "0 point" == value(tracker, "compliance_score")
    assert () == tracker.changes(cursor)[0]


def test_a_loan_that_is_handed_on_changes_two_payees() -> None:
    """The balance moves from the one to the other on the day it says."""
    watch = watching("npl_ratio", organisation=staff("lin", "wu"))
    tracker = tracking(watch, [loan(opened="2026-01-05"), balance(100)])
    _, cursor = tracker.changes(0)
    tracker.feed(event("assigned", "2026-03-20", officer="wu"))

    assert ("lin", "wu") == tracker.changes(cursor)[0]
    assert [0, 100] == [tracker.readings(payee)["npl_ratio"].denominator for payee in ("lin", "wu")]


def test_a_team_is_the_sum_of_its_members() -> None:
    """1 of 10 and 1 of 90 are 2 of 100, never the mean of two ratios; points are the mean of the members'."""
    facts = [
        *(loan("L1", opened="2026-01-05"), balance(10), event("classified", "2026-03-02", category=lp.Category.LOSS)),
        *(loan("L2", "wu", opened="2026-01-05"), balance(90, of="L2")),
        lp.Violation(number="V", payee="wu", on="2026-03-02", points=20),
    ]
    watch = watching("npl_ratio", "compliance_score", "customer_count", organisation=staff("lin", "wu"))
    tracker = tracking(watch, facts)
    by_rows, team = (found.team("east", ["lin", "wu"]) for found in (measured(watch, facts), tracker.measured()))

    assert by_rows == team == tracker.measured(["wu", "lin"]).team("east", ["lin", "wu"])
    assert (Fraction(1, 10), Fraction(90)) == tuple(
        found.value.value for found in (team["npl_ratio"], team["compliance_score"]) if found.value
    )
    assert Fraction(0) == tracker.measured(["wu"]).team("other", ["wu", "wu"])["npl_ratio"].numerator


def test_pay_follows_a_late_event_at_once() -> None:
    """60% of the target and 120% elsewhere are 90 points, 0.9 months of the salary that the organisation knows."""
    target = lp.Target(payee="lin", indicator="disbursed_amount", value="100万元")
    watch = appraising(targets=[target])
    tracker = tracking(watch, [loan(), event("disbursed", "2026-03-05", amount="60万元")])
    rated = supplied("lin", teamwork="96 point", npl_ratio="2.4%", overdue_ratio=0)

    def paid() -> tuple[str, str]:
        (result,) = tracker.results(["lin"], readings=rated)
        assert result.award is not None
        return str(result.appraisal.score), str(result.award.amount)

    assert ("90.0", "7200.00 CNY") == paid()

    tracker.feed(event("disbursed", "2026-03-04", amount="10万元"))

    assert ("95.0", "7600.00 CNY") == paid()


def test_each_assignment_is_paid_for_its_own_days() -> None:
    """Until the 10th in one role and from then on in another: each has the volume, target and bonus of its own days.

    Of 3100 yuan 900 are due in nine days and 2200 in the other 22, which is what was drawn; half of the points are the
    volume's, 30% those of no bad loans at a limit of 3%, which count double, and teamwork is renormalised away:
    (50 + 60) / 80% are 137.5 points, of which the curve pays 100, so 8000 yuan × 9 / 31 and × 22 / 31.
    """
    held = [
        lp.Assignment(payee="lin", unit="east", role=role, since=since, until=until, salary="8000 CNY")
        for role, since, until in (("x", "2026-01-01", "2026-03-10"), ("y", "2026-03-10", None))
    ]
    watch = Watch(period=MARCH, currency="CNY", schemes=BOOK, organisation=lp.Organisation(assignments=held))
    drawn = [event("disbursed", "2026-03-05", amount="900 CNY"), event("disbursed", "2026-03-20", amount="2200 CNY")]
    tracker = tracking(watch, [loan(), *drawn])
    _, cursor = tracker.changes(0)

    def paid() -> list[tuple[str, str]]:
        return [(str(one.appraisal.score), str(one.award and one.award.amount)) for one in tracker.results()]

    assert [("137.5", "2322.58 CNY"), ("137.5", "5677.42 CNY")] == paid()

    # The same in the month, and not in its parts: 450 of 900 are 25 of the 50 points.
    tracker.correct(evolve(drawn[0], amount=lp.Money("450 CNY")))
    tracker.correct(evolve(drawn[1], amount=lp.Money("2650 CNY")))

    assert (25 + 60) / Fraction("0.8") == Fraction("106.25")
    assert "106.2" == paid()[0][0]
    assert ("lin",) == tracker.changes(cursor)[0]


def test_readings_of_other_cards_are_passed_over() -> None:
    """Each role has its own card: what only a colleague's looks at does not count, measured or supplied."""
    other = SCHEME.replace("disbursed_amount", "loan_amount").replace("3100 CNY", "100 CNY")
    assert other != SCHEME
    tracker = tracking(appraising("lin", "wu"), [loan(), event("disbursed", "2026-03-05", amount="3100 CNY")])
    given = supplied("lin", teamwork="80 point", npl_ratio="3%", overdue_ratio=0, loan_amount="1 CNY")

    assert ["100.0"] == [str(one.appraisal.score) for one in tracker.results(["lin"], readings=given)]


def test_what_needs_everybody_is_what_a_run_says() -> None:
    """A pool is shared by the scores of all, and ranks are among all: both are made of the results of everybody."""
    payees = ("lin", "wu", "zhao")
    watch = appraising(*payees)
    facts: list[Any] = [loan(f"L{n}", payee) for n, payee in enumerate(payees)]
    facts += [event("disbursed", "2026-03-05", f"L{n}", amount=f"{1000 * n} CNY") for n in range(3)]
    tracker = tracking(watch, facts)
    expected = run_over(watch, facts)
    assert expected is not None

    def shared(results: Iterable[lp.Result]) -> Any:
        return lp.share_pool(lp.Money("1000 CNY"), [one.appraisal for one in results])

    assert [*expected] == [*tracker.results()]
    assert shared(expected) == shared(tracker.results())
    assert measured(watch, facts).team("east", payees) == tracker.measured().team("east", payees)


# ── alerts ──────────────────────────────────────────────────────────────────────────────────────────────────


def warned(tracker: Tracker, *rules: AlertRule, as_of: str) -> list[tuple[str, str, str]]:
    """Indicator, kind and limit of each alert."""
    found = tracker.alerts("lin", rules, as_of=as_of)
    return [(a.indicator, f"{'' if a.struck else 'not yet '}{a.place or a.kind}", str(a.limit)) for a in found]


def pace(indicator: str, limit: str) -> AlertRule:
    """A rule that warns below a part of what is due."""
    return AlertRule(code=f"pace {limit} {indicator}", kind="pace", indicator=indicator, limit=limit)


def near(indicator: str, limit: Any) -> AlertRule:
    """A rule that warns of a veto or gate that is near."""
    return AlertRule(code=f"near {indicator}", kind="near", indicator=indicator, limit=limit)


@pytest.mark.parametrize(
    ("as_of", "limit", "expected"),
    [
        ("2026-03-01", "100%", []),
        ("2026-03-10", "100%", []),
        ("2026-03-11", "100%", [("disbursed_amount", "pace", "1100 CNY")]),
        ("2026-03-11", "90%", []),
        ("2026-03-12", "90%", [("disbursed_amount", "pace", "1200 CNY")]),
        ("2026-03-31", "32%", []),
        ("2026-03-31", "33%", [("disbursed_amount", "pace", "3100 CNY")]),
    ],
)
def test_a_flow_is_due_day_by_day(as_of: str, limit: str, expected: list[Any]) -> None:
    """Of 3100 yuan in March 100 are due each day; 1000 are on time on the 10th, and at a pace of 90% on the 11th."""
    watch = appraising()
    tracker = tracking(watch, [loan(), event("disbursed", "2026-03-05", amount="1000 CNY")])

    assert expected == warned(tracker, pace("disbursed_amount", limit), as_of=as_of)


def test_a_stock_is_due_whole_on_every_day() -> None:
    """An NPL ratio of 4% is behind its 3% on the first day as on the last; at a pace of 75% it is not."""
    watch = appraising()
    bad = event("classified", "2026-02-02", "L2", category=lp.Category.LOSS)
    old = [loan("L1", opened="2026-01-05"), loan("L2", opened="2026-01-05"), bad]
    tracker = tracking(watch, [*old, balance(96, "2026-02-28"), balance(4, "2026-02-28", "L2")])
    rules = [pace("npl_ratio", limit) for limit in ("100%", "76%", "75%")]

    assert [("npl_ratio", "pace", "0.03")] * 2 == warned(tracker, *rules, as_of="2026-03-01")


@pytest.mark.parametrize(
    ("points", "within", "expected"),
    [
        (30, "9 point", []),
        (30, "10 point", [("compliance_score", "not yet veto below 60 point", "60 point")]),
        (40, 0, [("compliance_score", "not yet veto below 60 point", "60 point")]),
        (41, 0, [("compliance_score", "veto below 60 point", "60 point")]),
        (90, "5 point", [("compliance_score", "veto below 60 point", "60 point")]),
    ],
)
def test_a_veto_warns_before_it_strikes(points: int, within: Any, expected: list[Any]) -> None:
    """Below 60 points nothing is paid: 70 are near by 10, 60 are near by nothing, and 59 have it."""
    watch = appraising()
    tracker = tracking(watch, [lp.Violation(number="V", payee="lin", on="2026-03-02", points=points)])

    assert expected == warned(tracker, near("compliance_score", within), as_of="2026-03-31")


@pytest.mark.parametrize(
    ("late", "within", "expected"),
    [
        (0, "9%", []),
        (0, "10%", [("overdue_ratio", "not yet gate 1", "0.3")]),
        (10, "40%", [("overdue_ratio", "gate 1", "0.3")]),
        (50, "0%", [("overdue_ratio", "gate 1", "1")]),
    ],
)
def test_a_gate_warns_before_it_forfeits(late: int, within: str, expected: list[Any]) -> None:
    """From 10% of overdue loans on 30% of the bonus is forfeited, from 50% on all of it."""
    watch = appraising()
    facts = [loan(opened="2026-01-05"), loan("L2", opened="2026-01-05"), balance(100 - late), balance(late, of="L2")]
    tracker = tracking(watch, [*facts, event("past due", "2026-03-31", "L2", days=9)])

    assert expected == warned(tracker, near("overdue_ratio", within), as_of="2026-03-31")


def test_an_alert_says_what_it_is_in_both_languages() -> None:
    """It goes into a mail as it is."""
    watch = appraising()
    tracker = tracking(watch, [loan(), event("disbursed", "2026-03-05", amount="1000 CNY")])
    rules = [pace("disbursed_amount", "100%"), near("disbursed_amount", "0 CNY")]
    (alert,) = tracker.alerts("lin", rules, as_of="2026-03-20")

    assert "lin: disbursed amount at 1000 CNY on 2026-03-20 is behind what is due by then, 2000 CNY" == str(alert)
    assert "lin：放款量截至 2026-03-20 为 1,000 元，低于按时间进度应达到的 2,000 元" == alert.text.to("zh")


def test_there_is_no_alert_without_a_reading_or_of_what_the_card_passes_over() -> None:
    """Rules are for all payees, cards are not; but a code that nothing knows is a slip."""
    watch = appraising()
    tracker = tracking(watch, [loan()])
    rules = [pace(code, "100%") for code in ("npl_ratio", "loan_amount", "lone_amount")]

    assert [] == warned(tracker, *rules[:2], as_of="2026-03-31")
    with pytest.raises(lp.errors.UnknownIndicatorError, match="did you mean 'loan_amount'"):
        warned(tracker, *rules, as_of="2026-03-31")


def test_a_pace_needs_a_target_and_a_distance_its_unit() -> None:
    """Without them a rule would be silent for the wrong reason."""
    watch = appraising()
    tracker = tracking(watch, [loan(), lp.Violation(number="V", payee="lin", on="2026-03-02", points=5)])
    with pytest.raises(lp.errors.TargetError, match="compliance_score"):
        warned(tracker, pace("compliance_score", "90%"), as_of="2026-03-31")
    with pytest.raises(lp.errors.UnitError, match="compliance_score"):
        warned(tracker, near("compliance_score", "5 CNY"), as_of="2026-03-31")


# ── stored, split and merged ────────────────────────────────────────────────────────────────────────────────


def test_equal_facts_make_equal_trackers() -> None:
    """In another order and by another way they are the same; one fact more, and they are not."""
    facts = [loan(), event("disbursed", "2026-03-05", amount="3 CNY"), loan("L2")]
    watch = watching("disbursed_amount")
    one, other = tracking(watch, facts), tracking(watch, reversed(facts))
    other.feed(loan("L3"))

    assert one != other

    other.withdraw(loan("L3"))

    assert one == other
    assert one != tracking(watching("loan_amount"), facts)
    assert one != facts
    assert one.snapshot()["groups"] == other.snapshot()["groups"]


def test_a_snapshot_keeps_every_kind_of_fact() -> None:
    """What is stored is what was fed: amounts, parts and words to the last digit, and contradictions too."""
    facts: list[Any] = [
        loan(amount="50 USD", interest_rate="4.35%", term_months=36, first_due_on="2026-04-01"),
        event("past due", "2026-03-05", days=0),
        event("classified", "2026-03-05", category=lp.Category.SPECIAL_MENTION),
        balance("0.07", overdue="0 CNY", source="core row 7"),
        balance("0.08"),
        lp.Customer(customer="C", officer="lin", since="2026-03-01", until="2026-03-05"),
        lp.Holding(customer="C", product="card", since="2026-03-01"),
        lp.Profit(customer="C", on="2026-03-02", amount="-5.50 CNY", number="2"),
        lp.Violation(number="V", payee="lin", on="2026-03-02", points=Fraction(1, 3)),
        lp.Inquiry(number="I", payee="lin", on="2026-03-02", authorised=False, permitted=True),
        lp.Valuation(number="A", payee="lin", on="2026-03-02", appraised="5 CNY", benchmark="6 CNY"),
        lp.Training(payee="lin", course="反洗钱", on="2026-03-02", completed_on="2026-03-01"),
        lp.Complaint(number="K", payee="lin", on="2026-03-02", topic="fees", upheld=True),
        lp.Rating(number="R", payee="lin", on="2026-03-02", topic="teamwork", score="88.5", rater="wu"),
        SalesLead(number="X", payee="lin", on="2026-03-02", followed_on="2026-03-03", origin="网点", led_to="L1"),
        lp.Credit(loan="L1", payee="lin", on="2026-03-02", share="1/3"),
        lp.ExchangeRate(currency="USD", into="CNY", on="2026-03-02", rate=Fraction(50, 7)),
    ]
    tracker = tracking(watching("npl_ratio"), facts)
    restored = Tracker.restore(json.loads(json.dumps(tracker.snapshot())), tracker.watch)

    assert {*get_args(lp.Fact)} == {type(fact) for fact in facts}
    assert lp.Facts.joined([fact] for fact in facts) == restored.facts()
    assert {fact.source for fact in tracker.facts()} == {fact.source for fact in restored.facts()}
    assert tracker.snapshot() == restored.snapshot()


@given(rows=st.lists(strategies.facts(), max_size=10))
def test_whatever_is_a_fact_can_be_tracked(rows: list[lp.Fact]) -> None:
    """A new kind of facts needs nothing here: it is fed, found, stored and withdrawn by the table of kinds."""
    watch = watching("npl_ratio", "compliance_score")
    tracker = tracking(watch, rows)
    stored = json.loads(json.dumps(tracker.snapshot()))

    assert measured(watch, rows) == tracker.measured()
    assert lp.Facts.joined([row] for row in rows) == Tracker.restore(stored, watch).facts()
    for key in {row.key for row in rows}:
        tracker.withdraw(key)
    assert (0, ()) == (tracker.measured().rows, tracker.payees)


def test_complaints_are_tracked_like_all_else() -> None:
    """The kind that came last: fed, corrected onto somebody else, withdrawn; the tracker has no line for it."""
    held = [lp.Customer(customer=f"C{n}", officer=payee, since="2026-01-05") for n, payee in enumerate(("lin", "wu"))]
    said = lp.Complaint(number="K", payee="lin", on="2026-03-02")
    tracker = tracking(watching("complaint_rate"), [*held, said])
    _, cursor = tracker.changes(0)

    assert ("1", "0") == (value(tracker, "complaint_rate"), value(tracker, "complaint_rate", "wu"))

    tracker.correct(evolve(said, payee="wu"))

    assert ("0", "1") == (value(tracker, "complaint_rate"), value(tracker, "complaint_rate", "wu"))
    assert ("lin", "wu") == tracker.changes(cursor)[0]

    tracker.withdraw(said.key)

    assert "0" == value(tracker, "complaint_rate", "wu")


def test_sources_are_not_compared() -> None:
    """Each fact is a delivery of its own, whoever sends it: the reasons show what the readings count."""
    drawn = [
        event("disbursed", f"2026-03-0{day}", amount="5 CNY", source=source)
        for day, source in enumerate(("crm", "finance"), 3)
    ]
    tracker = tracking(watching("disbursed_amount"), [loan(), *drawn])

    assert ("10 CNY", ()) == (value(tracker, "disbursed_amount"), tracker.problems())
    assert Fraction(10) == sum(part.amount for part in tracker.readings("lin")["disbursed_amount"].parts or ())


def test_cursors_outlive_a_restart_but_not_another_watch() -> None:
    """A host that stored its cursor with the snapshot goes on; looked at otherwise, everybody has changed."""
    watch = watching("disbursed_amount")
    tracker = tracking(watch, [loan(), loan("L2", "wu")])
    _, cursor = tracker.changes(0)
    tracker.feed(event("disbursed", "2026-03-05", amount="3 CNY"))
    stored = tracker.snapshot()

    assert ("lin",) == Tracker.restore(stored, watch).changes(cursor)[0]
    assert ("lin", "wu") == Tracker.restore(stored, watching("loan_amount")).changes(cursor)[0]


def test_a_snapshot_of_a_former_version_is_refused() -> None:
    """It held less of what lies on top of a book; the error says where to get a new one from."""
    tracker = tracking(watching("npl_ratio"), [loan()])
    with pytest.raises(lp.errors.DataError, match="'loanperf tracker 1', of a former version; feed the facts"):
        Tracker.restore(tracker.snapshot() | {"form": "loanperf tracker 1"}, tracker.watch)


def test_a_merge_is_over_loans_of_one_side_each() -> None:
    """A loan in both was split by mistake, and would be half a loan on either side; the error names it."""
    watch = watching("disbursed_amount")
    one, other = (
        tracking(watch, [loan(), loan("L2")]),
        tracking(watch, [event("disbursed", "2026-03-05", "L2", amount="1 CNY")]),
    )
    with pytest.raises(lp.errors.DataError, match="loan L2: both trackers have facts of it"):
        merge(one, other)
    with pytest.raises(lp.errors.DataError, match="they look at different things"):
        merge(one, tracking(watching("loan_amount")))


def test_a_merge_goes_on_with_the_cursors_of_the_first() -> None:
    """What came from the other is a change; both stay as they were."""
    watch = watching("disbursed_amount")
    one = tracking(watch, [loan(), event("disbursed", "2026-03-05", amount="3 CNY"), loan("L2", "wu")])
    other = tracking(watch, [loan("L3", "wu"), event("disbursed", "2026-03-05", "L3", amount="4 CNY"), loan("L4")])
    _, cursor = one.changes(0)
    both = merge(one, other)

    assert ("wu",) == both.changes(cursor)[0]
    assert ("3 CNY", "4 CNY") == (value(both, "disbursed_amount"), value(both, "disbursed_amount", "wu"))
    assert ("0 CNY", {}) == (value(one, "disbursed_amount", "wu"), other.readings("nobody"))


# ── on top of a book ────────────────────────────────────────────────────────────────────────────────────────


def tape() -> lp.Facts:
    """Two loans of lin's and one of wu's as they stood on the last day of February; the last one is bad."""
    loans = {
        "loan": np.array(["L1", "L2", "L3"]),
        "customer": np.array([1, 2, 3]),
        "officer": np.array(["lin", "lin", "wu"]),
        "opened_on": np.array(["2026-01-05"] * 3, dtype="datetime64[D]"),
        "disbursed_on": np.array(["2026-01-05", "2026-01-06", "2026-01-07"], dtype="datetime64[D]"),
        "disbursed": np.array([10_000, 30_000, 50_000]),
        "balance": np.array([9_000, 30_000, 50_000]),
        "category": np.array(["normal", "normal", "loss"]),
    }
    return lp.Facts.read({"loans": loans}, currency="CNY", money="fen", as_of="2026-02-28")


def on_tape(*codes: str, book: lp.Facts | None = None) -> Tracker:
    """A tracker on top of the tape."""
    return Tracker.start(watching(*codes), facts=tape() if book is None else book)


def test_a_book_is_where_a_tracker_starts() -> None:
    """390 yuan of lin's are on the books, and then 90 less; nothing changed before the first fact came."""
    tracker = on_tape("npl_ratio", "disbursed_amount")

    assert ("lin", "wu") == tracker.payees
    assert Fraction(390) == tracker.readings("lin")["npl_ratio"].denominator
    assert "1" == value(tracker, "npl_ratio", "wu")
    assert ((), 0) == tracker.changes(0)

    tracker.feed(event("repaid", "2026-03-05", amount="90 CNY"))

    assert Fraction(300) == tracker.readings("lin")["npl_ratio"].denominator
    assert ("lin",) == tracker.changes(0)[0]
    assert (4, 0, 4, ()) == (
        tracker.measured().rows,
        tracker.measured().repeats,
        tracker.measured().used,
        tracker.problems(),
    )


def test_a_fact_of_a_book_can_be_repeated_contradicted_corrected_and_withdrawn() -> None:
    """What a book says is as open to doubt as what was fed: the balance of L1, stated by the tape."""
    tracker = on_tape("npl_ratio")

    def held() -> Fraction | None:
        return tracker.readings("lin")["npl_ratio"].denominator

    tracker.feed(balance(90, "2026-02-28"))

    assert (Fraction(390), 1, ()) == (held(), tracker.measured().repeats, tracker.problems())

    tracker.feed(balance(70, "2026-02-28"))

    assert (Fraction(400), 3) == (held(), len(tracker.problems()))  # without a balance, what was drawn: 100 and 300

    tracker.withdraw(balance(90, "2026-02-28"))

    assert (Fraction(370), ()) == (held(), tracker.problems())

    tracker.correct(balance(60, "2026-02-28"))

    assert (Fraction(360), ()) == (held(), tracker.problems())

    tracker.withdraw(("loan", "L2"))

    assert (Fraction(60), {"there is no such loan"}) == (held(), {fault for _, fault in faults(tracker)})


def test_what_a_book_refused_stays_a_problem_and_can_be_fed() -> None:
    """A negative balance is no fact; the tracker says so from the start, and takes the true one."""
    table = {
        "loan": np.array(["L1"]),
        "on": np.array(["2026-03-05"], dtype="datetime64[D]"),
        "outstanding": np.array([-1]),
    }
    later = tables_of([event("signed", "2026-03-05", "A", amount="5 CNY")])
    problems = on_tape(
        "npl_ratio", book=lp.Facts.read({"balances": table} | later, currency="CNY", money="fen")
    ).problems()
    book = lp.Facts.read({"balances": table}, currency="CNY", money="fen")
    tracker = on_tape("npl_ratio", book=book)
    tracker.feed_all([loan(), balance(5, "2026-03-05")])

    assert sorted(problem.where for problem in problems) == [problem.where for problem in problems]

    assert Fraction(5) == tracker.readings("lin")["npl_ratio"].denominator
    assert (book.problems, 3, 2) == (tracker.problems(), tracker.measured().rows, tracker.measured().used)


def test_a_problem_of_a_book_goes_once_it_is_mended() -> None:
    """The book knows an event of no loan; when the loan comes, nobody is told of it any more."""
    tables = tables_of(
        [event("disbursed", "2026-03-05", amount="5 CNY"), event("disbursed", "2026-03-05", "L2", amount="5 CNY")]
    )
    tracker = on_tape("disbursed_amount", book=lp.Facts.read(tables, currency="CNY", money="fen"))

    assert 2 == len(tracker.problems())

    tracker.feed(loan())

    assert [("event L2 disbursed 2026-03-05", "there is no such loan")] == faults(tracker)
    assert "5 CNY" == value(tracker, "disbursed_amount")


def test_a_snapshot_on_top_of_a_book_holds_what_was_said_since() -> None:
    """Not ten million loans, but the few that were touched; with another book it would mean something else."""
    book = tape()
    tracker = on_tape("npl_ratio", book=book)
    tracker.feed(event("repaid", "2026-03-05", amount="90 CNY"))
    tracker.correct(balance(290, "2026-02-28", "L2"))
    stored = json.loads(json.dumps(tracker.snapshot()))

    assert [["L1"], ["L2"]] == [group["code"] for group in stored["groups"]]
    restored = Tracker.restore(stored, tracker.watch, facts=book)
    assert tracker == restored
    assert (Fraction(290), tracker.changes(0)) == (
        restored.readings("lin")["npl_ratio"].denominator,
        restored.changes(0),
    )
    assert tracker != on_tape("npl_ratio")
    with pytest.raises(lp.errors.DataError, match="the snapshot is on top of facts of 3 rows"):
        Tracker.restore(stored, tracker.watch)


def test_what_cannot_be_corrected_or_withdrawn_changes_nothing() -> None:
    """A refused call leaves neither a trace in what is stored nor another problem, on top of a book as without one."""
    book = book_of([loan("L1"), lp.Holding(customer="C1", product="card", since="2026-03-01")])
    tracker = Tracker.start(watching("npl_ratio"), facts=book)
    before = (tracker.snapshot(), tracker.problems())
    for fact in (event("cancelled", "2026-03-05"), lp.Profit(customer="C1", on="2026-03-02", amount="1 CNY")):
        for wrong in (tracker.correct, tracker.withdraw):
            with pytest.raises(lp.errors.DataError):
                wrong(fact)

    assert before == (tracker.snapshot(), tracker.problems())


def test_trackers_on_top_of_one_book_merge() -> None:
    """Two machines share the events by loan, and each starts from the whole book."""
    book = tape()
    one, other, whole = (on_tape("npl_ratio", book=book) for _ in range(3))
    first, second = event("repaid", "2026-03-05", amount="90 CNY"), event("repaid", "2026-03-05", "L3", amount="9 CNY")
    one.feed(first)
    other.feed(second)
    whole.feed_all([second, first])

    assert whole == merge(one, other)

    other.feed(event("repaid", "2026-03-06", amount="1 CNY"))
    with pytest.raises(lp.errors.DataError, match="loan L1: both trackers have facts of it"):
        merge(one, other)
    with pytest.raises(lp.errors.DataError, match="each is on top of facts of its own"):
        merge(one, on_tape("npl_ratio"))


def test_what_one_of_two_trackers_withdrew_is_gone_from_both() -> None:
    """The loan is no longer lin's, for whom nothing else came from that side."""
    book = tape()
    one, other = (on_tape("npl_ratio", book=book) for _ in range(2))
    for key in {fact.key for fact in book.only(loans=["L1"])}:
        other.withdraw(key)
    both = merge(one, other)

    assert ("lin",) == both.changes(0)[0]
    assert Fraction(300) == both.readings("lin")["npl_ratio"].denominator


def test_a_tracker_with_a_book_merges_with_one_without() -> None:
    """Whichever comes first; but a loan of the book cannot be in the other."""
    book, new = tape(), tracking(watching("npl_ratio"), [loan("L4", "wu"), balance(100, of="L4")])
    one, whole = on_tape("npl_ratio", book=book), on_tape("npl_ratio", book=book)
    whole.feed_all([loan("L4", "wu"), balance(100, of="L4")])

    assert whole == merge(one, new) == merge(new, one)
    assert ("wu",) == merge(one, new).changes(0)[0]
    assert ("lin", "wu") == merge(new, one).changes(new.changes(0)[1])[0]
    with pytest.raises(lp.errors.DataError, match="loan L3: both"):
        merge(one, tracking(watching("npl_ratio"), [balance(100, of="L3")]))


@pytest.mark.slow
def test_events_on_top_of_a_large_book_come_to_what_they_come_to_inside_of_it() -> None:
    """100,000 loans of 500 officers and 3,000 events: fed one by one, and measured as a table of the book."""
    numbers, loans = np.random.default_rng(5), 100_000
    held = {
        "loan": numbers.permutation(loans),
        "customer": np.arange(loans),
        "officer": numbers.integers(0, 500, loans),
        "opened_on": np.datetime64("2026-02-20") - numbers.integers(0, 300, loans).astype("timedelta64[D]"),
        "balance": numbers.integers(0, 10**8, loans),
        "overdue": np.zeros(loans, dtype=np.int64),
        "days_past_due": numbers.integers(-40, 60, loans).clip(0),
    }
    kinds = (E.REPAID, E.DISBURSED, E.SIGNED, E.PAST_DUE, E.CLASSIFIED, E.ASSIGNED, E.CANCELLED)
    drawn = numbers.integers(0, [loans, len(kinds), 31, 100, 501, 10**6], (3000, 6)).tolist()
    facts: list[Any] = []
    for number, (of, kind, after, days, officer, units) in enumerate(drawn):
        stated: dict[E, dict[str, Any]] = {
            E.PAST_DUE: {"days": days},
            E.CLASSIFIED: {"category": lp.Category.DOUBTFUL},
            E.ASSIGNED: {"officer": str(officer)},
            E.CANCELLED: {},
        }
        details = stated.get(kinds[kind], {"amount": lp.Money.from_units(units, "CNY")})
        on = MARCH.start + timedelta(days=after)
        facts.append(lp.LoanEvent(loan=str(of), kind=kinds[kind], on=on, number=str(number), **details))
    codes = [code for code in lp.CATALOGUE if code != "collateral_valuation_accuracy"]
    alone = lp.Facts.read({"loans": held}, currency="CNY", money="fen", as_of="2026-02-28")
    together = lp.Facts.read({"loans": held} | tables_of(facts), currency="CNY", money="fen", as_of="2026-02-28")
    tracker = on_tape(*codes, book=alone)
    tracker.feed_all(facts)
    inside = on_tape(*codes, book=together)

    assert inside.payees == tracker.payees
    assert without_parts(inside.measured()) == without_parts(tracker.measured())
    for payee in ("7", "500"):
        rows = together.only(payees=[payee])
        assert measured(tracker.watch, rows).of(payee) == tracker.readings(payee)
    assert {problem.fault for problem in inside.problems()} == {problem.fault for problem in tracker.problems()}
    assert len(inside.problems()) == len(tracker.problems())


@pytest.mark.parametrize(
    ("words", "text", "expected"),
    [
        (("b", "a", "c"), "a", 1),
        (("b", "a", "c"), "d", -1),
        (("5", "05"), "05", 1),
        (Digits(np.array([9, 5, 3])), "5", 1),
        (Digits(np.array([3, 5, 9])), "05", -1),
        (Digits(np.array([-5, 7])), "-5", 0),
        (Digits(np.array([0, 2**63 - 1])), str(2**63 - 1), 1),
        (Digits(np.array([0, 2**63 - 1])), str(2**63), -1),
        (Digits(np.array([4, 5, 6])), "--5", -1),
        (Digits(np.array([4, 5, 6])), "\N{ARABIC-INDIC DIGIT FIVE}", -1),
        (UpTo(3), "2", 2),
        (UpTo(3), "3", -1),
        (UpTo(3), "02", -1),
        ((), "a", -1),
    ],
)
def test_the_code_of_a_text_is_found(words: Sequence[str], text: str, expected: int) -> None:
    """Codes are text to a host: 05 is not 5, and no order is promised."""
    assert expected == WordIndex.of(words).find(text)


@pytest.mark.parametrize("codes", [[3, 1, 1, 0, 3], [0, 1, 1, 3, 3], [], [-1, 3, -1]])
def test_the_rows_of_codes_are_found(codes: list[int]) -> None:
    """In order of code, whether a column is in order or not."""
    column, wanted = np.array(codes, dtype=np.int32), [1, 2, 3]
    expected = [row for code in wanted for row, there in enumerate(codes) if there == code]

    assert expected == RowIndex.of(column).find(np.array(wanted)).tolist()


@given(rows=st.lists(FACTS | strategies.facts(), max_size=30), payee=PAYEES)
def test_the_facts_of_a_payee_are_found_among_those_of_all(rows: list[lp.Fact], payee: str) -> None:
    """Of all that names the payee, everything, in order; and what is left out is left out whole."""
    facts = lp.Facts.joined([row] for row in rows)
    index = FactIndex(facts)
    named = sorted({owner_of(fact) for fact in facts if payee in payees_of([fact])})
    mine = [fact for fact in facts if owner_of(fact) in named]

    assert mine == [*index.only(payees=[payee])] == [*index.only(owners=named)]
    assert mine == [*index.only(payees=[payee], owners=named)]
    assert [fact for fact in facts if owner_of(fact) not in named] == [*index.others(named)]
    assert [fact for fact in mine if owner_of(fact) not in named[:1]] == [*index.only(payees=[payee], but=named[:1])]
    assert mine == [*(index.only(owners=named[:1]) + index.only(owners=named[1:]))]


# ── what is watched ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        (
            {"currency": "USD", "schemes": BOOK, "organisation": staff("lin")},
            "schemes: 'tracked' is in CNY, and the tracker in USD",
        ),
        ({"schemes": BOOK}, "schemes: nobody is there to be appraised by them; pass who is assigned"),
        ({"currency": "XXX"}, "a currency of ISO 4217"),
        ({"indicators": [called("x", "npl_ratio"), called("x", "loan_amount")]}, "two indicators have this code"),
    ],
)
def test_a_watch_that_cannot_be_is_refused(terms: dict[str, Any], message: str) -> None:
    """Before the first fact, not at the end of the month."""
    every: dict[str, Any] = {"period": MARCH, "currency": "CNY"} | terms
    with pytest.raises(lp.errors.LoanPerfError, match=message):
        Watch(**every)


def test_a_payee_who_is_not_assigned_has_no_results_and_no_alerts() -> None:
    """A slip in a code must not look like a payee without anything to be warned of."""
    tracker = tracking(appraising("lin", "wu"), [loan(), loan("L2", officer="lim")])
    rules = [near("npl_ratio", "0%")]
    asks: list[Callable[[], object]] = [
        lambda: tracker.alerts("lim", rules, as_of="2026-03-20"),
        lambda: tracker.alerts("lin", rules, as_of="2026-03-20", readings=supplied("lim", npl_ratio="0%")),
        lambda: tracker.results(["lin", "lim"]),
        lambda: tracker.results(readings=supplied("lim", npl_ratio="0%")),
    ]
    for ask in asks:
        with pytest.raises(lp.errors.UnknownPayeeError, match=r"payee 'lim'; did you mean 'lin'\? known: lin"):
            ask()


def test_two_targets_of_one_payee_are_a_problem_of_its_results() -> None:
    """Nothing tells which is true; the others have their results."""
    goals = [lp.Target(payee="lin", indicator="disbursed_amount", value=f"{n} CNY") for n in (1, 2)]
    facts = [loan(), loan("L2", "wu"), balance(5), balance(5, of="L2")]
    tracker = tracking(appraising("lin", "wu", targets=goals), facts)

    assert (("wu",), ["lin"]) == (tracker.results().payees, [one.payee for one in tracker.results().problems])


def test_the_name_of_what_is_gone_says_where_it_is() -> None:
    """Facts are what a tracker starts from."""
    with pytest.raises(AttributeError, match=r"it is lp\.Facts, made by lp\.Facts\.read"):
        getattr(trackers, "Book")  # noqa: B009
