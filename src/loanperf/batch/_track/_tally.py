"""Tally: facts by loan, customer or key, and what they come to for each payee, kept up to date fact by fact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import takewhile
from operator import itemgetter

from attrs import define, field

from loanperf._facts import Balance, Fact, Facts, Loan, LoanEvent
from loanperf._indicators import Reading, measure_part
from loanperf._indicators._views import Key
from loanperf.batch._track._asked import Asked
from loanperf.batch._track._groups import Group, GroupKind, agree, life_of, place_of, place_of_key
from loanperf.batch._track._life import Given, Life, given_by, is_doubtful
from loanperf.batch._track._opening import Opening
from loanperf.batch._track._watch import Watch
from loanperf.batch._track._worth import Exact
from loanperf.errors import DataError, FactError, Problem, natural_order, shown

_OF_LOANS = (LoanEvent, Balance, Loan)


@define(eq=False)
class Person:
    """What the totals of a payee come to, and the readings made of them."""

    amounts: list[Exact]
    stale: int = -1
    """Bits of the questions whose readings must be made anew."""
    readings: dict[str, Reading] = field(factory=dict)


@define(eq=False)
class _Move:
    """How the totals of a payee moved while facts were settled."""

    before: list[Exact]
    bits: int = 0
    """The questions that a total that moved is part of."""


@define(eq=False)
class Tally:
    """Every fact that is held, and the totals of each payee."""

    asked: Asked
    opening: Opening | None = None
    """What was there before the first fact: a book of columns."""
    clock: int = 0
    """How often readings changed."""
    changed: dict[str, int] = field(factory=dict)
    """When the readings of a payee last changed, in order of that."""
    _last: date = field(init=False)
    _loans: dict[str, Group] = field(init=False, factory=dict)
    _others: dict[tuple[GroupKind, Key], Group] = field(init=False, factory=dict)
    _people: dict[str, Person] = field(init=False, factory=dict)
    _dirty: list[Group] = field(init=False, factory=list)

    @_last.default
    def _of_the_period(self) -> date:
        return self.asked.period.last_day

    # ── what is said ──────────────────────────────────────────────────────────────────────────────────────

    def feed(self, fact: Fact) -> None:
        """Take in a row.

        Raises:
            FactError: it is no fact.
        """
        if isinstance(fact, _OF_LOANS):
            group = self._loans.get(fact.loan) or self._open("loan", (fact.loan,))
        else:
            group = self._open(*place_of(_a_fact(fact)))
        key = fact.key
        if group.folded and key not in group.said and self._is_folded(group, fact):
            self._unfold(group)
        if key in group.said:
            if group.again(key, fact):
                group.life = None
                self._touch(group)
            return
        group.said[key] = fact
        life = group.life
        if life is not None:
            self._take(life, fact)
        if not group.dirty:
            self._touch(group)

    def _take(self, life: Life, fact: Fact) -> None:
        """Take a usable fact into a life, unless it is dated after the last day or in another currency."""
        if isinstance(fact, LoanEvent):
            amount = fact.amount
            if fact.on <= self._last and (amount is None or amount.currency == self.asked.currency):
                life.happened(fact)
        elif isinstance(fact, Balance):
            if fact.on <= self._last and fact.outstanding.currency == self.asked.currency:
                life.stood(fact)
        elif isinstance(fact, Loan):
            life.open(fact)

    def correct(self, fact: Fact) -> None:
        """Put a row in place of all that is said under its key.

        Raises:
            DataError: nothing is said under it.
            FactError: it is no fact.
        """
        group = self._whole(*place_of(_a_fact(fact)))
        if group is None or fact.key not in group.said:
            raise DataError(_named(fact.key), "there is nothing to correct", "feed it, or mend its key")
        group.said[fact.key] = fact
        group.life = None
        self._touch(group)

    def withdraw(self, what: Fact | Key) -> None:
        """Take out the rows that say what a fact says, or all under a key.

        Raises:
            DataError: there are none.
        """
        if not isinstance(what, tuple | Fact):
            raise DataError("what is withdrawn", f"it is a {type(what).__name__}", "pass a fact, or its key")
        fact, key = (None, what) if isinstance(what, tuple) else (what, what.key)
        group = self._whole(*(place_of_key(key) if fact is None else place_of(fact)))
        if group is None or not group.take_out(key, fact):
            held = [] if group is None else group.said.get(key, [])
            found = f"there is only {shown(str(held), 300)}" if held else "nothing is said under this key"
            raise DataError(_named(key), found, "withdraw what was fed, or mend the key")
        group.life = None
        self._touch(group)

    def _touch(self, group: Group) -> None:
        if not group.dirty:
            group.dirty = True
            self._dirty.append(group)

    # ── groups ────────────────────────────────────────────────────────────────────────────────────────────

    def _find(self, kind: GroupKind, code: Key) -> Group | None:
        """A group that holds facts, here or in the book."""
        found = self._loans.get(code[0]) if kind == "loan" else self._others.get((kind, code))
        if found is not None or self.opening is None:
            return found
        group = Group(kind, code)
        if kind == "loan" and (life := self.opening.life(code[0])) is not None:
            group.life, group.folded, group.given = life, True, given_by(life, self.asked.frame)
            return self._keep(group)
        for fact in self.opening.facts(kind, code):
            group.say(fact)
        if not group.said:
            return None
        group.of_book = sum(1 for _ in group.rows())
        group.given = self._given_by(group)
        return self._keep(group)

    def _open(self, kind: GroupKind, code: Key) -> Group:
        """A group that holds facts, or a new one."""
        return self._find(kind, code) or self._keep(Group(kind, code, life=Life() if kind == "loan" else None))

    def _keep(self, group: Group) -> Group:
        if group.kind == "loan":
            self._loans[group.code[0]] = group
        else:
            self._others[group.kind, group.code] = group
        return group

    def _drop(self, group: Group) -> None:
        if group.kind == "loan":
            del self._loans[group.code[0]]
        else:
            del self._others[group.kind, group.code]

    def _whole(self, kind: GroupKind, code: Key) -> Group | None:
        """A group with all its facts brought out of the book."""
        group = self._find(kind, code)
        if group is not None and group.folded:
            self._unfold(group)
        return group

    def _is_folded(self, group: Group, fact: Fact) -> bool:
        """Whether the book has a fact under the key of another one of its loan."""
        return self.opening is not None and group.life is not None and self.opening.says(group.life, fact)

    def _unfold(self, group: Group) -> None:
        """Bring the facts of a loan out of the book, before those that were said since."""
        if self.opening is not None:
            held = {fact.key: fact for fact in self.opening.facts("loan", group.code)}
            group.of_book, group.folded = len(held), False
            group.said = {**held, **group.said}

    # ── what it comes to ──────────────────────────────────────────────────────────────────────────────────

    def settle(self) -> None:
        """Bring the totals up to date with what was said."""
        if not self._dirty:
            return
        moved: dict[str, _Move] = {}
        for group in self._dirty:
            group.dirty = False
            given = self._given_by(group)
            if given != group.given:
                self._shift(given, group.given, moved)
                group.given = given
            if not group.said and not group.folded and not group.of_book:
                self._drop(group)
        if moved:
            self._note(moved, exactly=len(self._dirty) == 1)
        self._dirty.clear()

    def _given_by(self, group: Group) -> Given:
        if group.kind != "loan":
            given, group.clean = self.asked.given_by(group.in_order())
            return given
        if group.life is None:
            group.life = life_of(group, self._take)
        return given_by(group.life, self.asked.frame)

    def _shift(self, given: Given, gave: Given, moved: dict[str, _Move]) -> None:
        """Move the totals by what a group gives more or less than it gave."""
        by_total, none = self.asked.by_total, [0] * self.asked.size
        for payee in given if given.keys() == gave.keys() else given.keys() | gave.keys():
            now, was = given.get(payee, none), gave.get(payee, none)
            if now == was:
                continue
            amounts = self.person(payee).amounts
            move = moved.get(payee)
            if move is None:
                move = moved[payee] = _Move(amounts.copy())
            for place, amount in enumerate(now):
                if amount != was[place]:
                    amounts[place] += amount - was[place]
                    move.bits |= by_total[place]

    def _note(self, moved: dict[str, _Move], *, exactly: bool) -> None:
        """Note whose readings are others than before; exactly, where no total moved twice."""
        asked, staff, clock = self.asked, self.asked.staff, self.clock + 1
        for payee, move in moved.items():
            person, before, bits = self._people[payee], move.before, move.bits
            met = staff is None and not (before[-1] and person.amounts[-1])
            if met or not exactly or bits & asked.delicate:
                bits = asked.changed(before, person.amounts)
            if bits:
                person.stale |= bits
                if staff is None or payee in staff:
                    self.changed.pop(payee, None)
                    self.changed[payee] = self.clock = clock

    def person(self, payee: str) -> Person:
        """The totals of a payee."""
        found = self._people.get(payee)
        if found is None:
            amounts = None if self.opening is None else self.opening.sums.of(payee)
            found = self._people[payee] = Person([0] * self.asked.size if amounts is None else amounts)
        return found

    def readings(self, payee: str) -> dict[str, Reading]:
        """The readings of a payee; none for somebody who is not known."""
        if self._dirty:
            self.settle()
        asked = self.asked
        person = self._people.get(payee)
        if person is None:
            if not self._may_know(payee):
                return {}
            person = self.person(payee)
        if not asked.known(payee, person.amounts):
            return {}
        stale, amounts, period = person.stale, person.amounts, asked.period
        if stale:
            for bit, question in asked.questions:
                if stale & bit:
                    person.readings[question.code] = question.reading(amounts, payee, period)
            person.stale = 0
        return person.readings

    def _may_know(self, payee: str) -> bool:
        """Whether somebody of whom nothing was said may have readings."""
        if self.asked.staff is not None:
            return payee in self.asked.staff
        return self.opening is not None and payee in self.opening.sums.codes

    def payees(self) -> tuple[str, ...]:
        """All who have readings, in order of code."""
        self.settle()
        if self.asked.staff is not None:
            return tuple(sorted(self.asked.staff))
        met = {payee for payee, person in self._people.items() if self.asked.known(payee, person.amounts)}
        others = set() if self.opening is None else set(self.opening.sums.known) - self._people.keys()
        return tuple(sorted(met | others))

    def since(self, cursor: int) -> tuple[str, ...]:
        """Whose readings changed after a moment, in order of code."""
        self.settle()
        return tuple(sorted(takewhile(lambda payee: self.changed[payee] > cursor, reversed(self.changed))))

    def go_on(self, clock: int, changed: Mapping[str, int] | None) -> None:
        """Go on from a moment, with a log of changes; None where every payee is to count as changed."""
        self.settle()
        if changed is None:
            clock += 1
            changed = dict.fromkeys(self.payees(), clock)
        self.clock, self.changed = clock, dict(sorted(changed.items(), key=itemgetter(1)))

    # ── what is held ──────────────────────────────────────────────────────────────────────────────────────

    def groups(self) -> Iterator[Group]:
        """Every group of which something was said since the start."""
        self.settle()
        for group in (*self._loans.values(), *self._others.values()):
            if group.said or group.of_book:
                yield group

    def rows(self) -> Iterator[Fact]:
        """Every row, those of the book among them."""
        if self.opening is not None:
            yield from self.opening.others(self.groups())
        for group in self.groups():
            yield from self.rows_of(group)

    def rows_for(self, payee: str) -> Iterator[Fact]:
        """Every row of the groups that count for a payee."""
        if self.opening is not None:
            yield from self.opening.others(self.groups(), payee)
        for group in self.groups():
            if payee in group.given:
                yield from self.rows_of(group)

    def rows_of(self, group: Group) -> Iterator[Fact]:
        """Every row of a group, those that are still in the book among them."""
        if group.folded and self.opening is not None:
            yield from self.opening.facts("loan", group.code)
        yield from group.rows()

    def put(self, kind: GroupKind, code: Key, rows: Iterable[Fact], *, of_book: bool) -> None:
        """Take in rows of a group; where they stand in for those of the book, take out those that are not among them.

        Raises:
            DataError: they stand in for rows that the book has not.
        """
        left = [*rows]
        if of_book:
            group = self._whole(kind, code)
            if group is None or not group.of_book or self.opening is None:
                remedy = "pass the book that the tracker started from"
                raise DataError(" ".join(code), "the book does not have it", remedy)
            for fact in self.opening.facts(kind, code):
                if fact in left:
                    left.remove(fact)
                elif group.take_out(fact.key, fact):
                    group.life = None
                    self._touch(group)
        for fact in left:
            self.feed(fact)

    def counts(self) -> tuple[int, int]:
        """How many rows are held, and how many of them say again what another said."""
        rows, repeats = (0, 0) if self.opening is None else (self.opening.book.rows, self.opening.book.repeats)
        for group in self.groups():
            held = [value if isinstance(value, list) else [value] for value in group.said.values()]
            rows += sum(map(len, held)) - group.of_book
            repeats += sum(len(said) - 1 for said in held if agree(said))
        return rows, repeats

    def problems(self, watch: Watch) -> tuple[Problem, ...]:
        """What could not be used, in order of text: of groups with a doubt what `measure` says of their rows."""
        rows = [fact for group in self.groups() if self._is_doubtful(group) for fact in self.rows_of(group)]
        found = measure_part(
            Facts.joined([fact] for fact in rows),
            watch.period,
            watch.measured,
            currency=watch.currency,
            organisation=watch.organisation,
        ).problems
        if self.opening is not None:
            found += self.opening.problems_but(self.groups())
        return tuple(sorted(found, key=natural_order))

    def _is_doubtful(self, group: Group) -> bool:
        """Whether some row of a group may be a problem."""
        staff = self.asked.staff
        if any(isinstance(said, list) and not agree(said) for said in group.said.values()):
            return True
        if staff is not None and any(any(amounts) for payee, amounts in group.given.items() if payee not in staff):
            return True
        if group.kind != "loan" or group.life is None:
            return not group.clean
        currency = self.asked.currency
        return is_doubtful(group.life, self.asked.frame) or any(
            (type(fact) is LoanEvent and fact.amount is not None and fact.amount.currency != currency)
            or (type(fact) is Balance and fact.outstanding.currency != currency)
            for fact in group.usable()
        )

    def holds_the_same(self, other: Tally) -> bool:
        """Whether another tally holds the same rows on top of the same book."""
        if self.opening is not other.opening and (self.opening is None or not self.opening.is_of(other.opening)):
            return False
        codes = {(group.kind, group.code) for tally in (self, other) for group in tally.groups()}
        return all(
            Facts.joined([fact] for fact in self._said(*place)) == Facts.joined([fact] for fact in other._said(*place))
            for place in codes
        )

    def _said(self, kind: GroupKind, code: Key) -> tuple[Fact, ...]:
        group = self._find(kind, code)
        return () if group is None else tuple(self.rows_of(group))

    def merged(self, other: Tally) -> Tally:
        """A tally of the rows of two; what came from the other is a change.

        Raises:
            DataError: a loan of which both have rows, or two books.
        """
        mine, theirs = self.opening, other.opening
        if mine is not None and theirs is not None and not mine.is_of(theirs):
            raise DataError("two trackers", "each is on top of a book of its own", "start one of a book of both")
        shared = mine is not None and theirs is not None
        for one, two in ((self, other), (other, self)):
            for group in one.groups():
                if group.kind == "loan" and two.has(group.code[0], in_book=not shared):
                    fault = "both trackers have facts of it"
                    raise DataError(f"loan {group.code[0]}", fault, "feed all facts of a loan to one of them")
        found = Tally(self.asked, theirs if mine is None else mine)
        for tally in (self, other):
            for group in tally.groups():
                found.put(group.kind, group.code, group.rows(), of_book=bool(group.of_book))
        met = found.payees() if mine is None and theirs is not None else sorted(other._touched())
        later = [payee for payee in met if found.readings(payee) != self.readings(payee)]
        found.go_on(self.clock + 1, self.changed | dict.fromkeys(later, self.clock + 1))
        return found

    def has(self, loan: str, *, in_book: bool) -> bool:
        """Whether there are rows of a loan: said since the start, or in the book too."""
        group = self._loans.get(loan)
        if group is not None and (group.said or group.of_book):
            return True
        return in_book and self.opening is not None and self.opening.has(loan)

    def _touched(self) -> set[str]:
        """Whom some group that was fed counts for."""
        return {payee for group in self.groups() for payee in group.given}


def _a_fact(fact: Fact) -> Fact:
    if not isinstance(fact, Fact):
        raise FactError("a row", "its type", type(fact).__name__, "pass facts such as lp.Loan or lp.LoanEvent")
    return fact


def _named(key: object) -> str:
    return " ".join(key).strip() if isinstance(key, tuple) else shown(key)
