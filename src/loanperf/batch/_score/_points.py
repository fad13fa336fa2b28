"""Points over columns: (cards of one shape, rows) -> scores, certain or in doubt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias, assert_never

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from loanperf._curves import Curve
from loanperf._indicators import Direction
from loanperf._quantities import Rounding, rounded
from loanperf._scorecard import Card, CardLine, Missing, Veto
from loanperf.batch._numbers._curves import CurveKernel
from loanperf.batch._numbers._exact import CERTAIN, Doubt, Factor, Floats, Quotient, in_lowest_terms, round_quotient
from loanperf.batch._score._readings import Chosen, ScoredColumns

Which: TypeAlias = "NDArray[np.intp] | None"
"""Which card of a group each row has; None where there is one card."""
_Table: TypeAlias = tuple[int, ...]
"""A whole number a card."""


def shape_of(card: Card) -> tuple[Any, ...]:
    """What cards must share to be worked together: all but weights and targets."""
    lines = tuple((line.indicator, line.scoring, line.target is None, line.target_at_most) for line in card.lines)
    return (lines, card.others, card.vetoes, card.grades, card.currency)


def places_of(card: Card) -> int:
    """Decimal places that hold every score of a card, and what its grades start at."""
    exponents = [Decimal(veto.score).as_tuple().exponent for veto in card.vetoes]
    return max(*(line.scoring.places for line in card.lines), *(-int(exponent) for exponent in exponents), 0)


@frozen(eq=False)
class Scratch:
    """Space for one chunk, used again and again."""

    top: Floats
    """Of numerators, and then quotients."""
    bottom: Floats
    """Of denominators."""
    factor: Floats
    """Of the factors of numerators."""
    limit: Floats
    """Of caps and floors."""
    total: Floats
    """Of scores."""
    truth: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: int) -> Scratch:
        """Space for some rows."""
        top, bottom, factor, limit, total = (np.empty(rows) for _ in range(5))
        return cls(top, bottom, factor, limit, total, np.empty(rows, dtype=np.bool_))

    def first(self, rows: int) -> Scratch:
        """The space of the first rows."""
        spaces = (self.top, self.bottom, self.factor, self.limit, self.total)
        top, bottom, factor, limit, total = (space[:rows] for space in spaces)
        return Scratch(top, bottom, factor, limit, total, self.truth[:rows])


@frozen(eq=False)
class LineKernel:
    """One line of cards of one shape: what turns cells into points, in units of 10 ** -places of the line."""

    looked: ScoredColumns
    scoring: CardLine
    tops: _Table
    """Points are tops × top / (bottoms × bottom × goal), a number a card; of a curve, the weight."""
    bottoms: _Table
    full: _Table
    """The points of the whole weight, twice where lower is better; 0 where they are not whole for each card."""
    most: _Table | None
    """The points at the cap."""
    least: _Table | None
    """The points at the floor."""
    curve: CurveKernel | None
    at: tuple[_Table, _Table]
    """A curve looks at at[0] × top / (at[1] × bottom × goal)."""
    unit: int
    """Units of the score in one unit of the line's points."""
    multiples: Mapping[_Table, float]
    """By table: how many times `tops` it is, where that is the same and exact for each card, and `tops` differ."""

    def check_target(self, chosen: Chosen, doubt: Doubt) -> None:
        """Doubt rows without a target of their own, or with one that the scalar path may refuse."""
        goal = self.looked.goal
        if goal is None:
            return
        if goal.missing is not None:
            doubt.note(goal.missing[chosen])
        limits = [] if self.looked.indicator.most is None else [self.looked.indicator.most]
        limits += [] if self.scoring.target_at_most is None else [self.scoring.target_at_most.value]
        if limits:
            values, most = goal.values[chosen], float(min(limits) * self.looked.goal_scale)
            if values.size and not values.max() < most:
                doubt.note(~(values < most * (1 - 1e-9)))

    def points(self, chosen: Chosen, which: Which, scratch: Scratch, doubt: Doubt) -> Floats:
        """The points of some rows, which may be the scratch itself."""
        rule = self.scoring.scoring.rule
        match rule:
            case Direction.HIGHER:
                points = self._higher(chosen, which, scratch, doubt)
            case Direction.LOWER:
                points = self._lower(chosen, which, scratch, doubt)
            case Curve():
                points = self._by_curve(chosen, which, doubt)
            case _:
                assert_never(rule)
        if self.most is not None:
            np.minimum(points, self._spread(self.most, which, scratch, doubt), out=points)
        if self.least is not None:
            np.maximum(points, self._spread(self.least, which, scratch, doubt), out=points)
        if self.unit != 1:
            points *= self.unit
        return points

    def _spread(self, table: _Table, which: Which, scratch: Scratch, doubt: Doubt) -> Floats:
        """A number a card, as a number a row; from the factors in the scratch, where it is a multiple of them."""
        times = self.multiples.get(tuple(table))
        if times is None or which is None or self.curve is not None:
            return _spread(table, which, doubt, scratch.limit)
        return np.multiply(scratch.factor, times, out=scratch.limit)

    def _quotient(self, chosen: Chosen, which: Which, scratch: Scratch, doubt: Doubt) -> tuple[Floats, Floats]:
        """Numerators and denominators, in the scratch; the numerators still to be checked."""
        looked = self.looked
        if looked.top is None:
            raise AssertionError("a line without a column is missing in every row")
        top = scratch.top
        tops = per_card(self.tops, which, doubt, scratch.factor)
        np.multiply(looked.top.values[chosen], tops, out=top)
        bottom = self._below(chosen, which, scratch, doubt)
        doubt.denominator(bottom)
        return top, bottom

    def _below(self, chosen: Chosen, which: Which, scratch: Scratch, doubt: Doubt) -> Floats:
        bottoms, goal, bottom = per_card(self.bottoms, which, doubt, scratch.limit), self.looked.goal, scratch.bottom
        if goal is None:
            bottom[:] = bottoms
        elif isinstance(bottoms, float) and bottoms == 1.0:
            if goal.kind == "float" and self.looked.bottom is None:
                bottom = goal.values[chosen]
            else:
                np.copyto(bottom, goal.values[chosen])
        else:
            np.multiply(goal.values[chosen], bottoms, out=bottom)
        if self.looked.bottom is not None:
            bottom *= self.looked.bottom.values[chosen]
        return bottom

    def _higher(self, chosen: Chosen, which: Which, scratch: Scratch, doubt: Doubt) -> Floats:
        top, bottom = self._quotient(chosen, which, scratch, doubt)
        large = not (top.max(initial=0.0) < CERTAIN and top.min(initial=0.0) > -CERTAIN)
        if not large:
            return round_quotient(np.divide(top, bottom, out=top), self.scoring.scoring.rounding)
        uncertain = ~(np.abs(top) < CERTAIN)
        quotient = np.divide(top, bottom, out=top)
        if self.most is not None:
            # What is a point above the cap is the cap, however large it is.
            decided = (quotient > self._spread(self.most, which, scratch, doubt) + 1) & np.isfinite(quotient)
            if self.looked.top is not None and self.looked.top.kind == "float":
                decided &= self.looked.top.values[chosen] <= 2.0**53
            uncertain &= ~decided
        doubt.note(uncertain)
        return round_quotient(np.nan_to_num(quotient, copy=False), self.scoring.scoring.rounding)

    def _lower(self, chosen: Chosen, which: Which, scratch: Scratch, doubt: Doubt) -> Floats:
        top, bottom = self._quotient(chosen, which, scratch, doubt)
        doubt.numerator(top)
        rounding = self.scoring.scoring.rounding
        if rounding is Rounding.HALF_EVEN and all(self.full):
            # An even whole number less a tie is a tie between the same parities.
            points = np.rint(np.divide(top, bottom, out=top), out=top)
            return np.subtract(self._spread(self.full, which, scratch, doubt), points, out=points)
        weights = [2 * weight for weight in self._weights()]
        over = bottom * _spread(tuple(weight.numerator for weight in weights), which, doubt, scratch.limit)
        below = _spread(tuple(weight.denominator for weight in weights), which, doubt, scratch.limit)
        doubt.numerator(over)
        top *= below
        doubt.numerator(top)
        np.subtract(over, top, out=top)
        doubt.numerator(top)
        denominator = bottom * below
        doubt.denominator(denominator)
        return round_quotient(np.divide(top, denominator, out=top), rounding)

    def _weights(self) -> list[Fraction]:
        """The points of the whole weight, exact, a number a card."""
        return [
            Fraction(top, bottom) * Fraction(b, a)
            for top, bottom, a, b in zip(self.tops, self.bottoms, *self.at, strict=True)
        ]

    def _by_curve(self, chosen: Chosen, which: Which, doubt: Doubt) -> Floats:
        looked, curve = self.looked, self.curve
        if looked.top is None or curve is None:
            raise AssertionError("a line without a column is missing in every row")
        tops, bottoms = self.at
        rows = len(doubt.rows)
        top = looked.top.values[chosen] * _spread(tops, which, doubt, np.empty(rows))
        bottom = _spread(bottoms, which, doubt, np.empty(rows))
        if self.scoring.scoring.of == "attainment" and looked.goal is not None:
            bottom = bottom * looked.goal.values[chosen]
        if looked.bottom is not None:
            bottom = bottom * looked.bottom.values[chosen]
        share = curve.at(Quotient(top, bottom).checked(doubt), doubt)
        weights = self._weights()
        points = share.of(
            _spread(tuple(weight.numerator for weight in weights), which, doubt, np.empty(rows)),
            _spread(tuple(weight.denominator for weight in weights), which, doubt, np.empty(rows)),
        ).checked(doubt)
        return round_quotient(np.divide(points.top, points.bottom), self.scoring.scoring.rounding)


def _spread(table: _Table, which: Which, doubt: Doubt, out: Floats) -> Floats:
    """A number a card, as a number a row."""
    found = per_card(table, which, doubt, out)
    out[:] = found
    return out


def per_card(table: _Table, which: Which, doubt: Doubt, out: Floats) -> Factor:
    """A number a card as a number a row, or one number where all cards have the same."""
    numbers = [doubt.constant(number) for number in table]
    if which is None or len(set(numbers)) == 1:
        return numbers[0]
    return np.take(np.array(numbers), which, out=out, mode="clip")


def _multiples(tops: _Table, tables: Iterable[_Table | None]) -> Mapping[_Table, float]:
    """How many times `tops` each table is, where that is exact and `tops` are not all the same."""
    found = {}
    for table in tables:
        ratios = {Fraction(number, top) for number, top in zip(table or (), tops, strict=False) if top}
        if len(set(tops)) > 1 and table and all(tops) and len(ratios) == 1:
            (ratio,) = ratios
            if ratio.denominator in (1, 2, 4, 8) and abs(ratio) < 2**20 and max(map(abs, tops)) < 2**30:
                found[table] = float(ratio)
    return found


@frozen(eq=False)
class Shape:
    """Cards of one shape, with what turns their rows into scores."""

    cards: tuple[Card, ...]
    lines: tuple[LineKernel, ...]
    """Those that count; lines without a reading that are left out or earn nothing are absent."""
    looked: Mapping[str, ScoredColumns]
    places: int
    """The score is in units of 10 ** -places."""
    refused: bool
    """Whether a line is missing that may not be, so that no score is certain."""

    def scores(self, chosen: Chosen, which: Which, scratch: Scratch, doubt: Doubt, out: Floats) -> None:
        """Put the scores of some rows into `out`."""
        out[:] = 0.0
        if self.refused:
            doubt.everything()
            return
        worked = {id(line.looked) for line in self.lines}
        for looked in self.looked.values():
            if id(looked) not in worked:
                looked.check(chosen, scratch.top, scratch.truth, doubt)
        for line in self.lines:
            line.looked.check(chosen, scratch.top, scratch.truth, doubt)
            line.check_target(chosen, doubt)
            out += line.points(chosen, which, scratch, doubt)
        doubt.numerator(out)
        for veto in self.cards[0].vetoes:
            struck = _struck(veto, self.looked[veto.indicator], chosen, doubt)
            np.minimum(out, float(int(veto.score.scaleb(self.places))), out=out, where=struck)


_COMPARE = {"above": np.greater, "at least": np.greater_equal, "below": np.less, "at most": np.less_equal}


def _struck(veto: Veto, looked: ScoredColumns, chosen: Chosen, doubt: Doubt) -> NDArray[np.bool_]:
    """In which rows a reading is past the limit of a veto."""
    if looked.top is None:
        doubt.everything()
        return np.zeros(len(doubt.rows), dtype=np.bool_)
    limit = veto.limit.value * looked.scale
    top = np.multiply(looked.top.values[chosen], doubt.constant(limit.denominator))
    bottom: Any = 1.0 if looked.bottom is None else looked.bottom.values[chosen]
    knot = np.asarray(bottom * doubt.constant(limit.numerator), dtype=np.float64)
    doubt.numerator(top)
    doubt.numerator(np.atleast_1d(knot))
    missing = looked.missing(chosen)
    if missing is not None:
        doubt.note(missing)
    found: NDArray[np.bool_] = _COMPARE[veto.test](top, knot)
    return found


# ── made from cards ─────────────────────────────────────────────────────────────────────────────────────────


def shape_for(
    cards: Sequence[Card], looked: Mapping[str, ScoredColumns], places: int, missing: frozenset[str]
) -> Shape:
    """What scores rows of cards of one shape in which the same lines have no reading."""
    first = cards[0]
    left_out = [{line.indicator.code for line in card.lines if _renormalised(line, missing)} for card in cards]
    kept = [
        1 - sum((line.weight for line in card.lines if line.indicator.code in out), Fraction(0))
        for card, out in zip(cards, left_out, strict=True)
    ]
    refused = any(line.indicator.code in missing and line.scoring.missing is Missing.REFUSE for line in first.lines)
    mine = {item.code: looked[item.code] for item in (*(line.indicator for line in first.lines), *first.others)}
    refused |= any(not share for share in kept)
    lines: tuple[LineKernel, ...] = ()
    if not refused:
        lines = tuple(
            _kernel([card.lines[place] for card in cards], kept, looked[line.indicator.code], places)
            for place, line in enumerate(first.lines)
            if line.indicator.code not in missing
        )
        refused = any(0 in line.at[1] for line in lines)
    return Shape(cards=tuple(cards), lines=lines, looked=mine, places=places, refused=refused)


def _renormalised(line: CardLine, missing: frozenset[str]) -> bool:
    return line.indicator.code in missing and line.scoring.missing is Missing.RENORMALISE


def _kernel(lines: Sequence[CardLine], kept: Sequence[Fraction], looked: ScoredColumns, places: int) -> LineKernel:
    scoring = lines[0].scoring
    worth = [100 * line.weight / share * 10**scoring.places for line, share in zip(lines, kept, strict=True)]
    seen = [_seen(line, looked) for line in lines]
    quotients = [in_lowest_terms(w.numerator * a, w.denominator * b) for w, (a, b) in zip(worth, seen, strict=True)]
    twice = [2 * w for w in worth]
    tops = tuple(top for top, _ in quotients)
    full = tuple(w.numerator if w.denominator == 1 and w.numerator % 2 == 0 else 0 for w in twice)
    most = None if scoring.cap is None else tuple(_limit(w, scoring.cap, scoring.rounding) for w in worth)
    least = None if scoring.floor is None else tuple(_limit(w, scoring.floor, scoring.rounding) for w in worth)
    return LineKernel(
        looked=looked,
        scoring=lines[0],
        tops=tops,
        bottoms=tuple(bottom for _, bottom in quotients),
        full=full,
        most=most,
        least=least,
        curve=CurveKernel.of(scoring.rule) if isinstance(scoring.rule, Curve) else None,
        at=(tuple(a for a, _ in seen), tuple(b for _, b in seen)),
        unit=10 ** (places - scoring.places),
        multiples=_multiples(tops, (full, most, least)),
    )


def _seen(line: CardLine, looked: ScoredColumns) -> tuple[int, int]:
    """What a rule looks at is a × top / (b × bottom × goal); b is 0 where there is no target."""
    scoring = line.scoring
    if scoring.of == "value" and isinstance(scoring.rule, Curve):
        return 1, looked.scale
    if looked.goal is not None:
        return in_lowest_terms(looked.goal_scale, looked.scale)
    if line.target is None or line.target.value <= 0:
        return 1, 0
    over = 1 / (line.target.value * looked.scale)
    return over.numerator, over.denominator


def _limit(worth: Fraction, share: Fraction, rounding: Rounding) -> int:
    return int(rounded(worth * share, 0, rounding))
