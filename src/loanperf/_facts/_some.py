"""Some: (facts, which are wanted) -> those of some loans, all that is of no loan, and what is told of the whole."""

from __future__ import annotations

from datetime import date

import numpy as np
from attrs import evolve, frozen

from loanperf._facts._columns import KIND_AT, chosen_loans, day_at, in_part
from loanperf._facts._facts import Facts
from loanperf._kinds import KINDS
from loanperf._numbers import day_number
from loanperf._tables._words import distinct_texts


@frozen(kw_only=True)
class FactsWanted:
    """Which loans' facts are wanted: of each all of them, whatever their days."""

    loans: frozenset[str]
    """These loans, whether there are such or not."""
    payees: frozenset[str]
    """Loans that one of these originated, was assigned or is credited with."""
    since: date
    """Loans of which anything is dated on this day or later."""


def some_of(facts: Facts, wanted: FactsWanted) -> Facts:
    """The facts of loans that are wanted, of those with the first fact of all, and all facts of no loan.

    Rows and problems are those of the whole.
    """
    dated = {place: facts.tables[place] for place in _OF_LOANS if facts.tables[place].rows}
    days = {place: table[day_at(place)].values for place, table in dated.items()}
    first = min((int(values.min()) for values in days.values()), default=0)
    rows = {place: (values >= day_number(wanted.since)) | (values == first) for place, values in days.items()}
    codes = [dated[place]["loan"].values[there] for place, there in rows.items()]
    mine = chosen_loans(facts.tables, wanted.payees, wanted.loans, codes)
    found = {
        place: table.take(np.flatnonzero(mine[table["loan"].values])) if place in dated else table
        for place, table in facts.tables.items()
    }
    return evolve(facts, tables=in_part(found))


_OF_LOANS = tuple(place for place, name in KIND_AT.items() if KINDS[name].domain == "loan")


def loans_stated(facts: Facts) -> frozenset[str]:
    """The numbers of all loans of which there are facts."""
    columns = (facts.tables[place]["loan"] for place in _OF_LOANS if facts.tables[place].rows)
    return frozenset(text for column in columns for text in distinct_texts(column))
