"""Entitlement: (accruals, amounts set by hand) -> moves, everything that is due by its day, from scratch.

What lines of a period come to for a payee and plan says how much of it is held back, and of which lines. All that is
due is said by the words and keys of a ledger, whose own codes stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Self

import numpy as np
from attrs import evolve, frozen

from loanperf._commission import Accruals, LoansWorked, Standings
from loanperf._holdback import Holdback
from loanperf._ledger._amounts import DayParts, Held, by_day, lines_of
from loanperf._ledger._begun import OpeningMoves
from loanperf._ledger._bonuses import BonusMoves
from loanperf._ledger._caps import capped
from loanperf._ledger._coded import CodedLines, Coder, WhyDue, held_back, of_awards, of_deferred, of_opening
from loanperf._ledger._draws import drawn
from loanperf._ledger._entries import Entry
from loanperf._ledger._grounds import LINE_RULES
from loanperf._ledger._keys import LineKeys, Vocabulary
from loanperf._ledger._kinds import GROUPS, EntryKind, Group, are
from loanperf._ledger._ledger import Ledger, Slot
from loanperf._ledger._lives import LineMoves, Lives, line_moves, part_held
from loanperf._ledger._moves import DueLines, Kept, Movement, Moves
from loanperf._ledger._strikes import (
    EarnedParts,
    Hits,
    Reductions,
    hits_of,
    reductions_of,
    reversing,
    split_off,
    strikes_of,
)
from loanperf._ledger._sums import slots_of
from loanperf._numbers import (
    Places,
    Truth,
    Whole,
    among,
    bounded,
    day_number,
    distinct,
    end_to_end,
    folded,
    grouped,
    largest,
    marked,
    ordered,
    put,
    ranked,
    reach,
    replaced,
    shared,
    spread,
    starts_of,
    summed,
    total_of,
    whole,
)
from loanperf._periods import Period
from loanperf._quantities import Rounding
from loanperf._validators import each_of, must_be


@frozen(eq=False, kw_only=True, slots=False)
class CodedMoves:
    """What is due: moves of lines, whose words and keys go on where those of the ledger end."""

    words: Vocabulary
    keys: LineKeys
    line: Places
    """By line that is due, the row of its key."""
    payee: Places
    loan: Places
    cohort: Places
    version: Places
    currency: Places
    move: Places
    """By move, the line that is due; moves are in order of day."""
    group: Places
    on: Whole
    units: Whole
    taker: Places
    """Pairs, in order: a line that takes of others, and one of those."""
    taken_of: Places
    why: WhyDue
    """By move, why it is due."""

    @cached_property
    def of_key(self) -> Places:
        """By key, the line that is due; -1 where nothing is."""
        return put(np.arange(len(self.line)), self.line, len(self.keys), -1)

    def by_slot(self, end: int) -> tuple[Whole, Places]:
        """The moves of days before one in order of slot and day: the slot of each, and its place."""
        now = np.flatnonzero(self.on < end)
        slots = slots_of(self.line[self.move[now]], self.group[now], self.currency[self.move[now]])
        order = ordered(slots)
        return slots[order], now[order]


def movements(accruals: Accruals, overruled: Mapping[str, Entry] | None = None) -> tuple[Movement, ...]:
    """Everything that is due, dated; what is due at the end of a period is the sum of what is dated before that end.

    Per payee, plan and period: the lines, set by hand where they are; the cap of the person; what is held of the
    period's pay, on its last day; its release in instalments, each rounded down and the last with the remainder;
    what a bad loan takes, first of what is still held; what its recovery gives back; guarantees and draws. A
    release does not pass a gate again.

    Args:
        accruals: of all payees, from the first fact on.
        overruled: by line key, the entry that sets its amount by hand; see `Ledger.overruled`.

    Raises:
        DataError: these are no accruals.

    >>> from loanperf import Accruals, Period, movements
    >>> movements(Accruals(through=Period.month(2026, 3), lines=()))
    ()
    """
    must_be(accruals, Accruals, "accruals", "pass what lp.accrue gives")
    if overruled is not None:
        must_be(overruled, Mapping, "overruled", "pass what Ledger.overruled gives")
        each_of(overruled.values(), Entry, "what is overruled", "pass what Ledger.overruled gives")
    return tuple(entitled(accruals, overruled or {}))


def entitled(
    accruals: Accruals,
    overruled: Mapping[str, Entry],
    nets: Mapping[Slot, int] | None = None,
    ledger: Ledger | None = None,
) -> Moves:
    """What the accruals entitle to; worked out once for the same amounts set by hand and posted.

    Args:
        accruals: of all payees.
        overruled: by line, the amount set by hand.
        nets: what the ledger has, by line, group and currency, for periods of which a reading or target is missing.
        ledger: of which lines stand as they were opened, or as posted where the accruals are of some loans alone.
    """
    kept = {
        (key, currency): units
        for (key, group, currency), units in (nets or {}).items()
        if group == "earned" and accruals.missing
    }
    known, by = accruals.memo.get("entitlement", (None, None))
    if isinstance(known, Moves) and by == (overruled, kept):
        return known
    found = _moves_of(accruals, overruled, kept, ledger)
    accruals.memo["entitlement"] = found, (dict(overruled), kept)
    return found


def _moves_of(
    accruals: Accruals,
    overruled: Mapping[str, Entry],
    kept: Mapping[tuple[str, str], int],
    ledger: Ledger | None,
) -> Moves:
    """What the accruals entitle to; `kept` has by line and currency the amounts that stay as they were posted."""
    held, parts, keys = lines_of(accruals, overruled, kept)
    standing = _as_posted(accruals, ledger, held.lines)
    for posted in standing:
        held = evolve(held, lines=posted.with_earned(held.lines))
    (units,) = bounded(2 * reach(held.lines.units, held.lines.payee, 0), held.lines.units)
    held = evolve(held, lines=evolve(held.lines, units=units))
    held, parts = capped(held, parts, keys, accruals.through)
    lines, reverses = held.lines, reversing(held.lines)
    ends = np.flatnonzero(reverses)
    hits = hits_of(held, held.some(ends))
    hits = evolve(hits, by=np.append(ends, -1)[hits.by])
    reductions = reductions_of(held)
    said = Standings.of(accruals.standings)
    through = day_number(accruals.through.last_day)
    lives = Lives.of(lines, *_parts(lines, parts, reductions, said), said, accruals.met, through)
    worked = _worked(Cohorts.of(held, hits, reverses), lives, reductions, standing)
    later, more = drawn(accruals, lines.words, worked.kept, len(lines))
    last = in_turn(LineMoves.stacked([LineMoves.none(), *more]))
    of_lines, turn = _of_lines(lines, reverses, hits, worked, lives)
    parts_of_moves = (worked.held, of_lines, last)

    def whole_of(name: str) -> Whole:
        return end_to_end(*(getattr(part, name) for part in parts_of_moves))

    first, behind, size = (sum(len(part.line) for part in parts_of_moves[:count]) for count in (1, 2, 3))
    row = np.concatenate([np.arange(first), first + turn, np.arange(behind, size)])
    order = row[ordered(whole_of("on")[row])]
    taker, taken_of = _against(hits, lines.words.period_ranks)
    return Moves(
        lines=DueLines.stacked([lines, *later]),
        **{name: whole_of(name)[order] for name in ("line", "group", "on", "units", "rule", "source")},
        kept=worked.kept,
        struck=lives.struck,
        taker=taker,
        taken_of=taken_of,
    )


def _as_posted(accruals: Accruals, ledger: Ledger | None, lines: DueLines) -> list[_AsPosted]:
    """Lines of which amounts are taken from the ledger and not worked out anew."""
    found = list[_AsPosted]()
    if ledger is None:
        return found
    if are(ledger.entries.kind, EntryKind.OPENING_EARNED).any():
        found.append(_AsPosted.opened(ledger, *CodedLines.of(accruals.memo, ledger.entries, lines).posted))
    if accruals.scope is not None:
        of_lines = CodedLines.of(accruals.memo, ledger.entries, lines)
        found.append(_AsPosted.of(ledger, accruals.scope, lines, *of_lines.posted))
    return found


def _parts(lines: DueLines, days: DayParts, reductions: Reductions, said: Standings) -> tuple[EarnedParts, Reductions]:
    """The parts of all lines above zero that a plan made, and what is taken off them.

    What was earned on several days is in parts where anything strikes it, each with the age of its own day.
    """
    alive = np.flatnonzero((lines.units > 0) & (lines.plan >= 0))
    loan = said.places(lines.words.loans)[lines.loan[alive]]
    parts = EarnedParts(line=alive, loan=loan, earned=lines.earned[alive], units=lines.units[alive])
    off = reductions.some(slice(None))
    place = np.full(len(lines), -1)
    place[alive] = np.arange(len(alive))
    of = np.sort(place[days.line[starts_of(days.line)]])
    of = of[of >= 0]
    if len(of):
        found = by_day(lines.some(alive[of]), days.of(alive[of], len(lines)))
        rows = of[found.line[starts_of(found.line)]]
        struck = strikes_of(lines, parts.some(rows), said)
        split = rows[marked(struck.part, len(rows))]
        chosen = found.some(marked(split, len(alive))[of[found.line]])
        back = of[chosen.line]
        more = evolve(parts.some(back), earned=chosen.on, units=chosen.units)
        parts = EarnedParts.stacked([parts.some(~marked(split, len(alive))), more])
        parts = parts.some(ordered(parts.line))
    # The latest part of a line is reduced first.
    size = len(parts.line)
    off = split_off(off, parts.line[::-1], parts.units[::-1])
    off = evolve(off, line=size - 1 - off.line)
    return parts, off.some(ordered(off.line))


@frozen(eq=False, kw_only=True)
class _Worked:
    """What is held of lines and done to them, once all periods are worked."""

    kept: Kept
    held: LineMoves
    """What is held, in order of cohort and line."""
    later: LineMoves
    """What is released, forfeited, taken back and refunded of them."""
    left: Whole
    """By line, what a reversal takes of it."""


def _worked(cohorts: Cohorts, lives: Lives, reductions: Reductions, standing: Iterable[_AsPosted]) -> _Worked:
    """What is held of lines, and what becomes of them; periods are worked in order.

    What reversals take of earlier periods must be known before anything of a later one is held.
    """
    lines, hits = cohorts.held.lines, cohorts.hits
    held, taken, left = (lines.units * 0).copy(), lines.units * 0, (lines.units * 0).copy()
    kept, later = [cohorts.kept(slice(0, 0), taken)[0]], [LineMoves.none()]
    is_hit = hits.by >= 0
    for period in cohorts.periods if is_hit.any() else [-1]:
        rows = np.flatnonzero(hits.period == period) if period >= 0 else hits.by[:0]
        if len(rows):
            later += _later(lives, is_hit & (hits.period == period), held, hits)
            net = total_of(lives.net, lives.parts.line, len(lines))[rows]
            stands = np.maximum(lines.units[rows] - reductions.through(rows, hits.on[rows]), 0)
            left[rows] = np.maximum(stands - net, 0)
            taken = taken + total_of(np.where(hits.late[rows], left[rows] * 0, left[rows]), hits.by[rows], len(lines))
        some, members, units = cohorts.kept(cohorts.of_period(period), taken)
        kept.append(some)
        held[members] = units
        for posted in standing:
            held = posted.with_held(held)
    later += _later(lives, ~is_hit, held, hits)
    members = cohorts.lines
    there = held[members] > 0
    rows, source = members[there], cohorts.cohort[there]
    moved = line_moves(
        "held", rows, lines.words.last_days[lines.period[rows]], held[rows], part=source, step=rows, source=source
    )
    return _Worked(kept=Kept.stacked(kept), held=in_turn(moved), later=LineMoves.stacked(later), left=left)


def _later(lives: Lives, chosen: Truth, held: Whole, hits: Hits) -> list[LineMoves]:
    """What is done to some lines after they were earned, each until the day on which its deal is reversed."""
    parts = np.flatnonzero(chosen[lives.parts.line])
    line, units = lives.parts.line[parts], lives.parts.units[parts]
    starts = starts_of(line)
    mine, weights = bounded(largest(held) * largest(units), held[line[starts]], units)
    return [*lives.moves(parts, shared(mine, weights, starts), hits.on[line])]


def _of_lines(lines: DueLines, reverses: Truth, hits: Hits, worked: _Worked, lives: Lives) -> tuple[LineMoves, Places]:
    """What lines earned, what reversals take, and what is done later to lines; and the order of these moves by line."""
    kept = np.flatnonzero(~reverses)
    rule = np.where(lines.row[kept] >= 0, _EARNED, _CARRIED)
    rule = np.where(lines.hand[kept] >= 0, _BY_HAND, rule)
    earned = line_moves("earned", kept, lines.on[kept], lines.units[kept])
    rows = np.flatnonzero(worked.left > 0)
    by, on = hits.by[rows], hits.on[rows]
    order = ordered(by, on)
    by, on, units = by[order], on[order], worked.left[rows][order]
    starts = starts_of(by, on)
    taken = line_moves("taken", by[starts], on[starts], summed(units, starts), rule="entry.reversed")
    # Of a line that was earned on several days, the last day comes first.
    nth = ranked(starts_of(lives.parts.line), len(lives.net))
    later = evolve(worked.later, part=1 + int(nth.max(initial=0)) - nth[worked.later.part])
    found = LineMoves.stacked([evolve(earned, rule=rule), taken, later])
    return found, np.arange(len(found.line))[ordered(found.line, found.part, found.step)]


_EARNED, _CARRIED, _BY_HAND = map(LINE_RULES.index, ("entry.earned", "entry.carried", "entry.set by hand"))


def _against(hits: Hits, ranks: Places) -> tuple[Places, Places]:
    """Pairs of a line that takes and one that it takes of: reversals and what they take, in the order of their taking.

    What is taken of a line that a reversal takes is taken of both.
    """
    line = np.flatnonzero(hits.by >= 0)
    line = line[ordered(ranks[hits.period[line]])]
    taker, taken_of = np.append(hits.by[line], line), np.append(line, hits.by[line])
    order = ordered(taker)
    return taker[order], taken_of[order]


def in_turn(found: LineMoves) -> LineMoves:
    """Moves in order of `part` and `step`."""
    return found.some(ordered(found.part, found.step))


# ── what stands as it was posted, or as it was opened ───────────────────────────────────────────────────────


@frozen(eq=False, kw_only=True)
class _AsPosted:
    """What the ledger has of lines of an opening, or of lines of payees of whom not all loans were worked."""

    rows: Places
    """The lines, in order."""
    held: Whole
    """What was held of each."""
    earned: tuple[Places, Whole]
    """Those of an opening, or of which tiers are shared with loans that were not worked, and what each earned."""

    @classmethod
    def of(cls, ledger: Ledger, scope: LoansWorked, lines: DueLines, line: Places, currency: Places) -> Self:
        """What stands of lines as they were accrued for some loans.

        Args:
            ledger: as it stands.
            scope: which loans.
            lines: as they were accrued.
            line: of each, the row of its key among those of the ledger's entries; -1 where nothing is posted of it.
            currency: of each, by the words of the ledger.
        """
        rows = np.flatnonzero(_standing(scope, lines))
        some = lines.some(rows)
        words, plans = some.words, [plan.plan.code for plan in some.words.plans]
        together = [(code, name) in scope.together for code in plans for name in words.components]
        shared = among(some.plan * len(words.components) + some.component, together, otherwise=False)
        return cls(
            rows=rows,
            held=_net(ledger, "held", line[rows], currency[rows]),
            earned=(rows[shared], _net(ledger, "earned", line[rows[shared]], currency[rows[shared]])),
        )

    @classmethod
    def opened(cls, ledger: Ledger, line: Places, currency: Places) -> Self:
        """What stands of lines that were there when the ledger began; for the arguments see `of`."""
        entries = ledger.entries
        known = marked(entries.line[are(entries.kind, EntryKind.OPENING_EARNED)], len(entries.keys))
        rows = np.flatnonzero((line >= 0) & np.append(known, False)[line])
        held, earned = (_net(ledger, group, line[rows], currency[rows]) for group in _NOT_WORKED)
        return cls(rows=rows, held=held, earned=(rows, earned))

    def with_earned(self, lines: DueLines) -> DueLines:
        """The lines with what they earned as it was posted, where that hangs on loans that were not worked."""
        return evolve(lines, units=replaced(lines.units, *self.earned))

    def with_held(self, held: Whole) -> Whole:
        """What is held of lines, as it was posted."""
        return replaced(held, self.rows, self.held)


_NOT_WORKED: tuple[Group, ...] = ("held", "earned")
"""What is not worked out anew of lines that stand."""


def _standing(scope: LoansWorked, lines: DueLines) -> Truth:
    """Which lines stand as they were posted."""
    words = lines.words
    early = among(lines.period, [period.start < scope.since for period in words.periods], otherwise=False)
    return early & ~among(lines.payee, [payee in scope.payees for payee in words.payees], otherwise=False)


def _net(ledger: Ledger, group: Group, line: Places, currency: Places) -> Whole:
    """What is posted of a group of each of some lines."""
    slot = slots_of(line, np.full(len(line), GROUPS.index(group)), currency)
    known, net = ledger.sums.slot, ledger.sums.net
    place = np.searchsorted(known, slot)
    there = (line >= 0) & (np.append(known, -1)[place] == slot)
    found: Whole = np.append(net, 0)[np.where(there, place, -1)]
    return found


# ── what is held back of the pay of a period ────────────────────────────────────────────────────────────────


@frozen(eq=False, kw_only=True)
class Cohorts:
    """Lines of plans by payee, plan, period and currency, apart where versions of the plan hold pay on other terms."""

    held: Held
    lines: Places
    """The lines, cohort by cohort; in each in order of day and key, as those are served whose remainders are equal."""
    cohort: Places
    """The cohort of each of those, in order of period, then of the first line of each."""
    starts: Places
    """Where cohorts begin."""
    terms: Places
    """By cohort, the place of its terms in `known`."""
    known: tuple[tuple[Holdback | None, Rounding], ...]
    reverses: Truth
    """By line, whether it takes back what a dead deal earned."""
    hits: Hits

    @classmethod
    def of(cls, held: Held, hits: Hits, reverses: Truth) -> Cohorts:
        """The cohorts of lines."""
        lines, plans = held.lines, [plan.plan for plan in held.lines.words.plans]
        of_plan = [(plan.code, plan.holdback, plan.rounding) for plan in plans]
        known = list(dict.fromkeys(of_plan))
        terms = whole([known.index(item) for item in of_plan])
        rows = np.flatnonzero(lines.plan >= 0)
        term, rank = terms[lines.plan[rows]], lines.words.period_ranks[lines.period[rows]]
        by_cohort, starts = grouped(rank, lines.payee[rows], term, lines.currency[rows])
        order = np.arange(len(rows))[by_cohort]
        first = put(spread(order[starts], starts, len(rows)), order, len(rows), 0)
        # Lines of one cohort are of one payee, plan and period.
        key = held.ranks.component[rows], held.ranks.loan[rows], held.ranks.stage[rows]
        order = np.arange(len(rows))[ordered(rank, first, lines.on[rows], *key)]
        rows, first = rows[order], first[order]
        starts = starts_of(first)
        return cls(
            held=held,
            lines=rows,
            cohort=spread(np.arange(len(starts)), starts, len(rows)),
            starts=starts,
            terms=term[order][starts],
            known=tuple((holdback, rounding) for _, holdback, rounding in known),
            reverses=reverses,
            hits=hits,
        )

    @property
    def periods(self) -> list[int]:
        """The periods of lines, in order."""
        ranks = self.held.lines.words.period_ranks
        found, _ = distinct(ranks[self.held.lines.period])
        order = put(np.arange(len(ranks)), ranks, len(ranks), 0)
        periods: list[int] = order[found].tolist()
        return periods

    def of_period(self, period: int) -> slice:
        """The cohorts of a period; all where it is -1."""
        if period < 0:
            return slice(0, len(self.starts))
        periods = self.held.lines.period[self.lines[self.starts]]
        there = np.flatnonzero(periods == period)
        return slice(int(there[0]), int(there[-1]) + 1) if len(there) else slice(0, 0)

    def kept(self, cohorts: slice, taken: Whole) -> tuple[Kept, Places, Whole]:
        """The pay of some cohorts and what is held of it; the lines of which it is held, and how much of each.

        It falls on the lines above zero that are not reversed in the same period, in proportion. Where only a repayment
        releases, nothing is held of lines without a loan.

        Args:
            cohorts: which, those of one period or all.
            taken: by line, what it takes back as a deal dies, but of lines that come later.
        """
        low, high = (int(edge) for edge in np.append(self.starts, len(self.lines))[[cohorts.start, cohorts.stop]])
        rows, starts = self.lines[low:high], self.starts[cohorts] - low
        lines, period, earned = self.held.lines, self.held.lines.period[rows], self.held.lines.units[rows]
        units = np.where(self.reverses[rows], -taken[rows], np.where(self.hits.late[rows], 0, earned))
        pay = summed(units, starts)
        terms = self.terms[cohorts]
        instalments = np.array([bool(holdback and holdback.parts) for holdback, _ in self.known] + [False])
        dated = spread(instalments[terms], starts, len(rows))
        good = (earned > 0) & ((lines.loan[rows] >= 0) | dated) & (self.hits.period[rows] != period)
        weights, first = np.where(good, earned, 0), rows[starts]
        held = np.minimum(self._held(terms, pay, lines.currency[first]), summed(weights, starts))
        held, weights = bounded(largest(held) * largest(weights), held, weights)
        kept = Kept(
            payee=lines.payee[first],
            period=lines.period[first],
            currency=lines.currency[first],
            pay=pay,
            held=held,
        )
        return kept, rows, shared(held, weights, starts)

    def _held(self, terms: Places, pay: Whole, currency: Places) -> Whole:
        """How much of the pay of cohorts is held, by their terms."""
        found, codes = pay * 0, self.held.lines.words.currencies
        for place, (holdback, rounding) in enumerate(self.known):
            for code, name in enumerate(codes):
                rows = np.flatnonzero((terms == place) & (currency == code)) if holdback is not None else terms[:0]
                if holdback is not None and len(rows):
                    found = replaced(found, rows, part_held(holdback, pay[rows], name, rounding))
        return found


def due_of(ledger: Ledger, moves: Moves, bonuses: BonusMoves, accruals: Accruals, period: Period) -> CodedMoves:
    """What is due by the words and keys of a ledger's entries.

    Args:
        ledger: everything posted so far.
        moves: of lines.
        bonuses: of the period.
        accruals: who says what is kept back of all pay.
        period: into which is posted.
    """
    entries = ledger.entries
    lines = CodedLines.of(accruals.memo, entries, moves.lines)
    coder = Coder(dict(lines.words))
    opened = OpeningMoves.of(entries)
    bonus = of_awards(coder, bonuses)
    held = held_back(coder, ledger, moves, bonuses, bonus[1], accruals, period)
    parts = bonus, of_opening(opened), of_deferred(coder, held)
    key, said = (
        {name: end_to_end(*(one[name] for one in some)) for name in some[0]} for some in zip(*parts, strict=True)
    )
    keys, row = lines.keys.joined(LineKeys(**key))
    size, many, begun = len(moves.lines), len(bonuses), len(opened.rows)
    of_opened = size + many + np.arange(len(opened)) % max(begun, 1)
    of_bonuses = np.full(many, day_number(bonuses.period.last_day)), np.full(many, GROUPS.index("earned"))
    return CodedMoves(
        **{name: folded(end_to_end(column, said[name])) for name, column in lines.said.items()},
        words=Vocabulary(**coder.words),
        keys=keys,
        line=end_to_end(lines.row, row),
        move=end_to_end(moves.line, size + np.arange(many), of_opened, size + many + begun + held.line),
        group=end_to_end(moves.group, of_bonuses[1], opened.group, held.group),
        on=end_to_end(moves.on, of_bonuses[0], opened.on, held.on),
        units=end_to_end(*bounded(0, moves.units, bonuses.units, opened.units, held.units)),
        taker=moves.taker,
        taken_of=moves.taken_of,
        why=WhyDue(moves, bonuses, opened, held),
    )
