"""Distribution: shares of people by grade, as a plan states them -> which counts of a group keep them."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import ceil, floor
from typing import Literal, TypeAlias

from attrs import field, frozen
from attrs.validators import deep_iterable

from loanperf._allocation import allocate
from loanperf._data import PlainData
from loanperf._quantities import percent
from loanperf._validators import a_code, as_share, as_tuple, between, is_a, one_of
from loanperf.errors import DataError

PartPersons: TypeAlias = Literal["either way", "largest remainder"]
"""How a part of a person is rounded. `either way`: the least number is rounded down and the most up, so that a part of
a person counts against nobody. `largest remainder`: the stated shares are rounded to whole people who sum to the group,
the last of them going to the largest parts, and to the better grade where parts are equal; the tolerance, in whole
people, goes from there."""
Grouped: TypeAlias = Literal["unit", "all"]


@frozen(kw_only=True)
class GradeShare(PlainData):
    """What part of the people of a group has a grade."""

    grade: str = field(validator=a_code)
    """The code of the grade."""
    share: Fraction = field(converter=as_share, validator=between(0, 1))
    """The part of people that is asked for; those of a distribution sum to exactly 100%."""
    tolerance: Fraction = field(default=Fraction(0), converter=as_share, validator=between(0, 1))
    """How far the part may be above or below that: 5% about 20% is 15% to 25%."""


@frozen(kw_only=True)
class GradeBounds(PlainData):
    """How many people of a group may have a grade."""

    grade: str
    share: Fraction
    """The part of people that is asked for."""
    count: int
    """How many have it."""
    least: int
    most: int

    @property
    def is_kept(self) -> bool:
        """Whether the count is from `least` to `most`, both allowed."""
        return self.least <= self.count <= self.most


@frozen(kw_only=True)
class ForcedDistribution(PlainData):
    """What part of people has each grade (强制分布): checked and proposed, and never applied by itself.

    Raises:
        DataError: it has no shares, one grade twice, or shares that do not sum to exactly 100%.

    >>> asked = ForcedDistribution(
    ...     shares=[
    ...         GradeShare(grade="A", share="20%"),
    ...         GradeShare(grade="B", share="70%", tolerance="10%"),
    ...         GradeShare(grade="C", share="10%", tolerance="10%"),
    ...     ],
    ...     smallest=5,
    ... )
    >>> [(one.grade, one.least, one.most) for one in asked.bounds({"A": 4, "B": 3})]
    [('A', 1, 2), ('B', 4, 6), ('C', 0, 2)]
    """

    shares: tuple[GradeShare, ...] = field(converter=as_tuple, validator=deep_iterable(is_a(GradeShare), is_a(tuple)))
    """The grades of the plan, best first."""
    smallest: int = field(default=1, validator=between(1, None, int))
    """How many people with a grade a group has at least; the shares are not applied to a smaller one."""
    by: Grouped = field(default="unit", validator=one_of(Grouped))
    """Whether the people of each unit are a group, by the snapshot that decides who calibrates; or all are one."""
    part_persons: PartPersons = field(default="either way", validator=one_of(PartPersons))
    """How a part of a person is rounded."""

    def __attrs_post_init__(self) -> None:
        where, codes = "the forced distribution", [one.grade for one in self.shares]
        total = sum((one.share for one in self.shares), Fraction(0))
        if not codes or len(set(codes)) < len(codes):
            raise DataError(where, f"its grades are {', '.join(codes) or 'none'}", "give each grade of the plan once")
        if total != 1:
            raise DataError(where, f"its shares sum to {percent(total)}", "give shares that sum to exactly 100%")

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of its grades, best first."""
        return tuple(one.grade for one in self.shares)

    def bounds(self, counts: dict[str, int]) -> tuple[GradeBounds, ...]:
        """How many people of a group may have each grade, best first; there is always a way to keep all of them.

        Args:
            counts: how many have it, by grade; who has none of these grades is not counted.
        """
        people = sum(counts.get(grade, 0) for grade in self.codes)
        return tuple(
            GradeBounds(
                grade=one.grade,
                share=one.share,
                count=counts.get(one.grade, 0),
                least=max(0, least),
                most=min(people, most),
            )
            for one, (least, most) in zip(self.shares, self._limits(people), strict=True)
        )

    def _limits(self, people: int) -> Iterable[tuple[int, int]]:
        if self.part_persons == "either way":
            for one in self.shares:
                yield floor(people * (one.share - one.tolerance)), ceil(people * (one.share + one.tolerance))
            return
        whole = allocate(people, [one.share for one in self.shares], step=1, tie_break="first")
        for one, count in zip(self.shares, whole, strict=True):
            yield count - floor(people * one.tolerance), count + floor(people * one.tolerance)
