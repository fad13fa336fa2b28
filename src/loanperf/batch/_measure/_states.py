"""States: a book's loans, a chunk at a time -> the rows of the views `loans` and `loan events` in columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import numpy as np
from attrs import frozen

from loanperf._facts import EventKind
from loanperf._indicators import HeldAt
from loanperf._tables._columns import CHUNK_ROWS, Table, Truth
from loanperf._tables._sums import Chosen, Places
from loanperf.batch._measure._cells import Cells
from loanperf.batch._measure._known import Known, Laid
from loanperf.batch._measure._loan_cells import TEXTS, loan_cells, text_cells
from loanperf.batch._measure._people import Named
from loanperf.batch._measure._standing import KIND_CODES, KINDS, Days, Happened, day_of, held_on
from loanperf.batch._measure._tape import MILESTONES, STATES, Tape
from loanperf.batch._measure._totals import Place, Rows, row_text
from loanperf.batch._measure._touched import Touched

_EVENTS = tuple(kind.value for kind in KINDS)
_AMOUNTS = {EventKind.SIGNED: "signed", EventKind.DISBURSED: "disbursed"}
_WITHOUT_AMOUNT = (EventKind.CLASSIFIED, EventKind.PAST_DUE, EventKind.ASSIGNED)
"""Kinds that state something, and no amount."""


@frozen(eq=False, kw_only=True)
class Loans:
    """The loans of a book."""

    table: Table
    officers: Named
    touched: Touched | None
    days: Days
    as_of: int | None
    money: int
    """Smallest units in one whole."""
    careful: bool
    """Whether balances are added up over days or moved, so that large ones may not fit in 64 bits."""

    def chunk(self, start: int, stop: int) -> Chunk:
        """Some of the rows."""
        tape, laid = Tape(self.table, slice(start, stop), stop - start, self.days, self.as_of), None
        if self.touched is not None:
            first, last = np.searchsorted(self.touched.rows, [start, stop])
            if last > first:
                laid = Laid(self.touched, self.touched.rows[first:last] - start, slice(int(first), int(last)))
        known = Known(tape, self.officers, laid)
        return Chunk(self, start, known, known.doubt(careful=self.careful))

    def place(self, row: int, key: tuple[str, int, str], text: str, on: date) -> Place:
        """A row that stands on a loan."""
        return Place(key, text, on, day_of(int(self.table["opened_on"].values[row])), self.code(row))

    def code(self, row: int) -> str:
        """The number of a loan, as text."""
        return str(self.table["loan"].at(row))

    def term_months(self, chosen: slice | Places, size: int) -> Cells:
        """The terms of loans, in months."""
        if "term_months" not in self.table:
            return Cells(np.zeros(size, dtype=np.int64), np.ones(size, dtype=np.bool_))
        column = self.table["term_months"]
        values, missing = column.values[chosen], None if column.missing is None else column.missing[chosen]
        return Cells(values if missing is None else np.where(missing, 0, values), missing)


@frozen(eq=False)
class Chunk:
    """Some loans in a row."""

    loans: Loans
    start: int
    known: Known
    doubt: Truth | None
    """Loans that the rows path must work; None where there is none."""

    @property
    def size(self) -> int:
        """How many loans it has."""
        return self.known.tape.size

    def states(self) -> Rows:
        """The rows of the view `loans`: those that exist on the last day."""
        alive, tape = Chosen(None, self.size), self.known.tape
        opened = tape.until("opened_on")
        if opened is not None:
            alive = alive.but(opened)
        if self.known.laid is not None or tape.has("cancelled_on"):
            alive = alive.but(~self.known["cancelled"])
        return Rows(
            view="loans",
            alive=alive if self.doubt is None else alive.but(~self.doubt),
            cells_of=self._cells,
            payees_of=self._payees,
            place_of=self._place,
        )

    def _payees(self, held_at: HeldAt) -> Places:
        return self.known.officer() if held_at == "origination" else self.known.holder()

    def _place(self, at: int) -> Place:
        row = self.start + at
        text = row_text(self.loans.table, row, f"loan {self.loans.code(row)}")
        return self.loans.place(row, ("loans", row, ""), text, day_of(self.loans.days.last))

    def _cells(self, name: str) -> Cells:
        if name in TEXTS:
            return text_cells(self.loans.table, name, self.known.tape.chosen, self.size)
        return loan_cells(self.known, name, self.loans.money)

    def flows(self, kinds: Iterable[EventKind]) -> Iterator[Rows]:
        """The rows of the view `loan events` that the tape tells of loans that are not touched, a kind at a time."""
        told = Chosen(None, self.size) if self.doubt is None else Chosen.by(~self.doubt)
        if self.known.laid is not None:
            untouched = np.ones(self.size, dtype=np.bool_)
            untouched[self.known.laid.at] = False
            told = told.but(untouched)
        for kind in kinds:
            happened = self.known.tape.happened(kind)
            alive = told if happened is None else told.but(happened)
            if alive.size:
                yield _Taped(self, kind).rows(alive)


@frozen(eq=False)
class _Taped:
    """Events of one kind that a tape tells."""

    chunk: Chunk
    kind: EventKind

    def rows(self, alive: Chosen) -> Rows:
        return Rows(
            view="loan events",
            alive=alive,
            cells_of=self._cells,
            payees_of=self._payees,
            place_of=self._place,
            event=self.kind.value,
        )

    def _payees(self, _: HeldAt) -> Places:
        return self.chunk.known.officer()

    def _cells(self, name: str) -> Cells:
        chunk, tape = self.chunk, self.chunk.known.tape
        match name:
            case "amount":
                amounts = tape.whole(_AMOUNTS[self.kind])[0] if self.kind in _AMOUNTS else tape.none()
                return Cells(amounts, unit=chunk.loans.money)
            case "cancelled":
                return Cells(chunk.known["cancelled_now"])
            case "term_months":
                return chunk.loans.term_months(tape.chosen, chunk.size)
            case "event":
                return Cells(np.zeros(chunk.size, dtype=np.int8), words=(self.kind.value,))
            case _:
                return text_cells(chunk.loans.table, name, tape.chosen, chunk.size)

    def _place(self, at: int) -> Place:
        tape, row = self.chunk.known.tape, self.chunk.start + at
        name = MILESTONES.get(self.kind) or STATES[self.kind]
        on = int(tape.whole(name)[0][at]) if self.kind in MILESTONES else tape.as_of or 0
        natural = f"event {self.chunk.loans.code(row)} {self.kind.value} {day_of(on)}"
        text = row_text(self.chunk.loans.table, row, natural)
        return self.chunk.loans.place(row, ("loans", row, name), text, day_of(on))


def touched_flows(loans: Loans, touched: Touched, events: Table | None) -> Iterator[Rows]:
    """The rows of the view `loan events` of loans that are touched and not in doubt, some at a time."""
    told, days = touched.events, loans.days
    mine = np.flatnonzero((told.day >= days.start) & (told.day <= days.last) & ~touched.doubt[told.loan])
    handed = told.of(EventKind.ASSIGNED)
    for start in range(0, mine.size, CHUNK_ROWS):
        yield _Told(loans, touched, events, mine[start : start + CHUNK_ROWS], handed).rows()


@frozen(eq=False)
class _Told:
    """Some events of loans that are touched."""

    loans: Loans
    touched: Touched
    events: Table | None
    mine: Places
    """Places in the events of all of them."""
    handed: Happened

    def rows(self) -> Rows:
        return Rows(
            view="loan events",
            alive=Chosen(None, self.mine.size),
            cells_of=self._cells,
            payees_of=self._payees,
            place_of=self._place,
        )

    def _loan(self) -> Places:
        return self.touched.events.loan[self.mine]

    def _payees(self, held_at: HeldAt) -> Places:
        match held_at:
            case "origination":
                return self.touched.officer[self._loan()]
            case "as of":
                return self.touched.standing.holder[self._loan()]
            case "event":
                return held_on(self.touched.officer, self.handed, self._loan(), self.touched.events.day[self.mine])

    def _cells(self, name: str) -> Cells:
        told, rows = self.touched.events, self.touched.rows[self._loan()]
        match name:
            case "amount":
                kind, stated = told.kind[self.mine], told.stated[self.mine]
                for without in _WITHOUT_AMOUNT:
                    stated = stated * (kind != KIND_CODES[without])
                return Cells(stated, unit=self.loans.money)
            case "cancelled":
                return Cells(self.touched.standing.cancelled_now[self._loan()])
            case "term_months":
                return self.loans.term_months(rows, rows.size)
            case "event":
                return Cells(told.kind[self.mine], words=_EVENTS)
            case _:
                return text_cells(self.loans.table, name, rows, rows.size)

    def _place(self, at: int) -> Place:
        place = int(self.mine[at])
        told, source = self.touched.events, int(self.touched.source[place])
        row, kind = int(self.touched.rows[told.loan[place]]), KINDS[int(told.kind[place])]
        on, number = day_of(int(told.day[place])), None
        if source >= 0 and self.events is not None and "number" in self.events:
            number = self.events["number"].at(source)
        text = f"event {self.loans.code(row)} {kind.value} {on} {'' if number is None else number}".strip()
        if source < 0 or self.events is None:
            column = MILESTONES.get(kind) or STATES[kind]
            return self.loans.place(row, ("loans", row, column), row_text(self.loans.table, row, text), on)
        return self.loans.place(row, ("events", source, ""), row_text(self.events, source, text), on)
