"""Pay: (ledger, rules) -> entries and payments; payees are netted, guarded, and paid each amount once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from attrs import evolve, frozen

from loanperf._commission import PayRules
from loanperf._explanations import Explanation, because
from loanperf._facts import ExchangeRate
from loanperf._ledger._calendar import open_for_posting
from loanperf._ledger._entries import Entries
from loanperf._ledger._grounds import RULE_CODES, Grounds, written_values
from loanperf._ledger._holds import PayHold, Stops, holds_given
from loanperf._ledger._keys import PARTS, LineKeys, Texts, Vocabulary, parts_of
from loanperf._ledger._kinds import EFFECT_ON, EntryKind, are, code_of, takes_from_pay
from loanperf._ledger._ledger import Ledger
from loanperf._ledger._payments import Payments, are_payments
from loanperf._ledger._sums import CURRENCIES_MOST, accounts_of, ends_of
from loanperf._numbers import (
    Columns,
    Places,
    Truth,
    Whole,
    bounded,
    count_of,
    day_number,
    largest,
    marked,
    matched,
    ordered,
    put,
    reach,
    replaced,
    rounded,
    total_of,
    whole,
)
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES, Money, Quantity, Rounding, plain
from loanperf._validators import each_of, must_be
from loanperf.errors import DataError, PayError, shown

_POSTS = (
    (EntryKind.RECEIVABLE_RAISED, "entry.guard"),
    (EntryKind.RECEIVABLE_RAISED, "entry.receivable raised"),
    (EntryKind.RECEIVABLE_RECOVERED, "entry.receivable recovered"),
    (EntryKind.PAID, "entry.paid"),
)
"""What a payee gets, in order: kinds of entries, and why."""
_PAID = len(_POSTS) - 1


@frozen
class Payout:
    """What a pay run comes to: entries to append, and payments to hand over after that."""

    entries: Entries
    payments: Payments


def pay(
    ledger: Ledger,
    *,
    period: Period,
    rules: PayRules | Mapping[str, PayRules],
    pay_in: Mapping[str, str] | None = None,
    exchange: Iterable[ExchangeRate] = (),
    held: Iterable[PayHold] = (),
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

    Nothing of what `held` holds is paid out, and nothing is posted of a payee whose whole pay is held. Of a loan, what
    no payment covered is left out, by payee and currency, where it sums to more than zero: the payment names those
    entries in `corrects`, they stay due, and the first `pay` without the hold pays them, once.

    The host appends the entries first and hands the payments over then; after a crash in between, `payments_of`
    gives them again, with the same keys.

    Args:
        ledger: everything posted so far.
        period: into which to post; it must be open.
        rules: of the scheme; by currency where payees earn in several.
        pay_in: by payee, the currency to pay in; those left out are paid as they earned.
        exchange: rates. The latest on or before the last day of the period holds; amounts are rounded half up, and what
            converts to nothing stays due.
        held: holds in force on the day of payment (`Disputes.in_force`); an unknown code means its like, as `LIN`.

    Raises:
        LedgerError: the period is closed.
        DataError: one of the arguments is of another class, or a hold ended before the period.
        PayError: there is no rate for a currency that is needed, or the rules are in another currency.

    >>> from loanperf import Ledger, Period, pay
    >>> from loanperf.schemes import PayRules
    >>> len(pay(Ledger(), period=Period.month(2026, 3), rules=PayRules()).payments)
    0
    """
    _must_be_rules(rules, period)
    open_for_posting(ledger, period)
    if pay_in is not None:
        must_be(pay_in, Mapping, "pay_in", "pass currencies by payee, such as {'lin': 'USD'}")
    given = each_of(exchange, ExchangeRate, "the exchange rates", "pass a list of lp.ExchangeRate")
    rates = sorted(given, key=lambda rate: rate.on)
    stops = Stops.of(ledger, _holds_of(held, ledger, period), period)
    tills, words = _tills(ledger, period, stops), ledger.entries.words
    names = [*zip(words.payee.of(tills.payee), words.currency.of(tills.currency), strict=True)]
    net = _net_of(tills, names, rules, period)
    converted = _converted(names, net.due, pay_in or {}, rates, period)
    entries = _posted(ledger, period, tills, net, converted)
    return Payout(entries, Payments(entries.take(are_payments(entries))))


def _holds_of(held: Iterable[PayHold], ledger: Ledger, period: Period) -> tuple[PayHold, ...]:
    """The holds by which nothing is paid out; one that ended before the period is refused."""
    found = holds_given(held, ledger)
    for hold in found:
        if hold.until < period.start:
            fault = f"it ended on {hold.until}, before {period}"
            raise DataError(hold.where, fault, "leave it out, or pass what Disputes.in_force gives")
    return found


def _net_of(
    tills: _Tills, names: list[tuple[str, str]], rules: PayRules | Mapping[str, PayRules], period: Period
) -> _Net:
    """What is posted for everybody, by the rules of each currency; the currency of the first payee first."""
    nets = [_Net.none()]
    for code in dict.fromkeys(tills.currency.tolist()):
        rows = np.flatnonzero(tills.currency == code)
        payee, currency = names[int(rows[0])]
        held = rules if isinstance(rules, PayRules) else rules.get(currency)
        if held is None:
            raise PayError(f"paying {period}", f"there are no rules for {currency}", "give them by that currency")
        nets.append(_netted(tills, rows, held, _limits(held, currency, payee, period)))
    net = _Net.stacked(nets)
    return net.some(ordered(net.till))


def _must_be_rules(rules: object, period: Period) -> None:
    if isinstance(rules, Mapping):
        each_of(rules.values(), PayRules, "the rules by currency", "pass them as {'CNY': lp.schemes.PayRules()}")
    elif not isinstance(rules, PayRules):
        raise PayError(
            f"paying {period}",
            f"the rules are {shown(rules)}",
            "pass lp.schemes.PayRules(), or those of the scheme: scheme.pay, which is None where it has no [pay] table",
        )


# ── what is netted ──────────────────────────────────────────────────────────────────────────────────────────


@frozen(eq=False, kw_only=True)
class _Tills:
    """Payees in one currency each who are to be paid, in order of both; their sums in smallest units."""

    payee: Places
    currency: Places
    due: Whole
    receivable: Whole
    """What is owed apart from draws."""
    gross: Whole
    """What became due in the period, before anything was taken from it."""
    taken: Whole
    """What was taken from it."""
    paid: Whole
    """What was paid in the period already."""
    payments: Places
    """How many payments that was."""
    waits: Truth
    """Whether entries wait for a payment to cover them."""
    stops: Stops
    """What is held by hand; `due`, `gross` and `taken` are without it."""


def _tills(ledger: Ledger, period: Period, stops: Stops) -> _Tills:
    """Everybody who is not settled or held, and has no entries in later periods."""
    entries, sums = ledger.entries, ledger.sums
    size = len(sums.account)
    account = np.searchsorted(sums.account, accounts_of(entries.payee, entries.currency))
    is_paid = are(entries.kind, EntryKind.PAID)
    beyond = marked(account[ends_of(entries) > day_number(period.end)], size)
    freed = marked(account[stops.freed(entries)], size)
    settled = (sums.due == 0) & (put(np.where(is_paid, 1, 0), account, size, 0) == 1) & ~freed
    mine = np.flatnonzero(~(beyond | settled | stops.accounts))
    payee, currency = sums.account[mine] // CURRENCIES_MOST, sums.account[mine] % CURRENCIES_MOST
    words = entries.words
    order = ordered(words.payee.ranks[0][payee], words.currency.ranks[0][currency])
    mine = mine[order]
    here = entries.periods.index(period) if period in entries.periods else -1
    rows = np.flatnonzero((entries.period == here) & ~marked(stops.rows, len(entries)))
    kind, place, is_paid = entries.kind[rows], account[rows], is_paid[rows]
    kept = total_of(stops.due, account[stops.rows], size)
    most = 4 * (reach(entries.units[rows], place, size) + largest(sums.due) + largest(sums.receivable) + largest(kept))
    units, due, receivable, kept = bounded(most, entries.units[rows], sums.due, sums.receivable, kept)
    effect = EFFECT_ON["due"][kind] * units
    takes = takes_from_pay(kind, effect)
    return _Tills(
        payee=payee[order],
        currency=currency[order],
        due=(due - kept)[mine],
        receivable=receivable[mine],
        gross=total_of(np.where(is_paid | takes, 0, effect), place, size)[mine],
        taken=-total_of(np.where(takes, effect, 0), place, size)[mine],
        paid=total_of(np.where(is_paid, units, 0), place, size)[mine],
        payments=count_of(place[is_paid & (units >= 0)], size)[mine],
        waits=(_uncovered(entries, account, size, stops.rows) | freed)[mine],
        stops=stops,
    )


def _uncovered(entries: Entries, account: Places, size: int, held: Places) -> Truth:
    """Whether entries of an account wait for a payment: none of their period or a later one stands behind them.

    What is held waits for none; what an earlier payment left out counts as if it were covered.
    """
    ends = sorted({period.end for period in entries.periods}, reverse=True)
    turn = whole([ends.index(period.end) for period in entries.periods])
    place, pays = account * len(ends) + turn[entries.period], np.flatnonzero(are(entries.kind, EntryKind.PAID))
    shape = size, len(ends)
    last, last_paid = (
        put(rows, place[rows], size * len(ends), -1).reshape(shape)
        for rows in (np.flatnonzero(~marked(held, len(entries))), pays)
    )
    found: Truth = np.logical_or.reduce(last > np.maximum.accumulate(last_paid, axis=1), axis=1)
    return found


# ── netting ─────────────────────────────────────────────────────────────────────────────────────────────────


def _limits(rules: PayRules, currency: str, payee: str, period: Period) -> tuple[int | None, int | None]:
    """`guard_floor` and `payment_most` in smallest units; None is no such rule. An error names the payee."""

    def units(limit: Quantity, name: str) -> int:
        if limit.unit != currency:
            fault = f"{name} of the rules is in {limit.unit or 'no currency'}, and the pay of {payee!r} is in"
            raise PayError(f"paying {period}", f"{fault} {currency}", "give rules for each currency")
        return Money.rounded(limit.value, limit.unit, Rounding.DOWN).units

    floor = None if rules.guard_floor is None else units(rules.guard_floor, "guard_floor")
    return floor, None if rules.payment_most is None else units(rules.payment_most.most, "payment_most")


@frozen(eq=False, kw_only=True)
class _Net(Columns):
    """What is posted for each till, in smallest units."""

    till: Places
    guarded: Whole
    raised: Whole
    recovered: Whole
    due: Whole


def _netted(tills: _Tills, rows: Places, rules: PayRules, limits: tuple[int | None, int | None]) -> _Net:
    """Guard what may be taken from the period's pay, net what is due, recover what is owed, and cap the payment."""
    share, (floor, largest_payment) = rules.guard_share, limits
    columns = [getattr(tills, name)[rows] for name in ("due", "receivable", "gross", "taken", "paid")]
    most = 4 * (sum(map(largest, columns)) + (floor or 0) + (largest_payment or 0))
    due, owed, gross, taken, paid = bounded(most * (1 if share is None else share.denominator), *columns)
    bounds = [] if floor is None else [gross - floor]
    if share is not None:
        bounds.append(np.maximum(gross, 0) * share.numerator // share.denominator)
    allowed = np.maximum(np.minimum.reduce(bounds), 0) if bounds else None
    guarded = due * 0 if allowed is None else np.maximum(taken - allowed, 0)
    due = due + guarded
    raised = np.maximum(-due, 0) if rules.negative == "receivable" else due * 0
    due = np.maximum(due, 0)
    recovered = np.minimum(owed, due)
    if allowed is not None:
        recovered = np.minimum(recovered, allowed - (taken - guarded))
    recovered = np.maximum(recovered, 0)
    due = due - recovered
    if largest_payment is not None:
        due = np.minimum(due, np.maximum(largest_payment - paid, 0))
    return _Net(till=rows, guarded=guarded, raised=raised, recovered=recovered, due=due)


# ── converting ──────────────────────────────────────────────────────────────────────────────────────────────


@frozen(eq=False)
class _Converted:
    """What is paid in another currency."""

    rates: Sequence[ExchangeRate]
    rate: Places
    """By till, which rate; -1 where it is paid as it was earned."""
    paid: Whole
    """By till, in smallest units of that currency."""


def _converted(
    names: list[tuple[str, str]], due: Whole, pay_in: Mapping[str, str], rates: Sequence[ExchangeRate], period: Period
) -> _Converted:
    """What becomes of the amounts that are paid in another currency, by rates in order of day."""
    rate, paid, used = np.full(len(due), -1), due, list[ExchangeRate]()
    pairs: dict[tuple[str, str], list[int]] = {}
    for row in np.flatnonzero(due > 0).tolist() if pay_in else ():
        payee, currency = names[row]
        into = pay_in.get(payee, currency)
        if into != currency:
            pairs.setdefault((currency, into), []).append(row)
    for pair, found in pairs.items():
        rows, by = whole(found), _rate(rates, pair, names[found[0]][0], period)
        up, down = by.rate.numerator * 10 ** CURRENCIES[by.into], by.rate.denominator * 10 ** CURRENCIES[by.currency]
        (amounts,) = bounded(max(2 * largest(due[rows]) * up, down), due[rows])
        rate[rows] = len(used)
        paid = replaced(paid, rows, rounded(amounts * up, down, Rounding.HALF_UP))
        used.append(by)
    return _Converted(used, rate, paid)


def _rate(rates: Sequence[ExchangeRate], pair: tuple[str, str], payee: str, period: Period) -> ExchangeRate:
    """The latest rate from one currency into another on or before the last day of the period."""
    last = period.last_day
    known = [rate for rate in rates if (rate.currency, rate.into) == pair and rate.on <= last]
    if not known:
        fault = f"there is no exchange rate from {pair[0]} into {pair[1]} on or before {last}"
        remedy = "pass one, or pay in the currency that was earned"
        raise PayError(f"paying {payee!r} in {period}", fault, remedy)
    return known[-1]


# ── posting ─────────────────────────────────────────────────────────────────────────────────────────────────


def _posted(ledger: Ledger, period: Period, tills: _Tills, net: _Net, converted: _Converted) -> Entries:
    """The entries of all payees; those of one stand together, and a payment of zero covers what was netted."""
    size, width = len(tills.payee), len(_POSTS)
    till, column = np.repeat(np.arange(size), width), np.arange(size * width) % width
    values = np.concatenate([net.guarded, net.raised, net.recovered, net.due])
    pays = (net.guarded != 0) | (net.raised != 0) | (net.recovered != 0) | (net.due != 0) | tills.waits
    pays = pays & ~((converted.rate >= 0) & (converted.paid == 0))
    value = values[column * size + till]
    posts = np.flatnonzero(np.where(column == _PAID, pays[till], value != 0))
    till, column = till[posts], column[posts]
    words, keys, line = _keyed(ledger, period, tills, pays)
    fill, start = np.full(len(posts), 0), len(ledger.entries)
    fixing, left = _leaving_out(ledger, tills, till, column == _PAID)
    words, codes = words.joined(Vocabulary(cohort=Texts(("",)), loan=Texts(("",)), version=Texts(("",))))
    columns = {
        "number": np.arange(len(posts)) + start + 1,
        "kind": whole([code_of(kind) for kind, _ in _POSTS])[column],
        "payee": tills.payee[till],
        "line": np.where(column == _PAID, line[till], -1),
        "cohort": fill + codes["cohort"][0],
        "loan": fill + codes["loan"][0],
        "period": fill,
        "on": fill + day_number(period.last_day),
        "units": value[posts],
        "currency": tills.currency[till],
        "version": fill + codes["version"][0],
    }
    return Entries(
        **columns,
        words=words,
        keys=keys,
        periods=(period,),
        fixing=fixing,
        fixed=left + 1,
        hands={},
        reasons=_WhyPaid(column, value[posts], words.currency, tills.currency[till], till, converted),
        came_as=ledger.entries.came_as,
    )


def _leaving_out(ledger: Ledger, tills: _Tills, till: Places, pays: Truth) -> tuple[Places, Places]:
    """Payments, by their place among what is posted, with the places of the entries that they leave out, as pairs."""
    entries, rows, payments = ledger.entries, tills.stops.rows, np.flatnonzero(pays)
    of_rows = accounts_of(entries.payee[rows], entries.currency[rows])
    order = ordered(of_rows)
    which, place = matched(of_rows[order], accounts_of(tills.payee, tills.currency)[till[payments]])
    return payments[which], rows[order][place]


def _keyed(ledger: Ledger, period: Period, tills: _Tills, pays: Truth) -> tuple[Vocabulary, LineKeys, Places]:
    """The keys of payments: payee, period, currency and a running number; with those of the ledger before them."""
    words, rows = ledger.entries.words, np.flatnonzero(pays)
    names = words.payee.texts
    kinds = accounts_of(tills.payments[rows] + 1, tills.currency[rows])
    tails = {int(kind): place for place, kind in enumerate(dict.fromkeys(kinds.tolist()))}
    shapes = [
        (None, *parts_of(f"x/{period}/{words.currency.texts[kind % CURRENCIES_MOST]}/{kind // CURRENCIES_MOST}")[1:])
        for kind in tails
    ]
    which = whole([tails[kind] for kind in kinds.tolist()])
    odd = [row for row in rows.tolist() if "/" in names[tills.payee[row]] or "\\" in names[tills.payee[row]]]
    for row in odd:
        number, currency = int(tills.payments[row]) + 1, words.currency.texts[tills.currency[row]]
        shapes.append(parts_of(f"{names[tills.payee[row]]}/{period}/{currency}/{number}"))
    which[np.searchsorted(rows, whole(odd))] = len(tails) + np.arange(len(odd))
    parts = {name: [shape[place] for shape in shapes] for place, name in enumerate(PARTS)}
    more = {
        name: Texts(tuple(dict.fromkeys(text for text in texts if text is not None))) for name, texts in parts.items()
    }
    words, known = words.joined(Vocabulary(**more))
    columns = {
        name: whole([-1 if text is None else int(known[name][more[name].texts.index(text)]) for text in texts])[which]
        for name, texts in parts.items()
    }
    columns["payee"] = np.where(columns["payee"] < 0, tills.payee[rows], columns["payee"])
    keys, places = ledger.entries.keys.joined(LineKeys(**columns))
    return words, keys, put(places, rows, len(pays), -1)


@frozen(eq=False)
class _WhyPaid:
    """Why the entries of a pay run were posted."""

    column: Places
    units: Whole
    currencies: Texts
    currency: Places
    till: Places
    converted: _Converted

    def kept(self, places: Places) -> Grounds:
        """What is kept of reasons: the rule, and how an amount was converted."""
        found = Grounds.of_rules(whole([RULE_CODES[rule] for _, rule in _POSTS])[self.column[places]])
        converted = np.flatnonzero((self.column[places] == _PAID) & (self.converted.rate[self.till[places]] >= 0))
        reasons = [self(place) for place in places[converted].tolist()]
        said = [{name: value for name, value in reason.values if name != "amount"} for reason in reasons]
        texts, codes = Texts().joined([*map(written_values, said)])
        found.rule[converted], found.said[converted] = RULE_CODES["entry.paid converted"], codes[:-1]
        return evolve(found, texts=texts)

    def __call__(self, place: int) -> Explanation:
        _, rule = _POSTS[int(self.column[place])]
        amount = str(Money.from_units(int(self.units[place]), self.currencies.texts[int(self.currency[place])]))
        till = int(self.till[place])
        rate = int(self.converted.rate[till])
        if rule != "entry.paid" or rate < 0:
            return because(rule, {"amount": amount})
        by = self.converted.rates[rate]
        values = {
            "amount": amount,
            "paid": str(Money.from_units(int(self.converted.paid[till]), by.into)),
            "rate": plain(by.rate),
            "on": by.on.isoformat(),
            "source": by.source,
        }
        return because("entry.paid converted", values)
