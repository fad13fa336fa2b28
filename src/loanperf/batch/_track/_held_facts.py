"""Held facts: what is fed, corrected and withdrawn, in any order -> the facts that are held, by owner and by payee."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from attrs import define, field

from loanperf._facts import Fact, Facts
from loanperf.batch._track._book_facts import BookFacts
from loanperf.batch._track._owners import Key, Owner, owner_of, owner_of_key, payees_of
from loanperf.errors import DataError, shown


@define(eq=False)
class HeldFacts:
    """All rows that were said and not withdrawn, on top of a book or of nothing.

    The rows of an owner are held here from the moment when something is said of it, those of the book with them; before
    that they stay in the book.
    """

    book: BookFacts | None = None
    _rows: dict[Owner, dict[Key, list[Fact]]] = field(init=False, factory=dict)
    """Of each owner of which something was said, all its rows, by natural key."""
    of_book: dict[Owner, int] = field(init=False, factory=dict)
    """How many of its rows came from the book."""
    _unread: set[Owner] = field(init=False, factory=set)
    """Owners whose rows of the book are still to be read."""
    _moved: set[Owner] = field(init=False, factory=set)
    """Owners of which something was said since `moved` was last asked."""
    _payees: dict[Owner, set[str]] = field(init=False, factory=dict)
    """Whom the rows of an owner name."""
    _owners: dict[str, set[Owner]] = field(init=False, factory=dict)
    """Owners whose rows name a payee."""

    # ── what is said ──────────────────────────────────────────────────────────────────────────────────────

    def feed(self, fact: Fact) -> None:
        """Take in a row.

        Raises:
            FactError: it is no fact.
        """
        owner = owner_of(fact)
        self._open(owner).setdefault(fact.key, []).append(fact)

    def correct(self, fact: Fact) -> None:
        """Put a row in place of all that is said under its key.

        Raises:
            DataError: nothing is said under it.
            FactError: it is no fact.
        """
        owner = owner_of(fact)
        if not self._said(owner, fact.key):
            raise DataError(_named(fact.key), "there is nothing to correct", "feed it, or mend its key")
        self._put(owner, fact.key, [fact])

    def withdraw(self, what: Fact | Key) -> None:
        """Take out the rows that say what a fact says, or all under a key.

        Raises:
            DataError: there are none.
        """
        if not isinstance(what, tuple | Fact):
            raise DataError("what is withdrawn", f"it is a {type(what).__name__}", "pass a fact, or its key")
        owner, key = (owner_of_key(what), what) if isinstance(what, tuple) else (owner_of(what), what.key)
        held = self._said(owner, key)
        left = [] if isinstance(what, tuple) else [row for row in held if row != what]
        if len(left) == len(held):
            said = ", ".join(map(str, dict.fromkeys(held)))
            found = f"there is only {shown(said, 300)}" if held else "nothing is said under this key"
            raise DataError(_named(key), found, "withdraw what was fed, or mend the key")
        self._put(owner, key, left)

    def replace(self, owner: Owner, rows: Iterable[Fact]) -> None:
        """Put rows in place of all that is held of an owner."""
        held = self._open(owner)
        self._read()
        held.clear()
        for fact in rows:
            held.setdefault(fact.key, []).append(fact)

    def _open(self, owner: Owner) -> dict[Key, list[Fact]]:
        """The rows of an owner of which something is said now."""
        self._moved.add(owner)
        held = self._rows.get(owner)
        if held is None:
            held = self._rows[owner] = {}
            if self.book is not None:
                self._unread.add(owner)
        return held

    def _said(self, owner: Owner, key: Key) -> list[Fact]:
        """What is said under a key."""
        if owner in self._rows:
            self._read()
            return self._rows[owner].get(key, [])
        return [fact for fact in self.in_book(owner) if fact.key == key]

    def _put(self, owner: Owner, key: Key, rows: list[Fact]) -> None:
        held = self._open(owner)
        self._read()
        held[key] = rows
        if not rows:
            del held[key]

    def _read(self) -> None:
        """Read the rows of the book of all owners of which something was said."""
        for owner in self._unread:
            found = self.in_book(owner)
            self.of_book[owner] = len(found)
            for fact in found:
                self._rows[owner].setdefault(fact.key, []).append(fact)
            self._index(owner, payees_of(found))
        self._unread.clear()

    def _index(self, owner: Owner, payees: set[str]) -> set[str]:
        """Note whom an owner names now; those whom it named are returned."""
        before = self._payees.pop(owner, set())
        for payee in before - payees:
            self._owners[payee].discard(owner)
        for payee in payees - before:
            self._owners.setdefault(payee, set()).add(owner)
        if payees:
            self._payees[owner] = payees
        return before

    # ── what is held ──────────────────────────────────────────────────────────────────────────────────────

    def moved(self) -> tuple[set[Owner], set[str]]:
        """Owners of which something was said since this was last asked, and all whom their rows name or named."""
        self._read()
        owners, self._moved = self._moved, set()
        payees: set[str] = set()
        for owner in owners:
            named = payees_of(self.rows(owner))
            payees |= named | self._index(owner, named)
            if not self._rows[owner] and not self.of_book.get(owner):
                del self._rows[owner]
        return owners, payees

    def owners(self) -> tuple[Owner, ...]:
        """All of which something was said, and something is held or was in the book, in order."""
        self._read()
        return tuple(sorted(owner for owner, held in self._rows.items() if held or self.of_book.get(owner)))

    def rows(self, owner: Owner) -> list[Fact]:
        """The rows of an owner, as they came."""
        self._read()
        if owner in self._rows:
            return [row for held in self._rows[owner].values() for row in held]
        return self.in_book(owner)

    def in_book(self, owner: Owner) -> list[Fact]:
        """The facts of an owner in the book, whatever was said of them since."""
        return [] if self.book is None else [*self.book.facts_of(owner)]

    def contradicts(self, owner: Owner) -> bool:
        """Whether two rows of an owner say different things under one key."""
        held = self._rows.get(owner, {})
        return any(row != rows[0] for rows in held.values() for row in rows)

    def facts_of(self, owners: Iterable[Owner]) -> Facts:
        """The facts of owners; each row was delivered by itself."""
        return Facts.joined([row] for owner in owners for row in self.rows(owner))

    def payees_of(self, owners: Iterable[Owner]) -> set[str]:
        """Whom the rows of owners name."""
        return {payee for owner in owners for payee in payees_of(self.rows(owner))}

    def met(self) -> set[str]:
        """Whom anything concerns of which something was said, now or by the book."""
        owners = self.owners()
        return self.payees_of(owners) | {payee for owner in owners for payee in payees_of(self.in_book(owner))}

    def owners_of(self, payees: Iterable[str]) -> set[Owner]:
        """Whatever names payees, or did in the book: the loans and customers that they ever had, and so on."""
        self._read()
        found: set[Owner] = set()
        for payee in payees:
            found |= self._owners.get(payee, set())
            if self.book is not None:
                found |= {owner for owner in self.book.owners_of(payee) if owner not in self._rows}
        return found

    def counts(self) -> tuple[int, int]:
        """How many rows are held, and how many of them say again what another said."""
        owners = self.owners()
        said = self.facts_of(owners)
        rows, repeats = said.rows - sum(self.of_book.get(owner, 0) for owner in owners), said.repeats
        return (rows, repeats) if self.book is None else (rows + self.book.book.rows, repeats + self.book.book.repeats)

    def all_facts(self) -> Facts:
        """All facts, those of the book with them; each row was delivered by itself."""
        owners = self.owners()
        others = [] if self.book is None else self.book.others(owners)
        return Facts.joined([row] for rows in (others, *map(self.rows, owners)) for row in rows)

    def same_as(self, other: HeldFacts) -> bool:
        """Whether other facts are the same, on top of the same book, whatever their order and source."""
        if not _same_book(self.book, other.book):
            return False
        owners = {*self.owners(), *other.owners()}
        return all(Counter(self.rows(owner)) == Counter(other.rows(owner)) for owner in owners)

    def merged(self, other: HeldFacts) -> HeldFacts:
        """The facts of both; both are left as they are.

        Raises:
            DataError: a loan of which both have facts, or two books.
        """
        shared = self.book is not None and other.book is not None
        if shared and not _same_book(self.book, other.book):
            raise DataError("two trackers", "each is on top of a book of its own", "start one of a book of both")
        for one, two in ((self, other), (other, self)):
            for domain, code, *_ in one.owners():
                if domain == "loan" and two.has(code, in_book=not shared):
                    fault = "both trackers have facts of it"
                    raise DataError(f"loan {code}", fault, "feed all facts of a loan to one of them")
        found = HeldFacts(self.book or other.book)
        for held in (self, other):
            for owner in held.owners():
                rows, known = Counter(held.rows(owner)), Counter(held.in_book(owner))
                for fact in known - rows:
                    if fact in found.rows(owner):
                        found.withdraw(fact)
                for fact in (rows - known).elements():
                    found.feed(fact)
        return found

    def has(self, loan: str, *, in_book: bool) -> bool:
        """Whether there are facts of a loan: said since the start, or in the book too."""
        owner = ("loan", loan)
        fed = bool(self._rows.get(owner)) or bool(self.of_book.get(owner))
        return fed or (in_book and bool(self.in_book(owner)))


def _same_book(one: BookFacts | None, other: BookFacts | None) -> bool:
    return one is other or (one is not None and other is not None and one.book is other.book)


def _named(key: Key) -> str:
    return " ".join(key).strip()
