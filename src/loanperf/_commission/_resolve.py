"""Resolve: (facts, plans, organisation, readings, targets) -> what a run of accrue works with, once and in columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from attrs import frozen

from loanperf._commission._accrual import DatedPlan
from loanperf._commission._calendar import Calendar
from loanperf._commission._deals import Deals
from loanperf._commission._eligible import Eligible
from loanperf._commission._exchange import ExchangeRates
from loanperf._commission._figures import Figures, Value
from loanperf._commission._fitting import Fitting
from loanperf._commission._lookups import Lookups
from loanperf._commission._tracks import Tracks
from loanperf._facts import Facts, day_at
from loanperf._indicators import Reading
from loanperf._numbers import day_of
from loanperf._org import Organisation
from loanperf._people import People
from loanperf._periods import Period, must_be_period
from loanperf._targets import Target


@frozen(eq=False, kw_only=True)
class Resolved:
    """What a run works with."""

    calendar: Calendar
    deals: Deals
    tracks: Tracks
    lookups: Lookups
    eligible: Eligible
    exchange: ExchangeRates

    @property
    def plans(self) -> tuple[DatedPlan, ...]:
        """The dated plans, by their places."""
        return self.lookups.plans


def resolve(
    facts: Facts,
    plans: Sequence[DatedPlan],
    organisation: Organisation,
    *,
    through: Period,
    since: date | None,
    readings: Iterable[Reading],
    targets: Mapping[Period, Iterable[Target]],
) -> Resolved:
    """Whose loans, plans, readings and targets they are, with the pay periods from the first to `through`.

    Args:
        facts: all that happened.
        plans: of every version of the scheme.
        organisation: who held which role where.
        through: the last pay period.
        since: the first day of the books; None is the first fact or reading, or the first plan if that is later.
        readings: of payees; those without a period are of `through`.
        targets: of payees, by pay period.

    Raises:
        PeriodError: `through` is no `Period`.
        DataError: a reading or target is supplied twice, with two values.
    """
    must_be_period(through)
    given = tuple(readings)
    calendar = calendar_of(facts, plans, given, through, since)
    deals = Deals.of(facts, calendar.last, organisation.codes)
    people = People.of(organisation.assignments, deals.payees)
    fitting = Fitting.of(plans, organisation, people.positions)
    places = {payee: place for place, payee in enumerate(deals.payees)}
    lookups = Lookups(
        deals=deals,
        calendar=calendar,
        people=people,
        organisation=organisation,
        fitting=fitting,
        readings=Figures.of("reading", values_of(given, through), places, calendar.periods),
        targets=Figures.of("target", goals_of(targets), places, calendar.periods),
    )
    return Resolved(
        calendar=calendar,
        deals=deals,
        tracks=Tracks.of(deals, people, organisation, fitting),
        lookups=lookups,
        eligible=Eligible(deals),
        exchange=ExchangeRates(facts),
    )


def values_of(readings: Iterable[Reading], through: Period) -> Iterator[Value]:
    """Readings with a value; those without a period are of the last."""
    return (
        (item.subject, item.indicator, item.period or through, item.value)
        for item in readings
        if item.value is not None
    )


def goals_of(targets: Mapping[Period, Iterable[Target]]) -> Iterator[Value]:
    """Targets; those without a period are of that under which they are passed."""
    return (
        (item.payee, item.indicator, item.period or period, item.value)
        for period, goals in targets.items()
        for item in goals
    )


def calendar_of(
    facts: Facts, plans: Sequence[DatedPlan], readings: Iterable[Reading], through: Period, since: date | None
) -> Calendar:
    """The pay periods from that of the first day to the last, all of one length."""
    first = since or _first_day(facts, plans, readings, through)
    periods = [through]
    while periods[-1].start > first:
        periods.append(periods[-1].previous())
    return Calendar.of(reversed(periods))


def _first_day(facts: Facts, plans: Sequence[DatedPlan], readings: Iterable[Reading], through: Period) -> date:
    """The earliest fact or reading; not before the first plan."""
    seen = [day_of(int(table[day_at(place)].values.min())) for place, table in facts.tables.items() if table.rows]
    seen += [reading.period.start for reading in readings if reading.period is not None]
    return max(min(seen, default=through.start), min((dated.since for dated in plans), default=date.min))
