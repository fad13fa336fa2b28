"""Resolve: (facts, plans, organisation, readings, targets) -> what a run of accrue works with, once and in columns."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date

from attrs import frozen

from loanperf._commission._accrual import DatedPlan
from loanperf._commission._deals import Deals, ExchangeRates
from loanperf._commission._eligible import Eligible
from loanperf._commission._figures import Figures, Value
from loanperf._commission._fitting import Fitting
from loanperf._commission._lookups import Calendar, Lookups
from loanperf._commission._tracks import Tracks
from loanperf._facts import Facts, day_at
from loanperf._indicators import Reading, Readings
from loanperf._numbers import day_of
from loanperf._org import Organisation
from loanperf._people import People
from loanperf._periods import Period, in_calendar, must_be_period
from loanperf._targets import Target
from loanperf.errors import DataError


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
    readings: Iterable[Reading | Readings],
    targets: Mapping[Period, Iterable[Target]],
) -> Resolved:
    """Whose loans, plans, readings and targets they are, with the pay periods from the first to `through`.

    Args:
        facts: all that happened.
        plans: of every version of the scheme.
        organisation: who held which role where.
        through: the last pay period.
        since: the first day of the books; None is the first fact or reading, or the first plan if that is later.
        readings: of payees; those without a period are of `through`. What was measured of many, as `Readings`, holds
            where no reading says otherwise.
        targets: of payees, by pay period.

    Raises:
        PeriodError: `through` is no `Period`.
        DataError: a reading or target is supplied twice, with two values.
    """
    must_be_period(through)
    through = in_calendar(through, ((dated.since, dated.calendar) for dated in plans))
    mixed = tuple(readings)
    given = [item for item in mixed if isinstance(item, Reading)]
    measured = [item for item in mixed if isinstance(item, Readings)]
    calendar = calendar_of(facts, plans, [*given, *measured], through, since)
    deals = Deals.of(facts, calendar.last, organisation.codes)
    people = People.of(organisation.assignments, deals.payees)
    fitting = Fitting.of(plans, organisation, people.positions)
    places = {payee: place for place, payee in enumerate(deals.payees)}
    units = {unit: len(places) + place for unit, place in fitting.tree.places.items()}
    levels = _levels(plans, places, units)
    whom = places | units if levels else places
    given += _of_units(given, measured, organisation, levels, through)
    gone = [(item.subject, item.indicator, item.period or through) for item in given if item.value is None]
    lookups = Lookups(
        deals=deals,
        calendar=calendar,
        people=people,
        organisation=organisation,
        fitting=fitting,
        readings=Figures.of("reading", values_of(given, through), whom, calendar.periods, measured, gone),
        targets=Figures.of("target", goals_of(targets), whom, calendar.periods),
        units=units,
    )
    return Resolved(
        calendar=calendar,
        deals=deals,
        tracks=Tracks.of(deals, people, organisation, fitting),
        lookups=lookups,
        eligible=Eligible(deals),
        exchange=ExchangeRates(facts),
    )


def _levels(plans: Sequence[DatedPlan], payees: Container[str], units: Iterable[str]) -> frozenset[str]:
    """The indicators of units that plans look at.

    Raises:
        DataError: some are looked at, and a unit and a payee have one code.
    """
    found = frozenset(code for dated in plans for code in dated.plan.of_units)
    for unit in units if found else ():
        if unit in payees:
            remedy = "give one of them another code, by which readings tell them apart"
            raise DataError(f"the code {unit!r}", "a unit and a payee have it, and plans look at units", remedy)
    return found


def _of_units(
    given: Iterable[Reading],
    measured: Iterable[Readings],
    organisation: Organisation,
    codes: frozenset[str],
    through: Period,
) -> Iterator[Reading]:
    """The readings of units that were measured: of all who are in a unit or below it on the last day of a period."""
    known = {(item.subject, item.indicator, item.period or through) for item in given} if codes else set()
    for found in measured if codes else ():
        held = (item.code for item in organisation.units if item.holds_on(found.period.last_day))
        for unit in held:
            for code, item in found.team(unit, organisation.members(unit, found.period.last_day)).items():
                if code in codes and (unit, code, found.period) not in known:
                    yield item


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
    facts: Facts,
    plans: Sequence[DatedPlan],
    readings: Iterable[Reading | Readings],
    through: Period,
    since: date | None,
) -> Calendar:
    """The pay periods from that of the first day to the last."""
    first = since or first_day(facts, plans, readings, through)
    periods = [through]
    while periods[-1].start > first:
        periods.append(periods[-1].previous())
    return Calendar.of(reversed(periods))


def first_day(
    facts: Facts, plans: Sequence[DatedPlan], readings: Iterable[Reading | Readings], through: Period
) -> date:
    """The earliest fact or reading; not before the first plan."""
    seen = [day_of(int(table[day_at(place)].values.min())) for place, table in facts.tables.items() if table.rows]
    seen += [reading.period.start for reading in readings if reading.period is not None]
    return max(min(seen, default=through.start), min((dated.since for dated in plans), default=date.min))
