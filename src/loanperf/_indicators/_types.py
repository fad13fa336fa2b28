"""What an indicator is: its words and its measure over facts."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from fractions import Fraction
from typing import Literal, TypeAlias

import attrs
from attrs import converters, field, frozen
from attrs.validators import deep_iterable, optional

from loanperf._curves import Curve
from loanperf._data import PlainData
from loanperf._explanations import Label
from loanperf._facts import Fact
from loanperf._quantities import Number, Quantity, quantity
from loanperf._validators import as_factor, as_quantity, as_tuple, is_a, one_of
from loanperf.errors import LoanPerfError

View: TypeAlias = Literal[
    "loan events",
    "loans",
    "customers",
    "violations",
    "inquiries",
    "valuations",
    "trainings",
    "ratings",
    "complaints",
    "leads",
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

    def unit(self, currency: str) -> str:
        """The base unit of values: the currency, `point`, or empty for a pure number."""
        return {Kind.MONEY: currency, Kind.POINTS: "point"}.get(self, "")


Timing: TypeAlias = Literal["flow", "stock"]
"""`flow`: it adds up day by day, so that half a month has half the target. `stock`: it is as it is on any day."""


@frozen(kw_only=True)
class Where:
    """A filter on one field of a row: one of some values, or between bounds."""

    field: str = attrs.field(validator=is_a(str))
    values: tuple[str | bool, ...] = attrs.field(
        default=(), converter=as_tuple, validator=deep_iterable(is_a(str, bool), is_a(tuple))
    )
    """The row's value is one of these; empty where bounds are given instead."""
    at_least: Quantity | None = attrs.field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    above: Quantity | None = attrs.field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    at_most: Quantity | None = attrs.field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    below: Quantity | None = attrs.field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )


@frozen(kw_only=True)
class Total:
    """The sum of a field over the rows that pass every filter; without a field, their number."""

    over: View
    """The view whose rows are counted."""
    sum: str = field(default="", validator=is_a(str))
    """The field that is summed; empty counts the rows."""
    where: tuple[Where, ...] = field(default=(), converter=as_tuple, validator=deep_iterable(is_a(Where), is_a(tuple)))
    """Which rows count: those that pass every filter."""
    weighed_by: str = field(default="", validator=is_a(str))
    """Count each row times the value of `weights` at this field of it: size bands, provision rates."""
    weights: Curve | None = field(default=None, validator=optional(is_a(Curve)))
    """From the field `weighed_by` to how many times a row counts; stated with that field, and only so."""
    held_at: HeldAt = "event"
    """For whom a row counts: the officer at origination, on the day of the event, or on the last day."""


@frozen(kw_only=True)
class Ratio:
    """One total over another; a team's ratio is the sum of numerators over the sum of denominators."""

    numerator: Total = field(validator=is_a(Total))
    """What stands above the line: a sum or a count."""
    denominator: Total = field(validator=is_a(Total))
    """What stands below the line: a sum or a count; where it comes to 0, there is no reading."""


def _points(value: Number) -> Fraction:
    unread: Fraction = as_factor(value)
    try:
        found = quantity(value, default="point")
    except LoanPerfError:
        return unread
    return found.value if found.unit == "point" else unread


@frozen(kw_only=True)
class Deduct:
    """Points that start full and lose a total, never below zero; a team's is the mean of its members'."""

    start: Fraction = field(converter=_points, validator=is_a(Fraction))
    """The points that a payee starts with, 0 or more."""
    less: Total = field(validator=is_a(Total))
    """What is taken off, in points: a sum or a count."""


Measure: TypeAlias = Total | Ratio | Deduct
Factors: TypeAlias = "tuple[tuple[Indicator, Fraction], ...]"


@frozen(kw_only=True)
class MadeOf:
    """Other indicators, each times a factor, summed; over such a sum of others, where it is a ratio.

    A part is a sum itself, money or a count. A team's reading is made of the sums of the parts of its members.
    """

    parts: Factors
    """One at least; a factor may be below zero."""
    divided_by: Factors = ()
    """What the sum is divided by; empty is nothing."""

    @property
    def all(self) -> Factors:
        """The parts above and below the line."""
        return (*self.parts, *self.divided_by)


SUPPLIED_FORMULA = Label("supplied by the host", "由系统提供")
"""The formula of an indicator that states none."""


@frozen(kw_only=True)
class Indicator:
    """What is looked at in an appraisal: its names, what it counts in, which way is better, how it is measured."""

    code: str = field(validator=is_a(str))
    name: Label = field(validator=is_a(Label))
    dimension: str = field(validator=is_a(str))
    direction: Direction = field(validator=is_a(Direction))
    kind: Kind = field(validator=is_a(Kind))
    formula: Label = field(default=SUPPLIED_FORMULA, validator=is_a(Label))
    """How it comes about, in words; where nothing is stated, explanations say what the measure does."""
    source: str = field(default="", validator=is_a(str))
    """Where the definition comes from."""
    measure: Measure | MadeOf | None = field(default=None, validator=optional(is_a(Total, Ratio, Deduct, MadeOf)))
    """None where only the host can supply readings."""
    least: Fraction | None = field(
        default=None, converter=converters.optional(as_factor), validator=optional(is_a(Fraction))
    )
    """A reading or target below it cannot be and is refused, such as a ratio of −2%; None is no bound."""
    most: Fraction | None = field(
        default=None, converter=converters.optional(as_factor), validator=optional(is_a(Fraction))
    )
    """A reading or target above it cannot be and is refused, such as 850% of all customers; None is no bound."""
    timing: Timing = field(validator=one_of(Timing))
    """Where it is not stated, money and counts are flows, ratios and points are stocks."""

    @property
    def is_measured(self) -> bool:
        """Whether facts say its readings: it has a measure, and so has every part of it."""
        if isinstance(self.measure, MadeOf):
            return all(part.is_measured for part, _ in self.measure.all)
        return self.measure is not None

    @timing.default
    def _by_kind(self) -> Timing:
        return "flow" if self.kind in (Kind.MONEY, Kind.COUNT) else "stock"


def with_parts(indicator: Indicator) -> Iterator[Indicator]:
    """An indicator, the indicators it is composed of, the ones these are composed of, and so on."""
    yield indicator
    if isinstance(indicator.measure, MadeOf):
        for part, _ in indicator.measure.all:
            yield from with_parts(part)


@frozen
class Part(PlainData):
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
    within: Label = field(default=Label(""), kw_only=True)
    """Where the indicator is made of others, the name of the one to which the fact contributed."""
