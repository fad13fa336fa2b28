"""Counted: facts that can be used, totals -> what each total comes to for each payee, and what is wrong with facts."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from typing import Any

import numpy as np
from attrs import define, field

from loanperf._facts import EVENT_PLACES, EventKind, Facts, key_text, tape_places, words_of
from loanperf._indicators._chunk import Bounds, Chunk
from loanperf._indicators._customers import Customers
from loanperf._indicators._events import Events
from loanperf._indicators._fields import FIELDS
from loanperf._indicators._loans import Loans
from loanperf._indicators._plain import Plain
from loanperf._indicators._totals import Asked, Given, Looked
from loanperf._indicators._types import Total, View
from loanperf._indicators._usable import Usable
from loanperf._kinds import KINDS
from loanperf._numbers import AS_THEY_ARE, Rows, Sums, Truth, counts_up, day_of, edges, nowhere, whole
from loanperf._periods import Period
from loanperf._tables._chunks import Progress
from loanperf._tables._columns import CameAs
from loanperf.errors import Problem

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

    def take(self, facts: Facts, progress: Progress | None = None) -> None:
        """Add facts, which share no loan, customer or other key with those before."""
        usable = Usable.of(facts, self.period, self.currency)
        words = words_of(facts.tables, "payee")
        places = self.place_all(words)
        mine = None
        if self.staff is not None:
            mine = np.array([*(word in self.staff for word in words), False])
        done, known = self.facts, self.facts + len(facts)
        for many, found in looked_at(usable):
            for looked in found:
                self._count(looked, usable, places, mine)
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
        """The place of each of some payees among those of all parts; `AS_THEY_ARE` where they are the first of all.

        Args:
            words: each once.
        """
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
        """Add rows to the totals of their view; the first time even none, so that sums have the units of their view."""
        if not len(looked.rows) and self.rows:
            return
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
    return Problem(key_text(fact.key), fault, f"held on {day_of(on)}", remedy, payee=payee, lacks=lacks)
