"""Cells: text, or a cell of a data frame or workbook -> value, or the fault that is in it, by one set of rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from functools import lru_cache
from math import isnan
from types import MappingProxyType
from typing import Literal, TypeAlias

from attrs import frozen

from loanperf._indicators import CATALOGUE, Kind, indicator
from loanperf._periods import Period, day
from loanperf._quantities import (
    CURRENCIES,
    FULL_WIDTH,
    DecimalSign,
    Money,
    Quantity,
    is_share,
    percent,
    plain,
    quantity,
)
from loanperf._units import IS_RATIO, Counted, unit_of
from loanperf.adapters.tables._given import INDICATORS, CellKind, TableColumn
from loanperf.errors import FloatError, LoanPerfError, PeriodError, QuantityError, UnitError, meant_by, shown

_SPACES = {0x3000: " ", 0xA0: " "}
_FORMULA = re.compile(r"[=@\uff1d\uff20]|[+\-＋－](?![0-9.０-９．]|$)")
"""ASCII or full-width; a lone sign is no formula."""
_SPREADSHEET_ERROR = re.compile(r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|#+$)")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9][0-9,.]*(?:[eE][+-]?[0-9]+)?|[+-]?[0-9]+/[0-9]+")
_TRUTHS = {"true": True, "yes": True, "y": True, "1": True, "是": True}
_TRUTHS |= {"false": False, "no": False, "n": False, "0": False, "否": False}


@frozen
class Fault:
    """What is wrong with a cell, what was there, and what would be right."""

    fault: str
    found: str
    remedy: str
    above_1: bool = False
    """Whether it is a bare ratio above 1, by which the others of its column may be percentages as well."""


@frozen
class How:
    """How numbers and days of a column are written."""

    unit: str | None = None
    """The unit of plain numbers; None where nobody says it."""
    decimal: DecimalSign = ""
    """The sign before decimals; empty where nobody says it."""
    form: str = ""
    """The form of days, where they do not begin with the year."""


Parsed: TypeAlias = "str | date | Money | Quantity | Period | int | bool | Fault"


def cleaned(text: str, longest: int) -> str | Fault:
    """The text of a cell without spaces around it, or why it can be no cell of any column."""
    if len(text) > longest:
        return Fault(f"it is longer than {longest} characters", shown(text), "check that the file is not damaged")
    clean = text.strip() if text.isascii() else text.translate(_SPACES).strip()
    if not clean.isprintable():
        strange = next(character for character in clean if not character.isprintable())
        name = "a NUL byte" if strange == "\0" else f"the control character U+{ord(strange):04X}"
        return Fault(f"it holds {name}", shown(clean), "export the file again as plain CSV")
    if _FORMULA.match(clean):
        return Fault("it holds a formula", shown(clean), "put its value there: paste values only, or export anew")
    if _SPREADSHEET_ERROR.match(clean):
        return Fault("it holds an error of the spreadsheet", shown(clean), "mend it there, and export anew")
    return clean


def value_of(column: TableColumn, text: str, currency: str, how: How, code: str = "") -> Parsed:
    """The value of a clean cell that is not empty, read as its column says.

    Args:
        column: what the cell is to hold.
        text: as `cleaned` returns it.
        currency: of plain amounts in the row; empty where there is none.
        how: the column is written.
        code: of the indicator in the row, where it names one.
    """
    match column.kind:
        case "money":
            return _money(text, currency, how)
        case "word":
            return _word(text, column.words)
        case "day":
            return _day(text, how.form)
        case "share":
            return _share(text, how)
        case "value":
            return _value(text, how, code)
        case "number":
            return _number(text, how, "number", "write a plain number, such as 7.1")
        case "points":
            return _number(text, how, "points", "write points, such as 85")
        case "days" | "months":
            return _whole(text, how, column.kind)
        case _:
            return _READ[column.kind](text)


def is_bare(text: str) -> bool:
    """Whether a cell is a number without a unit; a quotient such as 1/3 says itself what it is.

    >>> is_bare("1,234.5"), is_bare("0.8"), is_bare("80%"), is_bare("1/3")
    (True, True, False, False)
    """
    return "/" not in text and _is_plain(text)


def _is_plain(text: str) -> bool:
    return _PLAIN_NUMBER.fullmatch(text.translate(FULL_WIDTH)) is not None


NO_CURRENCY = "write it with its unit, like 30万元 or 300000 CNY, or name the unit in the heading"
NO_CURRENCY_IN_ROW = f"{NO_CURRENCY}, or fill in a column 'currency'"


_SHARES = ("%", "‰", "‱")
"""Signs of a share, which is neither money nor points nor days."""


@lru_cache(maxsize=4096)
def _day(text: str, form: str) -> date | Fault:
    try:
        return day(text, form=form)
    except PeriodError as error:
        return Fault(error.fault, shown(text), error.remedy)


def _money(text: str, currency: str, how: How, remedy: str = NO_CURRENCY_IN_ROW) -> Money | Fault:
    unit = None if how.unit is None else unit_of("money", how.unit, currency)
    plain_number = _is_plain(text)
    if plain_number and how.unit is not None and unit is None:
        fault = f"its column counts in {how.unit}, and the row in {currency}" if currency else f"it is in {how.unit}"
        return Fault(fault, shown(text), "make them one")
    base = currency if unit is None else unit.unit
    # 120万 is 万元 where no other currency is named; a plain number is of no currency then.
    default = base or ("" if plain_number else "CNY")
    found = _quantity(text, how.decimal, default=default, asked=base or "CNY")
    if isinstance(found, Fault):
        return found
    if not found.unit and text[-1:].translate(FULL_WIDTH) in _SHARES:
        return Fault("it is a share, and no amount of money", shown(text), NO_CURRENCY)
    if not found.unit:
        return Fault("the amount has no currency", shown(text), remedy)
    if plain_number and unit is not None:
        found = Quantity(found.value * unit.value, found.unit)
    try:
        return Money.of(found, currency)
    except UnitError as error:
        if found.unit in CURRENCIES:
            return Fault(f"the amount is in {found.unit}, and the row in {currency}", shown(text), "make them one")
        return Fault(f"it is in {error.found}, and no amount of money", shown(text), NO_CURRENCY)
    except QuantityError as error:
        return Fault(error.fault, shown(text), "write no more places than that")


def _quantity(text: str, decimal: DecimalSign, *, default: str = "", asked: str = "") -> Quantity | Fault:
    try:
        return quantity(text, default=default, asked=asked, decimal=decimal)
    except LoanPerfError as error:
        if isinstance(error, QuantityError):
            return Fault(error.fault, shown(text), error.remedy)
        raise


def _share(text: str, how: How, most: Fraction | None = None) -> Quantity | Fault:
    found = _quantity(text, how.decimal)
    if isinstance(found, Fault):
        return found
    if found.unit:
        return Fault(f"it is in {found.unit}, and no share", shown(text), "write a share, such as 60%")
    if not is_bare(text) or not found.value:
        return found
    unit = None if how.unit is None else unit_of("share", how.unit)
    number, share = plain(found.value), percent(found.value)
    if abs(found.value) > 1 and unit in (None, IS_RATIO):
        either = most is None or found.value <= most
        remedy = f"write '{number}%', or '{share}'" if either else f"write '{number}%'"
        return Fault(f"{number} is {share}", shown(text), remedy, above_1=True)
    if unit is None:
        remedy = f"write '{number}%' or '{share}', or name the unit in the heading, such as '(%)'"
        return Fault(f"{number} may be {number}% or {share}", shown(text), remedy)
    return Quantity(found.value * unit.value)


def _value(text: str, how: How, code: str) -> Quantity | Fault:
    """A reading or target, by what its indicator counts; of one that is not in the catalogue as it is written."""
    known = indicator(code) if code in CATALOGUE else None
    kind = None if known is None else known.kind
    if kind is Kind.MONEY:
        amount = _money(text, "", how, NO_CURRENCY)
        return amount if isinstance(amount, Fault) else Quantity(amount.exact, amount.currency)
    if known is not None and known.kind is Kind.RATIO:
        return _share(text, how, known.most)
    found = _quantity(text, how.decimal, asked="point" if kind is Kind.POINTS else "")
    if kind is not None and is_share(text):
        return Fault(
            "it is a share", shown(text), "write points, such as 85" if kind is Kind.POINTS else "write a number"
        )
    if isinstance(found, Fault) or how.unit is None or not _is_plain(text):
        return found
    asked: tuple[Counted, ...] = ("money", "share", "points", "number", "days", "months")
    if kind is not None:
        asked = ("points",) if kind is Kind.POINTS else ("number",)
    units = [unit for each in asked if (unit := unit_of(each, how.unit)) is not None]
    if len({unit.unit for unit in units}) != 1:
        many = "may be of several kinds" if units else "is none of it"
        return Fault(f"the unit of its column, {how.unit}, {many}", shown(text), "write the number with its unit")
    return Quantity(found.value * units[0].value, units[0].unit)


def _number(text: str, how: How, kind: Counted, remedy: str) -> Quantity | Fault:
    base = {"points": "point", "days": "day", "months": "month"}.get(kind, "")
    found = _quantity(text, how.decimal, asked="point" if kind == "points" else "")
    if isinstance(found, Fault):
        return found
    if found.unit in ("", base) and text[-1:].translate(FULL_WIDTH) not in _SHARES:
        unit = None if how.unit is None or not _is_plain(text) else unit_of(kind, how.unit)
        return found if unit is None else Quantity(found.value * unit.value, unit.unit)
    if not found.unit:
        return Fault("it is a share", shown(text), remedy)
    return Fault(f"it is in {found.unit}", shown(text), remedy)


def _whole(text: str, how: How, kind: Literal["days", "months"]) -> int | Fault:
    remedy = f"write whole {kind}, such as 31"
    found = _number(text, how, kind, remedy)
    if isinstance(found, Fault):
        return found
    if found.value.denominator != 1:
        return Fault(f"it is no whole number of {kind}", shown(text), remedy)
    return found.value.numerator


def _word(text: str, words: Mapping[str, tuple[str, ...]]) -> str | Fault:
    for word, forms in words.items():
        if text.casefold() == word or text in forms:
            return word
    known = [word if text.isascii() or not forms else forms[0] for word, forms in words.items()]
    remedy = meant_by(text.casefold(), known, f"write one of {', '.join(known)}")
    return Fault("it is no word that is known here", shown(text), remedy)


def _period(text: str) -> Period | Fault:
    try:
        return Period.parse(text.translate(FULL_WIDTH))
    except PeriodError as error:
        return Fault(error.fault, shown(text), error.remedy)


def _currency(text: str) -> str | Fault:
    if text in CURRENCIES:
        return text
    close = get_close_matches(text.upper(), CURRENCIES, 1)
    return Fault("it is no currency", shown(text), f"write a code of ISO 4217, such as {(*close, 'CNY')[0]}")


def _truth(text: str) -> bool | Fault:
    known = _TRUTHS.get(text.casefold())
    return known if known is not None else Fault("it is neither yes nor no", shown(text), "write yes or no")


_READ: Mapping[CellKind, Callable[[str], Parsed]] = MappingProxyType(
    {
        "code": str,
        "text": str,
        "currency": _currency,
        "currency code": _currency,
        "truth": _truth,
        "indicator": lambda text: INDICATORS.get(text, text),
        "period": _period,
    }
)
"""How each kind of cell is read that needs nothing but its text."""


_MOST_DIGITS = 60
_DIGITS_OF_EXCEL = 15
_WHOLE_IN_A_FLOAT = 2**53
_FAKE_DAY = 60
"""The serial number of 29 February 1900, a day that there never was."""
_LAST_SERIAL = 2_958_465
"""9999-12-31."""
_DIGITS_OF_A_DAY = 8
_YEARS = range(1900, 2100)
"""Years of months written as 202603; read as serial numbers they would be days from 2420 on."""
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
            return _native_day(cell, kind)
        case time() | timedelta():
            return Fault("it is a time of day or a length of time", shown(str(cell)), f"pass what is a {kind}")
        case _:
            return _native_number(cell, kind)


def _native_number(cell: object, kind: CellKind) -> str | Fault:
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


def _native_day(cell: date, kind: CellKind) -> str | Fault:
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
