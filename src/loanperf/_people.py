"""People: assignments -> columns, a row each, and who holds which of them on a day or in a period.

A row is an assignment, not a person: somebody may have several on one day. What several roles at once mean is for the
step that asks; it gets all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from operator import attrgetter
from typing import TypeAlias

import numpy as np
from attrs import frozen

from loanperf._numbers import (
    FAR,
    Places,
    Truth,
    Whole,
    as_of,
    changed,
    day_number,
    nowhere,
    ordered,
    paired,
    spread,
)
from loanperf._org import Assignment
from loanperf._periods import Period
from loanperf._tables._values import no_words, of_days, of_texts, of_whole

Position: TypeAlias = tuple[str, str, str, str]
"""Role, product line, tier and unit: what cards and plans ask of an assignment."""
POSITION = attrgetter("role", "product_line", "tier", "unit")
"""The position of an assignment."""


@frozen(eq=False)
class People:
    """Assignments as columns, in order of payee, then of day."""

    payee: Places
    """The code of the payee of each row, in the words that were given."""
    since: Whole
    """The first day of each, as a number."""
    until: Whole
    """The first day on which it no longer holds; `FAR` is open."""
    position: Places
    """The place of its position."""
    positions: tuple[Position, ...]
    """Each that occurs, once."""
    begins: Places
    """By code of payee, the row with which its assignments begin; one more at the end."""

    @classmethod
    def of(cls, assignments: Iterable[Assignment], payees: Sequence[str]) -> People:
        """The assignments of some payees.

        Args:
            assignments: in any order; those of others are left out.
            payees: the words of the payees, by whose places they are known.

        >>> lin = [Assignment(payee="lin", unit="east", role=role, since="2026-01-01") for role in ("lead", "trainer")]
        >>> [(row[0], row[3]) for row in People.of(lin, ["lin"]).positions]
        [('lead', 'east'), ('trainer', 'east')]
        """
        places = {payee: place for place, payee in enumerate(payees)}
        held = [item for item in assignments if item.payee in places]
        payee = of_whole([places[item.payee] for item in held]).values
        since, until = of_days([item.since for item in held]), of_days([item.until for item in held])
        ends = until.values if until.missing is None else np.where(until.missing, FAR, until.values)
        positions = no_words()
        position = of_texts(list(map(POSITION, held)), positions).values
        order = ordered(payee, since.values)
        counts = np.bincount(payee, minlength=len(payees)) if held else np.repeat(0, len(payees))
        begins = np.append(0, np.cumsum(counts))
        del positions[None]
        return cls(payee[order], since.values[order], ends[order], position[order], tuple(positions), begins)

    def __len__(self) -> int:
        return len(self.payee)

    def on(self, payee: Places, day: Whole) -> tuple[Places, Places]:
        """Each question with every assignment that holds then.

        Args:
            payee: codes, one a question.
            day: the day of each question.

        Returns:
            The questions that have one, as often as they have, and the rows of those assignments.
        """
        question, row = paired(self.begins[payee], self.begins[payee + 1])
        holds = (self.since[row] <= day[question]) & (day[question] < self.until[row])
        return question[holds], row[holds]

    def in_period(self, period: Period) -> Truth:
        """By code of payee, whether an assignment holds on some day of a period."""
        holds = (self.since < day_number(period.end)) & (self.until > day_number(period.start))
        found = nowhere(len(self.begins) - 1)
        found[self.payee[holds]] = True
        return found

    def begun(self, payee: Places, day: Whole) -> Places:
        """The last assignment of each payee that began by a day, ended or not; -1 where there is none."""
        if not self._alone:
            return as_of(self.payee, self.since, payee, day)
        row = self.begins[payee]
        there = (row < self.begins[payee + 1]) & (np.append(self.since, FAR)[row] <= day)
        return np.where(there, row, -1)

    @cached_property
    def _alone(self) -> bool:
        """Whether nobody has more than one assignment, so that nothing need be looked for."""
        return bool((self.begins[1:] - self.begins[:-1] <= 1).all())

    def held(self, payee: Places, day: Whole) -> Places:
        """What each payee holds on a day, where nobody holds two assignments at once; -1 where there is none."""
        row = self.begun(payee, day)
        return np.where((row >= 0) & (day < np.append(self.until, 0)[row]), row, -1)

    @cached_property
    def in_service_since(self) -> Whole:
        """Of each assignment, the first day from which the payee has had some role without a break."""
        return self._unbroken(changed(self.payee))

    @cached_property
    def in_role_since(self) -> Whole:
        """Of each assignment, the first day from which the payee has had its role without a break."""
        roles = {role: place for place, role in enumerate(dict.fromkeys(role for role, *_ in self.positions))}
        role = np.array([*(roles[role] for role, *_ in self.positions), -1])[self.position]
        return self._unbroken(changed(self.payee) | changed(role))

    def _unbroken(self, new: Truth) -> Whole:
        """By assignment, the first day since which the payee was assigned without a break; marked rows begin anew."""
        new = new.copy()
        new[1:] |= self.since[1:] != self.until[:-1]
        new[:1] = True
        starts = np.flatnonzero(new)
        return spread(self.since[starts], starts, len(self))
