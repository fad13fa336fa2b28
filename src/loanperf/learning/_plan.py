"""Plan: how feedback on a scheme is taken in a period, what is asked, and what the approval of a change takes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from attrs import field, frozen
from attrs.validators import deep_iterable

from loanperf._data import PlainData
from loanperf._explanations import Label
from loanperf._periods import Period, day
from loanperf._quantities import plain
from loanperf._validators import a_code, as_exact, as_tuple, between, in_both, is_a
from loanperf.errors import DataError
from loanperf.reviews import RatingScale

SCHEME = "scheme"
"""What feedback is about that is about no single indicator."""


@frozen(kw_only=True)
class SurveyItem(PlainData):
    """A question of the survey of satisfaction, marked on a scale.

    Raises:
        DataError: the mark from which somebody is satisfied is not on the scale.

    >>> five = RatingScale(low=1, high=5, step=1)
    >>> fair = SurveyItem(code="fair", name=Label("the scheme is fair", "方案公平"), scale=five, satisfied=4)
    >>> fair.satisfied
    Fraction(4, 1)
    """

    code: str = field(validator=a_code)
    name: Label = field(validator=in_both)
    scale: RatingScale = field(validator=is_a(RatingScale))
    satisfied: Fraction = field(converter=as_exact)
    """The lowest mark of the scale with which somebody counts as satisfied."""

    def __attrs_post_init__(self) -> None:
        if not self.scale.has(self.satisfied):
            fault = f"{plain(self.satisfied)}, from which somebody is satisfied, is not on its scale"
            raise DataError(f"the item {self.code!r} of the survey", fault, "give a mark of the scale, such as 4")


@frozen(kw_only=True)
class LearningPlan(PlainData):
    """How feedback on a scheme is taken in a period; the first record of its stream, so that it is never changed.

    Raises:
        DataError: a smallest group below 2, one code of an item or indicator twice, or days that do not follow each
            other.

    >>> plan = LearningPlan(
    ...     period=Period.month(2026, 6), opens="2026-07-01", closes="2026-07-15", indicators=["npl_ratio"]
    ... )
    >>> plan.smallest_group, plan.needs_consultation, plan.notice_days
    (3, True, 0)
    """

    period: Period = field(validator=is_a(Period))
    """The pay period that the feedback is about."""
    opens: date = field(converter=day)
    """The first day on which feedback and answers to the survey are given."""
    closes: date = field(converter=day)
    """The last day on which they are; nobody sees a count before feedback is closed."""
    indicators: tuple[str, ...] = field(default=(), converter=as_tuple, validator=deep_iterable(a_code, is_a(tuple)))
    """Codes of the indicators that people speak of, besides the scheme as a whole; without any, of that alone."""
    smallest_group: int = field(default=3, validator=between(2, None, int))
    """How many people a group needs for it to be shown: 2 or more; smaller groups are left out."""
    survey: tuple[SurveyItem, ...] = field(default=(), converter=as_tuple, validator=deep_iterable(is_a(SurveyItem)))
    """What is asked; nothing where nobody is asked."""
    approvers: tuple[str, ...] = field(default=(), converter=as_tuple, validator=deep_iterable(a_code, is_a(tuple)))
    """Codes of who may approve and reject proposals, and nobody else; where nobody is named, everybody may."""
    another_approves: bool = field(default=True, validator=is_a(bool))
    """Whether somebody else than the proposer has to approve a proposal."""
    needs_consultation: bool = field(default=True, validator=is_a(bool))
    """Whether a change has to be discussed with employees or their representatives before it is approved."""
    needs_notice: bool = field(default=True, validator=is_a(bool))
    """Whether the text of a change has to be made known to employees before it is approved."""
    notice_days: int = field(default=0, validator=between(0, 366, int))
    """Days from the notice to the effective date at least; 0 to 366, and 0 unless a notice is needed."""

    def __attrs_post_init__(self) -> None:
        where, codes = f"the plan of learning from {self.period}", [item.code for item in self.survey]
        if self.closes < self.opens:
            raise DataError(where, f"it is from {self.opens} to {self.closes}", "give a last day after the first one")
        if len(set(codes)) < len(codes):
            raise DataError(where, f"the items of its survey are {', '.join(codes)}", "give each a code of its own")
        if SCHEME in self.indicators or len(set(self.indicators)) < len(self.indicators):
            fault = f"its indicators are {', '.join(self.indicators)}"
            raise DataError(where, fault, f"name each once; {SCHEME} is the scheme as a whole, and no indicator")
        if self.notice_days and not self.needs_notice:
            fault = f"a notice is not needed, and is to be given {self.notice_days} days before"
            raise DataError(where, fault, "need a notice, or leave notice_days out")

    def must_answer(self, marks: Mapping[str, Fraction], where: str) -> None:
        """Refuse marks that do not answer each item of the survey once, on its scale.

        Raises:
            DataError: they do not; it says which.
        """
        if not self.survey:
            raise DataError(where, "the plan asks nothing", "start the next period with a survey")
        asked = {item.code: item for item in self.survey}
        if {*marks} != {*asked}:
            fault = f"it answers {', '.join(marks) or 'nothing'}, and {', '.join(asked)} are asked"
            raise DataError(where, fault, "answer each item, and no other")
        for code, mark in marks.items():
            scale = asked[code].scale
            if not scale.has(mark):
                fault = f"{code} has the mark {plain(mark)}, which is not on its scale"
                remedy = f"give a mark from {plain(scale.low)} to {plain(scale.high)}, in steps of {plain(scale.step)}"
                raise DataError(where, fault, remedy)
