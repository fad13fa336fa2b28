"""Units of columns: what the plain numbers of a whole column count, as its heading or a declaration says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, TypeAlias

from loanperf._quantities import CURRENCIES, FULL_WIDTH, SCALES, Quantity, quantity
from loanperf.errors import LoanPerfError

Counted: TypeAlias = Literal["money", "share", "number", "points", "days", "months"]
"""What a column of numbers holds."""

AS_ASCII: Mapping[int, int | str] = MappingProxyType({**FULL_WIDTH, 0xA0: " "})
"""Signs of headings, for `str.translate`: as `FULL_WIDTH`, and the blank of web pages."""
_WITH_UNIT = re.compile(r"(?P<name>.*[^\s(])\s*\((?P<unit>[^()]+)\)")
_PREFIX = re.compile(r"^(?:单位\s*:?|in\s|unit\s*:)\s*", re.IGNORECASE)
_CENT = Fraction(1, 100)
_MULTIPLES: Mapping[str, Fraction] = MappingProxyType(
    {
        **{word: Fraction(10**zeros) for word, zeros in SCALES.items()},
        **dict.fromkeys(("thousand", "thousands"), Fraction(10**3)),
        **dict.fromkeys(("million", "millions", "mn"), Fraction(10**6)),
        **dict.fromkeys(("billion", "billions", "bn"), Fraction(10**9)),
        **dict.fromkeys(("lakh", "lakhs", "lac", "lacs"), Fraction(10**5)),
        **dict.fromkeys(("crore", "crores"), Fraction(10**7)),
        **dict.fromkeys(("cent", "cents"), _CENT),
    }
)
"""Multipliers such as thousand and lakh, in lower case; for money, the currency is in the word or in the row."""
_SMALLEST = frozenset({"smallest unit", "smallest units", "最小单位"})
_FEN: Mapping[str, Fraction] = MappingProxyType({"fen": _CENT, "分": _CENT, "jiao": 10 * _CENT, "角": 10 * _CENT})
_RATIO = frozenset({"", "ratio", "比率", "比例", "小数"})
_POINTS = frozenset({"point", "points", "分"})
_BASES: Mapping[Counted, str] = MappingProxyType({"points": "point", "days": "day", "months": "month"})
IS_RATIO = Quantity(Fraction(1))
"""The unit of ratios as they stand: 0.8 is 80%."""


def parted(heading: str) -> tuple[str, str]:
    """A heading without the unit in brackets behind it, and that unit; the whole heading where there is none.

    >>> parted("授信金额（单位：万元）"), parted("Amount (in thousands)"), parted("年利率")
    (('授信金额', '万元'), ('Amount', 'thousands'), ('年利率', ''))
    """
    found = _WITH_UNIT.fullmatch(heading.translate(AS_ASCII).strip())
    if found is None:
        return heading, ""
    return found["name"], _PREFIX.sub("", found["unit"], count=1).strip()


@lru_cache(maxsize=4096)
def unit_of(kind: Counted, text: str, currency: str = "") -> Quantity | None:
    """What one plain number of a column is; None where the text is no unit of such a column.

    Args:
        kind: what the column holds.
        text: the unit: `万元`, `fen`, `smallest unit`, `million`, `USD thousand`, `lakh INR`; `%`, `bp`, `ratio`;
            or a part of one, such as `1/100 point`.
        currency: of the row or book; a unit that names another one does not fit. Empty where it is not known: then a
            unit that leaves the currency open is a pure number, but for 千, 万 and 亿, which are of yuan.

    >>> unit_of("money", "lakh", "INR"), unit_of("share", "bp"), unit_of("points", "%")
    (Quantity(value=Fraction(100000, 1), unit='INR'), Quantity(value=Fraction(1, 10000), unit=''), None)
    """
    plain = " ".join(text.translate(AS_ASCII).split())
    match kind:
        case "money":
            return _money(plain, currency)
        case "share":
            found = IS_RATIO if plain.casefold() in _RATIO else _parsed(plain)
            return found if found is not None and not found.unit and found.value <= 1 else None
        case "number":
            found = IS_RATIO if plain.casefold() in _RATIO else _multiple(plain) or _parsed(plain)
            return found if found is not None and not found.unit else None
        case _:
            if kind == "points" and plain.casefold() in _POINTS:
                return Quantity(Fraction(1), "point")
            found = _parsed(plain)
            return found if found is not None and found.unit == _BASES[kind] else None


def _money(plain: str, currency: str) -> Quantity | None:
    if plain.casefold() in _SMALLEST:
        return Quantity(Fraction(1, 10 ** CURRENCIES[currency]) if currency else Fraction(1), currency)
    found = _of_currency(plain)
    if found is not None:
        return found if currency in ("", found.unit) else None
    many = _multiple(plain)
    # In Chinese 万 alone is 万元, where no other currency is named.
    return None if many is None else Quantity(many.value, currency or ("" if plain.isascii() else "CNY"))


def _of_currency(plain: str) -> Quantity | None:
    """A unit that names its currency, with a word for many before or behind it or without."""
    if plain.casefold() in _FEN:
        return Quantity(_FEN[plain.casefold()], "CNY")
    found = _parsed(plain)
    if found is not None and found.unit in CURRENCIES:
        return found
    for word, many in _MULTIPLES.items():
        rest = plain.casefold()
        for other in (rest.removeprefix(word), rest.removesuffix(word)):
            named = _parsed(other.strip().upper()) if other != rest else None
            if named is not None and named.unit in CURRENCIES and named.value == 1:
                return Quantity(many, named.unit)
    return None


def _multiple(plain: str) -> Quantity | None:
    found = _MULTIPLES.get(plain.casefold())
    return None if found is None else Quantity(found)


def _parsed(plain: str) -> Quantity | None:
    """One of a unit of the closed vocabulary, or a part such as 1/100 of it; None where there is no such unit."""
    part = plain.startswith("1/")
    if not plain or (plain[0].isdigit() and not part) or plain[0] in "+-.,/":
        return None
    try:
        return quantity(plain if part else f"1{plain}")
    except LoanPerfError:
        return None
