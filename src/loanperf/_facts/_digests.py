"""Digests: facts -> a hash of all facts of each kind, the same in whatever order their rows came."""

from __future__ import annotations

import json
from hashlib import sha256
from math import gcd
from typing import Any

import numpy as np

from loanperf._facts._columns import in_order_of_key
from loanperf._facts._facts import Facts
from loanperf._tables._columns import Column, Table, is_there


def digests_of(facts: Facts) -> dict[str, str]:
    """By kind of facts of which there are any, the SHA-256 of all of that kind, in hexadecimal."""
    return {place: _digest(table) for place, table in in_order_of_key(facts.tables).items()}


def _digest(table: Table) -> str:
    """The SHA-256 of a JSON array for each column that has a value, in order of name; sources are left out."""
    found = sha256()
    for name in sorted({*table} - {"source"}):
        column = table[name]
        if is_there(column).any():
            found.update(json.dumps([name, *_cells(column)], separators=(",", ":")).encode())
    return found.hexdigest()


def _cells(column: Column) -> list[Any]:
    """The values of a column, None where there is none, behind the least scale in which they are whole."""
    there = is_there(column)
    if column.kind == "text":
        words = [*column.words, None]
        return [words[code] for code in np.where(there, column.values, -1).tolist()]
    values, scale = column.values, column.scale or 1
    if column.kind == "whole":
        least = gcd(scale, *{*values[there].tolist()})
        values, scale = values // least, scale // least
    if there.all():
        return [scale, *values.tolist()]
    return [scale, *(value if is_one else None for value, is_one in zip(values.tolist(), there.tolist(), strict=True))]
