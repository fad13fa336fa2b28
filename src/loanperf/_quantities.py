"""Quantities: strings with units -> exact numbers; Money, named roundings, allocation.

The only module that imports pint. A number inside loanperf is an `int` or a `Fraction`; a number at the edge is
a string with a unit, a `Decimal`, an `int` or a `Fraction`. A float is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cache, lru_cache, total_ordering
from math import gcd
from numbers import Integral, Real
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, assert_never

from attrs import field, frozen

from loanperf.errors import FloatError, QuantityError, UnitError, shown

Number: TypeAlias = "str | int | Decimal | Fraction | Quantity | Money"
"""What a host may pass where a quantity is expected."""

# ISO 4217: active codes, and the places of their smallest unit where that is not 2.
_CODES = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLF "
    "CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL "
    "HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD "
    "MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG "
    "QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD "
    "TWD TZS UAH UGX USD UYI UYU UYW UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG"
)
_PLACES = dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0)
_PLACES |= dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3) | {"CLF": 4, "UYW": 4}
CURRENCIES: Mapping[str, int] = MappingProxyType({code: _PLACES.get(code, 2) for code in _CODES.split()})
"""Decimal places of the smallest unit of each currency, by ISO 4217 code."""

_DOT = frozenset(
    "AED AUD BDT BHD BWP BZD CNY EGP ETB FJD GBP GHS GMD GTQ HKD HNL ILS INR IQD JMD JOD JPY KES KRW KWD LBP LKR LYD "
    "MMK MOP MUR MVR MWK MXN MYR NGN NIO NPR NZD OMR PAB PHP PKR QAR SAR SCR SGD SLE SSP SVC THB TTD TWD TZS UGX USD "
    "XCD ZMW".split()
)
"""Currencies whose countries write a decimal dot and a comma between thousands (Unicode CLDR); others use both."""

# The closed vocabulary: what may stand behind a number, and what pint is told it means.
SCALES: Mapping[str, int] = MappingProxyType(
    {"千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8, "十亿": 9, "百亿": 10, "千亿": 11, "万亿": 12}
)
"""Chinese words for many, and how many zeros each has; before a unit or alone, in cells and in headings."""
_SCALE = "|".join(sorted(SCALES, key=len, reverse=True))
_YUAN = ("元", "人民币", "元人民币", "RMB", "¥")
_IN_CHINESE = {"美元": "USD", "港元": "HKD", "港币": "HKD", "欧元": "EUR", "日元": "JPY", "英镑": "GBP"}
_VOCABULARY: dict[str, str] = {
    "": "1", "%": "1/100", "percent": "1/100", "‰": "1/1000", "‱": "1/10000", "bp": "1/10000", "bps": "1/10000",
    "pp": "1/100", "百分点": "1/100",
    "元": "CNY", "角": "CNY / 10", "分": "CNY / 100",
    "point": "point", "points": "point", "month": "month", "months": "month", "个月": "month",
    "day": "day", "days": "day", "天": "day", "person": "person", "persons": "person", "人": "person",
}  # fmt: skip
_SHARES = tuple(name for name, value in _VOCABULARY.items() if value.startswith("1/"))
_KNOWN = ", ".join(key for key in (*_VOCABULARY, "万元", "亿元", "RMB", "人民币", "万", "亿", *_IN_CHINESE) if key)
"""The words that messages name."""
_VOCABULARY |= {scale: f"{10**places}" for scale, places in SCALES.items()}
_NAMED = dict.fromkeys(_YUAN, "CNY") | _IN_CHINESE
_VOCABULARY |= _NAMED | {f"{s}{name}": f"{10**n} * {code}" for s, n in SCALES.items() for name, code in _NAMED.items()}
_BASES = ("point", "month", "day", "person")
_UNITS = frozenset(("", *_BASES, *CURRENCIES))

DecimalSign: TypeAlias = Literal["", ".", ","]
"""The sign before decimals: a dot or a comma; empty where nobody says."""

_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?:(?P<prefix>¥|人民币|[A-Z]{3})\s*(?P<inner>[+-]?))?"
    r"(?:(?P<top>[0-9]+)/(?P<bottom>[0-9]+)"
    r"|(?P<whole>[1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)(?P<part>\.[0-9]+)?(?:[eE](?P<exponent>[+-]?[0-9]+))?)"
    rf"\s*(?P<unit>(?:(?:{_SCALE})\s+)?[^0-9+\-.,/\s]\S*|)",
)
_EITHER = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
FULL_WIDTH: Mapping[int, int | str] = MappingProxyType(
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
)
"""Full-width letters, digits and signs, for `str.translate`: how each is written in ASCII."""
_AS_ASCII: Mapping[int, int | str] = {**FULL_WIDTH, 0x2212: "-", 0xFFE5: "¥"}
_SWAPPED = {ord("."): ",", ord(","): "."}
_LONGEST = 60
_TOO_LARGE = 10**_LONGEST
_LONGEST_FRACTION = 300
_TOO_LONG = 10**_LONGEST_FRACTION
_LARGEST_EXPONENT = 18


@frozen
class Quantity:
    """An exact number in a base unit."""

    value: Fraction
    unit: str = ""
    """A currency code, `point`, `month`, `day`, `person`, or empty for a pure number such as a ratio or count."""
    bare: bool = field(default=False, eq=False, repr=False, kw_only=True)
    """Whether it was written as a number without a unit, so that nobody said whether 2 is 2% or 200%; 1/3 is not."""

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.value, Fraction):
            raise QuantityError(self.value, "it is no Fraction", "use lp.quantity, which reads other numbers exactly")
        if self.unit not in _UNITS:
            raise UnitError("a quantity", self.unit, f"{', '.join(_BASES)}, a currency of ISO 4217 or no unit")

    def __str__(self) -> str:
        text = plain(self.value)
        # Three places of an amount in EUR could be thousands; with a fourth it is read back as what it is.
        return f"{text}{'0' * _may_be_thousands(text.lstrip('-'), self.unit)} {self.unit}".rstrip()


@total_ordering
@frozen(init=False)
class Money:
    """An amount of one currency, kept in whole smallest units, signed. Two currencies never mix.

    `Money("1.5万元")` reads text with its unit, `Money.of(500, "CNY")` a number of whole yuan, and
    `Money.from_units(500, "CNY")` a count of fen. A bare number alone is refused: it may be yuan or fen.

    >>> Money("1.5万元") + Money("0.05 CNY")
    Money('15000.05 CNY')
    >>> print(Money("1200 JPY"))
    1200 JPY
    """

    units: int
    """Fen, cents, yen …: the smallest unit of the currency."""
    currency: str

    def __init__(self, amount: str, currency: str = "") -> None:
        """Read an amount with its unit, as `Money.of` does.

        Raises:
            QuantityError: it is a number, of which nobody knows whether it counts yuan or fen; or it cannot be read.
            UnitError: it has no currency and none is given, or another one than `currency`.
        """
        given: object = amount
        if not isinstance(given, str):
            fault = "a number here may count whole currency or smallest units"
            remedy = "use lp.Money.of(500, 'CNY') for 500 yuan, lp.Money.from_units(500, 'CNY') for 500 fen"
            raise QuantityError(given, fault, remedy)
        found = Money.of(amount, currency)
        self.__attrs_init__(found.units, found.currency)

    @classmethod
    def from_units(cls, units: int, currency: str) -> Money:
        """An amount by its smallest units: fen, cents, yen.

        Raises:
            QuantityError: the units are no int.
            UnitError: there is no such currency.

        >>> Money.from_units(500, "CNY")
        Money('5.00 CNY')
        """
        made = cls.__new__(cls)
        made.__attrs_init__(units, currency)
        return made

    def __attrs_post_init__(self) -> None:
        if self.currency not in CURRENCIES:
            raise UnitError("an amount of money", self.currency, "a currency of ISO 4217, such as CNY")
        if isinstance(self.units, bool) or not isinstance(self.units, int):
            raise QuantityError(self.units, "smallest units are counted", "pass an int, or use lp.Money.of")
        if not -_TOO_LARGE < self.units < _TOO_LARGE:
            raise QuantityError(self.units, f"it has more than {_LONGEST} digits", "pass a number of ordinary size")

    @classmethod
    def of(cls, value: Number, currency: str = "", *, decimal: DecimalSign = "") -> Money:
        """Read an amount that is whole in smallest units; nothing is rounded.

        Args:
            value: with its unit, or a number of whole currency.
            currency: of a bare number; an amount that names another one is refused.
            decimal: the sign before decimals, where it is known; see `quantity`.

        Raises:
            QuantityError: it cannot be read, or has more places than the currency.
            UnitError: it has no currency and none is given, or another one than `currency`.

        >>> Money.of("100万元").units
        100000000
        """
        if isinstance(value, Money) and currency in ("", value.currency):
            return value
        if currency and currency not in CURRENCIES:
            raise UnitError("an amount of money", currency, "a currency of ISO 4217, such as CNY")
        found = quantity(value, default=currency, asked=currency or "CNY", decimal=decimal)
        if found.unit not in CURRENCIES:
            raise UnitError(f"the amount {value}", found.unit, currency or "a currency, such as 元 or CNY")
        if currency and found.unit != currency:
            raise UnitError(f"the amount {value}", found.unit, currency)
        units = found.value * 10 ** CURRENCIES[found.unit]
        if units.denominator != 1:
            places = CURRENCIES[found.unit]
            raise QuantityError(value, f"{found.unit} has {places} decimal places", "round it before it comes here")
        return cls.from_units(units.numerator, found.unit)

    @classmethod
    def rounded(cls, amount: Fraction, currency: str, rounding: Rounding) -> Money:
        """Round an exact amount in whole currency (yuan, dollars) to the smallest unit, once.

        Raises:
            UnitError: there is no such currency.
        """
        if currency not in CURRENCIES:
            raise UnitError("an amount of money", currency, "a currency of ISO 4217, such as CNY")
        return cls.from_units(_rounded_ratio(amount * 10 ** CURRENCIES[currency], rounding), currency)

    @property
    def exact(self) -> Fraction:
        """The amount in whole currency (yuan, dollars)."""
        return Fraction(self.units, 10 ** CURRENCIES[self.currency])

    @property
    def amount(self) -> Decimal:
        """The amount in whole currency, with all places of the smallest unit."""
        return _decimal(self.units, CURRENCIES[self.currency])

    def _units_of(self, other: object) -> int:
        if not isinstance(other, Money):
            raise UnitError(f"{shown(other)}, put together with {self},", "", self.currency)
        if self.currency != other.currency:
            raise UnitError(f"{other}, put together with {self},", other.currency, self.currency)
        return other.units

    def __add__(self, other: Money) -> Money:
        return Money.from_units(self.units + self._units_of(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money.from_units(self.units - self._units_of(other), self.currency)

    def __neg__(self) -> Money:
        return Money.from_units(-self.units, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.units < self._units_of(other)

    def __repr__(self) -> str:
        return f"Money('{self}')"

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


# ── strings with units ──────────────────────────────────────────────────────────────────────────────────────


def quantity(value: Number, *, default: str = "", asked: str = "", decimal: DecimalSign = "") -> Quantity:
    """Read a quantity exactly.

    A string is a decimal number, `1,234.5` with thousands separators in groups of three, `1/3`, or `1e6` with an
    exponent of at most 18, then a unit: 分 角 元 万元 亿元 RMB 人民币 美元 港元 港币 欧元 日元 英镑, an ISO 4217
    code; % ‰ ‱ bp pp; point; month 个月; day 天; person 人. `¥5`, `RMB 5`, `USD 5` and `人民币5万元` are read too.
    Full-width digits and signs are read as ASCII ones. A bare number takes the unit `default`; 30% is not bare. `120万`
    is 1,200,000 of what is asked.

    `3.000 EUR` or `500,000 IDR`, one to three digits and exactly three more, may be thousands or decimals: refused,
    unless `decimal` says which. In CNY, USD and other currencies whose countries write a decimal dot, it is one.

    Args:
        value: what to read.
        default: the unit of a bare number, any of the above; empty where a bare number is a pure one.
        asked: a currency or `point`, where the unit that is wanted is known: 分 is a fen of money and a point of a
            score, ¥ is yuan unless yen are asked. Left out, it is what `default` says.
        decimal: the sign before decimals, `.` or `,`, where it is known, as of a column.

    Raises:
        QuantityError: a number or unit that is not of that form; nan, inf, absurd sizes among them.
        FloatError: a float.

    >>> quantity("100万元") == quantity("1,000,000 元")
    True
    >>> quantity("３％")
    Quantity(value=Fraction(3, 100), unit='')
    >>> print(quantity("1.234,5", default="EUR", decimal=","))
    1234.5 EUR
    """
    factor, base = _unit_read(default, asked, default)
    if isinstance(value, str):
        found, unit, said = _parsed(value, asked or base, base, decimal)
        if said == "unit":
            return Quantity(found, unit)
        return Quantity(found * factor if said == "nothing" else found, base, bare=not default and "/" not in value)
    if isinstance(value, Money):
        return Quantity(value.exact, value.currency)
    if isinstance(value, Quantity):
        exact = _exact(value.value)
        return value if value.unit or not default else Quantity(exact * factor, base)
    return Quantity(_exact(value) * factor, base, bare=not default and not isinstance(value, Fraction))


def number(value: Number, what: str = "a number") -> Fraction:
    """Read a pure number of any size, such as a factor or a count: `"1.5"`, `"150%"`, `Decimal("7.1")`.

    Raises:
        UnitError: it has a unit.
    """
    found = quantity(value)
    if found.unit:
        raise UnitError(what, found.unit, "no unit, such as 30% or 0.3")
    return found.value


def ratio(value: Number, what: str = "a ratio") -> Fraction:
    """Read a share or ratio: `"30%"`, `"300 bp"`, `"1/3"`, `Decimal("0.3")`, `Fraction(3, 2)`.

    A bare number above 1 or below -1 is refused: who writes 2 may mean 2% or 200%. A Fraction, and a fraction such as
    4/3, is exact on purpose, and taken as it is.

    Raises:
        QuantityError: it cannot be read, or is a bare number above 1.
        UnitError: it has a unit.

    >>> ratio("12 bp")
    Fraction(3, 2500)
    >>> ratio("2")
    Traceback (most recent call last):
        ...
    loanperf.errors.QuantityError: cannot read '2' as a quantity: 2 is 200%; write '2%' or '200%'
    """
    found = quantity(value)
    if found.unit:
        raise UnitError(what, found.unit, "no unit, such as 30% or 0.3")
    fault, remedy = unsigned(found.value) if found.bare else ("", "")
    if fault:
        raise QuantityError(value, fault, remedy)
    return found.value


def is_share(value: object) -> bool:
    """Whether a text is written as a share, such as `85%` or `12 bp`, which is neither a count nor points.

    >>> is_share("85％"), is_share("12 bp"), is_share("85"), is_share(Fraction(17, 20))
    (True, True, False, False)
    """
    return isinstance(value, str) and value.translate(FULL_WIDTH).rstrip().endswith(_SHARES)


def unsigned(value: Fraction, most: Fraction | None = None) -> tuple[str, str]:
    """What is wrong with a bare number above 1 where a ratio is asked, and what to write up to a bound; else empty."""
    if abs(value) <= 1:
        return "", ""
    text, share = plain(value), percent(value)
    either = share[0] != "≈" and (most is None or value <= most)
    return f"{text} is {share}", f"write '{text}%' or '{share}'" if either else f"write '{text}%'"


def _exact(value: Any) -> Fraction:
    """An int, Decimal or Fraction (numpy's integers too) as a Fraction."""
    if isinstance(value, Fraction):
        if abs(value.numerator) >= _TOO_LONG or value.denominator >= _TOO_LONG:
            fault = f"its numerator or denominator has more than {_LONGEST_FRACTION} digits"
            raise QuantityError(value, fault, "pass a number of ordinary size")
        return value
    if isinstance(value, bool):
        raise QuantityError(value, "a truth value is no number", "pass an int, Decimal or string")
    if isinstance(value, Integral):
        if abs(int(value)) >= _TOO_LARGE:
            raise QuantityError(value, f"it has more than {_LONGEST} digits", "pass a number of ordinary size")
        return Fraction(int(value))
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise QuantityError(value, "it is not finite", "pass a finite number")
        if abs(value.adjusted()) >= _LONGEST or len(value.as_tuple().digits) > _LONGEST:
            raise QuantityError(value, "its exponent or its length is absurd", "pass a number of ordinary size")
        return Fraction(value)
    if isinstance(value, Real):
        raise FloatError(value)
    raise QuantityError(value, f"a {type(value).__name__} is no number", "pass a string with a unit, Decimal or int")


_Said: TypeAlias = Literal["unit", "scale", "nothing"]
"""What stands beside a number: its unit, a scale of a unit that is not named (万), or nothing."""


@lru_cache(maxsize=8192)
def _parsed(text: str, asked: str, default: str, decimal: DecimalSign) -> tuple[Fraction, str, _Said]:
    """The number, its base unit, and what was said of it; cached, because schemes and readings repeat a few strings."""
    cleaned = text.strip()
    if len(cleaned) > _LONGEST:
        raise QuantityError(text, f"it is longer than {_LONGEST} characters", "pass a number and a unit")
    plain_text = cleaned.translate(_AS_ASCII)
    match = _NUMBER.fullmatch(plain_text.translate(_SWAPPED) if decimal == "," else plain_text)
    if match is None or (match["sign"] and match["inner"]):
        raise QuantityError(text, "it is not a number and a unit", "write it like '100万元', '1200 CNY' or '3%'")
    name = re.sub(r"\s+", "", match["unit"])
    factor, unit = _unit_read(name, asked, text)
    said: _Said = "scale" if name in SCALES else "unit" if name else "nothing"
    if match["prefix"]:
        currency = _prefixed(match["prefix"], asked, text)
        if said == "unit" and unit != currency:
            raise QuantityError(text, f"it names two units, {match['prefix']} and {name}", "keep one of them")
        unit, said = currency, "unit"
    digits = f"{match['whole'] or ''}{match['part'] or ''}"
    counted, share = (unit, not unit) if said == "unit" else (default, False)
    if not decimal and not match["exponent"] and _may_be_thousands(digits, counted, share=share):
        whole, part = re.split(r"[.,]", digits)
        sign = "declare the sign before decimals (decimals in the map of tables, decimal='.' or ',' in Python)"
        remedy = f"write {whole}{part} or {whole}.{part}0, or {sign}"
        raise QuantityError(text, "its sign may part thousands or decimals", remedy)
    return _magnitude(match, text) * factor, unit, said


def _prefixed(prefix: str, asked: str, text: str) -> str:
    """The currency that stands before a number."""
    if prefix == "¥" and asked == "JPY":
        return "JPY"
    if prefix in _YUAN:
        return "CNY"
    if prefix not in CURRENCIES:
        raise QuantityError(text, "it is not a number and a unit", "write it like '100万元', '1200 CNY' or '3%'")
    return prefix


def _unit_read(name: str, asked: str, text: str) -> tuple[Fraction, str]:
    """The factor and base unit of what stands behind a number."""
    scale = max((word for word in SCALES if name.startswith(word)), key=len, default="")
    if scale and name[len(scale) :] in CURRENCIES:
        return Fraction(10 ** SCALES[scale]), name[len(scale) :]
    if not name or name in CURRENCIES:
        return Fraction(1), name
    if name == "分" and asked not in CURRENCIES:
        if asked == "point":
            return Fraction(1), "point"
        remedy = "write it like '0.95 元', or like '95 points'"
        raise QuantityError(text, "分 is a fen of money and a point of a score, and nothing says which", remedy)
    if name == "¥" and asked == "JPY":
        return Fraction(1), "JPY"
    if name not in _VOCABULARY and name not in CURRENCIES:
        fault, remedy = f"{name!r} is no known unit", f"use one of {_KNOWN} or an ISO 4217 code such as CNY"
        raise QuantityError(text, fault, remedy)
    return _unit(name)


def _may_be_thousands(digits: str, unit: str, *, share: bool = False) -> bool:
    """Whether one separator before exactly three digits may be of either kind, in this currency or of a share."""
    if not _EITHER.fullmatch(digits) or unit in _DOT:
        return False
    if "," in digits:
        return share or unit in CURRENCIES
    # A currency of three places is printed with three.
    return unit in CURRENCIES and CURRENCIES[unit] != 3


def _magnitude(match: re.Match[str], text: str) -> Fraction:
    sign = -1 if "-" in (match["sign"], match["inner"]) else 1
    if match["bottom"] is not None:
        if not int(match["bottom"]):
            raise QuantityError(text, "it divides by zero", "write a fraction like 1/3")
        return Fraction(sign * int(match["top"]), int(match["bottom"]))
    exponent = int(match["exponent"] or 0)
    if abs(exponent) > _LARGEST_EXPONENT:
        raise QuantityError(text, f"its exponent is beyond {_LARGEST_EXPONENT}", "write the number out")
    digits = match["whole"].replace(",", "") + (match["part"] or "")
    return sign * Fraction(digits) * Fraction(10) ** exponent


@cache
def _registry() -> Any:
    """A pint registry that knows the closed vocabulary and nothing else, on Fractions.

    pint's own registry reads 6‱ and full-width 3％ as 6 and 3, and `bp` as a typographer's point in metres.
    """
    import pint

    registry: Any = pint.UnitRegistry(None, non_int_type=Fraction)
    for base in (*_BASES, *CURRENCIES):
        registry.define(f"{base} = [{base}]")
    return registry


@cache
def _unit(name: str) -> tuple[Fraction, str]:
    """The factor to the base unit, and the base unit, of a name in the vocabulary."""
    registry = _registry()  # once: two threads may each have built one, and pint mixes no two
    found = registry.Quantity(1, "dimensionless") * registry.parse_expression(_VOCABULARY.get(name, name))
    return Fraction(found.magnitude), "" if found.dimensionless else str(found.units)


def plain(value: Fraction) -> str:
    """An exact number as text: a decimal where it ends, `n/d` where it does not.

    >>> plain(Fraction(17, 8)), plain(Fraction(1, 3)), plain(Fraction(-5))
    ('2.125', '1/3', '-5')
    """
    return _plain(value.numerator, value.denominator)


def _plain(numerator: int, denominator: int) -> str:
    """The text of a ratio in lowest terms."""
    places = _ending_places(denominator)
    if places is None:
        return f"{numerator}/{denominator}"
    if not places:
        return str(numerator)
    digits = str(abs(numerator) * (10**places // denominator)).rjust(places + 1, "0")
    return f"{'-' if numerator < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def percent(value: Fraction, places: int = 4) -> str:
    """A ratio as a percentage, exact where it ends within `places`, else rounded and marked with ≈.

    >>> percent(Fraction(85, 100)), percent(Fraction(2, 3))
    ('85%', '≈66.6667%')
    """
    common = gcd(100, value.denominator)
    numerator, denominator = value.numerator * (100 // common), value.denominator // common
    ending = _ending_places(denominator)
    if ending is not None and ending <= places:
        return f"{_plain(numerator, denominator)}%"
    return f"≈{rounded(value * 100, places, Rounding.HALF_EVEN)}%"


@lru_cache(maxsize=8192)
def _ending_places(denominator: int) -> int | None:
    """How many decimal places 1/denominator needs; None where it never ends."""
    twos = fives = 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    return max(twos, fives) if denominator == 1 else None


# ── named roundings ─────────────────────────────────────────────────────────────────────────────────────────


class Rounding(Enum):
    """How a number that falls between two steps is rounded; the names are those of a scheme."""

    HALF_EVEN = "half even"
    """To the nearest; a tie to the even neighbour (21.25 to one place is 21.2)."""
    HALF_UP = "half up"
    """To the nearest; a tie away from zero (四舍五入)."""
    HALF_DOWN = "half down"
    """To the nearest; a tie towards zero."""
    UP = "up"
    """Away from zero."""
    DOWN = "down"
    """Towards zero (truncation)."""
    CEILING = "ceiling"
    """Towards plus infinity."""
    FLOOR = "floor"
    """Towards minus infinity."""


def rounded(value: Fraction, places: int, rounding: Rounding) -> Decimal:
    """Round an exact number to decimal places.

    >>> rounded(Fraction("21.25"), 1, Rounding.HALF_EVEN), rounded(Fraction("21.25"), 1, Rounding.HALF_UP)
    (Decimal('21.2'), Decimal('21.3'))
    """
    return _decimal(_rounded_ratio(value * 10**places, rounding), places)


def decimal_of(value: Fraction, places: int) -> Decimal:
    """An exact number that ends within `places` decimal places, as a Decimal with exactly those places."""
    units = value * 10**places
    if units.denominator != 1:
        raise QuantityError(value, f"it does not end within {places} places", "round it first")
    return _decimal(units.numerator, places)


def _decimal(units: int, places: int) -> Decimal:
    """Units of 10 ** -places as a Decimal; unlike `scaleb` it does not round to the precision of the host's context."""
    return Decimal(f"{units}E-{places}")


def _rounded_ratio(value: Fraction, rounding: Rounding) -> int:
    """The integer next to value."""
    below, rest = divmod(value.numerator, value.denominator)
    if not rest:
        return below
    middle = 2 * rest - value.denominator
    up = False
    match rounding:
        case Rounding.FLOOR:
            pass
        case Rounding.CEILING:
            up = True
        case Rounding.DOWN:
            up = below < 0
        case Rounding.UP:
            up = below >= 0
        case Rounding.HALF_EVEN:
            up = middle > 0 or (middle == 0 and below % 2 == 1)
        case Rounding.HALF_UP:
            up = middle > 0 or (middle == 0 and below >= 0)
        case Rounding.HALF_DOWN:
            up = middle > 0 or (middle == 0 and below < 0)
        case _:
            assert_never(rounding)
    return below + up
