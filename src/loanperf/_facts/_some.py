"""Some: (facts, which are wanted) -> those of some loans, all that is of no loan, and what is told of the whole."""

from __future__ import annotations

from datetime import date

import numpy as np
from attrs import evolve, frozen

from loanperf._facts._columns import KIND_AT, chosen_loans, day_at, in_part
from loanperf._facts._facts import Facts
from loanperf._kinds import KINDS
from loanperf._numbers import day_number, day_of
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
    """The facts of loans that are wanted, and all facts of no loan; rows and problems are those of the whole."""
    dated = {place: facts.tables[place] for place in _OF_LOANS if facts.tables[place].rows}
    late = [t["loan"].values[t[day_at(place)].values >= day_number(wanted.since)] for place, t in dated.items()]
    mine = chosen_loans(facts.tables, wanted.payees, wanted.loans, late)
    found = {
        place: table.take(np.flatnonzero(mine[table["loan"].values])) if place in dated else table
        for place, table in facts.tables.items()
    }
    return evolve(facts, tables=in_part(found))


def first_fact(facts: Facts) -> tuple[str, date] | None:
    """The earliest day of a fact of a loan, and a loan that has one; None where there is none."""
    found = list[tuple[int, str]]()
    for place in _OF_LOANS:
        if (table := facts.tables[place]).rows:
            days = table[day_at(place)].values
            row = int(days.argmin())
            found.append((int(days[row]), table["loan"].words[int(table["loan"].values[row])]))
    if not found:
        return None
    day, loan = min(found)
    return loan, day_of(day)


_OF_LOANS = tuple(place for place, name in KIND_AT.items() if KINDS[name].domain == "loan")


def loans_stated(facts: Facts) -> frozenset[str]:
    """The numbers of all loans of which there are facts."""
    columns = (facts.tables[place]["loan"] for place in _OF_LOANS if facts.tables[place].rows)
    return frozenset(text for column in columns for text in distinct_texts(column))
