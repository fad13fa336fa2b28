"""Customers: records, holdings and profits in columns -> the rows of the view `customers`.

A customer with one record is worked here; the rows path works those with several.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from loanperf._indicators import HeldAt
from loanperf._tables._columns import CHUNK_ROWS, Column, Table, Truth, Whole
from loanperf._tables._joins import together
from loanperf._tables._sums import Chosen, Places
from loanperf.batch._measure._cells import Cells
from loanperf.batch._measure._people import Named, People
from loanperf.batch._measure._standing import Days, day_of
from loanperf.batch._measure._totals import Place, Rows, Taking, row_text
from loanperf.errors import Problem

_OPEN = 2**62
"""The day after the last on which a record holds that is open."""
_CERTAIN = 2.0**62


@frozen(eq=False, kw_only=True)
class Customers:
    """The customers of a book."""

    table: Table
    officers: Named
    days: Days
    money: int
    since: Whole
    until: Whole
    alone: Truth
    """Records of customers that have no other, and whose profits fit in 64 bits."""
    products: Whole
    """Different ones that each record's customer holds on the last day."""
    profit: Whole
    """Of the period, by record."""
    several: Mapping[str, Places]
    """Rows of customers, holdings and profits that belong to customers whom the rows path must work."""
    many: int
    """How many customers those are."""

    @classmethod
    def of(
        cls, tables: Mapping[str, Table], people: People, days: Days, money: int, taking: Taking
    ) -> Customers | None:
        """The customers of a book; None where there is none. What belongs to no customer is a problem."""
        named = [tables.get(name) for name in ("customers", "holdings", "profits")]
        codes = together(*(_no_codes() if table is None else table["customer"] for table in named))
        records, holdings, profits = named
        size = int(max((code.max(initial=-1) for code in codes), default=-1)) + 1
        held = np.bincount(codes[0], minlength=size)
        for name, table, code in (("holdings", holdings, codes[1]), ("profits", profits, codes[2])):
            if table is not None:
                _note_unknown(name, table, np.flatnonzero(held[code] == 0), taking)
        if records is None or not records.rows:
            return None
        record = np.full(size, -1, dtype=np.intp)
        record[codes[0]] = np.arange(records.rows)
        about = _about(profits, codes[2], size)
        alone = (held == 1) & (about < _CERTAIN)
        several = (held > 0) & ~alone
        since, until = records["since"].values, _until(records)
        return cls(
            table=records,
            officers=people.named(records["officer"]),
            days=days,
            money=money,
            since=since,
            until=until,
            alone=alone[codes[0]],
            products=_products(holdings, record[codes[1]], records.rows, days),
            profit=_profits(profits, record[codes[2]], alone[codes[2]], (since, until), days, taking),
            several={
                name: np.flatnonzero(several[code])
                for name, code in zip(("customers", "holdings", "profits"), codes, strict=True)
            },
            many=int(np.count_nonzero(several)),
        )

    def rows(self) -> Iterator[Rows]:
        """The rows of customers with one record, a chunk at a time."""
        before = (self.since < self.days.start) & (self.until >= self.days.start)
        within = (self.since <= self.days.last) & (self.until > self.days.start)
        for start in range(0, self.table.rows, CHUNK_ROWS):
            chosen = slice(start, min(start + CHUNK_ROWS, self.table.rows))
            alive = Chosen.by(self.alone[chosen] & (before | within)[chosen])
            if alive.size:
                yield _Held(self, chosen, before[chosen], within[chosen]).rows(alive)


@frozen(eq=False)
class _Held:
    """Some records."""

    all: Customers
    chosen: slice
    before: Truth
    """Held on the day before the period."""
    within: Truth
    """Held on some day of it."""

    def rows(self, alive: Chosen) -> Rows:
        return Rows(
            view="customers",
            alive=alive,
            cells_of=self._cells,
            payees_of=self._payees,
            place_of=self._place,
        )

    def _payees(self, _: HeldAt) -> Places:
        return self.all.officers.codes(self.chosen)

    def _at_end(self) -> Truth:
        found: Truth = (self.all.since[self.chosen] <= self.all.days.last) & (
            self.all.until[self.chosen] > self.all.days.last
        )
        return found

    def _cells(self, name: str) -> Cells:
        match name:
            case "at_start":
                return Cells(self.before)
            case "at_end":
                return Cells(self._at_end())
            case "kept":
                return Cells(self.before & self._at_end())
            case "in_period":
                return Cells(self.within)
            case "new":
                return Cells(self.within & (self.all.since[self.chosen] >= self.all.days.start))
            case "products":
                return Cells(self.all.products[self.chosen] * self._at_end())
            case _:
                return Cells(self.all.profit[self.chosen], unit=self.all.money)

    def _place(self, at: int) -> Place:
        row = self.chosen.start + at
        since = day_of(int(self.all.since[row]))
        text = row_text(self.all.table, row, f"customer {self.all.table['customer'].at(row)} {since}")
        return Place(("customers", row, ""), text, since)


def _no_codes() -> Column:
    return Column("whole", np.zeros(0, dtype=np.int64))


def _until(table: Table) -> Whole:
    """The first day on which each record no longer holds."""
    if "until" not in table:
        return np.full(table.rows, _OPEN, dtype=np.int64)
    column = table["until"]
    return column.values if column.missing is None else np.where(column.missing, _OPEN, column.values)


def _note_unknown(name: str, table: Table, rows: Places, taking: Taking) -> None:
    for row in rows.tolist():
        customer = str(table["customer"].at(row))
        fault, remedy = "there is no such customer", "send the Customer as well, or mend its code"
        lacks = ("customer", customer)
        problem = Problem(_text(name, table, row), fault, repr(customer), remedy, lacks=lacks)
        taking.problems.setdefault((name, row, ""), problem)


def _text(name: str, table: Table, row: int) -> str:
    """A row of holdings or profits, as problems name it."""
    keys = ("customer", "product", "since") if name == "holdings" else ("customer", "on", "number")
    words = (table[key].at(row) if key in table else None for key in keys)
    natural = " ".join("" if word is None else str(word) for word in words).strip()
    return row_text(table, row, f"{name.removesuffix('s')} {natural}")


def _about(profits: Table | None, customer: Places, size: int) -> NDArray[np.float64]:
    """How large the profits of each customer are at most, roughly."""
    if profits is None:
        return np.zeros(size)
    amounts = np.abs(profits["amount"].values.astype(np.float64))
    found: NDArray[np.float64] = np.bincount(customer, weights=amounts, minlength=size).astype(np.float64, copy=False)
    return found


def _products(holdings: Table | None, record: Places, records: int, days: Days) -> Whole:
    """Different products that the customer of each record holds on the last day."""
    if holdings is None or not holdings.rows:
        return np.zeros(records, dtype=np.int64)
    holds = (record >= 0) & (holdings["since"].values <= days.last) & (_until(holdings) > days.last)
    (product,) = together(holdings["product"])
    width = int(product.max()) + 1
    pairs = np.unique(record[holds] * width + product[holds])
    return np.bincount(pairs // width, minlength=records)


def _profits(
    profits: Table | None, record: Places, alone: Truth, held: tuple[Whole, Whole], days: Days, taking: Taking
) -> Whole:
    """The profits of the period that each record's officer brought in."""
    since, until = held
    found = np.zeros(since.size, dtype=np.int64)
    if profits is None or not profits.rows:
        return found
    day = profits["on"].values
    mine = np.flatnonzero(alone & (day >= days.start) & (day <= days.last))
    at = record[mine]
    holds = (since[at] <= day[mine]) & (day[mine] < until[at])
    np.add.at(found, at[holds], profits["amount"].values[mine[holds]])
    for row in mine[~holds].tolist():
        fault, remedy = "nobody holds the customer on that day", "mend its day or those of the Customer"
        problem = Problem(_text("profits", profits, row), fault, day_of(int(day[row])).isoformat(), remedy)
        taking.problems.setdefault(("profits", row, ""), problem)
    return found
