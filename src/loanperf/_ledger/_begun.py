"""Begun: (accruals, a ledger with an opening) -> accruals from its first period on, and what is due of what it held."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from attrs import evolve, frozen

from loanperf._commission import Accruals, CountedBefore
from loanperf._explanations import Explanation, because
from loanperf._ledger._entries import Entries, Entry
from loanperf._ledger._grounds import OPENING_RULE
from loanperf._ledger._kinds import GROUPS, OPENINGS, EntryKind, are
from loanperf._ledger._ledger import Ledger, must_be_ledger
from loanperf._numbers import Places, Whole, among, day_number, whole
from loanperf._periods import Period
from loanperf.errors import LedgerError, Problem


def first_of(ledger: Ledger, period: Period | None = None) -> Period | None:
    """The first period that a ledger with an opening works, by the calendar of a period; None where it has none."""
    entries = ledger.entries
    if not len(entries) or entries[0].kind not in OPENINGS:
        return None
    return evolve(entries[0].period, calendar=None if period is None else period.calendar).next()


def first_alone(ledger: Ledger, period: Period) -> Period | None:
    """The first period that a ledger with an opening works, as long as nothing else is posted; else None."""
    first = first_of(ledger, period)
    return None if first is None or ledger.periods != {first.previous()} else first


def begun(accruals: Accruals, first: Period, ledger: Ledger) -> Accruals:
    """Accruals without the lines of periods before the first: what they come to has been paid elsewhere.

    What is missing there concerns nobody. Where nothing is posted yet, what is missing from the first period on blocks.
    """
    must_have_counted(accruals, ledger)
    rows, lost = _lines_of(accruals, first, ledger)
    posted = {*ledger.periods, *(closing.period for closing in ledger.closings)} - {first.previous()}
    accruals = _lacking(_with_draws(accruals, first, ledger), lost, is_posted=bool(posted))
    gone = {problem for (_, period), problem in accruals.missing.items() if period.start < first.start}
    missing = {key: problem for key, problem in accruals.missing.items() if key[1].start >= first.start}
    why = dict(accruals.why)
    for (payee, _), problem in missing.items() if not posted else ():
        why[payee] = (*why.get(payee, ()), problem)
    return evolve(
        accruals,
        lines=accruals.columns.take(rows),
        drawing={key: item for key, item in accruals.drawing.items() if key[1].start >= first.start},
        missing=missing,
        problems=tuple(problem for problem in accruals.problems if problem not in gone),
        blocked=accruals.blocked | set(why),
        why=why,
    )


def counted_before(ledger: Ledger) -> tuple[CountedBefore, ...]:
    """What had counted for tiers when a ledger began, as its opening has it; `lp.accrue` takes it as `counted`.

    >>> counted_before(Ledger())
    ()
    """
    must_be_ledger(ledger)
    entries = ledger.entries
    return tuple(map(_counted, entries.rows(np.flatnonzero(are(entries.kind, EntryKind.OPENING_COUNTED)))))


def _counted(entry: Entry) -> CountedBefore:
    said = {name: str(value) for name, value in entry.reason.values}
    if not said["loans"].isdecimal():
        fault = f"its reason says {entry.reason.text()!r}"
        raise LedgerError(f"entry {entry.number}", fault, "restore the ledger as it was written")
    return CountedBefore(
        payee=entry.payee,
        plan=said["plan"],
        component=said["component"],
        amount=entry.amount,
        loans=int(said["loans"]),
        period=Period.parse(entry.cohort),
    )


def must_have_counted(accruals: Accruals, ledger: Ledger) -> None:
    """Refuse lines that were worked without what had counted when the ledger began: they would be paid too little.

    Raises:
        LedgerError: the opening says something else of it.
    """
    before = counted_before(ledger)
    if len(accruals) and sorted(map(repr, accruals.counted)) != sorted(map(repr, before)):
        fault = f"they know of {len(accruals.counted)} sums that counted for tiers, and the opening has {len(before)}"
        raise LedgerError("the accruals", fault, "pass counted=loanperf.opening.counted_before(ledger) to lp.accrue")


def lines_begun(accruals: Accruals, ledger: Ledger, period: Period) -> Accruals:
    """Accruals with the lines that a ledger works: those of its first period and later ones, and of its opening."""
    first = first_of(ledger, period)
    if first is None:
        return accruals
    known, by, since = accruals.memo.get("begun", (accruals, None, first))
    if by is ledger.entries and since == first and isinstance(known, Accruals):
        return known
    rows, _ = _lines_of(accruals, first, ledger)
    found = accruals if len(rows) == len(accruals) else evolve(accruals, lines=accruals.columns.take(rows))
    accruals.memo["begun"] = found, ledger.entries, first
    return found


def _lines_of(accruals: Accruals, first: Period, ledger: Ledger) -> tuple[Places, list[Entry]]:
    """The lines from the first period on, with those that an opening has; and its entries of lines that are not there.

    Lines that were set by hand need no facts. Where the accruals are of some loans alone, lines of others are not
    looked for.
    """
    lines, entries = accruals.columns, ledger.entries
    opened = entries.rows(np.flatnonzero(are(entries.kind, EntryKind.OPENING_EARNED)))
    early = among(lines.period, [period.start < first.start for period in lines.periods], otherwise=False)
    if not opened:
        return np.flatnonzero(~early), []
    of = {entry.line: entry for entry in opened}
    loans = {entry.loan for entry in opened}
    theirs = among(lines.loan, [loan in loans for loan in lines.loans], otherwise=False)
    rows = ((row, lines.row(row)) for row in np.flatnonzero(early & theirs).tolist())
    found = {
        row: line.key for row, line in rows if line.key in of and line.plan.currency == of[line.key].amount.currency
    }
    known, scope = {*found.values(), *ledger.overruled(accruals.through)}, accruals.scope
    lost = [entry for key, entry in of.items() if key not in known and (scope is None or entry.loan in scope.loans)]
    kept = ~early
    kept[[*found]] = True
    return np.flatnonzero(kept), lost


def _lacking(accruals: Accruals, lost: Sequence[Entry], *, is_posted: bool) -> Accruals:
    """Accruals with a problem for each line of an opening that they do not have; its payee is left as it is."""
    if not lost:
        return accruals
    problems = list[Problem]()
    for entry in lost:
        remedy = "give the facts of its loan and the plan of its period, or open it without the line"
        if is_posted:
            remedy = "give the facts of its loan and the plan of its period, or set the line by hand, to what is right"
        fault = f"no plan and fact come to the line of {entry.cohort} in {entry.amount.currency}, which the opening has"
        where = f"loan {entry.loan} of {entry.payee}"
        problems.append(Problem(where, fault, entry.line, remedy, payee=entry.payee, loan=entry.loan))
    return _blocked_by(accruals, problems)


def _blocked_by(accruals: Accruals, problems: Sequence[Problem]) -> Accruals:
    """Accruals with more problems, whose payees are left as they are."""
    why = dict(accruals.why)
    for problem in problems:
        why[problem.payee] = (*why.get(problem.payee, ()), problem)
    blocked = accruals.blocked | {problem.payee for problem in problems}
    return evolve(accruals, problems=(*accruals.problems, *problems), blocked=blocked, why=why)


def _with_draws(accruals: Accruals, first: Period, ledger: Ledger) -> Accruals:
    """Accruals with what was not repaid of draws, and a problem for each that nobody grants in the first period."""
    entries = ledger.entries
    before = defaultdict[tuple[str, str, str], int](int)
    for entry in entries.rows(np.flatnonzero(are(entries.kind, EntryKind.OPENING_DRAW))):
        before[entry.payee, str(dict(entry.reason.values)["plan"]), entry.amount.currency] += entry.amount.units
    problems = list[Problem]()
    for payee, plan, currency in sorted(before):
        dated, _ = accruals.drawing.get((payee, first), (None, 0))
        if dated is not None and (dated.plan.code, dated.currency) == (plan, currency):
            continue
        fault = f"plan {plan!r} grants no draw in {currency} to {payee} in {first}"
        remedy = "open it as a receivable, or mend the assignment"
        problems.append(Problem(f"the draw of {payee} in the opening", fault, "", remedy, payee=payee))
    return _blocked_by(evolve(accruals, drawn_before=dict(before)), problems)


@frozen(eq=False)
class OpeningMoves:
    """What is due of an opening: what was held, as it was, and its release on the day that was stated."""

    entries: Entries
    """Of the ledger."""
    rows: Places
    """Those that were held."""

    @classmethod
    def of(cls, entries: Entries) -> OpeningMoves:
        """Those of a ledger's entries."""
        return cls(entries, np.flatnonzero(are(entries.kind, EntryKind.OPENING_HELD)))

    def __len__(self) -> int:
        return 2 * len(self.rows)

    @property
    def group(self) -> Places:
        """First what was held, then what is released."""
        return np.repeat([GROUPS.index("held"), GROUPS.index("released")], len(self.rows))

    @property
    def on(self) -> Whole:
        """The days of moves."""
        entries = self.entries
        last = [day_number(entries.periods[code].last_day) for code in entries.period[self.rows].tolist()]
        return np.append(whole(last), entries.on[self.rows])

    @property
    def units(self) -> Whole:
        """The amounts of moves."""
        units = self.entries.units[self.rows]
        return np.append(units, units)

    def why(self, move: int) -> Explanation:
        """Why a move is due."""
        entry = self.entries.row(int(self.rows[move % len(self.rows)]))
        if move < len(self.rows):
            return entry.reason
        values = {"amount": str(entry.amount), "on": entry.on.isoformat(), "cohort": entry.cohort, "loan": ""}
        return because(OPENING_RULE, values)
