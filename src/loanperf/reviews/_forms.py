"""Forms: items on stated scales, with anchors in both languages; marks -> points, exact."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from attrs import field, frozen
from attrs.validators import deep_iterable

from loanperf._data import PlainData
from loanperf._explanations import Label
from loanperf._quantities import percent, plain
from loanperf._validators import a_code, as_exact, as_share, as_tuple, between, in_both, is_a, must_be_in_both, one_of
from loanperf.errors import DataError, LoanPerfError, shown

Counts: TypeAlias = Literal["of high", "above low"]


def _anchors(given: Any) -> tuple[tuple[Fraction, Label], ...]:
    pairs = given.items() if isinstance(given, Mapping) else given
    return tuple(sorted(((as_exact(at), label) for at, label in pairs), key=lambda pair: pair[0]))


@frozen(kw_only=True)
class RatingScale(PlainData):
    """The marks that an item can have: from `low` to `high`, in steps, some of them described.

    Raises:
        DataError: `low` is negative or not below `high`, the step is not above zero or does not lead from `low` to
            `high`, or an anchor is off the scale, there twice, or lacks a language.

    >>> five = RatingScale(low=1, high=5, step=1, anchors={5: Label("outstanding", "优秀")})
    >>> five.has(Fraction(4)), five.has(Fraction(7, 2))
    (True, False)
    """

    low: Fraction = field(converter=as_exact)
    """The lowest mark, not negative."""
    high: Fraction = field(converter=as_exact)
    """The highest mark, above `low`."""
    step: Fraction = field(converter=as_exact)
    """How far marks are apart, above 0."""
    anchors: tuple[tuple[Fraction, Label], ...] = field(default=(), converter=_anchors)
    """What some marks mean, in both languages, in order of mark."""

    def __attrs_post_init__(self) -> None:
        where = f"the scale from {plain(self.low)} to {plain(self.high)}"
        if not 0 <= self.low < self.high:
            raise DataError(where, "it does not go up from 0 or more", "give low and high, such as 1 and 5")
        if self.step <= 0 or ((self.high - self.low) / self.step).denominator != 1:
            fault = f"steps of {plain(self.step)} do not lead from one end to the other"
            raise DataError(where, fault, "give a step that does, such as 1 or 0.5")
        marks = [at for at, _ in self.anchors]
        for at, label in self.anchors:
            if not self.has(at) or marks.count(at) > 1:
                raise DataError(where, f"the anchor {plain(at)} is off it, or there twice", "give one for a mark of it")
            must_be_in_both(f"{where}, the anchor {plain(at)}", label)

    def has(self, mark: Fraction) -> bool:
        """Whether a mark is on the scale."""
        (low, below), (step, part) = self.low.as_integer_ratio(), self.step.as_integer_ratio()
        top, bottom = mark.as_integer_ratio()
        # (mark - low) / step in whole numbers: a Fraction would be reduced at each of its steps
        is_step = (top * below - low * bottom) * part % (bottom * below * step) == 0
        return is_step and self.low <= mark <= self.high


@frozen(kw_only=True)
class ReviewItem(PlainData):
    """What a rater marks: a behaviour or a result, on a scale, with its weight in the form."""

    code: str = field(validator=a_code)
    name: Label = field(validator=in_both)
    weight: Fraction = field(converter=as_share, validator=between(0, 1))
    """Its part of the score of a review; the weights of a form sum to exactly 100%."""
    scale: RatingScale = field(validator=is_a(RatingScale))
    """Which marks there are."""


def as_marks(given: Any) -> Mapping[str, Fraction]:
    """A converter: marks by code of item, exact.

    Raises:
        DataError: they are no numbers by codes.
    """
    if not isinstance(given, Mapping) or not all(isinstance(code, str) for code in given):
        remedy = "pass marks by code of item, such as {'service': 4}"
        raise DataError("the marks of a review", f"they are {shown(given)}", remedy)
    found = dict[str, Fraction]()
    for code, mark in given.items():
        try:
            found[code] = as_exact(mark)
        except LoanPerfError as error:
            raise DataError(f"the mark of {shown(code)}", str(error), "pass a mark of its scale, such as 4") from None
    return found


@frozen(kw_only=True)
class ReviewForm(PlainData):
    """The items of a review, and how its marks become points.

    Raises:
        DataError: it has no item, one code twice, or weights that do not sum to exactly 100%.

    >>> scale = RatingScale(low=1, high=5, step=1)
    >>> items = [
    ...     ReviewItem(code="service", name=Label("service", "服务"), weight="60%", scale=scale),
    ...     ReviewItem(code="risk", name=Label("care with risk", "风险意识"), weight="40%", scale=scale),
    ... ]
    >>> form = ReviewForm(items=items)
    >>> form.points({"service": Fraction(4), "risk": Fraction(3)})
    Fraction(72, 1)
    """

    items: tuple[ReviewItem, ...] = field(converter=as_tuple, validator=deep_iterable(is_a(ReviewItem)))
    full_marks: Fraction = field(default=Fraction(100), converter=as_exact)
    """Points of a review with the highest mark in each item, above 0."""
    counts: Counts = field(default="of high", validator=one_of(Counts))
    """What a mark is worth: `of high` is mark ÷ high, so that 3 of 1 to 5 is 60%; `above low` is
    (mark − low) ÷ (high − low), so that it is 50%."""

    def __attrs_post_init__(self) -> None:
        where, codes = "the form of a review", [item.code for item in self.items]
        if not codes or len(set(codes)) < len(codes):
            fault = f"its items are {', '.join(codes) or 'none'}"
            raise DataError(where, fault, "give one item or more, each of its own code")
        total = sum((item.weight for item in self.items), Fraction(0))
        if total != 1:
            raise DataError(where, f"the weights of its items sum to {percent(total)}", "give weights that sum to 100%")
        if self.full_marks <= 0:
            raise DataError(where, f"full marks are {plain(self.full_marks)} points", "give more than 0, such as 100")

    def must_fit(self, marks: Mapping[str, Fraction], where: str) -> None:
        """Refuse marks that are not one for each item, on its scale.

        Raises:
            DataError: an item has none, there is none of that code, or a mark is off its scale; all of them at once.
        """
        known = {item.code: item for item in self.items}
        faults = [f"{code} has no mark" for code in known if code not in marks]
        faults += [f"{shown(code)} is no item" for code in marks if code not in known]
        for code, item in known.items():
            if code in marks and not item.scale.has(marks[code]):
                low, high, step = (plain(one) for one in (item.scale.low, item.scale.high, item.scale.step))
                faults.append(f"the mark {plain(marks[code])} of {code} is not on {low} to {high} in steps of {step}")
        if faults:
            raise DataError(where, "; ".join(faults), "give one mark for each item, on its scale")

    def share(self, item: ReviewItem, mark: Fraction) -> Fraction:
        """What part of full marks a mark, or a mean of marks, is worth in its item."""
        low = item.scale.low if self.counts == "above low" else Fraction(0)
        return (mark - low) / (item.scale.high - low)

    def points(self, marks: Mapping[str, Fraction]) -> Fraction:
        """The points of a review, exact: full marks × the weighted sum of what its marks are worth."""
        return self.full_marks * sum(
            (item.weight * self.share(item, marks[item.code]) for item in self.items), Fraction(0)
        )
