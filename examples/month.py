"""A month as the people in it live it: a goal of a company, a hundred targets, confirmations, warnings, and pay.

    python examples/month.py

The company is to lend 1亿元 in April. The goal becomes a hundred targets; each is confirmed; loans come in day by day;
who falls behind, or whose bad loans pass a line, is warned, and their team lead after them; at the end everybody is
paid. What a host would have as systems of its own, its CRM, its clock and its mail, is played here by plain lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from attrs import field, frozen

import loanperf as lp
from loanperf.adapters.memory import (
    MemoryEntries,
    MemoryFacts,
    MemoryNotices,
    MemoryPayments,
    MemoryPeople,
    MemorySchemes,
)
from loanperf.alerts import AlertEvent, AlertRule, Leads
from loanperf.goals import (
    Cascade,
    CascadeRules,
    Confirmations,
    Goal,
    Proposal,
    Reply,
    cascade,
    confirmations_stream,
    target_letter,
)
from loanperf.run import acknowledge_alert, read_alerts, read_confirmations, tell_alerts
from loanperf.tracker import Tracker, Watch

APRIL = lp.Period.month(2026, 4)
TEAMS = [f"{branch}-{number}" for branch in ("east", "west") for number in range(1, 6)]
OFFICERS = {f"{team}-{number:02}": team for team in TEAMS for number in range(1, 11)}
"""A hundred people by code, each in a team of ten."""
FIRST, LATE, BREACH, SILENT, REFUSED = "east-1-01", "east-1-02", "west-3-07", "east-4-10", "west-5-01"
"""Who is looked at, who falls behind, whose loans go bad, who never answers, and who finds the target too high."""
SCHEME = lp.parse_scheme("""
name = "sales"
currency = "CNY"
effective = 2026-01-01

[profiles.officer.weights]
disbursed_amount = "50%"
npl_ratio = "30%"
retention_rate = "20%"

[profiles.head.weights]
compliance_score = "100%"

[[who]]
profile = "officer"

[[who]]
role = "head"
profile = "head"

[targets]
npl_ratio = "3%"
retention_rate = "80%"
compliance_score = "100 point"

[scoring.default]
places = 1
rounding = "half even"
missing = "zero"

[bonus]
unit = "month"
curve = [["0 point", 0], ["100 point", 1]]
then = { per_point = "0.1%", counted = "pro rata" }
rounding = "half up"

[confirmation]
of = ["targets"]
unconfirmed = "hold"
silence_days = 5
""")
RULES = [
    AlertRule(code="behind", kind="pace", indicator="disbursed_amount", limit="80%", after="50%", severity="warning"),
    AlertRule(
        code="npl",
        kind="threshold",
        indicator="npl_ratio",
        test="above",
        limit="3%",
        margin="0.5%",
        worse_by="2%",
        severity="critical",
        escalate_after=2,
    ),
]
SUPPLIED = [lp.Reading.of("retention_rate", "85%", subject=code) for code in OFFICERS] + [
    lp.Reading.of("compliance_score", "100 point", subject="zhou")
]
"""What only the host knows: here how many customers stayed, and what was found of the head's compliance."""
LEADS = {team: f"lead of {team}" for team in TEAMS}
DRAWN = {2: "20万元", 8: "20万元", 14: "20万元", 20: "20万元", 26: "40万元"}
"""What an officer usually lends, by day of the month: 120万元."""


SMALL = {FIRST: "3.8", BREACH: "15.2"}
"""Loans of before that go bad in April, in 万元."""


def people() -> lp.Organisation:
    """A head, two branches, ten teams and a hundred officers."""
    branches = [lp.Unit(code=branch, parent="bank") for branch in ("east", "west")]
    teams = [lp.Unit(code=team, parent=team[:4]) for team in TEAMS]
    officers = [
        lp.Assignment(payee=code, unit=team, role="officer", since="2025-01-01", salary="8000 元")
        for code, team in OFFICERS.items()
    ]
    head = lp.Assignment(payee="zhou", unit="bank", role="head", since="2024-01-01", salary="20000 元")
    return lp.Organisation(units=[lp.Unit(code="bank"), *branches, *teams], assignments=[head, *officers])


def loans_of_before() -> list[lp.Fact]:
    """What each officer has lent before: 380万元, of which 10万元 are lost."""
    facts: list[lp.Fact] = []
    for code in OFFICERS:
        small = Decimal(SMALL.get(code, "0"))
        for name, amount in (("good", 370 - small), ("lost", Decimal(10)), ("small", small)):
            if amount:
                loan = f"{code}-{name}"
                facts.append(lp.Loan(loan=loan, customer=loan, officer=code, opened_on="2025-06-02"))
                facts.append(lp.Balance(loan=loan, on="2026-03-31", outstanding=f"{amount}万元"))
        facts.append(_lost(f"{code}-lost", date(2026, 1, 15)))
    return facts


def facts_of(on: date) -> list[lp.Fact]:
    """What the host's systems say of a day of the month."""
    facts: list[lp.Fact] = []
    for code in OFFICERS:
        amount = DRAWN.get(on.day)
        if code == LATE and on.day > 8:
            amount = "58万元" if on.day == 26 else None
        if amount is not None:
            loan = f"{code}-{on:%m%d}"
            facts.append(lp.Loan(loan=loan, customer=loan, officer=code, opened_on=on))
            facts.append(lp.LoanEvent(loan=loan, kind=lp.EventKind.DISBURSED, on=on, amount=amount))
    if on.day == 10:
        facts.append(_lost(f"{BREACH}-small", on))
    if on.day == 20:
        facts.append(_lost(f"{FIRST}-small", on))
    if on.day == 24:  # the customer pays all of it back
        facts.append(lp.Balance(loan=f"{BREACH}-small", on=on, outstanding="0元"))
    return facts


def _lost(loan: str, on: date) -> lp.LoanEvent:
    return lp.LoanEvent(loan=loan, kind=lp.EventKind.CLASSIFIED, on=on, category=lp.Category.LOSS)


@frozen
class Month:
    """A month of the branch on its way, and what a host keeps of it."""

    store: MemoryEntries = field(factory=MemoryEntries)
    """Confirmations, alerts and the ledger; in earnest `Database.connect(...).entries`."""
    notices: MemoryNotices = field(factory=MemoryNotices)
    payments: MemoryPayments = field(factory=MemoryPayments)
    facts: list[lp.Fact] = field(factory=loans_of_before)

    @cached_property
    def organisation(self) -> lp.Organisation:
        """Who works where."""
        return people()

    @cached_property
    def goal(self) -> Cascade:
        """The goal of the bank, divided by heads in whole 万元."""
        goal = Goal(indicator="disbursed_amount", owner="bank", period=APRIL, value="1亿元", strategy="稳健增长")
        rules = CascadeRules(step="1万元", roles=["officer"])
        return cascade(goal, self.organisation, rules, as_of=APRIL.start)

    @cached_property
    def targets(self) -> tuple[lp.Target, ...]:
        """Those of the officers, and that of the head."""
        found = (target for target in self.goal.targets() if target.payee in OFFICERS)
        return (*found, lp.Target(payee="zhou", indicator="compliance_score", value="100 point", period=APRIL))

    @cached_property
    def leads(self) -> Leads:
        """Who leads which team, and who is told when they do not answer."""
        return Leads(organisation=self.organisation, named={**LEADS, "bank": "zhou"})

    # ── targets ─────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def confirmations(self) -> Confirmations:
        """What was proposed and answered, as the stream has it now."""
        return read_confirmations(self.store, scheme=SCHEME.name)

    def propose(self, at: date) -> None:
        """Show each of them their target."""
        known, events = self.confirmations, list[Proposal]()
        for target in self.targets:
            letter = target_letter([target], SCHEME, APRIL, organisation=self.organisation)
            events += known.propose(letter, by="board", at=at, proposers=["board"], **self._rules)
        self._keep(known, events)

    def answer(self, payee: str, act: Literal["confirm", "refuse", "set"], *, by: str, at: date, why: str = "") -> None:
        """Confirm, refuse or set what was last proposed to an officer."""
        known = self.confirmations
        newest = known.versions(payee, APRIL)[-1]
        self._keep(known, known.answer(newest.proposal.reply(act, by=by, at=at, why=why), **self._rules))

    def confirmed(self, on: date) -> int:
        """How many targets are in force on a day."""
        known = self.confirmations
        return sum(known.in_force(target.payee, APRIL, on=on) is not None for target in self.targets)

    @property
    def _rules(self) -> dict[str, Any]:
        return {"rules": SCHEME.confirmation, "organisation": self.organisation}

    def _keep(self, known: Confirmations, events: Iterable[Proposal | Reply]) -> None:
        self.store.append(confirmations_stream(SCHEME.name), known.lines(events), expected=known.records)

    # ── the days ────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def tracker(self) -> Tracker:
        """What is known of the month so far."""
        watch = Watch(
            period=APRIL,
            currency="CNY",
            schemes=lp.SchemeBook([SCHEME]),
            organisation=self.organisation,
            targets=self.targets,
        )
        return Tracker.start(watch, facts=lp.Facts.of(self.facts))

    def day(self, on: date) -> tuple[AlertEvent, ...]:
        """A day: facts come in, whoever must know is told; what happened to alerts."""
        new = facts_of(on)
        self.facts.extend(new)
        self.tracker.feed_all(new)
        return tell_alerts(
            self.store,
            scheme=SCHEME.name,
            observations=self.tracker.observed(tuple(OFFICERS), as_of=on),
            rules=RULES,
            as_of=on,
            leads=self.leads,
            notifier=self.notices,
        ).events

    def take_up(self, on: date) -> None:
        """The lead of the team takes up what is open."""
        (case,) = read_alerts(self.store, scheme=SCHEME.name).open
        acknowledge_alert(
            self.store,
            case.number,
            scheme=SCHEME.name,
            by=LEADS[OFFICERS[case.alert.subject]],
            on=on,
            leads=self.leads,
            why="no new customers of high risk until it is below 3%",
            notifier=self.notices,
        )

    # ── the end ─────────────────────────────────────────────────────────────────────────────────────────────

    def pay(self, *, dry: bool = False) -> lp.Run:
        """Work the month: what it would come to, or with payments and a close."""
        return lp.run(
            APRIL,
            facts=MemoryFacts(lp.Facts.of(self.facts), SUPPLIED),
            people=MemoryPeople(self.organisation),
            schemes=MemorySchemes(SCHEME, self.targets),
            payments=None if dry else self.payments,
            keeping=lp.Keeping(entries=self.store, notifier=self.notices, close_by="finance"),
        )


def play(month: Month) -> Iterator[str]:
    """The month from the goal to the payments: what there is to tell of it, in its order."""
    yield from _agreed(month)
    for number in range(1, 31):
        on = date(2026, 4, number)
        for event in month.day(on):
            yield f"{on} {event.move.value} ({', '.join(event.to)}): {event.alert.text}"
        if number == 13:
            month.take_up(on)
        if number == 20:
            (first,) = month.tracker.progress([FIRST], as_of=on, readings=SUPPLIED)
            lent, risk = first.indicator("disbursed_amount"), first.indicator("npl_ratio")
            if lent.attainment is None or risk.reading is None:
                raise AssertionError("there are facts of both")
            share, bad = lp.percent(lent.attainment), lp.percent(risk.reading.value)
            yield f"{on} {FIRST}: {share} of the target, NPL ratio {bad}"
    done = month.pay()
    for payee in (SILENT, FIRST, LATE, BREACH):
        (result,) = done.results.of(payee)
        yield f"{payee}: {result.appraisal.score} points, {result.award and result.award.amount}"
    paid = sum((payment.amount for payment in done.payments), lp.Money.of("0 CNY"))
    yield f"paid {paid} to {len(done.payments)} people; the month is {'closed' if done.closed else 'open'}"


def _agreed(month: Month) -> Iterator[str]:
    """Targets, until each of them is in force."""
    yield f"goal {month.goal.goal.value}: {month.goal.total('east')} for east, {month.goal.total(FIRST)} for {FIRST}"
    month.propose(date(2026, 4, 1))
    for target in month.targets:
        if target.payee not in (SILENT, REFUSED):
            month.answer(target.payee, "confirm", by=target.payee, at=date(2026, 4, 2))
    month.answer(REFUSED, "refuse", by=REFUSED, at=date(2026, 4, 2), why="two of my customers have moved away")
    for on in (date(2026, 4, 2), date(2026, 4, 6)):
        yield f"{on} {month.confirmed(on)} of 101 targets are in force"
    yield f"the month would wait for: {', '.join(blocked.payee for blocked in month.pay(dry=True).blocked)}"
    month.answer(REFUSED, "set", by="zhou", at=date(2026, 4, 7), why="the new market is in their district")
    yield f"2026-04-07 {month.confirmed(date(2026, 4, 7))} of 101 targets are in force"


if __name__ == "__main__":
    for told in play(Month()):
        print(told)
