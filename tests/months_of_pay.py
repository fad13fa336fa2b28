"""Months of pay: what a host does with a book from month to month, and what comes of it."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from attrs import define, field, frozen

import loanperf as lp
from loanperf._ledger import PayHold

BY = "treasurer"
_HOLD: dict[str, Any] = {"why": "an appeal", "by": BY, "since": "2026-01-01", "until": "2099-12-31"}


@frozen
class Step:
    """Something that is done in a period."""

    what: str
    month: int
    place: int = 0
    """Which line or payment it concerns, counted from the first."""
    held: tuple[tuple[str, str], ...] = ()
    """Payees, and loans, of whom nothing is paid: `payee` or `loan`, and the code."""


@frozen
class PayAsked:
    """What a host has and does: facts with the month in which each arrives, and its months from end to end."""

    seed: int
    features: frozenset[str]
    facts: tuple[tuple[int, lp.Fact], ...]
    plans: tuple[lp.schemes.DatedPlan, ...]
    organisation: lp.Organisation
    months: tuple[lp.Period, ...]
    readings: tuple[lp.Reading, ...]
    targets: Mapping[lp.Period, tuple[lp.Target, ...]]
    rules: Mapping[str, lp.schemes.PayRules]
    pay_in: Mapping[str, str]
    scores: tuple[tuple[str, int, str], ...]
    """Payees with a month, and the amount of loans by which they get a bonus in it."""
    steps: tuple[Step, ...]

    def known(self, month: int) -> list[lp.Fact]:
        """The facts that have arrived by the end of a month."""
        return [fact for arrives, fact in self.facts if arrives <= month]

    def exchange(self) -> list[Any]:
        """The exchange rates among the facts."""
        return [fact for _, fact in self.facts if fact.key[0] == "exchange rate"]


@define
class Played:
    """What became of a book: what each step made, in order."""

    accruals: list[Any] = field(factory=list)
    movements: list[Any] = field(factory=list)
    entries: list[Any] = field(factory=list)
    payments: list[Any] = field(factory=list)
    faults: list[Any] = field(factory=list)
    """What a step was refused for."""
    ledger: Any = None


def played(book: PayAsked, lp: Any = lp, *, upto: str = "payments") -> Played:
    """Do what a host does; refused steps are noted, and the months go on.

    Args:
        book: of a seed.
        lp: the library.
        upto: `accruals`, `movements`, `entries` or `payments`; what comes after is left out.
    """
    found = Played(ledger=lp.Ledger())
    for place, step in enumerate(book.steps):
        try:
            _do(book, lp, step, found, upto)
        except lp.errors.LoanPerfError as error:
            found.faults.append((place, step.what, type(error).__name__, str(error)))
    return found


def _do(book: PayAsked, lp: Any, step: Step, found: Played, upto: str) -> None:
    period = book.months[step.month]
    if step.what == "settle":
        _settled(book, lp, step, found, upto)
    elif upto not in ("entries", "payments"):
        return
    elif step.what in ("override", "by hand"):
        lines = [(line.key, line.payee, line.amount) for line in found.accruals[-1].lines] if found.accruals else []
        if lines:
            key, payee, amount = lines[step.place % len(lines)]
            money = lp.Money.from_units(abs(amount.units) * (step.place % 4) // 2 + 7, amount.currency)
            key = key if step.what == "override" else f"{payee}/by hand"
            said = {"by": BY, "why": "agreed", "evidence": "HR-17"}
            entry = lp.overrule(found.ledger, key, money, period=period, payee=payee, **said)
            found.ledger = found.ledger.append([entry])
            found.entries.append((entry,))
    elif step.what == "pay" and upto == "payments":
        holds = [PayHold(**{what: code}, **_HOLD) for what, code in step.held]
        more = {"pay_in": book.pay_in, "exchange": book.exchange(), **({"held": holds} if holds else {})}
        payout = lp.pay(found.ledger, period=period, rules=book.rules, **more)
        found.ledger = found.ledger.append(payout.entries)
        found.payments.append(tuple(payout.payments))
        found.entries.append(tuple(payout.entries))
    elif step.what == "return" and upto == "payments":
        paid = lp.payments_of(found.ledger, period)
        if paid:
            key = paid[step.place % len(paid)].key
            answer = lp.ports.Answer(key=key, state="rejected", on=period.last_day, why="account closed")
            entries = lp.returned(found.ledger, [answer], period=period)
            found.ledger = found.ledger.append(entries)
            found.entries.append(tuple(entries))
    elif step.what == "close":
        found.ledger = found.ledger.close(period, by=BY)
    elif step.what == "reopen":
        found.ledger = found.ledger.reopen(period, by=BY, why="late")


def _settled(book: PayAsked, lp: Any, step: Step, found: Played, upto: str) -> None:
    period, latest = book.months[step.month], max(other.month for other in book.steps[: book.steps.index(step) + 1])
    facts = lp.Facts.of(book.known(latest))
    readings = [reading for reading in book.readings if reading.period and reading.period.start <= period.start]
    targets = {month: goals for month, goals in book.targets.items() if month.start <= period.start}
    accruals = lp.accrue(
        facts, book.plans, book.organisation, through=period, readings=readings, targets=targets,
        since=book.months[0].start,
    )  # fmt: skip
    found.accruals.append(accruals)
    if upto == "accruals":
        return
    found.movements.append(tuple(lp.movements(accruals, found.ledger.overruled(period))))
    if upto == "movements":
        return
    awards = [award_of(lp, period, payee, said) for payee, month, said in book.scores if month == step.month]
    entries = lp.settle(found.ledger, accruals, period=period, awards=awards)
    found.ledger = found.ledger.append(entries)
    found.entries.append(tuple(entries))


def award_of(lp: Any, period: Any, payee: str, amount: str) -> Any:
    """A bonus for an amount of loans."""
    card = _card(lp, period, (period.start.month + len(payee)) % len(_HELD))
    readings = {"loan_amount": amount, "npl_ratio": "2%", "retention_rate": "85%"}
    return lp.award(card.bonus, lp.appraise(card, readings=readings, payee=payee), month="80 元")


_HELD: tuple[dict[str, Any], ...] = (
    {},
    {"share": "40%", "years": 3},
    {"share": "1/3", "instalments": [{"after_days": 29, "share": "1/3"}, {"after_days": 60, "share": "2/3"}]},
    {"share": "50%", "instalments": [{"after_months": 1, "share": "100%"}], "leavers": "forfeited"},
    {"share": "10%", "condition": "stated"},
)
"""What may be held of a bonus."""


@cache
def _card(lp: Any, period: Any, held: int) -> Any:
    scheme = lp.template("worked-example").document()
    if _HELD[held]:
        scheme["bonus"]["holdback"] = _HELD[held]
    return lp.parse_scheme(json.dumps(scheme, default=str), "json").resolve(period=period)


def bits(found: Played) -> str:
    """What the reference says of a book too, as text: lines, what is due, entries, payments and what is refused."""
    lines = [
        sorted(
            (line.key, line.plan.version, line.amount, line.on, line.earned_on, line.gross, line.parts) for line in one
        )
        for one in ((line for line in one.lines if line.payee not in one.blocked) for one in found.accruals)
    ]
    stopped = [(sorted(one.blocked), sorted(map(str, one.missing))) for one in found.accruals]
    moves = [sorted(repr((move, move.against)) for move in some) for some in found.movements]
    entries = [[(entry, entry.corrects) for entry in some] for some in found.entries]
    return repr((lines, stopped, moves, entries, found.payments, [place for place, *_ in found.faults]))


def told(found: Played) -> str:
    """What the reference does not say of a book, as text: what waits, what is not paid and why, and what is wrong."""
    waiting = [
        [
            (one.payee, one.plan, one.component, one.loan, one.stage, one.waits_for, str(one.amount))
            for one in some.waiting
        ]
        for some in found.accruals
    ]
    unpaid = [[(one.payee, one.loan, str(one.on), one.by) for one in some.unpaid] for some in found.accruals]
    wrong = [[(one.where, one.payee, one.loan) for one in some.problems] for some in found.accruals]
    states = [sorted((key, state.name) for key, state in some.states.items()) for some in found.accruals]
    return repr((waiting, unpaid, wrong, states))
