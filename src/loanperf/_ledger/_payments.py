"""Payments: what a ledger says was paid out, to hand over once; and what finance says became of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from operator import eq
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, cast, get_args, overload

import numpy as np
from attrs import Attribute, evolve, field, frozen

from loanperf._data import PlainData
from loanperf._explanations import Explanation, Label, because, printed
from loanperf._facts import ExchangeRate
from loanperf._ledger._calendar import open_for_posting
from loanperf._ledger._entries import Entries, Entry
from loanperf._ledger._grounds import RULE_CODES, Grounded
from loanperf._ledger._kinds import EntryKind, are
from loanperf._ledger._ledger import Ledger, must_be_ledger
from loanperf._ledger._sums import accounts_of
from loanperf._numbers import Places, bounded, largest, marked, matched, ordered, starts_of, summed, whole
from loanperf._periods import Period, day, must_be_period
from loanperf._quantities import CURRENCIES, Money
from loanperf._tables._columns import CameAs
from loanperf._tables._exact import decimals
from loanperf._tables._frames import like
from loanperf._tables._values import of_own_texts
from loanperf._validators import each_of
from loanperf.errors import LedgerError, LoanPerfError, PayError, Problem, is_encodable, shown

AnswerState: TypeAlias = Literal["paid", "rejected", "returned"]
"""What became of a payment.

`paid`: the payee has it. `rejected`: finance did not send it. `returned`: the bank sent it back.
"""
ANSWER_NAMES: Mapping[AnswerState, Label] = MappingProxyType(
    {
        "paid": Label("paid", "已到账"),
        "rejected": Label("rejected by finance", "财务拒付"),
        "returned": Label("sent back by the bank", "银行退回"),
    }
)
"""The words for each answer."""


@frozen(kw_only=True)
class Payment(PlainData):
    """An amount to pay out."""

    key: str
    """Idempotency key: one scheme, period and payee, or of a ledger payee, period, currency and a running number.

    A sink pays each key once, however often it comes.
    """
    payee: str
    period: Period
    amount: Money
    """Above zero."""
    earned: Money | None = None
    """What it was before it was converted; None where it is paid as it was earned."""
    exchange: ExchangeRate | None = None
    """The rate at which it was converted, with its day and source."""


def _a_text(_: Answer, attribute: Attribute[str], value: object) -> None:
    if not isinstance(value, str) or not is_encodable(value):
        raise PayError("answer", f"its {attribute.name} is {shown(value)}", "give text in UTF-8, as finance says it")


def _known_state(instance: Answer, _: Attribute[str], value: object) -> None:
    if value not in get_args(AnswerState):
        remedy = f"use one of {', '.join(get_args(AnswerState))}"
        raise PayError(f"the answer to payment {instance.key}", f"there is no state {shown(value)}", remedy)


@frozen(kw_only=True)
class Answer(PlainData):
    """What became of a payment, as finance says.

    Raises:
        PayError: there is no such state, or the key or what is said is no text that can be kept.
    """

    key: str = field(validator=_a_text)
    """Of the payment."""
    state: AnswerState = field(validator=_known_state)
    on: date = field(converter=day)
    why: str = field(default="", validator=_a_text)
    """What finance says of it, such as `account closed`."""

    @property
    def came_back(self) -> bool:
        """Whether the payee did not get the money."""
        return self.state != "paid"


@frozen(eq=False)
class Payments(Sequence[Payment]):
    """Payments as columns; a sequence of `Payment`, in order of payee and currency.

    They are equal to other payments, or to a tuple of rows, of which each says the same.
    """

    entries: Entries
    """Those that say that they were paid, one a payment."""

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Payment]:
        entries, words, reasons = self.entries, self.entries.words, cast("Any", self.entries.reasons)
        if not len(entries) or not isinstance(reasons, Grounded) or (entries.line < 0).any():
            return map(payment_of, entries)
        # Of the others no reason need be put into words.
        converted = reasons.kept(np.arange(len(entries))).rule == RULE_CODES["entry.paid converted"]
        keys, payees = entries.keys.some(entries.line).texts(words), words.payee.of(entries.payee)
        periods = map(entries.periods.__getitem__, entries.period.tolist())
        rows = enumerate(zip(converted.tolist(), keys, payees, periods, entries.amounts, strict=True))
        return (
            payment_of(entries[place]) if asked else Payment(key=key, payee=str(payee), period=period, amount=amount)
            for place, (asked, key, payee, period, amount) in rows
        )

    @overload
    def __getitem__(self, place: int) -> Payment: ...
    @overload
    def __getitem__(self, place: slice) -> Payments: ...
    def __getitem__(self, place: int | slice) -> Payment | Payments:
        return Payments(self.entries[place]) if isinstance(place, slice) else payment_of(self.entries[place])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Payments | tuple):
            return NotImplemented
        return len(self) == len(other) and all(map(eq, self, other))

    def __hash__(self) -> int:
        return hash(tuple(self))

    _repr_pretty_ = printed

    def __repr__(self) -> str:
        return f"Payments({len(self)})"

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What kept payments from being made: nothing, since who cannot be paid holds the run."""
        return ()

    def of(self, payee: str) -> tuple[Payment, ...]:
        """The payments of a payee, in order."""
        return tuple(Payments(self.entries.of_payee(payee)))

    def explain(self, payee: str) -> Explanation:
        """Why the payments of a payee were made, in order; what each of them nets, `lp.statement` lists.

        Raises:
            UnknownPayeeError: nothing is known of the payee; it names those who are known.
        """
        return evolve(self.entries.explain(payee), rule="payments")

    def frame(self, came_as: CameAs | None = None) -> Any:
        """The payments as a data frame, a row each, for a chart or a sheet.

        Args:
            came_as: `arrays`, `pandas`, `polars`, `pyarrow` or `duckdb`; None is what the facts behind them came as.

        Returns:
            One row a payment, in their order: `key`, `payee`, `period`, `amount` in whole currency (yuan, not fen), of
            the nearest float64, and `currency`.

        Raises:
            DataError: there is no such kind of frame.
            MissingExtraError: what that kind needs is not installed.
            LedgerError: a conversion cannot be read.
        """
        rows = tuple(self)
        below = whole([10 ** CURRENCIES[row.amount.currency] for row in rows])
        columns = {
            "key": of_own_texts([row.key for row in rows]),
            "payee": of_own_texts([row.payee for row in rows]),
            "period": of_own_texts([str(row.period) for row in rows]),
            "amount": decimals(whole([row.amount.units for row in rows]), 1, below, 1),
            "currency": of_own_texts([row.amount.currency for row in rows]),
        }
        return like(came_as or self.entries.came_as, columns)


def payments_of(ledger: Ledger, period: Period) -> Payments:
    """Every payment that a ledger says was made in a period, with its key, to hand over again; sinks pay it once.

    What came back is no payment any more; see `returned`.

    >>> from loanperf import Ledger, Period, payments_of
    >>> len(payments_of(Ledger(), Period.month(2026, 3)))
    0
    """
    must_be_ledger(ledger)
    must_be_period(period)
    rows, entries = _standing(ledger), ledger.entries
    code = entries.periods.index(period) if period in entries.periods else -1
    return Payments(entries.take(rows[entries.period[rows] == code]))


@frozen(kw_only=True)
class Posted:
    """What was posted for a payee in a period, in one currency."""

    payee: str
    paid: Money
    """What is to be paid, without what came back."""
    number: int
    """Of the last entry."""
    returned: tuple[Entry, ...]
    """What came back."""


def posted_in(ledger: Ledger, period: Period) -> list[Posted]:
    """What was posted in a period, by payee and currency, in order of both."""
    entries = ledger.entries
    code = entries.periods.index(period) if period in entries.periods else -1
    rows = np.flatnonzero(entries.period == code)
    account = accounts_of(entries.payee[rows], entries.currency[rows])
    rows = rows[ordered(account)]
    starts = starts_of(entries.payee[rows], entries.currency[rows])
    is_paid = are(entries.kind[rows], EntryKind.PAID)
    units, back = np.where(is_paid, entries.units[rows], 0), is_paid & (entries.units[rows] < 0)
    (units,) = bounded(largest(units) * max(len(units), 1), np.where(back, 0, units))
    last = rows[np.append(starts[1:], len(rows)) - 1] if len(rows) else rows
    returned: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries.rows(rows[back]):
        returned[entry.payee, entry.amount.currency].append(entry)
    words = entries.words
    names = zip(words.payee.of(entries.payee[last]), words.currency.of(entries.currency[last]), strict=True)
    sums = summed(units, starts).tolist() if len(rows) else []
    found = [
        Posted(
            payee=payee,
            paid=Money.from_units(paid, currency),
            number=number,
            returned=tuple(returned[payee, currency]),
        )
        for (payee, currency), paid, number in zip(names, sums, entries.number[last].tolist(), strict=True)
    ]
    return sorted(found, key=lambda one: (one.payee, one.paid.currency))


def payments_after(ledger: Ledger, number: int) -> Payments:
    """Every payment of entries behind one, whatever its period, but for those that came back; in order."""
    rows = _standing(ledger)
    return Payments(ledger.entries.take(rows[rows >= number]))


def returned(ledger: Ledger, answers: Iterable[Answer], *, period: Period) -> Entries:
    """The entries by which payments that were rejected or sent back are due again; to append.

    A payment comes back once, however often and in whatever order its answers come. What is due again is paid by the
    next `pay`, under a key of its own.

    Args:
        ledger: everything posted so far.
        answers: what finance says; payments that the ledger does not have are passed over.
        period: into which to post; it must be open.

    Raises:
        LedgerError: the period is closed, and something came back.
        DataError: one of the arguments is of another class.

    >>> from loanperf import Ledger, Period, returned
    >>> len(returned(Ledger(), [], period=Period.month(2026, 3)))
    0
    """
    must_be_ledger(ledger)
    must_be_period(period)
    given = each_of(answers, Answer, "answers", "pass a list of ports.Answer")
    said = {
        answer.key: answer
        for answer in sorted(given, key=lambda one: (one.on, one.why), reverse=True)
        if answer.came_back
    }
    standing = _standing(ledger)
    found = {key: number for key in sorted(said) if (number := _number_of(ledger, standing, key))}
    if found:
        open_for_posting(ledger, period)
    back = []
    for place, (key, number) in enumerate(found.items(), len(ledger.entries) + 1):
        answer, paid = said[key], ledger.entries[number - 1]
        values: dict[str, str | Label] = {
            "amount": str(paid.amount),
            "state": ANSWER_NAMES[answer.state],
            "why": answer.why,
        }
        back.append(
            Entry(
                number=place,
                kind=EntryKind.PAID,
                payee=paid.payee,
                line=key,
                period=period,
                amount=-paid.amount,
                on=answer.on,
                corrects=(number,),
                reason=because("entry.returned", values),
            )
        )
    return Entries.of_rows(back)


def _number_of(ledger: Ledger, standing: Places, key: str) -> int:
    """The number of the entry that says a payment; 0 where there is none that did not come back."""
    rows = standing[ledger.entries.line[standing] == ledger.code_of_line(key)]
    return int(rows[-1]) + 1 if len(rows) else 0


def _standing(ledger: Ledger) -> Places:
    """The places of the payments of a ledger that did not come back, in order of payee, currency and number."""
    entries = ledger.entries
    back = np.flatnonzero(are(entries.kind, EntryKind.PAID) & (entries.units < 0))
    _, pair = matched(entries.fixing, back)
    gone = marked(entries.fixed[pair] - 1, len(entries))
    rows = are_payments(entries)
    rows = rows[~gone[rows]]
    words = entries.words
    who, what = (
        ranks[0][codes[rows]]
        for ranks, codes in ((words.payee.ranks, entries.payee), (words.currency.ranks, entries.currency))
    )
    return rows[ordered(who, what)]


def keys_of_payments(ledger: Ledger) -> frozenset[str]:
    """The keys of all payments of a ledger, and of what came back of them."""
    entries = ledger.entries
    lines = entries.line[are(entries.kind, EntryKind.PAID) & (entries.line >= 0)]
    return frozenset(entries.keys.some(lines).texts(entries.words))


def are_payments(entries: Entries) -> Places:
    """The places of entries that say that something was paid out."""
    return np.flatnonzero(are(entries.kind, EntryKind.PAID) & (entries.units > 0))


def payment_of(entry: Entry) -> Payment:
    """The payment that an entry says."""
    payment = Payment(key=entry.line, payee=entry.payee, period=entry.period, amount=entry.amount)
    if entry.reason.rule != "entry.paid converted":
        return payment
    try:
        values = {name: str(value) for name, value in entry.reason.values}
        paid = Money.of(values["paid"])
        exchange = ExchangeRate(
            currency=entry.amount.currency,
            into=paid.currency,
            on=values["on"],
            rate=Fraction(values["rate"]),
            source=values["source"],
        )
    except (KeyError, ValueError, ZeroDivisionError, LoanPerfError) as error:
        fault = f"its conversion cannot be read: {error!r}"
        raise LedgerError(f"entry {entry.number}", fault, "restore the ledger as it was written") from None
    return evolve(payment, amount=paid, earned=entry.amount, exchange=exchange)
