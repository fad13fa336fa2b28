"""A lender's month as rows: of all that the catalogue measures, in proportions as a core system has them."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count
from typing import Any

import loanperf as lp

MARCH = lp.Period.month(2026, 3)
_FIRST = date(2026, 1, 1)
_KINDS = lp.EventKind
_CATEGORIES = (*lp.Category,)
LOANS_A_PAYEE = 100


def fact_rows(facts: int) -> list[Any]:
    """Rows of loans, of what happened to them, of customers and of people; `facts` in all, of one delivery."""
    loans = max(facts // 8, 1)
    found: list[Any] = [_loan(number, loans) for number in range(loans)]
    found += [_event(number, _KINDS.DISBURSED, row.opened_on, 0, amount=row.amount) for number, row in enumerate(found)]
    makers = _makers(loans)
    for number in count():
        if len(found) >= facts:
            break
        found.extend(makers[number % len(makers)](number))
    return found[:facts]


def _payee(loan: int, loans: int) -> str:
    return f"P{loan * max(loans // LOANS_A_PAYEE, 1) // loans:05d}"


def _loan(number: int, loans: int) -> lp.Loan:
    return lp.Loan(
        loan=f"L{number:07d}",
        customer=f"C{number:07d}",
        officer=_payee(number, loans),
        opened_on=_FIRST + timedelta(days=number % 80),
        product=("mortgage", "consumer", "corporate")[number % 3],
        segment=("personal", "corporate")[number % 2],
        term_months=12 * (1 + number % 5),
        first_due_on=_FIRST + timedelta(days=30 + number % 80),
        amount=lp.Money.from_units(1_000_000 + _some(number, 10**8), "CNY"),
    )


def _some(number: int, most: int) -> int:
    """A number below the most that looks like none."""
    return number * 2_654_435_761 % most


def _money(number: int, most: int) -> lp.Money:
    return lp.Money.from_units(_some(number, most) + 1, "CNY")


def _makers(loans: int) -> list[Callable[[int], Iterator[Any]]]:
    """What makes the rows of one number, of one kind each."""

    def day(number: int) -> date:
        return _FIRST + timedelta(days=number * 7 // 3 % 90)

    def drawn(number: int) -> Iterator[Any]:
        on = _FIRST + timedelta(days=80 + number % 5)
        yield _event(number % loans, _KINDS.DISBURSED, on, number, amount=_money(number, 10**8))

    def repaid(number: int) -> Iterator[Any]:
        on = _FIRST + timedelta(days=85 + number % 5)
        yield _event(number % loans, _KINDS.REPAID, on, number, amount=_money(number, 100))

    def standing(number: int) -> Iterator[Any]:
        loan = number % loans
        yield _event(loan, _KINDS.PAST_DUE, day(number), number, days=_some(number, 120))
        yield _event(
            loan, _KINDS.CLASSIFIED, day(number), number, category=_CATEGORIES[_some(number, len(_CATEGORIES))]
        )

    def balance(number: int) -> Iterator[Any]:
        on = day(number) - timedelta(days=91 * (number // loans))
        owed = lp.Money.from_units(1_000_000 + _some(number, 10**8), "CNY")
        yield lp.Balance(loan=f"L{number % loans:07d}", on=on, outstanding=owed, overdue=_money(number, 10**4))

    def customer(number: int) -> Iterator[Any]:
        code, officer = f"C{number:07d}", _payee(number % loans, loans)
        yield lp.Customer(customer=code, officer=officer, since=day(number))
        yield lp.Holding(customer=code, product="card", since=day(number))
        yield lp.Profit(customer=code, on=MARCH.last_day, amount=_money(number, 10**6))

    def people(number: int) -> Iterator[Any]:
        who, on = _payee(number % loans, loans), day(number)
        yield lp.Violation(number=f"V{number}", payee=who, on=on, points=f"{number % 5} point")
        yield lp.Inquiry(number=f"I{number}", payee=who, on=on, authorised=number % 9 > 0, permitted=True)
        yield lp.Training(payee=who, course=f"T{number}", on=on, completed_on=on)
        yield lp.Rating(number=f"R{number}", payee=who, on=on, topic="teamwork", score="85 point")

    return [drawn, repaid, standing, balance, customer, drawn, repaid, standing, balance, people]


def _event(loan: int, kind: lp.EventKind, on: date, number: int, **detail: Any) -> lp.LoanEvent:
    return lp.LoanEvent(loan=f"L{loan:07d}", kind=kind, on=on, number=str(number), **detail)
