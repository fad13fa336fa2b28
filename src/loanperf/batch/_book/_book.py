"""Book: a bank's facts as columns, checked once; and the facts of the rows path for any part of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

import numpy as np
from attrs import field, frozen

from loanperf._facts import Fact, Facts
from loanperf._periods import day
from loanperf._quantities import CURRENCIES
from loanperf._tables._columns import CameAs, Table
from loanperf._tables._given import read_table
from loanperf._tables._units import NO_UNITS, Said, Units
from loanperf._validators import must_be
from loanperf.batch._book._across import tell_once
from loanperf.batch._book._checks import Checked, facts_of, is_any
from loanperf.batch._book._forms import FORMS
from loanperf.errors import DataError, Problem, UnitError, shown

__all__ = ["Book", "facts_of", "is_any"]
_NO_UNITS: Mapping[str, Units] = MappingProxyType({})


def _day_or_none(value: date | str | None) -> date | None:
    return None if value is None else day(value)


def _must_be_currency(currency: str) -> None:
    must_be(currency, str, "the currency of a book", "pass a code, such as 'CNY'")
    if currency not in CURRENCIES:
        raise UnitError("a book", currency, "a currency of ISO 4217, such as CNY")


def _must_be_tables(where: str, names: Iterable[str], known: Iterable[str]) -> None:
    for name in names:
        if name not in (there := tuple(known)):
            close = get_close_matches(str(name), there, 1)
            remedy = f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(there)}"
            raise DataError(where, f"there is no table {shown(name)}", remedy)


@frozen(eq=False, kw_only=True)
class Book:
    """A bank's facts as columns: each row is one fact, or a loan of a tape with all that is known of it.

    Nothing is dropped: `rows == used + repeats + len(problems)`, with one problem a row.
    """

    tables: Mapping[str, Table]
    """By the names of the CSV folder; the rows that can be used, money as int64 smallest units."""
    currency: str
    as_of: date | None
    """The day on which a tape's balances, classes and days past due were so."""
    problems: tuple[Problem, ...] = ()
    rows: int = 0
    """Rows that came in."""
    repeats: int = 0
    """Rows that said again what another row had said."""
    used: int = 0
    refused: tuple[Fact, ...] = field(default=(), repr=False)
    """Facts that contradict each other; each has a problem."""

    @property
    def came_as(self) -> CameAs:
        """The kind of data frame that the tables came in, which is also what results are given as."""
        return next((table.came_as for table in self.tables.values()), "arrays")

    @classmethod
    def of(
        cls,
        tables: Mapping[str, Any],
        *,
        currency: str,
        as_of: date | str | None = None,
        money: str = "",
        units: Mapping[str, Units] = _NO_UNITS,
    ) -> Book:
        """Check a bank's columns once.

        Args:
            tables: mappings of arrays or data frames, by the names of the CSV folder: `loans`, `events`, `balances`,
                `customers`, `holdings`, `profits`, `violations`, `inquiries`, `valuations`, `trainings`, `ratings`,
                `credits`, `exchange_rates`. Whole numbers for money, shares, points and exchange rates need a unit,
                in their heading (`balance(万元)`, `interest_rate(%)`), in `money` or in `units`; beside a column
                `currency` amounts are whole currency. Decimals are whole currency, points and rates as they stand, and
                of shares they need a unit too. Floats are refused for money. `loans` may be a tape, with `signed_on`,
                `signed`, `disbursed_on`, `disbursed`, `due_diligence_on`, `cancelled_on`, and `balance`, `overdue`,
                `days_past_due`, `category` and `rescheduled` as of the end of `as_of`.
            currency: ISO 4217 code of every amount. A column `currency` may say it of each row; a row in another one
                is a problem.
            as_of: the day of a tape; it must be given where a tape says how loans stand.
            money: the unit of whole numbers for money of which neither heading nor `units` says it: `fen`,
                `smallest unit`, `元`, `万元`, `million` … Where it is more than one of the currency, decimals need a
                unit of their own too.
            units: by table and column: the unit of plain numbers, such as `万元`, `%`, `bp`, `ratio` or `point`.

        Raises:
            DataError: an unknown table or column, one that is missing, or of another kind; numbers without a unit
                where there are several; bare ratios above 1.
            UnitError: a currency that does not exist.

        >>> import numpy as np
        >>> from loanperf.batch import Book
        >>> loans = {"loan": np.array([1, 2]), "customer": np.array([7, 8]), "officer": np.array(["lin", "wu"])}
        >>> loans |= {"opened_on": np.array(["2026-03-01", "2026-03-02"], dtype="datetime64[D]")}
        >>> book = Book.of({"loans": loans}, currency="CNY")
        >>> book.rows, book.used
        (2, 2)
        """
        must_be(tables, Mapping, "the tables of a book", "pass them by name, such as {'loans': columns}")
        _must_be_currency(currency)
        _must_be_tables("a book", tables, FORMS)
        _must_be_tables("units of a book", units, tables)
        on = _day_or_none(as_of)
        said = {name: Said.of(read_table(given, name), units.get(name, NO_UNITS)) for name, given in tables.items()}
        checked = {name: Checked.of(name, table, currency, on, money) for name, table in said.items()}
        tell_once(checked, currency, on)
        return cls(
            tables={name: table.used() for name, table in checked.items()},
            currency=currency,
            as_of=on,
            problems=tuple(problem for table in checked.values() for problem in table.told()),
            rows=sum(table.table.rows for table in checked.values()),
            repeats=sum(table.repeats for table in checked.values()),
            used=sum(int(np.count_nonzero(table.kept)) for table in checked.values()),
            refused=tuple(fact for table in checked.values() for fact in table.refused),
        )

    def facts(self, *, loans: Collection[str] | None = None, payees: Collection[str] | None = None) -> Facts:
        """The facts of the rows path, of the whole book or of what concerns some loans and payees.

        Args:
            loans: numbers of loans; their events, balances and credits come with them.
            payees: codes; with them come the loans that they originated, were assigned or are credited with, the
                customers they look after, and what is said of themselves.
        """
        if loans is None and payees is None:
            return Facts.of(fact for name, table in self.tables.items() for fact in self._made(name, table))
        people = frozenset(payees or ())
        numbers = self.loans_of(people) | frozenset(loans or ())
        customers = self._named("customers", "customer", "officer", people)
        wanted = {"loan": numbers, "customer": customers, "payee": people}
        chosen: list[Fact] = []
        for name, table in self.tables.items():
            by = "loan" if "loan" in table else "customer" if "customer" in table else "payee"
            rows = table if name == "exchange_rates" else table.take(np.flatnonzero(is_any(table[by], wanted[by])))
            chosen.extend(self._made(name, rows))
        return Facts.of(chosen)

    def loans_of(self, payees: Collection[str]) -> frozenset[str]:
        """The numbers of the loans that payees originated, were assigned or are credited with."""
        return (
            self._named("loans", "loan", "officer", payees)
            | self._named("events", "loan", "officer", payees)
            | self._named("credits", "loan", "payee", payees)
        )

    def _named(self, table: str, what: str, by: str, codes: Collection[str]) -> frozenset[str]:
        """What rows name whose column `by` is one of some codes."""
        if table not in self.tables or by not in self.tables[table] or not codes:
            return frozenset()
        rows = np.flatnonzero(is_any(self.tables[table][by], codes))
        named = self.tables[table][what]
        return frozenset(str(named.at(int(row))) for row in rows)

    def _made(self, name: str, table: Table) -> Iterator[Fact]:
        for row in range(table.rows):
            yield from facts_of(name, table, row, self.currency, self.as_of)
