"""Cells: text -> value, or the fault that is in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

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
from loanperf.adapters.tables._columns import INDICATORS, CellKind, TableColumn
from loanperf.errors import LoanPerfError, PeriodError, QuantityError, UnitError, shown

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
    """Of plain numbers; None where nobody says it."""
    decimal: DecimalSign = ""
    """The sign before decimals; empty where nobody says it."""
    form: str = ""
    """Of days, where it is another than those that begin with the year."""


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


def _share(text: str, how: How) -> Quantity | Fault:
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
        return Fault(f"{number} is {share}", shown(text), f"write '{number}%', or '{share}'", above_1=True)
    if unit is None:
        remedy = f"write '{number}%' or '{share}', or name the unit in the heading, such as '(%)'"
        return Fault(f"{number} may be {number}% or {share}", shown(text), remedy)
    return Quantity(found.value * unit.value)


def _value(text: str, how: How, code: str) -> Quantity | Fault:
    """A reading or target, by what its indicator counts; of one that is not in the catalogue as it is written."""
    kind = indicator(code).kind if code in CATALOGUE else None
    if kind is Kind.MONEY:
        amount = _money(text, "", how, NO_CURRENCY)
        return amount if isinstance(amount, Fault) else Quantity(amount.exact, amount.currency)
    if kind is Kind.RATIO:
        return _share(text, how)
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
    close = _close(text.casefold(), words)
    remedy = f"did you mean {close!r}?" if close else f"write one of {', '.join(words)}"
    return Fault("it is no word that is known here", shown(text), remedy)


def _period(text: str) -> Period | Fault:
    try:
        return Period.parse(text.translate(FULL_WIDTH))
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
        "currency": _currency,
        "currency code": _currency,
        "truth": _truth,
        "indicator": lambda text: INDICATORS.get(text, text),
        "period": _period,
    }
)
"""How each kind of cell is read that needs nothing but its text."""
