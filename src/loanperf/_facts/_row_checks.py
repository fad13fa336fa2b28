"""Row checks: a row of facts -> nothing, or the error that says what its kind does not take, by the table of kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, TypeAlias

from attrs import frozen

from loanperf._kinds import DETAIL, KINDS, FactColumn, FactKind, TypeName
from loanperf._quantities import CURRENCIES, percent, plain
from loanperf._validators import A_CODE, is_code
from loanperf.errors import FactError

_NOT_NEGATIVE = "give zero or more; what goes back is an event of its own"


@frozen
class _Cell:
    """A column of a kind, as its checks need it."""

    kind: FactKind
    name: str
    column: FactColumn

    def refuse(self, fact: object, found: object, remedy: str) -> FactError:
        """The error of a value that is refused."""
        return FactError(title_of(self.kind.name, fact), self.name, found, remedy)


_Check: TypeAlias = "Callable[[_Cell, object, Any], None]"


def must_keep(fact: Any, kind: str) -> None:
    """Refuse a row that breaks a rule of its kind."""
    for name, nothing, cell, checks in _CHECKS[kind]:
        value = getattr(fact, name)
        if nothing and value is None:
            continue
        for check in checks:
            check(cell, fact, value)
    if kind == "events":
        _must_state(fact)


def title_of(kind: str, fact: object) -> str:
    """What errors call a row: its kind, and its first column."""
    entry = KINDS[kind]
    return f"{entry.title or entry.one} {getattr(fact, next(iter(entry.columns)))}"


# ── a value alone ───────────────────────────────────────────────────────────────────────────────────────────


def _code(cell: _Cell, fact: object, value: object) -> None:
    if not is_code(value, longest=None):
        raise FactError(type(fact).__name__, cell.name, value, A_CODE)


def _text(cell: _Cell, fact: object, value: object) -> None:
    if not isinstance(value, str) or not value.isprintable():
        raise cell.refuse(fact, value, "give printable text, or leave it out")


def _truth(cell: _Cell, fact: object, value: object) -> None:
    if not isinstance(value, bool):
        raise cell.refuse(fact, value, "give True or False")


def _word(cell: _Cell, fact: object, value: object) -> None:
    if cell.column.enum is not None and not isinstance(value, cell.column.enum):
        raise cell.refuse(fact, value, cell.column.remedy)


def _currency(cell: _Cell, _: object, value: object) -> None:
    if not isinstance(value, str) or value not in CURRENCIES:
        raise FactError(cell.kind.one, cell.name, value, "give a code of ISO 4217, such as 'USD'")


def _whole(cell: _Cell, fact: object, value: object) -> None:
    if type(value) is not int:
        raise cell.refuse(fact, value, cell.column.remedy)


_OF_TYPE: Mapping[TypeName, tuple[_Check, ...]] = {
    **dict[TypeName, tuple[_Check, ...]].fromkeys(("loan", "customer", "payee", "key", "code"), (_code,)),
    "text": (_text,),
    "word": (_word,),
    "currency": (_currency,),
    "truth": (_truth,),
    "whole": (_whole,),
}
"""What a value must be before it can be in bounds; what is not named here is converted to it, or refused."""
_SHOWN: Mapping[TypeName, Callable[[Any], str]] = {"money": str, "share": percent, "rate": plain, "points": plain}
"""How a refused value is written in the error, for values that Python would write in a way no user reads."""


def _within_bounds(cell: _Cell, fact: object, value: Any) -> None:
    column = cell.column
    number: Fraction | int = value.units if column.type == "money" else value
    if column.low is not None and number < column.low:
        remedy = _NOT_NEGATIVE if column.type == "money" else column.remedy
    elif (column.high is not None and number > column.high) or (column.above is not None and number <= column.above):
        remedy = column.remedy
    else:
        return
    raise cell.refuse(fact, _shown(column, value), remedy)


def _shown(column: FactColumn, value: Any) -> object:
    show = _SHOWN.get(column.type)
    return value if show is None or value is None else show(value)


# ── a value beside others of its row ────────────────────────────────────────────────────────────────────────


def _after(cell: _Cell, fact: object, value: Any) -> None:
    since = getattr(fact, cell.column.after)
    if value <= since:
        raise cell.refuse(fact, value.isoformat(), f"give a day after {since}")


def _unlike(cell: _Cell, fact: object, value: object) -> None:
    if value == getattr(fact, cell.column.unlike):
        raise cell.refuse(fact, value, cell.column.remedy)


def _one_currency(cell: _Cell, fact: object, value: Any) -> None:
    """All amounts of a row are of the currency of the first."""
    first = cell.kind.money[0]
    if value.currency != getattr(fact, first).currency:
        raise cell.refuse(fact, str(value), f"give the currency of {first}")


def _part(cell: _Cell, fact: object, value: Any) -> None:
    whole = getattr(fact, cell.column.within)
    if value > whole:
        raise cell.refuse(fact, str(value), f"give a part of the {whole} {cell.column.within}; {cell.column.remedy}")


def _must_state(fact: Any) -> None:
    """Refuse an event that lacks what its kind of event states, or says more."""
    kind = fact.kind
    for name in _DETAILS:
        value, needed = getattr(fact, name), name in DETAIL[kind]
        if needed is (value is None):
            remedy = f"an event '{kind.value}' {'needs' if needed else 'takes no'} {name}"
            raise FactError(title_of("events", fact), name, _shown(KINDS["events"].columns[name], value), remedy)


# ── the checks of each kind ─────────────────────────────────────────────────────────────────────────────────


def _checks_of(kind: FactKind, name: str, column: FactColumn) -> tuple[_Check, ...]:
    checks = [*_OF_TYPE.get(column.type, ())]
    if any(bound is not None for bound in (column.low, column.high, column.above)):
        checks.append(_within_bounds)
    if name in kind.money[1:]:
        checks.append(_one_currency)
    given: tuple[tuple[str, _Check], ...] = ((column.after, _after), (column.unlike, _unlike), (column.within, _part))
    return (*checks, *(check for other, check in given if other))


def _rows_checks(kind: FactKind) -> tuple[tuple[str, bool, _Cell, tuple[_Check, ...]], ...]:
    """The columns of a kind that have checks: name, whether None passes, what the checks need, and the checks."""
    columns = {**kind.columns, "source": _SOURCE}
    found = [
        (name, column.optional and column.default is None, _Cell(kind, name, column), _checks_of(kind, name, column))
        for name, column in columns.items()
    ]
    return tuple(row for row in found if row[-1])


_SOURCE = FactColumn("text", (), (), "where the row came from", optional=True, default="")
_CHECKS = {name: _rows_checks(kind) for name, kind in KINDS.items()}
_DETAILS = tuple(name for name in KINDS["events"].columns if any(name in detail for detail in DETAIL.values()))
