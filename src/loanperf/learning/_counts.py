"""Counts: (who said what, in which unit) -> counts and shares of groups that are large enough to be shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TypeAlias

from attrs import frozen

from loanperf._data import PlainData
from loanperf._explanations import Label
from loanperf._validators import person_of
from loanperf.learning._events import SAYS_NAMES, FeedbackGiven, FeedbackSays, SurveyAnswered
from loanperf.learning._plan import LearningPlan

OTHERS = ""
"""In place of a unit: the people of all units that are too small by themselves."""


@frozen(kw_only=True)
class FeedbackCount(PlainData):
    """How many people of a unit say one thing of an indicator; never fewer than the plan's smallest group."""

    about: str
    """The code of an indicator, or `scheme`."""
    says: FeedbackSays
    unit: str
    """Empty for the people of all units together that are too few in their own."""
    people: int
    """Each counted once, however often they said it."""

    @property
    def name(self) -> Label:
        """What they say, in words."""
        return SAYS_NAMES[self.says]


@frozen(kw_only=True)
class SurveyShare(PlainData):
    """How many people of a unit are satisfied by an item; never of fewer than the plan's smallest group."""

    item: str
    name: Label
    unit: str
    """Empty for the people of all units together that are too few in their own."""
    satisfied: int
    people: int
    """How many answered."""

    @property
    def share(self) -> Fraction:
        """Satisfied over people, exact."""
        return Fraction(self.satisfied, self.people)


def large_groups(members: Mapping[str, set[str]], smallest: int) -> dict[str, set[str]]:
    """The people of each group that is large enough, and those of all others together where they are.

    Nothing of what comes out depends on groups that are too small, unless together they are large enough; so that no
    sum can be taken from another to find out about them.

    Args:
        members: people by unit.
        smallest: how many people a group needs.

    >>> found = large_groups({"east": {"a", "b", "c"}, "west": {"d"}, "south": {"e"}}, 2)
    >>> [(unit, sorted(people)) for unit, people in sorted(found.items())]
    [('', ['d', 'e']), ('east', ['a', 'b', 'c'])]
    """
    found = {unit: people for unit, people in members.items() if len(people) >= smallest}
    rest = {person for unit, people in members.items() if unit not in found for person in people}
    return found | ({OTHERS: rest} if len(rest) >= smallest else {})


_Cell: TypeAlias = tuple[str, FeedbackSays]
"""What feedback is about, and what it says."""


def _groups(plan: LearningPlan, given: Iterable[FeedbackGiven]) -> dict[_Cell, dict[str, set[str]]]:
    """The people who say one thing, by unit, of groups that are large enough."""
    cells = dict[_Cell, dict[str, set[str]]]()
    for one in given:
        cells.setdefault((one.about, one.says), {}).setdefault(one.unit, set()).add(person_of(one.by))
    return {cell: large_groups(members, plan.smallest_group) for cell, members in cells.items()}


def counts_by_unit(plan: LearningPlan, given: Iterable[FeedbackGiven]) -> tuple[FeedbackCount, ...]:
    """Feedback by indicator, what it says and unit, in that order; groups that are too small are left out."""
    return tuple(
        FeedbackCount(about=about, says=says, unit=unit, people=len(people))
        for (about, says), shown in sorted(_groups(plan, given).items(), key=lambda cell: cell[0])
        for unit, people in sorted(shown.items())
    )


def in_large_groups(plan: LearningPlan, given: Mapping[int, FeedbackGiven]) -> set[int]:
    """The numbers of the feedback that stands in one of the groups that `counts_by_unit` counts."""
    groups = _groups(plan, given.values())
    return {number for number, one in given.items() if {one.unit, OTHERS} & {*groups[one.about, one.says]}}


def shares_by_unit(plan: LearningPlan, answers: Mapping[str, SurveyAnswered]) -> tuple[SurveyShare, ...]:
    """Who is satisfied, by item in the order of the plan and by unit; groups that are too small are left out."""
    members = dict[str, set[str]]()
    for person, answer in answers.items():
        members.setdefault(answer.unit, set()).add(person)
    shown = sorted(large_groups(members, plan.smallest_group).items())
    return tuple(
        SurveyShare(
            item=item.code,
            name=item.name,
            unit=unit,
            satisfied=sum(answers[person].marks[item.code] >= item.satisfied for person in people),
            people=len(people),
        )
        for item in plan.survey
        for unit, people in shown
    )
