"""Teams: who works where in a period -> of whose pay each lead is paid a part, and who can be worked when."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import TypeAlias

import numpy as np
from attrs import field, frozen

from loanperf._commission._fitting import LOST
from loanperf._commission._lookups import FAULTY_SEAT, Lookups
from loanperf._commission._plan import Component
from loanperf._numbers import Columns, Places, Truth, day_of, grouped, marked, matched, ordered, whole
from loanperf.errors import DataError, LoanPerfError


@frozen(eq=False)
class PlansHeld(Columns):
    """Who has which plans in a period, a row each: a plan of several roles of one payee stands once."""

    payee: Places
    plan: Places
    """The place of the plan."""

    @classmethod
    def of(cls, lookups: Lookups, rows: Places) -> PlansHeld:
        """The plans of some seats of a period; where two of a payee have one plan, that of the first."""
        seats = lookups.seats
        rows = rows[seats.plan[rows] >= 0]
        if len(lookups.people.beside):
            rows = lookups.first_by_plan(rows)
        return cls(seats.payee[rows], seats.plan[rows])


@frozen(eq=False, kw_only=True)
class Teams:
    """Leads with those of whose pay theirs is a part, a row a component and seat of a member, in order of all these."""

    leads: Places
    """Payees who lead a team, were nobody in it; in order."""
    lead: Places
    plan: Places
    """The place of the plan of the lead."""
    component: Places
    """The place of the component in it."""
    member: Places
    seat: Places
    """The career by which the member is in the team: what the member earns by it goes up; see `People`."""
    faults: Mapping[int, LoanPerfError] = field(factory=dict)
    """By payee, why it cannot be told who is in a team; such a payee leads none."""

    @classmethod
    def of(cls, lookups: Lookups, place: int, held: PlansHeld) -> Teams:
        """The teams of a period, of the leads among those who hold plans."""
        nobody = np.arange(0)
        if not any(item.team is not None for dated in lookups.plans for item in dated.plan.components):
            return cls(leads=nobody, lead=nobody, plan=nobody, component=nobody, member=nobody, seat=nobody)
        found, size = _Seated.of(lookups, place), len(lookups.deals.payees)
        leads, parts = [nobody], [(nobody,) * 5]
        for plan, dated in enumerate(lookups.plans):
            holds = marked(held.payee[held.plan == plan], size)
            rows = np.flatnonzero((found.plan == plan) & holds[found.payee])
            for at, component in enumerate(dated.plan.components):
                if component.team is not None and len(rows):
                    lead, member, seat = found.members(rows, component)
                    same = lead * 0
                    parts.append((found.payee[lead], same + plan, same + at, member, seat))
                    leads.append(found.payee[rows])
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        known = ~marked(whole([*found.faults]), size)
        good = np.flatnonzero(known[columns[0]])
        columns = [column[good] for column in columns]
        order, starts = grouped(*columns)
        lead, of, which, member, seat = (column[order][starts] for column in columns)
        those = np.flatnonzero(marked(np.concatenate(leads), size) & known)
        return cls(leads=those, lead=lead, plan=of, component=which, member=member, seat=seat, faults=found.faults)

    def waves(self, rings: Collection[int]) -> Iterator[tuple[int, ...]]:
        """Leads in waves: those of `rings` first, then those whose members who lead teams were all in earlier waves."""
        if rings:
            yield tuple(sorted(rings))
        below = {lead: leads - set(rings) for lead, leads in self._below().items() if lead not in rings}
        sorter = TopologicalSorter(below)
        sorter.prepare()
        while sorter.is_active():
            ready = sorter.get_ready()
            yield ready
            sorter.done(*ready)

    def rings(self) -> dict[int, tuple[int, ...]]:
        """Leads whose teams contain each other, each with all of that circle: none of them can be worked first."""
        below = self._below()
        rings: dict[int, tuple[int, ...]] = {}
        while True:
            try:
                TopologicalSorter(below).prepare()
            except CycleError as error:
                ring = tuple(sorted(set(error.args[1])))
                rings |= dict.fromkeys(ring, ring)
                below = {lead: members - set(ring) for lead, members in below.items() if lead not in ring}
            else:
                return rings

    def _below(self) -> dict[int, set[int]]:
        """By lead, the members who lead teams themselves."""
        found: dict[int, set[int]] = {lead: set() for lead in self.leads.tolist()}
        at = np.minimum(np.searchsorted(self.leads, self.member), len(self.leads) - 1)
        rows = np.flatnonzero(self.leads[at] == self.member) if found else self.lead[:0]
        for lead, member in zip(self.lead[rows].tolist(), self.member[rows].tolist(), strict=True):
            found[lead].add(member)
        return found


def ring_fault(payees: Sequence[str], ring: tuple[int, ...], lead: int, period: object) -> DataError:
    """What is wrong with a team whose lead is in a team of one of its members."""
    fault = f"the teams of {' and '.join(payees[item] for item in ring)} hold each other on the day that decides"
    remedy = "write as_of = 'end' in the plan, or end an assignment before that day"
    return DataError(f"the team of {payees[lead]} in {period}", fault, remedy)


_Placed: TypeAlias = tuple[list[tuple[Places, Places]], bool]
"""By level from their own unit up: units, in order, with a career of a payee of each; and whether a unit is lost."""


@frozen(eq=False)
class _Seated:
    """Who stands where at the end of their days in a period, a row a seat."""

    lookups: Lookups
    place: int
    """Of the period."""
    payee: Places
    career: Places
    plan: Places
    unit: Places
    units: Mapping[str, int]
    """By code of a unit, its place."""
    unit_of: Places
    """By position; one more for none."""
    faults: dict[int, LoanPerfError] = field(factory=dict)
    _placed: dict[int, _Placed] = field(factory=dict)
    """By day."""

    @classmethod
    def of(cls, lookups: Lookups, place: int) -> _Seated:
        """The seats of a period."""
        seats, people = lookups.seats, lookups.people
        rows = np.flatnonzero(seats.period == place)
        held = [unit for *_, unit in people.positions]
        units = lookups.fitting.tree.places or {unit: code for code, unit in enumerate(dict.fromkeys(held))}
        unit_of = whole([*(units[item] for item in held), -1])
        unit = unit_of[people.position[seats.assignment[rows]]]
        return cls(lookups, place, seats.payee[rows], seats.career[rows], seats.plan[rows], unit, units, unit_of)

    def members(self, rows: Places, component: Component) -> tuple[Places, Places, Places]:
        """The seats of leads, each with everybody in the team of a component: payees, and the careers by which.

        In order of seat, payee and career.
        """
        team, people = component.team, self.lookups.people
        if team is None:
            return rows[:0], rows[:0], rows[:0]
        calendar = self.lookups.calendar
        day = int(calendar.starts[self.place]) if team.as_of == "start" else int(calendar.ends[self.place]) - 1
        (levels, lost), tree = self._on(day), self.lookups.fitting.tree
        if len(tree.unit) and (lost or (tree.up(self.unit[rows], self.unit[rows] * 0 + day) == LOST).any()):
            self._must_stand(day, rows)
        lead, member = [rows[:0]], [rows[:0]]
        for unit, career in levels[:1] if team.members == "direct" else levels:
            which, at = matched(unit, self.unit[rows])
            lead.append(rows[which])
            member.append(career[at])
        of, seat = np.concatenate(lead), np.concatenate(member)
        good = self.payee[of] != people.payee[seat]
        if team.roles:
            roles = np.array([*(role in team.roles for role, *_ in people.positions), False])
            good &= roles[people.position[people.held(seat, seat * 0 + day)]]
        of, seat = of[good], seat[good]
        order = ordered(of, people.payee[seat], seat) if len(of) else np.arange(0)
        of, seat = of[order], seat[order]
        good = ~self._are_leads(of, people.payee[seat])
        return of[good], people.payee[seat[good]], seat[good]

    def _are_leads(self, lead: Places, member: Places) -> Truth:
        """Which of pairs lead the same unit, by whatever seat; leads of one unit are not paid for each other."""
        many = int(self.unit.max(initial=-1)) + 2
        order = ordered(self.payee)
        at, theirs = matched(self.payee[order], member)
        theirs = np.arange(len(self.payee))[order][theirs]
        for row in theirs[self.plan[theirs] == FAULTY_SEAT].tolist():
            seats = self.lookups.seats
            (seat,) = np.flatnonzero((seats.period == self.place) & (seats.career == self.career[row])).tolist()
            for of in lead[at[theirs == row]].tolist():
                self.faults.setdefault(int(self.payee[of]), self.lookups.no_plan(seats, seat))
        pays = [any(item.base == "team" for item in dated.plan.components) for dated in self.lookups.plans]
        leads = np.array([*pays, False])[np.where(self.plan < 0, -1, self.plan)]
        known = marked(self.payee[leads] * many + self.unit[leads], len(self.lookups.deals.payees) * many)
        found: Truth = known[member * many + self.unit[lead]]
        return found

    def _must_stand(self, day: int, rows: Places) -> None:
        """Note of leads where a unit of theirs, or one of anybody below, is not there on a day."""
        organisation, words = self.lookups.organisation, {code: unit for unit, code in self.units.items()}
        for row in rows.tolist():
            try:
                organisation.members(words[int(self.unit[row])], day_of(day))
            except LoanPerfError as error:
                self.faults.setdefault(int(self.payee[row]), error)

    def _on(self, day: int) -> _Placed:
        """Who is in each unit or below it on a day; and whether a unit of somebody, or one above it, is not there."""
        if day not in self._placed:
            people, tree = self.lookups.people, self.lookups.fitting.tree
            everybody = np.arange(len(people.payee))
            held = people.held(everybody, everybody * 0 + day)
            career = np.flatnonzero(held >= 0)
            unit = self.unit_of[people.position[held[career]]]
            path = tree.path(unit, unit * 0 + day) or [unit]
            levels = []
            for level in path:
                there = np.flatnonzero(level >= 0)
                there = there[ordered(level[there])] if len(there) else there
                levels.append((level[there], career[there]))
            self._placed[day] = levels, bool((path[-1] == LOST).any())
        return self._placed[day]
