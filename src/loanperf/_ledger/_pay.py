"""Pay: (ledger, rules) -> entries and payments; payees are netted, guarded, and paid each amount once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Literal, TypeAlias, get_args

from attrs import Attribute, evolve, field, frozen

from loanperf._commission import PayRules
from loanperf._explanations import Explanation, Label, because
from loanperf._facts import ExchangeRate
from loanperf._ledger._entries import Entry
from loanperf._ledger._kinds import EntryKind
from loanperf._ledger._ledger import Ledger, must_be_ledger
from loanperf._ledger._settle import open_for_posting
from loanperf._periods import Period, day, must_be_period
from loanperf._quantities import Money, Quantity, Rounding, plain
from loanperf._validators import each_of, must_be
from loanperf.errors import LedgerError, LoanPerfError, PayError, is_encodable, shown

AnswerState: TypeAlias = Literal["paid", "rejected", "returned"]
"""What became of a payment: the payee has it, finance refused it, or the bank sent it back later."""
ANSWER_NAMES: Mapping[AnswerState, Label] = MappingProxyType(
    {
        "paid": Label("paid", "已到账"),
        "rejected": Label("rejected by finance", "财务拒付"),
        "returned": Label("sent back by the bank", "银行退回"),
    }
)
"""The words for each answer."""
_TAKINGS = frozenset(
    {EntryKind.RECEIVABLE_RAISED, EntryKind.RECEIVABLE_RECOVERED, EntryKind.CLAWED_BACK, EntryKind.RECOVERY}
)
"""What takes from pay; given back, it is no pay that a guard could protect."""


@frozen(kw_only=True)
class Payment:
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
class Answer:
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


@frozen
class Payout:
    """What a pay run comes to: entries to append, and payments to hand over after that."""

    entries: tuple[Entry, ...]
    payments: tuple[Payment, ...]


def pay(
    ledger: Ledger,
    *,
    period: Period,
    rules: PayRules | Mapping[str, PayRules],
    pay_in: Mapping[str, str] | None = None,
    exchange: Iterable[ExchangeRate] = (),
) -> Payout:
    """Net every payee through a period, and pay what is due; paying twice pays nothing.

    In order, for each payee and currency: what was taken from the period's pay beyond the guard becomes a
    receivable; a net below zero becomes a receivable or waits for later pay; receivables are recovered as far as the
    guard and the net allow; then the largest payment holds, and what is above it stays due. The period's pay is what
    became due in it, less what was held and cancelled; the most that is taken of it is rounded down. A payee without
    anything to pay gets an entry of zero, so that what was netted counts as paid. `rules.person_most` is not looked
    at: `settle` applies it, from the scheme's own rules.

    A payee with entries in later periods is paid with the latest of them and not here, since those entries may hold
    what is due here; settle the later periods again first.

    The host appends the entries first and hands the payments over then; after a crash in between, `payments_of`
    gives them again, with the same keys.

    Args:
        ledger: everything posted so far.
        period: into which to post; it must be open.
        rules: of the scheme; by currency where payees earn in several.
        pay_in: by payee, the currency to pay in; those left out are paid as they earned.
        exchange: rates. The latest on or before the last day of the period holds; amounts are rounded half up, and what
            converts to nothing stays due.

    Raises:
        LedgerError: the period is closed.
        DataError: one of the arguments is of another class.
        PayError: there is no rate for a currency that is needed, or the rules are in another currency.

    >>> from loanperf import Ledger, PayRules, Period, pay
    >>> pay(Ledger(), period=Period.month(2026, 3), rules=PayRules()).payments
    ()
    """
    _must_be_rules(rules, period)
    open_for_posting(ledger, period)
    if pay_in is not None:
        must_be(pay_in, Mapping, "pay_in", "pass currencies by payee, such as {'lin': 'USD'}")
    given = each_of(exchange, ExchangeRate, "the exchange rates", "pass a list of lp.ExchangeRate")
    rates = sorted(given, key=lambda rate: rate.on)
    entries: list[Entry] = []
    for payee, currency in ledger.accounts:
        if ledger.is_settled(payee, currency) or ledger.goes_beyond(payee, currency, period):
            continue
        held = rules if isinstance(rules, PayRules) else rules.get(currency)
        if held is None:
            raise PayError(f"paying {period}", f"there are no rules for {currency}", "give them by that currency")
        till = _Till(ledger, payee, currency, period, held, len(ledger.entries) + len(entries))
        into = (pay_in or {}).get(payee, currency)
        entries += _netted(till, _Wanted(into, tuple(rates)))
    return Payout(tuple(entries), tuple(payment for entry in entries if (payment := _payment(entry)) is not None))


def _must_be_rules(rules: object, period: Period) -> None:
    if isinstance(rules, Mapping):
        each_of(rules.values(), PayRules, "the rules by currency", "pass them as {'CNY': lp.PayRules()}")
    elif not isinstance(rules, PayRules):
        raise PayError(
            f"paying {period}",
            f"the rules are {shown(rules)}",
            "pass lp.PayRules(), or those of the scheme: scheme.pay, which is None where it has no [pay] table",
        )


def payments_of(ledger: Ledger, period: Period) -> tuple[Payment, ...]:
    """Every payment that a ledger says was made in a period, with its key, to hand over again; sinks pay it once.

    What came back is no payment any more; see `returned`.

    >>> from loanperf import Ledger, Period, payments_of
    >>> payments_of(Ledger(), Period.month(2026, 3))
    ()
    """
    must_be_ledger(ledger)
    must_be_period(period)
    return tuple(payment for payment in _standing(ledger).values() if payment.period == period)


def payments_after(ledger: Ledger, number: int) -> tuple[Payment, ...]:
    """Every payment of entries behind one, whatever its period, but for those that came back; in order."""
    return tuple(payment for place, payment in _standing(ledger).items() if place > number)


def returned(ledger: Ledger, answers: Iterable[Answer], *, period: Period) -> tuple[Entry, ...]:
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
    >>> returned(Ledger(), [], period=Period.month(2026, 3))
    ()
    """
    must_be_ledger(ledger)
    must_be_period(period)
    given = each_of(answers, Answer, "answers", "pass a list of ports.Answer")
    said = {
        answer.key: answer
        for answer in sorted(given, key=lambda one: (one.on, one.why), reverse=True)
        if answer.came_back
    }
    numbers = {payment.key: number for number, payment in _standing(ledger).items() if payment.key in said}
    if numbers:
        open_for_posting(ledger, period)
    found = []
    for place, (key, number) in enumerate(sorted(numbers.items()), len(ledger.entries) + 1):
        answer, paid = said[key], ledger.entries[number - 1]
        values: dict[str, str | Label] = {
            "amount": str(paid.amount),
            "state": ANSWER_NAMES[answer.state],
            "why": answer.why,
        }
        found.append(
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
    return tuple(found)


def _standing(ledger: Ledger) -> dict[int, Payment]:
    """The payments of a ledger that did not come back, by the numbers of their entries, in order of payee."""
    found: dict[int, Payment] = {}
    for payee, currency in ledger.accounts:
        paid = ledger.payouts(payee, currency)
        back = {number for entry in paid if entry.amount.units < 0 for number in entry.corrects}
        found |= {entry.number: payment for entry, payment in _paid_out(paid) if entry.number not in back}
    return found


def _paid_out(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Payment]]:
    for entry in entries:
        payment = _payment(entry)
        if payment is not None:
            yield entry, payment


@frozen
class _Wanted:
    into: str
    rates: tuple[ExchangeRate, ...]


@frozen
class _Till:
    """One payee in one currency, while the period is paid."""

    ledger: Ledger
    payee: str
    currency: str
    period: Period
    rules: PayRules
    start: int
    entries: list[Entry] = field(factory=list)

    def add(self, kind: EntryKind, units: int, reason: Explanation, key: str = "") -> None:
        """Post an amount of the payee's as a whole."""
        self.entries.append(
            Entry(
                number=self.start + len(self.entries) + 1,
                kind=kind,
                payee=self.payee,
                line=key,
                period=self.period,
                amount=Money.from_units(units, self.currency),
                on=self.period.last_day,
                reason=reason,
            )
        )

    def why(self, rule: str, units: int) -> Explanation:
        """A reason that says an amount."""
        return because(rule, {"amount": str(Money.from_units(units, self.currency))})

    def units(self, limit: Quantity, name: str) -> int:
        """An amount of the rules in smallest units of the account, rounded down."""
        if limit.unit != self.currency:
            fault = f"{name} of the rules is in {limit.unit or 'no currency'}, and the pay of {self.payee!r} is in"
            raise PayError(f"paying {self.period}", f"{fault} {self.currency}", "give rules for each currency")
        return Money.rounded(limit.value, limit.unit, Rounding.DOWN).units


def _netted(till: _Till, wanted: _Wanted) -> list[Entry]:
    ledger, payee, currency, period = till.ledger, till.payee, till.currency, till.period
    due = ledger.balance(payee, through=period, currency=currency).due.units
    posted = ledger.posted(payee, period, currency)
    allowed, taken = _guard(till, posted)
    if allowed is not None and taken > allowed:
        till.add(EntryKind.RECEIVABLE_RAISED, taken - allowed, till.why("entry.guard", taken - allowed))
        due, taken = due + taken - allowed, allowed
    outstanding = ledger.receivable(payee, currency)
    if due < 0:
        if till.rules.negative == "receivable":
            till.add(EntryKind.RECEIVABLE_RAISED, -due, till.why("entry.receivable raised", -due))
        due = 0
    recovered = min(outstanding, due) if allowed is None else min(outstanding, due, allowed - taken)
    if recovered > 0:
        till.add(EntryKind.RECEIVABLE_RECOVERED, recovered, till.why("entry.receivable recovered", recovered))
        due -= recovered
    _paid(till, _within_most(till, due, posted), wanted)
    return till.entries


def _guard(till: _Till, posted: tuple[Entry, ...]) -> tuple[int | None, int]:
    """The most that may be taken from the period's pay, None without a guard; and what was taken so far."""
    gross = taken = 0
    for entry in posted:
        if entry.kind in (EntryKind.HELD, EntryKind.CANCELLED):
            gross += entry.due
        elif entry.kind is EntryKind.PAID:
            continue
        elif entry.kind in _TAKINGS or entry.due < 0:
            taken -= entry.due
        else:
            gross += entry.due
    rules, limits = till.rules, []
    if rules.guard_share is not None:
        limits.append(int(rules.guard_share * max(0, gross)))
    if rules.guard_floor is not None:
        limits.append(gross - till.units(rules.guard_floor, "guard_floor"))
    return (max(0, min(limits)) if limits else None), taken


def _within_most(till: _Till, due: int, posted: tuple[Entry, ...]) -> int:
    """What of the due amount may be paid in this period."""
    cap = till.rules.payment_most
    if cap is None:
        return due
    before = sum(entry.amount.units for entry in posted if entry.kind is EntryKind.PAID)
    most = max(0, till.units(cap.most, "payment_most") - before)
    return min(due, most)


def _paid(till: _Till, units: int, wanted: _Wanted) -> None:
    """Post the payment; one of zero where entries wait to be covered."""
    payments = till.ledger.payouts(till.payee, till.currency)
    if not units and not till.entries and not till.ledger.uncovered(till.payee, till.currency, till.period):
        return
    reason = _why_paid(till, units, wanted)
    if reason is None:
        return
    number = 1 + sum(1 for entry in payments if entry.period == till.period and entry.amount.units >= 0)
    key = f"{till.payee}/{till.period}/{till.currency}/{number}"
    till.add(EntryKind.PAID, units, reason, key)


def _why_paid(till: _Till, units: int, wanted: _Wanted) -> Explanation | None:
    """Why an amount is paid; None where it converts to nothing, and stays due."""
    amount = Money.from_units(units, till.currency)
    if wanted.into == till.currency or not units:
        return because("entry.paid", {"amount": str(amount)})
    last = till.period.last_day
    known = [
        rate for rate in wanted.rates if (rate.currency, rate.into) == (till.currency, wanted.into) and rate.on <= last
    ]
    if not known:
        where = f"paying {till.payee!r} in {till.period}"
        fault = f"there is no exchange rate from {till.currency} into {wanted.into} on or before {last}"
        raise PayError(where, fault, "pass one, or pay in the currency that was earned")
    rate = known[-1]
    paid = Money.rounded(amount.exact * rate.rate, wanted.into, Rounding.HALF_UP)
    if not paid.units:
        return None
    values = {"amount": str(amount), "paid": str(paid), "rate": plain(rate.rate)}
    return because("entry.paid converted", {**values, "on": rate.on.isoformat(), "source": rate.source})


def _payment(entry: Entry) -> Payment | None:
    """The payment that an entry says; None where it says none, or one of zero."""
    if entry.kind is not EntryKind.PAID or entry.amount.units <= 0:
        return None
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
