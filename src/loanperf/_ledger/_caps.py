"""Caps of persons: lines -> lines within the most for a person and period; the excess is lost, or carried on."""

from __future__ import annotations

import numpy as np
from attrs import evolve, frozen

from loanperf._ledger._amounts import CARRIED, DayParts, Held, KeyWords, by_day, from_last
from loanperf._ledger._moves import DueLines, LineWords
from loanperf._ledger._strikes import hits_of, reversing
from loanperf._numbers import (
    Columns,
    Places,
    Truth,
    Whole,
    bounded,
    distinct,
    largest,
    marked,
    most_of,
    nowhere,
    ordered,
    put,
    replaced,
    spread,
    starts_of,
    summed,
    whole,
)
from loanperf._periods import Period
from loanperf._quantities import Money, Rounding


@frozen(eq=False, kw_only=True)
class _Caps:
    """`person_most` of plans: the most for a person and period."""

    words: LineWords
    keys: KeyWords
    through: Period
    has: Truth
    since: Whole
    """The first day of the version of the plan; of several versions the latest counts."""
    carries: Truth

    def most(self, plan: Places, currency: Places) -> Whole:
        """The most for persons by plans, in smallest units of currencies."""
        size = max(len(self.words.currencies), 1)
        pairs, places = distinct(plan * size + currency) if len(plan) else (plan, plan)
        limits = []
        for pair in pairs.tolist():
            cap, code = self.words.plans[pair // size].rules.person_most, self.words.currencies[pair % size]
            if cap is not None:
                most = Money.rounded(cap.most.value, cap.most.unit, Rounding.DOWN)
                limits.append((most - Money.from_units(0, code)).units)
        return whole(limits)[places]


@frozen(eq=False, kw_only=True)
class _Pool(Columns):
    """Lines of persons who have a cap, with their parts by day elsewhere, by `number`."""

    held: Held
    number: Places
    """In order of arrival."""
    person: Places
    """A code of payee and currency, in order of their first line."""


def capped(held: Held, parts: DayParts, keys: KeyWords, through: Period) -> tuple[Held, DayParts]:
    """The lines with the excess over the cap of each person taken off those that came last, and their parts by day.

    What is carried becomes a line of the same component and loan in the next period, where the cap holds again.
    Amounts set by hand are not cut. Reversals make no room for more, and what is reversed in the period needs none.
    """
    words = held.lines.words
    rules = [plan.rules.person_most for plan in words.plans]
    if all(rule is None for rule in rules):
        return held, parts
    caps = _Caps(
        words=words,
        keys=keys,
        through=through,
        has=np.array([rule is not None for rule in rules] + [False]),
        since=whole([plan.since.toordinal() for plan in words.plans] + [0]),
        carries=np.array([rule is not None and rule.excess == "carried" for rule in rules] + [False]),
    )
    person, is_capped = _persons(held.lines, caps.has)
    inside = np.flatnonzero(is_capped)
    pool = _Pool(held=held.some(inside), number=inside, person=person[inside])
    done = [_Pool(held=held.some(~is_capped), number=np.flatnonzero(~is_capped), person=person[~is_capped] * 0 - 1)]
    reversals, numbers = held.some(np.flatnonzero(reversing(held.lines))), len(held.lines)
    order = sorted(range(len(words.periods)), key=words.periods.__getitem__)
    for period in order:
        here = pool.held.lines.period == period
        if not here.any():
            continue
        cut, carried, more = _cut(caps, pool.some(here), reversals, parts, period)
        done.append(cut)
        pool = pool.some(~here)
        if len(carried.number):
            pool, parts = _arrive(pool, parts, carried, more, numbers)
            numbers += len(carried.number)
    return _finished(_Pool.stacked(done), parts, numbers)


def _persons(lines: DueLines, has: Truth) -> tuple[Places, Truth]:
    """By line a code of payee and currency, and whether any plan of that payee has a cap."""
    if not len(lines):
        return lines.payee, nowhere(0)
    pairs, place = distinct(lines.payee * len(lines.words.currencies) + lines.currency)
    first = put(np.arange(len(place))[::-1], place[::-1], len(pairs), 0)
    return first[place], (most_of(np.where(has[lines.plan], 1, 0), place, len(pairs)) > 0)[place]


def _cut(caps: _Caps, pool: _Pool, reversals: Held, parts: DayParts, period: int) -> tuple[_Pool, _Pool, DayParts]:
    """The lines of a period within the caps of persons, in order of day and key; what is carried, and its parts."""
    lines = pool.held.lines
    pool = pool.some(ordered(pool.person, lines.on, *pool.held.ranks.columns))
    lines, starts = pool.held.lines, starts_of(pool.person)
    plan = _plans(caps, pool, starts)
    rows = np.arange(len(lines))
    has = plan >= 0
    hits = hits_of(pool.held, reversals)
    counts = ~reversing(lines) & (hits.period != period)
    (units,) = bounded(largest(lines.units) * len(lines), lines.units)
    earned = summed(np.where(counts, units, units * 0), starts)
    most = caps.most(plan[has], lines.currency[starts[has]])
    excess = (units[starts] * 0).copy()
    excess[has] = np.maximum(earned[has] - most, 0)
    room = np.where(counts & (lines.hand < 0), np.maximum(units, 0), units * 0)
    off = from_last(excess, room, starts)
    cap = np.where(off > 0, spread(plan, starts, len(lines)), -1)
    cut = evolve(pool, held=evolve(pool.held, lines=evolve(lines, units=units - off, off=off, cap=cap)))
    following = caps.words.periods[period].next()
    if following.start >= caps.through.end:
        return cut, pool.some(rows[:0]), parts.some(slice(0))
    # What came last is carried first.
    over = np.flatnonzero((off > 0) & caps.carries[cap])[::-1]
    carried, more = _carried(caps, pool.some(over), off[over], parts, caps.words.periods.index(following))
    return cut, carried, more


def _plans(caps: _Caps, pool: _Pool, starts: Places) -> Places:
    """By person the plan whose cap counts: the latest version, of several that of the first line; -1 is no cap."""
    plan = pool.held.lines.plan
    rows = np.flatnonzero(caps.has[plan])
    rows = rows[ordered(pool.person[rows], -caps.since[plan[rows]], pool.number[rows])]
    first = rows[starts_of(pool.person[rows])]
    found = np.full(len(starts), -1)
    found[np.searchsorted(pool.person[starts], pool.person[first])] = plan[first]
    return found


def _carried(caps: _Caps, pool: _Pool, off: Whole, parts: DayParts, period: int) -> tuple[_Pool, DayParts]:
    """What is carried of lines into a period, and its parts by day."""
    lines = pool.held.lines
    size = max(int(parts.line.max(initial=-1)), int(pool.number.max(initial=-1))) + 1
    days = by_day(lines, parts.of(pool.number, size))
    starts = starts_of(days.line)
    days = evolve(days, units=from_last(off, days.units, starts))
    days = days.some(days.units > 0)
    first = starts_of(days.line)
    none = np.full(len(lines), -1)
    lines = evolve(
        lines,
        stage=np.full(len(lines), caps.words.stages.index(CARRIED)),
        period=np.full(len(lines), period),
        on=np.full(len(lines), int(caps.words.first_days[period])),
        earned=days.on[first],
        units=off,
        row=none,
        hand=none,
        off=none + 1,
        cap=none,
    )
    held = evolve(pool.held, lines=lines, ranks=caps.keys.of_lines(lines))
    return evolve(pool, held=held), days


def _together(pool: _Pool, days: DayParts) -> tuple[_Pool, DayParts]:
    """Carried lines with the parts of one loan as one line; in the order in which the first of each came."""
    size = len(pool.number)
    order = np.arange(size)[ordered(pool.person, pool.held.family)]
    starts = starts_of(pool.person[order], pool.held.family[order])
    first, lines = order[starts], pool.held.lines
    owner = put(spread(np.arange(len(starts)), starts, size), order, size, 0)
    several = (np.diff(starts, append=size) > 1)[owner[days.line]]
    (units,) = bounded(largest(lines.units) * size, lines.units)
    sums, earned = summed(units[order], starts), lines.earned[first]
    np.minimum.at(earned, owner, lines.earned)
    one = evolve(lines.some(first), units=sums, earned=earned)
    found = evolve(pool.some(first), held=evolve(pool.held.some(first), lines=one))
    came = np.arange(len(first))[ordered(first)]
    place = put(np.arange(len(came)), came, len(came), 0)
    days = evolve(days, line=place[owner[days.line]])
    days = days.some(ordered(days.line, np.where(several, days.on, 0), np.where(several, days.units, 0)))
    return found.some(came), days


def _arrive(pool: _Pool, parts: DayParts, carried: _Pool, days: DayParts, numbers: int) -> tuple[_Pool, DayParts]:
    """The lines with those that are carried; one that was set by hand under the same key keeps that amount."""
    set_by, size = _set_by_hand(pool, carried), len(carried.number)
    # Of several that a hand sets as one, the last that came stays.
    last = put(np.arange(size), set_by + 1, len(pool.number) + 1, 0)[set_by + 1]
    stay = np.flatnonzero((set_by < 0) | (last == np.arange(size)))
    carried, days = _together(carried.some(stay), days.of(stay, size))
    set_by = _set_by_hand(pool, carried)
    known = np.flatnonzero(set_by >= 0)
    lines, hands = carried.held.lines, pool.held.lines.some(set_by[known])
    units, hand = replaced(lines.units, known, hands.units), replaced(lines.hand, known, hands.hand)
    held = evolve(carried.held, lines=evolve(lines, units=units, hand=hand))
    carried = evolve(carried, held=held, number=numbers + np.arange(len(lines)))
    pool = pool.some(~marked(set_by[known], len(pool.number)))
    days = days.some(days.several)
    return _Pool.stacked([pool, carried]), DayParts.stacked([parts, evolve(days, line=days.line + numbers)])


def _set_by_hand(pool: _Pool, carried: _Pool) -> Places:
    """By carried line the place in the pool of a line set by hand under the same key; -1 where there is none."""
    rows = np.flatnonzero((pool.held.lines.hand >= 0) & (pool.held.lines.plan < 0))
    if not len(rows):
        return np.full(len(carried.number), -1)
    keys, asked = (
        [*zip(*(column.tolist() for column in ranks.columns), strict=True)]
        for ranks in (pool.held.ranks.some(rows), carried.held.ranks)
    )
    known = dict(zip(keys, rows.tolist(), strict=True))
    return whole([known.get(key, -1) for key in asked])


def _finished(found: _Pool, parts: DayParts, numbers: int) -> tuple[Held, DayParts]:
    """All lines in their order: those without a cap first, then person by person."""
    lines = found.held.lines
    order = np.arange(len(lines))[ordered(found.person, lines.words.period_ranks[lines.period])]
    uncapped = found.person[order] < 0
    order = np.append(np.sort(order[uncapped]), order[~uncapped])
    return found.held.some(order), parts.of(found.number[order], numbers)
