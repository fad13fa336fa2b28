"""Weight grid: (rules, a step) -> every vector of weights that keeps them; and which rule to relax where none does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import Literal, TypeAlias

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from loanperf._explanations import Label
from loanperf._quantities import percent
from loanperf.analytics._findings import filled
from loanperf.errors import DataError

Steps: TypeAlias = NDArray[np.int64]
"""Weights in whole steps: a row a candidate, a column an indicator."""
Side: TypeAlias = Literal["at least", "at most"]
_MOST = 2_000_000
"""So many candidates are built at most."""


_AT_LEAST = Label("{name} weighs at least {share}", "{name}权重不低于 {share}")
_AT_MOST = Label("{name} weighs at most {share}", "{name}权重不高于 {share}")


@frozen(kw_only=True)
class GridRule:
    """What some weights must come to together: a bound of one indicator, or what a phase asks."""

    name: Label
    """What is weighed, such as an indicator or a dimension."""
    of: tuple[int, ...]
    """Places of the indicators whose weights are summed."""
    at_least: Fraction
    at_most: Fraction

    def totals(self, grid: Steps) -> Steps:
        """What they come to in each candidate, in steps."""
        found = np.zeros(len(grid), dtype=np.int64)
        for place in self.of:
            found += grid[:, place]
        return found

    def in_steps(self, steps: int) -> tuple[int, int]:
        """The least and the most in whole steps, of which there are some in 100%."""
        return max(ceil(self.at_least * steps), 0), min(floor(self.at_most * steps), steps)

    def said(self, side: Side) -> Label:
        """One side of the rule, in words."""
        if side == "at least":
            return filled(_AT_LEAST, name=self.name, share=percent(self.at_least))
        return filled(_AT_MOST, name=self.name, share=percent(self.at_most))

    def without(self, side: Side) -> GridRule:
        """The rule with one of its sides dropped."""
        return evolve(self, at_least=Fraction(0)) if side == "at least" else evolve(self, at_most=Fraction(1))

    def binds(self, weights: Sequence[Fraction]) -> Side | None:
        """On which of its ends, other than 0% and 100%, some weights are; None where they are on none."""
        total = sum((weights[place] for place in self.of), Fraction(0))
        if total == self.at_least and self.at_least > 0:
            return "at least"
        return "at most" if total == self.at_most and self.at_most < 1 else None


def weight_grid(least: Sequence[int], most: Sequence[int], steps: int) -> Steps:
    """Every vector of whole steps that sum to a total, each within its bounds, both ends allowed.

    Raises:
        DataError: there are more than two million.

    >>> weight_grid([1, 1], [2, 3], 4).tolist()
    [[2, 2], [1, 3]]
    """
    _must_be_few(least, most, steps)
    grid, rest = np.zeros((1, 0), dtype=np.int64), np.array([steps])
    for place, (low, high) in enumerate(zip(least, most, strict=True)):
        later_least, later_most = sum(least[place + 1 :]), sum(most[place + 1 :])
        parts, rests = [], []
        for weight in range(low, high + 1):
            left = rest - weight
            can = (left >= later_least) & (left <= later_most)
            chosen = grid[can]
            parts.append(np.column_stack([chosen, np.full(len(chosen), weight)]))
            rests.append(left[can])
        if not parts:
            return np.zeros((0, len(least)), dtype=np.int64)
        grid, rest = np.concatenate(parts), np.concatenate(rests)
    return grid


def _must_be_few(least: Sequence[int], most: Sequence[int], steps: int) -> None:
    """Refuse a grid that is too large, before it is built."""
    ways = [1] + [0] * steps
    for low, high in zip(least, most, strict=True):
        ways = [sum(ways[max(total - high, 0) : max(total - low + 1, 0)]) for total in range(steps + 1)]
    if ways[-1] > _MOST:
        fault = f"there are {ways[-1]} of them within the bounds"
        raise DataError("the vectors of weights to try", fault, "take a larger step, or narrower bounds")


def candidates(rules: Sequence[GridRule], count: int, steps: int) -> Steps:
    """Every vector of weights that keeps all rules.

    Args:
        rules: bounds of single indicators, and of several together.
        count: how many indicators there are.
        steps: in 100%.
    """
    least, most = [0] * count, [steps] * count
    for rule in rules:
        if len(rule.of) == 1:
            (place,), (low, high) = rule.of, rule.in_steps(steps)
            least[place], most[place] = max(least[place], low), min(most[place], high)
    return kept_by([rule for rule in rules if len(rule.of) != 1], weight_grid(least, most, steps), steps)


def kept_by(rules: Sequence[GridRule], grid: Steps, steps: int) -> Steps:
    """The candidates that keep some rules."""
    for rule in rules:
        low, high = rule.in_steps(steps)
        totals = rule.totals(grid)
        grid = grid[(totals >= low) & (totals <= high)]
    return grid


def relaxations(rules: Sequence[GridRule], count: int, steps: int) -> Iterator[tuple[GridRule, Side, Fraction]]:
    """Where no vector keeps all rules: each side of a rule without which one does, and by how much it must give way.

    Each rule is dropped alone; of the vectors that keep the others, the one that breaks it least counts.
    """
    sides: tuple[Side, Side] = ("at least", "at most")
    for place, rule in enumerate(rules):
        for side in sides:
            if rule.without(side) == rule:
                continue
            grid = candidates([*rules[:place], rule.without(side), *rules[place + 1 :]], count, steps)
            if len(grid):
                totals = rule.totals(grid)
                by = rule.at_least - Fraction(int(totals.max()), steps)
                yield rule, side, by if side == "at least" else Fraction(int(totals.min()), steps) - rule.at_most
