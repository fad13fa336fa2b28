"""Divide all: (goals, weights in columns) -> what each payee is to reach; as `divide` does goal by goal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from loanperf._allocation import TieBreak, allocate
from loanperf._numbers import Truth
from loanperf._quantities import Money
from loanperf._tables._columns import MISSING, Column, Int64s, Table, frozen_array
from loanperf._tables._frames import like
from loanperf._tables._given import table_of
from loanperf.errors import AllocationError, DataError, LoanPerfError, Problem, problem_of, shown

_STEPS_HELD = 2**50
"""Fewer steps than this are divided in columns: the float quotient is then off by half a step at the most."""
_WEIGHT_HELD = 2.0**60
"""The weights of a goal that is divided in columns sum to less: then a few times their sum still fits in 63 bits."""
_HELD_BY_FLOATS = 2.0**53


@frozen(eq=False, kw_only=True)
class Divided:
    """The targets of payees, in the order of the rows that gave their weights.

    The targets of a goal sum to it exactly. A goal that cannot be divided has a `Problem`, and no row of it a target;
    a row that belongs to no goal, or cannot be read, has a `Problem` of its own.
    """

    rows: Table
    """Columns `goal`, `payee` and `weight`, as they were given."""
    target: Int64s
    """What each row is to reach, in smallest units; `MISSING` where there is none."""
    problems: tuple[Problem, ...]
    """Those of goals in their order, then those of rows in theirs."""
    scalar: int
    """How many goals went through `allocate`, since their numbers are too large for columns or cannot be divided."""

    @property
    def ok(self) -> Truth:
        """Which rows have a target."""
        return np.not_equal(self.target, MISSING)

    def frame(self) -> Any:
        """The rows with their targets as the kind of table that the rows came in; targets not there are missing."""
        return like(self.rows.came_as, dict(self.rows.columns) | {"target": Column("whole", self.target)})

    def goals(self) -> Table:
        """The targets as goals of the next level, each of its payee or unit; rows without a target are left out."""
        chosen = np.flatnonzero(self.ok)
        amount = Column("whole", self.target[chosen])
        return Table("goals", chosen.size, {"goal": self.rows["payee"].rows(chosen), "amount": amount})


def divide_all(goals: Any, weights: Any, *, step: int = 1, tie_break: TieBreak = "largest weight") -> Divided:
    """Divide goals among payees in proportion to weights, by largest remainder; equal to `divide` of each by `==`.

    Several levels are several calls: `divide_all(first.goals(), ...)` divides the targets of the first among those
    below.

    Args:
        goals: one row a goal: `goal` is its code, text or a whole number, and `amount` what is divided, in whole
            numbers of the unit in which targets are to come out, such as fen; floats and decimals are refused.
        weights: one row a goal and payee: `goal`, `payee` (text) and `weight`, a whole number of zero or more. A
            column of decimals counts as whole numbers of its smallest place: only proportions matter.
        step: what each target is a multiple of, in the same unit; each goal must be one too.
        tie_break: who gets a step that two are equally entitled to; among equals the first by code.

    Raises:
        AllocationError: a step or tie-break that cannot be.
        DataError: columns that are not there or cannot be read.

    >>> import numpy as np
    >>> goals = {"goal": np.array(["east"]), "amount": np.array([100_000_000])}
    >>> weights = {"goal": np.array(["east"] * 2), "payee": np.array(["lin", "wu"]), "weight": np.array([2, 1])}
    >>> divide_all(goals, weights).target
    array([66666667, 33333333])
    """
    allocate(Money.from_units(0, "CNY"), [1], step=step, tie_break=tie_break)  # it checks both
    work = _Dividing.of(table_of(goals, "goals"), table_of(weights, "weights"), int(step), tie_break)
    target = np.full(work.rows.rows, MISSING, dtype=np.int64)
    doubtful = _by_columns(work, target)
    faults = [*work.of_goals]
    for goal in doubtful:
        try:
            _by_hand(work, goal, target)
        except LoanPerfError as error:
            faults.append((goal, evolve(problem_of(f"goals row {goal}, goal {work.code(goal)}", error), row=goal)))
    faults.sort(key=lambda fault: fault[0])
    return Divided(
        rows=work.rows,
        target=frozen_array(target),
        problems=(*(problem for _, problem in faults), *work.of_rows),
        scalar=len(doubtful),
    )


# ── what is divided ─────────────────────────────────────────────────────────────────────────────────────────


@frozen(eq=False, kw_only=True)
class _Dividing:
    """Goals and rows that can be divided, and what is wrong with the others."""

    goals: Table
    rows: Table
    step: int
    tie_break: TieBreak
    amount: Int64s
    """Of each goal."""
    sound: Truth
    """Goals of which no row is refused."""
    chosen: NDArray[np.intp]
    """Rows of sound goals, in order of goal and of the code of the payee."""
    goal: NDArray[np.intp]
    """The goal of each chosen row."""
    rank: NDArray[np.intp]
    """The place of each chosen row's payee in the order of codes."""
    weight: Int64s
    """Of each chosen row."""
    of_goals: tuple[tuple[int, Problem], ...] = field(repr=False)
    of_rows: tuple[Problem, ...] = field(repr=False)

    def code(self, goal: int) -> str:
        """The code of a goal, as printed."""
        return str(self.goals["goal"].at(goal))

    @classmethod
    def of(cls, goals: Table, rows: Table, step: int, tie_break: TieBreak) -> _Dividing:
        """What is there to be divided."""
        _must_be_whole_units(goals["amount"])
        amount, unread = _whole(goals, "amount")
        place, repeated = _places(goals["goal"], rows["goal"])
        weight, unread_weight = _whole(rows, "weight")
        rank = _ranks(rows)
        faults = _Faults(rows, place, ~(unread | repeated))
        faults.note(place < 0, "goal", "there is no such goal", "send the goal as well, or mend its code")
        faults.note(unread_weight, "weight", "it is no whole number", "give a whole number of zero or more")
        faults.note(rank < 0, "payee", "there is none", "name who is to reach it")
        faults.note(_twice(place, rank), "payee", "the payee has two rows of one goal", "add their weights up in one")
        chosen = np.flatnonzero((place >= 0) & faults.sound[place]) if goals.rows else np.empty(0, dtype=np.intp)
        chosen = chosen[np.lexsort((rank[chosen], place[chosen]))]
        return cls(
            goals=goals,
            rows=rows,
            step=step,
            tie_break=tie_break,
            amount=amount,
            sound=faults.sound,
            chosen=chosen,
            goal=place[chosen],
            rank=rank[chosen],
            weight=weight[chosen],
            of_goals=tuple(_of_goals(goals, unread, repeated, faults.sound)),
            of_rows=tuple(problem for _, problem in sorted(faults.problems.items())),
        )


@frozen(eq=False)
class _Faults:
    """Rows that are refused, one problem each, the first found; their goals are no longer sound."""

    rows: Table
    place: NDArray[np.intp]
    sound: Truth
    problems: dict[int, Problem] = field(init=False, factory=dict)

    def note(self, where: Truth, column: str, fault: str, remedy: str) -> None:
        """Refuse some rows."""
        found = np.flatnonzero(where)
        goals = self.place[found]
        self.sound[goals[goals >= 0]] = False
        for row in found.tolist():
            cell = shown(self.rows[column].at(row)) if self.rows[column].kind != "float" else ""
            place = f"weights row {row}, column {column}"
            self.problems.setdefault(row, Problem(place, fault, cell, remedy, row=row, column=column))


def _of_goals(goals: Table, unread: Truth, repeated: Truth, sound: Truth) -> Iterator[tuple[int, Problem]]:
    for goal in np.flatnonzero(~sound).tolist():
        where, code = f"goals row {goal}", shown(goals["goal"].at(goal))
        if unread[goal]:
            fault, remedy = "its amount is no whole number", "give smallest units, such as fen"
            yield goal, Problem(f"{where}, column amount", fault, "", remedy, row=goal, column="amount")
        elif repeated[goal]:
            fault = "the goal has no code or another row"
            yield goal, Problem(f"{where}, column goal", fault, code, "send it once", row=goal, column="goal")
        else:
            fault = "it is not divided, since a row of it is refused"
            yield goal, Problem(where, fault, code, "mend its weights", row=goal)


def _must_be_whole_units(amount: Column) -> None:
    """Refuse amounts that are not counted in whole numbers of the unit in which targets come out."""
    if (amount.kind == "float" and len(amount)) or amount.scale not in (None, 1):
        held = "floats, which are not exact" if amount.kind == "float" else "decimals"
        remedy = "pass int64 in the unit in which targets are to come out, such as fen"
        raise DataError("column goals.amount", f"it holds {held}", remedy)


def _whole(table: Table, name: str) -> tuple[Int64s, Truth]:
    """A column of whole numbers, and which of its cells cannot be read."""
    column = table[name]
    if column.kind not in ("whole", "float"):
        raise DataError(f"column {table.name}.{name}", f"it holds {column.kind}", "pass whole numbers")
    unread = np.zeros(table.rows, dtype=np.bool_) if column.missing is None else column.missing.copy()
    values = column.values
    if column.kind == "float":
        with np.errstate(invalid="ignore"):
            unread |= ~((np.abs(values) <= _HELD_BY_FLOATS) & (values == np.trunc(values)))
        values = np.where(unread, 0.0, values)
    elif unread.any():
        values = np.where(unread, 0, values)
    return values.astype(np.int64, copy=False), unread


def _places(goals: Column, rows: Column) -> tuple[NDArray[np.intp], Truth]:
    """The goal of each row, -1 where there is none; and which goals are missing or given twice."""
    if goals.kind != rows.kind or goals.kind not in ("text", "whole"):
        found = f"goals hold {goals.kind}, weights {rows.kind}"
        raise DataError("column goal", found, "pass text in both, or whole numbers in both")
    mine, absent = _codes(goals)
    theirs, unsaid = _codes(rows)
    if goals.kind == "text":
        known: dict[str, int] = {}
        mine = np.array([known.setdefault(word, len(known)) for word in goals.words] or [0], dtype=np.int64)[mine]
        theirs = np.array([known.get(word, -1) for word in rows.words] or [0], dtype=np.int64)[theirs]
    order = np.argsort(mine, kind="stable")
    order = order[~absent[order]]
    ordered = mine[order]
    same = ordered[1:] == ordered[:-1]
    absent[order[1:][same]] = absent[order[:-1][same]] = True
    if not order.size:
        return np.full(len(rows), -1, dtype=np.intp), absent
    at = np.minimum(np.searchsorted(ordered, theirs), order.size - 1)
    return np.where((ordered[at] == theirs) & ~unsaid, order[at], -1), absent


def _codes(column: Column) -> tuple[Int64s, Truth]:
    """The codes of a column, 0 where they are missing; and where they are."""
    absent = np.zeros(len(column), dtype=np.bool_) if column.missing is None else column.missing.copy()
    if column.kind == "text":
        absent |= column.values < 0
    return np.where(absent, 0, column.values).astype(np.int64), absent


def _ranks(rows: Table) -> NDArray[np.intp]:
    """The place of each row's payee in the order of codes, -1 where none is named."""
    column = rows["payee"]
    if column.kind != "text":
        raise DataError(f"column {rows.name}.payee", f"it holds {column.kind}", "pass text")
    codes, absent = _codes(column)
    rank = {word: place for place, word in enumerate(sorted(set(column.words)))}
    of_code = np.array([rank[word] for word in column.words] or [0], dtype=np.intp)
    return np.where(absent, -1, of_code[codes])


def _twice(place: NDArray[np.intp], rank: NDArray[np.intp]) -> Truth:
    """Rows that name a payee whom another row of the same goal names."""
    order = np.lexsort((rank, place))
    mine, payee = place[order], rank[order]
    same = (mine[1:] == mine[:-1]) & (payee[1:] == payee[:-1]) & (mine[1:] >= 0) & (payee[1:] >= 0)
    twice = np.zeros(place.size, dtype=np.bool_)
    twice[order[1:][same]] = twice[order[:-1][same]] = True
    return twice


# ── dividing ────────────────────────────────────────────────────────────────────────────────────────────────


def _by_columns(work: _Dividing, target: Int64s) -> list[int]:
    """Divide the goals whose numbers are small enough; the others, in order."""
    goals = work.goals.rows
    about = np.bincount(work.goal, weights=work.weight.astype(np.float64), minlength=goals)
    least = np.ones(goals, dtype=np.int64)
    np.minimum.at(least, work.goal, work.weight)
    # The smallest int64 has no absolute value; it is negative here, and so in doubt.
    steps, rest = np.abs(work.amount) // work.step, work.amount % work.step
    certain = (about > 0) & (about < _WEIGHT_HELD) & (least > 0) & (rest == 0) & (steps >= 0) & (steps < _STEPS_HELD)
    certain &= work.sound
    mine = np.flatnonzero(certain[work.goal])
    goal, weight = work.goal[mine], work.weight[mine]
    sums = np.zeros(goals, dtype=np.int64)
    np.add.at(sums, goal, weight)
    parts, remainder = _quotients(steps[goal], weight, sums[goal])
    left = np.where(certain, steps, 0)
    np.subtract.at(left, goal, parts)
    parts += _served(work, mine, remainder, left)
    target[work.chosen[mine]] = np.where(work.amount[goal] < 0, -parts, parts) * work.step
    return np.flatnonzero(work.sound & ~certain).tolist()


def _quotients(steps: Int64s, weight: Int64s, sums: Int64s) -> tuple[Int64s, Int64s]:
    """Quotient and remainder of steps · weight by the sum of weights, though the product needs up to 110 bits.

    With fewer than 2**50 steps the float quotient, rounded four times by at most 2**-53 of itself, is within a half of
    the true one, and its floor within one. So the remainder that belongs to it is between -1 and 2 times the sum, which
    fits in 63 bits, and there arithmetic modulo 2**64 gives it exactly.
    """
    parts = np.floor(steps.astype(np.float64) * weight / sums).astype(np.int64)
    remainder = steps * weight - parts * sums
    move = (remainder >= sums).astype(np.int64) - (remainder < 0)
    return parts + move, remainder - move * sums


def _served(work: _Dividing, mine: NDArray[np.intp], remainder: Int64s, left: Int64s) -> Int64s:
    """One step more for those with the largest remainders of each goal, as many as are left of it."""
    goal, rank = work.goal[mine], work.rank[mine]
    ties = {"first": rank, "last": -rank, "largest weight": -work.weight[mine], "smallest weight": work.weight[mine]}
    order = np.lexsort((rank, ties[work.tie_break], -remainder, goal))
    ordered = goal[order]
    place = np.arange(order.size) - np.searchsorted(ordered, ordered)
    more = np.zeros(order.size, dtype=np.int64)
    more[order[place < left[ordered]]] = 1
    return more


def _by_hand(work: _Dividing, goal: int, target: Int64s) -> None:
    """Divide a goal by itself, as `allocate` does.

    Raises:
        AllocationError: it cannot be divided, or a part of it is beyond 64 bits.
    """
    first, last = np.searchsorted(work.goal, [goal, goal + 1])
    weights = work.weight[first:last].tolist()
    if any(weights) and not all(weights):
        raise AllocationError("a weight is zero", "leave its row out, or say by lp.divide(zero=...) what becomes of it")
    parts = allocate(int(work.amount[goal]), weights, step=work.step, tie_break=work.tie_break)
    if any(abs(part) >= 2**63 for part in parts):
        raise AllocationError("a part is beyond 64 bits", "divide a smaller goal")
    target[work.chosen[first:last]] = parts
