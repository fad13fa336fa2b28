"""Rows: a fact <-> the cells of its row."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypeAlias

from loanperf._facts import KIND_OF, Fact, about, fact_from, key_text
from loanperf._feeds import SaidOfRow
from loanperf._kinds import KINDS, TypeName
from loanperf._periods import day
from loanperf._quantities import Money, plain
from loanperf.adapters.sql._schema import EXACT, FIELDS, column_of, facts
from loanperf.adapters.sql._stored import exact, made
from loanperf.errors import Problem, Subject, shown

Cells: TypeAlias = dict[str, Any]
"""By column; what is not there is left out."""
_HALF = re.compile("[\ud800-\udfff]")
"""What is left of bytes that no decoder could read; no database takes it."""
WITHDRAWN, PROBLEM, CONTRADICTION = "withdrawn", "problem", "contradiction"
_MOST_UNITS = 2**63 - 1
_FROM: Mapping[str, tuple[tuple[str, str, TypeName], ...]] = {
    form: tuple((field, column_of(field, of), of) for field, of in fields.items()) for form, fields in FIELDS.items()
}
"""Field, column and type of each field of a form, which is a kind of facts."""


def row_of(row: str, said: SaidOfRow) -> Cells:
    """The cells of a row of a feed, each of whose contents is as `kept_content` gives it."""
    revision, contents = said
    (content,) = contents if len(contents) == 1 else (None,)
    if len(contents) > 1:
        cells: Cells = {"form": CONTRADICTION, "said": _written(contents)}
    else:
        cells = {"form": WITHDRAWN} if content is None else content_of(content)
    cells["row_code"], cells["revision"] = row, revision
    if content is not None and not isinstance(content, Problem) and content.source:
        cells["fact_source"] = content.source
    return cells


def content_of(content: Fact | Problem) -> Cells:
    """The cells of what a row says, in the order of its form, but for where it comes from."""
    if isinstance(content, Problem):
        return {"form": PROBLEM, "said": _written([content])}
    form = KIND_OF[type(content)].name
    cells: Cells = {"form": form}
    for field, column, of in _FROM[form]:
        value = getattr(content, field)
        if value is None or (not value and value == KINDS[form].columns[field].default):
            cells[column] = None  # a text or a truth that may be left out, and is
        elif of == "money":
            cells[column], cells["currency"] = value.units, value.currency
        elif of == "word":
            cells[column] = value.value
        else:
            cells[column] = plain(value) if of in EXACT else value
    return cells


def kept_content(content: Fact | Problem) -> Fact | Problem:
    """What can be kept of what a row says; of a fact with an amount beyond 64 bits that is a problem."""
    if not isinstance(content, Problem):
        for field in KIND_OF[type(content)].money:
            amount = getattr(content, field)
            if amount is not None and abs(amount.units) > _MOST_UNITS:
                return _beyond(content, field, amount)
    return content


def _beyond(fact: Fact, field: str, amount: Money) -> Problem:
    remedy = "give an amount of less than 2**63 smallest units"
    return about(fact, Problem(key_text(fact.key), f"{field} is beyond 64 bits", str(amount), remedy))


def said_of(row: Mapping[str, Any]) -> SaidOfRow:
    """What a row says, as `_stored.read` gives it; the inverse of `row_of`.

    Raises:
        StoreError: it says nothing that was ever written.
    """
    return row["revision"], made(facts, row, _contents)


def _contents(row: Mapping[str, Any]) -> frozenset[Fact | Problem | None]:
    form = row["form"]
    if form == WITHDRAWN:
        return frozenset([None])
    if form in (PROBLEM, CONTRADICTION):
        written = json.loads(row["said"])
        if (form == PROBLEM) is not (len(written) == 1):
            raise ValueError(f"{len(written)} things are said, and it is a {form}")
        return frozenset(map(_content_of, written))  # fewer where two problems were written that are equal
    if form not in _FROM:
        raise ValueError(f"there are no facts of the kind {shown(form)}")
    return frozenset([fact_of(form, row)])


def fact_of(form: str, row: Mapping[str, Any]) -> Fact:
    """The fact of a row of a form."""
    values = {
        field: _value(row[column], of, row["currency"]) for field, column, of in _FROM[form] if row[column] is not None
    }
    return fact_from(form, values, row["fact_source"] or "")


def _value(cell: Any, of: TypeName, currency: str) -> Any:
    if of == "money":
        return Money.from_units(cell, currency)
    return exact(cell) if of in EXACT else cell


# ── what stands in no column ────────────────────────────────────────────────────────────────────────────────


def _written(contents: Iterable[Fact | Problem | None]) -> str:
    """Facts and problems as JSON, the same whatever their order; escaped where a text is not of Unicode."""
    said = sorted((_plain(content) for content in contents), key=repr)
    text = json.dumps(said, ensure_ascii=False)
    return json.dumps(said) if _HALF.search(text) else text


def _plain(content: Fact | Problem | None) -> Any:
    if content is None:
        return None
    if isinstance(content, Problem):
        concerned = {name: getattr(content, name) for name in ("payee", "loan", "row", "column", "at")}
        follows = {name: [*subject] for name in ("loses", "lacks") if (subject := getattr(content, name)) is not None}
        said = {name: value for name, value in concerned.items() if value not in ("", None)} | follows
        return {"problem": [content.where, content.fault, content.found, content.remedy], **said}
    cells = content_of(content)
    cells["fact_source"] = content.source or None
    there = {name: cell for name, cell in cells.items() if cell is not None}
    return {name: cell.isoformat() if isinstance(cell, date) else cell for name, cell in there.items()}


def _text(said: Any) -> str:
    if not isinstance(said, str):
        raise TypeError(f"{shown(said)} is no text")
    return said


def _subject(said: Any) -> Subject | None:
    match said:
        case None:
            return None
        case [str(kind), str(code)]:
            return kind, code
        case _:
            raise TypeError(f"{shown(said)} is no kind and code")


def _line_and_column(said: Any) -> tuple[int, int] | None:
    match said:
        case None:
            return None
        case [int(line), int(column)]:
            return line, column
        case _:
            raise TypeError(f"{shown(said)} is no line and column")


def _content_of(said: Any) -> Fact | Problem | None:
    if said is None:
        return None
    if "problem" in said:
        where, fault, found, remedy = map(_text, said["problem"])
        payee, loan, column = (_text(said.get(name, "")) for name in ("payee", "loan", "column"))
        row = said.get("row")
        if row is not None and type(row) is not int:
            raise TypeError(f"{shown(row)} is no number of a row")
        concerned: dict[str, Any] = {"payee": payee, "loan": loan, "row": row, "column": column}
        concerned |= {"at": _line_and_column(said.get("at"))}
        concerned |= {name: _subject(said.get(name)) for name in ("loses", "lacks")}
        return Problem(where, fault, found, remedy, **concerned)
    days = {column for _, column, of in _FROM[said["form"]] if of == "day"}
    cells = {name: day(cell) if name in days else cell for name, cell in said.items()}
    every = {column: None for _, column, _ in _FROM[said["form"]]} | {"currency": None, "fact_source": None}
    return fact_of(said["form"], every | cells)
