"""Samples: facts of every kind with values at their edges, and texts that stores get wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from hashlib import sha256
from typing import Any, TypeVar

from loanperf._facts import ROW_OF, Balance, EventKind, Fact, Loan, LoanEvent, Profit
from loanperf._kinds import DETAIL, KINDS, Category, FactKind, TypeName
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


_EDGES: Mapping[TypeName, object] = {
    "loan": "L'1\"; DROP TABLE facts;--",
    "customer": "客户一",
    "payee": "吴",
    "key": "客户一",
    "code": "１",
    "text": "房贷 😀",
    "word": Category.LOSS,
    "day": date.max,
    "truth": True,
    "money": Money.from_units(2**63 - 1, "CNY"),
    "whole": 1,
    "share": Fraction(1, 3),
    "points": Fraction(200, 3),
    "currency": "USD",
    "rate": Fraction(71, 7),
}
"""A value of each type that careless stores get wrong."""


_PLAIN: Mapping[TypeName, object] = {
    **_EDGES,
    **dict[TypeName, object].fromkeys(("loan", "customer", "payee", "key", "code"), "2"),
    "truth": False,
    "currency": "EUR",
}


def _row(kind: FactKind, values: Mapping[TypeName, object], stated: Mapping[str, Any], *, whole: bool) -> Fact:
    """A row of values by type: with all that its kind can say, or with no more than it needs."""
    cells: dict[str, Any] = {
        name: date.min
        if column.after == "" and column.type == "day"
        else "CNY"
        if column.unlike
        else values[column.type]
        for name, column in kind.columns.items()
        if whole or not column.optional
    }
    return ROW_OF[kind.name](**{**cells, **stated}, source="crm, row 7" if whole else "")


def _of_every_kind() -> Iterator[Fact]:
    """Two rows of each kind, and an event of each kind of event."""
    for name, kind in KINDS.items():
        if name != "events":
            yield _row(kind, _EDGES, {}, whole=True)
            yield _row(kind, _PLAIN, {}, whole=False)
            continue
        for event in EventKind:
            stated = {detail: _EDGES[kind.columns[detail].type] for detail in DETAIL[event]}
            yield _row(kind, _EDGES, {**stated, "kind": event, "number": "１"}, whole=False)


FACTS: tuple[Fact, ...] = (
    *_of_every_kind(),
    Loan(loan="L2", customer="C2", officer="wu", opened_on="2024-02-29", source="crm, row 7"),
    drawn("0 元"),
    Balance(loan="L1", on="2026-03-31", outstanding="0 JPY", overdue="0 JPY"),
    Balance(loan="L2", on="2026-03-31", outstanding="1.234 KWD"),
    Profit(customer="C1", on="2026-03-01", amount="-0.01 CNY", number="7"),
)
"""Facts of every kind and events of every kind, at 64 bits, with thirds, the first day and the last."""
