"""Tree: (goal, organisation, day) -> to whom a goal is handed down: units, each before its members, and people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Literal, TypeAlias

from attrs import frozen

from loanperf._data import PlainData
from loanperf._org import Assignment, Organisation
from loanperf._periods import Period
from loanperf.errors import DataError, NoAssignmentError, Problem

HolderKind: TypeAlias = Literal["unit", "person", "kept"]
"""`kept` is what a unit keeps of its target, since new people do not carry it."""


@frozen(kw_only=True)
class GoalHolder(PlainData):
    """A unit or person that a goal is handed down to, or what a unit keeps to itself."""

    code: str
    """The code of the unit or payee; for what a unit keeps to itself, that of the unit."""
    kind: HolderKind
    above: int
    """The place of the unit above in the list of holders; -1 for the owner of the goal."""
    level: int
    """0 for the owner, 1 for those right below, and so on."""
    since: date | None = None
    """The first day of unbroken service of a person."""

    def comes_after(self, period: Period) -> bool:
        """Whether a person is not there yet on any day of a period, so that they have no part of it."""
        return self.above >= 0 and self.since is not None and self.since >= period.end


def holders_of(
    owner: str,
    organisation: Organisation,
    as_of: date,
    *,
    roles: Collection[str],
    keeps: bool,
    without: Collection[str],
) -> tuple[GoalHolder, ...]:
    """The owner and all below it as of a day: units in order of code, then people in order of code.

    People stand in the unit of their primary assignment. Units without anybody are left out.

    Args:
        owner: code of a unit or payee.
        organisation: units and assignments.
        as_of: the day.
        roles: of the people; empty is all.
        keeps: whether units may keep a part to themselves; then each with people of its own has a place for it.
        without: codes of payees that are left out.

    Raises:
        NoAssignmentError: the owner is no unit and nobody on that day.
        DataError: nobody is below the owner; or a code is that of a unit and of a payee.
    """
    held = [item for item in organisation.assignments if item.primary and item.holds_on(as_of)]
    if any(item.payee == owner for item in held):
        return (
            GoalHolder(code=owner, kind="person", above=-1, level=0, since=organisation.service_since(owner, as_of)),
        )
    below = _units_below(organisation, held, as_of)
    _must_be_there(owner, below, held, organisation, as_of)
    people: dict[str, list[str]] = defaultdict(list)
    for item in held:
        if item.payee not in without and (not roles or item.role in roles):
            people[item.unit].append(item.payee)
    staffed = _staffed(owner, below, people)
    if owner not in staffed:
        of = f" with the role {' or '.join(map(repr, sorted(roles)))}" if roles else ""
        fault = f"nobody{of} is assigned to it or below it on {as_of}"
        raise DataError(f"unit {owner!r}", fault, "assign people, or give the goal to a unit that has some")
    found = list[GoalHolder]()
    for code, above, level in _in_order(owner, below, staffed, found):
        found.append(GoalHolder(code=code, kind="unit", above=above, level=level))
        here, down = len(found) - 1, level + 1
        for payee in sorted(people[code]):
            since = organisation.service_since(payee, as_of)
            found.append(GoalHolder(code=payee, kind="person", above=here, level=down, since=since))
        if keeps and people[code]:
            found.append(GoalHolder(code=code, kind="kept", above=here, level=down))
    return tuple(found)


def _must_be_there(
    owner: str, below: Collection[str], held: Sequence[Assignment], organisation: Organisation, as_of: date
) -> None:
    """Refuse an owner who is nobody, and codes of which nobody could tell whether a unit or a payee is meant."""
    if owner not in below:
        left = organisation.left_on(owner)
        if left is not None and left <= as_of:
            fault = f"{owner!r} left on {left}, and has no target on {as_of}"
            raise DataError("the owner of the goal", fault, "name a unit, or who has taken over")
        raise NoAssignmentError(owner, as_of.isoformat(), tuple(sorted({*below, *(item.payee for item in held)})))
    for item in held:
        if item.payee in below:
            fault = "it is that of a unit and of a payee"
            raise DataError(f"code {item.payee!r}", fault, "give one of them another code")


def _in_order(
    owner: str, below: dict[str, list[str]], staffed: Collection[str], found: Sequence[GoalHolder]
) -> Iterator[tuple[str, int, int]]:
    """Each unit with the place of the one above it and its level, behind all that stand before it in the tree."""
    waiting = [(owner, -1, 0)]
    while waiting:
        code, above, level = waiting.pop()
        here = len(found)
        yield code, above, level
        waiting += [(unit, here, level + 1) for unit in sorted(below[code], reverse=True) if unit in staffed]


def _units_below(organisation: Organisation, held: Iterable[Assignment], as_of: date) -> dict[str, list[str]]:
    """By code of each unit that is there on a day, those right below it."""
    below: dict[str, list[str]] = {unit.code: [] for unit in organisation.units if unit.holds_on(as_of)}
    for unit in organisation.units:
        if unit.holds_on(as_of) and unit.parent in below:
            below[unit.parent].append(unit.code)
    for item in held:
        below.setdefault(item.unit, [])
    return below


def _staffed(owner: str, below: dict[str, list[str]], people: dict[str, list[str]]) -> set[str]:
    """The units from the owner down that have somebody in them or below them."""
    order = [owner]
    for code in order:  # it grows
        order += below[code]
    found: set[str] = set()
    for code in reversed(order):
        if people[code] or any(unit in found for unit in below[code]):
            found.add(code)
    return found


def strangers(named: Iterable[tuple[str, str]], organisation: Organisation, as_of: date) -> Iterator[Problem]:
    """A problem for each code that is nobody and no unit on a day.

    Args:
        named: what is given for the code, as a problem calls it, and the code.
        organisation: units and assignments.
        as_of: the day.
    """
    units = {unit.code for unit in organisation.units if unit.holds_on(as_of)}
    held = [item for item in organisation.assignments if item.holds_on(as_of)]
    there = units | {item.payee for item in held} | {item.unit for item in held}
    for what, code in named:
        if code not in there:
            left = organisation.left_on(code)
            gone = left is not None and left <= as_of
            fault = f"who left on {left} has no part of the goal" if gone else "nobody and no unit has this code"
            remedy = "leave it out" if gone else "mend the code, or assign the payee"
            yield Problem(f"{what} {code}", fault, repr(code), remedy, payee=code, lacks=("payee", code))
