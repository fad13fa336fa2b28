"""Organisation: who holds which role in which unit, from when to when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from operator import attrgetter

from attrs import field, frozen

from loanperf._periods import Period, day
from loanperf._quantities import Money, Number
from loanperf.errors import NoAssignmentError, OrganisationError, Problem


def _day_or_none(value: date | str | None) -> date | None:
    return None if value is None else day(value)


def _money_or_none(value: Number | None) -> Money | None:
    return None if value is None else Money.of(value)


@frozen(kw_only=True)
class Unit:
    """A branch, department or team, and the unit above it, from a date on.

    A unit that moves in the tree has one record for each place, with dates that do not overlap.
    """

    code: str
    name: str = ""
    parent: str | None = None
    """Code of the unit above; None at the top."""
    since: date = field(default=date.min, converter=day)
    until: date | None = field(default=None, converter=_day_or_none)
    """The first day on which this no longer holds; None is open."""


@frozen(kw_only=True)
class Payee:
    """A person who is appraised and paid."""

    code: str
    name: str = ""


@frozen(kw_only=True)
class Assignment:
    """What a payee is from one day up to another: role, unit, tier, product line, salary."""

    payee: str
    unit: str
    role: str
    since: date = field(converter=day)
    until: date | None = field(default=None, converter=_day_or_none)
    """The first day on which this no longer holds; None is open."""
    tier: str = ""
    product_line: str = ""
    salary: Money | None = field(default=None, converter=_money_or_none)
    """One month's salary: the base of a bonus in months."""

    def holds_on(self, on: date) -> bool:
        """Whether it holds on a day."""
        return self.since <= on and (self.until is None or on < self.until)


def _tuple_of_units(units: Iterable[Unit]) -> tuple[Unit, ...]:
    return tuple(sorted(units, key=attrgetter("code", "since")))


def _tuple_of_payees(payees: Iterable[Payee]) -> tuple[Payee, ...]:
    return tuple(sorted(payees, key=attrgetter("code")))


def _tuple_of_assignments(assignments: Iterable[Assignment]) -> tuple[Assignment, ...]:
    return tuple(sorted(assignments, key=attrgetter("payee", "since")))


@frozen(kw_only=True)
class Organisation:
    """The tree of units and the assignments of payees, each with its dates.

    Every look-up takes a date. The order in which units and assignments are given does not matter.

    Raises:
        OrganisationError: a unit under itself, an unknown unit, dates that overlap or end before they start; all
            of them at once.

    >>> branch = Unit(code="east")
    >>> lin = Assignment(payee="lin", unit="east", role="senior", since="2026-01-01")
    >>> Organisation(units=[branch], assignments=[lin]).assignment("lin", date(2026, 3, 1)).role
    'senior'
    """

    units: tuple[Unit, ...] = field(default=(), converter=_tuple_of_units)
    assignments: tuple[Assignment, ...] = field(default=(), converter=_tuple_of_assignments)
    payees: tuple[Payee, ...] = field(default=(), converter=_tuple_of_payees)
    _by_payee: dict[str, list[Assignment]] = field(init=False, eq=False, repr=False, factory=dict)
    _by_unit: dict[str, list[Unit]] = field(init=False, eq=False, repr=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        for assignment in self.assignments:
            self._by_payee.setdefault(assignment.payee, []).append(assignment)
        for unit in self.units:
            self._by_unit.setdefault(unit.code, []).append(unit)
        problems = (*_overlaps(self), *_unknown(self), *_cycles(self))
        if problems:
            raise OrganisationError(problems)

    @property
    def codes(self) -> tuple[str, ...]:
        """The code of every payee that has an assignment or a name, in order."""
        return tuple(sorted({*self._by_payee, *(payee.code for payee in self.payees)}))

    def name(self, payee: str) -> str:
        """The name of a payee; the code where none is given."""
        names = {known.code: known.name for known in self.payees}
        return names.get(payee) or payee

    def assignment(self, payee: str, on: date) -> Assignment:
        """What a payee is on a day.

        Raises:
            NoAssignmentError: nothing is said of that payee on that day.
        """
        for assignment in self._by_payee.get(payee, ()):
            if assignment.holds_on(on):
                return assignment
        raise NoAssignmentError(payee, on.isoformat(), self.codes)

    def assignments_in(self, payee: str, period: Period) -> tuple[tuple[Assignment, Period], ...]:
        """Each assignment of a payee in a period with the part of the period in which it holds, in order of date."""
        parts = ((item, period.overlap(item.since, item.until)) for item in self._by_payee.get(payee, ()))
        return tuple((item, part) for item, part in parts if part is not None)

    def path(self, unit: str, on: date) -> tuple[str, ...]:
        """The units from the top of the tree down to `unit`, as they stood on a day."""
        path = [unit]
        while (parent := self._unit(path[-1], on).parent) is not None:
            path.append(parent)
        return tuple(reversed(path))

    def members(self, unit: str, on: date) -> tuple[str, ...]:
        """The payees assigned on a day to a unit or any unit below it, in order of code."""
        self._unit(unit, on)
        found = []
        for payee, assignments in self._by_payee.items():
            held = [item for item in assignments if item.holds_on(on)]
            if held and unit in self.path(held[0].unit, on):
                found.append(payee)
        return tuple(sorted(found))

    def _unit(self, code: str, on: date) -> Unit:
        for unit in self._by_unit.get(code, ()):
            if unit.since <= on and (unit.until is None or on < unit.until):
                return unit
        raise NoAssignmentError(code, on.isoformat(), tuple(sorted(self._by_unit)))


def _overlaps(organisation: Organisation) -> Iterable[Problem]:
    dated: dict[str, list[Unit | Assignment]] = defaultdict(list)
    for unit in organisation.units:
        dated[f"unit {unit.code}"].append(unit)
    for assignment in organisation.assignments:
        dated[f"payee {assignment.payee}"].append(assignment)
    for where, items in dated.items():
        for item in items:
            if item.until is not None and item.until <= item.since:
                yield Problem(
                    where,
                    "it ends before it starts",
                    f"{item.since} to {item.until}",
                    "swap or mend the dates",
                )
        for before, after in zip(items, items[1:], strict=False):
            if before.until is None or after.since < before.until:
                found = f"since {before.since} and since {after.since}"
                yield Problem(
                    where, "two records hold on one day", found, "end the first where the second starts"
                )


def _unknown(organisation: Organisation) -> Iterable[Problem]:
    known = {unit.code for unit in organisation.units}
    for unit in organisation.units:
        if unit.parent is not None and unit.parent not in known:
            yield Problem(
                f"unit {unit.code}",
                "its parent is no unit",
                repr(unit.parent),
                "add that unit or mend the code",
            )
    for assignment in organisation.assignments:
        if known and assignment.unit not in known:
            fault = "it is assigned to no known unit"
            yield Problem(
                f"payee {assignment.payee}", fault, repr(assignment.unit), "add that unit or mend the code"
            )


def _cycles(organisation: Organisation) -> Iterable[Problem]:
    """Each ring of units, once, on the first date on which it closes."""
    seen: set[frozenset[str]] = set()
    for on in sorted({unit.since for unit in organisation.units}):
        parents = {
            unit.code: unit.parent
            for unit in organisation.units
            if unit.since <= on and (unit.until is None or on < unit.until)
        }
        for start in parents:
            path: list[str] = []
            code: str | None = start
            while code is not None and code not in path:
                path.append(code)
                code = parents.get(code)
            if code is not None and frozenset(ring := path[path.index(code) :]) not in seen:
                seen.add(frozenset(ring))
                found = " → ".join([*ring, ring[0]])
                yield Problem(
                    f"unit {ring[0]}", "it is under itself", found, "give one of them another parent"
                )
