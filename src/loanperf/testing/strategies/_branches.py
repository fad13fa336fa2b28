"""What fits together: branches that a run works whole, and what comes out of them: ledgers and payments."""

from __future__ import annotations

from datetime import date, timedelta

from attrs import evolve, field, frozen
from hypothesis import strategies as st

from loanperf._commission import Accrual, Accruals, PayRules, accrue
from loanperf._facts import (
    Balance,
    Category,
    EventKind,
    ExchangeRate,
    Fact,
    Facts,
    Loan,
    LoanEvent,
    SalesLead,
    Training,
    Violation,
)
from loanperf._ledger import Answer, Entry, Ledger, Payment, overrule, pay, payments_of, returned, settle
from loanperf._org import Organisation
from loanperf._periods import PayCalendar, Period
from loanperf._quantities import Money
from loanperf._scheme import Scheme, SchemeBook
from loanperf._targets import Target
from loanperf.testing.strategies._people import organisations
from loanperf.testing.strategies._schemes import paying, schemes
from loanperf.testing.strategies._values import MOST, codes, days, money, texts

_PERIODS = (*(Period.month(2026, month) for month in (1, 2, 3, 12)), Period.month(2024, 2), Period.quarter(2026, 1))


@frozen(kw_only=True)
class Branch:
    """Everything that a run of a period needs, which fits together."""

    period: Period
    facts: tuple[Fact, ...] = field(repr=False)
    organisation: Organisation = field(repr=False)
    schemes: SchemeBook = field(repr=False)
    targets: tuple[Target, ...] = ()


def branches() -> st.SearchStrategy[Branch]:
    """Branches with people, loans that live from application to repayment or loss, and a scheme of one version.

    Also ones without a loan or without anybody, of one person, in the month of a leap day; amounts from zero to 64
    bits, names in all scripts.
    """
    return _branches(schemes())


@st.composite
def _branches(draw: st.DrawFn, of: st.SearchStrategy[Scheme], least: int = 0) -> Branch:
    period = draw(st.sampled_from(_PERIODS))
    organisation = draw(organisations(least=least))
    people = [code for code in organisation.codes if organisation.assignments_in(code, period)]
    rate = ExchangeRate(currency="USD", into="CNY", on=period.start, rate="7.1", source="drawn")
    found: list[Fact] = [rate]  # a period of which nothing is known is no period to work
    for number in range(draw(st.integers(least, 5)) if people else 0):
        found += draw(_lives(f"L{number}", draw(st.sampled_from(people)), period))
    trained = draw(st.booleans())
    if people and trained:
        found.append(Training(payee=people[0], course="AML", on=period.last_day, completed_on=period.start))
    if people and trained:
        followed = draw(st.none() | st.just(period.last_day))
        found.append(SalesLead(number="线索1", payee=people[-1], on=period.start, followed_on=followed))
    for number, payee in enumerate(draw(st.lists(st.sampled_from(people), max_size=2)) if people else []):
        points = draw(st.sampled_from([0, 1, 41, 100]))
        found.append(Violation(number=f"V{number}", payee=payee, on=period.start, points=points))
    book = SchemeBook([evolve(draw(of), calendar=draw(st.none() | _calendars(period)))])
    wanted = draw(st.lists(st.sampled_from(people), unique=True)) if people else []
    known = any(code == "disbursed_amount" for code, _ in book.versions[0].targets)
    goals = tuple(Target(payee=payee, indicator="disbursed_amount", value="40万元") for payee in wanted if known)
    return Branch(period=period, facts=tuple(found), organisation=organisation, schemes=book, targets=goals)


def _calendars(period: Period) -> st.SearchStrategy[PayCalendar]:
    """Calendars that have a period; their years begin in any month, or any quarter."""
    months = range(1, 13, period.months)
    firsts = st.sampled_from([date(year, month, 1) for year in (2001, 2030) for month in months])
    return st.builds(PayCalendar, periods=st.just("month" if period.months == 1 else "quarter"), begins=firsts)


@st.composite
def _lives(draw: st.DrawFn, code: str, officer: str, period: Period) -> list[Fact]:
    """What happens to a loan of a period, and what becomes of it."""
    on = period.start + timedelta(days=draw(st.integers(0, period.days - 1)))
    amount = draw(money(currency="CNY", least=0, most=10**10) | money(currency="CNY", least=0, most=MOST))
    found: list[Fact] = [
        Loan(loan=code, customer=f"客户{code}", officer=officer, opened_on=period.start, amount=amount),
        LoanEvent(loan=code, kind=EventKind.DUE_DILIGENCE, on=on),
        LoanEvent(loan=code, kind=EventKind.SIGNED, on=on, amount=amount),
        LoanEvent(loan=code, kind=EventKind.DISBURSED, on=on, amount=amount),
        Balance(loan=code, on=period.last_day, outstanding=amount),
    ]
    if draw(st.booleans()):
        category = draw(st.sampled_from(Category))
        found.append(LoanEvent(loan=code, kind=EventKind.CLASSIFIED, on=period.last_day, category=category))
    if draw(st.booleans()):
        later = period.end + timedelta(days=draw(st.sampled_from([0, 1, 20])))
        kind = draw(st.sampled_from([EventKind.WRITTEN_OFF, EventKind.CANCELLED, EventKind.REPAID]))
        stated = None if kind is EventKind.CANCELLED else amount
        found.append(LoanEvent(loan=code, kind=kind, on=later, amount=stated))
    return found


# ── what comes out ──────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def accruals(draw: st.DrawFn) -> Accruals:
    """What branches earn by commission plans, through the period after the one in which they lend."""
    return _accrued(draw(_branches(paying(), 1)))


def _accrued(branch: Branch) -> Accruals:
    through, since = branch.period.next(), branch.period.start
    return accrue(Facts.of(branch.facts), branch.schemes.plans(), branch.organisation, through=through, since=since)


def _by_hand(draw: st.DrawFn, ledger: Ledger, line: Accrual, period: Period) -> Entry:
    """A line set by hand."""
    amount, said = Money.from_units(draw(st.integers(0, 10**6)), "CNY"), draw(codes())
    return overrule(ledger, line.key, amount, period=period, payee=line.payee, by="陈", why=said, evidence=said)


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """Ledgers that real settlements and payments of a branch made over two periods; the first closed, or open.

    Some have amounts set by hand, and payments that came back.
    """
    branch = draw(_branches(paying(), 1))
    earned, ledger = _accrued(branch), Ledger()
    period, rules = branch.period, PayRules()
    ledger = ledger.append(settle(ledger, earned, period=period))
    by_hand, came_back = draw(st.booleans()), draw(st.booleans())
    if earned.lines and by_hand:
        line = draw(st.sampled_from(earned.lines))
        ledger = ledger.append([_by_hand(draw, ledger, line, period)])
        ledger = ledger.append(settle(ledger, earned, period=period))
    if draw(st.booleans()):
        ledger = ledger.append(pay(ledger, period=period, rules=rules).entries)
    handed = payments_of(ledger, period)
    if handed and came_back:
        answer = Answer(key=handed[0].key, state="rejected", on=period.last_day, why=draw(texts()))
        ledger = ledger.append(returned(ledger, [answer], period=period))
    if draw(st.booleans()):
        ledger = ledger.close(period, by=draw(codes()))
    return ledger.append(settle(ledger, earned, period=period.next())) if draw(st.booleans()) else ledger


def entries() -> st.SearchStrategy[Entry]:
    """Entries of such ledgers."""
    return ledgers().filter(lambda ledger: bool(ledger.entries)).flatmap(lambda made: st.sampled_from(made.entries))


def payments() -> st.SearchStrategy[Payment]:
    """Payments as a sink gets them: one smallest unit, and 64 bits."""
    return st.builds(
        Payment,
        key=codes(),
        payee=codes(),
        period=st.sampled_from([Period.month(2026, 3), Period.quarter(2026, 1)]),
        amount=money(currency="CNY", least=1),
    )


def answers() -> st.SearchStrategy[Answer]:
    """What finance says of payments."""
    states = st.sampled_from(("paid", "rejected", "returned"))
    return st.builds(Answer, key=codes(), state=states, on=days(), why=texts())
