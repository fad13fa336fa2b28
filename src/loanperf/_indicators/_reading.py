"""Reading: what an indicator showed, measured from facts or supplied by the host; a team's is the sum over the sum."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import partial
from typing import TypeAlias

from attrs import field, fields, frozen
from attrs.validators import optional

from loanperf._indicators._catalogue import CATALOGUE
from loanperf._indicators._types import Kind, Part
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES, Number, Quantity, is_share, quantity, unsigned
from loanperf._validators import is_a
from loanperf.errors import DataError, UnitError

_Parts: TypeAlias = "tuple[Part, ...] | None"


def _told(parts: _Parts | Callable[[], _Parts]) -> _Parts:
    return parts() if callable(parts) else parts


def refuse_bare(what: str, value: Fraction) -> None:
    """Refuse 2 where a ratio is asked for: without a sign nobody knows whether it means 2% or 200%.

    Args:
        what: what the number is given for, as errors call it.
        value: a number that was written without a unit.

    Raises:
        DataError: it is above 1, or below -1.
    """
    fault, remedy = unsigned(value)
    if fault:
        raise DataError(what, fault, remedy)


@frozen(kw_only=True)
class Reading:
    """What an indicator showed for a payee or unit in a period, as numerator and denominator, unrounded."""

    indicator: str = field(validator=is_a(str))
    numerator: Fraction
    denominator: Fraction | None = None
    """None where it is no ratio; 0 where there was nothing to divide by, which is no reading."""
    unit: str = ""
    """Base unit of the value: a currency code, `point`, or empty."""
    subject: str = ""
    """Code of the payee or unit."""
    period: Period | None = field(default=None, validator=optional(is_a(Period)))
    _parts: _Parts | Callable[[], _Parts] = field(default=None, repr=False, eq=_told, alias="parts")
    bare: bool = field(default=False, eq=False, repr=False)
    """Whether the host wrote it as a number without a unit; see `Quantity.bare`."""
    value: Quantity | None = field(init=False, eq=False)
    """The exact value; None where the denominator is zero."""

    @property
    def parts(self) -> tuple[Part, ...] | None:
        """What each fact gave; None where the host supplied the reading, or where the facts are gone.

        Those of a reading that was measured are worked out when they are first asked for.
        """
        return _told(self._parts)

    @property
    def is_measured(self) -> bool:
        """Whether it has parts, or will have them when they are asked for."""
        return self._parts is not None

    def __reduce__(self) -> tuple[Callable[[], Reading], tuple[()]]:
        """A pickle and a copy have the parts, and not what works them out, which holds the facts of everybody."""
        given = {str(item.alias): getattr(self, item.name) for item in fields(Reading) if item.init}
        return partial(Reading, **given | {"parts": self.parts}), ()

    @value.default
    def _worked_out(self) -> Quantity | None:
        if self.denominator is None:
            return Quantity(self.numerator, self.unit, bare=self.bare)
        return Quantity(Fraction(self.numerator, self.denominator), self.unit) if self.denominator else None

    @classmethod
    def of(cls, indicator: str, value: Number, *, subject: str = "", period: Period | None = None) -> Reading:
        """A reading that the host already has, with its unit; `95分` of an indicator in points is 95 points.

        Raises:
            DataError: it is a bare number above 1 of an indicator of the catalogue that is a ratio.
            UnitError: it is a share, such as `85%`, of one that counts or has points.

        >>> Reading.of("npl_ratio", "2%", subject="lin").value
        Quantity(value=Fraction(1, 50), unit='')
        """
        kind = CATALOGUE[indicator]().kind if indicator in CATALOGUE else None
        found = quantity(value, asked="" if kind is None else kind.unit("CNY"))
        if kind in (Kind.COUNT, Kind.POINTS) and is_share(value):
            asked = "points, such as 85" if kind is Kind.POINTS else "a number, such as 12"
            raise UnitError(f"the reading of {indicator!r} ({value})", "percent", asked)
        if kind is Kind.RATIO and found.bare:
            refuse_bare(f"the reading of {indicator!r}", found.value)
        return cls(
            indicator=indicator,
            numerator=found.value,
            unit=found.unit,
            subject=subject,
            period=period,
            bare=found.bare,
        )


def combine(readings: Iterable[Reading], subject: str) -> Reading:
    """A team's reading: numerators and denominators summed, never a mean of ratios.

    Args:
        readings: one indicator's readings of the members, over one period; one at least.
        subject: code of the team.

    Raises:
        DataError: there are none.
        UnitError: readings of two indicators, units or periods, or amounts among ratios.

    >>> small = Reading(indicator="npl_ratio", numerator=Fraction(1), denominator=Fraction(10))
    >>> large = Reading(indicator="npl_ratio", numerator=Fraction(1), denominator=Fraction(90))
    >>> combine([small, large], "east").value
    Quantity(value=Fraction(1, 50), unit='')
    """
    members = tuple(readings)
    if not members:
        raise DataError(f"the readings of {subject!r}", "there is none", "pass one at least")
    first = members[0]
    if any(not item.is_measured and item.denominator is None and item.unit not in CURRENCIES for item in members):
        what = f"a supplied reading of {first.indicator!r} that is no money"
        raise UnitError(what, "no numerator and denominator", "a numerator over a denominator, to be summed")
    for other in members:
        kinds = [(item.indicator, item.unit, str(item.period), item.denominator is None) for item in (first, other)]
        if kinds[0] != kinds[1]:
            raise UnitError(f"a reading of {other.subject or 'a member'}", str(kinds[1]), str(kinds[0]))
    denominators = [item.denominator for item in members if item.denominator is not None]
    return Reading(
        indicator=first.indicator,
        numerator=sum((item.numerator for item in members), Fraction(0)),
        denominator=sum(denominators, Fraction(0)) if denominators else None,
        unit=first.unit,
        subject=subject,
        period=first.period,
        parts=partial(_of_all, members) if any(item.is_measured for item in members) else None,
    )


def _of_all(members: Sequence[Reading]) -> tuple[Part, ...]:
    return tuple(part for item in members for part in item.parts or ())
