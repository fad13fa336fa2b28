"""Due: drafts -> the lines of a period on their way through its rules, and what the rules of a run look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from attrs import define, field, fields, frozen

from loanperf._commission._accrual import DatedPlan
from loanperf._commission._lookups import Lookups
from loanperf._explanations import Explanation
from loanperf._numbers import Places, Rows, Truth, Whole, laid, rounded, times
from loanperf._quantities import Rounding

CARRIED = "carried"
"""The stage of an excess over a cap that comes from the period before; of a plan's cap, its component too."""
LEAST = "least"
"""The stage of what is missing to the least of a period."""


@frozen(eq=False, kw_only=True)
class DueRows:
    """Lines of some payees in one period; words are codes that sort as the words do, and -1 where there is none."""

    row: Places
    """The number of each line in the run, by which its reasons are kept."""
    draft: Places
    """The row of the draft that it comes from; -1 where it comes from none."""
    payee: Places
    plan: Places
    """The place of the `DatedPlan` under which it was earned."""
    component: Places
    loan: Places
    stage: Places
    deal: Places
    """What is rounded so that it sums: the plan, component, loan and kind of credit of a payee; -1 where nothing is."""
    on: Whole
    earned: Whole
    top: Whole
    """What the line came to before multipliers, gates and caps: a numerator, whose denominator is `below`."""
    below: Whole
    net: Whole
    """What multipliers, gates and caps leave of that amount: a numerator, whose denominator is `over`."""
    over: Whole
    ends: Truth
    """Whether it reverses all that its deal came to; the rules of a period pass it by."""
    in_parts: Truth
    """Whether it is one of the parts of a deal."""
    carried: Truth
    """Whether it is an excess over a cap that comes from the period before."""
    passed: Truth
    """Whether accelerators and gates pass it by: it is carried, or takes back what they were applied to before."""

    def __len__(self) -> int:
        return len(self.row)

    def rows(self, chosen: Rows | Truth) -> DueRows:
        """Some of its rows."""
        return DueRows(**{name: getattr(self, name)[chosen] for name in _COLUMNS})

    def left(self, row: int) -> Fraction:
        """What the rules leave of a line, in whole currency."""
        return Fraction(int(self.net[row]), int(self.over[row]))

    @classmethod
    def together(cls, *tables: DueRows) -> DueRows:
        """The rows of several, one behind the other."""
        some = [table for table in tables if len(table)] or tables[:1]
        if len(some) == 1:
            return some[0]
        return cls(**{name: np.concatenate([getattr(table, name) for table in some]) for name in _COLUMNS})


_COLUMNS = tuple(item.name for item in fields(DueRows))


_Told: TypeAlias = "Explanation | tuple[Explanation, ...]"


@define(eq=False)
class Notes:
    """Why each line of a run is what it is, put into words for the lines of which somebody asks."""

    _of: dict[int, list[tuple[Callable[[int], _Told], int]]] = field(factory=dict)
    """By number of the line, what can say something of it, and the line's place there."""

    def add(self, rows: Places, why: Callable[[int], _Told]) -> None:
        """Let something be said of lines, of each by its place among them."""
        for place, row in enumerate(rows.tolist()):
            self._of.setdefault(row, []).append((why, place))

    def told(self, row: int) -> tuple[Explanation, ...]:
        """All that is said of a line, in order."""
        found: list[Explanation] = []
        for why, place in self._of.get(row, ()):
            said = why(place)
            found += [said] if isinstance(said, Explanation) else said
        return tuple(found)


@define(eq=False, kw_only=True)
class Terms:
    """What the rules of all periods of a run look at."""

    plans: Sequence[DatedPlan]
    code: Places
    """By plan, the rank of its code."""
    smallest: Whole
    """By plan, the smallest units in one of its currency."""
    roundings: tuple[Rounding, ...]
    rounding: Places
    """By plan, the place of its rounding."""
    components: Mapping[str, int]
    """The code of each word."""
    stages: Mapping[str, int]
    lookups: Lookups
    notes: Notes | None = None
    """Where somebody asks for reasons."""
    _numbered: int = 0

    def numbers(self, size: int) -> Places:
        """Numbers of so many new lines."""
        self._numbered += size
        return np.arange(self._numbered - size, self._numbered)

    def note(self, rows: Places, why: Callable[[int], _Told]) -> None:
        """Say something of lines where somebody asks, of each by its place among them."""
        if self.notes is not None:
            self.notes.add(rows, why)

    def rounded(self, top: Whole, below: Whole, plan: Places) -> Whole:
        """Quotients to whole numbers, each by the rounding of its plan."""
        if len(self.roundings) == 1:
            return rounded(top, below, self.roundings[0])
        found = top * 0
        for place, rounding in enumerate(self.roundings):
            rows = np.flatnonzero(self.rounding[plan] == place)
            found = laid(found, rows, rounded(top[rows], below[rows], rounding))
        return found

    def in_units(self, top: Whole, below: Whole, plan: Places) -> Whole:
        """Amounts in whole currency, rounded to the smallest unit of that of their plan."""
        return self.rounded(times(top, self.smallest[plan]), below, plan)
