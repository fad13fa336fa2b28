"""The parts of a scheme document that are not yet resolved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from attrs import converters, evolve, field, frozen
from attrs.validators import deep_iterable, optional

from loanperf._curves import Curve
from loanperf._explanations import Label
from loanperf._holdback import MOST_DAYS
from loanperf._indicators import CATALOGUE, Direction, Indicator, Kind, MadeOf, Measure, Timing, formula_of, indicator
from loanperf._periods import day
from loanperf._quantities import Quantity, Rounding
from loanperf._scorecard import Missing, Of, Rounds, Targets, Weights, as_targets, as_weights
from loanperf._validators import Factor, as_factor, as_quantity, as_share, as_tuple, between, is_a, one_of, pairs_of
from loanperf.errors import DataError, MeasureError

ScoredBy: TypeAlias = Literal["higher is better", "lower is better", "curve"]
Options: TypeAlias = tuple[tuple[str, str | int], ...]
Agreed: TypeAlias = Literal["targets", "plan"]
"""What a payee confirms: the targets of a period, or the plan document, the scheme as it applies to them in words."""
Holds: TypeAlias = Literal["targets", "plan", "results"]
"""What holds only once people have confirmed it."""
Unconfirmed: TypeAlias = Literal["hold", "use"]


@frozen(kw_only=True)
class Dimension:
    """A group of indicators, such as performance or risk."""

    code: str
    name: Label
    """The name to show."""


DIMENSIONS = (
    Dimension(code="performance", name=Label("performance", "业绩")),
    Dimension(code="risk", name=Label("risk", "风险")),
    Dimension(code="growth", name=Label("growth", "成长")),
    Dimension(code="team", name=Label("team", "团队")),
)
"""The dimensions of the catalogue; a scheme may name more."""


Factors: TypeAlias = tuple[tuple[str, Factor], ...]


def _as_factors(given: object) -> Factors:
    pairs: Any = given.items() if isinstance(given, Mapping) else given
    return tuple((code, as_factor(factor)) for code, factor in pairs)


@frozen(kw_only=True)
class IndicatorEntry:
    """An indicator of the catalogue with options, or one that the host declares."""

    code: str
    options: Options = ()
    """Options of a catalogue indicator; see the reference of indicators."""
    name: Label | None = None
    """The name to show; where it is not stated, the catalogue's, or the code."""
    dimension: str = ""
    """Code of its dimension; empty keeps that of the catalogue. One declared here needs it where it has a weight."""
    direction: Direction | None = None
    """Which way it gets better; a declared indicator states it, one of the catalogue does not."""
    kind: Kind | None = None
    """What it counts in."""
    formula: Label | None = None
    """What explanations say of how it is made; one of the catalogue does not state it.

    Where it is not stated, what its measure does is said in words, in both languages.
    """
    measure: Measure | None = None
    """How it is measured from facts; without one, the host supplies its readings."""
    parts: Factors = field(default=(), converter=_as_factors, validator=pairs_of(is_a(Fraction)))
    """What it is made of: codes of other indicators, each with the factor by which it counts, which may be below 0."""
    divided_by: Factors = field(default=(), converter=_as_factors, validator=pairs_of(is_a(Fraction)))
    """Codes of others with their factors, by the sum of which that of `parts` is divided."""
    timing: Timing | None = None
    """`flow` adds up day by day, so that part of a period has part of the target; `stock` does not.

    Where it is not stated, money and counts are flows, ratios and points are stocks.
    """
    least: Quantity | None = field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    """The least that it can be, in its own unit; a reading or target below is refused. Only one declared here states
    it; where it is not stated, there is no bound."""
    most: Quantity | None = field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    """The most that it can be, in its own unit; a reading or target above is refused. Only one declared here states
    it; where it is not stated, there is no bound."""

    def resolve(self) -> Indicator:
        """The indicator that this names.

        Raises:
            MeasureError: an option that the catalogue does not know.
        """
        if self.code in CATALOGUE:
            known = indicator(self.code, dict(self.options))
            return evolve(known, name=self.name or known.name, dimension=self.dimension or known.dimension)
        declared = Indicator(
            code=self.code,
            name=self.name or Label(self.code),
            dimension=self.dimension,
            direction=self.direction or Direction.HIGHER,
            kind=self.kind or Kind.RATIO,
            measure=self.measure,
            least=None if self.least is None else self.least.value,
            most=None if self.most is None else self.most.value,
        )
        formula = self.formula or formula_of(declared)
        return evolve(declared, formula=formula, timing=self.timing or declared.timing)


@frozen(kw_only=True)
class ScoringEntry:
    """How an indicator scores; what is not stated here is taken from `default`."""

    code: str = field(validator=is_a(str))
    """Code of an indicator, or `default`."""
    rule: ScoredBy | None = field(default=None, validator=optional(one_of(ScoredBy)))
    """Where it is not stated, the direction of the indicator."""
    curve: Curve | None = field(default=None, validator=optional(is_a(Curve)))
    """From attainment or value to the share of the weight that is earned."""
    of: Of | None = field(default=None, validator=optional(one_of(Of)))
    """What the curve looks at: `attainment` (actual / target) or `value`."""
    cap: Fraction | None = field(
        default=None, converter=converters.optional(as_share), validator=optional(is_a(Fraction))
    )
    """The largest share of the weight that can be earned, 1000% at most."""
    floor: Fraction | None = field(
        default=None, converter=converters.optional(as_share), validator=optional(is_a(Fraction))
    )
    """The smallest share of the weight."""
    places: int | None = field(default=None, validator=optional(is_a(int)))
    """Decimal places of the points, 0 to 9."""
    rounding: Rounding | None = field(default=None, validator=optional(is_a(Rounding)))
    """How the points are rounded to `places`, once."""
    rounds: Rounds | None = field(default=None, validator=optional(one_of(Rounds)))
    """`each indicator`: its points are rounded, then summed. `the total`: points are summed exact and the sum is
    rounded once. `default` alone says it, and holds for all; where it is not stated, each indicator."""
    missing: Missing | None = field(default=None, validator=optional(is_a(Missing)))
    """What a missing reading does; where it is not stated, it is refused."""


@frozen(kw_only=True)
class Stretch:
    """The dates between which a strategy phase holds."""

    phase: str
    """Code of the phase."""
    since: date = field(converter=day)
    """The first day on which it holds."""
    until: date | None = field(default=None, converter=converters.optional(day))
    """The first day on which it no longer holds."""


@frozen(kw_only=True)
class Who:
    """Who gets a profile: payees for whom every stated condition holds.

    Of profiles that stand alone, the one of the rule with most conditions wins; of those on top, each that a rule gives
    changes it.
    """

    profile: str
    """Code of the profile that they get."""
    role: str = ""
    """Role of the payee; empty fits every role."""
    product_line: str = ""
    """Product line of the payee; empty fits every product line."""
    tier: str = ""
    """Tier of the payee; empty fits every tier."""
    unit: str = ""
    """A unit and all below it; the deeper unit wins."""


@frozen(kw_only=True)
class Limit:
    """The bounds within which units may set the weight of an indicator."""

    code: str = field(validator=is_a(str))
    at_least: Fraction = field(default=Fraction(0), converter=as_share, validator=between(0, 1))
    """The smallest weight that a unit may set, itself allowed."""
    at_most: Fraction = field(default=Fraction(1), converter=as_share, validator=between(0, 1))
    """The largest weight that a unit may set, itself allowed."""


@frozen(kw_only=True)
class Override:
    """What a unit sets otherwise for itself and all below it, within the limits set above."""

    unit: str = field(validator=is_a(str))
    """Code of the unit that sets it."""
    profile: str = field(validator=is_a(str))
    """Code of the profile that it changes."""
    weights: Weights = field(default=(), converter=as_weights, validator=pairs_of(is_a(Fraction)))
    """All weights of the profile, summing to 100% unless it stands on top; empty keeps those from above."""
    targets: Targets = field(default=(), converter=as_targets, validator=pairs_of(is_a(Quantity)))
    """Targets that differ from those above, each in the unit of its indicator."""
    limits: tuple[Limit, ...] = field(default=(), validator=deep_iterable(is_a(Limit), is_a(tuple)))
    """Narrower limits for the units below."""
    since: date = field(default=date.min, converter=day)
    """The first day on which it holds; where it is not stated, it has always held."""
    until: date | None = field(default=None, converter=converters.optional(day))
    """The first day on which it no longer holds; where it is not stated, it goes on."""


@frozen(kw_only=True)
class Confirmation:
    """What payees confirm before it holds, and what a run does with what is not confirmed."""

    of: tuple[Holds, ...] = field(converter=as_tuple, validator=deep_iterable(one_of(Holds), is_a(tuple)))
    """`targets`: those of each period. `plan`: the plan document, the scheme as it applies to one person. `results`:
    those of the appraisal cycle of each period, which are confirmed where they are approved and published."""
    unconfirmed: Unconfirmed = field(validator=one_of(Unconfirmed))
    """`hold`: a payee without a version in force is blocked. `use`: the newest version is used all the same."""
    silence_days: int | None = field(default=None, validator=optional(between(1, MOST_DAYS, int)))
    """Days after a proposal from which it is in force if its payee said nothing; without it, silence confirms
    nothing."""
    superiors: tuple[str, ...] = field(default=(), converter=as_tuple, validator=deep_iterable(is_a(str), is_a(tuple)))
    """Roles that may set a version with a reason, for others of their own unit and of those below it; empty is
    everybody in a unit above that of the payee."""

    def __attrs_post_init__(self) -> None:
        if not self.of or len(set(self.of)) < len(self.of):
            fault = "nothing is to be confirmed" if not self.of else "it says one thing twice"
            raise DataError("Confirmation.of", fault, "write one or more of 'targets', 'plan' and 'results', each once")


_CIRCLE = "make it of indicators that do not look at it"


def indicators_of(entries: Iterable[IndicatorEntry]) -> dict[str, Indicator]:
    """Every indicator by code: the catalogue's, with what the entries change or add."""
    given = tuple(entries)
    found = {code: indicator(code) for code in CATALOGUE} | {entry.code: entry.resolve() for entry in given}
    composed = {entry.code: entry for entry in given if entry.parts}
    done: set[str] = set()

    def made(code: str, within: tuple[str, ...] = ()) -> Indicator:
        if code in within:
            raise MeasureError(f"indicator {code}", f"it is made of itself: {' → '.join((*within, code))}", _CIRCLE)
        if code in composed and code not in done:
            parts, per = (
                tuple((made(part, (*within, code)), Fraction(factor)) for part, factor in factors)
                for factors in (composed[code].parts, composed[code].divided_by)
            )
            own = evolve(found[code], measure=MadeOf(parts=parts, divided_by=per))
            found[code] = evolve(own, formula=composed[code].formula or formula_of(own))
            done.add(code)
        return found[code]

    for code in composed:
        made(code)
    return found


def dimensions_of(entries: Iterable[IndicatorEntry]) -> dict[str, str]:
    """The dimension of every indicator by code; see `indicators_of`."""
    return {code: item.dimension for code, item in indicators_of(entries).items()}
