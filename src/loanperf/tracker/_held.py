"""Held: facts to begin with, and rows that are fed, corrected and withdrawn in any order -> the facts that hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from itertools import chain

from attrs import define, field

from loanperf._facts import Fact, FactIndex, Facts, Key, Owner, key_text, owner_of, owner_of_key, payees_of
from loanperf.errors import DataError, shown


@define(eq=False)
class HeldFacts:
    """The facts of the start, and all rows that were said since and not withdrawn, by owner.

    Where a row of the start is corrected or withdrawn, all rows of its owner are taken over from there.
    """

    start: FactIndex
    over: set[Owner] = field(init=False, factory=set)
    """Owners whose rows of the start were taken over."""
    said: dict[Owner, dict[Key, list[Fact]]] = field(init=False, factory=dict)
    """By owner and natural key."""
    _owners: dict[str, set[Owner]] = field(init=False, factory=dict)
    """Owners of which a row that was said names a payee."""
    _moved: set[Owner] = field(init=False, factory=set)
    """Owners of which something was said since `moved` was last asked."""
    _named: set[str] = field(init=False, factory=set)
    """Payees whom rows name that came or went since then."""

    # ── what is said ──────────────────────────────────────────────────────────────────────────────────────

    def feed(self, fact: Fact) -> None:
        """Take in a row.

        Raises:
            FactError: it is no fact.
        """
        owner = owner_of(fact)
        self.said.setdefault(owner, {}).setdefault(fact.key, []).append(fact)
        self._note(owner, payees_of([fact]))

    def correct(self, fact: Fact) -> None:
        """Put a row in place of all that is said under its key.

        Raises:
            DataError: nothing is said under it.
            FactError: it is no fact.
        """
        owner = owner_of(fact)
        if not self._under(owner, fact.key):
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
        held = self._under(owner, key)
        left = [] if isinstance(what, tuple) else [row for row in held if row != what]
        if len(left) == len(held):
            told = ", ".join(map(str, dict.fromkeys(held)))
            found = f"there is only {shown(told, 300)}" if held else "nothing is said under this key"
            raise DataError(key_text(key), found, "withdraw what was fed, or mend the key")
        self._put(owner, key, left)

    def replace(self, owner: Owner, rows: Iterable[Fact], *, instead: bool) -> None:
        """Take in rows of an owner, instead of those of the start or beside them."""
        if instead:
            self.over.add(owner)
            self.said[owner] = {}
        self._note(owner, ())
        for fact in rows:
            self.feed(fact)

    def _note(self, owner: Owner, payees: Collection[str]) -> None:
        self._moved.add(owner)
        self._named.update(payees)
        for payee in payees:
            self._owners.setdefault(payee, set()).add(owner)

    def _under(self, owner: Owner, key: Key) -> list[Fact]:
        """What is said under a key."""
        return [row for row in self.rows(owner) if row.key == key]

    def _put(self, owner: Owner, key: Key, rows: list[Fact]) -> None:
        if owner not in self.over and (known := self.of_start([owner])):
            self.over.add(owner)
            for fact in known:
                self.feed(fact)
        held = self.said[owner]
        gone = payees_of(held.pop(key))
        if rows:
            held[key] = rows
        self._note(owner, gone)
        for payee in gone - payees_of(chain.from_iterable(held.values())):
            self._owners[payee].discard(owner)
        self._note(owner, payees_of(rows))
        if not held and owner not in self.over:
            del self.said[owner]

    # ── what is held ──────────────────────────────────────────────────────────────────────────────────────

    def moved(self) -> set[str] | None:
        """Whom rows name, or named, of all of which something was said since this was last asked; None of nothing."""
        owners, named = self._moved, self._named
        if not owners:
            return None
        self._moved, self._named = set(), set()
        return named | payees_of(self._said_of(owners)) | self.of_start(owners).payees

    def of_start(self, owners: Iterable[Owner]) -> Facts:
        """The facts of owners with which this began."""
        return self.start.only(owners=owners)

    def rows(self, owner: Owner) -> list[Fact]:
        """The rows of an owner."""
        known = () if owner in self.over else self.of_start([owner])
        return [*known, *chain.from_iterable(self.said.get(owner, {}).values())]

    def facts_of(self, owners: Collection[Owner]) -> Facts:
        """The facts of owners; each row was delivered by itself, and sources are not compared."""
        return self.start.only(owners=owners, but=self.over).with_rows(self._said_of(owners))

    def facts_for(self, payees: Collection[str]) -> Facts:
        """The facts of all that names some payees: the loans and customers that they ever had, and so on."""
        owners = {owner for payee in payees for owner in self._owners.get(payee, ())}
        chosen = self.start.chosen(payees=payees, owners=owners, but=self.over)
        return self.start.taken(chosen).with_rows(self._said_of(owners | self.start.owners(chosen, self.said.keys())))

    def all_facts(self) -> Facts:
        """All facts, those of the start with them."""
        return self.start.others(self.over).with_rows(self._said_of(self.said))

    def _said_of(self, owners: Iterable[Owner]) -> list[Fact]:
        rows = (self.said.get(owner, {}).values() for owner in owners)
        return [*chain.from_iterable(chain.from_iterable(rows))]

    # ── two of them ───────────────────────────────────────────────────────────────────────────────────────

    def same_as(self, other: HeldFacts) -> bool:
        """Whether other facts are the same, on top of the same start, whatever their order and source."""
        return self._starts_like(other) and all(
            Counter(self.rows(owner)) == Counter(other.rows(owner)) for owner in {*self.said, *other.said}
        )

    def _starts_like(self, other: HeldFacts) -> bool:
        one, two = self.start.facts, other.start.facts
        return one is two or not (len(one) or len(two))

    def merged(self, other: HeldFacts) -> HeldFacts:
        """The facts of both; both are left as they are.

        Raises:
            DataError: a loan of which both have facts, or each has a start of its own.
        """
        one_start = self._starts_like(other)
        if not one_start and len(self.start.facts) and len(other.start.facts):
            raise DataError("two trackers", "each is on top of facts of its own", "start one of the facts of both")
        for one, two in ((self, other), (other, self)):
            for owner in sorted(one.said):
                if owner[0] == "loan" and (owner in two.said or (not one_start and two.of_start([owner]))):
                    fault = "both trackers have facts of it"
                    raise DataError(" ".join(owner), fault, "feed all facts of a loan to one of them")
        found = HeldFacts(self.start if len(self.start.facts) else other.start)
        for held in (self, other):
            for owner, by_key in held.said.items():
                rows = Counter(chain.from_iterable(by_key.values()))
                known = Counter(held.of_start([owner])) if owner in held.over else Counter[Fact]()
                for fact in (known - rows).keys() & {*found.rows(owner)}:
                    found.withdraw(fact)
                for fact in (rows - known).elements():
                    found.feed(fact)
        return found
