"""Drawings: facts -> a problem for each drawing above what was signed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from loanperf._facts._rows import Fact, Loan, LoanEvent, key_text
from loanperf._kinds import EventKind
from loanperf._quantities import Money
from loanperf.errors import Problem

_BACK = (EventKind.REPAID, EventKind.PREPAID)


def over_drawn(facts: Iterable[Fact], through: date = date.max) -> tuple[Problem, ...]:
    """A problem for each drawing up to a day that goes above the signed amounts of its loan, else above its amount.

    Signed amounts are summed, whenever they were signed; where none is in the currency of the loan's amount, that
    amount is the limit. On a revolving loan principal that was repaid by the end of the day may be drawn again. A
    drawing in a currency in which nothing was signed, other than the loan's, has no limit.

    >>> loan = Loan(loan="L1", customer="C1", officer="lin", opened_on="2026-03-01", amount="30万元")
    >>> drawn = LoanEvent(loan="L1", kind=EventKind.DISBURSED, on="2026-03-03", amount="300000.01 元")
    >>> [problem.loan for problem in over_drawn([loan, drawn])]
    ['L1']
    """
    loans: dict[str, Loan] = {}
    events: dict[str, list[LoanEvent]] = defaultdict(list)
    for fact in facts:
        if isinstance(fact, Loan):
            loans[fact.loan] = fact
        elif isinstance(fact, LoanEvent):
            events[fact.loan].append(fact)
    found: list[Problem] = []
    for code in sorted(events):
        found += _of_loan(loans.get(code), events[code], through)
    return tuple(found)


def _of_loan(loan: Loan | None, events: list[LoanEvent], through: date) -> Iterable[Problem]:
    signed = _sums(event for event in events if event.kind is EventKind.SIGNED)
    limits = dict(signed)
    if loan is not None and loan.amount is not None:
        limits.setdefault(loan.amount.currency, loan.amount.units)
    revolving = loan is not None and loan.revolving
    drawn: dict[str, int] = defaultdict(int)
    for event in sorted(events, key=lambda event: (event.on, event.kind not in _BACK, event.number)):
        if event.amount is None or event.amount.currency not in limits or event.on > through:
            continue
        currency = event.amount.currency
        if event.kind in _BACK and revolving:
            drawn[currency] = max(0, drawn[currency] - event.amount.units)
        elif event.kind is EventKind.DISBURSED:
            drawn[currency] += event.amount.units
            if drawn[currency] > limits[currency]:
                most, reached = (Money.from_units(units, currency) for units in (limits[currency], drawn[currency]))
                limit = f"was signed, {most}" if currency in signed else f"the amount of the loan, {most}"
                yield _above(event, loan, f"with it {reached} are drawn, more than {limit}")


def _sums(events: Iterable[LoanEvent]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for event in events:
        if event.amount is not None:
            found[event.amount.currency] += event.amount.units
    return found


def _above(event: LoanEvent, loan: Loan | None, fault: str) -> Problem:
    remedy = "take out the drawing that is wrong or reported twice, or send what was signed beside it"
    if loan is not None and not loan.revolving:
        remedy += "; a line of which repaid money may be drawn again is a loan with revolving=True"
    key = key_text(event.key)
    where = f"{event.source}: {key}" if event.source else key
    payee, lacks = "" if loan is None else loan.officer, ("amounts", event.loan)
    return Problem(where, fault, str(event.amount), remedy, payee=payee, loan=event.loan, lacks=lacks, fact=event.key)
