"""What an indicator is: its words, its measure over facts, and a reading of it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from fractions import Fraction
from typing import Literal, TypeAlias

from attrs import field, frozen

from loanperf._curves import Curve
from loanperf._explanations import Label
from loanperf._facts import Fact
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES, Number, Quantity, quantity
from loanperf.errors import DataError, UnitError

View: TypeAlias = Literal[
    "loan events", "loans", "customers", "violations", "inquiries", "valuations", "trainings", "ratings"
]
"""Rows that a measure can run over; `FIELDS` says what each has."""
HeldAt: TypeAlias = Literal["origination", "event", "as of"]
"""The date whose officer a loan counts for: opened, the event's own, or the end of the period."""


class Direction(Enum):
    """Which way an indicator gets better."""

    HIGHER = "higher is better"
    LOWER = "lower is better"


class Kind(Enum):
    """What an indicator counts in."""

    MONEY = "money"
    """The currency of the scheme."""
    RATIO = "ratio"
    """A pure number, shown in percent."""
    COUNT = "count"
    """A pure number, shown as it is."""
    POINTS = "points"
    """Points of a score or rating."""


Timing: TypeAlias = Literal["flow", "stock"]
"""`flow`: it adds up day by day, so that half a month has half the target. `stock`: it is as it is on any day."""


@frozen(kw_only=True)
class Where:
    """A filter on one field of a row: one of some values, or between bounds."""

    field: str
    values: tuple[str | bool, ...] = ()
    """The row's value is one of these; empty where bounds are given instead."""
    at_least: Quantity | None = None
    above: Quantity | None = None
    at_most: Quantity | None = None
    below: Quantity | None = None


@frozen(kw_only=True)
class Total:
    """The sum of a field over the rows that pass every filter; without a field, their number."""

    over: View
    """The view whose rows are counted."""
    sum: str = ""
    """The field that is summed; empty counts the rows."""
    where: tuple[Where, ...] = ()
    """Which rows count: those that pass every filter."""
    weighed_by: str = ""
    """Count each row times the value of `weights` at this field of it: size bands, provision rates."""
    weights: Curve | None = None
    """From the field `weighed_by` to how many times a row counts; stated with that field, and only so."""
    held_at: HeldAt = "event"
    """For whom a row counts: the officer at origination, on the day of the event, or on the last day."""


@frozen(kw_only=True)
class Ratio:
    """One total over another; a team's ratio is the sum of numerators over the sum of denominators."""

    numerator: Total
    """What stands above the line: a sum or a count."""
    denominator: Total
    """What stands below the line: a sum or a count; where it comes to 0, there is no reading."""


@frozen(kw_only=True)
class Deduct:
    """Points that start full and lose a total, never below zero; a team's is the mean of its members'."""

    start: Fraction
    """The points that a payee starts with, 0 or more."""
    less: Total
    """What is taken off, in points: a sum or a count."""


Measure: TypeAlias = Total | Ratio | Deduct

SUPPLIED_FORMULA = Label("supplied by the host", "由系统提供")
"""The formula of an indicator that states none."""


@frozen(kw_only=True)
class Indicator:
    """What is looked at in an appraisal: its names, what it counts in, which way is better, how it is measured."""

    code: str
    name: Label
    dimension: str
    direction: Direction
    kind: Kind
    formula: Label = SUPPLIED_FORMULA
    """How it comes about, in words; where nothing is stated, explanations say what the measure does."""
    source: str = ""
    """Where the definition comes from."""
    measure: Measure | None = None
    """None where only the host can supply readings."""
    most: Fraction | None = None
    """A reading or target above it is a slip of unit and refused, such as 85 where 85% is meant; None is no bound."""
    timing: Timing = field()
    """Where it is not stated, money and counts are flows, ratios and points are stocks."""

    @timing.default
    def _by_kind(self) -> Timing:
        return "flow" if self.kind in (Kind.MONEY, Kind.COUNT) else "stock"


@frozen
class Part:
    """What one fact gave to a reading."""

    fact: str
    """Natural key of the fact, as text."""
    amount: Fraction
    whole: Fraction | None = None
    """What it gave to the denominator of a ratio."""
    facts: tuple[Fact, ...] = field(default=(), repr=False, eq=False)
    """The facts that it stands on; for a loan's state its last balance, what moved it since, and its standing."""
    key: tuple[str, ...] = field(default=(), repr=False, eq=False, kw_only=True)
    """The natural key itself; empty where the part is of no fact."""


@frozen(kw_only=True)
class Reading:
    """What an indicator showed for a payee or unit in a period, as numerator and denominator, unrounded."""

    indicator: str
    numerator: Fraction
    denominator: Fraction | None = None
    """None where it is no ratio; 0 where there was nothing to divide by, which is no reading."""
    unit: str = ""
    """Base unit of the value: a currency code, `point`, or empty."""
    subject: str = ""
    """Code of the payee or unit."""
    period: Period | None = None
    parts: tuple[Part, ...] | None = field(default=None, repr=False)
    """What each fact gave; None where the host supplied the reading."""
    value: Quantity | None = field(init=False, eq=False)
    """The exact value; None where the denominator is zero."""

    @value.default
    def _worked_out(self) -> Quantity | None:
        if self.denominator is None:
            return Quantity(self.numerator, self.unit)
        return Quantity(self.numerator / self.denominator, self.unit) if self.denominator else None

    @classmethod
    def of(cls, indicator: str, value: Number, *, subject: str = "", period: Period | None = None) -> Reading:
        """A reading that the host already has.

        >>> Reading.of("npl_ratio", "2%", subject="lin").value
        Quantity(value=Fraction(1, 50), unit='')
        """
        found = quantity(value)
        return cls(indicator=indicator, numerator=found.value, unit=found.unit, subject=subject, period=period)


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
    if any(item.parts is None and item.denominator is None and item.unit not in CURRENCIES for item in members):
        what = f"a supplied reading of {first.indicator!r} that is no money"
        raise UnitError(what, "no numerator and denominator", "a numerator over a denominator, to be summed")
    for other in members:
        kinds = [(item.indicator, item.unit, str(item.period), item.denominator is None) for item in (first, other)]
        if kinds[0] != kinds[1]:
            raise UnitError(f"a reading of {other.subject or 'a member'}", str(kinds[1]), str(kinds[0]))
    denominators = [item.denominator for item in members if item.denominator is not None]
    parts = [part for item in members for part in item.parts or ()]
    return Reading(
        indicator=first.indicator,
        numerator=sum((item.numerator for item in members), Fraction(0)),
        denominator=sum(denominators, Fraction(0)) if denominators else None,
        unit=first.unit,
        subject=subject,
        period=first.period,
        parts=None if all(item.parts is None for item in members) else tuple(parts),
    )
