"""By hand: (ledger, a line set by hand, or a decision on pay) -> the entries that say so, with who and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Literal, TypeAlias, get_args

from attrs import field, frozen

from loanperf._commission import line_key
from loanperf._data import PlainData
from loanperf._explanations import Label, because
from loanperf._ledger._bonuses import BONUS
from loanperf._ledger._calendar import open_for_posting
from loanperf._ledger._deferred import CLAWED, DECIDED, HELD_AS
from loanperf._ledger._entries import Entry
from loanperf._ledger._keys import parts_of
from loanperf._ledger._kinds import EFFECTS, EntryKind
from loanperf._ledger._ledger import Ledger
from loanperf._numbers import bounded, shared, whole
from loanperf._periods import Period, day
from loanperf._quantities import Money, percent
from loanperf._validators import as_share, has_words, is_same_person, must_be
from loanperf.errors import LedgerError, shown


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

    What the line earned becomes `amount`; what is held and what a bad loan takes follow when it is settled, of a bonus
    in the part held before, or by its award that is given again. A later override replaces it.

    Args:
        ledger: everything posted so far.
        line: key of the line, `Accrual.key`; a new one is earned in `period`.
        amount: what the line is set to, zero or more.
        period: into which to post; it must be open.
        payee: whose line.
        by: the code of who sets it; never the payee.
        why: the reason.
        evidence: where it can be checked.

    Raises:
        LedgerError: the period is closed, the line is another payee's or in another currency, was clawed back, or is
            of what is held of a person or at the beginning; `by`, `why` or `evidence` is empty; `by` is the payee.
        DataError: it is no ledger or no amount.

    >>> from loanperf import Ledger, Money, Period, overrule
    >>> june = Period.month(2026, 6)
    >>> said = {"by": "chen", "why": "typo in the contract", "evidence": "HR-17"}
    >>> print(overrule(Ledger(), "x", Money.of("50 CNY"), period=june, payee="lin", **said).amount)
    50.00 CNY
    """
    open_for_posting(ledger, period)
    known = _known(ledger, line, payee, amount, by)
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


def _known(ledger: Ledger, line: str, payee: str, amount: Money, by: str) -> tuple[Entry, ...]:
    """The entries of a line that is to be set by hand."""
    must_be(amount, Money, "the amount that is set by hand", "pass lp.Money.of('50 CNY')")
    if is_same_person(by, payee):
        raise LedgerError(f"line {line}", f"{by} would set their own pay by hand", "let somebody else set it")
    known = ledger.of_line(line)
    _, plan, component, *_ = parts_of(line)
    if plan == BONUS["plan"] and component in (*HELD_AS, CLAWED):
        remedy = "set the bonus itself by hand, or use lp.schemes.decide"
        raise LedgerError(f"line {line}", f"it says what is {component}, which follows from other lines", remedy)
    for entry in known:
        if entry.kind is EntryKind.OPENING_HELD:
            fault = "it was held when the ledger began, and is released as was stated then"
            raise LedgerError(f"line {line}", fault, "set a line of its own by hand to what is owed beside it")
        if (entry.payee, entry.amount.currency) != (payee, amount.currency):
            fault = f"it is of {entry.payee!r}, in {entry.amount.currency}"
            raise LedgerError(f"line {line}", fault, "name the line of that payee, in its currency")
    if not line or amount.units < 0:
        raise LedgerError(f"line {line!r} set to {amount}", "it needs a key and no amount below zero", "mend it")
    return known


# ── decisions ───────────────────────────────────────────────────────────────────────────────────────────────


Does: TypeAlias = Literal["stop", "release", "claw back"]
_KIND_OF = {"stop": EntryKind.FORFEITED, "release": EntryKind.RELEASED, "claw back": EntryKind.CLAWED_BACK}


def _periods(value: Iterable[Period | str]) -> tuple[Period, ...]:
    return tuple(Period.parse(item) if isinstance(item, str) else item for item in value)


@frozen(kw_only=True)
class Decision(PlainData):
    """That pay of a person is stopped, released or clawed back, of whom, why, and by whom.

    Raises:
        LedgerError: there is no such act, the share is not above 0% and at most 100%, or it does not say whose pay it
            is of, who decided, why, or where that can be checked.
    """

    does: Does
    """`stop` (止付) forfeits what is held of bonuses and of all pay. `release` pays it before its day, or where only a
    statement releases it. `claw back` (追索扣回) takes back what was paid of all pay of a cohort, never more than the
    payee may keep; what loans take comes beside it."""
    payee: str
    """Whose pay, be it of somebody who has left."""
    by: str
    """Who decided."""
    why: str
    """The reason."""
    evidence: str
    """Where that can be checked."""
    on: date = field(converter=day)
    """The day of the decision: not behind the period into which it is posted, nor before the cohorts that it is of."""
    share: Fraction = field(default=Fraction(1), converter=as_share)
    """Of what is held, or was paid."""
    cohorts: tuple[Period, ...] = field(default=(), converter=_periods)
    """The periods in which it was earned; empty is all of them."""
    currency: str = "CNY"
    """Of what is held or was paid."""

    def __attrs_post_init__(self) -> None:
        where = f"a decision on {self.payee!r}"
        if self.does not in get_args(Does):
            raise LedgerError(where, f"there is no act {shown(self.does)}", "use 'stop', 'release' or 'claw back'")
        for name in ("payee", "by", "why", "evidence"):
            if not has_words(str(getattr(self, name))):
                raise LedgerError(where, f"{name} is empty", f"state {name}")
        if not 0 < self.share <= 1:
            raise LedgerError(where, f"its share is {percent(self.share)}", "give above 0% and at most 100%")


def decide(ledger: Ledger, decision: Decision, *, period: Period) -> tuple[Entry, ...]:
    """The entries by which a decision on pay is carried out; to append.

    The share of all that it is of is rounded down to the smallest unit, and divided over lines by largest remainder,
    the first line first among equals. What was stopped is released no more, and what is clawed back is taken from pay,
    or owed, as what a bad loan takes is. A lower award later leaves of each what is held, or is left of its cohort.

    Args:
        ledger: everything posted so far.
        decision: what is stopped, released or clawed back, and why.
        period: into which to post; it must be open.

    Raises:
        LedgerError: the period is closed, it was decided after the period or before a cohort, or nothing is held or was
            paid of which it could be.
        DataError: it is no decision.

    >>> from loanperf import Ledger, Period
    >>> made = Decision(does="stop", payee="lin", by="chen", why="fraud", evidence="HR-1", on="2026-06-01")
    >>> decide(Ledger(), made, period=Period.month(2026, 6))
    Traceback (most recent call last):
    loanperf.errors.LedgerError: a stop of 'lin': there is nothing of it in CNY; name a payee, cohort and currency ...
    """
    open_for_posting(ledger, period)
    must_be(decision, Decision, "the decision", "pass lp.schemes.Decision(does='stop', payee='lin', ...)")
    does, payee, currency, wanted = decision.does, decision.payee, decision.currency, set(map(str, decision.cohorts))
    mine = [
        entry
        for entry in ledger.of_payee(payee, period, currency)
        if entry.line and entry.kind is not EntryKind.PAID and (not wanted or entry.cohort in wanted)
    ]
    found = _paid(ledger, mine, payee, currency, decision.on) if does == "claw back" else _held(mine)
    _must_be_dated(decision, period, [item[1] for item in found])
    if found:
        each = [units for _, _, units, _ in found]
        total, weights = bounded(sum(each) * max(each), whole([int(sum(each) * decision.share)]), whole(each))
        parts = shared(total, weights, whole([0])).tolist()
        found = [(*item[:2], units, item[3]) for item, units in zip(found, parts, strict=True) if units]
    if not found:
        remedy = "name a payee, cohort and currency of which something is held, or was paid"
        raise LedgerError(f"a {does} of {payee!r}", f"there is nothing of it in {currency}", remedy)
    first = len(ledger.entries) + 1
    return tuple(_entry(decision, period, number, *item) for number, item in enumerate(found, first))


def _must_be_dated(decision: Decision, period: Period, cohorts: Iterable[str]) -> None:
    """Refuse a decision of a day behind the period, in which it would not count, or before what it is of."""
    where = f"a {decision.does} of {decision.payee!r} on {decision.on}"
    if decision.on > period.last_day:
        raise LedgerError(where, f"the day is behind {period}", "post it into the period of its day, or a later one")
    for cohort in cohorts:
        if decision.on < Period.parse(cohort).start:
            raise LedgerError(where, f"the day is before {cohort}", "mend the day, or name the cohorts of earlier pay")


def _entry(
    decision: Decision, period: Period, number: int, line: str, cohort: str, units: int, fixes: tuple[int, ...]
) -> Entry:
    """The entry that carries out a decision on a line."""
    amount = Money.from_units(units, decision.currency)
    values: dict[str, str | Label] = {
        "amount": str(amount),
        "on": decision.on.isoformat(),
        "cohort": cohort,
        "loan": "",
        "what": DECIDED[decision.does],
        "by": decision.by,
        "why": decision.why,
        "evidence": decision.evidence,
    }
    return Entry(
        number=number,
        kind=_KIND_OF[decision.does],
        payee=decision.payee,
        line=line,
        cohort=cohort,
        period=period,
        amount=amount,
        on=decision.on,
        corrects=fixes,
        reason=because("entry.decided", values),
        by=decision.by,
        why=decision.why,
        evidence=decision.evidence,
    )


def _held(mine: Iterable[Entry]) -> list[tuple[str, str, int, tuple[int, ...]]]:
    """Lines of what is held of bonuses and of all pay, with their cohorts, and how much is held."""
    held: dict[tuple[str, str], int] = defaultdict(int)
    for entry in mine:
        _, plan, component, *_ = parts_of(entry.line)
        if plan == BONUS["plan"] and component in HELD_AS:
            held[entry.line, entry.cohort] += EFFECTS[entry.kind].held * entry.amount.units
    return [(line, cohort, units, ()) for (line, cohort), units in sorted(held.items()) if units > 0]


def _paid(
    ledger: Ledger, mine: Iterable[Entry], payee: str, currency: str, on: date
) -> list[tuple[str, str, int, tuple[int, ...]]]:
    """Cohorts with what was paid of them, as lines of their own; and the entries by which that was earned."""
    lines: dict[str, set[str]] = defaultdict(set)
    earned: dict[str, list[int]] = defaultdict(list)
    for entry in mine:
        lines[entry.cohort].add(entry.line)
        if EFFECTS[entry.kind].group in ("earned", "released"):
            earned[entry.cohort].append(entry.number)
    left, found = ledger.paid_total(payee, currency), []
    for cohort in sorted(lines):
        units = max(0, min(left, ledger.paid_net(payee, currency, lines[cohort])))
        left -= units
        key = line_key(payee, BONUS["plan"], CLAWED, "", on.isoformat(), Period.parse(cohort))
        found.append((key, cohort, units, tuple(earned[cohort])))
    return found
