"""Left: the loans and customers that columns cannot decide about -> their totals, by the rows path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from attrs import evolve, frozen

from loanperf._explanations import Label
from loanperf._facts import Fact, Facts
from loanperf._indicators import FIELDS, Direction, Indicator, Kind, Measured, Total, measure_part
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf.batch._book._book import Book, facts_of
from loanperf.batch._measure._customers import Customers
from loanperf.batch._measure._touched import Touched
from loanperf.batch._tables._sums import Places


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
    ) -> Measured:
        """The totals over what is left, each under its number; each fact says its row where a problem names it."""
        probes = [_probe(str(number), total) for number, total in enumerate(totals)]
        facts = Facts.of(fact for table in self.rows for fact in self._facts(book, table))
        return measure_part(facts, period, probes, currency=book.currency, organisation=organisation)

    def _facts(self, book: Book, name: str) -> Iterator[Fact]:
        for row in self.rows[name].tolist():
            table = book.tables[name]
            for fact in facts_of(name, table, row, book.currency, book.as_of):
                yield evolve(fact, source=f"{name} row {table.first_row + row}")


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
