"""Moves of movements given as rows."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from loanperf._ledger._kinds import GROUPS
from loanperf._ledger._movements import Movement
from loanperf._numbers import day_number, whole


def moves_of_rows(movements: Iterable[Movement]) -> Any:
    """What `due_of` takes, of rows."""
    moves = tuple(movements)
    firsts: dict[tuple[str, str], Movement] = {}
    for move in moves:
        firsts.setdefault((move.line, move.amount.currency), move)
    place = {key: row for row, key in enumerate(firsts)}
    by_line: dict[str, int] = {}
    for (line, _), row in place.items():
        by_line.setdefault(line, row)
    lines = _lines(firsts)
    against = _against(moves, place, by_line)
    return RowMoves(
        lines=lines,
        line=whole([place[move.line, move.amount.currency] for move in moves]),
        group=whole([GROUPS.index(move.group) for move in moves]),
        on=whole([day_number(move.on) for move in moves]),
        units=whole([move.amount.units for move in moves]),
        taker=whole([taker for taker, _ in against]),
        taken_of=whole([other for _, other in against]),
        why=lambda row: moves[row].reason(),
    )


def _lines(firsts: dict[tuple[str, str], Movement]) -> RowLines:
    lists: dict[str, dict[Any, int]] = {name: {} for name in ("payees", "plans", "loans", "periods", "currencies")}
    plans: dict[int, Any] = {}

    def code(name: str, value: Any) -> int:
        return lists[name].setdefault(value, len(lists[name]))

    rows = [
        (
            code("payees", move.payee),
            code("loans", move.loan),
            code("periods", move.cohort),
            code("currencies", move.amount.currency),
            plans.setdefault(id(move.plan), (len(plans), move.plan))[0],
        )
        for move in firsts.values()
    ]
    hands = [SimpleNamespace(line=move.line) for move in firsts.values()]
    none = whole([-1] * len(rows))
    foreign = whole([-2] * len(rows))
    return RowLines(
        words=SimpleNamespace(
            payees=tuple(lists["payees"]),
            plans=[
                SimpleNamespace(plan=SimpleNamespace(code=f" {place}"), version="" if plan is None else plan.version)
                for place, plan in plans.values()
            ],
            components=(),
            loans=tuple(lists["loans"]),
            stages=(),
            periods=tuple(lists["periods"]),
            currencies=tuple(lists["currencies"]),
            hands=hands,
        ),
        payee=whole([row[0] for row in rows]),
        loan=whole([row[1] for row in rows]),
        period=whole([row[2] for row in rows]),
        currency=whole([row[3] for row in rows]),
        plan=whole([row[4] for row in rows]),
        component=foreign,
        stage=none,
        hand=whole(range(len(rows))),
    )


def _against(moves: tuple[Movement, ...], place: dict[tuple[str, str], int], by_line: dict[str, int]) -> Any:
    return sorted(
        {
            (place[move.line, move.amount.currency], by_line[key])
            for move in moves
            for key in move.against
            if key in by_line and key != move.line
        }
    )


class RowMoves(SimpleNamespace):
    """Moves."""

    def __len__(self) -> int:
        return len(self.line)


class RowLines(SimpleNamespace):
    """Lines."""

    def __len__(self) -> int:
        return len(self.payee)
