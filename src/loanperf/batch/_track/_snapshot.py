"""Snapshot: facts, and all that a tracker holds, as data that JSON knows, and back; nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import Any, TypeAlias

from attrs import fields, frozen

from loanperf._facts import ROW_OF, Fact, Owner
from loanperf._kinds import KINDS
from loanperf._quantities import Money
from loanperf.batch._track._current import Current
from loanperf.errors import DataError, shown

Plain: TypeAlias = dict[str, "str | int | bool"]
Snapshot: TypeAlias = dict[str, Any]
"""Texts, whole numbers, lists and mappings by text."""
FORM = "loanperf tracker 2"
"""What a snapshot says of itself; another form has another number."""
_FORMER = ("loanperf tracker 1",)

_KINDS = {row.__name__: KINDS[name] for name, row in ROW_OF.items()}


def plain_fact(fact: Fact) -> Plain:
    """A fact as texts, whole numbers and truths by name of field; what is not stated is left out.

    >>> from loanperf._facts import Training
    >>> plain_fact(Training(payee="lin", course="AML", on="2026-03-31"))
    {'fact': 'Training', 'payee': 'lin', 'course': 'AML', 'on': '2026-03-31'}
    """
    found: Plain = {"fact": type(fact).__name__}
    for attribute in fields(type(fact)):
        value = getattr(fact, attribute.name)
        if value is not None and value != attribute.default:
            found[attribute.name] = _plain(value)
    return found


def _plain(value: Any) -> str | int | bool:
    match value:
        case date():
            return value.isoformat()
        case Enum():
            return str(value.value)
        case Money():
            return str(value)
        case Fraction():
            return f"{value.numerator}/{value.denominator}"
        case str() | bool() | int():
            return value
        case _:
            raise DataError("a fact", f"it holds {shown(value)}", "hold dates, money, text and exact numbers")


def fact_of(plain: Any, where: str) -> Fact:
    """The fact that `plain_fact` made plain.

    Raises:
        DataError: it is no fact, or has fields that its kind has not.
        LoanPerfError: what the fact itself refuses.
    """
    name = plain.get("fact", "") if isinstance(plain, Mapping) else ""
    kind = _KINDS.get(name)
    if kind is None:
        raise DataError(where, f"it is {shown(plain)}", f"give a fact: one of {', '.join(_KINDS)}")
    given = {column: value for column, value in plain.items() if column != "fact"}
    if unknown := given.keys() - kind.columns.keys() - {"source"}:
        raise DataError(where, f"a {name} has no {min(unknown)!r}", f"it has {', '.join(sorted(kind.columns))}")
    for column in kind.columns.keys() & given.keys():
        if words := kind.columns[column].enum:
            known = {word.value: word for word in words}
            if given[column] not in known:
                raise DataError(f"{where}.{column}", f"it is {shown(given[column])}", f"use one of {', '.join(known)}")
            given[column] = known[given[column]]
    try:
        return ROW_OF[kind.name](**given)
    except TypeError as error:
        raise DataError(where, str(error), "give every field that the fact needs") from None


# ── all that a tracker holds ────────────────────────────────────────────────────────────────────────────────


@frozen
class Restored:
    """What a snapshot holds."""

    groups: tuple[tuple[Owner, tuple[Fact, ...]], ...]
    """The rows of each owner of which something was said."""
    fingerprint: str
    """Of the watch."""
    book_rows: int
    """How many rows the book had; 0 without one."""
    clock: int
    changed: dict[str, int]


def snapshot_of(current: Current) -> Snapshot:
    """All that is held; the same facts have the same `groups`."""
    current.settle()
    held = current.held
    return {
        "form": FORM,
        "watch": current.watch.fingerprint(),
        "book_rows": held.book.rows,
        "clock": current.clock,
        "changed": dict(current.changed),
        "groups": [
            {
                "kind": owner[0],
                "code": list(owner[1:]),
                "rows": sorted((plain_fact(fact) for fact in held.rows(owner)), key=str),
            }
            for owner in held.owners()
        ],
    }


def restored_from(snapshot: Any) -> Restored:
    """What a snapshot holds.

    Raises:
        DataError: it is none, or of another form.
        LoanPerfError: a fact in it that cannot be.
    """
    form = snapshot.get("form") if isinstance(snapshot, Mapping) else None
    if form in _FORMER:
        remedy = f"feed the facts of the period to a new tracker, which makes {FORM!r}"
        raise DataError("the snapshot", f"its form is {form!r}, of a former version", remedy)
    if form != FORM:
        raise DataError("the snapshot", f"its form is {shown(form)}", f"pass what `snapshot` returned: {FORM!r}")
    try:
        return Restored(
            tuple(_group(item, place) for place, item in enumerate(snapshot["groups"])),
            str(snapshot["watch"]),
            int(snapshot["book_rows"]),
            int(snapshot["clock"]),
            {str(payee): int(stamp) for payee, stamp in snapshot["changed"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError("the snapshot", f"it lacks or garbles {error}", "pass what `snapshot` returned") from None


def _group(item: Mapping[str, Any], place: int) -> tuple[Owner, tuple[Fact, ...]]:
    where = f"snapshot.groups[{place}].rows"
    rows = tuple(fact_of(row, f"{where}[{index}]") for index, row in enumerate(item["rows"]))
    return (str(item["kind"]), *map(str, item["code"])), rows
