"""Totals: (a total of a measure, rows of a view) -> which rows count, for whom, and what each gives."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Protocol

import numpy as np
from attrs import field, frozen

from loanperf._facts import key_text
from loanperf._indicators._cells import Cells
from loanperf._indicators._fields import FIELDS, bounds_of, lacking
from loanperf._indicators._types import HeldAt, Total, View, Where
from loanperf._indicators._usable import Noted, Place
from loanperf._numbers import (
    AS_THEY_ARE,
    Pieces,
    Places,
    Rows,
    Truth,
    Whole,
    above,
    among,
    as_places,
    at_least,
    day_of,
    fractions,
    nowhere,
    times,
)
from loanperf._quantities import CURRENCIES
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
    """Those that pass every filter."""
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
