"""Books of facts at random, by seed: small banks in which named features meet, and it is known how often they do."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any, Literal, TypeVar

from attrs import define, evolve, field, frozen
from tests.measures import kind_of, own

import loanperf as lp
from loanperf._indicators import CATALOGUE, FIELDS, HeldAt, View
from loanperf.progress import SalesLead

T = TypeVar("T")
SMALL = (0, 1, 2, 100, 30_000)
EDGES: Mapping[str, Sequence[int]] = {
    "amounts around 2**53": (2**53 - 1, 2**53, 2**53 + 1, 2**52),
    "amounts around 2**62": (2**61, 2**61 + 1, 2**62 - 1, 2**62, 2**62 + 1),
    "amounts around 2**63": (2**63 - 2, 2**63 - 1, 2**62 + 12345),
    "amounts beyond 64 bits": (2**63, 2**63 + 1, 2**64 - 1, 2**64 + 1, 10**30 + 7),
}
"""Amounts in smallest units at which integers of 64 bits, or floats, stop being exact."""
SHARE = Fraction(1, 4)
"""How many of the books have a feature."""
_MOVED = ("signed", "disbursed", "repaid", "prepaid", "written off", "recovered")


@define
class Draft:
    """A book on the way: what is asked, what its facts are, and what the next ones are drawn from."""

    chance: Random = field(factory=Random)
    period: lp.Period = field(factory=lambda: lp.Period.month(2026, 3))
    currency: str = "CNY"
    loans: list[str] = field(factory=lambda: ["L1", "L2", "L3", "L10"])
    customers: list[str] = field(factory=lambda: ["A", "B", "C"])
    officers: list[str] = field(factory=lambda: ["lin", "wu", "hu", "李"])
    sizes: list[int] = field(factory=lambda: [*SMALL])
    denominators: list[int] = field(factory=lambda: [1, 1, 2, 4])
    facts: list[Any] = field(factory=list)
    later: list[list[Any]] = field(factory=list)
    """The facts of later deliveries."""
    indicators: list[lp.schemes.Indicator] = field(factory=list)
    organisation: lp.Organisation | None = None
    features: set[str] = field(factory=set)

    def some(self, values: Sequence[T]) -> T:
        """One of some values."""
        return self.chance.choice(values)

    def often(self) -> bool:
        """Heads or tails."""
        return self.chance.random() < 0.5

    def day(self) -> date:
        """Mostly one of a few days at the ends of the period, so that facts meet on a day."""
        start, last = self.period.start, self.period.last_day
        inside = start + timedelta(self.chance.randrange(self.period.days))
        ends = [start - timedelta(1), start, start + timedelta(1), last - timedelta(1), last, last + timedelta(1)]
        return self.some([*ends, inside, inside, start - timedelta(self.chance.randrange(2, 90))])

    def inside(self) -> date:
        """A day of the period."""
        return self.period.start + timedelta(self.chance.randrange(self.period.days))

    def before(self) -> date:
        """A day before the period."""
        return self.period.start - timedelta(self.chance.randrange(1, 90))

    def after(self) -> date:
        """A day after the period."""
        return self.period.last_day + timedelta(self.chance.randrange(1, 30))

    def units(self) -> int:
        """An amount in smallest units."""
        return self.some([*self.sizes, self.chance.randrange(1000)])

    def money(self, units: int | None = None) -> lp.Money:
        """An amount."""
        return lp.Money.from_units(self.units() if units is None else units, self.currency)

    def number(self) -> str:
        """A number of an event, or none."""
        return self.some(["", "", "1", "2", "10"])

    def loan(self) -> str:
        """The code of a loan."""
        return self.some(self.loans)

    def event(self, kind: str, on: date | None = None, loan: str | None = None, **more: Any) -> None:
        """Add an event; one of a kind that has an amount has one."""
        more = ({"amount": self.money()} if kind in _MOVED else {}) | {"number": self.number()} | more
        when, of = self.day() if on is None else on, self.loan() if loan is None else loan
        self.add(lp.LoanEvent(loan=of, kind=lp.EventKind(kind), on=when, **more))

    def balance(self, on: date, loan: str | None = None, share: int | None = None) -> None:
        """Add a balance, of which so many hundredths are overdue."""
        units = self.units()
        overdue = None if share is None else self.money(units * share // 100)
        of = self.loan() if loan is None else loan
        self.add(lp.Balance(loan=of, on=on, outstanding=self.money(units), overdue=overdue))

    def add(self, fact: Any) -> None:
        """Add a fact, unless there is one of its key: contradictions are a feature of their own."""
        if all(fact.key != other.key for other in self.facts):
            self.facts.append(fact)

    def times(self, most: int) -> range:
        """Some times, once at least."""
        return range(self.chance.randint(1, most))


# ── what is asked, and what names and amounts are like ──────────────────────────────────────────────────────


def _quarter(draft: Draft) -> None:
    draft.period = lp.Period.quarter(2026, 1)


def _odd_days(draft: Draft) -> None:
    start = draft.period.start + timedelta(draft.chance.randrange(draft.period.days))
    end = start + timedelta(draft.chance.randrange(1, 40))
    draft.period = lp.Period(start.isoformat(), end.isoformat())


def _other_currency(draft: Draft) -> None:
    draft.currency = draft.some(["JPY", "KWD"])


def _edge(name: str) -> Callable[[Draft], None]:
    def enlarge(draft: Draft) -> None:
        draft.sizes += EDGES[name]

    return enlarge


def _denominators(draft: Draft) -> None:
    draft.denominators += [10**12, 2 * 5**11, 2**11]


def _digits(draft: Draft) -> None:
    draft.loans = ["1", "2", "10", "007"]


def _shared_names(draft: Draft) -> None:
    draft.customers, draft.officers = [*draft.loans[:3]], [*draft.loans]


def _odd_words(draft: Draft) -> None:
    draft.officers = [*draft.officers, 'O\'Neil "x"', "é", "张 三"]
    draft.customers = [*draft.customers, "客户 1"]


def _assigned(draft: Draft, *, whole: bool) -> None:
    held = (
        draft.officers[:-1] if draft.organisation is None else [item.payee for item in draft.organisation.assignments]
    )
    assignments = []
    for payee in held:
        since = draft.before() if whole or draft.often() else draft.inside()
        until = None if whole or draft.often() else since + timedelta(draft.chance.randrange(1, 40))
        assignments.append(lp.Assignment(payee=payee, unit="east", role="officer", since=since, until=until))
    nobody = lp.Assignment(payee="nobody's", unit="east", role="officer", since=draft.before())
    kept = [item for item in assignments if item.payee != nobody.payee]
    draft.organisation = lp.Organisation(units=[lp.Unit(code="east")], assignments=[*kept, nobody])


def _organisation(draft: Draft) -> None:
    _assigned(draft, whole=True)


def _days_off(draft: Draft) -> None:
    _assigned(draft, whole=False)


def _unknown_officers(draft: Draft) -> None:
    draft.officers = [*draft.officers, "stranger", "gone"]


ASKED: Mapping[str, Callable[[Draft], None]] = {
    "a quarter": _quarter,
    "odd days": _odd_days,
    "another currency of the book": _other_currency,
    **{name: _edge(name) for name in EDGES},
    "huge denominators": _denominators,
    "ids of digits": _digits,
    "shared ids": _shared_names,
    "odd words": _odd_words,
    "an organisation": _organisation,
    "days off": _days_off,
    "unknown officers": _unknown_officers,
}


# ── loans and their events ──────────────────────────────────────────────────────────────────────────────────


def _loans(draft: Draft) -> None:
    """Loans, most of them opened before the period, some in it; who measures always finds some."""
    for code in draft.loans:
        on = draft.before() if draft.often() else draft.day()
        draft.add(
            lp.Loan(loan=code, customer=draft.some(draft.customers), officer=draft.some(draft.officers), opened_on=on)
        )
    draft.event("disbursed", draft.before())


def _opened_late(draft: Draft) -> None:
    code = f"{draft.loan()}0"
    draft.add(
        lp.Loan(
            loan=code, customer=draft.some(draft.customers), officer=draft.some(draft.officers), opened_on=draft.after()
        )
    )
    draft.event("disbursed", loan=code)


def _handed_over(draft: Draft) -> None:
    for _ in draft.times(3):
        draft.event("assigned", officer=draft.some(draft.officers))


def _handed_twice(draft: Draft) -> None:
    loan, on = draft.loan(), draft.day()
    for number in ("2", "10"):
        draft.event("assigned", on, loan, number=number, officer=draft.some(draft.officers))


def _past_due(draft: Draft) -> None:
    for _ in draft.times(3):
        draft.event("past due", days=draft.some([0, 1, 5, 30, 31, 90, 91]))


def _current_again(draft: Draft) -> None:
    loan, on = draft.loan(), draft.before()
    draft.event("past due", on, loan, days=draft.some([1, 31, 91]))
    draft.balance(on, loan, draft.some([0, 50, 100]))
    draft.event("past due", on + timedelta(draft.some([0, 1, 5])), loan, days=0, number="3")


def _classified(draft: Draft) -> None:
    for _ in draft.times(3):
        draft.event("classified", category=draft.some([*lp.Category]))


def _rescheduled(draft: Draft) -> None:
    draft.event("rescheduled")


def _events(kind: str) -> Callable[[Draft], None]:
    def happened(draft: Draft) -> None:
        for _ in draft.times(3):
            draft.event(kind)

    return happened


def _several_drawings(draft: Draft) -> None:
    loan, on = draft.loan(), draft.day()
    for number in ("1", "2", "10"):
        draft.event("disbursed", on, loan, number=number)


def _from_nowhere(draft: Draft) -> None:
    code = f"{draft.loan()}9"
    draft.add(lp.Loan(loan=code, customer="Z", officer=draft.some(draft.officers), opened_on=draft.before()))
    draft.balance(draft.inside(), code, draft.some([None, 0, 30]))


def _balance(when: str, *, overdue: bool = False) -> Callable[[Draft], None]:
    def stated(draft: Draft) -> None:
        for _ in draft.times(2):
            days: Mapping[str, Callable[[], date]] = {"before": draft.before, "in": draft.inside, "after": draft.after}
            draft.balance(days[when](), share=draft.some([0, 1, 50, 100]) if overdue else None)

    return stated


def _above_balance(draft: Draft) -> None:
    most = max(draft.sizes)
    loan, on = draft.loan(), draft.day()
    draft.event(draft.some(["repaid", "prepaid", "written off"]), on, loan, amount=draft.money(most + 1))


def _cancelled_in(draft: Draft) -> None:
    draft.event("cancelled", draft.inside())


def _cancelled_before(draft: Draft) -> None:
    draft.event("cancelled", draft.before())


def _changed(draft: Draft, change: Callable[[lp.Loan], lp.Loan]) -> None:
    draft.facts = [change(fact) if isinstance(fact, lp.Loan) and draft.often() else fact for fact in draft.facts]


def _first_due(draft: Draft) -> None:
    _changed(draft, lambda loan: evolve(loan, first_due_on=draft.day()))
    for loan in [fact for fact in draft.facts if isinstance(fact, lp.Loan) and fact.first_due_on is not None]:
        assert loan.first_due_on is not None
        days = draft.some([0, 1, 3, 5])
        draft.event("past due", loan.first_due_on + timedelta(days), loan.loan, days=draft.some([days, days + 1, 1]))


def _terms(draft: Draft) -> None:
    _changed(
        draft,
        lambda loan: evolve(
            loan,
            product=draft.some(["home", "car"]),
            segment=draft.some(["", "personal"]),
            collateral=draft.some(["", "mortgage"]),
            customer_type=draft.some(["", "new"]),
            term_months=draft.some([None, 12, 36]),
        ),
    )


def _prices(draft: Draft) -> None:
    rate, amount = Fraction(draft.chance.randrange(1, 10**6), 10**8), draft.money()
    _changed(draft, lambda loan: evolve(loan, interest_rate=rate, funding_rate=rate / 2, amount=amount, revolving=True))


# ── customers and payees ────────────────────────────────────────────────────────────────────────────────────


def _customer(draft: Draft, code: str, since: date, until: date | None = None) -> None:
    if until is None or until > since:
        draft.add(lp.Customer(customer=code, officer=draft.some(draft.officers), since=since, until=until))


def _free(draft: Draft, code: str) -> bool:
    return not any(isinstance(fact, lp.Customer) and fact.customer == code for fact in draft.facts)


def _customers_held(draft: Draft) -> None:
    for code in filter(lambda code: _free(draft, code), draft.customers[:2]):
        _customer(draft, code, draft.before(), draft.some([None, draft.day()]))


def _customers_gained(draft: Draft) -> None:
    for code in filter(lambda code: _free(draft, code), ["N1", "N2"]):
        _customer(draft, code, draft.inside(), draft.some([None, draft.after()]))


def _customers_handed(draft: Draft) -> None:
    for code in ("H1", "H2"):
        days = sorted({draft.day() for _ in range(4)})
        for since, until in zip(days, [*days[1:], draft.some([None, draft.after()])], strict=True):
            if draft.chance.random() < 0.8:
                _customer(draft, code, since, until)


def _customers_overlap(draft: Draft) -> None:
    code = draft.some([*draft.customers, "N1", "H1"])
    for _ in range(2):
        _customer(draft, code, draft.day(), draft.some([None, draft.after()]))


def _holder(draft: Draft) -> str:
    codes = [fact.customer for fact in draft.facts if isinstance(fact, lp.Customer)]
    if not codes:
        codes = ["A"]
        _customer(draft, "A", draft.before())
    return draft.some(codes)


def _holdings(draft: Draft) -> None:
    for _ in draft.times(5):
        since = draft.day()
        until = draft.some([None, since + timedelta(draft.chance.randrange(1, 60))])
        product = draft.some(["card", "fund", "loan"])
        draft.add(lp.Holding(customer=_holder(draft), product=product, since=since, until=until))


def _profit(draft: Draft, customer: str, units: int, on: date) -> None:
    number = draft.some(["", "1", "2", "3"])
    draft.add(lp.Profit(customer=customer, on=on, number=number, amount=draft.money(units)))


def _profits(draft: Draft) -> None:
    for _ in draft.times(4):
        _profit(draft, _holder(draft), draft.units(), draft.day())


def _losses(draft: Draft) -> None:
    for _ in draft.times(4):
        _profit(draft, _holder(draft), -draft.units(), draft.inside())


def _unheld(draft: Draft) -> None:
    code = "U1"
    _customer(draft, code, draft.period.start - timedelta(5), draft.period.start + timedelta(1))
    _profit(draft, code, draft.units(), draft.some([draft.period.last_day + timedelta(1), date(2020, 1, 1)]))


def _points(draft: Draft, most: int) -> Fraction:
    below = draft.some(draft.denominators)
    return Fraction(draft.chance.randrange(most * below + 1), below)


def _of_payee(draft: Draft) -> dict[str, Any]:
    return {"number": str(draft.chance.randrange(1, 9)), "payee": draft.some(draft.officers), "on": draft.day()}


def _violations(draft: Draft) -> None:
    for _ in draft.times(4):
        draft.add(lp.Violation(**_of_payee(draft), points=_points(draft, 60)))


def _inquiries(draft: Draft) -> None:
    for _ in draft.times(4):
        draft.add(lp.Inquiry(**_of_payee(draft), authorised=draft.often(), permitted=draft.often()))


def _valuations(draft: Draft) -> None:
    for _ in draft.times(4):
        benchmark = draft.chance.randrange(1, 300) if draft.often() else max(1, draft.units())
        appraised = draft.some([draft.units(), benchmark, benchmark * 11 // 10])
        worth: dict[str, Any] = {"appraised": draft.money(appraised), "benchmark": draft.money(benchmark)}
        draft.add(lp.Valuation(**_of_payee(draft), **worth))


def _trainings(draft: Draft) -> None:
    for _ in draft.times(4):
        who, course = draft.some(draft.officers), draft.some(["AML", "KYC"])
        draft.add(lp.Training(payee=who, course=course, on=draft.day(), completed_on=draft.some([None, draft.day()])))


def _ratings(draft: Draft) -> None:
    for _ in draft.times(4):
        topic, rater = draft.some(["teamwork", "service"]), draft.some(["", *draft.officers])
        draft.add(lp.Rating(**_of_payee(draft), topic=topic, rater=rater, score=_points(draft, 100)))


def _complaints(draft: Draft) -> None:
    for _ in draft.times(4):
        topic = draft.some(["", "fees", "teamwork"])
        draft.add(lp.Complaint(**_of_payee(draft), topic=topic, upheld=draft.often()))


def _leads(draft: Draft) -> None:
    for _ in draft.times(4):
        days: dict[str, Any] = {
            "followed_on": draft.some([None, draft.day()]),
            "converted_on": draft.some([None, draft.day()]),
        }
        draft.add(SalesLead(**_of_payee(draft), origin=draft.some(["", "branch", "campaign"]), **days))


# ── what cannot be used, or counts for pay alone ────────────────────────────────────────────────────────────


def _credits(draft: Draft) -> None:
    for loan in (draft.loan(), "elsewhere"):
        share = draft.some([None, Fraction(1, 4), Fraction(1)])
        draft.add(lp.Credit(loan=loan, payee=draft.some(["helper", *draft.officers]), on=draft.day(), share=share))


def _rates(draft: Draft) -> None:
    draft.add(lp.ExchangeRate(currency="USD", into="EUR", on=draft.day(), rate=Fraction(71, 10)))


def _foreign(draft: Draft) -> None:
    dollars = lp.Money.from_units(draft.units(), "USD")
    _changed(draft, lambda loan: evolve(loan, amount=dollars))
    draft.event(draft.some(_MOVED), number="abroad", amount=dollars)
    draft.add(lp.Balance(loan=draft.loan(), on=draft.day(), outstanding=dollars))
    draft.add(lp.Profit(customer=_holder(draft), on=draft.day(), number="abroad", amount=dollars))
    ones = lp.Money.from_units(1, "USD")
    draft.add(lp.Valuation(**_of_payee(draft) | {"number": "abroad"}, appraised=dollars, benchmark=ones))


def _no_such_loan(draft: Draft) -> None:
    draft.event("disbursed", loan="L404")
    draft.event("past due", loan="L405", days=1)
    draft.balance(draft.day(), "L404")


def _no_such_customer(draft: Draft) -> None:
    draft.add(lp.Holding(customer="C404", product="card", since=draft.day()))
    _profit(draft, "C404", draft.units(), draft.day())


def _otherwise(fact: Any) -> Any:
    """A fact that says something else under the same key; None of a kind that says nothing else."""
    match fact:
        case lp.Loan():
            return evolve(fact, product="contradicted")
        case lp.LoanEvent(amount=lp.Money() as amount):
            return evolve(fact, amount=lp.Money.from_units(amount.units + 1, amount.currency))
        case lp.LoanEvent(days=int() as days):
            return evolve(fact, days=days + 1)
        case lp.Balance(outstanding=amount):
            return evolve(fact, outstanding=lp.Money.from_units(amount.units + 1, amount.currency))
        case lp.Customer():
            return evolve(fact, officer="another")
        case lp.Violation() | lp.Inquiry() | lp.Rating() | lp.Complaint() | lp.Valuation() | SalesLead():
            return evolve(fact, payee="another")
        case _:
            return None


def _contradictions(draft: Draft) -> None:
    said = [fact for fact in draft.facts if _otherwise(fact) is not None]
    for fact in draft.chance.sample(said, min(len(said), draft.chance.randint(1, 3))):
        draft.facts.append(_otherwise(fact))


def _repeats(draft: Draft) -> None:
    some = [fact for fact in draft.facts if getattr(fact, "number", "it has one") != ""]
    draft.facts += draft.chance.sample(some, min(3, len(some)))


def _other_sources(draft: Draft) -> None:
    some = [fact for fact in draft.facts if getattr(fact, "number", "it has one") != ""]
    found = draft.chance.sample(some, min(3, len(some)))
    draft.facts += [evolve(fact, source=f"file {place}.csv row {place + 2}") for place, fact in enumerate(found)]


def _two_systems(draft: Draft) -> None:
    """Two systems that overlap in the events of some loans, and agree in some."""
    names = draft.chance.sample(["crm", "finance", "risk"], 2)
    events = [fact for fact in draft.facts if isinstance(fact, lp.LoanEvent)]
    others = [fact for fact in draft.facts if not isinstance(fact, lp.LoanEvent)]
    sent = [evolve(event, source=draft.some([*names, names[0]])) for event in events]
    again = draft.chance.sample(sent, min(5, len(sent)))
    copies = [
        evolve(event, source=draft.some(["", *names]), number=draft.some(["77", event.number])) for event in again
    ]
    moved = [evolve(event, on=draft.day(), number="78") if draft.often() else event for event in copies]
    draft.facts = [*others, *sent, *moved]


def _said_twice(draft: Draft) -> None:
    draft.event("signed", number="", loan=draft.loan(), on=draft.inside())
    draft.facts += [fact for fact in draft.facts if getattr(fact, "number", "it has one") == "" and draft.often()]


def _deliveries(draft: Draft) -> None:
    draft.chance.shuffle(draft.facts)
    size = max(1, len(draft.facts) // 3)
    draft.facts, *draft.later = [draft.facts[at : at + size] for at in range(0, len(draft.facts), size)]
    for delivery in draft.later:
        delivery.extend(draft.chance.sample(draft.facts, min(3, len(draft.facts))))


TOLD: Mapping[str, Callable[[Draft], None]] = {
    "opened after the period": _opened_late,
    "handed over": _handed_over,
    "handed over twice on a day": _handed_twice,
    "past due": _past_due,
    "past due, then current": _current_again,
    "classified": _classified,
    "rescheduled": _rescheduled,
    **{kind: _events(kind) for kind in ("applied", "due diligence complete", *_MOVED)},
    "several drawings on a day": _several_drawings,
    "balances from nowhere": _from_nowhere,
    "balances before the period": _balance("before"),
    "balances in the period": _balance("in"),
    "balances after the period": _balance("after"),
    "overdue parts": _balance("in", overdue=True),
    "taken above the balance": _above_balance,
    "cancelled in the period": _cancelled_in,
    "cancelled before the period": _cancelled_before,
    "first instalments": _first_due,
    "terms of loans": _terms,
    "prices of loans": _prices,
    "customers held": _customers_held,
    "customers gained": _customers_gained,
    "customers handed over": _customers_handed,
    "overlapping customers": _customers_overlap,
    "holdings": _holdings,
    "profits": _profits,
    "losses": _losses,
    "profits of unheld days": _unheld,
    "violations": _violations,
    "inquiries": _inquiries,
    "valuations": _valuations,
    "trainings": _trainings,
    "ratings": _ratings,
    "complaints": _complaints,
    "leads": _leads,
    "credits": _credits,
    "exchange rates": _rates,
    "foreign currency": _foreign,
    "no such loan": _no_such_loan,
    "no such customer": _no_such_customer,
    "contradictions": _contradictions,
    "equal rows without a number": _said_twice,
    "repeats": _repeats,
    "repeats of another source": _other_sources,
    "two systems": _two_systems,
    "several deliveries": _deliveries,
}


# ── measures of a host's own ────────────────────────────────────────────────────────────────────────────────


LANGUAGE = (
    "filters by words",
    "filters by bounds",
    "weights",
    "officers at origination",
    "officers as of the last day",
)
MEASURES = ("declared totals", "declared ratios", "declared deductions")
WORDS = ("", "home", "car", "personal", "mortgage", "new", "AML", "teamwork", "lin")
LEVELS = (Fraction(0), Fraction(1), Fraction(30), Fraction(300), Fraction(1, 3), Fraction(5, 2), Fraction(2**53 + 1))

KNOTS = tuple(sorted({Fraction(x, y) for x in (0, 1, 5, 30, 90) for y in (1, 3)}))


def _unit(draft: Draft, view: View, name: str) -> str:
    kind = FIELDS[view][name].kind
    return draft.currency if kind == "money" else {"days": "day", "points": "point"}.get(kind, "")


def _numbers(view: View) -> list[str]:
    return [name for name, found in FIELDS[view].items() if found.kind not in ("text", "truth")]


def _by_words(draft: Draft, view: View) -> list[lp.schemes.Where]:
    fields = FIELDS[view]
    some = [name for name in fields if name not in _numbers(view)]
    if not some:
        return []
    name = draft.some(some)
    words = fields[name].values or (WORDS if fields[name].kind == "text" else (True, False))
    return [lp.schemes.Where(field=name, values=tuple(draft.chance.sample(words, draft.chance.randint(1, len(words)))))]


def _by_bounds(draft: Draft, view: View) -> list[lp.schemes.Where]:
    if not _numbers(view):
        return []
    name = draft.some(_numbers(view))
    names = draft.chance.sample(["at_least", "above", "at_most", "below"], draft.chance.randint(1, 2))
    bounds: dict[str, Any] = {bound: lp.Quantity(draft.some(LEVELS), _unit(draft, view, name)) for bound in names}
    return [lp.schemes.Where(field=name, **bounds)]


def _curve(draft: Draft, unit: str) -> lp.schemes.Curve:
    xs = sorted(draft.chance.sample(KNOTS, draft.chance.randint(1, 4)))
    heights = [Fraction(x, y) for x in (-1, 0, 1, 3) for y in (1, 2, 3)]
    then = draft.some([None, lp.schemes.Then(Fraction(1, 7), "whole"), lp.schemes.Then(Fraction(1, 7), "pro rata")])
    knots = tuple((x, draft.some(heights)) for x in xs)
    shapes: list[Literal["step", "linear"]] = ["step", "linear"]
    sides: list[Literal["left", "right"]] = ["left", "right"]
    return lp.schemes.Curve(knots=knots, shape=draft.some(shapes), closed=draft.some(sides), then=then, x_unit=unit)


def _total(draft: Draft) -> lp.schemes.Total:
    """A total of any view, with what the features of the book allow."""
    view: View = draft.some(sorted(FIELDS))
    tests = _by_words(draft, view) if "filters by words" in draft.features and draft.often() else []
    tests += _by_bounds(draft, view) if "filters by bounds" in draft.features and draft.often() else []
    held: list[HeldAt] = ["event"]
    held += ["origination"] if "officers at origination" in draft.features else []
    held += ["as of"] if "officers as of the last day" in draft.features else []
    weighed = draft.some(_numbers(view)) if "weights" in draft.features and _numbers(view) and draft.often() else ""
    return lp.schemes.Total(
        over=view,
        sum=draft.some(["", *_numbers(view)]),
        where=draft.chance.sample(tests, len(tests)),
        weighed_by=weighed,
        weights=_curve(draft, _unit(draft, view, weighed)) if weighed else None,
        held_at=draft.some(held),
    )


def _total_of(draft: Draft, *kinds: lp.schemes.Kind) -> lp.schemes.Total:
    while kind_of(total := _total(draft)) not in kinds:
        pass
    return total


def _declare(draft: Draft) -> None:
    """Add the measures that the features ask for."""
    if "declared totals" in draft.features:
        found = [_total(draft) for _ in draft.times(3)]
        draft.indicators += [own(f"own{place}", total, kind_of(total)) for place, total in enumerate(found)]
    if "declared ratios" in draft.features:
        for place in draft.times(2):
            above, below = _total(draft), _total_of(draft, lp.schemes.Kind.COUNT)
            draft.indicators.append(
                own(f"ratio{place}", lp.schemes.Ratio(numerator=above, denominator=below), kind_of(above))
            )
    if "declared deductions" in draft.features:
        less = _total_of(draft, lp.schemes.Kind.COUNT, lp.schemes.Kind.POINTS)
        start = draft.some([Fraction(0), Fraction(100), Fraction(37, 3)])
        draft.indicators.append(own("deduct", lp.schemes.Deduct(start=start, less=less), lp.schemes.Kind.POINTS))


OPTIONS: Sequence[tuple[str, Mapping[str, Any]]] = (
    *((code, {}) for code in CATALOGUE),
    ("disbursed_amount", {"cancelled": "kept", "held_at": "as of"}),
    ("disbursed_amount", {"held_at": "origination"}),
    ("loan_amount", {"held_at": "origination"}),
    ("customer_count", {"counted": "new"}),
    ("average_daily_balance", {"held_at": "origination"}),
    ("npl_ratio", {"written_off": "included"}),
    ("npl_ratio", {"written_off": "included", "rescheduled": "non-performing"}),
    ("npl_ratio", {"rescheduled": "non-performing", "held_at": "origination"}),
    ("overdue_ratio", {"basis": "instalment"}),
    ("overdue_ratio", {"basis": "count"}),
    ("par_30", {"rescheduled": "non-performing"}),
    ("first_payment_default_rate", {"grace_days": "3 days"}),
    ("cross_sell_rate", {"counted": "products per customer"}),
    ("contribution_per_customer", {"counted": "at end"}),
    ("training_completion_rate", {"course": "AML"}),
    ("lead_follow_up_rate", {"origin": "branch"}),
    ("collateral_valuation_accuracy", {"tolerance": "100/3 %"}),
    ("compliance_score", {"start": "25/2 point"}),
)
"""The whole catalogue, and what its options add."""
CATALOGUED: Sequence[lp.schemes.Indicator] = [
    *(evolve(lp.indicator(code, options), code=f"{code} {place}") for place, (code, options) in enumerate(OPTIONS)),
    *(lp.par(days) for days in (0, 1, 91)),
]
FEATURES = (*ASKED, *TOLD, *LANGUAGE, *MEASURES)


# ── a book ──────────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class FactsAsked:
    """Facts in the deliveries in which they came, and what is measured over them."""

    seed: int
    features: frozenset[str]
    deliveries: Sequence[Sequence[lp.Fact]]
    period: lp.Period
    indicators: Sequence[lp.schemes.Indicator]
    currency: str
    organisation: lp.Organisation | None

    @property
    def rows(self) -> list[lp.Fact]:
        """All facts, whenever they came."""
        return [fact for delivery in self.deliveries for fact in delivery]


def in_another_order(book: FactsAsked) -> list[list[lp.Fact]]:
    """The same deliveries, each with its rows in another order."""
    draft = Draft()
    draft.chance.seed(book.seed)
    return [draft.chance.sample(delivery, len(delivery)) for delivery in book.deliveries]


def in_other_deliveries(book: FactsAsked) -> list[list[lp.Fact]]:
    """The same rows in any order, in one delivery or in several."""
    rows = [fact for delivery in in_another_order(book) for fact in delivery]
    cuts = [len(rows) * part // 3 for part in range(book.seed % 4)]
    return [rows[start:end] for start, end in pairwise([0, *cuts, len(rows)])]


def in_parts(book: FactsAsked, many: int) -> list[list[list[lp.Fact]]]:
    """The deliveries of each of some parts of the book, of which no two share a loan, a customer or another key."""
    codes: dict[tuple[str, str], int] = {}

    def part_of(fact: Any) -> int:
        owner = next((name for name in ("loan", "customer") if hasattr(fact, name)), "key")
        code = (owner, str(getattr(fact, owner)))
        return codes.setdefault(code, len(codes)) % many

    return [
        [[fact for fact in delivery if part_of(fact) == part] for delivery in book.deliveries] for part in range(many)
    ]


def book_of_seed(seed: int) -> FactsAsked:
    """The book of a seed: a quarter of the features, each of them independent of the others."""
    draft = Draft()
    draft.chance.seed(seed)
    draft.features = {name for name in FEATURES if draft.chance.random() < SHARE}
    for name, prepare in ASKED.items():
        if name in draft.features:
            prepare(draft)
    _loans(draft)
    for name, tell in TOLD.items():
        if name in draft.features:
            tell(draft)
    draft.indicators = draft.chance.sample(CATALOGUED, 14)
    _declare(draft)
    return FactsAsked(
        seed,
        frozenset(draft.features),
        [draft.facts, *draft.later],
        draft.period,
        draft.indicators,
        draft.currency,
        draft.organisation,
    )
