"""Snapshot: facts, and all that was said to a tracker, as data that JSON knows, and back; nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import Any, TypeAlias

from attrs import fields, frozen

from loanperf._facts import ROW_OF, Fact, Owner, fact_from
from loanperf._quantities import Money
from loanperf.errors import DataError, shown
from loanperf.tracker._current import Current

Plain: TypeAlias = dict[str, "str | int | bool"]
Snapshot: TypeAlias = dict[str, Any]
"""Texts, whole numbers, lists and mappings by text."""
FORM = "loanperf tracker 3"
"""What a snapshot says of itself; another form has another number."""
_FORMER = ("loanperf tracker 1", "loanperf tracker 2")

_KINDS = {row.__name__: name for name, row in ROW_OF.items()}


def plain_fact(fact: Fact) -> Plain:
    """A fact as texts, whole numbers and truths by name of field; what is not stated is left out.

    >>> from loanperf._facts import Training
    >>> plain_fact(Training(payee="lin", course="AML", on="2026-03-31"))
    {'fact': 'Training', 'payee': 'lin', 'course': 'AML', 'on': '2026-03-31'}
    """
    stated = ((item.name, getattr(fact, item.name), item.default) for item in fields(type(fact)))
    there = {name: _plain(value) for name, value, default in stated if value is not None and value != default}
    return {"fact": type(fact).__name__, **there}


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
    if name not in _KINDS:
        raise DataError(where, f"it is {shown(plain)}", f"give a fact: one of {', '.join(_KINDS)}")
    cells = {column: value for column, value in plain.items() if column not in ("fact", "source")}
    try:
        return fact_from(_KINDS[name], cells, plain.get("source", ""))
    except (KeyError, TypeError) as error:
        raise DataError(where, f"its fields are not those of a {name}", f"mend {error}") from None


# ── all that was said to a tracker ──────────────────────────────────────────────────────────────────────────


@frozen
class Restored:
    """What a snapshot holds."""

    groups: tuple[tuple[Owner, bool, tuple[Fact, ...]], ...]
    """Each owner of which something was said, whether its rows stand in place of those of the start, and these rows."""
    fingerprint: str
    """Of the watch."""
    start: int
    """How many rows the tracker started from."""
    clock: int
    changed: dict[str, int]


def snapshot_of(current: Current) -> Snapshot:
    """All that was said; the same facts have the same `groups`."""
    current.settle()
    held = current.held
    return {
        "form": FORM,
        "watch": current.watch.fingerprint(),
        "start": held.start.facts.rows,
        "clock": current.clock,
        "changed": dict(current.changed),
        "groups": [
            {
                "kind": owner[0],
                "code": list(owner[1:]),
                "instead": owner in held.over,
                "rows": sorted((plain_fact(row) for rows in by_key.values() for row in rows), key=str),
            }
            for owner, by_key in sorted(held.said.items())
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
            int(snapshot["start"]),
            int(snapshot["clock"]),
            {str(payee): int(stamp) for payee, stamp in snapshot["changed"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError("the snapshot", f"it lacks or garbles {error}", "pass what `snapshot` returned") from None


def _group(item: Mapping[str, Any], place: int) -> tuple[Owner, bool, tuple[Fact, ...]]:
    where = f"snapshot.groups[{place}].rows"
    rows = tuple(fact_of(row, f"{where}[{index}]") for index, row in enumerate(item["rows"]))
    return (str(item["kind"]), *map(str, item["code"])), bool(item["instead"]), rows
