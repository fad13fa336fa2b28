"""Teams: who works where in a period -> of whose pay each lead is paid a part, and who can be worked when."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

import numpy as np
from attrs import field, frozen

from loanperf._commission._fitting import LOST
from loanperf._commission._lookups import FAULTY_SEAT, Lookups
from loanperf._commission._plan import Component
from loanperf._numbers import Places, Truth, day_of, marked, matched, ordered, whole
from loanperf.errors import DataError, LoanPerfError


@frozen(eq=False, kw_only=True)
class Teams:
    """Leads with those of whose pay theirs is a part, a row a component and member, in order of lead and of both."""

    leads: Places
    """Payees who lead a team, were nobody in it; in order."""
    lead: Places
    component: Places
    """The place of the component in the plan of the lead."""
    member: Places
    faults: Mapping[int, LoanPerfError] = field(factory=dict)
    """By payee, why it cannot be told who is in a team; such a payee leads none."""

    @classmethod
    def of(cls, lookups: Lookups, place: int, some: Truth) -> Teams:
        """The teams of a period, of the leads among some payees."""
        nobody = np.arange(0)
        if not any(item.team is not None for dated in lookups.plans for item in dated.plan.components):
            return cls(leads=nobody, lead=nobody, component=nobody, member=nobody)
        found = _Seated.of(lookups, place)
        leads, parts = [nobody], [(nobody, nobody, nobody)]
        for plan, dated in enumerate(lookups.plans):
            rows = np.flatnonzero((found.plan == plan) & some[found.payee])
            for at, component in enumerate(dated.plan.components):
                if component.team is not None and len(rows):
                    lead, member = found.members(rows, component)
                    parts.append((found.payee[lead], np.repeat(at, len(lead)), member))
                    leads.append(found.payee[rows])
        lead, of, member = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        known = ~marked(whole([*found.faults]), len(some))
        good = np.flatnonzero(known[lead])
        good = good[ordered(lead[good], of[good], member[good])] if len(good) else good
        those = np.flatnonzero(marked(np.concatenate(leads), len(some)) & known)
        return cls(leads=those, lead=lead[good], component=of[good], member=member[good], faults=found.faults)

    def waves(self, rings: Collection[int]) -> Iterator[tuple[int, ...]]:
        """Leads in the order in which they can be worked: those at one time of whom nobody is left below them."""
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


@frozen(eq=False)
class _Seated:
    """Who stands where at the end of their days in a period."""

    lookups: Lookups
    place: int
    """Of the period."""
    payee: Places
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
        return cls(lookups, place, seats.payee[rows], seats.plan[rows], unit, units, unit_of)

    def members(self, rows: Places, component: Component) -> tuple[Places, Places]:
        """The seats of leads, each with everybody in the team of a component: seats, and payees in order."""
        team, people = component.team, self.lookups.people
        if team is None:
            return rows[:0], rows[:0]
        calendar = self.lookups.calendar
        day = int(calendar.starts[self.place]) if team.as_of == "start" else int(calendar.ends[self.place]) - 1
        placed, tree = self._on(day), self.lookups.fitting.tree
        if len(tree.unit) and (placed.lost or (tree.up(self.unit[rows], self.unit[rows] * 0 + day) == LOST).any()):
            self._must_stand(day, rows)
        levels, lead, member = placed.levels, [rows[:0]], [rows[:0]]
        for unit, payee in levels[:1] if team.members == "direct" else levels:
            which, at = matched(unit, self.unit[rows])
            lead.append(rows[which])
            member.append(payee[at])
        of, who = np.concatenate(lead), np.concatenate(member)
        good = self.payee[of] != who
        if team.roles:
            roles = np.array([*(role in team.roles for role, *_ in people.positions), False])
            good &= roles[people.position[people.held(who, who * 0 + day)]]
        of, who = of[good], who[good]
        order = ordered(of, who) if len(of) else np.arange(0)
        of, who = of[order], who[order]
        return self._without_leads(of, who)

    def _without_leads(self, lead: Places, member: Places) -> tuple[Places, Places]:
        """Pairs without those who lead the same unit too; leads of one unit are not paid for each other."""
        size = len(self.lookups.deals.payees)
        seat = np.repeat(-1, size)
        seat[self.payee] = np.arange(len(self.payee))
        theirs = seat[member]
        plan, unit = np.append(self.plan, -1)[theirs], np.append(self.unit, -1)[theirs]
        for at in np.flatnonzero(plan == FAULTY_SEAT).tolist():
            rows = np.flatnonzero((self.lookups.seats.period == self.place) & (self.lookups.seats.payee == member[at]))
            self.faults.setdefault(int(self.payee[lead[at]]), self.lookups.seat_error(int(rows[0])))
        pays = [any(item.base == "team" for item in dated.plan.components) for dated in self.lookups.plans]
        leads = np.array([*pays, False])[np.where(plan < 0, -1, plan)] & (unit == self.unit[lead])
        return lead[~leads], member[~leads]

    def _must_stand(self, day: int, rows: Places) -> None:
        """Note of leads where a unit of theirs, or one of anybody below, is not there on a day."""
        organisation, words = self.lookups.organisation, {code: unit for unit, code in self.units.items()}
        for row in rows.tolist():
            try:
                organisation.members(words[int(self.unit[row])], day_of(day))
            except LoanPerfError as error:
                self.faults.setdefault(int(self.payee[row]), error)

    def _on(self, day: int) -> _Placed:
        """Who is in each unit or below it on a day."""
        if day not in self._placed:
            people, tree = self.lookups.people, self.lookups.fitting.tree
            everybody = np.arange(len(self.lookups.deals.payees))
            held = people.held(everybody, everybody * 0 + day)
            payee = np.flatnonzero(held >= 0)
            unit = self.unit_of[people.position[held[payee]]]
            path = tree.path(unit, unit * 0 + day) or [unit]
            levels = []
            for level in path:
                there = np.flatnonzero(level >= 0)
                there = there[ordered(level[there])] if len(there) else there
                levels.append((level[there], payee[there]))
            self._placed[day] = _Placed(levels, bool((path[-1] == LOST).any()))
        return self._placed[day]


@frozen(eq=False)
class _Placed:
    """Who is in each unit or below it on a day."""

    levels: list[tuple[Places, Places]]
    """By level from their own unit up: units, in order, with a payee of each."""
    lost: bool
    """Whether a unit of somebody is not there, or one above it."""
