"""Releases: what is held of lines -> what of it is released before a day, and the last day on which any was.

The twin is `Lives` of `loanperf._ledger._lives`. It is asked for each line of a loan that went bad, or whose repayment
releases; of all others only the months after the cohort decide, which are the same for a whole cohort.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from loanperf._commission import Accrual, Accruals, Holdback, Standing, Standings, deals_of
from loanperf._ledger._amounts import lines_of
from loanperf._ledger._kinds import GROUPS, Group
from loanperf._ledger._lives import Lives
from loanperf._ledger._reversals import Reductions
from loanperf._numbers import FAR, day_number
from loanperf._periods import Period, Tenor
from loanperf._quantities import Money
from loanperf._tables._columns import Truth, Whole
from loanperf.batch._accrue._accrued import AccruedBook
from loanperf.batch._accrue._lines import BookLines
from loanperf.batch._accrue._staff import date_of
from loanperf.batch._settle._held import HeldTerms

Codes: TypeAlias = NDArray[np.int64]


@frozen(eq=False)
class Released:
    """What is released of each line before a day."""

    units: Whole
    on: Whole
    """The last day on which any of it was; 0 where none was."""
    any: Truth


def released(
    held: Whole, term: Codes, period: Codes, terms: HeldTerms, periods: Sequence[Period], end: date
) -> Released:
    """What is released before a day of lines whose loans perform, each instalment rounded down, the last the rest."""
    found = Released(np.zeros(len(held), dtype=np.int64), np.zeros(len(held), dtype=np.int64), held < 0)
    for place, (holdback, _) in enumerate(terms.holdbacks):
        mine = np.flatnonzero((term == place) & (held > 0))
        if holdback is None or not len(mine) or not holdback.instalments:
            continue
        left = held[mine].copy()
        for number, item in enumerate(holdback.instalments, 1):
            share = item.share
            last = number == len(holdback.instalments)
            units = left if last else _part(held[mine], share.numerator, share.denominator)
            days = [day_number(Tenor(item.after_months).after(span.last_day)) for span in periods]
            when = np.array(days, dtype=np.int64)[period[mine]]
            done = when < day_number(end)
            found.units[mine] += np.where(done, units, 0)
            found.on[mine] = np.where(done, when, found.on[mine])
            found.any[mine] |= done
            left = left - units
    return found


def _part(units: Whole, top: int, below: int) -> Whole:
    """A share of units, rounded down, without a product that int64 does not hold."""
    whole, rest = np.divmod(units, np.int64(below))
    found: Whole = whole * top + rest * top // below
    return found


# ── lines of loans that went bad ────────────────────────────────────────────────────────────────────────────


def lived(accrued: AccruedBook, lines: BookLines, terms: HeldTerms) -> Truth:
    """By line: whether how its loan performed decides what becomes of it."""
    deals = accrued.deals
    term = terms.of_plan[lines.plan]
    rules = [dated.plan.clawbacks for dated in accrued.plans]
    strikes = np.array([bool(held) for held in rules])[lines.plan]
    prepaid = np.array([any(rule.on == "prepaid" for rule in held) for held in rules])[lines.plan]
    waits = np.array([_waits(holdback) for holdback, _ in terms.holdbacks])[term]
    frees = np.array([holdback is not None and holdback.repaid == "releases" for holdback, _ in terms.holdbacks])[term]
    of_loan = lines.loan >= 0
    bad = np.append(deals.bad, False)[lines.loan]
    repaid = np.append(deals.repaid, False)[lines.loan]
    found: Truth = of_loan & (lines.amount > 0) & ((bad & (strikes | waits)) | (repaid & (frees | prepaid)))
    return found


def _waits(holdback: Holdback | None) -> bool:
    return holdback is not None and holdback.condition == "performing"


def standings_of(accrued: AccruedBook, loans: NDArray[np.int32]) -> Mapping[str, Standing]:
    """How some loans performed, by code."""
    codes = frozenset(str(accrued.deals.loan.at(row)) for row in np.unique(loans).tolist())
    facts = accrued.asked.book.facts(loans=codes)
    return {deal.loan.loan: deal.standing for deal in deals_of(facts, accrued.through.last_day)}


def moved(accrued: AccruedBook, lines: Codes, held: Whole) -> Iterator[tuple[int, Group, int, int]]:
    """What becomes of lines: the place of each line, and a group, a day and units."""
    if not len(lines):
        return
    standings = standings_of(accrued, accrued.lines.loan[lines])
    rows = tuple(line_of(accrued, place) for place in lines.tolist())
    found, parts, _ = lines_of(Accruals(through=accrued.through, lines=rows, standings=standings), {}, {})
    none = Reductions.none(found.lines.units)
    lives = Lives.of(found.lines, parts, none, Standings.of(standings))
    line = lives.parts.line
    for steps in lives.lived(np.arange(len(line)), held[line], np.full(len(line), FAR)):
        columns = (steps.line, steps.group, steps.on, steps.units)
        for place, group, on, units in zip(*(column.tolist() for column in columns), strict=True):
            yield int(lines[place]), GROUPS[group], on, units


def line_of(accrued: AccruedBook, place: int) -> Accrual:
    """A line as a row."""
    lines = accrued.lines
    dated, loan = accrued.plans[lines.plan[place]], int(lines.loan[place])
    amount = Money.from_units(int(lines.amount[place]), dated.currency)
    return Accrual(
        payee=accrued.payees[lines.payee[place]],
        plan=dated,
        component=accrued.components[lines.component[place]],
        loan="" if loan < 0 else str(accrued.deals.loan.at(loan)),
        stage=accrued.stages[lines.stage[place]],
        on=date_of(int(lines.on[place])),
        earned_on=min(date_of(int(lines.earned_on[place])), date_of(int(lines.on[place]))),
        period=accrued.periods[lines.period[place]],
        amount=amount,
        gross=amount.exact,
    )
