"""Teams: (plans of a period, organisation) -> whose pay each lead is paid a part of, and who can be worked when."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from graphlib import CycleError, TopologicalSorter
from typing import TypeAlias

from loanperf._commission._accrual import DatedPlan
from loanperf._commission._books import Books
from loanperf._commission._found import Found
from loanperf._commission._plan import Component
from loanperf._org import Assignment
from loanperf._periods import Period
from loanperf.errors import DataError

Team: TypeAlias = Mapping[str, tuple[str, ...]]
"""By component: the members of whose pay it is a part."""


def teams_of(books: Books, period: Period, held: Mapping[str, DatedPlan], found: Found) -> dict[str, Team]:
    """By lead of a team in a period: by component, the members of whose pay the lead is paid a part."""
    teams: dict[str, Team] = {}
    for payee, dated in held.items():
        components = [item for item in dated.plan.components if item.team is not None]
        teams[payee] = {}
        with found.noting(f"payee {payee} in {period}", [payee]):
            teams[payee] = {item.code: tuple(_members(books, item, payee, period)) for item in components}
    return {payee: team for payee, team in teams.items() if team}


def _leads_below(teams: Mapping[str, Team]) -> dict[str, set[str]]:
    """By lead of a team: the members who lead teams themselves."""
    return {lead: {member for team in held.values() for member in team} & set(teams) for lead, held in teams.items()}


def rings_of(teams: Mapping[str, Team]) -> dict[str, tuple[str, ...]]:
    """Leads whose teams contain each other, each with all leads of that circle: none of them can be worked first."""
    below = _leads_below(teams)
    rings: dict[str, tuple[str, ...]] = {}
    while True:
        try:
            TopologicalSorter(below).prepare()
        except CycleError as error:
            ring = tuple(sorted(set(error.args[1])))
            rings |= dict.fromkeys(ring, ring)
            below = {lead: members - set(ring) for lead, members in below.items() if lead not in ring}
        else:
            return rings


def waves_of(teams: Mapping[str, Team], rings: Collection[str]) -> Iterator[tuple[str, ...]]:
    """Leads in the order in which they can be worked, all of whom one time have nobody left below them at once."""
    yield tuple(sorted(rings))
    below = {lead: leads - set(rings) for lead, leads in _leads_below(teams).items() if lead not in rings}
    sorter = TopologicalSorter(below)
    sorter.prepare()
    while sorter.is_active():
        ready = sorter.get_ready()
        yield ready
        sorter.done(*ready)


def must_not_go_round(ring: tuple[str, ...], payee: str, period: Period) -> None:
    """Refuse a team whose lead is in a team of one of its members."""
    if ring:
        fault = f"the teams of {' and '.join(ring)} hold each other on the day that decides"
        remedy = "write as_of = 'end' in the plan, or end an assignment before that day"
        raise DataError(f"the team of {payee} in {period}", fault, remedy)


def _members(books: Books, component: Component, payee: str, period: Period) -> list[str]:
    """The team of a lead: who works in the unit, or below it, on the day that the component names."""
    team = component.team
    on = period.start if team is not None and team.as_of == "start" else period.last_day
    unit = books.organisation.assignments_in(payee, period)[-1][0].unit
    if not books.organisation.units:
        codes = books.organisation.codes
        members = [code for code in codes if unit in (item.unit for item in _held_on(books, code, on))]
    else:
        members = list(books.organisation.members(unit, on))
    if team is not None and team.members == "direct":
        members = [code for code in members if books.organisation.assignment(code, on).unit == unit]
    if team is not None and team.roles:
        members = [code for code in members if any(item.role in team.roles for item in _held_on(books, code, on))]
    return [code for code in members if code != payee and not _leads(books, code, unit, period)]


def _held_on(books: Books, payee: str, on: date) -> list[Assignment]:
    """What a payee is on a day; nothing where that is not known."""
    found = books.organisation.assignments_in(payee, books.periods[max(books.index(on), 0)])
    return [assignment for assignment, _ in found if assignment.holds_on(on)]


def _leads(books: Books, payee: str, unit: str, period: Period) -> bool:
    """Whether somebody leads the same unit too; leads of one unit are not paid for each other."""
    standing = books.standing_plan(payee, period)
    return (
        standing is not None
        and standing[1].unit == unit
        and any(component.base == "team" for component in standing[0].plan.components)
    )
