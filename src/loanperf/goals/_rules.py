"""Rules of a cascade: the keys by which a goal is divided, its steps and bounds, and what new people carry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal, TypeAlias

from attrs import Attribute, converters, field, frozen
from attrs.validators import deep_iterable, optional

from loanperf._allocation import TieBreak
from loanperf._data import PlainData
from loanperf._explanations import Label
from loanperf._periods import Period
from loanperf._quantities import Number, Quantity, percent, quantity
from loanperf._targets import Zero, as_shares
from loanperf._validators import as_quantity, as_share, as_tuple, between, is_a, must_be, one_of, pairs_of
from loanperf.errors import DataError, LoanPerfError, shown

CodedWeights: TypeAlias = tuple[tuple[str, Fraction], ...]
"""Codes of payees or units with their weights, in order of code."""
Amounts: TypeAlias = tuple[tuple[str, Quantity], ...]
"""Codes of payees or units with amounts, in order of code."""
Uncarried: TypeAlias = Literal["others", "unit"]
"""Who carries what somebody in a ramp does not: the others of their unit, and where everybody there is new, those of
the unit above; or nobody, and it is shown as kept by the unit."""


def _pairs(given: Any) -> Any:
    return given.items() if isinstance(given, Mapping) else given


def _as_label(given: Any) -> Any:
    return Label(given) if isinstance(given, str) else given


def _as_weights(given: Mapping[str, Number] | Iterable[tuple[str, Number]] | None) -> CodedWeights | None:
    """Weights as plain numbers, all of one unit."""
    if given is None:
        return None
    found, units = dict[str, Fraction](), dict[str, str]()
    must_be(_pairs(given), Iterable, "Key.weights", "pass a number for each code of a payee or unit")
    for code, weight in _pairs(given):
        where = f"the weight of {code!r}"
        try:
            held = quantity(weight)
        except LoanPerfError as error:
            raise DataError(where, f"it is no number: {error}", "give a number of zero or more") from None
        if held.value < 0 or code in found:
            fault = f"it is {shown(weight)}" if held.value < 0 else "it is given twice"
            raise DataError(where, fault, "give one number of zero or more")
        found[code] = held.value
        if held.value or held.unit:  # a bare 0 is 0 in every unit
            units.setdefault(held.unit, code)
    if len(units) > 1:
        one, other = list(units)[:2]
        fault = f"it is in {other or 'no unit'}, and that of {units[one]!r} in {one or 'no unit'}"
        raise DataError(f"the weight of {units[other]!r}", fault, "give all of them in one unit")
    return tuple(sorted(found.items()))


def _as_amounts(given: Mapping[str, Number] | Iterable[tuple[str, Number]]) -> Amounts:
    return tuple(sorted((code, as_quantity(amount)) for code, amount in _pairs(given)))


def _as_months(given: Mapping[Period, Number] | Iterable[tuple[Period, Number]]) -> tuple[tuple[Period, Fraction], ...]:
    pairs = tuple(_pairs(given))
    for part, _ in pairs:
        must_be(part, Period, "CascadeRules.months", "name each stretch by an lp.Period")
    return tuple(sorted(((part, Fraction(quantity(weight).value)) for part, weight in pairs), key=_start))


def _start(pair: tuple[Period, Fraction]) -> date:
    return pair[0].start


@frozen(kw_only=True)
class Key(PlainData):
    """One thing by which a goal is divided, such as what each reached a year ago, and its share of the whole.

    Raises:
        DataError: a weight that is no number, below zero, given twice, or in another unit than the others; a float.

    >>> Key(name="history", share="50%", weights={"lin": "120万元", "wu": "80万元"}).weights[0]
    ('lin', Fraction(1200000, 1))
    """

    name: Label = field(converter=_as_label, validator=is_a(Label))
    """What it is called in reasons."""
    share: Fraction = field(default=Fraction(1), converter=as_share, validator=between(0, 1))
    """How much of a goal goes by it; the shares of all keys of a cascade sum to exactly 100%."""
    weights: CodedWeights | None = field(default=None, converter=_as_weights)
    """By code of payees; who is not named weighs nothing. None counts heads: everybody weighs the same.

    A unit weighs what its people do, unless it is named too; its people then share by their own weights what falls to
    it."""


def month_of_service(since: date, on: date) -> int:
    """In which month of service somebody is on a day who has been there since another; 1 too before they came."""
    return max((on.year - since.year) * 12 + on.month - since.month, 0) + 1


@frozen(kw_only=True)
class Ramp(PlainData):
    """What part of their target new people carry, by month of service: 30%, 60%, then all of it.

    A month of service is counted in months of the calendar: who begins in June is in the first month of service in
    June, whatever the day, and in the second in July.

    Raises:
        DataError: a part below 0% or above 100%, or parts that fall.
    """

    parts: tuple[Fraction, ...] = field(converter=as_shares, validator=deep_iterable(between(0, 1), is_a(tuple)))
    """The share in the first month of service, the second, and so on; after the last it is 100%."""
    uncarried: Uncarried = field(validator=one_of(Uncarried))

    @parts.validator
    def _rises(self, _: object, parts: tuple[Fraction, ...]) -> None:
        if not parts or list(parts) != sorted(parts):
            found = ", ".join(map(percent, parts)) or "nothing"
            raise DataError("Ramp.parts", f"they do not rise (found {found})", "give parts such as ['30%', '60%']")

    def part(self, since: date, on: date) -> Fraction:
        """What part somebody carries who has been there since a day, in what begins on another day."""
        month = month_of_service(since, on)
        return self.parts[month - 1] if month <= len(self.parts) else Fraction(1)


HEADS = Key(name=Label("headcount", "人数"))
"""Everybody the same."""


def _as_zero(given: Any) -> Zero | Quantity | None:
    return given if given in ("equal share", "left out", None) else as_quantity(given)


def _states_zero(_: object, attribute: Attribute[Any], value: object) -> None:
    if value not in ("equal share", "left out", None) and not isinstance(value, Quantity):
        fault = f"it is {shown(value)}"
        raise DataError(f"CascadeRules.{attribute.name}", fault, "say 'equal share', 'left out' or an amount")
    if isinstance(value, Quantity) and not value.value:
        fault = f"it is {value}, and a target of zero measures nothing"
        raise DataError(f"CascadeRules.{attribute.name}", fault, "say 'left out', or give an amount above zero")


@frozen(kw_only=True)
class CascadeRules(PlainData):
    """How a goal is handed down.

    Bounds and a stated amount for weights of zero hold in each stretch of the goal, that is in each month where
    `months` names months.

    Raises:
        DataError: shares of keys that do not sum to 100%, months that do not follow on each other, a cap below a floor.

    >>> rules = CascadeRules(step="1万元", floor="50万元", over="5%")
    >>> str(rules.step), rules.over
    ('10000 CNY', Fraction(1, 20))
    """

    keys: tuple[Key, ...] = field(default=(HEADS,), converter=as_tuple, validator=deep_iterable(is_a(Key), is_a(tuple)))
    """The keys by which a goal is divided; heads, where nothing else is stated."""
    step: Quantity | None = field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    """Targets are whole multiples of this, such as 1万元. None: the smallest unit of the currency, or 1 of a count."""
    months: tuple[tuple[Period, Fraction], ...] = field(default=(), converter=_as_months)
    """The stretches over which a goal spreads, with the weight of each, such as those of last year's season; one of
    weight zero has no target. Empty: the period of the goal as one."""
    floor: Quantity | None = field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    """The least for each person; of who is in a ramp, the part of it that they carry."""
    cap: Quantity | None = field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    """The most for each person."""
    floors: Amounts = field(default=(), converter=_as_amounts, validator=pairs_of(is_a(Quantity)))
    """The least for a payee or unit by code, whatever else is stated."""
    caps: Amounts = field(default=(), converter=_as_amounts, validator=pairs_of(is_a(Quantity)))
    """The most for a payee or unit by code, in place of `cap`."""
    ramp: Ramp | None = field(default=None, validator=optional(is_a(Ramp)))
    """What new people carry; None is as much as everybody."""
    over: Fraction = field(default=Fraction(0), converter=as_share, validator=between(0, 1))
    """What is assigned beyond the goal, as a part of it: with 5%, targets sum to 105%, and which part of each is beyond
    the goal is shown apart."""
    zero: Zero | Quantity | None = field(default=None, converter=_as_zero, validator=_states_zero)
    """What becomes of a person whom no key gives anything; see `lp.divide`. An amount is not cut by a ramp."""
    roles: tuple[str, ...] = field(default=(), converter=as_tuple, validator=deep_iterable(is_a(str), is_a(tuple)))
    """Who has a part of it; empty is everybody."""
    tie_break: TieBreak = field(default="largest weight", validator=one_of(TieBreak))
    """Who gets a step that two are equally entitled to; among equals the first by code."""
    tighter: Quantity | None = field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    """How much stricter the limit of people is than the goal, where it is handed down whole, such as 0.5%."""

    def __attrs_post_init__(self) -> None:
        total = sum((key.share for key in self.keys), Fraction(0))
        if total != 1:
            fault = f"the shares of the keys sum to {percent(total)}"
            raise DataError("CascadeRules.keys", fault, "make them sum to exactly 100%")
        if self.cap is not None and self.floor is not None and self.cap.value < self.floor.value:
            fault = f"{self.cap} is below the floor, {self.floor}"
            raise DataError("CascadeRules.cap", fault, "raise it, or lower the floor")

    @months.validator
    def _follow_on(self, _: object, months: tuple[tuple[Period, Fraction], ...]) -> None:
        for (one, _weight), (other, _more) in pairwise(months):
            if one.end != other.start:
                fault = f"{other} does not follow on {one}"
                raise DataError("CascadeRules.months", fault, "name stretches without gap or overlap")
        if months and (any(weight < 0 for _, weight in months) or not any(weight for _, weight in months)):
            fault = "a weight is below zero, or all are zero"
            raise DataError("CascadeRules.months", fault, "give weights of zero or more, and one above")
