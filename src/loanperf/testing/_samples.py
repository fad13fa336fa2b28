"""Samples: facts of every kind with values at their edges, and texts that stores get wrong."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from hashlib import sha256
from typing import TypeVar

from loanperf._facts import (
    DETAIL,
    Balance,
    Category,
    Credit,
    Customer,
    EventKind,
    ExchangeRate,
    Fact,
    Holding,
    Inquiry,
    Loan,
    LoanEvent,
    Profit,
    Rating,
    Training,
    Valuation,
    Violation,
)
from loanperf._quantities import Money

_Item = TypeVar("_Item")
TEXTS = (
    "",
    " ",
    "plain",
    "贷款 ﹣ 林",
    "😀 e\u0301 é",
    "'; DROP TABLE records; --",
    '"quoted" \\ back % percent :name ?',
    "=1+1",
    "\u2028\u2029\u200b",
    '{"entry":null}',
    "x" * 1_000_000,
)
"""Lines that come back changed, or not at all, from careless stores."""
CODES = (
    *("pay/ledger", "PAY/LEDGER", "pay\\ledger", "../pay", "工资/台账", "a'b", 'a"b', "a;--", "a%b_c", "axb_c", "😀"),
    *("a b", "a b ", " a b", "a  b", "1", "01", "1.0", "１", "null", "None", "é", "e\u0301"),
    *("x" * 199, "x" * 200),
)
"""Codes of streams, sources and rows; many are alike to a careless store."""


def drawn(amount: str = "30万元", loan: str = "L1") -> LoanEvent:
    """A drawdown in March 2026."""
    return LoanEvent(loan=loan, kind=EventKind.DISBURSED, on="2026-03-02", amount=amount)


def shuffled(items: Sequence[_Item], seed: int) -> tuple[_Item, ...]:
    """Items in an order that looks like chance and is the same each time."""
    order = sorted(range(len(items)), key=lambda place: sha256(f"{seed}/{place}".encode()).digest())
    return tuple(items[place] for place in order)


EVENTS: tuple[LoanEvent, ...] = tuple(
    LoanEvent(
        loan="L1",
        kind=kind,
        on="2026-03-31",
        number="１",
        amount=Money.from_units(2**63 - 1, "CNY") if "amount" in DETAIL[kind] else None,
        category=Category.LOSS if "category" in DETAIL[kind] else None,
        days=0 if "days" in DETAIL[kind] else None,
        officer="吴" if "officer" in DETAIL[kind] else None,
    )
    for kind in EventKind
)
FACTS: tuple[Fact, ...] = (
    Loan(
        loan="L'1\"; DROP TABLE facts;--",
        customer="客户一",
        officer="林",
        opened_on="0001-01-01",
        product="房贷 😀",
        term_months=360,
        first_due_on="9999-12-31",
        amount=Money.from_units(2**63 - 1, "CNY"),
        interest_rate=Fraction(1, 3),
        funding_rate="2.125%",
    ),
    Loan(loan="L2", customer="C2", officer="wu", opened_on="2024-02-29", source="crm, row 7"),
    *EVENTS,
    drawn("0 元"),
    Balance(loan="L1", on="2026-03-31", outstanding="0 JPY", overdue="0 JPY"),
    Balance(loan="L2", on="2026-03-31", outstanding="1.234 KWD"),
    Customer(customer="C1", officer="lin", since="2026-01-01", until="2026-02-01"),
    Holding(customer="C1", product="card", since="2026-01-01"),
    Profit(customer="C1", on="2026-03-01", amount="-0.01 CNY", number="7"),
    Violation(number="V1", payee="lin", on="2026-03-01", points=Fraction(1, 7)),
    Inquiry(number="I1", payee="lin", on="2026-03-01", authorised=True, permitted=False),
    Valuation(number="A1", payee="lin", on="2026-03-01", appraised="100 CNY", benchmark="90 CNY"),
    Training(payee="lin", course="AML", on="2026-03-31", completed_on="2026-03-30"),
    Training(payee="lin", course="KYC", on="2026-03-31"),
    Rating(number="R1", payee="lin", on="2026-03-31", topic="teamwork", score=Fraction(200, 3), rater=""),
    Credit(loan="L1", payee="lin", on="2026-03-01", share=Fraction(1, 3)),
    ExchangeRate(currency="USD", into="CNY", on="2026-03-01", rate="7.1"),
)
"""Facts of every kind and events of every kind, at 64 bits, with thirds, the first day and the last."""
