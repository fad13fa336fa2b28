"""Targets: (goal, weights of payees or months) -> what each payee is to reach, and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias, TypeVar

from attrs import converters, evolve, field, frozen
from attrs.validators import deep_iterable, optional

from loanperf._allocation import TieBreak, allocate
from loanperf._data import PlainData
from loanperf._explanations import Label
from loanperf._indicators import CATALOGUE, Kind, Timing, indicator, refuse_bare
from loanperf._periods import FROM_JANUARY, PartOfYear, PayCalendar, Period, must_be_period
from loanperf._quantities import Money, Number, Quantity, Rounding, percent, quantity, ratio, rounded
from loanperf._validators import as_quantity, as_share, between, is_a, one_of
from loanperf.errors import AllocationError, DataError, PeriodError, UnitError, shown


def _quantity(value: Number) -> Quantity:
    return quantity(value)


CarriedUntil: TypeAlias = Literal["never", "year", "half", "quarter"]
"""How long what was missed of a target is carried on."""


@frozen(kw_only=True)
class Target(PlainData):
    """What a payee is to reach in an indicator over a whole period.

    Raises:
        DataError: it is a bare number above 1 of an indicator of the catalogue that is a ratio.
    """

    payee: str
    indicator: str
    value: Quantity = field(converter=_quantity)
    """In the unit that the indicator counts in."""
    period: Period | None = field(default=None, validator=optional(is_a(Period)))
    """The period for which it holds; None is the period that is worked, never an earlier one."""
    source: Label = field(default=Label(""), validator=is_a(Label))
    """Whose it is, as reasons say it, such as the version that was confirmed; empty is the host's."""

    @classmethod
    def grown(
        cls, reached: Number, growth: Number, *, payee: str, indicator: str, period: Period | None = None, step: Number
    ) -> Target:
        """What was reached before, and so much more: rounded half up to whole steps.

        Args:
            reached: such as the reading of the same month a year ago.
            growth: such as "10%"; below zero for less.
            payee: whose target it is.
            indicator: its code.
            period: for which it holds.
            step: what it is a multiple of, in its unit, such as "1万元".

        Raises:
            UnitError: the step is in another unit.
            DataError: the step is not above zero.

        >>> print(Target.grown("873万元", "10%", payee="lin", indicator="disbursed_amount", step="1万元").value)
        9600000 CNY
        """
        before, size = quantity(reached), quantity(step)
        if before.unit != size.unit:
            raise UnitError(f"the step of a target ({step})", size.unit or "no unit", before.unit or "no unit")
        if size.value <= 0:
            raise DataError("the step of a target", f"it is {size}", "give more than zero")
        steps = rounded(before.value * (1 + ratio(growth, "the growth")) / size.value, 0, Rounding.HALF_UP)
        value = Quantity(Fraction(steps) * size.value, before.unit)
        return cls(payee=payee, indicator=indicator, value=value, period=period)

    def carrying(self, target: Number, reached: Number) -> Target:
        """This target and what was missed of an earlier one, where more is better: what was over it is not taken off.

        Raises:
            UnitError: one of them is in another unit.

        >>> april = Target(payee="lin", indicator="disbursed_amount", value="100万元")
        >>> print(april.carrying("100万元", "80万元").value)
        1200000 CNY
        """
        asked, found = quantity(target), quantity(reached)
        for what, given in (("the earlier target", asked), ("what was reached", found)):
            if given.unit != self.value.unit:
                raise UnitError(what, given.unit or "no unit", self.value.unit or "no unit")
        missed = max(asked.value - found.value, Fraction(0))
        return evolve(self, value=Quantity(self.value.value + missed, self.value.unit))

    def __attrs_post_init__(self) -> None:
        if self.value.bare and self.indicator in CATALOGUE and indicator(self.indicator).kind is Kind.RATIO:
            refuse_bare(f"the target of {self.indicator!r}", self.value.value, indicator(self.indicator).most)


def as_shares(given: Iterable[Number]) -> tuple[Fraction, ...]:
    """A list of shares as Fractions; anything else as it is, for the validator to refuse."""
    return tuple(map(as_share, given)) if isinstance(given, (list, tuple)) else given  # type: ignore[return-value]


@frozen(kw_only=True)
class Season:
    """How targets of an indicator, which are stated of a longer time then, spread over it.

    Raises:
        DataError: the weights do not sum to exactly 100%, or the step is not above zero.
    """

    code: str = field(validator=is_a(str))
    """Of the indicator, whose readings add up day by day."""
    of: PartOfYear = field(validator=one_of(PartOfYear))
    """Of what its targets are stated: the year, half or quarter of the scheme's calendar."""
    weights: tuple[Fraction, ...] = field(converter=as_shares, validator=deep_iterable(between(0, 1), is_a(tuple)))
    """The shares of its equal stretches in turn, which sum to exactly 100%: of a year four are its quarters, and twelve
    its months. Within a stretch a target spreads evenly over the days."""
    step: Quantity | None = field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    """What the target of a stretch is a multiple of, by largest remainder, the later one first among equals; without
    it targets are not rounded."""

    def __attrs_post_init__(self) -> None:
        if sum(self.weights) != 1:
            fault = f"its weights sum to {percent(Fraction(sum(self.weights)))}"
            raise DataError("Season.weights", fault, "make them sum to exactly 100%, such as ['20%', '20%', '60%']")
        if self.step is not None and self.step.value <= 0:
            raise DataError("Season.step", f"it is {self.step}", "give more than zero")

    def share(self, part: Period, calendar: PayCalendar | None) -> Fraction:
        """Which part of a target falls on some days, without steps.

        Raises:
            PeriodError: the days are in two years, halves or quarters; the stretches are no such of the calendar.
        """
        return self._on(part, calendar, self.weights)

    def target(self, goal: Quantity, part: Period, calendar: PayCalendar | None) -> Quantity:
        """The target for some days of the time of which it is stated.

        Raises:
            AllocationError: it is no whole number of steps.
            PeriodError: the days are in two years, halves or quarters; the stretches are no such of the calendar.
        """
        if self.step is None:
            return Quantity(goal.value * self.share(part, calendar), goal.unit)
        parts = allocate(goal.value, self.weights, step=self.step.value, tie_break="last")
        return Quantity(self._on(part, calendar, parts), goal.unit)

    def stretches(self, part: Period, calendar: PayCalendar | None) -> tuple[Period, ...]:
        """What some days have of each stretch that they are in, in order.

        Raises:
            PeriodError: the days are in two years, halves or quarters; the stretches are no such of the calendar.
        """
        found = (stretch.overlap(part.start, part.end) for stretch in self._stretches(part, calendar))
        return tuple(days for days in found if days is not None)

    def _stretches(self, part: Period, calendar: PayCalendar | None) -> tuple[Period, ...]:
        """All stretches of the year, half or quarter in which some days are."""
        must_be_period(part)
        stretches = (calendar or FROM_JANUARY).stretches(self.of, part.start, len(self.weights))
        if part.end > stretches[-1].end:
            fault = f"it goes beyond the {self.of} of the season of {self.code}, which ends on {stretches[-1].last_day}"
            raise PeriodError(str(part), fault, "work shorter periods, or state the season of a longer time")
        return stretches

    def _on(self, part: Period, calendar: PayCalendar | None, amounts: Iterable[Fraction]) -> Fraction:
        """What of some amounts of stretches falls on some days."""
        found = Fraction(0)
        for stretch, amount in zip(self._stretches(part, calendar), amounts, strict=True):
            days = stretch.overlap(part.start, part.end)
            found += Fraction(amount) * (days.days if days else 0) / stretch.days
        return found


@frozen(kw_only=True)
class CarriedTarget:
    """That what a payee misses of a target is asked in the next period too, of score cards and bonuses (捆绑).

    `lp.run` takes it from the appraisal of the period before, as it was archived, which has what was carried into it.
    What was over a target is not taken off. Without an archived appraisal nothing is carried; the reasons say so.
    Commissions look at the targets that the host states.
    """

    code: str = field(validator=is_a(str))
    """Of the indicator, whose readings add up day by day, and of which more is better."""
    resets: CarriedUntil = field(validator=one_of(CarriedUntil))
    """With which year, half or quarter of the scheme's calendar nothing earlier counts any more; `never`: it always
    does."""


Key = TypeVar("Key", str, Period)
"""Among what a goal is divided: payees by code, or periods."""
Zero: TypeAlias = Literal["equal share", "left out"]
"""What becomes of a payee whose weight is zero: a part of the goal by heads, or no target at all."""


def divide(
    goal: Money | str,
    weights: Mapping[Key, int | Fraction | Decimal],
    *,
    step: int = 1,
    tie_break: TieBreak = "largest weight",
    zero: Zero | Money | None = None,
) -> dict[Key, Money]:
    """Divide a goal among payees or periods in proportion to weights, such as what each reached before.

    It sums exactly. Periods get what their seasons weigh: `divide("120万元", {january: 20, february: 80})`.

    Nothing can be measured against a target of zero: what becomes of a weight of zero, such as of who is new, is
    stated by `zero`, or the goal is refused.

    Args:
        goal: of the team, in money, such as `Money("100万元")` or its text.
        weights: zero or more each, by code of payee, or by period.
        step: what each target is a multiple of, in smallest units (1,000,000 is 万元); the goal must be one too.
        tie_break: who gets a step that two are equally entitled to; among equals the first by code.
        zero: for weights of zero. `equal share`: the goal divided by the number of payees; the others share what is
            left by weight, and if nobody has weight all are equal. `left out`: no target, so that the code is not in
            the result. An amount: that target; the others share what is left.

    Raises:
        AllocationError: nobody has weight, or somebody has none and `zero` does not say what becomes of it; the goal
            is not whole in steps.

    >>> {payee: str(target) for payee, target in divide(Money.of("100万元"), {"lin": 2, "wu": 1}).items()}
    {'lin': '666666.67 CNY', 'wu': '333333.33 CNY'}
    >>> {payee: str(target) for payee, target in divide("90万元", {"lin": 2, "wu": 0}, zero="equal share").items()}
    {'lin': '450000.00 CNY', 'wu': '450000.00 CNY'}
    """
    whole = Money.of(goal)
    if not isinstance(weights, Mapping):
        raise AllocationError(f"the weights are {shown(weights)}", "pass a number for each code of a payee")
    payees = sorted(weights)
    empty = [payee for payee in payees if _is_zero(weights[payee])]
    if empty:
        state_zero(empty, zero)
    fixed = _of_zero(payees, empty, zero)
    rest = [payee for payee in payees if payee not in empty or zero == "equal share"]
    left = whole - sum(fixed.values(), Money.from_units(0, whole.currency))
    if fixed and (left.units * whole.units < 0 or (not left.units and whole.units)):
        raise AllocationError(f"{len(fixed)} targets for weights of zero leave {left}", "give a smaller amount")
    shares: list[int | Fraction | Decimal] = [weights[payee] for payee in rest]
    if zero == "equal share" and all(map(_is_weight, shares)):  # what is none is refused by `allocate`
        shares = [*with_equal_shares([Fraction(share) for share in shares])]
    parts = allocate(left, shares, step=step, tie_break=tie_break)
    found = fixed | dict(zip(rest, parts, strict=True))
    return {payee: found[payee] for payee in payees if payee in found}


def with_equal_shares(weights: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """Weights that sum to 1: who has none has an equal share of the whole, and the others share the rest by theirs.

    Args:
        weights: zero or more each.

    >>> with_equal_shares([Fraction(2), Fraction(1), Fraction(0)])
    (Fraction(4, 9), Fraction(2, 9), Fraction(1, 3))
    """
    total, each = sum(weights, Fraction(0)), Fraction(1, len(weights) or 1)
    rest = 1 - each * sum(not weight for weight in weights)
    return tuple(weight * rest / total if weight else each for weight in weights)


def state_zero(empty: Sequence[Key], zero: object) -> None:
    """Refuse weights of zero where nobody said what becomes of them.

    Raises:
        AllocationError: `zero` is None.
    """
    if zero is None:
        fault = f"{shown(empty[0])} has a weight of zero{f', and {len(empty) - 1} more' if len(empty) > 1 else ''}"
        remedy = "state zero = 'equal share', 'left out' or an amount; a target of zero measures nothing"
        raise AllocationError(fault, remedy)


def _is_weight(weight: object) -> bool:
    endless = isinstance(weight, Decimal) and not weight.is_finite()
    return isinstance(weight, (int, Fraction, Decimal)) and not endless and weight >= 0


def _is_zero(weight: object) -> bool:
    return isinstance(weight, (int, Fraction, Decimal)) and not weight


def _of_zero(payees: Sequence[Key], empty: Sequence[Key], zero: Zero | Money | None) -> dict[Key, Money]:
    """The stated targets of those whose weight is zero."""
    match zero:
        case _ if not empty:
            return {}
        case "equal share":
            return {}
        case "left out" | Money() if len(empty) == len(payees):
            raise AllocationError("no weight is above zero", "give one at least, or zero = 'equal share'")
        case "left out":
            return {}
        case Money():
            return dict.fromkeys(empty, zero)
        case _:
            raise AllocationError(f"zero is {shown(zero)}", "say 'equal share', 'left out' or an amount of money")


def prorate(target: Number, timing: Timing, part: Period, whole: Period) -> Quantity:
    """A target for a part of its period: a flow by calendar days, a stock as it is.

    Both the first and the last day of `part` count; nothing is rounded.

    Raises:
        PeriodError: `part` is not within `whole`, or one of them is no period.
        DataError: `timing` is no known word.

    >>> half = Period("2026-06-16", "2026-07-01")
    >>> prorate(quantity("90万元"), "flow", half, Period.month(2026, 6))
    Quantity(value=Fraction(450000, 1), unit='CNY')
    """
    given = quantity(target)
    for period in (part, whole):
        must_be_period(period)
    if part.start < whole.start or part.end > whole.end:
        raise PeriodError(str(part), f"it is no part of {whole}", "give a part of the period of the target")
    match timing:
        case "stock":
            return given
        case "flow":
            return Quantity(given.value * Fraction(part.days, whole.days), given.unit)
        case _:
            raise DataError("prorate", f"the timing is {shown(timing)}", "say 'flow' or 'stock'")
