"""People and units on pages: codes with the names that a host has for them."""

from __future__ import annotations

from datetime import date

from loanperf._explanations import Label
from loanperf._org import Organisation
from loanperf._validators import must_be
from loanperf.report._words import said


def named_person(code: str, people: Organisation | None) -> Label:
    """The name of somebody with the code; the code alone where no name is known.

    Raises:
        DataError: `people` is no organisation.
    """
    if people is None:
        return Label(code)
    must_be(people, Organisation, "the people", "pass a lp.Organisation, or None for codes alone")
    return _named(code, people.name(code))


def named_unit(code: str, people: Organisation | None, on: date) -> Label:
    """The name of a unit on a day with the code; the code alone where no name is known."""
    held = () if people is None else people.units
    return _named(code, next((unit.name for unit in held if unit.code == code and unit.holds_on(on)), ""))


def _named(code: str, name: str) -> Label:
    return said("named", name=name, code=code) if name and name != code else Label(code)
