"""Late: what lacks a reading or target now, in periods that were posted, or of which nothing was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from operator import attrgetter

import numpy as np
from attrs import evolve

from loanperf._commission import Accrual, Accruals, Standings
from loanperf._explanations import Explanation
from loanperf._ledger._amounts import rows_in
from loanperf._ledger._begun import first_alone, first_of
from loanperf._ledger._calendar import SAY_FIRST, begins_on
from loanperf._ledger._entitlement import entitled
from loanperf._ledger._kinds import GROUPS, EntryKind, are
from loanperf._ledger._ledger import Ledger
from loanperf._ledger._strikes import REVERSALS
from loanperf._numbers import Places, among, day_number, distinct, marked, whole
from loanperf._periods import Period
from loanperf.errors import Problem


def unposted(ledger: Ledger, accruals: Accruals, period: Period) -> dict[str, list[Problem]]:
    """By payee: what is missing of open periods of which nothing is posted for them.

    What is missing of a closed period, of one that was posted before, and of those before the ledger begins, changes
    nothing there.
    """
    found: dict[str, list[Problem]] = defaultdict(list)
    if not accruals.missing:
        return found
    begins, closed, entries = begins_on(ledger, period), ledger.closed, ledger.entries
    wide = len(entries.periods)
    pairs, _ = distinct(np.sort(entries.payee * wide + entries.period))
    names = entries.words.payee.texts
    posted = {(names[pair // wide], entries.periods[pair % wide]) for pair in pairs.tolist()}
    for (payee, lacking), problem in sorted(accruals.missing.items(), key=lambda item: (item[0][0], item[0][1].start)):
        if begins <= lacking.start < period.start and lacking not in closed and (payee, lacking) not in posted:
            found[payee].append(problem)
    return found


def came_late(ledger: Ledger, accruals: Accruals, period: Period) -> Iterator[Problem]:
    """A problem for each loan that came or changed after its period was posted, which lacks a reading or target now.

    Others of its component are posted for that period, and nothing of the loan; or what was drawn of it is not what any
    of its entries went by; or the period lies before those of the ledger. Nobody knows what the loan earns.
    """
    if not accruals.missing:
        return
    begins = begins_on(ledger, period)
    for (payee, _, _, lacking), lines in _lacking(accruals).items():
        posted = _posted(ledger, lines)
        before = lacking.start < begins
        if payee in accruals.blocked or not (posted or before):
            continue
        earns = _earning(lines, posted)
        came = "fell due before anything was posted" if before else f"came after {lacking} was posted"
        changed = _changed(ledger, accruals, [line for line in lines if line.key in posted])
        for line in lines:
            if line.key in (earns - posted) | changed:
                why = accruals.missing[payee, lacking]
                came = f"changed after {lacking} was posted" if line.key in changed else came
                fault = f"it {came}, and its pay hangs on what is missing for {lacking}: {why.fault}"
                remedy = f"{why.remedy}; or {SAY_FIRST} where it was paid elsewhere" if before else why.remedy
                where = f"loan {line.loan} of {payee}"
                yield evolve(why, where=where, fault=fault, remedy=remedy, loan=line.loan)


def taken_before(ledger: Ledger, accruals: Accruals, period: Period) -> Iterator[Problem]:
    """A problem for each loan of an opening that went bad before its first period, while nothing else is posted.

    What is due to be taken of it may have been taken by whoever paid before.
    """
    first = first_alone(ledger, period)
    if first is None:
        return
    moves = entitled(accruals, ledger.overruled(period), None, ledger)
    taking = (moves.group == GROUPS.index("taken")) | (moves.group == GROUPS.index("forfeited"))
    for move in map(moves.row, np.flatnonzero(taking & (moves.on < day_number(first.start))).tolist()):
        fault = f"{move.amount} would be taken of its opened line for what happened on {move.on}, before {first}"
        remedy = "open nothing of a loan that went bad before, or approve it where nothing was taken of it yet"
        yield Problem(f"loan {move.loan} of {move.payee}", fault, move.line, remedy, payee=move.payee, loan=move.loan)


def stays_held(ledger: Ledger, accruals: Accruals, period: Period) -> Iterator[Problem]:
    """A problem for each opened line of which something is held, by a plan that holds nothing back: it stays held.

    Told while nothing else is posted.
    """
    first, entries = first_of(ledger, period), ledger.entries
    if first is None or ledger.periods != {first.previous()}:
        return
    withheld = entries.rows(np.flatnonzero(are(entries.kind, EntryKind.OPENING_WITHHELD)))
    held = {entry.line: entry for entry in withheld if entry.amount.units}
    loans, lines = {entry.loan for entry in held.values()}, accruals.columns
    theirs = among(lines.loan, [loan in loans for loan in lines.loans], otherwise=False)
    for line in map(lines.row, np.flatnonzero(theirs).tolist()):
        if line.key in held and line.plan.plan.holdback is None:
            fault = f"{held[line.key].amount} is held of it, and plan {line.plan.plan.code!r} holds nothing back"
            remedy = "open what is held as a row 'held' with its days, and the line as earned without it"
            yield Problem(
                f"loan {line.loan} of {line.payee}", fault, line.key, remedy, payee=line.payee, loan=line.loan
            )


def nothing_posted(ledger: Ledger, accruals: Accruals, period: Period) -> Iterator[Problem]:
    """A problem for each component of which nothing is posted in an earlier period that lacks a reading or target now.

    Its loans earned nothing then, or all of them came too late: without the reading nobody can tell.
    """
    if not accruals.missing:
        return
    begins, blocked = begins_on(ledger, period), accruals.blocked | set(unposted(ledger, accruals, period))
    for (payee, _, _, lacking), lines in _lacking(accruals).items():
        if payee in blocked or lacking.start < begins or _posted(ledger, lines):
            continue
        earns = _earning(lines, ())
        loans, why = sorted({line.loan for line in lines if line.key in earns}), accruals.missing[payee, lacking]
        if not loans:
            continue
        more = f" and {len(loans) - 1} more" if len(loans) > 1 else ""
        said = f"nothing is posted for {lines[0].component} of loan {loans[0]}{more}"
        yield evolve(why, fault=f"{said}, which earned nothing or came late, and what decides is missing: {why.fault}")


def _lacking(accruals: Accruals) -> dict[tuple[str, str, str, Period], list[Accrual]]:
    """By payee, plan, component and period, the lines of loans where a reading or target is missing."""
    groups: dict[tuple[str, str, str, Period], list[Accrual]] = defaultdict(list)
    for line in map(accruals.columns.row, _missing(accruals).tolist()):
        if line.loan and line.stage not in REVERSALS:
            groups[line.payee, line.plan.plan.code, line.component, line.period].append(line)
    return groups


def _missing(accruals: Accruals) -> Places:
    """The lines of payees and periods of which a reading or target is missing, in order."""
    lines = accruals.columns
    return rows_in(lines, lines.payees, lines.periods, accruals.missing)


def long_past(ledger: Ledger, accruals: Accruals, begins: date) -> tuple[int, Period | None]:
    """How many lines of periods before a day come to something and have nothing posted, and the first of the periods.

    Those of periods of which a reading or target is missing are left out.
    """
    lines = accruals.columns
    early = whole([code for code, period in enumerate(lines.periods) if period.start < begins])
    there = marked(early, len(lines.periods))[lines.period] & (lines.units != 0)
    there[_missing(accruals)] = False
    rows = np.flatnonzero(there)
    if len(ledger.entries):
        rows = whole([row for row in rows.tolist() if ledger.code_of_line(lines.row(row).key) < 0])
    known, _ = distinct(lines.period[rows])
    first = min((lines.periods[code] for code in known.tolist()), key=attrgetter("start"), default=None)
    return len(rows), first


def _posted(ledger: Ledger, lines: list[Accrual]) -> set[str]:
    """The lines of which anything is posted."""
    return {line.key for line in lines if ledger.has_earned(line.key)}


def _changed(ledger: Ledger, accruals: Accruals, lines: Sequence[Accrual]) -> set[str]:
    """The lines of loans of which something else was drawn by their day than what any of their entries went by.

    Entries that do not say what was drawn, as those of earlier versions, have the facts in their reasons.
    """
    places = [ledger.places_of_line(line.key, "earned") for line in lines]
    grounds = ledger.entries.kept(whole([place for some in places for place in some]))
    said = Standings.of(accruals.standings)
    days, loans = whole([day_number(line.on) for line in lines]), said.places([line.loan for line in lines])[:-1]
    start, found = 0, set[str]()
    for line, some, now in zip(lines, places, said.drawn.sum_through(loans, days).tolist(), strict=True):
        rows = slice(start, start := start + len(some))
        known = grounds.drawn[rows][grounds.is_drawn[rows]].tolist()
        if now not in known if known else _seen(line.steps) - _seen(ledger.entries.reasons(place) for place in some):
            found.add(line.key)
    return found


def _seen(steps: Iterable[Explanation]) -> set[Explanation]:
    """The facts in some reasons."""
    found: set[Explanation] = set()
    for step in steps:
        found |= {step} if step.rule == "seen" else _seen(step.because)
    return found


def _earning(lines: list[Accrual], posted: Collection[str]) -> set[str]:
    """The lines that earn something, by what is known without the reading: after caps, or before them.

    Where a tier is read at what is missing, or all that is posted comes to nothing now, any of them may.
    """
    for amount_of in (attrgetter("amount.units"), attrgetter("gross")):
        if any(amount_of(line) and (line.key in posted or not posted) for line in lines):
            return {line.key for line in lines if amount_of(line)}
    tiers = [item.tiers for item in lines[0].plan.plan.components if item.code == lines[0].component and item.tiers]
    is_read = any(item.by in ("attainment", "indicator", "indicator attainment") for item in tiers)
    return {line.key for line in lines} if posted or is_read else set()
