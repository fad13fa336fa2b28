"""Accrued: a book's lines of commission as columns; their keys, accruals and reasons when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from loanperf._commission import Accruals, DatedPlan, Unpaid, Waiting, line_key
from loanperf._explanations import Explanation
from loanperf._periods import Period
from loanperf._tables._columns import Column
from loanperf._tables._frames import like
from loanperf.batch._accrue._by_rows import AskedByRows, groups_of
from loanperf.batch._accrue._deals import BookDeals
from loanperf.batch._accrue._lines import BookLines
from loanperf.errors import DataError, Problem, shown


@frozen(eq=False, kw_only=True)
class AccruedBook:
    """What the payees of a book earned up to the end of a period, from scratch; the twin of `Accruals`.

    BookLines are in no order that means anything; each is one of `lp.accrue`, with the same amount and days.
    """

    periods: tuple[Period, ...]
    """The pay periods, from the first to the last."""
    currency: str
    payees: tuple[str, ...]
    """Everybody who has to do with loans, or whom plans pay by the period."""
    plans: tuple[DatedPlan, ...]
    components: tuple[str, ...]
    stages: tuple[str, ...]
    lines: BookLines
    problems: tuple[Problem, ...]
    """Rows, loans and payees that could not be worked."""
    blocked: frozenset[str]
    """Payees whose lines are not whole, since something could not be worked."""
    missing: Mapping[tuple[str, Period], Problem] = field(repr=False)
    """By payee and period before the last: the reading or target that is missing; see `Accruals.missing`."""
    unknown: frozenset[str]
    """Loans of which there are events or credits, but no row of their own."""
    scalar: int
    """How many payees went through the rows path."""
    scalar_lines: int
    """How many lines are theirs."""
    deals: BookDeals = field(repr=False)
    """The loans."""
    asked: AskedByRows = field(repr=False)
    by_rows: Mapping[str, Accruals] = field(repr=False)
    """By payee who went through the rows path: what it came to, for all who share loans with them."""
    _places: dict[str, int] = field(factory=dict, init=False, repr=False)

    @property
    def through(self) -> Period:
        """The last period."""
        return self.periods[-1]

    def key(self, line: int) -> str:
        """The natural key of a line; see `Accrual.key`."""
        lines = self.lines
        loan = int(lines.loan[line])
        return line_key(
            self.payees[lines.payee[line]],
            self.plans[lines.plan[line]].plan.code,
            self.components[lines.component[line]],
            "" if loan < 0 else str(self.deals.loan.at(loan)),
            self.stages[lines.stage[line]],
            self.periods[lines.period[line]],
        )

    def place(self, payee: str) -> int:
        """The place of a payee.

        Raises:
            DataError: nobody has that code.
        """
        if not self._places:
            self._places.update(zip(self.payees, range(len(self.payees)), strict=True))
        if payee not in self._places:
            raise DataError("the payees of a book", f"there is no {shown(payee)}", "pass the code of one of them")
        return self._places[payee]

    def of(self, payee: str) -> NDArray[np.intp]:
        """The places of a payee's lines."""
        return np.flatnonzero(self.lines.payee == self.place(payee))

    def accruals(self, payee: str) -> Accruals:
        """What the rows path makes of a payee, with everybody who shares loans with them."""
        place = self.place(payee)
        if payee in self.by_rows:
            return self.by_rows[payee]
        ((_, found),) = self.groups(np.array([place]))
        return found

    def groups(self, payees: NDArray[np.int64]) -> Iterator[tuple[list[int], Accruals]]:
        """What the rows path makes of payees whom columns worked, by places, some of them at a time."""
        for members, rows in groups_of(self.deals, payees, self.asked.plans):
            yield members, self.asked.accruals([self.payees[member] for member in members], self._codes(rows))

    def _codes(self, rows: NDArray[np.int64]) -> Iterator[str]:
        return (str(self.deals.loan.at(row)) for row in rows.tolist())

    def explain(self, payee: str) -> tuple[Explanation, ...]:
        """Why each line of a payee is what it is, in order of period, date and key; the same as the rows path says."""
        return tuple(line.explain() for line in self.accruals(payee).lines if line.payee == payee)

    def waiting(self, payee: str) -> tuple[Waiting, ...]:
        """What a payee's deals wait for."""
        return tuple(item for item in self.accruals(payee).waiting if item.payee == payee)

    def unpaid(self, payee: str) -> tuple[Unpaid, ...]:
        """The loans that no component pays for a payee, with the reason; the same as the rows path says."""
        return tuple(item for item in self.accruals(payee).unpaid if item.payee == payee)

    def frame(self) -> Any:
        """The lines as the kind of data frame that the book came in; amounts in smallest units, days as days."""
        lines, deals = self.lines, self.deals
        alone = lines.loan < 0
        loans = deals.loan.rows(np.where(alone, 0, lines.loan)) if deals.rows else Column("text", lines.loan)
        words = {
            "payee": self.payees,
            "plan": tuple(dated.plan.code for dated in self.plans),
            "component": self.components,
            "stage": self.stages,
            "period": tuple(map(str, self.periods)),
        }
        found = {name: Column("text", getattr(lines, name), None, words[name]) for name in words}
        days = {name: Column("day", getattr(lines, name).astype(np.int64)) for name in ("on", "earned_on")}
        amount = Column("whole", lines.amount)
        return like(self.asked.book.came_as, found | {"loan": evolve(loans, missing=alone)} | days | {"amount": amount})
