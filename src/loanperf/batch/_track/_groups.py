"""Groups: facts that are worked together: those of one loan, those of one customer, or a single one of another kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal, TypeAlias

from attrs import define, field

from loanperf._facts import Balance, Customer, Fact, Facts, Holding, Loan, LoanEvent, Profit
from loanperf._indicators._views import Key
from loanperf.batch._track._life import Given, Life
from loanperf.errors import DataError, shown

GroupKind: TypeAlias = Literal["loan", "customer", "fact"]

_PREFIXES: Mapping[str, GroupKind] = {
    "loan": "loan",
    "event": "loan",
    "balance": "loan",
    "customer": "customer",
    "holding": "customer",
    "profit": "customer",
}
"""By the first word of a natural key."""


@define(eq=False)
class Group:
    """What was said of one loan or customer, or the rows of one other fact, and what that gives to each total."""

    kind: GroupKind
    code: Key
    """Of a loan or customer its code; of another fact its natural key."""
    said: dict[Key, Fact | list[Fact]] = field(factory=dict)
    """By natural key the only row, or all rows."""
    life: Life | None = None
    """Of a loan: what its usable facts come to; None where it has to be read anew."""
    given: Given = field(factory=dict)
    """What it gave to the totals when it was last looked at."""
    clean: bool = True
    """Of a customer or another fact: that nothing was wrong when it was last looked at."""
    dirty: bool = False
    """Whether something was said since it was last looked at."""
    folded: bool = False
    """Whether the book has facts of this loan that `said` does not hold, and `life` does."""
    of_book: int = 0
    """How many rows of the book `said` stands in for."""

    def rows(self) -> Iterator[Fact]:
        """Every row that is held here."""
        for held in self.said.values():
            if isinstance(held, list):
                yield from held
            else:
                yield held

    def usable(self) -> Iterator[Fact]:
        """One row of each key under which rows do not contradict each other."""
        for held in self.said.values():
            if not isinstance(held, list):
                yield held
            elif agree(held):
                yield held[0]

    def in_order(self) -> tuple[Fact, ...]:
        """The usable facts as `Facts` orders them."""
        return Facts.of(self.usable()).items

    def say(self, fact: Fact) -> None:
        """Take in a row."""
        key = fact.key
        if key in self.said:
            self.again(key, fact)
        else:
            self.said[key] = fact

    def again(self, key: Key, fact: Fact) -> bool:
        """Take in one more row under a key; whether it contradicts what is there."""
        held = self.said[key]
        rows = held if isinstance(held, list) else [held]
        agreed = agree(rows)
        self.said[key] = [*rows, fact]
        return agreed and fact != rows[0]

    def take_out(self, key: Key, fact: Fact | None) -> bool:
        """Take out the rows that say the same as a fact, or all under the key; whether there were any."""
        held = self.said.get(key)
        rows = held if isinstance(held, list) else [] if held is None else [held]
        left = [] if fact is None else [row for row in rows if row != fact]
        if len(left) == len(rows):
            return False
        if left:
            self.said[key] = left if len(left) > 1 else left[0]
        else:
            del self.said[key]
        return True


def agree(rows: list[Fact]) -> bool:
    """Whether rows under one key all say the same."""
    return all(row == rows[0] for row in rows)


def place_of(fact: Fact) -> tuple[GroupKind, Key]:
    """The group that a fact belongs to."""
    match fact:
        case Loan() | LoanEvent() | Balance():
            return "loan", (fact.loan,)
        case Customer() | Holding() | Profit():
            return "customer", (fact.customer,)
        case _:
            return "fact", fact.key


def place_of_key(key: Key) -> tuple[GroupKind, Key]:
    """The group that a natural key belongs to.

    Raises:
        DataError: it is no natural key.
    """
    if len(key) < 2 or not all(isinstance(part, str) for part in key):
        raise DataError("what is withdrawn", f"it is {shown(key)}", "pass a fact, or its key")
    kind = _PREFIXES.get(key[0], "fact")
    return kind, (key if kind == "fact" else key[1:2])


def life_of(group: Group, take: Callable[[Life, Fact], None]) -> Life:
    """What the usable facts of a loan come to."""
    life = Life()
    for fact in group.usable():
        take(life, fact)
    return life
