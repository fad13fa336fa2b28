"""Leads: (organisation, who leads which unit) -> to whom an alert goes next, as the tree stood on a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from attrs import field, frozen

from loanperf._org import Organisation, levels_above
from loanperf._validators import each_of, is_a
from loanperf.errors import DataError, NoAssignmentError, shown


def _codes(given: Iterable[str]) -> tuple[str, ...]:
    return each_of(given, str, "Leads.roles", "pass a list of codes of roles, such as ['branch manager']")


def _by_unit(given: Mapping[str, str]) -> dict[str, str]:
    pairs: Iterable[tuple[object, object]] = given.items() if hasattr(given, "items") else ((0, given),)
    if not all(isinstance(code, str) for pair in pairs for code in pair):
        raise DataError("Leads.named", f"it is {shown(given)}", "pass codes of payees by unit, such as {'east': 'E01'}")
    return {**given}


@frozen(kw_only=True)
class Leads:
    """Who leads the units of an organisation: by a role that they hold there, or as the host names them.

    Raises:
        DataError: roles that are no list of codes, or leads that are no codes by unit.

    >>> from loanperf._org import Assignment, Unit
    >>> people = Organisation(
    ...     units=[Unit(code="bank"), Unit(code="east", parent="bank")],
    ...     assignments=[
    ...         Assignment(payee="lin", unit="east", role="officer", since="2026-01-01"),
    ...         Assignment(payee="wu", unit="east", role="lead", since="2026-01-01"),
    ...     ],
    ... )
    >>> leads = Leads(organisation=people, roles=["lead"], named={"bank": "chen"})
    >>> leads.above("lin", date(2026, 3, 1)), leads.above("wu", date(2026, 3, 1))
    ((('wu',), ('chen',)), (('chen',),))
    """

    organisation: Organisation = field(factory=Organisation, validator=is_a(Organisation))
    """Who works where; without it there is nobody above."""
    roles: tuple[str, ...] = field(default=(), converter=_codes)
    """Codes of roles whose holders lead the unit to which they are assigned; several lead it together."""
    named: Mapping[str, str] = field(factory=dict, converter=_by_unit)
    """By code of unit, the code of who leads it, in place of who holds a role."""

    def of(self, unit: str, on: date) -> tuple[str, ...]:
        """Who leads a unit on a day, in order of code; nobody where nothing says it."""
        if unit in self.named:
            return (self.named[unit],)
        return self._by_role(on).get(unit, ()) if self.roles else ()

    def above(self, subject: str, on: date, *, is_unit: bool = False) -> tuple[tuple[str, ...], ...]:
        """Who leads above a payee or unit on a day, the nearest first; units that nobody else leads are passed over.

        Above a payee is who leads the unit of the primary assignment, then who leads the one above it, and so on; above
        a unit is who leads it, and so on. Nobody is named twice or above themselves, and those who lead a unit together
        are not above each other.

        Nobody is found, and nothing is raised, where the payee is not there on that day, or the organisation lacks the
        unit or one above it on that day: an alert about what was closed still goes to its payee. To check a code, ask
        `Organisation.path`, which refuses a unit that is not there.
        """
        unit = subject if is_unit else self._unit_of(subject, on)
        try:
            path = self.organisation.path(unit, on) if unit else ()
        except NoAssignmentError:
            path = ()
        return levels_above("" if is_unit else subject, reversed(path), lambda code: self.of(code, on))

    def _unit_of(self, payee: str, on: date) -> str:
        held = self.organisation.held_on(payee, on)
        return held[0].unit if held else ""

    def _by_role(self, on: date) -> dict[str, tuple[str, ...]]:
        """Who leads units on a day by a role; worked out once a day, since it goes through all assignments."""
        if on not in self._known:
            found = dict[str, list[str]]()
            for held in self.organisation.assignments:
                if held.role in self.roles and held.holds_on(on):
                    found.setdefault(held.unit, []).append(held.payee)
            self._known[on] = {unit: tuple(sorted(set(payees))) for unit, payees in found.items()}
        return self._known[on]

    _known: dict[date, dict[str, tuple[str, ...]]] = field(init=False, eq=False, repr=False, factory=dict)
