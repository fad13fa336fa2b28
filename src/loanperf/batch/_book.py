"""Book: a bank's facts of one currency, for trackers, runs and clusters."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from attrs import frozen

from loanperf._facts import NO_UNITS_SAID, Fact, Facts
from loanperf._periods import day
from loanperf._tables._columns import CameAs
from loanperf._tables._units import Units
from loanperf.errors import Problem


@frozen(eq=False, kw_only=True)
class Book:
    """A bank's facts of one currency; `held` is what the steps take.

    Nothing is dropped: each of `rows` is used, repeats others, or has a problem.
    """

    held: Facts
    """What `lp.measure` and `lp.accrue` take."""
    currency: str
    as_of: date | None
    """The day on which a tape's balances, classes and days past due were so."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Of rows that cannot be used."""
        return self.held.problems

    @property
    def rows(self) -> int:
        """Rows that came in."""
        return self.held.rows

    @property
    def repeats(self) -> int:
        """Rows that said again what others had said."""
        return self.held.repeats

    @property
    def used(self) -> int:
        """Rows that are used and have no problem."""
        return self.held.used

    @property
    def refused(self) -> tuple[Fact, ...]:
        """Facts that contradict each other; each has a problem."""
        return self.held.refused

    @property
    def came_as(self) -> CameAs:
        """The kind of data frame that the tables came in, which is also what results are given as."""
        return self.held.came_as

    @classmethod
    def of(
        cls,
        tables: Mapping[str, Any],
        *,
        currency: str,
        as_of: date | str | None = None,
        money: str = "",
        units: Mapping[str, Units] = NO_UNITS_SAID,
    ) -> Book:
        """Check a bank's columns once; arguments and errors are those of `lp.Facts.read`.

        >>> import numpy as np
        >>> from loanperf.batch import Book
        >>> loans = {"loan": np.array([1, 2]), "customer": np.array([7, 8]), "officer": np.array(["lin", "wu"])}
        >>> loans |= {"opened_on": np.array(["2026-03-01", "2026-03-02"], dtype="datetime64[D]")}
        >>> book = Book.of({"loans": loans}, currency="CNY")
        >>> book.rows, book.used
        (2, 2)
        """
        held = Facts.read(tables, currency=currency, as_of=as_of, money=money, units=units)
        return cls(held=held, currency=currency, as_of=None if as_of is None else day(as_of))

    def facts(self, *, loans: Collection[str] | None = None, payees: Collection[str] | None = None) -> Facts:
        """The facts of the whole book, or of what concerns some loans and payees; see `lp.Facts.only`."""
        return self.held.only(loans=loans, payees=payees)

    def loans_of(self, payees: Collection[str]) -> frozenset[str]:
        """The numbers of the loans that payees originated, were assigned or are credited with."""
        return self.held.only(payees=payees).loans if payees else frozenset()
