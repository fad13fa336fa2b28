"""Left: the loans and customers that columns cannot decide about -> their totals, by the rows path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from attrs import evolve, frozen

from loanperf._explanations import Label
from loanperf._facts import Fact, Facts
from loanperf._indicators import FIELDS, Direction, Indicator, Kind, Readings, Total, measure_part
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._tables._sums import Places
from loanperf.batch._book._book import Book, facts_of
from loanperf.batch._measure._customers import Customers
from loanperf.batch._measure._totals import row_name, row_text
from loanperf.batch._measure._touched import Touched

RowAt: TypeAlias = tuple[str, int]
"""Name of a table, and a row of it."""


@frozen(eq=False)
class Left:
    """What of a book is left to the rows path."""

    rows: Mapping[str, Places]
    """By table."""
    many: int
    """How many loans and customers that is."""

    @classmethod
    def of(cls, loans: Sequence[Places], touched: Touched | None, customers: Customers | None) -> Left:
        """What is left of the loans in doubt, and of the customers with several records."""
        doubtful = np.concatenate([np.zeros(0, dtype=np.intp), *loans])
        rows: dict[str, Places] = {"loans": doubtful}
        if touched is not None:
            in_doubt = np.append(np.isin(touched.rows, doubtful), False)
            rows["events"] = np.flatnonzero(in_doubt[touched.event_rows])
            rows["balances"] = np.flatnonzero(in_doubt[touched.balance_rows])
        if customers is not None:
            rows |= customers.several
        return cls(rows, doubtful.size + (0 if customers is None else customers.many))

    def measured(
        self, book: Book, period: Period, totals: Iterable[Total], organisation: Organisation | None
    ) -> tuple[Readings, Mapping[str, RowAt]]:
        """The totals over what is left, each under its number; and the row of each fact, by what problems call it."""
        probes = [_probe(str(number), total) for number, total in enumerate(totals)]
        facts: list[Fact] = []
        rows: dict[str, RowAt] = {}
        for name, row, fact in self._facts(book):
            facts.append(evolve(fact, source=row_name(book.tables[name], row)))
            rows[row_text(book.tables[name], row, " ".join(fact.key).strip())] = name, row
        found = measure_part(Facts.of(facts), period, probes, currency=book.currency, organisation=organisation)
        return found, rows

    def _facts(self, book: Book) -> Iterator[tuple[str, int, Fact]]:
        for name, rows in self.rows.items():
            for row in rows.tolist():
                for fact in facts_of(book.tables[name], row, book.currency, book.as_of):
                    yield name, row, fact


def _probe(code: str, total: Total) -> Indicator:
    """An indicator that shows nothing but a total."""
    kind = FIELDS[total.over][total.sum].kind if total.sum else "number"
    kinds = {"money": Kind.MONEY, "points": Kind.POINTS}
    return Indicator(
        code=code,
        name=Label(code),
        dimension="performance",
        direction=Direction.HIGHER,
        kind=kinds.get(kind, Kind.COUNT),
        measure=total,
    )
