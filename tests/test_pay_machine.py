"""Pay under any history: whatever a host does in whatever order, the ledger says what is due and pays it once."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from random import Random
from typing import Any, TypeAlias

import pytest
from attrs import evolve, frozen
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import loanperf as lp

Nets: TypeAlias = dict[tuple[str, str], int]
"""What a ledger or the facts come to, by line and group, in fen."""
K, E = lp.EntryKind, lp.EventKind
MONTHS = tuple(lp.Period.month(2026, month) for month in range(1, 9))
CODES = tuple(f"L{number}" for number in range(1, 13))
OFFICERS = ("lin", "wei", "zhao")
PEOPLE = (*OFFICERS, "chen")
BY = "treasurer"


# ── the scheme ──────────────────────────────────────────────────────────────────────────────────────────────


def plan_of(role: str, *, stage: str, rates: tuple[str, str, str], share: str, kept: str) -> dict[str, Any]:
    """The plan of a role: corporate loans in two stages, mortgages by slices, unsecured loans at the tier reached."""
    credit = {"lead": "70%", "assistant": "30%"}
    knots = [[f"{at}万元", rate] for at, rate in zip((0, 20, 60), rates, strict=True)]
    tiered = {"base": "disbursed", "split": credit, "dead": kept, "curve": {"knots": knots, "shape": "step"}}
    found: dict[str, Any] = {
        "role": role,
        "rounding": "half up",
        "components": {
            "corporate": {
                "base": "disbursed",
                "where": {"segment": "corporate"},
                "rate": rates[1],
                "stages": [
                    {"milestone": "due diligence complete", "share": stage},
                    {"milestone": "disbursed", "share": "20%" if stage == "80%" else "80%"},
                ],
                "split": credit,
                "dead": kept,
            },
            "mortgage": tiered
            | {
                "where": {"product": "mortgage"},
                "tiers": {"by": "amount", "applies": "marginal", "accumulates": "period"},
            },
            "unsecured": tiered
            | {
                "where": {"product": "unsecured"},
                "tiers": {"by": "amount", "applies": "flat", "accumulates": "to date", "resets": "quarter"},
            },
        },
        "holdback": {
            "share": share,
            "instalments": [{"after_months": months, "share": "1/3"} for months in (2, 3, 4)],
            "condition": "performing",
        },
        "clawbacks": [
            {
                "on": "written off",
                "share": {"knots": [["0 month", "100%"], ["3 month", "50%"]], "shape": "step"},
                "takes": "in proportion" if kept == "reverse" else "whole",
                "refund": "95%",
                "attainment": "stays" if kept == "reverse" else "lowered",
            }
        ],
    }
    if role == "trainee":
        found["draws"] = [{"least": "2000元", "kind": "recoverable", "last_period": 2, "recovered_until": 4}]
    if role == "lead":
        team = {"base": "team", "rate": "10%", "team": {"total": "sum"}}
        found["components"]["override"] = team
    return found


VARIANTS: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    ({"stage": "20%", "rates": ("0.5%", "0.8%", "1.2%"), "share": "20%", "kept": "reverse"}, {}),
    ({"stage": "20%", "rates": ("0.33%", "0.7%", "1.01%"), "share": "20%", "kept": "reverse"},
     {"person_most": {"most": "3000元", "excess": "lost"}, "guard_share": "20%", "guard_floor": "850元"}),
    ({"stage": "80%", "rates": ("1/3", "0.1%", "2/7"), "share": "1/3", "kept": "keep"},
     {"person_most": {"most": "5000元", "excess": "carried"}, "guard_share": "20%"}),
)  # fmt: skip
"""Plans and pay rules of the versions that can be published."""


@cache
def version(variant: int, month: int) -> lp.Scheme:
    """One of the versions, in force from a month on."""
    terms, pay = VARIANTS[variant]
    plans = {role: plan_of(role, **terms) for role in ("officer", "trainee", "lead")}
    start = MONTHS[month].start.isoformat()
    return lp.schemes.scheme_of({"name": "branch", "currency": "CNY", "effective": start, "plans": plans, "pay": pay})


def assigned(payee: str, role: str, since: str, until: str | None = None) -> lp.Assignment:
    return lp.Assignment(payee=payee, unit="east", role=role, since=since, until=until)


STAFF = lp.Organisation(
    units=[lp.Unit(code="east")],
    assignments=[
        assigned("lin", "officer", "2025-01-01"),
        assigned("wei", "officer", "2025-01-01"),
        assigned("zhao", "trainee", "2026-01-01", "2026-05-01"),
        assigned("zhao", "officer", "2026-05-01"),
        assigned("chen", "lead", "2025-01-01"),
    ],
)


# ── what a host can send ────────────────────────────────────────────────────────────────────────────────────

AMOUNTS = st.one_of(
    st.sampled_from([1, 3333333, 10000001, 20000000, 59999999]), st.integers(1, 90000000)
).map(lambda fen: lp.Money.from_units(fen, "CNY"))  # fmt: skip
LAGS = st.sampled_from([0, 0, 3, 10, 20, 31, 45, 70, 120])
"""Days from one thing to the next."""
DAYS = st.integers(0, 241).map(lambda days: MONTHS[0].start + timedelta(days=days))
SHARES = st.sampled_from(
    [("1",), ("60%", "40%"), ("1/3", "1/3", "1/3"), ("1/7", "6/7"), ("99.9%", "0.1%"), ("60%", "60%")]
)
CATEGORIES = st.sampled_from([lp.Category.NORMAL, lp.Category.SUBSTANDARD, lp.Category.DOUBTFUL])
KINDS = st.sampled_from([
    E.DUE_DILIGENCE, E.SIGNED, E.DISBURSED, E.DISBURSED, E.REPAID, E.PREPAID, E.CLASSIFIED, E.WRITTEN_OFF,
    E.WRITTEN_OFF, E.RECOVERED, E.CANCELLED, E.ASSIGNED,
])  # fmt: skip
LIVES = st.sampled_from([
    (E.DISBURSED,),
    (E.SIGNED, E.DUE_DILIGENCE, E.DISBURSED),
    (E.DUE_DILIGENCE, E.DISBURSED, E.WRITTEN_OFF, E.RECOVERED),
    (E.SIGNED, E.DUE_DILIGENCE, E.CANCELLED),
    (E.DISBURSED, E.DISBURSED, E.REPAID),
    (E.DISBURSED, E.CLASSIFIED, E.WRITTEN_OFF),
    (E.DUE_DILIGENCE, E.ASSIGNED, E.DISBURSED),
])  # fmt: skip


@st.composite
def events(draw: st.DrawFn, loan: str, kind: lp.EventKind, on: date) -> lp.LoanEvent:
    """An event of a kind on a day."""
    amount = category = officer = None
    match kind:
        case E.DUE_DILIGENCE | E.CANCELLED:
            pass
        case E.CLASSIFIED:
            category = draw(CATEGORIES)
        case E.ASSIGNED:
            officer = draw(st.sampled_from(OFFICERS))
        case _:
            amount = draw(AMOUNTS)
    number = draw(st.sampled_from(["", "", "2"]))
    return lp.LoanEvent(loan=loan, kind=kind, on=on, number=number, amount=amount, category=category, officer=officer)


@st.composite
def lives(draw: st.DrawFn, loan: str, opened: date) -> list[lp.Fact]:
    """A loan with what happens to it one after the other, some of it in months to come."""
    kind = draw(st.sampled_from(["corporate", "mortgage", "unsecured"]))
    terms: dict[str, Any] = {"segment": "corporate"} if kind == "corporate" else {"product": kind}
    officer = draw(st.sampled_from(OFFICERS))
    known = draw(st.one_of(st.none(), AMOUNTS))
    facts: list[lp.Fact] = [lp.Loan(loan=loan, customer=loan, officer=officer, opened_on=opened, amount=known, **terms)]
    on = opened
    for step in draw(LIVES):
        on += timedelta(days=draw(LAGS))
        facts.append(draw(events(loan, step, on)))
    return facts


@st.composite
def splits(draw: st.DrawFn, loan: str) -> list[lp.Fact]:
    """Who leads a loan, in what parts, and who assists."""
    found: list[lp.Fact] = []
    for role in draw(st.sampled_from([("lead",), ("lead", "assistant"), ("assistant",)])):
        people = draw(st.permutations(OFFICERS))
        found += [
            lp.Credit(loan=loan, payee=payee, on=MONTHS[0].start, role=role, share=share)
            for payee, share in zip(people, draw(SHARES), strict=False)
        ]
    return found


# ── what is said by the ledger, and what should be ──────────────────────────────────────────────────────────


@frozen
class Said:
    """An amount set by hand."""

    period: lp.Period
    line: str
    payee: str
    amount: lp.Money


@frozen(eq=False)
class Sound:
    """The month that was settled last, what was earned, and what is due from scratch; while only payments follow."""

    period: lp.Period
    accruals: lp.Accruals
    facts: tuple[lp.Fact, ...]
    due: Nets


def nets(ledger: lp.Ledger, through: lp.Period) -> Nets:
    """What the entries of each line and group come to; of months up to one."""
    found: Counter[tuple[str, str]] = Counter()
    for entry in ledger.entries:
        group = lp.schemes.EFFECTS[entry.kind].group
        if group not in ("paid", "receivable") and entry.period.end <= through.end:
            found[entry.line, group] += entry.amount.units
    return {slot: units for slot, units in found.items() if units}


def accrued(facts: Iterable[lp.Fact], book: lp.SchemeBook, through: lp.Period) -> lp.Accruals:
    """What was earned up to the end of a month."""
    return lp.accrue(lp.Facts.of(facts), book.plans(), STAFF, through=through, since=MONTHS[0].start)


def due(accruals: lp.Accruals, ledger: lp.Ledger, through: lp.Period) -> Nets:
    """What is due at the end of a month, from scratch."""
    found: Counter[tuple[str, str]] = Counter()
    for move in lp.movements(accruals, ledger.overruled(through)):
        if move.on < through.end:
            found[move.line, move.group] += move.amount.units
    return {slot: units for slot, units in found.items() if units}


def without(blocked: Iterable[str], found: Nets) -> Nets:
    """The nets of the others."""
    return {slot: units for slot, units in found.items() if slot[0].split("/")[0] not in blocked}


def posted(ledger: lp.Ledger, period: lp.Period) -> tuple[lp.Entry, ...]:
    """The entries of a month."""
    return tuple(entry for entry in ledger.entries if entry.period == period)


def bytes_of(entries: Iterable[lp.Entry]) -> tuple[str, ...]:
    """Entries as they are stored."""
    return tuple(json.dumps(entry.data(), ensure_ascii=False) for entry in entries)


def overruled(ledger: lp.Ledger, said: Said) -> lp.Ledger:
    """The ledger with an amount set by hand."""
    texts = {"by": BY, "why": "agreed", "evidence": "HR-17"}
    entry = lp.overrule(ledger, said.line, said.amount, period=said.period, payee=said.payee, **texts)
    return ledger.append([entry])


class PayMachine(RuleBasedStateMachine):
    """A host: loans and events come in any order and as late as they like, plans change, months close and reopen."""

    def __init__(self) -> None:
        super().__init__()
        self.facts: dict[tuple[str, ...], lp.Fact] = {}
        self.loans: list[str] = []
        self.book = lp.SchemeBook([version(0, 0)])
        self.random = Random(0)  # noqa: S311
        self.ledger = lp.Ledger()
        self.place = 0
        self.closed: dict[lp.Period, tuple[lp.Entry, ...]] = {}
        self.stored: dict[lp.Period, tuple[str, ...]] = {}
        self.sound: Sound | None = None
        self.summed: Sound | None = None
        self.twice: lp.Ledger | None = None
        """The ledger that was last found to need nothing more."""
        self.payouts: list[lp.Payout] = []
        self.said: list[Said] = []

    @initialize(random=st.randoms(use_true_random=True), variant=st.sampled_from([0, 0, 1, 2]), data=st.data())
    def start(self, random: Random, variant: int, data: st.DataObject) -> None:
        """The plan of the first day, the first loans, and the order in which everything arrives in another world."""
        self.random = random
        self.book = lp.SchemeBook([version(variant, 0)])
        for back in data.draw(st.lists(st.integers(0, 30), min_size=2, max_size=5)):
            self.issue(data, back)

    @property
    def month(self) -> lp.Period:
        """The open month."""
        return MONTHS[self.place]

    def rules_in(self, period: lp.Period) -> lp.schemes.PayRules:
        """The pay rules of the version that is in force at the end of a month."""
        return self.book.at(period.last_day).pay or lp.schemes.PayRules()

    def accrued(self, through: lp.Period) -> lp.Accruals:
        """What was earned by all that is known now."""
        return accrued(self.facts.values(), self.book, through)

    def know(self, facts: Iterable[lp.Fact]) -> None:
        """Take what was told; a natural key that is known is told anew."""
        self.facts |= {fact.key: fact for fact in facts}

    # ── facts ───────────────────────────────────────────────────────────────────────────────────────────────

    @precondition(lambda self: len(self.loans) < len(CODES))
    @rule(data=st.data(), back=st.integers(0, 60))
    def issue(self, data: st.DataObject, back: int) -> None:
        """A loan with most of its life, part of it told late and part of it ahead of time."""
        opened = max(MONTHS[0].start, self.month.last_day - timedelta(days=back))
        code = CODES[len(self.loans)]
        self.loans.append(code)
        self.know(data.draw(lives(code, opened)))

    @rule(data=st.data(), kind=KINDS, on=DAYS)
    def tell(self, data: st.DataObject, kind: lp.EventKind, on: date) -> None:
        """Anything that happened to a loan on any day, sense or nonsense."""
        self.know([data.draw(events(data.draw(st.sampled_from(self.loans)), kind, on))])

    @rule(data=st.data())
    def credit(self, data: st.DataObject) -> None:
        """Some people share a loan; now and then in parts that do not sum, until the credits are sent again."""
        loan = data.draw(st.sampled_from(self.loans))
        self.facts = {key: fact for key, fact in self.facts.items() if key[:2] != ("credit", loan)}
        self.know(data.draw(splits(loan)))

    @rule(data=st.data(), amount=st.one_of(AMOUNTS, st.none()))
    def correct(self, data: st.DataObject, amount: lp.Money | None) -> None:
        """An amount was another than was told; or what was told did not happen after all."""
        told = [fact for fact in self.facts.values() if isinstance(fact, lp.LoanEvent)]
        if amount is None and told:
            del self.facts[data.draw(st.sampled_from(told)).key]
        elif told := [fact for fact in told if fact.amount is not None]:
            self.know([evolve(data.draw(st.sampled_from(told)), amount=amount)])

    # ── plans and pay ───────────────────────────────────────────────────────────────────────────────────────

    @rule(variant=st.integers(0, len(VARIANTS) - 1), month=st.integers(0, len(MONTHS) - 1))
    def publish(self, variant: int, month: int) -> None:
        """Another version, for days to come or, on purpose, for days gone by."""
        scheme, as_of = version(variant, month), self.month.last_day
        if scheme.effective <= as_of and scheme not in self.book.versions:
            with pytest.raises(lp.errors.VersionError, match="backdated_because"):
                self.book.publish(scheme, as_of=as_of)
        self.book = self.book.publish(scheme, as_of=as_of, backdated_because="signed late")

    @rule()
    def settle(self) -> None:
        """Post what the open month lacks, before it is over."""
        self.settled(self.month)

    def settled(self, period: lp.Period) -> None:
        """Post what a month lacks; those who are blocked stay as they are."""
        accruals, before = self.accrued(period), self.ledger
        self.ledger = before.append(lp.settle(before, accruals, period=period))
        scratch = without(accruals.blocked, due(evolve(accruals), self.ledger, period))
        self.sound = Sound(period, accruals, tuple(self.facts.values()), scratch)
        free = set(PEOPLE) - accruals.blocked
        assert without(free, nets(before, period)) == without(free, nets(self.ledger, period))

    @rule()
    def pay(self) -> None:
        """Pay what is there, settled or not; what is paid once is not due again."""
        rules = self.rules_in(self.month)
        payout = lp.pay(self.ledger, period=self.month, rules=rules)
        self.ledger = self.ledger.append(payout.entries)
        self.payouts.append(payout)
        assert not lp.pay(self.ledger, period=self.month, rules=rules).entries
        for payee, currency in self.ledger.accounts:
            assert 0 == self.ledger.balance(payee, through=self.month, currency=currency).due.units

    @precondition(lambda self: self.place < len(MONTHS) - 1)
    @rule(work=st.sampled_from(["settle and pay", "settle and pay", "settle and pay", "settle", "nothing"]))
    def end(self, work: str) -> None:
        """End the open month, as a rule settled and paid, and go on to the next."""
        if work.startswith("settle"):
            self.settled(self.month)
        if work.endswith("pay"):
            self.pay()
        self.ledger = self.ledger.close(self.month, by=BY)
        self.stored_away(self.month)
        self.place += 1

    def stored_away(self, period: lp.Period) -> None:
        """Remember what was reported of a month."""
        self.closed[period] = posted(self.ledger, period)
        self.stored[period] = bytes_of(self.closed[period])

    @precondition(lambda self: self.closed)
    @rule(data=st.data())
    def reopen(self, data: st.DataObject) -> None:
        """Settle a closed month again, for a reason; then the open month, before anything is paid."""
        period = data.draw(st.sampled_from(sorted(self.closed)))
        with pytest.raises(lp.errors.LedgerError, match="it is closed"):
            lp.settle(self.ledger, lp.Accruals(through=period, lines=()), period=period)
        assert self.stored[period] == bytes_of(posted(self.ledger, period))
        self.ledger = self.ledger.reopen(period, by=BY, why="a branch was missing")
        self.settled(period)
        self.the_net_is_what_is_due_from_scratch()
        self.settling_twice_posts_nothing()
        self.ledger = self.ledger.close(period, by=BY)
        self.stored_away(period)
        self.settled(self.month)

    @precondition(lambda self: self.sound is not None and self.sound.accruals.lines)
    @rule(data=st.data(), amount=AMOUNTS.map(lambda money: lp.Money.from_units(money.units // 100, "CNY")))
    def overrule(self, data: st.DataObject, amount: lp.Money) -> None:
        """Set a line by hand."""
        assert self.sound is not None
        line = data.draw(st.sampled_from(self.sound.accruals.lines))
        self.said.append(Said(self.month, line.key, line.payee, amount))
        self.ledger = overruled(self.ledger, self.said[-1])
        self.sound = None

    # ── what is always true ─────────────────────────────────────────────────────────────────────────────────

    @invariant()
    def the_net_is_what_is_due_from_scratch(self) -> None:
        """Whatever was late, wrong, closed or reopened: by line and group, the sum of all entries is right."""
        if self.sound is not None:
            period, accruals = self.sound.period, self.sound.accruals
            assert self.sound.due == without(accruals.blocked, nets(self.ledger, period))

    @invariant()
    def closed_months_stay_as_they_are(self) -> None:
        """What was reported is what was paid, until somebody reopens it for a reason; by the byte in the end."""
        for period, kept in self.closed.items():
            assert kept == posted(self.ledger, period)

    @invariant()
    def nothing_is_paid_twice(self) -> None:
        """Each payment has a key of its own, and all of them come to what the ledger says was paid."""
        payments = [payment for payout in self.payouts for payment in payout.payments]
        keys = [payment.key for payment in payments]
        assert len(set(keys)) == len(keys)
        handed: Counter[str] = Counter()
        for payment in payments:
            handed[payment.payee] += payment.amount.units
        said: Counter[str] = Counter()
        for entry in self.ledger.entries:
            if entry.kind is K.PAID:
                said[entry.payee] += entry.amount.units
        assert +handed == +said

    @invariant()
    def nobody_is_clawed_back_more_than_they_were_paid(self) -> None:
        """A clawback of money that nobody got would be a debt out of nothing; true after every single entry.

        What was clawed back before a payment has made that payment smaller, or is owed: it is not taken off twice.
        """
        kept: Counter[str] = Counter()
        sums: dict[str, Counter[str]] = defaultdict(Counter)
        for entry in self.ledger.entries:
            effect = lp.schemes.EFFECTS[entry.kind]
            for name in ("due", "owed", "paid"):
                sums[entry.payee][name] += getattr(effect, name) * entry.amount.units
            if entry.kind is K.PAID:
                found = sums[entry.payee]
                kept[entry.payee] = found["paid"] - found["owed"] + min(0, found["due"])
            if entry.kind is K.CLAWED_BACK:
                kept[entry.payee] -= entry.amount.units
                assert entry.amount.units < 0 or kept[entry.payee] >= 0

    @invariant()
    def what_is_held_is_released_or_forfeited_or_still_held(self) -> None:
        """A holdback loses no fen on its way; and of no line more comes out than went in."""
        sums: dict[str, Counter[lp.EntryKind]] = defaultdict(Counter)
        for entry in self.ledger.entries:
            sums[entry.payee][entry.kind] += entry.amount.units
        for payee, by_kind in sums.items():
            held = self.ledger.balance(payee).held.units
            assert by_kind[K.HELD] == by_kind[K.RELEASED] + by_kind[K.FORFEITED] + held
        if self.sound is not None:
            found = without(self.sound.accruals.blocked, nets(self.ledger, self.sound.period))
            for line in {line for line, _ in found}:
                out = found.get((line, "released"), 0) + found.get((line, "forfeited"), 0)
                assert 0 <= out <= found.get((line, "held"), 0)

    @invariant()
    def the_balances_are_in_step(self) -> None:
        """What is kept is due, held or paid, less what is owed."""
        for payee, currency in self.ledger.accounts:
            account = self.ledger.balance(payee, currency=currency)
            assert account.entitled == account.due + account.held + account.paid - account.owed

    @invariant()
    def settling_twice_posts_nothing(self) -> None:
        """A run that is repeated after a crash must not double pay."""
        if self.sound is None or self.ledger is self.twice or self.ledger.is_closed(self.sound.period):
            return
        assert () == lp.settle(self.ledger, self.sound.accruals, period=self.sound.period)
        self.twice = self.ledger

    @invariant()
    def stages_and_splits_sum_to_the_deal(self) -> None:
        """Of a corporate loan: the credited parts are whole fen and sum to what was drawn; the stages sum to the pay.

        Of those whose last stage is earned, that nobody handed on or cancelled.
        """
        if self.sound is None or self.sound is self.summed:
            return
        self.summed, accruals = self.sound, self.sound.accruals
        corporate = {fact.loan for fact in self.sound.facts if isinstance(fact, lp.Loan) and fact.segment}
        states: dict[str, set[lp.DealState]] = defaultdict(set)
        for (_, _, component, loan), state in accruals.states.items():
            if component == "corporate" and loan in corporate:
                states[loan].add(state)
        for loan in sorted(loan for loan, found in states.items() if found == {lp.DealState.EARNED}):
            lines = [line for line in accruals.lines if line.component == "corporate" and line.loan == loan]
            if not self.known(loan, E.ASSIGNED, E.CANCELLED) and not accruals.blocked:
                self.check_deal(lines, self.known(loan, E.DISBURSED))

    def known(self, loan: str, *kinds: lp.EventKind) -> list[lp.LoanEvent]:
        """The events of a loan up to the end of the month that was settled last."""
        assert self.sound is not None
        told = [fact for fact in self.sound.facts if isinstance(fact, lp.LoanEvent) and fact.loan == loan]
        return [event for event in told if event.kind in kinds and event.on < self.sound.period.end]

    def kinds_of_credit(self, line: lp.Accrual) -> int:
        """How many kinds of credit the payee of a line has in its loan: each is rounded by itself."""
        assert self.sound is not None
        stated = [fact for fact in self.sound.facts if isinstance(fact, lp.Credit) and fact.loan == line.loan]
        unstated = () if any(fact.role == "lead" for fact in stated) else ("lead",)
        return len({*unstated, *(fact.role for fact in stated if fact.payee == line.payee)})

    def check_deal(self, lines: list[lp.Accrual], drawn: list[lp.LoanEvent]) -> None:
        """The parts and stages of one deal."""
        parts: dict[str, Fraction] = defaultdict(Fraction)
        for payee in {line.payee for line in lines}:
            mine = [line for line in lines if line.payee == payee]
            (rate,) = {line.plan.plan.components[0].rate for line in mine}
            assert rate is not None
            gross = sum((line.gross for line in mine), Fraction(0))
            parts[payee] = gross / rate.value
            paid = sum((line.amount.units for line in mine), 0)
            if self.kinds_of_credit(mine[0]) < 2:
                assert lp.Money.rounded(gross, "CNY", lp.Rounding.HALF_UP).units == paid
        total = sum(event.amount.units for event in drawn if event.amount is not None)
        assert all((part * 100).denominator == 1 for part in parts.values())
        assert total == sum(parts.values()) * 100

    # ── in the end ──────────────────────────────────────────────────────────────────────────────────────────

    def teardown(self) -> None:
        """To the end of the year; then what is stored is read back, and another order of arrival gives one result."""
        while self.place < len(MONTHS) - 1:
            self.end("settle and pay")
            self.the_net_is_what_is_due_from_scratch()
            self.nobody_is_clawed_back_more_than_they_were_paid()
            self.what_is_held_is_released_or_forfeited_or_still_held()
            self.stages_and_splits_sum_to_the_deal()
        for period, kept in self.stored.items():
            assert kept == bytes_of(posted(self.ledger, period))
        lines = list(self.ledger.lines())
        again = lp.read_ledger(lines)
        assert self.ledger == again
        assert lines == list(again.lines())
        self.settled(self.month)
        assert self.sound is not None
        blocked = self.sound.accruals.blocked
        keys = {line.key for line in self.sound.accruals.lines}
        gone = blocked | {said.payee for said in self.said if said.line not in keys}
        expected = without(gone, self.sound.due)
        assert expected == without(gone, nets(self.elsewhere(), self.month))
        assert expected == without(gone, nets(self.at_once(), self.month))

    def elsewhere(self) -> lp.Ledger:
        """The ledger of a world where the facts arrive in another order, and each month is settled and paid."""
        facts, ledger = list(self.facts.values()), lp.Ledger()
        self.random.shuffle(facts)
        for period in MONTHS[: self.place + 1]:
            known = facts if period == self.month else facts[: self.random.randint(0, len(facts))]
            ledger = self.month_of(ledger, accrued(known, self.book, period), period)
        return ledger

    def at_once(self) -> lp.Ledger:
        """The ledger of a world where everything is known ahead, and worked out once for all months."""
        accruals, ledger = self.accrued(self.month), lp.Ledger()
        for period in MONTHS[: self.place + 1]:
            ledger = self.month_of(ledger, accruals, period)
        return ledger

    def month_of(self, ledger: lp.Ledger, accruals: lp.Accruals, period: lp.Period) -> lp.Ledger:
        """A month from its first entry to its close."""
        for said in self.said:
            ledger = overruled(ledger, said) if said.period == period else ledger
        ledger = ledger.append(lp.settle(ledger, accruals, period=period))
        ledger = ledger.append(lp.pay(ledger, period=period, rules=self.rules_in(period)).entries)
        return ledger if period == self.month else ledger.close(period, by=BY)


TestPay = pytest.mark.slow(PayMachine.TestCase)
TestPay.settings = settings(max_examples=settings().max_examples // 3, stateful_step_count=30)


# ── what the machine found ──────────────────────────────────────────────────────────────────────────────────


def test_who_leads_and_assists_is_paid_for_both() -> None:
    """One person can have two kinds of credit in a loan; 0.8% of 30万元 is 2400, however it is split."""
    facts: list[lp.Fact] = [
        lp.Loan(loan="L1", customer="c", officer="lin", opened_on="2026-01-05", segment="corporate"),
        lp.LoanEvent(loan="L1", kind=E.DISBURSED, on="2026-01-20", amount="30万元"),
        lp.Credit(loan="L1", payee="lin", on="2026-01-05", role="lead"),
        lp.Credit(loan="L1", payee="lin", on="2026-01-05", role="assistant"),
    ]
    (line,) = (line for line in accrued(facts, lp.SchemeBook([version(0, 0)]), MONTHS[0]).lines if line.loan)
    assert (lp.Money.of("2400 CNY"), "lin") == (line.amount, line.payee)


@pytest.mark.parametrize("officer", ["lin", "wei"])
def test_what_two_could_round_up_goes_to_the_lead(officer: str) -> None:
    """70% and 30% of 1.45元 are 1.015 and 0.435: the fen that is left is the lead's, whoever the loan is handed to."""
    facts: list[lp.Fact] = [
        lp.Loan(loan="L1", customer="c", officer="lin", opened_on="2026-01-05", segment="corporate"),
        lp.LoanEvent(loan="L1", kind=E.DUE_DILIGENCE, on="2026-01-08"),
        lp.LoanEvent(loan="L1", kind=E.ASSIGNED, on="2026-01-10", officer=officer),
        lp.LoanEvent(loan="L1", kind=E.DISBURSED, on="2026-01-20", amount="1.45元"),
        lp.Credit(loan="L1", payee="zhao", on="2026-01-22", role="assistant"),
    ]
    parts: dict[str, Fraction] = defaultdict(Fraction)
    for line in accrued(facts, lp.SchemeBook([version(0, 0)]), MONTHS[0]).lines:
        if line.loan:
            parts[line.payee] += line.gross / Fraction("0.008")
    assert {officer: Fraction("1.02"), "zhao": Fraction("0.43")} == parts
