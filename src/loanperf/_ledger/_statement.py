"""Statement: what a payee's period came to, line by line; what is held until when, what waits, what is not paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any

from attrs import evolve, frozen

from loanperf._bonus import Award, Awards
from loanperf._chinese import in_chinese
from loanperf._commission import UNPAID, Accruals, Unpaid, UnpaidBy, Waiting, counted, name_of
from loanperf._data import PlainData, read_as
from loanperf._explanations import Label, Language, html_of, in_words, one_line, spoken
from loanperf._ledger._begun import lines_begun
from loanperf._ledger._deferred import HELD_AS, held_until
from loanperf._ledger._entitlement import entitled
from loanperf._ledger._entries import Entry
from loanperf._ledger._holds import PayHold, StoppedPay, holds_given, stopped
from loanperf._ledger._kinds import EFFECTS, KIND_NAMES, EntryKind
from loanperf._ledger._ledger import Account, Ledger, must_be_ledger
from loanperf._ledger._line_words import LineName, coded, line_names, place_of_line, why_in_short, with_reasons
from loanperf._numbers import distinct
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf._validators import each_of, must_be
from loanperf.errors import LedgerError, UnknownPayeeError, shown

_HOLDING = tuple(kind for kind, effect in EFFECTS.items() if effect.held)
"""Kinds of entries that change what is held."""
_WORDS = {
    "title": Label("statement of {payee}, {period}", "{payee} {period} 绩效结算单"),
    "before": Label("before", "期初"),
    "after": Label("after", "期末"),
    "total": Label("total", "合计"),
    "of": Label("{amount} held of {cohort}", "{cohort} 预留风险金 {amount}"),
    "next": Label(", {amount} of it expected on {on}", "，预计 {on} 返还 {amount}"),
    "blocked": Label("left as it is: something of this payee could not be worked", "未更新：该员工有数据无法处理"),
    "heads": Label("date|entry|plan|component|loan|version|amount|why", "日期|分录|方案|项目|贷款|版本|金额|原因"),
    "waits": Label("{what} waits for: {for}{amount}", "{what} 等待：{for}{amount}"),
    "unpaid": Label("other loans that are not paid: {more}", "其他未计提贷款：{more}"),
    "many": Label("{number} ({what})", "{what} {number} 笔"),
    "and": Label(", ", "，"),
    "bonus": Label("bonus", "奖金"),
    "held": Label("held", "预留风险金"),
    "held in service": Label("held in service", "预留风险金（在职）"),
    "held of all pay": Label("held of all pay", "全部薪酬预留风险金"),
    "held of all pay in service": Label("held of all pay in service", "全部薪酬预留风险金（在职）"),
    "draw": Label("draw {number}", "预支 {number}"),
    "so far": Label(" ({amount})", "（{amount}）"),
    "balances": Label(
        "{when}: due {due}, held {held}, owed {owed}, paid {paid}",
        "{when}：应发 {due}，预留风险金 {held}，待扣回 {owed}，已发 {paid}",
    ),
    "says": Label("{what}: {more}", "{what}：{more}"),
}


@frozen(kw_only=True)
class HeldCohort(PlainData):
    """What is still held of a period's pay, and when some of it may be released next."""

    cohort: str
    amount: Money
    next_on: date | None
    """The next day on which some is released if nothing happens; None where none is known."""
    next_amount: Money | None
    """How much that is."""


@frozen(kw_only=True)
class Statement(PlainData):
    """A payee's period in one currency."""

    payee: str
    period: Period
    entries: tuple[Entry, ...]
    """What was posted in the period, in order."""
    before: Account
    """Balances before the period."""
    after: Account
    """Balances at its end."""
    held: tuple[HeldCohort, ...]
    """What is held, the oldest first."""
    waiting: tuple[Waiting, ...]
    """What is not payable yet, and what it waits for."""
    unpaid: tuple[Unpaid, ...] = ()
    """Loans that no component pays and that first fell due in the period, with the reason."""
    unpaid_besides: tuple[tuple[UnpaidBy, int], ...] = ()
    """How many other loans are not paid for each reason: those listed in earlier periods, or not due yet."""
    blocked: tuple[str, ...] = ()
    """Why nothing new is posted, where something of the payee could not be worked."""
    stopped: tuple[StoppedPay, ...] = ()
    """What is due and held by hand: how much, why, by whom and until when."""
    name: str = ""
    """The name of the payee; empty where it is not known."""
    names: tuple[LineName, ...] = ()
    """What its plans and components are called, as far as they have names."""

    def _title(self, language: Language) -> str:
        payee = coded(self.name, self.payee, language)
        return _say("title", language, {"payee": payee, "period": str(self.period)})

    @property
    def by_date(self) -> tuple[Entry, ...]:
        """The entries in the order in which `rows` has them: by date, and those of one day as they were posted."""
        return tuple(sorted(self.entries, key=lambda entry: (entry.on, entry.number)))

    @cached_property
    def totals(self) -> tuple[tuple[EntryKind, Money], ...]:
        """What the entries of each kind come to, in the order of kinds."""
        sums: dict[EntryKind, Money] = {}
        for entry in self.entries:
            known = sums.get(entry.kind)
            sums[entry.kind] = entry.amount if known is None else known + entry.amount
        return tuple((kind, sums[kind]) for kind in EntryKind if kind in sums)

    @property
    def in_numbers(self) -> Statement:
        """The statement with so much of its reasons as every store keeps.

        Made without accruals it is what the ledger of an archive gives of that moment, byte for byte in `data()`.
        """
        return evolve(self, entries=tuple(entry.in_numbers for entry in self.entries))

    def text(self, language: Language = "en") -> str:
        """The statement as lines of text; a line break or direction mark in a name becomes a blank."""
        lines = [self._title(language)]
        lines.append(_balances("before", self.before, language))
        lines += ["  " + "  ".join(cell for cell in row if cell) for row in self.rows(language)]
        lines += [f"  {_WORDS['total'].to(language)} {name}  {amount}" for name, amount in self._totals(language)]
        lines.append(_balances("after", self.after, language))
        lines += [f"  {line}" for line in self.ahead(language)]
        return "\n".join(map(one_line, lines))

    def html(self, language: Language = "en") -> str:
        """The statement as a table and lists; every value is escaped."""
        rows = "".join(
            f"<tr>{''.join(f'<td>{html_of(cell)}</td>' for cell in row)}</tr>" for row in self.rows(language)
        )
        words = _WORDS["heads"].to(language).split("|")
        heads = f"<tr>{''.join(f'<th>{html_of(word)}</th>' for word in words)}</tr>"
        total = _WORDS["total"].to(language)
        totals = "".join(
            f"<tr><th colspan='6'>{html_of(total)} {html_of(name)}</th><th>{html_of(amount)}</th></tr>"
            for name, amount in self._totals(language)
        )
        title = self._title(language)
        ahead = "".join(f"<li>{html_of(line)}</li>" for line in self.ahead(language))
        return (
            f"<h3>{html_of(title)}</h3><p>{html_of(_balances('before', self.before, language))}</p>"
            f"<table class='loanperf'>{heads}{rows}{totals}</table>"
            f"<p>{html_of(_balances('after', self.after, language))}</p>" + (f"<ul>{ahead}</ul>" if ahead else "")
        )

    def data(self) -> dict[str, Any]:
        """The statement as plain dicts, lists and texts, with its `totals`; `from_data` reads it back exactly."""
        return {**super().data(), "totals": {kind.value: str(amount) for kind, amount in self.totals}}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Statement:
        """The inverse of `data`.

        Raises:
            DataError: it is not what `data` returns; it says where.
        """
        return read_as(cls, {name: value for name, value in data.items() if name != "totals"})

    def rows(self, language: Language = "en") -> list[tuple[str, ...]]:
        """The entries as cells: date, kind, plan, component, loan, version, amount, why; by date."""
        spoken(language)
        return [
            (
                entry.on.isoformat(),
                KIND_NAMES[entry.kind].to(language),
                *named_place(self, entry, language),
                entry.loan,
                entry.version[:12],
                in_words(entry.amount, language),
                why_in_short(entry, language),
            )
            for entry in self.by_date
        ]

    def _totals(self, language: Language) -> list[tuple[str, str]]:
        return [(KIND_NAMES[kind].to(language), in_words(amount, language)) for kind, amount in self.totals]

    def ahead(self, language: Language = "en") -> list[str]:
        """What is held by hand or by the scheme and until when, what waits and for what, and what was left as it is."""
        words = _WORDS["blocked"].to(language)
        why = self.blocked if spoken(language) == "en" else map(in_chinese, self.blocked)
        lines = [_say("says", language, {"what": words, "more": problem}) for problem in why]
        lines += [one.text.to(language) for one in self.stopped]
        for item in self.held:
            line = _say("of", language, {"amount": in_words(item.amount, language), "cohort": item.cohort})
            if item.next_on is not None and item.next_amount is not None:
                amount = in_words(item.next_amount, language)
                line += _say("next", language, {"amount": amount, "on": item.next_on.isoformat()})
            lines.append(line)
        for wait in self.waiting:
            stage = name_of(wait.stage).to(language)
            places = _named(self, wait.plan, wait.component, language)
            what = " ".join(part for part in (*places, wait.loan, stage) if part)
            amount = "" if wait.amount is None else in_words(wait.amount, language)
            amount = _say("so far", language, {"amount": amount}) if amount else ""
            lines.append(
                _say("waits", language, {"what": what, "for": name_of(wait.waits_for).to(language), "amount": amount})
            )
        lines += [item.to(language) for item in self.unpaid]
        if self.unpaid_besides:
            many = [
                _say("many", language, {"number": str(number), "what": UNPAID[by].to(language)})
                for by, number in self.unpaid_besides
            ]
            lines.append(_say("unpaid", language, {"more": _WORDS["and"].to(language).join(many)}))
        return lines

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return f"<div class='loanperf'>{self.html()}</div>"


def statement(
    ledger: Ledger,
    payee: str,
    period: Period,
    accruals: Accruals | None = None,
    *,
    currency: str = "",
    organisation: Organisation | None = None,
    held: Iterable[PayHold] = (),
    awards: Awards | Iterable[Award] = (),
) -> Statement:
    """A payee's period: what was posted and why, the balances, what is held, and what waits.

    Args:
        ledger: everything posted so far.
        payee: whose.
        period: the period in which it was posted.
        accruals: what was earned; without it nothing is said of releases to come, of what waits and what is not paid,
            plans and components are shown by their codes, and of what was read back from a store only the amounts.
        currency: needed where the payee has entries in none or in two.
        organisation: with it, whoever is assigned at any time is known, so that a payee without pay has a statement
            of zeros, and the payee is shown by name; without it, those are who have entries or accruals.
        held: holds by hand that are in force.
        awards: of the period, such as `Run.results.awards`; with them it is said how a bonus comes about that was read
            back from a store. Those of others are passed over.

    Raises:
        UnknownPayeeError: nothing is known of the payee; it names those who are known.
        LedgerError: the currency is not given and cannot be known.
        DataError: it is no ledger, or what is passed beside it is of another class.

    >>> from loanperf import Assignment, Ledger, Organisation, Period, statement
    >>> people = Organisation(assignments=[Assignment(payee="lin", unit="e", role="officer", since="2026-01-01")])
    >>> print(statement(Ledger(), "lin", Period.month(2026, 3), currency="CNY", organisation=people))
    statement of lin, 2026-03
    before: due 0.00 CNY, held 0.00 CNY, owed 0.00 CNY, paid 0.00 CNY
    after: due 0.00 CNY, held 0.00 CNY, owed 0.00 CNY, paid 0.00 CNY
    """
    _must_be_given(ledger, payee, period, accruals, organisation)
    if not currency and accruals is not None and not ledger.currencies(payee):
        currency = accruals.currency
    after = ledger.balance(payee, through=period, currency=currency)
    code = after.due.currency
    waiting, unpaid = ((), ()) if accruals is None else _not_paid(accruals, payee)
    entries = with_reasons(ledger.posted(payee, period, code), accruals, _awards_of(payee, awards))
    return Statement(
        payee=payee,
        period=period,
        entries=entries,
        before=ledger.before(payee, period, code),
        after=after,
        held=_held(ledger, payee, period, code, accruals),
        waiting=waiting,
        unpaid=tuple(item for item in unpaid if item.period == period),
        unpaid_besides=counted(item for item in unpaid if item.period is None or item.period.start < period.start),
        blocked=() if accruals is None else _why_blocked(accruals, payee),
        stopped=_stopped(ledger, payee, period, code, held),
        name=_name_of(payee, organisation),
        names=() if accruals is None else _names(accruals, period, entries, waiting),
    )


def _awards_of(payee: str, awards: Awards | Iterable[Award]) -> tuple[Award, ...]:
    """The awards of a payee, of those of many."""
    if isinstance(awards, Awards):
        return tuple(awards.of(payee))
    return tuple(one for one in each_of(awards, Award, "awards", "pass Run.results.awards") if one.payee == payee)


def _why_blocked(accruals: Accruals, payee: str) -> tuple[str, ...]:
    return tuple(map(str, accruals.why.get(payee, ()))) if payee in accruals.blocked else ()


def _names(
    accruals: Accruals, period: Period, entries: Iterable[Entry], waiting: Iterable[Waiting]
) -> tuple[LineName, ...]:
    """What the plans and components of entries, and of what waits, are called."""
    places = [place_of_line(entry)[:2] for entry in entries] + [(wait.plan, wait.component) for wait in waiting]
    return line_names(places, accruals, period)


def _name_of(payee: str, organisation: Organisation | None) -> str:
    """The name of a payee, where one is known."""
    name = payee if organisation is None else organisation.name(payee)
    return "" if name == payee else name


def _stopped(
    ledger: Ledger, payee: str, period: Period, currency: str, held: Iterable[PayHold]
) -> tuple[StoppedPay, ...]:
    loans = ledger.loans(payee, currency)
    mine = [hold for hold in holds_given(held, ledger) if hold.payee == payee or hold.loan in loans]
    found = stopped(ledger, mine, period, currency)
    return tuple(one for one in found if (one.payee, one.amount.currency) == (payee, currency))


def _not_paid(accruals: Accruals, payee: str) -> tuple[tuple[Waiting, ...], tuple[Unpaid, ...]]:
    """What waits of a payee, and what is not paid; those of everybody are told apart once."""
    if "not paid" not in accruals.memo:
        waiting, unpaid = defaultdict[str, list[Waiting]](list), defaultdict[str, list[Unpaid]](list)
        for wait in accruals.waiting:
            waiting[wait.payee].append(wait)
        for item in accruals.unpaid:
            unpaid[item.payee].append(item)
        accruals.memo["not paid"] = waiting, unpaid
    waits, lacks = accruals.memo["not paid"]
    return tuple(waits.get(payee, ())), tuple(lacks.get(payee, ()))


def _must_be_given(
    ledger: Ledger, payee: str, period: Period, accruals: Accruals | None, organisation: Organisation | None
) -> None:
    """Refuse what is of another class, and a payee of whom nothing is known."""
    must_be_ledger(ledger)
    must_be(payee, str, "the payee", "pass the code of one")
    _must_be_a_period(payee, period)
    for given, kind, name in ((accruals, Accruals, "accruals"), (organisation, Organisation, "organisation")):
        if given is not None:
            must_be(given, kind, name, f"pass lp.{kind.__name__}, or leave it out")
    _must_be_known(payee, ledger, accruals, organisation)


def _must_be_known(payee: str, ledger: Ledger, accruals: Accruals | None, organisation: Organisation | None) -> None:
    """Refuse a payee of whom there is nothing to say: a slip in a code must not look like somebody without pay."""
    if ledger.currencies(payee):
        return
    known = {name for name, _ in ledger.accounts} | {*(organisation.codes if organisation is not None else ())}
    if accruals is not None:
        lines = accruals.columns
        known |= accruals.blocked | {lines.payees[code] for code in distinct(lines.payee)[0].tolist()}
        known |= {item.payee for item in accruals.waiting} | {item.payee for item in accruals.unpaid}
        known |= {name for name, _ in accruals.drawing}
    if payee not in known:
        raise UnknownPayeeError(payee, sorted(known))


def _must_be_a_period(payee: str, period: object) -> None:
    if not isinstance(period, Period):
        where = f"the statement of {payee!r}"
        raise LedgerError(where, f"{shown(period)} is no Period", "pass one, such as lp.Period.month(2026, 3)")


def _held(
    ledger: Ledger, payee: str, period: Period, currency: str, accruals: Accruals | None
) -> tuple[HeldCohort, ...]:
    sums: dict[str, int] = defaultdict(int)
    ahead: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for entry in ledger.of_payee(payee, period, currency, *_HOLDING):
        units = EFFECTS[entry.kind].held * entry.amount.units
        if entry.cohort:
            sums[entry.cohort] += units
        until = entry.on if entry.kind is EntryKind.OPENING_HELD else held_until(entry.line)
        if until is not None and until >= period.end:
            ahead[entry.cohort][until] += units
    if accruals is not None:
        accruals = lines_begun(accruals, ledger, period)
    nets = ledger.nets(period) if accruals is not None and accruals.missing else {}
    due = None if accruals is None else entitled(accruals, ledger.overruled(period), nets, ledger)
    for cohort, on, units in () if due is None else due.of_held(payee, currency):
        if on >= period.end:
            ahead[str(cohort)][on] += units
    cohorts = sorted((cohort for cohort, units in sums.items() if units), key=lambda text: Period.parse(text).start)
    return tuple(_held_cohort(cohort, Money.from_units(sums[cohort], currency), ahead[cohort]) for cohort in cohorts)


def _held_cohort(cohort: str, amount: Money, ahead: dict[date, int]) -> HeldCohort:
    on = min(ahead, default=None)
    following = None if on is None else Money.from_units(ahead[on], amount.currency)
    return HeldCohort(cohort=cohort, amount=amount, next_on=on, next_amount=following)


def named_place(statement: Statement, entry: Entry, language: Language) -> tuple[str, str]:
    """The plan and component of an entry by name, else by code; those that the ledger itself makes in words."""
    plan, component, _ = place_of_line(entry)
    return _named(statement, plan, component, language)


def _named(statement: Statement, plan: str, component: str, language: Language) -> tuple[str, str]:
    names = {(one.plan, one.component): one.name.to(language) for one in statement.names}
    if plan == "bonus":
        name = component if component in ("bonus", *HELD_AS) else "bonus"
        return _WORDS["bonus"].to(language), _WORDS[name].to(language)
    number = component.removeprefix("draw ")
    drawn = _say("draw", language, {"number": number}) if number != component else component
    return names.get((plan, ""), plan), names.get((plan, component), drawn)


def _say(word: str, language: Language, values: dict[str, str]) -> str:
    return _WORDS[word].to(language).format_map(values)


def _balances(word: str, account: Account, language: Language) -> str:
    amounts = {name: in_words(getattr(account, name), language) for name in ("due", "held", "owed", "paid")}
    return _say("balances", language, {"when": _WORDS[word].to(language), **amounts})
