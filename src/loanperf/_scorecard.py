"""Scorecards: weight profiles and strategy phases; the card that holds for one payee in one period.

A `Card` has no choices left: every weight, target, scoring rule, veto, grade and the bonus plan are resolved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any, Literal, TypeAlias, assert_never

from attrs import Attribute, converters, evolve, field, frozen
from attrs.validators import deep_iterable, optional

from loanperf._curves import Curve
from loanperf._data import PlainData
from loanperf._explanations import Label, Language, html_of, in_words, near_label, quantity_label
from loanperf._facts import Fact, Facts
from loanperf._holdback import Holdback
from loanperf._indicators import Direction, Indicator, Kind, Readings, indicator_label, measure, refuse_bare
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._quantities import Number, Quantity, Rounding, is_share, percent, plain, quantity
from loanperf._rounding import RoundingStep
from loanperf._validators import (
    Factor,
    as_factor,
    as_pairs,
    as_points,
    as_quantity,
    as_share,
    between,
    factor_curve,
    is_a,
    one_of,
    pairs_of,
    share_curve,
    stated,
)
from loanperf.errors import DataError, UnitError, UnknownIndicatorError, WeightsError

Weights: TypeAlias = tuple[tuple[str, Fraction], ...]
"""Codes of indicators with their weights, in the order of the scheme; they sum to exactly 1."""
Targets: TypeAlias = tuple[tuple[str, Quantity], ...]
"""Codes of indicators with targets, each in the unit of its indicator."""


def as_weights(value: Iterable[tuple[str, Number]]) -> Weights:
    """A converter: weights of any exact kind."""
    return as_pairs(value, as_share)


def as_targets(value: Iterable[tuple[str, Number]]) -> Targets:
    """A converter: targets of any exact kind."""
    return as_pairs(value, as_quantity)


def _as_weights_by_profile(
    value: Iterable[tuple[str, Iterable[tuple[str, Number]]]],
) -> tuple[tuple[str, Weights], ...]:
    return as_pairs(value, as_weights)


class Missing(Enum):
    """What a missing reading does to a score."""

    REFUSE = "refuse"
    """There is no score without it."""
    ZERO = "zero"
    """It earns no points."""
    RENORMALISE = "renormalise"
    """Its weight goes to the other indicators in proportion."""


Of: TypeAlias = Literal["attainment", "value"]
"""What a scoring curve looks at: actual / target, or the reading itself."""
Rounds: TypeAlias = Literal["each indicator", "the total"]
"""What of a score is rounded: the points of each indicator, which are then summed, or their exact sum, once."""
Comparison: TypeAlias = Literal["above", "at least", "below", "at most"]
PaidIn: TypeAlias = Literal["month", "amount", "share"]
GatesApply: TypeAlias = Literal["in turn", "added"]
"""How several gates take their shares: each of what the one before it left, or all of the whole, 100% at most."""


@frozen(kw_only=True)
class Scoring:
    """How a reading becomes points: the share of its weight that it earns, limits, and one rounding."""

    rule: Direction | Curve = field(validator=is_a(Direction, Curve))
    """`higher is better`: actual / target. `lower is better`: 2 − actual / target. Or a curve to a share."""
    of: Of = field(default="attainment", validator=one_of(Of))
    places: int = field(validator=between(0, 9, int))
    """Decimal places of the points, 0 to 9."""
    rounding: Rounding = field(validator=is_a(Rounding))
    """How they are rounded to those places, once; see `rounds`."""
    rounds: Rounds = field(default="each indicator", validator=one_of(Rounds))
    """`each indicator`: its points are rounded, then summed. `the total`: the points are summed exact and the sum is
    rounded once; those of an indicator are rounded where they are shown alone. All of a card say the same then."""
    missing: Missing = field(default=Missing.REFUSE, validator=is_a(Missing))
    cap: Fraction | None = field(
        default=None, converter=converters.optional(as_share), validator=optional(is_a(Fraction))
    )
    """The largest share of the weight that can be earned; None is no cap."""
    floor: Fraction | None = field(
        default=None, converter=converters.optional(as_share), validator=optional(is_a(Fraction))
    )
    """The smallest share of the weight; None is no floor, and points can be negative."""


def margin_to(limit: Fraction, test: Comparison, value: Fraction) -> Fraction:
    """How far a value is from a limit that it is not to pass, in their unit: zero on it, below zero past it.

    Args:
        limit: which.
        test: what of the limit is past it; on which side of it that is alone counts.
        value: which is compared.

    >>> margin_to(Fraction(5), "above", Fraction(3)), margin_to(Fraction(5), "at most", Fraction(3))
    (Fraction(2, 1), Fraction(-2, 1))
    """
    return limit - value if test in ("above", "at least") else value - limit


def compares(value: Fraction, test: Comparison, limit: Fraction) -> bool:
    """Whether a value is above a limit, at least the limit, below it, or at most the limit.

    >>> compares(Fraction(5), "at least", Fraction(5)), compares(Fraction(5), "above", Fraction(5))
    (True, False)
    """
    match test:
        case "above":
            return value > limit
        case "at least":
            return value >= limit
        case "below":
            return value < limit
        case "at most":
            return value <= limit
        case _:
            assert_never(test)


@frozen(kw_only=True)
class Veto:
    """One vote that ends the count (一票否决): past its limit the whole score becomes `score`, if it is not lower."""

    indicator: str = field(validator=is_a(str))
    """Code of the indicator; it needs no weight."""
    test: Comparison = field(validator=one_of(Comparison))
    """How the unrounded reading is compared with the limit; `at least` and `at most` strike on the limit itself."""
    limit: Quantity = field(converter=as_quantity, validator=is_a(Quantity))
    """In the unit of the indicator."""
    score: Decimal = field(default=Decimal(0), converter=as_points, validator=is_a(Decimal))
    """What the score becomes, in points; a lower score stays as it is."""

    def margin(self, value: Fraction) -> Fraction:
        """How far a reading is from the limit, below zero past it; see `margin_to`."""
        return margin_to(self.limit.value, self.test, value)

    def struck(self, value: Fraction) -> bool:
        """Whether a reading, unrounded, is past the limit."""
        return compares(value, self.test, self.limit.value)


@frozen(kw_only=True)
class Grade:
    """A band of scores, from `at_least` up to the next grade; it is read off the printed score."""

    code: str = field(validator=is_a(str))
    name: Label = field(default=Label(""), validator=is_a(Label))
    """The name to show."""
    at_least: Decimal = field(converter=as_points, validator=is_a(Decimal))
    """The printed score at which it starts, in points, itself included; the lowest holds below it too."""
    coefficient: Factor = field(default=Factor(Fraction(1)), converter=as_factor, validator=between(0, 10))
    """Multiplies the bonus; 0% to 1000%."""


_LEVEL = optional(between(1, 20, int))


@frozen(kw_only=True)
class Gate:
    """A ladder that forfeits a share of pay by an indicator, on its unrounded reading."""

    indicator: str = field(validator=is_a(str))
    """Code of the indicator; it needs no weight."""
    forfeits: Curve = field(validator=share_curve)
    """From the reading to the share forfeited, 0% to 100%, each written with its sign."""
    level: int | None = field(default=None, validator=_LEVEL)
    """Whose reading it is. None: the payee's own. 1: that of the unit at the top of the tree, such as the company; 2:
    of the unit below it on the way to the payee, such as the branch; and so on, up to 20."""

    def worsens_upwards(self, direction: Direction) -> bool:
        """Whether a higher reading forfeits more: as its curve says, or the direction where it is flat."""
        return self.forfeits.rising or (not self.forfeits.falling and direction is Direction.LOWER)

    @property
    def looks_at(self) -> str:
        """Code of what it looks at; see `of_level`."""
        return of_level(self.indicator, self.level)


@frozen(kw_only=True)
class Multiplier:
    """A coefficient: a factor on pay by a reading or its attainment, above 100% too."""

    indicator: str = field(validator=is_a(str))
    """Code of the indicator; it needs no weight, but where a bonus looks at its attainment."""
    of: Of = field(default="attainment", validator=one_of(Of))
    """What the curve looks at: reading / target, or the reading itself."""
    curve: Curve = field(validator=factor_curve)
    """From what it looks at to the factor, 0% to 1000%; 100% changes nothing."""
    level: int | None = field(default=None, validator=_LEVEL)
    """Whose reading it is: None is the payee's own; 1 the unit at the top of the tree, 2 the unit below it; see `Gate`.

    A unit's attainment is its reading / the target that is given for the unit.
    """

    @property
    def looks_at(self) -> str:
        """Code of what it looks at; see `of_level`."""
        return of_level(self.indicator, self.level)

    @property
    def of_unit(self) -> str:
        """Code of the attainment of a unit, a reading of its own; empty where it looks at something else."""
        return of_level(f"{self.indicator}{_ATTAINED}", self.level) if self.level and self.of == "attainment" else ""


def of_level(indicator: str, level: int | None) -> str:
    """Code of an indicator, and behind `@` the level of the unit whose reading is meant.

    >>> of_level("npl_ratio", None), of_level("npl_ratio", 2)
    ('npl_ratio', 'npl_ratio@2')
    """
    return indicator if level is None else f"{indicator}@{level}"


def level_of(code: str) -> tuple[str, int | None]:
    """The indicator and the level of a code that `of_level` gave.

    >>> level_of("npl_ratio"), level_of("npl_ratio@2")
    (('npl_ratio', None), ('npl_ratio', 2))
    """
    indicator, at, level = code.rpartition("@")
    return (indicator, int(level)) if at and level.isdecimal() else (code, None)


_ATTAINED = "/attainment"
"""Stands behind the code of an indicator in the code of its attainment."""


def whose_target(code: str) -> str:
    """The indicator whose target a code is measured against, without its level; empty where it is none.

    >>> whose_target("npl_ratio/attainment@2"), whose_target("npl_ratio@2")
    ('npl_ratio', '')
    """
    indicator, _ = level_of(code)
    return indicator.removesuffix(_ATTAINED) if indicator.endswith(_ATTAINED) else ""


def against_target(indicator: Indicator) -> Indicator:
    """The attainment of an indicator, its reading over its target, as a ratio of its own."""
    name = Label(f"attainment of the {indicator.name.en}", f"{indicator.name.to('zh')}完成率")
    code, kind = f"{indicator.code}{_ATTAINED}", Kind.RATIO
    return evolve(indicator, code=code, name=name, kind=kind, measure=None, least=None, most=None, timing="stock")


def of_unit(indicator: Indicator, level: int) -> Indicator:
    """An indicator whose reading is that of the unit on a level above the payee."""
    return evolve(indicator, code=of_level(indicator.code, level), name=unit_label(indicator.name, level))


def looked_at_label(code: str) -> Label:
    """What a gate or multiplier looks at, as printed."""
    indicator, level = level_of(code)
    return indicator_label(indicator) if level is None else unit_label(indicator_label(indicator), level)


def unit_label(name: Label, level: int) -> Label:
    """The name of an indicator of the unit on a level above the payee."""
    return Label(f"{name.en} of the unit on level {level}", f"第 {level} 级机构的{name.to('zh')}")


@frozen(kw_only=True)
class Bonus:
    """A bonus plan: a curve over the score or an attainment, coefficients, gates, cap and floor, then rounding."""

    unit: PaidIn = field(validator=one_of(PaidIn))
    """`month`: the curve gives months of salary. `amount`: money. `share`: parts of a base that the host names."""
    of: str = field(default="score", validator=is_a(str))
    """`score`, or the code of an indicator whose attainment (actual / target) is looked up instead."""
    curve: Curve = field(validator=is_a(Curve))
    """From the score in points, or the attainment, to what `unit` says: months, money or shares with their sign."""
    rounding: Rounding = field(validator=is_a(Rounding))
    """To the smallest unit of the currency, once, at the end."""
    round_total: RoundingStep | None = field(default=None, validator=optional(is_a(RoundingStep)))
    """A larger step, in place of the smallest unit; cap and floor are rounded to it too."""
    gates: tuple[Gate, ...] = field(default=(), validator=deep_iterable(is_a(Gate), is_a(tuple)))
    """What forfeits part of the bonus, in this order; see `gates_apply`."""
    gates_apply: GatesApply = field(default="in turn", validator=one_of(GatesApply))
    """`in turn`: each gate takes its share of what the one before it left. `added`: their shares are added, to 100%."""
    multipliers: tuple[Multiplier, ...] = field(default=(), validator=deep_iterable(is_a(Multiplier), is_a(tuple)))
    """Coefficients, one after the other, before the gates."""
    cap: Quantity | None = field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    """In the unit of the curve or in money; what is above it is lost. For a full period: days in role prorate it."""
    floor: Quantity | None = field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    """In the unit of the curve or in money; applied last, after gates. Days in role prorate it."""
    holdback: Holdback | None = field(default=None, validator=optional(is_a(Holdback)))
    """What is kept back of the bonus of a payee in a period, by that bonus; of a scheme, by role."""

    def __attrs_post_init__(self) -> None:
        if self.holdback is not None:
            self.holdback.must_be_of("Bonus.holdback", loans=False)

    @property
    def looks_at(self) -> tuple[str, ...]:
        """Codes of what its gates and multipliers look at; see `of_level`."""
        of_units = (item.of_unit for item in self.multipliers if item.of_unit)
        return (*(gate.looks_at for gate in self.gates), *(item.looks_at for item in self.multipliers), *of_units)

    @curve.validator
    def _gives_shares(self, attribute: Attribute[Curve], value: Curve) -> None:
        if self.unit == "share":
            stated(self, attribute, value)
            factor_curve(self, attribute, value)


@frozen(kw_only=True)
class CardLine:
    """One indicator of a card, with all that its score needs."""

    indicator: Indicator = field(validator=is_a(Indicator))
    weight: Fraction = field(converter=as_share, validator=between(0, 1))
    scoring: Scoring = field(validator=is_a(Scoring))
    target: Quantity | None = field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    target_source: Label = field(default=Label(""), validator=is_a(Label))
    """Who set the target."""
    target_at_most: Quantity | None = field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    """The largest target that the phase allows."""


@frozen(kw_only=True)
class Card(PlainData):
    """A scorecard resolved for one kind of payee and one period, with no choices left."""

    scheme: str
    version: str
    """The first twelve hex digits of the SHA-256 of the scheme; tells which version made a score."""
    effective: date
    profile: str
    """Code of the profile; with those on top of it, in the order in which they apply, joined by plus signs."""
    set_by: tuple[str, ...] = ()
    """Units that set the weights otherwise than the profile, from the top of the tree down."""
    phase: str = ""
    currency: str
    period: Period
    lines: tuple[CardLine, ...] = field()
    others: tuple[Indicator, ...] = ()
    """Indicators without weight here that vetoes, gates, coefficients or alert rules look at; a unit's has a code of
    `of_level`."""
    known: tuple[str, ...] = ()
    """Codes that readings may have without being on the card; they are passed over."""
    vetoes: tuple[Veto, ...] = ()
    grades: tuple[Grade, ...] = ()
    """From the lowest to the highest."""
    bonus: Bonus | None = None
    memo: dict[str, Any] = field(factory=dict, init=False, eq=False, repr=False)
    """What was worked out of this card once, so that a payee is scored by it without doing so anew."""

    @lines.validator
    def _alike(self, _: object, lines: tuple[CardLine, ...]) -> None:
        ways = {(line.scoring.rounds, line.scoring.places, line.scoring.rounding) for line in lines}
        if len(ways) > 1 and any(line.scoring.rounds == "the total" for line in lines):
            fault = "the total is rounded, and its lines say so in different ways"
            raise DataError("Card.lines", fault, "give all of them the same rounds, places and rounding")

    def indicator(self, code: str) -> Indicator:
        """An indicator that this card looks at.

        Raises:
            UnknownIndicatorError: it looks at no indicator of that code.
        """
        found = {item.code: item for item in (*self.others, *(line.indicator for line in self.lines))}
        if code not in found:
            raise UnknownIndicatorError(code, tuple(found))
        return found[code]

    def measure(self, facts: Facts | Iterable[Fact], *, organisation: Organisation | None = None) -> Readings:
        """The readings of the facts of its period of all that it looks at; see `lp.measure`."""
        looked = (*(line.indicator for line in self.lines), *self.others)
        return measure(facts, self.period, looked, currency=self.currency, organisation=organisation)

    def _repr_html_(self) -> str:
        head = "<tr><th>indicator</th><th>指标</th><th>weight</th><th>target</th><th>scoring</th></tr>"
        rows = "".join(_html_row(line) for line in self.lines)
        title = f"{self.scheme}, {self.version}: {self.profile} {self.phase}, {self.period}"
        return f"<table class='loanperf'><caption>{html_of(title)}</caption>{head}{rows}</table>"


def _html_row(line: CardLine) -> str:
    rule = line.scoring.rule
    target = "" if line.target is None else value_text(line.indicator, line.target)
    cells = [
        line.indicator.name.en,
        line.indicator.name.zh,
        percent(line.weight),
        target,
        rule.value if isinstance(rule, Direction) else f"curve of {line.scoring.of}",
    ]
    return f"<tr>{''.join(f'<td>{html_of(cell)}</td>' for cell in cells)}</tr>"


def value_of(indicator: Indicator, value: Number, currency: str, what: str) -> Quantity:
    """Read a value in the unit that an indicator counts in.

    Raises:
        UnitError: it is in another unit; money without a currency among them.
        DataError: it is a bare number above 1 for a ratio.
    """
    asked = indicator.kind.unit(currency)
    found = quantity(value, asked=asked)
    if is_share(value) and indicator.kind in (Kind.COUNT, Kind.POINTS):
        raise UnitError(f"{what} of {indicator.code!r} ({value})", "percent", asked or "a number, such as 12")
    match indicator.kind, found.unit:
        case (Kind.MONEY, unit) if unit == currency:
            return found
        case (Kind.RATIO, ""):
            if found.bare:
                refuse_bare(f"{what} of {indicator.code!r}", found.value, indicator.most)
            return found
        case (Kind.COUNT, "") | (Kind.POINTS, "point"):
            return found
        case (Kind.COUNT, "person"):
            return Quantity(found.value)
        case (Kind.POINTS, ""):
            return Quantity(found.value, "point")
        case _:
            raise UnitError(f"{what} of {indicator.code!r} ({value})", found.unit, asked)


def value_label(indicator: Indicator, value: Quantity) -> str | Label:
    """A value as printed: ratios in percent, money and points with their unit."""
    return percent(value.value) if indicator.kind is Kind.RATIO else quantity_label(value)


def value_near(indicator: Indicator, value: Quantity, places: int = 4) -> str | Label:
    """A value for who only reads it: as `value_label`, but one whose decimals never end is rounded, with ≈.

    A percentage has as many decimal places as are asked for.
    """
    return percent(value.value, places) if indicator.kind is Kind.RATIO else near_label(value)


def value_text(indicator: Indicator, value: Quantity, language: Language = "en", places: int = 4) -> str:
    """A value as tables and messages have it in one language; see `value_near`."""
    return in_words(value_near(indicator, value, places), language, bare=True)


@frozen(kw_only=True)
class Profile:
    """A weight profile: how much each indicator counts for a group of payees, and its usual targets.

    One that stands on top changes another, so that a role and a product line each have one and compose.
    """

    code: str
    name: Label = Label("")
    """The name to show."""
    weights: Weights = field(converter=as_weights, validator=pairs_of(is_a(Fraction)))
    """Share of the score by indicator, 0% or more; all that a payee has, of profiles on top too, sum to 100%."""
    targets: Targets = field(default=(), converter=as_targets, validator=pairs_of(is_a(Quantity)))
    """Usual targets of this profile, each in the unit of its indicator."""
    stands: Literal["alone", "on top"] = field(default="alone", validator=one_of(Literal["alone", "on top"]))
    """`alone`: it is the profile of who gets it. `on top`: it changes the profile that they get besides.

    Its weights and targets take the place of those of the same indicators, and a weight of 0% takes an indicator out.
    Of several on top, the one that is written later in the scheme wins. Every combination that a payee can get must sum
    to exactly 100%.
    """

    @weights.validator
    def _sums_to_one(self, _: object, weights: Weights) -> None:
        check_weights(self.code, weights, is_part=self.stands == "on top")

    @property
    def is_on_top(self) -> bool:
        """Whether it changes another profile, in place of being one."""
        return self.stands == "on top"


def is_weighed(card: Card, code: str) -> bool:
    """Whether an indicator has a weight on a card."""
    return any(line.indicator.code == code for line in card.lines)


def composed_weights(parts: Iterable[Weights]) -> Weights:
    """Weights on top of each other: a later one takes the place of an earlier, and one of 0% takes it out."""
    held = {code: weight for weights in parts for code, weight in weights}
    return tuple((code, weight) for code, weight in held.items() if weight)


@frozen(kw_only=True)
class Constraint:
    """What the weights of some indicators or dimensions must come to together."""

    of: tuple[str, ...] = field(validator=deep_iterable(is_a(str), is_a(tuple)))
    """Codes of indicators or dimensions, whose weights are summed."""
    at_least: Fraction = field(default=Fraction(0), converter=as_share, validator=between(0, 1))
    """The least that they weigh together, itself allowed."""
    at_most: Fraction = field(default=Fraction(1), converter=as_share, validator=between(0, 1))
    """The most that they weigh together, itself allowed."""

    def weighs(self, weights: Weights, dimensions: Mapping[str, str]) -> Fraction:
        """What they come to together in some weights.

        Args:
            weights: of one profile.
            dimensions: the dimension of each indicator code.
        """
        return sum(
            (weight for code, weight in weights if code in self.of or dimensions.get(code) in self.of), Fraction(0)
        )


@frozen(kw_only=True)
class Phase:
    """A strategy phase: what it asks of every profile, and the profiles that differ while it lasts."""

    code: str
    name: Label = Label("")
    """The name to show."""
    require: tuple[Constraint, ...] = ()
    """What the weights of every profile must keep."""
    weights: tuple[tuple[str, Weights], ...] = field(
        default=(), converter=_as_weights_by_profile, validator=pairs_of(pairs_of(is_a(Fraction)))
    )
    """Codes of profiles with the weights that they have in this phase."""
    targets_at_most: Targets = field(default=(), converter=as_targets, validator=pairs_of(is_a(Quantity)))
    """The largest targets that the phase allows, each in the unit of its indicator."""


def check_weights(profile: str, weights: Weights, *, is_part: bool = False) -> None:
    """Refuse weights that are not exactly 100%.

    Args:
        profile: code of the profile.
        weights: of the profile.
        is_part: whether they are part of a whole, so that their sum says nothing.

    Raises:
        WeightsError: the sum is not 100%, or a weight is negative or named twice.
    """
    counts = Counter(code for code, _ in weights)
    twice = sorted(code for code, count in counts.items() if count > 1)
    if twice:
        raise WeightsError(profile, f"{twice[0]!r} has two weights", "give each indicator one weight")
    for code, weight in weights:
        if weight < 0:
            raise WeightsError(profile, f"{code!r} weighs {percent(weight)}", "give a weight of 0% or more")
    total = sum((weight for _, weight in weights), Fraction(0))
    if total != 1 and not is_part:
        missing = "missing" if total < 1 else "too much"
        fault = f"they sum to {percent(total, 10)}, {percent(abs(1 - total), 10)} {missing}"
        raise WeightsError(profile, fault, "make them sum to exactly 100%, or use rebalance")


def broken(weights: Weights, require: Iterable[Constraint], dimensions: Mapping[str, str]) -> str:
    """The first constraint that weights break, as a clause; empty where they keep all.

    Args:
        weights: of one profile.
        require: constraints of a phase.
        dimensions: the dimension of each indicator code.
    """
    for rule in require:
        total = rule.weighs(weights, dimensions)
        if total < rule.at_least:
            return f"{' + '.join(rule.of)} weighs {percent(total)}, and at least {percent(rule.at_least)} is required"
        if total > rule.at_most:
            return f"{' + '.join(rule.of)} weighs {percent(total)}, and at most {percent(rule.at_most)} is allowed"
    return ""


def points_text(value: Fraction) -> str:
    """A share of a score in points, exact."""
    return plain(value * 100)
