"""Labels: names in English and Chinese, numbers as people of a language write them, and text that leaves as a cell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from html import escape
from types import MappingProxyType
from unicodedata import category, normalize

from attrs import frozen

from loanperf._periods import Period
from loanperf._quantities import CURRENCIES, Money, Quantity, Rounding, plain, rounded
from loanperf.errors import Language, is_encodable, spoken


@frozen
class Label:
    """A name in English and in Chinese."""

    en: str
    zh: str = ""

    def to(self, language: Language) -> str:
        """The name in a language; English where there is no Chinese.

        Raises:
            DataError: the language is neither English nor simplified Chinese.
        """
        return (self.zh or self.en) if spoken(language) == "zh" else self.en

    def __str__(self) -> str:
        return self.en


ROUNDING_NAMES: Mapping[Rounding, Label] = MappingProxyType(
    {
        Rounding.HALF_EVEN: Label("half even", "四舍六入五成双"),
        Rounding.HALF_UP: Label("half up", "四舍五入"),
        Rounding.HALF_DOWN: Label("half down", "五舍六入"),
        Rounding.UP: Label("up", "向远离零方向进位"),
        Rounding.DOWN: Label("down", "截尾"),
        Rounding.CEILING: Label("ceiling", "向上取整"),
        Rounding.FLOOR: Label("floor", "向下取整"),
    }
)
"""The words for each rounding."""

UNIT_NAMES: Mapping[str, Label] = MappingProxyType(
    {
        "point": Label("point", "分"),
        "month": Label("month", "个月"),
        "day": Label("day", "天"),
        "person": Label("person", "人"),
    }
)
"""The words for each unit that is no currency."""

CURRENCY_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "CNY": "元",
        "USD": "美元",
        "EUR": "欧元",
        "GBP": "英镑",
        "HKD": "港元",
        "MOP": "澳门元",
        "TWD": "新台币元",
        "JPY": "日元",
        "KRW": "韩元",
        "SGD": "新加坡元",
        "MYR": "林吉特",
        "THB": "泰铢",
        "VND": "越南盾",
        "IDR": "印尼盾",
        "INR": "印度卢比",
        "AUD": "澳元",
        "CAD": "加元",
        "CHF": "瑞士法郎",
    }
)
"""What currencies are called in Chinese; any other goes by its code."""

SOMEBODY = Label("the payee", "该员工")
"""Who is meant where no payee is named."""
_AMOUNT = re.compile(r"(≈?-?)([0-9]{1,40})([.][0-9]+|/[0-9]+)?(?: ([A-Z]{3}))?")
"""A number as the library prints it, with or without a currency."""
_MYRIAD = 10_000


def in_words(value: str | Label | Money, language: Language, *, bare: bool = False) -> str:
    """A value as people of a language read it; English reads it as it is stored.

    Chinese has amounts with separators and the name of the currency: `8,169.60 元`. Where an amount is written without
    decimals, as targets and caps are, whole myriads are 万元: `120 万元`. A fraction stays one: `86,040/31 元`. What is
    no amount is left as it is.

    Args:
        value: an amount, a label, or a text.
        language: see `spoken`.
        bare: whether a text that is a number without a currency is a number, and no code.

    >>> in_words("8169.60 CNY", "zh"), in_words("1200000 CNY", "zh"), in_words("8169.60 CNY", "en")
    ('8,169.60 元', '120 万元', '8169.60 CNY')
    """
    if isinstance(value, Label) and value.zh:
        return value.to(language)
    text = str(value)
    return _in_chinese(text, bare=bare) if spoken(language) == "zh" else text


@lru_cache(maxsize=8192)
def _in_chinese(text: str, *, bare: bool) -> str:
    """An amount as Chinese reads it; any other text as it is."""
    found = _AMOUNT.fullmatch(text)
    if found is None or (found[4] is None and not bare):
        return text
    sign, whole, decimals, currency = found[1], int(found[2]), found[3] or "", found[4]
    if currency is None:
        return f"{sign}{whole:,}{decimals}"
    if currency not in CURRENCIES:
        return text
    if currency == "CNY" and not decimals and whole and not whole % _MYRIAD:
        return f"{sign}{whole // _MYRIAD:,} 万元"
    if "." in decimals:
        decimals = decimals.ljust(1 + CURRENCIES[currency], "0")
    return f"{sign}{whole:,}{decimals} {CURRENCY_NAMES.get(currency, currency)}"


def quantity_label(value: Quantity) -> str | Label:
    """A quantity with its unit in both languages."""
    name = UNIT_NAMES.get(value.unit)
    if name is None:
        return str(value)
    number, ending = plain(value.value), "" if value.value == 1 else "s"
    return Label(f"{number} {name.en}{ending}", f"{number} {name.zh}")


def near_label(value: Quantity) -> str | Label:
    """A quantity for who only reads it: where its decimals never end, rounded half even to two and marked with ≈.

    >>> from fractions import Fraction
    >>> str(near_label(Quantity(Fraction(1600000, 3), "CNY")))
    '≈533333.33 CNY'
    """
    if "/" not in plain(value.value):
        return quantity_label(value)
    number, name = f"≈{rounded(value.value, 2, Rounding.HALF_EVEN)}", UNIT_NAMES.get(value.unit)
    return f"{number} {value.unit}".rstrip() if name is None else Label(f"{number} {name.en}s", f"{number} {name.zh}")


def one_line(text: str) -> str:
    r"""Text without new lines, control characters or marks of direction: a blank in place of each run of them.

    So no value of a sentence begins a line that looks like another one, or turns round what stands after it.

    >>> one_line("late\n└─ paid: 900"), one_line("张\u3000三")
    ('late └─ paid: 900', '张\u3000三')
    """
    return text if text.isprintable() else _BREAKS.sub(" ", text)


# ── cells that leave ────────────────────────────────────────────────────────────────────────────────────────

_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_STARTS = frozenset("=+-@")
_NUMBER = re.compile(r"[+-]?\d[\d,]*(\.\d+)?(/\d+)?(e[+-]?\d+)?( ?([^\W\d_]{1,10}|[%‰‱]))?", re.ASCII | re.IGNORECASE)
_CHINESE = re.compile(r"[+-]?\d[\d,]*(\.\d+)?(/\d+)? ?(元|万元|亿元|分|角|万|亿)", re.ASCII)


def harmless(text: str) -> str:
    """Text as a cell or heading that leaves as CSV, in a workbook or as HTML: no spreadsheet takes it for a formula.

    What begins like a formula, in half or full width, whatever blanks and unseen characters stand before it, gets an
    apostrophe; so does a tab or a new line in front. Numbers stay numbers, with their sign and unit. It is one line.

    >>> harmless("=1+1"), harmless(" ＝1"), harmless("-5"), harmless("-300.00 CNY"), harmless("lin")
    ("'=1+1", "' ＝1", '-5', '-300.00 CNY', 'lin')
    """
    line = text if text.isprintable() else " ".join(text.replace("\0", "").splitlines())
    if line[:1].isalpha():  # no letter is read as one of the signs
        return line
    if _NUMBER.fullmatch(line) or _CHINESE.fullmatch(line):
        return line
    first = next((sign for sign in line if not _is_unseen(sign)), "")
    starts = normalize("NFKC", first)[:1] in _STARTS if first else False
    return f"'{line}" if starts or text[:1] in ("\t", "\r", "\n") else line


def _is_unseen(sign: str) -> bool:
    """Whether it is a blank, a mark of direction, or anything else that shows nothing."""
    return category(sign)[0] in "ZC"


def html_of(text: str) -> str:
    """Text as it stands in HTML, in a cell, heading or sentence: escaped, and no formula where it is copied on."""
    return escape(harmless(text))


_TURNS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
"""Marks that turn the direction of what follows them, beyond the text in which they stand."""


@lru_cache(maxsize=4096)
def written(text: str) -> str:
    """A text of a host as it stands on a page before it is escaped: one line, no formula, no mark that turns others."""
    known = text if is_encodable(text) else text.encode("utf-8", "replace").decode()
    return harmless(known if known.isascii() else known.translate(_TURNS))


def period_label(period: Period) -> Label:
    """A period for who reads it: a month, quarter or year by its name, other days from the first to the last one.

    >>> period_label(Period("2026-06-16", "2026-07-01")).zh
    '2026-06-16 至 2026-06-30'
    >>> str(period_label(Period("2026-06-01", "2026-07-01")))
    '2026-06'
    """
    name = str(period)
    if "/" not in name:
        return Label(name, name)
    return Label(f"{period.start} to {period.last_day}", f"{period.start} 至 {period.last_day}")
