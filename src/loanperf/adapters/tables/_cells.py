"""Cells: text -> value, or the fault that is in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeAlias

from attrs import frozen

from loanperf._indicators import CATALOGUE, Kind, indicator
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES, Money, Quantity, quantity
from loanperf.adapters.tables._columns import INDICATORS, CellKind, Column
from loanperf.errors import LoanPerfError, PeriodError, QuantityError, UnitError, shown

LONGEST_CELL = 10_000
"""Characters; a longer cell is a fault."""
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SPACES = {0x3000: " ", 0xA0: " "}
_FORMULA = re.compile(r"[=@\uff1d\uff20]|[+\-＋－](?![0-9.０-９．]|$)")
"""ASCII or full-width; a lone sign is no formula."""
_SPREADSHEET_ERROR = re.compile(r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|#+$)")
_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{2})-([0-9]{2})|/([0-9]{1,2})/([0-9]{1,2}))")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9][0-9,]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|[+-]?[0-9]+/[0-9]+")
_TRUTHS = {"true": True, "yes": True, "y": True, "1": True, "是": True}
_TRUTHS |= {"false": False, "no": False, "n": False, "0": False, "否": False}


@frozen
class Fault:
    """What is wrong with a cell, what was there, and what would be right."""

    fault: str
    found: str
    remedy: str


Parsed: TypeAlias = "str | date | Money | Quantity | Period | int | bool | Fault"


def cleaned(text: str) -> str | Fault:
    """The text of a cell without spaces around it, or why it can be no cell of any column."""
    if len(text) > LONGEST_CELL:
        return Fault(f"it is longer than {LONGEST_CELL} characters", shown(text), "check that the file is not damaged")
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


def value_of(column: Column, text: str, currency: str) -> Parsed:
    """The value of a clean cell that is not empty, read as its column says.

    Args:
        column: what the cell is to hold.
        text: as `cleaned` returns it.
        currency: of plain amounts in the row; empty where there is none.
    """
    if column.kind == "money":
        return _money(text, currency)
    if column.kind == "word":
        return _word(text, column.words)
    return _READ[column.kind](text)


def with_unit(text: str, unit: str) -> str:
    """A plain number with the unit of its column; other text as it is.

    >>> with_unit("1,234.5", "万元"), with_unit("3000 CNY", "万元")
    ('1,234.5万元', '3000 CNY')
    """
    return f"{text}{unit}" if _PLAIN_NUMBER.fullmatch(text.translate(_FULL_WIDTH)) else text


def lacks_currency(code: str, value: Quantity) -> bool:
    """Whether a pure number stands where an indicator of the catalogue counts in money."""
    return not value.unit and code in CATALOGUE and indicator(code).kind is Kind.MONEY


NO_CURRENCY = "write it with its unit, like 30万元 or 300000 CNY"


_SHARES = ("%", "‰", "‱")
"""Signs of a share, which is neither money nor points nor days."""


@lru_cache(maxsize=4096)
def _day(text: str) -> date | Fault:
    found = _DAY.fullmatch(text.translate(_FULL_WIDTH))
    if found is None:
        return Fault("it is no day", shown(text), "write a day as 2026-03-31 or 2026/3/31")
    year, month, day_of_month = (int(part) for part in found.groups() if part is not None)
    try:
        return date(year, month, day_of_month)
    except ValueError:
        return Fault("there is no such day", shown(text), "check it against a calendar")


def _money(text: str, currency: str) -> Money | Fault:
    found = _quantity(text)
    if isinstance(found, Fault):
        return found
    if not found.unit and text[-1:].translate(_FULL_WIDTH) in _SHARES:
        return Fault("it is a share, and no amount of money", shown(text), NO_CURRENCY)
    if not found.unit and not currency:
        remedy = f"{NO_CURRENCY}, or fill in a column 'currency'"
        return Fault("the amount has no currency", shown(text), remedy)
    try:
        return Money.of(found, currency)
    except UnitError as error:
        if found.unit in CURRENCIES:
            return Fault(f"the amount is in {found.unit}, and the row in {currency}", shown(text), "make them one")
        return Fault(f"it is in {error.found}, and no amount of money", shown(text), NO_CURRENCY)
    except QuantityError as error:
        return Fault(error.fault, shown(text), "write no more places than that")


def _quantity(text: str) -> Quantity | Fault:
    try:
        return quantity(text)
    except LoanPerfError as error:
        if isinstance(error, QuantityError):
            return Fault(error.fault, shown(text), error.remedy)
        raise


def _share(text: str) -> Quantity | Fault:
    found = _quantity(text)
    if isinstance(found, Quantity) and found.unit:
        return Fault(f"it is in {found.unit}, and no share", shown(text), "write a share, such as 60%")
    return found


def _number(text: str, unit: str, remedy: str) -> Quantity | Fault:
    found = _quantity(text)
    if isinstance(found, Fault):
        return found
    if found.unit in ("", unit) and text[-1:].translate(_FULL_WIDTH) not in _SHARES:
        return found
    if not found.unit:
        return Fault("it is a share", shown(text), remedy)
    return Fault(f"it is in {found.unit}", shown(text), remedy)


def _whole(text: str, unit: str) -> int | Fault:
    remedy = f"write whole {unit}s, such as 31"
    found = _number(text, unit, remedy)
    if isinstance(found, Fault):
        return found
    if found.value.denominator != 1:
        return Fault(f"it is no whole number of {unit}s", shown(text), remedy)
    return found.value.numerator


def _word(text: str, words: Mapping[str, tuple[str, ...]]) -> str | Fault:
    for word, forms in words.items():
        if text.casefold() == word or text in forms:
            return word
    close = _close(text.casefold(), words)
    remedy = f"did you mean {close!r}?" if close else f"write one of {', '.join(words)}"
    return Fault("it is no word that is known here", shown(text), remedy)


def _period(text: str) -> Period | Fault:
    try:
        return Period.parse(text.translate(_FULL_WIDTH))
    except PeriodError as error:
        return Fault(error.fault, shown(text), error.remedy)


def _currency(text: str) -> str | Fault:
    if text in CURRENCIES:
        return text
    remedy = f"write a code of ISO 4217, such as {_close(text.upper(), CURRENCIES) or 'CNY'}"
    return Fault("it is no currency", shown(text), remedy)


def _truth(text: str) -> bool | Fault:
    known = _TRUTHS.get(text.casefold())
    return known if known is not None else Fault("it is neither yes nor no", shown(text), "write yes or no")


def _close(text: str, known: Mapping[str, Any]) -> str:
    found = get_close_matches(text, known, 1)
    return found[0] if found else ""


_READ: Mapping[CellKind, Callable[[str], Parsed]] = MappingProxyType(
    {
        "code": str,
        "text": str,
        "day": _day,
        "currency": _currency,
        "currency code": _currency,
        "share": _share,
        "number": lambda text: _number(text, "", "write a plain number, such as 7.1"),
        "points": lambda text: _number(text, "point", "write points, such as 85"),
        "days": lambda text: _whole(text, "day"),
        "months": lambda text: _whole(text, "month"),
        "truth": _truth,
        "indicator": lambda text: INDICATORS.get(text, text),
        "value": _quantity,
        "period": _period,
    }
)
"""How each kind of cell is read that needs nothing but its text."""
