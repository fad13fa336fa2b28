"""Lives: lines, what is held of them and how their loans performed -> what is released, forfeited, taken, refunded.

The n-th event of every line is one pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property, partial
from math import lcm
from typing import TypeAlias

import numpy as np
from attrs import evolve, frozen

from loanperf._commission import Standings
from loanperf._holdback import Holdback
from loanperf._ledger._grounds import LINE_RULES
from loanperf._ledger._kinds import GROUPS
from loanperf._ledger._moves import DueLines, Struck
from loanperf._ledger._strikes import (
    EarnedParts,
    Reductions,
    Refunds,
    Strikes,
    quotient,
    refunds_of,
    strikes_of,
)
from loanperf._numbers import (
    FAR,
    Columns,
    Pieces,
    Places,
    Truth,
    Whole,
    alike,
    bounded,
    by_code,
    day_number,
    days_of_age,
    distinct,
    largest,
    nowhere,
    ordered,
    paired,
    rounded,
    shared,
    sliced,
    starts_of,
    summed,
    times,
    total_of,
    whole,
)
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES, Rounding

Met: TypeAlias = Mapping[tuple[str, Holdback], tuple[Period, ...]]
"""See `Accruals.met`."""
_GROUP: dict[str, int] = {name: place for place, name in enumerate(GROUPS)}
_RULE: dict[str, int] = {name: place for place, name in enumerate(LINE_RULES)}


@frozen(eq=False, kw_only=True)
class LineMoves(Columns):
    """What is released, forfeited, taken back or refunded of lines after they were earned, a row each.

    The rows stand in no order. Of two of one line and day, the one with the lower `part` comes first, then the one with
    the lower `step`.
    """

    line: Places
    part: Places
    step: Places
    group: Places
    on: Whole
    units: Whole
    rule: Places
    source: Places
    """See `Moves`."""


def line_moves(
    name: str,
    line: Places,
    on: Whole,
    units: Whole,
    *,
    rule: str = "",
    part: Places | None = None,
    step: Places | None = None,
    source: Places | None = None,
) -> LineMoves:
    """Moves of one group, by one rule: that of the group, where none is given; what is left out is 0 in all rows."""
    none = alike(0, len(line))
    return LineMoves(
        line=line,
        part=none if part is None else part,
        step=none if step is None else step,
        group=alike(_GROUP[name], len(line)),
        on=on,
        units=units,
        rule=alike(_RULE[rule or f"entry.{name}"], len(line)),
        source=none if source is None else source,
    )


@frozen(eq=False, kw_only=True)
class _HeldParts(Columns):
    """Instalments of what is held of parts of lines, in order of part, then of time."""

    part: Places
    number: Places
    """From 1 on; 0 where no instalments are agreed."""
    when: Whole
    """FAR is not known yet."""
    repaid: Truth
    """Whether the repayment of the loan releases it."""
    units: Whole


@frozen(eq=False, kw_only=True)
class Lives:
    """Parts of lines, the bad events and recoveries of their loans, and what those took and gave back so far."""

    lines: DueLines
    parts: EarnedParts
    """In order of line, then of day."""
    reductions: Reductions
    """By part."""
    strikes: Strikes
    refunds: Refunds
    said: Standings
    met: Met
    through: int
    """The last day that is known."""
    taken: Whole
    """By strike: what it took; filled by `moves`."""
    given: Whole
    """By strike: what was given back of it."""
    net: Whole
    """By part: what was taken and not given back."""

    @classmethod
    def of(
        cls, lines: DueLines, parts: EarnedParts, reductions: Reductions, said: Standings, met: Met, through: int
    ) -> Lives:
        """Parts of lines, of which nothing was taken yet."""
        strikes = strikes_of(lines, parts, said)
        return cls(
            lines=lines,
            parts=parts,
            reductions=reductions,
            strikes=strikes,
            refunds=refunds_of(lines, parts, strikes, said),
            said=said,
            met=met,
            through=through,
            taken=(parts.units[strikes.part] * 0).copy(),
            given=(parts.units[strikes.part] * 0).copy(),
            net=(parts.units * 0).copy(),
        )

    @property
    def struck(self) -> Struck:
        """What strikes took and refunds gave back, once `moves` was called for all parts; strikes come first."""
        strikes, refunds = self.strikes, self.refunds
        taken, of = self.taken, self.parts.units[strikes.part]
        first = Struck(
            clawback=strikes.clawback, day=strikes.day, top=strikes.top, below=strikes.below, taken=taken, of=of
        )
        strike = refunds.strike
        back = Struck(
            clawback=strikes.clawback[strike],
            day=refunds.day,
            top=refunds.top,
            below=refunds.below,
            taken=taken[strike],
            of=of[strike],
        )
        return Struck.stacked([first, back])

    @cached_property
    def _wanted(self) -> tuple[Whole, Whole]:
        """By strike: how much is to be taken in all once it has happened, and how much before it."""
        strikes, rounding = self.strikes, self.strikes.rounding
        left = np.maximum(self.parts.units[strikes.part] - self.reductions.through(strikes.part, strikes.on), 0)
        wanted = quotient(strikes.share, strikes.under, left, rounding)
        had = quotient(strikes.share_before, strikes.under_before, left, rounding)
        return np.maximum(np.minimum(wanted, left), 0), np.maximum(np.minimum(had, left), 0)

    @cached_property
    def _events(self) -> tuple[Places, Places]:
        """Strikes and refunds in the order in which they count: the part of each, and its place; refunds follow."""
        strikes, refunds = self.strikes, self.refunds
        count = len(strikes.part)
        if not len(refunds.strike):
            return strikes.part, np.arange(count)
        part = np.append(strikes.part, strikes.part[refunds.strike])
        is_back = np.repeat(np.arange(2), [count, len(refunds.strike)])
        keys = part, np.append(strikes.on, refunds.on), np.append(strikes.day, refunds.day), is_back
        order = ordered(*keys, np.append(np.arange(count), refunds.strike))
        return part[order], np.arange(len(part))[order]

    def moves(self, chosen: Places, held: Whole, until: Whole) -> Iterator[LineMoves]:
        """What is forfeited, taken back, refunded and released of parts of lines; called once for each part.

        Each bad event takes what is missing to its share of what the line stands at; those that concern parts of the
        loan add up. Once the deal is reversed, nothing happens to the line any more.

        Args:
            chosen: the parts.
            held: what is held of each.
            until: by part the day on which its deal is reversed; FAR where it is not.
        """
        pending = _instalments(self, self.parts.some(chosen), held)
        pending = evolve(pending, units=pending.units.copy())
        alive = (pending.units >= 0).copy()
        part, event = self._events
        low, high = np.searchsorted(part, chosen), np.searchsorted(part, chosen, "right")
        count = len(self.strikes.part)
        on = np.append(self.strikes.on, self.refunds.on)
        turns = int((high - low).max(initial=0))
        for turn in range(turns):
            live = np.flatnonzero(low + turn < high)
            events = event[low[live] + turn]
            there = on[events] < until[live]
            live, events = live[there], events[there]
            struck, back = events < count, events >= count
            yield from self._strike(chosen, live[struck], events[struck], turn, pending, alive)
            yield from self._give_back(chosen[live[back]], events[back] - count, turn)
        yield from self._released(chosen, pending, alive, until, 2 * turns)

    def _strike(
        self, chosen: Places, live: Places, strike: Places, turn: int, pending: _HeldParts, alive: Truth
    ) -> Iterator[LineMoves]:
        """What is taken by the n-th event of some lines: first of what is still held."""
        strikes, part = self.strikes, chosen[live]
        wanted, had = (column[strike] for column in self._wanted)
        net = self.net[part]
        due = np.where(strikes.adds[strike], np.minimum(wanted - net, wanted - had), wanted - net)
        missing = np.maximum(due, 0)
        off = self._taken_of_held(live, strikes.on[strike], missing, pending, alive)
        taken = np.where(strikes.takes_paid[strike], missing, off)
        self.taken[strike], self.net[part] = taken, net + taken
        for place, (name, units) in enumerate((("forfeited", off), ("taken", taken - off))):
            rows = np.flatnonzero(units > 0)
            yield line_moves(
                name,
                self.parts.line[part[rows]],
                strikes.on[strike[rows]],
                units[rows],
                part=part[rows],
                step=alike(2 * turn + place, len(rows)),
                source=strike[rows],
            )

    def _taken_of_held(self, live: Places, on: Whole, missing: Whole, pending: _HeldParts, alive: Truth) -> Whole:
        """How much of `missing` is taken of what is still held, of all instalments in proportion."""
        if not len(pending.part):
            return missing * 0
        low, high = np.searchsorted(pending.part, live), np.searchsorted(pending.part, live, "right")
        rows, places = paired(low, high)
        waits = (pending.when[places] >= on[rows]) & alive[places]
        rows, places = rows[waits], places[waits]
        whole = total_of(pending.units[places], rows, len(live))
        off = np.minimum(missing, whole)
        starts = starts_of(rows)
        mine, weights = bounded(largest(off) * largest(pending.units), off[rows[starts]], pending.units[places])
        pending.units[places] = weights - shared(mine, weights, starts)
        alive[places] &= (pending.units[places] > 0) | (off[rows] == 0)
        return off

    def _give_back(self, part: Places, refund: Places, turn: int) -> Iterator[LineMoves]:
        """What the recovery of the n-th event of some lines gives back of its strike, less what was given before."""
        refunds, strike = self.refunds, self.refunds.strike[refund]
        rounding = self.strikes.rounding[strike]
        sums = quotient(refunds.share[refund], refunds.under[refund], self.taken[strike], rounding)
        units = sums - self.given[strike]
        self.given[strike] = sums
        self.net[part] = self.net[part] - units
        rows = np.flatnonzero(units)
        yield line_moves(
            "refunded",
            self.parts.line[part[rows]],
            refunds.on[refund[rows]],
            units[rows],
            part=part[rows],
            step=alike(2 * turn, len(rows)),
            source=refund[rows] + len(self.strikes.part),
        )

    def _released(
        self, chosen: Places, pending: _HeldParts, alive: Truth, until: Whole, step: int
    ) -> Iterator[LineMoves]:
        """What is released on its day; where the deal is reversed, what is still held is released then.

        What is released of a day follows what events of it take, whose steps are below `step`.
        """
        part = chosen[pending.part]
        before = alive & (pending.when < until[pending.part])
        for is_repaid, rule in ((False, "entry.released"), (True, "entry.released repaid")):
            rows = np.flatnonzero(before & (pending.repaid == is_repaid))
            yield line_moves(
                "released",
                self.parts.line[part[rows]],
                pending.when[rows],
                pending.units[rows],
                rule=rule,
                part=part[rows],
                step=step + pending.number[rows],
                source=pending.number[rows],
            )
        rows = np.flatnonzero(alive & ~before & (until[pending.part] < FAR))
        starts = starts_of(pending.part[rows])
        freed = summed(pending.units[rows], starts)
        rows, freed = rows[starts][freed > 0], freed[freed > 0]
        yield line_moves(
            "released",
            self.parts.line[part[rows]],
            until[pending.part[rows]],
            freed,
            rule="entry.released reversed",
            part=part[rows],
            step=np.full(len(rows), step + 1 + int(pending.number.max(initial=0))),
            source=rows * 0,
        )


def _instalments(lives: Lives, parts: EarnedParts, held: Whole) -> _HeldParts:
    """When each part of what is held is released, and how much: each rounded down, the last with the remainder."""
    lines, said = lives.lines, lives.said
    terms = [None if plan.plan.holdback is None else plan.plan.holdback for plan in lines.words.plans]
    known = list(dict.fromkeys(item for item in terms if item is not None))
    code = by_code(np.array([-1 if item is None else known.index(item) for item in terms] + [-1]))
    of = np.where(held > 0, code[lines.plan[parts.line]], -1)
    found = [_HeldParts.none()]
    for place, holdback in enumerate(known):
        if len(rows := np.flatnonzero(of == place)):
            line = parts.line[rows]
            last = by_code(lines.words.last_days), lines.period[line]
            met = partial(_when_met, lives, holdback, lines.payee[line])
            found += _by_terms(holdback, rows, held[rows], last, parts.loan[rows], lines.loan[line], said, met)
    stacked = _HeldParts.stacked(found)
    return stacked.some(ordered(stacked.part))


def _when_met(lives: Lives, holdback: Holdback, payee: Places, on: Whole) -> Whole:
    """The day itself where the reading of its period is within the bound; else the end of the next period that is so.

    FAR where no period is known; days after `through` stay as they are.
    """
    when, names = on.copy(), lives.lines.words.payees
    for code in distinct(payee)[0].tolist():
        rows = np.flatnonzero((payee == code) & (when <= lives.through))
        met = lives.met.get((names[code], holdback), ())
        starts, ends = ([day_number(getattr(period, name)) for period in met] for name in ("start", "last_day"))
        at = np.searchsorted(whole(ends), when[rows])
        began = np.append(whole(starts), FAR)[at] <= when[rows]
        when[rows] = np.where(began, when[rows], np.append(whole(ends), FAR)[at])
    return when


def _held_parts(part: Places, number: int, when: Whole, units: Whole, repaid: Truth) -> _HeldParts:
    return _HeldParts(part=part, number=part * 0 + number, when=when, units=units, repaid=repaid)


def _by_terms(
    holdback: Holdback,
    rows: Places,
    held: Whole,
    last: tuple[Whole, Places],
    known: Places,
    loan: Places,
    said: Standings,
    met: Callable[[Whole], Whole],
) -> Iterator[_HeldParts]:
    """The instalments of some parts that are held on the same terms.

    Args:
        holdback: the terms.
        rows: the parts.
        held: what is held of each.
        last: the last days of periods, and the period of each.
        known: the code of the loan of each among standings; -1 where nothing is known of it.
        loan: the same among lines; -1 where it is no loan's.
        said: how loans performed.
        met: from days to those on which the reading of the terms releases.
    """
    repaid = np.append(said.repaid_on, FAR)[known] if holdback.repaid == "releases" else alike(FAR, len(rows))
    free = np.where(repaid < FAR, np.maximum(repaid, last[0][last[1]]), FAR)
    if not holdback.parts:
        yield _held_parts(rows, 0, free, held, ~nowhere(len(rows)))
    for number, on, units in instalments_of(holdback, held, last[0][last[1]]):
        when = on
        if holdback.condition == "performing":
            performs = said.performing_from(known, when, holdback.condition_age)
            when = np.where(loan >= 0, performs, when)
        if holdback.condition == "reading":
            when = met(when)
        earlier = free < when
        yield _held_parts(rows, number, np.where(earlier, free, when), units, earlier)


# ── how much is held, and when it is released ───────────────────────────────────────────────────────────────


def part_held(holdback: Holdback, pay: Whole, currency: str, rounding: Rounding) -> Whole:
    """How much of some pay, in smallest units of a currency, is held."""
    pay, one = np.maximum(pay, 0), 10 ** CURRENCIES[currency]
    full = np.full(len(pay), 1)
    if holdback.applies == "flat":
        share, under = Pieces.of(holdback.share).at(pay, one)
        top, below = times(share, pay), times(full, full * under)
    else:
        top, below = _by_slices(holdback, pay, one)
    top, below = bounded(0, top, below)
    return bounded(0, rounded(top, below, rounding))[0]


def _by_slices(holdback: Holdback, pay: Whole, one: int) -> tuple[Whole, Whole]:
    """What is held where each slice of pay has its own share: numerators and denominators."""
    knots = holdback.share.knots
    from_zero = [y for x, y in knots if x <= 0] or [knots[0][1]]
    steps = [(Fraction(0), from_zero[-1]), *((x * one, y) for x, y in knots if x > 0)]
    finer, below = lcm(*(x.denominator for x, _ in steps)), lcm(*(y.denominator for _, y in steps))
    starts, values = whole([int(x * finer) for x, _ in steps]), whole([int(y * below) for _, y in steps])
    full = np.full(len(pay), 1)
    return sliced(starts, values, times(pay, full * finer)), full * (finer * below)


def instalments_of(holdback: Holdback, held: Whole, last: Whole) -> Iterator[tuple[int, Whole, Whole]]:
    """The parts in which amounts that are held are released: number, days and units of each, from the earliest on.

    Each is rounded down, and the last takes the remainder.

    Args:
        holdback: the terms.
        held: amounts.
        last: the last day of the period of each.
    """
    left, count = held, len(holdback.parts)
    for number, item in enumerate(holdback.parts, 1):
        (mine,) = bounded(largest(held) * max(item.share.numerator, item.share.denominator), held)
        units = left if number == count else mine * item.share.numerator // item.share.denominator
        yield number, days_of_age(last, item.age), units
        left = left - units
