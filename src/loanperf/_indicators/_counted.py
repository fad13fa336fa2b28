"""Counted: facts that can be used, totals -> what each total comes to for each payee, and what is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from typing import Any, Protocol

import numpy as np
from attrs import define, field, frozen

from loanperf._facts import EVENT_PLACES, EventKind, Facts, key_text, tape_places, words_of
from loanperf._indicators._fields import FIELDS, bounds_of, lacking
from loanperf._indicators._loans import Loans
from loanperf._indicators._records import Customers, Events, Plain
from loanperf._indicators._types import HeldAt, Total, View, Where
from loanperf._indicators._usable import Bounds, Cells, Chunk, Noted, Place, Usable
from loanperf._kinds import KINDS
from loanperf._numbers import (
    AS_THEY_ARE,
    Pieces,
    Places,
    Rows,
    Sums,
    Truth,
    Whole,
    above,
    among,
    as_places,
    at_least,
    bounded,
    counts_up,
    day_of,
    edges,
    fractions,
    nowhere,
    times,
    whole,
)
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES
from loanperf._tables._chunks import OnProgress
from loanperf._tables._columns import CameAs
from loanperf.errors import Problem


class Shown(Protocol):
    """Rows of a view."""

    def __len__(self) -> int: ...

    def field(self, name: str) -> Cells:
        """A field, a value a row."""

    def payee(self, held_at: HeldAt, /) -> Whole:
        """The code of the payee for whom each row counts."""

    def fact(self, row: int) -> Place:
        """The fact that a row stands for: its table and its row in it."""

    def days(self, held_at: HeldAt, /) -> Whole:
        """The day that fixes for whom each row counts."""

    def evidence(self, row: int) -> Iterator[Place]:
        """The facts that a row stands on."""


@frozen(eq=False)
class Looked:
    """Rows of a view, of which each field is worked out once."""

    view: View
    rows: Shown
    _cells: dict[str, Cells] = field(factory=dict, init=False)
    _payees: dict[HeldAt, Whole] = field(factory=dict, init=False)
    _placed: dict[HeldAt, Places] = field(factory=dict, init=False)

    def field(self, name: str) -> Cells:
        """A field of the rows."""
        if name not in self._cells:
            self._cells[name] = self.rows.field(name)
        return self._cells[name]

    def payee(self, held_at: HeldAt) -> Whole:
        """The payee for whom each row counts."""
        if held_at not in self._payees:
            self._payees[held_at] = self.rows.payee(held_at)
        return self._payees[held_at]

    def placed(self, held_at: HeldAt, places: Rows) -> Places:
        """The place of that payee among all payees.

        Args:
            held_at: the day that fixes the payee.
            places: of the codes of payees; `AS_THEY_ARE` where they are the codes.
        """
        if held_at not in self._placed:
            codes = self.payee(held_at)
            self._placed[held_at] = as_places(codes if isinstance(places, slice) else places[codes])
        return self._placed[held_at]


@frozen(eq=False)
class Given:
    """What rows give to a total."""

    looked: Looked
    rows: Rows
    """The rows that pass every filter."""
    amounts: Whole | None
    """What each gives, over `below`; None is one each."""
    below: int
    held_at: HeldAt

    @property
    def payee(self) -> Whole:
        """For whom each of them counts."""
        return self.looked.payee(self.held_at)[self.rows]

    def some(self, chosen: Truth) -> Whole:
        """The rows of the view that are chosen and give something."""
        if self.amounts is not None:
            chosen = chosen & (self.amounts != 0)
        return np.arange(len(self.looked.rows))[self.rows][chosen]


@frozen(eq=False)
class Asked:
    """A total that is asked for."""

    total: Total
    smallest: int
    """Smallest units in a whole one of the currency."""
    pieces: Pieces | None

    @classmethod
    def of(cls, total: Total, currency: str) -> Asked:
        """A total, of amounts in a currency."""
        pieces = None if total.weights is None else Pieces.of(total.weights)
        return cls(total, 10 ** CURRENCIES[currency], pieces)

    def given(self, looked: Looked, noted: Noted) -> Given:
        """What rows of the view of this total give to it; a row that lacks what is needed is noted."""
        total = self.total
        rows: Rows = AS_THEY_ARE
        for where in total.where:
            cells, rows = self._known(looked, where.field, rows, noted)
            good = self._passing(cells, where)
            if not good.all():
                rows = _narrowed(rows, good)
        amounts, below = None, 1
        if total.sum:
            cells, rows = self._known(looked, total.sum, rows, noted)
            amounts, below = self._exact(cells, total.sum)
        if self.pieces is not None:
            cells, known = self._known(looked, total.weighed_by, rows, noted)
            if amounts is not None and known is not rows:
                amounts = _among(amounts, looked, rows, known)
            rows = known
            amounts, below = self._weighed(self.pieces, amounts, below, cells)
        return Given(looked, rows, amounts, below, total.held_at)

    def counts(self, looked: Looked) -> Truth:
        """Which rows give something, or lack what is needed to say what."""
        given, found = self.given(looked, unknown := Noted()), nowhere(len(looked.rows))
        found[given.some(~nowhere(len(given.payee)))] = True
        if unknown.found:
            at = {looked.rows.fact(row): row for row in range(len(found))}
            found[[at[place] for place in unknown.found]] = True
        return found

    # ── what rows say ───────────────────────────────────────────────────────────────────────────────────────────

    def _unit(self, name: str) -> int:
        """Units in a whole one of a field, beside its denominator."""
        return self.smallest if FIELDS[self.total.over][name].kind == "money" else 1

    def _known(self, looked: Looked, name: str, rows: Rows, noted: Noted) -> tuple[Cells, Rows]:
        """A field in the rows in which it is known, and those rows; each other row is noted as a problem."""
        cells = looked.field(name).rows(rows)
        if cells.missing is None or not cells.missing.any():
            return cells, rows
        gone = _narrowed(rows, cells.missing)
        days = looked.rows.days("event")
        for row in gone.tolist():
            place, at = looked.rows.fact(row)
            noted.note(place, [at], partial(_unknown, self.total.over, name, int(days[row])))
        kept = np.flatnonzero(~cells.missing)
        found = cells.rows(kept)
        return Cells(found.values, found.below, None, found.words, found.unsaid), _narrowed(rows, ~cells.missing)

    def _passing(self, cells: Cells, where: Where) -> Truth:
        """Which cells pass a filter."""
        if where.values and isinstance(where.values[0], bool):
            truths: Truth = cells.values
            good = nowhere(len(truths))
            if True in where.values:
                good |= truths
            if False in where.values:
                good |= ~truths
            return good
        if where.values:
            chosen = [word in where.values for word in cells.words]
            return among(cells.values, chosen, otherwise=cells.unsaid in where.values)
        good = ~nowhere(len(cells.values))
        for name, bound in bounds_of(where).items():
            at = bound.value * self._unit(where.field)
            reaches = at_least if name in ("at_least", "below") else above
            found = reaches(cells.values, cells.below, at)
            good &= found if name in ("at_least", "above") else ~found
        return good

    def _exact(self, cells: Cells, name: str) -> tuple[Whole, int]:
        """Cells as numbers over one denominator."""
        if isinstance(cells.below, int):
            return cells.values, cells.below * self._unit(name)
        return fractions(cells.values, cells.below), self._unit(name)

    def _weighed(self, pieces: Pieces, amounts: Whole | None, below: int, cells: Cells) -> tuple[Whole, int]:
        """Amounts times what the curve says at a field."""
        # What has a denominator a row is no money: its unit is 1.
        top, under = pieces.at(cells.values, cells.below * self._unit(self.total.weighed_by))
        if not isinstance(under, int):
            top, under = fractions(top, under), 1
        return (top if amounts is None else times(amounts, top)), below * under


def _narrowed(rows: Rows, good: Truth) -> Any:
    return np.flatnonzero(good) if isinstance(rows, slice) else rows[good]


def _among(amounts: Whole, looked: Looked, rows: Rows, known: Rows) -> Whole:
    """The amounts of those rows that are known."""
    kept = nowhere(len(looked.rows))
    kept[known] = True
    return amounts[kept[rows]]


def _unknown(view: View, name: str, on: int, fact: Any) -> Problem:
    fault, remedy = f"{name} is unknown on {day_of(on)}", FIELDS[view][name].unknown
    return Problem(key_text(fact.key), fault, "", remedy, lacks=lacking(view, name, fact.key[1]))


CHUNK_LOANS = 2**17
"""Loans that are worked at once: few enough that what is worked out stays small. No result depends on it."""


def chunks_of(usable: Usable) -> Iterator[Chunk]:
    """The loans of a book, some at a time, with their events and balances; one without any where there are none."""
    size = usable.tables["loans"].rows
    firsts = [*range(0, max(size, 1), CHUNK_LOANS), size]
    places = [*EVENT_PLACES.values(), "balances"]
    loans = {place: usable.tables[place]["loan"].values for place in places}
    home = usable.tables["loans"]["loan"].values
    alike = {place: codes is home or (len(codes) >= size and counts_up(codes[:size])) for place, codes in loans.items()}
    bounds = {place: edges(codes, firsts) for place, codes in loans.items()}
    for number, first in enumerate(firsts[:-1]):
        many = firsts[number + 1] - first
        rows = {place: found[number : number + 2] for place, found in bounds.items()}
        mine = {
            place: Bounds(start, stop, alike[place] and stop - start == many) for place, (start, stop) in rows.items()
        }
        yield Chunk(usable, first, many, mine)


def looked_at(usable: Usable, views: Collection[View] = tuple(FIELDS)) -> Iterator[tuple[int, tuple[Looked, ...]]]:
    """The rows of views, some at a time, each with how many facts they are of.

    What is wrong with facts whatever is asked of them is noted.
    """
    for chunk in chunks_of(usable):
        found = [Looked("loans", loans := Loans(chunk))] if "loans" in views else []
        if found:
            _ = loans.balance
        if "loan events" in views:
            found += (Looked("loan events", Events(chunk, kind)) for kind in EventKind)
        yield chunk.facts, tuple(found)
    if "customers" in views:
        customers = Customers(usable)
        _ = customers.profit
        many = sum(usable.tables[place].rows for place in ("customers", "holdings", "profits"))
        yield many, (Looked("customers", customers),)
    for view in views:
        if view in KINDS and KINDS[view].view:
            yield usable.tables[view].rows, (Looked(view, Plain(usable, view)),)


@define(eq=False)
class Counting:
    """Totals over the facts that have been taken in so far."""

    period: Period
    currency: str
    asked: tuple[Asked, ...]
    staff: Collection[str] | None
    """Who may count; None is everybody."""
    names: dict[str, int] = field(factory=dict)
    """The place of each payee."""
    sums: dict[Total, Sums] = field(factory=dict)
    seen: Truth = field(factory=partial(nowhere, 0))
    """By place: for whom a row counts."""
    problems: list[Problem] = field(factory=list)
    came_as: CameAs = "arrays"
    """The kind of data frame that facts came in."""
    facts: int = 0
    """How many facts these are; rows, repeats and used are those of `Readings`."""
    rows: int = 0
    repeats: int = 0
    used: int = 0

    def take(self, facts: Facts, progress: OnProgress | None = None) -> None:
        """Add facts, which share no loan, customer or other key with those before."""
        usable = Usable.of(facts, self.period, self.currency)
        words = words_of(facts.tables, "payee")
        places = self.place_all(words)
        mine = None
        if self.staff is not None:
            mine = np.array([*(word in self.staff for word in words), False])
        done, known, begun = self.facts, self.facts + len(facts), set[View]()
        for many, found in looked_at(usable):
            for looked in found:
                # The first time no rows are counted too, so that sums have the units of their view.
                if len(looked.rows) or not (self.rows or looked.view in begun):
                    self._count(looked, usable, places, mine)
                    begun.add(looked.view)
            done += many
            if progress is not None and many:
                progress(done, known)
        if progress is not None and done < known:
            progress(known, known)
        self.facts = known
        self.problems += [*facts.problems, *usable.noted.problems(facts)]
        self.came_as = facts.tables["loans"].came_as
        self.rows += facts.rows
        self.repeats += facts.repeats
        self.used += facts.used - _rows_lost(usable)

    def place_all(self, words: Collection[str]) -> Rows:
        """The place of each of some payees among those of all parts; `AS_THEY_ARE` where they are the first of all."""
        first = not self.names
        if first:
            self.names.update(zip(words, range(len(words)), strict=True))
        places = whole([] if first else [self.names.setdefault(word, len(self.names)) for word in words])
        more = len(self.names) - len(self.seen)
        self.seen = np.append(self.seen, nowhere(more))
        for asked in self.asked:
            self.sums.setdefault(asked.total, Sums.of(0)).grow(len(self.names))
        return AS_THEY_ARE if first or counts_up(places) else places

    def _count(self, looked: Looked, usable: Usable, places: Rows, mine: Truth | None) -> None:
        """Add rows to the totals of their view."""
        asked = [item for item in self.asked if item.total.over == looked.view]
        if mine is None and not self.seen.all():
            for held_at in dict.fromkeys(("event", *(item.total.held_at for item in asked))):
                self.seen[looked.placed(held_at, places)] = True
        for item in asked:
            given = item.given(looked, usable.noted)
            if mine is not None:
                _note_strangers(item.total, given, usable, mine)
            sums, payee = self.sums[item.total], looked.placed(item.total.held_at, places)[given.rows]
            if given.amounts is None:
                sums.count(payee)
            else:
                sums.add(given.amounts, payee, given.below)


def _rows_lost(usable: Usable) -> int:
    """How many rows that were used have a problem: what a tape says of a loan is one row, and any other fact is one.

    An event without a number is taken for one of the tape, if the tape says such events and has the loan.
    """
    facts, found = usable.facts, usable.noted.found
    if len(facts) == facts.used or not found:
        return len(found)
    known = facts.tables["loans"].rows
    loans, others = set[str](), 0
    for place, row in found:
        table = facts.tables[place]
        of_tape = (place == "loans" or place in tape_places()) and not ("number" in table and table["number"].at(row))
        loan = str(table["loan"].at(row)) if of_tape else ""
        if of_tape and (loan in facts.partly_refused or table["loan"].values[row] < known):
            loans.add(loan)
        else:
            others += 1
    return len(loans - facts.partly_refused) + others


def _note_strangers(total: Total, given: Given, usable: Usable, mine: Truth) -> None:
    """Say of rows that they count for somebody who is not assigned in the period."""
    strange = ~mine[given.payee]
    if not strange.any():
        return
    rows, words = given.looked.rows, words_of(usable.tables, "payee")
    payees, days = given.looked.payee(total.held_at), rows.days(total.held_at)
    for row in given.some(strange).tolist():
        place, at = rows.fact(row)
        usable.noted.note(place, [at], partial(_stranger, words[payees[row]], int(days[row])))


def _stranger(payee: str, on: int, fact: Any) -> Problem:
    fault = f"it counts for {payee!r}, who is not assigned in the period"
    remedy = "assign that payee, or assign the loan or customer to another"
    lacks = ("payee", payee)
    return Problem(key_text(fact.key), fault, str(day_of(on)), remedy, payee=payee, lacks=lacks)


@frozen(eq=False)
class AverageBalances:
    """The average daily balance of each loan in a period, in whole currency, over `below`; zeros are left out."""

    loan: Places
    """Codes of loans, in order."""
    top: Whole
    below: int


def average_balances(facts: Facts, period: Period, currency: str) -> AverageBalances:
    """The average daily balances of the loans of which one is known."""
    usable = Usable.of(facts, period, currency)
    loans, tops = [np.arange(0)], [np.arange(0)]
    for chunk in chunks_of(usable):
        cells = Loans(chunk).average_balance.rows(chunk.existing)
        there = cells.values != 0
        if cells.missing is not None:
            there &= ~cells.missing
        loans.append(np.arange(chunk.first, chunk.first + chunk.size)[chunk.existing][there])
        tops.append(cells.values[there])
    (top,) = bounded(0, np.concatenate(tops))
    return AverageBalances(np.concatenate(loans), top, period.days * usable.smallest)


def in_other_currencies(facts: Facts, currency: str) -> dict[int, set[str]]:
    """By code of a loan, the other currencies than this one in which balances and amounts of events are stated."""
    found: dict[int, set[str]] = {}
    for place in ("balances", *EVENT_PLACES.values()):
        table = facts.tables[place]
        for code, word in enumerate(table["currency"].words if "currency" in table else ()):
            if word != currency:
                for loan in set(table["loan"].values[table["currency"].values == code].tolist()):
                    found.setdefault(loan, set()).add(word)
    return found
