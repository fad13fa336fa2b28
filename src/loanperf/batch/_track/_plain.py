"""Plain: facts, and all that a tracker holds, as data that JSON knows, and back; nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import Any, TypeAlias, get_args

from attrs import fields, frozen

from loanperf._facts import Category, EventKind, Fact
from loanperf._indicators._views import Key
from loanperf._quantities import Money
from loanperf.batch._track._groups import GroupKind
from loanperf.batch._track._tally import Tally
from loanperf.errors import DataError, shown

Plain: TypeAlias = dict[str, "str | int | bool"]
Snapshot: TypeAlias = dict[str, Any]
"""Texts, whole numbers, lists and mappings by text."""
FORM = "loanperf tracker 1"
"""What a snapshot says of itself; another form has another number."""

_BY_NAME: dict[str, type[Fact]] = {kind.__name__: kind for kind in get_args(Fact)}
_WORDS: dict[str, type[Enum]] = {"kind": EventKind, "category": Category}


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
    kind = _BY_NAME.get(plain.get("fact", "")) if isinstance(plain, Mapping) else None
    if kind is None:
        raise DataError(where, f"it is {shown(plain)}", f"give a fact: one of {', '.join(_BY_NAME)}")
    given = {name: value for name, value in plain.items() if name != "fact"}
    known = {attribute.name for attribute in fields(kind)}
    if unknown := given.keys() - known:
        raise DataError(where, f"a {kind.__name__} has no {min(unknown)!r}", f"it has {', '.join(sorted(known))}")
    for name in _WORDS.keys() & given.keys():
        words = {word.value: word for word in _WORDS[name]}
        if given[name] not in words:
            raise DataError(f"{where}.{name}", f"it is {shown(given[name])}", f"use one of {', '.join(words)}")
        given[name] = words[given[name]]
    try:
        return kind(**given)
    except TypeError as error:
        raise DataError(where, str(error), "give every field that the fact needs") from None


# ── all that a tracker holds ────────────────────────────────────────────────────────────────────────────────


@frozen
class Held:
    """What a snapshot holds."""

    groups: tuple[tuple[GroupKind, Key, bool, tuple[Fact, ...]], ...]
    """Kind and code of a group, whether its rows stand in for those of a book, and its rows."""
    fingerprint: str
    """Of the watch."""
    book_rows: int
    """How many rows the book had; 0 without one."""
    clock: int
    changed: dict[str, int]


def snapshot_of(tally: Tally, fingerprint: str) -> Snapshot:
    """All that is held; two tallies of the same rows have the same `groups`."""
    groups = sorted(tally.groups(), key=lambda group: (group.kind, group.code))
    return {
        "form": FORM,
        "watch": fingerprint,
        "book_rows": 0 if tally.opening is None else tally.opening.book.rows,
        "clock": tally.clock,
        "changed": dict(tally.changed),
        "groups": [
            {
                "kind": group.kind,
                "code": list(group.code),
                "in_place_of_book": bool(group.of_book),
                "rows": sorted((plain_fact(fact) for fact in group.rows()), key=str),
            }
            for group in groups
        ],
    }


def rows_in(snapshot: Any) -> Held:
    """What a snapshot holds.

    Raises:
        DataError: it is none, or of another form.
        LoanPerfError: a fact in it that cannot be.
    """
    form = snapshot.get("form") if isinstance(snapshot, Mapping) else None
    if form != FORM:
        raise DataError("the snapshot", f"its form is {shown(form)}", f"pass what `snapshot` returned: {FORM!r}")
    try:
        return Held(
            tuple(_group(item, place) for place, item in enumerate(snapshot["groups"])),
            str(snapshot["watch"]),
            int(snapshot["book_rows"]),
            int(snapshot["clock"]),
            {str(payee): int(stamp) for payee, stamp in snapshot["changed"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError("the snapshot", f"it lacks or garbles {error}", "pass what `snapshot` returned") from None


def _group(item: Mapping[str, Any], place: int) -> tuple[GroupKind, Key, bool, tuple[Fact, ...]]:
    where = f"snapshot.groups[{place}].rows"
    rows = tuple(fact_of(row, f"{where}[{index}]") for index, row in enumerate(item["rows"]))
    return item["kind"], tuple(item["code"]), item["in_place_of_book"] is True, rows
