"""Organisation: who holds which role in which unit, from when to when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from itertools import groupby, pairwise
from operator import attrgetter
from typing import TypeVar

from attrs import Attribute, AttrsInstance, converters, field, fields, frozen
from attrs.validators import optional

from loanperf._data import PlainData
from loanperf._periods import Period, day, holds_on, must_be_period
from loanperf._quantities import Money, Number
from loanperf._validators import A_CODE, each_of, is_code
from loanperf.errors import NoAssignmentError, OrganisationError, Problem, shown


def _money_or_none(value: Number | None) -> Money | None:
    return None if value is None else Money.of(value)


def _named(instance: AttrsInstance, attribute: Attribute[str], value: object) -> None:
    if not is_code(value, longest=None):
        first = fields(type(instance))[0].name
        where = f"{type(instance).__name__.lower()} {getattr(instance, first)}"
        fault, remedy = f"its {attribute.name} is no code", A_CODE
        raise OrganisationError((Problem(where, fault, shown(value), remedy),))


def _not_negative(instance: Assignment, attribute: Attribute[Money | None], value: Money | None) -> None:
    if value is not None and value.units < 0:
        where, fault = f"assignment {instance.payee}", f"its {attribute.name} is negative"
        remedy = "give zero or more, or leave it out where it is not known"
        raise OrganisationError((Problem(where, fault, shown(str(value)), remedy, column=attribute.name),))


def _true_or_false(instance: Assignment, attribute: Attribute[bool], value: object) -> None:
    if not isinstance(value, bool):
        where, fault = f"assignment {instance.payee}", f"its {attribute.name} is neither true nor false"
        remedy = "write False (no in a table) where it is held beside the primary one, else leave it out"
        raise OrganisationError((Problem(where, fault, shown(value), remedy, column=attribute.name),))


@frozen(kw_only=True)
class Unit(PlainData):
    """A branch, department or team, and the unit above it, from a date on.

    A unit that moves in the tree has one record for each place, with dates that do not overlap.
    """

    code: str = field(validator=_named)
    name: str = ""
    parent: str | None = field(default=None, validator=optional(_named))
    """Code of the unit above; None at the top."""
    since: date = field(default=date.min, converter=day)
    until: date | None = field(default=None, converter=converters.optional(day))
    """The first day on which this no longer holds; None is open."""

    def holds_on(self, on: date) -> bool:
        """Whether it holds on a day."""
        return holds_on(self.since, self.until, on)


@frozen(kw_only=True)
class Payee(PlainData):
    """A person who is appraised and paid."""

    code: str = field(validator=_named)
    name: str = ""


@frozen(kw_only=True)
class Assignment(PlainData):
    """What a payee is from one day up to another: role, unit, tier, product line, salary.

    Who holds several on one day, such as a desk and a team, has one that is primary and others beside it, of another
    role or unit. Commission is paid by the plan of each of them; score cards and bonuses go by the primary one.

    Raises:
        OrganisationError: a code that is none, a negative salary or base, or `primary` that is neither true nor false.
    """

    payee: str = field(validator=_named)
    unit: str = field(validator=_named)
    role: str = field(validator=_named)
    since: date = field(converter=day)
    until: date | None = field(default=None, converter=converters.optional(day))
    """The first day on which this no longer holds; None is open."""
    tier: str = ""
    product_line: str = ""
    salary: Money | None = field(default=None, converter=_money_or_none, validator=_not_negative)
    """One month's salary, not negative: the base of a bonus in months."""
    base: Money | None = field(default=None, converter=_money_or_none, validator=_not_negative)
    """What a bonus in shares is taken of, for a whole period; not negative."""
    primary: bool = field(default=True, validator=_true_or_false)
    """Whether it is the one by which its payee is appraised; False is held beside that one."""

    def holds_on(self, on: date) -> bool:
        """Whether it holds on a day."""
        return holds_on(self.since, self.until, on)


def _tuple_of_units(units: Iterable[Unit]) -> tuple[Unit, ...]:
    given = each_of(units, Unit, "units", "pass a list of lp.Unit")
    return tuple(sorted(given, key=attrgetter("code", "since")))


def _tuple_of_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return each_of(problems, Problem, "problems", "pass a list of problems, such as those of a reader")


def _tuple_of_payees(payees: Iterable[Payee]) -> tuple[Payee, ...]:
    given = each_of(payees, Payee, "payees", "pass a list of lp.Payee")
    return tuple(sorted(set(given), key=attrgetter("code", "name")))


def _tuple_of_assignments(assignments: Iterable[Assignment]) -> tuple[Assignment, ...]:
    given = each_of(assignments, Assignment, "assignments", "pass a list of lp.Assignment")
    return tuple(sorted(given, key=lambda item: (item.payee, not item.primary, item.since, item.role, item.unit)))


@frozen(kw_only=True)
class Organisation(PlainData):
    """The tree of units and the assignments of payees, each with its dates.

    Every look-up takes a date. The order in which units and assignments are given does not matter.

    Raises:
        OrganisationError: a unit under itself, an unknown unit, dates that overlap or end before they start, two
            names of one payee; two primary assignments of a payee on one day, or two of one role and unit; a day on
            which somebody holds assignments and none of them is primary. All of them at once.
        DataError: something else than units, assignments and payees.

    >>> branch = Unit(code="east")
    >>> lin = Assignment(payee="lin", unit="east", role="senior", since="2026-01-01")
    >>> Organisation(units=[branch], assignments=[lin]).assignment("lin", date(2026, 3, 1)).role
    'senior'
    """

    units: tuple[Unit, ...] = field(default=(), converter=_tuple_of_units)
    assignments: tuple[Assignment, ...] = field(default=(), converter=_tuple_of_assignments)
    payees: tuple[Payee, ...] = field(default=(), converter=_tuple_of_payees)
    problems: tuple[Problem, ...] = field(default=(), converter=_tuple_of_problems, eq=False, kw_only=True)
    """Rows that its source could not use, so that who stands in them is missing here."""
    _by_payee: dict[str, list[Assignment]] = field(init=False, eq=False, repr=False, factory=dict)
    _by_unit: dict[str, list[Unit]] = field(init=False, eq=False, repr=False, factory=dict)
    _names: dict[str, str] = field(init=False, eq=False, repr=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        for assignment in self.assignments:
            self._by_payee.setdefault(assignment.payee, []).append(assignment)
        for unit in self.units:
            self._by_unit.setdefault(unit.code, []).append(unit)
        self._names.update((payee.code, payee.name) for payee in self.payees)
        problems = (*_contradictions(self), *_unknown(self), *_cycles(self))
        if problems:
            raise OrganisationError(problems)

    @property
    def codes(self) -> tuple[str, ...]:
        """The code of every payee that has an assignment or a name, in order."""
        return tuple(sorted({*self._by_payee, *self._names}))

    def name(self, payee: str) -> str:
        """The name of a payee; the code where none is given."""
        return self._names.get(payee) or payee

    def assignment(self, payee: str, on: date) -> Assignment:
        """What a payee is on a day: the primary assignment.

        Raises:
            NoAssignmentError: nothing is said of that payee on that day.
        """
        for assignment in self.held_on(payee, on):
            return assignment
        raise NoAssignmentError(payee, on.isoformat(), self.codes)

    def held_on(self, payee: str, on: date) -> tuple[Assignment, ...]:
        """Every assignment of a payee on a day: the primary one, then those beside it; nothing where there is none."""
        return tuple(item for item in self._by_payee.get(payee, ()) if item.holds_on(on))

    def assignments_in(self, payee: str, period: Period) -> tuple[tuple[Assignment, Period], ...]:
        """Each primary assignment of a payee in a period with the part of it in which it holds, in order of date.

        Raises:
            PeriodError: `period` is no period.
        """
        must_be_period(period)
        held = (item for item in self._by_payee.get(payee, ()) if item.primary)
        parts = ((item, period.overlap(item.since, item.until)) for item in held)
        return tuple((item, part) for item, part in parts if part is not None)

    def assigned(self, period: Period) -> frozenset[str]:
        """The codes of all who are assigned on some day of a period.

        Raises:
            PeriodError: `period` is no period.
        """
        must_be_period(period)
        end, start = period.end, period.start
        held = (item for item in self.assignments if item.since < end and (item.until is None or start < item.until))
        return frozenset(item.payee for item in held)

    def service_since(self, payee: str, on: date) -> date:
        """The first day of the unbroken run of assignments, to whatever roles, in which a day falls.

        Raises:
            NoAssignmentError: the payee has none on that day.
        """
        self.assignment(payee, on)
        since = ended = date.min
        for item in self._by_payee[payee]:
            if item.primary and item.since <= on:
                since, ended = item.since if item.since > ended else since, max(ended, item.until or date.max)
        return since

    def role_since(self, payee: str, role: str, on: date) -> date:
        """The first day of the unbroken run of primary assignments to a role in which a day falls.

        Raises:
            NoAssignmentError: the payee does not have that role on that day.
        """
        since: date | None = None
        ended: date | None = None
        for item in (item for item in self._by_payee.get(payee, ()) if item.primary):
            since = None if item.role != role else since if item.since == ended and since is not None else item.since
            ended = item.until
            if item.holds_on(on) and since is not None:
                return since
        raise NoAssignmentError(payee, on.isoformat(), self.codes)

    def left_on(self, payee: str) -> date | None:
        """The first day after the last assignment of a payee; None where one is open, or there is none."""
        ends = [item.until for item in self._by_payee.get(payee, ()) if item.until is not None]
        return max(ends) if ends and len(ends) == len(self._by_payee[payee]) else None

    def path(self, unit: str, on: date) -> tuple[str, ...]:
        """The units from the top of the tree down to `unit`, as they stood on a day."""
        path = [unit]
        while (parent := self._unit(path[-1], on).parent) is not None:
            path.append(parent)
        return tuple(reversed(path))

    def members(self, unit: str, on: date) -> tuple[str, ...]:
        """The payees assigned on a day to a unit or any unit below it, in order of code."""
        self._unit(unit, on)
        below = {unit: True}
        held = (item for item in self.assignments if item.holds_on(on))
        return tuple(dict.fromkeys(item.payee for item in held if self._is_below(item.unit, on, below)))

    def _is_below(self, unit: str, on: date, known: dict[str, bool]) -> bool:
        """Whether the way up from `unit` meets one that `known` holds to be below; notes the answer for all on it."""
        path: list[str] = []
        code: str | None = unit
        while code is not None and code not in known:
            path.append(code)
            code = self._unit(code, on).parent
        answer = code is not None and known[code]
        known.update(dict.fromkeys(path, answer))
        return answer

    def _unit(self, code: str, on: date) -> Unit:
        for unit in self._by_unit.get(code, ()):
            if unit.holds_on(on):
                return unit
        raise NoAssignmentError(code, on.isoformat(), tuple(sorted(self._by_unit)))


def _contradictions(organisation: Organisation) -> Iterable[Problem]:
    dated: dict[str, list[Unit | Assignment]] = defaultdict(list)
    for unit in organisation.units:
        dated[f"unit {unit.code}"].append(unit)
    for assignment in organisation.assignments:
        dated[f"payee {assignment.payee}"].append(assignment)
    for where, items in dated.items():
        yield from _overlaps(where, items)
        yield from _beside(where, [item for item in items if isinstance(item, Assignment)])
    for before, after in pairwise(organisation.payees):
        if before.code == after.code:
            found = f"{before.name!r} and {after.name!r}"
            yield Problem(f"payee {after.code}", "it has two names", found, "keep one of them", payee=after.code)


_Dated = TypeVar("_Dated", bound=Unit | Assignment)


def _ended(where: str, item: Unit | Assignment) -> Problem:
    """The problem of a record that holds on no day."""
    found, payee = f"{item.since} to {item.until}", _payee(item)
    if item.until == item.since:
        remedy = "give a later until, the first day without it"
        return Problem(where, "it ends on the day on which it starts", found, remedy, payee=payee)
    return Problem(where, "it ends before it starts", found, "swap or mend the dates", payee=payee)


def _overlaps(where: str, items: list[Unit | Assignment]) -> Iterable[Problem]:
    """Records that end before they start; and those of one unit, or primary ones of one payee, that hold on one day."""
    for item in items:
        if item.until is not None and item.until <= item.since:
            yield _ended(where, item)
    remedy = "end the first where the second starts"
    for one, other in _at_once([item for item in items if isinstance(item, Unit) or item.primary]):
        found = f"since {one.since} and since {other.since}"
        beside = (
            ", or say of the one that is held beside the other that it is not primary (primary: no, in Python False)"
        )
        more = beside if isinstance(other, Assignment) else ""
        yield Problem(where, "two records hold on one day", found, remedy + more, payee=_payee(other))


def _at_once(items: list[_Dated]) -> Iterable[tuple[_Dated, _Dated]]:
    """Each record that holds on a day of one before it, with the one that ends last of those; in order of date."""
    longest = items[0] if items else None
    for item in items[1:]:
        if longest is not None and item.since < (longest.until or date.max):
            yield longest, item
        longest = item if longest is None else max(longest, item, key=lambda record: record.until or date.max)


def _beside(where: str, items: list[Assignment]) -> Iterable[Problem]:
    """Assignments of one role and unit that hold on one day; and those that are held beside nothing on some day."""
    alike: dict[tuple[str, str], list[Assignment]] = defaultdict(list)
    for item in sorted(items, key=attrgetter("since")):
        alike[item.role, item.unit].append(item)
    for (role, unit), same in alike.items():
        for one, other in _at_once(same):
            if not (one.primary and other.primary):
                found = f"{role!r} in {unit!r} since {one.since} and since {other.since}"
                fault, remedy = "it holds one role in one unit twice on one day", "keep one of them, or end the first"
                yield Problem(where, fault, found, remedy, payee=other.payee)
    for item in (item for item in items if not item.primary):
        alone = item.since
        for other in items:
            if other.primary and other.since <= alone < (other.until or date.max):
                alone = other.until or date.max
        if alone < (item.until or date.max):
            fault, found = "nothing that it holds is primary", f"{item.role!r} in {item.unit!r} on {alone}"
            remedy = "end it where the primary assignment ends, or write a primary one for that day"
            yield Problem(where, fault, found, remedy, payee=item.payee)


def _payee(item: Unit | Assignment) -> str:
    return item.payee if isinstance(item, Assignment) else ""


def _unknown(organisation: Organisation) -> Iterable[Problem]:
    known = {unit.code for unit in organisation.units}
    for unit in organisation.units:
        if unit.parent is not None and unit.parent not in known:
            yield Problem(
                f"unit {unit.code}",
                "its parent is no unit",
                repr(unit.parent),
                "add that unit or mend the code",
                lacks=("unit", unit.parent),
            )
    for assignment in organisation.assignments:
        if known and assignment.unit not in known:
            who, fault, remedy = assignment.payee, "it is assigned to no known unit", "add that unit or mend the code"
            lacks = ("unit", assignment.unit)
            yield Problem(f"payee {who}", fault, repr(assignment.unit), remedy, payee=who, lacks=lacks)


def _cycles(organisation: Organisation) -> Iterable[Problem]:
    """Each ring of units, once, on the first date on which it closes: that of a record in it."""
    records: dict[str, list[Unit]] = defaultdict(list)
    for unit in organisation.units:
        records[unit.code].append(unit)
    seen: set[frozenset[str]] = set()
    for on, begun in groupby(sorted(organisation.units, key=attrgetter("since", "code")), key=attrgetter("since")):
        done: set[str] = set()
        for start in begun:
            path: dict[str, None] = {}
            code: str | None = start.code
            while code is not None and code not in path and code not in done:
                path[code] = None
                code = next((unit.parent for unit in records[code] if unit.holds_on(on)), None)
            done.update(path)
            ring = [*path][[*path].index(code) :] if code in path else []
            if ring and frozenset(ring) not in seen:
                seen.add(frozenset(ring))
                found = " → ".join([*ring, ring[0]]) + (f" from {on} on" if on > date.min else "")
                yield Problem(f"unit {ring[0]}", "it is under itself", found, "give one of them another parent")


def levels_above(whose: str, path: Iterable[str], leads: Callable[[str], Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    """Who is above a payee or unit: those who lead the units of a path, in its order, each named once.

    Nobody is above themselves, and those who lead a unit together are not above each other.

    Args:
        whose: code of the payee; empty for that of a unit.
        path: codes of units, their own first, then the one above it, up to the top.
        leads: who leads a unit.

    >>> levels_above("wu", ["team", "branch"], {"team": ["lin", "wu"], "branch": ["zhou", "lin"]}.__getitem__)
    (('zhou', 'lin'),)
    """
    known, found = {whose}, list[tuple[str, ...]]()
    for unit in path:
        there = dict.fromkeys(leads(unit))
        if whose not in there:
            mine = tuple(lead for lead in there if lead not in known)
            known.update(mine)
            found += [mine] if mine else []
    return tuple(found)
