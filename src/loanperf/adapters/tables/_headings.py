"""Headings: what a host calls its columns -> our columns and the unit of plain numbers, or what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache
from types import MappingProxyType
from typing import Any

from attrs import field, frozen

from loanperf._periods import day_form
from loanperf._units import AS_ASCII, Counted, parted, unit_of
from loanperf.adapters.tables._cells import How
from loanperf.adapters.tables._given import COLUMNS, CellKind, Columns
from loanperf.errors import DataError, meant_by, shown

LEFT_OUT = ""
"""What a heading is mapped to whose column is not to be read."""
_HAN = re.compile("[\u4e00-\u9fff]")
_GAPS = re.compile(r"[\s_\-]+")
_NEAR, _CLEARLY = 0.72, 0.08
"""How alike two headings are to be, and by how much more so than to any other column, to be suggested."""
_OF_NUMBERS: Mapping[CellKind, tuple[Counted, ...]] = MappingProxyType(
    {
        "money": ("money",),
        "share": ("share",),
        "number": ("number",),
        "points": ("points",),
        "days": ("days",),
        "months": ("months",),
        "value": ("money", "share", "points", "number", "days", "months"),
    }
)
"""What the plain numbers of each kind of cell may count."""
_NOTHING: Mapping[str, str] = MappingProxyType({})


def _frozen_map(given: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({str(key): value for key, value in given.items()})


@frozen
class AskedOfColumns:
    """What a host says of the columns of one table."""

    table: str
    columns: Mapping[str, str] = field(default=_NOTHING, converter=_frozen_map)
    """Our column by the host's heading; `LEFT_OUT` where it is not to be read."""
    units: Mapping[str, str] = field(default=_NOTHING, converter=_frozen_map)
    """The unit of plain numbers, by our column."""
    decimals: Mapping[str, str] = field(default=_NOTHING, converter=_frozen_map)
    """The sign before decimals, by our column."""
    days: Mapping[str, str] = field(default=_NOTHING, converter=_frozen_map)
    """The form of days, by our column."""
    always: Mapping[str, str] = field(default=_NOTHING, converter=_frozen_map)
    """What stands in every row, by our column that the source has not."""

    def __attrs_post_init__(self) -> None:
        known = COLUMNS[self.table]
        for heading, name in self.columns.items():
            if name != LEFT_OUT and name not in known:
                raise _unknown_column(f"columns of {self.table}, heading {shown(heading)}", name, known)
        for what, said in (("units", self.units), ("always", self.always)):
            if unknown := [name for name in said if name not in known]:
                raise _unknown_column(f"{what} of {self.table}", unknown[0], known)
        for name, unit in self.units.items():
            if fault := _misfit(known[name].kind, unit):
                raise DataError(f"units of {self.table}, column {name!r}", fault, _units_for(known[name].kind))
        for name, sign in self.decimals.items():
            self._must_be("decimals", name, of=_OF_NUMBERS)
            if sign not in (".", ","):
                fault = f"{shown(sign)} is no decimal sign"
                raise DataError(f"decimals of {self.table}, column {name!r}", fault, "declare '.' or ','")
        for name, form in self.days.items():
            self._must_be("days", name, of=("day",))
            day_form(form)

    def _must_be(self, what: str, name: str, *, of: Collection[str]) -> None:
        """Refuse what is said of no column, or of one of another kind."""
        known = COLUMNS[self.table]
        if name not in known:
            raise _unknown_column(f"{what} of {self.table}", name, known)
        if known[name].kind not in of:
            fault, remedy = f"its cells are of kind {known[name].kind!r}", "declare it of another column, or not at all"
            raise DataError(f"{what} of {self.table}, column {name!r}", fault, remedy)

    def how(self, name: str, unit: str | None) -> How:
        """How a column of ours is written, whose unit is known."""
        sign: Any = self.decimals.get(name, "")
        return How(unit, sign, self.days.get(name, ""))


@frozen
class Headings:
    """The columns of a source, by place."""

    names: tuple[str, ...]
    """Our column at each place; `LEFT_OUT` where it is not read."""
    written: tuple[str, ...]
    """The same, as the source has them."""
    columns: Columns
    heads: Mapping[str, str]
    """The heading in the source, by our column."""
    how: Mapping[str, How]
    """The declared decimal sign or form of days, by the name of our column."""


# ── recognised ──────────────────────────────────────────────────────────────────────────────────────────────


def plain_heading(heading: str) -> str:
    """A heading without what does not matter: case, width of signs, and what stands between words.

    >>> plain_heading(" Loan-ID "), plain_heading("期限（月）")
    ('loan_id', '期限(月)')
    """
    return _GAPS.sub("_", heading.translate(AS_ASCII).strip().casefold())


@cache
def known_headings(table: str) -> Mapping[str, str]:
    """Our column by each heading under which it is known, as `plain_heading` gives it."""
    found = {}
    for name, column in COLUMNS[table].items():
        for heading in (name, *column.zh, *column.en):
            found[plain_heading(heading)] = name
    return MappingProxyType(found)


def headings_of(where: str, title: str, written: Sequence[str], asked: AskedOfColumns) -> Headings:
    """The columns that the first row of a source names, and behind them those that the host says are always so."""
    columns = COLUMNS[asked.table]
    read = [*(_read(cell, asked) for cell in written), *((name, "") for name in asked.always)]
    unmet = [_unmet(heading, written) for heading in asked.columns if heading not in written and asked.columns[heading]]
    written = [*written, *asked.always]
    names = [name for name, _ in read]
    faults = [*_not_known(written, names, asked.table), *_doubled(written, names)]
    faults += unmet
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
        raise DataError(
            where, ", and ".join(faults), f"the columns of {title} are {', '.join(_named(columns, written))}"
        )
    kept = tuple(name or LEFT_OUT for name in names)
    heads = {name: cell for name, cell in zip(kept, written, strict=True) if name}
    return Headings(kept, tuple(written), columns, heads, {name: asked.how(name, units.get(name)) for name in heads})


def _named(columns: Columns, written: Sequence[str]) -> list[str]:
    """The headings that are known, in Chinese where a source has Chinese ones."""
    in_chinese = any(_HAN.search(cell) for cell in written)
    return [column.zh[0] if in_chinese else name for name, column in columns.items()]


def required(columns: Columns) -> list[str]:
    """The columns that no table of that name can do without."""
    return [name for name, column in columns.items() if column.required]


def _read(heading: str, asked: AskedOfColumns) -> tuple[str | None, str]:
    """Our column of a heading, None where it is not known, and the unit that the heading names."""
    if heading in asked.columns:
        name = asked.columns[heading]
        return name, _unit_in(heading, COLUMNS[asked.table][name].kind) if name else ""
    known = known_headings(asked.table)
    whole = plain_heading(heading)
    if whole in known:
        return known[whole], ""
    name, unit = parted(heading)
    named = known.get(plain_heading(name)) if unit else None
    return (named, unit) if named else (None, "")


def _unit_in(heading: str, kind: CellKind) -> str:
    """The unit in brackets behind a mapped heading; only what is one of its column."""
    _, unit = parted(heading)
    return unit if unit and not _misfit(kind, unit) else ""


def _unmet(heading: str, written: Sequence[str]) -> str:
    """What is to be said of a heading that is mapped, and that a source has not."""
    meant = meant_by(heading, written)
    return f"there is no heading {shown(heading)}, which is mapped{f' ({meant})' if meant else ''}"


def _not_known(written: Sequence[str], names: Sequence[str | None], table: str) -> Iterator[str]:
    for place, (cell, name) in enumerate(zip(written, names, strict=True), 1):
        if name is not None:
            continue
        if not cell:
            yield f"column {place} has no name"
            continue
        meant = meant_by(plain_heading(cell), known_headings(table))
        yield f"there is no column {shown(cell)}" + (f" ({meant})" if meant else "")


def _doubled(written: Sequence[str], names: Sequence[str | None]) -> Iterator[str]:
    for name in dict.fromkeys(names):
        found = [cell for cell, same in zip(written, names, strict=True) if same == name]
        if name and len(found) > 1:
            yield f"the column {name!r} stands {len(found)} times (as {', '.join(map(shown, found))})"


# ── units ───────────────────────────────────────────────────────────────────────────────────────────────────


def _misfit(kind: CellKind, unit: str) -> str:
    """Why a unit cannot be that of plain numbers in a column; empty where it can."""
    if kind not in _OF_NUMBERS:
        return f"there are no plain numbers in a column of kind {kind!r}"
    if any(unit_of(counted, unit) is not None for counted in _OF_NUMBERS[kind]):
        return ""
    known = any(unit_of(counted, unit) is not None for counted in _OF_NUMBERS["value"])
    return f"{shown(unit)} is no unit of {kind}" if known else f"{shown(unit)} is no known unit"


def _units_for(kind: CellKind) -> str:
    match kind:
        case "money":
            return "declare 元, 分, 千元, 万元, 亿元, fen, thousand, million, bn, lakh, crore or a code of ISO 4217"
        case "share":
            return "declare %, ‰, ‱, bp or ratio"
        case "number":
            return "declare thousand, million or nothing"
        case _:
            return "declare the unit in which the column counts, or nothing"


def _unknown_column(where: str, name: str, known: Columns) -> DataError:
    remedy = meant_by(name, known, f"its columns are {', '.join(known)}")
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
    asked, cells = AskedOfColumns(table), list(dict.fromkeys(headings))
    sure = {cell: name for cell in cells if (name := _read(cell, asked)[0])}
    near = {cell: name for cell in cells if cell not in sure and (name := _nearest(cell, table))}
    answers = sure | {cell: name for cell, name in near.items() if name not in sure.values()}
    wanted = list(answers.values())
    return {cell: answers[cell] for cell in cells if cell in answers and wanted.count(answers[cell]) == 1}


def _nearest(heading: str, table: str) -> str:
    """The column whose headings are clearly nearest in spelling; empty where none is."""
    text = plain_heading(parted(heading)[0])[:100]
    likeness: dict[str, float] = {}
    for known, name in known_headings(table).items():
        likeness[name] = max(likeness.get(name, 0.0), SequenceMatcher(None, text, known).ratio())
    (first, best), (_, second), *_ = sorted(likeness.items(), key=lambda item: -item[1])
    return first if best >= _NEAR and best - second >= _CLEARLY else ""


def must_be_table(table: str, where: str) -> None:
    """Refuse a name that is no table's."""
    if table not in COLUMNS:
        remedy = meant_by(str(table).lower(), COLUMNS, f"the tables are {', '.join(COLUMNS)}")
        raise DataError(where, f"there is no table {shown(table)}", remedy)
