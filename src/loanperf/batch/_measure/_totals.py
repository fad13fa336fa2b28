"""Totals: (rows of a view in columns) -> exact sums per payee, many totals in one pass over a chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import Any, TypeAlias

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from loanperf._indicators import FIELDS, HeldAt, Total, View, Where
from loanperf._indicators._fields import bounds_of, lacking
from loanperf._tables._columns import Table, Truth, Whole
from loanperf._tables._sums import Chosen, Exact, Places, Sums
from loanperf.batch._measure._cells import Cells
from loanperf.batch._measure._weights import Weights
from loanperf.errors import Problem

Key: TypeAlias = tuple[str, int, str]
"""What tells a fact of a book from all others: table, row, and of a tape the column."""
_NONE = Chosen(np.zeros(0, dtype=np.bool_), 0)
_EQUALITIES = 4
"""Up to so many words are compared one by one, which is faster than looking codes up."""
_ENDS = (-(2**63), 2**63 - 1)


def row_name(table: Table, row: int) -> str:
    """A row by its number in the whole source, of which the table may be a part."""
    return f"{table.name} row {table.first_row + row}"


def row_text(table: Table, row: int, natural: str) -> str:
    """A row as problems name it: by its number and its key."""
    return f"{row_name(table, row)}: {natural}"


@frozen(eq=False)
class Place:
    """A row, as problems name it."""

    key: Key
    """Of the fact that the row stands for."""
    text: str
    on: date
    opened_on: date | None = None
    """The day that counts where a loan is held at origination."""
    loan: str = ""
    """On which it stands; empty where it stands on none."""


@frozen(eq=False, kw_only=True)
class Rows:
    """Rows of a view in columns, worked at once; each column is made when it is first asked for."""

    view: View
    alive: Chosen
    """The rows that exist."""
    cells_of: Callable[[str], Cells]
    payees_of: Callable[[HeldAt], Places]
    """Codes of payees; any code where a row does not exist."""
    place_of: Callable[[int], Place]
    event: str = ""
    """Where all rows are of one kind of event: which."""
    _cells: dict[str, Cells] = field(factory=dict, init=False)
    _payees: dict[HeldAt, Places] = field(factory=dict, init=False)
    chosen: dict[tuple[Where, ...], Chosen] = field(factory=dict, init=False)
    """The rows that pass filters, as far as they have been asked for."""

    def cells(self, name: str) -> Cells:
        """A field of all rows."""
        if name not in self._cells:
            self._cells[name] = self.cells_of(name)
        return self._cells[name]

    def payees(self, held_at: HeldAt) -> Places:
        """The payee for whom each row counts."""
        if held_at not in self._payees:
            self._payees[held_at] = self.payees_of(held_at)
        return self._payees[held_at]


# ── filters ─────────────────────────────────────────────────────────────────────────────────────────────────


@frozen(eq=False)
class Test:
    """A filter, made ready for columns."""

    where: Where
    kind: str
    """Of the field."""
    _tables: list[tuple[Sequence[str], list[bool]]] = field(factory=list, init=False)

    def passes(self, cells: Cells) -> Truth | bool:
        """Which rows pass; a truth where all do or none."""
        match self.kind:
            case "text":
                return self._words(cells)
            case "truth":
                if {True, False} <= {*self.where.values}:
                    return True
                yes: Truth = cells.values
                return yes if True in self.where.values else ~yes
            case _:
                return _within(cells, self.where)

    def _words(self, cells: Cells) -> Truth | bool:
        allowed = self._allowed(cells.words)
        yes = [code for code, passes in enumerate(allowed) if passes]
        no = [code for code, passes in enumerate(allowed) if not passes]
        if not yes or not no:
            return bool(yes)
        # The last is for code -1, which is no word.
        last = len(allowed) - 1
        few, many = (yes, True) if len(yes) <= len(no) else (no, False)
        if len(few) > _EQUALITIES:
            looked_up: Truth = np.array(allowed)[cells.values]
            return looked_up
        found: Truth = cells.values == (few[0] if few[0] != last else -1)
        for code in few[1:]:
            found |= cells.values == (code if code != last else -1)
        return found if many else ~found

    def _allowed(self, words: Sequence[str]) -> list[bool]:
        """Whether each word passes, and then the empty text, which stands where nothing is said."""
        for known, allowed in self._tables:
            if known is words:
                return allowed
        values = {*self.where.values}
        self._tables[:] = [(words, [*(word in values for word in words), "" in values])]
        return self._tables[0][1]


def _within(cells: Cells, where: Where) -> Truth | bool:
    """Which rows keep the bounds of a filter."""
    if cells.below is not None:
        return _quotient_within(cells, where)
    least, most = _ENDS
    for name, bound in bounds_of(where).items():
        at = bound.value * cells.unit
        match name:
            case "at_least":
                least = max(least, ceil(at))
            case "above":
                least = max(least, floor(at) + 1)
            case "at_most":
                most = min(most, floor(at))
            case _:
                most = min(most, ceil(at) - 1)
    if least > most:
        return False
    low = cells.values >= least if least > _ENDS[0] else None
    high = cells.values <= most if most < _ENDS[1] else None
    if low is None or high is None:
        only = high if low is None else low
        return True if only is None else only
    return np.logical_and(low, high, out=low)


_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "at_least": np.greater_equal,
    "above": np.greater,
    "at_most": np.less_equal,
    "below": np.less,
}


def _quotient_within(cells: Cells, where: Where) -> Truth:
    """The same for quotients, by multiplying across; numbers too large for that are compared by Python."""
    found = np.ones(cells.values.size, dtype=np.bool_)
    below: NDArray[Any] = np.ones(0, dtype=np.int64) if cells.below is None else cells.below
    deepest = int(below.max()) if below.size else 0
    for name, bound in bounds_of(where).items():
        at = bound.value * cells.unit
        top, bottom = cells.values, below
        if max(cells.most() * at.denominator, deepest * abs(at.numerator), at.denominator, abs(at.numerator)) >= 2**63:
            top, bottom = top.astype(object), bottom.astype(object)
        found &= _COMPARE[name](top * at.denominator, bottom * at.numerator).astype(np.bool_)
    return found


# ── totals ──────────────────────────────────────────────────────────────────────────────────────────────────


@frozen(eq=False)
class Counted:
    """A total and what it has come to."""

    total: Total
    unit: int
    """How many of what is summed make one whole."""
    tests: tuple[Test, ...]
    sums: Sums
    weights: Weights | None = None

    @classmethod
    def of(cls, total: Total, unit: int, weighed_unit: int, payees: int) -> Counted:
        """A total of which nothing is counted yet.

        Args:
            total: checked.
            unit: how many of the field that is summed make one whole.
            weighed_unit: the same of the field by which it is weighed.
            payees: how many codes there are.
        """
        tests = tuple(Test(where, FIELDS[total.over][where.field].kind) for where in total.where)
        weights = None if total.weights is None else Weights.of(total.weights, weighed_unit)
        whole = unit if weights is None else unit * weights.unit
        return cls(total, whole, tests, Sums.of(payees), weights)


@frozen(eq=False)
class Taking:
    """What goes on while rows are counted: whom they count for, and what is wrong with them."""

    assigned: Truth | None
    """By code of payee: whether it is assigned in the period; None where everybody counts."""
    names: Callable[[int], str]
    """The payee of a code."""
    problems: dict[Key, Problem] = field(factory=dict)
    """The first of each fact."""
    by_hand: list[int] = field(factory=lambda: [0])
    """How many rows were counted by Python numbers."""

    def unknown(self, rows: Rows, name: str, where: Truth) -> None:
        """Note rows of which a field is unknown and needed."""
        remedy = FIELDS[rows.view][name].unknown
        for at in np.flatnonzero(where).tolist():
            place = rows.place_of(at)
            lacks = lacking(rows.view, name, place.loan)
            problem = Problem(place.text, f"{name} is unknown on {place.on}", "", remedy, lacks=lacks)
            self.problems.setdefault(place.key, problem)

    def strangers(self, rows: Rows, held_at: HeldAt, where: Iterable[int]) -> None:
        """Note rows that count for somebody who is not assigned."""
        payees = rows.payees(held_at)
        for at in where:
            place = rows.place_of(at)
            payee = self.names(int(payees[at]))
            fault = f"it counts for {payee!r}, who is not assigned in the period"
            on = place.opened_on if held_at == "origination" and place.opened_on is not None else place.on
            remedy = "assign that payee, or assign the loan or customer to another"
            lacks = ("payee", payee)
            problem = Problem(place.text, fault, f"held on {on}", remedy, payee=payee, lacks=lacks)
            self.problems.setdefault(place.key, problem)


def count_in(rows: Rows, counted: Sequence[Counted], taking: Taking) -> None:
    """Add rows to the totals that run over them."""
    for item in counted:
        _count(rows, item, taking)


def _count(rows: Rows, item: Counted, taking: Taking) -> None:
    total = item.total
    chosen = _passing(rows, item.tests, taking)
    amounts = rows.cells(total.sum) if total.sum else None
    weighed = rows.cells(total.weighed_by) if total.weights is not None else None
    for name, cells in ((total.sum, amounts), (total.weighed_by, weighed)):
        if cells is not None and cells.missing is not None and chosen.size:
            chosen = _known(rows, chosen, name, cells.missing, taking)
    if not chosen.size:
        return
    payee = rows.payees(total.held_at)
    found = _amounts(item, amounts, weighed)
    if found is None:
        _by_hand(rows, item, chosen, taking)
    elif isinstance(found, Cells):
        item.sums.add(payee, found.values, found.most(), chosen)
        _note_strangers(rows, item, chosen, found.values, taking)
    else:
        item.sums.count(payee, chosen)
        _note_strangers(rows, item, chosen, None, taking)


def _passing(rows: Rows, tests: tuple[Test, ...], taking: Taking) -> Chosen:
    """The rows that pass filters; each prefix of filters is worked once a chunk."""
    if not tests:
        return rows.alive
    key = tuple(test.where for test in tests)
    if key not in rows.chosen:
        before, test = _passing(rows, tests[:-1], taking), tests[-1]
        rows.chosen[key] = _passing_one(rows, before, test, taking) if before.size else before
    return rows.chosen[key]


def _passing_one(rows: Rows, before: Chosen, test: Test, taking: Taking) -> Chosen:
    if rows.event and test.where.field == "event":
        return before if rows.event in test.where.values else _NONE
    cells = rows.cells(test.where.field)
    if cells.missing is not None:
        before = _known(rows, before, test.where.field, cells.missing, taking)
    passes = test.passes(cells)
    if isinstance(passes, bool):
        return before if passes else _NONE
    return before.but(passes)


def _known(rows: Rows, chosen: Chosen, name: str, missing: Truth, taking: Taking) -> Chosen:
    """The rows of which a field is known; of each other one it is noted that it is not."""
    unknown = missing if chosen.mask is None else missing & chosen.mask
    if not unknown.any():
        return chosen
    taking.unknown(rows, name, unknown)
    return chosen.but(~missing)


def _amounts(item: Counted, amounts: Cells | None, weighed: Cells | None) -> Cells | bool | None:
    """What each row gives; True is one each, and None is more than columns can hold."""
    if amounts is not None and (amounts.below is not None or item.unit % amounts.unit):
        return None
    if item.weights is None:
        same = amounts is None or amounts.unit == item.unit
        return None if not same else True if amounts is None else amounts
    if weighed is None:
        return None
    found = item.weights.times(amounts, weighed)
    return None if found is None else Cells(found)


def _by_hand(rows: Rows, item: Counted, chosen: Chosen, taking: Taking) -> None:
    """Add rows one by one, in Fractions."""
    total, payee = item.total, rows.payees(item.total.held_at)
    amounts = rows.cells(total.sum) if total.sum else None
    weighed = rows.cells(total.weighed_by) if total.weighed_by else None
    taking.by_hand[0] += chosen.size
    strangers = []
    for at in np.arange(payee.size)[chosen.places()].tolist():
        amount: Exact = item.unit if amounts is None else Fraction(amounts.at(at)) * item.unit / amounts.unit
        if weighed is not None and total.weights is not None:
            amount *= total.weights.at(Fraction(weighed.at(at)) / weighed.unit)
        if amount:
            item.sums.put(int(payee[at]), amount)
            strangers += [at] if taking.assigned is not None and not taking.assigned[payee[at]] else []
    taking.strangers(rows, total.held_at, strangers)


def _note_strangers(rows: Rows, item: Counted, chosen: Chosen, amounts: Whole | None, taking: Taking) -> None:
    if taking.assigned is None:
        return
    held_at = item.total.held_at
    strange = chosen.but(~taking.assigned[rows.payees(held_at)])
    if strange.size and amounts is not None:
        strange = strange.but(amounts != 0)
    if strange.size:
        taking.strangers(rows, held_at, np.arange(rows.payees(held_at).size)[strange.places()].tolist())
