"""Points: (rules of cards, readings and targets of rows) -> the points of each line and the score, exact."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import ceil
from typing import Literal, TypeAlias, assert_never

import numpy as np
from attrs import field, frozen

from loanperf._appraisal._rules import Family, LineRule, Rules, Seen
from loanperf._indicators import Direction, Indicator
from loanperf._numbers import EVERY_ROW, NO_ROW, Certain, Places, Quotient, Truth
from loanperf._scorecard import CardLine, Comparison, Veto

FaultKind: TypeAlias = Literal[
    "card",
    "cell",
    "reading beyond bounds",
    "no reading",
    "target too low",
    "target beyond bounds",
    "target beyond phase",
    "no target",
    "no veto reading",
]
"""What is wrong with a row that has no score."""


@frozen(eq=False)
class Faults:
    """What is wrong with rows; of each row the first that is found counts, and readings come before all else."""

    readings: list[tuple[Truth, FaultKind, str]] = field(factory=list)
    others: list[tuple[Truth, FaultKind, str]] = field(factory=list)
    """In which rows, what, and of which indicator or column."""

    def note(self, where: Truth, kind: FaultKind, code: str) -> None:
        """Note a fault, where some row has it."""
        if where is not NO_ROW and where.any():
            (self.readings if kind in ("cell", "reading beyond bounds") else self.others).append((where, kind, code))

    @property
    def found(self) -> list[tuple[Truth, FaultKind, str]]:
        """All of them, in the order in which they count."""
        return self.readings + self.others

    def first(self, rows: int) -> Places:
        """The place of the first fault of each row among those found; -1 where it has none."""
        places = np.full(rows, -1)
        for place, (where, _, _) in reversed([*enumerate(self.found)]):
            places = np.where(where, place, places)
        return places


@frozen(eq=False)
class LineNumbers:
    """The numbers of one line, from the reading to the points."""

    rule: LineRule
    attainment: Quotient | None
    """None where points go by the readings themselves."""
    earned: Quotient
    """Share of the weight before floor and cap."""
    share: Quotient
    unrounded: Quotient
    points: Certain
    """Both in units of 10 ** -places of the line."""

    @property
    def exact(self) -> Quotient:
        """The points before rounding."""
        return self.unrounded.by(Fraction(1, 10**self.rule.line.scoring.places))


@frozen(eq=False)
class ScoreNumbers:
    """The numbers of a score, kept where somebody asks for them."""

    lines: dict[str, LineNumbers] = field(factory=dict)
    """By code of indicator, of those that have a reading."""
    sums: list[Certain] = field(factory=list)
    """The score before vetoes."""
    struck: list[tuple[Veto, Truth]] = field(factory=list)
    """Each veto, and where it struck."""


def scored(
    family: Family,
    missing: frozenset[str],
    look: Callable[[str], Seen],
    which: Places | None,
    places: int,
    faults: Faults,
    shown: ScoreNumbers | None = None,
) -> Certain:
    """The scores of some rows: points are summed, which `_line` has rounded line by line; or rounded, once summed.

    Args:
        family: the cards of the rows.
        missing: the indicators of which no row has a reading.
        look: gives what is seen of an indicator; it is asked when that is worked, so that few columns are at work.
        which: each row's card among those of the family; None where there is one.
        places: scores are in units of 10 ** -places.
        faults: takes the rows without a score; their numbers mean nothing.
        shown: takes the numbers that the scores come of; None where nobody asks.
    """
    rules, total, exact = family.rules(missing), Certain.of(0), Quotient.of(0)
    spend = shown is None and not family.sums_exact
    rule_of = {rule.line.indicator.code: rule for rule in rules.lines}
    for indicator in family.looked_at:
        rule = rule_of.get(indicator.code)
        if rule is not None or (is_bounded(indicator) and indicator.code not in missing):
            seen = look(indicator.code)
            if seen.value is not None:
                _note_beyond(indicator, seen.value, "reading beyond bounds", faults)
            line = None if rule is None else _line(rule, seen, which, faults, spend=spend)
            if line is not None:
                points = line.points * 10 ** (places - line.rule.line.scoring.places)
                total = total.plus(points, spend=spend)
                exact = exact.plus(line.exact) if family.sums_exact else exact
                if shown is not None:
                    shown.lines[indicator.code] = line
    if rules.refused:
        faults.note(EVERY_ROW, "no reading", rules.refused)
        return total
    total = _of_sum(rules, exact, places) if family.sums_exact else total
    if shown is not None:
        shown.sums.append(total)
    return _after_vetoes(family, look, total, places, faults, shown)


def _of_sum(rules: Rules, exact: Quotient, places: int) -> Certain:
    """The exact sum of the points, rounded once as all lines say it, in units of 10 ** -places."""
    if not rules.lines:
        return Certain.of(0)
    scoring = rules.lines[0].line.scoring
    finer: int = 10 ** (places - scoring.places)
    return exact.rounded(scoring.rounding, 10**scoring.places) * finer


def _after_vetoes(
    family: Family, look: Callable[[str], Seen], total: Certain, places: int, faults: Faults, shown: ScoreNumbers | None
) -> Certain:
    """The scores that are left where vetoes strike."""
    for veto in family.vetoes:
        value = look(veto.indicator).value
        if value is None:
            faults.note(EVERY_ROW, "no veto reading", veto.indicator)
        else:
            struck = past(value, veto.test, veto.limit.value)
            if shown is not None:
                shown.struck.append((veto, struck))
            total = total.but(struck, total.least(Certain.of(int(Fraction(veto.score) * 10**places))))
    return total


def grades_of(family: Family, scores: Certain, places: int) -> Places | None:
    """The place of each score among the grades, the lowest 0, which holds below itself too; None without grades."""
    grades = family.cards[0].grades
    if not grades:
        return None
    starts = [ceil(Fraction(grade.at_least) * 10**places) for grade in grades]
    return np.maximum(scores.reached(starts) - 1, 0)


def past(value: Quotient, test: Comparison, limit: Fraction) -> Truth:
    """Where unrounded readings are past the limit of a veto."""
    match test:
        case "above":
            return value.passes(limit)
        case "at least":
            return value.reaches(limit)
        case "below":
            return ~value.reaches(limit)
        case "at most":
            return ~value.passes(limit)
        case _:
            assert_never(test)


def attainments(value: Quotient | None, goal: Quotient | None) -> tuple[Quotient | None, Truth]:
    """Actual / target of some rows, and where there is none since the target is zero."""
    if value is None or goal is None:
        return None, EVERY_ROW
    none = goal.reaches(0) & ~goal.passes(0)
    return value * goal.but(none, 1).inverse(), none


def _line(rule: LineRule, seen: Seen, which: Places | None, faults: Faults, *, spend: bool) -> LineNumbers | None:
    """The numbers of one line; None where no row can have points. Where they are spent, the points alone are right."""
    scoring, code = rule.line.scoring, rule.line.indicator.code
    goal = rule.goal(seen, which)
    if goal is not None:
        check_goal(rule.line, goal, faults)
    attained = None
    if not rule.looks_at_values:
        attained, none = attainments(seen.value, goal)
        faults.note(none, "no target", code)
    looked_at = seen.value if rule.looks_at_values else attained
    if looked_at is None:
        return None
    earned = _earned(rule, looked_at.to_spend() if spend else looked_at)
    share = earned.within(scoring.floor, scoring.cap)
    unrounded = share.by_each(rule.worth.tops, which, rule.worth.over)
    return LineNumbers(rule, attained, earned, share, unrounded, unrounded.rounded(scoring.rounding))


def check_goal(line: CardLine, goal: Quotient, faults: Faults) -> None:
    """Note targets against which nothing can be measured, or that the phase does not allow."""
    code = line.indicator.code
    if line.scoring.of == "attainment":
        faults.note(~goal.passes(0), "target too low", code)
    _note_beyond(line.indicator, goal, "target beyond bounds", faults)
    if line.target_at_most is not None:
        faults.note(goal.passes(line.target_at_most.value), "target beyond phase", code)


def is_bounded(indicator: Indicator) -> bool:
    """Whether an indicator says what its readings cannot be."""
    return indicator.least is not None or indicator.most is not None


def _note_beyond(indicator: Indicator, value: Quotient, kind: FaultKind, faults: Faults) -> None:
    """Note readings or targets that their indicator cannot have."""
    if indicator.least is not None:
        faults.note(~value.reaches(indicator.least), kind, indicator.code)
    if indicator.most is not None:
        faults.note(value.passes(indicator.most), kind, indicator.code)


def _earned(rule: LineRule, looked_at: Quotient) -> Quotient:
    """What part of its weight an indicator earns: attainment, 2 − attainment, or the value of a curve.

    Floor and cap of the indicator are not applied yet.
    """
    if rule.pieces is not None:
        return looked_at.along(rule.pieces)
    return looked_at if rule.line.scoring.rule == Direction.HIGHER else looked_at.taken_from(2)
