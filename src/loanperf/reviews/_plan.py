"""Plan: who rates in which category with which weight, by which form and until when; days of reminders."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from attrs import Factory, field, frozen
from attrs.validators import deep_iterable

from loanperf._data import PlainData
from loanperf._explanations import Label
from loanperf._periods import Period, day
from loanperf._quantities import percent
from loanperf._validators import a_code, as_share, as_tuple, between, in_both, is_a, one_of
from loanperf.errors import DataError
from loanperf.reviews._forms import ReviewForm

Relation: TypeAlias = Literal["supervisor", "second-level", "peers", "self", "upward", "dotted line", "custom"]
"""What a rater is to the ratee. `upward` is somebody whose supervisor the ratee is."""
BelowMinimum: TypeAlias = Literal["re-weight", "roll up"]
ALWAYS_ANONYMOUS = frozenset({"peers", "upward"})
"""Relations whose raters are never named."""


def _anonymous_by_relation(category: Any) -> bool:
    return category.relation in ALWAYS_ANONYMOUS


@frozen(kw_only=True)
class RaterCategory(PlainData):
    """A group of raters whose reviews are averaged, and what it weighs in the whole score.

    Raises:
        DataError: peers or upward raters who would be named, or self-reviews that would not; an anonymous category with
            a minimum of one; one that rolls up into none, into itself, or that says into which and re-weights.

    >>> peers = RaterCategory(code="peers", name=Label("peers", "同级"), relation="peers", weight="30%", minimum=3)
    >>> peers.anonymous
    True
    """

    code: str = field(validator=a_code)
    name: Label = field(validator=in_both)
    relation: Relation = field(validator=one_of(Relation))
    """What its raters are to the ratee; checked when one is invited, except for `dotted line` and `custom`."""
    weight: Fraction = field(converter=as_share, validator=between(0, 1))
    """Its part of the whole score; those of a plan sum to exactly 100%."""
    minimum: int = field(default=1, validator=between(1, None, int))
    """How many reviews it needs to count; 2 or more where it is anonymous."""
    below: BelowMinimum = field(default="re-weight", validator=one_of(BelowMinimum))
    """What is done with fewer: `re-weight` leaves them out, and the weight goes to the other categories in proportion;
    `roll up` counts them, and the weight, in another category."""
    into: str = ""
    """The code of the category into which it rolls up; empty where it does not."""
    anonymous: bool = field(default=Factory(_anonymous_by_relation, takes_self=True), validator=is_a(bool))
    """Whether its raters are never named; so are peers and upward raters always."""

    def __attrs_post_init__(self) -> None:
        where = f"the rater category {self.code}"
        if self.relation in ALWAYS_ANONYMOUS and not self.anonymous:
            raise DataError(where, f"{self.relation} raters would be named", "leave anonymous out")
        if self.relation == "self" and (self.anonymous or self.below == "roll up"):
            fault = "a review of oneself cannot be anonymous, and counts in no other category"
            raise DataError(where, fault, "leave anonymous out, and re-weight where it is missing")
        if self.anonymous and self.minimum < 2:
            fault = "it is anonymous, and one review alone would count, so that it would be known whose it is"
            raise DataError(where, fault, "give a minimum of 2 or more, such as 3")
        if (self.below == "roll up") != bool(self.into) or self.into == self.code:
            fault = f"it is to {self.below}, into {self.into or 'no category'}"
            raise DataError(
                where, fault, "write below = 'roll up' and the code of another category in into, or neither"
            )


def _days(given: Any) -> Any:
    found = as_tuple(given)
    whole = isinstance(found, tuple) and all(type(days) is int for days in found)
    return tuple(sorted(set(found), reverse=True)) if whole else found


@frozen(kw_only=True)
class ReviewPlan(PlainData):
    """The plan of a cycle of reviews, kept as the first record of its stream: nobody is counted by another one.

    Raises:
        DataError: it has no category, one code or relation twice, weights that do not sum to exactly 100%, or a
            category that rolls up into none of the plan, into self-reviews, into one that names its raters though it
            is anonymous itself, or round in a ring; or the deadline is before the first day.
    """

    period: Period = field(validator=is_a(Period))
    """Which period is reviewed."""
    indicator: str = field(validator=a_code)
    """The code of the indicator, in points, of which the whole score is the reading; the host declares it."""
    form: ReviewForm = field(validator=is_a(ReviewForm))
    categories: tuple[RaterCategory, ...] = field(converter=as_tuple, validator=deep_iterable(is_a(RaterCategory)))
    opens: date = field(converter=day)
    """The first day on which raters are invited; notes are written before, too."""
    deadline: date = field(converter=day)
    """The last day on which a review is given, declined or withdrawn."""
    remind_before: tuple[int, ...] = field(
        default=(), converter=_days, validator=deep_iterable(between(0, None, int), is_a(tuple))
    )
    """How many days before the deadline raters are reminded: (7, 1) is a week and a day before; largest first."""
    least_weight: Fraction = field(default=Fraction(0), converter=as_share, validator=between(0, 1))
    """What the categories with enough reviews weigh together at least, 0% to 100%; below it there is no whole score."""

    def __attrs_post_init__(self) -> None:
        where, codes = f"the plan of reviews of {self.period}", [one.code for one in self.categories]
        relations = [one.relation for one in self.categories if one.relation not in ("custom", "dotted line")]
        if not codes or len(set(codes)) < len(codes) or len(set(relations)) < len(relations):
            fault = (
                f"its categories are {', '.join(codes) or 'none'}, of the relations {', '.join(relations) or 'none'}"
            )
            raise DataError(where, fault, "give one or more, each of its own code and relation")
        total = sum((one.weight for one in self.categories), Fraction(0))
        if total != 1:
            raise DataError(where, f"its weights sum to {percent(total)}", "give weights that sum to exactly 100%")
        if self.deadline < self.opens:
            fault = f"it is from {self.opens} to {self.deadline}"
            raise DataError(where, fault, "give a deadline on the first day or later")
        for category in self.categories:
            self._must_roll_well(where, category)

    def _must_roll_well(self, where: str, category: RaterCategory) -> None:
        """Refuse what a category may not roll up into."""
        known, path = {one.code: one for one in self.categories}, [category.code]
        while category.into:
            into = known.get(category.into)
            fault, remedy = "", "name another category, or re-weight"
            if into is None:
                fault = "which is none of them"
            elif into.code in path:
                fault = "which rolls up into it"
            elif into.relation == "self":
                fault = "which are reviews of oneself"
            elif category.anonymous and not into.anonymous:
                fault = "which names its raters, though it is anonymous itself"
            if into is None or fault:
                raise DataError(where, f"{category.code} rolls up into {category.into}, {fault}", remedy)
            path.append(into.code)
            category = into

    def category(self, code: str) -> RaterCategory:
        """The category of a code.

        Raises:
            DataError: the plan has none of it.
        """
        for category in self.categories:
            if category.code == code:
                return category
        known = ", ".join(one.code for one in self.categories)
        raise DataError(f"the plan of reviews of {self.period}", f"it has no category {code!r}", f"use one of {known}")

    def reminds_on(self, on: date) -> bool:
        """Whether raters whose reviews are waiting are reminded on a day."""
        return on >= self.opens and (self.deadline - on).days in self.remind_before
