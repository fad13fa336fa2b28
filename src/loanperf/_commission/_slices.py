"""Slices: the parts of base × rate that a line is priced by, told without all the rest of why it is what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from attrs import frozen

from loanperf._explanations import Explanation
from loanperf._numbers import Places

Said: TypeAlias = Explanation | tuple[Explanation, ...]
Why: TypeAlias = Callable[[int], Said]
"""By place, why a line is what it is. What has a method `why_slices` tells those alone, which is less work."""
SLICES = ("accrual.slice", "accrual.slice per")
"""The reasons that say: base × rate = amount."""


def why_sliced(why: Why, place: int) -> tuple[Explanation, ...]:
    """The slices among the reasons of a line, in order."""
    alone: Any = getattr(why, "why_slices", None)
    if alone is not None:
        found: tuple[Explanation, ...] = alone(place)
        return found
    said = why(place)
    return tuple(one for one in within((said,) if isinstance(said, Explanation) else said) if one.rule in SLICES)


def within(reasons: Iterable[Explanation]) -> Iterator[Explanation]:
    """Reasons and all that they stand on, in order."""
    for why in reasons:
        yield why
        yield from within(why.because)


@frozen(eq=False)
class StepsElsewhere:
    """What was done to lines that stand at other places."""

    steps: Callable[[int], tuple[Explanation, ...]]
    places: Places | Sequence[int]

    def __call__(self, place: int) -> tuple[Explanation, ...]:
        return self.steps(int(self.places[place]))

    def why_slices(self, place: int) -> tuple[Explanation, ...]:
        """The slices of a line alone."""
        return why_sliced(self.steps, int(self.places[place]))


@frozen(eq=False)
class StepsOfLine:
    """What was done to one line."""

    steps: Callable[[int], tuple[Explanation, ...]]
    place: int

    def __call__(self) -> tuple[Explanation, ...]:
        return self.steps(self.place)

    def why_slices(self) -> tuple[Explanation, ...]:
        """Its slices alone."""
        return why_sliced(self.steps, self.place)
