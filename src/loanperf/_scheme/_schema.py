"""JSON Schema: the types of a scheme -> a schema by which editors complete and check a document."""

from __future__ import annotations

import ast
import inspect
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cache
from itertools import pairwise
from textwrap import dedent
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from attrs import NOTHING, fields, has

from loanperf._commission import Clawback, Component
from loanperf._commission._tiers import Counts
from loanperf._curves import Curve, Then
from loanperf._explanations import Label
from loanperf._holdback import Holdback
from loanperf._indicators import CATALOGUE, Measure, Where
from loanperf._quantities import CURRENCIES, Quantity
from loanperf._scheme._definition import Scheme
from loanperf._scheme._documents import is_keyed
from loanperf._scorecard import Bonus
from loanperf._validators import Factor

_NUMBER = {"type": ["string", "number"]}
_BOUNDS = {
    "at_least": {**_NUMBER, "description": "The smallest value that passes, in the unit of the field."},
    "above": {**_NUMBER, "description": "Larger values pass, in the unit of the field; this one does not."},
    "at_most": {**_NUMBER, "description": "The largest value that passes, in the unit of the field."},
    "below": {**_NUMBER, "description": "Smaller values pass, in the unit of the field; this one does not."},
}
_KNOTS = {
    "type": "array",
    "description": "Knots [x, y], in rising order of x; two at one x make a jump of a linear curve.",
    "minItems": 1,
    "items": {"type": "array", "prefixItems": [_NUMBER, _NUMBER], "minItems": 2},
}
_THEN = {
    "type": "object",
    "description": "How the curve goes on above its last knot.",
    "properties": {
        "per_point": {**_NUMBER, "description": "Added for each point, or percentage point on a curve over ratios."},
        "point": {**_NUMBER, "description": "How much of x one point is, such as '10万元'; without it 1, or 1%."},
        "counted": {"enum": ["pro rata", "whole"], "description": "Whether parts of a point count."},
    },
    "required": ["per_point", "counted"],
    "additionalProperties": False,
}
_BANDS = {
    "type": "array",
    "description": "Rows [from, to, y] from the lowest up, each from where the one before ends; the last to is empty.",
    "minItems": 1,
    "items": {
        "type": "array",
        "prefixItems": [_NUMBER, {"type": ["string", "number", "null"]}, _NUMBER],
        "minItems": 3,
    },
}
_CLOSED = {"enum": ["left", "right"], "description": "left: [from, to); right: (from, to]."}
THEN = "How `curve` goes on above its last knot, where `curve` is a list of knots."
"""The words for `then` of a bonus, which is a key of documents and no field."""
_FIXED: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    str | int: {"type": ["string", "integer"]},
    date: {"type": "string", "format": "date"},
    Fraction: {
        "anyOf": [{"type": "string"}, {"type": "number", "minimum": -1, "maximum": 1}],
        "description": "A share, such as '30%', '300 bp' or '1/3'.",
    },
    Factor: {**_NUMBER, "description": "A factor, such as '120%' or 1.2."},
    Decimal: {**_NUMBER, "description": "A number of points, such as 90."},
    Quantity: {**_NUMBER, "description": "A number with its unit, such as '100万元', '3%' or '100 point'."},
    Label: {
        "anyOf": [
            {"type": "string"},
            {
                "type": "object",
                "properties": {
                    "en": {"type": "string", "description": "The name in English."},
                    "zh": {"type": "string", "description": "The name in Chinese; without it, the English one."},
                },
                "required": ["en"],
                "additionalProperties": False,
            },
        ]
    },
    Then: _THEN,
    Curve: {
        "anyOf": [
            {**_KNOTS, "description": "Knots [x, y] of a linear curve, in rising order of x."},
            {
                "type": "object",
                "properties": {
                    "knots": _KNOTS,
                    "shape": {"enum": ["step", "linear"], "description": "step: the y of a knot holds until the next."},
                    "closed": _CLOSED,
                    "then": _THEN,
                },
                "required": ["knots", "shape"],
                "additionalProperties": False,
            },
            {
                "type": "object",
                "properties": {
                    "bands": _BANDS,
                    "shape": {"enum": ["step"], "description": "The y of a band holds in all of it."},
                    "closed": _CLOSED,
                    "then": _THEN,
                },
                "required": ["bands", "shape"],
                "additionalProperties": False,
            },
        ]
    },
    tuple[Where, ...]: {
        "type": "object",
        "description": "Filters by field: a value, a list of values, or bounds.",
        "additionalProperties": {
            "anyOf": [
                {"type": ["string", "boolean"]},
                {"type": "array", "items": {"type": ["string", "boolean"]}, "minItems": 1},
                {"type": "object", "properties": _BOUNDS, "additionalProperties": False},
            ]
        },
    },
}

_FIXED[tuple[Where, ...] | Counts] = {"anyOf": [{"enum": list(get_args(Counts))}, _FIXED[tuple[Where, ...]]]}
_BY_ROLE = {"type": "object", "additionalProperties": _FIXED[Fraction]}
_OTHERWISE: dict[tuple[type, str], dict[str, Any]] = {
    (Component, "split"): _BY_ROLE,
    (Holdback, "roles"): _BY_ROLE,
    (Holdback, "share"): {"anyOf": [_FIXED[Fraction], *_FIXED[Curve]["anyOf"]]},
    (Clawback, "share"): {"anyOf": [_FIXED[Fraction], *_FIXED[Curve]["anyOf"]]},
}
"""Fields that a document writes otherwise than their type says."""


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a scheme document, TOML or JSON.

    >>> json_schema()["properties"]["bonus"]["properties"]["unit"]["enum"]
    ['month', 'amount', 'share']
    """
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "loanperf scheme"}
    schema = head | _table(Scheme)
    schema["properties"]["currency"] |= {"enum": list(CURRENCIES)}
    schema["anyOf"] = [{"required": ["profiles"]}, {"required": ["plans"]}]
    plan = schema["properties"]["plans"]["additionalProperties"]
    each = {
        "description": "Plans that are whole by themselves.",
        "additionalProperties": {"required": plan.pop("required")},
    }
    whole = {"properties": {"plans": each}}
    schema |= {"if": {"not": {"required": ["common"]}}, "then": whole}
    return schema


def _schema(kind: Any) -> dict[str, Any]:
    if kind in _FIXED:
        return _FIXED[kind]
    if kind == Measure:
        return {"anyOf": [_schema(part) for part in get_args(Measure)]}
    if get_origin(kind) is Literal:
        return {"enum": list(get_args(kind))}
    if NoneType in get_args(kind):
        parts = [_schema(part) for part in get_args(kind) if part is not NoneType]
        return parts[0] if len(parts) == 1 else {"anyOf": parts}
    if get_origin(kind) is tuple:
        return _tuple(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"enum": [item.value for item in kind]}
    return _table(kind)


def _tuple(kind: Any) -> dict[str, Any]:
    item = get_args(kind)[0]
    if not is_keyed(kind):
        return {"type": "array", "items": _schema(item)}
    if get_origin(item) is not tuple:
        return {"type": "object", "additionalProperties": _without_code(_table(item))}
    value = get_args(item)[1]
    table: dict[str, Any] = {"type": "object", "additionalProperties": _schema(value)}
    if value in (Fraction, Quantity):
        named = {code: f"{build().name.en} {build().name.zh}" for code, build in CATALOGUE.items()}
        table["properties"] = {code: {**_schema(value), "description": name} for code, name in named.items()}
    return table


def _without_code(table: dict[str, Any]) -> dict[str, Any]:
    """A table whose code is the key under which it stands."""
    properties = {name: part for name, part in table["properties"].items() if name != "code"}
    return {**table, "properties": properties, "required": [name for name in table["required"] if name != "code"]}


def _table(kind: type) -> dict[str, Any]:
    hints, words = get_type_hints(kind), _words(kind)
    properties, required = {}, []
    for item in fields(kind):
        if not item.init:
            continue
        part = dict(_OTHERWISE.get((kind, item.name)) or _schema(hints[item.name]))
        if item.name in words:
            part["description"] = words[item.name]
        properties[item.name] = part
        if item.default is NOTHING:
            required.append(item.name)
    if kind is Bonus:
        properties["then"] = {**_THEN, "description": THEN}
    description = inspect.getdoc(kind) or ""
    return {
        "type": "object",
        "description": description.split("\n\n")[0],
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


@cache
def _words(kind: type) -> dict[str, str]:
    """The docstrings that stand below the fields of a class."""
    if not has(kind):
        return {}
    body = ast.parse(dedent(inspect.getsource(kind))).body[0]
    lines = body.body if isinstance(body, ast.ClassDef) else []
    found = {}
    for line, below in pairwise(lines):
        match line, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = " ".join(text.split())
            case _:
                pass
    return found
