"""Natives: a cell of a data frame or workbook -> the text that stands for it, so that one set of rules reads all."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isnan

from attrs import frozen

from loanperf.adapters.tables._cells import Fault, cleaned
from loanperf.adapters.tables._columns import CellKind
from loanperf.errors import FloatError, shown

_MOST_DIGITS = 60
_DIGITS_OF_EXCEL = 15
_WHOLE_IN_A_FLOAT = 2**53
_FAKE_DAY = 60
"""The serial number of 29 February 1900, a day that there never was."""
_LAST_SERIAL = 2_958_465
"""9999-12-31."""
_DIGITS_OF_A_DAY = 8
_YEARS = range(1900, 2100)
"""Of months written as 202603; as serial numbers they are days from 2420 on."""
_YEARS_1900_TO_1903 = 1462
"""Days by which the two systems differ."""
_AS_TEXT = "make the column text there, and write it again"


@frozen
class Figure:
    """A number of a workbook, as Excel shows it: rounded to 15 significant digits."""

    value: Decimal
    in_1904: bool = False
    """Whether the workbook counts days from 1904, as Excel for the Macintosh did."""
    percent: bool = False
    """Whether it is shown as a percentage."""


def figure(value: float, *, in_1904: bool, percent: bool) -> Figure | Fault:
    """The figure that Excel shows for a number, or the fault that it is none.

    >>> figure(0.1 + 0.2, in_1904=False, percent=False).value
    Decimal('0.3')
    """
    shown_value = Decimal(f"{value:.{_DIGITS_OF_EXCEL}g}")
    if not shown_value.is_finite():
        return Fault("it is no number", shown(value), "mend it in the workbook")
    return Figure(shown_value, in_1904, percent)


def text_of(cell: object, kind: CellKind, longest: int) -> str | Fault:
    """The text of a cell, empty where there is no value, or the fault that is in it.

    Args:
        cell: text, number, truth value, date, `Figure` or None; a `Fault` that the source already found.
        kind: what its column is to hold.
        longest: the most characters of a cell.
    """
    match cell:
        case str():
            return cleaned(cell, longest)
        case None:
            return ""
        case Fault():
            return cell
        case Figure():
            return _figure(cell, kind)
        case date():
            return _day(cell, kind)
        case time() | timedelta():
            return Fault("it is a time of day or a length of time", shown(str(cell)), f"pass what is a {kind}")
        case _:
            return _number(cell, kind)


def _number(cell: object, kind: CellKind) -> str | Fault:
    match cell:
        case bool():
            if kind == "truth":
                return "true" if cell else "false"
            return Fault("it is a truth value", shown(cell), f"pass what is a {kind}")
        case int():
            if cell.bit_length() > 4 * _MOST_DIGITS:
                return Fault(f"it has more than {_MOST_DIGITS} digits", shown(cell), "check the column")
            return str(cell)
        case Decimal():
            return _decimal(cell, kind)
        case float():
            return _float(cell, kind)
        case _:
            return Fault(f"it is a {type(cell).__name__}", shown(cell), "pass text, whole numbers, decimals or days")


def _decimal(cell: Decimal, kind: CellKind) -> str | Fault:
    if cell.is_nan():
        return ""
    if not cell.is_finite() or abs(cell.adjusted()) >= _MOST_DIGITS or len(cell.as_tuple().digits) > _MOST_DIGITS:
        return Fault("it is no number of ordinary size", shown(cell), "check the column")
    # A loan 1001 in a column of decimals is that of a column of text.
    if kind in ("code", "text") and cell == cell.to_integral_value():
        return str(int(cell))
    return format(cell, "f")


def _float(cell: float, kind: CellKind) -> str | Fault:
    """A whole number is exact in a float, and where some are missing pandas makes floats of all."""
    if isnan(cell):  # what pandas has for nothing
        return ""
    if kind in ("code", "text", "days", "months") and cell.is_integer() and abs(cell) < _WHOLE_IN_A_FLOAT:
        return str(int(cell))
    fault, _, remedy = str(FloatError(cell)).partition("; ")
    return Fault(fault, "", remedy)


def _day(cell: date, kind: CellKind) -> str | Fault:
    if isinstance(cell, datetime):
        if cell.tzinfo is not None:
            fault = "it is a moment of a time zone, which falls on different days in different zones"
            return Fault(fault, shown(str(cell)), "pass dates, in the zone in which days count")
        if cell.time() != time():
            return Fault("it has a time of day", shown(str(cell)), "pass dates, in the zone in which days count")
        cell = cell.date()
    if kind != "day":
        return Fault("it is a day", shown(cell.isoformat()), f"{_AS_TEXT}, since it is to be a {kind}")
    return cell.isoformat()


def _figure(cell: Figure, kind: CellKind) -> str | Fault:
    value = cell.value
    if kind == "day":
        return _serial_day(cell)
    if kind in ("code", "text") and abs(value) >= 10**_DIGITS_OF_EXCEL:
        fault = f"it is a number of more than {_DIGITS_OF_EXCEL} digits, and Excel has lost the last ones"
        return Fault(fault, shown(format(value, "f")) if value.adjusted() < _MOST_DIGITS else shown(value), _AS_TEXT)
    if cell.percent:
        return f"{value * 100:f}%" if abs(value.adjusted()) < _MOST_DIGITS else str(value)
    return _decimal(value, kind)


def _serial_day(cell: Figure) -> str | Fault:
    """The day that a serial number means, as Excel shows it."""
    found = shown(str(cell.value))
    if cell.value != cell.value.to_integral_value():
        return Fault("it is a serial number with a time of day", found, "write whole days")
    if cell.value == cell.value.to_integral_value() and len(str(int(cell.value))) == _DIGITS_OF_A_DAY:
        return str(int(cell.value))  # 20260331, far beyond all serial numbers
    first, last = (0, _LAST_SERIAL - _YEARS_1900_TO_1903) if cell.in_1904 else (1, _LAST_SERIAL)
    if not first <= cell.value <= last:
        return Fault("it is no serial number of a day", found, "write a day as 2026-03-31")
    serial = int(cell.value)
    if serial // 100 in _YEARS and 1 <= serial % 100 <= 12:
        return Fault("it is a month, or the serial number of a day after 2400", found, "write a day as 2026-03-31")
    if cell.in_1904:
        return (date(1904, 1, 1) + timedelta(days=serial)).isoformat()
    if serial == _FAKE_DAY:
        return fake_day()
    return (date(1899, 12, 31 if serial < _FAKE_DAY else 30) + timedelta(days=serial)).isoformat()


def fake_day() -> Fault:
    """The fault of serial number 60, which Excel shows as 29 February 1900."""
    return Fault("it is 29 February 1900, which never was", "60", "check the day: Excel alone believes in it")
