"""Cascade: (goal, organisation, rules) -> what each unit and person is to reach, and when; it sums to the goal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any

from attrs import field, frozen

from loanperf._data import PlainData
from loanperf._explanations import Explanation, html_of, in_words, printed
from loanperf._periods import Period
from loanperf._quantities import Number, Quantity
from loanperf._tables._columns import CameAs
from loanperf._tables._frames import like
from loanperf._tables._given import table_of
from loanperf._targets import Target
from loanperf._validators import as_quantity
from loanperf.errors import Problem, UnknownPayeeError
from loanperf.goals._division import Division
from loanperf.goals._goal import Goal
from loanperf.goals._reasons import limit_of, reasons_of
from loanperf.goals._rules import Amounts
from loanperf.goals._tree import HolderKind


@frozen(kw_only=True)
class GoalPart(PlainData):
    """What a unit or person is to reach of a goal on some days; or what a unit keeps, as new people do not carry it."""

    goal: str
    """Its code."""
    code: str
    """The code of the unit or payee."""
    kind: HolderKind
    unit: str | None
    """Code of the unit above; None for the owner of the goal."""
    level: int
    """0 for the owner, 1 for those right below, and so on."""
    period: Period
    target: Quantity
    """All that is assigned; zero where a weight or a ramp gives nothing."""
    asked: Quantity
    """Which part of it is of the goal; the rest is assigned beyond it."""

    @property
    def over(self) -> Quantity:
        """What is assigned beyond the goal."""
        return Quantity(self.target.value - self.asked.value, self.target.unit)

    def __str__(self) -> str:
        return f"{self.code}, {self.period}: {self.target}"


@frozen(kw_only=True)
class BottomUp(PlainData):
    """What somebody says that they can reach, beside their target, over the whole goal."""

    code: str
    """The code of the unit or payee."""
    target: Quantity
    said: Quantity
    """By themselves; of a unit that says nothing itself, the sum of those below it, where all of them say something."""

    @property
    def difference(self) -> Quantity:
        """What is said less the target; below zero where less is said than asked."""
        return Quantity(self.said.value - self.target.value, self.target.unit)

    def __str__(self) -> str:
        return f"{self.code}: {self.said} said, {self.target} asked, difference {self.difference}"


def _as_amounts(given: Mapping[str, Number] | Iterable[tuple[str, Number]]) -> Amounts:
    pairs = given.items() if isinstance(given, Mapping) else given
    return tuple(sorted((code, as_quantity(amount)) for code, amount in pairs))


_SHOWN_LEVELS = 2
"""A notebook shows the owner of a goal and those right below; a frame has everybody."""


@frozen(kw_only=True, repr=False)
class Cascade(PlainData):
    """A goal handed down: what each unit and person is to reach. It iterates as parts, by period, then down the tree.

    At every level and on all days the parts of those right below a unit sum to its own; those of the owner to the goal.
    Where a goal is handed down whole, everybody has its limit.
    """

    goal: Goal
    step: Quantity
    """What every target is a multiple of."""
    divisions: tuple[Division, ...]
    """Each time that it was divided, for the days until it was divided anew."""
    said: Amounts = field(default=(), converter=_as_amounts)
    """What units and people say that they can reach, over the whole goal."""
    problems: tuple[Problem, ...] = field(default=(), eq=False)
    """Codes among the weights that nobody has, people without a weight, and targets that come to zero."""

    def __iter__(self) -> Iterator[GoalPart]:
        for division in self.divisions:
            for number in range(len(division.held)):
                parts = (
                    self._part(division, number, place)
                    for place, holder in enumerate(division.holders)
                    if not holder.comes_after(division.held[number].period)
                )
                yield from (part for part in parts if part.kind != "kept" or part.target.value)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"Cascade({self.goal.code!r}, {len(self._places)} units and people)"

    _repr_pretty_ = printed

    def _repr_html_(self) -> str:
        heads = ("unit or payee 机构或员工", "period 期间", "target 目标", "of the goal 目标内")
        head = f"<tr>{''.join(f'<th>{text}</th>' for text in heads)}</tr>"
        rows = "".join(
            f"<tr>{''.join(f'<td>{html_of(cell)}</td>' for cell in self._cells(part))}</tr>"
            for part in self
            if part.level < _SHOWN_LEVELS
        )
        title = html_of(f"{self.goal.name.en} {self.goal.name.zh}, {self.goal.owner}, {self.goal.period}")
        return f"<table class='loanperf'><caption>{title}</caption>{head}{rows}</table>"

    def _cells(self, part: GoalPart) -> Iterator[str]:
        yield from (part.code, str(part.period))
        for value in (part.target, part.asked):
            yield in_words(self.goal.label(value), "zh", bare=True)

    @cached_property
    def _places(self) -> dict[str, list[tuple[Division, int]]]:
        """By code, where a unit or person stands in each division."""
        found: dict[str, list[tuple[Division, int]]] = {}
        for division in self.divisions:
            for place, holder in enumerate(division.holders):
                if holder.kind != "kept":
                    found.setdefault(holder.code, []).append((division, place))
        return found

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all units and people that have a part, in order."""
        return tuple(sorted(self._places))

    def of(self, code: str) -> tuple[GoalPart, ...]:
        """The parts of a unit or payee, by period; none for who has none, and none for days before a payee came."""
        return tuple(
            self._part(division, number, place)
            for division, place in self._places.get(code, ())
            for number, span in enumerate(division.held)
            if not division.holders[place].comes_after(span.period)
        )

    def total(self, code: str) -> Quantity:
        """What a unit or payee is to reach over the whole goal; a limit that was handed down whole is no sum.

        Raises:
            UnknownPayeeError: nobody of that code has a part.
        """
        if code not in self._places:
            raise UnknownPayeeError(code, self.codes)
        if self._is_whole:
            division, place = self._places[code][-1]
            return self._part(division, len(division.held) - 1, place).target
        return Quantity(sum((part.target.value for part in self.of(code)), Fraction(0)), self.goal.value.unit)

    def explain(self, code: str) -> Explanation:
        """Why a unit or payee has these targets: by which keys, bounds and steps, from the goal of the owner down.

        Raises:
            UnknownPayeeError: nobody of that code has a part.
        """
        total = self.total(code)
        return reasons_of(self.goal, code, total, self._places[code], self.step)

    def targets(self) -> tuple[Target, ...]:
        """The targets of units and people, for `lp.run` and `Watch`; none where it is zero, which measures nothing.

        They are for whole stretches, such as months. Who has a part for some days of a stretch only, since they came or
        went, has the target that comes to it when it is cut to these days, as `lp.run` cuts it.
        """
        found = list[Target]()
        for code, places in self._places.items():
            sums, days = dict[Period, Fraction](), dict[Period, int]()
            for division, place in places:
                for number, span in enumerate(division.held):
                    if division.holders[place].comes_after(span.period):
                        continue
                    value = self._part(division, number, place).target.value
                    sums[span.of] = value if self._is_whole else sums.get(span.of, Fraction(0)) + value
                    days[span.of] = days.get(span.of, 0) + span.period.days
            for period, value in sums.items():
                if value or self._is_whole:
                    is_cut = self.goal.timing == "flow" and not self._is_whole
                    held = Quantity(value * period.days / days[period] if is_cut else value, self.goal.value.unit)
                    found.append(Target(payee=code, indicator=self.goal.indicator, value=held, period=period))
        return tuple(found)

    def bottom_up(self) -> tuple[BottomUp, ...]:
        """What is said beside what is asked, down the tree as it stands last; who says nothing is left out."""
        own, found = dict(self.said), list[BottomUp]()
        division = self.divisions[-1]
        sums: dict[int, Fraction | None] = dict.fromkeys(division.below, Fraction(0))
        for place in range(len(division.holders) - 1, -1, -1):
            holder = division.holders[place]
            if holder.kind == "kept":
                continue
            said = own[holder.code].value if holder.code in own else sums.get(place)
            if holder.above >= 0 and (before := sums[holder.above]) is not None:
                sums[holder.above] = None if said is None else before + said
            if said is not None and not (self._is_whole and holder.code not in own):
                held = Quantity(said, self.goal.value.unit)
                found.append(BottomUp(code=holder.code, target=self.total(holder.code), said=held))
        return tuple(reversed(found))

    def frame(self, came_as: CameAs = "arrays") -> Any:
        """The parts as a data frame, for a chart or a sheet.

        Args:
            came_as: `arrays`, `pandas`, `polars`, `pyarrow` or `duckdb`.

        Returns:
            One row a part: `goal`, `code`, `kind`, `unit` above (missing for the owner), `level`, `period`, `target`
            and `asked` of the nearest float64, in yuan and not fen, and what they count in, `counts`.

        Raises:
            DataError: there is no such kind of frame.
            MissingExtraError: what that kind needs is not installed.
        """
        parts = tuple(self)
        columns = {
            "goal": [part.goal for part in parts],
            "code": [part.code for part in parts],
            "kind": [str(part.kind) for part in parts],
            "unit": [part.unit for part in parts],
            "level": [part.level for part in parts],
            "period": [str(part.period) for part in parts],
            "target": [float(part.target.value) for part in parts],
            "asked": [float(part.asked.value) for part in parts],
            "counts": [part.target.unit for part in parts],
        }
        return like(came_as, table_of(columns, "cascade").columns)

    @property
    def _is_whole(self) -> bool:
        return self.goal.hands_down == "whole"

    def _part(self, division: Division, number: int, place: int) -> GoalPart:
        holder, unit = division.holders[place], self.goal.value.unit
        above = division.holders[holder.above].code if holder.above >= 0 else None
        if self._is_whole:
            target = asked = Quantity(limit_of(self.goal, division.rules, holder), unit)
        else:
            target, asked = (
                Quantity(row[place] * division.step, unit)
                for row in (division.held[number].targets, division.held[number].asked)
            )
        return GoalPart(
            goal=self.goal.code,
            code=holder.code,
            kind=holder.kind,
            unit=above,
            level=holder.level,
            period=division.held[number].period,
            target=target,
            asked=asked,
        )
