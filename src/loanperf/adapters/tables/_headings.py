"""Headings: what a host calls its columns -> our columns and the unit of plain numbers, or what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher, get_close_matches
from functools import cache
from types import MappingProxyType

from attrs import field, frozen

from loanperf._quantities import CURRENCIES, quantity
from loanperf.adapters.tables._columns import COLUMNS, CellKind, Columns
from loanperf.errors import DataError, LoanPerfError, shown

LEFT_OUT = ""
"""What a heading is mapped to whose column is not to be read."""
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0xA0: " "}
_GAPS = re.compile(r"[\s_\-]+")
_WITH_UNIT = re.compile(r"(?P<name>.*[^\s(])\s*\((?P<unit>[^()]+)\)")
_NEAR, _CLEARLY = 0.72, 0.08
"""How alike two headings are to be, and by how much more so than to any other column, to be suggested."""
_BASES: Mapping[CellKind, str] = MappingProxyType(
    {"share": "", "number": "", "points": "point", "days": "day", "months": "month"}
)
"""The base unit of each kind of cell that has one."""
_NOTHING: Mapping[str, str] = MappingProxyType({})


def _frozen_map(given: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({str(key): value for key, value in given.items()})


@frozen
class Asked:
    """What a host says of the columns of one table.

    Raises:
        DataError: a column that the table has not, or a unit that does not fit.
    """

    table: str
    columns: Mapping[str, str] = field(default=_NOTHING, converter=_frozen_map)
    """Our column by the host's heading; `LEFT_OUT` where it is not to be read."""
    units: Mapping[str, str] = field(default=_NOTHING, converter=_frozen_map)
    """The unit of plain numbers, by our column."""

    def __attrs_post_init__(self) -> None:
        known = COLUMNS[self.table]
        for heading, name in self.columns.items():
            if name != LEFT_OUT and name not in known:
                raise _unknown_column(f"columns of {self.table}, heading {shown(heading)}", name, known)
        for name, unit in self.units.items():
            if name not in known:
                raise _unknown_column(f"units of {self.table}", name, known)
            if fault := _misfit(known[name].kind, unit):
                raise DataError(f"units of {self.table}, column {name!r}", fault, _units_for(known[name].kind))


@frozen
class Headings:
    """The columns of a source, by place."""

    names: tuple[str, ...]
    """Our column at each place; `LEFT_OUT` where it is not read."""
    written: tuple[str, ...]
    """The same, as the source has them."""
    columns: Columns
    heads: Mapping[str, str]
    """As the source has them, by our column."""
    units: Mapping[str, str]
    """The unit of plain numbers, by our column."""


# ── recognised ──────────────────────────────────────────────────────────────────────────────────────────────


def plain_heading(heading: str) -> str:
    """A heading without what does not matter: case, width of signs, and what stands between words.

    >>> plain_heading(" Loan-ID "), plain_heading("期限（月）")
    ('loan_id', '期限(月)')
    """
    return _GAPS.sub("_", heading.translate(_FULL_WIDTH).strip().casefold())


@cache
def known_headings(table: str) -> Mapping[str, str]:
    """Our column by each heading under which it is known, as `plain_heading` gives it."""
    found = {}
    for name, column in COLUMNS[table].items():
        for heading in (name, *column.zh, *column.en):
            found[plain_heading(heading)] = name
    return MappingProxyType(found)


def headings_of(where: str, title: str, written: Sequence[str], asked: Asked) -> Headings:
    """The columns that the first row of a source names.

    Args:
        where: of the headings, for the error.
        title: of the source, for the error.
        written: the headings, in order.
        asked: what the host says of them.

    Raises:
        DataError: a column is missing, unknown, without a name or there twice; all of them at once.
    """
    columns = COLUMNS[asked.table]
    read = [_read(cell, asked) for cell in written]
    names = [name for name, _ in read]
    faults = [*_not_known(written, names, asked.table), *_doubled(written, names)]
    faults += [f"there is no heading {shown(heading)}, which is mapped" for heading in _unmet(written, asked)]
    missing = [f"{name!r} ({columns[name].zh[0]})" for name in required(columns) if name not in names]
    if missing:
        faults.append(f"the column {' and the column '.join(missing)} is missing")
    units = dict(asked.units)
    for name, unit in read:
        if not unit or not name:
            continue
        if misfit := _misfit(columns[name].kind, unit):
            faults.append(f"the heading of column {name!r} names a unit, and {misfit}")
        elif units.setdefault(name, unit) != unit:
            faults.append(f"the column {name!r} is in {unit} by its heading, and in {units[name]} by its declared unit")
    if faults:
        raise DataError(where, ", and ".join(faults), f"the columns of {title} are {', '.join(columns)}")
    kept = tuple(name or LEFT_OUT for name in names)
    heads = {name: cell for name, cell in zip(kept, written, strict=True) if name}
    return Headings(kept, tuple(written), columns, heads, units)


def required(columns: Columns) -> list[str]:
    """The columns that no table of that name can do without."""
    return [name for name, column in columns.items() if column.required]


def _read(heading: str, asked: Asked) -> tuple[str | None, str]:
    """Our column of a heading, None where it is not known, and the unit that the heading names."""
    if heading in asked.columns:
        name = asked.columns[heading]
        return name, _unit_in(heading) if name and _takes_unit(COLUMNS[asked.table][name].kind) else ""
    known = known_headings(asked.table)
    whole = plain_heading(heading)
    if whole in known:
        return known[whole], ""
    found = _WITH_UNIT.fullmatch(heading.translate(_FULL_WIDTH).strip())
    named = known.get(plain_heading(found["name"])) if found else None
    if found and named:
        return named, found["unit"].strip()
    return None, ""


def _unit_in(heading: str) -> str:
    """The unit in brackets behind a heading; of a mapped one only what is known as a unit."""
    found = _WITH_UNIT.fullmatch(heading.translate(_FULL_WIDTH).strip())
    unit = found["unit"].strip() if found else ""
    return unit if unit and _base_of(unit) is not None else ""


def _unmet(written: Sequence[str], asked: Asked) -> list[str]:
    return [heading for heading, name in asked.columns.items() if heading not in written and name != LEFT_OUT]


def _not_known(written: Sequence[str], names: Sequence[str | None], table: str) -> Iterator[str]:
    for place, (cell, name) in enumerate(zip(written, names, strict=True), 1):
        if name is not None:
            continue
        if not cell:
            yield f"column {place} has no name"
            continue
        close = get_close_matches(plain_heading(cell), known_headings(table), 1)
        yield f"there is no column {shown(cell)}" + (f" (did you mean {close[0]!r}?)" if close else "")


def _doubled(written: Sequence[str], names: Sequence[str | None]) -> Iterator[str]:
    for name in dict.fromkeys(names):
        found = [cell for cell, same in zip(written, names, strict=True) if same == name]
        if name and len(found) > 1:
            yield f"the column {name!r} stands {len(found)} times (as {', '.join(map(shown, found))})"


# ── units ───────────────────────────────────────────────────────────────────────────────────────────────────


def _base_of(unit: str) -> str | None:
    """The base unit that a unit is a multiple of; None where there is no such unit."""
    try:
        return quantity(f"1{unit}").unit if not unit[:1].isdigit() else None
    except LoanPerfError:
        return None


def _takes_unit(kind: CellKind) -> bool:
    return kind in ("money", "value") or kind in _BASES


def _misfit(kind: CellKind, unit: str) -> str:
    """Why a unit cannot be that of plain numbers in a column; empty where it can."""
    if not _takes_unit(kind):
        return f"there are no plain numbers in a column of kind {kind!r}"
    base = _base_of(unit)
    if base is None:
        return f"{shown(unit)} is no known unit"
    fits = base in CURRENCIES if kind == "money" else kind == "value" or base == _BASES[kind]
    return "" if fits else f"{shown(unit)} is no unit of {kind}"


def _units_for(kind: CellKind) -> str:
    match kind:
        case "money":
            return "declare 元, 千元, 万元, 百万元, 千万元, 亿元 or a code of ISO 4217"
        case "share" | "number":
            return "declare %, ‰, ‱, bp or nothing"
        case _:
            return "declare the unit in which the column counts, or nothing"


def _unknown_column(where: str, name: str, known: Columns) -> DataError:
    close = get_close_matches(str(name), known, 1)
    remedy = f"did you mean {close[0]!r}?" if close else f"its columns are {', '.join(known)}"
    return DataError(where, f"there is no column {shown(name)}", remedy)


# ── suggested ───────────────────────────────────────────────────────────────────────────────────────────────


def suggest(headings: Iterable[str], table: str) -> dict[str, str]:
    """Our column for each heading that has one clear answer, to be looked over and passed as `columns`.

    A heading is known by our name, by Chinese and English ones, with or without a unit in brackets; else by a close
    spelling. One that is near to two columns, or contends with another heading for one, is left out, and so is one
    that is near to none.

    Args:
        headings: what the host's columns are called.
        table: name of a table, such as `loans`.

    Raises:
        DataError: there is no such table.

    >>> suggest(["借据号", "Customer ID", "loan oficer", "放款额（万元）", "备注"], "loans")
    {'借据号': 'loan', 'Customer ID': 'customer', 'loan oficer': 'officer'}
    """
    must_be_table(table, "suggest")
    asked, cells = Asked(table), list(dict.fromkeys(headings))
    sure = {cell: name for cell in cells if (name := _read(cell, asked)[0])}
    near = {cell: name for cell in cells if cell not in sure and (name := _nearest(cell, table))}
    answers = sure | {cell: name for cell, name in near.items() if name not in sure.values()}
    wanted = list(answers.values())
    return {cell: answers[cell] for cell in cells if cell in answers and wanted.count(answers[cell]) == 1}


def _nearest(heading: str, table: str) -> str:
    """The column whose headings are clearly nearest in spelling; empty where none is."""
    found = _WITH_UNIT.fullmatch(heading.translate(_FULL_WIDTH).strip())
    text = plain_heading(found["name"] if found else heading)[:100]
    likeness: dict[str, float] = {}
    for known, name in known_headings(table).items():
        likeness[name] = max(likeness.get(name, 0.0), SequenceMatcher(None, text, known).ratio())
    (first, best), (_, second), *_ = sorted(likeness.items(), key=lambda item: -item[1])
    return first if best >= _NEAR and best - second >= _CLEARLY else ""


def must_be_table(table: str, where: str) -> None:
    """Refuse a name that is no table's.

    Raises:
        DataError: it is none.
    """
    if table not in COLUMNS:
        close = get_close_matches(str(table).lower(), COLUMNS, 1)
        remedy = f"did you mean {close[0]!r}?" if close else f"the tables are {', '.join(COLUMNS)}"
        raise DataError(where, f"there is no table {shown(table)}", remedy)
