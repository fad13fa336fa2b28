"""Held facts: what is fed, corrected and withdrawn, in any order -> the facts that are held, by owner and by payee."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain

from attrs import define, field

from loanperf._facts import USUAL, Fact, Facts, Key, Owner, SentFact, key_text, owner_of, owner_of_key, payees_of
from loanperf.batch._track._book_facts import BookFacts
from loanperf.errors import DataError, shown


@define(eq=False)
class HeldFacts:
    """All rows that were said and not withdrawn, on top of a book or of nothing.

    The rows of an owner are held here from the moment when something is said of it, those of the book with them; before
    that they stay in the book.
    """

    book: BookFacts
    _rows: dict[Owner, dict[Key, list[Fact]]] = field(init=False, factory=dict)
    """Of each owner of which something was said, all its rows, by natural key."""
    of_book: dict[Owner, list[Fact]] = field(init=False, factory=dict)
    """Those that the book has, of each of these owners that it has."""
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
        self._open(owner_of(fact)).setdefault(fact.key, []).append(fact)

    def correct(self, fact: Fact) -> None:
        """Put a row in place of all that is said under its key.

        Raises:
            DataError: nothing is said under it.
            FactError: it is no fact.
        """
        owner = owner_of(fact)
        if not self._said(owner, fact.key):
            raise DataError(key_text(fact.key), "there is nothing to correct", "feed it, or mend its key")
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
            raise DataError(key_text(key), found, "withdraw what was fed, or mend the key")
        self._put(owner, key, left)

    def replace(self, rows: Mapping[Owner, Iterable[Fact]]) -> None:
        """Put rows in place of all that is held of their owners."""
        for owner in rows:
            self._open(owner)
        self._read()
        for owner, facts in rows.items():
            self._rows[owner].clear()
            for fact in facts:
                self._rows[owner].setdefault(fact.key, []).append(fact)

    def _open(self, owner: Owner) -> dict[Key, list[Fact]]:
        """The rows of an owner of which something is said now."""
        self._moved.add(owner)
        held = self._rows.get(owner)
        if held is None:
            held = self._rows[owner] = {}
            self._unread.add(owner)
        return held

    def _said(self, owner: Owner, key: Key) -> list[Fact]:
        """What is said under a key."""
        return [row for row in self.rows(owner) if row.key == key]

    def _put(self, owner: Owner, key: Key, rows: list[Fact]) -> None:
        held = self._open(owner)
        self._read()
        held[key] = rows
        if not rows:
            del held[key]

    def _read(self) -> None:
        """Read the rows of the book of all owners of which something was said."""
        if not self._unread:
            return
        for fact in self.book.index.of_owners(self._unread):
            owner = owner_of(fact)
            self._rows[owner].setdefault(fact.key, []).append(fact)
            self.of_book.setdefault(owner, []).append(fact)
        for owner in self._unread & self.of_book.keys():
            self._name(owner, payees_of(self.of_book[owner]))
        self._unread.clear()

    def _name(self, owner: Owner, payees: set[str]) -> set[str]:
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
            payees |= named | self._name(owner, named)
            if not self._rows[owner] and owner not in self.of_book:
                del self._rows[owner]
        return owners, payees

    def owners(self) -> tuple[Owner, ...]:
        """All of which something was said, and something is held or was in the book, in order."""
        self._read()
        return tuple(sorted(owner for owner, held in self._rows.items() if held or owner in self.of_book))

    def rows(self, owner: Owner) -> list[Fact]:
        """The rows of an owner, as they came."""
        self._read()
        if owner in self._rows:
            return [*chain.from_iterable(self._rows[owner].values())]
        return [*self.book.index.of_owners([owner])]

    def contradicts(self, owner: Owner) -> bool:
        """Whether two rows of an owner say different things under one key."""
        return any(row != rows[0] for rows in self._rows.get(owner, {}).values() for row in rows)

    def payees_of(self, owners: Iterable[Owner]) -> set[str]:
        """Whom the rows of owners name, or named in the book."""
        return {payee for owner in owners for payee in payees_of([*self.rows(owner), *self.of_book.get(owner, ())])}

    def facts_of(self, owners: Iterable[Owner]) -> Facts:
        """The facts of owners; each row was delivered by itself, and sources are not compared."""
        rows = (row for owner in owners for row in self.rows(owner))
        sent = [SentFact(row, where=row.source, delivery=place) for place, row in enumerate(rows)]
        return Facts.of_sent(sent, (), authority=USUAL)

    def facts_for(self, payees: Iterable[str]) -> Facts:
        """The facts of all that names some payees: the loans and customers that they ever had, and so on."""
        wanted = [*payees]
        owners = {owner for payee in wanted for owner in self._owners.get(payee, ())}
        return _both(self.book.index.of_payees(wanted, self._rows), self.facts_of(owners))

    def all_facts(self) -> Facts:
        """All facts, those of the book with them."""
        return _both(self.book.index.others(self._rows), self.facts_of(self.owners()))

    def counts(self) -> tuple[int, int]:
        """How many rows are held, and how many of them say again what another said."""
        said = self.facts_of(self.owners())
        of_book = sum(map(len, self.of_book.values()))
        return self.book.rows + said.rows - of_book, self.book.repeats + said.repeats

    # ── two of them ───────────────────────────────────────────────────────────────────────────────────────

    def same_as(self, other: HeldFacts) -> bool:
        """Whether other facts are the same, on top of the same book, whatever their order and source."""
        owners = {*self.owners(), *other.owners()}
        return self.book.book is other.book.book and all(
            Counter(self.rows(owner)) == Counter(other.rows(owner)) for owner in owners
        )

    def merged(self, other: HeldFacts) -> HeldFacts:
        """The facts of both; both are left as they are.

        Raises:
            DataError: a loan of which both have facts, or two books.
        """
        one_book = self.book.book is other.book.book
        if not one_book and None not in (self.book.book, other.book.book):
            raise DataError("two trackers", "each is on top of a book of its own", "start one of a book of both")
        for one, two in ((self, other), (other, self)):
            for owner in one.owners():
                if owner[0] == "loan" and two.has(owner, in_book=not one_book):
                    fault = "both trackers have facts of it"
                    raise DataError(" ".join(owner), fault, "feed all facts of a loan to one of them")
        found = HeldFacts(other.book if self.book.book is None else self.book)
        for held in (self, other):
            for owner in held.owners():
                rows, known = Counter(held.rows(owner)), Counter(held.of_book.get(owner, ()))
                for fact in (known - rows).keys() & {*found.rows(owner)}:
                    found.withdraw(fact)
                for fact in (rows - known).elements():
                    found.feed(fact)
        return found

    def has(self, owner: Owner, *, in_book: bool) -> bool:
        """Whether there are facts of an owner: said since the start, or in the book too."""
        return bool(self.rows(owner)) if in_book or owner in self._rows else False


def _both(of_book: Facts, said: Facts) -> Facts:
    if not len(of_book):
        return said
    return of_book + said if said.rows else of_book
