"""People: assignments -> columns, a row each, in careers; and what each career is on a day.

A career is what follows upon each other in one place of a payee: the primary assignments, or one role in one unit that
is held beside them. Of one career no two assignments hold on one day; that of primary ones has the payee's code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from operator import attrgetter
from typing import TypeAlias

import numpy as np
from attrs import frozen

from loanperf._numbers import FAR, Places, Truth, Whole, as_of, changed, most_before, ordered, spread, starts_of
from loanperf._org import Assignment
from loanperf._tables._values import no_words, of_days, of_texts, of_whole

Position: TypeAlias = tuple[str, str, str, str]
"""Role, product line, tier and unit: what cards and plans ask of an assignment."""
POSITION = attrgetter("role", "product_line", "tier", "unit")
"""The position of an assignment."""


@frozen(eq=False)
class People:
    """Assignments as columns, in order of career, then of day."""

    payee: Places
    """By career, the code of its payee: first the primary career of each, in order of those; then all others."""
    payees: int
    """How many payees there are."""
    career: Places
    """The code of the career of each row."""
    since: Whole
    """The first day of each, as a number."""
    until: Whole
    """The first day on which it no longer holds; `FAR` is open."""
    position: Places
    """The place of its position."""
    positions: tuple[Position, ...]
    """Each that occurs, once."""
    begins: Places
    """By code of career, the row with which its assignments begin; one more at the end."""

    @classmethod
    def of(cls, assignments: Iterable[Assignment], payees: Sequence[str]) -> People:
        """The assignments of some payees.

        Args:
            assignments: in any order; those of others are left out.
            payees: the words of the payees, by whose places they are known.

        >>> lin = Assignment(payee="lin", unit="east", role="officer", since="2026-01-01")
        >>> team = Assignment(payee="lin", unit="team 1", role="lead", since="2026-03-01", primary=False)
        >>> people = People.of([lin, team], ["lin"])
        >>> [(career, people.positions[place][0]) for career, place in zip(people.career.tolist(), people.position)]
        [(0, 'officer'), (1, 'lead')]
        """
        places = {payee: place for place, payee in enumerate(payees)}
        held = [item for item in assignments if item.payee in places]
        beside = sorted({(places[item.payee], item.role, item.unit) for item in held if not item.primary})
        careers = {key: len(places) + place for place, key in enumerate(beside)}
        career = of_whole(
            [places[item.payee] if item.primary else careers[places[item.payee], item.role, item.unit] for item in held]
        ).values
        since, until = of_days([item.since for item in held]), of_days([item.until for item in held])
        ends = until.values if until.missing is None else np.where(until.missing, FAR, until.values)
        positions = no_words()
        position = of_texts(list(map(POSITION, held)), positions).values
        order = ordered(career, since.values)
        many = len(places) + len(beside)
        counts = np.bincount(career, minlength=many) if held else np.repeat(0, many)
        begins = np.append(0, np.cumsum(counts))
        del positions[None]
        return cls(
            payee=np.append(np.arange(len(places)), of_whole([payee for payee, _, _ in beside]).values),
            payees=len(places),
            career=career[order],
            since=since.values[order],
            until=ends[order],
            position=position[order],
            positions=tuple(positions),
            begins=begins,
        )

    def __len__(self) -> int:
        return len(self.career)

    @property
    def beside(self) -> Places:
        """The careers that are held beside primary ones; mostly nobody has any."""
        return np.arange(self.payees, len(self.payee))

    def begun(self, career: Places, day: Whole) -> Places:
        """The last assignment of each career that began by a day, ended or not; -1 where there is none."""
        if not self._alone:
            return as_of(self.career, self.since, career, day)
        row = self.begins[career]
        there = (row < self.begins[career + 1]) & (np.append(self.since, FAR)[row] <= day)
        return np.where(there, row, -1)

    @cached_property
    def _alone(self) -> bool:
        """Whether no career has more than one assignment, so that nothing need be looked for."""
        return bool((self.begins[1:] - self.begins[:-1] <= 1).all())

    def held(self, career: Places, day: Whole) -> Places:
        """The assignment of each career on a day; -1 where there is none."""
        row = self.begun(career, day)
        return np.where((row >= 0) & (day < np.append(self.until, 0)[row]), row, -1)

    @cached_property
    def in_service_since(self) -> Whole:
        """Of each assignment, the first day from which its career goes on without a break."""
        return self._unbroken(changed(self.career))

    @cached_property
    def in_role_since(self) -> Whole:
        """Of each assignment, the first day from which its payee has held its role without a break."""
        roles = {role: place for place, role in enumerate(dict.fromkeys(role for role, *_ in self.positions))}
        role = np.array([*(roles[role] for role, *_ in self.positions), -1])[self.position]
        if not len(self.beside):
            return self._unbroken(changed(self.career) | changed(role))
        payee = self.payee[self.career]
        order = ordered(payee, role, self.since)
        starts = starts_of(payee[order], role[order])
        new = self.since[order] > most_before(self.until[order], starts)
        new[starts] = True
        runs = np.flatnonzero(new)
        found = self.since.copy()
        found[order] = spread(self.since[order][runs], runs, len(self))
        return found

    def _unbroken(self, new: Truth) -> Whole:
        """By assignment, the first day since which its career has no break; marked rows begin anew."""
        new = new.copy()
        new[1:] |= self.since[1:] != self.until[:-1]
        new[:1] = True
        starts = np.flatnonzero(new)
        return spread(self.since[starts], starts, len(self))
