"""Drawings: facts -> a problem for each drawing above what was signed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

import numpy as np

from loanperf._facts._columns import EVENT_PLACES, words_of
from loanperf._facts._facts import Facts
from loanperf._facts._rows import Loan, LoanEvent, key_text
from loanperf._kinds import EventKind
from loanperf._numbers import FAR, Truth, bounded, day_number, marked, nowhere, reach, total_of
from loanperf._quantities import Money
from loanperf._tables._columns import Table, is_there
from loanperf.errors import Problem

_BACK = (EventKind.REPAID, EventKind.PREPAID)


def over_drawn(facts: Facts, through: date = date.max) -> tuple[Problem, ...]:
    """A problem for each drawing up to a day that goes above the signed amounts of its loan, else above its amount.

    Signed amounts are summed, whenever they were signed; where none is in the currency of the loan's amount, that
    amount is the limit. On a revolving loan principal that was repaid by the end of the day may be drawn again. A
    drawing in a currency in which nothing was signed, other than the loan's, has no limit.

    >>> loan = Loan(loan="L1", customer="C1", officer="lin", opened_on="2026-03-01", amount="30万元")
    >>> drawn = LoanEvent(loan="L1", kind=EventKind.DISBURSED, on="2026-03-03", amount="300000.01 元")
    >>> [problem.loan for problem in over_drawn(Facts.of([loan, drawn]))]
    ['L1']
    """
    asked = [*_drawn_most(facts, min(day_number(through), FAR))]
    loans: dict[str, Loan] = {}
    events: dict[str, list[LoanEvent]] = defaultdict(list)
    for fact in facts.only(loans=asked) if asked else ():
        if isinstance(fact, Loan):
            loans[fact.loan] = fact
        elif isinstance(fact, LoanEvent):
            events[fact.loan].append(fact)
    found: list[Problem] = []
    for code in sorted(events):
        found += _of_loan(loans.get(code), events[code], through)
    return tuple(found)


def _drawn_most(facts: Facts, last: int) -> Iterator[str]:
    """The loans of which more is drawn in all than is signed, or than their amount; and those of several currencies."""
    tables = {kind: facts.tables[EVENT_PLACES[kind]] for kind in (EventKind.DISBURSED, EventKind.SIGNED)}
    loans, drawings, signings = facts.tables["loans"], tables[EventKind.DISBURSED], tables[EventKind.SIGNED]
    words = words_of(facts.tables, "loan")
    if not drawings.rows:
        return
    size = len(words)
    money = [drawings["amount"].values, signings["amount"].values, loans["amount"].values]
    most = sum(
        reach(values, table["loan"].values, size) for values, table in zip(money[:2], (drawings, signings), strict=True)
    )
    drawn, signed, amount = bounded(most, *money)
    drawn = np.where(drawings["on"].values <= last, drawn, 0)
    is_signed, is_known = (
        marked(signings["loan"].values, size),
        marked(loans["loan"].values[is_there(loans["amount"])], size),
    )
    limit = total_of(amount, loans["loan"].values, size)
    limit = np.where(is_signed, total_of(signed, signings["loan"].values, size), limit)
    above = (is_signed | is_known) & (total_of(drawn, drawings["loan"].values, size) > limit)
    for place in np.flatnonzero(above | _foreign([drawings, signings, loans], size)).tolist():
        yield words[place]


def _foreign(tables: Iterable[Table], size: int) -> Truth:
    """Loans with an amount in another currency than the first that is named."""
    found, first = nowhere(size), ""
    for table in tables:
        for code, word in enumerate(table["currency"].words):
            first = first or word
            if word != first:
                found[table["loan"].values[table["currency"].values == code]] = True
    return found


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
    remedy = "it counts as it stands: take out the drawing if it is wrong or reported twice, or send what was signed"
    if loan is not None and not loan.revolving:
        remedy += "; a line of which repaid money may be drawn again is a loan that says so under `revolving`"
    key = key_text(event.key)
    where = f"{event.source}: {key}" if event.source else key
    return Problem(
        where,
        fault,
        str(event.amount),
        remedy,
        payee="" if loan is None else loan.officer,
        loan=event.loan,
        lacks=("amounts", event.loan),
        fact=event.key,
        is_counted=True,
    )
