"""Past: (run of a period) -> what was measured and asked in it, as weights are advised by and budgets forecast."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from loanperf._org import Organisation
from loanperf._quantities import Money
from loanperf._tables._columns import Column, Table
from loanperf._tables._values import of_fractions, of_own_texts
from loanperf._validators import must_be
from loanperf.errors import DataError
from loanperf.learning import PastPeriod
from loanperf.run import Result, Run


def past_of(run: Run, people: Organisation) -> PastPeriod:
    """A period that was worked, as `advise_weights`, `bonus_budget` and `loanperf.learning.whom_it_moves` take it.

    Each payee with a result is a row: that of their first assignment, with readings as quotients, targets,
    salary or base, and days where it is of part of the period. Who has no result is left out.

    Args:
        run: of the period, such as a dry run.
        people: who held which role where.

    Raises:
        DataError: nobody has a result.
    """
    must_be(run, Run, "the run", "pass what lp.run gives")
    must_be(people, Organisation, "people", "pass lp.Organisation")
    first = dict[str, Result]()
    for one in run.results:
        first.setdefault(one.payee, one)
    if not first:
        raise DataError(f"the run of {run.period}", "nobody has a result in it", "mend what it says, and run again")
    cells = [dict(_cells(one)) for one in first.values()]
    names = dict.fromkeys(name for row in cells for name in row)
    columns: dict[str, Column] = {"payee": of_own_texts([*first])}
    columns |= {name: of_fractions([row.get(name) for row in cells]) for name in names}
    return PastPeriod(period=run.period, rows=Table("the past period", len(cells), columns), organisation=people)


def _cells(one: Result) -> Iterator[tuple[str, Fraction]]:
    """The numbers of a row, by column; amounts in whole currency."""
    card = one.appraisal.card
    known = {item.code for item in (*card.others, *(line.indicator for line in card.lines))}
    for reading in one.appraisal.readings:
        if reading.value is not None and reading.indicator in known:
            yield f"{reading.indicator}.numerator", Fraction(reading.value.value.numerator)
            yield f"{reading.indicator}.denominator", Fraction(reading.value.value.denominator)
    for scored in one.appraisal.lines:
        if scored.target is not None:
            yield f"{scored.line.indicator.code}.target", scored.target.value
    for name, amount in (("month", one.assignment.salary), ("base", one.assignment.base)):
        if isinstance(amount, Money):
            yield name, amount.exact
    if one.part != card.period:
        yield "days", Fraction(one.part.days)
        yield "of_days", Fraction(card.period.days)
