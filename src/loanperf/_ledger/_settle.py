"""Settle: (ledger, accruals) -> entries, the difference between what is due and what was posted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from operator import attrgetter
from typing import get_args

from attrs import evolve, field, frozen

from loanperf._bonus import Award
from loanperf._commission import Accrual, Accruals, line_key
from loanperf._explanations import Explanation, because
from loanperf._ledger._cohorts import REVERSALS
from loanperf._ledger._entitlement import entitled, slot_of
from loanperf._ledger._entries import Entry
from loanperf._ledger._kinds import EntryKind, Group
from loanperf._ledger._ledger import Ledger, Slot, must_be_ledger
from loanperf._ledger._movements import Movement
from loanperf._periods import Period, must_be_period
from loanperf._quantities import Money
from loanperf._validators import each_of, must_be
from loanperf.errors import LedgerError, Problem

_BONUS = "bonus"
_PLACE = {group: place for place, group in enumerate(get_args(Group))}
_KINDS: dict[Group, EntryKind] = {
    "earned": EntryKind.EARNED,
    "held": EntryKind.HELD,
    "released": EntryKind.RELEASED,
    "forfeited": EntryKind.FORFEITED,
    "taken": EntryKind.CANCELLED,
    "refunded": EntryKind.REFUNDED,
    "guarantee": EntryKind.GUARANTEE,
    "draw": EntryKind.DRAW,
    "recovery": EntryKind.RECOVERY,
    "waived": EntryKind.WAIVED,
}


def settle(ledger: Ledger, accruals: Accruals, *, period: Period, awards: Iterable[Award] = ()) -> tuple[Entry, ...]:
    """What is to be posted so that the ledger says what is due at the end of a period; to append and keep.

    Each line and group is compared with everything posted in this period or earlier ones, and only the difference is
    posted: settling twice posts nothing, and the order in which facts came does not matter. What was posted before,
    or was earned in a closed period, gets an adjustment that names what it corrects. What a dead or bad loan takes is
    clawed back as far as it was paid net, and cancelled as far as it was not. What was posted for payees who are
    `blocked` stays as it is, and so does what was earned in a period of which a reading or target is `missing`; of an
    open period of which nothing is posted, that blocks the payee.

    Args:
        ledger: everything posted so far.
        accruals: of all payees of the ledger, from the first fact to the end of `period` at least. A line that
            they no longer have is taken back.
        period: into which to post; it must be open.
        awards: bonuses of this period, or of parts of it that share no day; those of a payee are summed. One that was
            posted and is not given again stays as it is. No bonus passes a holdback.

    Raises:
        LedgerError: the period is closed, the accruals end before it, an award is of another period, or the accruals
            are cut by other periods than the ledger.
        DataError: one of the arguments is of another class.

    >>> from loanperf import Accruals, Ledger, Period, settle
    >>> march = Period.month(2026, 3)
    >>> settle(Ledger(), Accruals(through=march, lines=()), period=march)
    ()
    """
    open_for_posting(ledger, period)
    must_be(accruals, Accruals, "accruals", "pass what lp.accrue gives")
    awards = each_of(awards, Award, "awards", "pass a list of what lp.award gives")
    must_be_cut_alike(accruals.through, period)
    bonuses = {slot_of(movement): movement for movement in _bonuses(awards, period)}
    nets = ledger.nets(period)
    worked = entitled(accruals, ledger.overruled(period), nets)
    due = worked.due(period.end)

    def moved(slot: Slot) -> list[Movement]:
        found = [movement for movement in worked.slots.get(slot, ()) if movement.on < period.end]
        return [*found, bonuses[slot]] if slot in bonuses else found

    changed = [(slot, units - nets.get(slot, 0)) for slot, units in due.items() if units != nets.get(slot, 0)]
    changed += [(slot, move.amount.units - nets.get(slot, 0)) for slot, move in bonuses.items()]
    gone = (slot for slot in nets if slot not in due and slot not in bonuses and not _is_bonus(ledger, slot))
    changed += [(slot, -nets[slot]) for slot in gone if not _stays(ledger, accruals, slot)]
    found = [(slot, units, moved(slot)) for slot, units in changed if units]
    payees = {slot: moves[0].payee if moves else ledger.of_line(slot[0])[0].payee for slot, _, moves in found}
    blocked = accruals.blocked | set(unposted(ledger, accruals, period)) | _paid_for(ledger, accruals.unknown, payees)
    posting = _Posting(ledger, period, len(ledger.entries), ledger.closed)
    for slot, units, moves in sorted(
        (item for item in found if payees[item[0]] not in blocked),
        key=lambda item: (payees[item[0]], item[0][0], _PLACE[item[0][1]], item[0][2]),
    ):
        _post(posting, slot, units, moves, nets.get(slot, 0))
    return tuple(posting.entries)


def _stays(ledger: Ledger, accruals: Accruals, slot: Slot) -> bool:
    """Whether a line that is not accrued any more is of a period of which not all is known.

    A reading or target of it is missing, or it lies before the first fact and the line is of no loan.
    """
    entry = ledger.of_line(slot[0])[0]
    if not entry.cohort or not (accruals.missing or accruals.first):
        return False
    cohort = Period.parse(entry.cohort)
    unworked = accruals.first is not None and cohort.start < accruals.first.start and not entry.loan
    return unworked or (entry.payee, cohort) in accruals.missing


def unposted(ledger: Ledger, accruals: Accruals, period: Period) -> dict[str, list[Problem]]:
    """By payee: what is missing of open periods of which nothing is posted for them.

    What is missing of a closed period, of one that was posted before, and of those before the ledger begins, changes
    nothing there.
    """
    found: dict[str, list[Problem]] = defaultdict(list)
    if not accruals.missing:
        return found
    begins, closed = begins_on(ledger, period), ledger.closed
    posted = {(entry.payee, entry.period) for entry in ledger.entries}
    for (payee, lacking), problem in sorted(accruals.missing.items(), key=lambda item: (item[0][0], item[0][1].start)):
        if begins <= lacking.start < period.start and lacking not in closed and (payee, lacking) not in posted:
            found[payee].append(problem)
    return found


def came_late(ledger: Ledger, accruals: Accruals, period: Period) -> Iterator[Problem]:
    """A problem for each loan that came or changed after its period was posted, which lacks a reading or target now.

    Others of its component are posted for that period, and nothing of the loan; or it goes by facts that no entry of it
    has seen; or the period lies before those of the ledger. Nobody knows what the loan earns.
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
        changed = {line.key for line in lines if line.key in posted and _seen(line.steps) - _told(ledger, line)}
        for line in lines:
            if line.key in (earns - posted) | changed:
                why = accruals.missing[payee, lacking]
                came = f"changed after {lacking} was posted" if line.key in changed else came
                fault = f"it {came}, and its pay hangs on what is missing for {lacking}: {why.fault}"
                remedy = (
                    f"{why.remedy}; or pass lp.Keeping(first=...) where it was paid elsewhere" if before else why.remedy
                )
                where = f"loan {line.loan} of {payee}"
                yield evolve(why, where=where, fault=fault, remedy=remedy, loan=line.loan)


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
    for line in accruals.lines:
        if line.loan and line.stage not in REVERSALS and (line.payee, line.period) in accruals.missing:
            groups[line.payee, line.plan.plan.code, line.component, line.period].append(line)
    return groups


def _posted(ledger: Ledger, lines: list[Accrual]) -> set[str]:
    """The lines of which anything is posted."""
    return {line.key for line in lines if any(entry.amount.units for entry in ledger.of_line(line.key, "earned"))}


def begins_on(ledger: Ledger, period: Period) -> date:
    """The first day of the periods of a ledger, with the one to be worked."""
    known = (period, *ledger.periods, *(closing.period for closing in ledger.closings))
    return min(held.start for held in known)


def _told(ledger: Ledger, line: Accrual) -> set[Explanation]:
    """The facts by which a line was posted."""
    return _seen(entry.reason for entry in ledger.of_line(line.key, "earned"))


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
    for worth in (attrgetter("amount.units"), attrgetter("gross")):
        if any(worth(line) and (line.key in posted or not posted) for line in lines):
            return {line.key for line in lines if worth(line)}
    tiers = [item.tiers for item in lines[0].plan.plan.components if item.code == lines[0].component and item.tiers]
    is_read = any(item.by in ("attainment", "indicator", "indicator attainment") for item in tiers)
    return {line.key for line in lines} if posted or is_read else set()


def _paid_for(ledger: Ledger, loans: frozenset[str], payees: dict[Slot, str]) -> set[str]:
    """The payees with a line of one of some loans, among those of whom something has changed."""
    return {
        payee for slot, payee in payees.items() if any(entry.loan in loans for entry in ledger.of_line(slot[0])[:1])
    }


def open_for_posting(ledger: Ledger, period: Period) -> None:
    """Refuse a period of another calendar than the ledger's, and a closed one.

    Raises:
        LedgerError: it is one.
        PeriodError: it is no `Period`.
        DataError: there is no ledger.
    """
    must_be_ledger(ledger)
    must_be_period(period)
    must_keep_calendar(ledger, period)
    if ledger.is_closed(period):
        remedy = f"post into the next, {period.next()}, or reopen it with a reason"
        raise LedgerError(f"period {period}", "it is closed", remedy)


# ── the calendar ────────────────────────────────────────────────────────────────────────────────────────────


def must_keep_calendar(ledger: Ledger, period: Period) -> None:
    """Refuse a period that does not follow on those of the ledger: lines of another calendar are other lines.

    Raises:
        LedgerError: it names a period of the ledger and this one, each with its length.
    """
    strange = _off_calendar(period, ledger.periods)
    if strange is not None:
        fault = f"the ledger is kept by periods such as {_with_length(strange)}, and this is {_with_length(period)}"
        remedy = "its calendar is fixed: work the periods that follow on it, or begin a ledger of its own"
        raise LedgerError(f"period {period}", fault, remedy)


def must_begin_with(first: Period, ledger: Ledger, period: Period) -> None:
    """Refuse a period before the first of a ledger or of another calendar, and entries that are older.

    Raises:
        LedgerError: it names the first period and the other one.
    """
    older = min((held for held in ledger.periods if held.start < first.start), default=None)
    if _off_calendar(period, (first,)) is not None:
        fault = f"the ledger begins with {_with_length(first)}, and this is {_with_length(period)}"
        raise LedgerError(f"period {period}", fault, "name a period of the same calendar as the first")
    if period.start < first.start:
        raise LedgerError(f"period {period}", f"the ledger begins with {first}", f"work {first} or a later one")
    if older is not None:
        fault = f"it has entries of {older}, and is said to begin with {first}"
        raise LedgerError("the ledger", fault, "leave the first period as it was, or out")


def _off_calendar(period: Period, others: Iterable[Period]) -> Period | None:
    """The first of some periods that is not met by going from a period to its neighbours; None where all are."""
    left = set(others) - {period}
    if not left:
        return None
    first, last = min(other.start for other in left), max(other.start for other in left)
    before = after = period
    while before.start > first:
        before = before.previous()
        left.discard(before)
    while after.start < last:
        after = after.next()
        left.discard(after)
    return min(left, default=None)


def must_be_cut_alike(through: Period, period: Period) -> None:
    """Refuse accruals that end before the period to post into, or are cut by others."""
    if through.end < period.end:
        fault = f"the accruals end with {through}"
        raise LedgerError(f"settling {period}", fault, "accrue through the period, or settle an earlier one")
    if _off_calendar(through, (period,)) is not None:
        fault = f"the accruals are cut by periods such as {_with_length(through)}, and this is {_with_length(period)}"
        raise LedgerError(f"settling {period}", fault, "accrue through the period that is settled")


def _with_length(period: Period) -> str:
    count, unit = (period.months, "month") if period.months else (period.days, "day")
    return f"{period} ({count} {unit}{'' if count == 1 else 's'})"


def overrule(
    ledger: Ledger,
    line: str,
    amount: Money,
    *,
    period: Period,
    payee: str,
    by: str,
    why: str,
    evidence: str,
) -> Entry:
    """The entry that sets a line by hand, whatever is computed for it from then on; to append.

    What is earned by the line becomes `amount`; what is held of it and what a bad loan takes follow at the next
    settling. A later override of the line replaces it.

    Args:
        ledger: everything posted so far.
        line: key of the line, `Accrual.key`; a new one is earned in `period`.
        amount: what the line is set to, zero or more.
        period: into which to post; it must be open.
        payee: whose line.
        by: who sets it.
        why: the reason.
        evidence: where it can be checked.

    Raises:
        LedgerError: the period is closed, the line is another payee's or in another currency, or one of `by`, `why`
            and `evidence` is empty.
        DataError: it is no ledger or no amount.

    >>> from loanperf import Ledger, Money, Period, overrule
    >>> june = Period.month(2026, 6)
    >>> said = {"by": "chen", "why": "typo in the contract", "evidence": "HR-17"}
    >>> print(overrule(Ledger(), "x", Money.of("50 CNY"), period=june, payee="lin", **said).amount)
    50.00 CNY
    """
    open_for_posting(ledger, period)
    known = _known(ledger, line, payee, amount)
    earned = [entry for entry in ledger.of_line(line, "earned") if entry.period.end <= period.end]
    before = Money.from_units(sum(entry.amount.units for entry in earned), amount.currency)
    values = {"before": str(before), "now": str(amount), "by": by, "why": why, "evidence": evidence}
    return Entry(
        number=len(ledger.entries) + 1,
        kind=EntryKind.OVERRIDE,
        payee=payee,
        line=line,
        cohort=known[0].cohort if known else str(period),
        loan=known[0].loan if known else "",
        period=period,
        amount=amount - before,
        on=known[0].on if known else period.last_day,
        version=known[0].version if known else "",
        corrects=tuple(entry.number for entry in earned),
        reason=because("entry.override", values),
        set_to=amount,
        by=by,
        why=why,
        evidence=evidence,
    )


def _known(ledger: Ledger, line: str, payee: str, amount: Money) -> tuple[Entry, ...]:
    """The entries of a line that is to be set by hand."""
    must_be(amount, Money, "the amount that is set by hand", "pass lp.Money.of('50 CNY')")
    known = ledger.of_line(line)
    for entry in known:
        if (entry.payee, entry.amount.currency) != (payee, amount.currency):
            fault = f"it is of {entry.payee!r}, in {entry.amount.currency}"
            raise LedgerError(f"line {line}", fault, "name the line of that payee, in its currency")
    if not line or amount.units < 0:
        raise LedgerError(f"line {line!r} set to {amount}", "it needs a key and no amount below zero", "mend it")
    return known


# ── bonuses ─────────────────────────────────────────────────────────────────────────────────────────────────


def _bonuses(awards: Iterable[Award], period: Period) -> Iterator[Movement]:
    """What each payee earned by bonuses: one for the period, or one for each part of it."""
    parts: dict[str, dict[Period, Award]] = defaultdict(dict)
    for award in awards:
        part = Period.parse(award.period)
        if not (period.start <= part.start and part.end <= period.end):
            where = f"the award of {award.payee!r}"
            raise LedgerError(where, f"it is of {award.period}", f"settle it there, or give those of {period}")
        if any(part.start < other.end and other.start < part.end for other in parts[award.payee]):
            where = f"the awards of {award.payee!r} for {period}"
            raise LedgerError(where, "there are two", "give one, with the sum of the parts")
        parts[award.payee][part] = award
    for payee, held in parts.items():
        first, *others = (held[part] for part in sorted(held, key=attrgetter("start")))
        yield Movement(
            group="earned",
            line=line_key(payee, _BONUS, _BONUS, "", "", period),
            payee=payee,
            cohort=period,
            on=period.last_day,
            amount=sum((other.amount for other in others), first.amount),
            rule="entry.bonus",
            steps=tuple(award.explain() for award in (first, *others)),
        )


def _is_bonus(ledger: Ledger, slot: Slot) -> bool:
    if "/bonus/bonus///" not in slot[0]:
        return False
    first = ledger.of_line(slot[0])[0]
    return slot[0] == line_key(first.payee, _BONUS, _BONUS, "", "", Period.parse(first.cohort))


# ── posting ─────────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class _Posting:
    """The entries of one settling as they come."""

    ledger: Ledger
    period: Period
    start: int
    closed: frozenset[Period] = frozenset()
    entries: list[Entry] = field(factory=list)
    clawed: dict[str, int] = field(factory=lambda: defaultdict(int))
    """What these entries claw back so far, by payee and by line."""


def _post(posting: _Posting, slot: Slot, units: int, moved: list[Movement], before: int) -> None:
    line, group, currency = slot
    earlier = tuple(
        entry
        for entry in posting.ledger.of_line(line, group)
        if entry.amount.currency == currency and entry.period.end <= posting.period.end
    )
    if group == "taken":
        _post_taken(posting, slot, units, moved, earlier)
        return
    cohort = moved[0].cohort if moved else Period.parse(earlier[0].cohort)
    kind = _KINDS[group]
    if group == "earned" and (earlier or cohort in posting.closed):
        kind = EntryKind.ADJUSTMENT
    reason = _reason(posting, slot, units, moved, before)
    _add(posting, kind, slot, units, moved, earlier, tuple(entry.number for entry in earlier), reason)


def _post_taken(posting: _Posting, slot: Slot, units: int, moved: list[Movement], earlier: tuple[Entry, ...]) -> None:
    """Post what is taken: clawed back as far as it was paid, cancelled as far as it was not."""
    line, _, currency = slot
    clawed_before = sum(entry.amount.units for entry in earlier if entry.kind is EntryKind.CLAWED_BACK)
    payee = moved[0].payee if moved else earlier[0].payee
    corrects = tuple(entry.number for entry in earlier)
    keys: tuple[str, ...] = (line, *(key for move in moved for key in move.against))
    if not moved:
        # Nothing takes any more: what is clawed back comes to zero, and so does what is cancelled.
        corrects = tuple(sorted({*corrects, *(number for entry in earlier for number in entry.corrects)}))
        keys += tuple(posting.ledger.entries[number - 1].line for number in corrects)
        clawed = -clawed_before
    elif units > 0:
        clawed = units
        originals = [entry for key in dict.fromkeys(keys) for entry in posting.ledger.of_line(key, "earned")]
        corrects = tuple(sorted(entry.number for entry in originals))
    else:
        clawed = -min(-units, max(0, clawed_before))
    if clawed > 0:
        clawed = min(clawed, _clawable(posting, payee, currency, keys))
        posting.clawed[f"payee {payee} {currency}"] += clawed
        posting.clawed[f"line {line} {currency}"] += clawed
    parts = ((EntryKind.CLAWED_BACK, clawed), (EntryKind.CANCELLED, units - clawed))
    for kind, part in parts:
        if part:
            child = _reason(posting, slot, units, moved, sum(entry.amount.units for entry in earlier))
            reason = because(f"entry.{kind.value}", {"amount": str(Money.from_units(part, currency))}, child)
            _add(posting, kind, slot, part, moved, earlier, corrects, reason)


def _clawable(posting: _Posting, payee: str, currency: str, keys: tuple[str, ...]) -> int:
    """What was paid of some lines and not clawed back, by the ledger or by entries of this settling."""
    of_lines = posting.ledger.paid_net(payee, currency, keys)
    of_lines -= sum(posting.clawed[f"line {key} {currency}"] for key in set(keys))
    of_payee = posting.ledger.paid_total(payee, currency) - posting.clawed[f"payee {payee} {currency}"]
    return max(0, min(of_lines, of_payee))


def _add(
    posting: _Posting,
    kind: EntryKind,
    slot: Slot,
    units: int,
    moved: list[Movement],
    earlier: tuple[Entry, ...],
    corrects: tuple[int, ...],
    reason: Explanation,
) -> None:
    line, _, currency = slot
    last = moved[-1] if moved else None
    on: date = last.on if last is not None else posting.period.last_day
    plan = last.plan if last is not None else None
    posting.entries.append(
        Entry(
            number=posting.start + len(posting.entries) + 1,
            kind=kind,
            payee=last.payee if last is not None else earlier[0].payee,
            line=line,
            cohort=str(last.cohort) if last is not None else earlier[0].cohort,
            loan=last.loan if last is not None else earlier[0].loan,
            period=posting.period,
            amount=Money.from_units(units, currency),
            on=on,
            version=plan.version if plan is not None else "" if last is not None else earlier[0].version,
            corrects=corrects,
            reason=reason,
        )
    )


def _reason(posting: _Posting, slot: Slot, units: int, moved: list[Movement], before: int) -> Explanation:
    """Why the difference is posted: what moved in the period, or how the sum has changed."""
    recent = [move for move in moved if move.on >= posting.period.start]
    if len(recent) == 1 and recent[0].amount.units == units:
        return recent[0].reason()
    if recent and sum(move.amount.units for move in recent) == units:
        values = {"amount": str(Money.from_units(units, slot[2])), "count": str(len(recent))}
        return because("entry.several", values, *(move.reason() for move in recent))
    values = {"before": str(Money.from_units(before, slot[2])), "now": str(Money.from_units(before + units, slot[2]))}
    return because("entry.difference", values, *(move.reason() for move in (recent or moved[-1:])))
