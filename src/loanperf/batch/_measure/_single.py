"""Single: tables whose every row is a row of a view, such as violations and ratings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from attrs import frozen

from loanperf._indicators import FIELDS, HeldAt, View
from loanperf._kinds import COLUMN_TYPES, KINDS
from loanperf._tables._columns import CHUNK_ROWS, Table, Truth
from loanperf._tables._sums import Chosen, Places
from loanperf.batch._measure._cells import Cells
from loanperf.batch._measure._loan_cells import text_cells
from loanperf.batch._measure._people import Named, People
from loanperf.batch._measure._standing import Days, day_of
from loanperf.batch._measure._totals import Place, Rows, row_text

_KEYS: Mapping[str, tuple[str, ...]] = {"trainings": ("payee", "course", "on")}
"""What tells rows apart, beside `number`."""
SINGLE: tuple[View, ...] = tuple(view for view in FIELDS if view in KINDS and KINDS[view].view)


def points_unit(table: Table | None, name: str) -> int:
    """How many of a column of points make one."""
    scale = None if table is None or name not in table else table[name].scale
    return scale or COLUMN_TYPES["points"].scale


def single_rows(view: View, table: Table, people: People, days: Days, money: int) -> Iterator[Rows]:
    """The rows of a view that are dated in the period, a chunk at a time."""
    payees = people.named(table["payee"])
    for start in range(0, table.rows, CHUNK_ROWS):
        chosen = slice(start, min(start + CHUNK_ROWS, table.rows))
        day = table["on"].values[chosen]
        alive = Chosen.by((day >= days.start) & (day <= days.last))
        if alive.size:
            yield _Single(view, table, chosen, payees, days, money).rows(alive)


@frozen(eq=False)
class _Single:
    """Some rows of a table."""

    view: View
    table: Table
    chosen: slice
    payees: Named
    days: Days
    money: int

    def rows(self, alive: Chosen) -> Rows:
        return Rows(
            view=self.view,
            alive=alive,
            cells_of=self._cells,
            payees_of=self._payees,
            place_of=self._place,
        )

    def _payees(self, _: HeldAt) -> Places:
        return self.payees.codes(self.chosen)

    def _cells(self, name: str) -> Cells:
        match name:
            case "points" | "score":
                return Cells(self.table[name].values[self.chosen], unit=points_unit(self.table, name))
            case "appraised" | "benchmark":
                return Cells(self.table[name].values[self.chosen], unit=self.money)
            case "deviation":
                appraised, benchmark = (self.table[field].values[self.chosen] for field in ("appraised", "benchmark"))
                return Cells(np.abs(appraised - benchmark), below=benchmark)
            case "upheld" if name not in self.table:
                return Cells(np.zeros(self.chosen.stop - self.chosen.start, dtype=np.bool_))
            case "authorised" | "permitted" | "upheld":
                return Cells(self.table[name].values[self.chosen])
            case "completed":
                return Cells(self._completed())
            case _:
                size = self.chosen.stop - self.chosen.start
                return text_cells(self.table, name, self.chosen, size)

    def _completed(self) -> Truth:
        """By the last day."""
        if "completed_on" not in self.table:
            return np.zeros(self.chosen.stop - self.chosen.start, dtype=np.bool_)
        column = self.table["completed_on"].rows(self.chosen)
        found: Truth = column.values <= self.days.last
        return found if column.missing is None else found & ~column.missing

    def _place(self, at: int) -> Place:
        row = self.chosen.start + at
        names = _KEYS.get(self.view, ("number",))
        words = " ".join(str(self.table[name].at(row)) for name in names)
        text = row_text(self.table, row, f"{self.view.removesuffix('s')} {words}")
        return Place((self.view, row, ""), text, day_of(int(self.table["on"].values[row])))
