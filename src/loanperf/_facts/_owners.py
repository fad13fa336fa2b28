"""Owners: a fact -> the loan or customer that it belongs to, or itself; and the payees whom it names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, TypeAlias

from attrs import frozen

from loanperf._facts._rows import ROW_OF, Fact
from loanperf._kinds import KINDS, Domain
from loanperf.errors import DataError, FactError, shown

Key: TypeAlias = tuple[str, ...]
"""The natural key of a fact: the name of its kind, then what tells it from others."""
Owner: TypeAlias = tuple[str, ...]
"""`("loan", code)` or `("customer", code)`: all that is said of it is worked together. Any other fact is its own owner,
under its natural key."""

SHARED: tuple[Domain, ...] = ("loan", "customer")
"""What facts of several kinds belong to."""


@frozen
class Belonging:
    """What facts of a kind belong to."""

    table: str
    """The name of the kind."""
    domain: Domain
    """`loan` or `customer`; empty where each fact is its own owner."""
    first: str
    """The column whose text comes second in a natural key."""
    code: Callable[[Any], str]
    """The code of the loan or customer of a fact."""
    payees: tuple[str, ...]
    """The columns that hold payees."""


def _belonging(name: str) -> Belonging:
    kind = KINDS[name]
    domain: Domain = kind.domain if kind.domain in SHARED else ""
    payees = tuple(column for column, known in kind.columns.items() if known.domain == "payee")
    return Belonging(name, domain, kind.key[0], attrgetter(domain or kind.key[0]), payees)


BELONGINGS = {name: _belonging(name) for name in KINDS}
_BY_CLASS = {ROW_OF[name]: belonging for name, belonging in BELONGINGS.items()}
BY_WORD = {kind.one: BELONGINGS[name] for name, kind in KINDS.items()}
"""By the first word of a natural key; the second is the code of a loan or customer."""


def owner_of(fact: Fact) -> Owner:
    """What a fact belongs to.

    Raises:
        FactError: it is no fact.
    """
    known = _BY_CLASS.get(type(fact))
    if known is None:
        raise FactError("a row", "its type", type(fact).__name__, "pass facts such as lp.Loan or lp.LoanEvent")
    return (known.domain, known.code(fact)) if known.domain else fact.key


def owner_of_key(key: Key) -> Owner:
    """What the facts of a natural key belong to.

    Raises:
        DataError: it is no natural key.
    """
    if len(key) < 2 or not all(isinstance(part, str) for part in key):
        raise DataError("what is withdrawn", f"it is {shown(key)}", "pass a fact, or its key")
    known = BY_WORD.get(key[0])
    return (known.domain, key[1]) if known is not None and known.domain else key


def payees_of(facts: Iterable[Fact]) -> set[str]:
    """The payees whom facts name: who originated or was assigned a loan, looks after a customer, or is spoken of."""
    named = (getattr(fact, name) for fact in facts for name in _BY_CLASS[type(fact)].payees)
    return {payee for payee in named if payee is not None}
