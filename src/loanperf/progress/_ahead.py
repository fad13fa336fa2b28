"""Ahead: (what a payee came to so far) -> how much more of an indicator leads to its target, a grade, more bonus.

Nothing is inverted: other readings are appraised and awarded as any are, and the nearest that is enough is looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cache, partial

from attrs import evolve

from loanperf._appraisal import Appraisal, ScoredLine, appraise
from loanperf._bonus import award
from loanperf._indicators import Direction, Kind, Reading
from loanperf._quantities import Quantity
from loanperf.errors import LoanPerfError
from loanperf.progress._parts import Outlook, StepAhead, StepTo
from loanperf.run import Result

_STEPS: Mapping[Kind, Fraction] = {
    Kind.MONEY: Fraction(1),
    Kind.COUNT: Fraction(1),
    Kind.POINTS: Fraction(1, 100),
    Kind.RATIO: Fraction(1, 10_000),
}
"""What is searched in: whole currency, pieces, hundredths of a point and of a percent."""
_FARTHEST = 2
"""How many targets, or readings where they are larger, lie ahead of a reading at most."""


def outlook(result: Result, days: tuple[int, int] | None, readings: Mapping[str, Reading]) -> Outlook | None:
    """What a payee would come to by other readings; None where that cannot be worked.

    Args:
        result: whose card, targets and pay.
        days: of the assignment and of the period, where they differ.
        readings: in the place of those of the result.
    """
    found, held = result.appraisal, result.assignment
    given = {one.indicator: one for one in found.readings} | dict(readings)
    targets = {line.line.indicator.code: line.target for line in found.lines if line.target is not None}
    try:
        read = appraise(found.card, targets, given, payee=found.payee)
        bonus = found.card.bonus
        paid = None if bonus is None else award(bonus, read, month=held.salary, base=held.base, days=days)
    except LoanPerfError:
        return None
    return Outlook(score=read.score, grade=_grade(read), bonus=None if paid is None else paid.amount)


def outlook_of(result: Result) -> Outlook:
    """What a payee came to."""
    paid = result.award
    amount = None if paid is None else paid.amount
    return Outlook(score=result.appraisal.score, grade=_grade(result.appraisal), bonus=amount)


def steps_ahead(result: Result, days: tuple[int, int] | None) -> Iterator[StepAhead]:
    """What leads to the target of each indicator, to the next grade and to the next step of the bonus.

    All other readings stay as they are. Searched is in whole currency, pieces, hundredths of a point and of a percent:
    `more` is the fewest of these that are enough; up to twice the target or the reading more, and of what is better
    lower down to zero. What takes more, or other indicators too, is left out. Where more of an indicator can also give
    less, it is one that is enough, and not always the nearest.

    Args:
        result: what the payee came to.
        days: of the assignment and of the period, where they differ.
    """
    now, card = outlook_of(result), result.appraisal.card
    ranks = {grade.code: rank for rank, grade in enumerate(card.grades)}
    tests: list[tuple[StepTo, Callable[[Outlook], bool]]] = []
    if now.grade and ranks[now.grade] + 1 < len(ranks):
        tests.append(("grade", lambda one: ranks[one.grade] > ranks[now.grade]))
    if now.bonus is not None and card.bonus is not None and card.bonus.curve.shape == "step":
        tests.append(("bonus", lambda one: _units(one) > _units(now)))
    for line in result.appraisal.lines:
        if line.reading is None or line.reading.value is None or not line.weight:
            continue
        at, step = cache(partial(_at, result, days, line)), _STEPS[line.line.indicator.kind]
        missing = _to_target(line, line.reading.value)
        if missing > 0 and (then := at(missing)) is not None:
            yield _step("target", line, missing, now, then)
        farthest = int(_farthest(line, line.reading.value) / step)
        for to, good in tests:
            count = _fewest(partial(_is_good, at, step, good), farthest)
            if count and (then := at(count * step)) is not None:
                yield _step(to, line, count * step, now, then)


def _is_good(
    at: Callable[[Fraction], Outlook | None], step: Fraction, good: Callable[[Outlook], bool], count: int
) -> bool:
    """Whether so many steps more are enough."""
    found = at(count * step)
    return found is not None and good(found)


def _fewest(is_enough: Callable[[int], bool], most: int) -> int:
    """The fewest that are enough, of which all that are more are enough too; 0 where the most are not."""
    if most < 1 or not is_enough(most):
        return 0
    few, many = 0, most
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if is_enough(middle) else (middle, many)
    return many


def _at(result: Result, days: tuple[int, int] | None, line: ScoredLine, more: Fraction) -> Outlook | None:
    """What a payee would come to with a better reading of one indicator."""
    if line.reading is None or line.reading.value is None:
        return None
    item, value = line.line.indicator, line.reading.value.value
    better = value + more if item.direction is Direction.HIGHER else value - more
    return outlook(result, days, {item.code: evolve(line.reading, numerator=better, denominator=None, parts=None)})


def _to_target(line: ScoredLine, reading: Quantity) -> Fraction:
    """How much better a reading must get to be its target; zero or less where it is."""
    if line.target is None:
        return Fraction(0)
    missing = line.target.value - reading.value
    return missing if line.line.indicator.direction is Direction.HIGHER else -missing


def _farthest(line: ScoredLine, reading: Quantity) -> Fraction:
    """How much better a reading is looked at, at most."""
    item = line.line.indicator
    if item.direction is Direction.LOWER:
        return reading.value
    target = Fraction(0) if line.target is None else line.target.value
    most = _FARTHEST * max(abs(target), abs(reading.value))
    return most if item.most is None else min(most, item.most - reading.value)


def _step(to: StepTo, line: ScoredLine, more: Fraction, now: Outlook, then: Outlook) -> StepAhead:
    worth = None if now.bonus is None or then.bonus is None else then.bonus - now.bonus
    unit = "" if line.reading is None else line.reading.unit
    return StepAhead(to=to, indicator=line.line.indicator, more=Quantity(more, unit), then=then, worth=worth)


def _units(one: Outlook) -> int:
    return 0 if one.bonus is None else one.bonus.units


def _grade(read: Appraisal) -> str:
    return "" if read.grade is None else read.grade.code
