"""Moves: everything that is due to lines, each on its day, as columns; movements are their rows.

They are computed from scratch; entries post the difference to them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property, partial
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from attrs import Factory, field, frozen

from loanperf._commission import Accrual, DatedPlan, Lines, line_key
from loanperf._data import PlainData
from loanperf._explanations import Explanation, Label, because
from loanperf._ledger._entries import Entry
from loanperf._ledger._grounds import LINE_RULES
from loanperf._ledger._kinds import GROUPS, Group
from loanperf._numbers import (
    FAR,
    Columns,
    Places,
    Whole,
    alike,
    among,
    day_number,
    day_of,
    distinct,
    put,
    whole,
)
from loanperf._periods import Period
from loanperf._quantities import Money, Rounding, percent

Shown: TypeAlias = str | int | date | Money | Fraction | Period | Label

EVENT_NAMES: Mapping[str, Label] = MappingProxyType(
    {
        "written off": Label("was written off", "已核销"),
        "non-performing": Label("became non-performing", "转为不良"),
        "past due": Label("was past due too long", "逾期超限"),
        "prepaid": Label("was prepaid", "提前还款"),
        "cancelled": Label("was cancelled", "已撤销"),
        "expired": Label("expired", "超期未进入下一阶段"),
    }
)
"""The words for what strikes a loan."""


@frozen(kw_only=True)
class Movement(PlainData):
    """One dated thing that is due to a line of a payee, from the facts alone."""

    group: Group
    line: str
    payee: str
    cohort: Period
    """The period in which the line was earned."""
    loan: str = ""
    on: date
    """The day from which it counts."""
    amount: Money
    """Signed as entries of the group are."""
    plan: DatedPlan | None = field(default=None, repr=False)
    """The plan that made it; None for a bonus, and for a line that only a hand made."""
    rule: str = field(default="entry.earned", repr=False)
    values: tuple[tuple[str, Shown], ...] = field(default=(), repr=False)
    """What the reason says, besides amount and day."""
    steps: tuple[Explanation, ...] = field(default=(), repr=False)
    accrual: Accrual | None = field(default=None, repr=False)
    against: tuple[str, ...] = field(default=(), repr=False)
    """Keys of the lines from which a movement that takes money back takes it."""

    def reason(self) -> Explanation:
        """Why it is due."""
        values = {"amount": str(self.amount), "on": self.on.isoformat(), "cohort": str(self.cohort), "loan": self.loan}
        values_shown = {**values, **{name: in_text(value) for name, value in self.values}}
        earned = (self.accrual.explain(),) if self.accrual is not None else ()
        return because(self.rule, values_shown, *earned, *self.steps)


def in_text(value: Shown) -> str | Label:
    """What a reason shows, as it is written there."""
    if isinstance(value, str | Label):
        return value
    if isinstance(value, Fraction):
        return percent(value)
    return value.isoformat() if isinstance(value, date) else str(value)


@frozen(eq=False, kw_only=True)
class LineWords:
    """What the codes of lines that are due stand for."""

    accrued: Lines
    """As they were accrued."""
    hands: Sequence[Entry]
    """The entries that set lines by hand."""
    payees: Sequence[str]
    plans: Sequence[DatedPlan]
    components: Sequence[str]
    loans: Sequence[str]
    stages: Sequence[str]
    periods: Sequence[Period]
    currencies: Sequence[str]

    @cached_property
    def first_days(self) -> Whole:
        """Of periods."""
        return whole([day_number(period.start) for period in self.periods])

    @cached_property
    def last_days(self) -> Whole:
        """Of periods."""
        return whole([day_number(period.last_day) for period in self.periods])

    @cached_property
    def period_ranks(self) -> Places:
        """The place of each period in the order of periods."""
        order = sorted(range(len(self.periods)), key=self.periods.__getitem__)
        return put(np.arange(len(order)), whole(order), len(order), 0)


_NO_PLACE = Factory(lambda lines: alike(-1, len(lines)), takes_self=True)


@frozen(eq=False, kw_only=True)
class DueLines(Columns):
    """Lines with the amounts that hold for them: as accrued or set by hand, within the cap of each person; and draws.

    First come those as they were accrued, then those that only a hand made or a cap carried, then draws, one a draw and
    period. Each key is there once.
    """

    words: LineWords
    payee: Places
    plan: Places
    """-1 where only a hand made the line."""
    component: Places
    """-1 where only a hand made the line."""
    loan: Places
    """-1 where the line is no loan's."""
    stage: Places
    period: Places
    """In which it was earned: its cohort."""
    currency: Places
    on: Whole
    earned: Whole
    """The day from which its loan going bad, or ending, takes it back; of what is carried, that of its origin."""
    units: Whole
    """The amount that holds, in smallest units; of a draw nothing."""
    row: Places = field(default=_NO_PLACE)
    """Of the line as it was accrued; -1 where it was not."""
    hand: Places = field(default=_NO_PLACE)
    """Of the entry that sets it by hand; -1 where none does."""
    off: Whole = field(default=Factory(lambda lines: alike(0, len(lines)), takes_self=True))
    """What the cap of the person took off it, in smallest units."""
    cap: Places = field(default=_NO_PLACE)
    """Of the plan whose rules say the most for the person; -1 where no cap took anything off."""

    def __len__(self) -> int:
        return len(self.payee)

    def key(self, place: int) -> str:
        """The natural key of a line, as entries of the ledger have it."""
        words, plan, hand = self.words, int(self.plan[place]), int(self.hand[place])
        if plan < 0:
            return words.hands[hand].line
        component, loan = int(self.component[place]), int(self.loan[place])
        return line_key(
            words.payees[int(self.payee[place])],
            words.plans[plan].plan.code,
            "" if component < 0 else words.components[component],
            "" if loan < 0 else words.loans[loan],
            words.stages[int(self.stage[place])],
            words.periods[int(self.period[place])],
        )

    def money(self, place: int, units: int) -> Money:
        """An amount of a line, in its currency."""
        return Money.from_units(int(units), self.words.currencies[int(self.currency[place])])


@frozen(eq=False, kw_only=True)
class Kept(Columns):
    """Pay by payee, plan, period and currency, and what is held of it; a row a cohort."""

    payee: Places
    period: Places
    currency: Places
    pay: Whole
    held: Whole


@frozen(eq=False, kw_only=True)
class Struck(Columns):
    """What bad events took, and what recoveries gave back of it; a row an event and line."""

    clawback: Places
    """The rule, by its place in the plan of the line."""
    day: Whole
    """On which it happened."""
    top: Whole
    """The part of the loan that it concerns, or that was recovered, over `below`."""
    below: Whole
    taken: Whole
    """What was taken by it."""
    of: Whole
    """What the line had earned."""


@frozen(eq=False, kw_only=True)
class Moves:
    """Everything that is due, in order of day; what is due at the end of a day is the sum of what is dated by then."""

    lines: DueLines
    line: Places
    """In `lines`."""
    group: Places
    """In `GROUPS`."""
    on: Whole
    """The day from which it counts."""
    units: Whole
    """Signed as entries of the group are."""
    rule: Places
    """In `LINE_RULES`."""
    source: Places
    """What the reason looks at: of what is held a row of `kept`, of what is taken or refunded one of `struck`, of what
    is released the number of its instalment, of draws their place in the plan."""
    kept: Kept
    struck: Struck
    taker: Places
    """With `taken_of`, pairs: a line whose moves take, and another line that they are taken of; in order of `taker`."""
    taken_of: Places

    def __len__(self) -> int:
        return len(self.line)

    def __iter__(self) -> Iterator[Movement]:
        return map(self.row, range(len(self)))

    def of(self, payees: Iterable[str]) -> Iterator[Movement]:
        """The moves of some payees as rows."""
        known = {*payees}
        chosen = [payee in known for payee in self.lines.words.payees]
        mine = among(self.lines.payee, chosen, otherwise=False)[self.line]
        return map(self.row, np.flatnonzero(mine).tolist())

    def of_held(self, payee: str, currency: str) -> Iterator[tuple[Period, date, int]]:
        """What goes out of what is held of a payee in one currency, by day: its cohort, the day and how much."""
        lines, words = self.lines, self.lines.words
        for place in self._of_held.get(payee, ()):
            line = int(self.line[place])
            if words.currencies[int(lines.currency[line])] == currency:
                yield words.periods[int(lines.period[line])], day_of(int(self.on[place])), int(self.units[place])

    @cached_property
    def _of_held(self) -> Mapping[str, list[int]]:
        """By payee, the places of what goes out of what is held."""
        rows = np.flatnonzero(self.group == GROUPS.index("released"))
        found = defaultdict[str, list[int]](list)
        for row, payee in zip(rows.tolist(), self.lines.payee[self.line[rows]].tolist(), strict=True):
            found[self.lines.words.payees[payee]].append(row)
        return dict(found)

    def row(self, place: int) -> Movement:
        """A move as a row, with what its reason says."""
        lines, line = self.lines, int(self.line[place])
        words, plan, loan = lines.words, int(lines.plan[line]), int(lines.loan[line])
        rule = LINE_RULES[self.rule[place]]
        return Movement(
            group=GROUPS[self.group[place]],
            line=lines.key(line),
            payee=words.payees[int(lines.payee[line])],
            cohort=words.periods[int(lines.period[line])],
            loan="" if loan < 0 else words.loans[loan],
            on=day_of(int(self.on[place])),
            amount=lines.money(line, self.units[place]),
            plan=None if plan < 0 else words.plans[plan],
            rule=rule,
            values=self._values(place, line, rule),
            steps=self._steps(line, rule),
            accrual=self._accrued(line, rule),
            against=self._against(line, rule),
        )

    def accrued(self, place: int) -> Accrual | None:
        """The line that a move is of, as it was accrued, where its reasons stand below those of the move."""
        return self._accrued(int(self.line[place]), LINE_RULES[self.rule[place]])

    def why(self, place: int) -> Explanation:
        """Why a move is due."""
        line, rule = int(self.line[place]), LINE_RULES[self.rule[place]]
        accrued = self._accrued(line, rule)
        earned = () if accrued is None else (accrued.explain(),)
        return because(rule, partial(self._said, place), *earned, *self._steps(line, rule))

    def top(self, place: int) -> Explanation:
        """The first sentence of why a move is due, without the reasons below it."""
        return because(LINE_RULES[self.rule[place]], self._said(place))

    def _said(self, place: int) -> dict[str, str | Label]:
        """What the first sentence of why a move is due says."""
        lines, line = self.lines, int(self.line[place])
        words, loan = lines.words, int(lines.loan[line])
        values: dict[str, str | Label] = {
            "amount": str(lines.money(line, self.units[place])),
            "on": day_of(int(self.on[place])).isoformat(),
            "cohort": str(words.periods[int(lines.period[line])]),
            "loan": "" if loan < 0 else words.loans[loan],
        }
        return values | self.beside(place)

    def _accrued(self, line: int, rule: str) -> Accrual | None:
        """The line as it was accrued, whose reasons stand below those of a move."""
        accrued = int(self.lines.row[line]) if rule in _OF_THE_LINE else -1
        return None if accrued < 0 else self.lines.words.accrued.row(accrued)

    def _steps(self, line: int, rule: str) -> tuple[Explanation, ...]:
        """What the cap of the person took off a line that was earned."""
        return _cut(self.lines, line) if rule in {"entry.earned", "entry.carried"} else ()

    def beside(self, place: int) -> dict[str, str | Label]:
        """What the reason of a move says, besides amount, day, cohort and loan."""
        values = self._values(place, int(self.line[place]), LINE_RULES[self.rule[place]])
        return {name: in_text(value) for name, value in values}

    def alike(self, places: Places) -> tuple[Places, ...]:
        """What tells moves apart of which the reasons say different things besides amount, day, cohort and loan."""
        line = self.line[places]
        of_lines = (getattr(self.lines, name)[line] for name in ("plan", "stage", "hand", "currency"))
        return (self.rule[places], self.source[places], *of_lines)

    def _against(self, line: int, rule: str) -> tuple[str, ...]:
        """Keys of the lines that a move is taken of."""
        if rule not in ("entry.taken", "entry.reversed"):
            return ()
        low, high = (int(np.searchsorted(self.taker, line, side)) for side in ("left", "right"))
        others = tuple(map(self.lines.key, self.taken_of[low:high].tolist()))
        return others if rule == "entry.reversed" else (self.lines.key(line), *others)

    def _values(self, place: int, line: int, rule: str) -> tuple[tuple[str, Shown], ...]:
        """What the reason of a move says, besides amount and day."""
        lines, words, source = self.lines, self.lines.words, int(self.source[place])
        match rule:
            case "entry.set by hand":
                hand = words.hands[int(lines.hand[line])]
                return (("by", hand.by), ("why", hand.why), ("evidence", hand.evidence))
            case "entry.held":
                return tuple((name, lines.money(line, getattr(self.kept, name)[source])) for name in ("pay", "held"))
            case "entry.released" | "entry.released repaid":
                holdback = words.plans[int(lines.plan[line])].plan.holdback
                return (("n", source), ("of", len(holdback.parts))) if holdback is not None and source else ()
            case "entry.forfeited" | "entry.taken" | "entry.refunded":
                return self._struck(line, source, rule)
            case "entry.reversed":
                return (("event", EVENT_NAMES[words.stages[int(lines.stage[line])]]),)
            case "entry.guarantee" | "entry.draw" | "entry.recovery" | "entry.waived":
                return (("least", str(words.plans[int(lines.plan[line])].plan.draws[source].least)),)
            case _:
                return ()

    def _struck(self, line: int, source: int, rule: str) -> tuple[tuple[str, Shown], ...]:
        """What the reason of what a bad event took says, or of what a recovery gave back."""
        struck, plan = self.struck, self.lines.words.plans[int(self.lines.plan[line])].plan
        clawback = plan.clawbacks[int(struck.clawback[source])]
        part = Fraction(int(struck.top[source]), int(struck.below[source]))
        if rule == "entry.refunded":
            return (("part", part), ("refund", clawback.refund))
        return (
            ("event", _happened(clawback.on, part)),
            ("on", day_of(int(struck.day[source]))),
            ("taken", self.lines.money(line, struck.taken[source])),
            ("earned", self.lines.money(line, struck.of[source])),
        )


_OF_THE_LINE = ("entry.earned", "entry.set by hand", "entry.reversed")
"""Reasons below which those of the line as it was accrued stand."""


def _happened(event: str, part: Fraction) -> Label:
    """What happened to the loan, with how much of it that was."""
    name = EVENT_NAMES[event]
    if part == 1:
        return name
    return Label(f"{name.en} by {percent(part)} of what was drawn", f"{name.zh}（占放款额的 {percent(part)}）")


def _cut(lines: DueLines, line: int) -> tuple[Explanation, ...]:
    """What the cap of the person took off a line."""
    off, cap = int(lines.off[line]), lines.words.plans[int(lines.cap[line])].rules.person_most
    if not off or cap is None:
        return ()
    values = {
        "limit": str(Money.rounded(cap.most.value, cap.most.unit, Rounding.DOWN)),
        "off": str(lines.money(line, off)),
        "left": str(lines.money(line, lines.units[line])),
    }
    return (because(f"entry.person cap {cap.excess}", values),)


def next_days(moves: Moves, since: date) -> dict[date, list[str]]:
    """By day, from a day on, the loans of which the next move is due then though nothing happens to them."""
    words, lines = moves.lines.words.loans, moves.lines
    rows = np.flatnonzero((moves.on >= day_number(since)) & (lines.loan[moves.line] >= 0))[::-1]
    first = put(moves.on[rows], lines.loan[moves.line[rows]], len(words), FAR)
    found: dict[date, list[str]] = {}
    for day in distinct(np.sort(first[first < FAR]))[0].tolist():
        found[day_of(day)] = [words[code] for code in np.flatnonzero(first == day).tolist()]
    return found
