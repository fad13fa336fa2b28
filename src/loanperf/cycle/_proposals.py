"""Proposals: the grades of a group and the shares asked for -> whether they are kept, and the fewest changes if not."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby

from attrs import frozen

from loanperf._data import PlainData
from loanperf.cycle._distribution import ForcedDistribution, GradeBounds

_Graded = tuple[int, Decimal, str]
"""The place of a grade, less the score, and the payee: in order from the best on."""


@frozen(kw_only=True)
class ProposedChange(PlainData):
    """People of equal score and grade of whom some would get another grade."""

    payees: tuple[str, ...]
    """Codes of all of that score and grade, in order of code."""
    score: Decimal
    before: str
    """The code of their grade."""
    after: str
    count: int
    """How many of them would get it; fewer than all is a tie, and which of them is for a person to decide."""

    @property
    def is_tied(self) -> bool:
        """Whether a person has to decide which of them it is."""
        return self.count < len(self.payees)


@frozen(kw_only=True)
class ProposedBorder(PlainData):
    """How many people go from one side to the other of the border between two grades."""

    better: str
    worse: str
    count: int
    """How many go up; below zero, how many go down."""
    lowest: int
    """The smallest count with which as few changes are enough, others being changed in their place."""
    highest: int
    """The largest count with which as few changes are enough. Of several, that which is best for people is proposed."""


@frozen(kw_only=True)
class GroupDistribution(PlainData):
    """The grades of a group beside the shares that are asked for, and what would have to change."""

    unit: str
    """The code of the unit; empty where all are one group."""
    people: int
    """How many have a grade and are counted."""
    is_applied: bool
    """Whether the shares are applied; not where the group is smaller than the distribution asks."""
    grades: tuple[GradeBounds, ...]
    """Best first."""
    ungraded: tuple[str, ...] = ()
    """Codes of who is not counted, since they have no result or no grade of the distribution."""
    left_out: tuple[str, ...] = ()
    """The code of the viewer, where their own result is not published: it is not counted for them."""
    borders: tuple[ProposedBorder, ...] = ()
    """The borders that people would have to cross, best first."""
    changes: tuple[ProposedChange, ...] = ()
    """Who would cross them, best first; nothing of it is applied unless a person calibrates."""

    @property
    def is_kept(self) -> bool:
        """Whether every count is within its bounds, or the shares are not applied."""
        return not self.is_applied or all(one.is_kept for one in self.grades)


def distributed(
    asked: ForcedDistribution,
    people: Sequence[tuple[str, str, Decimal]],
    unit: str,
    *,
    ungraded: Sequence[str] = (),
    left_out: Sequence[str] = (),
) -> GroupDistribution:
    """The grades of a group beside the shares that are asked for, with the fewest changes that keep them.

    A change is a step of one person from a grade to the next one. Who has the lowest score of a grade goes down first,
    and who has the highest goes up, so that nobody passes anybody of the same or a better grade and score.

    Args:
        asked: the shares.
        people: payee, code of the grade and score of each, of the grades of the distribution.
        unit: the code of the group.
        ungraded: who is not counted for want of a grade.
        left_out: who is not counted since the viewer may not see it.
    """
    places = {grade: place for place, grade in enumerate(asked.codes)}
    ordered = sorted((places[grade], -score, payee) for payee, grade, score in people)
    counts = [0] * len(places)
    for place, _, _ in ordered:
        counts[place] += 1
    bounds = asked.bounds(dict(zip(asked.codes, counts, strict=True)))
    applied = len(ordered) >= asked.smallest
    found = _borders(asked.codes, bounds) if applied else ()
    return GroupDistribution(
        unit=unit,
        people=len(ordered),
        is_applied=applied,
        grades=bounds,
        ungraded=tuple(sorted(ungraded)),
        left_out=tuple(left_out),
        borders=tuple(one for one in found if one.count or one.lowest or one.highest),
        changes=_changes(asked.codes, ordered, counts, found),
    )


def _borders(grades: Sequence[str], bounds: Sequence[GradeBounds]) -> tuple[ProposedBorder, ...]:
    """How far each border moves, so that all counts are within their bounds with the fewest steps."""
    stands = [0]
    for one in bounds:
        stands.append(stands[-1] + one.count)
    forwards = _costs(stands, [(one.least, one.most) for one in bounds])
    mirrored = [stands[-1] - at for at in reversed(stands)]
    backwards = _costs(mirrored, [(one.least, one.most) for one in reversed(bounds)])
    found, here, end = list[ProposedBorder](), stands[-1], stands[-1]
    for place in range(len(grades) - 1, 0, -1):
        fewest, at = forwards[-1][end], stands[place]
        whole = [
            before + after - abs(spot - at)
            for spot, (before, after) in enumerate(
                zip(forwards[place], reversed(backwards[len(grades) - place]), strict=True)
            )
        ]
        best = [spot for spot, cost in enumerate(whole) if cost == fewest]
        here = _best_below(forwards, place, bounds[place], here)
        found.append(
            ProposedBorder(
                better=grades[place - 1],
                worse=grades[place],
                count=here - at,
                lowest=best[0] - at,
                highest=best[-1] - at,
            )
        )
    return tuple(reversed(found))


_NEVER = 10**12
"""More steps than there can be."""


def _costs(stands: Sequence[int], limits: Sequence[tuple[int, int]]) -> list[list[int]]:
    """By border and spot, the fewest steps by which all borders up to that one can stand, that one at the spot.

    Args:
        stands: where the borders stand, the two ends of the group included.
        limits: how many people may be between one border and the next.
    """
    end = stands[-1]
    found = [[0, *[_NEVER] * end]]
    for at, (least, most) in zip(stands[1:], limits, strict=True):
        before, costs, window = found[-1], list[int](), deque[int]()
        for spot in range(end + 1):
            if spot >= least:
                while window and before[window[-1]] >= before[spot - least]:
                    window.pop()
                window.append(spot - least)
            while window and window[0] < spot - most:
                window.popleft()
            reached = before[window[0]] if window else _NEVER
            costs.append(min(_NEVER, reached + abs(spot - at)))
        found.append(costs)
    return found


def _best_below(costs: list[list[int]], place: int, bounds: GradeBounds, above: int) -> int:
    """The spot of a border, given that of the one behind it: of those with the fewest steps the furthest."""
    spots = range(max(0, above - bounds.most), above - bounds.least + 1)
    return min(spots, key=lambda spot: (costs[place][spot], -spot))


def _changes(
    grades: Sequence[str], ordered: Sequence[_Graded], counts: Sequence[int], borders: Sequence[ProposedBorder]
) -> tuple[ProposedChange, ...]:
    """Who crosses the borders, people of one grade and score together."""
    if not borders:
        return ()
    after, moved = list[int](), [0, *(one.count for one in borders), 0]
    for place, count in enumerate(counts):
        after += [place] * (count + moved[place + 1] - moved[place])
    found, begun = list[ProposedChange](), 0
    for (place, less), alike in groupby(ordered, key=lambda one: one[:2]):
        payees = tuple(payee for _, _, payee in alike)
        given = after[begun : begun + len(payees)]
        begun += len(payees)
        for grade in sorted(set(given) - {place}):
            found.append(
                ProposedChange(
                    payees=payees,
                    score=-less,
                    before=grades[place],
                    after=grades[grade],
                    count=given.count(grade),
                )
            )
    return tuple(found)
