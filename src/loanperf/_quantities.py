"""Quantities: strings with units -> exact numbers; Money, named roundings, allocation.

The only module that imports pint. A number inside loanperf is an `int` or a `Fraction`; a number at the edge is
a string with a unit, a `Decimal`, an `int` or a `Fraction`. A float is refused.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cache, lru_cache, total_ordering
from math import gcd
from numbers import Integral, Real
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, assert_never

from attrs import frozen

from loanperf.errors import AllocationError, FloatError, QuantityError, UnitError, shown

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

# The closed vocabulary: what may stand behind a number, and what pint is told it means.
_VOCABULARY: dict[str, str] = {
    "": "1", "%": "1/100", "percent": "1/100", "‰": "1/1000", "‱": "1/10000", "bp": "1/10000", "bps": "1/10000",
    "pp": "1/100", "百分点": "1/100",
    "元": "CNY", "千元": "1000 * CNY", "万元": "10000 * CNY", "百万元": "1000000 * CNY", "千万元": "10000000 * CNY",
    "亿元": "100000000 * CNY",
    "point": "point", "points": "point", "month": "month", "months": "month", "个月": "month",
    "day": "day", "days": "day", "天": "day", "person": "person", "persons": "person", "人": "person",
}  # fmt: skip
_BASES = ("point", "month", "day", "person")
_UNITS = frozenset(("", *_BASES, *CURRENCIES))

_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?:(?P<top>[0-9]+)/(?P<bottom>[0-9]+)"
    r"|(?P<whole>[1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)(?P<part>\.[0-9]+)?(?:[eE](?P<exponent>[+-]?[0-9]+))?)"
    r"\s*(?P<unit>[^0-9+\-.,/\s]\S*|)",
)
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0x2212: "-"}
_LONGEST = 60
_TOO_LARGE = 10**_LONGEST
_LARGEST_EXPONENT = 18


@frozen
class Quantity:
    """An exact number in a base unit."""

    value: Fraction
    unit: str = ""
    """A currency code, `point`, `month`, `day`, `person`, or empty for a pure number such as a ratio or count."""

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.value, Fraction):
            raise QuantityError(self.value, "it is no Fraction", "use lp.quantity, which reads other numbers exactly")
        if self.unit not in _UNITS:
            raise UnitError("a quantity", self.unit, f"{', '.join(_BASES)}, a currency of ISO 4217 or no unit")

    def __str__(self) -> str:
        return f"{plain(self.value)} {self.unit}".rstrip()


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

    @classmethod
    def of(cls, value: Number, currency: str = "") -> Money:
        """Read an amount that is whole in smallest units; nothing is rounded.

        Raises:
            QuantityError: it cannot be read, or has more places than the currency.
            UnitError: it has no currency and none is given, or another one than `currency`.

        >>> Money.of("100万元").units
        100000000
        """
        if isinstance(value, Money) and currency in ("", value.currency):
            return value
        found = quantity(value, default=currency)
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
        return decimal_of(self.exact, CURRENCIES[self.currency])

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


def quantity(value: Number, *, default: str = "") -> Quantity:
    """Read a quantity exactly.

    A string is a decimal number, `1,234.5` with thousands separators in groups of three, `1/3`, or `1e6` with an
    exponent of at most 18, then a unit: 元 千元 万元 百万元 千万元 亿元 or an ISO 4217 code; % ‰ ‱ bp pp; point;
    month 个月; day 天; person 人. Full-width digits and signs are read as ASCII ones. A bare number takes the
    unit `default`; 30% is not bare.

    Raises:
        QuantityError: a number or unit that is not of that form; nan, inf, absurd exponents among them.
        FloatError: a float.

    >>> quantity("100万元") == quantity("1,000,000 元")
    True
    >>> quantity("３％")
    Quantity(value=Fraction(3, 100), unit='')
    """
    bare = True
    if isinstance(value, Quantity):
        found = value
    elif isinstance(value, Money):
        return Quantity(value.exact, value.currency)
    elif isinstance(value, str):
        found, bare = _parsed(value)
    else:
        found = Quantity(_exact(value))
    return Quantity(found.value, default) if default and bare and not found.unit else found


def ratio(value: Number, what: str = "a ratio") -> Fraction:
    """Read a pure number: `"30%"`, `"300 bp"`, `"1/3"`, `Decimal("0.3")`.

    Raises:
        UnitError: it has a unit.

    >>> ratio("12 bp")
    Fraction(3, 2500)
    """
    found = quantity(value)
    if found.unit:
        raise UnitError(what, found.unit, "no unit, such as 30% or 0.3")
    return found.value


def _exact(value: Any) -> Fraction:
    """An int, Decimal or Fraction (numpy's integers too) as a Fraction."""
    if isinstance(value, Fraction):
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


@lru_cache(maxsize=8192)
def _parsed(text: str) -> tuple[Quantity, bool]:
    """The quantity, and whether it is a bare number; cached, because schemes and readings repeat a few strings."""
    cleaned = text.strip()
    if len(cleaned) > _LONGEST:
        raise QuantityError(text, f"it is longer than {_LONGEST} characters", "pass a number and a unit")
    match = _NUMBER.fullmatch(cleaned.translate(_FULL_WIDTH))
    if match is None:
        raise QuantityError(text, "it is not a number and a unit", "write it like '100万元', '1200 CNY' or '3%'")
    name = match["unit"]
    if name not in _VOCABULARY and name not in CURRENCIES:
        known = " ".join(key for key in _VOCABULARY if key)
        raise QuantityError(text, f"{name!r} is no known unit", f"use one of {known} or an ISO 4217 code such as CNY")
    factor, unit = _unit(name)
    return Quantity(_magnitude(match, text) * factor, unit), not name


def _magnitude(match: re.Match[str], text: str) -> Fraction:
    sign = -1 if match["sign"] == "-" else 1
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


# ── allocation ──────────────────────────────────────────────────────────────────────────────────────────────

TieBreak: TypeAlias = Literal["first", "last", "largest weight", "smallest weight"]
"""Who gets a step that two are equally entitled to; among equal weights, the first."""


def allocate(
    total: Money | int | Fraction,
    weights: Sequence[int | Fraction | Decimal],
    *,
    step: int | Fraction,
    tie_break: TieBreak,
    floors: Sequence[int | Fraction] | None = None,
    caps: Sequence[int | Fraction | None] | None = None,
) -> tuple[Any, ...]:
    """Divide a total in proportion to weights, in whole steps that sum to it exactly (largest remainder).

    Floors and caps are respected: what they take or give is shared by the others in proportion. They are in the
    unit of `step`: smallest units for Money, else the unit of the total. A negative total is divided as its
    absolute value is, with the sign put back; it takes no floors and caps.

    Args:
        total: what to divide; a whole number of steps.
        weights: zero or more each, one of them at least above zero.
        step: the size of a step, above zero; for Money in smallest units (1 is the fen).
        tie_break: who is served first where remainders are equal.
        floors: the least that each gets.
        caps: the most that each gets; None is no cap.

    Returns:
        One part a weight, of the total's type, in the same order.

    Raises:
        AllocationError: no weights, a negative one, all zero; a total that is not whole in steps; a step of parts
            of a fen; floors above the total or caps below it; another number of floors or caps than of weights.

    >>> allocate(100, [1, 1, 1], step=1, tie_break="first")
    (34, 33, 33)
    >>> allocate(Money.of("0.05 CNY"), [1, 1], step=1, tie_break="last")
    (Money('0.02 CNY'), Money('0.03 CNY'))
    """
    if isinstance(total, Money):
        if _exact(step).denominator != 1:
            raise AllocationError(
                f"the step is {plain(_exact(step))} of a smallest unit", "give a whole number of them"
            )
        parts = allocate(total.units, weights, step=step, tie_break=tie_break, floors=floors, caps=caps)
        return tuple(Money.from_units(int(part), total.currency) for part in parts)
    shares = [_exact(weight) for weight in weights]
    size = _exact(step)
    if total < 0 and (floors is not None or caps is not None):
        raise AllocationError("a negative total takes no floors and caps", "allocate its absolute value")
    _check_allocation(_exact(total), shares, size)
    least = [max(0, -(-_exact(floor) // size)) for floor in _one_each(floors, 0, shares)]
    most = [None if cap is None else _exact(cap) // size for cap in _one_each(caps, None, shares)]
    steps = abs(_exact(total)) / size
    quotas = _quotas(steps.numerator, shares, least, most)
    sign = -1 if total < 0 else 1
    kind = Fraction if isinstance(total, Fraction) or size.denominator != 1 else int
    return tuple(kind(sign * part * size) for part in _largest_remainder(steps.numerator, quotas, shares, tie_break))


def _check_allocation(total: Fraction, shares: list[Fraction], step: Fraction) -> None:
    if step <= 0:
        raise AllocationError(f"the step is {plain(step)}", "give a step above zero")
    if (total / step).denominator != 1:
        fault = f"{plain(total)} is not a whole number of steps of {plain(step)}"
        raise AllocationError(fault, "choose a step that divides it")
    if any(share < 0 for share in shares):
        raise AllocationError("a weight is negative", "give weights of zero or more")
    if not any(shares):
        raise AllocationError("no weight is above zero", "give one at least")


def _one_each(bounds: Sequence[Any] | None, absent: object, shares: list[Fraction]) -> Sequence[Any]:
    if bounds is None:
        return [absent] * len(shares)
    if len(bounds) != len(shares):
        raise AllocationError(f"there are {len(bounds)} bounds for {len(shares)} weights", "give one for each weight")
    return bounds


def _quotas(steps: int, shares: list[Fraction], least: list[int], most: list[int | None]) -> list[Fraction]:
    """Each share times one multiplier, clamped between its bounds, so that all sum to `steps`."""

    def clamped(multiplier: Fraction) -> list[Fraction]:
        quotas = []
        for share, low, high in zip(shares, least, most, strict=True):
            quota = max(multiplier * share, Fraction(low))
            quotas.append(quota if high is None else min(quota, Fraction(high)))
        return quotas

    if sum(least) > steps or any(high is not None and high < low for low, high in zip(least, most, strict=True)):
        raise AllocationError("the floors come to more than the total or than a cap", "lower them")
    knots = {Fraction(0)}
    for share, low, high in zip(shares, least, most, strict=True):
        if share:
            knots |= {low / share} | ({high / share} if high is not None else set())
    ordered = sorted(knots)
    passed = bisect_right(ordered, Fraction(steps), key=lambda knot: sum(clamped(knot), Fraction(0)))
    now = clamped(ordered[passed - 1])
    ahead = clamped(ordered[passed] if passed < len(ordered) else ordered[-1] + 1)
    slope = sum(ahead, Fraction(0)) - sum(now, Fraction(0))
    if sum(now) == steps:
        return now
    if not slope:
        raise AllocationError("the caps come to less than the total", "raise them")
    part = (steps - sum(now, Fraction(0))) / slope
    return [low + part * (high - low) for low, high in zip(now, ahead, strict=True)]


def _largest_remainder(steps: int, quotas: list[Fraction], shares: list[Fraction], tie_break: TieBreak) -> list[int]:
    parts = [quota.numerator // quota.denominator for quota in quotas]
    ties: dict[TieBreak, list[Fraction]] = {
        "first": [Fraction(index) for index in range(len(quotas))],
        "last": [Fraction(-index) for index in range(len(quotas))],
        "largest weight": [-share for share in shares],
        "smallest weight": list(shares),
    }
    if tie_break not in ties:
        raise AllocationError(f"there is no tie-break {tie_break!r}", f"use one of {', '.join(ties)}")
    keys = ties[tie_break]
    order = sorted(range(len(quotas)), key=lambda index: (parts[index] - quotas[index], keys[index]))
    for index in order[: steps - sum(parts)]:
        parts[index] += 1
    return parts
