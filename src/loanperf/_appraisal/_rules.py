"""Rules: cards -> what scores rows of them: weights, targets and curves as whole numbers, made once for each card."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Any

from attrs import field, frozen

from loanperf._curves import Curve
from loanperf._indicators import Indicator
from loanperf._numbers import Lookup, Pieces, Places, Quotient
from loanperf._scorecard import Card, CardLine, Missing, Veto


@frozen(eq=False)
class Numbers:
    """A number a card, over one denominator."""

    tops: Lookup
    over: int

    @classmethod
    def of(cls, numbers: Iterable[Fraction]) -> Numbers:
        """The numbers of cards, in their order."""
        given = tuple(numbers)
        over = lcm(*(number.denominator for number in given))
        return cls(Lookup(tuple(int(number * over) for number in given)), over)

    def at(self, which: Places | None) -> Quotient:
        """The number of each row's card."""
        if which is None:
            return Quotient.of(Fraction(self.tops.numbers[0], self.over))
        return Quotient.each(self.tops.at(which), self.over)


@frozen(eq=False)
class Seen:
    """What is seen of one indicator in some rows."""

    value: Quotient | None
    """The unrounded readings; None where no row has one."""
    goal: Quotient | None = None
    """Targets of the rows' own; None where those of the cards hold."""

    @property
    def most(self) -> int:
        """No number that a reading or target is made of is further from zero."""
        found = [one for one in (self.value, self.goal) if one is not None]
        return max([number.most for one in found for number in (one.top, one.below)], default=0)


@frozen(eq=False)
class LineRule:
    """What one line of some cards asks for, which differ in weights and targets alone."""

    line: CardLine
    """The line as the first card has it."""
    worth: Numbers
    """The points of the whole weight, of each card, in units of 10 ** -places of the line."""
    goals: Numbers | None
    """Targets of the cards; None where they have none."""
    pieces: Pieces | None
    """The pieces of the curve; None where the line has none."""

    @property
    def looks_at_values(self) -> bool:
        """Whether points go by the readings themselves, whatever the target."""
        return self.line.scoring.of == "value" and self.pieces is not None

    def goal(self, seen: Seen, which: Places | None) -> Quotient | None:
        """The targets that hold: those of the rows, else those of their cards; None where there is none."""
        if seen.goal is not None or self.goals is None:
            return seen.goal
        return self.goals.at(which)


@frozen(eq=False)
class Rules:
    """What scores rows of some cards in which the same readings are missing."""

    lines: tuple[LineRule, ...]
    """The rules of the lines that have a reading."""
    refused: str
    """The indicator without whose reading there is no score; empty where there is one."""


def shape_of(card: Card) -> tuple[Any, ...]:
    """What cards must share to be worked together: all but weights and targets."""
    lines = tuple(
        (line.indicator, line.scoring, line.target is None, line.target_at_most, bool(line.weight))
        for line in card.lines
    )
    return (lines, card.others, card.vetoes, card.grades, card.currency)


def places_of(card: Card) -> int:
    """Decimal places that hold every score of a card."""
    exponents = [Decimal(veto.score).as_tuple().exponent for veto in card.vetoes]
    return max(*(line.scoring.places for line in card.lines), *(-int(exponent) for exponent in exponents), 0)


@frozen(eq=False)
class Family:
    """Cards of one shape, and what they look at."""

    cards: tuple[Card, ...]
    _rules: dict[frozenset[str], Rules] = field(factory=dict, init=False, repr=False)

    @property
    def looked_at(self) -> tuple[Indicator, ...]:
        """Every indicator of the cards: those with a weight, then the others."""
        return (*(line.indicator for line in self.cards[0].lines), *self.cards[0].others)

    @property
    def sums_exact(self) -> bool:
        """Whether points are summed exact, and their sum is rounded; all lines of a card say it then."""
        return any(line.scoring.rounds == "the total" for line in self.cards[0].lines)

    @property
    def vetoes(self) -> tuple[Veto, ...]:
        """The vetoes, which are the same on each card."""
        return self.cards[0].vetoes

    def rules(self, missing: frozenset[str]) -> Rules:
        """The rules for rows without the readings of some indicators."""
        if missing not in self._rules:
            self._rules[missing] = _rules(self.cards, missing)
        return self._rules[missing]

    @classmethod
    def of(cls, card: Card) -> Family:
        """A card by itself; made once."""
        if "family" not in card.memo:
            card.memo["family"] = cls((card,))
        found: Family = card.memo["family"]
        return found


def weights_of(card: Card, missing: frozenset[str]) -> dict[str, Fraction]:
    """The weight with which each line counts; a line that is left out is absent, and so are all where all are."""
    out = {line.indicator.code for line in card.lines if line.scoring.missing is Missing.RENORMALISE} & missing
    kept = {line.indicator.code: line.weight for line in card.lines if line.indicator.code not in out}
    left_out = sum((line.weight for line in card.lines if line.indicator.code in out), Fraction(0))
    if left_out == 1:
        return {}
    return {code: Fraction(weight, 1 - left_out) for code, weight in kept.items()} if left_out else kept


def _rules(cards: Sequence[Card], missing: frozenset[str]) -> Rules:
    first = cards[0]
    lacking = [line for line in first.lines if line.indicator.code in missing]
    refused = [line.indicator.code for line in lacking if line.scoring.missing is Missing.REFUSE]
    weights = [weights_of(card, missing) for card in cards]
    if not weights[0]:
        refused = refused or [lacking[0].indicator.code]
    if refused:
        return Rules((), refused[0])
    there = [place for place, line in enumerate(first.lines) if line.indicator.code not in missing]
    return Rules(tuple(_line_rule([card.lines[place] for card in cards], weights) for place in there), "")


def _line_rule(lines: Sequence[CardLine], weights: Sequence[dict[str, Fraction]]) -> LineRule:
    first = lines[0]
    code, rule = first.indicator.code, first.scoring.rule
    targets = [line.target.value for line in lines if line.target is not None]
    return LineRule(
        line=first,
        worth=Numbers.of(100 * 10**first.scoring.places * its[code] for its in weights),
        goals=Numbers.of(targets) if targets else None,
        pieces=Pieces.of(rule) if isinstance(rule, Curve) else None,
    )
