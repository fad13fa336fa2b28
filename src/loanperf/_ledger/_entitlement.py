"""Entitlement: (accruals, amounts set by hand) -> moves, everything that is due by its day, from scratch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import evolve, frozen

from loanperf._commission import Accruals, Standings
from loanperf._ledger._amounts import lines_of
from loanperf._ledger._caps import capped
from loanperf._ledger._cohorts import Cohorts, period_ranks
from loanperf._ledger._draws import drawn
from loanperf._ledger._entries import Entry
from loanperf._ledger._ledger import Slot
from loanperf._ledger._lives import LineMoves, Lives, line_moves
from loanperf._ledger._movements import Movement
from loanperf._ledger._moves import RULES, DueLines, Kept, Moves
from loanperf._ledger._reversals import Hits, Reductions, hits_of, reductions_of, reversing
from loanperf._numbers import (
    Places,
    Truth,
    Whole,
    bounded,
    largest,
    ordered,
    reach,
    shared,
    starts_of,
    summed,
    total_of,
)
from loanperf._validators import each_of, must_be


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


def entitled(accruals: Accruals, overruled: Mapping[str, Entry], nets: Mapping[Slot, int] | None = None) -> Moves:
    """What the accruals entitle to; worked out once for the same amounts set by hand and posted.

    Args:
        accruals: of all payees.
        overruled: by line, the amount set by hand.
        nets: what the ledger has, by line, group and currency, for periods of which a reading or target is missing.
    """
    kept = {
        (key, currency): units
        for (key, group, currency), units in (nets or {}).items()
        if group == "earned" and accruals.missing
    }
    known, by = accruals.memo.get("entitlement", (None, None))
    if isinstance(known, Moves) and by == (overruled, kept):
        return known
    found = moves_of(accruals, overruled, kept)
    accruals.memo["entitlement"] = found, (dict(overruled), kept)
    return found


def moves_of(accruals: Accruals, overruled: Mapping[str, Entry], kept: Mapping[tuple[str, str], int]) -> Moves:
    """Everything that is due by its day.

    Args:
        accruals: of all payees.
        overruled: by line, the amount set by hand.
        kept: by line and currency, the amounts that stay as they were posted.
    """
    held, parts, keys = lines_of(accruals, overruled, kept)
    (units,) = bounded(2 * reach(held.lines.units, held.lines.payee, 0), held.lines.units)
    held = evolve(held, lines=evolve(held.lines, units=units))
    held, parts = capped(held, parts, keys, accruals.through)
    lines, reverses = held.lines, reversing(held.lines)
    ends = np.flatnonzero(reverses)
    hits = hits_of(held, held.some(ends))
    hits = evolve(hits, by=np.append(ends, -1)[hits.by])
    reductions = reductions_of(held)
    lives = Lives.of(lines, parts, reductions, Standings.of(accruals.standings))
    worked = _worked(Cohorts.of(held, hits, reverses), lives, reductions)
    later, more = drawn(accruals, lines.words, worked.kept, len(lines))
    last = in_turn(LineMoves.stacked([_no_moves(lines), *more]))
    found = LineMoves.stacked([worked.held, _of_lines(lines, reverses, hits, worked, lives), last])
    found = found.some(ordered(found.on))
    taker, taken_of = _against(hits, period_ranks(lines.words))
    return Moves(
        lines=DueLines.stacked([lines, *later]),
        line=found.line,
        group=found.group,
        on=found.on,
        units=found.units,
        rule=found.rule,
        source=found.source,
        kept=worked.kept,
        struck=lives.struck,
        taker=taker,
        taken_of=taken_of,
    )


@frozen(eq=False, kw_only=True)
class _Worked:
    """What is known of lines once all periods are worked."""

    kept: Kept
    held: LineMoves
    """What is held, in order of cohort and line."""
    lived: LineMoves
    left: Whole
    """By line, what a reversal takes of it."""


def _worked(cohorts: Cohorts, lives: Lives, reductions: Reductions) -> _Worked:
    """What is held of lines, and what becomes of them; periods are worked in order.

    What reversals take of earlier periods must be known before anything of a later one is held.
    """
    lines, hits = cohorts.held.lines, cohorts.hits
    held, taken, left = lines.units * 0, lines.units * 0, lines.units * 0
    kept, lived = [cohorts.kept(slice(0, 0), taken)[0]], [_no_moves(lines)]
    is_hit = hits.by >= 0
    for period in cohorts.periods if is_hit.any() else [-1]:
        rows = np.flatnonzero(hits.period == period) if period >= 0 else hits.by[:0]
        if len(rows):
            lived += _lived(lives, is_hit & (hits.period == period), held, hits)
            net = total_of(lives.net, lives.parts.line, len(lines))[rows]
            stands = np.maximum(lines.units[rows] - reductions.through(rows, hits.on[rows]), 0)
            left[rows] = np.maximum(stands - net, 0)
            taken = taken + total_of(np.where(hits.late[rows], left[rows] * 0, left[rows]), hits.by[rows], len(lines))
        some, members, units = cohorts.kept(cohorts.of_period(period), taken)
        kept.append(some)
        held[members] = units
    lived += _lived(lives, ~is_hit, held, hits)
    members = cohorts.lines
    there = held[members] > 0
    rows, source = members[there], cohorts.cohort[there]
    moved = line_moves(
        "held", rows, lines.words.last_days[lines.period[rows]], held[rows], part=source, step=rows, source=source
    )
    return _Worked(kept=Kept.stacked(kept), held=in_turn(moved), lived=LineMoves.stacked(lived), left=left)


def _lived(lives: Lives, chosen: Truth, held: Whole, hits: Hits) -> list[LineMoves]:
    """What becomes of some lines, of each up to the day on which its deal is reversed."""
    parts = np.flatnonzero(chosen[lives.parts.line])
    line, units = lives.parts.line[parts], lives.parts.units[parts]
    starts = starts_of(line)
    mine, weights = bounded(largest(held) * largest(units), held[line[starts]], units)
    return [*lives.lived(parts, shared(mine, weights, starts), hits.on[line])]


def _of_lines(lines: DueLines, reverses: Truth, hits: Hits, worked: _Worked, lives: Lives) -> LineMoves:
    """Line by line: what it earned, or takes as a reversal, on its days; then what became of it."""
    kept = np.flatnonzero(~reverses)
    rule = np.where(lines.row[kept] >= 0, _EARNED, _CARRIED)
    rule = np.where(lines.hand[kept] >= 0, _BY_HAND, rule)
    none = kept * 0
    earned = line_moves("earned", kept, lines.on[kept], lines.units[kept], part=none, step=none, source=none)
    rows = np.flatnonzero(worked.left > 0)
    by, on = hits.by[rows], hits.on[rows]
    order = ordered(by, on)
    by, on, units = by[order], on[order], worked.left[rows][order]
    starts = starts_of(by, on)
    none = starts * 0
    taken = line_moves(
        "taken",
        by[starts],
        on[starts],
        summed(units, starts),
        rule="entry.reversed",
        part=none,
        step=none,
        source=none,
    )
    # Of a line that was earned on several days, the last day comes first.
    lived = evolve(worked.lived, part=len(lives.net) - worked.lived.part)
    found = LineMoves.stacked([evolve(earned, rule=rule), taken, lived])
    return found.some(ordered(found.line, found.part, found.step))


_EARNED, _CARRIED, _BY_HAND = map(RULES.index, ("entry.earned", "entry.carried", "entry.set by hand"))


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
    """LineMoves in order of `part` and `step`."""
    return found.some(ordered(found.part, found.step))


def _no_moves(lines: DueLines) -> LineMoves:
    none = np.arange(0)
    return line_moves("earned", none, none, lines.units[:0], part=none, step=none, source=none)
