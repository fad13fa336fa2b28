"""Overrule: a line set by hand -> the entry that says so, with who, why and where that can be checked."""

from __future__ import annotations

from loanperf._explanations import because
from loanperf._ledger._bonuses import BONUS
from loanperf._ledger._calendar import open_for_posting
from loanperf._ledger._deferred import CLAWED, HELD_AS
from loanperf._ledger._entries import Entry
from loanperf._ledger._keys import parts_of
from loanperf._ledger._kinds import EntryKind
from loanperf._ledger._ledger import Ledger
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf._validators import is_same_person, must_be
from loanperf.errors import LedgerError


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
