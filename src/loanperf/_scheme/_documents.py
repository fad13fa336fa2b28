"""Documents: plain values, as TOML and JSON give them -> typed parts of a scheme, and back.

The only module that imports cattrs. Every fault of a document is collected with its path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from attrs import evolve, fields, frozen, has
from cattrs import Converter
from cattrs.errors import (
    AttributeValidationNote,
    BaseValidationError,
    ClassValidationError,
    ForbiddenExtraKeysError,
    IterableValidationError,
    IterableValidationNote,
)
from cattrs.gen import make_dict_structure_fn, override

from loanperf._commission import Clawback, Tiers
from loanperf._commission._tiers import Counts
from loanperf._commission._withheld import Takes
from loanperf._curves import Curve, Shape, Side, Then
from loanperf._explanations import Label
from loanperf._holdback import Holdback
from loanperf._indicators import Deduct, Measure, Ratio, Total, Where
from loanperf._periods import day
from loanperf._quantities import CURRENCIES, Quantity, number, percent, plain, quantity, ratio
from loanperf._scheme._places import key_text
from loanperf._scorecard import Bonus
from loanperf._validators import Factor
from loanperf.errors import DataError, LoanPerfError, Problem, UnitError, WeightsError, is_encodable, meant_by, shown

_Read = TypeVar("_Read")


@frozen
class RefusedError(ValueError):
    """A value of a document that is of the wrong kind."""

    found: object
    fault: str
    remedy: str


# ── from a document ─────────────────────────────────────────────────────────────────────────────────────────

_LONGEST = 50
"""Characters of a number as it is written back, so that what was read can be read again."""
_DEEPEST = 10
"""Tables and lists within each other; the knots of one of a plan's rates go deepest, to 9."""


def unfit(value: Any, path: str = "$", depth: int = 0) -> Iterator[Problem]:
    """What can stand nowhere in a document: keys that are no text, halves of characters, bottomless nesting."""
    if isinstance(value, str) and not is_encodable(value):
        yield Problem(path, "it has half a character", ascii(value)[:80], "write the text in UTF-8")
    if not isinstance(value, (Mapping, list, tuple)):
        return
    if depth == _DEEPEST:
        yield Problem(path, "it is nested too deeply", "", f"a scheme has no more than {_DEEPEST} levels")
    elif isinstance(value, Mapping):
        for key, part in value.items():
            if (said := key_text(key)) == key:
                yield from unfit(part, f"{path}.{key}", depth + 1)
            else:
                yield Problem(f"{path}.{said}", "the key is no text", said, "write a word")
    else:
        for index, part in enumerate(value):
            yield from unfit(part, f"{path}[{index}]", depth + 1)


def _text(value: Any, _: Any) -> str:
    if not isinstance(value, str):
        raise RefusedError(value, "it is no text", "write it in quotes")
    return value


def _whole(value: Any, _: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise RefusedError(value, "it is no whole number", "write a number without quotes, such as 1")
    return value


def _truth(value: Any, _: Any) -> bool:
    if not isinstance(value, bool):
        raise RefusedError(value, "it is neither true nor false", "write true or false")
    return value


def _date(value: Any, _: Any) -> date:
    if isinstance(value, datetime) or not isinstance(value, (date, str)):
        raise RefusedError(value, "it is no day", "write a day as 2026-03-31")
    return day(value)


def _scalar(value: Any, asked: str = "") -> Any:
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise RefusedError(
            value, "it is no quantity", "write a number with its unit in quotes, such as '30%' or '100万元'"
        )
    if len(_plain(quantity(value, asked=asked))) > _LONGEST:
        raise RefusedError(value, f"written out, it has more than {_LONGEST} characters", "round it")
    return value


def _decimal(value: Any, _: Any) -> Decimal:
    points = quantity(_scalar(value, "point"), asked="point")
    if points.unit not in ("", "point"):
        raise RefusedError(value, "it is no score", "write a number of points, such as 90")
    if "/" in (text := plain(points.value)):
        raise RefusedError(value, "its decimals never end", "write a decimal number")
    return Decimal(text)


def _label(value: Any, _: Any) -> Label:
    if isinstance(value, str):
        return Label(value)
    if isinstance(value, Mapping) and "en" in value and set(value) <= {"en", "zh"}:
        return Label(**dict(zip(value, _each(value.items(), lambda _, text: _text(text, str)), strict=True)))
    raise RefusedError(value, "it is no name", "write a text, or { en = '...', zh = '...' }")


def _curve(value: Any, _: Any) -> Curve:
    """A list of knots is a linear curve; a table states the shape."""
    is_list = isinstance(value, list)
    table = {"knots": value, "shape": "linear"} if is_list else value
    if not isinstance(table, Mapping) or not any(isinstance(table.get(key), list) for key in ("knots", "bands")):
        raise RefusedError(value, "it is no curve", "write [[x, y], ...] or { knots = [[x, y], ...], shape = 'step' }")
    if extra := set(table) - {"knots", "bands", "shape", "closed", "then"}:
        raise RefusedError(sorted(extra), "a curve has no such key", "use knots or bands, shape, closed and then")
    if "knots" in table and "bands" in table:
        raise RefusedError(sorted(table), "it has both knots and bands", "keep one of them")
    if "knots" in table and not all(isinstance(knot, list) and len(knot) == 2 for knot in table["knots"]):
        raise RefusedError(value, "a knot is no pair", "write each knot as [x, y]")
    if "bands" in table and not all(isinstance(row, list) and len(row) == 3 for row in table["bands"]):
        raise RefusedError(value, "a band is no row of three", "write each band as [from, to, y]")
    if "shape" not in table:
        raise RefusedError(value, "its shape is not stated", "write shape = 'step' or shape = 'linear'")
    if is_list:
        return Curve.of(_rows(value), shape="linear")
    rows = "bands" if "bands" in table else "knots"
    keys = [key for key in (rows, "shape", "closed", "then") if table.get(key) is not None]
    read = dict(zip(keys, _each([(key, table[key]) for key in keys], _of_curve), strict=True))
    words: dict[str, Any] = {"shape": read["shape"], "closed": read.get("closed", "left")}
    curve = Curve.of(read["knots"], **words) if rows == "knots" else Curve.of_bands(read["bands"], **words)
    return _going_on(curve, read["then"], table["then"]["counted"]) if "then" in read else curve


def _of_curve(key: str, part: Any) -> Any:
    if key in ("shape", "closed"):
        return _literal(part, Shape if key == "shape" else Side)
    return _then(part) if key == "then" else _rows(part)


def _rows(rows: list[list[Any]]) -> list[list[Any]]:
    """The rows of a curve, knots or bands; of a band, the end may be empty."""

    def row(_: int, cells: list[Any]) -> list[Any]:
        is_open = len(cells) == 3 and cells[1] == ""
        return _each(enumerate(cells), lambda at, cell: None if is_open and at == 1 else quantity(_scalar(cell)))

    return _each(enumerate(rows), row)


def _going_on(curve: Curve, then: Mapping[str, Quantity], counted: Literal["pro rata", "whole"]) -> Curve:
    step, point = then["per_point"], then.get("point")
    if step.unit != curve.y_unit and (step.unit or curve.y_unit in CURRENCIES):
        raise UnitError("per_point of the curve", step.unit, curve.y_unit)
    if point is not None and point.unit != curve.x_unit:
        if any(x for x, _ in curve.knots):
            raise UnitError("point of the curve", point.unit, curve.x_unit)
        curve = evolve(curve, x_unit=point.unit)
    return evolve(curve, then=Then(step.value, counted, None if point is None else point.value))


def _then(value: Any) -> dict[str, Quantity]:
    """What a curve adds for each point above its last knot, and how much a point is; how they count stands beside."""
    if not isinstance(value, Mapping) or set(value) - {"point"} != {"per_point", "counted"}:
        raise RefusedError(
            value, "it does not say how a curve goes on", "write { per_point = '0.1%', counted = 'pro rata' }"
        )
    if value["counted"] not in ("pro rata", "whole"):
        raise RefusedError(value["counted"], "it is no way to count points", "write 'pro rata' or 'whole'")
    keys = [key for key in ("per_point", "point") if value.get(key) is not None]
    found = _each([(key, value[key]) for key in keys], lambda _, part: quantity(_scalar(part)))
    return dict(zip(keys, found, strict=True))


def _where(value: Any, _: Any) -> tuple[Where, ...]:
    """`{ event = "disbursed", product = ["car", "home"], amount = { at_least = "5万元" } }`.

    Bounds come after values, as TOML writes its tables, so that both forms read back in one order.
    """
    if not isinstance(value, Mapping):
        raise RefusedError(value, "it is no table of filters", "write { field = value }")
    found = _each(value.items(), _filter)
    return (*(item for item in found if item.values), *(item for item in found if not item.values))


def _filter(name: str, wanted: Any) -> Where:
    if isinstance(wanted, Mapping):
        if not wanted or set(wanted) - {"at_least", "above", "at_most", "below"}:
            raise RefusedError(dict(wanted), "it has other bounds than known", "use at_least, above, at_most, below")
        limits = _each(wanted.items(), lambda _, limit: quantity(_scalar(limit)))
        return Where(field=name, **dict(zip(wanted, limits, strict=True)))
    values = wanted if isinstance(wanted, list) else [wanted]
    if not values or not all(isinstance(item, (str, bool)) for item in values):
        raise RefusedError(wanted, "it is compared with no text or truth value", "write { field = 'value' }")
    return Where(field=name, values=tuple(values))


def _counts(value: Any, _: Any) -> tuple[Where, ...] | Counts:
    """`"every loan"`, or the terms on which a loan counts for the tier."""
    counts: tuple[Where, ...] | Counts = _literal(value, Counts) if isinstance(value, str) else _where(value, _)
    return counts


def _enum(value: Any, kind: type[Enum]) -> Enum:
    names = [item.value for item in kind]
    if value not in names:
        raise RefusedError(value, f"it is no known {kind.__name__.lower()}", _one_of(value, names))
    return kind(value)


def _one_of(value: Any, names: list[str]) -> str:
    return meant_by(value, names, f"use one of {', '.join(map(repr, names))}")


@cache
def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    converter.register_structure_hook_func(lambda kind: isinstance(kind, type) and issubclass(kind, Enum), _enum)
    converter.register_structure_hook_factory(has, lambda kind: _table_hook(converter, kind))
    converter.register_structure_hook_factory(
        lambda kind: _origin(kind) is Literal, lambda kind: lambda value, _: _literal(value, kind)
    )
    converter.register_structure_hook_func(
        lambda kind: kind == str | int, lambda value, _: (_whole if isinstance(value, int) else _text)(value, _)
    )
    converter.register_structure_hook_func(
        lambda kind: kind in (Measure, Measure | None),
        lambda value, _: None if value is None else _measure(converter, value),
    )
    converter.register_structure_hook_factory(_is_tuple, lambda kind: _tuple_hook(converter, kind))
    converter.register_structure_hook_func(lambda kind: kind == tuple[Where, ...], _where)
    converter.register_structure_hook_func(lambda kind: kind == tuple[Where, ...] | Counts, _counts)
    for kind, hook in _HOOKS.items():
        converter.register_structure_hook(kind, hook)
    converter.register_structure_hook(Bonus, _bonus_hook(converter))
    return converter


_HOOKS: dict[Any, Callable[[Any, Any], Any]] = {
    str: _text,
    int: _whole,
    bool: _truth,
    date: _date,
    Decimal: _decimal,
    Fraction: lambda value, _: ratio(_scalar(value)),
    Factor: lambda value, _: number(_scalar(value)),
    Quantity: lambda value, _: quantity(_scalar(value)),
    Label: _label,
    Curve: _curve,
}


def _literal(value: Any, kind: Any) -> Any:
    if value not in get_args(kind):
        remedy = _MOVED.get((get_args(kind), value)) if isinstance(value, str) else None
        remedy = remedy or _one_of(value, list(get_args(kind)))
        raise RefusedError(value, "it is none of the words that can stand here", remedy)
    return value


def _table_hook(converter: Converter, kind: type) -> Callable[[Any, Any], Any]:
    named: Any = {"share": override(struct_hook=_share)} if kind in SHARED else {}
    build: Any = make_dict_structure_fn(kind, converter, _cattrs_forbid_extra_keys=True, **named)
    hints = get_type_hints(kind)

    def hook(value: Any, _: Any) -> Any:
        if not isinstance(value, Mapping):
            raise RefusedError(value, "it is no table", f"write a table with the keys {', '.join(_keys(kind))}")
        try:
            return build(dict(value), kind)
        except ClassValidationError as error:
            refused = _refused_fields(converter, kind, hints, value)
            # A constructor stops at the first field that it refuses, and is not called where one cannot be read.
            kept = [item for item in error.exceptions if not (refused and _is_of_constructor(item))]
            raise ClassValidationError(error.message, [*kept, *refused], kind) from None

    return hook


def _is_of_constructor(error: BaseException) -> bool:
    notes = getattr(error, "__notes__", ())
    return isinstance(error, LoanPerfError) and not any(isinstance(note, AttributeValidationNote) for note in notes)


def _refused_fields(
    converter: Converter, kind: type, hints: Mapping[str, Any], value: Mapping[str, Any]
) -> list[LoanPerfError]:
    """What the checks of a class say of each of its fields that can be read; its constructor says the first alone."""
    held: Any = object.__new__(kind)
    for item in fields(kind):
        part = item.default
        if item.name in value:
            hook = _share if item.name == "share" and kind in SHARED else converter.structure
            try:
                part = hook(value[item.name], hints[item.name])
                part = item.converter(part) if item.converter else part
            except _FAULTS:
                continue
        object.__setattr__(held, item.name, part)
    found = []
    for item in fields(kind):
        if item.validator is not None and item.name in value and hasattr(held, item.name):
            try:
                item.validator(held, item, getattr(held, item.name))
            except LoanPerfError as error:
                found.append(error)
            except AttributeError:
                continue  # It looks at a field beside it that could not be read.
    return found


def _bonus_hook(converter: Converter) -> Callable[[Any, Any], Any]:
    """A bonus may state `then` beside a plain list of knots."""
    plain_hook = _table_hook(converter, Bonus)

    def hook(value: Any, kind: Any) -> Any:
        if not (isinstance(value, Mapping) and "then" in value and isinstance(value.get("curve"), list)):
            return plain_hook(value, kind)
        rest = {key: part for key, part in value.items() if key != "then"}
        then, errors = None, []
        try:
            (then,) = _each([("then", value["then"])], lambda _, part: _then(part))
        except BaseValidationError as error:
            errors.append(error)
        try:
            bonus = plain_hook(rest, kind)
        except ClassValidationError as error:
            raise ClassValidationError(error.message, [*error.exceptions, *errors], kind) from None
        if errors:
            raise ClassValidationError("", errors, kind)
        counted = value["then"]["counted"]
        (curve,) = _each([("then", then)], lambda _, part: _going_on(bonus.curve, part, counted))
        return evolve(bonus, curve=curve)

    return hook


SHARED = (Holdback, Clawback)
"""Classes whose `share` is a curve, or one share that holds everywhere."""


def _share(value: Any, _: Any) -> Curve:
    single = isinstance(value, (str, int, Decimal)) and not isinstance(value, bool)
    return Curve.of([[0, quantity(_scalar(value))]], shape="step") if single else _curve(value, _)


def _measure(converter: Converter, value: Any) -> Measure:
    if not isinstance(value, Mapping):
        raise RefusedError(value, "it is no measure", "write a table with over, or numerator and denominator")
    if "numerator" in value or "denominator" in value:
        return converter.structure(value, Ratio)
    if "start" in value:
        points = quantity(_scalar(value["start"], "point"), asked="point")
        start = f"{plain(points.value * 100)}%" if points.unit in ("", "point") else value["start"]
        return converter.structure({**value, "start": start}, Deduct)
    return converter.structure(value, Total)


def _origin(kind: Any) -> Any:
    return get_origin(kind)


def _is_tuple(kind: Any) -> bool:
    return get_origin(kind) is tuple and get_args(kind)[-1] is Ellipsis


def is_keyed(kind: Any) -> bool:
    """Whether a tuple stands in a document as a table by code: of things with a code, or of pairs."""
    item = get_args(kind)[0]
    return (get_origin(item) is tuple and not _is_tuple(item)) or (has(item) and fields(item)[0].name == "code")


def _tuple_hook(converter: Converter, kind: Any) -> Callable[[Any, Any], Any]:
    item = get_args(kind)[0]

    def hook(value: Any, _: Any) -> Any:
        keyed = is_keyed(kind)
        if keyed and not isinstance(value, Mapping):
            raise RefusedError(value, "it is no table", "write a table by code")
        if not keyed and not isinstance(value, list):
            raise RefusedError(value, "it is no list", "write a list")
        parts = value.items() if keyed else enumerate(value)
        return tuple(_each(parts, lambda key, part: _item(converter, item, key, part)))

    return hook


def _each(parts: Iterable[tuple[Any, Any]], read: Callable[[Any, Any], _Read]) -> list[_Read]:
    """What is read of each part by its key or number; the faults of all of them at once, each with its own."""
    found, errors = [], []
    for key, part in parts:
        try:
            found.append(read(key, part))
        except _FAULTS as error:
            error.add_note(IterableValidationNote(f"at {key}", key, Any))
            errors.append(error)
    if errors:
        raise IterableValidationError("", errors, list)
    return found


def _item(converter: Converter, item: Any, key: Any, part: Any) -> Any:
    if get_origin(item) is tuple and not _is_tuple(item):
        return (key, converter.structure(part, get_args(item)[1]))
    if isinstance(key, str):
        if not isinstance(part, Mapping):
            raise RefusedError(part, "it is no table", f"write a table with the keys {', '.join(_keys(item)[1:])}")
        if "code" in part:
            raise RefusedError(part["code"], "a code stands in the table", "leave it out: its key is its code")
        return converter.structure({"code": key, **part}, item)
    return converter.structure(part, item)


def _keys(kind: type) -> list[str]:
    return [item.name for item in fields(kind) if item.init]


def structured(value: Any, kind: Any) -> tuple[Any, list[tuple[str, Problem]]]:
    """A typed part of a document, or the problems in it, each with its path below this part."""
    try:
        return _converter().structure(value, kind), []
    except _FAULTS as error:
        return None, list(_problems(error, ""))


_RENAMED: Mapping[tuple[type, str], str] = {
    (Tiers, "where"): "write counts: which loans count for the tier, where they are not those that are paid"
}
"""Keys of earlier versions, and what to write today."""
_MOVED: Mapping[tuple[tuple[str, ...], str], str] = {
    (get_args(Takes), word): f"write reach = '{word}', and in takes what a part of the loan takes"
    for word in ("held", "held and paid")
}
"""Words of earlier versions that stand under another key today."""
_FAULTS = (LoanPerfError, RefusedError, BaseValidationError, ForbiddenExtraKeysError, KeyError)


def _problems(error: BaseException, path: str) -> Iterator[tuple[str, Problem]]:
    if isinstance(error, (ClassValidationError, IterableValidationError)):
        noted, bare = error.group_exceptions()
        for inner, note in noted:
            yield from _problems(inner, path + _step(note))
        for inner in bare:
            yield from _problems(inner, path)
    elif isinstance(error, ForbiddenExtraKeysError):
        known = [key for key in _keys(error.cl) if key != "code"]
        for key in sorted(map(str, error.extra_fields)):
            remedy = _RENAMED.get((error.cl, key)) or _one_of(key, known)
            yield path, Problem(f"${path}.{key}", "there is no such key", "", remedy)
    elif isinstance(error, RefusedError):
        yield path, Problem(f"${path}", error.fault, shown(error.found), error.remedy)
    elif isinstance(error, DataError):
        # A constructor says Class.field; the class is the table that stands at this path.
        key = error.where.partition(".")[2] or error.where
        yield path, Problem(f"${path}.{key}", error.fault, "", error.remedy)
    elif isinstance(error, LoanPerfError):
        fault, _, remedy = str(error).partition("; ")
        yield path, Problem(f"${path}{'.weights' * isinstance(error, WeightsError)}", fault, "", remedy)
    elif isinstance(error, KeyError):
        yield path, Problem(f"${path}", "it is missing", "", "add it")
    else:
        raise error


def _step(note: AttributeValidationNote | IterableValidationNote) -> str:
    if isinstance(note, AttributeValidationNote):
        return f".{note.name}"
    return f"[{note.index}]" if isinstance(note.index, int) else f".{note.index}"


# ── to a document ───────────────────────────────────────────────────────────────────────────────────────────


def document_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values for the parts of a scheme; what is at its default is left out."""
    return {name: _plain(value) for name, value in values.items() if value not in (None, (), "")}


def _plain(value: Any) -> Any:
    match value:
        case Label(en=en, zh=zh):
            return {"en": en, "zh": zh} if zh else en
        case Enum():
            return value.value
        case Fraction():
            return share_text(value)
        case Decimal():
            return int(value) if value == value.to_integral_value() else f"{value:f}"
        case Quantity(value=pure, unit=unit):
            return str(value) if unit else share_text(pure)
        case Curve():
            return _plain_curve(value)
        case tuple():
            return _plain_tuple(value)
        case _ if has(type(value)):
            return _plain_table(value)
        case _:
            return value


def _plain_table(value: Any) -> dict[str, Any]:
    """Every field that is not at its default; a code is the key under which the table stands."""
    found = {}
    for item in fields(type(value)):
        held = getattr(value, item.name)
        if item.name != "code" and held != item.default and held is not None:
            found[item.name] = _plain(held)
    if isinstance(value, SHARED) and value.share == Curve.of([[0, value.share.knots[0][1]]], shape="step"):
        found["share"] = share_text(value.share.knots[0][1])
    return found


def _plain_tuple(value: tuple[Any, ...]) -> Any:
    first = value[0] if value else None
    if isinstance(first, Where):
        return {where.field: _plain_where(where) for where in value}
    if isinstance(first, tuple) and isinstance(first[0], str):
        return {key: _plain(part) for key, part in value}
    if has(type(first)) and hasattr(first, "code"):
        return {part.code: _plain(part) for part in value}
    return [_plain(part) for part in value]


def _plain_where(where: Where) -> Any:
    if where.values:
        return list(where.values)
    return {
        bound: _plain(limit) for bound in ("at_least", "above", "at_most", "below") if (limit := getattr(where, bound))
    }


def _plain_curve(curve: Curve) -> dict[str, Any]:
    knots = [[_plain(Quantity(x, curve.x_unit)), _plain(Quantity(y, curve.y_unit))] for x, y in curve.knots]
    found: dict[str, Any] = {"knots": knots, "shape": curve.shape, "closed": curve.closed}
    if curve.then:
        found["then"] = {
            "per_point": _plain(Quantity(curve.then.per_point, curve.y_unit)),
            "counted": curve.then.counted,
            **({} if curve.then.point is None else {"point": _plain(Quantity(curve.then.point, curve.x_unit))}),
        }
    return found


def share_text(value: Fraction) -> str:
    """A pure number as a scheme writes it: in percent where that ends, else as a fraction.

    >>> share_text(Fraction(3, 10)), share_text(Fraction(1, 3))
    ('30%', '1/3')
    """
    text = percent(value, 60)
    return f"{value.numerator}/{value.denominator}" if text.startswith("≈") else text
