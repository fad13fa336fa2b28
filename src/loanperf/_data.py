"""Data: results and agreements <-> plain dicts, lists and texts, exact; and the JSON Schema of each.

A fraction is a text such as `1/3`, an amount `8169.60 CNY`, a day `2026-03-31`, a period `2026-03`: nothing is rounded,
and no number is a float. What may be of several classes says which in `is`.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cache, lru_cache, partial, reduce
from operator import or_
from types import NoneType, UnionType
from typing import Any, Literal, NewType, Self, TypeVar, get_args, get_origin

import attrs
from attrs import frozen

from loanperf._explanations import Explanation, told
from loanperf._periods import Period, day
from loanperf._quantities import Money
from loanperf.errors import DataError, LoanPerfError, shown

_Made = TypeVar("_Made")
Schema = Mapping[str, Any]
_WHICH = "is"
"""The key that says of which class a value is, where it may be of several."""
_REMEDY = "pass what data() returned"


class PlainData:
    """What can be kept as plain data and read back as it was."""

    __slots__ = ()

    def data(self) -> dict[str, Any]:
        """The value as plain dicts, lists, texts, whole numbers and truths; `from_data` reads it back exactly."""
        found: dict[str, Any] = _form(type(self)).write(self)
        return found

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `data`.

        Raises:
            DataError: it is not what `data` returns; it says where.
        """
        return read_as(cls, data)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """The JSON Schema (draft 2020-12) of what `data` returns."""
        parts: dict[str, Schema] = {}
        top = _form(cls).schema(parts)
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **top, "$defs": dict(sorted(parts.items()))}


def read_as(kind: type[_Made], data: object) -> _Made:
    """A value of a class from its data.

    Raises:
        DataError: it is not what `data` returns; it says where.
    """
    try:
        found: _Made = _form(kind).read(data)
    except _UnfitError as error:
        raise DataError(f"{_name(kind)}{error.path}", error.fault, _REMEDY) from None
    except RecursionError:
        raise DataError(_name(kind), "it is nested too deeply", _REMEDY) from None
    return found


# ── forms ───────────────────────────────────────────────────────────────────────────────────────────────────


class _UnfitError(Exception):
    """Data that is not what was written, with where it stands."""

    def __init__(self, fault: str, path: str = "") -> None:
        super().__init__(fault)
        self.fault, self.path = fault, path


@frozen
class _Form:
    """How values of one type are written, read back, and what a schema says of them."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]
    schema: Callable[[dict[str, Schema]], Schema]
    """Given the schemas of classes so far, to which it adds those that it refers to."""


def _same(value: Any) -> Any:
    return value


def _only(kind: type, value: Any) -> Any:
    """A value that JSON has itself, of just this type."""
    if type(value) is not kind:
        raise _UnfitError(f"it is {shown(value)}, and no {_WORDS[kind]}")
    return value


def _plain(kind: type, word: str) -> _Form:
    return _Form(_same, partial(_only, kind), lambda _: {"type": word})


def _text(write: Callable[[Any], str], read: Callable[[str], Any], **says: str) -> _Form:
    """The form of a type whose values are written as text, such as fractions, days and amounts."""
    looks_right = re.compile(says.get("pattern", ".{1,200}"), re.ASCII).fullmatch

    @lru_cache(maxsize=4096)
    def back(text: str) -> Any:
        if not looks_right(text):
            raise _UnfitError(f"{shown(text)} was never written so")
        try:
            found = read(text)
            again = write(found)
        except (ArithmeticError, ValueError, LoanPerfError) as error:
            raise _UnfitError(shown(str(error), 200)) from None
        if again != text:
            raise _UnfitError(f"{shown(text)} was never written so")
        return found

    return _Form(write, lambda value: back(_only(str, value)), lambda _: {"type": "string", **says})


def _none(value: Any) -> None:
    if value is not None:
        raise _UnfitError(f"it is {shown(value)}, and nothing must stand there")


def _explained(value: Any) -> Explanation:
    try:
        return Explanation.from_data(value)
    except DataError as error:
        raise _UnfitError(error.fault) from None


_WORDS = {str: "text", int: "whole number", bool: "truth"}
_DIGITS = "[0-9]{1,4000}"
"""As many as Python reads."""
_KNOWN: dict[Any, _Form] = {
    str: _plain(str, "string"),
    int: _plain(int, "integer"),
    bool: _plain(bool, "boolean"),
    NoneType: _Form(_same, _none, lambda _: {"type": "null"}),
    Fraction: _text(str, Fraction, pattern=f"^-?{_DIGITS}(/{_DIGITS})?$"),
    Decimal: _text(str, Decimal, pattern=f"^-?{_DIGITS}([.]{_DIGITS})?(E[+-]?[0-9]{{1,4}})?$"),
    date: _text(date.isoformat, day, format="date"),
    Period: _text(str, Period.parse),
    Money: _text(str, Money.of, pattern=f"^-?{_DIGITS}([.][0-9]+)? [A-Z]{{3}}$"),
    Explanation: _Form(
        Explanation.data, _explained, lambda _: {"type": "object", "required": ["rule", "values", "because"]}
    ),
}


def _form(hint: Any) -> _Form:
    """The form of a type as annotations name it."""
    if hint not in _KNOWN:
        _KNOWN[hint] = _worked_out(hint)
    return _KNOWN[hint]


def _worked_out(hint: Any) -> _Form:
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (typing.Union, UnionType):
        return _of_several(parts)
    if origin is Literal:
        return _one_of({word: word for word in parts})
    if origin is tuple:
        many = len(parts) == 2 and parts[1] is Ellipsis
        return _list(_form(parts[0])) if many else _row([*map(_form, parts)])
    if origin is not None and issubclass(origin, Mapping):
        return _table(*map(_form, parts))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _one_of({member.value: member for member in hint})
    if isinstance(hint, NewType):
        return _form(hint.__supertype__)
    if isinstance(hint, type) and attrs.has(hint):
        return _record(hint)
    raise TypeError(f"there is no form for {hint}")


def _one_of(words: Mapping[Any, Any]) -> _Form:
    written = {value: word for word, value in words.items()}

    def read(value: Any) -> Any:
        if not isinstance(value, str) or value not in words:
            raise _UnfitError(f"it is {shown(value)}, and none of {', '.join(map(repr, words))}")
        return words[value]

    return _Form(written.__getitem__, read, lambda _: {"enum": [*words]})


def _list(part: _Form) -> _Form:
    return _Form(
        lambda value: [*map(part.write, value)],
        lambda value: tuple(_at(place, part.read, item) for place, item in enumerate(_only_list(value))),
        lambda parts: {"type": "array", "items": part.schema(parts)},
    )


def _row(columns: list[_Form]) -> _Form:
    """The form of tuples of one length."""

    def read(value: Any) -> Any:
        if len(_only_list(value)) != len(columns):
            raise _UnfitError(f"it has {len(value)} parts, and {len(columns)} must stand there")
        return tuple(_at(place, form.read, item) for place, (form, item) in enumerate(zip(columns, value, strict=True)))

    return _Form(
        lambda value: [form.write(item) for form, item in zip(columns, value, strict=True)],
        read,
        lambda parts: {
            "type": "array",
            "prefixItems": [form.schema(parts) for form in columns],
            "items": False,
            "minItems": len(columns),
        },
    )


def _table(key: _Form, part: _Form) -> _Form:
    """The form of mappings from texts, and from what is written as text."""
    return _Form(
        lambda value: {key.write(name): part.write(item) for name, item in value.items()},
        lambda value: {key.read(name): _at(name, part.read, item) for name, item in _only_table(value).items()},
        lambda parts: {"type": "object", "additionalProperties": part.schema(parts)},
    )


def _only_list(value: Any) -> Any:
    if not isinstance(value, list):
        raise _UnfitError(f"it is {shown(value)}, and no list")
    return value


def _only_table(value: Any) -> Any:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise _UnfitError(f"it is {shown(value)}, and no table")
    return value


def _at(place: str | int, read: Callable[[Any], Any], value: Any) -> Any:
    """Read a part; an error says where it stands."""
    try:
        return read(value)
    except _UnfitError as error:
        raise _below(place, error) from None


def _below(place: str | int, error: _UnfitError) -> _UnfitError:
    """The error of a part, as one of the whole."""
    step = f"[{place}]" if isinstance(place, int) else f".{place}"
    return _UnfitError(error.fault, step + error.path)


# ── classes ─────────────────────────────────────────────────────────────────────────────────────────────────


def _record(kind: type) -> _Form:
    """The form of a class of attrs: its parts, by the names of its arguments.

    A part that is lacking has its default: it was written before the class had the part. What is a value of the class
    already stays as it is.
    """
    fields = [field for field in attrs.fields(attrs.resolve_types(kind)) if field.init]
    names = {str(field.alias): field.alias if hasattr(kind, str(field.alias)) else field.name for field in fields}
    optional = {str(field.alias) for field in fields if field.default is not attrs.NOTHING}
    # Looked up when they are needed, since a class may hold values of its own.
    hints = {str(field.alias): _without_callables(field.type) for field in fields}
    known, required = frozenset(hints), frozenset(hints) - optional
    forms = cache(lambda: {name: _form(hint) for name, hint in hints.items()})

    def write(value: Any) -> dict[str, Any]:
        return {name: form.write(told(getattr(value, names[name]))) for name, form in forms().items()}

    def read(value: Any) -> Any:
        if type(value) is kind:
            return value
        given = value if isinstance(value, Mapping) else _only_table(value)
        if not required <= given.keys() <= known:
            _only_table(value)
            name = min(required - given.keys() | given.keys() - known)
            raise _UnfitError("it lacks a part" if name in hints else "nothing of this name is in it", f".{name}")
        made = _parts(forms(), given)
        try:
            return kind(**made)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, LoanPerfError) as error:
            raise _UnfitError(str(error)) from None

    def schema(parts: dict[str, Schema]) -> Schema:
        if kind.__name__ not in parts:
            parts[kind.__name__] = {}
            parts[kind.__name__] = {
                "type": "object",
                "properties": {name: form.schema(parts) for name, form in forms().items()},
                "required": [name for name in hints if name not in optional],
                "additionalProperties": False,
            }
        return {"$ref": f"#/$defs/{kind.__name__}"}

    return _Form(write, read, schema)


def _parts(forms: Mapping[str, _Form], given: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a class that are given, read."""
    made, name = dict[str, Any](), ""
    try:
        for name, form in forms.items():
            if name in given:
                made[name] = form.read(given[name])
    except _UnfitError as error:
        raise _below(name, error) from None
    return made


def _without_callables(hint: Any) -> Any:
    """A type without what works it out when somebody asks."""
    kept = [part for part in get_args(hint) if get_origin(part) is not typing.get_origin(Callable[[], Any])]
    if get_origin(hint) not in (typing.Union, UnionType) or len(kept) == len(get_args(hint)):
        return hint
    return reduce(or_, kept)


def _of_several(kinds: tuple[Any, ...]) -> _Form:
    """The form of what may be of several types; where these are classes, the data says which."""
    classes = {kind.__name__: kind for kind in kinds if isinstance(kind, type) and _is_record(kind)}
    if len(classes) > 1:
        return _of_classes(classes, [kind for kind in kinds if kind not in classes.values()])
    forms = [_form(kind) for kind in kinds]
    by_type = dict(zip(map(_type_of, kinds), forms, strict=True))

    def write(value: Any) -> Any:
        form = by_type.get(type(value)) or next(form for kind, form in by_type.items() if isinstance(value, kind))
        return form.write(value)

    def read(value: Any) -> Any:
        faults = []
        for form in forms:
            try:
                return form.read(value)
            except _UnfitError as error:
                faults.append(error)
        raise max(faults, key=lambda error: len(error.path))

    return _Form(write, read, lambda parts: {"anyOf": [form.schema(parts) for form in forms]})


def _of_classes(classes: Mapping[str, type], others: list[Any]) -> _Form:
    forms = {name: _form(kind) for name, kind in classes.items()}
    rest = _form(others[0]) if others else None

    def write(value: Any) -> Any:
        name = type(value).__name__
        return {_WHICH: name, **forms[name].write(value)} if name in forms else rest and rest.write(value)

    def read(value: Any) -> Any:
        if rest is not None and not isinstance(value, Mapping):
            return rest.read(value)
        given = {**_only_table(value)}
        name = given.pop(_WHICH, None)
        if not isinstance(name, str) or name not in forms:
            raise _UnfitError(f"it is {shown(name)}, and none of {', '.join(forms)}", f".{_WHICH}")
        return forms[name].read(given)

    def schema(parts: dict[str, Schema]) -> Schema:
        found: list[Schema] = [] if rest is None else [rest.schema(parts)]
        for name, form in forms.items():
            form.schema(parts)
            own = parts[name]
            named = {_WHICH: {"const": name}, **own["properties"]}
            found.append({**own, "properties": named, "required": [_WHICH, *own["required"]]})
        return {"anyOf": found}

    return _Form(write, read, schema)


def _is_record(kind: type) -> bool:
    return attrs.has(kind) and kind not in (Period, Money, Explanation)


def _type_of(hint: Any) -> type:
    """The class of which values of a type are."""
    origin = get_origin(hint)
    return str if origin is Literal else origin or hint


def _name(kind: type) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", kind.__name__).lower()
