"""Units: columns of plain numbers -> the same numbers in the unit that a heading or a declaration names, exactly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import gcd
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from attrs import evolve, frozen

from loanperf._quantities import Quantity
from loanperf._tables._columns import Column, Table, frozen_array
from loanperf._units import IS_RATIO, Counted, parted, unit_of
from loanperf.errors import DataError, shown

Units: TypeAlias = Mapping[str, str]
"""Units of plain numbers, by column."""
NO_UNITS: Units = MappingProxyType({})
_LARGEST = 2**63 - 1
_OR_ELSE: Mapping[Counted, str] = {
    "money": "say it in the heading, such as '{name}(元)', or declare it: units={{'{name}': 'fen'}}, 'smallest unit', "
    "'元', '万元', 'million' …",
    "share": "say it in the heading, such as '{name}(%)', or declare it: units={{'{name}': '%'}}, '‰', 'bp' or 'ratio'",
    "points": "declare units={{'{name}': 'point'}} or '1/100 point', or pass decimals",
    "number": "declare units={{'{name}': '1/1000000'}}, or '' for whole ones, or pass decimals",
}
_MAY_BE: Mapping[Counted, str] = {
    "money": "its numbers have no unit: they may count yuan, fen or 万元",
    "share": "its numbers have no unit: 0.8 may be 0.8% or 80%",
    "points": "its whole numbers have no unit: they may count points or hundredths of a point",
    "number": "its whole numbers have no unit: they may count ones or millionths",
}


@frozen(eq=False)
class UnitsSaid:
    """What is said of the units of a table's columns: by their headings, and by the host."""

    table: Table
    """Its columns without the units of their headings."""
    units: Units
    """By column."""

    @classmethod
    def of(cls, table: Table, units: Units) -> UnitsSaid:
        """Read the units of headings such as `balance(万元)` or `npl_ratio(%)`.

        Raises:
            DataError: two headings of one column, a column that is not there, or two units for one.
        """
        found, columns = dict(units), dict[str, Column]()
        for heading, column in table.columns.items():
            name, unit = parted(heading)
            name = name.strip() if unit else heading
            if name in columns:
                raise DataError(f"table {table.name}", f"it has two columns {name!r}", "rename one")
            if unit and found.setdefault(name, unit) != unit:
                fault = f"it is in {unit} by its heading, and in {found[name]} by its declared unit"
                raise DataError(f"column {table.name}.{name}", fault, "say one of them")
            columns[name] = column
        for name in found:
            if not any(column == name or column.startswith(f"{name}.") for column in columns):
                fault, remedy = f"there is no column {shown(name)}", f"its columns are {', '.join(columns)}"
                raise DataError(f"units of table {table.name}", fault, remedy)
        return cls(evolve(table, columns=columns), MappingProxyType(found))

    def __iter__(self) -> Iterator[str]:
        return iter(self.table)


def in_whole_units(given: Column, kind: Counted, said: str | None, where: str, currency: str = "") -> Column:
    """A column of numbers with the units in one whole that its unit says: yuan, a ratio, a point.

    Args:
        given: whole numbers; or floats that hold whole numbers, but for money.
        kind: what they count.
        said: the unit; None where nobody says it.
        where: table and column with a dot between them, for errors.
        currency: of amounts.
    """
    name = where.partition(".")[2]
    if kind == "money" and given.kind == "float":
        fault, remedy = "it holds floats, which are not exact", "pass int64 or decimals with their unit"
        raise DataError(f"column {where}", fault, f"{remedy}; of pandas, call convert_dtypes() on the frame")
    if said is None:
        open_ = given.scale is None if kind != "share" else given.scale is None or given.bare
        if open_:
            raise DataError(f"column {where}", _MAY_BE[kind], _OR_ELSE[kind].format(name=name))
        return given
    unit = unit_of(kind, said, currency)
    if unit is None:
        of = f"{currency} money" if kind == "money" else {"share": "a ratio", "number": "a number"}.get(kind, kind)
        fault = f"{shown(said)} is no unit of {of}"
        raise DataError(f"column {where}", fault, _OR_ELSE[kind].format(name=name))
    if given.scale is not None and not given.bare:
        fault = f"its unit is said to be {said!r}, and its scale {given.scale}"
        raise DataError(f"column {where}", fault, "pass whole numbers or decimals with a unit, or a scale alone")
    if kind == "share" and unit == IS_RATIO:
        must_be_ratios(given, where)
    return _times(given, unit, where)


def must_be_ratios(given: Column, where: str) -> None:
    """Refuse bare ratios of which one is above 1 or below -1: the others may be percentages as well."""
    scale = given.scale or 1
    large = (given.values > scale) | (given.values < -scale)
    if given.missing is not None:
        large &= ~given.missing
    if large.any():
        row = int(large.argmax())
        found = f"{given.values[row] / scale:g}"
        fault = f"row {row} holds {found}, and as a ratio {found} is {given.values[row] / scale:.0%}"
        remedy = f"if {found}% is meant, say so by the unit '%' for the whole column"
        raise DataError(f"column {where}", fault, remedy)


def _times(given: Column, unit: Quantity, where: str) -> Column:
    """The numbers times a unit; those that no longer fit in 64 bits are in `Column.beyond`."""
    scale = (given.scale or 1) * unit.value.denominator
    shared = gcd(scale, unit.value.numerator)
    scale, many = scale // shared, unit.value.numerator // shared
    if given.kind == "float" and many > 1:
        fault, remedy = f"it holds floats, and one is {unit}", "pass int64 or decimals"
        raise DataError(f"column {where}", fault, remedy)
    if many == 1 or not len(given):
        return evolve(given, scale=scale, bare=False)
    large = (given.values > _LARGEST // many) | (given.values < -(_LARGEST // many))
    if given.missing is not None:
        large &= ~given.missing
    values = frozen_array(np.where(large, 0, given.values) * many)
    if not large.any():
        return evolve(given, values=values, scale=scale, bare=False)
    missing = large if given.missing is None else given.missing | large
    beyond = large if given.beyond is None else given.beyond | large
    return evolve(given, values=values, missing=missing, scale=scale, beyond=beyond, bare=False)
