"""Holds: pay of a person or of a loan that is held by hand, for a reason and until a day; which entries wait for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any, Self

import numpy as np
from attrs import evolve, field, frozen

from loanperf._data import PlainData
from loanperf._explanations import Label, in_words, one_line
from loanperf._ledger._entries import Entries
from loanperf._ledger._kinds import EFFECT_ON
from loanperf._ledger._ledger import Ledger
from loanperf._ledger._sums import CURRENCIES_MOST, NEVER, accounts_of, are_of_lines, covered_by, ends_of, left_out
from loanperf._numbers import Places, Truth, Whole, bounded, day_number, distinct, marked, reach, total_of, whole
from loanperf._periods import Period, day, has_passed
from loanperf._quantities import Money
from loanperf._validators import a_code, a_text, each_of, is_same_person, some_words
from loanperf.errors import DataError


@frozen(kw_only=True)
class PayHold(PlainData):
    """The pay of a person, or of a loan whoever earned by it, is held by hand.

    Raises:
        DataError: it is of neither or of both, says no reason or nobody who placed it, or ends before it starts.

    >>> hold = PayHold(loan="L1", why="the appeal of lin", by="zhou", since="2026-04-02", until="2026-05-31")
    >>> hold.is_in_force(date(2026, 5, 31)), hold.is_in_force(date(2026, 6, 1))
    (True, False)
    """

    payee: str = field(default="", validator=a_text)
    """Whose pay is held as a whole; empty where it is that of a loan."""
    loan: str = field(default="", validator=a_text)
    """The loan of which nobody is paid; empty where it is the pay of a person."""
    why: str = field(validator=some_words)
    by: str = field(validator=a_code)
    """The code of who placed it."""
    since: date = field(converter=day)
    """The first day on which nothing is paid out."""
    until: date = field(converter=day)
    """The last one."""

    def __attrs_post_init__(self) -> None:
        if bool(self.payee) == bool(self.loan):
            where = f"the hold of {self.payee or self.loan or 'nobody'}"
            raise DataError(where, "it is of a payee and of a loan, or of neither", "name one of the two")
        if self.until < self.since:
            fault = f"it ends on {self.until}, before it starts on {self.since}"
            raise DataError(self.where, fault, "give the last day on which nothing is paid out")

    def is_in_force(self, on: date) -> bool:
        """Whether nothing is paid out on a day."""
        return self.since <= on and not self.has_ended(on)

    def has_ended(self, on: date) -> bool:
        """Whether its last day has passed on a day."""
        return has_passed(self.until, on)

    @property
    def where(self) -> str:
        """Whose it is, as errors say it."""
        return f"the hold of {self.payee or f'loan {self.loan}'}"

    @property
    def text(self) -> Label:
        """What is held, why, by whom and until when, in both languages."""
        en = f"loan {self.loan}" if self.loan else f"all pay of {self.payee}"
        zh = f"贷款 {self.loan} 的绩效薪酬" if self.loan else f"{self.payee} 的全部绩效薪酬"
        why = one_line(self.why)
        return Label(
            f"{en} is held by {self.by} from {self.since} to {self.until}: {why}",
            f"{zh}暂缓发放，自 {self.since} 至 {self.until}，经办人 {self.by}，原因：{why}",
        )


@frozen(kw_only=True)
class StoppedPay(PlainData):
    """What of a payee's pay, in one currency, is due and not paid out because of a hold."""

    payee: str
    amount: Money
    """Due and held by hand; zero where nothing is due yet. It may be below zero where all pay of a payee is held."""
    hold: PayHold

    @property
    def text(self) -> Label:
        """How much is held, of what, why, by whom and until when, in both languages."""
        said = self.hold.text
        en, zh = in_words(self.amount, "en"), in_words(self.amount, "zh")
        return Label(f"{en} not paid out: {said.en}", f"暂不发放 {zh}：{said.zh}")


def holds_given(held: Any, ledger: Ledger) -> tuple[PayHold, ...]:
    """Holds, each by the code that the ledger has; see `hold_meant`.

    Raises:
        DataError: something else than holds.
    """
    given = each_of(held, PayHold, "the holds", "pass a list of loanperf.disputes.PayHold")
    return tuple(one for hold in given for one in hold_meant(hold, ledger))


def hold_meant(hold: PayHold, ledger: Ledger) -> tuple[PayHold, ...]:
    """A hold by the codes that the ledger has for it.

    Where the ledger has no entry of its code, those that differ in case, width, blanks or unseen characters alone are
    meant: `LIN` is lin. A hold of which it has none stays as it is, and keeps nothing back yet.
    """
    name, words = ("payee", ledger.entries.words.payee) if hold.payee else ("loan", ledger.entries.words.loan)
    code = hold.payee or hold.loan
    if words.code(code) >= 0:
        return (hold,)
    meant = [text for text in words.texts if is_same_person(text, code)]
    return tuple(evolve(hold, **{name: text}) for text in meant) or (hold,)


def is_known(hold: PayHold, ledger: Ledger) -> bool:
    """Whether the ledger has an entry of what is held, by the very code."""
    words = ledger.entries.words.payee if hold.payee else ledger.entries.words.loan
    return words.code(hold.payee or hold.loan) >= 0


@frozen(eq=False)
class Stops:
    """What holds keep from being paid out."""

    accounts: Truth
    """By account of `Ledger.sums`: whether all pay is held."""
    rows: Places
    """The places of entries of held loans that no payment covers, in order; of payees whose whole pay is held, none."""
    due: Whole
    """What each of them adds to what is due, in smallest units."""

    @classmethod
    def of(cls, ledger: Ledger, held: Iterable[PayHold], period: Period) -> Self:
        """What some holds keep back of what was posted in a period or before it.

        What no payment has covered of a loan is held for each payee and currency where it sums to more than zero; where
        it does not, the payee owes it, and it is netted as ever.
        """
        entries, sums = ledger.entries, ledger.sums
        holds, words = tuple(held), entries.words
        whose = whole([code for one in holds if one.payee and (code := words.payee.code(one.payee)) >= 0])
        whom = marked(whose, len(words.payee.texts))
        accounts = np.append(whom, False)[sums.account // CURRENCIES_MOST]
        loans = whole([code for one in holds if one.loan and (code := words.loan.code(one.loan)) >= 0])
        if not len(loans):
            return cls(accounts, np.arange(0), entries.units[:0])
        mine = are_of_lines(entries) & marked(loans, len(words.loan.texts))[entries.loan]
        mine = mine & ~whom[entries.payee] & (ends_of(entries) <= day_number(period.end))
        rows = np.flatnonzero(mine)
        rows = rows[covered_by(entries, rows) == NEVER]
        account = accounts_of(entries.payee[rows], entries.currency[rows])
        _, place = distinct(account * len(words.loan.texts) + entries.loan[rows])
        (units,) = bounded(reach(entries.units[rows], place, len(rows)), entries.units[rows])
        due = EFFECT_ON["due"][entries.kind[rows]] * units
        due_of_loan = total_of(due, place, len(rows))
        mine = due_of_loan[place] > 0
        return cls(accounts, rows[mine], due[mine])

    def freed(self, entries: Entries) -> Places:
        """The places of entries that an earlier payment left out, and that are held no longer and not paid yet."""
        _, rows = left_out(entries)
        rows, _ = distinct(np.sort(rows))
        waits = covered_by(entries, rows) == NEVER
        found: Places = rows[waits & ~marked(self.rows, len(entries))[rows]]
        return found


def stopped(ledger: Ledger, held: Iterable[PayHold], period: Period, currency: str = "") -> tuple[StoppedPay, ...]:
    """What each hold keeps back of pay that was posted in a period or before it, by hold, payee and currency.

    Pay that two holds keep back is said of each.

    Args:
        ledger: everything posted so far.
        held: the holds.
        period: up to which entries count.
        currency: in which nothing is said to be due to a payee of whom there is no entry; empty says nothing of them.
    """
    found = list[StoppedPay]()
    for hold in held:
        if hold.payee:
            known = ledger.currencies(hold.payee) or [currency] * bool(currency)
            accounts = [ledger.balance(hold.payee, through=period, currency=code) for code in sorted(known)]
            found += [StoppedPay(payee=hold.payee, amount=account.due, hold=hold) for account in accounts]
            continue
        sums = defaultdict[tuple[str, str], int](int)
        for row in ledger.entries.rows(Stops.of(ledger, [hold], period).rows):
            sums[row.payee, row.amount.currency] += row.due
        found += [
            StoppedPay(payee=payee, amount=Money.from_units(units, code), hold=hold)
            for (payee, code), units in sorted(sums.items())
        ]
    return tuple(found)
